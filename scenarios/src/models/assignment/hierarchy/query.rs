//! From a few origins at a time to all targets: up the elimination tree, then one sweep down over whatever leads to a
//! target, for all of them together.

use std::collections::HashMap;

use super::{Hierarchy, Metric, NONE};
use crate::models::assignment::shortest_path::{ForwardStar, NO_ARC};

/// Origins that are searched together: each edge is read once for all of them.
pub const LANES: usize = 4;
const FAR: [f64; LANES] = [f64::INFINITY; LANES];

/// Where a search may end, prepared once for many origins, with the costs of the metric.
#[derive(Clone, Debug)]
pub struct Targets {
    /// Ranks from which a target is reached going down, from the highest.
    selected: Vec<u32>,
    /// Place of a rank in `selected`; [`NONE`] for others.
    place_of: Vec<u32>,
    /// Edges to higher places of `selected[i]`: `start[i] .. start[i + 1]`, each with its place and its edge.
    start: Vec<u32>,
    higher: Vec<u32>,
    edge: Vec<u32>,
    /// Cost down along each edge.
    cost: Vec<f64>,
    /// By destination: the places from which an arc leads to it, with that arc; [`NO_ARC`] when it is a street node itself.
    entries: HashMap<u32, Vec<(u32, u32)>>,
}

impl Targets {
    /// For the arcs that the hierarchy was made of, or the same and more arcs of zones.
    pub fn new(metric: &Metric, from: &[u32], to: &[u32], destinations: &[u32]) -> Self {
        let hierarchy = &*metric.hierarchy;
        let mut entries: HashMap<u32, Vec<(u32, u32)>> = HashMap::new();
        for &destination in destinations {
            let entry = entries.entry(destination).or_default();
            if let (Some(rank), true) = (hierarchy.rank(destination), entry.is_empty()) {
                entry.push((rank, NO_ARC));
            }
        }
        for (arc, &head) in to.iter().enumerate() {
            if hierarchy.rank(head).is_none()
                && let (Some(entry), Some(rank)) = (entries.get_mut(&head), hierarchy.rank(from[arc]))
            {
                entry.push((rank, arc as u32));
            }
        }
        let mut place_of = vec![NONE; hierarchy.nodes()];
        for &(rank, _) in entries.values().flatten() {
            let mut at = rank;
            while at != NONE && place_of[at as usize] == NONE {
                place_of[at as usize] = 0;
                at = hierarchy.parent[at as usize];
            }
        }
        let selected: Vec<u32> =
            (0..hierarchy.nodes() as u32).rev().filter(|&rank| place_of[rank as usize] != NONE).collect();
        let (mut start, mut higher, mut edges) = (vec![0], Vec::new(), Vec::new());
        for (place, &rank) in selected.iter().enumerate() {
            place_of[rank as usize] = place as u32;
            for edge in hierarchy.edges_up(rank) {
                // Whatever is above a selected rank is above it in the tree, so selected as well.
                higher.push(place_of[hierarchy.up_head[edge] as usize]);
                edges.push(edge as u32);
            }
            start.push(edges.len() as u32);
        }
        for (rank, _) in entries.values_mut().flatten() {
            *rank = place_of[*rank as usize];
        }
        let mut targets =
            Self { selected, place_of, start, higher, cost: vec![0.0; edges.len()], edge: edges, entries };
        targets.update(metric);
        targets
    }

    /// Takes over the costs of the metric after it was customised.
    pub fn update(&mut self, metric: &Metric) {
        for (cost, &edge) in self.cost.iter_mut().zip(&self.edge) {
            *cost = metric.down[edge as usize];
        }
    }

    fn edges(&self, place: usize) -> std::ops::Range<usize> {
        self.start[place] as usize..self.start[place + 1] as usize
    }
}

/// How a rank was reached on the way up.
#[derive(Clone, Copy, Debug)]
struct Step {
    cost: f64,
    /// Rank before; [`NONE`] at the start, where `edge` is then the arc of the origin (or [`NO_ARC`]).
    before: u32,
    edge: u32,
}

/// Reusable buffers of one search.
#[derive(Clone, Debug)]
pub struct Query {
    /// Least cost by place in the targets and lane.
    distance: Vec<[f64; LANES]>,
    /// By rank, one lane at a time, while going up.
    step: Vec<Step>,
    is_seen: Vec<bool>,
    /// Ranks met on the way up with their steps, ascending, by lane.
    climbs: [Vec<(u32, Step)>; LANES],
    climb: Vec<u32>,
}

impl Query {
    pub fn new(metric: &Metric) -> Self {
        let nodes = metric.hierarchy.nodes();
        Self {
            distance: Vec::new(),
            step: vec![Step { cost: f64::INFINITY, before: NONE, edge: NO_ARC }; nodes],
            is_seen: vec![false; nodes],
            climbs: Default::default(),
            climb: Vec::new(),
        }
    }

    /// Least costs from up to [`LANES`] origins to all `targets`. `costs` are those of the metric; arcs of zones are read
    /// from them.
    pub fn run(
        &mut self,
        metric: &Metric,
        targets: &Targets,
        star: &ForwardStar,
        costs: &[f64],
        origins: &[u32],
    ) {
        self.distance.clear();
        self.distance.resize(targets.selected.len(), FAR);
        for (lane, &origin) in origins.iter().enumerate().take(LANES) {
            self.go_up(metric, star, costs, origin, lane);
            for &(rank, step) in &self.climbs[lane] {
                let place = targets.place_of[rank as usize];
                if place != NONE {
                    self.distance[place as usize][lane] = step.cost;
                }
            }
        }
        for place in 0..targets.selected.len() {
            let mut best = self.distance[place];
            for edge in targets.edges(place) {
                let above = &self.distance[targets.higher[edge] as usize];
                let cost = targets.cost[edge];
                for lane in 0..LANES {
                    let reached = above[lane] + cost;
                    best[lane] = if reached < best[lane] { reached } else { best[lane] };
                }
            }
            self.distance[place] = best;
        }
    }

    fn go_up(&mut self, metric: &Metric, star: &ForwardStar, costs: &[f64], origin: u32, lane: usize) {
        let hierarchy = &*metric.hierarchy;
        self.climb.clear();
        if let Some(rank) = hierarchy.rank(origin) {
            self.start(hierarchy, rank, 0.0, NO_ARC);
        } else {
            let (from, to) = (star.start[origin as usize] as usize, star.start[origin as usize + 1] as usize);
            for place in from..to {
                let arc = star.arc[place];
                if let Some(rank) = hierarchy.rank(star.head[place]) {
                    self.start(hierarchy, rank, costs[arc as usize], arc);
                }
            }
        }
        self.climb.sort_unstable();
        for &rank in &self.climb {
            self.is_seen[rank as usize] = false;
            let so_far = self.step[rank as usize].cost;
            if so_far.is_infinite() {
                continue;
            }
            for edge in hierarchy.edges_up(rank) {
                let head = &mut self.step[hierarchy.up_head[edge] as usize];
                let reached = so_far + metric.up[edge];
                if reached < head.cost {
                    *head = Step { cost: reached, before: rank, edge: edge as u32 };
                }
            }
        }
        let list = &mut self.climbs[lane];
        list.clear();
        for &rank in &self.climb {
            list.push((rank, self.step[rank as usize]));
            self.step[rank as usize].cost = f64::INFINITY;
        }
    }

    fn start(&mut self, hierarchy: &Hierarchy, rank: u32, cost: f64, arc: u32) {
        if cost < self.step[rank as usize].cost {
            self.step[rank as usize] = Step { cost, before: NONE, edge: arc };
        }
        let mut at = rank;
        while at != NONE && !self.is_seen[at as usize] {
            self.is_seen[at as usize] = true;
            self.climb.push(at);
            at = hierarchy.parent[at as usize];
        }
    }

    /// The last place and arc on the best way from the origin of a lane to a destination.
    fn best_entry(
        &self,
        targets: &Targets,
        costs: &[f64],
        lane: usize,
        destination: u32,
    ) -> Option<(f64, u32, u32)> {
        let last = |&(place, arc): &(u32, u32)| {
            let along = if arc == NO_ARC { 0.0 } else { costs[arc as usize] };
            (self.distance[place as usize][lane] + along, place, arc)
        };
        let entries = targets.entries.get(&destination)?;
        entries.iter().map(last).min_by(|a, b| a.0.total_cmp(&b.0))
    }

    /// Least cost from the origin of a lane to a destination; infinite where no way leads.
    pub fn cost(&self, targets: &Targets, costs: &[f64], lane: usize, destination: u32) -> f64 {
        self.best_entry(targets, costs, lane, destination).map_or(f64::INFINITY, |(cost, _, _)| cost)
    }

    /// The arcs of the best way from the origin of a lane to a destination that is reached, in driving order.
    pub fn arcs(
        &self,
        metric: &Metric,
        targets: &Targets,
        costs: &[f64],
        lane: usize,
        destination: u32,
    ) -> Vec<u32> {
        let mut arcs = Vec::new();
        let Some((_, mut place, last)) = self.best_entry(targets, costs, lane, destination) else {
            return arcs;
        };
        // Edges from the destination back: downwards until the way up is met.
        let mut edges: Vec<(u32, bool, u32)> = Vec::new();
        let climb = &self.climbs[lane];
        let step_to =
            |rank: u32| climb.binary_search_by_key(&rank, |entry| entry.0).ok().map(|found| climb[found].1);
        let mut rank = loop {
            let rank = targets.selected[place as usize];
            let reached = self.distance[place as usize][lane];
            if step_to(rank).is_some_and(|step| step.cost <= reached) {
                break rank;
            }
            // The same sum as in the sweep, so equal to the bit.
            let found = targets.edges(place as usize).find(|&edge| {
                self.distance[targets.higher[edge] as usize][lane] + targets.cost[edge] == reached
            });
            let Some(found) = found else { return arcs };
            edges.push((targets.edge[found], false, rank));
            place = targets.higher[found];
        };
        while let Some(step) = step_to(rank) {
            if step.before == NONE {
                if step.edge != NO_ARC {
                    arcs.push(step.edge);
                }
                break;
            }
            edges.push((step.edge, true, step.before));
            rank = step.before;
        }
        for (edge, is_up, low) in edges.into_iter().rev() {
            metric.unpack(edge as usize, is_up, low, &mut arcs);
        }
        if last != NO_ARC {
            arcs.push(last);
        }
        arcs
    }
}
