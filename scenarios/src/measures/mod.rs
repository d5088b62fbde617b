//! Measures: one intervention each. A file a measure, a variant of [`Measure`] each; the kebab-case kind is part of the
//! file format and never changes.

pub mod pedestrian_street;

use serde::{Deserialize, Serialize};

pub use pedestrian_street::PedestrianStreet;

use crate::{apply::NetworkEdit, reference::LinkReference};
use layers::model::StreetNetwork;

/// Which tables a measure touches; what it does not touch stays exactly equal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Affects {
    pub car_network: bool,
    pub cycle_network: bool,
    pub walk_network: bool,
    pub stops: bool,
}

/// One intervention.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Measure {
    PedestrianStreet(PedestrianStreet),
}

impl Measure {
    /// The kebab-case kind of the file format.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::PedestrianStreet(_) => "pedestrian-street",
        }
    }

    /// What it is called by its author, such as the name of the street.
    pub fn name(&self) -> &str {
        match self {
            Self::PedestrianStreet(measure) => &measure.name,
        }
    }

    /// The links it points at.
    pub fn links(&self) -> &[LinkReference] {
        match self {
            Self::PedestrianStreet(measure) => &measure.links,
        }
    }

    pub fn affects(&self) -> Affects {
        match self {
            Self::PedestrianStreet(measure) => measure.affects(),
        }
    }

    /// Problems that no network can solve, such as a measure without links.
    pub fn check(&self) -> Vec<String> {
        match self {
            Self::PedestrianStreet(measure) => measure.check(),
        }
    }

    /// Changes the copy. `links` are positions in the network, resolved from [`Self::links`].
    pub fn apply(&self, network: &StreetNetwork, links: &[usize], edit: &mut NetworkEdit) {
        match self {
            Self::PedestrianStreet(measure) => measure.apply(network, links, edit),
        }
    }
}
