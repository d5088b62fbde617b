//! Crowding: how dense, how bad, and how it will be in the next hours (MODELS.md section 11). Never a safety clearance.

pub mod density;
pub mod forecast;

pub use density::{LevelOfService, density_for_flow, flow_per_metre, walking_speed};
pub use forecast::{Backtest, Forecast, HoltWinters, Method, backtest, forecast};
