//! The incremental engine (MODELS.md section 15): a graph of models in which an edit computes again only what it touches.
//!
//! # How it works
//! A [`Node`] is the output of a model. It says what it reads: other nodes, [`Part`]s of what the scenario changes, the
//! quality. From that follows its [`InputKey`] *before* anything is computed. Outputs lie in a memo by key, within a budget
//! of bytes: what was computed once is reused, so that undo and redo of an evaluated scenario cost a look-up, and a
//! delivery window changes no traffic. A scenario that was evaluated as a whole is found by its measures alone.
//!
//! ```text
//! streets edit ─ cars ──────────────────────────> scenario-traffic ──> link-outcomes ──> indicators ──> evaluation
//!              ├ cycling > cycle-times ─> other-modes ┘                                   │
//!              └ walking, stops > daily-needs ──────┼─────────────────────────────────────┤
//! timetable edit ─ timetable > scenario-timetable > transit-times ────────────────────────┤
//! buildings edit ─ buildings > scenario-facts > daily-needs, traffic ─────────────────────┘
//! ```
//!
//! # Adding a node
//! One file in `nodes` that implements [`Node`], and its entry in [`NODES`]. Indicators are nodes too: see
//! [`crate::indicators`].
//!
//! # Promises
//! Same inputs, same bits, whether computed or reused; a test drives random edits against a full recompute. An evaluation
//! can be cancelled at any moment; what was finished until then is kept. A failure is remembered like an output, and
//! everything that reads it says why.

mod key;
mod memo;
mod node;
pub mod nodes;
pub(crate) mod run;
mod steps;

use std::{sync::Arc, time::Instant};

pub use key::{InputKey, KeyHasher, Part};
pub use node::{Node, NodeEntry, NodeError, Read};
pub use run::{Given, RunReport};
pub use steps::{Step, evaluate_in_steps};

use crate::{
    apply::resolve,
    baseline::Baseline,
    evaluate::{Cancel, EvaluateError, Evaluation, Quality, assemble},
    indicators::INDICATORS,
    scenario::Scenario,
};
use memo::{Claim, Memo};
use run::Run;

/// Every node besides the indicators, inputs before what reads them.
pub static NODES: &[NodeEntry] = &[
    nodes::ScenarioFacts::ENTRY,
    nodes::BaselineRun::ENTRY,
    nodes::CyclingStreets::ENTRY,
    nodes::ScenarioCyclingStreets::ENTRY,
    nodes::BaselineCycling::ENTRY,
    nodes::ScenarioCycling::ENTRY,
    nodes::LostStops::ENTRY,
    nodes::StopPlaces::ENTRY,
    nodes::NeedsOnFoot::ENTRY,
    nodes::BaselineNeedsByCycle::ENTRY,
    nodes::NeedsByCycle::ENTRY,
    nodes::WalkingStreets::ENTRY,
    nodes::ScenarioWalkingStreets::ENTRY,
    nodes::BaselineService::ENTRY,
    nodes::ScenarioService::ENTRY,
    nodes::BaselineTransitTimes::ENTRY,
    nodes::ScenarioTransitTimes::ENTRY,
    nodes::BaselineStopsNearby::ENTRY,
    nodes::ScenarioStopsNearby::ENTRY,
    nodes::BaselineGround::ENTRY,
    nodes::ScenarioGround::ENTRY,
    nodes::OtherModes::ENTRY,
    nodes::ScenarioRun::ENTRY,
    nodes::LinkOutcomes::ENTRY,
    nodes::TrafficLayer::ENTRY,
    nodes::Summary::ENTRY,
    nodes::Doors::ENTRY,
];

/// Memory for outputs, bytes: a handful of scenarios of a city of 100,000 links.
pub const DEFAULT_BUDGET_BYTES: usize = 512 << 20;

/// What the engine is working at, for a status line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stage {
    /// [`Node::NAME`] or the text key of an indicator; `model-<name>` is the text of the former.
    pub node: &'static str,
    /// Number of this node among those to compute, from 0, and how many there are.
    pub index: usize,
    pub count: usize,
    /// Share of the work that is done, 0 to 1.
    pub part: f64,
}

/// The memo of everything that was computed. A baseline has its own; it may be shared between baselines.
pub struct Engine {
    memo: Memo,
}

impl Default for Engine {
    fn default() -> Self {
        Self::with_budget(DEFAULT_BUDGET_BYTES)
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine")
            .field("outputs", &self.memo.len())
            .field("bytes", &self.memo.bytes())
            .finish()
    }
}

impl Engine {
    /// An engine that keeps at most about `bytes` of outputs.
    pub fn with_budget(bytes: usize) -> Self {
        Self { memo: Memo::new(bytes) }
    }

    /// Bytes of the outputs that are kept, about.
    pub fn bytes(&self) -> usize {
        self.memo.bytes()
    }

    /// Forgets all outputs.
    pub fn forget(&self) {
        self.memo.forget();
    }

    /// Evaluates a scenario and says what had to be computed. `watch` is told of every node before it is computed.
    pub fn evaluate(
        &self,
        baseline: &Baseline,
        scenario: &Scenario,
        quality: Quality,
        cancel: &Cancel,
        watch: &mut dyn FnMut(&Stage),
    ) -> Result<(Arc<Evaluation>, RunReport), EvaluateError> {
        let started = Instant::now();
        let claimed = match self.memo.claim(whole_key(baseline, scenario, quality), cancel) {
            Claim::Cancelled => return Err(EvaluateError::Cancelled),
            Claim::Known(known) => {
                if let Some(evaluation) = known.ok().and_then(|stored| stored.downcast::<Evaluation>().ok()) {
                    cancel.set(1.0);
                    let report = RunReport { reused: vec!["evaluation"], ..RunReport::default() };
                    return Ok((evaluation, report));
                }
                None
            }
            Claim::Yours(claimed) => Some(claimed),
        };
        let resolved = resolve(baseline, scenario);
        let run = Run::new(self, baseline, &resolved.edit, quality, cancel);
        let wanted: Vec<NodeEntry> =
            NODES.iter().copied().chain(INDICATORS.iter().map(NodeEntry::of_indicator)).collect();
        run.prepare(&wanted, watch).map_err(|_| EvaluateError::Cancelled)?;
        let mut evaluation = assemble(&run, scenario, &resolved)?;
        evaluation.seconds = started.elapsed().as_secs_f64();
        let evaluation = Arc::new(evaluation);
        if let Some(claimed) = claimed {
            // Layers and distributions are shared with the indicators' own entries.
            let bytes = evaluation.links.len()
                * size_of_val(&evaluation.links[..1.min(evaluation.links.len())])
                + 64 * 1024;
            claimed.keep(Ok(evaluation.clone()), bytes, false);
        }
        cancel.set(1.0);
        Ok((evaluation, run.into_report()))
    }

    /// Whether this scenario would be answered without computing anything.
    pub fn knows(&self, baseline: &Baseline, scenario: &Scenario, quality: Quality) -> bool {
        self.memo.contains(whole_key(baseline, scenario, quality))
    }
}

/// The key of a whole evaluation: measures as they are written, not what they resolve to, so that a look-up needs no
/// network. Name and note of the scenario change nothing.
fn whole_key(baseline: &Baseline, scenario: &Scenario, quality: Quality) -> InputKey {
    let mut hasher = KeyHasher::new("evaluation");
    hasher.text(crate::indicators::MODEL_VERSION);
    hasher.text(baseline.fingerprint());
    // Maps in measures are sorted, and numbers are written in full: equal texts are equal measures.
    hasher.text(&serde_json::to_string(&scenario.measures).unwrap_or_else(|_| format!("{scenario:?}")));
    hasher.number(quality.relative_gap());
    hasher.finish()
}
