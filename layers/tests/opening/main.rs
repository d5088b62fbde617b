//! Opening sources: stored forms, the cache, and what a reader process may not do.

mod cache;
mod confinement;
mod stored;

use std::path::{Path, PathBuf};

/// A file of the shared test data; `None` (said) where they are absent.
fn shared(relative: &str) -> Option<PathBuf> {
    let found = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .map(|folder| folder.join("shared/data").join(relative))
        .find(|path| path.exists());
    if found.is_none() {
        eprintln!("skipped: the shared test data are not on this machine ({relative})");
    }
    found
}

/// A folder for one test, empty at its start.
fn folder(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("stadsmaquette-opening-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}
