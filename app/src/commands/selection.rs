//! What is picked.

use bevy::prelude::*;

use super::Target;
use crate::{
    scene::{camera::CameraRig, picking},
    state::{MessageLevel, Messages, OpenProject, SceneTiles, Selection, ViewSize},
};

pub fn select(world: &mut World, target: Option<Target>) {
    let is_known = match (&world.resource::<OpenProject>().0, &target) {
        (Some(project), Some(target)) => project.find(target).is_some(),
        (None, Some(_)) => false,
        (_, None) => true,
    };
    if !is_known {
        let detail =
            target.map_or_else(String::new, |target| format!("{} / {}", target.layer(), target.id()));
        world.resource_mut::<Messages>().push(MessageLevel::Error, "message-not-found", vec![detail]);
        return;
    }
    let mut selection = world.resource_mut::<Selection>();
    if selection.selected != target {
        selection.selected = target;
    }
}

/// The first link of the street with this name (any case), on which cars may drive if there is one.
pub fn select_street(world: &mut World, name: &str) {
    use layers::model::{LayerData, Modes};
    let found = world.resource::<OpenProject>().0.as_ref().and_then(|project| {
        let state = project.street_layer()?;
        let LayerData::Streets(network) = &state.layer.data else { return None };
        let named =
            || network.links.iter().enumerate().filter(|(_, link)| link.name.eq_ignore_ascii_case(name));
        let (index, _) = named()
            .find(|(_, link)| (link.forward | link.backward).contains(Modes::CAR))
            .or_else(|| named().next())?;
        project.target_of(state, index)
    });
    match found {
        Some(target) => select(world, Some(target)),
        None => world.resource_mut::<Messages>().push(
            MessageLevel::Error,
            "message-not-found",
            vec![format!("\"{name}\"")],
        ),
    }
}

/// The thing under a pixel of the view; empty ground clears the selection.
pub fn pick_at(world: &mut World, pixel: Vec2) {
    let picked = {
        let Some(project) = &world.resource::<OpenProject>().0 else { return };
        let (tiles, rig) = (world.resource::<SceneTiles>(), world.resource::<CameraRig>());
        picking::pick(project, tiles, rig, pixel, world.resource::<ViewSize>().0)
    };
    world.resource_mut::<Selection>().selected = picked;
}

pub fn hover_measure(world: &mut World, index: Option<usize>) {
    let mut selection = world.resource_mut::<Selection>();
    if selection.hovered_measure != index {
        selection.hovered_measure = index;
    }
}
