//! Traffic of the baseline and of a scenario: demand, equilibrium, and low, central and high adaptation
//! (MODELS.md sections 2 to 4).

use std::sync::Arc;

use rayon::prelude::*;

use super::{
    adaptation::ElasticDemand,
    demand::{
        Demand, DemandError, Zone, ZoneTable, ZoneTrips,
        change::{Before, ChangedDemand},
        cordon::cordon_gateways,
        demand_of_matrix,
        gateways::{Gateway, find_gateways},
        synthesize,
    },
    equilibrium::{Equilibrium, Pairs, Problem, solve, solve_from_near, solve_on_known_ways, solve_touched},
    other_modes::{ModeTimeChanges, OtherShares},
    road::{EditedRoad, RoadModel},
};
use crate::{
    assumptions::{AdaptationMethod, Assumptions},
    baseline::{Baseline, facts::CityFacts},
    edit::CityEdit,
    evaluate::{Cancel, Quality},
};
use layers::model::StreetNetwork;

/// Iterations after which an equilibrium is taken as it is; its gap is reported.
const MAX_ITERATIONS: usize = 80;
/// Freight answers to car time with this part of the elasticity (MODELS.md section 4, limits).
const FREIGHT_RESPONSE: f64 = 0.3;

/// Why there is no traffic.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrafficError {
    #[error("cancelled")]
    Cancelled,
    #[error(transparent)]
    Demand(#[from] DemandError),
}

/// The solved baseline.
#[derive(Debug)]
pub struct BaselineTraffic {
    pub zones: Vec<Zone>,
    /// Which places the zones are made of.
    pub zone_table: ZoneTable,
    pub zone_positions: Vec<[f64; 2]>,
    /// Zones after the others, where main roads leave the data: those that were counted, if any was.
    pub gateways: Vec<Gateway>,
    /// Counted points that lie at no street for cars.
    pub unattached_counts: Vec<String>,
    pub road: RoadModel,
    pub demand: Demand,
    /// At relative gap 1e-4.
    pub equilibrium: Arc<Equilibrium>,
    /// Flows met on the way at 1e-2 and at 1e-3: their differences are the noise floor.
    pub coarse_flows: [Vec<f64>; 2],
    pub seconds: f64,
}

impl BaselineTraffic {
    /// Makes the demand, or takes the `known` one, and finds the equilibrium to 1e-4.
    pub fn solve(
        streets: &StreetNetwork,
        facts: &CityFacts,
        known: Option<&ZoneTrips>,
        assumptions: &Assumptions,
        cancel: &Cancel,
    ) -> Result<Self, TrafficError> {
        let started = std::time::Instant::now();
        let zone_table = match known {
            Some(known) => ZoneTable::around(&known.zones, &facts.places),
            None => ZoneTable::new(&facts.places, assumptions.max_zones),
        };
        let zones = zone_table.zones.clone();
        let zone_positions: Vec<[f64; 2]> = zones.iter().map(|zone| zone.position).collect();
        // A known matrix has the traffic over the border in it.
        let (mut gateways, unattached_counts) = match known {
            Some(_) => (Vec::new(), Vec::new()),
            None => cordon_gateways(streets, &facts.cordon, assumptions),
        };
        if known.is_none() && gateways.is_empty() && assumptions.external_journeys.central > 0.0 {
            gateways = find_gateways(streets, assumptions);
        }
        let road = RoadModel::new(streets, &zone_positions, &gateways, assumptions);
        cancel.set(0.1);
        let demand = match known {
            Some(known) => demand_of_matrix(&zones, known, &road, assumptions)?,
            None => synthesize(&zones, &gateways, &road, assumptions)?,
        };
        cancel.set(0.2);
        let is_closed = vec![false; road.arcs()];
        let problem = Problem {
            network: &road.network,
            costs: &road.costs,
            star: &road.star,
            hierarchy: road.hierarchy.as_ref(),
            is_closed: &is_closed,
            has_other_ends: false,
            pairs: &demand.pairs,
            elastic: None,
        };
        let solve_to = |gap, start: Option<&Equilibrium>| {
            solve(&problem, start, gap, MAX_ITERATIONS, cancel).map_err(|_| TrafficError::Cancelled)
        };
        let first = solve_to(1e-2, None)?;
        cancel.set(0.35);
        let second = solve_to(1e-3, Some(&first))?;
        cancel.set(0.45);
        let third = solve_to(1e-4, Some(&second))?;
        Ok(Self {
            zones,
            zone_table,
            zone_positions,
            gateways,
            unattached_counts,
            coarse_flows: [first.flows, second.flows],
            equilibrium: Arc::new(third),
            road,
            demand,
            seconds: started.elapsed().as_secs_f64(),
        })
    }

    /// Difference that convergence alone can make on an arc at a quality, pcu/h.
    pub fn convergence_noise(&self, arc: usize, quality: Quality) -> f64 {
        let coarse = match quality {
            Quality::Preview => &self.coarse_flows[0],
            Quality::Answer | Quality::Refined => &self.coarse_flows[1],
        };
        (coarse.get(arc).copied().unwrap_or(0.0) - self.equilibrium.flows[arc]).abs()
    }
}

/// The solved scenario.
#[derive(Debug)]
pub struct ScenarioTraffic {
    /// The streets as cars find them in the scenario.
    edited: EditedRoad,
    /// `None` where people and places stay: then the baseline's demand serves.
    changed_demand: Option<ChangedDemand>,
    /// Why a change of people and places could not be computed; the demand is then the baseline's.
    pub demand_error: Option<DemandError>,
    /// Bicycles and public transport that became faster or slower.
    other_modes: Arc<ModeTimeChanges>,
    /// What a second is worth to each pair at an elasticity of −1, 1/s; empty where no other mode changes.
    unit_theta: Vec<f64>,
    /// Low, central, high adaptation.
    pub runs: [Arc<Equilibrium>; 3],
    /// Nobody changes behaviour; left out of previews.
    pub fixed: Option<Arc<Equilibrium>>,
}

impl ScenarioTraffic {
    /// Solves three equilibria from the baseline's, with `other_modes` faster or slower. Depends on nothing in `edit` but
    /// what [`CityEdit::road_hash`] covers.
    pub fn solve(
        baseline: &Baseline,
        base: &BaselineTraffic,
        edit: &CityEdit,
        other_modes: Arc<ModeTimeChanges>,
        quality: Quality,
        cancel: &Cancel,
    ) -> Result<Self, TrafficError> {
        let (streets, assumptions) = (baseline.network(), baseline.assumptions());
        let edited = base.road.edited(streets, &base.zone_positions, &edit.streets, assumptions);
        let (changed_demand, demand_error) = match changed_demand(baseline, base, edit) {
            None => (None, None),
            Some(Ok(changed)) => (Some(changed), None),
            Some(Err(error)) => (None, Some(error)),
        };
        if !edited.is_changed() && changed_demand.is_none() && !other_modes.is_any() {
            // Nothing changed for cars: the result is the baseline to the bit.
            return Ok(Self {
                edited,
                changed_demand,
                demand_error,
                other_modes,
                unit_theta: Vec::new(),
                runs: std::array::from_fn(|_| base.equilibrium.clone()),
                fixed: Some(base.equilibrium.clone()),
            });
        }
        let road = edited.model.as_ref().unwrap_or(&base.road);
        let demand = changed_demand.as_ref().map_or(&base.demand, |changed| &changed.demand);
        let usual_secs =
            changed_demand.as_ref().map_or(&base.equilibrium.pair_costs, |changed| &changed.usual_secs);
        // Method A or method B of the model book, never both.
        let treated = match assumptions.adaptation_method {
            AdaptationMethod::DemandResponds => None,
            AdaptationMethod::ShareEvaporates => {
                Some(trips_over(&base.equilibrium, &base.road.closed_arcs(&edit.streets)))
            }
        };
        let answers = match assumptions.adaptation_method {
            AdaptationMethod::DemandResponds => &assumptions.car_time_elasticity,
            AdaptationMethod::ShareEvaporates => &assumptions.evaporation_share,
        };
        let truck = assumptions.truck_share.central;
        let freight = 1.0 - truck * (1.0 - FREIGHT_RESPONSE);
        let gap = quality.relative_gap();
        // Where ways only became worse, a preview looks for others only for those who used them.
        let worse = (quality == Quality::Preview && !edited.has_splits)
            .then(|| arcs_only_worse(&base.road, road, &edited.changed_arcs))
            .flatten();
        let pivot = |elasticity: f64| {
            ElasticDemand::new(&demand.pairs.base_trips, usual_secs, &demand.car_share, elasticity * freight)
                .with_response(&demand.response)
        };
        let elastic_of = |elasticity: f64| {
            let mut elastic = pivot(elasticity);
            if other_modes.is_any() {
                elastic =
                    elastic.with_other_modes(|pair, theta| others_weight(demand, pair, theta, &other_modes));
            }
            match &changed_demand {
                Some(changed) => elastic.with_time_outside(&changed.on_foot_secs),
                None => elastic,
            }
        };
        let run = |answer: Option<f64>, start: &Equilibrium, is_first: bool| {
            let (elastic, fewer) = match (&treated, answer) {
                (None, answer) => (answer.map(elastic_of), None),
                (Some(treated), answer) => {
                    (None, Some(without_share(&demand.pairs, treated, answer.unwrap_or_default())))
                }
            };
            let problem = Problem {
                network: &road.network,
                costs: &road.costs,
                star: &road.star,
                hierarchy: road.hierarchy.as_ref(),
                is_closed: &edited.is_closed,
                has_other_ends: edited.has_splits,
                pairs: fewer.as_ref().unwrap_or(&demand.pairs),
                elastic: elastic.as_ref(),
            };
            let outcome = match (&worse, is_first) {
                (Some(is_worse), true) => solve_touched(&problem, start, is_worse, gap, cancel),
                (None, true) => solve(&problem, Some(start), gap, MAX_ITERATIONS, cancel),
                (_, false) if quality == Quality::Preview => {
                    solve_on_known_ways(&problem, start, gap, cancel)
                }
                (_, false) => solve_from_near(&problem, start, gap, MAX_ITERATIONS, cancel),
            };
            outcome.map(Arc::new).map_err(|_| TrafficError::Cancelled)
        };
        // The central run finds the ways round; the others begin from there, as they differ little from it.
        let rescaled = changed_demand
            .as_ref()
            .map(|changed| base.equilibrium.rescaled(&base.demand.pairs, &changed.demand.pairs));
        let central = run(Some(answers.central), rescaled.as_ref().unwrap_or(&base.equilibrium), true)?;
        cancel.set(0.65);
        let mut others: Vec<Option<f64>> = vec![Some(answers.low), Some(answers.high)];
        if quality != Quality::Preview {
            others.push(None);
        }
        let outcomes: Result<Vec<Arc<Equilibrium>>, TrafficError> =
            others.into_par_iter().map(|elasticity| run(elasticity, &central, false)).collect();
        let mut outcomes = outcomes?.into_iter();
        let mut next = || outcomes.next().unwrap_or_default();
        let (low, high) = (next(), next());
        let runs = [low, central, high];
        let fixed = outcomes.next();
        let unit_theta = if other_modes.is_any() {
            let unit = pivot(-1.0);
            (0..demand.pairs.len()).map(|pair| unit.theta(pair)).collect()
        } else {
            Vec::new()
        };
        Ok(Self { edited, changed_demand, demand_error, other_modes, unit_theta, runs, fixed })
    }

    /// How those of a pair who do not drive are spread over the other modes when they are `base` of all, at an elasticity of
    /// car trips to car time: `p0_m·e^{ΔV_m}`, to be scaled. `pair` is one of the zones `origin` and `destination`, if any.
    pub fn others_of(
        &self,
        [origin, destination]: [usize; 2],
        pair: Option<usize>,
        elasticity: f64,
        base: OtherShares,
    ) -> OtherShares {
        let unit = pair.and_then(|pair| self.unit_theta.get(pair)).copied().unwrap_or_default();
        if unit == 0.0 {
            base
        } else {
            self.other_modes.weights(origin, destination, unit * elasticity.abs(), base)
        }
    }

    /// Whether bicycles or public transport became faster or slower somewhere.
    pub fn has_other_mode_times(&self) -> bool {
        self.other_modes.is_any()
    }

    pub fn road<'a>(&'a self, base: &'a BaselineTraffic) -> &'a RoadModel {
        self.edited.model.as_ref().unwrap_or(&base.road)
    }

    /// The demand if travel times were those of the baseline. Its pairs begin with the baseline's, in their order.
    pub fn demand<'a>(&'a self, base: &'a BaselineTraffic) -> &'a Demand {
        self.changed_demand.as_ref().map_or(&base.demand, |changed| &changed.demand)
    }

    /// Whether people, places or hubs change who drives where.
    pub fn has_other_demand(&self) -> bool {
        self.changed_demand.is_some()
    }

    /// Whether cars find the streets changed.
    pub fn has_other_streets(&self) -> bool {
        self.edited.is_changed()
    }

    pub fn edited(&self) -> &EditedRoad {
        &self.edited
    }

    pub fn central(&self) -> &Equilibrium {
        &self.runs[1]
    }
}

/// What the other modes of a pair weigh together, against the base.
fn others_weight(demand: &Demand, pair: usize, theta: f64, changes: &ModeTimeChanges) -> f64 {
    let base = demand.other_shares(pair);
    let (origin, destination) = (demand.pairs.origin[pair], demand.pairs.destination[pair]);
    let sum = base.sum();
    if sum > 0.0 {
        changes.weights(origin as usize, destination as usize, theta, base).sum() / sum
    } else {
        1.0
    }
}

/// Method B: `share` of the trips that used the treated streets are made no more.
fn without_share(pairs: &Pairs, treated: &[f64], share: f64) -> Pairs {
    let mut fewer = pairs.clone();
    for (trips, used) in fewer.base_trips.iter_mut().zip(treated) {
        *trips = (*trips - share * used).max(0.0);
    }
    fewer
}

/// Which arcs cost more than before, whatever their flow; `None` where one costs less. `changed` are those to look at.
fn arcs_only_worse(before: &RoadModel, after: &RoadModel, changed: &[u32]) -> Option<Vec<bool>> {
    /// Flow far above any capacity, pcu/h: the order at 0 and there is the order everywhere between.
    const MUCH: f64 = 1e5;
    let mut is_worse = vec![false; after.arcs()];
    for &arc in changed {
        let arc = arc as usize;
        let change = |flow: f64| after.costs.cost(arc, flow) - before.costs.cost(arc, flow);
        if change(0.0) < 0.0 || change(MUCH) < 0.0 {
            return None;
        }
        is_worse[arc] = true;
    }
    Some(is_worse)
}

/// `None` where nobody moves, works or parks elsewhere.
fn changed_demand(
    baseline: &Baseline,
    base: &BaselineTraffic,
    edit: &CityEdit,
) -> Option<Result<ChangedDemand, DemandError>> {
    let buildings = &edit.buildings;
    if !buildings.changes_places() && buildings.hubs().is_empty() {
        return None;
    }
    let facts = buildings.facts(baseline.facts(), baseline.buildings(), f64::INFINITY);
    let are_places_changed = facts.places != baseline.facts().places;
    if !are_places_changed && buildings.hubs().is_empty() {
        return None;
    }
    let before = Before {
        streets: baseline.network(),
        table: &base.zone_table,
        gateways: &base.gateways,
        road: &base.road,
        demand: &base.demand,
        equilibrium: &base.equilibrium,
    };
    Some(ChangedDemand::new(&before, &facts, are_places_changed, buildings.hubs(), baseline.assumptions()))
}

/// Flows by link, both directions together, pcu/h.
pub fn link_flows(road: &RoadModel, arc_flows: &[f64], links: usize) -> Vec<f64> {
    let mut flows = vec![0.0; links];
    for (arc, &flow) in arc_flows.iter().enumerate() {
        for &link in road.links_of(arc) {
            if let Some(sum) = flows.get_mut(link as usize) {
                *sum += flow;
            }
        }
    }
    flows
}

/// pcu-km an hour on streets.
pub fn pcu_km(road: &RoadModel, flows: &[f64]) -> f64 {
    flows.iter().zip(&road.length_m).map(|(flow, metres)| flow * metres / 1000.0).sum()
}

/// pcu-hours lost in the peak hour against free flow.
pub fn pcu_hours_lost(road: &RoadModel, flows: &[f64]) -> f64 {
    let lost = |arc: usize, flow: f64| flow * (road.costs.cost(arc, flow) - road.costs.free_flow(arc));
    flows.iter().enumerate().map(|(arc, &flow)| lost(arc, flow)).sum::<f64>() / 3600.0
}

/// Mean cost over pairs weighted by `weights`, minutes; pairs without a way in either run are left out by the caller's
/// weights or by being infinite. `None` when nothing is left.
pub fn mean_minutes(pair_costs: &[f64], weights: &[f64]) -> Option<f64> {
    let (mut sum, mut weight) = (0.0, 0.0);
    for (&secs, &w) in pair_costs.iter().zip(weights) {
        if secs.is_finite() && w > 0.0 {
            sum += secs * w;
            weight += w;
        }
    }
    (weight > 0.0).then(|| sum / weight / 60.0)
}

/// By pair: base trips that passed at least one of the closed arcs.
pub fn trips_over(equilibrium: &Equilibrium, is_closed: &[bool]) -> Vec<f64> {
    let passes = |arcs: &[u32]| arcs.iter().any(|&arc| is_closed.get(arc as usize).copied().unwrap_or(false));
    equilibrium
        .paths
        .iter()
        .map(|paths| paths.iter().filter(|path| passes(&path.arcs)).map(|path| path.trips).sum())
        .collect()
}
