//! Several files of one archive as one outcome.

use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
};

use crate::{
    crs::Epsg,
    model::{Bounds3, FeatureLayer, Layer, LayerData},
    readers::{
        Fault, Inspection, ReadContext, ReadError, ReadOutcome, Source, layer_id, unique_ids::UniqueIds,
    },
};

/// Outcomes so far, with the name of the entry that each came from.
#[derive(Default)]
pub(super) struct Merged {
    parts: Vec<(String, ReadOutcome)>,
}

impl Merged {
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// The CRS of the first file that was placed; the others follow it.
    pub fn target(&self) -> Option<Epsg> {
        let is_placed = |outcome: &ReadOutcome| {
            outcome.crs != Epsg::LOCAL && outcome.layers.iter().any(|layer| !layer.data.bounds().is_empty())
        };
        self.parts.iter().map(|(_, outcome)| outcome).find(|outcome| is_placed(outcome)).map(|o| o.crs)
    }

    pub fn add(&mut self, entry: &str, outcome: ReadOutcome) {
        self.parts.push((entry.to_owned(), outcome));
    }

    /// One outcome: counts added up, layers with different ids, faults with the entry they are in.
    pub fn finish(
        self,
        source: &Source,
        checksum: String,
        context: &mut ReadContext,
    ) -> Result<ReadOutcome, ReadError> {
        context.check_cancelled()?;
        let crs = self.target().or(context.target).unwrap_or(Epsg::LOCAL);
        let is_single = self.parts.len() == 1;
        let mut faults: Vec<Fault> = std::mem::take(&mut context.report).finish();
        let mut inspection = Inspection::new(source, "zip");
        let mut bounds = Bounds3::EMPTY;
        let mut layers: Vec<Layer> = Vec::new();
        let mut formats: BTreeSet<&'static str> = BTreeSet::new();
        let mut versions: BTreeSet<String> = BTreeSet::new();
        for (entry, outcome) in self.parts {
            let part = outcome.inspection;
            formats.insert(part.format);
            versions.extend(part.version);
            if inspection.crs.is_none() {
                inspection.crs.clone_from(&part.crs);
            }
            if let (true, Some([x0, y0, z0, x1, y1, z1])) = (inspection.crs == part.crs, part.bbox) {
                bounds = bounds.union(Bounds3 { min: [x0, y0, z0], max: [x1, y1, z1] });
            }
            for (name, count) in part.counts {
                *inspection.counts.entry(name).or_default() += count;
            }
            inspection.features += part.features;
            add_new(&mut inspection.lods, part.lods);
            add_new(&mut inspection.fields, part.fields);
            if let Some([from, to]) = part.time {
                let [first, last] = inspection.time.take().unwrap_or_else(|| [from.clone(), to.clone()]);
                inspection.time = Some([first.min(from), last.max(to)]);
            }
            let in_entry = |fault: Fault| Fault {
                location: match (is_single, fault.location.is_empty()) {
                    (true, _) => fault.location,
                    (false, true) => entry.clone(),
                    (false, false) => format!("{entry}: {}", fault.location),
                },
                ..fault
            };
            faults.extend(part.faults.into_iter().map(in_entry));
            for mut layer in outcome.layers {
                layer.provenance.checksum.clone_from(&checksum);
                // Kadaster cuts its extract into files of 10,000 objects.
                let is_piece = part.format == "bag-extract";
                let before = layers.iter_mut().find(|before| is_piece && before.title == layer.title);
                match before {
                    Some(before) => append(before, layer),
                    None => layers.push(layer),
                }
            }
        }
        inspection.bbox = bounds.to_array();
        if let (1, Some(&format)) = (formats.len(), formats.first()) {
            inspection.format = format;
        }
        if versions.len() == 1 {
            inspection.version = versions.pop_first();
        }
        let stem = layer_id(source);
        let mut ids: HashSet<String> = HashSet::new();
        for layer in &mut layers {
            let base = if is_single { layer.id.clone() } else { format!("{stem}-{}", layer.id) };
            let mut id = base.clone();
            let mut number = 2;
            while !ids.insert(id.clone()) {
                id = format!("{base}-{number}");
                number += 1;
            }
            layer.id = id;
        }
        inspection.faults = faults;
        context.progress.set(1.0);
        Ok(ReadOutcome { layers, inspection, crs })
    }
}

fn add_new(all: &mut Vec<String>, more: Vec<String>) {
    for item in more {
        if !all.contains(&item) {
            all.push(item);
        }
    }
}

/// Adds the features of `more` to those of `layer`, when both are features.
fn append(layer: &mut Layer, more: Layer) {
    layer.faults.extend(more.faults);
    let (LayerData::Features(into), LayerData::Features(from)) = (&mut layer.data, more.data) else { return };
    let into = Arc::make_mut(into);
    let mut ids = UniqueIds::default();
    for feature in &into.features {
        ids.take(feature.id.clone(), true);
    }
    let FeatureLayer { features, attributes, heights, .. } = Arc::unwrap_or_clone(from);
    let start = into.features.len();
    for column in attributes.columns() {
        let position = into.attributes.ensure_column(&column.name, column.unit.as_deref());
        for row in 0..features.len() {
            into.attributes.set_at(start + row, position, column.get(row));
        }
    }
    for (row, mut feature) in features.into_iter().enumerate() {
        if let Some(heights) = heights.of(row) {
            into.heights.set(start + row, heights.to_vec());
        }
        feature.id = ids.take(feature.id, true);
        into.features.push(feature);
    }
    into.attributes.grow(into.features.len());
}
