//! The story of a planner, without a window: open, pick, close a street to cars, evaluate, undo, save, reopen.

use app::commands::{AppCommand, CameraPose, PlacePurpose, StopMeasure, StreetExtent, Target};
use harness::{HeadlessApp, json, root, run, shared, stderr};
use layers::model::{LayerData, StreetNetwork};
use serde_json::Value;

fn with_network<T>(app: &HeadlessApp, read: impl FnOnce(&StreetNetwork) -> T) -> T {
    let project =
        app.app.world().resource::<app::state::OpenProject>().0.as_ref().expect("a project is open");
    let streets = project.street_layer().expect("the project has streets");
    let LayerData::Streets(network) = &streets.layer.data else { panic!("streets are a network") };
    read(network)
}

fn link_named(app: &HeadlessApp, name: &str) -> Target {
    let id = with_network(app, |network| {
        network.links.iter().find(|link| link.name == name).map(|link| link.id.clone())
    });
    Target::Link { layer: "streets".into(), id: id.expect("the street is there") }
}

fn indicator<'a>(state: &'a Value, id: &str) -> &'a Value {
    state["scenario"]["outcome"]["scenario"]
        .as_array()
        .and_then(|list| list.iter().find(|outcome| outcome["id"] == id))
        .unwrap_or_else(|| panic!("no indicator {id} in {}", state["scenario"]))
}

#[test]
fn a_planner_closes_the_shopping_street_undoes_saves_and_reopens() {
    let mut app = HeadlessApp::default();
    let state = app.give(AppCommand::OpenDemo);
    assert_eq!(state["project"]["crs"], "EPSG:28992");
    assert!(state["baseline"]["is_ready"].as_bool().unwrap(), "{}", state["baseline"]);
    let fingerprint = state["baseline"]["fingerprint"].clone();

    let target = link_named(&app, "Voorstraat");
    let state = app.give(AppCommand::Select { target: target.clone() });
    assert_eq!(state["selection"]["id"], target.id());
    let state = app.give(AppCommand::AddPedestrianStreet { extent: StreetExtent::WholeStreet });
    assert_eq!(state["scenario"]["evaluation"], "ready", "{}", state["messages"]);
    assert_eq!(state["scenario"]["measures"][0]["kind"], "pedestrian-street");
    assert_eq!(state["view"]["mode"], "scenario");

    let street = indicator(&state, "street-traffic");
    assert!(street["delta"]["central"].as_f64().unwrap() < -1000.0, "the street empties: {street}");
    assert_eq!(street["status"], "clear");
    let fullest = indicator(&state, "most-increased-street");
    assert!(fullest["delta"]["central"].as_f64().unwrap() > 0.0, "another street fills: {fullest}");
    for outcome in state["scenario"]["outcome"]["scenario"].as_array().unwrap() {
        if let Some(delta) = outcome["delta"].as_object() {
            let part = |key: &str| delta[key].as_f64().unwrap();
            assert!(part("low") <= part("central") && part("central") <= part("high"), "{outcome}");
        }
    }

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plan.stadsmaquette");
    let state = app.give(AppCommand::Save { path: Some(path.clone()) });
    assert_eq!(state["project"]["has_unsaved_changes"], false);

    let state = app.give(AppCommand::Undo);
    assert_eq!(state["scenario"]["measures"].as_array().unwrap().len(), 0);
    let state = app.give(AppCommand::Redo);
    assert_eq!(state["scenario"]["measures"].as_array().unwrap().len(), 1);
    assert_eq!(state["baseline"]["fingerprint"], fingerprint, "nothing changes the baseline");
    let before: Value = indicator(&state, "street-traffic").clone();

    let mut again = HeadlessApp::default();
    let state = again.give(AppCommand::Open { paths: vec![path] });
    assert_eq!(state["scenario"]["measures"].as_array().unwrap().len(), 1, "{}", state["messages"]);
    let after = indicator(&state, "street-traffic");
    let central = |value: &Value| value["delta"]["central"].as_f64().unwrap();
    assert!((central(&before) - central(after)).abs() < 1e-6 * central(after).abs(), "{before} {after}");
}

#[test]
fn a_click_on_the_view_picks_the_building_under_it() {
    let mut app = HeadlessApp::default();
    app.give(AppCommand::OpenDemo);
    // Straight down on a building: the middle of the view is the camera's target.
    let (id, center) = {
        let project = app.app.world().resource::<app::state::OpenProject>().0.as_ref().unwrap();
        let state = project.layer("buildings").unwrap();
        let LayerData::City(model) = &state.layer.data else { panic!("buildings are a city model") };
        let index = model.objects.iter().position(|o| o.parents.is_empty()).unwrap();
        let bounds = project.feature_bounds(state, index);
        (model.objects[index].id.clone(), bounds.center())
    };
    let camera = CameraPose { target: center, distance_m: 200.0, heading_deg: 0.0, tilt_deg: 0.0 };
    app.give(AppCommand::SetCamera { camera });
    for layer in ["trees", "sensors", "transit"] {
        app.give(AppCommand::SetLayerVisible { layer: layer.into(), is_visible: false });
    }
    let state = app.give(AppCommand::PickAt { x: 640.0, y: 360.0 });
    assert_eq!(state["selection"]["kind"], "city-object", "{}", state["selection"]);
    assert_eq!(state["selection"]["id"], id);
}

/// The stops of this name at which line 5 calls.
fn stops_of_5(app: &HeadlessApp, name: &str) -> Vec<(Target, [f64; 2])> {
    let project = app.app.world().resource::<app::state::OpenProject>().0.as_ref().expect("it is open");
    let state = project.layers.iter().find(|state| matches!(state.layer.data, LayerData::Transit(_)));
    let state = state.expect("the demo city has a timetable");
    let LayerData::Transit(timetable) = &state.layer.data else { unreachable!() };
    let stops = timetable.stops.iter().filter(|stop| stop.name == name && stop.id.contains("-5-"));
    stops
        .map(|stop| {
            let target = Target::Stop { layer: state.layer.id.clone(), id: stop.id.clone() };
            (target, stop.position)
        })
        .collect()
}

fn service(app: &HeadlessApp) -> &app::state::StopService {
    app.app.world().resource::<app::state::StopService>()
}

fn measures(state: &Value) -> Vec<&str> {
    let list = state["scenario"]["measures"].as_array().expect("a list of measures");
    list.iter().filter_map(|measure| measure["kind"].as_str()).collect()
}

#[test]
fn a_stop_of_a_real_city_knows_the_trains_of_another_timetable() {
    let (Some(pbf), Some(buses), Some(trains)) = (
        shared("osm-roads/porto_alegre.osm.pbf"),
        shared("transit/porto_alegre_eptc_gtfs.zip"),
        shared("transit/porto_alegre_trensurb_gtfs.zip"),
    ) else {
        return;
    };
    let mut app = HeadlessApp::default();
    app.give(AppCommand::Open { paths: vec![pbf, buses, trains] });
    // A bus that ends beside the station of the trains (5257, Pereira Parobe), half its way before.
    let (target, line) = {
        let project = app.app.world().resource::<app::state::OpenProject>().0.as_ref().unwrap();
        let found = project.layers.iter().find_map(|state| {
            let LayerData::Transit(timetable) = &state.layer.data else { return None };
            let terminal = timetable.stops.iter().position(|stop| stop.id == "5257")?;
            let trip = (0..timetable.trips.len()).find(|&trip| {
                let calls = timetable.calls(trip);
                calls.len() > 10 && calls.last().is_some_and(|call| call.stop as usize == terminal)
            })?;
            let calls = timetable.calls(trip);
            let stop = &timetable.stops[calls[calls.len() / 2].stop as usize];
            let target = Target::Stop { layer: state.layer.id.clone(), id: stop.id.clone() };
            Some((target, timetable.routes[timetable.trips[trip].route as usize].id.clone()))
        });
        found.expect("a line ends at the terminal")
    };
    let state = app.give(AppCommand::Select { target });
    let lines = state["stop"]["lines"].as_array().expect("lines were looked up");
    let line = lines.iter().find(|known| known["id"] == line).unwrap_or_else(|| panic!("{lines:?}"));
    // Of the buses this feed holds the hours from noon to five only: they are counted in its busiest hours, from one to three.
    assert!(line["departures_per_hour"].as_f64().is_some_and(|often| often > 1.0), "{line}");
    assert_eq!(state["stop"]["counted_secs"], serde_json::json!([13 * 3600, 15 * 3600]), "{state}");
    assert!(line["headway_minutes"].as_f64().is_some_and(|often| (5.0..60.0).contains(&often)), "{line}");
    let train = &line["trains"][0];
    assert_eq!(train["train"], "LINHA1", "{line}");
    assert!(train["minutes"].as_f64().is_some_and(|wait| (1.0..=20.0).contains(&wait)), "{train}");
}

#[test]
fn a_picked_stop_knows_its_lines_and_the_trains_that_one_catches() {
    let mut app = HeadlessApp::default();
    app.give(AppCommand::OpenDemo);
    let stops = stops_of_5(&app, "Nachtwachtlaan");
    assert_eq!(stops.len(), 2, "one on each side of the street");
    let mut with_trains = 0;
    for (target, _) in stops {
        app.give(AppCommand::Select { target: target.clone() });
        let (known, facts) = service(&app).stop.as_ref().expect("looked up in the background");
        assert_eq!(*known, target);
        let [line] = facts.lines.as_slice() else { panic!("line 5 alone calls there: {:?}", facts.lines) };
        assert_eq!((line.name.as_str(), line.headway_minutes), ("5", Some(15.0)));
        assert_eq!(line.departures_per_hour, 4.0);
        assert!(facts.has_other_side);
        let to_the_park = line.towards == ["Schutterspark"];
        // The bus to the park has left the station behind it.
        assert_eq!(line.trains.is_empty(), to_the_park, "{line:?}");
        for train in &line.trains {
            assert_eq!((train.train.as_str(), train.at.as_str()), ("SPR", "Station Merewaarde"));
            assert!(train.minutes >= 1.0 && train.minutes <= 20.0, "{train:?}");
            with_trains += 1;
        }
    }
    assert_eq!(with_trains, 1);
}

#[test]
fn moving_a_stop_and_halving_a_headway_change_what_public_transport_reaches() {
    let mut app = HeadlessApp::default();
    app.give(AppCommand::OpenDemo);
    let stops = stops_of_5(&app, "Nachtwachtlaan");
    app.give(AppCommand::Select { target: stops[0].0.clone() });
    // Three steps of 50 m are one measure for each side, and three steps to undo.
    let step = |east_m, north_m| AppCommand::AddStopMeasure {
        measure: StopMeasure::MoveBy { east_m, north_m },
        both_sides: true,
    };
    let mut state = Value::Null;
    for _ in 0..3 {
        state = app.give(step(-50.0, 0.0));
    }
    assert_eq!(measures(&state), ["move-stop", "move-stop"], "{}", state["messages"]);
    assert_eq!(state["scenario"]["evaluation"], "ready");
    let delta = |state: &Value, id: &str| indicator(state, id)["delta"]["central"].as_f64();
    let moved = [delta(&state, "jobs-by-transit"), delta(&state, "near-stop")];
    assert!(moved.iter().flatten().any(|change| change.abs() > 1e-6), "{moved:?}");
    assert_eq!(delta(&state, "departures"), Some(0.0), "the same buses call at another place");

    let halved = AppCommand::AddStopMeasure {
        measure: StopMeasure::SetHeadway { line: "5".into(), minutes: 7.5 },
        both_sides: false,
    };
    let state = app.give(halved);
    assert_eq!(measures(&state), ["move-stop", "move-stop", "change-frequency"]);
    assert!(delta(&state, "departures").unwrap() > 50.0, "{}", indicator(&state, "departures"));
    assert!(delta(&state, "jobs-by-transit") > moved[0], "{}", indicator(&state, "jobs-by-transit"));
    let unresolved = state["scenario"]["outcome"]["unresolved"].as_array().unwrap();
    assert!(unresolved.is_empty(), "{unresolved:?}");

    // Setting it again changes the same measure; the same number of minutes twice is no step.
    let state = app.give(AppCommand::SetHeadway { index: 2, minutes: 10.0 });
    assert_eq!(measures(&state).len(), 3);
    let state = app.give(AppCommand::Undo);
    let state = if measures(&state).len() == 3 { app.give(AppCommand::Undo) } else { state };
    assert_eq!(measures(&state), ["move-stop", "move-stop"]);
    assert_eq!(delta(&state, "jobs-by-transit"), moved[0], "an undo gives the same numbers");
    for _ in 0..3 {
        app.give(AppCommand::Undo);
    }
    let state = app.state();
    assert_eq!(measures(&state), Vec::<&str>::new());
    let state = app.give(AppCommand::Redo);
    assert_eq!(measures(&state), ["move-stop", "move-stop"]);
    // A step back is where it was: no measure is left.
    let state = app.give(step(50.0, 0.0));
    assert_eq!(measures(&state), Vec::<&str>::new());
}

#[test]
fn a_click_on_the_map_says_where_the_stop_goes_and_escape_ends_that() {
    let mut app = HeadlessApp::default();
    app.give(AppCommand::OpenDemo);
    let (target, position) = stops_of_5(&app, "Nachtwachtlaan")[0].clone();
    let camera = CameraPose {
        target: [position[0] - 60.0, position[1], 0.0],
        distance_m: 400.0,
        heading_deg: 0.0,
        tilt_deg: 0.0,
    };
    app.give(AppCommand::SetCamera { camera });
    let purpose = Some(PlacePurpose::MoveStop { both_sides: false });
    let state = app.give(AppCommand::AwaitPlace { purpose });
    assert_eq!(state["messages"][0]["text"], "message-choose-stop", "there is nothing to move yet");

    app.give(AppCommand::Select { target: target.clone() });
    app.give(AppCommand::AwaitPlace { purpose });
    // What the Escape key gives: the first ends the waiting, the stop stays picked.
    let state = app.give(AppCommand::ClearSelection);
    assert_eq!(state["selection"]["id"], target.id());
    app.give(AppCommand::AwaitPlace { purpose });
    // The middle of a view straight down is the camera's target: 60 m to the west of the stop.
    let state = app.give(AppCommand::PickAt { x: 640.0, y: 360.0 });
    assert_eq!(state["selection"]["id"], target.id(), "the click said a place and picked nothing");
    assert_eq!(measures(&state), ["move-stop"]);
    let project = app.app.world().resource::<app::state::OpenProject>().0.as_ref().unwrap();
    let moved = match &project.active().unwrap().scenario().measures[0] {
        scenarios::measures::Measure::MoveStop(moved) => moved.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(moved.stop.id, target.id());
    let [east, north] = [moved.position[0] - position[0], moved.position[1] - position[1]];
    assert!((east + 60.0).abs() < 1.0 && north.abs() < 1.0, "{east} {north}");
    // The next click picks again.
    let state = app.give(AppCommand::PickAt { x: 640.0, y: 360.0 });
    assert_eq!(measures(&state), ["move-stop"]);
    let state = app.give(AppCommand::Select { target });
    assert_eq!(measures(&state), ["move-stop"]);
    // Taking the stop away takes the place of moving it.
    let remove = AppCommand::AddStopMeasure { measure: StopMeasure::Remove, both_sides: false };
    let state = app.give(remove);
    assert_eq!(measures(&state), ["remove-stop"]);
    let state = app.give(AppCommand::AddStopMeasure { measure: StopMeasure::Restore, both_sides: false });
    assert_eq!(measures(&state), Vec::<&str>::new());
    let far = StopMeasure::MoveBy { east_m: 5_000.0, north_m: 0.0 };
    let state = app.give(AppCommand::AddStopMeasure { measure: far, both_sides: false });
    assert_eq!(measures(&state), Vec::<&str>::new());
    let messages = state["messages"].as_array().unwrap();
    assert!(messages.iter().any(|message| message["text"] == "message-stop-too-far"), "{messages:?}");
}

#[test]
fn a_street_gets_a_stop_of_the_line_that_passes() {
    let mut app = HeadlessApp::default();
    app.give(AppCommand::OpenDemo);
    // Halfway between two stops of line 5.
    let (a, b) = (stops_of_5(&app, "Nachtwachtlaan")[0].1, stops_of_5(&app, "Kapiteinslaan")[0].1);
    let middle = [f64::midpoint(a[0], b[0]), f64::midpoint(a[1], b[1])];
    let id = with_network(&app, |network| {
        let away = |link: &layers::model::Link| {
            let points = link.geometry.iter().map(|p| (p[0] - middle[0]).hypot(p[1] - middle[1]));
            points.fold(f64::INFINITY, f64::min)
        };
        let buses = network.links.iter().filter(|link| {
            (link.forward & link.backward).contains(layers::model::Modes::BUS) && !link.name.is_empty()
        });
        let nearest = buses.min_by(|a, b| away(a).total_cmp(&away(b))).expect("a street with a bus");
        nearest.id.clone()
    });
    app.give(AppCommand::Select { target: Target::Link { layer: "streets".into(), id } });
    let add = |line: Option<&str>| AppCommand::AddStopMeasure {
        measure: StopMeasure::Add { line: line.map(str::to_owned) },
        both_sides: false,
    };
    let state = app.give(add(None));
    assert_eq!(measures(&state), ["add-stop"], "{}", state["messages"]);
    let unresolved = state["scenario"]["outcome"]["unresolved"].as_array().unwrap();
    assert!(unresolved.is_empty(), "{unresolved:?}");
    let departures = indicator(&state, "departures")["delta"]["central"].as_f64().unwrap();
    assert!(departures > 0.0, "buses call at the new stop: {departures}");
    // A second one has its own id; a line that is not there is refused with those that are.
    let state = app.give(add(Some("5")));
    assert_eq!(measures(&state), ["add-stop", "add-stop"]);
    let state = app.give(add(Some("99")));
    assert_eq!(measures(&state).len(), 2);
    let messages = state["messages"].as_array().unwrap();
    let refusal = messages.iter().find(|message| message["text"] == "message-no-such-line");
    assert!(
        refusal.is_some_and(|r| r["details"][0].as_str().unwrap().contains("1, 2, 3, 5")),
        "{messages:?}"
    );
}

#[test]
fn bus_5_calls_at_nachtwachtlaan_at_three() {
    let mut app = HeadlessApp::default();
    app.give(AppCommand::OpenDemo);
    let project = app.app.world().resource::<app::state::OpenProject>().0.as_ref().unwrap();
    let three = app::time::parse("2026-06-16T15:00").unwrap();
    let found = project.layers.iter().any(|state| {
        let LayerData::Transit(timetable) = &state.layer.data else { return false };
        (0..timetable.stops.len())
            .filter(|&stop| timetable.stops[stop].name.contains("Nachtwachtlaan"))
            .any(|stop| app::view_model::calls_at(timetable, stop, "5", three))
    });
    assert!(found);
}

#[test]
fn a_street_that_is_no_longer_there_is_listed_and_the_rest_still_computes() {
    let mut app = HeadlessApp::default();
    app.give(AppCommand::OpenDemo);
    let target = link_named(&app, "Voorstraat");
    app.give(AppCommand::Select { target });
    app.give(AppCommand::AddPedestrianStreet { extent: StreetExtent::Link });
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("oud.stadsmaquette");
    app.give(AppCommand::Save { path: Some(path.clone()) });
    let mut text = std::fs::read_to_string(&path).unwrap();
    let mut file: Value = serde_json::from_str(&text).unwrap();
    file["scenarios"][0]["measures"][0]["links"][0]["id"] = "0-0-0".into();
    file["scenarios"][0]["measures"][0]["links"][0]["geometry"] =
        serde_json::json!([[0.0, 0.0], [10.0, 0.0]]);
    text = file.to_string();
    std::fs::write(&path, text).unwrap();
    let state = app.give(AppCommand::Open { paths: vec![path] });
    let unresolved = &state["scenario"]["outcome"]["unresolved"];
    assert!(unresolved[0].as_str().is_some_and(|line| line.contains("0-0-0")), "{unresolved}");
    assert_eq!(state["scenario"]["evaluation"], "ready");
}

/// Runs a script of the repository on the demo city as it is written to files, and gives the state at its end.
fn run_script_on_demo(name: &str) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("demo");
    let output = run(&["demo", "--out", &out.to_string_lossy()]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let project = std::fs::read_dir(&out)
        .unwrap()
        .flatten()
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|e| e == "stadsmaquette"))
        .expect("the demo writes its project");
    let script = root().join("tests/scripts").join(name);
    let output = run(&["script", &project.to_string_lossy(), &script.to_string_lossy(), "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    json(&output)
}

#[test]
fn the_script_of_the_story_passes() {
    assert_eq!(run_script_on_demo("story.json")["scenario"]["evaluation"], "ready");
}

#[test]
fn the_script_of_stops_moves_one_and_halves_a_headway() {
    let state = run_script_on_demo("stops.json");
    assert_eq!(state["scenario"]["evaluation"], "ready");
    let delta = |id: &str| indicator(&state, id)["delta"]["central"].as_f64();
    assert!(delta("departures").is_some_and(|more| more > 50.0), "{}", indicator(&state, "departures"));
    assert!(
        delta("jobs-by-transit").is_some_and(|more| more > 0.0),
        "{}",
        indicator(&state, "jobs-by-transit")
    );
}

#[test]
fn a_script_that_fails_says_where() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("fout.json");
    std::fs::write(&script, r#"[{"do":"assert","pointer":"/project/name","equals":"Atlantis"}]"#).unwrap();
    let Some(delft) = shared("3d-city/denhaag_subset_cj11.city.json") else { return };
    let output = run(&["script", &delft.to_string_lossy(), &script.to_string_lossy()]);
    assert_eq!(output.status.code(), Some(1));
    let message = stderr(&output);
    assert!(message.contains("/project/name") && message.contains("Atlantis"), "{message}");
}

#[test]
fn porto_alegre_closes_a_central_avenue_end_to_end() {
    let (Some(pbf), Some(eptc), Some(trensurb), Some(grid)) = (
        shared("osm-roads/porto_alegre.osm.pbf"),
        shared("transit/porto_alegre_eptc_gtfs.zip"),
        shared("transit/porto_alegre_trensurb_gtfs.zip"),
        shared("transit/porto_alegre_hexgrid.csv"),
    ) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let project = folder.path().join("porto-alegre.stadsmaquette");
    let mut arguments = vec!["new".to_owned(), project.display().to_string()];
    for path in [pbf, eptc, trensurb, grid] {
        arguments.extend(["--add".to_owned(), path.display().to_string()]);
    }
    let output = run(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let output = run(&[
        "evaluate",
        &project.display().to_string(),
        "--pedestrian",
        "Avenida Borges de Medeiros",
        "--quality",
        "answer",
        "--json",
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let report = json(&output);
    let indicators = &report["scenarios"][0]["indicators"];
    let delta = |id: &str| {
        indicators[id]["delta"]["central"].as_f64().unwrap_or_else(|| panic!("{id}: {indicators}"))
    };
    assert!(delta("street-traffic") < 0.0, "the avenue empties");
    assert!(delta("most-increased-street") > 0.0, "another street fills");
    let streets = report["scenarios"][0]["streets"].as_array().unwrap();
    assert!(
        streets.iter().any(|s| s["is_treated"] == true && s["central"].as_f64() < s["baseline"].as_f64())
    );
    assert!(
        streets.iter().any(|s| s["is_treated"] == false && s["central"].as_f64() > s["baseline"].as_f64())
    );
    for id in ["street-traffic", "vehicle-km", "hours-lost", "travel-time", "daily-needs-15min"] {
        let value = &report["baseline"][id];
        assert!(value["central"].is_number() && value["unit"].is_string(), "{id}: {value}");
    }
}
