//! Evaluates a scenario against the baseline: resolve, assign with low, central and high adaptation, compare. The work is
//! done by the [`engine`](crate::engine), which computes only what an edit touches.

use std::sync::Arc;

use serde::Serialize;

pub use layers::readers::Progress as Cancel;

mod assemble;
pub(crate) mod outcome;
pub(crate) mod summary;

pub(crate) use assemble::assemble;

use crate::{
    baseline::Baseline,
    comparison::{Delta, Status},
    indicators::{
        Detail, Distribution, IndicatorId, IndicatorValue, MapLayer, MeasureShare, ObjectShare, Runs,
        Statement,
    },
    scenario::Scenario,
};

/// How exact the equilibria are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Quality {
    /// Relative gap 1e-2: while a street is being dragged. Where streets only close or become slower, only who used them
    /// looks for another way, and the gap is that among the ways that are then known.
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
    /// The numbers by adaptation run; `None` where the band is not one of adaptation.
    pub runs: Option<Runs>,
    /// Differences up to this are no effect: what the solver's gap can make, and what no model can tell.
    pub noise_floor: f64,
    /// Why it changed, or why it cannot be computed.
    pub explanation: Vec<Statement>,
    /// The formula with the numbers filled in; its words alone are `formula-<id>`.
    pub formula: Option<Statement>,
    /// What it is made of.
    pub details: Vec<Detail>,
    /// Measures of the scenario that it can answer to, in their order.
    pub measures: Vec<MeasureShare>,
    /// The objects that matter most for it, greatest contribution first.
    pub objects: Vec<ObjectShare>,
    /// Who gains and who loses; `None` where it cannot be told by place.
    pub distribution: Option<Distribution>,
    /// The values on the map.
    #[serde(skip)]
    pub layer: Option<Arc<MapLayer>>,
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
    /// Still by car in the same street; 0 where it is closed.
    pub same_street: f64,
    /// Still by car, over other streets.
    pub other_route: f64,
    pub walk: f64,
    pub cycle: f64,
    pub transit: f64,
    /// By car to another place, once people are used to the new travel times: what the gravity model says. `None` in a preview, where
    /// trips were given as a matrix, and where people and places change as well: those are inside the other modes.
    pub other_destination: Option<f64>,
    /// They find no way by car any more.
    pub not_made: f64,
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

/// What became of an OD matrix of the project, vehicles in the peak hour.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct MatrixSummary {
    /// Where the trips come from, such as the name of the file.
    pub source: String,
    pub zones: usize,
    /// All trips of the matrix: those on the streets, and the two kinds below.
    pub trips: f64,
    /// Trips that stay inside a zone, and so on no street of the model.
    pub trips_inside_zones: f64,
    /// Zones with trips and without a street for cars nearby.
    pub zones_without_street: Vec<String>,
    /// Trips between zones that begin or end there.
    pub trips_without_street: f64,
    /// Counts at the edge of the data that are not used: a matrix has its own traffic over the border.
    pub unused_counts: usize,
}

/// The assignment behind an evaluation.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct TrafficSummary {
    /// Relative gap of each run that was solved: the greatest of them; in a preview among the known ways.
    pub relative_gap: f64,
    pub iterations: usize,
    pub pairs: usize,
    pub zones: usize,
    /// Main roads over the border of the data, and the share of residents' journeys that pass them.
    pub gateways: usize,
    pub external_share: f64,
    /// The counts on which traffic over the border rests; `None` where there are none.
    pub cordon: Option<CordonSummary>,
    /// The OD matrix that the trips come from; `None` where they are made from people and jobs.
    pub matrix: Option<MatrixSummary>,
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
/// keeps it in the baseline; later ones start warm from it, and what was computed before is reused
/// ([`Baseline::engine`]).
///
/// What does not resolve is listed in [`Evaluation::unresolved`] and the rest is evaluated; when nothing of the plan is
/// left, every indicator is [`Status::NotComputable`]. So is an indicator whose data are missing, with the reason.
pub fn evaluate(
    baseline: &Baseline,
    scenario: &Scenario,
    cancel: &Cancel,
    quality: Quality,
) -> Result<Evaluation, EvaluateError> {
    let started = std::time::Instant::now();
    let (evaluation, _) = baseline.engine().evaluate(baseline, scenario, quality, cancel, &mut |_| {})?;
    let mut evaluation = Arc::unwrap_or_clone(evaluation);
    evaluation.seconds = started.elapsed().as_secs_f64();
    Ok(evaluation)
}
