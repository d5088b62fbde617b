//! Reach of public transport: who lives near a stop, which jobs are within 45 minutes, how often something leaves
//! (MODELS.md sections 1 and 5).

use std::{collections::BTreeMap, sync::Arc};

use super::{Context, Detail, Finding, MapLayer, Numbers, Per, Statement, judge::missing};
use crate::{
    baseline::facts::CityFacts,
    engine::{
        NodeError,
        nodes::{
            BaselineService, BaselineStopsNearby, BaselineTransitTimes, REACH_SECS, ScenarioFacts,
            ScenarioService, ScenarioStopsNearby, ScenarioTransitTimes, Service, ZoneTimes,
        },
    },
    models::{
        access::{
            cumulative::{mean_over_people, reached_by_transit},
            stops::{BUS_M, NearStops, RAIL_M},
        },
        transit::{calendar, service_hours::MARGIN_SECS},
    },
};

/// A walk this much longer or shorter than drawn is as likely.
const WALK_BAND: f64 = 0.10;

/// Percent of the residents within 400 m of walking of a bus stop, or 800 m of rail.
pub(super) fn near_stop(context: &Context) -> Result<Finding, NodeError> {
    let (before, after) = (context.node::<BaselineStopsNearby>()?, context.node::<ScenarioStopsNearby>()?);
    let (near_before, near_after) = (&before.0, &after.0);
    let changed = context.node::<ScenarioFacts>()?;
    let before_facts = context.baseline().facts();
    let after_facts = changed.or(before_facts);
    let shares =
        |near: &NearStops, facts: &CityFacts| near.shares(&people(facts)).map(|all| all.map(|s| 100.0 * s));
    let (Some(before), Some(after)) = (shares(near_before, before_facts), shares(near_after, after_facts))
    else {
        return missing("reason-no-residents", "expected residents on buildings or zones, found none");
    };
    let detail = |name: &str, index: usize| Detail {
        name: name.to_owned(),
        baseline: Some(before[index]),
        scenario: Some(after[index]),
        unit: "%",
    };
    // With walks that are a tenth longer than drawn; as much up as down.
    let band = |near: &NearStops, facts: &CityFacts, central: f64| {
        let is_near = |place: usize| {
            near.bus_m[place] <= BUS_M * (1.0 - WALK_BAND) || near.rail_m[place] <= RAIL_M * (1.0 - WALK_BAND)
        };
        let people = people(facts);
        let all: f64 = people.iter().sum();
        let sum: f64 = (0..people.len()).filter(|&place| is_near(place)).map(|place| people[place]).sum();
        let low = 100.0 * sum / all;
        [low, (2.0 * central - low).min(100.0)]
    };
    let residents: f64 = people(after_facts).iter().sum();
    let formula = Statement::new(
        "filled-near-stop",
        vec![
            ("near", (after[2] / 100.0 * residents).into()),
            ("residents", residents.into()),
            ("value", after[2].into()),
        ],
        format!("{:.0} / {residents:.0} residents = {:.1} %", after[2] / 100.0 * residents, after[2]),
    );
    let mut layer = MapLayer::new("near-stop", Per::Place, "%");
    let value = |near: &NearStops, facts: &CityFacts, place: usize| {
        let lives = facts.places.get(place)?.residents > 0.0;
        let is_near = near.bus_m[place].is_finite() || near.rail_m[place].is_finite();
        lives.then_some(if is_near { 100.0 } else { 0.0 })
    };
    for place in 0..after_facts.places.len() {
        layer.push(value(near_before, before_facts, place), value(near_after, after_facts, place), 0.0);
    }
    let service = context.node::<ScenarioService>()?;
    Ok(Finding {
        numbers: Numbers {
            baseline: before[2],
            scenario: [after[2]; 3],
            difference_band: WALK_BAND,
            bands: Some([
                band(near_before, before_facts, before[2]),
                band(near_after, after_facts, after[2]),
            ]),
            ..Numbers::default()
        },
        explanation: explanation("explain-near-stop", &service.0, 0, "stops at which something leaves"),
        formula: Some(formula),
        details: vec![detail("near-bus", 0), detail("near-rail", 1)],
        layer: Some(Arc::new(layer)),
        ..Finding::default()
    })
}

fn people(facts: &CityFacts) -> Vec<f64> {
    facts.places.iter().map(|place| place.residents.max(0.0)).collect()
}

/// `text` gets "from … to …" after it: the hours that are judged, `margin_secs` less at either end.
fn explanation(key: &'static str, service: &Service, margin_secs: i32, text: &str) -> Vec<Statement> {
    let date = calendar::iso(service.day.date);
    let hours = &service.hours;
    let (from, until) =
        (calendar::clock(hours.from_secs + margin_secs), calendar::clock(hours.to_secs - margin_secs));
    let said = vec![
        ("date", date.as_str().into()),
        ("from", from.as_str().into()),
        ("until", until.as_str().into()),
    ];
    let mut all = vec![Statement::new(key, said, format!("{date}, from {from} to {until}: {text}"))];
    if let Some([usual_from, usual_until]) = hours.instead_of.map(|usual| usual.map(calendar::clock)) {
        let (from, until) = (calendar::clock(hours.from_secs), calendar::clock(hours.to_secs));
        let text = format!(
            "next to nothing in the timetable leaves from {usual_from} to {usual_until}; its busiest hours are taken \
             instead: {from} to {until}"
        );
        let said = vec![
            ("usualfrom", usual_from.as_str().into()),
            ("usualuntil", usual_until.as_str().into()),
            ("from", from.as_str().into()),
            ("until", until.as_str().into()),
        ];
        all.push(Statement::new("note-busiest-hours", said, text));
    }
    all.extend(service.remarks.iter().map(|remark| {
        Statement::new("note-remark", vec![("text", remark.as_str().into())], remark.as_str())
    }));
    all
}

/// Percent of the jobs in the data that a resident reaches within 45 minutes, mean over residents; low, central and high
/// are slow, usual and lucky departures.
pub(super) fn jobs_by_transit(context: &Context) -> Result<Finding, NodeError> {
    let (before, after) = (context.node::<BaselineTransitTimes>()?, context.node::<ScenarioTransitTimes>()?);
    let reached = |times: &ZoneTimes| -> Option<([f64; 3], Vec<f64>)> {
        let jobs: Vec<f64> = times.zones.iter().map(|zone| zone.jobs).collect();
        let all: f64 = jobs.iter().sum();
        let by_zone: Vec<[f64; 3]> = reached_by_transit(&times.times, &jobs, REACH_SECS)
            .into_iter()
            .map(|jobs| jobs.map(|jobs| 100.0 * jobs / all))
            .collect();
        let residents: Vec<f64> = times.zones.iter().map(|zone| zone.residents).collect();
        let mean = mean_over_people(&residents, &by_zone).filter(|_| all > 0.0)?;
        Some((mean, by_zone.into_iter().map(|band| band[1]).collect()))
    };
    let (Some((was, zones_before)), Some((is, zones_after))) = (reached(&before.0), reached(&after.0)) else {
        return missing("reason-no-jobs", "expected residents and jobs in the data, found none");
    };
    let mut layer = MapLayer::new("jobs-by-transit", Per::Zone, "%");
    for (before, after) in zones_before.iter().zip(&zones_after) {
        layer.push(Some(*before), Some(*after), context.assumptions().noise_floor_points.central);
    }
    let changes: Vec<f64> = was.iter().zip(is).map(|(was, is)| is - was).collect();
    let formula = Statement::new(
        "filled-jobs-by-transit",
        vec![("slow", is[0].into()), ("lucky", is[2].into()), ("value", is[1].into())],
        format!(
            "{:.1} % of all jobs ({:.1} when one just misses it, {:.1} when it is just there)",
            is[1], is[0], is[2]
        ),
    );
    let service = context.node::<ScenarioService>()?;
    Ok(Finding {
        numbers: Numbers {
            baseline: was[1],
            scenario: [is[1]; 3],
            bands: Some([[was[0], was[2]], [is[0], is[2]]]),
            differences: Some([
                changes.iter().copied().fold(f64::INFINITY, f64::min),
                changes.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            ]),
            ..Numbers::default()
        },
        explanation: explanation(
            "explain-jobs-by-transit",
            &service.0,
            MARGIN_SECS,
            "leaving in any minute, at most 45 minutes from door to door with walks of at most 15 minutes",
        ),
        formula: Some(formula),
        layer: Some(Arc::new(layer)),
        ..Finding::default()
    })
}

/// Departures an hour in the two hours that are judged, summed over all stops.
pub(super) fn departures(context: &Context) -> Result<Finding, NodeError> {
    let (before, after) = (context.node::<BaselineService>()?, context.node::<ScenarioService>()?);
    let by_id = |service: &Service| {
        let mut sums: BTreeMap<String, f64> = BTreeMap::new();
        for (id, own) in service.stop_ids.iter().zip(&service.services) {
            *sums.entry(id.clone()).or_default() += own.departures_per_hour;
        }
        sums
    };
    let (was, is) = (by_id(&before.0), by_id(&after.0));
    let sum = |service: &Service, part: fn(&crate::models::transit::service::StopService) -> f64| -> f64 {
        service.services.iter().map(part).sum()
    };
    let detail = |name: &str, part: fn(&crate::models::transit::service::StopService) -> f64| Detail {
        name: name.to_owned(),
        baseline: Some(sum(&before.0, part)),
        scenario: Some(sum(&after.0, part)),
        unit: "departures/h",
    };
    let details = vec![
        detail("departures-bus", |service| service.bus_departures_per_hour),
        detail("departures-rail", |service| service.rail_departures_per_hour),
    ];
    let mut layer = MapLayer::new("departures", Per::Stop, "departures/h");
    for stop in &context.baseline().facts().stops {
        layer.push(was.get(&stop.id).copied(), Some(is.get(&stop.id).copied().unwrap_or(0.0)), 0.0);
    }
    let total = |service: &Service| sum(service, |own| own.departures_per_hour);
    let (was, is) = (total(&before.0), total(&after.0));
    let served = after.0.services.iter().filter(|service| service.departures_per_hour > 0.0).count() as f64;
    let formula = Statement::new(
        "filled-departures",
        vec![("stops", served.into()), ("mean", (is / served.max(1.0)).into()), ("value", is.into())],
        format!("{served:.0} stops × {:.1} departures = {is:.0} an hour", is / served.max(1.0)),
    );
    Ok(Finding {
        // Counted from the timetable: no band.
        numbers: Numbers { baseline: was, scenario: [is; 3], ..Numbers::default() },
        explanation: explanation("explain-departures", &after.0, 0, "all stops together"),
        formula: Some(formula),
        details,
        layer: Some(Arc::new(layer)),
        ..Finding::default()
    })
}
