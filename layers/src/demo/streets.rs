//! Streets as drawn, before they become a network: lines that may be split where others meet them.

use std::collections::HashMap;

use super::geometry::{P2, Polyline, add, distance};
use crate::model::{Link, LinkClass, Modes, Node, StreetNetwork, network::polyline_length_m};

/// How a street is built and used; one for every kind in the town.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Profile {
    pub class: LinkClass,
    pub width_m: f64,
    pub speed_kmh: f64,
    pub lanes: u8,
    pub has_cycle_track: bool,
    pub forward: Modes,
    pub backward: Modes,
}

const SLOW: Modes = Modes(Modes::CYCLE.0 | Modes::WALK.0);

impl Profile {
    const fn two_way(class: LinkClass, width_m: f64, speed_kmh: f64, has_cycle_track: bool) -> Self {
        Self {
            class,
            width_m,
            speed_kmh,
            lanes: 1,
            has_cycle_track,
            forward: Modes::ALL,
            backward: Modes::ALL,
        }
    }

    pub const RING: Self = Self { lanes: 1, ..Self::two_way(LinkClass::Primary, 24.0, 70.0, true) };
    /// Slowed down near the town.
    pub const APPROACH: Self = Self::two_way(LinkClass::Secondary, 16.0, 60.0, true);
    pub const RADIAL: Self = Self::two_way(LinkClass::Secondary, 18.0, 50.0, true);
    pub const DISTRIBUTOR: Self = Self::two_way(LinkClass::Tertiary, 15.0, 50.0, true);
    pub const QUAY: Self = Self::two_way(LinkClass::Tertiary, 12.0, 30.0, false);
    /// The old main road through the centre, never rebuilt: the shortest way from west to east.
    pub const SHOPPING: Self = Self::two_way(LinkClass::Tertiary, 12.0, 50.0, false);
    pub const RESIDENTIAL: Self = Self::two_way(LinkClass::Residential, 9.5, 30.0, false);
    pub const OLD_TOWN: Self = Self::two_way(LinkClass::Residential, 7.5, 30.0, false);
    pub const BUSINESS: Self = Self::two_way(LinkClass::Unclassified, 13.0, 50.0, false);
    pub const WOONERF: Self = Self::two_way(LinkClass::LivingStreet, 7.0, 15.0, false);
    pub const RURAL: Self = Self::two_way(LinkClass::Unclassified, 7.0, 60.0, false);
    pub const CYCLEWAY: Self = Self {
        class: LinkClass::Cycleway,
        width_m: 4.0,
        speed_kmh: 20.0,
        lanes: 0,
        has_cycle_track: true,
        forward: SLOW,
        backward: SLOW,
    };
    pub const FOOTWAY: Self = Self {
        class: LinkClass::Footway,
        width_m: 2.0,
        speed_kmh: 5.0,
        lanes: 0,
        has_cycle_track: false,
        forward: Modes::WALK,
        backward: Modes::WALK,
    };
    /// An alley of the old town: on foot and by bicycle.
    pub const ALLEY: Self = Self {
        class: LinkClass::Pedestrian,
        width_m: 6.0,
        speed_kmh: 10.0,
        lanes: 0,
        has_cycle_track: false,
        forward: SLOW,
        backward: SLOW,
    };

    /// One-way for motor vehicles in the drawn direction, cyclists excepted.
    pub const fn one_way(self) -> Self {
        Self { backward: SLOW, ..self }
    }

    pub fn half_width(&self) -> f64 {
        self.width_m / 2.0
    }
}

#[derive(Clone, Debug)]
pub struct Street {
    pub name: String,
    pub profile: Profile,
    pub line: Polyline,
    pub way: u32,
    splits: Vec<f64>,
}

/// What lies around the streets.
pub trait Surroundings {
    fn has_signals(&self, node: P2) -> bool;
    fn is_bridge(&self, piece: &Polyline) -> bool;
    fn is_tunnel(&self, piece: &Polyline) -> bool;
}

/// All streets of the plan, in the order in which they were drawn.
#[derive(Clone, Debug, Default)]
pub struct Streets {
    pub all: Vec<Street>,
    ways: u32,
}

impl Streets {
    /// A number for a new way: pieces that share it are one street on the map.
    pub fn new_way(&mut self) -> u32 {
        self.ways += 1;
        self.ways
    }

    pub fn add(&mut self, name: &str, profile: Profile, line: Polyline) -> usize {
        let way = self.new_way();
        self.add_to_way(name, profile, line, way)
    }

    pub fn add_to_way(&mut self, name: &str, profile: Profile, line: Polyline, way: u32) -> usize {
        self.all.push(Street { name: name.to_owned(), profile, line, way, splits: Vec::new() });
        self.all.len() - 1
    }

    /// Splits a street at `s`, or at an existing split or end that is nearer than `snap_m`; gives the arc length used.
    pub fn split(&mut self, street: usize, s: f64, snap_m: f64) -> f64 {
        let street = &mut self.all[street];
        let length = street.line.length();
        let known = street.splits.iter().copied().chain([0.0, length]);
        let nearest = known.min_by(|a, b| (a - s).abs().total_cmp(&(b - s).abs())).unwrap_or(0.0);
        if (nearest - s).abs() < snap_m {
            return nearest;
        }
        street.splits.push(s);
        s
    }

    /// Splits the street of `candidates` that is nearest to `p` and gives the point.
    pub fn split_near(&mut self, candidates: &[usize], p: P2, snap_m: f64) -> Option<P2> {
        let &street = candidates.iter().min_by(|&&a, &&b| {
            let (a, b) = (self.all[a].line.distance_to(p), self.all[b].line.distance_to(p));
            a.total_cmp(&b)
        })?;
        let s = self.all[street].line.nearest(p);
        let s = self.split(street, s, snap_m);
        Some(self.all[street].line.point(s))
    }

    /// The streets as nodes and links; `origin` is added to every point. Ends within a centimetre are one node.
    /// `surroundings` says what the network needs to know of the rest of the plan.
    pub fn network(&self, origin: P2, surroundings: &impl Surroundings) -> StreetNetwork {
        let mut network = StreetNetwork::default();
        let mut nodes: HashMap<(i64, i64), u32> = HashMap::new();
        let mut node_at = |network: &mut StreetNetwork, p: P2| -> u32 {
            let key = ((p[0] * 50.0).round() as i64, (p[1] * 50.0).round() as i64);
            for dx in -1..=1 {
                for dy in -1..=1 {
                    if let Some(&node) = nodes.get(&(key.0 + dx, key.1 + dy)) {
                        return node;
                    }
                }
            }
            let node = network.nodes.len() as u32;
            nodes.insert(key, node);
            network.nodes.push(Node {
                id: (9_900_000_001_u64 + u64::from(node)).to_string(),
                position: add(p, origin),
                has_signals: surroundings.has_signals(p),
            });
            node
        };
        // Drawn way of each link.
        let mut origins: Vec<u32> = Vec::new();
        for street in &self.all {
            let length = street.line.length();
            if length < 1.0 {
                continue;
            }
            let mut cuts = street.splits.clone();
            cuts.extend([0.0, length]);
            cuts.sort_by(f64::total_cmp);
            cuts.dedup_by(|a, b| (*a - *b).abs() < 0.5);
            for pair in cuts.windows(2) {
                let piece = street.line.cut(pair[0], pair[1]);
                let (from, to) = (node_at(&mut network, piece.first()), node_at(&mut network, piece.last()));
                if from == to {
                    continue;
                }
                let mut geometry: Vec<P2> = piece.points().iter().map(|&p| add(p, origin)).collect();
                // Ends take the node's own position, so that links of one node meet exactly.
                if let [first, .., last] = geometry.as_mut_slice() {
                    *first = network.nodes[from as usize].position;
                    *last = network.nodes[to as usize].position;
                }
                let profile = street.profile;
                let lanes = |modes: Modes| if modes.contains(Modes::CAR) { profile.lanes } else { 0 };
                origins.push(street.way);
                network.links.push(Link {
                    id: String::new(),
                    way_id: String::new(),
                    name: street.name.clone(),
                    class: profile.class,
                    from,
                    to,
                    length_m: polyline_length_m(&geometry),
                    geometry,
                    lanes_forward: lanes(profile.forward),
                    lanes_backward: lanes(profile.backward),
                    width_m: profile.width_m,
                    speed_limit_mps: profile.speed_kmh / 3.6,
                    has_stated_speed: true,
                    forward: profile.forward,
                    backward: profile.backward,
                    is_bridge: surroundings.is_bridge(&piece),
                    is_tunnel: surroundings.is_tunnel(&piece),
                    has_cycle_track: profile.has_cycle_track,
                });
            }
        }
        name_ways(&mut network, &origins);
        network
    }

    /// Street of this name nearest to `p`.
    pub fn named_near(&self, name: &str, p: P2) -> Option<usize> {
        (0..self.all.len()).filter(|&i| self.all[i].name == name).min_by(|&a, &b| {
            distance(self.all[a].line.nearest_point(p), p)
                .total_cmp(&distance(self.all[b].line.nearest_point(p), p))
        })
    }
}

/// Gives links their way and their id. As in OSM, a way is an unbroken chain of equal links, and only crossings (three
/// ends or more) split it, so that reading the written file gives the same ids.
fn name_ways(network: &mut StreetNetwork, origins: &[u32]) {
    let mut ends = vec![0_u32; network.nodes.len()];
    for link in &network.links {
        ends[link.from as usize] += 1;
        ends[link.to as usize] += 1;
    }
    let mut way = 990_000_000_u64;
    // Way, end node and use of the link before.
    let mut before: Option<(u32, u32, [bool; 2], [Modes; 2])> = None;
    for (link, &origin) in network.links.iter_mut().zip(origins) {
        let (built, used) = ([link.is_bridge, link.is_tunnel], [link.forward, link.backward]);
        let continues = before == Some((origin, link.from, built, used)) && ends[link.from as usize] > 2;
        if !continues {
            way += 1;
        }
        before = Some((origin, link.to, built, used));
        link.way_id = way.to_string();
        let id = |node: u32| &network.nodes[node as usize].id;
        link.id = format!("{way}-{}-{}", id(link.from), id(link.to));
    }
}
