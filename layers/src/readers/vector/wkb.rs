//! Well-known binary → flat `geo` geometries, checked at every step.

use geo::{
    Coord, Geometry, GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon, Point,
    Polygon,
};

use super::arc::{CHORD_ERROR_M, push_arc};

/// Deepest nesting of collections.
const MAX_DEPTH: u8 = 16;

/// Reads ISO or extended WKB; arcs become lines within [`CHORD_ERROR_M`], measures are dropped. `Err` says what is
/// wrong.
pub fn parse(bytes: &[u8]) -> Result<Geometry<f64>, String> {
    parse_with(bytes, CHORD_ERROR_M)
}

/// As [`parse`] with the largest distance between an arc and its lines, in the units of the coordinates.
pub fn parse_with(bytes: &[u8], chord_error: f64) -> Result<Geometry<f64>, String> {
    parse_solid(bytes, chord_error).map(|(geometry, _)| geometry)
}

/// As [`parse_with`] with the positions that have a height, in their order.
pub fn parse_solid(bytes: &[u8], chord_error: f64) -> Result<(Geometry<f64>, Vec<[f64; 3]>), String> {
    let mut cursor = Cursor { bytes, at: 0, chord_error, positions: Vec::new() };
    let geometry = cursor.geometry(0)?;
    Ok((geometry, cursor.positions))
}

struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
    chord_error: f64,
    positions: Vec<[f64; 3]>,
}

/// Header of one geometry: its flat type and numbers a point.
struct Header {
    kind: u32,
    dimensions: usize,
    has_height: bool,
    is_little: bool,
}

impl Cursor<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], String> {
        let end = self.at.checked_add(N).ok_or("an impossible length")?;
        let slice = self.bytes.get(self.at..end).ok_or("the end of the geometry inside a number")?;
        self.at = end;
        slice.try_into().map_err(|_| "a short number".to_owned())
    }

    fn u32(&mut self, is_little: bool) -> Result<u32, String> {
        let bytes = self.take::<4>()?;
        Ok(if is_little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    }

    fn f64(&mut self, is_little: bool) -> Result<f64, String> {
        let bytes = self.take::<8>()?;
        Ok(if is_little { f64::from_le_bytes(bytes) } else { f64::from_be_bytes(bytes) })
    }

    /// A count that the rest of the bytes can hold, each item needing at least `size` bytes.
    fn count(&mut self, is_little: bool, size: usize) -> Result<usize, String> {
        let count = self.u32(is_little)? as usize;
        let left = self.bytes.len() - self.at;
        if count.saturating_mul(size) > left {
            return Err(format!("{count} parts in {left} bytes"));
        }
        Ok(count)
    }

    fn header(&mut self) -> Result<Header, String> {
        let [order] = self.take::<1>()?;
        let is_little = match order {
            0 => false,
            1 => true,
            other => return Err(format!("byte order {other}")),
        };
        let code = self.u32(is_little)?;
        let (extended_z, extended_m) = (code & 0x8000_0000 != 0, code & 0x4000_0000 != 0);
        if code & 0x2000_0000 != 0 {
            self.u32(is_little)?;
        }
        let code = code & 0x1fff_ffff;
        let (iso, kind) = (code / 1000, code % 1000);
        let extra = match iso {
            0 => usize::from(extended_z) + usize::from(extended_m),
            1 | 2 => 1,
            3 => 2,
            other => return Err(format!("dimension {other}")),
        };
        let has_height = extended_z || matches!(iso, 1 | 3);
        Ok(Header { kind, dimensions: 2 + extra, has_height, is_little })
    }

    fn coord(&mut self, header: &Header) -> Result<Coord<f64>, String> {
        let (x, y) = (self.f64(header.is_little)?, self.f64(header.is_little)?);
        for position in 2..header.dimensions {
            let value = self.f64(header.is_little)?;
            // The height comes before the measure.
            if position == 2 && header.has_height && !x.is_nan() {
                self.positions.push([x, y, value]);
            }
        }
        Ok(Coord { x, y })
    }

    fn line(&mut self, header: &Header) -> Result<LineString<f64>, String> {
        let count = self.count(header.is_little, 8 * header.dimensions)?;
        (0..count).map(|_| self.coord(header)).collect::<Result<Vec<_>, _>>().map(LineString)
    }

    fn polygon(&mut self, header: &Header) -> Result<Polygon<f64>, String> {
        let count = self.count(header.is_little, 4)?;
        let mut rings = (0..count).map(|_| self.line(header)).collect::<Result<Vec<_>, _>>()?.into_iter();
        let outer = rings.next().unwrap_or_else(|| LineString(Vec::new()));
        Ok(Polygon::new(outer, rings.collect()))
    }

    fn geometry(&mut self, depth: u8) -> Result<Geometry<f64>, String> {
        if depth > MAX_DEPTH {
            return Err("collections too deep".to_owned());
        }
        let header = self.header()?;
        Ok(match header.kind {
            1 => {
                let coord = self.coord(&header)?;
                // WKB writes an empty point as NaN.
                if coord.x.is_nan() { MultiPoint(Vec::new()).into() } else { Point(coord).into() }
            }
            2 => self.line(&header)?.into(),
            3 | 17 => self.polygon(&header)?.into(),
            4 => {
                let parts = self.parts(&header, depth)?;
                MultiPoint(
                    parts
                        .into_iter()
                        .filter_map(|part| if let Geometry::Point(p) = part { Some(p) } else { None })
                        .collect(),
                )
                .into()
            }
            5 => {
                let parts = self.parts(&header, depth)?;
                let lines = parts
                    .into_iter()
                    .filter_map(|part| if let Geometry::LineString(l) = part { Some(l) } else { None });
                MultiLineString(lines.collect()).into()
            }
            6 | 15 | 16 => {
                let parts = self.parts(&header, depth)?;
                let polygons = parts
                    .into_iter()
                    .filter_map(|part| if let Geometry::Polygon(p) = part { Some(p) } else { None });
                MultiPolygon(polygons.collect()).into()
            }
            7 => Geometry::GeometryCollection(GeometryCollection(self.parts(&header, depth)?)),
            8 => arcs(&self.line(&header)?.0, self.chord_error).into(),
            9 => joined(lines_of(self.parts(&header, depth)?)).into(),
            10 => {
                let mut rings = lines_of(self.parts(&header, depth)?).into_iter();
                let outer = rings.next().unwrap_or_else(|| LineString(Vec::new()));
                Polygon::new(outer, rings.collect()).into()
            }
            11 => MultiLineString(lines_of(self.parts(&header, depth)?)).into(),
            12 => {
                let parts = self.parts(&header, depth)?;
                let polygons = parts
                    .into_iter()
                    .filter_map(|part| if let Geometry::Polygon(p) = part { Some(p) } else { None });
                MultiPolygon(polygons.collect()).into()
            }
            other => return Err(format!("geometry type {other}")),
        })
    }

    fn parts(&mut self, header: &Header, depth: u8) -> Result<Vec<Geometry<f64>>, String> {
        let count = self.count(header.is_little, 5)?;
        (0..count).map(|_| self.geometry(depth + 1)).collect()
    }
}

/// A circular string: every two points after the first are the middle and the end of an arc.
fn arcs(points: &[Coord<f64>], chord_error: f64) -> LineString<f64> {
    let mut line: Vec<Coord<f64>> = points.first().copied().into_iter().collect();
    for pair in points.get(1..).unwrap_or_default().chunks(2) {
        match (line.last().copied(), pair) {
            (Some(start), &[middle, end]) => push_arc(&mut line, start, middle, end, chord_error),
            (_, rest) => line.extend_from_slice(rest),
        }
    }
    LineString(line)
}

fn lines_of(parts: Vec<Geometry<f64>>) -> Vec<LineString<f64>> {
    parts
        .into_iter()
        .filter_map(|part| if let Geometry::LineString(line) = part { Some(line) } else { None })
        .collect()
}

/// One line of several that follow each other; the point where two meet is kept once.
pub(crate) fn joined(lines: Vec<LineString<f64>>) -> LineString<f64> {
    let mut all: Vec<Coord<f64>> = Vec::new();
    for line in lines {
        let is_met = all.last().is_some_and(|last| line.0.first() == Some(last));
        all.extend(line.0.into_iter().skip(usize::from(is_met)));
    }
    LineString(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(kind: u32, values: &[f64]) -> Vec<u8> {
        let mut bytes = vec![1];
        bytes.extend(kind.to_le_bytes());
        bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        bytes
    }

    #[test]
    fn points_are_flat_with_their_height_beside_them() {
        let expected = Geometry::Point(Point::new(1.0, 2.0));
        for (kind, values) in [
            (1, &[1.0, 2.0][..]),
            (1001, &[1.0, 2.0, 3.0]),
            (3001, &[1.0, 2.0, 3.0, 4.0]),
            (0x8000_0001, &[1.0, 2.0, 3.0]),
        ] {
            assert_eq!(parse(&point(kind, values)), Ok(expected.clone()), "{kind}");
            let heights = parse_solid(&point(kind, values), 0.1).unwrap().1;
            let expected = if kind == 1 { Vec::new() } else { vec![[1.0, 2.0, 3.0]] };
            assert_eq!(heights, expected, "{kind}");
        }
        let measured = parse_solid(&point(2001, &[1.0, 2.0, 3.0]), 0.1).unwrap().1;
        assert!(measured.is_empty(), "a measure is no height");
    }

    #[test]
    fn a_curve_polygon_of_arcs_and_lines_becomes_a_ring_of_lines() {
        // A half disc: an arc of radius 1 m and its chord.
        let mut bytes = vec![1];
        bytes.extend(10_u32.to_le_bytes());
        bytes.extend(1_u32.to_le_bytes());
        bytes.push(1);
        bytes.extend(9_u32.to_le_bytes());
        bytes.extend(2_u32.to_le_bytes());
        for (kind, values) in [(8_u32, &[1.0, 0.0, 0.0, 1.0, -1.0, 0.0][..]), (2, &[-1.0, 0.0, 1.0, 0.0])] {
            bytes.push(1);
            bytes.extend(kind.to_le_bytes());
            bytes.extend((values.len() as u32 / 2).to_le_bytes());
            bytes.extend(values.iter().flat_map(|value: &f64| value.to_le_bytes()));
        }
        let Ok(Geometry::Polygon(polygon)) = parse(&bytes) else { panic!("a polygon") };
        let area = geo::Area::unsigned_area(&polygon);
        assert!((area - std::f64::consts::FRAC_PI_2).abs() < 0.02, "{area}");
        assert!(polygon.exterior().is_closed());
    }

    #[test]
    fn broken_bytes_are_errors_and_claim_no_memory() {
        assert!(parse(&[]).is_err());
        assert!(parse(&[7, 1, 0, 0, 0]).is_err());
        assert!(parse(&point(1, &[1.0])).is_err());
        assert!(parse(&[1, 2, 0, 0, 0, 255, 255, 255, 255]).is_err(), "four billion points in no bytes");
        let nested: Vec<u8> = [1, 7, 0, 0, 0, 1, 0, 0, 0].repeat(64);
        assert!(parse(&nested).is_err());
    }
}
