//! CityObjects to tile meshes: one LoD, merged per tile, a feature number per vertex.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::{
    Role, TileGrid, TileKey, TileMesh,
    triangulate::{Triangulator, newell},
};
use crate::{
    crs::LocalFrame,
    model::{CityModel, CityObjectType, Geometry, Lod, SurfaceType},
};

/// Height above the foot of an object over which walls brighten, metres: the contact shadow of a paper model.
const CONTACT_SHADOW_M: f64 = 2.5;

/// The geometry of an object to draw: the most detailed LoD not above `wanted`, else the least detailed above it; flat
/// outlines (LoD 0) only when there is nothing else.
pub fn choose_geometry(geometries: &[Geometry], wanted: Lod) -> Option<&Geometry> {
    let with_faces = || geometries.iter().filter(|geometry| geometry.surface_count() > 0);
    let level = |geometry: &Geometry| geometry.lod.unwrap_or(Lod::new(1, 0));
    with_faces()
        .filter(|geometry| level(geometry) <= wanted && level(geometry).major > 0)
        .max_by_key(|geometry| level(geometry))
        .or_else(|| with_faces().filter(|g| level(g) > wanted).min_by_key(|g| level(g)))
        .or_else(|| with_faces().next())
}

/// Meshes all objects of a model. Feature numbers are `feature_base` + the position of the first-level object, so that
/// a click on a BuildingPart finds its Building. Tiles come in key order; the result does not depend on threads.
pub fn mesh_city(
    model: &CityModel,
    wanted: Lod,
    frame: LocalFrame,
    grid: TileGrid,
    feature_base: u32,
) -> BTreeMap<TileKey, TileMesh> {
    let mut tiles = BTreeMap::new();
    mesh_city_each(model, wanted, frame, grid, feature_base, |key, mesh| {
        tiles.insert(key, mesh);
    });
    tiles
}

/// As [`mesh_city`], handing over each tile when it is ready, in key order: only a few are in memory at a time.
pub fn mesh_city_each(
    model: &CityModel,
    wanted: Lod,
    frame: LocalFrame,
    grid: TileGrid,
    feature_base: u32,
    mut take: impl FnMut(TileKey, TileMesh),
) {
    /// Tiles that are meshed side by side before they are handed over.
    const BATCH: usize = 64;
    let mut by_tile: BTreeMap<TileKey, Vec<u32>> = BTreeMap::new();
    for (index, object) in model.objects.iter().enumerate() {
        let Some(geometry) = choose_geometry(&object.geometries, wanted) else { continue };
        // An outline of a parent would lie inside the volume of its parts.
        let is_outline = geometry.lod.is_some_and(|lod| lod.major == 0);
        if is_outline && !object.children.is_empty() {
            continue;
        }
        let Some(vertex) = geometry.indices.first().and_then(|&i| model.vertices.get(i as usize)) else {
            continue;
        };
        by_tile.entry(grid.key_of([vertex[0], vertex[1]])).or_default().push(index as u32);
    }
    let tiles: Vec<(TileKey, Vec<u32>)> = by_tile.into_iter().collect();
    for batch in tiles.chunks(BATCH) {
        let meshes: Vec<(TileKey, TileMesh)> = batch
            .par_iter()
            .map_init(Triangulator::default, |triangulator, (key, objects)| {
                let mut mesh = TileMesh::default();
                for &object in objects {
                    let index = object as usize;
                    let feature = feature_base + model.root_of(index) as u32;
                    if let Some(geometry) = choose_geometry(&model.objects[index].geometries, wanted) {
                        let object_type = &model.objects[index].object_type;
                        push_geometry(&mut mesh, triangulator, model, geometry, object_type, frame, feature);
                    }
                }
                (*key, mesh)
            })
            .filter(|(_, mesh)| !mesh.is_empty())
            .collect();
        for (key, mesh) in meshes {
            take(key, mesh);
        }
    }
}

fn push_geometry(
    mesh: &mut TileMesh,
    triangulator: &mut Triangulator,
    model: &CityModel,
    geometry: &Geometry,
    object_type: &CityObjectType,
    frame: LocalFrame,
    feature: u32,
) {
    let point = |index: u32| model.vertices.get(index as usize);
    let foot = geometry.indices.iter().filter_map(|&i| point(i)).map(|p| p[2]).fold(f64::INFINITY, f64::min);
    let first_index = mesh.indices.len();
    let mut rings: Vec<Vec<[f64; 3]>> = Vec::new();
    let mut edges = Edges::default();
    for surface in 0..geometry.surface_count() {
        let surface_type = geometry.surface_types.get(surface).copied().unwrap_or_default();
        // The underside is never seen and would only darken picks from below.
        if surface_type == SurfaceType::Ground && object_type.is_building() {
            continue;
        }
        rings.clear();
        rings.extend(geometry.rings(surface).map(|ring| ring.iter().filter_map(|&i| point(i)).collect()));
        let Some(outer) = rings.first() else { continue };
        let normal = newell(outer);
        let length = normal.iter().map(|part| part * part).sum::<f64>().sqrt();
        if length < 1e-9 {
            continue;
        }
        let unit = normal.map(|part| part / length);
        if surface_type == SurfaceType::Unknown
            && object_type.is_building()
            && unit[2] < -0.95
            && outer_z(outer) <= foot + 0.01
        {
            continue;
        }
        let role = role_of(object_type, surface_type, unit[2]);
        if matches!(role, Role::Wall | Role::Roof) {
            for ring in geometry.rings(surface) {
                edges.add_ring(ring, unit);
            }
        }
        // Scene axes: x east, y up, z south.
        let scene_normal = [unit[0] as f32, unit[2] as f32, -unit[1] as f32];
        let slices: Vec<&[[f64; 3]]> = rings.iter().map(Vec::as_slice).collect();
        let face = triangulator.face(&slices);
        if face.triangles.is_empty() {
            continue;
        }
        let base = mesh.positions.len() as u32;
        for corner in rings.iter().flatten().chain(face.added) {
            let sky = if role == Role::Wall {
                let part = ((corner[2] - foot) / CONTACT_SHADOW_M).clamp(0.0, 1.0);
                (150.0 + 105.0 * part) as u8
            } else {
                255
            };
            mesh.push_vertex(frame.scene_from_world(*corner), scene_normal, feature, role, sky);
        }
        mesh.indices.extend(face.triangles.iter().map(|&corner| base + corner));
    }
    mesh.end_feature(feature, first_index);
    for (a, b) in edges.sharp() {
        let (Some(a), Some(b)) = (point(a), point(b)) else { continue };
        // The line where a house meets the ground would only flicker in the grass.
        if a[2].max(b[2]) > foot + 0.3 {
            for end in [a, b] {
                mesh.edge_points.push(frame.scene_from_world(end));
                mesh.edge_features.push(feature);
            }
        }
    }
}

/// Edges of one object, by their vertex numbers, with what their faces look like.
#[derive(Default)]
struct Edges(BTreeMap<(u32, u32), ([f64; 3], bool)>);

impl Edges {
    /// Cosine of the bend from which two faces meet in an edge that is seen.
    const SHARP: f64 = 0.97;

    fn add_ring(&mut self, ring: &[u32], normal: [f64; 3]) {
        for (index, &a) in ring.iter().enumerate() {
            let b = ring[(index + 1) % ring.len()];
            let key = (a.min(b), a.max(b));
            self.0
                .entry(key)
                .and_modify(|(known, is_sharp)| {
                    let cosine: f64 = (0..3).map(|axis| known[axis] * normal[axis]).sum();
                    *is_sharp = cosine < Self::SHARP;
                })
                .or_insert((normal, true));
        }
    }

    fn sharp(self) -> impl Iterator<Item = (u32, u32)> {
        self.0.into_iter().filter(|(_, (_, is_sharp))| *is_sharp).map(|(edge, _)| edge)
    }
}

fn outer_z(ring: &[[f64; 3]]) -> f64 {
    ring.iter().map(|p| p[2]).fold(f64::NEG_INFINITY, f64::max)
}

fn role_of(object_type: &CityObjectType, surface_type: SurfaceType, up: f64) -> Role {
    match object_type {
        CityObjectType::WaterBody => Role::Water,
        CityObjectType::PlantCover => Role::Green,
        CityObjectType::SolitaryVegetationObject => Role::TreeCrown,
        CityObjectType::LandUse | CityObjectType::TinRelief => Role::Ground,
        CityObjectType::Road => Role::Street,
        CityObjectType::Railway => Role::Rail,
        CityObjectType::Bridge | CityObjectType::BridgePart | CityObjectType::Tunnel => Role::Bridge,
        CityObjectType::Building | CityObjectType::BuildingPart | CityObjectType::BuildingInstallation => {
            match surface_type {
                SurfaceType::Roof => Role::Roof,
                SurfaceType::Wall | SurfaceType::Door | SurfaceType::Window => Role::Wall,
                // Without semantics: what looks up is a roof.
                _ if up > 0.2 => Role::Roof,
                _ => Role::Wall,
            }
        }
        _ if up > 0.2 => Role::Square,
        _ => Role::Wall,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{CityObject, GeometryKind};

    /// A 4 × 4 × 3 m box without semantics, as most files have it.
    fn box_model() -> CityModel {
        let mut model = CityModel::default();
        for z in [0.0, 3.0] {
            for [x, y] in [[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [0.0, 4.0]] {
                model.vertices.push([155_000.0 + x, 463_000.0 + y, z]);
            }
        }
        let faces: [[u32; 4]; 6] =
            [[0, 3, 2, 1], [4, 5, 6, 7], [0, 1, 5, 4], [1, 2, 6, 5], [2, 3, 7, 6], [3, 0, 4, 7]];
        let mut parent = CityObject::new("NL.IMBAG.Pand.1", CityObjectType::Building);
        parent.children = vec![1];
        let mut part = CityObject::new("NL.IMBAG.Pand.1-0", CityObjectType::BuildingPart);
        part.parents = vec![0];
        let mut geometry = Geometry::new(GeometryKind::Solid, Some(Lod::new(1, 2)));
        for face in &faces {
            geometry.push_surface([face.as_slice()], SurfaceType::Unknown);
        }
        part.geometries.push(geometry);
        model.objects = vec![parent, part];
        model
    }

    #[test]
    fn a_box_gives_walls_and_a_roof_that_belong_to_the_parent() {
        let model = box_model();
        let frame = LocalFrame { origin: [155_000.0, 463_000.0, 0.0] };
        let tiles = mesh_city(&model, Lod::new(2, 2), frame, TileGrid::default(), 100);
        assert_eq!(tiles.len(), 1);
        let mesh = tiles.values().next().unwrap();
        assert_eq!(mesh.indices.len(), 5 * 2 * 3, "four walls and a roof; the underside is left out");
        assert!(mesh.features.iter().all(|&feature| feature == 100));
        let hit = mesh.cast_ray([2.0, 50.0, -2.0], [0.0, -1.0, 0.0], &|_| true).unwrap();
        assert_eq!((hit.feature, hit.distance), (100, 47.0));
        assert_eq!(
            mesh.edge_points.len(),
            8 * 2,
            "four upright edges and four at the eaves; none at the foot"
        );
        let roofs = mesh.shades.iter().filter(|&&shade| shade & 0xff == Role::Roof as u32).count();
        assert_eq!(roofs, 4);
        // From outside every wall looks at the viewer.
        let center = [2.0, 1.5, -2.0];
        for (position, normal) in mesh.positions.iter().zip(&mesh.normals) {
            let outward: f32 = (0..3).map(|axis| (position[axis] - center[axis]) * normal[axis]).sum();
            assert!(outward > 0.0);
        }
    }

    #[test]
    fn the_best_level_not_above_the_wanted_one_is_drawn() {
        let geometry = |lod: Lod| {
            let mut g = Geometry::new(GeometryKind::Solid, Some(lod));
            g.push_surface([[0_u32, 1, 2].as_slice()], SurfaceType::Roof);
            g
        };
        let all = [geometry(Lod::new(0, 0)), geometry(Lod::new(1, 2)), geometry(Lod::new(2, 2))];
        assert_eq!(choose_geometry(&all, Lod::new(2, 2)).unwrap().lod, Some(Lod::new(2, 2)));
        assert_eq!(choose_geometry(&all, Lod::new(1, 3)).unwrap().lod, Some(Lod::new(1, 2)));
        assert_eq!(choose_geometry(&all[..1], Lod::new(2, 2)).unwrap().lod, Some(Lod::new(0, 0)));
        assert_eq!(choose_geometry(&all[2..], Lod::new(1, 2)).unwrap().lod, Some(Lod::new(2, 2)));
    }
}
