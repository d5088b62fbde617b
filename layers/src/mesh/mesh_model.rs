//! Triangle meshes to tile meshes: cut up by feature and tile, flat shaded, with their sharp edges.

use std::collections::{BTreeMap, HashMap};

use rayon::prelude::*;

use super::{Role, TileGrid, TileKey, TileMesh, tile_mesh::triangle_normal};
use crate::{
    crs::LocalFrame,
    model::{MeshModel, MeshPart},
};

/// Height above a feature's foot over which walls brighten, metres; as for buildings.
const CONTACT_SHADOW_M: f64 = 2.5;
/// Corners nearer than this are one corner when edges are looked for, metres.
const WELD_M: f64 = 0.005;
/// Cosine of the bend from which two triangles meet in an edge that is seen.
const SHARP: f32 = 0.9;

/// Triangles of one feature in one tile: part and first index.
type Pieces = BTreeMap<u32, Vec<(u32, u32)>>;

/// Feature numbers that a model takes: one each, and one for what belongs to none.
pub fn feature_numbers(model: &MeshModel) -> usize {
    model.features.len() + 1
}

/// Meshes all parts of a model. Feature numbers are `feature_base` + the position in `model.features`; triangles of no
/// feature get `feature_base` + the number of features, which no look-up finds. Tiles come in key order and hold their
/// features in order; the result does not depend on threads.
///
/// A feature lies in the tile of its first triangle's first corner, so that it is drawn, hidden and picked as a whole;
/// triangles of no feature lie each in their own tile.
pub fn mesh_meshes(
    model: &MeshModel,
    frame: LocalFrame,
    grid: TileGrid,
    feature_base: u32,
) -> BTreeMap<TileKey, TileMesh> {
    let none = model.features.len() as u32;
    let mut home: HashMap<u32, TileKey> = HashMap::new();
    let mut by_tile: BTreeMap<TileKey, Pieces> = BTreeMap::new();
    for (part_number, part) in model.parts.iter().enumerate() {
        for first in (0..part.indices.len() / 3 * 3).step_by(3) {
            let Some(&corner) = part.indices.get(first) else { continue };
            let Some(point) = part.world(corner) else { continue };
            let feature = part.features.get(corner as usize).copied().unwrap_or(none).min(none);
            let own = grid.key_of([point[0], point[1]]);
            let key = if feature == none { own } else { *home.entry(feature).or_insert(own) };
            let pieces = by_tile.entry(key).or_default();
            pieces.entry(feature).or_default().push((part_number as u32, first as u32));
        }
    }
    let tiles: Vec<(TileKey, Pieces)> = by_tile.into_iter().collect();
    tiles
        .into_par_iter()
        .map(|(key, pieces)| {
            let mut mesh = TileMesh::default();
            for (feature, triangles) in pieces {
                push_feature(
                    &mut mesh,
                    &model.parts,
                    &triangles,
                    frame,
                    feature_base.saturating_add(feature),
                );
            }
            (key, mesh)
        })
        .filter(|(_, mesh)| !mesh.is_empty())
        .collect::<Vec<_>>()
        .into_iter()
        .collect()
}

fn push_feature(
    mesh: &mut TileMesh,
    parts: &[MeshPart],
    triangles: &[(u32, u32)],
    frame: LocalFrame,
    feature: u32,
) {
    let corners = |&(part, first): &(u32, u32)| -> Option<[[f64; 3]; 3]> {
        let part = parts.get(part as usize)?;
        let indices = part.indices.get(first as usize..first as usize + 3)?;
        Some([part.world(*indices.first()?)?, part.world(*indices.get(1)?)?, part.world(*indices.get(2)?)?])
    };
    let foot =
        triangles.iter().filter_map(corners).flatten().map(|corner| corner[2]).fold(f64::INFINITY, f64::min);
    let first_index = mesh.indices.len();
    let mut edges = Edges::default();
    for world in triangles.iter().filter_map(corners) {
        let scene = world.map(|corner| frame.scene_from_world(corner));
        let Some(normal) = triangle_normal(scene) else { continue };
        let role = if normal[1] > 0.2 { Role::Roof } else { Role::Wall };
        let sky = world.map(|corner| {
            let part = ((corner[2] - foot) / CONTACT_SHADOW_M).clamp(0.0, 1.0);
            if role == Role::Wall { (150.0 + 105.0 * part) as u8 } else { 255 }
        });
        mesh.push_triangle(scene, feature, role, sky);
        edges.add(world, normal);
    }
    mesh.end_feature(feature, first_index);
    for [a, b] in edges.sharp() {
        // The line where a thing meets the ground would only flicker in the grass.
        if a[2].max(b[2]) > foot + 0.3 {
            for end in [a, b] {
                mesh.edge_points.push(frame.scene_from_world(end));
                mesh.edge_features.push(feature);
            }
        }
    }
}

/// Edges of one feature by their welded ends: tiles rarely share vertices between faces.
#[derive(Default)]
struct Edges(BTreeMap<[[i64; 3]; 2], Edge>);

struct Edge {
    /// Of the first triangle that has it.
    normal: [f32; 3],
    is_sharp: bool,
    ends: [[f64; 3]; 2],
}

impl Edges {
    fn add(&mut self, corners: [[f64; 3]; 3], normal: [f32; 3]) {
        let welded = corners.map(|corner| corner.map(|value| (value / WELD_M).round() as i64));
        for (a, b) in [(0, 1), (1, 2), (2, 0)] {
            let (a, b) = if welded[a] <= welded[b] { (a, b) } else { (b, a) };
            if welded[a] == welded[b] {
                continue;
            }
            self.0
                .entry([welded[a], welded[b]])
                .and_modify(|edge| {
                    let cosine: f32 = (0..3).map(|axis| edge.normal[axis] * normal[axis]).sum();
                    // Both sides of a sheet count as one face.
                    edge.is_sharp = cosine.abs() < SHARP;
                })
                .or_insert(Edge { normal, is_sharp: true, ends: [corners[a], corners[b]] });
        }
    }

    fn sharp(self) -> impl Iterator<Item = [[f64; 3]; 2]> {
        self.0.into_values().filter(|edge| edge.is_sharp).map(|edge| edge.ends)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::MeshFeature;

    /// A 4 × 4 × 3 m box without its floor, at RD coordinates, as triangles that share corners.
    fn box_part(x: f64, feature: u32) -> MeshPart {
        let mut positions = Vec::new();
        for z in [0.0, 3.0] {
            for [px, py] in [[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [0.0, 4.0]] {
                positions.push([px, py, z]);
            }
        }
        let faces: [[u32; 4]; 5] = [[4, 5, 6, 7], [0, 1, 5, 4], [1, 2, 6, 5], [2, 3, 7, 6], [3, 0, 4, 7]];
        let indices = faces.iter().flat_map(|&[a, b, c, d]| [a, b, c, a, c, d]).collect();
        MeshPart {
            origin: [155_000.0 + x, 463_000.0, 0.0],
            features: vec![feature; positions.len()],
            positions,
            indices,
            ..MeshPart::default()
        }
    }

    #[test]
    fn boxes_are_walls_and_roofs_with_their_edges_and_their_numbers() {
        let model = MeshModel {
            parts: vec![box_part(0.0, 0), box_part(300.0, 1), box_part(20.0, MeshModel::NO_FEATURE)],
            features: vec![MeshFeature { id: "a".into() }, MeshFeature { id: "b".into() }],
            ..MeshModel::default()
        };
        let frame = LocalFrame::new([155_000.0, 463_000.0, 0.0]);
        let tiles = mesh_meshes(&model, frame, TileGrid::default(), 100);
        assert_eq!(tiles.len(), 2);
        let mesh = tiles.values().next().unwrap();
        assert_eq!(mesh.indices.len(), 2 * 5 * 2 * 3);
        assert_eq!(mesh.ranges.iter().map(|range| range.feature).collect::<Vec<_>>(), [100, 102]);
        let down = |x: f32| mesh.cast_ray([x, 50.0, -2.0], [0.0, -1.0, 0.0], &|_| true);
        assert_eq!(down(2.0).map(|hit| (hit.feature, hit.distance)), Some((100, 47.0)));
        assert_eq!(down(22.0).map(|hit| hit.feature), Some(102), "things without a feature can be hit too");
        let edges_of = |feature: u32| mesh.edge_features.iter().filter(|&&f| f == feature).count() / 2;
        assert_eq!(
            edges_of(100),
            8,
            "four upright edges and four at the eaves; no diagonals, none at the foot"
        );
        let roofs = mesh.shades.iter().filter(|&&shade| shade & 0xff == Role::Roof as u32).count();
        assert_eq!(roofs, 2 * 6);
    }

    #[test]
    fn indices_and_features_outside_the_part_are_left_out() {
        let mut part = box_part(0.0, 7);
        part.indices.extend([0, 1, 99, 3]);
        let model = MeshModel { parts: vec![part], ..MeshModel::default() };
        let tiles = mesh_meshes(&model, LocalFrame::default(), TileGrid::default(), 0);
        assert_eq!(tiles.values().map(|mesh| mesh.indices.len()).sum::<usize>(), 5 * 2 * 3);
    }
}
