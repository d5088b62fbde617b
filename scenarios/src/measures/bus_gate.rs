//! A gate that opens for buses, bicycles and help only (MODELS.md section 13, close link).

use layers::model::{Modes, StreetNetwork};
use serde::{Deserialize, Serialize};

use super::{Affects, MeasureKind, first_name, no_links, references};
use crate::{
    apply::{City, CityEdit, Problems},
    reference::LinkReference,
};

/// Closes links to cars but not to buses.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BusGate {
    pub links: Vec<LinkReference>,
    #[serde(default)]
    pub name: String,
}

impl BusGate {
    pub fn on_links(network: &StreetNetwork, links: &[usize]) -> Self {
        Self { links: references(network, links), name: first_name(network, links) }
    }
}

impl MeasureKind for BusGate {
    fn kind(&self) -> &'static str {
        "bus-gate"
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
        no_links(&self.links).into_iter().collect()
    }

    fn apply(&self, city: &City, edit: &mut CityEdit, problems: &mut Problems) -> bool {
        let links = city.links(&self.links, problems);
        for &link in &links {
            edit.streets.remove_modes(link, Modes::CAR);
            edit.streets.treat(link, None);
        }
        !links.is_empty()
    }
}
