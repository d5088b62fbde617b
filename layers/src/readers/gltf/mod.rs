//! glTF 2.0 and GLB models, by our own reading of the JSON and its buffers with every access checked.
//!
//! Draco and meshopt streams are unpacked; another required extension is refused by name. Textures, normals, skins and
//! animations are not read. A model rarely says where on Earth it stands: unless its numbers look like RD it comes in
//! [`Epsg::LOCAL`] and is placed by the user.

pub mod accessor;
pub mod builder;
pub mod document;
mod draco;
pub mod matrix;
mod meshopt;
pub mod properties;
pub mod resources;
pub mod scene;

use std::{collections::BTreeMap, sync::Arc};

use self::{
    builder::{MeshBuilder, WorldMesh, public_id},
    document::{Document, GltfError, is_glb},
    matrix::Matrix,
    resources::Location,
    scene::Scene,
};
use super::{
    FormatReader, Inspection, ReadContext, ReadError, ReadOutcome, Severity, Source,
    input::{read_all, with_checksum},
    layer_id,
    placement::{Placement, Unlabelled},
};
use crate::{
    crs::{Epsg, looks_like_rd},
    model::{Bounds3, Layer, LayerData, MeshModel, Provenance},
};

/// `.glb`, `.gltf`
#[derive(Debug)]
pub struct GltfReader;

impl FormatReader for GltfReader {
    fn id(&self) -> &'static str {
        "gltf"
    }

    fn title(&self) -> &'static str {
        "glTF model"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["glb", "gltf"]
    }

    fn sniff(&self, head: &[u8], file_name: &str) -> bool {
        if is_glb(head) {
            return true;
        }
        let text = String::from_utf8_lossy(head);
        let is_object = text.trim_start_matches('\u{feff}').trim_start().starts_with('{');
        let is_named = file_name.to_ascii_lowercase().ends_with(".gltf");
        let mentions =
            ["\"accessors\"", "\"bufferViews\"", "\"meshes\""].iter().any(|word| text.contains(word));
        is_object && (is_named || (mentions && text.contains("\"asset\"")))
    }

    fn read(&self, source: &Source, context: &mut ReadContext) -> Result<ReadOutcome, ReadError> {
        let (result, checksum) = with_checksum(source, || read_scene(source, context));
        let (scene, version, copyright) = result?;
        context.progress.set(0.5);
        let mut builder = MeshBuilder::default();
        let mut counts = BTreeMap::new();
        gather(&scene, &mut builder, context)?;
        report_left_out(&scene.left_out, context);
        let points: usize =
            scene.shapes.iter().filter(|s| s.geometry.is_points).map(|s| s.geometry.positions.len()).sum();
        if points > 0 {
            let message = format!("{points} loose points are left out; only triangles are drawn");
            context.report.warn("points-left-out", "the scene", message);
        }
        counts.insert("shapes".to_owned(), scene.shapes.len() as u64);
        if builder.triangles == 0 {
            let message = "expected triangles, found none".to_owned();
            context.report.error("no-triangles", "the scene", message);
        }
        let provenance = Provenance {
            source: copyright.unwrap_or_else(|| source.file_name().to_owned()),
            checksum,
            ..Provenance::default()
        };
        finish(self.id(), version, source, builder, counts, provenance, context)
    }

    fn is_risky(&self) -> bool {
        true
    }

    fn reads_other_files(&self, _source: &Source) -> bool {
        true
    }
}

fn read_scene(
    source: &Source,
    context: &mut ReadContext,
) -> Result<(Scene, Option<String>, Option<String>), ReadError> {
    let bytes = read_all(source, context)?;
    let malformed = |error: GltfError| ReadError::Malformed {
        path: source.path.clone(),
        expected: error.expected,
        found: error.found,
        location: error.location,
        advice: "mend the file or export it again without that".to_owned(),
    };
    let location = Location::of_source(source)?;
    let document = Document::parse(&bytes, &location).map_err(malformed)?;
    context.check_cancelled()?;
    context.progress.set(0.3);
    let scene = scene::read(&document).map_err(malformed)?;
    let asset = document.root.asset.as_ref();
    let text = |value: Option<&String>| value.filter(|text| !text.is_empty()).cloned();
    Ok((
        scene,
        text(asset.and_then(|asset| asset.version.as_ref())),
        text(asset.and_then(|asset| asset.copyright.as_ref())),
    ))
}

/// Faults for what a scene left out.
pub fn report_left_out(left_out: &[GltfError], context: &mut ReadContext) {
    for error in left_out {
        let message = format!("expected {}, found {}; it is left out", error.expected, error.found);
        context.report.error("mesh-left-out", error.location.clone(), message);
    }
}

/// The shapes of a scene as parts, z up, one feature a node or a row of its property table.
fn gather(scene: &Scene, builder: &mut MeshBuilder, context: &mut ReadContext) -> Result<(), ReadError> {
    let base = scene.center.map_or(Matrix::IDENTITY, Matrix::translation).after(&Matrix::Z_UP_FROM_Y_UP);
    for shape in &scene.shapes {
        context.check_cancelled()?;
        let geometry = &shape.geometry;
        if geometry.is_points {
            continue;
        }
        let transform = base.after(&shape.transform);
        let own = builder.feature(&shape.name);
        let mut known: BTreeMap<u32, u32> = BTreeMap::new();
        let table = geometry.table.and_then(|table| scene.tables.get(table));
        let features = geometry
            .feature_ids
            .iter()
            .map(|&id| {
                if id == u32::MAX {
                    return MeshModel::NO_FEATURE;
                }
                *known.entry(id).or_insert_with(|| {
                    let row = table.map(|table| scene::table_row(table, id as usize)).unwrap_or_default();
                    let public = public_id(row.iter().map(|(name, value)| (*name, value)));
                    let feature = builder.feature(&public.unwrap_or_else(|| format!("{}#{id}", shape.name)));
                    builder.set_attributes(feature, row);
                    feature
                })
            })
            .collect::<Vec<u32>>();
        let features = if features.is_empty() { vec![own; geometry.positions.len()] } else { features };
        builder.push(WorldMesh {
            name: shape.name.clone(),
            points: geometry.positions.iter().map(|p| transform.point(p.map(f64::from))).collect(),
            indices: turned(&geometry.indices, &transform),
            features,
            colors: geometry.colors.clone(),
            color: geometry.color,
            ..WorldMesh::default()
        });
    }
    Ok(())
}

/// Triangles of a mirroring transform, turned round so that they still look outwards.
pub fn turned(indices: &[u32], transform: &Matrix) -> Vec<u32> {
    if transform.determinant() < 0.0 {
        indices.chunks_exact(3).flat_map(|t| [t[0], t[2], t[1]]).collect()
    } else {
        indices.to_vec()
    }
}

/// Placement, inspection and the layer of a model that does not state a CRS; shared with OBJ. The CRS is what the user
/// assumes, else RD where the numbers lie in the Netherlands, else [`Epsg::LOCAL`] with a fault that says so.
pub fn finish(
    format: &'static str,
    version: Option<String>,
    source: &Source,
    builder: MeshBuilder,
    mut counts: BTreeMap<String, u64>,
    provenance: Provenance,
    context: &mut ReadContext,
) -> Result<ReadOutcome, ReadError> {
    let mut model = builder.model;
    if builder.bad_vertices > 0 {
        let message = format!(
            "expected finite places, found {} others; their triangles are left out",
            builder.bad_vertices
        );
        context.report.error("coordinates", "the vertices", message);
    }
    let bounds = model.bounds();
    let crs = if context.assumed_crs.is_some() || looks_like_rd(&bounds) {
        let placement = Placement::decide(source, None, &bounds, Unlabelled::Metric, context)?;
        place_model(&mut model, &placement);
        placement.target
    } else {
        context.report.add(
            Severity::Info,
            "place-needed",
            "reference system",
            "the file does not say where on Earth it is; it stands around its own origin (z up, metres) until it is placed by hand",
        );
        Epsg::LOCAL
    };
    counts.insert("triangles".to_owned(), model.triangle_count() as u64);
    counts.insert("features".to_owned(), model.features.len() as u64);
    counts.insert("parts".to_owned(), model.parts.len() as u64);
    let faults = std::mem::take(&mut context.report).finish();
    let inspection = Inspection {
        uri: source.uri.clone(),
        format,
        version,
        crs: None,
        bbox: bounds.to_array(),
        counts,
        features: model.features.len() as u64,
        lods: Vec::new(),
        fields: model.attributes.columns().iter().map(|column| column.name.clone()).collect(),
        time: None,
        faults: faults.clone(),
    };
    let layer = Layer {
        id: layer_id(source),
        title: layer_id(source),
        data: LayerData::Meshes(Arc::new(model)),
        provenance,
        faults,
    };
    context.progress.set(1.0);
    Ok(ReadOutcome { layers: vec![layer], inspection, crs })
}

/// Moves a model to the placement's target, vertex by vertex.
pub fn place_model(model: &mut MeshModel, placement: &Placement) {
    for part in &mut model.parts {
        let mut points: Vec<[f64; 3]> =
            (0..part.positions.len() as u32).filter_map(|v| part.world(v)).collect();
        placement.apply(&mut points);
        let bounds = Bounds3::from_points(points.iter().copied());
        if bounds.is_empty() {
            part.indices.clear();
            continue;
        }
        part.origin = bounds.center().map(f64::round);
        for (position, point) in part.positions.iter_mut().zip(&points) {
            *position = std::array::from_fn(|axis| (point[axis] - part.origin[axis]) as f32);
        }
        part.indices = part
            .indices
            .chunks_exact(3)
            .filter(|corners| {
                corners.iter().all(|&c| points.get(c as usize).is_some_and(|p| p[0].is_finite()))
            })
            .flatten()
            .copied()
            .collect();
    }
}
