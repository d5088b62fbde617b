//! Curved quarters: four drawn sides, streets between them as a bent grid, and the blocks that the streets leave.

use super::{
    geometry::{P2, Polyline, lerp},
    streets::{Profile, Streets},
};

/// One side of a quarter: pieces of streets one after another, each `(street, from, to)` in arc length.
#[derive(Clone, Debug)]
pub struct Side {
    parts: Vec<(usize, f64, f64)>,
    line: Polyline,
}

impl Side {
    pub fn new(streets: &Streets, parts: &[(usize, f64, f64)]) -> Self {
        let points = parts
            .iter()
            .flat_map(|&(street, from, to)| streets.all[street].line.cut(from, to).points().to_vec());
        Self { parts: parts.to_vec(), line: Polyline::new(points) }
    }

    fn point(&self, part: f64) -> P2 {
        self.line.point(part.clamp(0.0, 1.0) * self.line.length())
    }

    /// Splits the street under `fraction` of the side, snapping to a split nearby; gives the fraction used.
    fn split(&self, streets: &mut Streets, fraction: f64, snap_m: f64) -> f64 {
        let total: f64 = self.parts.iter().map(|(_, from, to)| (to - from).abs()).sum();
        let mut wanted = fraction * total;
        let mut passed = 0.0;
        for &(street, from, to) in &self.parts {
            let length = (to - from).abs();
            if wanted <= length {
                let sign = if to >= from { 1.0 } else { -1.0 };
                // Joints of the parts are nodes already.
                for (gap, joint) in [(wanted, passed), (length - wanted, passed + length)] {
                    if gap < snap_m && joint > 1.0 && joint < total - 1.0 {
                        streets.split(street, if gap == wanted { from } else { to }, 0.5);
                        return joint / total;
                    }
                }
                let used = streets.split(street, from + sign * wanted, snap_m);
                let along = ((used - from) * sign).clamp(0.0, length);
                return (passed + along) / total;
            }
            wanted -= length;
            passed += length;
        }
        fraction
    }

    /// The street under the middle of the side's piece between two fractions, with its half width.
    fn street_at(&self, fraction: f64) -> usize {
        let total: f64 = self.parts.iter().map(|(_, from, to)| (to - from).abs()).sum();
        let mut wanted = fraction * total;
        for &(street, from, to) in &self.parts {
            let length = (to - from).abs();
            if wanted <= length {
                return street;
            }
            wanted -= length;
        }
        self.parts.last().map_or(0, |part| part.0)
    }
}

/// What a quarter is like. `kinds` draws its blocks as text, north (v = 1) first; letters: see `blocks::fill`.
pub struct Quarter {
    pub neighbourhood: &'static str,
    pub kinds: &'static [&'static str],
    /// Names for the inner lines: first those from bottom to top, then those from left to right.
    pub names: &'static [&'static str],
    pub profile: Profile,
    /// Inner v-line (1-based) that is drawn with another profile, such as a collector road.
    pub collector: Option<(usize, Profile)>,
    /// Largest shift of a line's end, as a part of its spacing.
    pub irregularity: f64,
    /// Whether every other street is one-way for cars.
    pub has_one_way: bool,
}

/// One side of a block, anticlockwise around it.
#[derive(Clone, Debug)]
pub struct BlockSide {
    pub line: Polyline,
    /// Street along it; `None` inside a campus or park.
    pub street: Option<usize>,
    pub half_width: f64,
}

#[derive(Clone, Debug)]
pub struct Block {
    pub kind: char,
    pub neighbourhood: usize,
    /// Bottom, right, top, left.
    pub sides: [BlockSide; 4],
}

impl Block {
    pub fn ring(&self) -> Vec<P2> {
        self.sides
            .iter()
            .flat_map(|side| {
                let points = side.line.points();
                points[..points.len().saturating_sub(1)].to_vec()
            })
            .collect()
    }
}

/// A quarter between its sides: `bottom` and `top` run left to right, `left` and `right` bottom to top.
pub struct Patch {
    pub bottom: Side,
    pub right: Side,
    pub top: Side,
    pub left: Side,
}

impl Patch {
    /// The Coons surface: bends the unit square between the four sides.
    fn point(&self, u: f64, v: f64) -> P2 {
        let (b, t, l, r) = (self.bottom.point(u), self.top.point(u), self.left.point(v), self.right.point(v));
        let (p00, p10, p01, p11) =
            (self.bottom.point(0.0), self.bottom.point(1.0), self.top.point(0.0), self.top.point(1.0));
        std::array::from_fn(|k| {
            (1.0 - v) * b[k] + v * t[k] + (1.0 - u) * l[k] + u * r[k]
                - ((1.0 - u) * (1.0 - v) * p00[k]
                    + u * (1.0 - v) * p10[k]
                    + (1.0 - u) * v * p01[k]
                    + u * v * p11[k])
        })
    }

    /// Draws the quarter's streets and gives its blocks.
    pub fn divide(
        &self,
        streets: &mut Streets,
        quarter: &Quarter,
        neighbourhood: usize,
        rng: &mut fastrand::Rng,
    ) -> Vec<Block> {
        let rows = quarter.kinds.len();
        let cols = quarter.kinds.first().map_or(1, |row| row.chars().count());
        let kinds: Vec<Vec<char>> = quarter.kinds.iter().rev().map(|row| row.chars().collect()).collect();
        let kind = |i: usize, j: usize| kinds[j].get(i).copied().unwrap_or('g');
        // A line runs wherever the blocks on its two sides are not one campus or park (capital letters).
        let is_open = |a: char, b: char| a != b || a.is_ascii_lowercase();
        let mut lines = |sides: [&Side; 2], count: usize, reaches: &dyn Fn(usize, usize) -> bool| {
            let mut ends = vec![[0.0, 0.0]];
            for line in 1..count {
                let mut pair = [0.0; 2];
                for (k, side) in sides.iter().enumerate() {
                    let shift = (rng.f64() - 0.5) * 2.0 * quarter.irregularity;
                    let wanted = (line as f64 + shift) / count as f64;
                    pair[k] = if reaches(line, k) { side.split(streets, wanted, 26.0) } else { wanted };
                }
                ends.push(pair);
            }
            ends.push([1.0, 1.0]);
            ends
        };
        let us = lines([&self.bottom, &self.top], cols, &|line, k| {
            let j = if k == 0 { 0 } else { rows - 1 };
            is_open(kind(line - 1, j), kind(line, j))
        });
        let vs = lines([&self.left, &self.right], rows, &|line, k| {
            let i = if k == 0 { 0 } else { cols - 1 };
            is_open(kind(i, line - 1), kind(i, line))
        });
        let at = |i: usize, j: usize| {
            let (mut u, mut v) = (0.5, 0.5);
            for _ in 0..12 {
                u = us[i][0] + (us[i][1] - us[i][0]) * v;
                v = vs[j][0] + (vs[j][1] - vs[j][0]) * u;
            }
            [u, v]
        };
        let piece = |from: P2, to: P2, is_u_line: bool, line: usize| {
            let (ends, axis) = if is_u_line { (&us, 1) } else { (&vs, 0) };
            let samples = 6;
            Polyline::new((0..=samples).map(|k| {
                let t = from[axis] + (to[axis] - from[axis]) * f64::from(k) / f64::from(samples);
                let other = ends[line][0] + (ends[line][1] - ends[line][0]) * t;
                if is_u_line { self.point(other, t) } else { self.point(t, other) }
            }))
        };
        let name = |index: usize| quarter.names.get(index).copied().unwrap_or("");
        // Inner pieces: [i][j] from crossing (i, j) upwards, and to the right.
        let mut up = vec![vec![None; rows]; cols + 1];
        let mut across = vec![vec![None; rows + 1]; cols];
        for (i, column) in up.iter_mut().enumerate().take(cols).skip(1) {
            let way = streets.new_way();
            for (j, street) in column.iter_mut().enumerate() {
                if is_open(kind(i - 1, j), kind(i, j)) {
                    let line = piece(at(i, j), at(i, j + 1), true, i);
                    let mut profile = quarter.profile;
                    // The first and last pieces stay two-way, so that every side street of a main street can be
                    // entered and left by its other end.
                    let is_one_way = quarter.has_one_way && i % 2 == 0 && j > 0 && j + 1 < rows;
                    let line = if is_one_way && i % 4 == 0 { line.reversed() } else { line };
                    if is_one_way {
                        profile = profile.one_way();
                    }
                    *street = Some(streets.add_to_way(name(i - 1), profile, line, way));
                }
            }
        }
        for j in 1..rows {
            let way = streets.new_way();
            let profile = match quarter.collector {
                Some((line, profile)) if line == j => profile,
                _ => quarter.profile,
            };
            for (i, column) in across.iter_mut().enumerate() {
                if is_open(kind(i, j - 1), kind(i, j)) {
                    let line = piece(at(i, j), at(i + 1, j), false, j);
                    let is_one_way = quarter.has_one_way && j % 2 == 1 && i > 0 && i + 1 < cols;
                    let line = if is_one_way && j % 4 == 1 { line.reversed() } else { line };
                    let profile = if is_one_way { profile.one_way() } else { profile };
                    column[j] = Some(streets.add_to_way(name(cols + j - 2), profile, line, way));
                }
            }
        }
        let mut blocks = Vec::new();
        for j in 0..rows {
            for i in 0..cols {
                let corners = [at(i, j), at(i + 1, j), at(i + 1, j + 1), at(i, j + 1)];
                let boundary = [
                    (j == 0).then_some((&self.bottom, 0)),
                    (i + 1 == cols).then_some((&self.right, 1)),
                    (j + 1 == rows).then_some((&self.top, 0)),
                    (i == 0).then_some((&self.left, 1)),
                ];
                let inner = [across[i][j], up[i + 1][j], across[i][j + 1], up[i][j]];
                let lines = [(false, j), (true, i + 1), (false, j + 1), (true, i)];
                let sides = std::array::from_fn(|k| {
                    let (from, to) = (corners[k], corners[(k + 1) % 4]);
                    if let Some((side, axis)) = boundary[k] {
                        let length = side.line.length();
                        let street = side.street_at(f64::midpoint(from[axis], to[axis]));
                        BlockSide {
                            line: side.line.cut(from[axis] * length, to[axis] * length),
                            street: Some(street),
                            half_width: streets.all[street].profile.half_width(),
                        }
                    } else {
                        BlockSide {
                            line: piece(from, to, lines[k].0, lines[k].1),
                            street: inner[k],
                            half_width: inner[k].map_or(0.0, |s| streets.all[s].profile.half_width()),
                        }
                    }
                });
                blocks.push(Block { kind: kind(i, j), neighbourhood, sides });
            }
        }
        blocks
    }

    /// The outline of the quarter, anticlockwise, a point about every 25 m.
    pub fn outline(&self) -> Vec<P2> {
        let mut ring = Vec::new();
        for (side, is_reversed) in
            [(&self.bottom, false), (&self.right, false), (&self.top, true), (&self.left, true)]
        {
            let mut points = side.line.resampled(25.0);
            if is_reversed {
                points.reverse();
            }
            points.pop();
            ring.extend(points);
        }
        ring
    }
}

/// A point on the straight way from the middle of one side of a block to the middle of the opposite one.
pub fn between(block: &Block, side: usize, t: f64) -> P2 {
    let (a, b) = (&block.sides[side].line, &block.sides[(side + 2) % 4].line);
    lerp(a.point(a.length() / 2.0), b.point(b.length() / 2.0), t)
}
