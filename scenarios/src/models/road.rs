//! The street network as cars see it: arcs with BPR costs, zone connectors, the part where every place reaches every
//! other (MODELS.md section 2, default link classes).

use layers::model::{Link, LinkClass, Modes, StreetNetwork};
use rstar::{RTree, primitives::GeomWithData};

use super::assignment::{AssignmentNetwork, CostFunctions, shortest_path::ForwardStar};
use crate::{
    apply::NetworkEdit,
    assumptions::{Assumptions, StreetClassDefaults},
};

/// Marks an arc that is no street: a zone connector.
pub const NO_LINK: u32 = u32::MAX;
const NO_NODE: u32 = u32::MAX;
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
#[derive(Debug)]
pub struct RoadModel {
    pub network: AssignmentNetwork,
    pub costs: CostFunctions,
    pub star: ForwardStar,
    /// Link of each arc; [`NO_LINK`] for connectors.
    pub link_of: Vec<u32>,
    /// Length of each arc, metres; 0 for connectors.
    pub length_m: Vec<f64>,
    /// Whether a zone reaches the network.
    pub is_connected: Vec<bool>,
    /// Node here of each street node, [`NO_NODE`] for those without cars.
    node_of: Vec<u32>,
    street_node: Vec<u32>,
}

/// Speed, capacity per lane of a link by class and limit.
fn class_defaults<'a>(link: &Link, assumptions: &'a Assumptions) -> &'a StreetClassDefaults {
    let limit_kmh = link.speed_limit_mps * 3.6;
    match link.class {
        LinkClass::Motorway => &assumptions.motorway,
        LinkClass::Trunk => &assumptions.regional,
        LinkClass::Primary | LinkClass::Secondary | LinkClass::Tertiary | LinkClass::Unclassified
            if limit_kmh >= 68.0 =>
        {
            &assumptions.regional
        }
        LinkClass::Primary | LinkClass::Secondary | LinkClass::Tertiary if limit_kmh <= 32.0 => {
            &assumptions.distributor_30
        }
        LinkClass::Primary | LinkClass::Secondary | LinkClass::Tertiary => &assumptions.distributor,
        LinkClass::Unclassified if limit_kmh >= 45.0 => &assumptions.distributor,
        LinkClass::CycleStreet => &assumptions.cycle_street,
        LinkClass::LivingStreet => &assumptions.living_street,
        LinkClass::Service | LinkClass::Track => &assumptions.service,
        _ => &assumptions.residential,
    }
}

/// Free-flow speed of cars on a link, metres a second.
pub fn free_flow_mps(link: &Link, assumptions: &Assumptions) -> f64 {
    let class = class_defaults(link, assumptions);
    let scale = if link.speed_limit_mps > 0.0 && link.speed_limit_mps.is_finite() {
        (link.speed_limit_mps * 3.6 / class.usual_limit_kmh).clamp(0.2, 2.0)
    } else {
        1.0
    };
    (class.free_flow_kmh * scale / 3.6).max(1.0)
}

impl RoadModel {
    /// Builds the car network and joins `zones` (positions, project CRS) to its largest strongly connected part.
    pub fn new(streets: &StreetNetwork, zones: &[[f64; 2]], assumptions: &Assumptions) -> Self {
        let no_edit = NetworkEdit::none(streets.links.len());
        let in_part = largest_connected_part(streets, &no_edit);
        let mut node_of = vec![NO_NODE; streets.nodes.len()];
        let mut street_node = Vec::new();
        for (node, &is_in) in in_part.iter().enumerate() {
            if is_in {
                node_of[node] = (zones.len() + street_node.len()) as u32;
                street_node.push(node as u32);
            }
        }
        let mut model = Self {
            network: AssignmentNetwork {
                zones: zones.len(),
                nodes: zones.len() + street_node.len(),
                first_through_node: zones.len(),
                ..AssignmentNetwork::default()
            },
            costs: CostFunctions::new(&AssignmentNetwork::default(), 0.0, 0.0),
            star: ForwardStar::default(),
            link_of: Vec::new(),
            length_m: Vec::new(),
            is_connected: vec![false; zones.len()],
            node_of,
            street_node,
        };
        for (index, link) in streets.links.iter().enumerate() {
            for (from, to, modes, lanes) in [
                (link.from, link.to, link.forward, link.lanes_forward),
                (link.to, link.from, link.backward, link.lanes_backward),
            ] {
                let ends = (model.node(from), model.node(to));
                let (Some(from), Some(to)) = ends else { continue };
                if !modes.contains(Modes::CAR) || from == to {
                    continue;
                }
                let class = class_defaults(link, assumptions);
                let secs = link.length_m.max(1.0) / free_flow_mps(link, assumptions);
                let capacity = class.capacity_per_lane * f64::from(lanes.max(1));
                model.network.push_arc(
                    from,
                    to,
                    secs,
                    capacity,
                    assumptions.bpr_b.central,
                    assumptions.bpr_power.central,
                );
                model.link_of.push(index as u32);
                model.length_m.push(link.length_m);
            }
        }
        model.connect(streets, zones, &(0..zones.len()).collect::<Vec<_>>(), &no_edit);
        model.finish();
        model
    }

    fn node(&self, street_node: u32) -> Option<u32> {
        self.node_of.get(street_node as usize).copied().filter(|&node| node != NO_NODE)
    }

    /// Street nodes here that may be joined to a zone: those with a car link that is no motorway or trunk road.
    fn joinable(&self, streets: &StreetNetwork, edit: &NetworkEdit) -> Vec<NodePoint> {
        let in_part = largest_connected_part(streets, edit);
        let mut is_joinable = vec![false; streets.nodes.len()];
        for (index, link) in streets.links.iter().enumerate() {
            let (forward, backward) = edit.modes(streets, index);
            if (forward | backward).contains(Modes::CAR)
                && !matches!(link.class, LinkClass::Motorway | LinkClass::Trunk)
            {
                for node in [link.from, link.to] {
                    if let Some(joinable) = is_joinable.get_mut(node as usize) {
                        *joinable = true;
                    }
                }
            }
        }
        self.street_node
            .iter()
            .map(|&node| node as usize)
            .filter(|&node| is_joinable[node] && in_part[node])
            .map(|node| NodePoint::new(streets.nodes[node].position, self.node_of[node]))
            .collect()
    }

    /// Joins the zones of `which` to the nearest streets.
    fn connect(&mut self, streets: &StreetNetwork, zones: &[[f64; 2]], which: &[usize], edit: &NetworkEdit) {
        let tree = RTree::bulk_load(self.joinable(streets, edit));
        for &zone in which {
            let Some(&position) = zones.get(zone) else { continue };
            if !position.iter().all(|v| v.is_finite()) {
                continue;
            }
            // Ties in distance are broken by the node, so that the order of the tree does not matter.
            let mut near: Vec<(f64, u32)> = tree
                .nearest_neighbor_iter(position)
                .take(CONNECTORS * 2)
                .map(|point| {
                    let [x, y] = *point.geom();
                    ((x - position[0]).hypot(y - position[1]), point.data)
                })
                .filter(|(distance, _)| *distance <= REACH_M)
                .collect();
            near.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            near.truncate(CONNECTORS);
            let nearest = near.first().map_or(0.0, |first| first.0);
            near.retain(|(distance, _)| *distance <= nearest + SPREAD_M);
            for (distance, node) in near {
                let secs = distance.max(1.0) * 1.3 / (CONNECTOR_KMH / 3.6);
                for (from, to) in [(zone as u32, node), (node, zone as u32)] {
                    self.network.push_arc(from, to, secs, 1.0, 0.0, 1.0);
                    self.link_of.push(NO_LINK);
                    self.length_m.push(0.0);
                }
                self.is_connected[zone] = true;
            }
        }
    }

    fn finish(&mut self) {
        self.costs = CostFunctions::new(&self.network, 0.0, 0.0);
        self.star = ForwardStar::new(self.network.nodes, &self.network.from, &self.network.to);
    }

    pub fn arcs(&self) -> usize {
        self.network.arcs()
    }

    /// Node here of a street node.
    pub fn node_at(&self, street_node: u32) -> Option<u32> {
        self.node(street_node)
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
        self.link_of
            .iter()
            .map(|&link| link != NO_LINK && edit.is_closed_to(link as usize, Modes::CAR))
            .collect()
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
            if from < zones.len()
                && self.street_node.get(to - zones.len()).is_some_and(|&n| in_part[n as usize])
            {
                has_street[from] = true;
            }
        }
        let cut: Vec<usize> =
            (0..zones.len()).filter(|&zone| self.is_connected[zone] && !has_street[zone]).collect();
        if cut.is_empty() {
            return None;
        }
        let mut model = Self {
            network: self.network.clone(),
            costs: self.costs.clone(),
            star: self.star.clone(),
            link_of: self.link_of.clone(),
            length_m: self.length_m.clone(),
            is_connected: self.is_connected.clone(),
            node_of: self.node_of.clone(),
            street_node: self.street_node.clone(),
        };
        model.connect(streets, zones, &cut, edit);
        model.finish();
        Some((model, cut))
    }
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
