//! The own GeoJSON reader against GDAL: the same features, places and values in every file, only faster.

use std::{fmt::Write as _, path::Path};

use gdal::vector::LayerAccess;
use geo::{CoordsIter, Geometry};
use layers::{
    crs::Epsg,
    model::{FeatureLayer, LayerData, Value},
    readers::{self, ReadContext, ReadOutcome, Source},
};

use crate::support::{Scratch, assert_near, read, read_ok, shared};

fn features(outcome: &ReadOutcome) -> &FeatureLayer {
    let LayerData::Features(layer) = &outcome.layers[0].data else { panic!("features") };
    layer
}

/// Reads without moving a coordinate: the project's CRS is the source's own.
fn read_in(path: &Path, target: Epsg) -> ReadOutcome {
    let mut context = ReadContext { target: Some(target), ..ReadContext::default() };
    readers::read(&Source::from_path(path), &mut context).unwrap_or_else(|error| panic!("{error}"))
}

const FILES: [(&str, u64, Epsg); 8] = [
    ("nl-vector/amsterdam_stadsdeel.geojson", 1, Epsg::WGS84),
    ("nl-vector/amsterdam_tram_lines.geojson", 584, Epsg::RD_NEW),
    ("nl-vector/delft_tudcampus_bag_footprints.geojson", 1529, Epsg::RD_NEW),
    ("osm-roads/amsterdam_bus_stops.geojson", 2939, Epsg::WGS84),
    ("traffic/Anaheim/anaheim.geojson", 914, Epsg::WGS84),
    ("traffic/Anaheim/anaheim_nodes.geojson", 416, Epsg::WGS84),
    ("traffic/SiouxFalls/SiouxFallsCoordinates.geojson", 24, Epsg::WGS84),
    ("3d-tiles/validator-tilesets/tiles/geojson/lineString.geojson", 1, Epsg::WGS84),
];

#[test]
fn every_file_holds_what_gdal_finds_in_it() {
    layers::crs::ensure_init();
    for (name, count, crs) in FILES {
        let Some(path) = shared(name) else { return };
        let outcome = read_in(&path, crs);
        let layer = features(&outcome);
        assert_eq!(outcome.inspection.features, count, "{name}");
        assert_eq!(outcome.inspection.crs, Some(crs.to_string()), "{name}");
        assert!(outcome.inspection.faults.is_empty(), "{name}: {:?}", outcome.inspection.faults);
        let dataset = gdal::Dataset::open(&path).unwrap();
        let mut gdal_layer = dataset.layer(0).unwrap();
        assert_eq!(layer.name, gdal_layer.name(), "{name}");
        let fields: Vec<(String, u32)> =
            gdal_layer.defn().fields().map(|field| (field.name(), field.field_type())).collect();
        let mut names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
        let mut columns: Vec<&str> = layer.attributes.columns().iter().map(|c| c.name.as_str()).collect();
        names.sort_unstable();
        columns.sort_unstable();
        // GDAL takes "id" inside the properties for the feature's own where there is no other.
        names.retain(|name| *name != "id");
        columns.retain(|name| *name != "id");
        assert_eq!(columns, names, "{name}");
        let (mut values, mut coordinates) = (0, 0);
        for (row, theirs) in gdal_layer.features().enumerate() {
            let ours = &layer.features[row];
            for (index, (field, kind)) in fields.iter().enumerate() {
                let value = layer.attributes.get(row, field);
                let expected = theirs.field_as_string(index).unwrap();
                // GDAL shows the feature's own id as a column.
                if field == "id" && value.is_null() && expected.as_deref() == Some(&ours.id) {
                    continue;
                }
                values += 1;
                match (&value, expected) {
                    // GDAL shows a property that is not there as an empty text.
                    (Value::Null, None) => {}
                    (Value::Null, Some(text)) => assert_eq!(text, "", "{name} {row} {field}"),
                    (Value::Real(_) | Value::Integer(_), Some(_)) => {
                        let number = theirs.field_as_double(index).unwrap().unwrap();
                        assert_eq!(value.as_f64(), Some(number), "{name} {row} {field}");
                    }
                    (Value::Bool(found), Some(text)) => {
                        assert_eq!(text == "1", *found, "{name} {row} {field}");
                    }
                    // Dates come as GDAL writes them.
                    (Value::Text(found), Some(text)) if (9..=11).contains(kind) => {
                        assert_eq!(found[..10], text.replace('/', "-")[..10], "{name} {row} {field}");
                    }
                    (Value::Text(found), Some(text)) if found.starts_with(['[', '{']) => {
                        assert!(!text.is_empty(), "{name} {row} {field}");
                    }
                    (Value::Text(found), Some(text)) => assert_eq!(*found, text, "{name} {row} {field}"),
                    (found, other) => panic!("{name} {row} {field}: {found:?}, GDAL has {other:?}"),
                }
            }
            let expected = theirs.geometry().unwrap().to_geo().unwrap();
            let found = ours.geometry.as_ref().unwrap();
            assert_eq!(std::mem::discriminant(found), std::mem::discriminant(&expected), "{name} {row}");
            assert_eq!(found.coords_count(), expected.coords_count(), "{name} {row}");
            for (a, b) in found.coords_iter().zip(expected.coords_iter()) {
                coordinates += 1;
                assert!((a.x - b.x).abs() < 1e-9 && (a.y - b.y).abs() < 1e-9, "{name} {row}: {a:?} {b:?}");
            }
        }
        println!("{name}: {count} features, {values} values and {coordinates} positions as GDAL has them");
    }
}

#[test]
fn bus_stops_keep_their_osm_ids_and_land_in_rd() {
    let Some(path) = shared("osm-roads/amsterdam_bus_stops.geojson") else { return };
    let outcome = read_ok(&path);
    let [x0, y0, _, x1, y1, _] = outcome.inspection.bbox.unwrap();
    assert_near(&[x0, y0, x1, y1], &[4.614341, 52.204804, 5.193498, 52.504075], 1e-6);
    assert_eq!(outcome.crs, Epsg::RD_NEW);
    assert_eq!(features(&outcome).features[0].id, "node/45989456");
    assert!(layers::crs::looks_like_rd(&features(&outcome).bounds()));
}

#[test]
fn metres_without_a_crs_are_not_taken_for_degrees() {
    let text = r#"{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {},
        "geometry": {"type": "Point", "coordinates": [85000, 447000]}}]}"#;
    let file = Scratch::new("rd.geojson", text.as_bytes());
    let outcome = read_ok(&file.0);
    assert_eq!((outcome.crs, outcome.inspection.crs.clone()), (Epsg::RD_NEW, None));
    assert!(outcome.inspection.faults.iter().any(|fault| fault.code == "crs-missing"));
    let Some(Geometry::Point(point)) = &features(&outcome).features[0].geometry else { panic!("a point") };
    assert_near(&[point.x(), point.y()], &[85_000.0, 447_000.0], 1e-6);
}

#[test]
fn a_packed_sequence_is_read_and_a_bomb_is_not() {
    use std::io::Write;
    let line = "{\"type\":\"Feature\",\"geometry\":{\"type\":\"Point\",\"coordinates\":[4.9,52.37]},\"properties\":{\"a\":1}}\n";
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(line.repeat(500).as_bytes()).unwrap();
    let file = Scratch::new("points.geojsonl.gz", &packer.finish().unwrap());
    assert_eq!(read_ok(&file.0).inspection.features, 500);
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(line.as_bytes()).unwrap();
    std::io::copy(&mut std::io::Read::take(std::io::repeat(b' '), 64 << 20), &mut packer).unwrap();
    let file = Scratch::new("bomb.geojson.gz", &packer.finish().unwrap());
    assert!(matches!(read(&file.0), Err(readers::ReadError::TooLarge { .. })));
}

/// A large file made of the Delft footprints, moved apart.
pub fn large_geojson(megabytes: usize) -> Option<Scratch> {
    let path = shared("nl-vector/delft_tudcampus_bag_footprints.geojson")?;
    let text = std::fs::read_to_string(path).unwrap();
    let start = text.find("\"features\": [").unwrap() + "\"features\": [".len();
    let end = text.rfind(']').unwrap();
    let (head, body, tail) = (&text[..start], text[start..end].trim_end(), &text[end..]);
    let mut large = String::with_capacity(megabytes << 20);
    large.push_str(head);
    let mut copy = 0;
    while large.len() < megabytes << 20 {
        let comma = if copy == 0 { "" } else { "," };
        // New ids, so that none is there twice.
        let moved = body.replace("Pand.0503", &format!("Pand.{:04}", copy + 1000));
        write!(large, "{comma}{moved}").unwrap();
        copy += 1;
    }
    large.push_str(tail);
    Some(Scratch::new("large.geojson", large.as_bytes()))
}

#[test]
fn a_file_of_many_blocks_is_read_whole() {
    // How fast, beside GDAL's own program, is in `tests/benches/opening.rs`.
    let Some(file) = large_geojson(16) else { return };
    let outcome = read_in(&file.0, Epsg::RD_NEW);
    assert!(outcome.inspection.features > 10_000, "{}", outcome.inspection.features);
    assert!(outcome.inspection.faults.is_empty(), "{:?}", outcome.inspection.faults);
}
