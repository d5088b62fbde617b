//! Shortest paths from many zones to many zones on one large network whose costs change all the time: a customizable
//! contraction hierarchy (Dibbelt, Strasser & Wagner 2016) with a downward sweep over what leads to the targets
//! (Delling, Goldberg, Nowatzyk & Werneck 2011, restricted as in Delling, Goldberg & Werneck 2011; MODELS.md section 1).
//!
//! The order depends on the streets alone and is made once. New costs are worked in with [`Metric::customise`]; then an
//! origin costs a walk up the elimination tree and one sweep down to all targets.
//!
//! Zones are not in it: a search begins and ends at the streets that they are joined to. So they are never passed.

mod order;
mod query;

use std::{ops::Range, sync::Arc};

pub use query::{LANES, Query, Targets};
use rayon::prelude::*;

use super::shortest_path::NO_ARC;

/// Marks "none" among ranks.
const NONE: u32 = u32::MAX;
/// Parts of the hierarchy that can be customised at the same time have at most one in this many ranks.
const PARTS: usize = 8;

/// Nodes in the order in which they are contracted, with all shortcuts that any costs may need.
#[derive(Clone, Debug, Default)]
pub struct Hierarchy {
    /// Node of the graph that comes first here; those before it are zones.
    first: u32,
    /// By node − first.
    rank_of: Vec<u32>,
    /// The next node up in the elimination tree, by rank; [`NONE`] at a root.
    parent: Vec<u32>,
    /// Edges of rank `r` to higher ranks: `up_start[r] .. up_start[r + 1]`, by rank of their head.
    up_start: Vec<u32>,
    up_head: Vec<u32>,
    /// Edges that lead up to rank `r`, and the lower ranks from which: `down_start[r] .. down_start[r + 1]`.
    down_start: Vec<u32>,
    down_edge: Vec<u32>,
    down_tail: Vec<u32>,
    /// By arc of the graph; [`NONE`] for those of zones.
    edge_of_arc: Vec<u32>,
    /// Whether an arc leads up.
    is_up: Vec<bool>,
    /// Ranges of ranks of which nothing below is outside, ascending: the districts between the widest cuts.
    parts: Vec<Range<usize>>,
}

impl Hierarchy {
    /// For the nodes from `first` on, of which `positions` says where they lie (metres). Arcs by their ends. Cost:
    /// O(n·log² n) for the order and the number of shortcuts, about n·log n in a city.
    pub fn new(first: usize, positions: &[[f64; 2]], from: &[u32], to: &[u32]) -> Self {
        let nodes = positions.len();
        let inner = |node: u32| (node as usize).checked_sub(first).filter(|&n| n < nodes);
        let mut neighbours: Vec<Vec<u32>> = vec![Vec::new(); nodes];
        for (&a, &b) in from.iter().zip(to) {
            if let (Some(a), Some(b)) = (inner(a), inner(b))
                && a != b
            {
                neighbours[a].push(b as u32);
                neighbours[b].push(a as u32);
            }
        }
        for list in &mut neighbours {
            list.sort_unstable();
            list.dedup();
        }
        let order = order::nested_dissection(positions, &neighbours);
        let mut rank_of = vec![0; nodes];
        for (rank, &node) in order.iter().enumerate() {
            rank_of[node as usize] = rank as u32;
        }
        let mut hierarchy = Self { first: first as u32, rank_of, ..Self::default() };
        hierarchy.contract(&order, &neighbours);
        hierarchy.find_parts();
        hierarchy.place_arcs(from, to);
        hierarchy
    }

    /// All shortcuts: when a node goes, its higher neighbours become neighbours of each other.
    fn contract(&mut self, order: &[u32], neighbours: &[Vec<u32>]) {
        let nodes = order.len();
        let mut up: Vec<Vec<u32>> = order
            .iter()
            .enumerate()
            .map(|(rank, &node)| {
                let higher = neighbours[node as usize].iter().map(|&n| self.rank_of[n as usize]);
                let mut higher: Vec<u32> = higher.filter(|&n| n > rank as u32).collect();
                higher.sort_unstable();
                higher
            })
            .collect();
        self.parent = vec![NONE; nodes];
        for rank in 0..nodes {
            // The lowest of the higher neighbours takes over the others.
            let Some((&parent, rest)) = up[rank].split_first() else { continue };
            self.parent[rank] = parent;
            let merged = merge(&up[parent as usize], rest);
            up[parent as usize] = merged;
        }
        self.up_start = vec![0];
        for list in &up {
            self.up_head.extend_from_slice(list);
            self.up_start.push(self.up_head.len() as u32);
        }
        let mut start = vec![0_u32; nodes + 1];
        for &head in &self.up_head {
            start[head as usize + 1] += 1;
        }
        for rank in 0..nodes {
            start[rank + 1] += start[rank];
        }
        let mut next = start.clone();
        self.down_edge = vec![0; self.up_head.len()];
        self.down_tail = vec![0; self.up_head.len()];
        for tail in 0..nodes {
            for edge in self.up_start[tail]..self.up_start[tail + 1] {
                let slot = &mut next[self.up_head[edge as usize] as usize];
                self.down_edge[*slot as usize] = edge;
                self.down_tail[*slot as usize] = tail as u32;
                *slot += 1;
            }
        }
        self.down_start = start;
    }

    /// Subtrees of the elimination tree that are not too large, as ranges; those that overlap become one.
    fn find_parts(&mut self) {
        let nodes = self.nodes();
        let mut lowest: Vec<usize> = (0..nodes).collect();
        for rank in 0..nodes {
            if let Some(low) = lowest.get(self.parent[rank] as usize) {
                let low = lowest[rank].min(*low);
                lowest[self.parent[rank] as usize] = low;
            }
        }
        let is_small = |rank: usize| rank - lowest[rank] < nodes.div_ceil(PARTS);
        let is_top = |rank: usize| self.parent[rank] == NONE || !is_small(self.parent[rank] as usize);
        let mut parts: Vec<Range<usize>> = Vec::new();
        for rank in (0..nodes).filter(|&rank| is_small(rank) && is_top(rank)) {
            let mut part = lowest[rank]..rank + 1;
            while let Some(last) = parts.pop_if(|last| last.end > part.start) {
                part.start = part.start.min(last.start);
            }
            parts.push(part);
        }
        // Ranks of larger subtrees may lie between.
        parts.retain(|part| part.len() > 1 && part.clone().all(|rank| lowest[rank] >= part.start));
        self.parts = parts;
    }

    fn place_arcs(&mut self, from: &[u32], to: &[u32]) {
        self.edge_of_arc = vec![NONE; from.len()];
        self.is_up = vec![false; from.len()];
        for (arc, (&tail, &head)) in from.iter().zip(to).enumerate() {
            let (Some(a), Some(b)) = (self.rank(tail), self.rank(head)) else { continue };
            if a == b {
                continue;
            }
            self.is_up[arc] = a < b;
            self.edge_of_arc[arc] = self.edge(a.min(b), a.max(b)).unwrap_or(NONE);
        }
    }

    /// Rank of a node of the graph; `None` for zones.
    fn rank(&self, node: u32) -> Option<u32> {
        self.rank_of.get(node.checked_sub(self.first)? as usize).copied()
    }

    fn edge(&self, low: u32, high: u32) -> Option<u32> {
        let (from, to) = (self.up_start[low as usize] as usize, self.up_start[low as usize + 1] as usize);
        self.up_head[from..to].binary_search(&high).ok().map(|place| (from + place) as u32)
    }

    /// Edges from a rank upwards.
    fn edges_up(&self, rank: u32) -> Range<usize> {
        self.up_start[rank as usize] as usize..self.up_start[rank as usize + 1] as usize
    }

    fn nodes(&self) -> usize {
        self.parent.len()
    }

    /// Edges, shortcuts included.
    pub fn edges(&self) -> usize {
        self.up_head.len()
    }
}

/// Two ascending lists as one, each member once.
fn merge(a: &[u32], b: &[u32]) -> Vec<u32> {
    let mut merged = Vec::with_capacity(a.len() + b.len());
    let (mut i, mut j) = (0, 0);
    while i < a.len() && j < b.len() {
        let (x, y) = (a[i], b[j]);
        merged.push(x.min(y));
        i += usize::from(x <= y);
        j += usize::from(y <= x);
    }
    merged.extend_from_slice(&a[i..]);
    merged.extend_from_slice(&b[j..]);
    merged
}

/// A hierarchy with costs.
#[derive(Clone, Debug)]
pub struct Metric {
    hierarchy: Arc<Hierarchy>,
    /// Cost of each edge upwards and downwards.
    up: Vec<f64>,
    down: Vec<f64>,
    /// What an edge is made of: the edges from its middle to its lower and to its higher end; or an arc and [`NONE`].
    up_via: Vec<[u32; 2]>,
    down_via: Vec<[u32; 2]>,
}

impl Metric {
    /// Without costs yet: nothing is reached.
    pub fn new(hierarchy: Arc<Hierarchy>) -> Self {
        let edges = hierarchy.edges();
        Self {
            up: vec![f64::INFINITY; edges],
            down: vec![f64::INFINITY; edges],
            up_via: vec![[NO_ARC, NONE]; edges],
            down_via: vec![[NO_ARC, NONE]; edges],
            hierarchy,
        }
    }

    /// Works in the costs of all arcs: not negative, infinite where closed. Districts at the same time, then what parts
    /// them; the same bits whatever the number of threads. Cost: the triangles of the hierarchy, about n·√n in a city.
    pub fn customise(&mut self, costs: &[f64]) {
        let hierarchy = self.hierarchy.clone();
        self.up.fill(f64::INFINITY);
        self.down.fill(f64::INFINITY);
        self.up_via.fill([NO_ARC, NONE]);
        self.down_via.fill([NO_ARC, NONE]);
        for (arc, &edge) in hierarchy.edge_of_arc.iter().enumerate() {
            let Some(&cost) = costs.get(arc) else { break };
            if edge == NONE {
                continue;
            }
            let edge = edge as usize;
            let (known, via) = if hierarchy.is_up[arc] {
                (&mut self.up[edge], &mut self.up_via[edge])
            } else {
                (&mut self.down[edge], &mut self.down_via[edge])
            };
            if cost < *known {
                (*known, *via) = (cost, [arc as u32, NONE]);
            }
        }
        let buffer = || vec![NONE; hierarchy.nodes()];
        let mut rest = Edges {
            first: 0,
            up: &mut self.up,
            down: &mut self.down,
            up_via: &mut self.up_via,
            down_via: &mut self.down_via,
        };
        let mut districts = Vec::with_capacity(hierarchy.parts.len());
        for part in &hierarchy.parts {
            let (_, more) = rest.split(hierarchy.up_start[part.start] as usize);
            let (own, more) = more.split(hierarchy.up_start[part.end] as usize);
            districts.push((part.clone(), own));
            rest = more;
        }
        districts.into_par_iter().for_each_init(buffer, |edge_to, (part, mut edges)| {
            for rank in part {
                edges.relax_lower_triangles(&hierarchy, rank, edge_to);
            }
        });
        let mut all = Edges {
            first: 0,
            up: &mut self.up,
            down: &mut self.down,
            up_via: &mut self.up_via,
            down_via: &mut self.down_via,
        };
        // What parts the districts, from the lowest cut to the highest.
        let (mut edge_to, mut parts) = (buffer(), hierarchy.parts.iter());
        let (mut part, mut rank) = (parts.next(), 0);
        while rank < hierarchy.nodes() {
            if let Some(done) = part.filter(|part| part.start == rank) {
                (part, rank) = (parts.next(), done.end);
            } else {
                all.relax_lower_triangles(&hierarchy, rank, &mut edge_to);
                rank += 1;
            }
        }
    }

    /// Appends the arcs of an edge, in driving order.
    fn unpack(&self, edge: u32, is_up: bool, arcs: &mut Vec<u32>) {
        let [low, high] = if is_up { self.up_via[edge as usize] } else { self.down_via[edge as usize] };
        if high == NONE {
            arcs.push(low);
            return;
        }
        // Down to the middle and up again.
        let (first, second) = if is_up { (low, high) } else { (high, low) };
        self.unpack(first, false, arcs);
        self.unpack(second, true, arcs);
    }
}

/// A range of the edges of a metric, from `first` on.
struct Edges<'a> {
    first: usize,
    up: &'a mut [f64],
    down: &'a mut [f64],
    up_via: &'a mut [[u32; 2]],
    down_via: &'a mut [[u32; 2]],
}

impl Edges<'_> {
    /// Those before an edge, and the others.
    fn split(self, at: usize) -> (Self, Self) {
        let here = at - self.first;
        let (up, up_after) = self.up.split_at_mut(here);
        let (down, down_after) = self.down.split_at_mut(here);
        let (up_via, up_via_after) = self.up_via.split_at_mut(here);
        let (down_via, down_via_after) = self.down_via.split_at_mut(here);
        (
            Edges { first: self.first, up, down, up_via, down_via },
            Edges {
                first: at,
                up: up_after,
                down: down_after,
                up_via: up_via_after,
                down_via: down_via_after,
            },
        )
    }

    /// Edges from `rank` up, over all lower nodes that both ends see. Edges of lower nodes are here and final by then.
    /// `edge_to` is for its own use.
    fn relax_lower_triangles(&mut self, hierarchy: &Hierarchy, rank: usize, edge_to: &mut [u32]) {
        let own = hierarchy.edges_up(rank as u32);
        if own.is_empty() {
            return;
        }
        for edge in own.clone() {
            edge_to[hierarchy.up_head[edge] as usize] = (edge - own.start) as u32;
        }
        // All edges of this rank lie behind those of lower ranks.
        let first = own.start - self.first;
        let (lower_up, own_up) = self.up.split_at_mut(first);
        let (lower_down, own_down) = self.down.split_at_mut(first);
        let lower = hierarchy.down_start[rank] as usize..hierarchy.down_start[rank + 1] as usize;
        for place in lower {
            let edge = hierarchy.down_edge[place] as usize;
            let tail = hierarchy.down_tail[place];
            // From here down to the lower node, and from there up to here.
            let (to_tail, from_tail) = (lower_down[edge - self.first], lower_up[edge - self.first]);
            let others = edge + 1..hierarchy.up_start[tail as usize + 1] as usize;
            let heads = &hierarchy.up_head[others.clone()];
            let here = others.start - self.first..others.end - self.first;
            let costs = lower_up[here.clone()].iter().zip(&lower_down[here]);
            for ((other, &head), (&up, &down)) in others.zip(heads).zip(costs) {
                let target = edge_to[head as usize] as usize;
                let outward = to_tail + up;
                if outward < own_up[target] {
                    own_up[target] = outward;
                    self.up_via[first + target] = [edge as u32, other as u32];
                }
                let inward = down + from_tail;
                if inward < own_down[target] {
                    own_down[target] = inward;
                    self.down_via[first + target] = [edge as u32, other as u32];
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::assignment::shortest_path::{ForwardStar, Search};

    /// A ragged grid with one-way streets, closed streets, zero costs and two zones in front.
    fn example(seed: u64, side: usize) -> (Vec<[f64; 2]>, Vec<u32>, Vec<u32>, Vec<f64>) {
        let mut seed = seed;
        let mut random = move |limit: usize| {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (seed >> 33) as usize % limit
        };
        let positions: Vec<[f64; 2]> = (0..side * side)
            .map(|n| [(n % side * 10 + random(5)) as f64, (n / side * 10 + random(5)) as f64])
            .collect();
        let (mut from, mut to, mut costs) = (Vec::new(), Vec::new(), Vec::new());
        let mut add = |a: usize, b: usize, cost: f64| {
            from.push(a as u32);
            to.push(b as u32);
            costs.push(cost);
        };
        for node in 0..side * side {
            for next in [node + 1, node + side] {
                let wraps = next == node + 1 && next % side == 0;
                if next < side * side && !wraps && random(10) > 0 {
                    let cost = |n: usize| if n == 0 { f64::INFINITY } else { (n / 3) as f64 };
                    add(node + 2, next + 2, cost(random(40)));
                    if random(4) > 0 {
                        add(next + 2, node + 2, cost(random(40)));
                    }
                }
            }
        }
        for zone in 0..2 {
            for _ in 0..3 {
                let node = random(side * side) + 2;
                add(zone, node, random(9) as f64);
                add(node, zone, random(9) as f64);
            }
        }
        (positions, from, to, costs)
    }

    #[test]
    fn districts_hold_all_that_is_below_them_and_most_of_the_city() {
        for (side, share) in [(12, 0.3), (40, 0.7)] {
            let (positions, from, to, _) = example(7, side);
            let hierarchy = Hierarchy::new(2, &positions, &from, &to);
            assert!(hierarchy.parts.len() >= 4, "{:?}", hierarchy.parts);
            let inside: usize = hierarchy.parts.iter().map(ExactSizeIterator::len).sum();
            assert!(inside as f64 > share * hierarchy.nodes() as f64, "{inside} of {}", hierarchy.nodes());
            for (index, part) in hierarchy.parts.iter().enumerate() {
                assert!(part.len() <= hierarchy.nodes().div_ceil(PARTS) * 2);
                assert!(index == 0 || hierarchy.parts[index - 1].end <= part.start);
                for rank in part.clone() {
                    let below = hierarchy.down_start[rank] as usize..hierarchy.down_start[rank + 1] as usize;
                    assert!(hierarchy.down_tail[below].iter().all(|tail| part.contains(&(*tail as usize))));
                }
            }
        }
    }

    #[test]
    fn all_costs_are_those_of_dijkstra_and_ways_have_them() {
        for round in 0..40 {
            let side = 2 + round as usize % 9;
            let (positions, from, to, mut costs) = example(round, side);
            let nodes = positions.len() + 2;
            let star = ForwardStar::new(nodes, &from, &to);
            let hierarchy = Arc::new(Hierarchy::new(2, &positions, &from, &to));
            let mut metric = Metric::new(hierarchy);
            let destinations: Vec<u32> = (0..nodes as u32).collect();
            let mut search = Search::new(nodes);
            for pass in 0..2 {
                // Other costs on the same order.
                for cost in &mut costs {
                    *cost += f64::from(pass);
                }
                metric.customise(&costs);
                let targets = Targets::new(&metric, &from, &to, &destinations);
                let mut query = Query::new(&metric);
                for origins in destinations.chunks(LANES) {
                    query.run(&metric, &targets, &star, &costs, origins);
                    for (lane, &origin) in origins.iter().enumerate() {
                        search.run(&star, &costs, origin, 2);
                        for &destination in destinations.iter().filter(|&&d| d != origin) {
                            let expected = search.distance[destination as usize];
                            let found = query.cost(&targets, &costs, lane, destination);
                            assert_eq!(found, expected, "round {round}: {origin} to {destination}");
                            if expected.is_infinite() {
                                continue;
                            }
                            let arcs = query.arcs(&metric, &targets, &costs, lane, destination);
                            assert_eq!(from[arcs[0] as usize], origin);
                            assert_eq!(to[*arcs.last().unwrap() as usize], destination);
                            for pair in arcs.windows(2) {
                                assert_eq!(to[pair[0] as usize], from[pair[1] as usize]);
                                assert!(to[pair[0] as usize] >= 2, "zones are not passed");
                            }
                            let sum: f64 = arcs.iter().map(|&arc| costs[arc as usize]).sum();
                            assert_eq!(sum, expected);
                        }
                    }
                }
            }
        }
    }
}
