//! Resolves all measures, reports every problem together, and applies them to one copy of what they change.

use std::{collections::HashMap, sync::Arc};

use layers::model::{StreetNetwork, Timetable};

pub use crate::edit::{BuildingEdit, CityEdit, NetworkEdit, TimetableEdit};
use crate::{
    assumptions::Assumptions,
    baseline::{Baseline, buildings::Building},
    reference::{
        BuildingReference, LinkReference, NodeReference, ReferenceIndex, RouteReference, StopReference,
        nearest_named,
    },
    scenario::Scenario,
};

/// The untouched city as measures see it.
pub struct City<'a> {
    pub network: &'a StreetNetwork,
    pub timetables: &'a [Arc<Timetable>],
    pub buildings: &'a [Building],
    pub assumptions: &'a Assumptions,
    streets: ReferenceIndex<'a>,
    building_by_id: HashMap<&'a str, usize>,
}

impl<'a> City<'a> {
    /// Cost: linear in links and buildings.
    pub fn new(
        network: &'a StreetNetwork,
        timetables: &'a [Arc<Timetable>],
        buildings: &'a [Building],
        assumptions: &'a Assumptions,
    ) -> Self {
        let mut building_by_id = HashMap::with_capacity(buildings.len());
        for (index, building) in buildings.iter().enumerate() {
            building_by_id.entry(building.id.as_str()).or_insert(index);
        }
        Self {
            network,
            timetables,
            buildings,
            assumptions,
            streets: ReferenceIndex::new(network),
            building_by_id,
        }
    }

    /// Positions of all links meant, ascending, each once; what does not match is a problem.
    pub fn links(&self, references: &[LinkReference], problems: &mut Problems) -> Vec<usize> {
        let mut links = Vec::new();
        for reference in references {
            match self.streets.resolve(reference) {
                Ok(found) => links.extend(found),
                Err(problem) => problems.add(problem),
            }
        }
        links.sort_unstable();
        links.dedup();
        links
    }

    /// The links meant with the direction of each reference's geometry: `true` from → to. In the order of the references.
    pub fn directed_links(
        &self,
        references: &[LinkReference],
        problems: &mut Problems,
    ) -> Vec<(usize, bool)> {
        let mut links: Vec<(usize, bool)> = Vec::new();
        for reference in references {
            match self.streets.resolve(reference) {
                Ok(found) => {
                    for link in found {
                        if links.iter().all(|&(known, _)| known != link) {
                            links.push((link, self.streets.runs_along(link, &reference.geometry)));
                        }
                    }
                }
                Err(problem) => problems.add(problem),
            }
        }
        links
    }

    pub fn node(&self, reference: &NodeReference, problems: &mut Problems) -> Option<u32> {
        self.streets.resolve_node(reference).map_err(|problem| problems.add(problem)).ok()
    }

    /// The stop meant as (timetable, position in its stops), in the timetables after earlier measures.
    pub fn stop(
        &self,
        reference: &StopReference,
        edit: &TimetableEdit,
        problems: &mut Problems,
    ) -> Option<(usize, u32)> {
        reference.resolve(edit.timetables()).map_err(|problem| problems.add(problem)).ok()
    }

    /// The line meant as (timetable, position in its routes), in the timetables after earlier measures.
    pub fn route(
        &self,
        reference: &RouteReference,
        edit: &TimetableEdit,
        problems: &mut Problems,
    ) -> Option<(usize, u32)> {
        reference.resolve(edit.timetables()).map_err(|problem| problems.add(problem)).ok()
    }

    /// The building meant, as the number that [`BuildingEdit::get`] takes: one of the baseline that still stands, or one
    /// that an earlier measure added.
    pub fn building(
        &self,
        reference: &BuildingReference,
        edit: &BuildingEdit,
        problems: &mut Problems,
    ) -> Option<usize> {
        let by_id = self.building_by_id.get(reference.id.as_str()).copied();
        let added = || {
            let found = edit.added().iter().position(|building| building.id == reference.id);
            found.map(|index| self.buildings.len() + index)
        };
        let found = by_id.or_else(added).or_else(|| reference.nearby(self.buildings));
        let Some(index) = found else {
            problems.add(reference.no_match(self.buildings));
            return None;
        };
        if edit.get(self.buildings, index).is_none() {
            problems.add(format!(
                "building \"{}\" was taken down by an earlier measure; leave out one of both",
                reference.id
            ));
            return None;
        }
        Some(index)
    }

    /// Buildings of the baseline by id, for messages.
    pub fn nearest_building(&self, position: [f64; 2]) -> Option<(f64, usize)> {
        nearest_named(position, self.buildings.iter().map(|building| building.position))
    }
}

/// Problems of all measures, each with the measure that has it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Problems {
    place: String,
    list: Vec<String>,
}

impl Problems {
    /// Adds a problem of the measure at hand.
    pub fn add(&mut self, problem: impl AsRef<str>) {
        let problem = problem.as_ref();
        self.list.push(if self.place.is_empty() {
            problem.to_owned()
        } else {
            format!("{}: {problem}", self.place)
        });
    }
}

/// The outcome of [`resolve`]: the change, and everything that could not be applied.
#[derive(Clone, Debug, PartialEq)]
pub struct Resolved {
    pub edit: CityEdit,
    /// In the order of the measures; each names the measure, what it points at, and the nearest candidate.
    pub problems: Vec<String>,
    /// By measure: whether it changes anything.
    pub is_applied: Vec<bool>,
}

/// Resolves every measure of `scenario` and applies those that can be, in order: a later measure may point at what an
/// earlier one added. A measure of which one link is missing still applies to its other links; one with impossible
/// numbers does not apply. Cost: linear in the city.
pub fn resolve(baseline: &Baseline, scenario: &Scenario) -> Resolved {
    resolve_in(&baseline.city(), scenario)
}

/// As [`resolve`], against a city at hand.
pub fn resolve_in(city: &City, scenario: &Scenario) -> Resolved {
    let mut edit = CityEdit::none(city);
    let mut problems = Problems::default();
    let mut is_applied = Vec::with_capacity(scenario.measures.len());
    for (position, measure) in scenario.measures.iter().enumerate() {
        problems.place = format!("measure {} \"{}\"", position + 1, measure.kind());
        let faults = measure.check();
        let is_possible = faults.is_empty();
        for fault in faults {
            problems.add(fault);
        }
        let changes = is_possible && measure.apply(city, &mut edit, &mut problems);
        if changes {
            edit.affects = edit.affects | measure.affects();
        }
        is_applied.push(changes);
    }
    Resolved { edit, problems: problems.list, is_applied }
}
