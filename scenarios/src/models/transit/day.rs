//! The timetable of one day: trips in lines with the same stops in the same order, none overtaking another.

use std::collections::HashMap;

use layers::model::{Timetable, transit::StopTime};

use super::{
    DAY_SECS, calendar,
    service_days::{no_service, range},
};

/// Trips of the next day count when they leave before this time, seconds after midnight of the day.
const HORIZON_SECS: i64 = 30 * 3600;

/// The most trips that frequencies may stand for on one day.
const MOST_TRIPS: usize = 500_000;

/// Why there is no day of transit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransitError {
    #[error("expected a date as yyyymmdd, found {found}")]
    NotADate { found: u32 },
    #[error("nothing runs on {date}; {advice}")]
    NoService { date: String, advice: String },
    #[error("the timetable has no stops and no trips; add one (a GTFS feed)")]
    Empty,
    #[error("the frequencies stand for more than {most} trips on one day; check frequencies.txt")]
    TooManyTrips { most: usize },
}

/// Where something of the day stands in the timetables it was made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InFeed {
    /// Position of the timetable.
    pub feed: u32,
    /// Position in its stops, routes or trips.
    pub index: u32,
}

/// One trip on the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayTrip {
    pub of: InFeed,
    /// Position in [`TransitDay::routes`].
    pub route: u32,
    /// Seconds by which it is later than its stop times say: another day, or a frequency.
    pub shift_secs: i32,
}

/// Trips with the same stops in the same order, of which none overtakes another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pattern {
    first_stop: u32,
    stops: u32,
    first_trip: u32,
    trips: u32,
    first_time: u32,
}

/// What runs on one day, of one timetable or of several together.
#[derive(Clone, Debug, PartialEq)]
pub struct TransitDay {
    /// `yyyymmdd`.
    pub date: u32,
    /// Stops of all timetables, one timetable after another. Those without service are there too.
    pub stops: Vec<InFeed>,
    /// Project CRS, metres; by stop.
    pub positions: Vec<[f64; 2]>,
    /// Routes of all timetables, one timetable after another.
    pub routes: Vec<InFeed>,
    /// GTFS `route_type` by route.
    pub route_types: Vec<u16>,
    /// In the order of the patterns, earliest first in each.
    pub trips: Vec<DayTrip>,
    pub patterns: Vec<Pattern>,
    pattern_stops: Vec<u32>,
    /// By pattern and trip: arrivals at its stops.
    arrivals: Vec<i32>,
    /// By pattern and stop: departures of its trips, earliest first.
    departures: Vec<i32>,
    /// Patterns and positions by stop.
    serving_first: Vec<u32>,
    serving: Vec<(u32, u32)>,
    /// What was left out, in words.
    pub remarks: Vec<String>,
}

impl TransitDay {
    /// What runs on `date` (`yyyymmdd`): the trips of that day, those of the day before that run past midnight, and
    /// those of the early next day. Frequencies are spelt out from their start, one every headway. Trips that go back in
    /// time are left out with a remark. Cost: linear in calls, plus sorting.
    pub fn new(timetables: &[&Timetable], date: u32) -> Result<Self, TransitError> {
        if !calendar::is_date(date) {
            return Err(TransitError::NotADate { found: date });
        }
        if timetables.iter().all(|timetable| timetable.stops.is_empty() || timetable.trips.is_empty()) {
            return Err(TransitError::Empty);
        }
        let mut gathered = Gathered::default();
        let (mut first_stop, mut first_route) = (0, 0);
        let mut day = Self::without_trips(timetables, date);
        for (feed, timetable) in timetables.iter().enumerate() {
            let before = gathered.runs;
            for trip in 0..timetable.trips.len() {
                gathered.add(timetable, feed as u32, trip, date, [first_stop, first_route])?;
            }
            if gathered.runs == before {
                day.remarks.push(format!(
                    "nothing of timetable {} runs on {}; it has service {}",
                    feed + 1,
                    calendar::iso(date),
                    range(&[timetable])
                ));
            }
            first_stop += timetable.stops.len() as u32;
            first_route += timetable.routes.len() as u32;
        }
        if !gathered.runs_today {
            let advice = no_service(timetables, date, gathered.backward);
            return Err(TransitError::NoService { date: calendar::iso(date), advice });
        }
        if gathered.backward > 0 {
            day.remarks.push(format!(
                "{} trips go back in time or call at a stop that is not there; they are left out",
                gathered.backward
            ));
        }
        day.fill(gathered);
        Ok(day)
    }

    /// The first Monday to Friday on which most trips run; `None` when nothing runs on any. At most two years are looked at.
    pub fn busiest_weekday(timetables: &[&Timetable]) -> Option<u32> {
        let trips: Vec<Vec<u32>> = timetables
            .iter()
            .map(|timetable| {
                let mut count = vec![0; timetable.services.len()];
                for trip in &timetable.trips {
                    if let Some(count) = count.get_mut(trip.service as usize) {
                        *count += 1;
                    }
                }
                count
            })
            .collect();
        let first =
            timetables.iter().filter_map(|timetable| timetable.date_range()).map(|range| range.0).min()?;
        let last =
            timetables.iter().filter_map(|timetable| timetable.date_range()).map(|range| range.1).max()?;
        let mut best: Option<(u32, u32)> = None;
        let mut date = first;
        for _ in 0..731 {
            let weekday = calendar::weekday(date);
            if date > last {
                break;
            }
            if weekday < 5 {
                let runs = timetables.iter().zip(&trips).flat_map(|(timetable, trips)| {
                    timetable.services.iter().zip(trips).filter(|(service, _)| service.runs_on(date, weekday))
                });
                let count: u32 = runs.map(|(_, count)| count).sum();
                if count > best.map_or(0, |best| best.0) {
                    best = Some((count, date));
                }
            }
            date = calendar::add_days(date, 1);
        }
        best.map(|best| best.1)
    }

    /// Departures from all stops between two times.
    pub fn departures_between(&self, from_secs: i32, to_secs: i32) -> usize {
        let count = |pattern: usize| {
            let positions = 0..self.stops_of(pattern).len().saturating_sub(1);
            positions.map(move |position| {
                let column = self.departures_at(pattern, position);
                column.partition_point(|&d| d < to_secs) - column.partition_point(|&d| d < from_secs)
            })
        };
        (0..self.patterns.len()).flat_map(count).sum()
    }

    /// The two hours, from a whole hour on, in which most vehicles leave; the earliest of them. `None` when none does.
    pub fn busiest_two_hours(&self) -> Option<[i32; 2]> {
        let by_hour: Vec<usize> =
            (0..30).map(|hour| self.departures_between(hour * 3600, (hour + 1) * 3600)).collect();
        let two = |hour: &usize| by_hour[*hour] + by_hour[hour + 1];
        let busiest = (0..29).rev().max_by_key(two).filter(|hour| two(hour) > 0)?;
        Some([busiest as i32 * 3600, (busiest as i32 + 2) * 3600])
    }

    /// Whether less than a quarter as much leaves between two times as in the busiest hour.
    pub fn is_thin(&self, from_secs: i32, to_secs: i32) -> bool {
        self.thin_service(from_secs, to_secs).is_some()
    }

    /// A remark when the timetable is thin between two times compared with its busiest hour: such as a sample of some hours.
    pub fn thin_service(&self, from_secs: i32, to_secs: i32) -> Option<String> {
        let hours = f64::from((to_secs - from_secs).max(60)) / 3600.0;
        let here = self.departures_between(from_secs, to_secs) as f64 / hours;
        let busiest =
            (0..30).map(|hour| (self.departures_between(hour * 3600, (hour + 1) * 3600), -hour)).max()?;
        (here * 4.0 < busiest.0 as f64).then(|| {
            format!(
                "{here:.0} departures an hour between {} and {}, against {} in the busiest hour, from {}; the timetable may \
                 hold a part of the day only",
                calendar::clock(from_secs),
                calendar::clock(to_secs),
                busiest.0,
                calendar::clock(-busiest.1 * 3600)
            )
        })
    }

    fn without_trips(timetables: &[&Timetable], date: u32) -> Self {
        let feeds = || timetables.iter().enumerate();
        let in_feed = |feed: usize, index: usize| InFeed { feed: feed as u32, index: index as u32 };
        Self {
            date,
            stops: feeds().flat_map(|(f, t)| (0..t.stops.len()).map(move |i| in_feed(f, i))).collect(),
            positions: feeds().flat_map(|(_, t)| t.stops.iter().map(|stop| stop.position)).collect(),
            routes: feeds().flat_map(|(f, t)| (0..t.routes.len()).map(move |i| in_feed(f, i))).collect(),
            route_types: feeds().flat_map(|(_, t)| t.routes.iter().map(|route| route.route_type)).collect(),
            trips: Vec::new(),
            patterns: Vec::new(),
            pattern_stops: Vec::new(),
            arrivals: Vec::new(),
            departures: Vec::new(),
            serving_first: Vec::new(),
            serving: Vec::new(),
            remarks: Vec::new(),
        }
    }

    /// Puts the runs into patterns.
    fn fill(&mut self, mut gathered: Gathered) {
        for sequence in &mut gathered.sequences {
            let calls = &gathered.calls;
            let times = |run: Run| {
                calls[run.first_call as usize..(run.first_call + run.count) as usize].iter().map(
                    move |&(arrival, departure)| {
                        (arrival + run.trip.shift_secs, departure + run.trip.shift_secs)
                    },
                )
            };
            sequence.runs.sort_by(|a, b| {
                times(*a).map(|t| t.1).cmp(times(*b).map(|t| t.1)).then_with(|| times(*a).cmp(times(*b)))
            });
            // Each run joins the first chain whose last run it nowhere overtakes.
            let mut chains: Vec<Vec<Run>> = Vec::new();
            for run in sequence.runs.drain(..) {
                let follows = |chain: &Vec<Run>| {
                    chain.last().is_some_and(|last| {
                        times(*last).zip(times(run)).all(|(a, b)| a.0 <= b.0 && a.1 <= b.1)
                    })
                };
                match chains.iter_mut().find(|chain| follows(chain)) {
                    Some(chain) => chain.push(run),
                    None => chains.push(vec![run]),
                }
            }
            for chain in chains {
                let pattern = Pattern {
                    first_stop: self.pattern_stops.len() as u32,
                    stops: sequence.stops.len() as u32,
                    first_trip: self.trips.len() as u32,
                    trips: chain.len() as u32,
                    first_time: self.arrivals.len() as u32,
                };
                self.pattern_stops.extend_from_slice(&sequence.stops);
                self.arrivals.extend(chain.iter().flat_map(|run| times(*run).map(|time| time.0)));
                let rows: Vec<Vec<i32>> =
                    chain.iter().map(|run| times(*run).map(|time| time.1).collect()).collect();
                for position in 0..sequence.stops.len() {
                    self.departures.extend(rows.iter().map(|row| row[position]));
                }
                self.trips.extend(chain.iter().map(|run| run.trip));
                self.patterns.push(pattern);
            }
        }
        self.serving_first = vec![0; self.stops.len() + 1];
        for &stop in &self.pattern_stops {
            self.serving_first[stop as usize + 1] += 1;
        }
        for stop in 0..self.stops.len() {
            self.serving_first[stop + 1] += self.serving_first[stop];
        }
        let mut next = self.serving_first.clone();
        self.serving = vec![(0, 0); self.pattern_stops.len()];
        for pattern in 0..self.patterns.len() {
            for position in 0..self.stops_of(pattern).len() {
                let stop = self.stops_of(pattern)[position] as usize;
                self.serving[next[stop] as usize] = (pattern as u32, position as u32);
                next[stop] += 1;
            }
        }
    }

    /// Stops of a pattern, in order.
    pub fn stops_of(&self, pattern: usize) -> &[u32] {
        let pattern = &self.patterns[pattern];
        &self.pattern_stops[pattern.first_stop as usize..(pattern.first_stop + pattern.stops) as usize]
    }

    /// Positions in [`Self::trips`] of the trips of a pattern, earliest first.
    pub fn trips_of(&self, pattern: usize) -> std::ops::Range<usize> {
        let pattern = &self.patterns[pattern];
        pattern.first_trip as usize..(pattern.first_trip + pattern.trips) as usize
    }

    /// Departures at a position of a pattern, by trip, not falling.
    pub fn departures_at(&self, pattern: usize, position: usize) -> &[i32] {
        let pattern = &self.patterns[pattern];
        let first = pattern.first_time as usize + position * pattern.trips as usize;
        &self.departures[first..first + pattern.trips as usize]
    }

    /// Arrivals of a trip (counted in its pattern) by position.
    pub fn arrivals_of(&self, pattern: usize, trip: usize) -> &[i32] {
        let pattern = &self.patterns[pattern];
        let first = pattern.first_time as usize + trip * pattern.stops as usize;
        &self.arrivals[first..first + pattern.stops as usize]
    }

    /// (pattern, position) of every call at a stop.
    pub fn serving(&self, stop: u32) -> &[(u32, u32)] {
        let stop = stop as usize;
        &self.serving[self.serving_first[stop] as usize..self.serving_first[stop + 1] as usize]
    }

    pub fn is_served(&self, stop: u32) -> bool {
        !self.serving(stop).is_empty()
    }

    /// The day's number of a stop of a timetable.
    pub fn stop_number(&self, of: InFeed) -> Option<u32> {
        self.stops.binary_search(&of).ok().map(|stop| stop as u32)
    }
}

/// One run of a trip.
#[derive(Clone, Copy, Debug)]
struct Run {
    trip: DayTrip,
    first_call: u32,
    count: u32,
}

#[derive(Debug)]
struct Sequence {
    stops: Vec<u32>,
    runs: Vec<Run>,
}

/// Runs by sequence of stops, in the order in which these come.
#[derive(Debug, Default)]
struct Gathered {
    sequences: Vec<Sequence>,
    by_stops: HashMap<Vec<u32>, usize>,
    /// Arrival and departure as the timetable has them.
    calls: Vec<(i32, i32)>,
    runs: usize,
    backward: usize,
    runs_today: bool,
}

impl Gathered {
    fn add(
        &mut self,
        timetable: &Timetable,
        feed: u32,
        trip: usize,
        date: u32,
        [first_stop, first_route]: [u32; 2],
    ) -> Result<(), TransitError> {
        let of = &timetable.trips[trip];
        let Some(service) = timetable.services.get(of.service as usize) else { return Ok(()) };
        let days: Vec<i64> = (-1..=1)
            .filter(|&day| {
                let that = calendar::add_days(date, day);
                service.runs_on(that, calendar::weekday(that))
            })
            .collect();
        if days.is_empty() {
            return Ok(());
        }
        let calls = timetable.calls(trip);
        if calls.len() < 2 {
            return Ok(());
        }
        let is_known = |call: &StopTime| (call.stop as usize) < timetable.stops.len();
        let is_forward = calls.iter().all(|call| {
            call.arrival_secs <= call.departure_secs
                && call.departure_secs < 30 * DAY_SECS as u32
                && is_known(call)
        }) && calls.windows(2).all(|pair| pair[0].departure_secs <= pair[1].arrival_secs);
        if !is_forward || of.route as usize >= timetable.routes.len() {
            self.backward += 1;
            return Ok(());
        }
        let first_departure = i64::from(calls[0].departure_secs);
        let last_arrival = i64::from(calls[calls.len() - 1].arrival_secs);
        let mut starts: Vec<i64> = Vec::new();
        for &(start, end, headway) in &of.frequencies {
            let count = u64::from(end.saturating_sub(start)).div_ceil(u64::from(headway.max(1)));
            let so_far = self.runs as u64 + (starts.len() * days.len()) as u64;
            if so_far + count * days.len() as u64 > MOST_TRIPS as u64 {
                return Err(TransitError::TooManyTrips { most: MOST_TRIPS });
            }
            starts.extend((0..count).map(|k| i64::from(start) + k as i64 * i64::from(headway.max(1))));
        }
        if of.frequencies.is_empty() {
            starts.push(first_departure);
        }
        let mut slot = None;
        for &day in &days {
            for &start in &starts {
                let shift = start - first_departure + day * i64::from(DAY_SECS);
                // What ended before midnight or starts late on the next day is of no use.
                if last_arrival + shift < 0 || first_departure + shift >= HORIZON_SECS {
                    continue;
                }
                self.runs_today |= day == 0;
                let (sequence, first_call) = *slot.get_or_insert_with(|| {
                    let first_call = self.calls.len() as u32;
                    self.calls.extend(
                        calls.iter().map(|call| (call.arrival_secs as i32, call.departure_secs as i32)),
                    );
                    let stops: Vec<u32> = calls.iter().map(|call| call.stop + first_stop).collect();
                    let next = self.sequences.len();
                    let sequence = *self.by_stops.entry(stops).or_insert(next);
                    if sequence == next {
                        let stops = calls.iter().map(|call| call.stop + first_stop).collect();
                        self.sequences.push(Sequence { stops, runs: Vec::new() });
                    }
                    (sequence, first_call)
                });
                self.runs += 1;
                self.sequences[sequence].runs.push(Run {
                    trip: DayTrip {
                        of: InFeed { feed, index: trip as u32 },
                        route: first_route + of.route,
                        shift_secs: shift as i32,
                    },
                    first_call,
                    count: calls.len() as u32,
                });
            }
        }
        Ok(())
    }
}
