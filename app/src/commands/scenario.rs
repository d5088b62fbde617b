//! Scenarios: measures on and off, undo and redo, branches, evaluation.

use bevy::prelude::*;
use layers::model::LayerData;
use scenarios::{
    Quality, Scenario,
    engine::evaluate_in_steps,
    measures::{
        BicycleStreet, BusGate, ChangeFunction, ChangeSpeed, CloseLink, DemolishBuilding, Measure,
        NewFunction, OneWay, PedestrianStreet, SignalPriority,
    },
    street,
};

use super::{BuildingMeasure, StreetExtent, StreetMeasure, Target, run::enter_scenario_mode};
use crate::{
    jobs::{JobKind, JobResult, Jobs},
    project::{EvaluationState, Project, ScenarioState},
    state::{BaselineState, MessageLevel, Messages, OpenProject, Revisions, Selection},
};

/// The links that an extent of a street takes, from the picked link on.
pub fn links_of_extent(
    network: &layers::model::StreetNetwork,
    link: usize,
    extent: StreetExtent,
) -> Vec<usize> {
    match extent {
        StreetExtent::Link => vec![link],
        StreetExtent::BetweenCrossings => street::street_between_crossings(network, link),
        StreetExtent::WholeStreet => street::whole_street(network, link),
    }
}

/// Changes the active scenario by one undoable step and has it evaluated.
pub(super) fn push(world: &mut World, merge_key: Option<&str>, change: impl FnOnce(&mut Scenario)) {
    if let Some(project) = world.resource_mut::<OpenProject>().0.as_mut()
        && let Some(active) = project.active_mut()
    {
        let mut scenario = active.scenario().clone();
        change(&mut scenario);
        active.history.push(scenario, merge_key);
        project.has_unsaved_changes = true;
    }
    after_change(world);
}

/// What every change of the active scenario brings with it.
fn after_change(world: &mut World) {
    enter_scenario_mode(world);
    let mut revisions = world.resource_mut::<Revisions>();
    revisions.scenario += 1;
    revisions.styles += 1;
    evaluate(world);
}

pub fn add_pedestrian_street(world: &mut World, extent: StreetExtent) {
    on_selected_street(world, extent, |network, links| {
        Measure::PedestrianStreet(PedestrianStreet::on_links(network, links))
    });
}

pub fn add_street_measure(world: &mut World, kind: StreetMeasure, extent: StreetExtent) {
    on_selected_street(world, extent, |network, links| match kind {
        StreetMeasure::OneWay => Measure::OneWay(OneWay::along(network, links, false)),
        StreetMeasure::OneWayReversed => Measure::OneWay(OneWay::along(network, links, true)),
        StreetMeasure::Speed30 => Measure::ChangeSpeed(ChangeSpeed::on_links(network, links, 30.0)),
        StreetMeasure::Speed30Redesigned => Measure::ChangeSpeed(ChangeSpeed {
            is_redesigned: true,
            ..ChangeSpeed::on_links(network, links, 30.0)
        }),
        StreetMeasure::BicycleStreet => Measure::BicycleStreet(BicycleStreet::on_links(network, links)),
        StreetMeasure::CloseForCars => Measure::CloseLink(CloseLink::on_links(network, links)),
        StreetMeasure::BusGate => Measure::BusGate(BusGate::on_links(network, links)),
        StreetMeasure::SignalPriority => Measure::SignalPriority(SignalPriority::on_links(network, links)),
    });
}

/// Adds the measure that `make` makes of the selected street; says so when no street is selected.
fn on_selected_street(
    world: &mut World,
    extent: StreetExtent,
    make: impl FnOnce(&layers::model::StreetNetwork, &[usize]) -> Measure,
) {
    let measure = {
        let Some(project) = &world.resource::<OpenProject>().0 else { return };
        let Some(target @ Target::Link { .. }) = &world.resource::<Selection>().selected else {
            world.resource_mut::<Messages>().push(MessageLevel::Error, "message-choose-street", vec![]);
            return;
        };
        let Some((state, link)) = project.find(target) else { return };
        let LayerData::Streets(network) = &state.layer.data else { return };
        make(network, &links_of_extent(network, link, extent))
    };
    add_measure(world, measure);
}

pub fn add_building_measure(world: &mut World, kind: BuildingMeasure) {
    let measure = {
        let Some(project) = &world.resource::<OpenProject>().0 else { return };
        let selected = &world.resource::<Selection>().selected;
        let found = selected.as_ref().and_then(|target| project.find(target));
        let id = found.and_then(|(state, index)| match &state.layer.data {
            // People and functions belong to the whole building, not to its parts.
            LayerData::City(model) => model.objects.get(model.root_of(index)).map(|object| &object.id),
            _ => None,
        });
        let baseline = world.resource::<BaselineState>().baseline.as_ref();
        let buildings = baseline.map_or(&[][..], |baseline| baseline.buildings());
        let building = id.and_then(|id| buildings.iter().find(|building| building.id == *id));
        let Some(building) = building else {
            world.resource_mut::<Messages>().push(MessageLevel::Error, "message-choose-building", vec![]);
            return;
        };
        let change = |function| Measure::ChangeFunction(ChangeFunction::of(&[building], function));
        match kind {
            BuildingMeasure::ToHousing => change(NewFunction::Housing),
            BuildingMeasure::ToOffice => change(NewFunction::Office),
            BuildingMeasure::ToGreen => change(NewFunction::Green),
            BuildingMeasure::Demolish => Measure::DemolishBuilding(DemolishBuilding::of(&[building])),
        }
    };
    add_measure(world, measure);
}

pub fn add_measure(world: &mut World, measure: Measure) {
    push(world, None, |scenario| scenario.measures.push(measure));
}

pub fn set_pedestrian_street_options(
    world: &mut World,
    index: usize,
    allows_cycling: bool,
    allows_bus: bool,
    delivery_window: Option<(u16, u16)>,
) {
    push(world, Some(&format!("options-{index}")), |scenario| {
        if let Some(Measure::PedestrianStreet(measure)) = scenario.measures.get_mut(index) {
            measure.allows_cycling = allows_cycling;
            measure.allows_bus = allows_bus;
            measure.delivery_window = delivery_window;
        }
    });
}

pub fn remove_measure(world: &mut World, index: usize) {
    push(world, None, |scenario| {
        if index < scenario.measures.len() {
            scenario.measures.remove(index);
        }
    });
}

pub fn undo(world: &mut World) {
    step(world, |active| active.history.undo().is_some());
}

pub fn redo(world: &mut World) {
    step(world, |active| active.history.redo().is_some());
}

fn step(world: &mut World, step: impl FnOnce(&mut ScenarioState) -> bool) {
    let mut open = world.resource_mut::<OpenProject>();
    let Some(project) = open.0.as_mut() else { return };
    let has_changed = project.active_mut().is_some_and(step);
    if has_changed {
        project.has_unsaved_changes = true;
        after_change(world);
    }
}

/// A name that no scenario of the project has: "Variant A", "Variant B", …
fn free_name(project: &Project) -> (String, String) {
    for number in 0..10_000_u32 {
        let letter = char::from(b'A' + (number % 26) as u8);
        let suffix = if number < 26 { String::new() } else { (number / 26 + 1).to_string() };
        let (id, name) = (format!("scenario-{}", number + 1), format!("Variant {letter}{suffix}"));
        if !project.scenarios.iter().any(|s| s.scenario().id == id || s.scenario().name == name) {
            return (id, name);
        }
    }
    ("scenario".to_owned(), "Variant".to_owned())
}

pub fn new(world: &mut World) {
    add_scenario(world, |id, name, _| (Scenario::new(id, name), None));
}

/// A copy of the active scenario to try something else on.
pub fn branch(world: &mut World) {
    add_scenario(world, |id, name, active| {
        let mut scenario = active.cloned().unwrap_or_else(|| Scenario::new("", ""));
        let parent = active.map(|scenario| scenario.id.clone());
        (scenario.id, scenario.name) = (id.to_owned(), name.to_owned());
        (scenario, parent)
    });
}

fn add_scenario(
    world: &mut World,
    make: impl FnOnce(&str, &str, Option<&Scenario>) -> (Scenario, Option<String>),
) {
    let mut open = world.resource_mut::<OpenProject>();
    let Some(project) = open.0.as_mut() else { return };
    let (id, name) = free_name(project);
    let (scenario, parent) = make(&id, &name, project.active().map(ScenarioState::scenario));
    project.scenarios.push(ScenarioState::new(scenario, parent));
    project.active_scenario = project.scenarios.len() - 1;
    project.has_unsaved_changes = true;
    after_change(world);
}

pub fn activate(world: &mut World, id: &str) {
    let mut open = world.resource_mut::<OpenProject>();
    let Some(project) = open.0.as_mut() else { return };
    if let Some(index) = project.scenarios.iter().position(|state| state.scenario().id == id) {
        project.active_scenario = index;
        let is_ready = matches!(project.scenarios[index].state, EvaluationState::Ready);
        let mut revisions = world.resource_mut::<Revisions>();
        revisions.styles += 1;
        revisions.scenario += 1;
        if !is_ready {
            evaluate(world);
        }
    }
}

pub fn rename(world: &mut World, id: &str, name: String) {
    let mut open = world.resource_mut::<OpenProject>();
    let Some(project) = open.0.as_mut() else { return };
    if let Some(state) = project.scenarios.iter_mut().find(|state| state.scenario().id == id) {
        let mut scenario = state.scenario().clone();
        scenario.name = name;
        state.history.push(scenario, Some("name"));
        project.has_unsaved_changes = true;
    }
}

/// Starts the models for the active scenario; a run for an older state is stopped. Does nothing while the baseline is
/// not there yet: its arrival starts the evaluation.
pub fn evaluate(world: &mut World) {
    let Some(baseline) = world.resource::<BaselineState>().baseline.clone() else { return };
    let revision = world.resource::<Revisions>().scenario;
    let mut jobs = std::mem::take(&mut *world.resource_mut::<Jobs>());
    jobs.cancel_where(|kind| matches!(kind, JobKind::Evaluate { .. }));
    if let Some(active) = world.resource_mut::<OpenProject>().0.as_mut().and_then(Project::active_mut) {
        let scenario = active.scenario().clone();
        let id = scenario.id.clone();
        let task = jobs.start(JobKind::Evaluate { scenario: id.clone() }, move |progress, give| {
            // A first impression within a second, then the answer, then the refined one.
            let ended = evaluate_in_steps(
                baseline.engine(),
                &baseline,
                &scenario,
                Quality::Refined,
                progress,
                &mut |_| {},
                &mut |step| {
                    let (result, is_last) = (Ok(step.evaluation), step.is_last);
                    give(JobResult::Evaluated { revision, scenario: id.clone(), result, is_last });
                },
            );
            if let Err(error) = ended {
                give(JobResult::Evaluated { revision, scenario: id, result: Err(error), is_last: true });
            }
        });
        active.state = EvaluationState::Computing { task };
    }
    *world.resource_mut::<Jobs>() = jobs;
}
