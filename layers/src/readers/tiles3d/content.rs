//! One tile's content: b3dm, i3dm, pnts, cmpt, and glTF, as meshes and points in the tileset's coordinates.

mod placed;

use std::{collections::BTreeMap, sync::Arc};

use self::placed::{instanced, point_cloud};
use super::tables::Table;
use crate::{
    model::{MeshModel, Value},
    readers::gltf::{
        self,
        builder::public_id,
        document::{Document, GltfError, is_glb},
        matrix::Matrix,
        resources::{Location, gunzipped},
        scene::{self, Geometry, Scene},
    },
};

/// Composites inside composites.
const MAX_DEPTH: usize = 8;
/// Triangles that one content may become, its instances counted.
const MAX_TRIANGLES: u64 = 20_000_000;

/// A feature of one content: its public id, and its attributes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Feature {
    pub id: String,
    pub row: Vec<(String, Value)>,
}

#[derive(Debug, Default)]
pub(super) struct Mesh {
    pub points: Vec<[f64; 3]>,
    pub indices: Vec<u32>,
    /// Into [`Decoded::features`], or [`MeshModel::NO_FEATURE`].
    pub features: Vec<u32>,
    pub colors: Vec<[u8; 4]>,
    pub color: Option<[u8; 4]>,
}

#[derive(Debug, Default)]
pub(super) struct Points {
    pub positions: Vec<[f64; 3]>,
    pub colors: Vec<[u8; 3]>,
    pub classes: Vec<u8>,
}

/// What one content holds.
#[derive(Debug)]
pub(super) struct Decoded {
    up: Matrix,
    pub meshes: Vec<Mesh>,
    pub points: Vec<Points>,
    pub features: Vec<Feature>,
    /// Rows of batch tables.
    pub batches: u64,
    /// What was left out: place, expected and found.
    pub faults: Vec<GltfError>,
    /// Things that are readable but not as the standard wants them.
    pub warnings: Vec<GltfError>,
    /// Content that is a tileset itself.
    pub is_tileset: bool,
    triangles: u64,
}

impl Default for Decoded {
    fn default() -> Self {
        Self {
            up: Matrix::Z_UP_FROM_Y_UP,
            meshes: Vec::new(),
            points: Vec::new(),
            features: Vec::new(),
            batches: 0,
            faults: Vec::new(),
            warnings: Vec::new(),
            is_tileset: false,
            triangles: 0,
        }
    }
}

/// The content as read, or why nothing of it can be.
///
/// `transform` is the tile's; `up` turns glTF's axes to the tile's.
pub(super) fn decode(
    bytes: &[u8],
    location: &Location,
    transform: &Matrix,
    up: &Matrix,
) -> Result<Decoded, GltfError> {
    let mut decoded = Decoded { up: *up, ..Decoded::default() };
    decode_into(&mut decoded, bytes, location, transform, 0)?;
    Ok(decoded)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at.checked_add(4)?)?.try_into().ok().map(u32::from_le_bytes)
}

fn decode_into(
    decoded: &mut Decoded,
    bytes: &[u8],
    location: &Location,
    transform: &Matrix,
    depth: usize,
) -> Result<(), GltfError> {
    let magic = bytes.get(..4).unwrap_or_default();
    match magic {
        b"b3dm" => batched(decoded, bytes, location, transform),
        b"i3dm" => instanced(decoded, bytes, location, transform),
        b"pnts" => point_cloud(decoded, bytes, transform),
        b"cmpt" => {
            if depth >= MAX_DEPTH {
                let found = "one more";
                return Err(GltfError::new(
                    format!("composites at most {MAX_DEPTH} deep"),
                    found,
                    "the composite",
                ));
            }
            composite(decoded, bytes, location, transform, depth)
        }
        _ if is_glb(bytes) => model(decoded, bytes, location, transform, None),
        _ if starts_as_object(bytes) => {
            let text = String::from_utf8_lossy(bytes.get(..4096).unwrap_or(bytes));
            if text.contains("\"geometricError\"") || text.contains("\"root\"") {
                decoded.is_tileset = true;
                Ok(())
            } else if text.contains("\"Feature\"") || text.contains("\"FeatureCollection\"") {
                let expected = "b3dm, i3dm, pnts, cmpt or glTF";
                Err(GltfError::new(expected, "GeoJSON (open that file by itself)", "byte 0"))
            } else {
                model(decoded, bytes, location, transform, None)
            }
        }
        _ => {
            let found = crate::readers::source::describe_head(bytes);
            Err(GltfError::new("b3dm, i3dm, pnts, cmpt or glTF", found, "byte 0"))
        }
    }
}

fn starts_as_object(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(bytes);
    text.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{')
}

/// The header that b3dm, i3dm and pnts share, and the parts behind it.
struct Parts<'a> {
    feature_table: Table<'a>,
    batch_table: Table<'a>,
    /// What follows the tables.
    body: &'a [u8],
}

fn parts<'a>(bytes: &'a [u8], header_bytes: usize, decoded: &mut Decoded) -> Result<Parts<'a>, GltfError> {
    let short =
        || GltfError::new(format!("a header of {header_bytes} bytes"), format!("{}", bytes.len()), "byte 0");
    let field = |at: usize| u32_at(bytes, at).ok_or_else(short);
    let version = field(4)?;
    if version != 1 {
        return Err(GltfError::new("version 1", version.to_string(), "byte 4"));
    }
    let length = field(8)? as usize;
    if length > bytes.len() {
        let found = format!("{} bytes", bytes.len());
        return Err(GltfError::new(format!("{length} bytes, as the header says"), found, "byte 8"));
    }
    if length != bytes.len() {
        let found = format!("{} bytes", bytes.len());
        decoded.warnings.push(GltfError::new(format!("{length} bytes, as the header says"), found, "byte 8"));
    }
    if !length.is_multiple_of(8) {
        let found = format!("{length}");
        decoded.warnings.push(GltfError::new("a length of a multiple of 8 bytes", found, "byte 8"));
    }
    let sizes = [field(12)?, field(16)?, field(20)?, field(24)?];
    let mut at = header_bytes;
    let mut slices: [&[u8]; 4] = [&[]; 4];
    for (slice, size) in slices.iter_mut().zip(sizes) {
        let end = at.checked_add(size as usize).filter(|&end| end <= length);
        *slice = end.and_then(|end| bytes.get(at..end)).ok_or_else(|| {
            let found = format!("a part of {size} bytes from byte {at}");
            GltfError::new(format!("tables inside the {length} bytes"), found, "the header")
        })?;
        at += size as usize;
        if size > 0 && !at.is_multiple_of(8) {
            let found = format!("byte {at}");
            decoded.warnings.push(GltfError::new(
                "parts that end at a multiple of 8 bytes",
                found,
                "the header",
            ));
        }
    }
    let [feature_json, feature_binary, batch_json, batch_binary] = slices;
    let table = |json, binary, name| {
        Table::parse(json, binary, name).map_err(|found| GltfError::new("a readable table", found, name))
    };
    Ok(Parts {
        feature_table: table(feature_json, feature_binary, "the feature table")?,
        batch_table: table(batch_json, batch_binary, "the batch table")?,
        body: bytes.get(at..length).unwrap_or_default(),
    })
}

/// Adds one feature for each row of a batch table; returns the number of the first.
fn add_batch(decoded: &mut Decoded, table: &Table<'_>, rows: u64, name: &str) -> u32 {
    let first = decoded.features.len() as u32;
    let (columns, errors) = table.properties(rows);
    for error in errors {
        decoded.faults.push(GltfError::new("a readable column", error, "the batch table"));
    }
    decoded.batches += rows;
    for row in 0..rows as usize {
        let values: Vec<(String, Value)> = columns
            .iter()
            .filter_map(|(name, values)| Some((name.clone(), values.get(row)?.clone())))
            .collect();
        let id = public_id(values.iter().map(|(name, value)| (name.as_str(), value)));
        decoded.features.push(Feature { id: id.unwrap_or_else(|| format!("{name}#{row}")), row: values });
    }
    first
}

/// Rows that a table may have: no more than one for each byte of the content, with a floor for tables without columns.
fn checked_rows(rows: u64, bytes: &[u8], key: &str) -> Result<u64, GltfError> {
    if rows > (bytes.len() as u64).max(1 << 16) {
        return Err(GltfError::new(
            format!("a {key} that the content can hold"),
            rows.to_string(),
            "the feature table",
        ));
    }
    Ok(rows)
}

fn batched(
    decoded: &mut Decoded,
    bytes: &[u8],
    location: &Location,
    transform: &Matrix,
) -> Result<(), GltfError> {
    let parts = parts(bytes, 28, decoded)?;
    let rows = match parts.feature_table.length("BATCH_LENGTH") {
        Some(rows) => checked_rows(rows, bytes, "BATCH_LENGTH")?,
        None => {
            return Err(GltfError::new("BATCH_LENGTH", "none", "the feature table"));
        }
    };
    let transform = match parts.feature_table.vector("RTC_CENTER") {
        Some(center) => transform.after(&Matrix::translation(center)),
        None if parts.feature_table.has("RTC_CENTER") => {
            return Err(GltfError::new(
                "RTC_CENTER with three finite numbers",
                "another",
                "the feature table",
            ));
        }
        None => *transform,
    };
    let first = add_batch(decoded, &parts.batch_table, rows, location.name());
    model(decoded, parts.body, location, &transform, (rows > 0).then_some((first, rows as u32)))
}

/// A glTF or GLB; `batch` are the first feature and the number of features that its batch ids mean.
fn model(
    decoded: &mut Decoded,
    bytes: &[u8],
    location: &Location,
    transform: &Matrix,
    batch: Option<(u32, u32)>,
) -> Result<(), GltfError> {
    let scene = read_scene(bytes, location)?;
    place_scene(decoded, &scene, location.name(), transform, batch, None);
    decoded.faults.extend(scene.left_out);
    check_size(decoded)
}

fn read_scene(bytes: &[u8], location: &Location) -> Result<Scene, GltfError> {
    let document = Document::parse(bytes, location)?;
    scene::read(&document)
}

fn check_size(decoded: &Decoded) -> Result<(), GltfError> {
    if decoded.triangles > MAX_TRIANGLES {
        let found = decoded.triangles.to_string();
        return Err(GltfError::new(
            format!("at most {MAX_TRIANGLES} triangles in a tile"),
            found,
            "the content",
        ));
    }
    Ok(())
}

/// Adds a scene at a place. `whole` is the feature of an instance, which then all its shapes have.
fn place_scene(
    decoded: &mut Decoded,
    scene: &Scene,
    name: &str,
    transform: &Matrix,
    batch: Option<(u32, u32)>,
    whole: Option<u32>,
) {
    let base =
        transform.after(&scene.center.map_or(Matrix::IDENTITY, Matrix::translation)).after(&decoded.up);
    let mut own: Option<u32> = None;
    let mut rows: BTreeMap<(usize, u32), u32> = BTreeMap::new();
    for shape in &scene.shapes {
        let geometry = &shape.geometry;
        let at = base.after(&shape.transform);
        decoded.triangles += (geometry.indices.len() / 3) as u64;
        if decoded.triangles > MAX_TRIANGLES {
            return;
        }
        let points: Vec<[f64; 3]> = geometry.positions.iter().map(|p| at.point(p.map(f64::from))).collect();
        if geometry.is_points {
            let colors = match (geometry.colors.is_empty(), geometry.color) {
                (false, _) => geometry.colors.iter().map(|&[r, g, b, _]| [r, g, b]).collect(),
                (true, Some([r, g, b, _])) => vec![[r, g, b]; points.len()],
                (true, None) => Vec::new(),
            };
            decoded.points.push(Points { positions: points, colors, classes: Vec::new() });
            continue;
        }
        let features = match (whole, batch) {
            (Some(feature), _) => vec![feature; points.len()],
            (None, Some((first, count))) if geometry.is_batched => geometry
                .feature_ids
                .iter()
                .map(|&id| if id < count { first + id } else { MeshModel::NO_FEATURE })
                .collect(),
            _ if !geometry.feature_ids.is_empty() && !geometry.is_batched => {
                table_features(decoded, scene, geometry, name, &mut rows)
            }
            // Without ids a content is one thing.
            _ => {
                let feature = *own.get_or_insert_with(|| {
                    decoded.features.push(Feature { id: name.to_owned(), row: Vec::new() });
                    decoded.features.len() as u32 - 1
                });
                vec![feature; points.len()]
            }
        };
        decoded.meshes.push(Mesh {
            points,
            indices: gltf::turned(&geometry.indices, &at),
            features,
            colors: geometry.colors.clone(),
            color: geometry.color,
        });
    }
}

/// Features of EXT_mesh_features: rows of a property table, or bare numbers.
fn table_features(
    decoded: &mut Decoded,
    scene: &Scene,
    geometry: &Arc<Geometry>,
    name: &str,
    rows: &mut BTreeMap<(usize, u32), u32>,
) -> Vec<u32> {
    let number = geometry.table.unwrap_or(usize::MAX);
    let table = geometry.table.and_then(|table| scene.tables.get(table));
    geometry
        .feature_ids
        .iter()
        .map(|&id| {
            if id == u32::MAX || table.is_some_and(|table| id as usize >= table.rows) {
                return MeshModel::NO_FEATURE;
            }
            *rows.entry((number, id)).or_insert_with(|| {
                let row = table.map(|table| scene::table_row(table, id as usize)).unwrap_or_default();
                let public = public_id(row.iter().map(|(name, value)| (*name, value)));
                decoded.features.push(Feature {
                    id: public.unwrap_or_else(|| format!("{name}#{id}")),
                    row: row.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
                });
                decoded.features.len() as u32 - 1
            })
        })
        .collect()
}

fn composite(
    decoded: &mut Decoded,
    bytes: &[u8],
    location: &Location,
    transform: &Matrix,
    depth: usize,
) -> Result<(), GltfError> {
    let (Some(1), Some(length), Some(count)) = (u32_at(bytes, 4), u32_at(bytes, 8), u32_at(bytes, 12)) else {
        return Err(GltfError::new("a composite of version 1", format!("{} bytes", bytes.len()), "byte 0"));
    };
    let whole = bytes.get(..length as usize).ok_or_else(|| {
        GltfError::new(
            format!("{length} bytes, as the header says"),
            format!("{} bytes", bytes.len()),
            "byte 8",
        )
    })?;
    let mut at = 16;
    for number in 0..count {
        let size = u32_at(whole, at + 8).unwrap_or(0) as usize;
        let inner = at.checked_add(size).filter(|_| size >= 12).and_then(|end| whole.get(at..end));
        let Some(inner) = inner else {
            let found = format!("{size} bytes from byte {at}");
            return Err(GltfError::new(
                format!("inner tile {number} of {count} inside the composite"),
                found,
                "the composite",
            ));
        };
        if let Err(mut error) = decode_into(decoded, inner, location, transform, depth + 1) {
            error.location = format!("inner tile {number}, {}", error.location);
            decoded.faults.push(error);
        }
        at += size;
    }
    Ok(())
}

/// Reads a content's bytes; gzip is unpacked also inside packages.
pub(super) fn read_bytes(location: &Location) -> Result<Vec<u8>, GltfError> {
    let bytes = location.read().and_then(|bytes| gunzipped(bytes, location.name()));
    bytes.map_err(|error| GltfError::new("a readable content", error.to_string(), location.name()))
}
