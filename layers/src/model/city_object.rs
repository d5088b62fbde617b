//! CityObjects with flat geometry arrays: the CityJSON model, whatever the file was.

use std::{collections::HashSet, fmt, ops::Range, sync::Arc};

use super::{Appearance, AttributeTable, Bounds3, Lod, SurfaceLooks, Vertices};

/// First-level and second-level CityObject types of CityJSON 2.0; extensions keep their name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CityObjectType {
    Building,
    BuildingPart,
    BuildingInstallation,
    Bridge,
    BridgePart,
    Tunnel,
    Road,
    Railway,
    WaterBody,
    PlantCover,
    SolitaryVegetationObject,
    LandUse,
    CityFurniture,
    TinRelief,
    GenericCityObject,
    /// Any other type, under the name the file gives it (also "+Extension" types).
    Other(Box<str>),
}

impl CityObjectType {
    const NAMES: [(&'static str, CityObjectType); 15] = [
        ("Building", Self::Building),
        ("BuildingPart", Self::BuildingPart),
        ("BuildingInstallation", Self::BuildingInstallation),
        ("Bridge", Self::Bridge),
        ("BridgePart", Self::BridgePart),
        ("Tunnel", Self::Tunnel),
        ("Road", Self::Road),
        ("Railway", Self::Railway),
        ("WaterBody", Self::WaterBody),
        ("PlantCover", Self::PlantCover),
        ("SolitaryVegetationObject", Self::SolitaryVegetationObject),
        ("LandUse", Self::LandUse),
        ("CityFurniture", Self::CityFurniture),
        ("TINRelief", Self::TinRelief),
        ("GenericCityObject", Self::GenericCityObject),
    ];

    pub fn from_name(name: &str) -> Self {
        Self::NAMES
            .into_iter()
            .find(|(known, _)| *known == name)
            .map_or_else(|| Self::Other(name.into()), |(_, object_type)| object_type)
    }

    pub fn name(&self) -> &str {
        match self {
            Self::Other(name) => name,
            known => {
                Self::NAMES.iter().find(|(_, t)| t == known).map_or("GenericCityObject", |(name, _)| name)
            }
        }
    }

    /// The name under which CityJSON 2.0 takes the object: its own, or GenericCityObject for things that only CityGML
    /// has, such as traffic spaces.
    pub fn cityjson_name(&self) -> &str {
        match self {
            Self::Other(name) if !name.starts_with('+') && !Self::OTHER_CITYJSON.contains(&&**name) => {
                "GenericCityObject"
            }
            known => known.name(),
        }
    }

    /// Whether CityJSON 1.1 or 2.0 has the type, or the name is an extension's ("+…").
    pub fn is_cityjson(&self) -> bool {
        self.cityjson_name() == self.name()
    }

    /// Types of CityJSON that the program does not tell apart.
    const OTHER_CITYJSON: [&str; 18] = [
        "BridgeConstructiveElement",
        "BridgeFurniture",
        "BridgeInstallation",
        "BridgeRoom",
        "BuildingConstructiveElement",
        "BuildingFurniture",
        "BuildingRoom",
        "BuildingStorey",
        "BuildingUnit",
        "CityObjectGroup",
        "OtherConstruction",
        "TransportSquare",
        "TunnelConstructiveElement",
        "TunnelFurniture",
        "TunnelHollowSpace",
        "TunnelInstallation",
        "TunnelPart",
        "Waterway",
    ];

    pub fn is_building(&self) -> bool {
        matches!(self, Self::Building | Self::BuildingPart | Self::BuildingInstallation)
    }
}

impl fmt::Display for CityObjectType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Semantic surface types that the program draws or counts apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum SurfaceType {
    Roof,
    Wall,
    Ground,
    OuterFloor,
    OuterCeiling,
    Closure,
    Door,
    Window,
    WaterSurface,
    TrafficArea,
    AuxiliaryTrafficArea,
    /// No semantics in the file: the mesher decides by the face normal.
    #[default]
    Unknown,
}

impl SurfaceType {
    /// The type for a CityJSON or CityGML name; [`Self::Unknown`] for names that the program does not tell apart.
    pub fn from_name(name: &str) -> Self {
        match name {
            "RoofSurface" => Self::Roof,
            "WallSurface" | "InteriorWallSurface" => Self::Wall,
            "GroundSurface" | "FloorSurface" => Self::Ground,
            "OuterFloorSurface" => Self::OuterFloor,
            "OuterCeilingSurface" | "CeilingSurface" => Self::OuterCeiling,
            "ClosureSurface" => Self::Closure,
            "Door" => Self::Door,
            "Window" => Self::Window,
            "WaterSurface" => Self::WaterSurface,
            "TrafficArea" => Self::TrafficArea,
            "AuxiliaryTrafficArea" => Self::AuxiliaryTrafficArea,
            _ => Self::Unknown,
        }
    }

    /// The name of CityJSON and CityGML; `None` for [`Self::Unknown`].
    pub fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::Roof => "RoofSurface",
            Self::Wall => "WallSurface",
            Self::Ground => "GroundSurface",
            Self::OuterFloor => "OuterFloorSurface",
            Self::OuterCeiling => "OuterCeilingSurface",
            Self::Closure => "ClosureSurface",
            Self::Door => "Door",
            Self::Window => "Window",
            Self::WaterSurface => "WaterSurface",
            Self::TrafficArea => "TrafficArea",
            Self::AuxiliaryTrafficArea => "AuxiliaryTrafficArea",
            Self::Unknown => return None,
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GeometryKind {
    MultiPoint,
    MultiLineString,
    MultiSurface,
    CompositeSurface,
    Solid,
    MultiSolid,
    CompositeSolid,
    GeometryInstance,
}

/// One geometry of one CityObject. Surfaces are polygons in 3D whose rings index [`CityModel::vertices`].
///
/// Flat layout: `indices` holds all rings one after another (not closed: the last vertex is not repeated);
/// `ring_ends[r]` is the end of ring `r` in `indices`; `surface_ends[s]` is the end of surface `s` in `ring_ends`
/// (first ring outer and anticlockwise seen from outside, others holes); `surface_types[s]` its semantics.
/// Shells of solids follow each other; `shell_ends` gives the end of each shell in surfaces (empty for non-solids).
#[derive(Clone, Debug, PartialEq)]
pub struct Geometry {
    pub kind: GeometryKind,
    pub lod: Option<Lod>,
    pub indices: Vec<u32>,
    pub ring_ends: Vec<u32>,
    pub surface_ends: Vec<u32>,
    pub surface_types: Vec<SurfaceType>,
    pub shell_ends: Vec<u32>,
    /// Materials and textures by surface; `None` when the file gives this geometry none.
    pub looks: Option<Box<SurfaceLooks>>,
    /// What few geometries have; `None` for the others.
    pub details: Option<Box<GeometryDetails>>,
}

/// What the flat arrays of a [`Geometry`] do not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GeometryDetails {
    /// Solids of a MultiSolid or CompositeSolid: the end of each in `shell_ends`.
    pub solid_ends: Vec<u32>,
    /// Semantic surfaces with what they say beside a known type (attributes, other names, relations between them): the
    /// text of a JSON list as in CityJSON's `semantics.surfaces`. Empty when `surface_types` says all.
    pub semantics: Arc<str>,
    /// Position in that list for each surface; for lines each line, for points each point.
    /// [`GeometryDetails::NO_SEMANTICS`] for none.
    pub semantic_values: Vec<u32>,
}

impl GeometryDetails {
    pub const NO_SEMANTICS: u32 = u32::MAX;
}

/// Adds an end where something lies before it.
fn push_rising(ends: &mut Vec<u32>, end: u32) {
    if end > ends.last().copied().unwrap_or(0) {
        ends.push(end);
    }
}

impl Geometry {
    pub fn new(kind: GeometryKind, lod: Option<Lod>) -> Self {
        Self {
            kind,
            lod,
            indices: Vec::new(),
            ring_ends: Vec::new(),
            surface_ends: Vec::new(),
            surface_types: Vec::new(),
            shell_ends: Vec::new(),
            looks: None,
            details: None,
        }
    }

    /// Details to be filled; made where there are none.
    pub fn details_mut(&mut self) -> &mut GeometryDetails {
        self.details.get_or_insert_default()
    }

    /// Solids as ranges of shells: those that the details tell, else all shells as one.
    pub fn solids(&self) -> Vec<Range<usize>> {
        let ends = self.details.as_ref().map_or(&[][..], |details| &details.solid_ends);
        let mut start = 0;
        let mut solids: Vec<_> = ends
            .iter()
            .map(|&end| std::mem::replace(&mut start, end as usize)..end as usize)
            .filter(|solid| !solid.is_empty())
            .collect();
        if start < self.shell_ends.len() {
            solids.push(start..self.shell_ends.len());
        }
        solids
    }

    /// Keeps of each surface (of points and lines: of each ring) the corners that `keep` names for each of its rings;
    /// a surface of no rings goes, and so do shells of no surfaces and solids of no shells. What belongs to surfaces and
    /// corners goes with them. Returns how many surfaces are gone.
    pub fn retain(&mut self, mut keep: impl FnMut(&[Range<usize>]) -> Vec<Range<usize>>) -> usize {
        let mut kept = Self::new(self.kind, self.lod);
        let (mut parts, mut corners): (Vec<usize>, Vec<usize>) = (Vec::new(), Vec::new());
        let ring = |number: usize| {
            let start = if number == 0 { 0 } else { self.ring_ends[number - 1] as usize };
            start..self.ring_ends[number] as usize
        };
        let is_flat = self.surface_ends.is_empty();
        let count = if is_flat { self.ring_ends.len() } else { self.surface_ends.len() };
        let mut shell_ends = self.shell_ends.iter().copied().peekable();
        // By shell: how many are kept up to and with it.
        let mut shells_kept: Vec<u32> = Vec::new();
        for part in 0..count {
            let rings: Vec<Range<usize>> = if is_flat {
                vec![ring(part)]
            } else {
                let start = if part == 0 { 0 } else { self.surface_ends[part - 1] as usize };
                (start..self.surface_ends[part] as usize).map(ring).collect()
            };
            let wanted = keep(&rings);
            if !wanted.is_empty() {
                parts.push(part);
                for range in wanted {
                    kept.indices.extend_from_slice(&self.indices[range.clone()]);
                    kept.ring_ends.push(kept.indices.len() as u32);
                    corners.extend(range);
                }
                if !is_flat {
                    kept.surface_ends.push(kept.ring_ends.len() as u32);
                    kept.surface_types.push(self.surface_types.get(part).copied().unwrap_or_default());
                }
            }
            while shell_ends.next_if(|&end| end as usize <= part + 1).is_some() {
                push_rising(&mut kept.shell_ends, kept.surface_ends.len() as u32);
                shells_kept.push(kept.shell_ends.len() as u32);
            }
        }
        kept.looks = self.looks.as_ref().map(|looks| Box::new(looks.select(&parts, &corners)));
        kept.details = self.details.take().map(|mut details| {
            let mut solid_ends = Vec::new();
            for &end in &details.solid_ends {
                let shells = (end as usize).checked_sub(1).and_then(|last| shells_kept.get(last));
                push_rising(&mut solid_ends, shells.copied().unwrap_or(0));
            }
            details.solid_ends = solid_ends;
            let chosen = if self.kind == GeometryKind::MultiPoint { &corners } else { &parts };
            let value = |&from: &usize| details.semantic_values.get(from).copied();
            details.semantic_values = chosen.iter().filter_map(value).collect();
            details
        });
        *self = kept;
        count - parts.len()
    }

    /// Adds one surface from its rings of vertex indices.
    pub fn push_surface<'a>(
        &mut self,
        rings: impl IntoIterator<Item = &'a [u32]>,
        surface_type: SurfaceType,
    ) {
        for ring in rings {
            self.indices.extend_from_slice(ring);
            self.ring_ends.push(self.indices.len() as u32);
        }
        self.surface_ends.push(self.ring_ends.len() as u32);
        self.surface_types.push(surface_type);
    }

    pub fn surface_count(&self) -> usize {
        self.surface_ends.len()
    }

    /// The rings of surface `surface` as slices of vertex indices; outer ring first.
    pub fn rings(&self, surface: usize) -> impl Iterator<Item = &[u32]> {
        let start = if surface == 0 { 0 } else { self.surface_ends[surface - 1] as usize };
        let end = self.surface_ends[surface] as usize;
        (start..end).map(move |ring| {
            let from = if ring == 0 { 0 } else { self.ring_ends[ring - 1] as usize };
            &self.indices[from..self.ring_ends[ring] as usize]
        })
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct CityObject {
    /// Public id as the file gives it, such as "NL.IMBAG.Pand.0503100000000001".
    pub id: String,
    pub object_type: CityObjectType,
    /// Positions in [`CityModel::objects`].
    pub parents: Vec<u32>,
    pub children: Vec<u32>,
    pub geometries: Vec<Geometry>,
}

impl CityObject {
    pub fn new(id: impl Into<String>, object_type: CityObjectType) -> Self {
        Self { id: id.into(), object_type, parents: Vec::new(), children: Vec::new(), geometries: Vec::new() }
    }
}

/// A set of CityObjects with shared vertices. Row `i` of `attributes` belongs to `objects[i]`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CityModel {
    /// World coordinates in the project's CRS: metres, `[x, y, z]`.
    pub vertices: Vertices,
    pub objects: Vec<CityObject>,
    pub attributes: AttributeTable,
    /// What [`Geometry::looks`] points into.
    pub appearance: Appearance,
    /// Properties of the whole file that extensions add, by name, as JSON text; also "extensions", their declaration.
    pub extras: Vec<(String, String)>,
}

impl CityModel {
    pub fn bounds(&self) -> Bounds3 {
        self.vertices.bounds()
    }

    /// The position of the first-level object that `object` belongs to (itself when it has no parent).
    pub fn root_of(&self, object: usize) -> usize {
        let mut current = object;
        // Files may be cyclic by mistake; readers cut cycles, and the cap keeps even a missed one finite.
        for _ in 0..64 {
            match self.objects[current].parents.first() {
                Some(&parent) if (parent as usize) < self.objects.len() => current = parent as usize,
                _ => break,
            }
        }
        current
    }

    /// Keeps equal texts of [`GeometryDetails::semantics`] once: those of a city are often the same few.
    pub fn share_semantics(&mut self) {
        let mut known: HashSet<Arc<str>> = HashSet::new();
        let details = self.objects.iter_mut().flat_map(|object| &mut object.geometries);
        for details in details.filter_map(|geometry| geometry.details.as_mut()) {
            match known.get(&details.semantics) {
                Some(same) => details.semantics = same.clone(),
                None => drop(known.insert(details.semantics.clone())),
            }
        }
    }

    /// All LoDs that occur, sorted and without doubles.
    pub fn lods(&self) -> Vec<Lod> {
        let mut lods: Vec<Lod> =
            self.objects.iter().flat_map(|object| object.geometries.iter().filter_map(|g| g.lod)).collect();
        lods.sort_unstable();
        lods.dedup();
        lods
    }
}
