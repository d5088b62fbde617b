//! Vehicles a day by link, before and after.

use super::{LinkOutcome, Quality};
use crate::{
    baseline::Baseline,
    models::traffic::{BaselineTraffic, ScenarioTraffic, link_flows},
};

/// By link of the network.
pub(crate) fn link_outcomes(
    baseline: &Baseline,
    base: &BaselineTraffic,
    solved: &ScenarioTraffic,
    quality: Quality,
) -> Vec<LinkOutcome> {
    let assumptions = baseline.assumptions();
    let count = baseline.network().links.len();
    let per_day = 1.0 / assumptions.pcu_per_vehicle() / assumptions.peak_share.central;
    let road = solved.road(base);
    let before = link_flows(&base.road, &base.equilibrium.flows, count);
    let runs = solved.runs.each_ref().map(|run| link_flows(road, &run.flows, count));
    let noise_by_arc: Vec<f64> =
        (0..base.road.arcs()).map(|arc| base.convergence_noise(arc, quality)).collect();
    let noise = link_flows(&base.road, &noise_by_arc, count);
    let least = assumptions.noise_floor_vph.central / assumptions.peak_share.central;
    (0..count)
        .map(|link| {
            let flows = runs.each_ref().map(|run| run[link] * per_day);
            LinkOutcome {
                baseline: before[link] * per_day,
                low: flows.iter().copied().fold(f64::INFINITY, f64::min),
                central: flows[1],
                high: flows.iter().copied().fold(f64::NEG_INFINITY, f64::max),
                noise_floor: least.max(noise[link] * per_day),
            }
        })
        .collect()
}
