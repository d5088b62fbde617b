//! Who lives and works where, after the scenario.

use std::{borrow::Cow, sync::Arc};

use crate::{
    baseline::facts::CityFacts,
    engine::{Given, Node, NodeError, Part, Read},
};

/// The facts of the city with its buildings changed; `None` where they are the baseline's own.
///
/// Places of the baseline keep their numbers; those of new buildings follow.
#[derive(Debug)]
pub struct ScenarioFacts(pub Option<Arc<CityFacts>>);

impl ScenarioFacts {
    /// The facts that hold in the scenario.
    pub fn or<'a>(&'a self, baseline: &'a CityFacts) -> &'a CityFacts {
        self.0.as_deref().unwrap_or(baseline)
    }
}

impl Node for ScenarioFacts {
    const NAME: &'static str = "scenario-facts";
    const WORK: u32 = 20;

    fn reads() -> Vec<Read> {
        vec![Read::Part(Part::Buildings)]
    }

    fn compute(given: &Given) -> Result<Self, NodeError> {
        let baseline = given.baseline();
        let edit = given.edit(Part::Buildings)?;
        Ok(Self(match edit.facts(baseline) {
            Cow::Borrowed(_) => None,
            Cow::Owned(facts) => Some(Arc::new(facts)),
        }))
    }

    fn bytes(&self) -> usize {
        self.0
            .as_ref()
            .map_or(0, |facts| facts.places.len() * 64 + facts.needs.iter().map(Vec::len).sum::<usize>() * 16)
    }
}
