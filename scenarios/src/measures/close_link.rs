//! A closed link: bollards, a modal filter, road works (MODELS.md section 13).

use layers::model::{Modes, StreetNetwork};
use serde::{Deserialize, Serialize};

use super::{Affects, MeasureKind, first_name, no_links, references, yes};
use crate::{
    apply::{City, CityEdit, Problems},
    reference::LinkReference,
};

/// Closes links to cars, and to others if said so.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CloseLink {
    pub links: Vec<LinkReference>,
    #[serde(default)]
    pub name: String,
    #[serde(default = "yes")]
    pub allows_cycling: bool,
    #[serde(default = "yes")]
    pub allows_walking: bool,
    #[serde(default)]
    pub allows_bus: bool,
}

impl CloseLink {
    /// For cars and buses, as bollards do.
    pub fn on_links(network: &StreetNetwork, links: &[usize]) -> Self {
        Self {
            links: references(network, links),
            name: first_name(network, links),
            allows_cycling: true,
            allows_walking: true,
            allows_bus: false,
        }
    }
}

impl MeasureKind for CloseLink {
    fn kind(&self) -> &'static str {
        "close-link"
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
            cycle_network: !self.allows_cycling,
            walk_network: !self.allows_walking,
            stops: !self.allows_bus,
            ..Affects::default()
        }
    }

    fn check(&self) -> Vec<String> {
        no_links(&self.links).into_iter().collect()
    }

    fn apply(&self, city: &City, edit: &mut CityEdit, problems: &mut Problems) -> bool {
        let links = city.links(&self.links, problems);
        let mut removed = Modes::CAR;
        for (is_allowed, mode) in [
            (self.allows_cycling, Modes::CYCLE),
            (self.allows_walking, Modes::WALK),
            (self.allows_bus, Modes::BUS),
        ] {
            if !is_allowed {
                removed = removed | mode;
            }
        }
        for &link in &links {
            edit.streets.remove_modes(link, removed);
            edit.streets.treat(link, None);
        }
        !links.is_empty()
    }
}
