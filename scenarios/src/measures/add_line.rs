//! A new line over given stops (MODELS.md section 13, line).

use layers::model::{
    Timetable,
    transit::{Route, Service, Trip},
};
use serde::{Deserialize, Serialize};

use super::{Affects, MeasureKind, outside, stops_and_lines::Driving};
use crate::{
    apply::{City, CityEdit, Problems},
    models::transit::retime::replace_trips,
    reference::StopReference,
};

/// Vehicles every so many minutes over these stops, and back, every day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AddLine {
    /// Its public id from now on.
    pub id: String,
    /// The number on the vehicle.
    #[serde(default)]
    pub name: String,
    pub stops: Vec<StopReference>,
    #[serde(default = "headway_minutes")]
    pub headway_minutes: f64,
    /// First and last departure from the ends, minutes of the day.
    #[serde(default = "hours")]
    pub hours: (u16, u16),
    /// Also in the other direction.
    #[serde(default = "super::yes")]
    pub runs_back: bool,
    /// GTFS `route_type`; 3 is a bus.
    #[serde(default = "bus")]
    pub route_type: u16,
    #[serde(default)]
    pub driving: Driving,
}

fn headway_minutes() -> f64 {
    15.0
}
fn hours() -> (u16, u16) {
    (360, 1440)
}
fn bus() -> u16 {
    3
}

impl AddLine {
    /// A bus every 15 minutes from 06:00 to midnight, there and back.
    pub fn new(id: impl Into<String>, name: impl Into<String>, stops: Vec<StopReference>) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            stops,
            headway_minutes: headway_minutes(),
            hours: hours(),
            runs_back: true,
            route_type: bus(),
            driving: Driving::default(),
        }
    }
}

impl MeasureKind for AddLine {
    fn kind(&self) -> &'static str {
        "add-line"
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn affects(&self) -> Affects {
        Affects { timetable: true, ..Affects::default() }
    }

    fn check(&self) -> Vec<String> {
        let mut problems = self.driving.check();
        if self.id.is_empty() {
            problems.push("expected an id for the new line, found none; give it one".to_owned());
        }
        if self.stops.len() < 2 {
            problems.push(format!("expected at least two stops, found {}", self.stops.len()));
        }
        problems.extend(outside("a headway", "min", self.headway_minutes, 0.5, 1440.0));
        if self.hours.0 >= self.hours.1 || self.hours.1 > 1800 {
            problems.push(format!(
                "expected hours such as 360 to 1440 (06:00 to midnight), at most until 1800, found {} to {}",
                self.hours.0, self.hours.1
            ));
        }
        problems
    }

    fn apply(&self, city: &City, edit: &mut CityEdit, problems: &mut Problems) -> bool {
        let is_taken = |timetable: &Timetable| timetable.routes.iter().any(|route| route.id == self.id);
        if edit.timetable.timetables().iter().any(|timetable| is_taken(timetable)) {
            problems.add(format!("there is a line \"{}\" already; give the new one another id", self.id));
            return false;
        }
        let found: Vec<(usize, u32)> =
            self.stops.iter().filter_map(|stop| city.stop(stop, &edit.timetable, problems)).collect();
        let [(feed, _), _, ..] = found.as_slice() else {
            problems.add(format!("expected at least two stops that exist, found {}", found.len()));
            return false;
        };
        let feed = *feed;
        // Stops of another timetable come along as they are.
        let elsewhere: Vec<_> = found
            .iter()
            .filter(|stop| stop.0 != feed)
            .map(|&(other, stop)| edit.timetable.timetables()[other].stops[stop as usize].clone())
            .collect();
        let range = edit.timetable.timetables().iter().filter_map(|timetable| timetable.date_range());
        let (start_date, end_date) = range.fold((u32::MAX, 0), |(a, b), (c, d)| (a.min(c), b.max(d)));
        let retiming = self.driving.retiming(city.assumptions);
        let Some(timetable) = edit.timetable.write(feed) else { return false };
        let mut elsewhere = elsewhere.into_iter();
        let stops: Vec<u32> = found
            .iter()
            .filter_map(|&(other, stop)| {
                if other == feed {
                    return Some(stop);
                }
                timetable.stops.push(layers::model::transit::Stop { parent: None, ..elsewhere.next()? });
                Some(timetable.stops.len() as u32 - 1)
            })
            .collect();
        timetable.services.push(Service {
            id: self.id.clone(),
            weekdays: [true; 7],
            start_date,
            end_date,
            ..Service::default()
        });
        timetable.routes.push(Route {
            id: self.id.clone(),
            agency: String::new(),
            short_name: self.name.clone(),
            long_name: String::new(),
            route_type: self.route_type,
        });
        let (start, end) = (u32::from(self.hours.0) * 60, u32::from(self.hours.1) * 60);
        let headway = (self.headway_minutes * 60.0).round().max(1.0) as u32;
        let mut trips = Vec::new();
        for direction in 0..=u8::from(self.runs_back) {
            let mut along = stops.clone();
            if direction == 1 {
                along.reverse();
            }
            let last = along.last().map_or(0, |&stop| stop as usize);
            let trip = Trip {
                id: format!("{}-{direction}", self.id),
                route: timetable.routes.len() as u32 - 1,
                service: timetable.services.len() as u32 - 1,
                headsign: timetable.stops[last].name.clone(),
                direction,
                shape: None,
                first_call: 0,
                call_count: 0,
                frequencies: vec![(start, end, headway)],
            };
            trips.push((trip, retiming.calls(timetable, &along, start)));
        }
        let ids: Vec<String> = stops.iter().map(|&stop| timetable.stops[stop as usize].id.clone()).collect();
        replace_trips(timetable, |_| true, trips);
        for id in &ids {
            edit.timetable.treat_stop(id);
        }
        edit.timetable.treat_route(&self.id);
        true
    }
}
