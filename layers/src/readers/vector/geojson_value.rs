//! A GeoJSON geometry inside other JSON. Source: RFC 7946, section 3.1.

use geo::{
    Coord, Geometry, GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon, Point,
    Polygon,
};
use serde_json::Value;

/// The geometry of a GeoJSON geometry object; heights are dropped. `Err` says what is wrong.
pub(in crate::readers) fn geometry_from_json(value: &Value) -> Result<Geometry<f64>, String> {
    let kind = value.get("type").and_then(Value::as_str).unwrap_or_default();
    if kind == "GeometryCollection" {
        let parts = value.get("geometries").and_then(Value::as_array).ok_or("no geometries")?;
        let parts = parts.iter().map(geometry_from_json).collect::<Result<Vec<_>, _>>()?;
        return Ok(Geometry::GeometryCollection(GeometryCollection(parts)));
    }
    let coordinates = value.get("coordinates").ok_or("no coordinates")?;
    Ok(match kind {
        "Point" => Point(coord(coordinates)?).into(),
        "MultiPoint" => MultiPoint(line(coordinates)?.0.into_iter().map(Point).collect()).into(),
        "LineString" => line(coordinates)?.into(),
        "MultiLineString" => MultiLineString(list(coordinates, line)?).into(),
        "Polygon" => polygon(coordinates)?.into(),
        "MultiPolygon" => MultiPolygon(list(coordinates, polygon)?).into(),
        other => return Err(format!("the geometry type \"{}\"", other.chars().take(40).collect::<String>())),
    })
}

fn coord(value: &Value) -> Result<Coord<f64>, String> {
    let number = |position: usize| value.get(position).and_then(Value::as_f64);
    match (number(0), number(1)) {
        (Some(x), Some(y)) => Ok(Coord { x, y }),
        _ => Err("a position that is not two numbers".to_owned()),
    }
}

fn list<T>(value: &Value, read: impl Fn(&Value) -> Result<T, String>) -> Result<Vec<T>, String> {
    value.as_array().ok_or("no list of coordinates")?.iter().map(read).collect()
}

fn line(value: &Value) -> Result<LineString<f64>, String> {
    list(value, coord).map(LineString)
}

fn polygon(value: &Value) -> Result<Polygon<f64>, String> {
    let mut rings = list(value, line)?.into_iter();
    let outer = rings.next().filter(|ring| ring.0.len() >= 3).ok_or("a polygon without a ring")?;
    Ok(Polygon::new(outer, rings.collect()))
}
