//! GTFS archives, sound and broken.

use std::{io::Write, path::Path};

use layers::{
    crs::Epsg,
    model::{LayerData, Timetable},
    readers::{ReadError, ReadOutcome},
};

use crate::support::{Scratch, assert_near, counts, read, read_ok, shared};

fn timetable(outcome: &ReadOutcome) -> &Timetable {
    let LayerData::Transit(timetable) = &outcome.layers[0].data else { panic!("a timetable") };
    timetable
}

#[test]
fn real_feeds_have_the_counts_that_others_found() {
    for (name, [routes, trips, stops, stop_times], bbox, dates, crs) in [
        (
            "porto_alegre_eptc_gtfs.zip",
            [115, 2374, 3986, 130_019],
            [-51.2658, -30.2414, -51.062, -29.9747],
            ["2019-04-15", "2019-12-25"],
            Epsg(32722),
        ),
        (
            "porto_alegre_trensurb_gtfs.zip",
            [2, 1248, 24, 14_855],
            [-51.2283, -30.0263, -51.133, -29.6867],
            ["2019-03-01", "2019-12-31"],
            Epsg(32722),
        ),
        (
            "caltrain_gtfs.zip",
            [3, 252, 31, 4560],
            [-122.4084, 37.0031, -121.5671, 37.7764],
            ["2009-03-02", "2019-08-31"],
            Epsg(32610),
        ),
        (
            "king_county_metro_gtfs.zip",
            [219, 282, 56, 6923],
            [-122.3705, 47.5991, -122.3178, 47.6454],
            ["2016-04-13", "2016-09-09"],
            Epsg(32610),
        ),
    ] {
        let Some(path) = shared(&format!("transit/{name}")) else { return };
        let outcome = read_ok(&path);
        let expected = [("routes", routes), ("stop_times", stop_times), ("stops", stops), ("trips", trips)];
        assert_eq!(counts(&outcome.inspection).into_iter().collect::<Vec<_>>(), expected, "{name}");
        let [x0, y0, _, x1, y1, _] = outcome.inspection.bbox.unwrap();
        assert_near(&[x0, y0, x1, y1], &bbox, 6e-5);
        assert_eq!(outcome.inspection.time, Some(dates.map(str::to_owned)), "{name}");
        assert_eq!(outcome.crs, crs);
        let timetable = timetable(&outcome);
        let called: usize = (0..timetable.trips.len()).map(|trip| timetable.calls(trip).len()).sum();
        assert_eq!(called, timetable.stop_times.len(), "{name}: every call belongs to one trip");
        for trip in 0..timetable.trips.len() {
            let times: Vec<u32> = timetable
                .calls(trip)
                .iter()
                .flat_map(|call| [call.arrival_secs, call.departure_secs])
                .collect();
            assert!(times.is_sorted(), "{name} {}", timetable.trips[trip].id);
        }
        assert!(timetable.trips.iter().any(|trip| {
            trip.shape
                .as_ref()
                .is_some_and(|shape| timetable.shapes.get(shape).is_some_and(|points| points.len() > 2))
        }));
        println!("{name}: {:?}", outcome.inspection.faults);
    }
}

#[test]
fn a_train_keeps_its_times_and_its_days() {
    let Some(path) = shared("transit/caltrain_gtfs.zip") else { return };
    let outcome = read_ok(&path);
    let timetable = timetable(&outcome);
    assert_eq!(timetable.timezone, "America/Los_Angeles");
    let trip = timetable.trips.iter().position(|trip| trip.id == "10120090831").unwrap();
    let calls = timetable.calls(trip);
    let at = |name: &str| {
        calls.iter().find(|call| timetable.stops[call.stop as usize].id == name).map(|call| call.arrival_secs)
    };
    assert_eq!(at("22nd Street Caltrain"), Some(5 * 3600 + 52 * 60));
    assert_eq!(at("Bayshore Caltrain"), Some(5 * 3600 + 47 * 60));
    let service = &timetable.services[timetable.trips[trip].service as usize];
    assert!(service.runs_on(20_100_104, 0) != service.runs_on(20_100_109, 5), "weekday or weekend, not both");
}

/// A zip of a folder with tables, as the conformance feeds lie unpacked.
fn zipped(folder: &Path) -> Scratch {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let mut names: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    for path in names {
        zip.start_file(path.file_name().unwrap().to_str().unwrap(), zip::write::SimpleFileOptions::default())
            .unwrap();
        zip.write_all(&std::fs::read(&path).unwrap()).unwrap();
    }
    Scratch::new("feed.zip", &zip.finish().unwrap().into_inner())
}

#[test]
fn feeds_with_a_known_defect_say_which() {
    for (folder, code) in [
        ("bad_utf8", Some("not-utf8")),
        ("duplicate_schedule_id", Some("duplicate-id")),
        ("duplicate_stop_sequence", Some("duplicate-sequence")),
        ("extra_row_cells", Some("row-too-long")),
        ("negative_stop_sequence", Some("stop-sequence")),
        ("undefined_stop", Some("stop-unknown")),
        ("missing_calendar", Some("calendar-missing")),
        ("utf8bom", None),
        ("unrecognized_columns", None),
        ("flatten_feed", None),
    ] {
        let Some(path) = shared(&format!("conformance/gtfs-feeds/{folder}")) else { return };
        let feed = zipped(&path);
        let outcome = read_ok(&feed.0);
        let codes: Vec<&str> = outcome.inspection.faults.iter().map(|fault| fault.code).collect();
        match code {
            Some(code) => assert!(codes.contains(&code), "{folder}: {:?}", outcome.inspection.faults),
            None => assert!(timetable(&outcome).stops.len() > 1, "{folder}"),
        }
        assert!(!timetable(&outcome).trips.is_empty(), "{folder}: the rest loads");
    }
}

#[test]
fn a_feed_without_a_needed_table_is_refused_by_the_tables_name() {
    for table in ["routes", "stop_times", "trips"] {
        let Some(path) = shared(&format!("conformance/gtfs-feeds/missing_{table}")) else { return };
        let error = read(&zipped(&path).0).unwrap_err();
        assert!(
            matches!(error, ReadError::Malformed { .. })
                && error.to_string().contains(&format!("{table}.txt")),
            "{error}"
        );
    }
    let Some(path) = shared("conformance/gtfs-feeds/good_feed.zip") else { return };
    let outcome = read_ok(&path);
    let timetable = timetable(&outcome);
    assert!(timetable.trips.iter().any(|trip| !trip.frequencies.is_empty()), "frequencies.txt is read");
}
