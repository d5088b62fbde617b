//! Cycling times between zones (MODELS.md section 1).

use std::sync::Arc;

use rayon::prelude::*;

use super::BaselineRun;
use crate::{
    edit::NetworkEdit,
    engine::{Given, Node, NodeError, Part, Read},
    models::{
        assignment::bucket_search::BucketSearch,
        routing::{SlowMode, SlowNetwork},
        traffic::BaselineTraffic,
    },
};

/// Most zones from which cycling is timed: those with most residents. A city usually has fewer.
const CYCLE_ORIGINS: usize = 400;

/// The streets of cyclists as they are.
#[derive(Debug)]
pub struct CyclingStreets(pub Arc<SlowNetwork>);

impl Node for CyclingStreets {
    const NAME: &'static str = "cycling-streets";
    const KEEPS: bool = true;
    const WORK: u32 = 100;

    fn reads() -> Vec<Read> {
        Vec::new()
    }

    fn compute(given: &Given) -> Result<Self, NodeError> {
        let streets = given.baseline().network();
        let edit = NetworkEdit::none(streets.links.len());
        Ok(Self(Arc::new(SlowNetwork::new(streets, &edit, SlowMode::Cycle, given.assumptions()))))
    }

    fn bytes(&self) -> usize {
        self.0.seconds.len() * 40
    }
}

/// The streets of cyclists in the scenario; the same object where nothing changed for them.
#[derive(Debug)]
pub struct ScenarioCyclingStreets(pub Arc<SlowNetwork>);

impl Node for ScenarioCyclingStreets {
    const NAME: &'static str = "scenario-cycling-streets";
    const WORK: u32 = 100;

    fn reads() -> Vec<Read> {
        vec![Read::Node(CyclingStreets::ENTRY), Read::Part(Part::Cycling)]
    }

    fn compute(given: &Given) -> Result<Self, NodeError> {
        let before = given.node::<CyclingStreets>()?;
        let edit = given.edit(Part::Cycling)?;
        let streets = given.baseline().network();
        if Part::Cycling.key(edit) == Part::Cycling.untouched() {
            return Ok(Self(before.0.clone()));
        }
        Ok(Self(Arc::new(SlowNetwork::new(streets, &edit.streets, SlowMode::Cycle, given.assumptions()))))
    }

    fn bytes(&self) -> usize {
        self.0.seconds.len() * 40
    }
}

/// Seconds by bicycle in the city as it is.
#[derive(Debug)]
pub struct BaselineCycling {
    /// From each of `origins` to all zones, row-major; infinite where there is no way.
    pub seconds: Vec<f64>,
    /// Zones, ascending.
    pub origins: Vec<usize>,
}

impl Node for BaselineCycling {
    const NAME: &'static str = "cycling";
    const KEEPS: bool = true;
    const WORK: u32 = 600;

    fn reads() -> Vec<Read> {
        vec![Read::Node(BaselineRun::ENTRY), Read::Node(CyclingStreets::ENTRY)]
    }

    fn compute(given: &Given) -> Result<Self, NodeError> {
        let base = given.node::<BaselineRun>()?;
        let origins = cycle_origins(&base);
        let seconds = cycle_seconds(&base, &given.node::<CyclingStreets>()?.0, &origins);
        Ok(Self { seconds, origins })
    }

    fn bytes(&self) -> usize {
        self.seconds.len() * 8
    }
}

/// Seconds by bicycle in the scenario, shaped as those of [`BaselineCycling`].
#[derive(Debug)]
pub struct ScenarioCycling(pub Vec<f64>);

impl Node for ScenarioCycling {
    const NAME: &'static str = "scenario-cycling";
    const WORK: u32 = 600;

    fn reads() -> Vec<Read> {
        vec![
            Read::Node(BaselineRun::ENTRY),
            Read::Node(CyclingStreets::ENTRY),
            Read::Node(BaselineCycling::ENTRY),
            Read::Node(ScenarioCyclingStreets::ENTRY),
        ]
    }

    fn compute(given: &Given) -> Result<Self, NodeError> {
        let (before, streets) = (given.node::<BaselineCycling>()?, given.node::<ScenarioCyclingStreets>()?);
        if Arc::ptr_eq(&given.node::<CyclingStreets>()?.0, &streets.0) {
            // Nothing that cyclists ride on has changed: exactly equal.
            return Ok(Self(before.seconds.clone()));
        }
        let base = given.node::<BaselineRun>()?;
        Ok(Self(cycle_seconds(&base, &streets.0, &before.origins)))
    }

    fn bytes(&self) -> usize {
        self.0.len() * 8
    }
}

/// The zones with most residents, ascending.
fn cycle_origins(base: &BaselineTraffic) -> Vec<usize> {
    let mut zones: Vec<usize> = (0..base.zones.len()).collect();
    zones.sort_by(|&a, &b| base.zones[b].residents.total_cmp(&base.zones[a].residents).then(a.cmp(&b)));
    zones.truncate(CYCLE_ORIGINS);
    zones.sort_unstable();
    zones
}

/// Seconds by bicycle from the origins to all zones, row-major; infinite where there is no way.
fn cycle_seconds(base: &BaselineTraffic, cycling: &SlowNetwork, origins: &[usize]) -> Vec<f64> {
    let doors: Vec<Option<(u32, f64)>> =
        base.zones.iter().map(|zone| cycling.access(zone.position)).collect();
    let rows: Vec<Vec<f64>> = origins
        .par_iter()
        .map_init(
            || BucketSearch::new(cycling.nodes(), &cycling.seconds),
            |search, &origin| {
                let Some(from) = doors[origin] else { return vec![f64::INFINITY; doors.len()] };
                search.run_from(&cycling.star, &cycling.seconds, &[from], 0, f64::INFINITY);
                doors
                    .iter()
                    .map(|door| {
                        door.map_or(f64::INFINITY, |(node, secs)| search.distance[node as usize] + secs)
                    })
                    .collect()
            },
        )
        .collect();
    rows.concat()
}
