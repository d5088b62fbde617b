//! Walking and cycling times over the street network (MODELS.md section 1).

use layers::model::{LinkClass, Modes, StreetNetwork};
use rstar::{RTree, primitives::GeomWithData};

use crate::{
    assumptions::Assumptions,
    edit::NetworkEdit,
    models::assignment::{bucket_search::BucketSearch, shortest_path::ForwardStar},
};

/// Farthest way from a door to the network, metres straight.
const ACCESS_M: f64 = 600.0;

/// How people without a car move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlowMode {
    Walk,
    Cycle,
}

/// The network of one mode with its times.
#[derive(Debug)]
pub struct SlowNetwork {
    pub star: ForwardStar,
    /// All arcs turned round, for times *to* places. Arc numbers are the same.
    pub reversed: ForwardStar,
    /// Seconds by arc.
    pub seconds: Vec<f64>,
    /// Link of each arc.
    pub link_of: Vec<u32>,
    tree: RTree<GeomWithData<[f64; 2], u32>>,
    access_mps: f64,
    nodes: usize,
}

impl SlowNetwork {
    /// The network of `mode` after `edit`. Doors are joined to its largest connected part only.
    pub fn new(
        streets: &StreetNetwork,
        edit: &NetworkEdit,
        mode: SlowMode,
        assumptions: &Assumptions,
    ) -> Self {
        let nodes = streets.nodes.len();
        let (bit, speed_mps) = match mode {
            SlowMode::Walk => (Modes::WALK, assumptions.walk_kmh.central / 3.6),
            SlowMode::Cycle => (Modes::CYCLE, assumptions.cycle_kmh.central / 3.6),
        };
        let slow_mps = assumptions.cycle_on_pedestrian_street_kmh.central / 3.6;
        let (mut from, mut to, mut seconds, mut link_of) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (index, link) in streets.links.iter().enumerate() {
            if link.from as usize >= nodes || link.to as usize >= nodes {
                continue;
            }
            let mut mps = speed_mps;
            if link.class == LinkClass::Steps {
                mps *= assumptions.stairs_factor.central;
            }
            if mode == SlowMode::Cycle && edit.is_slow_for_cycling(index) {
                mps = mps.min(slow_mps);
            }
            if mode == SlowMode::Cycle {
                mps += edit.link(index).cycle_gain_kmh / 3.6;
            }
            let (forward, backward) = edit.modes(streets, index);
            for (tail, head, modes) in [(link.from, link.to, forward), (link.to, link.from, backward)] {
                if !modes.contains(bit) {
                    continue;
                }
                let wait = if streets.nodes[head as usize].has_signals {
                    assumptions.signal_delay_secs.central
                } else {
                    0.0
                };
                from.push(tail);
                to.push(head);
                seconds.push(link.length_m.max(0.0) / mps + wait);
                link_of.push(index as u32);
            }
        }
        let in_part = largest_weak_part(nodes, &from, &to);
        let points = (0..nodes)
            .filter(|&node| in_part[node] && streets.nodes[node].position.iter().all(|v| v.is_finite()))
            .map(|node| GeomWithData::new(streets.nodes[node].position, node as u32))
            .collect();
        Self {
            star: ForwardStar::new(nodes, &from, &to),
            reversed: ForwardStar::new(nodes, &to, &from),
            seconds,
            link_of,
            tree: RTree::bulk_load(points),
            access_mps: speed_mps,
            nodes,
        }
    }

    pub fn nodes(&self) -> usize {
        self.nodes
    }

    /// The nearest node and the seconds to it (straight, times 1.3); `None` beyond 600 m.
    pub fn access(&self, position: [f64; 2]) -> Option<(u32, f64)> {
        if !position.iter().all(|v| v.is_finite()) {
            return None;
        }
        let node = self.tree.nearest_neighbor(position)?;
        let [x, y] = *node.geom();
        let away_m = (x - position[0]).hypot(y - position[1]);
        (away_m <= ACCESS_M).then(|| (node.data, away_m * 1.3 / self.access_mps))
    }

    /// Seconds from every node to the nearest of `places`, infinite beyond `limit_secs`. One search whatever their number.
    pub fn seconds_to_nearest(&self, places: &[[f64; 2]], limit_secs: f64) -> Vec<f64> {
        let sources: Vec<(u32, f64)> = places.iter().filter_map(|&place| self.access(place)).collect();
        let mut search = BucketSearch::new(self.nodes, &self.seconds);
        search.run_from(&self.reversed, &self.seconds, &sources, 0, limit_secs);
        search.distance
    }
}

/// The nodes of the largest part that hangs together when directions are ignored; the first of equally large ones.
fn largest_weak_part(nodes: usize, from: &[u32], to: &[u32]) -> Vec<bool> {
    let mut parent: Vec<u32> = (0..nodes as u32).collect();
    fn root(parent: &mut [u32], mut node: u32) -> u32 {
        while parent[node as usize] != node {
            parent[node as usize] = parent[parent[node as usize] as usize];
            node = parent[node as usize];
        }
        node
    }
    for (&a, &b) in from.iter().zip(to) {
        let (a, b) = (root(&mut parent, a), root(&mut parent, b));
        if a != b {
            // The smaller number is the root, so that the outcome does not depend on the order.
            parent[a.max(b) as usize] = a.min(b);
        }
    }
    let mut size = vec![0_usize; nodes];
    for node in 0..nodes as u32 {
        let root = root(&mut parent, node);
        size[root as usize] += 1;
    }
    let mut best = 0;
    for node in 1..nodes {
        if size[node] > size[best] {
            best = node;
        }
    }
    let has_best = size.get(best).is_some_and(|&size| size > 1);
    (0..nodes as u32).map(|node| has_best && root(&mut parent, node) as usize == best).collect()
}
