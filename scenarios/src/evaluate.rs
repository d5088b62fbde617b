//! Evaluates a scenario against the baseline: resolve, assign with low, central and high adaptation, compare.

use std::time::Instant;

use serde::Serialize;

pub use layers::readers::Progress as Cancel;

use crate::{
    apply::resolve,
    assumptions::Assumptions,
    baseline::Baseline,
    comparison::{Delta, Status},
    edit::NetworkEdit,
    indicators::{Context, Detail, IndicatorId, IndicatorValue, Statement, compute_all},
    models::{
        adaptation::evaporation_ratio,
        equilibrium::Equilibrium,
        traffic::{BaselineTraffic, ScenarioTraffic, TrafficError, link_flows, mean_minutes, trips_over},
    },
    scenario::Scenario,
};

/// How exact the equilibria are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Quality {
    /// Relative gap 1e-2: while a street is being dragged.
    Preview,
    /// Relative gap 1e-3.
    #[default]
    Answer,
    /// Relative gap 1e-4.
    Refined,
}

impl Quality {
    pub fn relative_gap(self) -> f64 {
        match self {
            Self::Preview => 1e-2,
            Self::Answer => 1e-3,
            Self::Refined => 1e-4,
        }
    }
}

/// Why there is no evaluation at all. What only one indicator lacks is in that indicator.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvaluateError {
    #[error("the evaluation was cancelled")]
    Cancelled,
}

/// One indicator of the scenario.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct IndicatorOutcome {
    pub id: IndicatorId,
    pub unit: &'static str,
    /// `None` when it cannot be computed; the explanation says why.
    pub value: Option<IndicatorValue>,
    pub delta: Option<Delta>,
    pub status: Status,
    /// Why it changed, or why it cannot be computed.
    pub explanation: Vec<Statement>,
    /// What it is made of.
    pub details: Vec<Detail>,
}

/// Traffic of one link, vehicles a day in both directions together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct LinkOutcome {
    pub baseline: f64,
    /// Least, central and greatest of the three adaptation runs.
    pub low: f64,
    pub central: f64,
    pub high: f64,
    /// Differences up to this are not an effect.
    pub noise_floor: f64,
}

impl LinkOutcome {
    /// Scenario minus baseline with its status.
    pub fn delta(&self) -> Delta {
        Delta::from_band(
            self.central - self.baseline,
            &[self.low - self.baseline, self.high - self.baseline],
            self.noise_floor,
        )
    }
}

/// Where the car trips that used the treated street went: shares of them, central adaptation. They sum to 1 where
/// all are known.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct WhereDidTheyGo {
    /// Still by car, over other streets.
    pub other_route: f64,
    pub walk: f64,
    pub cycle: f64,
    pub transit: f64,
    /// Not told apart by the pivot: those are inside the other modes.
    pub other_destination: Option<f64>,
    pub not_made: Option<f64>,
}

/// Counted traffic over the border of the data.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct CordonSummary {
    pub points: usize,
    /// Sum over the points: who drives through is counted twice.
    pub vehicles_per_day: f64,
    /// Part of them that goes on to another point, as assigned.
    pub through_share: f64,
    /// Where the counts come from, in the words of the data.
    pub source: String,
    /// Points that lie at no street for cars: their traffic is missing.
    pub unattached: Vec<String>,
}

/// The assignment behind an evaluation.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct TrafficSummary {
    /// Relative gap of each run that was solved: the greatest of them.
    pub relative_gap: f64,
    pub iterations: usize,
    pub pairs: usize,
    pub zones: usize,
    /// Main roads over the border of the data, and the share of residents' journeys that pass them.
    pub gateways: usize,
    pub external_share: f64,
    /// The counts on which traffic over the border rests; `None` where there are none.
    pub cordon: Option<CordonSummary>,
    /// Car trips in the peak hour: baseline, and low, central, high adaptation.
    pub trips_per_hour: [f64; 4],
    /// Trips that used the treated links, vehicles an hour.
    pub treated_trips_per_hour: f64,
    /// Evaporation: car trips that are no longer made by car over trips that used the treated links; low, central, high.
    /// `None` without traffic there.
    pub evaporation: Option<[f64; 3]>,
    pub where_did_they_go: Option<WhereDidTheyGo>,
    /// "If nobody changes behaviour": mean car time in minutes on fixed demand; an upper bound, never a headline.
    pub fixed_demand_minutes: Option<f64>,
    /// Trips that find no way to their destination in the scenario, vehicles an hour.
    pub stranded_trips_per_hour: f64,
}

/// The whole outcome.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evaluation {
    pub baseline: Vec<(IndicatorId, IndicatorValue)>,
    pub scenario: Vec<IndicatorOutcome>,
    /// Indexed like the links of the network. Empty when there is no traffic model.
    pub links: Vec<LinkOutcome>,
    /// Links under a measure, ascending.
    pub treated_links: Vec<usize>,
    /// Every measure or reference that could not be applied, in words.
    pub unresolved: Vec<String>,
    /// Remarks on the whole: synthetic demand, no through traffic, evaporation outside the evidence.
    pub notes: Vec<Statement>,
    pub traffic: Option<TrafficSummary>,
    pub quality: Quality,
    pub baseline_fingerprint: String,
    pub seconds: f64,
}

impl Evaluation {
    pub fn baseline_value(&self, id: &str) -> Option<&IndicatorValue> {
        self.baseline.iter().find(|(known, _)| *known == id).map(|(_, value)| value)
    }

    pub fn outcome(&self, id: &str) -> Option<&IndicatorOutcome> {
        self.scenario.iter().find(|outcome| outcome.id == id)
    }
}

/// Evaluates `scenario` on `baseline`. The baseline is not changed. The first call solves the baseline equilibrium and
/// keeps it in the baseline; later ones start warm from it.
///
/// What does not resolve is listed in [`Evaluation::unresolved`] and the rest is evaluated. An indicator whose data are
/// missing is [`Status::NotComputable`] with the reason.
pub fn evaluate(
    baseline: &Baseline,
    scenario: &Scenario,
    cancel: &Cancel,
    quality: Quality,
) -> Result<Evaluation, EvaluateError> {
    let started = Instant::now();
    let assumptions = baseline.assumptions();
    let resolved = resolve(baseline, scenario);
    let mut notes: Vec<Statement> = baseline
        .remarks()
        .iter()
        .map(|remark| Statement::new("note-remark", vec![("text", remark.as_str().into())], remark.as_str()))
        .collect();

    let base = match baseline.traffic(cancel) {
        Ok(base) => Ok(base),
        Err(TrafficError::Cancelled) => return Err(EvaluateError::Cancelled),
        Err(error) => Err(error.to_string()),
    };
    cancel.set(0.5);
    let solved = match &base {
        Ok(base) => match ScenarioTraffic::solve(baseline, base, &resolved.edit, quality, cancel) {
            Ok(solved) => Some(solved),
            Err(_) => return Err(EvaluateError::Cancelled),
        },
        Err(_) => None,
    };
    cancel.set(0.85);
    if cancel.is_cancelled() {
        return Err(EvaluateError::Cancelled);
    }
    let traffic = match (&base, &solved) {
        (Ok(base), Some(solved)) => match &solved.demand_error {
            Some(error) => Err(error.to_string()),
            None => Ok((base.as_ref(), solved)),
        },
        (Err(reason), _) => Err(reason.clone()),
        (Ok(_), None) => Err("the scenario was not solved".to_owned()),
    };
    let links = match &traffic {
        Ok((base, solved)) => link_outcomes(baseline, base, solved, quality),
        Err(_) => Vec::new(),
    };
    let summary =
        traffic.as_ref().ok().map(|(base, solved)| summarise(baseline, base, solved, &resolved.edit.streets));
    if let (Some(summary), Ok((_, solved))) = (&summary, &traffic) {
        notes.extend(traffic_notes(summary, solved, assumptions, quality));
    }
    let context =
        Context { baseline, edit: &resolved.edit, quality, traffic: traffic.clone(), links: &links };
    let computed = compute_all(&context);
    cancel.set(1.0);
    let mut evaluation = Evaluation {
        baseline: Vec::new(),
        scenario: Vec::new(),
        treated_links: resolved.edit.streets.treated_links().collect(),
        unresolved: resolved.problems,
        notes,
        traffic: summary,
        quality,
        baseline_fingerprint: baseline.fingerprint().to_owned(),
        seconds: 0.0,
        links: Vec::new(),
    };
    for one in computed {
        if let Some(value) = one.baseline {
            evaluation.baseline.push((one.outcome.id, value));
        }
        evaluation.scenario.push(one.outcome);
    }
    evaluation.links = links;
    evaluation.seconds = started.elapsed().as_secs_f64();
    Ok(evaluation)
}

/// Vehicles a day by link.
fn link_outcomes(
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

/// Trips, evaporation, where they went.
fn summarise(
    baseline: &Baseline,
    base: &BaselineTraffic,
    solved: &ScenarioTraffic,
    edit: &NetworkEdit,
) -> TrafficSummary {
    let pcu = baseline.assumptions().pcu_per_vehicle();
    let demand = solved.demand(base);
    let pairs = &demand.pairs;
    let used = trips_over(&base.equilibrium, &base.road.closed_arcs(edit));
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
    let where_did_they_go = evaporation.map(|[_, share, _]| {
        let gone = share.clamp(0.0, 1.0);
        let mut by_mode = [0.0; 3];
        for pair in 0..pairs.len() {
            let other = 1.0 - demand.car_share[pair];
            let amount = lost_by_pair(central, pair).max(0.0);
            if other > 0.0 && amount > 0.0 {
                let shares = [demand.walk_share[pair], demand.cycle_share[pair], demand.transit_share[pair]];
                let sum: f64 = shares.iter().sum();
                for (total, part) in by_mode.iter_mut().zip(shares) {
                    *total += amount * part / sum.max(1e-12);
                }
            }
        }
        let sum: f64 = by_mode.iter().sum();
        let share_of = |mode: usize| if sum > 0.0 { gone * by_mode[mode] / sum } else { 0.0 };
        WhereDidTheyGo {
            other_route: 1.0 - gone,
            walk: share_of(0),
            cycle: share_of(1),
            transit: share_of(2),
            other_destination: None,
            not_made: None,
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

/// What must be said beside the numbers.
fn traffic_notes(
    summary: &TrafficSummary,
    solved: &ScenarioTraffic,
    assumptions: &Assumptions,
    quality: Quality,
) -> Vec<Statement> {
    let mut notes = vec![Statement::new(
        "note-synthetic-demand",
        vec![("zones", (summary.zones as f64).into())],
        format!(
            "synthetic demand: {} zones from residents and jobs, not calibrated on counts; ±20 to 30 % on a street",
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
    let range = &assumptions.evaporation_range;
    if let Some(band) = summary.evaporation
        && (band[1] < range.low || band[1] > range.high)
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
    if solved.runs.iter().any(|run| !run.has_converged) {
        notes.push(Statement::new(
            "note-gap-not-reached",
            vec![("gap", summary.relative_gap.into()), ("wanted", quality.relative_gap().into())],
            format!("relative gap {:.1e} instead of {:.1e}", summary.relative_gap, quality.relative_gap()),
        ));
    }
    notes
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
