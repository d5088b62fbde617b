//! The test ladder of MODELS.md section 15 for the mobility models: what must hold, what was reached.
//!
//! `cargo run --example ladder` prints it; the test of the same name holds it.

mod cases;
mod city;

use std::fmt;

/// One rung: a claim, the number reached, and whether it holds.
#[derive(Clone, Debug)]
pub struct Rung {
    pub group: &'static str,
    pub claim: String,
    pub reached: String,
    /// `None`: what it needs is not here, and `reached` says what.
    pub holds: Option<bool>,
}

impl fmt::Display for Rung {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = match self.holds {
            Some(true) => "pass",
            Some(false) => "FAIL",
            None => "skip",
        };
        write!(f, "{mark}  {:<62} {}", self.claim, self.reached)
    }
}

/// Gathers rungs of one group.
pub struct Group {
    name: &'static str,
    rungs: Vec<Rung>,
}

impl Group {
    fn new(name: &'static str) -> Self {
        Self { name, rungs: Vec::new() }
    }

    fn add(&mut self, claim: impl Into<String>, reached: impl Into<String>, holds: bool) {
        let (claim, reached) = (claim.into(), reached.into());
        self.rungs.push(Rung { group: self.name, claim, reached, holds: Some(holds) });
    }

    fn skip(&mut self, claim: impl Into<String>, why: impl Into<String>) {
        let (claim, reached) = (claim.into(), why.into());
        self.rungs.push(Rung { group: self.name, claim, reached, holds: None });
    }

    /// A number near an expected one.
    fn near(&mut self, claim: &str, reached: f64, wanted: f64, within: f64) {
        let holds = (reached - wanted).abs() <= within;
        self.add(claim, format!("{reached:.4} (wanted {wanted} ± {within})"), holds);
    }
}

/// The whole ladder, in the order of the model book.
pub fn climb() -> Vec<Rung> {
    [
        cases::identities(),
        cases::analytic(),
        cases::published_optima(),
        cases::field_evidence(),
        city::incremental(),
        city::held_out(),
    ]
    .into_iter()
    .flat_map(|group| group.rungs)
    .collect()
}
