//! `app` → `scenarios` → `layers`, never the other way, and no engine below the app (STYLE.md section 2).

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, MetadataCommand};

const LAYERS: &str = "stadsmaquette-layers";
const SCENARIOS: &str = "stadsmaquette-scenarios";
const APP: &str = "stadsmaquette";

fn direct_dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let metadata = MetadataCommand::new()
        .manifest_path(harness::root().join("Cargo.toml"))
        .no_deps()
        .exec()
        .expect("cargo metadata works in the repository");
    metadata
        .packages
        .iter()
        .map(|package| {
            let names = package
                .dependencies
                .iter()
                .filter(|dependency| dependency.kind == DependencyKind::Normal)
                .map(|dependency| dependency.name.clone())
                .collect();
            (package.name.to_string(), names)
        })
        .collect()
}

#[test]
fn dependencies_point_from_app_to_scenarios_to_layers() {
    let packages = direct_dependencies();
    let uses = |package: &str, dependency: &str| packages[package].contains(dependency);
    assert!(uses(APP, SCENARIOS) && uses(APP, LAYERS) && uses(SCENARIOS, LAYERS));
    for (package, forbidden) in [(LAYERS, SCENARIOS), (LAYERS, APP), (SCENARIOS, APP)] {
        assert!(!uses(package, forbidden), "{package} must not depend on {forbidden}");
    }
}

#[test]
fn the_engine_and_the_window_stay_in_the_app() {
    let packages = direct_dependencies();
    let forbidden_everywhere = ["bevy", "bevy_egui", "egui", "egui_plot", "egui_extras", "rfd", "clap"];
    for package in [LAYERS, SCENARIOS] {
        for name in forbidden_everywhere {
            assert!(!packages[package].contains(name), "{package} must not depend on {name}");
        }
    }
    for name in ["gdal", "gdal-sys", "proj", "proj-sys"] {
        assert!(
            !packages[SCENARIOS].contains(name),
            "scenarios must not depend on {name}: coordinates arrive metric"
        );
    }
}

/// Inside the app: `ui` and `scene` do not import each other, and only `jobs` and the command line call slow functions.
#[test]
fn panels_and_scene_do_not_know_each_other() {
    let source = harness::root().join("app/src");
    for (folder, forbidden) in [("scene", "ui::"), ("ui", "scene::")] {
        for file in rust_files(&source.join(folder)) {
            let text = std::fs::read_to_string(&file).expect("source is readable");
            for (number, line) in text.lines().enumerate() {
                let is_import = line.trim_start().starts_with("use crate::") && line.contains(forbidden);
                let is_path = line.contains(&format!("crate::{forbidden}"));
                assert!(!is_import && !is_path, "{}:{}: {line}", file.display(), number + 1);
            }
        }
    }
}

/// Axis order and EPSG codes belong to `layers/src/crs` (STYLE.md section 12).
#[test]
fn no_epsg_literal_outside_the_crs_module() {
    for folder in ["app/src", "scenarios/src", "layers/src/mesh", "layers/src/index"] {
        for file in rust_files(&harness::root().join(folder)) {
            let text = std::fs::read_to_string(&file).expect("source is readable");
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            for literal in ["28992", "7415,", "4326"] {
                let found = code.lines().find(|l| {
                    l.contains(literal) && !l.trim_start().starts_with("//") && !l.contains("7_415")
                });
                assert!(found.is_none(), "{}: {}", file.display(), found.unwrap_or_default());
            }
        }
    }
}

fn rust_files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("folder is readable").flatten() {
        let path = entry.path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}
