//! Ground height as a regular grid.

use super::Bounds3;

/// Heights of cell centres on a north-up grid in the project's CRS.
///
/// Row 0 is the northernmost; `heights[row * width + column]`, metres (NAP in the Netherlands), `NaN` where unknown.
/// The centre of cell (column 0, row 0) lies at `origin`; columns step `+cell_m` east, rows step `-cell_m` north.
#[derive(Clone, Debug, PartialEq)]
pub struct Terrain {
    pub origin: [f64; 2],
    pub cell_m: f64,
    pub width: usize,
    pub height: usize,
    pub heights: Vec<f32>,
}

impl Terrain {
    /// Bilinear height at a point; holes take the nearest known corner; `None` outside or where all corners are holes.
    pub fn height_at(&self, point: [f64; 2]) -> Option<f64> {
        if self.width == 0 || self.height == 0 {
            return None;
        }
        let column = (point[0] - self.origin[0]) / self.cell_m;
        let row = (self.origin[1] - point[1]) / self.cell_m;
        // Half a cell beyond the centres still lies inside the outer cells.
        if !(column >= -0.5 && row >= -0.5)
            || column > self.width as f64 - 0.5
            || row > self.height as f64 - 0.5
        {
            return None;
        }
        let column = column.clamp(0.0, (self.width - 1) as f64);
        let row = row.clamp(0.0, (self.height - 1) as f64);
        let (c0, r0) = (column.floor() as usize, row.floor() as usize);
        let (c1, r1) = ((c0 + 1).min(self.width - 1), (r0 + 1).min(self.height - 1));
        let (fc, fr) = (column - c0 as f64, row - r0 as f64);
        let corners = [
            (self.heights[r0 * self.width + c0], (1.0 - fc) * (1.0 - fr)),
            (self.heights[r0 * self.width + c1], fc * (1.0 - fr)),
            (self.heights[r1 * self.width + c0], (1.0 - fc) * fr),
            (self.heights[r1 * self.width + c1], fc * fr),
        ];
        let (mut sum, mut weight) = (0.0, 0.0);
        for (height, part) in corners {
            if height.is_finite() {
                sum += f64::from(height) * part;
                weight += part;
            }
        }
        (weight > 1e-12).then(|| sum / weight)
    }

    pub fn bounds(&self) -> Bounds3 {
        let mut bounds = Bounds3::EMPTY;
        if self.width == 0 || self.height == 0 {
            return bounds;
        }
        let (mut low, mut high) = (f32::INFINITY, f32::NEG_INFINITY);
        for &height in self.heights.iter().filter(|height| height.is_finite()) {
            low = low.min(height);
            high = high.max(height);
        }
        let half = self.cell_m / 2.0;
        bounds.add([self.origin[0] - half, self.origin[1] + half, f64::from(low)]);
        bounds.add([
            self.origin[0] + self.cell_m * self.width as f64 - half,
            self.origin[1] - self.cell_m * self.height as f64 + half,
            f64::from(high),
        ]);
        bounds
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heights_are_bilinear_and_holes_take_their_neighbours() {
        let mut terrain = Terrain {
            origin: [0.0, 10.0],
            cell_m: 10.0,
            width: 2,
            height: 2,
            heights: vec![0.0, 2.0, 4.0, 6.0],
        };
        assert_eq!(terrain.height_at([5.0, 5.0]), Some(3.0));
        assert_eq!(terrain.height_at([0.0, 10.0]), Some(0.0));
        assert_eq!(terrain.height_at([-5.1, 5.0]), None);
        terrain.heights[1] = f32::NAN;
        assert!(terrain.height_at([5.0, 5.0]).is_some_and(|h| (h - 10.0 / 3.0).abs() < 1e-9));
    }
}
