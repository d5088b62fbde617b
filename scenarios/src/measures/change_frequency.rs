//! A line that comes more or less often (MODELS.md section 13, line).

use std::collections::BTreeMap;

use layers::model::{
    Timetable,
    transit::{StopTime, Trip},
};
use serde::{Deserialize, Serialize};

use super::{Affects, MeasureKind, outside};
use crate::{
    apply::{City, CityEdit, Problems},
    models::transit::retime::replace_trips,
    reference::RouteReference,
};

/// Departures of a line every so many minutes, in each direction and for each service (weekdays, Saturday, …), from the
/// first trip that leaves in these hours until the last. A new trip runs like the old one nearest in time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChangeFrequency {
    pub line: RouteReference,
    #[serde(default = "headway_minutes")]
    pub headway_minutes: f64,
    /// Minutes of the day in which trips leave their first stop; those outside stay as they are.
    #[serde(default = "hours")]
    pub hours: (u16, u16),
    #[serde(default)]
    pub name: String,
}

fn headway_minutes() -> f64 {
    15.0
}
fn hours() -> (u16, u16) {
    (0, 1800)
}

impl ChangeFrequency {
    /// All day.
    pub fn to(line: RouteReference, headway_minutes: f64) -> Self {
        Self { name: line.name.clone(), line, headway_minutes, hours: hours() }
    }

    /// New trips of one service and direction, and the old ones that they replace. `old` by departure.
    fn replacements(
        &self,
        timetable: &Timetable,
        old: &[(u32, usize)],
        more: &mut Vec<(Trip, Vec<StopTime>)>,
    ) -> Option<()> {
        let (first, last) = (old.first()?.0, old.last()?.0);
        let headway = (self.headway_minutes * 60.0).round().max(1.0) as u32;
        // A single trip says nothing about how long the line runs: it stays one.
        for number in 0..=(last - first) / headway {
            let leaves = first + number * headway;
            let &(_, like) =
                old.iter().min_by_key(|(departure, trip)| (departure.abs_diff(leaves), *trip))?;
            let trip = &timetable.trips[like];
            let calls = timetable.calls(like);
            let start = calls.first()?.departure_secs;
            let later = |secs: u32| (secs + leaves).saturating_sub(start);
            let moved = calls.iter().map(|call| StopTime {
                stop: call.stop,
                arrival_secs: later(call.arrival_secs),
                departure_secs: later(call.departure_secs),
            });
            let id = format!("{}~{}-{number}", trip.id, trip.direction);
            more.push((Trip { id, frequencies: Vec::new(), ..trip.clone() }, moved.collect()));
        }
        Some(())
    }
}

impl MeasureKind for ChangeFrequency {
    fn kind(&self) -> &'static str {
        "change-frequency"
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn affects(&self) -> Affects {
        Affects { timetable: true, ..Affects::default() }
    }

    fn check(&self) -> Vec<String> {
        let mut problems: Vec<String> =
            outside("a headway", "min", self.headway_minutes, 0.5, 1440.0).into_iter().collect();
        if self.hours.0 >= self.hours.1 || self.hours.1 > 1800 {
            problems.push(format!(
                "expected hours such as 420 to 540 (07:00 to 09:00), at most until 1800, found {} to {}",
                self.hours.0, self.hours.1
            ));
        }
        problems
    }

    fn apply(&self, city: &City, edit: &mut CityEdit, problems: &mut Problems) -> bool {
        let Some((feed, route)) = city.route(&self.line, &edit.timetable, problems) else { return false };
        let timetable = &edit.timetable.timetables()[feed];
        let route_id = timetable.routes[route as usize].id.clone();
        let (from, to) = (u32::from(self.hours.0) * 60, u32::from(self.hours.1) * 60);
        let mut by_service: BTreeMap<(u32, u8), Vec<(u32, usize)>> = BTreeMap::new();
        let mut is_replaced = vec![false; timetable.trips.len()];
        let mut has_frequencies = false;
        for (index, trip) in timetable.trips.iter().enumerate() {
            let Some(first) = timetable.calls(index).first().filter(|_| trip.route == route) else {
                continue;
            };
            if trip.frequencies.is_empty() {
                if (from..to).contains(&first.departure_secs) {
                    let group = by_service.entry((trip.service, trip.direction)).or_default();
                    group.push((first.departure_secs, index));
                    is_replaced[index] = true;
                }
            } else {
                has_frequencies |= trip.frequencies.iter().any(|&(start, end, _)| start < to && end > from);
            }
        }
        if by_service.is_empty() && !has_frequencies {
            problems.add(format!(
                "no trip of line \"{route_id}\" leaves between {:02}:{:02} and {:02}:{:02}; choose other hours",
                from / 3600,
                from / 60 % 60,
                to / 3600,
                to / 60 % 60
            ));
            return false;
        }
        let mut more = Vec::new();
        for old in by_service.values_mut() {
            old.sort_unstable();
            // One trip has no headway to change.
            if self.replacements(timetable, old, &mut more).is_none() {
                return false;
            }
        }
        let headway = (self.headway_minutes * 60.0).round().max(1.0) as u32;
        let Some(timetable) = edit.timetable.write(feed) else { return false };
        for trip in timetable.trips.iter_mut().filter(|trip| trip.route == route) {
            let old = std::mem::take(&mut trip.frequencies);
            trip.frequencies = old.into_iter().flat_map(|old| with_headway(old, from, to, headway)).collect();
        }
        replace_trips(timetable, |trip| !is_replaced[trip], more);
        edit.timetable.treat_route(&route_id);
        true
    }
}

/// A row of frequencies with another headway between two times.
fn with_headway(old: (u32, u32, u32), from: u32, to: u32, headway: u32) -> Vec<(u32, u32, u32)> {
    let (start, end, usual) = old;
    let (low, high) = (start.max(from), end.min(to));
    if low >= high {
        return vec![old];
    }
    let parts = [(start, low, usual), (low, high, headway), (high, end, usual)];
    parts.into_iter().filter(|(start, end, _)| start < end).collect()
}
