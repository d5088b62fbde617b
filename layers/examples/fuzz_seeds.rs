//! Seeds for the fuzz targets in `layers/fuzz`: the fixtures, and real files where `shared/data` is there, each small
//! enough that thousands of inputs fit into a minute. What is packed is unpacked here and packed again by the target.
//!
//! `fuzz_seeds OUT`: writes `OUT/<target>/<seed>`.

use std::{
    io::Read,
    path::{Path, PathBuf},
};

use layers::{
    readers::{self, ReadContext, Source},
    stored::{Encoder, Stored},
};

/// As in `layers/fuzz/src/files.rs`: between two files of one input, whose first lines are their names.
const CUT: &[u8] = b"\n--cut--\n";
const MAX_SEED_BYTES: usize = 100_000;

/// How a file becomes a seed.
#[derive(Clone, Copy)]
enum As {
    /// As it is, when it is small.
    Whole,
    /// Its first lines.
    Lines(usize),
    /// The files of a zip, or of the folder it lies in, as pieces.
    Pieces,
    /// The blocks of a PBF as pieces.
    Blocks,
    /// What its reader makes of it, in stored form.
    Stored,
}

/// Target, how, and where: a folder stands for the files in it. Paths are tried in the fixtures and in shared data.
const SEEDS: &[(&str, As, &[&str])] = &[
    ("archive", As::Whole, &["zip", "nl-vector/otterlo_addresses_28992_shp.zip"]),
    ("archive", As::Pieces, &["zip/good-two-kinds.zip", "nl-vector/otterlo_addresses_28992_shp.zip"]),
    ("ascii_grid", As::Whole, &["ascii-grid"]),
    ("bag_extract", As::Whole, &["bag-extract"]),
    ("citygml", As::Whole, &["citygml"]),
    (
        "cityjson",
        As::Whole,
        &[
            "cityjson",
            "conformance/cityjson-corpus/conformance",
            "conformance/cityjson-corpus/invalid",
            "conformance/cjval",
            "3d-city/denhaag_subset_cj11.city.json",
        ],
    ),
    (
        "cityjsonseq",
        As::Whole,
        &["cityjson-seq", "conformance/cjval/cube_20.jsonl", "conformance/cjval/extension.jsonl"],
    ),
    ("cityjsonseq", As::Lines(3), &["3d-city/delft_3dbag_2024.city.jsonl", "3d-city/vienna_cj11.city.jsonl"]),
    (
        "csv_points",
        As::Whole,
        &["csv-points", "nl-vector/amsterdam-bgt-csv", "transit/porto_alegre_points_of_interest.csv"],
    ),
    ("csv_points", As::Lines(40), &["transit/porto_alegre_hexgrid.csv"]),
    (
        "csv_table",
        As::Whole,
        &["csv-table", "transit/porto_alegre_osm_congestion.csv", "transit/porto_alegre_osm_lts.csv"],
    ),
    (
        "datex",
        As::Whole,
        &["datex", "sensors/ndw_measurement_site_table.xml", "sensors/ndw_measurement_site_record.xml"],
    ),
    ("gbfs", As::Whole, &["gbfs", "transit/gbfs-helsinki", "transit/gbfs-almere"]),
    (
        "geojson",
        As::Whole,
        &[
            "geojson",
            "traffic/SiouxFalls/SiouxFallsCoordinates.geojson",
            "nl-vector/amsterdam_stadsdeel.geojson",
        ],
    ),
    (
        "gltf",
        As::Whole,
        &["gltf", "3d-tiles/samples-1.1/BoundingBoxTests", "3d-tiles/samples-1.1/MetadataGranularities"],
    ),
    ("gml", As::Whole, &["gml", "nl-vector/nwb_wegvakken_amsterdam_noord.gml"]),
    ("gml", As::Lines(400), &["nl-vector/top10nl_v12_sample.gml"]),
    ("graphml", As::Whole, &["graphml"]),
    ("gtfs", As::Whole, &["conformance/gtfs-feeds/good_feed.zip"]),
    ("gtfs", As::Pieces, &["conformance/gtfs-feeds"]),
    ("gtfs_realtime", As::Whole, &["gtfs-realtime", "transit/king_county_metro_vehicle_positions_1.pb"]),
    ("imaer", As::Whole, &["imaer"]),
    ("las", As::Whole, &["las", "3d-tiles/validator-tilesets/laz"]),
    ("ngsi_ld", As::Whole, &["ngsi-ld", "sensors/ngsi-ld"]),
    ("obj", As::Pieces, &["obj"]),
    ("osm_pbf", As::Whole, &["osm-pbf"]),
    ("osm_pbf", As::Blocks, &["osm-pbf/good-heemserveen.osm.pbf"]),
    ("osm_xml", As::Whole, &["osm-xml"]),
    ("osm_xml", As::Lines(300), &["osm-roads/amsterdam_bicycle_parking.osm"]),
    (
        "records",
        As::Whole,
        &["json-records", "nl-vector/amsterdam_parking_garages.json", "nl-vector/amsterdam_ovfiets.json"],
    ),
    ("samenmeten", As::Whole, &["samenmeten"]),
    ("samenmeten", As::Lines(60), &["sensors/samenmeten_snapshot_20221206.txt"]),
    ("sensorthings", As::Whole, &["sensorthings", "sensors/sta-groundwater-noord-holland"]),
    ("snapshots", As::Whole, &["city-snapshots"]),
    (
        "stored",
        As::Stored,
        &[
            "cityjson",
            "geojson/good-two.geojson",
            "osm-xml/good-crossing.osm",
            "sensorthings/good-document.json",
            "gltf/good-triangle.gltf",
            "las/good-three-points.las",
            "ascii-grid/good-mound.asc",
            "conformance/gtfs-feeds/good_feed.zip",
        ],
    ),
    (
        "tile_content",
        As::Whole,
        &[
            "3d-tiles/good-two-gables.b3dm",
            "3d-tiles/bad-batch-count.b3dm",
            "3d-tiles/good-composite.cmpt",
            "3d-tiles/good-instances.i3dm",
            "3d-tiles/good-three-points.pnts",
            "3d-tiles/amsterdam/tiles/4.b3dm",
            "3d-tiles/validator-tilesets/tiles",
        ],
    ),
    (
        "tileset",
        As::Pieces,
        &[
            "3d-tiles/samples-1.1/SparseImplicitOctree/tileset.json",
            "3d-tiles/samples-1.1/SparseImplicitQuadtree/tileset.json",
            "3d-tiles/samples-1.1/TilesetWithFullMetadata/tileset.json",
            "3d-tiles/samples-1.1/MultipleContents/tileset.json",
            "3d-tiles/samples-1.0/TilesetWithTreeBillboards/tileset.json",
            "3d-tiles/good-amersfoort.json",
        ],
    ),
    ("uplinks", As::Whole, &["lorawan-uplinks", "sensors/senseams_water_ec.json"]),
];

/// Well-known binary of shapes that no small file holds by itself: little-endian, kind, counts, corners.
fn shapes() -> Vec<Vec<u8>> {
    fn shape(kind: u32, counts: &[u32], numbers: usize) -> Vec<u8> {
        let mut bytes = vec![1];
        for word in std::iter::once(&kind).chain(counts) {
            bytes.extend_from_slice(&word.to_le_bytes());
        }
        bytes.extend((0..numbers).flat_map(|number| (number as f64 * 0.5).to_le_bytes()));
        bytes
    }
    let point = shape(1, &[], 2);
    let arc = shape(8, &[3], 6);
    vec![
        point.clone(),
        shape(1001, &[], 3),
        shape(0x8000_0002, &[2], 6),
        shape(3, &[1, 4], 8),
        [shape(4, &[2], 0), point.clone(), point.clone()].concat(),
        [shape(7, &[2], 0), point, arc.clone()].concat(),
        [shape(9, &[1], 0), arc.clone()].concat(),
        [shape(10, &[1], 0), arc].concat(),
    ]
}

fn main() -> std::io::Result<()> {
    let Some(out) = std::env::args().nth(1).map(PathBuf::from) else {
        eprintln!("usage: fuzz_seeds OUT");
        std::process::exit(2);
    };
    let mut count = 0;
    for (target, how, places) in SEEDS {
        let folder = out.join(target);
        std::fs::create_dir_all(&folder)?;
        for place in places.iter().flat_map(|place| found(place)) {
            let mut files = Vec::new();
            collect(&place, &mut files);
            files.sort();
            for (number, file) in files.iter().enumerate() {
                let Some(bytes) = seed(file, *how) else { continue };
                if bytes.len() <= MAX_SEED_BYTES {
                    let name = file.file_name().and_then(|name| name.to_str()).unwrap_or("seed");
                    let kind = place.file_stem().and_then(|name| name.to_str()).unwrap_or("seed");
                    std::fs::write(folder.join(format!("{kind}-{number}-{name}")), bytes)?;
                    count += 1;
                }
            }
        }
    }
    let folder = out.join("wkb");
    std::fs::create_dir_all(&folder)?;
    for (number, bytes) in shapes().into_iter().enumerate() {
        std::fs::write(folder.join(format!("shape-{number}")), bytes)?;
        count += 1;
    }
    println!("{count} seeds in {}", out.display());
    Ok(())
}

fn found(place: &str) -> Vec<PathBuf> {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut places = vec![crate_folder.join("tests/fixtures").join(place)];
    places.extend(
        crate_folder
            .ancestors()
            .map(|above| above.join("shared/data").join(place))
            .find(|path| path.exists()),
    );
    places.retain(|path| path.exists());
    places
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) {
    if let Ok(entries) = std::fs::read_dir(path) {
        entries.flatten().for_each(|entry| collect(&entry.path(), files));
    } else {
        files.push(path.to_path_buf());
    }
}

fn seed(file: &Path, how: As) -> Option<Vec<u8>> {
    let bytes = std::fs::read(file).ok()?;
    match how {
        As::Whole => Some(bytes),
        As::Lines(count) => {
            Some(bytes.split_inclusive(|&byte| byte == b'\n').take(count).flatten().copied().collect())
        }
        As::Pieces if bytes.starts_with(b"PK") => {
            let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).ok()?;
            let mut pieces = Vec::new();
            for index in 0..zip.len() {
                let entry = zip.by_index(index).ok()?;
                let name = entry.name().to_owned();
                let mut content = Vec::new();
                entry.take(1 << 20).read_to_end(&mut content).ok()?;
                pieces.push((name, content));
            }
            Some(joined(&pieces))
        }
        As::Pieces => {
            // The file first, then what lies beside and below it.
            let folder = file.parent()?;
            let mut others = Vec::new();
            collect(folder, &mut others);
            others.sort();
            let mut pieces = vec![(file.file_name()?.to_str()?.to_owned(), bytes)];
            let mut size = pieces.first()?.1.len();
            for other in others.into_iter().filter(|other| other != file) {
                let content = std::fs::read(&other).ok()?;
                size += content.len();
                if size < MAX_SEED_BYTES {
                    pieces.push((other.strip_prefix(folder).ok()?.to_str()?.to_owned(), content));
                }
            }
            Some(joined(&pieces))
        }
        As::Blocks => blocks(&bytes).map(|pieces| joined(&pieces)),
        As::Stored => {
            let outcome = readers::read(&Source::from_path(file), &mut ReadContext::default()).ok()?;
            let mut encoder = Encoder::default();
            outcome.encode(&mut encoder);
            Some(encoder.finish())
        }
    }
}

fn joined(pieces: &[(String, Vec<u8>)]) -> Vec<u8> {
    let whole: Vec<Vec<u8>> =
        pieces.iter().map(|(name, content)| [name.as_bytes(), b"\n", content].concat()).collect();
    whole.join(CUT)
}

/// Type and unpacked content of each block.
fn blocks(mut bytes: &[u8]) -> Option<Vec<(String, Vec<u8>)>> {
    let mut found = Vec::new();
    while bytes.len() > 4 {
        let length = u32::from_be_bytes(bytes.get(..4)?.try_into().ok()?) as usize;
        let header = fields(bytes.get(4..4 + length)?)?;
        let kind = header.iter().find(|(number, ..)| *number == 1)?.1;
        let size = header.iter().find(|(number, ..)| *number == 3)?.2;
        let blob = fields(bytes.get(4 + length..4 + length + size)?)?;
        bytes = bytes.get(4 + length + size..)?;
        let mut content = Vec::new();
        for (number, data, _) in blob {
            match number {
                1 => content.extend_from_slice(data),
                3 => drop(flate2::read::ZlibDecoder::new(data).read_to_end(&mut content).ok()?),
                _ => {}
            }
        }
        found.push((String::from_utf8_lossy(kind).into_owned(), content));
    }
    Some(found)
}

/// Number, bytes and value of the fields of a protocol buffer message.
fn fields(mut bytes: &[u8]) -> Option<Vec<(usize, &[u8], usize)>> {
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
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes)?;
        let number = varint(&mut bytes)?;
        if key & 7 == 2 {
            found.push((key >> 3, bytes.get(..number)?, 0));
            bytes = bytes.get(number..)?;
        } else {
            found.push((key >> 3, &[][..], number));
        }
    }
    Some(found)
}
