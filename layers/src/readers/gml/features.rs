//! A feature's tree → a row of its type's table.
//!
//! Properties in properties become columns "a.b" (the object elements between them, which GML writes with a capital, are
//! left out of the name), repeated ones are joined with "; ", nil and void become null.

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap},
};

use super::{
    geometry::{GeometryReader, collect, is_geometry},
    tree::{NodeId, Tree},
};
use crate::{
    crs::{self, Epsg, Transform},
    model::{AttributeTable, Feature, FeatureLayer, Value},
    readers::{
        ReadContext, ReadError, Severity, Source,
        heights::heights_of,
        input::SMALLER,
        placement::Placement,
        unique_ids::UniqueIds,
        values::{is_id_name, value_of},
        vector::{arc::chord_error, assemble::Table},
    },
};

/// Path of a property, its shapes, and the positions that have a height.
type Group = (String, Vec<geo::Geometry<f64>>, Vec<[f64; 3]>);

/// Feature types that one file may have.
const MAX_TYPES: usize = 512;
/// Columns that one type may have.
const MAX_COLUMNS: usize = 1024;
/// Features that one file may have.
const MAX_FEATURES: usize = 16_000_000;

/// Columns that say that a row has been replaced or has ended, lower case.
const ENDS: [&str; 9] = [
    "eindregistratie",
    "voorkomen.eindregistratie",
    "voorkomen.eindgeldigheid",
    "voorkomen.tijdstipinactief",
    "objecteindtijd",
    "eindgeldigheid",
    "terminationdate",
    "endlifespanversion",
    "validto",
];

/// Columns whose value is the public id, lower case, best first.
const PUBLIC_IDS: [&str; 6] =
    ["identificatie", "identificatie.lokaalid", "lokaalid", "inspireid.localid", "identifier", "gml_id"];

/// What a coordinate system's name in a file means.
#[derive(Clone, Copy, Debug)]
struct SpatialReference {
    epsg: Option<Epsg>,
    /// The file gives y (or latitude) first.
    swaps: bool,
    /// Numbers a point when nothing else says.
    dimension: usize,
    chord_error: f64,
}

/// One feature type while it is read.
#[derive(Debug)]
struct TypeTable {
    layer: FeatureLayer,
    crs: Option<Epsg>,
    ids: UniqueIds,
    historic: u64,
    may_be_swapped: bool,
}

/// All features of a file by type.
#[derive(Debug, Default)]
pub(super) struct Features {
    by_type: HashMap<String, usize>,
    types: Vec<TypeTable>,
    references: HashMap<String, SpatialReference>,
    transforms: BTreeMap<(Epsg, Epsg), Option<Transform>>,
    pub count: usize,
    /// The collection's own `srsName`.
    pub default_srs: Option<String>,
    /// What the format prescribes where the file says nothing.
    pub prescribed: Option<Epsg>,
}

/// A geometry property of a feature.
struct Found {
    path: String,
    depth: usize,
    node: NodeId,
}

impl Features {
    /// Adds the feature in `tree`. `position` is its first byte.
    pub fn add(
        &mut self,
        tree: &Tree,
        position: u64,
        source: &Source,
        context: &mut ReadContext,
    ) -> Result<(), ReadError> {
        let kind = tree.name(Tree::ROOT).to_owned();
        let too_many = |what: &str, limit: usize| ReadError::TooLarge {
            path: source.path.clone(),
            what: what.to_owned(),
            limit: limit.to_string(),
            found: "more".to_owned(),
            advice: SMALLER.into(),
        };
        if self.count >= MAX_FEATURES {
            return Err(too_many("the number of features", MAX_FEATURES));
        }
        let position_of_type = match self.by_type.get(&kind) {
            Some(&position) => position,
            None if self.types.len() >= MAX_TYPES => {
                return Err(too_many("the number of feature types", MAX_TYPES));
            }
            None => {
                self.types.push(TypeTable {
                    layer: FeatureLayer { name: kind.clone(), ..FeatureLayer::default() },
                    crs: None,
                    ids: UniqueIds::default(),
                    historic: 0,
                    may_be_swapped: false,
                });
                self.by_type.insert(kind.clone(), self.types.len() - 1);
                self.types.len() - 1
            }
        };
        self.count += 1;
        let mut values: Vec<(String, Option<String>, Value)> = Vec::new();
        let mut geometries: Vec<Found> = Vec::new();
        for (name, column) in [("id", "gml_id"), ("fid", "fid")] {
            if let Some(id) = tree.attribute_of(Tree::ROOT, name) {
                values.push((column.to_owned(), None, Value::Text(id.to_owned())));
            }
        }
        walk(tree, Tree::ROOT, &mut String::new(), 0, &mut values, &mut geometries);

        let text_of = |wanted: &str| {
            let found =
                values.iter().find(|(path, _, value)| path.eq_ignore_ascii_case(wanted) && !value.is_null());
            found.map(|(_, _, value)| value.to_text())
        };
        let public_id = PUBLIC_IDS.iter().find_map(|name| text_of(name));
        let is_historic = ENDS.iter().any(|name| text_of(name).is_some());
        let id = public_id.or_else(|| text_of("fid")).unwrap_or_else(|| self.count.to_string());
        let place = format!("{kind} \"{id}\" (byte {position})");
        let geometry = self.geometry(tree, geometries, &place, position_of_type, source, context)?;

        let Some(table) = self.types.get_mut(position_of_type) else { return Ok(()) };
        let row = table.layer.features.len();
        put_values(&mut table.layer.attributes, row, values, &kind, context);
        table.layer.attributes.grow(row + 1);
        table.historic += u64::from(is_historic);
        // The current version of a thing keeps its public id; an ended one gets a number behind it.
        let id = table.ids.take(id, !is_historic);
        table.layer.features.push(Feature { id, geometry });
        Ok(())
    }

    /// The feature's main geometry in the coordinates of its type's table.
    fn geometry(
        &mut self,
        tree: &Tree,
        found: Vec<Found>,
        place: &str,
        position_of_type: usize,
        source: &Source,
        context: &mut ReadContext,
    ) -> Result<Option<geo::Geometry<f64>>, ReadError> {
        // The property nearest to the feature wins; the same path more than once is one geometry of several parts.
        let Some(shallowest) = found.iter().map(|found| found.depth).min() else { return Ok(None) };
        let mut groups: Vec<Group> = Vec::new();
        let mut reference = None;
        let mut left_out: Vec<String> = Vec::new();
        for property in found {
            if property.depth > shallowest {
                if !left_out.contains(&property.path) {
                    left_out.push(property.path);
                }
                continue;
            }
            let name = tree
                .first_attribute(property.node, "srsName")
                .or_else(|| own_srs(tree))
                .or(self.default_srs.as_deref())
                .map(str::to_owned);
            let of_part = self.reference(name, source, context)?;
            let stated =
                tree.first_attribute(property.node, "srsDimension").and_then(|text| text.parse().ok());
            let mut reader = GeometryReader {
                tree,
                swaps: of_part.swaps,
                default_dimension: stated.filter(|d| (2..=3).contains(d)).unwrap_or(of_part.dimension),
                chord_error: of_part.chord_error,
                notes: Vec::new(),
                positions: RefCell::default(),
            };
            let result = reader.read(property.node);
            let positions = reader.positions.take();
            for note in reader.notes {
                let code = if note.contains("xlink") { "xlink" } else { "geometry-simplified" };
                context.report.warn(code, place, note);
            }
            match result {
                Ok(geometry) => {
                    reference.get_or_insert(of_part);
                    let geometry = self.moved_to_table_crs(geometry, of_part, position_of_type);
                    match groups.iter_mut().find(|(path, ..)| *path == property.path) {
                        Some((_, parts, heights)) => {
                            parts.push(geometry);
                            heights.extend(positions);
                        }
                        None => groups.push((property.path, vec![geometry], positions)),
                    }
                }
                Err(reason) => context.report.error(
                    "geometry",
                    place,
                    format!(
                        "expected a GML geometry in \"{}\", found {reason}; the feature is kept without it",
                        property.path
                    ),
                ),
            }
        }
        use geo::HasDimensions;
        let dimension = |parts: &[geo::Geometry<f64>]| parts.iter().map(HasDimensions::dimensions).max();
        let best = groups.iter().map(|(_, parts, _)| dimension(parts)).max().flatten();
        let mut main = None;
        for (path, parts, positions) in groups {
            if main.is_none() && dimension(&parts) == best {
                let geometry = collect(parts);
                if let Some(table) = self.types.get_mut(position_of_type) {
                    // The feature is added right after this.
                    table.layer.heights.set(table.layer.features.len(), heights_of(&geometry, &positions));
                }
                main = Some(geometry);
            } else {
                left_out.push(path);
            }
        }
        for path in left_out {
            let kind = tree.name(Tree::ROOT);
            context.report.add(
                Severity::Info,
                "second-geometry",
                place,
                format!("a {kind} has one geometry here; the one in \"{path}\" is not shown"),
            );
        }
        Ok(main)
    }

    /// Geometry of another CRS than the table's first goes to that one.
    fn moved_to_table_crs(
        &mut self,
        mut geometry: geo::Geometry<f64>,
        reference: SpatialReference,
        position_of_type: usize,
    ) -> geo::Geometry<f64> {
        use geo::MapCoordsInPlace;
        let Some(table) = self.types.get_mut(position_of_type) else { return geometry };
        table.may_be_swapped |= reference.epsg.is_none_or(crs::is_geographic);
        let (Some(from), Some(to)) = (reference.epsg, table.crs) else {
            table.crs = table.crs.or(reference.epsg);
            return geometry;
        };
        if from != to && !(from.is_rd() && to.is_rd()) {
            let transform =
                self.transforms.entry((from, to)).or_insert_with(|| Transform::new(from, to).ok());
            geometry.map_coords_in_place(|geo::Coord { x, y }| {
                let moved = transform.as_ref().and_then(|transform| transform.apply_one([x, y, 0.0]));
                let [x, y, _] = moved.unwrap_or([f64::NAN; 3]);
                geo::Coord { x, y }
            });
        }
        geometry
    }

    fn reference(
        &mut self,
        name: Option<String>,
        source: &Source,
        context: &mut ReadContext,
    ) -> Result<SpatialReference, ReadError> {
        let key = name.unwrap_or_default();
        if let Some(&known) = self.references.get(&key) {
            return Ok(known);
        }
        let epsg =
            if key.is_empty() { self.prescribed } else { Placement::parse_stated(source, &key, context)? };
        let lower = key.to_ascii_lowercase();
        // URNs and their URL form follow the authority's order of axes; the older spellings are x first.
        let follows_authority =
            (lower.starts_with("urn:") || lower.contains("/def/crs/")) && !lower.contains("crs84");
        let has_heights = epsg.is_some_and(|epsg| {
            crs::spatial_ref(epsg)
                .is_ok_and(|reference| reference.is_compound() || reference.axes_count() == 3)
        });
        let reference = SpatialReference {
            epsg,
            swaps: follows_authority && epsg.is_some_and(crs::is_north_first),
            dimension: if has_heights { 3 } else { 2 },
            chord_error: chord_error(epsg.is_some_and(crs::is_geographic)),
        };
        // A hostile file could name a new one in every feature.
        if self.references.len() < 1000 {
            self.references.insert(key, reference);
        }
        Ok(reference)
    }

    /// The tables in the order in which their types first appeared, with what is worth knowing in the report.
    pub fn finish(self, context: &mut ReadContext) -> Vec<Table> {
        self.types
            .into_iter()
            .map(|table| {
                let total = table.layer.features.len();
                if table.historic > 0 {
                    context.report.add(
                        Severity::Info,
                        "historic-rows",
                        table.layer.name.clone(),
                        format!(
                            "{} of {total} rows have ended or were replaced by a later one (they carry an end date); all are kept, the current one keeps the public id",
                            table.historic
                        ),
                    );
                }
                Table { layer: table.layer, crs: table.crs, may_be_swapped: table.may_be_swapped }
            })
            .collect()
    }
}

/// The `srsName` of the feature's own envelope.
fn own_srs(tree: &Tree) -> Option<&str> {
    let bounded = tree.children(Tree::ROOT).find(|&child| tree.name(child) == "boundedBy")?;
    tree.first_attribute(bounded, "srsName")
}

fn put_values(
    attributes: &mut AttributeTable,
    row: usize,
    values: Vec<(String, Option<String>, Value)>,
    kind: &str,
    context: &mut ReadContext,
) {
    let mut seen: HashMap<usize, Value> = HashMap::new();
    for (path, unit, value) in values {
        if attributes.column(&path).is_none() && attributes.columns().len() >= MAX_COLUMNS {
            context.report.error(
                "too-many-columns",
                kind,
                format!(
                    "expected at most {MAX_COLUMNS} different properties, found more; \"{path}\" is left out"
                ),
            );
            continue;
        }
        let column = attributes.ensure_column(&path, unit.as_deref());
        if value.is_null() {
            continue;
        }
        let joined = match seen.remove(&column) {
            Some(before) => Value::Text(format!("{}; {}", before.to_text(), value.to_text())),
            None => value,
        };
        seen.insert(column, joined);
    }
    for (column, value) in seen {
        attributes.set_at(row, column, value);
    }
}

fn walk(
    tree: &Tree,
    node: NodeId,
    path: &mut String,
    depth: usize,
    values: &mut Vec<(String, Option<String>, Value)>,
    geometries: &mut Vec<Found>,
) {
    for child in tree.children(node) {
        let name = tree.name(child);
        if tree.is_gml(child) {
            if is_geometry(name) {
                geometries.push(Found { path: path.trim_end_matches('.').to_owned(), depth, node: child });
                continue;
            }
            if matches!(name, "boundedBy" | "metaDataProperty") {
                continue;
            }
        }
        let length = path.len();
        if tree.has_children(child) {
            let is_object = name.starts_with(char::is_uppercase);
            if !is_object {
                path.push_str(name);
                path.push('.');
            }
            walk(tree, child, path, depth + 1, values, geometries);
        } else {
            let value = leaf_value(tree, child, name);
            let unit = tree.attribute_of(child, "uom").map(str::to_owned);
            values.push((format!("{path}{name}"), unit, value));
        }
        path.truncate(length);
    }
}

fn leaf_value(tree: &Tree, node: NodeId, name: &str) -> Value {
    let is_nil = matches!(tree.attribute_of(node, "nil"), Some("true" | "1"));
    let is_void = tree.attribute_of(node, "codeSpace").is_some_and(|space| space.contains("VoidReasonValue"));
    if is_nil || is_void {
        return Value::Null;
    }
    match tree.text(node) {
        "" => tree.attribute_of(node, "href").map_or(Value::Null, |target| Value::Text(target.to_owned())),
        text => value_of(text, is_id_name(name)),
    }
}
