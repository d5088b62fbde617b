use std::collections::{BTreeMap, BTreeSet};

use geo::{Area, BooleanOps, BoundingRect, Contains, Intersects, MultiPolygon};
use layers::model::{
    Geometry, GeometryKind, LinkClass, Lod, SurfaceType,
    building_facts::{BuildingFacts, BuildingFunction},
};
use rstar::{AABB, RTree, primitives::GeomWithData};

use crate::{buildings, features, streets, sum, terrain};

/// Footprint of building `row`: the ground surface of its LoD 2.2 solid, in the order of the ring.
fn footprint(row: usize) -> Vec<[f64; 3]> {
    let model = buildings();
    let solid = &model.objects[row].geometries[1];
    let ground =
        solid.surface_types.iter().position(|t| *t == SurfaceType::Ground).expect("a ground surface");
    solid.rings(ground).next().unwrap().iter().map(|&index| model.vertices.at(index)).collect()
}

fn polygon(row: usize) -> geo::Polygon<f64> {
    let ring = footprint(row).into_iter().map(|[x, y, _]| (x, y)).collect::<Vec<_>>();
    geo::Polygon::new(geo::LineString::from(ring), Vec::new())
}

/// A polygon shrunk a little around its middle, so that party walls and kerbs do not count as overlap.
fn shrunk(polygon: &geo::Polygon<f64>, metres: f64) -> geo::Polygon<f64> {
    use geo::{Centroid, MapCoords};
    let center = polygon.centroid().unwrap();
    polygon.map_coords(|c| {
        let (dx, dy) = (c.x - center.x(), c.y - center.y());
        let length = dx.hypot(dy).max(1e-9);
        let part = ((length - metres) / length).max(0.1);
        geo::Coord { x: center.x() + dx * part, y: center.y() + dy * part }
    })
}

type Boxed = GeomWithData<rstar::primitives::Rectangle<[f64; 2]>, usize>;

fn tree(polygons: &[geo::Polygon<f64>]) -> RTree<Boxed> {
    RTree::bulk_load(
        polygons
            .iter()
            .enumerate()
            .map(|(number, polygon)| {
                let rect = polygon.bounding_rect().unwrap();
                let corners = ([rect.min().x, rect.min().y], [rect.max().x, rect.max().y]);
                GeomWithData::new(rstar::primitives::Rectangle::from_corners(corners.0, corners.1), number)
            })
            .collect(),
    )
}

fn near<'a>(tree: &'a RTree<Boxed>, polygon: &geo::Polygon<f64>) -> impl Iterator<Item = usize> + 'a {
    let rect = polygon.bounding_rect().unwrap();
    let envelope = AABB::from_corners([rect.min().x, rect.min().y], [rect.max().x, rect.max().y]);
    tree.locate_in_envelope_intersecting(envelope).map(|found| found.data)
}

#[test]
fn the_town_has_enough_buildings_people_and_work() {
    let model = buildings();
    assert!((4000..14_000).contains(&model.objects.len()), "{}", model.objects.len());
    let (residents, jobs) = (sum(&model.attributes, "residents"), sum(&model.attributes, "jobs"));
    assert!((20_000.0..=32_000.0).contains(&residents), "{residents} residents");
    assert!((10_000.0..=16_000.0).contains(&jobs), "{jobs} jobs");
    let ids: BTreeSet<&str> = model.objects.iter().map(|object| object.id.as_str()).collect();
    assert_eq!(ids.len(), model.objects.len(), "ids are unique");
    assert!(ids.iter().all(|id| id.starts_with("NL.IMBAG.Pand.9999") && id.len() == 30));
}

#[test]
fn every_building_has_facts_and_both_levels_of_detail() {
    let model = buildings();
    let mut functions = BTreeMap::new();
    let mut roofs = BTreeSet::new();
    for (row, object) in model.objects.iter().enumerate() {
        let lods: Vec<Lod> = object.geometries.iter().filter_map(|g| g.lod).collect();
        assert_eq!(lods, [Lod::new(1, 2), Lod::new(2, 2)], "{}", object.id);
        let facts = BuildingFacts::from_row(&model.attributes, row);
        let function = facts.function.expect("a function in BAG words");
        *functions.entry(function).or_insert(0) += 1;
        assert!(facts.year.is_some_and(|year| (1300..2026).contains(&year)));
        assert!(facts.floor_area_m2.is_some_and(|area| area > 15.0));
        assert!(facts.dwellings.is_some() && facts.residents.is_some() && facts.jobs.is_some());
        assert!(facts.street.is_some_and(|street| !street.is_empty()), "{} has a street", object.id);
        assert!(facts.house_number.is_some());
        roofs.insert(model.attributes.get(row, "roof_type").to_text());
    }
    for function in [
        BuildingFunction::Housing,
        BuildingFunction::Office,
        BuildingFunction::Shop,
        BuildingFunction::Education,
        BuildingFunction::HealthCare,
        BuildingFunction::Gathering,
        BuildingFunction::Sport,
        BuildingFunction::Industry,
    ] {
        assert!(functions.contains_key(&function), "{function:?}");
    }
    for roof in ["flat", "gable", "hip", "gambrel"] {
        assert!(roofs.contains(roof), "{roof}");
    }
}

#[test]
fn offices_stand_on_the_nachtwachtlaan_and_the_town_has_its_landmarks() {
    let model = buildings();
    let offices = (0..model.objects.len())
        .map(|row| BuildingFacts::from_row(&model.attributes, row))
        .filter(|facts| {
            facts.function == Some(BuildingFunction::Office)
                && facts.street.as_deref() == Some("Nachtwachtlaan")
        })
        .count();
    assert!(offices >= 8, "{offices}");
    let names: BTreeSet<String> =
        (0..model.objects.len()).map(|row| model.attributes.get(row, "name").to_text()).collect();
    for name in
        ["Stadhuis", "Sint-Jacobskerk", "Sint-Jacobstoren", "Station Merewaarde", "Merewijk Ziekenhuis"]
    {
        assert!(names.contains(name), "{name}");
    }
    let amenities: BTreeMap<String, usize> =
        (0..model.objects.len()).fold(BTreeMap::new(), |mut counts, row| {
            *counts.entry(model.attributes.get(row, "amenity").to_text()).or_default() += 1;
            counts
        });
    for (amenity, least) in [
        ("supermarket", 5),
        ("doctors", 5),
        ("pharmacy", 5),
        ("primary_school", 6),
        ("childcare", 6),
        ("community_centre", 5),
        ("sports_hall", 4),
        ("hospital", 1),
        ("station", 1),
        ("parking", 5),
        ("fire_station", 1),
    ] {
        assert!(amenities.get(amenity).copied().unwrap_or(0) >= least, "{amenity}: {amenities:?}");
    }
}

fn volume_and_edges(geometry: &Geometry) -> (f64, BTreeMap<(u32, u32), i32>) {
    let model = buildings();
    let (mut volume, mut edges) = (0.0, BTreeMap::new());
    let base = model.vertices.at(geometry.indices[0]);
    let at = |index: u32| {
        let vertex = model.vertices.at(index);
        [vertex[0] - base[0], vertex[1] - base[1], vertex[2] - base[2]]
    };
    for surface in 0..geometry.surface_count() {
        for ring in geometry.rings(surface) {
            for k in 0..ring.len() {
                *edges.entry((ring[k], ring[(k + 1) % ring.len()])).or_insert(0) += 1;
            }
            // Signed volume of the tetrahedra from the base to a fan of the ring.
            for k in 1..ring.len() - 1 {
                let (a, b, c) = (at(ring[0]), at(ring[k]), at(ring[k + 1]));
                volume += (a[0] * (b[1] * c[2] - b[2] * c[1]) - a[1] * (b[0] * c[2] - b[2] * c[0])
                    + a[2] * (b[0] * c[1] - b[1] * c[0]))
                    / 6.0;
            }
        }
    }
    (volume, edges)
}

#[test]
fn every_solid_is_closed_faces_outward_and_stands_on_its_ground() {
    let model = buildings();
    for object in &model.objects {
        for geometry in &object.geometries {
            assert_eq!(geometry.kind, GeometryKind::Solid);
            assert_eq!(geometry.shell_ends, [geometry.surface_count() as u32]);
            let (volume, edges) = volume_and_edges(geometry);
            assert!(volume > 20.0, "{} {:?}: {volume} m3", object.id, geometry.lod);
            for (&(a, b), &count) in &edges {
                assert_eq!(count, 1, "{}: edge {a}-{b} once each way", object.id);
                assert_eq!(edges.get(&(b, a)), Some(&1), "{}: edge {b}-{a}", object.id);
            }
            let types: BTreeSet<String> = geometry.surface_types.iter().map(|t| format!("{t:?}")).collect();
            assert_eq!(types.into_iter().collect::<Vec<_>>(), ["Ground", "Roof", "Wall"]);
        }
    }
}

#[test]
fn every_face_is_flat_to_a_few_millimetres() {
    let model = buildings();
    for object in &model.objects {
        for geometry in &object.geometries {
            for surface in 0..geometry.surface_count() {
                let ring: Vec<[f64; 3]> = geometry
                    .rings(surface)
                    .next()
                    .unwrap()
                    .iter()
                    .map(|&index| model.vertices.at(index))
                    .collect();
                // Newell's normal, then the distance of every corner from the plane.
                let mut normal = [0.0; 3];
                for k in 0..ring.len() {
                    let (a, b) = (ring[k], ring[(k + 1) % ring.len()]);
                    normal[0] += (a[1] - b[1]) * (a[2] + b[2]);
                    normal[1] += (a[2] - b[2]) * (a[0] + b[0]);
                    normal[2] += (a[0] - b[0]) * (a[1] + b[1]);
                }
                let size = normal.iter().map(|n| n * n).sum::<f64>().sqrt();
                assert!(size > 1e-3, "{}: a face without area", object.id);
                for p in &ring {
                    let d = (0..3).map(|k| normal[k] * (p[k] - ring[0][k])).sum::<f64>() / size;
                    assert!(d.abs() < 0.01, "{}: {d}", object.id);
                }
            }
        }
    }
}

#[test]
fn no_building_floats_or_is_buried() {
    for row in 0..buildings().objects.len() {
        let ring = footprint(row);
        let heights: Vec<f64> =
            ring.iter().map(|&[x, y, _]| terrain().height_at([x, y]).expect("on the land")).collect();
        let low = heights.iter().copied().fold(f64::INFINITY, f64::min);
        let high = heights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let ground = ring[0][2];
        assert!(ground <= low + 0.01, "{} floats: {ground} over {low}", buildings().objects[row].id);
        assert!(high - ground < 1.2, "{} is dug in: {ground} under {high}", buildings().objects[row].id);
    }
}

#[test]
fn no_two_buildings_overlap() {
    let polygons: Vec<geo::Polygon<f64>> = (0..buildings().objects.len()).map(polygon).collect();
    let tree = tree(&polygons);
    for (row, polygon) in polygons.iter().enumerate() {
        let inner = shrunk(polygon, 0.12);
        for other in near(&tree, polygon).filter(|&other| other > row) {
            let shared = if inner.intersects(&polygons[other]) {
                inner.intersection(&shrunk(&polygons[other], 0.12)).unsigned_area()
            } else {
                0.0
            };
            assert!(
                shared < 0.05,
                "{} and {} share {shared} m2",
                buildings().objects[row].id,
                buildings().objects[other].id
            );
        }
    }
}

#[test]
fn no_building_stands_in_water_or_on_a_street() {
    let polygons: Vec<geo::Polygon<f64>> =
        (0..buildings().objects.len()).map(|row| shrunk(&polygon(row), 0.15)).collect();
    let tree = tree(&polygons);
    let surfaces = features("surfaces");
    for (row, feature) in surfaces.features.iter().enumerate() {
        if surfaces.attributes.get(row, "surface").to_text() != "water" {
            continue;
        }
        let Some(geo::Geometry::Polygon(water)) = &feature.geometry else { panic!("water is a polygon") };
        let whole = MultiPolygon::new(vec![water.clone()]);
        for building in near(&tree, water) {
            assert!(!whole.intersects(&polygons[building]), "{} in water", buildings().objects[building].id);
        }
    }
    for link in &streets().links {
        // Samples along the middle and near both edges of the street.
        let reach =
            if link.class <= LinkClass::Service || link.class == LinkClass::Pedestrian { 0.94 } else { 0.6 };
        for pair in link.geometry.windows(2) {
            let d = [pair[1][0] - pair[0][0], pair[1][1] - pair[0][1]];
            let length = d[0].hypot(d[1]);
            let n = [-d[1] / length * link.width_m / 2.0 * reach, d[0] / length * link.width_m / 2.0 * reach];
            let steps = (length / 2.0).ceil() as usize;
            for step in 0..=steps {
                let t = step as f64 / steps as f64;
                for side in [-1.0, 0.0, 1.0] {
                    let p = [pair[0][0] + d[0] * t + n[0] * side, pair[0][1] + d[1] * t + n[1] * side];
                    for found in tree.locate_in_envelope_intersecting(AABB::from_point(p)) {
                        assert!(
                            !polygons[found.data].contains(&geo::Point::new(p[0], p[1])),
                            "{} on {} {}",
                            buildings().objects[found.data].id,
                            link.name,
                            link.id
                        );
                    }
                }
            }
        }
    }
}
