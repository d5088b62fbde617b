//! Measured numbers for the table "Numbers to reach": ratios against a peer in the same run, and times.
//!
//! `cargo bench -p …` is not used: `packaging/bench` runs this with the one profile everything else has.

use std::{
    hint::black_box,
    path::Path,
    time::{Duration, Instant},
};

use app::{
    commands::Mode,
    jobs::{load, tiles},
    project::{DEMO_URI, Project},
    scene::{camera::CameraRig, picking, styles},
    state::{LayerTileSet, SceneTiles, Selection},
};
use bevy::math::Vec2;
use harness::shared;
use layers::{
    index::SpatialIndex,
    readers::{self, Progress, ReadContext, Source},
};
use scenarios::{
    Assumptions, Baseline, Quality, Scenario,
    measures::{Measure, PedestrianStreet},
    models::assignment::{AssignOptions, assign, tntp},
    street,
};

fn main() {
    println!("| what | number | beside it |\n|---|---|---|");
    reading();
    index();
    picking_and_styling();
    assignment();
    scenario();
}

/// The shortest of several runs: other programs on the machine only ever add.
fn best<T>(runs: usize, mut work: impl FnMut() -> T) -> (Duration, T) {
    let mut shortest = Duration::MAX;
    let mut result = None;
    for _ in 0..runs {
        let start = Instant::now();
        let value = black_box(work());
        shortest = shortest.min(start.elapsed());
        result = Some(value);
    }
    (shortest, result.expect("at least one run"))
}

fn row(what: &str, number: String, beside: String) {
    println!("| {what} | {number} | {beside} |");
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// CityJSON to drawable tiles with an index, against serde_json parsing the same lines into values on one thread.
fn reading() {
    let Some(path) = shared("3d-city/delft_3dbag_2024.city.jsonl") else { return };
    let text = std::fs::read_to_string(&path).expect("the file is readable");
    let (reference, ()) = best(5, || {
        for line in text.lines() {
            black_box(serde_json::from_str::<serde_json::Value>(line).expect("valid JSON"));
        }
    });
    let (ours, triangles) = best(5, || {
        let project = load::load(&[path.display().to_string()], &Progress::default()).expect("it opens");
        tiles::inputs(&project)
            .iter()
            .map(|input| tiles::build(input).tiles.values().map(|mesh| mesh.indices.len() / 3).sum::<usize>())
            .sum::<usize>()
    });
    row(
        "CityJSONSeq (Delft, 1,115 buildings) to drawable tiles",
        format!("{:.0} ms, {triangles} triangles", milliseconds(ours)),
        format!(
            "{:.2} × serde_json to values ({:.0} ms)",
            ours.as_secs_f64() / reference.as_secs_f64(),
            milliseconds(reference)
        ),
    );
    let (read_only, _) = best(5, || {
        readers::read(&Source::from_path(Path::new(&path)), &mut ReadContext::default())
            .expect("it opens")
            .layers
            .len()
    });
    row("the same, reading only", format!("{:.0} ms", milliseconds(read_only)), String::new());
}

/// Nearest and in-box over a million points.
fn index() {
    const POINTS: usize = 1_000_000;
    let mut seed = 1_u64;
    let mut random = move || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 11) as f64 / (1_u64 << 53) as f64
    };
    let points: Vec<[f64; 2]> = (0..POINTS).map(|_| [random() * 1e5, random() * 1e5]).collect();
    let (build, index) = best(1, || SpatialIndex::of_points(points.iter().copied()));
    let queries: Vec<[f64; 2]> = (0..10_000).map(|_| [random() * 1e5, random() * 1e5]).collect();
    let (nearest, _) = best(3, || queries.iter().filter_map(|&q| index.nearest(q)).count());
    let (boxes, hits) = best(3, || {
        queries
            .iter()
            .map(|q| index.in_box([q[0], q[1], q[0] + 1000.0, q[1] + 1000.0]).count())
            .sum::<usize>()
    });
    let count = queries.len() as f64;
    row(
        "nearest over 1,000,000 points",
        format!("{:.2} µs", nearest.as_secs_f64() * 1e6 / count),
        format!("bulk load {:.2} s", build.as_secs_f64()),
    );
    row(
        "in box over 1,000,000 points",
        format!("{:.2} µs", boxes.as_secs_f64() * 1e6 / count),
        format!("{:.0} hits each", hits as f64 / count),
    );
}

fn demo() -> (Project, SceneTiles) {
    let project = load::load(&[DEMO_URI.to_owned()], &Progress::default()).expect("the demo city is made");
    let mut scene = SceneTiles::default();
    for input in tiles::inputs(&project) {
        let built = tiles::build(&input);
        let set = LayerTileSet {
            tiles: built.tiles,
            casts_shadow: built.casts_shadow,
            is_new: false,
            ..LayerTileSet::default()
        };
        scene.layers.insert(built.layer, set);
    }
    (project, scene)
}

/// Start to something drawable, picking, and restyling the demo city.
fn picking_and_styling() {
    let (ready, (project, scene)) = best(3, demo);
    let buildings = project.layer("buildings").map_or(0, |s| app::project::feature_count(&s.layer.data));
    let triangles: usize =
        scene.layers.values().flat_map(|set| set.tiles.values()).map(|mesh| mesh.indices.len() / 3).sum();
    let tiles: usize = scene.layers.values().map(|set| set.tiles.len()).sum();
    row(
        "demo city made and meshed",
        format!("{:.2} s", ready.as_secs_f64()),
        format!("{buildings} buildings, {triangles} triangles, {tiles} tiles"),
    );
    let size = Vec2::new(1280.0, 720.0);
    let pose = project.camera.expect("the demo has a first view");
    let rig = CameraRig::from_pose(pose, project.frame, app::commands::ViewKind::ThreeD);
    let mut times: Vec<Duration> = (0..1000)
        .map(|i| {
            let pixel = Vec2::new((i * 37 % 1280) as f32, (i * 91 % 720) as f32);
            let start = Instant::now();
            black_box(picking::pick(&project, &scene, &rig, pixel, size));
            start.elapsed()
        })
        .collect();
    times.sort();
    row(
        "pick in the demo city",
        format!("{:.3} ms (p99)", milliseconds(times[989])),
        format!("{:.3} ms (median)", milliseconds(times[500])),
    );
    let (restyle, styles) = best(5, || {
        styles::compute(
            &project,
            &Selection::default(),
            app::commands::ThemeKind::Light,
            Mode::Compare,
            false,
            styles::Shown::default(),
        )
    });
    row(
        "restyle everything",
        format!("{:.0} µs", restyle.as_secs_f64() * 1e6),
        format!("{} features, no scenario", styles.len()),
    );
}

fn assignment() {
    for name in ["SiouxFalls", "Anaheim"] {
        let (Some(net), Some(trips)) = (
            shared(&format!("traffic/{name}/{name}_net.tntp")),
            shared(&format!("traffic/{name}/{name}_trips.tntp")),
        ) else {
            return;
        };
        let read = |path: &Path| std::fs::read_to_string(path).expect("the file is readable");
        let network = tntp::read_network(&read(&net)).expect("a network");
        let table = tntp::read_trips(&read(&trips)).expect("trips");
        let options = AssignOptions {
            gap: 1e-4,
            toll_weight: 0.0,
            distance_weight: 0.0,
            threads: 2,
            max_iterations: 10_000,
        };
        let (time, result) =
            best(3, || assign(&network, &table, &options, &Progress::default()).expect("it converges"));
        row(
            &format!("assignment {name} to gap 1e-4"),
            format!("{:.3} s", time.as_secs_f64()),
            format!("{} iterations, objective {:.1}", result.iterations, result.objective),
        );
    }
}

/// From an edit to all indicators, and an undo.
fn scenario() {
    let project = load::load(&[DEMO_URI.to_owned()], &Progress::default()).expect("the demo city is made");
    let layers: Vec<_> = project.layers.iter().map(|state| state.layer.clone()).collect();
    let baseline = Baseline::from_layers(&layers, &Assumptions::default()).expect("the demo has streets");
    let network = baseline.network().clone();
    let first =
        network.links.iter().position(|link| link.name == "Voorstraat").expect("the demo has a Voorstraat");
    let mut scenario = Scenario::new("bench", "bench");
    scenario.measures.push(Measure::PedestrianStreet(PedestrianStreet::on_links(
        &network,
        &street::whole_street(&network, first),
    )));
    let run = |scenario: &Scenario, quality| {
        scenarios::evaluate(&baseline, scenario, &Progress::default(), quality).expect("it evaluates")
    };
    let start = Instant::now();
    run(&Scenario::new("none", "none"), Quality::Answer);
    row(
        "baseline equilibrium, demo city",
        format!("{:.2} s", start.elapsed().as_secs_f64()),
        format!("{} links", network.links.len()),
    );
    for (name, quality) in
        [("preview", Quality::Preview), ("answer", Quality::Answer), ("refined", Quality::Refined)]
    {
        // What was computed for the scenario is forgotten each time; what belongs to the baseline is there, as it is in
        // the window when somebody edits.
        let (mut time, mut result) = (Duration::MAX, None);
        for _ in 0..3 {
            baseline.engine().forget();
            run(&Scenario::new("none", "none"), Quality::Answer);
            let start = Instant::now();
            let outcome = run(&scenario, quality);
            time = time.min(start.elapsed());
            result = Some(outcome);
        }
        let result = result.expect("it ran");
        row(
            &format!("edit to indicators, {name}, demo city"),
            format!("{:.2} s", time.as_secs_f64()),
            format!("gap {:.1e}", result.traffic.map_or(f64::NAN, |traffic| traffic.relative_gap)),
        );
    }
}
