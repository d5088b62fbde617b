//! What every outcome of a reader must hold, whatever was in the file.

use layers::{
    model::{CityModel, LayerData},
    readers::ReadOutcome,
};

pub fn check(outcome: &ReadOutcome) {
    for layer in &outcome.layers {
        let bounds = layer.data.bounds();
        if !bounds.is_empty() {
            assert!(bounds.min.iter().chain(&bounds.max).all(|value| value.is_finite()), "{bounds:?}");
        }
        match &layer.data {
            LayerData::City(model) => check_city(model),
            LayerData::Features(data) => assert!(data.attributes.rows() <= data.features.len()),
            LayerData::Streets(network) => {
                for link in &network.links {
                    assert!(
                        (link.from as usize) < network.nodes.len()
                            && (link.to as usize) < network.nodes.len()
                    );
                    assert!(
                        link.geometry.len() >= 2 && link.length_m.is_finite() && link.width_m.is_finite()
                    );
                    assert!(link.speed_limit_mps.is_finite());
                }
                for turn in &network.turn_restrictions {
                    assert!(
                        turn.via
                            .iter()
                            .chain([&turn.from, &turn.to])
                            .all(|&l| (l as usize) < network.links.len())
                    );
                    assert!((turn.node as usize) < network.nodes.len());
                }
            }
            LayerData::Transit(table) => {
                for trip in 0..table.trips.len() {
                    assert!(table.calls(trip).iter().all(|call| (call.stop as usize) < table.stops.len()));
                }
            }
            LayerData::Sensors(sensors) => {
                for stream in &sensors.datastreams {
                    assert!((stream.thing as usize) < sensors.things.len());
                    assert_eq!(stream.times.len(), stream.values.len());
                    assert!(stream.times.is_sorted());
                }
            }
            LayerData::Terrain(terrain) => {
                assert_eq!(terrain.heights.len(), terrain.width * terrain.height);
                assert!(terrain.cell_m.is_finite() && terrain.cell_m > 0.0);
            }
            LayerData::Meshes(model) => {
                for part in &model.parts {
                    assert!(part.indices.iter().all(|&index| (index as usize) < part.positions.len()));
                }
            }
            LayerData::Points(cloud) => {
                for chunk in &cloud.chunks {
                    assert_eq!(chunk.classes.len(), chunk.len());
                }
            }
        }
    }
}

fn check_city(model: &CityModel) {
    assert_eq!(model.attributes.rows(), model.objects.len());
    for (row, object) in model.objects.iter().enumerate() {
        for geometry in &object.geometries {
            assert_eq!(geometry.surface_types.len(), geometry.surface_ends.len());
            let ends = [geometry.indices.len(), geometry.ring_ends.len(), geometry.surface_ends.len()];
            for (list, total) in
                [&geometry.ring_ends, &geometry.surface_ends, &geometry.shell_ends].into_iter().zip(ends)
            {
                assert!(list.is_sorted());
                assert!(list.last().is_none_or(|&end| end as usize <= total));
            }
            for &index in &geometry.indices {
                assert!(model.vertices.at(index).iter().all(|value| value.is_finite()));
            }
        }
        for &parent in &object.parents {
            assert!(model.objects[parent as usize].children.contains(&(row as u32)));
        }
        assert!(model.root_of(row) < model.objects.len());
    }
}
