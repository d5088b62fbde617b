//! The 15-minute score by place: the share of daily needs within reach, on foot and by bicycle (MODELS.md section 5).

use rayon::prelude::*;

use crate::{
    assumptions::Assumptions,
    models::routing::{ModeGraph, Snap, Sweep, cost_of_secs},
};

/// Seconds from every place to the nearest of each kind of need.
#[derive(Clone, Debug, PartialEq)]
pub struct NeedTimes {
    /// `[need][place]`, infinite beyond the limit; `None` where the data have no such need.
    pub secs: Vec<Option<Vec<f64>>>,
}

/// The score, low, central and high: speeds −10/0/+10 % and the limit −2/0/+2 min.
#[derive(Clone, Debug, PartialEq)]
pub struct NeedScore {
    /// By place, 0 to 1 of the needs that the data have.
    pub by_place: Vec<[f64; 3]>,
    /// Share of people within reach by need.
    pub by_need: Vec<Option<[f64; 3]>>,
    /// Mean over people.
    pub mean: [f64; 3],
}

impl NeedTimes {
    /// One reverse sweep a need, whatever the number of places. `needs` are the places where each is met.
    pub fn new(
        graph: &ModeGraph,
        places: &[Option<Snap>],
        needs: &[Vec<Option<Snap>>],
        limit_secs: f64,
    ) -> Self {
        let limit = cost_of_secs(limit_secs);
        let secs = needs
            .par_iter()
            .map(|need| {
                let met: Vec<Snap> = need.iter().flatten().copied().collect();
                if met.is_empty() {
                    return None;
                }
                let mut sweep = Sweep::new(graph);
                sweep.to_places(graph, &met, limit);
                let from = |place: &Option<Snap>| {
                    let cost = place.map_or(u32::MAX, |place| sweep.cost_from(graph, &place));
                    if cost <= limit { f64::from(cost) / 1000.0 } else { f64::INFINITY }
                };
                Some(places.iter().map(from).collect())
            })
            .collect();
        Self { secs }
    }

    /// The limit to ask for: the high end of the band.
    pub fn limit_secs(assumptions: &Assumptions) -> f64 {
        band(assumptions)[2]
    }

    /// `None` without people or without any need.
    pub fn score(&self, people: &[f64], assumptions: &Assumptions) -> Option<NeedScore> {
        let limits = band(assumptions);
        let known: Vec<&Vec<f64>> = self.secs.iter().flatten().collect();
        let all: f64 = people.iter().sum();
        if known.is_empty() || all <= 0.0 {
            return None;
        }
        let share = |count: usize| count as f64 / known.len() as f64;
        let by_place: Vec<[f64; 3]> = (0..people.len())
            .map(|place| limits.map(|limit| share(known.iter().filter(|secs| secs[place] <= limit).count())))
            .collect();
        let reached = |secs: &Vec<f64>, limit: f64| {
            people.iter().zip(secs).filter(|(_, secs)| **secs <= limit).map(|(p, _)| p).sum::<f64>() / all
        };
        let by_need = self
            .secs
            .iter()
            .map(|secs| secs.as_ref().map(|secs| limits.map(|limit| reached(secs, limit))))
            .collect();
        let mean =
            [0, 1, 2].map(|b| people.iter().zip(&by_place).map(|(p, score)| p * score[b]).sum::<f64>() / all);
        Some(NeedScore { by_place, by_need, mean })
    }
}

/// Seconds: walking slower by the band is as if the limit were shorter.
fn band(assumptions: &Assumptions) -> [f64; 3] {
    let minutes = &assumptions.daily_needs_minutes;
    let speed = assumptions.speed_band.central;
    [minutes.low * 60.0 * (1.0 - speed), minutes.central * 60.0, minutes.high * 60.0 * (1.0 + speed)]
}
