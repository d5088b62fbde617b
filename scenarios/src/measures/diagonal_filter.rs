//! A barrier across a crossing from corner to corner: cars can only turn at either side of it (MODELS.md section 13,
//! modal filter).

use layers::model::{Modes, StreetNetwork};
use serde::{Deserialize, Serialize};

use super::{Affects, MeasureKind, outside};
use crate::{
    apply::{City, CityEdit, Problems},
    edit::NodeSplit,
    reference::{LinkReference, NodeReference},
};

/// Cuts a crossing of four streets for cars: two keep each other, and so do the other two. Others pass as before.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DiagonalFilter {
    pub node: NodeReference,
    /// Two neighbouring streets of the crossing that keep each other.
    pub links: Vec<LinkReference>,
    #[serde(default)]
    pub name: String,
}

impl DiagonalFilter {
    /// At a crossing of four streets for cars; the barrier runs along the other diagonal when `is_turned`. `None` where the
    /// crossing has not four.
    pub fn at_node(network: &StreetNetwork, node: u32, is_turned: bool) -> Option<Self> {
        let arms = arms_of(network, node);
        let [a, b, c, _] = arms.as_slice() else { return None };
        let (first, second) = if is_turned { (*b, *c) } else { (*a, *b) };
        let mut names: Vec<&str> = arms.iter().map(|&arm| network.links[arm].name.as_str()).collect();
        names.retain(|name| !name.is_empty());
        names.sort_unstable();
        names.dedup();
        Some(Self {
            node: NodeReference::of(network, node)?,
            links: [first, second].into_iter().filter_map(|link| LinkReference::of(network, link)).collect(),
            name: names.join(" / "),
        })
    }
}

/// Links for cars at a node, anticlockwise from east.
fn arms_of(network: &StreetNetwork, node: u32) -> Vec<usize> {
    let at_node = |link: &layers::model::Link| (link.from == node) != (link.to == node);
    let mut arms: Vec<(f64, usize)> = network
        .links
        .iter()
        .enumerate()
        .filter(|(_, link)| at_node(link) && (link.forward | link.backward).contains(Modes::CAR))
        .filter_map(|(index, link)| {
            let from_node = link.from == node;
            let (here, next) = match link.geometry.as_slice() {
                [first, second, ..] if from_node => (*first, *second),
                [.., second, first] if !from_node => (*first, *second),
                _ => return None,
            };
            Some(((next[1] - here[1]).atan2(next[0] - here[0]).rem_euclid(std::f64::consts::TAU), index))
        })
        .collect();
    arms.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    arms.into_iter().map(|(_, index)| index).collect()
}

impl MeasureKind for DiagonalFilter {
    fn kind(&self) -> &'static str {
        "diagonal-filter"
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn links(&self) -> &[LinkReference] {
        &self.links
    }

    fn affects(&self) -> Affects {
        Affects { car_network: true, ..Affects::default() }
    }

    fn check(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if self.links.len() != 2 {
            problems.push(format!(
                "expected the two streets that keep each other at the crossing, found {}",
                self.links.len()
            ));
        }
        for position in self.node.position {
            problems.extend(outside("a place of the crossing", "m", position, -1e9, 1e9));
        }
        problems
    }

    fn apply(&self, city: &City, edit: &mut CityEdit, problems: &mut Problems) -> bool {
        let Some(node) = city.node(&self.node, problems) else { return false };
        let arms = arms_of(city.network, node);
        if arms.len() != 4 {
            problems.add(format!(
                "expected a crossing of four streets for cars at \"{}\", found {}; close a link instead",
                city.network.nodes[node as usize].id,
                arms.len()
            ));
            return false;
        }
        let kept = city.links(&self.links, problems);
        let places: Vec<usize> =
            kept.iter().filter_map(|link| arms.iter().position(|arm| arm == link)).collect();
        let [first, second] = places.as_slice() else {
            problems.add(format!(
                "expected two of the four streets at crossing \"{}\", found {}",
                city.network.nodes[node as usize].id,
                places.len()
            ));
            return false;
        };
        if first.abs_diff(*second) == 2 {
            problems.add(
                "expected two neighbouring streets, found two that lie across; a diagonal barrier cannot keep them",
            );
            return false;
        }
        edit.streets.split(NodeSplit { node, apart: kept });
        for arm in arms {
            edit.streets.treat(arm, None);
        }
        true
    }
}
