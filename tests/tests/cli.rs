//! The command line contract: verbs, exit codes, JSON keys, and messages for bad input.

use std::fmt::Write as _;

use harness::{json, run, shared, stderr};
use serde_json::Value;

#[test]
fn every_verb_has_help_and_wrong_usage_ends_with_2() {
    for verb in ["demo", "inspect", "new", "render", "evaluate", "assign", "script", "doctor"] {
        let output = run(&[verb, "--help"]);
        assert_eq!(output.status.code(), Some(0), "{verb}");
        assert!(String::from_utf8_lossy(&output.stdout).contains("Usage"), "{verb}");
    }
    assert_eq!(run(&["inspect"]).status.code(), Some(2));
    assert_eq!(run(&["render", "--size", "huge", "--out", "x.png"]).status.code(), Some(2));
}

#[test]
fn delft_is_inspected_with_exactly_its_counts() {
    let Some(path) = shared("3d-city/delft_3dbag_2024.city.jsonl") else { return };
    let output = run(&["inspect", &path.to_string_lossy(), "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let found = &json(&output)[0];
    assert_eq!(found["features"], 1115);
    assert_eq!(found["counts"]["Building"], 1115);
    assert_eq!(found["counts"]["BuildingPart"], 1116);
    let sum: u64 = found["counts"].as_object().unwrap().values().filter_map(Value::as_u64).sum();
    assert_eq!(sum, 2231);
    assert_eq!(found["lods"], serde_json::json!(["0", "1.2", "1.3", "2.2"]));
    assert_eq!(found["crs"], "EPSG:7415");
    assert_eq!(found["version"], "2.0");
    let expected = [84501.6, 445805.0, -3.7, 85675.2, 446983.5, 95.0];
    for (axis, wanted) in expected.into_iter().enumerate() {
        let value = found["bbox"][axis].as_f64().unwrap();
        assert!((value - wanted).abs() < 0.1, "bbox[{axis}] {value} {wanted}");
    }
    for key in ["uri", "format", "fields", "time", "faults"] {
        assert!(found.get(key).is_some(), "{key}");
    }
}

#[test]
fn assignment_reaches_the_published_optima() {
    for (network, zones, links, best) in
        [("SiouxFalls", 24, 76, 4_231_335.287), ("Anaheim", 38, 914, 1_286_032.171)]
    {
        let Some(net) = shared(&format!("traffic/{network}/{network}_net.tntp")) else { return };
        let Some(trips) = shared(&format!("traffic/{network}/{network}_trips.tntp")) else { return };
        let output = run(&[
            "assign",
            "--network",
            &net.to_string_lossy(),
            "--trips",
            &trips.to_string_lossy(),
            "--gap",
            "1e-4",
            "--json",
        ]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let result = json(&output);
        assert_eq!((result["zones"].as_u64(), result["links"].as_u64()), (Some(zones), Some(links)));
        assert!(result["relative_gap"].as_f64().unwrap() <= 1e-4);
        let objective = result["objective"].as_f64().unwrap();
        assert!((objective / best - 1.0).abs() < 1e-4, "{network}: {objective} against {best}");
        assert!(objective >= best * (1.0 - 1e-9), "no solution is better than the best: {objective}");
    }
}

/// The same trips as a table give the same result; a table of other zones says which ones.
#[test]
fn trips_may_be_a_table() {
    let Some(net) = shared("traffic/SiouxFalls/SiouxFalls_net.tntp") else { return };
    let Some(trips) = shared("traffic/SiouxFalls/SiouxFalls_trips.tntp") else { return };
    let known =
        scenarios::models::assignment::tntp::read_trips(&std::fs::read_to_string(&trips).unwrap()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, first: usize| {
        let mut text = String::from("origin,destination,trips\n");
        for origin in 0..known.zones {
            for destination in 0..known.zones {
                let trips = known.get(origin, destination);
                writeln!(text, "{},{},{trips}", origin + first, destination + first).unwrap();
            }
        }
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_string_lossy().into_owned()
    };
    let assign =
        |trips: &str| run(&["assign", "--network", &net.to_string_lossy(), "--trips", trips, "--json"]);
    let [one, other] = [assign(&trips.to_string_lossy()), assign(&write("trips.csv", 1))].map(|output| {
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        json(&output)["objective"].as_f64().unwrap()
    });
    assert_eq!(one.to_bits(), other.to_bits());
    let output = assign(&write("elsewhere.csv", 101));
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("\"101\""), "{}", stderr(&output));
    let odd = concat!(env!("CARGO_MANIFEST_DIR"), "/../layers/tests/omx/odd.omx");
    let output = assign(odd);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("expected"), "{}", stderr(&output));
}

/// What a file calls its things must not colour, rename or turn the terminal.
#[test]
fn names_of_a_file_reach_the_terminal_as_plain_text() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("esc.geojson");
    let feature = r#"{"type":"Feature","properties":{"type":"\u001b[31mred\u202e\u0007"},"geometry":{"type":"Point","coordinates":[4.3,52.0]}}"#;
    std::fs::write(
        &path,
        format!(r#"{{"type":"FeatureCollection","name":"\u001b]0;title\u0007","features":[{feature}]}}"#),
    )
    .unwrap();
    let output = run(&["inspect", &path.to_string_lossy()]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &stderr(&output);
    assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{text:?}");
    let output = run(&["inspect", &folder.path().join("\u{1b}[31mnone.geojson").to_string_lossy()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(!stderr(&output).contains('\u{1b}'), "{:?}", stderr(&output));
}

/// Each bad file gives exit code 1 and words that say what was expected, what was found and where; nothing panics.
#[test]
fn bad_input_is_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.to_string_lossy().into_owned()
    };
    let cases: [(String, &[&str]); 8] = [
        (file("empty.city.json", b""), &["empty", "0 bytes"]),
        (
            file(
                "truncated.city.json",
                br#"{"type":"CityJSON","version":"2.0","transform":{"scale":[1,1,1],"translate":[0,0,0]},"CityObjects":{"a":{"type":"Build"#,
            ),
            &["expected", "found", "line"],
        ),
        (
            file(
                "crs.city.json",
                br#"{"type":"CityJSON","version":"2.0","metadata":{"referenceSystem":"https://www.opengis.net/def/crs/EPSG/0/99999"},"transform":{"scale":[1,1,1],"translate":[0,0,0]},"CityObjects":{},"vertices":[]}"#,
            ),
            &["99999", "EPSG"],
        ),
        (file("photo.osm.pbf", &[0xff, 0xd8, 0xff, 0xe0, 0, 16, b'J', b'F', b'I', b'F', 0]), &["JPEG"]),
        (file("broken.zip", b"PK\x03\x04 this is no archive at all"), &["expected"]),
        (file("words.txt", b"dit is geen stad"), &["expected", "found a text", "CSV"]),
        (folder.path().join("missing.gpkg").to_string_lossy().into_owned(), &["missing.gpkg"]),
        (folder.path().to_string_lossy().into_owned(), &["folder"]),
    ];
    for (path, words) in &cases {
        let output = run(&["inspect", path, "--json"]);
        let message = stderr(&output);
        assert_eq!(output.status.code(), Some(1), "{path}: {message}");
        for word in *words {
            assert!(message.contains(word), "{path}: expected \"{word}\" in: {message}");
        }
        assert!(!message.contains("panicked"), "{message}");
    }
}

#[test]
fn a_project_of_a_newer_version_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("morgen.stadsmaquette");
    let text = r#"{"format":"stadsmaquette-project","version":99,"name":"Morgen"}"#;
    std::fs::write(&path, text).unwrap();
    let output = run(&["evaluate", &path.to_string_lossy()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("newer program"), "{}", stderr(&output));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text, "nothing was lost");
}

#[test]
fn one_broken_file_among_good_ones_is_named_and_the_rest_opens() {
    let Some(good) = shared("3d-city/rotterdam_subset_cj20.city.json") else { return };
    let folder = tempfile::tempdir().unwrap();
    let bad = folder.path().join("kapot.city.json");
    std::fs::write(&bad, "{").unwrap();
    let project = folder.path().join("twee.stadsmaquette");
    let output = run(&[
        "new",
        &project.to_string_lossy(),
        "--add",
        &good.to_string_lossy(),
        "--add",
        &bad.to_string_lossy(),
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stderr(&output).contains("kapot.city.json"), "{}", stderr(&output));
    let saved: Value = serde_json::from_slice(&std::fs::read(&project).unwrap()).unwrap();
    assert_eq!(saved["layers"].as_array().unwrap().len(), 1);
}

#[test]
fn the_doctor_names_what_it_looked_at() {
    let output = run(&["doctor", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let found = json(&output);
    for key in ["gdal", "proj", "adapter", "grids_exact", "findings"] {
        assert!(found.get(key).is_some(), "{key}");
    }
    for finding in found["findings"].as_array().unwrap() {
        let is_well = finding["ok"].as_bool().unwrap();
        assert!(
            is_well || !finding["advice"].as_str().unwrap().is_empty(),
            "{finding}: what is wrong has advice"
        );
    }
}

#[test]
fn without_a_vulkan_adapter_the_doctor_says_how_to_mend_it() {
    let output = harness::run_without_adapter(&["doctor", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let report = json(&output);
    assert!(report["adapter"].is_null(), "{report}");
    let graphics = &report["findings"][0];
    assert_eq!(graphics["ok"], false);
    assert!(graphics["advice"].as_str().unwrap().contains("mesa-vulkan-drivers"), "{graphics}");
}

#[test]
fn without_a_vulkan_adapter_pictures_and_windows_are_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("picture.png");
    let output = harness::run_without_adapter(&["render", "--out", &out.to_string_lossy()]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stderr(&output).contains("mesa-vulkan-drivers"), "{}", stderr(&output));
    assert!(!stderr(&output).contains("panicked"), "{}", stderr(&output));
    assert!(!out.exists());
}
