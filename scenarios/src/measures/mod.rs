//! Measures: one intervention each. A file a measure, a variant of [`Measure`] each; the kebab-case kind is part of the
//! file format and never changes.
//!
//! Numbers that a measure may be given have the defaults of MODELS.md section 13; they are saved with the measure, so
//! that they can be seen and changed.

pub mod add_line;
pub mod add_stop;
pub mod bicycle_street;
pub mod build_block;
pub mod bus_gate;
pub mod change_frequency;
pub mod change_function;
pub mod change_speed;
pub mod close_link;
pub mod demolish_building;
pub mod diagonal_filter;
pub mod move_stop;
pub mod one_way;
pub mod parking_hub;
pub mod parking_places;
pub mod pedestrian_street;
pub mod programme;
pub mod remove_stop;
pub mod reroute_line;
pub mod signal_priority;
pub mod stops_and_lines;

use std::ops::BitOr;

use serde::{Deserialize, Serialize};

pub use add_line::AddLine;
pub use add_stop::AddStop;
pub use bicycle_street::BicycleStreet;
pub use build_block::BuildBlock;
pub use bus_gate::BusGate;
pub use change_frequency::ChangeFrequency;
pub use change_function::{ChangeFunction, NewFunction};
pub use change_speed::ChangeSpeed;
pub use close_link::CloseLink;
pub use demolish_building::DemolishBuilding;
pub use diagonal_filter::DiagonalFilter;
pub use move_stop::MoveStop;
pub use one_way::OneWay;
pub use parking_hub::ParkingHub;
pub use parking_places::ParkingPlaces;
pub use pedestrian_street::PedestrianStreet;
pub use programme::Programme;
pub use remove_stop::RemoveStop;
pub use reroute_line::RerouteLine;
pub use signal_priority::SignalPriority;

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
    /// What the ground of streets is for.
    pub space: bool,
    /// How fast traffic drives, buses too.
    pub speeds: bool,
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
            space: self.space | other.space,
            speeds: self.speeds | other.speeds,
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
    OneWay(OneWay),
    ChangeSpeed(ChangeSpeed),
    BicycleStreet(BicycleStreet),
    CloseLink(CloseLink),
    DiagonalFilter(DiagonalFilter),
    BusGate(BusGate),
    ParkingHub(ParkingHub),
    ParkingPlaces(ParkingPlaces),
    SignalPriority(SignalPriority),
    ChangeFunction(ChangeFunction),
    DemolishBuilding(DemolishBuilding),
    BuildBlock(BuildBlock),
    AddStop(AddStop),
    MoveStop(MoveStop),
    RemoveStop(RemoveStop),
    AddLine(AddLine),
    RerouteLine(RerouteLine),
    ChangeFrequency(ChangeFrequency),
}

impl Measure {
    /// Every kind of the file format.
    pub const KINDS: &[&str] = &[
        "pedestrian-street",
        "one-way",
        "change-speed",
        "bicycle-street",
        "close-link",
        "diagonal-filter",
        "bus-gate",
        "parking-hub",
        "parking-places",
        "signal-priority",
        "change-function",
        "demolish-building",
        "build-block",
        "add-stop",
        "move-stop",
        "remove-stop",
        "add-line",
        "reroute-line",
        "change-frequency",
    ];

    fn inner(&self) -> &dyn MeasureKind {
        match self {
            Self::PedestrianStreet(measure) => measure,
            Self::OneWay(measure) => measure,
            Self::ChangeSpeed(measure) => measure,
            Self::BicycleStreet(measure) => measure,
            Self::CloseLink(measure) => measure,
            Self::DiagonalFilter(measure) => measure,
            Self::BusGate(measure) => measure,
            Self::ParkingHub(measure) => measure,
            Self::ParkingPlaces(measure) => measure,
            Self::SignalPriority(measure) => measure,
            Self::ChangeFunction(measure) => measure,
            Self::DemolishBuilding(measure) => measure,
            Self::BuildBlock(measure) => measure,
            Self::AddStop(measure) => measure,
            Self::MoveStop(measure) => measure,
            Self::RemoveStop(measure) => measure,
            Self::AddLine(measure) => measure,
            Self::RerouteLine(measure) => measure,
            Self::ChangeFrequency(measure) => measure,
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

fn yes() -> bool {
    true
}

/// A run of links in order along a street, each with whether the run leads from → to.
fn oriented(network: &layers::model::StreetNetwork, run: &[usize]) -> Vec<(usize, bool)> {
    let links: Vec<(usize, &layers::model::Link)> =
        run.iter().filter_map(|&link| network.links.get(link).map(|l| (link, l))).collect();
    let mut at = match links.as_slice() {
        [(_, first), (_, second), ..] => {
            // The first link ends where the second one begins.
            if first.to == second.from || first.to == second.to { first.from } else { first.to }
        }
        [(_, only)] => only.from,
        [] => return Vec::new(),
    };
    links
        .into_iter()
        .map(|(index, link)| {
            let is_forward = link.from == at || link.to != at;
            at = if is_forward { link.to } else { link.from };
            (index, is_forward)
        })
        .collect()
}

/// The street for cars nearest to a point: what happens there shows first in front of the door.
fn nearest_street(city: &City, position: [f64; 2], problems: &mut Problems) -> Option<usize> {
    const REACH_M: f64 = 300.0;
    let is_street = |link: &layers::model::Link| {
        (link.forward | link.backward).contains(layers::model::Modes::CAR)
            && link.class.is_carriageway()
            && link.class != layers::model::LinkClass::Service
    };
    let links = city.network.links.iter().enumerate().filter(|(_, link)| is_street(link));
    let nearest = links
        .map(|(index, link)| (crate::reference::distance_to_line_m(position, &link.geometry), index))
        .min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    match nearest {
        Some((away_m, index)) if away_m <= REACH_M => Some(index),
        Some((away_m, _)) => {
            problems.add(format!(
                "expected a street for cars within {REACH_M} m of {:.0}, {:.0}; the nearest is {away_m:.0} m away",
                position[0], position[1]
            ));
            None
        }
        None => {
            problems.add("expected a street for cars, the network has none");
            None
        }
    }
}
