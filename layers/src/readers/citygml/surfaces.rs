//! Bounding surfaces and openings: their geometry belongs to their object, and what they say (generic attributes, names,
//! a type that the model does not tell apart) is kept as CityJSON keeps it for semantic surfaces.

use std::collections::HashMap;

use serde_json::{Map, Value as Json};

use super::{
    Parser,
    schema::{self, LodProperty},
    xml::Ns,
};
use crate::{
    model::{GeometryDetails, SurfaceType, Value},
    readers::ReadError,
};

/// For geometry that belongs to no bounding surface.
pub(super) const NO_SURFACE: u32 = u32::MAX;

/// What the bounding surfaces of a file say, by their number. Most only have a type, and are not in here.
#[derive(Debug, Default)]
pub(super) struct Surfaces {
    /// How many there were.
    count: u32,
    said: HashMap<u32, String>,
}

impl Surfaces {
    /// The details of a geometry whose surfaces have these numbers and types; `None` where the types say all.
    pub fn details(&self, surfaces: &[(u32, SurfaceType)]) -> Option<Box<GeometryDetails>> {
        if self.said.is_empty() || !surfaces.iter().any(|(number, _)| self.said.contains_key(number)) {
            return None;
        }
        let mut texts: Vec<String> = Vec::new();
        // By number, and by type for those that say nothing besides.
        let mut known: HashMap<(Option<u32>, SurfaceType), u32> = HashMap::new();
        let values = surfaces.iter().map(|&(number, surface)| {
            let said = self.said.get(&number);
            let text = match (said, surface.name()) {
                (Some(text), _) => text.clone(),
                (None, Some(name)) => format!("{{\"type\":\"{name}\"}}"),
                (None, None) => return GeometryDetails::NO_SEMANTICS,
            };
            *known.entry((said.map(|_| number), surface)).or_insert_with(|| {
                texts.push(text);
                texts.len() as u32 - 1
            })
        });
        let semantic_values = values.collect();
        let semantics = format!("[{}]", texts.join(",")).into();
        Some(Box::new(GeometryDetails { semantics, semantic_values, ..GeometryDetails::default() }))
    }
}

impl Parser<'_> {
    /// An open `RoofSurface`, `Door` and so on; its geometry belongs to the object in `row`.
    pub(super) fn bounding_surface(&mut self, row: u32, surface: SurfaceType) -> Result<(), ReadError> {
        let number = self.surfaces.count;
        self.surfaces.count = number.saturating_add(1).min(NO_SURFACE - 1);
        let kind = std::mem::take(&mut self.xml.element.name);
        let id = std::mem::take(&mut self.xml.element.id);
        let mut members = Map::new();
        while self.xml.enter()? {
            match self.xml.element.ns {
                Ns::City => {}
                Ns::Gml if matches!(self.xml.element.name.as_str(), "name" | "description") => {
                    let name = std::mem::take(&mut self.xml.element.name);
                    let text = self.xml.text()?;
                    add(&mut members, name, Value::Text(text));
                    continue;
                }
                _ => {
                    self.xml.skip()?;
                    continue;
                }
            }
            if let Some(LodProperty::Geometry(lod, _)) = schema::lod_property(&self.xml.element.name) {
                self.lod_geometry(row, Some(lod), surface, number)?;
            } else if let Some(kind) = schema::generic_kind(&self.xml.element.name) {
                self.generic_member(kind, &mut members)?;
            } else {
                match self.xml.element.name.as_str() {
                    "opening" | "fillingSurface" | "boundedBy" | "boundary" => {
                        self.surfaces_within(row)?;
                    }
                    "genericAttribute" => {
                        while self.xml.enter()? {
                            match schema::generic_kind(&self.xml.element.name) {
                                Some(kind) => self.generic_member(kind, &mut members)?,
                                None => self.xml.skip()?,
                            }
                        }
                    }
                    "appearance" | "appearanceMember" => self.appearance()?,
                    _ => self.plain_member(&mut members)?,
                }
            }
        }
        // An id alone would be kept for every wall of every house; beside other things it makes them findable.
        if !members.is_empty() || SurfaceType::from_name(&kind).name() != Some(kind.as_str()) {
            if !id.is_empty() {
                members.insert("id".to_owned(), id.into());
            }
            members.insert("type".to_owned(), kind.into());
            self.surfaces.said.insert(number, Json::Object(members).to_string());
        }
        Ok(())
    }

    fn surfaces_within(&mut self, row: u32) -> Result<(), ReadError> {
        while self.xml.enter()? {
            match schema::surface_type(&self.xml.element.name) {
                Some(surface) if self.xml.element.ns == Ns::City => self.bounding_surface(row, surface)?,
                _ => self.xml.skip()?,
            }
        }
        Ok(())
    }

    fn generic_member(&mut self, kind: &str, members: &mut Map<String, Json>) -> Result<(), ReadError> {
        match self.read_generic(kind)? {
            Some((name, _, value)) => add(members, name, value),
            None => self.warn("attribute", "a generic attribute without a name or a value is left out"),
        }
        Ok(())
    }

    /// A property that is plain text; any other is left out.
    fn plain_member(&mut self, members: &mut Map<String, Json>) -> Result<(), ReadError> {
        let name = std::mem::take(&mut self.xml.element.name);
        let has_unit = !self.xml.element.uom.is_empty();
        let mut text = String::new();
        let mut has_children = false;
        while self.xml.enter_with_text(&mut text)? {
            has_children = true;
            self.xml.skip()?;
        }
        let text = text.trim();
        if !has_children && !text.is_empty() {
            let value = schema::thematic_value(&name, text, has_unit);
            add(members, name, value);
        }
        Ok(())
    }
}

/// Members that one surface may have: more are no attributes.
const MAX_MEMBERS: usize = 256;

fn add(members: &mut Map<String, Json>, name: String, value: Value) {
    if members.len() >= MAX_MEMBERS {
        return;
    }
    let value = match value {
        Value::Null => Json::Null,
        Value::Bool(value) => value.into(),
        Value::Integer(value) => value.into(),
        Value::Real(value) => serde_json::Number::from_f64(value).map_or(Json::Null, Json::Number),
        Value::Text(text) => text.into(),
    };
    members.insert(name, value);
}
