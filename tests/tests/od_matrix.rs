//! A project of the demo town with an OD matrix: as a table and as an Open Matrix file, with a scenario, and with everything
//! that can be wrong about it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Output,
};

use app::{
    commands::AppCommand,
    state::{BaselineState, Messages},
};
use harness::{HeadlessApp, json, run, stderr};
use layers::model::LayerData;
use scenarios::models::demand::ZoneTrips;
use serde_json::{Value, json as object};

/// Cars between the zones 101, 205 and 309: what the matrix "car" of the Open Matrix fixture holds.
const CARS: &str =
    "origin,destination,trips\n101,205,11\n101,309,4.5\n205,101,2.5\n205,309,4\n309,205,0.25\n309,309,1\n";
const TOTAL: f64 = 23.25;

fn omx() -> PathBuf {
    harness::root().join("layers/tests/omx/trips.omx")
}

/// A folder with a project of the demo town, its zones 101 (a point), 205 (an area) and 309 (an area around a courtyard), and
/// the matrix as a table.
struct Town {
    folder: tempfile::TempDir,
}

impl Town {
    fn new() -> Self {
        let town = Self { folder: tempfile::tempdir().unwrap() };
        let city = layers::demo::build(layers::demo::DEMO_SEED);
        let streets = city.layers.iter().find_map(|layer| match &layer.data {
            LayerData::Streets(network) => Some(network.clone()),
            _ => None,
        });
        let network = streets.unwrap();
        let near = |name: &str| {
            let link = network.links.iter().find(|link| link.name == name).unwrap();
            network.nodes[link.from as usize].position
        };
        let ring = |[x, y]: [f64; 2], half: f64| {
            object!([
                [x - half, y - half],
                [x + half, y - half],
                [x + half, y + half],
                [x - half, y + half],
                [x - half, y - half]
            ])
        };
        let [a, b, c] = ["Voorstraat", "Ringweg", "Stationsweg"].map(near);
        let zone = |id: u32, name: &str, geometry: Value| {
            object!({"type": "Feature", "id": format!("f{id}"), "geometry": geometry,
                     "properties": {"zone": id, "name": name}})
        };
        let features = [
            zone(101, "Centrum", object!({"type": "Point", "coordinates": a})),
            zone(205, "Ring", object!({"type": "Polygon", "coordinates": [ring(b, 40.0)]})),
            zone(309, "Station", object!({"type": "Polygon", "coordinates": [ring(c, 60.0), ring(c, 30.0)]})),
        ];
        town.write(
            "zones.geojson",
            &object!({"type": "FeatureCollection", "features": features,
                      "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::28992"}}})
            .to_string(),
        );
        town.write("cars.csv", CARS);
        fs::copy(omx(), town.path("trips.omx")).unwrap();
        town
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) -> String {
        fs::write(self.path(name), text).unwrap();
        self.path(name).to_string_lossy().into_owned()
    }

    /// A project with one plan that changes nothing.
    fn project(&self, name: &str, demand: &Value) -> String {
        let mut file = object!({
            "format": "stadsmaquette-project", "version": 1, "name": name, "crs": "EPSG:28992",
            "sources": ["builtin:demo"], "layers": [], "scenarios": [{"id": "now", "name": "Now", "measures": []}],
        });
        if !demand.is_null() {
            file["demand"] = demand.clone();
        }
        self.write(&format!("{name}.stadsmaquette"), &file.to_string())
    }
}

fn good(output: &Output) -> Value {
    assert_eq!(output.status.code(), Some(0), "{}", stderr(output));
    json(output)
}

/// What must be the same, however the trips were written: all but the clock and the name of the file.
fn numbers(report: &Value) -> Value {
    let mut report = report.clone();
    for scenario in report["scenarios"].as_array_mut().unwrap() {
        for key in ["seconds", "notes"] {
            scenario.as_object_mut().unwrap().remove(key);
        }
        scenario["traffic"]["matrix"].as_object_mut().unwrap().remove("source");
    }
    report
}

#[test]
fn a_table_and_an_open_matrix_give_the_same_city_and_every_trip_is_accounted_for() {
    let town = Town::new();
    let table =
        town.project("table", &object!({"matrix": "cars.csv", "zones": "zones.geojson", "id_field": "zone"}));
    let matrix = town.project(
        "matrix",
        &object!({"matrix": "trips.omx", "table": "car", "zones": "zones.geojson", "id_field": "zone"}),
    );
    let map = town.path("now.geojson").to_string_lossy().into_owned();
    let output = run(&["evaluate", &table, "--geojson", &map]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let map: Value = serde_json::from_str(&fs::read_to_string(&map).unwrap()).unwrap();
    let busiest = map["features"]
        .as_array()
        .unwrap()
        .iter()
        .map(|link| &link["properties"])
        .max_by(|a, b| a["baseline"].as_f64().unwrap().total_cmp(&b["baseline"].as_f64().unwrap()))
        .unwrap();
    let busiest = busiest["link"].as_str().unwrap();
    let [table, matrix] = [table, matrix].map(|project| {
        good(&run(&["evaluate", &project, "--pedestrian", busiest, "--json", "--quality", "answer"]))
    });
    assert_eq!(numbers(&table), numbers(&matrix));
    assert_eq!(table["fingerprint"], matrix["fingerprint"]);
    let scenario = &table["scenarios"][0];
    let found = &scenario["traffic"]["matrix"];
    assert_eq!((found["source"].as_str(), found["zones"].as_u64()), (Some("cars.csv"), Some(3)));
    let number = |value: &Value| value.as_f64().unwrap();
    assert_eq!(number(&found["trips"]), TOTAL);
    assert_eq!(number(&found["trips_inside_zones"]), 1.0);
    assert_eq!(found["zones_without_street"], object!([]));
    let now = number(&scenario["traffic"]["trips_per_hour"][0]);
    assert!((now + 1.0 - TOTAL).abs() < 1e-9, "{now} on the streets");
    // The street is closed: nobody drives there any more, and some drive elsewhere.
    let streets = scenario["streets"].as_array().unwrap();
    let treated: Vec<_> = streets.iter().filter(|street| street["is_treated"] == true).collect();
    assert!(!treated.is_empty(), "{streets:?}");
    assert!(
        treated.iter().all(|street| number(&street["central"]) == 0.0 && number(&street["baseline"]) > 0.0)
    );
    assert!(streets.iter().any(|street| number(&street["central"]) > number(&street["baseline"])));
    // Nothing is made, and nobody says so.
    let notes = scenario["notes"].to_string();
    assert!(notes.contains("23 car trips in the peak hour between 3 zones, from cars.csv"), "{notes}");
    assert!(!notes.contains("synthetic") && !notes.contains("from outside to outside"), "{notes}");
    let without = town.project("without", &Value::Null);
    let without = good(&run(&["evaluate", &without, "--json", "--quality", "preview"]));
    assert!(without["scenarios"][0]["notes"].to_string().contains("synthetic"));
    assert_ne!(without["fingerprint"], table["fingerprint"]);
}

#[test]
fn the_command_line_says_otherwise_than_the_project() {
    let town = Town::new();
    let own = town.project("own", &object!({"matrix": "gone.csv", "zones": "gone", "future": 1}));
    let (cars, zones) = (town.path("cars.csv"), town.path("zones.geojson"));
    let options =
        ["--trips", cars.to_str().unwrap(), "--zones", zones.to_str().unwrap(), "--zone-field", "zone"];
    let with = |paths: &[&str], options: &[&str]| {
        let all = [&["evaluate"], paths, options, &["--quality", "preview"]].concat();
        good(&run(&all))["scenarios"][0]["traffic"]["matrix"]["trips"].as_f64()
    };
    assert_eq!(with(&[&own], &options), Some(TOTAL));
    assert_eq!(with(&["builtin:demo"], &options), Some(TOTAL), "without a project");
    // The one layer of zones is found by itself, by the names of its neighbourhoods.
    let city = layers::demo::build(layers::demo::DEMO_SEED);
    let names: Vec<String> = city
        .layers
        .iter()
        .find_map(|layer| match &layer.data {
            LayerData::Features(data) if data.role == layers::model::FeatureRole::Zones => {
                Some((0..data.features.len()).map(|row| data.attributes.get(row, "name").to_text()).collect())
            }
            _ => None,
        })
        .unwrap();
    let line = |(a, b): (&String, &String)| format!("{a};{b};100");
    let between: Vec<String> = names.iter().zip(names.iter().skip(1)).map(line).collect();
    let table = town.write("between.csv", &format!("herkomst;bestemming;ritten\n{}", between.join("\n")));
    let total = 100.0 * (names.len() - 1) as f64;
    let found = with(&["builtin:demo"], &["--trips", &table, "--zone-field", "name"]);
    assert_eq!(found, Some(total), "the outer ring has its place inside, too");
    let output = run(&["evaluate", "builtin:demo", "--zones", "neighbourhoods"]);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
}

/// Each fault is said in words, the city is computed as without the matrix, and the program ends with 1.
#[test]
fn what_is_wrong_with_trips_is_told_together_and_the_rest_is_computed() {
    let town = Town::new();
    let zones = "zones.geojson";
    let table = |name: &str, rows: &str| {
        town.write(name, &format!("origin,destination,trips\n{rows}"));
        object!({"matrix": name, "zones": zones, "id_field": "zone"})
    };
    let cases: [(&str, Value, &[&str]); 12] = [
        (
            "gone",
            object!({"matrix": "gone.csv", "zones": zones, "id_field": "zone"}),
            &["cannot read", "gone.csv"],
        ),
        (
            "both-gone",
            object!({"matrix": "gone.omx", "zones": "gone.gpkg"}),
            &["gone.omx", "gone.gpkg", "\"neighbourhoods\"", "found neither"],
        ),
        ("nameless", object!({"zones": zones}), &["name of a file of trips", "found none"]),
        ("picture", object!({"matrix": "zones.geojson", "zones": zones}), &["a .csv or an .omx"]),
        (
            "numbers",
            table("numbers.csv", "101,205,many\n101,309,-2\n205,309,NaN\n205,101,1\n"),
            &["line 2", "\"many\"", "line 3", "\"-2\"", "line 4", "\"NaN\"", "numbers.csv"],
        ),
        ("empty", table("empty.csv", "101,205,0\n"), &["expected trips", "found none"]),
        (
            "elsewhere",
            table("elsewhere.csv", "1,2,10\n2,3,10\n"),
            &["\"1\", \"2\", \"3\"", "\"101\", \"205\", \"309\"", "found none of them"],
        ),
        (
            "more",
            table("more.csv", "101,205,10\n101,400,30\n500,205,60\n"),
            &["2 of them (\"400\", \"500\")", "90.0 of 100.0 trips", "leave them out"],
        ),
        (
            "column",
            object!({"matrix": "cars.csv", "zones": zones, "id_field": "nummer"}),
            &["\"nummer\"", "\"zone\"", "\"name\""],
        ),
        (
            "feature-ids",
            object!({"matrix": "cars.csv", "zones": zones}),
            &["the column \"zone\" has 3 of the 3 ids", "id_field", "--zone-field"],
        ),
        (
            "streets",
            object!({"matrix": "cars.csv", "zones": "streets"}),
            &["points or areas", "found a layer of"],
        ),
        (
            "choose",
            object!({"matrix": "trips.omx", "zones": zones, "id_field": "zone"}),
            &["car, freight", "found no name", "trips.omx"],
        ),
    ];
    for (name, demand, words) in cases {
        let project = town.project(name, &demand);
        let output = run(&["evaluate", &project, "--json", "--quality", "preview"]);
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(1), "{name}: {said}");
        for word in words {
            assert!(said.contains(word), "{name}: expected {word} in: {said}");
        }
        assert!(said.contains("made from people and jobs instead"), "{name}: {said}");
        let report = json(&output);
        let scenario = &report["scenarios"][0];
        assert!(scenario["notes"].to_string().contains("synthetic"), "{name}");
        assert!(scenario["traffic"]["trips_per_hour"][0].as_f64().unwrap() > 100.0, "{name}");
    }
}

/// The window's own way in: the same file, the same trips, and what it says of a file that cannot be used.
#[test]
fn the_window_takes_the_trips_of_the_project_and_keeps_them_when_it_saves() {
    let town = Town::new();
    let demand =
        object!({"matrix": "cars.csv", "zones": "zones.geojson", "id_field": "zone", "future": {"a": 1}});
    let project = town.project("window", &demand);
    let mut app = HeadlessApp::default();
    let mut open = |project: &str| {
        app.give(AppCommand::Open { paths: vec![project.into()] });
        let known = app.app.world().resource::<BaselineState>().baseline.clone().unwrap();
        let said: Vec<String> =
            app.app.world().resource::<Messages>().list.iter().flat_map(|m| m.details.clone()).collect();
        (known.known_trips().map(ZoneTrips::total), said.join("\n"))
    };
    let (known, said) = open(&town.project("broken", &object!({"matrix": "gone.csv"})));
    assert_eq!(known, None);
    assert!(said.contains("gone.csv") && said.contains("people and jobs"), "{said}");
    assert_eq!(open(&project).0, Some(TOTAL));
    app.give(AppCommand::Save { path: None });
    let saved = |path: &Path| -> Value { serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap() };
    assert_eq!(saved(Path::new(&project))["demand"], demand, "as it was, with the key of tomorrow");
    // Elsewhere the project still finds its trips, and so does the next save.
    let elsewhere = town.path("below").join("window.stadsmaquette");
    fs::create_dir(town.path("below")).unwrap();
    for _ in 0..2 {
        app.give(AppCommand::Save { path: Some(elsewhere.clone()) });
        let found = saved(&elsewhere)["demand"]["matrix"].as_str().unwrap().to_owned();
        assert_eq!(fs::canonicalize(found).unwrap(), fs::canonicalize(town.path("cars.csv")).unwrap());
    }
}
