//! What-if engine: what a measure on the street changes, compared with the city as it is, with a band.
//!
//! # Terminology
//! The *baseline* is the untouched city; a *scenario* is an ordered list of *measures* on it; an *indicator* is a
//! computed number with a unit; a *delta* is scenario minus baseline. A *link* has up to two *arcs*, one a direction.
//! A *pair* is an origin zone and a destination zone; *trips* are vehicles from one to the other.
//!
//! # Data flow
//! `layers` → [`baseline::Baseline`] (network, people, jobs, places) → [`models::demand`] (trips by pair) →
//! [`models::equilibrium`] (flows and times) → [`evaluate::evaluate`] with a [`scenario::Scenario`] →
//! [`indicators`] and [`comparison`]. [`reach`] answers who gets where in how many minutes, on the streets and by
//! [`models::transit`]. The model book is `MODELS.md`; each module names its section.
//!
//! # Adding a measure
//! One file in `measures` with a [`measures::MeasureKind`], one variant of [`measures::Measure`]. It says what it points
//! at, what it changes in the copy ([`edit::CityEdit`]: streets, timetables, buildings) and which tables that touches
//! ([`measures::Affects`]).
//!
//! # Adding an indicator
//! One file in `indicators` and one line in [`indicators::INDICATORS`]; a test loops over that list.
//!
//! # Promises
//! Nothing here changes the baseline. Same inputs give the same bits, whatever the number of threads. Coordinates
//! arrive in a metric CRS. Inside: metres, seconds, vehicles an hour; minutes, kilometres and vehicles a day only in
//! indicator values, where their unit says so.

pub mod apply;
pub mod assumptions;
pub mod baseline;
pub mod comparison;
pub mod edit;
pub mod engine;
pub mod evaluate;
pub mod history;
pub mod indicators;
pub mod measures;
pub mod models;
pub mod reach;
pub mod reference;
pub mod scenario;
pub mod scenario_file;
pub mod street;

pub use assumptions::Assumptions;
pub use baseline::{Baseline, BaselineError};
pub use evaluate::{Cancel, EvaluateError, Evaluation, Quality, evaluate};
pub use scenario::Scenario;
