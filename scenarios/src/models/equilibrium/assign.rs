//! The path-based solver on any network with a trip table, for comparison with the reference and with other programs.

use std::time::Instant;

use super::{Pairs, Problem, solve};
use crate::{
    evaluate::Cancel,
    models::assignment::{
        AssignError, AssignOptions, Assignment, AssignmentNetwork, CostFunctions, TripTable, check_inputs,
        shortest_path::ForwardStar,
    },
};

/// Part of the wanted gap to stop at: flows of links come to rest later than the gap, and going on costs little.
const AIM: f64 = 0.1;

/// As [`crate::models::assignment::assign`], on paths instead of links: the solver that scenarios use. The outcome is the
/// same to the bit for every number of threads; the relative gap and all other numbers mean the same.
pub fn assign_on_paths(
    network: &AssignmentNetwork,
    trips: &TripTable,
    options: &AssignOptions,
    cancel: &Cancel,
) -> Result<Assignment, AssignError> {
    let started = Instant::now();
    check_inputs(network, trips, options)?;
    let costs = CostFunctions::new(network, options.toll_weight, options.distance_weight);
    let star = ForwardStar::new(network.nodes, &network.from, &network.to);
    let mut pairs = Pairs::default();
    for origin in 0..network.zones {
        for (destination, &q) in trips.row(origin).iter().enumerate() {
            pairs.push(origin as u32, destination as u32, q);
        }
    }
    let is_closed = vec![false; network.arcs()];
    let problem = Problem {
        network,
        costs: &costs,
        star: &star,
        hierarchy: None,
        is_closed: &is_closed,
        has_other_ends: false,
        pairs: &pairs,
        elastic: None,
    };
    let run = || solve(&problem, None, AIM * options.gap, options.max_iterations, cancel);
    let (outcome, threads) = if options.threads == 1 {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().ok();
        (pool.map_or_else(run, |pool| pool.install(run)), 1)
    } else {
        match rayon::ThreadPoolBuilder::new().num_threads(options.threads).build() {
            Ok(pool) => (pool.install(run), pool.current_num_threads()),
            Err(_) => (run(), 1),
        }
    };
    let outcome = outcome.map_err(|_| AssignError::Cancelled)?;
    if let Some(pair) = (0..pairs.len()).find(|&pair| outcome.pair_costs[pair].is_infinite()) {
        return Err(AssignError::Unreachable {
            origin: pairs.origin[pair] as usize + 1,
            destination: pairs.destination[pair] as usize + 1,
            trips: pairs.base_trips[pair],
        });
    }
    let total: f64 = outcome.flows.iter().zip(&outcome.costs).map(|(flow, cost)| flow * cost).sum();
    let all_trips = trips.total();
    Ok(Assignment {
        iterations: outcome.iterations,
        relative_gap: outcome.relative_gap,
        average_excess_cost: if all_trips > 0.0 { outcome.relative_gap * total / all_trips } else { 0.0 },
        objective: costs.objective(&outcome.flows),
        total_system_travel_time: total,
        seconds: started.elapsed().as_secs_f64(),
        threads,
        has_converged: outcome.relative_gap <= options.gap,
        flows: outcome.flows,
        costs: outcome.costs,
    })
}
