//! Scenario minus baseline, and what may be said of it (MODELS.md section 0).

use serde::{Deserialize, Serialize};

/// What the band of a delta allows to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Low and high have the same sign and the central value exceeds the noise floor.
    Clear,
    /// It may go either way.
    Uncertain,
    /// Too small to tell from the model's own noise.
    BelowNoise,
    /// One of the two values is missing; the explanation says why.
    NotComputable,
}

impl Status {
    /// The word of the JSON contract.
    pub fn name(self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::Uncertain => "uncertain",
            Self::BelowNoise => "below-noise",
            Self::NotComputable => "not-computable",
        }
    }
}

/// Scenario minus baseline, in the unit of its indicator; positive is more. `low <= central <= high`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Delta {
    pub low: f64,
    pub central: f64,
    pub high: f64,
    pub status: Status,
}

impl Delta {
    /// From the central difference and any others of the band, in any order.
    pub fn from_band(central: f64, others: &[f64], noise_floor: f64) -> Self {
        let low = others.iter().copied().fold(central, f64::min);
        let high = others.iter().copied().fold(central, f64::max);
        // What rounding leaves of nothing has no sign.
        let dust = 1e-9 * low.abs().max(high.abs());
        let status = if !(central.is_finite() && low.is_finite() && high.is_finite()) {
            Status::NotComputable
        } else if central.abs() <= noise_floor {
            Status::BelowNoise
        } else if low > dust || high < -dust {
            Status::Clear
        } else {
            Status::Uncertain
        };
        Self { low, central, high, status }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_follows_the_band_and_the_noise_floor() {
        let status = |central, others: &[f64], noise| Delta::from_band(central, others, noise).status;
        assert_eq!(status(5.0, &[3.0, 8.0], 1.0), Status::Clear);
        assert_eq!(status(-5.0, &[-8.0, -3.0], 1.0), Status::Clear);
        assert_eq!(status(5.0, &[-1.0, 8.0], 1.0), Status::Uncertain);
        assert_eq!(status(0.5, &[0.2, 0.9], 1.0), Status::BelowNoise);
        assert_eq!(status(-0.5, &[-1.3, -5e-15], 0.1), Status::Uncertain, "rounding dust is no sign");
        assert_eq!(status(0.0, &[], 0.0), Status::BelowNoise, "exactly equal is never an effect");
        assert_eq!(status(f64::NAN, &[], 0.0), Status::NotComputable);
        let delta = Delta::from_band(2.0, &[3.0, 1.0], 0.0);
        assert_eq!((delta.low, delta.central, delta.high), (1.0, 2.0, 3.0));
    }
}
