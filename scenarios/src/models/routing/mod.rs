//! Travel times over the street network on foot, by bicycle and by car (MODELS.md section 1).
//!
//! A [`graph::ModeGraph`] is the network of one mode: compact arrays, costs in whole milliseconds. [`sweep::Sweep`] gives
//! the least times from one place or from many to all others; places are joined to the nearest point of a street
//! ([`snap::Snap`]), not to its ends. [`nearest`] finds the nearest places of a kind from everywhere at once.
//! [`slow::SlowNetwork`] is the node-to-node form that the indicators of the street measures use.

pub mod graph;
pub mod nearest;
pub mod slow;
pub mod snap;
pub mod speeds;
pub mod sweep;

pub use graph::ModeGraph;
pub use slow::{SlowMode, SlowNetwork};
pub use snap::Snap;
pub use speeds::{Speeds, TravelMode};
pub use sweep::Sweep;

/// Costs are whole milliseconds; this one stands for "not reached".
pub const UNREACHED: u32 = u32::MAX;

/// Seconds as a cost; negative and senseless ones are nothing, more than 49 days is not reached.
pub fn cost_of_secs(secs: f64) -> u32 {
    if secs.is_nan() || secs <= 0.0 { 0 } else { (secs * 1000.0).round().min(f64::from(UNREACHED)) as u32 }
}

/// A cost as seconds; infinite where it was not reached.
pub fn secs_of_cost(cost: u32) -> f64 {
    if cost == UNREACHED { f64::INFINITY } else { f64::from(cost) / 1000.0 }
}
