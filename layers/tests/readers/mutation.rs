//! Fuzzing by mutation, without a special compiler: real files are damaged in many ways, always the same for one seed, and
//! every reader must answer in time with a layer or an error of its own, never with a panic.
//!
//! `MUTATION_SECONDS=120 cargo test --release -p stadsmaquette-layers --test readers -- --ignored --nocapture mutation`

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use crate::support::{Scratch, fixture, read, shared};

/// Files by their format, small enough that thousands of rounds fit into a minute.
fn seeds(format: &str) -> Vec<PathBuf> {
    let fixtures = |id: &str| -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> =
            std::fs::read_dir(fixture(id)).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files
    };
    let mut files = match format {
        "gtfs" => Vec::new(),
        id => fixtures(id),
    };
    let more: &[&str] = match format {
        "geojson" => {
            &["nl-vector/amsterdam_stadsdeel.geojson", "traffic/SiouxFalls/SiouxFallsCoordinates.geojson"]
        }
        "gtfs" => &["conformance/gtfs-feeds/good_feed.zip"],
        "gtfs-realtime" => &["transit/king_county_metro_vehicle_positions_1.pb"],
        "datex" => &["sensors/ndw_measurement_site_table.xml"],
        "ngsi-ld" => &[
            "sensors/ngsi-ld/AirQualityObserved/example-normalized.jsonld",
            "sensors/ngsi-ld/NoiseLevelObserved/example-geojsonfeature.json",
        ],
        "gbfs" => {
            &["transit/gbfs-helsinki/station_information.json", "transit/gbfs-almere/geofencing_zones.json"]
        }
        "lorawan-uplinks" => &["sensors/senseams_water_ec.json"],
        "osm-pbf" => &["osm-roads/heemserveen_nl.osm.pbf"],
        _ => &[],
    };
    files.extend(more.iter().filter_map(|name| shared(name)));
    files
}

/// Words that mean something to one format or another, to be put where they do not belong.
const WORDS: [&[u8]; 24] = [
    b"NaN",
    b"1e999",
    b"-1",
    b"1e308",
    b"null",
    b"[[[[[[[[",
    b"{\"a\":",
    b"]]]",
    b"\"coordinates\":[]",
    b"\"type\":\"GeometryCollection\",\"geometries\":[",
    b"99999999999999999999",
    b"\\ud800",
    b"\xff\xfe",
    b"<!DOCTYPE x [<!ENTITY a \"b\">]>",
    b"<a><a><a>",
    b"</",
    b"&#x0;",
    b"&bogus;",
    b"\x00\x00\xff\xff",
    b"\xff\xff\xff\xff\x0f",
    b"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01",
    b"25:99:99",
    b"\"\n\"",
    b",,,,,,",
];

/// One damaged copy.
fn mutate(bytes: &mut Vec<u8>, other: &[u8], random: &mut fastrand::Rng) {
    for _ in 0..random.usize(1..=6) {
        if bytes.is_empty() {
            return;
        }
        let at = random.usize(..bytes.len());
        match random.u8(..9) {
            0 => bytes[at] = random.u8(..),
            1 => bytes[at] ^= 1 << random.u8(..8),
            2 => bytes.truncate(at.max(1)),
            3 => {
                let end = (at + random.usize(1..=64)).min(bytes.len());
                bytes.drain(at..end);
            }
            4 => {
                let word = WORDS[random.usize(..WORDS.len())];
                bytes.splice(at..at, word.iter().copied());
            }
            5 => {
                let end = (at + random.usize(1..=200)).min(bytes.len());
                let piece = bytes[at..end].to_vec();
                let times = random.usize(1..=20);
                bytes.splice(at..at, piece.repeat(times));
            }
            6 if !other.is_empty() => {
                let from = random.usize(..other.len());
                let to = (from + random.usize(1..=300)).min(other.len());
                bytes.splice(at..at, other[from..to].iter().copied());
            }
            7 => bytes[at] = *random.choice(b"0919[]{},\"-e.<>&:;\n").unwrap(),
            _ => {
                let end = (at + random.usize(1..=8)).min(bytes.len());
                let fill = *random.choice(&[0_u8, 0xff, b'9', b' ']).unwrap();
                bytes[at..end].fill(fill);
            }
        }
    }
}

/// Values that do not belong, put in the place of numbers and texts: the file stays sound, its meaning does not.
const VALUES: [&[u8]; 14] = [
    b"NaN",
    b"1e999",
    b"-1",
    b"1e308",
    b"null",
    b"[]",
    b"{}",
    b"\"x\"",
    b"0",
    b"-180.5",
    b"[[1,2],[3,4]]",
    b"true",
    b"99999999999999999999",
    b"\"\"",
];

/// Exchanges numbers and quoted texts for other values or for each other.
fn exchange(bytes: &mut Vec<u8>, random: &mut fastrand::Rng) {
    let is_number = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'.');
    for _ in 0..random.usize(1..=4) {
        let mut spans: Vec<(usize, usize)> = Vec::new();
        let mut at = random.usize(..bytes.len().max(1));
        while at < bytes.len() && spans.len() < 40 {
            let start = at;
            if is_number(bytes[at]) {
                while at < bytes.len() && is_number(bytes[at]) {
                    at += 1;
                }
                spans.push((start, at));
            } else if bytes[at] == b'"' {
                at += 1;
                while at < bytes.len() && bytes[at] != b'"' {
                    at += 1;
                }
                at = (at + 1).min(bytes.len());
                spans.push((start, at));
            } else {
                at += 1;
            }
        }
        let Some(&(from, to)) = spans.get(random.usize(..spans.len().max(1))) else { return };
        let value = if random.bool() {
            VALUES[random.usize(..VALUES.len())].to_vec()
        } else {
            let (a, b) = spans[random.usize(..spans.len())];
            bytes[a..b].to_vec()
        };
        bytes.splice(from..to, value);
    }
}

/// Damage inside the blocks of a PBF, which are then stored unpacked.
fn mutate_pbf(bytes: &[u8], random: &mut fastrand::Rng) -> Option<Vec<u8>> {
    use std::io::Read;
    fn varint(bytes: &mut &[u8]) -> Option<usize> {
        let mut number = 0;
        for shift in (0..63).step_by(7) {
            let (&byte, rest) = bytes.split_first()?;
            *bytes = rest;
            number |= usize::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }
    /// Fields of a message whose values are bytes or numbers.
    fn fields(mut bytes: &[u8]) -> Option<Vec<(usize, Vec<u8>, usize)>> {
        let mut found = Vec::new();
        while !bytes.is_empty() {
            let key = varint(&mut bytes)?;
            let number = varint(&mut bytes)?;
            if key & 7 == 2 {
                found.push((key >> 3, bytes.get(..number)?.to_vec(), 0));
                bytes = bytes.get(number..)?;
            } else {
                found.push((key >> 3, Vec::new(), number));
            }
        }
        Some(found)
    }
    fn field(number: usize, content: &[u8]) -> Vec<u8> {
        let mut out = vec![(number << 3 | 2) as u8];
        let mut length = content.len();
        while length >= 0x80 {
            out.push((length & 0x7f | 0x80) as u8);
            length >>= 7;
        }
        out.push(length as u8);
        out.extend_from_slice(content);
        out
    }
    let mut rest = bytes;
    let mut out = Vec::new();
    while rest.len() > 4 {
        let length = u32::from_be_bytes(rest.get(..4)?.try_into().ok()?) as usize;
        let header = fields(rest.get(4..4 + length)?)?;
        let kind = header.iter().find(|(number, ..)| *number == 1)?.1.clone();
        let size = header.iter().find(|(number, ..)| *number == 3)?.2;
        let blob = fields(rest.get(4 + length..4 + length + size)?)?;
        rest = &rest[4 + length + size..];
        let mut content = Vec::new();
        for (number, data, _) in &blob {
            match number {
                1 => content.clone_from(data),
                3 => {
                    flate2::read::ZlibDecoder::new(&data[..]).read_to_end(&mut content).ok()?;
                }
                _ => {}
            }
        }
        if kind == b"OSMData" {
            // Single bytes and bits: longer damage only ends the block.
            for _ in 0..random.usize(1..=5) {
                let at = random.usize(..content.len());
                if random.bool() {
                    content[at] = random.u8(..);
                } else {
                    content[at] ^= 1 << random.u8(..8);
                }
            }
        }
        let blob = field(1, &content);
        let mut head = field(1, &kind);
        head.push(0x18);
        let mut size = blob.len();
        while size >= 0x80 {
            head.push((size & 0x7f | 0x80) as u8);
            size >>= 7;
        }
        head.push(size as u8);
        out.extend_from_slice(&u32::try_from(head.len()).ok()?.to_be_bytes());
        out.extend_from_slice(&head);
        out.extend_from_slice(&blob);
    }
    Some(out)
}

/// Damage inside the tables of a zip, packed soundly again.
fn mutate_zip(bytes: &[u8], random: &mut fastrand::Rng) -> Vec<u8> {
    use std::io::{Read, Write};
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes.to_vec())).unwrap();
    let mut out = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let chosen = random.usize(..archive.len());
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).unwrap();
        let name = entry.name().to_owned();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        if index == chosen || random.u8(..4) == 0 {
            mutate(&mut content, b"stop_id,trip_id\n", random);
        }
        out.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        out.write_all(&content).unwrap();
    }
    out.finish().unwrap().into_inner()
}

/// Runs for `time`; returns rounds, and how many were read.
fn run(format: &str, time: Duration, seed: u64) -> (usize, usize) {
    let files = seeds(format);
    if files.is_empty() {
        return (0, 0);
    }
    let contents: Vec<Vec<u8>> = files.iter().map(|file| std::fs::read(file).unwrap()).collect();
    let mut random = fastrand::Rng::with_seed(seed);
    let start = Instant::now();
    let (mut rounds, mut reads) = (0, 0);
    while start.elapsed() < time {
        let chosen = random.usize(..files.len());
        let other = &contents[random.usize(..contents.len())];
        let name = files[chosen].file_name().unwrap().to_str().unwrap();
        let mut bytes = contents[chosen].clone();
        let is_deep = random.u8(..4) > 0;
        if format == "gtfs" && is_deep {
            bytes = mutate_zip(&bytes, &mut random);
        } else if format == "osm-pbf" && is_deep {
            bytes = mutate_pbf(&bytes, &mut random).unwrap_or(bytes);
        } else if format != "gtfs-realtime" && is_deep {
            exchange(&mut bytes, &mut random);
        } else {
            mutate(&mut bytes, other, &mut random);
        }
        let file = Scratch::new(name, &bytes);
        let began = Instant::now();
        let result = read(&file.0);
        let took = began.elapsed();
        let keep = || {
            let kept = std::env::temp_dir().join(format!("mutation-{format}-{seed}-{rounds}-{name}"));
            std::fs::write(&kept, &bytes).unwrap();
            kept
        };
        match result {
            Ok(outcome) => {
                reads += 1;
                for layer in &outcome.layers {
                    let bounds = layer.data.bounds();
                    let is_sane = bounds.is_empty()
                        || bounds
                            .min
                            .iter()
                            .chain(&bounds.max)
                            .all(|value| value.is_finite() && value.abs() < 1e8);
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

const FORMATS: [&str; 14] = [
    "geojson",
    "osm-pbf",
    "osm-xml",
    "gtfs",
    "gtfs-realtime",
    "datex",
    "graphml",
    "imaer",
    "ngsi-ld",
    "gbfs",
    "samenmeten",
    "lorawan-uplinks",
    "city-snapshots",
    "sensorthings",
];

/// A second each in the usual tests: what once was wrong stays right.
#[test]
fn mutation_for_a_moment() {
    for format in FORMATS {
        let (rounds, _) = run(format, Duration::from_millis(300), 7);
        assert!(rounds > 0 || format == "gtfs", "{format}");
    }
}

#[test]
#[ignore = "takes minutes"]
fn mutation_for_long() {
    let seconds = std::env::var("MUTATION_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(60);
    let seed = std::env::var("MUTATION_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(20_261_122);
    let only = std::env::var("MUTATION_FORMAT").ok();
    for format in FORMATS {
        if only.as_ref().is_none_or(|only| only == format) {
            let (rounds, reads) = run(format, Duration::from_secs(seconds), seed);
            println!(
                "{format}: {rounds} damaged files in {seconds} s, {reads} read in part, none stopped the reader"
            );
        }
    }
}
