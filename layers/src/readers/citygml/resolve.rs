//! The end of reading: references are followed, semantics joined with solids, and every object gets its geometries.

use std::collections::HashMap;

use super::{
    appearance::{Look, Looks, Painted},
    geometry::{GroupKind, Node, NodeId, Store},
    objects::{Instance, Part, Parts},
    surfaces::{NO_SURFACE, Surfaces},
};
use crate::{
    model::{CityObject, Geometry, GeometryKind, Lod, SurfaceLooks, SurfaceType},
    readers::{ReadContext, ReadError, Report},
};

/// References and groups inside each other; real files have below ten.
const MAX_NESTING: usize = 64;
/// Nodes and corners that templates may unfold to, all together.
const MAX_INSTANCE_CORNERS: usize = 20_000_000;

/// A polygon as met on the way down a geometry.
#[derive(Clone, Copy)]
struct Met {
    polygon: u32,
    is_reversed: bool,
}

/// Flat content of one geometry.
#[derive(Default)]
struct Content {
    polygons: Vec<Met>,
    /// Ends of shells in `polygons`.
    shell_ends: Vec<u32>,
    /// Ends of solids in `shell_ends`.
    solid_ends: Vec<u32>,
    lines: Vec<u32>,
    points: Vec<u32>,
    is_deep: bool,
    missing: Vec<Box<str>>,
}

pub(super) struct Resolver<'a> {
    store: &'a mut Store,
    surfaces: &'a Surfaces,
    /// What surfaces look like, by theme.
    painted: Vec<Painted>,
    /// Nodes and corners that may still be unfolded: a few times what the file holds, so that references to references
    /// cannot multiply.
    budget: usize,
    is_exhausted: bool,
    /// For each polygon, one more than the object and level that used it last.
    used_by: Vec<u32>,
    stamp: u32,
}

impl<'a> Resolver<'a> {
    pub fn new(store: &'a mut Store, surfaces: &'a Surfaces) -> Self {
        let budget = 8 * (store.indices.len() + store.nodes.len()) + 100_000;
        let used_by = vec![0; store.polygons.len()];
        Self { store, surfaces, painted: Vec::new(), budget, is_exhausted: false, used_by, stamp: 0 }
    }

    /// With what another resolver of the same file learned in [`Self::paint`].
    pub fn painted(mut self, painted: Vec<Painted>) -> Self {
        self.painted = painted;
        self
    }

    pub fn into_painted(self) -> Vec<Painted> {
        self.painted
    }

    /// Learns which material and picture polygons have. Targets that no geometry has are passed over: files of one tile
    /// often carry the looks of all its levels.
    pub fn paint(&mut self, looks: &mut Looks, report: &mut Report) {
        self.painted = looks.by_theme(self.store, report);
        for target in &looks.targets {
            let Some(&node) = self.store.ids.get(&target.id) else { continue };
            let mut content = Content::default();
            self.descend(node, false, 0, &mut content);
            let Some(painted) = self.painted.get_mut(usize::from(target.theme)) else { continue };
            let (of, position) = match target.look {
                Look::Material(position) => (&mut painted.materials, position),
                Look::Texture(position) => (&mut painted.textures, position),
            };
            of.extend(content.polygons.iter().map(|met| (met.polygon, position)));
        }
    }

    /// The looks of the surfaces of a geometry, those of the first theme of each kind first; `None` when none has any.
    fn looks_of(&self, surfaces: impl Iterator<Item = Met> + Clone) -> Option<Box<SurfaceLooks>> {
        let mut looks = SurfaceLooks::default();
        let values = |of: &HashMap<u32, u16>| -> Option<Vec<u16>> {
            let value = |met: Met| of.get(&met.polygon).copied().unwrap_or(SurfaceLooks::NONE);
            let is_any = !of.is_empty() && surfaces.clone().any(|met| of.contains_key(&met.polygon));
            is_any.then(|| surfaces.clone().map(value).collect())
        };
        for painted in &self.painted {
            let Some(materials) = values(&painted.materials) else { continue };
            let looks = if looks.materials.is_empty() { &mut looks } else { another(&mut looks) };
            (looks.materials, looks.themes[0]) = (materials, painted.theme.clone());
        }
        for painted in &self.painted {
            let Some(textures) = values(&painted.textures) else { continue };
            let looks = if looks.textures.is_empty() { &mut looks } else { another(&mut looks) };
            let mut places = Vec::new();
            for (met, &picture) in surfaces.clone().zip(&textures) {
                self.add_places(met, picture, painted, &mut places);
            }
            if places.iter().any(|&place| place != SurfaceLooks::NO_PLACE) {
                looks.places = places;
            }
            (looks.textures, looks.themes[1]) = (textures, painted.theme.clone());
        }
        (!looks.is_empty()).then(|| Box::new(looks))
    }

    /// Adds the places in a picture of the corners of one surface, in the order in which they are drawn.
    fn add_places(&self, met: Met, picture: u16, painted: &Painted, places: &mut Vec<u32>) {
        let Some(polygon) = self.store.polygons.get(met.polygon as usize) else { return };
        for ring in polygon.first_ring..polygon.end_ring {
            let count = self.store.ring(ring).len();
            match painted.places.get(&ring) {
                Some(known) if picture != SurfaceLooks::NONE && known.len() == count => {
                    if met.is_reversed {
                        places.extend(known.iter().rev());
                    } else {
                        places.extend_from_slice(known);
                    }
                }
                _ => places.extend(std::iter::repeat_n(SurfaceLooks::NO_PLACE, count)),
            }
        }
    }

    /// Gives every object its geometries from its `parts`. Shapes from templates come later: [`place_instances`].
    pub fn join(
        &mut self,
        objects: &mut [CityObject],
        parts: &[Parts],
        context: &mut ReadContext,
    ) -> Result<(), ReadError> {
        let count = objects.len().max(1);
        for (row, (object, parts)) in objects.iter_mut().zip(parts).enumerate() {
            if row.is_multiple_of(1024) {
                context.check_cancelled()?;
                context.progress.set(0.8 + 0.1 * row as f64 / count as f64);
            }
            self.join_one(object, parts, &mut context.report);
        }
        Ok(())
    }

    fn join_one(&mut self, object: &mut CityObject, parts: &Parts, report: &mut Report) {
        let mut levels: Vec<Option<Lod>> = Vec::new();
        for part in parts.own.iter().chain(&parts.bounding) {
            if !levels.contains(&part.lod) {
                levels.push(part.lod);
            }
        }
        for lod in levels {
            self.stamp += 1;
            let at_level = |part: &&Part| part.lod == lod;
            // First the meaning of polygons that stand elsewhere, then the geometries that use them.
            let mut bounding: Vec<(Met, SurfaceType)> = Vec::new();
            for part in parts.bounding.iter().filter(at_level) {
                let content = self.content(part.node, &object.id, report);
                for met in content.polygons {
                    let Some(polygon) = self.store.polygons.get_mut(met.polygon as usize) else { continue };
                    if polygon.surface == SurfaceType::Unknown {
                        polygon.surface = part.surface;
                    }
                    if polygon.semantic == NO_SURFACE {
                        polygon.semantic = part.semantic;
                    }
                    bounding.push((met, polygon.surface));
                }
            }
            for part in parts.own.iter().filter(at_level) {
                let kind = self.kind_of(part.node);
                let content = self.content(part.node, &object.id, report);
                self.push_geometries(object, kind, lod, part.surface, &content);
            }
            // Bounding surfaces without a solid that uses them are the object's geometry themselves.
            bounding.retain(|(met, _)| self.use_polygon(met.polygon));
            let mut rest = Geometry::new(GeometryKind::MultiSurface, lod);
            rest.looks = self.looks_of(bounding.iter().map(|(met, _)| *met));
            rest.details = self.surfaces.details(
                &bounding.iter().map(|(met, surface)| (self.semantic_of(*met), *surface)).collect::<Vec<_>>(),
            );
            for (met, surface) in bounding {
                self.push_surface(&mut rest, met, surface);
            }
            if rest.surface_count() > 0 {
                object.geometries.push(rest);
            }
        }
    }

    /// Marks a polygon as used at this level; `false` when it was before.
    fn use_polygon(&mut self, polygon: u32) -> bool {
        let Some(used_by) = self.used_by.get_mut(polygon as usize) else { return false };
        std::mem::replace(used_by, self.stamp) != self.stamp
    }

    fn push_geometries(
        &mut self,
        object: &mut CityObject,
        kind: GeometryKind,
        lod: Option<Lod>,
        surface: SurfaceType,
        content: &Content,
    ) {
        if !content.polygons.is_empty() {
            let kind = match kind {
                GeometryKind::MultiLineString | GeometryKind::MultiPoint => GeometryKind::MultiSurface,
                kind => kind,
            };
            let mut geometry = Geometry::new(kind, lod);
            let mut shell_ends = content.shell_ends.iter().copied().peekable();
            for (position, &met) in content.polygons.iter().enumerate() {
                self.use_polygon(met.polygon);
                let own = self.store.polygons.get(met.polygon as usize).map(|polygon| polygon.surface);
                let meaning = own.filter(|own| *own != SurfaceType::Unknown).unwrap_or(surface);
                self.push_surface(&mut geometry, met, meaning);
                while shell_ends.next_if(|&end| end as usize == position + 1).is_some() {
                    geometry.shell_ends.push(geometry.surface_count() as u32);
                }
            }
            geometry.looks = self.looks_of(content.polygons.iter().copied());
            let numbers = content.polygons.iter().map(|met| self.semantic_of(*met));
            let surfaces: Vec<(u32, SurfaceType)> =
                numbers.zip(geometry.surface_types.iter().copied()).collect();
            geometry.details = self.surfaces.details(&surfaces);
            if matches!(kind, GeometryKind::MultiSolid | GeometryKind::CompositeSolid) {
                geometry.details_mut().solid_ends.clone_from(&content.solid_ends);
            }
            object.geometries.push(geometry);
        }
        for (rings, kind) in
            [(&content.lines, GeometryKind::MultiLineString), (&content.points, GeometryKind::MultiPoint)]
        {
            let mut geometry = Geometry::new(kind, lod);
            for &ring in rings {
                geometry.indices.extend_from_slice(self.store.ring(ring));
                if kind == GeometryKind::MultiLineString {
                    geometry.ring_ends.push(geometry.indices.len() as u32);
                }
            }
            if kind == GeometryKind::MultiPoint && !geometry.indices.is_empty() {
                geometry.ring_ends.push(geometry.indices.len() as u32);
            }
            if !geometry.indices.is_empty() {
                object.geometries.push(geometry);
            }
        }
    }

    fn semantic_of(&self, met: Met) -> u32 {
        self.store.polygons.get(met.polygon as usize).map_or(NO_SURFACE, |polygon| polygon.semantic)
    }

    fn push_surface(&self, geometry: &mut Geometry, met: Met, surface: SurfaceType) {
        let Some(polygon) = self.store.polygons.get(met.polygon as usize) else { return };
        for ring in polygon.first_ring..polygon.end_ring {
            let indices = self.store.ring(ring);
            if met.is_reversed {
                geometry.indices.extend(indices.iter().rev());
            } else {
                geometry.indices.extend_from_slice(indices);
            }
            geometry.ring_ends.push(geometry.indices.len() as u32);
        }
        geometry.surface_ends.push(geometry.ring_ends.len() as u32);
        geometry.surface_types.push(surface);
    }

    /// What a geometry property holds, by its outermost element.
    fn kind_of(&self, mut node: NodeId) -> GeometryKind {
        for _ in 0..MAX_NESTING {
            match self.store.nodes.get(node as usize) {
                Some(Node::Reference(id)) => match self.store.ids.get(id) {
                    Some(&target) => node = target,
                    None => break,
                },
                Some(&Node::Reversed(inner)) => node = inner,
                Some(Node::Group(kind, ..)) => {
                    return match kind {
                        GroupKind::MultiSurface | GroupKind::Mixed => GeometryKind::MultiSurface,
                        GroupKind::CompositeSurface => GeometryKind::CompositeSurface,
                        GroupKind::Solid => GeometryKind::Solid,
                        GroupKind::MultiSolid => GeometryKind::MultiSolid,
                        GroupKind::CompositeSolid => GeometryKind::CompositeSolid,
                        GroupKind::Lines => GeometryKind::MultiLineString,
                    };
                }
                Some(Node::Line(_)) => return GeometryKind::MultiLineString,
                Some(Node::Points(_)) => return GeometryKind::MultiPoint,
                Some(Node::Polygon(_)) | None => break,
            }
        }
        GeometryKind::MultiSurface
    }

    /// Everything below `node`, in the file's coordinates. Faults name `id`.
    fn content(&mut self, node: NodeId, id: &str, report: &mut Report) -> Content {
        self.unfold(node, false, id, report)
    }

    fn unfold(&mut self, node: NodeId, is_local: bool, id: &str, report: &mut Report) -> Content {
        let mut content = Content::default();
        self.descend(node, false, 0, &mut content);
        let before = content.polygons.len();
        if content.shell_ends.is_empty() {
            content.polygons.retain(|met| {
                self.store
                    .polygons
                    .get(met.polygon as usize)
                    .is_some_and(|polygon| polygon.is_local == is_local)
            });
        } else if content.polygons.iter().any(|met| {
            self.store.polygons.get(met.polygon as usize).is_none_or(|polygon| polygon.is_local != is_local)
        }) {
            content.polygons.clear();
            content.shell_ends.clear();
            content.solid_ends.clear();
        }
        if content.polygons.len() < before {
            report.error(
                "xlink-frame",
                id,
                "a reference joins a template in metres with a place in the file's coordinates; its surfaces are left out",
            );
        }
        for target in content.missing.drain(..) {
            let target: String = target.chars().take(80).collect();
            if target.contains(['/', '#', ':']) && !target.starts_with("urn:") {
                report.warn(
                    "xlink-outside",
                    id,
                    format!(
                        "\"{target}\" is outside this file and is not followed; its surfaces are left out"
                    ),
                );
            } else {
                report.error(
                    "xlink-missing",
                    id,
                    format!("no geometry has the gml:id \"{target}\" that a reference names; its surfaces are left out"),
                );
            }
        }
        if content.is_deep {
            report.error(
                "xlink-cycle",
                id,
                format!("references lead in a circle, or more than {MAX_NESTING} deep; the rest is left out"),
            );
        }
        if self.budget == 0 && !self.is_exhausted {
            self.is_exhausted = true;
            report.error(
                "xlink-multiplied",
                id,
                "references multiply the surfaces of this file many times over; the rest is left out",
            );
        }
        content
    }

    fn descend(&mut self, node: NodeId, is_reversed: bool, depth: usize, content: &mut Content) {
        if self.budget == 0 {
            return;
        }
        if depth > MAX_NESTING {
            content.is_deep = true;
            return;
        }
        self.budget -= 1;
        match self.store.nodes.get(node as usize) {
            Some(&Node::Polygon(polygon)) => {
                let rings = self.store.polygons.get(polygon as usize).map(|p| p.first_ring..p.end_ring);
                let corners: usize =
                    rings.into_iter().flatten().map(|ring| self.store.ring(ring).len()).sum();
                self.budget = self.budget.saturating_sub(corners);
                content.polygons.push(Met { polygon, is_reversed });
            }
            Some(&Node::Line(ring)) => {
                self.budget = self.budget.saturating_sub(self.store.ring(ring).len());
                content.lines.push(ring);
            }
            Some(&Node::Points(ring)) => {
                self.budget = self.budget.saturating_sub(self.store.ring(ring).len());
                content.points.push(ring);
            }
            Some(&Node::Reversed(inner)) => self.descend(inner, !is_reversed, depth + 1, content),
            Some(Node::Reference(id)) => match self.store.ids.get(id) {
                Some(&target) => self.descend(target, is_reversed, depth + 1, content),
                None if content.missing.len() < Report::KEPT_PER_CODE => content.missing.push(id.clone()),
                None => {}
            },
            Some(&Node::Group(kind, start, end)) => {
                for member in start..end {
                    let Some(&member) = self.store.members.get(member as usize) else { break };
                    self.descend(member, is_reversed, depth + 1, content);
                    // The members of a solid are its shells.
                    if kind == GroupKind::Solid {
                        let count = content.polygons.len() as u32;
                        if content.shell_ends.last().copied().unwrap_or(0) < count {
                            content.shell_ends.push(count);
                        }
                    }
                }
                if kind == GroupKind::Solid {
                    let count = content.shell_ends.len() as u32;
                    if content.solid_ends.last().copied().unwrap_or(0) < count {
                        content.solid_ends.push(count);
                    }
                }
            }
            None => {}
        }
    }

    /// Puts templates at their places. `vertices` are already in the CRS of the project, in metres, so that the metres
    /// of a template may be added to them.
    pub fn place_instances(
        &mut self,
        objects: &mut [CityObject],
        parts: &[Parts],
        vertices: &mut Vec<[f64; 3]>,
        context: &mut ReadContext,
    ) -> Result<(), ReadError> {
        // Templates do not count against the references of the file.
        self.budget = MAX_INSTANCE_CORNERS;
        for (row, (object, parts)) in objects.iter_mut().zip(parts).enumerate() {
            if row.is_multiple_of(256) {
                context.check_cancelled()?;
            }
            for instance in &parts.instances {
                let content = self.unfold(instance.template, true, &object.id, &mut context.report);
                if self.budget == 0 {
                    return Ok(());
                }
                let kind = self.kind_of(instance.template);
                let before = object.geometries.len();
                let content = Content { lines: Vec::new(), points: Vec::new(), ..content };
                self.push_geometries(object, kind, instance.lod, SurfaceType::Unknown, &content);
                for geometry in object.geometries.iter_mut().skip(before) {
                    self.move_to_place(geometry, instance, vertices);
                }
            }
        }
        Ok(())
    }

    fn move_to_place(&self, geometry: &mut Geometry, instance: &Instance, vertices: &mut Vec<[f64; 3]>) {
        let anchor = vertices.get(instance.anchor as usize).copied().unwrap_or([f64::NAN; 3]);
        let m = &instance.matrix;
        let mut moved: HashMap<u32, u32> = HashMap::new();
        for index in &mut geometry.indices {
            let local = *index;
            *index = *moved.entry(local).or_insert_with(|| {
                let [x, y, z] =
                    self.store.local_vertices.get(local as usize).copied().unwrap_or([f64::NAN; 3]);
                let w = m[12] * x + m[13] * y + m[14] * z + m[15];
                let row = |r: usize| (m[r] * x + m[r + 1] * y + m[r + 2] * z + m[r + 3]) / w;
                vertices.push([anchor[0] + row(0), anchor[1] + row(4), anchor[2] + row(8)]);
                (vertices.len() - 1) as u32
            });
        }
    }
}

/// A further theme, to be filled.
fn another(looks: &mut SurfaceLooks) -> &mut SurfaceLooks {
    looks.others.push(SurfaceLooks::default());
    let last = looks.others.len() - 1;
    &mut looks.others[last]
}
