//! How fast people and cars go on a link (MODELS.md section 1).

use layers::model::{Link, LinkClass, Modes};
use serde::{Deserialize, Serialize};

use crate::{
    assumptions::Assumptions,
    edit::{CarSpeed, LinkEdit},
    models::road::free_flow_mps,
};

/// How people move over the streets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TravelMode {
    #[default]
    Walk,
    /// 3.6 km/h by default: the low end of the walking speed.
    SlowWalk,
    Cycle,
    /// 19 km/h by default: the high end of the cycling speed.
    EBike,
    /// Free flow, without traffic on the way.
    Car,
}

impl TravelMode {
    pub const ALL: [Self; 5] = [Self::Walk, Self::SlowWalk, Self::Cycle, Self::EBike, Self::Car];

    /// What it needs on a street.
    pub fn needs(self) -> Modes {
        match self {
            Self::Walk | Self::SlowWalk => Modes::WALK,
            Self::Cycle | Self::EBike => Modes::CYCLE,
            Self::Car => Modes::CAR,
        }
    }

    /// Kebab-case, as in files and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Walk => "walk",
            Self::SlowWalk => "slow-walk",
            Self::Cycle => "cycle",
            Self::EBike => "e-bike",
            Self::Car => "car",
        }
    }
}

/// Seconds of one direction of a link.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ArcSeconds {
    /// Along the link, spread evenly over it.
    pub travel: f64,
    /// At its end, such as for a signal.
    pub wait: f64,
}

/// The speeds of one mode.
#[derive(Clone, Debug, PartialEq)]
pub struct Speeds {
    pub mode: TravelMode,
    /// Metres a second on an ordinary street; of a car it is per link.
    pub usual_mps: f64,
    /// Between a door and the street.
    pub access_mps: f64,
    /// Straight metres to a street become this many times as many.
    pub access_detour: f64,
    pub stairs_factor: f64,
    /// Seconds at signals.
    pub signal_secs: f64,
    slow_cycling_mps: f64,
}

impl Speeds {
    pub fn new(mode: TravelMode, assumptions: &Assumptions) -> Self {
        let walk = &assumptions.walk_kmh;
        let cycle = &assumptions.cycle_kmh;
        let kmh = match mode {
            TravelMode::Walk | TravelMode::Car => walk.central,
            TravelMode::SlowWalk => walk.low,
            TravelMode::Cycle => cycle.central,
            TravelMode::EBike => cycle.high,
        };
        let is_cycle = mode.needs() == Modes::CYCLE;
        Self {
            mode,
            usual_mps: kmh / 3.6,
            // People walk to their car, and push a bicycle no faster than they ride it.
            access_mps: if is_cycle { (kmh / 3.6).min(walk.central / 3.6 * 2.0) } else { kmh / 3.6 },
            access_detour: assumptions.detour_factor.central,
            stairs_factor: assumptions.stairs_factor.central,
            signal_secs: if mode == TravelMode::Car { 0.0 } else { assumptions.signal_delay_secs.central },
            slow_cycling_mps: assumptions.cycle_on_pedestrian_street_kmh.central / 3.6,
        }
    }

    /// One direction of `link` with what a scenario changes on it; the modes that may use it are the caller's business.
    pub fn arc(
        &self,
        link: &Link,
        change: &LinkEdit,
        ends_at_signals: bool,
        assumptions: &Assumptions,
    ) -> ArcSeconds {
        let class = change.class.unwrap_or(link.class);
        let mut mps = match self.mode.needs() {
            Modes::CAR => car_mps(link, change, assumptions),
            Modes::CYCLE => self.usual_mps + change.cycle_gain_kmh / 3.6,
            _ => self.usual_mps,
        };
        if class == LinkClass::Steps {
            mps *= self.stairs_factor;
        }
        if change.is_slow_for_cycling && self.mode.needs() == Modes::CYCLE {
            mps = mps.min(self.slow_cycling_mps);
        }
        ArcSeconds {
            travel: link.length_m.max(0.0) / mps.max(0.01),
            wait: if ends_at_signals { self.signal_secs } else { 0.0 },
        }
    }

    /// Seconds between a door and a street this many metres away, straight.
    pub fn access_secs(&self, straight_m: f64) -> f64 {
        straight_m * self.access_detour / self.access_mps.max(0.01)
    }
}

/// Free flow with what a scenario changes.
fn car_mps(link: &Link, change: &LinkEdit, assumptions: &Assumptions) -> f64 {
    let mps = free_flow_mps(link, assumptions);
    match change.car_speed {
        Some(CarSpeed::Factor(factor)) => mps * factor,
        Some(CarSpeed::Kmh(kmh)) => mps.min(kmh / 3.6),
        None => mps,
    }
}
