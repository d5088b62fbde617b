//! The public validator's tilesets: the file name says what is wrong.

use std::path::{Path, PathBuf};

use layers::readers::{
    self, FormatReader, ReadContext, ReadError, ReadOutcome, Severity, Source, tiles3d::TilesetReader,
};

use crate::support::shared;

fn tilesets(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            tilesets(&path, found);
        } else if path.extension().is_some_and(|e| e == "json" || e == "3tz") {
            found.push(path);
        }
    }
}

fn read(path: &Path) -> Result<ReadOutcome, ReadError> {
    let source = Source::from_path(path);
    match readers::read(&source, &mut ReadContext::default()) {
        Err(ReadError::UnknownFormat { .. }) => TilesetReader.read(&source, &mut ReadContext::default()),
        other => other,
    }
}

#[test]
fn dump() {
    for folder in ["3d-tiles/validator-tilesets", "3d-tiles/validator-samples"] {
        let Some(root) = shared(folder) else { return };
        let mut found = Vec::new();
        tilesets(&root, &mut found);
        for path in found {
            let name = path.strip_prefix(&root).unwrap().display().to_string();
            match read(&path) {
                Ok(outcome) => {
                    let worst = outcome.inspection.faults.iter().map(|f| f.severity).max();
                    let all: Vec<String> = outcome
                        .inspection
                        .faults
                        .iter()
                        .filter(|f| f.severity > Severity::Info)
                        .map(|f| format!("{:?} {} {}: {}", f.severity, f.code, f.location, f.message))
                        .collect();
                    println!("DUMP {name}: ok {worst:?} {:?} {all:?}", outcome.inspection.counts);
                }
                Err(error) => println!("DUMP {name}: ERR {error}"),
            }
        }
    }
}
