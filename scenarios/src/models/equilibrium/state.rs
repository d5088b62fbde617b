//! One step of the path-based solver: search, load, balance, adapt.

use std::sync::Arc;

use rayon::prelude::*;

use super::{Equilibrium, PathFlow, Problem};
use crate::models::{
    adaptation::ElasticDemand,
    assignment::{
        hierarchy::{Hierarchy, LANES, Metric, Query, Targets},
        shortest_path::{NO_ARC, Search},
    },
};

/// Part of the wanted gap below which a cheaper way is left alone.
const LEAST_GAIN: f64 = 0.1;

/// What the search from one origin says of one pair.
pub(super) struct Found {
    pub cost: f64,
    /// A way that is cheaper than all known ones.
    pub path: Option<Arc<[u32]>>,
}

/// Flows, costs and ways while they are being balanced.
pub(super) struct State<'a> {
    problem: &'a Problem<'a>,
    pub flows: Vec<f64>,
    pub costs: Vec<f64>,
    pub trips: Vec<f64>,
    pub paths: Vec<Vec<PathFlow>>,
    /// Arcs of the base path carry the current stamp.
    stamp_of: Vec<u32>,
    stamp: u32,
    /// Kept from one search to the next.
    metric: Option<Metric>,
    targets: Option<Targets>,
    /// Part of its cost by which a new way must be cheaper than the known ones.
    least_gain: f64,
}

impl<'a> State<'a> {
    pub fn new(problem: &'a Problem<'a>, start: Option<&Equilibrium>, gap: f64) -> Self {
        let (arcs, pairs) = (problem.network.arcs(), problem.pairs.len());
        let (trips, paths) = match start {
            Some(start) if start.paths.len() == pairs => {
                (start.trips.clone(), start.paths.iter().map(|paths| open_paths(paths, problem)).collect())
            }
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
            metric: None,
            targets: None,
            least_gain: (LEAST_GAIN * gap).max(1e-9),
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
    pub fn rebuild_flows(&mut self) {
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
    pub fn search(&mut self, groups: &[(u32, Vec<u32>)]) -> Vec<Found> {
        let per_origin = match self.problem.hierarchy {
            Some(hierarchy) => self.search_hierarchy(hierarchy, groups),
            None => self.search_plainly(groups),
        };
        let mut found: Vec<Found> =
            (0..self.trips.len()).map(|_| Found { cost: f64::INFINITY, path: None }).collect();
        for ((_, pairs), ways) in groups.iter().zip(per_origin) {
            for (&pair, way) in pairs.iter().zip(ways) {
                found[pair as usize] = way;
            }
        }
        found
    }

    fn search_plainly(&self, groups: &[(u32, Vec<u32>)]) -> Vec<Vec<Found>> {
        let network = self.problem.network;
        groups
            .par_iter()
            .map_init(
                || Search::new(network.nodes),
                |search, (origin, pairs)| {
                    search.run(self.problem.star, &self.costs, *origin, network.first_through_node);
                    let look = |&pair: &u32| {
                        let destination = self.problem.pairs.destination[pair as usize];
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
        metric.customise(&self.costs);
        let (network, pairs) = (self.problem.network, self.problem.pairs);
        let mut targets = self
            .targets
            .take()
            .unwrap_or_else(|| Targets::new(&metric, &network.from, &network.to, &pairs.destination));
        targets.update(&metric);
        let (star, costs) = (self.problem.star, &self.costs);
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

    /// `cost` is the least one of a pair; `way` gives the arcs that have it.
    fn look_at(&self, pair: usize, cost: f64, way: impl FnOnce() -> Vec<u32>) -> Found {
        if cost.is_infinite() {
            return Found { cost, path: None };
        }
        let known =
            self.paths[pair].iter().map(|path| self.path_cost(&path.arcs)).fold(f64::INFINITY, f64::min);
        // A way that is hardly cheaper than the known ones is not worth carrying along.
        let path = (known > cost * (1.0 + self.least_gain)).then(|| way().into());
        Found { cost, path }
    }

    pub fn path_cost(&self, arcs: &[u32]) -> f64 {
        arcs.iter().map(|&arc| self.costs[arc as usize]).sum()
    }

    pub fn total_cost(&self) -> f64 {
        self.flows
            .iter()
            .zip(&self.costs)
            .filter(|(flow, _)| **flow > 0.0)
            .map(|(flow, cost)| flow * cost)
            .sum()
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
                if let Some(elastic) = self.problem.elastic {
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
    pub fn sweep(&mut self, ease: f64) -> f64 {
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

    pub fn drop_empty_paths(&mut self) {
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
fn open_paths(paths: &[PathFlow], problem: &Problem) -> Vec<PathFlow> {
    let network = problem.network;
    let is_joined = |pair: &[u32]| network.to[pair[0] as usize] == network.from[pair[1] as usize];
    let is_open = |path: &&PathFlow| {
        !path.arcs.iter().any(|&arc| problem.is_closed[arc as usize])
            && (!problem.has_other_ends || path.arcs.windows(2).all(is_joined))
    };
    if paths.iter().all(|path| is_open(&path)) {
        return paths.to_vec();
    }
    let mut open: Vec<PathFlow> = paths.iter().filter(is_open).cloned().collect();
    let lost: f64 = paths.iter().filter(|path| !is_open(path)).map(|path| path.trips).sum();
    if let Some(largest) = open.iter_mut().max_by(|a, b| a.trips.total_cmp(&b.trips)) {
        largest.trips += lost;
    }
    open
}
