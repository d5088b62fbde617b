//! Puts the outputs of the engine together into one evaluation.

use super::{EvaluateError, Evaluation};
use crate::{
    apply::Resolved,
    comparison::Status,
    engine::{
        NodeEntry, NodeError, Part,
        nodes::{LinkOutcomes, Summary},
        run::Run,
    },
    indicators::{Computed, INDICATORS, MeasureShare, Statement, not_computable},
    measures::Affects,
    scenario::Scenario,
};

/// `Ok(None)` where a node failed: what reads it says why.
fn known<T>(outcome: Result<T, NodeError>) -> Result<Option<T>, EvaluateError> {
    match outcome {
        Ok(output) => Ok(Some(output)),
        Err(NodeError::Cancelled) => Err(EvaluateError::Cancelled),
        Err(NodeError::Failed(_)) => Ok(None),
    }
}

/// Whether a measure that affects these tables can change a part of the city.
fn touches(affects: Affects, part: Part) -> bool {
    match part {
        // What cars do follows from where people live and work.
        Part::Cars => affects.car_network || affects.buildings || affects.demand,
        Part::Cycling => affects.cycle_network,
        Part::Walking => affects.walk_network,
        Part::Stops => affects.stops,
        Part::Treated => affects.car_network || affects.cycle_network || affects.walk_network,
        Part::Timetable => affects.timetable,
        Part::Buildings => affects.buildings || affects.demand,
        Part::Help => affects.emergency,
        Part::Space => affects.space,
        Part::Speeds => affects.speeds,
    }
}

pub(crate) fn assemble(
    run: &Run,
    scenario: &Scenario,
    resolved: &Resolved,
) -> Result<Evaluation, EvaluateError> {
    let baseline = run.baseline;
    let mut notes: Vec<Statement> = baseline
        .remarks()
        .iter()
        .map(|remark| Statement::new("note-remark", vec![("text", remark.as_str().into())], remark.as_str()))
        .collect();
    let summary = known(run.get::<Summary>())?;
    if let Some(summary) = &summary {
        notes.extend(summary.notes.iter().cloned());
    }
    let links = known(run.get::<LinkOutcomes>())?;
    // A plan of which nothing applies any more changes nothing; to call that "no effect" would be a lie.
    let is_void = !scenario.measures.is_empty() && !resolved.is_applied.contains(&true);
    let mut evaluation = Evaluation {
        baseline: Vec::new(),
        scenario: Vec::new(),
        links: links.map_or_else(Vec::new, |links| links.0.clone()),
        treated_links: resolved.edit.streets.treated_links().collect(),
        unresolved: resolved.problems.clone(),
        notes,
        traffic: summary.map(|summary| summary.traffic.clone()),
        quality: run.quality,
        baseline_fingerprint: baseline.fingerprint().to_owned(),
        seconds: 0.0,
    };
    for definition in INDICATORS {
        let computed = match run.indicator(definition) {
            Ok(computed) => (*computed).clone(),
            Err(NodeError::Cancelled) => return Err(EvaluateError::Cancelled),
            Err(NodeError::Failed(reason)) => not_computable(definition, *reason),
        };
        let Computed { baseline: before, mut outcome } = computed;
        if let Some(value) = before {
            evaluation.baseline.push((definition.id, value));
        }
        let parts = NodeEntry::of_indicator(definition).parts();
        outcome.measures = scenario
            .measures
            .iter()
            .enumerate()
            .filter(|(position, _)| resolved.is_applied.get(*position).copied().unwrap_or(false))
            .filter(|(_, measure)| parts.iter().any(|&part| touches(measure.affects(), part)))
            .map(|(position, measure)| MeasureShare {
                position,
                kind: measure.kind(),
                name: measure.name().to_owned(),
            })
            .collect();
        if is_void && outcome.status != Status::NotComputable {
            let reason = Statement::new(
                "reason-nothing-applies",
                vec![("count", (scenario.measures.len() as f64).into())],
                "no measure of the plan matches the city any more: see what is unresolved",
            );
            let measures = std::mem::take(&mut outcome.measures);
            outcome = not_computable(definition, reason).outcome;
            outcome.measures = measures;
        } else if !resolved.problems.is_empty() && outcome.status != Status::NotComputable {
            outcome.explanation.push(Statement::new(
                "explain-partial-plan",
                vec![("problems", (resolved.problems.len() as f64).into())],
                format!(
                    "{} parts of the plan could not be applied and are not in this number",
                    resolved.problems.len()
                ),
            ));
        }
        evaluation.scenario.push(outcome);
    }
    Ok(evaluation)
}
