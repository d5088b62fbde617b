//! The order of a frame, and why.

use bevy::prelude::*;

/// Input becomes commands, commands change state, finished jobs change data, the scene shows the data, the camera shows
/// the scene. Each set sees what the one before it did in the same frame, so that nothing appears one frame late.
#[derive(SystemSet, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AppSet {
    /// Keys, pointer and window give commands.
    Input,
    /// Commands are carried out; only here the user's state changes.
    Commands,
    /// Finished jobs are collected and follow-up jobs started.
    Jobs,
    /// Feature styles are recomputed when something they depend on changed.
    Data,
    /// Tiles and buffers go to the renderer.
    Scene,
    /// The camera entity follows the rig.
    Camera,
}

pub fn plugin(app: &mut App) {
    app.configure_sets(
        Update,
        (AppSet::Input, AppSet::Commands, AppSet::Jobs, AppSet::Data, AppSet::Scene, AppSet::Camera).chain(),
    );
}
