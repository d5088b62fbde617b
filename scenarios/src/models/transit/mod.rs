//! Public transport: what runs on a day, and how long people are on the way with it (MODELS.md section 1).
//!
//! [`day::TransitDay`] is the timetable of one day as arrays; [`walks`] joins places and stops over the walking network;
//! [`raptor::Raptor`] finds earliest arrivals (RAPTOR, Delling, Pajor and Werneck 2012); [`window`] does so for every
//! minute of a window and gives percentiles; [`journey`] tells which lines it were. Nothing is prepared beyond sorting, so
//! an edited timetable costs no more than the first. [`service`] counts departures and connections.
//!
//! Times are whole seconds after midnight of the day; those of the night before are negative, those of the next above 86,400.

// Seconds of a few days and minutes of a window stay far below 2^31.
#![allow(clippy::cast_possible_wrap)]

pub mod calendar;
pub mod day;
pub mod journey;
pub mod raptor;
pub mod retime;
pub mod service;
mod service_days;
pub mod service_hours;
pub mod slower;
pub mod walks;
pub mod window;

pub use day::{TransitDay, TransitError};
pub use journey::{Journey, Leg};
pub use raptor::{Raptor, RaptorOptions};
pub use service_hours::ServiceHours;
pub use walks::{PlaceWalks, StopWalks, Walks};
pub use window::{TravelTimes, Window, travel_times};

/// A time that never comes.
pub const NEVER: i32 = i32::MAX;

/// Seconds in a day.
pub const DAY_SECS: i32 = 86_400;
