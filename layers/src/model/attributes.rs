//! Columnar attributes: one column a name, one entry a feature, with units and honest nulls.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

pub use super::packed::{Packed, PackedTexts};

/// One attribute value. Identifiers stay text, so that leading zeros survive.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    Null,
    Bool(bool),
    Integer(i64),
    Real(f64),
    Text(String),
}

impl Value {
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Integer(value) => Some(*value as f64),
            Self::Real(value) => Some(*value),
            Self::Text(text) => text.trim().parse().ok().filter(|value: &f64| value.is_finite()),
            Self::Null | Self::Bool(_) => None,
        }
    }

    pub fn as_str(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// As a person reads it, unformatted; empty for null.
    pub fn to_text(&self) -> String {
        match self {
            Self::Null => String::new(),
            Self::Bool(value) => value.to_string(),
            Self::Integer(value) => value.to_string(),
            Self::Real(value) => value.to_string(),
            Self::Text(text) => text.clone(),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}
impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Real(value)
    }
}
impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}
impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

/// The values of one column. A column takes the type of its first value and widens when a later one does not fit:
/// integer → real, anything else → text.
#[derive(Clone, Debug, PartialEq)]
pub enum ColumnValues {
    /// Only nulls so far.
    Empty,
    Bool(Packed<bool>),
    Integer(Packed<i64>),
    Real(Packed<f64>),
    Text(PackedTexts),
}

impl ColumnValues {
    /// Memory of the values.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Empty => 0,
            Self::Bool(values) => values.bytes(),
            Self::Integer(values) => values.bytes(),
            Self::Real(values) => values.bytes(),
            Self::Text(values) => values.bytes(),
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    pub name: String,
    /// UCUM-like unit such as "m2" when the source states one.
    pub unit: Option<String>,
    pub(crate) values: ColumnValues,
}

impl Column {
    pub fn values(&self) -> &ColumnValues {
        &self.values
    }

    pub fn get(&self, row: usize) -> Value {
        match &self.values {
            ColumnValues::Empty => Value::Null,
            ColumnValues::Bool(v) => v.get(row).map_or(Value::Null, Value::Bool),
            ColumnValues::Integer(v) => v.get(row).map_or(Value::Null, Value::Integer),
            ColumnValues::Real(v) => v.get(row).map_or(Value::Null, Value::Real),
            ColumnValues::Text(v) => v.get(row).map_or(Value::Null, Value::from),
        }
    }

    /// The text of a row of a text column, without a copy.
    pub fn text(&self, row: usize) -> Option<&str> {
        if let ColumnValues::Text(texts) = &self.values { texts.get(row) } else { None }
    }

    fn set(&mut self, row: usize, value: Value) {
        match (&mut self.values, value) {
            (_, Value::Null) => {}
            (ColumnValues::Bool(v), Value::Bool(value)) => v.set(row, value),
            (ColumnValues::Integer(v), Value::Integer(value)) => v.set(row, value),
            (ColumnValues::Real(v), Value::Real(value)) => v.set(row, value),
            (ColumnValues::Real(v), Value::Integer(value)) => v.set(row, value as f64),
            (ColumnValues::Text(v), Value::Text(text)) => v.set(row, &text),
            (ColumnValues::Text(v), value) => v.set(row, &value.to_text()),
            (ColumnValues::Empty, value) => {
                self.values = match value {
                    Value::Bool(_) => ColumnValues::Bool(Packed::new()),
                    Value::Integer(_) => ColumnValues::Integer(Packed::new()),
                    Value::Real(_) => ColumnValues::Real(Packed::new()),
                    Value::Text(_) | Value::Null => ColumnValues::Text(PackedTexts::new()),
                };
                self.set(row, value);
            }
            (ColumnValues::Integer(v), Value::Real(value)) => {
                self.values = ColumnValues::Real(v.map(|value| value as f64));
                self.set(row, Value::Real(value));
            }
            (ColumnValues::Bool(_) | ColumnValues::Integer(_) | ColumnValues::Real(_), value) => {
                let end = match &self.values {
                    ColumnValues::Bool(v) => v.end(),
                    ColumnValues::Integer(v) => v.end(),
                    ColumnValues::Real(v) => v.end(),
                    ColumnValues::Empty | ColumnValues::Text(_) => 0,
                };
                let mut texts = PackedTexts::new();
                for other in 0..end {
                    let earlier = self.get(other);
                    if !earlier.is_null() {
                        texts.set(other, &earlier.to_text());
                    }
                }
                self.values = ColumnValues::Text(texts);
                self.set(row, value);
            }
        }
    }
}

/// Attributes of a layer: rows are features (or CityObjects) in the layer's order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AttributeTable {
    pub(crate) columns: Vec<Column>,
    pub(crate) by_name: HashMap<String, usize>,
    pub(crate) rows: usize,
}

impl AttributeTable {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Makes sure that `rows` rows exist; new ones are null in every column.
    pub fn grow(&mut self, rows: usize) {
        self.rows = self.rows.max(rows);
    }

    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    pub fn column(&self, name: &str) -> Option<&Column> {
        self.by_name.get(name).map(|&index| &self.columns[index])
    }

    /// Index of the column, made when it does not exist.
    pub fn ensure_column(&mut self, name: &str, unit: Option<&str>) -> usize {
        if let Some(&index) = self.by_name.get(name) {
            if let (None, Some(unit)) = (&self.columns[index].unit, unit) {
                self.columns[index].unit = Some(unit.to_owned());
            }
            return index;
        }
        self.columns.push(Column {
            name: name.to_owned(),
            unit: unit.map(str::to_owned),
            values: ColumnValues::Empty,
        });
        self.by_name.insert(name.to_owned(), self.columns.len() - 1);
        self.columns.len() - 1
    }

    pub fn set(&mut self, row: usize, name: &str, value: impl Into<Value>) {
        let column = self.ensure_column(name, None);
        self.set_at(row, column, value.into());
    }

    /// As [`Self::set`] with the index from [`Self::ensure_column`]: no name look-up in hot loops.
    pub fn set_at(&mut self, row: usize, column: usize, value: Value) {
        self.rows = self.rows.max(row + 1);
        self.columns[column].set(row, value);
    }

    pub fn get(&self, row: usize, name: &str) -> Value {
        self.column(name).map_or(Value::Null, |column| column.get(row))
    }

    /// The value of the first of `names` that is there and not null: for attributes that sources name differently.
    pub fn first_of(&self, row: usize, names: &[&str]) -> Value {
        names.iter().map(|name| self.get(row, name)).find(|value| !value.is_null()).unwrap_or(Value::Null)
    }

    /// Name, unit and value of every non-null attribute of `row`, in column order.
    pub fn row(&self, row: usize) -> impl Iterator<Item = (&str, Option<&str>, Value)> {
        self.columns.iter().filter_map(move |column| {
            let value = column.get(row);
            (!value.is_null()).then_some((column.name.as_str(), column.unit.as_deref(), value))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_widen_without_losing_values() {
        let mut table = AttributeTable::new();
        table.set(0, "a", 1_i64);
        table.set(2, "a", 2.5);
        assert_eq!(table.get(0, "a"), Value::Real(1.0));
        assert_eq!(table.get(1, "a"), Value::Null);
        table.set(1, "a", "x");
        assert_eq!(
            (0..3).map(|row| table.get(row, "a").to_text()).collect::<Vec<_>>(),
            ["1", "x", "2.5"],
            "widening to text keeps earlier values readable"
        );
        table.set(0, "id", "0503100000000001");
        assert_eq!(table.get(0, "id"), Value::Text("0503100000000001".into()), "leading zeros survive");
        assert_eq!(table.rows(), 3);
        assert_eq!(table.get(9, "nothing"), Value::Null);
    }
}
