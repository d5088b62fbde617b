//! Random timetables, a real city, and a referee for transit searches that is slow and plainly right.
#![allow(clippy::inconsistent_digit_grouping, clippy::cast_possible_wrap)] // Dates are written yyyy_mm_dd; seconds of a day are small.
#![allow(clippy::range_plus_one)] // "One and up to five more" reads as it is meant.
#![allow(dead_code)] // Each test binary uses its own part.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
    path::Path,
    sync::Arc,
};

use layers::{
    model::{
        LayerData, StreetNetwork, Timetable,
        transit::{Route, Service, Stop, StopTime, Trip},
    },
    readers::{self, ReadContext, Source},
};
use scenarios::models::transit::{NEVER, RaptorOptions, TransitDay, Walks, calendar};

/// A small generator with a seed.
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % limit.max(1)
    }
}

pub fn stop(id: &str, position: [f64; 2]) -> Stop {
    Stop { id: id.to_owned(), name: id.to_owned(), position, parent: None, is_station: false }
}

pub fn route(id: &str, route_type: u16) -> Route {
    Route {
        id: id.to_owned(),
        agency: String::new(),
        short_name: id.to_owned(),
        long_name: String::new(),
        route_type,
    }
}

pub fn every_day(id: &str) -> Service {
    Service {
        id: id.to_owned(),
        weekdays: [true; 7],
        start_date: 2020_01_01,
        end_date: 2030_12_31,
        ..Service::default()
    }
}

pub fn push_trip(timetable: &mut Timetable, id: &str, route: u32, calls: &[(u32, u32, u32)]) {
    timetable.trips.push(Trip {
        id: id.to_owned(),
        route,
        service: 0,
        headsign: String::new(),
        direction: 0,
        shape: None,
        first_call: timetable.stop_times.len() as u32,
        call_count: calls.len() as u32,
        frequencies: Vec::new(),
    });
    timetable.stop_times.extend(calls.iter().map(|&(stop, arrival_secs, departure_secs)| StopTime {
        stop,
        arrival_secs,
        departure_secs,
    }));
}

/// A few stops and lines between 06:30 and 09:30, some past midnight of the day before, some by frequency; trips overtake
/// one another, lines pass a stop twice, services run on some days only.
pub fn random_timetable(chance: &mut Chance) -> Timetable {
    let stops = 4 + chance.below(9);
    let mut timetable = Timetable {
        timezone: "Europe/Amsterdam".to_owned(),
        stops: (0..stops).map(|i| stop(&format!("s{i}"), [i as f64 * 300.0, 0.0])).collect(),
        services: vec![
            every_day("all"),
            Service { weekdays: [false, true, true, true, true, true, true], ..every_day("not monday") },
            Service { id: "this one".to_owned(), added_dates: vec![2026_06_15], ..Service::default() },
        ],
        ..Timetable::default()
    };
    for line in 0..1 + chance.below(6) {
        timetable.routes.push(route(&format!("r{line}"), 3));
        let length = 2 + chance.below(6);
        let sequence: Vec<u32> = (0..length).map(|_| chance.below(stops) as u32).collect();
        for trip in 0..1 + chance.below(6) {
            let mut time = 6 * 3600 + 1800 + chance.below(3 * 3600) as u32;
            let is_yesterday = chance.below(8) == 0;
            if is_yesterday {
                time += 86_400;
            }
            let first = time;
            let calls: Vec<(u32, u32, u32)> = sequence
                .iter()
                .map(|&stop| {
                    let arrives = time;
                    let departs = arrives + [0, 0, 20, 120][chance.below(4)];
                    time = departs + chance.below(900) as u32;
                    (stop, arrives, departs)
                })
                .collect();
            push_trip(&mut timetable, &format!("t{line}-{trip}"), line as u32, &calls);
            let trip = timetable.trips.last_mut().unwrap();
            trip.service = if is_yesterday { 0 } else { [0, 0, 0, 1, 2][chance.below(5)] };
            if chance.below(6) == 0 {
                let headway = 300 + chance.below(900) as u32;
                trip.frequencies.push((first, first + 1 + chance.below(3600) as u32, headway));
            }
        }
    }
    timetable
}

/// A few one-way walks, not closed under chaining.
pub fn random_walks(chance: &mut Chance, stops: usize) -> Walks {
    let rows: Vec<Vec<(u32, u32)>> = (0..stops)
        .map(|stop| {
            let mut row = BTreeMap::new();
            for _ in 0..chance.below(3) {
                let to = chance.below(stops);
                if to != stop {
                    row.insert(to as u32, chance.below(900) as u32);
                }
            }
            row.into_iter().collect()
        })
        .collect();
    Walks::from_rows(rows)
}

/// Walks between all stops at most so far apart, straight at 1.2 m/s.
pub fn straight_walks(day: &TransitDay, most_m: f64) -> Walks {
    let positions = &day.positions;
    Walks::from_rows(positions.iter().enumerate().map(|(a, from)| {
        let near = positions.iter().enumerate().filter_map(|(b, to)| {
            let away = (from[0] - to[0]).hypot(from[1] - to[1]);
            (a != b && away <= most_m).then_some((b as u32, (away / 1.2).ceil() as u32))
        });
        near.collect()
    }))
}

/// Dijkstra over (stop, rides, came by vehicle?), which boards every trip by itself and knows no rounds and no patterns:
/// earliest arrivals by vehicle, `[rides][stop]` with at most that many rides, within the longest journey.
pub fn referee(
    timetable: &Timetable,
    date: u32,
    walks: &Walks,
    access: &[(u32, u32)],
    departure: i32,
    options: RaptorOptions,
) -> Vec<Vec<i32>> {
    let stops = timetable.stops.len();
    // Every run of every trip, by stop: (run, position).
    let mut runs: Vec<Vec<(u32, i32, i32)>> = Vec::new();
    let mut at: Vec<Vec<(usize, usize)>> = vec![Vec::new(); stops];
    for (index, trip) in timetable.trips.iter().enumerate() {
        let calls = timetable.calls(index);
        let service = &timetable.services[trip.service as usize];
        for day in [-1, 0, 1] {
            let that = calendar::add_days(date, day);
            if !service.runs_on(that, calendar::weekday(that)) {
                continue;
            }
            let first = calls[0].departure_secs as i32;
            let mut starts = vec![first];
            if !trip.frequencies.is_empty() {
                starts.clear();
                for &(start, end, headway) in &trip.frequencies {
                    let mut start = start;
                    while start < end {
                        starts.push(start as i32);
                        start += headway;
                    }
                }
            }
            for start in starts {
                let shift = start - first + 86_400 * day as i32;
                let run: Vec<(u32, i32, i32)> = calls
                    .iter()
                    .map(|call| {
                        (call.stop, call.arrival_secs as i32 + shift, call.departure_secs as i32 + shift)
                    })
                    .collect();
                for (position, call) in run.iter().enumerate() {
                    at[call.0 as usize].push((runs.len(), position));
                }
                runs.push(run);
            }
        }
    }
    let latest = departure + options.max_secs;
    let rounds = options.max_rides + 1;
    let mut best = vec![[NEVER; 2]; rounds * stops];
    let mut queue = BinaryHeap::new();
    for &(stop, secs) in access {
        queue.push(Reverse((departure + secs as i32, 0, stop as usize, 0)));
    }
    while let Some(Reverse((time, rides, stop, by_vehicle))) = queue.pop() {
        let known = &mut best[rides * stops + stop][by_vehicle];
        if *known <= time || time > latest {
            continue;
        }
        *known = time;
        if by_vehicle == 1 {
            for &(to, secs) in walks.row(stop) {
                queue.push(Reverse((time + secs as i32, rides, to as usize, 0)));
            }
        }
        if rides == options.max_rides {
            continue;
        }
        for &(run, position) in &at[stop] {
            if runs[run][position].2 >= time + options.slack_secs {
                for call in &runs[run][position + 1..] {
                    queue.push(Reverse((call.1, rides + 1, call.0 as usize, 1)));
                }
            }
        }
    }
    let mut result = vec![vec![NEVER; stops]; rounds];
    for rides in 1..rounds {
        for stop in 0..stops {
            result[rides][stop] = result[rides - 1][stop].min(best[rides * stops + stop][1]);
        }
    }
    result
}

/// Several timetables as one, in their order.
pub fn merged(timetables: &[&Timetable]) -> Timetable {
    let mut all = Timetable::default();
    for timetable in timetables {
        let (stops, routes) = (all.stops.len() as u32, all.routes.len() as u32);
        let (services, calls) = (all.services.len() as u32, all.stop_times.len() as u32);
        all.stops.extend(timetable.stops.iter().cloned());
        all.routes.extend(timetable.routes.iter().cloned());
        all.services.extend(timetable.services.iter().cloned());
        all.stop_times
            .extend(timetable.stop_times.iter().map(|call| StopTime { stop: call.stop + stops, ..*call }));
        all.trips.extend(timetable.trips.iter().map(|trip| Trip {
            route: trip.route + routes,
            service: trip.service + services,
            first_call: trip.first_call + calls,
            ..trip.clone()
        }));
    }
    all
}

/// Streets, timetables and hexagons (position, residents, jobs) of Porto Alegre.
pub struct City {
    pub streets: Arc<StreetNetwork>,
    pub timetables: Vec<Arc<Timetable>>,
    pub hexagons: Vec<[f64; 2]>,
    pub residents: Vec<f64>,
    pub jobs: Vec<f64>,
    pub schools: Vec<f64>,
    pub healthcare: Vec<f64>,
}

pub fn porto_alegre(data: &Path) -> City {
    let mut city = City {
        streets: Arc::default(),
        timetables: Vec::new(),
        hexagons: Vec::new(),
        residents: Vec::new(),
        jobs: Vec::new(),
        schools: Vec::new(),
        healthcare: Vec::new(),
    };
    let mut target = None;
    for file in [
        "osm-roads/porto_alegre.osm.pbf",
        "transit/porto_alegre_eptc_gtfs.zip",
        "transit/porto_alegre_trensurb_gtfs.zip",
        "transit/porto_alegre_hexgrid.csv",
    ] {
        let mut context = ReadContext { target, ..ReadContext::default() };
        let outcome = readers::read(&Source::from_path(data.join(file)), &mut context).unwrap();
        target = Some(outcome.crs);
        for layer in outcome.layers {
            match layer.data {
                LayerData::Streets(streets) if streets.links.len() > city.streets.links.len() => {
                    city.streets = streets;
                }
                LayerData::Transit(timetable) => city.timetables.push(timetable),
                LayerData::Features(features) => {
                    for (row, feature) in features.features.iter().enumerate() {
                        let Some(geo::Geometry::Point(point)) = feature.geometry else { continue };
                        let number = |name: &str| features.attributes.get(row, name).as_f64().unwrap_or(0.0);
                        if !features.attributes.get(row, "population").as_f64().is_some_and(f64::is_finite) {
                            continue;
                        }
                        city.hexagons.push([point.x(), point.y()]);
                        city.residents.push(number("population"));
                        city.jobs.push(number("jobs"));
                        city.schools.push(number("schools"));
                        city.healthcare.push(number("healthcare"));
                    }
                }
                _ => {}
            }
        }
    }
    assert_eq!(city.hexagons.len(), 1_227);
    city
}
