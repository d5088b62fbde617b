//! What a scenario does to the demand: other people and places, and hubs where cars are left (MODELS.md sections 3 and
//! 13).

use super::{Demand, DemandError, Zone, ZoneTable, gateways::Gateway, synthesize_from};
use crate::{
    assumptions::Assumptions,
    baseline::facts::CityFacts,
    edit::Hub,
    models::{
        assignment::shortest_path::Search,
        equilibrium::{Equilibrium, Pairs},
        road::RoadModel,
    },
};
use layers::model::StreetNetwork;

/// Ways on foot are this much longer than straight ones.
const WALK_DETOUR: f64 = 1.3;
/// Least part of a zone's trips that a hub is worth a way of its own.
const LEAST_PART: f64 = 1e-3;

/// The demand of a scenario. Its pairs begin with those of the baseline, in their order; new ones follow.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChangedDemand {
    pub demand: Demand,
    /// By pair: seconds of the journey outside the car, on foot from or to a hub.
    pub on_foot_secs: Vec<f64>,
    /// By pair: seconds from door to door in the baseline, to which travellers are used; infinite where there was no way.
    pub usual_secs: Vec<f64>,
}

/// The baseline that a change starts from.
#[derive(Clone, Copy, Debug)]
pub struct Before<'a> {
    pub streets: &'a StreetNetwork,
    pub table: &'a ZoneTable,
    pub gateways: &'a [Gateway],
    pub road: &'a RoadModel,
    pub demand: &'a Demand,
    pub equilibrium: &'a Equilibrium,
}

impl ChangedDemand {
    /// The demand with the people and places of `facts` (`are_places_changed` where they are not those of the baseline)
    /// and with `hubs`. Cost: the gravity model again, and a search for each zone with new destinations.
    pub fn new(
        before: &Before,
        facts: &CityFacts,
        are_places_changed: bool,
        hubs: &[Hub],
        assumptions: &Assumptions,
    ) -> Result<Self, DemandError> {
        let demand = if are_places_changed && before.demand.is_from_matrix {
            grown(before, facts)
        } else if are_places_changed {
            let zones = before.table.with_places(&facts.places, |zone| before.road.is_connected[zone]);
            let own = synthesize_from(
                &zones,
                &before.table.zones,
                before.gateways,
                &before.road.is_connected,
                before.demand.minutes.clone(),
                assumptions,
            )?;
            in_order_of(before.demand, own)
        } else {
            before.demand.clone()
        };
        let mut usual_secs = before.equilibrium.pair_costs.clone();
        let new = usual_secs.len()..demand.pairs.len();
        usual_secs.extend(costs_of(before, &demand.pairs, new));
        let mut changed = Self { on_foot_secs: vec![0.0; demand.pairs.len()], demand, usual_secs };
        for hub in hubs {
            changed.move_to_hub(before, facts, hub, assumptions);
        }
        Ok(changed)
    }

    /// Moves part of the trip ends near a hub to it, with a walk between hub and door.
    fn move_to_hub(&mut self, before: &Before, facts: &CityFacts, hub: &Hub, assumptions: &Assumptions) {
        let Some(node) = before.road.nearest_node(before.streets, hub.position) else { return };
        let zones = before.table.zones.len();
        let (mut parts, walks) = near_hub(before.table, facts, hub, zones);
        let pairs = &self.demand.pairs;
        let part_of = |parts: &[f64], zone: u32| parts.get(zone as usize).copied().unwrap_or(0.0);
        // Cars that arrive at the hub in the peak hour fit in it.
        let arriving: f64 = (0..pairs.len())
            .map(|pair| pairs.base_trips[pair] * part_of(&parts, pairs.destination[pair]))
            .sum();
        let room = hub.places * hub.arrivals_per_place * assumptions.pcu_per_vehicle();
        if arriving > room {
            let fits = room / arriving;
            for part in &mut parts {
                *part *= fits;
            }
        }
        for pair in 0..pairs.len() {
            let pairs = &self.demand.pairs;
            let (origin, destination, trips) =
                (pairs.origin[pair], pairs.destination[pair], pairs.base_trips[pair]);
            let (leaves, arrives) = (part_of(&parts, origin), part_of(&parts, destination));
            // Who would drive from the hub to the hub walks all the way already.
            let (from_hub, to_hub) = (leaves * (1.0 - arrives), arrives * (1.0 - leaves));
            if trips <= 0.0 || from_hub + to_hub < LEAST_PART {
                continue;
            }
            self.demand.pairs.base_trips[pair] -= trips * (from_hub + to_hub);
            for (part, from, to, zone) in
                [(from_hub, node, destination, origin), (to_hub, origin, node, destination)]
            {
                if part >= LEAST_PART && from != to {
                    self.add_pair(pair, from, to, trips * part, walks[zone as usize]);
                }
            }
        }
    }

    /// A new pair whose travellers are those of `like`.
    fn add_pair(&mut self, like: usize, from: u32, to: u32, trips: f64, on_foot_secs: f64) {
        let demand = &mut self.demand;
        demand.pairs.origin.push(from);
        demand.pairs.destination.push(to);
        demand.pairs.base_trips.push(trips);
        for shares in [
            &mut demand.car_share,
            &mut demand.walk_share,
            &mut demand.cycle_share,
            &mut demand.transit_share,
            &mut demand.response,
        ] {
            shares.push(shares[like]);
        }
        self.on_foot_secs.push(on_foot_secs);
        self.usual_secs.push(self.usual_secs[like]);
    }
}

/// A known matrix with the row and the column of each zone in proportion to what is there now: people, jobs, shops and
/// schools together.
fn grown(before: &Before, facts: &CityFacts) -> Demand {
    let zones = before.table.with_places(&facts.places, |zone| before.road.is_connected[zone]);
    let weight = |zone: &Zone| zone.residents + zone.jobs + 0.05 * zone.shop_m2 + 100.0 * zone.schools;
    let factors: Vec<f64> = before
        .table
        .zones
        .iter()
        .zip(&zones)
        .map(|(was, is)| if weight(was) > 0.0 { weight(is) / weight(was) } else { 1.0 })
        .collect();
    let mut demand = before.demand.clone();
    let pairs = &mut demand.pairs;
    for pair in 0..pairs.base_trips.len() {
        let factor = |zone: u32| factors.get(zone as usize).copied().unwrap_or(1.0);
        pairs.base_trips[pair] *= factor(pairs.origin[pair]) * factor(pairs.destination[pair]);
    }
    demand
}

/// By zone: the part of its trip ends that moves to the hub, and the seconds on foot between them.
fn near_hub(table: &ZoneTable, facts: &CityFacts, hub: &Hub, zones: usize) -> (Vec<f64>, Vec<f64>) {
    let (mut near, mut all, mut walked) = (vec![0.0; zones], vec![0.0; zones], vec![0.0; zones]);
    let mut add = |zone: usize, position: [f64; 2], weight: f64| {
        let away_m = (position[0] - hub.position[0]).hypot(position[1] - hub.position[1]);
        all[zone] += weight;
        if away_m <= hub.radius_m {
            near[zone] += weight;
            walked[zone] += weight * away_m;
        }
    };
    for (place, zone) in facts.places.iter().zip(&table.zone_of_place) {
        if let Some(zone) = zone {
            let weight = place.residents + place.jobs + 0.05 * place.shop_m2 + 100.0 * place.schools;
            add(*zone as usize, place.position, weight);
        }
    }
    let part = |zone: usize| if all[zone] > 0.0 { hub.share * near[zone] / all[zone] } else { 0.0 };
    let secs = |zone: usize| {
        let metres = if near[zone] > 0.0 { walked[zone] / near[zone] } else { 0.0 };
        metres * WALK_DETOUR / (hub.walk_kmh / 3.6)
    };
    ((0..zones).map(part).collect(), (0..zones).map(secs).collect())
}

/// `own` with its pairs in the order of `base`: pairs of the baseline first (without trips where they are gone), then new
/// ones.
fn in_order_of(base: &Demand, mut own: Demand) -> Demand {
    if own.pairs.origin == base.pairs.origin && own.pairs.destination == base.pairs.destination {
        return own;
    }
    let ends = |pairs: &Pairs, pair: usize| (pairs.origin[pair], pairs.destination[pair]);
    // Both are sorted by origin, then destination.
    let mut place_in_own = vec![None; base.pairs.len()];
    let mut is_new = vec![true; own.pairs.len()];
    let mut next = 0;
    for (pair, place) in place_in_own.iter_mut().enumerate() {
        while next < own.pairs.len() && ends(&own.pairs, next) < ends(&base.pairs, pair) {
            next += 1;
        }
        if next < own.pairs.len() && ends(&own.pairs, next) == ends(&base.pairs, pair) {
            *place = Some(next);
            is_new[next] = false;
        }
    }
    let new: Vec<usize> = (0..own.pairs.len()).filter(|&pair| is_new[pair]).collect();
    let arranged = |base: &[f64], own: &[f64], is_trips: bool| -> Vec<f64> {
        let gone = |pair: usize| if is_trips { 0.0 } else { base[pair] };
        let old = place_in_own.iter().enumerate().map(|(pair, place)| place.map_or(gone(pair), |p| own[p]));
        old.chain(new.iter().map(|&pair| own[pair])).collect()
    };
    let pairs = Pairs {
        origin: base.pairs.origin.iter().copied().chain(new.iter().map(|&p| own.pairs.origin[p])).collect(),
        destination: base
            .pairs
            .destination
            .iter()
            .copied()
            .chain(new.iter().map(|&p| own.pairs.destination[p]))
            .collect(),
        base_trips: arranged(&base.pairs.base_trips, &own.pairs.base_trips, true),
    };
    own.car_share = arranged(&base.car_share, &own.car_share, false);
    own.walk_share = arranged(&base.walk_share, &own.walk_share, false);
    own.cycle_share = arranged(&base.cycle_share, &own.cycle_share, false);
    own.transit_share = arranged(&base.transit_share, &own.transit_share, false);
    own.response = arranged(&base.response, &own.response, false);
    own.pairs = pairs;
    own
}

/// Seconds in the baseline's traffic for pairs that it does not have.
fn costs_of(before: &Before, pairs: &Pairs, new: std::ops::Range<usize>) -> Vec<f64> {
    let mut costs = vec![f64::INFINITY; new.len()];
    let mut search = Search::new(before.road.network.nodes);
    let mut at = None;
    for (slot, pair) in new.enumerate() {
        if at != Some(pairs.origin[pair]) {
            at = Some(pairs.origin[pair]);
            let network = &before.road.network;
            search.run(
                &before.road.star,
                &before.equilibrium.costs,
                pairs.origin[pair],
                network.first_through_node,
            );
        }
        costs[slot] = search.distance[pairs.destination[pair] as usize];
    }
    costs
}
