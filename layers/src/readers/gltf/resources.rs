//! Files that a file refers to: only relative ones, only below the folder of the file that the user opened (or inside
//! its package), never over a network.

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::readers::{
    ReadError, Source,
    input::{self, Gunzip},
};

/// Largest referenced file, unpacked.
pub const MAX_FILE_BYTES: u64 = 2 << 30;

/// Why a referenced file is not read; the text says which and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResourceError {
    #[error("\"{uri}\" is on the network; only files beside the opened one are read, so download it first")]
    Network { uri: String },
    #[error("\"{uri}\" is outside the folder of the opened file; only files below it are read")]
    Outside { uri: String },
    #[error("\"{uri}\" is not a relative path: {reason}")]
    Unreadable { uri: String, reason: String },
    #[error("\"{uri}\" is not there ({reason})")]
    Missing { uri: String, reason: String },
    #[error("\"{uri}\" is larger than {limit} bytes")]
    TooLarge { uri: String, limit: u64 },
}

/// Where referenced files are looked up.
pub trait Store: Send + Sync + std::fmt::Debug {
    /// Bytes as stored of a path with "/" between its parts and without "..".
    fn bytes(&self, path: &str) -> Result<Vec<u8>, ResourceError>;

    /// Size as stored, without reading; 0 when it is not there.
    fn size(&self, path: &str) -> u64 {
        self.bytes(path).map_or(0, |bytes| bytes.len() as u64)
    }
}

/// The folder of the opened file.
#[derive(Debug)]
pub struct Folder {
    /// Canonical, so that links cannot lead out.
    root: PathBuf,
}

impl Store for Folder {
    fn size(&self, path: &str) -> u64 {
        std::fs::metadata(self.root.join(path)).map_or(0, |metadata| metadata.len())
    }

    fn bytes(&self, path: &str) -> Result<Vec<u8>, ResourceError> {
        let missing = |error: std::io::Error| ResourceError::Missing {
            uri: path.to_owned(),
            reason: error.to_string(),
        };
        let full = self.root.join(path).canonicalize().map_err(missing)?;
        if !full.starts_with(&self.root) {
            return Err(ResourceError::Outside { uri: path.to_owned() });
        }
        let metadata = std::fs::metadata(&full).map_err(missing)?;
        if !metadata.is_file() {
            let reason = "not an ordinary file".to_owned();
            return Err(ResourceError::Missing { uri: path.to_owned(), reason });
        }
        let too_large = || ResourceError::TooLarge { uri: path.to_owned(), limit: MAX_FILE_BYTES };
        if metadata.len() > MAX_FILE_BYTES {
            return Err(too_large());
        }
        let mut bytes = Vec::with_capacity(metadata.len() as usize);
        File::open(&full)
            .map_err(missing)?
            .take(MAX_FILE_BYTES + 1)
            .read_to_end(&mut bytes)
            .map_err(missing)?;
        if bytes.len() as u64 > MAX_FILE_BYTES { Err(too_large()) } else { Ok(bytes) }
    }
}

/// A file in a store.
#[derive(Clone, Debug)]
pub struct Location {
    store: Arc<dyn Store>,
    /// From the store's root, parts joined by "/".
    pub path: String,
}

impl Location {
    /// The opened file in its own folder.
    pub fn of_source(source: &Source) -> Result<Self, ReadError> {
        let io = |error: std::io::Error| source.io_error(&error);
        let full = source.path.canonicalize().map_err(io)?;
        let root = full.parent().unwrap_or_else(|| Path::new("/")).to_path_buf();
        let name = full.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Ok(Self { store: Arc::new(Folder { root }), path: name })
    }

    pub fn in_store(store: Arc<dyn Store>, path: &str) -> Self {
        Self { store, path: path.to_owned() }
    }

    /// Where `uri`, as written in this file, points to.
    pub fn join(&self, uri: &str) -> Result<Self, ResourceError> {
        let short: String = uri.chars().take(120).collect();
        let unreadable =
            |reason: &str| ResourceError::Unreadable { uri: short.clone(), reason: reason.to_owned() };
        let path = uri.split(['?', '#']).next().unwrap_or_default();
        if let Some((scheme, _)) = path.split_once(':') {
            // A single letter is a drive, not a scheme.
            return Err(match scheme.to_ascii_lowercase().as_str() {
                "http" | "https" | "ftp" | "ws" | "wss" => ResourceError::Network { uri: short },
                "file" => ResourceError::Outside { uri: short },
                _ => unreadable("it has a scheme or drive"),
            });
        }
        if path.starts_with("//") {
            return Err(ResourceError::Network { uri: short });
        }
        if path.starts_with('/') || path.starts_with('\\') {
            return Err(ResourceError::Outside { uri: short });
        }
        let path = percent_decoded(path).ok_or_else(|| unreadable("its percent codes are not UTF-8"))?;
        if path.contains(['\\', '\0']) {
            return Err(unreadable("it has a backslash or a zero"));
        }
        if path.is_empty() {
            return Err(unreadable("it is empty"));
        }
        let mut parts: Vec<&str> = self.path.split('/').collect();
        parts.pop();
        for part in path.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    if parts.pop().is_none() {
                        return Err(ResourceError::Outside { uri: short });
                    }
                }
                part => parts.push(part),
            }
        }
        Ok(Self { store: Arc::clone(&self.store), path: parts.join("/") })
    }

    /// The file's bytes, gunzipped when they are gzip.
    pub fn read(&self) -> Result<Vec<u8>, ResourceError> {
        let bytes = self.store.bytes(&self.path)?;
        gunzipped(bytes, &self.path)
    }

    /// Size as stored, without reading; 0 when it is not there.
    pub fn size(&self) -> u64 {
        self.store.size(&self.path)
    }

    /// Name for messages and ids.
    pub fn name(&self) -> &str {
        &self.path
    }
}

/// Bytes, unpacked when they are gzip, within the usual ratio.
pub fn gunzipped(bytes: Vec<u8>, name: &str) -> Result<Vec<u8>, ResourceError> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(bytes);
    }
    let limit = input::unpacked_limit(bytes.len() as u64).min(MAX_FILE_BYTES);
    let mut plain = Vec::new();
    Gunzip::new(bytes.as_slice()).take(limit + 1).read_to_end(&mut plain).map_err(|error| {
        let uri = name.to_owned();
        if error.kind() == std::io::ErrorKind::FileTooLarge {
            return ResourceError::TooLarge { uri, limit };
        }
        ResourceError::Unreadable { uri, reason: format!("its gzip stream is broken ({error})") }
    })?;
    if plain.len() as u64 > limit {
        return Err(ResourceError::TooLarge { uri: name.to_owned(), limit });
    }
    Ok(plain)
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        if first == b'%'
            && let Some(value) = after
                .get(..2)
                .and_then(|hex| std::str::from_utf8(hex).ok())
                .and_then(|hex| u8::from_str_radix(hex, 16).ok())
        {
            bytes.push(value);
            rest = after.get(2..).unwrap_or_default();
        } else {
            bytes.push(first);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}

/// Whether a path ends in `.extension`, in capitals or not.
pub fn has_extension(path: &str, extension: &str) -> bool {
    Path::new(path).extension().is_some_and(|found| found.eq_ignore_ascii_case(extension))
}

/// Bytes of a `data:` URI in base64 (the only form glTF allows); `None` for any other URI or broken base64.
pub fn data_uri(uri: &str) -> Option<Vec<u8>> {
    let (_, text) = uri.strip_prefix("data:")?.split_once(";base64,")?;
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0_u32, 0_u32);
    for c in text.bytes() {
        let value = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => break,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn location(path: &str) -> Location {
        Location::in_store(Arc::new(Folder { root: PathBuf::from("/nowhere") }), path)
    }

    #[test]
    fn only_relative_paths_below_the_folder_are_followed() {
        let here = location("tiles/a/tileset.json");
        assert_eq!(here.join("b.glb").unwrap().path, "tiles/a/b.glb");
        assert_eq!(here.join("./../c%20d.glb?v=1#x").unwrap().path, "tiles/c d.glb");
        assert_eq!(here.join("../../e.glb").unwrap().path, "e.glb");
        for uri in ["../../../etc/passwd", "/etc/passwd", "file:///etc/passwd", "%2e%2e/%2e%2e/../x"] {
            assert!(matches!(here.join(uri), Err(ResourceError::Outside { .. })), "{uri}");
        }
        for uri in ["http://127.0.0.1/a", "HTTPS://example.org/a", "//example.org/a"] {
            assert!(matches!(here.join(uri), Err(ResourceError::Network { .. })), "{uri}");
        }
        for uri in ["C:/x", "a\\b", "", "%ff", "javascript:x", "?"] {
            assert!(matches!(here.join(uri), Err(ResourceError::Unreadable { .. })), "{uri}");
        }
    }

    #[test]
    fn data_uris_are_base64() {
        assert_eq!(data_uri("data:application/octet-stream;base64,AAECAwQ="), Some(vec![0, 1, 2, 3, 4]));
        assert_eq!(data_uri("data:;base64,!"), None);
        assert_eq!(data_uri("a.bin"), None);
    }
}
