//! Large outlines that cross themselves: cut at their crossings where that ends soon, else painted square by square.

use i_overlay::{
    core::{fill_rule::FillRule, overlay::Overlay, overlay_rule::OverlayRule},
    i_float::int::point::IntPoint,
};

use super::sweep::{Crosses, Whole, triangulate};

/// Pairs of lines whose boxes overlap, from which on an outline is not cut any more: up to here it takes about a second.
const MOST_PAIRS: f64 = 1e6;
/// Squares along each side of a painted outline.
const SQUARES: usize = 256;
/// Lines times rows of squares that are painted at most, so that an outline of millions of corners ends too.
const MOST_STEPS: usize = 200_000_000;

/// Triangles of an outline and the places that are not its corners: crossings, or corners of squares.
pub struct Untangled {
    /// Three a triangle, anticlockwise.
    pub corners: Vec<Whole>,
    /// Painted in squares: near, but not right.
    pub is_coarse: bool,
}

/// What lies behind an odd number of the outline's lines.
pub fn untangle(rings: &[Vec<Whole>]) -> Untangled {
    if !has_many_pairs(rings)
        && let Ok(corners) = cut_at_crossings(rings)
    {
        return Untangled { corners, is_coarse: false };
    }
    Untangled { corners: paint(rings), is_coarse: true }
}

fn lines(rings: &[Vec<Whole>]) -> impl Iterator<Item = [Whole; 2]> {
    rings.iter().flat_map(|ring| (0..ring.len()).map(|index| [ring[index], ring[(index + 1) % ring.len()]]))
}

/// Whether so many lines can cross at all.
pub fn can_have_many_pairs(lines: usize) -> bool {
    lines as f64 * lines as f64 / 2.0 > MOST_PAIRS
}

/// Whether so many lines may cross that looking for the crossings takes too long: counted in a sample of all pairs,
/// always the same one.
pub fn has_many_pairs(rings: &[Vec<Whole>]) -> bool {
    const SAMPLE: usize = 100_000;
    let lines: Vec<[Whole; 2]> = lines(rings).collect();
    if !can_have_many_pairs(lines.len()) {
        return false;
    }
    let pairs = lines.len() as f64 * lines.len() as f64 / 2.0;
    let mut random = fastrand::Rng::with_seed(7);
    let overlap = |[a, b]: [Whole; 2], [c, d]: [Whole; 2]| {
        (0..2).all(|axis| {
            a[axis].min(b[axis]) <= c[axis].max(d[axis]) && c[axis].min(d[axis]) <= a[axis].max(b[axis])
        })
    };
    let hits = (0..SAMPLE)
        .filter(|_| overlap(lines[random.usize(..lines.len())], lines[random.usize(..lines.len())]))
        .count();
    hits as f64 / SAMPLE as f64 * pairs > MOST_PAIRS
}

fn cut_at_crossings(rings: &[Vec<Whole>]) -> Result<Vec<Whole>, Crosses> {
    let contours: Vec<Vec<IntPoint>> = rings
        .iter()
        .map(|ring| ring.iter().map(|place| IntPoint::new(place[0] as i32, place[1] as i32)).collect())
        .collect();
    let shapes = Overlay::with_contours(&contours, &[]).overlay(OverlayRule::Subject, FillRule::EvenOdd);
    let mut corners = Vec::new();
    for shape in shapes {
        let rings: Vec<Vec<Whole>> = shape
            .iter()
            .map(|ring| ring.iter().map(|point| [i64::from(point.x), i64::from(point.y)]).collect())
            .collect();
        let places: Vec<Whole> = rings.iter().flatten().copied().collect();
        corners.extend(triangulate(&rings)?.into_iter().map(|corner| places[corner as usize]));
    }
    Ok(corners)
}

/// The outline on a grid of squares: each is filled when its middle lies inside. Runs of squares in a row are one.
fn paint(rings: &[Vec<Whole>]) -> Vec<Whole> {
    let all = || rings.iter().flatten();
    let low = [0, 1].map(|axis: usize| all().map(|place| place[axis]).min().unwrap_or(0));
    let high = [0, 1].map(|axis: usize| all().map(|place| place[axis]).max().unwrap_or(0));
    let rows = (MOST_STEPS / all().count().max(1)).clamp(8, SQUARES);
    let columns = SQUARES;
    let edge = |axis: usize, part: f64| low[axis] + ((high[axis] - low[axis]) as f64 * part).round() as i64;
    let height = (high[1] - low[1]) as f64 / rows as f64;
    let width = (high[0] - low[0]) as f64 / columns as f64;
    if height <= 0.0 || width <= 0.0 {
        return Vec::new();
    }
    // Whether the number of lines left of a square's middle, and not left of the one before, is odd.
    let mut is_odd = vec![false; rows * (columns + 1)];
    for [a, b] in lines(rings) {
        let (from, to) = if a[1] < b[1] { (a, b) } else { (b, a) };
        let row_after = |y: i64| ((y - low[1]) as f64 / height + 0.5).floor().max(0.0) as usize;
        let slope = (to[0] - from[0]) as f64 / ((to[1] - from[1]) as f64).max(1.0);
        for row in row_after(from[1])..row_after(to[1]).min(rows) {
            let y = (row as f64 + 0.5) * height + low[1] as f64 - from[1] as f64;
            let x = (from[0] - low[0]) as f64 + slope * y;
            let column = (x / width + 0.5).floor().clamp(0.0, columns as f64) as usize;
            is_odd[row * (columns + 1) + column] ^= true;
        }
    }
    let mut corners = Vec::new();
    for (row, odd) in is_odd.chunks_exact(columns + 1).enumerate() {
        let (mut inside, mut from) = (false, 0);
        for (column, &odd) in odd.iter().enumerate() {
            let is_end = inside && column == columns;
            if !(odd || is_end) {
                continue;
            }
            if inside {
                let [x0, x1] = [from, column].map(|column| edge(0, column as f64 / columns as f64));
                let [y0, y1] = [row, row + 1].map(|row| edge(1, row as f64 / rows as f64));
                corners.extend([[x0, y0], [x1, y0], [x1, y1], [x0, y0], [x1, y1], [x0, y1]]);
            }
            (inside, from) = (!inside, column);
        }
    }
    corners
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The area behind odd numbers of lines, by thin slices: slow, and by other means than the code above.
    fn area_by_slices(rings: &[Vec<Whole>]) -> f64 {
        let mut cuts: Vec<f64> = rings.iter().flatten().map(|place| place[0] as f64).collect();
        let all: Vec<[Whole; 2]> = lines(rings).collect();
        for (number, &[a, b]) in all.iter().enumerate() {
            for &[c, d] in &all[..number] {
                let [u, v, w] = [b, d, c].map(|p| [p[0] as f64, p[1] as f64]);
                let a = [a[0] as f64, a[1] as f64];
                let cross = |p: [f64; 2], q: [f64; 2]| p[0] * q[1] - p[1] * q[0];
                let (r, s) = ([u[0] - a[0], u[1] - a[1]], [v[0] - w[0], v[1] - w[1]]);
                let t = cross([w[0] - a[0], w[1] - a[1]], s) / cross(r, s);
                if t.is_finite() && (0.0..=1.0).contains(&t) {
                    cuts.push(a[0] + t * r[0]);
                }
            }
        }
        cuts.sort_by(f64::total_cmp);
        let mut area = 0.0;
        for pair in cuts.windows(2) {
            let middle = f64::midpoint(pair[0], pair[1]);
            let mut heights: Vec<f64> = all
                .iter()
                .map(|[a, b]| [[a[0] as f64, a[1] as f64], [b[0] as f64, b[1] as f64]])
                .filter(|[a, b]| (a[0] < middle) != (b[0] < middle))
                .map(|[a, b]| a[1] + (middle - a[0]) / (b[0] - a[0]) * (b[1] - a[1]))
                .collect();
            heights.sort_by(f64::total_cmp);
            area += heights.chunks_exact(2).map(|pair| pair[1] - pair[0]).sum::<f64>() * (pair[1] - pair[0]);
        }
        area
    }

    fn area_of(corners: &[Whole]) -> f64 {
        corners
            .chunks_exact(3)
            .map(|t| {
                let [u, v] = [t[1], t[2]].map(|p| [p[0] - t[0][0], p[1] - t[0][1]]);
                let doubled = u[0] * v[1] - u[1] * v[0];
                assert!(doubled >= 0, "a triangle is turned");
                doubled as f64 / 2.0
            })
            .sum()
    }

    /// Outlines on a small grid touch, overlap and cross themselves in every way.
    #[test]
    fn random_outlines_are_covered_where_an_odd_number_of_lines_is_before() {
        const STEP: i64 = 1 << 20;
        let mut random = fastrand::Rng::with_seed(5);
        let (mut sound, mut tangled) = (0, 0);
        for round in 0..6_000 {
            let rings: Vec<Vec<Whole>> = (0..random.usize(1..=3))
                .map(|_| {
                    let corners = random.usize(3..=3 + round % 9);
                    (0..corners).map(|_| [random.i64(0..7) * STEP, random.i64(0..7) * STEP]).collect()
                })
                .collect();
            let expected = area_by_slices(&rings);
            let tolerance = expected * 1e-4 + STEP as f64;
            if let Ok(triangles) = triangulate(&rings) {
                let places: Vec<Whole> = rings.iter().flatten().copied().collect();
                let corners: Vec<Whole> = triangles.iter().map(|&corner| places[corner as usize]).collect();
                assert!((area_of(&corners) - expected).abs() <= tolerance, "{rings:?}");
                sound += 1;
            }
            let cut = untangle(&rings);
            if !cut.is_coarse {
                assert!((area_of(&cut.corners) - expected).abs() <= tolerance, "{rings:?}");
                tangled += 1;
            }
            let painted = area_of(&paint(&rings));
            assert!((painted - expected).abs() <= 0.03 * 49.0 * (STEP * STEP) as f64, "{rings:?}");
        }
        assert!(sound > 1_000 && tangled > 5_900, "{sound} sound, {tangled} cut");
    }
}
