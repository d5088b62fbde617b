//! Who reaches what in how many minutes: on foot, by bicycle, by car or by public transport (MODELS.md section 1).
//!
//! A [`ReachCity`] is prepared once and asked as often as one likes with [`ReachCity::reach`]. Places are in the project's
//! CRS; times are minutes in the answer and seconds inside.

pub mod contour;
mod field;

use std::sync::{Arc, OnceLock};

use geo::MultiPolygon;
use layers::model::{StreetNetwork, Timetable};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    assumptions::Assumptions,
    edit::NetworkEdit,
    evaluate::Cancel,
    models::{
        routing::{ModeGraph, Snap, Sweep, TravelMode, UNREACHED, cost_of_secs, secs_of_cost},
        transit::{
            Journey, PlaceWalks, Raptor, RaptorOptions, StopWalks, TransitDay, TransitError, Window,
            journey::journey,
            walks::ACCESS_M,
            window::{TOO_FAR, TransitCity, Worker, percentiles},
        },
    },
};

/// Longest walk to a stop, between stops and from a stop (MODELS.md section 1).
pub const WALK_LIMIT_SECS: u32 = 15 * 60;

/// How people go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReachMode {
    Walk,
    SlowWalk,
    Cycle,
    EBike,
    /// Free flow.
    Car,
    /// On foot to a stop, by vehicle, and on foot from it; or on foot all the way where that is faster.
    Transit,
}

impl ReachMode {
    pub const ALL: [Self; 6] =
        [Self::Walk, Self::SlowWalk, Self::Cycle, Self::EBike, Self::Car, Self::Transit];

    /// Kebab-case, as in files and on the command line.
    pub fn name(self) -> &'static str {
        if self == Self::Transit { "transit" } else { self.on_streets().name() }
    }

    /// The mode of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }

    fn on_streets(self) -> TravelMode {
        match self {
            Self::Walk | Self::Transit => TravelMode::Walk,
            Self::SlowWalk => TravelMode::SlowWalk,
            Self::Cycle => TravelMode::Cycle,
            Self::EBike => TravelMode::EBike,
            Self::Car => TravelMode::Car,
        }
    }
}

/// The question. `Default` is MODELS.md section 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReachQuery {
    /// Project CRS, metres.
    pub origins: Vec<[f64; 2]>,
    pub targets: Vec<[f64; 2]>,
    /// Seconds after midnight of the first departure. Public transport only.
    pub departure_secs: i32,
    /// One departure a minute, so many; 1 is a fixed departure.
    pub window_minutes: u32,
    /// Targets farther than this are out of reach.
    pub max_minutes: f64,
    /// Areas reached within these minutes are wanted; none for no areas.
    pub contour_minutes: Vec<f64>,
}

impl Default for ReachQuery {
    fn default() -> Self {
        Self {
            origins: Vec::new(),
            targets: Vec::new(),
            departure_secs: Window::default().from_secs,
            window_minutes: Window::default().minutes,
            max_minutes: 120.0,
            contour_minutes: Vec::new(),
        }
    }
}

/// Minutes to a target: what one in ten, half and nine in ten departures do better than or as well. Equal where the
/// departure does not matter.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Minutes {
    /// `None`: in fewer than one in ten departures is it reached in time; and so on.
    pub p10: Option<f64>,
    pub p50: Option<f64>,
    pub p90: Option<f64>,
}

impl Minutes {
    pub const OUT_OF_REACH: Self = Self { p10: None, p50: None, p90: None };

    fn of_secs(secs: [u32; 3]) -> Self {
        let [p10, p50, p90] = secs.map(|secs| (secs != TOO_FAR).then(|| f64::from(secs) / 60.0));
        Self { p10, p50, p90 }
    }

    fn of_cost(cost: u32, limit: u32) -> Self {
        let minutes = (cost <= limit && cost != UNREACHED).then(|| secs_of_cost(cost) / 60.0);
        Self { p10: minutes, p50: minutes, p90: minutes }
    }
}

/// The area reached within some minutes (the median departure).
#[derive(Clone, Debug, PartialEq)]
pub struct ReachedArea {
    pub minutes: f64,
    /// Project CRS. Valid; contains the areas of fewer minutes. Empty when nothing is reached.
    pub area: MultiPolygon<f64>,
}

/// The answer for one origin.
#[derive(Clone, Debug, PartialEq)]
pub struct OriginReach {
    /// Straight metres to the street it is joined to; `None` when there is none within 600 m, and nothing is reached.
    pub street_m: Option<f64>,
    /// In the order of the query's targets.
    pub targets: Vec<Minutes>,
    /// In the order of the query's contours.
    pub areas: Vec<ReachedArea>,
}

/// The answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Reach {
    /// In the order of the query's origins.
    pub origins: Vec<OriginReach>,
    /// Targets that are near no street.
    pub unattached_targets: usize,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ReachError {
    #[error("no street can be used by mode \"{mode}\"; read streets that it may use (OpenStreetMap or NWB)")]
    NoStreets { mode: &'static str },
    #[error(transparent)]
    Transit(#[from] TransitError),
    #[error("expected minutes from 0 to 1440 for {what}, found {found}")]
    BadMinutes { what: &'static str, found: f64 },
    #[error("the search was cancelled")]
    Cancelled,
}

/// Public transport prepared for one day.
#[derive(Debug)]
struct TransitPart {
    day: TransitDay,
    stops: StopWalks,
}

/// The streets of one mode, and the timetable of one day for public transport.
#[derive(Debug)]
pub struct ReachCity<'a> {
    pub mode: ReachMode,
    streets: &'a StreetNetwork,
    pub graph: ModeGraph,
    transit: Option<TransitPart>,
    node_walks: OnceLock<PlaceWalks>,
}

impl<'a> ReachCity<'a> {
    /// Prepares `mode` on the streets after `edit`. Public transport also needs timetables and a date (`yyyymmdd`); without
    /// one the first weekday with most service is taken. Cost: linear in streets, one short sweep a stop.
    pub fn new(
        streets: &'a StreetNetwork,
        edit: &NetworkEdit,
        timetables: &[Arc<Timetable>],
        date: Option<u32>,
        mode: ReachMode,
        assumptions: &Assumptions,
    ) -> Result<Self, ReachError> {
        let graph = ModeGraph::new(streets, edit, mode.on_streets(), assumptions);
        if graph.nodes() == 0 {
            return Err(ReachError::NoStreets { mode: mode.name() });
        }
        let transit = if mode == ReachMode::Transit {
            let feeds: Vec<&Timetable> = timetables.iter().map(AsRef::as_ref).collect();
            let date = date.or_else(|| TransitDay::busiest_weekday(&feeds)).ok_or(TransitError::Empty)?;
            let day = TransitDay::new(&feeds, date)?;
            let stops = StopWalks::new(&graph, &day, WALK_LIMIT_SECS);
            Some(TransitPart { day, stops })
        } else {
            None
        };
        Ok(Self { mode, streets, graph, transit, node_walks: OnceLock::new() })
    }

    /// The timetable of the day, for public transport.
    pub fn day(&self) -> Option<&TransitDay> {
        self.transit.as_ref().map(|transit| &transit.day)
    }

    pub fn stop_walks(&self) -> Option<&StopWalks> {
        self.transit.as_ref().map(|transit| &transit.stops)
    }

    /// What was left out, such as stops without a street nearby, and whether little runs when the query leaves.
    pub fn remarks(&self, query: &ReachQuery) -> Vec<String> {
        let Some(transit) = &self.transit else { return Vec::new() };
        let mut remarks = transit.day.remarks.clone();
        let lost = transit.stops.unattached(&transit.day).count();
        if lost > 0 {
            remarks.push(format!("{lost} stops with service have no street for walking within {ACCESS_M} m"));
        }
        let to = query.departure_secs.saturating_add(60 * query.window_minutes.clamp(60, 1440).cast_signed());
        remarks.extend(transit.day.thin_service(query.departure_secs, to));
        remarks
    }

    /// Minutes from every origin to every target, and areas. In parallel; the same bits whatever the number of threads.
    pub fn reach(&self, query: &ReachQuery, cancel: &Cancel) -> Result<Reach, ReachError> {
        let check = |what, found: f64| {
            if (0.0..=1440.0).contains(&found) { Ok(()) } else { Err(ReachError::BadMinutes { what, found }) }
        };
        check("the longest journey", query.max_minutes)?;
        for &minutes in &query.contour_minutes {
            check("an area", minutes)?;
        }
        check("the window", f64::from(query.window_minutes))?;
        let snap = |places: &[[f64; 2]]| -> Vec<Option<Snap>> {
            places.par_iter().map(|&place| self.graph.snap(place, ACCESS_M)).collect()
        };
        let (origins, targets) = (snap(&query.origins), snap(&query.targets));
        let minutes = match &self.transit {
            Some(transit) => self.by_transit(transit, query, &origins, cancel),
            None => self.over_streets(query, &origins, &targets, cancel),
        }
        .ok_or(ReachError::Cancelled)?;
        let unattached_targets = targets.iter().filter(|target| target.is_none()).count();
        let rows = origins.iter().zip(minutes).map(|(origin, (targets, areas))| OriginReach {
            street_m: origin.map(|snap| snap.away_m),
            targets,
            areas,
        });
        Ok(Reach { origins: rows.collect(), unattached_targets })
    }

    fn over_streets(
        &self,
        query: &ReachQuery,
        origins: &[Option<Snap>],
        targets: &[Option<Snap>],
        cancel: &Cancel,
    ) -> Option<Vec<(Vec<Minutes>, Vec<ReachedArea>)>> {
        let limit = cost_of_secs(query.max_minutes * 60.0);
        let farthest = query.contour_minutes.iter().copied().fold(query.max_minutes, f64::max);
        origins
            .par_iter()
            .map_init(
                || Sweep::new(&self.graph),
                |sweep, origin| {
                    if cancel.is_cancelled() {
                        return None;
                    }
                    let Some(origin) = origin else { return Some(nothing(query)) };
                    sweep.from_place(&self.graph, origin, cost_of_secs(farthest * 60.0));
                    let to = |target: &Option<Snap>| {
                        target.map_or(Minutes::OUT_OF_REACH, |target| {
                            Minutes::of_cost(sweep.cost_to(&self.graph, &target), limit)
                        })
                    };
                    let minutes = targets.iter().map(to).collect();
                    let at_node = |node: u32| secs_of_cost(sweep.costs()[node as usize]);
                    Some((minutes, self.areas(query, &at_node, Some(origin))))
                },
            )
            .collect()
    }

    fn by_transit(
        &self,
        transit: &TransitPart,
        query: &ReachQuery,
        origins: &[Option<Snap>],
        cancel: &Cancel,
    ) -> Option<Vec<(Vec<Minutes>, Vec<ReachedArea>)>> {
        let window = Window { from_secs: query.departure_secs, minutes: query.window_minutes };
        let places = PlaceWalks::new(&self.graph, &transit.stops, &query.targets);
        let nodes = (!query.contour_minutes.is_empty())
            .then(|| self.node_walks.get_or_init(|| PlaceWalks::to_nodes(&self.graph, &transit.stops)));
        let farthest = query.contour_minutes.iter().copied().fold(0.0, f64::max);
        let city = |places, minutes: f64| TransitCity {
            day: &transit.day,
            walking: &self.graph,
            stops: &transit.stops,
            places,
            options: RaptorOptions { max_secs: (minutes * 60.0) as i32, ..RaptorOptions::default() },
        };
        let medians = |worker: &mut Worker<'_>, origin: &Snap, places: usize| {
            let mut seconds = Vec::new();
            worker.seconds(origin, window, &mut seconds);
            let of_place = |place: usize| {
                let mut column: Vec<u32> = seconds.iter().skip(place).step_by(places).copied().collect();
                percentiles(&mut column)
            };
            (0..places).map(of_place).collect::<Vec<[u32; 3]>>()
        };
        origins
            .par_iter()
            .map_init(
                || {
                    let area = nodes.map(|nodes| Worker::new(city(nodes, farthest)));
                    (Worker::new(city(&places, query.max_minutes)), area)
                },
                |(worker, area_worker), origin| {
                    if cancel.is_cancelled() {
                        return None;
                    }
                    let Some(origin) = origin else { return Some(nothing(query)) };
                    let minutes = medians(worker, origin, places.places()).into_iter().map(Minutes::of_secs);
                    let areas = match area_worker {
                        Some(worker) => {
                            let secs = medians(worker, origin, self.graph.nodes());
                            let at_node = |node: u32| match secs[node as usize][1] {
                                TOO_FAR => f64::INFINITY,
                                secs => f64::from(secs),
                            };
                            self.areas(query, &at_node, Some(origin))
                        }
                        None => Vec::new(),
                    };
                    Some((minutes.collect(), areas))
                },
            )
            .collect()
    }

    fn areas(
        &self,
        query: &ReachQuery,
        at_node: &dyn Fn(u32) -> f64,
        origin: Option<&Snap>,
    ) -> Vec<ReachedArea> {
        let farthest = query.contour_minutes.iter().copied().fold(0.0, f64::max) * 60.0;
        if query.contour_minutes.is_empty() {
            return Vec::new();
        }
        let grid = field::field(self.streets, &self.graph, at_node, origin, farthest);
        let area = |&minutes: &f64| ReachedArea {
            minutes,
            area: grid.as_ref().map_or(MultiPolygon(Vec::new()), |grid| grid.below(minutes * 60.0)),
        };
        query.contour_minutes.iter().map(area).collect()
    }

    /// How one gets from one place to another by public transport when leaving at `departure_secs`; `None` when not in time,
    /// or for another mode.
    pub fn journey(
        &self,
        from: [f64; 2],
        to: [f64; 2],
        departure_secs: i32,
        max_minutes: f64,
    ) -> Option<Journey> {
        let transit = self.transit.as_ref()?;
        let (from, to) = (self.graph.snap(from, ACCESS_M)?, self.graph.snap(to, ACCESS_M)?);
        let mut sweep = Sweep::new(&self.graph);
        let max_secs = (max_minutes.clamp(0.0, 1440.0) * 60.0) as i32;
        let access = transit.stops.from_place(&self.graph, &mut sweep, &from);
        let egress = transit.stops.to_place(&self.graph, &mut sweep, &to);
        sweep.from_place(&self.graph, &from, cost_of_secs(f64::from(max_secs)));
        let on_foot = sweep.cost_to(&self.graph, &to);
        let on_foot = (on_foot != UNREACHED).then(|| on_foot.div_ceil(1000));
        let options = RaptorOptions { max_secs, ..RaptorOptions::default() };
        let mut raptor = Raptor::new(&transit.day, &transit.stops.between, options);
        raptor.search(departure_secs, &access);
        journey(&raptor, departure_secs, &egress, on_foot)
    }

    /// The nearest of some places, such as hospitals, from a place: its position in the list and the minutes when leaving at
    /// `departure_secs`; `None` when none is reached within `max_minutes`. [`Self::way`] and [`Self::journey`] tell how.
    pub fn nearest(
        &self,
        from: [f64; 2],
        places: &[[f64; 2]],
        departure_secs: i32,
        max_minutes: f64,
    ) -> Option<(usize, f64)> {
        let query = ReachQuery {
            origins: vec![from],
            targets: places.to_vec(),
            departure_secs,
            window_minutes: 1,
            max_minutes,
            contour_minutes: Vec::new(),
        };
        let reach = self.reach(&query, &Cancel::default()).ok()?;
        let times = reach.origins.first()?.targets.iter().enumerate();
        let reached = times.filter_map(|(index, minutes)| Some((index, minutes.p50?)));
        reached.min_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)))
    }

    /// The way over the streets from one place to another: minutes, and positions in the network's links, in order. For
    /// public transport the way on foot. `None` out of reach.
    pub fn way(&self, from: [f64; 2], to: [f64; 2]) -> Option<(f64, Vec<usize>)> {
        let (from, to) = (self.graph.snap(from, ACCESS_M)?, self.graph.snap(to, ACCESS_M)?);
        let mut sweep = Sweep::new(&self.graph);
        sweep.from_place(&self.graph, &from, UNREACHED);
        let cost = sweep.cost_to(&self.graph, &to);
        let links = sweep.way_to(&self.graph, &to);
        let links = links.into_iter().map(|link| self.graph.links[link as usize].link as usize).collect();
        (cost != UNREACHED).then(|| (secs_of_cost(cost) / 60.0, links))
    }
}

fn nothing(query: &ReachQuery) -> (Vec<Minutes>, Vec<ReachedArea>) {
    let area = |&minutes: &f64| ReachedArea { minutes, area: MultiPolygon(Vec::new()) };
    (vec![Minutes::OUT_OF_REACH; query.targets.len()], query.contour_minutes.iter().map(area).collect())
}
