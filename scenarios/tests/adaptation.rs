//! The path-based solver and the adaptation of demand against worked cases (MODELS.md sections 2 and 4).

use std::path::{Path, PathBuf};

use scenarios::{
    Cancel,
    models::{
        adaptation::ElasticDemand,
        assignment::{
            AssignOptions, AssignmentNetwork, CostFunctions, TripTable, assign, shortest_path::ForwardStar,
            tntp,
        },
        equilibrium::{Equilibrium, Pairs, Problem, solve},
    },
};

fn shared_data() -> Option<PathBuf> {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .map(|folder| folder.join("shared/data"))
        .find(|folder| folder.is_dir())
}

fn pairs_of(trips: &TripTable) -> Pairs {
    let mut pairs = Pairs::default();
    for origin in 0..trips.zones {
        for destination in 0..trips.zones {
            pairs.push(origin as u32, destination as u32, trips.get(origin, destination));
        }
    }
    pairs
}

struct Case {
    network: AssignmentNetwork,
    costs: CostFunctions,
    star: ForwardStar,
    pairs: Pairs,
}

impl Case {
    fn new(network: AssignmentNetwork, pairs: Pairs) -> Self {
        let costs = CostFunctions::new(&network, 0.0, 0.0);
        let star = ForwardStar::new(network.nodes, &network.from, &network.to);
        Self { network, costs, star, pairs }
    }

    fn solve(
        &self,
        is_closed: &[bool],
        elastic: Option<&ElasticDemand>,
        start: Option<&Equilibrium>,
        gap: f64,
    ) -> Equilibrium {
        let problem = Problem {
            network: &self.network,
            costs: &self.costs,
            star: &self.star,
            is_closed,
            has_other_ends: false,
            hierarchy: None,
            pairs: &self.pairs,
            elastic,
        };
        let outcome = solve(&problem, start, gap, 500, &Cancel::default()).unwrap();
        assert!(outcome.has_converged, "stopped at {}", outcome.relative_gap);
        outcome
    }
}

/// Two routes from 0 to 1, free-flow 10 and 15 min, capacity 1000 each.
fn two_routes() -> Case {
    let mut network =
        AssignmentNetwork { zones: 2, nodes: 2, first_through_node: 2, ..AssignmentNetwork::default() };
    network.push_arc(0, 1, 10.0, 1000.0, 0.15, 4.0);
    network.push_arc(0, 1, 15.0, 1000.0, 0.15, 4.0);
    let mut pairs = Pairs::default();
    pairs.push(0, 1, 1500.0);
    Case::new(network, pairs)
}

#[test]
fn the_two_route_table_of_the_model_book_comes_out() {
    let case = two_routes();
    let base = case.solve(&[false, false], None, None, 1e-10);
    assert!(
        (base.flows[0] - 1351.3).abs() < 0.05 && (base.flows[1] - 148.7).abs() < 0.05,
        "{:?}",
        base.flows
    );
    assert!((base.pair_costs[0] - 15.00).abs() < 0.005);

    let closed = [true, false];
    let nobody = case.solve(&closed, None, Some(&base), 1e-10);
    assert!((nobody.pair_costs[0] - 26.39).abs() < 0.005, "{}", nobody.pair_costs[0]);
    for (elasticity, minutes, trips, lost_share) in
        [(-0.15, 23.15, 1379.6, 8.9), (-0.30, 21.58, 1307.7, 14.2), (-0.60, 19.93, 1216.4, 21.0)]
    {
        let elastic = ElasticDemand::new(&case.pairs.base_trips, &base.pair_costs, &[0.4], elasticity);
        let run = case.solve(&closed, Some(&elastic), Some(&base), 1e-10);
        println!("E {elasticity}: {:.3} min, {:.2} trips", run.pair_costs[0], run.trips[0]);
        assert!((run.pair_costs[0] - minutes).abs() < 0.01, "{}", run.pair_costs[0]);
        assert!((run.trips[0] - trips).abs() < 0.5, "{}", run.trips[0]);
        let share = 100.0 * (1500.0 - run.trips[0]) / base.flows[0];
        assert!((share - lost_share).abs() < 0.06, "{share}");
        assert_eq!(run.flows[0], 0.0);
        assert!((run.flows[1] - run.trips[0]).abs() < 1e-6);
    }
}

#[test]
fn without_a_change_elastic_demand_stays_at_the_base() {
    let case = two_routes();
    let base = case.solve(&[false, false], None, None, 1e-10);
    let elastic = ElasticDemand::new(&case.pairs.base_trips, &base.pair_costs, &[0.4], -0.6);
    let again = case.solve(&[false, false], Some(&elastic), Some(&base), 1e-8);
    assert_eq!(again.flows, base.flows, "a warm start at the solution moves nothing");
    assert_eq!(again.iterations, 1);
}

#[test]
fn paths_and_frank_wolfe_find_the_same_equilibrium() {
    let Some(data) = shared_data() else {
        println!("skipped: shared/data is absent");
        return;
    };
    for (name, best) in [("SiouxFalls", 4_231_335.287), ("Anaheim", 1_286_032.171)] {
        let read = |part: &str| {
            std::fs::read_to_string(data.join(format!("traffic/{name}/{name}_{part}.tntp"))).unwrap()
        };
        let network = tntp::read_network(&read("net")).unwrap();
        let trips = tntp::read_trips(&read("trips")).unwrap();
        let check = assign(
            &network,
            &trips,
            &AssignOptions { gap: 1e-6, ..AssignOptions::default() },
            &Cancel::default(),
        )
        .unwrap();
        let case = Case::new(network, pairs_of(&trips));
        let open = vec![false; case.network.arcs()];
        let started = std::time::Instant::now();
        let run = case.solve(&open, None, None, 1e-4);
        let coarse = started.elapsed();
        let fine = case.solve(&open, None, Some(&run), 1e-7);
        println!(
            "{name}: 1e-4 in {} iterations, {coarse:?}; 1e-7 in {} more",
            run.iterations, fine.iterations
        );
        let objective = case.costs.objective(&fine.flows);
        assert!((objective / best - 1.0).abs() < 1e-6, "{name}: {objective}");
        let total: f64 = check.flows.iter().sum();
        let away: f64 = check.flows.iter().zip(&fine.flows).map(|(a, b)| (a - b).abs()).sum();
        assert!(away / total < 2e-3, "{name}: {}", away / total);
        let trips_kept: f64 = fine.ways().map(|path| path.trips).sum();
        let wanted: f64 = case.pairs.base_trips.iter().sum();
        assert!((trips_kept / wanted - 1.0).abs() < 1e-9, "no trip is lost or made twice");
    }
}

#[test]
fn a_warm_start_after_a_closure_ends_where_a_cold_start_ends() {
    let Some(data) = shared_data() else {
        println!("skipped: shared/data is absent");
        return;
    };
    let read = |part: &str| {
        std::fs::read_to_string(data.join(format!("traffic/SiouxFalls/SiouxFalls_{part}.tntp"))).unwrap()
    };
    let network = tntp::read_network(&read("net")).unwrap();
    let case = Case::new(network, pairs_of(&tntp::read_trips(&read("trips")).unwrap()));
    let mut closed = vec![false; case.network.arcs()];
    let base = case.solve(&closed, None, None, 1e-6);
    closed[27] = true;
    let warm = case.solve(&closed, None, Some(&base), 1e-7);
    let cold = case.solve(&closed, None, None, 1e-7);
    let total: f64 = cold.flows.iter().sum();
    let away: f64 = warm.flows.iter().zip(&cold.flows).map(|(a, b)| (a - b).abs()).sum();
    assert!(away / total < 1e-3, "{}", away / total);
    assert_eq!(warm.flows[27], 0.0);
}

#[test]
fn trips_without_a_way_are_counted_and_the_rest_is_assigned() {
    let mut case = two_routes();
    case.network.nodes = 3;
    let case = Case::new(case.network, case.pairs);
    let run = case.solve(&[true, true], None, None, 1e-6);
    assert_eq!(run.stranded_trips(&case.pairs), 1500.0);
    assert_eq!(run.total_trips(), 0.0);
    assert!(run.pair_costs[0].is_infinite());
}
