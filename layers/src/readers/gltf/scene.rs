//! What a glTF scene shows: its nodes walked, their transforms multiplied, each primitive as plain arrays.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::Value as Json;

use super::{
    accessor::Values,
    document::{Document, GltfError, Node, Primitive},
    draco,
    matrix::Matrix,
    properties::{self, PropertyTable},
};

const MAX_DEPTH: usize = 128;
/// Node visits and primitives of one file, instances counted.
const MAX_VISITS: usize = 4_000_000;

/// Geometry of one primitive, in its own coordinates (y up).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Geometry {
    pub positions: Vec<[f32; 3]>,
    /// Three a triangle; empty for points.
    pub indices: Vec<u32>,
    pub is_points: bool,
    /// One a vertex, or none.
    pub colors: Vec<[u8; 4]>,
    pub color: Option<[u8; 4]>,
    /// Number within its table of each vertex; none when the primitive has no feature ids.
    pub feature_ids: Vec<u32>,
    /// The property table that `feature_ids` point into.
    pub table: Option<usize>,
    /// Whether `feature_ids` are the batch ids of a b3dm.
    pub is_batched: bool,
}

/// A primitive at a place.
#[derive(Clone, Debug)]
pub struct Shape {
    pub name: String,
    pub geometry: Arc<Geometry>,
    /// From the primitive's coordinates to the file's (y still up).
    pub transform: Matrix,
}

/// All that a file shows.
#[derive(Debug, Default)]
pub struct Scene {
    pub shapes: Vec<Shape>,
    pub tables: Vec<PropertyTable>,
    /// CESIUM_RTC: where the file's origin lies, in the axes of the world.
    pub center: Option<[f64; 3]>,
    /// Things that were left out: place and why.
    pub left_out: Vec<GltfError>,
}

impl Scene {
    pub fn triangle_count(&self) -> usize {
        self.shapes.iter().map(|shape| shape.geometry.indices.len() / 3).sum()
    }
}

/// Reads the default scene. A broken primitive is left out and named in `left_out`; only faults of the whole are errors.
pub fn read(document: &Document<'_>) -> Result<Scene, GltfError> {
    let mut scene = Scene { center: rtc_center(document), ..Scene::default() };
    read_tables(document, &mut scene);
    let geometries = read_meshes(document, &mut scene);
    let root = &document.root;
    let starts: Vec<usize> = match root.scenes.get(root.scene.unwrap_or(0)) {
        Some(list) => list.nodes.clone(),
        // Without scenes all nodes that are no child are shown.
        None if root.scene.is_none() => {
            let children: std::collections::BTreeSet<usize> =
                root.nodes.iter().flat_map(|node| node.children.iter().copied()).collect();
            (0..root.nodes.len()).filter(|node| !children.contains(node)).collect()
        }
        None => {
            let found = format!("scene {}", root.scene.unwrap_or(0));
            return Err(GltfError::new(format!("one of {} scenes", root.scenes.len()), found, "scene"));
        }
    };
    let mut pending: Vec<(usize, Matrix, usize)> =
        starts.into_iter().rev().map(|node| (node, Matrix::IDENTITY, 0)).collect();
    let mut visits = 0;
    while let Some((number, above, depth)) = pending.pop() {
        let place = || format!("nodes[{number}]");
        visits += 1;
        let Some(node) = root.nodes.get(number) else {
            let found = number.to_string();
            return Err(GltfError::new(format!("one of {} nodes", root.nodes.len()), found, "nodes"));
        };
        if depth > MAX_DEPTH || visits > MAX_VISITS {
            return Err(GltfError::new(
                format!("a tree of at most {MAX_DEPTH} levels"),
                "a deeper one or a circle",
                place(),
            ));
        }
        let transform =
            above.after(&own_transform(node).map_err(|found| {
                GltfError::new("an affine matrix of sixteen finite numbers", found, place())
            })?);
        if let Some(mesh) = node.mesh {
            let Some(primitives) = geometries.get(mesh) else {
                let found = mesh.to_string();
                return Err(GltfError::new(format!("one of {} meshes", root.meshes.len()), found, place()));
            };
            let instances = instances(document, node, number, &mut scene);
            if visits + primitives.len() * instances.len() > MAX_VISITS {
                return Err(GltfError::new(format!("at most {MAX_VISITS} things"), "more", place()));
            }
            visits += primitives.len() * instances.len();
            let name = node
                .name
                .clone()
                .or_else(|| root.meshes.get(mesh).and_then(|mesh| mesh.name.clone()))
                .unwrap_or_else(|| format!("node {number}"));
            for instance in &instances {
                for geometry in primitives {
                    scene.shapes.push(Shape {
                        name: name.clone(),
                        geometry: Arc::clone(geometry),
                        transform: transform.after(instance),
                    });
                }
            }
        }
        pending.extend(node.children.iter().rev().map(|&child| (child, transform, depth + 1)));
    }
    Ok(scene)
}

fn own_transform(node: &Node) -> Result<Matrix, String> {
    if let Some(matrix) = &node.matrix {
        return Matrix::from_slice(matrix).ok_or_else(|| format!("{} numbers that are none", matrix.len()));
    }
    let translation = node.translation.unwrap_or_default();
    let rotation = node.rotation.unwrap_or([0.0, 0.0, 0.0, 1.0]);
    let scale = node.scale.unwrap_or([1.0; 3]);
    if translation.iter().chain(&rotation).chain(&scale).any(|value| !value.is_finite()) {
        return Err("a number that is not finite".to_owned());
    }
    Ok(Matrix::from_parts(translation, rotation, scale))
}

/// EXT_mesh_gpu_instancing: one transform an instance; a plain node has one.
fn instances(document: &Document<'_>, node: &Node, number: usize, scene: &mut Scene) -> Vec<Matrix> {
    let Some(extension) = node.extensions.get("EXT_mesh_gpu_instancing") else {
        return vec![Matrix::IDENTITY];
    };
    let column = |name: &str| -> Result<Option<Values>, GltfError> {
        let index =
            extension.get("attributes").and_then(|attributes| attributes.get(name)).and_then(Json::as_u64);
        index.and_then(|index| usize::try_from(index).ok()).map(|index| document.values(index)).transpose()
    };
    let read = || -> Result<Vec<Matrix>, GltfError> {
        let (moves, turns, scales) = (column("TRANSLATION")?, column("ROTATION")?, column("SCALE")?);
        let rows = [(&moves, 3), (&turns, 4), (&scales, 3)]
            .iter()
            .filter_map(|(values, width)| values.as_ref().map(|values| values.numbers.len() / width))
            .min()
            .unwrap_or(0);
        let part = |values: &Option<Values>, row: usize, width: usize, position: usize, otherwise: f64| {
            let number = values.as_ref().and_then(|values| values.numbers.get(row * width + position));
            number.copied().unwrap_or(otherwise)
        };
        Ok((0..rows.min(MAX_VISITS))
            .map(|row| {
                Matrix::from_parts(
                    std::array::from_fn(|axis| part(&moves, row, 3, axis, 0.0)),
                    std::array::from_fn(|axis| part(&turns, row, 4, axis, if axis == 3 { 1.0 } else { 0.0 })),
                    std::array::from_fn(|axis| part(&scales, row, 3, axis, 1.0)),
                )
            })
            .collect())
    };
    read().unwrap_or_else(|mut error| {
        error.location = format!("nodes[{number}].extensions.EXT_mesh_gpu_instancing: {}", error.location);
        scene.left_out.push(error);
        Vec::new()
    })
}

fn rtc_center(document: &Document<'_>) -> Option<[f64; 3]> {
    let center = document.root.extensions.get("CESIUM_RTC")?.get("center")?.as_array()?;
    let numbers: Vec<f64> = center.iter().filter_map(Json::as_f64).collect();
    numbers.try_into().ok()
}

fn read_tables(document: &Document<'_>, scene: &mut Scene) {
    let Some(extension) = document.root.extensions.get("EXT_structural_metadata") else { return };
    let classes = extension.get("schema").map(properties::classes).unwrap_or_default();
    let tables = extension.get("propertyTables").and_then(Json::as_array);
    for (number, table) in tables.into_iter().flatten().enumerate() {
        let place = format!("extensions.EXT_structural_metadata.propertyTables[{number}]");
        match properties::read_table(table, &classes, &place, &|view| document.view(view)) {
            Ok(table) => scene.tables.push(table),
            Err(error) => {
                scene.left_out.push(error);
                scene.tables.push(PropertyTable::default());
            }
        }
    }
}

/// Geometries by mesh; each mesh once, however many nodes show it.
fn read_meshes(document: &Document<'_>, scene: &mut Scene) -> Vec<Vec<Arc<Geometry>>> {
    let mut meshes = Vec::with_capacity(document.root.meshes.len());
    for (number, mesh) in document.root.meshes.iter().enumerate() {
        let mut geometries = Vec::new();
        for (position, primitive) in mesh.primitives.iter().enumerate() {
            let place = format!("meshes[{number}].primitives[{position}]");
            match read_primitive(document, primitive, &place) {
                Ok(geometry) => geometries.push(Arc::new(geometry)),
                Err(error) => scene.left_out.push(error),
            }
        }
        meshes.push(geometries);
    }
    meshes
}

fn read_primitive(
    document: &Document<'_>,
    primitive: &Primitive,
    place: &str,
) -> Result<Geometry, GltfError> {
    let unpacked = match primitive.extensions.get("KHR_draco_mesh_compression") {
        Some(extension) => Some(draco::decode(document, extension, place)?),
        None => None,
    };
    let column = |name: &str| -> Result<Option<Values>, GltfError> {
        if let Some(values) = unpacked.as_ref().and_then(|unpacked| unpacked.attributes.get(name)) {
            return Ok(Some(values.clone()));
        }
        primitive.attributes.get(name).map(|&index| document.values(index)).transpose()
    };
    let positions = column("POSITION")?
        .filter(|values| values.components == 3)
        .ok_or_else(|| GltfError::new("POSITION with three components", "none", place))?;
    let mut positions: Vec<[f32; 3]> =
        positions.numbers.chunks_exact(3).map(|p| [p[0] as f32, p[1] as f32, p[2] as f32]).collect();
    // One bad vertex makes its triangles vanish, not the primitive.
    for position in &mut positions {
        if position.iter().any(|value| !value.is_finite()) {
            *position = [f32::NAN; 3];
        }
    }
    let count = positions.len();
    let listed = match &unpacked {
        Some(unpacked) => Some(unpacked.indices.clone()),
        None => primitive.indices.map(|index| document.integers(index)).transpose()?,
    };
    let sequence = listed.unwrap_or_else(|| (0..count as u32).collect());
    if let Some(bad) = sequence.iter().find(|&&index| index as usize >= count) {
        let found = format!("index {bad}");
        return Err(GltfError::new(format!("indices below {count}"), found, place));
    }
    let mode = if unpacked.is_some() { 4 } else { primitive.mode.unwrap_or(4) };
    let indices = match mode {
        0 => Vec::new(),
        4 => sequence.chunks_exact(3).flatten().copied().collect(),
        // Strips turn every second triangle round; fans share their first corner.
        5 => sequence
            .windows(3)
            .enumerate()
            .flat_map(|(n, w)| if n % 2 == 0 { [w[0], w[1], w[2]] } else { [w[1], w[0], w[2]] })
            .collect(),
        6 => {
            let hub = sequence.first().copied().unwrap_or(0);
            sequence.get(1..).unwrap_or_default().windows(2).flat_map(|w| [hub, w[0], w[1]]).collect()
        }
        1..=3 => return Err(GltfError::new("triangles or points", "lines, which are left out", place)),
        _ => return Err(GltfError::new("a mode from 0 to 6", mode.to_string(), place)),
    };
    let (feature_ids, table, is_batched) = feature_ids(primitive, count, &column, place)?;
    Ok(Geometry {
        colors: colors(column("COLOR_0")?, count),
        color: material_color(document, primitive),
        positions,
        indices,
        is_points: mode == 0,
        feature_ids,
        table,
        is_batched,
    })
}

/// Vertex colours: linear light as glTF has it, to sRGB bytes.
fn colors(values: Option<Values>, count: usize) -> Vec<[u8; 4]> {
    let Some(values) = values.filter(|values| matches!(values.components, 3 | 4)) else { return Vec::new() };
    let colors: Vec<[u8; 4]> = values
        .numbers
        .chunks_exact(values.components)
        .map(|c| to_srgb([c[0], c[1], c[2], c.get(3).copied().unwrap_or(1.0)]))
        .collect();
    if colors.len() == count { colors } else { Vec::new() }
}

fn material_color(document: &Document<'_>, primitive: &Primitive) -> Option<[u8; 4]> {
    let material = document.root.materials.get(primitive.material?)?;
    let factor = material.pbr_metallic_roughness.as_ref()?.base_color_factor?;
    Some(to_srgb(factor))
}

/// Linear light to sRGB bytes (IEC 61966-2-1); alpha as it is.
pub fn to_srgb([r, g, b, a]: [f64; 4]) -> [u8; 4] {
    let encode = |linear: f64| {
        let linear = linear.clamp(0.0, 1.0);
        let value =
            if linear <= 0.003_130_8 { linear * 12.92 } else { 1.055 * linear.powf(1.0 / 2.4) - 0.055 };
        (value * 255.0).round() as u8
    };
    [encode(r), encode(g), encode(b), (a.clamp(0.0, 1.0) * 255.0).round() as u8]
}

type FeatureIds = (Vec<u32>, Option<usize>, bool);

/// Feature ids of a primitive: EXT_mesh_features (its first set that is not in a texture), else `_BATCHID`.
fn feature_ids(
    primitive: &Primitive,
    count: usize,
    column: &dyn Fn(&str) -> Result<Option<Values>, GltfError>,
    place: &str,
) -> Result<FeatureIds, GltfError> {
    let whole = |values: Values| -> Vec<u32> {
        values.numbers.into_iter().map(|value| value.round() as u32).collect()
    };
    let checked = |ids: Vec<u32>, name: &str| {
        if ids.len() == count {
            Ok(ids)
        } else {
            Err(GltfError::new(format!("{count} values of {name}"), ids.len().to_string(), place))
        }
    };
    let sets = primitive
        .extensions
        .get("EXT_mesh_features")
        .and_then(|e| e.get("featureIds"))
        .and_then(Json::as_array);
    for set in sets.into_iter().flatten() {
        if set.get("texture").is_some() {
            continue;
        }
        let table =
            set.get("propertyTable").and_then(Json::as_u64).and_then(|table| usize::try_from(table).ok());
        let null = set.get("nullFeatureId").and_then(Json::as_u64).and_then(|id| u32::try_from(id).ok());
        let mut ids = match set.get("attribute").and_then(Json::as_u64) {
            Some(number) => {
                let name = format!("_FEATURE_ID_{number}");
                let values = column(&name)?
                    .ok_or_else(|| GltfError::new(format!("an attribute {name}"), "none", place))?;
                checked(whole(values), &name)?
            }
            // Without an attribute every vertex is its own feature.
            None => (0..count as u32).collect(),
        };
        for id in &mut ids {
            if Some(*id) == null {
                *id = u32::MAX;
            }
        }
        return Ok((ids, table, false));
    }
    for name in ["_BATCHID", "BATCHID"] {
        if let Some(values) = column(name)? {
            return Ok((checked(whole(values), name)?, None, true));
        }
    }
    Ok((Vec::new(), None, false))
}

/// Attribute names to values of one feature of a table.
pub fn table_row(table: &PropertyTable, row: usize) -> BTreeMap<&str, crate::model::Value> {
    table
        .columns
        .iter()
        .filter_map(|(name, values)| Some((name.as_str(), values.get(row)?.clone())))
        .collect()
}
