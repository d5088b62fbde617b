//! Faces in space to triangles.

use earcut::Earcut;

/// Area vector (Newell): twice the face's area long, along its normal; right-handed for anticlockwise rings.
pub fn newell(ring: &[[f64; 3]]) -> [f64; 3] {
    let mut normal = [0.0; 3];
    let Some(&origin) = ring.first() else { return normal };
    // Differences to the first point keep digits at RD-sized coordinates.
    let local = |point: [f64; 3]| [point[0] - origin[0], point[1] - origin[1], point[2] - origin[2]];
    for index in 0..ring.len() {
        let a = local(ring[index]);
        let b = local(ring[(index + 1) % ring.len()]);
        normal[0] += (a[1] - b[1]) * (a[2] + b[2]);
        normal[1] += (a[2] - b[2]) * (a[0] + b[0]);
        normal[2] += (a[0] - b[0]) * (a[1] + b[1]);
    }
    normal
}

/// Reused working space for many faces.
#[derive(Default)]
pub struct Triangulator {
    earcut: Earcut<f64>,
    flat: Vec<[f64; 2]>,
    holes: Vec<u32>,
    triangles: Vec<u32>,
}

impl Triangulator {
    /// Triangulates a face given as its outer ring and holes (not closed), in world coordinates.
    ///
    /// Returns corner numbers into the concatenated rings, three a triangle, oriented as the outer ring. Faces without
    /// area give nothing. The face is projected along the largest part of its normal, which keeps slanted faces exact.
    pub fn face(&mut self, rings: &[&[[f64; 3]]]) -> &[u32] {
        self.triangles.clear();
        let Some(outer) = rings.first().filter(|ring| ring.len() >= 3) else { return &self.triangles };
        let normal = newell(outer);
        let largest = (0..3).max_by(|&a, &b| normal[a].abs().total_cmp(&normal[b].abs())).unwrap_or(2);
        if normal[largest].abs() < 1e-9 {
            return &self.triangles;
        }
        if rings.len() == 1 && outer.len() == 3 {
            self.triangles.extend([0, 1, 2]);
            return &self.triangles;
        }
        // The two kept axes in cyclic order; for a negative normal they are swapped, so that the projection is always
        // anticlockwise and the corner order of the face survives.
        let (mut u, mut v) = ((largest + 1) % 3, (largest + 2) % 3);
        if normal[largest] < 0.0 {
            std::mem::swap(&mut u, &mut v);
        }
        let origin = outer[0];
        self.flat.clear();
        self.holes.clear();
        for (number, ring) in rings.iter().enumerate() {
            if number > 0 {
                self.holes.push(self.flat.len() as u32);
            }
            self.flat.extend(ring.iter().map(|point| [point[u] - origin[u], point[v] - origin[v]]));
        }
        self.earcut.earcut(self.flat.iter().copied(), &self.holes, &mut self.triangles);
        // Earcut may give either orientation; make it that of the face.
        for triangle in self.triangles.chunks_exact_mut(3) {
            let [a, b, c] = [0, 1, 2].map(|corner| self.flat[triangle[corner] as usize]);
            if (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]) < 0.0 {
                triangle.swap(1, 2);
            }
        }
        &self.triangles
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area_of(points: &[[f64; 3]], triangles: &[u32]) -> f64 {
        triangles
            .chunks_exact(3)
            .map(|t| {
                let n = newell(&[points[t[0] as usize], points[t[1] as usize], points[t[2] as usize]]);
                (n[0] * n[0] + n[1] * n[1] + n[2] * n[2]).sqrt() / 2.0
            })
            .sum()
    }

    #[test]
    fn a_slanted_face_with_a_hole_keeps_its_area_and_orientation() {
        let lift = |x: f64, y: f64| [155_000.0 + x, 463_000.0 + y, 0.5 * x];
        let outer = [lift(0.0, 0.0), lift(4.0, 0.0), lift(4.0, 4.0), lift(0.0, 4.0)];
        let hole = [lift(1.0, 1.0), lift(1.0, 2.0), lift(2.0, 2.0), lift(2.0, 1.0)];
        let points: Vec<_> = outer.iter().chain(&hole).copied().collect();
        let mut triangulator = Triangulator::default();
        let triangles = triangulator.face(&[&outer, &hole]).to_vec();
        let expected = 15.0 * (1.0_f64 + 0.25).sqrt();
        assert!((area_of(&points, &triangles) - expected).abs() < 1e-9);
        for t in triangles.chunks_exact(3) {
            let n = newell(&[points[t[0] as usize], points[t[1] as usize], points[t[2] as usize]]);
            assert!(n[2] > 0.0, "every triangle looks the way the face does");
        }
    }

    #[test]
    fn faces_facing_down_and_vertical_walls_keep_their_side() {
        let floor = [[0.0, 0.0, 0.0], [0.0, 1.0, 0.0], [1.0, 1.0, 0.0], [1.0, 0.0, 0.0]];
        let wall = [[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [1.0, 0.0, 2.0], [0.0, 0.0, 2.0]];
        let mut triangulator = Triangulator::default();
        for (ring, axis, sign) in [(floor, 2, -1.0), (wall, 1, -1.0)] {
            let triangles = triangulator.face(&[&ring]).to_vec();
            assert_eq!(triangles.len(), 6);
            for t in triangles.chunks_exact(3) {
                let n = newell(&[ring[t[0] as usize], ring[t[1] as usize], ring[t[2] as usize]]);
                assert!(n[axis] * sign > 0.0);
            }
        }
        assert!(triangulator.face(&[&[[0.0; 3], [1.0, 0.0, 0.0]]]).is_empty());
    }
}
