//! Another use of buildings, such as offices that become homes or a park (MODELS.md section 13).

use layers::model::building_facts::BuildingFunction;
use serde::{Deserialize, Serialize};

use super::{Affects, MeasureKind, nearest_street, programme::Programme};
use crate::{
    apply::{City, CityEdit, Problems},
    baseline::buildings::Building,
    reference::BuildingReference,
};

/// What a building or plot is to be used for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NewFunction {
    #[default]
    Housing,
    Office,
    Shop,
    School,
    /// The building goes and public green comes.
    Green,
}

impl NewFunction {
    pub(super) fn building_function(self) -> Option<BuildingFunction> {
        match self {
            Self::Housing => Some(BuildingFunction::Housing),
            Self::Office => Some(BuildingFunction::Office),
            Self::Shop => Some(BuildingFunction::Shop),
            Self::School => Some(BuildingFunction::Education),
            Self::Green => None,
        }
    }
}

/// Gives buildings another function.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ChangeFunction {
    pub buildings: Vec<BuildingReference>,
    #[serde(default)]
    pub name: String,
    pub function: NewFunction,
    #[serde(default)]
    pub programme: Programme,
}

impl ChangeFunction {
    pub fn of(buildings: &[&Building], function: NewFunction) -> Self {
        Self {
            buildings: buildings.iter().map(|building| BuildingReference::of(building)).collect(),
            name: String::new(),
            function,
            programme: Programme::default(),
        }
    }
}

impl MeasureKind for ChangeFunction {
    fn kind(&self) -> &'static str {
        "change-function"
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn affects(&self) -> Affects {
        Affects { buildings: true, demand: true, ..Affects::default() }
    }

    fn check(&self) -> Vec<String> {
        let mut problems = self.programme.check();
        if self.buildings.is_empty() {
            problems.push("expected at least one building, found none; choose a building".to_owned());
        }
        problems
    }

    fn apply(&self, city: &City, edit: &mut CityEdit, problems: &mut Problems) -> bool {
        let mut is_changed = false;
        for reference in &self.buildings {
            let Some(index) = city.building(reference, &edit.buildings, problems) else { continue };
            let Some(before) = edit.buildings.get(city.buildings, index).cloned() else { continue };
            if self.function.building_function().is_some() && before.floor_area_m2 <= 0.0 {
                problems.add(format!(
                    "expected a floor area of building \"{}\" to reckon with, found none; add it to the data",
                    before.id
                ));
                continue;
            }
            if before.function.is_some() && before.function == self.function.building_function() {
                problems.add(format!("building \"{}\" already has this function; leave it out", before.id));
                continue;
            }
            match self.function.building_function() {
                None => {
                    edit.buildings.demolish(index);
                    edit.buildings.add_green(before.position, before.footprint_m2);
                }
                Some(function) => {
                    let mut after = Building {
                        function: Some(function),
                        amenity: None,
                        dwellings: 0.0,
                        residents: 0.0,
                        jobs: 0.0,
                        shop_m2: 0.0,
                        schools: 0.0,
                        ..before.clone()
                    };
                    self.programme.fill(&mut after, city.assumptions);
                    edit.buildings.replace(index, after);
                }
            }
            if let Some(street) = nearest_street(city, before.position, &mut Problems::default()) {
                edit.streets.treat(street, None);
            }
            is_changed = true;
        }
        is_changed
    }
}
