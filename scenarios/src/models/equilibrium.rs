//! User equilibrium that restarts: flows are kept by path, so that a scenario begins from the baseline and only the trips
//! that a measure touches move (MODELS.md section 2, production algorithm; gradient projection after Jayakrishnan et
//! al. 1994 and Boyce, Ralevic-Dekic & Bar-Gera 2004 on why scenario differences need it).
//!
//! Demand is fixed or elastic. With elastic demand, each pair moves towards `q(u)` in the same sweep (a Newton step on
//! Gartner's excess-demand arc).

mod assign;
mod loads;
mod state;

use std::{collections::HashMap, sync::Arc};

pub use assign::assign_on_paths;
use rayon::prelude::*;
use state::State;

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
    /// Ways in use by pair. Pairs that an edit leaves alone share them with the equilibrium that it started from.
    pub paths: Vec<Arc<Vec<PathFlow>>>,
    pub relative_gap: f64,
    /// `relative_gap` and `pair_costs` are those among the known ways: nobody looked for others.
    pub is_among_known_ways: bool,
    pub demand_gap: f64,
    pub iterations: usize,
    /// Origins from which ways were searched, over all iterations: the measure of work.
    pub searches: usize,
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

    /// All ways of all pairs.
    pub fn ways(&self) -> impl Iterator<Item = &PathFlow> {
        self.paths.iter().flat_map(|ways| ways.iter())
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
                for path in Arc::make_mut(&mut start.paths[pair]) {
                    path.trips *= factor;
                }
            }
        }
        start.trips.extend_from_slice(&now.base_trips[before.len()..]);
        start.paths.resize(now.len(), Arc::default());
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
    let state = State::new(problem, start, gap);
    iterate(state, start.is_some(), gap, max_iterations, cancel)
}

/// As [`solve`] from an equilibrium whose ways are nearly those wanted: trips are first balanced among them, so that one
/// search is often enough to see that no others are needed.
pub fn solve_from_near(
    problem: &Problem,
    start: &Equilibrium,
    gap: f64,
    max_iterations: usize,
    cancel: &Cancel,
) -> Result<Equilibrium, Cancelled> {
    let mut state = State::new(problem, Some(start), gap);
    balance(&mut state, gap, cancel)?;
    iterate(state, true, gap, max_iterations, cancel)
}

fn iterate(
    mut state: State,
    is_warm: bool,
    gap: f64,
    max_iterations: usize,
    cancel: &Cancel,
) -> Result<Equilibrium, Cancelled> {
    let groups = state.pairs().by_origin();
    let mut outcome = Equilibrium::default();
    loop {
        if cancel.is_cancelled() {
            return Err(Cancelled);
        }
        outcome.iterations += 1;
        outcome.searches += groups.len();
        state.rebuild_flows();
        let found = state.search(&groups);
        let (relative_gap, demand_gap) = state.gaps(&found);
        let is_loaded = outcome.iterations > 1 || (is_warm && state.is_fully_loaded(&found));
        let has_converged = is_loaded && relative_gap <= gap && demand_gap <= DEMAND_GAP_PART * gap;
        if has_converged || outcome.iterations > max_iterations {
            outcome.relative_gap = relative_gap.max(0.0);
            outcome.demand_gap = demand_gap;
            outcome.has_converged = has_converged;
            outcome.pair_costs = found.iter().map(|found| found.cost).collect();
            state.give(&mut outcome);
            return Ok(outcome);
        }
        state.take_new_paths(found);
        balance(&mut state, gap, cancel)?;
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
    let state = State::new(problem, Some(start), gap);
    finish_on_known_ways(state, Equilibrium::default(), gap, cancel)
}

/// A first answer where some ways have become worse or are gone and none has become better: only pairs that used them look
/// for others, once; then all trips are balanced among the ways that are known. The gap is that among these. Exact enough
/// to be shown while the answer is computed: what it lacks are ways round the ways round.
pub fn solve_touched(
    problem: &Problem,
    start: &Equilibrium,
    is_worse: &[bool],
    gap: f64,
    cancel: &Cancel,
) -> Result<Equilibrium, Cancelled> {
    let is_touched: Vec<bool> = start
        .paths
        .par_iter()
        .map(|ways| {
            let is_worse = |&arc: &u32| is_worse[arc as usize] || problem.is_closed[arc as usize];
            ways.is_empty() || ways.iter().any(|way| way.arcs.iter().any(is_worse))
        })
        .collect();
    let mut groups = problem.pairs.by_origin();
    for (_, pairs) in &mut groups {
        pairs.retain(|&pair| is_touched.get(pair as usize).copied().unwrap_or(true));
    }
    groups.retain(|(_, pairs)| !pairs.is_empty());
    let mut state = State::new(problem, Some(start), gap);
    let mut outcome = Equilibrium { iterations: 1, searches: groups.len(), ..Equilibrium::default() };
    if !groups.is_empty() {
        let found = state.search(&groups);
        state.take_new_paths_of(&groups, found);
    }
    let found = state.least_known();
    let (relative_gap, demand_gap) = state.gaps(&found);
    if groups.is_empty() && relative_gap <= gap && demand_gap <= DEMAND_GAP_PART * gap {
        // Nobody has a reason to go another way: the start to the bit.
        (outcome.relative_gap, outcome.demand_gap) = (relative_gap, demand_gap);
        (outcome.has_converged, outcome.is_among_known_ways) = (true, true);
        outcome.pair_costs = found.iter().map(|found| found.cost).collect();
        state.give(&mut outcome);
        return Ok(outcome);
    }
    finish_on_known_ways(state, outcome, gap, cancel)
}

fn finish_on_known_ways(
    mut state: State,
    mut outcome: Equilibrium,
    gap: f64,
    cancel: &Cancel,
) -> Result<Equilibrium, Cancelled> {
    balance(&mut state, gap, cancel)?;
    state.rebuild_flows();
    let found = state.least_known();
    (outcome.relative_gap, outcome.demand_gap) = state.gaps(&found);
    outcome.has_converged = outcome.relative_gap <= gap;
    outcome.is_among_known_ways = true;
    outcome.pair_costs = found.iter().map(|found| found.cost).collect();
    state.give(&mut outcome);
    Ok(outcome)
}

/// Sweeps over the known ways until little is left to gain, and demand answers to the costs: each is cheap beside a search.
fn balance(state: &mut State, gap: f64, cancel: &Cancel) -> Result<(), Cancelled> {
    let enough = 0.3 * gap * state.total_cost();
    let few = 0.5 * DEMAND_GAP_PART * gap * state.total_trips();
    for _ in 0..SWEEPS {
        if cancel.is_cancelled() {
            return Err(Cancelled);
        }
        let (excess, off) = state.sweep(0.1 * gap);
        if excess <= enough && off <= few {
            break;
        }
    }
    Ok(())
}
