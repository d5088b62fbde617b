//! Who can reach what (MODELS.md section 5). Pure functions over times that [`crate::models::routing`] and
//! [`crate::models::transit`] give.

pub mod catchment;
pub mod cumulative;
pub mod daily_needs;
pub mod score;
pub mod stops;

pub use catchment::{Catchment, Decay, floating_catchment};
pub use daily_needs::{DailyNeedsAccess, daily_needs, resident_doors};
