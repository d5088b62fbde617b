//! RAPTOR against a search that knows nothing of rounds, patterns or windows, on random timetables and on a real one.
#![allow(clippy::inconsistent_digit_grouping, clippy::cast_possible_wrap)] // Dates are written yyyy_mm_dd; seconds of a day are small.

mod common;
mod transit_common;

use layers::model::Timetable;
use scenarios::models::transit::{
    Leg, NEVER, Raptor, RaptorOptions, TransitDay, Walks, calendar, journey::journey,
};
use transit_common::{Chance, random_timetable, random_walks, referee};

const DATE: u32 = 2026_06_15;

fn day(timetable: &Timetable) -> Option<TransitDay> {
    TransitDay::new(&[timetable], DATE).ok()
}

fn options() -> RaptorOptions {
    RaptorOptions { max_rides: 3, slack_secs: 60, max_secs: 3 * 3600 }
}

#[test]
fn thousands_of_random_timetables_agree_with_the_time_expanded_referee() {
    let mut chance = Chance::new(11);
    let (mut cases, mut reached, mut by_three) = (0, 0, 0);
    for _ in 0..3_000 {
        let timetable = random_timetable(&mut chance);
        let Some(day) = day(&timetable) else { continue };
        let walks = random_walks(&mut chance, timetable.stops.len());
        let access = vec![(chance.below(timetable.stops.len()) as u32, chance.below(600) as u32)];
        let departure = 7 * 3600 + chance.below(3600) as i32;
        let mut raptor = Raptor::new(&day, &walks, options());
        raptor.search(departure, &access);
        let truth = referee(&timetable, DATE, &walks, &access, departure, options());
        for stop in 0..timetable.stops.len() as u32 {
            for (rides, arrivals) in truth.iter().enumerate().skip(1) {
                let (found, expected) = (raptor.arrival_by_ride(stop, rides), arrivals[stop as usize]);
                assert_eq!(found, expected, "case {cases}, stop {stop}, {rides} rides, {timetable:#?}");
                reached += usize::from(found != NEVER);
            }
            by_three += usize::from(raptor.arrival_by_ride(stop, 3) < raptor.arrival_by_ride(stop, 2));
        }
        cases += 1;
    }
    println!("{cases} timetables, {reached} arrivals equal, {by_three} of them need three rides");
    assert!(cases > 2_500 && reached > 20_000 && by_three > 200);
}

#[test]
fn searching_a_window_backwards_equals_searching_each_departure_afresh() {
    let mut chance = Chance::new(5);
    let mut compared = 0;
    for _ in 0..600 {
        let timetable = random_timetable(&mut chance);
        let Some(day) = day(&timetable) else { continue };
        let walks = random_walks(&mut chance, timetable.stops.len());
        let access: Vec<(u32, u32)> =
            (0..2).map(|_| (chance.below(timetable.stops.len()) as u32, chance.below(600) as u32)).collect();
        let (mut kept, mut fresh) =
            (Raptor::new(&day, &walks, options()), Raptor::new(&day, &walks, options()));
        for minute in (0..40).rev() {
            let departure = 7 * 3600 + 60 * minute;
            kept.search(departure, &access);
            fresh.clear();
            fresh.search(departure, &access);
            for stop in 0..timetable.stops.len() as u32 {
                for rides in 1..=3 {
                    let in_time =
                        |time: i32| if time > departure + options().max_secs { NEVER } else { time };
                    let (a, b) = (kept.arrival_by_ride(stop, rides), fresh.arrival_by_ride(stop, rides));
                    assert_eq!(in_time(a), in_time(b), "minute {minute}, stop {stop}, {rides} rides");
                    compared += usize::from(a != NEVER);
                }
            }
        }
    }
    assert!(compared > 100_000, "{compared}");
}

#[test]
fn journeys_are_possible_and_arrive_when_promised() {
    let mut chance = Chance::new(77);
    let (mut journeys, mut with_change) = (0, 0);
    for _ in 0..800 {
        let timetable = random_timetable(&mut chance);
        let Some(day) = day(&timetable) else { continue };
        let walks = random_walks(&mut chance, timetable.stops.len());
        let access = vec![(chance.below(timetable.stops.len()) as u32, 30)];
        let departure = 7 * 3600 + chance.below(3600) as i32;
        let mut raptor = Raptor::new(&day, &walks, options());
        raptor.search(departure, &access);
        for stop in 0..timetable.stops.len() as u32 {
            let promised = raptor.arrival_by_ride(stop, 3);
            let found = journey(&raptor, departure, &[(stop, 45)], None);
            if promised == NEVER || promised + 45 > departure + options().max_secs {
                assert!(found.is_none());
                continue;
            }
            let found = found.expect("what can be reached has a way");
            assert_eq!(found.arrives, promised + 45);
            let (mut at, mut time) = (None, departure);
            for leg in &found.legs {
                match *leg {
                    Leg::Walk { from, to, departs, arrives } => {
                        assert_eq!(from, at, "one walks on from where one is");
                        assert_eq!(departs, time);
                        if let (Some(from), Some(to)) = (from, to) {
                            let secs = (arrives - departs) as u32;
                            assert!(walks.row(from as usize).contains(&(to, secs)));
                        }
                        (at, time) = (to, arrives);
                    }
                    Leg::Ride { trip, route, from, to, departs, arrives, calls } => {
                        assert_eq!(Some(from), at);
                        assert!(departs >= time + 60, "a minute to board");
                        let of = day.trips[trip as usize];
                        assert_eq!(of.route, route);
                        let planned = timetable.calls(of.of.index as usize);
                        let call = |stop: u32, secs: i32, is_arrival: bool| {
                            planned.iter().position(|call| {
                                let at = if is_arrival { call.arrival_secs } else { call.departure_secs };
                                call.stop == stop && at as i32 + of.shift_secs == secs
                            })
                        };
                        let boarded = call(from, departs, false).expect("the trip leaves then");
                        assert!(
                            call(to, arrives, true).is_some() && boarded + calls as usize <= planned.len()
                        );
                        (at, time) = (Some(to), arrives);
                    }
                }
            }
            assert_eq!((at, time), (None, found.arrives), "the journey ends at the door");
            journeys += 1;
            with_change += usize::from(found.rides() > 1);
        }
    }
    println!("{journeys} journeys followed, {with_change} with a change");
    assert!(journeys > 2_000 && with_change > 500);
}

#[test]
fn porto_alegre_agrees_with_the_referee() {
    let Some(data) = common::shared_data() else { return };
    let city = transit_common::porto_alegre(&data);
    let timetables: Vec<&Timetable> = city.timetables.iter().map(AsRef::as_ref).collect();
    let merged = transit_common::merged(&timetables);
    let date = 2019_05_13;
    assert_eq!(calendar::weekday(date), 0);
    let day = TransitDay::new(&timetables, date).unwrap();
    let walks = transit_common::straight_walks(&day, 400.0);
    let mut raptor = Raptor::new(&day, &walks, RaptorOptions::default());
    let served: Vec<usize> = (0..day.stops.len()).filter(|&stop| day.is_served(stop as u32)).collect();
    let mut compared = 0;
    for (index, departure) in [27_000, 28_001, 0, 63_000, 86_000, 43_210].into_iter().enumerate() {
        let origin = served[(index * 577 + 100) % served.len()];
        let access: Vec<(u32, u32)> = walks.row(origin).iter().copied().chain([(origin as u32, 0)]).collect();
        raptor.clear();
        raptor.search(departure, &access);
        let truth = referee(&merged, date, &walks, &access, departure, RaptorOptions::default());
        for stop in 0..day.stops.len() as u32 {
            for (rides, expected) in truth.iter().enumerate().skip(1) {
                assert_eq!(raptor.arrival_by_ride(stop, rides), expected[stop as usize], "{origin} → {stop}");
                compared += usize::from(expected[stop as usize] != NEVER);
            }
        }
    }
    println!(
        "Porto Alegre: {} patterns, {} trips, {compared} arrivals equal",
        day.patterns.len(),
        day.trips.len()
    );
    assert!(compared > 4_000, "{compared}");
}

#[test]
fn walks_turned_round_hold_the_same_ways() {
    let walks = Walks::from_rows([vec![(0, 5), (2, 7)], vec![], vec![(1, 9)]]);
    let turned = walks.turned(3);
    assert_eq!((turned.row(0), turned.row(1), turned.row(2)), (&[(0, 5)][..], &[(2, 9)][..], &[(0, 7)][..]));
}

/// A feed of a kilobyte can claim a departure every second, a thousand times over.
#[test]
fn frequencies_that_stand_for_too_many_trips_are_refused() {
    let mut timetable = random_timetable(&mut Chance::new(7));
    assert!(TransitDay::new(&[&timetable], DATE).is_ok());
    for trip in &mut timetable.trips {
        trip.frequencies = vec![(0, 356_400, 1); 3000];
    }
    assert!(matches!(
        TransitDay::new(&[&timetable], DATE),
        Err(scenarios::models::transit::TransitError::TooManyTrips { .. })
    ));
}

/// A day without service names days that have it, never a range that holds the day itself.
#[test]
fn a_day_without_service_names_the_nearest_days_that_have_it() {
    let told =
        |timetable: &Timetable, date: u32| TransitDay::new(&[timetable], date).unwrap_err().to_string();
    let mut timetable = random_timetable(&mut Chance::new(7));
    for service in &mut timetable.services {
        // Mondays of June 2026, and one Saturday in autumn.
        service.weekdays = [true, false, false, false, false, false, false];
        (service.start_date, service.end_date) = (2026_06_01, 2026_06_30);
        (service.added_dates, service.removed_dates) = (vec![2026_10_03], vec![]);
    }
    let text = told(&timetable, 2026_06_17);
    assert!(text.contains("nothing runs on 2026-06-17"), "{text}");
    assert!(text.contains("2026-06-15 and 2026-06-22"), "{text}");
    let text = told(&timetable, 2026_12_01);
    assert!(text.contains("nearest with service is 2026-10-03"), "{text}");
    for service in &mut timetable.services {
        service.weekdays = [false; 7];
        service.added_dates.clear();
    }
    let text = told(&timetable, 2026_06_17);
    assert!(text.contains("no trip runs on any of the days") && !text.contains("choose"), "{text}");
    timetable.services.iter_mut().for_each(|service| service.start_date = 0);
    let text = told(&timetable, 2026_06_17);
    assert!(text.contains("names no day at all") && !text.contains("choose"), "{text}");
}
