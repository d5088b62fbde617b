//! Four bus lines over the streets and two train lines over the railway, with a timetable for every day of the week.

use std::{cmp::Reverse, collections::BinaryHeap};

use super::{
    ORIGIN,
    geometry::{P2, Polyline, add, distance, left, scale},
    plan::{LAND_HALF, Plan},
    station,
};
use crate::model::{
    LinkClass, Modes, StreetNetwork, Timetable,
    transit::{Route, Service, Stop, StopTime, Trip},
};

const BUS_MPS: f64 = 24.0 / 3.6;
const TRAIN_MPS: f64 = 100.0 / 3.6;
const DWELL_SECS: u32 = 20;

/// One stop of a line: its name and about where it is.
type Call = (&'static str, P2);

struct Line {
    number: &'static str,
    name: &'static str,
    calls: &'static [Call],
    /// Minutes between buses: weekday, Saturday, Sunday.
    headways: [u32; 3],
    /// Call (by position) that is at a whole quarter of an hour in direction 0.
    anchor: usize,
}

const STATION: &str = "Station Merewaarde";

const LINES: [Line; 4] = [
    Line {
        number: "1",
        name: "Station – Binnenstad – Vogelwijk – Parkwijk",
        calls: &[
            (STATION, [45.0, 800.0]),
            ("Noorderbrug", [40.0, 560.0]),
            ("Doelenbrug", [370.0, 300.0]),
            ("Oosterbrug", [515.0, 0.0]),
            ("Merekade Oost", [330.0, -440.0]),
            ("Merebrug", [56.0, -620.0]),
            ("Zuiderweg", [80.0, -860.0]),
            ("Parkwijk", [130.0, -1050.0]),
            ("Zuidrand", [-250.0, -1270.0]),
            ("Vogelwijk", [-530.0, -1060.0]),
            ("Kastanjelaan", [-570.0, -800.0]),
        ],
        headways: [15, 20, 30],
        anchor: 0,
    },
    Line {
        number: "2",
        name: "Tuindorp – Station – Componistenwijk",
        calls: &[
            ("Ringweg West", [-1250.0, 36.0]),
            ("Tuindorp", [-900.0, -15.0]),
            ("Bomenbuurt", [-650.0, -36.0]),
            ("Westerbrug", [-488.0, 20.0]),
            ("Bagijnebrug", [-345.0, 300.0]),
            ("Noorderbrug", [40.0, 560.0]),
            (STATION, [45.0, 800.0]),
            ("Doelenlaan", [560.0, 500.0]),
            ("Orkestlaan", [760.0, 420.0]),
            ("Componistenwijk", [1060.0, 500.0]),
            ("Ringweg Oost", [1400.0, 560.0]),
        ],
        headways: [15, 20, 30],
        anchor: 6,
    },
    Line {
        number: "3",
        name: "Station – Oosteroever – Rivierenbuurt",
        calls: &[
            (STATION, [45.0, 800.0]),
            ("Noorderbrug", [40.0, 560.0]),
            ("Oosterbrug", [515.0, 0.0]),
            ("Oosterweg", [770.0, 66.0]),
            ("Oosteroever", [1100.0, 145.0]),
            ("Ringweg Oosteroever", [1430.0, 150.0]),
            ("Zuiderkade Oost", [1330.0, -400.0]),
            ("Rivierenbuurt", [1000.0, -450.0]),
            ("Vijverlaan", [680.0, -640.0]),
            ("Merepark", [640.0, -980.0]),
        ],
        headways: [30, 30, 60],
        anchor: 0,
    },
    Line {
        number: "5",
        name: "Ziekenhuis – Station – Schutterspark",
        calls: &[
            ("Ringweg Noord", [-530.0, 1410.0]),
            ("Ziekenhuis", [-575.0, 1120.0]),
            ("Spoorlaan West", [-400.0, 870.0]),
            (STATION, [45.0, 800.0]),
            ("Noorderweg", [62.0, 1000.0]),
            ("Schilderswijk", [250.0, 1120.0]),
            ("Kapiteinslaan", [690.0, 1110.0]),
            ("Nachtwachtlaan", [912.0, 1141.0]),
            ("Schutterspark", [1378.0, 1084.0]),
        ],
        headways: [15, 30, 30],
        anchor: 7,
    },
];

/// Cheapest way for a bus between two nodes: (link, runs forward) in order.
fn way(streets: &StreetNetwork, out: &[Vec<(usize, bool)>], from: u32, to: u32) -> Vec<(usize, bool)> {
    let mut cost = vec![u64::MAX; streets.nodes.len()];
    let mut via: Vec<Option<(usize, bool)>> = vec![None; streets.nodes.len()];
    let mut queue = BinaryHeap::from([Reverse((0_u64, from))]);
    cost[from as usize] = 0;
    while let Some(Reverse((so_far, node))) = queue.pop() {
        if node == to {
            break;
        }
        if so_far > cost[node as usize] {
            continue;
        }
        for &(link, is_forward) in &out[node as usize] {
            let data = &streets.links[link];
            let next = if is_forward { data.to } else { data.from };
            let comfort = match data.class {
                LinkClass::Secondary | LinkClass::Tertiary => 0.8,
                LinkClass::Primary | LinkClass::Unclassified => 1.0,
                LinkClass::Residential => 1.7,
                _ => 4.0,
            };
            let total = so_far + (data.length_m * comfort * 10.0) as u64 + 1;
            if total < cost[next as usize] {
                cost[next as usize] = total;
                via[next as usize] = Some((link, is_forward));
                queue.push(Reverse((total, next)));
            }
        }
    }
    let mut steps = Vec::new();
    let mut node = to;
    while node != from {
        let Some((link, is_forward)) = via[node as usize] else { return Vec::new() };
        steps.push((link, is_forward));
        let data = &streets.links[link];
        node = if is_forward { data.from } else { data.to };
    }
    steps.reverse();
    steps
}

/// The line over the streets through all calls, in the project's coordinates.
fn path(streets: &StreetNetwork, calls: &[P2]) -> Polyline {
    let mut out = vec![Vec::new(); streets.nodes.len()];
    for (index, link) in streets.links.iter().enumerate() {
        if link.forward.contains(Modes::BUS) {
            out[link.from as usize].push((index, true));
        }
        if link.backward.contains(Modes::BUS) {
            out[link.to as usize].push((index, false));
        }
    }
    let node = |p: P2| {
        let p = add(p, ORIGIN);
        let far = |n: u32| distance(streets.nodes[n as usize].position, p);
        (0..streets.nodes.len() as u32)
            .filter(|&n| {
                out[n as usize].iter().any(|&(link, _)| streets.links[link].class <= LinkClass::Unclassified)
            })
            .min_by(|&a, &b| far(a).total_cmp(&far(b)))
            .unwrap_or(0)
    };
    let mut points: Vec<P2> = Vec::new();
    for pair in calls.windows(2) {
        for (link, is_forward) in way(streets, &out, node(pair[0]), node(pair[1])) {
            let geometry = &streets.links[link].geometry;
            if is_forward {
                points.extend(geometry.iter());
            } else {
                points.extend(geometry.iter().rev());
            }
        }
    }
    Polyline::new(points)
}

/// Seconds after the start of the service day of the first and last departure, by service.
const SPAN: [[u32; 2]; 3] =
    [[5 * 3600 + 2700, 24 * 3600], [6 * 3600 + 1800, 24 * 3600], [7 * 3600 + 1800, 23 * 3600]];

fn services() -> Vec<Service> {
    // Public holidays run as Sundays.
    let holidays = vec![20260101, 20260406, 20260427, 20260514, 20260525, 20261225];
    let service = |id: &str, weekdays: [bool; 7], added: &[u32], removed: &[u32]| Service {
        id: id.to_owned(),
        weekdays,
        start_date: 20260101,
        end_date: 20261231,
        added_dates: added.to_vec(),
        removed_dates: removed.to_vec(),
    };
    let (on, off) = (true, false);
    vec![
        service("werkdag", [on, on, on, on, on, off, off], &[], &holidays),
        service("zaterdag", [off, off, off, off, off, on, off], &[], &[20261226]),
        service("zondag", [off, off, off, off, off, off, on], &[holidays, vec![20261226]].concat(), &[]),
    ]
}

/// The whole timetable.
pub fn timetable(plan: &Plan, streets: &StreetNetwork) -> Timetable {
    let mut table =
        Timetable { timezone: "Europe/Amsterdam".to_owned(), services: services(), ..Timetable::default() };
    let hub = add(station::middle(plan), ORIGIN);
    table.stops.push(Stop {
        id: "mw-station".to_owned(),
        name: STATION.to_owned(),
        position: hub,
        parent: None,
        is_station: true,
    });
    for line in &LINES {
        bus_line(&mut table, streets, line);
    }
    train_line(
        &mut table,
        plan,
        "SPR",
        "Sprinter Mijlpolder – Overmere",
        &["Mijlpolder", STATION, "Overmere"],
        30,
        0,
    );
    table
}

fn stop(table: &mut Timetable, id: String, name: &str, position: P2) -> u32 {
    if let Some(known) = table.stops.iter().position(|stop| stop.id == id) {
        return known as u32;
    }
    let parent = (name == STATION).then_some(0);
    table.stops.push(Stop { id, name: name.to_owned(), position, parent, is_station: false });
    (table.stops.len() - 1) as u32
}

fn kebab(name: &str) -> String {
    name.to_lowercase().replace(' ', "-")
}

fn bus_line(table: &mut Timetable, streets: &StreetNetwork, line: &Line) {
    let route = table.routes.len() as u32;
    table.routes.push(Route {
        id: format!("mw-{}", line.number),
        agency: "Merewaardse Vervoer Maatschappij (fictief)".to_owned(),
        short_name: line.number.to_owned(),
        long_name: line.name.to_owned(),
        route_type: 3,
    });
    for direction in 0..2_u8 {
        let mut calls: Vec<Call> = line.calls.to_vec();
        if direction == 1 {
            calls.reverse();
        }
        let shape = path(streets, &calls.iter().map(|call| call.1).collect::<Vec<_>>());
        // Stops lie at the right-hand kerb, in order along the shape.
        let mut places = Vec::new();
        let mut passed = 0.0;
        for (number, (name, near)) in calls.iter().enumerate() {
            let near = add(*near, ORIGIN);
            let rest = shape.cut(passed, shape.length());
            let s = match number {
                0 => 0.0,
                _ if number + 1 == calls.len() => shape.length(),
                _ => passed + first_pass(&rest, near),
            };
            passed = s;
            let inside = s.clamp(6.0, (shape.length() - 6.0).max(6.0));
            let kerb =
                scale(left(shape.direction(inside)), -(half_width_at(streets, shape.point(inside)) - 0.7));
            let position = add(shape.point(inside), kerb);
            let position = position.map(|value| (value * 100.0).round() / 100.0);
            let id = format!("mw-{}-{}-{}", kebab(name), line.number, direction + 1);
            places.push((stop(table, id, name, position), s));
        }
        let offsets: Vec<u32> = places
            .iter()
            .enumerate()
            .map(|(i, place)| half_minutes(place.1 / BUS_MPS) + i as u32 * 30)
            .collect();
        let shape_id = format!("mw-{}-{}", line.number, direction + 1);
        table.shapes.insert(shape_id.clone(), shape.points().to_vec());
        let headsign = calls.last().map_or("", |call| call.0).to_owned();
        let anchor = if direction == 0 { line.anchor } else { calls.len() - 1 - line.anchor };
        let anchor_secs = offsets.get(anchor).copied().unwrap_or(0);
        for (service, &headway) in line.headways.iter().enumerate() {
            let step = headway * 60;
            // Whole steps after midnight at the anchor; the other direction lies half a step later.
            let shift = if direction == 0 { 0 } else { step / 2 };
            let [first, last] = SPAN[service];
            let mut at_anchor = shift;
            while at_anchor < first + anchor_secs {
                at_anchor += step;
            }
            let mut number = 0;
            while at_anchor - anchor_secs <= last {
                let start = at_anchor - anchor_secs;
                // Half the service in the evening.
                let is_evening = start > 20 * 3600;
                if !is_evening || at_anchor % (step * 2) == shift {
                    let calls = places.iter().zip(&offsets).enumerate().map(|(i, (place, offset))| {
                        let departure = start + offset;
                        let arrival = if i == 0 { departure } else { departure - DWELL_SECS };
                        StopTime { stop: place.0, arrival_secs: arrival, departure_secs: departure }
                    });
                    number += 1;
                    let first_call = table.stop_times.len() as u32;
                    table.stop_times.extend(calls);
                    table.trips.push(Trip {
                        id: format!(
                            "mw-{}-{}-{}-{number:03}",
                            line.number,
                            direction + 1,
                            table.services[service].id
                        ),
                        route,
                        service: service as u32,
                        headsign: headsign.clone(),
                        direction,
                        shape: Some(shape_id.clone()),
                        first_call,
                        call_count: places.len() as u32,
                        frequencies: Vec::new(),
                    });
                }
                at_anchor += step;
            }
        }
    }
}

/// Arc length where `line` first comes within a few metres of its nearest approach to `p`: loops pass a place twice.
fn first_pass(line: &Polyline, p: P2) -> f64 {
    let gap = line.distance_to(p);
    let mut s = 0.0;
    while s < line.length() {
        if distance(line.point(s), p) < gap + 12.0 {
            let until = (s + 40.0).min(line.length());
            return s + line.cut(s, until).nearest(p);
        }
        s += 8.0;
    }
    line.nearest(p)
}

/// Half the width of the street that passes through `p`.
fn half_width_at(streets: &StreetNetwork, p: P2) -> f64 {
    streets
        .links
        .iter()
        .filter(|link| link.class <= LinkClass::Service)
        // Links farther away than their own length cannot pass here.
        .filter(|link| link.geometry.first().is_some_and(|&first| distance(first, p) <= link.length_m + 1.0))
        .map(|link| (Polyline::new(link.geometry.iter().copied()).distance_to(p), link.width_m / 2.0))
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .map_or(4.0, |(_, half)| half)
}

fn half_minutes(secs: f64) -> u32 {
    ((secs / 30.0).round() * 30.0) as u32
}

fn train_line(
    table: &mut Timetable,
    plan: &Plan,
    number: &str,
    name: &str,
    calls: &[&str; 3],
    headway_minutes: u32,
    shift_minutes: u32,
) {
    let route = table.routes.len() as u32;
    table.routes.push(Route {
        id: format!("mw-{}", number.to_lowercase()),
        agency: "Merewaardse Vervoer Maatschappij (fictief)".to_owned(),
        short_name: number.to_owned(),
        long_name: name.to_owned(),
        route_type: 2,
    });
    let rail = &plan.lines.rail;
    let halts = [[-LAND_HALF[0] + 90.0, 0.0], station::middle(plan), [LAND_HALF[0] - 90.0, 0.0]]
        .map(|p| if p[1] == 0.0 { rail.nearest([p[0], rail.nearest_point(p)[1]]) } else { rail.nearest(p) });
    for direction in 0..2_u8 {
        let is_east = direction == 0;
        let track = rail.offset(if is_east { -2.2 } else { 2.2 });
        let from_west = track.cut(track.nearest(rail.point(halts[0])), track.nearest(rail.point(halts[2])));
        let line = if is_east { from_west } else { from_west.reversed() };
        let shape = Polyline::new(line.points().iter().map(|&p| add(p, ORIGIN)));
        let order = if is_east { [0, 1, 2] } else { [2, 1, 0] };
        let mut places = Vec::new();
        for &call in &order {
            let on_track = shape.nearest(add(rail.point(halts[call]), ORIGIN));
            let out = scale(left(shape.direction(on_track)), -4.5);
            let position = add(shape.point(on_track), out).map(|value| (value * 100.0).round() / 100.0);
            let id = format!("mw-trein-{}-{}", kebab(calls[call]), direction + 1);
            places.push((stop(table, id, calls[call], position), on_track));
        }
        let shape_id = format!("mw-{}-{}", number.to_lowercase(), direction + 1);
        table.shapes.insert(shape_id.clone(), shape.points().to_vec());
        let offsets: Vec<u32> =
            places.iter().enumerate().map(|(i, p)| half_minutes(p.1 / TRAIN_MPS) + i as u32 * 60).collect();
        let middle = offsets[1];
        let headsign = calls[order[2]].to_owned();
        for (service, [first, last]) in SPAN.into_iter().enumerate() {
            let step = headway_minutes * 60;
            let mut at = (first / step) * step + (shift_minutes + u32::from(direction) * 12 + 3) * 60;
            let mut count = 0;
            while at <= last {
                let start = at - middle;
                count += 1;
                let first_call = table.stop_times.len() as u32;
                for (i, (place, offset)) in places.iter().zip(&offsets).enumerate() {
                    let departure = start + offset;
                    let arrival = if i == 0 { departure } else { departure - 30 };
                    table.stop_times.push(StopTime {
                        stop: place.0,
                        arrival_secs: arrival,
                        departure_secs: departure,
                    });
                }
                table.trips.push(Trip {
                    id: format!("mw-{number}-{}-{}-{count:03}", direction + 1, table.services[service].id),
                    route,
                    service: service as u32,
                    headsign: headsign.clone(),
                    direction,
                    shape: Some(shape_id.clone()),
                    first_call,
                    call_count: 3,
                    frequencies: Vec::new(),
                });
                at += step;
            }
        }
    }
}
