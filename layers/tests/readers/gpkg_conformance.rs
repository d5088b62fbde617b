//! The GeoPackages of PDOK's validator: each file's name says its defect.

use layers::readers::Severity;

use crate::support::{Scratch, read, shared};

/// File, the fault that names its defect, and whether only the Dutch validator (not the standard) objects.
const CASES: [(&str, &str, bool); 12] = [
    ("test_correct_attribute", "gpkg-table-missing", false),
    ("test_db_views", "gpkg-view", true),
    ("test_featureid", "gpkg-primary-key", false),
    ("test_foreign_key_violation", "gpkg-foreign-key", false),
    ("test_geom_columnname", "gpkg-geometry-column", true),
    ("test_geometry_null", "gpkg-geometry-null", false),
    ("test_geometry_spatialite", "gpkg-geometry-blob", false),
    ("test_geometry_valid", "gpkg-geometry-invalid", false),
    ("test_layerfeature", "gpkg-layer-empty", true),
    ("test_layername", "gpkg-layer-name", true),
    ("test_rtree_present_alltables", "gpkg-no-index", true),
    ("test_rtree_valid", "gpkg-index", false),
];

#[test]
fn every_defect_is_named_and_what_is_correct_passes() {
    let Some(folder) = shared("conformance/gpkg") else { return };
    let mut seen = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        seen += 1;
        let outcome = read(&path);
        if name == "test_broken_geopackage" {
            let error = outcome.unwrap_err().to_string();
            assert!(error.contains("GeoPackage") && error.contains("gpkg_contents"), "{error}");
            continue;
        }
        let outcome = outcome.unwrap_or_else(|error| panic!("{error}"));
        let serious: Vec<_> =
            outcome.inspection.faults.iter().filter(|fault| fault.severity >= Severity::Warning).collect();
        if name.starts_with("test_allcorrect") {
            assert!(serious.is_empty(), "{name}: {serious:?}");
            assert!(outcome.inspection.features > 0);
            continue;
        }
        let (_, code, is_policy) = CASES.iter().find(|(case, ..)| *case == name).unwrap();
        let fault = serious.iter().find(|fault| fault.code == *code);
        let Some(fault) = fault else { panic!("{name}: {code} is not in {serious:?}") };
        assert_eq!(fault.message.contains("PDOK"), *is_policy, "{name}: {fault:?}");
        println!("{name}: {fault:?}");
    }
    assert_eq!(seen, 14);
}

#[test]
fn the_other_geopackages_have_no_defect_of_the_standard() {
    for name in [
        "nl-vector/otterlo_addresses_28992.gpkg",
        "nl-vector/otterlo_addresses_4326.gpkg",
        "nl-vector/amsterdam_bag.gpkg",
        "nl-vector/roads_eindhoven.gpkg",
        "transit/helsinki_population_grid.gpkg",
        "climate/prague_bubenec_morphology.gpkg",
    ] {
        let Some(path) = shared(name) else { return };
        let outcome = read(&path).unwrap();
        let of_standard: Vec<_> = outcome
            .inspection
            .faults
            .iter()
            .filter(|fault| fault.severity >= Severity::Warning && !fault.message.contains("PDOK"))
            .collect();
        println!("{name}: {:?}", outcome.inspection.faults);
        assert!(of_standard.is_empty(), "{name}: {of_standard:?}");
    }
}

#[test]
fn databases_that_do_more_than_hold_data_are_refused() {
    let Some(path) = shared("conformance/gpkg/test_allcorrect.gpkg") else { return };
    let good = std::fs::read(path).unwrap();
    // The definition of the table's own index, changed in place: same length, so that the file stays sound.
    let find = |needle: &[u8]| good.windows(needle.len()).position(|window| window == needle).unwrap();
    let at = find(b"USING rtree(");
    let mut evil = good.clone();
    evil[at + 6..at + 11].copy_from_slice(b"vtext");
    let error = read(&Scratch::new("evil.gpkg", &evil).0).unwrap_err().to_string();
    assert!(error.contains("virtual table") && error.contains("vtext"), "{error}");
    // The same in a gzip, and in another spelling.
    use std::io::Write;
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(&evil).unwrap();
    let error = read(&Scratch::new("evil.gpkg.gz", &packer.finish().unwrap()).0).unwrap_err().to_string();
    assert!(error.contains("vtext"), "{error}");
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(&good).unwrap();
    let outcome = read(&Scratch::new("good.gpkg.gz", &packer.finish().unwrap()).0).unwrap();
    assert_eq!(outcome.inspection.features, 1);
}

#[test]
fn a_database_in_use_is_read_without_writing_beside_it() {
    let (Some(package), Some(lite)) =
        (shared("nl-vector/roads_eindhoven.gpkg"), shared("nl-vector/delft-bgt/bgt_waterdeel.sqlite"))
    else {
        return;
    };
    for (path, name, count) in [(package, "in-gebruik.gpkg", 10), (lite, "in-gebruik.sqlite", 3)] {
        let mut bytes = std::fs::read(path).unwrap();
        // Write-ahead mode is two bytes of the header.
        bytes[18..20].copy_from_slice(&[2, 2]);
        let file = Scratch::new(name, &bytes);
        std::fs::write(file.0.with_file_name(format!("{name}-wal")), b"not a log").unwrap();
        let outcome = read(&file.0).unwrap();
        assert_eq!(outcome.inspection.features, count, "{name}");
        assert!(outcome.inspection.faults.iter().any(|fault| fault.code == "unwritten-changes"), "{name}");
        assert_eq!(std::fs::read_dir(file.0.parent().unwrap()).unwrap().count(), 2, "{name}");
    }
}
