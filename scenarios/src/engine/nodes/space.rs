//! How the ground is divided (MODELS.md section 12).

use std::ops::Deref;

use crate::{
    engine::{Given, Node, NodeError, Part, Read},
    models::space::{Ground, GroundChange},
};

/// The ground of the city as it is.
#[derive(Debug)]
pub struct BaselineGround(Ground);

impl Deref for BaselineGround {
    type Target = Ground;
    fn deref(&self) -> &Ground {
        &self.0
    }
}

impl Node for BaselineGround {
    const NAME: &'static str = "ground";
    const KEEPS: bool = true;
    const WORK: u32 = 300;

    fn reads() -> Vec<Read> {
        Vec::new()
    }

    fn compute(given: &Given) -> Result<Self, NodeError> {
        let baseline = given.baseline();
        let (network, surfaces) = (baseline.network(), baseline.surfaces());
        let ground = Ground::new(network, surfaces, given.assumptions(), given.progress());
        ground.map(Self).ok_or(NodeError::Cancelled)
    }

    fn bytes(&self) -> usize {
        size_of::<Ground>()
    }
}

/// The ground of the scenario.
#[derive(Debug)]
pub struct ScenarioGround(GroundChange);

impl Deref for ScenarioGround {
    type Target = GroundChange;
    fn deref(&self) -> &GroundChange {
        &self.0
    }
}

impl Node for ScenarioGround {
    const NAME: &'static str = "scenario-ground";
    const WORK: u32 = 10;

    fn reads() -> Vec<Read> {
        vec![Read::Node(BaselineGround::ENTRY), Read::Part(Part::Space), Read::Part(Part::Buildings)]
    }

    fn compute(given: &Given) -> Result<Self, NodeError> {
        let (baseline, ground) = (given.baseline(), given.node::<BaselineGround>()?);
        let streets = &given.edit(Part::Space)?.streets;
        let buildings = &given.edit(Part::Buildings)?.buildings;
        let (network, surfaces) = (baseline.network(), baseline.surfaces());
        Ok(Self(ground.changed(network, surfaces, streets, buildings, given.assumptions())))
    }

    fn bytes(&self) -> usize {
        size_of::<GroundChange>() + self.by_link.len() * 16
    }
}
