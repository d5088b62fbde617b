//! What the program's own readers make of the written town: the same town.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use layers::{
    crs::Epsg,
    demo,
    model::{LayerData, StreetNetwork},
    readers::{self, ReadContext, Source},
};

use crate::{buildings, city, features, sensors, streets, terrain, transit};

fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("demo-round-trip");
        demo::write(&folder, city()).expect("the town can be written");
        folder
    })
}

/// Layers of one file in the town's own CRS; nothing may be wrong with it.
fn read(name: &str) -> Vec<LayerData> {
    let mut context = ReadContext { target: Some(Epsg::RD_NAP), ..ReadContext::default() };
    let outcome = readers::read(&Source::from_path(folder().join(name)), &mut context).unwrap();
    // A rule of one publisher about names, not of the standard.
    let faults: Vec<_> = outcome.inspection.faults.iter().filter(|f| f.code != "gpkg-layer-name").collect();
    assert!(faults.is_empty(), "{name}: {faults:?}");
    outcome.layers.into_iter().map(|layer| layer.data).collect()
}

fn gap(a: [f64; 2], b: [f64; 2]) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

#[test]
fn buildings_come_back_with_their_shapes_and_attributes() {
    let layers = read("merewaarde.city.json");
    let [LayerData::City(model)] = layers.as_slice() else { panic!("one city layer") };
    assert_eq!(model.objects.len(), buildings().objects.len());
    let rows: BTreeMap<&str, usize> =
        model.objects.iter().enumerate().map(|(row, object)| (object.id.as_str(), row)).collect();
    for (row, object) in buildings().objects.iter().enumerate() {
        let back = rows[object.id.as_str()];
        for (a, b) in model.objects[back].geometries.iter().zip(&object.geometries) {
            assert_eq!((a.kind, a.lod, &a.surface_types), (b.kind, b.lod, &b.surface_types));
            assert_eq!(
                (&a.ring_ends, &a.surface_ends, &a.shell_ends),
                (&b.ring_ends, &b.surface_ends, &b.shell_ends)
            );
            for (&i, &j) in a.indices.iter().zip(&b.indices) {
                let (p, q) = (model.vertices.at(i), buildings().vertices.at(j));
                assert!((0..3).all(|axis| (p[axis] - q[axis]).abs() < 6e-4), "{p:?} {q:?}");
            }
        }
        for name in ["function", "year", "residents", "jobs", "street", "house_number", "name", "amenity"] {
            assert_eq!(
                model.attributes.get(back, name).to_text(),
                buildings().attributes.get(row, name).to_text(),
                "{name} of {}",
                object.id
            );
        }
    }
}

#[test]
fn feature_layers_come_back_with_their_roles() {
    let layers = read("merewaarde.gpkg");
    for id in ["neighbourhoods", "surfaces", "trees", "rail", "points-of-interest", "cordon"] {
        let back = layers
            .iter()
            .find_map(|data| match data {
                LayerData::Features(layer) if layer.name == id.replace('-', "_") => Some(layer),
                _ => None,
            })
            .unwrap_or_else(|| panic!("{id} came back"));
        let wanted = features(id);
        assert_eq!(back.role, wanted.role, "{id}");
        assert_eq!(
            back.features.iter().map(|f| &f.id).collect::<Vec<_>>(),
            wanted.features.iter().map(|f| &f.id).collect::<Vec<_>>()
        );
        for column in wanted.attributes.columns() {
            for row in (0..wanted.features.len()).step_by(37) {
                assert_eq!(
                    back.attributes.get(row, &column.name),
                    wanted.attributes.get(row, &column.name),
                    "{id} {} {row}",
                    column.name
                );
            }
        }
    }
}

#[test]
fn the_timetable_comes_back() {
    let layers = read("gtfs.zip");
    let [LayerData::Transit(back)] = layers.as_slice() else { panic!("one timetable") };
    let wanted = transit();
    assert_eq!(back.timezone, wanted.timezone);
    assert_eq!(back.routes, wanted.routes);
    assert_eq!(back.services, wanted.services);
    assert_eq!((back.trips.len(), back.stop_times.len()), (wanted.trips.len(), wanted.stop_times.len()));
    for (a, b) in back.stops.iter().zip(&wanted.stops) {
        assert_eq!((&a.id, &a.name, a.parent, a.is_station), (&b.id, &b.name, b.parent, b.is_station));
        assert!(gap(a.position, b.position) < 0.01, "{}", a.id);
    }
    let trips: BTreeMap<&str, usize> =
        wanted.trips.iter().enumerate().map(|(number, trip)| (trip.id.as_str(), number)).collect();
    for (number, trip) in back.trips.iter().enumerate() {
        let other = trips[trip.id.as_str()];
        assert_eq!(trip.headsign, wanted.trips[other].headsign);
        assert_eq!(back.calls(number), wanted.calls(other), "{}", trip.id);
    }
    assert_eq!(
        back.shapes.keys().collect::<std::collections::BTreeSet<_>>(),
        wanted.shapes.keys().collect::<std::collections::BTreeSet<_>>()
    );
}

#[test]
fn sensors_come_back_with_place_card_and_observations() {
    let layers = read("sensors.json");
    let [LayerData::Sensors(back)] = layers.as_slice() else { panic!("one sensor layer") };
    let wanted = sensors();
    assert_eq!(back.things.len(), wanted.things.len());
    for (a, b) in back.things.iter().zip(&wanted.things) {
        assert_eq!((&a.id, &a.name, &a.card), (&b.id, &b.name, &b.card));
        let ([x, y, z], [u, v, w]) = (a.position.unwrap(), b.position.unwrap());
        assert!(gap([x, y], [u, v]) < 0.01 && (z - w).abs() < 0.01, "{}", a.id);
    }
    assert_eq!(back.datastreams.len(), wanted.datastreams.len());
    for (a, b) in back.datastreams.iter().zip(&wanted.datastreams) {
        assert_eq!(
            (&a.id, a.thing, &a.observed_property, &a.unit),
            (&b.id, b.thing, &b.observed_property, &b.unit)
        );
        assert_eq!((&a.times, &a.values), (&b.times, &b.values));
    }
}

#[test]
fn the_terrain_comes_back() {
    let layers = read("terrain.tif");
    let [LayerData::Terrain(back)] = layers.as_slice() else { panic!("one terrain") };
    assert_eq!(back.as_ref(), terrain());
}

#[test]
fn the_streets_come_back_with_their_ids() {
    let layers = read("streets.osm");
    let network = layers
        .iter()
        .find_map(|data| match data {
            LayerData::Streets(network) => Some(network),
            _ => None,
        })
        .expect("a street layer");
    assert_eq!(network.links.len(), streets().links.len());
    let back: BTreeMap<&str, _> = network.links.iter().map(|link| (link.id.as_str(), link)).collect();
    for link in &streets().links {
        let read = back.get(link.id.as_str()).unwrap_or_else(|| panic!("{} came back", link.id));
        assert_eq!((read.class, &read.name, &read.way_id), (link.class, &link.name, &link.way_id));
        assert_eq!((read.forward, read.backward), (link.forward, link.backward), "{}", link.id);
        assert_eq!(
            (read.lanes_forward, read.lanes_backward, read.width_m),
            (link.lanes_forward, link.lanes_backward, link.width_m),
            "{}",
            link.id
        );
        assert!((read.speed_limit_mps - link.speed_limit_mps).abs() < 1e-9);
        assert_eq!(
            (read.is_bridge, read.is_tunnel, read.has_cycle_track),
            (link.is_bridge, link.is_tunnel, link.has_cycle_track),
            "{}",
            link.id
        );
        assert_eq!(read.geometry.len(), link.geometry.len());
        for (a, b) in read.geometry.iter().zip(&link.geometry) {
            assert!((a[0] - b[0]).hypot(a[1] - b[1]) < 0.001, "{}", link.id);
        }
    }
    let signals = |network: &StreetNetwork| network.nodes.iter().filter(|n| n.has_signals).count();
    assert_eq!(signals(network), signals(streets()));
}
