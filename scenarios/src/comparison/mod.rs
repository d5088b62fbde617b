//! Scenario against baseline: the delta with its status, and the comparison as rows.

pub mod delta;
pub mod table;

pub use delta::{Delta, Status};
pub use table::{ComparisonRow, comparison_rows, to_csv, to_json};
