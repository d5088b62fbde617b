//! OSM buildings → a city model: blocks (LoD 1) where a height or levels are stated, outlines (LoD 0) where not.
//!
//! Source: <https://wiki.openstreetmap.org/wiki/Simple_3D_Buildings>. Feet stand at height 0: OSM has no ground heights.

use geo::{
    BoundingRect, InteriorPoint, Intersects, MultiPolygon, Polygon, orient::Direction, orient::Orient,
};
use rstar::{AABB, RTree, primitives::GeomWithData, primitives::Rectangle};

use super::{element::Tags, places::Facts, street::length_m};
use crate::model::{
    CityModel, CityObject, CityObjectType, Geometry, GeometryKind, Lod, SurfaceType, Value, Vertices,
};

/// Height of a storey where only their number is stated, metres (Simple 3D Buildings).
const STOREY_M: f64 = 3.0;
/// No building is higher, and none begins higher.
const MAX_HEIGHT_M: f64 = 1000.0;

/// Heights above the ground, metres, and which tag says so.
pub(super) fn height_facts(tags: &Tags<'_>) -> Facts {
    let number =
        |key: &str| tags.get(key).and_then(|text| text.trim().parse::<f64>().ok()).filter(|n| n.is_finite());
    let sane = |height: &f64| (0.0..=MAX_HEIGHT_M).contains(height);
    let stated =
        length_m(tags.first(&["height", "building:height"])).filter(sane).filter(|height| *height > 0.0);
    let levels = number("building:levels").filter(|levels| *levels > 0.0);
    let with_roof = levels.map(|levels| levels + number("roof:levels").unwrap_or(0.0).clamp(0.0, 20.0) * 0.5);
    let from_levels = with_roof.map(|levels| levels * STOREY_M).filter(sane);
    let mut facts: Facts = Vec::new();
    if let Some(height) = stated.or(from_levels) {
        facts.push(("height_m", height.into()));
        facts.push(("height_source", if stated.is_some() { "height" } else { "levels" }.into()));
    }
    let base = length_m(tags.first(&["min_height", "building:min_height"]))
        .or_else(|| number("building:min_level").map(|level| level * STOREY_M))
        .filter(sane)
        .filter(|base| *base > 0.0);
    facts.extend(base.map(|base| ("min_height_m", base.into())));
    facts.extend(levels.map(|levels| ("levels", levels.into())));
    facts.extend(tags.get("roof:shape").map(|shape| ("roof_shape", shape.into())));
    facts
}

/// Grows the model building by building; parts find their building at the end.
#[derive(Default)]
pub(super) struct BuildingsBuilder {
    model: CityModel,
    outlines: Vec<MultiPolygon<f64>>,
    parts: Vec<usize>,
}

impl BuildingsBuilder {
    pub fn push(&mut self, id: String, polygons: MultiPolygon<f64>, facts: Facts, is_part: bool) {
        let polygons =
            MultiPolygon(polygons.0.into_iter().map(|polygon| polygon.orient(Direction::Default)).collect());
        let number = |name: &str| {
            facts.iter().find(|(column, _)| *column == name).and_then(|(_, value)| Value::as_f64(value))
        };
        let (base, height) = (number("min_height_m").unwrap_or(0.0), number("height_m"));
        let kind = if is_part { CityObjectType::BuildingPart } else { CityObjectType::Building };
        let mut object = CityObject::new(id, kind);
        object.geometries.push(outline(&polygons, &mut self.model.vertices));
        if let Some(height) = height.filter(|height| *height > base) {
            object.geometries.push(block(&polygons, base, height, &mut self.model.vertices));
        }
        let row = self.model.objects.len();
        for (column, value) in facts {
            self.model.attributes.set(row, column, value);
        }
        self.model.attributes.grow(row + 1);
        if is_part {
            self.parts.push(row);
        }
        self.model.objects.push(object);
        self.outlines.push(polygons);
    }

    /// The model, `None` without buildings. A building with parts keeps only its outline: its parts are its volume.
    pub fn finish(mut self) -> Option<CityModel> {
        if self.model.objects.is_empty() {
            return None;
        }
        let of_building = |(row, outline): (usize, &MultiPolygon<f64>)| {
            let is_building = self.model.objects.get(row)?.object_type == CityObjectType::Building;
            let rect = outline.bounding_rect().filter(|_| is_building)?;
            Some(GeomWithData::new(
                Rectangle::from_corners([rect.min().x, rect.min().y], [rect.max().x, rect.max().y]),
                row,
            ))
        };
        let tree = RTree::bulk_load(self.outlines.iter().enumerate().filter_map(of_building).collect());
        for &part in &self.parts {
            let Some(inside) = self.outlines.get(part).and_then(InteriorPoint::interior_point) else {
                continue;
            };
            let at = AABB::from_point([inside.x(), inside.y()]);
            let mut buildings: Vec<usize> = tree
                .locate_in_envelope_intersecting(at)
                .map(|found| found.data)
                .filter(|&row| self.outlines.get(row).is_some_and(|outline| outline.intersects(&inside)))
                .collect();
            buildings.sort_unstable();
            let Some(&building) = buildings.first() else { continue };
            if let Some(object) = self.model.objects.get_mut(part) {
                object.parents.push(building as u32);
            }
            if let Some(object) = self.model.objects.get_mut(building) {
                object.children.push(part as u32);
            }
        }
        for object in &mut self.model.objects {
            if !object.children.is_empty() {
                object.geometries.truncate(1);
            } else if object.object_type == CityObjectType::BuildingPart && object.parents.is_empty() {
                // A part on its own is a building to everyone who looks at it.
                object.object_type = CityObjectType::Building;
            }
        }
        Some(self.model)
    }
}

/// Adds the corners of a ring at one height; the last corner is not repeated.
fn ring(line: &geo::LineString<f64>, height: f64, vertices: &mut Vertices) -> Vec<u32> {
    let corners = line.0.len().saturating_sub(1);
    line.0.iter().take(corners).map(|corner| vertices.push([corner.x, corner.y, height])).collect()
}

fn rings_of(polygon: &Polygon<f64>) -> impl Iterator<Item = &geo::LineString<f64>> {
    std::iter::once(polygon.exterior()).chain(polygon.interiors())
}

fn outline(polygons: &MultiPolygon<f64>, vertices: &mut Vertices) -> Geometry {
    let mut geometry =
        Geometry::new(GeometryKind::MultiSurface, Some(Lod { major: 0, minor: 0, is_refined: false }));
    for polygon in &polygons.0 {
        let rings: Vec<Vec<u32>> = rings_of(polygon).map(|line| ring(line, 0.0, vertices)).collect();
        geometry.push_surface(rings.iter().map(Vec::as_slice), SurfaceType::Ground);
    }
    geometry
}

fn block(polygons: &MultiPolygon<f64>, base: f64, height: f64, vertices: &mut Vertices) -> Geometry {
    let kind = if polygons.0.len() == 1 { GeometryKind::Solid } else { GeometryKind::MultiSolid };
    let mut geometry = Geometry::new(kind, Some(Lod { major: 1, minor: 0, is_refined: false }));
    for polygon in &polygons.0 {
        let low: Vec<Vec<u32>> = rings_of(polygon).map(|line| ring(line, base, vertices)).collect();
        let high: Vec<Vec<u32>> = rings_of(polygon).map(|line| ring(line, height, vertices)).collect();
        let turned: Vec<Vec<u32>> = low.iter().map(|ring| ring.iter().rev().copied().collect()).collect();
        geometry.push_surface(turned.iter().map(Vec::as_slice), SurfaceType::Ground);
        geometry.push_surface(high.iter().map(Vec::as_slice), SurfaceType::Roof);
        // The outer ring runs anticlockwise and holes clockwise, so that the same order faces outwards for both.
        for (low, high) in low.iter().zip(&high) {
            let next = |ring: &[u32], at: usize| ring.get((at + 1) % ring.len().max(1)).copied().unwrap_or(0);
            for (at, (&a, &d)) in low.iter().zip(high).enumerate() {
                let wall = [a, next(low, at), next(high, at), d];
                geometry.push_surface([&wall[..]], SurfaceType::Wall);
            }
        }
        geometry.shell_ends.push(geometry.surface_count() as u32);
    }
    geometry
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(x: f64, size: f64, hole: bool) -> MultiPolygon<f64> {
        let ring = |x: f64, y: f64, s: f64| {
            geo::LineString::from(vec![(x, y), (x, y + s), (x + s, y + s), (x + s, y), (x, y)])
        };
        let holes = if hole { vec![ring(x + size / 4.0, size / 4.0, size / 2.0)] } else { Vec::new() };
        MultiPolygon(vec![Polygon::new(ring(x, 0.0, size), holes)])
    }

    /// Volume by the divergence theorem: positive only when faces look outwards.
    fn volume(model: &CityModel, geometry: &Geometry) -> f64 {
        let mut sum = 0.0;
        for surface in 0..geometry.surface_count() {
            for ring in geometry.rings(surface) {
                let p: Vec<[f64; 3]> = ring.iter().map(|&i| model.vertices.at(i)).collect();
                for pair in p[1..].windows(2) {
                    let ([a, b, c], [d, e, f], [g, h, i]) = (p[0], pair[0], pair[1]);
                    sum += a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
                }
            }
        }
        sum / 6.0
    }

    #[test]
    fn a_block_is_closed_and_looks_outwards() {
        for (hole, expected) in [(false, 1000.0), (true, 750.0)] {
            let mut builder = BuildingsBuilder::default();
            builder.push("way/1".into(), square(0.0, 10.0, hole), vec![("height_m", 10.0.into())], false);
            let model = builder.finish().unwrap();
            assert!((volume(&model, &model.objects[0].geometries[1]) - expected).abs() < 1e-9);
        }
    }

    #[test]
    fn parts_belong_to_the_building_around_them() {
        let mut builder = BuildingsBuilder::default();
        builder.push("way/1".into(), square(0.0, 10.0, false), vec![("height_m", 10.0.into())], false);
        builder.push("way/2".into(), square(1.0, 2.0, false), vec![("height_m", 30.0.into())], true);
        builder.push("way/3".into(), square(50.0, 2.0, false), Vec::new(), true);
        let model = builder.finish().unwrap();
        assert_eq!(
            (model.objects[0].children.as_slice(), model.objects[1].parents.as_slice()),
            (&[1][..], &[0][..])
        );
        assert_eq!(model.objects[0].geometries.len(), 1, "its part is its volume");
        assert_eq!(model.objects[2].object_type, CityObjectType::Building);
        assert_eq!(model.objects[2].geometries[0].lod.map(|lod| lod.major), Some(0), "no height is invented");
    }

    #[test]
    fn heights_come_from_the_tag_or_the_levels() {
        let facts = |pairs: &[(&'static str, &'static str)]| {
            height_facts(&Tags(pairs.iter().map(|&(k, v)| (k.into(), v.into())).collect()))
        };
        assert!(facts(&[("height", "12 m"), ("building:levels", "2")]).contains(&("height_m", 12.0.into())));
        assert!(facts(&[("building:levels", "2"), ("roof:levels", "1")]).contains(&("height_m", 7.5.into())));
        assert!(facts(&[("height", "1e9")]).is_empty());
        assert!(facts(&[("height", "-5")]).is_empty());
        assert!(facts(&[("min_height", "3"), ("height", "9")]).contains(&("min_height_m", 3.0.into())));
    }
}
