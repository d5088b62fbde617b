//! Where the points lie in a LAS, LAZ or COPC file, and how one piece becomes raw points.
//!
//! Every offset, size and count of a file is checked here against the file before the decoder sees it: the decoder
//! allocates what a chunk declares.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::{BufReader, Cursor, Read, Seek, SeekFrom},
    panic::{AssertUnwindSafe, catch_unwind},
};

use laz::{
    LazItemType, LazVlr,
    laszip::{ChunkTable, CompressorType, LazItem},
    record::{LayeredPointRecordDecompressor, RecordDecompressor, SequentialPointRecordDecompressor},
};

use super::header::Header;

/// Points that one chunk may hold; LAZ files use 50,000, COPC some 100,000.
const MAX_CHUNK_POINTS: u64 = 8 << 20;
/// Points of plain LAS that are read at once.
const PLAIN_CHUNK_POINTS: u64 = 100_000;
const MAX_CHUNKS: u64 = 16 << 20;

/// A piece of the file that can be decoded by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Chunk {
    pub offset: u64,
    pub bytes: u64,
    pub points: u64,
    /// Octree level of a COPC node; `None` for other files.
    pub level: Option<u8>,
}

/// How to read the points.
pub(super) struct Plan {
    pub chunks: Vec<Chunk>,
    items: Option<(CompressorType, Vec<LazItem>)>,
    record_bytes: usize,
}

/// What was expected, what was found, where.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ChunkError {
    pub expected: String,
    pub found: String,
    pub location: String,
}

fn error(expected: impl Into<String>, found: impl Into<String>, location: impl Into<String>) -> ChunkError {
    ChunkError { expected: expected.into(), found: found.into(), location: location.into() }
}

impl Plan {
    pub fn of(header: &Header, file: &mut File) -> Result<Self, ChunkError> {
        let record_bytes = usize::from(header.record_bytes);
        if !header.is_compressed {
            return Ok(Self { chunks: plain_chunks(header), items: None, record_bytes });
        }
        let record = header.record("laszip encoded", 22204).ok_or_else(|| {
            error("the \"laszip encoded\" record of a LAZ file", "none", "the header's records")
        })?;
        let vlr = LazVlr::from_buffer(&record.data).map_err(|e| {
            error("a readable \"laszip encoded\" record", e.to_string(), "the header's records")
        })?;
        // The compressor's number is only published as part of the record: bytes 0 and 1.
        let compressor = match record.data.first() {
            Some(2) => CompressorType::PointWiseChunked,
            Some(3) => CompressorType::LayeredChunked,
            other => {
                let found = format!("compressor {other:?}");
                return Err(error(
                    "LAZ in chunks (compressor 2 or 3)",
                    found,
                    "the \"laszip encoded\" record",
                ));
            }
        };
        let items_bytes: u64 = vlr.items().iter().map(|item| u64::from(item.size())).sum();
        let declared: u64 = vlr.items().iter().map(|item| item_bytes(item.item_type())).sum();
        if items_bytes != record_bytes as u64 || declared != items_bytes {
            let found = format!("items of {items_bytes} bytes");
            return Err(error(
                format!("LAZ items of {record_bytes} bytes together, as a point has"),
                found,
                "the \"laszip encoded\" record",
            ));
        }
        let chunks = match copc_chunks(header)? {
            Some(chunks) => chunks,
            None => laz_chunks(header, &vlr, file)?,
        };
        Ok(Self { chunks, items: Some((compressor, vlr.items().clone())), record_bytes })
    }

    /// Raw point bytes of one chunk, `record_bytes` each. For plain LAS that ends early, the points that are there.
    pub fn decode(&self, chunk: &Chunk, packed: Vec<u8>) -> Result<Vec<u8>, ChunkError> {
        let Some((compressor, items)) = &self.items else { return Ok(packed) };
        let location = || format!("the chunk at byte {}", chunk.offset);
        if chunk.points == 0 {
            return Ok(Vec::new());
        }
        let bytes = usize::try_from(chunk.points)
            .ok()
            .and_then(|points| points.checked_mul(self.record_bytes))
            .filter(|_| chunk.points <= MAX_CHUNK_POINTS)
            .ok_or_else(|| {
                error("a chunk of sensible size", format!("{} points", chunk.points), location())
            })?;
        if packed.len() < self.record_bytes {
            let found = format!("{} bytes", packed.len());
            return Err(error(format!("{} bytes or more", self.record_bytes), found, location()));
        }
        if *compressor == CompressorType::LayeredChunked {
            check_layers(&packed, items, self.record_bytes).map_err(|found| {
                error(format!("layers inside the {} bytes of the chunk", packed.len()), found, location())
            })?;
        }
        let mut out = vec![0; bytes];
        // The decoder's models index by what the bytes say; a panic there is a damaged chunk, not our end.
        let result = catch_unwind(AssertUnwindSafe(|| {
            let input = Cursor::new(packed.as_slice());
            if *compressor == CompressorType::LayeredChunked {
                let mut decoder = LayeredPointRecordDecompressor::new(input);
                decoder.set_fields_from(items).map_err(|e| e.to_string())?;
                decoder.decompress_many(&mut out).map_err(|e| e.to_string())
            } else {
                let mut decoder = SequentialPointRecordDecompressor::new(input);
                decoder.set_fields_from(items).map_err(|e| e.to_string())?;
                decoder.decompress_many(&mut out).map_err(|e| e.to_string())
            }
        }));
        match result {
            Ok(Ok(())) => Ok(out),
            Ok(Err(found)) => Err(error(format!("{} packed points", chunk.points), found, location())),
            Err(_) => Err(error(format!("{} packed points", chunk.points), "damaged bytes", location())),
        }
    }
}

/// Reads a chunk's bytes; fewer at the end of the file.
pub(super) fn read_bytes(file: &mut File, chunk: &Chunk) -> std::io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(chunk.offset))?;
    let mut bytes = Vec::with_capacity(chunk.bytes.min(64 << 20) as usize);
    file.take(chunk.bytes).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn plain_chunks(header: &Header) -> Vec<Chunk> {
    let record = u64::from(header.record_bytes);
    let there = header.file_bytes.saturating_sub(header.points_offset) / record;
    let mut left = header.points.min(there);
    let mut chunks = Vec::new();
    let mut offset = header.points_offset;
    while left > 0 {
        let points = left.min(PLAIN_CHUNK_POINTS);
        chunks.push(Chunk { offset, bytes: points * record, points, level: None });
        offset += points * record;
        left -= points;
    }
    chunks
}

/// Bytes that an item has by its kind; its stated size must say the same.
fn item_bytes(kind: LazItemType) -> u64 {
    match kind {
        LazItemType::Byte(n) | LazItemType::Byte14(n) => u64::from(n),
        LazItemType::Point10 => 20,
        LazItemType::GpsTime | LazItemType::RGBNIR14 => 8,
        LazItemType::RGB12 | LazItemType::RGB14 => 6,
        LazItemType::WavePacket13 | LazItemType::WavePacket14 => 29,
        LazItemType::Point14 => 30,
    }
}

fn laz_chunks(header: &Header, vlr: &LazVlr, file: &mut File) -> Result<Vec<Chunk>, ChunkError> {
    if header.points == 0 {
        return Ok(Vec::new());
    }
    let at = header.points_offset;
    let read_at = |file: &mut File, offset: u64, bytes: u64| -> Option<Vec<u8>> {
        let chunk = Chunk { offset, bytes, points: 0, level: None };
        read_bytes(file, &chunk).ok().filter(|read| read.len() as u64 == bytes)
    };
    let table_missing =
        |found: String| error("a table of chunks, as finished LAZ files have", found, "the points");
    let i64_at = |file: &mut File, offset: u64| -> Option<i64> {
        read_at(file, offset, 8)?.try_into().ok().map(i64::from_le_bytes)
    };
    let mut table_at = i64_at(file, at).unwrap_or(-1);
    if !u64::try_from(table_at).is_ok_and(|table| table > at) {
        // A writer that could not go back puts the place at the end.
        table_at = i64_at(file, header.file_bytes.saturating_sub(8)).unwrap_or(-1);
    }
    let table_at = u64::try_from(table_at)
        .ok()
        .filter(|&table| table >= at + 8 && table + 8 <= header.file_bytes)
        .ok_or_else(|| table_missing(format!("a table at byte {table_at}")))?;
    let count = read_at(file, table_at + 4, 4).and_then(|b| b.try_into().ok()).map_or(0, u32::from_le_bytes);
    let data_bytes = table_at - at - 8;
    // A chunk holds a whole first point.
    let most = (data_bytes / u64::from(header.record_bytes).max(1)).min(MAX_CHUNKS);
    if count == 0 || u64::from(count) > most {
        return Err(table_missing(format!("{count} chunks in {data_bytes} bytes")));
    }
    file.seek(SeekFrom::Start(table_at)).map_err(|e| table_missing(e.to_string()))?;
    let is_variable = vlr.uses_variable_size_chunks();
    let table = catch_unwind(AssertUnwindSafe(|| {
        ChunkTable::read(&mut BufReader::new(&mut *file), is_variable).map_err(|e| e.to_string())
    }))
    .unwrap_or_else(|_| Err("damaged bytes".to_owned()))
    .map_err(table_missing)?;
    let mut chunks = Vec::with_capacity(table.len());
    let (mut offset, mut left) = (at + 8, header.points);
    for (number, entry) in table.as_ref().iter().enumerate() {
        let points = if is_variable { entry.point_count } else { u64::from(vlr.chunk_size()).min(left) };
        let end = offset.checked_add(entry.byte_count).filter(|&end| end <= table_at);
        let (Some(end), true) = (end, points <= left && points <= MAX_CHUNK_POINTS) else {
            let found = format!("{points} points in {} bytes", entry.byte_count);
            let expected =
                format!("chunk {number} inside the {data_bytes} bytes and {left} points that are left");
            return Err(error(expected, found, format!("byte {offset}")));
        };
        chunks.push(Chunk { offset, bytes: entry.byte_count, points, level: None });
        offset = end;
        left -= points;
    }
    if left > 0 {
        let found = format!("{}", header.points - left);
        return Err(error(format!("chunks for {} points", header.points), found, format!("byte {table_at}")));
    }
    Ok(chunks)
}

/// The sizes of the layers stand behind the first point: four bytes each, in the order of the items.
fn check_layers(packed: &[u8], items: &[LazItem], record_bytes: usize) -> Result<(), String> {
    let layers: usize = items
        .iter()
        .map(|item| match item.item_type() {
            LazItemType::Point14 => 9,
            LazItemType::RGBNIR14 => 2,
            LazItemType::Byte14(n) => usize::from(n),
            _ => 1,
        })
        .sum();
    // The chunk with one point has nothing but that point and zero layers.
    let start = record_bytes + 4;
    let sizes = packed.get(start..start + 4 * layers).ok_or_else(|| format!("{} bytes", packed.len()))?;
    let total: u64 = sizes
        .chunks_exact(4)
        .filter_map(|four| four.try_into().ok().map(u32::from_le_bytes))
        .map(u64::from)
        .sum();
    let there = (packed.len() - start - 4 * layers) as u64;
    if total > there { Err(format!("layers of {total} bytes where {there} are left")) } else { Ok(()) }
}

/// Nodes of a COPC file (copc.io, version 1.0), in order of level and place in the file; `None` for other files.
///
/// The hierarchy is a tree of pages of 32-byte entries: level, x, y, z (four i32), offset (u64), bytes (i32), points
/// (i32; -1 points to another page).
fn copc_chunks(header: &Header) -> Result<Option<Vec<Chunk>>, ChunkError> {
    let (Some(info), Some(hierarchy)) = (header.record("copc", 1), header.record("copc", 1000)) else {
        return Ok(None);
    };
    let at =
        |data: &[u8], offset: usize| -> Option<[u8; 8]> { data.get(offset..offset + 8)?.try_into().ok() };
    let root = at(&info.data, 40).map(u64::from_le_bytes).zip(at(&info.data, 48).map(u64::from_le_bytes));
    let Some(root) = root else {
        let found = format!("{} bytes", info.data.len());
        return Err(error("160 bytes of COPC info", found, "the record \"copc\" 1"));
    };
    let bad =
        |found: String| error("a hierarchy of nodes inside the file", found, "the record \"copc\" 1000");
    let mut pages = vec![root];
    let mut seen = BTreeSet::new();
    // By key, so that a node that is listed twice counts once.
    let mut nodes: BTreeMap<(i32, [i32; 3]), Chunk> = BTreeMap::new();
    while let Some((offset, bytes)) = pages.pop() {
        if !seen.insert(offset) {
            return Err(bad(format!("the page at byte {offset} twice")));
        }
        let start = offset.checked_sub(hierarchy.offset).and_then(|start| usize::try_from(start).ok());
        let page = start
            .zip(usize::try_from(bytes).ok())
            .and_then(|(start, bytes)| hierarchy.data.get(start..start.checked_add(bytes)?))
            .ok_or_else(|| bad(format!("a page of {bytes} bytes at byte {offset}")))?;
        for entry in page.chunks_exact(32) {
            let int = |at: usize| {
                entry.get(at..at + 4).and_then(|b| b.try_into().ok()).map_or(0, i32::from_le_bytes)
            };
            let (level, key) = (int(0), [int(4), int(8), int(12)]);
            let offset = at(entry, 16).map_or(0, u64::from_le_bytes);
            let (bytes, points) = (int(24), int(28));
            if !(0..=40).contains(&level) || bytes < 0 {
                return Err(bad(format!("level {level} with {bytes} bytes")));
            }
            let (bytes, is_page) = (bytes.unsigned_abs(), points == -1);
            if is_page {
                pages.push((offset, u64::from(bytes)));
                continue;
            }
            if points <= 0 {
                continue;
            }
            let end = offset.checked_add(u64::from(bytes));
            let points = u64::from(points.unsigned_abs());
            if end.is_none_or(|end| end > header.file_bytes)
                || offset < header.points_offset
                || points > MAX_CHUNK_POINTS
            {
                return Err(bad(format!(
                    "node {level}-{key:?}: {points} points in {bytes} bytes at byte {offset}"
                )));
            }
            let level_byte = level.unsigned_abs() as u8;
            let chunk = Chunk { offset, bytes: u64::from(bytes), points, level: Some(level_byte) };
            nodes.entry((level, key)).or_insert(chunk);
        }
    }
    let total: u64 = nodes.values().map(|chunk| chunk.points).sum();
    if total > header.points {
        return Err(bad(format!("{total} points in nodes where the header has {}", header.points)));
    }
    let mut chunks: Vec<Chunk> = nodes.into_values().collect();
    chunks.sort_by_key(|chunk| (chunk.level, chunk.offset));
    Ok(Some(chunks))
}
