//! A source is a URI and, today, always a local file; services follow behind the same type.

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use super::ReadError;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// As the user gave it; kept in projects and messages.
    pub uri: String,
    pub path: PathBuf,
}

impl Source {
    /// A file, or a folder that holds an unpacked GTFS feed: then one of its tables stands for it.
    pub fn from_path(path: impl AsRef<Path>) -> Self {
        let path = path.as_ref();
        let uri = path.display().to_string();
        let table = if path.is_dir() { super::gtfs::table_of_folder(path) } else { None };
        Self { uri, path: table.unwrap_or_else(|| path.to_path_buf()) }
    }

    /// The last part of the path, lower case; empty when it has none.
    pub fn file_name(&self) -> &str {
        self.path.file_name().and_then(|name| name.to_str()).unwrap_or("")
    }

    /// The first bytes (up to 4 KiB), gunzipped when the file is gzip. Fails for a missing or an empty file.
    pub fn head(&self) -> Result<Vec<u8>, ReadError> {
        let mut file = self.open()?;
        let mut head = Vec::new();
        (&mut file).take(4096).read_to_end(&mut head).map_err(|error| self.io_error(&error))?;
        if head.is_empty() {
            return Err(ReadError::Empty { path: self.path.clone() });
        }
        if head.starts_with(&[0x1f, 0x8b]) {
            let mut plain = Vec::new();
            // A cut-off member is expected here: only the beginning is wanted.
            let _ = flate2::read::GzDecoder::new(self.open()?).take(4096).read_to_end(&mut plain);
            if !plain.is_empty() {
                return Ok(plain);
            }
        }
        Ok(head)
    }

    pub fn open(&self) -> Result<File, ReadError> {
        let error = |reason: String| ReadError::Io { path: self.path.clone(), reason };
        let metadata = std::fs::metadata(&self.path).map_err(|e| error(e.to_string()))?;
        if metadata.is_dir() {
            return Err(error("it is a folder; give the files inside it".to_owned()));
        }
        if !metadata.is_file() {
            return Err(error("it is not an ordinary file".to_owned()));
        }
        File::open(&self.path).map_err(|e| error(e.to_string()))
    }

    /// Size in bytes as stored.
    pub fn size(&self) -> u64 {
        std::fs::metadata(&self.path).map_or(0, |metadata| metadata.len())
    }

    pub fn io_error(&self, error: &std::io::Error) -> ReadError {
        ReadError::Io { path: self.path.clone(), reason: error.to_string() }
    }
}

/// The beginning of a file in words, for messages: "a JPEG picture", "a zip archive", or quoted text.
pub fn describe_head(head: &[u8]) -> String {
    const KNOWN: [(&[u8], &str); 8] = [
        (&[0xff, 0xd8, 0xff], "a JPEG picture"),
        (&[0x89, b'P', b'N', b'G'], "a PNG picture"),
        (b"PK\x03\x04", "a zip archive"),
        (b"%PDF", "a PDF document"),
        (b"SQLite format 3", "an SQLite database"),
        (b"II*\0", "a TIFF picture"),
        (b"MM\0*", "a TIFF picture"),
        (b"\x1f\x8b", "a gzip stream"),
    ];
    for (magic, name) in KNOWN {
        if head.starts_with(magic) {
            return name.to_owned();
        }
    }
    let text: String = String::from_utf8_lossy(&head[..head.len().min(24)])
        .chars()
        .map(|c| if c.is_control() { '·' } else { c })
        .collect();
    format!("\"{text}\"")
}
