//! The nodes of the engine, a file a model.

mod access;
mod cycling;
mod doors;
mod facts;
mod traffic;
mod transit;

pub use access::{BaselineNeedsByCycle, LostStops, NeedsByCycle, NeedsOnFoot};
pub use cycling::{BaselineCycling, CyclingStreets, ScenarioCycling, ScenarioCyclingStreets};
pub use doors::Doors;
pub use facts::ScenarioFacts;
pub use traffic::{BaselineRun, LinkOutcomes, ScenarioRun, Summary, TrafficLayer};
pub use transit::{
    BaselineService, BaselineTransitTimes, REACH_SECS, ScenarioService, ScenarioTransitTimes,
    ScenarioWalkingStreets, Service, StopsNearby, Walking, WalkingStreets, ZoneTimes,
};
