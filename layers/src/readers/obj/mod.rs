//! Wavefront OBJ models: objects and groups as features, polygons triangulated, colours from vertices or materials.
//!
//! The format knows neither units nor axes nor a CRS. Metres and z up are assumed, as city data are written; numbers that
//! lie in the Netherlands are taken for RD, others come in [`crate::crs::Epsg::LOCAL`] and are placed by the user.

mod parse;

use std::collections::{BTreeMap, HashMap};

use self::parse::{Parsed, material_colors, parse};
use super::{
    FormatReader, ReadContext, ReadError, ReadOutcome, Source,
    gltf::{
        builder::{MeshBuilder, WorldMesh},
        finish,
        resources::{Location, has_extension},
    },
    input::{open_text, with_checksum},
};
use crate::model::Provenance;

/// `.obj`
#[derive(Debug)]
pub struct ObjReader;

impl FormatReader for ObjReader {
    fn id(&self) -> &'static str {
        "obj"
    }

    fn title(&self) -> &'static str {
        "Wavefront OBJ model"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["obj"]
    }

    fn sniff(&self, head: &[u8], file_name: &str) -> bool {
        let lower = file_name.to_ascii_lowercase();
        if !has_extension(lower.trim_end_matches(".gz"), "obj") {
            return false;
        }
        const KEYWORDS: [&str; 11] = ["v", "vn", "vt", "vp", "f", "o", "g", "s", "mtllib", "usemtl", "l"];
        let text = String::from_utf8_lossy(head);
        let mut words = text
            .lines()
            .map(|line| line.trim_start_matches('\u{feff}').trim())
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .filter_map(|line| line.split_ascii_whitespace().next());
        words.next().is_none_or(|word| KEYWORDS.contains(&word))
    }

    fn read(&self, source: &Source, context: &mut ReadContext) -> Result<ReadOutcome, ReadError> {
        let (parsed, checksum) = with_checksum(source, || parse(source, open_text(source)?, context));
        let parsed = parsed?;
        if parsed.groups.is_empty() {
            return Err(ReadError::Malformed {
                path: source.path.clone(),
                expected: "at least one face (\"f\") with vertices (\"v\")".to_owned(),
                found: format!("{} vertices and {} faces that can be drawn", parsed.vertices.len(), 0),
                location: "the whole file".to_owned(),
                advice: "export the model again, with its faces".to_owned(),
            });
        }
        if parsed.other_elements > 0 {
            let message = format!(
                "{} lines, points or curves are left out; only faces are drawn",
                parsed.other_elements
            );
            context.report.warn("elements-left-out", "the file", message);
        }
        let colors = read_materials(source, &parsed, context)?;
        let mut builder = MeshBuilder::default();
        for group in &parsed.groups {
            context.check_cancelled()?;
            let feature = builder.feature(&group.name);
            let mut local: HashMap<u32, u32> = HashMap::new();
            let mut mesh = WorldMesh {
                name: group.name.clone(),
                color: group.material.as_ref().and_then(|name| colors.get(name)).copied(),
                ..WorldMesh::default()
            };
            for &corner in &group.corners {
                let next = mesh.points.len() as u32;
                let index = *local.entry(corner).or_insert(next);
                if index == next {
                    mesh.points.push(parsed.vertices.get(corner as usize).copied().unwrap_or([f64::NAN; 3]));
                    mesh.colors.extend(parsed.colors.get(&corner));
                }
                mesh.indices.push(index);
            }
            mesh.features = vec![feature; mesh.points.len()];
            builder.push(mesh);
        }
        context.progress.set(0.9);
        let counts = BTreeMap::from([
            ("vertices".to_owned(), parsed.vertices.len() as u64),
            ("faces".to_owned(), parsed.faces),
            ("objects".to_owned(), parsed.objects),
        ]);
        let provenance =
            Provenance { source: source.file_name().to_owned(), checksum, ..Provenance::default() };
        finish(self.id(), None, source, builder, counts, provenance, context)
    }

    fn reads_other_files(&self, _source: &Source) -> bool {
        true
    }
}

/// Colours of the materials that are used; a missing library costs the colours only.
fn read_materials(
    source: &Source,
    parsed: &Parsed,
    context: &mut ReadContext,
) -> Result<BTreeMap<String, [u8; 4]>, ReadError> {
    let here = Location::of_source(source)?;
    let mut colors = BTreeMap::new();
    for library in &parsed.libraries {
        context.check_cancelled()?;
        match here.join(library).and_then(|location| location.read()) {
            Ok(bytes) => colors.extend(material_colors(&String::from_utf8_lossy(&bytes))),
            Err(error) => {
                let message = format!("{error}; the model is drawn without its colours");
                context.report.warn("materials-missing", "mtllib", message);
            }
        }
    }
    Ok(colors)
}
