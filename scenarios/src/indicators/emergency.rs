//! How long help takes to reach residents, from the nearest fire station, ambulance post or hospital.

use super::{
    Context, Detail, Finding, Statement,
    judge::missing,
    travel::{passable, times, zone_layer},
};
use crate::{
    engine::{NodeError, Part},
    models::{assignment::shortest_path::Search, road::RoadModel, traffic::mean_minutes},
};

/// Within this time help is there for most people, minutes; a detail, no norm.
const SOON_MINUTES: f64 = 8.0;

/// Mean time from the nearest site of help to residents; help may pass a pedestrian street slowly, and meets the traffic of
/// the peak hour except where signals let it through.
pub(super) fn emergency_time(context: &Context) -> Result<Finding, NodeError> {
    let (base, scenario) = context.traffic()?;
    let (streets, help) = (&context.edit(Part::Treated)?.streets, &context.edit(Part::Help)?.streets);
    let network = context.baseline().network();
    let sites: Vec<(u32, f64)> = context
        .baseline()
        .facts()
        .emergency_sites
        .iter()
        .filter_map(|&site| base.road.nearest_node(network, site).map(|node| (node, 0.0)))
        .collect();
    if sites.is_empty() {
        return missing(
            "reason-no-emergency-site",
            "expected a hospital or fire station in the data, found none",
        );
    }
    let kmh = context.assumptions().emergency_on_pedestrian_street_kmh.central;
    let residents: Vec<f64> = base.zones.iter().map(|zone| zone.residents).collect();
    let seconds = |road: &RoadModel, costs: &[f64]| -> Vec<f64> {
        let mut search = Search::new(road.network.nodes);
        search.run_from(&road.star, costs, &sites, road.network.first_through_node, f64::INFINITY);
        search.distance[..base.zones.len()].to_vec()
    };
    let road = scenario.road(&base);
    let before = seconds(&base.road, &base.equilibrium.costs);
    let after: [Vec<f64>; 3] = scenario.runs.each_ref().map(|run| {
        seconds(road, &road.with_signal_priority(passable(context, streets, road, &run.costs, kmh), help))
    });
    let means = after.each_ref().map(|secs| mean_minutes(secs, &residents));
    let (Some(was), [Some(low), Some(central), Some(high)]) = (mean_minutes(&before, &residents), means)
    else {
        return missing(
            "reason-no-emergency-way",
            "no way leads from a hospital or fire station to residents",
        );
    };
    let because = Statement::new(
        "explain-emergency-time",
        vec![("sites", (sites.len() as f64).into()), ("speed", kmh.into())],
        format!(
            "{} sites; help passes a pedestrian street at {kmh:.0} km/h and meets the traffic of the peak hour",
            sites.len()
        ),
    );
    let people: f64 = residents.iter().sum();
    let formula = Statement::new(
        "filled-emergency-time",
        vec![
            ("hours", (central * people / 60.0).into()),
            ("residents", people.into()),
            ("value", central.into()),
        ],
        format!("{:.0} hours / {people:.0} residents = {central:.1} min", central * people / 60.0),
    );
    let details = vec![
        Detail {
            name: "help-within-8-minutes".to_owned(),
            baseline: share_within(&before, &residents, SOON_MINUTES),
            scenario: share_within(&after[1], &residents, SOON_MINUTES),
            unit: "%",
        },
        Detail {
            name: "slowest-tenth".to_owned(),
            baseline: quantile_minutes(&before, &residents, 0.9),
            scenario: quantile_minutes(&after[1], &residents, 0.9),
            unit: "min",
        },
    ];
    let minutes = |secs: &[f64]| -> Vec<Option<f64>> {
        secs.iter().map(|secs| secs.is_finite().then(|| secs / 60.0)).collect()
    };
    let gap = context.quality()?.relative_gap();
    Ok(Finding {
        numbers: times(context, was, [low, central, high])?,
        explanation: vec![because],
        formula: Some(formula),
        details,
        layer: Some(zone_layer("emergency-time", context, &minutes(&before), &minutes(&after[1]), gap)),
        ..Finding::default()
    })
}

/// Percent of the residents reached within some minutes; those out of reach count as not reached.
fn share_within(seconds: &[f64], residents: &[f64], minutes: f64) -> Option<f64> {
    let people: f64 = residents.iter().sum();
    let near: f64 =
        seconds.iter().zip(residents).filter(|(secs, _)| **secs <= minutes * 60.0).map(|(_, n)| n).sum();
    (people > 0.0).then(|| 100.0 * near / people)
}

/// Minutes within which a share of the residents is reached; `None` when that many are not reached at all.
fn quantile_minutes(seconds: &[f64], residents: &[f64], share: f64) -> Option<f64> {
    let mut order: Vec<(f64, f64)> = seconds.iter().copied().zip(residents.iter().copied()).collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0));
    let wanted = share * residents.iter().sum::<f64>();
    let mut reached = 0.0;
    for (secs, people) in order {
        reached += people;
        if reached >= wanted && people > 0.0 {
            return secs.is_finite().then(|| secs / 60.0);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_count_residents_and_not_zones() {
        let (seconds, residents) = ([60.0, 600.0, f64::INFINITY], [90.0, 5.0, 5.0]);
        assert_eq!(quantile_minutes(&seconds, &residents, 0.9), Some(1.0));
        assert_eq!(quantile_minutes(&seconds, &residents, 0.95), Some(10.0));
        assert_eq!(quantile_minutes(&seconds, &residents, 0.99), None, "out of reach");
        assert_eq!(share_within(&seconds, &residents, 8.0), Some(90.0));
        assert_eq!(share_within(&seconds, &[0.0; 3], 8.0), None);
    }
}
