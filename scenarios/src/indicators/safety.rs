//! Crashes by the power model: speed squared times traffic (MODELS.md section 12, safety; optional, on demand).

use super::{Context, Finding, Numbers, Statement, judge::missing};
use crate::{
    engine::{NodeError, nodes::TrafficLayer},
    models::road::RoadModel,
};

/// Exponent of speed for all crashes with injury.
const SPEED_POWER: i32 = 2;
/// The power model holds for means of many streets.
const BAND: f64 = 0.30;
/// Smaller changes of the index are no effect: one of its last decimal.
const LEAST_POINTS: f64 = 0.1;

/// Crashes with the baseline as 100: sum over streets of vehicle-kilometres × speed², as driven in the peak hour.
pub(super) fn crash_index(context: &Context) -> Result<Finding, NodeError> {
    let (base, scenario) = context.traffic()?;
    let risk = |road: &RoadModel, flows: &[f64]| -> f64 {
        flows
            .iter()
            .enumerate()
            .filter(|&(arc, flow)| *flow > 0.0 && road.length_m[arc] > 0.0)
            .map(|(arc, flow)| {
                let (length_m, secs) = (road.length_m[arc], road.costs.cost(arc, *flow));
                if secs > 0.0 && secs.is_finite() {
                    flow * length_m * (length_m / secs).powi(SPEED_POWER)
                } else {
                    0.0
                }
            })
            .sum()
    };
    let before = risk(&base.road, &base.equilibrium.flows);
    if before <= 0.0 {
        return missing("reason-no-trips", "no car drives in the city");
    }
    let coarse = risk(&base.road, &base.coarse_flows[1]);
    let road = scenario.road(&base);
    // The ratio first: the same flows give exactly 100.
    let after = scenario.runs.each_ref().map(|run| 100.0 * (risk(road, &run.flows) / before));
    let explanation = vec![Statement::new(
        "explain-crash-index",
        vec![("value", after[1].into())],
        format!("crashes as if they follow speed² × traffic: 100 → {:.1}", after[1]),
    )];
    let formula = Statement::new(
        "filled-crash-index",
        vec![("ratio", (after[1] / 100.0).into()), ("value", after[1].into())],
        format!("100 × {:.4} = {:.1}", after[1] / 100.0, after[1]),
    );
    Ok(Finding {
        numbers: Numbers {
            baseline: 100.0,
            scenario: after,
            // By definition 100: only the difference has a band.
            level_band: 0.0,
            difference_band: BAND,
            noise_floor: (100.0 * (coarse / before - 1.0).abs()).max(LEAST_POINTS),
            ..Numbers::default()
        },
        explanation,
        formula: Some(formula),
        layer: Some(context.node::<TrafficLayer>()?.0.clone()),
        ..Finding::default()
    })
}
