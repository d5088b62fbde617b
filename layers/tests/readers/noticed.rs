//! What people ran into: odd files get an answer that says what is odd.

use layers::{
    cutout::export::{ExportFormat, export},
    readers::{Fault, ReadOutcome, Severity},
};

use crate::support::{Scratch, read, read_ok, shared};

fn fault<'a>(outcome: &'a ReadOutcome, code: &str) -> &'a Fault {
    let found = outcome.inspection.faults.iter().find(|fault| fault.code == code);
    found.unwrap_or_else(|| panic!("{code} in {:?}", outcome.inspection.faults))
}

#[test]
fn a_quote_that_is_never_closed_is_told_with_its_line() {
    let text = "id,lon,lat,name\n1,5.1,52.1,Aa\n2,5.2,52.2,\"Bb\n3,5.3,52.3,Cc\n4,5.4,52.4,Dd\n";
    let file = Scratch::new("open.csv", text.as_bytes());
    let outcome = read_ok(&file.0);
    let fault = fault(&outcome, "quote");
    assert_eq!((fault.severity, fault.location.as_str()), (Severity::Error, "line 3"));
    let closed = Scratch::new("closed.csv", text.replace("\"Bb", "\"Bb\"").as_bytes());
    let outcome = read_ok(&closed.0);
    assert!(outcome.inspection.faults.iter().all(|fault| fault.code != "quote"));
    assert_eq!(outcome.inspection.features, 4);
}

#[test]
fn a_vertex_below_zero_is_called_by_its_number() {
    let text = r#"{"type":"CityJSON","version":"2.0","transform":{"scale":[1,1,1],"translate":[0,0,0]},"CityObjects":{"a":{"type":"Building","geometry":[{"type":"MultiSurface","lod":"1","boundaries":[[[0,1,2]],[[0,1,-1]]]}]}},"vertices":[[0,0,0],[1,0,0],[1,1,0]]}"#;
    let file = Scratch::new("negative.city.json", text.as_bytes());
    let outcome = read_ok(&file.0);
    let message = &fault(&outcome, "vertex-out-of-range").message;
    assert!(message.contains("vertex -1 ") && !message.contains("4294967295"), "{message}");
}

#[test]
fn numbers_that_are_no_degrees_are_not_taken_for_metres() {
    let point = |x: f64, y: f64| {
        format!(
            r#"{{"type":"Feature","properties":{{}},"geometry":{{"type":"Point","coordinates":[{x},{y}]}}}}"#
        )
    };
    let file = Scratch::new("far.geojson", point(720.0, -95.0).as_bytes());
    let outcome = read_ok(&file.0);
    let told = fault(&outcome, "degrees-out-of-range");
    assert_eq!(told.severity, Severity::Error);
    assert!(told.message.contains("[720, -95]"), "{told:?}");
    assert!(outcome.layers[0].data.bounds().is_empty(), "it is nowhere");
    // One bad place among good ones: the good ones stay where they are.
    let text = format!(
        r#"{{"type":"FeatureCollection","features":[{},{},{}]}}"#,
        point(5.1, 52.1),
        point(725.1, 52.1),
        point(5.2, 52.1)
    );
    let file = Scratch::new("one-far.geojson", text.as_bytes());
    let outcome = read_ok(&file.0);
    fault(&outcome, "degrees-out-of-range");
    assert!(outcome.layers[0].data.bounds().size()[0] < 10_000.0);
    // Metres of some map are a question.
    let file = Scratch::new("metres.geojson", point(500_000.0, 6_600_000.0).as_bytes());
    let told = fault(&read_ok(&file.0), "degrees-out-of-range").message.clone();
    assert!(told.contains("looks like metres"), "{told}");
}

#[test]
fn an_archive_of_refused_names_says_so() {
    use std::io::Write;
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for name in ["../a.geojson", "../../b.geojson"] {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(b"{}").unwrap();
    }
    let file = Scratch::new("outside.zip", &zip.finish().unwrap().into_inner());
    let error = read(&file.0).unwrap_err().to_string();
    assert!(error.contains("\"../../b.geojson\"") || error.contains("\"../a.geojson\""), "{error}");
    assert!(error.contains("points out of it") && error.contains("2 entries"), "{error}");
}

#[test]
fn the_same_oddity_of_many_tiles_is_one_line() {
    let Some(path) = shared("3d-tiles/amsterdam/tileset.json") else { return };
    let faults = read_ok(&path).inspection.faults;
    assert!(faults.len() <= 6, "{faults:#?}");
    assert!(faults.iter().any(|fault| fault.message.contains("more places")), "{faults:#?}");
}

#[test]
fn a_written_geopackage_has_names_that_our_own_check_likes() {
    let text = r#"{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[5.1,52.1]}}"#;
    let file = Scratch::new("street-trees.geojson", text.as_bytes());
    let outcome = read_ok(&file.0);
    assert_eq!(outcome.layers[0].id, "street-trees");
    let out = Scratch::new("out.gpkg", b"");
    export(&[&outcome.layers[0]], outcome.crs, ExportFormat::GeoPackage, &out.0).unwrap();
    let faults = read_ok(&out.0).inspection.faults;
    assert!(faults.is_empty(), "{faults:?}");
}

#[test]
fn stray_stations_do_not_make_the_country_a_dot() {
    let Some(path) = shared("sensors/samenmeten_snapshot_20221206.txt") else { return };
    let outcome = read_ok(&path);
    let layer = &outcome.layers[0];
    let (all, view) = (layer.data.bounds(), layer.view_bounds());
    println!("{:?} of {:?}: {:?}", view.bounds.size(), all.size(), view.strays);
    let area = |size: [f64; 3]| size[0] * size[1];
    if area(all.size()) > 20.0 * area(view.bounds.size()) {
        assert!(view.strays.is_some());
    }
    // The Netherlands are 300 km high.
    assert!(view.bounds.size()[1] < 500_000.0, "{:?}", view.bounds);
}
