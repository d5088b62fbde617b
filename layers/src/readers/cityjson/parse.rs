//! CityJSON text → plain parsed parts, streaming, without a tree of JSON values.

use std::{collections::HashMap, fmt};

use serde::{
    Deserialize,
    de::{
        DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
        value::{MapAccessDeserializer, SeqAccessDeserializer},
    },
};

use super::boundaries::{Boundaries, BoundariesSeed, SemanticValues, SemanticValuesSeed};
use crate::{model::Value, readers::Progress};

/// `transform`: real coordinate = integer × scale + translate.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
pub(super) struct VertexTransform {
    pub scale: [f64; 3],
    pub translate: [f64; 3],
}

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

/// `appearance`, as far as it is kept.
#[derive(Debug, Default)]
pub(super) struct ParsedAppearance {
    pub materials: Vec<ParsedMaterial>,
    /// `image` of each texture.
    pub textures: Vec<String>,
    /// Number of `vertices-texture`.
    pub texture_vertices: usize,
}

#[derive(Debug, Default)]
pub(super) struct ParsedMaterial {
    pub name: Option<String>,
    pub diffuse: Option<[f32; 3]>,
    pub transparency: Option<f32>,
}

/// `material` of a geometry in one theme: one value for all surfaces, or values by surface.
#[derive(Clone, Debug, Default)]
pub(super) struct ParsedLooks {
    pub value: Option<u32>,
    pub values: SemanticValues,
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
}

#[derive(Clone, Debug, Default)]
pub(super) struct ParsedGeometry {
    pub kind: String,
    pub lod: Option<String>,
    pub boundaries: Boundaries,
    /// `type` of each semantic surface.
    pub surfaces: Vec<String>,
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

/// A seed and visitor for a JSON object whose `null` counts as empty, as real files write it.
macro_rules! object_visitor {
    ($seed:ident<$life:lifetime>, $expecting:literal, |$self_:ident, $map:ident| $body:block) => {
        impl<'de> DeserializeSeed<'de> for $seed<'_> {
            type Value = ();
            fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
                deserializer.deserialize_any(self)
            }
        }
        impl<'de> Visitor<'de> for $seed<'_> {
            type Value = ();
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str($expecting)
            }
            fn visit_unit<E>(self) -> Result<(), E> {
                Ok(())
            }
            fn visit_map<A: MapAccess<'de>>($self_, mut $map: A) -> Result<(), A::Error> $body
        }
    };
}

/// A seed and visitor for a JSON list; `null` counts as empty.
macro_rules! list_visitor {
    ($seed:ident<$life:lifetime>, $expecting:literal, |$self_:ident, $list:ident| $body:block) => {
        impl<'de> DeserializeSeed<'de> for $seed<'_> {
            type Value = ();
            fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
                deserializer.deserialize_any(self)
            }
        }
        impl<'de> Visitor<'de> for $seed<'_> {
            type Value = ();
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str($expecting)
            }
            fn visit_unit<E>(self) -> Result<(), E> {
                Ok(())
            }
            fn visit_seq<A: SeqAccess<'de>>($self_, mut $list: A) -> Result<(), A::Error> $body
        }
    };
}

struct DocumentSeed<'a> {
    out: &'a mut Document,
    keys: &'a mut KeyTable,
    progress: &'a Progress,
}

/// Declares the names of an object's members; others keep their name.
macro_rules! member_names {
    ($name:ident { $($variant:ident = $text:literal),+ $(,)? }) => {
        #[allow(dead_code, reason = "not every list needs the names of others")]
        enum $name {
            $($variant,)+
            Other(Box<str>),
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct NameVisitor;
                impl Visitor<'_> for NameVisitor {
                    type Value = $name;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str("the name of a member")
                    }
                    fn visit_str<E>(self, name: &str) -> Result<$name, E> {
                        Ok(match name {
                            $($text => $name::$variant,)+
                            other => $name::Other(other.into()),
                        })
                    }
                }
                deserializer.deserialize_identifier(NameVisitor)
            }
        }
    };
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

struct AppearanceSeed<'a>(&'a mut ParsedAppearance);

object_visitor!(AppearanceSeed<'a>, "an appearance", |self, map| {
    let out = self.0;
    while let Some(key) = map.next_key::<String>()? {
        match key.as_str() {
            "materials" => {
                let list: Option<Vec<serde_json::Value>> = map.next_value()?;
                out.materials = list.unwrap_or_default().iter().map(ParsedMaterial::read).collect();
            }
            "textures" => {
                let list: Option<Vec<serde_json::Value>> = map.next_value()?;
                let image = |texture: &serde_json::Value| {
                    texture.get("image").and_then(|image| image.as_str()).unwrap_or_default().to_owned()
                };
                out.textures = list.unwrap_or_default().iter().map(image).collect();
            }
            "vertices-texture" => {
                out.texture_vertices = map.next_value::<Option<Count>>()?.map_or(0, |count| count.0);
            }
            _ => {
                map.next_value::<IgnoredAny>()?;
            }
        }
    }
    Ok(())
});

impl ParsedMaterial {
    fn read(value: &serde_json::Value) -> Self {
        let number = |value: &serde_json::Value| value.as_f64().map(|number| number as f32);
        let diffuse = value.get("diffuseColor").and_then(|colour| {
            let parts: Vec<f32> = colour.as_array()?.iter().map_while(number).collect();
            <[f32; 3]>::try_from(parts).ok()
        });
        Self {
            name: value.get("name").and_then(|name| name.as_str()).map(str::to_owned),
            diffuse,
            transparency: value.get("transparency").and_then(number),
        }
    }
}

/// Length of a list whose content does not matter.
struct Count(usize);

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct CountVisitor;
        impl<'de> Visitor<'de> for CountVisitor {
            type Value = Count;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Count, A::Error> {
                let mut count = 0;
                while list.next_element::<IgnoredAny>()?.is_some() {
                    count += 1;
                }
                Ok(Count(count))
            }
        }
        deserializer.deserialize_seq(CountVisitor)
    }
}

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
            ObjectField::Extent | ObjectField::ChildrenRoles => {
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

/// One attribute; lists and objects become their JSON text.
pub(in crate::readers) struct AttributeValue(pub Value);

impl<'de> Deserialize<'de> for AttributeValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ValueVisitor;
        impl<'de> Visitor<'de> for ValueVisitor {
            type Value = Value;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an attribute value")
            }
            fn visit_unit<E>(self) -> Result<Value, E> {
                Ok(Value::Null)
            }
            fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
                Ok(Value::Bool(value))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
                Ok(Value::Integer(value))
            }
            fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
                Ok(i64::try_from(value).map_or(Value::Real(value as f64), Value::Integer))
            }
            fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
                Ok(Value::Real(value))
            }
            fn visit_str<E>(self, value: &str) -> Result<Value, E> {
                Ok(Value::Text(value.to_owned()))
            }
            fn visit_string<E>(self, value: String) -> Result<Value, E> {
                Ok(Value::Text(value))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Value, A::Error> {
                let nested = serde_json::Value::deserialize(SeqAccessDeserializer::new(list))?;
                Ok(Value::Text(nested.to_string()))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Value, A::Error> {
                let nested = serde_json::Value::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Value::Text(nested.to_string()))
            }
        }
        deserializer.deserialize_any(ValueVisitor).map(Self)
    }
}

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

struct MaterialThemesSeed<'a>(&'a mut Vec<(String, ParsedLooks)>);

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

struct TextureThemesSeed<'a>(&'a mut Vec<(String, Boundaries)>);

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

struct SemanticsSeed<'a>(&'a mut ParsedGeometry);

object_visitor!(SemanticsSeed<'a>, "semantics", |self, map| {
    #[derive(Deserialize)]
    struct Surface {
        #[serde(rename = "type", default)]
        surface_type: String,
    }
    let out = self.0;
    while let Some(key) = map.next_key::<std::borrow::Cow<'_, str>>()? {
        match key.as_ref() {
            "surfaces" => {
                let surfaces = map.next_value::<Option<Vec<Surface>>>()?.unwrap_or_default();
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

struct VerticesSeed<'a>(&'a mut Vec<[f64; 3]>);

list_visitor!(VerticesSeed<'a>, "a list of vertices", |self, list| {
    while let Some(Vertex(vertex)) = list.next_element()? {
        self.0.push(vertex);
    }
    Ok(())
});

/// `[x, y, z]`; a vertex of another shape becomes NaN, so that only the surfaces that use it are lost.
struct Vertex([f64; 3]);

impl<'de> Deserialize<'de> for Vertex {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct VertexVisitor;
        impl<'de> Visitor<'de> for VertexVisitor {
            type Value = Vertex;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a vertex of three numbers")
            }
            fn visit_unit<E>(self) -> Result<Vertex, E> {
                Ok(Vertex([f64::NAN; 3]))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vertex, A::Error> {
                let mut vertex = [f64::NAN; 3];
                for (axis, slot) in vertex.iter_mut().enumerate() {
                    match list.next_element::<Number>()? {
                        Some(Number(value)) => *slot = value,
                        None if axis == 0 => return Ok(Vertex([f64::NAN; 3])),
                        None => {}
                    }
                }
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Vertex(vertex))
            }
        }
        deserializer.deserialize_any(VertexVisitor)
    }
}

/// A number; anything else is NaN.
struct Number(f64);

impl<'de> Deserialize<'de> for Number {
    #[inline]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberVisitor;
        impl Visitor<'_> for NumberVisitor {
            type Value = Number;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }
            fn visit_u64<E>(self, value: u64) -> Result<Number, E> {
                Ok(Number(value as f64))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Number, E> {
                Ok(Number(value as f64))
            }
            fn visit_f64<E>(self, value: f64) -> Result<Number, E> {
                Ok(Number(value))
            }
            fn visit_unit<E>(self) -> Result<Number, E> {
                Ok(Number(f64::NAN))
            }
            fn visit_str<E>(self, _: &str) -> Result<Number, E> {
                Ok(Number(f64::NAN))
            }
        }
        deserializer.deserialize_any(NumberVisitor)
    }
}

/// A text, or a number as CityJSON 1.0 writes LoDs.
struct LooseText(String);

impl<'de> Deserialize<'de> for LooseText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        AttributeValue::deserialize(deserializer).map(|value| Self(value.0.to_text()))
    }
}
