//! A place at the edge to leave the car and walk on (MODELS.md section 13).

use serde::{Deserialize, Serialize};

use super::{Affects, MeasureKind, nearest_street, no_links, outside};
use crate::{
    apply::{City, CityEdit, Problems},
    edit::Hub,
    reference::LinkReference,
};

/// Moves part of the car trip ends around it to a hub, and takes street parking away.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ParkingHub {
    #[serde(default)]
    pub name: String,
    /// Project CRS, metres.
    pub position: [f64; 2],
    /// Parking places in the hub.
    pub places: f64,
    /// Part of the car trip ends nearby that moves to the hub, 0 to 1.
    #[serde(default = "share")]
    pub share: f64,
    #[serde(default = "radius_m")]
    pub radius_m: f64,
    #[serde(default = "walk_kmh")]
    pub walk_kmh: f64,
    /// Longest walk from the hub, minutes; limits the radius.
    #[serde(default = "walk_minutes")]
    pub walk_minutes: f64,
    /// Cars that come (or go) in the peak hour for each place: hubs fill over the morning.
    #[serde(default = "arrivals_per_place")]
    pub arrivals_per_place: f64,
    /// Streets that lose parking places.
    #[serde(default)]
    pub links: Vec<LinkReference>,
    /// Street parking places that disappear, over all these links together.
    #[serde(default)]
    pub removed_places: f64,
}

fn share() -> f64 {
    0.5
}
fn radius_m() -> f64 {
    500.0
}
fn walk_kmh() -> f64 {
    4.8
}
fn walk_minutes() -> f64 {
    6.0
}
fn arrivals_per_place() -> f64 {
    0.4
}

impl ParkingHub {
    /// With the defaults of the model book: half of the car trip ends within 500 m, at most 6 minutes on foot.
    pub fn new(name: impl Into<String>, position: [f64; 2], places: f64) -> Self {
        Self {
            name: name.into(),
            position,
            places,
            share: share(),
            radius_m: radius_m(),
            walk_kmh: walk_kmh(),
            walk_minutes: walk_minutes(),
            arrivals_per_place: arrivals_per_place(),
            links: Vec::new(),
            removed_places: 0.0,
        }
    }
}

impl MeasureKind for ParkingHub {
    fn kind(&self) -> &'static str {
        "parking-hub"
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn links(&self) -> &[LinkReference] {
        &self.links
    }

    fn affects(&self) -> Affects {
        Affects { demand: true, space: true, ..Affects::default() }
    }

    fn check(&self) -> Vec<String> {
        let mut problems: Vec<String> = [
            outside("a place of the hub", "m", self.position[0], -1e9, 1e9),
            outside("a place of the hub", "m", self.position[1], -1e9, 1e9),
            outside("parking places in the hub", "", self.places, 1.0, 20_000.0),
            outside("a share of trip ends", "", self.share, 0.0, 1.0),
            outside("a radius", "m", self.radius_m, 10.0, 5_000.0),
            outside("a walking speed", "km/h", self.walk_kmh, 1.0, 8.0),
            outside("a longest walk", "min", self.walk_minutes, 0.5, 60.0),
            outside("arrivals for each place in the peak hour", "", self.arrivals_per_place, 0.01, 4.0),
            outside("parking places to remove", "", self.removed_places, 0.0, 100_000.0),
        ]
        .into_iter()
        .flatten()
        .collect();
        if self.removed_places > 0.0 {
            problems.extend(no_links(&self.links));
        }
        problems
    }

    fn apply(&self, city: &City, edit: &mut CityEdit, problems: &mut Problems) -> bool {
        let links = city.links(&self.links, problems);
        let metres: f64 = links.iter().map(|&link| city.network.links[link].length_m).sum();
        for &link in &links {
            if let Some(change) = edit.streets.change(link) {
                let part = city.network.links[link].length_m / metres.max(1e-9);
                change.parking_places -= self.removed_places * part;
            }
        }
        let Some(street) = nearest_street(city, self.position, problems) else { return false };
        edit.streets.treat(street, None);
        let walk_m = self.walk_minutes * 60.0 * self.walk_kmh / 3.6;
        edit.buildings.add_hub(Hub {
            name: self.name.clone(),
            position: self.position,
            places: self.places,
            share: self.share,
            radius_m: self.radius_m.min(walk_m),
            walk_kmh: self.walk_kmh,
            arrivals_per_place: self.arrivals_per_place,
        });
        true
    }
}
