//! A stop that nothing calls at any more (MODELS.md section 13, add/move/remove stop).

use serde::{Deserialize, Serialize};

use super::{
    Affects, MeasureKind,
    stops_and_lines::{Driving, is_called_at, routes_at, with_platforms},
};
use crate::{
    apply::{City, CityEdit, Problems},
    models::transit::retime::rewrite,
    reference::StopReference,
};

/// Trips pass the stop without calling and save the time that it took. A station goes with its platforms.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RemoveStop {
    pub stop: StopReference,
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub driving: Driving,
}

impl RemoveStop {
    pub fn at(stop: StopReference) -> Self {
        Self { name: stop.name.clone(), stop, driving: Driving::default() }
    }
}

impl MeasureKind for RemoveStop {
    fn kind(&self) -> &'static str {
        "remove-stop"
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn affects(&self) -> Affects {
        Affects { timetable: true, ..Affects::default() }
    }

    fn check(&self) -> Vec<String> {
        self.driving.check()
    }

    fn apply(&self, city: &City, edit: &mut CityEdit, problems: &mut Problems) -> bool {
        let Some((feed, stop)) = city.stop(&self.stop, &edit.timetable, problems) else { return false };
        let timetable = &edit.timetable.timetables()[feed];
        let stops = with_platforms(timetable, stop);
        if !is_called_at(timetable, &stops) {
            problems.add(format!(
                "nothing calls at stop \"{}\" (\"{}\") any more, or ever; leave this measure out",
                timetable.stops[stop as usize].id, timetable.stops[stop as usize].name
            ));
            return false;
        }
        let ids: Vec<String> = stops.iter().map(|&stop| timetable.stops[stop as usize].id.clone()).collect();
        let routes = routes_at(timetable, &stops);
        let retiming = self.driving.retiming(city.assumptions);
        let Some(timetable) = edit.timetable.write(feed) else { return false };
        rewrite(timetable, |timetable, _, calls| {
            let mut calls = calls.to_vec();
            let before = calls.len();
            while let Some(at) = calls.iter().position(|call| stops.contains(&call.stop)) {
                calls = retiming.without_call(timetable, &calls, at);
            }
            (calls.len() < before).then_some(calls)
        });
        for id in &ids {
            edit.timetable.treat_stop(id);
        }
        for id in &routes {
            edit.timetable.treat_route(id);
        }
        true
    }
}
