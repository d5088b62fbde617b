//! The 3D view: tiles, colours, camera, light, picking. `scene` never calls the user interface and the other way round.

pub mod camera;
pub mod light;
pub mod material;
pub mod palette;
pub mod picking;
pub mod streaming;
pub mod styles;
pub mod tiles;

use bevy::prelude::*;

use crate::sets::AppSet;

/// Everything that draws; needs a renderer.
pub fn plugin(app: &mut App) {
    app.add_plugins((material::plugin, tiles::plugin, light::plugin))
        .add_systems(Update, camera::apply_rig.in_set(AppSet::Camera));
}
