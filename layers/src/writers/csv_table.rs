//! CSV for spreadsheets and statistics: id, x and y (points) or WKT (lines and areas), attributes; units in the header.

use std::path::Path;

use super::{WriteError, atomically};
use crate::model::{FeatureLayer, Value};

/// Writes one line a feature, coordinates in the layer's own CRS. Text that a spreadsheet would take for a formula gets
/// an apostrophe in front.
pub fn write(path: &Path, layer: &FeatureLayer) -> Result<(), WriteError> {
    let failed = |error: csv::Error| WriteError::io(path, error);
    let is_points = layer
        .features
        .iter()
        .filter_map(|feature| feature.geometry.as_ref())
        .all(|geometry| matches!(geometry, geo::Geometry::Point(_)));
    atomically(path, |temporary| {
        let mut out = csv::Writer::from_path(temporary).map_err(failed)?;
        let place: &[&str] = if is_points { &["x", "y"] } else { &["wkt"] };
        let names = layer.attributes.columns().iter().map(|column| match &column.unit {
            Some(unit) => format!("{} [{unit}]", column.name),
            None => column.name.clone(),
        });
        let header: Vec<String> = std::iter::once("id".to_owned())
            .chain(place.iter().map(ToString::to_string))
            .chain(names)
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
                (geometry, false) => fields.push(geometry.as_ref().map(wkt).unwrap_or_default()),
            }
            for column in layer.attributes.columns() {
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

/// Well-known text of a geometry.
fn wkt(geometry: &geo::Geometry<f64>) -> String {
    use geo::Geometry as G;
    let points = |line: &geo::LineString<f64>| {
        let list: Vec<String> = line.coords().map(|c| format!("{} {}", c.x, c.y)).collect();
        format!("({})", list.join(", "))
    };
    let polygon = |p: &geo::Polygon<f64>| {
        let rings: Vec<String> = std::iter::once(p.exterior()).chain(p.interiors()).map(points).collect();
        format!("({})", rings.join(", "))
    };
    let joined = |parts: Vec<String>| format!("({})", parts.join(", "));
    match geometry {
        G::Point(p) => format!("POINT ({} {})", p.x(), p.y()),
        G::MultiPoint(list) => {
            format!("MULTIPOINT {}", joined(list.iter().map(|p| format!("({} {})", p.x(), p.y())).collect()))
        }
        G::LineString(line) => format!("LINESTRING {}", points(line)),
        G::Line(line) => format!("LINESTRING {}", points(&geo::LineString::from(*line))),
        G::MultiLineString(lines) => {
            format!("MULTILINESTRING {}", joined(lines.iter().map(points).collect()))
        }
        G::Polygon(p) => format!("POLYGON {}", polygon(p)),
        G::Rect(r) => format!("POLYGON {}", polygon(&r.to_polygon())),
        G::Triangle(t) => format!("POLYGON {}", polygon(&t.to_polygon())),
        G::MultiPolygon(list) => format!("MULTIPOLYGON {}", joined(list.iter().map(polygon).collect())),
        G::GeometryCollection(parts) => {
            format!("GEOMETRYCOLLECTION {}", joined(parts.iter().map(wkt).collect()))
        }
    }
}
