//! 4 × 4 matrices in f64, column-major as glTF and 3D Tiles write them.

/// An affine transform; the last row is taken to be 0 0 0 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Matrix(pub [f64; 16]);

impl Matrix {
    pub const IDENTITY: Self =
        Self([1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0]);

    /// glTF's axes (y up, z towards the viewer) to those of the world (z up): (x, y, z) → (x, −z, y).
    pub const Z_UP_FROM_Y_UP: Self =
        Self([1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, -1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0]);

    /// From sixteen finite numbers, column by column; `None` for another count, other values or a projective last row.
    pub fn from_slice(values: &[f64]) -> Option<Self> {
        let values: [f64; 16] = values.try_into().ok()?;
        let last = [values[3], values[7], values[11], values[15]];
        let is_affine =
            last.iter().zip([0.0, 0.0, 0.0, 1.0]).all(|(found, wanted)| (found - wanted).abs() < 1e-9);
        (is_affine && values.iter().all(|value| value.is_finite())).then_some(Self(values))
    }

    pub fn translation([x, y, z]: [f64; 3]) -> Self {
        let mut matrix = Self::IDENTITY;
        (matrix.0[12], matrix.0[13], matrix.0[14]) = (x, y, z);
        matrix
    }

    /// Three axes and an origin.
    pub fn from_axes(x: [f64; 3], y: [f64; 3], z: [f64; 3], origin: [f64; 3]) -> Self {
        let mut matrix = Self::IDENTITY;
        for (column, axis) in [x, y, z, origin].into_iter().enumerate() {
            matrix.0[column * 4..column * 4 + 3].copy_from_slice(&axis);
        }
        matrix
    }

    /// Scale, then turn by a quaternion `[x, y, z, w]` (made of unit length here), then move.
    pub fn from_parts(translation: [f64; 3], [x, y, z, w]: [f64; 4], scale: [f64; 3]) -> Self {
        let length = (x * x + y * y + z * z + w * w).sqrt();
        let (x, y, z, w) = if length > 1e-12 {
            (x / length, y / length, z / length, w / length)
        } else {
            (0.0, 0.0, 0.0, 1.0)
        };
        let axes = [
            [1.0 - 2.0 * (y * y + z * z), 2.0 * (x * y + w * z), 2.0 * (x * z - w * y)],
            [2.0 * (x * y - w * z), 1.0 - 2.0 * (x * x + z * z), 2.0 * (y * z + w * x)],
            [2.0 * (x * z + w * y), 2.0 * (y * z - w * x), 1.0 - 2.0 * (x * x + y * y)],
        ];
        let [ax, ay, az]: [[f64; 3]; 3] =
            std::array::from_fn(|axis| axes[axis].map(|value| value * scale[axis]));
        Self::from_axes(ax, ay, az, translation)
    }

    /// `self` after `other`.
    #[must_use]
    pub fn after(&self, other: &Self) -> Self {
        let mut result = [0.0; 16];
        for column in 0..4 {
            for row in 0..4 {
                result[column * 4 + row] =
                    (0..4).map(|k| self.0[k * 4 + row] * other.0[column * 4 + k]).sum();
            }
        }
        Self(result)
    }

    pub fn point(&self, [x, y, z]: [f64; 3]) -> [f64; 3] {
        let m = &self.0;
        std::array::from_fn(|row| m[row] * x + m[4 + row] * y + m[8 + row] * z + m[12 + row])
    }

    pub fn direction(&self, [x, y, z]: [f64; 3]) -> [f64; 3] {
        let m = &self.0;
        std::array::from_fn(|row| m[row] * x + m[4 + row] * y + m[8 + row] * z)
    }

    pub fn origin(&self) -> [f64; 3] {
        [self.0[12], self.0[13], self.0[14]]
    }

    /// Volume of the transformed unit cube; negative when the matrix mirrors.
    pub fn determinant(&self) -> f64 {
        let m = &self.0;
        m[0] * (m[5] * m[10] - m[6] * m[9]) - m[4] * (m[1] * m[10] - m[2] * m[9])
            + m[8] * (m[1] * m[6] - m[2] * m[5])
    }

    /// The largest length that a unit vector gets.
    pub fn scale(&self) -> f64 {
        (0..3)
            .map(|column| (0..3).map(|row| self.0[column * 4 + row].powi(2)).sum::<f64>().sqrt())
            .fold(0.0, f64::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_apply_scale_then_turn_then_move() {
        let half = std::f64::consts::FRAC_1_SQRT_2;
        let matrix = Matrix::from_parts([10.0, 0.0, 0.0], [0.0, 0.0, half, half], [2.0, 1.0, 1.0]);
        let [x, y, z] = matrix.point([1.0, 0.0, 5.0]);
        assert!((x - 10.0).abs() < 1e-12 && (y - 2.0).abs() < 1e-12 && z == 5.0, "{x} {y} {z}");
        assert!((matrix.determinant() - 2.0).abs() < 1e-12);
        assert_eq!(Matrix::Z_UP_FROM_Y_UP.point([1.0, 2.0, 3.0]), [1.0, -3.0, 2.0]);
    }

    #[test]
    fn the_product_applies_the_right_one_first() {
        let turn = Matrix::Z_UP_FROM_Y_UP;
        let move_ = Matrix::translation([1.0, 2.0, 3.0]);
        assert_eq!(move_.after(&turn).point([0.0, 1.0, 0.0]), [1.0, 2.0, 4.0]);
        assert_eq!(Matrix::from_slice(&[0.0; 16]), None, "not affine");
        assert_eq!(Matrix::from_slice(&Matrix::IDENTITY.0), Some(Matrix::IDENTITY));
    }
}
