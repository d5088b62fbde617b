//! A street for people on foot: cars out, deliveries in a window, cycling and the bus as chosen (MODELS.md section 13).

use layers::model::{Modes, StreetNetwork};
use serde::{Deserialize, Serialize};

use super::{Affects, MeasureKind, first_name, no_links, references, yes};
use crate::{
    apply::{City, CityEdit, Problems},
    reference::LinkReference,
};

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

impl PedestrianStreet {
    /// On whole links of `network`, with the defaults of the model book: deliveries 07:00 to 11:00, cycling allowed, no
    /// bus. The name is that of the first named link. Positions outside the network are left out.
    pub fn on_links(network: &StreetNetwork, links: &[usize]) -> Self {
        Self {
            links: references(network, links),
            name: first_name(network, links),
            delivery_window: Some((420, 660)),
            allows_cycling: true,
            allows_bus: false,
        }
    }
}

impl MeasureKind for PedestrianStreet {
    fn kind(&self) -> &'static str {
        "pedestrian-street"
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
            cycle_network: true,
            stops: !self.allows_bus,
            space: true,
            ..Affects::default()
        }
    }

    fn check(&self) -> Vec<String> {
        let mut problems: Vec<String> = no_links(&self.links).into_iter().collect();
        if let Some((from, to)) = self.delivery_window
            && (from >= to || to > 1440)
        {
            problems.push(format!(
                "expected a delivery window inside one day, such as 420 to 660 (07:00 to 11:00), found {from} to {to}"
            ));
        }
        problems
    }

    fn apply(&self, city: &City, edit: &mut CityEdit, problems: &mut Problems) -> bool {
        let links = city.links(&self.links, problems);
        for &index in &links {
            let link = &city.network.links[index];
            let mut removed = Modes::CAR;
            if !self.allows_cycling {
                removed = removed | Modes::CYCLE;
            }
            if !self.allows_bus {
                removed = removed | Modes::BUS;
            }
            edit.streets.remove_modes(index, removed);
            if self.allows_cycling && (link.forward | link.backward).contains(Modes::CYCLE) {
                edit.streets.slow_cycling(index);
            }
            if let Some(change) = edit.streets.change(index) {
                change.is_for_foot = true;
            }
            edit.streets.treat(index, self.delivery_window);
        }
        !links.is_empty()
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
