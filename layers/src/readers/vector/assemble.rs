//! Tables in their own coordinates → layers in the project's, with their inspection.

use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
};

use geo::{CoordsIter, MapCoordsInPlace};

use crate::{
    crs::{self, Epsg},
    model::{AttributeTable, Bounds3, Feature, FeatureLayer, Layer, LayerData, Provenance},
    readers::{
        Inspection, ReadContext, ReadError, ReadOutcome, Source,
        draft::place_features,
        layer_id,
        placement::{Placement, Unlabelled, robust_bounds},
        slug,
    },
};

/// One table in its own coordinates: x (or longitude) first.
#[derive(Debug, Default)]
pub(in crate::readers) struct Table {
    pub layer: FeatureLayer,
    /// What the source states.
    pub crs: Option<Epsg>,
    /// Whether x and y may have been written in the other order than the source says (text formats without a check).
    pub may_be_swapped: bool,
}

impl Table {
    /// All coordinates, features in order.
    fn points(&self) -> Vec<[f64; 2]> {
        let geometries = self.layer.features.iter().filter_map(|feature| feature.geometry.as_ref());
        geometries.flat_map(|geometry| geometry.coords_iter().map(|c| [c.x, c.y])).collect()
    }
}

/// What came out of one file before it is placed.
#[derive(Debug)]
pub(in crate::readers) struct Assembly {
    /// Reader id.
    pub format: &'static str,
    pub version: Option<String>,
    pub checksum: String,
    pub tables: Vec<Table>,
}

impl Assembly {
    /// Places all tables in the project's CRS (chosen from the first table with coordinates when the context has none)
    /// and describes them. Layer ids are unique in the outcome.
    pub fn place(self, source: &Source, context: &mut ReadContext) -> Result<ReadOutcome, ReadError> {
        let stem = layer_id(source);
        let is_single = self.tables.len() == 1;
        let mut inspection = Inspection { version: self.version, ..Inspection::new(source, self.format) };
        let mut bounds = Bounds3::EMPTY;
        let mut target = context.target;
        let mut layers: Vec<(String, FeatureLayer)> = Vec::new();
        let mut ids: BTreeSet<String> = BTreeSet::new();
        let mut has_points = false;
        for mut table in self.tables {
            let mut points = table.points();
            if table.may_be_swapped {
                swap_if_needed(&mut table, &mut points, context);
            }
            if points.is_empty() {
                // Nothing to place, so nothing to guess either.
                if let (None, Some(epsg)) = (&inspection.crs, table.crs) {
                    inspection.crs = Some(epsg.to_string());
                }
            } else {
                let placement = Placement::decide(
                    source,
                    table.crs,
                    &robust_bounds(&points),
                    Unlabelled::MetricOrDegrees,
                    context,
                )?;
                if !has_points {
                    inspection.crs = placement.stated_text();
                    has_points = true;
                }
                if inspection.crs == placement.stated_text() {
                    let sane = points.iter().filter(|p| p[0].abs() < 1e9 && p[1].abs() < 1e9);
                    bounds = bounds.union(Bounds3::from_points(sane.map(|&[x, y]| [x, y, 0.0])));
                }
                // All tables of a file share the CRS of the first.
                target.get_or_insert(placement.target);
                context.target = target;
                place_features(&mut table.layer, &placement, &mut context.report);
            }
            table.layer.role = table.layer.guess_role();
            let count = table.layer.features.len() as u64;
            *inspection.counts.entry(table.layer.name.clone()).or_default() += count;
            inspection.features += count;
            for column in table.layer.attributes.columns() {
                if !inspection.fields.contains(&column.name) {
                    inspection.fields.push(column.name.clone());
                }
            }
            let base = match slug(&table.layer.name) {
                Some(name) if !is_single => format!("{stem}-{name}"),
                _ => stem.clone(),
            };
            let mut id = base.clone();
            let mut number = 2;
            while !ids.insert(id.clone()) {
                id = format!("{base}-{number}");
                number += 1;
            }
            layers.push((id, table.layer));
            context.check_cancelled()?;
        }
        inspection.bbox = bounds.to_array();
        inspection.faults = std::mem::take(&mut context.report).finish();
        let layers = layers
            .into_iter()
            .map(|(id, layer)| Layer {
                id,
                title: layer.name.clone(),
                provenance: Provenance {
                    source: layer.name.clone(),
                    checksum: self.checksum.clone(),
                    ..Provenance::default()
                },
                data: LayerData::Features(Arc::new(layer)),
                faults: inspection.faults.clone(),
            })
            .collect();
        context.progress.set(1.0);
        Ok(ReadOutcome { layers, inspection, crs: target.unwrap_or(Epsg::LOCAL) })
    }
}

/// Turns coordinates that were written latitude first (or last) against their CRS, and says so.
fn swap_if_needed(table: &mut Table, points: &mut [[f64; 2]], context: &mut ReadContext) {
    let is_degrees = table.crs.is_none_or(crs::is_geographic);
    if !is_degrees || !crs::looks_swapped(&robust_bounds(points)) {
        return;
    }
    for point in points.iter_mut() {
        point.swap(0, 1);
    }
    for geometry in table.layer.features.iter_mut().filter_map(|feature| feature.geometry.as_mut()) {
        geometry.map_coords_in_place(|geo::Coord { x, y }| geo::Coord { x: y, y: x });
    }
    context.report.warn(
        "axis-order",
        table.layer.name.clone(),
        "expected the order of axes that the coordinate system prescribes, found latitude and longitude the other way round (as they stand, the places would not be on land in the Netherlands or not on Earth); they were swapped",
    );
}

/// Column names that hold the source's own ids, in order of preference, lower case.
const ID_NAMES: [&str; 9] = [
    "identificatie",
    "identificatie.lokaalid",
    "lokaalid",
    "inspireid.localid",
    "id",
    "gml_id",
    "local_id",
    "objectid",
    "uuid",
];

/// Takes ids from a column of the source's own ids where one is complete and unique; what stood there stays else.
pub(in crate::readers) fn use_public_ids(features: &mut [Feature], attributes: &AttributeTable) {
    for name in ID_NAMES {
        let columns = attributes.columns();
        let Some(column) = columns.iter().find(|column| column.name.eq_ignore_ascii_case(name)) else {
            continue;
        };
        let ids: Vec<String> = (0..features.len()).map(|row| column.get(row).to_text()).collect();
        let unique: HashSet<&str> = ids.iter().map(String::as_str).collect();
        if unique.len() == features.len() && !unique.contains("") {
            for (feature, id) in features.iter_mut().zip(ids) {
                feature.id = id;
            }
            return;
        }
    }
}
