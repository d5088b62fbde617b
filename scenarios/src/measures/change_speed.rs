//! Another speed limit, with or without a street that fits it (MODELS.md section 2, speed measure).

use layers::model::{Modes, StreetNetwork};
use serde::{Deserialize, Serialize};

use super::{Affects, MeasureKind, first_name, no_links, outside, references};
use crate::{
    apply::{City, CityEdit, Problems},
    edit::CarSpeed,
    models::road::free_flow_mps,
    reference::LinkReference,
};

/// Speed driven on a street that was redesigned for 30 km/h, km/h.
const REDESIGNED_30_KMH: f64 = 28.0;
/// Speed driven on a street that was made for 50 km/h, km/h.
const MADE_FOR_50_KMH: f64 = 43.0;

/// Changes the limit of links to 30 or 50 km/h.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChangeSpeed {
    pub links: Vec<LinkReference>,
    #[serde(default)]
    pub name: String,
    /// 30 or 50.
    pub limit_kmh: f64,
    /// The street itself is changed, so that people drive the limit. Else only the sign is.
    #[serde(default)]
    pub is_redesigned: bool,
    /// What the sign alone does to the speed driven: −0.05 is 5 % less (Amsterdam 2023–24 measured 0 to −10 %).
    #[serde(default = "sign_effect")]
    pub sign_effect: f64,
}

fn sign_effect() -> f64 {
    -0.05
}

impl ChangeSpeed {
    /// On whole links, sign only.
    pub fn on_links(network: &StreetNetwork, links: &[usize], limit_kmh: f64) -> Self {
        Self {
            links: references(network, links),
            name: first_name(network, links),
            limit_kmh,
            is_redesigned: false,
            sign_effect: sign_effect(),
        }
    }
}

impl MeasureKind for ChangeSpeed {
    fn kind(&self) -> &'static str {
        "change-speed"
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn links(&self) -> &[LinkReference] {
        &self.links
    }

    fn affects(&self) -> Affects {
        Affects { car_network: true, speeds: true, ..Affects::default() }
    }

    fn check(&self) -> Vec<String> {
        let mut problems: Vec<String> = no_links(&self.links).into_iter().collect();
        if ![30.0, 50.0].contains(&self.limit_kmh) {
            problems.push(format!("expected a limit of 30 or 50 km/h, found {}", self.limit_kmh));
        }
        problems.extend(outside("an effect of the sign alone", "", self.sign_effect, -0.10, 0.0));
        problems
    }

    fn apply(&self, city: &City, edit: &mut CityEdit, problems: &mut Problems) -> bool {
        let mut is_changed = false;
        for index in city.links(&self.links, problems) {
            let link = &city.network.links[index];
            let was_kmh = link.speed_limit_mps * 3.6;
            if !(link.forward | link.backward).contains(Modes::CAR) {
                problems.add(format!("\"{}\" has no cars; leave it out", link.id));
                continue;
            }
            if (was_kmh - self.limit_kmh).abs() < 1.0 {
                problems
                    .add(format!("\"{}\" already has a limit of {was_kmh:.0} km/h; leave it out", link.id));
                continue;
            }
            let is_slower = self.limit_kmh < was_kmh;
            let usual_kmh = free_flow_mps(link, city.assumptions) * 3.6;
            let speed = match (self.is_redesigned, is_slower) {
                (false, true) => CarSpeed::Factor(1.0 + self.sign_effect),
                // What a sign takes away, taking it down gives back.
                (false, false) => CarSpeed::Factor(1.0 / (1.0 + self.sign_effect)),
                (true, true) if self.limit_kmh <= 30.0 => CarSpeed::Kmh(REDESIGNED_30_KMH),
                (true, true) => CarSpeed::Kmh(MADE_FOR_50_KMH),
                (true, false) => CarSpeed::Factor((MADE_FOR_50_KMH / usual_kmh).max(1.0)),
            };
            if let Some(change) = edit.streets.change(index) {
                change.car_speed = Some(speed);
            }
            edit.streets.treat(index, None);
            is_changed = true;
        }
        is_changed
    }
}
