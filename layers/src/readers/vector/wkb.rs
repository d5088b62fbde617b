//! Well-known binary → flat `geo` geometries, checked at every step.

use geo::{
    Coord, Geometry, GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon, Point,
    Polygon,
};

/// Deepest nesting of collections.
const MAX_DEPTH: u8 = 16;

/// Reads ISO or extended WKB; heights and measures are dropped. `Err` says what is wrong.
pub fn parse(bytes: &[u8]) -> Result<Geometry<f64>, String> {
    Cursor { bytes, at: 0 }.geometry(0)
}

struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// Header of one geometry: its flat type and numbers a point.
struct Header {
    kind: u32,
    dimensions: usize,
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
        Ok(Header { kind, dimensions: 2 + extra, is_little })
    }

    fn coord(&mut self, header: &Header) -> Result<Coord<f64>, String> {
        let (x, y) = (self.f64(header.is_little)?, self.f64(header.is_little)?);
        for _ in 2..header.dimensions {
            self.f64(header.is_little)?;
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
            other => return Err(format!("geometry type {other}")),
        })
    }

    fn parts(&mut self, header: &Header, depth: u8) -> Result<Vec<Geometry<f64>>, String> {
        let count = self.count(header.is_little, 5)?;
        (0..count).map(|_| self.geometry(depth + 1)).collect()
    }
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
    fn points_lose_their_height() {
        let expected = Geometry::Point(Point::new(1.0, 2.0));
        for (kind, values) in [
            (1, &[1.0, 2.0][..]),
            (1001, &[1.0, 2.0, 3.0]),
            (3001, &[1.0, 2.0, 3.0, 4.0]),
            (0x8000_0001, &[1.0, 2.0, 3.0]),
        ] {
            assert_eq!(parse(&point(kind, values)), Ok(expected.clone()), "{kind}");
        }
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
