//! Bicycles and public transport that a scenario makes faster or slower, for the choice of mode (MODELS.md section 2).

use std::sync::Arc;

use super::{
    BaselineCycling, BaselineRun, BaselineTransitTimes, REACH_SECS, ScenarioCycling, ScenarioTransitTimes,
    ZoneTimes,
};
use crate::{
    engine::{Given, Node, NodeError, Read},
    models::other_modes::ModeTimeChanges,
};

/// Changes of time from zone to zone. A city without a timetable has none by public transport.
#[derive(Debug)]
pub struct OtherModes(pub Arc<ModeTimeChanges>);

impl Node for OtherModes {
    const NAME: &'static str = "other-modes";
    const WORK: u32 = 10;

    fn reads() -> Vec<Read> {
        vec![
            Read::Node(BaselineRun::ENTRY),
            Read::Node(BaselineCycling::ENTRY),
            Read::Node(ScenarioCycling::ENTRY),
            Read::Node(BaselineTransitTimes::ENTRY),
            Read::Node(ScenarioTransitTimes::ENTRY),
        ]
    }

    fn compute(given: &Given) -> Result<Self, NodeError> {
        let zones = given.node::<BaselineRun>()?.zones.len();
        let cycle = match (known(given.node::<BaselineCycling>())?, known(given.node::<ScenarioCycling>())?) {
            (Some(before), Some(after)) => cycle_changes(zones, &before, &after.0),
            _ => Vec::new(),
        };
        let times =
            (known(given.node::<BaselineTransitTimes>())?, known(given.node::<ScenarioTransitTimes>())?);
        let transit = match times {
            (Some(before), Some(after)) => transit_changes(zones, &before.0, &after.0),
            _ => Vec::new(),
        };
        Ok(Self(Arc::new(ModeTimeChanges::new(zones, cycle, transit))))
    }

    fn bytes(&self) -> usize {
        2 * 8 * self.0.zones * self.0.zones
    }
}

/// What could not be computed counts as no change: its own indicators say why.
fn known<T>(node: Result<T, NodeError>) -> Result<Option<T>, NodeError> {
    match node {
        Ok(node) => Ok(Some(node)),
        Err(NodeError::Failed(_)) => Ok(None),
        Err(NodeError::Cancelled) => Err(NodeError::Cancelled),
    }
}

/// Rows of zones that nobody cycles from were not searched: no change.
fn cycle_changes(zones: usize, before: &BaselineCycling, after: &[f64]) -> Vec<f64> {
    if before.seconds == after {
        return Vec::new();
    }
    let mut changes = vec![0.0; zones * zones];
    for (row, &origin) in before.origins.iter().enumerate() {
        for zone in 0..zones {
            let place = row * zones + zone;
            let (was, is) = (before.seconds[place], after[place]);
            // Where there was no way and is none, nothing changes; infinite less infinite is no number.
            changes[origin * zones + zone] = if was == is { 0.0 } else { is - was };
        }
    }
    changes
}

/// Medians over the departures. Who does not arrive in time counts as arriving just then: the least that is sure.
fn transit_changes(zones: usize, before: &Arc<ZoneTimes>, after: &Arc<ZoneTimes>) -> Vec<f64> {
    let (was, is) = (&before.times, &after.times);
    if Arc::ptr_eq(before, after) || was.places != zones || is.places != zones || was == is {
        return Vec::new();
    }
    let secs = |median: u32| f64::from(median.min(REACH_SECS));
    was.percentiles.iter().zip(&is.percentiles).map(|(was, is)| secs(is[1]) - secs(was[1])).collect()
}
