//! Flows and costs of arcs while trips move between ways.

use super::{PathFlow, Problem};
use crate::models::adaptation::ElasticDemand;

/// Flow and cost of every arc.
pub(super) struct Loads<'a> {
    pub problem: &'a Problem<'a>,
    pub flows: Vec<f64>,
    pub costs: Vec<f64>,
    /// Arcs of the base path carry the current stamp.
    stamp_of: Vec<u32>,
    stamp: u32,
}

impl<'a> Loads<'a> {
    pub fn new(problem: &'a Problem<'a>) -> Self {
        let arcs = problem.network.arcs();
        Self { problem, flows: vec![0.0; arcs], costs: vec![0.0; arcs], stamp_of: vec![0; arcs], stamp: 0 }
    }

    /// Costs of all arcs. Closed ones carry nothing.
    pub fn evaluate(&mut self) {
        for arc in 0..self.flows.len() {
            if self.problem.is_closed[arc] {
                (self.flows[arc], self.costs[arc]) = (0.0, f64::INFINITY);
            } else {
                self.costs[arc] = self.problem.costs.cost(arc, self.flows[arc]);
            }
        }
    }

    pub fn path_cost(&self, arcs: &[u32]) -> f64 {
        arcs.iter().map(|&arc| self.costs[arc as usize]).sum()
    }

    /// Least cost of some ways; infinite without any.
    pub fn least(&self, ways: &[PathFlow]) -> f64 {
        ways.iter().map(|path| self.path_cost(&path.arcs)).fold(f64::INFINITY, f64::min)
    }

    /// Adds trips to arcs and re-evaluates their costs.
    pub fn add(&mut self, arcs: &[u32], trips: f64) {
        for &arc in arcs {
            let index = arc as usize;
            self.flows[index] = (self.flows[index] + trips).max(0.0);
            self.costs[index] = self.problem.costs.cost(index, self.flows[index]);
        }
    }

    /// One projected Newton step from each way of a pair to its cheapest one.
    pub fn balance(&mut self, paths: &mut [PathFlow], base: usize) {
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

    /// One Newton step of the trips of a pair towards q(u), `off` away, on its ways, of which `base` is the cheapest.
    pub fn adapt(
        &mut self,
        pair: usize,
        elastic: &ElasticDemand,
        trips: &mut f64,
        paths: &mut [PathFlow],
        (base, off): (usize, f64),
    ) {
        let slope: f64 = paths[base]
            .arcs
            .iter()
            .map(|&arc| self.problem.costs.derivative(arc as usize, self.flows[arc as usize]))
            .sum();
        let change = off / (1.0 + slope * elastic.sensitivity(pair, *trips + off));
        if change > 0.0 {
            paths[base].trips += change;
            let arcs = paths[base].arcs.clone();
            self.add(&arcs, change);
            *trips += change;
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
                    *trips -= taken;
                    left -= taken;
                }
            }
        }
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
}
