//! The assignment in numbers: trips, evaporation, where they went; and what must be said beside them.

use std::fmt::Write as _;

use super::{CordonSummary, MatrixSummary, Quality, TrafficSummary, WhereDidTheyGo};
use crate::{
    assumptions::{AdaptationMethod, Assumptions},
    baseline::Baseline,
    edit::NetworkEdit,
    indicators::Statement,
    models::{
        adaptation::evaporation_ratio,
        demand::{known::names, synthesize_from},
        equilibrium::Equilibrium,
        traffic::{BaselineTraffic, ScenarioTraffic, mean_minutes, trips_over},
    },
};

/// Half of the last percent that is shown: no more than rounding.
const ROUNDED_SHARE: f64 = 0.005;

/// Trips, evaporation, where they went.
pub(crate) fn summarise(
    baseline: &Baseline,
    base: &BaselineTraffic,
    solved: &ScenarioTraffic,
    edit: &NetworkEdit,
    quality: Quality,
) -> TrafficSummary {
    let pcu = baseline.assumptions().pcu_per_vehicle();
    let demand = solved.demand(base);
    let pairs = &demand.pairs;
    let treated_arcs = base.road.treated_arcs(edit, &solved.edited().changed_arcs);
    let used = trips_over(&base.equilibrium, &treated_arcs);
    let treated: f64 = used.iter().sum::<f64>() / pcu;
    let is_kept =
        |run: &Equilibrium, pair: usize| run.pair_costs.get(pair).is_some_and(|cost| cost.is_finite());
    let lost_by_pair = |run: &Equilibrium, pair: usize| {
        if is_kept(run, pair) { pairs.base_trips[pair] - run.trips[pair] } else { 0.0 }
    };
    let lost: [f64; 3] = solved
        .runs
        .each_ref()
        .map(|run| (0..pairs.len()).map(|pair| lost_by_pair(run, pair)).sum::<f64>() / pcu);
    let ratios = lost.map(|lost| evaporation_ratio(lost, treated));
    let evaporation =
        if let [Some(low), Some(central), Some(high)] = ratios { Some([low, central, high]) } else { None };
    let central = solved.central();
    let elsewhere = (quality != Quality::Preview && evaporation.is_some())
        .then(|| elsewhere_by_pair(baseline, base, solved))
        .flatten();
    let passed = |pair: usize| used.get(pair).copied().unwrap_or_default();
    let mut stranded = 0.0;
    let mut moved = 0.0;
    for pair in (0..pairs.len()).filter(|&pair| passed(pair) > 0.0) {
        if !is_kept(central, pair) {
            stranded += passed(pair) / pcu;
        } else if let Some(parts) = &elsewhere {
            // Of those who still go by car.
            let still = (central.trips[pair] / pairs.base_trips[pair]).clamp(0.0, 1.0);
            moved += passed(pair) * still * parts[pair] / pcu;
        }
    }
    let still: f64 = trips_over(central, &treated_arcs).iter().sum::<f64>() / pcu;
    let elasticity = baseline.assumptions().car_time_elasticity.central;
    let where_did_they_go = evaporation.map(|[_, share, _]| {
        let not_made = (stranded / treated).clamp(0.0, 1.0);
        let gone = share.clamp(0.0, 1.0 - not_made);
        let to_elsewhere = (moved / treated).clamp(0.0, 1.0 - not_made - gone);
        let mut by_mode = [0.0; 3];
        for pair in 0..pairs.len() {
            let amount = lost_by_pair(central, pair).max(0.0);
            let ends = [pairs.origin[pair], pairs.destination[pair]].map(|end| end as usize);
            let others = solved.others_of(ends, Some(pair), elasticity, demand.other_shares(pair));
            if amount > 0.0 && others.sum() > 0.0 {
                let shares = [others.walk, others.cycle, others.transit];
                for (total, part) in by_mode.iter_mut().zip(shares) {
                    *total += amount * part / others.sum();
                }
            }
        }
        // Who still drives where nothing is closed.
        let driving = 1.0 - gone - to_elsewhere - not_made;
        let same_street = (still / treated).clamp(0.0, driving.max(0.0));
        let sum: f64 = by_mode.iter().sum();
        let share_of = |amount: f64| if sum > 0.0 { gone * amount / sum } else { 0.0 };
        WhereDidTheyGo {
            same_street,
            other_route: driving - same_street,
            walk: share_of(by_mode[0]),
            cycle: share_of(by_mode[1]),
            transit: share_of(by_mode[2]),
            other_destination: elsewhere.is_some().then_some(to_elsewhere),
            not_made,
        }
    });
    let all_runs = || solved.runs.iter().chain(&solved.fixed);
    TrafficSummary {
        relative_gap: all_runs().map(|run| run.relative_gap).fold(0.0, f64::max),
        iterations: all_runs().map(|run| run.iterations).sum(),
        pairs: pairs.len(),
        zones: base.zones.len(),
        gateways: base.gateways.len(),
        external_share: base.demand.external_share,
        cordon: cordon_summary(baseline, base),
        matrix: matrix_summary(baseline, base),
        trips_per_hour: [
            base.equilibrium.total_trips() / pcu,
            solved.runs[0].total_trips() / pcu,
            solved.runs[1].total_trips() / pcu,
            solved.runs[2].total_trips() / pcu,
        ],
        treated_trips_per_hour: treated,
        evaporation,
        where_did_they_go,
        fixed_demand_minutes: solved
            .fixed
            .as_ref()
            .and_then(|run| mean_minutes(&run.pair_costs, &pairs.base_trips)),
        stranded_trips_per_hour: (central.stranded_trips(pairs)
            - base.equilibrium.stranded_trips(&base.demand.pairs))
        .max(0.0)
            / pcu,
    }
}

/// By pair the part of its journeys that goes to another place once people are used to the new travel times: the gravity
/// model (MODELS.md section 3) with the car times of the scenario as far as people drive. `None` where that model did not
/// make the trips, or where people and places change as well.
fn elsewhere_by_pair(
    baseline: &Baseline,
    base: &BaselineTraffic,
    solved: &ScenarioTraffic,
) -> Option<Vec<f64>> {
    if base.demand.is_from_matrix || solved.has_other_demand() {
        return None;
    }
    let (demand, run) = (&base.demand, solved.central());
    let (count, all) = (base.zones.len(), base.zones.len() + base.gateways.len());
    let mut minutes = demand.minutes.clone();
    for pair in 0..demand.pairs.len() {
        let change = run.pair_costs[pair] - base.equilibrium.pair_costs[pair];
        if change.is_finite() {
            let place = demand.pairs.origin[pair] as usize * all + demand.pairs.destination[pair] as usize;
            minutes[place] = (minutes[place] + demand.car_share[pair] * change / 60.0).max(0.0);
        }
    }
    let (zones, road, assumptions) = (&base.zones, &base.road, baseline.assumptions());
    let after =
        synthesize_from(zones, zones, &base.gateways, &road.is_connected, minutes, assumptions).ok()?;
    let part = |pair: usize| {
        let (origin, destination) =
            (demand.pairs.origin[pair] as usize, demand.pairs.destination[pair] as usize);
        if origin >= count || destination >= count {
            return 0.0;
        }
        let place = origin * count + destination;
        let (was, is) = (demand.journeys[place], after.journeys[place]);
        if was > 0.0 { (1.0 - is / was).clamp(0.0, 1.0) } else { 0.0 }
    };
    Some((0..demand.pairs.len()).map(part).collect())
}

/// `None` without a counted gateway.
fn cordon_summary(baseline: &Baseline, base: &BaselineTraffic) -> Option<CordonSummary> {
    let counts = || base.gateways.iter().filter_map(|gateway| gateway.count.as_ref());
    let pairs = &base.demand.pairs;
    let is_outside = |zone: u32| zone as usize >= base.zones.len();
    let (mut through, mut all) = (0.0, 0.0);
    for pair in 0..pairs.len() {
        let ends = [pairs.origin[pair], pairs.destination[pair]].into_iter().filter(|&zone| is_outside(zone));
        let crossings = ends.count();
        all += crossings as f64 * pairs.base_trips[pair];
        if crossings == 2 {
            through += 2.0 * pairs.base_trips[pair];
        }
    }
    (counts().count() > 0).then(|| CordonSummary {
        points: counts().count(),
        vehicles_per_day: counts().map(|count| count.vehicles_per_day).sum(),
        through_share: if all > 0.0 { through / all } else { 0.0 },
        source: baseline.facts().cordon_sources.join("; "),
        unattached: base.unattached_counts.clone(),
    })
}

/// `None` where the trips are made from people and jobs.
fn matrix_summary(baseline: &Baseline, base: &BaselineTraffic) -> Option<MatrixSummary> {
    let known = baseline.known_trips()?;
    let (cut_off, trips_without_street) = known.cut_off(&base.road.is_connected);
    Some(MatrixSummary {
        source: known.source.clone(),
        zones: known.zones.len(),
        trips: known.total(),
        trips_inside_zones: known.inside_zones(),
        zones_without_street: cut_off.into_iter().filter_map(|zone| known.ids.get(zone).cloned()).collect(),
        trips_without_street,
        unused_counts: baseline.facts().cordon.len(),
    })
}

/// What made demand rests on.
fn synthetic_notes(summary: &TrafficSummary) -> Vec<Statement> {
    let mut notes = vec![Statement::new(
        "note-synthetic-demand",
        vec![("zones", (summary.zones as f64).into())],
        format!(
            "synthetic demand: {} zones from residents and jobs with Dutch travel habits, not calibrated on counts; ±20 to \
             30 % on a street",
            summary.zones
        ),
    )];
    if summary.cordon.is_none() {
        let text = "traffic through the city from outside to outside is absent";
        notes.push(Statement::new("note-no-through-traffic", vec![], text));
    }
    notes.push(if let Some(cordon) = &summary.cordon {
        cordon_note(cordon)
    } else if summary.gateways > 0 {
        let percent = summary.external_share * 100.0;
        Statement::new(
            "note-external-journeys",
            vec![("percent", percent.into()), ("gateways", (summary.gateways as f64).into())],
            format!(
                "{percent:.0} % of residents' journeys leave the data over {} main roads, and as many come in: from \
                 national distances, not from counts",
                summary.gateways
            ),
        )
    } else {
        let text = "no main road leaves the data, so traffic from and to outside is absent";
        Statement::new("note-no-external-journeys", vec![], text)
    });
    if let Some(cordon) = summary.cordon.as_ref().filter(|cordon| !cordon.unattached.is_empty()) {
        let names = cordon.unattached.join(", ");
        notes.push(Statement::new(
            "note-cordon-unattached",
            vec![("names", names.as_str().into())],
            format!("no street for cars is near these counted points, so their traffic is missing: {names}"),
        ));
    }
    notes
}

/// What the demand of a matrix rests on: nothing of it is made.
fn matrix_notes(matrix: &MatrixSummary) -> Vec<Statement> {
    let (trips, inside) = (matrix.trips, matrix.trips_inside_zones);
    let mut notes = vec![Statement::new(
        "note-known-demand",
        vec![
            ("trips", trips.into()),
            ("zones", (matrix.zones as f64).into()),
            ("inside", inside.into()),
            ("source", matrix.source.as_str().into()),
        ],
        format!(
            "{trips:.0} car trips in the peak hour between {} zones, from {}; {inside:.0} of them stay inside a zone \
             and drive on no street of the model",
            matrix.zones, matrix.source
        ),
    )];
    if !matrix.zones_without_street.is_empty() {
        let (count, trips) = (matrix.zones_without_street.len(), matrix.trips_without_street);
        let names = names(matrix.zones_without_street.iter().map(String::as_str));
        notes.push(Statement::new(
            "note-matrix-without-street",
            vec![
                ("count", (count as f64).into()),
                ("trips", trips.into()),
                ("names", names.as_str().into()),
            ],
            format!(
                "{count} zones of the matrix have no street for cars nearby, so {trips:.0} trips from and to them are \
                 missing; put zones outside the data where their road comes in: {names}"
            ),
        ));
    }
    if matrix.unused_counts > 0 {
        let count = matrix.unused_counts;
        notes.push(Statement::new(
            "note-matrix-counts-unused",
            vec![("count", (count as f64).into())],
            format!("the counts at {count} points at the edge are not used: a matrix has the traffic over the border"),
        ));
    }
    notes
}

/// What must be said beside the numbers.
pub(crate) fn traffic_notes(
    summary: &TrafficSummary,
    solved: &ScenarioTraffic,
    assumptions: &Assumptions,
    quality: Quality,
) -> Vec<Statement> {
    let mut notes = match &summary.matrix {
        Some(matrix) => matrix_notes(matrix),
        None => synthetic_notes(summary),
    };
    notes.extend(summary.where_did_they_go.as_ref().map(where_they_went));
    if assumptions.adaptation_method == AdaptationMethod::ShareEvaporates {
        let share = &assumptions.evaporation_share;
        let [low, central, high] = [share.low, share.central, share.high].map(|share| 100.0 * share);
        notes.push(Statement::new(
            "note-share-evaporates",
            vec![("low", low.into()), ("central", central.into()), ("high", high.into())],
            format!(
                "{low:.0}, {central:.0} or {high:.0} % of the cars through closed streets are taken to go away (method B); \
                 car trips do not answer to travel times besides"
            ),
        ));
    }
    let range = &assumptions.evaporation_range;
    if let Some(band) = summary.evaporation
        && (band[1] < range.low - ROUNDED_SHARE || band[1] > range.high)
    {
        notes.push(Statement::new(
            "note-evaporation-outside-evidence",
            vec![("percent", (band[1] * 100.0).into())],
            format!("evaporation of {:.0} % is outside published evidence (0 to 50 %)", band[1] * 100.0),
        ));
    }
    if !solved.edited().rejoined_zones.is_empty() {
        let zones = solved.edited().rejoined_zones.len();
        notes.push(Statement::new(
            "note-rejoined-zones",
            vec![("zones", (zones as f64).into())],
            format!("{zones} zones have no street for cars left nearby; their cars are parked at the next open street"),
        ));
    }
    if summary.stranded_trips_per_hour > 0.0 {
        notes.push(Statement::new(
            "note-stranded-trips",
            vec![("trips", summary.stranded_trips_per_hour.into())],
            format!("{:.0} car trips an hour find no way any more", summary.stranded_trips_per_hour),
        ));
    }
    if solved.central().is_among_known_ways {
        let text = "first impression: only who drove through a changed street looked for another way; the answer follows";
        notes.push(Statement::new("note-preview-known-ways", vec![], text));
    }
    if solved.runs.iter().any(|run| !run.has_converged) {
        notes.push(Statement::new(
            "note-gap-not-reached",
            vec![("gap", summary.relative_gap.into()), ("wanted", quality.relative_gap().into())],
            format!("relative gap {:.1e} instead of {:.1e}", summary.relative_gap, quality.relative_gap()),
        ));
    }
    notes
}

/// Where the cars went that used the street, in percent of them.
fn where_they_went(went: &WhereDidTheyGo) -> Statement {
    // Adding nothing turns −0 into 0.
    let percent = |share: f64| (100.0 * share).round() + 0.0;
    let mut said = vec![
        ("same", percent(went.same_street).into()),
        ("route", percent(went.other_route).into()),
        ("walk", percent(went.walk).into()),
        ("cycle", percent(went.cycle).into()),
        ("transit", percent(went.transit).into()),
        ("lost", percent(went.not_made).into()),
    ];
    let mut text = format!(
        "of the cars that used the street {:.0} % still do, {:.0} % take another way, {:.0} % of the people walk, {:.0} % cycle, {:.0} % take \
         public transport, {:.0} % find no way",
        percent(went.same_street),
        percent(went.other_route),
        percent(went.walk),
        percent(went.cycle),
        percent(went.transit),
        percent(went.not_made),
    );
    let Some(elsewhere) = went.other_destination else {
        return Statement::new("note-where-they-went", said, text);
    };
    said.push(("elsewhere", percent(elsewhere).into()));
    let _ = write!(text, ", {:.0} % go somewhere else", percent(elsewhere));
    Statement::new("note-where-they-went-and-elsewhere", said, text)
}

/// What traffic over the border rests on.
fn cordon_note(cordon: &CordonSummary) -> Statement {
    let (vehicles, percent) = (cordon.vehicles_per_day, cordon.through_share * 100.0);
    Statement::new(
        "note-cordon",
        vec![
            ("points", (cordon.points as f64).into()),
            ("vehicles", vehicles.into()),
            ("percent", percent.into()),
            ("source", cordon.source.as_str().into()),
        ],
        format!(
            "traffic over the border of the data from counts at {} points: {vehicles:.0} vehicles a day, of which \
             {percent:.0} % drives through ({})",
            cordon.points, cordon.source
        ),
    )
}
