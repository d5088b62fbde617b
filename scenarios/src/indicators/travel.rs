//! Travel times and detour: residents' cars, those who used the street, deliveries, bicycles.

use std::sync::Arc;

use layers::model::Modes;
use rayon::prelude::*;

use super::{Context, Detail, Finding, MapLayer, Numbers, Per, Statement, judge::missing};
use crate::{
    edit::NetworkEdit,
    engine::{
        NodeError, Part,
        nodes::{BaselineCycling, BaselineRun, ScenarioCycling},
    },
    models::{
        assignment::{bucket_search::BucketSearch, shortest_path::ForwardStar},
        demand::distance_km,
        road::{RoadModel, free_flow_mps},
        traffic::{BaselineTraffic, mean_minutes, trips_over},
    },
};

/// Targets in the treated street that a delivery is tried for, spread evenly over it: a street of 500 m has about as many.
/// With half of them the difference was a fifth off in a generated city (0.20 instead of 0.25 min).
const DELIVERY_TARGETS: usize = 12;
/// Delivery vehicles inside a pedestrian street, km/h.
const DELIVERY_KMH: f64 = 10.0;

/// Times with the band of speeds and the noise of the gap.
pub(super) fn times(context: &Context, baseline: f64, scenario: [f64; 3]) -> Result<Numbers, NodeError> {
    let band = context.assumptions().speed_band.central;
    Ok(Numbers {
        baseline,
        scenario,
        level_band: band,
        difference_band: band,
        noise_floor: baseline * context.quality()?.relative_gap(),
        ..Numbers::default()
    })
}

/// Minutes by zone as a layer of the map; zones beyond the residents' own, such as gateways, are left out.
pub(super) fn zone_layer(
    id: &'static str,
    context: &Context,
    before: &[Option<f64>],
    after: &[Option<f64>],
    gap: f64,
) -> Arc<MapLayer> {
    let least = context.assumptions().noise_floor_minutes.central;
    let mut layer = MapLayer::new(id, Per::Zone, "min");
    for (before, after) in before.iter().zip(after) {
        layer.push(*before, *after, least.max(before.unwrap_or(0.0) * gap));
    }
    Arc::new(layer)
}

/// Mean car time of all trips, from door to door; the same trips in both.
pub(super) fn travel_time(context: &Context) -> Result<Finding, NodeError> {
    let (base, scenario) = context.traffic()?;
    let weights = kept_weights(&base.demand.pairs.base_trips, &scenario.central().pair_costs);
    mean_of_pairs(
        context,
        &weights,
        ["travel-time", "explain-travel-time", "filled-travel-time"],
        "mean of all car trips of the peak hour",
    )
}

/// Mean car time of the trips that used the closed street.
pub(super) fn detour(context: &Context) -> Result<Finding, NodeError> {
    let (base, scenario) = context.traffic()?;
    let changed = &scenario.edited().changed_arcs;
    let treated = base.road.treated_arcs(&context.edit(Part::Cars)?.streets, changed);
    let used = trips_over(&base.equilibrium, &treated);
    let weights = kept_weights(&used, &scenario.central().pair_costs);
    if weights.iter().sum::<f64>() <= 0.0 {
        return missing("reason-no-trips-in-street", "no car trip used the street under a measure");
    }
    mean_of_pairs(
        context,
        &weights,
        ["detour", "explain-detour", "filled-detour"],
        "mean of the car trips that used the street before",
    )
}

/// Weights of the pairs that still find a way.
fn kept_weights(weights: &[f64], scenario_costs: &[f64]) -> Vec<f64> {
    weights.iter().zip(scenario_costs).map(|(&w, cost)| if cost.is_finite() { w } else { 0.0 }).collect()
}

fn mean_of_pairs(
    context: &Context,
    weights: &[f64],
    [layer, key, filled]: [&'static str; 3],
    text: &str,
) -> Result<Finding, NodeError> {
    let (base, scenario) = context.traffic()?;
    let before = mean_minutes(&base.equilibrium.pair_costs, weights);
    let after: Vec<f64> =
        scenario.runs.iter().filter_map(|run| mean_minutes(&run.pair_costs, weights)).collect();
    let (Some(before), [low, central, high]) = (before, after.as_slice()) else {
        return missing("reason-no-trips", "no car trip finds its way in this scenario");
    };
    let fixed = scenario.fixed.as_ref().and_then(|run| mean_minutes(&run.pair_costs, weights));
    let details = vec![Detail {
        name: "if-nobody-changes-behaviour".to_owned(),
        baseline: Some(before),
        scenario: fixed,
        unit: "min",
    }];
    let because = Statement::new(
        key,
        vec![("baseline", before.into()), ("scenario", (*central).into())],
        format!("{text}: {before:.1} → {central:.1} min"),
    );
    let trips: f64 = weights.iter().sum::<f64>() / context.assumptions().pcu_per_vehicle();
    let hours = trips * central / 60.0;
    let formula = Statement::new(
        filled,
        vec![("hours", hours.into()), ("trips", trips.into()), ("value", (*central).into())],
        format!("{hours:.0} vehicle-hours / {trips:.0} trips = {central:.1} min"),
    );
    let by_zone = |costs: &[f64]| minutes_by_origin(&base, costs, weights);
    let layer = zone_layer(
        layer,
        context,
        &by_zone(&base.equilibrium.pair_costs),
        &by_zone(&scenario.central().pair_costs),
        context.quality()?.relative_gap(),
    );
    Ok(Finding {
        numbers: times(context, before, [*low, *central, *high])?,
        explanation: vec![because],
        formula: Some(formula),
        details,
        layer: Some(layer),
        ..Finding::default()
    })
}

/// Mean minutes of the pairs that begin in each zone.
fn minutes_by_origin(base: &BaselineTraffic, costs: &[f64], weights: &[f64]) -> Vec<Option<f64>> {
    let mut sums = vec![(0.0, 0.0); base.zones.len()];
    for (pair, (&secs, &weight)) in costs.iter().zip(weights).enumerate() {
        if let Some(sum) = sums.get_mut(base.demand.pairs.origin[pair] as usize)
            && secs.is_finite()
            && weight > 0.0
        {
            sum.0 += secs * weight;
            sum.1 += weight;
        }
    }
    sums.into_iter().map(|(sum, weight)| (weight > 0.0).then(|| sum / weight / 60.0)).collect()
}

/// Costs of the arcs of a run with the treated streets passable at a speed.
pub(super) fn passable(
    context: &Context,
    streets: &NetworkEdit,
    road: &RoadModel,
    costs: &[f64],
    kmh: f64,
) -> Vec<f64> {
    let network = context.baseline().network();
    let secs_on = |&link: &u32| {
        let street = &network.links[link as usize];
        let mps = if streets.is_treated(link as usize) {
            kmh / 3.6
        } else {
            free_flow_mps(street, context.assumptions())
        };
        street.length_m / mps
    };
    let one = |(arc, &cost): (usize, &f64)| {
        if cost.is_infinite() { road.links_of(arc).iter().map(secs_on).sum() } else { cost }
    };
    costs.iter().enumerate().map(one).collect()
}

/// Mean time from all over the city to a door in the treated street: outside the delivery window the last part goes on
/// foot.
pub(super) fn delivery_time(context: &Context) -> Result<Finding, NodeError> {
    let (base, scenario) = context.traffic()?;
    let streets = &context.edit(Part::Treated)?.streets;
    let (network, cars) = (context.baseline().network(), &context.edit(Part::Cars)?.streets);
    let mut closed = base.road.closed_arcs(cars);
    // In a street that is closed one way only deliveries drive the other way.
    for (arc, is_closed) in closed.iter_mut().enumerate().filter(|(_, is_closed)| **is_closed) {
        *is_closed = base.road.links_of(arc).iter().any(|&link| {
            let (forward, backward) = cars.modes(network, link as usize);
            !(forward | backward).contains(Modes::CAR)
        });
    }
    let mut targets: Vec<u32> = (0..closed.len())
        .filter(|&arc| closed[arc])
        .flat_map(|arc| [base.road.network.from[arc], base.road.network.to[arc]])
        .collect();
    targets.sort_unstable();
    targets.dedup();
    if targets.is_empty() {
        return missing(
            "reason-no-closed-street",
            "no street is closed to cars in this scenario, so deliveries drive as before",
        );
    }
    let count = targets.len().min(DELIVERY_TARGETS);
    let targets: Vec<u32> = (0..count).map(|place| targets[place * targets.len() / count]).collect();
    let road = scenario.road(&base);
    let before = delivery_minutes(&base, &base.road, &base.equilibrium.costs, &targets);
    let walk = context.assumptions().walk_kmh.central;
    let after: Vec<Option<(f64, Vec<Option<f64>>)>> = scenario
        .runs
        .par_iter()
        .map(|run| {
            delivery_minutes(&base, road, &passable(context, streets, road, &run.costs, walk), &targets)
        })
        .collect();
    let in_window = delivery_minutes(
        &base,
        road,
        &passable(context, streets, road, &scenario.central().costs, DELIVERY_KMH),
        &targets,
    );
    let (Some((before, zones_before)), [Some((low, _)), Some((central, zones_after)), Some((high, _))]) =
        (before, after.as_slice())
    else {
        return missing("reason-no-way-to-street", "no way leads to the street");
    };
    let has_window = streets.treated().iter().any(|(_, window)| window.is_some());
    let mut details = Vec::new();
    if has_window {
        details.push(Detail {
            name: "inside-delivery-window".to_owned(),
            baseline: Some(before),
            scenario: in_window.map(|(minutes, _)| minutes),
            unit: "min",
        });
    }
    let because = Statement::new(
        "explain-delivery-time",
        vec![("baseline", before.into()), ("scenario", (*central).into())],
        format!("outside the delivery window the last metres go on foot: {before:.1} → {central:.1} min"),
    );
    let formula = Statement::new(
        "filled-delivery-time",
        vec![
            ("zones", (base.zones.len() as f64).into()),
            ("targets", (targets.len() as f64).into()),
            ("walk", walk.into()),
            ("value", (*central).into()),
        ],
        format!(
            "mean over {} zones × {} places in the street, inside it at {walk:.1} km/h = {central:.1} min",
            base.zones.len(),
            targets.len()
        ),
    );
    let gap = context.quality()?.relative_gap();
    Ok(Finding {
        numbers: times(context, before, [*low, *central, *high])?,
        explanation: vec![because],
        formula: Some(formula),
        details,
        layer: Some(zone_layer("delivery-time", context, &zones_before, zones_after, gap)),
        ..Finding::default()
    })
}

/// The mean over all, and by zone.
type Minutes = (f64, Vec<Option<f64>>);

/// Mean minutes from all zones, weighted by their residents and jobs, to the targets; and by zone.
fn delivery_minutes(base: &BaselineRun, road: &RoadModel, costs: &[f64], targets: &[u32]) -> Option<Minutes> {
    let reversed = ForwardStar::new(road.network.nodes, &road.network.to, &road.network.from);
    let mut search = BucketSearch::new(road.network.nodes, costs);
    let mut by_zone = vec![(0.0, 0_u32); base.zones.len()];
    for &target in targets {
        search.run(&reversed, costs, target, road.network.first_through_node);
        for (zone, sum) in by_zone.iter_mut().enumerate() {
            let secs = search.distance[zone];
            if secs.is_finite() {
                sum.0 += secs;
                sum.1 += 1;
            }
        }
    }
    let (mut sum, mut weight) = (0.0, 0.0);
    for (facts, (secs, count)) in base.zones.iter().zip(&by_zone) {
        let own = facts.residents + facts.jobs;
        sum += own * secs;
        weight += own * f64::from(*count);
    }
    let minutes = |(secs, count): (f64, u32)| (count > 0).then(|| secs / f64::from(count) / 60.0);
    (weight > 0.0).then(|| (sum / weight / 60.0, by_zone.into_iter().map(minutes).collect()))
}

/// Mean cycling time of the journeys made by bicycle.
pub(super) fn cycle_time(context: &Context) -> Result<Finding, NodeError> {
    let base = context.node::<BaselineRun>()?;
    let (cycling, scenario) = (context.node::<BaselineCycling>()?, context.node::<ScenarioCycling>()?);
    let assumptions = context.assumptions();
    let (before, after) = (&cycling.seconds, &scenario.0);
    let count = base.zones.len();
    let mut weights = vec![0.0; before.len()];
    let mut by_zone = vec![(0.0, 0.0, 0.0); count];
    for (row, &origin) in cycling.origins.iter().enumerate() {
        for destination in 0..count {
            let place = row * count + destination;
            let times = (before.get(place).copied(), after.get(place).copied());
            let (Some(was), Some(is)) = times else { continue };
            if was.is_finite() && is.is_finite() && destination != origin {
                let km = distance_km(&base.zones[origin], &base.zones[destination], assumptions);
                let journeys = base.demand.journeys[origin * count + destination];
                weights[place] = journeys * assumptions.split_at_km(km).cycle;
                let sum = &mut by_zone[origin];
                sum.0 += weights[place] * was;
                sum.1 += weights[place] * is;
                sum.2 += weights[place];
            }
        }
    }
    let (Some(was), Some(is)) = (mean_minutes(before, &weights), mean_minutes(after, &weights)) else {
        return missing(
            "reason-no-cycle-network",
            "expected a cycling network that joins the zones, found none",
        );
    };
    let because = Statement::new(
        "explain-cycle-time",
        vec![("baseline", was.into()), ("scenario", is.into())],
        format!("mean of journeys by bicycle: {was:.2} → {is:.2} min"),
    );
    let journeys: f64 = weights.iter().sum();
    let formula = Statement::new(
        "filled-cycle-time",
        vec![("journeys", journeys.into()), ("hours", (journeys * is / 60.0).into()), ("value", is.into())],
        format!(
            "{:.0} hours / {journeys:.0} journeys by bicycle in the peak hour = {is:.2} min",
            journeys * is / 60.0
        ),
    );
    let band = assumptions.speed_band.central;
    // No equilibrium is involved: only what no model can tell is noise.
    let numbers = Numbers {
        baseline: was,
        scenario: [is; 3],
        level_band: band,
        difference_band: band,
        ..Numbers::default()
    };
    let minutes = |part: fn(&(f64, f64, f64)) -> f64| -> Vec<Option<f64>> {
        by_zone.iter().map(|sum| (sum.2 > 0.0).then(|| part(sum) / sum.2 / 60.0)).collect()
    };
    let layer = zone_layer("cycle-time", context, &minutes(|sum| sum.0), &minutes(|sum| sum.1), 0.0);
    Ok(Finding {
        numbers,
        explanation: vec![because],
        formula: Some(formula),
        layer: Some(layer),
        ..Finding::default()
    })
}
