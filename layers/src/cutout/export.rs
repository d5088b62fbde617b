//! A layer, or several, into one open file.

use std::path::Path;

use super::as_features::as_features;
use crate::{
    crs::{Epsg, LocalFrame},
    mesh::{TileGrid, buildings::mesh_city, mesh_model::mesh_meshes},
    model::{Layer, LayerData, Lod},
    writers::{WriteError, cityjson, csv_table, geojson, geopackage, geotiff, glb},
};

/// Formats that layers can be exported to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    CityJson,
    CityJsonSeq,
    GeoPackage,
    GeoJson,
    Csv,
    GeoTiff,
    Gltf,
}

impl ExportFormat {
    /// Word for the command line, title, usual extension.
    pub const ALL: [(Self, &'static str, &'static str, &'static str); 7] = [
        (Self::CityJson, "cityjson", "CityJSON 2.0", "city.json"),
        (Self::CityJsonSeq, "cityjson-seq", "CityJSON Text Sequence", "city.jsonl"),
        (Self::GeoPackage, "geopackage", "GeoPackage", "gpkg"),
        (Self::GeoJson, "geojson", "GeoJSON", "geojson"),
        (Self::Csv, "csv", "CSV", "csv"),
        (Self::GeoTiff, "geotiff", "GeoTIFF", "tif"),
        (Self::Gltf, "gltf", "binary glTF", "glb"),
    ];

    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known, ..)| *known == word).map(|(format, ..)| *format)
    }

    /// By the end of a file's name.
    pub fn from_path(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?.to_ascii_lowercase();
        let ends = |extension: &str| name.strip_suffix(extension).is_some_and(|stem| stem.ends_with('.'));
        Self::ALL.iter().find(|(.., extension)| ends(extension)).map(|(format, ..)| *format)
    }

    pub fn title(self) -> &'static str {
        Self::ALL.iter().find(|(format, ..)| *format == self).map_or("", |(_, _, title, _)| title)
    }

    /// Whether a layer of this kind can be written, and so chosen when the user names none.
    pub fn takes(self, data: &LayerData) -> bool {
        match self {
            Self::CityJson | Self::CityJsonSeq => matches!(data, LayerData::City(_)),
            Self::GeoTiff => matches!(data, LayerData::Terrain(_)),
            Self::Gltf => matches!(data, LayerData::City(_) | LayerData::Meshes(_)),
            Self::GeoPackage | Self::GeoJson | Self::Csv => {
                !matches!(data, LayerData::Terrain(_) | LayerData::Meshes(_))
            }
        }
    }

    /// Whether one file holds several layers.
    pub fn holds_many(self) -> bool {
        self == Self::GeoPackage
    }
}

/// Writes layers that are in `crs` to `path`; what the format cannot hold of them is told by [`super::losses::losses`].
/// GeoJSON becomes WGS 84, the others keep the CRS. Fails with
/// [`WriteError::Unsupported`] for layers that the format cannot hold and for several where it holds one.
pub fn export(layers: &[&Layer], crs: Epsg, format: ExportFormat, path: &Path) -> Result<(), WriteError> {
    let unsupported = |what: String, advice: &str| WriteError::Unsupported {
        path: path.to_owned(),
        format: format.title(),
        what,
        advice: advice.to_owned(),
    };
    let Some(first) = layers.first() else {
        return Err(unsupported("nothing".to_owned(), "choose a layer"));
    };
    if layers.len() > 1 && !format.holds_many() {
        return Err(unsupported(format!("{} layers", layers.len()), "it holds one; name it with --layer"));
    }
    if let Some(layer) = layers.iter().find(|layer| !format.takes(&layer.data)) {
        let what = format!("layer \"{}\" ({})", layer.id, layer.data.kind());
        return Err(unsupported(what, "choose another format, see --help"));
    }
    let metadata = |layer: &Layer| cityjson::Metadata {
        title: layer.title.clone(),
        reference_date: layer.provenance.date.clone(),
    };
    let flat = |layer: &Layer| {
        as_features(layer)
            .ok_or_else(|| unsupported(format!("layer \"{}\"", layer.id), "it has no flat form"))
    };
    match (format, &first.data) {
        (ExportFormat::CityJson, LayerData::City(model)) => {
            cityjson::write(path, model, crs, &metadata(first))
        }
        (ExportFormat::CityJsonSeq, LayerData::City(model)) => {
            cityjson::write_sequence(path, model, crs, &metadata(first))
        }
        (ExportFormat::GeoTiff, LayerData::Terrain(terrain)) => geotiff::write(path, terrain, crs),
        (ExportFormat::Gltf, data) => {
            let center = data.bounds().center();
            let origin =
                if data.bounds().is_empty() { [0.0; 3] } else { [center[0].round(), center[1].round(), 0.0] };
            let (frame, grid) = (LocalFrame::new(origin), TileGrid::default());
            let (tiles, ids) = match data {
                LayerData::City(model) => (
                    mesh_city(model, Lod::new(4, 4), frame, grid, 0),
                    model.objects.iter().map(|object| object.id.clone()).collect::<Vec<_>>(),
                ),
                LayerData::Meshes(model) => (
                    mesh_meshes(model, frame, grid, 0),
                    model.features.iter().map(|feature| feature.id.clone()).collect(),
                ),
                _ => return Err(unsupported(format!("layer \"{}\"", first.id), "it has no shape in space")),
            };
            glb::write(path, &glb::Scene { tiles: &tiles, ids: &ids, origin, crs })
        }
        (ExportFormat::GeoJson, _) => geojson::write(path, &flat(first)?, crs),
        (ExportFormat::Csv, _) => csv_table::write(path, &flat(first)?, crs),
        (ExportFormat::GeoPackage, _) => {
            let all: Result<Vec<_>, _> = layers.iter().map(|layer| flat(layer)).collect();
            let all = all?;
            geopackage::write(path, &all.iter().collect::<Vec<_>>(), crs)
        }
        _ => Err(unsupported(format!("layer \"{}\"", first.id), "choose another format, see --help")),
    }
}
