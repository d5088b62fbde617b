//! Lists of records in JSON: open data interfaces that are neither GeoJSON nor SensorThings.
//!
//! Every object with a place (latitude and longitude, x and y, or a GeoJSON geometry) is a feature; objects at the same
//! place in the structure are one layer. What stands around a record (the time of a snapshot, the key of a map) comes
//! with it as columns.

use std::collections::BTreeMap;

use geo::CoordsIter;
use serde_json::{Map, Value as Json};

use super::{
    FormatReader, ReadContext, ReadError, ReadOutcome, Source,
    input::{SMALLER, read_all, size_text, with_checksum},
    layer_id,
    unique_ids::UniqueIds,
    values::is_id_name,
    vector::{
        assemble::{Assembly, Table},
        geojson_value::geometry_from_json,
    },
};
use crate::{
    crs::Epsg,
    model::{Feature, FeatureLayer, Value},
};

/// `.json` with records.
#[derive(Debug)]
pub struct JsonRecordsReader;

/// Text that is parsed at once, bytes.
const MAX_BYTES: u64 = 512 << 20;
/// Groups of records that become layers.
const MAX_LAYERS: usize = 64;
/// Columns that a layer may have.
const MAX_COLUMNS: usize = 1024;

/// Values around a record that come with it.
const MAX_AROUND: usize = 64;

const LON: [&str; 6] = ["lon", "lng", "long", "longitude", "lengtegraad", "x"];
const LAT: [&str; 6] = ["lat", "lat", "lat", "latitude", "breedtegraad", "y"];

impl FormatReader for JsonRecordsReader {
    fn id(&self) -> &'static str {
        "json-records"
    }

    fn title(&self) -> &'static str {
        "JSON records"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["json"]
    }

    fn sniff(&self, head: &[u8], _: &str) -> bool {
        let text = String::from_utf8_lossy(head);
        let text = text.trim_start_matches('\u{feff}').trim_start();
        text.strip_prefix('[').is_some_and(|rest| rest.trim_start().starts_with('{'))
    }

    fn read(&self, source: &Source, context: &mut ReadContext) -> Result<ReadOutcome, ReadError> {
        if source.size() > MAX_BYTES {
            return Err(ReadError::TooLarge {
                path: source.path.clone(),
                what: "a file of JSON records".to_owned(),
                limit: size_text(MAX_BYTES),
                found: size_text(source.size()),
                advice: SMALLER.into(),
            });
        }
        let (text, checksum) = with_checksum(source, || read_all(source, context));
        let text = text?;
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text);
        let json: Json = serde_json::from_slice(text).map_err(|error| ReadError::Malformed {
            path: source.path.clone(),
            expected: "JSON records".to_owned(),
            found: error.to_string(),
            location: format!("line {}, column {}", error.line(), error.column()),
            advice: "the file is damaged or cut off; fetch it again".to_owned(),
        })?;
        context.progress.set(0.4);
        let mut groups = Groups::default();
        groups.walk(&json, "", &Vec::new(), context)?;
        if groups.layers.is_empty() {
            groups.rows_without_place(&json);
        }
        if groups.layers.is_empty() {
            return Err(ReadError::Malformed {
                path: source.path.clone(),
                expected: "a list of records".to_owned(),
                found: "no objects".to_owned(),
                location: "the list".to_owned(),
                advice: "open a file whose records have a latitude and longitude, or a key to join by"
                    .to_owned(),
            });
        }
        let is_single = groups.layers.len() == 1;
        let stem = layer_id(source);
        let tables = groups
            .layers
            .into_iter()
            .map(|(path, group)| {
                let last = path.rsplit('.').find(|part| !part.is_empty()).unwrap_or("records").to_owned();
                let name = if is_single { stem.clone() } else { last };
                Table {
                    layer: FeatureLayer { name, ..group.layer },
                    crs: group.is_degrees.then_some(Epsg::WGS84).filter(|_| context.assumed_crs.is_none()),
                    may_be_swapped: true,
                }
            })
            .collect();
        Assembly { format: self.id(), version: None, checksum, tables }.place(source, context)
    }
}

#[derive(Debug, Default)]
struct Group {
    layer: FeatureLayer,
    ids: UniqueIds,
    is_degrees: bool,
}

#[derive(Debug, Default)]
struct Groups {
    layers: BTreeMap<String, Group>,
    seen: u64,
}

impl Groups {
    /// Looks for records in `json`, which lies at `path`; `around` are the plain values of the objects that hold it.
    fn walk(
        &mut self,
        json: &Json,
        path: &str,
        around: &Vec<(String, Value)>,
        context: &mut ReadContext,
    ) -> Result<(), ReadError> {
        self.seen += 1;
        if self.seen.is_multiple_of(4096) {
            context.check_cancelled()?;
        }
        match json {
            Json::Array(items) => {
                for item in items.iter().filter(|item| item.is_object() || item.is_array()) {
                    self.walk(item, path, around, context)?;
                }
            }
            Json::Object(object) => {
                if let Some(place) = place_of(object) {
                    self.add(object, place, path, around, context);
                    return Ok(());
                }
                let mut around = around.clone();
                flatten(object, path, false, &mut around);
                // What many records share is repeated for each: only a little of it.
                around.truncate(MAX_AROUND);
                // A map whose keys are data (ids) rather than names: one group, the key is a column.
                let is_map = object.len() > 1
                    && object
                        .values()
                        .all(|value| value.as_object().is_some_and(|record| place_of(record).is_some()));
                for (key, value) in object.iter().filter(|(_, value)| value.is_object() || value.is_array()) {
                    if is_map {
                        let mut around = around.clone();
                        around.push((
                            format!("{path}.key").trim_start_matches('.').to_owned(),
                            Value::Text(key.clone()),
                        ));
                        self.walk(value, path, &around, context)?;
                    } else {
                        let below = format!("{path}.{key}");
                        self.walk(value, below.trim_start_matches('.'), &around, context)?;
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn add(
        &mut self,
        object: &Map<String, Json>,
        (place, is_degrees): (Result<geo::Geometry<f64>, String>, bool),
        path: &str,
        around: &[(String, Value)],
        context: &mut ReadContext,
    ) {
        if !self.layers.contains_key(path) && self.layers.len() >= MAX_LAYERS {
            let message =
                format!("expected at most {MAX_LAYERS} kinds of records, found more; this one is left out");
            context.report.error("too-many-layers", path, message);
            return;
        }
        let group = self.layers.entry(path.to_owned()).or_default();
        let row = group.layer.features.len();
        group.is_degrees |= is_degrees;
        let mut values = around.to_vec();
        let properties = object.get("properties").and_then(Json::as_object);
        flatten(properties.unwrap_or(object), "", true, &mut values);
        if properties.is_some() {
            let own = object.iter().filter(|(key, _)| key.eq_ignore_ascii_case("id"));
            values.extend(own.map(|(key, value)| (key.clone(), plain(key, value))));
        }
        let id = values
            .iter()
            .rev()
            .find(|(name, value)| {
                (name.eq_ignore_ascii_case("id") || name.ends_with("key")) && !value.is_null()
            })
            .map_or_else(|| (row + 1).to_string(), |(_, value)| value.to_text());
        let id = group.ids.take(id, true);
        for (name, value) in values {
            let attributes = &mut group.layer.attributes;
            if !value.is_null()
                && (attributes.column(&name).is_some() || attributes.columns().len() < MAX_COLUMNS)
            {
                attributes.set(row, &name, value);
            }
        }
        group.layer.attributes.grow(row + 1);
        let geometry = match place {
            Ok(geometry) => Some(geometry).filter(|geometry| geometry.coords_iter().next().is_some()),
            Err(reason) => {
                context.report.error(
                    "coordinates",
                    format!("record \"{id}\""),
                    format!("expected a place, found {reason}; the record is kept without one"),
                );
                None
            }
        };
        group.layer.features.push(Feature { id, geometry });
    }

    /// The objects of a plain list, when none of them has a place.
    fn rows_without_place(&mut self, json: &Json) {
        let Some(items) = json.as_array() else { return };
        let group = self.layers.entry(String::new()).or_default();
        for object in items.iter().filter_map(Json::as_object) {
            let row = group.layer.features.len();
            let mut values = Vec::new();
            flatten(object, "", true, &mut values);
            for (name, value) in values {
                let attributes = &mut group.layer.attributes;
                if attributes.column(&name).is_some() || attributes.columns().len() < MAX_COLUMNS {
                    attributes.set(row, &name, value);
                }
            }
            group.layer.attributes.grow(row + 1);
            group
                .layer
                .features
                .push(Feature { id: group.ids.take((row + 1).to_string(), true), geometry: None });
        }
        if group.layer.features.is_empty() {
            self.layers.clear();
        }
    }
}

/// The place of a record and whether it is in degrees.
fn place_of(object: &Map<String, Json>) -> Option<(Result<geo::Geometry<f64>, String>, bool)> {
    for name in ["geometry", "location", "geo_shape", "geom"] {
        if let Some(geometry) = object.get(name).filter(|value| value.get("coordinates").is_some()) {
            return Some((geometry_from_json(geometry), true));
        }
    }
    let number = |names: &[&str], at: usize| {
        let name = names.get(at)?;
        let (_, value) = object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        // Some interfaces write numbers as text.
        value.as_f64().or_else(|| value.as_str().and_then(|text| text.trim().parse().ok()))
    };
    (0..LON.len()).find_map(|at| {
        let (x, y) = (number(&LON, at)?, number(&LAT, at)?);
        let is_degrees = LON.get(at).is_some_and(|name| *name != "x");
        let is_sane = x.is_finite() && y.is_finite();
        let place =
            if is_sane { Ok(geo::Point::new(x, y).into()) } else { Err(format!("{x}, {y} for coordinates")) };
        Some((place, is_degrees))
    })
}

/// The plain values of an object as columns "a.b"; lists and, unless `is_deep`, objects are left out.
fn flatten(object: &Map<String, Json>, path: &str, is_deep: bool, values: &mut Vec<(String, Value)>) {
    for (key, value) in object {
        let name = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        match value {
            Json::Object(inner) if is_deep && !inner.contains_key("coordinates") => {
                flatten(inner, &name, true, values);
            }
            Json::Array(items) if is_deep => {
                let texts: Vec<String> = items
                    .iter()
                    .filter(|item| !item.is_object() && !item.is_array())
                    .map(|item| plain("", item).to_text())
                    .collect();
                if !texts.is_empty() {
                    values.push((name, Value::Text(texts.join("; "))));
                }
            }
            Json::Object(_) | Json::Array(_) => {}
            other => values.push((name, plain(key, other))),
        }
    }
}

fn plain(name: &str, json: &Json) -> Value {
    match json {
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) if is_id_name(name) => Value::Text(number.to_string()),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(integer), _) => Value::Integer(integer),
            (None, Some(real)) => Value::Real(real),
            (None, None) => Value::Null,
        },
        Json::String(text) if text.is_empty() => Value::Null,
        Json::String(text) => Value::Text(text.clone()),
        _ => Value::Null,
    }
}
