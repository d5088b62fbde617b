//! Camera and time.

use bevy::prelude::*;
use layers::model::Bounds3;

use super::{CameraPose, ViewKind};
use crate::{
    project::Project,
    scene::camera::CameraRig,
    state::{OpenProject, Playback, Selection, ViewSize},
};

/// Changes the rig and keeps it above the ground.
pub fn change(world: &mut World, change: impl FnOnce(&mut CameraRig)) {
    let mut rig = *world.resource::<CameraRig>();
    change(&mut rig);
    rig.clamp();
    if let Some(project) = &world.resource::<OpenProject>().0 {
        rig.keep_above(|point| ground_height(project, point));
    }
    world.resource_mut::<CameraRig>().set_if_neq(rig);
}

/// Height of the drawn ground in the scene under a scene point.
pub fn ground_height(project: &Project, point: Vec3) -> f32 {
    let world = project.frame.world_from_scene(point.to_array());
    (project.ground.height_at([world[0], world[1]]) - project.frame.origin[2]) as f32
}

fn look_at_bounds(world: &mut World, bounds: Bounds3) {
    if bounds.is_empty() {
        return;
    }
    let Some(frame) = world.resource::<OpenProject>().0.as_ref().map(|project| project.frame) else { return };
    let size = world.resource::<ViewSize>().0;
    let (a, b) = (
        Vec3::from_array(frame.scene_from_world(bounds.min)),
        Vec3::from_array(frame.scene_from_world(bounds.max)),
    );
    change(world, |rig| rig.frame_box(a.min(b), a.max(b), size.x / size.y.max(1.0)));
}

pub fn go_home(world: &mut World) {
    let Some(project) = &world.resource::<OpenProject>().0 else { return };
    if let Some(pose) = project.camera {
        set_camera(world, pose);
        return;
    }
    let bounds = project.home_bounds();
    change(world, |rig| {
        rig.heading = home_heading();
        rig.tilt = 52.0_f32.to_radians();
    });
    look_at_bounds(world, bounds);
    // Closer than the whole: the middle of a city is what people come for.
    change(world, |rig| rig.distance_m *= 0.62);
}

/// A little off north, so that neither streets nor walls line up with the picture's edges.
fn home_heading() -> f32 {
    -28.0_f32.to_radians()
}

pub fn zoom_to_layer(world: &mut World, layer: &str) {
    let bounds = world
        .resource::<OpenProject>()
        .0
        .as_ref()
        .and_then(|project| project.layer(layer))
        .map(|state| state.view_bounds);
    if let Some(bounds) = bounds {
        look_at_bounds(world, bounds);
    }
}

pub fn zoom_to_selection(world: &mut World) {
    let bounds = {
        let Some(project) = &world.resource::<OpenProject>().0 else { return };
        let Some(target) = &world.resource::<Selection>().selected else { return };
        project.find(target).map(|(state, index)| project.feature_bounds(state, index))
    };
    if let Some(bounds) = bounds {
        look_at_bounds(world, bounds);
        change(world, |rig| rig.distance_m = (rig.distance_m * 2.2).max(320.0));
    }
}

pub fn set_kind(world: &mut World, kind: ViewKind) {
    change(world, |rig| rig.kind = kind);
}

pub fn face_north(world: &mut World) {
    change(world, |rig| rig.heading = 0.0);
}

pub fn reset_tilt(world: &mut World) {
    change(world, |rig| rig.tilt = CameraRig::default().tilt);
}

pub fn zoom(world: &mut World, steps: f32) {
    change(world, |rig| rig.zoom_to(rig.target, 0.85_f32.powf(steps)));
}

/// Parts of the view's height, along the ground.
pub fn pan(world: &mut World, right: f32, up: f32) {
    change(world, |rig| {
        let height = rig.view_height_m();
        let turn = Quat::from_rotation_y(-rig.heading);
        rig.target += turn * Vec3::new(right * height, 0.0, -up * height);
    });
}

pub fn orbit(world: &mut World, heading_deg: f32, tilt_deg: f32) {
    change(world, |rig| rig.orbit_around(rig.target, heading_deg.to_radians(), tilt_deg.to_radians()));
}

pub fn set_camera(world: &mut World, pose: CameraPose) {
    let Some(frame) = world.resource::<OpenProject>().0.as_ref().map(|project| project.frame) else { return };
    change(world, |rig| *rig = CameraRig::from_pose(pose, frame, rig.kind));
}

pub fn set_time(world: &mut World, time: i64) {
    if let Some(project) = world.resource_mut::<OpenProject>().0.as_mut() {
        project.time = time;
    }
}

pub fn set_playing(world: &mut World, is_playing: bool) {
    world.resource_mut::<Playback>().is_playing = is_playing;
}
