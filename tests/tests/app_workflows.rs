//! The story of a planner, without a window: open, pick, close a street to cars, evaluate, undo, save, reopen.

use app::commands::{AppCommand, StreetExtent, Target};
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
    let camera =
        app::commands::CameraPose { target: center, distance_m: 200.0, heading_deg: 0.0, tilt_deg: 0.0 };
    app.give(AppCommand::SetCamera { camera });
    for layer in ["trees", "sensors", "transit"] {
        app.give(AppCommand::SetLayerVisible { layer: layer.into(), is_visible: false });
    }
    let state = app.give(AppCommand::PickAt { x: 640.0, y: 360.0 });
    assert_eq!(state["selection"]["kind"], "city-object", "{}", state["selection"]);
    assert_eq!(state["selection"]["id"], id);
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

#[test]
fn the_script_of_the_story_passes() {
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
    let script = root().join("tests/scripts/story.json");
    let output = run(&["script", &project.to_string_lossy(), &script.to_string_lossy(), "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let state = json(&output);
    assert_eq!(state["scenario"]["evaluation"], "ready");
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
