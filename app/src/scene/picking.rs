//! What lies under the pointer: rays against the tiles' own triangles, and points on the screen.

use bevy::prelude::*;

use super::camera::CameraRig;
use crate::{
    commands::Target,
    jobs::tiles::{DIFFERENCE_LAYER, GROUND_LAYER, MARKER_HEIGHT_M},
    project::Project,
    state::SceneTiles,
};
use layers::{mesh::TileMesh, model::LayerData};

/// Pixels around the pointer in which a stop or sensor counts as hit.
const POINT_REACH_PX: f32 = 14.0;

/// From logical pixels (top left origin) to the rig's units: from the middle, up positive, in halves of the height.
pub fn view_point(pixel: Vec2, view_size: Vec2) -> Vec2 {
    let half = view_size.y / 2.0;
    Vec2::new((pixel.x - view_size.x / 2.0) / half, (view_size.y / 2.0 - pixel.y) / half)
}

/// Logical pixels of a scene point; `None` behind the camera.
pub fn pixel_of(rig: &CameraRig, point: Vec3, view_size: Vec2) -> Option<Vec2> {
    let p = rig.project(point)?;
    let half = view_size.y / 2.0;
    Some(Vec2::new(view_size.x / 2.0 + p.x * half, view_size.y / 2.0 - p.y * half))
}

/// Distance along the ray to the drawn ground.
pub fn ground_distance(project: &Project, origin: Vec3, direction: Vec3, limit_m: f32) -> Option<f32> {
    let world_origin = project.frame.world_from_scene(origin.to_array());
    let world_direction = layers::crs::LocalFrame::world_direction(direction.to_array());
    project.ground.cast_ray(world_origin, world_direction, f64::from(limit_m)).map(|d| d as f32)
}

/// The scene point on the ground under a pixel; beyond the ground's edge the point at the target's height.
pub fn ground_point(
    project: Option<&Project>,
    rig: &CameraRig,
    pixel: Vec2,
    view_size: Vec2,
) -> Option<Vec3> {
    let p = view_point(pixel, view_size);
    let (origin, direction) = rig.ray(p.x, p.y);
    let limit = rig.distance_m * 30.0 + 20_000.0;
    let on_ground = project.and_then(|project| ground_distance(project, origin, direction, limit));
    let distance = on_ground.or_else(|| {
        let d = (rig.target.y - origin.y) / direction.y;
        (d > 0.0 && d < limit).then_some(d)
    })?;
    Some(origin + direction * distance)
}

/// Where the marker of a stop or sensor stands in the scene.
pub fn marker_position(project: &Project, data: &LayerData, index: usize) -> Option<Vec3> {
    let world = match data {
        LayerData::Transit(timetable) => {
            let p = timetable.stops.get(index)?.position;
            [p[0], p[1], project.ground.height_at(p) + MARKER_HEIGHT_M]
        }
        LayerData::Sensors(sensors) => {
            let p = sensors.things.get(index)?.position?;
            [p[0], p[1], project.ground.height_at([p[0], p[1]]) + MARKER_HEIGHT_M]
        }
        _ => return None,
    };
    Some(Vec3::from_array(project.frame.scene_from_world(world)))
}

/// The thing under a pixel: a stop or sensor close to it, else the nearest visible thing along the ray that has a name
/// of its own (not the ground).
pub fn pick(
    project: &Project,
    tiles: &SceneTiles,
    rig: &CameraRig,
    pixel: Vec2,
    view_size: Vec2,
) -> Option<Target> {
    let mut nearest: Option<(f32, Target)> = None;
    for state in project.layers.iter().filter(|state| state.is_visible) {
        for index in 0..crate::project::feature_count(&state.layer.data) {
            let Some(position) = marker_position(project, &state.layer.data, index) else { break };
            let Some(at) = pixel_of(rig, position, view_size) else { continue };
            let distance = at.distance(pixel);
            if distance < nearest.as_ref().map_or(POINT_REACH_PX, |(best, _)| *best)
                && let Some(target) = project.target_of(state, index)
            {
                nearest = Some((distance, target));
            }
        }
    }
    if let Some((_, target)) = nearest {
        return Some(target);
    }
    let p = view_point(pixel, view_size);
    let (origin, direction) = rig.ray(p.x, p.y);
    let number = cast(project, tiles, origin, direction)?;
    let (state, index) = project.feature(number)?;
    project.target_of(state, index)
}

/// The feature number of the nearest visible, pickable thing along a ray.
fn cast(project: &Project, tiles: &SceneTiles, origin: Vec3, direction: Vec3) -> Option<u32> {
    let (origin, direction) = (origin.to_array(), direction.to_array());
    let inverse = direction.map(|part| 1.0 / part);
    let mut met: Vec<(f32, &TileMesh)> = Vec::new();
    for (layer, set) in &tiles.layers {
        let is_pickable = layer != GROUND_LAYER
            && layer != DIFFERENCE_LAYER
            && project
                .layer(layer)
                .is_some_and(|state| state.is_visible && !matches!(state.layer.data, LayerData::Terrain(_)));
        if !is_pickable {
            continue;
        }
        for mesh in set.tiles.values() {
            let Some((min, max)) = mesh.bounds() else { continue };
            if let Some(distance) = layers::mesh::tile_mesh::ray_meets_box(origin, inverse, min, max) {
                met.push((distance, mesh));
            }
        }
    }
    // From near to far, so that what lies behind a hit is never looked into.
    met.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut best: Option<layers::mesh::RayHit> = None;
    for (distance, mesh) in met {
        let limit = best.map_or(f32::INFINITY, |hit| hit.distance);
        if distance > limit {
            break;
        }
        if let Some(hit) = mesh.cast_ray(origin, direction, &|_| true)
            && hit.distance < limit
        {
            best = Some(hit);
        }
    }
    best.map(|hit| hit.feature)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_and_view_points_are_inverse() {
        let size = Vec2::new(1280.0, 720.0);
        let rig = CameraRig::default();
        for pixel in [Vec2::new(640.0, 360.0), Vec2::new(10.0, 700.0), Vec2::new(1000.0, 300.0)] {
            let p = view_point(pixel, size);
            let (origin, direction) = rig.ray(p.x, p.y);
            let back = pixel_of(&rig, origin + direction * 500.0, size).unwrap();
            assert!(back.distance(pixel) < 0.05, "{pixel} {back}");
        }
    }
}
