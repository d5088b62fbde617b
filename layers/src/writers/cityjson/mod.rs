//! CityJSON 2.0 and CityJSON Text Sequences (CityJSONSeq).
//!
//! Source: CityJSON Specifications 2.0.1. Vertices are integers of a millimetre with a transform; equal vertices are
//! written once. What the model keeps of looks, semantic surfaces and extensions is written; what it does not hold
//! (units of attributes) is told by `cutout::export::losses`.

mod appearance;
mod geometry;

use std::{collections::HashMap, fmt::Write as _, io::Write, path::Path};

use serde_json::{Map, Number, Value as Json};

use self::{appearance::LooksUsed, geometry::geometry_text};
use super::{WriteError, stream};
use crate::{
    crs::Epsg,
    model::{Bounds3, CityModel, CityObject, Value},
};

/// What a file says of itself.
#[derive(Clone, Debug, Default)]
pub struct Metadata {
    pub title: String,
    /// ISO 8601 date; left out when empty.
    pub reference_date: String,
}

const SCALE: f64 = 0.001;
/// Name among `CityModel::extras` of a mark: the objects of the source state their own boxes, so those written do too.
pub const EXTENTS: &str = "geographicalExtent";

/// Writes one CityJSON document. Cost: linear; the text of one object at a time is held in memory.
pub fn write(path: &Path, model: &CityModel, crs: Epsg, metadata: &Metadata) -> Result<(), WriteError> {
    stream(path, |out| {
        let mut put =
            |text: &str| out.write_all(text.as_bytes()).map_err(|error| WriteError::io(path, error));
        let translate = translation(model);
        put(&format!("{},\"CityObjects\":{{", head(crs, metadata, model, translate)))?;
        let mut vertices = Vertices::new(translate);
        let mut looks = LooksUsed::of_all(model);
        for (row, object) in model.objects.iter().enumerate() {
            if row > 0 {
                put(",\n")?;
            }
            put(&object_text(model, row, object, &mut vertices, &mut looks))?;
        }
        put("}")?;
        if let Some(text) = looks.text(model) {
            put(&format!(",\n\"appearance\":{text}"))?;
        }
        put(&format!(",\n\"vertices\":{}}}\n", vertices.text()))
    })
}

/// Writes a text sequence: a header line, then one first-level object with its children a line.
pub fn write_sequence(
    path: &Path,
    model: &CityModel,
    crs: Epsg,
    metadata: &Metadata,
) -> Result<(), WriteError> {
    stream(path, |out| {
        let mut put =
            |text: &str| out.write_all(text.as_bytes()).map_err(|error| WriteError::io(path, error));
        let translate = translation(model);
        put(&format!("{},\"CityObjects\":{{}},\"vertices\":[]}}\n", head(crs, metadata, model, translate)))?;
        let mut members: Vec<Vec<usize>> = vec![Vec::new(); model.objects.len()];
        for row in 0..model.objects.len() {
            members[model.root_of(row)].push(row);
        }
        for (root, rows) in members.iter().enumerate().filter(|(_, rows)| !rows.is_empty()) {
            let mut vertices = Vertices::new(translate);
            let mut looks = LooksUsed::of_one_feature();
            let mut objects = String::new();
            for &row in rows {
                if !objects.is_empty() {
                    objects.push(',');
                }
                objects += &object_text(model, row, &model.objects[row], &mut vertices, &mut looks);
            }
            let appearance =
                looks.text(model).map(|text| format!(",\"appearance\":{text}")).unwrap_or_default();
            put(&format!(
                "{{\"type\":\"CityJSONFeature\",\"id\":{},\"CityObjects\":{{{objects}}}{appearance},\"vertices\":{}}}\n",
                quoted(&model.objects[root].id),
                vertices.text()
            ))?;
        }
        Ok(())
    })
}

fn quoted(text: &str) -> String {
    Json::String(text.to_owned()).to_string()
}

fn translation(model: &CityModel) -> [f64; 3] {
    let bounds = model.bounds();
    if bounds.is_empty() { [0.0; 3] } else { bounds.min.map(f64::floor) }
}

/// The document up to and without its CityObjects; the closing brace is missing.
fn head(crs: Epsg, metadata: &Metadata, model: &CityModel, translate: [f64; 3]) -> String {
    let mut about = Map::new();
    if let Some(extent) = model.bounds().to_array() {
        about.insert("geographicalExtent".into(), Json::from(extent.to_vec()));
    }
    // Heights are part of the coordinates, so the name says what they are.
    let crs = crs.with_heights();
    if crs != Epsg::LOCAL {
        let name = format!("https://www.opengis.net/def/crs/EPSG/0/{}", crs.0);
        about.insert("referenceSystem".into(), Json::from(name));
    }
    if !metadata.title.is_empty() {
        about.insert("title".into(), Json::from(metadata.title.as_str()));
    }
    // The standard wants a date; sources also state versions and periods here.
    if metadata.reference_date.parse::<jiff::civil::Date>().is_ok() {
        about.insert("referenceDate".into(), Json::from(metadata.reference_date.as_str()));
    }
    // Other members of the source, such as who to ask.
    let kept = model.extras.iter().filter(|(name, _)| name == "metadata");
    for members in kept.filter_map(|(_, text)| serde_json::from_str::<Map<String, Json>>(text).ok()) {
        for (name, value) in members {
            about.entry(name).or_insert(value);
        }
    }
    let mut text = format!(
        "{{\"type\":\"CityJSON\",\"version\":\"2.0\",\"transform\":{{\"scale\":[{SCALE},{SCALE},{SCALE}],\"translate\":{}}},\"metadata\":{}",
        Json::from(translate.to_vec()),
        Json::Object(about)
    );
    // The texts were taken from sound JSON; a name that the head has already would make the file ambiguous.
    let is_new = |name: &str| name.starts_with('+') || name == "extensions";
    for (name, value) in model.extras.iter().filter(|(name, _)| is_new(name)) {
        let _ = write!(text, ",{}:{value}", quoted(name));
    }
    text
}

/// Integer vertices in the order of their first use.
struct Vertices {
    translate: [f64; 3],
    known: HashMap<[i64; 3], u32>,
    all: Vec<[i64; 3]>,
}

impl Vertices {
    fn new(translate: [f64; 3]) -> Self {
        Self { translate, known: HashMap::new(), all: Vec::new() }
    }

    fn index(&mut self, vertex: [f64; 3]) -> u32 {
        let key: [i64; 3] =
            std::array::from_fn(|axis| ((vertex[axis] - self.translate[axis]) / SCALE).round() as i64);
        *self.known.entry(key).or_insert_with(|| {
            self.all.push(key);
            (self.all.len() - 1) as u32
        })
    }

    fn text(&self) -> String {
        let mut text = String::with_capacity(self.all.len() * 24 + 2);
        text.push('[');
        for (position, [x, y, z]) in self.all.iter().enumerate() {
            let comma = if position == 0 { "" } else { "," };
            // Writing to a String cannot fail.
            let _ = write!(text, "{comma}[{x},{y},{z}]");
        }
        text.push(']');
        text
    }
}

fn json_of(value: Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::Bool(value),
        Value::Integer(value) => Json::from(value),
        Value::Real(value) => Number::from_f64(value).map_or(Json::Null, Json::Number),
        Value::Text(text) => Json::String(text),
    }
}

/// The box of an object's own geometry.
fn own_bounds(model: &CityModel, object: &CityObject) -> Bounds3 {
    let indices = object.geometries.iter().flat_map(|geometry| &geometry.indices);
    Bounds3::from_points(indices.filter_map(|&index| model.vertices.get(index as usize)))
}

fn object_text(
    model: &CityModel,
    row: usize,
    object: &CityObject,
    vertices: &mut Vertices,
    looks: &mut LooksUsed,
) -> String {
    let mut text =
        format!("{}:{{\"type\":{}", quoted(&object.id), quoted(object.object_type.cityjson_name()));
    let attributes: Map<String, Json> =
        model.attributes.row(row).map(|(name, _, value)| (name.to_owned(), json_of(value))).collect();
    if !attributes.is_empty() {
        let _ = write!(text, ",\"attributes\":{}", Json::Object(attributes));
    }
    for (key, links) in [("parents", &object.parents), ("children", &object.children)] {
        let ids: Vec<&str> = links
            .iter()
            .filter_map(|&link| model.objects.get(link as usize))
            .map(|o| o.id.as_str())
            .collect();
        if !ids.is_empty() {
            let _ = write!(text, ",\"{key}\":{}", Json::from(ids));
        }
    }
    if model.extras.iter().any(|(name, _)| name == EXTENTS)
        && let Some(extent) = own_bounds(model, object).to_array()
    {
        let _ = write!(text, ",\"geographicalExtent\":{}", Json::from(extent.to_vec()));
    }
    text += ",\"geometry\":[";
    for (position, geometry) in object.geometries.iter().enumerate() {
        if position > 0 {
            text.push(',');
        }
        geometry_text(model, geometry, vertices, looks, &mut text);
    }
    text += "]}";
    text
}
