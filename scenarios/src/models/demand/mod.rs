//! Car trips of a city without an OD matrix: residents and jobs → zones → gravity → mode split → peak hour
//! (MODELS.md section 3). Synthetic demand: through traffic is absent, and everything is labelled so.

pub mod gravity;
pub mod zones;

use rayon::prelude::*;

use super::{assignment::shortest_path::Search, equilibrium::Pairs, road::RoadModel};
use crate::assumptions::Assumptions;
use gravity::{deterrence, doubly_constrained};
pub use zones::{Zone, zones_from_places};

/// Demand of the peak hour and what it was made of.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Demand {
    /// Car trips in pcu/h.
    pub pairs: Pairs,
    /// Base mode shares by pair.
    pub car_share: Vec<f64>,
    pub walk_share: Vec<f64>,
    pub cycle_share: Vec<f64>,
    pub transit_share: Vec<f64>,
    /// Journeys of persons in the peak hour by all modes, zone × zone.
    pub journeys: Vec<f64>,
    /// Journeys a day by all modes.
    pub journeys_per_day: f64,
    /// Mean straight distance × detour factor, kilometres.
    pub mean_km: f64,
}

/// Why there is no demand.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DemandError {
    #[error(
        "expected residents or dwellings on buildings, or zones with a column \"population\"; found {places} places \
         without residents"
    )]
    NoResidents { places: usize },
    #[error("expected jobs, shops or schools somewhere for people to go to, found none")]
    NoAttractions,
    #[error(
        "expected zones on a connected street network for cars, found {connected} of {zones} zones that reach it"
    )]
    Disconnected { zones: usize, connected: usize },
}

/// Free-flow car minutes from zone to zone, row-major; inside a zone half the way to the nearest other zone.
pub fn skim_minutes(road: &RoadModel) -> Vec<f64> {
    let zones = road.network.zones;
    let free: Vec<f64> = (0..road.arcs()).map(|arc| road.costs.free_flow(arc)).collect();
    let rows: Vec<Vec<f64>> = (0..zones)
        .into_par_iter()
        .map_init(
            || Search::new(road.network.nodes),
            |search, origin| {
                search.run(&road.star, &free, origin as u32, road.network.first_through_node);
                let mut row: Vec<f64> = search.distance[..zones].iter().map(|secs| secs / 60.0).collect();
                let others =
                    row.iter().enumerate().filter(|(zone, _)| *zone != origin).map(|(_, &minutes)| minutes);
                let nearest = others.fold(f64::INFINITY, f64::min);
                row[origin] = if nearest.is_finite() { nearest / 2.0 } else { 0.0 };
                row
            },
        )
        .collect();
    rows.concat()
}

/// The demand of the peak hour.
pub fn synthesize(
    zones: &[Zone],
    road: &RoadModel,
    assumptions: &Assumptions,
) -> Result<Demand, DemandError> {
    let count = zones.len();
    if zones.iter().map(|zone| zone.residents).sum::<f64>() <= 0.0 {
        return Err(DemandError::NoResidents { places: count });
    }
    let connected = road.is_connected.iter().filter(|c| **c).count();
    if connected < 2 {
        return Err(DemandError::Disconnected { zones: count, connected });
    }
    let minutes = skim_minutes(road);
    let mut journeys = vec![0.0; count * count];
    let mut has_any = false;
    for purpose in &assumptions.purposes {
        let productions: Vec<f64> = zones
            .iter()
            .enumerate()
            .map(|(index, zone)| if road.is_connected[index] { zone.residents * purpose.rate } else { 0.0 })
            .collect();
        let attraction = |weights: [f64; 4]| -> Vec<f64> {
            zones
                .iter()
                .enumerate()
                .map(|(index, zone)| {
                    let sum = weights[0] * zone.jobs
                        + weights[1] * zone.residents
                        + weights[2] * zone.shop_m2
                        + weights[3] * zone.schools;
                    if road.is_connected[index] { sum } else { 0.0 }
                })
                .collect()
        };
        let mut attractions = attraction([
            purpose.jobs_weight,
            purpose.residents_weight,
            purpose.shop_weight,
            purpose.school_weight,
        ]);
        if attractions.iter().sum::<f64>() <= 0.0 {
            // Nothing of this kind in the data: people go where people are.
            attractions = attraction([1.0, 1.0, 0.0, 0.0]);
        }
        let friction: Vec<f64> = minutes.iter().map(|&m| deterrence(m, purpose.deterrence)).collect();
        let Some(trips) = doubly_constrained(&productions, &attractions, &friction) else { continue };
        has_any = true;
        let peak = assumptions.peak_share.central;
        let out = assumptions.peak_direction_share.central;
        for origin in 0..count {
            for destination in 0..count {
                let forth = trips[origin * count + destination];
                let back = trips[destination * count + origin];
                journeys[origin * count + destination] += peak * (out * forth + (1.0 - out) * back);
            }
        }
    }
    if !has_any {
        return Err(DemandError::NoAttractions);
    }
    Ok(split_modes(zones, journeys, assumptions))
}

/// Mode split by distance and cars from persons.
fn split_modes(zones: &[Zone], journeys: Vec<f64>, assumptions: &Assumptions) -> Demand {
    let count = zones.len();
    let mut demand = Demand::default();
    let cars_to_pcu = assumptions.pcu_per_vehicle() / (1.0 - assumptions.truck_share.central);
    let (mut km_sum, mut all) = (0.0, 0.0);
    for origin in 0..count {
        for destination in 0..count {
            let persons = journeys[origin * count + destination];
            let km = distance_km(&zones[origin], &zones[destination], assumptions);
            km_sum += persons * km;
            all += persons;
            if origin == destination || persons <= 0.0 {
                continue;
            }
            let split = assumptions.split_at_km(km);
            let before = demand.pairs.len();
            let pcu = persons * split.car / assumptions.car_occupancy.central * cars_to_pcu;
            demand.pairs.push(origin as u32, destination as u32, pcu);
            if demand.pairs.len() > before {
                demand.car_share.push(split.car);
                demand.walk_share.push(split.walk);
                demand.cycle_share.push(split.cycle);
                demand.transit_share.push(split.transit);
            }
        }
    }
    demand.journeys_per_day = all / assumptions.peak_share.central;
    demand.mean_km = if all > 0.0 { km_sum / all } else { 0.0 };
    demand.journeys = journeys;
    demand
}

/// Distance over the network as the mode split sees it.
pub fn distance_km(from: &Zone, to: &Zone, assumptions: &Assumptions) -> f64 {
    let straight = (from.position[0] - to.position[0]).hypot(from.position[1] - to.position[1]);
    straight * assumptions.detour_factor.central / 1000.0
}
