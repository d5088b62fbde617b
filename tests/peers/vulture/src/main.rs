//! Public transport of Porto Alegre beside the crate vulture: the same timetable, the same walks, the same question.
//!
//! `stadsmaquette-peer-vulture DATA` (the folder of shared data). From all 1,227 hexagons: earliest arrivals at a fixed
//! departure and every minute of an hour. Ends with 1 when an arrival differs, or vulture is faster.

mod adapter;

use std::{error::Error, path::Path, process::ExitCode, sync::Arc, time::Instant};

use adapter::{Adapter, Form};
use layers::{
    model::{LayerData, StreetNetwork, Timetable as Feed},
    readers::{self, ReadContext, Source},
};
use rayon::prelude::*;
use scenarios::{
    Assumptions, Cancel,
    edit::NetworkEdit,
    models::{
        routing::{ModeGraph, Snap, Sweep, TravelMode},
        transit::{
            PlaceWalks, RaptorOptions, StopWalks, TransitDay, Walks, Window, travel_times,
            window::{TOO_FAR, TransitCity, percentiles},
        },
    },
};
use vulture::{RaptorCache, SecondOfDay, Timetable};

/// A Monday; the buses of this sample run around noon.
const DATE: u32 = 2019_05_13;
const DEPARTURES: [i32; 3] = [14 * 3600, 13 * 3600 + 17 * 60, 12 * 3600 + 45 * 60 + 30];
const WINDOW: Window = Window { from_secs: 14 * 3600, minutes: 60 };
const MAX_SECS: i32 = 120 * 60;
/// Every so many hexagons is a destination of the peer, which answers one pair at a time; ours answers all of them.
const SINGLE_STEP: usize = 350;
const WINDOW_STEP: (usize, usize) = (45, 300);

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let data = std::env::args().nth(1).ok_or("expected the folder of shared data")?;
    let (streets, feeds, hexagons) = read(Path::new(&data))?;
    let edit = NetworkEdit::none(streets.links.len());
    let walking = ModeGraph::new(&streets, &edit, TravelMode::Walk, &Assumptions::default());
    let feeds: Vec<&Feed> = feeds.iter().map(AsRef::as_ref).collect();
    let day = TransitDay::new(&feeds, DATE)?;
    let stops = StopWalks::new(&walking, &day, 900);
    let places = PlaceWalks::new(&walking, &stops, &hexagons);
    let options = RaptorOptions { max_secs: MAX_SECS, ..RaptorOptions::default() };
    let city = TransitCity { day: &day, walking: &walking, stops: &stops, places: &places, options };
    let origins = places.snaps();
    let egress = places.from_stops.turned(hexagons.len());
    let mut sweep = Sweep::new(&walking);
    let none = |snap: &Option<Snap>| snap.is_none();
    let access = Walks::from_rows(origins.iter().map(|snap| {
        snap.map(|snap| stops.from_place(&walking, &mut sweep, &snap)).unwrap_or_default()
    }));
    let on_foot = Walks::from_rows(origins.iter().map(|snap| {
        snap.map(|snap| places.on_foot(&walking, &mut sweep, &snap, MAX_SECS as u32)).unwrap_or_default()
    }));
    println!(
        "{} hexagons ({} beside no street), {} stops, {} trips in {} patterns, {} walks between stops",
        hexagons.len(),
        origins.iter().filter(|snap| none(snap)).count(),
        day.stops.len(),
        day.trips.len(),
        day.patterns.len(),
        (0..day.stops.len()).map(|stop| stops.between.row(stop).len()).sum::<usize>()
    );
    let doubled = Adapter::new(&day, &stops.between, Form::Doubled);
    let plain = Adapter::new(&day, &stops.between, Form::Plain);
    let question = Question { access: &access, egress: &egress, on_foot: &on_foot };
    let all: Vec<usize> = (0..hexagons.len()).collect();
    let mut is_good = true;

    for departure in DEPARTURES {
        let started = Instant::now();
        let window = Window::at(departure);
        let ours = travel_times(city, origins, window, &Cancel::default()).ok_or("cancelled")?;
        let own = started.elapsed().as_secs_f64();
        let targets: Vec<usize> = all.iter().copied().step_by(SINGLE_STEP).collect();
        let own_of = |origin: usize, target: usize| ours.row(origin)[target][1];
        // What it answers in its own form is only told, once.
        let forms = [Some(&doubled), (departure == DEPARTURES[0]).then_some(&plain)];
        for adapter in forms.into_iter().flatten() {
            let started = Instant::now();
            let theirs = question.single(adapter, &all, &targets, departure);
            let peer = started.elapsed().as_secs_f64();
            let pairs = theirs.len();
            let equal = theirs.iter().filter(|&&(o, t, secs)| own_of(o, t) == secs).count();
            let reached = theirs.iter().filter(|answer| answer.2 != TOO_FAR).count();
            let name = if adapter.form == Form::Doubled { "same question" } else { "its own form " };
            let a_target = own / all.len() as f64 / hexagons.len() as f64;
            println!(
                "leaving {:02}:{:02}:{:02}, {name}: {equal} of {pairs} arrivals equal ({reached} reached); vulture {:.3} ms a \
                 pair, ours {:.3} ms an origin with all {} targets: a pair {:.0} times, an origin against one pair {:.1} \
                 times as fast",
                departure / 3600,
                departure / 60 % 60,
                departure % 60,
                peer / pairs as f64 * 1e3,
                own / all.len() as f64 * 1e3,
                hexagons.len(),
                peer / pairs as f64 / a_target,
                peer / pairs as f64 / (own / all.len() as f64)
            );
            is_good &= adapter.form == Form::Plain || equal == pairs;
            is_good &= peer / pairs as f64 > a_target;
        }
    }

    let started = Instant::now();
    let ours = travel_times(city, origins, WINDOW, &Cancel::default()).ok_or("cancelled")?;
    let own = started.elapsed().as_secs_f64();
    let some: Vec<usize> = all.iter().copied().step_by(WINDOW_STEP.0).collect();
    let targets: Vec<usize> = all.iter().copied().step_by(WINDOW_STEP.1).collect();
    let started = Instant::now();
    let theirs = question.window(&doubled, &some, &targets);
    let peer = started.elapsed().as_secs_f64();
    let mut differences: Vec<u32> = Vec::new();
    let mut one_sided = 0;
    for (origin, target, found) in &theirs {
        for (a, b) in ours.row(*origin)[*target].iter().zip(found) {
            match (*a == TOO_FAR, *b == TOO_FAR) {
                (false, false) => differences.push(a.abs_diff(*b)),
                (true, true) => {}
                _ => one_sided += 1,
            }
        }
    }
    differences.sort_unstable();
    let p95 = differences[(differences.len() * 95).div_ceil(100) - 1];
    let (own_origin, peer_pair) = (own / all.len() as f64, peer / theirs.len() as f64);
    println!(
        "every minute from 14:00 to 15:00, P10, P50 and P90: {} values, P95 of the difference {p95} s, largest {} s, {one_sided} \
         reached by one only; vulture {:.2} ms a pair, ours {:.2} ms an origin with all {} targets: a pair {:.0} times as fast, \
         an origin against one pair {:.1} times",
        differences.len(),
        differences[differences.len() - 1],
        peer_pair * 1e3,
        own_origin * 1e3,
        hexagons.len(),
        peer_pair * hexagons.len() as f64 / own_origin,
        peer_pair / own_origin
    );
    is_good &= p95 <= 180 && one_sided == 0 && peer_pair * hexagons.len() as f64 > own_origin;
    println!("{}", if is_good { "passed" } else { "FAILED" });
    Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The walks at both ends of a journey.
struct Question<'a> {
    access: &'a Walks,
    egress: &'a Walks,
    on_foot: &'a Walks,
}

impl Question<'_> {
    fn walk(&self, origin: usize, target: usize) -> u32 {
        let row = self.on_foot.row(origin);
        row.binary_search_by_key(&(target as u32), |way| way.0).map_or(TOO_FAR, |found| row[found].1)
    }

    fn ends(
        &self,
        adapter: &Adapter<'_>,
        origin: usize,
        target: usize,
    ) -> [Vec<(vulture::StopIdx, vulture::Duration)>; 2] {
        let from = self.access.row(origin).iter().map(|&(stop, secs)| adapter.from_origin(stop, secs));
        let to = self.egress.row(target).iter().map(|&(stop, secs)| adapter.to_target(stop, secs));
        [from.collect(), to.collect()]
    }

    /// (origin, target, seconds) of each pair at one departure, on all threads.
    fn single(
        &self,
        adapter: &Adapter<'_>,
        origins: &[usize],
        targets: &[usize],
        departure: i32,
    ) -> Vec<(usize, usize, u32)> {
        let answer = |cache: &mut RaptorCache, origin: usize, target: usize| {
            let [from, to] = self.ends(adapter, origin, target);
            let mut best = self.walk(origin, target);
            if !from.is_empty() && !to.is_empty() {
                let leave = SecondOfDay(departure as u32);
                let found =
                    adapter.query().from(&from[..]).to(&to[..]).max_transfers(2).depart_at(leave).run_with_cache(cache);
                let secs = found.iter().map(|journey| journey.arrival().0 - departure as u32).min();
                best = best.min(secs.filter(|&secs| secs <= MAX_SECS as u32).unwrap_or(TOO_FAR));
            }
            (origin, target, best)
        };
        let row = |cache: &mut RaptorCache, origin: &usize| -> Vec<(usize, usize, u32)> {
            targets.iter().map(|&target| answer(cache, *origin, target)).collect()
        };
        let rows: Vec<_> =
            origins.par_iter().map_init(|| RaptorCache::for_timetable(adapter), row).collect();
        rows.concat()
    }

    /// (origin, target, percentiles) over the window.
    fn window(
        &self,
        adapter: &Adapter<'_>,
        origins: &[usize],
        targets: &[usize],
    ) -> Vec<(usize, usize, [u32; 3])> {
        let departures: Vec<SecondOfDay> = WINDOW.departures().map(|secs| SecondOfDay(secs as u32)).collect();
        let answer = |cache: &mut RaptorCache, origin: usize, target: usize| {
            let [from, to] = self.ends(adapter, origin, target);
            let mut seconds = vec![self.walk(origin, target); departures.len()];
            if !from.is_empty() && !to.is_empty() {
                let query = adapter.query().from(&from[..]).to(&to[..]).max_transfers(2);
                let found = query.depart_in_window(departures.iter().copied()).run_with_cache(cache);
                for (secs, leaves) in seconds.iter_mut().zip(&departures) {
                    // Whoever leaves at this minute may take any journey that begins later.
                    let later = found.iter().filter(|one| one.depart >= *leaves);
                    let arrives = later.map(|one| one.journey.arrival().0 - leaves.0).min();
                    *secs = (*secs).min(arrives.filter(|&s| s <= MAX_SECS as u32).unwrap_or(TOO_FAR));
                }
            }
            (origin, target, percentiles(&mut seconds))
        };
        let row = |cache: &mut RaptorCache, origin: &usize| -> Vec<(usize, usize, [u32; 3])> {
            targets.iter().map(|&target| answer(cache, *origin, target)).collect()
        };
        let rows: Vec<_> =
            origins.par_iter().map_init(|| RaptorCache::for_timetable(adapter), row).collect();
        rows.concat()
    }
}

type City = (Arc<StreetNetwork>, Vec<Arc<Feed>>, Vec<[f64; 2]>);

fn read(data: &Path) -> Result<City, Box<dyn Error>> {
    let (mut streets, mut feeds, mut hexagons): City = Default::default();
    let mut target = None;
    for file in [
        "osm-roads/porto_alegre.osm.pbf",
        "transit/porto_alegre_eptc_gtfs.zip",
        "transit/porto_alegre_trensurb_gtfs.zip",
        "transit/porto_alegre_hexgrid.csv",
    ] {
        let mut context = ReadContext { target, ..ReadContext::default() };
        let outcome = readers::read(&Source::from_path(data.join(file)), &mut context)?;
        target = Some(outcome.crs);
        for layer in outcome.layers {
            match layer.data {
                LayerData::Streets(network) if network.links.len() > streets.links.len() => streets = network,
                LayerData::Transit(feed) => feeds.push(feed),
                LayerData::Features(features) => {
                    let has_people =
                        |row: usize| features.attributes.get(row, "population").as_f64().is_some_and(f64::is_finite);
                    hexagons.extend(features.features.iter().enumerate().filter_map(|(row, feature)| {
                        match feature.geometry {
                            Some(geo::Geometry::Point(point)) if has_people(row) => Some([point.x(), point.y()]),
                            _ => None,
                        }
                    }));
                }
                _ => {}
            }
        }
    }
    Ok((streets, feeds, hexagons))
}
