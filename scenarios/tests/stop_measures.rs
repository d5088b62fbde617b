//! Measures on stops and lines: what the timetable says after them, and what people notice.
#![allow(clippy::inconsistent_digit_grouping, clippy::cast_possible_wrap)] // Dates are written yyyy_mm_dd; seconds of a day are small.

mod common;
mod transit_common;

use std::sync::Arc;

use common::{drawn, layer, node_position, people, streets};
use layers::model::{LayerData, Timetable, transit::StopTime};
use scenarios::{
    Assumptions, Baseline, Cancel, Quality, Scenario,
    apply::{Resolved, resolve},
    edit::{CarSpeed, NetworkEdit},
    evaluate,
    measures::{AddLine, AddStop, ChangeFrequency, Measure, MoveStop, RemoveStop, RerouteLine},
    models::transit::{
        ServiceHours, TransitDay,
        slower::{slower_streets, with_slower_streets},
    },
    reach::{ReachCity, ReachMode, ReachQuery},
    reference::{RouteReference, StopReference},
    scenario_file::ScenarioFile,
};
use transit_common::{every_day, push_trip, route, stop};

/// Four stops 1,000 m apart; a bus there every 20 minutes from 07:00 to 09:00 and one back.
fn line() -> Timetable {
    let mut timetable = Timetable {
        stops: (0..4).map(|i| stop(&format!("s{i}"), [f64::from(i) * 1_000.0, 0.0])).collect(),
        routes: vec![route("5", 3), route("9", 3)],
        services: vec![every_day("all")],
        ..Timetable::default()
    };
    timetable.stops.push(stop("side", [1_500.0, 300.0]));
    let calls = |first: u32, stops: [u32; 4]| -> Vec<(u32, u32, u32)> {
        // Four minutes between stops, half a minute at each.
        let at = |i: u32| first + 270 * i;
        (0..4).map(|i| (stops[i as usize], at(i), at(i) + if i == 0 || i == 3 { 0 } else { 30 })).collect()
    };
    for k in 0..7 {
        push_trip(&mut timetable, &format!("there{k}"), 0, &calls(7 * 3600 + 1200 * k, [0, 1, 2, 3]));
    }
    push_trip(&mut timetable, "back", 0, &calls(8 * 3600, [3, 2, 1, 0]));
    timetable.trips[7].direction = 1;
    timetable
}

fn baseline(timetable: Timetable) -> Baseline {
    let network = drawn(&format!("A{}B", "-".repeat(59)), &[]);
    let layers = [streets(&network), layer("bus", LayerData::Transit(Arc::new(timetable)))];
    Baseline::from_layers(&layers, &Assumptions::default()).unwrap()
}

fn apply(baseline: &Baseline, measures: Vec<Measure>) -> Resolved {
    let before = baseline.fingerprint().to_owned();
    let untouched = (*baseline.timetables()[0]).clone();
    let mut scenario = Scenario::new("plan", "Plan");
    scenario.measures = measures;
    let resolved = resolve(baseline, &scenario);
    assert_eq!((baseline.fingerprint(), &*baseline.timetables()[0]), (&before[..], &untouched));
    resolved
}

fn applied(baseline: &Baseline, measure: Measure) -> Timetable {
    let resolved = apply(baseline, vec![measure]);
    assert_eq!(resolved.problems, Vec::<String>::new());
    assert!(resolved.edit.affects.timetable && !resolved.edit.affects.car_network);
    assert!(resolved.edit.timetable.is_changed());
    (*resolved.edit.timetable.timetables()[0]).clone()
}

fn at(id: &str) -> StopReference {
    StopReference { id: id.to_owned(), ..StopReference::default() }
}

fn of(id: &str) -> RouteReference {
    RouteReference { id: id.to_owned(), ..RouteReference::default() }
}

/// (stop, arrival, departure) of a trip, in seconds after it leaves.
fn after(timetable: &Timetable, trip: usize) -> Vec<(u32, u32, u32)> {
    let calls = timetable.calls(trip);
    let start = calls[0].departure_secs;
    let of =
        |call: &StopTime| (call.stop, call.arrival_secs.saturating_sub(start), call.departure_secs - start);
    calls.iter().map(of).collect()
}

#[test]
fn a_removed_stop_saves_its_standing_time_and_no_trip_calls_there() {
    let base = baseline(line());
    let changed = applied(&base, Measure::RemoveStop(RemoveStop::at(at("s1"))));
    // Half a minute less; the way is as long as it was.
    assert_eq!(after(&changed, 0), [(0, 0, 0), (2, 510, 540), (3, 780, 780)]);
    assert_eq!(after(&changed, 7), [(3, 0, 0), (2, 270, 300), (0, 780, 780)]);
    // At the end of the line the rest stays as it is.
    let shorter = applied(&base, Measure::RemoveStop(RemoveStop::at(at("s0"))));
    assert_eq!(shorter.calls(0)[0].departure_secs, 7 * 3600 + 300);
    assert_eq!(shorter.calls(0).len(), 3);
}

#[test]
fn a_moved_stop_lengthens_its_legs_by_what_it_is_farther() {
    let base = baseline(line());
    // 400 m straight on: one leg 400 m longer and one as much shorter, times 1.3 at 5 m/s.
    let changed = applied(&base, Measure::MoveStop(MoveStop::to(at("s1"), [1_400.0, 0.0])));
    assert_eq!(after(&changed, 0), [(0, 0, 0), (1, 374, 404), (2, 540, 570), (3, 810, 810)]);
    // To the side both legs get longer.
    let aside = applied(&base, Measure::MoveStop(MoveStop::to(at("s2"), [2_000.0, 500.0])));
    let longer = ((1_000_f64.hypot(500.0) - 1_000.0) * 1.3 / 5.0).round() as u32;
    assert_eq!(after(&aside, 0)[3].1, 810 + 2 * longer);
    assert_eq!(aside.stops[2].position, [2_000.0, 500.0]);
}

#[test]
fn a_new_stop_is_called_at_where_the_way_round_is_shortest_in_both_directions() {
    let base = baseline(line());
    let new = AddStop::new("new", "Nieuw", [1_250.0, 0.0], vec![of("5")]);
    let changed = applied(&base, Measure::AddStop(new));
    // A quarter of the way, and 20 s for standing.
    assert_eq!(after(&changed, 0), [(0, 0, 0), (1, 270, 300), (5, 360, 380), (2, 560, 590), (3, 830, 830)]);
    let back: Vec<u32> = after(&changed, 7).iter().map(|call| call.0).collect();
    assert_eq!(back, [3, 2, 5, 1, 0]);
    assert_eq!(changed.stops[5].name, "Nieuw");
    let far = AddStop::new("far", "", [1_250.0, 4_000.0], vec![of("5")]);
    let resolved = apply(&base, vec![Measure::AddStop(far)]);
    assert!(
        resolved.problems[0].contains("passes nowhere within a way round of 500 m"),
        "{:?}",
        resolved.problems
    );
    assert!(!resolved.edit.timetable.is_changed());
}

#[test]
fn a_new_line_runs_there_and_back_at_18_km_h_every_15_minutes() {
    let base = baseline(line());
    let changed =
        applied(&base, Measure::AddLine(AddLine::new("new", "20", vec![at("s0"), at("side"), at("s3")])));
    let day = TransitDay::new(&[&changed], 2026_06_15).unwrap();
    let before = TransitDay::new(&[&*base.timetables()[0]], 2026_06_15).unwrap();
    // 18 hours, four an hour, two directions, and what of the day before and after is in sight.
    let of_today = day.trips.iter().filter(|trip| trip.route == 2 && (0..86_400).contains(&trip.shift_secs));
    assert_eq!(of_today.count(), 144);
    assert_eq!(day.trips.len(), before.trips.len() + 144);
    let trip = changed.trips.len() - 2;
    let leg = (1_500_f64.hypot(300.0) * 1.3 / 5.0).round() as u32;
    assert_eq!(after(&changed, trip), [(0, 0, 0), (4, leg, leg + 20), (3, 2 * leg + 20, 2 * leg + 20)]);
    assert_eq!(changed.trips[trip].frequencies, [(6 * 3600, 24 * 3600, 900)]);
}

#[test]
fn a_rerouted_line_calls_at_the_new_stops_there_and_back_and_the_rest_moves_along() {
    let base = baseline(line());
    let measure = RerouteLine::new(of("5"), at("s1"), at("s2"), vec![at("side")]);
    let changed = applied(&base, Measure::RerouteLine(measure));
    let leg = (500_f64.hypot(300.0) * 1.3 / 5.0).round() as u32;
    let arrives = 300 + leg + 20 + leg;
    assert_eq!(
        after(&changed, 0),
        [
            (0, 0, 0),
            (1, 270, 300),
            (4, 300 + leg, 320 + leg),
            (2, arrives, arrives + 30),
            (3, arrives + 270, arrives + 270)
        ]
    );
    let back: Vec<u32> = after(&changed, 7).iter().map(|call| call.0).collect();
    assert_eq!(back, [3, 2, 4, 1, 0]);
}

#[test]
fn a_halved_headway_doubles_the_departures_in_those_hours_only() {
    let base = baseline(line());
    let changed = applied(&base, Measure::ChangeFrequency(ChangeFrequency::to(of("5"), 10.0)));
    let mut leaves: Vec<u32> = (0..changed.trips.len())
        .filter(|&trip| changed.trips[trip].direction == 0)
        .map(|trip| changed.calls(trip)[0].departure_secs)
        .collect();
    leaves.sort_unstable();
    assert_eq!(leaves, (0..13).map(|k| 7 * 3600 + 600 * k).collect::<Vec<u32>>());
    assert!((0..changed.trips.len()).all(|trip| after(&changed, trip).last().unwrap().1 == 810));
    let ids: std::collections::BTreeSet<&str> = changed.trips.iter().map(|trip| trip.id.as_str()).collect();
    assert_eq!(ids.len(), changed.trips.len(), "ids stay unique");
    let morning = ChangeFrequency { hours: (420, 480), ..ChangeFrequency::to(of("5"), 5.0) };
    let changed = applied(&base, Measure::ChangeFrequency(morning));
    let count = |from: u32, to: u32| {
        let there = (0..changed.trips.len()).filter(|&trip| changed.trips[trip].direction == 0);
        there.filter(|&trip| (from..to).contains(&changed.calls(trip)[0].departure_secs)).count()
    };
    // 07:00 to 07:40 every five minutes; from 08:00 as before.
    assert_eq!((count(7 * 3600, 8 * 3600), count(8 * 3600, 10 * 3600)), (9, 4));
}

#[test]
fn all_problems_of_all_measures_come_together_and_the_rest_applies() {
    let base = baseline(line());
    let resolved = apply(
        &base,
        vec![
            Measure::RemoveStop(RemoveStop::at(at("gone"))),
            Measure::MoveStop(MoveStop::to(at("s1"), [90_000.0, 0.0])),
            Measure::AddStop(AddStop::new("s1", "", [0.0, 0.0], vec![of("5")])),
            Measure::AddStop(AddStop::new("", "", [f64::NAN, 0.0], Vec::new())),
            Measure::AddLine(AddLine { headway_minutes: -5.0, ..AddLine::new("5", "", vec![at("s0")]) }),
            Measure::AddLine(AddLine::new("5", "", vec![at("s0"), at("s1")])),
            Measure::RerouteLine(RerouteLine::new(of("77"), at("s0"), at("nowhere"), vec![])),
            Measure::RerouteLine(RerouteLine::new(of("9"), at("s0"), at("s1"), vec![])),
            Measure::ChangeFrequency(ChangeFrequency {
                hours: (0, 60),
                ..ChangeFrequency::to(of("5"), 10.0)
            }),
            Measure::RemoveStop(RemoveStop::at(at("side"))),
            Measure::RemoveStop(RemoveStop::at(at("s2"))),
        ],
    );
    let expected = [
        "measure 1 \"remove-stop\": no stop matches \"gone\"",
        "measure 2 \"move-stop\": expected a new place within 2000 m of stop \"s1\", found one 89000 m away",
        "measure 3 \"add-stop\": there is a stop \"s1\" already",
        "measure 4 \"add-stop\": expected an id for the new stop",
        "measure 4 \"add-stop\": expected at least one line",
        "measure 4 \"add-stop\": expected a place in metres, found NaN, 0",
        "measure 5 \"add-line\": expected at least two stops, found 1",
        "measure 5 \"add-line\": expected a headway from 0.5 to 1440 min, found -5",
        "measure 6 \"add-line\": there is a line \"5\" already",
        "measure 7 \"reroute-line\": no line matches \"77\"",
        "measure 7 \"reroute-line\": no stop matches \"nowhere\"",
        "measure 8 \"reroute-line\": no trip of line \"9\" calls at both \"s0\" and \"s1\"",
        "measure 9 \"change-frequency\": no trip of line \"5\" leaves between 00:00 and 01:00",
        "measure 10 \"remove-stop\": nothing calls at stop \"side\"",
    ];
    assert_eq!(resolved.problems.len(), expected.len(), "{:#?}", resolved.problems);
    for (found, expected) in resolved.problems.iter().zip(expected) {
        assert!(found.starts_with(expected), "{found}\n{expected}");
    }
    assert_eq!(resolved.is_applied.iter().filter(|is_applied| **is_applied).count(), 1);
    assert_eq!(resolved.edit.timetable.treated_stops(), ["s2"]);
    assert_eq!(resolved.edit.timetable.treated_routes(), ["5"]);
}

#[test]
fn they_come_back_from_their_file_and_defaults_are_those_of_the_model_book() {
    let measures = vec![
        Measure::AddStop(AddStop::new("n", "N", [1.0, 2.0], vec![of("5")])),
        Measure::MoveStop(MoveStop::to(at("s1"), [1.0, 2.0])),
        Measure::RemoveStop(RemoveStop::at(at("s1"))),
        Measure::AddLine(AddLine::new("20", "20", vec![at("s0"), at("s1")])),
        Measure::RerouteLine(RerouteLine::new(of("5"), at("s0"), at("s1"), vec![at("side")])),
        Measure::ChangeFrequency(ChangeFrequency::to(of("5"), 10.0)),
    ];
    for measure in &measures {
        assert!(Measure::KINDS.contains(&measure.kind()));
    }
    let mut scenario = Scenario::new("plan", "Plan");
    scenario.measures = measures.clone();
    let text = ScenarioFile::new(scenario).to_json();
    assert_eq!(ScenarioFile::from_json(&text).unwrap().scenario.measures, measures);
    let short = r#"{"kind": "add-line", "id": "20", "stops": [{"id": "s0"}, {"id": "s1"}]}"#;
    let Ok(Measure::AddLine(line)) = serde_json::from_str(short) else { panic!("a short form is enough") };
    assert_eq!((line.headway_minutes, line.driving.speed_kmh, line.driving.dwell_secs), (15.0, 18.0, 20.0));
}

#[test]
fn a_new_line_never_makes_anybody_slower_in_porto_alegre_and_a_doubled_one_helps() {
    let Some(data) = common::shared_data() else { return };
    let city = transit_common::porto_alegre(&data);
    let layers = [
        layer("streets", LayerData::Streets(city.streets.clone())),
        layer("eptc", LayerData::Transit(city.timetables[0].clone())),
        layer("trensurb", LayerData::Transit(city.timetables[1].clone())),
    ];
    let base = Baseline::from_layers(&layers, &Assumptions::default()).unwrap();
    let edit = NetworkEdit::none(city.streets.links.len());
    let query = ReachQuery {
        origins: city.hexagons.iter().copied().step_by(40).collect(),
        targets: city.hexagons.clone(),
        departure_secs: 14 * 3600,
        max_minutes: 60.0,
        ..ReachQuery::default()
    };
    let minutes = |timetables: &[Arc<Timetable>]| {
        let date = Some(2019_05_13);
        let reach =
            ReachCity::new(&city.streets, &edit, timetables, date, ReachMode::Transit, base.assumptions())
                .unwrap();
        reach.reach(&query, &Cancel::default()).unwrap()
    };
    let before = minutes(base.timetables());
    let eptc = &city.timetables[0];
    // Across the city from the station to the hill, by the stops nearest to hexagons on the way.
    let near = |place: [f64; 2]| {
        let away = |stop: usize| {
            let [x, y] = eptc.stops[stop].position;
            (x - place[0]).hypot(y - place[1])
        };
        let nearest = (0..eptc.stops.len()).min_by(|&a, &b| away(a).total_cmp(&away(b))).unwrap();
        StopReference::of(eptc, nearest as u32).unwrap()
    };
    let along: Vec<StopReference> = city.hexagons.iter().step_by(245).map(|&place| near(place)).collect();
    let new = apply(
        &base,
        vec![Measure::AddLine(AddLine { headway_minutes: 5.0, ..AddLine::new("new", "N", along) })],
    );
    assert_eq!(new.problems, Vec::<String>::new());
    let after = minutes(new.edit.timetable.timetables());
    let within = |m: Option<f64>| m.unwrap_or(f64::INFINITY);
    let mut faster = 0;
    for (old, new) in before.origins.iter().zip(&after.origins) {
        for (old, new) in old.targets.iter().zip(&new.targets) {
            for (a, b) in [(old.p10, new.p10), (old.p50, new.p50), (old.p90, new.p90)] {
                assert!(within(b) <= within(a), "{old:?} {new:?}");
            }
            faster += usize::from(within(new.p50) < within(old.p50));
        }
    }
    println!("a line over six stops makes {faster} of {} journeys faster", 31 * 1_227);
    assert!(faster > 100);

    // The line with most trips, twice as often.
    let count = |route: usize| eptc.trips.iter().filter(|trip| trip.route as usize == route).count();
    let busiest = (0..eptc.routes.len()).max_by_key(|&route| count(route)).unwrap();
    let line = RouteReference::of(eptc, busiest as u32).unwrap();
    let often = apply(&base, vec![Measure::ChangeFrequency(ChangeFrequency::to(line.clone(), 3.0))]);
    assert_eq!(often.problems, Vec::<String>::new());
    let after = minutes(often.edit.timetable.timetables());
    let mean = |reach: &scenarios::reach::Reach| {
        let all: Vec<f64> = reach.origins.iter().flat_map(|o| &o.targets).filter_map(|m| m.p50).collect();
        (all.iter().sum::<f64>() / all.len() as f64, all.len())
    };
    let ((mean_before, reached_before), (mean_after, reached_after)) = (mean(&before), mean(&after));
    println!(
        "line {} every 3 minutes: {reached_before} → {reached_after} pairs, mean {mean_before:.2} → {mean_after:.2} min",
        line.name
    );
    assert!(reached_after >= reached_before && mean_after < mean_before + 0.01);
}

/// The same line so many seconds later on the day.
fn later(secs: u32) -> Timetable {
    let mut timetable = line();
    for time in &mut timetable.stop_times {
        time.arrival_secs += secs;
        time.departure_secs += secs;
    }
    timetable
}

#[test]
fn a_timetable_of_the_afternoon_is_judged_in_the_afternoon_and_a_chosen_hour_is_kept() {
    let hours = |timetable: &Timetable, from_hour: f64| {
        let date = TransitDay::busiest_weekday(&[timetable]).unwrap();
        let day = TransitDay::new(&[timetable], date).unwrap();
        let mut assumptions = Assumptions::default();
        assumptions.transit_from_hour.central = from_hour;
        let hours = ServiceHours::new(&day, &assumptions);
        let departures: Vec<i32> = hours.departures().departures().collect();
        assert_eq!(departures.len(), 60);
        assert_eq!(departures[0], hours.from_secs + 1800);
        (hours.from_secs / 3600, hours.to_secs / 3600, hours.instead_of.is_some())
    };
    assert_eq!(hours(&line(), 7.0), (7, 9, false));
    assert_eq!(hours(&later(6 * 3600), 7.0), (13, 15, true));
    // Somebody wants to know of the evening: nothing runs then, and that is the answer.
    assert_eq!(hours(&later(6 * 3600), 20.0), (20, 22, false));
    // Past midnight of a long day.
    assert_eq!(hours(&later(18 * 3600), 7.0), (25, 27, true));
}

#[test]
fn a_line_that_comes_more_often_draws_from_the_car_in_whatever_hours_it_runs() {
    // A street of 3 km with homes at one end and jobs at the other, and the bus along it, in the afternoon only.
    let network = drawn(&format!("A{}B", "=".repeat(299)), &[]);
    let ends = [node_position(&network, "A"), node_position(&network, "B")];
    let mut timetable = later(6 * 3600);
    for (number, stop) in timetable.stops.iter_mut().take(4).enumerate() {
        let part = number as f64 / 3.0;
        stop.position = std::array::from_fn(|axis| ends[0][axis] + part * (ends[1][axis] - ends[0][axis]));
    }
    let layers = [
        streets(&network),
        people(&network, &[("A", 900.0, 10.0), ("B", 10.0, 900.0)]),
        layer("bus", LayerData::Transit(Arc::new(timetable))),
    ];
    let mut assumptions = Assumptions::default();
    assumptions.external_journeys.central = 0.0;
    let base = Baseline::from_layers(&layers, &assumptions).unwrap();
    let mut scenario = Scenario::new("often", "");
    scenario.measures.push(Measure::ChangeFrequency(ChangeFrequency::to(of("5"), 5.0)));
    let evaluation = evaluate(&base, &scenario, &Cancel::default(), Quality::Refined).unwrap();
    let change = |id: &str| evaluation.outcome(id).unwrap().delta.unwrap();
    assert!(change("departures").central > 0.0);
    let (car, transit) = (change("car-share"), change("transit-share"));
    assert!(car.central < 0.0 && transit.central > 0.0, "{car:?} {transit:?}");
    // Whoever answers more, answers more to the bus as well.
    assert!(transit.low < transit.central && transit.central < transit.high, "{transit:?}");
    let shares = ["car-share", "cycle-share", "walk-share", "transit-share"];
    let sum: f64 = shares.iter().map(|id| change(id).central).sum();
    assert!(sum.abs() < 1e-9, "everybody travels somehow: {sum}");
    assert!(change("vehicle-km").central < 0.0);
    let told = &evaluation.outcome("jobs-by-transit").unwrap().explanation;
    assert!(told.iter().any(|statement| statement.key == "note-busiest-hours"), "{told:?}");
}

#[test]
fn a_bus_is_slower_in_a_street_that_becomes_slower_and_nowhere_else() {
    // The line runs along the street AB, 10 m a letter; a side street hangs at its end.
    let network = drawn(&format!("A{}B\n{}|\n{}C", "=".repeat(299), " ".repeat(300), " ".repeat(300)), &[]);
    let ends = [node_position(&network, "A"), node_position(&network, "B")];
    let mut timetable = line();
    for (number, stop) in timetable.stops.iter_mut().take(4).enumerate() {
        let part = number as f64 / 3.0;
        stop.position = std::array::from_fn(|axis| ends[0][axis] + part * (ends[1][axis] - ends[0][axis]));
    }
    let timetable = Arc::new(timetable);
    let assumptions = Assumptions::default();
    let link = |id: &str| network.links.iter().position(|link| link.id == id).unwrap();
    let slower = |id: &str| {
        let mut edit = NetworkEdit::none(network.links.len());
        edit.change(link(id)).unwrap().car_speed = Some(CarSpeed::Factor(0.95));
        slower_streets(&network, &edit, &assumptions)
    };
    let along = slower("AB");
    let street = &network.links[link("AB")];
    let usual_secs = street.length_m / scenarios::models::road::free_flow_mps(street, &assumptions);
    let all: f64 = along.iter().map(|piece| piece.more_secs).sum();
    assert!((all - usual_secs * (1.0 / 0.95 - 1.0)).abs() < 1e-6, "{all}");
    let late = with_slower_streets(&timetable, &along);
    for trip in 0..timetable.trips.len() {
        let (was, is) = (timetable.calls(trip), late.calls(trip));
        assert_eq!(is[0], was[0], "who gets in first waits no longer");
        let more = is.last().unwrap().arrival_secs - was.last().unwrap().arrival_secs;
        assert_eq!(f64::from(more), all.round(), "there and back lose the same");
        let after_one = is[1].arrival_secs - was[1].arrival_secs;
        assert!(f64::from(after_one.abs_diff(more / 3)) <= 1.0, "a third of the street is behind it");
        assert!(is.windows(2).all(|pair| pair[0].departure_secs <= pair[1].arrival_secs));
    }
    assert!(Arc::ptr_eq(&with_slower_streets(&timetable, &slower("BC")), &timetable), "no bus drives there");
    assert!(Arc::ptr_eq(&with_slower_streets(&timetable, &[]), &timetable));
}
