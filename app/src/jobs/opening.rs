//! How this program opens sources: with which cache, and with which limits for reader processes.

use std::{
    path::PathBuf,
    sync::{Mutex, OnceLock, PoisonError},
    thread::{self, JoinHandle},
};

use layers::{
    cache::{Cache, DEFAULT_CAPACITY, OpenOptions, Opened},
    readers::ReadOutcome,
};

/// Folder of the cache; "off" for none.
const CACHE_VARIABLE: &str = "STADSMAQUETTE_CACHE";

static OPTIONS: OnceLock<OpenOptions> = OnceLock::new();
static KEEPING: Mutex<Vec<JoinHandle<()>>> = Mutex::new(Vec::new());

/// Cache and limits of this program; without [`use_environment`] no cache.
pub fn options() -> &'static OpenOptions {
    OPTIONS.get_or_init(OpenOptions::default)
}

/// Takes the user's cache folder (or the one in `STADSMAQUETTE_CACHE`). A cache that cannot be made is no reason to
/// stop: everything works without, only slower.
pub fn use_environment() {
    let folder = match std::env::var_os(CACHE_VARIABLE) {
        Some(value) if value == "off" => None,
        Some(value) => Some(PathBuf::from(value)),
        None => directories::ProjectDirs::from("nl", "Stadsmaquette", "stadsmaquette")
            .map(|folders| folders.cache_dir().join("prepared")),
    };
    let cache = folder.and_then(|folder| Cache::open(folder, DEFAULT_CAPACITY).ok());
    let _ = OPTIONS.set(OpenOptions { cache, ..OpenOptions::default() });
}

/// Keeps what was read for next time, on a thread of its own.
pub fn keep_later(opened: &Opened) {
    let (Some(cache), Some(key), false) = (&options().cache, &opened.key, opened.was_cached) else { return };
    let (cache, key) = (cache.clone(), key.clone());
    let outcome = ReadOutcome {
        layers: opened.outcome.layers.clone(),
        inspection: opened.outcome.inspection.clone(),
        crs: opened.outcome.crs,
    };
    let work = move || {
        // A full disk only means that the next opening is slow again.
        let _ = cache.keep(&key, &outcome);
        drop(outcome);
        layers::memory::give_back();
    };
    if let Ok(handle) = thread::Builder::new().name("cache".to_owned()).spawn(work) {
        KEEPING.lock().unwrap_or_else(PoisonError::into_inner).push(handle);
    }
}

/// Waits until everything is kept; called before the program ends.
pub fn finish() {
    let handles = std::mem::take(&mut *KEEPING.lock().unwrap_or_else(PoisonError::into_inner));
    for handle in handles {
        let _ = handle.join();
    }
}
