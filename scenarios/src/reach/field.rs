//! From times at crossings to times on the ground around the streets.

use layers::model::StreetNetwork;

use super::contour::Grid;
use crate::models::routing::{ModeGraph, Snap, UNREACHED, secs_of_cost};

/// How far beside a street one still counts as reached, metres.
const BESIDE_M: f64 = 50.0;
/// Least size of a cell, metres, and the most cells.
const LEAST_CELL_M: f64 = 25.0;
const MOST_CELLS: f64 = 400_000.0;
/// Walking beside the street, m/s.
const BESIDE_MPS: f64 = 4.8 / 3.6;
/// Seconds a metre beyond [`BESIDE_M`]: so steep that the border stays there.
const CLIFF: f64 = 60.0;
/// Seconds where nobody comes.
const NOWHERE: f64 = 1.0e7;

/// Pieces of street with the seconds at which they are reached.
struct Samples {
    /// Place and seconds.
    all: Vec<([f64; 2], f64)>,
}

impl Samples {
    /// At most `step_m` apart along all links that are reached before `limit_secs`. `at_node(node)` is in seconds.
    fn new(
        streets: &StreetNetwork,
        graph: &ModeGraph,
        at_node: &dyn Fn(u32) -> f64,
        origin: Option<&Snap>,
        limit_secs: f64,
        step_m: f64,
    ) -> Self {
        let mut all = Vec::new();
        for (index, link) in graph.links.iter().enumerate() {
            let own = origin.filter(|snap| snap.link as usize == index);
            let (from, to) = (at_node(link.from), at_node(link.to));
            if from > limit_secs && to > limit_secs && own.is_none() {
                continue;
            }
            let travel =
                link.travel.map(|cost| if cost == UNREACHED { f64::INFINITY } else { secs_of_cost(cost) });
            let over = |secs: f64, part: f64| if part <= 0.0 { 0.0 } else { secs * part };
            let secs_at = |part: f64| {
                let along = (from + over(travel[0], part)).min(to + over(travel[1], 1.0 - part));
                match own {
                    Some(snap) => {
                        let secs = travel[usize::from(part < snap.along)];
                        let access = secs_of_cost(snap.access(graph));
                        along.min(access + over(secs, (part - snap.along).abs()))
                    }
                    None => along,
                }
            };
            let points = &streets.links[link.link as usize].geometry;
            let lengths: Vec<f64> = points
                .windows(2)
                .map(|pair| (pair[1][0] - pair[0][0]).hypot(pair[1][1] - pair[0][1]))
                .collect();
            let whole: f64 = lengths.iter().sum::<f64>().max(1e-9);
            let mut sum = 0.0;
            for (pair, length) in points.windows(2).zip(lengths) {
                let steps = (length / step_m).ceil().clamp(1.0, 100_000.0) as usize;
                for step in 0..=steps {
                    let part = step as f64 / steps as f64;
                    let secs = secs_at((sum + part * length) / whole);
                    if secs <= limit_secs {
                        let place = [0, 1].map(|axis| pair[0][axis] + part * (pair[1][axis] - pair[0][axis]));
                        all.push((place, secs));
                    }
                }
                sum += length;
            }
        }
        Self { all }
    }
}

/// Seconds on a grid around the streets that are reached before `limit_secs`. `None` when there are none.
pub(super) fn field(
    streets: &StreetNetwork,
    graph: &ModeGraph,
    at_node: &dyn Fn(u32) -> f64,
    origin: Option<&Snap>,
    limit_secs: f64,
) -> Option<Grid> {
    let coarse = Samples::new(streets, graph, at_node, origin, limit_secs, 1_000.0);
    let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
    for (place, _) in &coarse.all {
        for axis in 0..2 {
            low[axis] = low[axis].min(place[axis]);
            high[axis] = high[axis].max(place[axis]);
        }
    }
    if !(low[0] <= high[0] && low[1] <= high[1]) {
        return None;
    }
    // Coarse samples end up to a step before the fine ones do.
    let area = (high[0] - low[0] + 2_000.0) * (high[1] - low[1] + 2_000.0);
    let cell_m = (area / MOST_CELLS).sqrt().max(LEAST_CELL_M);
    let samples = Samples::new(streets, graph, at_node, origin, limit_secs, cell_m).all;
    for (place, _) in &samples {
        for axis in 0..2 {
            low[axis] = low[axis].min(place[axis]);
            high[axis] = high[axis].max(place[axis]);
        }
    }
    let reach_cells = (BESIDE_M / cell_m).ceil() as i64 + 1;
    let margin = (reach_cells + 1) as f64 * cell_m;
    let origin = low.map(|v| ((v - margin) / cell_m).floor() * cell_m);
    let count = |axis: usize| ((high[axis] + margin - origin[axis]) / cell_m).ceil() as usize + 2;
    let (columns, rows) = (count(0), count(1));
    let mut values = vec![NOWHERE; columns * rows];
    for (place, secs) in samples {
        let at = [0, 1].map(|axis| ((place[axis] - origin[axis]) / cell_m).floor() as i64);
        for row in at[1] - reach_cells + 1..=at[1] + reach_cells {
            for column in at[0] - reach_cells + 1..=at[0] + reach_cells {
                let (x, y) = (origin[0] + column as f64 * cell_m, origin[1] + row as f64 * cell_m);
                let away = (x - place[0]).hypot(y - place[1]);
                let there = secs + away / BESIDE_MPS + (away - BESIDE_M).max(0.0) * CLIFF;
                if let Some(value) = values.get_mut(row as usize * columns + column as usize) {
                    *value = value.min(there);
                }
            }
        }
    }
    Some(Grid { origin, cell_m, columns, rows, values })
}
