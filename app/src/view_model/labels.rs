//! Pills on the map: the street that empties, the streets that fill, the picked stop, the sensors that are near.

use std::collections::BTreeSet;

use bevy::prelude::*;
use bevy_egui::egui::Pos2;
use layers::model::LayerData;
use scenarios::{
    comparison::Status, evaluate::IndicatorOutcome, indicators::MOST_INCREASED_STREET, measures::Measure,
};

use super::{PointerPosition, stop::way};
use crate::{
    commands::{Mode, Target},
    jobs::tiles::MARKER_HEIGHT_M,
    project::Project,
    scene::{camera::CameraRig, picking},
    state::{BaselineHold, Selection, Settings, ViewSize},
    ui::{
        text::Texts,
        view::{BandView, DepartureRow, InspectorView, MapLabel, MapLabelKind},
    },
};

/// Streets that get a pill with their change: the treated one and those that change most.
const TRAFFIC_PILLS: usize = 4;
/// Stops of one name this close are one for who reads the map, metres.
const SAME_STOP_M: f64 = 150.0;
/// Sensors that get a pill at once.
const SENSOR_PILLS: usize = 5;

pub fn labels(
    world: &World,
    project: &Project,
    inspector: Option<&InspectorView>,
    texts: Texts,
) -> Vec<MapLabel> {
    let settings = world.resource::<Settings>();
    let rig = world.resource::<CameraRig>();
    let size = world.resource::<ViewSize>().0;
    let mut labels = Vec::new();
    let mut add = |position: Vec3, kind: MapLabelKind, priority: u32| {
        if let Some(at) = picking::pixel_of(rig, position, size)
            && at.x > 0.0
            && at.y > 0.0
            && at.x < size.x
            && at.y < size.y
        {
            labels.push(MapLabel { screen_pos: Pos2::new(at.x, at.y), kind, priority });
        }
    };
    let mut treated = BTreeSet::new();
    if settings.mode != Mode::Explore && !world.resource::<BaselineHold>().0 {
        let is_traffic_shown = settings.shown_indicator.is_none();
        let changes = if is_traffic_shown { traffic_changes(project) } else { Vec::new() };
        for (rank, (position, band)) in changes.into_iter().enumerate() {
            add(position, MapLabelKind::TrafficChange(band), rank as u32);
        }
        for (position, kind) in planned_stops(project, texts) {
            add(position, kind, 1);
        }
        treated = treated_stops(project);
    }
    let selection = world.resource::<Selection>();
    let selected = selection.selected.as_ref();
    if selection.awaits.is_some()
        && let Some((position, words)) = place_under_pointer(world, project, rig, size, texts)
    {
        add(position, MapLabelKind::Stop(words), 0);
    }
    for state in project.layers.iter().filter(|state| state.is_visible) {
        match &state.layer.data {
            LayerData::Transit(timetable) => {
                for (index, stop) in timetable.stops.iter().enumerate() {
                    let is_selected = matches!(selected, Some(Target::Stop { layer, id })
                        if *layer == state.layer.id && *id == stop.id);
                    // What the scenario does with it has its own words there.
                    if treated.contains(stop.id.as_str()) {
                        continue;
                    }
                    // From far away only the picked stop speaks.
                    if !is_selected && rig.distance_m > 900.0 {
                        continue;
                    }
                    let Some(position) = picking::marker_position(project, &state.layer.data, index) else {
                        continue;
                    };
                    if !is_selected && picking::pixel_of(rig, position, size).is_none() {
                        continue;
                    }
                    let text = if is_selected {
                        // The inspector has looked them up already; doing so is no work for every frame.
                        let departures = inspector.and_then(|inspector| inspector.departures.as_ref());
                        departures.and_then(|departures| departures.first()).map_or_else(
                            || stop.name.clone(),
                            |DepartureRow { line, time, .. }| {
                                let time = *time;
                                let numbers = crate::ui::numbers::Numbers::new(texts.language);
                                let offset = crate::ui::numbers::dutch_utc_offset_secs(time);
                                format!("{line} · {} {}", numbers.time(time, offset), stop.name)
                            },
                        )
                    } else {
                        stop.name.clone()
                    };
                    add(position, MapLabelKind::Stop(text), if is_selected { 0 } else { 40 + index as u32 });
                }
            }
            LayerData::Sensors(sensors) => {
                let mut shown = 0;
                for (index, thing) in sensors.things.iter().enumerate() {
                    let is_selected = matches!(selected, Some(Target::Thing { layer, id })
                        if *layer == state.layer.id && *id == thing.id);
                    if !is_selected && (shown >= SENSOR_PILLS || rig.distance_m > 1500.0) {
                        continue;
                    }
                    let Some(position) = picking::marker_position(project, &state.layer.data, index) else {
                        continue;
                    };
                    let Some(stream) = sensors.datastreams.iter().find(|s| s.thing as usize == index) else {
                        continue;
                    };
                    let Some((_, value)) = stream.at(project.time) else { continue };
                    let is_inside = picking::pixel_of(rig, position, size).is_some_and(|p| {
                        p.x > 320.0 && p.x < size.x - 380.0 && p.y > 60.0 && p.y < size.y - 120.0
                    });
                    if !is_selected && !is_inside {
                        continue;
                    }
                    shown += 1;
                    let kind = MapLabelKind::Sensor {
                        name: short_property(&stream.observed_property, texts),
                        value,
                        unit: stream.unit.clone(),
                        decimals: usize::from(value.abs() < 100.0 && value.fract() != 0.0),
                    };
                    add(position, kind, if is_selected { 0 } else { 20 + index as u32 });
                }
            }
            _ => {}
        }
    }
    labels
}

/// A scene point above the ground, where the pins of stops end.
fn above_ground(project: &Project, place: [f64; 2]) -> Vec3 {
    let height = project.ground.height_at(place) + MARKER_HEIGHT_M;
    Vec3::from_array(project.frame.scene_from_world([place[0], place[1], height]))
}

/// Ids of the stops that the scenario moves or takes away.
fn treated_stops(project: &Project) -> BTreeSet<&str> {
    let measures = project.active().map(|active| active.scenario().measures.as_slice()).unwrap_or_default();
    let treated = measures.iter().filter_map(|measure| match measure {
        Measure::MoveStop(moved) => Some(moved.stop.id.as_str()),
        Measure::RemoveStop(removed) => Some(removed.stop.id.as_str()),
        _ => None,
    });
    treated.collect()
}

/// Stops that the scenario adds, moves or takes away, where they will be and, on paper, where they were.
fn planned_stops(project: &Project, texts: Texts) -> Vec<(Vec3, MapLabelKind)> {
    let Some(active) = project.active() else { return Vec::new() };
    let say = |key: &str, stop: &str| texts.get_with(key, &[("stop", stop.into())]);
    let mut labels = Vec::new();
    for measure in &active.scenario().measures {
        match measure {
            Measure::MoveStop(moved) => {
                let stop = &moved.stop;
                labels.push((moved.position, MapLabelKind::Stop(say("map-stop-moved", &stop.name))));
                labels.push((stop.position, MapLabelKind::Name(say("map-stop-was", &stop.name))));
            }
            Measure::RemoveStop(removed) => {
                let words = say("map-stop-removed", &removed.stop.name);
                labels.push((removed.stop.position, MapLabelKind::Name(words)));
            }
            Measure::AddStop(added) => {
                let name = if added.name.is_empty() { &added.id } else { &added.name };
                labels.push((added.position, MapLabelKind::Stop(say("map-stop-new", name))));
            }
            _ => {}
        }
    }
    // The two sides of a street say it once.
    let mut said: Vec<([f64; 2], MapLabelKind)> = Vec::new();
    for (place, kind) in labels {
        let is_near = |other: &[f64; 2]| way(*other, place).0 <= SAME_STOP_M;
        if !said.iter().any(|(other, words)| is_near(other) && *words == kind) {
            said.push((place, kind));
        }
    }
    let labels = said.into_iter().map(|(place, kind)| (above_ground(project, place), kind));
    labels.filter(|(position, _)| position.is_finite()).collect()
}

/// Where a click would bring the picked stop, and how far that is.
fn place_under_pointer(
    world: &World,
    project: &Project,
    rig: &CameraRig,
    size: Vec2,
    texts: Texts,
) -> Option<(Vec3, String)> {
    let pointer = world.get_resource::<PointerPosition>()?.0?;
    let target = world.resource::<Selection>().selected.as_ref()?;
    let (state, index) = project.find(target)?;
    let LayerData::Transit(timetable) = &state.layer.data else { return None };
    let point = picking::ground_point(Some(project), rig, pointer, size)?;
    let [x, y, _] = project.frame.world_from_scene(point.to_array());
    let stop = &timetable.stops[index];
    let numbers = crate::ui::numbers::Numbers::new(texts.language);
    let away = numbers.length(way(stop.position, [x, y]).0);
    Some((
        point,
        texts.get_with("map-stop-here", &[("stop", stop.name.as_str().into()), ("way", away.into())]),
    ))
}

fn short_property(property: &str, texts: Texts) -> String {
    let key = format!("property-{}", property.to_lowercase().replace(['_', '.'], "-"));
    if texts.has(&key) { texts.get(&key) } else { property.to_owned() }
}

/// The treated street that loses most and the streets with the clearest changes, each once by name: scene point of the
/// middle and relative change.
fn traffic_changes(project: &Project) -> Vec<(Vec3, BandView)> {
    let Some(active) = project.active().filter(|active| !active.scenario().measures.is_empty()) else {
        return Vec::new();
    };
    let Some(evaluation) = &active.evaluation else { return Vec::new() };
    let Some(LayerData::Streets(network)) = project.street_layer().map(|state| &state.layer.data) else {
        return Vec::new();
    };
    // Where no street was touched and the largest change is noise, the rest is too.
    let is_noise = |outcome: &IndicatorOutcome| outcome.status == Status::BelowNoise;
    if evaluation.treated_links.is_empty() && evaluation.outcome(MOST_INCREASED_STREET).is_some_and(is_noise)
    {
        return Vec::new();
    }
    let mut changes: Vec<(f64, usize)> = evaluation
        .links
        .iter()
        .enumerate()
        .filter(|(_, outcome)| outcome.delta().status == Status::Clear && outcome.baseline > 200.0)
        .map(|(link, outcome)| (outcome.central - outcome.baseline, link))
        .collect();
    changes.sort_by(|a, b| b.0.abs().total_cmp(&a.0.abs()).then(a.1.cmp(&b.1)));
    let mut names = BTreeSet::new();
    let mut chosen = Vec::new();
    let treated = changes.iter().find(|(_, link)| evaluation.treated_links.contains(link)).copied();
    for (_, link) in treated.into_iter().chain(changes) {
        let name = &network.links[link].name;
        let key = if name.is_empty() { network.links[link].id.clone() } else { name.clone() };
        if !names.insert(key) {
            continue;
        }
        let outcome = &evaluation.links[link];
        let share = |value: f64| (value - outcome.baseline) / outcome.baseline;
        let bends = &network.links[link].geometry;
        let middle = bends[bends.len() / 2];
        let middle = if bends.len() == 2 {
            [f64::midpoint(bends[0][0], bends[1][0]), f64::midpoint(bends[0][1], bends[1][1])]
        } else {
            middle
        };
        let height = project.ground.height_at(middle) + 1.0;
        let scene = project.frame.scene_from_world([middle[0], middle[1], height]);
        chosen.push((
            Vec3::from_array(scene),
            BandView { low: share(outcome.low), central: share(outcome.central), high: share(outcome.high) },
        ));
        if chosen.len() == TRAFFIC_PILLS {
            break;
        }
    }
    chosen
}
