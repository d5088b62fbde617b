//! Tiny cities drawn as text, for tests.
#![allow(dead_code)] // Each test binary uses its own part.

use std::{path::PathBuf, sync::Arc};

use layers::model::{
    Feature, FeatureLayer, FeatureRole, Layer, LayerData, Link, LinkClass, Modes, Node, Provenance,
    StreetNetwork, Timetable,
    network::polyline_length_m,
    transit::{Route, Service, Stop, StopTime, Trip},
};

/// The folder of shared test data, or `None` (after saying so) where it is absent.
pub fn shared_data() -> Option<PathBuf> {
    let found = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .map(|folder| folder.join("shared/data"))
        .find(|folder| folder.is_dir());
    if found.is_none() {
        println!("skipped: shared/data is absent");
    }
    found
}

/// Metres a character.
pub const STEP_M: f64 = 50.0;

/// A street network from a drawing: letters are nodes, `-` and `|` two-way residential streets, `=` and `H` main streets
/// (primary, 50 km/h). `names` gives streets as pairs of letters, such as `("ABC", "Markt")`; link ids are the letters of
/// its ends.
pub fn drawn(picture: &str, names: &[(&str, &str)]) -> StreetNetwork {
    let rows: Vec<Vec<char>> = picture.lines().map(|line| line.chars().collect()).collect();
    let at =
        |row: usize, column: usize| rows.get(row).and_then(|line| line.get(column)).copied().unwrap_or(' ');
    let mut network = StreetNetwork::default();
    let mut places: Vec<(char, usize, usize)> = Vec::new();
    for (row, line) in rows.iter().enumerate() {
        for (column, &letter) in line.iter().enumerate() {
            if letter.is_alphabetic() && letter != 'H' {
                places.push((letter, row, column));
                network.nodes.push(Node {
                    id: letter.to_string(),
                    position: [column as f64 * STEP_M, -(row as f64) * STEP_M],
                    has_signals: false,
                });
            }
        }
    }
    let node = |row: usize, column: usize| places.iter().position(|&(_, r, c)| (r, c) == (row, column));
    for (from, &(letter, row, column)) in places.iter().enumerate() {
        let mut end = column + 1;
        while matches!(at(row, end), '-' | '=') {
            end += 1;
        }
        if let (true, Some(to)) = (end > column + 1, node(row, end)) {
            add(&mut network, &places, from, to, at(row, column + 1) == '=', names);
        }
        let mut end = row + 1;
        while matches!(at(end, column), '|' | 'H') {
            end += 1;
        }
        if let (true, Some(to)) = (end > row + 1, node(end, column)) {
            add(&mut network, &places, from, to, at(row + 1, column) == 'H', names);
        }
        assert!(letter.is_alphabetic());
    }
    network
}

fn add(
    network: &mut StreetNetwork,
    places: &[(char, usize, usize)],
    from: usize,
    to: usize,
    is_main: bool,
    names: &[(&str, &str)],
) {
    let (a, b) = (places[from].0, places[to].0);
    let is_in = |letters: &str| letters.contains(&format!("{a}{b}")) || letters.contains(&format!("{b}{a}"));
    let name = names.iter().find(|(letters, _)| is_in(letters)).map_or("", |(_, name)| name);
    let geometry = vec![network.nodes[from].position, network.nodes[to].position];
    network.links.push(Link {
        id: format!("{a}{b}"),
        way_id: if name.is_empty() { format!("{a}{b}") } else { name.to_owned() },
        name: name.to_owned(),
        class: if is_main { LinkClass::Primary } else { LinkClass::Residential },
        from: from as u32,
        to: to as u32,
        length_m: polyline_length_m(&geometry),
        geometry,
        lanes_forward: 1,
        lanes_backward: 1,
        width_m: 10.0,
        speed_limit_mps: if is_main { 50.0 } else { 30.0 } / 3.6,
        has_stated_speed: true,
        forward: Modes::ALL,
        backward: Modes::ALL,
        is_bridge: false,
        is_tunnel: false,
        has_cycle_track: false,
    });
}

pub fn link(network: &StreetNetwork, id: &str) -> usize {
    network.link_by_id(id).unwrap_or_else(|| panic!("no link {id}"))
}

pub fn layer(id: &str, data: LayerData) -> Layer {
    Layer {
        id: id.to_owned(),
        title: id.to_owned(),
        data,
        provenance: Provenance {
            source: "drawn for a test".to_owned(),
            date: "2025-01-01".to_owned(),
            ..Provenance::default()
        },
        faults: Vec::new(),
    }
}

pub fn streets(network: &StreetNetwork) -> Layer {
    layer("streets", LayerData::Streets(Arc::new(network.clone())))
}

/// Zones at nodes: letter, residents, jobs.
pub fn people(network: &StreetNetwork, zones: &[(&str, f64, f64)]) -> Layer {
    let mut features =
        FeatureLayer { name: "zones".to_owned(), role: FeatureRole::Zones, ..FeatureLayer::default() };
    for (row, &(letter, residents, jobs)) in zones.iter().enumerate() {
        let position = node_position(network, letter);
        features.features.push(Feature {
            id: letter.to_owned(),
            geometry: Some(geo::Geometry::Point(geo::Point::new(position[0], position[1]))),
        });
        features.attributes.set(row, "population", residents);
        features.attributes.set(row, "jobs", jobs);
    }
    layer("zones", LayerData::Features(Arc::new(features)))
}

/// Points of interest at nodes: letter, amenity.
pub fn amenities(network: &StreetNetwork, points: &[(&str, &str)]) -> Layer {
    let mut features = FeatureLayer {
        name: "points".to_owned(),
        role: FeatureRole::PointsOfInterest,
        ..FeatureLayer::default()
    };
    for (row, &(letter, amenity)) in points.iter().enumerate() {
        let position = node_position(network, letter);
        features.features.push(Feature {
            id: format!("{letter}-{amenity}"),
            geometry: Some(geo::Geometry::Point(geo::Point::new(position[0], position[1]))),
        });
        features.attributes.set(row, "amenity", amenity);
    }
    layer("points", LayerData::Features(Arc::new(features)))
}

/// A bus line that calls at these points.
pub fn bus_line(stops: &[[f64; 2]]) -> Layer {
    let calls = stops.len() as u32;
    let timetable = Timetable {
        timezone: "Europe/Amsterdam".to_owned(),
        stops: stops
            .iter()
            .enumerate()
            .map(|(index, &position)| Stop {
                id: format!("stop-{index}"),
                name: format!("Stop {index}"),
                position,
                parent: None,
                is_station: false,
            })
            .collect(),
        routes: vec![Route {
            id: "5".to_owned(),
            agency: String::new(),
            short_name: "5".to_owned(),
            long_name: String::new(),
            route_type: 3,
        }],
        trips: vec![Trip {
            id: "trip".to_owned(),
            route: 0,
            service: 0,
            headsign: String::new(),
            direction: 0,
            shape: None,
            first_call: 0,
            call_count: calls,
            frequencies: Vec::new(),
        }],
        stop_times: (0..calls)
            .map(|stop| StopTime {
                stop,
                arrival_secs: 28_800 + 60 * stop,
                departure_secs: 28_800 + 60 * stop,
            })
            .collect(),
        services: vec![Service {
            weekdays: [true; 7],
            start_date: 20250101,
            end_date: 20251231,
            ..Service::default()
        }],
        ..Timetable::default()
    };
    layer("buses", LayerData::Transit(Arc::new(timetable)))
}

pub fn node_position(network: &StreetNetwork, letter: &str) -> [f64; 2] {
    network
        .nodes
        .iter()
        .find(|node| node.id == letter)
        .map_or_else(|| panic!("no node {letter}"), |n| n.position)
}
