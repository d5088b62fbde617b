//! Least times from one place, or from many, to everywhere.
//!
//! A sweep keeps nodes in buckets by cost (Dial; inside a bucket Δ-stepping, Meyer and Sanders 2003), which is exact for
//! costs that are not negative and needs no heap. Buffers are kept; only what was touched is cleared.

use super::{ModeGraph, UNREACHED, graph::Star, snap::Snap};

/// Reusable buffers of one search over one graph.
#[derive(Clone, Debug, Default)]
pub struct Sweep {
    cost: Vec<u32>,
    touched: Vec<u32>,
    /// Bucket `(cost >> shift) & mask`: (cost when it was put there, node).
    buckets: Vec<Vec<(u32, u32)>>,
    shift: u32,
    current: Vec<(u32, u32)>,
    seeds: Vec<(u32, u32)>,
    /// The places the last run was about, by link.
    ends: Vec<Snap>,
}

impl Sweep {
    pub fn new(graph: &ModeGraph) -> Self {
        let arcs = graph.outgoing.arcs.len().max(1) as u64;
        let mean = graph.outgoing.arcs.iter().map(|arc| u64::from(arc.1)).sum::<u64>() / arcs;
        // Half a mean arc: few nodes are looked at twice, and few buckets are empty.
        let mut shift = (mean / 2).max(1).ilog2();
        while graph.largest_cost() >> shift > 16_384 {
            shift += 1;
        }
        let buckets = ((graph.largest_cost() >> shift) as usize + 2).next_power_of_two();
        Self {
            cost: vec![UNREACHED; graph.nodes()],
            touched: Vec::new(),
            buckets: vec![Vec::new(); buckets],
            shift,
            current: Vec::new(),
            seeds: Vec::new(),
            ends: Vec::new(),
        }
    }

    /// Costs by graph node after a run, [`UNREACHED`] where the limit came first.
    pub fn costs(&self) -> &[u32] {
        &self.cost
    }

    /// Nodes that were reached within the limit, in no particular order; each once.
    pub fn reached(&self) -> &[u32] {
        &self.touched
    }

    /// From a place to everywhere within `limit` milliseconds.
    pub fn from_place(&mut self, graph: &ModeGraph, place: &Snap, limit: u32) {
        self.run(&graph.outgoing, place.departures(graph), limit);
        self.ends.push(*place);
    }

    /// From everywhere to a place.
    pub fn to_place(&mut self, graph: &ModeGraph, place: &Snap, limit: u32) {
        self.to_places(graph, std::slice::from_ref(place), limit);
    }

    /// From everywhere to the nearest of `places`: one sweep, whatever their number.
    pub fn to_places(&mut self, graph: &ModeGraph, places: &[Snap], limit: u32) {
        self.run(&graph.incoming, places.iter().flat_map(|place| place.arrivals(graph)), limit);
        self.ends.extend_from_slice(places);
        self.ends.sort_by_key(|place| place.link);
    }

    /// From nodes with a first cost each.
    pub fn run(&mut self, star: &Star, seeds: impl IntoIterator<Item = (u32, u32)>, limit: u32) {
        for &node in &self.touched {
            self.cost[node as usize] = UNREACHED;
        }
        self.touched.clear();
        self.ends.clear();
        let limit = limit.min(UNREACHED - 1);
        self.seeds.clear();
        self.seeds.extend(seeds.into_iter().filter(|seed| seed.1 <= limit).map(|(node, cost)| (cost, node)));
        // Last first: they are taken from the end.
        self.seeds.sort_unstable_by(|a, b| b.cmp(a));
        let mask = self.buckets.len() - 1;
        let shift = self.shift;
        let mut waiting = 0_usize;
        let mut bucket = 0_u32;
        loop {
            if waiting == 0 {
                let Some(&(cost, _)) = self.seeds.last() else { break };
                bucket = cost >> shift;
            }
            while let Some(&(cost, node)) = self.seeds.last() {
                if cost >> shift > bucket {
                    break;
                }
                self.seeds.pop();
                let known = &mut self.cost[node as usize];
                if cost < *known {
                    if *known == UNREACHED {
                        self.touched.push(node);
                    }
                    *known = cost;
                    self.buckets[bucket as usize & mask].push((cost, node));
                    waiting += 1;
                }
            }
            // A bucket fills while it is emptied when an arc is shorter than it is wide.
            while !self.buckets[bucket as usize & mask].is_empty() {
                std::mem::swap(&mut self.current, &mut self.buckets[bucket as usize & mask]);
                waiting -= self.current.len();
                for place in 0..self.current.len() {
                    let (cost, node) = self.current[place];
                    if self.cost[node as usize] != cost {
                        continue;
                    }
                    for &(head, arc_cost) in star.at(node) {
                        let reached = cost.saturating_add(arc_cost);
                        let known = &mut self.cost[head as usize];
                        if reached < *known && reached <= limit {
                            if *known == UNREACHED {
                                self.touched.push(head);
                            }
                            *known = reached;
                            self.buckets[(reached >> shift) as usize & mask].push((reached, head));
                            waiting += 1;
                        }
                    }
                }
                self.current.clear();
            }
            if waiting == 0 && self.seeds.is_empty() {
                break;
            }
            bucket = bucket.wrapping_add(1);
        }
    }

    /// The cost to a place after [`Self::from_place`], beyond the limit of that run by at most one link.
    pub fn cost_to(&self, graph: &ModeGraph, place: &Snap) -> u32 {
        let over_nodes = self.over_nodes(place.arrivals(graph));
        self.ends_on(place.link)
            .filter_map(|source| source.along_same_link(place, graph))
            .fold(over_nodes, u32::min)
    }

    /// The cost from a place after [`Self::to_place`] or [`Self::to_places`].
    pub fn cost_from(&self, graph: &ModeGraph, place: &Snap) -> u32 {
        let over_nodes = self.over_nodes(place.departures(graph));
        self.ends_on(place.link)
            .filter_map(|end| place.along_same_link(end, graph))
            .fold(over_nodes, u32::min)
    }

    /// The way to a place after [`Self::from_place`], as positions in [`ModeGraph::links`] in order. Empty where it was not
    /// reached.
    pub fn way_to(&self, graph: &ModeGraph, place: &Snap) -> Vec<u32> {
        let cost = self.cost_to(graph, place);
        if cost == UNREACHED {
            return Vec::new();
        }
        // Of the links at both ends only those that one goes along: a place may be at a crossing.
        let goes_along = |end: &Snap, node: u32| {
            let link = graph.links[end.link as usize];
            (node == link.from && end.along > 1e-9) || (node == link.to && end.along < 1.0 - 1e-9)
        };
        let last = place.arrivals(graph).find(|way| self.cost[way.0 as usize].saturating_add(way.1) == cost);
        let Some((mut node, _)) = last else { return vec![place.link] };
        let mut links = Vec::new();
        links.extend(goes_along(place, node).then_some(place.link));
        // Costs are whole numbers, so the arc over which a node was reached is one that fits exactly.
        let came_by = |node: u32| {
            let first = graph.incoming.first[node as usize] as usize;
            let mut arcs = graph.incoming.at(node).iter().zip(&graph.incoming.links[first..]);
            let fits = |tail: u32, arc: u32| {
                self.cost[tail as usize].saturating_add(arc) == self.cost[node as usize]
            };
            arcs.find(|((tail, arc), _)| fits(*tail, *arc)).map(|((tail, _), link)| (*tail, *link))
        };
        while let Some((tail, link)) = came_by(node) {
            links.push(link);
            node = tail;
        }
        let source = self.ends.first().filter(|source| goes_along(source, node)).map(|source| source.link);
        links.extend(source.filter(|link| links.last() != Some(link)));
        links.reverse();
        links
    }

    fn over_nodes(&self, ways: impl Iterator<Item = (u32, u32)>) -> u32 {
        ways.map(|(node, cost)| self.cost[node as usize].saturating_add(cost)).min().unwrap_or(UNREACHED)
    }

    fn ends_on(&self, link: u32) -> impl Iterator<Item = &Snap> {
        let first = self.ends.partition_point(|end| end.link < link);
        self.ends[first..].iter().take_while(move |end| end.link == link)
    }
}
