//! Axis-aligned boxes in world coordinates.

use serde::{Deserialize, Serialize};

/// A box in the CRS of its owner: metres, x east, y north, z up. Empty until a point was added.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bounds3 {
    pub min: [f64; 3],
    pub max: [f64; 3],
}

impl Default for Bounds3 {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl Bounds3 {
    pub const EMPTY: Self = Self { min: [f64::INFINITY; 3], max: [f64::NEG_INFINITY; 3] };

    pub fn from_points(points: impl IntoIterator<Item = [f64; 3]>) -> Self {
        let mut bounds = Self::EMPTY;
        for point in points {
            bounds.add(point);
        }
        bounds
    }

    /// Grows to hold `point`; points with a non-finite part are ignored, so that one bad vertex cannot move a camera.
    pub fn add(&mut self, point: [f64; 3]) {
        if point.iter().all(|value| value.is_finite()) {
            for (axis, value) in point.into_iter().enumerate() {
                self.min[axis] = self.min[axis].min(value);
                self.max[axis] = self.max[axis].max(value);
            }
        }
    }

    pub fn add_xy(&mut self, point: [f64; 2], z: f64) {
        self.add([point[0], point[1], z]);
    }

    #[must_use]
    pub fn union(self, other: Self) -> Self {
        let mut bounds = self;
        if !other.is_empty() {
            bounds.add(other.min);
            bounds.add(other.max);
        }
        bounds
    }

    pub fn is_empty(&self) -> bool {
        self.min[0] > self.max[0]
    }

    pub fn center(&self) -> [f64; 3] {
        std::array::from_fn(|axis| f64::midpoint(self.min[axis], self.max[axis]))
    }

    pub fn size(&self) -> [f64; 3] {
        std::array::from_fn(|axis| (self.max[axis] - self.min[axis]).max(0.0))
    }

    /// `[minx, miny, minz, maxx, maxy, maxz]`, as the command line prints it; `None` when empty.
    pub fn to_array(&self) -> Option<[f64; 6]> {
        (!self.is_empty()).then_some([
            self.min[0],
            self.min[1],
            self.min[2],
            self.max[0],
            self.max[1],
            self.max[2],
        ])
    }
}
