//! The schema of an SQLite file, read without SQLite: views and virtual tables run when a file is opened, so what they
//! would do has to be known before. Source: <https://sqlite.org/fileformat2.html>.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
};

use crate::readers::{
    ReadContext, ReadError, Source,
    scratch::{ScratchDir, copy_out, unpack_gzip},
};

/// Pages of the schema that are read; a thousand tables need about a hundred.
const MAX_PAGES: usize = 20_000;
/// Definition of one table, bytes.
const MAX_SQL: u64 = 1 << 20;

/// Modules of virtual tables that keep to the file.
const HARMLESS: [&str; 12] = [
    "rtree",
    "rtree_i32",
    "geopoly",
    "fts3",
    "fts4",
    "fts5",
    "virtualspatialindex",
    "virtualelementary",
    "virtualknn",
    "virtualknn2",
    "virtualrouting",
    "virtualnetwork",
];

/// The database as a plain file that SQLite may open: unpacked when it is gzip, copied when it is in write-ahead mode,
/// its schema checked. `None`: the source itself will do.
///
/// In write-ahead mode SQLite makes files beside the database, and GDAL, when it closes one that it had opened for
/// reading, opens it again for writing to tidy up a `-wal` beside it: the changes of another program would be lost.
pub(super) fn prepare(
    source: &Source,
    title: &str,
    context: &mut ReadContext,
) -> Result<Option<(ScratchDir, Source)>, ReadError> {
    let unpacked = unpack_gzip(source, context)?;
    let local = unpacked.as_ref().map_or(source, |(_, plain)| plain);
    refuse_active_content(local, title)?;
    if unpacked.is_some() {
        return Ok(unpacked);
    }
    let mut name = source.path.clone().into_os_string();
    name.push("-wal");
    let has_changes = std::fs::metadata(name).is_ok_and(|metadata| metadata.len() > 0);
    if has_changes {
        context.report.warn(
            "unwritten-changes",
            source.file_name(),
            "another program holds changes beside the file (-wal) that it has not written into it yet; they are not read; close that program first",
        );
    }
    let is_wal = source.head()?.get(18..20).is_some_and(|versions| versions.contains(&2));
    if !has_changes && !is_wal {
        return Ok(None);
    }
    let folder = ScratchDir::new().map_err(|error| source.io_error(&error))?;
    let path = folder.path().join(source.file_name());
    copy_out(source, &mut source.open()?, &path, context)?;
    Ok(Some((folder, Source { uri: source.uri.clone(), path })))
}

/// Refuses a database whose views or virtual tables could read other files or never end, and one whose schema cannot be
/// read here: SQLite might read it otherwise.
fn refuse_active_content(source: &Source, title: &str) -> Result<(), ReadError> {
    let refuse = |found: String, location: String| ReadError::Malformed {
        path: source.path.clone(),
        expected: format!("a sound {title} that only holds data"),
        found,
        location,
        advice: "fetch it again, or export the layers you need to a new GeoPackage".to_owned(),
    };
    let Some(entries) = read_schema(source)? else {
        return Err(refuse("a damaged or cut-off list of tables".to_owned(), "the schema".to_owned()));
    };
    for Entry { name, sql } in entries {
        if let Some(reason) = danger_of(&sql) {
            let name: String = name.chars().take(60).collect();
            return Err(refuse(reason, format!("\"{name}\" in the schema")));
        }
    }
    Ok(())
}

/// What a definition could do besides holding data.
fn danger_of(sql: &str) -> Option<String> {
    let lower = sql.trim_start().to_ascii_lowercase();
    let words: Vec<&str> = lower
        .split(|c: char| c.is_ascii_whitespace() || matches!(c, '(' | ')' | ',' | ';'))
        .filter(|word| !word.is_empty())
        .collect();
    // An ordinary table, index or trigger runs nothing when it is read.
    let is_plain = matches!(words.get(..2), Some(["create", "table" | "index" | "trigger"]))
        || matches!(words.get(..3), Some(["create", "unique", "index"]));
    if is_plain || words.is_empty() {
        return None;
    }
    if lower.contains("virtual") {
        let module = words.iter().skip_while(|word| **word != "using").nth(1).copied().unwrap_or_default();
        // Comments could hide the word that counts.
        let is_clear = !lower.contains("/*") && !lower.contains("--");
        let module: String = module.chars().take(40).collect();
        return (!is_clear || !HARMLESS.contains(&module.as_str()))
            .then(|| format!("a virtual table of the kind \"{module}\", which could read other files"));
    }
    // SQLite needs no "recursive" for a query that feeds itself.
    let feeds_itself = lower.contains("recursive") || (lower.contains("with") && lower.contains("union"));
    feeds_itself.then(|| "a view that may call itself without an end".to_owned())
}

#[derive(Debug, PartialEq, Eq)]
struct Entry {
    name: String,
    sql: String,
}

/// All entries of `sqlite_master`; `None` where the file does not keep to the format.
fn read_schema(source: &Source) -> Result<Option<Vec<Entry>>, ReadError> {
    let file = source.open()?;
    let size = source.size();
    Ok(Database::open(file, size).and_then(|mut database| database.schema()))
}

struct Database {
    file: File,
    page_size: usize,
    /// Bytes of a page that tables may use.
    usable: usize,
    pages: u64,
    read: usize,
    encoding: Encoding,
}

/// How texts are written.
#[derive(Clone, Copy)]
enum Encoding {
    Utf8,
    Utf16Little,
    Utf16Big,
}

impl Encoding {
    fn text(self, bytes: &[u8]) -> String {
        let of_pair: fn([u8; 2]) -> u16 = match self {
            Self::Utf8 => return String::from_utf8_lossy(bytes).into_owned(),
            Self::Utf16Little => u16::from_le_bytes,
            Self::Utf16Big => u16::from_be_bytes,
        };
        let units: Vec<u16> =
            bytes.chunks_exact(2).filter_map(|pair| <[u8; 2]>::try_from(pair).ok()).map(of_pair).collect();
        String::from_utf16_lossy(&units)
    }
}

impl Database {
    fn open(mut file: File, size: u64) -> Option<Self> {
        let mut head = [0; 100];
        file.read_exact(&mut head).ok()?;
        let page_size = match u16::from_be_bytes([*head.get(16)?, *head.get(17)?]) {
            1 => 65_536,
            size @ 512.. => usize::from(size),
            _ => return None,
        };
        let usable = page_size.checked_sub(usize::from(*head.get(20)?)).filter(|&usable| usable >= 480)?;
        let encoding = match be32(&head, 56)? {
            // A database without any table has not chosen yet.
            0 | 1 => Encoding::Utf8,
            2 => Encoding::Utf16Little,
            3 => Encoding::Utf16Big,
            _ => return None,
        };
        Some(Self { file, page_size, usable, pages: size / page_size as u64, read: 0, encoding })
    }

    fn page(&mut self, number: u32) -> Option<Vec<u8>> {
        self.read += 1;
        if number == 0 || u64::from(number) > self.pages || self.read > MAX_PAGES {
            return None;
        }
        self.file.seek(SeekFrom::Start((u64::from(number) - 1) * self.page_size as u64)).ok()?;
        let mut page = vec![0; self.page_size];
        self.file.read_exact(&mut page).ok()?;
        Some(page)
    }

    fn schema(&mut self) -> Option<Vec<Entry>> {
        let mut entries = Vec::new();
        let mut open = vec![1_u32];
        while let Some(number) = open.pop() {
            let page = self.page(number)?;
            let start = if number == 1 { 100 } else { 0 };
            let kind = *page.get(start)?;
            let cells = usize::from(be16(&page, start + 3)?);
            let pointers = start + if kind == 0x05 { 12 } else { 8 };
            if kind == 0x05 {
                open.push(be32(&page, start + 8)?);
            }
            for cell in 0..cells {
                let at = usize::from(be16(&page, pointers + 2 * cell)?);
                match kind {
                    0x05 => open.push(be32(&page, at)?),
                    0x0d => entries.push(self.entry(&page, at)?),
                    _ => return None,
                }
            }
        }
        Some(entries)
    }

    /// A cell of a leaf: its payload, perhaps continued on other pages.
    fn entry(&mut self, page: &[u8], at: usize) -> Option<Entry> {
        let (length, used) = varint(page, at)?;
        let (_, used_by_id) = varint(page, at + used)?;
        let start = at + used + used_by_id;
        if length > MAX_SQL {
            return None;
        }
        let length = length as usize;
        let most = self.usable - 35;
        let mut payload;
        if length <= most {
            payload = page.get(start..start + length)?.to_vec();
        } else {
            let least = (self.usable - 12) * 32 / 255 - 23;
            let local = least + (length - least) % (self.usable - 4);
            let local = if local <= most { local } else { least };
            payload = page.get(start..start + local)?.to_vec();
            let mut next = be32(page, start + local)?;
            while next != 0 && payload.len() < length {
                let more = self.page(next)?;
                next = be32(&more, 0)?;
                let part = (length - payload.len()).min(self.usable - 4);
                payload.extend_from_slice(more.get(4..4 + part)?);
            }
        }
        let (header, mut at) = varint(&payload, 0)?;
        let mut value = usize::try_from(header).ok()?;
        let mut texts: Vec<String> = Vec::new();
        while at < usize::try_from(header).ok()? && texts.len() < 5 {
            let (serial, used) = varint(&payload, at)?;
            at += used;
            let size = match serial {
                0 | 8 | 9 => 0,
                1..=4 => serial as usize,
                5 => 6,
                6 | 7 => 8,
                12.. => usize::try_from((serial - 12) / 2).ok()?,
                _ => return None,
            };
            let bytes = payload.get(value..value.checked_add(size)?)?;
            value += size;
            texts.push(self.encoding.text(bytes));
        }
        let sql = texts.get(4).cloned().unwrap_or_default();
        Some(Entry { name: texts.get(1)?.clone(), sql })
    }
}

fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

/// A number of up to nine bytes and how many it took.
fn varint(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    let mut value = 0_u64;
    for used in 0..9 {
        let byte = *bytes.get(at + used)?;
        if used == 8 {
            return Some((value << 8 | u64::from(byte), 9));
        }
        value = value << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((value, used + 1));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_definition_could_do_is_known() {
        for sql in [
            "CREATE TABLE t (a INTEGER, b AS (a + 1) VIRTUAL)",
            "CREATE VIRTUAL TABLE \"rtree_t_geom\" USING rtree(id, minx, maxx, miny, maxy)",
            "CREATE VIRTUAL TABLE SpatialIndex\nUSING VirtualSpatialIndex()",
            "CREATE VIEW v AS SELECT * FROM t",
            "CREATE UNIQUE INDEX i ON t (a)",
            "CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT 1; END",
            "",
        ] {
            assert_eq!(danger_of(sql), None, "{sql}");
        }
        for sql in [
            "CREATE VIRTUAL TABLE x USING VirtualText('/etc/passwd', 'UTF-8')",
            "create virtual table x using\tVirtualShape('/x')",
            "CREATE/**/VIRTUAL TABLE x USING rtree/**/",
            "CREATE VIRTUAL TABLE x /* using rtree( */ USING VirtualText(a)",
            "CREATE VIRTUAL TABLE x",
            "CREATE VIEW v AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c) SELECT * FROM c",
            "CREATE VIEW v AS WITH c(x) AS (SELECT 1 UNION SELECT x+1 FROM c) SELECT * FROM c",
        ] {
            assert!(danger_of(sql).is_some(), "{sql}");
        }
    }

    #[test]
    fn numbers_of_all_lengths_are_read() {
        assert_eq!(varint(&[0x7f], 0), Some((127, 1)));
        assert_eq!(varint(&[0x81, 0x00], 0), Some((128, 2)));
        assert_eq!(varint(&[0xff; 9], 0), Some((u64::MAX, 9)));
        assert_eq!(varint(&[0xff; 8], 0), None);
    }
}
