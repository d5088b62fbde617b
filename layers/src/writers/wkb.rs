//! Flat geometries and their heights as well-known binary and text with three numbers a position.

use geo::{CoordsIter, Geometry, LineString, Polygon};

/// ISO WKB, little-endian, with heights. `heights` has one number for each corner in the order of `CoordsIter`; a corner
/// without a known one gets NaN.
pub(super) fn solid_wkb(geometry: &Geometry<f64>, heights: &[f64]) -> Vec<u8> {
    let mut out = Solid { bytes: Vec::new(), heights };
    out.geometry(geometry);
    out.bytes
}

struct Solid<'a> {
    bytes: Vec<u8>,
    heights: &'a [f64],
}

impl Solid<'_> {
    fn header(&mut self, kind: u32) {
        self.bytes.push(1);
        self.bytes.extend_from_slice(&(kind + 1000).to_le_bytes());
    }

    fn count(&mut self, count: usize) {
        self.bytes.extend_from_slice(&(count as u32).to_le_bytes());
    }

    fn corners(&mut self, corners: impl Iterator<Item = geo::Coord<f64>>) {
        for corner in corners {
            let (height, rest) =
                self.heights.split_first().map_or((f64::NAN, &[][..]), |(h, rest)| (*h, rest));
            self.heights = rest;
            for value in [corner.x, corner.y, height] {
                self.bytes.extend_from_slice(&value.to_le_bytes());
            }
        }
    }

    fn line(&mut self, line: &LineString<f64>) {
        self.count(line.0.len());
        self.corners(line.coords().copied());
    }

    fn polygon(&mut self, polygon: &Polygon<f64>) {
        self.count(1 + polygon.interiors().len());
        self.line(polygon.exterior());
        polygon.interiors().iter().for_each(|ring| self.line(ring));
    }

    fn geometry(&mut self, geometry: &Geometry<f64>) {
        match geometry {
            Geometry::Point(_) => {
                self.header(1);
                self.corners(geometry.coords_iter());
            }
            Geometry::LineString(line) => {
                self.header(2);
                self.line(line);
            }
            Geometry::Polygon(polygon) => {
                self.header(3);
                self.polygon(polygon);
            }
            Geometry::MultiPoint(points) => {
                self.header(4);
                self.count(points.0.len());
                points.iter().for_each(|&point| self.geometry(&point.into()));
            }
            Geometry::MultiLineString(lines) => {
                self.header(5);
                self.count(lines.0.len());
                lines.iter().for_each(|line| {
                    self.header(2);
                    self.line(line);
                });
            }
            Geometry::MultiPolygon(polygons) => {
                self.header(6);
                self.count(polygons.0.len());
                polygons.iter().for_each(|polygon| {
                    self.header(3);
                    self.polygon(polygon);
                });
            }
            Geometry::GeometryCollection(parts) => {
                self.header(7);
                self.count(parts.0.len());
                parts.iter().for_each(|part| self.geometry(part));
            }
            Geometry::Line(line) => self.geometry(&LineString::from(*line).into()),
            Geometry::Rect(rect) => self.geometry(&rect.to_polygon().into()),
            Geometry::Triangle(triangle) => self.geometry(&triangle.to_polygon().into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::readers::vector::wkb::parse_solid;

    #[test]
    fn what_is_written_is_what_the_reader_reads() {
        let ring = LineString::from(vec![(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 0.0)]);
        let hole = LineString::from(vec![(1.0, 0.5), (2.0, 0.5), (2.0, 1.0), (1.0, 0.5)]);
        let polygon = Polygon::new(ring.clone(), vec![hole]);
        let shapes: [Geometry<f64>; 5] = [
            geo::Point::new(1.0, 2.0).into(),
            geo::MultiPoint::from(vec![(1.0, 2.0), (3.0, 4.0)]).into(),
            geo::MultiLineString(vec![ring.clone(), ring]).into(),
            polygon.clone().into(),
            geo::MultiPolygon(vec![polygon.clone(), polygon]).into(),
        ];
        for shape in shapes {
            let heights: Vec<f64> = (0..shape.coords_count()).map(|number| number as f64 * 1.5).collect();
            let (again, positions) = parse_solid(&solid_wkb(&shape, &heights), 0.1).unwrap();
            assert_eq!(again, shape);
            assert_eq!(positions.iter().map(|position| position[2]).collect::<Vec<_>>(), heights);
        }
    }
}
