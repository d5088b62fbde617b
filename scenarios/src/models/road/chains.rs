//! Links joined into chains: exact for static assignment, and far fewer nodes to search.

use layers::model::{Link, LinkClass, Modes, StreetNetwork};

use crate::{
    assumptions::{Assumptions, StreetClassDefaults},
    edit::{CarSpeed, LinkEdit},
};

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

/// Capacity of one lane of a link, pcu/h.
pub fn lane_capacity(link: &Link, assumptions: &Assumptions) -> f64 {
    class_defaults(link, assumptions).capacity_per_lane
}

/// BPR numbers of one direction of a link.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct LinkCost {
    /// Free-flow time.
    pub secs: f64,
    /// `t0·B/c^P`: the delay at flow 1.
    pub slope: f64,
    /// pcu/h.
    pub capacity: f64,
}

/// The BPR numbers of a link after `edit`; without changes those of the baseline to the bit.
pub(super) fn link_cost(link: &Link, lanes: u8, edit: &LinkEdit, assumptions: &Assumptions) -> LinkCost {
    let usual_mps = free_flow_mps(link, assumptions);
    let mps = match edit.car_speed {
        None => usual_mps,
        Some(CarSpeed::Factor(factor)) => (usual_mps * factor).max(1.0),
        Some(CarSpeed::Kmh(kmh)) => usual_mps.min((kmh / 3.6).max(1.0)),
    };
    let secs = link.length_m.max(1.0) / mps;
    let per_lane = edit.car_capacity_per_lane.unwrap_or(class_defaults(link, assumptions).capacity_per_lane);
    let capacity = per_lane * f64::from(lanes.max(1));
    LinkCost {
        secs,
        slope: secs * assumptions.bpr_b.central / capacity.powf(assumptions.bpr_power.central),
        capacity,
    }
}

/// Links one after another in one direction.
#[derive(Clone, Debug)]
pub(super) struct Chain {
    /// Street nodes.
    pub from: u32,
    pub to: u32,
    /// Free-flow time.
    pub secs: f64,
    /// Sum of `t0·B/c^P` over its links: the delay at flow 1.
    pub slope: f64,
    /// Least capacity, pcu/h.
    pub capacity: f64,
    pub length_m: f64,
    /// Each with its direction: `true` from → to.
    pub links: Vec<(u32, bool)>,
}

/// Chains by the street nodes that they leave and reach. Chains in no list are gone.
#[derive(Debug)]
pub(super) struct Chains {
    pub all: Vec<Chain>,
    pub outgoing: Vec<Vec<u32>>,
    incoming: Vec<Vec<u32>>,
}

impl Chains {
    /// One chain for each direction of each link between nodes of the connected part.
    pub fn new(streets: &StreetNetwork, in_part: &[bool], assumptions: &Assumptions) -> Self {
        let nodes = streets.nodes.len();
        let mut chains =
            Self { all: Vec::new(), outgoing: vec![Vec::new(); nodes], incoming: vec![Vec::new(); nodes] };
        let is_in = |node: u32| in_part.get(node as usize).copied().unwrap_or(false);
        for (index, link) in streets.links.iter().enumerate() {
            if link.from == link.to || !is_in(link.from) || !is_in(link.to) {
                continue;
            }
            for (from, to, modes, lanes, is_forward) in [
                (link.from, link.to, link.forward, link.lanes_forward, true),
                (link.to, link.from, link.backward, link.lanes_backward, false),
            ] {
                if !modes.contains(Modes::CAR) {
                    continue;
                }
                let cost = link_cost(link, lanes, &LinkEdit::default(), assumptions);
                chains.add(Chain {
                    from,
                    to,
                    secs: cost.secs,
                    slope: cost.slope,
                    capacity: cost.capacity,
                    length_m: link.length_m.max(0.0),
                    links: vec![(index as u32, is_forward)],
                });
            }
        }
        chains
    }

    fn add(&mut self, chain: Chain) {
        let index = self.all.len() as u32;
        self.outgoing[chain.from as usize].push(index);
        self.incoming[chain.to as usize].push(index);
        self.all.push(chain);
    }

    /// Takes a chain out of both lists.
    fn remove(&mut self, index: u32) {
        let (from, to) = (self.all[index as usize].from as usize, self.all[index as usize].to as usize);
        self.outgoing[from].retain(|&other| other != index);
        self.incoming[to].retain(|&other| other != index);
    }

    /// Neighbours of a node, sorted, each once.
    fn neighbours(&self, node: usize) -> Vec<u32> {
        let ahead = self.outgoing[node].iter().map(|&chain| self.all[chain as usize].to);
        let behind = self.incoming[node].iter().map(|&chain| self.all[chain as usize].from);
        let mut neighbours: Vec<u32> = ahead.chain(behind).collect();
        neighbours.sort_unstable();
        neighbours.dedup();
        neighbours
    }

    /// Leaves out streets from which one can only turn back, unless a trip begins there.
    pub fn trim_dead_ends(&mut self, is_kept: &[bool]) {
        let mut queue: Vec<usize> = (0..self.outgoing.len()).collect();
        while let Some(node) = queue.pop() {
            if is_kept[node] || (self.outgoing[node].is_empty() && self.incoming[node].is_empty()) {
                continue;
            }
            let neighbours = self.neighbours(node);
            let is_dead =
                neighbours.len() < 2 || self.outgoing[node].is_empty() || self.incoming[node].is_empty();
            if is_dead {
                self.remove_all(node);
                queue.extend(neighbours.iter().map(|&neighbour| neighbour as usize));
            }
        }
    }

    fn remove_all(&mut self, node: usize) {
        for index in self.outgoing[node].clone().into_iter().chain(self.incoming[node].clone()) {
            self.remove(index);
        }
    }

    /// Joins chains at nodes where no way parts and no trip begins.
    pub fn merge(&mut self, is_kept: &[bool]) {
        for (node, &is_kept) in is_kept.iter().enumerate() {
            if is_kept || self.outgoing[node].is_empty() || self.neighbours(node).len() != 2 {
                continue;
            }
            // Two ways to one neighbour are a choice: they stay apart.
            let has_choice = |ends: Vec<u32>| ends.len() == 2 && ends[0] == ends[1] || ends.len() > 2;
            let ahead = self.outgoing[node].iter().map(|&chain| self.all[chain as usize].to).collect();
            let behind = self.incoming[node].iter().map(|&chain| self.all[chain as usize].from).collect();
            if has_choice(ahead) || has_choice(behind) {
                continue;
            }
            let mut joined = Vec::new();
            for &first in &self.incoming[node] {
                for &second in &self.outgoing[node] {
                    let (a, b) = (&self.all[first as usize], &self.all[second as usize]);
                    if a.from != b.to {
                        joined.push(Chain {
                            from: a.from,
                            to: b.to,
                            secs: a.secs + b.secs,
                            slope: a.slope + b.slope,
                            capacity: a.capacity.min(b.capacity),
                            length_m: a.length_m + b.length_m,
                            links: a.links.iter().chain(&b.links).copied().collect(),
                        });
                    }
                }
            }
            self.remove_all(node);
            for chain in joined {
                self.add(chain);
            }
        }
    }
}
