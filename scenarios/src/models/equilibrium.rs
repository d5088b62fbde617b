//! User equilibrium that restarts: flows are kept by path, so that a scenario begins from the baseline and only the trips
//! that a measure touches move (MODELS.md section 2, production algorithm; gradient projection after Jayakrishnan et
//! al. 1994 and Boyce, Ralevic-Dekic & Bar-Gera 2004 on why scenario differences need it).
//!
//! Demand is fixed or elastic. With elastic demand, each pair moves towards `q(u)` in the same sweep (a Newton step on
//! Gartner's excess-demand arc).

use std::sync::Arc;

use rayon::prelude::*;

use super::{
    adaptation::ElasticDemand,
    assignment::{
        AssignmentNetwork, CostFunctions,
        shortest_path::{ForwardStar, NO_ARC, Search},
    },
};
use crate::evaluate::Cancel;

/// Sweeps over the known paths between two searches for new ones.
const SWEEPS: usize = 8;
/// Σ|q − q(u)| / Σq to reach with elastic demand, as a part of the relative gap: far below the 1e-3 of the model book,
/// because closing one street may change less than a thousandth of a city's trips.
const DEMAND_GAP_PART: f64 = 0.15;

/// Pairs with trips, sorted by origin, then destination.
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

    /// Adds a pair; they must come in order. Pairs inside one zone or without trips are left out.
    pub fn push(&mut self, origin: u32, destination: u32, trips: f64) {
        if origin != destination && trips > 0.0 && trips.is_finite() {
            self.origin.push(origin);
            self.destination.push(destination);
            self.base_trips.push(trips);
        }
    }

    /// Ranges of pairs with one origin.
    fn by_origin(&self) -> Vec<(u32, std::ops::Range<usize>)> {
        let mut ranges: Vec<(u32, std::ops::Range<usize>)> = Vec::new();
        for (pair, &origin) in self.origin.iter().enumerate() {
            match ranges.last_mut() {
                Some((last, range)) if *last == origin => range.end = pair + 1,
                _ => ranges.push((origin, pair..pair + 1)),
            }
        }
        ranges
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
    /// By arc; closed arcs carry nothing.
    pub is_closed: &'a [bool],
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
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cancelled;

/// What the search from one origin says of one pair.
struct Found {
    cost: f64,
    /// A way that is cheaper than all known ones.
    path: Option<Arc<[u32]>>,
}

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
    let mut state = State::new(problem, start);
    let ranges = pairs.by_origin();
    let mut outcome = Equilibrium::default();
    loop {
        if cancel.is_cancelled() {
            return Err(Cancelled);
        }
        outcome.iterations += 1;
        state.rebuild_flows();
        let found = state.search(&ranges);
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
    let mut state = State::new(problem, Some(start));
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

struct State<'a> {
    problem: &'a Problem<'a>,
    flows: Vec<f64>,
    costs: Vec<f64>,
    trips: Vec<f64>,
    paths: Vec<Vec<PathFlow>>,
    /// Arcs of the base path carry the current stamp.
    stamp_of: Vec<u32>,
    stamp: u32,
}

impl<'a> State<'a> {
    fn new(problem: &'a Problem<'a>, start: Option<&Equilibrium>) -> Self {
        let (arcs, pairs) = (problem.network.arcs(), problem.pairs.len());
        let (trips, paths) = match start {
            Some(start) if start.paths.len() == pairs => (
                start.trips.clone(),
                start.paths.iter().map(|paths| open_paths(paths, problem.is_closed)).collect(),
            ),
            _ => (problem.pairs.base_trips.clone(), vec![Vec::new(); pairs]),
        };
        let mut state = Self {
            problem,
            flows: vec![0.0; arcs],
            costs: vec![0.0; arcs],
            trips,
            paths,
            stamp_of: vec![0; arcs],
            stamp: 0,
        };
        if problem.elastic.is_none() {
            state.set_trips(&problem.pairs.base_trips);
        }
        state
    }

    /// Gives every pair its fixed trips, on the ways that it has.
    fn set_trips(&mut self, trips: &[f64]) {
        for (pair, &wanted) in trips.iter().enumerate() {
            if self.trips[pair] != wanted {
                for path in &mut self.paths[pair] {
                    path.trips *= if self.trips[pair] > 0.0 { wanted / self.trips[pair] } else { 0.0 };
                }
                self.trips[pair] = wanted;
            }
        }
    }

    /// Sums the paths again, so that rounding does not add up, and evaluates all costs.
    fn rebuild_flows(&mut self) {
        self.flows.fill(0.0);
        for path in self.paths.iter().flatten() {
            for &arc in path.arcs.iter() {
                self.flows[arc as usize] += path.trips;
            }
        }
        for arc in 0..self.flows.len() {
            self.costs[arc] = if self.problem.is_closed[arc] {
                f64::INFINITY
            } else {
                self.problem.costs.cost(arc, self.flows[arc])
            };
        }
    }

    /// Least costs of all pairs at the current costs, and a way for those that have a cheaper one than they know.
    fn search(&self, ranges: &[(u32, std::ops::Range<usize>)]) -> Vec<Found> {
        let network = self.problem.network;
        let per_origin: Vec<Vec<Found>> = ranges
            .par_iter()
            .map_init(
                || Search::new(network.nodes),
                |search, (origin, range)| {
                    search.run(self.problem.star, &self.costs, *origin, network.first_through_node);
                    range.clone().map(|pair| self.look_at(pair, search)).collect()
                },
            )
            .collect();
        per_origin.into_iter().flatten().collect()
    }

    fn look_at(&self, pair: usize, search: &Search) -> Found {
        let destination = self.problem.pairs.destination[pair];
        let cost = search.distance[destination as usize];
        if cost.is_infinite() {
            return Found { cost, path: None };
        }
        let known =
            self.paths[pair].iter().map(|path| self.path_cost(&path.arcs)).fold(f64::INFINITY, f64::min);
        if known <= cost * (1.0 + 1e-9) {
            return Found { cost, path: None };
        }
        let mut arcs = Vec::new();
        let mut node = destination;
        loop {
            let arc = search.by_arc[node as usize];
            if arc == NO_ARC {
                break;
            }
            arcs.push(arc);
            node = self.problem.network.from[arc as usize];
        }
        arcs.reverse();
        Found { cost, path: Some(arcs.into()) }
    }

    fn path_cost(&self, arcs: &[u32]) -> f64 {
        arcs.iter().map(|&arc| self.costs[arc as usize]).sum()
    }

    fn total_cost(&self) -> f64 {
        self.flows
            .iter()
            .zip(&self.costs)
            .filter(|(flow, _)| **flow > 0.0)
            .map(|(flow, cost)| flow * cost)
            .sum()
    }

    fn is_fully_loaded(&self, found: &[Found]) -> bool {
        (0..self.trips.len()).all(|pair| found[pair].cost.is_infinite() || !self.paths[pair].is_empty())
    }

    /// Relative gap and demand gap at the current costs.
    fn gaps(&self, found: &[Found]) -> (f64, f64) {
        let total = self.total_cost();
        let (mut shortest, mut off, mut sum) = (0.0, 0.0, 0.0);
        for (pair, found) in found.iter().enumerate() {
            if found.cost.is_finite() {
                shortest += self.trips[pair] * found.cost;
                sum += self.trips[pair];
                if let Some(elastic) = self.problem.elastic {
                    off += (self.trips[pair] - elastic.trips(pair, found.cost)).abs();
                }
            }
        }
        let relative_gap = if total > 0.0 { (total - shortest) / total } else { 0.0 };
        (relative_gap, if sum > 0.0 { off / sum } else { 0.0 })
    }

    /// Adds the new ways; what is not loaded yet goes to the cheapest.
    fn take_new_paths(&mut self, found: Vec<Found>) {
        for (pair, found) in found.into_iter().enumerate() {
            if found.cost.is_infinite() {
                self.trips[pair] = 0.0;
                self.paths[pair].clear();
                continue;
            }
            if let Some(arcs) = found.path {
                self.paths[pair].push(PathFlow { arcs, trips: 0.0 });
            }
            let loaded: f64 = self.paths[pair].iter().map(|path| path.trips).sum();
            let missing = self.trips[pair] - loaded;
            if missing > 0.0
                && missing > 1e-12 * self.trips[pair]
                && let Some(last) = self.paths[pair].last_mut()
            {
                last.trips += missing;
                let arcs = last.arcs.clone();
                self.add(&arcs, missing);
            }
        }
    }

    /// Adds trips to arcs and re-evaluates their costs.
    fn add(&mut self, arcs: &[u32], trips: f64) {
        for &arc in arcs {
            let index = arc as usize;
            self.flows[index] = (self.flows[index] + trips).max(0.0);
            self.costs[index] = self.problem.costs.cost(index, self.flows[index]);
        }
    }

    /// Moves trips of every pair towards its cheapest known way, and its demand towards q(u). Pairs whose excess is below
    /// `ease` of their own cost are left alone. Returns the excess cost that it met.
    fn sweep(&mut self, ease: f64) -> f64 {
        let mut excess = 0.0;
        let mut costs = Vec::new();
        for pair in 0..self.trips.len() {
            if self.paths[pair].is_empty() || (self.paths[pair].len() == 1 && self.problem.elastic.is_none())
            {
                continue;
            }
            // Taken out and put back, so that the arcs can be changed meanwhile.
            let mut paths = std::mem::take(&mut self.paths[pair]);
            costs.clear();
            costs.extend(paths.iter().map(|path| self.path_cost(&path.arcs)));
            let mut base = 0;
            for (index, &cost) in costs.iter().enumerate() {
                if cost < costs[base] {
                    base = index;
                }
            }
            let own: f64 =
                paths.iter().zip(&costs).map(|(path, cost)| path.trips * (cost - costs[base])).sum();
            excess += own;
            if own > ease * self.trips[pair] * costs[base] {
                self.balance(&mut paths, base);
                costs[base] = self.path_cost(&paths[base].arcs);
            }
            if let Some(elastic) = self.problem.elastic {
                excess += self.adapt(pair, elastic, &mut paths, base, costs[base], ease);
            }
            self.paths[pair] = paths;
        }
        excess
    }

    /// One projected Newton step from each way of a pair to its cheapest one.
    fn balance(&mut self, paths: &mut [PathFlow], base: usize) {
        let base_arcs = paths[base].arcs.clone();
        for index in 0..paths.len() {
            if index == base || paths[index].trips <= 0.0 {
                continue;
            }
            let arcs = paths[index].arcs.clone();
            let base_cost = self.path_cost(&base_arcs);
            let difference = self.path_cost(&arcs) - base_cost;
            if difference <= 1e-12 * base_cost {
                continue;
            }
            // Only arcs of one of both change.
            let mut slope = self.slope_outside(&arcs, &base_arcs);
            slope += self.slope_outside(&base_arcs, &arcs);
            let wanted = if slope > 0.0 { difference / slope } else { f64::INFINITY };
            let moved = wanted.min(paths[index].trips);
            if moved <= 0.0 {
                continue;
            }
            paths[index].trips -= moved;
            paths[base].trips += moved;
            self.add(&arcs, -moved);
            self.add(&base_arcs, moved);
        }
    }

    /// Sum of the cost derivatives over the arcs that are not also in `other`.
    fn slope_outside(&mut self, arcs: &[u32], other: &[u32]) -> f64 {
        self.mark(other);
        arcs.iter()
            .filter(|&&arc| !self.is_marked(arc))
            .map(|&arc| self.problem.costs.derivative(arc as usize, self.flows[arc as usize]))
            .sum()
    }

    /// One Newton step of the trips of a pair towards q(u). Returns the cost-weighted distance before it.
    fn adapt(
        &mut self,
        pair: usize,
        elastic: &ElasticDemand,
        paths: &mut [PathFlow],
        base: usize,
        cost: f64,
        ease: f64,
    ) -> f64 {
        let wanted = elastic.trips(pair, cost);
        let off = wanted - self.trips[pair];
        if off.abs() <= (ease * 0.1).max(1e-9) * self.trips[pair].max(wanted) {
            return 0.0;
        }
        let slope: f64 = paths[base]
            .arcs
            .iter()
            .map(|&arc| self.problem.costs.derivative(arc as usize, self.flows[arc as usize]))
            .sum();
        let change = off / (1.0 + slope * elastic.sensitivity(pair, wanted));
        if change > 0.0 {
            paths[base].trips += change;
            let arcs = paths[base].arcs.clone();
            self.add(&arcs, change);
            self.trips[pair] += change;
        } else {
            // From the cheapest first; at equilibrium they cost the same.
            let mut left = -change;
            for step in 0..paths.len() {
                let path = &mut paths[(base + step) % paths.len().max(1)];
                let taken = left.min(path.trips);
                if taken > 0.0 {
                    path.trips -= taken;
                    let arcs = path.arcs.clone();
                    self.add(&arcs, -taken);
                    self.trips[pair] -= taken;
                    left -= taken;
                }
            }
        }
        off.abs() * cost * 0.1
    }

    fn mark(&mut self, arcs: &[u32]) {
        self.stamp = self.stamp.wrapping_add(1);
        if self.stamp == 0 {
            self.stamp_of.fill(0);
            self.stamp = 1;
        }
        for &arc in arcs {
            self.stamp_of[arc as usize] = self.stamp;
        }
    }

    fn is_marked(&self, arc: u32) -> bool {
        self.stamp_of[arc as usize] == self.stamp
    }

    fn drop_empty_paths(&mut self) {
        for (pair, paths) in self.paths.iter_mut().enumerate() {
            if paths.len() > 1 {
                let limit = 1e-12 * self.trips[pair];
                if paths.iter().any(|path| path.trips > limit) {
                    paths.retain(|path| path.trips > limit);
                } else {
                    paths.truncate(1);
                }
            }
        }
    }
}

/// The ways that are still open; what went over closed ones is taken up by the largest open one.
fn open_paths(paths: &[PathFlow], is_closed: &[bool]) -> Vec<PathFlow> {
    let is_open = |path: &&PathFlow| !path.arcs.iter().any(|&arc| is_closed[arc as usize]);
    let mut open: Vec<PathFlow> = paths.iter().filter(is_open).cloned().collect();
    if open.len() < paths.len() {
        let lost: f64 = paths.iter().filter(|path| !is_open(path)).map(|path| path.trips).sum();
        if let Some(largest) = open.iter_mut().max_by(|a, b| a.trips.total_cmp(&b.trips)) {
            largest.trips += lost;
        }
    }
    open
}
