//! A new block of buildings (MODELS.md section 13).

use serde::{Deserialize, Serialize};

use super::{
    Affects, MeasureKind, change_function::NewFunction, nearest_street, outside, programme::Programme,
};
use crate::{
    apply::{City, CityEdit, Problems},
    baseline::buildings::{Building, STOREY_M},
};

/// Builds a block on a footprint.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BuildBlock {
    /// Id of the new building in this scenario, for later measures; must be new.
    pub id: String,
    #[serde(default)]
    pub name: String,
    /// Ring of the footprint, not closed; project CRS, metres.
    pub footprint: Vec<[f64; 2]>,
    pub storeys: f64,
    pub function: NewFunction,
    #[serde(default)]
    pub programme: Programme,
}

impl BuildBlock {
    /// Area of the footprint, m².
    pub fn footprint_m2(&self) -> f64 {
        let Some(&[x0, y0]) = self.footprint.first() else { return 0.0 };
        let points = &self.footprint;
        let twice: f64 = (0..points.len())
            .map(|i| {
                let (a, b) = (points[i], points[(i + 1) % points.len()]);
                (a[0] - x0) * (b[1] - y0) - (b[0] - x0) * (a[1] - y0)
            })
            .sum();
        twice.abs() / 2.0
    }

    /// Middle of the box around the footprint.
    fn position(&self) -> [f64; 2] {
        std::array::from_fn(|axis| {
            let values = || self.footprint.iter().map(|point| point[axis]);
            f64::midpoint(values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max))
        })
    }
}

impl MeasureKind for BuildBlock {
    fn kind(&self) -> &'static str {
        "build-block"
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn affects(&self) -> Affects {
        Affects { buildings: true, demand: true, ..Affects::default() }
    }

    fn check(&self) -> Vec<String> {
        let mut problems = self.programme.check();
        if self.id.is_empty() {
            problems.push("expected an id for the new building, found none; give it one".to_owned());
        }
        let is_finite = self.footprint.iter().flatten().all(|v| v.is_finite() && v.abs() < 1e9);
        if self.footprint.len() < 3 || !is_finite {
            problems.push(format!(
                "expected a footprint of at least three points in metres, found {} points",
                self.footprint.len()
            ));
        } else {
            problems.extend(outside("a footprint", "m2", self.footprint_m2(), 10.0, 1_000_000.0));
        }
        problems.extend(outside("a number of storeys", "", self.storeys, 1.0, 100.0));
        if self.function == NewFunction::Green {
            problems.push("expected a function to build for, found green; plant a park instead".to_owned());
        }
        problems
    }

    fn apply(&self, city: &City, edit: &mut CityEdit, problems: &mut Problems) -> bool {
        let is_known = city.buildings.iter().any(|building| building.id == self.id)
            || edit.buildings.added().iter().any(|building| building.id == self.id);
        if is_known {
            problems
                .add(format!("expected a new id, but there is a building \"{}\"; choose another", self.id));
            return false;
        }
        let area = self.footprint_m2();
        let mut building = Building {
            id: self.id.clone(),
            function: self.function.building_function(),
            position: self.position(),
            footprint_m2: area,
            height_m: self.storeys * STOREY_M,
            floor_area_m2: area * self.storeys,
            ..Building::default()
        };
        self.programme.fill(&mut building, city.assumptions);
        if let Some(street) = nearest_street(city, building.position, problems) {
            edit.streets.treat(street, None);
        }
        edit.buildings.add(building);
        true
    }
}
