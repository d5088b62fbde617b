//! Flat polygons and discs laid on the ground, and raised edges along them.

use std::collections::BTreeMap;

use geo::{Geometry, LineString, Polygon};

use super::{Role, TileGrid, TileKey, TileMesh, drape::DrawnGround, triangulate::Triangulator};
use crate::{
    crs::LocalFrame,
    model::{FeatureLayer, surface_kind::SurfaceKinds},
};

/// Everything that laying things on the ground needs.
#[derive(Clone, Copy)]
pub struct Draping<'a> {
    pub ground: &'a DrawnGround,
    pub frame: LocalFrame,
    pub grid: TileGrid,
}

/// Tiles under construction.
pub type Tiles = BTreeMap<TileKey, TileMesh>;

/// How a surface is drawn: its role and how far above the ground it lies, metres. Larger things lie lower, so that a
/// path crosses a park and not the other way round.
pub fn surface_style(surface: &str) -> (Role, f64) {
    match surface {
        "farmland" => (Role::Farmland, 0.02),
        "yard" => (Role::Lawn, 0.025),
        "sand" => (Role::PlayGround, 0.03),
        "forest" => (Role::Forest, 0.03),
        "grass" => (Role::Lawn, 0.035),
        "park" => (Role::Green, 0.04),
        "sport" => (Role::Sport, 0.05),
        "playground" => (Role::PlayGround, 0.055),
        "water" => (Role::Water, 0.06),
        "rail-bed" => (Role::Rail, 0.065),
        "road" => (Role::Street, 0.068),
        "parking" => (Role::Parking, 0.07),
        "cycleway" => (Role::Cycleway, 0.072),
        "pavement" => (Role::Footway, 0.075),
        "quay" => (Role::Quay, 0.08),
        "square" => (Role::Square, 0.085),
        "building" => (Role::Roof, 0.1),
        "bridge" => (Role::Bridge, 0.3),
        _ => (Role::Generic, 0.04),
    }
}

/// Meshes the polygons of a layer by what they are ([`SurfaceKinds`]); those that cover others, or are history, are left
/// out. Feature numbers are `feature_base` + position.
pub fn mesh_surfaces(layer: &FeatureLayer, draping: Draping, feature_base: u32) -> Tiles {
    let mut tiles = Tiles::new();
    let (mut triangulator, mut budget) = (Triangulator::default(), Budget(Budget::PIECES));
    let kinds = SurfaceKinds::of(layer);
    for (index, feature) in layer.features.iter().enumerate() {
        let word = kinds.word(index);
        if word.is_none() && kinds.is_base_map() {
            continue;
        }
        let (role, lift) = surface_style(word.as_deref().unwrap_or(""));
        let number = feature_base + index as u32;
        let polygons: Vec<&Polygon<f64>> = match &feature.geometry {
            Some(Geometry::Polygon(polygon)) => vec![polygon],
            Some(Geometry::MultiPolygon(multi)) => multi.0.iter().collect(),
            _ => continue,
        };
        for polygon in polygons {
            push_polygon(
                &mut tiles,
                (&mut triangulator, &mut budget),
                draping,
                polygon,
                (number, role, lift),
            );
            if role == Role::Water {
                for ring in std::iter::once(polygon.exterior()).chain(polygon.interiors()) {
                    push_kerb(&mut tiles, draping, ring, number);
                }
            }
        }
    }
    tiles
}

/// Meshes polygons of any layer in one role, such as neighbourhoods.
pub fn mesh_polygons(
    layer: &FeatureLayer,
    draping: Draping,
    feature_base: u32,
    role: Role,
    lift: f64,
) -> Tiles {
    let mut tiles = Tiles::new();
    let (mut triangulator, mut budget) = (Triangulator::default(), Budget(Budget::PIECES));
    for (index, feature) in layer.features.iter().enumerate() {
        let number = feature_base + index as u32;
        match &feature.geometry {
            Some(Geometry::Polygon(polygon)) => {
                push_polygon(
                    &mut tiles,
                    (&mut triangulator, &mut budget),
                    draping,
                    polygon,
                    (number, role, lift),
                );
            }
            Some(Geometry::MultiPolygon(multi)) => {
                for polygon in &multi.0 {
                    push_polygon(
                        &mut tiles,
                        (&mut triangulator, &mut budget),
                        draping,
                        polygon,
                        (number, role, lift),
                    );
                }
            }
            Some(Geometry::Point(point)) => {
                push_disc(&mut tiles, draping, [point.x(), point.y()], 4.0, (number, role, lift));
            }
            _ => {}
        }
    }
    tiles
}

fn push_polygon(
    tiles: &mut Tiles,
    (triangulator, budget): (&mut Triangulator, &mut Budget),
    draping: Draping,
    polygon: &Polygon<f64>,
    style: (u32, Role, f64),
) {
    let rings: Vec<Vec<[f64; 3]>> =
        std::iter::once(polygon.exterior()).chain(polygon.interiors()).map(open_ring).collect();
    let slices: Vec<&[[f64; 3]]> = rings.iter().map(Vec::as_slice).collect();
    let face = triangulator.face(&slices);
    let corners: Vec<[f64; 2]> = rings.iter().flatten().chain(face.added).map(|p| [p[0], p[1]]).collect();
    let triangles: Vec<[[f64; 2]; 3]> = face
        .triangles
        .chunks_exact(3)
        .map(|t| [corners[t[0] as usize], corners[t[1] as usize], corners[t[2] as usize]])
        .collect();
    let triangles = || triangles.iter().map(<[[f64; 2]; 3]>::as_slice);
    let coarseness = budget.coarseness(draping.ground, triangles());
    lay_coarsely(tiles, draping, triangles(), style, coarseness);
}

/// Pieces that the surfaces of a layer may still be cut into, so that a few thousand long slivers over a fine terrain do
/// not become millions of triangles.
struct Budget(f64);

impl Budget {
    const PIECES: f64 = 8e6;
    /// What a surface gets even when nothing is left.
    const LEAST: f64 = 2_000.0;

    /// How coarsely the triangles of one surface are laid: 1 as long as they take at most a quarter of what is left.
    fn coarseness<'a>(
        &mut self,
        ground: &DrawnGround,
        triangles: impl Iterator<Item = &'a [[f64; 2]]> + Clone,
    ) -> u32 {
        let pieces = |coarseness: u32| -> f64 {
            triangles.clone().map(|triangle| ground.pieces_of(triangle, coarseness)).sum()
        };
        // However coarse, each triangle is one piece.
        let allowed = (self.0 / 4.0).max(Self::LEAST).max(2.0 * triangles.clone().count() as f64);
        let mut coarseness = 1;
        let mut taken = pieces(1);
        while taken > allowed && coarseness < 1 << 20 {
            coarseness *= 2;
            taken = pieces(coarseness);
        }
        self.0 -= taken;
        coarseness
    }
}

/// The places of a ring, without the one that closes it.
pub(super) fn open_ring(ring: &LineString<f64>) -> Vec<[f64; 3]> {
    let mut points: Vec<[f64; 3]> = ring.coords().map(|c| [c.x, c.y, 0.0]).collect();
    if points.len() > 1 && points.first() == points.last() {
        points.pop();
    }
    points
}

/// Lays convex polygons (world x, y; any orientation) on the ground. Feature ranges are closed per tile.
pub fn lay<'a>(
    tiles: &mut Tiles,
    draping: Draping,
    polygons: impl IntoIterator<Item = &'a [[f64; 2]]>,
    style: (u32, Role, f64),
) {
    lay_coarsely(tiles, draping, polygons, style, 1);
}

fn lay_coarsely<'a>(
    tiles: &mut Tiles,
    draping: Draping,
    polygons: impl IntoIterator<Item = &'a [[f64; 2]]>,
    (feature, role, lift): (u32, Role, f64),
    coarseness: u32,
) {
    let mut touched: BTreeMap<TileKey, usize> = BTreeMap::new();
    for polygon in polygons {
        for piece in draping.ground.cut_coarsely(polygon, coarseness) {
            let Some(&first) = piece.first() else { continue };
            let key = draping.grid.key_of(first);
            let mesh = tiles.entry(key).or_default();
            touched.entry(key).or_insert(mesh.indices.len());
            let doubled_area: f64 = (0..piece.len())
                .map(|i| {
                    let (a, b) = (piece[i], piece[(i + 1) % piece.len()]);
                    (a[0] - first[0]) * (b[1] - first[1]) - (b[0] - first[0]) * (a[1] - first[1])
                })
                .sum();
            if doubled_area.abs() < 1e-7 {
                continue;
            }
            let base = mesh.positions.len() as u32;
            for &point in &piece {
                // Water lies level, whatever the bank does.
                let n = if role == Role::Water { [0.0, 0.0, 1.0] } else { draping.ground.normal_at(point) };
                let height = draping.ground.height_at(point) + lift;
                let position = draping.frame.scene_from_world([point[0], point[1], height]);
                mesh.push_vertex(position, [n[0] as f32, n[2] as f32, -n[1] as f32], feature, role, 255);
            }
            for corner in 1..piece.len() as u32 - 1 {
                let (b, c) = if doubled_area > 0.0 { (corner, corner + 1) } else { (corner + 1, corner) };
                mesh.indices.extend([base, base + b, base + c]);
            }
        }
    }
    for (key, first_index) in touched {
        if let Some(mesh) = tiles.get_mut(&key) {
            mesh.end_feature(feature, first_index);
        }
    }
}

/// A disc of twelve sides.
pub fn push_disc(
    tiles: &mut Tiles,
    draping: Draping,
    center: [f64; 2],
    radius_m: f64,
    style: (u32, Role, f64),
) {
    let ring: Vec<[f64; 2]> = (0..12)
        .map(|i| {
            let angle = f64::from(i) * std::f64::consts::TAU / 12.0;
            [center[0] + radius_m * angle.cos(), center[1] + radius_m * angle.sin()]
        })
        .collect();
    lay(tiles, draping, [ring.as_slice()], style);
}

/// A low raised edge along the bank, so that water reads as lying below the quay.
fn push_kerb(tiles: &mut Tiles, draping: Draping, ring: &LineString<f64>, feature: u32) {
    const HALF_WIDTH_M: f64 = 0.35;
    const HEIGHT_M: f64 = 0.28;
    let points = open_ring(ring);
    if points.len() < 3 {
        return;
    }
    let mut touched: BTreeMap<TileKey, usize> = BTreeMap::new();
    for index in 0..points.len() {
        let (a, b) = (points[index], points[(index + 1) % points.len()]);
        let length = (b[0] - a[0]).hypot(b[1] - a[1]);
        if length < 0.05 {
            continue;
        }
        let side = [-(b[1] - a[1]) / length * HALF_WIDTH_M, (b[0] - a[0]) / length * HALF_WIDTH_M];
        // Long edges follow the ground in pieces.
        let pieces = (length / draping.ground.step_m).ceil().clamp(1.0, 400.0) as usize;
        for piece in 0..pieces {
            let at = |part: usize| {
                let t = part as f64 / pieces as f64;
                [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t]
            };
            let (p, q) = (at(piece), at(piece + 1));
            let key = draping.grid.key_of(p);
            let mesh = tiles.entry(key).or_default();
            touched.entry(key).or_insert(mesh.indices.len());
            let corner = |point: [f64; 2], sign: f64, top: bool| {
                let height = draping.ground.height_at(point) + if top { HEIGHT_M } else { 0.0 };
                draping.frame.scene_from_world([point[0] + side[0] * sign, point[1] + side[1] * sign, height])
            };
            let mut quad = |w: [[f32; 3]; 4], sky: [u8; 4]| {
                mesh.push_triangle([w[0], w[1], w[2]], feature, Role::Quay, [sky[0], sky[1], sky[2]]);
                mesh.push_triangle([w[0], w[2], w[3]], feature, Role::Quay, [sky[0], sky[2], sky[3]]);
            };
            quad(
                [corner(p, -1.0, true), corner(q, -1.0, true), corner(q, 1.0, true), corner(p, 1.0, true)],
                [255; 4],
            );
            for sign in [-1.0, 1.0] {
                let (u, v) = if sign < 0.0 { (p, q) } else { (q, p) };
                quad(
                    [
                        corner(u, sign, false),
                        corner(v, sign, false),
                        corner(v, sign, true),
                        corner(u, sign, true),
                    ],
                    [150, 150, 220, 220],
                );
            }
        }
    }
    for (key, first_index) in touched {
        if let Some(mesh) = tiles.get_mut(&key) {
            mesh.end_feature(feature, first_index);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Bounds3, Feature};

    /// A comb of slivers, each across a thousand squares of the ground, would be forty million pieces.
    #[test]
    fn slivers_over_a_fine_terrain_are_laid_coarsely_and_keep_their_area() {
        let heights = (0..1_000_000).map(|i| (i % 7) as f32).collect();
        let terrain =
            crate::model::Terrain { origin: [0.5, 999.5], cell_m: 1.0, width: 1_000, height: 1_000, heights };
        let ground = DrawnGround::from_terrain(&terrain, 4_000_000);
        let mut ring = vec![(0.0, 0.0), (990.0, 0.0)];
        let teeth: u32 = 20_000;
        let gap = 990.0 / f64::from(teeth);
        ring.extend((0..teeth).rev().flat_map(|tooth| {
            let x = f64::from(tooth) * gap;
            [(x + gap / 2.0, 990.0), (x, 1.0)]
        }));
        let comb = Polygon::new(LineString::from(ring), vec![]);
        let mut layer = FeatureLayer::default();
        layer.features.push(Feature { id: "comb".into(), geometry: Some(comb.clone().into()) });
        let frame = LocalFrame { origin: [0.0; 3] };
        let draping = Draping { ground: &ground, frame, grid: TileGrid::default() };
        let tiles = mesh_polygons(&layer, draping, 0, Role::Generic, 0.0);
        let corners: usize = tiles.values().map(|mesh| mesh.indices.len()).sum();
        assert!((40_000 * 3..4_000_000 * 3).contains(&corners), "{corners}");
        let area: f64 = tiles
            .values()
            .flat_map(|mesh| {
                mesh.indices.chunks_exact(3).map(|t| [0, 1, 2].map(|k| mesh.positions[t[k] as usize]))
            })
            .map(|[a, b, c]| {
                let [u, v] = [b, c].map(|p| [f64::from(p[0] - a[0]), f64::from(p[2] - a[2])]);
                (u[0] * v[1] - u[1] * v[0]).abs() / 2.0
            })
            .sum();
        let expected = geo::Area::unsigned_area(&comb);
        assert!((area - expected).abs() < 0.01 * expected, "{area} m², expected {expected}");
    }

    #[test]
    fn surfaces_lie_above_the_ground_and_are_found_by_a_ray() {
        let bounds = Bounds3::from_points([[0.0; 3], [1_000.0, 1_000.0, 0.0]]);
        let ground = DrawnGround::flat(bounds, 0.0);
        let mut layer = FeatureLayer::default();
        let ring = LineString::from(vec![(10.0, 10.0), (400.0, 10.0), (400.0, 400.0), (10.0, 400.0)]);
        let square = Polygon::new(ring, vec![]);
        layer.features.push(Feature { id: "w".into(), geometry: Some(square.into()) });
        layer.attributes.set(0, "surface", "water");
        let draping =
            Draping { ground: &ground, frame: LocalFrame { origin: [0.0; 3] }, grid: TileGrid::default() };
        let tiles = mesh_surfaces(&layer, draping, 5);
        let hit = tiles.values().find_map(|m| m.cast_ray([200.0, 9.0, -200.0], [0.0, -1.0, 0.0], &|_| true));
        assert_eq!(hit.map(|h| h.feature), Some(5));
        assert!((hit.unwrap().distance - (9.0 - 0.06)).abs() < 1e-4);
        for mesh in tiles.values() {
            for (normal, shade) in mesh.normals.iter().zip(&mesh.shades) {
                if shade & 0xff == Role::Water as u32 {
                    assert_eq!(*normal, [0.0, 1.0, 0.0]);
                }
            }
        }
    }
}
