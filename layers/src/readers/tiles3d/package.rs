//! Tilesets in one zip file: `.3tz` (3D Tiles Archive Format 1.3).

use std::{
    io::{Read, Seek},
    sync::{Mutex, PoisonError},
};

use zip::ZipArchive;

use crate::readers::{
    gltf::resources::{MAX_FILE_BYTES, ResourceError, Store},
    input,
};

const MAX_ENTRIES: usize = 4_000_000;

pub(super) trait ReadSeek: Read + Seek + Send {}
impl<T: Read + Seek + Send> ReadSeek for T {}

pub(super) struct Package {
    zip: Mutex<ZipArchive<Box<dyn ReadSeek>>>,
    name: String,
}

impl std::fmt::Debug for Package {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Package({})", self.name)
    }
}

impl Package {
    /// The error says what is wrong with the archive.
    pub fn open(name: &str, reader: Box<dyn ReadSeek>) -> Result<Self, String> {
        let zip = ZipArchive::new(reader).map_err(|error| error.to_string())?;
        if zip.len() > MAX_ENTRIES {
            return Err(format!("{} files, more than {MAX_ENTRIES}", zip.len()));
        }
        Ok(Self { zip: Mutex::new(zip), name: name.to_owned() })
    }
}

impl Store for Package {
    fn size(&self, path: &str) -> u64 {
        let mut zip = self.zip.lock().unwrap_or_else(PoisonError::into_inner);
        zip.by_name(path).map_or(0, |entry| entry.size())
    }

    fn bytes(&self, path: &str) -> Result<Vec<u8>, ResourceError> {
        let missing =
            |reason: String| ResourceError::Missing { uri: format!("{}/{path}", self.name), reason };
        let mut zip = self.zip.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = zip.by_name(path).map_err(|error| missing(error.to_string()))?;
        let (size, packed) = (entry.size(), entry.compressed_size());
        if size > MAX_FILE_BYTES || size > input::unpacked_limit(packed) {
            return Err(ResourceError::TooLarge {
                uri: path.to_owned(),
                limit: input::unpacked_limit(packed),
            });
        }
        let mut bytes = Vec::new();
        // One byte more than declared is enough to notice a lie.
        entry.take(size + 1).read_to_end(&mut bytes).map_err(|error| missing(error.to_string()))?;
        if bytes.len() as u64 != size {
            return Err(missing(format!("{} bytes where {size} are declared", bytes.len())));
        }
        Ok(bytes)
    }
}
