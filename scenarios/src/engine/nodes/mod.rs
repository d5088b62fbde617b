//! The nodes of the engine, a file a model.

mod access;
mod cycling;
mod doors;
mod facts;
mod traffic;

pub use access::{BaselineNeedsByCycle, LostStops, NeedsByCycle, NeedsOnFoot};
pub use cycling::{BaselineCycling, CyclingStreets, ScenarioCycling, ScenarioCyclingStreets};
pub use doors::Doors;
pub use facts::ScenarioFacts;
pub use traffic::{BaselineRun, LinkOutcomes, ScenarioRun, Summary, TrafficLayer};
