//! What a scenario changes in buildings and in where cars are left.

use std::{borrow::Cow, collections::BTreeMap};

use crate::baseline::{
    buildings::Building,
    facts::{CityFacts, DailyNeed, Place},
};

/// A place to leave the car and walk on.
#[derive(Clone, Debug, PartialEq)]
pub struct Hub {
    pub name: String,
    /// Project CRS, metres.
    pub position: [f64; 2],
    /// Parking places.
    pub places: f64,
    /// Part of the car trips that begin or end within `radius_m` which then begin or end at the hub, 0 to 1.
    pub share: f64,
    pub radius_m: f64,
    pub walk_kmh: f64,
    /// Cars that a place takes in the peak hour.
    pub arrivals_per_place: f64,
}

/// Changed, removed and new buildings, and hubs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BuildingEdit {
    /// Buildings of the baseline; new ones are numbered after them.
    count: usize,
    /// By building; `None` where it is gone.
    changed: BTreeMap<usize, Option<Building>>,
    added: Vec<Building>,
    hubs: Vec<Hub>,
    /// Public green that appears: a point each along its border, and its area.
    green: Vec<([f64; 2], f64)>,
}

impl BuildingEdit {
    /// No change to `count` buildings.
    pub fn none(count: usize) -> Self {
        Self { count, ..Self::default() }
    }

    /// A building as the scenario has it; `None` where it is gone or never was.
    pub fn get<'a>(&'a self, buildings: &'a [Building], index: usize) -> Option<&'a Building> {
        if index >= self.count {
            return self.added.get(index - self.count);
        }
        match self.changed.get(&index) {
            Some(changed) => changed.as_ref(),
            None => buildings.get(index),
        }
    }

    /// Replaces a building of the baseline, or one that an earlier measure added.
    pub fn replace(&mut self, index: usize, building: Building) {
        if index < self.count {
            self.changed.insert(index, Some(building));
        } else if let Some(added) = self.added.get_mut(index - self.count) {
            *added = building;
        }
    }

    pub fn demolish(&mut self, index: usize) {
        if index < self.count {
            self.changed.insert(index, None);
        } else if let Some(added) = self.added.get_mut(index - self.count) {
            // Its number stays taken, so that later measures still point at the right ones.
            *added = Building { id: added.id.clone(), position: added.position, ..Building::default() };
        }
    }

    /// Adds a building and returns its number.
    pub fn add(&mut self, building: Building) -> usize {
        self.added.push(building);
        self.count + self.added.len() - 1
    }

    pub fn add_hub(&mut self, hub: Hub) {
        self.hubs.push(hub);
    }

    pub fn hubs(&self) -> &[Hub] {
        &self.hubs
    }

    /// Adds public green of `area_m2` around a point.
    pub fn add_green(&mut self, position: [f64; 2], area_m2: f64) {
        self.green.push((position, area_m2));
    }

    pub fn green(&self) -> &[([f64; 2], f64)] {
        &self.green
    }

    /// New buildings in the order of the measures.
    pub fn added(&self) -> &[Building] {
        &self.added
    }

    /// Every change with the number of its building, `None` for those that are gone; ascending.
    pub fn all_changes(&self) -> impl Iterator<Item = (usize, Option<&Building>)> {
        let changed = self.changed.iter().map(|(&index, building)| (index, building.as_ref()));
        changed.chain(self.added.iter().enumerate().map(|(i, building)| (self.count + i, Some(building))))
    }

    /// Whether people, jobs, shops or schools change anywhere.
    pub fn changes_places(&self) -> bool {
        !self.changed.is_empty() || !self.added.is_empty()
    }

    /// The city's facts after the scenario: the baseline's own where nothing changes.
    pub fn facts<'a>(
        &self,
        facts: &'a CityFacts,
        buildings: &[Building],
        green_min_area_m2: f64,
    ) -> Cow<'a, CityFacts> {
        let large_green = self.green.iter().filter(|(_, area)| *area >= green_min_area_m2);
        if !self.changes_places() && large_green.clone().count() == 0 {
            return Cow::Borrowed(facts);
        }
        let mut after = facts.clone();
        for (&index, changed) in &self.changed {
            let Some(before) = buildings.get(index) else { continue };
            let keeps_amenity = changed.as_ref().is_some_and(|now| now.amenity == before.amenity);
            if !keeps_amenity {
                after.close(before);
                if let Some(now) = changed {
                    after.open(now);
                }
            }
            let place = changed.as_ref().map(Building::place).unwrap_or_default();
            match before.place {
                // A place that is empty keeps its position, so that others keep their numbers.
                Some(row) => {
                    if let Some(old) = after.places.get_mut(row as usize) {
                        *old = Place { position: old.position, ..place };
                    }
                }
                None if changed.is_some() && !place.is_empty() => after.places.push(place),
                None => {}
            }
        }
        for building in &self.added {
            after.open(building);
            let place = building.place();
            if !place.is_empty() {
                after.places.push(place);
            }
        }
        for (position, _) in large_green {
            after.needs[DailyNeed::Green as usize].push(*position);
        }
        Cow::Owned(after)
    }
}
