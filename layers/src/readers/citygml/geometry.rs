//! GML geometry → a store of polygons, lines and groups that refer to each other by `xlink:href` and are joined later.

use std::{collections::HashMap, ops::Range};

use super::{
    Parser,
    xml::{Ns, Xml},
};
use crate::{model::SurfaceType, readers::ReadError};

/// Position in [`Store::nodes`].
pub(super) type NodeId = u32;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum GroupKind {
    MultiSurface,
    /// Also surfaces of patches, TINs and shells.
    CompositeSurface,
    Solid,
    MultiSolid,
    CompositeSolid,
    Lines,
    Mixed,
}

#[derive(Clone, Debug)]
pub(super) enum Node {
    /// Position in [`Store::polygons`].
    Polygon(u32),
    /// One ring of [`Store`] as a line, or as points.
    Line(u32),
    Points(u32),
    /// Range of [`Store::members`].
    Group(GroupKind, u32, u32),
    /// `#id` of another node, without the `#`; or a place outside the file as it stands.
    Reference(Box<str>),
    /// A surface seen from its other side.
    Reversed(NodeId),
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Polygon {
    pub first_ring: u32,
    pub end_ring: u32,
    pub surface: SurfaceType,
    /// The bounding surface that it was defined in, or `surfaces::NO_SURFACE`.
    pub semantic: u32,
    /// In the metres of a template, not in the file's CRS.
    pub is_local: bool,
}

/// A ring that a picture can be laid on.
#[derive(Clone, Debug)]
pub(super) struct NamedRing {
    pub ring: u32,
    /// Corners as the file has them, the last of which is the first again.
    count: u32,
    /// Of these, the ones that are kept; empty when only the last is not.
    kept: Box<[u32]>,
}

impl NamedRing {
    /// Picks from one value for each corner of the file those of the corners that are kept. `None` when there are not as
    /// many.
    pub fn corners(&self, values: Range<u32>) -> Option<Vec<u32>> {
        // Some files leave out the place of the corner that closes the ring.
        let length = values.end - values.start;
        if length != self.count && length + 1 != self.count {
            return None;
        }
        Some(if self.kept.is_empty() {
            (values.start..values.start + self.count - 1).collect()
        } else {
            self.kept.iter().map(|corner| values.start + corner.min(&(length - 1))).collect()
        })
    }
}

/// All geometry of a file before it is joined.
#[derive(Debug, Default)]
pub(super) struct Store {
    /// In the file's order of coordinates.
    pub vertices: Vec<[f64; 3]>,
    /// Of templates: metres around the template's origin.
    pub local_vertices: Vec<[f64; 3]>,
    pub indices: Vec<u32>,
    pub ring_ends: Vec<u32>,
    pub polygons: Vec<Polygon>,
    pub nodes: Vec<Node>,
    pub members: Vec<NodeId>,
    pub ids: HashMap<Box<str>, NodeId>,
    /// Rings that have a `gml:id`.
    pub ring_ids: HashMap<Box<str>, NamedRing>,
    /// Vertices of the current first-level object by the bits of their coordinates: faces of one object share theirs.
    shared: HashMap<[u64; 3], u32>,
    local_shared: HashMap<[u64; 3], u32>,
}

impl Store {
    pub fn ring(&self, ring: u32) -> &[u32] {
        let start = ring.checked_sub(1).and_then(|r| self.ring_ends.get(r as usize)).copied().unwrap_or(0);
        let end = self.ring_ends.get(ring as usize).copied().unwrap_or(start);
        self.indices.get(start as usize..end as usize).unwrap_or_default()
    }

    /// Forgets which vertices were shared: called between first-level objects, so that each has vertices of its own.
    pub fn end_feature(&mut self) {
        self.shared.clear();
    }

    fn vertex(&mut self, point: [f64; 3], is_local: bool) -> u32 {
        let (shared, vertices) = if is_local {
            (&mut self.local_shared, &mut self.local_vertices)
        } else {
            (&mut self.shared, &mut self.vertices)
        };
        // Zero and minus zero are one place.
        let key = point.map(|value| (value + 0.0).to_bits());
        *shared.entry(key).or_insert_with(|| {
            vertices.push(point);
            (vertices.len() - 1) as u32
        })
    }

    /// Adds a ring and returns its position. Neighbours that are the same point count once.
    fn push_ring(&mut self, points: &[[f64; 3]], is_closed: bool, is_local: bool) -> u32 {
        let start = self.indices.len();
        for &point in points {
            let index = self.vertex(point, is_local);
            if self.indices.len() == start || self.indices.last() != Some(&index) {
                self.indices.push(index);
            }
        }
        if is_closed && self.indices.len() > start + 1 && self.indices.get(start) == self.indices.last() {
            self.indices.pop();
        }
        self.ring_ends.push(self.indices.len() as u32);
        (self.ring_ends.len() - 1) as u32
    }

    fn push_node(&mut self, node: Node) -> NodeId {
        self.nodes.push(node);
        (self.nodes.len() - 1) as NodeId
    }

    pub fn push_reference(&mut self, href: &str) -> NodeId {
        let target = href.strip_prefix('#').unwrap_or(href);
        self.push_node(Node::Reference(target.into()))
    }

    fn push_group(&mut self, kind: GroupKind, members: &[NodeId]) -> NodeId {
        let start = self.members.len() as u32;
        self.members.extend_from_slice(members);
        self.push_node(Node::Group(kind, start, self.members.len() as u32))
    }
}

/// What is inherited by the geometries inside another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Inherited {
    /// `srsDimension` where one is stated.
    pub dimension: Option<usize>,
    pub surface: SurfaceType,
    pub semantic: u32,
    pub is_local: bool,
}

impl Parser<'_> {
    /// The geometries inside the open property element, to its end, and what its `xlink:href` points at.
    pub fn geometries(&mut self, inherited: Inherited) -> Result<Vec<NodeId>, ReadError> {
        let mut found = Vec::new();
        self.add_members(inherited, &mut found)?;
        Ok(found)
    }

    fn add_members(&mut self, inherited: Inherited, members: &mut Vec<NodeId>) -> Result<(), ReadError> {
        if !self.xml.element.href.is_empty() {
            let reference = self.store.push_reference(&self.xml.element.href);
            members.push(reference);
        }
        while self.xml.enter()? {
            if self.xml.element.ns == Ns::Gml {
                members.extend(self.geometry(inherited)?);
            } else {
                self.xml.skip()?;
            }
        }
        Ok(())
    }

    /// The open geometry element, to its end. `None` (with a fault) where nothing of it is usable.
    pub fn geometry(&mut self, mut inherited: Inherited) -> Result<Option<NodeId>, ReadError> {
        inherited.dimension = self.xml.element.dimension.or(inherited.dimension);
        if !inherited.is_local && !self.is_in_the_crs()? {
            self.xml.skip()?;
            return Ok(None);
        }
        let id = std::mem::take(&mut self.xml.element.id);
        let node = match self.xml.element.name.as_str() {
            "Polygon" | "PolygonPatch" | "Triangle" | "Rectangle" => self.polygon(inherited, &id)?,
            "MultiSurface" => Some(self.group(GroupKind::MultiSurface, inherited)?),
            "CompositeSurface"
            | "Surface"
            | "Shell"
            | "TriangulatedSurface"
            | "Tin"
            | "PolyhedralSurface" => Some(self.group(GroupKind::CompositeSurface, inherited)?),
            "OrientableSurface" => {
                let is_reversed = self.xml.element.is_reversed;
                let node = self.group(GroupKind::CompositeSurface, inherited)?;
                Some(if is_reversed { self.store.push_node(Node::Reversed(node)) } else { node })
            }
            "Solid" => Some(self.group(GroupKind::Solid, inherited)?),
            "MultiSolid" => Some(self.group(GroupKind::MultiSolid, inherited)?),
            "CompositeSolid" => Some(self.group(GroupKind::CompositeSolid, inherited)?),
            "MultiCurve" | "CompositeCurve" | "MultiLineString" => {
                Some(self.group(GroupKind::Lines, inherited)?)
            }
            "LineString" | "Curve" | "OrientableCurve" | "LinearRing" => {
                let points = self.points(inherited)?;
                if points.len() >= 2 {
                    let ring = self.store.push_ring(&points, false, inherited.is_local);
                    Some(self.store.push_node(Node::Line(ring)))
                } else {
                    None
                }
            }
            "Point" | "MultiPoint" => {
                let points = self.points(inherited)?;
                let ring = self.store.push_ring(&points, false, inherited.is_local);
                Some(self.store.push_node(Node::Points(ring)))
            }
            "MultiGeometry" | "GeometricComplex" => Some(self.group(GroupKind::Mixed, inherited)?),
            name => {
                let message = format!("there is no reading of a gml:{name}; it is left out");
                self.xml.skip()?;
                self.warn("geometry-type", message);
                None
            }
        };
        if let Some(node) = node
            && !id.is_empty()
        {
            self.store.ids.entry(id.into()).or_insert(node);
        }
        Ok(node)
    }

    fn group(&mut self, kind: GroupKind, inherited: Inherited) -> Result<NodeId, ReadError> {
        let mut members = Vec::new();
        while self.xml.enter()? {
            match self.xml.element.name.as_str() {
                "surfaceMember" | "surfaceMembers" | "patches" | "polygonPatches" | "trianglePatches"
                | "exterior" | "interior" | "solidMember" | "solidMembers" | "curveMember"
                | "curveMembers" | "geometryMember" | "geometryMembers" | "baseSurface" | "element"
                | "pointMember" | "lineStringMember" => {
                    self.add_members(inherited, &mut members)?;
                }
                _ => self.xml.skip()?,
            }
        }
        Ok(self.store.push_group(kind, &members))
    }

    fn polygon(&mut self, inherited: Inherited, id: &str) -> Result<Option<NodeId>, ReadError> {
        let first_ring = self.store.ring_ends.len() as u32;
        let (mut is_outer_lost, mut is_order_bad) = (true, false);
        while self.xml.enter()? {
            let is_outer = match self.xml.element.name.as_str() {
                "exterior" | "outerBoundaryIs" => true,
                "interior" | "innerBoundaryIs" => false,
                _ => {
                    self.xml.skip()?;
                    continue;
                }
            };
            let (points, ring_id) = self.ring_points(inherited)?;
            // The model wants the outer ring first, and so do the schemas; holes of a lost one are lost with it.
            let is_first = self.store.ring_ends.len() as u32 == first_ring;
            if is_outer != is_first {
                is_order_bad |= is_outer;
                continue;
            }
            let (rings, indices) = (self.store.ring_ends.len(), self.store.indices.len());
            let ring = self.store.push_ring(&points, true, inherited.is_local);
            if self.store.ring(ring).len() < 3 {
                self.store.ring_ends.truncate(rings);
                self.store.indices.truncate(indices);
                let message =
                    format!("a ring of the polygon \"{id}\" has fewer than three points and is left out");
                self.warn("degenerate-ring", message);
            } else {
                is_outer_lost &= !is_outer;
                if !ring_id.is_empty() {
                    let named = named_ring(ring, &points, self.store.ring(ring).len());
                    self.store.ring_ids.entry(ring_id.into()).or_insert(named);
                }
            }
        }
        if is_order_bad {
            let message = format!("the polygon \"{id}\" has more than one exterior; the first is kept");
            self.error("degenerate-ring", message);
        }
        if is_outer_lost {
            return Ok(None);
        }
        let end_ring = self.store.ring_ends.len() as u32;
        let Inherited { surface, semantic, is_local, .. } = inherited;
        let polygon = Polygon { first_ring, end_ring, surface, semantic, is_local };
        self.store.polygons.push(polygon);
        let polygon = (self.store.polygons.len() - 1) as u32;
        Ok(Some(self.store.push_node(Node::Polygon(polygon))))
    }

    /// All positions inside the open element, whatever elements they stand in. Bad numbers give a fault and NaN.
    pub fn points(&mut self, inherited: Inherited) -> Result<Vec<[f64; 3]>, ReadError> {
        Ok(self.ring_points(inherited)?.0)
    }

    /// As [`Self::points`], with the `gml:id` of the ring inside the open element.
    fn ring_points(&mut self, inherited: Inherited) -> Result<(Vec<[f64; 3]>, String), ReadError> {
        let mut points = Vec::new();
        let mut ring_id = String::new();
        let mut numbers = std::mem::take(&mut self.numbers);
        let bad = collect(&mut self.xml, inherited.dimension, &mut numbers, &mut points, &mut ring_id)?;
        self.numbers = numbers;
        if bad > 0 {
            let words = if bad == 1 { "1 coordinate is" } else { "some coordinates are" };
            self.error(
                "coordinates",
                format!("{words} no finite number, or incomplete; its surfaces are left out"),
            );
        }
        Ok((points, ring_id))
    }

    /// Whether the open geometry is in the CRS of the file, which the first `srsName` decides.
    pub fn is_in_the_crs(&mut self) -> Result<bool, ReadError> {
        const MAX_NAMES: usize = 16;
        if self.xml.element.srs_name.is_empty() {
            return Ok(true);
        }
        if let Some((_, is_same)) = self.srs_names.iter().find(|(name, _)| *name == self.xml.element.srs_name)
        {
            let is_same = *is_same;
            if !is_same {
                self.report_foreign_crs();
            }
            return Ok(is_same);
        }
        let name = self.xml.element.srs_name.clone();
        let is_same = if self.srs_names.is_empty() {
            self.stated = super::srs::parse(self.source, &name, self.xml.context)?;
            true
        } else if self.srs_names.len() < MAX_NAMES {
            let other = super::srs::parse(self.source, &name, self.xml.context).ok().flatten();
            other == self.stated
                || other.zip(self.stated).is_some_and(|(other, stated)| other.is_rd() && stated.is_rd())
        } else {
            false
        };
        if self.srs_names.len() <= MAX_NAMES {
            self.srs_names.push((name, is_same));
        }
        if !is_same {
            self.report_foreign_crs();
        }
        Ok(is_same)
    }

    fn report_foreign_crs(&mut self) {
        let found: String = self.xml.element.srs_name.chars().take(80).collect();
        let stated = self.stated.map_or_else(|| "another".to_owned(), |epsg| epsg.to_string());
        self.error(
            "crs-mixed",
            format!("expected {stated} as in the rest of the file, found \"{found}\"; left out"),
        );
    }
}

/// What is known of a ring of `kept` corners that came from `points`.
fn named_ring(ring: u32, points: &[[f64; 3]], kept: usize) -> NamedRing {
    let count = points.len() as u32;
    if kept + 1 == points.len() {
        return NamedRing { ring, count, kept: Box::default() };
    }
    // The same neighbours were passed over when the ring was kept.
    let is_new = |corner: usize| corner == 0 || points[corner] != points[corner - 1];
    let kept = (0..points.len()).filter(|&corner| is_new(corner)).take(kept).map(|c| c as u32).collect();
    NamedRing { ring, count, kept }
}

/// Adds the positions inside the open element to `points`. Returns the number of faults.
fn collect(
    xml: &mut Xml<'_>,
    dimension: Option<usize>,
    numbers: &mut Vec<f64>,
    points: &mut Vec<[f64; 3]>,
    ring_id: &mut String,
) -> Result<usize, ReadError> {
    let mut bad = 0;
    while xml.enter()? {
        let stated = xml.element.dimension.or(dimension);
        match xml.element.name.as_str() {
            "posList" | "pos" | "coordinates" => {
                numbers.clear();
                bad += xml.numbers(numbers)?;
                // CityGML is three-dimensional unless it says otherwise; what cannot be is read flat.
                let count = numbers.len();
                let is_flat = stated == Some(2)
                    || (stated.is_none() && !count.is_multiple_of(3) && count.is_multiple_of(2));
                let size = if is_flat { 2 } else { 3 };
                if !count.is_multiple_of(size) {
                    bad += 1;
                    points.push([f64::NAN; 3]);
                }
                points.extend(numbers.chunks_exact(size).map(|part| match *part {
                    [x, y] => [x, y, 0.0],
                    [x, y, z] => [x, y, z],
                    _ => [f64::NAN; 3],
                }));
            }
            "name" | "description" | "metaDataProperty" | "boundedBy" => xml.skip()?,
            name => {
                if name == "LinearRing" || name == "Ring" {
                    *ring_id = std::mem::take(&mut xml.element.id);
                }
                bad += collect(xml, stated, numbers, points, ring_id)?;
            }
        }
    }
    Ok(bad)
}
