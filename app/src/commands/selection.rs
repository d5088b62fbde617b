//! What is picked.

use bevy::prelude::*;

use super::{PlacePurpose, StopMeasure, Target, stop};
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
    choose(world, target, None);
}

/// Takes what was picked, and where: the place that a click meant.
fn choose(world: &mut World, target: Option<Target>, place: Option<[f64; 2]>) {
    let mut selection = world.resource_mut::<Selection>();
    let is_new = selection.selected != target || selection.place != place;
    // Who picks something else no longer moves what was picked before.
    if is_new || selection.awaits.is_some() {
        selection.selected = target;
        selection.place = place;
        selection.awaits = None;
        selection.hovered_line = None;
    }
}

/// Ends the waiting for a place where there is any; else selects nothing.
pub fn clear(world: &mut World) {
    if world.resource::<Selection>().awaits.is_some() {
        await_place(world, None);
    } else {
        select(world, None);
    }
}

pub fn await_place(world: &mut World, purpose: Option<PlacePurpose>) {
    let is_stop = matches!(world.resource::<Selection>().selected, Some(Target::Stop { .. }));
    if purpose.is_some() && !is_stop {
        world.resource_mut::<Messages>().push(MessageLevel::Error, "message-choose-stop", vec![]);
        return;
    }
    let mut selection = world.resource_mut::<Selection>();
    if selection.awaits != purpose {
        selection.awaits = purpose;
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

/// The thing under a pixel of the view; empty ground clears the selection. While a place is awaited, that place.
pub fn pick_at(world: &mut World, pixel: Vec2) {
    let awaits = world.resource::<Selection>().awaits;
    let (picked, place) = {
        let Some(project) = &world.resource::<OpenProject>().0 else { return };
        let (tiles, rig) = (world.resource::<SceneTiles>(), world.resource::<CameraRig>());
        let size = world.resource::<ViewSize>().0;
        let place = picking::ground_point(Some(project), rig, pixel, size).map(|point| {
            let [x, y, _] = project.frame.world_from_scene(point.to_array());
            [x, y]
        });
        let picked = if awaits.is_none() { picking::pick(project, tiles, rig, pixel, size) } else { None };
        (picked, place)
    };
    match (awaits, place) {
        (None, place) => choose(world, picked, place),
        (Some(PlacePurpose::MoveStop { both_sides }), Some(position)) => {
            world.resource_mut::<Selection>().awaits = None;
            stop::add_stop_measure(world, StopMeasure::MoveTo { position }, both_sides);
        }
        // A click in the sky says no place.
        (Some(_), None) => {}
    }
}

pub fn hover_line(world: &mut World, line: Option<String>) {
    let mut selection = world.resource_mut::<Selection>();
    if selection.hovered_line != line {
        selection.hovered_line = line;
    }
}

pub fn hover_measure(world: &mut World, index: Option<usize>) {
    let mut selection = world.resource_mut::<Selection>();
    if selection.hovered_measure != index {
        selection.hovered_measure = index;
    }
}
