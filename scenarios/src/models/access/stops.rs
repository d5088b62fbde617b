//! Who lives near a stop (MODELS.md section 5): 400 m of walking to a bus, 800 m to rail.

use layers::model::{Modes, StreetNetwork};

use crate::{
    assumptions::Assumptions,
    edit::NetworkEdit,
    models::{
        routing::{ModeGraph, Snap, Speeds, Sweep, TravelMode, cost_of_secs, speeds::ArcSeconds},
        transit::{TransitDay, service::StopService, walks::ACCESS_M},
    },
};

/// Walking distance that a bus stop serves, metres.
pub const BUS_M: f64 = 400.0;
/// Walking distance that a station or tram stop serves, metres.
pub const RAIL_M: f64 = 800.0;

/// The walking network in metres: a cost of 1000 is one metre.
pub fn walking_metres(streets: &StreetNetwork, edit: &NetworkEdit, assumptions: &Assumptions) -> ModeGraph {
    let mut speeds = Speeds::new(TravelMode::Walk, assumptions);
    (speeds.usual_mps, speeds.access_mps, speeds.signal_secs) = (1.0, 1.0, 0.0);
    ModeGraph::with_seconds(streets, &[], &speeds, |link| {
        let (forward, backward) = edit.modes(streets, link);
        let arc = ArcSeconds { travel: streets.links[link].length_m.max(0.0), wait: 0.0 };
        [forward, backward].map(|modes| modes.contains(Modes::WALK).then_some(arc))
    })
}

/// Which places are near a stop with service.
#[derive(Clone, Debug, PartialEq)]
pub struct NearStops {
    /// Metres of walking by place; infinite beyond the served distance.
    pub bus_m: Vec<f64>,
    pub rail_m: Vec<f64>,
}

impl NearStops {
    /// `services` by stop of the day, as [`crate::models::transit::service::stop_services`] gives them: stops with
    /// departures in its hours count.
    pub fn new(
        metres: &ModeGraph,
        day: &TransitDay,
        services: &[StopService],
        places: &[Option<Snap>],
    ) -> Self {
        let stops = |is_wanted: fn(&StopService) -> bool| -> Vec<Snap> {
            let wanted = services.iter().zip(&day.positions).filter(|(service, _)| is_wanted(service));
            wanted.filter_map(|(_, &position)| metres.snap(position, ACCESS_M)).collect()
        };
        let near = |stops: Vec<Snap>, limit_m: f64| {
            let mut sweep = Sweep::new(metres);
            let limit = cost_of_secs(limit_m);
            sweep.to_places(metres, &stops, limit);
            let from = |place: &Option<Snap>| {
                let cost = place.map_or(u32::MAX, |place| sweep.cost_from(metres, &place));
                if cost <= limit { f64::from(cost) / 1000.0 } else { f64::INFINITY }
            };
            places.iter().map(from).collect()
        };
        Self {
            bus_m: near(stops(|service| service.bus_departures_per_hour > 0.0), BUS_M),
            rail_m: near(stops(|service| service.rail_departures_per_hour > 0.0), RAIL_M),
        }
    }

    /// Shares of people near a bus stop, near rail, and near either; `None` without people.
    pub fn shares(&self, people: &[f64]) -> Option<[f64; 3]> {
        let all: f64 = people.iter().sum();
        let share = |is_near: &dyn Fn(usize) -> bool| {
            (0..people.len()).filter(|&place| is_near(place)).map(|place| people[place]).sum::<f64>() / all
        };
        let bus = |place: usize| self.bus_m[place].is_finite();
        let rail = |place: usize| self.rail_m[place].is_finite();
        (all > 0.0).then(|| [share(&bus), share(&rail), share(&|place| bus(place) || rail(place))])
    }
}
