//! Resolves all measures, reports every problem together, then applies them to one copy of what they change.

use layers::model::{Modes, StreetNetwork};

use crate::{measures::Affects, reference::ReferenceIndex, scenario::Scenario};

/// What a scenario changes in the street network, as a thin layer over the untouched baseline.
#[derive(Clone, Debug, PartialEq)]
pub struct NetworkEdit {
    /// Modes taken away in both directions, by link.
    removed: Vec<Modes>,
    /// Whether cyclists ride at the speed of a pedestrian street, by link.
    is_slow_for_cycling: Vec<bool>,
    /// Links under a measure, sorted, with the delivery window of the measure.
    treated: Vec<(usize, Option<(u16, u16)>)>,
    pub affects: Affects,
}

impl NetworkEdit {
    /// No change to a network of `links` links.
    pub fn none(links: usize) -> Self {
        Self {
            removed: vec![Modes::NONE; links],
            is_slow_for_cycling: vec![false; links],
            treated: Vec::new(),
            affects: Affects::default(),
        }
    }

    pub fn remove_modes(&mut self, link: usize, modes: Modes) {
        if let Some(removed) = self.removed.get_mut(link) {
            *removed = *removed | modes;
        }
    }

    pub fn slow_cycling(&mut self, link: usize) {
        if let Some(slow) = self.is_slow_for_cycling.get_mut(link) {
            *slow = true;
        }
    }

    /// Marks a link as changed by a measure.
    pub fn treat(&mut self, link: usize, delivery_window: Option<(u16, u16)>) {
        match self.treated.binary_search_by_key(&link, |entry| entry.0) {
            Ok(position) => self.treated[position].1 = delivery_window,
            Err(position) => self.treated.insert(position, (link, delivery_window)),
        }
    }

    /// Modes left from → to and to → from.
    pub fn modes(&self, network: &StreetNetwork, link: usize) -> (Modes, Modes) {
        let keep = !self.removed.get(link).copied().unwrap_or_default();
        network.links.get(link).map_or((Modes::NONE, Modes::NONE), |l| (l.forward & keep, l.backward & keep))
    }

    pub fn is_closed_to(&self, link: usize, modes: Modes) -> bool {
        self.removed.get(link).is_some_and(|removed| removed.contains(modes))
    }

    pub fn is_slow_for_cycling(&self, link: usize) -> bool {
        self.is_slow_for_cycling.get(link).copied().unwrap_or(false)
    }

    /// Links under a measure, in ascending order.
    pub fn treated_links(&self) -> impl Iterator<Item = usize> {
        self.treated.iter().map(|entry| entry.0)
    }

    pub fn treated(&self) -> &[(usize, Option<(u16, u16)>)] {
        &self.treated
    }

    pub fn is_treated(&self, link: usize) -> bool {
        self.treated.binary_search_by_key(&link, |entry| entry.0).is_ok()
    }
}

/// The outcome of [`resolve`]: the change, and everything that could not be applied.
#[derive(Clone, Debug, PartialEq)]
pub struct Resolved {
    pub edit: NetworkEdit,
    /// In the order of the measures; each names the measure, what it points at, and the nearest candidate.
    pub problems: Vec<String>,
}

/// Resolves every measure of `scenario` and applies those that can be. A measure of which one link is missing still
/// applies to its other links. Cost: linear in links for each reference that does not match by id.
pub fn resolve(network: &StreetNetwork, scenario: &Scenario) -> Resolved {
    let index = ReferenceIndex::new(network);
    let mut edit = NetworkEdit::none(network.links.len());
    let mut problems = Vec::new();
    for (position, measure) in scenario.measures.iter().enumerate() {
        let place = format!("measure {} \"{}\"", position + 1, measure.kind());
        problems.extend(measure.check().into_iter().map(|problem| format!("{place}: {problem}")));
        let mut links = Vec::new();
        for reference in measure.links() {
            match index.resolve(reference) {
                Ok(found) => links.extend(found),
                Err(problem) => problems.push(format!("{place}: {problem}")),
            }
        }
        links.sort_unstable();
        links.dedup();
        if links.is_empty() {
            continue;
        }
        measure.apply(network, &links, &mut edit);
        let affects = measure.affects();
        edit.affects.car_network |= affects.car_network;
        edit.affects.cycle_network |= affects.cycle_network;
        edit.affects.walk_network |= affects.walk_network;
        edit.affects.stops |= affects.stops;
    }
    Resolved { edit, problems }
}
