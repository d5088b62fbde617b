//! Trees as paper-model balls on a stem.

use super::{
    Role, TileMesh,
    surfaces::{Draping, Tiles},
};
use crate::model::FeatureLayer;

/// Unit octahedron split once: 18 corners and 32 faces, round enough at street distance and cheap in thousands.
fn ball() -> (Vec<[f32; 3]>, Vec<[usize; 3]>) {
    let mut points: Vec<[f32; 3]> = vec![
        [1.0, 0.0, 0.0],
        [-1.0, 0.0, 0.0],
        [0.0, 1.0, 0.0],
        [0.0, -1.0, 0.0],
        [0.0, 0.0, 1.0],
        [0.0, 0.0, -1.0],
    ];
    let faces = [[0, 2, 4], [4, 2, 1], [1, 2, 5], [5, 2, 0], [4, 3, 0], [1, 3, 4], [5, 3, 1], [0, 3, 5]];
    let mut split = Vec::new();
    let middle = |a: usize, b: usize, points: &mut Vec<[f32; 3]>| {
        let sum: [f32; 3] = std::array::from_fn(|axis| points[a][axis] + points[b][axis]);
        let length = sum.iter().map(|part| part * part).sum::<f32>().sqrt();
        let point = sum.map(|part| part / length);
        points.iter().position(|&known| known == point).unwrap_or_else(|| {
            points.push(point);
            points.len() - 1
        })
    };
    for [a, b, c] in faces {
        let (ab, bc, ca) = (middle(a, b, &mut points), middle(b, c, &mut points), middle(c, a, &mut points));
        split.extend([[a, ab, ca], [ab, b, bc], [ca, bc, c], [ab, bc, ca]]);
    }
    (points, split)
}

/// Meshes the points of a tree layer with `height_m` and `crown_radius_m` (8 m and 2.5 m where they are missing).
pub fn mesh_trees(layer: &FeatureLayer, draping: Draping, feature_base: u32) -> Tiles {
    let (ball_points, ball_faces) = ball();
    let mut tiles = Tiles::new();
    for (index, feature) in layer.features.iter().enumerate() {
        let Some(geo::Geometry::Point(point)) = &feature.geometry else { continue };
        let position = [point.x(), point.y()];
        let number = |name: &str, default: f64| {
            layer.attributes.get(index, name).as_f64().filter(|v| *v > 0.0).unwrap_or(default)
        };
        let height = number("height_m", 8.0);
        let radius = number("crown_radius_m", 2.5);
        let foot = draping.ground.height_at(position);
        let mesh = tiles.entry(draping.grid.key_of(position)).or_default();
        let feature = feature_base + index as u32;
        let first_index = mesh.indices.len();
        let crown_half = ((height * 0.72) / 2.0).max(radius * 0.8);
        let crown_middle = height - crown_half;
        push_trunk(mesh, draping, position, foot, [0.18, crown_middle], feature);
        let center = draping.frame.scene_from_world([position[0], position[1], foot + crown_middle]);
        // Each tree is turned differently, so that rows do not look stamped.
        let turn = (position[0] * 0.7 + position[1] * 1.3).rem_euclid(std::f64::consts::TAU) as f32;
        let (sin, cos) = turn.sin_cos();
        let base = mesh.positions.len() as u32;
        for unit in &ball_points {
            let [x, y, z] = *unit;
            let (x, z) = (x * cos - z * sin, x * sin + z * cos);
            let point = [
                center[0] + x * radius as f32,
                center[1] + y * crown_half as f32,
                center[2] + z * radius as f32,
            ];
            let sky = (205.0 + 50.0 * y) as u8;
            mesh.push_vertex(point, [x, y, z], feature, Role::TreeCrown, sky);
        }
        mesh.indices.extend(ball_faces.iter().flatten().map(|&corner| base + corner as u32));
        mesh.end_feature(feature, first_index);
    }
    tiles
}

/// Pins with a ball on top: where a stop or a sensor stands. `places` are world points on the ground with the number of
/// their feature; the ball is `height_m` above it.
pub fn mesh_pins(
    places: impl IntoIterator<Item = ([f64; 2], u32)>,
    draping: Draping,
    role: Role,
    height_m: f64,
) -> Tiles {
    /// Of the ball and of the pole, as parts of the height.
    const SHARES: [f64; 2] = [0.18, 0.036];
    let [ball_m, pole_m] = SHARES.map(|share| share * height_m);
    let (ball_points, ball_faces) = ball();
    let mut tiles = Tiles::new();
    for (position, feature) in places.into_iter().filter(|(p, _)| p[0].is_finite() && p[1].is_finite()) {
        let foot = draping.ground.height_at(position);
        let mesh = tiles.entry(draping.grid.key_of(position)).or_default();
        let first_index = mesh.indices.len();
        push_trunk(mesh, draping, position, foot, [pole_m, height_m], feature);
        let center = draping.frame.scene_from_world([position[0], position[1], foot + height_m]);
        let base = mesh.positions.len() as u32;
        for unit in &ball_points {
            let point = std::array::from_fn(|axis| center[axis] + unit[axis] * ball_m as f32);
            mesh.push_vertex(point, *unit, feature, role, 255);
        }
        mesh.indices.extend(ball_faces.iter().flatten().map(|&corner| base + corner as u32));
        mesh.end_feature(feature, first_index);
    }
    tiles
}

fn push_trunk(
    mesh: &mut TileMesh,
    draping: Draping,
    position: [f64; 2],
    foot: f64,
    [radius, height]: [f64; 2],
    feature: u32,
) {
    let corner = |number: usize, z: f64| {
        let angle = number as f64 * std::f64::consts::TAU / 4.0;
        draping.frame.scene_from_world([
            position[0] + radius * angle.cos(),
            position[1] + radius * angle.sin(),
            foot + z,
        ])
    };
    for side in 0..4 {
        let (a, b) = (side, side + 1);
        let quad = [corner(a, 0.0), corner(b, 0.0), corner(b, height), corner(a, height)];
        mesh.push_triangle([quad[0], quad[1], quad[2]], feature, Role::TreeTrunk, [170, 170, 230]);
        mesh.push_triangle([quad[0], quad[2], quad[3]], feature, Role::TreeTrunk, [170, 230, 230]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::tile_mesh::triangle_normal;

    #[test]
    fn the_ball_is_closed_and_looks_outward() {
        let (points, faces) = ball();
        assert_eq!((points.len(), faces.len()), (18, 32));
        for [a, b, c] in faces {
            let normal = triangle_normal([points[a], points[b], points[c]]).unwrap();
            let middle: [f32; 3] =
                std::array::from_fn(|axis| points[a][axis] + points[b][axis] + points[c][axis]);
            let outward: f32 = (0..3).map(|axis| normal[axis] * middle[axis]).sum();
            assert!(outward > 0.0);
        }
    }
}
