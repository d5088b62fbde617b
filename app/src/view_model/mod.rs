//! From the world to what the panels show: one function a panel, all pure reads. What costs more than a frame's share
//! is kept in [`ViewCache`] until what it depends on changes.

mod indicators;
mod inspector;
mod labels;
mod layers_panel;
mod measures;
mod search;
mod status;
mod stop;

pub use inspector::{calls_at, departures};
pub use status::PointerPosition;

use bevy::prelude::*;

use crate::{
    commands::{Mode, PlacePurpose, Target},
    indicator_map::{Painted, indicator_map},
    jobs::{JobKind, Jobs, timetable::TimetableFacts},
    project::{EvaluationState, Project},
    scene::camera::CameraRig,
    state::{
        BaselineHold, BaselineState, MessageLevel, Messages, OpenProject, Playback, Revisions, Selection,
        Settings, StopService,
    },
    ui::{
        text::Texts,
        view::{
            HistoryView, LegendView, MeasureRow, MessageView, ProjectView, ScenarioView, Severity, TaskView,
            TimeView, WindowView,
        },
    },
    window::PanelState,
};

/// What an inspector view depends on: target and place, what is waited for, revisions, time, settings.
type InspectorKey = (Option<Target>, Option<[f64; 2]>, Option<PlacePurpose>, u64, i64, Settings);

/// Views that are costly to make, with what they were made for.
#[derive(Resource, Default)]
pub struct ViewCache {
    inspector: Option<(InspectorKey, Option<crate::ui::view::InspectorView>)>,
    legend: Option<((Revisions, Settings), LegendView)>,
    search: Option<(String, u64, Vec<crate::ui::view::SearchResult>)>,
    index: Option<(u64, search::SearchIndex)>,
    transform: Option<(layers::crs::Epsg, Option<layers::crs::Transform>)>,
}

/// Everything the window shows now.
pub fn window_view(world: &mut World) -> WindowView {
    let mut cache = std::mem::take(&mut *world.resource_mut::<ViewCache>());
    let view = build(world, &mut cache);
    *world.resource_mut::<ViewCache>() = cache;
    view
}

fn build(world: &World, cache: &mut ViewCache) -> WindowView {
    let settings = world.resource::<Settings>();
    let texts = Texts { language: settings.language };
    let jobs = world.resource::<Jobs>();
    let project = world.resource::<OpenProject>().0.as_ref();
    let loading = jobs
        .running()
        .iter()
        .filter(|job| matches!(job.kind, JobKind::Load | JobKind::AddData | JobKind::Tiles))
        .count();
    let rig = world.resource::<CameraRig>();
    let mut view = WindowView {
        mode: settings.mode,
        view_kind: rig.kind,
        heading_deg: rig.heading.to_degrees().rem_euclid(360.0),
        theme: settings.theme,
        language: settings.language,
        quality: settings.quality,
        text_scale: settings.text_scale,
        is_reduced_motion: settings.is_reduced_motion,
        is_baseline_held: world.resource::<BaselineHold>().0,
        messages: messages(world.resource::<Messages>(), texts),
        status: status::status(world, cache, texts),
        ..WindowView::default()
    };
    let Some(project) = project else {
        // While the first project is being read, the doors would only be in the way.
        if loading > 0 {
            view.project = Some(ProjectView { loading_count: loading, ..ProjectView::default() });
        }
        return view;
    };
    view.project = Some(ProjectView {
        title: project.name.clone(),
        is_fictional: project.is_fictional(),
        has_unsaved_changes: project.has_unsaved_changes,
        loading_count: loading,
    });
    view.layers = layers_panel::rows(project, settings, rig, texts, jobs);
    let revisions = *world.resource::<Revisions>();
    let selection = world.resource::<Selection>();
    let service = world.resource::<StopService>();
    let facts = service.known.as_ref().and_then(|known| known.as_deref().ok());
    let key = (
        selection.selected.clone(),
        selection.place,
        selection.awaits,
        revisions.project + revisions.styles,
        project.time,
        settings.clone(),
    );
    if cache.inspector.as_ref().is_none_or(|(known, _)| *known != key) {
        let inspector = selection
            .selected
            .as_ref()
            .and_then(|target| inspector::view(project, target, texts))
            .map(|view| stop::with_service(view, project, selection, service));
        cache.inspector = Some((key, inspector));
    }
    view.inspector = cache.inspector.as_ref().and_then(|(_, inspector)| inspector.clone());
    if let Some(active) = project.active() {
        view.history =
            HistoryView { can_undo: active.history.can_undo(), can_redo: active.history.can_redo() };
        let shows_plan = settings.mode != Mode::Explore;
        if shows_plan {
            view.scenario = Some(scenario(project, selection, facts));
            view.indicators = indicators::view(world, project, texts);
            let is_coloured = active.evaluation.is_some() && !active.scenario().measures.is_empty();
            if is_coloured {
                let key = (revisions, settings.clone());
                if cache.legend.as_ref().is_none_or(|(known, _)| *known != key) {
                    cache.legend = Some((key, legend(world, project, settings)));
                }
                view.legend = cache.legend.as_ref().map(|(_, legend)| legend.clone());
            }
        }
    }
    view.map_labels = labels::labels(world, project, view.inspector.as_ref(), texts);
    let search_text = world.get_resource::<PanelState>().map_or("", |state| state.0.search_text.as_str());
    view.search_results = search::results(cache, project, revisions.project, search_text, texts);
    view.time = time_view(project, world.resource::<Playback>());
    view
}

fn messages(messages: &Messages, texts: Texts) -> Vec<MessageView> {
    messages
        .list
        .iter()
        .map(|message| MessageView {
            id: message.id,
            severity: match message.level {
                MessageLevel::Information => Severity::Information,
                MessageLevel::Success => Severity::Success,
                MessageLevel::Warning => Severity::Warning,
                MessageLevel::Error => Severity::Error,
            },
            text: if texts.has(&message.text) { texts.get(&message.text) } else { message.text.clone() },
            details: message.details.clone(),
        })
        .collect()
}

fn scenario(project: &Project, selection: &Selection, facts: Option<&TimetableFacts>) -> ScenarioView {
    let Some(active) = project.active() else { return ScenarioView::default() };
    let scenario = active.scenario();
    let name_of = |id: &String| {
        project.scenarios.iter().find(|s| s.scenario().id == *id).map(|s| s.scenario().name.clone())
    };
    ScenarioView {
        id: scenario.id.clone(),
        name: scenario.name.clone(),
        parent_name: active.parent.as_ref().and_then(name_of),
        measures: scenario
            .measures
            .iter()
            .enumerate()
            .map(|(index, measure)| MeasureRow {
                index,
                kind: measures::view(project, facts, measure),
                is_highlighted: selection.hovered_measure == Some(index),
            })
            .collect(),
        unresolved: active.evaluation.as_ref().map(|e| e.unresolved.clone()).unwrap_or_default(),
        siblings: project
            .scenarios
            .iter()
            .map(|state| (state.scenario().id.clone(), state.scenario().name.clone()))
            .collect(),
    }
}

fn time_view(project: &Project, playback: &Playback) -> Option<TimeView> {
    let range = project.layers.iter().find_map(|state| match &state.layer.data {
        layers::model::LayerData::Sensors(sensors) => sensors.time_range(),
        _ => None,
    })?;
    Some(TimeView {
        now: project.time,
        range: range.0..=range.1,
        is_playing: playback.is_playing,
        speed: playback.speed,
        is_live: project.time == project.present,
        present: project.present,
        utc_offset_secs: crate::ui::numbers::dutch_utc_offset_secs(project.time),
    })
}

/// What the colours mean: of the indicator that is asked for, else of the traffic.
fn legend(world: &World, project: &Project, settings: &Settings) -> LegendView {
    let traffic =
        LegendView::TrafficDifference { end: crate::scene::styles::RAMP_END, noise_vehicles_per_hour: 10.0 };
    let cells = world.resource::<BaselineState>().cells.as_deref();
    let evaluation = project.active().and_then(|active| active.evaluation.as_deref());
    let (Some(id), Some(cells), Some(evaluation)) = (&settings.shown_indicator, cells, evaluation) else {
        return traffic;
    };
    let map = indicator_map(cells, evaluation, id);
    let is_square = |(painted, _): &(Painted, f64)| matches!(painted, Painted::Cell(_));
    LegendView::IndicatorDifference {
        id: id.clone(),
        unit: map.as_ref().map_or_else(String::new, |map| map.unit.to_owned()),
        end: map.as_ref().map_or(1.0, |map| map.end),
        square_m: map.as_ref().filter(|map| map.changes.iter().any(is_square)).map(|_| cells.size_m),
        count: map.as_ref().map_or(0, |map| map.changes.len()),
    }
}

/// Background work in words.
fn tasks(jobs: &Jobs, texts: Texts) -> Vec<TaskView> {
    jobs.running()
        .iter()
        .filter(|job| !matches!(job.kind, JobKind::Preview | JobKind::StopFacts))
        .map(|job| TaskView {
            id: job.id,
            name: texts.get(match &job.kind {
                JobKind::Load | JobKind::Preview => "task-open",
                JobKind::AddData => "task-add-data",
                JobKind::Tiles | JobKind::LoadTiles => "task-mesh",
                JobKind::Baseline => "task-baseline",
                JobKind::Evaluate { .. } => "task-evaluate",
                JobKind::Save => "task-save",
                JobKind::Timetable | JobKind::StopFacts => "task-timetable",
            }),
            progress: Some(job.progress.get() as f32).filter(|part| *part > 0.0),
            is_cancellable: !matches!(job.kind, JobKind::Save | JobKind::Baseline | JobKind::Timetable),
        })
        .collect()
}

/// The state of the indicators in the panel's words.
fn evaluation_state(project: &Project, jobs: &Jobs) -> crate::ui::view::IndicatorsState {
    use crate::ui::view::IndicatorsState as S;
    let Some(active) = project.active() else { return S::NothingToCompare };
    if active.scenario().measures.is_empty() {
        return S::NothingToCompare;
    }
    match &active.state {
        EvaluationState::NotComputed => {
            // The baseline is on its way: the evaluation follows by itself.
            match jobs.running().iter().find(|job| job.kind == JobKind::Baseline) {
                Some(job) => S::Computing { task: job.id, progress: None },
                None => S::NotComputed,
            }
        }
        EvaluationState::Computing { task } => S::Computing {
            task: *task,
            progress: jobs
                .running()
                .iter()
                .find(|job| job.id == *task)
                .map(|job| job.progress.get() as f32)
                .filter(|part| *part > 0.0),
        },
        EvaluationState::Stale => S::Stale,
        EvaluationState::Ready => {
            S::Ready { seconds: active.evaluation.as_ref().map_or(0.0, |evaluation| evaluation.seconds) }
        }
        EvaluationState::Failed(reason) => S::Failed(reason.clone()),
    }
}
