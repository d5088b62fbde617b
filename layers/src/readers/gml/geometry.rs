//! GML geometry elements → flat `geo` geometries. Source: ISO 19136 (GML 3.2) clauses 10 and 11, and GML 2.1.2.
//!
//! Arcs become lines within [`crate::readers::vector::arc::CHORD_ERROR_M`]; heights are collected beside the shape.

use std::cell::RefCell;

use geo::{
    Coord, Geometry, GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon, Point,
    Polygon,
};

use super::tree::{NodeId, Tree};
use crate::readers::vector::{arc::push_arc, wkb::joined};

/// Elements that are a geometry by themselves.
const GEOMETRIES: [&str; 29] = [
    "Point",
    "LineString",
    "LinearRing",
    "Curve",
    "CompositeCurve",
    "OrientableCurve",
    "Ring",
    "Polygon",
    "Surface",
    "PolyhedralSurface",
    "TriangulatedSurface",
    "Tin",
    "CompositeSurface",
    "OrientableSurface",
    "Shell",
    "Solid",
    "CompositeSolid",
    "MultiPoint",
    "MultiLineString",
    "MultiCurve",
    "MultiPolygon",
    "MultiSurface",
    "MultiSolid",
    "MultiGeometry",
    "GeometricComplex",
    "GeometryCollection",
    "Box",
    "Envelope",
    "MultiCoverage",
];

pub(super) fn is_geometry(name: &str) -> bool {
    GEOMETRIES.contains(&name)
}

/// Reads one geometry; `swaps` turns y-first coordinates round.
pub(super) struct GeometryReader<'a> {
    pub tree: &'a Tree,
    pub swaps: bool,
    /// Numbers a point where the geometry does not say; 2 or 3.
    pub default_dimension: usize,
    /// Largest distance between an arc and its lines, in the units of the coordinates.
    pub chord_error: f64,
    /// What was left out or simplified, for the report.
    pub notes: Vec<String>,
    /// Positions that have a height, in their order.
    pub positions: RefCell<Vec<[f64; 3]>>,
}

impl GeometryReader<'_> {
    /// The geometry of an element; `Err` says what is wrong with it.
    pub fn read(&mut self, node: NodeId) -> Result<Geometry<f64>, String> {
        let tree = self.tree;
        Ok(match tree.name(node) {
            "Point" => {
                let points = self.positions(node)?;
                Point(points.first().copied().ok_or("a point without coordinates")?).into()
            }
            "LineString" | "LinearRing" | "Curve" | "CompositeCurve" | "OrientableCurve" | "Ring" => {
                joined(self.lines(node)?).into()
            }
            "Polygon" => match self.surfaces(node)?.pop() {
                Some(polygon) => polygon.into(),
                None => return Err("a polygon without a ring".to_owned()),
            },
            "Surface"
            | "PolyhedralSurface"
            | "TriangulatedSurface"
            | "Tin"
            | "OrientableSurface"
            | "CompositeSurface"
            | "Shell" => {
                let mut polygons = self.surfaces(node)?;
                match (polygons.len(), polygons.pop()) {
                    (1, Some(polygon)) => polygon.into(),
                    (_, Some(polygon)) => {
                        polygons.push(polygon);
                        MultiPolygon(polygons).into()
                    }
                    (_, None) => return Err("a surface without patches".to_owned()),
                }
            }
            "MultiPolygon" | "MultiSurface" | "Solid" | "CompositeSolid" | "MultiSolid" => {
                MultiPolygon(self.surfaces(node)?).into()
            }
            "MultiLineString" | "MultiCurve" => MultiLineString(self.lines_of_members(node)?).into(),
            "MultiPoint" => {
                let mut points = Vec::new();
                for point in self.below(node, "Point") {
                    points.extend(self.positions(point)?.first().map(|&coord| Point(coord)));
                }
                MultiPoint(points).into()
            }
            "MultiGeometry" | "GeometricComplex" | "GeometryCollection" => {
                let mut parts = Vec::new();
                for member in tree.children(node) {
                    for part in tree.children(member).filter(|&part| is_geometry(tree.name(part))) {
                        parts.push(self.read(part)?);
                    }
                    self.note_reference(member);
                }
                collect(parts)
            }
            "Box" | "Envelope" => {
                let corners = self.positions(node)?;
                let (Some(&a), Some(&b)) = (corners.first(), corners.last()) else {
                    return Err("a box without corners".to_owned());
                };
                geo::Rect::new(a, b).to_polygon().into()
            }
            other => return Err(format!("the geometry type {other}")),
        })
    }

    /// Elements called `name` below `node`, in document order.
    fn below(&self, node: NodeId, name: &str) -> Vec<NodeId> {
        let mut found = Vec::new();
        let mut open: Vec<NodeId> = self.tree.children(node).collect();
        open.reverse();
        while let Some(next) = open.pop() {
            if self.tree.name(next) == name {
                found.push(next);
            } else {
                let at = open.len();
                open.extend(self.tree.children(next));
                if let Some(added) = open.get_mut(at..) {
                    added.reverse();
                }
            }
        }
        found
    }

    /// Geometry that is only pointed at is not fetched: within the file it may lie anywhere, beyond it nothing is read.
    fn note_reference(&mut self, member: NodeId) {
        if self.tree.has_children(member) {
            return;
        }
        if let Some(target) = self.tree.attribute_of(member, "href") {
            let target: String = target.chars().take(80).collect();
            self.notes.push(format!("a part that is a reference (xlink to \"{target}\") is left out"));
        }
    }

    /// Lines of a multi-geometry, one a member.
    fn lines_of_members(&mut self, node: NodeId) -> Result<Vec<LineString<f64>>, String> {
        let tree = self.tree;
        let mut lines = Vec::new();
        for member in tree.children(node) {
            for part in tree.children(member) {
                match tree.name(part) {
                    "MultiCurve" | "MultiLineString" => lines.extend(self.lines_of_members(part)?),
                    _ => lines.push(joined(self.lines(part)?)),
                }
            }
            self.note_reference(member);
        }
        Ok(lines)
    }

    /// The pieces of a curve in order, each a line.
    fn lines(&mut self, node: NodeId) -> Result<Vec<LineString<f64>>, String> {
        let tree = self.tree;
        Ok(match tree.name(node) {
            "LineString" | "LinearRing" => vec![LineString(self.positions(node)?)],
            "Curve" => {
                let mut pieces = Vec::new();
                for segments in tree.children(node).filter(|&child| tree.name(child) == "segments") {
                    for segment in tree.children(segments) {
                        pieces.push(self.segment(segment)?);
                    }
                }
                pieces
            }
            "CompositeCurve" | "Ring" => {
                let mut pieces = Vec::new();
                for member in tree.children(node) {
                    for part in tree.children(member) {
                        pieces.extend(self.lines(part)?);
                    }
                    self.note_reference(member);
                }
                pieces
            }
            "OrientableCurve" => {
                let is_reversed = tree.attribute_of(node, "orientation") == Some("-");
                let mut pieces = Vec::new();
                for base in tree.children(node) {
                    for part in tree.children(base) {
                        pieces.extend(self.lines(part)?);
                    }
                    self.note_reference(base);
                }
                if is_reversed {
                    pieces.reverse();
                    for piece in &mut pieces {
                        piece.0.reverse();
                    }
                }
                pieces
            }
            other => return Err(format!("the curve type {other}")),
        })
    }

    fn segment(&mut self, node: NodeId) -> Result<LineString<f64>, String> {
        let name = self.tree.name(node);
        let points = self.positions_or_none(node)?;
        Ok(match name {
            "LineStringSegment" | "Geodesic" | "GeodesicString" => LineString(points),
            "Arc" | "ArcString" => {
                let mut line: Vec<Coord<f64>> = points.first().copied().into_iter().collect();
                for pair in points.get(1..).unwrap_or_default().chunks(2) {
                    match (line.last().copied(), pair) {
                        (Some(start), &[middle, end]) => {
                            push_arc(&mut line, start, middle, end, self.chord_error);
                        }
                        _ => return Err(format!("an arc of {} points", points.len())),
                    }
                }
                LineString(line)
            }
            "Circle" => {
                let [a, b, c] = points
                    .get(..3)
                    .and_then(|p| <[_; 3]>::try_from(p).ok())
                    .ok_or("a circle of fewer than three points")?;
                let mut line = vec![a];
                // Two arcs through the three points, back to the first.
                push_arc(&mut line, a, b, c, self.chord_error);
                let center = center_of(a, b, c).ok_or("a circle of three points on a line")?;
                let (cx, cy) = (center.x, center.y);
                let opposite =
                    Coord { x: cx - (f64::midpoint(a.x, c.x) - cx), y: cy - (f64::midpoint(a.y, c.y) - cy) };
                let far = far_point(center, a, b, c, opposite);
                push_arc(&mut line, c, far, a, self.chord_error);
                LineString(line)
            }
            "CircleByCenterPoint" => {
                let center = points.first().copied().ok_or("a circle without a centre")?;
                let radius = self.number(node, "radius")?;
                let start = Coord { x: center.x + radius, y: center.y };
                let mut line = vec![start];
                push_arc(
                    &mut line,
                    start,
                    Coord { x: center.x - radius, y: center.y },
                    start,
                    self.chord_error,
                );
                LineString(line)
            }
            "ArcByCenterPoint" => {
                let center = points.first().copied().ok_or("an arc without a centre")?;
                let radius = self.number(node, "radius")?;
                let (start, end) = (
                    self.number(node, "startAngle")?.to_radians(),
                    self.number(node, "endAngle")?.to_radians(),
                );
                let at = |angle: f64| Coord {
                    x: center.x + radius * angle.cos(),
                    y: center.y + radius * angle.sin(),
                };
                let mut line = vec![at(start)];
                push_arc(&mut line, at(start), at(f64::midpoint(start, end)), at(end), self.chord_error);
                LineString(line)
            }
            other => {
                if points.len() < 2 {
                    return Err(format!("the curve segment {other}"));
                }
                self.notes.push(format!("a {other} is drawn as straight lines between its points"));
                LineString(points)
            }
        })
    }

    fn number(&self, node: NodeId, name: &str) -> Result<f64, String> {
        let found = self.tree.children(node).find(|&child| self.tree.name(child) == name);
        found
            .and_then(|child| self.tree.text(child).parse().ok())
            .filter(|value: &f64| value.is_finite())
            .ok_or_else(|| format!("no readable {name}"))
    }

    /// All polygons of a surface-like element.
    fn surfaces(&mut self, node: NodeId) -> Result<Vec<Polygon<f64>>, String> {
        let tree = self.tree;
        match tree.name(node) {
            "Polygon" | "PolygonPatch" | "Triangle" | "Rectangle" => self.polygon(node),
            "OrientableSurface"
            | "Surface"
            | "PolyhedralSurface"
            | "TriangulatedSurface"
            | "Tin"
            | "CompositeSurface"
            | "Shell"
            | "Solid"
            | "CompositeSolid"
            | "MultiPolygon"
            | "MultiSurface"
            | "MultiSolid" => {
                let mut polygons = Vec::new();
                for member in tree.children(node) {
                    for part in tree.children(member) {
                        // Solids hold void shells in `interior`; seen from above these add nothing.
                        if tree.name(member) != "interior" && tree.has_children(part) {
                            polygons.extend(self.surfaces(part)?);
                        }
                    }
                    self.note_reference(member);
                }
                Ok(polygons)
            }
            other => Err(format!("the surface type {other}")),
        }
    }

    fn polygon(&mut self, node: NodeId) -> Result<Vec<Polygon<f64>>, String> {
        let tree = self.tree;
        let mut exterior = None;
        let mut interiors = Vec::new();
        for side in tree.children(node) {
            let is_outer = match tree.name(side) {
                "exterior" | "outerBoundaryIs" => true,
                "interior" | "innerBoundaryIs" => false,
                _ => continue,
            };
            for ring in tree.children(side) {
                let mut ring = joined(self.lines(ring)?);
                ring.close();
                ring.0.dedup();
                if ring.0.len() < 4 {
                    let what = if is_outer { "an outer ring" } else { "an inner ring" };
                    if is_outer {
                        return Err(format!("{what} of {} points", ring.0.len()));
                    }
                    self.notes.push(format!("{what} of {} points is left out", ring.0.len()));
                } else if is_outer && exterior.is_none() {
                    exterior = Some(ring);
                } else {
                    interiors.push(ring);
                }
            }
            self.note_reference(side);
        }
        match exterior {
            Some(exterior) => Ok(vec![Polygon::new(exterior, interiors)]),
            None => Err("a polygon without an outer ring".to_owned()),
        }
    }

    fn positions_or_none(&self, node: NodeId) -> Result<Vec<Coord<f64>>, String> {
        self.positions_of(node)
    }

    fn positions(&self, node: NodeId) -> Result<Vec<Coord<f64>>, String> {
        let points = self.positions_of(node)?;
        if points.is_empty() { Err("no coordinates".to_owned()) } else { Ok(points) }
    }

    /// The points of an element: `posList`, `pos`, `coordinates`, `coord`, corners, or points by property.
    fn positions_of(&self, node: NodeId) -> Result<Vec<Coord<f64>>, String> {
        let tree = self.tree;
        let mut points = Vec::new();
        for child in tree.children(node) {
            match tree.name(child) {
                "posList" | "pos" | "lowerCorner" | "upperCorner" => {
                    self.numbers(child, tree.text(child), &mut points)?;
                }
                "coordinates" => self.coordinates(child, &mut points)?,
                "coord" => {
                    let part = |name: &str| {
                        let found = tree.children(child).find(|&part| tree.name(part) == name);
                        found.and_then(|part| tree.text(part).parse::<f64>().ok())
                    };
                    let (Some(x), Some(y)) = (part("X"), part("Y")) else {
                        return Err("a coord without X and Y".to_owned());
                    };
                    points.push(self.turned(x, y, part("Z")));
                }
                "pointProperty" | "pointRep" | "controlPoint" => {
                    for point in tree.children(child) {
                        points.extend(self.positions_of(point)?);
                    }
                }
                _ => {}
            }
        }
        Ok(points)
    }

    /// The point with x first; its height is remembered.
    fn turned(&self, x: f64, y: f64, z: Option<f64>) -> Coord<f64> {
        let coord = if self.swaps { Coord { x: y, y: x } } else { Coord { x, y } };
        if let Some(z) = z {
            self.positions.borrow_mut().push([coord.x, coord.y, z]);
        }
        coord
    }

    fn numbers(&self, node: NodeId, text: &str, points: &mut Vec<Coord<f64>>) -> Result<(), String> {
        let numbers = text
            .split_ascii_whitespace()
            .map(|word| word.parse::<f64>().map_err(|_| format!("\"{}\" for a number", clip(word))))
            .collect::<Result<Vec<f64>, String>>()?;
        let stated = self.tree.attribute_of(node, "srsDimension").and_then(|text| text.parse::<usize>().ok());
        let is_single = matches!(self.tree.name(node), "pos" | "lowerCorner" | "upperCorner");
        let dimension = match stated {
            Some(dimension @ 2..=4) => dimension,
            _ if is_single => numbers.len().max(2),
            // A count that only fits the other dimension says which one was meant.
            _ if self.default_dimension == 2 && !numbers.len().is_multiple_of(2) => 3,
            _ if self.default_dimension == 3 && !numbers.len().is_multiple_of(3) => 2,
            _ => self.default_dimension,
        };
        if !numbers.len().is_multiple_of(dimension) {
            return Err(format!("{} numbers for points of {dimension}", numbers.len()));
        }
        for point in numbers.chunks_exact(dimension) {
            if let [x, y, ref rest @ ..] = *point {
                points.push(self.turned(x, y, rest.first().copied()));
            }
        }
        Ok(())
    }

    /// GML 2: "x,y x,y" with separators that the element may choose.
    fn coordinates(&self, node: NodeId, points: &mut Vec<Coord<f64>>) -> Result<(), String> {
        let one = |name: &str, default: char| {
            self.tree.attribute_as_written(node, name).and_then(|text| text.chars().next()).unwrap_or(default)
        };
        let (decimal, comma) = (one("decimal", '.'), one("cs", ','));
        let between = self.tree.attribute_as_written(node, "ts").and_then(|text| text.chars().next());
        let text = self.tree.text(node);
        let tuples: Box<dyn Iterator<Item = &str>> = match between {
            Some(between) if !between.is_whitespace() => Box::new(text.split(between)),
            _ => Box::new(text.split_ascii_whitespace()),
        };
        for tuple in tuples.filter(|tuple| !tuple.trim().is_empty()) {
            let mut parts = tuple.split(comma).map(|part| {
                let plain =
                    if decimal == '.' { part.trim().to_owned() } else { part.trim().replace(decimal, ".") };
                plain.parse::<f64>().map_err(|_| format!("\"{}\" for a number", clip(part)))
            });
            let (Some(x), Some(y)) = (parts.next(), parts.next()) else {
                return Err(format!("\"{}\" for a pair of numbers", clip(tuple)));
            };
            let z = parts.next().transpose()?;
            points.push(self.turned(x?, y?, z));
        }
        Ok(())
    }
}

fn clip(text: &str) -> String {
    text.chars().take(40).collect()
}

fn center_of(a: Coord<f64>, b: Coord<f64>, c: Coord<f64>) -> Option<Coord<f64>> {
    let (bx, by, cx, cy) = (b.x - a.x, b.y - a.y, c.x - a.x, c.y - a.y);
    let doubled = 2.0 * (bx * cy - by * cx);
    let (bb, cc) = (bx * bx + by * by, cx * cx + cy * cy);
    let (x, y) = ((cy * bb - by * cc) / doubled, (bx * cc - cx * bb) / doubled);
    (x.is_finite() && y.is_finite()).then_some(Coord { x: a.x + x, y: a.y + y })
}

/// A point of the circle on the side of the chord a–c where b is not.
fn far_point(
    center: Coord<f64>,
    a: Coord<f64>,
    b: Coord<f64>,
    c: Coord<f64>,
    toward: Coord<f64>,
) -> Coord<f64> {
    let radius = (a.x - center.x).hypot(a.y - center.y);
    let (mut dx, mut dy) = (toward.x - center.x, toward.y - center.y);
    let mut length = dx.hypot(dy);
    if length < 1e-9 * radius {
        // The chord is a diameter: across it, away from b.
        (dx, dy) = (-(c.y - a.y), c.x - a.x);
        length = dx.hypot(dy);
    }
    let side = |x: f64, y: f64| (c.x - a.x) * (y - a.y) - (c.y - a.y) * (x - a.x);
    let (x, y) = (center.x + dx / length * radius, center.y + dy / length * radius);
    if side(x, y) * side(b.x, b.y) > 0.0 {
        Coord { x: 2.0 * center.x - x, y: 2.0 * center.y - y }
    } else {
        Coord { x, y }
    }
}

/// Several geometries as one: a multi of their kind where all are alike, else a collection.
pub(super) fn collect(mut parts: Vec<Geometry<f64>>) -> Geometry<f64> {
    if parts.len() == 1
        && let Some(only) = parts.pop()
    {
        return only;
    }
    let is_point = |part: &Geometry<f64>| matches!(part, Geometry::Point(_) | Geometry::MultiPoint(_));
    let is_line =
        |part: &Geometry<f64>| matches!(part, Geometry::LineString(_) | Geometry::MultiLineString(_));
    let is_area = |part: &Geometry<f64>| matches!(part, Geometry::Polygon(_) | Geometry::MultiPolygon(_));
    if parts.is_empty() {
        Geometry::GeometryCollection(GeometryCollection(Vec::new()))
    } else if parts.iter().all(is_point) {
        let points = parts.into_iter().flat_map(|part| match part {
            Geometry::Point(point) => vec![point],
            Geometry::MultiPoint(points) => points.0,
            _ => Vec::new(),
        });
        MultiPoint(points.collect()).into()
    } else if parts.iter().all(is_line) {
        let lines = parts.into_iter().flat_map(|part| match part {
            Geometry::LineString(line) => vec![line],
            Geometry::MultiLineString(lines) => lines.0,
            _ => Vec::new(),
        });
        MultiLineString(lines.collect()).into()
    } else if parts.iter().all(is_area) {
        let polygons = parts.into_iter().flat_map(|part| match part {
            Geometry::Polygon(polygon) => vec![polygon],
            Geometry::MultiPolygon(polygons) => polygons.0,
            _ => Vec::new(),
        });
        MultiPolygon(polygons.collect()).into()
    } else {
        Geometry::GeometryCollection(GeometryCollection(parts))
    }
}
