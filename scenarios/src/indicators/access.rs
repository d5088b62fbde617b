//! Residents within a 15-minute walk of daily needs.

use super::{Computed, Context, DAILY_NEEDS, Detail, Numbers, Statement};
use crate::{
    baseline::facts::DailyNeed,
    models::{access, routing},
    reference::distance_to_line_m,
};
use layers::model::Modes;

/// A stop that lies this near to a street is served from it, metres.
const STOP_AT_STREET_M: f64 = 25.0;

/// The 15-minute score: mean over the needs of the share of residents that reach them, in percent.
pub(super) fn daily_needs(context: &Context) -> Computed {
    let baseline = context.baseline;
    let Some(before) = baseline.daily_needs() else {
        let text = if baseline.facts().residents() <= 0.0 {
            "expected residents on buildings or zones, found none"
        } else {
            "expected places of daily needs and residents near the walking network, found none"
        };
        return Context::missing(DAILY_NEEDS, Statement::new("reason-no-access-data", vec![], text));
    };
    let lost = lost_stops(context);
    let affects = context.edit.affects;
    let facts = context.edit.facts(baseline);
    let after = if affects.walk_network || affects.buildings || !lost.is_empty() {
        let mut needs = facts.needs.clone();
        let mut stop = 0;
        needs[DailyNeed::Stop as usize].retain(|_| {
            stop += 1;
            !lost.contains(&(stop - 1))
        });
        let walking;
        let network = if context.edit.affects.walk_network {
            walking = routing::SlowNetwork::new(
                baseline.network(),
                &context.edit.streets,
                routing::SlowMode::Walk,
                baseline.assumptions(),
            );
            &walking
        } else {
            baseline.walking()
        };
        access::daily_needs(&facts, &needs, network, baseline.assumptions())
    } else {
        // Nothing that people walk to or on has changed: exactly equal.
        Some(before.clone())
    };
    let Some(after) = after else {
        let text = "no resident reaches the walking network in this scenario";
        return Context::missing(DAILY_NEEDS, Statement::new("reason-no-access-data", vec![], text));
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
    let score = |access: &access::DailyNeedsAccess, band: usize| {
        access.shares.iter().flatten().map(|s| s[band]).sum::<f64>() / counted * 100.0
    };
    let missing: Vec<&str> = before.missing().map(DailyNeed::name).collect();
    let mut explanation = vec![Statement::new(
        "explain-daily-needs",
        vec![("needs", (details.len() as f64).into()), ("residents", before.counted_residents.into())],
        format!("{} needs, {:.0} residents, 15 minutes on foot", details.len(), before.counted_residents),
    )];
    if !missing.is_empty() {
        let list = missing.join(", ");
        explanation.push(Statement::new(
            "explain-needs-without-data",
            vec![("needs", list.clone().into())],
            format!("not counted, because the data have no such places: {list}"),
        ));
    }
    if !lost.is_empty() {
        explanation.push(Statement::new(
            "explain-stops-lost",
            vec![("stops", (lost.len() as f64).into())],
            format!(
                "{} bus stops in the street are no longer served; lines are not rerouted here",
                lost.len()
            ),
        ));
    }
    let numbers = Numbers {
        baseline: score(before, 1),
        scenario: [score(&after, 1); 3],
        level_band: 0.0,
        difference_band: 0.1,
        noise_floor: 1e-9,
    };
    let mut computed = context.compared(DAILY_NEEDS, &numbers, explanation, details);
    // The band is that of walking speed and of the limit of 15 minutes.
    if let Some(value) = &mut computed.baseline {
        (value.low, value.high) = (score(before, 0), score(before, 2));
    }
    if let Some(value) = &mut computed.outcome.value {
        (value.low, value.high) = (score(&after, 0), score(&after, 2));
    }
    computed
}

/// Bus stops at streets from which the scenario takes the bus: positions in the facts' stops.
pub(crate) fn lost_stops(context: &Context) -> Vec<usize> {
    if !context.edit.affects.stops {
        return Vec::new();
    }
    let network = context.baseline.network();
    let without_bus: Vec<usize> = context
        .edit
        .streets
        .treated_links()
        .filter(|&link| {
            context.edit.streets.is_closed_to(link, Modes::BUS)
                && network.links.get(link).is_some_and(|l| (l.forward | l.backward).contains(Modes::BUS))
        })
        .collect();
    let mut lost = Vec::new();
    for (index, stop) in context.baseline.facts().stops.iter().enumerate() {
        if !stop.is_bus_only {
            continue;
        }
        let to = |link: usize| distance_to_line_m(stop.position, &network.links[link].geometry);
        let to_treated = without_bus.iter().map(|&link| to(link)).fold(f64::INFINITY, f64::min);
        if to_treated > STOP_AT_STREET_M {
            continue;
        }
        let is_nearer_to_another = (0..network.links.len()).any(|link| {
            let modes = context.edit.streets.modes(network, link);
            (modes.0 | modes.1).contains(Modes::BUS) && to(link) < to_treated
        });
        if !is_nearer_to_another {
            lost.push(index);
        }
    }
    lost
}
