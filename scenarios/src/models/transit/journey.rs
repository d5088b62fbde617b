//! Which lines a journey uses and where one changes.

use super::{
    NEVER, Raptor, TransitDay,
    raptor::{Reached, Ride},
};

/// A part of a journey. Stops and routes are the day's numbers; times are seconds after midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leg {
    /// On foot; `None` is the door at that end.
    Walk { from: Option<u32>, to: Option<u32>, departs: i32, arrives: i32 },
    Ride {
        /// Positions in [`TransitDay::trips`] and [`TransitDay::routes`].
        trip: u32,
        route: u32,
        from: u32,
        to: u32,
        departs: i32,
        arrives: i32,
        /// Stops on the way, not counting that of boarding.
        calls: u32,
    },
}

/// From door to door.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Journey {
    pub departs: i32,
    pub arrives: i32,
    pub legs: Vec<Leg>,
}

impl Journey {
    /// Numbers of the routes that are ridden, in order.
    pub fn routes(&self) -> impl Iterator<Item = u32> {
        self.legs.iter().filter_map(|leg| match leg {
            Leg::Ride { route, .. } => Some(*route),
            Leg::Walk { .. } => None,
        })
    }

    pub fn rides(&self) -> usize {
        self.routes().count()
    }
}

/// The earliest journey to a place, after one search from cleared labels. `egress` are the stops (stop, seconds) from which
/// one walks to it, `on_foot` the seconds without any ride. Of journeys that arrive together the one with fewest rides is
/// taken. `None` when nothing arrives in time.
pub fn journey(
    raptor: &Raptor<'_>,
    departure: i32,
    egress: &[(u32, u32)],
    on_foot: Option<u32>,
) -> Option<Journey> {
    let latest = departure.saturating_add(raptor.options.max_secs);
    let mut best: Option<(i32, usize, u32, u32)> = None;
    for &(stop, secs) in egress {
        for rides in 1..=raptor.options.max_rides {
            let time = raptor.arrival_by_ride(stop, rides);
            if time != NEVER {
                let found = (time.saturating_add(secs as i32), rides, stop, secs);
                best = Some(best.map_or(found, |known| known.min(found)));
            }
        }
    }
    let best = best.filter(|found| found.0 <= latest);
    if let Some(secs) = on_foot {
        let arrives = departure.saturating_add(secs as i32);
        if best.is_none_or(|(time, ..)| arrives <= time) && arrives <= latest {
            let walk = Leg::Walk { from: None, to: None, departs: departure, arrives };
            return Some(Journey { departs: departure, arrives, legs: vec![walk] });
        }
    }
    let (arrives, rides, stop, secs) = best?;
    let mut legs = Vec::new();
    if secs > 0 {
        let departs = arrives - secs as i32;
        legs.push(Leg::Walk { from: Some(stop), to: None, departs, arrives });
    }
    let (mut round, mut stop) = (rides, stop);
    loop {
        // The round in which this arrival was made; later ones only repeat it.
        let time = raptor.arrival_by_ride(stop, round);
        round = (1..=round).find(|&earlier| raptor.arrival_by_ride(stop, earlier) == time)?;
        let ride = raptor.rides[raptor.slot(round, stop)];
        let (leg, board) = ride_leg(raptor.day, ride);
        legs.push(leg);
        round -= 1;
        let time = raptor.arrival(board, round);
        round = (0..=round).find(|&earlier| raptor.arrival(board, earlier) == time)?;
        match raptor.reached[raptor.slot(round, board)] {
            Reached::No => return None,
            Reached::Access(secs) => {
                let arrives = departure + secs as i32;
                legs.push(Leg::Walk { from: None, to: Some(board), departs: departure, arrives });
                break;
            }
            Reached::Ride => stop = board,
            Reached::Walk { from, secs } => {
                let departs = time - secs as i32;
                legs.push(Leg::Walk { from: Some(from), to: Some(board), departs, arrives: time });
                stop = from;
            }
        }
    }
    legs.reverse();
    Some(Journey { departs: departure, arrives, legs })
}

fn ride_leg(day: &TransitDay, ride: Ride) -> (Leg, u32) {
    let pattern = ride.pattern as usize;
    let stops = day.stops_of(pattern);
    let trip = day.trips_of(pattern).start + ride.trip as usize;
    let board = stops[ride.board as usize];
    let leg = Leg::Ride {
        trip: trip as u32,
        route: day.trips[trip].route,
        from: board,
        to: stops[ride.alight as usize],
        departs: day.departures_at(pattern, ride.board as usize)[ride.trip as usize],
        arrives: day.arrivals_of(pattern, ride.trip as usize)[ride.alight as usize],
        calls: ride.alight - ride.board,
    };
    (leg, board)
}
