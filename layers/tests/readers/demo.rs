//! The demo town, written as files and read again: what comes back is what was made.

use layers::{
    crs::Epsg,
    demo::{DEMO_SEED, build, write},
    model::{Layer, LayerData},
    readers::{ReadOutcome, Severity},
};

use crate::support::{Scratch, read_ok};

fn layer<'a>(layers: &'a [Layer], kind: &str) -> &'a LayerData {
    layers
        .iter()
        .map(|layer| &layer.data)
        .find(|data| data.kind() == kind)
        .unwrap_or_else(|| panic!("no {kind}"))
}

fn distance(a: [f64; 2], b: [f64; 2]) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

#[test]
fn the_written_demo_town_reads_back_as_itself() {
    let town = build(DEMO_SEED);
    let scratch = Scratch::new("anchor", b"x");
    let folder = scratch.0.parent().unwrap();
    let outcomes: Vec<ReadOutcome> = write(folder, &town).unwrap().iter().map(|path| read_ok(path)).collect();
    for outcome in &outcomes {
        assert_eq!(outcome.crs, Epsg::RD_NEW, "{}", outcome.inspection.uri);
        // What a validator would say of names and of rings that touch themselves is no fault of reading.
        let bad: Vec<_> = outcome
            .inspection
            .faults
            .iter()
            .filter(|fault| fault.severity > Severity::Info && !fault.code.starts_with("gpkg-"))
            .collect();
        assert!(bad.is_empty(), "{}: {bad:?}", outcome.inspection.uri);
    }
    let read: Vec<Layer> = outcomes.into_iter().flat_map(|outcome| outcome.layers).collect();

    let (LayerData::City(made), LayerData::City(back)) = (layer(&town.layers, "city"), layer(&read, "city"))
    else {
        unreachable!()
    };
    assert_eq!(back.objects.len(), made.objects.len());
    for (a, b) in made.objects.iter().zip(&back.objects) {
        assert_eq!((&a.id, &a.object_type, a.parents.len()), (&b.id, &b.object_type, b.parents.len()));
        let faces = |o: &layers::model::CityObject| {
            o.geometries.iter().map(|g| g.surface_types.clone()).collect::<Vec<_>>()
        };
        assert_eq!(faces(a), faces(b), "{}", a.id);
    }
    let (a, b) = (made.bounds().to_array().unwrap(), back.bounds().to_array().unwrap());
    assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 2e-3), "{a:?} {b:?}");
    for row in (0..made.objects.len()).step_by(97) {
        for (name, _, value) in made.attributes.row(row) {
            assert_eq!(
                back.attributes.get(row, name).to_text(),
                value.to_text(),
                "{name} of {}",
                made.objects[row].id
            );
        }
    }

    let (LayerData::Streets(made), LayerData::Streets(back)) =
        (layer(&town.layers, "streets"), layer(&read, "streets"))
    else {
        unreachable!()
    };
    assert_eq!(back.links.len(), made.links.len());
    // OSM tags belong to a whole way, so a way whose tags change along it is written as several; nodes keep their ids.
    let nodes_of = |id: &str| id.split_once('-').map(|(_, nodes)| nodes.to_owned());
    for (a, b) in made.links.iter().zip(&back.links) {
        assert_eq!(nodes_of(&a.id), nodes_of(&b.id));
        assert_eq!(
            (&a.name, a.class, a.forward, a.backward, a.lanes_forward, a.lanes_backward),
            (&b.name, b.class, b.forward, b.backward, b.lanes_forward, b.lanes_backward),
            "{}",
            a.id
        );
        assert!((a.length_m - b.length_m).abs() < 0.01 && (a.width_m - b.width_m).abs() < 0.01, "{}", a.id);
        assert!((a.speed_limit_mps - b.speed_limit_mps).abs() < 1e-6, "{}", a.id);
        assert!(distance(a.geometry[0], b.geometry[0]) < 1e-3, "{}", a.id);
        assert_eq!((a.is_bridge, a.is_tunnel), (b.is_bridge, b.is_tunnel), "{}", a.id);
    }

    let (LayerData::Transit(made), LayerData::Transit(back)) =
        (layer(&town.layers, "transit"), layer(&read, "transit"))
    else {
        unreachable!()
    };
    assert_eq!(
        (back.stop_times.len(), back.timezone.as_str()),
        (made.stop_times.len(), made.timezone.as_str())
    );
    for (a, b) in made.stops.iter().zip(&back.stops) {
        assert_eq!((&a.id, &a.name, a.parent, a.is_station), (&b.id, &b.name, b.parent, b.is_station));
        assert!(distance(a.position, b.position) < 0.01, "{}", a.id);
    }
    for trip in 0..made.trips.len() {
        assert_eq!(made.trips[trip].id, back.trips[trip].id);
        assert_eq!(made.calls(trip), back.calls(trip), "{}", made.trips[trip].id);
    }
    assert_eq!(made.date_range(), back.date_range());

    let (LayerData::Sensors(made), LayerData::Sensors(back)) =
        (layer(&town.layers, "sensors"), layer(&read, "sensors"))
    else {
        unreachable!()
    };
    for (a, b) in made.things.iter().zip(&back.things) {
        assert_eq!((&a.id, &a.name, &a.card), (&b.id, &b.name, &b.card));
        let (Some([x, y, z]), Some(found)) = (a.position, b.position) else { panic!("{}", a.id) };
        assert!(distance([x, y], [found[0], found[1]]) < 1e-2 && (z - found[2]).abs() < 1e-6, "{}", a.id);
    }
    for (a, b) in made.datastreams.iter().zip(&back.datastreams) {
        assert_eq!(
            (&a.id, a.thing, &a.observed_property, &a.unit),
            (&b.id, b.thing, &b.observed_property, &b.unit)
        );
        assert_eq!((&a.times, &a.values), (&b.times, &b.values), "{}", a.id);
    }

    let (LayerData::Terrain(made), LayerData::Terrain(back)) =
        (layer(&town.layers, "terrain"), layer(&read, "terrain"))
    else {
        unreachable!()
    };
    assert_eq!((back.width, back.height, back.cell_m), (made.width, made.height, made.cell_m));
    assert!(distance(made.origin, back.origin) < 1e-6);
    assert!(
        made.heights
            .iter()
            .zip(&back.heights)
            .all(|(a, b)| (a - b).abs() < 1e-5 || (a.is_nan() && b.is_nan()))
    );

    let tables = |layers: &[Layer]| {
        let features = layers.iter().filter_map(|layer| match &layer.data {
            LayerData::Features(features) => Some((features.name.clone(), features.clone())),
            _ => None,
        });
        features.collect::<std::collections::BTreeMap<_, _>>()
    };
    let (made, back) = (tables(&town.layers), tables(&read));
    for (name, made) in made {
        // A table's name is one that SQL takes without quotes.
        let back = &back[&name.replace('-', "_")];
        assert_eq!((back.features.len(), back.role), (made.features.len(), made.role), "{name}");
        for (row, (a, b)) in made.features.iter().zip(&back.features).enumerate() {
            assert_eq!(a.id, b.id, "{name}");
            for (column, _, value) in made.attributes.row(row) {
                assert_eq!(
                    back.attributes.get(row, column).to_text(),
                    value.to_text(),
                    "{name} {column} {}",
                    a.id
                );
            }
        }
        let (a, b) = (made.bounds().to_array().unwrap(), back.bounds().to_array().unwrap());
        assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-6), "{name}");
    }
}
