//! GeoJSON (RFC 7946): degrees on WGS 84, so that every program puts it in the right place.

use std::{io::Write, path::Path};

use serde_json::{Map, Number, json};

use super::{WriteError, lon_lat, stream};
use crate::{
    crs::Epsg,
    model::{FeatureLayer, Value},
};

/// Writes a FeatureCollection. Cost: linear; one feature's text at a time is held in memory.
pub fn write(path: &Path, layer: &FeatureLayer, crs: Epsg) -> Result<(), WriteError> {
    stream(path, |out| {
        let mut put =
            |text: &str| out.write_all(text.as_bytes()).map_err(|error| WriteError::io(path, error));
        put(&format!("{{\"type\":\"FeatureCollection\",\"name\":{},\"features\":[", json!(layer.name)))?;
        for (row, feature) in layer.features.iter().enumerate() {
            let mut properties = Map::new();
            for (name, _, value) in layer.attributes.row(row) {
                properties.insert(name.to_owned(), json_value(value));
            }
            let geometry = feature.geometry.as_ref().map(|g| geometry_json(path, g, crs)).transpose()?;
            let text = json!({
                "type": "Feature", "id": feature.id, "geometry": geometry, "properties": properties,
            });
            put(if row > 0 { ",\n" } else { "\n" })?;
            put(&text.to_string())?;
        }
        put("\n]}\n")
    })
}

/// A number that JSON can hold; what is not finite becomes null.
fn json_value(value: Value) -> serde_json::Value {
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(value) => value.into(),
        Value::Integer(value) => value.into(),
        Value::Real(value) => Number::from_f64(value).map_or(serde_json::Value::Null, Into::into),
        Value::Text(text) => text.into(),
    }
}

fn geometry_json(
    path: &Path,
    geometry: &geo::Geometry<f64>,
    crs: Epsg,
) -> Result<serde_json::Value, WriteError> {
    use geo::Geometry as G;
    let place = |points: Vec<[f64; 2]>| -> Result<Vec<[f64; 2]>, WriteError> {
        let degrees = lon_lat(path, crs, &points)?;
        // A centimetre: more digits would claim what no source knows.
        Ok(degrees.into_iter().map(|p| p.map(|value| (value * 1e7).round() / 1e7)).collect())
    };
    let line = |line: &geo::LineString<f64>| place(line.coords().map(|c| [c.x, c.y]).collect());
    let polygon = |polygon: &geo::Polygon<f64>| -> Result<Vec<Vec<[f64; 2]>>, WriteError> {
        use geo::orient::{Direction, Orient};
        // Outer rings anticlockwise, holes clockwise, as the standard asks.
        let turned = polygon.orient(Direction::Default);
        std::iter::once(turned.exterior()).chain(turned.interiors()).map(line).collect()
    };
    let first = |points: Vec<[f64; 2]>| points.first().copied().unwrap_or_default();
    Ok(match geometry {
        G::Point(p) => json!({"type": "Point", "coordinates": first(place(vec![[p.x(), p.y()]])?)}),
        G::MultiPoint(points) => json!({
            "type": "MultiPoint", "coordinates": place(points.iter().map(|p| [p.x(), p.y()]).collect())?,
        }),
        G::LineString(l) => json!({"type": "LineString", "coordinates": line(l)?}),
        G::Line(l) => json!({"type": "LineString", "coordinates": line(&geo::LineString::from(*l))?}),
        G::MultiLineString(lines) => {
            let lines: Result<Vec<_>, _> = lines.iter().map(line).collect();
            json!({"type": "MultiLineString", "coordinates": lines?})
        }
        G::Polygon(p) => json!({"type": "Polygon", "coordinates": polygon(p)?}),
        G::Rect(r) => json!({"type": "Polygon", "coordinates": polygon(&r.to_polygon())?}),
        G::Triangle(t) => json!({"type": "Polygon", "coordinates": polygon(&t.to_polygon())?}),
        G::MultiPolygon(polygons) => {
            let polygons: Result<Vec<_>, _> = polygons.iter().map(polygon).collect();
            json!({"type": "MultiPolygon", "coordinates": polygons?})
        }
        G::GeometryCollection(parts) => {
            let parts: Result<Vec<_>, _> = parts.iter().map(|part| geometry_json(path, part, crs)).collect();
            json!({"type": "GeometryCollection", "geometries": parts?})
        }
    })
}
