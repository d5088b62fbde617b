//! Flat geometries as bytes.

use geo::{Coord, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon};

use super::{
    Decoder, Encoder, Stored, StoredError,
    codec::{decode_pod, encode_pod},
};

impl Stored for Coord<f64> {
    const MIN_SIZE: usize = 16;
    fn encode(&self, encoder: &mut Encoder) {
        [self.x, self.y].encode(encoder);
    }
    fn decode(decoder: &mut Decoder) -> Result<Self, StoredError> {
        <[f64; 2]>::decode(decoder).map(|[x, y]| Self { x, y })
    }
    fn encode_slice(slice: &[Self], encoder: &mut Encoder) {
        let plain: Vec<[f64; 2]> = slice.iter().map(|c| [c.x, c.y]).collect();
        encode_pod(&plain, encoder);
    }
    fn decode_vec(decoder: &mut Decoder, count: usize) -> Result<Vec<Self>, StoredError> {
        let plain: Vec<[f64; 2]> = decode_pod(decoder, count)?;
        Ok(plain.into_iter().map(|[x, y]| Self { x, y }).collect())
    }
}

impl Stored for LineString<f64> {
    const MIN_SIZE: usize = 8;
    fn encode(&self, encoder: &mut Encoder) {
        self.0.encode(encoder);
    }
    fn decode(decoder: &mut Decoder) -> Result<Self, StoredError> {
        Vec::decode(decoder).map(Self)
    }
}

impl Stored for Polygon<f64> {
    const MIN_SIZE: usize = 16;
    fn encode(&self, encoder: &mut Encoder) {
        self.exterior().encode(encoder);
        self.interiors().len().encode(encoder);
        LineString::encode_slice(self.interiors(), encoder);
    }
    fn decode(decoder: &mut Decoder) -> Result<Self, StoredError> {
        let exterior = LineString::decode(decoder)?;
        Ok(Self::new(exterior, Vec::decode(decoder)?))
    }
}

impl Stored for Point<f64> {
    const MIN_SIZE: usize = 16;
    fn encode(&self, encoder: &mut Encoder) {
        self.0.encode(encoder);
    }
    fn decode(decoder: &mut Decoder) -> Result<Self, StoredError> {
        Coord::decode(decoder).map(Self)
    }
}

impl Stored for geo::Geometry<f64> {
    fn encode(&self, encoder: &mut Encoder) {
        match self {
            Self::Point(g) => {
                encoder.bytes.push(1);
                g.encode(encoder);
            }
            Self::LineString(g) => {
                encoder.bytes.push(2);
                g.encode(encoder);
            }
            Self::Polygon(g) => {
                encoder.bytes.push(3);
                g.encode(encoder);
            }
            Self::MultiPoint(g) => {
                encoder.bytes.push(4);
                g.0.encode(encoder);
            }
            Self::MultiLineString(g) => {
                encoder.bytes.push(5);
                g.0.encode(encoder);
            }
            Self::MultiPolygon(g) => {
                encoder.bytes.push(6);
                g.0.encode(encoder);
            }
            Self::GeometryCollection(g) => {
                encoder.bytes.push(7);
                g.0.encode(encoder);
            }
            Self::Line(g) => {
                encoder.bytes.push(2);
                LineString(vec![g.start, g.end]).encode(encoder);
            }
            Self::Rect(g) => {
                encoder.bytes.push(3);
                g.to_polygon().encode(encoder);
            }
            Self::Triangle(g) => {
                encoder.bytes.push(3);
                g.to_polygon().encode(encoder);
            }
        }
    }
    fn decode(decoder: &mut Decoder) -> Result<Self, StoredError> {
        geometry(decoder, 0)
    }
}

fn geometry(decoder: &mut Decoder, depth: usize) -> Result<geo::Geometry<f64>, StoredError> {
    const DEEPEST: usize = 32;
    Ok(match u8::decode(decoder)? {
        1 => geo::Geometry::Point(Stored::decode(decoder)?),
        2 => geo::Geometry::LineString(Stored::decode(decoder)?),
        3 => geo::Geometry::Polygon(Stored::decode(decoder)?),
        4 => geo::Geometry::MultiPoint(MultiPoint(Stored::decode(decoder)?)),
        5 => geo::Geometry::MultiLineString(MultiLineString(Stored::decode(decoder)?)),
        6 => geo::Geometry::MultiPolygon(MultiPolygon(Stored::decode(decoder)?)),
        7 if depth < DEEPEST => {
            let count = decoder.count(1, "geometries")?;
            let parts: Result<Vec<_>, _> = (0..count).map(|_| geometry(decoder, depth + 1)).collect();
            geo::Geometry::GeometryCollection(geo::GeometryCollection(parts?))
        }
        other => return Err(decoder.unexpected("a geometry type", other)),
    })
}
