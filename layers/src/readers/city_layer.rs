//! What the city formats share: a placed model becomes a layer with its inspection.

use std::{collections::BTreeMap, ops::Range, sync::Arc};

use super::{Inspection, ReadContext, ReadOutcome, Report, Source, layer_id, placement::Placement};
use crate::model::{Bounds3, CityModel, Geometry, Layer, LayerData, Provenance, Value};

/// What a file says of itself.
pub(super) struct CityFile {
    pub format: &'static str,
    pub version: Option<String>,
    /// In the source's own CRS, x east.
    pub bounds: Bounds3,
    pub features: u64,
    pub title: Option<String>,
    /// Who to ask, added to the provenance.
    pub contact: Option<String>,
    pub licence: String,
    pub date: String,
    pub checksum: String,
}

impl CityFile {
    /// The layer and its inspection; takes the faults out of the context.
    pub fn into_outcome(
        self,
        source: &Source,
        model: CityModel,
        placement: &Placement,
        context: &mut ReadContext,
    ) -> ReadOutcome {
        let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
        for object in &model.objects {
            *counts.entry(object.object_type.name()).or_default() += 1;
        }
        let counts = counts.into_iter().map(|(name, count)| (name.to_owned(), count)).collect();
        let faults = std::mem::take(&mut context.report).finish();
        let inspection = Inspection {
            uri: source.uri.clone(),
            format: self.format,
            version: self.version,
            crs: placement.stated_text(),
            bbox: self.bounds.to_array(),
            counts,
            features: self.features,
            lods: model.lods().iter().map(ToString::to_string).collect(),
            fields: model.attributes.columns().iter().map(|column| column.name.clone()).collect(),
            time: None,
            faults: faults.clone(),
        };
        let title = self.title.unwrap_or_else(|| layer_id(source));
        let layer = Layer {
            id: layer_id(source),
            title: title.clone(),
            provenance: Provenance {
                source: self.contact.map_or_else(|| title.clone(), |contact| format!("{title} ({contact})")),
                licence: self.licence,
                date: self.date,
                checksum: self.checksum,
            },
            data: LayerData::City(Arc::new(model)),
            faults,
        };
        context.progress.set(1.0);
        ReadOutcome { layers: vec![layer], inspection, crs: placement.target }
    }
}

/// Surfaces that use a vertex that is not a number are left out, with a fault for each object.
pub(super) fn drop_bad_surfaces(model: &mut CityModel, report: &mut Report) {
    let is_bad: Vec<bool> = model.vertices.iter().map(|v| !v.iter().all(|value| value.is_finite())).collect();
    if !is_bad.contains(&true) {
        return;
    }
    for object in &mut model.objects {
        let mut dropped = 0;
        for geometry in &mut object.geometries {
            if geometry.indices.iter().any(|&index| is_bad[index as usize]) {
                dropped += keep_surfaces(geometry, |index| !is_bad[index as usize]);
            }
        }
        if dropped > 0 {
            report.error(
                "vertex-not-finite",
                &object.id,
                format!("{dropped} surfaces use a vertex that is no number or lies nowhere on Earth; they are left out"),
            );
        }
    }
}

/// Rebuilds `geometry` with only the surfaces (or rings of points and lines) whose vertices are all good. Returns how
/// many were dropped.
pub(super) fn keep_surfaces(geometry: &mut Geometry, is_good: impl Fn(u32) -> bool) -> usize {
    let good: Vec<bool> = geometry.indices.iter().map(|&index| is_good(index)).collect();
    let is_whole = |ring: &Range<usize>| good.get(ring.clone()).is_some_and(|ring| !ring.contains(&false));
    geometry.retain(|rings| if rings.iter().all(is_whole) { rings.to_vec() } else { Vec::new() })
}

/// Keeps tables of attributes in proportion to the file: a column costs a cell for every row up to its last value, so a
/// small file with many names used once, far down, could ask for any amount of memory.
#[derive(Default)]
pub(super) struct CellBudget {
    /// Rows of each column.
    lengths: Vec<usize>,
    /// Values so far.
    values: usize,
    /// Cells so far.
    cells: usize,
}

impl CellBudget {
    pub const MESSAGE: &str = "attributes with too many names for so few values; the rest is left out";
    /// Cells that any file may have.
    const FREE: usize = 16 << 20;
    /// Cells for each value beyond that; tables of real cities are mostly full.
    const PER_VALUE: usize = 32;
    const MAX_COLUMNS: usize = 16_384;

    /// Whether a value may go there.
    pub fn allows(&mut self, column: usize, row: usize, value: &Value) -> bool {
        if column >= Self::MAX_COLUMNS {
            return false;
        }
        if matches!(value, Value::Null) {
            return true;
        }
        if self.lengths.len() <= column {
            self.lengths.resize(column + 1, 0);
        }
        let Some(length) = self.lengths.get_mut(column) else { return false };
        let more = (row + 1).saturating_sub(*length);
        if self.cells + more > Self::FREE + Self::PER_VALUE * self.values {
            return false;
        }
        *length = (*length).max(row + 1);
        self.cells += more;
        self.values += 1;
        true
    }
}
