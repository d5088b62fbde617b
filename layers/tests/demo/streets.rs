use std::collections::{BTreeMap, BTreeSet};

use layers::model::{LinkClass, Modes, StreetNetwork};

use crate::{buildings, features, streets};

/// Nodes reached from `start` by `mode`, along (or against) the direction of travel.
fn reached(network: &StreetNetwork, mode: Modes, start: u32, is_against: bool) -> BTreeSet<u32> {
    let mut out: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for link in &network.links {
        for (allowed, from, to) in [(link.forward, link.from, link.to), (link.backward, link.to, link.from)] {
            if allowed.contains(mode) {
                let (from, to) = if is_against { (to, from) } else { (from, to) };
                out.entry(from).or_default().push(to);
            }
        }
    }
    let mut seen = BTreeSet::from([start]);
    let mut todo = vec![start];
    while let Some(node) = todo.pop() {
        for &next in out.get(&node).into_iter().flatten() {
            if seen.insert(next) {
                todo.push(next);
            }
        }
    }
    seen
}

#[test]
fn the_network_is_large_and_well_formed() {
    let network = streets();
    assert!(network.links.len() >= 1500, "{}", network.links.len());
    let ids: BTreeSet<&str> = network.links.iter().map(|link| link.id.as_str()).collect();
    assert_eq!(ids.len(), network.links.len(), "link ids are unique");
    for link in &network.links {
        assert!(link.geometry.len() >= 2 && link.from != link.to, "{}", link.id);
        assert_eq!(link.geometry.first(), Some(&network.nodes[link.from as usize].position));
        assert_eq!(link.geometry.last(), Some(&network.nodes[link.to as usize].position));
        let length = layers::model::network::polyline_length_m(&link.geometry);
        assert!((link.length_m - length).abs() < 1e-6 && length > 0.4, "{} {length}", link.id);
        assert!(link.width_m >= 1.5 && link.speed_limit_mps > 1.0);
        let drives = (link.forward | link.backward).contains(Modes::CAR);
        assert_eq!(link.forward.contains(Modes::CAR), link.lanes_forward > 0, "{}", link.id);
        assert!(!drives || !link.name.is_empty(), "{} {:?} has a name", link.id, link.class);
        assert!(!(link.forward | link.backward).is_empty());
    }
    let classes: BTreeSet<LinkClass> = network.links.iter().map(|link| link.class).collect();
    assert!(classes.len() >= 8, "{classes:?}");
    assert!(
        network.links.iter().any(|link| link.is_bridge) && network.links.iter().any(|link| link.is_tunnel)
    );
    let one_way = network
        .links
        .iter()
        .filter(|l| l.forward.contains(Modes::CAR) && !l.backward.contains(Modes::CAR))
        .collect::<Vec<_>>();
    assert!(
        one_way.len() > 20 && one_way.iter().all(|l| l.backward.contains(Modes::CYCLE)),
        "cyclists excepted"
    );
}

#[test]
fn every_place_reaches_every_other_by_car_on_foot_and_by_bicycle() {
    let network = streets();
    for (mode, name) in [(Modes::CAR, "car"), (Modes::WALK, "walk"), (Modes::CYCLE, "cycle")] {
        let used: BTreeSet<u32> = network
            .links
            .iter()
            .filter(|link| (link.forward | link.backward).contains(mode))
            .flat_map(|link| [link.from, link.to])
            .collect();
        let start = *used.first().unwrap();
        for is_against in [false, true] {
            let seen = reached(network, mode, start, is_against);
            let lost: Vec<_> = used.difference(&seen).map(|&n| network.nodes[n as usize].position).collect();
            assert!(
                lost.is_empty(),
                "{name}: {} of {} nodes cut off: {:?}",
                lost.len(),
                used.len(),
                &lost[..lost.len().min(5)]
            );
        }
    }
}

#[test]
fn the_voorstraat_runs_through_the_old_town_and_there_is_another_way() {
    let network = streets();
    let links: Vec<_> = network.links.iter().filter(|link| link.name == "Voorstraat").collect();
    let length: f64 = links.iter().map(|link| link.length_m).sum();
    assert!(links.len() >= 6 && (600.0..1200.0).contains(&length), "{} links, {length} m", links.len());
    assert!(links.iter().all(|l| l.forward.contains(Modes::ALL) && l.backward.contains(Modes::ALL)));
    // Without it the town still hangs together by car.
    let mut closed = network.clone();
    for link in closed.links.iter_mut().filter(|link| link.name == "Voorstraat") {
        link.forward = link.forward & !Modes::CAR;
        link.backward = link.backward & !Modes::CAR;
    }
    let ring = closed.links.iter().find(|link| link.name == "Ringweg").unwrap();
    let seen = reached(&closed, Modes::CAR, ring.from, false);
    let others: BTreeSet<u32> = closed
        .links
        .iter()
        .filter(|link| link.forward.contains(Modes::CAR))
        .flat_map(|link| [link.from, link.to])
        .collect();
    let lost: Vec<_> = others.difference(&seen).map(|&n| closed.nodes[n as usize].position).collect();
    assert!(lost.is_empty(), "{lost:?}");
}

#[test]
fn water_green_trees_and_places_are_there() {
    let surfaces = features("surfaces");
    let covers: BTreeSet<String> =
        (0..surfaces.features.len()).map(|row| surfaces.attributes.get(row, "surface").to_text()).collect();
    for cover in [
        "water",
        "grass",
        "park",
        "square",
        "quay",
        "parking",
        "playground",
        "sport",
        "farmland",
        "forest",
        "rail-bed",
    ] {
        assert!(covers.contains(cover), "{cover}");
    }
    let trees = features("trees");
    assert!((3000..30_000).contains(&trees.features.len()), "{}", trees.features.len());
    assert_eq!(features("rail").features.len(), 2);
    let zones = features("neighbourhoods");
    assert!(zones.features.len() >= 10);
    let people = crate::sum(&zones.attributes, "population");
    assert_eq!(people, crate::sum(&buildings().attributes, "residents"), "nobody is counted twice");
    let places = features("points-of-interest");
    let garages = (0..places.features.len())
        .filter(|&row| places.attributes.get(row, "amenity").to_text() == "parking")
        .filter(|&row| places.attributes.get(row, "capacity").as_f64().is_some_and(|c| c > 100.0))
        .count();
    assert!(garages >= 5, "{garages}");
    for layer in ["neighbourhoods", "surfaces", "trees", "rail", "points-of-interest"] {
        assert_eq!(features(layer).guess_role(), features(layer).role, "{layer} is known again when read");
    }
}
