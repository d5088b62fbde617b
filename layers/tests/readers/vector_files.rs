//! Shapefile, FlatGeobuf, SQLite/SpatiaLite, KML, GPX, DXF and MapInfo, each through its one GDAL driver.

use layers::{
    crs::Epsg,
    model::{FeatureLayer, LayerData, Value},
    readers::{ReadError, ReadOutcome},
};

use crate::support::{Scratch, assert_near, counts, fixture, read, read_ok, shared};

fn features(outcome: &ReadOutcome, position: usize) -> &FeatureLayer {
    let LayerData::Features(layer) = &outcome.layers[position].data else { panic!("features") };
    layer
}

#[test]
fn a_shapefile_keeps_its_projection_and_its_rows() {
    let Some(path) = shared("climate/goteborg/buildings.shp") else { return };
    let outcome = read_ok(&path);
    assert_eq!(outcome.inspection.format, "shapefile");
    assert_eq!(counts(&outcome.inspection)["buildings"], 137);
    assert_eq!(outcome.inspection.crs.as_deref(), Some("EPSG:3007"), "from an ESRI spelling");
    assert_eq!(outcome.crs, Epsg(3007));
    let [x0, y0, _, x1, y1, _] = outcome.inspection.bbox.unwrap();
    assert_near(
        &[x0, y0, x1, y1],
        &[147_530.267_234, 6_398_370.914_974, 148_144.113_191, 6_398_914.350_848],
        1e-5,
    );
    let layer = features(&outcome, 0);
    assert!(layer.features.iter().all(|feature| feature.geometry.is_some()));
    let area: f64 =
        layer.features.iter().filter_map(|f| f.geometry.as_ref()).map(geo::Area::unsigned_area).sum();
    assert!((20_000.0..200_000.0).contains(&area), "{area} m² of buildings");
}

#[test]
fn accents_of_an_old_code_page_are_read() {
    let outcome = read_ok(&fixture("shapefile/good-stallingen.shp"));
    assert_eq!(outcome.inspection.crs.as_deref(), Some("EPSG:28992"));
    let layer = features(&outcome, 0);
    assert_eq!(layer.attributes.get(0, "naam"), Value::Text("Stalling Café".into()));
    assert_eq!(layer.attributes.get(1, "bewaakt"), Value::Null);
    assert_eq!(layer.features[1].id, "0344-002");
}

#[test]
fn every_format_gives_the_same_two_polygons() {
    for (name, has_crs) in [
        ("shapefile/good-stallingen.shp", true),
        ("flatgeobuf/good-stallingen.fgb", true),
        ("sqlite/good-stallingen.sqlite", true),
        ("mapinfo/good-stallingen.mif", true),
        ("dxf/good-stallingen.dxf", false),
    ] {
        let outcome = read_ok(&fixture(name));
        assert_eq!(outcome.inspection.features, 2, "{name}");
        assert_eq!(outcome.crs, Epsg::RD_NEW, "{name}: {:?}", outcome.inspection.crs);
        assert_eq!(outcome.inspection.crs.is_some(), has_crs, "{name}");
        let is_guessed = outcome.inspection.faults.iter().any(|fault| fault.code == "crs-missing");
        assert_eq!(is_guessed, !has_crs, "{name}: a guess is told");
        let bounds = features(&outcome, 0).bounds();
        assert_near(&bounds.min[..2], &[136_500.0, 455_800.0], 0.01);
        assert_near(&bounds.max[..2], &[136_620.0, 455_910.0], 0.01);
        if has_crs {
            // FlatGeobuf sorts its rows along a curve.
            let attributes = &features(&outcome, 0).attributes;
            let places: f64 = (0..2).filter_map(|row| attributes.get(row, "plekken").as_f64()).sum();
            assert_eq!(places, 200.0, "{name}");
        }
    }
}

#[test]
fn places_and_tracks_land_in_the_netherlands() {
    let outcome = read_ok(&fixture("kml/good-places.kml"));
    assert_eq!((outcome.inspection.features, outcome.crs), (2, Epsg::RD_NEW));
    assert_eq!(features(&outcome, 0).attributes.get(0, "zitplaatsen").as_f64(), Some(3.0));
    assert_near(&features(&outcome, 0).bounds().min[..2], &[136_700.0, 455_800.0], 200.0);
    let outcome = read_ok(&fixture("gpx/good-walk.gpx"));
    let found = counts(&outcome.inspection);
    assert_eq!((found["waypoints"], found["tracks"], found["track_points"]), (1, 1, 3));
    assert!(!found.contains_key("routes"), "layers without features are left out");
    assert!(outcome.layers.iter().all(|layer| layers::crs::looks_like_rd(&layer.data.bounds())));
}

#[test]
fn the_bgt_of_delft_in_spatialite_has_its_counts() {
    for (name, table, count, bbox) in [
        ("pand", "buildingpart", 160, [84_825.872, 447_456.724, 85_056.513, 447_624.074]),
        ("wegdeel", "trafficarea", 151, [84_760.092, 447_434.516, 85_073.868, 447_635.290]),
        ("scheiding", "scheiding", 57, [84_653.531, 447_444.505, 85_061.925, 447_624.847]),
        ("begroeidterreindeel", "plantcover", 126, [84_817.770, 447_444.773, 85_082.535, 447_750.426]),
        (
            "onbegroeidterreindeel",
            "onbegroeidterreindeel",
            81,
            [84_819.519, 447_444.248, 85_083.140_396, 447_750.636],
        ),
        ("waterdeel", "waterdeel", 3, [84_616.468, 447_422.999, 85_140.839, 447_731.620]),
        (
            "overbruggingsdeel",
            "bridgeconstructionelement",
            3,
            [84_814.897, 447_442.477, 85_041.799, 447_547.968],
        ),
    ] {
        let Some(path) = shared(&format!("nl-vector/delft-bgt/bgt_{name}.sqlite")) else { return };
        let outcome = read_ok(&path);
        assert_eq!(outcome.inspection.format, "sqlite");
        assert_eq!(counts(&outcome.inspection), [(table, count)].into(), "{name}");
        assert_eq!((outcome.inspection.crs.as_deref(), outcome.crs), (Some("EPSG:28992"), Epsg::RD_NEW));
        let [x0, y0, _, x1, y1, _] = outcome.inspection.bbox.unwrap();
        assert_near(&[x0, y0, x1, y1], &bbox, 1e-3);
        assert!(features(&outcome, 0).features.iter().all(|f| f.geometry.is_some()), "{name}");
    }
}

#[test]
fn a_geopackage_with_four_layers_in_web_mercator_is_placed_in_metres() {
    let Some(path) = shared("climate/prague_bubenec_morphology.gpkg") else { return };
    let outcome = read_ok(&path);
    let expected = [("buildings", 144), ("plots", 407), ("streets", 35), ("tessellation", 144)];
    assert_eq!(counts(&outcome.inspection), expected.into());
    assert_eq!((outcome.inspection.crs.as_deref(), outcome.crs), (Some("EPSG:3857"), Epsg(32633)));
    // Web Mercator is 1.55 times too long at Prague; in UTM the layers are as large as the place.
    let width = outcome.layers[0].data.bounds().size()[0];
    assert!((420.0..520.0).contains(&width), "{width}");
}

#[test]
fn a_shapefile_without_its_index_says_what_is_missing() {
    let bytes = std::fs::read(fixture("shapefile/good-stallingen.shp")).unwrap();
    let file = Scratch::new("alone.shp", &bytes);
    let error = read(&file.0).unwrap_err();
    assert!(matches!(error, ReadError::Malformed { .. }));
    assert!(
        error.to_string().contains(".shx") && error.to_string().contains("keep them together"),
        "{error}"
    );
    for sidecar in ["shx", "prj"] {
        std::fs::copy(
            fixture("shapefile/good-stallingen.shp").with_extension(sidecar),
            file.0.with_extension(sidecar),
        )
        .unwrap();
    }
    let outcome = read_ok(&file.0);
    assert_eq!(outcome.inspection.features, 2);
    assert!(outcome.inspection.faults.iter().any(|fault| fault.code == "sidecar-missing"));
    std::fs::write(&file.0, &bytes[..bytes.len() - 60]).unwrap();
    let outcome = read_ok(&file.0);
    assert!(outcome.inspection.faults.iter().any(|fault| fault.code == "file-short"));
    // Reading never writes beside the data.
    let mut names: Vec<_> = std::fs::read_dir(file.0.parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["alone.prj", "alone.shp", "alone.shx"]);
}

#[test]
fn gzipped_vector_files_are_unpacked_first() {
    use std::io::Write;
    let plain = std::fs::read(fixture("kml/good-places.kml")).unwrap();
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(&plain).unwrap();
    let file = Scratch::new("places.kml.gz", &packer.finish().unwrap());
    assert_eq!(read_ok(&file.0).inspection.features, 2);
}
