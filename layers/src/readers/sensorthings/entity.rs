//! The shapes in which SensorThings entities are written: expanded trees, server pages, and single entities.
//!
//! One permissive type stands for all entities, because pages and files mix them and servers leave out what is empty.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, SeqAccess, Visitor},
};

/// Any SensorThings entity, or a document that holds lists of them.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Entity {
    #[serde(rename = "@iot.id", deserialize_with = "loose_text")]
    pub id: Option<String>,
    #[serde(deserialize_with = "loose_text")]
    pub name: Option<String>,
    #[serde(deserialize_with = "loose_text")]
    pub description: Option<String>,
    pub properties: Option<serde_json::Value>,

    // Of a Thing.
    #[serde(rename = "Locations", alias = "Location", deserialize_with = "one_or_many")]
    pub locations: Vec<Entity>,
    #[serde(rename = "Datastreams", deserialize_with = "one_or_many")]
    pub datastreams: Vec<Entity>,

    // Of a Location.
    #[serde(rename = "encodingType")]
    pub encoding_type: Option<serde_json::Value>,
    pub location: Option<serde_json::Value>,

    // Of a Datastream.
    #[serde(rename = "unitOfMeasurement")]
    pub unit: Option<Unit>,
    #[serde(rename = "observationType")]
    pub observation_type: Option<serde_json::Value>,
    #[serde(rename = "ObservedProperty")]
    pub observed_property: Option<Box<Entity>>,
    #[serde(rename = "Thing")]
    pub thing: Option<Box<Entity>>,
    #[serde(rename = "Observations")]
    pub observations: Observations,

    // Of an Observation.
    #[serde(rename = "phenomenonTime", deserialize_with = "loose_text")]
    pub phenomenon_time: Option<String>,
    #[serde(rename = "resultTime", deserialize_with = "loose_text")]
    pub result_time: Option<String>,
    pub result: Option<serde_json::Value>,
    #[serde(rename = "Datastream")]
    pub datastream: Option<Box<Entity>>,

    // Of a document or a server page.
    #[serde(rename = "Things", deserialize_with = "one_or_many")]
    pub things: Vec<Entity>,
    #[serde(deserialize_with = "one_or_many")]
    pub value: Vec<Entity>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Unit {
    #[serde(deserialize_with = "loose_text")]
    pub name: Option<String>,
    #[serde(deserialize_with = "loose_text")]
    pub symbol: Option<String>,
}

/// A document's root: one entity or a list of them.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct Root(#[serde(deserialize_with = "one_or_many")] pub Vec<Entity>);

/// Time text and result of one observation; a result that is no number is `None`.
#[derive(Debug, Default)]
pub(super) struct Observation {
    pub time: Option<String>,
    pub result: Option<f64>,
}

/// `Observations`: a list, or the `dataArray` form.
#[derive(Debug, Default)]
pub(super) struct Observations(pub Vec<Observation>);

/// A number, or a text that is one; truth values count as 1 and 0.
pub(super) fn number_of(value: &serde_json::Value) -> Option<f64> {
    match value {
        serde_json::Value::Number(number) => number.as_f64(),
        serde_json::Value::String(text) => text.trim().parse().ok(),
        serde_json::Value::Bool(value) => Some(f64::from(u8::from(*value))),
        _ => None,
    }
    .filter(|value: &f64| value.is_finite())
}

/// A text, a number written out, or nothing for anything else.
pub(super) fn text_of(value: &serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn loose_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(text_of(&serde_json::Value::deserialize(deserializer)?))
}

fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Entity>, D::Error> {
    struct Many;
    impl<'de> Visitor<'de> for Many {
        type Value = Vec<Entity>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an entity or a list of entities")
        }
        fn visit_unit<E>(self) -> Result<Vec<Entity>, E> {
            Ok(Vec::new())
        }
        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<Entity>, A::Error> {
            let mut entities = Vec::new();
            while let Some(entity) = list.next_element()? {
                entities.push(entity);
            }
            Ok(entities)
        }
        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Vec<Entity>, A::Error> {
            Entity::deserialize(serde::de::value::MapAccessDeserializer::new(map)).map(|entity| vec![entity])
        }
    }
    deserializer.deserialize_any(Many)
}

/// One element of an `Observations` list: an observation or a `dataArray` group.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Item {
    #[serde(rename = "phenomenonTime", deserialize_with = "loose_text")]
    phenomenon_time: Option<String>,
    #[serde(rename = "resultTime", deserialize_with = "loose_text")]
    result_time: Option<String>,
    result: Option<serde_json::Value>,
    components: Vec<String>,
    #[serde(rename = "dataArray")]
    data_array: Vec<Vec<serde_json::Value>>,
}

impl Item {
    fn push_into(self, out: &mut Vec<Observation>) {
        if self.data_array.is_empty() {
            if self.phenomenon_time.is_some() || self.result.is_some() {
                out.push(Observation {
                    time: self.phenomenon_time.or(self.result_time),
                    result: self.result.as_ref().and_then(number_of),
                });
            }
            return;
        }
        let position = |name: &str| self.components.iter().position(|component| component == name);
        let (time, result) = (position("phenomenonTime").or(position("resultTime")), position("result"));
        for row in &self.data_array {
            let cell = |index: Option<usize>| index.and_then(|index| row.get(index));
            out.push(Observation {
                time: cell(time).and_then(text_of),
                result: cell(result).and_then(number_of),
            });
        }
    }
}

impl<'de> Deserialize<'de> for Observations {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ObservationsVisitor;
        impl<'de> Visitor<'de> for ObservationsVisitor {
            type Value = Observations;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of observations or a dataArray")
            }
            fn visit_unit<E>(self) -> Result<Observations, E> {
                Ok(Observations::default())
            }
            fn visit_str<E>(self, _: &str) -> Result<Observations, E> {
                Ok(Observations::default())
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Observations, A::Error> {
                let mut observations = Vec::new();
                while let Some(item) = list.next_element::<Item>()? {
                    item.push_into(&mut observations);
                }
                Ok(Observations(observations))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Observations, A::Error> {
                let mut observations = Vec::new();
                Item::deserialize(serde::de::value::MapAccessDeserializer::new(map))?
                    .push_into(&mut observations);
                Ok(Observations(observations))
            }
        }
        deserializer.deserialize_any(ObservationsVisitor)
    }
}

/// What an entity is, by the members it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Document,
    Thing,
    Location,
    Datastream,
    Observation,
    Unknown,
}

impl Entity {
    pub fn kind(&self) -> Kind {
        if !self.things.is_empty() || !self.value.is_empty() {
            Kind::Document
        } else if self.result.is_some() && (self.phenomenon_time.is_some() || self.result_time.is_some()) {
            Kind::Observation
        } else if self.unit.is_some() || self.observation_type.is_some() || self.observed_property.is_some() {
            Kind::Datastream
        } else if self.location.is_some() {
            Kind::Location
        } else if !self.datastreams.is_empty() && self.name.is_none() && self.locations.is_empty() {
            // A bare list of Datastreams, each perhaps with its Thing.
            Kind::Document
        } else if self.name.is_some() || !self.locations.is_empty() || !self.datastreams.is_empty() {
            Kind::Thing
        } else if !self.observations.0.is_empty() {
            Kind::Datastream
        } else {
            Kind::Unknown
        }
    }
}
