//! Tilesets in one SQLite file: `.3dtiles` (3D Tiles Next packages), a table `media` of keys and contents.
//!
//! Only what such a file needs of SQLite's format is read here (sqlite.org/fileformat2.html, sections 1.3 to 2.1): table
//! b-trees and their overflow pages, every page number, size and offset checked.

use std::collections::BTreeMap;

use crate::readers::gltf::resources::{ResourceError, Store};

/// Pages visited in one walk; also what ends a tree that leads in a circle.
const MAX_PAGES: usize = 4_000_000;
const MAX_DEPTH: usize = 32;

/// An opened file: its bytes, and where each content lies.
pub(super) struct Database {
    bytes: Vec<u8>,
    page_bytes: usize,
    /// Page size less what is reserved at each page's end.
    usable: usize,
    contents: BTreeMap<String, Vec<Piece>>,
    name: String,
}

/// A part of a payload, as a range of the file.
type Piece = (usize, usize);

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Database({})", self.name)
    }
}

/// Whether bytes are an SQLite file.
pub(super) fn is_database(head: &[u8]) -> bool {
    head.starts_with(b"SQLite format 3\0")
}

/// SQLite's variable-length integer: up to nine bytes, the highest first. Returns the value and its bytes.
fn varint(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut value = 0_u64;
    for (index, &byte) in bytes.iter().take(9).enumerate() {
        if index == 8 {
            return Some((value << 8 | u64::from(byte), 9));
        }
        value = value << 7 | u64::from(byte & 0x7f);
        if byte < 0x80 {
            return Some((value, index + 1));
        }
    }
    None
}

/// A column of a record: its bytes in the payload, and its serial type.
struct Column {
    kind: u64,
    start: usize,
    length: usize,
}

/// The columns that a record's header lists.
fn columns(payload: &[u8]) -> Option<Vec<Column>> {
    let (header, mut at) = varint(payload)?;
    let header = usize::try_from(header).ok()?;
    let mut start = header;
    let mut columns = Vec::new();
    while at < header {
        let (kind, size) = varint(payload.get(at..)?)?;
        at += size;
        let length = match kind {
            0 | 8 | 9 => 0,
            1..=4 => kind as usize,
            5 => 6,
            6 | 7 => 8,
            10 | 11 => return None,
            _ => usize::try_from((kind - 12) / 2).ok()?,
        };
        columns.push(Column { kind, start, length });
        start = start.checked_add(length)?;
    }
    Some(columns)
}

impl Database {
    /// The error says what is wrong with the file.
    pub fn open(name: &str, bytes: Vec<u8>) -> Result<Self, String> {
        let raw = bytes.get(16..18).and_then(|two| two.try_into().ok()).map(u16::from_be_bytes);
        let page_bytes = match raw {
            Some(1) => 65_536,
            Some(size) if size >= 512 && size.is_power_of_two() => usize::from(size),
            other => return Err(format!("pages of {other:?} bytes")),
        };
        let reserved = usize::from(bytes.get(20).copied().unwrap_or(0));
        let usable = page_bytes.checked_sub(reserved).filter(|&usable| usable >= 480);
        let usable = usable.ok_or_else(|| format!("{reserved} reserved bytes in pages of {page_bytes}"))?;
        let mut database =
            Self { bytes, page_bytes, usable, contents: BTreeMap::new(), name: name.to_owned() };
        let root = database.media_root().ok_or("no readable table \"media\"")?;
        for pieces in database.rows(root).ok_or("a damaged table \"media\"")? {
            let payload = database.payload(&pieces).ok_or("a damaged row")?;
            let columns = columns(&payload).ok_or("a damaged row")?;
            let (Some(key), Some(content)) = (columns.first(), columns.get(1)) else { continue };
            let text = payload.get(key.start..key.start.saturating_add(key.length)).unwrap_or_default();
            let key = String::from_utf8_lossy(text).into_owned();
            database.contents.insert(key, cut(&pieces, content.start, content.length));
        }
        Ok(database)
    }

    /// The page at which the table `media` begins, from the schema on page 1.
    fn media_root(&self) -> Option<u64> {
        self.rows(1)?.iter().find_map(|pieces| {
            let payload = self.payload(pieces)?;
            let columns = columns(&payload)?;
            let text = |index: usize| {
                let column = columns.get(index)?;
                payload.get(column.start..column.start.checked_add(column.length)?)
            };
            if text(0)? != b"table" || !text(1)?.eq_ignore_ascii_case(b"media") {
                return None;
            }
            let root = columns.get(3)?;
            let bytes = text(3)?;
            match root.kind {
                9 => Some(1),
                1..=6 => Some(bytes.iter().fold(0_u64, |value, &byte| value << 8 | u64::from(byte))),
                _ => None,
            }
        })
    }

    /// A page's bytes and its place in the file.
    fn page(&self, number: u64) -> Option<(usize, &[u8])> {
        let start = usize::try_from(number.checked_sub(1)?).ok()?.checked_mul(self.page_bytes)?;
        Some((start, self.bytes.get(start..start.checked_add(self.usable)?)?))
    }

    /// Payloads of all rows of a table's tree, in its order.
    fn rows(&self, root: u64) -> Option<Vec<Vec<Piece>>> {
        let mut rows = Vec::new();
        let mut pending = vec![(root, 0_usize)];
        let mut visited = 0;
        while let Some((number, depth)) = pending.pop() {
            visited += 1;
            if visited > MAX_PAGES || depth > MAX_DEPTH {
                return None;
            }
            let (start, page) = self.page(number)?;
            // Page 1 begins with the file's header.
            let head = if number == 1 { 100 } else { 0 };
            let u16_at = |at: usize| page.get(at..at + 2)?.try_into().ok().map(u16::from_be_bytes);
            let u32_at = |at: usize| page.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes);
            let kind = *page.get(head)?;
            let count = usize::from(u16_at(head + 3)?);
            let cells = head + if kind == 5 { 12 } else { 8 };
            match kind {
                5 => {
                    // In reverse, because the last pushed is visited first.
                    pending.push((u64::from(u32_at(head + 8)?), depth + 1));
                    for cell in (0..count).rev() {
                        let at = usize::from(u16_at(cells + 2 * cell)?);
                        pending.push((u64::from(u32_at(at)?), depth + 1));
                    }
                }
                13 => {
                    for cell in 0..count {
                        let at = usize::from(u16_at(cells + 2 * cell)?);
                        let (size, first) = varint(page.get(at..)?)?;
                        let (_, second) = varint(page.get(at + first..)?)?;
                        rows.push(self.pieces(
                            start,
                            page,
                            at + first + second,
                            usize::try_from(size).ok()?,
                        )?);
                    }
                }
                _ => return None,
            }
        }
        Some(rows)
    }

    /// Where the `size` bytes of a payload lie that begins at `at` of a page.
    fn pieces(&self, start: usize, page: &[u8], at: usize, size: usize) -> Option<Vec<Piece>> {
        if size > self.bytes.len() {
            return None;
        }
        let most = self.usable - 35;
        let local = if size <= most {
            size
        } else {
            let least = (self.usable - 12) * 32 / 255 - 23;
            let wanted = least + (size - least) % (self.usable - 4);
            if wanted <= most { wanted } else { least }
        };
        page.get(at..at.checked_add(local)?)?;
        let mut pieces = vec![(start + at, local)];
        let mut left = size - local;
        let mut next: &[u8] = if left > 0 { page.get(at + local..at + local + 4)? } else { &[] };
        while left > 0 {
            let number = u32::from_be_bytes(next.try_into().ok()?);
            let (start, page) = self.page(u64::from(number))?;
            let length = left.min(self.usable - 4);
            pieces.push((start + 4, length));
            left -= length;
            next = page.get(..4)?;
        }
        Some(pieces)
    }

    fn payload(&self, pieces: &[Piece]) -> Option<Vec<u8>> {
        let mut payload = Vec::new();
        for &(start, length) in pieces {
            payload.extend_from_slice(self.bytes.get(start..start.checked_add(length)?)?);
        }
        Some(payload)
    }
}

/// `length` bytes from `start` of a payload in pieces.
fn cut(pieces: &[Piece], start: usize, length: usize) -> Vec<Piece> {
    let (mut skip, mut left) = (start, length);
    let mut cut = Vec::new();
    for &(at, size) in pieces {
        let skipped = skip.min(size);
        skip -= skipped;
        let taken = (size - skipped).min(left);
        if taken > 0 {
            cut.push((at + skipped, taken));
            left -= taken;
        }
    }
    cut
}

impl Store for Database {
    fn bytes(&self, path: &str) -> Result<Vec<u8>, ResourceError> {
        let pieces = self.contents.get(path).or_else(|| self.contents.get(&format!("/{path}")));
        pieces.and_then(|pieces| self.payload(pieces)).ok_or_else(|| ResourceError::Missing {
            uri: format!("{}/{path}", self.name),
            reason: format!("the package has {} contents, and not this", self.contents.len()),
        })
    }

    fn size(&self, path: &str) -> u64 {
        self.contents.get(path).map_or(0, |pieces| pieces.iter().map(|piece| piece.1 as u64).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_and_records_are_read_as_sqlite_writes_them() {
        assert_eq!(varint(&[0x7f]), Some((127, 1)));
        assert_eq!(varint(&[0x81, 0x00]), Some((128, 2)));
        assert_eq!(varint(&[0xff; 9]), Some((u64::MAX, 9)));
        assert_eq!(varint(&[0x80]), None);
        // Header of 3 bytes, text of 2, blob of 1.
        let columns = columns(&[3, 17, 14, b'a', b'b', 9]).unwrap();
        assert_eq!(columns.iter().map(|c| (c.start, c.length)).collect::<Vec<_>>(), [(3, 2), (5, 1)]);
        assert_eq!(cut(&[(100, 4), (200, 10)], 3, 5), [(103, 1), (200, 4)]);
    }
}
