//! Sentences for people, and what an indicator is made of.

use serde::Serialize;

/// An argument of a sentence.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Argument {
    Number(f64),
    Text(String),
}

impl From<f64> for Argument {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}
impl From<&str> for Argument {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
impl From<String> for Argument {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

/// A sentence for people: a Fluent key with arguments, and the same in plain English for logs and JSON.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Statement {
    pub key: &'static str,
    pub arguments: Vec<(&'static str, Argument)>,
    pub text: String,
}

impl Statement {
    pub fn new(key: &'static str, arguments: Vec<(&'static str, Argument)>, text: impl Into<String>) -> Self {
        Self { key, arguments, text: text.into() }
    }
}

/// A number that an indicator is made of, such as one daily need.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Detail {
    /// Stable kebab-case name.
    pub name: String,
    pub baseline: Option<f64>,
    pub scenario: Option<f64>,
    pub unit: &'static str,
}

/// A measure that an indicator can answer to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MeasureShare {
    /// Position in the scenario, from 0.
    pub position: usize,
    pub kind: &'static str,
    pub name: String,
}

/// An object that an indicator counts, with what it adds to the difference.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ObjectShare {
    /// "link", "place", "zone", "stop" or "building".
    pub kind: &'static str,
    /// Position in its list: links of the network, places of the facts, zones of the demand.
    pub index: usize,
    /// Public id; empty where the object has none.
    pub id: String,
    pub name: String,
    /// In the unit of the indicator, scenario minus baseline.
    pub change: f64,
}

/// The scenario's numbers by adaptation run, for indicators that are made of others: runs are never mixed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Runs {
    /// With low, central and high adaptation.
    pub scenario: [f64; 3],
    /// Relative half-width of a level and of a difference within a run.
    pub level_band: f64,
    pub difference_band: f64,
}
