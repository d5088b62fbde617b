//! Materials and textures: which polygons they are meant for, in which theme, and where in the picture their corners lie.
//! Pictures that are laid by a formula or by their own world file are told as lost, and so are looks of back sides.

use std::{collections::HashMap, ops::Range};

use serde_json::{Map, Value as Json, json};

use super::{Parser, geometry::Store};
use crate::{
    model::{Appearance, Material},
    readers::{ReadError, Report},
};

/// A material or a texture, by its position in the [`Appearance`].
#[derive(Clone, Copy, Debug)]
pub(super) enum Look {
    Material(u16),
    Texture(u16),
}

/// A look and the geometry it is meant for.
#[derive(Debug)]
pub(super) struct Target {
    /// Position in [`Looks::themes`].
    pub theme: u16,
    /// `gml:id` of the geometry.
    pub id: Box<str>,
    pub look: Look,
    /// `gml:id` of a list of places that stands elsewhere in the file.
    pub list: Option<Box<str>>,
}

/// The places in a picture of one ring, named by its `gml:id`.
#[derive(Clone, Debug)]
pub(super) struct RingPlaces {
    pub ring: Box<str>,
    /// Range of [`Appearance::texture_places`], the ring's last corner (which is its first) included.
    pub places: Range<u32>,
}

/// What a file says of looks before geometry ids are known.
#[derive(Debug, Default)]
pub(super) struct Looks {
    pub appearance: Appearance,
    /// In the order of the file.
    pub themes: Vec<Box<str>>,
    theme: u16,
    pub targets: Vec<Target>,
    /// Places by theme.
    pub rings: Vec<(u16, RingPlaces)>,
    /// Lists of places that have a `gml:id`, as ranges of `rings`.
    lists: HashMap<Box<str>, Range<usize>>,
    lost: Lost,
}

/// Looks that are not kept, counted.
#[derive(Debug, Default)]
struct Lost {
    generated: usize,
    georeferenced: usize,
    back_sides: usize,
    odd_places: usize,
    too_many: usize,
}

/// What one theme gives the geometries of a file.
#[derive(Debug, Default)]
pub(super) struct Painted {
    pub theme: Box<str>,
    /// Position in the [`Appearance`] by polygon.
    pub materials: HashMap<u32, u16>,
    pub textures: HashMap<u32, u16>,
    /// By ring: the positions in [`Appearance::texture_places`] of its corners.
    pub places: HashMap<u32, Vec<u32>>,
}

/// A place for a name, of at most this many themes: each may hold a value for every polygon.
const MAX_THEMES: usize = 64;

impl Looks {
    fn set_theme(&mut self, name: &str) {
        let position = self.themes.iter().position(|known| **known == *name).unwrap_or_else(|| {
            if self.themes.len() < MAX_THEMES {
                self.themes.push(name.into());
            }
            self.themes.len() - 1
        });
        self.theme = position as u16;
    }

    /// Puts the places of the file on the rings of the store, theme by theme. `targets` are left to the caller.
    pub fn by_theme(&mut self, store: &Store, report: &mut Report) -> Vec<Painted> {
        let mut painted: Vec<Painted> =
            self.themes.iter().map(|theme| Painted { theme: theme.clone(), ..Painted::default() }).collect();
        let mut missing = 0;
        let shared = self.targets.iter().filter_map(|target| Some((target.theme, target.list.as_ref()?)));
        let mut linked = Vec::new();
        for (theme, list) in shared {
            match self.lists.get(list).and_then(|range| self.rings.get(range.clone())) {
                Some(rings) => linked.extend(rings.iter().map(|(_, ring)| (theme, ring.clone()))),
                None => missing += 1,
            }
        }
        for (theme, ring) in self.rings.iter().chain(&linked) {
            let Some(painted) = painted.get_mut(usize::from(*theme)) else { continue };
            let Some(known) = store.ring_ids.get(&ring.ring) else {
                missing += 1;
                continue;
            };
            match known.corners(ring.places.clone()) {
                Some(places) => drop(painted.places.insert(known.ring, places)),
                None => self.lost.odd_places += 1,
            }
        }
        let lost = &self.lost;
        for (count, message) in [
            (
                lost.generated,
                "pictures laid by a formula (TexCoordGen): named, but without places in the picture",
            ),
            (lost.georeferenced, "GeoreferencedTexture laid by a world file of its own, left out"),
            (lost.back_sides, "looks of back sides (isFront is false), left out"),
            (
                lost.odd_places,
                "rings with another number of places in the picture than corners; these have none",
            ),
            (lost.too_many, "materials or pictures beyond the 65,535th, left out"),
            (missing, "references from a picture to a ring or a list of places that this file does not have"),
        ] {
            if count > 0 {
                report.warn("appearance", format!("{count} times"), message);
            }
        }
        painted
    }
}

impl Parser<'_> {
    /// The open element and everything inside it, as far as it holds materials and textures.
    pub fn appearance(&mut self) -> Result<(), ReadError> {
        // A theme stands before what belongs to it; without one there is one without a name.
        self.looks.set_theme("");
        self.appearance_inside()
    }

    fn appearance_inside(&mut self) -> Result<(), ReadError> {
        while self.xml.enter()? {
            match self.xml.element.name.as_str() {
                "Appearance" | "appearanceMember" => self.appearance()?,
                "surfaceDataMember" | "surfaceData" => self.appearance_inside()?,
                "theme" => {
                    let theme = self.xml.text()?;
                    self.looks.set_theme(&theme);
                }
                "X3DMaterial" => self.material()?,
                "ParameterizedTexture" => self.texture()?,
                name => {
                    self.looks.lost.georeferenced += usize::from(name == "GeoreferencedTexture");
                    self.xml.skip()?;
                }
            }
        }
        Ok(())
    }

    fn material(&mut self) -> Result<(), ReadError> {
        let mut material = Material::default();
        let mut targets = Vec::new();
        let mut extras = Map::new();
        let mut is_back = false;
        while self.xml.enter()? {
            match self.xml.element.name.as_str() {
                "name" => material.name = self.xml.text()?,
                "diffuseColor" => {
                    if let [red, green, blue] = self.own_numbers()?.as_slice() {
                        material.diffuse = Some([*red as f32, *green as f32, *blue as f32]);
                    }
                }
                "transparency" => {
                    let value = self.own_numbers()?.first().copied().unwrap_or(0.0);
                    material.transparency = value.clamp(0.0, 1.0) as f32;
                }
                name @ ("ambientIntensity" | "shininess" | "emissiveColor" | "specularColor") => {
                    let name = name.to_owned();
                    let numbers = self.own_numbers()?;
                    let value = if name.ends_with("Color") { json!(numbers) } else { json!(numbers.first()) };
                    extras.insert(name, value);
                }
                "isSmooth" => {
                    let is_smooth = matches!(self.xml.text()?.as_str(), "true" | "1");
                    extras.insert("isSmooth".to_owned(), Json::Bool(is_smooth));
                }
                "isFront" => is_back = matches!(self.xml.text()?.as_str(), "false" | "0"),
                "target" => self.target(&mut targets)?,
                _ => self.xml.skip()?,
            }
        }
        if is_back {
            self.looks.lost.back_sides += 1;
        } else if let Some(position) = self.looks.position(self.looks.appearance.materials.len()) {
            material.extras = text_of(extras);
            self.looks.appearance.materials.push(material);
            self.looks.add_targets(targets, Look::Material(position));
        }
        Ok(())
    }

    fn texture(&mut self) -> Result<(), ReadError> {
        let mut image = String::new();
        let mut kind = String::new();
        let mut targets = Vec::new();
        let mut extras = Map::new();
        let mut is_back = false;
        while self.xml.enter()? {
            match self.xml.element.name.as_str() {
                "imageURI" => image = self.xml.text()?,
                "mimeType" => kind = self.xml.text()?,
                name @ ("wrapMode" | "textureType") => {
                    let name = name.to_owned();
                    extras.insert(name, Json::String(self.xml.text()?));
                }
                "borderColor" => {
                    let colour = self.own_numbers()?;
                    extras.insert("borderColor".to_owned(), json!(colour));
                }
                "isFront" => is_back = matches!(self.xml.text()?.as_str(), "false" | "0"),
                "target" => self.target(&mut targets)?,
                // CityGML 3.0 has the target inside an association.
                "textureParameterization" => self.association(&mut targets, 0)?,
                _ => self.xml.skip()?,
            }
        }
        if is_back {
            self.looks.lost.back_sides += 1;
        } else if let Some(position) = self.looks.position(self.looks.appearance.textures.len()) {
            if let Some(kind) = kind_of(&kind, &image) {
                extras.shift_insert(0, "type".to_owned(), Json::from(kind));
            }
            self.looks.appearance.textures.push(image.into());
            self.looks.appearance.texture_extras.push(text_of(extras));
            self.looks.add_targets(targets, Look::Texture(position));
        }
        Ok(())
    }

    /// The finite numbers of the open element, to its end.
    fn own_numbers(&mut self) -> Result<Vec<f64>, ReadError> {
        let mut numbers = Vec::new();
        self.xml.numbers(&mut numbers)?;
        numbers.retain(|number| number.is_finite());
        Ok(numbers)
    }

    /// `TextureAssociation` of 3.0: the target beside the places.
    fn association(&mut self, targets: &mut Vec<Meant>, depth: usize) -> Result<(), ReadError> {
        while self.xml.enter()? {
            match self.xml.element.name.as_str() {
                "target" => self.target(targets)?,
                "TexCoordList" => self.places()?,
                "TexCoordGen" => {
                    self.looks.lost.generated += 1;
                    self.xml.skip()?;
                }
                "textureParameterization" if !self.xml.element.href.is_empty() => {
                    let list = reference(&self.xml.element.href);
                    if let (Some(list), Some(last)) = (list, targets.last_mut()) {
                        last.list = Some(list);
                    }
                    self.xml.skip()?;
                }
                _ if depth < 4 => self.association(targets, depth + 1)?,
                _ => self.xml.skip()?,
            }
        }
        Ok(())
    }

    /// `<target uri="#id">` of 2.0 textures with the places inside or by `xlink:href`, else the text `#id`.
    fn target(&mut self, targets: &mut Vec<Meant>) -> Result<(), ReadError> {
        let uri = std::mem::take(&mut self.xml.element.uri);
        let href = std::mem::take(&mut self.xml.element.href);
        let mut text = String::new();
        while self.xml.enter_with_text(&mut text)? {
            match self.xml.element.name.as_str() {
                "TexCoordList" => self.places()?,
                name => {
                    self.looks.lost.generated += usize::from(name == "TexCoordGen");
                    self.xml.skip()?;
                }
            }
        }
        let (id, list) = if !uri.is_empty() {
            (reference(&uri), reference(&href))
        } else if !href.is_empty() {
            (reference(&href), None)
        } else {
            (reference(text.trim()), None)
        };
        targets.extend(id.map(|id| Meant { id, list }));
        Ok(())
    }

    /// A `TexCoordList`: `<textureCoordinates ring="#id">` of 2.0, or pairs of `textureCoordinates` and `ring` of 3.0.
    fn places(&mut self) -> Result<(), ReadError> {
        let list = std::mem::take(&mut self.xml.element.id);
        let first = self.looks.rings.len();
        let mut waiting: Option<Range<u32>> = None;
        while self.xml.enter()? {
            match self.xml.element.name.as_str() {
                "textureCoordinates" => {
                    let ring = reference(&self.xml.element.ring);
                    let mut numbers = std::mem::take(&mut self.numbers);
                    numbers.clear();
                    self.xml.numbers(&mut numbers)?;
                    let all = &mut self.looks.appearance.texture_places;
                    let start = all.len() as u32;
                    all.extend(numbers.chunks_exact(2).map(|place| [place[0], place[1]]));
                    let places = start..all.len() as u32;
                    self.numbers = numbers;
                    match ring {
                        Some(ring) => self.looks.add_ring(ring, places),
                        None => waiting = Some(places),
                    }
                }
                "ring" => {
                    let href = std::mem::take(&mut self.xml.element.href);
                    let text = self.xml.text()?;
                    let ring = reference(if href.is_empty() { &text } else { &href });
                    if let (Some(ring), Some(places)) = (ring, waiting.take()) {
                        self.looks.add_ring(ring, places);
                    }
                }
                _ => self.xml.skip()?,
            }
        }
        if !list.is_empty() {
            self.looks.lists.insert(list.into(), first..self.looks.rings.len());
        }
        Ok(())
    }
}

/// A geometry that a look is meant for, and perhaps the list that has its places.
struct Meant {
    id: Box<str>,
    list: Option<Box<str>>,
}

impl Looks {
    fn add_targets(&mut self, targets: Vec<Meant>, look: Look) {
        let theme = self.theme;
        self.targets.extend(targets.into_iter().map(|Meant { id, list }| Target { theme, id, look, list }));
    }

    fn add_ring(&mut self, ring: Box<str>, places: Range<u32>) {
        self.rings.push((self.theme, RingPlaces { ring, places }));
    }

    fn position(&mut self, length: usize) -> Option<u16> {
        let position = u16::try_from(length).ok().filter(|&position| position != u16::MAX);
        self.lost.too_many += usize::from(position.is_none());
        position
    }
}

fn reference(text: &str) -> Option<Box<str>> {
    text.trim().strip_prefix('#').map(Into::into)
}

/// The kinds of picture that CityJSON has a word for.
fn kind_of(mime: &str, image: &str) -> Option<&'static str> {
    let ending = image.rsplit('.').next().unwrap_or_default();
    let word = mime.rsplit('/').next().filter(|word| !word.is_empty()).unwrap_or(ending).to_ascii_lowercase();
    match word.as_str() {
        "jpeg" | "jpg" => Some("JPG"),
        "png" => Some("PNG"),
        _ => None,
    }
}

fn text_of(members: Map<String, Json>) -> Box<str> {
    if members.is_empty() { Box::default() } else { Json::Object(members).to_string().into() }
}
