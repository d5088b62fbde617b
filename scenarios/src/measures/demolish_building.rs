//! Buildings that go (MODELS.md section 13).

use serde::{Deserialize, Serialize};

use super::{Affects, MeasureKind, nearest_street};
use crate::{
    apply::{City, CityEdit, Problems},
    baseline::buildings::Building,
    reference::BuildingReference,
};

/// Takes buildings down with the people and jobs in them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DemolishBuilding {
    pub buildings: Vec<BuildingReference>,
    #[serde(default)]
    pub name: String,
}

impl DemolishBuilding {
    pub fn of(buildings: &[&Building]) -> Self {
        Self {
            buildings: buildings.iter().map(|building| BuildingReference::of(building)).collect(),
            name: String::new(),
        }
    }
}

impl MeasureKind for DemolishBuilding {
    fn kind(&self) -> &'static str {
        "demolish-building"
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn affects(&self) -> Affects {
        Affects { buildings: true, demand: true, ..Affects::default() }
    }

    fn check(&self) -> Vec<String> {
        let none = "expected at least one building, found none; choose a building";
        if self.buildings.is_empty() { vec![none.to_owned()] } else { Vec::new() }
    }

    fn apply(&self, city: &City, edit: &mut CityEdit, problems: &mut Problems) -> bool {
        let mut is_changed = false;
        for reference in &self.buildings {
            let Some(index) = city.building(reference, &edit.buildings, problems) else { continue };
            let Some(position) = edit.buildings.get(city.buildings, index).map(|b| b.position) else {
                continue;
            };
            edit.buildings.demolish(index);
            if let Some(street) = nearest_street(city, position, &mut Problems::default()) {
                edit.streets.treat(street, None);
            }
            is_changed = true;
        }
        is_changed
    }
}
