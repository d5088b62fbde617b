//! Binary glTF 2.0: the drawn shape of a layer, a mesh a tile, with the public ids of its features.

use std::{collections::BTreeMap, io::Write, path::Path};

use serde_json::{Value, json};

use super::{WriteError, stream};
use crate::{
    crs::Epsg,
    mesh::{Role, TileKey, TileMesh},
};

/// Tiles in scene axes, which are glTF's (y up, metres), and what their feature numbers stand for.
pub struct Scene<'a> {
    pub tiles: &'a BTreeMap<TileKey, TileMesh>,
    /// Public id by feature number.
    pub ids: &'a [String],
    /// World coordinates of the scene's origin, and their CRS; written as extras of the asset.
    pub origin: [f64; 3],
    pub crs: Epsg,
}

/// Writes a .glb file. Every vertex carries its feature number (`_FEATURE_ID_0`); the ids are in the root's extras.
/// Roofs, walls and the rest are materials.
pub fn write(path: &Path, scene: &Scene) -> Result<(), WriteError> {
    let mut binary: Vec<u8> = Vec::new();
    let (mut views, mut accessors, mut meshes, mut nodes) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut materials: BTreeMap<u8, usize> = BTreeMap::new();
    for (key, mesh) in scene.tiles {
        if mesh.indices.is_empty() {
            continue;
        }
        let mut add = |bytes: &[u8], target: u32| -> usize {
            views.push(json!({
                "buffer": 0, "byteOffset": binary.len(), "byteLength": bytes.len(), "target": target,
            }));
            binary.extend_from_slice(bytes);
            views.len() - 1
        };
        let (low, high) = extent(&mesh.positions);
        let features: Vec<f32> = mesh.features.iter().map(|&feature| feature as f32).collect();
        let position = add(bytemuck::cast_slice(&mesh.positions), 34962);
        let normal = add(bytemuck::cast_slice(&mesh.normals), 34962);
        let feature = add(bytemuck::cast_slice(&features), 34962);
        let count = mesh.positions.len();
        let first = accessors.len();
        accessors.push(json!({
            "bufferView": position, "componentType": 5126, "count": count, "type": "VEC3", "min": low, "max": high,
        }));
        accessors.push(json!({"bufferView": normal, "componentType": 5126, "count": count, "type": "VEC3"}));
        accessors
            .push(json!({"bufferView": feature, "componentType": 5126, "count": count, "type": "SCALAR"}));
        let mut by_role: BTreeMap<u8, Vec<u32>> = BTreeMap::new();
        for triangle in mesh.indices.chunks_exact(3) {
            let role = mesh.shades.get(triangle[0] as usize).map_or(0, |shade| (shade & 0xff) as u8);
            by_role.entry(role).or_default().extend_from_slice(triangle);
        }
        let mut primitives = Vec::new();
        for (role, indices) in by_role {
            let next = materials.len();
            let material = *materials.entry(role).or_insert(next);
            let view = add(bytemuck::cast_slice(&indices), 34963);
            accessors.push(
                json!({"bufferView": view, "componentType": 5125, "count": indices.len(), "type": "SCALAR"}),
            );
            primitives.push(json!({
                "attributes": {"POSITION": first, "NORMAL": first + 1, "_FEATURE_ID_0": first + 2},
                "indices": accessors.len() - 1, "material": material,
            }));
        }
        nodes.push(json!({"mesh": meshes.len(), "name": format!("tile {} {}", key.column, key.row)}));
        meshes.push(json!({"primitives": primitives}));
    }
    let mut ordered: Vec<(usize, u8)> = materials.into_iter().map(|(role, index)| (index, role)).collect();
    ordered.sort_unstable();
    let materials: Vec<Value> = ordered.into_iter().map(|(_, role)| material_of(role)).collect();
    let document = json!({
        "asset": {"version": "2.0", "generator": concat!("Stadsmaquette ", env!("CARGO_PKG_VERSION"))},
        "scene": 0,
        "scenes": [{"nodes": (0..nodes.len()).collect::<Vec<_>>()}],
        "nodes": nodes, "meshes": meshes, "materials": materials,
        "accessors": accessors, "bufferViews": views, "buffers": [{"byteLength": binary.len()}],
        "extras": {"crs": scene.crs.to_string(), "origin": scene.origin, "featureIds": scene.ids},
    });
    let mut text = document.to_string().into_bytes();
    text.resize(text.len().next_multiple_of(4), b' ');
    binary.resize(binary.len().next_multiple_of(4), 0);
    let total = 12 + 8 + text.len() + 8 + binary.len();
    let too_large = || WriteError::Unsupported {
        path: path.to_owned(),
        format: "glTF",
        what: format!("{} MB", total / 1_000_000),
        advice: "a file holds 4 GB at most; cut out a smaller area".to_owned(),
    };
    let size = u32::try_from(total).map_err(|_| too_large())?;
    stream(path, |out| {
        let mut put = |bytes: &[u8]| out.write_all(bytes).map_err(|error| WriteError::io(path, error));
        put(b"glTF")?;
        for number in [2, size, text.len() as u32] {
            put(&number.to_le_bytes())?;
        }
        put(b"JSON")?;
        put(&text)?;
        put(&(binary.len() as u32).to_le_bytes())?;
        put(b"BIN\0")?;
        put(&binary)
    })
}

fn extent(positions: &[[f32; 3]]) -> ([f32; 3], [f32; 3]) {
    positions.iter().fold(([f32::INFINITY; 3], [f32::NEG_INFINITY; 3]), |(low, high), point| {
        (
            std::array::from_fn(|axis| low[axis].min(point[axis])),
            std::array::from_fn(|axis| high[axis].max(point[axis])),
        )
    })
}

/// Paper colours, as the program draws; linear, as glTF wants them.
fn material_of(role: u8) -> Value {
    let (name, rgb): (&str, [u8; 3]) = match role {
        r if r == Role::Roof as u8 => ("roof", [0xcf, 0xc6, 0xb8]),
        r if r == Role::Wall as u8 => ("wall", [0xe4, 0xdf, 0xd6]),
        r if r == Role::Water as u8 => ("water", [0xb4, 0xcf, 0xdd]),
        r if r == Role::Green as u8 || r == Role::Forest as u8 || r == Role::TreeCrown as u8 => {
            ("green", [0xb5, 0xcf, 0xa8])
        }
        r if r == Role::Street as u8 => ("street", [0xf4, 0xf3, 0xef]),
        _ => ("other", [0xe8, 0xe8, 0xe2]),
    };
    let linear = rgb.map(|part| (f64::from(part) / 255.0).powf(2.2));
    json!({
        "name": name, "doubleSided": true,
        "pbrMetallicRoughness": {
            "baseColorFactor": [linear[0], linear[1], linear[2], 1.0], "metallicFactor": 0.0, "roughnessFactor": 1.0,
        },
    })
}
