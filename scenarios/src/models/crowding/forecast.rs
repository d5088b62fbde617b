//! Short forecasts of counts: last week again, or additive Holt-Winters where that proves better (MODELS.md section 11).

use serde::Serialize;

/// Smoothing of additive Holt-Winters.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct HoltWinters {
    /// Level, trend and season: 0 learns nothing, 1 forgets everything before.
    pub alpha: f64,
    pub beta: f64,
    pub gamma: f64,
}

impl HoltWinters {
    /// The few settings that a backtest chooses from.
    pub const GRID: [Self; 9] = [
        Self { alpha: 0.05, beta: 0.0, gamma: 0.05 },
        Self { alpha: 0.05, beta: 0.0, gamma: 0.2 },
        Self { alpha: 0.05, beta: 0.0, gamma: 0.5 },
        Self { alpha: 0.2, beta: 0.0, gamma: 0.05 },
        Self { alpha: 0.2, beta: 0.0, gamma: 0.2 },
        Self { alpha: 0.2, beta: 0.01, gamma: 0.2 },
        Self { alpha: 0.5, beta: 0.0, gamma: 0.05 },
        Self { alpha: 0.5, beta: 0.0, gamma: 0.2 },
        Self { alpha: 0.5, beta: 0.01, gamma: 0.5 },
    ];
}

/// How the next values are found.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub enum Method {
    /// The value one season ago.
    SeasonalNaive,
    HoltWinters(HoltWinters),
}

/// The next `horizon` values after `history`, whose season has `season` steps (a week of quarters: 672). `None` with less
/// than two seasons (one for the naive method) or with values that are no numbers.
pub fn points(history: &[f64], season: usize, horizon: usize, method: Method) -> Option<Vec<f64>> {
    if season == 0 || history.iter().any(|value| !value.is_finite()) {
        return None;
    }
    match method {
        Method::SeasonalNaive => {
            let last = history.len().checked_sub(season)?;
            Some((0..horizon).map(|step| history[last + step % season]).collect())
        }
        Method::HoltWinters(smoothing) => holt_winters(history, season, horizon, smoothing),
    }
}

fn holt_winters(history: &[f64], season: usize, horizon: usize, by: HoltWinters) -> Option<Vec<f64>> {
    if history.len() < 2 * season {
        return None;
    }
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (first, second) = (mean(&history[..season]), mean(&history[season..2 * season]));
    let mut level = first;
    let mut trend = (second - first) / season as f64;
    // The level is that in the middle of the first season.
    let middle = (season as f64 - 1.0) / 2.0;
    let mut seasonal: Vec<f64> =
        (0..season).map(|step| history[step] - (first + trend * (step as f64 - middle))).collect();
    level += trend * middle;
    for (step, &value) in history.iter().enumerate().skip(season) {
        let before = level;
        let slot = step % season;
        level = by.alpha * (value - seasonal[slot]) + (1.0 - by.alpha) * (level + trend);
        trend = by.beta * (level - before) + (1.0 - by.beta) * trend;
        seasonal[slot] = by.gamma * (value - level) + (1.0 - by.gamma) * seasonal[slot];
    }
    let slot = |step: usize| seasonal[(history.len() + step) % season];
    Some((0..horizon).map(|step| level + trend * (step + 1) as f64 + slot(step)).collect())
}

/// How a method did on the history itself, from many points in time (rolling origin).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Backtest {
    pub method: Method,
    /// Mean absolute error over that of last week again: below 1 it is worth its trouble.
    pub mase: f64,
    /// Share of values inside the 80 % interval.
    pub coverage: f64,
    /// 80 % of errors (value − forecast) lie between these, by step ahead.
    pub interval: Vec<[f64; 2]>,
    pub origins: usize,
}

/// A forecast with its band.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Forecast {
    /// Low, central, high by step; nobody counts below 0.
    pub values: Vec<[f64; 3]>,
    pub backtest: Backtest,
}

/// Tests a method from up to `origins` evenly spread points after the first `training` values. The interval of each point
/// is made from the errors of the earlier ones alone, so that the coverage is honest. `None` with too short a history.
pub fn backtest(
    history: &[f64],
    season: usize,
    horizon: usize,
    method: Method,
    origins: usize,
) -> Option<Backtest> {
    let training = 2 * season;
    let spare = history.len().checked_sub(training + horizon)?;
    if season == 0 || horizon == 0 || origins < 2 || spare == 0 {
        return None;
    }
    // A step that shares no factor with the season, so that the points see all its hours.
    let mut step = (spare / origins).max(1);
    while step > 1 && greatest_common_divisor(step, season) > 1 {
        step -= 1;
    }
    let mut errors: Vec<Vec<f64>> = vec![Vec::new(); horizon];
    let (mut own, mut naive, mut inside, mut judged, mut used) = (0.0, 0.0, 0, 0, 0);
    for origin in (training..=training + spare).step_by(step) {
        let known = &history[..origin];
        let forecast = points(known, season, horizon, method)?;
        let plain = points(known, season, horizon, Method::SeasonalNaive)?;
        for ahead in 0..horizon {
            let value = history[origin + ahead];
            let error = value - forecast[ahead];
            own += error.abs();
            naive += (value - plain[ahead]).abs();
            if errors[ahead].len() >= 10 {
                let [low, high] = interval(&errors[ahead]);
                judged += 1;
                inside += u32::from(error >= low && error <= high);
            }
            errors[ahead].push(error);
        }
        used += 1;
    }
    // Two perfect methods are equally good.
    let mase = if naive > 0.0 {
        own / naive
    } else if own > 0.0 {
        f64::INFINITY
    } else {
        1.0
    };
    Some(Backtest {
        method,
        mase,
        coverage: if judged > 0 { f64::from(inside) / f64::from(judged) } else { f64::NAN },
        interval: errors.iter().map(|errors| interval(errors)).collect(),
        origins: used,
    })
}

fn greatest_common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

/// The 10th and 90th percentile, between ranks.
fn interval(errors: &[f64]) -> [f64; 2] {
    let mut sorted = errors.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |part: f64| {
        // Ranks of n + 1 parts: a new value falls below the k-th of n with probability k / (n + 1).
        let rank = (part * (sorted.len() + 1) as f64 - 1.0).clamp(0.0, (sorted.len() - 1) as f64);
        let below = sorted[rank.floor() as usize];
        let above = sorted[rank.ceil() as usize];
        below + (above - below) * rank.fract()
    };
    [at(0.1), at(0.9)]
}

/// The forecast of the method that did best in the backtest; last week again unless another had a smaller error. `None` with
/// a history of less than two seasons and `horizon`.
pub fn forecast(history: &[f64], season: usize, horizon: usize) -> Option<Forecast> {
    const ORIGINS: usize = 60;
    let mut best = backtest(history, season, horizon, Method::SeasonalNaive, ORIGINS)?;
    for smoothing in HoltWinters::GRID {
        let method = Method::HoltWinters(smoothing);
        if let Some(found) = backtest(history, season, horizon, method, ORIGINS)
            && found.mase < best.mase
        {
            best = found;
        }
    }
    let central = points(history, season, horizon, best.method)?;
    let values = central.iter().zip(&best.interval);
    let band = |(&value, [low, high]): (&f64, &[f64; 2])| {
        [value + low.min(0.0), value, value + high.max(0.0)].map(|value| value.max(0.0))
    };
    Some(Forecast { values: values.map(band).collect(), backtest: best })
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Chance(u64);

    impl Chance {
        fn unit(&mut self) -> f64 {
            self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (self.0 >> 11) as f64 / (1_u64 << 53) as f64
        }

        /// About normal: a sum of twelve.
        fn normal(&mut self) -> f64 {
            (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
        }
    }

    fn week(step: usize) -> f64 {
        let hour = step as f64 / 24.0 * std::f64::consts::TAU;
        200.0 + 120.0 * hour.sin() + 40.0 * (hour / 7.0).cos()
    }

    #[test]
    fn a_week_without_noise_is_forecast_without_error() {
        let history: Vec<f64> = (0..168 * 5).map(week).collect();
        let found = forecast(&history, 168, 24).unwrap();
        for (ahead, value) in found.values.iter().enumerate() {
            assert!(
                (value[1] - week(168 * 5 + ahead)).abs() < 1e-9
                    && value[0] <= value[1]
                    && value[1] <= value[2]
            );
        }
        // With a trend Holt-Winters is exact and last week is not.
        let rising: Vec<f64> = (0..168 * 5).map(|step| week(step) + 0.05 * step as f64).collect();
        let found = forecast(&rising, 168, 24).unwrap();
        assert!(matches!(found.backtest.method, Method::HoltWinters(_)) && found.backtest.mase < 1e-6);
        assert!((found.values[5][1] - week(168 * 5 + 5) - 0.05 * 845.0).abs() < 1e-6);
    }

    #[test]
    fn a_seasonal_random_walk_cannot_be_beaten_and_noise_around_a_week_can() {
        let mut chance = Chance(5);
        let mut walk: Vec<f64> = (0..168).map(week).collect();
        for step in 168..168 * 30 {
            let next = walk[step - 168] + 10.0 * chance.normal();
            walk.push(next);
        }
        let naive = backtest(&walk, 168, 12, Method::SeasonalNaive, 200).unwrap();
        assert!((naive.mase - 1.0).abs() < 1e-12);
        assert!((0.75..=0.85).contains(&naive.coverage), "{}", naive.coverage);
        let slow = Method::HoltWinters(HoltWinters { alpha: 0.05, beta: 0.0, gamma: 0.05 });
        assert!(backtest(&walk, 168, 12, slow, 200).unwrap().mase > 1.0, "what is past is past");

        let noisy: Vec<f64> = (0..168 * 12).map(|step| week(step) + 20.0 * chance.normal()).collect();
        let found = forecast(&noisy, 168, 24).unwrap();
        println!(
            "noise around a week: {:?}, MASE {:.2}, coverage {:.2}",
            found.backtest.method, found.backtest.mase, found.backtest.coverage
        );
        // Averaging weeks takes away the noise of last week: at best 1/√2 of the error stays.
        assert!(found.backtest.mase < 0.9 && found.backtest.mase > 0.65, "{}", found.backtest.mase);
        assert!((0.70..=0.90).contains(&found.backtest.coverage), "{}", found.backtest.coverage);
    }

    #[test]
    fn too_little_and_senseless_history_gives_no_forecast() {
        assert!(forecast(&[1.0; 30], 24, 6).is_none());
        assert!(forecast(&[f64::NAN; 300], 24, 6).is_none());
        assert!(forecast(&[], 24, 6).is_none());
        assert!(forecast(&[1.0; 300], 0, 6).is_none());
        let flat = forecast(&[5.0; 300], 24, 6).unwrap();
        assert_eq!(flat.values, vec![[5.0; 3]; 6]);
    }
}
