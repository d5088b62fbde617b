//! The demo town as ordinary files.

use std::path::{Path, PathBuf};

use super::{DATE, DemoCity};
use crate::{
    crs::Epsg,
    model::LayerData,
    writers::{WriteError, cityjson, geopackage, geotiff, gtfs, osm_xml, sensorthings},
};

/// Writes every layer into `dir`, which is made when it does not exist: `<town>.city.json`, `<town>.gpkg` (all
/// feature layers), `gtfs.zip`, `sensors.json`, `terrain.tif` and `streets.osm`. Gives the paths in that order.
pub fn write(dir: &Path, city: &DemoCity) -> Result<Vec<PathBuf>, WriteError> {
    std::fs::create_dir_all(dir)
        .map_err(|error| WriteError::Io { path: dir.to_owned(), reason: error.to_string() })?;
    let stem = city.name.to_lowercase();
    let mut paths = Vec::new();
    let mut tables = Vec::new();
    for layer in &city.layers {
        let path = match &layer.data {
            LayerData::City(_) => dir.join(format!("{stem}.city.json")),
            LayerData::Transit(_) => dir.join("gtfs.zip"),
            LayerData::Sensors(_) => dir.join("sensors.json"),
            LayerData::Terrain(_) => dir.join("terrain.tif"),
            LayerData::Streets(_) => dir.join("streets.osm"),
            LayerData::Features(features) => {
                tables.push(features.as_ref());
                continue;
            }
            // The town has neither, and there is no writer for them.
            LayerData::Meshes(_) | LayerData::Points(_) => continue,
        };
        match &layer.data {
            LayerData::City(model) => {
                let metadata = cityjson::Metadata {
                    title: format!("{} ({})", city.name, layer.provenance.source),
                    reference_date: DATE.to_owned(),
                };
                cityjson::write(&path, model, Epsg::RD_NAP, &metadata)?;
            }
            LayerData::Transit(table) => {
                let info = gtfs::AgencyInfo {
                    url: "https://vervoer.merewaarde.example".to_owned(),
                    language: "nl".to_owned(),
                };
                gtfs::write(&path, table, Epsg::RD_NEW, &info)?;
            }
            LayerData::Sensors(sensors) => sensorthings::write(&path, sensors, Epsg::RD_NEW)?,
            LayerData::Terrain(terrain) => geotiff::write(&path, terrain, Epsg::RD_NEW)?,
            LayerData::Streets(streets) => osm_xml::write(&path, streets, Epsg::RD_NEW, &layer.provenance)?,
            LayerData::Features(_) | LayerData::Meshes(_) | LayerData::Points(_) => {}
        }
        paths.push(path);
    }
    let path = dir.join(format!("{stem}.gpkg"));
    geopackage::write(&path, &tables, Epsg::RD_NEW)?;
    paths.push(path);
    let rank = |path: &PathBuf| {
        let name = path.to_string_lossy();
        ["city.json", "gpkg", "gtfs.zip", "sensors.json", "terrain.tif", "streets.osm"]
            .iter()
            .position(|end| name.ends_with(end))
    };
    paths.sort_by_key(rank);
    Ok(paths)
}
