//! All tiles of a tileset in one list: explicit ones, those of external tilesets, and those of implicit trees.

use std::{collections::BTreeSet, io::Cursor, sync::Arc};

use serde_json::Value as Json;

use super::{
    check::{Extensions, check},
    implicit::{Coordinates, Subtree, Tiling, volume_at},
    package::Package,
    volume::{Volume, numbers},
};
use crate::readers::{
    ReadContext, ReadError, Severity,
    gltf::{
        matrix::Matrix,
        resources::{Location, ResourceError, has_extension},
    },
};

/// Tiles of one tileset, all of its files together: some 200 bytes each.
const MAX_TILES: usize = 2_000_000;
const MAX_TILESETS: usize = 100_000;
/// Tilesets inside tilesets.
const MAX_NESTING: usize = 32;

#[derive(Clone, Debug)]
pub(super) struct Tile {
    pub children: Vec<usize>,
    /// To the coordinates of the outermost tileset.
    pub transform: Matrix,
    pub volume: Option<Volume>,
    pub geometric_error: f64,
    /// Whether children come instead of this tile's contents (else beside them).
    pub is_replaced: bool,
    pub contents: Vec<Location>,
    pub level: u32,
    /// From glTF's axes to those of the tile: y is up, unless the tileset says otherwise.
    pub up: Matrix,
}

#[derive(Debug, Default)]
pub(super) struct Tree {
    pub tiles: Vec<Tile>,
    pub tilesets: usize,
    pub subtrees: usize,
    pub version: Option<String>,
    pub copyright: Option<String>,
    root_extensions: Extensions,
    /// Extensions that stand in external tilesets.
    external_found: BTreeSet<String>,
    is_full: bool,
}

/// What a tile takes from its parent.
#[derive(Clone, Copy)]
struct Above {
    parent: Option<usize>,
    transform: Matrix,
    is_replaced: bool,
    level: u32,
    up: Matrix,
}

/// What `asset.gltfUpAxis` says (older tilesets of 3D Tiles 1.0 have it).
fn up_axis(json: &Json) -> Matrix {
    match json.get("asset").and_then(|asset| asset.get("gltfUpAxis")).and_then(Json::as_str) {
        Some("Z" | "z") => Matrix::IDENTITY,
        // x up: (x, y, z) → (−z, y, x).
        Some("X" | "x") => Matrix::from_axes([0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0; 3]),
        _ => Matrix::Z_UP_FROM_Y_UP,
    }
}

/// Reads a tileset with all that it points to. Faults are reported; only an unreadable outermost file is an error.
pub(super) fn load(location: &Location, bytes: &[u8], context: &mut ReadContext) -> Result<Tree, TreeError> {
    let mut tree = Tree::default();
    let above = Above {
        parent: None,
        transform: Matrix::IDENTITY,
        is_replaced: true,
        level: 0,
        up: Matrix::Z_UP_FROM_Y_UP,
    };
    tree.add_tileset(location, bytes, &above, &mut Vec::new(), context)?;
    let undeclared: Vec<String> =
        tree.external_found.difference(&tree.root_extensions.used).cloned().collect();
    for name in undeclared {
        let message = format!("expected \"{name}\", which an external tileset has, found it undeclared");
        context.report.error("tileset-invalid", format!("{}, extensionsUsed", location.name()), message);
    }
    Ok(tree)
}

/// Why a tileset file gives nothing.
#[derive(Debug)]
pub(super) enum TreeError {
    Malformed { expected: String, found: String, location: String },
    Stopped(ReadError),
}

impl From<ReadError> for TreeError {
    fn from(error: ReadError) -> Self {
        Self::Stopped(error)
    }
}

impl Tree {
    fn add_tileset(
        &mut self,
        location: &Location,
        bytes: &[u8],
        above: &Above,
        chain: &mut Vec<String>,
        context: &mut ReadContext,
    ) -> Result<(), TreeError> {
        context.check_cancelled()?;
        let name = location.name();
        let text = match bytes.strip_prefix(&[0xef, 0xbb, 0xbf]) {
            Some(text) => {
                let message = "expected JSON, found a byte order mark before it; it is passed over";
                context.report.warn("tileset-unusual", format!("{name}, byte 0"), message);
                text
            }
            None => bytes,
        };
        let json: Json = serde_json::from_slice(text).map_err(|error| {
            let message = error.to_string();
            TreeError::Malformed {
                expected: "a tileset in JSON".to_owned(),
                found: message.split(" at line ").next().unwrap_or(&message).to_owned(),
                location: format!("{name}, line {}, column {}", error.line(), error.column()),
            }
        })?;
        if !json.is_object() || !json.get("root").is_some_and(Json::is_object) {
            return Err(TreeError::Malformed {
                expected: "an object with a root tile".to_owned(),
                found: json.to_string().chars().take(60).collect(),
                location: name.to_owned(),
            });
        }
        let outer_schema = load_schema(&json, location, context);
        let schema = outer_schema.as_ref().or_else(|| json.get("schema"));
        let extensions = check(&json, schema, name, &mut context.report);
        if self.tilesets == 0 {
            let asset = |key: &str| {
                json.get("asset").and_then(|a| a.get(key)).and_then(Json::as_str).map(str::to_owned)
            };
            self.version = asset("version");
            self.copyright = asset("copyright").filter(|text| !text.is_empty());
            self.root_extensions = extensions;
        } else {
            self.external_found.extend(extensions.found);
        }
        self.tilesets += 1;
        chain.push(name.to_owned());
        let above = Above { up: up_axis(&json), ..*above };
        let result = match json.get("root") {
            Some(root) => self.add_tile(root, location, &above, chain, context),
            None => Ok(()),
        };
        chain.pop();
        result
    }

    /// Adds a tile and all below it. Depth is bounded by the JSON parser's.
    fn add_tile(
        &mut self,
        json: &Json,
        location: &Location,
        above: &Above,
        chain: &mut Vec<String>,
        context: &mut ReadContext,
    ) -> Result<(), TreeError> {
        if !json.is_object() {
            return Ok(());
        }
        let own = json
            .get("transform")
            .and_then(numbers::<16>)
            .and_then(|values| Matrix::from_slice(&values))
            .unwrap_or(Matrix::IDENTITY);
        let transform = above.transform.after(&own);
        let is_replaced =
            match json.get("refine").and_then(Json::as_str).map(str::to_ascii_uppercase).as_deref() {
                Some("ADD") => false,
                Some("REPLACE") => true,
                _ => above.is_replaced,
            };
        let error =
            json.get("geometricError").and_then(Json::as_f64).filter(|error| *error >= 0.0).unwrap_or(0.0);
        let volume = json.get("boundingVolume").and_then(Volume::parse);
        let uris: Vec<&str> = json
            .get("contents")
            .and_then(Json::as_array)
            .into_iter()
            .flatten()
            .chain(json.get("content"))
            .filter_map(|content| content.get("uri").or_else(|| content.get("url")))
            .filter_map(Json::as_str)
            .collect();
        let tile = Tile {
            children: Vec::new(),
            transform,
            volume,
            geometric_error: error,
            is_replaced,
            contents: Vec::new(),
            level: above.level,
            up: above.up,
        };
        if let Some(tiling) = json.get("implicitTiling").and_then(Tiling::parse) {
            return self.add_implicit(&tiling, &uris, tile, above.parent, location, context);
        }
        let Some(index) = self.push(tile, above.parent, context) else { return Ok(()) };
        let below =
            Above { parent: Some(index), transform, is_replaced, level: above.level + 1, up: above.up };
        for uri in uris {
            self.add_content(uri, index, location, &below, chain, context)?;
        }
        for child in json.get("children").and_then(Json::as_array).into_iter().flatten() {
            self.add_tile(child, location, &below, chain, context)?;
        }
        Ok(())
    }

    /// Adds a tile to the list and to its parent; `None` when the list is full.
    fn push(&mut self, tile: Tile, parent: Option<usize>, context: &mut ReadContext) -> Option<usize> {
        if self.tiles.len() >= MAX_TILES {
            if !self.is_full {
                let message = format!("expected at most {MAX_TILES} tiles, found more; the rest is left out");
                context.report.error("tiles-left-out", "the tileset", message);
                self.is_full = true;
            }
            return None;
        }
        let index = self.tiles.len();
        self.tiles.push(tile);
        if let Some(parent) = parent.and_then(|parent| self.tiles.get_mut(parent)) {
            parent.children.push(index);
        }
        Some(index)
    }

    /// A content that is a tileset becomes children; any other is remembered.
    fn add_content(
        &mut self,
        uri: &str,
        tile: usize,
        location: &Location,
        below: &Above,
        chain: &mut Vec<String>,
        context: &mut ReadContext,
    ) -> Result<(), TreeError> {
        let there = match location.join(uri) {
            Ok(there) => there,
            Err(error) => {
                report_content(location.name(), &error, context);
                return Ok(());
            }
        };
        let is_package = has_extension(&there.path, "3tz");
        if !is_package && !has_extension(&there.path, "json") {
            if let Some(tile) = self.tiles.get_mut(tile) {
                tile.contents.push(there);
            }
            return Ok(());
        }
        if chain.contains(&there.path) || chain.len() >= MAX_NESTING || self.tilesets >= MAX_TILESETS {
            let message = if chain.contains(&there.path) {
                format!("expected a tree of tilesets, found \"{}\" inside itself; it is left out", there.path)
            } else {
                format!(
                    "expected at most {MAX_NESTING} levels and {MAX_TILESETS} tilesets, found more at \"{}\"",
                    there.path
                )
            };
            context.report.error("tileset-circle", location.name(), message);
            return Ok(());
        }
        let (there, bytes) = match open_tileset(&there, is_package) {
            Ok(read) => read,
            Err(error) => {
                report_content(location.name(), &error, context);
                return Ok(());
            }
        };
        // GeoJSON is a content too; it is named when contents are read.
        if bytes.len() < 1 << 24 && !String::from_utf8_lossy(&bytes).contains("\"root\"") {
            if let Some(tile) = self.tiles.get_mut(tile) {
                tile.contents.push(there);
            }
            return Ok(());
        }
        match self.add_tileset(&there, &bytes, below, chain, context) {
            Err(TreeError::Malformed { expected, found, location }) => {
                context.report.error(
                    "tileset-invalid",
                    location,
                    format!("expected {expected}, found {found}"),
                );
                Ok(())
            }
            other => other,
        }
    }

    /// Expands an implicit tree, subtree by subtree.
    fn add_implicit(
        &mut self,
        tiling: &Tiling,
        uris: &[&str],
        root: Tile,
        parent: Option<usize>,
        location: &Location,
        context: &mut ReadContext,
    ) -> Result<(), TreeError> {
        let mut pending = vec![(Coordinates::default(), parent)];
        while let Some((start, parent)) = pending.pop() {
            context.check_cancelled()?;
            let subtree = location
                .join(&start.fill(&tiling.subtrees))
                .map_err(|error| error.to_string())
                .and_then(|there| Subtree::read(&there, tiling).map_err(|error| error.to_string()));
            let subtree = match subtree {
                Ok(subtree) => subtree,
                Err(message) => {
                    let place = format!("subtree {}/{}/{}/{}", start.level, start.x, start.y, start.z);
                    context.report.error(
                        "subtree-unreadable",
                        place,
                        format!("{message}; its tiles are left out"),
                    );
                    continue;
                }
            };
            self.subtrees += 1;
            // Nodes of the level above that are there: Morton number, coordinates, place in the list.
            let mut level_nodes = vec![(0_u64, start, parent)];
            for level in 0..tiling.subtree_levels {
                if start.level + level >= tiling.available_levels {
                    level_nodes.clear();
                    break;
                }
                let mut next = Vec::new();
                for (morton, at, parent) in level_nodes {
                    if !subtree.has_tile(level, morton) {
                        continue;
                    }
                    let mut tile = root.clone();
                    tile.level = root.level + at.level;
                    tile.geometric_error = root.geometric_error / f64::from(at.level).exp2();
                    tile.volume = root.volume.map(|volume| volume_at(&volume, at, tiling.scheme));
                    for (number, uri) in uris.iter().enumerate() {
                        if !subtree.has_content(number, level, morton) {
                            continue;
                        }
                        match location.join(&at.fill(uri)) {
                            Ok(there) => tile.contents.push(there),
                            Err(error) => report_content(location.name(), &error, context),
                        }
                    }
                    let Some(index) = self.push(tile, parent, context) else { return Ok(()) };
                    let children = tiling.scheme.children();
                    next.extend(
                        (0..children).map(|child| (morton * children + child, at.child(child), Some(index))),
                    );
                }
                level_nodes = next;
            }
            for (morton, at, parent) in level_nodes {
                if subtree.has_child(morton) && at.level < tiling.available_levels {
                    pending.push((at, parent));
                }
            }
        }
        Ok(())
    }
}

/// Bytes of an external tileset, out of its package when it is in one.
fn open_tileset(there: &Location, is_package: bool) -> Result<(Location, Vec<u8>), ResourceError> {
    let bytes = there.read()?;
    if !is_package {
        return Ok((there.clone(), bytes));
    }
    let unreadable = |reason: String| ResourceError::Unreadable { uri: there.path.clone(), reason };
    let package = Package::open(&there.path, Box::new(Cursor::new(bytes))).map_err(unreadable)?;
    let inner = Location::in_store(Arc::new(package), "tileset.json");
    let bytes = inner.read()?;
    Ok((inner, bytes))
}

/// The schema that `schemaUri` points to.
fn load_schema(json: &Json, location: &Location, context: &mut ReadContext) -> Option<Json> {
    let uri = json.get("schemaUri")?.as_str()?;
    let read = location
        .join(uri)
        .and_then(|there| there.read())
        .map_err(|error| error.to_string())
        .and_then(|bytes| serde_json::from_slice(&bytes).map_err(|error| format!("\"{uri}\": {error}")));
    match read {
        Ok(schema) => Some(schema),
        Err(message) => {
            let place = format!("{}, schemaUri", location.name());
            context.report.error(
                "tileset-invalid",
                place,
                format!("expected a readable schema, found: {message}"),
            );
            None
        }
    }
}

/// A content that cannot be reached; one on the network only needs to be known.
pub(super) fn report_content(place: &str, error: &ResourceError, context: &mut ReadContext) {
    let severity =
        if matches!(error, ResourceError::Network { .. }) { Severity::Warning } else { Severity::Error };
    context.report.add(severity, "content-missing", place, format!("{error}; it is left out"));
}
