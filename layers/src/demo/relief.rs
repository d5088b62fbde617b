//! The ground of the town: a sandy rise, the mound of the old town, a hollow where rain stays, and low water.

use rayon::prelude::*;

use super::{
    geometry::{P2, Polyline, contains, distance, dot, lerp, sub},
    plan::LAND_HALF,
};
use crate::model::Terrain;

pub const CELL_M: f64 = 5.0;
/// Level of river, singel and canal, metres NAP.
pub const WATER_M: f64 = 0.45;
/// Height of the ground under them.
pub const BED_M: f64 = 0.1;
/// The hollow in the Parkwijk: rain stands here.
pub const HOLLOW: P2 = [380.0, -880.0];

/// Natural ground without water at a point of the plan, metres NAP.
pub fn dry_height(p: P2) -> f64 {
    let [x, y] = p;
    let bump = |center: P2, rx: f64, ry: f64| {
        (-(((x - center[0]) / rx).powi(2) + ((y - center[1]) / ry).powi(2))).exp()
    };
    let waves = 0.22 * (x / 640.0 + 0.4).sin() * (y / 530.0).cos() + 0.09 * (x / 170.0 + y / 240.0).sin();
    let town = 1.0 / (1.0 + ((x.hypot(y) - 1700.0) / 140.0).exp());
    1.0 + waves
        + 0.35 * town
        + 0.5 * bump([-20.0, 70.0], 260.0, 220.0)
        + 4.6 * bump([-1120.0, -1180.0], 460.0, 380.0)
        - 0.95 * bump(HOLLOW, 95.0, 80.0)
        - 0.5 * bump([-230.0, 1200.0], 90.0, 70.0)
}

/// Level of a pond: a little below the lowest of its bank.
pub fn pond_level(ring: &[P2]) -> f64 {
    let bank = ring.iter().map(|&p| dry_height(p)).fold(f64::INFINITY, f64::min);
    ((bank - 0.3) * 100.0).round() / 100.0
}

/// The grid over the whole land: strips of water around lines (with their half width) and ponds lie at their beds.
pub fn terrain(origin: P2, strips: &[(&Polyline, f64)], ponds: &[Vec<P2>]) -> Terrain {
    let width = (LAND_HALF[0] * 2.0 / CELL_M) as usize;
    let height = (LAND_HALF[1] * 2.0 / CELL_M) as usize;
    let west = -LAND_HALF[0] + CELL_M / 2.0;
    let north = LAND_HALF[1] - CELL_M / 2.0;
    let at = |column: usize, row: usize| [west + column as f64 * CELL_M, north - row as f64 * CELL_M];
    let mut heights = vec![0.0_f32; width * height];
    heights.par_chunks_mut(width).enumerate().for_each(|(row, heights)| {
        for (column, height) in heights.iter_mut().enumerate() {
            *height = dry_height(at(column, row)) as f32;
        }
    });
    let mut flood = |low: P2, high: P2, bed: f64, is_wet: &dyn Fn(P2) -> bool| {
        let column = |x: f64| ((x - west) / CELL_M).clamp(0.0, (width - 1) as f64) as usize;
        let row = |y: f64| ((north - y) / CELL_M).clamp(0.0, (height - 1) as f64) as usize;
        for r in row(high[1])..=row(low[1]) {
            for c in column(low[0])..=column(high[0]) {
                if is_wet(at(c, r)) {
                    heights[r * width + c] = bed as f32;
                }
            }
        }
    };
    for (line, half) in strips {
        for pair in line.points().windows(2) {
            let (a, b) = (pair[0], pair[1]);
            let low = [a[0].min(b[0]) - half, a[1].min(b[1]) - half];
            let high = [a[0].max(b[0]) + half, a[1].max(b[1]) + half];
            let d = sub(b, a);
            flood(low, high, BED_M, &|p| {
                let t = (dot(sub(p, a), d) / dot(d, d)).clamp(0.0, 1.0);
                distance(p, lerp(a, b, t)) < *half
            });
        }
    }
    for pond in ponds {
        let low = pond.iter().fold([f64::MAX; 2], |m, p| [m[0].min(p[0]), m[1].min(p[1])]);
        let high = pond.iter().fold([f64::MIN; 2], |m, p| [m[0].max(p[0]), m[1].max(p[1])]);
        flood(low, high, pond_level(pond) - 0.35, &|p| contains(pond, p));
    }
    Terrain { origin: [west + origin[0], north + origin[1]], cell_m: CELL_M, width, height, heights }
}
