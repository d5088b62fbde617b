//! Bad input: typed errors and faults that say what was expected, found and where; never a panic, and the rest loads.

use std::path::{Path, PathBuf};

use layers::{
    crs::Epsg,
    readers::{self, READERS, ReadContext, ReadError, Severity, Source},
};

use crate::support::{Scratch, city, fixture, read, shared};

/// What a fixture must give.
pub enum Outcome {
    /// An error whose message has all these words.
    Error(fn(&ReadError) -> bool, &'static [&'static str]),
    /// The file loads, with this fault.
    Fault(&'static str),
}
use Outcome::{Error, Fault};

pub fn is_malformed(error: &ReadError) -> bool {
    matches!(error, ReadError::Malformed { .. })
}

fn is_unknown_format(error: &ReadError) -> bool {
    matches!(error, ReadError::UnknownFormat { .. })
}

const BAD: &[(&str, Outcome)] = &[
    ("cityjson/bad-index-out-of-range.city.json", Fault("vertex-out-of-range")),
    ("cityjson/bad-cyclic-parents.city.json", Fault("cyclic-parents")),
    (
        "cityjson/bad-unknown-crs.city.json",
        Error(
            |error| matches!(error, ReadError::UnknownCrs { .. }),
            &["999999", "EPSG:7415", "bad-unknown-crs"],
        ),
    ),
    ("cityjson/bad-vertex-null.city.json", Fault("vertex-not-finite")),
    ("cityjson/bad-vertex-absurd.city.json", Fault("vertex-not-finite")),
    ("cityjson/bad-geometry.city.json", Fault("boundaries")),
    ("cityjson/bad-parent-missing.city.json", Fault("relation-missing")),
    ("cityjson/bad-semantics.city.json", Fault("semantics")),
    ("cityjson/bad-duplicate-id.city.json", Fault("duplicate-id")),
    (
        "cityjson/bad-truncated.city.json",
        Error(is_malformed, &["expected the rest", "end of the file", "line ", "column "]),
    ),
    ("cityjson/bad-type.city.json", Error(is_malformed, &["\"CityJSON\"", "FeatureCollectionOfCities"])),
    ("cityjson/bad-deep.city.json", Error(is_malformed, &["recursion limit"])),
    ("cityjson-seq/bad-line.city.jsonl", Fault("feature-malformed")),
    ("cityjson-seq/bad-truncated.city.jsonl", Fault("feature-malformed")),
    (
        "cityjson-seq/bad-no-header.city.jsonl",
        Error(is_malformed, &["\"CityJSON\"", "CityJSONFeature", "line 1"]),
    ),
    ("osm-xml/bad-truncated.osm", Error(is_malformed, &["OpenStreetMap XML", "byte "])),
    ("osm-xml/bad-doctype.osm", Error(is_malformed, &["DOCTYPE"])),
    ("osm-xml/bad-node.osm", Fault("element-unreadable")),
    ("osm-pbf/bad-jpeg.osm.pbf", Error(is_unknown_format, &["OpenStreetMap PBF", "a JPEG picture"])),
    ("osm-pbf/bad-blob.osm.pbf", Error(is_malformed, &["PBF block", "block 0"])),
    ("geojson/bad-vrt-inside.geojson", Error(is_unknown_format, &["GeoJSON", "OGRVRT"])),
    ("geojson/bad-vrt-in-json.geojson", Error(is_malformed, &["GeoJSON"])),
    ("geojson/bad-absurd.geojson", Fault("coordinates")),
    ("geojson/bad-truncated.geojson", Error(is_malformed, &["GeoJSON"])),
    ("graphml/bad-doctype.graphml", Error(is_malformed, &["GraphML", "DOCTYPE"])),
    ("imaer/bad-position.gml", Fault("geometry")),
    ("datex/bad-truncated.xml", Error(is_malformed, &["DATEX II", "byte "])),
    ("gtfs-realtime/bad-cut.pb", Error(is_malformed, &["GTFS-realtime", "byte "])),
    ("gtfs-realtime/bad-place.pb", Fault("vehicle-without-place")),
    ("gbfs/bad-place.json", Fault("station-without-place")),
    ("ngsi-ld/bad-truncated.jsonld", Error(is_malformed, &["NGSI", "line "])),
    ("lorawan-uplinks/bad-truncated.json", Error(is_malformed, &["messages of sensors", "line "])),
    ("city-snapshots/bad-nameless.json", Fault("feature")),
    ("samenmeten/bad-number.txt", Fault("number")),
    ("csv-points/bad-coordinates.csv", Fault("coordinates")),
    ("gtfs/bad-broken.zip", Error(is_malformed, &["GTFS zip archive"])),
    ("sensorthings/bad-truncated.json", Error(is_malformed, &["SensorThings JSON", "line ", "column "])),
    ("geotiff/bad-cut.tif", Error(is_malformed, &["GeoTIFF"])),
    ("geotiff/bad-vrt-inside.tif", Error(is_unknown_format, &["GeoTIFF", "VRTDataset"])),
    ("geopackage/bad-cut.gpkg", Error(is_malformed, &["GeoPackage"])),
    ("gltf/bad-unknown-extension.gltf", Error(is_malformed, &["EXT_from_the_future", "extensionsRequired"])),
    ("gltf/bad-buffer-on-network.gltf", Error(is_malformed, &["on the network", "127.0.0.1", "buffers[0]"])),
    ("gltf/bad-buffer-outside.gltf", Error(is_malformed, &["outside the folder", "Cargo.toml"])),
    ("gltf/bad-buffer-missing.gltf", Error(is_malformed, &["nowhere.bin", "is not there"])),
    ("gltf/bad-circle.gltf", Error(is_malformed, &["a circle", "nodes[0]"])),
    ("gltf/bad-version.gltf", Error(is_malformed, &["\"2.0\"", "\"1.0\""])),
    ("gltf/bad-cut.glb", Error(is_malformed, &["15328 bytes, as the GLB header says", "3000 bytes"])),
    ("gltf/bad-accessor.gltf", Fault("mesh-left-out")),
    ("gltf/bad-count.gltf", Fault("mesh-left-out")),
    ("3d-tiles/bad-circle.json", Fault("tileset-circle")),
    ("3d-tiles/bad-content-on-network.json", Fault("content-missing")),
    ("3d-tiles/bad-content-outside.json", Fault("content-missing")),
    ("3d-tiles/bad-content-missing.json", Fault("content-unreadable")),
    ("3d-tiles/bad-transform.json", Fault("tileset-invalid")),
    ("3d-tiles/bad-subtree-missing.json", Fault("subtree-unreadable")),
    ("3d-tiles/bad-cut.json", Error(is_malformed, &["a tileset in JSON", "line 1, column 150"])),
    ("3d-tiles/bad-cut.b3dm", Error(is_malformed, &["bytes, as the header says"])),
    ("3d-tiles/bad-no-batch-length.b3dm", Error(is_malformed, &["BATCH_LENGTH"])),
    ("3d-tiles/bad-table-size.b3dm", Error(is_malformed, &["a part of 4294967280 bytes"])),
    ("3d-tiles/bad-batch-count.b3dm", Error(is_malformed, &["BATCH_LENGTH", "4000000000"])),
    ("obj/bad-index.obj", Fault("vertex-out-of-range")),
    ("obj/bad-vertex.obj", Fault("vertex-unreadable")),
    ("obj/bad-materials-outside.obj", Fault("materials-missing")),
    ("obj/bad-no-faces.obj", Error(is_malformed, &["at least one face", "2 vertices"])),
    ("las/bad-cut-header.las", Error(is_malformed, &["a header of 227 bytes", "200 bytes in the file"])),
    ("las/bad-no-laszip-record.laz", Error(is_malformed, &["laszip encoded"])),
    ("las/bad-scale.las", Error(is_malformed, &["finite scales"])),
    ("las/bad-cut-points.las", Fault("points-missing")),
    (
        "geojson/nothing-here.geojson",
        Error(|error| matches!(error, ReadError::Io { .. }), &["nothing-here", "No such file"]),
    ),
];

#[test]
fn every_bad_fixture_gives_its_error_or_its_fault() {
    for (name, expected) in BAD.iter().chain(crate::citygml::BAD) {
        match (read(&fixture(name)), expected) {
            (Err(error), Error(is_kind, words)) => {
                let message = error.to_string();
                assert!(is_kind(&error), "{name}: {message}");
                for word in *words {
                    assert!(message.contains(word), "{name}: \"{word}\" is not in: {message}");
                }
                assert!(!message.contains("please report"), "{name} panicked: {message}");
            }
            (Ok(outcome), Fault(code)) => {
                let faults = &outcome.inspection.faults;
                assert!(faults.iter().any(|fault| fault.code == *code), "{name}: {faults:?}");
                assert!(faults.iter().all(|fault| !fault.message.is_empty()));
                assert!(outcome.inspection.features > 0, "{name}: the rest loads");
            }
            (Ok(outcome), Error(..)) => panic!("{name} was read: {:?}", outcome.inspection),
            (Err(error), Fault(code)) => panic!("{name} should load with the fault {code}: {error}"),
        }
    }
}

#[test]
fn fixture_folders_and_readers_belong_to_each_other() {
    let listed: Vec<&str> = BAD.iter().chain(crate::citygml::BAD).map(|(name, _)| *name).collect();
    let mut ids: Vec<&str> = Vec::new();
    for reader in READERS {
        let id = reader.id();
        assert!(id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'), "{id}");
        assert!(!ids.contains(&id) && !reader.title().is_empty() && !reader.extensions().is_empty(), "{id}");
        ids.push(id);
        let mut files: Vec<PathBuf> =
            std::fs::read_dir(fixture(id)).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        for path in files {
            // The other files of a shapefile or MapInfo table are read through the first.
            let is_sidecar = path
                .extension()
                .is_some_and(|e| ["shx", "dbf", "prj", "cpg", "mid"].iter().any(|sidecar| e == *sidecar));
            if is_sidecar {
                continue;
            }
            let name = format!("{id}/{}", path.file_name().unwrap().to_str().unwrap());
            if name.contains("/bad-") {
                assert!(listed.contains(&name.as_str()), "{name} is in no table");
            } else {
                let outcome = read(&path).unwrap_or_else(|error| panic!("{error}"));
                assert_eq!(outcome.inspection.format, id, "{name}");
                let faults = &outcome.inspection.faults;
                let is_told = name == "sensorthings/good-document.json";
                assert!(
                    is_told || faults.iter().all(|fault| fault.severity < Severity::Error),
                    "{name}: {faults:?}"
                );
                assert!(!outcome.layers.is_empty(), "{name}");
                for layer in &outcome.layers {
                    assert_eq!(layer.provenance.checksum.len(), 64, "{name}");
                }
            }
        }
    }
}

#[test]
fn empty_files_and_folders_are_named_as_such() {
    for reader in READERS {
        let file = Scratch::new(&format!("empty.{}", reader.extensions()[0]), b"");
        let error = read(&file.0).unwrap_err();
        assert!(matches!(error, ReadError::Empty { .. }) && error.to_string().contains("0 bytes"), "{error}");
    }
    let error = read(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap_err();
    assert!(error.to_string().contains("it is a folder"), "{error}");
}

#[test]
fn what_is_left_of_a_house_with_a_bad_index_is_kept() {
    let outcome = read(&fixture("cityjson/bad-index-out-of-range.city.json")).unwrap();
    let part = &city(&outcome).objects[1];
    assert_eq!((part.geometries[0].surface_count(), part.geometries[0].shell_ends.clone()), (5, vec![5]));
    let outcome = read(&fixture("cityjson/bad-vertex-null.city.json")).unwrap();
    assert_eq!(city(&outcome).objects[1].geometries[0].surface_count(), 3, "three faces meet in a corner");
    let bounds = outcome.layers[0].data.bounds();
    assert_eq!(bounds.size(), [10.0, 8.0, 6.0]);
    let outcome = read(&fixture("cityjson/bad-vertex-absurd.city.json")).unwrap();
    assert_eq!(
        outcome.layers[0].data.bounds().size(),
        [10.0, 8.0, 6.0],
        "an outlier does not move the camera"
    );
    let outcome = read(&fixture("cityjson/bad-cyclic-parents.city.json")).unwrap();
    let model = city(&outcome);
    assert!((0..model.objects.len()).all(|object| model.objects[model.root_of(object)].parents.is_empty()));
}

#[test]
fn a_user_can_say_what_an_unknown_crs_is() {
    let source = Source::from_path(fixture("cityjson/bad-unknown-crs.city.json"));
    let mut context = ReadContext { assumed_crs: Some(Epsg::RD_NAP), ..ReadContext::default() };
    let outcome = readers::read(&source, &mut context).unwrap();
    assert_eq!(outcome.crs, Epsg::RD_NEW);
    assert!(outcome.inspection.faults.iter().any(|fault| fault.code == "crs-unknown"));
}

#[test]
fn a_cancelled_read_ends_as_cancelled() {
    for name in [
        "cityjson/good-house.city.json",
        "osm-pbf/good-heemserveen.osm.pbf",
        "csv-points/good-decimal-comma.csv",
    ] {
        let mut context = ReadContext::default();
        context.progress.cancel();
        let result = readers::read(&Source::from_path(fixture(name)), &mut context);
        assert!(matches!(result, Err(ReadError::Cancelled)), "{name}: {result:?}");
    }
}

#[test]
fn an_absurd_coordinate_in_geojson_costs_one_geometry() {
    let outcome = read(&fixture("geojson/bad-absurd.geojson")).unwrap();
    assert_eq!(outcome.inspection.features, 2);
    assert!(
        outcome.inspection.faults.iter().any(|f| f.code == "coordinates" && f.severity == Severity::Error)
    );
}

/// Files cut off and with flipped bytes, always the same ones. A panic inside a reader shows as "please report".
#[test]
fn damaged_files_never_panic_a_reader() {
    let mut files: Vec<PathBuf> = Vec::new();
    for reader in READERS {
        let folder = std::fs::read_dir(fixture(reader.id())).unwrap();
        files.extend(folder.map(|entry| entry.unwrap().path()));
    }
    for name in [
        "conformance/gtfs-feeds/good_feed.zip",
        "nl-vector/roads_eindhoven.gpkg",
        "conformance/cityjson-corpus/conformance/v2_0/geometry_instance/geometry_instance.city.json",
        "conformance/cityjson-corpus/conformance/v2_0/geometry_semantics_multisolid/geometry_semantics_multisolid.city.json",
    ] {
        files.extend(shared(name));
    }
    files.sort();
    let mut random = fastrand::Rng::with_seed(20_261_122);
    let mut read_anyway = 0;
    for path in files {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let good = std::fs::read(&path).unwrap();
        for round in 0..12 {
            let mut bytes = good.clone();
            if round % 3 == 0 {
                bytes.truncate(random.usize(1..=bytes.len()));
            } else {
                for _ in 0..random.usize(1..=8) {
                    let at = random.usize(..bytes.len());
                    bytes[at] = if round % 3 == 1 {
                        random.u8(..)
                    } else {
                        *random.choice(b"0919[]{},\"-e.").unwrap()
                    };
                }
            }
            let file = Scratch::new(&name, &bytes);
            match read(&file.0) {
                Ok(_) => read_anyway += 1,
                Err(error) => {
                    let message = error.to_string();
                    assert!(!message.contains("please report"), "{name} round {round}: {message}");
                }
            }
        }
    }
    assert!(read_anyway > 20, "most damage is local: {read_anyway}");
}

#[test]
fn the_public_corpus_of_cityjson_is_read_and_its_invalid_files_are_noticed() {
    let Some(root) = shared("conformance/cityjson-corpus") else { return };
    let mut folders = vec![root];
    let mut files: Vec<PathBuf> = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if path.is_dir() {
                folders.push(path);
            } else if name.contains(".city.json") || name.starts_with("invalid_") {
                files.push(path);
            }
        }
    }
    files.sort();
    assert!(files.len() > 30);
    for path in files {
        let text = path.display().to_string();
        match read(&path) {
            Ok(outcome) => {
                let errors =
                    outcome.inspection.faults.iter().filter(|f| f.severity == Severity::Error).count();
                if text.contains("out_of_range") || text.contains("u64_f64") {
                    assert!(errors > 0, "{text}");
                } else if text.contains("/conformance/") && !text.contains("semantic") {
                    println!("{text}: {:?}", outcome.inspection.faults);
                }
            }
            Err(error) => {
                assert!(!error.to_string().contains("please report"), "{error}");
                // A lone feature has no header, so no coordinates.
                let is_refused = ["/invalid/", "cityjsonfeature"].iter().any(|word| text.contains(word));
                assert!(is_refused, "{error}");
            }
        }
    }
}

#[test]
fn conformance_folders_of_others_are_read_or_refused_in_words() {
    let mut seen = 0;
    for folder in ["conformance/gpkg", "conformance/cjval"] {
        let Some(root) = shared(folder) else { return };
        let mut files: Vec<PathBuf> =
            std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        for path in files.into_iter().filter(|path| path.is_file()) {
            let name = path.file_name().unwrap().to_str().unwrap();
            seen += 1;
            match read(&path) {
                Ok(outcome) => {
                    assert!(name != "test_broken_geopackage.gpkg", "{name} is broken");
                    println!("{name}: {:?} {:?}", outcome.inspection.counts, outcome.inspection.faults);
                }
                Err(error) => {
                    assert!(!error.to_string().contains("please report"), "{error}");
                    assert!(!name.starts_with("test_allcorrect"), "{error}");
                    println!("{name}: {error}");
                }
            }
        }
    }
    assert!(seen > 40, "{seen}");
}

/// Rows of broken pages are passed over by SQLite; a person must know that some are missing.
#[test]
fn a_damaged_database_is_told() {
    let Some(path) = shared("nl-vector/delft-bgt/bgt_pand.sqlite") else { return };
    assert!(
        !crate::support::read_ok(&path)
            .inspection
            .faults
            .iter()
            .any(|fault| fault.code == "database-damaged")
    );
    let mut bytes = std::fs::read(&path).unwrap();
    let mut random = fastrand::Rng::with_seed(3);
    // The schema stays.
    for _ in 0..200 {
        let at = random.usize(8192..bytes.len());
        bytes[at] = random.u8(..);
    }
    let file = Scratch::new("damaged.sqlite", &bytes);
    match readers::read(&Source::from_path(&file.0), &mut ReadContext::default()) {
        Ok(outcome) => {
            let fault = outcome.inspection.faults.iter().find(|fault| fault.code == "database-damaged");
            assert!(fault.is_some_and(|fault| fault.message.contains("rows may be missing")));
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}
