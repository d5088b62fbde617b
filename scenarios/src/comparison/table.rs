//! The comparison as rows for the panel, CSV and the JSON contract of `evaluate`.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::Status;
use crate::{evaluate::Evaluation, indicators::INDICATORS, scenario::Scenario};

/// One indicator of one scenario beside its baseline. Missing numbers are `None`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ComparisonRow {
    pub scenario: String,
    pub indicator: &'static str,
    pub unit: &'static str,
    pub baseline: Option<f64>,
    pub low: Option<f64>,
    pub central: Option<f64>,
    pub high: Option<f64>,
    pub delta_low: Option<f64>,
    pub delta: Option<f64>,
    pub delta_high: Option<f64>,
    pub status: Status,
}

/// Rows in the order of [`INDICATORS`].
pub fn comparison_rows(scenario: &Scenario, evaluation: &Evaluation) -> Vec<ComparisonRow> {
    INDICATORS
        .iter()
        .filter_map(|definition| {
            let outcome = evaluation.scenario.iter().find(|outcome| outcome.id == definition.id)?;
            let value = outcome.value.as_ref();
            Some(ComparisonRow {
                scenario: scenario.id.clone(),
                indicator: definition.id,
                unit: definition.unit,
                baseline: evaluation.baseline_value(definition.id).map(|value| value.central),
                low: value.map(|value| value.low),
                central: value.map(|value| value.central),
                high: value.map(|value| value.high),
                delta_low: outcome.delta.map(|delta| delta.low),
                delta: outcome.delta.map(|delta| delta.central),
                delta_high: outcome.delta.map(|delta| delta.high),
                status: outcome.status,
            })
        })
        .collect()
}

/// Comma-separated rows with a header; numbers in full, missing ones empty (RFC 4180).
pub fn to_csv(rows: &[ComparisonRow]) -> String {
    let mut text =
        String::from("scenario,indicator,unit,baseline,low,central,high,delta_low,delta,delta_high,status\n");
    let quoted = |field: &str| {
        if field.contains([',', '"', '\n', '\r']) {
            format!("\"{}\"", field.replace('"', "\"\""))
        } else {
            field.to_owned()
        }
    };
    for row in rows {
        let numbers =
            [row.baseline, row.low, row.central, row.high, row.delta_low, row.delta, row.delta_high];
        let mut fields = vec![quoted(&row.scenario), quoted(row.indicator), quoted(row.unit)];
        fields.extend(numbers.iter().map(|number| number.map_or(String::new(), |n| n.to_string())));
        fields.push(row.status.name().to_owned());
        text.push_str(&fields.join(","));
        text.push('\n');
    }
    text
}

/// `{baseline: {indicator: {central, low, high, unit}}, scenarios: [{id, name, indicators: {…}}]}`: the public contract
/// of `evaluate --json`. All evaluations must share one baseline; its values come from the first.
pub fn to_json(evaluations: &[(&Scenario, &Evaluation)]) -> Value {
    let mut baseline = Map::new();
    if let Some((_, first)) = evaluations.first() {
        for (id, value) in &first.baseline {
            baseline.insert(
                (*id).to_owned(),
                json!({ "central": value.central, "low": value.low, "high": value.high, "unit": value.unit,
                        "noise_floor": value.noise_floor, "model_version": value.model_version,
                        "data_date": value.data_date }),
            );
        }
    }
    let scenarios: Vec<Value> = evaluations
        .iter()
        .map(|(scenario, evaluation)| {
            let mut indicators = Map::new();
            for outcome in &evaluation.scenario {
                let value = outcome.value.as_ref();
                let delta = outcome
                    .delta
                    .map(|delta| json!({ "low": delta.low, "central": delta.central, "high": delta.high }));
                let entry = json!({
                    "central": value.map(|v| v.central), "low": value.map(|v| v.low),
                    "high": value.map(|v| v.high), "delta": delta, "status": outcome.status.name(),
                    "unit": outcome.unit, "noise_floor": outcome.noise_floor, "explanation": outcome.explanation,
                    "formula": outcome.formula, "details": outcome.details, "measures": outcome.measures,
                    "objects": outcome.objects, "distribution": outcome.distribution,
                });
                indicators.insert(outcome.id.to_owned(), entry);
            }
            json!({ "id": scenario.id, "name": scenario.name, "indicators": indicators,
                    "unresolved": evaluation.unresolved, "notes": evaluation.notes,
                    "traffic": evaluation.traffic })
        })
        .collect();
    json!({ "baseline": baseline, "scenarios": scenarios })
}
