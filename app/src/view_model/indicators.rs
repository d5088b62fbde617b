//! The indicator table: scenario minus baseline with bands, and why.

use bevy::prelude::World;
use scenarios::{
    Evaluation,
    comparison::{Delta, Status},
    evaluate::IndicatorOutcome,
    indicators::{Argument, Direction, Statement, definition},
};

use super::evaluation_state;
use crate::{
    jobs::Jobs,
    project::Project,
    state::Settings,
    ui::{
        text::Texts,
        view::{BandView, DeltaStatus, ExplanationView, IndicatorRow, IndicatorsState, IndicatorsView},
    },
};

pub fn view(world: &World, project: &Project, texts: Texts) -> IndicatorsView {
    let state = evaluation_state(project, world.resource::<Jobs>());
    let shown = world.resource::<Settings>().shown_indicator.as_deref();
    let evaluation = project.active().and_then(|active| active.evaluation.as_deref());
    let (Some(evaluation), false) = (evaluation, state == IndicatorsState::NothingToCompare) else {
        return IndicatorsView { state, ..IndicatorsView::default() };
    };
    IndicatorsView {
        state,
        // The others are there on demand: on the command line, and for a city's own indicators.
        rows: evaluation
            .scenario
            .iter()
            .filter(|outcome| definition(outcome.id).is_some_and(|line| line.headline.is_some()))
            .map(|outcome| {
                let mut row = row(evaluation, outcome, texts);
                row.is_on_map = shown == Some(outcome.id);
                row
            })
            .collect(),
        evaporation: evaluation.traffic.as_ref().and_then(|t| t.evaporation).map(|[_, central, _]| central),
        is_demand_synthetic: evaluation.notes.iter().any(|note| note.key.contains("synthetic")),
        notes: evaluation
            .notes
            .iter()
            // The panel has its own place and words for these two.
            .filter(|note| !note.key.contains("synthetic") && !note.key.contains("evaporation"))
            .map(|note| sentence(note, texts))
            .collect(),
    }
}

/// A statement in the user's language, else the engine's own plain words.
pub fn sentence(statement: &Statement, texts: Texts) -> String {
    if !texts.has(statement.key) {
        return statement.text.clone();
    }
    let numbers = crate::ui::numbers::Numbers::new(texts.language);
    let arguments: Vec<_> = statement
        .arguments
        .iter()
        .map(|(name, value)| {
            let text = match value {
                Argument::Number(number) if number.fract() == 0.0 => numbers.decimal(*number, 0),
                Argument::Number(number) => {
                    numbers.decimal(*number, crate::ui::numbers::decimals_for(*number, 2))
                }
                Argument::Text(text) => text.clone(),
            };
            (*name, text.into())
        })
        .collect();
    texts.get_with(statement.key, &arguments)
}

/// Differences of a journey below three seconds are shown as nothing, minutes.
const SMALLEST_MINUTES: f64 = 0.05;

fn row(evaluation: &Evaluation, outcome: &IndicatorOutcome, texts: Texts) -> IndicatorRow {
    let definition = definition(outcome.id);
    let baseline = evaluation.baseline_value(outcome.id);
    // Two numbers of the same small kind say more as a share, except where the unit itself is a share.
    let shows_relative =
        matches!(outcome.unit, "veh/day" | "veh·km/day" | "veh-km/day" | "veh-h/day" | "veh-h/peak-h");
    let reason = || {
        let reasons: Vec<String> = outcome.explanation.iter().map(|s| sentence(s, texts)).collect();
        reasons.join(" ")
    };
    IndicatorRow {
        id: outcome.id.to_owned(),
        label: None,
        unit: outcome.unit.to_owned(),
        baseline: baseline.map_or(f64::NAN, |value| value.central),
        value: outcome.value.as_ref().map(|v| BandView { low: v.low, central: v.central, high: v.high }),
        delta: outcome.delta.map(band),
        shows_relative: shows_relative && baseline.is_some_and(|value| value.central.abs() > 1e-9),
        status: match outcome.status {
            // A few seconds more or less on a journey are no news, whatever the sign.
            Status::Clear | Status::Uncertain
                if outcome.unit == "min"
                    && outcome
                        .delta
                        .is_some_and(|delta| delta.low.abs().max(delta.high.abs()) < SMALLEST_MINUTES) =>
            {
                DeltaStatus::BelowNoise
            }
            Status::Clear => DeltaStatus::Clear,
            Status::Uncertain => DeltaStatus::Uncertain,
            Status::BelowNoise => DeltaStatus::BelowNoise,
            Status::NotComputable => DeltaStatus::NotComputable(reason()),
        },
        is_more_better: definition.and_then(|definition| match definition.direction {
            Direction::MoreIsBetter => Some(true),
            Direction::LessIsBetter => Some(false),
            Direction::Neutral => None,
        }),
        if_nobody_adapts: nobody_adapts(outcome),
        has_map: outcome.layer.as_ref().is_some_and(|layer| !layer.is_empty()),
        is_on_map: false,
        explanation: ExplanationView {
            formula: outcome.formula.as_ref().map_or_else(
                || text_or_empty(texts, &format!("formula-{}", outcome.id)),
                |filled| sentence(filled, texts),
            ),
            inputs: outcome
                .details
                .iter()
                .map(|detail| {
                    let numbers = crate::ui::numbers::Numbers::new(texts.language);
                    let number = |value: Option<f64>| {
                        value.map_or_else(
                            || "–".to_owned(),
                            |v| numbers.decimal(v, crate::ui::numbers::decimals_for(v, 3).min(2)),
                        )
                    };
                    let key = format!("detail-{}", detail.name);
                    let name = if texts.has(&key) { texts.get(&key) } else { detail.name.clone() };
                    let change = format!(
                        "{} → {} {}",
                        number(detail.baseline),
                        number(detail.scenario),
                        numbers.unit(detail.unit)
                    );
                    (name, change)
                })
                .collect(),
            sources: definition.map(|definition| definition.source.to_owned()).into_iter().collect(),
            causes: outcome.explanation.iter().map(|statement| sentence(statement, texts)).collect(),
        },
    }
}

fn band(delta: Delta) -> BandView {
    BandView { low: delta.low, central: delta.central, high: delta.high }
}

fn text_or_empty(texts: Texts, key: &str) -> String {
    if texts.has(key) { texts.get(key) } else { String::new() }
}

/// The run on fixed demand, as a delta in the indicator's unit: the upper bound that is never the headline.
fn nobody_adapts(outcome: &IndicatorOutcome) -> Option<f64> {
    let detail = outcome.details.iter().find(|detail| detail.name == "if-nobody-changes-behaviour")?;
    Some(detail.scenario? - detail.baseline?)
}
