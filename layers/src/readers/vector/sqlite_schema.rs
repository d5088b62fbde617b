//! The schema of an SQLite file, read without SQLite: views and virtual tables run when a file is opened, so what they
//! would do has to be known before. Source: <https://sqlite.org/fileformat2.html>.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
};

use crate::readers::{ReadError, Source};

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

/// Refuses a database whose views or virtual tables could read other files or never end.
pub(super) fn refuse_active_content(source: &Source) -> Result<(), ReadError> {
    let refuse = |found: String, location: String| ReadError::Malformed {
        path: source.path.clone(),
        expected: "a database that only holds data".to_owned(),
        found,
        location,
        advice: "export the layers you need to a new GeoPackage".to_owned(),
    };
    let Some(entries) = read_schema(source)? else {
        // A damaged schema is for SQLite itself to name; it opens nothing then.
        return Ok(());
    };
    for Entry { kind, name, sql } in entries {
        let lower = sql.to_ascii_lowercase();
        let short: String = name.chars().take(60).collect();
        if kind == "table" && lower.split_ascii_whitespace().nth(1) == Some("virtual") {
            let module = lower
                .split_once(" using ")
                .or_else(|| lower.split_once("\nusing "))
                .map(|(_, rest)| rest.trim_start())
                .unwrap_or_default();
            let module: String =
                module.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            if !HARMLESS.contains(&module.as_str()) {
                let found = format!("a virtual table of the kind \"{module}\", which could read other files");
                return Err(refuse(found, format!("table \"{short}\"")));
            }
        }
        if kind == "view" && lower.contains("recursive") {
            return Err(refuse(
                "a view that calls itself, which may never end".to_owned(),
                format!("view \"{short}\""),
            ));
        }
    }
    Ok(())
}

#[derive(Debug, PartialEq, Eq)]
struct Entry {
    kind: String,
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
        Some(Self { file, page_size, usable, pages: size / page_size as u64, read: 0 })
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
                    0x0d => entries.extend(self.entry(&page, at)),
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
            texts.push(String::from_utf8_lossy(bytes).into_owned());
        }
        let sql = texts.get(4).cloned().unwrap_or_default();
        Some(Entry { kind: texts.first()?.clone(), name: texts.get(1)?.clone(), sql })
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
