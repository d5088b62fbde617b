//! Supply shared among those who can reach it: two-step floating catchment areas (Luo and Wang 2003; enhanced, Luo and Qi
//! 2009; MODELS.md section 5).

use super::cumulative::TimeMatrix;

/// How a place counts that takes longer to reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Decay {
    /// 2SFCA: fully within the limit, not at all beyond.
    #[default]
    None,
    /// E2SFCA: `(exp(−½(t/T)²) − exp(−½)) / (1 − exp(−½))`, from 1 at the door to 0 at the limit.
    Gaussian,
}

impl Decay {
    /// The weight of `secs` with limit `limit_secs`, 0 to 1.
    pub fn weight(self, secs: u32, limit_secs: u32) -> f64 {
        if secs > limit_secs {
            return 0.0;
        }
        match self {
            Self::None => 1.0,
            Self::Gaussian => {
                let part = f64::from(secs) / f64::from(limit_secs.max(1));
                let end = (-0.5_f64).exp();
                ((-0.5 * part * part).exp() - end) / (1.0 - end)
            }
        }
    }
}

/// What the two steps give.
#[derive(Clone, Debug, PartialEq)]
pub struct Catchment {
    /// Supply a head by origin: `A_i = Σ_j R_j w(t_ij)`.
    pub access: Vec<f64>,
    /// Supply by head of those who reach it, by place: `R_j = S_j / Σ_k P_k w(t_kj)`; 0 where nobody does.
    pub ratio: Vec<f64>,
    /// Supply that nobody reaches: `Σ_i P_i A_i` is all supply but this.
    pub unreached_supply: f64,
}

/// Shares `supply` (by column) among `people` (by row). Negative and senseless amounts count as nothing.
pub fn floating_catchment(
    times: &TimeMatrix,
    people: &[f64],
    supply: &[f64],
    decay: Decay,
    limit_secs: u32,
) -> Catchment {
    let amount = |value: f64| if value.is_finite() { value.max(0.0) } else { 0.0 };
    let rows = times.rows().min(people.len());
    let mut demand = vec![0.0; times.columns];
    for (origin, &heads) in people.iter().enumerate().take(rows) {
        for (sum, &secs) in demand.iter_mut().zip(times.row(origin)) {
            *sum += amount(heads) * decay.weight(secs, limit_secs);
        }
    }
    let mut unreached_supply = 0.0;
    let ratio: Vec<f64> = demand
        .iter()
        .zip(supply)
        .map(|(&demand, &supply)| {
            if demand > 0.0 {
                amount(supply) / demand
            } else {
                unreached_supply += amount(supply);
                0.0
            }
        })
        .collect();
    let access = (0..rows).map(|origin| {
        let shares = times.row(origin).iter().zip(&ratio);
        shares.map(|(&secs, ratio)| ratio * decay.weight(secs, limit_secs)).sum()
    });
    Catchment { access: access.collect(), ratio, unreached_supply }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_supply_that_is_reached_is_shared_out_exactly() {
        let mut seed = 3_u64;
        let mut random = move |limit: u32| {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (seed >> 33) as u32 % limit
        };
        for decay in [Decay::None, Decay::Gaussian] {
            for _ in 0..200 {
                let (rows, columns) = (1 + random(30) as usize, 1 + random(9) as usize);
                let secs = (0..rows * columns).map(|_| if random(9) == 0 { u32::MAX } else { random(2_000) });
                let times = TimeMatrix { columns, secs: secs.collect() };
                let people: Vec<f64> = (0..rows).map(|_| f64::from(random(500))).collect();
                let supply: Vec<f64> = (0..columns).map(|_| f64::from(random(90))).collect();
                let found = floating_catchment(&times, &people, &supply, decay, 900);
                let shared: f64 = people.iter().zip(&found.access).map(|(p, a)| p * a).sum();
                let all: f64 = supply.iter().sum();
                assert!((shared + found.unreached_supply - all).abs() < 1e-9 * all.max(1.0));
            }
        }
    }

    #[test]
    fn one_practice_between_two_villages_is_shared_by_heads_and_by_nearness() {
        let times = TimeMatrix { columns: 1, secs: vec![0, 450] };
        let plain = floating_catchment(&times, &[100.0, 300.0], &[2.0], Decay::None, 900);
        assert_eq!(plain.access, [0.005, 0.005]);
        let near = floating_catchment(&times, &[100.0, 300.0], &[2.0], Decay::Gaussian, 900);
        // w(½) = (e^{−1/8} − e^{−1/2}) / (1 − e^{−1/2}).
        let half = ((-0.125_f64).exp() - (-0.5_f64).exp()) / (1.0 - (-0.5_f64).exp());
        assert!((near.access[0] - 2.0 / (100.0 + 300.0 * half)).abs() < 1e-12);
        assert!((near.access[1] - half * near.access[0]).abs() < 1e-12);
        assert_eq!((Decay::Gaussian.weight(0, 900), Decay::Gaussian.weight(900, 900)), (1.0, 0.0));
    }
}
