//! GTFS archives, sound and broken.

use std::{io::Write, path::Path};

use layers::{
    crs::Epsg,
    model::{LayerData, Timetable},
    readers::{ReadError, ReadOutcome, Severity},
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

/// What a conformance feed must give.
enum Verdict {
    /// Reads; no fault above Info.
    Good,
    /// Reads, with this fault at a place that begins so.
    Fault(&'static str, &'static str),
    /// Is refused with these words.
    Refused(&'static [&'static str]),
}
use Verdict::{Fault, Good, Refused};

/// The folder's name says the defect.
const FEEDS: [(&str, Verdict); 21] = [
    ("good_feed.zip", Good),
    ("googletransit/good_feed", Good),
    ("flatten_feed", Good),
    ("au-sydney-entrances", Fault("tables-missing", "routes.txt, trips.txt, stop_times.txt")),
    ("bad_utf8", Fault("not-utf8", "agency.txt, row 2")),
    ("duplicate_schedule_id", Fault("duplicate-id", "calendar.txt, row ")),
    ("duplicate_stop_sequence", Fault("duplicate-sequence", "trip \"")),
    ("extra_row_cells", Fault("row-too-long", "routes.txt, row ")),
    ("invalid_route_agency", Fault("agency-unknown", "routes.txt, row 4")),
    ("missing_calendar", Fault("calendar-missing", "calendar.txt")),
    ("missing_departure_time", Fault("time-missing", "stop_times.txt, row 3")),
    ("missing_routes", Refused(&["routes.txt"])),
    ("missing_stop_times", Refused(&["stop_times.txt"])),
    ("missing_trips", Refused(&["trips.txt"])),
    ("negative_stop_sequence", Fault("stop-sequence", "stop_times.txt, row ")),
    ("repeated_route_name", Fault("route-name-repeated", "routes.txt, row 5")),
    ("undefined_stop", Fault("stop-unknown", "stop_times.txt, row ")),
    ("unrecognized_columns", Fault("column-unknown", "stops.txt, row 1, column 7")),
    ("upgrade_translations/old-feed", Refused(&["routes.txt", "stop_times.txt"])),
    ("upgrade_translations/new-feed", Refused(&["routes.txt", "stop_times.txt"])),
    ("utf8bom", Fault("byte-order-mark", "stops.txt, row 1")),
];

#[test]
fn feeds_with_a_known_defect_say_which() {
    for (name, verdict) in &FEEDS {
        let Some(path) = shared(&format!("conformance/gtfs-feeds/{name}")) else { return };
        match (read(&path), verdict) {
            (Ok(outcome), Good) => {
                assert!(!timetable(&outcome).trips.is_empty(), "{name}");
                let faults = &outcome.inspection.faults;
                assert!(faults.iter().all(|fault| fault.severity == Severity::Info), "{name}: {faults:?}");
            }
            (Ok(outcome), Fault(code, location)) => {
                let faults = &outcome.inspection.faults;
                let is_named = faults.iter().any(|fault| {
                    fault.code == *code
                        && (fault.location.starts_with(location) || fault.message.contains(location))
                        && fault.severity > Severity::Info
                });
                assert!(is_named, "{name}: {faults:?}");
                assert!(!timetable(&outcome).stops.is_empty(), "{name}: the rest loads");
            }
            (Err(error), Refused(words)) => {
                let message = error.to_string();
                assert!(matches!(error, ReadError::Malformed { .. }), "{name}: {message}");
                assert!(words.iter().all(|word| message.contains(word)), "{name}: {message}");
            }
            (Ok(outcome), Refused(_)) => panic!("{name} was read: {:?}", outcome.inspection),
            (Err(error), _) => panic!("{name}: {error}"),
        }
    }
}

#[test]
fn a_folder_a_table_in_it_and_its_zip_are_the_same_feed() {
    let Some(folder) = shared("conformance/gtfs-feeds/flatten_feed") else { return };
    let packed = zipped(&folder);
    let [of_zip, of_folder, of_table] =
        [&packed.0, &folder, &folder.join("agency.txt")].map(|path| read_ok(path));
    assert_eq!(timetable(&of_zip), timetable(&of_folder));
    assert_eq!(timetable(&of_zip), timetable(&of_table));
    assert_eq!(of_folder.layers[0].id, "flatten-feed");
    assert_eq!(of_folder.inspection.uri, folder.display().to_string());
}

#[test]
fn a_link_in_a_folder_does_not_lead_out_of_it() {
    let Some(folder) = shared("conformance/gtfs-feeds/flatten_feed") else { return };
    let scratch = Scratch::new("stops.txt", &std::fs::read(folder.join("stops.txt")).unwrap());
    for table in ["routes.txt", "trips.txt", "stop_times.txt"] {
        std::os::unix::fs::symlink(folder.join(table), scratch.0.parent().unwrap().join(table)).unwrap();
    }
    let outcome = read_ok(&scratch.0);
    assert!(timetable(&outcome).trips.is_empty() && !timetable(&outcome).stops.is_empty());
}

#[test]
fn frequencies_are_read() {
    let Some(path) = shared("conformance/gtfs-feeds/good_feed.zip") else { return };
    let outcome = read_ok(&path);
    let timetable = timetable(&outcome);
    assert!(timetable.trips.iter().any(|trip| !trip.frequencies.is_empty()), "frequencies.txt is read");
}
