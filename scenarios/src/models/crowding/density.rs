//! Density, speed and flow of people on foot.

use serde::Serialize;

/// Speed of free walking, m/s, and the two numbers of Weidmann's curve.
const FREE_MPS: f64 = 1.34;
const GAMMA: f64 = 1.913;
/// Density at which nobody moves, persons a square metre.
pub const JAM_DENSITY: f64 = 5.4;

/// Above this people should be warned, persons a square metre.
pub const WARN_DENSITY: f64 = 2.0;
/// Above this is alarm.
pub const ALARM_DENSITY: f64 = 4.0;

/// Signs that a density gives by itself (after Fruin): persons a square metre and what happens from there on.
pub const DENSITY_SIGNS: [(f64, &str); 5] =
    [(0.43, "free"), (2.0, "slowed"), (3.57, "contact"), (5.55, "dangerous-forces"), (7.1, "critical")];

/// Fruin's levels of service of a walkway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum LevelOfService {
    A,
    B,
    C,
    D,
    E,
    F,
}

impl LevelOfService {
    /// Upper ends, persons a metre of free width and minute; F has none.
    const LIMITS: [(f64, Self); 5] =
        [(23.0, Self::A), (33.0, Self::B), (49.0, Self::C), (66.0, Self::D), (82.0, Self::E)];

    /// From a flow, persons a metre and minute; `None` for what is no number or below 0.
    pub fn of_flow(persons_per_metre_minute: f64) -> Option<Self> {
        if !persons_per_metre_minute.is_finite() || persons_per_metre_minute < 0.0 {
            return None;
        }
        let found = Self::LIMITS.iter().find(|(limit, _)| persons_per_metre_minute < *limit);
        Some(found.map_or(Self::F, |(_, level)| *level))
    }
}

/// What a density does to people; `None` below free density.
pub fn density_sign(persons_per_m2: f64) -> Option<&'static str> {
    DENSITY_SIGNS.iter().rev().find(|(from, _)| persons_per_m2 >= *from).map(|(_, sign)| *sign)
}

/// Weidmann's walking speed at a density, m/s: 1.34 when alone, 0 at 5.4 persons a square metre.
pub fn walking_speed(persons_per_m2: f64) -> f64 {
    if persons_per_m2.is_nan() || persons_per_m2 <= 0.0 {
        return FREE_MPS;
    }
    (FREE_MPS * (1.0 - (-GAMMA * (1.0 / persons_per_m2 - 1.0 / JAM_DENSITY)).exp())).max(0.0)
}

/// Persons a metre of width and second: density times speed.
pub fn flow_per_metre(persons_per_m2: f64) -> f64 {
    persons_per_m2.max(0.0) * walking_speed(persons_per_m2)
}

/// Density at which the flow is greatest.
fn densest_flow() -> f64 {
    // The flow rises and then falls; thirds of the span are cut off until it is narrow.
    let (mut low, mut high) = (0.1, JAM_DENSITY);
    for _ in 0..100 {
        let (a, b) = (low + (high - low) / 3.0, high - (high - low) / 3.0);
        if flow_per_metre(a) < flow_per_metre(b) { low = a } else { high = b }
    }
    f64::midpoint(low, high)
}

/// The density of moving people at a flow of `persons_per_metre_second`, the free side of the curve; `None` when no crowd
/// lets so many pass: then people queue.
pub fn density_for_flow(persons_per_metre_second: f64) -> Option<f64> {
    let most = densest_flow();
    if !(0.0..=flow_per_metre(most)).contains(&persons_per_metre_second) {
        return None;
    }
    let (mut low, mut high) = (0.0, most);
    for _ in 0..80 {
        let middle = f64::midpoint(low, high);
        if flow_per_metre(middle) < persons_per_metre_second { low = middle } else { high = middle }
    }
    Some(f64::midpoint(low, high))
}

/// Fewest persons behind a number that is shown of a cell.
pub const LEAST_SHOWN: u32 = 10;

/// A count as it may be shown: rounded to 5, and not at all below 10.
pub fn shown_count(persons: u32) -> Option<u32> {
    (persons >= LEAST_SHOWN).then(|| (persons + 2) / 5 * 5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_gives_the_speeds_of_the_model_book() {
        // MODELS.md section 11: 1.32 m/s at 0.43, 1.06 at 1, 0.61 at 2, 0.23 at 3.5 persons a square metre.
        for (density, speed) in [(0.43, 1.32), (1.0, 1.06), (2.0, 0.61), (3.5, 0.23)] {
            assert!((walking_speed(density) - speed).abs() < 0.005, "{density}: {}", walking_speed(density));
        }
        assert_eq!((walking_speed(0.0), walking_speed(9.0)), (FREE_MPS, 0.0));
    }

    #[test]
    fn a_flow_gives_back_its_density_until_people_queue() {
        for density in [0.1, 0.5, 1.0, 1.5] {
            let back = density_for_flow(flow_per_metre(density)).unwrap();
            assert!((back - density).abs() < 1e-6, "{density} {back}");
        }
        // The greatest flow of the curve is 1.22 persons a metre and second (Weidmann 1993).
        assert!((flow_per_metre(densest_flow()) - 1.22).abs() < 0.01);
        assert_eq!(density_for_flow(1.3), None);
        assert_eq!(density_for_flow(f64::NAN), None);
    }

    #[test]
    fn levels_and_signs_change_where_the_book_says() {
        let levels: Vec<LevelOfService> = [0.0, 22.9, 23.0, 48.0, 50.0, 66.0, 82.0]
            .iter()
            .filter_map(|&f| LevelOfService::of_flow(f))
            .collect();
        use LevelOfService::{A, B, C, D, E, F};
        assert_eq!(levels, [A, A, B, C, D, E, F]);
        assert_eq!(LevelOfService::of_flow(-1.0), None);
        assert_eq!(
            (density_sign(0.2), density_sign(3.6), density_sign(8.0)),
            (None, Some("contact"), Some("critical"))
        );
        assert_eq!((shown_count(9), shown_count(12), shown_count(13)), (None, Some(10), Some(15)));
    }
}
