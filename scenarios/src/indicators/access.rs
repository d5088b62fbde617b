//! Residents within 15 minutes of daily needs, on foot and by bicycle (MODELS.md section 5).

use std::sync::Arc;

use super::{Context, Detail, Finding, MapLayer, Numbers, Per, Statement, judge::missing};
use crate::{
    baseline::facts::DailyNeed,
    engine::{
        NodeError,
        nodes::{BaselineNeedsByCycle, LostStops, NeedsByCycle, NeedsOnFoot, ScenarioFacts},
    },
    models::access::DailyNeedsAccess,
};

/// The 15-minute score: mean over the needs of the share of residents that reach them on foot, in percent.
pub(super) fn daily_needs(context: &Context) -> Result<Finding, NodeError> {
    let after = context.node::<NeedsOnFoot>()?;
    let texts = Texts {
        explain: "explain-daily-needs",
        filled: "filled-daily-needs-15min",
        layer: "daily-needs-15min",
        way: "on foot",
    };
    compare(context, context.baseline().daily_needs(), after.0.as_ref(), &texts)
}

/// The same by bicycle.
pub(super) fn daily_needs_by_cycle(context: &Context) -> Result<Finding, NodeError> {
    let (before, after) = (context.node::<BaselineNeedsByCycle>()?, context.node::<NeedsByCycle>()?);
    let texts = Texts {
        explain: "explain-daily-needs-cycle",
        filled: "filled-daily-needs-cycle",
        layer: "daily-needs-cycle",
        way: "by bicycle",
    };
    compare(context, before.0.as_ref(), after.0.as_ref(), &texts)
}

struct Texts {
    explain: &'static str,
    filled: &'static str,
    layer: &'static str,
    way: &'static str,
}

fn compare(
    context: &Context,
    before: Option<&DailyNeedsAccess>,
    after: Option<&DailyNeedsAccess>,
    texts: &Texts,
) -> Result<Finding, NodeError> {
    let lost = context.node::<LostStops>()?;
    let Some(before) = before else {
        let text = if context.baseline().facts().residents() <= 0.0 {
            "expected residents on buildings or zones, found none"
        } else {
            "expected places of daily needs and residents near the walking network, found none"
        };
        return missing("reason-no-access-data", text);
    };
    let Some(after) = after else {
        return missing("reason-no-access-data", "no resident reaches the walking network in this scenario");
    };
    let mut details = Vec::new();
    for need in DailyNeed::ALL {
        let percent = |shares: Option<[f64; 3]>| shares.map(|s| s[1] * 100.0);
        let (was, is) = (percent(before.shares[need as usize]), percent(after.shares[need as usize]));
        if was.is_some() || is.is_some() {
            details.push(Detail { name: need.name().to_owned(), baseline: was, scenario: is, unit: "%" });
        }
    }
    // A need that lost its last place counts as reached by nobody, not as unknown.
    let counted = details.len().max(1) as f64;
    let score = |access: &DailyNeedsAccess, band: usize| {
        access.shares.iter().flatten().map(|s| s[band]).sum::<f64>() / counted * 100.0
    };
    let missing: Vec<&str> = before.missing().map(DailyNeed::name).collect();
    let mut explanation = vec![Statement::new(
        texts.explain,
        vec![("needs", (details.len() as f64).into()), ("residents", after.counted_residents.into())],
        format!(
            "{} needs, {:.0} residents, 15 minutes {}",
            details.len(),
            after.counted_residents,
            texts.way
        ),
    )];
    if !missing.is_empty() {
        let list = missing.join(", ");
        explanation.push(Statement::new(
            "explain-needs-without-data",
            vec![("needs", list.clone().into())],
            format!("not counted, because the data have no such places: {list}"),
        ));
    }
    if !lost.0.is_empty() {
        explanation.push(Statement::new(
            "explain-stops-lost",
            vec![("stops", (lost.0.len() as f64).into())],
            format!(
                "{} bus stops in the street are no longer served; lines are not rerouted here",
                lost.0.len()
            ),
        ));
    }
    let numbers = Numbers {
        baseline: score(before, 1),
        scenario: [score(after, 1); 3],
        difference_band: 0.1,
        // The band is that of speed and of the limit of 15 minutes.
        bands: Some([[score(before, 0), score(before, 2)], [score(after, 0), score(after, 2)]]),
        ..Numbers::default()
    };
    let parts: Vec<String> =
        details.iter().map(|detail| format!("{:.1}", detail.scenario.unwrap_or(0.0))).collect();
    let parts = parts.join(" + ");
    let formula = Statement::new(
        texts.filled,
        vec![
            ("parts", parts.as_str().into()),
            ("needs", counted.into()),
            ("value", numbers.scenario[1].into()),
        ],
        format!("({parts}) / {counted:.0} = {:.1} %", numbers.scenario[1]),
    );
    let layer = Some(Arc::new(score_layer(context, before, after, counted, texts.layer)?));
    Ok(Finding { numbers, explanation, formula: Some(formula), details, layer, ..Finding::default() })
}

/// By place: percent of the counted needs that its residents reach.
fn score_layer(
    context: &Context,
    before: &DailyNeedsAccess,
    after: &DailyNeedsAccess,
    counted: f64,
    id: &'static str,
) -> Result<MapLayer, NodeError> {
    let facts = context.node::<ScenarioFacts>()?;
    let places = facts.or(context.baseline().facts()).places.len();
    let percent = |access: &DailyNeedsAccess, place: usize| {
        access
            .by_place
            .get(place)
            .copied()
            .flatten()
            .map(|bits| f64::from(bits.count_ones()) / counted * 100.0)
    };
    let mut layer = MapLayer::new(id, Per::Place, "%");
    for place in 0..places {
        layer.push(percent(before, place), percent(after, place), 0.0);
    }
    Ok(layer)
}
