//! What fits in a floor area: homes and jobs by the norms of MODELS.md section 13.

use layers::model::building_facts::BuildingFunction;
use serde::{Deserialize, Serialize};

use super::outside;
use crate::{assumptions::Assumptions, baseline::buildings::Building};

/// Norms for the programme of a building.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Programme {
    /// Part of the gross floor area that is usable for homes, 0 to 1.
    pub usable_share: f64,
    pub m2_per_dwelling: f64,
    /// Gross floor area.
    pub m2_per_job: f64,
    /// Shops: part of the gross floor area that sells, and jobs.
    pub m2_per_shop_job: f64,
}

impl Default for Programme {
    fn default() -> Self {
        Self { usable_share: 0.82, m2_per_dwelling: 75.0, m2_per_job: 25.0, m2_per_shop_job: 50.0 }
    }
}

impl Programme {
    pub(super) fn check(&self) -> Vec<String> {
        [
            outside("a usable share of floor area", "", self.usable_share, 0.1, 1.0),
            outside("floor area for a dwelling", "m2", self.m2_per_dwelling, 15.0, 1_000.0),
            outside("floor area for a job", "m2", self.m2_per_job, 5.0, 1_000.0),
            outside("floor area for a job in a shop", "m2", self.m2_per_shop_job, 5.0, 1_000.0),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// Homes, people and jobs of `building` from its floor area and function.
    pub(super) fn fill(&self, building: &mut Building, assumptions: &Assumptions) {
        let area = building.floor_area_m2;
        match building.function {
            Some(BuildingFunction::Housing) => {
                building.dwellings = (area * self.usable_share / self.m2_per_dwelling).floor();
                building.residents = building.dwellings * assumptions.residents_per_dwelling.central;
            }
            Some(BuildingFunction::Shop) => {
                building.shop_m2 = area;
                building.jobs = area / self.m2_per_shop_job;
            }
            Some(BuildingFunction::Education) => building.schools = 1.0,
            Some(_) => building.jobs = area / self.m2_per_job,
            None => {}
        }
    }
}
