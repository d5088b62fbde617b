//! Places joined to the nearest point of a street.

use layers::model::StreetNetwork;
use rstar::{
    PointDistance, RTree,
    primitives::{GeomWithData, Line},
};

use super::{ModeGraph, UNREACHED, cost_of_secs, graph::GraphLink};

/// A point of a street.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Snap {
    /// Position in [`ModeGraph::links`].
    pub link: u32,
    /// Part of the link's length from its `from` node, 0 to 1.
    pub along: f64,
    /// Straight metres from the place to this point.
    pub away_m: f64,
}

impl Snap {
    /// Milliseconds between the place and the street.
    pub fn access(&self, graph: &ModeGraph) -> u32 {
        cost_of_secs(graph.speeds.access_secs(self.away_m))
    }

    /// Nodes that one comes to first when leaving from here, with the cost from the place on.
    pub fn departures(&self, graph: &ModeGraph) -> impl Iterator<Item = (u32, u32)> + use<> {
        let link = graph.links[self.link as usize];
        let access = self.access(graph);
        let parts = [(link.to, 0, 1.0 - self.along), (link.from, 1, self.along)];
        parts.into_iter().filter_map(move |(node, direction, part)| {
            let cost = along_part(link.travel[direction], part)?;
            Some((node, access.saturating_add(cost).saturating_add(link.wait[direction])))
        })
    }

    /// Nodes from which one comes here last, with the cost from there to the place.
    pub fn arrivals(&self, graph: &ModeGraph) -> impl Iterator<Item = (u32, u32)> + use<> {
        let link = graph.links[self.link as usize];
        let access = self.access(graph);
        let parts = [(link.from, 0, self.along), (link.to, 1, 1.0 - self.along)];
        parts.into_iter().filter_map(move |(node, direction, part)| {
            let cost = along_part(link.travel[direction], part)?;
            Some((node, access.saturating_add(cost)))
        })
    }

    /// The cost to `other` without leaving the link, if both are on one and the direction is open.
    pub fn along_same_link(&self, other: &Self, graph: &ModeGraph) -> Option<u32> {
        if self.link != other.link {
            return None;
        }
        let link = graph.links[self.link as usize];
        let direction = usize::from(other.along < self.along);
        let cost = along_part(link.travel[direction], (other.along - self.along).abs())?;
        Some(cost.saturating_add(self.access(graph)).saturating_add(other.access(graph)))
    }
}

fn along_part(travel: u32, part: f64) -> Option<u32> {
    (travel != UNREACHED).then(|| (f64::from(travel) * part).round() as u32)
}

/// A piece of a link between two points of its line: position in the graph's links, and the parts of its length at both ends.
type Piece = GeomWithData<Line<[f64; 2]>, (u32, f32, f32)>;

/// All pieces of all links.
#[derive(Debug)]
pub(super) struct SnapTree(RTree<Piece>);

impl SnapTree {
    pub(super) fn new(streets: &StreetNetwork, links: &[GraphLink]) -> Self {
        let mut pieces = Vec::new();
        for (index, link) in links.iter().enumerate() {
            let points = &streets.links[link.link as usize].geometry;
            let lengths: Vec<f64> = points
                .windows(2)
                .map(|pair| (pair[1][0] - pair[0][0]).hypot(pair[1][1] - pair[0][1]))
                .collect();
            let whole: f64 = lengths.iter().sum();
            if !whole.is_finite() {
                continue;
            }
            let mut sum = 0.0;
            for (pair, length) in points.windows(2).zip(lengths) {
                let part = |at: f64| (at / whole.max(1e-9)) as f32;
                let (start, end) = (part(sum), part(sum + length));
                sum += length;
                pieces.push(Piece::new(Line::new(pair[0], pair[1]), (index as u32, start, end)));
            }
        }
        Self(RTree::bulk_load(pieces))
    }

    pub(super) fn snap(&self, position: [f64; 2], limit_m: f64) -> Option<Snap> {
        if !position.iter().all(|v| v.is_finite()) {
            return None;
        }
        let piece = self.0.nearest_neighbor(position)?;
        let away_m = piece.geom().distance_2(&position).sqrt();
        if away_m > limit_m {
            return None;
        }
        let (from, to) = (piece.geom().from, piece.geom().to);
        let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
        let square = dx * dx + dy * dy;
        let part = if square > 0.0 {
            (((position[0] - from[0]) * dx + (position[1] - from[1]) * dy) / square).clamp(0.0, 1.0)
        } else {
            0.0
        };
        let (link, start, end) = piece.data;
        let along = f64::from(start) + part * f64::from(end - start);
        Some(Snap { link, along: along.clamp(0.0, 1.0), away_m })
    }
}
