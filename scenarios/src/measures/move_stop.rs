//! A stop somewhere else (MODELS.md section 13, add/move/remove stop).

use serde::{Deserialize, Serialize};

use super::{
    Affects, MeasureKind,
    stops_and_lines::{Driving, bad_position, is_called_at, routes_at, with_platforms},
};
use crate::{
    apply::{City, CityEdit, Problems},
    models::transit::retime::rewrite,
    reference::StopReference,
};

/// Farthest that a stop may be moved and still be that stop, metres.
pub const FARTHEST_M: f64 = 2_000.0;

/// Trips call at the new place; the legs to and from it become longer or shorter. A station moves with its platforms.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MoveStop {
    pub stop: StopReference,
    /// Where it will be; project CRS, metres.
    pub position: [f64; 2],
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub driving: Driving,
}

impl MoveStop {
    pub fn to(stop: StopReference, position: [f64; 2]) -> Self {
        Self { name: stop.name.clone(), stop, position, driving: Driving::default() }
    }
}

impl MeasureKind for MoveStop {
    fn kind(&self) -> &'static str {
        "move-stop"
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn affects(&self) -> Affects {
        Affects { timetable: true, ..Affects::default() }
    }

    fn check(&self) -> Vec<String> {
        self.driving.check().into_iter().chain(bad_position(self.position)).collect()
    }

    fn apply(&self, city: &City, edit: &mut CityEdit, problems: &mut Problems) -> bool {
        let Some((feed, stop)) = city.stop(&self.stop, &edit.timetable, problems) else { return false };
        let timetable = &edit.timetable.timetables()[feed];
        let stops = with_platforms(timetable, stop);
        let old = timetable.stops[stop as usize].position;
        let by = [self.position[0] - old[0], self.position[1] - old[1]];
        let far_m = by[0].hypot(by[1]);
        if !far_m.is_finite() || far_m > FARTHEST_M {
            problems.add(format!(
                "expected a new place within {FARTHEST_M} m of stop \"{}\", found one {far_m:.0} m away; add a stop there \
                 and remove this one",
                timetable.stops[stop as usize].id
            ));
            return false;
        }
        if !is_called_at(timetable, &stops) {
            problems.add(format!(
                "nothing calls at stop \"{}\" (\"{}\") any more, or ever; leave this measure out",
                timetable.stops[stop as usize].id, timetable.stops[stop as usize].name
            ));
            return false;
        }
        let routes = routes_at(timetable, &stops);
        let ids: Vec<String> = stops.iter().map(|&stop| timetable.stops[stop as usize].id.clone()).collect();
        let retiming = self.driving.retiming(city.assumptions);
        let Some(timetable) = edit.timetable.write(feed) else { return false };
        for &stop in &stops {
            // One after another, as a trip may call at several platforms of a station.
            let at = timetable.stops[stop as usize].position;
            timetable.stops[stop as usize].position = [at[0] + by[0], at[1] + by[1]];
            rewrite(timetable, |timetable, _, calls| {
                let places: Vec<usize> = (0..calls.len()).filter(|&i| calls[i].stop == stop).collect();
                let mut calls = calls.to_vec();
                for &place in &places {
                    calls = retiming.with_moved_stop(timetable, &calls, place, at);
                }
                (!places.is_empty()).then_some(calls)
            });
        }
        for id in &ids {
            edit.timetable.treat_stop(id);
        }
        for id in &routes {
            edit.timetable.treat_route(id);
        }
        true
    }
}
