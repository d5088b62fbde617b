//! What is written as CityJSON is valid for the official validator, whatever it was read from.

use std::path::{Path, PathBuf};

use cjval::CJValidator;
use harness::shared;
use layers::{
    model::LayerData,
    readers::{self, ReadContext, ReadOutcome, Source},
    writers::cityjson::{self, Metadata},
};

const FILES: [&str; 12] = [
    "3d-city/delft_3dbag_2024.city.jsonl",
    "3d-city/delft_centre_3dfier_cj20.city.json",
    "3d-city/delft_centre_3dfier_cj10.city.json",
    "3d-city/denhaag_subset_cj11.city.json",
    "3d-city/rotterdam_subset_cj20.city.json",
    "3d-city/zurich_subset_lod2_cj11.city.json",
    "3d-city/vienna_cj11.city.jsonl",
    "3d-city/plateau_yokosuka_bldg_citygml2/52397519_bldg_6697_op.gml",
    "3d-city/plateau_yokosuka_dem_citygml2/523965_dem_6697_05_op.gml",
    "3d-city/plateau_numazu_landuse_citygml2/523836_luse_6668_op.gml",
    "3d-city/citygml3_opera_lyon_lod2.gml",
    "3d-city/citygml3_melbourne_3way.gml",
];

const SAMPLED_LINES: usize = 12;

fn read(path: &Path) -> ReadOutcome {
    readers::read(&Source::from_path(path), &mut ReadContext::default())
        .unwrap_or_else(|error| panic!("{error}"))
}

/// Faults that are not only warnings, such as unused vertices.
fn errors(validator: &CJValidator) -> Vec<String> {
    validator
        .validate()
        .iter()
        .filter(|(_, summary)| summary.has_errors() && !summary.is_warning())
        .map(|(criterion, summary)| format!("{criterion}: {summary}"))
        .collect()
}

#[test]
fn written_documents_and_sequences_are_valid() {
    let folder = tempfile::tempdir().expect("a private folder");
    for name in FILES {
        let Some(path) = shared(name) else { return };
        let outcome = read(&path);
        let LayerData::City(model) = &outcome.layers[0].data else { panic!("{name}: a city") };

        let document: PathBuf = folder.path().join("written.city.json");
        cityjson::write(&document, model, outcome.crs, &Metadata::default()).expect("it is written");
        let text = std::fs::read_to_string(&document).expect("it is readable");
        let found = errors(&CJValidator::from_str(&text));
        assert!(found.is_empty(), "{name}: {found:?}");

        let sequence = folder.path().join("written.city.jsonl");
        cityjson::write_sequence(&sequence, model, outcome.crs, &Metadata::default()).expect("it is written");
        let text = std::fs::read_to_string(&sequence).expect("it is readable");
        let mut lines = text.lines();
        let mut validator = CJValidator::from_str(lines.next().expect("a header"));
        let found = errors(&validator);
        assert!(found.is_empty(), "{name}: {found:?}");
        // The validator takes a tenth of a second for each line: some of them, over the whole file.
        let step = text.lines().count().div_ceil(SAMPLED_LINES).max(1);
        for line in lines.step_by(step) {
            validator.from_str_cjfeature(line).unwrap_or_else(|error| panic!("{name}: {error}"));
            let found = errors(&validator);
            assert!(found.is_empty(), "{name}: {found:?}");
        }

        // And it is the same city when it is read again.
        let again = read(&document);
        let LayerData::City(same) = &again.layers[0].data else { panic!("{name}: a city") };
        assert_eq!(same.objects.len(), model.objects.len(), "{name}");
    }
}
