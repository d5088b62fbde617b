//! The appearance of a document: the materials and pictures that its geometries use. A document of the whole model has
//! all of them in the order of the model; each feature of a sequence has its own, in the order of their first use.

use std::collections::HashMap;

use serde_json::{Map, Value as Json, json};

use crate::model::{CityModel, Material};

/// Old positions in the order in which they are written.
#[derive(Default)]
struct Used {
    order: Vec<usize>,
    places: HashMap<usize, usize>,
}

impl Used {
    fn all(count: usize) -> Self {
        Self {
            order: (0..count).collect(),
            places: (0..count).map(|position| (position, position)).collect(),
        }
    }

    fn position(&mut self, old: usize) -> usize {
        *self.places.entry(old).or_insert_with(|| {
            self.order.push(old);
            self.order.len() - 1
        })
    }
}

/// Which materials, pictures and places a document uses.
pub(super) struct LooksUsed {
    materials: Used,
    textures: Used,
    places: Used,
    /// Whether the document stands for the whole model, with its default themes.
    is_whole: bool,
}

impl LooksUsed {
    /// For one document with everything, also what no surface uses.
    pub fn of_all(model: &CityModel) -> Self {
        let looks = &model.appearance;
        Self {
            materials: Used::all(looks.materials.len()),
            textures: Used::all(looks.textures.len()),
            places: Used::default(),
            is_whole: true,
        }
    }

    pub fn of_one_feature() -> Self {
        let [materials, textures, places] = std::array::from_fn(|_| Used::default());
        Self { materials, textures, places, is_whole: false }
    }

    pub fn material(&mut self, old: usize) -> usize {
        self.materials.position(old)
    }

    pub fn texture(&mut self, old: usize) -> usize {
        self.textures.position(old)
    }

    pub fn place(&mut self, old: u32) -> usize {
        self.places.position(old as usize)
    }

    /// The text of `appearance`; `None` when there is nothing to say.
    pub fn text(&self, model: &CityModel) -> Option<String> {
        let looks = &model.appearance;
        let mut all = if self.is_whole { object(&looks.extras) } else { Map::new() };
        let materials: Vec<Json> = self
            .materials
            .order
            .iter()
            .enumerate()
            .map(|(position, &old)| looks.materials.get(old).map_or(Json::Null, |m| material(m, position)))
            .collect();
        let textures: Vec<Json> = self
            .textures
            .order
            .iter()
            .map(|&old| {
                let image = looks.textures.get(old).map_or("", |image| image);
                let mut texture = object(looks.texture_extras.get(old).map_or("", |text| text));
                // The standard asks for a type; a source of another format does not know one.
                let ending = image.rsplit('.').next().unwrap_or_default().to_ascii_uppercase();
                let kind = if ending == "PNG" { "PNG" } else { "JPG" };
                texture.entry("type").or_insert_with(|| kind.into());
                texture.insert("image".to_owned(), image.into());
                Json::Object(texture)
            })
            .collect();
        let places: Vec<Json> = self
            .places
            .order
            .iter()
            .map(|&old| json!(looks.texture_places.get(old).copied().unwrap_or_default()))
            .collect();
        for (name, values) in [("materials", materials), ("textures", textures), ("vertices-texture", places)]
        {
            if !values.is_empty() {
                all.insert(name.to_owned(), values.into());
            }
        }
        (!all.is_empty()).then(|| Json::Object(all).to_string())
    }
}

/// The members that a text holds; none for an empty or a strange one.
fn object(text: &str) -> Map<String, Json> {
    serde_json::from_str(text).unwrap_or_default()
}

fn material(material: &Material, position: usize) -> Json {
    let mut out = object(&material.extras);
    let name = if material.name.is_empty() { format!("material-{position}") } else { material.name.clone() };
    out.insert("name".to_owned(), name.into());
    if let Some(colour) = material.diffuse {
        // The shortest decimal of the f32, not that of the f64 beside it.
        let parts = colour.map(|part| part.to_string().parse::<f64>().unwrap_or_default());
        out.insert("diffuseColor".to_owned(), json!(parts));
    }
    if material.transparency > 0.0 {
        let value = material.transparency.to_string().parse::<f64>().unwrap_or_default();
        out.insert("transparency".to_owned(), json!(value));
    }
    Json::Object(out)
}
