//! Gateways: where main roads leave the data. Journeys longer than the data reach pass them (MODELS.md section 3, cordon).

use std::collections::BTreeSet;

use layers::model::{LinkClass, Modes, StreetNetwork};

use crate::{assumptions::Assumptions, models::road::lane_capacity};

/// Ends of roads this near to each other are one gateway, such as both carriageways of an avenue, metres.
const ONE_GATEWAY_M: f64 = 300.0;
/// Widest strip along the border of the data in which a road may leave, as a part of its width or height.
const BORDER: f64 = 0.10;

/// A place where trips enter and leave.
#[derive(Clone, Debug, PartialEq)]
pub struct Gateway {
    pub position: [f64; 2],
    /// What its roads carry in and out, pcu/h: the least of both gives its share of the journeys.
    pub capacity_in: f64,
    pub capacity_out: f64,
    /// Street nodes at which cars come in, and those at which they go out.
    pub entries: Vec<u32>,
    pub exits: Vec<u32>,
    /// What was counted there; `None` where nothing was.
    pub count: Option<Count>,
}

/// Counted traffic of a gateway.
#[derive(Clone, Debug, PartialEq)]
pub struct Count {
    pub name: String,
    /// On a working day, both directions together.
    pub vehicles_per_day: f64,
    /// Part of them that goes on to another gateway, 0 to 1.
    pub through_share: f64,
}

impl Gateway {
    pub fn capacity(&self) -> f64 {
        self.capacity_in.min(self.capacity_out)
    }
}

/// Dead ends for cars of motorways to secondary roads near the border, joined where they are neighbours; those with a
/// way in and a way out. Order of the nodes.
pub fn find_gateways(streets: &StreetNetwork, assumptions: &Assumptions) -> Vec<Gateway> {
    let nodes = streets.nodes.len();
    let mut neighbours: Vec<BTreeSet<u32>> = vec![BTreeSet::new(); nodes];
    for link in &streets.links {
        if (link.forward | link.backward).contains(Modes::CAR) && link.from != link.to {
            for (a, b) in [(link.from, link.to), (link.to, link.from)] {
                if let Some(known) = neighbours.get_mut(a as usize) {
                    known.insert(b);
                }
            }
        }
    }
    let bounds = streets.bounds();
    let near_border = |[x, y]: [f64; 2]| {
        let [width, height, _] = bounds.size();
        let (dx, dy) =
            ((x - bounds.min[0]).min(bounds.max[0] - x), (y - bounds.min[1]).min(bounds.max[1] - y));
        dx <= BORDER * width || dy <= BORDER * height
    };
    // Node, capacity in and out.
    let mut ends: Vec<(u32, f64, f64)> = Vec::new();
    for link in &streets.links {
        if link.class > LinkClass::Secondary {
            continue;
        }
        for (node, away, towards, lanes_away, lanes_towards) in [
            (link.from, link.forward, link.backward, link.lanes_forward, link.lanes_backward),
            (link.to, link.backward, link.forward, link.lanes_backward, link.lanes_forward),
        ] {
            let is_end = neighbours.get(node as usize).is_some_and(|known| known.len() == 1);
            if !is_end || !near_border(streets.nodes[node as usize].position) {
                continue;
            }
            let capacity = |modes: Modes, lanes: u8| {
                if modes.contains(Modes::CAR) {
                    lane_capacity(link, assumptions) * f64::from(lanes.max(1))
                } else {
                    0.0
                }
            };
            ends.push((node, capacity(away, lanes_away), capacity(towards, lanes_towards)));
        }
    }
    ends.sort_by_key(|end| end.0);
    let mut gateways: Vec<Gateway> = Vec::new();
    for (node, capacity_in, capacity_out) in ends {
        let position = streets.nodes[node as usize].position;
        let away = |g: &Gateway| (g.position[0] - position[0]).hypot(g.position[1] - position[1]);
        let place = gateways.iter().position(|g| away(g) <= ONE_GATEWAY_M).unwrap_or_else(|| {
            gateways.push(Gateway {
                position,
                capacity_in: 0.0,
                capacity_out: 0.0,
                entries: Vec::new(),
                exits: Vec::new(),
                count: None,
            });
            gateways.len() - 1
        });
        let gateway = &mut gateways[place];
        gateway.capacity_in += capacity_in;
        gateway.capacity_out += capacity_out;
        if capacity_in > 0.0 {
            gateway.entries.push(node);
        }
        if capacity_out > 0.0 {
            gateway.exits.push(node);
        }
    }
    gateways.retain(|gateway| !gateway.entries.is_empty() && !gateway.exits.is_empty());
    gateways
}
