//! A generated city of any size, always the same.
//!
//! A square of streets 90 m apart, every tenth one a main road with 50 km/h and a lane each way; half of the blocks have a
//! node halfway (a path, a yard), and every second of those a dead end. Eight people live there for each link, more densely
//! in the middle, where most of the jobs are; main roads leave it on all sides. At 100,000 links about 97,000 cars drive in
//! the peak hour and lose 2 minutes each in traffic, so that ways round are sought as in a real city.

use std::sync::Arc;

use layers::model::{
    Feature, FeatureLayer, FeatureRole, Layer, LayerData, Link, LinkClass, Modes, Node, Provenance,
    StreetNetwork, network::polyline_length_m,
};

const BLOCK_M: f64 = 90.0;
const MAIN_EVERY: usize = 10;
const PEOPLE_PER_LINK: f64 = 8.0;

/// Links of 500 m of the main street through the middle.
pub fn central_street(network: &StreetNetwork) -> Vec<usize> {
    let all: Vec<f64> = network.nodes.iter().map(|node| node.position[0]).collect();
    let far = all.iter().copied().fold(0.0, f64::max);
    let side = (far / BLOCK_M).round();
    let row = (side / 2.0 / MAIN_EVERY as f64).round() * MAIN_EVERY as f64 * BLOCK_M;
    let is_middle = |link: &Link| {
        let on_row = link.geometry.iter().all(|point| (point[1] - row).abs() < 1.0);
        let near = link.geometry.iter().all(|point| (point[0] - far / 2.0).abs() <= 270.0);
        on_row && near && link.class == LinkClass::Secondary
    };
    (0..network.links.len()).filter(|&link| is_middle(&network.links[link])).collect()
}

/// About `wanted` links, with zones.
pub fn city(wanted: usize) -> Vec<Layer> {
    let side = ((wanted as f64 / 3.5).sqrt().round() as usize).max(6);
    let mut seed = 0x9E37_79B9_7F4A_7C15_u64;
    let mut random = move || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed >> 11) as f64 / (1_u64 << 53) as f64
    };
    let mut network = StreetNetwork::default();
    let node = |network: &mut StreetNetwork, position: [f64; 2]| {
        network.nodes.push(Node { id: format!("n{}", network.nodes.len()), position, has_signals: false });
        network.nodes.len() as u32 - 1
    };
    for row in 0..=side {
        for column in 0..=side {
            node(&mut network, [column as f64 * BLOCK_M, row as f64 * BLOCK_M]);
        }
    }
    for row in 0..=side {
        for column in 0..=side {
            let here = (row * (side + 1) + column) as u32;
            for (next, is_main, is_inside) in [
                (here + 1, row % MAIN_EVERY == 0, column < side),
                (here + side as u32 + 1, column % MAIN_EVERY == 0, row < side),
            ] {
                if !is_inside {
                    continue;
                }
                let class = if is_main { LinkClass::Secondary } else { LinkClass::Residential };
                if random() < 0.5 {
                    add(&mut network, here, next, class);
                    continue;
                }
                let (a, b) = (network.nodes[here as usize].position, network.nodes[next as usize].position);
                let middle = [f64::midpoint(a[0], b[0]), f64::midpoint(a[1], b[1])];
                let between = node(&mut network, middle);
                add(&mut network, here, between, class);
                add(&mut network, between, next, class);
                if random() < 0.5 {
                    let end = node(&mut network, [middle[0] + 25.0, middle[1] + 25.0]);
                    add(&mut network, between, end, LinkClass::Residential);
                }
            }
        }
    }
    // Main roads out of the city.
    let far = side as f64 * BLOCK_M;
    for step in (0..=side).step_by(25) {
        let along = step as f64 * BLOCK_M;
        for (position, row, column) in [
            ([along, -400.0], 0, step),
            ([along, far + 400.0], side, step),
            ([-400.0, along], step, 0),
            ([far + 400.0, along], step, side),
        ] {
            let outside = node(&mut network, position);
            add(&mut network, (row * (side + 1) + column) as u32, outside, LinkClass::Primary);
        }
    }
    let zones = people(&network, wanted as f64 * PEOPLE_PER_LINK, far);
    vec![
        layer("streets", LayerData::Streets(Arc::new(network))),
        layer("zones", LayerData::Features(Arc::new(zones))),
    ]
}

fn add(network: &mut StreetNetwork, from: u32, to: u32, class: LinkClass) {
    let geometry = vec![network.nodes[from as usize].position, network.nodes[to as usize].position];
    let is_main = class != LinkClass::Residential;
    let id = format!("l{}", network.links.len());
    network.links.push(Link {
        way_id: id.clone(),
        id,
        name: String::new(),
        class,
        from,
        to,
        length_m: polyline_length_m(&geometry),
        geometry,
        lanes_forward: 1,
        lanes_backward: 1,
        width_m: 12.0,
        speed_limit_mps: if is_main { 50.0 } else { 30.0 } / 3.6,
        has_stated_speed: true,
        forward: Modes::ALL,
        backward: Modes::ALL,
        is_bridge: false,
        is_tunnel: false,
        has_cycle_track: false,
    });
}

/// A place at every crossing: people by a cone around the middle, jobs by a steeper one.
fn people(network: &StreetNetwork, residents: f64, far: f64) -> FeatureLayer {
    let mut layer =
        FeatureLayer { name: "zones".to_owned(), role: FeatureRole::Zones, ..FeatureLayer::default() };
    let weight = |position: [f64; 2], power: i32| {
        let away = (position[0] - far / 2.0).hypot(position[1] - far / 2.0) / far;
        (1.0 - away).max(0.05).powi(power)
    };
    let sum = |power| network.nodes.iter().map(|node| weight(node.position, power)).sum::<f64>();
    let (homes, jobs) = (sum(2), sum(5));
    for (row, node) in network.nodes.iter().enumerate() {
        let [x, y] = node.position;
        layer.features.push(Feature {
            id: node.id.clone(),
            geometry: Some(geo::Geometry::Point(geo::Point::new(x, y))),
        });
        layer.attributes.set(row, "population", residents * weight(node.position, 2) / homes);
        layer.attributes.set(row, "jobs", 0.5 * residents * weight(node.position, 5) / jobs);
    }
    layer
}

fn layer(id: &str, data: LayerData) -> Layer {
    Layer {
        id: id.to_owned(),
        title: id.to_owned(),
        data,
        provenance: Provenance {
            source: "generated".to_owned(),
            date: "2026-01-01".to_owned(),
            ..Provenance::default()
        },
        faults: Vec::new(),
    }
}
