//! The street network as cars see it: arcs with BPR costs, zone connectors, the part where every place reaches every
//! other (MODELS.md section 2, default link classes).

use std::sync::Arc;

use layers::model::{LinkClass, Modes, StreetNetwork};
use rstar::{RTree, primitives::GeomWithData};

mod chains;
mod edited;

use chains::Chains;
pub use chains::{free_flow_mps, lane_capacity};
pub use edited::EditedRoad;

use super::{
    assignment::{AssignmentNetwork, CostFunctions, hierarchy::Hierarchy, shortest_path::ForwardStar},
    demand::gateways::Gateway,
};
use crate::{assumptions::Assumptions, edit::NetworkEdit};

const NO_NODE: u32 = u32::MAX;
/// Street nodes from which on a hierarchy searches faster than Dijkstra's algorithm.
const LARGE: usize = 1_000;
/// Streets that a zone is joined to.
const CONNECTORS: usize = 5;
/// From a door to the street and back, km/h.
const CONNECTOR_KMH: f64 = 15.0;
/// Streets this much farther than the nearest one are not joined, metres.
const SPREAD_M: f64 = 200.0;
/// Farthest street that a zone is joined to, metres.
const REACH_M: f64 = 2_500.0;

type NodePoint = GeomWithData<[f64; 2], u32>;

/// Cars on streets. Nodes `0 .. zones` are zone centroids, then come the street nodes in use.
///
/// An arc is a chain of links between two nodes where ways part or trips begin: what lies between carries one flow, so
/// the BPR times of a chain add up to one BPR time exactly. Dead ends without a zone carry nothing and are left out.
#[derive(Clone, Debug)]
pub struct RoadModel {
    pub network: AssignmentNetwork,
    pub costs: CostFunctions,
    pub star: ForwardStar,
    /// For fast searches; `None` where the network is small.
    pub hierarchy: Option<Arc<Hierarchy>>,
    /// Places of the nodes after the zones, metres.
    positions: Vec<[f64; 2]>,
    /// Length of each arc, metres; 0 for connectors.
    pub length_m: Vec<f64>,
    /// Whether a zone reaches the network.
    pub is_connected: Vec<bool>,
    /// Links of arc `a`: `links[link_start[a] .. link_start[a + 1]]`; none for connectors.
    link_start: Vec<u32>,
    links: Vec<u32>,
    /// Whether each of `links` is driven from → to.
    is_forward: Vec<bool>,
    /// Arcs over link `l`: `arcs_over[over_start[l] .. over_start[l + 1]]`.
    over_start: Vec<u32>,
    arcs_over: Vec<u32>,
    /// Node here of each street node, [`NO_NODE`] for those left out.
    node_of: Vec<u32>,
    street_node: Vec<u32>,
}

impl RoadModel {
    /// Builds the car network and joins `zones` (positions, project CRS) to its largest strongly connected part.
    ///
    /// `gateways` become zones after the others: they join the network where their roads end.
    pub fn new(
        streets: &StreetNetwork,
        zones: &[[f64; 2]],
        gateways: &[Gateway],
        assumptions: &Assumptions,
    ) -> Self {
        let no_edit = NetworkEdit::none(streets.links.len());
        let mut in_part = largest_connected_part(streets, &no_edit);
        let all_zones = zones.len() + gateways.len();
        let joinable = joinable_nodes(streets, &no_edit, &in_part, |_| true);
        let joined = nearest_streets(&RTree::bulk_load(joinable), zones);
        let mut is_kept = vec![false; streets.nodes.len()];
        for &(node, _) in joined.iter().flatten() {
            is_kept[node as usize] = true;
        }
        // One-way roads over the border lead into the connected part or out of it.
        for &node in gateways.iter().flat_map(|gateway| gateway.entries.iter().chain(&gateway.exits)) {
            is_kept[node as usize] = true;
        }
        let entries: Vec<u32> = gateways.iter().flat_map(|gateway| gateway.entries.clone()).collect();
        let exits: Vec<u32> = gateways.iter().flat_map(|gateway| gateway.exits.clone()).collect();
        let (inward, outward) = (
            reached_outside(streets, &in_part, &entries, true),
            reached_outside(streets, &in_part, &exits, false),
        );
        for node in inward.into_iter().chain(outward) {
            in_part[node as usize] = true;
        }
        let mut chains = Chains::new(streets, &in_part, assumptions);
        chains.trim_dead_ends(&is_kept);
        chains.merge(&is_kept);

        let mut model = Self {
            network: AssignmentNetwork {
                zones: all_zones,
                first_through_node: all_zones,
                ..AssignmentNetwork::default()
            },
            costs: CostFunctions::new(&AssignmentNetwork::default(), 0.0, 0.0),
            star: ForwardStar::default(),
            hierarchy: None,
            positions: Vec::new(),
            length_m: Vec::new(),
            is_connected: vec![false; all_zones],
            link_start: vec![0],
            links: Vec::new(),
            is_forward: Vec::new(),
            over_start: Vec::new(),
            arcs_over: Vec::new(),
            node_of: vec![NO_NODE; streets.nodes.len()],
            street_node: Vec::new(),
        };
        model.street_node = (0..streets.nodes.len() as u32)
            .filter(|&node| !chains.outgoing[node as usize].is_empty() || is_kept[node as usize])
            .collect();
        sort_by_place(&mut model.street_node, streets);
        for (place, &node) in model.street_node.iter().enumerate() {
            model.node_of[node as usize] = (all_zones + place) as u32;
        }
        model.network.nodes = all_zones + model.street_node.len();
        model.positions =
            model.street_node.iter().map(|&node| streets.nodes[node as usize].position).collect();
        // By origin, so that a search reads memory in order.
        let power = assumptions.bpr_power.central;
        for node in model.street_node.clone() {
            for &index in &chains.outgoing[node as usize] {
                let chain = &chains.all[index as usize];
                let (Some(from), Some(to)) = (model.node(chain.from), model.node(chain.to)) else { continue };
                let b = if chain.secs > 0.0 {
                    chain.slope * chain.capacity.powf(power) / chain.secs
                } else {
                    0.0
                };
                model.network.push_arc(from, to, chain.secs, chain.capacity, b, power);
                model.length_m.push(chain.length_m);
                model.links.extend(chain.links.iter().map(|link| link.0));
                model.is_forward.extend(chain.links.iter().map(|link| link.1));
                model.link_start.push(model.links.len() as u32);
            }
        }
        for (zone, streets_near) in joined.iter().enumerate() {
            for &(node, distance) in streets_near {
                if let Some(node) = model.node(node) {
                    model.join(zone, node, distance);
                }
            }
        }
        for (index, gateway) in gateways.iter().enumerate() {
            let zone = (zones.len() + index) as u32;
            for (nodes, is_entry) in [(&gateway.entries, true), (&gateway.exits, false)] {
                for &street_node in nodes {
                    let Some(node) = model.node(street_node) else { continue };
                    let (from, to) = if is_entry { (zone, node) } else { (node, zone) };
                    model.push_connector(from, to, 1.0);
                    model.is_connected[zone as usize] = true;
                }
            }
        }
        model.finish();
        model.index_links(streets.links.len());
        model.order_nodes();
        model
    }

    /// Prepares fast searches, where there is enough to search.
    fn order_nodes(&mut self) {
        let network = &self.network;
        self.hierarchy = (self.positions.len() >= LARGE)
            .then(|| Arc::new(Hierarchy::new(network.zones, &self.positions, &network.from, &network.to)));
    }

    fn index_links(&mut self, links: usize) {
        let mut start = vec![0_u32; links + 1];
        for &link in &self.links {
            start[link as usize + 1] += 1;
        }
        for link in 0..links {
            start[link + 1] += start[link];
        }
        let mut next = start.clone();
        self.arcs_over = vec![0; self.links.len()];
        for arc in 0..self.arcs() {
            for place in self.link_start[arc] as usize..self.link_start[arc + 1] as usize {
                let slot = &mut next[self.links[place] as usize];
                self.arcs_over[*slot as usize] = arc as u32;
                *slot += 1;
            }
        }
        self.over_start = start;
    }

    /// Arcs that a link is part of, ascending.
    pub fn arcs_over(&self, link: usize) -> &[u32] {
        match (self.over_start.get(link), self.over_start.get(link + 1)) {
            (Some(&from), Some(&to)) => &self.arcs_over[from as usize..to as usize],
            _ => &[],
        }
    }

    /// The links of an arc in order, each with whether it is driven from → to.
    fn directed_links_of(&self, arc: usize) -> impl Iterator<Item = (usize, bool)> {
        (self.link_start[arc] as usize..self.link_start[arc + 1] as usize)
            .map(|place| (self.links[place] as usize, self.is_forward[place]))
    }

    fn push_connector(&mut self, from: u32, to: u32, secs: f64) {
        self.network.push_arc(from, to, secs, 1.0, 0.0, 1.0);
        self.length_m.push(0.0);
        self.link_start.push(self.links.len() as u32);
    }

    /// Adds the two arcs between a zone and a node.
    fn join(&mut self, zone: usize, node: u32, distance_m: f64) {
        let secs = distance_m.max(1.0) * 1.3 / (CONNECTOR_KMH / 3.6);
        self.push_connector(zone as u32, node, secs);
        self.push_connector(node, zone as u32, secs);
        self.is_connected[zone] = true;
    }

    /// The links of an arc in order; none for a connector.
    pub fn links_of(&self, arc: usize) -> &[u32] {
        &self.links[self.link_start[arc] as usize..self.link_start[arc + 1] as usize]
    }

    fn node(&self, street_node: u32) -> Option<u32> {
        self.node_of.get(street_node as usize).copied().filter(|&node| node != NO_NODE)
    }

    fn finish(&mut self) {
        self.costs = CostFunctions::new(&self.network, 0.0, 0.0);
        self.star = ForwardStar::new(self.network.nodes, &self.network.from, &self.network.to);
    }

    pub fn arcs(&self) -> usize {
        self.network.arcs()
    }

    /// The node here that is nearest to a point; `None` in an empty network. Cost: linear in nodes.
    pub fn nearest_node(&self, streets: &StreetNetwork, position: [f64; 2]) -> Option<u32> {
        let away = |node: u32| {
            let [x, y] = streets.nodes[node as usize].position;
            (x - position[0]).hypot(y - position[1])
        };
        let nearest = self.street_node.iter().copied().min_by(|&a, &b| away(a).total_cmp(&away(b)))?;
        self.node(nearest)
    }

    /// Which arcs a scenario closes to cars.
    pub fn closed_arcs(&self, edit: &NetworkEdit) -> Vec<bool> {
        let mut is_closed = vec![false; self.arcs()];
        for (link, change) in edit.changed_links() {
            if (change.removed_forward | change.removed_backward).contains(Modes::CAR) {
                for &arc in self.arcs_over(link) {
                    is_closed[arc as usize] |=
                        self.directed_links_of(arc as usize).any(|(over, is_forward)| {
                            over == link && edit.is_direction_closed_to(link, is_forward, Modes::CAR)
                        });
                }
            }
        }
        is_closed
    }

    /// The arcs of which the trips are followed: the closed ones, else those that `changed` names.
    pub fn treated_arcs(&self, edit: &NetworkEdit, changed: &[u32]) -> Vec<bool> {
        let mut treated = self.closed_arcs(edit);
        if !treated.contains(&true) {
            for &arc in changed {
                if let Some(is_treated) = treated.get_mut(arc as usize) {
                    *is_treated = true;
                }
            }
        }
        treated
    }

    /// This model with more connectors for the zones of which every street is cut off by `edit`: people then park at
    /// the nearest street that is still open. New arcs come after the old ones. `None` when no zone needs them; the
    /// second part lists those zones.
    pub fn with_connectors_for(
        &self,
        streets: &StreetNetwork,
        zones: &[[f64; 2]],
        edit: &NetworkEdit,
    ) -> Option<(Self, Vec<usize>)> {
        let in_part = largest_connected_part(streets, edit);
        let mut has_street = vec![false; zones.len()];
        for arc in 0..self.arcs() {
            let (from, to) = (self.network.from[arc] as usize, self.network.to[arc] as usize);
            // Halves of cut crossings come after the street nodes; where one ends up, the other end tells.
            let street_node = self.street_node.get(to.wrapping_sub(self.network.zones));
            if from < zones.len() && street_node.is_some_and(|&n| in_part[n as usize]) {
                has_street[from] = true;
            }
        }
        let cut: Vec<usize> =
            (0..zones.len()).filter(|&zone| self.is_connected[zone] && !has_street[zone]).collect();
        if cut.is_empty() {
            return None;
        }
        let mut model = self.clone();
        let first_new = model.arcs();
        let is_known = |node: usize| self.node_of[node] != NO_NODE;
        let tree = RTree::bulk_load(joinable_nodes(streets, edit, &in_part, is_known));
        let positions: Vec<[f64; 2]> = cut.iter().map(|&zone| zones[zone]).collect();
        for (&zone, streets_near) in cut.iter().zip(nearest_streets(&tree, &positions)) {
            for (node, distance) in streets_near {
                if let Some(node) = self.node(node) {
                    model.join(zone, node, distance);
                }
            }
        }
        for arc in first_new..model.arcs() {
            let secs = model.network.free_flow_time[arc];
            model.costs.push(secs, 0.0, 1.0);
        }
        model.star = ForwardStar::new(model.network.nodes, &model.network.from, &model.network.to);
        Some((model, cut))
    }
}

/// Neighbours in the city become neighbours in memory (Morton order), which halves the time of a search.
fn sort_by_place(nodes: &mut [u32], streets: &StreetNetwork) {
    let bounds = streets.bounds();
    let [width, height, _] = bounds.size();
    let cell = width.max(height).max(1.0) / 65_535.0;
    let spread = |value: f64| {
        let mut bits = (value / cell).clamp(0.0, 65_535.0) as u64;
        for (shift, mask) in [(8, 0x00FF_00FF), (4, 0x0F0F_0F0F), (2, 0x3333_3333), (1, 0x5555_5555)] {
            bits = (bits | bits << shift) & mask;
        }
        bits
    };
    nodes.sort_by_cached_key(|&node| {
        let [x, y] = streets.nodes[node as usize].position;
        (spread(x - bounds.min[0]) | spread(y - bounds.min[1]) << 1, node)
    });
}

/// Nodes outside `in_part` on the ways by car from `starts` (or, backwards, to them).
fn reached_outside(streets: &StreetNetwork, in_part: &[bool], starts: &[u32], forwards: bool) -> Vec<u32> {
    let (mut tails, mut heads) = (Vec::new(), Vec::new());
    for link in &streets.links {
        for (from, to, modes) in [(link.from, link.to, link.forward), (link.to, link.from, link.backward)] {
            if modes.contains(Modes::CAR) {
                let (tail, head) = if forwards { (from, to) } else { (to, from) };
                tails.push(tail);
                heads.push(head);
            }
        }
    }
    let star = ForwardStar::new(streets.nodes.len(), &tails, &heads);
    let mut is_seen = in_part.to_vec();
    let mut stack: Vec<u32> = starts.to_vec();
    let mut reached = Vec::new();
    while let Some(node) = stack.pop() {
        let index = node as usize;
        if std::mem::replace(&mut is_seen[index], true) {
            continue;
        }
        reached.push(node);
        stack.extend(&star.head[star.start[index] as usize..star.start[index + 1] as usize]);
    }
    reached
}

/// Street nodes that a zone may be joined to: in the connected part and on a car link that is no motorway or trunk
/// road.
fn joinable_nodes(
    streets: &StreetNetwork,
    edit: &NetworkEdit,
    in_part: &[bool],
    is_known: impl Fn(usize) -> bool,
) -> Vec<NodePoint> {
    let mut is_joinable = vec![false; streets.nodes.len()];
    for (index, link) in streets.links.iter().enumerate() {
        let (forward, backward) = edit.modes(streets, index);
        let is_fast = matches!(link.class, LinkClass::Motorway | LinkClass::Trunk);
        if (forward | backward).contains(Modes::CAR) && !is_fast {
            for node in [link.from, link.to] {
                if let Some(joinable) = is_joinable.get_mut(node as usize) {
                    *joinable = true;
                }
            }
        }
    }
    (0..streets.nodes.len())
        .filter(|&node| is_joinable[node] && in_part[node] && is_known(node))
        .filter(|&node| streets.nodes[node].position.iter().all(|v| v.is_finite()))
        .map(|node| NodePoint::new(streets.nodes[node].position, node as u32))
        .collect()
}

/// For each zone the street nodes to join it to, with their distance, nearest first.
fn nearest_streets(tree: &RTree<NodePoint>, zones: &[[f64; 2]]) -> Vec<Vec<(u32, f64)>> {
    let near_one = |position: [f64; 2]| {
        if !position.iter().all(|v| v.is_finite()) {
            return Vec::new();
        }
        // Ties in distance are broken by the node, so that the order of the tree does not matter.
        let mut near: Vec<(u32, f64)> = tree
            .nearest_neighbor_iter(position)
            .take(CONNECTORS * 2)
            .map(|point| {
                let [x, y] = *point.geom();
                (point.data, (x - position[0]).hypot(y - position[1]))
            })
            .filter(|(_, distance)| *distance <= REACH_M)
            .collect();
        near.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
        near.truncate(CONNECTORS);
        let nearest = near.first().map_or(0.0, |first| first.1);
        near.retain(|(_, distance)| *distance <= nearest + SPREAD_M);
        near
    };
    zones.iter().map(|&position| near_one(position)).collect()
}

/// For each street node, whether it is in the largest part in which cars get from everywhere to everywhere (Tarjan 1972,
/// without recursion). The first of equally large parts counts.
pub fn largest_connected_part(streets: &StreetNetwork, edit: &NetworkEdit) -> Vec<bool> {
    let nodes = streets.nodes.len();
    let (mut from, mut to) = (Vec::new(), Vec::new());
    for (index, link) in streets.links.iter().enumerate() {
        if link.from as usize >= nodes || link.to as usize >= nodes {
            continue;
        }
        let (forward, backward) = edit.modes(streets, index);
        if forward.contains(Modes::CAR) {
            from.push(link.from);
            to.push(link.to);
        }
        if backward.contains(Modes::CAR) {
            from.push(link.to);
            to.push(link.from);
        }
    }
    let star = ForwardStar::new(nodes, &from, &to);
    const UNSEEN: u32 = u32::MAX;
    let (mut index_of, mut low, mut is_open) = (vec![UNSEEN; nodes], vec![0_u32; nodes], vec![false; nodes]);
    let (mut stack, mut best): (Vec<u32>, Vec<u32>) = (Vec::new(), Vec::new());
    let mut next_index = 0;
    let mut calls: Vec<(u32, u32)> = Vec::new();
    for root in 0..nodes as u32 {
        if index_of[root as usize] != UNSEEN || star.start[root as usize] == star.start[root as usize + 1] {
            continue;
        }
        calls.push((root, star.start[root as usize]));
        while let Some(&mut (node, ref mut place)) = calls.last_mut() {
            let n = node as usize;
            if index_of[n] == UNSEEN {
                index_of[n] = next_index;
                low[n] = next_index;
                next_index += 1;
                stack.push(node);
                is_open[n] = true;
            }
            if *place < star.start[n + 1] {
                let head = star.head[*place as usize];
                *place += 1;
                let h = head as usize;
                if index_of[h] == UNSEEN {
                    calls.push((head, star.start[h]));
                } else if is_open[h] {
                    low[n] = low[n].min(index_of[h]);
                }
                continue;
            }
            calls.pop();
            if let Some(&(parent, _)) = calls.last() {
                let p = parent as usize;
                low[p] = low[p].min(low[n]);
            }
            if low[n] == index_of[n] {
                let start = stack.iter().rposition(|&member| member == node).unwrap_or(0);
                let part = stack.split_off(start);
                for &member in &part {
                    is_open[member as usize] = false;
                }
                if part.len() > best.len() {
                    best = part;
                }
            }
        }
    }
    let mut in_part = vec![false; nodes];
    if best.len() > 1 {
        for node in best {
            in_part[node as usize] = true;
        }
    }
    in_part
}
