//! Any layer as flat features with attributes, for tables and 2D formats.

use geo::{LineString, MultiPolygon, Point, Polygon};

use crate::model::{
    CityModel, Feature, FeatureLayer, FeatureRole, Layer, LayerData, Lod, Modes, PointCloud, SensorLayer,
    StreetNetwork, SurfaceType, Timetable,
};

/// The layer's things as features: buildings by their outline, streets by their axis, stops, sensors and measured
/// points by their place. `None` for grids and meshes, which have no flat form.
pub fn as_features(layer: &Layer) -> Option<FeatureLayer> {
    let mut features = match &layer.data {
        LayerData::Features(data) => return Some((**data).clone()),
        LayerData::City(model) => outlines(model),
        LayerData::Streets(network) => axes(network),
        LayerData::Transit(table) => stops(table),
        LayerData::Sensors(sensors) => things(sensors),
        LayerData::Points(cloud) => measured(cloud),
        LayerData::Terrain(_) | LayerData::Meshes(_) => return None,
    };
    features.name.clone_from(&layer.id);
    Some(features)
}

/// Outlines of the first-level objects with their attributes: LoD 0 where there is one, else the ground surfaces, else
/// the faces that look down. Attributes of the parts are not carried over.
fn outlines(model: &CityModel) -> FeatureLayer {
    let roots: Vec<usize> =
        (0..model.objects.len()).filter(|&index| model.objects[index].parents.is_empty()).collect();
    let mut out =
        FeatureLayer { attributes: super::rows_of(&model.attributes, &roots), ..FeatureLayer::default() };
    for (row, &index) in roots.iter().enumerate() {
        let object = &model.objects[index];
        out.attributes.set(row, "object_type", object.object_type.name());
        out.features.push(Feature { id: object.id.clone(), geometry: outline(model, index) });
    }
    out.role = FeatureRole::Generic;
    out
}

fn outline(model: &CityModel, index: usize) -> Option<geo::Geometry<f64>> {
    let mut members = vec![index];
    let mut next = 0;
    while let Some(&member) = members.get(next) {
        next += 1;
        let children = model.objects.get(member).map(|object| object.children.as_slice()).unwrap_or_default();
        for &child in children {
            // A cycle in a file must not make this endless.
            if !members.contains(&(child as usize)) && members.len() < 4096 {
                members.push(child as usize);
            }
        }
    }
    let flat = |wants: &dyn Fn(Option<Lod>, SurfaceType, f64) -> bool| -> Vec<Polygon<f64>> {
        let mut polygons = Vec::new();
        for object in members.iter().filter_map(|&member| model.objects.get(member)) {
            let before = polygons.len();
            for geometry in &object.geometries {
                // One geometry of each object: several levels of detail would lie over each other.
                if polygons.len() > before {
                    break;
                }
                for surface in 0..geometry.surface_count() {
                    let kind = geometry.surface_types.get(surface).copied().unwrap_or_default();
                    let rings: Vec<Vec<[f64; 3]>> = geometry
                        .rings(surface)
                        .map(|ring| ring.iter().filter_map(|&v| model.vertices.get(v as usize)).collect())
                        .collect();
                    let Some(outer) = rings.first().filter(|ring| ring.len() >= 3) else { continue };
                    let normal = crate::mesh::triangulate::newell(outer);
                    let length = normal.iter().map(|part| part * part).sum::<f64>().sqrt();
                    if length < 1e-9 || !wants(geometry.lod, kind, normal[2] / length) {
                        continue;
                    }
                    let line = |ring: &Vec<[f64; 3]>| -> LineString<f64> {
                        ring.iter().map(|p| (p[0], p[1])).collect::<Vec<_>>().into()
                    };
                    polygons.push(Polygon::new(line(outer), rings.iter().skip(1).map(line).collect()));
                }
            }
        }
        polygons
    };
    let choices: [&dyn Fn(Option<Lod>, SurfaceType, f64) -> bool; 4] = [
        &|lod, _, up| lod.is_some_and(|lod| lod.major == 0) && up.abs() > 0.5,
        &|_, kind, _| kind == SurfaceType::Ground,
        &|_, _, up| up < -0.9,
        &|_, _, up| up > 0.5,
    ];
    let polygons = choices.into_iter().map(flat).find(|polygons| !polygons.is_empty())?;
    Some(MultiPolygon(polygons).into())
}

fn axes(network: &StreetNetwork) -> FeatureLayer {
    let mut out = FeatureLayer::default();
    for column in [("length_m", Some("m")), ("width_m", Some("m")), ("speed_limit_kmh", Some("km/h"))] {
        out.attributes.ensure_column(column.0, column.1);
    }
    for (row, link) in network.links.iter().enumerate() {
        let table = &mut out.attributes;
        table.set(row, "name", link.name.as_str());
        table.set(row, "class", link.class.name());
        table.set(row, "way_id", link.way_id.as_str());
        table.set(row, "length_m", link.length_m);
        table.set(row, "width_m", link.width_m);
        table.set(row, "speed_limit_kmh", link.speed_limit_mps * 3.6);
        table.set(row, "lanes_forward", i64::from(link.lanes_forward));
        table.set(row, "lanes_backward", i64::from(link.lanes_backward));
        for (name, modes) in [("forward", link.forward), ("backward", link.backward)] {
            table.set(row, name, words(modes));
        }
        table.set(row, "bridge", link.is_bridge);
        table.set(row, "tunnel", link.is_tunnel);
        let line = LineString::from(link.geometry.clone());
        out.features.push(Feature { id: link.id.clone(), geometry: Some(line.into()) });
    }
    out
}

fn words(modes: Modes) -> String {
    let all = [(Modes::CAR, "car"), (Modes::CYCLE, "cycle"), (Modes::WALK, "walk"), (Modes::BUS, "bus")];
    let named: Vec<&str> =
        all.iter().filter(|(mode, _)| modes.contains(*mode)).map(|(_, name)| *name).collect();
    named.join(" ")
}

fn stops(table: &Timetable) -> FeatureLayer {
    let mut calls = vec![0_i64; table.stops.len()];
    for call in &table.stop_times {
        if let Some(count) = calls.get_mut(call.stop as usize) {
            *count += 1;
        }
    }
    let mut out = FeatureLayer::default();
    for (row, stop) in table.stops.iter().enumerate() {
        out.attributes.set(row, "name", stop.name.as_str());
        out.attributes.set(row, "scheduled_calls", calls[row]);
        out.attributes.set(row, "station", stop.is_station);
        let place = Point::new(stop.position[0], stop.position[1]);
        out.features.push(Feature { id: stop.id.clone(), geometry: Some(place.into()) });
    }
    out
}

/// Sensors with the last value of each of their datastreams.
fn things(sensors: &SensorLayer) -> FeatureLayer {
    let mut out = FeatureLayer::default();
    for (row, thing) in sensors.things.iter().enumerate() {
        out.attributes.set(row, "name", thing.name.as_str());
        let place = thing.position.map(|p| Point::new(p[0], p[1]).into());
        out.features.push(Feature { id: thing.id.clone(), geometry: place });
    }
    for stream in &sensors.datastreams {
        let (Some(&time), Some(&value)) = (stream.times.last(), stream.values.last()) else { continue };
        let column = out.attributes.ensure_column(&stream.observed_property, Some(&stream.unit));
        out.attributes.set_at(stream.thing as usize, column, value.into());
        out.attributes.set(stream.thing as usize, &format!("{}_time", stream.observed_property), time);
    }
    out
}

fn measured(cloud: &PointCloud) -> FeatureLayer {
    let mut out = FeatureLayer::default();
    for chunk in &cloud.chunks {
        for point in 0..chunk.len() {
            let Some([x, y, z]) = chunk.world(point) else { continue };
            let row = out.features.len();
            out.attributes.set(row, "z", z);
            out.attributes.set(row, "class", i64::from(chunk.classes.get(point).copied().unwrap_or(0)));
            out.features.push(Feature { id: (row + 1).to_string(), geometry: Some(Point::new(x, y).into()) });
        }
    }
    out
}
