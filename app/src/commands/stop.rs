//! Measures on stops and lines. A stop has one measure at most: what is done to it again takes the place of what was done
//! before, so that the list says what will be, and one undo takes one step back.

use bevy::prelude::*;
use layers::model::{LayerData, Timetable};
use scenarios::{
    Scenario,
    measures::{AddStop, ChangeFrequency, Measure, MoveStop, RemoveStop, move_stop::FARTHEST_M},
    reference::{RouteReference, StopReference},
};

use super::{StopMeasure, Target, scenario::push};
use crate::{
    jobs::timetable::other_sides,
    project::Project,
    state::{MessageLevel, Messages, OpenProject, Selection, StopService},
};

/// A stop back within this of where it is now has not moved, metres.
const SAME_PLACE_M: f64 = 1.0;

/// Why there is no measure: a text key, and what was found.
type Refusal = (&'static str, Vec<String>);

pub fn add_stop_measure(world: &mut World, kind: StopMeasure, both_sides: bool) {
    let outcome = match kind {
        StopMeasure::Remove => {
            on_stops(world, both_sides, |_, stops| Ok(stops.into_iter().map(remove).collect()))
        }
        StopMeasure::Restore => {
            on_stops(world, both_sides, |_, stops| Ok(stops.into_iter().map(StopChange::of).collect()))
        }
        StopMeasure::MoveTo { position } => on_stops(world, both_sides, |scenario, stops| {
            let from = planned_position(scenario, &stops[0]);
            move_by(scenario, stops, [position[0] - from[0], position[1] - from[1]])
        }),
        StopMeasure::MoveBy { east_m, north_m } => {
            on_stops(world, both_sides, |scenario, stops| move_by(scenario, stops, [east_m, north_m]))
        }
        StopMeasure::SetHeadway { line, minutes } => set_line_headway(world, &line, minutes),
        StopMeasure::Add { line } => add_stop(world, line.as_deref()),
    };
    if let Err((key, details)) = outcome {
        world.resource_mut::<Messages>().push(MessageLevel::Error, key, details);
    }
}

pub fn set_headway(world: &mut World, index: usize, minutes: f64) {
    let measure = world.resource::<OpenProject>().0.as_ref().and_then(|project| {
        let mut measure = project.active()?.scenario().measures.get(index)?.clone();
        match &mut measure {
            Measure::ChangeFrequency(change) => change.headway_minutes = minutes,
            Measure::AddLine(line) => line.headway_minutes = minutes,
            _ => return None,
        }
        Some(measure)
    });
    let Some(measure) = measure else { return };
    if let Err((key, details)) = possible(&measure) {
        world.resource_mut::<Messages>().push(MessageLevel::Error, key, details);
        return;
    }
    push(world, Some(&format!("headway-{index}")), |scenario| {
        if let Some(slot) = scenario.measures.get_mut(index) {
            *slot = measure;
        }
    });
}

/// What will be done to a stop, and to it alone.
struct StopChange {
    stop: StopReference,
    measure: Option<Measure>,
}

impl StopChange {
    /// Nothing: the stop stays as it is in the city of now.
    fn of(stop: StopReference) -> Self {
        Self { stop, measure: None }
    }
}

fn remove(stop: StopReference) -> StopChange {
    StopChange { measure: Some(Measure::RemoveStop(RemoveStop::at(stop.clone()))), stop }
}

/// The stop that a measure is about.
fn stop_of(measure: &Measure) -> Option<&StopReference> {
    match measure {
        Measure::MoveStop(measure) => Some(&measure.stop),
        Measure::RemoveStop(measure) => Some(&measure.stop),
        _ => None,
    }
}

/// Where the scenario has a stop.
fn planned_position(scenario: &Scenario, stop: &StopReference) -> [f64; 2] {
    let moved = scenario.measures.iter().find_map(|measure| match measure {
        Measure::MoveStop(moved) if moved.stop.id == stop.id => Some(moved.position),
        _ => None,
    });
    moved.unwrap_or(stop.position)
}

fn move_by(scenario: &Scenario, stops: Vec<StopReference>, by: [f64; 2]) -> Result<Vec<StopChange>, Refusal> {
    stops
        .into_iter()
        .map(|stop| {
            let from = planned_position(scenario, &stop);
            let to = [from[0] + by[0], from[1] + by[1]];
            let away_m = (to[0] - stop.position[0]).hypot(to[1] - stop.position[1]);
            if !away_m.is_finite() || away_m > FARTHEST_M {
                let found = format!("\"{}\": {away_m:.0} m, > {FARTHEST_M} m", stop.name);
                return Err(("message-stop-too-far", vec![found]));
            }
            let measure = (away_m >= SAME_PLACE_M).then(|| {
                // To the decimetre: nobody digs more exactly, and the file stays readable.
                let place = to.map(|metres| (metres * 10.0).round() / 10.0);
                Measure::MoveStop(MoveStop::to(stop.clone(), place))
            });
            Ok(StopChange { stop, measure })
        })
        .collect()
}

/// Changes the selected stop, and the one across the street, as one undoable step.
fn on_stops(
    world: &mut World,
    both_sides: bool,
    make: impl FnOnce(&Scenario, Vec<StopReference>) -> Result<Vec<StopChange>, Refusal>,
) -> Result<(), Refusal> {
    let changes = {
        let Some(project) = &world.resource::<OpenProject>().0 else { return Ok(()) };
        let choose = || ("message-choose-stop", Vec::new());
        let target = world.resource::<Selection>().selected.as_ref().ok_or_else(choose)?;
        let (state, index) = project.find(target).ok_or_else(choose)?;
        let LayerData::Transit(timetable) = &state.layer.data else { return Err(choose()) };
        let others = if both_sides { other_sides(timetable, index) } else { Vec::new() };
        let stops = std::iter::once(index).chain(others);
        let stops = stops.filter_map(|stop| StopReference::of(timetable, stop as u32)).collect();
        let none = Scenario::new("", "");
        make(project.active().map_or(&none, |active| active.scenario()), stops)?
    };
    push(world, None, |scenario| {
        for change in changes {
            let is_about = |measure: &Measure| stop_of(measure).is_some_and(|stop| stop.id == change.stop.id);
            let place = scenario.measures.iter().position(is_about);
            scenario.measures.retain(|measure| !is_about(measure));
            if let Some(measure) = change.measure {
                let place = place.unwrap_or(scenario.measures.len()).min(scenario.measures.len());
                scenario.measures.insert(place, measure);
            }
        }
    });
    Ok(())
}

/// A line by its public id or else its number.
fn find_line(project: &Project, wanted: &str) -> Result<RouteReference, Refusal> {
    let timetables = project
        .layers
        .iter()
        .filter_map(|state| match &state.layer.data {
            LayerData::Transit(timetable) => Some(timetable.as_ref()),
            _ => None,
        })
        .collect::<Vec<&Timetable>>();
    let by = |is_it: fn(&layers::model::transit::Route, &str) -> bool| {
        timetables.iter().find_map(|timetable| {
            let route = timetable.routes.iter().position(|route| is_it(route, wanted))?;
            RouteReference::of(timetable, route as u32)
        })
    };
    by(|route, wanted| route.id == wanted)
        .or_else(|| by(|route, wanted| route.short_name == wanted))
        .ok_or_else(|| {
            let names = timetables.iter().flat_map(|timetable| &timetable.routes);
            let mut names: Vec<&str> = names.map(|route| route.short_name.as_str()).collect();
            names.sort_unstable();
            names.dedup();
            names.truncate(40);
            ("message-no-such-line", vec![format!("\"{wanted}\" ({})", names.join(", "))])
        })
}

/// Whether a measure can be at all; else what is wrong with it.
fn possible(measure: &Measure) -> Result<(), Refusal> {
    let problems = measure.check();
    if problems.is_empty() { Ok(()) } else { Err(("message-measure-impossible", problems)) }
}

fn set_line_headway(world: &mut World, line: &str, minutes: f64) -> Result<(), Refusal> {
    let Some(project) = &world.resource::<OpenProject>().0 else { return Ok(()) };
    let change = ChangeFrequency::to(find_line(project, line)?, minutes);
    let measure = Measure::ChangeFrequency(change.clone());
    possible(&measure)?;
    push(world, Some(&format!("headway-{}", change.line.id)), |scenario| {
        let known = scenario.measures.iter_mut().find_map(|measure| match measure {
            Measure::ChangeFrequency(known)
                if known.line.id == change.line.id && known.hours == change.hours =>
            {
                Some(known)
            }
            _ => None,
        });
        match known {
            Some(known) => known.headway_minutes = minutes,
            None => scenario.measures.push(measure),
        }
    });
    Ok(())
}

/// The point of a link nearest to where it was clicked, or else halfway.
pub(crate) fn place_on_link(line: &[[f64; 2]], clicked: Option<[f64; 2]>) -> [f64; 2] {
    let metres = |a: [f64; 2], b: [f64; 2]| (a[0] - b[0]).hypot(a[1] - b[1]);
    let along =
        |a: [f64; 2], b: [f64; 2], part: f64| [a[0] + part * (b[0] - a[0]), a[1] + part * (b[1] - a[1])];
    if let Some(point) = clicked {
        let nearest = line
            .windows(2)
            .map(|pair| {
                let (dx, dy) = (pair[1][0] - pair[0][0], pair[1][1] - pair[0][1]);
                let square = dx * dx + dy * dy;
                let dot = (point[0] - pair[0][0]) * dx + (point[1] - pair[0][1]) * dy;
                let part = if square > 0.0 { (dot / square).clamp(0.0, 1.0) } else { 0.0 };
                along(pair[0], pair[1], part)
            })
            .min_by(|a, b| metres(*a, point).total_cmp(&metres(*b, point)));
        if let Some(nearest) = nearest {
            return nearest;
        }
    }
    let half = line.windows(2).map(|pair| metres(pair[0], pair[1])).sum::<f64>() / 2.0;
    let mut done = 0.0;
    for pair in line.windows(2) {
        let step = metres(pair[0], pair[1]);
        if step > 0.0 && done + step >= half {
            return along(pair[0], pair[1], (half - done) / step);
        }
        done += step;
    }
    line.first().copied().unwrap_or_default()
}

fn add_stop(world: &mut World, line: Option<&str>) -> Result<(), Refusal> {
    let measure = {
        let Some(project) = &world.resource::<OpenProject>().0 else { return Ok(()) };
        let selection = world.resource::<Selection>();
        let choose = || ("message-choose-street", Vec::new());
        let Some(target @ Target::Link { .. }) = &selection.selected else { return Err(choose()) };
        let (state, link) = project.find(target).ok_or_else(choose)?;
        let LayerData::Streets(network) = &state.layer.data else { return Err(choose()) };
        let position =
            place_on_link(&network.links[link].geometry, selection.place).map(|m| (m * 10.0).round() / 10.0);
        let line = match (line, &world.resource::<StopService>().known) {
            (Some(line), _) => find_line(project, line)?,
            (None, Some(Ok(facts))) => {
                let near = facts.lines_near(position);
                let nearest = near.first().ok_or(("message-no-line-near", Vec::new()))?;
                find_line(project, &nearest.id)?
            }
            (None, _) => return Err(("message-no-line-near", Vec::new())),
        };
        let id = free_stop_id(project);
        Measure::AddStop(AddStop::new(id, network.links[link].name.clone(), position, vec![line]))
    };
    possible(&measure)?;
    push(world, None, |scenario| scenario.measures.push(measure));
    Ok(())
}

/// An id that no stop of the data or of the scenarios has.
fn free_stop_id(project: &Project) -> String {
    let is_taken = |id: &str| {
        let in_data = project.layers.iter().any(|state| {
            matches!(state.layer.data, LayerData::Transit(_)) && state.position_of(id).is_some()
        });
        let in_plan = project.scenarios.iter().flat_map(|state| &state.scenario().measures);
        in_data || in_plan.into_iter().any(|m| matches!(m, Measure::AddStop(stop) if stop.id == id))
    };
    (1..=100_000).map(|number| format!("new-stop-{number}")).find(|id| !is_taken(id)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stop_comes_where_the_street_was_clicked_or_else_halfway() {
        let line = [[0.0, 0.0], [100.0, 0.0], [100.0, 60.0]];
        assert_eq!(place_on_link(&line, None), [80.0, 0.0]);
        assert_eq!(place_on_link(&line, Some([30.0, 12.0])), [30.0, 0.0]);
        assert_eq!(place_on_link(&line, Some([130.0, 40.0])), [100.0, 40.0]);
    }
}
