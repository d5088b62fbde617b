//! The drawn ground as tile meshes with smooth normals.

use std::collections::BTreeMap;

use super::{Role, TileGrid, TileKey, TileMesh, drape::DrawnGround};
use crate::crs::LocalFrame;

/// Meshes the ground in tiles of whole squares (at least 32 squares wide, so that few draw calls are needed).
pub fn mesh_ground(ground: &DrawnGround, frame: LocalFrame, feature: u32) -> BTreeMap<TileKey, TileMesh> {
    const SQUARES: usize = 64;
    let grid = TileGrid { size_m: ground.step_m * SQUARES as f64 };
    let mut tiles = BTreeMap::new();
    for tile_row in 0..ground.rows.div_ceil(SQUARES) {
        for tile_column in 0..ground.columns.div_ceil(SQUARES) {
            let (c0, r0) = (tile_column * SQUARES, tile_row * SQUARES);
            let (c1, r1) = ((c0 + SQUARES).min(ground.columns), (r0 + SQUARES).min(ground.rows));
            let mut mesh = TileMesh::default();
            for row in r0..=r1 {
                for column in c0..=c1 {
                    let point = [
                        ground.origin[0] + column as f64 * ground.step_m,
                        ground.origin[1] + row as f64 * ground.step_m,
                    ];
                    let n = ground.normal_at(point);
                    let position = frame.scene_from_world([point[0], point[1], ground.height_at(point)]);
                    mesh.push_vertex(
                        position,
                        [n[0] as f32, n[2] as f32, -n[1] as f32],
                        feature,
                        Role::Ground,
                        255,
                    );
                }
            }
            let width = (c1 - c0 + 1) as u32;
            for row in 0..(r1 - r0) as u32 {
                for column in 0..(c1 - c0) as u32 {
                    let sw = row * width + column;
                    let (se, nw, ne) = (sw + 1, sw + width, sw + width + 1);
                    mesh.indices.extend([sw, se, ne, sw, ne, nw]);
                }
            }
            mesh.end_feature(feature, 0);
            if !mesh.is_empty() {
                let middle = [
                    ground.origin[0] + (c0 as f64 + 0.5) * ground.step_m,
                    ground.origin[1] + (r0 as f64 + 0.5) * ground.step_m,
                ];
                tiles.insert(grid.key_of(middle), mesh);
            }
        }
    }
    tiles
}

/// The sides of the base board under the ground: from the edge of the ground down to a level foot.
pub fn mesh_plinth(ground: &DrawnGround, frame: LocalFrame, feature: u32) -> TileMesh {
    let bounds = ground.bounds();
    let size = bounds.size();
    let foot = bounds.min[2] - size[0].max(size[1]) * 0.012;
    let (columns, rows, step) = (ground.columns, ground.rows, ground.step_m);
    let corner = |column: usize, row: usize| {
        [ground.origin[0] + column as f64 * step, ground.origin[1] + row as f64 * step]
    };
    // Anticlockwise around the board, seen from above.
    let mut edge: Vec<[f64; 2]> = (0..columns).map(|c| corner(c, 0)).collect();
    edge.extend((0..rows).map(|r| corner(columns, r)));
    edge.extend((0..columns).map(|c| corner(columns - c, rows)));
    edge.extend((0..rows).map(|r| corner(0, rows - r)));
    let mut mesh = TileMesh::default();
    for index in 0..edge.len() {
        let (a, b) = (edge[index], edge[(index + 1) % edge.len()]);
        let at = |p: [f64; 2], z: f64| frame.scene_from_world([p[0], p[1], z]);
        let quad = [at(a, foot), at(b, foot), at(b, ground.height_at(b)), at(a, ground.height_at(a))];
        mesh.push_triangle([quad[0], quad[1], quad[2]], feature, Role::Wall, [200, 200, 255]);
        mesh.push_triangle([quad[0], quad[2], quad[3]], feature, Role::Wall, [200, 255, 255]);
    }
    mesh.end_feature(feature, 0);
    mesh
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Bounds3;

    #[test]
    fn every_square_of_the_ground_is_drawn_once() {
        let bounds = Bounds3::from_points([[0.0; 3], [10_000.0, 7_000.0, 0.0]]);
        let ground = DrawnGround::flat(bounds, 1.0);
        let tiles = mesh_ground(&ground, LocalFrame { origin: [0.0; 3] }, 3);
        let triangles: usize = tiles.values().map(|mesh| mesh.indices.len() / 3).sum();
        assert_eq!(triangles, ground.columns * ground.rows * 2);
        let hit =
            tiles.values().find_map(|m| m.cast_ray([4321.0, 9.0, -1234.0], [0.0, -1.0, 0.0], &|_| true));
        assert!((hit.unwrap().distance - 8.0).abs() < 1e-4);
    }
}
