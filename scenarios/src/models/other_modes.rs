//! What faster or slower bicycles and public transport do to the choice of mode: the pivot of MODELS.md section 2 for
//! several modes, `p'_m = p0_m·e^{ΔV_m} / Σ_n p0_n·e^{ΔV_n}`.
//!
//! A minute counts as much in every mode: `ΔV_m = −θ·(t'_m − t_m)` with the `θ` of the pair's car trips (see
//! [`super::adaptation`]).

/// Utilities beyond this are as good as certain; keeps the numbers finite.
const MOST: f64 = 40.0;

/// Base shares of the modes besides the car.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct OtherShares {
    pub walk: f64,
    pub cycle: f64,
    pub transit: f64,
}

impl OtherShares {
    pub fn sum(&self) -> f64 {
        self.walk + self.cycle + self.transit
    }
}

/// Change of the time from zone to zone, scenario minus baseline, seconds, row-major. An empty list: no change anywhere.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModeTimeChanges {
    pub zones: usize,
    cycle_secs: Vec<f64>,
    transit_secs: Vec<f64>,
}

impl ModeTimeChanges {
    /// Both lists are empty or `zones` × `zones`. Changes that are no number count as none.
    pub fn new(zones: usize, cycle_secs: Vec<f64>, transit_secs: Vec<f64>) -> Self {
        let kept = |mut secs: Vec<f64>| {
            if secs.len() != zones * zones || secs.iter().all(|&change| change == 0.0 || change.is_nan()) {
                return Vec::new();
            }
            for change in &mut secs {
                if change.is_nan() {
                    *change = 0.0;
                }
            }
            secs
        };
        Self { zones, cycle_secs: kept(cycle_secs), transit_secs: kept(transit_secs) }
    }

    /// Whether anybody travels faster or slower.
    pub fn is_any(&self) -> bool {
        !self.cycle_secs.is_empty() || !self.transit_secs.is_empty()
    }

    /// Hands over every change, so that equal changes can be known again.
    pub fn feed(&self, number: &mut impl FnMut(f64)) {
        for changes in [&self.cycle_secs, &self.transit_secs] {
            number(changes.len() as f64);
            for &change in changes {
                number(change);
            }
        }
    }

    /// `p0_m·e^{ΔV_m}` of the modes besides the car, for a pair of zones whose `θ` is `theta` (1/s). Ends that are no zones,
    /// such as roads over the border, know no change.
    pub fn weights(&self, origin: usize, destination: usize, theta: f64, base: OtherShares) -> OtherShares {
        let weight = |changes: &[f64], share: f64| {
            if origin >= self.zones || destination >= self.zones {
                return share;
            }
            let change = changes.get(origin * self.zones + destination).copied().unwrap_or(0.0);
            share * (-theta * change).clamp(-MOST, MOST).exp()
        };
        OtherShares {
            walk: base.walk,
            cycle: weight(&self.cycle_secs, base.cycle),
            transit: weight(&self.transit_secs, base.transit),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::adaptation::ElasticDemand;

    const BASE: OtherShares = OtherShares { walk: 0.1, cycle: 0.3, transit: 0.1 };

    #[test]
    fn a_faster_bus_draws_people_from_every_other_mode_in_proportion() {
        // Car 0.5, bus ten minutes faster, θ = 0.3 / (600 s × 0.5) = 0.001 / s: e^0.6 = 1.822.
        let changes = ModeTimeChanges::new(1, Vec::new(), vec![-600.0]);
        let after = changes.weights(0, 0, 0.001, BASE);
        assert!((after.transit - 0.1 * 0.6_f64.exp()).abs() < 1e-12);
        assert_eq!((after.walk, after.cycle), (BASE.walk, BASE.cycle));
        let demand = ElasticDemand::new(&[100.0], &[600.0], &[0.5], -0.3)
            .with_other_modes(|_, theta| changes.weights(0, 0, theta, BASE).sum() / BASE.sum());
        // 100 car trips of 200 travellers: 200 × 0.5 / (0.5 + 0.1 + 0.3 + 0.1822).
        let expected = 200.0 * 0.5 / (0.9 + 0.1 * 0.6_f64.exp());
        assert!((demand.trips(0, 600.0) - expected).abs() < 1e-9, "{}", demand.trips(0, 600.0));
        // And all modes together are everybody.
        let sum = demand.trips(0, 600.0) / 200.0 + after.sum() / (0.5 + after.sum());
        assert!((sum - 1.0).abs() < 1e-12);
    }

    #[test]
    fn what_does_not_change_changes_nothing_to_the_bit() {
        for changes in [
            ModeTimeChanges::default(),
            ModeTimeChanges::new(2, vec![0.0; 4], vec![f64::NAN; 4]),
            ModeTimeChanges::new(2, vec![1.0; 3], Vec::new()),
        ] {
            assert!(!changes.is_any());
            assert_eq!(changes.weights(0, 1, 0.01, BASE), BASE);
        }
        let changes = ModeTimeChanges::new(2, vec![0.0, f64::INFINITY, 0.0, 0.0], Vec::new());
        assert_eq!(changes.weights(5, 1, 0.01, BASE), BASE, "a road over the border");
        let gone = changes.weights(0, 1, 0.01, BASE);
        assert!(gone.cycle > 0.0 && gone.cycle < 1e-17, "a way that is gone: {}", gone.cycle);
    }
}
