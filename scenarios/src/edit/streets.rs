//! What a scenario changes in the street network.

use std::collections::BTreeMap;

use layers::model::{LinkClass, Modes, StreetNetwork};

/// How free-flow driving on a link changes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CarSpeed {
    /// Times the speed of the baseline.
    Factor(f64),
    /// At most this; a slower street stays as slow as it is.
    Kmh(f64),
}

/// The changes of one link. `Default` changes nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LinkEdit {
    /// Modes taken away from → to and to → from.
    pub removed_forward: Modes,
    pub removed_backward: Modes,
    pub car_speed: Option<CarSpeed>,
    /// pcu/h.
    pub car_capacity_per_lane: Option<f64>,
    /// Cyclists ride at the speed of a pedestrian street.
    pub is_slow_for_cycling: bool,
    /// Added to the speed of cyclists, km/h.
    pub cycle_gain_kmh: f64,
    pub class: Option<LinkClass>,
    /// Part of the delay by traffic that emergency vehicles are spared, 0 to 1.
    pub emergency_delay_cut: f64,
    /// The carriageway becomes room for people on foot.
    pub is_for_foot: bool,
    /// Street parking places more (or fewer, when negative).
    pub parking_places: f64,
}

/// A crossing that cars can no longer pass straight: links `apart` keep only each other, and so do the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeSplit {
    /// Position in [`StreetNetwork::nodes`].
    pub node: u32,
    /// Links at the node that are cut off from its other links; ascending.
    pub apart: Vec<usize>,
}

/// What a scenario changes in the street network, as a thin layer over the untouched baseline.
#[derive(Clone, Debug, PartialEq)]
pub struct NetworkEdit {
    /// Links of the network; others are ignored.
    links: usize,
    changed: BTreeMap<usize, LinkEdit>,
    splits: Vec<NodeSplit>,
    /// Links under a measure, sorted, with the delivery window of the measure.
    treated: Vec<(usize, Option<(u16, u16)>)>,
}

impl NetworkEdit {
    /// No change to a network of `links` links.
    pub fn none(links: usize) -> Self {
        Self { links, changed: BTreeMap::new(), splits: Vec::new(), treated: Vec::new() }
    }

    /// The changes of a link, to be changed further; `None` outside the network.
    pub fn change(&mut self, link: usize) -> Option<&mut LinkEdit> {
        (link < self.links).then(|| self.changed.entry(link).or_default())
    }

    /// The changes of a link; nothing where there are none.
    pub fn link(&self, link: usize) -> LinkEdit {
        self.changed.get(&link).copied().unwrap_or_default()
    }

    /// Links with a change, ascending.
    pub fn changed_links(&self) -> impl Iterator<Item = (usize, &LinkEdit)> {
        self.changed.iter().map(|(&link, change)| (link, change))
    }

    /// Takes modes away in both directions.
    pub fn remove_modes(&mut self, link: usize, modes: Modes) {
        self.remove_modes_of(link, true, modes);
        self.remove_modes_of(link, false, modes);
    }

    /// Takes modes away in one direction: from → to when `is_forward`.
    pub fn remove_modes_of(&mut self, link: usize, is_forward: bool, modes: Modes) {
        if let Some(change) = self.change(link) {
            let removed = if is_forward { &mut change.removed_forward } else { &mut change.removed_backward };
            *removed = *removed | modes;
        }
    }

    pub fn slow_cycling(&mut self, link: usize) {
        if let Some(change) = self.change(link) {
            change.is_slow_for_cycling = true;
        }
    }

    /// Cuts a crossing for cars. A second cut of the same crossing replaces the first.
    pub fn split(&mut self, split: NodeSplit) {
        match self.splits.binary_search_by_key(&split.node, |known| known.node) {
            Ok(position) => self.splits[position] = split,
            Err(position) => self.splits.insert(position, split),
        }
    }

    /// Crossings that are cut for cars, by node.
    pub fn splits(&self) -> &[NodeSplit] {
        &self.splits
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
        let change = self.link(link);
        network.links.get(link).map_or((Modes::NONE, Modes::NONE), |l| {
            (l.forward & !change.removed_forward, l.backward & !change.removed_backward)
        })
    }

    /// Whether modes are taken away in both directions.
    pub fn is_closed_to(&self, link: usize, modes: Modes) -> bool {
        let change = self.link(link);
        (change.removed_forward & change.removed_backward).contains(modes)
    }

    /// Whether modes are taken away in one direction.
    pub fn is_direction_closed_to(&self, link: usize, is_forward: bool, modes: Modes) -> bool {
        let change = self.link(link);
        if is_forward { change.removed_forward } else { change.removed_backward }.contains(modes)
    }

    pub fn is_slow_for_cycling(&self, link: usize) -> bool {
        self.link(link).is_slow_for_cycling
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
