//! What calls where, looked up in the background: one day of all timetables together, the walks between their stops, and
//! what calls at the picked stop. It says how the city is now; the scenario's own answers come from the models.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use bevy::prelude::*;
use layers::model::{LayerData, StreetNetwork, Timetable};
use scenarios::{
    Assumptions,
    edit::NetworkEdit,
    models::{
        routing::{ModeGraph, TravelMode},
        transit::{ServiceHours, StopWalks, TransitDay, Walks, day::InFeed, service::is_train},
    },
};
use serde::Serialize;

use super::{JobKind, JobResult, Jobs};
use crate::{
    commands::Target,
    project::Project,
    state::{OpenProject, Revisions, Selection, StopService},
};

/// How often a line comes is told of the day, not of the evening.
const DAYTIME_SECS: [i32; 2] = [7 * 3600, 19 * 3600];
/// Longest walk from one vehicle to the next, seconds.
const CHANGE_WALK_SECS: u32 = 300;
/// Who waits longer than this for a train does not call it a connection, seconds.
const CHANGE_WITHIN_SECS: i32 = 20 * 60;
/// Time to get out and in, as the models reckon, seconds.
const CHANGE_SLACK_SECS: i32 = 60;
/// Farthest that a line may have to drive round for a new stop, metres: as the measure has it.
const NEAR_LINE_M: f64 = 500.0;
/// The two sides of one stop lie at most this far apart, metres.
const OTHER_SIDE_M: f64 = 150.0;

/// The timetables of a project on their busiest weekday.
#[derive(Debug)]
pub struct TimetableFacts {
    /// By timetable: the layer's id and the timetable itself.
    feeds: Vec<(String, Arc<Timetable>)>,
    pub day: TransitDay,
    /// Departures are counted in these, as the indicators count them.
    hours: ServiceHours,
    footpaths: Walks,
    /// By stop of the day: whether a train leaves there.
    has_train: Vec<bool>,
}

/// What calls at a stop.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct StopFacts {
    /// Weekday that was looked at, `yyyymmdd`.
    pub date: u32,
    /// Departures are counted between these, seconds after midnight.
    pub counted_secs: [i32; 2],
    pub lines: Vec<LineAtStop>,
    /// Whether lines of it call at a stop of the same name across the street.
    pub has_other_side: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LineAtStop {
    /// Public id.
    pub id: String,
    /// The number on the vehicle.
    pub name: String,
    pub route_type: u16,
    /// Where it goes from here, most often first.
    pub towards: Vec<String>,
    /// In the hours that are counted.
    pub departures_per_hour: f64,
    /// Usual time between two departures in the same direction by day; `None` where fewer than two leave.
    pub headway_minutes: Option<f64>,
    pub trains: Vec<TrainChange>,
}

/// A train that one catches from a line.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TrainChange {
    pub train: String,
    /// Name of the stop where one gets out.
    pub at: String,
    /// Usual time from arrival to departure.
    pub minutes: f64,
}

/// A line that passes a place.
#[derive(Clone, Debug, PartialEq)]
pub struct LineNearby {
    pub id: String,
    pub name: String,
    pub towards: String,
    /// How much farther it would have to drive for a stop there, metres as the crow flies.
    pub detour_m: f64,
}

impl TimetableFacts {
    /// Cost: linear in the calls, and a short sweep on foot for each stop.
    pub fn new(
        feeds: Vec<(String, Arc<Timetable>)>,
        streets: Option<&StreetNetwork>,
    ) -> Result<Self, String> {
        let timetables: Vec<&Timetable> = feeds.iter().map(|feed| feed.1.as_ref()).collect();
        let date = TransitDay::busiest_weekday(&timetables)
            .ok_or("expected a timetable with service on a weekday, found none")?;
        let day = TransitDay::new(&timetables, date).map_err(|error| error.to_string())?;
        let footpaths = match streets.filter(|streets| !streets.links.is_empty()) {
            Some(streets) => {
                let none = NetworkEdit::none(streets.links.len());
                let graph = ModeGraph::new(streets, &none, TravelMode::Walk, &Assumptions::default());
                StopWalks::new(&graph, &day, CHANGE_WALK_SECS).between
            }
            // Without streets people change at one and the same stop only.
            None => Walks::from_rows(vec![Vec::new(); day.stops.len()]),
        };
        let is_train_at = |stop: u32| {
            let routes = day.serving(stop).iter().flat_map(|call| day.trips_of(call.0 as usize));
            routes
                .map(|trip| day.trips[trip].route)
                .any(|route| is_rail_network(day.route_types[route as usize]))
        };
        let has_train = (0..day.stops.len() as u32).map(is_train_at).collect();
        let hours = ServiceHours::new(&day, &Assumptions::default());
        Ok(Self { feeds, day, hours, footpaths, has_train })
    }

    fn feed(&self, layer: &str) -> Option<u32> {
        self.feeds.iter().position(|feed| feed.0 == layer).map(|feed| feed as u32)
    }

    /// The day's number of a stop of a layer.
    pub fn stop_number(&self, layer: &str, index: usize) -> Option<u32> {
        self.day.stop_number(InFeed { feed: self.feed(layer)?, index: index as u32 })
    }

    fn route(&self, route: u32) -> &layers::model::transit::Route {
        let of = self.day.routes[route as usize];
        &self.feeds[of.feed as usize].1.routes[of.index as usize]
    }

    fn stop(&self, stop: u32) -> &layers::model::transit::Stop {
        let of = self.day.stops[stop as usize];
        &self.feeds[of.feed as usize].1.stops[of.index as usize]
    }

    /// Headsign of a trip of the day, or the name of its last stop.
    fn headsign(&self, pattern: usize, trip: usize) -> &str {
        let of = self.day.trips[trip].of;
        let headsign = &self.feeds[of.feed as usize].1.trips[of.index as usize].headsign;
        if !headsign.is_empty() {
            return headsign;
        }
        self.day.stops_of(pattern).last().map_or("", |&stop| &self.stop(stop).name)
    }

    /// The stop and, for a station, its platforms.
    fn with_platforms(&self, layer: &str, index: usize) -> Vec<u32> {
        let Some(feed) = self.feed(layer) else { return Vec::new() };
        let stops = &self.feeds[feed as usize].1.stops;
        let platforms = (0..stops.len())
            .filter(|&other| stops[index].is_station && stops[other].parent == Some(index as u32));
        std::iter::once(index)
            .chain(platforms)
            .filter_map(|other| self.day.stop_number(InFeed { feed, index: other as u32 }))
            .collect()
    }

    /// Where most vehicles go that leave from a stop; `None` where nothing leaves.
    pub fn towards(&self, layer: &str, index: usize) -> Option<String> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for stop in self.with_platforms(layer, index) {
            for &(pattern, position) in self.day.serving(stop) {
                let (pattern, position) = (pattern as usize, position as usize);
                if position + 1 < self.day.stops_of(pattern).len() {
                    let trips = self.day.trips_of(pattern);
                    *counts.entry(self.headsign(pattern, trips.start)).or_default() += trips.len();
                }
            }
        }
        // More than one way is no direction.
        let most = counts.iter().max_by_key(|(_, count)| **count)?;
        let all: usize = counts.values().sum();
        (*most.1 * 10 >= all * 9).then(|| (*most.0).to_owned())
    }

    /// What calls at a stop of a layer, by kind and number.
    pub fn at_stop(&self, layer: &str, index: usize) -> StopFacts {
        let stops = self.with_platforms(layer, index);
        let mut routes: BTreeSet<u32> = BTreeSet::new();
        for &stop in &stops {
            for &(pattern, _) in self.day.serving(stop) {
                routes.extend(self.day.trips[self.day.trips_of(pattern as usize)].iter().map(|t| t.route));
            }
        }
        let mut lines: Vec<LineAtStop> = routes.iter().map(|&route| self.line_at(route, &stops)).collect();
        let number = |line: &LineAtStop| line.name.parse::<u32>().unwrap_or(u32::MAX);
        lines.sort_by(|a, b| {
            (is_train(b.route_type), number(a), &a.name, &a.id).cmp(&(
                is_train(a.route_type),
                number(b),
                &b.name,
                &b.id,
            ))
        });
        let timetable = self.feed(layer).map(|feed| &self.feeds[feed as usize].1);
        let has_other_side = timetable.is_some_and(|table| !other_sides(table, index).is_empty());
        let counted_secs = [self.hours.from_secs, self.hours.to_secs];
        StopFacts { date: self.day.date, counted_secs, lines, has_other_side }
    }

    fn line_at(&self, route: u32, stops: &[u32]) -> LineAtStop {
        let day = &self.day;
        let mut towards: BTreeMap<&str, usize> = BTreeMap::new();
        let mut by_direction: BTreeMap<u8, Vec<i32>> = BTreeMap::new();
        // Where in its pattern each trip passes here, to know what comes later.
        let mut passes: BTreeMap<u32, (usize, usize)> = BTreeMap::new();
        for &stop in stops {
            for &(pattern, position) in day.serving(stop) {
                let (pattern, position) = (pattern as usize, position as usize);
                let trips = day.trips_of(pattern);
                for (trip, &departure) in trips.zip(day.departures_at(pattern, position)) {
                    if day.trips[trip].route != route {
                        continue;
                    }
                    passes.entry(trip as u32).or_insert((pattern, position));
                    if position + 1 < day.stops_of(pattern).len() {
                        *towards.entry(self.headsign(pattern, trip)).or_default() += 1;
                        let of = day.trips[trip].of;
                        let direction = self.feeds[of.feed as usize].1.trips[of.index as usize].direction;
                        by_direction.entry(direction).or_default().push(departure);
                    }
                }
            }
        }
        let all = || by_direction.values().flatten();
        let counted = self.hours.from_secs..self.hours.to_secs;
        let peak = all().filter(|&t| counted.contains(t)).count() as f64;
        let headways = by_direction.values().filter_map(|times| usual_gap_minutes(times));
        let line = self.route(route);
        let mut towards: Vec<(&str, usize)> = towards.into_iter().collect();
        towards.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        LineAtStop {
            id: line.id.clone(),
            name: if line.short_name.is_empty() { line.long_name.clone() } else { line.short_name.clone() },
            route_type: line.route_type,
            towards: towards.into_iter().map(|(sign, _)| sign.to_owned()).collect(),
            departures_per_hour: peak * 3600.0 / f64::from(counted.end - counted.start),
            headway_minutes: headways.min_by(f64::total_cmp),
            trains: if is_rail_network(line.route_type) { Vec::new() } else { self.trains_from(&passes) },
        }
    }

    /// The trains that one catches from trips after they passed a stop: by trip the pattern and the position there.
    /// Where a trip passes a station before the stop, that train is gone; so it is looked for from the stop on.
    fn trains_from(&self, passes: &BTreeMap<u32, (usize, usize)>) -> Vec<TrainChange> {
        let mut waits: BTreeMap<(&str, &str), Vec<f64>> = BTreeMap::new();
        for (&trip, &(pattern, position)) in passes {
            for (train, (departs, arrives, from)) in self.trains_of_trip(trip as usize, pattern, position) {
                let line = self.route(train);
                let name = if line.short_name.is_empty() { &line.long_name } else { &line.short_name };
                let key = (name.as_str(), self.stop(from).name.as_str());
                waits.entry(key).or_default().push(f64::from(departs - arrives) / 60.0);
            }
        }
        let mut changes: Vec<(usize, TrainChange)> = waits
            .into_iter()
            // What a vehicle catches once a day is luck, no connection.
            .filter(|(_, waits)| waits.len() * 4 >= passes.len())
            .map(|((train, at), mut waits)| {
                let minutes = median(&mut waits).round();
                (waits.len(), TrainChange { train: train.to_owned(), at: at.to_owned(), minutes })
            })
            .collect();
        changes.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.train.cmp(&b.1.train)));
        changes.into_iter().map(|change| change.1).take(3).collect()
    }

    /// By train the earliest one that a trip reaches from a position on: departure, the trip's own arrival, and the stop
    /// where one gets out.
    fn trains_of_trip(&self, trip: usize, pattern: usize, position: usize) -> BTreeMap<u32, (i32, i32, u32)> {
        let day = &self.day;
        let arrivals = day.arrivals_of(pattern, trip - day.trips_of(pattern).start);
        let mut earliest: BTreeMap<u32, (i32, i32, u32)> = BTreeMap::new();
        for (&from, &arrives) in day.stops_of(pattern).iter().zip(arrivals).skip(position) {
            let ways = std::iter::once((from, 0)).chain(self.footpaths.row(from as usize).iter().copied());
            for (to, walk_secs) in ways.filter(|way| self.has_train[way.0 as usize]) {
                let ready = arrives + CHANGE_SLACK_SECS + walk_secs.cast_signed();
                for &(other, place) in day.serving(to) {
                    let (other, place) = (other as usize, place as usize);
                    if place + 1 == day.stops_of(other).len() {
                        continue;
                    }
                    let column = day.departures_at(other, place);
                    let first = column.partition_point(|&departs| departs < ready);
                    let Some(&departs) = column.get(first).filter(|d| **d <= arrives + CHANGE_WITHIN_SECS)
                    else {
                        continue;
                    };
                    let train = day.trips[day.trips_of(other).start + first].route;
                    if is_rail_network(day.route_types[train as usize]) {
                        // The same train once more from a later stop is the shorter wait.
                        let known = earliest.entry(train).or_insert((departs, arrives, from));
                        if departs <= known.0 {
                            *known = (departs, arrives, from);
                        }
                    }
                }
            }
        }
        earliest
    }

    /// Lines of the street that pass a place, the one with the least way round first.
    pub fn lines_near(&self, place: [f64; 2]) -> Vec<LineNearby> {
        let metres = |a: [f64; 2], b: [f64; 2]| (a[0] - b[0]).hypot(a[1] - b[1]);
        let mut best: BTreeMap<u32, (f64, usize, usize)> = BTreeMap::new();
        for pattern in 0..self.day.patterns.len() {
            let at = |stop: u32| self.day.positions[stop as usize];
            let round = self.day.stops_of(pattern).windows(2).map(|pair| {
                let (a, b) = (at(pair[0]), at(pair[1]));
                metres(a, place) + metres(place, b) - metres(a, b)
            });
            let Some(round) = round.filter(|round| round.is_finite()).min_by(f64::total_cmp) else {
                continue;
            };
            if round > NEAR_LINE_M {
                continue;
            }
            for trip in self.day.trips_of(pattern) {
                let route = self.day.trips[trip].route;
                let entry = best.entry(route).or_insert((round, pattern, trip));
                if round < entry.0 {
                    *entry = (round, pattern, trip);
                }
            }
        }
        let mut lines: Vec<LineNearby> = best
            .into_iter()
            .filter(|(route, _)| !is_rail_network(self.day.route_types[*route as usize]))
            .map(|(route, (detour_m, pattern, trip))| {
                let line = self.route(route);
                let name = if line.short_name.is_empty() { &line.long_name } else { &line.short_name };
                LineNearby {
                    id: line.id.clone(),
                    name: name.clone(),
                    towards: self.headsign(pattern, trip).to_owned(),
                    detour_m,
                }
            })
            .collect();
        lines.sort_by(|a, b| a.detour_m.total_cmp(&b.detour_m).then(a.id.cmp(&b.id)));
        lines
    }
}

/// Train and metro: on rails of their own, so that no street measure moves their stops.
fn is_rail_network(route_type: u16) -> bool {
    is_train(route_type) || matches!(route_type, 1 | 400..=499)
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

/// The usual time between departures by day; what leaves together counts once.
fn usual_gap_minutes(times: &[i32]) -> Option<f64> {
    let mut times: Vec<i32> =
        times.iter().copied().filter(|t| *t >= DAYTIME_SECS[0] && *t < DAYTIME_SECS[1]).collect();
    times.sort_unstable();
    times.dedup();
    let mut gaps: Vec<f64> = times.windows(2).map(|pair| f64::from(pair[1] - pair[0]) / 60.0).collect();
    (!gaps.is_empty()).then(|| median(&mut gaps))
}

/// Stops of the same name close by at which a line of this stop calls too: across the street. Cost: linear in the calls.
pub fn other_sides(timetable: &Timetable, stop: usize) -> Vec<usize> {
    let this = &timetable.stops[stop];
    if this.name.is_empty() || this.is_station {
        return Vec::new();
    }
    let is_near = |other: &layers::model::transit::Stop| {
        other.name == this.name
            && !other.is_station
            && (other.position[0] - this.position[0]).hypot(other.position[1] - this.position[1])
                <= OTHER_SIDE_M
    };
    let near: Vec<usize> =
        (0..timetable.stops.len()).filter(|&o| o != stop && is_near(&timetable.stops[o])).collect();
    if near.is_empty() {
        return near;
    }
    let mut routes: BTreeMap<usize, BTreeSet<u32>> = BTreeMap::new();
    for (trip, of) in timetable.trips.iter().enumerate() {
        for call in timetable.calls(trip) {
            let at = call.stop as usize;
            if at == stop || near.contains(&at) {
                routes.entry(at).or_default().insert(of.route);
            }
        }
    }
    let Some(own) = routes.get(&stop) else { return Vec::new() };
    near.into_iter().filter(|o| routes.get(o).is_some_and(|theirs| !own.is_disjoint(theirs))).collect()
}

/// The timetables of a project with the ids of their layers.
pub fn feeds(project: &Project) -> Vec<(String, Arc<Timetable>)> {
    let layers = project.layers.iter();
    layers
        .filter_map(|state| match &state.layer.data {
            LayerData::Transit(timetable) => Some((state.layer.id.clone(), timetable.clone())),
            _ => None,
        })
        .collect()
}

/// Starts looking up what the panels need to know now: the timetables once a stop, a street or a measure asks for them,
/// and the picked stop.
pub fn look_up(world: &mut World) {
    let revision = world.resource::<Revisions>().project;
    if world.resource::<StopService>().revision != revision {
        *world.resource_mut::<StopService>() = StopService { revision, ..StopService::default() };
    }
    let Some(project) = world.resource::<OpenProject>().0.as_ref().filter(|project| !project.is_preview)
    else {
        return;
    };
    let selected = world.resource::<Selection>().selected.as_ref();
    let asks = matches!(selected, Some(Target::Stop { .. } | Target::Link { .. }))
        || project.active().is_some_and(|active| {
            active.scenario().measures.iter().any(|measure| measure.affects().timetable)
        });
    if !asks {
        return;
    }
    let is_running = |kind: &JobKind| world.resource::<Jobs>().running().iter().any(|job| job.kind == *kind);
    let service = world.resource::<StopService>();
    match (&service.known, selected) {
        (None, _) if !is_running(&JobKind::Timetable) => {
            let feeds = feeds(project);
            if feeds.is_empty() {
                return;
            }
            let streets = project.street_layer().and_then(|state| match &state.layer.data {
                LayerData::Streets(network) => Some(network.clone()),
                _ => None,
            });
            world.resource_mut::<Jobs>().start(JobKind::Timetable, move |_, give| {
                let result = TimetableFacts::new(feeds, streets.as_deref()).map(Arc::new);
                give(JobResult::Timetable { revision, result });
            });
        }
        (Some(Ok(facts)), Some(target @ Target::Stop { layer, .. }))
            if service.stop.as_ref().is_none_or(|known| known.0 != *target)
                && !is_running(&JobKind::StopFacts) =>
        {
            let Some((_, index)) = project.find(target) else { return };
            let (facts, target, layer) = (facts.clone(), target.clone(), layer.clone());
            world.resource_mut::<Jobs>().start(JobKind::StopFacts, move |_, give| {
                let stop = facts.at_stop(&layer, index);
                give(JobResult::StopFacts { revision, target, stop });
            });
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_gap_is_that_of_the_day() {
        let clock = |hours: i32, minutes: i32| hours * 3600 + minutes * 60;
        let mut times: Vec<i32> = (0..40).map(|quarter| clock(8, 0) + quarter * 900).collect();
        times.extend([clock(5, 0), clock(22, 0), clock(23, 0)]);
        assert_eq!(usual_gap_minutes(&times), Some(15.0));
        assert_eq!(usual_gap_minutes(&[clock(8, 0), clock(8, 0)]), None);
    }
}
