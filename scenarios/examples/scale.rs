//! Time and memory of the engine on generated cities: `scale [LINKS …]`, by default 5,000 to 100,000 links. Prints one
//! line a city, as CSV after the heading: seconds on the clock, and seconds of processor time (both cores together) in the
//! columns with `cpu`, which another program on the machine changes less.
//!
//! The city is a square of streets 90 m apart, every fifth one a main road with 50 km/h and two lanes; half of the blocks have a
//! node halfway (a path, a yard), and every second of those a dead end. Five people live there for each link, more
//! densely in the middle, where most of the jobs are; main roads leave it on all sides. The edit closes 500 m of the main
//! street in the middle to cars.

use std::{sync::Arc, time::Instant};

use layers::model::{
    Feature, FeatureLayer, FeatureRole, Layer, LayerData, Link, LinkClass, Modes, Node, Provenance,
    StreetNetwork, network::polyline_length_m,
};
use scenarios::{
    Assumptions, Baseline, Cancel, Quality, Scenario,
    apply::resolve,
    evaluate,
    measures::{Measure, PedestrianStreet},
    models::traffic::ScenarioTraffic,
};

const BLOCK_M: f64 = 90.0;

fn main() {
    let wanted: Vec<usize> = std::env::args().skip(1).filter_map(|n| n.parse().ok()).collect();
    let wanted = if wanted.is_empty() { vec![5_000, 10_000, 20_000, 50_000, 100_000] } else { wanted };
    println!(
        "links,arcs,zones,pairs,baseline_s,baseline_cpu_s,resolve_ms,preview_s,preview_cpu_s,answer_s,answer_cpu_s,undo_s,undo_cpu_s,preview_traffic_cpu_s,answer_traffic_cpu_s,gap,trips_h,lost_h,peak_mb"
    );
    for links in wanted {
        measure(links);
    }
}

fn measure(links: usize) {
    let layers = city(links);
    let cancel = Cancel::default();
    let baseline = Baseline::from_layers(&layers, &Assumptions::default()).unwrap();
    let ((baseline_s, baseline_cpu), traffic) = timed(|| baseline.traffic(&cancel).unwrap());
    let none = Scenario::new("none", "");
    // What is computed once for a city is not part of an edit.
    let first = evaluate(&baseline, &none, &cancel, Quality::Answer).unwrap();
    let network = baseline.network();
    let mut scenario = Scenario::new("plan", "");
    let middle = central_street(network);
    scenario.measures.push(Measure::PedestrianStreet(PedestrianStreet::on_links(network, &middle)));
    let ((resolve_s, _), resolved) = timed(|| resolve(&baseline, &scenario));
    assert!(resolved.problems.is_empty());
    let solve = |quality| {
        timed(|| ScenarioTraffic::solve(&baseline, &traffic, &resolved.edit, quality, &cancel).unwrap()).0.1
    };
    let (preview_traffic, answer_traffic) = (solve(Quality::Preview), solve(Quality::Answer));
    let run =
        |scenario: &Scenario, quality| timed(|| evaluate(&baseline, scenario, &cancel, quality).unwrap());
    let ((preview_s, preview_cpu), _) = run(&scenario, Quality::Preview);
    let ((answer_s, answer_cpu), answer) = run(&scenario, Quality::Answer);
    let ((undo_s, undo_cpu), undone) = run(&none, Quality::Answer);
    assert_eq!(undone.links, first.links);
    let lost = first.baseline_value("hours-lost").map_or(f64::NAN, |value| value.central);
    let summary = answer.traffic.unwrap();
    println!(
        "{},{},{},{},{baseline_s:.2},{baseline_cpu:.2},{:.1},{preview_s:.3},{preview_cpu:.2},{answer_s:.3},{answer_cpu:.2},{undo_s:.3},{undo_cpu:.2},{preview_traffic:.2},{answer_traffic:.2},{:.1e},{:.0},{lost:.0},{:.0}",
        network.links.len(),
        traffic.road.arcs(),
        summary.zones,
        summary.pairs,
        resolve_s * 1e3,
        summary.relative_gap,
        summary.trips_per_hour[0],
        peak_mb(),
    );
}

/// What `work` gives, after seconds on the clock and seconds of processor time.
fn timed<T>(work: impl FnOnce() -> T) -> ((f64, f64), T) {
    let (started, cpu) = (Instant::now(), cpu_secs());
    let outcome = work();
    ((started.elapsed().as_secs_f64(), cpu_secs() - cpu), outcome)
}

/// Processor time of this process so far, seconds in steps of 10 ms; 0 where the system does not say.
fn cpu_secs() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let numbers = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    numbers.skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// Links of 500 m of the main street through the middle.
fn central_street(network: &StreetNetwork) -> Vec<usize> {
    let all: Vec<f64> = network.nodes.iter().map(|node| node.position[0]).collect();
    let far = all.iter().copied().fold(0.0, f64::max);
    let side = (far / BLOCK_M).round();
    let row = (side / 2.0 / 5.0).round() * 5.0 * BLOCK_M;
    let is_middle = |link: &Link| {
        let on_row = link.geometry.iter().all(|point| (point[1] - row).abs() < 1.0);
        let near = link.geometry.iter().all(|point| (point[0] - far / 2.0).abs() <= 270.0);
        on_row && near && link.class == LinkClass::Secondary
    };
    (0..network.links.len()).filter(|&link| is_middle(&network.links[link])).collect()
}

/// About `wanted` links, with zones.
fn city(wanted: usize) -> Vec<Layer> {
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
                (here + 1, row % 5 == 0, column < side),
                (here + side as u32 + 1, column % 5 == 0, row < side),
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
    let zones = people(&network, wanted as f64 * 5.0, far);
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
        lanes_forward: if is_main { 2 } else { 1 },
        lanes_backward: if is_main { 2 } else { 1 },
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

/// Most memory that the process had so far, MB; 0 where the system does not say.
fn peak_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok()).map_or(0.0, |kb| kb / 1024.0)
}
