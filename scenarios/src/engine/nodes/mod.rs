//! The nodes of the engine, a file a model.

mod access;
mod cycling;
mod doors;
mod facts;
mod other_modes;
mod space;
mod traffic;
mod transit;

pub use access::{BaselineNeedsByCycle, LostStops, NeedsByCycle, NeedsOnFoot, StopPlaces};
pub use cycling::{BaselineCycling, CyclingStreets, ScenarioCycling, ScenarioCyclingStreets};
pub use doors::Doors;
pub use facts::ScenarioFacts;
pub use other_modes::OtherModes;
pub use space::{BaselineGround, ScenarioGround};
pub use traffic::{BaselineRun, LinkOutcomes, ScenarioRun, Summary, TrafficLayer};
pub use transit::{
    BaselineService, BaselineStopsNearby, BaselineTransitTimes, REACH_SECS, ScenarioService,
    ScenarioStopsNearby, ScenarioTransitTimes, ScenarioWalkingStreets, Service, Walking, WalkingStreets,
    ZoneTimes,
};
