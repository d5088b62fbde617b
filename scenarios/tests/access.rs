//! Accessibility on a real city: identities, brute force, and what a line does for whom.
#![allow(clippy::inconsistent_digit_grouping, clippy::cast_possible_wrap)] // Dates are written yyyy_mm_dd; seconds of a day are small.

mod common;
mod transit_common;

use layers::model::Timetable;
use scenarios::{
    Assumptions, Cancel,
    edit::NetworkEdit,
    models::{
        access::{
            Decay,
            cumulative::{TimeMatrix, mean_over_people, reached_by_transit, share_within},
            floating_catchment,
            score::NeedTimes,
            stops::{BUS_M, NearStops, RAIL_M, walking_metres},
        },
        routing::{ModeGraph, Snap, Sweep, TravelMode, UNREACHED},
        transit::{
            PlaceWalks, RaptorOptions, StopWalks, TransitDay, Window, service, travel_times,
            window::TransitCity,
        },
    },
};
use transit_common::{City, every_day, porto_alegre, push_trip, route, stop};

struct Prepared {
    city: City,
    walking: ModeGraph,
    day: TransitDay,
    stops: StopWalks,
    places: PlaceWalks,
}

fn prepared() -> Option<Prepared> {
    let city = porto_alegre(&common::shared_data()?);
    let edit = NetworkEdit::none(city.streets.links.len());
    let walking = ModeGraph::new(&city.streets, &edit, TravelMode::Walk, &Assumptions::default());
    let feeds: Vec<&Timetable> = city.timetables.iter().map(AsRef::as_ref).collect();
    let day = TransitDay::new(&feeds, 2019_05_13).unwrap();
    let stops = StopWalks::new(&walking, &day, 900);
    let places = PlaceWalks::new(&walking, &stops, &city.hexagons);
    Some(Prepared { city, walking, day, stops, places })
}

#[test]
fn supply_is_shared_out_exactly_on_foot_by_bicycle_and_by_transit() {
    let Some(p) = prepared() else { return };
    let assumptions = Assumptions::default();
    let edit = NetworkEdit::none(p.city.streets.links.len());
    let check = |name: &str, times: &TimeMatrix, limit: u32| {
        for decay in [Decay::None, Decay::Gaussian] {
            let found = floating_catchment(times, &p.city.residents, &p.city.healthcare, decay, limit);
            let shared: f64 = p.city.residents.iter().zip(&found.access).map(|(p, a)| p * a).sum();
            let all: f64 = p.city.healthcare.iter().sum();
            println!(
                "{name} {decay:?}: Σ P·A = {shared:.9} of {all} places of care, {} reached by nobody",
                found.unreached_supply
            );
            assert!((shared + found.unreached_supply - all).abs() < 1e-9 * all);
            assert!(found.unreached_supply < 0.05 * all);
        }
    };
    for mode in [TravelMode::Walk, TravelMode::Cycle] {
        let graph = ModeGraph::new(&p.city.streets, &edit, mode, &assumptions);
        let snaps: Vec<Option<Snap>> =
            p.city.hexagons.iter().map(|&place| graph.snap(place, 600.0)).collect();
        check(mode.name(), &TimeMatrix::over_streets(&graph, &snaps, &snaps, 900), 900);
    }
    let city = TransitCity {
        day: &p.day,
        walking: &p.walking,
        stops: &p.stops,
        places: &p.places,
        options: RaptorOptions { max_secs: 45 * 60, ..RaptorOptions::default() },
    };
    let window = Window { from_secs: 14 * 3600, minutes: 60 };
    let times = travel_times(city, p.places.snaps(), window, &Cancel::default()).unwrap();
    check("transit", &TimeMatrix::of_transit(&times, 1), 45 * 60);

    // Jobs within 45 minutes: in the band of the departures, and never fewer than on foot.
    let jobs = reached_by_transit(&times, &p.city.jobs, 45 * 60);
    let mean = mean_over_people(&p.city.residents, &jobs).unwrap();
    let on_foot = TimeMatrix::over_streets(&p.walking, p.places.snaps(), p.places.snaps(), 45 * 60);
    let walked = on_foot.within(&p.city.jobs, 45 * 60);
    assert!(jobs.iter().zip(&walked).all(|(jobs, walked)| jobs[0] + 1e-6 >= *walked));
    assert!(jobs.iter().all(|jobs| jobs[0] <= jobs[1] && jobs[1] <= jobs[2]));
    println!(
        "jobs within 45 minutes of the mean resident: {mean:.0?} of {:.0}",
        p.city.jobs.iter().sum::<f64>()
    );
    assert!(mean[0] < mean[1] && mean[1] < mean[2] && mean[2] < 337_921.0 && mean[0] > 30_000.0);
}

#[test]
fn the_score_and_the_nearest_are_those_of_single_searches() {
    let Some(p) = prepared() else { return };
    let assumptions = Assumptions::default();
    let with = |amounts: &[f64]| -> Vec<Option<Snap>> {
        let places = p.places.snaps().iter().zip(amounts);
        places.filter(|(_, amount)| **amount > 0.0).map(|(snap, _)| *snap).collect()
    };
    let needs = vec![with(&p.city.schools), with(&p.city.healthcare), Vec::new()];
    let times = NeedTimes::new(&p.walking, p.places.snaps(), &needs, NeedTimes::limit_secs(&assumptions));
    let score = times.score(&p.city.residents, &assumptions).unwrap();
    assert!(score.by_need[2].is_none(), "a need without places is named, not counted");
    let mut sweep = Sweep::new(&p.walking);
    let mut near = 0;
    for (place, snap) in p.places.snaps().iter().enumerate().step_by(7) {
        let Some(snap) = snap else { continue };
        sweep.from_place(&p.walking, snap, UNREACHED);
        for (need, met) in needs.iter().enumerate().take(2) {
            let costs = met.iter().flatten().map(|to| sweep.cost_to(&p.walking, to));
            let expected = f64::from(costs.min().unwrap()) / 1000.0;
            let found = times.secs[need].as_ref().unwrap()[place];
            if expected <= 900.0 {
                assert!((found - expected).abs() < 0.005, "{found} {expected}");
                near += 1;
            }
        }
    }
    assert!(near > 200, "{near}");
    let [low, central, high] = score.mean;
    println!("share of schools and care within 15 minutes on foot: {low:.3} {central:.3} {high:.3}");
    assert!(low < central && central < high && (0.5..1.0).contains(&central));
    let secs: Vec<u32> = times.secs[0].as_ref().unwrap().iter().map(|&s| s.ceil().min(4e9) as u32).collect();
    let share = share_within(&p.city.residents, &secs, 900).unwrap();
    assert!((share - score.by_need[0].unwrap()[1]).abs() < 1e-9);
}

#[test]
fn residents_near_stops_are_near_by_the_streets_not_by_the_crow() {
    let Some(p) = prepared() else { return };
    let edit = NetworkEdit::none(p.city.streets.links.len());
    let metres = walking_metres(&p.city.streets, &edit, &Assumptions::default());
    let services = service::stop_services(&p.day, 14 * 3600, 16 * 3600);
    let snaps: Vec<Option<Snap>> = p.city.hexagons.iter().map(|&place| metres.snap(place, 600.0)).collect();
    let near = NearStops::new(&metres, &p.day, &services, &snaps);
    let [bus, rail, either] = near.shares(&p.city.residents).unwrap();
    println!(
        "residents within 400 m of a bus {bus:.3}, within 800 m of rail {rail:.3}, of either {either:.3}"
    );
    assert!(bus > 0.3 && rail < 0.2 && rail > 0.0 && either >= bus && either <= bus + rail);
    // Nobody is nearer over the streets than straight.
    for (place, position) in p.city.hexagons.iter().enumerate() {
        let straight = |is_wanted: &dyn Fn(&service::StopService) -> bool| {
            let wanted = services.iter().zip(&p.day.positions).filter(|(service, _)| is_wanted(service));
            wanted.map(|(_, s)| (s[0] - position[0]).hypot(s[1] - position[1])).fold(f64::INFINITY, f64::min)
        };
        assert!(near.bus_m[place] >= straight(&|s| s.bus_departures_per_hour > 0.0) - 1.0);
        assert!(near.rail_m[place] >= straight(&|s| s.rail_departures_per_hour > 0.0) - 1.0);
        assert!(near.bus_m[place] <= BUS_M || near.bus_m[place].is_infinite());
        assert!(near.rail_m[place] <= RAIL_M || near.rail_m[place].is_infinite());
    }
}

#[test]
fn a_bus_connects_to_the_trains_that_one_can_walk_to_in_time() {
    let mut day = Timetable {
        stops: vec![
            stop("market", [0.0, 0.0]),
            stop("station bus", [900.0, 0.0]),
            stop("station", [960.0, 0.0]),
            stop("city", [9_000.0, 0.0]),
        ],
        routes: vec![route("5", 3), route("IC", 2), route("S", 2)],
        services: vec![every_day("all")],
        ..Timetable::default()
    };
    let at = |hour: u32, minute: u32| hour * 3600 + minute * 60;
    push_trip(&mut day, "bus", 0, &[(0, at(8, 0), at(8, 0)), (1, at(8, 10), at(8, 10))]);
    push_trip(&mut day, "bus late", 0, &[(0, at(22, 0), at(22, 0)), (1, at(22, 10), at(22, 10))]);
    for (id, minute) in [("too soon", 11), ("caught", 14), ("next", 29)] {
        push_trip(
            &mut day,
            id,
            1,
            &[(2, at(8, minute), at(8, minute)), (3, at(8, minute + 20), at(8, minute + 20))],
        );
    }
    push_trip(&mut day, "stops here", 2, &[(3, at(8, 0), at(8, 0)), (2, at(8, 15), at(8, 15))]);
    let day = TransitDay::new(&[&day], 2026_06_15).unwrap();
    // A minute on foot between the bus and the platform, 60 s to spare: 08:12 is the first train that can be caught.
    let walks = scenarios::models::transit::Walks::from_rows([vec![], vec![(2, 60)], vec![(1, 60)], vec![]]);
    let found = service::connections(&day, &walks, 0, &[1, 2], 20 * 60, 60);
    assert_eq!(found.len(), 1, "{found:?}");
    let connection = found[0];
    assert_eq!((connection.arrives, connection.departs), (at(8, 10) as i32, at(8, 14) as i32));
    assert_eq!((connection.from, connection.to, connection.walk_secs), (1, 2, 60));
    assert_eq!(
        service::connections(&day, &walks, 0, &[1], 180, 60).len(),
        0,
        "too long a wait is no connection"
    );
    assert_eq!(service::stops_of_route(&day, 0), [0, 1]);
    let service = service::stop_services(&day, at(8, 0) as i32, at(9, 0) as i32);
    assert_eq!(service[2].departures_per_hour, 3.0, "what ends here is no departure");
    assert!(service[2].has_rail && !service[2].has_bus && service[2].lines == 2);
    assert_eq!(service[0].departures_per_hour, 1.0);
}

#[test]
fn the_places_that_a_line_serves_are_those_within_a_walk_of_its_stops() {
    let Some(p) = prepared() else { return };
    let mut served_by_any = 0;
    for line in (0..p.day.routes.len() as u32).step_by(9) {
        let served = service::served_places(&p.day, &p.places.from_stops, line, 600);
        let stops = service::stops_of_route(&p.day, line);
        served_by_any += served.len();
        for place in 0..p.city.hexagons.len() as u32 {
            let is_near = stops.iter().any(|&stop| {
                p.places
                    .from_stops
                    .row(stop as usize)
                    .iter()
                    .any(|&(near, secs)| near == place && secs <= 600)
            });
            assert_eq!(is_near, served.binary_search(&place).is_ok());
        }
    }
    assert!(served_by_any > 100);
}
