//! The cache: stored outcomes and prepared tiles, keyed by the bytes of the source and the build of the program.
//!
//! A source that did not change since it was last seen (same file, size and times of change) is known without reading
//! it; any other is known by a hash of its bytes, so that a moved or copied file is found again. What does not fit, is
//! damaged or was written by another build is thrown away and made anew. The oldest files go when the cache is full.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

use crate::{
    crs,
    isolation::{self, Limits},
    readers::{self, ReadContext, ReadError, ReadOutcome, Source},
    stored::{container::build_number, outcome},
};

/// Bytes that the cache holds at most unless the user says otherwise.
pub const DEFAULT_CAPACITY: u64 = 8 << 30;

/// Sources smaller than this are read again rather than kept.
const WORTH_KEEPING: u64 = 256 << 10;

/// A folder of stored files.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
    capacity: u64,
    /// One eviction at a time.
    cleaning: Arc<Mutex<()>>,
}

/// What tells one state of a source file from another without reading it. The time of the last change of the inode
/// cannot be set back by copying tools, so that an edited file with the old date is noticed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Fingerprint {
    size: u64,
    modified: Option<u64>,
    changed: Option<(i64, i64)>,
    inode: Option<u64>,
}

impl Fingerprint {
    fn of(path: &Path) -> io::Result<Self> {
        let metadata = fs::metadata(path)?;
        let modified = metadata
            .modified()
            .ok()
            .and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok())
            .and_then(|since| u64::try_from(since.as_nanos()).ok());
        #[cfg(unix)]
        let (changed, inode) = {
            use std::os::unix::fs::MetadataExt;
            (Some((metadata.ctime(), metadata.ctime_nsec())), Some(metadata.ino()))
        };
        #[cfg(not(unix))]
        let (changed, inode) = (None, None);
        Ok(Self { size: metadata.len(), modified, changed, inode })
    }
}

/// A source that was seen: its state then, and the hash of its bytes.
#[derive(Debug, Serialize, Deserialize)]
struct Seen {
    path: PathBuf,
    fingerprint: Fingerprint,
    content: String,
}

/// Names the stored files of one source read in one way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheKey(String);

impl Cache {
    /// A cache in `folder`, made when it is not there. Holds `capacity` bytes at most.
    pub fn open(folder: impl Into<PathBuf>, capacity: u64) -> io::Result<Self> {
        let folder = folder.into();
        fs::create_dir_all(&folder)?;
        Ok(Self { folder, capacity, cleaning: Arc::default() })
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The key of a source read into `context`'s coordinate systems. Cost: a look at the file's times when it was seen
    /// before, one pass over its bytes when not.
    pub fn key(&self, source: &Source, context: &ReadContext) -> io::Result<CacheKey> {
        let path = fs::canonicalize(&source.path)?;
        let fingerprint = Fingerprint::of(&path)?;
        let name = format!("{:016x}.seen", xxh3_64(path.as_os_str().as_encoded_bytes()));
        let seen_path = self.folder.join(name);
        let seen: Option<Seen> =
            fs::read(&seen_path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let content = match seen {
            Some(seen) if seen.path == path && seen.fingerprint == fingerprint => seen.content,
            _ => {
                let content = hash_of(&path)?;
                // A file that changes while it is hashed must not be remembered under its later state.
                if Fingerprint::of(&path)? == fingerprint {
                    let seen = Seen { path, fingerprint, content: content.clone() };
                    write_whole(&seen_path, &serde_json::to_vec(&seen).unwrap_or_default())?;
                }
                content
            }
        };
        let reading = format!(
            "{:?} {:?} {} {} {:?}",
            context.target,
            context.assumed_crs,
            source.file_name(),
            build_number(),
            crs::status().is_exact(),
        );
        let size = fs::metadata(&source.path)?.len();
        Ok(CacheKey(format!("{size}-{content}-{:016x}", xxh3_64(reading.as_bytes()))))
    }

    /// Whether anything of this size is kept. Without, a large new file need not be hashed before it is read.
    fn may_hold(&self, size: u64) -> bool {
        let prefix = format!("{size}-");
        fs::read_dir(&self.folder).is_ok_and(|mut entries| {
            entries.any(|entry| entry.is_ok_and(|e| e.file_name().to_string_lossy().starts_with(&prefix)))
        })
    }

    fn outcome_path(&self, key: &CacheKey) -> PathBuf {
        self.folder.join(format!("{}.outcome", key.0))
    }

    /// Where the prepared tiles of layer `number` of a source lie; `style` says how they were meshed.
    pub fn tiles_path(&self, key: &CacheKey, number: usize, style: &str) -> PathBuf {
        self.folder.join(format!("{}-{number}-{:016x}.tiles", key.0, xxh3_64(style.as_bytes())))
    }

    /// The stored outcome of a source; `None` when there is none that can be used. A damaged one is removed.
    pub fn get(&self, key: &CacheKey, source: &Source) -> Option<ReadOutcome> {
        let path = self.outcome_path(key);
        if !path.exists() {
            return None;
        }
        let Ok(mut found) = outcome::read(&path, Some(build_number())) else {
            let _ = fs::remove_file(&path);
            return None;
        };
        touch(&path);
        found.inspection.uri.clone_from(&source.uri);
        Some(found)
    }

    /// Keeps an outcome, and throws out the oldest files when the cache is then too large.
    pub fn keep(&self, key: &CacheKey, read: &ReadOutcome) -> io::Result<()> {
        outcome::write(&self.outcome_path(key), read)?;
        self.clean();
        Ok(())
    }

    /// Removes the files that were used longest ago until the rest fits.
    pub fn clean(&self) {
        let _guard = self.cleaning.lock().unwrap_or_else(PoisonError::into_inner);
        let Ok(entries) = fs::read_dir(&self.folder) else { return };
        let mut files: Vec<(SystemTime, u64, PathBuf)> = entries
            .flatten()
            .filter_map(|entry| {
                let metadata = entry.metadata().ok().filter(fs::Metadata::is_file)?;
                Some((metadata.modified().ok()?, metadata.len(), entry.path()))
            })
            .collect();
        files.sort();
        let mut size: u64 = files.iter().map(|(_, size, _)| size).sum();
        for (_, length, path) in files {
            if size <= self.capacity {
                break;
            }
            if fs::remove_file(&path).is_ok() {
                size = size.saturating_sub(length);
            }
        }
    }
}

fn touch(path: &Path) {
    if let Ok(file) = File::options().append(true).open(path) {
        let _ = file.set_modified(SystemTime::now());
    }
}

fn hash_of(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hasher = Xxh3::new();
    let mut block = vec![0; 1 << 20];
    loop {
        match file.read(&mut block)? {
            0 => return Ok(format!("{:032x}", hasher.digest128())),
            count => hasher.update(block.get(..count).unwrap_or_default()),
        }
    }
}

fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = path.with_extension(format!("{}.part", std::process::id()));
    fs::write(&temporary, bytes)?;
    fs::rename(&temporary, path)
}

/// How sources are opened.
#[derive(Clone, Debug, Default)]
pub struct OpenOptions {
    pub cache: Option<Cache>,
    pub limits: Limits,
}

/// A source that was opened.
#[derive(Debug)]
pub struct Opened {
    pub outcome: ReadOutcome,
    /// Names its files in the cache; `None` when it is not kept there.
    pub key: Option<CacheKey>,
    /// Whether it came from the cache.
    pub was_cached: bool,
}

/// Opens a source: from the cache when it is there, otherwise with its reader, in a process of its own when the reader
/// is risky. A caller that wants it kept for next time gives the outcome to [`Cache::keep`] when nobody waits.
pub fn open(source: &Source, context: &mut ReadContext, options: &OpenOptions) -> Result<Opened, ReadError> {
    crs::ensure_init();
    let reader = readers::find_reader(source)?;
    let is_worth_it =
        !source.path.is_dir() && !reader.reads_other_files(source) && source.size() >= WORTH_KEEPING;
    let cache = options.cache.as_ref().filter(|_| is_worth_it);
    let before = cache.and_then(|_| Fingerprint::of(&source.path).ok());
    let key =
        cache.filter(|cache| cache.may_hold(source.size())).and_then(|cache| cache.key(source, context).ok());
    if let (Some(cache), Some(key)) = (cache, &key)
        && let Some(outcome) = cache.get(key, source)
    {
        context.progress.set(1.0);
        return Ok(Opened { outcome, key: Some(key.clone()), was_cached: true });
    }
    let outcome = match isolation::program() {
        Some(program) if reader.is_risky() => {
            let temporary = std::env::temp_dir();
            let base = options.cache.as_ref().map_or(temporary.as_path(), Cache::folder);
            isolation::parent::read(program, base, source, context, options.limits)?
        }
        _ => readers::read(source, context)?,
    };
    // Only what was read is kept: not the outcome of a file that changed meanwhile.
    let is_same = before.is_some() && before == Fingerprint::of(&source.path).ok();
    let key = key.or_else(|| cache.and_then(|cache| cache.key(source, context).ok())).filter(|_| is_same);
    Ok(Opened { outcome, key, was_cached: false })
}
