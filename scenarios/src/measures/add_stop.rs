//! A new stop on lines that pass (MODELS.md section 13, add/move/remove stop).

use layers::model::{
    Timetable,
    transit::{Stop, StopTime},
};
use serde::{Deserialize, Serialize};

use super::{
    Affects, MeasureKind, outside,
    stops_and_lines::{Driving, bad_position},
};
use crate::{
    apply::{City, CityEdit, Problems},
    models::transit::retime::{Retiming, rewrite},
    reference::RouteReference,
};

/// Trips of these lines call at a new stop, between the two stops where the way round is shortest, in both directions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AddStop {
    /// Its public id from now on.
    pub id: String,
    #[serde(default)]
    pub name: String,
    /// Project CRS, metres.
    pub position: [f64; 2],
    pub lines: Vec<RouteReference>,
    /// Trips that would have to drive farther round than this do not call, metres.
    #[serde(default = "longest_detour_m")]
    pub longest_detour_m: f64,
    #[serde(default)]
    pub driving: Driving,
}

fn longest_detour_m() -> f64 {
    500.0
}

impl AddStop {
    pub fn new(
        id: impl Into<String>,
        name: impl Into<String>,
        position: [f64; 2],
        lines: Vec<RouteReference>,
    ) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            position,
            lines,
            longest_detour_m: longest_detour_m(),
            driving: Driving::default(),
        }
    }

    /// After which call the stop comes; `None` when the way round is too long everywhere.
    fn place_in(&self, timetable: &Timetable, calls: &[StopTime]) -> Option<usize> {
        let metres = |a: [f64; 2], b: [f64; 2]| (a[0] - b[0]).hypot(a[1] - b[1]);
        let at = |call: &StopTime| timetable.stops[call.stop as usize].position;
        let round = |pair: &[StopTime]| {
            let (a, b) = (at(&pair[0]), at(&pair[1]));
            metres(a, self.position) + metres(self.position, b) - metres(a, b)
        };
        let pairs = calls.windows(2).map(round).enumerate();
        let best = pairs.min_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
        best.filter(|(_, round)| *round <= self.longest_detour_m).map(|(place, _)| place)
    }

    fn insert(&self, timetable: &mut Timetable, routes: &[u32], retiming: Retiming) -> usize {
        let stop = timetable.stops.len() as u32;
        timetable.stops.push(Stop {
            id: self.id.clone(),
            name: self.name.clone(),
            position: self.position,
            parent: None,
            is_station: false,
        });
        let changed = rewrite(timetable, |timetable, trip, calls| {
            if !routes.contains(&timetable.trips[trip].route) {
                return None;
            }
            let before = self.place_in(timetable, calls)?;
            Some(retiming.with_stop(timetable, calls, before, stop))
        });
        if changed == 0 {
            timetable.stops.pop();
        }
        changed
    }
}

impl MeasureKind for AddStop {
    fn kind(&self) -> &'static str {
        "add-stop"
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn affects(&self) -> Affects {
        Affects { timetable: true, ..Affects::default() }
    }

    fn check(&self) -> Vec<String> {
        let mut problems = self.driving.check();
        if self.id.is_empty() {
            problems.push("expected an id for the new stop, found none; give it one".to_owned());
        }
        if self.lines.is_empty() {
            problems.push("expected at least one line that calls at the new stop, found none".to_owned());
        }
        problems.extend(bad_position(self.position));
        problems.extend(outside("a longest way round", "m", self.longest_detour_m, 0.0, 10_000.0));
        problems
    }

    fn apply(&self, city: &City, edit: &mut CityEdit, problems: &mut Problems) -> bool {
        let is_taken = |timetable: &Timetable| timetable.stops.iter().any(|stop| stop.id == self.id);
        if edit.timetable.timetables().iter().any(|timetable| is_taken(timetable)) {
            problems.add(format!("there is a stop \"{}\" already; give the new one another id", self.id));
            return false;
        }
        let retiming = self.driving.retiming(city.assumptions);
        let mut found: Vec<(usize, u32)> =
            self.lines.iter().filter_map(|line| city.route(line, &edit.timetable, problems)).collect();
        found.sort_unstable();
        found.dedup();
        let mut has_changed = false;
        for feed in 0..edit.timetable.timetables().len() {
            let routes: Vec<u32> = found.iter().filter(|line| line.0 == feed).map(|line| line.1).collect();
            if routes.is_empty() {
                continue;
            }
            // Lines that pass nowhere near are named each; what none passes leaves the timetable as it is.
            let timetable = &edit.timetable.timetables()[feed];
            let passes = |route: u32| {
                let trips = timetable.trips.iter().enumerate().filter(|(_, trip)| trip.route == route);
                trips
                    .map(|(index, _)| timetable.calls(index))
                    .any(|calls| self.place_in(timetable, calls).is_some())
            };
            let (near, far): (Vec<u32>, Vec<u32>) = routes.iter().partition(|&&route| passes(route));
            for route in far {
                problems.add(format!(
                    "line \"{}\" passes nowhere within a way round of {} m of the new stop; choose another place or line",
                    timetable.routes[route as usize].id, self.longest_detour_m
                ));
            }
            if near.is_empty() {
                continue;
            }
            let ids: Vec<String> =
                near.iter().map(|&route| timetable.routes[route as usize].id.clone()).collect();
            let Some(timetable) = edit.timetable.write(feed) else { continue };
            if self.insert(timetable, &near, retiming) > 0 {
                has_changed = true;
                for id in &ids {
                    edit.timetable.treat_route(id);
                }
                edit.timetable.treat_stop(&self.id);
            }
        }
        has_changed
    }
}
