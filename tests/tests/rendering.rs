//! Reference pictures, drawn without a window on whatever Vulkan adapter there is (software will do).
//!
//! `UPDATE_SNAPSHOTS=1 ./packaging/test --test rendering` draws the references anew; look at them before committing.

use std::path::{Path, PathBuf};

use harness::{root, run, shared, similarity, stderr};

/// Structural similarity that a picture must reach; another driver draws edges a little differently.
const SIMILAR: f64 = 0.97;

/// Whether pictures can be drawn here; says so when not.
fn has_adapter() -> bool {
    let output = run(&["doctor", "--json"]);
    let has = harness::json(&output)["adapter"].is_string();
    if !has {
        eprintln!("skipped: no Vulkan adapter");
    }
    has
}

fn draw(folder: &Path, name: &str, arguments: &[&str]) -> PathBuf {
    let path = folder.join(format!("{name}.png"));
    let out = path.to_string_lossy().into_owned();
    let mut all = vec!["render"];
    all.extend_from_slice(arguments);
    all.extend_from_slice(&["--out", &out, "--size", "640x360"]);
    let output = run(&all);
    assert_eq!(output.status.code(), Some(0), "{name}: {}", stderr(&output));
    path
}

fn matches_reference(name: &str, arguments: &[&str]) {
    if !has_adapter() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let drawn = draw(folder.path(), name, arguments);
    let reference = root().join("tests/snapshots").join(format!("{name}.png"));
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::copy(&drawn, &reference).unwrap();
        return;
    }
    let score = similarity(&drawn, &reference).unwrap();
    if score < SIMILAR {
        // Kept where a person can look at it.
        let kept = std::env::temp_dir().join(format!("stadsmaquette-{name}-differs.png"));
        std::fs::copy(&drawn, &kept).unwrap();
        panic!("{name}: similarity {score:.4}, expected at least {SIMILAR}; drawn: {}", kept.display());
    }
}

#[test]
fn the_demo_city_from_above_looks_as_it_should() {
    matches_reference("demo_overview", &["--quality", "medium"]);
}

#[test]
fn the_market_square_at_eye_level_looks_as_it_should() {
    matches_reference("demo_market", &["--quality", "medium", "--camera", "155000,525000,3,60,20,80"]);
}

#[test]
fn the_buildings_of_delft_are_drawn() {
    let Some(delft) = shared("3d-city/delft_3dbag_2024.city.jsonl") else { return };
    if !has_adapter() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = draw(folder.path(), "delft", &[&delft.to_string_lossy(), "--quality", "medium"]);
    let picture = image::open(&path).unwrap().to_rgb8();
    // Roofs, walls, ground and shadow: a picture of a city has many tones, an empty one has hardly any.
    let mut tones: Vec<[u8; 3]> = picture.pixels().map(|p| p.0.map(|v| v / 8)).collect();
    tones.sort_unstable();
    tones.dedup();
    assert!(tones.len() > 30, "{} tones", tones.len());
}
