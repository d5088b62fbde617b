//! 3D Tiles 1.0 and 1.1: tileset.json with explicit, external and implicit tiles, `.3tz` and `.3dtiles` packages, and single
//! contents
//! (b3dm, i3dm, pnts, cmpt).
//!
//! Only files below the opened one's folder (or in its package) are read. Of the tiles those are read that are finest
//! within [`CONTENT_BUDGET_BYTES`] (see `select`), and of these no more than [`MAX_TRIANGLES`] triangles and
//! [`MAX_POINTS`] points. Earth-centred tilesets are moved to the project's CRS with NAP heights in the Netherlands, by
//! one frame a tile whose error is measured (see `place`); others come in [`crate::crs::Epsg::LOCAL`] and are placed by the user.

mod check;
mod content;
mod database;
mod implicit;
mod metadata;
mod package;
mod place;
mod select;
mod tables;
mod tree;
mod volume;

use std::{
    collections::{BTreeMap, BTreeSet},
    io::BufReader,
    sync::Arc,
};

use rayon::prelude::*;

use self::{
    content::Decoded,
    database::{Database, is_database},
    package::Package,
    place::{Destination, geodetic, is_earth_centred},
    tree::{Tile, Tree, TreeError},
};
use super::{
    FormatReader, Inspection, ReadContext, ReadError, ReadOutcome, Severity, Source,
    gltf::{
        builder::{MeshBuilder, WorldMesh},
        document::{GltfError, is_glb},
        matrix::Matrix,
        place_model,
        resources::{Location, has_extension},
    },
    input::{read_all, with_checksum},
    las::levels::{self, Columns},
    layer_id,
    placement::{Placement, Unlabelled},
};
use crate::{
    crs::looks_like_rd,
    model::{Bounds3, Layer, LayerData, MeshModel, PointCloud, Provenance},
};

/// `tileset.json`, `.3tz`, `.3dtiles`, `.b3dm`, `.i3dm`, `.pnts`, `.cmpt`
#[derive(Debug)]
pub struct TilesetReader;

/// Bytes of contents that are read of one tileset.
pub const CONTENT_BUDGET_BYTES: u64 = 512 << 20;
/// Triangles that are kept of one tileset: some 60 bytes each.
pub const MAX_TRIANGLES: usize = 15_000_000;
/// Points that are kept of one tileset.
pub const MAX_POINTS: usize = 6_000_000;
/// Contents decoded side by side before they are added.
const BATCH: usize = 16;

impl FormatReader for TilesetReader {
    fn id(&self) -> &'static str {
        "3d-tiles"
    }

    fn title(&self) -> &'static str {
        "3D Tiles"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["3tz", "3dtiles", "b3dm", "i3dm", "pnts", "cmpt", "tileset.json"]
    }

    fn sniff(&self, head: &[u8], file_name: &str) -> bool {
        let name = file_name.to_ascii_lowercase();
        if is_content(head) {
            return true;
        }
        if head.starts_with(b"PK\x03\x04") {
            return has_extension(file_name, "3tz");
        }
        if is_database(head) {
            return has_extension(file_name, "3dtiles");
        }
        let text = String::from_utf8_lossy(head);
        let is_object = text.trim_start_matches('\u{feff}').trim_start().starts_with('{');
        let is_named = name.starts_with("tileset") && has_extension(name.trim_end_matches(".gz"), "json");
        let mentions =
            text.contains("\"geometricError\"") && (text.contains("\"asset\"") || text.contains("\"root\""));
        is_object && !text.contains("\"accessors\"") && (is_named || mentions)
    }

    fn read(&self, source: &Source, context: &mut ReadContext) -> Result<ReadOutcome, ReadError> {
        read_within(source, CONTENT_BUDGET_BYTES, context)
    }

    fn is_risky(&self) -> bool {
        true
    }

    fn reads_other_files(&self, _source: &Source) -> bool {
        true
    }
}

fn is_content(head: &[u8]) -> bool {
    [&b"b3dm"[..], b"i3dm", b"pnts", b"cmpt"].iter().any(|magic| head.starts_with(magic))
}

/// As [`TilesetReader`] with another budget of content bytes, for tests and small machines. Fails as every reader does.
pub fn read_within(
    source: &Source,
    budget: u64,
    context: &mut ReadContext,
) -> Result<ReadOutcome, ReadError> {
    let (tree, checksum) = with_checksum(source, || open(source, context));
    let tree = tree?;
    context.progress.set(0.1);
    let sizes: Vec<u64> = tree
        .tiles
        .iter()
        .map(|tile| tile.contents.iter().map(Location::size).fold(0, u64::saturating_add))
        .collect();
    let selection = select::select(&tree, &sizes, budget);
    if selection.threshold_m >= 0.0 {
        let message = format!(
            "the finest tiles are larger than {budget} bytes together; tiles with an error up to {} m are read, {} bytes",
            selection.threshold_m, selection.bytes
        );
        context.report.add(Severity::Info, "tiles-coarse", "the tileset", message);
    }
    let destination = destination(source, &tree, context)?;
    let mut gathered = Gathered::default();
    let tiles: Vec<&Tile> = selection.tiles.iter().filter_map(|&tile| tree.tiles.get(tile)).collect();
    for (number, batch) in tiles.chunks(BATCH).enumerate() {
        context.check_cancelled()?;
        let decoded: Vec<Vec<TileContent>> =
            batch.par_iter().map(|tile| decode_tile(tile, &destination)).collect();
        for (tile, contents) in batch.iter().zip(decoded) {
            for content in contents {
                gathered.add(tile, content, context);
            }
        }
        context.progress.set(0.1 + 0.8 * ((number + 1) * BATCH) as f64 / tiles.len().max(1) as f64);
        if gathered.builder.triangles > MAX_TRIANGLES || gathered.points.positions.len() > MAX_POINTS {
            let message = format!(
                "expected at most {MAX_TRIANGLES} triangles and {MAX_POINTS} points, found more; {} of {} tiles are read",
                ((number + 1) * BATCH).min(tiles.len()),
                tiles.len()
            );
            context.report.error("tiles-left-out", "the tileset", message);
            break;
        }
    }
    if tree.tilesets == 0
        && gathered.contents_read == 0
        && let Some(error) = gathered.unreadable.take()
    {
        return Err(ReadError::Malformed {
            path: source.path.clone(),
            expected: error.expected,
            found: error.found,
            location: error.location,
            advice: "mend the file or make it again".to_owned(),
        });
    }
    finish(source, &tree, &tiles, gathered, &destination, checksum, context)
}

/// Reads the tiles' list; a single content becomes a list of one.
fn open(source: &Source, context: &mut ReadContext) -> Result<Tree, ReadError> {
    let head = source.head()?;
    let location = Location::of_source(source)?;
    let malformed = |expected: String, found: String, location: String| ReadError::Malformed {
        path: source.path.clone(),
        expected,
        found,
        location,
        advice: "mend that place or make the tileset again".to_owned(),
    };
    let (location, bytes) = if head.starts_with(b"PK\x03\x04") {
        let package = Package::open(&location.path, Box::new(BufReader::new(source.open()?)))
            .map_err(|found| malformed("a zip archive".into(), found, "its table of contents".into()))?;
        let inner = Location::in_store(Arc::new(package), "tileset.json");
        let bytes = inner.read().map_err(|error| {
            malformed("tileset.json in the package".into(), error.to_string(), "the archive".into())
        })?;
        (inner, bytes)
    } else if is_database(&head) {
        let bytes = location
            .read()
            .map_err(|error| malformed("a readable package".into(), error.to_string(), "the file".into()))?;
        let database = Database::open(&location.path, bytes).map_err(|found| {
            malformed("an SQLite package with a table \"media\"".into(), found, "the file".into())
        })?;
        let inner = Location::in_store(Arc::new(database), "tileset.json");
        let bytes = inner.read().map_err(|error| {
            malformed("tileset.json in the package".into(), error.to_string(), "the package".into())
        })?;
        (inner, bytes)
    } else if is_content(&head) {
        let mut tree = Tree::default();
        tree.tiles.push(Tile {
            children: Vec::new(),
            transform: Matrix::IDENTITY,
            volume: None,
            geometric_error: 0.0,
            is_replaced: true,
            contents: vec![location],
            level: 0,
            up: Matrix::Z_UP_FROM_Y_UP,
        });
        return Ok(tree);
    } else {
        (location, read_all(source, context)?)
    };
    tree::load(&location, &bytes, context).map_err(|error| match error {
        TreeError::Malformed { expected, found, location } => malformed(expected, found, location),
        TreeError::Stopped(error) => error,
    })
}

/// Where the tileset goes: to the project's CRS when some tile shows that it is on Earth.
fn destination(source: &Source, tree: &Tree, context: &ReadContext) -> Result<Destination, ReadError> {
    let place = tree.tiles.iter().find_map(|tile| {
        let volume = tile.volume?;
        volume.region_center().or_else(|| {
            let center = volume.center(&tile.transform)?;
            is_earth_centred(center).then(|| {
                let [lon, lat, _] = geodetic(center);
                [lon, lat]
            })
        })
    });
    // Volumes of a single content are missing, and those of some tilesets do not know their contents' RTC_CENTER: then
    // the numbers of the first contents say it.
    let place = place.or_else(|| {
        let contents =
            tree.tiles.iter().flat_map(|tile| tile.contents.iter().map(move |content| (tile, content)));
        contents.take(3).find_map(|(tile, content)| {
            let decoded =
                content::decode(&content::read_bytes(content).ok()?, content, &tile.transform, &tile.up)
                    .ok()?;
            let center = bounds_of(&decoded).center();
            is_earth_centred(center).then(|| {
                let [lon, lat, _] = geodetic(center);
                [lon, lat]
            })
        })
    });
    match place {
        None => Ok(Destination::LOCAL),
        Some(lonlat) => {
            Destination::on_earth(lonlat, context.target).map_err(|error| ReadError::UnknownCrs {
                path: source.path.clone(),
                found: "EPSG:4978 (Earth-centred)".to_owned(),
                advice: format!("choose another coordinate system for the project ({error})"),
            })
        }
    }
}

fn bounds_of(decoded: &Decoded) -> Bounds3 {
    let meshes = decoded.meshes.iter().flat_map(|mesh| mesh.points.iter().copied());
    let points = decoded.points.iter().flat_map(|points| points.positions.iter().copied());
    Bounds3::from_points(meshes.chain(points))
}

/// One content of a tile, moved to its destination.
struct TileContent {
    name: String,
    result: Result<Decoded, GltfError>,
    /// Of its frame.
    error_m: f64,
    /// In the source's coordinates.
    bounds: Bounds3,
}

fn decode_tile(tile: &Tile, destination: &Destination) -> Vec<TileContent> {
    tile.contents
        .iter()
        .map(|location| {
            let decoded = content::read_bytes(location)
                .and_then(|bytes| content::decode(&bytes, location, &tile.transform, &tile.up));
            match decoded {
                Ok(mut decoded) => {
                    let bounds = bounds_of(&decoded);
                    let mut worst = 0.0_f64;
                    for mesh in &mut decoded.meshes {
                        worst = worst.max(destination.apply(&mut mesh.points));
                    }
                    for points in &mut decoded.points {
                        worst = worst.max(destination.apply(&mut points.positions));
                    }
                    TileContent {
                        name: location.name().to_owned(),
                        result: Ok(decoded),
                        error_m: worst,
                        bounds,
                    }
                }
                Err(error) => TileContent {
                    name: location.name().to_owned(),
                    result: Err(error),
                    error_m: 0.0,
                    bounds: Bounds3::EMPTY,
                },
            }
        })
        .collect()
}

/// Everything that the contents gave.
#[derive(Default)]
struct Gathered {
    builder: MeshBuilder,
    points: Columns,
    has_colors: bool,
    contents_read: u64,
    /// The first content of which nothing could be read.
    unreadable: Option<GltfError>,
    batches: u64,
    worst_error_m: f64,
    /// In the source's coordinates.
    bounds: Bounds3,
}

impl Gathered {
    fn add(&mut self, tile: &Tile, content: TileContent, context: &mut ReadContext) {
        let TileContent { name, result, error_m, bounds } = content;
        let decoded = match result {
            Ok(decoded) => decoded,
            Err(error) => {
                let message =
                    format!("expected {}, found {}; the content is left out", error.expected, error.found);
                context.report.error("content-unreadable", format!("{name}, {}", error.location), message);
                self.unreadable.get_or_insert(error);
                return;
            }
        };
        if decoded.is_tileset {
            let message =
                "expected a content, found a tileset whose name does not end in .json; it is left out";
            context.report.error("content-unreadable", name, message);
            return;
        }
        for fault in decoded.faults {
            let message = format!("expected {}, found {}; it is left out", fault.expected, fault.found);
            context.report.error("content-incomplete", format!("{name}, {}", fault.location), message);
        }
        for warning in decoded.warnings {
            let message =
                format!("expected {}, found {}; it is read all the same", warning.expected, warning.found);
            context.report.warn("content-unusual", format!("{name}, {}", warning.location), message);
        }
        self.contents_read += 1;
        self.batches += decoded.batches;
        self.worst_error_m = self.worst_error_m.max(error_m);
        self.bounds = self.bounds.union(bounds);
        let global: Vec<u32> = decoded
            .features
            .into_iter()
            .map(|feature| {
                let global = self.builder.feature(&feature.id);
                self.builder.set_attributes(global, feature.row.iter().map(|(n, v)| (n.as_str(), v.clone())));
                global
            })
            .collect();
        for mesh in decoded.meshes {
            let features = mesh
                .features
                .iter()
                .map(|&local| global.get(local as usize).copied().unwrap_or(MeshModel::NO_FEATURE))
                .collect();
            self.builder.push(WorldMesh {
                name: name.clone(),
                points: mesh.points,
                indices: mesh.indices,
                features,
                colors: mesh.colors,
                color: mesh.color,
                level: tile.level,
                geometric_error_m: Some(tile.geometric_error),
            });
        }
        for points in decoded.points {
            let count = points.positions.len();
            self.points.positions.extend(points.positions);
            let classes = if points.classes.len() == count { points.classes } else { vec![0; count] };
            self.points.classes.extend(classes);
            let has_colors = points.colors.len() == count;
            self.has_colors |= has_colors;
            self.points.colors.extend(if has_colors { points.colors } else { vec![[200; 3]; count] });
        }
    }
}

fn finish(
    source: &Source,
    tree: &Tree,
    tiles: &[&Tile],
    mut gathered: Gathered,
    destination: &Destination,
    checksum: String,
    context: &mut ReadContext,
) -> Result<ReadOutcome, ReadError> {
    let mut model = std::mem::take(&mut gathered.builder.model);
    let mut target = destination.target;
    if destination.is_on_earth() {
        if !target.is_rd() {
            let message = "heights are above the ellipsoid, not above sea level";
            context.report.add(Severity::Info, "heights-ellipsoidal", "reference system", message);
        }
        if gathered.worst_error_m > 0.0 {
            let message = format!(
                "each tile was placed by one frame; the largest error of a frame is {:.2} mm",
                gathered.worst_error_m * 1000.0
            );
            context.report.add(Severity::Info, "frame-error", "reference system", message);
        }
    } else if context.assumed_crs.is_some() || looks_like_rd(&gathered.bounds) {
        let placement = Placement::decide(source, None, &gathered.bounds, Unlabelled::Metric, context)?;
        place_model(&mut model, &placement);
        placement.apply(&mut gathered.points.positions);
        target = placement.target;
    } else {
        let message = "the tileset does not say where on Earth it is; it stands around its own origin (z up, metres) until it is placed by hand";
        context.report.add(Severity::Info, "place-needed", "reference system", message);
    }
    let bad_points =
        gathered.points.positions.iter_mut().filter(|p| !super::placement::is_sane(p)).fold(0, |n, p| {
            *p = [f64::NAN; 3];
            n + 1
        });
    if gathered.builder.bad_vertices + bad_points > 0 {
        let count = gathered.builder.bad_vertices + bad_points;
        let message = format!("expected places on Earth, found {count} others; what uses them is left out");
        context.report.error("coordinates", "the vertices", message);
    }
    if !gathered.has_colors {
        gathered.points.colors.clear();
    }
    let contents: usize = tree.tiles.iter().map(|tile| tile.contents.len()).sum();
    let mut counts = BTreeMap::from([
        ("tiles".to_owned(), tree.tiles.len() as u64),
        ("contents".to_owned(), contents as u64),
        ("contents read".to_owned(), gathered.contents_read),
        ("tilesets".to_owned(), tree.tilesets as u64),
        ("batches".to_owned(), gathered.batches),
        ("triangles".to_owned(), model.triangle_count() as u64),
        ("features".to_owned(), model.features.len() as u64),
        ("points".to_owned(), gathered.points.positions.len() as u64),
    ]);
    if tree.subtrees > 0 {
        counts.insert("subtrees".to_owned(), tree.subtrees as u64);
    }
    let levels: BTreeSet<u32> = tiles.iter().map(|tile| tile.level).collect();
    let faults = std::mem::take(&mut context.report).finish();
    let inspection = Inspection {
        uri: source.uri.clone(),
        format: TilesetReader.id(),
        version: tree.version.clone(),
        crs: destination.is_on_earth().then(|| "EPSG:4978".to_owned()),
        bbox: gathered.bounds.to_array(),
        counts,
        features: model.features.len() as u64,
        lods: levels.iter().map(ToString::to_string).collect(),
        fields: model.attributes.columns().iter().map(|column| column.name.clone()).collect(),
        time: None,
        faults: faults.clone(),
    };
    let (id, title) = names(source);
    let provenance = Provenance {
        source: tree.copyright.clone().unwrap_or_else(|| title.clone()),
        checksum,
        ..Provenance::default()
    };
    let mut layers = Vec::new();
    let has_points = !gathered.points.positions.is_empty();
    if model.triangle_count() > 0 || !has_points {
        layers.push(Layer {
            id: id.clone(),
            title: title.clone(),
            data: LayerData::Meshes(Arc::new(model)),
            provenance: provenance.clone(),
            faults: faults.clone(),
        });
    }
    if has_points {
        let is_alone = layers.is_empty();
        let mut class_counts = BTreeMap::new();
        for class in &gathered.points.classes {
            *class_counts.entry(*class).or_insert(0) += 1;
        }
        let cloud = PointCloud {
            chunks: levels::chunks(&gathered.points),
            class_counts,
            source_points: gathered.points.positions.len() as u64,
        };
        layers.push(Layer {
            id: if is_alone { id } else { format!("{id}-points") },
            title,
            data: LayerData::Points(Arc::new(cloud)),
            provenance,
            faults,
        });
    }
    context.progress.set(1.0);
    Ok(ReadOutcome { layers, inspection, crs: target })
}

/// Id and title: of the folder where the file has the name that all tilesets have.
fn names(source: &Source) -> (String, String) {
    let folder = source.path.parent().and_then(|folder| folder.file_name()).and_then(|name| name.to_str());
    match (source.file_name(), folder) {
        ("tileset.json", Some(folder)) => {
            let id = super::slug(folder).unwrap_or_else(|| layer_id(source));
            (id, folder.to_owned())
        }
        _ => (layer_id(source), layer_id(source)),
    }
}

/// Whether bytes are a content that this reader knows, for tests of damaged files.
pub fn knows_content(bytes: &[u8]) -> bool {
    is_content(bytes) || is_glb(bytes)
}
