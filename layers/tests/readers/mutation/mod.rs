//! Fuzzing by mutation, without a special compiler: real files are damaged in many ways, always the same for one seed, and
//! every reader must answer in time with a layer or an error of its own, never with a panic. (`layers/fuzz` goes further,
//! with a compiler that sees which branches were reached.)
//!
//! A moment of each format is part of the tests. For longer:
//! `MUTATION_SECONDS=120 ./packaging/test --test readers -- --ignored mutation`

mod damage;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use layers::readers::{READERS, ReadContext, ReadError, ReadOutcome, Source};

use crate::support::{Scratch, fixture, read, shared};

/// Where the meaning of a format is, so that damage reaches behind its first check.
#[derive(Clone, Copy, PartialEq)]
enum Damage {
    /// Values in text.
    Text,
    /// Tables in a zip.
    Zip,
    /// Blocks of a PBF.
    Pbf,
    /// Numbers in binary.
    Binary,
    /// No structure that is known here.
    Any,
}

struct Kind {
    /// Reader, and the folder of its fixtures.
    format: &'static str,
    damage: Damage,
    /// More seeds in shared data: files, or folders with everything in them.
    more: &'static [&'static str],
}

const fn kind(format: &'static str, damage: Damage, more: &'static [&'static str]) -> Kind {
    Kind { format, damage, more }
}

const KINDS: [Kind; 18] = [
    kind(
        "geojson",
        Damage::Text,
        &["nl-vector/amsterdam_stadsdeel.geojson", "traffic/SiouxFalls/SiouxFallsCoordinates.geojson"],
    ),
    kind("osm-pbf", Damage::Pbf, &["osm-roads/heemserveen_nl.osm.pbf"]),
    kind("osm-xml", Damage::Text, &[]),
    kind("gtfs", Damage::Zip, &["conformance/gtfs-feeds/good_feed.zip"]),
    kind("gtfs-realtime", Damage::Any, &["transit/king_county_metro_vehicle_positions_1.pb"]),
    kind("datex", Damage::Text, &["sensors/ndw_measurement_site_table.xml"]),
    kind("graphml", Damage::Text, &[]),
    kind("imaer", Damage::Text, &[]),
    kind(
        "ngsi-ld",
        Damage::Text,
        &[
            "sensors/ngsi-ld/AirQualityObserved/example-normalized.jsonld",
            "sensors/ngsi-ld/NoiseLevelObserved/example-geojsonfeature.json",
        ],
    ),
    kind(
        "gbfs",
        Damage::Text,
        &["transit/gbfs-helsinki/station_information.json", "transit/gbfs-almere/geofencing_zones.json"],
    ),
    kind("samenmeten", Damage::Text, &[]),
    kind("lorawan-uplinks", Damage::Text, &["sensors/senseams_water_ec.json"]),
    kind("city-snapshots", Damage::Text, &[]),
    kind("sensorthings", Damage::Text, &[]),
    kind("las", Damage::Binary, &["pointcloud-terrain/amsterdam_ahn_2386_9702.laz"]),
    kind("gltf", Damage::Binary, &[]),
    kind("obj", Damage::Binary, &[]),
    kind(
        "3d-tiles",
        Damage::Binary,
        &[
            "3d-tiles/validator-tilesets/tiles",
            "3d-tiles/samples-1.1/SparseImplicitOctree",
            "3d-tiles/validator-tilesets/packages",
            "3d-tiles/amsterdam/tiles/4.b3dm",
        ],
    ),
];

/// Larger ones are slow and no richer.
const MAX_SEED_BYTES: usize = 250_000;

/// Name and content of the files to be damaged.
fn seeds(kind: &Kind) -> Vec<(String, Vec<u8>)> {
    fn collect(path: &Path, files: &mut Vec<PathBuf>) {
        match std::fs::read_dir(path) {
            Ok(entries) => entries.for_each(|entry| collect(&entry.unwrap().path(), files)),
            Err(_) => files.push(path.to_path_buf()),
        }
    }
    let mut files = Vec::new();
    if kind.damage != Damage::Zip {
        collect(&fixture(kind.format), &mut files);
    }
    for place in kind.more.iter().filter_map(|name| shared(name)) {
        collect(&place, &mut files);
    }
    files.sort();
    let content = |path: PathBuf| {
        (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(path).unwrap())
    };
    let mut seeds: Vec<(String, Vec<u8>)> =
        files.into_iter().map(content).filter(|(_, bytes)| bytes.len() < MAX_SEED_BYTES).collect();
    if kind.format == "las" {
        seeds.push(("made.copc.laz".to_owned(), crate::las::copc()));
    }
    seeds
}

fn damaged(kind: &Kind, good: &[u8], other: &[u8], random: &mut fastrand::Rng) -> Vec<u8> {
    let mut bytes = good.to_vec();
    // Most rounds go where the meaning is.
    let damage = if random.u8(..4) > 0 { kind.damage } else { Damage::Any };
    match damage {
        Damage::Text => damage::exchange(&mut bytes, random),
        Damage::Zip => bytes = damage::tables(&bytes, random),
        Damage::Pbf => bytes = damage::blocks(&bytes, random).unwrap_or(bytes),
        Damage::Binary => damage::numbers(&mut bytes, random),
        Damage::Any => damage::anything(&mut bytes, other, random),
    }
    bytes
}

/// Reads the file, mostly as the program does; now and then with the reader of the format, whether it claims the file or
/// not. A panic is an error that asks to be reported.
fn answer(kind: &Kind, path: &Path, random: &mut fastrand::Rng) -> Result<ReadOutcome, ReadError> {
    let reader = READERS.iter().find(|reader| reader.id() == kind.format).unwrap();
    if random.u8(..10) > 0 {
        return read(path);
    }
    let direct = || reader.read(&Source::from_path(path), &mut ReadContext::default());
    catch_unwind(AssertUnwindSafe(direct)).unwrap_or_else(|_| {
        Err(ReadError::ReaderStopped { path: path.to_owned(), reason: "a panic; please report".to_owned() })
    })
}

/// Runs for `time`; returns rounds, and how many were read.
fn run(kind: &Kind, time: Duration, seed: u64) -> (usize, usize) {
    let seeds = seeds(kind);
    if seeds.is_empty() {
        return (0, 0);
    }
    let mut random = fastrand::Rng::with_seed(seed);
    let start = Instant::now();
    let (mut rounds, mut reads) = (0, 0);
    while start.elapsed() < time {
        let (name, good) = &seeds[random.usize(..seeds.len())];
        let other = &seeds[random.usize(..seeds.len())].1;
        let bytes = damaged(kind, good, other, &mut random);
        let file = Scratch::new(name, &bytes);
        let began = Instant::now();
        let result = answer(kind, &file.0, &mut random);
        let took = began.elapsed();
        let keep = || {
            let kept = std::env::temp_dir().join(format!("mutation-{}-{seed}-{rounds}-{name}", kind.format));
            std::fs::write(&kept, &bytes).unwrap();
            kept
        };
        match result {
            Ok(outcome) => {
                reads += 1;
                for layer in &outcome.layers {
                    let bounds = layer.data.bounds();
                    let mut values = bounds.min.iter().chain(&bounds.max);
                    let is_sane =
                        bounds.is_empty() || values.all(|value| value.is_finite() && value.abs() < 1e8);
                    assert!(is_sane, "{bounds:?} of {}", keep().display());
                }
            }
            Err(error) => {
                let message = error.to_string();
                assert!(!message.contains("please report"), "{message}, kept as {}", keep().display());
            }
        }
        assert!(took < Duration::from_secs(5), "{took:?} for {}", keep().display());
        rounds += 1;
    }
    (rounds, reads)
}

/// A moment of each in the usual tests: what once was wrong stays right.
#[test]
fn mutation_for_a_moment() {
    for kind in &KINDS {
        let (rounds, _) = run(kind, Duration::from_millis(400), 7);
        assert!(rounds > 0 || kind.damage == Damage::Zip, "{}", kind.format);
    }
}

#[test]
#[ignore = "takes minutes"]
fn mutation_for_long() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let seconds = number("MUTATION_SECONDS").unwrap_or(60);
    let seed = number("MUTATION_SEED").unwrap_or(20_261_122);
    let only = std::env::var("MUTATION_FORMAT").ok();
    for kind in KINDS.iter().filter(|kind| only.as_ref().is_none_or(|only| only == kind.format)) {
        let (rounds, reads) = run(kind, Duration::from_secs(seconds), seed);
        let format = kind.format;
        println!(
            "{format}: {rounds} damaged files in {seconds} s, {reads} read in part, none stopped the reader"
        );
    }
}
