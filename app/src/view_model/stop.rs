//! What the inspector says of stops and lines besides their attributes: what calls there, and what the scenario makes of
//! it.

use layers::model::LayerData;
use scenarios::{Scenario, measures::Measure};

use crate::{
    commands::{Target, stop::place_on_link},
    jobs::timetable::{LineAtStop, TimetableFacts},
    project::Project,
    state::{Selection, StopService},
    ui::view::{InspectorView, LineChoice, StopLineView, StopPlan, StopView},
};

/// Lines to choose from for a new stop.
const CHOICES: usize = 6;

/// The view with what is known of stops and lines at the picked thing.
pub fn with_service(
    mut view: InspectorView,
    project: &Project,
    selection: &Selection,
    service: &StopService,
) -> InspectorView {
    let Some((target, (state, index))) =
        selection.selected.as_ref().and_then(|target| Some((target, project.find(target)?)))
    else {
        return view;
    };
    match &state.layer.data {
        LayerData::Transit(_) => view.stop = Some(stop(project, selection, service, target)),
        LayerData::Streets(network) => {
            let is_model_street = project.street_layer().is_some_and(|s| s.layer.id == state.layer.id);
            let known = service.known.as_ref().and_then(|known| known.as_deref().ok());
            // A footpath gets no bus stop.
            let link = &network.links[index];
            let has_bus = (link.forward | link.backward).contains(layers::model::Modes::BUS);
            if let Some(facts) = known.filter(|_| is_model_street && has_bus) {
                view.lines_nearby = choices(facts, place_on_link(&link.geometry, selection.place));
            }
        }
        _ => {}
    }
    view
}

fn choices(facts: &TimetableFacts, place: [f64; 2]) -> Vec<LineChoice> {
    let near = facts.lines_near(place).into_iter().take(CHOICES);
    near.map(|line| LineChoice { id: line.id, name: line.name, towards: line.towards }).collect()
}

fn stop(project: &Project, selection: &Selection, service: &StopService, target: &Target) -> StopView {
    let none = Scenario::new("", "");
    let scenario = project.active().map_or(&none, |active| active.scenario());
    let known = service.stop.as_ref().filter(|known| known.0 == *target).map(|known| &known.1);
    let lines = match (&service.known, known) {
        (_, Some(facts)) => Some(facts.lines.iter().map(|line| line_view(line, scenario)).collect()),
        // Nothing runs: that is known too.
        (Some(Err(_)), None) => Some(Vec::new()),
        _ => None,
    };
    let date = known.map_or_else(String::new, |facts| {
        let date = facts.date;
        format!("{:04}-{:02}-{:02}", date / 10_000, date / 100 % 100, date % 100)
    });
    StopView {
        lines,
        date,
        counted_hours: known
            .map_or([7, 9], |facts| facts.counted_secs.map(|secs| (secs / 3600).unsigned_abs())),
        has_other_side: known.is_some_and(|facts| facts.has_other_side),
        plan: plan(scenario, target.id()),
        is_awaiting_place: selection.awaits.is_some(),
    }
}

fn line_view(line: &LineAtStop, scenario: &Scenario) -> StopLineView {
    let planned = scenario.measures.iter().rev().find_map(|measure| match measure {
        Measure::ChangeFrequency(change) if change.line.id == line.id => Some(change.headway_minutes),
        _ => None,
    });
    StopLineView {
        id: line.id.clone(),
        name: line.name.clone(),
        is_train: scenarios::models::transit::service::is_train(line.route_type),
        towards: line.towards.clone(),
        departures_per_hour: line.departures_per_hour,
        headway_minutes: line.headway_minutes,
        planned_minutes: planned,
        trains: line.trains.iter().map(|t| (t.train.clone(), t.at.clone(), t.minutes)).collect(),
    }
}

fn plan(scenario: &Scenario, stop: &str) -> StopPlan {
    let found = scenario.measures.iter().find_map(|measure| match measure {
        Measure::RemoveStop(removed) if removed.stop.id == stop => Some(StopPlan::Goes),
        Measure::MoveStop(moved) if moved.stop.id == stop => {
            let (metres, direction) = way(moved.stop.position, moved.position);
            Some(StopPlan::Moves { metres, direction })
        }
        _ => None,
    });
    found.unwrap_or_default()
}

/// Metres and the text key of the direction from one place to another.
pub fn way(from: [f64; 2], to: [f64; 2]) -> (f64, &'static str) {
    const DIRECTIONS: [&str; 8] = [
        "compass-north",
        "compass-north-east",
        "compass-east",
        "compass-south-east",
        "compass-south",
        "compass-south-west",
        "compass-west",
        "compass-north-west",
    ];
    let (east, north) = (to[0] - from[0], to[1] - from[1]);
    let eighths = (east.atan2(north).to_degrees() / 45.0).round().rem_euclid(8.0);
    (east.hypot(north), DIRECTIONS[eighths as usize % 8])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_have_the_names_of_the_compass() {
        let to = |east: f64, north: f64| way([1000.0, 2000.0], [1000.0 + east, 2000.0 + north]).1;
        assert_eq!(to(0.0, 50.0), "compass-north");
        assert_eq!(to(-1.0, 50.0), "compass-north");
        assert_eq!(to(50.0, 50.0), "compass-north-east");
        assert_eq!(to(50.0, 1.0), "compass-east");
        assert_eq!(to(0.0, -50.0), "compass-south");
        assert_eq!(to(-50.0, 0.0), "compass-west");
        assert_eq!(to(-40.0, 40.0), "compass-north-west");
        assert!((way([0.0, 0.0], [30.0, 40.0]).0 - 50.0).abs() < 1e-9);
    }
}
