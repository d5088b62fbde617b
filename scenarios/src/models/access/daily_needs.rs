//! Residents within a walk of their daily needs (MODELS.md section 5).

use rayon::prelude::*;

use crate::models::routing::SlowNetwork;
use crate::{
    assumptions::Assumptions,
    baseline::facts::{CityFacts, DailyNeed},
};

/// Shares of residents that reach each need, low, central, high: speeds −10/0/+10 % and the limit −2/0/+2 min.
#[derive(Clone, Debug, PartialEq)]
pub struct DailyNeedsAccess {
    /// In the order of [`DailyNeed::ALL`]; `None` where the data have no such place.
    pub shares: [Option<[f64; 3]>; 8],
    /// Mean over the needs with data of those shares: the 15-minute score, 0 to 1.
    pub score: [f64; 3],
    /// Residents that could be joined to the walking network, and all.
    pub counted_residents: f64,
    pub residents: f64,
    /// By place of the facts: which needs its residents reach with the central values, a bit each in the order of
    /// [`DailyNeed::ALL`]; `None` without residents or off the network.
    pub by_place: Vec<Option<u8>>,
}

impl DailyNeedsAccess {
    /// Needs that no data tell of: named, not counted.
    pub fn missing(&self) -> impl Iterator<Item = DailyNeed> {
        DailyNeed::ALL.into_iter().filter(|&need| self.shares[need as usize].is_none())
    }
}

/// Doors of residents on the walking network: node, seconds to it, residents.
pub fn resident_doors(facts: &CityFacts, walking: &SlowNetwork) -> Vec<(u32, f64, f64)> {
    doors_by_place(facts, walking).into_iter().flatten().collect()
}

/// The same by place; `None` without residents or off the network.
fn doors_by_place(facts: &CityFacts, walking: &SlowNetwork) -> Vec<Option<(u32, f64, f64)>> {
    let door = |residents: f64, position: [f64; 2]| {
        let (node, secs) = (residents > 0.0).then(|| walking.access(position))??;
        Some((node, secs, residents))
    };
    facts.places.par_iter().map(|place| door(place.residents, place.position)).collect()
}

/// The 15-minute score of all residents. `needs` overrides the places of the facts, for scenarios that take some away.
/// `None` without residents on the network or without any place. Cost: one search a need.
pub fn daily_needs(
    facts: &CityFacts,
    needs: &[Vec<[f64; 2]>; 8],
    walking: &SlowNetwork,
    assumptions: &Assumptions,
) -> Option<DailyNeedsAccess> {
    let at_place = doors_by_place(facts, walking);
    let doors: Vec<(u32, f64, f64)> = at_place.iter().flatten().copied().collect();
    let counted: f64 = doors.iter().map(|door| door.2).sum();
    if counted <= 0.0 {
        return None;
    }
    let minutes = &assumptions.daily_needs_minutes;
    let band = assumptions.speed_band.central;
    // Walking slower by the band is as if the limit were shorter.
    let limits =
        [minutes.low * 60.0 * (1.0 - band), minutes.central * 60.0, minutes.high * 60.0 * (1.0 + band)];
    let shares_and_doors: Vec<Option<([f64; 3], Vec<bool>)>> = needs
        .par_iter()
        .map(|places| {
            if places.is_empty() {
                return None;
            }
            let seconds = walking.seconds_to_nearest(places, limits[2]);
            let mut reached = [0.0; 3];
            let mut is_near = Vec::with_capacity(doors.len());
            for &(node, access, residents) in &doors {
                let total = access + seconds[node as usize];
                for (sum, limit) in reached.iter_mut().zip(limits) {
                    if total <= limit {
                        *sum += residents;
                    }
                }
                is_near.push(total <= limits[1]);
            }
            Some((reached.map(|sum| sum / counted), is_near))
        })
        .collect();
    let shares: Vec<Option<[f64; 3]>> =
        shares_and_doors.iter().map(|need| need.as_ref().map(|(shares, _)| *shares)).collect();
    let mut door = 0;
    let by_place = at_place
        .iter()
        .map(|at| {
            at.map(|_| {
                let near =
                    |need: &Option<([f64; 3], Vec<bool>)>| need.as_ref().is_some_and(|(_, near)| near[door]);
                let bits = shares_and_doors
                    .iter()
                    .enumerate()
                    .fold(0, |bits, (need, of)| bits | (u8::from(near(of)) << need));
                door += 1;
                bits
            })
        })
        .collect();
    let known: Vec<[f64; 3]> = shares.iter().flatten().copied().collect();
    if known.is_empty() {
        return None;
    }
    let score = std::array::from_fn(|band| known.iter().map(|s| s[band]).sum::<f64>() / known.len() as f64);
    let mut by_need = [None; 8];
    by_need.copy_from_slice(&shares);
    Some(DailyNeedsAccess {
        shares: by_need,
        score,
        counted_residents: counted,
        residents: facts.residents(),
        by_place,
    })
}
