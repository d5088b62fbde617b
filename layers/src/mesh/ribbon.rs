//! Streets, paths and rails as ribbons on the ground, with round joints; bridges as decks above it.

use std::collections::BTreeMap;

use super::{
    Role,
    surfaces::{Draping, Tiles, lay, push_disc},
};
use crate::model::{Link, LinkClass, Modes, StreetNetwork};

/// Role and height above the ground of a link, metres. Busier classes lie above quieter ones, so that a crossing shows
/// the main street through.
pub fn link_style(link: &Link) -> (Role, f64) {
    match link.class {
        LinkClass::Motorway | LinkClass::Trunk => (Role::Street, 0.17),
        LinkClass::Primary => (Role::Street, 0.165),
        LinkClass::Secondary => (Role::Street, 0.16),
        LinkClass::Tertiary | LinkClass::Busway => (Role::Street, 0.155),
        LinkClass::Unclassified | LinkClass::Residential | LinkClass::CycleStreet => (Role::Street, 0.15),
        LinkClass::LivingStreet | LinkClass::Service => (Role::Street, 0.145),
        LinkClass::Pedestrian => (Role::Square, 0.14),
        LinkClass::Cycleway => (Role::Cycleway, 0.13),
        LinkClass::Footway | LinkClass::Path | LinkClass::Steps | LinkClass::Track => (Role::Footway, 0.12),
    }
}

/// Meshes all links of a network that are not in tunnels. Feature numbers are `feature_base` + link position.
pub fn mesh_streets(network: &StreetNetwork, draping: Draping, feature_base: u32) -> Tiles {
    let mut tiles = Tiles::new();
    // Joints: the widest link of each role at a node decides the disc there.
    let mut joints: BTreeMap<(u32, Role), (f64, f64, u32)> = BTreeMap::new();
    for (index, link) in network.links.iter().enumerate() {
        if link.is_tunnel {
            continue;
        }
        let (role, lift) = link_style(link);
        let feature = feature_base + index as u32;
        if link.is_bridge {
            push_deck(&mut tiles, draping, &link.geometry, link.width_m, feature, role);
            continue;
        }
        push_ribbon(&mut tiles, draping, &link.geometry, link.width_m, (feature, role, lift));
        for node in [link.from, link.to] {
            let joint = joints.entry((node, role)).or_insert((0.0, lift, feature));
            if link.width_m > joint.0 {
                *joint = (link.width_m, lift, feature);
            }
        }
    }
    for ((node, role), (width_m, lift, feature)) in joints {
        if let Some(node) = network.nodes.get(node as usize) {
            push_disc(&mut tiles, draping, node.position, width_m / 2.0, (feature, role, lift - 0.002));
        }
    }
    tiles
}

/// The overlay that shows differences on links where cars may drive at the baseline: a narrower ribbon above the street,
/// invisible until its features get a colour. Numbers as in [`mesh_streets`] but from its own base.
pub fn mesh_difference(network: &StreetNetwork, draping: Draping, feature_base: u32) -> Tiles {
    let mut tiles = Tiles::new();
    for (index, link) in network.links.iter().enumerate() {
        let carries_cars = (link.forward | link.backward).contains(Modes::CAR);
        if link.is_tunnel || !carries_cars {
            continue;
        }
        let width_m = (link.width_m * 0.8).clamp(4.0, 12.0);
        let feature = feature_base + index as u32;
        if link.is_bridge {
            push_deck_top(&mut tiles, draping, &link.geometry, width_m, (feature, Role::Difference, 0.12));
        } else {
            push_ribbon(&mut tiles, draping, &link.geometry, width_m, (feature, Role::Difference, 0.3));
        }
    }
    tiles
}

/// A polyline of constant width on the ground, with mitred bends.
pub fn push_ribbon(
    tiles: &mut Tiles,
    draping: Draping,
    points: &[[f64; 2]],
    width_m: f64,
    style: (u32, Role, f64),
) {
    let (left, right) = offset_sides(points, width_m / 2.0);
    let quads: Vec<[[f64; 2]; 3]> = (1..left.len())
        .flat_map(|i| [[right[i - 1], right[i], left[i]], [right[i - 1], left[i], left[i - 1]]])
        .collect();
    lay(tiles, draping, quads.iter().map(<[[f64; 2]; 3]>::as_slice), style);
}

/// Both sides of a polyline at a distance; bends are mitred up to three times the distance.
fn offset_sides(points: &[[f64; 2]], half_m: f64) -> (Vec<[f64; 2]>, Vec<[f64; 2]>) {
    let mut clean: Vec<[f64; 2]> = Vec::with_capacity(points.len());
    for &point in points {
        if clean.last().is_none_or(|last: &[f64; 2]| (point[0] - last[0]).hypot(point[1] - last[1]) > 0.01) {
            clean.push(point);
        }
    }
    let direction = |a: [f64; 2], b: [f64; 2]| {
        let length = (b[0] - a[0]).hypot(b[1] - a[1]);
        [(b[0] - a[0]) / length, (b[1] - a[1]) / length]
    };
    let mut sides = (Vec::new(), Vec::new());
    if clean.len() < 2 {
        return sides;
    }
    for (index, &point) in clean.iter().enumerate() {
        let before = (index > 0).then(|| direction(clean[index - 1], point));
        let after = (index + 1 < clean.len()).then(|| direction(point, clean[index + 1]));
        let (u, v) = match (before, after) {
            (Some(u), Some(v)) => (u, v),
            (Some(u), None) | (None, Some(u)) => (u, u),
            (None, None) => return sides,
        };
        let mut normal = [-(u[1] + v[1]), u[0] + v[0]];
        let length = normal[0].hypot(normal[1]);
        normal = if length < 1e-6 { [-u[1], u[0]] } else { [normal[0] / length, normal[1] / length] };
        // cos of half the bend; the mitre grows with its inverse.
        let cosine = (normal[0] * -u[1] + normal[1] * u[0]).max(1.0 / 3.0);
        let reach = half_m / cosine;
        sides.0.push([point[0] + normal[0] * reach, point[1] + normal[1] * reach]);
        sides.1.push([point[0] - normal[0] * reach, point[1] - normal[1] * reach]);
    }
    sides
}

/// Height of a bridge deck along its length: straight between the banks with a gentle arch, metres.
fn deck_height(draping: Draping, points: &[[f64; 2]], part: f64) -> f64 {
    let (Some(&a), Some(&b)) = (points.first(), points.last()) else { return 0.0 };
    let (ha, hb) = (draping.ground.height_at(a), draping.ground.height_at(b));
    let length = (b[0] - a[0]).hypot(b[1] - a[1]);
    let arch = (length * 0.02).clamp(0.15, 1.2) * 4.0 * part * (1.0 - part);
    ha + (hb - ha) * part + arch + 0.17
}

/// Points along a deck: (left, right, height, running part 0–1), close enough for the arch to look round.
fn deck_stations(draping: Draping, points: &[[f64; 2]], width_m: f64) -> Vec<([f64; 2], [f64; 2], f64)> {
    let mut dense: Vec<[f64; 2]> = Vec::new();
    for pair in points.windows(2) {
        let length = (pair[1][0] - pair[0][0]).hypot(pair[1][1] - pair[0][1]);
        let steps = (length / 3.0).ceil().clamp(1.0, 200.0) as usize;
        for step in 0..steps {
            let t = step as f64 / steps as f64;
            dense.push([
                pair[0][0] + (pair[1][0] - pair[0][0]) * t,
                pair[0][1] + (pair[1][1] - pair[0][1]) * t,
            ]);
        }
    }
    dense.extend(points.last());
    let (left, right) = offset_sides(&dense, width_m / 2.0);
    let count = left.len();
    (0..count)
        .map(|i| (left[i], right[i], deck_height(draping, points, i as f64 / (count.max(2) - 1) as f64)))
        .collect()
}

fn push_deck(
    tiles: &mut Tiles,
    draping: Draping,
    points: &[[f64; 2]],
    width_m: f64,
    feature: u32,
    role: Role,
) {
    const THICKNESS_M: f64 = 0.6;
    const PARAPET_M: f64 = 0.5;
    push_deck_top(tiles, draping, points, width_m, (feature, role, 0.0));
    let stations = deck_stations(draping, points, width_m);
    let Some(first) = stations.first() else { return };
    let mesh = tiles.entry(draping.grid.key_of(first.0)).or_default();
    let first_index = mesh.indices.len();
    for pair in stations.windows(2) {
        for is_left in [true, false] {
            let at = |station: &([f64; 2], [f64; 2], f64), height: f64| {
                let point = if is_left { station.0 } else { station.1 };
                draping.frame.scene_from_world([point[0], point[1], station.2 + height])
            };
            let (a, b) = if is_left { (&pair[1], &pair[0]) } else { (&pair[0], &pair[1]) };
            // Outer face from under the deck to the parapet, and its inner side.
            let outer = [at(a, -THICKNESS_M), at(b, -THICKNESS_M), at(b, PARAPET_M), at(a, PARAPET_M)];
            for face in [outer, [at(b, 0.0), at(a, 0.0), at(a, PARAPET_M), at(b, PARAPET_M)]] {
                mesh.push_triangle([face[0], face[1], face[2]], feature, Role::Bridge, [170, 170, 255]);
                mesh.push_triangle([face[0], face[2], face[3]], feature, Role::Bridge, [170, 255, 255]);
            }
        }
    }
    mesh.end_feature(feature, first_index);
}

fn push_deck_top(
    tiles: &mut Tiles,
    draping: Draping,
    points: &[[f64; 2]],
    width_m: f64,
    (feature, role, lift): (u32, Role, f64),
) {
    let stations = deck_stations(draping, points, width_m);
    let Some(first) = stations.first() else { return };
    let mesh = tiles.entry(draping.grid.key_of(first.0)).or_default();
    let first_index = mesh.indices.len();
    for pair in stations.windows(2) {
        let at = |point: [f64; 2], height: f64| {
            draping.frame.scene_from_world([point[0], point[1], height + lift])
        };
        let [a, b] = [&pair[0], &pair[1]];
        let quad = [at(a.1, a.2), at(b.1, b.2), at(b.0, b.2), at(a.0, a.2)];
        mesh.push_triangle([quad[0], quad[1], quad[2]], feature, role, [255; 3]);
        mesh.push_triangle([quad[0], quad[2], quad[3]], feature, role, [255; 3]);
    }
    mesh.end_feature(feature, first_index);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        crs::LocalFrame,
        mesh::{TileGrid, drape::DrawnGround},
        model::Bounds3,
    };

    #[test]
    fn a_bent_ribbon_keeps_its_width() {
        let (left, right) = offset_sides(&[[0.0, 0.0], [10.0, 0.0], [10.0, 10.0]], 2.0);
        assert_eq!((left[0], right[0]), ([0.0, 2.0], [0.0, -2.0]));
        assert!((left[1][0] - 8.0).abs() < 1e-9 && (left[1][1] - 2.0).abs() < 1e-9, "{:?}", left[1]);
        assert!((right[1][0] - 12.0).abs() < 1e-9 && (right[1][1] + 2.0).abs() < 1e-9);
    }

    #[test]
    fn ribbons_face_up_whatever_their_direction() {
        let bounds = Bounds3::from_points([[-500.0, -500.0, 0.0], [500.0, 500.0, 0.0]]);
        let ground = DrawnGround::flat(bounds, 0.0);
        let draping =
            Draping { ground: &ground, frame: LocalFrame { origin: [0.0; 3] }, grid: TileGrid::default() };
        for points in [[[0.0, 1.0], [90.0, 1.0]], [[90.0, 1.0], [0.0, 1.0]]] {
            let mut tiles = Tiles::new();
            push_ribbon(&mut tiles, draping, &points, 6.0, (1, Role::Street, 0.1));
            let mesh = tiles.values().next().unwrap();
            for t in mesh.indices.chunks_exact(3) {
                let corners = [0, 1, 2].map(|c| mesh.positions[t[c] as usize]);
                let normal = crate::mesh::tile_mesh::triangle_normal(corners).unwrap();
                assert!(normal[1] > 0.99, "{normal:?}");
            }
        }
    }
}
