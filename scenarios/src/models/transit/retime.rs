//! Trips with other stops, and when they then call (MODELS.md section 1: 18 km/h, 20 s at each stop).
//!
//! What the timetable says is kept where it can be: only the legs at a changed stop get other times, and what comes after
//! moves along. Distances are straight lines times a detour factor, as a timetable knows no streets.

use layers::model::{
    Timetable,
    transit::{StopTime, Trip},
};

/// How fast a vehicle drives between stops and how long it stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Retiming {
    pub speed_mps: f64,
    pub dwell_secs: u32,
    /// Metres to drive for a straight metre.
    pub detour: f64,
}

impl Retiming {
    /// Seconds between two places, at least 1.
    pub fn leg_secs(&self, from: [f64; 2], to: [f64; 2]) -> u32 {
        let metres = (from[0] - to[0]).hypot(from[1] - to[1]) * self.detour;
        (metres / self.speed_mps.max(0.1)).round().clamp(1.0, 86_400.0) as u32
    }

    /// Calls along stops from a departure at the first.
    pub fn calls(&self, timetable: &Timetable, stops: &[u32], departure_secs: u32) -> Vec<StopTime> {
        let mut time = departure_secs;
        let mut calls = Vec::with_capacity(stops.len());
        for (index, &stop) in stops.iter().enumerate() {
            if let Some(before) = index.checked_sub(1) {
                time += self.leg_secs(position(timetable, stops[before]), position(timetable, stop));
            }
            let arrival_secs = time;
            if index > 0 && index + 1 < stops.len() {
                time += self.dwell_secs;
            }
            calls.push(StopTime { stop, arrival_secs, departure_secs: time });
        }
        calls
    }

    /// `calls` with those from `first` to `last` (positions, both kept) joined by `via` instead. Later calls move by the
    /// difference.
    pub fn rerouted(
        &self,
        timetable: &Timetable,
        calls: &[StopTime],
        first: usize,
        last: usize,
        via: &[u32],
    ) -> Vec<StopTime> {
        let mut stops = vec![calls[first].stop];
        stops.extend(via);
        stops.push(calls[last].stop);
        let between = self.calls(timetable, &stops, calls[first].departure_secs);
        let arrival = between[between.len() - 1].arrival_secs;
        let mut all = calls[..=first].to_vec();
        all.extend(&between[1..between.len() - 1]);
        all.extend(moved(&calls[last..], calls[last].arrival_secs, arrival));
        all
    }

    /// `calls` with `stop` between position `before` and the next. Driving round takes longer by the way round; standing by
    /// the dwell.
    pub fn with_stop(
        &self,
        timetable: &Timetable,
        calls: &[StopTime],
        before: usize,
        stop: u32,
    ) -> Vec<StopTime> {
        let (from, to) = (calls[before], calls[before + 1]);
        let [a, s, b] = [from.stop, stop, to.stop].map(|stop| position(timetable, stop));
        let (there, on) = (self.leg_secs(a, s), self.leg_secs(s, b));
        let round = (there + on).saturating_sub(self.leg_secs(a, b));
        let driving = to.arrival_secs - from.departure_secs + round;
        // Shared out by distance.
        let part = f64::from(there) / f64::from(there + on);
        let arrival_secs = from.departure_secs + (f64::from(driving) * part).round() as u32;
        let departure_secs = arrival_secs + self.dwell_secs;
        let mut all = calls[..=before].to_vec();
        all.push(StopTime { stop, arrival_secs, departure_secs });
        let arrival = from.departure_secs + driving + self.dwell_secs;
        all.extend(moved(&calls[before + 1..], to.arrival_secs, arrival));
        all
    }

    /// `calls` without that at `position`. The vehicle saves the time it stood there and the way round, but drives no
    /// faster than 50 km/h straight. At an end nothing else changes.
    pub fn without_call(&self, timetable: &Timetable, calls: &[StopTime], at: usize) -> Vec<StopTime> {
        let mut all = calls[..at].to_vec();
        if at == 0 || at + 1 == calls.len() {
            all.extend(&calls[at + 1..]);
            return all;
        }
        let (from, call, to) = (calls[at - 1], calls[at], calls[at + 1]);
        let [a, s, b] = [from.stop, call.stop, to.stop].map(|stop| position(timetable, stop));
        let round = (self.leg_secs(a, s) + self.leg_secs(s, b)).saturating_sub(self.leg_secs(a, b));
        let stood = (call.departure_secs - call.arrival_secs).max(self.dwell_secs);
        let before = to.arrival_secs - from.departure_secs;
        let least = Self { speed_mps: 50.0 / 3.6, detour: 1.0, ..*self }.leg_secs(a, b).min(before);
        let after = before.saturating_sub(round + stood).max(least);
        all.extend(moved(&calls[at + 1..], to.arrival_secs, from.departure_secs + after));
        all
    }

    /// `calls` after the stop at position `at` moved from `old` to where it is in `timetable` now: its two legs become longer
    /// or shorter by what their distances differ, but never shorter than a second.
    pub fn with_moved_stop(
        &self,
        timetable: &Timetable,
        calls: &[StopTime],
        at: usize,
        old: [f64; 2],
    ) -> Vec<StopTime> {
        let now = position(timetable, calls[at].stop);
        let mut all = calls.to_vec();
        // The stop after first, as moving it leaves the earlier calls alone.
        for (leg_start, other) in [(at, at + 1), (at.wrapping_sub(1), at.wrapping_sub(1))] {
            let Some(other) = calls.get(other) else { continue };
            let there = position(timetable, other.stop);
            let (before, after) = (self.leg_secs(old, there), self.leg_secs(now, there));
            let (leaves, arrives) = (all[leg_start].departure_secs, all[leg_start + 1].arrival_secs);
            let driving = (arrives - leaves + after).saturating_sub(before).max(1);
            let rest = moved(&all[leg_start + 1..], arrives, leaves + driving);
            all.splice(leg_start + 1.., rest);
        }
        all
    }
}

fn position(timetable: &Timetable, stop: u32) -> [f64; 2] {
    timetable.stops[stop as usize].position
}

/// Calls later by `to − from`, or earlier.
fn moved(calls: &[StopTime], from: u32, to: u32) -> Vec<StopTime> {
    let later = |secs: u32| (secs + to).saturating_sub(from);
    let call = |call: &StopTime| StopTime {
        stop: call.stop,
        arrival_secs: later(call.arrival_secs),
        departure_secs: later(call.departure_secs),
    };
    calls.iter().map(call).collect()
}

/// Gives trips other calls: `change(trip, its calls)` says which, `None` keeps them. Trips of fewer than two calls run no
/// more. Frequencies start when the first stop is left. Returns the trips that changed. Cost: linear in calls.
pub fn rewrite(
    timetable: &mut Timetable,
    mut change: impl FnMut(&Timetable, usize, &[StopTime]) -> Option<Vec<StopTime>>,
) -> usize {
    let mut stop_times = Vec::with_capacity(timetable.stop_times.len());
    let mut spans = Vec::with_capacity(timetable.trips.len());
    let mut changed = 0;
    for trip in 0..timetable.trips.len() {
        let calls = timetable.calls(trip);
        let first_call = stop_times.len() as u32;
        let mut later = 0;
        match change(timetable, trip, calls) {
            Some(new) => {
                changed += 1;
                if let ([old, ..], [first, ..]) = (calls, new.as_slice()) {
                    later = i64::from(first.departure_secs) - i64::from(old.departure_secs);
                }
                if new.len() >= 2 {
                    stop_times.extend(new);
                }
            }
            None => stop_times.extend_from_slice(calls),
        }
        spans.push((first_call, stop_times.len() as u32 - first_call, later));
    }
    timetable.stop_times = stop_times;
    for (trip, (first_call, call_count, later)) in timetable.trips.iter_mut().zip(spans) {
        (trip.first_call, trip.call_count) = (first_call, call_count);
        for (start, end, _) in &mut trip.frequencies {
            *start = (i64::from(*start) + later).max(0) as u32;
            *end = (i64::from(*end) + later).max(0) as u32;
        }
    }
    changed
}

/// Takes trips out and puts others in, each with its calls.
pub fn replace_trips(
    timetable: &mut Timetable,
    mut is_kept: impl FnMut(usize) -> bool,
    more: Vec<(Trip, Vec<StopTime>)>,
) {
    let kept: Vec<usize> = (0..timetable.trips.len()).filter(|&trip| is_kept(trip)).collect();
    let mut stop_times = Vec::with_capacity(timetable.stop_times.len());
    let mut trips = Vec::with_capacity(kept.len() + more.len());
    for trip in kept {
        let first_call = stop_times.len() as u32;
        stop_times.extend_from_slice(timetable.calls(trip));
        trips.push(Trip { first_call, ..timetable.trips[trip].clone() });
    }
    for (trip, calls) in more {
        let (first_call, call_count) = (stop_times.len() as u32, calls.len() as u32);
        stop_times.extend(calls);
        trips.push(Trip { first_call, call_count, ..trip });
    }
    timetable.trips = trips;
    timetable.stop_times = stop_times;
}
