//! KHR_draco_mesh_compression: a primitive whose triangles and attributes are one Draco stream.

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
};

use draco_core::{DecodeLimits, DecoderBuffer, Mesh, MeshDecoder};
use serde_json::Value as Json;

use super::{
    accessor::Values,
    document::{Document, GltfError},
};

/// Points or triangles of one primitive.
const MAX_ELEMENTS: u64 = 50_000_000;
const MAX_BYTES: u64 = 1 << 30;

/// A decoded primitive: attributes by their glTF name, and triangle corners.
pub(super) struct Unpacked {
    pub attributes: BTreeMap<String, Values>,
    pub indices: Vec<u32>,
}

pub(super) fn decode(document: &Document<'_>, extension: &Json, place: &str) -> Result<Unpacked, GltfError> {
    let place = format!("{place}.extensions.KHR_draco_mesh_compression");
    let view = extension
        .get("bufferView")
        .and_then(Json::as_u64)
        .and_then(|view| usize::try_from(view).ok())
        .ok_or_else(|| GltfError::new("a bufferView", "none", &*place))?;
    let bytes = document.view(view)?;
    let limits = DecodeLimits::default()
        .with_max_points(MAX_ELEMENTS)
        .with_max_faces(MAX_ELEMENTS)
        .with_max_decoded_bytes(MAX_BYTES);
    // The decoder promises errors, not panics; a promise is not a proof.
    let decoded = catch_unwind(AssertUnwindSafe(|| {
        let mut mesh = Mesh::new();
        let mut buffer = DecoderBuffer::new(bytes).with_limits(limits);
        MeshDecoder::new().decode(&mut buffer, &mut mesh).map_err(|error| error.to_string())?;
        Ok::<_, String>(mesh)
    }))
    .unwrap_or_else(|_| Err("damaged bytes".to_owned()));
    let mesh = decoded.map_err(|found| GltfError::new("a Draco mesh", found, &*place))?;
    let points = mesh.num_points();
    let mut attributes = BTreeMap::new();
    let listed = extension.get("attributes").and_then(Json::as_object);
    for (name, id) in listed.into_iter().flatten() {
        let attribute = id
            .as_u64()
            .and_then(|id| u32::try_from(id).ok())
            .and_then(|id| mesh.attribute_by_unique_id(id))
            .ok_or_else(|| {
                GltfError::new(format!("attribute {name} in the Draco mesh"), format!("id {id}"), &*place)
            })?;
        let components = usize::from(attribute.num_components());
        if points.saturating_mul(components) as u64 > MAX_BYTES / 8 {
            return Err(GltfError::new("a primitive of sensible size", format!("{points} points"), &*place));
        }
        let numbers = attribute.read_f32s(points, components).into_iter().map(f64::from).collect();
        attributes.insert(name.clone(), Values { components, numbers });
    }
    let indices = mesh.faces().iter().flat_map(|face| face.map(|point| point.0)).collect();
    Ok(Unpacked { attributes, indices })
}
