//! Cut-outs: what is written opens again, in this program and in others, with the same ids, places and values.

use std::path::Path;

use harness::{json, run, shared, stderr};
use serde_json::Value;

/// A piece of the Delft data: large buildings of the university.
const BOX: &str = "84900,446200,85200,446500";

fn export(arguments: &[&str], out: &Path) {
    let path = out.to_string_lossy().into_owned();
    let output = run(&[&["export"], arguments, &["--out", &path]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(out.exists());
}

fn inspect(path: &Path) -> Value {
    json(&run(&["inspect", &path.to_string_lossy(), "--json"]))[0].clone()
}

#[test]
fn a_piece_of_delft_in_every_format_for_cities_is_the_same_buildings() {
    let Some(source) = shared("3d-city/delft_3dbag_2024.city.jsonl") else { return };
    let source = source.to_string_lossy().into_owned();
    let folder = tempfile::tempdir().unwrap();
    let mut counts = Vec::new();
    for name in ["piece.city.json", "piece.city.jsonl", "piece.gpkg", "piece.geojson", "piece.csv"] {
        let out = folder.path().join(name);
        export(&[&source, "--bbox", BOX], &out);
        let found = inspect(&out);
        let severities: Vec<&str> =
            found["faults"].as_array().unwrap().iter().filter_map(|f| f["severity"].as_str()).collect();
        assert!(!severities.contains(&"error"), "{name}: {}", found["faults"]);
        counts.push((name, found["counts"]["Building"].as_u64().or(found["features"].as_u64()).unwrap()));
        let bbox: Vec<f64> = found["bbox"].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect();
        if name != "piece.geojson" && name != "piece.csv" {
            // Whole buildings: what stands on the edge may reach out by its own size.
            assert!(
                bbox[0] > 84_700.0 && bbox[3] < 85_400.0 && bbox[1] > 446_000.0 && bbox[4] < 446_700.0,
                "{bbox:?}"
            );
            assert_eq!(
                found["crs"].as_str().map(|crs| crs.contains("7415") || crs.contains("28992")),
                Some(true)
            );
        }
    }
    assert!(counts[0].1 > 20 && counts[0].1 < 1115, "{counts:?}");
    assert!(counts.iter().all(|(_, count)| *count == counts[0].1), "{counts:?}");
    // The cut-out in the official checker's eyes.
    let text = std::fs::read_to_string(folder.path().join("piece.city.json")).unwrap();
    let checker = cjval::CJValidator::from_str(&text);
    let wrong: Vec<String> = checker
        .validate()
        .iter()
        .filter(|(_, summary)| summary.has_errors() && !summary.is_warning())
        .map(|(criterion, summary)| format!("{criterion}: {summary}"))
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn the_box_may_be_in_degrees_and_the_same_houses_come_out() {
    let Some(source) = shared("3d-city/delft_3dbag_2024.city.jsonl") else { return };
    let source = source.to_string_lossy().into_owned();
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("degrees.city.json");
    export(&[&source, "--bbox", "4.3700,51.9950,4.3750,51.9980", "--bbox-crs", "EPSG:4326"], &out);
    assert!(inspect(&out)["counts"]["Building"].as_u64().unwrap() > 0);
}

#[test]
fn the_demo_city_in_the_other_formats() {
    let folder = tempfile::tempdir().unwrap();
    let area = ["--bbox", "154700,524700,155300,525300"];
    let streets = folder.path().join("streets.gpkg");
    export(&[&area[..], &["--layer", "streets", "--layer", "transit"]].concat(), &streets);
    let found = inspect(&streets);
    assert!(found["counts"]["streets"].as_u64().unwrap() > 50, "{}", found["counts"]);
    let terrain = folder.path().join("height.tif");
    export(&area, &terrain);
    assert_eq!(inspect(&terrain)["format"], "geotiff");
    let shape = folder.path().join("houses.glb");
    export(&[&area[..], &["--layer", "buildings"]].concat(), &shape);
    let found = inspect(&shape);
    assert_eq!(found["format"], "gltf");
    assert!(found["counts"]["triangles"].as_u64().unwrap() > 10_000, "{}", found["counts"]);
}

#[test]
fn wrong_wishes_are_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("x.geojson");
    let path = out.to_string_lossy().into_owned();
    for (arguments, words, code) in [
        (vec!["--layer", "no-such-layer"], "expected --layer to be one of", 2),
        (vec!["--bbox", "155300,525300,154700,524700"], "smaller numbers first", 2),
        (vec!["--bbox", "0,0,10,10", "--layer", "streets"], "nothing in that area; the project lies in 1", 1),
        (vec![], "choose with --layer", 2),
    ] {
        let output = run(&[&["export"], &arguments[..], &["--out", &path]].concat());
        assert_eq!(output.status.code(), Some(code), "{arguments:?}");
        assert!(stderr(&output).contains(words), "{arguments:?}: {}", stderr(&output));
        assert!(!out.exists());
    }
    assert_eq!(run(&["export", "--bbox", "1,2,3", "--out", &path]).status.code(), Some(2));
}

#[test]
fn a_source_is_never_replaced_by_a_piece_of_itself() {
    let Some(source) = shared("3d-city/denhaag_subset_cj11.city.json") else { return };
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.city.json");
    std::fs::copy(source, &copy).unwrap();
    let before = std::fs::read(&copy).unwrap();
    let path = copy.to_string_lossy().into_owned();
    let output = run(&["export", &path, "--out", &path, "--force"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("the file that is read"), "{}", stderr(&output));
    assert_eq!(std::fs::read(&copy).unwrap(), before);
}

#[test]
fn a_project_without_its_sources_still_opens() {
    let Some(source) = shared("3d-city/denhaag_subset_cj11.city.json") else { return };
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data.city.json");
    std::fs::copy(source, &data).unwrap();
    let project = folder.path().join("plan.stadsmaquette");
    let path = project.to_string_lossy().into_owned();
    let output = run(&["new", &path, "--add", &data.to_string_lossy()]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stderr(&output).contains("from 1 files") && !stderr(&output).contains("could not be read"));
    std::fs::remove_file(&data).unwrap();
    let script = folder.path().join("script.json");
    std::fs::write(&script, r#"[{"do": "wait-idle"}]"#).unwrap();
    let output = run(&["script", &path, &script.to_string_lossy(), "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(json(&output)["project"].is_object(), "{}", json(&output));
}
