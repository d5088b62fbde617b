//! Zip archives: what is inside decides, names and sizes are not believed.

use std::io::Write;

use layers::{
    crs::Epsg,
    model::LayerData,
    readers::{ReadError, Severity},
};
use zip::{ZipWriter, write::SimpleFileOptions};

use crate::support::{Scratch, counts, fixture, read, read_ok, shared};

fn zip_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

const TWO_POINTS: &[u8] = b"id,x,y\na,136500,455900\nb,136600,455800\n";

#[test]
fn a_zipped_shapefile_is_the_same_as_the_others() {
    let Some(path) = shared("nl-vector/otterlo_addresses_28992_shp.zip") else { return };
    let outcome = read_ok(&path);
    assert_eq!((outcome.inspection.format, outcome.crs), ("shapefile", Epsg::RD_NEW));
    assert_eq!(counts(&outcome.inspection), [("inspireadressen", 2481)].into());
    assert_eq!(outcome.inspection.crs.as_deref(), Some("EPSG:28992"));
}

#[test]
fn feeds_still_go_to_their_reader() {
    let Some(path) = shared("conformance/gtfs-feeds/good_feed.zip") else { return };
    assert_eq!(read_ok(&path).inspection.format, "gtfs");
}

#[test]
fn files_of_several_kinds_are_read_together() {
    let outcome = read_ok(&fixture("zip/good-two-kinds.zip"));
    assert_eq!(outcome.inspection.format, "zip");
    assert_eq!(counts(&outcome.inspection), [("punten", 2), ("stallingen", 2)].into());
    assert_eq!(outcome.crs, Epsg::RD_NEW);
    let ids: Vec<&str> = outcome.layers.iter().map(|layer| layer.id.as_str()).collect();
    assert_eq!(ids, ["good-two-kinds-punten", "good-two-kinds-vlakken"]);
    let unread: Vec<&str> = outcome
        .inspection
        .faults
        .iter()
        .filter(|fault| fault.code == "archive-entry")
        .map(|fault| fault.location.as_str())
        .collect();
    assert_eq!(unread, ["leesmij.txt"], "what nobody reads is told");
    assert!(outcome.layers.iter().all(|layer| layer.provenance.checksum.len() == 64));
}

#[test]
fn names_that_lead_out_of_the_archive_are_left_out() {
    let outside = std::env::temp_dir().join("stadsmaquette-slip.csv");
    let _ = std::fs::remove_file(&outside);
    let bytes = zip_of(&[
        ("../stadsmaquette-slip.csv", TWO_POINTS),
        ("../../../../../../tmp/stadsmaquette-slip.csv", TWO_POINTS),
        ("/tmp/stadsmaquette-slip.csv", TWO_POINTS),
        ("goed.csv", TWO_POINTS),
        ("GOED.csv", TWO_POINTS),
    ]);
    let outcome = read_ok(&Scratch::new("slip.zip", &bytes).0);
    assert_eq!(outcome.inspection.features, 2, "only one of the five is good");
    let refused = outcome
        .inspection
        .faults
        .iter()
        .filter(|f| f.code == "archive-entry" && f.severity == Severity::Error)
        .count();
    assert_eq!(refused, 4, "{:?}", outcome.inspection.faults);
    assert!(!outside.exists());
}

#[test]
fn archives_in_archives_are_read_one_level_deep() {
    let inner = zip_of(&[("punten.csv", TWO_POINTS)]);
    let outer = zip_of(&[("0221PND.zip", &inner)]);
    let outcome = read_ok(&Scratch::new("outer.zip", &outer).0);
    assert_eq!(counts(&outcome.inspection), [("punten", 2)].into());
    let third = zip_of(&[("outer.zip", &outer)]);
    let error = read(&Scratch::new("third.zip", &third).0).unwrap_err();
    assert!(matches!(error, ReadError::TooLarge { .. }) && error.to_string().contains("nesting"), "{error}");
}

#[test]
fn bombs_are_refused_before_and_while_they_unfold() {
    let start = std::time::Instant::now();
    let zeros = vec![b'0'; 64 << 20];
    let error = read(&Scratch::new("bomb.zip", &zip_of(&[("a.csv", &zeros)])).0).unwrap_err();
    assert!(matches!(error, ReadError::TooLarge { .. }), "{error}");
    // Many files that are each small enough, and an archive in an archive whose sizes multiply.
    let part = vec![b'0'; 9 << 20];
    let names: Vec<String> = (0..40).map(|number| format!("{number}.csv")).collect();
    let files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), part.as_slice())).collect();
    let many = zip_of(&files);
    let outcome = read(&Scratch::new("many.zip", &many).0);
    let is_stopped = match &outcome {
        Err(ReadError::TooLarge { .. }) => true,
        Err(_) => false,
        Ok(outcome) => {
            outcome.inspection.faults.iter().any(|fault| fault.message.contains("times its packed"))
        }
    };
    assert!(is_stopped, "{outcome:?}");
    let nested = zip_of(&[("many.zip", &many)]);
    println!("{} bytes hold {} bytes", nested.len(), 40 * part.len());
    assert!(read(&Scratch::new("nested.zip", &nested).0).is_err());
    assert!(start.elapsed().as_secs_f64() < 5.0, "{:?}", start.elapsed());
}

#[test]
fn an_archive_without_data_says_what_it_holds() {
    let error =
        read(&Scratch::new("x.zip", &zip_of(&[("notitie.docx", b"x"), ("foto.jpg", b"y")])).0).unwrap_err();
    assert!(error.to_string().contains("notitie.docx") && error.to_string().contains("foto.jpg"), "{error}");
    let error = read(&Scratch::new("e.zip", &zip_of(&[])).0).unwrap_err();
    assert!(error.to_string().contains("no files"), "{error}");
    let error = read(&Scratch::new("p.zip", &zip_of(&[("a.geojson", b"{\"type\":\"FeatureCollection\"")])).0)
        .unwrap_err();
    assert!(
        error.to_string().contains("a.geojson") && !error.to_string().contains("stadsmaquette-read"),
        "{error}"
    );
}

#[test]
fn nothing_is_left_behind() {
    let count = || {
        let prefix = format!("stadsmaquette-read-{}-", std::process::id());
        std::fs::read_dir(std::env::temp_dir())
            .unwrap()
            .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with(&prefix))
            .count()
    };
    read_ok(&fixture("zip/good-two-kinds.zip"));
    let _ = read(&Scratch::new("bomb.zip", &zip_of(&[("a.csv", &vec![b'0'; 16 << 20])])).0);
    // Other tests unpack at the same time; theirs go too.
    for _ in 0..200 {
        if count() == 0 {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("{} folders are left", count());
}

#[test]
fn a_kmz_is_a_zip_with_kml() {
    let kml = std::fs::read(fixture("kml/good-places.kml")).unwrap();
    let outcome = read_ok(&Scratch::new("plekken.kmz", &zip_of(&[("doc.kml", &kml)])).0);
    assert_eq!((outcome.inspection.format, outcome.inspection.features), ("kml", 2));
    assert!(matches!(outcome.layers[0].data, LayerData::Features(_)));
}
