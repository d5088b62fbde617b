//! Behavioural adaptation: car trips answer to car time (MODELS.md sections 2 and 4, method A).
//!
//! Per pair a pivot on the base car share `p0`:
//! `q(u) = Q·p0·e^{−θ(u−u0)} / (p0·e^{−θ(u−u0)} + 1 − p0)`, `Q = q0/p0`, `θ = |E| / (u0·(1−p0))`, so that `E` is the
//! elasticity of car trips to car time at the base. Method B (a share that evaporates) is in [`super::traffic`]; the
//! assumptions choose one of them, as both together would count twice.

/// The pivot of every pair.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ElasticDemand {
    /// Travellers of all modes, in car trips: `Q`.
    potential: Vec<f64>,
    base_share: Vec<f64>,
    base_cost: Vec<f64>,
    theta: Vec<f64>,
    /// Weight of all other modes together against the base; empty where none changed.
    others: Vec<f64>,
}

impl ElasticDemand {
    /// From base trips, base costs (any unit of time) and base car shares by pair. `elasticity` is negative, such as −0.3.
    /// Pairs whose base cost is zero or infinite, or that have no other mode, keep their trips.
    pub fn new(base_trips: &[f64], base_costs: &[f64], car_shares: &[f64], elasticity: f64) -> Self {
        let mut demand = Self::default();
        for (pair, &trips) in base_trips.iter().enumerate() {
            let share = car_shares.get(pair).copied().unwrap_or(1.0).clamp(1e-6, 1.0);
            let cost = base_costs.get(pair).copied().unwrap_or(f64::INFINITY);
            let responds = cost.is_finite() && cost > 0.0 && share < 1.0;
            demand.potential.push(trips / share);
            demand.base_share.push(share);
            demand.base_cost.push(if responds { cost } else { 0.0 });
            demand.theta.push(if responds { elasticity.abs() / (cost * (1.0 - share)) } else { 0.0 });
        }
        demand
    }

    /// Lets each pair answer with a part of the elasticity, 0 to 1.
    #[must_use]
    pub fn with_response(mut self, response: &[f64]) -> Self {
        for (theta, part) in self.theta.iter_mut().zip(response) {
            *theta *= part.clamp(0.0, 1.0);
        }
        self
    }

    /// Lets other modes draw from the car or push to it: `weight(pair, theta)` is what the other modes together weigh against
    /// the base, `Σ p0_n·e^{ΔV_n} / (1 − p0)`, where `theta` (1/s) is what a second is worth to the pair.
    #[must_use]
    pub fn with_other_modes(mut self, weight: impl Fn(usize, f64) -> f64) -> Self {
        self.others = self.theta.iter().enumerate().map(|(pair, &theta)| weight(pair, theta)).collect();
        self
    }

    /// What a second is worth to a pair, 1/s; 0 where it does not answer.
    pub fn theta(&self, pair: usize) -> f64 {
        self.theta[pair]
    }

    /// Takes the part of each journey that is not in the car out of what it is used to, so that [`Self::trips`] asks for
    /// the time in the car alone. Unit of time as in the base costs.
    #[must_use]
    pub fn with_time_outside(mut self, outside: &[f64]) -> Self {
        for (base, outside) in self.base_cost.iter_mut().zip(outside) {
            *base -= outside;
        }
        self
    }

    /// Car trips of a pair at car time `cost`; between 0 and all travellers.
    #[inline]
    pub fn trips(&self, pair: usize, cost: f64) -> f64 {
        let share = self.base_share[pair];
        if self.theta[pair] == 0.0 {
            return self.potential[pair] * share;
        }
        let weight = share * (-self.theta[pair] * (cost - self.base_cost[pair])).exp();
        if weight.is_infinite() {
            return self.potential[pair];
        }
        let others = self.others.get(pair).map_or(1.0 - share, |others| (1.0 - share) * others);
        self.potential[pair] * weight / (weight + others)
    }

    /// −dq/du where `trips` are made: `θ·q·(1 − q/Q)`.
    #[inline]
    pub fn sensitivity(&self, pair: usize, trips: f64) -> f64 {
        let potential = self.potential[pair];
        if potential > 0.0 { self.theta[pair] * trips * (1.0 - trips / potential).max(0.0) } else { 0.0 }
    }
}

/// Evaporation ratio `EV`: car trips no longer made by car over the trips that used the treated links, both an hour.
/// `None` where the treated links carried next to nothing (less than 1 trip an hour).
pub fn evaporation_ratio(lost_trips: f64, treated_trips: f64) -> Option<f64> {
    (treated_trips >= 1.0).then(|| lost_trips / treated_trips)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pivot_meets_the_base_and_has_the_elasticity() {
        for (share, elasticity) in [(0.4, -0.15), (0.07, -0.3), (0.82, -0.6)] {
            let demand = ElasticDemand::new(&[100.0], &[900.0], &[share], elasticity);
            assert!((demand.trips(0, 900.0) - 100.0).abs() < 1e-9);
            let step = 1e-4;
            let slope = (demand.trips(0, 900.0 * (1.0 + step)) / demand.trips(0, 900.0 * (1.0 - step))).ln()
                / (2.0 * step);
            assert!((slope - elasticity).abs() < 1e-6, "{slope} for {elasticity}");
            let numeric = (demand.trips(0, 899.99) - demand.trips(0, 900.01)) / 0.02;
            assert!((demand.sensitivity(0, 100.0) - numeric).abs() < 1e-6);
            assert!(demand.trips(0, 1e9) < 1e-6 && demand.trips(0, 0.0) <= 100.0 / share);
        }
    }

    #[test]
    fn a_pair_without_another_mode_keeps_its_trips() {
        let demand = ElasticDemand::new(&[50.0, 50.0], &[600.0, f64::INFINITY], &[1.0, 0.5], -0.6);
        assert_eq!((demand.trips(0, 6000.0), demand.trips(1, 10.0)), (50.0, 50.0));
        assert_eq!(evaporation_ratio(10.0, 0.2), None);
    }
}
