//! Ways with shared nodes → nodes and links: ways are split where streets meet, end, or have signals.

use std::collections::HashMap;

use super::street::Street;
use crate::model::{Link, Node, StreetNetwork, network::polyline_length_m};

/// A way that is a street. `refs` are positions in [`Points`].
#[derive(Debug)]
pub(super) struct StreetWay {
    pub id: i64,
    pub refs: Vec<u32>,
    pub street: Street,
}

/// The nodes that ways use: sorted OSM ids with their places (NaN for nodes outside the extract).
#[derive(Debug, Default)]
pub(super) struct Points {
    pub ids: Vec<i64>,
    /// Degrees first, then project metres; `[NaN; 3]` where unknown.
    pub positions: Vec<[f64; 3]>,
    pub has_signals: Vec<bool>,
}

impl Points {
    pub fn from_ids(mut ids: Vec<i64>) -> Self {
        ids.sort_unstable();
        ids.dedup();
        let count = ids.len();
        Self { ids, positions: vec![[f64::NAN; 3]; count], has_signals: vec![false; count] }
    }

    pub fn position_of(&self, id: i64) -> Option<usize> {
        self.ids.binary_search(&id).ok()
    }

    fn is_known(&self, point: u32) -> bool {
        self.positions.get(point as usize).is_some_and(|position| position[0].is_finite())
    }

    pub fn flat(&self, point: u32) -> [f64; 2] {
        self.positions.get(point as usize).map_or([f64::NAN; 2], |&[x, y, _]| [x, y])
    }
}

/// Splits `ways` into links. Returns the network and how many ways had nodes outside the extract.
pub(super) fn split(ways: &[StreetWay], points: &Points) -> (StreetNetwork, usize) {
    const JUNCTION: u8 = 2;
    let mut uses: Vec<u8> = vec![0; points.ids.len()];
    let mut add = |point: u32, weight: u8| {
        if let Some(count) = uses.get_mut(point as usize) {
            *count = count.saturating_add(weight);
        }
    };
    for way in ways {
        for (position, &point) in way.refs.iter().enumerate() {
            let is_end = position == 0 || position + 1 == way.refs.len();
            add(point, if is_end { JUNCTION } else { 1 });
        }
    }
    let is_junction = |point: u32| {
        uses.get(point as usize).is_some_and(|&count| count >= JUNCTION)
            || points.has_signals.get(point as usize).copied().unwrap_or(false)
    };

    let mut builder =
        Builder { network: StreetNetwork::default(), node_of: vec![u32::MAX; points.ids.len()], points };
    let mut incomplete = 0;
    for way in ways {
        let mut seen_in_way: HashMap<String, usize> = HashMap::new();
        let mut is_whole = true;
        // Stretches of known nodes; a gap ends one, so that a way that leaves the extract and returns is not bridged.
        let mut piece: Vec<u32> = Vec::new();
        for &point in &way.refs {
            if !points.is_known(point) {
                is_whole = false;
                builder.add_link(way, std::mem::take(&mut piece), &mut seen_in_way);
                continue;
            }
            if piece.last() == Some(&point) {
                continue;
            }
            piece.push(point);
            if piece.len() > 1 && is_junction(point) {
                builder.add_link(way, std::mem::replace(&mut piece, vec![point]), &mut seen_in_way);
            }
        }
        builder.add_link(way, piece, &mut seen_in_way);
        incomplete += usize::from(!is_whole);
    }
    (builder.network, incomplete)
}

struct Builder<'a> {
    network: StreetNetwork,
    /// Node made for each point; `u32::MAX` for none yet.
    node_of: Vec<u32>,
    points: &'a Points,
}

impl Builder<'_> {
    fn node(&mut self, point: u32) -> u32 {
        let slot = &mut self.node_of[point as usize];
        if *slot == u32::MAX {
            *slot = self.network.nodes.len() as u32;
            self.network.nodes.push(Node {
                id: self.points.ids[point as usize].to_string(),
                position: self.points.flat(point),
                has_signals: self.points.has_signals[point as usize],
            });
        }
        *slot
    }

    fn add_link(&mut self, way: &StreetWay, piece: Vec<u32>, seen_in_way: &mut HashMap<String, usize>) {
        let [first, .., last] = piece[..] else { return };
        // A loop without another crossing gets a node in the middle, so that no link starts and ends in one node.
        if first == last {
            let middle = piece.len() / 2;
            if middle > 0 && middle + 1 < piece.len() {
                self.add_link(way, piece[..=middle].to_vec(), seen_in_way);
                self.add_link(way, piece[middle..].to_vec(), seen_in_way);
            }
            return;
        }
        let (from, to) = (self.node(first), self.node(last));
        let geometry: Vec<[f64; 2]> = piece.iter().map(|&point| self.points.flat(point)).collect();
        let length_m = polyline_length_m(&geometry);
        let ids = [first, last].map(|point| self.points.ids[point as usize]);
        let mut id = format!("{}-{}-{}", way.id, ids[0], ids[1]);
        let uses = seen_in_way.entry(id.clone()).or_default();
        *uses += 1;
        if *uses > 1 {
            id = format!("{id}-{uses}");
        }
        let street = &way.street;
        self.network.links.push(Link {
            id,
            way_id: way.id.to_string(),
            name: street.name.clone(),
            class: street.class,
            from,
            to,
            geometry,
            length_m,
            lanes_forward: street.lanes_forward,
            lanes_backward: street.lanes_backward,
            width_m: street.width_m,
            speed_limit_mps: street.speed_limit_mps,
            has_stated_speed: street.has_stated_speed,
            forward: street.forward,
            backward: street.backward,
            is_bridge: street.is_bridge,
            is_tunnel: street.is_tunnel,
            has_cycle_track: street.has_cycle_track,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::readers::osm::{element::Tags, street::street_from_tags};

    fn way(id: i64, refs: &[u32]) -> StreetWay {
        let street = street_from_tags(&Tags(vec![("highway".into(), "residential".into())])).unwrap();
        StreetWay { id, refs: refs.to_vec(), street }
    }

    /// Points 0, 1, 2, … with OSM ids 100, 101, … ten metres apart along x.
    fn points(count: u32) -> Points {
        let mut points = Points::from_ids((0..count).map(|i| 100 + i64::from(i)).collect());
        for (index, position) in points.positions.iter_mut().enumerate() {
            *position = [10.0 * index as f64, 0.0, 0.0];
        }
        points
    }

    fn ids(network: &StreetNetwork) -> Vec<&str> {
        network.links.iter().map(|link| link.id.as_str()).collect()
    }

    #[test]
    fn ways_are_split_where_they_meet_and_nowhere_else() {
        //       5
        //       |
        // 0--1--2--3--4      1 and 3 are only bends
        let (network, incomplete) = split(&[way(1, &[0, 1, 2, 3, 4]), way(2, &[5, 2])], &points(6));
        assert_eq!(ids(&network), ["1-100-102", "1-102-104", "2-105-102"]);
        assert_eq!(network.nodes.len(), 4);
        assert_eq!(network.links[0].geometry.len(), 3);
        assert_eq!(network.links[0].length_m, 20.0);
        assert_eq!(incomplete, 0);
    }

    #[test]
    fn signals_are_nodes() {
        let mut points = points(3);
        points.has_signals[1] = true;
        let (network, _) = split(&[way(1, &[0, 1, 2])], &points);
        assert_eq!(ids(&network), ["1-100-101", "1-101-102"]);
        assert!(network.nodes.iter().any(|node| node.id == "101" && node.has_signals));
    }

    #[test]
    fn a_lonely_loop_becomes_two_links() {
        let (network, _) = split(&[way(1, &[0, 1, 2, 3, 0])], &points(4));
        assert_eq!(ids(&network), ["1-100-102", "1-102-100"]);
        assert!(network.links.iter().all(|link| link.from != link.to));
    }

    #[test]
    fn a_way_that_leaves_the_extract_is_not_bridged() {
        let mut points = points(5);
        points.positions[2] = [f64::NAN; 3];
        let (network, incomplete) = split(&[way(1, &[0, 1, 2, 3, 4])], &points);
        assert_eq!(ids(&network), ["1-100-101", "1-103-104"]);
        assert_eq!(incomplete, 1);
    }

    #[test]
    fn repeated_nodes_give_no_empty_links() {
        let (network, _) = split(&[way(1, &[0, 0, 1, 1]), way(2, &[1]), way(3, &[])], &points(2));
        assert_eq!(ids(&network), ["1-100-101"]);
    }
}
