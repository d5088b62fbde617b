//! Traffic of the baseline and of a scenario (MODELS.md sections 2 to 4).

use std::{ops::Deref, sync::Arc};

use super::OtherModes;
use crate::{
    engine::{Given, Node, NodeError, Part, Read},
    evaluate::{LinkOutcome, TrafficSummary, outcome::link_outcomes, summary},
    indicators::{MapLayer, Per, Statement},
    models::{
        equilibrium::Equilibrium,
        traffic::{BaselineTraffic, ScenarioTraffic, TrafficError},
    },
};

/// The solved baseline; the baseline keeps it as well.
#[derive(Debug)]
pub struct BaselineRun(Arc<BaselineTraffic>);

impl Deref for BaselineRun {
    type Target = BaselineTraffic;
    fn deref(&self) -> &BaselineTraffic {
        &self.0
    }
}

impl Node for BaselineRun {
    const NAME: &'static str = "baseline-traffic";
    const KEEPS: bool = true;
    const WORK: u32 = 8000;

    fn reads() -> Vec<Read> {
        Vec::new()
    }

    fn compute(given: &Given) -> Result<Self, NodeError> {
        match given.baseline().traffic(given.progress()) {
            Ok(base) => Ok(Self(base)),
            Err(TrafficError::Cancelled) => Err(NodeError::Cancelled),
            Err(error) => {
                let reason = error.to_string();
                Err(NodeError::failed(Statement::new(
                    "reason-no-traffic-model",
                    vec![("reason", reason.as_str().into())],
                    format!("no traffic model: {reason}"),
                )))
            }
        }
    }

    fn bytes(&self) -> usize {
        equilibrium_bytes(&self.equilibrium) + self.demand.journeys.len() * 8 + self.road.arcs() * 100
    }
}

/// Ways that are shared with another run are counted there.
fn equilibrium_bytes(run: &Equilibrium) -> usize {
    let own = run.paths.iter().filter(|ways| Arc::strong_count(ways) == 1);
    let paths: usize = own.flat_map(|ways| ways.iter()).map(|path| 40 + path.arcs.len() * 4).sum();
    run.flows.len() * 16 + run.trips.len() * 40 + paths
}

/// The solved scenario.
#[derive(Debug)]
pub struct ScenarioRun(Arc<ScenarioTraffic>);

impl Deref for ScenarioRun {
    type Target = ScenarioTraffic;
    fn deref(&self) -> &ScenarioTraffic {
        &self.0
    }
}

impl Node for ScenarioRun {
    const NAME: &'static str = "scenario-traffic";
    const WORK: u32 = 3000;

    fn reads() -> Vec<Read> {
        vec![
            Read::Node(BaselineRun::ENTRY),
            Read::Node(OtherModes::ENTRY),
            Read::Part(Part::Cars),
            Read::Quality,
        ]
    }

    fn compute(given: &Given) -> Result<Self, NodeError> {
        let base = given.node::<BaselineRun>()?;
        let other_modes = given.node::<OtherModes>()?.0.clone();
        let (edit, quality) = (given.edit(Part::Cars)?, given.quality()?);
        // Buses and bicycles are often computed again and as fast as before.
        let mut key = given.key_hasher();
        key.bytes(&edit.road_hash());
        key.number(quality.relative_gap());
        other_modes.feed(&mut |number| key.number(number));
        let solve = || {
            let progress = given.progress();
            match ScenarioTraffic::solve(given.baseline(), &base, edit, other_modes, quality, progress) {
                Ok(ScenarioTraffic { demand_error: Some(error), .. }) => {
                    Err(no_scenario_traffic(&error.to_string()))
                }
                Ok(solved) => Ok(solved),
                Err(TrafficError::Cancelled) => Err(NodeError::Cancelled),
                Err(error) => Err(no_scenario_traffic(&error.to_string())),
            }
        };
        given.known_by(key.finish(), solve).map(Self)
    }

    fn bytes(&self) -> usize {
        self.runs.iter().chain(&self.fixed).map(|run| equilibrium_bytes(run)).sum()
    }
}

fn no_scenario_traffic(reason: &str) -> NodeError {
    NodeError::failed(Statement::new(
        "reason-no-scenario-traffic",
        vec![("reason", reason.into())],
        format!("the traffic of the scenario cannot be computed: {reason}"),
    ))
}

/// Vehicles a day by link of the network.
#[derive(Debug)]
pub struct LinkOutcomes(pub Vec<LinkOutcome>);

impl Node for LinkOutcomes {
    const NAME: &'static str = "link-outcomes";
    const WORK: u32 = 50;

    fn reads() -> Vec<Read> {
        vec![Read::Node(BaselineRun::ENTRY), Read::Node(ScenarioRun::ENTRY), Read::Quality]
    }

    fn compute(given: &Given) -> Result<Self, NodeError> {
        let (base, solved) = (given.node::<BaselineRun>()?, given.node::<ScenarioRun>()?);
        Ok(Self(link_outcomes(given.baseline(), &base, &solved, given.quality()?)))
    }

    fn bytes(&self) -> usize {
        self.0.len() * size_of::<LinkOutcome>()
    }
}

/// The same as a layer for the map and for who gains and who loses at the door.
#[derive(Debug)]
pub struct TrafficLayer(pub Arc<MapLayer>);

impl Node for TrafficLayer {
    const NAME: &'static str = "traffic-layer";

    fn reads() -> Vec<Read> {
        vec![Read::Node(LinkOutcomes::ENTRY)]
    }

    fn compute(given: &Given) -> Result<Self, NodeError> {
        let links = given.node::<LinkOutcomes>()?;
        let mut layer = MapLayer::new("street-traffic", Per::Link, "veh/day");
        for link in &links.0 {
            layer.push(Some(link.baseline), Some(link.central), link.noise_floor);
        }
        Ok(Self(Arc::new(layer)))
    }

    fn bytes(&self) -> usize {
        self.0.bytes()
    }
}

/// The assignment in numbers, and what must be said beside them.
#[derive(Debug)]
pub struct Summary {
    pub traffic: TrafficSummary,
    pub notes: Vec<Statement>,
}

impl Node for Summary {
    const NAME: &'static str = "traffic-summary";
    const WORK: u32 = 20;

    fn reads() -> Vec<Read> {
        vec![
            Read::Node(BaselineRun::ENTRY),
            Read::Node(ScenarioRun::ENTRY),
            Read::Part(Part::Cars),
            Read::Quality,
        ]
    }

    fn compute(given: &Given) -> Result<Self, NodeError> {
        let (base, solved) = (given.node::<BaselineRun>()?, given.node::<ScenarioRun>()?);
        let (streets, quality) = (&given.edit(Part::Cars)?.streets, given.quality()?);
        let traffic = summary::summarise(given.baseline(), &base, &solved, streets, quality);
        let notes = summary::traffic_notes(&traffic, &solved, given.assumptions(), quality);
        Ok(Self { traffic, notes })
    }

    fn bytes(&self) -> usize {
        4096
    }
}
