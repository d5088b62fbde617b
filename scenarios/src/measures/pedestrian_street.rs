//! A street for people on foot: cars out, deliveries in a window, cycling and the bus as chosen (MODELS.md section 13).

use layers::model::{Modes, StreetNetwork};
use serde::{Deserialize, Serialize};

use super::Affects;
use crate::{apply::NetworkEdit, reference::LinkReference};

/// Closes links to cars.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PedestrianStreet {
    pub links: Vec<LinkReference>,
    /// For people, such as "Marktstraat".
    #[serde(default)]
    pub name: String,
    /// First and last minute of the day in which deliveries may drive in, such as `(420, 660)` for 07:00 to 11:00.
    #[serde(default)]
    pub delivery_window: Option<(u16, u16)>,
    /// Cyclists may ride, at walking-street speed.
    #[serde(default = "yes")]
    pub allows_cycling: bool,
    #[serde(default)]
    pub allows_bus: bool,
}

fn yes() -> bool {
    true
}

impl PedestrianStreet {
    /// On whole links of `network`, with the defaults of the model book: deliveries 07:00 to 11:00, cycling allowed, no
    /// bus. The name is that of the first named link. Positions outside the network are left out.
    pub fn on_links(network: &StreetNetwork, links: &[usize]) -> Self {
        let name = links
            .iter()
            .filter_map(|&link| network.links.get(link))
            .map(|link| link.name.clone())
            .find(|name| !name.is_empty())
            .unwrap_or_default();
        Self {
            links: links.iter().filter_map(|&link| LinkReference::of(network, link)).collect(),
            name,
            delivery_window: Some((420, 660)),
            allows_cycling: true,
            allows_bus: false,
        }
    }

    pub(super) fn affects(&self) -> Affects {
        Affects { car_network: true, cycle_network: true, walk_network: false, stops: !self.allows_bus }
    }

    pub(super) fn check(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if self.links.is_empty() {
            problems.push("expected at least one street link, found none; choose a street".to_owned());
        }
        if let Some((from, to)) = self.delivery_window
            && (from >= to || to > 1440)
        {
            problems.push(format!(
                "expected a delivery window inside one day, such as 420 to 660 (07:00 to 11:00), found {from} to {to}"
            ));
        }
        problems
    }

    pub(super) fn apply(&self, network: &StreetNetwork, links: &[usize], edit: &mut NetworkEdit) {
        for &index in links {
            let Some(link) = network.links.get(index) else { continue };
            let mut removed = Modes::CAR;
            if !self.allows_cycling {
                removed = removed | Modes::CYCLE;
            }
            if !self.allows_bus {
                removed = removed | Modes::BUS;
            }
            edit.remove_modes(index, removed);
            if self.allows_cycling && (link.forward | link.backward).contains(Modes::CYCLE) {
                edit.slow_cycling(index);
            }
            edit.treat(index, self.delivery_window);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_measure_without_links_or_with_a_backward_window_says_so() {
        let measure = PedestrianStreet { delivery_window: Some((660, 420)), ..PedestrianStreet::default() };
        let problems = measure.check();
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert!(problems[1].contains("660 to 420"));
    }
}
