//! A line that takes another way between two of its stops (MODELS.md section 13, line).

use serde::{Deserialize, Serialize};

use super::{
    Affects, MeasureKind,
    stops_and_lines::{Driving, is_same_place},
};
use crate::{
    apply::{City, CityEdit, Problems},
    models::transit::retime::rewrite,
    reference::{RouteReference, StopReference},
};

/// Between `from` and `to` the line calls at `via` and nowhere else; back it calls at them in the other order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RerouteLine {
    pub line: RouteReference,
    pub from: StopReference,
    pub to: StopReference,
    /// In the order of going from `from` to `to`; none for straight on.
    #[serde(default)]
    pub via: Vec<StopReference>,
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub driving: Driving,
}

impl RerouteLine {
    pub fn new(
        line: RouteReference,
        from: StopReference,
        to: StopReference,
        via: Vec<StopReference>,
    ) -> Self {
        Self { name: line.name.clone(), line, from, to, via, driving: Driving::default() }
    }
}

impl MeasureKind for RerouteLine {
    fn kind(&self) -> &'static str {
        "reroute-line"
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn affects(&self) -> Affects {
        Affects { timetable: true, ..Affects::default() }
    }

    fn check(&self) -> Vec<String> {
        let mut problems = self.driving.check();
        if self.from.id == self.to.id {
            problems.push(format!(
                "expected two different stops to reroute between, found \"{}\" twice",
                self.to.id
            ));
        }
        problems
    }

    fn apply(&self, city: &City, edit: &mut CityEdit, problems: &mut Problems) -> bool {
        let line = city.route(&self.line, &edit.timetable, problems);
        let ends = [&self.from, &self.to].map(|stop| city.stop(stop, &edit.timetable, problems));
        let via: Vec<Option<(usize, u32)>> =
            self.via.iter().map(|stop| city.stop(stop, &edit.timetable, problems)).collect();
        let (Some((feed, route)), [Some(from), Some(to)]) = (line, ends) else { return false };
        let elsewhere =
            [from, to].into_iter().chain(via.iter().flatten().copied()).find(|stop| stop.0 != feed);
        if let Some((other, stop)) = elsewhere {
            problems.add(format!(
                "stop \"{}\" is in another timetable than line \"{}\"; choose one of the line's own",
                edit.timetable.timetables()[other].stops[stop as usize].id,
                self.line.id
            ));
            return false;
        }
        if via.iter().any(Option::is_none) {
            return false;
        }
        let via: Vec<u32> = via.into_iter().flatten().map(|stop| stop.1).collect();
        let back: Vec<u32> = via.iter().rev().copied().collect();
        let retiming = self.driving.retiming(city.assumptions);
        let before = &edit.timetable.timetables()[feed];
        let route_id = before.routes[route as usize].id.clone();
        // Both stops of a trip, in either order, and whether it goes there.
        let ends_in = |calls: &[layers::model::transit::StopTime]| {
            let of = |stop: u32| calls.iter().position(|call| is_same_place(before, call.stop, stop));
            let (a, b) = (of(from.1)?, of(to.1)?);
            (a != b).then_some((a.min(b), a.max(b), a < b))
        };
        let trips = before.trips.iter().enumerate().filter(|(_, trip)| trip.route == route);
        let passing = trips.filter(|(index, _)| ends_in(before.calls(*index)).is_some()).count();
        if passing == 0 {
            problems.add(format!(
                "no trip of line \"{route_id}\" calls at both \"{}\" and \"{}\"; choose two stops of the line",
                self.from.id, self.to.id
            ));
            return false;
        }
        let mut rewritten = (**before).clone();
        rewrite(&mut rewritten, |timetable, trip, calls| {
            let (first, last, goes_there) =
                (timetable.trips[trip].route == route).then(|| ends_in(calls)).flatten()?;
            let via = if goes_there { &via } else { &back };
            Some(retiming.rerouted(timetable, calls, first, last, via))
        });
        let Some(timetable) = edit.timetable.write(feed) else { return false };
        *timetable = rewritten;
        let ids: Vec<String> = [from.1, to.1]
            .iter()
            .chain(&via)
            .map(|&stop| timetable.stops[stop as usize].id.clone())
            .collect();
        for id in &ids {
            edit.timetable.treat_stop(id);
        }
        edit.timetable.treat_route(&route_id);
        true
    }
}
