//! What users can do, and the only code that changes state.

pub mod vocabulary;

pub use vocabulary::*;
