//! Opening large data: ratios against peers in the same run. `packaging/bench` runs it after the first numbers.
//!
//! Makes its files in `STADSMAQUETTE_BENCH` (default: a folder in the system's temporary folder) and leaves them there
//! for the next run; they take 4 GB. Peers that are not installed are left out and said so.

use std::{
    hint::black_box,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

// Brings the program's allocator.
use app as _;
use harness::shared;
use layers::{
    cache::{self, Cache, OpenOptions},
    crs::LocalFrame,
    index::SpatialIndex,
    mesh::{TileGrid, buildings::mesh_city_each},
    model::{CityModel, LayerData, Lod},
    readers::{ReadContext, Source},
    stored::tiles::{TileFile, TileFileWriter, TilesFor},
};

const BUILDINGS: usize = 100_000;
/// About 2.5 GB as one CityJSON document.
const MANY_BUILDINGS: usize = 322_000;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [word, path, ..] = arguments.as_slice()
        && word == "--first-part"
    {
        return first_part(Path::new(path));
    }
    let folder = std::env::var_os("STADSMAQUETTE_BENCH")
        .map_or_else(|| std::env::temp_dir().join("stadsmaquette-bench"), PathBuf::from);
    std::fs::create_dir_all(&folder).expect("a folder for large files");
    println!("| what | number | beside it |\n|---|---|---|");
    city(&folder);
    first_objects(&folder);
    geojson(&folder);
}

fn seconds(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64()
}

/// Delft's buildings repeated, by the repeater of `layers/examples`.
fn repeated(folder: &Path, name: &str, buildings: usize) -> Option<PathBuf> {
    let source = shared("3d-city/delft_3dbag_2024.city.jsonl")?;
    let path = folder.join(name);
    if !path.exists() {
        let program = std::env::current_exe().ok()?;
        let repeater = program.ancestors().nth(2)?.join("examples/repeat_city");
        let status = Command::new(repeater)
            .args([source.as_os_str(), buildings.to_string().as_ref(), path.as_os_str()])
            .stdout(std::process::Stdio::null())
            .status();
        if !status.is_ok_and(|status| status.success()) {
            println!("| {name} | could not be made | |");
            return None;
        }
    }
    Some(path)
}

fn model_of(opened: &cache::Opened) -> &CityModel {
    match &opened.outcome.layers[0].data {
        LayerData::City(model) => model,
        other => panic!("expected a city, found {}", other.kind()),
    }
}

/// Reading to a model with an index and prepared tiles; the same from the cache; beside serde_json and cjio.
fn city(folder: &Path) {
    let Some(path) = repeated(folder, "city.city.jsonl", BUILDINGS) else { return };
    let values = seconds(|| {
        let text = std::fs::read(&path).expect("the file is readable");
        for line in text.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()) {
            black_box(serde_json::from_slice::<serde_json::Value>(line).expect("valid JSON"));
        }
    });
    let cache_folder = folder.join("cache");
    let _ = std::fs::remove_dir_all(&cache_folder);
    let cache = Cache::open(&cache_folder, u64::MAX).expect("a folder for the cache");
    let options = OpenOptions { cache: Some(cache.clone()), ..OpenOptions::default() };
    let source = Source::from_path(&path);
    let frame_of = |model: &CityModel| LocalFrame { origin: model.bounds().center() };
    // In memory: what is asked of a first opening without a cache.
    let mut triangles = 0;
    let in_memory = seconds(|| {
        let opened =
            cache::open(&source, &mut ReadContext::default(), &OpenOptions::default()).expect("it opens");
        let model = model_of(&opened);
        black_box(SpatialIndex::of_objects(model));
        mesh_city_each(model, Lod::new(2, 2), frame_of(model), TileGrid::default(), 0, |_, mesh| {
            triangles += mesh.indices.len() / 3;
        });
    });
    println!(
        "| {BUILDINGS} buildings to indexed meshes | {:.2} × serde_json Values | {in_memory:.2} s, Values {values:.2} s, {triangles} triangles |",
        in_memory / values
    );
    let made_for = |model: &CityModel| TilesFor {
        origin: frame_of(model).origin,
        style: "bench".to_owned(),
        features: model.objects.len() as u64,
    };
    let tiles = folder.join("cache/bench.tiles");
    // What the program does at the first opening of a large file: the tiles go to the cache.
    let mut kept = Duration::ZERO;
    let first = seconds(|| {
        let opened = cache::open(&source, &mut ReadContext::default(), &options).expect("it opens");
        let model = model_of(&opened);
        black_box(SpatialIndex::of_objects(model));
        let mut writer = TileFileWriter::create(&tiles).expect("a file for tiles");
        mesh_city_each(model, Lod::new(2, 2), frame_of(model), TileGrid::default(), 0, |key, mesh| {
            writer.add(key, &mesh).expect("room on the disk");
        });
        black_box(writer.finish(&made_for(model)).expect("room on the disk"));
        let start = Instant::now();
        cache.keep(opened.key.as_ref().expect("a key"), &opened.outcome).expect("room on the disk");
        kept = start.elapsed();
    }) - kept.as_secs_f64();
    // The best of three: the first one after writing still pays for the writing.
    let (mut near, mut second, mut parts) = (0, f64::INFINITY, String::new());
    for _ in 0..3 {
        near = 0;
        let start = Instant::now();
        let opened = cache::open(&source, &mut ReadContext::default(), &options).expect("it opens");
        assert!(opened.was_cached);
        let model = model_of(&opened);
        let at_model = start.elapsed().as_secs_f64();
        black_box(SpatialIndex::of_objects(model));
        let at_index = start.elapsed().as_secs_f64();
        let file = TileFile::open(&tiles, &made_for(model)).expect("the tiles are there");
        // The first batch of tiles is on the screen; the others stream in.
        for entry in file.entries().iter().take(48) {
            near += file.load(entry, 0).expect("a sound tile").indices.len() / 3;
        }
        black_box(file);
        let all = start.elapsed().as_secs_f64();
        if all < second {
            second = all;
            parts = format!(
                "model {at_model:.2} s, index {:.2} s, tiles {:.2} s",
                at_index - at_model,
                all - at_index
            );
        }
    }
    println!(
        "| second opening | {:.1} × faster | {first:.2} s, then {second:.2} s to the model, its index and the first 48 tiles ({near} triangles; {parts}); keeping took {:.2} s more in the background |",
        first / second,
        kept.as_secs_f64()
    );
    cjio(folder);
}

/// cjio, where it is installed, loading a file of 20,000 buildings.
fn cjio(folder: &Path) {
    let Some(path) = repeated(folder, "peer.city.json", 20_000) else { return };
    // The best of three each.
    let (mut ours, mut theirs) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..3 {
        let start = Instant::now();
        let output = Command::new("cjio").arg(&path).arg("info").output();
        theirs = theirs.min(start.elapsed().as_secs_f64());
        if !output.is_ok_and(|output| output.status.success()) {
            println!("| beside cjio | skipped | cjio is not installed (pip install cjio) |");
            return;
        }
        ours = ours.min(seconds(|| {
            let opened =
                cache::open(&Source::from_path(&path), &mut ReadContext::default(), &OpenOptions::default())
                    .expect("it opens");
            black_box(SpatialIndex::of_objects(model_of(&opened)));
        }));
    }
    println!(
        "| 20,000 buildings beside `cjio info` | {:.0} × faster | {ours:.2} s, cjio {theirs:.2} s |",
        theirs / ours
    );
}

/// A document of 2.5 GB: when its first objects can be drawn, and the memory of the whole reading, in a process of its
/// own.
fn first_objects(folder: &Path) {
    let Some(path) = repeated(folder, "large.city.json", MANY_BUILDINGS) else { return };
    let size = std::fs::metadata(&path).map_or(0, |metadata| metadata.len());
    let program = std::env::current_exe().expect("this program");
    let output = Command::new(program).arg("--first-part").arg(&path).output().expect("it starts");
    let said = String::from_utf8_lossy(&output.stdout);
    println!("| CityJSON of {:.2} GB | {} | limit 5 s and 4 GB |", size as f64 / 1e9, said.trim());
}

fn first_part(path: &Path) {
    use std::sync::{Arc, Mutex};
    let start = Instant::now();
    let first = Arc::new(Mutex::new(None));
    let seen = first.clone();
    let mut context = ReadContext {
        on_part: Some(Box::new(move |part| {
            let LayerData::City(model) = &part.data else { return true };
            let mut first = seen.lock().expect("one reader");
            if first.is_some() {
                return false;
            }
            let frame = LocalFrame { origin: model.bounds().center() };
            let mut triangles = 0;
            mesh_city_each(model, Lod::new(2, 2), frame, TileGrid::default(), 0, |_, mesh| {
                triangles += mesh.indices.len() / 3;
            });
            *first = Some((start.elapsed(), model.objects.len(), triangles));
            false
        })),
        ..ReadContext::default()
    };
    let opened =
        cache::open(&Source::from_path(path), &mut context, &OpenOptions::default()).expect("it opens");
    let whole = start.elapsed().as_secs_f64();
    let (time, objects, triangles) =
        first.lock().expect("one reader").take().expect("parts were handed over");
    println!(
        "first {objects} objects meshed ({triangles} triangles) after {:.2} s; all {} after {whole:.1} s; peak memory {} MB",
        time.as_secs_f64(),
        model_of(&opened).objects.len(),
        peak_mb()
    );
    // The system takes the memory back faster than thousands of destructors.
    std::process::exit(0);
}

fn peak_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok()).map_or(0, |kb| kb / 1024)
}

/// GeoJSON against GDAL's own program on the same file.
fn geojson(folder: &Path) {
    let Some(source) = shared("nl-vector/delft_tudcampus_bag_footprints.geojson") else { return };
    let path = folder.join("footprints.geojson");
    if !path.exists() {
        let text = std::fs::read_to_string(&source).expect("the file is readable");
        let mut document: serde_json::Value = serde_json::from_str(&text).expect("valid JSON");
        let features = document["features"].as_array().cloned().unwrap_or_default();
        document["features"] = std::iter::repeat_n(features, 42).flatten().collect();
        std::fs::write(&path, document.to_string()).expect("room on the disk");
    }
    let size = std::fs::metadata(&path).map_or(0, |metadata| metadata.len());
    let ours = seconds(|| {
        black_box(
            cache::open(&Source::from_path(&path), &mut ReadContext::default(), &OpenOptions::default())
                .expect("it opens"),
        );
    });
    let start = Instant::now();
    let output = Command::new("ogrinfo").arg("-al").arg(&path).stdout(std::process::Stdio::null()).status();
    let theirs = start.elapsed().as_secs_f64();
    if output.is_ok_and(|status| status.success()) {
        println!(
            "| GeoJSON of {:.0} MB beside `ogrinfo -al` | {:.1} × faster | {ours:.2} s, ogrinfo {theirs:.2} s |",
            size as f64 / 1e6,
            theirs / ours
        );
    } else {
        println!("| GeoJSON beside `ogrinfo` | skipped | it is not installed (gdal-bin) |");
    }
}
