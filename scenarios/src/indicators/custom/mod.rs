//! Indicators of a city's own: a formula over layers and other indicators in a file, without code.
//!
//! # The file
//! ```json
//! { "indicators": [ {
//!     "id": "km-per-resident",
//!     "name": { "nl": "Autokilometers per bewoner", "en": "Car kilometres for each resident" },
//!     "unit": "veh-km/day/person", "direction": "less-is-better", "source": "Council, 2026",
//!     "constants": { "target": { "low": 4, "central": 5, "high": 6, "unit": "km" } },
//!     "formula": "[vehicle-km] / sum(residents in buildings)"
//! } ] }
//! ```
//!
//! # Formulas
//! Numbers, `"texts"`, constants by name, indicators in square brackets (`[vehicle-km]`, also of this file), `+ - * /`,
//! comparisons (`= != < <= > >=`, 1 or 0), `and or not`, `min(a, b)`, `max(a, b)`, `abs(a)`, `if(test, a, b)`, and over a
//! layer: `sum(EXPRESSION in LAYER where TEST)`, `mean(EXPRESSION in LAYER where TEST)`, `count(LAYER where TEST)`,
//! `share(LAYER where TEST)` and `share(EXPRESSION in LAYER where TEST)`. Layers and their attributes: [`tables`].
//!
//! # Bands
//! Each of the three adaptation runs (low, central, high) is computed by itself, so that two numbers of one run are never
//! mixed with those of another; within a run, uncertainty of levels goes through interval arithmetic. A name that stands
//! twice in a formula counts as two, so that its band is wide rather than narrow.

mod check;
mod evaluate;
mod parse;
pub mod tables;
mod token;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use evaluate::{CustomOutcome, evaluate_custom};
pub use tables::{Table, TableValue, Tables};

use super::{Direction, Statement};
use crate::comparison::Status;
use parse::Expression;

/// One mistake in a file of indicators.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: expected {expected}, found {found}")]
pub struct FormulaError {
    /// Indicator and column, such as `indicator "a", column 12`; columns count from 1.
    pub place: String,
    pub expected: String,
    pub found: String,
}

/// A number that the city declares, with its band.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Constant {
    pub low: f64,
    pub central: f64,
    pub high: f64,
    #[serde(default)]
    pub unit: String,
}

/// An indicator as it stands in the file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomDefinition {
    pub id: String,
    /// By language, such as "nl" and "en".
    pub name: BTreeMap<String, String>,
    pub unit: String,
    pub formula: String,
    #[serde(default = "neutral")]
    pub direction: Direction,
    #[serde(default)]
    pub source: String,
    #[serde(default)]
    pub constants: BTreeMap<String, Constant>,
}

fn neutral() -> Direction {
    Direction::Neutral
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    indicators: Vec<CustomDefinition>,
}

/// An indicator of a city's own that cannot be computed, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokenIndicator {
    pub id: String,
    pub unit: String,
    pub reason: String,
}

impl BrokenIndicator {
    pub fn outcome(&self) -> CustomOutcome {
        let said = vec![("reason", self.reason.as_str().into())];
        CustomOutcome {
            id: self.id.clone(),
            unit: self.unit.clone(),
            baseline: None,
            value: None,
            delta: None,
            status: Status::NotComputable,
            noise_floor: 0.0,
            explanation: vec![Statement::new("reason-formula", said, self.reason.clone())],
        }
    }
}

/// A checked list of indicators: every name is known, nothing goes round in circles.
#[derive(Clone, Debug, Default)]
pub struct CustomIndicators {
    definitions: Vec<CustomDefinition>,
    formulas: Vec<Expression>,
    /// Positions, inputs before what reads them.
    order: Vec<usize>,
}

impl CustomIndicators {
    /// Reads the text of a file. All mistakes of all indicators are reported together; names that are not known are given
    /// with the nearest that are. `tables` says which layers and attributes there are.
    pub fn parse(text: &str, tables: &Tables) -> Result<Self, Vec<FormulaError>> {
        let file: File = serde_json::from_str(text).map_err(|error| {
            vec![FormulaError {
                place: format!("line {}, column {}", error.line(), error.column()),
                expected:
                    "JSON with a list \"indicators\", each with \"id\", \"name\", \"unit\" and \"formula\""
                        .into(),
                found: error.to_string(),
            }]
        })?;
        check::check(file.indicators, tables)
    }

    /// As [`Self::parse`], but what is wrong with one indicator leaves the others standing: those that hold, every mistake,
    /// and the ids and units of those that do not hold. A text that is no such file gives an empty list and its mistake.
    pub fn read(text: &str, tables: &Tables) -> (Self, Vec<FormulaError>, Vec<BrokenIndicator>) {
        let Ok(File { mut indicators }) = serde_json::from_str::<File>(text) else {
            return (Self::default(), Self::parse(text, tables).err().unwrap_or_default(), Vec::new());
        };
        let (mut mistakes, mut broken): (Vec<FormulaError>, Vec<BrokenIndicator>) = (Vec::new(), Vec::new());
        loop {
            let errors = match check::check(indicators.clone(), tables) {
                Ok(checked) => return (checked, mistakes, broken),
                Err(errors) => errors,
            };
            let before = indicators.len();
            indicators.retain(|definition| {
                let place = format!("indicator \"{}\"", definition.id);
                let own: Vec<String> = errors
                    .iter()
                    .filter(|error| error.place == place || error.place.starts_with(&format!("{place},")))
                    .map(ToString::to_string)
                    .collect();
                if !own.is_empty() && !broken.iter().any(|known| known.id == definition.id) {
                    let (id, unit) = (definition.id.clone(), definition.unit.clone());
                    broken.push(BrokenIndicator { id, unit, reason: own.join("; ") });
                }
                own.is_empty()
            });
            mistakes.extend(errors);
            if indicators.len() == before {
                // The mistake is of no single one.
                return (Self::default(), mistakes, broken);
            }
        }
    }

    pub fn definitions(&self) -> &[CustomDefinition] {
        &self.definitions
    }

    pub fn is_empty(&self) -> bool {
        self.definitions.is_empty()
    }
}
