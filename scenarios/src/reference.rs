//! How a measure points at streets: public id first, geometry second, and a message when neither matches. Stops, lines
//! and buildings are in [`things`].

mod things;

pub(crate) use things::nearest_named;
pub use things::{BuildingReference, NodeReference, RouteReference, StopReference};

use std::collections::HashMap;

use layers::model::{StreetNetwork, network::polyline_length_m};
use serde::{Deserialize, Serialize};

/// Farthest that a link may lie from the stored geometry to be taken for the same street, metres.
const SAME_PLACE_M: f64 = 10.0;

/// A street link by its public id, with enough to find it again in newer data.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LinkReference {
    /// [`layers::model::Link::id`].
    pub id: String,
    #[serde(default)]
    pub name: String,
    /// Points in the project's CRS, metres.
    #[serde(default)]
    pub geometry: Vec<[f64; 2]>,
}

impl LinkReference {
    /// The reference to `network.links[link]`; `None` outside the network.
    pub fn of(network: &StreetNetwork, link: usize) -> Option<Self> {
        network.links.get(link).map(|link| Self {
            id: link.id.clone(),
            name: link.name.clone(),
            geometry: link.geometry.clone(),
        })
    }
}

/// Finds links by reference.
pub struct ReferenceIndex<'a> {
    network: &'a StreetNetwork,
    by_id: HashMap<&'a str, usize>,
}

impl<'a> ReferenceIndex<'a> {
    pub fn new(network: &'a StreetNetwork) -> Self {
        let mut by_id = HashMap::with_capacity(network.links.len());
        for (index, link) in network.links.iter().enumerate() {
            by_id.entry(link.id.as_str()).or_insert(index);
        }
        Self { network, by_id }
    }

    /// Positions of the links meant: the one with this id, or else those that lie along the stored geometry (more than
    /// one where newer data split the link). The error names the nearest candidate.
    pub fn resolve(&self, reference: &LinkReference) -> Result<Vec<usize>, String> {
        if let Some(&index) = self.by_id.get(reference.id.as_str()) {
            return Ok(vec![index]);
        }
        let found = self.along(reference);
        if found.is_empty() { Err(self.no_match(reference)) } else { Ok(found) }
    }

    /// Whether a link runs from → to the way that `geometry` does; so without geometry.
    pub(crate) fn runs_along(&self, link: usize, geometry: &[[f64; 2]]) -> bool {
        let line = &self.network.links[link].geometry;
        let (Some(&[x0, y0]), Some(&[x1, y1])) = (line.first(), line.last()) else { return true };
        // Where along the reference its two ends lie; a reference may be longer than the link or end halfway.
        let (start, end) = (distance_along_m([x0, y0], geometry), distance_along_m([x1, y1], geometry));
        match (start, end) {
            (Some(start), Some(end)) => start <= end,
            _ => true,
        }
    }

    /// The node with this id, or else the nearest one within [`SAME_PLACE_M`].
    pub fn resolve_node(&self, reference: &NodeReference) -> Result<u32, String> {
        let nodes = &self.network.nodes;
        if let Some(found) = nodes.iter().position(|node| node.id == reference.id) {
            return Ok(found as u32);
        }
        match nearest_named(reference.position, nodes.iter().map(|node| node.position)) {
            Some((away_m, index)) if away_m <= SAME_PLACE_M => Ok(index as u32),
            Some((away_m, index)) => Err(format!(
                "no crossing matches \"{}\"; nearest is \"{}\", {away_m:.1} m away",
                reference.id, nodes[index].id
            )),
            None => Err(format!("no crossing matches \"{}\"; the network has no crossings", reference.id)),
        }
    }

    /// Links within [`SAME_PLACE_M`] of the reference over their whole length (parts of it), or that hold the whole
    /// reference without being much longer. Empty when together they do not cover about the same length.
    fn along(&self, reference: &LinkReference) -> Vec<usize> {
        let wanted_m = polyline_length_m(&reference.geometry);
        if reference.geometry.len() < 2 || wanted_m.is_nan() || wanted_m <= 0.0 {
            return Vec::new();
        }
        let mut parts = Vec::new();
        let mut covered_m = 0.0;
        let mut whole: Option<(f64, usize)> = None;
        for (index, link) in self.network.links.iter().enumerate() {
            if !boxes_near(&link.geometry, &reference.geometry, SAME_PLACE_M) {
                continue;
            }
            // Another name is another street; a sidewalk drawn apart has none.
            if reference.name != link.name {
                continue;
            }
            let away_m = farthest_m(&link.geometry, &reference.geometry);
            let back_m = farthest_m(&reference.geometry, &link.geometry);
            if away_m <= SAME_PLACE_M && back_m <= SAME_PLACE_M {
                if whole.is_none_or(|(best, _)| away_m + back_m < best) {
                    whole = Some((away_m + back_m, index));
                }
            } else if away_m <= SAME_PLACE_M {
                parts.push(index);
                covered_m += link.length_m;
            } else if back_m <= SAME_PLACE_M && link.length_m <= 2.0 * wanted_m && whole.is_none() {
                whole = Some((away_m + back_m, index));
            }
        }
        if let Some((_, index)) = whole {
            return vec![index];
        }
        if (0.8..=1.3).contains(&(covered_m / wanted_m)) { parts } else { Vec::new() }
    }

    fn no_match(&self, reference: &LinkReference) -> String {
        let wanted = format!("no link matches \"{}\"", reference.id);
        let named =
            if reference.name.is_empty() { String::new() } else { format!(" (\"{}\")", reference.name) };
        let Some(middle) = middle_point(&reference.geometry) else {
            return format!(
                "{wanted}{named}; the reference has no geometry to search by, so choose the street again"
            );
        };
        let nearest = self
            .network
            .links
            .iter()
            .enumerate()
            .map(|(index, link)| (distance_to_line_m(middle, &link.geometry), index))
            .min_by(|a, b| a.0.total_cmp(&b.0));
        match nearest {
            None => format!("{wanted}{named}; the network has no links"),
            Some((distance_m, index)) => {
                let link = &self.network.links[index];
                let relation = if link.name.is_empty() {
                    "without a name".to_owned()
                } else if link.name == reference.name {
                    format!("also named \"{}\"", link.name)
                } else {
                    format!("named \"{}\"", link.name)
                };
                format!("{wanted}{named}; nearest is \"{}\", {distance_m:.1} m away, {relation}", link.id)
            }
        }
    }
}

fn boxes_near(a: &[[f64; 2]], b: &[[f64; 2]], margin: f64) -> bool {
    let limits = |points: &[[f64; 2]]| {
        points.iter().fold([f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY], |m, p| {
            [m[0].min(p[0]), m[1].min(p[1]), m[2].max(p[0]), m[3].max(p[1])]
        })
    };
    let (a, b) = (limits(a), limits(b));
    a[0] - margin <= b[2] && b[0] - margin <= a[2] && a[1] - margin <= b[3] && b[1] - margin <= a[3]
}

/// Largest distance from the points of `line` (and the middles between them) to `other`, metres.
fn farthest_m(line: &[[f64; 2]], other: &[[f64; 2]]) -> f64 {
    let middles = line
        .windows(2)
        .map(|pair| [f64::midpoint(pair[0][0], pair[1][0]), f64::midpoint(pair[0][1], pair[1][1])]);
    line.iter().copied().chain(middles).map(|point| distance_to_line_m(point, other)).fold(0.0, f64::max)
}

/// Distance from a point to a polyline, metres; infinite for an empty line.
pub(crate) fn distance_to_line_m(point: [f64; 2], line: &[[f64; 2]]) -> f64 {
    if let [only] = line {
        return (point[0] - only[0]).hypot(point[1] - only[1]);
    }
    line.windows(2)
        .map(|pair| {
            let (dx, dy) = (pair[1][0] - pair[0][0], pair[1][1] - pair[0][1]);
            let square = dx * dx + dy * dy;
            let part = if square > 0.0 {
                (((point[0] - pair[0][0]) * dx + (point[1] - pair[0][1]) * dy) / square).clamp(0.0, 1.0)
            } else {
                0.0
            };
            (point[0] - pair[0][0] - part * dx).hypot(point[1] - pair[0][1] - part * dy)
        })
        .fold(f64::INFINITY, f64::min)
}

/// How far along a polyline its point nearest to `point` lies, metres; `None` for fewer than two points.
fn distance_along_m(point: [f64; 2], line: &[[f64; 2]]) -> Option<f64> {
    let (mut done, mut best) = (0.0, None::<(f64, f64)>);
    for pair in line.windows(2) {
        let (dx, dy) = (pair[1][0] - pair[0][0], pair[1][1] - pair[0][1]);
        let square = dx * dx + dy * dy;
        let part = if square > 0.0 {
            (((point[0] - pair[0][0]) * dx + (point[1] - pair[0][1]) * dy) / square).clamp(0.0, 1.0)
        } else {
            0.0
        };
        let away = (point[0] - pair[0][0] - part * dx).hypot(point[1] - pair[0][1] - part * dy);
        if best.is_none_or(|(least, _)| away < least) {
            best = Some((away, done + part * square.sqrt()));
        }
        done += square.sqrt();
    }
    best.map(|(_, along)| along)
}

/// The point halfway along a polyline.
pub(crate) fn middle_point(line: &[[f64; 2]]) -> Option<[f64; 2]> {
    let half = polyline_length_m(line) / 2.0;
    let mut done = 0.0;
    for pair in line.windows(2) {
        let step = (pair[1][0] - pair[0][0]).hypot(pair[1][1] - pair[0][1]);
        if step > 0.0 && done + step >= half {
            let part = (half - done) / step;
            return Some([
                pair[0][0] + part * (pair[1][0] - pair[0][0]),
                pair[0][1] + part * (pair[1][1] - pair[0][1]),
            ]);
        }
        done += step;
    }
    line.first().copied()
}
