//! Cut-outs: the part of a layer that lies in an area, whole things rather than halves.
//!
//! A building, a street link or a parcel that touches the area comes along whole, with its attributes and its public id;
//! only grids are cut at the edge. So what is cut out can be joined with its source again.

pub mod as_features;
pub mod export;
pub mod losses;

use std::sync::Arc;

use geo::{Area as _, BoundingRect, Intersects, LineString, Polygon, Rect};

use crate::{
    index::SpatialIndex,
    model::{
        AttributeTable, CityModel, FeatureLayer, Layer, LayerData, MeshModel, PointCloud, SensorLayer,
        StreetNetwork, Terrain, Timetable,
    },
};

/// An area in the project's CRS, metres.
#[derive(Clone, Debug, PartialEq)]
pub enum Area {
    /// All there is.
    Everything,
    Inside(Polygon<f64>),
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AreaError {
    #[error("expected a box as minx,miny,maxx,maxy with the smaller numbers first, found {found}")]
    Box { found: String },
    #[error("expected an area with at least three corners that encloses something, found {corners} corners")]
    Polygon { corners: usize },
}

impl Area {
    pub fn from_box(corners: [f64; 4]) -> Result<Self, AreaError> {
        let [x0, y0, x1, y1] = corners;
        if corners.iter().all(|value| value.is_finite()) && x0 < x1 && y0 < y1 {
            Ok(Self::Inside(Rect::new((x0, y0), (x1, y1)).to_polygon()))
        } else {
            Err(AreaError::Box { found: format!("{x0},{y0},{x1},{y1}") })
        }
    }

    pub fn from_corners(corners: &[[f64; 2]]) -> Result<Self, AreaError> {
        let ring = LineString::from(corners.to_vec());
        let polygon = Polygon::new(ring, Vec::new());
        let is_area = corners.iter().flatten().all(|value| value.is_finite())
            && corners.len() >= 3
            && polygon.unsigned_area() > 0.0;
        if is_area { Ok(Self::Inside(polygon)) } else { Err(AreaError::Polygon { corners: corners.len() }) }
    }

    fn contains(&self, point: [f64; 2]) -> bool {
        match self {
            Self::Everything => true,
            Self::Inside(polygon) => polygon.intersects(&geo::Point::new(point[0], point[1])),
        }
    }

    fn touches(&self, geometry: &geo::Geometry<f64>) -> bool {
        match self {
            Self::Everything => true,
            Self::Inside(polygon) => geometry.intersects(polygon),
        }
    }

    fn touches_box(&self, [x0, y0, x1, y1]: [f64; 4]) -> bool {
        match self {
            Self::Everything => true,
            Self::Inside(polygon) => polygon.intersects(&Rect::new((x0, y0), (x1, y1))),
        }
    }

    fn bounds(&self) -> Option<[f64; 4]> {
        let Self::Inside(polygon) = self else { return None };
        let rect = polygon.bounding_rect()?;
        Some([rect.min().x, rect.min().y, rect.max().x, rect.max().y])
    }

    /// Candidates by index, in order; all of `count` for everything.
    fn candidates(&self, index: impl FnOnce() -> SpatialIndex, count: usize) -> Vec<usize> {
        match self.bounds() {
            None => (0..count).collect(),
            Some(bounds) => {
                let mut found = index().features_in_box(bounds);
                found.sort_unstable();
                found.dedup();
                found
            }
        }
    }
}

/// The part of a layer in an area. The id and the provenance stay; the faults are the source's. May be empty.
pub fn cut(layer: &Layer, area: &Area) -> Layer {
    if *area == Area::Everything {
        return layer.clone();
    }
    let data = match &layer.data {
        LayerData::City(model) => LayerData::City(Arc::new(city(model, area))),
        LayerData::Features(data) => LayerData::Features(Arc::new(features(data, area))),
        LayerData::Streets(network) => LayerData::Streets(Arc::new(streets(network, area))),
        LayerData::Transit(table) => LayerData::Transit(Arc::new(transit(table, area))),
        LayerData::Sensors(sensors) => LayerData::Sensors(Arc::new(things(sensors, area))),
        LayerData::Terrain(terrain) => LayerData::Terrain(Arc::new(grid(terrain, area))),
        LayerData::Meshes(model) => LayerData::Meshes(Arc::new(meshes(model, area))),
        LayerData::Points(cloud) => LayerData::Points(Arc::new(points(cloud, area))),
    };
    Layer { data, ..layer.clone() }
}

/// The rows of a table in the order given.
pub fn rows_of(table: &AttributeTable, rows: &[usize]) -> AttributeTable {
    let mut out = AttributeTable::new();
    for column in table.columns() {
        let position = out.ensure_column(&column.name, column.unit.as_deref());
        for (new, &old) in rows.iter().enumerate() {
            out.set_at(new, position, column.get(old));
        }
    }
    out.grow(rows.len());
    out
}

/// First-level objects whose vertices touch the area, with all that belongs to them.
fn city(model: &CityModel, area: &Area) -> CityModel {
    let mut wanted = vec![false; model.objects.len()];
    for index in area.candidates(|| SpatialIndex::of_objects(model), model.objects.len()) {
        let Some(object) = model.objects.get(index) else { continue };
        let mut vertices = object.geometries.iter().flat_map(|g| &g.indices);
        let has_corner_inside = vertices
            .any(|&vertex| model.vertices.get(vertex as usize).is_some_and(|p| area.contains([p[0], p[1]])));
        if has_corner_inside && let Some(root) = wanted.get_mut(model.root_of(index)) {
            *root = true;
        }
    }
    let kept: Vec<usize> =
        (0..model.objects.len()).filter(|&index| wanted.get(model.root_of(index)) == Some(&true)).collect();
    let mut place = vec![u32::MAX; model.objects.len()];
    for (new, &old) in kept.iter().enumerate() {
        place[old] = new as u32;
    }
    let mut vertex_place = vec![u32::MAX; model.vertices.len()];
    let mut out = CityModel {
        attributes: rows_of(&model.attributes, &kept),
        appearance: model.appearance.clone(),
        extras: model.extras.clone(),
        ..CityModel::default()
    };
    for &old in &kept {
        let mut object = model.objects[old].clone();
        let renamed = |list: &[u32]| -> Vec<u32> {
            list.iter().filter_map(|&o| place.get(o as usize)).copied().filter(|&p| p != u32::MAX).collect()
        };
        object.parents = renamed(&object.parents);
        object.children = renamed(&object.children);
        for vertex in object.geometries.iter_mut().flat_map(|g| &mut g.indices) {
            let Some(slot) = vertex_place.get_mut(*vertex as usize) else { continue };
            if *slot == u32::MAX {
                *slot = out.vertices.len() as u32;
                out.vertices.push(model.vertices.at(*vertex));
            }
            *vertex = *slot;
        }
        out.objects.push(object);
    }
    out
}

fn features(layer: &FeatureLayer, area: &Area) -> FeatureLayer {
    let kept: Vec<usize> = area
        .candidates(|| SpatialIndex::of_features(layer), layer.features.len())
        .into_iter()
        .filter(|&index| {
            let geometry = layer.features.get(index).and_then(|feature| feature.geometry.as_ref());
            geometry.is_some_and(|geometry| area.touches(geometry))
        })
        .collect();
    FeatureLayer {
        name: layer.name.clone(),
        role: layer.role,
        features: kept.iter().map(|&index| layer.features[index].clone()).collect(),
        attributes: rows_of(&layer.attributes, &kept),
        heights: layer.heights.select(&kept),
    }
}

fn streets(network: &StreetNetwork, area: &Area) -> StreetNetwork {
    let touching = |index: &usize| {
        let link = &network.links[*index];
        area.touches(&geo::Geometry::LineString(LineString::from(link.geometry.clone())))
    };
    let candidates = area.candidates(|| SpatialIndex::of_links(network), network.links.len());
    let kept: Vec<usize> = candidates.into_iter().filter(touching).collect();
    let mut node_place = vec![u32::MAX; network.nodes.len()];
    let mut link_place = vec![u32::MAX; network.links.len()];
    let mut out = StreetNetwork::default();
    for &old in &kept {
        let mut link = network.links[old].clone();
        for end in [&mut link.from, &mut link.to] {
            let slot = &mut node_place[*end as usize];
            if *slot == u32::MAX {
                *slot = out.nodes.len() as u32;
                out.nodes.push(network.nodes[*end as usize].clone());
            }
            *end = *slot;
        }
        link_place[old] = out.links.len() as u32;
        out.links.push(link);
    }
    for turn in &network.turn_restrictions {
        let mut turn = turn.clone();
        let mut is_whole = true;
        for link in turn.via.iter_mut().chain([&mut turn.from, &mut turn.to]) {
            *link = link_place[*link as usize];
            is_whole &= *link != u32::MAX;
        }
        turn.node = node_place[turn.node as usize];
        if is_whole && turn.node != u32::MAX {
            out.turn_restrictions.push(turn);
        }
    }
    out
}

/// Stops in the area, the trips that call at two of them or more, and those calls.
fn transit(table: &Timetable, area: &Area) -> Timetable {
    let mut place = vec![u32::MAX; table.stops.len()];
    let mut out = Timetable { timezone: table.timezone.clone(), ..Timetable::default() };
    for (old, stop) in table.stops.iter().enumerate() {
        if area.contains(stop.position) {
            place[old] = out.stops.len() as u32;
            out.stops.push(stop.clone());
        }
    }
    for stop in &mut out.stops {
        stop.parent = stop.parent.map(|parent| place[parent as usize]).filter(|&parent| parent != u32::MAX);
    }
    out.routes.clone_from(&table.routes);
    out.services.clone_from(&table.services);
    for (number, trip) in table.trips.iter().enumerate() {
        let calls: Vec<_> = table
            .calls(number)
            .iter()
            .filter(|call| place[call.stop as usize] != u32::MAX)
            .map(|call| {
                let mut call = *call;
                call.stop = place[call.stop as usize];
                call
            })
            .collect();
        if calls.len() >= 2 {
            let mut trip = trip.clone();
            trip.first_call = out.stop_times.len() as u32;
            trip.call_count = calls.len() as u32;
            out.stop_times.extend(calls);
            if let Some((id, line)) = trip.shape.as_ref().and_then(|id| table.shapes.get_key_value(id)) {
                out.shapes.entry(id.clone()).or_insert_with(|| line.clone());
            }
            out.trips.push(trip);
        }
    }
    out
}

fn things(sensors: &SensorLayer, area: &Area) -> SensorLayer {
    let mut place = vec![u32::MAX; sensors.things.len()];
    let mut out = SensorLayer::default();
    for (old, thing) in sensors.things.iter().enumerate() {
        if thing.position.is_some_and(|p| area.contains([p[0], p[1]])) {
            place[old] = out.things.len() as u32;
            out.things.push(thing.clone());
        }
    }
    for stream in &sensors.datastreams {
        let thing = place[stream.thing as usize];
        if thing != u32::MAX {
            let mut stream = stream.clone();
            stream.thing = thing;
            out.datastreams.push(stream);
        }
    }
    out
}

/// The cells whose centres lie in the area; the rest of its box becomes unknown.
fn grid(terrain: &Terrain, area: &Area) -> Terrain {
    let empty = Terrain { width: 0, height: 0, heights: Vec::new(), ..terrain.clone() };
    let Some([x0, y0, x1, y1]) = area.bounds() else { return terrain.clone() };
    let cell = terrain.cell_m;
    let first = |value: f64, count: usize| value.ceil().clamp(0.0, count as f64) as usize;
    let last = |value: f64, count: usize| (value.floor() + 1.0).clamp(0.0, count as f64) as usize;
    let (c0, c1) = (
        first((x0 - terrain.origin[0]) / cell, terrain.width),
        last((x1 - terrain.origin[0]) / cell, terrain.width),
    );
    let (r0, r1) = (
        first((terrain.origin[1] - y1) / cell, terrain.height),
        last((terrain.origin[1] - y0) / cell, terrain.height),
    );
    if c0 >= c1 || r0 >= r1 {
        return empty;
    }
    let origin = [terrain.origin[0] + c0 as f64 * cell, terrain.origin[1] - r0 as f64 * cell];
    let mut heights = Vec::with_capacity((c1 - c0) * (r1 - r0));
    for row in r0..r1 {
        for column in c0..c1 {
            let center = [terrain.origin[0] + column as f64 * cell, terrain.origin[1] - row as f64 * cell];
            let height = terrain.heights[row * terrain.width + column];
            heights.push(if area.contains(center) { height } else { f32::NAN });
        }
    }
    Terrain { origin, cell_m: cell, width: c1 - c0, height: r1 - r0, heights }
}

/// Features with a vertex in the area, and loose triangles with a corner in it.
fn meshes(model: &MeshModel, area: &Area) -> MeshModel {
    let mut wanted = vec![false; model.features.len()];
    for part in &model.parts {
        let bounds = part.bounds();
        if bounds.is_empty()
            || !area.touches_box([bounds.min[0], bounds.min[1], bounds.max[0], bounds.max[1]])
        {
            continue;
        }
        for (vertex, &feature) in part.features.iter().enumerate() {
            if let Some(slot) = wanted.get_mut(feature as usize)
                && !*slot
                && part.world(vertex as u32).is_some_and(|p| area.contains([p[0], p[1]]))
            {
                *slot = true;
            }
        }
    }
    let kept: Vec<usize> = (0..wanted.len()).filter(|&index| wanted[index]).collect();
    let mut place = vec![MeshModel::NO_FEATURE; wanted.len()];
    for (new, &old) in kept.iter().enumerate() {
        place[old] = new as u32;
    }
    let mut out = MeshModel {
        features: kept.iter().map(|&index| model.features[index].clone()).collect(),
        attributes: rows_of(&model.attributes, &kept),
        ..MeshModel::default()
    };
    for part in &model.parts {
        let mut cut = part.clone();
        cut.indices = part
            .indices
            .chunks_exact(3)
            .filter(|corners| {
                let feature =
                    part.features.get(corners[0] as usize).copied().unwrap_or(MeshModel::NO_FEATURE);
                match wanted.get(feature as usize) {
                    Some(is_wanted) => *is_wanted,
                    None => {
                        corners.iter().any(|&c| part.world(c).is_some_and(|p| area.contains([p[0], p[1]])))
                    }
                }
            })
            .flatten()
            .copied()
            .collect();
        for feature in &mut cut.features {
            *feature = place.get(*feature as usize).copied().unwrap_or(MeshModel::NO_FEATURE);
        }
        if !cut.indices.is_empty() {
            out.parts.push(cut);
        }
    }
    out
}

fn points(cloud: &PointCloud, area: &Area) -> PointCloud {
    let mut out = PointCloud::default();
    for chunk in &cloud.chunks {
        let kept: Vec<usize> = (0..chunk.len())
            .filter(|&point| chunk.world(point).is_some_and(|p| area.contains([p[0], p[1]])))
            .collect();
        if kept.is_empty() {
            continue;
        }
        let mut cut =
            crate::model::PointChunk { origin: chunk.origin, level: chunk.level, ..Default::default() };
        for &point in &kept {
            cut.positions.push(chunk.positions[point]);
            cut.classes.push(chunk.classes.get(point).copied().unwrap_or(0));
            cut.intensities.extend(chunk.intensities.get(point));
            cut.colors.extend(chunk.colors.get(point));
            *out.class_counts.entry(chunk.classes.get(point).copied().unwrap_or(0)).or_default() += 1;
        }
        out.source_points += kept.len() as u64;
        out.chunks.push(cut);
    }
    out
}
