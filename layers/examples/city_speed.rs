//! How long a city file takes to become a model with an index and meshes, beside serde_json parsing it to values.
//!
//! `city_speed FILE [--values] [--parts]`: `--values` parses the text into `serde_json::Value`s instead (one thread);
//! `--parts` asks for the model in parts and tells when each came. One run a process, so that the peak memory is its
//! own.

use std::{hint::black_box, time::Instant};

use layers::{
    crs::LocalFrame,
    index::{IdIndex, SpatialIndex},
    mesh::{TileGrid, buildings::mesh_city},
    model::{LayerData, Lod},
    readers::{self, ReadContext, Source},
};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some(path) = arguments.first() else {
        eprintln!("usage: city_speed FILE [--values] [--parts]");
        return;
    };
    let start = Instant::now();
    if arguments.iter().any(|word| word == "--values") {
        let text = std::fs::read(path).expect("the file is readable");
        println!("text in memory after {:.2} s", start.elapsed().as_secs_f64());
        let start = Instant::now();
        let values = if path.ends_with("jsonl") {
            text.split(|&byte| byte == b'\n')
                .filter(|line| !line.is_empty())
                .map(|line| serde_json::from_slice::<serde_json::Value>(line).expect("valid JSON"))
                .collect()
        } else {
            vec![serde_json::from_slice::<serde_json::Value>(&text).expect("valid JSON")]
        };
        println!("{} values in {:.2} s", values.len(), start.elapsed().as_secs_f64());
        black_box(&values);
        println!("peak memory {} MB", peak_mb());
        std::process::exit(0);
    }
    let mut context = ReadContext::default();
    if arguments.iter().any(|word| word == "--parts") {
        context.on_part = Some(Box::new(move |part| {
            let LayerData::City(model) = &part.data else { return true };
            // What a viewer does with a part before it can be seen.
            let frame = LocalFrame { origin: model.bounds().center() };
            let tiles = mesh_city(model, Lod::new(2, 2), frame, TileGrid::default(), 0);
            println!(
                "part {} of {} objects as {} tiles after {:.2} s, peak memory {} MB",
                part.number,
                model.objects.len(),
                tiles.len(),
                start.elapsed().as_secs_f64(),
                peak_mb()
            );
            true
        }));
    }
    let outcome = readers::read(&Source::from_path(path), &mut context).expect("it opens");
    let read = start.elapsed().as_secs_f64();
    println!("read in {read:.2} s, peak memory {} MB", peak_mb());
    let Some(LayerData::City(model)) = outcome.layers.first().map(|layer| &layer.data) else { return };
    println!(
        "{} objects, {} vertices, {} faults",
        model.objects.len(),
        model.vertices.len(),
        outcome.inspection.faults.len()
    );
    print_memory(model);
    let index = SpatialIndex::of_objects(model);
    let by_id = IdIndex::new(model.objects.iter().map(|object| object.id.as_str()));
    println!("index after {:.2} s", start.elapsed().as_secs_f64());
    let bounds = model.bounds();
    let frame = LocalFrame { origin: bounds.center() };
    let tiles = mesh_city(model, Lod::new(2, 2), frame, TileGrid::default(), 0);
    let triangles: usize = tiles.values().map(|tile| tile.indices.len() / 3).sum();
    println!(
        "model, index and {} tiles of {triangles} triangles after {:.2} s, peak memory {} MB",
        tiles.len(),
        start.elapsed().as_secs_f64(),
        peak_mb()
    );
    black_box((&index, &by_id));
    std::process::exit(0);
}

/// Largest resident memory of this process so far.
fn peak_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kb| kb.parse::<u64>().ok()).unwrap_or(0) / 1024
}

/// Where the memory of a model goes, with what the allocator rounds up to.
fn print_memory(model: &layers::model::CityModel) {
    let chunk = |bytes: usize| if bytes == 0 { 0 } else { (bytes + 23).next_multiple_of(16).max(32) };
    let mb = |bytes: usize| bytes >> 20;
    let geometries = || model.objects.iter().flat_map(|object| &object.geometries);
    let list =
        |of: &dyn Fn(&layers::model::Geometry) -> usize| geometries().map(of).map(chunk).sum::<usize>();
    let objects: usize = model
        .objects
        .iter()
        .map(|object| {
            chunk(object.id.capacity())
                + chunk(object.parents.capacity() * 4)
                + chunk(object.children.capacity() * 4)
                + chunk(object.geometries.capacity() * size_of::<layers::model::Geometry>())
        })
        .sum();
    println!(
        "MB: vertices {}, indices {}, ring ends {}, surface ends {}, surface types {}, shell ends {}, objects {} + {}",
        mb(model.vertices.bytes()),
        mb(list(&|g| g.indices.capacity() * 4)),
        mb(list(&|g| g.ring_ends.capacity() * 4)),
        mb(list(&|g| g.surface_ends.capacity() * 4)),
        mb(list(&|g| g.surface_types.capacity())),
        mb(list(&|g| g.shell_ends.capacity() * 4)),
        mb(model.objects.capacity() * size_of::<layers::model::CityObject>()),
        mb(objects),
    );
    for column in model.attributes.columns() {
        let bytes = column.values().bytes();
        if bytes > 1 << 20 {
            print!("{} {} MB, ", column.name, mb(bytes));
        }
    }
    println!();
    layers::memory::give_back();
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    for line in status.lines().filter(|line| line.starts_with("Rss")) {
        println!("{line}");
    }
}
