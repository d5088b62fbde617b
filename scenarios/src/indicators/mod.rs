//! Indicators: what planners see first (MODELS.md section 13). One line in [`INDICATORS`] each.

pub mod access;
pub mod traffic;
pub mod travel;

use serde::Serialize;

/// Stable kebab-case id of an indicator.
pub type IndicatorId = &'static str;

/// Version of the models; part of every value, so that old results are told apart.
pub const MODEL_VERSION: &str = "stadsmaquette-models 1";

/// A computed number: `low <= central <= high` in `unit`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct IndicatorValue {
    pub low: f64,
    pub central: f64,
    pub high: f64,
    /// Differences up to this size are not shown as an effect.
    pub noise_floor: f64,
    pub unit: &'static str,
    pub model_version: &'static str,
    /// Latest date of the data used, ISO 8601; empty when no source says.
    pub data_date: String,
}

/// Whether more is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    MoreIsBetter,
    LessIsBetter,
    Neutral,
}

/// A line of the list of indicators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IndicatorDefinition {
    pub id: IndicatorId,
    pub unit: &'static str,
    pub direction: Direction,
    /// Stem of the Fluent keys: `<stem>` is the name, `<stem>-help` the sentence below it.
    pub text_key: &'static str,
    /// Section of the model book.
    pub source: &'static str,
    /// Decimals that the value deserves.
    pub decimals: u8,
}

const fn line(
    id: IndicatorId,
    unit: &'static str,
    direction: Direction,
    text_key: &'static str,
    source: &'static str,
    decimals: u8,
) -> IndicatorDefinition {
    IndicatorDefinition { id, unit, direction, text_key, source, decimals }
}

pub const STREET_TRAFFIC: IndicatorId = "street-traffic";
pub const MOST_INCREASED_STREET: IndicatorId = "most-increased-street";
pub const VEHICLE_KM: IndicatorId = "vehicle-km";
pub const HOURS_LOST: IndicatorId = "hours-lost";
pub const TRAVEL_TIME: IndicatorId = "travel-time";
pub const DETOUR: IndicatorId = "detour";
pub const DELIVERY_TIME: IndicatorId = "delivery-time";
pub const EMERGENCY_TIME: IndicatorId = "emergency-time";
pub const CYCLE_TIME: IndicatorId = "cycle-time";
pub const DAILY_NEEDS: IndicatorId = "daily-needs-15min";

/// All indicators in the order in which planners see them.
pub static INDICATORS: &[IndicatorDefinition] = &[
    line(STREET_TRAFFIC, "veh/day", Direction::LessIsBetter, "indicator-street-traffic", "2-4", 0),
    line(
        MOST_INCREASED_STREET,
        "veh/day",
        Direction::LessIsBetter,
        "indicator-most-increased-street",
        "2-4",
        0,
    ),
    line(VEHICLE_KM, "veh-km/day", Direction::LessIsBetter, "indicator-vehicle-km", "2-4", 0),
    line(HOURS_LOST, "veh-h/peak-h", Direction::LessIsBetter, "indicator-hours-lost", "2-4", 0),
    line(TRAVEL_TIME, "min", Direction::LessIsBetter, "indicator-travel-time", "1-2", 1),
    line(DETOUR, "min", Direction::LessIsBetter, "indicator-detour", "1-2", 1),
    line(DELIVERY_TIME, "min", Direction::LessIsBetter, "indicator-delivery-time", "1-2", 1),
    line(EMERGENCY_TIME, "min", Direction::LessIsBetter, "indicator-emergency-time", "1-2", 1),
    line(CYCLE_TIME, "min", Direction::LessIsBetter, "indicator-cycle-time", "1", 1),
    line(DAILY_NEEDS, "%", Direction::MoreIsBetter, "indicator-daily-needs-15min", "5", 1),
];

/// The line of an indicator.
pub fn definition(id: &str) -> Option<&'static IndicatorDefinition> {
    INDICATORS.iter().find(|definition| definition.id == id)
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_indicator_has_its_own_kebab_case_id_and_texts() {
        let mut ids: Vec<_> = INDICATORS.iter().map(|d| d.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), INDICATORS.len());
        for definition in INDICATORS {
            assert!(definition.id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'));
            assert_eq!(definition.text_key, format!("indicator-{}", definition.id));
            assert!(!definition.unit.is_empty());
        }
    }
}
