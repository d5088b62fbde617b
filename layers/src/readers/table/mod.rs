//! Delimited text: points by coordinate columns, geometry in a column, or rows without a place that are joined by id.
//!
//! The separator, decimal commas, quotes, UTF-8 and Windows-1252 are found out by looking; what was assumed is told.

mod beside;
mod cell;
mod columns;
mod dialect;
pub mod join;
mod quotes;

use geo::CoordsIter;

use super::{
    FormatReader, ReadContext, ReadError, ReadOutcome, Severity, Source,
    input::{SMALLER, open_text, with_checksum},
    layer_id,
    placement::robust_bounds,
    text::decode,
    unique_ids::UniqueIds,
    values::{is_id_name, value_of},
    vector::assemble::{Assembly, Table},
};
use crate::{
    crs::{self, Epsg},
    model::{AttributeTable, Feature, FeatureLayer, Value},
};
use beside::{Beside, ColumnType};
use columns::{coordinate, plain_number, slots_of, unquoted};
use dialect::{PairKind, Place, delimiter_of, place_of};
pub use join::{JoinError, KeyJoin, join_table, match_keys};
use quotes::QuoteWatch;

/// `.csv`, `.tsv` with coordinates or geometry.
#[derive(Debug)]
pub struct CsvPointsReader;

/// `.csv`, `.tsv` without any: rows to be joined by a key.
#[derive(Debug)]
pub struct CsvTableReader;

/// Columns that a table may have.
const MAX_COLUMNS: usize = 4096;
/// Rows that a table may have.
const MAX_ROWS: usize = 16_000_000;

/// The names of the columns and the first row below them, from the first bytes.
fn header_of(head: &[u8]) -> Option<(Vec<String>, Vec<String>)> {
    if head.contains(&0) {
        return None;
    }
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter_of(head))
        .from_reader(head);
    let mut read = || {
        let mut record = csv::ByteRecord::new();
        reader.read_byte_record(&mut record).ok()?;
        Some(record.iter().map(|cell| decode(cell).0.trim().to_owned()).collect::<Vec<_>>())
    };
    let header = read()?;
    (header.len() > 1).then(|| (header, read().unwrap_or_default()))
}

impl FormatReader for CsvPointsReader {
    fn id(&self) -> &'static str {
        "csv-points"
    }

    fn title(&self) -> &'static str {
        "CSV table with coordinate columns"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["csv", "tsv"]
    }

    fn sniff(&self, head: &[u8], _: &str) -> bool {
        header_of(head).is_some_and(|(header, first)| place_of(&header, &first).is_some())
    }

    fn reads_other_files(&self, source: &Source) -> bool {
        beside::exists(&source.path)
    }

    fn read(&self, source: &Source, context: &mut ReadContext) -> Result<ReadOutcome, ReadError> {
        read(self.id(), source, context)
    }
}

impl FormatReader for CsvTableReader {
    fn id(&self) -> &'static str {
        "csv-table"
    }

    fn title(&self) -> &'static str {
        "CSV table without coordinates"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["csv", "tsv"]
    }

    fn sniff(&self, head: &[u8], file_name: &str) -> bool {
        let name = file_name.to_ascii_lowercase();
        let name = name.strip_suffix(".gz").unwrap_or(&name);
        let is_named =
            self.extensions().iter().any(|e| name.strip_suffix(e).is_some_and(|n| n.ends_with('.')));
        is_named
            && header_of(head).is_some_and(|(header, first)| {
                // A row of numbers on top is data, not names.
                let is_data = header.iter().all(|name| name.parse::<f64>().is_ok());
                !is_data && (first.is_empty() || first.len() > 1)
            })
    }

    fn reads_other_files(&self, source: &Source) -> bool {
        beside::exists(&source.path)
    }

    fn read(&self, source: &Source, context: &mut ReadContext) -> Result<ReadOutcome, ReadError> {
        read(self.id(), source, context)
    }
}

fn read(format: &'static str, source: &Source, context: &mut ReadContext) -> Result<ReadOutcome, ReadError> {
    let head = source.head()?;
    if head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]) {
        return Err(malformed(source, "UTF-16".to_owned(), "byte 0".to_owned(), "save the table as UTF-8"));
    }
    let (table, checksum) = with_checksum(source, || Rows::read(source, &head, context));
    let mut table = table?;
    if table.place.is_none() && !table.layer.features.is_empty() {
        context.report.add(
            Severity::Info,
            "no-coordinates",
            table.layer.name.clone(),
            "the table has no coordinates; its rows can be joined to a layer by a key they share",
        );
    }
    let stated = table.stated_crs(context);
    let assembly = Assembly {
        format,
        version: None,
        checksum,
        tables: vec![Table { layer: table.layer, crs: stated, may_be_swapped: table.place.is_some() }],
    };
    assembly.place(source, context)
}

fn malformed(source: &Source, found: String, location: String, advice: &str) -> ReadError {
    ReadError::Malformed {
        path: source.path.clone(),
        expected: "a table with coordinate columns such as lon and lat, or x and y, or a key to join by"
            .to_owned(),
        found,
        location,
        advice: advice.to_owned(),
    }
}

/// A table in its own coordinates.
struct Rows {
    layer: FeatureLayer,
    place: Option<Place>,
    /// From extended well-known text.
    crs: Option<Epsg>,
    beside: Beside,
    /// The column with the height of a point, where the files beside the table say that these are coordinates.
    height: Option<usize>,
}

impl Rows {
    fn read(source: &Source, head: &[u8], context: &mut ReadContext) -> Result<Self, ReadError> {
        let advice = "name the columns in the first row";
        let delimiter = delimiter_of(head);
        let first_row = header_of(head).map(|(_, first)| first).unwrap_or_default();
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .flexible(true)
            .has_headers(false)
            .from_reader(QuoteWatch::new(open_text(source)?, delimiter));
        let mut record = csv::ByteRecord::new();
        let has_header = reader
            .read_byte_record(&mut record)
            .map_err(|error| malformed(source, error.to_string(), "row 1".to_owned(), advice))?;
        if !has_header || record.len() > MAX_COLUMNS {
            let found = format!("{} columns", record.len());
            return Err(malformed(source, found, "row 1".to_owned(), advice));
        }
        let mut latin_rows: Vec<u64> = Vec::new();
        let mut text_of = |bytes: &[u8], row: u64| {
            let (text, is_latin) = decode(bytes);
            if is_latin && latin_rows.last() != Some(&row) {
                latin_rows.push(row);
            }
            text.trim_start_matches('\u{feff}').trim().to_owned()
        };
        let header: Vec<String> = record.iter().map(|cell| text_of(cell, 1)).collect();
        let beside = Beside::look(&source.path, header.len(), context);
        let place = match (
            beside.position(ColumnType::X),
            beside.position(ColumnType::Y),
            beside.position(ColumnType::Geometry),
        ) {
            (Some(x), Some(y), _) => Some(Place::Pair { x, y, kind: PairKind::Unknown }),
            (_, _, Some(column)) => Some(Place::Geometry { column }),
            _ => place_of(&header, &first_row),
        };
        let is_point = beside.position(ColumnType::X).is_some();
        let height = header.iter().position(|name| is_point && name.eq_ignore_ascii_case("z"));
        let mut attributes = AttributeTable::new();
        let slots = slots_of(&header, place, height, &mut attributes);
        let id_column = header.iter().position(|name| name.eq_ignore_ascii_case("id"));
        let size = source.size().max(1) as f64;
        let mut rows = Self {
            layer: FeatureLayer { name: layer_id(source), ..FeatureLayer::default() },
            place,
            crs: None,
            beside,
            height,
        };
        let mut ids = UniqueIds::default();
        let mut has_decimal_comma = false;
        loop {
            let row = rows.layer.features.len();
            let number = row as u64 + 2;
            match reader.read_byte_record(&mut record) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    context.report.error(
                        "row",
                        format!("row {number}"),
                        format!("expected another row, found: {error}; the rest is left out"),
                    );
                    break;
                }
            }
            if row.is_multiple_of(1024) {
                context.check_cancelled()?;
                let byte = record.position().map_or(0, csv::Position::byte);
                context.progress.set(0.8 * (byte as f64 / size).min(1.0));
            }
            if row >= MAX_ROWS {
                return Err(ReadError::TooLarge {
                    path: source.path.clone(),
                    what: "the table".to_owned(),
                    limit: format!("{MAX_ROWS} rows"),
                    found: "more".to_owned(),
                    advice: SMALLER.into(),
                });
            }
            if record.len() != header.len() {
                context.report.warn(
                    "row-length",
                    format!("row {number}"),
                    format!("expected {} cells, found {}", header.len(), record.len()),
                );
            }
            let mut cell = |index: usize| text_of(record.get(index).unwrap_or_default(), number);
            let geometry =
                place.and_then(|place| rows.geometry(place, delimiter, &mut cell, number, context));
            for (index, slot) in slots.iter().enumerate() {
                let Some(column) = slot else { continue };
                let text = cell(index);
                let is_id = header.get(index).is_some_and(|name| is_id_name(name));
                let is_text = rows.beside.is_text(index) && !matches!(text.as_str(), "true" | "false");
                let text = unquoted(text);
                let value = match plain_number(&text, delimiter).filter(|_| !is_id && !is_text) {
                    Some(number) => {
                        has_decimal_comma = true;
                        Value::Real(number)
                    }
                    None => value_of(&text, is_id || is_text),
                };
                attributes.set_at(row, *column, value);
            }
            if let Some(height) = rows.height.filter(|_| geometry.is_some()) {
                let height = coordinate(&cell(height), delimiter);
                rows.layer.heights.set(row, vec![height]);
            }
            let id = id_column.map(&mut cell).map(unquoted).filter(|id| !id.is_empty());
            let id = id.unwrap_or_else(|| (row + 1).to_string());
            if ids.is_taken(&id) {
                context.report.warn(
                    "duplicate-id",
                    format!("row {number}"),
                    format!("the id \"{id}\" was used before"),
                );
            }
            let id = ids.take(id, true);
            rows.layer.features.push(Feature { id, geometry });
        }
        attributes.grow(rows.layer.features.len());
        rows.layer.attributes = attributes;
        if let Some(line) = reader.into_inner().open_since() {
            context.report.error(
                "quote",
                format!("line {line}"),
                format!(
                    "expected a second quote (\") that closes the one on this line, found the end of the file; all text from there on was read as one cell of row {}, so rows are missing",
                    rows.layer.features.len() + 1
                ),
            );
        }
        if let Some(first) = latin_rows.first() {
            context.report.warn(
                "encoding",
                format!("row {first}"),
                format!(
                    "expected UTF-8, found other bytes in {} rows; they were read as Windows-1252 (Western European)",
                    latin_rows.len()
                ),
            );
        }
        if has_decimal_comma {
            context.report.add(
                Severity::Info,
                "decimal-comma",
                rows.layer.name.clone(),
                "numbers such as \"1,5\" were read with a decimal comma",
            );
        }
        Ok(rows)
    }

    /// The place of one row; a cell that holds none is told.
    fn geometry(
        &mut self,
        place: Place,
        delimiter: u8,
        cell: &mut dyn FnMut(usize) -> String,
        number: u64,
        context: &mut ReadContext,
    ) -> Option<geo::Geometry<f64>> {
        let mut tell = |found: &str, expected: &str| {
            let found: String = found.chars().take(60).collect();
            context.report.error(
                "coordinates",
                format!("row {number}"),
                format!("expected {expected}, found \"{found}\"; the row is kept without a place"),
            );
        };
        let (texts, [x, y]) = match place {
            Place::Geometry { column } => {
                let text = cell(column);
                if text.is_empty() {
                    return None;
                }
                return match cell::parse(&text) {
                    Ok((geometry, epsg)) => {
                        self.crs = self.crs.or(epsg);
                        Some(geometry).filter(|geometry| geometry.coords_iter().next().is_some())
                    }
                    Err(reason) => {
                        tell(&reason, "a geometry");
                        None
                    }
                };
            }
            Place::Pair { x, y, .. } => {
                let texts = [cell(x), cell(y)];
                let numbers = [coordinate(&texts[0], delimiter), coordinate(&texts[1], delimiter)];
                (texts.join("; "), numbers)
            }
            Place::LatLon { column } => {
                let text = cell(column);
                let mut parts = text.split([',', ';', ' ']).filter(|part| !part.is_empty());
                let mut next = || parts.next().map_or(f64::NAN, |part| coordinate(part, b','));
                let (lat, lon) = (next(), next());
                (text, [lon, lat])
            }
        };
        if texts.trim_matches([';', ' ']).is_empty() {
            return None;
        }
        if !(x.is_finite() && y.is_finite()) {
            tell(&texts, "two numbers");
            return None;
        }
        Some(geo::Point::new(x, y).into())
    }

    /// What the names of the columns or the cells say of the CRS; coordinates that no such name allows are taken out.
    fn stated_crs(&mut self, context: &mut ReadContext) -> Option<Epsg> {
        // A file made for the purpose says more than the names of columns.
        if let Some(stated) = self.crs.or(self.beside.crs) {
            return Some(stated);
        }
        if context.assumed_crs.is_some() {
            return None;
        }
        let kind = match self.place? {
            Place::Geometry { .. } => return None,
            Place::LatLon { .. } => PairKind::Degrees,
            Place::Pair { kind, .. } => kind,
        };
        match kind {
            PairKind::Unknown => None,
            PairKind::Rd => Some(Epsg::RD_NEW),
            PairKind::Degrees => {
                let point = |feature: &Feature| match feature.geometry {
                    Some(geo::Geometry::Point(point)) => Some([point.x(), point.y()]),
                    _ => None,
                };
                let points: Vec<[f64; 2]> = self.layer.features.iter().filter_map(point).collect();
                let bounds = robust_bounds(&points);
                if crs::looks_like_rd(&bounds) {
                    context.report.warn(
                        "crs-missing",
                        "the coordinate columns",
                        "the columns are named for degrees but hold metres that lie in the Netherlands, so RD New (EPSG:28992) was assumed",
                    );
                    return Some(Epsg::RD_NEW);
                }
                if crs::looks_swapped(&bounds) {
                    return Some(Epsg::WGS84);
                }
                for (row, feature) in self.layer.features.iter_mut().enumerate() {
                    let Some([x, y]) = point(feature) else { continue };
                    if x.abs() > 180.0 || y.abs() > 90.0 {
                        feature.geometry = None;
                        context.report.error(
                            "coordinates",
                            format!("row {}", row + 2),
                            format!(
                                "expected degrees (longitude −180 to 180, latitude −90 to 90), found {x}; {y}; the row is kept without a place"
                            ),
                        );
                    }
                }
                Some(Epsg::WGS84)
            }
        }
    }
}
