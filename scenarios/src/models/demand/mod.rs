//! Car trips of a city without an OD matrix: residents and jobs → zones → gravity → mode split → peak hour
//! (MODELS.md section 3). Synthetic demand, and labelled so. Journeys longer than the data reach pass the gateways; traffic
//! through the city from outside to outside is there where a cordon was counted.

pub mod change;
pub mod cordon;
pub mod gateways;
pub mod gravity;
pub mod known;
pub mod matrix;
pub mod zones;

use rayon::prelude::*;

use super::{
    assignment::{
        hierarchy::{LANES, Metric, Query, Targets},
        shortest_path::Search,
    },
    equilibrium::Pairs,
    other_modes::OtherShares,
    road::RoadModel,
};
use crate::assumptions::{Assumptions, ModeSplitRow};
use gateways::Gateway;
use gravity::{deterrence, doubly_constrained};
pub use known::{ZoneTrips, demand_of_matrix};
pub use zones::{Zone, ZoneTable, zones_from_places};

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
    /// Part of the elasticity with which each pair answers: journeys over the border answer less.
    pub response: Vec<f64>,
    /// Share of residents' journeys that leave the data.
    pub external_share: f64,
    /// Journeys of persons in the peak hour by all modes inside the data, zone × zone.
    pub journeys: Vec<f64>,
    /// Journeys a day by all modes inside the data.
    pub journeys_per_day: f64,
    /// Mean straight distance × detour factor, kilometres.
    pub mean_km: f64,
    /// Free-flow car minutes from zone to zone, gateways included, row-major: what the gravity model saw.
    pub minutes: Vec<f64>,
    /// Whether the trips were given as a matrix rather than made from people and jobs.
    pub is_from_matrix: bool,
}

impl Demand {
    /// Adds a pair with the shares of its modes; one that [`Pairs::push`] leaves out has none.
    pub(super) fn push(
        &mut self,
        origin: usize,
        destination: usize,
        pcu: f64,
        split: ModeSplitRow,
        response: f64,
    ) {
        let before = self.pairs.len();
        self.pairs.push(origin as u32, destination as u32, pcu);
        if self.pairs.len() > before {
            self.car_share.push(split.car);
            self.walk_share.push(split.walk);
            self.cycle_share.push(split.cycle);
            self.transit_share.push(split.transit);
            self.response.push(response);
        }
    }

    /// Base shares of the modes besides the car.
    pub fn other_shares(&self, pair: usize) -> OtherShares {
        OtherShares {
            walk: self.walk_share[pair],
            cycle: self.cycle_share[pair],
            transit: self.transit_share[pair],
        }
    }
}

/// Why there is no demand.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DemandError {
    #[error(
        "expected residents or dwellings on buildings, or zones with a column \"population\"; found {places} places \
         without residents"
    )]
    NoResidents { places: usize },
    #[error("expected trips between the {zones} zones of the matrix, found none")]
    EmptyMatrix { zones: usize },
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
    let finish = |origin: usize, mut row: Vec<f64>| {
        let others = row.iter().enumerate().filter(|(zone, _)| *zone != origin).map(|(_, &minutes)| minutes);
        let nearest = others.fold(f64::INFINITY, f64::min);
        row[origin] = if nearest.is_finite() { nearest / 2.0 } else { 0.0 };
        row
    };
    let rows: Vec<Vec<f64>> = if let Some(hierarchy) = &road.hierarchy {
        let mut metric = Metric::new(hierarchy.clone());
        metric.customise(&free);
        let all: Vec<u32> = (0..zones as u32).collect();
        let targets = Targets::new(&metric, &road.network.from, &road.network.to, &all);
        let some = |query: &mut Query, origins: &[u32]| -> Vec<Vec<f64>> {
            query.run(&metric, &targets, &road.star, &free, origins);
            let row = |(lane, &origin): (usize, &u32)| {
                let secs = all.iter().map(|&zone| query.cost(&targets, &free, lane, zone));
                finish(origin as usize, secs.map(|secs| secs / 60.0).collect())
            };
            origins.iter().enumerate().map(row).collect()
        };
        let batches: Vec<_> = all.par_chunks(LANES).map_init(|| Query::new(&metric), some).collect();
        batches.concat()
    } else {
        let one = |search: &mut Search, origin: usize| {
            search.run(&road.star, &free, origin as u32, road.network.first_through_node);
            finish(origin, search.distance[..zones].iter().map(|secs| secs / 60.0).collect())
        };
        (0..zones).into_par_iter().map_init(|| Search::new(road.network.nodes), one).collect()
    };
    rows.concat()
}

/// The demand of the peak hour: journeys inside the data, and those over the border at `gateways`.
pub fn synthesize(
    zones: &[Zone],
    gateways: &[Gateway],
    road: &RoadModel,
    assumptions: &Assumptions,
) -> Result<Demand, DemandError> {
    let minutes = skim_minutes(road);
    synthesize_from(zones, zones, gateways, &road.is_connected, minutes, assumptions)
}

/// As [`synthesize`], for `zones` that were `before` when the traffic over the border was counted or estimated: people
/// make as many journeys as they did, and more jobs, shops and schools draw more people from outside. `minutes` are
/// those of [`skim_minutes`], `is_connected` goes over zones and then gateways.
pub fn synthesize_from(
    zones: &[Zone],
    before: &[Zone],
    gateways: &[Gateway],
    is_connected: &[bool],
    minutes: Vec<f64>,
    assumptions: &Assumptions,
) -> Result<Demand, DemandError> {
    let count = zones.len();
    if zones.iter().map(|zone| zone.residents).sum::<f64>() <= 0.0 {
        return Err(DemandError::NoResidents { places: count });
    }
    let connected = is_connected[..count].iter().filter(|c| **c).count();
    if connected < 2 {
        return Err(DemandError::Disconnected { zones: count, connected });
    }
    let external_share = if gateways.is_empty() {
        0.0
    } else {
        let beyond = assumptions.share_beyond_km(reach_km(before, assumptions));
        (beyond * assumptions.external_journeys.central).clamp(0.0, 1.0)
    };
    let all = count + gateways.len();
    let mut journeys = vec![0.0; count * count];
    let mut has_any = false;
    for purpose in &assumptions.purposes {
        let productions: Vec<f64> = zones
            .iter()
            .enumerate()
            .map(|(index, zone)| {
                if is_connected[index] { zone.residents * purpose.rate * (1.0 - external_share) } else { 0.0 }
            })
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
                    if is_connected[index] { sum } else { 0.0 }
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
        let friction: Vec<f64> = (0..count * count)
            .map(|place| deterrence(minutes[place / count * all + place % count], purpose.deterrence))
            .collect();
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
    let external = if gateways.iter().any(|gateway| gateway.count.is_some()) {
        cordon::counted_trips(zones, before, gateways, is_connected, assumptions)
    } else {
        external_trips(zones, before, gateways, is_connected, external_share, assumptions)
    };
    let mut demand = split_modes(zones, before, &journeys, &external, gateways.len(), assumptions);
    demand.external_share = external_share;
    demand.journeys = journeys;
    demand.minutes = minutes;
    Ok(demand)
}

/// How far journeys inside the data can be, kilometres over the network: across the disc on which residents live.
fn reach_km(zones: &[Zone], assumptions: &Assumptions) -> f64 {
    let residents: f64 = zones.iter().map(|zone| zone.residents).sum();
    let mean = |axis: usize| zones.iter().map(|z| z.residents * z.position[axis]).sum::<f64>() / residents;
    let center = [mean(0), mean(1)];
    let spread = |z: &Zone| (z.position[0] - center[0]).powi(2) + (z.position[1] - center[1]).powi(2);
    let variance = zones.iter().map(|z| z.residents * spread(z)).sum::<f64>() / residents;
    // On an even disc the mean square distance from its centre is half the square of its radius.
    let radius_m = (2.0 * variance).sqrt();
    2.0 * radius_m * assumptions.detour_factor.central / 1000.0
}

/// Car trips over the border in the peak hour, pcu/h.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExternalTrips {
    /// Zone → gateway and gateway → zone, each zone × gateway.
    pub out: Vec<f64>,
    pub into: Vec<f64>,
    /// Gateway → gateway; empty where nothing was counted.
    pub through: Vec<f64>,
}

/// What draws people from outside into a zone.
fn pull(zone: &Zone) -> f64 {
    zone.jobs + 0.2 * zone.residents + 0.02 * zone.shop_m2 + 100.0 * zone.schools
}

/// Trips between zones and gateways without counts. Residents go out; as many people come in, to where jobs, shops and
/// homes are.
fn external_trips(
    zones: &[Zone],
    before: &[Zone],
    gateways: &[Gateway],
    is_connected: &[bool],
    share: f64,
    assumptions: &Assumptions,
) -> ExternalTrips {
    let (count, ways) = (zones.len(), gateways.len());
    let mut trips =
        ExternalTrips { out: vec![0.0; count * ways], into: vec![0.0; count * ways], through: Vec::new() };
    let usable =
        |gateway: usize| if is_connected[count + gateway] { gateways[gateway].capacity() } else { 0.0 };
    let capacity: f64 = (0..ways).map(usable).sum();
    let rate: f64 = assumptions.purposes.iter().map(|purpose| purpose.rate).sum();
    let out_of = |zones: &[Zone], zone: usize| {
        if is_connected[zone] { zones[zone].residents * rate * share } else { 0.0 }
    };
    let pull_of = |zones: &[Zone], zone: usize| if is_connected[zone] { pull(&zones[zone]) } else { 0.0 };
    let total: f64 = (0..count).map(|zone| out_of(before, zone)).sum();
    let pulled: f64 = (0..count).map(|zone| pull_of(before, zone)).sum();
    if capacity <= 0.0 || pulled <= 0.0 {
        return trips;
    }
    let (peak, main) = (assumptions.peak_share.central, assumptions.peak_direction_share.central);
    // Half of both goes each way in the peak hour; what the roads cannot carry travels at other times or not by car.
    let (car, pcu) = (split_outside(before, assumptions).car, pcu_per_person(assumptions));
    let load = peak * total * (car * pcu) / capacity;
    let kept = (assumptions.gateway_load.central / load.max(1e-12)).min(1.0);
    for zone in 0..count {
        let (leaving, coming) = (out_of(zones, zone), total * pull_of(zones, zone) / pulled);
        for gateway in 0..ways {
            let part = kept * peak * usable(gateway) / capacity;
            let (out, into) = (
                part * (main * leaving + (1.0 - main) * coming),
                part * ((1.0 - main) * leaving + main * coming),
            );
            trips.out[zone * ways + gateway] = out * car * pcu;
            trips.into[zone * ways + gateway] = into * car * pcu;
        }
    }
    trips
}

/// The mode split of journeys over the border: beyond the reach of the data, half as far again.
fn split_outside(zones: &[Zone], assumptions: &Assumptions) -> ModeSplitRow {
    assumptions.split_at_km(1.5 * reach_km(zones, assumptions))
}

/// pcu of the traffic mix for one person in a car.
fn pcu_per_person(assumptions: &Assumptions) -> f64 {
    assumptions.pcu_per_vehicle()
        / (1.0 - assumptions.truck_share.central)
        / assumptions.car_occupancy.central
}

/// Cars inside the data from persons by distance, and the shares of all modes.
fn split_modes(
    zones: &[Zone],
    before: &[Zone],
    journeys: &[f64],
    external: &ExternalTrips,
    ways: usize,
    assumptions: &Assumptions,
) -> Demand {
    let count = zones.len();
    let mut demand = Demand::default();
    let pcu_per_person = pcu_per_person(assumptions);
    let outside = split_outside(before, assumptions);
    let response = assumptions.external_response.central;
    let (mut km_sum, mut all) = (0.0, 0.0);
    for origin in 0..count {
        for destination in 0..count {
            let persons = journeys[origin * count + destination];
            let km = distance_km(&zones[origin], &zones[destination], assumptions);
            km_sum += persons * km;
            all += persons;
            let split = assumptions.split_at_km(km);
            demand.push(origin, destination, persons * split.car * pcu_per_person, split, 1.0);
        }
        for way in 0..ways {
            demand.push(origin, count + way, external.out[origin * ways + way], outside, response);
        }
    }
    for way in 0..ways {
        for destination in 0..count {
            demand.push(count + way, destination, external.into[destination * ways + way], outside, response);
        }
        for exit in 0..ways {
            let pcu = external.through.get(way * ways + exit).copied().unwrap_or(0.0);
            demand.push(count + way, count + exit, pcu, outside, response);
        }
    }
    demand.journeys_per_day = all / assumptions.peak_share.central;
    demand.mean_km = if all > 0.0 { km_sum / all } else { 0.0 };
    demand
}

/// Distance over the network as the mode split sees it.
pub fn distance_km(from: &Zone, to: &Zone, assumptions: &Assumptions) -> f64 {
    let straight = (from.position[0] - to.position[0]).hypot(from.position[1] - to.position[1]);
    straight * assumptions.detour_factor.central / 1000.0
}
