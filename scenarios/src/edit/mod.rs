//! What a scenario changes, as thin layers over the untouched baseline: streets, timetables, buildings.

mod buildings;
mod hash;
mod streets;
mod timetable;

pub use buildings::{BuildingEdit, Hub};
pub use streets::{CarSpeed, LinkEdit, NetworkEdit, NodeSplit};
pub use timetable::TimetableEdit;

use std::borrow::Cow;

use crate::{
    apply::City,
    baseline::{Baseline, facts::CityFacts},
    measures::Affects,
};

/// Everything that a scenario changes. Equal edits give equal results.
#[derive(Clone, Debug, PartialEq)]
pub struct CityEdit {
    pub streets: NetworkEdit,
    pub timetable: TimetableEdit,
    pub buildings: BuildingEdit,
    /// Tables that measures touched; what is not touched stays exactly equal.
    pub affects: Affects,
}

impl CityEdit {
    /// No change to `city`.
    pub fn none(city: &City) -> Self {
        Self {
            streets: NetworkEdit::none(city.network.links.len()),
            timetable: TimetableEdit::none(city.timetables),
            buildings: BuildingEdit::none(city.buildings.len()),
            affects: Affects::default(),
        }
    }

    /// The city's facts after the scenario: people, jobs, places of daily needs. The baseline's own where nothing changes.
    pub fn facts<'a>(&self, baseline: &'a Baseline) -> Cow<'a, CityFacts> {
        let green_m2 = baseline.assumptions().green_min_area_m2.central;
        self.buildings.facts(baseline.facts(), baseline.buildings(), green_m2)
    }

    /// A hash of what the road models read: street edits that cars notice, buildings and hubs. Equal for scenarios
    /// that are the same to cars, such as one with a changed bus line only.
    pub fn road_hash(&self) -> [u8; 32] {
        hash::road(self)
    }
}
