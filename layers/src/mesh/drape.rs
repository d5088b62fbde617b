//! Laying flat things on the ground: the ground as triangles, and polygons cut along those triangles, so that both
//! agree everywhere and nothing flickers.

use crate::model::{Bounds3, Terrain};

/// The ground as it is drawn: heights at the corners of squares, each cut into two triangles along the diagonal from
/// its south-west to its north-east corner. Without a terrain it is a plane.
#[derive(Clone, Debug)]
pub struct DrawnGround {
    /// South-west corner, world metres.
    pub origin: [f64; 2],
    pub step_m: f64,
    pub columns: usize,
    pub rows: usize,
    /// `(columns + 1) × (rows + 1)` corner heights, row 0 southernmost.
    heights: Vec<f32>,
    flat_height: f64,
    is_flat: bool,
}

impl DrawnGround {
    /// A plane at `height`.
    pub fn flat(bounds: Bounds3, height: f64) -> Self {
        let size = bounds.size();
        let step_m = (size[0].max(size[1]) / 64.0).max(50.0);
        let origin = [bounds.min[0], bounds.min[1]];
        let columns = (size[0] / step_m).ceil().max(1.0) as usize;
        let rows = (size[1] / step_m).ceil().max(1.0) as usize;
        Self { origin, step_m, columns, rows, heights: Vec::new(), flat_height: height, is_flat: true }
    }

    /// From a terrain grid, thinned so that there are at most `max_squares` squares. Holes take the
    /// height of the nearest known corner, so that they end in no cliff.
    pub fn from_terrain(terrain: &Terrain, max_squares: usize) -> Self {
        let bounds = terrain.bounds();
        let size = bounds.size();
        let mut step_m = terrain.cell_m;
        while (size[0] / step_m) * (size[1] / step_m) > max_squares as f64 {
            step_m *= 2.0;
        }
        let columns = (size[0] / step_m).floor().max(1.0) as usize;
        let rows = (size[1] / step_m).floor().max(1.0) as usize;
        let origin = [bounds.min[0], bounds.min[1]];
        let known: Vec<f64> =
            terrain.heights.iter().filter(|h| h.is_finite()).map(|&h| f64::from(h)).collect();
        let mean = if known.is_empty() { 0.0 } else { known.iter().sum::<f64>() / known.len() as f64 };
        let mut heights: Vec<f32> = (0..=rows)
            .flat_map(|row| (0..=columns).map(move |column| (column, row)))
            .map(|(column, row)| {
                let point = [
                    (origin[0] + column as f64 * step_m).min(bounds.max[0]),
                    (origin[1] + row as f64 * step_m).min(bounds.max[1]),
                ];
                terrain.height_at(point).map_or(f32::NAN, |height| height as f32)
            })
            .collect();
        fill_holes(&mut heights, columns + 1, mean as f32);
        Self { origin, step_m, columns, rows, heights, flat_height: mean, is_flat: false }
    }

    fn corner(&self, column: usize, row: usize) -> f64 {
        if self.is_flat {
            return self.flat_height;
        }
        f64::from(self.heights[row.min(self.rows) * (self.columns + 1) + column.min(self.columns)])
    }

    /// Height of the drawn triangles at a point; beyond the edge the nearest edge height.
    pub fn height_at(&self, point: [f64; 2]) -> f64 {
        if self.is_flat {
            return self.flat_height;
        }
        let x = ((point[0] - self.origin[0]) / self.step_m).clamp(0.0, self.columns as f64);
        let y = ((point[1] - self.origin[1]) / self.step_m).clamp(0.0, self.rows as f64);
        let (column, row) = ((x as usize).min(self.columns - 1), (y as usize).min(self.rows - 1));
        let (fx, fy) = (x - column as f64, y - row as f64);
        let (sw, ne) = (self.corner(column, row), self.corner(column + 1, row + 1));
        if fx >= fy {
            let se = self.corner(column + 1, row);
            sw + (se - sw) * fx + (ne - se) * fy
        } else {
            let nw = self.corner(column, row + 1);
            sw + (nw - sw) * fy + (ne - nw) * fx
        }
    }

    /// Smooth unit normal in world axes, from central differences over one step.
    pub fn normal_at(&self, point: [f64; 2]) -> [f64; 3] {
        if self.is_flat {
            return [0.0, 0.0, 1.0];
        }
        let d = self.step_m;
        let dx =
            (self.height_at([point[0] + d, point[1]]) - self.height_at([point[0] - d, point[1]])) / (2.0 * d);
        let dy =
            (self.height_at([point[0], point[1] + d]) - self.height_at([point[0], point[1] - d])) / (2.0 * d);
        let length = (dx * dx + dy * dy + 1.0).sqrt();
        [-dx / length, -dy / length, 1.0 / length]
    }

    pub fn bounds(&self) -> Bounds3 {
        let mut bounds = Bounds3::EMPTY;
        let far = [
            self.origin[0] + self.columns as f64 * self.step_m,
            self.origin[1] + self.rows as f64 * self.step_m,
        ];
        let (low, high) = if self.is_flat {
            (self.flat_height, self.flat_height)
        } else {
            self.heights.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &h| {
                (low.min(f64::from(h)), high.max(f64::from(h)))
            })
        };
        bounds.add_xy(self.origin, low);
        bounds.add_xy(far, high);
        bounds
    }

    /// Where a ray (world axes) meets the drawn ground, as a distance in units of `direction`. Steps of half a square,
    /// then halving; `None` beyond `max_distance`.
    pub fn cast_ray(&self, origin: [f64; 3], direction: [f64; 3], max_distance: f64) -> Option<f64> {
        let at = |t: f64| [0, 1, 2].map(|axis: usize| origin[axis] + direction[axis] * t);
        let above = |t: f64| {
            let point = at(t);
            point[2] - self.height_at([point[0], point[1]])
        };
        if above(0.0) < 0.0 {
            return None;
        }
        let horizontal = direction[0].hypot(direction[1]);
        let (mut low, mut high) = (0.0, 0.0);
        let slab = self.bounds();
        // Jump to the top of the relief first: most of a ray is in the air.
        if origin[2] > slab.max[2] {
            if direction[2] >= 0.0 {
                return None;
            }
            low = (slab.max[2] - origin[2]) / direction[2];
            high = low;
        }
        let step =
            if self.is_flat || horizontal < 1e-9 { f64::INFINITY } else { self.step_m / 2.0 / horizontal };
        loop {
            if high > max_distance {
                return None;
            }
            let next = if step.is_finite() {
                high + step
            } else {
                if direction[2] >= 0.0 {
                    return None;
                }
                (slab.min[2] - 1.0 - origin[2]) / direction[2]
            };
            if above(next) <= 0.0 {
                (low, high) = (high.max(low), next);
                break;
            }
            if !step.is_finite() {
                return None;
            }
            high = next;
        }
        for _ in 0..40 {
            let middle = f64::midpoint(low, high);
            if above(middle) > 0.0 { low = middle } else { high = middle }
        }
        (high <= max_distance).then_some(high)
    }

    /// About how many pieces [`Self::cut`] makes of a convex polygon.
    pub fn pieces_of(&self, polygon: &[[f64; 2]], coarseness: u32) -> f64 {
        let Some(&[x, y]) = polygon.first().filter(|_| !self.is_flat) else { return 1.0 };
        let step = self.step_m * f64::from(coarseness);
        let (mut low, mut high, mut doubled) = ([x, y], [x, y], 0.0);
        for (index, &[ax, ay]) in polygon.iter().enumerate() {
            let [bx, by] = polygon[(index + 1) % polygon.len()];
            doubled += (ax - x) * (by - y) - (bx - x) * (ay - y);
            low = [low[0].min(ax), low[1].min(ay)];
            high = [high[0].max(ax), high[1].max(ay)];
        }
        // Two for each square inside, and one for each line of the ground that the edge meets.
        1.0 + doubled.abs() / (step * step) + 2.0 * (high[0] - low[0] + high[1] - low[1]) / step
    }

    /// Cuts convex polygons (world x, y) along the triangles of the ground, so that each piece lies on one of them.
    pub fn cut(&self, polygon: &[[f64; 2]]) -> Vec<Vec<[f64; 2]>> {
        self.cut_coarsely(polygon, 1)
    }

    /// As [`Self::cut`], along every so manyth line of the ground: pieces lie on the ground at their corners only.
    pub fn cut_coarsely(&self, polygon: &[[f64; 2]], coarseness: u32) -> Vec<Vec<[f64; 2]>> {
        if self.is_flat {
            return vec![polygon.to_vec()];
        }
        let [ox, oy] = self.origin;
        let step = self.step_m * f64::from(coarseness);
        let mut pieces = vec![polygon.to_vec()];
        let families: [&dyn Fn([f64; 2]) -> f64; 3] =
            [&|p| (p[0] - ox) / step, &|p| (p[1] - oy) / step, &|p| (p[0] - ox - p[1] + oy) / step];
        for family in families {
            pieces = pieces.into_iter().flat_map(|piece| cut_by_integers(&piece, family)).collect();
        }
        pieces
    }
}

/// Gives every unknown corner the height of the nearest known one (counted in steps along the grid), or `otherwise` when
/// none is known. Cost: linear.
fn fill_holes(heights: &mut [f32], width: usize, otherwise: f32) {
    let mut edge: Vec<usize> = (0..heights.len()).filter(|&corner| heights[corner].is_finite()).collect();
    if edge.is_empty() {
        heights.fill(otherwise);
        return;
    }
    while !edge.is_empty() {
        let mut next = Vec::new();
        for corner in edge {
            let column = corner % width;
            let neighbours = [
                (column > 0).then(|| corner - 1),
                (column + 1 < width).then_some(corner + 1),
                corner.checked_sub(width),
                Some(corner + width).filter(|&below| below < heights.len()),
            ];
            for neighbour in neighbours.into_iter().flatten() {
                if !heights[neighbour].is_finite() {
                    heights[neighbour] = heights[corner];
                    next.push(neighbour);
                }
            }
        }
        edge = next;
    }
}

/// Cuts a convex polygon at every whole number of a linear function.
fn cut_by_integers(polygon: &[[f64; 2]], value: &dyn Fn([f64; 2]) -> f64) -> Vec<Vec<[f64; 2]>> {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for &point in polygon {
        let v = value(point);
        low = low.min(v);
        high = high.max(v);
    }
    if !(low.is_finite() && high.is_finite()) || high - low > 1e5 {
        return Vec::new();
    }
    let mut pieces = Vec::new();
    let mut rest = polygon.to_vec();
    let mut line = (low + 1e-9).floor() + 1.0;
    while line < high - 1e-9 {
        let (below, above) = split_convex(&rest, &|p| value(p) - line);
        if below.len() >= 3 {
            pieces.push(below);
        }
        rest = above;
        line += 1.0;
    }
    if rest.len() >= 3 {
        pieces.push(rest);
    }
    pieces
}

/// The parts of a convex polygon where a linear function is ≤ 0 and ≥ 0.
fn split_convex(polygon: &[[f64; 2]], side: &dyn Fn([f64; 2]) -> f64) -> (Vec<[f64; 2]>, Vec<[f64; 2]>) {
    let (mut below, mut above) = (Vec::with_capacity(6), Vec::with_capacity(6));
    for index in 0..polygon.len() {
        let (a, b) = (polygon[index], polygon[(index + 1) % polygon.len()]);
        let (sa, sb) = (side(a), side(b));
        if sa <= 0.0 {
            below.push(a);
        }
        if sa >= 0.0 {
            above.push(a);
        }
        if (sa < 0.0 && sb > 0.0) || (sa > 0.0 && sb < 0.0) {
            let t = sa / (sa - sb);
            let point = [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t];
            below.push(point);
            above.push(point);
        }
    }
    (below, above)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hill() -> DrawnGround {
        let heights = (0..25).map(|i| if i == 12 { 8.0 } else { 0.0 }).collect();
        DrawnGround::from_terrain(
            &Terrain { origin: [5.0, 45.0], cell_m: 10.0, width: 5, height: 5, heights },
            1_000_000,
        )
    }

    #[test]
    fn cut_pieces_cover_the_polygon_and_lie_on_the_drawn_triangles() {
        let ground = hill();
        let polygon = [[3.0, 4.0], [44.0, 9.0], [30.0, 41.0], [8.0, 33.0]];
        let area = |p: &[[f64; 2]]| {
            (0..p.len())
                .map(|i| {
                    let (a, b) = (p[i], p[(i + 1) % p.len()]);
                    (a[0] * b[1] - b[0] * a[1]) / 2.0
                })
                .sum::<f64>()
        };
        let pieces = ground.cut(&polygon);
        let sum: f64 = pieces.iter().map(|piece| area(piece)).sum();
        assert!((sum - area(&polygon)).abs() < 1e-6, "{sum} {}", area(&polygon));
        for piece in &pieces {
            // On one triangle the height is linear, so the height of the middle is the middle of the heights.
            let n = piece.len() as f64;
            let middle =
                [piece.iter().map(|p| p[0]).sum::<f64>() / n, piece.iter().map(|p| p[1]).sum::<f64>() / n];
            let mean = piece.iter().map(|&p| ground.height_at(p)).sum::<f64>() / n;
            assert!((ground.height_at(middle) - mean).abs() < 1e-6);
        }
    }

    #[test]
    fn holes_take_their_nearest_neighbour() {
        let heights = vec![1.0, f32::NAN, f32::NAN, f32::NAN, f32::NAN, f32::NAN, f32::NAN, f32::NAN, 9.0];
        let terrain = Terrain { origin: [5.0, 25.0], cell_m: 10.0, width: 3, height: 3, heights };
        let ground = DrawnGround::from_terrain(&terrain, 100);
        assert_eq!(ground.height_at([0.0, 30.0]), 1.0);
        assert_eq!(ground.height_at([30.0, 0.0]), 9.0);
        let empty = Terrain { heights: vec![f32::NAN; 9], ..terrain };
        assert_eq!(DrawnGround::from_terrain(&empty, 100).height_at([15.0, 15.0]), 0.0);
    }

    #[test]
    fn a_ray_finds_the_hill_and_the_plane() {
        let ground = hill();
        let t = ground.cast_ray([25.0, 25.0, 100.0], [0.0, 0.0, -1.0], 1e4).unwrap();
        assert!((100.0 - t - ground.height_at([25.0, 25.0])).abs() < 1e-6);
        let slanted = ground.cast_ray([0.0, 25.0, 30.0], [1.0, 0.0, -1.0], 1e4).unwrap();
        let x = slanted;
        assert!((30.0 - slanted - ground.height_at([x, 25.0])).abs() < 1e-6);
        assert_eq!(ground.cast_ray([0.0, 0.0, 10.0], [0.0, 0.0, 1.0], 1e4), None);
        let plane = DrawnGround::flat(Bounds3::from_points([[0.0; 3], [100.0, 100.0, 0.0]]), 2.0);
        assert!((plane.cast_ray([0.0, 0.0, 12.0], [0.0, 1.0, -1.0], 1e4).unwrap() - 10.0).abs() < 1e-6);
    }
}
