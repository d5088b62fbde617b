//! Our day of transit and our walks as vulture sees them.

use scenarios::models::transit::{TransitDay, Walks};
use vulture::{Duration, RouteIdx, SecondOfDay, StopIdx, Timetable, TripIdx};

/// Seconds that one must be at a stop before the departure.
pub const SLACK_SECS: u32 = 60;

/// How stops are told. After them comes one that nothing serves (see [`Adapter::targets`]).
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One stop each, walks declared closed though they are not: fast, but two walks may follow one another or be missed.
    Plain,
    /// A stop to alight at and one to board at, with walks from the first kind to the second only. That relation is closed,
    /// so both engines answer the same question.
    Doubled,
}

pub struct Adapter<'a> {
    day: &'a TransitDay,
    pub form: Form,
    serving: Vec<Vec<(RouteIdx, u32)>>,
    stops_of: Vec<Vec<StopIdx>>,
    /// Pattern and number in it, by trip.
    trip: Vec<(u32, u32)>,
    footpaths: Vec<Vec<StopIdx>>,
    seconds: Vec<Vec<(u32, u32)>>,
}

impl<'a> Adapter<'a> {
    pub fn new(day: &'a TransitDay, walks: &Walks, form: Form) -> Self {
        let stops = day.stops.len() as u32;
        let mut trip = Vec::new();
        for pattern in 0..day.patterns.len() {
            trip.extend((0..day.trips_of(pattern).len()).map(|number| (pattern as u32, number as u32)));
        }
        let mut adapter = Self {
            day,
            form,
            serving: Vec::new(),
            stops_of: Vec::new(),
            trip,
            footpaths: Vec::new(),
            seconds: Vec::new(),
        };
        for pattern in 0..day.patterns.len() {
            let sequence = day.stops_of(pattern);
            adapter.stops_of.push(match form {
                Form::Plain => sequence.iter().map(|&stop| StopIdx::new(stop)).collect(),
                Form::Doubled => {
                    let both = sequence.iter().flat_map(|&stop| [alight_at(stop), board_at(stop)]);
                    both.collect()
                }
            });
        }
        for stop in 0..stops {
            let mut serving: Vec<(RouteIdx, u32)> = Vec::new();
            for &(pattern, position) in day.serving(stop) {
                let position = if form == Form::Doubled { 2 * position + 1 } else { position };
                match serving.iter_mut().find(|known| known.0.get() == pattern) {
                    Some(known) => known.1 = known.1.min(position),
                    None => serving.push((RouteIdx::new(pattern), position)),
                }
            }
            let mut ways: Vec<(u32, u32)> = walks.row(stop as usize).to_vec();
            if form == Form::Doubled {
                // Whoever alights may board at the same stop, in time for the next departure.
                ways.push((stop, 0));
                ways = ways.iter().map(|&(to, secs)| (board_at(to).get(), secs + SLACK_SECS)).collect();
                ways.sort_unstable();
            }
            let to = ways.iter().map(|way| StopIdx::new(way.0)).collect();
            if form == Form::Doubled {
                adapter.serving.push(Vec::new());
                adapter.footpaths.extend([to, Vec::new()]);
                adapter.seconds.extend([ways, Vec::new()]);
            } else {
                adapter.footpaths.push(to);
                adapter.seconds.push(ways);
            }
            adapter.serving.push(serving);
        }
        adapter.serving.push(Vec::new());
        adapter.footpaths.push(Vec::new());
        adapter.seconds.push(Vec::new());
        adapter
    }

    /// All stops where one alights. First one that nobody reaches: vulture goes through the targets until one could still
    /// be reached earlier, and so is done at once.
    pub fn targets(&self) -> Vec<StopIdx> {
        let stops = self.day.stops.len() as u32;
        let nowhere = StopIdx::new(self.footpaths.len() as u32 - 1);
        let alight = |stop| if self.form == Form::Doubled { alight_at(stop) } else { StopIdx::new(stop) };
        std::iter::once(nowhere).chain((0..stops).map(alight)).collect()
    }

    /// The stop of the day behind one of its stops.
    pub fn stop_of(&self, stop: StopIdx) -> u32 {
        if self.form == Form::Doubled { stop.get() / 2 } else { stop.get() }
    }

    fn place(&self, position: u32) -> usize {
        (if self.form == Form::Doubled { position / 2 } else { position }) as usize
    }

    /// Where one boards after a walk of `secs` from the origin.
    pub fn from_origin(&self, stop: u32, secs: u32) -> (StopIdx, Duration) {
        match self.form {
            Form::Plain => (StopIdx::new(stop), Duration(secs)),
            Form::Doubled => (board_at(stop), Duration(secs + SLACK_SECS)),
        }
    }
}

fn alight_at(stop: u32) -> StopIdx {
    StopIdx::new(2 * stop)
}

fn board_at(stop: u32) -> StopIdx {
    StopIdx::new(2 * stop + 1)
}

impl Timetable for Adapter<'_> {
    fn n_stops(&self) -> usize {
        self.footpaths.len()
    }

    fn n_routes(&self) -> usize {
        self.day.patterns.len()
    }

    fn get_routes_serving_stop(&self, stop: StopIdx) -> &[(RouteIdx, u32)] {
        &self.serving[stop.get() as usize]
    }

    fn get_stops_after(&self, route: RouteIdx, pos: u32) -> &[StopIdx] {
        &self.stops_of[route.get() as usize][pos as usize..]
    }

    fn stop_at(&self, route: RouteIdx, pos: u32) -> StopIdx {
        self.stops_of[route.get() as usize][pos as usize]
    }

    fn get_earliest_trip(&self, route: RouteIdx, at: SecondOfDay, pos: u32) -> Option<TripIdx> {
        if self.form == Form::Doubled && pos % 2 == 0 {
            return None;
        }
        let slack = if self.form == Form::Plain { SLACK_SECS } else { 0 };
        let pattern = route.get() as usize;
        let column = self.day.departures_at(pattern, self.place(pos));
        let ready = (at.0 + slack) as i32;
        let number = column.partition_point(|&departure| departure < ready);
        (number < column.len()).then(|| TripIdx::new((self.day.trips_of(pattern).start + number) as u32))
    }

    fn get_arrival_time(&self, trip: TripIdx, pos: u32) -> SecondOfDay {
        let (pattern, number) = self.trip[trip.get() as usize];
        SecondOfDay(self.day.arrivals_of(pattern as usize, number as usize)[self.place(pos)].max(0) as u32)
    }

    fn get_departure_time(&self, trip: TripIdx, pos: u32) -> SecondOfDay {
        let (pattern, number) = self.trip[trip.get() as usize];
        SecondOfDay(self.day.departures_at(pattern as usize, self.place(pos))[number as usize].max(0) as u32)
    }

    fn pickup_allowed(&self, _trip: TripIdx, pos: u32) -> bool {
        self.form == Form::Plain || pos % 2 == 1
    }

    fn drop_off_allowed(&self, _trip: TripIdx, pos: u32) -> bool {
        self.form == Form::Plain || pos % 2 == 0
    }

    fn get_footpaths_from(&self, stop: StopIdx) -> &[StopIdx] {
        &self.footpaths[stop.get() as usize]
    }

    fn get_transfer_time(&self, from: StopIdx, to: StopIdx) -> Duration {
        let ways = &self.seconds[from.get() as usize];
        ways.binary_search_by_key(&to.get(), |way| way.0).map_or(Duration(0), |found| Duration(ways[found].1))
    }

    fn footpaths_are_transitively_closed(&self) -> bool {
        true
    }
}
