//! Property tables of EXT_structural_metadata: typed columns in buffers, described by a schema (OGC 22-025r4, 3D
//! Metadata; the same layout as in 3D Tiles subtrees).

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::document::{GltfError, slice};
use crate::model::Value;

/// Rows of one table.
const MAX_ROWS: u64 = 16_000_000;

/// A property of a class.
#[derive(Clone, Debug, PartialEq)]
pub struct Property {
    pub kind: Kind,
    pub is_array: bool,
    /// Elements of a fixed-length array.
    pub count: Option<u64>,
    pub is_normalized: bool,
    pub offset: Option<Json>,
    pub scale: Option<Json>,
    pub no_data: Option<Json>,
    pub default: Option<Json>,
    pub unit: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    String,
    Boolean,
    /// Names by value, and the type of the values.
    Enum(BTreeMap<i64, String>, Component),
    /// Scalars, vectors and matrices: numbers an element.
    Numbers(Component, u64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Component {
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    I64,
    U64,
    F32,
    F64,
}

impl Component {
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "INT8" => Self::I8,
            "UINT8" => Self::U8,
            "INT16" => Self::I16,
            "UINT16" => Self::U16,
            "INT32" => Self::I32,
            "UINT32" => Self::U32,
            "INT64" => Self::I64,
            "UINT64" => Self::U64,
            "FLOAT32" => Self::F32,
            "FLOAT64" => Self::F64,
            _ => return None,
        })
    }

    pub fn bytes(self) -> u64 {
        match self {
            Self::I8 | Self::U8 => 1,
            Self::I16 | Self::U16 => 2,
            Self::I32 | Self::U32 | Self::F32 => 4,
            Self::I64 | Self::U64 | Self::F64 => 8,
        }
    }

    /// Largest value, by which normalised integers are divided; `None` for floats.
    pub fn limit(self) -> Option<f64> {
        Some(match self {
            Self::I8 => f64::from(i8::MAX),
            Self::U8 => f64::from(u8::MAX),
            Self::I16 => f64::from(i16::MAX),
            Self::U16 => f64::from(u16::MAX),
            Self::I32 => f64::from(i32::MAX),
            Self::U32 => f64::from(u32::MAX),
            Self::I64 => i64::MAX as f64,
            Self::U64 => u64::MAX as f64,
            Self::F32 | Self::F64 => return None,
        })
    }

    fn read(self, bytes: &[u8]) -> Option<Value> {
        Some(match self {
            Self::I8 => Value::Integer(i64::from(i8::from_le_bytes([*bytes.first()?]))),
            Self::U8 => Value::Integer(i64::from(*bytes.first()?)),
            Self::I16 => Value::Integer(i64::from(i16::from_le_bytes(bytes.try_into().ok()?))),
            Self::U16 => Value::Integer(i64::from(u16::from_le_bytes(bytes.try_into().ok()?))),
            Self::I32 => Value::Integer(i64::from(i32::from_le_bytes(bytes.try_into().ok()?))),
            Self::U32 => Value::Integer(i64::from(u32::from_le_bytes(bytes.try_into().ok()?))),
            Self::I64 => Value::Integer(i64::from_le_bytes(bytes.try_into().ok()?)),
            Self::U64 => {
                let value = u64::from_le_bytes(bytes.try_into().ok()?);
                i64::try_from(value).map_or_else(|_| Value::Text(value.to_string()), Value::Integer)
            }
            Self::F32 => Value::Real(f64::from(f32::from_le_bytes(bytes.try_into().ok()?))),
            Self::F64 => Value::Real(f64::from_le_bytes(bytes.try_into().ok()?)),
        })
    }
}

/// Properties by class.
pub type Classes = BTreeMap<String, BTreeMap<String, Property>>;

/// Reads the classes of a schema's JSON; properties of unknown types are left out.
pub fn classes(schema: &Json) -> Classes {
    let enums = enums(schema);
    let mut classes = Classes::new();
    for (name, class) in schema.get("classes").and_then(Json::as_object).into_iter().flatten() {
        let properties = class.get("properties").and_then(Json::as_object);
        let properties = properties
            .into_iter()
            .flatten()
            .filter_map(|(id, property)| Some((id.clone(), parse_property(property, &enums)?)))
            .collect();
        classes.insert(name.clone(), properties);
    }
    classes
}

type Enums = BTreeMap<String, (BTreeMap<i64, String>, Component)>;

fn enums(schema: &Json) -> Enums {
    let listed = schema.get("enums").and_then(Json::as_object);
    listed
        .into_iter()
        .flatten()
        .map(|(name, definition)| {
            let component = definition
                .get("valueType")
                .and_then(Json::as_str)
                .and_then(Component::parse)
                .unwrap_or(Component::U16);
            let values = definition.get("values").and_then(Json::as_array);
            let values = values
                .into_iter()
                .flatten()
                .filter_map(|value| {
                    Some((value.get("value")?.as_i64()?, value.get("name")?.as_str()?.to_owned()))
                })
                .collect();
            (name.clone(), (values, component))
        })
        .collect()
}

fn parse_property(json: &Json, enums: &Enums) -> Option<Property> {
    let component = || json.get("componentType").and_then(Json::as_str).and_then(Component::parse);
    let kind = match json.get("type")?.as_str()? {
        "STRING" => Kind::String,
        "BOOLEAN" => Kind::Boolean,
        "ENUM" => {
            let (values, component) = enums.get(json.get("enumType")?.as_str()?)?;
            Kind::Enum(values.clone(), *component)
        }
        "SCALAR" => Kind::Numbers(component()?, 1),
        "VEC2" => Kind::Numbers(component()?, 2),
        "VEC3" => Kind::Numbers(component()?, 3),
        "VEC4" | "MAT2" => Kind::Numbers(component()?, 4),
        "MAT3" => Kind::Numbers(component()?, 9),
        "MAT4" => Kind::Numbers(component()?, 16),
        _ => return None,
    };
    let flag = |key: &str| json.get(key).and_then(Json::as_bool).unwrap_or(false);
    Some(Property {
        kind,
        is_array: flag("array"),
        count: json.get("count").and_then(Json::as_u64),
        is_normalized: flag("normalized"),
        offset: json.get("offset").cloned(),
        scale: json.get("scale").cloned(),
        no_data: json.get("noData").cloned(),
        default: json.get("default").cloned(),
        unit: None,
    })
}

/// One table's columns by property name, `rows` values each.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PropertyTable {
    pub name: String,
    pub rows: usize,
    pub columns: BTreeMap<String, Vec<Value>>,
}

/// Reads a table; `view` gives the bytes of a buffer view.
pub fn read_table<'v>(
    json: &Json,
    classes: &Classes,
    place: &str,
    view: &dyn Fn(usize) -> Result<&'v [u8], GltfError>,
) -> Result<PropertyTable, GltfError> {
    let text = |key: &str| json.get(key).and_then(Json::as_str).unwrap_or_default();
    let rows = json.get("count").and_then(Json::as_u64).unwrap_or(0);
    if rows > MAX_ROWS {
        return Err(GltfError::new(format!("at most {MAX_ROWS} rows"), rows.to_string(), place));
    }
    let class = classes
        .get(text("class"))
        .ok_or_else(|| GltfError::new("a class of the schema", format!("\"{}\"", text("class")), place))?;
    let name = if text("name").is_empty() { text("class") } else { text("name") };
    let mut table = PropertyTable { name: name.to_owned(), rows: rows as usize, columns: BTreeMap::new() };
    for (id, column) in json.get("properties").and_then(Json::as_object).into_iter().flatten() {
        let place = format!("{place}.properties.{id}");
        let Some(property) = class.get(id) else {
            return Err(GltfError::new("a property of the class", "one it does not have", place));
        };
        let column_bytes = |key: &str| -> Result<Option<&'v [u8]>, GltfError> {
            let number = column.get(key).and_then(Json::as_u64).and_then(|n| usize::try_from(n).ok());
            number.map(view).transpose()
        };
        let values = column_bytes("values")?.ok_or_else(|| GltfError::new("values", "none", &*place))?;
        let offsets = |kind: &str, bytes: Option<&'v [u8]>| {
            let kind = column.get(kind).and_then(Json::as_str).and_then(Component::parse);
            bytes.map(|bytes| Offsets { bytes, kind: kind.unwrap_or(Component::U32) })
        };
        let reader = Column {
            property,
            values,
            array: offsets("arrayOffsetType", column_bytes("arrayOffsets")?),
            string: offsets("stringOffsetType", column_bytes("stringOffsets")?),
        };
        let read: Option<Vec<Value>> = (0..rows).map(|row| reader.value(row)).collect();
        let read = read.ok_or_else(|| {
            GltfError::new(
                format!("{rows} values"),
                format!("{} bytes that do not hold them", values.len()),
                &*place,
            )
        })?;
        table.columns.insert(id.clone(), read);
    }
    // A class may have properties that a table leaves at their default.
    for (id, property) in class {
        if let Some(default) = &property.default
            && !table.columns.contains_key(id)
        {
            table.columns.insert(id.clone(), vec![from_json(default); table.rows]);
        }
    }
    Ok(table)
}

struct Offsets<'a> {
    bytes: &'a [u8],
    kind: Component,
}

impl Offsets<'_> {
    /// Start and end of item `index`.
    fn range(&self, index: u64) -> Option<(u64, u64)> {
        let size = self.kind.bytes();
        let at = |index: u64| match self.kind.read(slice(self.bytes, index.checked_mul(size)?, size)?)? {
            Value::Integer(value) => u64::try_from(value).ok(),
            _ => None,
        };
        let (start, end) = (at(index)?, at(index + 1)?);
        (start <= end).then_some((start, end))
    }
}

struct Column<'a> {
    property: &'a Property,
    values: &'a [u8],
    array: Option<Offsets<'a>>,
    string: Option<Offsets<'a>>,
}

impl Column<'_> {
    fn value(&self, row: u64) -> Option<Value> {
        if !self.property.is_array {
            return self.element(row);
        }
        let (start, end) = match (&self.array, self.property.count) {
            (_, Some(count)) => (row.checked_mul(count)?, row.checked_add(1)?.checked_mul(count)?),
            (Some(offsets), None) => offsets.range(row)?,
            (None, None) => return None,
        };
        if end - start > 1 << 20 {
            return None;
        }
        let parts: Option<Vec<String>> =
            (start..end).map(|element| self.element(element).map(|value| value.to_text())).collect();
        Some(Value::Text(parts?.join(", ")))
    }

    fn element(&self, index: u64) -> Option<Value> {
        let value = match &self.property.kind {
            Kind::String => {
                let (start, end) = self.string.as_ref()?.range(index)?;
                Value::Text(String::from_utf8_lossy(slice(self.values, start, end - start)?).into_owned())
            }
            Kind::Boolean => {
                let byte = *self.values.get(usize::try_from(index / 8).ok()?)?;
                Value::Bool(byte >> (index % 8) & 1 == 1)
            }
            Kind::Enum(names, component) => {
                let size = component.bytes();
                match component.read(slice(self.values, index.checked_mul(size)?, size)?)? {
                    Value::Integer(value) => {
                        names.get(&value).map_or(Value::Integer(value), |name| Value::Text(name.clone()))
                    }
                    other => other,
                }
            }
            Kind::Numbers(component, width) => {
                let size = component.bytes();
                let first = index.checked_mul(*width)?;
                let numbers: Option<Vec<Value>> = (first..first.checked_add(*width)?)
                    .enumerate()
                    .map(|(position, number)| {
                        let raw = component.read(slice(self.values, number.checked_mul(size)?, size)?)?;
                        Some(self.scaled(raw, *component, position))
                    })
                    .collect();
                let mut numbers = numbers?;
                if numbers.len() == 1 {
                    numbers.pop()?
                } else {
                    Value::Text(numbers.iter().map(Value::to_text).collect::<Vec<_>>().join(", "))
                }
            }
        };
        let is_no_data = self.property.no_data.as_ref().is_some_and(|no_data| from_json(no_data) == value);
        Some(if is_no_data { Value::Null } else { value })
    }

    /// offset + scale × (normalised) value.
    fn scaled(&self, raw: Value, component: Component, position: usize) -> Value {
        let part = |json: &Option<Json>| match json {
            Some(Json::Array(parts)) => parts.get(position).and_then(Json::as_f64),
            Some(other) => other.as_f64(),
            None => None,
        };
        let (offset, scale) = (part(&self.property.offset), part(&self.property.scale));
        if offset.is_none() && scale.is_none() && !self.property.is_normalized {
            return raw;
        }
        let Some(mut value) = raw.as_f64() else { return raw };
        if let Some(limit) = component.limit().filter(|_| self.property.is_normalized) {
            value = (value / limit).max(-1.0);
        }
        Value::Real(value * scale.unwrap_or(1.0) + offset.unwrap_or(0.0))
    }
}

/// A JSON value as an attribute; arrays and objects become text.
pub fn from_json(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => number
            .as_i64()
            .map(Value::Integer)
            .or_else(|| number.as_f64().map(Value::Real))
            .unwrap_or(Value::Null),
        Json::String(text) => Value::Text(text.clone()),
        Json::Array(parts) => {
            Value::Text(parts.iter().map(|part| from_json(part).to_text()).collect::<Vec<_>>().join(", "))
        }
        Json::Object(_) => Value::Text(json.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn columns_of_every_kind_are_read() {
        let schema = json!({
            "classes": {"tree": {"properties": {
                "name": {"type": "STRING"},
                "height": {"type": "SCALAR", "componentType": "UINT8", "normalized": true, "scale": 10.0, "offset": 1.0},
                "tall": {"type": "BOOLEAN"},
                "kind": {"type": "ENUM", "enumType": "kinds"},
                "place": {"type": "VEC2", "componentType": "INT16", "noData": "x"},
                "years": {"type": "SCALAR", "componentType": "UINT16", "array": true},
                "note": {"type": "STRING", "default": "none"}
            }}},
            "enums": {"kinds": {"values": [{"name": "oak", "value": 3}]}}
        });
        let views: Vec<Vec<u8>> = vec![
            b"eikels".to_vec(),
            [0_u32, 3, 6].iter().flat_map(|v| v.to_le_bytes()).collect(),
            vec![255, 0],
            vec![0b10],
            vec![3, 0, 9, 0],
            [1_i16, -2, 3, 4].iter().flat_map(|v| v.to_le_bytes()).collect(),
            [7_u16, 8, 9].iter().flat_map(|v| v.to_le_bytes()).collect(),
            [0_u32, 1, 3].iter().flat_map(|v| v.to_le_bytes()).collect(),
        ];
        let view = |number: usize| -> Result<&[u8], GltfError> {
            views.get(number).map(Vec::as_slice).ok_or_else(|| GltfError::new("a view", "none", "here"))
        };
        let table = json!({"class": "tree", "count": 2, "properties": {
            "name": {"values": 0, "stringOffsets": 1},
            "height": {"values": 2}, "tall": {"values": 3}, "kind": {"values": 4}, "place": {"values": 5},
            "years": {"values": 6, "arrayOffsets": 7}
        }});
        let classes = classes(&schema);
        let read = read_table(&table, &classes, "propertyTables[0]", &view).unwrap();
        let column = |name: &str| read.columns[name].iter().map(Value::to_text).collect::<Vec<_>>();
        assert_eq!(column("name"), ["eik", "els"]);
        assert_eq!(column("height"), ["11", "1"]);
        assert_eq!(column("tall"), ["false", "true"]);
        assert_eq!(column("kind"), ["oak", "9"]);
        assert_eq!(column("place"), ["1, -2", "3, 4"]);
        assert_eq!(column("years"), ["7", "8, 9"]);
        assert_eq!(column("note"), ["none", "none"]);
        let many = json!({"class": "tree", "count": 3, "properties": {"height": {"values": 2}}});
        let error = read_table(&many, &classes, "propertyTables[0]", &view).unwrap_err();
        assert!(error.to_string().contains("propertyTables[0].properties.height"), "{error}");
    }
}
