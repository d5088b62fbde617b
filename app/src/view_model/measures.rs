//! Measures as sentences: which text, and what is filled in.

use layers::model::{LayerData, building_facts::BuildingFacts};
use scenarios::{
    measures::{
        AddLine, AddStop, BuildBlock, ChangeFrequency, ChangeFunction, ChangeSpeed, DemolishBuilding,
        Measure, NewFunction, ParkingHub, ParkingPlaces, RerouteLine, SignalPriority,
    },
    reference::{BuildingReference, LinkReference, RouteReference, StopReference},
};

use super::stop::way;
use crate::{
    jobs::timetable::TimetableFacts,
    project::Project,
    ui::view::{Argument, MeasureView},
};

/// Cost: a few look-ups by id.
pub fn view(project: &Project, facts: Option<&TimetableFacts>, measure: &Measure) -> MeasureView {
    match measure {
        Measure::PedestrianStreet(street) => MeasureView::PedestrianStreet {
            street_name: (!street.name.is_empty()).then(|| street.name.clone()),
            link_count: street.links.len(),
            allows_cycling: street.allows_cycling,
            allows_bus: street.allows_bus,
            delivery_window: street.delivery_window,
        },
        Measure::MoveStop(moved) => {
            let (metres, direction) = way(moved.stop.position, moved.position);
            let mut arguments = stop_arguments(project, facts, &moved.stop);
            arguments.push(("way", Argument::Length(metres)));
            arguments.push(("direction", Argument::Key(direction)));
            sentence(keyed(&arguments, "measure-stop-moved", "measure-stop-moved-towards"), arguments)
        }
        Measure::RemoveStop(removed) => {
            let arguments = stop_arguments(project, facts, &removed.stop);
            sentence(keyed(&arguments, "measure-stop-removed", "measure-stop-removed-towards"), arguments)
        }
        Measure::AddStop(added) => add_stop(added),
        Measure::ChangeFrequency(change) => change_frequency(change),
        Measure::AddLine(line) => add_line(line),
        Measure::RerouteLine(reroute) => reroute_line(reroute),
        Measure::ParkingPlaces(places) => parking_places(places),
        Measure::ParkingHub(hub) => parking_hub(hub),
        Measure::SignalPriority(priority) => signal_priority(priority),
        Measure::ChangeSpeed(speed) => change_speed(speed),
        Measure::ChangeFunction(change) => change_function(project, change),
        Measure::DemolishBuilding(demolish) => demolish_building(project, demolish),
        Measure::BuildBlock(block) => build_block(block),
        other => MeasureView::Other { kind: other.kind(), name: other.name().to_owned() },
    }
}

fn sentence(key: &'static str, arguments: Vec<(&'static str, Argument)>) -> MeasureView {
    MeasureView::Sentence { key, arguments, headway_minutes: None }
}

/// The key for when the direction is known, or the one for when it is not.
fn keyed(arguments: &[(&'static str, Argument)], without: &'static str, with: &'static str) -> &'static str {
    if arguments.iter().any(|argument| argument.0 == "towards") { with } else { without }
}

fn named(stop: &StopReference) -> Argument {
    Argument::Text(if stop.name.is_empty() { stop.id.clone() } else { stop.name.clone() })
}

/// The stop's name, and where vehicles go from there: the two sides of a street have one name.
fn stop_arguments(
    project: &Project,
    facts: Option<&TimetableFacts>,
    stop: &StopReference,
) -> Vec<(&'static str, Argument)> {
    let mut arguments = vec![("stop", named(stop))];
    let transit = project.layers.iter().filter(|state| matches!(state.layer.data, LayerData::Transit(_)));
    let towards = facts.and_then(|facts| {
        let mut found = transit.filter_map(|state| Some((state, state.position_of(&stop.id)?)));
        let (state, index) = found.next()?;
        facts.towards(&state.layer.id, index)
    });
    arguments.extend(towards.map(|towards| ("towards", Argument::Text(towards))));
    arguments
}

fn number_of(line: &RouteReference) -> Argument {
    Argument::Text(if line.name.is_empty() { line.id.clone() } else { line.name.clone() })
}

fn add_stop(added: &AddStop) -> MeasureView {
    let lines: Vec<&str> =
        added.lines.iter().map(|line| if line.name.is_empty() { &*line.id } else { &*line.name }).collect();
    let stop = if added.name.is_empty() { added.id.clone() } else { added.name.clone() };
    let arguments = vec![
        ("stop", Argument::Text(stop)),
        ("count", Argument::Number(lines.len() as f64)),
        ("lines", Argument::Text(lines.join(", "))),
    ];
    sentence("measure-stop-added", arguments)
}

fn change_frequency(change: &ChangeFrequency) -> MeasureView {
    let mut arguments =
        vec![("line", number_of(&change.line)), ("minutes", Argument::Number(change.headway_minutes))];
    let is_all_day = change.hours.0 == 0 && change.hours.1 >= 1440;
    let key = if is_all_day {
        "measure-line-headway"
    } else {
        arguments.push(("window", Argument::DayWindow(change.hours.0, change.hours.1)));
        "measure-line-headway-window"
    };
    MeasureView::Sentence { key, arguments, headway_minutes: Some(change.headway_minutes) }
}

fn add_line(line: &AddLine) -> MeasureView {
    let end = |stop: Option<&StopReference>| stop.map_or(Argument::Text(String::new()), named);
    let name = if line.name.is_empty() { line.id.clone() } else { line.name.clone() };
    let arguments = vec![
        ("line", Argument::Text(name)),
        ("from", end(line.stops.first())),
        ("to", end(line.stops.last())),
        ("minutes", Argument::Number(line.headway_minutes)),
    ];
    MeasureView::Sentence {
        key: "measure-line-added",
        arguments,
        headway_minutes: Some(line.headway_minutes),
    }
}

fn reroute_line(reroute: &RerouteLine) -> MeasureView {
    let mut arguments =
        vec![("line", number_of(&reroute.line)), ("from", named(&reroute.from)), ("to", named(&reroute.to))];
    if reroute.via.is_empty() {
        return sentence("measure-line-straight", arguments);
    }
    let via: Vec<&str> = reroute.via.iter().map(|stop| stop.name.as_str()).collect();
    arguments.push(("via", Argument::Text(via.join(", "))));
    sentence("measure-line-rerouted", arguments)
}

/// The name of a street, or of what has none.
fn street(name: &str) -> (&'static str, Argument) {
    let argument = if name.is_empty() {
        Argument::Key("scenario-unnamed-street")
    } else {
        Argument::Text(name.to_owned())
    };
    ("street", argument)
}

/// The name of a measure, or of the first of its streets that has one.
fn name_of<'a>(name: &'a str, links: &'a [LinkReference]) -> &'a str {
    if !name.is_empty() {
        return name;
    }
    links.iter().map(|link| link.name.as_str()).find(|name| !name.is_empty()).unwrap_or_default()
}

fn parking_places(places: &ParkingPlaces) -> MeasureView {
    let key = if places.change < 0.0 { "measure-parking-fewer" } else { "measure-parking-more" };
    let count = Argument::Number(places.change.abs());
    sentence(key, vec![street(name_of(&places.name, &places.links)), ("count", count)])
}

fn parking_hub(hub: &ParkingHub) -> MeasureView {
    let mut arguments =
        vec![("name", Argument::Text(hub.name.clone())), ("count", Argument::Number(hub.places))];
    if hub.removed_places > 0.0 {
        arguments.push(("removed", Argument::Number(hub.removed_places)));
        return sentence("measure-parking-hub-instead", arguments);
    }
    sentence("measure-parking-hub-new", arguments)
}

fn signal_priority(priority: &SignalPriority) -> MeasureView {
    let cut = Argument::Number((priority.delay_cut * 100.0).round());
    let arguments = vec![street(name_of(&priority.name, &priority.links)), ("share", cut)];
    sentence("measure-priority-on", arguments)
}

fn change_speed(speed: &ChangeSpeed) -> MeasureView {
    let key = if speed.is_redesigned { "measure-speed-redesigned" } else { "measure-speed-signs" };
    let limit = Argument::Number(speed.limit_kmh);
    sentence(key, vec![street(name_of(&speed.name, &speed.links)), ("speed", limit)])
}

/// What buildings are called: the name given, an address, or how many there are.
fn building_arguments(
    project: &Project,
    name: &str,
    buildings: &[BuildingReference],
) -> Vec<(&'static str, Argument)> {
    let mut arguments = vec![("count", Argument::Number(buildings.len() as f64))];
    let what = match (name, buildings) {
        ("", [only]) => address(project, &only.id),
        ("", _) => String::new(),
        (name, _) => name.to_owned(),
    };
    arguments.push(("building", Argument::Text(what)));
    arguments
}

fn address(project: &Project, id: &str) -> String {
    let city = project.layers.iter().find_map(|state| match &state.layer.data {
        LayerData::City(model) => Some((model, state.position_of(id)?)),
        _ => None,
    });
    let words = city.and_then(|(model, index)| {
        let facts = BuildingFacts::from_row(&model.attributes, index);
        let number = facts.house_number.unwrap_or_default();
        facts.name.or_else(|| facts.street.map(|street| format!("{street} {number}").trim().to_owned()))
    });
    words.unwrap_or_else(|| id.to_owned())
}

fn use_key(function: NewFunction) -> &'static str {
    match function {
        NewFunction::Housing => "use-housing",
        NewFunction::Office => "use-office",
        NewFunction::Shop => "use-shop",
        NewFunction::School => "use-school",
        NewFunction::Green => "use-green",
    }
}

fn change_function(project: &Project, change: &ChangeFunction) -> MeasureView {
    let mut arguments = building_arguments(project, &change.name, &change.buildings);
    arguments.push(("use", Argument::Key(use_key(change.function))));
    let is_many = change.name.is_empty() && change.buildings.len() != 1;
    sentence(if is_many { "measure-use-many" } else { "measure-use-one" }, arguments)
}

fn demolish_building(project: &Project, demolish: &DemolishBuilding) -> MeasureView {
    let arguments = building_arguments(project, &demolish.name, &demolish.buildings);
    let is_many = demolish.name.is_empty() && demolish.buildings.len() != 1;
    sentence(if is_many { "measure-demolish-many" } else { "measure-demolish-one" }, arguments)
}

fn build_block(block: &BuildBlock) -> MeasureView {
    let name = if block.name.is_empty() { block.id.clone() } else { block.name.clone() };
    let arguments = vec![
        ("name", Argument::Text(name)),
        ("use", Argument::Key(use_key(block.function))),
        ("count", Argument::Number(block.storeys)),
    ];
    sentence("measure-block-new", arguments)
}
