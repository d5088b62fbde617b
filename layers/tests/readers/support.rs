//! Finding test files, and short ways to read them.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use layers::{
    model::{CityModel, LayerData},
    readers::{self, Inspection, ReadContext, ReadError, ReadOutcome, Source},
};

/// `shared/data/<path>` in one of the folders above the sources; `None` (after saying so) where it is absent.
pub fn shared(path: &str) -> Option<PathBuf> {
    let found = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .map(|above| above.join("shared/data").join(path))
        .find(|candidate| candidate.exists());
    if found.is_none() {
        println!("skipped: shared/data/{path} is not on this machine");
    }
    found
}

/// `tests/fixtures/<path>`.
pub fn fixture(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(path)
}

pub fn read(path: &Path) -> Result<ReadOutcome, ReadError> {
    readers::read(&Source::from_path(path), &mut ReadContext::default())
}

/// A file that must be readable.
pub fn read_ok(path: &Path) -> ReadOutcome {
    read(path).unwrap_or_else(|error| panic!("{error}"))
}

pub fn city(outcome: &ReadOutcome) -> &CityModel {
    outcome
        .layers
        .iter()
        .find_map(|layer| if let LayerData::City(model) = &layer.data { Some(&**model) } else { None })
        .expect("a city layer")
}

pub fn counts(inspection: &Inspection) -> BTreeMap<&str, u64> {
    inspection.counts.iter().map(|(name, count)| (name.as_str(), *count)).collect()
}

/// Whether all values agree to `tolerance`.
pub fn assert_near(found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len());
    for (f, e) in found.iter().zip(expected) {
        assert!((f - e).abs() <= tolerance, "expected {expected:?}, found {found:?}");
    }
}

/// A private file with `content`, removed when dropped.
pub struct Scratch(pub PathBuf);

impl Scratch {
    pub fn new(name: &str, content: &[u8]) -> Self {
        use std::sync::atomic::{AtomicU32, Ordering};
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let dir = std::env::temp_dir().join(format!("stadsmaquette-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let path = dir.join(name);
        std::fs::write(&path, content).unwrap();
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Some(dir) = self.0.parent() {
            let _ = std::fs::remove_dir_all(dir);
        }
    }
}
