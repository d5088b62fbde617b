//! Shared harness: where the test data lie, the built program, a headless app, pictures compared.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
    time::Duration,
};

use app::{commands::AppCommand, jobs::Jobs, snapshot::snapshot};
use bevy::prelude::*;
use serde_json::Value;

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

/// A file of the shared test data, or `None` (said on standard error) where they are not on this machine. They lie in
/// `shared/data` beside the repository or beside one of its parents.
pub fn shared(relative: &str) -> Option<PathBuf> {
    let found =
        root().ancestors().map(|folder| folder.join("shared/data").join(relative)).find(|p| p.exists());
    if found.is_none() {
        eprintln!("skipped: the shared test data are not on this machine ({relative})");
    }
    found
}

/// A small fixture of the repository.
pub fn fixture(relative: &str) -> PathBuf {
    root().join("tests/fixtures").join(relative)
}

/// The built program. Cargo puts tests in `<target>/release/deps` and the program one folder up.
pub fn program() -> PathBuf {
    let test = std::env::current_exe().unwrap_or_default();
    test.ancestors().nth(2).unwrap_or(Path::new(".")).join("stadsmaquette")
}

/// Runs the program; it must be built (`cargo test --workspace` does that).
pub fn run(arguments: &[&str]) -> Output {
    run_with(arguments, &[])
}

fn run_with(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let program = program();
    Command::new(&program)
        .args(arguments)
        .env("STADSMAQUETTE_CACHE", program.with_file_name("test-cache"))
        .envs(variables.iter().copied())
        .output()
        .unwrap_or_else(|error| panic!("cannot start {}: {error}", program.display()))
}

/// As [`run`] on a machine whose Vulkan drivers are hidden, as if there were none.
pub fn run_without_adapter(arguments: &[&str]) -> Output {
    let hidden = "/nonexistent.json";
    let variables =
        [("VK_DRIVER_FILES", hidden), ("VK_ICD_FILENAMES", hidden), ("VK_LOADER_LAYERS_DISABLE", "~all~")];
    run_with(arguments, &variables)
}

/// Standard output as JSON; panics with standard error when it is not.
pub fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("expected JSON on standard output ({error}); standard error: {}", stderr(output))
    })
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The program's state, commands and jobs without a window.
pub struct HeadlessApp {
    pub app: App,
}

impl Default for HeadlessApp {
    fn default() -> Self {
        let mut app = App::new();
        app.add_plugins(MinimalPlugins).add_plugins(app::CorePlugins);
        app.finish();
        app.cleanup();
        Self { app }
    }
}

impl HeadlessApp {
    /// Gives one command and waits until nothing is in flight.
    pub fn give(&mut self, command: AppCommand) -> Value {
        app::commands::run(self.app.world_mut(), command);
        self.settle();
        self.state()
    }

    pub fn settle(&mut self) {
        let start = std::time::Instant::now();
        loop {
            self.app.update();
            let is_loading = self.app.world().resource::<app::state::SceneTiles>().is_loading();
            if self.app.world().resource::<Jobs>().is_idle() && !is_loading {
                self.app.update();
                return;
            }
            assert!(start.elapsed() < Duration::from_mins(5), "still busy after 300 s");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    pub fn state(&self) -> Value {
        snapshot(self.app.world())
    }
}

/// Structural similarity (0 to 1) of two pictures of the same size; the pictures' sizes when they differ.
pub fn similarity(a: &Path, b: &Path) -> Result<f64, String> {
    let open = |path: &Path| {
        image::open(path).map(|i| i.to_rgb8()).map_err(|error| format!("{}: {error}", path.display()))
    };
    let (a, b) = (open(a)?, open(b)?);
    if a.dimensions() != b.dimensions() {
        return Err(format!("sizes differ: {:?} and {:?}", a.dimensions(), b.dimensions()));
    }
    image_compare::rgb_similarity_structure(&image_compare::Algorithm::MSSIMSimple, &a, &b)
        .map(|result| result.score)
        .map_err(|error| error.to_string())
}
