//! The state of the program as JSON: what scripts assert on and what goes into a bug report.

use bevy::prelude::*;
use serde_json::{Value, json};

use crate::{
    jobs::Jobs,
    project::{EvaluationState, Project, ScenarioState, feature_count},
    scene::camera::CameraRig,
    state::{BaselineHold, BaselineState, Messages, OpenProject, Selection, Settings, StopService},
};

pub fn snapshot(world: &World) -> Value {
    let settings = world.resource::<Settings>();
    let project = world.resource::<OpenProject>().0.as_ref();
    let rig = world.resource::<CameraRig>();
    let baseline = world.resource::<BaselineState>();
    json!({
        "project": project.map(project_json),
        "layers": project.map(layers_json),
        "selection": world.resource::<Selection>().selected,
        "stop": world.resource::<StopService>().stop.as_ref()
            .filter(|known| Some(&known.0) == world.resource::<Selection>().selected.as_ref())
            .map(|known| &known.1),
        "scenarios": project.map(|p| p.scenarios.iter().map(scenario_json).collect::<Vec<_>>()),
        "scenario": project.and_then(Project::active).map(scenario_json),
        "baseline": {
            "is_ready": baseline.baseline.is_some(),
            "reason": baseline.reason,
            "fingerprint": baseline.baseline.as_ref().map(|b| b.fingerprint().to_owned()),
        },
        "view": {
            "mode": settings.mode,
            "kind": rig.kind,
            "camera": project.map(|project| rig.to_pose(project.frame)),
            "shown_indicator": settings.shown_indicator,
            "shows_baseline": world.resource::<BaselineHold>().0,
        },
        "settings": {
            "language": settings.language,
            "theme": settings.theme,
            "text_scale": settings.text_scale,
            "quality": settings.quality,
        },
        "tasks": world.resource::<Jobs>().running().len(),
        "messages": world.resource::<Messages>().list.iter().map(|message| json!({
            "level": format!("{:?}", message.level).to_lowercase(),
            "text": message.text,
            "details": message.details,
        })).collect::<Vec<_>>(),
    })
}

fn project_json(project: &Project) -> Value {
    json!({
        "name": project.name,
        "path": project.path,
        "crs": project.crs.to_string(),
        "sources": project.sources,
        "has_unsaved_changes": project.has_unsaved_changes,
        "missing": project.missing,
        "time": project.time,
    })
}

fn layers_json(project: &Project) -> Value {
    project
        .layers
        .iter()
        .map(|state| {
            json!({
                "id": state.layer.id,
                "title": state.layer.title,
                "kind": state.layer.data.kind(),
                "features": feature_count(&state.layer.data),
                "is_visible": state.is_visible,
                "opacity": state.opacity,
                "source": state.layer.provenance.source,
                "faults": state.layer.faults.len(),
            })
        })
        .collect()
}

fn scenario_json(state: &ScenarioState) -> Value {
    let scenario = state.scenario();
    let word = match &state.state {
        EvaluationState::NotComputed => "not-computed",
        EvaluationState::Computing { .. } => "computing",
        EvaluationState::Stale => "stale",
        EvaluationState::Ready => "ready",
        EvaluationState::Failed(_) => "failed",
    };
    json!({
        "id": scenario.id,
        "name": scenario.name,
        "parent": state.parent,
        "measures": scenario.measures.iter().map(|measure| json!({
            "kind": measure.kind(),
            "name": measure.name(),
            "links": measure.links().iter().map(|link| link.id.clone()).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "can_undo": state.history.can_undo(),
        "can_redo": state.history.can_redo(),
        "evaluation": word,
        "outcome": state.evaluation.as_ref().map(|evaluation| serde_json::to_value(&**evaluation)
            .map(without_links).unwrap_or_default()),
    })
}

/// Per-link results are thousands of lines that no script asserts on by position.
fn without_links(mut value: Value) -> Value {
    if let Some(object) = value.as_object_mut() {
        object.remove("links");
    }
    value
}
