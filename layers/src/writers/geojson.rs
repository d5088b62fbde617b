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
            let mut positions = Positions { path, crs, heights: layer.heights_of(row) };
            let geometry = feature.geometry.as_ref().map(|g| geometry_json(g, &mut positions)).transpose()?;
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

/// Positions of one geometry as they are written: longitude, latitude and, where the feature has heights, the height.
struct Positions<'a> {
    path: &'a Path,
    crs: Epsg,
    /// Heights of the corners that are still to come.
    heights: Option<&'a [f64]>,
}

impl Positions<'_> {
    fn of(&mut self, points: &[[f64; 2]]) -> Result<Vec<Vec<f64>>, WriteError> {
        let degrees = lon_lat(self.path, self.crs, points)?;
        let (own, rest) = self.heights.map(|all| all.split_at(points.len().min(all.len()))).unzip();
        self.heights = rest;
        let position = |(number, point): (usize, [f64; 2])| -> Vec<f64> {
            // A centimetre: more digits would claim what no source knows.
            let mut position: Vec<f64> = point.map(|value| (value * 1e7).round() / 1e7).to_vec();
            let height = own.and_then(|own| own.get(number)).filter(|height| height.is_finite());
            position.extend(height.map(|height| (height * 1e3).round() / 1e3));
            position
        };
        Ok(degrees.into_iter().enumerate().map(position).collect())
    }

    fn line(&mut self, line: &geo::LineString<f64>) -> Result<Vec<Vec<f64>>, WriteError> {
        self.of(&line.coords().map(|c| [c.x, c.y]).collect::<Vec<_>>())
    }

    /// Outer rings anticlockwise, holes clockwise, as the standard asks.
    fn polygon(&mut self, polygon: &geo::Polygon<f64>) -> Result<Vec<Vec<Vec<f64>>>, WriteError> {
        use geo::winding_order::{Winding, WindingOrder};
        let wanted =
            std::iter::once(WindingOrder::CounterClockwise).chain(std::iter::repeat(WindingOrder::Clockwise));
        let rings = std::iter::once(polygon.exterior()).chain(polygon.interiors());
        rings
            .zip(wanted)
            .map(|(ring, wanted)| {
                let mut positions = self.line(ring)?;
                if ring.winding_order().is_some_and(|order| order != wanted) {
                    positions.reverse();
                }
                Ok(positions)
            })
            .collect()
    }
}

fn geometry_json(
    geometry: &geo::Geometry<f64>,
    to: &mut Positions<'_>,
) -> Result<serde_json::Value, WriteError> {
    use geo::Geometry as G;
    let first = |points: Vec<Vec<f64>>| points.into_iter().next().unwrap_or_default();
    Ok(match geometry {
        G::Point(p) => json!({"type": "Point", "coordinates": first(to.of(&[[p.x(), p.y()]])?)}),
        G::MultiPoint(points) => {
            let points: Vec<[f64; 2]> = points.iter().map(|p| [p.x(), p.y()]).collect();
            json!({"type": "MultiPoint", "coordinates": to.of(&points)?})
        }
        G::LineString(l) => json!({"type": "LineString", "coordinates": to.line(l)?}),
        G::Line(l) => json!({"type": "LineString", "coordinates": to.line(&geo::LineString::from(*l))?}),
        G::MultiLineString(lines) => {
            let lines: Result<Vec<_>, _> = lines.iter().map(|line| to.line(line)).collect();
            json!({"type": "MultiLineString", "coordinates": lines?})
        }
        G::Polygon(p) => json!({"type": "Polygon", "coordinates": to.polygon(p)?}),
        G::Rect(r) => json!({"type": "Polygon", "coordinates": to.polygon(&r.to_polygon())?}),
        G::Triangle(t) => json!({"type": "Polygon", "coordinates": to.polygon(&t.to_polygon())?}),
        G::MultiPolygon(polygons) => {
            let polygons: Result<Vec<_>, _> = polygons.iter().map(|polygon| to.polygon(polygon)).collect();
            json!({"type": "MultiPolygon", "coordinates": polygons?})
        }
        G::GeometryCollection(parts) => {
            let parts: Result<Vec<_>, _> = parts.iter().map(|part| geometry_json(part, to)).collect();
            json!({"type": "GeometryCollection", "geometries": parts?})
        }
    })
}
