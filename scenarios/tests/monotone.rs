//! Properties that hold on any network.

mod common;

use common::{drawn, people, streets};
use layers::model::{Modes, StreetNetwork};
use scenarios::{
    Assumptions,
    baseline::facts::CityFacts,
    edit::NetworkEdit,
    models::{
        assignment::shortest_path::Search,
        demand::{skim_minutes, zones_from_places},
        equilibrium::{Problem, solve},
        road::{RoadModel, largest_connected_part},
        routing::{SlowMode, SlowNetwork},
        traffic::BaselineTraffic,
    },
};

const GRID: &str = "\
A--B--C--D--E
|  |  |  |  |
F--G--I==J--K
|  |  H  H  |
L--M==N--O--P
|  |  |  |  |
Q--R--S--T--U";

fn random(seed: &mut u64, limit: usize) -> usize {
    *seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
    (*seed >> 33) as usize % limit
}

fn with_one_way_streets(seed: &mut u64) -> StreetNetwork {
    let mut network = drawn(GRID, &[]);
    for link in &mut network.links {
        match random(seed, 8) {
            0 => link.backward = Modes::WALK | Modes::CYCLE,
            1 => link.forward = Modes::WALK | Modes::CYCLE,
            _ => {}
        }
    }
    network
}

#[test]
fn closing_a_link_never_shortens_an_uncongested_journey() {
    let mut seed = 11;
    for _ in 0..40 {
        let network = with_one_way_streets(&mut seed);
        let layers = [
            streets(&network),
            people(&network, &[("A", 1.0, 1.0), ("E", 1.0, 1.0), ("M", 1.0, 1.0), ("U", 1.0, 1.0)]),
        ];
        let assumptions = Assumptions::default();
        let facts = CityFacts::from_layers(&layers, &assumptions);
        let positions: Vec<[f64; 2]> =
            zones_from_places(&facts.places, 200).iter().map(|zone| zone.position).collect();
        let before = RoadModel::new(&network, &positions, &[], &assumptions);
        let mut edit = NetworkEdit::none(network.links.len());
        for _ in 0..=random(&mut seed, 4) {
            edit.remove_modes(random(&mut seed, network.links.len()), Modes::ALL);
        }
        // The same connectors: only streets close.
        let closed = before.closed_arcs(&edit);
        let open: Vec<f64> = (0..before.arcs()).map(|arc| before.costs.free_flow(arc)).collect();
        let shut: Vec<f64> = open
            .iter()
            .zip(&closed)
            .map(|(&cost, &is_closed)| if is_closed { f64::INFINITY } else { cost })
            .collect();
        let mut search = Search::new(before.network.nodes);
        for zone in 0..positions.len() as u32 {
            search.run(&before.star, &open, zone, positions.len());
            let free = search.distance.clone();
            search.run(&before.star, &shut, zone, positions.len());
            assert!(free.iter().zip(&search.distance).all(|(a, b)| b >= a));
        }
        for mode in [SlowMode::Walk, SlowMode::Cycle] {
            let all = SlowNetwork::new(&network, &NetworkEdit::none(network.links.len()), mode, &assumptions);
            let less = SlowNetwork::new(&network, &edit, mode, &assumptions);
            let mut other = Search::new(network.nodes.len());
            for node in 0..network.nodes.len() as u32 {
                search = Search::new(network.nodes.len());
                search.run(&all.star, &all.seconds, node, 0);
                other.run(&less.star, &less.seconds, node, 0);
                assert!(search.distance.iter().zip(&other.distance).all(|(a, b)| b >= a));
            }
        }
    }
}

#[test]
fn in_the_largest_part_every_node_reaches_every_other_and_no_other_node_could_join() {
    let mut seed = 5;
    for _ in 0..60 {
        let mut network = with_one_way_streets(&mut seed);
        for _ in 0..random(&mut seed, 16) {
            let link = random(&mut seed, network.links.len());
            network.links[link].forward = Modes::NONE;
        }
        let nodes = network.nodes.len();
        let part = largest_connected_part(&network, &NetworkEdit::none(network.links.len()));
        // Reachability by repeated passes: slow and plainly right.
        let mut reach = vec![vec![false; nodes]; nodes];
        for (start, row) in reach.iter_mut().enumerate() {
            row[start] = true;
            for _ in 0..nodes {
                for link in &network.links {
                    let (a, b) = (link.from as usize, link.to as usize);
                    row[b] |= row[a] && link.forward.contains(Modes::CAR);
                    row[a] |= row[b] && link.backward.contains(Modes::CAR);
                }
            }
        }
        let size = |node: usize| (0..nodes).filter(|&other| reach[node][other] && reach[other][node]).count();
        let largest = (0..nodes).map(size).max().unwrap();
        let members: Vec<usize> = (0..nodes).filter(|&node| part[node]).collect();
        assert_eq!(members.len(), if largest > 1 { largest } else { 0 });
        assert!(members.iter().all(|&a| members.iter().all(|&b| reach[a][b])));
    }
}

#[test]
fn more_traffic_never_makes_the_baseline_faster() {
    let network = drawn(GRID, &[]);
    let mean = |factor: f64| {
        let layers = [
            streets(&network),
            people(
                &network,
                &[("A", 6000.0 * factor, 10.0), ("U", 500.0 * factor, 900.0), ("E", 3000.0 * factor, 50.0)],
            ),
        ];
        let assumptions = Assumptions::default();
        let facts = CityFacts::from_layers(&layers, &assumptions);
        let base =
            BaselineTraffic::solve(&network, &facts, None, &assumptions, &scenarios::Cancel::default())
                .unwrap();
        assert!(base.equilibrium.has_converged && base.equilibrium.relative_gap <= 1e-4);
        assert!(skim_minutes(&base.road).iter().all(|m| m.is_finite() && *m >= 0.0));
        // Trips kept: what the paths carry is what is demanded.
        let carried: f64 = base.equilibrium.ways().map(|path| path.trips).sum();
        let wanted: f64 = base.demand.pairs.base_trips.iter().sum();
        assert!((carried / wanted - 1.0).abs() < 1e-9);
        let again = solve(
            &Problem {
                network: &base.road.network,
                costs: &base.road.costs,
                star: &base.road.star,
                is_closed: &vec![false; base.road.arcs()],
                has_other_ends: false,
                hierarchy: None,
                pairs: &base.demand.pairs,
                elastic: None,
            },
            Some(&base.equilibrium),
            1e-4,
            10,
            &scenarios::Cancel::default(),
        )
        .unwrap();
        assert_eq!(again.iterations, 1, "a warm start at the solution stays there");
        base.equilibrium.pair_costs.iter().sum::<f64>()
    };
    assert!(mean(0.1) < mean(1.0) && mean(1.0) < mean(2.0));
}
