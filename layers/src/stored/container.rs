//! The file around stored bytes: header, body, checksum; written beside its place first and then moved there.

use std::{
    fs::File,
    io::{self, Seek, SeekFrom, Write},
    path::Path,
    sync::OnceLock,
};

use memmap2::Mmap;
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

/// Goes up with every change of the encoding.
const VERSION: u32 = 3;
const MAGIC: [u8; 8] = *b"STADBODY";
/// Read back as another number on a machine of the other byte order.
const BYTE_ORDER: u32 = 0x0102_0304;
const HEADER: usize = 48;

/// Why a stored file is not used; never an error for the user, because the source is still there.
#[derive(Debug, thiserror::Error)]
pub enum ContainerError {
    #[error("cannot be opened: {0}")]
    Io(#[from] io::Error),
    #[error("expected a file of this program and version, found {0}")]
    Foreign(&'static str),
    #[error("is damaged: {0}")]
    Damaged(&'static str),
}

/// A number for the program that runs: files written by another build are not trusted to mean the same.
pub fn build_number() -> u64 {
    static NUMBER: OnceLock<u64> = OnceLock::new();
    *NUMBER.get_or_init(|| {
        let mut text = format!("{} {VERSION}", env!("CARGO_PKG_VERSION"));
        if let Ok(metadata) = std::env::current_exe().and_then(std::fs::metadata) {
            use std::fmt::Write as _;
            let modified =
                metadata.modified().ok().and_then(|t| t.duration_since(std::time::UNIX_EPOCH).ok());
            let _ = write!(text, " {} {:?}", metadata.len(), modified);
        }
        xxh3_64(text.as_bytes())
    })
}

/// Writes a body that `fill` gives piece by piece, so that a reader sees the old file or the whole new one.
pub fn write(path: &Path, fill: impl FnOnce(&mut dyn FnMut(&[u8]))) -> io::Result<()> {
    let temporary = path.with_extension(format!("{}.part", std::process::id()));
    let mut file = File::create(&temporary)?;
    let (mut length, mut checksum) = (0_u64, Xxh3::new());
    let mut written = file.write_all(&[0; HEADER]);
    fill(&mut |bytes| {
        length += bytes.len() as u64;
        checksum.update(bytes);
        if written.is_ok() {
            written = file.write_all(bytes);
        }
    });
    let mut header = Vec::with_capacity(HEADER);
    header.extend_from_slice(&MAGIC);
    header.extend_from_slice(&VERSION.to_le_bytes());
    header.extend_from_slice(&BYTE_ORDER.to_ne_bytes());
    header.extend_from_slice(&build_number().to_le_bytes());
    header.extend_from_slice(&length.to_le_bytes());
    header.extend_from_slice(&checksum.digest().to_le_bytes());
    header.resize(HEADER, 0);
    let written = written.and_then(|()| file.seek(SeekFrom::Start(0))).and_then(|_| file.write_all(&header));
    drop(file);
    written.and_then(|()| std::fs::rename(&temporary, path)).inspect_err(|_| {
        let _ = std::fs::remove_file(&temporary);
    })
}

/// A stored file in memory, checked.
pub struct Body {
    map: Mmap,
}

impl Body {
    /// Opens and checks a file. `build` is the build that must have written it; `None` for one that was just written
    /// for this process.
    pub fn open(path: &Path, build: Option<u64>) -> Result<Self, ContainerError> {
        let file = File::open(path)?;
        // SAFETY: files in the cache and in the reader's folder are made whole and moved into place, never written or
        // cut afterwards by this program; a foreign hand that cuts one could end the process, as with any mapped file.
        let map = unsafe { Mmap::map(&file)? };
        let number = |at: usize| {
            map.get(at..at + 8).and_then(|b| b.try_into().ok()).map(u64::from_le_bytes).unwrap_or_default()
        };
        let half = |at: usize| {
            map.get(at..at + 4).and_then(|b| b.try_into().ok()).map(u32::from_le_bytes).unwrap_or_default()
        };
        if map.len() < HEADER || !map.starts_with(&MAGIC) {
            return Err(ContainerError::Foreign("another kind of file"));
        }
        if half(8) != VERSION || half(12) != u32::from_le_bytes(BYTE_ORDER.to_ne_bytes()) {
            return Err(ContainerError::Foreign("another version"));
        }
        if build.is_some_and(|build| number(16) != build) {
            return Err(ContainerError::Foreign("the file of another build"));
        }
        let body = map.get(HEADER..).unwrap_or_default();
        if number(24) != body.len() as u64 {
            return Err(ContainerError::Damaged("its length is not what it says"));
        }
        if number(32) != xxh3_64(body) {
            return Err(ContainerError::Damaged("its checksum is not what it says"));
        }
        Ok(Self { map })
    }

    pub fn bytes(&self) -> &[u8] {
        self.map.get(HEADER..).unwrap_or_default()
    }
}
