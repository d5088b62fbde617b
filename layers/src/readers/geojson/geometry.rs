//! GeoJSON geometries, straight from the text into flat `geo` types. Source: RFC 7946, section 3.1.

use geo::{Coord, Geometry, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon};

use super::scan::{Broken, Scanner};

/// Collections inside collections that are followed.
const MAX_NESTING: usize = 16;

#[derive(Debug)]
pub(super) enum Trouble {
    /// The text is no JSON from here on.
    Broken(Broken),
    /// Sound JSON that is no such geometry: expected and found, in words.
    Shape(String),
}

impl From<Broken> for Trouble {
    fn from(broken: Broken) -> Self {
        Self::Broken(broken)
    }
}

fn shape<T>(message: impl Into<String>) -> Result<T, Trouble> {
    Err(Trouble::Shape(message.into()))
}

/// The names of geometry types.
pub(super) const TYPES: [&str; 7] =
    ["Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection"];

/// Reads a geometry or null; `None` for null and for empty ones. After [`Trouble::Shape`] the scanner stands somewhere
/// inside the value.
pub(super) fn geometry(scanner: &mut Scanner<'_>, nesting: usize) -> Result<Option<Geometry<f64>>, Trouble> {
    if scanner.peek() == Some(b'n') {
        scanner.skip()?;
        return Ok(None);
    }
    if !scanner.eat(b'{') {
        return shape("expected a geometry object");
    }
    let mut kind: Option<String> = None;
    let mut coordinates: Option<Scanner<'_>> = None;
    let mut geometries: Option<Scanner<'_>> = None;
    let mut parsed: Option<Option<Geometry<f64>>> = None;
    let mut more = !scanner.eat(b'}');
    while more {
        let key = scanner.key()?;
        match &key[..] {
            b"type" if scanner.peek() == Some(b'"') => kind = Some(scanner.string()?.into_owned()),
            b"coordinates" => {
                if let Some(kind) = &kind {
                    // The usual order: what the numbers mean is known before they come.
                    parsed = Some(coordinates_of(scanner, kind)?);
                } else {
                    coordinates = Some(scanner.at_same_place());
                    scanner.skip()?;
                }
            }
            b"geometries" => {
                geometries = Some(scanner.at_same_place());
                scanner.skip()?;
            }
            _ => scanner.skip()?,
        }
        more = scanner.has_more(b'}')?;
    }
    let Some(kind) = kind else { return shape("expected a geometry with a type") };
    if kind == "GeometryCollection" {
        let Some(mut list) = geometries else {
            return shape("expected \"geometries\" of a GeometryCollection");
        };
        let found = collection(&mut list, nesting);
        scanner.positions.append(&mut list.positions);
        return found;
    }
    match (parsed, coordinates) {
        (Some(geometry), _) => Ok(geometry),
        (None, Some(mut coordinates)) => {
            let found = coordinates_of(&mut coordinates, &kind);
            scanner.positions.append(&mut coordinates.positions);
            found
        }
        (None, None) => shape(format!("expected \"coordinates\" of a {kind}")),
    }
}

fn collection(scanner: &mut Scanner<'_>, nesting: usize) -> Result<Option<Geometry<f64>>, Trouble> {
    if nesting >= MAX_NESTING {
        return shape(format!("expected at most {MAX_NESTING} collections inside each other"));
    }
    let mut parts = Vec::new();
    if !scanner.eat(b'[') {
        return shape("expected a list of geometries");
    }
    let mut more = !scanner.eat(b']');
    while more {
        parts.extend(geometry(scanner, nesting + 1)?);
        more = scanner.has_more(b']')?;
    }
    Ok((!parts.is_empty()).then_some(Geometry::GeometryCollection(geo::GeometryCollection(parts))))
}

fn coordinates_of(scanner: &mut Scanner<'_>, kind: &str) -> Result<Option<Geometry<f64>>, Trouble> {
    if scanner.peek() == Some(b'n') {
        scanner.skip()?;
        return Ok(None);
    }
    Ok(match kind {
        "Point" => {
            // An empty list is an empty point.
            let mut ahead = scanner.at_same_place();
            if ahead.eat(b'[') && ahead.eat(b']') {
                scanner.at = ahead.at;
                return Ok(None);
            }
            Some(Point(position(scanner)?).into())
        }
        "MultiPoint" => {
            let points = line(scanner)?;
            (!points.is_empty()).then(|| MultiPoint(points.into_iter().map(Point).collect()).into())
        }
        "LineString" => line_string(scanner)?.map(Into::into),
        "MultiLineString" => {
            let lines = list(scanner, line_string)?;
            (!lines.is_empty()).then(|| MultiLineString(lines).into())
        }
        "Polygon" => polygon(scanner)?.map(Into::into),
        "MultiPolygon" => {
            let polygons = list(scanner, polygon)?;
            (!polygons.is_empty()).then(|| MultiPolygon(polygons).into())
        }
        other => {
            let known = TYPES.join(", ");
            let other: String = other.chars().take(40).collect();
            return shape(format!("expected one of {known}, found \"{other}\""));
        }
    })
}

/// `[x, y]` and perhaps more numbers, of which the first is the height.
#[inline]
fn position(scanner: &mut Scanner<'_>) -> Result<Coord<f64>, Trouble> {
    if !scanner.eat(b'[') {
        return shape("expected a position [x, y]");
    }
    let Some(x) = scanner.number() else { return shape("expected a number as x") };
    if !scanner.eat(b',') {
        return shape("expected two numbers in a position");
    }
    let Some(y) = scanner.number() else { return shape("expected a number as y") };
    let mut height = None;
    while scanner.has_more(b']')? {
        let Some(number) = scanner.number() else { return shape("expected numbers in a position") };
        height.get_or_insert(number);
    }
    if !(x.is_finite() && y.is_finite()) {
        return shape("expected finite coordinates, found NaN or infinity");
    }
    if let Some(height) = height {
        scanner.positions.push([x, y, height]);
    }
    Ok(Coord { x, y })
}

fn list<T>(
    scanner: &mut Scanner<'_>,
    item: fn(&mut Scanner<'_>) -> Result<Option<T>, Trouble>,
) -> Result<Vec<T>, Trouble> {
    let mut items = Vec::new();
    if !scanner.eat(b'[') {
        return shape("expected a list");
    }
    let mut more = !scanner.eat(b']');
    while more {
        items.extend(item(scanner)?);
        more = scanner.has_more(b']')?;
    }
    Ok(items)
}

fn line(scanner: &mut Scanner<'_>) -> Result<Vec<Coord<f64>>, Trouble> {
    if !scanner.eat(b'[') {
        return shape("expected a list of positions");
    }
    let mut coords = Vec::new();
    let mut more = !scanner.eat(b']');
    while more {
        coords.push(position(scanner)?);
        more = scanner.has_more(b']')?;
    }
    Ok(coords)
}

fn line_string(scanner: &mut Scanner<'_>) -> Result<Option<LineString<f64>>, Trouble> {
    let coords = line(scanner)?;
    match coords.len() {
        0 => Ok(None),
        1 => shape("expected two positions or more in a line, found one"),
        _ => Ok(Some(LineString(coords))),
    }
}

fn polygon(scanner: &mut Scanner<'_>) -> Result<Option<Polygon<f64>>, Trouble> {
    let mut rings = list(scanner, |scanner| line(scanner).map(Some))?;
    if rings.first().is_none_or(Vec::is_empty) {
        return if rings.iter().all(Vec::is_empty) {
            Ok(None)
        } else {
            shape("expected an outer ring, found an empty one")
        };
    }
    rings.retain(|ring| !ring.is_empty());
    if let Some(short) = rings.iter().find(|ring| ring.len() < 3) {
        return shape(format!("expected four positions or more in a ring, found {}", short.len()));
    }
    let mut rings = rings.into_iter().map(LineString);
    // `Polygon::new` closes rings that are open.
    Ok(rings.next().map(|outer| Polygon::new(outer, rings.collect())))
}
