//! The JSON of a glTF 2.0 file and its buffers, from `.gltf` or `.glb` (Khronos glTF 2.0, sections 3 and 4).

use std::{borrow::Cow, collections::BTreeMap};

use serde::Deserialize;
use serde_json::Value as Json;

use super::resources::{Location, data_uri};

/// Extensions that may be required and still be read: those that are understood, and those that only change looks.
const KNOWN_EXTENSIONS: &[&str] = &[
    "KHR_draco_mesh_compression",
    "EXT_meshopt_compression",
    "KHR_mesh_quantization",
    "EXT_mesh_gpu_instancing",
    "EXT_mesh_features",
    "EXT_instance_features",
    "EXT_structural_metadata",
    "EXT_feature_metadata",
    "CESIUM_RTC",
    "CESIUM_primitive_outline",
    "EXT_texture_webp",
    "EXT_texture_avif",
    "MSFT_texture_dds",
    "MSFT_packing_normalRoughnessMetallic",
    "MSFT_packing_occlusionRoughnessMetallic",
    "ADOBE_materials_clearcoat_specular",
    "ADOBE_materials_thin_transparency",
];
/// Prefixes of extensions that only change looks.
const LOOKS_ONLY: &[&str] =
    &["KHR_materials_", "KHR_texture_", "KHR_lights_", "KHR_animation_", "KHR_xmp", "EXT_lights_"];

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Root {
    pub asset: Option<Asset>,
    pub extensions_used: Vec<String>,
    pub extensions_required: Vec<String>,
    pub scene: Option<usize>,
    pub scenes: Vec<SceneList>,
    pub nodes: Vec<Node>,
    pub meshes: Vec<Mesh>,
    pub accessors: Vec<Accessor>,
    pub buffer_views: Vec<BufferView>,
    pub buffers: Vec<Buffer>,
    pub materials: Vec<Material>,
    pub extensions: BTreeMap<String, Json>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asset {
    pub version: Option<String>,
    pub generator: Option<String>,
    pub copyright: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct SceneList {
    pub nodes: Vec<usize>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Node {
    pub name: Option<String>,
    pub children: Vec<usize>,
    pub mesh: Option<usize>,
    pub matrix: Option<Vec<f64>>,
    pub translation: Option<[f64; 3]>,
    pub rotation: Option<[f64; 4]>,
    pub scale: Option<[f64; 3]>,
    pub extensions: BTreeMap<String, Json>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Mesh {
    pub name: Option<String>,
    pub primitives: Vec<Primitive>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Primitive {
    pub attributes: BTreeMap<String, usize>,
    pub indices: Option<usize>,
    pub material: Option<usize>,
    pub mode: Option<u32>,
    pub extensions: BTreeMap<String, Json>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Accessor {
    pub buffer_view: Option<usize>,
    pub byte_offset: u64,
    pub component_type: u32,
    pub normalized: bool,
    pub count: u64,
    #[serde(rename = "type")]
    pub kind: String,
    pub sparse: Option<Sparse>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Sparse {
    pub count: u64,
    pub indices: SparsePart,
    pub values: SparsePart,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct SparsePart {
    pub buffer_view: usize,
    pub byte_offset: u64,
    pub component_type: u32,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct BufferView {
    pub buffer: usize,
    pub byte_offset: u64,
    pub byte_length: u64,
    pub byte_stride: Option<u64>,
    pub extensions: BTreeMap<String, Json>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Buffer {
    pub uri: Option<String>,
    pub byte_length: u64,
    pub extensions: BTreeMap<String, Json>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Material {
    pub pbr_metallic_roughness: Option<Pbr>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Pbr {
    pub base_color_factor: Option<[f64; 4]>,
}

/// What was expected, what was found, and where in the file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}, found {found} at {location}")]
pub struct GltfError {
    pub expected: String,
    pub found: String,
    pub location: String,
}

impl GltfError {
    pub fn new(expected: impl Into<String>, found: impl Into<String>, location: impl Into<String>) -> Self {
        Self { expected: expected.into(), found: found.into(), location: location.into() }
    }
}

/// A parsed file with all its buffers in memory.
#[derive(Debug)]
pub struct Document<'a> {
    pub root: Root,
    buffers: Vec<Cow<'a, [u8]>>,
    /// Unpacked buffer views of EXT_meshopt_compression, by number.
    unpacked: BTreeMap<usize, Vec<u8>>,
}

/// Whether bytes are a binary glTF of any version.
pub fn is_glb(bytes: &[u8]) -> bool {
    bytes.starts_with(b"glTF")
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at.checked_add(4)?)?.try_into().ok().map(u32::from_le_bytes)
}

/// The JSON and BIN chunks of a GLB.
fn glb_chunks(bytes: &[u8]) -> Result<(&[u8], Option<&[u8]>), GltfError> {
    let cut = |what: &str| GltfError::new(what, format!("{} bytes", bytes.len()), "byte 8");
    let version = u32_at(bytes, 4).ok_or_else(|| cut("a GLB header of 12 bytes"))?;
    if version != 2 {
        let found = format!("version {version}");
        return Err(GltfError::new("glTF 2.0 (older files can be converted)", found, "byte 4"));
    }
    let length = u32_at(bytes, 8).ok_or_else(|| cut("a GLB header of 12 bytes"))? as usize;
    let whole = bytes.get(..length).ok_or_else(|| cut(&format!("{length} bytes, as the GLB header says")))?;
    let (mut json, mut bin) = (None, None);
    let mut at = 12;
    while at < whole.len() {
        let (Some(size), Some(kind)) = (u32_at(whole, at), u32_at(whole, at + 4)) else {
            return Err(GltfError::new("a GLB chunk header", "the end", format!("byte {at}")));
        };
        let end = (at + 8).checked_add(size as usize);
        let Some(chunk) = end.and_then(|end| whole.get(at + 8..end)) else {
            let found = format!("{} bytes", whole.len() - at - 8);
            return Err(GltfError::new(format!("a GLB chunk of {size} bytes"), found, format!("byte {at}")));
        };
        match kind {
            0x4e4f_534a if json.is_none() => json = Some(chunk),
            0x004e_4942 if bin.is_none() && json.is_some() => bin = Some(chunk),
            _ if json.is_none() => {
                return Err(GltfError::new(
                    "the JSON chunk first",
                    format!("kind {kind:#x}"),
                    format!("byte {at}"),
                ));
            }
            _ => {}
        }
        at += 8 + chunk.len();
    }
    json.map(|json| (json, bin)).ok_or_else(|| GltfError::new("a JSON chunk", "none", "byte 12"))
}

impl<'a> Document<'a> {
    /// Parses a `.gltf` or `.glb`; buffers are looked up beside `location`.
    pub fn parse(bytes: &'a [u8], location: &Location) -> Result<Self, GltfError> {
        let (json, bin) = if is_glb(bytes) { glb_chunks(bytes)? } else { (bytes, None) };
        let json = json.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(json);
        let root: Root = serde_json::from_slice(json).map_err(|error| {
            let text = error.to_string();
            let found = text.split(" at line ").next().unwrap_or(&text).to_owned();
            GltfError::new("glTF JSON", found, format!("line {}, column {}", error.line(), error.column()))
        })?;
        let version = root.asset.as_ref().and_then(|asset| asset.version.as_deref()).unwrap_or("nothing");
        if !version.starts_with("2.") {
            return Err(GltfError::new("asset.version \"2.0\"", format!("\"{version}\""), "asset"));
        }
        for name in &root.extensions_required {
            let is_known = KNOWN_EXTENSIONS.contains(&name.as_str())
                || LOOKS_ONLY.iter().any(|prefix| name.starts_with(prefix));
            if !is_known {
                let expected = "extensions that this program reads";
                return Err(GltfError::new(expected, format!("\"{name}\" required"), "extensionsRequired"));
            }
        }
        let mut document = Self { root, buffers: Vec::new(), unpacked: BTreeMap::new() };
        document.load_buffers(bin, location)?;
        document.unpack_views()?;
        Ok(document)
    }

    fn load_buffers(&mut self, bin: Option<&'a [u8]>, location: &Location) -> Result<(), GltfError> {
        for (number, buffer) in self.root.buffers.iter().enumerate() {
            let place = format!("buffers[{number}]");
            let is_fallback = buffer
                .extensions
                .get("EXT_meshopt_compression")
                .is_some_and(|extension| extension.get("fallback") == Some(&Json::Bool(true)));
            let bytes: Cow<'a, [u8]> = match &buffer.uri {
                Some(uri) if uri.starts_with("data:") => data_uri(uri)
                    .map(Cow::Owned)
                    .ok_or_else(|| GltfError::new("base64 in a data URI", "something else", &*place))?,
                Some(uri) => location
                    .join(uri)
                    .and_then(|location| location.read())
                    .map(Cow::Owned)
                    .map_err(|error| GltfError::new("a readable buffer", error.to_string(), &*place))?,
                None if number == 0 && bin.is_some() => Cow::Borrowed(bin.unwrap_or_default()),
                None if is_fallback => Cow::Borrowed(&[]),
                None => return Err(GltfError::new("a uri or the GLB's binary chunk", "neither", &*place)),
            };
            if !is_fallback && (bytes.len() as u64) < buffer.byte_length {
                let found = format!("{}", bytes.len());
                return Err(GltfError::new(format!("{} bytes", buffer.byte_length), found, &*place));
            }
            self.buffers.push(bytes);
        }
        Ok(())
    }

    fn unpack_views(&mut self) -> Result<(), GltfError> {
        for (number, view) in self.root.buffer_views.iter().enumerate() {
            let Some(extension) = view.extensions.get("EXT_meshopt_compression") else { continue };
            let place = format!("bufferViews[{number}].extensions.EXT_meshopt_compression");
            let int = |key: &str| extension.get(key).and_then(Json::as_u64);
            let (Some(buffer), Some(length), Some(stride), Some(count)) =
                (int("buffer"), int("byteLength"), int("byteStride"), int("count"))
            else {
                return Err(GltfError::new("buffer, byteLength, byteStride and count", "less", place));
            };
            let start = int("byteOffset").unwrap_or(0);
            let packed = usize::try_from(buffer)
                .ok()
                .and_then(|buffer| slice(self.buffers.get(buffer)?, start, length))
                .ok_or_else(|| {
                    GltfError::new("packed bytes inside a buffer", format!("{length} at {start}"), &*place)
                })?;
            let text = |key: &str| extension.get(key).and_then(Json::as_str).unwrap_or("NONE");
            let bytes = super::meshopt::decode(packed, count, stride, text("mode"), text("filter"))
                .map_err(|found| GltfError::new("a meshopt stream", found, &*place))?;
            self.unpacked.insert(number, bytes);
        }
        Ok(())
    }

    /// The bytes of a buffer view, unpacked.
    pub fn view(&self, number: usize) -> Result<&[u8], GltfError> {
        let place = || format!("bufferViews[{number}]");
        if let Some(bytes) = self.unpacked.get(&number) {
            return Ok(bytes);
        }
        let views = self.root.buffer_views.len();
        let view = self.root.buffer_views.get(number).ok_or_else(|| {
            GltfError::new(format!("one of {views} buffer views"), number.to_string(), place())
        })?;
        let bytes = self
            .buffers
            .get(view.buffer)
            .ok_or_else(|| GltfError::new("an existing buffer", view.buffer.to_string(), place()))?;
        slice(bytes, view.byte_offset, view.byte_length).ok_or_else(|| {
            let found = format!("{} bytes from {}", view.byte_length, view.byte_offset);
            GltfError::new(format!("a part of the buffer's {} bytes", bytes.len()), found, place())
        })
    }
}

/// `length` bytes from `start`, checked.
pub fn slice(bytes: &[u8], start: u64, length: u64) -> Option<&[u8]> {
    let start = usize::try_from(start).ok()?;
    bytes.get(start..start.checked_add(usize::try_from(length).ok()?)?)
}
