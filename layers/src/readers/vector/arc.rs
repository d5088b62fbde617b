//! Circular arcs → lines, with a stated error and the same vertices in both directions.

use geo::Coord;

/// Largest distance between an arc and the lines that stand for it, metres.
pub const CHORD_ERROR_M: f64 = 0.005;

/// Lines that one arc may become.
const MAX_STEPS: f64 = 4096.0;

/// The error in the units of a CRS: metres as they are, degrees by the length of a degree of latitude.
pub fn chord_error(is_degrees: bool) -> f64 {
    if is_degrees { CHORD_ERROR_M / 111_320.0 } else { CHORD_ERROR_M }
}

/// Adds the arc from `start` through `middle` to `end`, without `start` and with `end`; at most `chord_error` away from
/// the true arc. `start == end` is a whole circle whose diameter ends in `middle`. Three points on a line stay lines.
///
/// The arc is cut from its lexicographically smaller end, so that two neighbours which share it in opposite directions
/// get the same vertices and no slivers between them.
pub fn push_arc(
    points: &mut Vec<Coord<f64>>,
    start: Coord<f64>,
    middle: Coord<f64>,
    end: Coord<f64>,
    chord_error: f64,
) {
    if (end.x, end.y) < (start.x, start.y) {
        let mut inner = inner_points(end, middle, start, chord_error);
        inner.reverse();
        points.append(&mut inner);
    } else {
        points.append(&mut inner_points(start, middle, end, chord_error));
    }
    points.push(end);
}

/// The points between `a` and `c`.
fn inner_points(a: Coord<f64>, b: Coord<f64>, c: Coord<f64>, chord_error: f64) -> Vec<Coord<f64>> {
    // Relative to `a`: RD coordinates squared would lose the millimetre.
    let (b_x, b_y, c_x, c_y) = (b.x - a.x, b.y - a.y, c.x - a.x, c.y - a.y);
    let is_circle = c_x == 0.0 && c_y == 0.0;
    let (center_x, center_y, sweep) = if is_circle {
        if b_x == 0.0 && b_y == 0.0 {
            return Vec::new();
        }
        (b_x / 2.0, b_y / 2.0, std::f64::consts::TAU)
    } else {
        let doubled_area = b_x * c_y - b_y * c_x;
        let (b_square, c_square) = (b_x * b_x + b_y * b_y, c_x * c_x + c_y * c_y);
        let scale = (b_square * c_square).sqrt();
        if !doubled_area.is_finite() || doubled_area.abs() <= 1e-12 * scale {
            return vec![b];
        }
        let (x, y) = (
            (c_y * b_square - b_y * c_square) / (2.0 * doubled_area),
            (b_x * c_square - c_x * b_square) / (2.0 * doubled_area),
        );
        let (from, to) = ((-y).atan2(-x), (c_y - y).atan2(c_x - x));
        let forward = (to - from).rem_euclid(std::f64::consts::TAU);
        (x, y, if doubled_area > 0.0 { forward } else { forward - std::f64::consts::TAU })
    };
    let radius = center_x.hypot(center_y);
    if !(radius.is_finite() && radius > 0.0) {
        return vec![b];
    }
    let widest = if chord_error >= radius {
        std::f64::consts::FRAC_PI_2
    } else {
        (2.0 * (1.0 - chord_error / radius).acos()).min(std::f64::consts::FRAC_PI_2)
    };
    // `acos` of nearly one is zero where the radius dwarfs the error: then a thousand kilometres are not an arc.
    if widest <= 0.0 {
        return vec![b];
    }
    let steps = (sweep.abs() / widest).ceil().clamp(2.0, MAX_STEPS) as usize;
    let from = (-center_y).atan2(-center_x);
    (1..steps)
        .map(|step| {
            let angle = from + sweep * step as f64 / steps as f64;
            Coord { x: a.x + center_x + radius * angle.cos(), y: a.y + center_y + radius * angle.sin() }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arc(start: [f64; 2], middle: [f64; 2], end: [f64; 2]) -> Vec<Coord<f64>> {
        let at = |[x, y]: [f64; 2]| Coord { x, y };
        let mut points = vec![at(start)];
        push_arc(&mut points, at(start), at(middle), at(end), CHORD_ERROR_M);
        points
    }

    #[test]
    fn every_line_of_an_arc_stays_within_the_error() {
        for radius in [0.02, 1.0, 12.5, 300.0, 20_000.0] {
            let (x, y) = (121_000.0, 487_000.0);
            let points = arc([x - radius, y], [x, y + radius], [x + radius, y]);
            for pair in points.windows(2) {
                let middle = [f64::midpoint(pair[0].x, pair[1].x), f64::midpoint(pair[0].y, pair[1].y)];
                let sagitta = radius - (middle[0] - x).hypot(middle[1] - y);
                assert!((-1e-7..=CHORD_ERROR_M * 1.001).contains(&sagitta), "{radius}: {sagitta}");
                assert!(((pair[1].x - x).hypot(pair[1].y - y) - radius).abs() < 1e-7);
            }
            assert!(points.iter().all(|p| p.y > y - 1e-6), "the arc goes through its middle");
        }
    }

    #[test]
    fn an_arc_has_the_same_vertices_in_both_directions() {
        let there = arc([180_000.1, 457_000.3], [180_003.7, 457_002.2], [180_004.4, 456_998.0]);
        let mut back = arc([180_004.4, 456_998.0], [180_003.7, 457_002.2], [180_000.1, 457_000.3]);
        back.reverse();
        assert_eq!(there, back);
        assert!(there.len() > 8);
    }

    #[test]
    fn lines_circles_and_nonsense_are_told_apart() {
        assert_eq!(arc([0.0, 0.0], [1.0, 1.0], [2.0, 2.0]).len(), 3, "three points on a line");
        let circle = arc([10.0, 0.0], [-10.0, 0.0], [10.0, 0.0]);
        let area: f64 = circle.windows(2).map(|p| (p[0].x * p[1].y - p[1].x * p[0].y) / 2.0).sum();
        assert!((area.abs() - 314.159).abs() < 0.4, "{area}");
        assert_eq!(circle.first(), circle.last());
        assert_eq!(arc([1.0, 1.0], [1.0, 1.0], [1.0, 1.0]).len(), 2);
        assert!(arc([f64::NAN, 0.0], [1.0, 1.0], [2.0, 0.0]).len() <= 3);
        assert!(arc([0.0, 0.0], [1e200, 1e200], [-1e200, 1e200]).len() <= 5000);
    }
}
