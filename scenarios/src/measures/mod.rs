//! Measures: one intervention each. A file a measure, a variant of [`Measure`] each; the kebab-case kind is part of the
//! file format and never changes.
//!
//! Numbers that a measure may be given have the defaults of MODELS.md section 13; they are saved with the measure, so
//! that they can be seen and changed.

pub mod pedestrian_street;

use std::ops::BitOr;

use serde::{Deserialize, Serialize};

pub use pedestrian_street::PedestrianStreet;

use crate::{
    apply::{City, CityEdit, Problems},
    reference::LinkReference,
};

/// Which tables a measure touches; what it does not touch stays exactly equal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Affects {
    pub car_network: bool,
    pub cycle_network: bool,
    pub walk_network: bool,
    /// Stops that a street no longer lets a bus reach.
    pub stops: bool,
    /// Stops, lines and departures.
    pub timetable: bool,
    /// Buildings, their use and their people.
    pub buildings: bool,
    /// Who travels from where to where.
    pub demand: bool,
    /// How fast help gets through.
    pub emergency: bool,
}

impl BitOr for Affects {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self {
            car_network: self.car_network | other.car_network,
            cycle_network: self.cycle_network | other.cycle_network,
            walk_network: self.walk_network | other.walk_network,
            stops: self.stops | other.stops,
            timetable: self.timetable | other.timetable,
            buildings: self.buildings | other.buildings,
            demand: self.demand | other.demand,
            emergency: self.emergency | other.emergency,
        }
    }
}

/// What every measure can do. One file each in this folder.
pub trait MeasureKind {
    /// The kebab-case kind of the file format; never changes.
    fn kind(&self) -> &'static str;

    /// What it is called by its author, such as the name of the street.
    fn name(&self) -> &str;

    /// The streets it points at; none for measures on other things.
    fn links(&self) -> &[LinkReference] {
        &[]
    }

    /// What it touches when it applies.
    fn affects(&self) -> Affects;

    /// Problems that no city can solve, such as a measure without links or a speed below 0. With any of them it does
    /// not apply.
    fn check(&self) -> Vec<String>;

    /// Finds what it points at and changes the copy. What is not found is a problem and the rest still applies.
    /// Returns whether anything was changed.
    fn apply(&self, city: &City, edit: &mut CityEdit, problems: &mut Problems) -> bool;
}

/// One intervention.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Measure {
    PedestrianStreet(PedestrianStreet),
}

impl Measure {
    /// Every kind of the file format.
    pub const KINDS: &[&str] = &["pedestrian-street"];

    fn inner(&self) -> &dyn MeasureKind {
        match self {
            Self::PedestrianStreet(measure) => measure,
        }
    }

    /// The kebab-case kind of the file format.
    pub fn kind(&self) -> &'static str {
        self.inner().kind()
    }

    /// What it is called by its author, such as the name of the street.
    pub fn name(&self) -> &str {
        self.inner().name()
    }

    /// The links it points at; none for measures on other things than streets.
    pub fn links(&self) -> &[LinkReference] {
        self.inner().links()
    }

    pub fn affects(&self) -> Affects {
        self.inner().affects()
    }

    /// Problems that no city can solve, such as a measure without links.
    pub fn check(&self) -> Vec<String> {
        self.inner().check()
    }

    /// Changes the copy; see [`MeasureKind::apply`].
    pub fn apply(&self, city: &City, edit: &mut CityEdit, problems: &mut Problems) -> bool {
        self.inner().apply(city, edit, problems)
    }
}

/// Problem of a measure that points at no street.
fn no_links(links: &[LinkReference]) -> Option<String> {
    links.is_empty().then(|| "expected at least one street link, found none; choose a street".to_owned())
}

/// Problem of a number outside `from ..= to`, NaN and infinity included.
fn outside(what: &str, unit: &str, value: f64, from: f64, to: f64) -> Option<String> {
    let is_inside = value.is_finite() && (from..=to).contains(&value);
    let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
    (!is_inside).then(|| format!("expected {what} from {from} to {to}{unit}, found {value}"))
}

/// The first name among links; empty where none has one.
fn first_name(network: &layers::model::StreetNetwork, links: &[usize]) -> String {
    links
        .iter()
        .filter_map(|&link| network.links.get(link))
        .map(|link| link.name.clone())
        .find(|name| !name.is_empty())
        .unwrap_or_default()
}

/// References to links by position; those outside the network are left out.
fn references(network: &layers::model::StreetNetwork, links: &[usize]) -> Vec<LinkReference> {
    links.iter().filter_map(|&link| LinkReference::of(network, link)).collect()
}
