//! What users can do ([`vocabulary`]), and the only code that changes state: one file a subject.

mod layer;
pub(crate) mod project;
mod run;
pub(crate) mod scenario;
mod selection;
mod settings;
pub(crate) mod stop;
mod view;
pub mod vocabulary;

pub use project::{DialogAnswers, rebuild_after_layer_change, start_tiles_and_baseline};
pub use run::{run, run_commands};
pub use vocabulary::*;
