//! The zip or folder around a feed: its tables by name, with limits on what they may unfold to.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufReader, Read},
    path::PathBuf,
};

use zip::ZipArchive;

use super::columns::KNOWN;
use crate::readers::{
    ReadContext, ReadError, Source,
    draft::has_ending,
    input::{UNPACK, size_text},
};

const MAX_ENTRIES: usize = 10_000;
const MAX_ENTRY_BYTES: u64 = 4 << 30;
const MAX_TOTAL_BYTES: u64 = 16 << 30;
const MAX_RATIO: u64 = 200;
const FREE_BYTES: u64 = 10 << 20;

pub(super) struct Archive<'a> {
    container: Container,
    /// Place and unpacked size of each table, by its lower-case base name.
    tables: BTreeMap<String, (Place, u64)>,
    source: &'a Source,
}

enum Container {
    Zip(ZipArchive<BufReader<File>>),
    Folder,
}

#[derive(Clone, Debug)]
enum Place {
    Entry(usize),
    File(PathBuf),
}

impl<'a> Archive<'a> {
    /// Opens the zip, or the tables beside the one that `source` names.
    pub fn open(source: &'a Source) -> Result<Self, ReadError> {
        let is_table = source.file_name().to_ascii_lowercase().ends_with(".txt");
        if is_table { Self::open_folder(source) } else { Self::open_zip(source) }
    }

    /// Ordinary files only, directly in the folder: no link can lead out of it.
    fn open_folder(source: &'a Source) -> Result<Self, ReadError> {
        let path = std::path::absolute(&source.path).map_err(|error| source.io_error(&error))?;
        let folder = path.parent().unwrap_or(&path);
        let mut tables = BTreeMap::new();
        for entry in
            std::fs::read_dir(folder).map_err(|error| source.io_error(&error))?.flatten().take(MAX_ENTRIES)
        {
            let Ok(metadata) = std::fs::symlink_metadata(entry.path()) else { continue };
            let name = entry.file_name().to_string_lossy().to_ascii_lowercase();
            if metadata.is_file() && has_ending(&name, &["txt"]) && metadata.len() <= MAX_ENTRY_BYTES {
                tables.insert(name, (Place::File(entry.path()), metadata.len()));
            }
        }
        Ok(Self { container: Container::Folder, tables, source })
    }

    fn open_zip(source: &'a Source) -> Result<Self, ReadError> {
        let broken = |error: &zip::result::ZipError| ReadError::Malformed {
            path: source.path.clone(),
            expected: "a GTFS zip archive".to_owned(),
            found: error.to_string(),
            location: "its table of contents".to_owned(),
            advice: "the file is damaged or cut off; fetch it again".to_owned(),
        };
        let mut zip = ZipArchive::new(BufReader::new(source.open()?)).map_err(|error| broken(&error))?;
        let too_large = |what: String, limit: String, found: String| ReadError::TooLarge {
            path: source.path.clone(),
            what,
            limit,
            found,
            advice: UNPACK.into(),
        };
        if zip.len() > MAX_ENTRIES {
            return Err(too_large(
                "the archive".into(),
                format!("{MAX_ENTRIES} files"),
                format!("{} files", zip.len()),
            ));
        }
        let mut tables = BTreeMap::new();
        let mut total = 0_u64;
        for index in 0..zip.len() {
            // Raw: a strange entry that is not a table must not stop the feed.
            let entry = zip.by_index_raw(index).map_err(|error| broken(&error))?;
            let (size, packed, name) = (entry.size(), entry.compressed_size(), entry.name().to_owned());
            total = total.saturating_add(size);
            let packed = packed.min(source.size());
            let is_bomb = size > FREE_BYTES && size > packed.saturating_mul(MAX_RATIO);
            if size > MAX_ENTRY_BYTES || is_bomb {
                let limit = if is_bomb {
                    format!("{MAX_RATIO} times its packed size")
                } else {
                    format!("{} for one file in an archive", size_text(MAX_ENTRY_BYTES))
                };
                return Err(too_large(
                    format!("\"{name}\""),
                    limit,
                    format!("{} from {}", size_text(size), size_text(packed)),
                ));
            }
            let base = name.rsplit(['/', '\\']).next().unwrap_or(&name).to_ascii_lowercase();
            if matches!(base.rsplit_once('.'), Some((_, "txt")))
                && entry.is_file()
                && !name.starts_with("__MACOSX")
            {
                tables.entry(base).or_insert((Place::Entry(index), size));
            }
        }
        // Entries that share the same packed bytes are each within the ratio, but not their sum.
        if total > source.size().saturating_mul(MAX_RATIO).clamp(FREE_BYTES, MAX_TOTAL_BYTES) {
            return Err(too_large(
                "the archive".into(),
                format!("{MAX_RATIO} times its packed size, and of {}", size_text(MAX_TOTAL_BYTES)),
                format!("{} from {}", size_text(total), size_text(source.size())),
            ));
        }
        Ok(Self { container: Container::Zip(zip), tables, source })
    }

    pub fn has(&self, table: &str) -> bool {
        self.tables.contains_key(table)
    }

    pub fn names(&self) -> String {
        self.tables.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
    }

    /// Reads one table row by row. `each` gets the row (with values by column name) and its number as an editor shows
    /// it; `part` is the share of the whole that this table is. Absent tables have no rows.
    pub fn rows(
        &mut self,
        table: &'static str,
        columns: &[&'static str],
        part: [f64; 2],
        context: &mut ReadContext,
        each: &mut dyn FnMut(&Row<'_>, &mut ReadContext),
    ) -> Result<(), ReadError> {
        let Some((place, size)) = self.tables.get(table).cloned() else { return Ok(()) };
        let path = &self.source.path;
        let malformed = |found: String, location: String| ReadError::Malformed {
            path: path.clone(),
            expected: format!("a comma-separated table {table}"),
            found,
            location,
            advice: "the archive is damaged; fetch it again".to_owned(),
        };
        let entry: Box<dyn Read + '_> = match (&mut self.container, place) {
            (Container::Zip(zip), Place::Entry(index)) => {
                Box::new(zip.by_index(index).map_err(|error| malformed(error.to_string(), table.to_owned()))?)
            }
            (_, Place::File(path)) => {
                Box::new(File::open(path).map_err(|error| malformed(error.to_string(), table.to_owned()))?)
            }
            (Container::Folder, Place::Entry(_)) => return Ok(()),
        };
        // One byte more than declared is enough to notice a lie.
        let mut limited = entry.take(size.saturating_add(1));
        // The table reader steps over a byte order mark without a word.
        let mut start = Vec::new();
        (&mut limited)
            .take(3)
            .read_to_end(&mut start)
            .map_err(|error| malformed(error.to_string(), table.to_owned()))?;
        if start == [0xef, 0xbb, 0xbf] {
            context.report.warn(
                "byte-order-mark",
                format!("{table}, row 1"),
                "the table begins with a byte order mark; it is skipped",
            );
            start.clear();
        }
        let limited = std::io::Cursor::new(start).chain(limited);
        let mut reader = csv::ReaderBuilder::new().flexible(true).has_headers(true).from_reader(limited);
        let header = reader
            .byte_headers()
            .map_err(|error| malformed(error.to_string(), format!("{table}, row 1")))?
            .clone();
        check_header(table, &header, context);
        let header: Vec<String> =
            header.iter().map(|name| String::from_utf8_lossy(name).trim().to_ascii_lowercase()).collect();
        let positions: Vec<Option<usize>> =
            columns.iter().map(|wanted| header.iter().position(|name| name == wanted)).collect();
        let mut record = csv::ByteRecord::new();
        let mut number = 1_u64;
        loop {
            match reader.read_byte_record(&mut record) {
                Ok(true) => {}
                Ok(false) => return Ok(()),
                Err(error) => {
                    context.report.error(
                        "table-damaged",
                        format!("{table}, after row {number}"),
                        format!("expected another row, found: {error}; the rest of the table is left out"),
                    );
                    return Ok(());
                }
            }
            number += 1;
            if number.is_multiple_of(4096) {
                context.check_cancelled()?;
                let done = record.position().map_or(0, csv::Position::byte) as f64 / size.max(1) as f64;
                context.progress.set(part[0] + (part[1] - part[0]) * done.min(1.0));
            }
            if record.len() > header.len() {
                context.report.warn(
                    "row-too-long",
                    format!("{table}, row {number}"),
                    format!(
                        "expected {} cells, found {}; the extra ones are left out",
                        header.len(),
                        record.len()
                    ),
                );
            }
            if std::str::from_utf8(record.as_slice()).is_err() {
                context.report.warn(
                    "not-utf8",
                    format!("{table}, row {number}"),
                    "bytes that are not UTF-8 were replaced",
                );
            }
            let is_blank = record.iter().all(|cell| cell.trim_ascii().is_empty());
            if !is_blank {
                each(&Row { record: &record, positions: &positions, table, number }, context);
            }
        }
    }
}

/// Reports columns that are not UTF-8, not in the standard, or there twice.
fn check_header(table: &str, header: &csv::ByteRecord, context: &mut ReadContext) {
    let known = KNOWN.iter().find(|(name, _)| *name == table).map_or(&[][..], |(_, columns)| *columns);
    for (position, raw) in header.iter().enumerate() {
        let name = String::from_utf8_lossy(raw);
        let name = name.trim();
        let location = || format!("{table}, row 1, column {}", position + 1);
        if std::str::from_utf8(raw).is_err() {
            context.report.warn("not-utf8", location(), "bytes that are not UTF-8 were replaced");
        } else if !name.is_empty() && !known.contains(&name) {
            context.report.warn(
                "column-unknown",
                location(),
                format!("expected a column of the standard, found \"{name}\"; it is not used"),
            );
        }
        if header.iter().take(position).any(|earlier| earlier == raw) && !name.is_empty() {
            context.report.warn(
                "column-twice",
                location(),
                format!("\"{name}\" was there before; the first is used"),
            );
        }
    }
}

/// One row of a table; cells are asked for by their place in the `columns` that [`Archive::rows`] was given.
pub(super) struct Row<'a> {
    record: &'a csv::ByteRecord,
    positions: &'a [Option<usize>],
    table: &'static str,
    number: u64,
}

impl Row<'_> {
    /// Trimmed bytes; empty when the column or the cell is not there.
    pub fn bytes(&self, column: usize) -> &[u8] {
        let position = self.positions.get(column).copied().flatten();
        position.and_then(|position| self.record.get(position)).unwrap_or_default().trim_ascii()
    }

    /// As text; bytes that are not UTF-8 become "�".
    pub fn text(&self, column: usize) -> String {
        String::from_utf8_lossy(self.bytes(column)).into_owned()
    }

    pub fn number<T: std::str::FromStr>(&self, column: usize) -> Option<T> {
        std::str::from_utf8(self.bytes(column)).ok()?.parse().ok()
    }

    /// For messages: "stops.txt, row 12".
    pub fn location(&self) -> String {
        format!("{}, row {}", self.table, self.number)
    }
}
