//! Walking between places and stops, and from stop to stop.

use rayon::prelude::*;

use super::TransitDay;
use crate::models::routing::{ModeGraph, Snap, Sweep, UNREACHED};

/// Farthest way from a stop or a door to the network, metres straight.
pub const ACCESS_M: f64 = 600.0;

/// Rows of (number, seconds), such as the stops that one can walk to from a place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Walks {
    first: Vec<u32>,
    ways: Vec<(u32, u32)>,
}

impl Walks {
    /// One row after another.
    pub fn from_rows(rows: impl IntoIterator<Item = Vec<(u32, u32)>>) -> Self {
        let mut walks = Self { first: vec![0], ways: Vec::new() };
        for row in rows {
            walks.ways.extend(row);
            walks.first.push(walks.ways.len() as u32);
        }
        walks
    }

    pub fn rows(&self) -> usize {
        self.first.len().saturating_sub(1)
    }

    /// (number, seconds), by number.
    pub fn row(&self, row: usize) -> &[(u32, u32)] {
        &self.ways[self.first[row] as usize..self.first[row + 1] as usize]
    }

    /// The same ways seen from the other end; `columns` is how many numbers there are.
    #[must_use]
    pub fn turned(&self, columns: usize) -> Self {
        let mut rows = vec![Vec::new(); columns];
        for row in 0..self.rows() {
            for &(number, secs) in self.row(row) {
                rows[number as usize].push((row as u32, secs));
            }
        }
        Self::from_rows(rows)
    }
}

/// Places by the nodes at the ends of their street, so that a sweep finds those that it reaches.
#[derive(Debug)]
pub struct PlaceIndex {
    snaps: Vec<Option<Snap>>,
    first: Vec<u32>,
    places: Vec<u32>,
}

impl PlaceIndex {
    pub fn new(graph: &ModeGraph, positions: &[[f64; 2]]) -> Self {
        let snap = |&position: &[f64; 2]| graph.snap(position, ACCESS_M);
        Self::from_snaps(graph, positions.par_iter().map(snap).collect())
    }

    fn from_snaps(graph: &ModeGraph, snaps: Vec<Option<Snap>>) -> Self {
        let ends = |snap: &Snap| {
            let link = graph.links[snap.link as usize];
            [Some(link.from), (link.to != link.from).then_some(link.to)]
        };
        let mut first = vec![0_u32; graph.nodes() + 1];
        for snap in snaps.iter().flatten() {
            for node in ends(snap).into_iter().flatten() {
                first[node as usize + 1] += 1;
            }
        }
        for node in 0..graph.nodes() {
            first[node + 1] += first[node];
        }
        let mut next = first.clone();
        let mut places = vec![0; first.last().copied().unwrap_or(0) as usize];
        for (index, snap) in snaps.iter().enumerate() {
            for node in snap.iter().flat_map(ends).flatten() {
                places[next[node as usize] as usize] = index as u32;
                next[node as usize] += 1;
            }
        }
        Self { snaps, first, places }
    }

    /// Where each place is joined to a street; `None` too far from any.
    pub fn snaps(&self) -> &[Option<Snap>] {
        &self.snaps
    }

    fn at(&self, node: u32) -> &[u32] {
        &self.places[self.first[node as usize] as usize..self.first[node as usize + 1] as usize]
    }

    /// (place, seconds) within `limit` milliseconds of `from`, by place. Seconds are rounded up: nobody arrives too early.
    pub fn reached_from(
        &self,
        graph: &ModeGraph,
        sweep: &mut Sweep,
        from: &Snap,
        limit: u32,
    ) -> Vec<(u32, u32)> {
        sweep.from_place(graph, from, limit);
        let link = graph.links[from.link as usize];
        let mut near: Vec<u32> = sweep.reached().iter().flat_map(|&node| self.at(node)).copied().collect();
        // On the same street without passing a node.
        near.extend(self.at(link.from).iter().chain(self.at(link.to)));
        near.sort_unstable();
        near.dedup();
        near.into_iter()
            .filter_map(|place| {
                let cost = sweep.cost_to(graph, self.snaps[place as usize].as_ref()?);
                (cost <= limit && cost != UNREACHED).then(|| (place, cost.div_ceil(1000)))
            })
            .collect()
    }
}

/// Walks between the stops of a day, and where the stops are on the streets.
#[derive(Debug)]
pub struct StopWalks {
    /// By stop: other served stops within the limit.
    pub between: Walks,
    /// By stop: where it is on the streets; `None` without service or too far from any street.
    pub snaps: Vec<Option<Snap>>,
    index: PlaceIndex,
    limit: u32,
}

impl StopWalks {
    /// Footpaths of at most `limit_secs`. Cost: one limited sweep a stop, in parallel.
    pub fn new(graph: &ModeGraph, day: &TransitDay, limit_secs: u32) -> Self {
        let limit = limit_secs.saturating_mul(1000);
        // Stops without service are nowhere: nobody can change there.
        let positions: Vec<[f64; 2]> = (0..day.stops.len())
            .map(|stop| if day.is_served(stop as u32) { day.positions[stop] } else { [f64::NAN; 2] })
            .collect();
        let index = PlaceIndex::new(graph, &positions);
        let rows: Vec<Vec<(u32, u32)>> = index
            .snaps
            .par_iter()
            .enumerate()
            .map_init(
                || Sweep::new(graph),
                |sweep, (stop, snap)| {
                    let Some(snap) = snap else { return Vec::new() };
                    let mut row = index.reached_from(graph, sweep, snap, limit);
                    row.retain(|way| way.0 as usize != stop);
                    row
                },
            )
            .collect();
        Self { between: Walks::from_rows(rows), snaps: index.snaps.clone(), index, limit }
    }

    /// Stops without a street nearby, though something calls there.
    pub fn unattached<'a>(&'a self, day: &'a TransitDay) -> impl Iterator<Item = u32> + 'a {
        (0..self.snaps.len() as u32)
            .filter(|&stop| day.is_served(stop) && self.snaps[stop as usize].is_none())
    }

    /// The stops from which one can walk to a point of a street, with seconds.
    pub fn to_place(&self, graph: &ModeGraph, sweep: &mut Sweep, place: &Snap) -> Vec<(u32, u32)> {
        sweep.to_place(graph, place, self.limit);
        let stops = self.snaps.iter().enumerate();
        let near = stops.filter_map(|(stop, snap)| {
            let cost = sweep.cost_from(graph, snap.as_ref()?);
            (cost <= self.limit).then_some((stop as u32, cost.div_ceil(1000)))
        });
        near.collect()
    }

    /// The stops that one can walk to from a point of a street, with seconds.
    pub fn from_place(&self, graph: &ModeGraph, sweep: &mut Sweep, place: &Snap) -> Vec<(u32, u32)> {
        self.index.reached_from(graph, sweep, place, self.limit)
    }
}

/// Walks from stops to places at the end of a journey.
#[derive(Debug)]
pub struct PlaceWalks {
    /// By stop: places within the limit.
    pub from_stops: Walks,
    index: PlaceIndex,
}

impl PlaceWalks {
    /// From every stop to the places within the limit of `stops`. Cost: one limited sweep a stop, in parallel.
    pub fn new(graph: &ModeGraph, stops: &StopWalks, places: &[[f64; 2]]) -> Self {
        Self::with_index(graph, stops, PlaceIndex::new(graph, places))
    }

    /// To every node of the graph, by its number.
    pub fn to_nodes(graph: &ModeGraph, stops: &StopWalks) -> Self {
        Self::with_index(graph, stops, PlaceIndex::from_snaps(graph, graph.node_snaps()))
    }

    fn with_index(graph: &ModeGraph, stops: &StopWalks, index: PlaceIndex) -> Self {
        let rows: Vec<Vec<(u32, u32)>> = stops
            .snaps
            .par_iter()
            .map_init(
                || Sweep::new(graph),
                |sweep, snap| {
                    snap.as_ref()
                        .map(|snap| index.reached_from(graph, sweep, snap, stops.limit))
                        .unwrap_or_default()
                },
            )
            .collect();
        Self { from_stops: Walks::from_rows(rows), index }
    }

    /// Where the places are on the streets.
    pub fn snaps(&self) -> &[Option<Snap>] {
        self.index.snaps()
    }

    pub fn places(&self) -> usize {
        self.index.snaps.len()
    }

    /// (place, seconds) on foot all the way, within `limit_secs`.
    pub fn on_foot(
        &self,
        graph: &ModeGraph,
        sweep: &mut Sweep,
        from: &Snap,
        limit_secs: u32,
    ) -> Vec<(u32, u32)> {
        self.index.reached_from(graph, sweep, from, limit_secs.saturating_mul(1000))
    }
}
