//! Vehicle-kilometres and hours lost in the whole city.

use super::{Computed, Context, HOURS_LOST, Numbers, Statement, VEHICLE_KM};
use crate::{
    evaluate::Quality,
    models::traffic::{pcu_hours_lost, pcu_km},
};

/// Half-widths of the model book, section 13, row 2.
const LEVEL_BAND: f64 = 0.10;
const DIFFERENCE_BAND: f64 = 0.30;

/// Kilometres driven a day on all streets.
pub(super) fn vehicle_km(context: &Context) -> Computed {
    let (base, scenario) = match &context.traffic {
        Ok(both) => *both,
        Err(reason) => return Context::no_traffic(VEHICLE_KM, reason),
    };
    let coarse = coarse_flows(context);
    let of = |flows: &[f64], road| context.vehicles_per_day(pcu_km(road, flows));
    let baseline = of(&base.equilibrium.flows, &base.road);
    let numbers = Numbers {
        baseline,
        scenario: std::array::from_fn(|run| of(&scenario.runs[run].flows, scenario.road(base))),
        level_band: LEVEL_BAND,
        difference_band: DIFFERENCE_BAND,
        noise_floor: (of(coarse, &base.road) - baseline).abs(),
    };
    let by_car: f64 = numbers.scenario[1] - baseline;
    let explanation = vec![Statement::new(
        "explain-vehicle-km",
        vec![("difference", by_car.into()), ("share", (by_car / baseline.max(1e-9)).into())],
        format!("{by_car:+.0} vehicle-kilometres a day: detours add, trips no longer made by car subtract"),
    )];
    context.compared(VEHICLE_KM, &numbers, explanation, Vec::new())
}

/// Vehicle-hours lost against free flow in the peak hour.
pub(super) fn hours_lost(context: &Context) -> Computed {
    let (base, scenario) = match &context.traffic {
        Ok(both) => *both,
        Err(reason) => return Context::no_traffic(HOURS_LOST, reason),
    };
    let pcu = context.baseline.assumptions().pcu_per_vehicle();
    let baseline = pcu_hours_lost(&base.road, &base.equilibrium.flows) / pcu;
    let numbers = Numbers {
        baseline,
        scenario: std::array::from_fn(|run| {
            pcu_hours_lost(scenario.road(base), &scenario.runs[run].flows) / pcu
        }),
        // Delay grows much faster than flow, so its level is as uncertain as its difference.
        level_band: DIFFERENCE_BAND,
        difference_band: DIFFERENCE_BAND,
        noise_floor: (pcu_hours_lost(&base.road, coarse_flows(context)) / pcu - baseline).abs(),
    };
    let difference = numbers.scenario[1] - baseline;
    let explanation = vec![Statement::new(
        "explain-hours-lost",
        vec![("difference", difference.into())],
        format!("{difference:+.1} vehicle-hours of delay in the peak hour"),
    )];
    context.compared(HOURS_LOST, &numbers, explanation, Vec::new())
}

/// Baseline flows at a coarser gap; the fine ones where there is no traffic.
fn coarse_flows<'a>(context: &'a Context) -> &'a [f64] {
    context.traffic.as_ref().map_or(&[], |(base, _)| match context.quality {
        Quality::Preview => &base.coarse_flows[0],
        Quality::Answer | Quality::Refined => &base.coarse_flows[1],
    })
}
