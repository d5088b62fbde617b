//! Appearance and semantics of CityJSON: what surfaces look like and what they are.

use std::{
    borrow::Cow,
    fmt::{self, Write as _},
};

use serde::{
    Deserialize,
    de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor},
};
use serde_json::{Map, Value as Json};

use super::{
    boundaries::{Boundaries, BoundariesSeed, SemanticValues, SemanticValuesSeed},
    parse::ParsedGeometry,
};
use crate::model::SurfaceType;

/// `appearance`.
#[derive(Debug, Default)]
pub(super) struct ParsedAppearance {
    pub materials: Vec<ParsedMaterial>,
    pub textures: Vec<ParsedTexture>,
    /// `vertices-texture`.
    pub places: Vec<[f64; 2]>,
    /// The other members.
    pub extras: Map<String, Json>,
}

#[derive(Debug, Default)]
pub(super) struct ParsedMaterial {
    pub name: Option<String>,
    pub diffuse: Option<[f32; 3]>,
    pub transparency: Option<f32>,
    pub extras: Box<str>,
}

#[derive(Debug, Default)]
pub(super) struct ParsedTexture {
    pub image: String,
    pub extras: Box<str>,
}

/// `material` of a geometry in one theme: one value for all surfaces, or values by surface.
#[derive(Clone, Debug, Default)]
pub(super) struct ParsedLooks {
    pub value: Option<u32>,
    pub values: SemanticValues,
}

pub(super) struct AppearanceSeed<'a>(pub &'a mut ParsedAppearance);

object_visitor!(AppearanceSeed<'a>, "an appearance", |self, map| {
    let out = self.0;
    while let Some(key) = map.next_key::<String>()? {
        match key.as_str() {
            "materials" => {
                let list: Option<Vec<Json>> = map.next_value()?;
                out.materials = list.unwrap_or_default().into_iter().map(ParsedMaterial::read).collect();
            }
            "textures" => {
                let list: Option<Vec<Json>> = map.next_value()?;
                out.textures = list.unwrap_or_default().into_iter().map(ParsedTexture::read).collect();
            }
            "vertices-texture" => {
                let list: Option<Vec<Place>> = map.next_value()?;
                out.places = list.unwrap_or_default().into_iter().map(|place| place.0).collect();
            }
            _ => {
                out.extras.insert(key, map.next_value()?);
            }
        }
    }
    Ok(())
});

/// Text of the members that are left; empty when there are none.
fn rest(members: Map<String, Json>) -> Box<str> {
    if members.is_empty() { Box::default() } else { Json::Object(members).to_string().into() }
}

impl ParsedMaterial {
    fn read(value: Json) -> Self {
        let Json::Object(mut members) = value else { return Self::default() };
        let number = |value: &Json| value.as_f64().map(|number| number as f32);
        let diffuse = members.get("diffuseColor").and_then(|colour| {
            let parts: Vec<f32> = colour.as_array()?.iter().map_while(number).collect();
            <[f32; 3]>::try_from(parts).ok()
        });
        if diffuse.is_some() {
            members.remove("diffuseColor");
        }
        let name = members.get("name").and_then(Json::as_str).map(str::to_owned);
        let transparency = members.remove("transparency").as_ref().and_then(number);
        members.remove("name");
        Self { name, diffuse, transparency, extras: rest(members) }
    }
}

impl ParsedTexture {
    fn read(value: Json) -> Self {
        let Json::Object(mut members) = value else { return Self::default() };
        let image = members.remove("image").and_then(|image| image.as_str().map(str::to_owned));
        Self { image: image.unwrap_or_default(), extras: rest(members) }
    }
}

/// `[u, v]`; anything else is no place, which a corner that refers to it shows as a fault.
struct Place([f64; 2]);

impl<'de> Deserialize<'de> for Place {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Json::deserialize(deserializer)?;
        let part = |position: usize| value.get(position).and_then(Json::as_f64).unwrap_or(f64::NAN);
        Ok(Self([part(0), part(1)]))
    }
}

pub(super) struct MaterialThemesSeed<'a>(pub &'a mut Vec<(String, ParsedLooks)>);

object_visitor!(MaterialThemesSeed<'a>, "materials by theme", |self, map| {
    while let Some(theme) = map.next_key::<String>()? {
        let mut looks = ParsedLooks::default();
        map.next_value_seed(MaterialSeed(&mut looks))?;
        self.0.push((theme, looks));
    }
    Ok(())
});

struct MaterialSeed<'a>(&'a mut ParsedLooks);

object_visitor!(MaterialSeed<'a>, "a material reference", |self, map| {
    while let Some(key) = map.next_key::<String>()? {
        match key.as_str() {
            "value" => {
                let mut one = SemanticValues::default();
                map.next_value_seed(SemanticValuesSeed { out: &mut one, depth: 0 })?;
                self.0.value = one.values.first().copied();
            }
            "values" => {
                map.next_value_seed(SemanticValuesSeed { out: &mut self.0.values, depth: 0 })?;
            }
            _ => {
                map.next_value::<IgnoredAny>()?;
            }
        }
    }
    Ok(())
});

pub(super) struct TextureThemesSeed<'a>(pub &'a mut Vec<(String, Boundaries)>);

object_visitor!(TextureThemesSeed<'a>, "textures by theme", |self, map| {
    while let Some(theme) = map.next_key::<String>()? {
        let mut values = Boundaries { has_nulls: true, ..Boundaries::default() };
        map.next_value_seed(TextureSeed(&mut values))?;
        self.0.push((theme, values));
    }
    Ok(())
});

struct TextureSeed<'a>(&'a mut Boundaries);

object_visitor!(TextureSeed<'a>, "a texture reference", |self, map| {
    while let Some(key) = map.next_key::<String>()? {
        if key == "values" {
            map.next_value_seed(BoundariesSeed(self.0))?;
        } else {
            map.next_value::<IgnoredAny>()?;
        }
    }
    Ok(())
});

pub(super) struct SemanticsSeed<'a>(pub &'a mut ParsedGeometry);

object_visitor!(SemanticsSeed<'a>, "semantics", |self, map| {
    let out = self.0;
    while let Some(key) = map.next_key::<Cow<'_, str>>()? {
        match key.as_ref() {
            "surfaces" => {
                let surfaces = map.next_value::<Option<Vec<Surface>>>()?.unwrap_or_default();
                // The usual case is a handful of known types and nothing else: the types then say all.
                let is_plain = surfaces.iter().all(Surface::is_plain);
                out.semantics_text = if is_plain { Box::default() } else { text_of(&surfaces) };
                out.surfaces = surfaces.into_iter().map(|surface| surface.surface_type).collect();
            }
            "values" => {
                let mut values = SemanticValues::default();
                map.next_value_seed(SemanticValuesSeed { out: &mut values, depth: 0 })?;
                out.semantics = Some(values);
            }
            _ => {
                map.next_value::<IgnoredAny>()?;
            }
        }
    }
    Ok(())
});

/// One semantic surface: its type, and the text of its other members with a comma before each.
#[derive(Default)]
struct Surface {
    surface_type: String,
    others: String,
}

impl Surface {
    fn is_plain(&self) -> bool {
        let name = self.surface_type.as_str();
        self.others.is_empty() && SurfaceType::from_name(name).name() == Some(name)
    }
}

/// The list as JSON text.
fn text_of(surfaces: &[Surface]) -> Box<str> {
    let all: Vec<String> = surfaces
        .iter()
        .map(|surface| {
            format!("{{\"type\":{}{}}}", Json::from(surface.surface_type.as_str()), surface.others)
        })
        .collect();
    format!("[{}]", all.join(",")).into()
}

impl<'de> Deserialize<'de> for Surface {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct SurfaceVisitor;
        impl<'de> Visitor<'de> for SurfaceVisitor {
            type Value = Surface;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a semantic surface")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Surface, A::Error> {
                let mut surface = Surface::default();
                while let Some(key) = map.next_key::<Cow<'_, str>>()? {
                    if key == "type" {
                        surface.surface_type = map.next_value()?;
                    } else {
                        let value: Json = map.next_value()?;
                        // Writing to a String cannot fail.
                        let _ = write!(surface.others, ",{}:{value}", Json::from(key.as_ref()));
                    }
                }
                Ok(surface)
            }
        }
        deserializer.deserialize_map(SurfaceVisitor)
    }
}
