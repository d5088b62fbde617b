//! Zip archives: what is inside decides who reads it.
//!
//! A GTFS feed goes to its own reader. From any other archive each data file is unpacked with its siblings into a private
//! folder, read by the reader that claims it, and removed again. Archives in archives are read one level deep.

mod entries;
mod merge;

use std::collections::BTreeSet;

use super::{
    FormatReader, READERS, ReadContext, ReadError, ReadOutcome, Report, Severity, Source,
    gtfs::GtfsReader,
    input::{UNPACK, with_checksum},
    scratch::ScratchDir,
};
use entries::{Archive, Budget, Entry, Refused};
use merge::Merged;

/// `.zip`, `.kmz`
#[derive(Debug)]
pub struct ArchiveReader;

/// Between the archive's URI and an entry's name.
const INSIDE: &str = "!/";
/// Archives in archives.
const MAX_NESTING: usize = 2;

/// Tables that every feed has; two of them make an archive a feed.
const GTFS_TABLES: [&str; 6] =
    ["stops.txt", "routes.txt", "trips.txt", "stop_times.txt", "agency.txt", "calendar.txt"];

/// Extensions that some reader names but that belong to another file or say nothing here.
const NOT_ALONE: [&str; 9] = ["shx", "dbf", "prj", "cpg", "mid", "dat", "map", "ind", "txt"];

impl FormatReader for ArchiveReader {
    fn id(&self) -> &'static str {
        "zip"
    }

    fn title(&self) -> &'static str {
        "zip archive"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["zip", "kmz"]
    }

    fn sniff(&self, head: &[u8], _: &str) -> bool {
        head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06")
    }

    fn read(&self, source: &Source, context: &mut ReadContext) -> Result<ReadOutcome, ReadError> {
        if source.uri.matches(INSIDE).count() >= MAX_NESTING {
            return Err(ReadError::TooLarge {
                path: source.path.clone(),
                what: "the nesting of archives".to_owned(),
                limit: format!("{MAX_NESTING} levels"),
                found: "another archive inside".to_owned(),
                advice: UNPACK.into(),
            });
        }
        let mut archive = Archive::open(source, &mut context.report)?;
        let tables = GTFS_TABLES
            .iter()
            .filter(|table| archive.entries.iter().any(|entry| entry.base().eq_ignore_ascii_case(table)));
        let is_feed = tables.count() >= 2 || source.file_name().to_ascii_lowercase().ends_with(".gtfs.zip");
        if is_feed {
            // Its reader looks at the names itself.
            context.report = Report::default();
            return GtfsReader.read(source, context);
        }
        let _budget = Budget::begin(source);
        let (merged, checksum) = with_checksum(source, || read_entries(&mut archive, source, context));
        merged?.finish(source, checksum, context)
    }

    fn is_risky(&self) -> bool {
        true
    }
}

/// Data files of the archive, in the order of their names.
fn data_files(entries: &[Entry]) -> Vec<Entry> {
    // A tileset is one thing of many files, of which only the root is opened.
    let tilesets: Vec<&Entry> =
        entries.iter().filter(|entry| entry.base().eq_ignore_ascii_case("tileset.json")).collect();
    if let Some(depth) = tilesets.iter().map(|entry| entry.parts.len()).min() {
        return tilesets.into_iter().filter(|entry| entry.parts.len() == depth).cloned().collect();
    }
    let known: BTreeSet<&str> = READERS
        .iter()
        .flat_map(|reader| reader.extensions())
        .map(|extension| extension.rsplit('.').next().unwrap_or(extension))
        .collect();
    let is_data = |entry: &&Entry| {
        let extension = entry.extension();
        let extension = if extension == "gz" {
            let base = entry.base().to_ascii_lowercase();
            base.trim_end_matches(".gz").rsplit('.').next().unwrap_or_default().to_owned()
        } else {
            extension
        };
        // Descriptions beside the data: "a.shp.xml", "a.tif.aux.xml".
        let is_description = extension == "xml"
            && entry.base().to_ascii_lowercase().trim_end_matches(".xml").contains('.')
            && entries.iter().any(|other| {
                other.parts != entry.parts
                    && other.stem() == entry.stem()
                    && known.contains(other.extension().as_str())
            });
        known.contains(extension.as_str()) && !NOT_ALONE.contains(&extension.as_str()) && !is_description
    };
    entries.iter().filter(is_data).cloned().collect()
}

fn read_entries(
    archive: &mut Archive<'_>,
    source: &Source,
    context: &mut ReadContext,
) -> Result<Merged, ReadError> {
    let files = data_files(&archive.entries);
    if files.is_empty() {
        let names: Vec<String> = archive.entries.iter().take(8).map(Entry::name).collect();
        let found = match (names.is_empty(), &archive.refused) {
            (false, _) => names.join(", "),
            (true, None) => "no files".to_owned(),
            (true, Some(Refused { name, reason, count: 1 })) => format!("only \"{name}\" ({reason})"),
            (true, Some(Refused { name, reason, count })) => {
                format!("only {count} entries that are refused, the first \"{name}\" ({reason})")
            }
        };
        return Err(ReadError::Malformed {
            path: source.path.clone(),
            expected: "an archive with data files (shapefile, GML, GeoJSON, CityJSON, GTFS tables, …)"
                .to_owned(),
            found,
            location: "the archive".to_owned(),
            advice: "unpack it and open the files you need".to_owned(),
        });
    }
    let mut merged = Merged::default();
    let mut first_error = None;
    let mut used: BTreeSet<String> = BTreeSet::new();
    let total: u64 = files.iter().map(|file| file.size.max(1)).sum();
    let mut done = 0_u64;
    for file in &files {
        context.check_cancelled()?;
        let span = [done as f64 / total as f64, (done + file.size.max(1)) as f64 / total as f64];
        done += file.size.max(1);
        let folder = ScratchDir::new().map_err(|error| source.io_error(&error))?;
        // Formats that point at other files by name get the whole archive, the others only what shares their name.
        let needs_all = matches!(file.extension().as_str(), "obj" | "gltf") || file.base() == "tileset.json";
        let stem = file.stem();
        let companions: Vec<Entry> = archive
            .entries
            .iter()
            .filter(|entry| entry.parts != file.parts && (needs_all || entry.stem() == stem))
            .cloned()
            .collect();
        let path = archive.unpack(file, folder.path(), context)?;
        for companion in &companions {
            used.insert(companion.name());
            archive.unpack(companion, folder.path(), context)?;
        }
        used.insert(file.name());
        let inner_source = Source { uri: format!("{}{INSIDE}{}", source.uri, file.name()), path };
        let mut inner = ReadContext {
            target: context.target.or(merged.target()),
            assumed_crs: context.assumed_crs,
            report: Report::default(),
            limits: context.limits,
            progress: context.progress.piece(0.95 * span[0], 0.95 * span[1]),
            ..ReadContext::default()
        };
        match super::read(&inner_source, &mut inner) {
            Ok(outcome) => merged.add(&file.name(), outcome),
            Err(ReadError::Cancelled) => return Err(ReadError::Cancelled),
            Err(error) => {
                let error = in_archive(error, source, &file.name());
                context.report.error("archive-entry", file.name(), error.to_string());
                first_error.get_or_insert(error);
            }
        }
    }
    if let (true, Some(error)) = (merged.is_empty(), first_error) {
        return Err(error);
    }
    let unread: Vec<String> =
        archive.entries.iter().map(Entry::name).filter(|name| !used.contains(name)).collect();
    for name in unread {
        context.report.add(
            Severity::Info,
            "archive-entry",
            name,
            "no reader knows this kind of file; it is not read",
        );
    }
    Ok(merged)
}

/// The error with the archive and the entry for its file, as the private folder means nothing to anybody.
fn in_archive(error: ReadError, source: &Source, entry: &str) -> ReadError {
    error.at(&source.path.join(entry))
}
