//! The method card of an indicator: what it is for, how it is computed, from what, what it cannot say.

use super::IndicatorDefinition;

/// Fluent keys of a method card; the texts are in `assets/texts/*/methods.ftl` and `indicators.ftl`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MethodCard {
    pub purpose: String,
    /// The formula in words; the same with the numbers filled in is [`Self::filled`].
    pub formula: String,
    pub filled: String,
    pub inputs: String,
    pub limits: String,
    pub sources: String,
}

impl MethodCard {
    pub fn of(definition: &IndicatorDefinition) -> Self {
        let key = |part: &str| format!("method-{}-{part}", definition.id);
        Self {
            purpose: key("purpose"),
            formula: format!("formula-{}", definition.id),
            filled: format!("filled-{}", definition.id),
            inputs: key("inputs"),
            limits: key("limits"),
            sources: key("sources"),
        }
    }

    pub fn keys(&self) -> [&str; 6] {
        [&self.purpose, &self.formula, &self.filled, &self.inputs, &self.limits, &self.sources]
    }
}
