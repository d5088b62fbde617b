//! Materials and textures of city models. Pictures are named, never opened: what is kept is enough to colour surfaces and
//! to write the file again.

/// A material in the words of X3D, which CityJSON and CityGML share.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Material {
    pub name: String,
    /// Red, green, blue, 0 to 1, when the file gives a diffuse colour.
    pub diffuse: Option<[f32; 3]>,
    /// 0 (opaque, the default) to 1.
    pub transparency: f32,
    /// What the file says besides (shininess, other colours), as the text of a JSON object; empty when nothing.
    pub extras: Box<str>,
}

/// Everything that the surfaces of a model can look like.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Appearance {
    pub materials: Vec<Material>,
    /// Pictures as the file names them: relative paths or addresses, neither checked nor opened.
    pub textures: Vec<Box<str>>,
    /// What the file says of each picture besides (kind, wrapping), as the text of a JSON object; empty, or as long as
    /// `textures`.
    pub texture_extras: Vec<Box<str>>,
    /// Places in a picture that corners of surfaces refer to: right and up, 0 to 1 for once across.
    pub texture_places: Vec<[f64; 2]>,
    /// What the file says of the appearance as a whole (default themes), as the text of a JSON object; empty when
    /// nothing.
    pub extras: Box<str>,
}

/// Which material and picture each surface of one geometry has, in one theme of each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SurfaceLooks {
    /// Position in [`Appearance::materials`] for each surface, [`SurfaceLooks::NONE`] for none; empty when no surface
    /// has one.
    pub materials: Vec<u16>,
    /// Position in [`Appearance::textures`], as above.
    pub textures: Vec<u16>,
    /// Position in [`Appearance::texture_places`] for each corner, in the order of `Geometry::indices`;
    /// [`SurfaceLooks::NO_PLACE`] for the corners of rings without a picture. Empty when no place is known.
    pub places: Vec<u32>,
    /// Names of the themes of `materials` and of `textures`.
    pub themes: [Box<str>; 2],
    /// The looks in further themes of the file, which are kept and written but not drawn.
    pub others: Vec<SurfaceLooks>,
}

impl SurfaceLooks {
    pub const NONE: u16 = u16::MAX;
    pub const NO_PLACE: u32 = u32::MAX;

    pub fn is_empty(&self) -> bool {
        self.materials.is_empty() && self.textures.is_empty() && self.others.is_empty()
    }

    /// The looks of some surfaces and their corners, in the order given. `corners` are positions in
    /// `Geometry::indices`.
    #[must_use]
    pub fn select(&self, surfaces: &[usize], corners: &[usize]) -> Self {
        let pick = |list: &[u16]| -> Vec<u16> {
            if list.is_empty() {
                return Vec::new();
            }
            surfaces.iter().map(|&surface| list.get(surface).copied().unwrap_or(Self::NONE)).collect()
        };
        let place = |&corner: &usize| self.places.get(corner).copied().unwrap_or(Self::NO_PLACE);
        Self {
            materials: pick(&self.materials),
            textures: pick(&self.textures),
            places: if self.places.is_empty() { Vec::new() } else { corners.iter().map(place).collect() },
            themes: self.themes.clone(),
            others: self.others.iter().map(|other| other.select(surfaces, corners)).collect(),
        }
    }

    pub fn material(&self, surface: usize) -> Option<usize> {
        self.materials.get(surface).filter(|&&position| position != Self::NONE).map(|&p| usize::from(p))
    }

    pub fn texture(&self, surface: usize) -> Option<usize> {
        self.textures.get(surface).filter(|&&position| position != Self::NONE).map(|&p| usize::from(p))
    }
}
