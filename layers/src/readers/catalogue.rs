//! The table of formats in the user documentation, made from the list of readers.

use std::fmt::Write as _;

use super::{FormatReader, READERS};
use crate::cutout::export::ExportFormat;

/// A real file that a reader's tests read, below `shared/data`, by reader id; with what is written in its format. The
/// tests check that each of these files is read by that reader.
pub const TESTED_ON: &[(&str, &str)] = &[
    ("cityjson-seq", "3d-city/delft_3dbag_2024.city.jsonl"),
    ("cityjson", "3d-city/delft_centre_3dfier_cj20.city.json"),
    ("citygml", "3d-city/citygml3_opera_lyon_lod2.gml"),
    ("bag-extract", "nl-vector/bag20_panden_0221.zip"),
    ("imaer", "traffic/aerius-waalwijk/scenario_traffic_network_reference.gml"),
    ("gml", "nl-vector/top10nl_v12_sample.gml"),
    ("osm-pbf", "osm-roads/liechtenstein.osm.pbf"),
    ("osm-xml", "osm-roads/amsterdam_bicycle_parking.osm"),
    ("zip", "nl-vector/otterlo_bgt_gml.zip"),
    ("graphml", "osm-roads/rotterdam_roads_osmnx.graphml"),
    ("3d-tiles", "3d-tiles/amsterdam/tileset.json"),
    ("datex", "sensors/ndw_trafficspeed_20250815.xml.gz"),
    ("gtfs", "transit/porto_alegre_eptc_gtfs.zip"),
    ("gtfs-realtime", "transit/king_county_metro_vehicle_positions_1.pb"),
    ("gbfs", "transit/gbfs-almere/gbfs.json"),
    ("sensorthings", "sensors/sta-groundwater-noord-holland/observations1.json"),
    ("las", "pointcloud-terrain/delft_ahn3_1.laz"),
    ("gltf", "3d-tiles/amsterdam/tiles/1.glb"),
    ("obj", "3d-city/delft_centre_3dfier.obj"),
    ("ngsi-ld", "sensors/ngsi-ld/AirQualityObserved/example-normalized.jsonld"),
    ("lorawan-uplinks", "sensors/senseams_water_ec.json"),
    ("samenmeten", "sensors/samenmeten_snapshot_20221206.txt"),
    ("city-snapshots", "nl-vector/amsterdam_parking_garages.json"),
    ("geotiff", "pointcloud-terrain/porto_alegre_elevation.tif"),
    ("geopackage", "nl-vector/amsterdam_bag.gpkg"),
    ("shapefile", "climate/goteborg/buildings.shp"),
    ("sqlite", "nl-vector/delft-bgt/bgt_pand.sqlite"),
    ("geojson", "nl-vector/delft_tudcampus_bag_footprints.geojson"),
    ("csv-points", "transit/porto_alegre_hexgrid.csv"),
    ("csv-table", "transit/porto_alegre_osm_lts.csv"),
];

/// What is written in the format of a reader, if anything.
fn written(id: &str) -> Option<&'static str> {
    let by_export = |format: ExportFormat| ExportFormat::ALL.iter().any(|(known, ..)| *known == format);
    let exported = match id {
        "cityjson" => by_export(ExportFormat::CityJson),
        "cityjson-seq" => by_export(ExportFormat::CityJsonSeq),
        "geopackage" => by_export(ExportFormat::GeoPackage),
        "geojson" => by_export(ExportFormat::GeoJson),
        "csv-points" => by_export(ExportFormat::Csv),
        "geotiff" => by_export(ExportFormat::GeoTiff),
        "gltf" => by_export(ExportFormat::Gltf),
        _ => false,
    };
    if exported {
        return Some("`export`");
    }
    // Only the demo city is written in these.
    matches!(id, "gtfs" | "sensorthings" | "osm-xml").then_some("`demo`")
}

fn tested_on(reader: &dyn FormatReader) -> Option<&'static str> {
    TESTED_ON.iter().find(|(id, _)| *id == reader.id()).map(|(_, file)| *file)
}

/// The table as Markdown, in the order in which readers are asked.
pub fn markdown() -> String {
    let mut text = String::from(
        "# Formats\n\nThis page is made from the list of readers (`layers/src/readers/mod.rs`); a test keeps it up to \
         date.\n\nReaders marked with ⚑ run in a process of their own, with limits on memory and time and without a \
         network.\n\n| format | ends in | read | written by | tested on a real file |\n|---|---|---|---|---|\n",
    );
    for reader in READERS {
        let extensions: Vec<String> = reader.extensions().iter().map(|e| format!(".{e}")).collect();
        let _ = writeln!(
            text,
            "| {}{} | {} | yes | {} | {} |",
            reader.title(),
            if reader.is_risky() { " ⚑" } else { "" },
            extensions.join(", "),
            written(reader.id()).unwrap_or("–"),
            tested_on(*reader)
                .map_or_else(|| "– (small files made by the tests)".to_owned(), |f| format!("`{f}`")),
        );
    }
    text.push_str(
        "\nFiles of other kinds (NeTEx, SIRI, EPANET, TNTP, pictures, office documents and so on) are recognised and \
         refused with what to do instead.\n",
    );
    text
}
