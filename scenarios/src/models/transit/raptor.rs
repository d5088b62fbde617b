//! Earliest arrivals by rounds (RAPTOR): round `k` knows the best that `k` rides can do.
//!
//! A stop has two labels a round: by vehicle, from which one may walk on, and by any way, from which one may board. So two
//! walks never follow one another, whatever the walks are, and no walk is longer than the limit they were made with.

use super::{NEVER, TransitDay, Walks};

/// What holds for all journeys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RaptorOptions {
    pub max_rides: usize,
    /// Seconds that one must be at a stop before the departure.
    pub slack_secs: i32,
    /// Longest journey, seconds.
    pub max_secs: i32,
}

impl Default for RaptorOptions {
    /// MODELS.md section 1: three rides, 60 s, 120 min.
    fn default() -> Self {
        Self { max_rides: 3, slack_secs: 60, max_secs: 120 * 60 }
    }
}

/// How a stop was reached by any way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Reached {
    #[default]
    No,
    /// On foot from the origin.
    Access(u32),
    Ride,
    /// On foot from another stop.
    Walk {
        from: u32,
        secs: u32,
    },
}

/// The ride that reached a stop: pattern, trip in it, positions of boarding and alighting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Ride {
    pub pattern: u32,
    pub trip: u32,
    pub board: u32,
    pub alight: u32,
}

/// Reusable labels of searches from one origin at a time.
#[derive(Clone, Debug)]
pub struct Raptor<'a> {
    pub(super) day: &'a TransitDay,
    footpaths: &'a Walks,
    pub(super) options: RaptorOptions,
    stops: usize,
    /// `[round · stops + stop]`, never rising from round to round.
    any: Vec<i32>,
    ride: Vec<i32>,
    pub(super) reached: Vec<Reached>,
    pub(super) rides: Vec<Ride>,
    /// Stops whose label of this round fell, once each.
    marked: Vec<u32>,
    next_marked: Vec<u32>,
    is_marked: Vec<bool>,
    is_next_marked: Vec<bool>,
    /// Stops reached earlier by a ride in this round, and in this search.
    alighted: Vec<u32>,
    is_alighted: Vec<bool>,
    improved: Vec<u32>,
    is_improved: Vec<bool>,
    /// First marked position by pattern, and the patterns that have one.
    first_position: Vec<u32>,
    queue: Vec<u32>,
    /// Stops with a label, to be cleared.
    touched: Vec<u32>,
    is_touched: Vec<bool>,
}

impl<'a> Raptor<'a> {
    /// `footpaths` are those of [`super::StopWalks::between`]: one row a stop.
    pub fn new(day: &'a TransitDay, footpaths: &'a Walks, options: RaptorOptions) -> Self {
        let stops = day.stops.len();
        let rounds = options.max_rides + 1;
        Self {
            day,
            footpaths,
            options,
            stops,
            any: vec![NEVER; rounds * stops],
            ride: vec![NEVER; rounds * stops],
            reached: vec![Reached::No; rounds * stops],
            rides: vec![Ride::default(); rounds * stops],
            marked: Vec::new(),
            next_marked: Vec::new(),
            is_marked: vec![false; stops],
            is_next_marked: vec![false; stops],
            alighted: Vec::new(),
            is_alighted: vec![false; stops],
            improved: Vec::new(),
            is_improved: vec![false; stops],
            first_position: vec![u32::MAX; day.patterns.len()],
            queue: Vec::new(),
            touched: Vec::new(),
            is_touched: vec![false; stops],
        }
    }

    /// Forgets the origin: the next search starts afresh.
    pub fn clear(&mut self) {
        for &stop in &self.touched {
            self.is_touched[stop as usize] = false;
            for round in 0..=self.options.max_rides {
                let slot = round * self.stops + stop as usize;
                self.any[slot] = NEVER;
                self.ride[slot] = NEVER;
                self.reached[slot] = Reached::No;
            }
        }
        self.touched.clear();
        self.forget_improved();
    }

    fn forget_improved(&mut self) {
        for stop in self.improved.drain(..) {
            self.is_improved[stop as usize] = false;
        }
    }

    /// Earliest arrivals when leaving at `departure` with these walks to stops (stop, seconds). Without [`Self::clear`] the
    /// labels of a later departure are kept, which then must be from the same origin: what leaves later is open to who
    /// leaves earlier too (rRAPTOR). Cost: each trip pattern at most once a round.
    pub fn search(&mut self, departure: i32, access: &[(u32, u32)]) {
        self.forget_improved();
        let latest = departure.saturating_add(self.options.max_secs);
        for &(stop, secs) in access {
            self.reach(0, stop, departure.saturating_add(secs as i32), Reached::Access(secs));
        }
        for round in 1..=self.options.max_rides {
            self.next_round();
            if self.marked.is_empty() {
                break;
            }
            self.collect_patterns();
            for place in 0..self.queue.len() {
                self.scan(self.queue[place] as usize, round, latest);
            }
            self.walk_on(round, latest);
        }
        // Labels of the last round board nothing.
        self.next_round();
        for stop in self.marked.drain(..) {
            self.is_marked[stop as usize] = false;
        }
    }

    fn next_round(&mut self) {
        for stop in self.marked.drain(..) {
            self.is_marked[stop as usize] = false;
        }
        std::mem::swap(&mut self.marked, &mut self.next_marked);
        std::mem::swap(&mut self.is_marked, &mut self.is_next_marked);
    }

    fn touch(&mut self, stop: u32) {
        if !self.is_touched[stop as usize] {
            self.is_touched[stop as usize] = true;
            self.touched.push(stop);
        }
    }

    /// A stop at which one can be at `time` after `round` rides, and so after more.
    fn reach(&mut self, round: usize, stop: u32, time: i32, how: Reached) {
        let slot = round * self.stops + stop as usize;
        if time >= self.any[slot] {
            return;
        }
        self.touch(stop);
        self.reached[slot] = how;
        for later in round..=self.options.max_rides {
            let slot = later * self.stops + stop as usize;
            self.any[slot] = self.any[slot].min(time);
        }
        if !self.is_next_marked[stop as usize] {
            self.is_next_marked[stop as usize] = true;
            self.next_marked.push(stop);
        }
    }

    /// The patterns at the marked stops, each from its first marked position.
    fn collect_patterns(&mut self) {
        self.queue.clear();
        for &stop in &self.marked {
            for &(pattern, position) in self.day.serving(stop) {
                let first = &mut self.first_position[pattern as usize];
                if *first == u32::MAX {
                    self.queue.push(pattern);
                }
                *first = (*first).min(position);
            }
        }
    }

    /// Rides along one pattern, changing to an earlier trip where that can be caught.
    fn scan(&mut self, pattern: usize, round: usize, latest: i32) {
        let day = self.day;
        let first = std::mem::replace(&mut self.first_position[pattern], u32::MAX) as usize;
        let before = (round - 1) * self.stops;
        let now = round * self.stops;
        let mut aboard: Option<(usize, usize)> = None;
        let mut arrivals: &[i32] = &[];
        let stops = day.stops_of(pattern);
        for (position, &stop) in stops.iter().enumerate().skip(first) {
            if let Some((trip, board)) = aboard {
                let time = arrivals[position];
                if time < self.ride[now + stop as usize] && time <= latest {
                    self.alight(
                        round,
                        stop,
                        time,
                        Ride {
                            pattern: pattern as u32,
                            trip: trip as u32,
                            board: board as u32,
                            alight: position as u32,
                        },
                    );
                }
            }
            let here = self.any[before + stop as usize];
            if here == NEVER || position + 1 == stops.len() {
                continue;
            }
            let ready = here.saturating_add(self.options.slack_secs);
            let column = day.departures_at(pattern, position);
            let known = aboard.map_or(column.len(), |(trip, _)| trip);
            if known > 0 && column[known - 1] >= ready {
                let trip = column[..known].partition_point(|&departure| departure < ready);
                aboard = Some((trip, position));
                arrivals = day.arrivals_of(pattern, trip);
            }
        }
    }

    fn alight(&mut self, round: usize, stop: u32, time: i32, ride: Ride) {
        self.rides[round * self.stops + stop as usize] = ride;
        for later in round..=self.options.max_rides {
            let slot = later * self.stops + stop as usize;
            self.ride[slot] = self.ride[slot].min(time);
        }
        self.touch(stop);
        if !self.is_alighted[stop as usize] {
            self.is_alighted[stop as usize] = true;
            self.alighted.push(stop);
        }
        if !self.is_improved[stop as usize] {
            self.is_improved[stop as usize] = true;
            self.improved.push(stop);
        }
        self.reach(round, stop, time, Reached::Ride);
    }

    /// On foot from where one alighted in this round.
    fn walk_on(&mut self, round: usize, latest: i32) {
        let footpaths = self.footpaths;
        for place in 0..self.alighted.len() {
            let stop = self.alighted[place];
            self.is_alighted[stop as usize] = false;
            if round == self.options.max_rides {
                continue;
            }
            let time = self.ride[round * self.stops + stop as usize];
            for &(to, secs) in footpaths.row(stop as usize) {
                let there = time + secs as i32;
                if there <= latest {
                    self.reach(round, to, there, Reached::Walk { from: stop, secs });
                }
            }
        }
        self.alighted.clear();
    }

    /// Earliest arrival by vehicle with at most `rides` rides; [`NEVER`] without one.
    pub fn arrival_by_ride(&self, stop: u32, rides: usize) -> i32 {
        self.ride[rides.min(self.options.max_rides) * self.stops + stop as usize]
    }

    /// Earliest time at a stop by any way with at most `rides` rides.
    pub fn arrival(&self, stop: u32, rides: usize) -> i32 {
        self.any[rides.min(self.options.max_rides) * self.stops + stop as usize]
    }

    /// Stops whose arrival by vehicle the last search brought forward, for some number of rides.
    pub fn improved(&self) -> &[u32] {
        &self.improved
    }

    pub(super) fn slot(&self, round: usize, stop: u32) -> usize {
        round * self.stops + stop as usize
    }
}
