//! Travel times and detour: residents' cars, those who used the street, deliveries, help, bicycles.

use rayon::prelude::*;

use super::{
    CYCLE_TIME, Computed, Context, DELIVERY_TIME, DETOUR, Detail, EMERGENCY_TIME, IndicatorId, Numbers,
    Statement, TRAVEL_TIME,
};
use crate::{
    edit::NetworkEdit,
    models::{
        assignment::shortest_path::{ForwardStar, Search},
        road::{RoadModel, free_flow_mps},
        routing::{SlowMode, SlowNetwork},
        traffic::{BaselineTraffic, mean_minutes, trips_over},
    },
};

/// Targets in the treated street that a delivery is tried for.
const DELIVERY_TARGETS: usize = 12;
/// Origins of the cycling mean: the zones with most residents.
const CYCLE_ORIGINS: usize = 60;
/// Delivery vehicles inside a pedestrian street, km/h.
const DELIVERY_KMH: f64 = 10.0;

fn times(
    context: &Context,
    id: IndicatorId,
    baseline: f64,
    scenario: [f64; 3],
    because: Statement,
    details: Vec<Detail>,
) -> Computed {
    let band = context.baseline.assumptions().speed_band.central;
    let numbers = Numbers {
        baseline,
        scenario,
        level_band: band,
        difference_band: band,
        noise_floor: baseline * context.quality.relative_gap(),
    };
    context.compared(id, &numbers, vec![because], details)
}

/// Mean car time of all trips, from door to door; the same trips in both.
pub(super) fn travel_time(context: &Context) -> Computed {
    let (base, scenario) = match &context.traffic {
        Ok(both) => *both,
        Err(reason) => return Context::no_traffic(TRAVEL_TIME, reason),
    };
    let weights = kept_weights(&base.demand.pairs.base_trips, &scenario.central().pair_costs);
    mean_of_pairs(
        context,
        TRAVEL_TIME,
        &weights,
        "explain-travel-time",
        "mean of all car trips of the peak hour",
    )
}

/// Mean car time of the trips that used the closed street.
pub(super) fn detour(context: &Context) -> Computed {
    let (base, scenario) = match &context.traffic {
        Ok(both) => *both,
        Err(reason) => return Context::no_traffic(DETOUR, reason),
    };
    let closed = base.road.closed_arcs(&context.edit.streets);
    let used = trips_over(&base.equilibrium, &closed);
    let weights = kept_weights(&used, &scenario.central().pair_costs);
    if weights.iter().sum::<f64>() <= 0.0 {
        let text = "no car trip used the street under a measure";
        return Context::missing(DETOUR, Statement::new("reason-no-trips-in-street", vec![], text));
    }
    mean_of_pairs(
        context,
        DETOUR,
        &weights,
        "explain-detour",
        "mean of the car trips that used the street before",
    )
}

/// Weights of the pairs that still find a way.
fn kept_weights(weights: &[f64], scenario_costs: &[f64]) -> Vec<f64> {
    weights.iter().zip(scenario_costs).map(|(&w, cost)| if cost.is_finite() { w } else { 0.0 }).collect()
}

fn mean_of_pairs(
    context: &Context,
    id: IndicatorId,
    weights: &[f64],
    key: &'static str,
    text: &str,
) -> Computed {
    let (base, scenario) = match &context.traffic {
        Ok(both) => *both,
        Err(reason) => return Context::no_traffic(id, reason),
    };
    let before = mean_minutes(&base.equilibrium.pair_costs, weights);
    let after: Vec<f64> =
        scenario.runs.iter().filter_map(|run| mean_minutes(&run.pair_costs, weights)).collect();
    let (Some(before), [low, central, high]) = (before, after.as_slice()) else {
        let text = "no car trip finds its way in this scenario";
        return Context::missing(id, Statement::new("reason-no-trips", vec![], text));
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
    times(context, id, before, [*low, *central, *high], because, details)
}

/// Costs of the arcs of a run with the treated streets passable at a speed.
fn passable(context: &Context, road: &RoadModel, costs: &[f64], kmh: f64) -> Vec<f64> {
    let network = context.baseline.network();
    let secs_on = |&link: &u32| {
        let street = &network.links[link as usize];
        let mps = if context.edit.streets.is_treated(link as usize) {
            kmh / 3.6
        } else {
            free_flow_mps(street, context.baseline.assumptions())
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
pub(super) fn delivery_time(context: &Context) -> Computed {
    let (base, scenario) = match &context.traffic {
        Ok(both) => *both,
        Err(reason) => return Context::no_traffic(DELIVERY_TIME, reason),
    };
    let closed = base.road.closed_arcs(&context.edit.streets);
    let mut targets: Vec<u32> = (0..closed.len())
        .filter(|&arc| closed[arc])
        .flat_map(|arc| [base.road.network.from[arc], base.road.network.to[arc]])
        .collect();
    targets.sort_unstable();
    targets.dedup();
    if targets.is_empty() {
        let text = "no street for cars is under a measure in this scenario";
        return Context::missing(DELIVERY_TIME, Statement::new("reason-no-treated-street", vec![], text));
    }
    let step = targets.len().div_ceil(DELIVERY_TARGETS);
    let targets: Vec<u32> = targets.into_iter().step_by(step).collect();
    let road = scenario.road(base);
    let before = delivery_minutes(base, &base.road, &base.equilibrium.costs, &targets);
    let walk = context.baseline.assumptions().walk_kmh.central;
    let after: Vec<Option<f64>> = scenario
        .runs
        .par_iter()
        .map(|run| delivery_minutes(base, road, &passable(context, road, &run.costs, walk), &targets))
        .collect();
    let in_window = delivery_minutes(
        base,
        road,
        &passable(context, road, &scenario.central().costs, DELIVERY_KMH),
        &targets,
    );
    let (Some(before), [Some(low), Some(central), Some(high)]) = (before, after.as_slice()) else {
        let text = "no way leads to the street";
        return Context::missing(DELIVERY_TIME, Statement::new("reason-no-way-to-street", vec![], text));
    };
    let has_window = context.edit.streets.treated().iter().any(|(_, window)| window.is_some());
    let mut details = Vec::new();
    if has_window {
        details.push(Detail {
            name: "inside-delivery-window".to_owned(),
            baseline: Some(before),
            scenario: in_window,
            unit: "min",
        });
    }
    let because = Statement::new(
        "explain-delivery-time",
        vec![("baseline", before.into()), ("scenario", (*central).into())],
        format!("outside the delivery window the last metres go on foot: {before:.1} → {central:.1} min"),
    );
    times(context, DELIVERY_TIME, before, [*low, *central, *high], because, details)
}

/// Mean minutes from all zones, weighted by their residents and jobs, to the targets.
fn delivery_minutes(base: &BaselineTraffic, road: &RoadModel, costs: &[f64], targets: &[u32]) -> Option<f64> {
    let reversed = ForwardStar::new(road.network.nodes, &road.network.to, &road.network.from);
    let mut search = Search::new(road.network.nodes);
    let (mut sum, mut weight) = (0.0, 0.0);
    for &target in targets {
        search.run(&reversed, costs, target, road.network.first_through_node);
        for (zone, facts) in base.zones.iter().enumerate() {
            let secs = search.distance[zone];
            if secs.is_finite() {
                let w = facts.residents + facts.jobs;
                sum += w * secs;
                weight += w;
            }
        }
    }
    (weight > 0.0).then(|| sum / weight / 60.0)
}

/// Mean time from the nearest hospital or fire station to residents; help may pass a pedestrian street slowly.
pub(super) fn emergency_time(context: &Context) -> Computed {
    let (base, scenario) = match &context.traffic {
        Ok(both) => *both,
        Err(reason) => return Context::no_traffic(EMERGENCY_TIME, reason),
    };
    let network = context.baseline.network();
    let sites: Vec<(u32, f64)> = context
        .baseline
        .facts()
        .emergency_sites
        .iter()
        .filter_map(|&site| base.road.nearest_node(network, site).map(|node| (node, 0.0)))
        .collect();
    if sites.is_empty() {
        let text = "expected a hospital or fire station in the data, found none";
        return Context::missing(EMERGENCY_TIME, Statement::new("reason-no-emergency-site", vec![], text));
    }
    let kmh = context.baseline.assumptions().emergency_on_pedestrian_street_kmh.central;
    let minutes = |road: &RoadModel, costs: &[f64]| {
        let mut search = Search::new(road.network.nodes);
        search.run_from(&road.star, costs, &sites, road.network.first_through_node, f64::INFINITY);
        let residents: Vec<f64> = base.zones.iter().map(|zone| zone.residents).collect();
        mean_minutes(&search.distance[..base.zones.len()], &residents)
    };
    let road = scenario.road(base);
    let streets = &context.edit.streets;
    let help = |costs: &[f64]| road.with_signal_priority(passable(context, road, costs, kmh), streets);
    let after: Vec<Option<f64>> = scenario.runs.iter().map(|run| minutes(road, &help(&run.costs))).collect();
    let (Some(before), [Some(low), Some(central), Some(high)]) =
        (minutes(&base.road, &base.equilibrium.costs), after.as_slice())
    else {
        let text = "no way leads from a hospital or fire station to residents";
        return Context::missing(EMERGENCY_TIME, Statement::new("reason-no-emergency-way", vec![], text));
    };
    let because = Statement::new(
        "explain-emergency-time",
        vec![("sites", (sites.len() as f64).into()), ("speed", kmh.into())],
        format!(
            "{} sites; help passes a pedestrian street at {kmh:.0} km/h and meets the traffic of the peak hour",
            sites.len()
        ),
    );
    times(context, EMERGENCY_TIME, before, [*low, *central, *high], because, Vec::new())
}

/// Mean cycling time of the journeys made by bicycle.
pub(super) fn cycle_time(context: &Context) -> Computed {
    let base = match &context.traffic {
        Ok((base, _)) => *base,
        Err(reason) => return Context::no_traffic(CYCLE_TIME, reason),
    };
    let assumptions = context.baseline.assumptions();
    let streets = context.baseline.network();
    let before = context.baseline.cycle_seconds(|| {
        let edit = NetworkEdit::none(streets.links.len());
        cycle_seconds(base, &SlowNetwork::new(streets, &edit, SlowMode::Cycle, assumptions))
    });
    let after = if context.edit.affects.cycle_network {
        cycle_seconds(base, &SlowNetwork::new(streets, &context.edit.streets, SlowMode::Cycle, assumptions))
    } else {
        before.to_vec()
    };
    let count = base.zones.len();
    let mut weights = vec![0.0; before.len()];
    for (row, &origin) in cycle_origins(base).iter().enumerate() {
        for destination in 0..count {
            let place = row * count + destination;
            let is_known = before.get(place).is_some_and(|s| s.is_finite())
                && after.get(place).is_some_and(|s| s.is_finite());
            if is_known && destination != origin {
                let km = crate::models::demand::distance_km(
                    &base.zones[origin],
                    &base.zones[destination],
                    assumptions,
                );
                weights[place] =
                    base.demand.journeys[origin * count + destination] * assumptions.split_at_km(km).cycle;
            }
        }
    }
    let (Some(was), Some(is)) = (mean_minutes(before, &weights), mean_minutes(&after, &weights)) else {
        let text = "expected a cycling network that joins the zones, found none";
        return Context::missing(CYCLE_TIME, Statement::new("reason-no-cycle-network", vec![], text));
    };
    let because = Statement::new(
        "explain-cycle-time",
        vec![("baseline", was.into()), ("scenario", is.into())],
        format!("mean of journeys by bicycle: {was:.2} → {is:.2} min"),
    );
    let mut computed = times(context, CYCLE_TIME, was, [is; 3], because, Vec::new());
    // No equilibrium is involved: any difference is real.
    if let Some(delta) = &mut computed.outcome.delta {
        *delta = crate::comparison::Delta::from_band(delta.central, &[delta.low, delta.high], 1e-9);
        computed.outcome.status = delta.status;
    }
    computed
}

/// The zones with most residents, ascending.
fn cycle_origins(base: &BaselineTraffic) -> Vec<usize> {
    let mut zones: Vec<usize> = (0..base.zones.len()).collect();
    zones.sort_by(|&a, &b| base.zones[b].residents.total_cmp(&base.zones[a].residents).then(a.cmp(&b)));
    zones.truncate(CYCLE_ORIGINS);
    zones.sort_unstable();
    zones
}

/// Seconds by bicycle from the origins to all zones, row-major; infinite where there is no way.
fn cycle_seconds(base: &BaselineTraffic, cycling: &SlowNetwork) -> Vec<f64> {
    let doors: Vec<Option<(u32, f64)>> =
        base.zones.iter().map(|zone| cycling.access(zone.position)).collect();
    let rows: Vec<Vec<f64>> = cycle_origins(base)
        .par_iter()
        .map_init(
            || Search::new(cycling.nodes()),
            |search, &origin| {
                let Some(from) = doors[origin] else { return vec![f64::INFINITY; doors.len()] };
                search.run_from(&cycling.star, &cycling.seconds, &[from], 0, f64::INFINITY);
                doors
                    .iter()
                    .map(|door| {
                        door.map_or(f64::INFINITY, |(node, secs)| search.distance[node as usize] + secs)
                    })
                    .collect()
            },
        )
        .collect();
    rows.concat()
}
