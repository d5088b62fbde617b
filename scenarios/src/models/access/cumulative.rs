//! How much is within reach, and how many people reach it (MODELS.md section 5).

use rayon::prelude::*;

use crate::models::{
    routing::{ModeGraph, Snap, Sweep, UNREACHED},
    transit::TravelTimes,
};

/// Seconds from origins (rows) to places (columns); [`u32::MAX`] out of reach.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TimeMatrix {
    pub columns: usize,
    /// Row by row.
    pub secs: Vec<u32>,
}

impl TimeMatrix {
    /// Over the streets, up to `limit_secs`; in parallel. A place that is on no street is out of reach.
    pub fn over_streets(
        graph: &ModeGraph,
        origins: &[Option<Snap>],
        places: &[Option<Snap>],
        limit_secs: u32,
    ) -> Self {
        let limit = limit_secs.saturating_mul(1000).min(UNREACHED - 1);
        let row = |sweep: &mut Sweep, origin: &Option<Snap>| -> Vec<u32> {
            let Some(origin) = origin else { return vec![u32::MAX; places.len()] };
            sweep.from_place(graph, origin, limit);
            let to = |place: &Option<Snap>| {
                let cost = place.map_or(UNREACHED, |place| sweep.cost_to(graph, &place));
                if cost <= limit { cost.div_ceil(1000) } else { u32::MAX }
            };
            places.iter().map(to).collect()
        };
        let rows: Vec<Vec<u32>> =
            origins.par_iter().map_init(|| Sweep::new(graph), |sweep, origin| row(sweep, origin)).collect();
        Self { columns: places.len(), secs: rows.concat() }
    }

    /// One percentile of times by public transport: 0 for P10, 1 for P50, 2 for P90.
    pub fn of_transit(times: &TravelTimes, percentile: usize) -> Self {
        Self {
            columns: times.places,
            secs: times.percentiles.iter().map(|all| all[percentile.min(2)]).collect(),
        }
    }

    pub fn rows(&self) -> usize {
        self.secs.len().checked_div(self.columns).unwrap_or(0)
    }

    pub fn row(&self, origin: usize) -> &[u32] {
        &self.secs[origin * self.columns..(origin + 1) * self.columns]
    }

    /// Cumulative opportunities: the sum of `amounts` (by column) within `limit_secs`, by origin.
    pub fn within(&self, amounts: &[f64], limit_secs: u32) -> Vec<f64> {
        let sum = |row: &[u32]| {
            let near = row.iter().zip(amounts).filter(|(secs, _)| **secs <= limit_secs);
            near.map(|(_, amount)| amount).sum()
        };
        (0..self.rows()).map(|origin| sum(self.row(origin))).collect()
    }

    /// Seconds to the nearest place by origin; [`u32::MAX`] where there is none.
    pub fn nearest(&self) -> Vec<u32> {
        (0..self.rows()).map(|origin| self.row(origin).iter().copied().min().unwrap_or(u32::MAX)).collect()
    }
}

/// The share of `people` (by origin) whose time is at most `limit_secs`; `None` without people.
pub fn share_within(people: &[f64], secs: &[u32], limit_secs: u32) -> Option<f64> {
    let all: f64 = people.iter().sum();
    let near = people.iter().zip(secs).filter(|(_, secs)| **secs <= limit_secs);
    (all > 0.0).then(|| near.map(|(people, _)| people).sum::<f64>() / all)
}

/// Jobs, or anything counted by place, within reach by public transport: by origin, for slow, usual and lucky departures
/// (P90, P50, P10), so that the numbers rise.
pub fn reached_by_transit(times: &TravelTimes, amounts: &[f64], limit_secs: u32) -> Vec<[f64; 3]> {
    let bands =
        [2, 1, 0].map(|percentile| TimeMatrix::of_transit(times, percentile).within(amounts, limit_secs));
    (0..bands[0].len()).map(|origin| [0, 1, 2].map(|band| bands[band][origin])).collect()
}

/// The mean of `values` over people: low, central, high. `None` without people.
pub fn mean_over_people(people: &[f64], values: &[[f64; 3]]) -> Option<[f64; 3]> {
    let all: f64 = people.iter().sum();
    (all > 0.0)
        .then(|| [0, 1, 2].map(|band| people.iter().zip(values).map(|(p, v)| p * v[band]).sum::<f64>() / all))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_shares_and_bands_are_those_of_a_table_done_by_hand() {
        let times = TimeMatrix { columns: 3, secs: vec![0, 600, 1_000, 500, 300, u32::MAX] };
        assert_eq!(times.within(&[10.0, 20.0, 40.0], 600), [30.0, 30.0]);
        assert_eq!(times.within(&[10.0, 20.0, 40.0], 400), [10.0, 20.0]);
        assert_eq!(times.nearest(), [0, 300]);
        assert_eq!(share_within(&[1.0, 3.0], &times.nearest(), 299), Some(0.25));
        assert_eq!(share_within(&[0.0, 0.0], &times.nearest(), 299), None);
        let transit = TravelTimes { places: 1, percentiles: vec![[500, 700, 900], [100, 100, u32::MAX]] };
        assert_eq!(reached_by_transit(&transit, &[7.0], 700), [[0.0, 7.0, 7.0], [0.0, 7.0, 7.0]]);
        assert_eq!(mean_over_people(&[1.0, 1.0], &[[0.0, 2.0, 4.0]; 2]), Some([0.0, 2.0, 4.0]));
    }
}
