//! Reach over streets and by public transport: minutes, areas, ways, and what may not change with the number of threads.
#![allow(clippy::inconsistent_digit_grouping, clippy::cast_possible_wrap)] // Dates are written yyyy_mm_dd; seconds of a day are small.

mod common;
mod transit_common;

use std::{sync::Arc, time::Instant};

use common::drawn;
use geo::{Area, Contains, Point, Validation};
use layers::model::Timetable;
use scenarios::{
    Assumptions, Cancel,
    edit::NetworkEdit,
    models::transit::Leg,
    reach::{Reach, ReachCity, ReachError, ReachMode, ReachQuery},
};
use transit_common::{City, every_day, porto_alegre, push_trip, route, stop};

fn city<'a>(
    streets: &'a layers::model::StreetNetwork,
    timetables: &[Arc<Timetable>],
    mode: ReachMode,
) -> ReachCity<'a> {
    let edit = NetworkEdit::none(streets.links.len());
    ReachCity::new(streets, &edit, timetables, None, mode, &Assumptions::default()).unwrap()
}

#[test]
fn minutes_on_foot_and_by_bus_are_those_of_the_timetable() {
    // 2 km of street; a bus every 10 minutes from one end to the other in 4 minutes.
    let streets = drawn(&format!("A{}B", "-".repeat(39)), &[]);
    let end = streets.nodes[1].position;
    assert_eq!(end, [2_000.0, 0.0]);
    let mut bus = Timetable {
        stops: vec![stop("west", [100.0, 0.0]), stop("east", [1_900.0, 0.0])],
        routes: vec![route("1", 3)],
        services: vec![every_day("all")],
        ..Timetable::default()
    };
    for k in 0..30 {
        let leaves = 7 * 3600 + 600 * k;
        push_trip(&mut bus, &format!("t{k}"), 0, &[(0, leaves, leaves), (1, leaves + 240, leaves + 240)]);
    }
    let bus = [Arc::new(bus)];
    let walk = city(&streets, &[], ReachMode::Walk);
    let query =
        ReachQuery { origins: vec![[0.0, 0.0]], targets: vec![end, [0.0, 5_000.0]], ..ReachQuery::default() };
    let on_foot = walk.reach(&query, &Cancel::default()).unwrap();
    let minutes = on_foot.origins[0].targets[0];
    assert!((minutes.p50.unwrap() - 25.0).abs() < 1e-3 && minutes.p10 == minutes.p90);
    assert_eq!((on_foot.origins[0].targets[1].p50, on_foot.unattached_targets), (None, 1));

    let by_bus = city(&streets, &bus, ReachMode::Transit);
    let reach = by_bus.reach(&query, &Cancel::default()).unwrap();
    let minutes = reach.origins[0].targets[0];
    // Leaving at 07:30, 07:31, …: walk 75 s, board a minute later, so the bus of 07:40 leaves 7 min 45 s after the walk
    // begins at best. Ride 4 min, walk 75 s. Waiting goes round through ten minutes.
    let least = (75.0 + 240.0 + 75.0 + 60.0) / 60.0;
    let waits: Vec<f64> = (0..10)
        .map(|minute| (600.0 - 75.0 - 60.0 - 60.0 * f64::from(minute)).rem_euclid(600.0) / 60.0)
        .collect();
    let mut all: Vec<f64> = waits.iter().map(|wait| least + wait).collect();
    all.sort_by(f64::total_cmp);
    assert_eq!(minutes.p10, Some(all[0]));
    assert_eq!(minutes.p50, Some(all[4]));
    assert_eq!(minutes.p90, Some(all[8]));
    let journey = by_bus.journey([0.0, 0.0], end, 7 * 3600 + 30 * 60, 60.0).unwrap();
    assert!(matches!(journey.legs[..], [Leg::Walk { .. }, Leg::Ride { calls: 1, .. }, Leg::Walk { .. }]));
    assert_eq!(journey.arrives, 7 * 3600 + 40 * 60 + 240 + 75);
    let (minutes, links) = walk.way([0.0, 0.0], end).unwrap();
    assert!((minutes - 25.0).abs() < 1e-3 && links == [0]);
}

#[test]
fn the_nearest_hospital_is_the_one_with_the_shortest_time_and_its_way_is_told() {
    let streets = drawn("A---B---C\n|       |\nD-------E", &[]);
    let hospitals = [streets.nodes[2].position, streets.nodes[3].position];
    let car = city(&streets, &[], ReachMode::Car);
    let from = streets.nodes[0].position;
    let (index, minutes) = car.nearest(from, &hospitals, 0, 60.0).unwrap();
    assert_eq!(index, 1, "100 m down the street, not 400 m along it");
    let (of_way, links) = car.way(from, hospitals[1]).unwrap();
    assert!((of_way - minutes).abs() < 1e-9 && links == [common::link(&streets, "AD")]);
    let (_, round) = car.way(from, hospitals[0]).unwrap();
    let names: Vec<&str> = round.iter().map(|&link| streets.links[link].id.as_str()).collect();
    assert_eq!(names, ["AB", "BC"]);
    assert_eq!(car.nearest(from, &[], 0, 60.0), None);
    assert_eq!(car.nearest(from, &hospitals, 0, 0.01), None);
}

#[test]
fn bad_questions_are_answered_with_what_was_expected() {
    let streets = drawn("A-B", &[]);
    let walk = city(&streets, &[], ReachMode::Walk);
    for bad in [-1.0, f64::NAN, 9_999.0] {
        let query = ReachQuery { max_minutes: bad, ..ReachQuery::default() };
        let error = walk.reach(&query, &Cancel::default()).unwrap_err();
        assert!(matches!(error, ReachError::BadMinutes { .. }), "{error}");
    }
    let edit = NetworkEdit::none(1);
    let none = ReachCity::new(&streets, &edit, &[], None, ReachMode::Transit, &Assumptions::default());
    assert!(none.unwrap_err().to_string().contains("add one"));
    let mut bus = Timetable { services: vec![every_day("all")], ..Timetable::default() };
    bus.stops = vec![stop("a", [0.0, 0.0]), stop("b", [100.0, 0.0])];
    bus.routes = vec![route("1", 3)];
    push_trip(&mut bus, "t", 0, &[(0, 100, 100), (1, 200, 200)]);
    let bus = [Arc::new(bus)];
    let late =
        ReachCity::new(&streets, &edit, &bus, Some(2040_01_01), ReachMode::Transit, &Assumptions::default());
    let text = late.unwrap_err().to_string();
    assert!(text.contains("2040-01-01") && text.contains("between 2020-01-01 and 2030-12-31"), "{text}");
    assert!(text.contains("the nearest with service is 2030-12-31"), "{text}");
    let query = ReachQuery { origins: vec![[0.0, 0.0]; 3], ..ReachQuery::default() };
    let cancel = Cancel::default();
    cancel.cancel();
    assert_eq!(walk.reach(&query, &cancel), Err(ReachError::Cancelled));
}

fn with_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(work)
}

#[test]
fn porto_alegre_is_reached_alike_by_one_thread_and_two_and_its_areas_lie_in_one_another() {
    let Some(data) = common::shared_data() else { return };
    let City { streets, timetables, hexagons, .. } = porto_alegre(&data);
    let centre = hexagons[600];
    for mode in [ReachMode::Walk, ReachMode::Cycle, ReachMode::Car, ReachMode::Transit] {
        let started = Instant::now();
        let city = city(&streets, &timetables, mode);
        let prepared = started.elapsed();
        let query = ReachQuery {
            origins: hexagons.iter().copied().step_by(100).collect(),
            targets: hexagons.clone(),
            contour_minutes: vec![5.0, 15.0, 30.0],
            max_minutes: 60.0,
            // The buses of this sample run around noon only.
            departure_secs: 14 * 3600,
            ..ReachQuery::default()
        };
        let started = Instant::now();
        let reach = with_threads(2, || city.reach(&query, &Cancel::default()).unwrap());
        println!(
            "{}: prepared in {prepared:?}, 13 origins with areas in {:?}",
            mode.name(),
            started.elapsed()
        );
        let one = with_threads(1, || city.reach(&query, &Cancel::default()).unwrap());
        assert_eq!(reach, one);
        check_areas(&reach, &query);
        let reached: usize =
            reach.origins.iter().flat_map(|origin| &origin.targets).filter(|m| m.p50.is_some()).count();
        let within = |m: &Option<f64>| m.unwrap_or(f64::INFINITY);
        for minutes in reach.origins.iter().flat_map(|origin| &origin.targets) {
            assert!(
                within(&minutes.p10) <= within(&minutes.p50) && within(&minutes.p50) <= within(&minutes.p90)
            );
        }
        println!("  {reached} of {} pairs within an hour", 13 * 1_227);
        assert!(reached > 13 * 1_227 / 10);
        if mode == ReachMode::Transit {
            let thin = city.remarks(&ReachQuery::default());
            assert!(thin.iter().any(|remark| remark.contains("busiest hour")), "{thin:?}");
            println!("  {:?}", city.remarks(&query));
            let journey = city.journey(centre, hexagons[100], 14 * 3600, 90.0);
            println!("  {journey:?}");
        }
    }
}

fn check_areas(reach: &Reach, query: &ReachQuery) {
    for (origin, place) in reach.origins.iter().zip(&query.origins) {
        if origin.street_m.is_none() {
            continue;
        }
        for area in &origin.areas {
            assert!(area.area.is_valid(), "{:?}", area.area);
        }
        for pair in origin.areas.windows(2) {
            assert!(pair[0].area.unsigned_area() < pair[1].area.unsigned_area());
            let corners = pair[0].area.iter().flat_map(|polygon| polygon.exterior().points());
            for corner in corners.step_by(211) {
                let away = geo::Distance::distance(&geo::Euclidean, &corner, &pair[1].area);
                assert!(away < 1e-6, "an area of fewer minutes lies in that of more");
            }
        }
        // Targets within the minutes lie in the area, if they are beside a street.
        let largest = &origin.areas[2].area;
        if origin.street_m.is_some_and(|away| away < 20.0) {
            assert!(largest.contains(&Point::new(place[0], place[1])), "one is where one is");
        }
    }
}
