//! Geometry in one cell of a table: well-known text, hexadecimal well-known binary, GeoJSON, or a list of points.

use std::ffi::CString;

use geo::{Coord, Geometry, LineString, Polygon};

use crate::{
    crs::Epsg,
    readers::vector::{arc::CHORD_ERROR_M, dataset::geometry_of, geojson_value::geometry_from_json, wkb},
};

/// Characters that one geometry may have.
const MAX_CELL: usize = 64 << 20;
/// Brackets in brackets: more than any geometry needs, less than a parser's stack.
const MAX_DEPTH: usize = 32;

const WORDS: [&str; 13] = [
    "POINT",
    "LINESTRING",
    "POLYGON",
    "MULTIPOINT",
    "MULTILINESTRING",
    "MULTIPOLYGON",
    "GEOMETRYCOLLECTION",
    "CURVEPOLYGON",
    "COMPOUNDCURVE",
    "CIRCULARSTRING",
    "MULTICURVE",
    "MULTISURFACE",
    "SRID=",
];

pub(super) fn looks_like_geometry(cell: &str) -> bool {
    let cell = cell.trim();
    let word: String = cell.chars().take(20).collect::<String>().to_ascii_uppercase();
    let is_text = WORDS.iter().any(|known| {
        word.strip_prefix(known)
            .is_some_and(|rest| *known == "SRID=" || rest.trim_start().starts_with(['(', 'Z', 'M', 'E']))
    });
    let is_hex = cell.len() >= 42
        && (cell.starts_with("01") || cell.starts_with("00"))
        && cell.bytes().take(42).all(|byte| byte.is_ascii_hexdigit());
    let is_json = cell.starts_with("[[") || (cell.starts_with('{') && cell.contains("\"coordinates\""));
    is_text || is_hex || is_json
}

/// The geometry and, for the extended forms, its CRS. `Err` says what is wrong.
pub(super) fn parse(cell: &str) -> Result<(Geometry<f64>, Option<Epsg>), String> {
    let cell = cell.trim();
    if cell.len() > MAX_CELL {
        return Err(format!("a geometry of {} characters", cell.len()));
    }
    if cell.starts_with('[') {
        return points(cell).map(|geometry| (geometry, None));
    }
    if cell.starts_with('{') {
        let value: serde_json::Value = serde_json::from_str(cell).map_err(|error| error.to_string())?;
        return geometry_from_json(&value).map(|geometry| (geometry, None));
    }
    if cell.starts_with(['0', '1']) {
        let bytes = from_hex(cell).ok_or("a number for a geometry")?;
        return wkb::parse(&bytes).map(|geometry| (geometry, srid_of(&bytes)));
    }
    let (text, epsg) = match cell.split_once(';') {
        Some((srid, text)) if srid.to_ascii_uppercase().starts_with("SRID=") => {
            (text, srid.get(5..).and_then(|code| code.trim().parse().ok()).map(Epsg))
        }
        _ => (cell, None),
    };
    let mut depth = 0_usize;
    for byte in text.bytes() {
        match byte {
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_DEPTH {
            return Err(format!("brackets nested deeper than {MAX_DEPTH}"));
        }
    }
    CString::new(text).map_err(|_| "a zero byte".to_owned())?;
    let geometry = gdal::vector::Geometry::from_wkt(text)
        .map_err(|_| format!("\"{}\"", text.chars().take(40).collect::<String>()))?;
    match geometry_of(&geometry, CHORD_ERROR_M)? {
        Some(geometry) => Ok((geometry, epsg.filter(|epsg| epsg.0 > 0))),
        None => Err("an empty geometry".to_owned()),
    }
}

/// `[[x, y], …]`: closed it is a polygon, open a line.
fn points(cell: &str) -> Result<Geometry<f64>, String> {
    let list: Vec<Vec<f64>> = serde_json::from_str(cell).map_err(|error| error.to_string())?;
    let coords = list
        .iter()
        .map(|point| match point.as_slice() {
            [x, y, ..] => Ok(Coord { x: *x, y: *y }),
            other => Err(format!("a point of {} numbers", other.len())),
        })
        .collect::<Result<Vec<_>, _>>()?;
    let line = LineString(coords);
    match line.0.len() {
        0 | 1 => Err(format!("a list of {} points", line.0.len())),
        4.. if line.is_closed() => Ok(Polygon::new(line, Vec::new()).into()),
        _ => Ok(line.into()),
    }
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    text.as_bytes()
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
            _ => None,
        })
        .collect()
}

/// The SRID of extended well-known binary.
fn srid_of(bytes: &[u8]) -> Option<Epsg> {
    let number = |at: usize| {
        let four: [u8; 4] = bytes.get(at..at + 4)?.try_into().ok()?;
        Some(if bytes.first() == Some(&1) { u32::from_le_bytes(four) } else { u32::from_be_bytes(four) })
    };
    let has_srid = number(1)? & 0x2000_0000 != 0;
    has_srid.then(|| number(5)).flatten().filter(|&code| code > 0 && code < 1_000_000).map(Epsg)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_spellings_are_read() {
        let point = Geometry::Point(geo::Point::new(5.0, 52.0));
        for (cell, epsg) in [
            ("POINT (5 52)", None),
            ("point z(5 52 3)", None),
            ("SRID=28992;POINT(5 52)", Some(Epsg(28992))),
            ("{\"type\": \"Point\", \"coordinates\": [5, 52]}", None),
            ("010100000000000000000014400000000000004a40", None),
            ("0101000020E610000000000000000014400000000000004A40", Some(Epsg(4326))),
        ] {
            assert!(looks_like_geometry(cell), "{cell}");
            assert_eq!(parse(cell), Ok((point.clone(), epsg)), "{cell}");
        }
        assert!(matches!(parse("[[0, 0], [1, 0], [1, 1], [0, 0]]"), Ok((Geometry::Polygon(_), None))));
        assert!(matches!(parse("[[0, 0], [1, 0]]"), Ok((Geometry::LineString(_), None))));
        assert!(matches!(
            parse("CURVEPOLYGON(CIRCULARSTRING(0 0, 1 1, 2 0, 1 -1, 0 0))"),
            Ok((Geometry::Polygon(_), None))
        ));
    }

    #[test]
    fn nonsense_is_an_error_and_claims_nothing() {
        for cell in
            ["POINT (a b)", "POLYGON ((0 0", "0101", "[[1]]", "[[]]", "{\"type\": \"Point\"}", "[[1,2]"]
        {
            assert!(parse(cell).is_err(), "{cell}");
        }
        let deep = "GEOMETRYCOLLECTION(".repeat(100_000);
        assert!(parse(&deep).is_err());
        for cell in ["pointless", "0100", "polygon", "1", "lijn (1)"] {
            assert!(!looks_like_geometry(cell), "{cell}");
        }
    }
}
