//! Indicators: what planners see first (MODELS.md section 13). One line in [`INDICATORS`] each.

mod access;
mod street_traffic;
mod traffic_totals;
mod travel;

use serde::Serialize;

use crate::{
    baseline::Baseline,
    comparison::{Delta, Status},
    edit::CityEdit,
    evaluate::{IndicatorOutcome, LinkOutcome, Quality},
    models::traffic::{BaselineTraffic, ScenarioTraffic},
};

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
#[derive(Clone, Copy, Debug)]
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
    /// Computes baseline and scenario.
    compute: fn(&Context) -> Computed,
}

const fn line(
    id: IndicatorId,
    unit: &'static str,
    direction: Direction,
    text_key: &'static str,
    source: &'static str,
    decimals: u8,
    compute: fn(&Context) -> Computed,
) -> IndicatorDefinition {
    IndicatorDefinition { id, unit, direction, text_key, source, decimals, compute }
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
    line(
        STREET_TRAFFIC,
        "veh/day",
        Direction::LessIsBetter,
        "indicator-street-traffic",
        "2-4",
        0,
        street_traffic::street_traffic,
    ),
    line(
        MOST_INCREASED_STREET,
        "veh/day",
        Direction::LessIsBetter,
        "indicator-most-increased-street",
        "2-4",
        0,
        street_traffic::most_increased_street,
    ),
    line(
        VEHICLE_KM,
        "veh-km/day",
        Direction::LessIsBetter,
        "indicator-vehicle-km",
        "2-4",
        0,
        traffic_totals::vehicle_km,
    ),
    line(
        HOURS_LOST,
        "veh-h/peak-h",
        Direction::LessIsBetter,
        "indicator-hours-lost",
        "2-4",
        0,
        traffic_totals::hours_lost,
    ),
    line(TRAVEL_TIME, "min", Direction::LessIsBetter, "indicator-travel-time", "1-2", 1, travel::travel_time),
    line(DETOUR, "min", Direction::LessIsBetter, "indicator-detour", "1-2", 1, travel::detour),
    line(
        DELIVERY_TIME,
        "min",
        Direction::LessIsBetter,
        "indicator-delivery-time",
        "1-2",
        1,
        travel::delivery_time,
    ),
    line(
        EMERGENCY_TIME,
        "min",
        Direction::LessIsBetter,
        "indicator-emergency-time",
        "1-2",
        1,
        travel::emergency_time,
    ),
    line(CYCLE_TIME, "min", Direction::LessIsBetter, "indicator-cycle-time", "1", 1, travel::cycle_time),
    line(
        DAILY_NEEDS,
        "%",
        Direction::MoreIsBetter,
        "indicator-daily-needs-15min",
        "5",
        1,
        access::daily_needs,
    ),
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

/// What an indicator is computed from.
pub(crate) struct Context<'a> {
    pub baseline: &'a Baseline,
    pub edit: &'a CityEdit,
    pub quality: Quality,
    /// Traffic of both, or why there is none.
    pub traffic: Result<(&'a BaselineTraffic, &'a ScenarioTraffic), String>,
    pub links: &'a [LinkOutcome],
}

/// One indicator, computed.
pub(crate) struct Computed {
    pub baseline: Option<IndicatorValue>,
    pub outcome: IndicatorOutcome,
}

/// Numbers of an indicator before they are judged.
struct Numbers {
    baseline: f64,
    /// With low, central, high adaptation.
    scenario: [f64; 3],
    /// Relative half-width of a level and of a difference.
    level_band: f64,
    difference_band: f64,
    noise_floor: f64,
}

impl Context<'_> {
    /// Judges numbers: bands, delta, status.
    fn compared(
        &self,
        id: IndicatorId,
        numbers: &Numbers,
        explanation: Vec<Statement>,
        details: Vec<Detail>,
    ) -> Computed {
        let unit = definition(id).map_or("", |definition| definition.unit);
        let value = |low: f64, central: f64, high: f64| IndicatorValue {
            low,
            central,
            high,
            noise_floor: numbers.noise_floor,
            unit,
            model_version: MODEL_VERSION,
            data_date: self.baseline.data_date().to_owned(),
        };
        let level = |central: f64, all: &[f64]| {
            let low = all.iter().copied().fold(central, f64::min) * (1.0 - numbers.level_band);
            let high = all.iter().copied().fold(central, f64::max) * (1.0 + numbers.level_band);
            value(low, central, high)
        };
        let differences = numbers.scenario.map(|scenario| scenario - numbers.baseline);
        let others: Vec<f64> = differences
            .iter()
            .flat_map(|d| [d * (1.0 - numbers.difference_band), d * (1.0 + numbers.difference_band)])
            .collect();
        let delta = Delta::from_band(differences[1], &others, numbers.noise_floor);
        Computed {
            baseline: Some(level(numbers.baseline, &[])),
            outcome: IndicatorOutcome {
                id,
                unit,
                value: Some(level(numbers.scenario[1], &numbers.scenario)),
                delta: Some(delta),
                status: delta.status,
                explanation,
                details,
            },
        }
    }

    /// An indicator that cannot be computed, with the reason.
    fn missing(id: IndicatorId, reason: Statement) -> Computed {
        let unit = definition(id).map_or("", |definition| definition.unit);
        Computed {
            baseline: None,
            outcome: IndicatorOutcome {
                id,
                unit,
                value: None,
                delta: None,
                status: Status::NotComputable,
                explanation: vec![reason],
                details: Vec::new(),
            },
        }
    }

    fn no_traffic(id: IndicatorId, reason: &str) -> Computed {
        Self::missing(
            id,
            Statement::new(
                "reason-no-traffic-model",
                vec![("reason", reason.into())],
                format!("no traffic model: {reason}"),
            ),
        )
    }

    /// From a peak hour in pcu to vehicles a day.
    fn vehicles_per_day(&self, pcu_per_hour: f64) -> f64 {
        let assumptions = self.baseline.assumptions();
        pcu_per_hour / assumptions.pcu_per_vehicle() / assumptions.peak_share.central
    }
}

/// Computes all of [`INDICATORS`].
pub(crate) fn compute_all(context: &Context) -> Vec<Computed> {
    INDICATORS.iter().map(|definition| (definition.compute)(context)).collect()
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
