use std::collections::BTreeSet;

use layers::model::transit::Route;

use crate::{sensors, streets, terrain, transit};

const MONDAY: u32 = 20260615;

/// Departures of a route at a stop of this name on a day: seconds after midnight, sorted.
fn departures(short_name: &str, stop_name: &str, date: u32, weekday: usize) -> Vec<u32> {
    let table = transit();
    let mut times: Vec<u32> = table
        .trips
        .iter()
        .enumerate()
        .filter(|(_, trip)| table.routes[trip.route as usize].short_name == short_name)
        .filter(|(_, trip)| table.services[trip.service as usize].runs_on(date, weekday))
        .flat_map(|(number, _)| table.calls(number))
        .filter(|call| table.stops[call.stop as usize].name == stop_name)
        .map(|call| call.departure_secs)
        .collect();
    times.sort_unstable();
    times
}

#[test]
fn bus_5_calls_at_the_nachtwachtlaan_at_three_every_day() {
    for (date, weekday) in [(MONDAY, 0), (20260620, 5), (20260621, 6), (20261225, 4)] {
        let times = departures("5", "Nachtwachtlaan", date, weekday);
        assert!(times.contains(&(15 * 3600)), "{date}: {times:?}");
    }
}

#[test]
fn the_stop_nachtwachtlaan_lies_on_that_street() {
    for stop in transit().stops.iter().filter(|stop| stop.name == "Nachtwachtlaan") {
        let near = streets().links.iter().min_by(|a, b| {
            let gap = |l: &layers::model::Link| distance_to_line(stop.position, &l.geometry);
            gap(a).total_cmp(&gap(b))
        });
        assert_eq!(near.unwrap().name, "Nachtwachtlaan");
    }
}

#[test]
fn four_bus_lines_and_a_train_run_from_early_till_late() {
    let table = transit();
    let of_type = |kind: u16| table.routes.iter().filter(|route: &&Route| route.route_type == kind).count();
    assert_eq!((of_type(3), of_type(2)), (4, 1));
    for route in ["1", "2", "3", "5", "SPR"] {
        let weekday = departures(route, "Station Merewaarde", MONDAY, 0);
        let sunday = departures(route, "Station Merewaarde", 20260621, 6);
        assert!(weekday.len() > sunday.len() && !sunday.is_empty(), "{route}");
        assert!(weekday[0] < 7 * 3600 && *weekday.last().unwrap() > 23 * 3600, "{route} {weekday:?}");
        assert!(sunday[0] > 7 * 3600, "{route}");
    }
    for (number, trip) in table.trips.iter().enumerate() {
        let calls = table.calls(number);
        assert!(calls.len() >= 3, "{}", trip.id);
        assert!(calls.iter().all(|call| call.arrival_secs <= call.departure_secs));
        assert!(calls.windows(2).all(|pair| pair[0].departure_secs <= pair[1].arrival_secs), "{}", trip.id);
        assert!(trip.shape.as_ref().is_some_and(|shape| table.shapes.contains_key(shape)));
    }
    let ids: BTreeSet<&str> = table.trips.iter().map(|trip| trip.id.as_str()).collect();
    assert_eq!(ids.len(), table.trips.len());
    let (first, last) = table.date_range().unwrap();
    assert!(first <= MONDAY && last >= MONDAY + 7);
}

fn distance_to_line(p: [f64; 2], line: &[[f64; 2]]) -> f64 {
    line.windows(2)
        .map(|pair| {
            let d = [pair[1][0] - pair[0][0], pair[1][1] - pair[0][1]];
            let t = ((p[0] - pair[0][0]) * d[0] + (p[1] - pair[0][1]) * d[1])
                / (d[0] * d[0] + d[1] * d[1]).max(1e-12);
            let t = t.clamp(0.0, 1.0);
            (p[0] - pair[0][0] - d[0] * t).hypot(p[1] - pair[0][1] - d[1] * t)
        })
        .fold(f64::INFINITY, f64::min)
}

#[test]
fn buses_follow_streets_and_stop_beside_them() {
    let table = transit();
    for (number, trip) in table.trips.iter().enumerate() {
        if table.routes[trip.route as usize].route_type != 3 {
            continue;
        }
        let shape = &table.shapes[trip.shape.as_ref().unwrap()];
        for call in table.calls(number) {
            let stop = &table.stops[call.stop as usize];
            let gap = distance_to_line(stop.position, shape);
            assert!((1.0..14.0).contains(&gap), "{}: {} lies {gap} m from its line", trip.id, stop.name);
        }
    }
    for (id, shape) in &table.shapes {
        if id.contains("spr") {
            continue;
        }
        for p in shape.iter().step_by(7) {
            let gap = streets()
                .links
                .iter()
                .map(|link| distance_to_line(*p, &link.geometry))
                .fold(f64::MAX, f64::min);
            assert!(gap < 0.05, "{id} leaves the street by {gap} m");
        }
        // No stop has the bus turn back: shapes are no longer than twice the way as the crow flies between stops.
        assert!(shape.len() > 10);
    }
}

#[test]
fn forty_sensors_tell_a_week_that_fits_the_town() {
    let layer = sensors();
    assert_eq!(layer.things.len(), 40);
    let properties: BTreeSet<&str> = layer.datastreams.iter().map(|s| s.observed_property.as_str()).collect();
    for property in [
        "traffic_intensity",
        "NO2",
        "PM2.5",
        "noise_laeq",
        "groundwater_level",
        "parking_occupancy",
        "crowd_density",
    ] {
        assert!(properties.contains(property), "{property}");
    }
    // 2026-06-15 00:00 in Amsterdam is 22:00 UTC on the 14th.
    assert_eq!(layer.time_range(), Some((1_781_474_400, 1_781_474_400 + 167 * 3600)));
    for stream in &layer.datastreams {
        assert_eq!((stream.times.len(), stream.values.len()), (168, 168), "{}", stream.id);
        assert!(stream.times.windows(2).all(|pair| pair[1] - pair[0] == 3600));
        assert!(stream.values.iter().all(|value| value.is_finite()));
    }
    for thing in &layer.things {
        let card = &thing.card;
        assert!(card.owner.as_ref().is_some_and(|owner| owner.contains("fictief")));
        assert!(card.purpose.is_some() && card.contact.is_some());
        assert_eq!(card.processes_personal_data, Some(false));
        let [x, y, z] = thing.position.unwrap();
        let ground = terrain().height_at([x, y]).unwrap();
        assert!((0.0..6.0).contains(&(z - ground)), "{} at {z} over {ground}", thing.id);
    }
    let stream = |property: &str, place: &str| {
        let found =
            layer.datastreams.iter().find(|s| s.observed_property == property && s.name.contains(place));
        &found.unwrap_or_else(|| panic!("{property} {place}")).values
    };
    let ring = stream("traffic_intensity", "Ringweg");
    assert!(ring[8] > 8.0 * ring[3], "the morning peak stands out");
    assert!(ring[5 * 24 + 8] < 0.7 * ring[8], "Saturday morning is quiet");
    let market = stream("crowd_density", "Markt");
    assert!(market[2 * 24 + 12] > 1.4 * market[24 + 12], "market on Wednesday");
    assert!(market[5 * 24 + 13] > 1.5 * market[24 + 13], "market on Saturday");
    let voorstraat = stream("traffic_intensity", "Voorstraat");
    assert!(voorstraat[2 * 24 + 12] < 0.7 * voorstraat[24 + 12], "stalls stand in the street");
    for stream in layer.datastreams.iter().filter(|s| s.observed_property == "groundwater_level") {
        assert!(stream.values.windows(2).all(|pair| (pair[1] - pair[0]).abs() < 0.08), "groundwater is slow");
    }
}

#[test]
fn rain_has_a_hollow_to_stand_in() {
    let [x, y] = [layers::demo::ORIGIN[0] + 380.0, layers::demo::ORIGIN[1] - 880.0];
    let low = terrain().height_at([x, y]).unwrap();
    for (dx, dy) in [(260.0, 0.0), (-260.0, 0.0), (0.0, 220.0), (0.0, -220.0)] {
        let rim = terrain().height_at([x + dx, y + dy]).unwrap();
        assert!((0.5..1.4).contains(&(rim - low)), "{rim} over {low}");
    }
}
