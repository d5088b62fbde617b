//! Sweeps over the network of one mode against plain Dijkstra, and places on streets against streets cut at those places.

mod common;
mod transit_common;

use std::{cmp::Reverse, collections::BinaryHeap, time::Instant};

use common::{drawn, link};
use layers::model::{LinkClass, Modes, StreetNetwork};
use scenarios::{
    Assumptions,
    edit::NetworkEdit,
    models::{
        assignment::shortest_path::{ForwardStar, Search},
        routing::{ModeGraph, Snap, Sweep, TravelMode, UNREACHED, graph::Star, nearest::NearestPlaces},
    },
};
use transit_common::Chance;

fn graph(streets: &StreetNetwork, mode: TravelMode) -> ModeGraph {
    ModeGraph::new(streets, &NetworkEdit::none(streets.links.len()), mode, &Assumptions::default())
}

/// The textbook, with a binary heap.
fn dijkstra(star: &Star, seeds: &[(u32, u32)], limit: u32) -> Vec<u32> {
    let mut best = vec![UNREACHED; star.nodes()];
    let mut queue: BinaryHeap<Reverse<(u32, u32)>> =
        seeds.iter().map(|&(node, cost)| Reverse((cost, node))).collect();
    while let Some(Reverse((cost, node))) = queue.pop() {
        if cost >= best[node as usize] || cost > limit {
            continue;
        }
        best[node as usize] = cost;
        queue.extend(star.at(node).iter().map(|&(head, arc)| Reverse((cost + arc, head))));
    }
    best
}

/// A grid with one-way streets, stairs and signals.
fn random_streets(chance: &mut Chance) -> StreetNetwork {
    let mut streets = drawn("A--B---C-D\n|  |   | |\nE--F---G-I\n|  |   | |\nJ--K---L-M", &[]);
    for link in &mut streets.links {
        match chance.below(8) {
            0 => link.backward = Modes::WALK,
            1 => link.forward = Modes::WALK,
            2 => link.class = LinkClass::Steps,
            3 => (link.forward, link.backward) = (Modes::NONE, Modes::NONE),
            _ => {}
        }
        link.length_m *= 1.0 + chance.below(100) as f64 / 50.0;
    }
    for node in &mut streets.nodes {
        node.has_signals = chance.below(3) == 0;
    }
    streets
}

#[test]
fn sweeps_equal_plain_dijkstra_on_random_streets_from_places_and_to_them() {
    let mut chance = Chance::new(2);
    let mut compared = 0;
    for _ in 0..400 {
        let streets = random_streets(&mut chance);
        for mode in TravelMode::ALL {
            let graph = graph(&streets, mode);
            if graph.nodes() == 0 {
                continue;
            }
            let mut sweep = Sweep::new(&graph);
            let limit = [UNREACHED, 300_000, 60_000][chance.below(3)];
            let place = [chance.below(450) as f64, -(chance.below(200) as f64)];
            let Some(place) = graph.snap(place, 1_000.0) else { continue };
            sweep.from_place(&graph, &place, limit);
            let seeds: Vec<(u32, u32)> = place.departures(&graph).collect();
            assert_eq!(sweep.costs(), dijkstra(&graph.outgoing, &seeds, limit));
            let reached = sweep.costs().iter().filter(|&&cost| cost != UNREACHED).count();
            assert_eq!(sweep.reached().len(), reached);
            sweep.to_place(&graph, &place, limit);
            let seeds: Vec<(u32, u32)> = place.arrivals(&graph).collect();
            assert_eq!(sweep.costs(), dijkstra(&graph.incoming, &seeds, limit));
            compared += reached;
        }
    }
    assert!(compared > 3_000, "{compared}");
}

/// The network with a node on each of two places, so that ways from node to node are ways from place to place.
fn cut_at(streets: &StreetNetwork, link: usize, along: f64) -> StreetNetwork {
    let mut cut = streets.clone();
    let (a, b) = (cut.links[link].geometry[0], cut.links[link].geometry[1]);
    let place = [a[0] + (b[0] - a[0]) * along, a[1] + (b[1] - a[1]) * along];
    let node = cut.nodes.len() as u32;
    cut.nodes.push(layers::model::Node { id: format!("cut{node}"), position: place, has_signals: false });
    let mut second = cut.links[link].clone();
    let first = &mut cut.links[link];
    second.from = node;
    second.length_m = first.length_m * (1.0 - along);
    second.geometry = vec![place, b];
    first.to = node;
    first.length_m *= along;
    first.geometry = vec![a, place];
    cut.links.push(second);
    cut
}

#[test]
fn a_place_on_a_street_is_as_far_as_if_the_street_had_a_node_there() {
    let mut chance = Chance::new(9);
    let mut compared = 0;
    for _ in 0..600 {
        let mut streets = random_streets(&mut chance);
        for node in &mut streets.nodes {
            node.has_signals = false;
        }
        let mode = TravelMode::ALL[chance.below(5)];
        let whole = graph(&streets, mode);
        if whole.links.is_empty() {
            continue;
        }
        let snap = |chance: &mut Chance| Snap {
            link: chance.below(whole.links.len()) as u32,
            along: (1 + chance.below(8)) as f64 / 10.0,
            away_m: 0.0,
        };
        let (from, mut to) = (snap(&mut chance), snap(&mut chance));
        if chance.below(4) == 0 {
            to.link = from.link;
        }
        if to.link == from.link && to.along <= from.along {
            to.along = 0.95;
        }
        let of = |snap: &Snap| whole.links[snap.link as usize].link as usize;
        let first_cut = cut_at(&streets, of(&from), from.along);
        let cut = if to.link == from.link {
            // What is left of the street after the first place.
            let along = (to.along - from.along) / (1.0 - from.along);
            cut_at(&first_cut, first_cut.links.len() - 1, along)
        } else {
            cut_at(&first_cut, of(&to), to.along)
        };
        let fine = graph(&cut, mode);
        let nodes = streets.nodes.len();
        let (Some(a), Some(b)) = (fine.snap_node(nodes as u32), fine.snap_node(nodes as u32 + 1)) else {
            continue;
        };
        let (mut sweep, mut other) = (Sweep::new(&whole), Sweep::new(&fine));
        for (source, target, fine_source, fine_target) in [(from, to, a, b), (to, from, b, a)] {
            sweep.from_place(&whole, &source, UNREACHED);
            other.from_place(&fine, &fine_source, UNREACHED);
            let (found, expected) = (sweep.cost_to(&whole, &target), other.cost_to(&fine, &fine_target));
            // Each cut rounds to a millisecond.
            assert!(found.abs_diff(expected) <= 4, "{found} {expected} {mode:?}");
            sweep.to_place(&whole, &target, UNREACHED);
            assert!(sweep.cost_from(&whole, &source).abs_diff(found) <= 2);
            compared += usize::from(found != UNREACHED);
        }
    }
    assert!(compared > 500, "{compared}");
}

#[test]
fn the_nearest_places_are_those_that_single_sweeps_find() {
    let mut chance = Chance::new(4);
    for _ in 0..200 {
        let streets = random_streets(&mut chance);
        let graph = graph(&streets, [TravelMode::Walk, TravelMode::Cycle][chance.below(2)]);
        let places: Vec<Snap> = (0..6)
            .filter_map(|_| graph.snap([chance.below(450) as f64, -(chance.below(200) as f64)], 1_000.0))
            .collect();
        let (k, limit) = (1 + chance.below(4), [UNREACHED, 200_000][chance.below(2)]);
        let nearest = NearestPlaces::new(&graph, &places, k, limit);
        let mut sweep = Sweep::new(&graph);
        let mut by_place = Vec::new();
        for place in &places {
            sweep.to_place(&graph, place, limit);
            by_place.push(sweep.costs().to_vec());
        }
        for node in 0..graph.nodes() {
            let mut expected: Vec<u32> = by_place.iter().map(|costs| costs[node]).collect();
            expected.retain(|&cost| cost != UNREACHED);
            expected.sort_unstable();
            expected.truncate(k);
            let found: Vec<(u32, u32)> = nearest.at_node(node as u32).collect();
            assert_eq!(found.iter().map(|slot| slot.0).collect::<Vec<_>>(), expected);
            assert!(found.iter().all(|&(cost, place)| by_place[place as usize][node] == cost));
        }
    }
}

#[test]
fn closed_streets_lengthen_and_stairs_and_signals_cost_time() {
    let mut streets = drawn("A-B-C", &[]);
    streets.nodes[1].has_signals = true;
    let stairs = link(&streets, "BC");
    streets.links[stairs].class = LinkClass::Steps;
    let walk = graph(&streets, TravelMode::Walk);
    let mut sweep = Sweep::new(&walk);
    sweep.from_place(&walk, &walk.snap_node(0).unwrap(), UNREACHED);
    let secs = |node: usize| f64::from(sweep.costs()[walk.graph_node[node] as usize]) / 1000.0;
    // 100 m a link at 4.8 km/h, 15 s at the signal, stairs at half speed.
    let a_link = 100.0 / (4.8 / 3.6);
    assert!((secs(1) - a_link - 15.0).abs() < 0.01);
    assert!((secs(2) - 3.0 * a_link - 15.0).abs() < 0.01);
    let slow = graph(&streets, TravelMode::SlowWalk);
    assert!((f64::from(slow.outgoing.at(slow.graph_node[0])[0].1) / 1000.0 - 100.0 - 15.0).abs() < 0.01);
}

#[test]
fn porto_alegre_by_every_mode_equals_the_solver_of_the_assignment() {
    let Some(data) = common::shared_data() else { return };
    let city = transit_common::porto_alegre(&data);
    for mode in [TravelMode::Walk, TravelMode::Cycle, TravelMode::Car] {
        let graph = graph(&city.streets, mode);
        let (mut from, mut to, mut cost) = (Vec::new(), Vec::new(), Vec::new());
        for node in 0..graph.nodes() as u32 {
            for &(head, arc) in graph.outgoing.at(node) {
                from.push(node);
                to.push(head);
                cost.push(f64::from(arc));
            }
        }
        let star = ForwardStar::new(graph.nodes(), &from, &to);
        let mut plain = Search::new(graph.nodes());
        let mut sweep = Sweep::new(&graph);
        let origins: Vec<u32> = (0..graph.nodes() as u32).step_by(graph.nodes() / 200).collect();
        let (mut ours, mut theirs) = (0.0, 0.0);
        for &origin in &origins {
            let started = Instant::now();
            plain.run(&star, &cost, origin, 0);
            theirs += started.elapsed().as_secs_f64();
            let started = Instant::now();
            sweep.run(&graph.outgoing, [(origin, 0)], UNREACHED);
            ours += started.elapsed().as_secs_f64();
            assert!(sweep.costs().iter().zip(&plain.distance).all(|(&a, &b)| f64::from(a) == b));
            assert_eq!(sweep.reached().len(), graph.nodes(), "from everywhere to everywhere");
        }
        println!(
            "{}: {} nodes, {} arcs; one-to-all {:.3} ms, with a heap {:.3} ms",
            mode.name(),
            graph.nodes(),
            from.len(),
            ours * 1000.0 / origins.len() as f64,
            theirs * 1000.0 / origins.len() as f64
        );
    }
}
