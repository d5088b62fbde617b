//! One step of the path-based solver: search, load, balance, adapt.

use std::sync::Arc;

use rayon::prelude::*;

use super::{Equilibrium, Pairs, PathFlow, Problem, loads::Loads};
use crate::models::assignment::{
    hierarchy::{Hierarchy, LANES, Metric, Query, Targets},
    shortest_path::{NO_ARC, Search},
};

/// Part of the wanted gap below which a cheaper way is left alone.
const LEAST_GAIN: f64 = 0.1;
/// Flows are summed by this many pairs, whatever the number of threads, so that the bits are the same; and so many sums are
/// made before they are added up, which bounds the memory.
const SUMMED_PAIRS: usize = 8192;
const SUMS: usize = 8;

/// What the search from one origin says of one pair.
pub(super) struct Found {
    pub cost: f64,
    /// A way that is cheaper than all known ones.
    pub path: Option<Arc<[u32]>>,
}

/// Flows, costs and ways while they are being balanced.
pub(super) struct State<'a> {
    loads: Loads<'a>,
    trips: Vec<f64>,
    /// Shared with the start until a pair changes.
    paths: Vec<Arc<Vec<PathFlow>>>,
    /// Kept from one search to the next.
    metric: Option<Metric>,
    targets: Option<Targets>,
    /// Part of its cost by which a new way must be cheaper than the known ones.
    least_gain: f64,
}

impl<'a> State<'a> {
    pub fn new(problem: &'a Problem<'a>, start: Option<&Equilibrium>, gap: f64) -> Self {
        let mut state = Self {
            loads: Loads::new(problem),
            trips: problem.pairs.base_trips.clone(),
            paths: vec![Arc::default(); problem.pairs.len()],
            metric: None,
            targets: None,
            least_gain: (LEAST_GAIN * gap).max(1e-9),
        };
        if let Some(start) = start.filter(|start| start.paths.len() == problem.pairs.len()) {
            state.begin_from(start);
        }
        state
    }

    /// Takes over the ways of another equilibrium as far as they are open, and its flows.
    fn begin_from(&mut self, start: &Equilibrium) {
        let problem = self.loads.problem;
        self.trips.clone_from(&start.trips);
        self.paths.clone_from(&start.paths);
        self.paths.par_iter_mut().for_each(|ways| keep_open(ways, problem));
        if problem.elastic.is_none() {
            self.set_trips(&problem.pairs.base_trips);
        }
        let changed: Vec<usize> = (0..self.paths.len())
            .filter(|&pair| !Arc::ptr_eq(&self.paths[pair], &start.paths[pair]))
            .collect();
        if changed.len() * 4 > self.paths.len() || start.flows.len() > self.loads.flows.len() {
            self.rebuild_flows();
            return;
        }
        self.loads.flows[..start.flows.len()].copy_from_slice(&start.flows);
        for pair in changed {
            for (ways, sign) in [(&start.paths[pair], -1.0), (&self.paths[pair], 1.0)] {
                for way in ways.iter() {
                    for &arc in way.arcs.iter() {
                        let flow = &mut self.loads.flows[arc as usize];
                        *flow = (*flow + sign * way.trips).max(0.0);
                    }
                }
            }
        }
        self.loads.evaluate();
    }

    pub fn pairs(&self) -> &'a Pairs {
        self.loads.problem.pairs
    }

    /// Hands over what was reached.
    pub fn give(self, outcome: &mut Equilibrium) {
        outcome.flows = self.loads.flows;
        outcome.costs = self.loads.costs;
        outcome.trips = self.trips;
        outcome.paths = self.paths;
    }

    /// Gives every pair its fixed trips, on the ways that it has.
    fn set_trips(&mut self, trips: &[f64]) {
        for (pair, &wanted) in trips.iter().enumerate() {
            let had = self.trips[pair];
            if had != wanted {
                if !self.paths[pair].is_empty() {
                    for path in Arc::make_mut(&mut self.paths[pair]) {
                        path.trips *= if had > 0.0 { wanted / had } else { 0.0 };
                    }
                }
                self.trips[pair] = wanted;
            }
        }
    }

    /// Sums the paths again, so that rounding does not add up, and evaluates all costs.
    pub fn rebuild_flows(&mut self) {
        let arcs = self.loads.flows.len();
        let sum = |part: &[Arc<Vec<PathFlow>>]| {
            let mut flows = vec![0.0; arcs];
            for path in part.iter().flat_map(|ways| ways.iter()) {
                for &arc in path.arcs.iter() {
                    flows[arc as usize] += path.trips;
                }
            }
            flows
        };
        self.loads.flows.fill(0.0);
        for parts in self.paths.chunks(SUMS * SUMMED_PAIRS) {
            let sums: Vec<Vec<f64>> = parts.par_chunks(SUMMED_PAIRS).map(sum).collect();
            for part in sums {
                for (flow, part) in self.loads.flows.iter_mut().zip(part) {
                    *flow += part;
                }
            }
        }
        self.loads.evaluate();
    }

    /// Least costs of all pairs at the current costs, and a way for those that have a cheaper one than they know.
    pub fn search(&mut self, groups: &[(u32, Vec<u32>)]) -> Vec<Found> {
        let per_origin = match self.loads.problem.hierarchy {
            Some(hierarchy) => self.search_hierarchy(hierarchy, groups),
            None => self.search_plainly(groups),
        };
        let mut found = self.nothing_found();
        for ((_, pairs), ways) in groups.iter().zip(per_origin) {
            for (&pair, way) in pairs.iter().zip(ways) {
                found[pair as usize] = way;
            }
        }
        found
    }

    fn search_plainly(&self, groups: &[(u32, Vec<u32>)]) -> Vec<Vec<Found>> {
        let network = self.loads.problem.network;
        groups
            .par_iter()
            .map_init(
                || Search::new(network.nodes),
                |search, (origin, pairs)| {
                    search.run(
                        self.loads.problem.star,
                        &self.loads.costs,
                        *origin,
                        network.first_through_node,
                    );
                    let look = |&pair: &u32| {
                        let destination = self.loads.problem.pairs.destination[pair as usize];
                        let cost = search.distance[destination as usize];
                        self.look_at(pair as usize, cost, || {
                            let mut arcs = Vec::new();
                            let mut arc = search.by_arc[destination as usize];
                            while arc != NO_ARC {
                                arcs.push(arc);
                                arc = search.by_arc[network.from[arc as usize] as usize];
                            }
                            arcs.reverse();
                            arcs
                        })
                    };
                    pairs.iter().map(look).collect()
                },
            )
            .collect()
    }

    fn search_hierarchy(
        &mut self,
        hierarchy: &Arc<Hierarchy>,
        groups: &[(u32, Vec<u32>)],
    ) -> Vec<Vec<Found>> {
        let mut metric = self.metric.take().unwrap_or_else(|| Metric::new(hierarchy.clone()));
        metric.customise(&self.loads.costs);
        let (network, pairs) = (self.loads.problem.network, self.loads.problem.pairs);
        let mut targets = self
            .targets
            .take()
            .unwrap_or_else(|| Targets::new(&metric, &network.from, &network.to, &pairs.destination));
        targets.update(&metric);
        let (star, costs) = (self.loads.problem.star, &self.loads.costs);
        let batches: Vec<Vec<Vec<Found>>> = groups
            .par_chunks(LANES)
            .map_init(
                || Query::new(&metric),
                |query, groups| {
                    let origins: Vec<u32> = groups.iter().map(|(origin, _)| *origin).collect();
                    query.run(&metric, &targets, star, costs, &origins);
                    let look = |lane: usize, pair: u32| {
                        let destination = pairs.destination[pair as usize];
                        let cost = query.cost(&targets, costs, lane, destination);
                        let way = || query.arcs(&metric, &targets, costs, lane, destination);
                        self.look_at(pair as usize, cost, way)
                    };
                    let of_lane = |(lane, (_, of_origin)): (usize, &(u32, Vec<u32>))| {
                        of_origin.iter().map(|&pair| look(lane, pair)).collect()
                    };
                    groups.iter().enumerate().map(of_lane).collect()
                },
            )
            .collect();
        (self.metric, self.targets) = (Some(metric), Some(targets));
        batches.into_iter().flatten().collect()
    }

    fn nothing_found(&self) -> Vec<Found> {
        (0..self.trips.len()).map(|_| Found { cost: f64::INFINITY, path: None }).collect()
    }

    /// `cost` is the least one of a pair; `way` gives the arcs that have it.
    fn look_at(&self, pair: usize, cost: f64, way: impl FnOnce() -> Vec<u32>) -> Found {
        if cost.is_infinite() {
            return Found { cost, path: None };
        }
        let known = self.loads.least(&self.paths[pair]);
        // A way that is hardly cheaper than the known ones is not worth carrying along.
        let path = (known > cost * (1.0 + self.least_gain)).then(|| way().into());
        Found { cost, path }
    }

    /// The least costs among the known ways, as if they had been searched for.
    pub fn least_known(&self) -> Vec<Found> {
        self.paths.par_iter().map(|ways| Found { cost: self.loads.least(ways), path: None }).collect()
    }

    pub fn total_cost(&self) -> f64 {
        self.loads
            .flows
            .iter()
            .zip(&self.loads.costs)
            .filter(|(flow, _)| **flow > 0.0)
            .map(|(flow, cost)| flow * cost)
            .sum()
    }

    pub fn total_trips(&self) -> f64 {
        self.trips.iter().sum()
    }

    pub fn is_fully_loaded(&self, found: &[Found]) -> bool {
        (0..self.trips.len()).all(|pair| found[pair].cost.is_infinite() || !self.paths[pair].is_empty())
    }

    /// Relative gap and demand gap at the current costs.
    pub fn gaps(&self, found: &[Found]) -> (f64, f64) {
        let total = self.total_cost();
        let (mut shortest, mut off, mut sum) = (0.0, 0.0, 0.0);
        for (pair, found) in found.iter().enumerate() {
            if found.cost.is_finite() {
                shortest += self.trips[pair] * found.cost;
                sum += self.trips[pair];
                if let Some(elastic) = self.loads.problem.elastic {
                    off += (self.trips[pair] - elastic.trips(pair, found.cost)).abs();
                }
            }
        }
        let relative_gap = if total > 0.0 { (total - shortest) / total } else { 0.0 };
        (relative_gap, if sum > 0.0 { off / sum } else { 0.0 })
    }

    /// Adds the new ways; what is not loaded yet goes to the cheapest.
    pub fn take_new_paths(&mut self, found: Vec<Found>) {
        for (pair, found) in found.into_iter().enumerate() {
            self.take_new_path(pair, found);
        }
    }

    /// The same for the pairs of some groups alone.
    pub fn take_new_paths_of(&mut self, groups: &[(u32, Vec<u32>)], mut found: Vec<Found>) {
        for pair in groups.iter().flat_map(|(_, pairs)| pairs) {
            let pair = *pair as usize;
            let way = std::mem::replace(&mut found[pair], Found { cost: 0.0, path: None });
            self.take_new_path(pair, way);
        }
    }

    fn take_new_path(&mut self, pair: usize, found: Found) {
        if found.cost.is_infinite() {
            self.trips[pair] = 0.0;
            self.paths[pair] = Arc::default();
            return;
        }
        if let Some(arcs) = found.path {
            Arc::make_mut(&mut self.paths[pair]).push(PathFlow { arcs, trips: 0.0 });
        }
        let loaded: f64 = self.paths[pair].iter().map(|path| path.trips).sum();
        let missing = self.trips[pair] - loaded;
        if missing > 0.0
            && missing > 1e-12 * self.trips[pair]
            && let Some(last) = Arc::make_mut(&mut self.paths[pair]).last_mut()
        {
            last.trips += missing;
            let arcs = last.arcs.clone();
            self.loads.add(&arcs, missing);
        }
    }

    /// Moves trips of every pair towards its cheapest known way, and its demand towards q(u). Pairs whose excess is below
    /// `ease` of their own cost are left alone. Returns the excess cost that it met, and the trips that were off q(u).
    pub fn sweep(&mut self, ease: f64) -> (f64, f64) {
        let (mut excess, mut all_off) = (0.0, 0.0);
        let mut costs = Vec::new();
        let elastic = self.loads.problem.elastic;
        for (pair, ways) in self.paths.iter_mut().enumerate() {
            if ways.is_empty() || (ways.len() == 1 && elastic.is_none()) {
                continue;
            }
            costs.clear();
            costs.extend(ways.iter().map(|path| self.loads.path_cost(&path.arcs)));
            let mut base = 0;
            for (index, &cost) in costs.iter().enumerate() {
                if cost < costs[base] {
                    base = index;
                }
            }
            let own: f64 =
                ways.iter().zip(&costs).map(|(path, cost)| path.trips * (cost - costs[base])).sum();
            excess += own;
            if own > ease * self.trips[pair] * costs[base] {
                self.loads.balance(Arc::make_mut(ways).as_mut_slice(), base);
                costs[base] = self.loads.path_cost(&ways[base].arcs);
            }
            let Some(elastic) = elastic else { continue };
            let trips = &mut self.trips[pair];
            let wanted = elastic.trips(pair, costs[base]);
            let off = wanted - *trips;
            all_off += off.abs();
            if off.abs() > (ease * 0.1).max(1e-9) * trips.max(wanted) {
                let ways = Arc::make_mut(ways).as_mut_slice();
                self.loads.adapt(pair, elastic, trips, ways, (base, off));
            }
        }
        (excess, all_off)
    }

    pub fn drop_empty_paths(&mut self) {
        for (pair, ways) in self.paths.iter_mut().enumerate() {
            let limit = 1e-12 * self.trips[pair];
            if ways.len() > 1 && ways.iter().any(|path| path.trips <= limit) {
                let ways = Arc::make_mut(ways);
                if ways.iter().any(|path| path.trips > limit) {
                    ways.retain(|path| path.trips > limit);
                } else {
                    ways.truncate(1);
                }
            }
        }
    }
}

/// Leaves the ways that are still open; what went over closed ones is taken up by the largest open one.
fn keep_open(ways: &mut Arc<Vec<PathFlow>>, problem: &Problem) {
    let network = problem.network;
    let is_joined = |pair: &[u32]| network.to[pair[0] as usize] == network.from[pair[1] as usize];
    let is_open = |path: &&PathFlow| {
        !path.arcs.iter().any(|&arc| problem.is_closed[arc as usize])
            && (!problem.has_other_ends || path.arcs.windows(2).all(is_joined))
    };
    if ways.iter().all(|path| is_open(&path)) {
        return;
    }
    let mut open: Vec<PathFlow> = ways.iter().filter(is_open).cloned().collect();
    let lost: f64 = ways.iter().filter(|path| !is_open(path)).map(|path| path.trips).sum();
    if let Some(largest) = open.iter_mut().max_by(|a, b| a.trips.total_cmp(&b.trips)) {
        largest.trips += lost;
    }
    *ways = Arc::new(open);
}
