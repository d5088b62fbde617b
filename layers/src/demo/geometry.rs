//! Plane geometry for drawing the town: polylines by arc length, splines, parallel curves, convex polygons.

/// A point or vector in the plan's own frame: metres, x east, y north, the market in the origin.
pub type P2 = [f64; 2];

pub fn add(a: P2, b: P2) -> P2 {
    [a[0] + b[0], a[1] + b[1]]
}

pub fn sub(a: P2, b: P2) -> P2 {
    [a[0] - b[0], a[1] - b[1]]
}

pub fn scale(a: P2, k: f64) -> P2 {
    [a[0] * k, a[1] * k]
}

pub fn dot(a: P2, b: P2) -> f64 {
    a[0] * b[0] + a[1] * b[1]
}

pub fn cross(a: P2, b: P2) -> f64 {
    a[0] * b[1] - a[1] * b[0]
}

pub fn distance(a: P2, b: P2) -> f64 {
    (b[0] - a[0]).hypot(b[1] - a[1])
}

pub fn lerp(a: P2, b: P2, t: f64) -> P2 {
    [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t]
}

/// Unit vector; east for a zero vector, so that no caller divides by zero.
pub fn unit(a: P2) -> P2 {
    let length = a[0].hypot(a[1]);
    if length > 1e-12 { [a[0] / length, a[1] / length] } else { [1.0, 0.0] }
}

/// The vector a quarter turn to the left.
pub fn left(a: P2) -> P2 {
    [-a[1], a[0]]
}

/// Where two infinite lines (point and direction) meet; `None` when nearly parallel.
pub fn meet(p: P2, d: P2, q: P2, e: P2) -> Option<P2> {
    let turn = cross(d, e);
    (turn.abs() > 0.02).then(|| add(p, scale(d, cross(sub(q, p), e) / turn)))
}

/// Points joined by straight pieces, addressed by arc length `s` in metres from the first point.
#[derive(Clone, Debug, PartialEq)]
pub struct Polyline {
    points: Vec<P2>,
    along: Vec<f64>,
}

impl Polyline {
    /// Points closer than a millimetre to their predecessor are dropped.
    pub fn new(points: impl IntoIterator<Item = P2>) -> Self {
        let mut line = Self { points: Vec::new(), along: Vec::new() };
        for point in points {
            match line.points.last() {
                None => {
                    line.points.push(point);
                    line.along.push(0.0);
                }
                Some(&last) => {
                    let step = distance(last, point);
                    if step > 1e-3 {
                        line.along.push(line.length() + step);
                        line.points.push(point);
                    }
                }
            }
        }
        line
    }

    /// A uniform Catmull-Rom spline through all `controls`, sampled about every `step` metres.
    pub fn spline(controls: &[P2], step: f64) -> Self {
        let last = controls.len().saturating_sub(1);
        let mut points = Vec::new();
        for piece in 0..last {
            let b = controls[piece];
            let c = controls[piece + 1];
            let a = if piece == 0 { sub(scale(b, 2.0), c) } else { controls[piece - 1] };
            let d = if piece + 2 > last { sub(scale(c, 2.0), b) } else { controls[piece + 2] };
            let samples = (distance(b, c) / step).ceil().max(1.0) as usize;
            for sample in 0..samples {
                let t = sample as f64 / samples as f64;
                points.push(std::array::from_fn(|axis| {
                    let (a, b, c, d) = (a[axis], b[axis], c[axis], d[axis]);
                    0.5 * (2.0 * b
                        + (c - a) * t
                        + (2.0 * a - 5.0 * b + 4.0 * c - d) * t * t
                        + (3.0 * b - a - 3.0 * c + d) * t * t * t)
                }));
            }
        }
        points.extend(controls.last());
        Self::new(points)
    }

    pub fn points(&self) -> &[P2] {
        &self.points
    }

    pub fn length(&self) -> f64 {
        self.along.last().copied().unwrap_or(0.0)
    }

    pub fn first(&self) -> P2 {
        self.points.first().copied().unwrap_or_default()
    }

    pub fn last(&self) -> P2 {
        self.points.last().copied().unwrap_or_default()
    }

    /// The point at `s`; beyond the ends it continues straight on.
    pub fn point(&self, s: f64) -> P2 {
        let n = self.points.len();
        if n < 2 {
            return self.first();
        }
        let i = self.along.partition_point(|&a| a <= s).clamp(1, n - 1);
        let part = (s - self.along[i - 1]) / (self.along[i] - self.along[i - 1]);
        lerp(self.points[i - 1], self.points[i], part)
    }

    /// Unit direction at `s`, smoothed over four metres so that normals turn gradually at vertices.
    pub fn direction(&self, s: f64) -> P2 {
        let end = self.length();
        let (a, b) = ((s - 2.0).clamp(0.0, end), (s + 2.0).clamp(0.0, end));
        if b - a < 0.5 {
            let middle = s.clamp(0.0, end);
            return unit(sub(self.point(middle + 0.1), self.point(middle - 0.1)));
        }
        unit(sub(self.point(b), self.point(a)))
    }

    /// Arc length of the point of the line that is nearest to `p`.
    pub fn nearest(&self, p: P2) -> f64 {
        let mut best = (f64::INFINITY, 0.0);
        for (i, pair) in self.points.windows(2).enumerate() {
            let d = sub(pair[1], pair[0]);
            let t = (dot(sub(p, pair[0]), d) / dot(d, d)).clamp(0.0, 1.0);
            let gap = distance(p, lerp(pair[0], pair[1], t));
            if gap < best.0 {
                best = (gap, self.along[i] + t * (self.along[i + 1] - self.along[i]));
            }
        }
        best.1
    }

    pub fn nearest_point(&self, p: P2) -> P2 {
        self.point(self.nearest(p))
    }

    pub fn distance_to(&self, p: P2) -> f64 {
        distance(p, self.nearest_point(p))
    }

    /// The piece between two arc lengths; runs backwards when `to < from`.
    pub fn cut(&self, from: f64, to: f64) -> Self {
        let (low, high) = (from.min(to), from.max(to));
        let mut points = vec![self.point(low)];
        points.extend(
            self.points
                .iter()
                .zip(&self.along)
                .filter(|&(_, &a)| a > low + 0.01 && a < high - 0.01)
                .map(|(&p, _)| p),
        );
        points.push(self.point(high));
        if to < from {
            points.reverse();
        }
        Self::new(points)
    }

    pub fn reversed(&self) -> Self {
        Self::new(self.points.iter().rev().copied())
    }

    /// Parallel curve `d` metres to the left (right when negative), mitred at vertices.
    pub fn offset(&self, d: f64) -> Self {
        let n = self.points.len();
        let moved = (0..n).map(|i| {
            let before = (i > 0).then(|| unit(sub(self.points[i], self.points[i - 1])));
            let after = (i + 1 < n).then(|| unit(sub(self.points[i + 1], self.points[i])));
            let (a, b) = (before.or(after).unwrap_or([1.0, 0.0]), after.or(before).unwrap_or([1.0, 0.0]));
            let normal = left(unit(add(a, b)));
            let stretch = 1.0 / dot(normal, left(a)).max(0.5);
            add(self.points[i], scale(normal, d * stretch))
        });
        Self::new(moved)
    }

    /// The first place where the two lines cross: arc lengths on `self` and on `other`.
    pub fn crossing(&self, other: &Self) -> Option<(f64, f64)> {
        for (i, a) in self.points.windows(2).enumerate() {
            for (j, b) in other.points.windows(2).enumerate() {
                let (d, e, w) = (sub(a[1], a[0]), sub(b[1], b[0]), sub(b[0], a[0]));
                let turn = cross(d, e);
                if turn.abs() < 1e-12 {
                    continue;
                }
                let (t, u) = (cross(w, e) / turn, cross(w, d) / turn);
                if (0.0..=1.0).contains(&t) && (0.0..=1.0).contains(&u) {
                    let s = self.along[i] + t * (self.along[i + 1] - self.along[i]);
                    let r = other.along[j] + u * (other.along[j + 1] - other.along[j]);
                    return Some((s, r));
                }
            }
        }
        None
    }

    /// Points every `step` metres or a little less, both ends included.
    pub fn resampled(&self, step: f64) -> Vec<P2> {
        let pieces = (self.length() / step).ceil().max(1.0) as usize;
        (0..=pieces).map(|i| self.point(self.length() * i as f64 / pieces as f64)).collect()
    }
}

/// Signed area of a ring that is not closed; positive when anticlockwise.
pub fn area(ring: &[P2]) -> f64 {
    (0..ring.len()).map(|i| cross(ring[i], ring[(i + 1) % ring.len()])).sum::<f64>() / 2.0
}

/// Mean of the ring's vertices.
pub fn middle(ring: &[P2]) -> P2 {
    let sum = ring.iter().fold([0.0; 2], |sum, &p| add(sum, p));
    scale(sum, 1.0 / ring.len().max(1) as f64)
}

pub fn contains(ring: &[P2], p: P2) -> bool {
    let mut is_inside = false;
    for i in 0..ring.len() {
        let (a, b) = (ring[i], ring[(i + 1) % ring.len()]);
        if (a[1] > p[1]) != (b[1] > p[1]) && p[0] < (b[0] - a[0]) * (p[1] - a[1]) / (b[1] - a[1]) + a[0] {
            is_inside = !is_inside;
        }
    }
    is_inside
}

/// Whether an anticlockwise ring turns left everywhere (a few millimetres of slack).
pub fn is_convex(ring: &[P2]) -> bool {
    let n = ring.len();
    n >= 3
        && (0..n).all(|i| {
            let (a, b, c) = (ring[i], ring[(i + 1) % n], ring[(i + 2) % n]);
            cross(unit(sub(b, a)), sub(c, b)) > -0.005
        })
}

/// Whether two convex rings overlap by more than `slack` metres: separating axes, so touching walls do not count.
pub fn overlap(a: &[P2], b: &[P2], slack: f64) -> bool {
    let separated = |ring: &[P2], other: &[P2]| {
        (0..ring.len()).any(|i| {
            let from = ring[i];
            let normal = left(unit(sub(ring[(i + 1) % ring.len()], from)));
            // The interior lies on the left; the other ring is away when all of it lies on the right.
            other.iter().all(|&p| dot(sub(p, from), normal) < slack)
        })
    };
    !separated(a, b) && !separated(b, a)
}

/// Inward mitred ring `d` metres inside an anticlockwise ring.
pub fn inset(ring: &[P2], d: f64) -> Vec<P2> {
    let n = ring.len();
    (0..n)
        .map(|i| {
            let a = unit(sub(ring[i], ring[(i + n - 1) % n]));
            let b = unit(sub(ring[(i + 1) % n], ring[i]));
            let normal = left(unit(add(a, b)));
            add(ring[i], scale(normal, d / dot(normal, left(a)).max(0.4)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parallel_curves_keep_their_distance_and_cuts_their_length() {
        let line = Polyline::spline(&[[0.0, 0.0], [100.0, 30.0], [200.0, 0.0], [300.0, 60.0]], 5.0);
        let parallel = line.offset(10.0);
        for &p in parallel.points() {
            assert!((line.distance_to(p) - 10.0).abs() < 0.3, "{p:?}");
        }
        let piece = line.cut(220.0, 40.0);
        assert!((piece.length() - 180.0).abs() < 1e-6);
        assert!(distance(piece.first(), line.point(220.0)) < 1e-9);
        assert!((line.nearest(line.point(123.0)) - 123.0).abs() < 1e-6);
    }

    #[test]
    fn touching_rings_do_not_overlap_and_shifted_ones_do() {
        let a = [[0.0, 0.0], [5.0, 0.0], [5.0, 10.0], [0.0, 10.0]];
        let b = a.map(|p| add(p, [5.0, 0.0]));
        let c = a.map(|p| add(p, [4.0, 3.0]));
        assert!(!overlap(&a, &b, 0.02));
        assert!(overlap(&a, &c, 0.02));
        assert!(is_convex(&a) && area(&a) > 0.0);
    }
}
