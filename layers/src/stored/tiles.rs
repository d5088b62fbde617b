//! Prepared tiles of a layer as a file: a table of tiles in front of the eyes, their triangles when they are wanted.
//!
//! Tiles are written one by one while they are meshed, so that making the file never needs all of them in memory; the
//! table comes last and its place is in the trailer. Each tile has its own checksum, checked when it is taken.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use memmap2::Mmap;
use xxhash_rust::xxh3::xxh3_64;

use super::{Decoder, Encoder, Stored, StoredError, container::build_number};
use crate::{
    mesh::{
        TileKey, TileMesh,
        tile_mesh::{FeatureRange, union},
    },
    stored_struct,
};

const MAGIC: [u8; 8] = *b"STADTILE";

impl Stored for TileKey {
    fn encode(&self, encoder: &mut Encoder) {
        self.column.encode(encoder);
        self.row.encode(encoder);
    }
    fn decode(decoder: &mut Decoder) -> Result<Self, StoredError> {
        Ok(Self { column: Stored::decode(decoder)?, row: Stored::decode(decoder)? })
    }
}

stored_struct!(FeatureRange { feature, first_index, index_count, min, max });

impl Stored for TileMesh {
    fn encode(&self, encoder: &mut Encoder) {
        let Self {
            positions,
            normals,
            features,
            shades,
            indices,
            ranges,
            edge_points,
            edge_features,
            extent: _,
        } = self;
        positions.encode(encoder);
        normals.encode(encoder);
        features.encode(encoder);
        shades.encode(encoder);
        indices.encode(encoder);
        ranges.encode(encoder);
        edge_points.encode(encoder);
        edge_features.encode(encoder);
    }
    fn decode(decoder: &mut Decoder) -> Result<Self, StoredError> {
        let mut mesh = Self {
            positions: Stored::decode(decoder)?,
            normals: Stored::decode(decoder)?,
            features: Stored::decode(decoder)?,
            shades: Stored::decode(decoder)?,
            indices: Stored::decode(decoder)?,
            ranges: Stored::decode(decoder)?,
            edge_points: Stored::decode(decoder)?,
            edge_features: Stored::decode(decoder)?,
            extent: None,
        };
        mesh.extent = mesh.ranges.iter().map(|range| (range.min, range.max)).reduce(union);
        let count = mesh.positions.len();
        let is_sound = [mesh.normals.len(), mesh.features.len(), mesh.shades.len()] == [count; 3]
            && mesh.edge_points.len() == mesh.edge_features.len()
            && mesh.indices.iter().all(|&index| (index as usize) < count)
            && mesh
                .ranges
                .iter()
                .all(|r| r.first_index as usize + r.index_count as usize <= mesh.indices.len());
        if is_sound { Ok(mesh) } else { Err(decoder.unexpected("triangles of points that exist", "others")) }
    }
}

/// One line of the table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TileEntry {
    pub key: TileKey,
    /// Box in scene axes around the origin that the file was written for.
    pub min: [f32; 3],
    pub max: [f32; 3],
    pub offset: u64,
    pub length: u64,
    pub checksum: u64,
}

stored_struct!(TileEntry { key, min, max, offset, length, checksum });

/// What the tiles were made for; a file for something else is not used.
#[derive(Clone, Debug, PartialEq)]
pub struct TilesFor {
    /// World coordinates of the scene's origin.
    pub origin: [f64; 3],
    /// How they were meshed, in words of the program.
    pub style: String,
    pub features: u64,
}

stored_struct!(TilesFor { origin, style, features });

/// Writes a file of tiles beside its place; [`Self::finish`] moves it there.
pub struct TileFileWriter {
    path: PathBuf,
    temporary: PathBuf,
    file: BufWriter<File>,
    offset: u64,
    entries: Vec<TileEntry>,
}

impl TileFileWriter {
    pub fn create(path: &Path) -> io::Result<Self> {
        let temporary = path.with_extension(format!("{}.part", std::process::id()));
        let mut file = BufWriter::with_capacity(1 << 20, File::create(&temporary)?);
        file.write_all(&MAGIC)?;
        Ok(Self {
            path: path.to_path_buf(),
            temporary,
            file,
            offset: MAGIC.len() as u64,
            entries: Vec::new(),
        })
    }

    /// Adds a tile whose features are numbered from 0. Empty ones are left out.
    pub fn add(&mut self, key: TileKey, mesh: &TileMesh) -> io::Result<()> {
        let Some((min, max)) = mesh.bounds() else { return Ok(()) };
        let mut encoder = Encoder::default();
        mesh.encode(&mut encoder);
        self.file.write_all(&encoder.bytes)?;
        let length = encoder.bytes.len() as u64;
        let checksum = xxh3_64(&encoder.bytes);
        self.entries.push(TileEntry { key, min, max, offset: self.offset, length, checksum });
        self.offset += length;
        Ok(())
    }

    pub fn finish(mut self, made_for: &TilesFor) -> io::Result<TileFile> {
        let mut encoder = Encoder::default();
        build_number().encode(&mut encoder);
        made_for.encode(&mut encoder);
        self.entries.encode(&mut encoder);
        let table = encoder.bytes;
        self.file.write_all(&table)?;
        for number in [self.offset, table.len() as u64, xxh3_64(&table)] {
            self.file.write_all(&number.to_le_bytes())?;
        }
        self.file.write_all(&MAGIC)?;
        self.file.flush()?;
        std::fs::rename(&self.temporary, &self.path)?;
        TileFile::open(&self.path, made_for)
            .ok_or_else(|| io::Error::other("the tiles just written cannot be read back"))
    }
}

impl Drop for TileFileWriter {
    fn drop(&mut self) {
        // Moved away when finished; left behind otherwise.
        let _ = std::fs::remove_file(&self.temporary);
    }
}

/// A file of tiles, mapped.
pub struct TileFile {
    path: PathBuf,
    map: Mmap,
    entries: Vec<TileEntry>,
}

impl std::fmt::Debug for TileFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TileFile({} tiles, {} bytes)", self.entries.len(), self.map.len())
    }
}

impl TileFile {
    /// Opens a file when it is whole, of this build and for this purpose. Only the table is read.
    pub fn open(path: &Path, made_for: &TilesFor) -> Option<Self> {
        const TRAILER: usize = 32;
        let file = File::open(path).ok()?;
        // SAFETY: as in `container::Body::open`: cache files are moved into place whole and never written again.
        let map = unsafe { Mmap::map(&file).ok()? };
        let trailer = map.get(map.len().checked_sub(TRAILER)?..)?;
        let number = |at: usize| trailer.get(at..at + 8)?.try_into().ok().map(u64::from_le_bytes);
        if !trailer.ends_with(&MAGIC) || !map.starts_with(&MAGIC) {
            return None;
        }
        let (offset, length) = (usize::try_from(number(0)?).ok()?, usize::try_from(number(8)?).ok()?);
        let table = map.get(offset..offset.checked_add(length)?)?;
        if xxh3_64(table) != number(16)? {
            return None;
        }
        let mut decoder = Decoder::new(table);
        let is_ours = u64::decode(&mut decoder).ok()? == build_number()
            && TilesFor::decode(&mut decoder).ok()? == *made_for;
        let entries: Vec<TileEntry> = Stored::decode(&mut decoder).ok()?;
        is_ours.then(|| Self { path: path.to_path_buf(), map, entries })
    }

    /// Removes the file, so that it is made anew next time.
    pub fn discard(&self) {
        let _ = std::fs::remove_file(&self.path);
    }

    pub fn entries(&self) -> &[TileEntry] {
        &self.entries
    }

    /// Lets go of pages that were read: what is needed of them is a copy now, and they would count as this program's.
    #[cfg(unix)]
    fn forget(&self, start: usize, length: usize) {
        // SAFETY: the mapping is of a file and never written to, so dropped pages come back as they were.
        let _ = unsafe { self.map.unchecked_advise_range(memmap2::UncheckedAdvice::DontNeed, start, length) };
    }

    #[cfg(not(unix))]
    #[expect(clippy::unused_self, reason = "the same call everywhere")]
    fn forget(&self, _: usize, _: usize) {}

    /// The triangles of one tile with features numbered from `feature_base`; `None` when they are damaged.
    pub fn load(&self, entry: &TileEntry, feature_base: u32) -> Option<TileMesh> {
        let start = usize::try_from(entry.offset).ok()?;
        let bytes = self.map.get(start..start.checked_add(usize::try_from(entry.length).ok()?)?)?;
        let decoded = (xxh3_64(bytes) == entry.checksum)
            .then(|| TileMesh::decode(&mut Decoder::new(bytes)).ok())
            .flatten();
        self.forget(start, bytes.len());
        let mut mesh = decoded?;
        if feature_base > 0 {
            for feature in mesh.features.iter_mut().chain(&mut mesh.edge_features) {
                *feature += feature_base;
            }
            for range in &mut mesh.ranges {
                range.feature += feature_base;
            }
        }
        Some(mesh)
    }
}
