//! Streets and paths as a routable network: nodes, and links that join two nodes.

use std::ops::{BitAnd, BitOr, Not};

use serde::{Deserialize, Serialize};

use super::Bounds3;

/// A set of modes that may use one direction of a link.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Modes(pub u8);

impl Modes {
    pub const NONE: Self = Self(0);
    pub const CAR: Self = Self(1);
    pub const CYCLE: Self = Self(2);
    pub const WALK: Self = Self(4);
    pub const BUS: Self = Self(8);
    pub const ALL: Self = Self(15);

    /// Whether all of `other` are in this set.
    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl BitOr for Modes {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}
impl BitAnd for Modes {
    type Output = Self;
    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}
impl Not for Modes {
    type Output = Self;
    fn not(self) -> Self {
        Self(!self.0 & Self::ALL.0)
    }
}

/// OSM `highway` classes as far as the models tell them apart; link roads ("_link") count as their class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkClass {
    Motorway,
    Trunk,
    Primary,
    Secondary,
    Tertiary,
    Unclassified,
    Residential,
    LivingStreet,
    /// `cyclestreet=yes` or `bicycle_road=yes`.
    CycleStreet,
    Service,
    Busway,
    Pedestrian,
    Cycleway,
    Footway,
    Path,
    Steps,
    Track,
}

impl LinkClass {
    pub const ALL: [(Self, &'static str); 17] = [
        (Self::Motorway, "motorway"),
        (Self::Trunk, "trunk"),
        (Self::Primary, "primary"),
        (Self::Secondary, "secondary"),
        (Self::Tertiary, "tertiary"),
        (Self::Unclassified, "unclassified"),
        (Self::Residential, "residential"),
        (Self::LivingStreet, "living_street"),
        (Self::CycleStreet, "cycle_street"),
        (Self::Service, "service"),
        (Self::Busway, "busway"),
        (Self::Pedestrian, "pedestrian"),
        (Self::Cycleway, "cycleway"),
        (Self::Footway, "footway"),
        (Self::Path, "path"),
        (Self::Steps, "steps"),
        (Self::Track, "track"),
    ];

    /// The OSM word, except `cycle_street`, which OSM expresses by a second tag.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(class, _)| *class == self).map_or("unclassified", |(_, name)| name)
    }

    /// Whether cars use it by default.
    pub fn is_carriageway(self) -> bool {
        self <= Self::Service
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Public id: the OSM node id as text.
    pub id: String,
    /// Project CRS, metres.
    pub position: [f64; 2],
    pub has_signals: bool,
}

/// A piece of street between two nodes where streets meet or end.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// Public and stable: `<OSM way id>-<from node id>-<to node id>`.
    pub id: String,
    /// OSM way id as text.
    pub way_id: String,
    /// Empty when the street has no name.
    pub name: String,
    pub class: LinkClass,
    /// Positions in [`StreetNetwork::nodes`].
    pub from: u32,
    pub to: u32,
    /// Points from `from` to `to` inclusive; project CRS, metres; at least two.
    pub geometry: Vec<[f64; 2]>,
    pub length_m: f64,
    /// Lanes for cars in each direction; at least 1 where cars may drive.
    pub lanes_forward: u8,
    pub lanes_backward: u8,
    /// Full width between façade-side edges of the street surface, metres; from the source or the class default.
    pub width_m: f64,
    /// Speed limit for cars, metres a second; from the source or the class default.
    pub speed_limit_mps: f64,
    /// Whether the limit was in the source rather than a default.
    pub has_stated_speed: bool,
    /// Modes that may go from → to and to → from.
    pub forward: Modes,
    pub backward: Modes,
    pub is_bridge: bool,
    pub is_tunnel: bool,
    /// A marked or separate cycle facility along the street.
    pub has_cycle_track: bool,
}

/// A turn that a sign forbids or demands. Positions are those of [`StreetNetwork`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TurnRestriction {
    /// Public id: the OSM relation id as text.
    pub id: String,
    /// Link on which one arrives at `node`.
    pub from: u32,
    /// Node at which `from` ends.
    pub node: u32,
    /// Links between `node` and `to`, in order; empty for a turn at one node.
    pub via: Vec<u32>,
    /// Link on which one leaves.
    pub to: u32,
    /// Whether only this turn is allowed ("only_…"); else it is the one that is not ("no_…").
    pub is_only: bool,
    /// Modes that are bound by it.
    pub modes: Modes,
}

/// A network in the project's CRS. Order is the order of the source and stable.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StreetNetwork {
    pub nodes: Vec<Node>,
    pub links: Vec<Link>,
    /// In the order of the source; empty where the source has none.
    pub turn_restrictions: Vec<TurnRestriction>,
}

impl StreetNetwork {
    pub fn bounds(&self) -> Bounds3 {
        Bounds3::from_points(
            self.links.iter().flat_map(|link| link.geometry.iter().map(|&[x, y]| [x, y, 0.0])),
        )
    }

    pub fn link_by_id(&self, id: &str) -> Option<usize> {
        self.links.iter().position(|link| link.id == id)
    }
}

/// Length of a polyline, metres.
pub fn polyline_length_m(points: &[[f64; 2]]) -> f64 {
    points.windows(2).map(|pair| (pair[1][0] - pair[0][0]).hypot(pair[1][1] - pair[0][1])).sum()
}
