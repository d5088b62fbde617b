//! Damaged models, tiles and point clouds: a reader answers each with an error or with what is left, never with a panic,
//! and soon.
//!
//! The short run is part of the tests. The long one is asked for:
//! `MUTATION_SECONDS=600 cargo test --release --test readers -- --ignored mutations --nocapture`

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use layers::readers::{READERS, ReadContext, Source};

use crate::support::{Scratch, fixture, shared};

/// Formats and the folders that hold sound and unsound files of them.
const FOLDERS: [&str; 4] = ["las", "gltf", "obj", "3d-tiles"];
/// Largest seed: larger ones are slow and no richer.
const MAX_SEED_BYTES: u64 = 250_000;

fn seeds() -> Vec<(String, Vec<u8>)> {
    let mut paths: Vec<PathBuf> = Vec::new();
    for folder in FOLDERS {
        collect(&fixture(folder), &mut paths);
    }
    for folder in [
        "3d-tiles/validator-tilesets/tiles",
        "3d-tiles/samples-1.1/SparseImplicitOctree",
        "3d-tiles/validator-tilesets/packages",
    ] {
        if let Some(folder) = shared(folder) {
            collect(&folder, &mut paths);
        }
    }
    paths.extend(shared("pointcloud-terrain/amsterdam_ahn_2386_9702.laz"));
    paths.extend(shared("3d-tiles/amsterdam/tiles/4.b3dm"));
    paths.sort();
    let mut seeds: Vec<(String, Vec<u8>)> = paths
        .into_iter()
        .filter(|path| path.metadata().is_ok_and(|m| m.len() < MAX_SEED_BYTES))
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(path).unwrap()))
        .collect();
    seeds.push(("made.copc.laz".to_owned(), crate::las::copc()));
    seeds
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { collect(&path, paths) } else { paths.push(path) }
    }
}

fn mutate(bytes: &mut Vec<u8>, random: &mut fastrand::Rng) {
    const VALUES: [u32; 10] =
        [0, 1, 0x7f, 0xff, 0xffff, 0x7fff_ffff, 0x8000_0000, u32::MAX, 0x7f80_0000, 0x7fc0_0000];
    for _ in 0..random.usize(1..6) {
        if bytes.is_empty() {
            return;
        }
        // Headers and tables are at the beginning.
        let limit = if random.bool() { bytes.len().min(600) } else { bytes.len() };
        let at = random.usize(0..limit);
        match random.u8(0..9) {
            0 => bytes[at] ^= 1 << random.u8(0..8),
            1 => bytes[at] = random.u8(..),
            2 | 3 => {
                let value = VALUES[random.usize(0..VALUES.len())].to_le_bytes();
                for (byte, new) in bytes.iter_mut().skip(at).zip(value) {
                    *byte = new;
                }
            }
            4 => bytes.truncate(at),
            5 => {
                let end = (at + random.usize(1..64)).min(bytes.len());
                bytes.drain(at..end);
            }
            6 => {
                let end = (at + random.usize(1..64)).min(bytes.len());
                let copy = bytes[at..end].to_vec();
                bytes.splice(at..at, copy);
            }
            // A digit in text: counts, offsets and indices.
            7 => {
                if let Some(digit) = bytes.iter_mut().skip(at).find(|byte| byte.is_ascii_digit()) {
                    *digit = b'0' + random.u8(0..10);
                }
            }
            _ => {
                if let Some(place) = bytes.iter().skip(at).position(u8::is_ascii_digit) {
                    let many = [&b"99999999999"[..], b"-1", b"1e999", b"null", b"[]", b"0.5"];
                    let new = many[random.usize(0..many.len())];
                    bytes.splice(at + place..=at + place, new.iter().copied());
                }
            }
        }
    }
}

/// Reads mutated seeds for a while; returns how many.
fn run(duration: Duration, seed: u64) -> u64 {
    let seeds = seeds();
    let mut random = fastrand::Rng::with_seed(seed);
    let scratch = Scratch::new("seed", b"");
    let folder = scratch.0.parent().unwrap().to_path_buf();
    let start = Instant::now();
    let mut count = 0;
    while start.elapsed() < duration {
        let (name, bytes) = &seeds[random.usize(0..seeds.len())];
        let mut bytes = bytes.clone();
        mutate(&mut bytes, &mut random);
        let path = folder.join(name);
        std::fs::write(&path, &bytes).unwrap();
        let source = Source::from_path(&path);
        // Each reader of these formats, also those that would not claim the file any more.
        for reader in READERS.iter().filter(|reader| FOLDERS.contains(&reader.id())) {
            let is_claimed = source.head().is_ok_and(|head| reader.sniff(&head, name));
            if !is_claimed && random.u8(0..20) != 0 {
                continue;
            }
            let before = Instant::now();
            let result = catch_unwind(AssertUnwindSafe(|| {
                reader.read(&source, &mut ReadContext::default()).map(drop)
            }));
            let took = before.elapsed();
            if result.is_err() || took > Duration::from_secs(5) {
                let kept = std::env::temp_dir().join(format!("mutation-{count}-{name}"));
                std::fs::write(&kept, &bytes).unwrap();
                panic!(
                    "{} on a mutation of {name}: {took:?}, panicked: {}; kept as {}",
                    reader.id(),
                    result.is_err(),
                    kept.display()
                );
            }
            count += 1;
        }
    }
    count
}

#[test]
fn damaged_models_tiles_and_clouds_never_panic_a_reader() {
    let count = run(Duration::from_secs(3), 20_261_122);
    println!("{count} damaged files");
    assert!(count > 50, "{count}");
}

#[test]
#[ignore = "minutes long: asked for with MUTATION_SECONDS"]
fn mutations_for_a_long_time() {
    let seconds = std::env::var("MUTATION_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(60);
    let seed = std::env::var("MUTATION_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    let count = run(Duration::from_secs(seconds), seed);
    println!("{count} damaged files in {seconds} s");
}
