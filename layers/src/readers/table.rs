//! Points from a delimited text table with coordinate columns: `lon`/`lat`, `x`/`y` and their usual spellings.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    FormatReader, Inspection, ReadContext, ReadError, ReadOutcome, Source,
    input::{open_text, with_checksum},
    layer_id,
    placement::{Placement, Unlabelled, robust_bounds},
    values::value_of,
};
use crate::{
    crs::Epsg,
    model::{AttributeTable, Bounds3, Feature, FeatureLayer, Layer, LayerData, Provenance},
};

/// `.csv`, `.tsv`
#[derive(Debug)]
pub struct CsvPointsReader;

const X_NAMES: [&str; 9] = ["lon", "lng", "long", "longitude", "x", "rd_x", "x_rd", "easting", "stop_lon"];
const Y_NAMES: [&str; 9] =
    ["lat", "lat", "latitude", "latitude", "y", "rd_y", "y_rd", "northing", "stop_lat"];
/// Columns that are degrees by their name.
const DEGREE_NAMES: [&str; 5] = ["lon", "lng", "long", "longitude", "stop_lon"];

/// Where the coordinates are in a header row.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Columns {
    x: usize,
    y: usize,
    is_degrees: bool,
}

fn find_columns(header: &csv::StringRecord) -> Option<Columns> {
    let names: Vec<String> =
        header.iter().map(|name| name.trim_start_matches('\u{feff}').trim().to_ascii_lowercase()).collect();
    let position =
        |wanted: &[&str]| wanted.iter().find_map(|name| names.iter().position(|found| found == name));
    let (x, y) = (position(&X_NAMES)?, position(&Y_NAMES)?);
    let is_degrees = names.get(x).is_some_and(|name| DEGREE_NAMES.contains(&name.as_str()));
    Some(Columns { x, y, is_degrees })
}

/// The separator that the first line uses most.
fn delimiter_of(line: &[u8]) -> u8 {
    let text = String::from_utf8_lossy(line);
    let count = |wanted: u8| text.matches(char::from(wanted)).count();
    [b',', b';', b'\t', b'|'].into_iter().max_by_key(|&byte| (count(byte), byte == b',')).unwrap_or(b',')
}

fn first_line(head: &[u8]) -> &[u8] {
    head.split(|&byte| byte == b'\n').next().unwrap_or_default()
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
        let line = first_line(head);
        if line.contains(&0) {
            return false;
        }
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).delimiter(delimiter_of(line)).from_reader(line);
        let mut record = csv::StringRecord::new();
        reader.read_record(&mut record).unwrap_or(false)
            && record.len() > 1
            && find_columns(&record).is_some()
    }

    fn read(&self, source: &Source, context: &mut ReadContext) -> Result<ReadOutcome, ReadError> {
        let head = source.head()?;
        let delimiter = delimiter_of(first_line(&head));
        let (table, checksum) = with_checksum(source, || read_rows(source, delimiter, context));
        let Rows { mut layer, mut points, columns } = table?;
        let bounds = robust_bounds(&points);
        let stated = (columns.is_degrees && context.assumed_crs.is_none()).then_some(Epsg::WGS84);
        let placement = Placement::decide(source, stated, &bounds, Unlabelled::MetricOrDegrees, context)?;
        let source_bounds = Bounds3::from_points(points.iter().map(|&[x, y]| [x, y, 0.0]));
        placement.apply_2d(&mut points);
        for (row, (feature, [x, y])) in layer.features.iter_mut().zip(points).enumerate() {
            if x.is_finite() {
                feature.geometry = Some(geo::Point::new(x, y).into());
            } else {
                context.report.error(
                    "coordinates",
                    format!("row {}", row + 2),
                    "the coordinates are no numbers or lie nowhere on Earth; the row is kept without a place",
                );
            }
        }
        layer.role = layer.guess_role();
        let faults = std::mem::take(&mut context.report).finish();
        let features = layer.features.len() as u64;
        let inspection = Inspection {
            uri: source.uri.clone(),
            format: self.id(),
            version: None,
            crs: placement.stated_text(),
            bbox: source_bounds.to_array(),
            counts: BTreeMap::from([(layer.name.clone(), features)]),
            features,
            lods: Vec::new(),
            fields: layer.attributes.columns().iter().map(|column| column.name.clone()).collect(),
            time: None,
            faults: faults.clone(),
        };
        let layer = Layer {
            id: layer_id(source),
            title: layer.name.clone(),
            provenance: Provenance {
                source: source.file_name().to_owned(),
                checksum,
                ..Provenance::default()
            },
            data: LayerData::Features(Arc::new(layer)),
            faults,
        };
        context.progress.set(1.0);
        Ok(ReadOutcome { layers: vec![layer], inspection, crs: placement.target })
    }
}

struct Rows {
    layer: FeatureLayer,
    points: Vec<[f64; 2]>,
    columns: Columns,
}

fn read_rows(source: &Source, delimiter: u8, context: &mut ReadContext) -> Result<Rows, ReadError> {
    let malformed = |found: String, location: String| ReadError::Malformed {
        path: source.path.clone(),
        expected: "a table with coordinate columns such as lon and lat, or x and y".to_owned(),
        found,
        location,
        advice: "name the columns in the first row".to_owned(),
    };
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(open_text(source)?);
    let header = reader.headers().map_err(|error| malformed(error.to_string(), "row 1".to_owned()))?.clone();
    let columns = find_columns(&header)
        .ok_or_else(|| malformed(header.iter().collect::<Vec<_>>().join(", "), "row 1".to_owned()))?;
    let size = source.size().max(1) as f64;
    let mut attributes = AttributeTable::new();
    let names: Vec<String> =
        header.iter().map(|name| name.trim_start_matches('\u{feff}').trim().to_owned()).collect();
    let id_column = names.iter().position(|name| name.eq_ignore_ascii_case("id"));
    let slots: Vec<Option<usize>> = names
        .iter()
        .enumerate()
        .map(|(index, name)| {
            let is_attribute = index != columns.x && index != columns.y && !name.is_empty();
            is_attribute.then(|| attributes.ensure_column(name, None))
        })
        .collect();
    let mut features: Vec<Feature> = Vec::new();
    let mut points: Vec<[f64; 2]> = Vec::new();
    let mut ids = std::collections::HashSet::new();
    let mut record = csv::ByteRecord::new();
    loop {
        let row = features.len();
        match reader.read_byte_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                context.report.error("row", format!("row {}", row + 2), error.to_string());
                break;
            }
        }
        if row.is_multiple_of(1024) {
            context.check_cancelled()?;
            context
                .progress
                .set(0.9 * (record.position().map_or(0, csv::Position::byte) as f64 / size).min(1.0));
        }
        let cell =
            |index: usize| String::from_utf8_lossy(record.get(index).unwrap_or_default()).trim().to_owned();
        let coordinate = |index: usize| {
            let text = cell(index);
            // A decimal comma is possible where the comma does not separate.
            let text = if delimiter == b',' { text } else { text.replace(',', ".") };
            text.parse::<f64>().unwrap_or(f64::NAN)
        };
        points.push([coordinate(columns.x), coordinate(columns.y)]);
        for (index, slot) in slots.iter().enumerate() {
            if let Some(column) = slot {
                attributes.set_at(row, *column, value_of(&cell(index), Some(index) == id_column));
            }
        }
        let mut id = id_column.map(cell).filter(|id| !id.is_empty()).unwrap_or_else(|| (row + 1).to_string());
        if !ids.insert(id.clone()) {
            context.report.warn(
                "duplicate-id",
                format!("row {}", row + 2),
                format!("the id \"{id}\" was used before"),
            );
            id = format!("{id}#{}", row + 1);
            ids.insert(id.clone());
        }
        features.push(Feature { id, geometry: None });
    }
    attributes.grow(features.len());
    let layer = FeatureLayer { name: layer_id(source), features, attributes, ..FeatureLayer::default() };
    Ok(Rows { layer, points, columns })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinate_columns_are_found_by_their_usual_names() {
        let find = |text: &str| find_columns(&csv::StringRecord::from(text.split(',').collect::<Vec<_>>()));
        assert_eq!(find("id,lon,lat,population"), Some(Columns { x: 1, y: 2, is_degrees: true }));
        assert_eq!(find("id,lat,lon"), Some(Columns { x: 2, y: 1, is_degrees: true }));
        assert_eq!(find("X,Y,naam"), Some(Columns { x: 0, y: 1, is_degrees: false }));
        assert_eq!(find("osm_id,lts"), None);
        assert_eq!(delimiter_of(b"a;b;c,d"), b';');
    }
}
