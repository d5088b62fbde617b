//! What an export leaves behind, in numbers, so that nothing is dropped in silence.

use std::collections::HashMap;

use super::export::ExportFormat;
use crate::{
    model::{CityModel, Layer, LayerData, MeshModel},
    readers::{Fault, Severity},
};

/// What `format` cannot hold of `layers`: one fault for each kind of thing and layer, with its number; the place of the
/// fault is the layer's id. Empty when everything is written. Cost: linear.
pub fn losses(layers: &[&Layer], format: ExportFormat) -> Vec<Fault> {
    let mut found = Losses::default();
    for layer in layers {
        found.layer.clone_from(&layer.id);
        match &layer.data {
            LayerData::City(model) => of_city(model, format, &mut found),
            LayerData::Meshes(model) => of_meshes(model, format, &mut found),
            LayerData::Features(data) if format == ExportFormat::Csv => {
                // Shapes are text there; an unknown height has no word.
                let is_unknown = |row: &usize| {
                    data.heights_of(*row).is_some_and(|heights| heights.iter().any(|height| height.is_nan()))
                };
                let count = (0..data.features.len()).filter(is_unknown).count();
                found.add(count, "shapes with heights that are only partly known are written flat");
            }
            LayerData::Features(_) | LayerData::Terrain(_) => {}
            LayerData::Streets(network) => {
                found.add(network.turn_restrictions.len(), "turn restrictions are not written");
            }
            LayerData::Transit(table) => {
                found.add(table.trips.len(), "trips with their times are not written, only the stops");
            }
            LayerData::Sensors(sensors) => {
                let earlier: usize =
                    sensors.datastreams.iter().map(|stream| stream.values.len().saturating_sub(1)).sum();
                found.add(earlier, "earlier observations are not written, only the last of each series");
            }
            LayerData::Points(cloud) => {
                let colours = cloud.chunks.iter().map(|chunk| chunk.colors.len()).sum();
                let intensities = cloud.chunks.iter().map(|chunk| chunk.intensities.len()).sum();
                found.add(colours, "colours of points are not written");
                found.add(intensities, "intensities of points are not written");
            }
        }
    }
    found.faults
}

#[derive(Default)]
struct Losses {
    layer: String,
    faults: Vec<Fault>,
}

impl Losses {
    fn add(&mut self, count: usize, what: &str) {
        if count > 0 {
            self.faults.push(Fault {
                severity: Severity::Warning,
                code: "not-written",
                location: self.layer.clone(),
                message: format!("{count} {what}"),
            });
        }
    }
}

fn of_city(model: &CityModel, format: ExportFormat, found: &mut Losses) {
    let units = model.attributes.columns().iter().filter(|column| column.unit.is_some()).count();
    let geometries = || model.objects.iter().flat_map(|object| &object.geometries);
    let columns = model.attributes.columns().len();
    match format {
        ExportFormat::CityJson | ExportFormat::CityJsonSeq => {
            found.add(units, "units of attributes are not written; the values keep the unit of the source");
            found.add(
                empty_values(model),
                "empty attribute values (null) are not written; readers take a missing one as empty",
            );
            let foreign = |object: &&crate::model::CityObject| !object.object_type.is_cityjson();
            let count = model.objects.iter().filter(foreign).count();
            found.add(count, "objects of types that CityJSON has not become GenericCityObject");
            let pictures = geometries()
                .filter_map(|geometry| geometry.looks.as_ref())
                .filter(|looks| !looks.textures.is_empty() && looks.places.is_empty());
            found.add(
                pictures.count(),
                "shapes name a picture without places in it; the picture is not written",
            );
            if format == ExportFormat::CityJsonSeq {
                let has_default = usize::from(!model.appearance.extras.is_empty());
                found.add(
                    has_default,
                    "choice of default themes is not written, features have their own looks",
                );
            }
        }
        ExportFormat::Gltf => {
            found.add(columns, "attributes are not written, only ids");
            let semantics = geometries().filter(|geometry| geometry.details.is_some());
            found.add(semantics.count(), "shapes lose what their semantic surfaces say");
            found.add(model.appearance.materials.len(), "materials are not written");
            found.add(model.appearance.textures.len(), "pictures are not written");
        }
        ExportFormat::GeoPackage | ExportFormat::GeoJson | ExportFormat::Csv => {
            let roots = model.objects.iter().filter(|object| object.parents.is_empty()).count();
            let has_shape = |object: &&crate::model::CityObject| !object.geometries.is_empty();
            found.add(model.objects.iter().filter(has_shape).count(), "shapes in space become outlines");
            found.add(model.objects.len() - roots, "parts of objects are not written with their attributes");
        }
        ExportFormat::GeoTiff => {}
    }
}

/// Cells without a value of first-level objects whose kind has values in that column: where a source of CityJSON has
/// nulls.
fn empty_values(model: &CityModel) -> usize {
    let roots = || model.objects.iter().enumerate().filter(|(_, object)| object.parents.is_empty());
    let mut empty = 0;
    for column in model.attributes.columns() {
        // By kind: whether it has a value, and how many have none.
        let mut kinds: HashMap<&str, (bool, usize)> = HashMap::new();
        for (row, object) in roots() {
            let (has_value, missing) = kinds.entry(object.object_type.name()).or_default();
            if column.get(row).is_null() { *missing += 1 } else { *has_value = true }
        }
        empty +=
            kinds.values().filter(|(has_value, _)| *has_value).map(|(_, missing)| missing).sum::<usize>();
    }
    empty
}

fn of_meshes(model: &MeshModel, format: ExportFormat, found: &mut Losses) {
    if format == ExportFormat::Gltf {
        found.add(model.attributes.columns().len(), "attributes are not written, only ids");
    }
}
