//! The hours of the day by which public transport is judged (MODELS.md sections 1 and 5).

use super::{TransitDay, Window};
use crate::assumptions::{Assumptions, USUAL_TRANSIT_FROM_HOUR};

/// Journeys begin this long after the first and before the last of the hours that are judged, seconds: from 07:30 to 08:30.
pub const MARGIN_SECS: i32 = 30 * 60;

/// Which hours of the day public transport is judged by. Those of the baseline hold for the scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServiceHours {
    /// Seconds after midnight.
    pub from_secs: i32,
    pub to_secs: i32,
    /// The usual hours, where others were taken because next to nothing runs then.
    pub instead_of: Option<[i32; 2]>,
}

impl ServiceHours {
    /// Those of the assumptions; the busiest two where next to nothing runs at the usual ones.
    pub fn new(day: &TransitDay, assumptions: &Assumptions) -> Self {
        let hour = assumptions.transit_from_hour.central;
        let from = (hour * 3600.0).round() as i32;
        let to = from + 2 * 3600;
        if hour == USUAL_TRANSIT_FROM_HOUR
            && day.is_thin(from, to)
            && let Some([from_secs, to_secs]) = day.busiest_two_hours()
        {
            return Self { from_secs, to_secs, instead_of: Some([from, to]) };
        }
        Self { from_secs: from, to_secs: to, instead_of: None }
    }

    /// When journeys begin: every minute of the middle of these hours.
    pub fn departures(&self) -> Window {
        let secs = self.to_secs - self.from_secs - 2 * MARGIN_SECS;
        Window { from_secs: self.from_secs + MARGIN_SECS, minutes: (secs / 60).cast_unsigned() }
    }
}
