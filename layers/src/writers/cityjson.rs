//! CityJSON 2.0 and CityJSON Text Sequences (CityJSONSeq).
//!
//! Source: CityJSON Specifications 2.0.1. Vertices are integers of a millimetre with a transform; equal vertices are
//! written once.

use std::{collections::HashMap, fmt::Write as _, io::Write, path::Path};

use serde_json::{Map, Number, Value as Json};

use super::{WriteError, stream};
use crate::{
    crs::Epsg,
    model::{CityModel, CityObject, Geometry, GeometryKind, SurfaceType, Value},
};

/// What a file says of itself.
#[derive(Clone, Debug, Default)]
pub struct Metadata {
    pub title: String,
    /// ISO 8601 date; left out when empty.
    pub reference_date: String,
}

const SCALE: f64 = 0.001;

/// Writes one CityJSON document. Cost: linear; the text of one object at a time is held in memory.
pub fn write(path: &Path, model: &CityModel, crs: Epsg, metadata: &Metadata) -> Result<(), WriteError> {
    stream(path, |out| {
        let mut put =
            |text: &str| out.write_all(text.as_bytes()).map_err(|error| WriteError::io(path, error));
        let translate = translation(model);
        put(&format!("{},\"CityObjects\":{{", head(crs, metadata, model, translate)))?;
        let mut vertices = Vertices::new(translate);
        for (row, object) in model.objects.iter().enumerate() {
            if row > 0 {
                put(",\n")?;
            }
            put(&object_text(path, model, row, object, &mut vertices)?)?;
        }
        put(&format!("}},\n\"vertices\":{}}}\n", vertices.text()))
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
            let mut objects = String::new();
            for &row in rows {
                if !objects.is_empty() {
                    objects.push(',');
                }
                objects += &object_text(path, model, row, &model.objects[row], &mut vertices)?;
            }
            put(&format!(
                "{{\"type\":\"CityJSONFeature\",\"id\":{},\"CityObjects\":{{{objects}}},\"vertices\":{}}}\n",
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
    format!(
        "{{\"type\":\"CityJSON\",\"version\":\"2.0\",\"transform\":{{\"scale\":[{SCALE},{SCALE},{SCALE}],\"translate\":{}}},\"metadata\":{}",
        Json::from(translate.to_vec()),
        Json::Object(about)
    )
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

fn object_text(
    path: &Path,
    model: &CityModel,
    row: usize,
    object: &CityObject,
    vertices: &mut Vertices,
) -> Result<String, WriteError> {
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
    text += ",\"geometry\":[";
    for (position, geometry) in object.geometries.iter().enumerate() {
        if position > 0 {
            text.push(',');
        }
        geometry_text(path, model, geometry, vertices, &mut text)?;
    }
    text += "]}";
    Ok(text)
}

fn geometry_text(
    path: &Path,
    model: &CityModel,
    geometry: &Geometry,
    vertices: &mut Vertices,
    text: &mut String,
) -> Result<(), WriteError> {
    let kind = match geometry.kind {
        GeometryKind::MultiSurface => "MultiSurface",
        GeometryKind::CompositeSurface => "CompositeSurface",
        GeometryKind::Solid => "Solid",
        GeometryKind::MultiPoint
        | GeometryKind::MultiLineString
        | GeometryKind::MultiSolid
        | GeometryKind::CompositeSolid
        | GeometryKind::GeometryInstance => {
            return Err(WriteError::Unsupported {
                path: path.to_owned(),
                format: "CityJSON",
                what: format!("a {:?}", geometry.kind),
                advice: "surfaces and solids are written; leave the layer out or convert it".to_owned(),
            });
        }
    };
    let _ = write!(text, "{{\"type\":\"{kind}\"");
    if let Some(lod) = geometry.lod {
        let _ = write!(text, ",\"lod\":\"{lod}\"");
    }
    text.push_str(",\"boundaries\":[");
    let is_solid = geometry.kind == GeometryKind::Solid;
    // Surfaces by shell; without shells all belong to one.
    let mut shells = Vec::new();
    let mut from = 0;
    for &end in &geometry.shell_ends {
        shells.push(from..end as usize);
        from = end as usize;
    }
    if shells.is_empty() {
        shells.push(0..geometry.surface_count());
    }
    for (number, shell) in shells.iter().enumerate() {
        if number > 0 {
            text.push(',');
        }
        if is_solid {
            text.push('[');
        }
        for (position, surface) in shell.clone().enumerate() {
            text.push_str(if position > 0 { ",[" } else { "[" });
            for (ring_number, ring) in geometry.rings(surface).enumerate() {
                text.push_str(if ring_number > 0 { ",[" } else { "[" });
                for (place, &index) in ring.iter().enumerate() {
                    let vertex = model.vertices.get(index as usize).copied().unwrap_or_default();
                    let comma = if place > 0 { "," } else { "" };
                    let _ = write!(text, "{comma}{}", vertices.index(vertex));
                }
                text.push(']');
            }
            text.push(']');
        }
        if is_solid {
            text.push(']');
        }
    }
    text.push(']');
    semantics_text(geometry, &shells, is_solid, text);
    text.push('}');
    Ok(())
}

fn semantics_text(geometry: &Geometry, shells: &[std::ops::Range<usize>], is_solid: bool, text: &mut String) {
    let mut present: Vec<SurfaceType> = Vec::new();
    for &surface_type in &geometry.surface_types {
        if surface_type != SurfaceType::Unknown && !present.contains(&surface_type) {
            present.push(surface_type);
        }
    }
    if present.is_empty() {
        return;
    }
    text.push_str(",\"semantics\":{\"surfaces\":[");
    for (position, &surface_type) in present.iter().enumerate() {
        let comma = if position > 0 { "," } else { "" };
        let _ = write!(text, "{comma}{{\"type\":\"{}\"}}", surface_name(surface_type));
    }
    text.push_str("],\"values\":[");
    for (number, shell) in shells.iter().enumerate() {
        if number > 0 {
            text.push(',');
        }
        if is_solid {
            text.push('[');
        }
        for (position, surface) in shell.clone().enumerate() {
            let comma = if position > 0 { "," } else { "" };
            let value = geometry.surface_types.get(surface).and_then(|t| present.iter().position(|p| p == t));
            let _ = match value {
                Some(value) => write!(text, "{comma}{value}"),
                None => write!(text, "{comma}null"),
            };
        }
        if is_solid {
            text.push(']');
        }
    }
    text.push_str("]}");
}

fn surface_name(surface_type: SurfaceType) -> &'static str {
    match surface_type {
        SurfaceType::Roof => "RoofSurface",
        SurfaceType::Wall => "WallSurface",
        SurfaceType::Ground => "GroundSurface",
        SurfaceType::OuterFloor => "OuterFloorSurface",
        SurfaceType::OuterCeiling => "OuterCeilingSurface",
        SurfaceType::Door => "Door",
        SurfaceType::Window => "Window",
        SurfaceType::WaterSurface => "WaterSurface",
        SurfaceType::TrafficArea => "TrafficArea",
        SurfaceType::AuxiliaryTrafficArea => "AuxiliaryTrafficArea",
        // Unknown surfaces are written without semantics before this is asked.
        SurfaceType::Closure | SurfaceType::Unknown => "ClosureSurface",
    }
}
