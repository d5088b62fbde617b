//! The sun of the paper model: one directional light from the south-west, with one soft shadow.

use bevy::{
    light::{CascadeShadowConfigBuilder, DirectionalLightShadowMap},
    prelude::*,
};

use super::camera::CameraRig;
use crate::{commands::Quality, sets::AppSet, state::Settings};

/// Direction to the sun in scene axes: from the south-west, 48° high, where maps have had it for centuries' worth of
/// shaded relief seen from the south.
pub fn sun_direction() -> Vec3 {
    let (azimuth, altitude) = (232.0_f32.to_radians(), 46.0_f32.to_radians());
    Vec3::new(azimuth.sin() * altitude.cos(), altitude.sin(), -azimuth.cos() * altitude.cos())
}

#[derive(Component)]
pub struct Sun;

pub fn plugin(app: &mut App) {
    app.insert_resource(DirectionalLightShadowMap { size: 4096 })
        .add_systems(Startup, spawn_sun)
        .add_systems(Update, fit_shadows.in_set(AppSet::Camera));
}

fn spawn_sun(mut commands: Commands) {
    commands.spawn((
        Sun,
        DirectionalLight { shadow_depth_bias: 0.12, shadow_normal_bias: 1.2, ..default() },
        Transform::IDENTITY.looking_to(-sun_direction(), Vec3::Y),
    ));
}

/// Shadow maps reach as far as the view needs and no farther, so that they stay sharp.
fn fit_shadows(
    mut commands: Commands,
    rig: Res<CameraRig>,
    settings: Res<Settings>,
    mut suns: Query<(Entity, &mut DirectionalLight), With<Sun>>,
    mut shadow_map: ResMut<DirectionalLightShadowMap>,
) {
    if !rig.is_changed() && !settings.is_changed() {
        return;
    }
    let size = if settings.quality == Quality::High { 4096 } else { 2048 };
    if shadow_map.size != size {
        shadow_map.size = size;
    }
    let farthest = rig.distance_m * if rig.tilt > 1.2 { 4.0 } else { 2.2 };
    for (entity, mut light) in &mut suns {
        let has_shadows = settings.quality != Quality::Low;
        if light.shadow_maps_enabled != has_shadows {
            light.shadow_maps_enabled = has_shadows;
        }
        let cascades = CascadeShadowConfigBuilder {
            num_cascades: if settings.quality == Quality::High { 3 } else { 2 },
            minimum_distance: (rig.distance_m * 0.02).max(0.5),
            first_cascade_far_bound: rig.distance_m * if rig.tilt > 1.2 { 0.9 } else { 1.15 },
            maximum_distance: farthest.max(200.0),
            overlap_proportion: 0.15,
        };
        commands.entity(entity).insert(cascades.build());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sun_stands_in_the_south_west_above_the_horizon() {
        let sun = sun_direction();
        assert!((sun.length() - 1.0).abs() < 1e-5);
        assert!(sun.y > 0.5 && sun.x < 0.0 && sun.z > 0.0, "west is −x, south is +z: {sun}");
    }
}
