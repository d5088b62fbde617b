//! Entities of city platforms as files: NGSI-LD and NGSI version 2, normalized or as key and value, one or many, also in
//! the GeoJSON form.
//!
//! Source: ETSI GS CIM 009, FIWARE NGSI v2, and the smart data models. Each entity is a Thing; each number of it is a
//! Datastream. `@context` addresses are never fetched.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value as Json};

use super::{
    FormatReader, ReadContext, ReadError, ReadOutcome, Report, Source,
    draft::{Draft, parse_time, read_feed},
    input::with_checksum,
};
use crate::{
    crs::Epsg,
    model::{Datastream, SensorLayer, Thing, observation::SensorCard},
};

/// NGSI-LD and NGSI v2.
#[derive(Debug)]
pub struct NgsiReader;

impl FormatReader for NgsiReader {
    fn id(&self) -> &'static str {
        "ngsi-ld"
    }

    fn title(&self) -> &'static str {
        "NGSI entities"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["jsonld", "json", "ndjson"]
    }

    fn sniff(&self, head: &[u8], _: &str) -> bool {
        let text = String::from_utf8_lossy(head);
        let has = |word: &str| text.contains(word);
        let is_features = has("\"FeatureCollection\"") || has("\"Feature\"");
        let is_entity = has("ngsi") || has("\"GeoProperty\"");
        (!is_features || is_entity)
            && text.trim_start_matches('\u{feff}').trim_start().starts_with(['{', '['])
            && has("\"id\"")
            && has("\"type\"")
            && [
                "urn:ngsi-ld:",
                "\"GeoProperty\"",
                "\"geo:json\"",
                "\"dateObserved",
                "\"observationDateTime\"",
                "ngsi-ld",
                "\"dateIssued\"",
                "\"validFrom\"",
                "smart-data-models",
                "uri:ngsi",
            ]
            .iter()
            .any(|word| has(word))
    }

    fn read(&self, source: &Source, context: &mut ReadContext) -> Result<ReadOutcome, ReadError> {
        let (entities, checksum) = with_checksum(source, || read_entities(source, context));
        let (layer, form) = entities?;
        let mut draft = Draft::new(self.id(), Some(Epsg::WGS84));
        draft.version = Some(form.to_owned());
        draft.provenance.source =
            layer.things.iter().find_map(|thing| thing.card.owner.clone()).unwrap_or_default();
        draft.add_sensors(super::layer_id(source), layer);
        draft.finish(source, checksum, context)
    }
}

fn read_entities(
    source: &Source,
    context: &mut ReadContext,
) -> Result<(SensorLayer, &'static str), ReadError> {
    let text = read_feed(source, context)?;
    let text = text.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(&text);
    let mut found = Found::default();
    let mut stream = serde_json::Deserializer::from_slice(text).into_iter::<Json>();
    while let Some(next) = stream.next() {
        context.check_cancelled()?;
        context.progress.set(0.8 * stream.byte_offset() as f64 / text.len().max(1) as f64);
        let document = match next {
            Ok(document) => document,
            Err(error) => {
                let location = format!("line {}, column {}", error.line(), error.column());
                if found.layer.things.is_empty() {
                    return Err(ReadError::Malformed {
                        path: source.path.clone(),
                        expected: "NGSI entities in JSON".to_owned(),
                        found: error.to_string(),
                        location,
                        advice: "mend that place or fetch the file again".to_owned(),
                    });
                }
                context.report.error(
                    "json",
                    location,
                    format!("expected another entity, found: {error}; the rest is left out"),
                );
                break;
            }
        };
        let entities: Vec<Json> = match document {
            Json::Array(list) => list,
            Json::Object(mut object)
                if object.get("type").and_then(Json::as_str) == Some("FeatureCollection") =>
            {
                match object.remove("features") {
                    Some(Json::Array(list)) => list,
                    _ => Vec::new(),
                }
            }
            other => vec![other],
        };
        for (number, entity) in entities.into_iter().enumerate() {
            if number.is_multiple_of(1024) {
                context.check_cancelled()?;
            }
            match entity {
                Json::Object(entity) => found.add(entity, &mut context.report),
                _ => context.report.error(
                    "entity",
                    format!("entity {number}"),
                    "expected an object; it is left out",
                ),
            }
        }
    }
    if found.layer.things.is_empty() {
        return Err(ReadError::Malformed {
            path: source.path.clone(),
            expected: "entities with an id and a type".to_owned(),
            found: "none".to_owned(),
            location: "the whole file".to_owned(),
            advice: "export the entities, not their data model".to_owned(),
        });
    }
    Ok((found.layer, if found.is_linked { "NGSI-LD" } else { "NGSI v2" }))
}

/// The value of an attribute, its unit and its own time, whether it is written normalized or as a plain value.
struct Attribute<'a> {
    value: &'a Json,
    unit: Option<&'a str>,
    time: Option<&'a str>,
}

fn attribute(json: &Json) -> Attribute<'_> {
    let plain = Attribute { value: json, unit: None, time: None };
    let Json::Object(object) = json else { return plain };
    // A place is an object with a type too, but without a value.
    // Some write a time as a relationship to it.
    let Some(value) = object
        .get("value")
        .or_else(|| object.get("object"))
        .filter(|_| object.contains_key("type") || object.len() == 1)
    else {
        return match object.get("@value") {
            Some(value) => Attribute { value, ..plain },
            None => plain,
        };
    };
    let metadata = |name: &str| object.get("metadata")?.get(name)?.get("value")?.as_str();
    let text = |name: &str| object.get(name).and_then(Json::as_str);
    let value = match value {
        Json::Object(inner) => inner.get("@value").unwrap_or(value),
        _ => value,
    };
    Attribute {
        value,
        unit: text("unitCode").or_else(|| metadata("unitCode")),
        time: text("observedAt").or_else(|| metadata("timestamp")).or_else(|| metadata("TimeInstant")),
    }
}

/// Names of attributes that say when all of an entity was observed, the most particular first.
const TIMES: [&str; 9] = [
    "dateObserved",
    "dateObservedFrom",
    "observationDateTime",
    "observedAt",
    "TimeInstant",
    "timestamp",
    "validFrom",
    "dateIssued",
    "dateModified",
];

/// Numbers that describe the entity rather than what it observes.
const NO_OBSERVATIONS: [&str; 3] = ["reliability", "ttl", "version"];

#[derive(Default)]
struct Found {
    layer: SensorLayer,
    /// Positions of Things and Datastreams by their ids.
    things: HashMap<String, usize>,
    streams: HashMap<String, usize>,
    is_linked: bool,
}

impl Found {
    /// Adds one entity.
    fn add(&mut self, mut entity: Map<String, Json>, report: &mut Report) {
        let Self { layer, things, streams, is_linked } = self;
        let mut geometry = None;
        // The GeoJSON form keeps the attributes in "properties".
        if entity.get("type").and_then(Json::as_str) == Some("Feature") {
            geometry = entity.get("geometry").map(|geometry| attribute(geometry).value.clone());
            let id = entity.remove("id");
            if let Some(Json::Object(properties)) = entity.remove("properties") {
                entity = properties;
            }
            if let Some(id) = id {
                entity.insert("id".to_owned(), id);
            }
        }
        let text = |names: &[&str]| {
            names.iter().find_map(|name| match attribute(entity.get(*name)?).value {
                Json::String(text) if !text.is_empty() => Some(text.clone()),
                _ => None,
            })
        };
        let id = text(&["id", "@id"]).unwrap_or_else(|| {
            report.warn("entity-id", format!("entity {}", layer.things.len()), "expected an id, found none");
            format!("entity-{}", layer.things.len())
        });
        let kind = text(&["type", "@type"]).unwrap_or_default();
        *is_linked |= id.starts_with("urn:ngsi-ld:") || entity.contains_key("@context");
        let place =
            geometry.or_else(|| entity.get("location").map(|location| attribute(location).value.clone()));
        let position = place.as_ref().and_then(position_of);
        if position.is_none() && place.is_some() {
            report.warn(
                "location",
                format!("entity \"{id}\""),
                "expected a GeoJSON location with longitude and latitude; it has no place",
            );
        }
        let common = TIMES.iter().find_map(|name| match attribute(entity.get(*name)?).value {
            Json::String(text) => parse_time(text),
            _ => None,
        });
        let number = *things.entry(id.clone()).or_insert_with(|| {
            layer.things.push(Thing {
                name: text(&["name", "stationName", "stationCode", "stationID"])
                    .unwrap_or_else(|| id.clone()),
                description: text(&["description"]).unwrap_or_else(|| kind.clone()),
                position,
                card: SensorCard {
                    owner: text(&["dataProvider", "owner", "source"]),
                    ..SensorCard::default()
                },
                id: id.clone(),
            });
            layer.things.len() - 1
        });
        let mut without_time = 0_usize;
        for (name, json) in &entity {
            if NO_OBSERVATIONS.contains(&name.as_str())
                || TIMES.contains(&name.as_str())
                || name.starts_with('@')
            {
                continue;
            }
            // Temporal forms give a list of values, each with its time.
            let list: Vec<&Json> = match json {
                Json::Array(list) if list.iter().all(|item| item.get("value").is_some()) => {
                    list.iter().collect()
                }
                other => vec![other],
            };
            let mut observations: BTreeMap<i64, f64> = BTreeMap::new();
            let mut unit = "";
            for json in list {
                let Attribute { value, unit: code, time } = attribute(json);
                let Json::Number(value) = value else { continue };
                let Some(value) = value.as_f64().filter(|value| value.is_finite()) else { continue };
                unit = code.map_or(unit, unit_of);
                match time.and_then(parse_time).or(common) {
                    Some(time) => {
                        observations.insert(time, value);
                    }
                    None => without_time += 1,
                }
            }
            if observations.is_empty() {
                continue;
            }
            let stream_id = format!("{id}#{name}");
            let known = streams.get(&stream_id).copied();
            if let Some(stream) = known.and_then(|known| layer.datastreams.get_mut(known)) {
                let mut all: BTreeMap<i64, f64> =
                    stream.times.iter().copied().zip(stream.values.iter().copied()).collect();
                all.extend(observations);
                (stream.times, stream.values) = all.into_iter().unzip();
                continue;
            }
            streams.insert(stream_id.clone(), layer.datastreams.len());
            let (times, values) = observations.into_iter().unzip();
            layer.datastreams.push(Datastream {
                id: stream_id,
                thing: number as u32,
                name: name.clone(),
                observed_property: name.clone(),
                unit: unit.to_owned(),
                times,
                values,
            });
        }
        if without_time > 0 {
            report.warn(
            "observation-time",
            format!("entity \"{id}\""),
            format!("{without_time} numbers are left out: expected a time such as dateObserved or observedAt, found none"),
        );
        }
    }
}

/// UN/CEFACT unit codes as symbols; an unknown code stays as it is.
fn unit_of(code: &str) -> &str {
    match code {
        "GP" => "mg/m³",
        "GQ" => "µg/m³",
        "CEL" => "°C",
        "FAH" => "°F",
        "KEL" => "K",
        "MTR" => "m",
        "CMT" => "cm",
        "MMT" => "mm",
        "KMT" => "km",
        "MTS" => "m/s",
        "KMH" => "km/h",
        "MQH" => "m³/h",
        "MQS" => "m³/s",
        "LTR" => "l",
        "P1" => "%",
        "59" => "ppm",
        "61" => "ppb",
        "2N" => "dB",
        "A97" => "hPa",
        "MBR" => "mbar",
        "PAL" => "Pa",
        "DD" => "°",
        "LUX" => "lx",
        "VLT" => "V",
        "AMP" => "A",
        "WTT" => "W",
        "KWH" => "kWh",
        "SEC" => "s",
        "MIN" => "min",
        "HUR" => "h",
        "C62" | "1" => "1",
        other => other,
    }
}

/// The point, or the middle of the numbers of any other geometry.
fn position_of(location: &Json) -> Option<[f64; 3]> {
    let text = location.to_string();
    let geometry = super::geojson::geometry_of(&text).ok()??;
    let center = geo::Centroid::centroid(&geometry)?;
    (center.x().abs() <= 180.0 && center.y().abs() <= 90.0).then_some([center.x(), center.y(), 0.0])
}
