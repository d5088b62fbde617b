//! Materials and textures of city models, as far as they are kept: the colour of a material and where a picture is.

/// A material in the words of X3D, which CityJSON and CityGML share.
#[derive(Clone, Debug, PartialEq)]
pub struct Material {
    pub name: String,
    /// Red, green, blue, 0 to 1, when the file gives a diffuse colour.
    pub diffuse: Option<[f32; 3]>,
    /// 0 (opaque, the default) to 1.
    pub transparency: f32,
}

/// Everything that the surfaces of a model can look like.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Appearance {
    pub materials: Vec<Material>,
    /// Pictures as the file names them: relative paths or addresses, neither checked nor opened.
    pub textures: Vec<Box<str>>,
}

/// Which material and picture each surface of one geometry has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SurfaceLooks {
    /// Position in [`Appearance::materials`] for each surface, [`SurfaceLooks::NONE`] for none; empty when no surface
    /// has one.
    pub materials: Vec<u16>,
    /// Position in [`Appearance::textures`], as above.
    pub textures: Vec<u16>,
}

impl SurfaceLooks {
    pub const NONE: u16 = u16::MAX;

    pub fn is_empty(&self) -> bool {
        self.materials.is_empty() && self.textures.is_empty()
    }

    /// The looks of some surfaces, in the order of `surfaces`.
    #[must_use]
    pub fn select(&self, surfaces: &[usize]) -> Self {
        let pick = |list: &[u16]| -> Vec<u16> {
            if list.is_empty() {
                return Vec::new();
            }
            surfaces.iter().map(|&surface| list.get(surface).copied().unwrap_or(Self::NONE)).collect()
        };
        Self { materials: pick(&self.materials), textures: pick(&self.textures) }
    }

    pub fn material(&self, surface: usize) -> Option<usize> {
        self.materials.get(surface).filter(|&&position| position != Self::NONE).map(|&p| usize::from(p))
    }

    pub fn texture(&self, surface: usize) -> Option<usize> {
        self.textures.get(surface).filter(|&&position| position != Self::NONE).map(|&p| usize::from(p))
    }
}
