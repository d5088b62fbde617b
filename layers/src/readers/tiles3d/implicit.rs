//! Implicit tiling: quadtrees and octrees whose tiles are bits in subtree files (3D Tiles 1.1, section 7).

use serde_json::Value as Json;

use super::volume::Volume;
use crate::readers::gltf::{
    document::{GltfError, slice},
    resources::{Location, data_uri},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scheme {
    Quadtree,
    Octree,
}

impl Scheme {
    pub fn children(self) -> u64 {
        if self == Self::Quadtree { 4 } else { 8 }
    }
}

/// What `implicitTiling` says.
#[derive(Clone, Debug)]
pub(super) struct Tiling {
    pub scheme: Scheme,
    pub subtree_levels: u32,
    pub available_levels: u32,
    pub subtrees: String,
}

impl Tiling {
    /// `None` when something needed is missing or wrong; the rules then say what.
    pub fn parse(json: &Json) -> Option<Self> {
        let scheme = match json.get("subdivisionScheme")?.as_str()? {
            "QUADTREE" => Scheme::Quadtree,
            "OCTREE" => Scheme::Octree,
            _ => return None,
        };
        // Older files say "maximumLevel", the last one.
        let levels = json
            .get("availableLevels")
            .and_then(Json::as_u64)
            .or_else(|| json.get("maximumLevel").and_then(Json::as_u64).map(|level| level + 1))?;
        let subtree_levels = json.get("subtreeLevels")?.as_u64()?;
        Some(Self {
            scheme,
            // 11 octree levels are a thousand million nodes; larger subtrees exist in no file.
            subtree_levels: u32::try_from(subtree_levels).ok().filter(|levels| (1..=11).contains(levels))?,
            available_levels: u32::try_from(levels).ok().filter(|levels| (1..=40).contains(levels))?,
            subtrees: json.get("subtrees")?.get("uri")?.as_str()?.to_owned(),
        })
    }
}

/// Level and place of a tile in its tree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Coordinates {
    pub level: u32,
    pub x: u64,
    pub y: u64,
    pub z: u64,
}

impl Coordinates {
    /// Child number `index` in Morton order: bit 0 is x, bit 1 y, bit 2 z.
    pub fn child(self, index: u64) -> Self {
        Self {
            level: self.level + 1,
            x: self.x << 1 | (index & 1),
            y: self.y << 1 | (index >> 1 & 1),
            z: self.z << 1 | (index >> 2 & 1),
        }
    }

    /// A template with its variables filled in.
    pub fn fill(self, template: &str) -> String {
        template
            .replace("{level}", &self.level.to_string())
            .replace("{x}", &self.x.to_string())
            .replace("{y}", &self.y.to_string())
            .replace("{z}", &self.z.to_string())
    }
}

/// The volume of a tile: the root's, halved along its axes at every level (not along z in a quadtree).
pub(super) fn volume_at(root: &Volume, at: Coordinates, scheme: Scheme) -> Volume {
    let parts = f64::from(at.level).exp2();
    // Middle of the tile as a part of the root, from −1 to 1, and the share of the half axis.
    let middle = |index: u64| (2.0 * index as f64 + 1.0) / parts - 1.0;
    let (mx, my) = (middle(at.x), middle(at.y));
    let (mz, share_z) = if scheme == Scheme::Octree { (middle(at.z), 1.0 / parts) } else { (0.0, 1.0) };
    match *root {
        Volume::Box(b) => {
            let mut result = b;
            for row in 0..3 {
                result[row] = b[row] + mx * b[3 + row] + my * b[6 + row] + mz * b[9 + row];
                result[3 + row] = b[3 + row] / parts;
                result[6 + row] = b[6 + row] / parts;
                result[9 + row] = b[9 + row] * share_z;
            }
            Volume::Box(result)
        }
        Volume::Region([west, south, east, north, low, high]) => {
            let cut = |from: f64, to: f64, index: u64| {
                let step = (to - from) / parts;
                [from + step * index as f64, from + step * (index as f64 + 1.0)]
            };
            let ([w, e], [s, n]) = (cut(west, east, at.x), cut(south, north, at.y));
            let [l, h] = if scheme == Scheme::Octree { cut(low, high, at.z) } else { [low, high] };
            Volume::Region([w, s, e, n, l, h])
        }
        other @ Volume::Sphere(_) => other,
    }
}

/// Bits, or the same bit for all.
#[derive(Clone, Debug)]
enum Availability {
    Constant(bool),
    Bits(Vec<u8>),
}

impl Availability {
    fn get(&self, index: u64) -> bool {
        match self {
            Self::Constant(value) => *value,
            Self::Bits(bytes) => {
                let byte = usize::try_from(index / 8).ok().and_then(|at| bytes.get(at));
                byte.is_some_and(|byte| byte >> (index % 8) & 1 == 1)
            }
        }
    }
}

/// One subtree file: which tiles, contents and further subtrees there are.
#[derive(Clone, Debug)]
pub(super) struct Subtree {
    tiles: Availability,
    contents: Vec<Availability>,
    children: Availability,
    scheme: Scheme,
}

impl Subtree {
    pub fn read(location: &Location, tiling: &Tiling) -> Result<Self, GltfError> {
        let bytes = location
            .read()
            .map_err(|error| GltfError::new("a readable subtree", error.to_string(), location.name()))?;
        Self::parse(&bytes, location, tiling).map_err(|mut error| {
            error.location = format!("{}, {}", location.name(), error.location);
            error
        })
    }

    pub fn parse(bytes: &[u8], location: &Location, tiling: &Tiling) -> Result<Self, GltfError> {
        let (json, body) = if bytes.starts_with(b"subt") {
            let field =
                |at: usize| bytes.get(at..at + 8).and_then(|b| b.try_into().ok()).map(u64::from_le_bytes);
            let version = bytes.get(4..8).and_then(|b| b.try_into().ok()).map(u32::from_le_bytes);
            let (Some(1), Some(json_bytes), Some(body_bytes)) = (version, field(8), field(16)) else {
                let found = format!("version {version:?} in {} bytes", bytes.len());
                return Err(GltfError::new(
                    "a subtree of version 1 with 24 bytes of header",
                    found,
                    "byte 4",
                ));
            };
            let json = slice(bytes, 24, json_bytes);
            let body = json_bytes.checked_add(24).and_then(|start| slice(bytes, start, body_bytes));
            let Some(both) = json.zip(body) else {
                let found = format!("{json_bytes} and {body_bytes}");
                let expected = format!("JSON and body inside the {} bytes", bytes.len());
                return Err(GltfError::new(expected, found, "byte 8"));
            };
            both
        } else {
            (bytes, &[][..])
        };
        let json: Json = serde_json::from_slice(json.trim_ascii_end())
            .map_err(|error| GltfError::new("JSON", error.to_string(), "the subtree"))?;
        let reader = SubtreeReader { json: &json, body, location };
        let (scheme, levels) = (tiling.scheme, tiling.subtree_levels);
        let nodes = first_of_level(scheme, levels);
        let contents = match json.get("contentAvailability") {
            Some(Json::Array(list)) => list
                .iter()
                .enumerate()
                .map(|(n, item)| reader.availability(item, nodes, &format!("contentAvailability[{n}]")))
                .collect::<Result<Vec<_>, _>>()?,
            // The extension of 3D Tiles 1.0 had one object here.
            Some(item) => vec![reader.availability(item, nodes, "contentAvailability")?],
            None => Vec::new(),
        };
        let needed = |key: &str, bits: u64| match json.get(key) {
            Some(item) => reader.availability(item, bits, key),
            None => Err(GltfError::new(key, "none", "the subtree")),
        };
        let tiles = needed("tileAvailability", nodes)?;
        let children = needed("childSubtreeAvailability", scheme.children().saturating_pow(levels))?;
        Ok(Self { tiles, contents, children, scheme })
    }

    /// Whether a node is there: its level in the subtree and its Morton number in that level.
    pub fn has_tile(&self, level: u32, morton: u64) -> bool {
        self.tiles.get(first_of_level(self.scheme, level) + morton)
    }

    pub fn has_content(&self, content: usize, level: u32, morton: u64) -> bool {
        let index = first_of_level(self.scheme, level) + morton;
        self.contents.get(content).is_some_and(|bits| bits.get(index))
    }

    pub fn has_child(&self, morton: u64) -> bool {
        self.children.get(morton)
    }
}

/// Nodes of all levels above `level`.
fn first_of_level(scheme: Scheme, level: u32) -> u64 {
    (scheme.children().saturating_pow(level) - 1) / (scheme.children() - 1)
}

struct SubtreeReader<'a> {
    json: &'a Json,
    body: &'a [u8],
    location: &'a Location,
}

impl SubtreeReader<'_> {
    fn availability(&self, item: &Json, bits: u64, place: &str) -> Result<Availability, GltfError> {
        if let Some(constant) = item.get("constant").and_then(Json::as_u64) {
            return Ok(Availability::Constant(constant == 1));
        }
        let view = item.get("bitstream").or_else(|| item.get("bufferView")).and_then(Json::as_u64);
        let view = view.ok_or_else(|| GltfError::new("constant or bitstream", "neither", place))?;
        let bytes = self.view(view, place)?;
        if (bytes.len() as u64) < bits.div_ceil(8) {
            let found = format!("{} bytes", bytes.len());
            return Err(GltfError::new(format!("{bits} bits"), found, place));
        }
        Ok(Availability::Bits(bytes))
    }

    fn view(&self, number: u64, place: &str) -> Result<Vec<u8>, GltfError> {
        let item = |list: &str, number: u64| -> Option<&Json> {
            self.json.get(list)?.as_array()?.get(usize::try_from(number).ok()?)
        };
        let bad = |expected: &str, found: String| GltfError::new(expected, found, place);
        let view =
            item("bufferViews", number).ok_or_else(|| bad("an existing buffer view", number.to_string()))?;
        let int = |key: &str| view.get(key).and_then(Json::as_u64);
        let buffer = int("buffer").unwrap_or(0);
        let buffer_json =
            item("buffers", buffer).ok_or_else(|| bad("an existing buffer", buffer.to_string()))?;
        let external;
        let bytes: &[u8] = match buffer_json.get("uri").and_then(Json::as_str) {
            Some(uri) => {
                external = match data_uri(uri) {
                    Some(bytes) => bytes,
                    None => self
                        .location
                        .join(uri)
                        .and_then(|there| there.read())
                        .map_err(|error| bad("a readable buffer", error.to_string()))?,
                };
                &external
            }
            None => self.body,
        };
        let (offset, length) = (int("byteOffset").unwrap_or(0), int("byteLength").unwrap_or(u64::MAX));
        let part = slice(bytes, offset, length);
        part.map(<[u8]>::to_vec).ok_or_else(|| {
            bad("a view inside its buffer", format!("{length} bytes from {offset} of {}", bytes.len()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn volumes_are_halved_along_their_axes() {
        let root = Volume::Box([0.5, 0.5, 0.0, 0.5, 0.0, 0.0, 0.0, 0.5, 0.0, 0.0, 0.0, 2.0]);
        let at = Coordinates::default().child(3);
        assert_eq!((at.level, at.x, at.y, at.z), (1, 1, 1, 0));
        let quarter = volume_at(&root, at, Scheme::Quadtree);
        assert_eq!(quarter, Volume::Box([0.75, 0.75, 0.0, 0.25, 0.0, 0.0, 0.0, 0.25, 0.0, 0.0, 0.0, 2.0]));
        let region = Volume::Region([0.0, 0.0, 1.0, 1.0, 0.0, 8.0]);
        let eighth = volume_at(&region, Coordinates::default().child(5), Scheme::Octree);
        assert_eq!(eighth, Volume::Region([0.5, 0.0, 1.0, 0.5, 4.0, 8.0]));
        assert_eq!(at.child(1).fill("{level}/{x}_{y}.glb"), "2/3_2.glb");
        assert_eq!((first_of_level(Scheme::Octree, 2), first_of_level(Scheme::Quadtree, 3)), (9, 21));
    }
}
