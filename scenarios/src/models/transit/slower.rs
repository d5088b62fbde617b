//! Buses in streets where a measure slows the traffic (MODELS.md section 13: "bus slower"). A timetable does not say which
//! streets a vehicle drives through, so a leg between two stops counts as driving through a street that lies along the
//! straight line between them.

use std::{collections::HashMap, sync::Arc};

use layers::model::{StreetNetwork, Timetable};

use super::service::is_rail;
use crate::{
    assumptions::Assumptions,
    edit::{CarSpeed, NetworkEdit},
    models::road::free_flow_mps,
};

/// Farthest that the middle of a street may lie from the line between two stops, metres.
const ASIDE_M: f64 = 40.0;
/// Longest piece of a street, metres.
const PIECE_M: f64 = 50.0;
/// Least cosine of the angle between both: 30°.
const ALONG: f64 = 0.866;

/// A piece of street in which driving takes longer than before.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SlowerStreet {
    pub from: [f64; 2],
    pub to: [f64; 2],
    /// Seconds more from end to end; above 0.
    pub more_secs: f64,
}

/// The streets that a scenario slows, in the order of the network, in pieces short enough to lie between two stops.
pub fn slower_streets(
    streets: &StreetNetwork,
    edit: &NetworkEdit,
    assumptions: &Assumptions,
) -> Vec<SlowerStreet> {
    let mut pieces = Vec::new();
    for (index, change) in edit.changed_links() {
        let (Some(link), Some(speed)) = (streets.links.get(index), change.car_speed) else { continue };
        let usual_mps = free_flow_mps(link, assumptions);
        let mps = match speed {
            CarSpeed::Factor(factor) => (usual_mps * factor).max(1.0),
            CarSpeed::Kmh(kmh) => usual_mps.min((kmh / 3.6).max(1.0)),
        };
        let more_secs_per_m = 1.0 / mps - 1.0 / usual_mps;
        if more_secs_per_m <= 0.0 {
            continue;
        }
        for bend in link.geometry.windows(2) {
            let [from, to] = [bend[0], bend[1]];
            let metres = (to[0] - from[0]).hypot(to[1] - from[1]);
            let count = (metres / PIECE_M).ceil().max(1.0);
            let at = |piece: f64| [0, 1].map(|axis| from[axis] + (to[axis] - from[axis]) * piece / count);
            let mut piece = 0.0;
            while piece < count {
                let more_secs = more_secs_per_m * metres / count;
                pieces.push(SlowerStreet { from: at(piece), to: at(piece + 1.0), more_secs });
                piece += 1.0;
            }
        }
    }
    pieces
}

/// The timetable with what its buses lose in those streets: every later call of a trip is later by as much, in whole seconds.
/// The same object where no bus drives there. Cost: linear in calls, and legs × streets.
pub fn with_slower_streets(timetable: &Arc<Timetable>, slower: &[SlowerStreet]) -> Arc<Timetable> {
    if slower.is_empty() {
        return timetable.clone();
    }
    let mut by_leg: HashMap<(u32, u32), f64> = HashMap::new();
    let mut loses = |from: u32, to: u32| {
        *by_leg.entry((from, to)).or_insert_with(|| {
            let ends = [from, to].map(|stop| timetable.stops.get(stop as usize).map(|stop| stop.position));
            let [Some(from), Some(to)] = ends else { return 0.0 };
            slower.iter().filter(|street| lies_along(street, from, to)).map(|street| street.more_secs).sum()
        })
    };
    let mut changed: Option<Timetable> = None;
    for (trip, of) in timetable.trips.iter().enumerate() {
        let Some(route) = timetable.routes.get(of.route as usize) else { continue };
        if is_rail(route.route_type) {
            continue;
        }
        let mut late = 0.0;
        for (place, leg) in timetable.calls(trip).windows(2).enumerate() {
            late += loses(leg[0].stop, leg[1].stop);
            let secs = late.round() as u32;
            if secs > 0 {
                let table = changed.get_or_insert_with(|| (**timetable).clone());
                let call = &mut table.stop_times[of.first_call as usize + place + 1];
                call.arrival_secs = call.arrival_secs.saturating_add(secs);
                call.departure_secs = call.departure_secs.saturating_add(secs);
            }
        }
    }
    changed.map_or_else(|| timetable.clone(), Arc::new)
}

/// Whether a street lies along the straight line from stop to stop.
fn lies_along(street: &SlowerStreet, from: [f64; 2], to: [f64; 2]) -> bool {
    let leg = [to[0] - from[0], to[1] - from[1]];
    let own = [street.to[0] - street.from[0], street.to[1] - street.from[1]];
    let (leg_m, own_m) = (leg[0].hypot(leg[1]), own[0].hypot(own[1]));
    if leg_m <= 0.0 || own_m <= 0.0 {
        return false;
    }
    let cosine = (leg[0] * own[0] + leg[1] * own[1]) / (leg_m * own_m);
    let middle = [0, 1].map(|axis| f64::midpoint(street.from[axis], street.to[axis]) - from[axis]);
    let part = (middle[0] * leg[0] + middle[1] * leg[1]) / (leg_m * leg_m);
    let aside = (middle[0] * leg[1] - middle[1] * leg[0]).abs() / leg_m;
    cosine.abs() >= ALONG && (0.0..=1.0).contains(&part) && aside <= ASIDE_M
}
