//! What calls where: departures an hour, connections, what a line serves (MODELS.md section 5).

use std::collections::BTreeSet;

use super::{TransitDay, Walks};

/// GTFS route types of rail: train, metro, tram and monorail (basic and extended).
pub fn is_rail(route_type: u16) -> bool {
    matches!(route_type, 0..=2 | 5 | 7 | 12 | 100..=199 | 400..=499 | 900..=999 | 1400..=1499)
}

/// GTFS route types of the train alone.
pub fn is_train(route_type: u16) -> bool {
    matches!(route_type, 2 | 100..=199)
}

/// What calls at a stop in a span of time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct StopService {
    pub departures_per_hour: f64,
    pub bus_departures_per_hour: f64,
    pub rail_departures_per_hour: f64,
    /// Lines that call at any time of the day.
    pub lines: u32,
    pub has_rail: bool,
    pub has_bus: bool,
}

/// Service by stop from `from_secs` up to `to_secs`, such as 07:00 to 09:00. The last call of a trip is no departure.
pub fn stop_services(day: &TransitDay, from_secs: i32, to_secs: i32) -> Vec<StopService> {
    let hours = f64::from((to_secs - from_secs).max(1)) / 3600.0;
    (0..day.stops.len() as u32)
        .map(|stop| {
            let mut service = StopService::default();
            let mut lines = BTreeSet::new();
            for &(pattern, position) in day.serving(stop) {
                let (pattern, position) = (pattern as usize, position as usize);
                let is_last = position + 1 == day.stops_of(pattern).len();
                for (trip, &departure) in day.trips_of(pattern).zip(day.departures_at(pattern, position)) {
                    let route = day.trips[trip].route;
                    lines.insert(route);
                    let is_rail = is_rail(day.route_types[route as usize]);
                    service.has_rail |= is_rail;
                    service.has_bus |= !is_rail;
                    if !is_last && departure >= from_secs && departure < to_secs {
                        service.departures_per_hour += 1.0;
                        if is_rail {
                            service.rail_departures_per_hour += 1.0;
                        } else {
                            service.bus_departures_per_hour += 1.0;
                        }
                    }
                }
            }
            for rate in [
                &mut service.departures_per_hour,
                &mut service.bus_departures_per_hour,
                &mut service.rail_departures_per_hour,
            ] {
                *rate /= hours;
            }
            service.lines = lines.len() as u32;
            service
        })
        .collect()
}

/// One vehicle that can be caught from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Connection {
    /// Arrival of the first vehicle at `from`.
    pub arrives: i32,
    /// Departure of the second at `to`.
    pub departs: i32,
    pub from: u32,
    pub to: u32,
    /// Walking between them, seconds; 0 at the same stop.
    pub walk_secs: u32,
    /// Positions in [`TransitDay::trips`].
    pub arriving_trip: u32,
    pub departing_trip: u32,
}

/// Which vehicles of `to_routes` (all but `route` itself when empty) one catches from those of `route`: leaving at most
/// `within_secs` after the arrival, with time for the walk and `slack_secs`. For each arriving trip and each line that is
/// caught the earliest departure only, at the place where one changes soonest. In order of arrival.
pub fn connections(
    day: &TransitDay,
    footpaths: &Walks,
    route: u32,
    to_routes: &[u32],
    within_secs: i32,
    slack_secs: i32,
) -> Vec<Connection> {
    let is_wanted = |other: u32| other != route && (to_routes.is_empty() || to_routes.contains(&other));
    let mut found: Vec<(u32, u32, Connection)> = Vec::new();
    for pattern in 0..day.patterns.len() {
        for (index, trip) in day.trips_of(pattern).enumerate() {
            if day.trips[trip].route != route {
                continue;
            }
            let arrivals = day.arrivals_of(pattern, index);
            for (&from, &arrives) in day.stops_of(pattern).iter().zip(arrivals).skip(1) {
                let walks = footpaths.row(from as usize);
                for &(to, walk_secs) in std::iter::once(&(from, 0)).chain(walks) {
                    let ready = arrives + slack_secs + walk_secs as i32;
                    for &(other, position) in day.serving(to) {
                        let (other, position) = (other as usize, position as usize);
                        if position + 1 == day.stops_of(other).len() {
                            continue;
                        }
                        let column = day.departures_at(other, position);
                        let first = column.partition_point(|&departure| departure < ready);
                        let trips = day.trips_of(other);
                        for (next, &departs) in column.iter().enumerate().skip(first) {
                            if departs > arrives + within_secs {
                                break;
                            }
                            let departing = trips.start + next;
                            let line = day.trips[departing].route;
                            if is_wanted(line) {
                                let connection = Connection {
                                    arrives,
                                    departs,
                                    from,
                                    to,
                                    walk_secs,
                                    arriving_trip: trip as u32,
                                    departing_trip: departing as u32,
                                };
                                found.push((trip as u32, line, connection));
                            }
                        }
                    }
                }
            }
        }
    }
    // Earliest departure by trip and line; then the change with the least waiting.
    found.sort_by_key(|(trip, line, c)| {
        (*trip, *line, c.departs, c.walk_secs, std::cmp::Reverse(c.arrives), c.to)
    });
    found.dedup_by_key(|(trip, line, _)| (*trip, *line));
    let mut connections: Vec<Connection> = found.into_iter().map(|entry| entry.2).collect();
    connections.sort_unstable();
    connections
}

/// Stops at which a route calls on the day, by number.
pub fn stops_of_route(day: &TransitDay, route: u32) -> Vec<u32> {
    let mut stops = BTreeSet::new();
    for pattern in 0..day.patterns.len() {
        if day.trips[day.trips_of(pattern)].iter().any(|trip| trip.route == route) {
            stops.extend(day.stops_of(pattern));
        }
    }
    stops.into_iter().collect()
}

/// Places that a route serves: those within a walk of `within_secs` of any of its stops; by number.
pub fn served_places(day: &TransitDay, from_stops: &Walks, route: u32, within_secs: u32) -> Vec<u32> {
    let mut places = BTreeSet::new();
    for stop in stops_of_route(day, route) {
        let near = from_stops.row(stop as usize).iter().filter(|way| way.1 <= within_secs);
        places.extend(near.map(|way| way.0));
    }
    places.into_iter().collect()
}
