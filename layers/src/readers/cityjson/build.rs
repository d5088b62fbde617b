//! Parsed parts → one checked [`CityModel`]: indices in range, relations resolved and free of cycles, semantics
//! matched to surfaces.

use std::sync::Arc;
use std::{collections::HashMap, ops::Range};

use super::{
    parse::{Document, ParsedGeometry, ParsedObject},
    semantics::{Looks, keep_semantics, point_values, surface_types, surface_values},
};
use crate::{
    model::{CityModel, CityObject, CityObjectType, Geometry, GeometryKind, VertexTransform},
    readers::{
        Report, Severity,
        city_layer::{CellBudget, drop_bad_surfaces, keep_surfaces},
        part::Relation,
    },
};

/// Grows one model from the documents of a file, in order.
#[derive(Default)]
pub(super) struct ModelBuilder {
    pub model: CityModel,
    ids: HashMap<Box<str>, u32>,
    /// Names to resolve at the end: object, parents, children.
    relations: Vec<Relation>,
    instance_indices: usize,
    /// What the surfaces of the last geometry said.
    semantics: Arc<str>,
    cells: CellBudget,
    /// Some objects state their own boxes.
    has_extents: bool,
}

/// Vertices of one document: where they start in the model and how many there are.
#[derive(Clone, Copy)]
pub(super) struct VertexRange {
    pub start: u32,
    pub count: u32,
}

/// What the header gives to all documents of a file.
#[derive(Default)]
pub(super) struct Shared {
    pub templates: Vec<ParsedGeometry>,
    pub template_vertices: Vec<[f64; 3]>,
    pub looks: Looks,
    /// Whether a type without "+" that the standard does not have is a fault: CityJSON 1.0 has other names.
    pub is_strict: bool,
    /// Features of a sequence are documents of their own, so a repeated id is less of a fault than inside one.
    pub is_sequence: bool,
}

impl ModelBuilder {
    /// Adds the objects of `document`, whose vertices are in units of `transform`. Objects with a known id are left out
    /// with a fault. `names` are the attribute names that the objects point into and `columns` their
    /// columns as far as they are known.
    pub fn add(
        &mut self,
        mut document: Document,
        transform: Option<VertexTransform>,
        names: &[String],
        columns: &mut Vec<Option<usize>>,
        shared: &Shared,
        report: &mut Report,
    ) {
        let vertices =
            VertexRange { start: self.model.vertices.len() as u32, count: document.vertices.len() as u32 };
        self.model.vertices.extend_scaled(&document.vertices, transform);
        // A feature may bring looks of its own; without, it uses those of the header.
        let looks = document
            .appearance
            .take()
            .map_or(shared.looks, |appearance| Looks::add(appearance, &mut self.model.appearance));
        self.add_objects(document.objects, vertices, names, columns, shared, looks, report);
    }

    /// As [`Self::add`] for objects whose vertices are in the model already.
    #[expect(clippy::too_many_arguments, reason = "what objects of one file share")]
    pub fn add_objects(
        &mut self,
        objects: Vec<ParsedObject>,
        vertices: VertexRange,
        names: &[String],
        columns: &mut Vec<Option<usize>>,
        shared: &Shared,
        looks: Looks,
        report: &mut Report,
    ) {
        columns.resize(names.len(), None);
        for parsed in objects {
            let row = self.model.objects.len();
            if self.ids.contains_key(parsed.id.as_str()) {
                let severity = if shared.is_sequence { Severity::Warning } else { Severity::Error };
                report.add(
                    severity,
                    "duplicate-id",
                    &parsed.id,
                    "a CityObject with this id was read before; the first one is kept",
                );
                continue;
            }
            self.ids.insert(parsed.id.as_str().into(), row as u32);
            let ParsedObject { id, object_type, parents, children, attributes, geometries, has_extent } =
                parsed;
            self.has_extents |= has_extent;
            let object_type = checked_type(&object_type, &id, shared.is_strict, report);
            let mut object = CityObject::new(id, object_type);
            for (key, value) in attributes {
                let (Some(slot), Some(name)) = (columns.get_mut(key as usize), names.get(key as usize))
                else {
                    continue;
                };
                let column = *slot.get_or_insert_with(|| self.model.attributes.ensure_column(name, None));
                if self.cells.allows(column, row, &value) {
                    self.model.attributes.set_at(row, column, value);
                } else {
                    report.error("attribute", &object.id, CellBudget::MESSAGE);
                }
            }
            for geometry in geometries {
                let mut built = if geometry.kind == "GeometryInstance" {
                    self.instance(&geometry, vertices, shared, &object.id, report)
                } else {
                    build(geometry, vertices, looks, &object.id, report)
                };
                if let Some(details) = built.as_mut().and_then(|built| built.details.as_mut()) {
                    // Surfaces of a city mostly say the same, geometry after geometry: then their list is kept once.
                    if details.semantics == self.semantics {
                        details.semantics = self.semantics.clone();
                    } else {
                        self.semantics = details.semantics.clone();
                    }
                }
                object.geometries.extend(built);
            }
            if !parents.is_empty() || !children.is_empty() {
                self.relations.push((row as u32, parents, children));
            }
            self.model.objects.push(object);
        }
        self.model.attributes.grow(self.model.objects.len());
    }

    /// What is there so far: the model without relations, the relations as told, and rows by id.
    pub fn state(&self) -> (&CityModel, &[Relation], &HashMap<Box<str>, u32>) {
        (&self.model, &self.relations, &self.ids)
    }

    /// Resolves parents and children, cuts cycles, and drops surfaces whose vertices are not numbers.
    pub fn finish(mut self, report: &mut Report) -> CityModel {
        let objects = &mut self.model.objects;
        let mut pairs: Vec<(u32, u32, u8)> = Vec::new();
        for (row, parents, children) in &self.relations {
            for (names, is_parent) in [(parents, true), (children, false)] {
                for name in names {
                    let Some(&other) = self.ids.get(name.as_str()) else {
                        let what = if is_parent { "parent" } else { "child" };
                        let location = objects.get(*row as usize).map_or("", |object| object.id.as_str());
                        report.warn(
                            "relation-missing",
                            location,
                            format!("its {what} \"{name}\" is not in the file; the relation is left out"),
                        );
                        continue;
                    };
                    pairs.push(if is_parent {
                        (other, *row, CHILD_SIDE)
                    } else {
                        (*row, other, PARENT_SIDE)
                    });
                }
            }
        }
        // A relation is told by both sides; where one is silent it is repaired.
        let mut told: HashMap<(u32, u32), u8> = HashMap::with_capacity(pairs.len() / 2);
        for &(parent, child, side) in &pairs {
            *told.entry((parent, child)).or_default() |= side;
        }
        for (parent, child, _) in pairs {
            let Some(sides) = told.remove(&(parent, child)) else { continue };
            let id_of =
                |row: u32| objects.get(row as usize).map(|object| object.id.clone()).unwrap_or_default();
            if parent == child {
                report.error(
                    "cyclic-parents",
                    id_of(child),
                    "the object is its own parent; the relation is left out",
                );
                continue;
            }
            if sides != PARENT_SIDE | CHILD_SIDE {
                let (teller, silent) = if sides == CHILD_SIDE { (child, parent) } else { (parent, child) };
                let message = format!("\"{}\" does not tell the relation back; it is kept", id_of(silent));
                report.warn("relation-one-sided", id_of(teller), message);
            }
            if let Some(object) = objects.get_mut(parent as usize) {
                object.children.push(child);
            }
            if let Some(object) = objects.get_mut(child as usize) {
                object.parents.push(parent);
            }
        }
        cut_cycles(objects, report);
        drop_bad_surfaces(&mut self.model, report);
        self.model.share_semantics();
        if self.has_extents {
            self.model.extras.push((crate::writers::cityjson::EXTENTS.to_owned(), "true".to_owned()));
        }
        self.model
    }
}

const PARENT_SIDE: u8 = 1;
const CHILD_SIDE: u8 = 2;

/// The type of an object; a missing or unknown one gives a fault and is kept under its name.
fn checked_type(name: &str, id: &str, is_strict: bool, report: &mut Report) -> CityObjectType {
    if name.is_empty() {
        report.warn("type-missing", id, "expected a \"type\"; the object is kept as GenericCityObject");
        return CityObjectType::GenericCityObject;
    }
    let object_type = CityObjectType::from_name(name);
    if is_strict && !object_type.is_cityjson() {
        let found: String = name.chars().take(80).collect();
        report.error(
            "type-unknown",
            id,
            format!("\"{found}\" is no type of CityJSON and no extension's (\"+…\"); kept under that name"),
        );
    }
    object_type
}

/// Removes the relations that close a cycle (depth-first colouring over parents).
fn cut_cycles(objects: &mut [CityObject], report: &mut Report) {
    const NEW: u8 = 0;
    const OPEN: u8 = 1;
    const DONE: u8 = 2;
    let mut colour = vec![NEW; objects.len()];
    let mut cuts: Vec<(u32, u32)> = Vec::new();
    for start in 0..objects.len() {
        if colour[start] != NEW {
            continue;
        }
        let mut stack = vec![(start, 0)];
        colour[start] = OPEN;
        while let Some((object, next)) = stack.last_mut() {
            let Some(&parent) = objects[*object].parents.get(*next) else {
                colour[*object] = DONE;
                stack.pop();
                continue;
            };
            *next += 1;
            match colour[parent as usize] {
                NEW => {
                    colour[parent as usize] = OPEN;
                    stack.push((parent as usize, 0));
                }
                OPEN => cuts.push((parent, *object as u32)),
                _ => {}
            }
        }
    }
    for (parent, child) in cuts {
        objects[child as usize].parents.retain(|&other| other != parent);
        objects[parent as usize].children.retain(|&other| other != child);
        let message = format!(
            "its parent \"{}\" is also below it; the relation is left out",
            objects[parent as usize].id
        );
        report.error("cyclic-parents", &objects[child as usize].id, message);
    }
}

fn kind_of(name: &str) -> Option<(GeometryKind, u8)> {
    Some(match name {
        "MultiPoint" => (GeometryKind::MultiPoint, 1),
        "MultiLineString" => (GeometryKind::MultiLineString, 2),
        "MultiSurface" => (GeometryKind::MultiSurface, 3),
        "CompositeSurface" => (GeometryKind::CompositeSurface, 3),
        "Solid" => (GeometryKind::Solid, 4),
        "MultiSolid" => (GeometryKind::MultiSolid, 5),
        "CompositeSolid" => (GeometryKind::CompositeSolid, 5),
        _ => return None,
    })
}

/// One geometry with indices moved to the model's vertices; `None` (with a fault) when nothing of it is usable.
fn build(
    mut parsed: ParsedGeometry,
    vertices: VertexRange,
    looks: Looks,
    id: &str,
    report: &mut Report,
) -> Option<Geometry> {
    let Some((kind, height)) = kind_of(&parsed.kind) else {
        let found = &parsed.kind;
        report.error(
            "geometry-type",
            id,
            format!("expected a CityJSON geometry type, found \"{found}\"; left out"),
        );
        return None;
    };
    let lod = match parsed.lod.as_deref().map(str::parse) {
        None => None,
        Some(Ok(lod)) => Some(lod),
        Some(Err(error)) => {
            report.warn("lod", id, format!("{error}; the geometry is kept without a LoD"));
            None
        }
    };
    let mut flat = std::mem::take(&mut parsed.boundaries);
    if flat.height == 0 && !flat.is_broken {
        return Some(Geometry::new(kind, lod));
    }
    if flat.is_broken || flat.height != height {
        report.error(
            "boundaries",
            id,
            format!(
                "the boundaries of a {} must be {height} lists deep with whole numbers inside; left out",
                parsed.kind
            ),
        );
        return None;
    }
    let mut geometry = Geometry::new(kind, lod);
    let values;
    if height < 3 {
        values = point_values(&parsed, &flat, id, report);
    } else {
        values = surface_values(&parsed, &flat, id, report);
        geometry.surface_types = surface_types(&parsed.surfaces, &values, flat.surface_ends.len());
        geometry.surface_ends.clone_from(&flat.surface_ends);
        geometry.looks = looks.of(&parsed, &geometry, &flat, id, report);
        if height >= 4 {
            geometry.shell_ends = std::mem::take(&mut flat.shell_ends);
        }
        if height >= 5 {
            geometry.details_mut().solid_ends = std::mem::take(&mut flat.solid_ends);
        }
    }
    keep_semantics(&mut parsed, values, &mut geometry);
    geometry.ring_ends = flat.ring_ends;
    geometry.indices = flat.indices;
    let is_in_range = geometry.indices.iter().all(|&index| index < vertices.count);
    if !is_in_range {
        let largest = geometry.indices.iter().copied().max().map_or(0, i64::from);
        let worst = flat.odd.unwrap_or(largest);
        let dropped = keep_surfaces(&mut geometry, |index| index < vertices.count);
        report.error(
            "vertex-out-of-range",
            id,
            format!(
                "{dropped} surfaces use vertex {worst} but there are {} vertices, counted from 0; they are left out",
                vertices.count
            ),
        );
    }
    if height >= 3 {
        open_rings(&mut geometry, id, report);
    }
    for index in &mut geometry.indices {
        *index += vertices.start;
    }
    Some(geometry)
}

/// Takes a repeated last vertex off rings and drops rings with fewer than three vertices (and surfaces whose outer
/// ring is one).
fn open_rings(geometry: &mut Geometry, id: &str, report: &mut Report) {
    let is_clean = |ring: &[u32]| ring.len() >= 3 && ring.first() != ring.last();
    let mut start = 0;
    let all_clean = geometry.ring_ends.iter().all(|&end| {
        let ring = &geometry.indices[start as usize..end as usize];
        start = end;
        is_clean(ring)
    });
    if all_clean {
        return;
    }
    let indices = geometry.indices.clone();
    let mut degenerate = 0;
    geometry.retain(|rings| {
        let mut open: Vec<Range<usize>> = Vec::with_capacity(rings.len());
        for (position, ring) in rings.iter().enumerate() {
            let is_closed = ring.len() > 1 && indices.get(ring.start) == indices.get(ring.end - 1);
            let ring = ring.start..ring.end - usize::from(is_closed);
            if ring.len() >= 3 {
                open.push(ring);
            } else {
                degenerate += 1;
                if position == 0 {
                    return Vec::new();
                }
            }
        }
        open
    });
    if degenerate > 0 {
        report.warn(
            "degenerate-ring",
            id,
            format!("{degenerate} rings have fewer than three vertices and are left out"),
        );
    }
}

impl ModelBuilder {
    /// A template placed at its anchor: its vertices are added to the model's and the geometry takes the template's
    /// kind.
    fn instance(
        &mut self,
        parsed: &ParsedGeometry,
        vertices: VertexRange,
        shared: &Shared,
        id: &str,
        report: &mut Report,
    ) -> Option<Geometry> {
        let anchor = parsed
            .boundaries
            .indices
            .first()
            .filter(|&&index| index < vertices.count)
            .and_then(|&index| self.model.vertices.get((vertices.start + index) as usize));
        let template = parsed.template.and_then(|position| shared.templates.get(position));
        let (Some(anchor), Some(template), Ok(m)) =
            (anchor, template, <[f64; 16]>::try_from(parsed.matrix.as_slice()))
        else {
            report.error(
                "geometry-instance",
                id,
                format!(
                    "expected one vertex, a template below {} and a matrix of 16 numbers, found template {:?} and {} numbers; left out",
                    shared.templates.len(),
                    parsed.template,
                    parsed.matrix.len()
                ),
            );
            return None;
        };
        self.instance_indices += template.boundaries.indices.len() + template.boundaries.ring_ends.len();
        if self.instance_indices > MAX_INSTANCE_INDICES {
            report.error(
                "geometry-instance",
                id,
                format!("templates unfold to more than {MAX_INSTANCE_INDICES} corners; the rest is left out"),
            );
            return None;
        }
        // Placed at zero first: the indices are then positions among the template's own vertices.
        let range = VertexRange { start: 0, count: shared.template_vertices.len() as u32 };
        let mut geometry = build(template.clone(), range, shared.looks, id, report)?;
        let mut moved: HashMap<u32, u32> = HashMap::new();
        for index in &mut geometry.indices {
            let local = *index;
            *index = *moved.entry(local).or_insert_with(|| {
                let [x, y, z] =
                    shared.template_vertices.get(local as usize).copied().unwrap_or([f64::NAN; 3]);
                let w = m[12] * x + m[13] * y + m[14] * z + m[15];
                let row = |r: usize| (m[r] * x + m[r + 1] * y + m[r + 2] * z + m[r + 3]) / w;
                self.model.vertices.push([anchor[0] + row(0), anchor[1] + row(4), anchor[2] + row(8)])
            });
        }
        Some(geometry)
    }
}

/// Corners of surfaces that templates may unfold to, all together: a small file could ask for billions.
const MAX_INSTANCE_INDICES: usize = 20_000_000;
