//! The street network of one mode as compact arrays.

use layers::model::StreetNetwork;

use super::{
    UNREACHED, cost_of_secs,
    snap::{Snap, SnapTree},
    speeds::{ArcSeconds, Speeds, TravelMode},
};
use crate::{
    assumptions::Assumptions,
    edit::{NetworkEdit, NodeSplit},
};

/// Marks a node of the network that is not in the graph.
pub const NO_NODE: u32 = u32::MAX;

/// Arcs at each node: those of `node` are `arcs[first[node] .. first[node + 1]]`.
#[derive(Clone, Debug, Default)]
pub struct Star {
    pub first: Vec<u32>,
    /// Node at the other end, and the cost, at least 1.
    pub arcs: Vec<(u32, u32)>,
    /// Position in [`ModeGraph::links`] by arc.
    pub links: Vec<u32>,
}

impl Star {
    /// Arcs (from, to, cost, link), in their order at each node. `is_reversed` turns them round.
    fn new(nodes: usize, arcs: &[(u32, u32, u32, u32)], is_reversed: bool) -> Self {
        let ends = |arc: &(u32, u32, u32, u32)| if is_reversed { (arc.1, arc.0) } else { (arc.0, arc.1) };
        let mut first = vec![0_u32; nodes + 1];
        for arc in arcs {
            first[ends(arc).0 as usize + 1] += 1;
        }
        for node in 0..nodes {
            first[node + 1] += first[node];
        }
        let mut next = first.clone();
        let mut sorted = vec![(0, 0); arcs.len()];
        let mut links = vec![0; arcs.len()];
        for arc in arcs {
            let (tail, head) = ends(arc);
            let place = &mut next[tail as usize];
            sorted[*place as usize] = (head, arc.2);
            links[*place as usize] = arc.3;
            *place += 1;
        }
        Self { first, arcs: sorted, links }
    }

    pub fn nodes(&self) -> usize {
        self.first.len().saturating_sub(1)
    }

    /// Ends and costs of the arcs at a node.
    pub fn at(&self, node: u32) -> &[(u32, u32)] {
        &self.arcs[self.first[node as usize] as usize..self.first[node as usize + 1] as usize]
    }
}

/// A link of the network as the graph sees it. Costs are milliseconds; [`UNREACHED`] closes a direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GraphLink {
    /// Position in [`StreetNetwork::links`].
    pub link: u32,
    /// Nodes of the graph.
    pub from: u32,
    pub to: u32,
    /// Travel from → to and to → from, without what is waited at the end.
    pub travel: [u32; 2],
    pub wait: [u32; 2],
}

impl GraphLink {
    /// The whole cost of a direction (0: from → to).
    fn cost(&self, direction: usize) -> u32 {
        // Never nothing, so that every way back to a source falls.
        self.travel[direction].saturating_add(self.wait[direction]).max(1)
    }
}

/// The network of one mode: the largest part in which one can get from everywhere to everywhere.
#[derive(Debug)]
pub struct ModeGraph {
    pub speeds: Speeds,
    pub outgoing: Star,
    /// All arcs turned round, for times *to* places.
    pub incoming: Star,
    /// Links with at least one open direction.
    pub links: Vec<GraphLink>,
    /// Graph node of each node of the network, [`NO_NODE`] where it is in another part.
    pub graph_node: Vec<u32>,
    /// Node of the network by graph node.
    pub street_node: Vec<u32>,
    /// Position in `links` of each link of the network, or [`NO_NODE`].
    pub graph_link: Vec<u32>,
    tree: SnapTree,
    largest_cost: u32,
}

impl ModeGraph {
    /// The network of `mode` after `edit`, at the speeds of the assumptions.
    pub fn new(
        streets: &StreetNetwork,
        edit: &NetworkEdit,
        mode: TravelMode,
        assumptions: &Assumptions,
    ) -> Self {
        let speeds = Speeds::new(mode, assumptions);
        let need = mode.needs();
        let arcs = |index: usize| {
            let link = &streets.links[index];
            let (forward, backward) = edit.modes(streets, index);
            let change = edit.link(index);
            let arc = |is_open: bool, end: u32| {
                let signals = streets.nodes.get(end as usize).is_some_and(|node| node.has_signals);
                is_open.then(|| speeds.arc(link, &change, signals, assumptions))
            };
            [arc(forward.contains(need), link.to), arc(backward.contains(need), link.from)]
        };
        let splits = if mode == TravelMode::Car { edit.splits() } else { &[] };
        Self::with_seconds(streets, splits, &speeds, arcs)
    }

    /// With the caller's own seconds: `arcs(link)` gives both directions of a link, `None` where it is closed. So times in
    /// traffic come in. At a split the links set apart have a node of their own. Cost: linear, plus sorting.
    pub fn with_seconds(
        streets: &StreetNetwork,
        splits: &[NodeSplit],
        speeds: &Speeds,
        arcs: impl Fn(usize) -> [Option<ArcSeconds>; 2],
    ) -> Self {
        let whole = streets.nodes.len();
        // Halves of cut crossings come after the real nodes.
        let count = whole + splits.len();
        let position = |node: u32| {
            let real = (node as usize).checked_sub(whole).map_or(node, |split| splits[split].node);
            (real, streets.nodes[real as usize].position)
        };
        let half = |node: u32, link: usize| {
            let is_apart = |split: &NodeSplit| split.node == node && split.apart.contains(&link);
            splits.iter().position(is_apart).map_or(node, |split| (whole + split) as u32)
        };
        let mut links = Vec::with_capacity(streets.links.len());
        for (index, link) in streets.links.iter().enumerate() {
            if link.from as usize >= whole || link.to as usize >= whole {
                continue;
            }
            let both =
                arcs(index).map(|arc| arc.filter(|arc| arc.travel.is_finite() && arc.wait.is_finite()));
            if both.iter().all(Option::is_none) {
                continue;
            }
            links.push(GraphLink {
                link: index as u32,
                from: half(link.from, index),
                to: half(link.to, index),
                travel: both.map(|arc| arc.map_or(UNREACHED, |arc| cost_of_secs(arc.travel))),
                wait: both.map(|arc| arc.map_or(0, |arc| cost_of_secs(arc.wait))),
            });
        }
        let in_part = largest_strong_part(count, &links);
        links.retain(|link| in_part[link.from as usize] && in_part[link.to as usize]);

        // Neighbours in the city become neighbours in memory.
        let mut street_node: Vec<u32> = (0..count as u32).filter(|&node| in_part[node as usize]).collect();
        let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
        for &node in &street_node {
            let place = position(node).1;
            for axis in 0..2 {
                low[axis] = low[axis].min(place[axis]);
                high[axis] = high[axis].max(place[axis]);
            }
        }
        street_node.sort_by_cached_key(|&node| (z_order(position(node).1, low, high), node));
        let mut graph_node = vec![NO_NODE; count];
        for (index, &node) in street_node.iter().enumerate() {
            graph_node[node as usize] = index as u32;
        }
        let mut graph_link = vec![NO_NODE; streets.links.len()];
        let mut all = Vec::with_capacity(links.len() * 2);
        for (index, link) in links.iter_mut().enumerate() {
            link.from = graph_node[link.from as usize];
            link.to = graph_node[link.to as usize];
            graph_link[link.link as usize] = index as u32;
            if link.from == link.to {
                continue;
            }
            if link.travel[0] != UNREACHED {
                all.push((link.from, link.to, link.cost(0), index as u32));
            }
            if link.travel[1] != UNREACHED {
                all.push((link.to, link.from, link.cost(1), index as u32));
            }
        }
        let nodes = street_node.len();
        graph_node.truncate(whole);
        for node in &mut street_node {
            *node = position(*node).0;
        }
        Self {
            speeds: speeds.clone(),
            outgoing: Star::new(nodes, &all, false),
            incoming: Star::new(nodes, &all, true),
            tree: SnapTree::new(streets, &links),
            links,
            graph_node,
            street_node,
            graph_link,
            largest_cost: all.iter().map(|arc| arc.2).max().unwrap_or(0),
        }
    }

    pub fn nodes(&self) -> usize {
        self.street_node.len()
    }

    /// The greatest cost of an arc.
    pub fn largest_cost(&self) -> u32 {
        self.largest_cost
    }

    /// The nearest point of a street; `None` beyond `limit_m` metres and for a position that is no number.
    pub fn snap(&self, position: [f64; 2], limit_m: f64) -> Option<Snap> {
        self.tree.snap(position, limit_m)
    }

    /// A node of the network as a point of a street.
    pub fn snap_node(&self, street_node: u32) -> Option<Snap> {
        let node = *self.graph_node.get(street_node as usize)?;
        let at_end = |link: &GraphLink| match node {
            _ if link.from == node => Some(0.0),
            _ if link.to == node => Some(1.0),
            _ => None,
        };
        self.links
            .iter()
            .enumerate()
            .find_map(|(index, link)| Some(Snap { link: index as u32, along: at_end(link)?, away_m: 0.0 }))
    }

    /// Every node as a point of a street, by graph node.
    pub fn node_snaps(&self) -> Vec<Option<Snap>> {
        let mut snaps = vec![None; self.nodes()];
        for (index, link) in self.links.iter().enumerate() {
            for (node, along) in [(link.from, 0.0), (link.to, 1.0)] {
                snaps[node as usize].get_or_insert(Snap { link: index as u32, along, away_m: 0.0 });
            }
        }
        snaps
    }
}

/// Places along a Z-shaped curve, so that near ones mostly get near numbers. A place that is no number comes first.
fn z_order(place: [f64; 2], low: [f64; 2], high: [f64; 2]) -> u64 {
    let mut key = 0;
    let cells: [u64; 2] = std::array::from_fn(|axis| {
        let part = (place[axis] - low[axis]) / (high[axis] - low[axis]).max(1e-9);
        (part.clamp(0.0, 1.0) * 65_535.0) as u64
    });
    for bit in (0..16).rev() {
        key = key << 2 | (cells[0] >> bit & 1) << 1 | cells[1] >> bit & 1;
    }
    key
}

/// The nodes of the largest strongly connected part; of equally large ones that with the least node. Tarjan's algorithm
/// without recursion.
fn largest_strong_part(nodes: usize, links: &[GraphLink]) -> Vec<bool> {
    let mut arcs = Vec::with_capacity(links.len() * 2);
    for link in links {
        if link.travel[0] != UNREACHED {
            arcs.push((link.from, link.to, 0, 0));
        }
        if link.travel[1] != UNREACHED {
            arcs.push((link.to, link.from, 0, 0));
        }
    }
    let star = Star::new(nodes, &arcs, false);
    const NEW: u32 = u32::MAX;
    let mut number = vec![NEW; nodes];
    let mut lowest = vec![0_u32; nodes];
    let mut is_open = vec![false; nodes];
    let mut part = vec![NEW; nodes];
    let (mut open, mut calls) = (Vec::new(), Vec::<(u32, u32)>::new());
    let (mut next_number, mut sizes) = (0, Vec::<usize>::new());
    for root in 0..nodes as u32 {
        if number[root as usize] != NEW {
            continue;
        }
        calls.push((root, star.first[root as usize]));
        while let Some(&mut (node, ref mut place)) = calls.last_mut() {
            let index = node as usize;
            if number[index] == NEW {
                number[index] = next_number;
                lowest[index] = next_number;
                next_number += 1;
                open.push(node);
                is_open[index] = true;
            }
            if *place < star.first[index + 1] {
                let head = star.arcs[*place as usize].0;
                *place += 1;
                if number[head as usize] == NEW {
                    calls.push((head, star.first[head as usize]));
                } else if is_open[head as usize] {
                    lowest[index] = lowest[index].min(number[head as usize]);
                }
                continue;
            }
            calls.pop();
            if let Some(&(above, _)) = calls.last() {
                lowest[above as usize] = lowest[above as usize].min(lowest[index]);
            }
            if lowest[index] == number[index] {
                let mut size = 0;
                while let Some(member) = open.pop() {
                    is_open[member as usize] = false;
                    part[member as usize] = sizes.len() as u32;
                    size += 1;
                    if member == node {
                        break;
                    }
                }
                sizes.push(size);
            }
        }
    }
    let largest = sizes.iter().copied().max().unwrap_or(0);
    // A single node is no network.
    let best = part.iter().copied().find(|&part| largest > 1 && sizes[part as usize] == largest);
    part.iter().map(|&part| Some(part) == best).collect()
}
