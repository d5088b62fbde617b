//! A street where the bicycle is the main vehicle and the car a guest (MODELS.md section 13).

use layers::model::{LinkClass, Modes, StreetNetwork};
use serde::{Deserialize, Serialize};

use super::{Affects, MeasureKind, first_name, no_links, outside, references};
use crate::{
    apply::{City, CityEdit, Problems},
    edit::CarSpeed,
    reference::LinkReference,
};

/// Turns links into a bicycle street.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BicycleStreet {
    pub links: Vec<LinkReference>,
    #[serde(default)]
    pub name: String,
    /// Speed of cars behind bicycles, km/h.
    #[serde(default = "car_kmh")]
    pub car_kmh: f64,
    /// pcu/h and lane.
    #[serde(default = "capacity")]
    pub capacity_per_lane: f64,
    /// What cyclists gain, km/h.
    #[serde(default = "cycle_gain_kmh")]
    pub cycle_gain_kmh: f64,
}

fn car_kmh() -> f64 {
    22.0
}
fn capacity() -> f64 {
    300.0
}
fn cycle_gain_kmh() -> f64 {
    1.0
}

impl BicycleStreet {
    pub fn on_links(network: &StreetNetwork, links: &[usize]) -> Self {
        Self {
            links: references(network, links),
            name: first_name(network, links),
            car_kmh: car_kmh(),
            capacity_per_lane: capacity(),
            cycle_gain_kmh: cycle_gain_kmh(),
        }
    }
}

impl MeasureKind for BicycleStreet {
    fn kind(&self) -> &'static str {
        "bicycle-street"
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn links(&self) -> &[LinkReference] {
        &self.links
    }

    fn affects(&self) -> Affects {
        Affects { car_network: true, cycle_network: true, space: true, speeds: true, ..Affects::default() }
    }

    fn check(&self) -> Vec<String> {
        let numbers = [
            outside("a speed of cars", "km/h", self.car_kmh, 5.0, 50.0),
            outside("a capacity", "pcu/h", self.capacity_per_lane, 50.0, 2000.0),
            outside("a gain for cyclists", "km/h", self.cycle_gain_kmh, 0.0, 5.0),
        ];
        no_links(&self.links).into_iter().chain(numbers.into_iter().flatten()).collect()
    }

    fn apply(&self, city: &City, edit: &mut CityEdit, problems: &mut Problems) -> bool {
        let mut is_changed = false;
        for index in city.links(&self.links, problems) {
            let link = &city.network.links[index];
            if !(link.forward | link.backward).contains(Modes::CYCLE) {
                problems.add(format!("\"{}\" is closed to bicycles; leave it out", link.id));
                continue;
            }
            if let Some(change) = edit.streets.change(index) {
                change.class = Some(LinkClass::CycleStreet);
                change.car_speed = Some(CarSpeed::Kmh(self.car_kmh));
                change.car_capacity_per_lane = Some(self.capacity_per_lane);
                change.cycle_gain_kmh = self.cycle_gain_kmh;
            }
            edit.streets.treat(index, None);
            is_changed = true;
        }
        is_changed
    }
}
