//! Features and their properties while they are read: columns are found by the order in which the last feature had them.

use std::collections::{HashMap, HashSet};

use geo::CoordsIter;

use super::scan::Scalar;
use crate::{
    model::{AttributeTable, Feature, FeatureHeights, FeatureLayer, Value},
    readers::Report,
};

/// Columns that may be empty nearly everywhere.
const FREE_COLUMNS: usize = 256;
/// Different properties of a file: real tables stay below a few hundred.
const MAX_COLUMNS: usize = 4_096;
const MAX_FEATURES: usize = 16_000_000;

#[derive(Debug, Default)]
pub(super) struct Table {
    features: Vec<Feature>,
    attributes: AttributeTable,
    heights: FeatureHeights,
    columns: HashMap<Box<[u8]>, usize>,
    /// Names of columns in order, for guessing the next one.
    names: Vec<Box<[u8]>>,
    /// The column that the next property probably has.
    next: usize,
    /// Features with an id of their own.
    stated_ids: usize,
    in_degrees: usize,
    /// The first position that is no longitude and latitude.
    pub first_beyond_degrees: Option<[f64; 2]>,
    placed: usize,
    /// Bytes of the source: they bound how large a sparse table may get.
    size: usize,
}

impl Table {
    pub fn new(size: usize) -> Self {
        Self { size, ..Self::default() }
    }

    pub fn rows(&self) -> usize {
        self.features.len()
    }

    pub fn begin_row(&mut self) {
        self.next = 0;
    }

    /// Sets a property of the feature that is being read.
    pub fn set(&mut self, name: &[u8], value: Scalar<'_>, report: &mut Report) {
        let Some(column) = self.column(name, report) else { return };
        let row = self.features.len();
        let value = match value {
            Scalar::Null => return,
            Scalar::Bool(value) => Value::Bool(value),
            Scalar::Integer(value) => Value::Integer(value),
            Scalar::Real(value) if value.is_finite() => Value::Real(value),
            Scalar::Real(_) => {
                report.warn(
                    "number",
                    format!("feature {row}, \"{}\"", String::from_utf8_lossy(name)),
                    "expected a finite number, found NaN or one that does not fit; taken as missing",
                );
                return;
            }
            Scalar::Text(text) => Value::Text(text.into_owned()),
            Scalar::Nested(raw) => {
                let Some(text) = compact(raw) else {
                    report.warn(
                        "property",
                        format!("feature {row}, \"{}\"", String::from_utf8_lossy(name)),
                        "expected a sound list or object; taken as missing",
                    );
                    return;
                };
                Value::Text(text)
            }
        };
        self.attributes.set_at(row, column, value);
    }

    fn column(&mut self, name: &[u8], report: &mut Report) -> Option<usize> {
        if self.names.get(self.next).is_some_and(|known| &known[..] == name) {
            self.next += 1;
            return Some(self.next - 1);
        }
        if let Some(&column) = self.columns.get(name) {
            self.next = column + 1;
            return Some(column);
        }
        if self.names.len() >= MAX_COLUMNS {
            report.warn(
                "too-many-properties",
                format!("feature {}, \"{}\"", self.features.len(), String::from_utf8_lossy(name)),
                format!(
                    "expected at most {MAX_COLUMNS} different properties, found more; this one is left out"
                ),
            );
            return None;
        }
        // A full table of n cells takes more than 6 n bytes of text, so an honest file stays far below this.
        let cells = (self.names.len() + 1).saturating_mul(self.features.len() + 1);
        if self.names.len() >= FREE_COLUMNS && cells > self.size.max(1 << 22) {
            report.warn(
                "too-many-properties",
                format!("feature {}, \"{}\"", self.features.len(), String::from_utf8_lossy(name)),
                format!(
                    "the table has {} columns that are nearly empty; this one is left out",
                    self.names.len()
                ),
            );
            return None;
        }
        // Two spellings of bytes that are not UTF-8 may become one name.
        let column = self.attributes.ensure_column(&String::from_utf8_lossy(name), None);
        self.columns.insert(name.into(), column);
        if column == self.names.len() {
            self.names.push(name.into());
        }
        self.next = column + 1;
        Some(column)
    }

    /// Heights of the corners of the feature that is being read.
    pub fn set_heights(&mut self, heights: Vec<f64>) {
        self.heights.set(self.features.len(), heights);
    }

    /// Ends the feature that is being read.
    pub fn push(&mut self, id: Option<String>, geometry: Option<geo::Geometry<f64>>, report: &mut Report) {
        let row = self.features.len();
        if row >= MAX_FEATURES {
            report.error(
                "too-many-features",
                format!("feature {row}"),
                format!("a layer holds at most {MAX_FEATURES} features; the rest is left out"),
            );
            return;
        }
        let geometry = geometry.filter(|geometry| geometry.coords_iter().next().is_some());
        if let Some(geometry) = &geometry {
            let is_degrees = |c: &geo::Coord<f64>| c.x.abs() <= 180.0 && c.y.abs() <= 90.0;
            let mut coords = geometry.coords_iter();
            let first = coords.next().filter(|first| !is_degrees(first));
            self.placed += 1;
            self.in_degrees += usize::from(first.is_none());
            if self.first_beyond_degrees.is_none() {
                let beyond = first.or_else(|| coords.find(|c| !is_degrees(c)));
                self.first_beyond_degrees = beyond.map(|c| [c.x, c.y]);
            }
        }
        self.stated_ids += usize::from(id.is_some());
        self.features.push(Feature { id: id.unwrap_or_default(), geometry });
        self.attributes.grow(row + 1);
    }

    /// Share of features whose first position may be degrees; 1 without any.
    pub fn share_in_degrees(&self) -> f64 {
        if self.placed == 0 { 1.0 } else { self.in_degrees as f64 / self.placed as f64 }
    }

    /// The layer, every feature with an id of its own.
    pub fn finish(self, report: &mut Report) -> FeatureLayer {
        let Self { mut features, attributes, heights, stated_ids, .. } = self;
        if stated_ids < features.len() {
            match public_ids(&attributes, features.len()) {
                Some(ids) if stated_ids == 0 => {
                    for (feature, id) in features.iter_mut().zip(ids) {
                        feature.id = id;
                    }
                }
                _ => {
                    for (row, feature) in features.iter_mut().enumerate() {
                        if feature.id.is_empty() {
                            feature.id = row.to_string();
                        }
                    }
                }
            }
        }
        make_unique(&mut features, report);
        FeatureLayer { features, attributes, heights, ..FeatureLayer::default() }
    }
}

/// Ids from a column of the source's own ids where one is complete and unique.
fn public_ids(attributes: &AttributeTable, rows: usize) -> Option<Vec<String>> {
    ["id", "@id", "gml_id", "identificatie", "lokaalid", "local_id"].into_iter().find_map(|name| {
        let column = attributes.column(name)?;
        let ids: Vec<String> = (0..rows).map(|row| column.get(row).to_text()).collect();
        let unique: HashSet<&str> = ids.iter().map(String::as_str).collect();
        (unique.len() == rows && !unique.contains("")).then_some(ids)
    })
}

fn make_unique(features: &mut [Feature], report: &mut Report) {
    let mut seen: HashSet<String> = HashSet::with_capacity(features.len());
    for feature in features {
        if seen.contains(&feature.id) {
            let mut number = 2_usize;
            let mut id = format!("{}#{number}", feature.id);
            while seen.contains(&id) {
                // Doubling keeps a file of equal ids from costing n².
                number += number.max(seen.len() / 2);
                id = format!("{}#{number}", feature.id);
            }
            report.warn(
                "duplicate-id",
                format!("feature \"{}\"", feature.id),
                format!("expected each id once; this one is called \"{id}\""),
            );
            feature.id = id;
        }
        seen.insert(feature.id.clone());
    }
}

/// The JSON text without white space between its parts; `None` when it is no JSON.
fn compact(raw: &[u8]) -> Option<String> {
    serde_json::from_slice::<serde::de::IgnoredAny>(raw).ok()?;
    let mut text = Vec::with_capacity(raw.len());
    let (mut in_text, mut is_escaped) = (false, false);
    for &byte in raw {
        if in_text {
            if is_escaped {
                is_escaped = false;
            } else if byte == b'\\' {
                is_escaped = true;
            } else if byte == b'"' {
                in_text = false;
            }
        } else if byte == b'"' {
            in_text = true;
        } else if byte.is_ascii_whitespace() {
            continue;
        }
        text.push(byte);
    }
    String::from_utf8(text).ok()
}
