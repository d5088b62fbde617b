//! Shapefile, FlatGeobuf, SQLite/SpatiaLite, KML, GPX, DXF and MapInfo.

use super::dataset::{GdalFormat, read};
use crate::readers::{
    FormatReader, ReadContext, ReadError, ReadOutcome, Source,
    input::{doctype_refused, open_text},
};

/// ESRI Shapefile with its `.dbf`, `.prj` and `.cpg`.
#[derive(Debug)]
pub struct ShapefileReader;

/// FlatGeobuf.
#[derive(Debug)]
pub struct FlatGeobufReader;

/// SQLite with or without SpatiaLite metadata.
#[derive(Debug)]
pub struct SqliteReader;

/// KML 2.2.
#[derive(Debug)]
pub struct KmlReader;

/// GPS Exchange Format.
#[derive(Debug)]
pub struct GpxReader;

/// AutoCAD DXF.
#[derive(Debug)]
pub struct DxfReader;

/// MapInfo interchange (`.mif` with `.mid`) and native tables (`.tab`).
#[derive(Debug)]
pub struct MapInfoReader;

fn has_extension(file_name: &str, extensions: &[&str]) -> bool {
    let lower = file_name.to_ascii_lowercase();
    extensions.iter().any(|extension| lower.strip_suffix(extension).is_some_and(|stem| stem.ends_with('.')))
}

/// The name of the first XML element in `head`, without its prefix.
pub(in crate::readers) fn root_element(head: &[u8]) -> Option<String> {
    let mut rest = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    loop {
        let open = rest.iter().position(|&byte| byte == b'<')?;
        if rest.get(..open)?.iter().any(|byte| !byte.is_ascii_whitespace()) {
            return None;
        }
        rest = rest.get(open + 1..)?;
        if rest.starts_with(b"?") || rest.starts_with(b"!") {
            let has_subset = || {
                let bracket = rest.iter().position(|&byte| byte == b'[');
                bracket.is_some() && bracket < rest.iter().position(|&byte| byte == b'>')
            };
            let end: &[u8] = if rest.starts_with(b"!--") {
                b"-->"
            } else if rest.starts_with(b"!DOCTYPE") && has_subset() {
                b"]>"
            } else {
                b">"
            };
            let at = rest.windows(end.len()).position(|window| window == end)?;
            rest = rest.get(at + end.len()..)?;
            continue;
        }
        let length = rest
            .iter()
            .position(|&byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/'))
            .unwrap_or(rest.len());
        let name = String::from_utf8_lossy(rest.get(..length)?).into_owned();
        return Some(name.rsplit(':').next().unwrap_or_default().to_owned());
    }
}

/// Refuses what no data file needs and parsers have been attacked with: a document type.
fn refuse_doctype(source: &Source, title: &str, context: &ReadContext) -> Result<(), ReadError> {
    use quick_xml::{Reader, events::Event};
    let mut reader = Reader::from_reader(open_text(source)?);
    let mut buffer = Vec::new();
    loop {
        context.check_cancelled()?;
        buffer.clear();
        let position = reader.buffer_position();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::DocType(_)) => {
                return Err(doctype_refused(&source.path, title, position));
            }
            // Faults after the first element are for the reader itself to name.
            Ok(Event::Start(_) | Event::Empty(_) | Event::Eof) | Err(_) => return Ok(()),
            Ok(_) => {}
        }
    }
}

impl FormatReader for ShapefileReader {
    fn id(&self) -> &'static str {
        "shapefile"
    }

    fn title(&self) -> &'static str {
        "Shapefile"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["shp"]
    }

    fn sniff(&self, head: &[u8], file_name: &str) -> bool {
        // File code 9994, version 1000; the index begins in the same way.
        !has_extension(file_name, &["shx"])
            && head.starts_with(&[0, 0, 0x27, 0x0a])
            && head.get(28..32) == Some(&[0xe8, 3, 0, 0])
    }

    fn read(&self, source: &Source, context: &mut ReadContext) -> Result<ReadOutcome, ReadError> {
        check_shapefile(source, context)?;
        read(&GdalFormat::new(self.id(), self.title(), "ESRI Shapefile"), source, context)
    }

    fn is_risky(&self) -> bool {
        true
    }

    fn reads_other_files(&self, _source: &Source) -> bool {
        true
    }
}

/// A shapefile is three files or more: names what is missing or does not fit before GDAL says something vaguer.
fn check_shapefile(source: &Source, context: &mut ReadContext) -> Result<(), ReadError> {
    let sibling = |extension: &str| {
        [extension.to_owned(), extension.to_ascii_uppercase()]
            .into_iter()
            .map(|extension| source.path.with_extension(extension))
            .find(|path| path.is_file())
    };
    if sibling("shx").is_none() {
        return Err(ReadError::Malformed {
            path: source.path.clone(),
            expected: "the index file .shx beside the .shp".to_owned(),
            found: "none".to_owned(),
            location: "the folder of the file".to_owned(),
            advice: "a shapefile is several files of one name (.shp, .shx, .dbf, .prj); keep them together"
                .to_owned(),
        });
    }
    if sibling("dbf").is_none() {
        context.report.warn(
            "sidecar-missing",
            source.file_name(),
            "expected the attribute table .dbf beside the .shp, found none; the features have no attributes",
        );
    }
    let head = source.head()?;
    let stated = head.get(24..28).and_then(|bytes| bytes.try_into().ok()).map(u32::from_be_bytes);
    let stated = u64::from(stated.unwrap_or_default()) * 2;
    if stated > source.size() {
        context.report.error(
            "file-short",
            source.file_name(),
            format!(
                "expected {stated} bytes by the file's own header, found {}; the download was cut off",
                source.size()
            ),
        );
    }
    Ok(())
}

impl FormatReader for FlatGeobufReader {
    fn id(&self) -> &'static str {
        "flatgeobuf"
    }

    fn title(&self) -> &'static str {
        "FlatGeobuf"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["fgb"]
    }

    fn sniff(&self, head: &[u8], _: &str) -> bool {
        head.starts_with(b"fgb\x03fgb")
    }

    fn read(&self, source: &Source, context: &mut ReadContext) -> Result<ReadOutcome, ReadError> {
        let mut format = GdalFormat::new(self.id(), self.title(), "FlatGeobuf");
        format.open_options = &["VERIFY_BUFFERS=YES"];
        read(&format, source, context)
    }

    fn is_risky(&self) -> bool {
        true
    }
}

impl FormatReader for SqliteReader {
    fn id(&self) -> &'static str {
        "sqlite"
    }

    fn title(&self) -> &'static str {
        "SQLite or SpatiaLite database"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["sqlite", "db", "sqlite3"]
    }

    fn sniff(&self, head: &[u8], file_name: &str) -> bool {
        head.starts_with(b"SQLite format 3\0") && !has_extension(file_name, &["gpkg", "mbtiles"])
    }

    fn read(&self, source: &Source, context: &mut ReadContext) -> Result<ReadOutcome, ReadError> {
        let prepared = super::sqlite_schema::prepare(source, self.title(), context)?;
        let source = prepared.as_ref().map_or(source, |(_, local)| local);
        super::gpkg_checks::check_database(source, "SQLite", context);
        let mut format = GdalFormat::new(self.id(), self.title(), "SQLite");
        format.open_options = &["LIST_ALL_TABLES=NO"];
        read(&format, source, context)
    }

    fn is_risky(&self) -> bool {
        true
    }
}

impl FormatReader for KmlReader {
    fn id(&self) -> &'static str {
        "kml"
    }

    fn title(&self) -> &'static str {
        "KML"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["kml"]
    }

    fn sniff(&self, head: &[u8], _: &str) -> bool {
        root_element(head).as_deref() == Some("kml")
    }

    fn read(&self, source: &Source, context: &mut ReadContext) -> Result<ReadOutcome, ReadError> {
        refuse_doctype(source, self.title(), context)?;
        let mut format = GdalFormat::new(self.id(), self.title(), "LIBKML");
        format.skips_empty = true;
        read(&format, source, context)
    }

    fn is_risky(&self) -> bool {
        true
    }
}

impl FormatReader for GpxReader {
    fn id(&self) -> &'static str {
        "gpx"
    }

    fn title(&self) -> &'static str {
        "GPX track"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["gpx"]
    }

    fn sniff(&self, head: &[u8], _: &str) -> bool {
        root_element(head).as_deref() == Some("gpx")
    }

    fn read(&self, source: &Source, context: &mut ReadContext) -> Result<ReadOutcome, ReadError> {
        refuse_doctype(source, self.title(), context)?;
        let mut format = GdalFormat::new(self.id(), self.title(), "GPX");
        format.skips_empty = true;
        read(&format, source, context)
    }

    fn is_risky(&self) -> bool {
        true
    }
}

impl FormatReader for DxfReader {
    fn id(&self) -> &'static str {
        "dxf"
    }

    fn title(&self) -> &'static str {
        "DXF drawing"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["dxf"]
    }

    fn sniff(&self, head: &[u8], file_name: &str) -> bool {
        let text = String::from_utf8_lossy(head);
        let mut lines = text.lines().map(str::trim);
        let first = lines.next().unwrap_or_default();
        // A comment (group 999) or the first section (group 0).
        matches!(first, "0" | "999")
            && (text.contains("SECTION") || has_extension(file_name, self.extensions()))
            && has_extension(file_name, self.extensions())
    }

    fn read(&self, source: &Source, context: &mut ReadContext) -> Result<ReadOutcome, ReadError> {
        read(&GdalFormat::new(self.id(), self.title(), "DXF"), source, context)
    }

    fn is_risky(&self) -> bool {
        true
    }
}

impl FormatReader for MapInfoReader {
    fn id(&self) -> &'static str {
        "mapinfo"
    }

    fn title(&self) -> &'static str {
        "MapInfo table"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["mif", "tab"]
    }

    fn sniff(&self, head: &[u8], file_name: &str) -> bool {
        let text = String::from_utf8_lossy(head).to_ascii_lowercase();
        let start = text.trim_start();
        (start.starts_with("version") && has_extension(file_name, &["mif"]))
            || (start.starts_with("!table") && has_extension(file_name, &["tab"]))
    }

    fn read(&self, source: &Source, context: &mut ReadContext) -> Result<ReadOutcome, ReadError> {
        let text = String::from_utf8_lossy(&source.head()?).to_ascii_lowercase();
        // Views and seamless tables name other files, which may lie anywhere.
        if text.trim_start().starts_with("!table")
            && (!text.contains("type native") || text.contains("open table") || text.contains("\\isseamless"))
        {
            return Err(ReadError::Malformed {
                path: source.path.clone(),
                expected: "a table that holds its own data (Type NATIVE)".to_owned(),
                found: "a table that points at other files".to_owned(),
                location: "the definition".to_owned(),
                advice: "open those tables themselves, or export to GeoPackage".to_owned(),
            });
        }
        read(&GdalFormat::new(self.id(), self.title(), "MapInfo File"), source, context)
    }

    fn is_risky(&self) -> bool {
        true
    }

    fn reads_other_files(&self, _source: &Source) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_element_is_found_behind_declarations_and_comments() {
        for (text, name) in [
            ("<?xml version=\"1.0\"?>\n<!-- <gpx> -->\n<kml xmlns=\"x\">", Some("kml")),
            ("\u{feff}<gml:FeatureCollection>", Some("FeatureCollection")),
            ("<a/>", Some("a")),
            ("<!DOCTYPE a [<!ENTITY x \"y\">]><b c='d'>", Some("b")),
            ("<!DOCTYPE a><a>", Some("a")),
            ("{\"a\": \"<kml>\"}", None),
            ("<!-- never closed", None),
            ("", None),
        ] {
            assert_eq!(root_element(text.as_bytes()).as_deref(), name, "{text}");
        }
    }
}
