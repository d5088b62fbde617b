//! Public transport with GTFS meanings: stops, routes, trips, stop times, services.

use std::collections::HashMap;

use super::Bounds3;

#[derive(Clone, Debug, PartialEq)]
pub struct Stop {
    /// GTFS `stop_id`.
    pub id: String,
    pub name: String,
    /// Project CRS, metres.
    pub position: [f64; 2],
    /// Position in [`Timetable::stops`] of `parent_station`.
    pub parent: Option<u32>,
    /// `location_type` 1.
    pub is_station: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// GTFS `route_id`.
    pub id: String,
    pub agency: String,
    /// `route_short_name`, such as "5".
    pub short_name: String,
    pub long_name: String,
    /// GTFS `route_type`: 0 tram, 1 metro, 2 rail, 3 bus, 4 ferry, …
    pub route_type: u16,
}

/// One scheduled call. Times are seconds after the service day's start (noon minus 12 h) and may exceed 24 h.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StopTime {
    /// Position in [`Timetable::stops`].
    pub stop: u32,
    pub arrival_secs: u32,
    pub departure_secs: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trip {
    pub id: String,
    /// Position in [`Timetable::routes`].
    pub route: u32,
    /// Position in [`Timetable::services`].
    pub service: u32,
    pub headsign: String,
    pub direction: u8,
    pub shape: Option<String>,
    /// Calls in order: `stop_times[first_call .. first_call + call_count]` of the timetable.
    pub first_call: u32,
    pub call_count: u32,
    /// From frequencies.txt: (start, end, headway) in seconds; empty for ordinary trips.
    pub frequencies: Vec<(u32, u32, u32)>,
}

/// A service calendar. Dates are `yyyymmdd` numbers as in GTFS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Service {
    pub id: String,
    /// Monday to Sunday.
    pub weekdays: [bool; 7],
    pub start_date: u32,
    pub end_date: u32,
    pub added_dates: Vec<u32>,
    pub removed_dates: Vec<u32>,
}

impl Service {
    /// Whether it runs on `date` (`yyyymmdd`), whose weekday is 0 for Monday to 6 for Sunday.
    pub fn runs_on(&self, date: u32, weekday: usize) -> bool {
        if self.removed_dates.contains(&date) {
            return false;
        }
        self.added_dates.contains(&date)
            || (date >= self.start_date && date <= self.end_date && self.weekdays[weekday % 7])
    }
}

/// One or more GTFS feeds, with positions instead of text ids inside.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Timetable {
    /// IANA time zone of the agency, such as "Europe/Amsterdam".
    pub timezone: String,
    pub stops: Vec<Stop>,
    pub routes: Vec<Route>,
    pub trips: Vec<Trip>,
    pub stop_times: Vec<StopTime>,
    pub services: Vec<Service>,
    /// Lines to draw by `shape_id`; project CRS, metres.
    pub shapes: HashMap<String, Vec<[f64; 2]>>,
}

impl Timetable {
    pub fn calls(&self, trip: usize) -> &[StopTime] {
        let trip = &self.trips[trip];
        &self.stop_times[trip.first_call as usize..(trip.first_call + trip.call_count) as usize]
    }

    pub fn bounds(&self) -> Bounds3 {
        Bounds3::from_points(self.stops.iter().map(|stop| [stop.position[0], stop.position[1], 0.0]))
    }

    /// First and last date on which any service may run, `yyyymmdd`.
    pub fn date_range(&self) -> Option<(u32, u32)> {
        let dates = || {
            self.services.iter().flat_map(|s| {
                let span = (s.start_date > 0).then_some([s.start_date, s.end_date]);
                span.into_iter().flatten().chain(s.added_dates.iter().copied())
            })
        };
        Some((dates().min()?, dates().max()?))
    }
}
