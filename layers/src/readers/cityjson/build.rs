//! Parsed parts → one checked [`CityModel`]: indices in range, relations resolved and free of cycles, semantics
//! matched to surfaces.

use std::collections::HashMap;

use super::{
    boundaries::{NO_SURFACE, SemanticValues},
    parse::{Document, ParsedGeometry, ParsedObject},
};
use crate::{
    model::{CityModel, CityObject, CityObjectType, Geometry, GeometryKind, SurfaceType},
    readers::{
        Report,
        city_layer::{drop_bad_surfaces, keep_surfaces},
    },
};

/// Grows one model from the documents of a file, in order.
#[derive(Default)]
pub(super) struct ModelBuilder {
    pub model: CityModel,
    ids: HashMap<Box<str>, u32>,
    /// Names to resolve at the end: object, parents, children.
    relations: Vec<(u32, Vec<String>, Vec<String>)>,
}

/// Vertices of one document: where they start in the model and how many there are.
struct VertexRange {
    start: u32,
    count: u32,
}

impl ModelBuilder {
    /// Adds the objects of `document` whose vertices are in source coordinates (already scaled). Objects with a known
    /// id are left out with a fault. `names` are the attribute names that the objects point into and `columns` their
    /// columns as far as they are known. `templates` come from the file's header.
    pub fn add(
        &mut self,
        document: Document,
        names: &[String],
        columns: &mut Vec<Option<usize>>,
        templates: &[ParsedGeometry],
        template_vertices: &[[f64; 3]],
        report: &mut Report,
    ) {
        let vertices =
            VertexRange { start: self.model.vertices.len() as u32, count: document.vertices.len() as u32 };
        self.model.vertices.extend_from_slice(&document.vertices);
        columns.resize(names.len(), None);
        for parsed in document.objects {
            let row = self.model.objects.len();
            if self.ids.contains_key(parsed.id.as_str()) {
                report.error(
                    "duplicate-id",
                    &parsed.id,
                    "a CityObject with this id was read before; the first one is kept",
                );
                continue;
            }
            self.ids.insert(parsed.id.as_str().into(), row as u32);
            self.add_object(parsed, row, &vertices, names, columns, templates, template_vertices, report);
        }
        self.model.attributes.grow(self.model.objects.len());
    }

    #[expect(clippy::too_many_arguments, reason = "one step of one loop, split for reading")]
    fn add_object(
        &mut self,
        parsed: ParsedObject,
        row: usize,
        vertices: &VertexRange,
        keys: &[String],
        columns: &mut [Option<usize>],
        templates: &[ParsedGeometry],
        template_vertices: &[[f64; 3]],
        report: &mut Report,
    ) {
        let ParsedObject { id, object_type, parents, children, attributes, geometries } = parsed;
        if object_type.is_empty() {
            report.warn("type-missing", &id, "expected a \"type\"; the object is kept as GenericCityObject");
        }
        let object_type = if object_type.is_empty() {
            CityObjectType::GenericCityObject
        } else {
            CityObjectType::from_name(&object_type)
        };
        let mut object = CityObject::new(id, object_type);
        for (key, value) in attributes {
            let Some(slot) = columns.get_mut(key as usize) else { continue };
            let column =
                *slot.get_or_insert_with(|| self.model.attributes.ensure_column(&keys[key as usize], None));
            self.model.attributes.set_at(row, column, value);
        }
        for geometry in geometries {
            let built = if geometry.kind == "GeometryInstance" {
                let anchor = geometry
                    .boundaries
                    .indices
                    .first()
                    .filter(|&&index| index < vertices.count)
                    .and_then(|&index| self.model.vertices.get((vertices.start + index) as usize))
                    .copied();
                instance(
                    &geometry,
                    anchor,
                    templates,
                    template_vertices,
                    &mut self.model.vertices,
                    &object.id,
                    report,
                )
            } else {
                build(geometry, vertices, &object.id, report)
            };
            object.geometries.extend(built);
        }
        if !parents.is_empty() || !children.is_empty() {
            self.relations.push((row as u32, parents, children));
        }
        self.model.objects.push(object);
    }

    /// Resolves parents and children, cuts cycles, and drops surfaces whose vertices are not numbers.
    pub fn finish(mut self, report: &mut Report) -> CityModel {
        let objects = &mut self.model.objects;
        let mut pairs: Vec<(u32, u32)> = Vec::new();
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
                    pairs.push(if is_parent { (other, *row) } else { (*row, other) });
                }
            }
        }
        // A relation may be told by one side or by both.
        let mut seen = std::collections::HashSet::new();
        for (parent, child) in pairs {
            if parent != child && seen.insert((parent, child)) {
                objects[parent as usize].children.push(child);
                objects[child as usize].parents.push(parent);
            } else if parent == child {
                let id = objects[child as usize].id.clone();
                report.error("cyclic-parents", id, "the object is its own parent; the relation is left out");
            }
        }
        cut_cycles(objects, report);
        drop_bad_surfaces(&mut self.model, report);
        self.model
    }
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
fn build(parsed: ParsedGeometry, vertices: &VertexRange, id: &str, report: &mut Report) -> Option<Geometry> {
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
    let mut flat = parsed.boundaries;
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
    if height >= 3 {
        geometry.surface_types =
            surface_types(&parsed.surfaces, parsed.semantics.as_ref(), &flat, id, report);
        geometry.surface_ends = std::mem::take(&mut flat.surface_ends);
        if height >= 4 {
            geometry.shell_ends = std::mem::take(&mut flat.shell_ends);
        }
    }
    geometry.ring_ends = flat.ring_ends;
    geometry.indices = flat.indices;
    let is_in_range = geometry.indices.iter().all(|&index| index < vertices.count);
    if !is_in_range {
        let worst = geometry.indices.iter().copied().max().unwrap_or(0);
        let dropped = keep_surfaces(&mut geometry, |index| index < vertices.count);
        report.error(
            "vertex-out-of-range",
            id,
            format!(
                "{dropped} surfaces use vertex {worst} but there are {} vertices; they are left out",
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
    let mut kept = Geometry::new(geometry.kind, geometry.lod);
    let mut shell_ends = geometry.shell_ends.iter().copied().peekable();
    let mut degenerate = 0;
    for surface in 0..geometry.surface_count() {
        let mut rings: Vec<&[u32]> = Vec::new();
        for (position, ring) in geometry.rings(surface).enumerate() {
            let open = match ring {
                [first, rest @ .., last] if first == last && !rest.is_empty() => &ring[..ring.len() - 1],
                _ => ring,
            };
            if open.len() >= 3 {
                rings.push(open);
            } else {
                degenerate += 1;
                if position == 0 {
                    rings.clear();
                    break;
                }
            }
        }
        if !rings.is_empty() {
            kept.push_surface(rings, geometry.surface_types[surface]);
        }
        while shell_ends.next_if(|&end| end as usize == surface + 1).is_some() {
            kept.shell_ends.push(kept.surface_count() as u32);
        }
    }
    if degenerate > 0 {
        report.warn(
            "degenerate-ring",
            id,
            format!("{degenerate} rings have fewer than three vertices and are left out"),
        );
    }
    *geometry = kept;
}

/// One type a surface. Semantics that do not fit the geometry give a fault and `Unknown`.
fn surface_types(
    names: &[String],
    semantics: Option<&SemanticValues>,
    flat: &super::boundaries::Boundaries,
    id: &str,
    report: &mut Report,
) -> Vec<SurfaceType> {
    let count = flat.surface_ends.len();
    let Some(semantics) = semantics.filter(|semantics| !semantics.values.is_empty()) else {
        return vec![SurfaceType::Unknown; count];
    };
    let types: Vec<SurfaceType> = names.iter().map(|name| SurfaceType::from_name(name)).collect();
    let type_at = |value: u32| types.get(value as usize).copied().unwrap_or_default();
    let mut result: Vec<SurfaceType> = Vec::with_capacity(count);
    let leaf_depth = flat.height.saturating_sub(2);
    let mut out_of_range = 0;
    for (&value, &depth) in semantics.values.iter().zip(&semantics.depths) {
        if depth == leaf_depth {
            if value != NO_SURFACE && value as usize >= types.len() {
                out_of_range += 1;
            }
            result.push(type_at(value));
        } else if depth < leaf_depth && value == NO_SURFACE {
            // A null for a whole shell or solid.
            let ends = if depth + 1 == leaf_depth { &flat.shell_ends } else { &flat.solid_ends };
            let next = |ends: &[u32], from: usize| ends.iter().copied().find(|&end| end as usize > from);
            let end = if depth + 1 == leaf_depth {
                next(ends, result.len()).map(|end| end as usize)
            } else {
                let shells_done = flat.shell_ends.partition_point(|&end| end as usize <= result.len());
                next(ends, shells_done)
                    .and_then(|shell| flat.shell_ends.get(shell as usize - 1))
                    .map(|&end| end as usize)
            };
            result.resize(end.unwrap_or(count).min(count).max(result.len()), SurfaceType::Unknown);
        } else {
            result.push(SurfaceType::Unknown);
        }
    }
    if result.len() != count || out_of_range > 0 {
        report.warn(
            "semantics",
            id,
            format!(
                "expected one semantic value for each of {count} surfaces within 0..{}, found {} values, {out_of_range} of them out of range; the rest counts as unknown",
                types.len(),
                result.len()
            ),
        );
        result.resize(count, SurfaceType::Unknown);
    }
    result
}

/// A template placed at `anchor`: its vertices are added to `vertices` and the geometry takes the template's kind.
fn instance(
    parsed: &ParsedGeometry,
    anchor: Option<[f64; 3]>,
    templates: &[ParsedGeometry],
    template_vertices: &[[f64; 3]],
    vertices: &mut Vec<[f64; 3]>,
    id: &str,
    report: &mut Report,
) -> Option<Geometry> {
    let template = parsed.template.and_then(|position| templates.get(position));
    let (Some(anchor), Some(template), 16) = (anchor, template, parsed.matrix.len()) else {
        report.error(
            "geometry-instance",
            id,
            format!(
                "expected one vertex, a template below {} and a matrix of 16 numbers, found template {:?} and {} numbers; left out",
                templates.len(),
                parsed.template,
                parsed.matrix.len()
            ),
        );
        return None;
    };
    let range = VertexRange { start: vertices.len() as u32, count: template_vertices.len() as u32 };
    let mut geometry = build(template.clone(), &range, id, report)?;
    // Only the vertices of this template are copied, in order of first use.
    let mut moved: HashMap<u32, u32> = HashMap::new();
    for index in &mut geometry.indices {
        let local = *index - range.start;
        *index = *moved.entry(local).or_insert_with(|| {
            let [x, y, z] = template_vertices.get(local as usize).copied().unwrap_or([f64::NAN; 3]);
            let m = &parsed.matrix;
            let w = m[12] * x + m[13] * y + m[14] * z + m[15];
            let row = |r: usize| (m[r] * x + m[r + 1] * y + m[r + 2] * z + m[r + 3]) / w;
            vertices.push([anchor[0] + row(0), anchor[1] + row(4), anchor[2] + row(8)]);
            vertices.len() as u32 - 1
        });
    }
    Some(geometry)
}
