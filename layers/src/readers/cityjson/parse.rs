//! CityJSON text → plain parsed parts, streaming, without a tree of JSON values.

use std::{collections::HashMap, fmt};

use serde::{
    Deserialize,
    de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use super::{
    boundaries::{Boundaries, BoundariesSeed, SemanticValues},
    parse_looks::{
        AppearanceSeed, MaterialThemesSeed, ParsedAppearance, ParsedLooks, SemanticsSeed, TextureThemesSeed,
    },
    parse_values::{AttributeValue, LooseText, VerticesSeed},
};
use crate::{
    model::{Value, VertexTransform},
    readers::Progress,
};

/// One CityJSON document or one CityJSONFeature line.
#[derive(Debug, Default)]
pub(super) struct Document {
    /// `type`: "CityJSON", "CityJSONFeature" or whatever stands there.
    pub kind: Option<String>,
    pub id: Option<String>,
    pub version: Option<String>,
    pub transform: Option<VertexTransform>,
    pub metadata: serde_json::Map<String, serde_json::Value>,
    pub objects: Vec<ParsedObject>,
    pub vertices: Vec<[f64; 3]>,
    pub templates: Vec<ParsedGeometry>,
    pub template_vertices: Vec<[f64; 3]>,
    pub appearance: Option<ParsedAppearance>,
    /// Members that extensions add, and their declaration.
    pub extras: Vec<(String, serde_json::Value)>,
}

#[derive(Debug, Default)]
pub(super) struct ParsedObject {
    pub id: String,
    pub object_type: String,
    pub parents: Vec<String>,
    pub children: Vec<String>,
    /// Position in the [`KeyTable`] and value.
    pub attributes: Vec<(u32, Value)>,
    pub geometries: Vec<ParsedGeometry>,
    /// Whether it states its own box, which follows from its geometry.
    pub has_extent: bool,
}

#[derive(Clone, Debug, Default)]
pub(super) struct ParsedGeometry {
    pub kind: String,
    pub lod: Option<String>,
    pub boundaries: Boundaries,
    /// `type` of each semantic surface.
    pub surfaces: Vec<String>,
    /// The list of them as JSON text, where they say more than a type that the program knows.
    pub semantics_text: Box<str>,
    pub semantics: Option<SemanticValues>,
    /// Of a GeometryInstance.
    pub template: Option<usize>,
    pub matrix: Vec<f64>,
    /// By theme.
    pub materials: Vec<(String, ParsedLooks)>,
    pub textures: Vec<(String, Boundaries)>,
}

/// Parses one document whose attribute names go into `keys`. `progress` is asked for cancellation every 256 objects.
pub(super) fn parse(
    text: &[u8],
    keys: &mut KeyTable,
    progress: &Progress,
) -> Result<Document, serde_json::Error> {
    let mut document = Document::default();
    parse_into(text, &mut document, keys, progress)?;
    Ok(document)
}

/// As [`parse`], adding to what `document` has already.
pub(super) fn parse_into(
    text: &[u8],
    document: &mut Document,
    keys: &mut KeyTable,
    progress: &Progress,
) -> Result<(), serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    DocumentSeed { out: document, keys, progress }.deserialize(&mut deserializer)?;
    deserializer.end()
}

/// Parses the content of a `CityObjects`.
pub(super) fn parse_objects(
    text: &[u8],
    keys: &mut KeyTable,
    progress: &Progress,
) -> Result<Vec<ParsedObject>, serde_json::Error> {
    let mut objects = Vec::new();
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    ObjectsSeed { out: &mut objects, keys, progress }.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(objects)
}

/// Parses the content of a `vertices`.
pub(super) fn parse_vertices(text: &[u8]) -> Result<Vec<[f64; 3]>, serde_json::Error> {
    let mut vertices = Vec::new();
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    VerticesSeed(&mut vertices).deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(vertices)
}

/// Attribute names in order of first use; objects hold positions in it, so that a name is stored once.
#[derive(Debug, Default)]
pub(super) struct KeyTable {
    pub names: Vec<String>,
    positions: HashMap<String, u32>,
}

impl KeyTable {
    fn position(&mut self, name: &str) -> u32 {
        if let Some(&position) = self.positions.get(name) {
            return position;
        }
        let position = self.names.len() as u32;
        self.names.push(name.to_owned());
        self.positions.insert(name.to_owned(), position);
        position
    }
}

struct DocumentSeed<'a> {
    out: &'a mut Document,
    keys: &'a mut KeyTable,
    progress: &'a Progress,
}

member_names!(DocumentField {
    Type = "type",
    Id = "id",
    Version = "version",
    Transform = "transform",
    Metadata = "metadata",
    CityObjects = "CityObjects",
    Vertices = "vertices",
    Templates = "geometry-templates",
    Appearance = "appearance",
});

object_visitor!(DocumentSeed<'a>, "a CityJSON object", |self, map| {
    while let Some(field) = map.next_key()? {
        match field {
            DocumentField::Type => self.out.kind = map.next_value()?,
            DocumentField::Id => self.out.id = map.next_value()?,
            DocumentField::Version => self.out.version = Some(map.next_value::<LooseText>()?.0),
            DocumentField::Transform => self.out.transform = map.next_value()?,
            DocumentField::Metadata => {
                if let serde_json::Value::Object(metadata) = map.next_value()? {
                    self.out.metadata = metadata;
                }
            }
            DocumentField::CityObjects => map.next_value_seed(ObjectsSeed {
                out: &mut self.out.objects,
                keys: self.keys,
                progress: self.progress,
            })?,
            DocumentField::Vertices => map.next_value_seed(VerticesSeed(&mut self.out.vertices))?,
            DocumentField::Templates => map.next_value_seed(TemplatesSeed(self.out))?,
            DocumentField::Appearance => {
                map.next_value_seed(AppearanceSeed(self.out.appearance.get_or_insert_default()))?;
            }
            DocumentField::Other(name) if name.starts_with('+') || &*name == "extensions" => {
                self.out.extras.push((name.into(), map.next_value()?));
            }
            DocumentField::Other(_) => {
                map.next_value::<IgnoredAny>()?;
            }
        }
    }
    Ok(())
});

struct TemplatesSeed<'a>(&'a mut Document);

object_visitor!(TemplatesSeed<'a>, "geometry templates", |self, map| {
    while let Some(key) = map.next_key::<String>()? {
        match key.as_str() {
            "templates" => map.next_value_seed(GeometriesSeed(&mut self.0.templates))?,
            "vertices-templates" => map.next_value_seed(VerticesSeed(&mut self.0.template_vertices))?,
            _ => {
                map.next_value::<IgnoredAny>()?;
            }
        }
    }
    Ok(())
});

struct ObjectsSeed<'a> {
    out: &'a mut Vec<ParsedObject>,
    keys: &'a mut KeyTable,
    progress: &'a Progress,
}

object_visitor!(ObjectsSeed<'a>, "an object with CityObjects", |self, map| {
    while let Some(id) = map.next_key::<String>()? {
        if self.out.len().is_multiple_of(256) && self.progress.is_cancelled() {
            return Err(A::Error::custom("cancelled"));
        }
        let mut object = ParsedObject { id, ..ParsedObject::default() };
        map.next_value_seed(ObjectSeed { out: &mut object, keys: self.keys })?;
        self.out.push(object);
    }
    Ok(())
});

struct ObjectSeed<'a> {
    out: &'a mut ParsedObject,
    keys: &'a mut KeyTable,
}

member_names!(ObjectField {
    Type = "type",
    Attributes = "attributes",
    Geometry = "geometry",
    Parents = "parents",
    Children = "children",
    // CityJSON 1.0 groups.
    Members = "members",
    // What follows from the geometry, or means nothing without the group's own software.
    Extent = "geographicalExtent",
    ChildrenRoles = "children_roles",
});

object_visitor!(ObjectSeed<'a>, "a CityObject", |self, map| {
    while let Some(field) = map.next_key()? {
        match field {
            ObjectField::Type => {
                self.out.object_type = map.next_value::<Option<String>>()?.unwrap_or_default();
            }
            ObjectField::Attributes => {
                map.next_value_seed(AttributesSeed { out: &mut self.out.attributes, keys: &mut *self.keys })?;
            }
            ObjectField::Geometry => map.next_value_seed(GeometriesSeed(&mut self.out.geometries))?,
            ObjectField::Parents => {
                self.out.parents = map.next_value::<Option<Vec<String>>>()?.unwrap_or_default();
            }
            ObjectField::Children | ObjectField::Members => {
                self.out.children = map.next_value::<Option<Vec<String>>>()?.unwrap_or_default();
            }
            ObjectField::Extent => {
                self.out.has_extent = map.next_value::<Option<IgnoredAny>>()?.is_some();
            }
            ObjectField::ChildrenRoles => {
                map.next_value::<IgnoredAny>()?;
            }
            // "address", and whatever extensions add: kept beside the attributes.
            ObjectField::Other(name) => {
                let value = map.next_value::<AttributeValue>()?.0;
                self.out.attributes.push((self.keys.position(&name), value));
            }
        }
    }
    Ok(())
});

struct AttributesSeed<'a> {
    out: &'a mut Vec<(u32, Value)>,
    keys: &'a mut KeyTable,
}

/// Interns an attribute name without allocating when it is known.
struct KeySeed<'a>(&'a mut KeyTable);

impl<'de> DeserializeSeed<'de> for KeySeed<'_> {
    type Value = u32;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<u32, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for KeySeed<'_> {
    type Value = u32;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an attribute name")
    }
    fn visit_str<E>(self, name: &str) -> Result<u32, E> {
        Ok(self.0.position(name))
    }
}

object_visitor!(AttributesSeed<'a>, "attributes", |self, map| {
    while let Some(key) = map.next_key_seed(KeySeed(self.keys))? {
        let value = map.next_value::<AttributeValue>()?.0;
        // Nulls are kept so that the column exists.
        self.out.push((key, value));
    }
    Ok(())
});

struct GeometriesSeed<'a>(&'a mut Vec<ParsedGeometry>);

list_visitor!(GeometriesSeed<'a>, "a list of geometries", |self, list| {
    loop {
        let mut geometry = ParsedGeometry::default();
        if list.next_element_seed(GeometrySeed(&mut geometry))?.is_none() {
            self.0.shrink_to_fit();
            return Ok(());
        }
        // Lists grow by doubling; a city of millions would keep half of it empty.
        geometry.boundaries.shrink();
        self.0.push(geometry);
    }
});

struct GeometrySeed<'a>(&'a mut ParsedGeometry);

member_names!(GeometryField {
    Type = "type",
    Lod = "lod",
    Boundaries = "boundaries",
    Semantics = "semantics",
    Template = "template",
    Matrix = "transformationMatrix",
    Material = "material",
    Texture = "texture",
});

object_visitor!(GeometrySeed<'a>, "a geometry", |self, map| {
    let out = self.0;
    while let Some(field) = map.next_key()? {
        match field {
            GeometryField::Type => out.kind = map.next_value::<Option<String>>()?.unwrap_or_default(),
            GeometryField::Lod => out.lod = Some(map.next_value::<LooseText>()?.0),
            GeometryField::Boundaries => {
                out.boundaries = Boundaries::default();
                map.next_value_seed(BoundariesSeed(&mut out.boundaries))?;
            }
            GeometryField::Semantics => map.next_value_seed(SemanticsSeed(out))?,
            GeometryField::Template => out.template = map.next_value()?,
            GeometryField::Matrix => {
                out.matrix = map.next_value::<Option<Vec<f64>>>()?.unwrap_or_default();
            }
            GeometryField::Material => map.next_value_seed(MaterialThemesSeed(&mut out.materials))?,
            GeometryField::Texture => map.next_value_seed(TextureThemesSeed(&mut out.textures))?,
            GeometryField::Other(_) => {
                map.next_value::<IgnoredAny>()?;
            }
        }
    }
    Ok(())
});
