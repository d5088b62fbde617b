//! Point clouds to tile meshes: each point a small tetrahedron, so that it is seen from every side and the pipeline of
//! the city draws it.
//!
//! Four corners and four triangles a point are the fewest that no direction hides; corners share an upright normal, so
//! that a cloud is lit evenly. The colour comes from the class: by its [`Role`], or by the feature buffer, because the
//! feature number of a point is `feature_base` + its class code.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::{Role, TileGrid, TileKey, TileMesh};
use crate::{
    crs::LocalFrame,
    model::{PointChunk, PointCloud},
};

/// Feature numbers that a cloud takes: one each class code.
pub const FEATURE_NUMBERS: usize = 256;

/// How points are drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PointStyle {
    /// Width of a point at the deepest level, metres; at a coarser level it doubles with each step, so that the
    /// picture stays closed.
    pub size_m: f32,
    /// Most points over all tiles. Levels are added while they fit, the last one in part (every n-th point).
    pub max_points: usize,
}

impl Default for PointStyle {
    /// 176 bytes of buffers a point, which the renderer holds once more and a software renderer twice: 500,000 make
    /// 88 MB. A picture of 1,600 × 900 has not three pixels for each.
    fn default() -> Self {
        Self { size_m: 0.35, max_points: 500_000 }
    }
}

/// Tiles of a cloud and what was left out of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PointTiles {
    pub tiles: BTreeMap<TileKey, TileMesh>,
    pub points_drawn: usize,
    /// The deepest level drawn in full.
    pub level: u8,
}

/// What of each level fits: every `stride`-th point of it (0: none).
fn strides(cloud: &PointCloud, max_points: usize) -> Vec<usize> {
    let mut by_level = vec![0_usize; usize::from(cloud.deepest_level()) + 1];
    for chunk in &cloud.chunks {
        if let Some(count) = by_level.get_mut(usize::from(chunk.level)) {
            *count += chunk.len();
        }
    }
    let mut left = max_points;
    by_level
        .into_iter()
        .map(|count| {
            let stride = if count <= left {
                1
            } else if left == 0 {
                0
            } else {
                count.div_ceil(left)
            };
            left = if stride == 1 { left - count } else { 0 };
            stride
        })
        .collect()
}

/// Meshes a cloud within the style's budget. Feature numbers are `feature_base` + class code (256 numbers); each tile has
/// one range a class. Tiles come in key order; the result does not depend on threads.
pub fn mesh_points(
    cloud: &PointCloud,
    frame: LocalFrame,
    grid: TileGrid,
    feature_base: u32,
    style: PointStyle,
) -> PointTiles {
    let strides = strides(cloud, style.max_points);
    let level = strides.iter().take_while(|&&stride| stride == 1).count().saturating_sub(1) as u8;
    let coarser = cloud.deepest_level().saturating_sub(level).min(6);
    let radius = style.size_m.clamp(0.01, 100.0) * 0.5 * 2_f32.powi(i32::from(coarser));
    // Chunk, point; by tile and class.
    let mut by_tile: BTreeMap<TileKey, BTreeMap<u8, Vec<(u32, u32)>>> = BTreeMap::new();
    let mut points_drawn = 0;
    for (number, chunk) in cloud.chunks.iter().enumerate() {
        let Some(&stride) = strides.get(usize::from(chunk.level)).filter(|&&stride| stride > 0) else {
            continue;
        };
        for point in (0..chunk.len()).step_by(stride) {
            let Some([x, y, _]) = chunk.world(point) else { continue };
            let class = chunk.classes.get(point).copied().unwrap_or(0);
            let tile = by_tile.entry(grid.key_of([x, y])).or_default();
            tile.entry(class).or_default().push((number as u32, point as u32));
            points_drawn += 1;
        }
    }
    let tiles: Vec<_> = by_tile.into_iter().collect();
    let tiles = tiles
        .into_par_iter()
        .map(|(key, classes)| {
            let mut mesh = TileMesh::default();
            // Exactly: buffers that grow by doubling would take up to twice as much while the renderer copies them.
            let count = classes.values().map(Vec::len).sum::<usize>();
            mesh.positions.reserve_exact(4 * count);
            mesh.normals.reserve_exact(4 * count);
            mesh.features.reserve_exact(4 * count);
            mesh.shades.reserve_exact(4 * count);
            mesh.indices.reserve_exact(12 * count);
            for (class, points) in classes {
                let first_index = mesh.indices.len();
                let feature = feature_base.saturating_add(u32::from(class));
                for (chunk, point) in points {
                    let chunk: Option<&PointChunk> = cloud.chunks.get(chunk as usize);
                    if let Some(world) = chunk.and_then(|chunk| chunk.world(point as usize)) {
                        push_point(&mut mesh, frame.scene_from_world(world), radius, feature, role_of(class));
                    }
                }
                mesh.end_feature(feature, first_index);
            }
            (key, mesh)
        })
        .collect::<Vec<_>>()
        .into_iter()
        .collect();
    PointTiles { tiles, points_drawn, level }
}

fn push_point(mesh: &mut TileMesh, [x, y, z]: [f32; 3], r: f32, feature: u32, role: Role) {
    let up = [0.0, 1.0, 0.0];
    // A regular tetrahedron in a cube of edge 2r · 0.82, one corner up-east-south.
    let h = r * 0.82;
    let corners = [[h, h, h], [-h, h, -h], [-h, -h, h], [h, -h, -h]];
    let base = mesh.positions.len() as u32;
    for [dx, dy, dz] in corners {
        mesh.push_vertex([x + dx, y + dy, z + dz], up, feature, role, 255);
    }
    for [a, b, c] in [[0, 1, 2], [0, 3, 1], [0, 2, 3], [1, 3, 2]] {
        mesh.indices.extend([base + a, base + b, base + c]);
    }
}

/// The part of the city that a class looks like.
fn role_of(class: u8) -> Role {
    match class {
        2 | 8 => Role::Ground,
        3 => Role::Lawn,
        4 => Role::Green,
        // AHN leaves vegetation in class 1.
        1 | 5 => Role::TreeCrown,
        6 => Role::Roof,
        9 => Role::Water,
        10 => Role::Rail,
        11 => Role::Street,
        17 | 26 => Role::Bridge,
        _ => Role::Generic,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cloud() -> PointCloud {
        let chunk = |level: u8, count: usize| PointChunk {
            origin: [155_000.0, 463_000.0, 0.0],
            positions: (0..count).map(|i| [i as f32, 1.0, 2.0]).collect(),
            classes: (0..count).map(|i| if i % 2 == 0 { 2 } else { 6 }).collect(),
            level,
            ..PointChunk::default()
        };
        PointCloud { chunks: vec![chunk(0, 10), chunk(1, 100)], ..PointCloud::default() }
    }

    #[test]
    fn a_point_is_seen_and_picked_as_its_class_from_every_side() {
        let frame = LocalFrame::new([155_000.0, 463_000.0, 0.0]);
        let style = PointStyle { size_m: 0.4, ..PointStyle::default() };
        let drawn = mesh_points(&cloud(), frame, TileGrid::default(), 1000, style);
        assert_eq!((drawn.points_drawn, drawn.level), (110, 1));
        let mesh = drawn.tiles.values().next().unwrap();
        assert_eq!(mesh.indices.len(), 110 * 12);
        assert_eq!(mesh.ranges.iter().map(|range| range.feature).collect::<Vec<_>>(), [1002, 1006]);
        // The point with x = 1 is a roof; scene axes: east, up, south.
        for direction in
            [[0.0_f32, -1.0, 0.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.6, -0.7, 0.4]]
        {
            let origin = [1.0 - direction[0] * 0.45, 2.0 - direction[1] * 0.45, -1.0 - direction[2] * 0.45];
            let hit = mesh.cast_ray(origin, direction, &|_| true).unwrap();
            assert_eq!(hit.feature, 1006, "{direction:?}");
        }
    }

    #[test]
    fn tetrahedra_look_outwards() {
        let mut mesh = TileMesh::default();
        push_point(&mut mesh, [0.0; 3], 1.0, 0, Role::Roof);
        for triangle in mesh.indices.chunks_exact(3) {
            let corners = [0, 1, 2].map(|i| mesh.positions[triangle[i] as usize]);
            let normal = super::super::tile_mesh::triangle_normal(corners).unwrap();
            let outward: f32 = (0..3).map(|axis| normal[axis] * corners[0][axis]).sum();
            assert!(outward > 0.0);
        }
    }

    #[test]
    fn a_budget_thins_the_deepest_level_first() {
        let frame = LocalFrame::new([155_000.0, 463_000.0, 0.0]);
        let draw = |max_points| {
            let style = PointStyle { max_points, ..PointStyle::default() };
            let drawn = mesh_points(&cloud(), frame, TileGrid::default(), 0, style);
            assert!(drawn.points_drawn <= max_points);
            (drawn.points_drawn, drawn.level)
        };
        assert_eq!(draw(110), (110, 1));
        assert_eq!(draw(60), (60, 0), "all ten of level 0 and every second of level 1");
        assert_eq!(draw(10), (10, 0));
        assert_eq!(draw(0).0, 0);
    }
}
