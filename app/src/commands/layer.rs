//! Layers: shown, faded, ordered, removed.

use bevy::prelude::*;

use crate::{
    project::LayerState,
    state::{MessageLevel, Messages, OpenProject, Revisions, SceneTiles},
};

fn change(world: &mut World, layer: &str, change: impl FnOnce(&mut LayerState)) {
    let mut project = world.resource_mut::<OpenProject>();
    let Some(project) = project.0.as_mut() else { return };
    if let Some(state) = project.layer_mut(layer) {
        change(state);
        project.has_unsaved_changes = true;
        world.resource_mut::<Revisions>().styles += 1;
    } else {
        let known: Vec<String> = project.layers.iter().map(|state| state.layer.id.clone()).collect();
        let detail = format!("expected one of {}, found \"{layer}\"", known.join(", "));
        world.resource_mut::<Messages>().push(MessageLevel::Error, "message-no-such-layer", vec![detail]);
    }
}

pub fn set_visible(world: &mut World, layer: &str, is_visible: bool) {
    change(world, layer, |state| state.is_visible = is_visible);
}

pub fn set_opacity(world: &mut World, layer: &str, opacity: f32) {
    change(world, layer, |state| state.opacity = opacity.clamp(0.0, 1.0));
}

pub fn move_to(world: &mut World, layer: &str, to_index: usize) {
    let mut project = world.resource_mut::<OpenProject>();
    let Some(project) = project.0.as_mut() else { return };
    if let Some(from) = project.layers.iter().position(|state| state.layer.id == layer) {
        let state = project.layers.remove(from);
        project.layers.insert(to_index.min(project.layers.len()), state);
        project.has_unsaved_changes = true;
    }
}

/// Takes a layer out of the project; its source stays in the file list until the project is saved and opened again.
pub fn remove(world: &mut World, layer: &str) {
    let mut project = world.resource_mut::<OpenProject>();
    let Some(open) = project.0.as_mut() else { return };
    let Some(index) = open.layers.iter().position(|state| state.layer.id == layer) else { return };
    let removed = open.layers.remove(index);
    // A source without any layer left is dropped too, so that it does not come back.
    if !open.layers.iter().any(|state| state.uri == removed.uri) {
        open.sources.retain(|uri| *uri != removed.uri);
    }
    open.has_unsaved_changes = true;
    world.resource_mut::<SceneTiles>().layers.remove(layer);
    let mut revisions = world.resource_mut::<Revisions>();
    revisions.styles += 1;
    revisions.project += 1;
    super::project::rebuild_after_layer_change(world);
}
