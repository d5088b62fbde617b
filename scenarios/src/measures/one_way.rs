//! Cars in one direction only; cyclists excepted unless said otherwise (MODELS.md section 13).

use layers::model::{Modes, StreetNetwork};
use serde::{Deserialize, Serialize};

use super::{Affects, MeasureKind, first_name, no_links, yes};
use crate::{
    apply::{City, CityEdit, Problems},
    reference::LinkReference,
};

/// Makes links one-way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OneWay {
    /// Cars keep the direction in which each geometry runs.
    pub links: Vec<LinkReference>,
    #[serde(default)]
    pub name: String,
    #[serde(default = "yes")]
    pub excepts_cyclists: bool,
    /// Buses may still go both ways.
    #[serde(default)]
    pub excepts_buses: bool,
}

impl OneWay {
    /// On a run of links in order along the street, such as [`crate::street::street_between_crossings`] gives: cars drive
    /// from the first to the last, or back when `is_reversed`.
    pub fn along(network: &StreetNetwork, run: &[usize], is_reversed: bool) -> Self {
        let links = super::oriented(network, run)
            .into_iter()
            .filter_map(|(link, is_forward)| {
                let mut reference = LinkReference::of(network, link)?;
                if is_forward == is_reversed {
                    reference.geometry.reverse();
                }
                Some(reference)
            })
            .collect();
        Self { links, name: first_name(network, run), excepts_cyclists: true, excepts_buses: false }
    }
}

impl MeasureKind for OneWay {
    fn kind(&self) -> &'static str {
        "one-way"
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn links(&self) -> &[LinkReference] {
        &self.links
    }

    fn affects(&self) -> Affects {
        Affects {
            car_network: true,
            cycle_network: !self.excepts_cyclists,
            stops: !self.excepts_buses,
            ..Affects::default()
        }
    }

    fn check(&self) -> Vec<String> {
        no_links(&self.links).into_iter().collect()
    }

    fn apply(&self, city: &City, edit: &mut CityEdit, problems: &mut Problems) -> bool {
        let mut is_changed = false;
        for (link, is_forward) in city.directed_links(&self.links, problems) {
            let (forward, backward) = edit.streets.modes(city.network, link);
            let (kept, taken) = if is_forward { (forward, backward) } else { (backward, forward) };
            let id = &city.network.links[link].id;
            if !taken.contains(Modes::CAR) {
                problems.add(format!("\"{id}\" has no cars in the direction to be closed; leave it out"));
                continue;
            }
            if !kept.contains(Modes::CAR) {
                problems.add(format!(
                    "\"{id}\" is one-way in the other direction, so no car could use it; turn the measure round"
                ));
                continue;
            }
            let mut removed = Modes::CAR;
            if !self.excepts_cyclists {
                removed = removed | Modes::CYCLE;
            }
            if !self.excepts_buses {
                removed = removed | Modes::BUS;
            }
            edit.streets.remove_modes_of(link, !is_forward, removed);
            edit.streets.treat(link, None);
            is_changed = true;
        }
        is_changed
    }
}
