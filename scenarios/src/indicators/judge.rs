//! What all indicators share: bands, noise floor, status, who gains and who loses (MODELS.md section 0).

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use super::{
    DELIVERY_TIME, DETOUR, Detail, Distribution, IndicatorDefinition, IndicatorValue, MODEL_VERSION,
    MapLayer, ObjectShare, Per, Runs, Statement,
};
use crate::{
    assumptions::Assumptions,
    baseline::Baseline,
    comparison::{Delta, Status},
    edit::CityEdit,
    engine::{
        Given, Node, NodeError, Part,
        nodes::{BaselineRun, Doors, ScenarioFacts, ScenarioRun},
    },
    evaluate::{IndicatorOutcome, Quality},
};

/// Objects listed with an indicator.
const LISTED_OBJECTS: usize = 20;

/// One indicator, computed.
#[derive(Clone, Debug)]
pub(crate) struct Computed {
    pub baseline: Option<IndicatorValue>,
    pub outcome: IndicatorOutcome,
}

/// What an indicator is computed from: what it reads, and nothing else.
pub(crate) struct Context<'a> {
    given: &'a Given<'a>,
}

impl Context<'_> {
    pub fn baseline(&self) -> &Baseline {
        self.given.baseline()
    }

    pub fn assumptions(&self) -> &Assumptions {
        self.given.assumptions()
    }

    pub fn node<N: Node>(&self) -> Result<Arc<N>, NodeError> {
        self.given.node::<N>()
    }

    pub fn edit(&self, part: Part) -> Result<&CityEdit, NodeError> {
        self.given.edit(part)
    }

    pub fn quality(&self) -> Result<Quality, NodeError> {
        self.given.quality()
    }

    /// Traffic of both.
    pub fn traffic(&self) -> Result<(Arc<BaselineRun>, Arc<ScenarioRun>), NodeError> {
        Ok((self.node()?, self.node()?))
    }

    /// From a peak hour in pcu to vehicles a day.
    pub fn vehicles_per_day(&self, pcu_per_hour: f64) -> f64 {
        let assumptions = self.assumptions();
        pcu_per_hour / assumptions.pcu_per_vehicle() / assumptions.peak_share.central
    }
}

/// An indicator that cannot be computed, with the reason.
pub(crate) fn missing<T>(key: &'static str, text: &str) -> Result<T, NodeError> {
    Err(NodeError::failed(Statement::new(key, vec![], text)))
}

/// Numbers of an indicator before they are judged.
#[derive(Clone, Debug, Default)]
pub(crate) struct Numbers {
    pub baseline: f64,
    /// With low, central, high adaptation.
    pub scenario: [f64; 3],
    /// Relative half-width of a level and of a difference.
    pub level_band: f64,
    pub difference_band: f64,
    /// Low and high of baseline and scenario, where they are not a share of the level.
    pub bands: Option<[[f64; 2]; 2]>,
    /// Low and high of the difference, where the same cause moves both levels.
    pub differences: Option<[f64; 2]>,
    /// What the solver's gap alone can make.
    pub noise_floor: f64,
}

/// What an indicator found.
#[derive(Clone, Debug, Default)]
pub(crate) struct Finding {
    pub numbers: Numbers,
    pub explanation: Vec<Statement>,
    /// The formula with the numbers filled in.
    pub formula: Option<Statement>,
    pub details: Vec<Detail>,
    /// Empty: the objects that change most in the layer.
    pub objects: Vec<ObjectShare>,
    pub layer: Option<Arc<MapLayer>>,
}

/// The smallest difference that any model can tell in a unit, whatever its solver says: the one floor for panel, JSON and
/// map.
pub(crate) fn least_effect(unit: &str, assumptions: &Assumptions) -> f64 {
    match unit {
        "min" => assumptions.noise_floor_minutes.central,
        "%" => assumptions.noise_floor_points.central,
        _ => 0.0,
    }
}

/// Computes an indicator as a node of the engine. A fault in one of them is caught, so that the others still answer.
pub(crate) fn compute_entry(
    definition: &'static IndicatorDefinition,
    given: &Given,
) -> Result<(Arc<dyn Any + Send + Sync>, usize), NodeError> {
    let context = Context { given };
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let finding = (definition.compute)(&context)?;
        judge(definition, finding, given)
    }));
    let computed = match outcome {
        Ok(Ok(computed)) => computed,
        Ok(Err(NodeError::Cancelled)) => return Err(NodeError::Cancelled),
        Ok(Err(NodeError::Failed(reason))) => not_computable(definition, *reason),
        Err(_) => {
            let text = format!(
                "a fault in the program: the indicator \"{}\" stopped; the others are right",
                definition.id
            );
            not_computable(
                definition,
                Statement::new("reason-internal", vec![("where", definition.id.into())], text),
            )
        }
    };
    let outcome = &computed.outcome;
    let own_layer = outcome.layer.as_ref().filter(|layer| Arc::strong_count(layer) == 1);
    let areas = outcome.distribution.as_ref().map_or(0, |distribution| distribution.areas.len() * 200);
    let bytes = 4096 + areas + own_layer.map_or(0, |layer| layer.bytes());
    Ok((Arc::new(computed), bytes))
}

/// An indicator without a value in the scenario, with the reason.
pub(crate) fn not_computable(definition: &IndicatorDefinition, reason: Statement) -> Computed {
    Computed {
        baseline: None,
        outcome: IndicatorOutcome {
            id: definition.id,
            unit: definition.unit,
            value: None,
            delta: None,
            status: Status::NotComputable,
            runs: None,
            noise_floor: 0.0,
            explanation: vec![reason],
            formula: None,
            details: Vec::new(),
            measures: Vec::new(),
            objects: Vec::new(),
            distribution: None,
            layer: None,
        },
    }
}

fn judge(
    definition: &'static IndicatorDefinition,
    finding: Finding,
    given: &Given,
) -> Result<Computed, NodeError> {
    let Finding { numbers, explanation, formula, details, mut objects, layer } = finding;
    let bands = [numbers.level_band, numbers.difference_band, numbers.noise_floor];
    let own = numbers.bands.iter().flatten().flatten().chain(numbers.differences.iter().flatten());
    let all = [numbers.baseline].into_iter().chain(numbers.scenario).chain(bands).chain(own.copied());
    if let Some(bad) = all.into_iter().find(|number| !number.is_finite()) {
        let text = format!(
            "expected a finite number, found {bad}: some input of \"{}\" is no number",
            definition.id
        );
        let statement = Statement::new("reason-not-finite", vec![("where", definition.id.into())], text);
        return Err(NodeError::failed(statement));
    }
    let noise_floor = numbers.noise_floor.max(least_effect(definition.unit, given.assumptions()));
    let value = |central: f64, low: f64, high: f64| IndicatorValue {
        low: low.min(central),
        central,
        high: high.max(central),
        noise_floor,
        unit: definition.unit,
        model_version: MODEL_VERSION,
        data_date: given.baseline().data_date().to_owned(),
    };
    let level = |central: f64, all: &[f64], own: Option<[f64; 2]>| {
        let [low, high] = own.unwrap_or_else(|| {
            let low = all.iter().copied().fold(central, f64::min);
            let high = all.iter().copied().fold(central, f64::max);
            [low - low.abs() * numbers.level_band, high + high.abs() * numbers.level_band]
        });
        value(central, low, high)
    };
    let band = numbers.difference_band;
    let differences = numbers.scenario.map(|scenario| scenario - numbers.baseline);
    let others: Vec<f64> = match numbers.differences {
        Some(own) => own.to_vec(),
        None => differences.iter().flat_map(|d| [d * (1.0 - band), d * (1.0 + band)]).collect(),
    };
    let delta = Delta::from_band(differences[1], &others, noise_floor);
    let distribution = match &layer {
        // Those who used the street, or deliver there, are few of those who live in a zone: they cannot be counted so.
        Some(_) if [DETOUR, DELIVERY_TIME].contains(&definition.id) => None,
        Some(layer) => distribution(definition, layer, given)?,
        None => None,
    };
    if let (true, Some(layer)) = (objects.is_empty(), &layer) {
        objects = most_changed(layer, given);
    }
    objects.truncate(LISTED_OBJECTS);
    Ok(Computed {
        baseline: Some(level(numbers.baseline, &[], numbers.bands.map(|bands| bands[0]))),
        outcome: IndicatorOutcome {
            id: definition.id,
            unit: definition.unit,
            value: Some(level(numbers.scenario[1], &numbers.scenario, numbers.bands.map(|bands| bands[1]))),
            delta: Some(delta),
            status: delta.status,
            runs: numbers.bands.is_none().then_some(Runs {
                scenario: numbers.scenario,
                level_band: numbers.level_band,
                difference_band: numbers.difference_band,
            }),
            noise_floor,
            explanation,
            formula,
            details,
            measures: Vec::new(),
            objects,
            distribution,
            layer,
        },
    })
}

fn distribution(
    definition: &IndicatorDefinition,
    layer: &MapLayer,
    given: &Given,
) -> Result<Option<Distribution>, NodeError> {
    let doors = match layer.per {
        Per::Link | Per::Zone => Some(given.node::<Doors>()?),
        Per::Place | Per::Stop => None,
    };
    // Who lives in new buildings has no value before: facts of the baseline count, except where places themselves are
    // valued.
    let after = match layer.per {
        Per::Place => Some(given.node::<ScenarioFacts>()?),
        _ => None,
    };
    let baseline = given.baseline().facts();
    let facts = after.as_ref().map_or(baseline, |after| after.or(baseline));
    Ok(Distribution::new(layer, facts, doors.as_deref(), definition.direction))
}

/// The objects whose value changes most, greatest first.
fn most_changed(layer: &MapLayer, given: &Given) -> Vec<ObjectShare> {
    let mut changed: Vec<(usize, f64)> = (0..layer.len())
        .filter(|&index| layer.is_effect(index))
        .filter_map(|index| Some((index, layer.change(index)?)))
        .collect();
    changed.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()).then(a.0.cmp(&b.0)));
    changed.truncate(LISTED_OBJECTS);
    let network = given.baseline().network();
    changed
        .into_iter()
        .map(|(index, change)| {
            let (kind, id, name) = match layer.per {
                Per::Link => {
                    let link = network.links.get(index);
                    ("link", link.map_or("", |l| &l.id), link.map_or("", |l| &l.name))
                }
                Per::Stop => {
                    let stop = given.baseline().facts().stops.get(index);
                    ("stop", stop.map_or("", |s| &s.id), stop.map_or("", |s| &s.name))
                }
                Per::Place => ("place", "", ""),
                Per::Zone => ("zone", "", ""),
            };
            ObjectShare { kind, index, id: id.to_owned(), name: name.to_owned(), change }
        })
        .collect()
}
