//! Values inside CityJSON: attributes, vertices and numbers, whatever stands in their place.

use std::fmt;

use serde::{
    Deserialize,
    de::{
        DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor,
        value::{MapAccessDeserializer, SeqAccessDeserializer},
    },
};

use crate::model::Value;

/// One attribute; lists and objects become their JSON text.
pub(in crate::readers) struct AttributeValue(pub Value);

impl<'de> Deserialize<'de> for AttributeValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ValueVisitor;
        impl<'de> Visitor<'de> for ValueVisitor {
            type Value = Value;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an attribute value")
            }
            fn visit_unit<E>(self) -> Result<Value, E> {
                Ok(Value::Null)
            }
            fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
                Ok(Value::Bool(value))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
                Ok(Value::Integer(value))
            }
            fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
                Ok(i64::try_from(value).map_or(Value::Real(value as f64), Value::Integer))
            }
            fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
                Ok(Value::Real(value))
            }
            fn visit_str<E>(self, value: &str) -> Result<Value, E> {
                Ok(Value::Text(value.to_owned()))
            }
            fn visit_string<E>(self, value: String) -> Result<Value, E> {
                Ok(Value::Text(value))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Value, A::Error> {
                let nested = serde_json::Value::deserialize(SeqAccessDeserializer::new(list))?;
                Ok(Value::Text(nested.to_string()))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Value, A::Error> {
                let nested = serde_json::Value::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Value::Text(nested.to_string()))
            }
        }
        deserializer.deserialize_any(ValueVisitor).map(Self)
    }
}

pub(super) struct VerticesSeed<'a>(pub &'a mut Vec<[f64; 3]>);

list_visitor!(VerticesSeed<'a>, "a list of vertices", |self, list| {
    while let Some(Vertex(vertex)) = list.next_element()? {
        self.0.push(vertex);
    }
    Ok(())
});

/// `[x, y, z]`; a vertex of another shape becomes NaN, so that only the surfaces that use it are lost.
struct Vertex([f64; 3]);

impl<'de> Deserialize<'de> for Vertex {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct VertexVisitor;
        impl<'de> Visitor<'de> for VertexVisitor {
            type Value = Vertex;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a vertex of three numbers")
            }
            fn visit_unit<E>(self) -> Result<Vertex, E> {
                Ok(Vertex([f64::NAN; 3]))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vertex, A::Error> {
                let mut vertex = [f64::NAN; 3];
                for (axis, slot) in vertex.iter_mut().enumerate() {
                    match list.next_element::<Number>()? {
                        Some(Number(value)) => *slot = value,
                        None if axis == 0 => return Ok(Vertex([f64::NAN; 3])),
                        None => {}
                    }
                }
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Vertex(vertex))
            }
        }
        deserializer.deserialize_any(VertexVisitor)
    }
}

/// A number; anything else is NaN.
struct Number(f64);

impl<'de> Deserialize<'de> for Number {
    #[inline]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberVisitor;
        impl Visitor<'_> for NumberVisitor {
            type Value = Number;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }
            fn visit_u64<E>(self, value: u64) -> Result<Number, E> {
                Ok(Number(value as f64))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Number, E> {
                Ok(Number(value as f64))
            }
            fn visit_f64<E>(self, value: f64) -> Result<Number, E> {
                Ok(Number(value))
            }
            fn visit_unit<E>(self) -> Result<Number, E> {
                Ok(Number(f64::NAN))
            }
            fn visit_str<E>(self, _: &str) -> Result<Number, E> {
                Ok(Number(f64::NAN))
            }
        }
        deserializer.deserialize_any(NumberVisitor)
    }
}

/// A text, or a number as CityJSON 1.0 writes LoDs.
pub(super) struct LooseText(pub String);

impl<'de> Deserialize<'de> for LooseText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        AttributeValue::deserialize(deserializer).map(|value| Self(value.0.to_text()))
    }
}
