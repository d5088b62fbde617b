//! CSV for spreadsheets and statistics: id, x and y (points) or WKT (lines and areas), attributes; units in the header.
//! A table has no place for its CRS, so two files beside it tell what QGIS and GDAL ask for: the types of the columns
//! (`.csvt`, with the columns of coordinates) and the CRS (`.prj`).

use std::{collections::HashSet, path::Path};

use super::{WriteError, atomically};
use crate::{
    crs::{Epsg, spatial_ref},
    model::{
        FeatureLayer, Value,
        attributes::{Column, ColumnValues},
    },
};

/// Writes one line a feature, coordinates in `crs`, and the files beside it. Text that a spreadsheet would take for a
/// formula gets an apostrophe in front.
pub fn write(path: &Path, layer: &FeatureLayer, crs: Epsg) -> Result<(), WriteError> {
    write_table(path, layer)?;
    let put = |extension: &str, text: String| {
        let beside = path.with_extension(extension);
        atomically(&beside, |temporary| {
            std::fs::write(temporary, text.as_bytes()).map_err(|error| WriteError::io(&beside, error))
        })
    };
    put("csvt", column_types(layer))?;
    if crs == Epsg::LOCAL {
        return Ok(());
    }
    let crs = if layer.heights.is_empty() { crs } else { crs.with_heights() };
    let unknown = |reason| WriteError::Crs { path: path.to_owned(), reason };
    let text =
        spatial_ref(crs).map_err(unknown)?.to_wkt().map_err(|e| WriteError::gdal(path, "the CRS", e))?;
    put("prj", text)
}

/// One type a column, as GDAL's driver for CSV describes them.
fn column_types(layer: &FeatureLayer) -> String {
    let place: &[&str] = match (is_points(layer), layer.heights.is_empty()) {
        (true, true) => &["CoordX", "CoordY"],
        (true, false) => &["CoordX", "CoordY", "Real"],
        (false, _) => &["WKT"],
    };
    let types = columns_of(layer).into_iter().map(|(_, column)| match column.values() {
        ColumnValues::Integer(_) => "Integer64",
        ColumnValues::Real(_) => "Real",
        ColumnValues::Bool(_) | ColumnValues::Text(_) | ColumnValues::Empty => "String",
    });
    let all: Vec<String> = ["String"]
        .into_iter()
        .chain(place.iter().copied())
        .chain(types)
        .map(|t| format!("\"{t}\""))
        .collect();
    all.join(",") + "\n"
}

/// The attributes with their names in the header. No name stands there twice, in capitals or not: an `id` that says what
/// the ids say is there already, and others get a number.
fn columns_of(layer: &FeatureLayer) -> Vec<(String, &Column)> {
    let mut taken: HashSet<String> = ["id", "x", "y", "z", "wkt"].map(str::to_owned).into();
    let is_id = |column: &Column| {
        column.name.eq_ignore_ascii_case("id")
            && layer.features.iter().enumerate().all(|(row, feature)| column.get(row).to_text() == feature.id)
    };
    let columns = layer.attributes.columns().iter().filter(|column| !is_id(column));
    let named = columns.map(|column| {
        let unit = column.unit.as_ref().map(|unit| format!(" [{unit}]")).unwrap_or_default();
        let mut name = format!("{}{unit}", column.name);
        let mut number = 2;
        while !taken.insert(name.to_lowercase()) {
            name = format!("{}_{number}{unit}", column.name);
            number += 1;
        }
        (name, column)
    });
    named.collect()
}

fn is_points(layer: &FeatureLayer) -> bool {
    let mut geometries = layer.features.iter().filter_map(|feature| feature.geometry.as_ref());
    geometries.all(|geometry| matches!(geometry, geo::Geometry::Point(_)))
}

fn write_table(path: &Path, layer: &FeatureLayer) -> Result<(), WriteError> {
    let failed = |error: csv::Error| WriteError::io(path, error);
    let (is_points, has_heights) = (is_points(layer), !layer.heights.is_empty());
    atomically(path, |temporary| {
        let mut out = csv::Writer::from_path(temporary).map_err(failed)?;
        let place: &[&str] = match (is_points, has_heights) {
            (true, false) => &["x", "y"],
            (true, true) => &["x", "y", "z"],
            (false, _) => &["wkt"],
        };
        let columns = columns_of(layer);
        let header: Vec<String> = std::iter::once("id".to_owned())
            .chain(place.iter().map(ToString::to_string))
            .chain(columns.iter().map(|(name, _)| name.clone()))
            .map(|name| safe(&name))
            .collect();
        out.write_record(&header).map_err(failed)?;
        for (row, feature) in layer.features.iter().enumerate() {
            let mut fields = vec![safe(&feature.id)];
            match (&feature.geometry, is_points) {
                (Some(geo::Geometry::Point(p)), true) => {
                    fields.extend([p.x().to_string(), p.y().to_string()]);
                }
                (_, true) => fields.extend([String::new(), String::new()]),
                (geometry, false) => fields.push(
                    geometry
                        .as_ref()
                        .map(|g| Wkt { heights: known_heights(layer, row) }.text(g))
                        .unwrap_or_default(),
                ),
            }
            if is_points && has_heights {
                let height = layer.heights_of(row).and_then(|heights| heights.first());
                let known = height.filter(|height| height.is_finite());
                fields.push(known.map(ToString::to_string).unwrap_or_default());
            }
            for (_, column) in &columns {
                fields.push(match column.get(row) {
                    Value::Text(text) => safe(&text),
                    other => other.to_text(),
                });
            }
            out.write_record(&fields).map_err(failed)?;
        }
        out.flush().map_err(|error| WriteError::io(path, error))
    })
}

/// Text that no spreadsheet takes for a formula.
pub fn safe(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

/// Well-known text has no word for an unknown height, so a shape has all of them or none.
fn known_heights(layer: &FeatureLayer, row: usize) -> Option<&[f64]> {
    layer.heights_of(row).filter(|heights| heights.iter().all(|height| height.is_finite()))
}

/// Well-known text; with heights where the feature has them.
struct Wkt<'a> {
    /// Heights of the corners that are still to come.
    heights: Option<&'a [f64]>,
}

impl Wkt<'_> {
    fn corner(&mut self, corner: geo::Coord<f64>) -> String {
        let Some((&height, rest)) = self.heights.and_then(<[f64]>::split_first) else {
            return format!("{} {}", corner.x, corner.y);
        };
        self.heights = Some(rest);
        format!("{} {} {height}", corner.x, corner.y)
    }

    fn points(&mut self, line: &geo::LineString<f64>) -> String {
        let list: Vec<String> = line.coords().map(|&corner| self.corner(corner)).collect();
        format!("({})", list.join(", "))
    }

    fn polygon(&mut self, polygon: &geo::Polygon<f64>) -> String {
        let rings = std::iter::once(polygon.exterior()).chain(polygon.interiors());
        let rings: Vec<String> = rings.map(|ring| self.points(ring)).collect();
        format!("({})", rings.join(", "))
    }

    fn text(&mut self, geometry: &geo::Geometry<f64>) -> String {
        use geo::Geometry as G;
        let z = if self.heights.is_some() { " Z" } else { "" };
        let joined = |parts: Vec<String>| format!("({})", parts.join(", "));
        match geometry {
            G::Point(p) => format!("POINT{z} ({})", self.corner(p.0)),
            G::MultiPoint(list) => {
                let points = list.iter().map(|p| format!("({})", self.corner(p.0))).collect();
                format!("MULTIPOINT{z} {}", joined(points))
            }
            G::LineString(line) => format!("LINESTRING{z} {}", self.points(line)),
            G::Line(line) => format!("LINESTRING{z} {}", self.points(&geo::LineString::from(*line))),
            G::MultiLineString(lines) => {
                let lines = lines.iter().map(|line| self.points(line)).collect();
                format!("MULTILINESTRING{z} {}", joined(lines))
            }
            G::Polygon(p) => format!("POLYGON{z} {}", self.polygon(p)),
            G::Rect(r) => format!("POLYGON{z} {}", self.polygon(&r.to_polygon())),
            G::Triangle(t) => format!("POLYGON{z} {}", self.polygon(&t.to_polygon())),
            G::MultiPolygon(list) => {
                let polygons = list.iter().map(|p| self.polygon(p)).collect();
                format!("MULTIPOLYGON{z} {}", joined(polygons))
            }
            G::GeometryCollection(parts) => {
                let parts = parts.iter().map(|part| self.text(part)).collect();
                format!("GEOMETRYCOLLECTION{z} {}", joined(parts))
            }
        }
    }
}
