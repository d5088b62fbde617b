//! Materials and textures: which polygons they are meant for. Theme, places in the picture and back sides are left out.

use super::Parser;
use crate::{
    model::{Appearance, Material},
    readers::ReadError,
};

/// A material or a texture, by its position in the [`Appearance`].
#[derive(Clone, Copy, Debug)]
pub(super) enum Look {
    Material(u16),
    Texture(u16),
}

/// What a file says of looks before geometry ids are known.
#[derive(Debug, Default)]
pub(super) struct Looks {
    pub appearance: Appearance,
    /// What is meant for the geometry of which `gml:id`.
    pub targets: Vec<(Box<str>, Look)>,
}

impl Parser<'_> {
    /// The open element and everything inside it, as far as it holds materials and textures.
    pub fn appearance(&mut self) -> Result<(), ReadError> {
        while self.xml.enter()? {
            match self.xml.element.name.as_str() {
                "Appearance" | "appearanceMember" | "surfaceDataMember" | "surfaceData" => {
                    self.appearance()?;
                }
                "X3DMaterial" => self.material()?,
                "ParameterizedTexture" => self.texture()?,
                _ => self.xml.skip()?,
            }
        }
        Ok(())
    }

    fn material(&mut self) -> Result<(), ReadError> {
        let mut material = Material::default();
        let mut targets = Vec::new();
        let mut numbers = Vec::new();
        while self.xml.enter()? {
            match self.xml.element.name.as_str() {
                "name" => material.name = self.xml.text()?,
                "diffuseColor" => {
                    numbers.clear();
                    self.xml.numbers(&mut numbers)?;
                    if let [red, green, blue] = numbers.as_slice() {
                        material.diffuse = Some([*red as f32, *green as f32, *blue as f32]);
                    }
                }
                "transparency" => {
                    numbers.clear();
                    self.xml.numbers(&mut numbers)?;
                    let value = numbers.first().copied().filter(|value| value.is_finite()).unwrap_or(0.0);
                    material.transparency = value.clamp(0.0, 1.0) as f32;
                }
                "target" => self.target(&mut targets)?,
                _ => self.xml.skip()?,
            }
        }
        if let Some(position) = position(self.looks.appearance.materials.len()) {
            self.looks.appearance.materials.push(material);
            self.looks.targets.extend(targets.into_iter().map(|target| (target, Look::Material(position))));
        }
        Ok(())
    }

    fn texture(&mut self) -> Result<(), ReadError> {
        let mut image = String::new();
        let mut targets = Vec::new();
        while self.xml.enter()? {
            match self.xml.element.name.as_str() {
                "imageURI" => image = self.xml.text()?,
                "target" => self.target(&mut targets)?,
                // CityGML 3.0 has the target inside an association.
                "textureParameterization" => self.association(&mut targets, 0)?,
                _ => self.xml.skip()?,
            }
        }
        if let Some(position) = position(self.looks.appearance.textures.len()) {
            self.looks.appearance.textures.push(image.into());
            self.looks.targets.extend(targets.into_iter().map(|target| (target, Look::Texture(position))));
        }
        Ok(())
    }

    fn association(&mut self, targets: &mut Vec<Box<str>>, depth: usize) -> Result<(), ReadError> {
        while self.xml.enter()? {
            match self.xml.element.name.as_str() {
                "target" => self.target(targets)?,
                _ if depth < 4 => self.association(targets, depth + 1)?,
                _ => self.xml.skip()?,
            }
        }
        Ok(())
    }

    /// `<target uri="#id">` of 2.0 textures, else the text `#id`.
    fn target(&mut self, targets: &mut Vec<Box<str>>) -> Result<(), ReadError> {
        let mut reference = std::mem::take(&mut self.xml.element.href);
        let text = self.xml.text()?;
        if reference.is_empty() {
            reference = text;
        }
        targets.extend(reference.strip_prefix('#').map(Into::into));
        Ok(())
    }
}

fn position(length: usize) -> Option<u16> {
    u16::try_from(length).ok().filter(|&position| position != u16::MAX)
}
