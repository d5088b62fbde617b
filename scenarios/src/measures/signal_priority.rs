//! Signals that turn green for fire engines and ambulances on a route.
//!
//! The gain is a part of the delay that traffic makes there; nothing else changes, as these vehicles are few. The part is
//! our own choice with a wide band, to be replaced by a city's measurements.

use layers::model::StreetNetwork;
use serde::{Deserialize, Serialize};

use super::{Affects, MeasureKind, first_name, no_links, outside, references};
use crate::{
    apply::{City, CityEdit, Problems},
    reference::LinkReference,
};

/// Gives emergency services priority on links.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SignalPriority {
    /// The route.
    pub links: Vec<LinkReference>,
    #[serde(default)]
    pub name: String,
    /// Part of the delay on the route that they are spared, 0 to 1.
    #[serde(default = "delay_cut")]
    pub delay_cut: f64,
}

fn delay_cut() -> f64 {
    0.5
}

impl SignalPriority {
    pub fn on_links(network: &StreetNetwork, links: &[usize]) -> Self {
        Self { links: references(network, links), name: first_name(network, links), delay_cut: delay_cut() }
    }
}

impl MeasureKind for SignalPriority {
    fn kind(&self) -> &'static str {
        "signal-priority"
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn links(&self) -> &[LinkReference] {
        &self.links
    }

    fn affects(&self) -> Affects {
        Affects { emergency: true, ..Affects::default() }
    }

    fn check(&self) -> Vec<String> {
        let cut = outside("the part of the delay that is spared", "", self.delay_cut, 0.0, 1.0);
        no_links(&self.links).into_iter().chain(cut).collect()
    }

    fn apply(&self, city: &City, edit: &mut CityEdit, problems: &mut Problems) -> bool {
        let links = city.links(&self.links, problems);
        for &link in &links {
            if let Some(change) = edit.streets.change(link) {
                change.emergency_delay_cut = change.emergency_delay_cut.max(self.delay_cut);
            }
            edit.streets.treat(link, None);
        }
        !links.is_empty()
    }
}
