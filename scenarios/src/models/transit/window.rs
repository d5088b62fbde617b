//! Door-to-door times for every minute of a window, and what they are usually.

use rayon::prelude::*;

use super::{NEVER, PlaceWalks, Raptor, RaptorOptions, StopWalks, TransitDay};
use crate::{
    evaluate::Cancel,
    models::routing::{ModeGraph, Snap, Sweep},
};

/// "Not within the longest journey", seconds.
pub const TOO_FAR: u32 = u32::MAX;

/// When people leave: at `from_secs` and every minute after, `minutes` times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Seconds after midnight.
    pub from_secs: i32,
    /// 1 is a fixed departure; 0 counts as 1.
    pub minutes: u32,
}

impl Default for Window {
    /// 07:30 to 08:30 (MODELS.md section 1).
    fn default() -> Self {
        Self { from_secs: 7 * 3600 + 30 * 60, minutes: 60 }
    }
}

impl Window {
    pub fn at(departure_secs: i32) -> Self {
        Self { from_secs: departure_secs, minutes: 1 }
    }

    pub fn departures(&self) -> impl DoubleEndedIterator<Item = i32> + use<> {
        let from = self.from_secs;
        (0..self.minutes.max(1)).map(move |minute| from.saturating_add(60 * minute as i32))
    }
}

/// Everything a search needs to know about the city, prepared once.
#[derive(Clone, Copy, Debug)]
pub struct TransitCity<'a> {
    pub day: &'a TransitDay,
    pub walking: &'a ModeGraph,
    pub stops: &'a StopWalks,
    pub places: &'a PlaceWalks,
    pub options: RaptorOptions,
}

/// Seconds from origins to places: P10, P50 and P90 over the departures; [`TOO_FAR`] where so many departures do not arrive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TravelTimes {
    pub places: usize,
    /// One row of `places` an origin.
    pub percentiles: Vec<[u32; 3]>,
}

impl TravelTimes {
    pub fn row(&self, origin: usize) -> &[[u32; 3]] {
        &self.percentiles[origin * self.places..(origin + 1) * self.places]
    }
}

/// Reusable buffers of one worker.
#[derive(Debug)]
pub struct Worker<'a> {
    city: TransitCity<'a>,
    raptor: Raptor<'a>,
    sweep: Sweep,
    arrival: Vec<i32>,
}

impl<'a> Worker<'a> {
    pub fn new(city: TransitCity<'a>) -> Self {
        Self {
            city,
            raptor: Raptor::new(city.day, &city.stops.between, city.options),
            sweep: Sweep::new(city.walking),
            arrival: vec![NEVER; city.places.places()],
        }
    }

    /// Seconds from an origin to every place, for each departure of the window: `seconds[departure · places + place]`,
    /// the first departure first; [`TOO_FAR`] where the journey would take longer than allowed. From the last departure
    /// to the first, as who leaves earlier can do all that who leaves later can (rRAPTOR).
    pub fn seconds(&mut self, origin: &Snap, window: Window, seconds: &mut Vec<u32>) {
        let city = self.city;
        let places = city.places.places();
        let longest = city.options.max_secs.max(0) as u32;
        let access = city.stops.from_place(city.walking, &mut self.sweep, origin);
        let on_foot = city.places.on_foot(city.walking, &mut self.sweep, origin, longest);
        let departures: Vec<i32> = window.departures().collect();
        seconds.clear();
        seconds.resize(departures.len() * places, TOO_FAR);
        self.raptor.clear();
        self.arrival.fill(NEVER);
        for (index, &departure) in departures.iter().enumerate().rev() {
            self.raptor.search(departure, &access);
            for &stop in self.raptor.improved() {
                let time = self.raptor.arrival_by_ride(stop, usize::MAX);
                for &(place, secs) in city.places.from_stops.row(stop as usize) {
                    let there = &mut self.arrival[place as usize];
                    *there = (*there).min(time.saturating_add(secs as i32));
                }
            }
            let row = &mut seconds[index * places..(index + 1) * places];
            for (slot, &arrival) in row.iter_mut().zip(&self.arrival) {
                let secs = arrival.saturating_sub(departure) as u32;
                if secs <= longest {
                    *slot = secs;
                }
            }
            for &(place, secs) in &on_foot {
                row[place as usize] = row[place as usize].min(secs);
            }
        }
    }
}

/// The nearest-rank percentiles 10, 50 and 90 of `values`, which are reordered.
pub fn percentiles(values: &mut [u32]) -> [u32; 3] {
    if values.is_empty() {
        return [TOO_FAR; 3];
    }
    values.sort_unstable();
    [10, 50, 90].map(|percent| values[(values.len() * percent).div_ceil(100).max(1) - 1])
}

/// Times from all origins, in parallel; the same bits whatever the number of threads. `None` when cancelled. An origin that
/// is near no street reaches nothing.
pub fn travel_times(
    city: TransitCity<'_>,
    origins: &[Option<Snap>],
    window: Window,
    cancel: &Cancel,
) -> Option<TravelTimes> {
    let places = city.places.places();
    let rows: Vec<Option<Vec<[u32; 3]>>> = origins
        .par_iter()
        .map_init(
            || (Worker::new(city), Vec::new(), Vec::new()),
            |(worker, seconds, column), origin| {
                if cancel.is_cancelled() {
                    return None;
                }
                let Some(origin) = origin else { return Some(vec![[TOO_FAR; 3]; places]) };
                worker.seconds(origin, window, seconds);
                let row = (0..places).map(|place| {
                    column.clear();
                    column.extend(seconds.iter().skip(place).step_by(places));
                    percentiles(column)
                });
                Some(row.collect())
            },
        )
        .collect();
    let mut percentiles = Vec::with_capacity(origins.len() * places);
    for row in rows {
        percentiles.extend(row?);
    }
    Some(TravelTimes { places, percentiles })
}
