//! Takes the outcomes of jobs into the state, and starts what follows from them.

use std::path::Path;

use bevy::prelude::*;
use scenarios::EvaluateError;

use crate::{
    commands,
    jobs::tiles::PREVIEW_LAYER,
    jobs::{JobKind, JobResult, Jobs},
    project::{EvaluationState, Project},
    scene::camera::CameraRig,
    state::{
        BaselineState, LayerTileSet, MessageLevel, Messages, OpenProject, Revisions, SceneTiles, Selection,
        StopService,
    },
};

pub fn collect_jobs(world: &mut World) {
    let results = world.resource_mut::<Jobs>().collect();
    for result in results {
        take(world, result);
    }
    drop_preview(world);
}

/// The pieces that were shown while a large source was read go when the whole is on the screen.
fn drop_preview(world: &mut World) {
    let scene = world.resource::<SceneTiles>();
    let Some(project) = world.resource::<OpenProject>().0.as_ref().filter(|project| !project.is_preview)
    else {
        return;
    };
    let is_there = || project.layers.iter().all(|state| scene.layers.contains_key(&state.layer.id));
    if scene.layers.keys().any(|layer| layer.starts_with(PREVIEW_LAYER)) && is_there() && !scene.is_loading()
    {
        world.resource_mut::<SceneTiles>().layers.retain(|layer, _| !layer.starts_with(PREVIEW_LAYER));
    }
}

fn say(world: &mut World, level: MessageLevel, key: &str, details: Vec<String>) {
    world.resource_mut::<Messages>().push(level, key, details);
}

fn take(world: &mut World, result: JobResult) {
    match result {
        JobResult::Loaded(Ok(project)) => loaded(world, *project, false),
        JobResult::DataAdded(Ok((states, missing, uris))) => {
            if let Some(project) = world.resource_mut::<OpenProject>().0.as_mut() {
                project.layers.splice(0..0, states);
                project.sources.extend(uris);
                project.has_unsaved_changes = true;
            }
            world.resource_mut::<Revisions>().project += 1;
            if !missing.is_empty() {
                say(world, MessageLevel::Warning, "message-some-missing", missing);
            }
            commands::rebuild_after_layer_change(world);
        }
        JobResult::Loaded(Err(message)) | JobResult::DataAdded(Err(message)) => {
            say(world, MessageLevel::Error, "message-open-failed", vec![message]);
        }
        JobResult::Tiles { revision, tiles } => {
            if revision == world.resource::<Revisions>().project {
                let tiles = *tiles;
                let set = LayerTileSet {
                    tiles: tiles.tiles,
                    casts_shadow: tiles.casts_shadow,
                    is_new: true,
                    is_hungry: tiles.file.is_some(),
                    file: tiles.file,
                    feature_base: tiles.feature_base,
                    ..LayerTileSet::default()
                };
                world.resource_mut::<SceneTiles>().layers.insert(tiles.layer, set);
            }
        }
        JobResult::Preview(project) => {
            loaded(world, *project, true);
        }
        JobResult::PreviewTiles(tiles) => {
            let mut scene = world.resource_mut::<SceneTiles>();
            let layer = format!("{PREVIEW_LAYER}{}", scene.layers.len());
            let set = LayerTileSet { tiles, casts_shadow: true, is_new: true, ..LayerTileSet::default() };
            scene.layers.insert(layer, set);
        }
        JobResult::TilesLoaded { revision, layer, tiles } => {
            if revision == world.resource::<Revisions>().project {
                crate::scene::streaming::take_loaded(world, &layer, tiles);
            }
        }
        JobResult::Baseline { revision, result, cells, problems } => {
            if revision != world.resource::<Revisions>().project {
                return;
            }
            if !problems.is_empty() {
                say(world, MessageLevel::Warning, "message-assumptions", problems);
            }
            let mut state = world.resource_mut::<BaselineState>();
            match result {
                Ok(baseline) => *state = BaselineState { baseline: Some(baseline), cells, reason: None },
                Err(reason) => *state = BaselineState { baseline: None, cells: None, reason: Some(reason) },
            }
            commands::scenario::evaluate(world);
        }
        JobResult::Evaluated { revision, scenario, result, is_last } => {
            let is_current = revision == world.resource::<Revisions>().scenario;
            let mut failure = None;
            if let Some(state) = world.resource_mut::<OpenProject>().0.as_mut().and_then(|project| {
                project.scenarios.iter_mut().find(|state| state.scenario().id == scenario)
            }) {
                match result {
                    Ok(evaluation) if is_current => {
                        state.evaluation = Some(evaluation);
                        // Until the last one the panel says that it is computing, beside what is there.
                        if is_last {
                            state.state = EvaluationState::Ready;
                        }
                    }
                    Ok(_) => {}
                    Err(EvaluateError::Cancelled) => {
                        if is_current {
                            state.state = EvaluationState::Stale;
                        }
                    }
                    #[allow(unreachable_patterns)]
                    Err(error) => {
                        state.state = EvaluationState::Failed(error.to_string());
                        failure = Some(error.to_string());
                    }
                }
            }
            if let Some(message) = failure {
                say(world, MessageLevel::Error, "message-evaluate-failed", vec![message]);
            }
            world.resource_mut::<Revisions>().styles += 1;
        }
        JobResult::Saved { path, result: Ok(()) } => {
            if let Some(project) = world.resource_mut::<OpenProject>().0.as_mut() {
                let folder = path.parent().unwrap_or(Path::new("."));
                let moved = project.demand.as_ref().map(|d| d.moved(project.path.as_deref(), folder));
                project.demand = moved;
                project.path = Some(path.clone());
            }
            say(world, MessageLevel::Success, "message-saved", vec![path.display().to_string()]);
        }
        JobResult::Saved { result: Err(error), .. } => {
            if let Some(project) = world.resource_mut::<OpenProject>().0.as_mut() {
                project.has_unsaved_changes = true;
            }
            say(world, MessageLevel::Error, "message-save-failed", vec![error.to_string()]);
        }
        JobResult::Timetable { revision, result } => {
            let mut service = world.resource_mut::<StopService>();
            if service.revision == revision {
                service.known = Some(result);
                world.resource_mut::<Revisions>().styles += 1;
            }
        }
        JobResult::StopFacts { revision, target, stop } => {
            let mut service = world.resource_mut::<StopService>();
            if service.revision == revision {
                service.stop = Some((target, stop));
                world.resource_mut::<Revisions>().styles += 1;
            }
        }
        JobResult::Crashed { kind, message } => {
            if matches!(kind, JobKind::Timetable | JobKind::StopFacts) {
                // Or it would be started again, and again.
                world.resource_mut::<StopService>().known = Some(Err(message.clone()));
            }
            if let JobKind::Evaluate { scenario } = &kind
                && let Some(state) = world.resource_mut::<OpenProject>().0.as_mut().and_then(|project| {
                    project.scenarios.iter_mut().find(|state| state.scenario().id == *scenario)
                })
            {
                state.state = EvaluationState::Failed(message.clone());
            }
            say(world, MessageLevel::Error, "message-job-crashed", vec![format!("{kind:?}: {message}")]);
        }
    }
}

fn loaded(world: &mut World, mut project: Project, is_preview: bool) {
    let rig = *world.resource::<CameraRig>();
    let earlier = world.resource::<OpenProject>().0.as_ref().filter(|p| p.is_preview && p.crs == project.crs);
    // The pieces that are on the screen stay where they are until the whole is there.
    let follows = earlier.map(|earlier| (earlier.frame, earlier.preview_view));
    if let Some((frame, _)) = follows {
        project.frame = frame;
    }
    project.is_preview = is_preview;
    if !project.missing.is_empty() {
        say(world, MessageLevel::Warning, "message-some-missing", project.missing.clone());
    }
    let faults: Vec<String> = project
        .layers
        .iter()
        .flat_map(|state| state.layer.faults.iter().map(move |fault| (state, fault)))
        .filter(|(_, fault)| fault.severity == layers::readers::Severity::Error)
        .map(|(state, fault)| format!("{}: {} ({})", state.layer.title, fault.message, fault.location))
        .collect();
    if !faults.is_empty() {
        say(world, MessageLevel::Warning, "message-faults", faults);
    }
    world
        .resource_mut::<SceneTiles>()
        .layers
        .retain(|layer, _| follows.is_some() && layer.starts_with(PREVIEW_LAYER));
    *world.resource_mut::<Selection>() = Selection::default();
    *world.resource_mut::<BaselineState>() = BaselineState::default();
    world.resource_mut::<OpenProject>().0 = Some(project);
    let mut revisions = world.resource_mut::<Revisions>();
    revisions.project += 1;
    revisions.scenario += 1;
    revisions.styles += 1;
    // Who looked around meanwhile is not taken away from there.
    let has_looked_around = follows.is_some_and(|(_, view)| view.is_some_and(|view| view != rig));
    if !has_looked_around {
        commands::run(world, commands::AppCommand::GoHome);
    }
    if is_preview {
        let rig = *world.resource::<CameraRig>();
        if let Some(project) = world.resource_mut::<OpenProject>().0.as_mut() {
            project.preview_view = Some(rig);
        }
        // Its pieces come by themselves, and a part of a city is nothing to compute with.
        return;
    }
    commands::start_tiles_and_baseline(world);
}
