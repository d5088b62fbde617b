//! Preview → answer → refined: a first idea at once, the exact one later.

use std::sync::Arc;

use super::{Engine, RunReport, Stage};
use crate::{
    baseline::Baseline,
    evaluate::{Cancel, EvaluateError, Evaluation, Quality},
    scenario::Scenario,
};

/// One of the outcomes on the way to the last.
#[derive(Clone, Debug)]
pub struct Step {
    pub evaluation: Arc<Evaluation>,
    pub report: RunReport,
    /// A better one follows.
    pub is_last: bool,
}

/// Evaluates to `until` and hands over each better outcome as it is there. What is known already skips all that is
/// coarser: after an undo there is one step. `on_step` may cancel through `cancel`, which then ends it.
pub fn evaluate_in_steps(
    engine: &Engine,
    baseline: &Baseline,
    scenario: &Scenario,
    until: Quality,
    cancel: &Cancel,
    watch: &mut dyn FnMut(&Stage),
    on_step: &mut dyn FnMut(Step),
) -> Result<(), EvaluateError> {
    let qualities = [Quality::Preview, Quality::Answer, Quality::Refined];
    let last = qualities.iter().position(|quality| *quality == until).unwrap_or(qualities.len() - 1);
    let first =
        (0..=last).rev().find(|&index| engine.knows(baseline, scenario, qualities[index])).unwrap_or(0);
    for (index, &quality) in qualities.iter().enumerate().take(last + 1).skip(first) {
        let (evaluation, report) = engine.evaluate(baseline, scenario, quality, cancel, watch)?;
        on_step(Step { evaluation, report, is_last: index == last });
    }
    Ok(())
}
