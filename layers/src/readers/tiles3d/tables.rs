//! Feature and batch tables of 3D Tiles 1.0 content: JSON with arrays, or references into a binary body (3D Tiles 1.1,
//! section 8.2).

use serde_json::{Map, Value as Json};

use crate::{
    model::Value,
    readers::gltf::{document::slice, properties::from_json},
};

/// Values of one table.
const MAX_ROWS: u64 = 100_000_000;

/// A table: its JSON and the bytes behind it.
#[derive(Clone, Debug, Default)]
pub(super) struct Table<'a> {
    pub json: Map<String, Json>,
    pub binary: &'a [u8],
}

/// What is wrong with a table: property, expected, found.
pub(super) type TableError = String;

fn component_bytes(kind: &str) -> Option<u64> {
    Some(match kind {
        "BYTE" | "UNSIGNED_BYTE" => 1,
        "SHORT" | "UNSIGNED_SHORT" => 2,
        "INT" | "UNSIGNED_INT" | "FLOAT" => 4,
        "DOUBLE" => 8,
        _ => return None,
    })
}

fn number(kind: &str, bytes: &[u8]) -> Option<Value> {
    Some(match kind {
        "BYTE" => Value::Integer(i64::from(i8::from_le_bytes(bytes.try_into().ok()?))),
        "UNSIGNED_BYTE" => Value::Integer(i64::from(*bytes.first()?)),
        "SHORT" => Value::Integer(i64::from(i16::from_le_bytes(bytes.try_into().ok()?))),
        "UNSIGNED_SHORT" => Value::Integer(i64::from(u16::from_le_bytes(bytes.try_into().ok()?))),
        "INT" => Value::Integer(i64::from(i32::from_le_bytes(bytes.try_into().ok()?))),
        "UNSIGNED_INT" => Value::Integer(i64::from(u32::from_le_bytes(bytes.try_into().ok()?))),
        "FLOAT" => Value::Real(f64::from(f32::from_le_bytes(bytes.try_into().ok()?))),
        "DOUBLE" => Value::Real(f64::from_le_bytes(bytes.try_into().ok()?)),
        _ => return None,
    })
}

impl<'a> Table<'a> {
    pub fn parse(json: &[u8], binary: &'a [u8], name: &str) -> Result<Self, TableError> {
        let text = json.trim_ascii();
        let text = text.strip_suffix(b"\0").unwrap_or(text).trim_ascii();
        if text.is_empty() {
            return Ok(Self { json: Map::new(), binary });
        }
        match serde_json::from_slice::<Json>(text) {
            Ok(Json::Object(json)) => Ok(Self { json, binary }),
            Ok(_) => Err(format!("{name}: expected a JSON object, found another value")),
            Err(error) => Err(format!("{name}: expected JSON, found {error}")),
        }
    }

    /// A whole number, as in `BATCH_LENGTH`.
    pub fn length(&self, key: &str) -> Option<u64> {
        let value = self.json.get(key)?;
        let global = |value: &Json| match value.get("byteOffset").and_then(Json::as_u64) {
            Some(offset) => {
                slice(self.binary, offset, 4)?.try_into().ok().map(u32::from_le_bytes).map(u64::from)
            }
            None => None,
        };
        value.as_u64().or_else(|| global(value))
    }

    /// Three numbers, as in `RTC_CENTER`: an array, or three floats in the body.
    pub fn vector(&self, key: &str) -> Option<[f64; 3]> {
        let value = self.json.get(key)?;
        let numbers: Vec<f64> = match value.as_array() {
            Some(parts) => parts.iter().filter_map(Json::as_f64).collect(),
            None => self.floats_at(value, 3, "FLOAT")?,
        };
        <[f64; 3]>::try_from(numbers).ok().filter(|v| v.iter().all(|part| part.is_finite()))
    }

    pub fn has(&self, key: &str) -> bool {
        self.json.contains_key(key)
    }

    fn floats_at(&self, value: &Json, count: u64, kind: &str) -> Option<Vec<f64>> {
        let offset = value.get("byteOffset").and_then(Json::as_u64)?;
        let size = component_bytes(kind)?;
        let bytes = slice(self.binary, offset, count.checked_mul(size)?)?;
        bytes.chunks_exact(size as usize).map(|part| number(kind, part)?.as_f64()).collect()
    }

    /// A per-feature column of the feature table: `rows` × `width` numbers of the given component type (`BATCH_ID` may
    /// name another).
    pub fn column(
        &self,
        key: &str,
        rows: u64,
        width: u64,
        kind: &str,
    ) -> Result<Option<Vec<f64>>, TableError> {
        let Some(value) = self.json.get(key) else { return Ok(None) };
        if rows > MAX_ROWS {
            return Err(format!("{key}: expected at most {MAX_ROWS} rows, found {rows}"));
        }
        let kind = value.get("componentType").and_then(Json::as_str).unwrap_or(kind);
        let read = match value.as_array() {
            Some(parts) => {
                let numbers: Vec<f64> = parts.iter().filter_map(Json::as_f64).collect();
                (numbers.len() as u64 == rows * width).then_some(numbers)
            }
            None => self.floats_at(value, rows * width, kind),
        };
        read.map(Some).ok_or_else(|| {
            format!("{key}: expected {rows} × {width} values of {kind} inside {} bytes", self.binary.len())
        })
    }

    /// Columns of a batch table by name, `rows` values each; broken ones are in the second part.
    pub fn properties(&self, rows: u64) -> (Vec<(String, Vec<Value>)>, Vec<TableError>) {
        let (mut columns, mut errors) = (Vec::new(), Vec::new());
        for (name, value) in &self.json {
            if matches!(name.as_str(), "extensions" | "extras" | "HIERARCHY") {
                continue;
            }
            let read = match value {
                Json::Array(parts) if parts.len() as u64 >= rows => {
                    Ok(parts.iter().take(rows as usize).map(from_json).collect())
                }
                Json::Array(parts) => Err(format!("{name}: expected {rows} values, found {}", parts.len())),
                Json::Object(_) => self.binary_property(name, value, rows),
                _ => Err(format!("{name}: expected an array or a reference, found {value}")),
            };
            match read {
                Ok(values) => columns.push((name.clone(), values)),
                Err(error) => errors.push(error),
            }
        }
        (columns, errors)
    }

    fn binary_property(&self, name: &str, value: &Json, rows: u64) -> Result<Vec<Value>, TableError> {
        let text = |key: &str| value.get(key).and_then(Json::as_str).unwrap_or_default();
        let width = match text("type") {
            "SCALAR" => 1,
            "VEC2" => 2,
            "VEC3" => 3,
            "VEC4" => 4,
            other => return Err(format!("{name}: expected type SCALAR or VEC2 to VEC4, found \"{other}\"")),
        };
        let kind = text("componentType");
        let size =
            component_bytes(kind).ok_or_else(|| format!("{name}: unknown componentType \"{kind}\""))?;
        let offset = value.get("byteOffset").and_then(Json::as_u64).unwrap_or(u64::MAX);
        let bytes = slice(self.binary, offset, rows.saturating_mul(width * size)).ok_or_else(|| {
            format!(
                "{name}: expected {rows} × {width} values of {kind} from byte {offset} inside {} bytes",
                self.binary.len()
            )
        })?;
        let values = bytes.chunks_exact((width * size) as usize).map(|row| {
            let mut parts: Vec<Value> =
                row.chunks_exact(size as usize).filter_map(|part| number(kind, part)).collect();
            if parts.len() == 1 {
                parts.pop().unwrap_or(Value::Null)
            } else {
                Value::Text(parts.iter().map(Value::to_text).collect::<Vec<_>>().join(", "))
            }
        });
        Ok(values.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_and_binary_columns_are_read_and_broken_ones_named() {
        let json =
            br#"{"id":["0363","0364"],"height":{"byteOffset":0,"componentType":"FLOAT","type":"SCALAR"},
            "box":{"byteOffset":8,"componentType":"UNSIGNED_BYTE","type":"VEC2"},"short":["x"],
            "far":{"byteOffset":999,"componentType":"FLOAT","type":"SCALAR"}}   "#;
        let mut binary = Vec::new();
        binary.extend(1.5_f32.to_le_bytes());
        binary.extend(2.5_f32.to_le_bytes());
        binary.extend([1, 2, 3, 4]);
        let table = Table::parse(json, &binary, "batch table").unwrap();
        let (columns, errors) = table.properties(2);
        let of =
            |name: &str| columns.iter().find(|(n, _)| n == name).map(|(_, values)| values.clone()).unwrap();
        assert_eq!(of("id"), [Value::from("0363"), Value::from("0364")]);
        assert_eq!(of("height"), [Value::Real(1.5), Value::Real(2.5)]);
        assert_eq!(of("box"), [Value::from("1, 2"), Value::from("3, 4")]);
        assert_eq!(errors.len(), 2);
        assert!(errors[0].starts_with("short: expected 2 values, found 1"), "{errors:?}");
        assert!(Table::parse(b"[1]", &[], "x").is_err());
    }

    #[test]
    fn feature_columns_say_when_the_body_is_too_short() {
        let table = Table::parse(br#"{"POSITION":{"byteOffset":4}}"#, &[0; 12], "feature table").unwrap();
        assert!(table.column("POSITION", 1, 3, "FLOAT").is_err());
        assert_eq!(table.column("SCALE", 1, 1, "FLOAT"), Ok(None));
    }
}
