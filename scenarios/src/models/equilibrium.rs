//! User equilibrium that restarts: flows are kept by path, so that a scenario begins from the baseline and only the trips
//! that a measure touches move (MODELS.md section 2, production algorithm; gradient projection after Jayakrishnan et
//! al. 1994 and Boyce, Ralevic-Dekic & Bar-Gera 2004 on why scenario differences need it).
//!
//! Demand is fixed or elastic. With elastic demand, each pair moves towards `q(u)` in the same sweep (a Newton step on
//! Gartner's excess-demand arc).

mod assign;
mod state;

use std::{collections::HashMap, sync::Arc};

pub use assign::assign_on_paths;
use state::{Found, State};

use super::{
    adaptation::ElasticDemand,
    assignment::{AssignmentNetwork, CostFunctions, hierarchy::Hierarchy, shortest_path::ForwardStar},
};
use crate::evaluate::Cancel;

/// Sweeps over the known paths between two searches for new ones.
const SWEEPS: usize = 8;
/// Σ|q − q(u)| / Σq to reach with elastic demand, as a part of the relative gap: far below the 1e-3 of the model book,
/// because closing one street may change less than a thousandth of a city's trips.
const DEMAND_GAP_PART: f64 = 0.15;

/// Pairs with trips, in any order; those of one origin are searched together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pairs {
    pub origin: Vec<u32>,
    pub destination: Vec<u32>,
    /// Trips an hour in the baseline, pcu.
    pub base_trips: Vec<f64>,
}

impl Pairs {
    pub fn len(&self) -> usize {
        self.origin.len()
    }

    pub fn is_empty(&self) -> bool {
        self.origin.is_empty()
    }

    /// Adds a pair. Pairs inside one zone or without trips are left out.
    pub fn push(&mut self, origin: u32, destination: u32, trips: f64) {
        if origin != destination && trips > 0.0 && trips.is_finite() {
            self.origin.push(origin);
            self.destination.push(destination);
            self.base_trips.push(trips);
        }
    }

    /// Pairs by origin, in the order in which origins and pairs come.
    fn by_origin(&self) -> Vec<(u32, Vec<u32>)> {
        let mut place_of: HashMap<u32, usize> = HashMap::new();
        let mut groups: Vec<(u32, Vec<u32>)> = Vec::new();
        for (pair, &origin) in self.origin.iter().enumerate() {
            let place = *place_of.entry(origin).or_insert_with(|| {
                groups.push((origin, Vec::new()));
                groups.len() - 1
            });
            groups[place].1.push(pair as u32);
        }
        groups
    }
}

/// Trips of one pair on one way. Arcs in order from origin to destination, shared between runs.
#[derive(Clone, Debug, PartialEq)]
pub struct PathFlow {
    pub arcs: Arc<[u32]>,
    pub trips: f64,
}

/// What is solved: a network with some arcs closed, and its demand.
#[derive(Clone, Copy, Debug)]
pub struct Problem<'a> {
    pub network: &'a AssignmentNetwork,
    pub costs: &'a CostFunctions,
    pub star: &'a ForwardStar,
    /// Makes searches on large networks fast; `None` searches plainly.
    pub hierarchy: Option<&'a Arc<Hierarchy>>,
    /// By arc; closed arcs carry nothing.
    pub is_closed: &'a [bool],
    /// Whether arcs may have other ends than in the network of the start, so that its ways must be checked.
    pub has_other_ends: bool,
    pub pairs: &'a Pairs,
    /// `None`: nobody changes behaviour.
    pub elastic: Option<&'a ElasticDemand>,
}

/// A user equilibrium with its paths.
#[derive(Clone, Debug, Default)]
pub struct Equilibrium {
    /// pcu/h by arc.
    pub flows: Vec<f64>,
    /// Seconds by arc; infinite where closed.
    pub costs: Vec<f64>,
    /// pcu/h by pair.
    pub trips: Vec<f64>,
    /// Least cost by pair, seconds; infinite where there is no way.
    pub pair_costs: Vec<f64>,
    /// Ways in use by pair.
    pub paths: Vec<Vec<PathFlow>>,
    pub relative_gap: f64,
    pub demand_gap: f64,
    pub iterations: usize,
    pub has_converged: bool,
}

impl Equilibrium {
    /// Base trips of the pairs that find no way.
    pub fn stranded_trips(&self, pairs: &Pairs) -> f64 {
        (0..pairs.len())
            .filter(|&pair| self.pair_costs[pair].is_infinite())
            .map(|pair| pairs.base_trips[pair])
            .sum()
    }

    pub fn total_trips(&self) -> f64 {
        self.trips.iter().sum()
    }

    /// A start for other demand: the ways of this one with the trips of each pair in the proportion of `now` to `before`.
    /// Pairs of `now` begin with those of `before`; new ones have no way yet.
    #[must_use]
    pub fn rescaled(&self, before: &Pairs, now: &Pairs) -> Self {
        let mut start = self.clone();
        for pair in 0..before.len() {
            let (was, is) = (before.base_trips[pair], now.base_trips[pair]);
            if was != is {
                let factor = if was > 0.0 { is / was } else { 0.0 };
                start.trips[pair] *= factor;
                for path in &mut start.paths[pair] {
                    path.trips *= factor;
                }
            }
        }
        start.trips.extend_from_slice(&now.base_trips[before.len()..]);
        start.paths.resize(now.len(), Vec::new());
        start
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cancelled;

/// Solves to a relative gap, from `start` when there is one (an equilibrium of the same pairs and arcs; its closed arcs
/// may differ). Deterministic. Cost an iteration: one search an origin (in parallel) and a few sweeps over all paths.
pub fn solve(
    problem: &Problem,
    start: Option<&Equilibrium>,
    gap: f64,
    max_iterations: usize,
    cancel: &Cancel,
) -> Result<Equilibrium, Cancelled> {
    let pairs = problem.pairs;
    let mut state = State::new(problem, start, gap);
    let groups = pairs.by_origin();
    let mut outcome = Equilibrium::default();
    loop {
        if cancel.is_cancelled() {
            return Err(Cancelled);
        }
        outcome.iterations += 1;
        state.rebuild_flows();
        let found = state.search(&groups);
        let (relative_gap, demand_gap) = state.gaps(&found);
        let is_loaded = outcome.iterations > 1 || (start.is_some() && state.is_fully_loaded(&found));
        let has_converged = is_loaded && relative_gap <= gap && demand_gap <= DEMAND_GAP_PART * gap;
        if has_converged || outcome.iterations > max_iterations {
            outcome.relative_gap = relative_gap.max(0.0);
            outcome.demand_gap = demand_gap;
            outcome.has_converged = has_converged;
            outcome.pair_costs = found.iter().map(|found| found.cost).collect();
            outcome.flows = state.flows;
            outcome.costs = state.costs;
            outcome.trips = state.trips;
            outcome.paths = state.paths;
            return Ok(outcome);
        }
        state.take_new_paths(found);
        let enough = gap * state.total_cost() * 0.3;
        for _ in 0..SWEEPS {
            if cancel.is_cancelled() {
                return Err(Cancelled);
            }
            if state.sweep(0.1 * gap) <= enough {
                break;
            }
        }
        state.drop_empty_paths();
    }
}

/// As [`solve`], but trips keep to the ways that `start` knows and none is searched for: a quick first answer when little
/// differs from `start`. The gap is that among the known ways.
pub fn solve_on_known_ways(
    problem: &Problem,
    start: &Equilibrium,
    gap: f64,
    cancel: &Cancel,
) -> Result<Equilibrium, Cancelled> {
    let mut state = State::new(problem, Some(start), gap);
    state.rebuild_flows();
    let mut outcome = Equilibrium::default();
    for _ in 0..SWEEPS {
        if cancel.is_cancelled() {
            return Err(Cancelled);
        }
        state.sweep(0.1 * gap);
        state.rebuild_flows();
    }
    let found: Vec<Found> = (0..state.trips.len())
        .map(|pair| Found {
            cost: state.paths[pair]
                .iter()
                .map(|path| state.path_cost(&path.arcs))
                .fold(f64::INFINITY, f64::min),
            path: None,
        })
        .collect();
    (outcome.relative_gap, outcome.demand_gap) = state.gaps(&found);
    outcome.has_converged = outcome.relative_gap <= gap;
    outcome.pair_costs = found.iter().map(|found| found.cost).collect();
    outcome.flows = state.flows;
    outcome.costs = state.costs;
    outcome.trips = state.trips;
    outcome.paths = state.paths;
    Ok(outcome)
}
