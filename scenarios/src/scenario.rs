//! A scenario: a name, a note and an ordered list of measures.

use serde::{Deserialize, Serialize};

use crate::measures::Measure;

/// What somebody proposes. Small, cloned freely, compared by value.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Scenario {
    /// Stable id inside its project, kebab-case.
    pub id: String,
    pub name: String,
    #[serde(default)]
    pub note: String,
    /// In order; together they are one bundle, evaluated as a bundle.
    #[serde(default)]
    pub measures: Vec<Measure>,
}

impl Scenario {
    /// A scenario without measures.
    pub fn new(id: impl Into<String>, name: impl Into<String>) -> Self {
        Self { id: id.into(), name: name.into(), ..Self::default() }
    }
}
