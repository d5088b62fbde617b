//! More or fewer parking places along streets. The road models do not search for parking: only the space and parking
//! balance of the city answers.

use layers::model::StreetNetwork;
use serde::{Deserialize, Serialize};

use super::{Affects, MeasureKind, first_name, no_links, outside, references};
use crate::{
    apply::{City, CityEdit, Problems},
    reference::LinkReference,
};

/// Changes the number of parking places along links.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ParkingPlaces {
    pub links: Vec<LinkReference>,
    #[serde(default)]
    pub name: String,
    /// Places more, or fewer when negative, over all links together.
    pub change: f64,
}

impl ParkingPlaces {
    pub fn on_links(network: &StreetNetwork, links: &[usize], change: f64) -> Self {
        Self { links: references(network, links), name: first_name(network, links), change }
    }
}

impl MeasureKind for ParkingPlaces {
    fn kind(&self) -> &'static str {
        "parking-places"
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn links(&self) -> &[LinkReference] {
        &self.links
    }

    fn affects(&self) -> Affects {
        Affects { space: true, ..Affects::default() }
    }

    fn check(&self) -> Vec<String> {
        let change = outside("a change of parking places", "", self.change, -100_000.0, 100_000.0);
        no_links(&self.links).into_iter().chain(change).collect()
    }

    fn apply(&self, city: &City, edit: &mut CityEdit, problems: &mut Problems) -> bool {
        let links = city.links(&self.links, problems);
        let metres: f64 = links.iter().map(|&link| city.network.links[link].length_m).sum();
        for &link in &links {
            if let Some(change) = edit.streets.change(link) {
                change.parking_places += self.change * city.network.links[link].length_m / metres.max(1e-9);
            }
            edit.streets.treat(link, None);
        }
        !links.is_empty()
    }
}
