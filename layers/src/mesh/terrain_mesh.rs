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
