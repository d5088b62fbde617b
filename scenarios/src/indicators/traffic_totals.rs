//! Vehicle-kilometres and hours lost in the whole city.

use std::sync::Arc;

use super::{Context, Finding, MapLayer, Numbers, Per, Statement};
use crate::{
    engine::{
        NodeError,
        nodes::{BaselineRun, TrafficLayer},
    },
    evaluate::Quality,
    models::{
        road::RoadModel,
        traffic::{pcu_hours_lost, pcu_km},
    },
};

/// Half-widths of the model book, section 13, row 2.
const LEVEL_BAND: f64 = 0.10;
const DIFFERENCE_BAND: f64 = 0.30;
/// Smaller parts of all kilometres are no effect: half of the last decimal of a percentage that is shown.
const LEAST_SHARE: f64 = 5e-4;

/// Kilometres driven a day on all streets.
pub(super) fn vehicle_km(context: &Context) -> Result<Finding, NodeError> {
    let (base, scenario) = context.traffic()?;
    let of = |flows: &[f64], road: &RoadModel| context.vehicles_per_day(pcu_km(road, flows));
    let baseline = of(&base.equilibrium.flows, &base.road);
    let coarse = of(coarse_flows(&base, context.quality()?), &base.road);
    let numbers = Numbers {
        baseline,
        scenario: std::array::from_fn(|run| of(&scenario.runs[run].flows, scenario.road(&base))),
        level_band: LEVEL_BAND,
        difference_band: DIFFERENCE_BAND,
        noise_floor: (coarse - baseline).abs().max(LEAST_SHARE * baseline),
        ..Numbers::default()
    };
    let by_car: f64 = numbers.scenario[1] - baseline;
    let explanation = vec![Statement::new(
        "explain-vehicle-km",
        vec![("difference", by_car.into()), ("share", (by_car / baseline.max(1e-9)).into())],
        format!("{by_car:+.0} vehicle-kilometres a day: detours add, trips no longer made by car subtract"),
    )];
    let cars = |trips: f64| trips / context.assumptions().pcu_per_vehicle();
    let [trips, km] = [cars(scenario.central().total_trips()), numbers.scenario[1]];
    let share = context.assumptions().peak_share.central;
    let mean_km = if trips > 0.0 { km * share / trips } else { 0.0 };
    let formula = Statement::new(
        "filled-vehicle-km",
        vec![
            ("trips", trips.into()),
            ("mean", mean_km.into()),
            ("share", (share * 100.0).into()),
            ("value", km.into()),
        ],
        format!(
            "{trips:.0} trips in the peak hour × {mean_km:.2} km / {share:.2} of the day = {km:.0} vehicle-km a day"
        ),
    );
    let layer = Some(context.node::<TrafficLayer>()?.0.clone());
    Ok(Finding { numbers, explanation, formula: Some(formula), layer, ..Finding::default() })
}

/// Vehicle-hours lost against free flow in the peak hour.
pub(super) fn hours_lost(context: &Context) -> Result<Finding, NodeError> {
    let (base, scenario) = context.traffic()?;
    let pcu = context.assumptions().pcu_per_vehicle();
    let baseline = pcu_hours_lost(&base.road, &base.equilibrium.flows) / pcu;
    let coarse = pcu_hours_lost(&base.road, coarse_flows(&base, context.quality()?)) / pcu;
    let equilibrium = &base.equilibrium;
    let secs: f64 = equilibrium.flows.iter().zip(&equilibrium.costs).map(|(flow, cost)| flow * cost).sum();
    let driven = secs / 3600.0 / pcu;
    let road = scenario.road(&base);
    let numbers = Numbers {
        baseline,
        scenario: std::array::from_fn(|run| pcu_hours_lost(road, &scenario.runs[run].flows) / pcu),
        // Delay grows much faster than flow, so its level is as uncertain as its difference.
        level_band: DIFFERENCE_BAND,
        difference_band: DIFFERENCE_BAND,
        // Two solves to the same gap may differ by this part of all the time that is driven.
        noise_floor: (coarse - baseline).abs().max(context.quality()?.relative_gap() * driven),
        ..Numbers::default()
    };
    let difference = numbers.scenario[1] - baseline;
    let explanation = vec![Statement::new(
        "explain-hours-lost",
        vec![("difference", difference.into())],
        format!("{difference:+.1} vehicle-hours of delay in the peak hour"),
    )];
    let formula = Statement::new(
        "filled-hours-lost",
        vec![
            ("value", numbers.scenario[1].into()),
            ("baseline", baseline.into()),
            ("difference", difference.into()),
        ],
        format!("{:.1} h now − {baseline:.1} h before = {difference:+.1} vehicle-hours", numbers.scenario[1]),
    );
    let count = context.baseline().network().links.len();
    let before = lost_by_link(&base.road, &base.equilibrium.flows, count, pcu);
    let noise = lost_by_link(&base.road, coarse_flows(&base, context.quality()?), count, pcu);
    let after = lost_by_link(road, &scenario.central().flows, count, pcu);
    let mut layer = MapLayer::new("hours-lost", Per::Link, "veh-h/peak-h");
    for link in 0..count {
        layer.push(Some(before[link]), Some(after[link]), (noise[link] - before[link]).abs());
    }
    Ok(Finding {
        numbers,
        explanation,
        formula: Some(formula),
        layer: Some(Arc::new(layer)),
        ..Finding::default()
    })
}

/// Vehicle-hours lost by link; the links of one arc share its delay.
fn lost_by_link(road: &RoadModel, flows: &[f64], links: usize, pcu: f64) -> Vec<f64> {
    let mut lost = vec![0.0; links];
    for (arc, &flow) in flows.iter().enumerate() {
        let own = road.links_of(arc);
        let hours = flow * (road.costs.cost(arc, flow) - road.costs.free_flow(arc)) / 3600.0 / pcu;
        for &link in own {
            if let Some(sum) = lost.get_mut(link as usize) {
                *sum += hours / own.len() as f64;
            }
        }
    }
    lost
}

/// Baseline flows at a coarser gap.
fn coarse_flows(base: &BaselineRun, quality: Quality) -> &[f64] {
    match quality {
        Quality::Preview => &base.coarse_flows[0],
        Quality::Answer | Quality::Refined => &base.coarse_flows[1],
    }
}
