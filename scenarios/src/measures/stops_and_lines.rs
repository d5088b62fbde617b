//! What the measures on stops and lines share: how trips are timed again, and which stops are meant.

use layers::model::Timetable;
use serde::{Deserialize, Serialize};

use super::outside;
use crate::{assumptions::Assumptions, models::transit::retime::Retiming};

/// How vehicles drive after a change (MODELS.md section 13). Saved with the measure.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Driving {
    pub speed_kmh: f64,
    /// At each stop.
    pub dwell_secs: f64,
}

impl Default for Driving {
    /// 18 km/h, 20 s.
    fn default() -> Self {
        Self { speed_kmh: 18.0, dwell_secs: 20.0 }
    }
}

impl Driving {
    pub(super) fn check(&self) -> Vec<String> {
        let speed = outside("a speed between stops", "km/h", self.speed_kmh, 3.0, 200.0);
        let dwell = outside("a time at a stop", "s", self.dwell_secs, 0.0, 600.0);
        speed.into_iter().chain(dwell).collect()
    }

    pub(super) fn retiming(&self, assumptions: &Assumptions) -> Retiming {
        Retiming {
            speed_mps: self.speed_kmh / 3.6,
            dwell_secs: self.dwell_secs.round() as u32,
            detour: assumptions.detour_factor.central,
        }
    }
}

/// A place that is no number, in words.
pub(super) fn bad_position(position: [f64; 2]) -> Option<String> {
    (!position.iter().all(|v| v.is_finite()))
        .then(|| format!("expected a place in metres, found {}, {}", position[0], position[1]))
}

/// The stop and, for a station, the platforms that belong to it.
pub(super) fn with_platforms(timetable: &Timetable, stop: u32) -> Vec<u32> {
    let mut stops = vec![stop];
    if timetable.stops[stop as usize].is_station {
        let platforms = timetable.stops.iter().enumerate().filter(|(_, other)| other.parent == Some(stop));
        stops.extend(platforms.map(|(index, _)| index as u32));
    }
    stops
}

/// Whether any trip calls at one of these stops.
pub(super) fn is_called_at(timetable: &Timetable, stops: &[u32]) -> bool {
    (0..timetable.trips.len()).any(|trip| timetable.calls(trip).iter().any(|call| stops.contains(&call.stop)))
}

/// Routes that call at one of these stops: their ids.
pub(super) fn routes_at(timetable: &Timetable, stops: &[u32]) -> Vec<String> {
    let mut is_there = vec![false; timetable.routes.len()];
    for (index, trip) in timetable.trips.iter().enumerate() {
        if timetable.calls(index).iter().any(|call| stops.contains(&call.stop)) {
            is_there[trip.route as usize] = true;
        }
    }
    let routes = timetable.routes.iter().zip(is_there);
    routes.filter(|(_, is_there)| *is_there).map(|(route, _)| route.id.clone()).collect()
}

/// Whether two stops are the two sides of one place: the same stop, or one of the same name within 150 m.
pub(super) fn is_same_place(timetable: &Timetable, a: u32, b: u32) -> bool {
    let (first, second) = (&timetable.stops[a as usize], &timetable.stops[b as usize]);
    let away = (first.position[0] - second.position[0]).hypot(first.position[1] - second.position[1]);
    a == b || (!first.name.is_empty() && first.name == second.name && away <= 150.0)
}
