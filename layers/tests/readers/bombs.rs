//! Small files that want to become large ones. How much of a stream comes out before it is stopped is counted in
//! `readers::input`; here every door is tried.

use std::{
    io::{Read, Write},
    time::Instant,
};

use layers::readers::ReadError;

use crate::support::{Scratch, fixture, read};

/// A quarter of a gigabyte of spaces, packed a thousandfold.
fn spaces() -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::copy(&mut std::io::repeat(b' ').take(256 << 20), &mut packer).unwrap();
    packer.finish().unwrap()
}

/// `head`, and then the spaces as a second member of the same file.
fn bomb(head: &str, spaces: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(head.as_bytes()).unwrap();
    let mut packed = packer.finish().unwrap();
    packed.extend_from_slice(spaces);
    packed
}

#[test]
fn every_reader_of_packed_text_stops_a_bomb() {
    let xml = "<?xml version=\"1.0\"?>";
    let cases = [
        ("a.city.json.gz", "{\"type\":\"CityJSON\",\"version\":\"2.0\",\"CityObjects\":{},\"vertices\":[]".to_owned()),
        ("a.city.jsonl.gz", "{\"type\":\"CityJSON\",\"version\":\"2.0\",\"transform\":{\"scale\":[1,1,1],\"translate\":[0,0,0]},\"CityObjects\":{},\"vertices\":[]}\n".to_owned()),
        ("a.geojson.gz", "{\"type\":\"FeatureCollection\",\"features\":[".to_owned()),
        ("a.gml.gz", format!("{xml}<CityModel xmlns=\"http://www.opengis.net/citygml/2.0\">")),
        ("a.xml.gz", format!("{xml}<d2LogicalModel xmlns=\"http://datex2.eu/schema/2/2_0\">")),
        ("a.osm.gz", format!("{xml}<osm version=\"0.6\">")),
        ("a.graphml.gz", format!("{xml}<graphml>")),
        ("a.csv.gz", "id,lon,lat\n1,5.1,52.1\n".to_owned()),
        ("a.obj.gz", "v 0 0 0\nv 1 0 0\nv 1 1 0\nf 1 2 3\n".to_owned()),
        ("a.json.gz", "{\"value\":[],\"@iot.count\":0".to_owned()),
    ];
    let spaces = spaces();
    for (name, head) in cases {
        let packed = bomb(&head, &spaces);
        let file = Scratch::new(name, &packed);
        let start = Instant::now();
        match read(&file.0) {
            // Told as an error of the file, or (where what came before is sound) as a fault beside it.
            Err(ReadError::TooLarge { limit, found, .. }) => {
                // A line of an OBJ has a limit of its own, which comes first.
                let is_line = name == "a.obj.gz" && limit == "1 MiB";
                assert!(is_line || limit.contains("200 times"), "{name}: {limit}, {found}");
            }
            Err(error) => {
                let text = error.to_string();
                assert!(text.contains("200 times") || text.contains("packed ones"), "{name}: {text}");
            }
            Ok(outcome) => {
                let is_told =
                    outcome.inspection.faults.iter().any(|fault| fault.message.contains("packed ones"));
                assert!(is_told, "{name}: {:?}", outcome.inspection.faults);
            }
        }
        println!("{name}: {} packed bytes refused after {:?}", packed.len(), start.elapsed());
    }
}

/// A zip whose table of contents names the same packed bytes many times, each time within the allowed ratio.
fn overlapping(name: &str, times: u16) -> Vec<u8> {
    let mut random = fastrand::Rng::with_seed(9);
    // Packs to about a hundredth.
    let mut content = Vec::new();
    while content.len() < 4 << 20 {
        content.extend_from_slice(&[b' '; 1000]);
        content.extend((0..6).map(|_| random.u8(..)));
    }
    let mut crc = flate2::Crc::new();
    crc.update(&content);
    let mut packer = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(&content).unwrap();
    let packed = packer.finish().unwrap();
    assert!(content.len() / packed.len() < 200, "each entry by itself is allowed");
    let common = |out: &mut Vec<u8>, name: &str| {
        out.extend_from_slice(&[20, 0, 0, 0, 8, 0, 0, 0, 0, 0]);
        out.extend_from_slice(&crc.sum().to_le_bytes());
        out.extend_from_slice(&(packed.len() as u32).to_le_bytes());
        out.extend_from_slice(&(content.len() as u32).to_le_bytes());
        out.extend_from_slice(&(name.len() as u16).to_le_bytes());
        out.extend_from_slice(&[0, 0]);
    };
    let mut out = b"PK\x03\x04".to_vec();
    common(&mut out, name);
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(&packed);
    let directory = out.len();
    for number in 0..times {
        let name = format!("{number}-{name}");
        out.extend_from_slice(b"PK\x01\x02\x14\x00");
        common(&mut out, &name);
        out.extend_from_slice(&[0; 14]);
        out.extend_from_slice(name.as_bytes());
    }
    let size = out.len() - directory;
    out.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    out.extend_from_slice(&times.to_le_bytes());
    out.extend_from_slice(&times.to_le_bytes());
    out.extend_from_slice(&(size as u32).to_le_bytes());
    out.extend_from_slice(&(directory as u32).to_le_bytes());
    out.extend_from_slice(&[0, 0]);
    out
}

#[test]
fn entries_that_share_their_bytes_are_counted_each() {
    for name in ["a.geojson", "stops.txt"] {
        let file =
            Scratch::new(if name == "stops.txt" { "a.gtfs.zip" } else { "a.zip" }, &overlapping(name, 2000));
        let error = read(&file.0).unwrap_err();
        assert!(matches!(error, ReadError::TooLarge { .. }), "{error}");
    }
}

#[test]
fn a_point_cloud_that_claims_more_points_than_its_bytes_can_hold_is_refused() {
    let mut bytes = crate::las::copc();
    bytes[247..255].copy_from_slice(&4_000_000_000_u64.to_le_bytes());
    let file = Scratch::new("many.copc.laz", &bytes);
    let error = read(&file.0).unwrap_err();
    assert!(matches!(error, ReadError::TooLarge { .. } | ReadError::Malformed { .. }), "{error}");
}

#[test]
fn a_block_of_openstreetmap_that_unfolds_beyond_its_limit_is_refused() {
    let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::copy(&mut std::io::repeat(0x22).take(256 << 20), &mut packer).unwrap();
    let packed = packer.finish().unwrap();
    let varint = |mut value: usize| {
        let mut bytes = Vec::new();
        while value >= 0x80 {
            bytes.push((value & 0x7f | 0x80) as u8);
            value >>= 7;
        }
        bytes.push(value as u8);
        bytes
    };
    let mut blob = vec![0x10];
    blob.extend(varint(256 << 20));
    blob.push(0x1a);
    blob.extend(varint(packed.len()));
    blob.extend(&packed);
    let mut header = vec![0x0a, 7];
    header.extend_from_slice(b"OSMData");
    header.push(0x18);
    header.extend(varint(blob.len()));
    let mut bytes = (header.len() as u32).to_be_bytes().to_vec();
    bytes.extend(header);
    bytes.extend(blob);
    let file = Scratch::new("bomb.osm.pbf", &bytes);
    let error = read(&file.0).unwrap_err().to_string();
    assert!(!error.contains("please report"), "{error}");
}

/// Pictures are named, never unpacked: one of 3.6 billion pixels costs nothing.
#[test]
fn a_picture_of_a_model_is_not_opened() {
    let text = std::fs::read_to_string(fixture("gltf/good-triangle.gltf")).unwrap();
    let mut document: serde_json::Value = serde_json::from_str(&text).unwrap();
    document["images"] = serde_json::json!([{"uri": "bomb.png"}]);
    document["textures"] = serde_json::json!([{"source": 0}]);
    document["materials"] = serde_json::json!([{"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}}]);
    let file = Scratch::new("picture.gltf", document.to_string().as_bytes());
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    png.extend_from_slice(&60_000_u32.to_be_bytes());
    png.extend_from_slice(&60_000_u32.to_be_bytes());
    png.extend_from_slice(&[8, 6, 0, 0, 0, 0, 0, 0, 0]);
    std::fs::write(file.0.with_file_name("bomb.png"), png).unwrap();
    let outcome = read(&file.0).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(outcome.layers.len(), 1);
}

#[test]
fn the_densest_real_source_stays_open() {
    let Some(path) = crate::support::shared("sensors/ndw_trafficspeed_20250815.xml.gz") else { return };
    let outcome = crate::support::read_ok(&path);
    assert!(outcome.inspection.features > 0);
}

/// Scales at the ends of what a number holds make coordinates that are none, or all the same; both are only faults.
#[test]
fn a_scale_at_the_end_of_numbers_costs_the_shapes_and_not_the_program() {
    for (scale, is_empty) in [("1e300", true), ("1e-300", false), ("-1e308", true)] {
        let text = format!(
            r#"{{"type":"CityJSON","version":"2.0","transform":{{"scale":[{scale},{scale},{scale}],"translate":[85000,447000,0]}},"CityObjects":{{"a":{{"type":"Building","geometry":[{{"type":"MultiSurface","lod":"1","boundaries":[[[0,1,2]]]}}]}}}},"vertices":[[10,0,900000000],[100000000000,0,0],[0,-100000000000,0]]}}"#
        );
        let file = Scratch::new("scale.city.json", text.as_bytes());
        let outcome = crate::support::read_ok(&file.0);
        let model = crate::support::city(&outcome);
        assert_eq!(model.objects[0].geometries[0].surface_count() == 0, is_empty, "{scale}");
        let bounds = outcome.layers[0].data.bounds();
        assert!(bounds.is_empty() || bounds.max.iter().all(|value| value.abs() < 1e8), "{scale}: {bounds:?}");
    }
}

/// One shape of a million corners is legal and small; it is read like any other.
#[test]
fn one_area_of_a_million_corners_is_read() {
    use std::fmt::Write as _;
    const CORNERS: u32 = 1_000_000;
    let mut ring = String::new();
    for corner in 0..CORNERS {
        let angle = f64::from(corner) / f64::from(CORNERS) * std::f64::consts::TAU;
        let _ = write!(ring, "[{:.9},{:.9}],", 5.0 + 0.01 * angle.cos(), 52.0 + 0.01 * angle.sin());
    }
    ring.push_str("[5.01,52.0]");
    let text = format!(
        r#"{{"type":"Feature","properties":{{}},"geometry":{{"type":"Polygon","coordinates":[[{ring}]]}}}}"#
    );
    let file = Scratch::new("million.geojson", text.as_bytes());
    let start = Instant::now();
    let outcome = crate::support::read_ok(&file.0);
    println!("read after {:?}", start.elapsed());
    assert_eq!(outcome.inspection.features, 1);
    assert!(!outcome.layers[0].data.bounds().is_empty());
}

/// What a spreadsheet would run is written as text.
#[test]
fn a_formula_in_an_attribute_is_written_as_text() {
    use layers::cutout::export::{ExportFormat, export};
    let text = r#"{"type":"Feature","id":"=1+1","properties":{"note":"=cmd|' /C calc'!A0","fine":"a=b"},"geometry":{"type":"Point","coordinates":[5.1,52.1]}}"#;
    let file = Scratch::new("formula.geojson", text.as_bytes());
    let outcome = crate::support::read_ok(&file.0);
    let table = Scratch::new("formula.csv", b"");
    export(&[&outcome.layers[0]], outcome.crs, ExportFormat::Csv, &table.0).unwrap();
    let written = std::fs::read_to_string(&table.0).unwrap();
    assert!(written.contains("'=1+1") && written.contains("'=cmd") && written.contains(",a=b"), "{written}");
}
