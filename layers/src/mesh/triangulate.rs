//! Faces in space to triangles.

use std::collections::HashMap;

use earcut::Earcut;

use super::{
    sweep::{self, Whole},
    tangled,
};

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

/// A face of more corners than this is cut by [`super::sweep`], whose time does not depend on what it looks like. Earcut
/// takes as long as the cube of the corners where an outline crosses itself, and looks at all corners for each hole.
const FEW_CORNERS: usize = 64;
/// Places of a face along its longer side: 1 µm for a face of a kilometre.
const PLACES: f64 = (1_i64 << 29) as f64;

/// The triangles of a face.
#[derive(Debug)]
pub struct Face<'a> {
    /// Corner numbers, three a triangle, oriented as the outer ring. Numbers beyond the corners of the rings mean `added`.
    pub triangles: &'a [u32],
    /// Places that are no corner of the face, in world coordinates: where its outline crosses itself.
    pub added: &'a [[f64; 3]],
    /// The outline crosses itself so often that only its rough shape is here.
    pub is_coarse: bool,
}

/// Reused working space for many faces.
#[derive(Default)]
pub struct Triangulator {
    earcut: Earcut<f64>,
    flat: Vec<[f64; 2]>,
    holes: Vec<u32>,
    triangles: Vec<u32>,
    added: Vec<[f64; 3]>,
}

/// The two axes onto which a face is projected, and the one along which.
#[derive(Clone, Copy)]
struct Projection {
    kept: [usize; 2],
    along: usize,
    normal: [f64; 3],
    origin: [f64; 3],
}

impl Projection {
    /// Along the largest part of the normal, which keeps slanted faces exact; `None` for a face without area. The kept
    /// axes are in cyclic order, for a negative normal swapped, so that the projection is always anticlockwise and the
    /// corner order of the face survives.
    fn of(outer: &[[f64; 3]]) -> Option<Self> {
        let mut normal = newell(outer);
        // A level outline whose loops cancel each other encloses something all the same.
        if normal[2].abs() < 1e-9 && outer.iter().all(|point| point[2] == outer[0][2]) {
            normal = [0.0, 0.0, 1.0];
        }
        let along = (0..3).max_by(|&a, &b| normal[a].abs().total_cmp(&normal[b].abs()))?;
        // Not a number is no normal either.
        if !normal[along].is_finite() || normal[along].abs() < 1e-9 {
            return None;
        }
        let (mut u, mut v) = ((along + 1) % 3, (along + 2) % 3);
        if normal[along] < 0.0 {
            std::mem::swap(&mut u, &mut v);
        }
        Some(Self { kept: [u, v], along, normal, origin: *outer.first()? })
    }

    fn flat(&self, point: [f64; 3]) -> [f64; 2] {
        self.kept.map(|axis| point[axis] - self.origin[axis])
    }

    /// The point of the face's plane above a projected one.
    fn lift(&self, flat: [f64; 2]) -> [f64; 3] {
        let mut point = self.origin;
        let mut drop = 0.0;
        for (axis, value) in self.kept.into_iter().zip(flat) {
            point[axis] += value;
            drop += self.normal[axis] * value;
        }
        point[self.along] -= drop / self.normal[self.along];
        point
    }
}

/// A face on whole numbers, for [`super::sweep`].
struct Grid {
    low: [f64; 2],
    step: f64,
    rings: Vec<Vec<Whole>>,
}

impl Grid {
    fn new(rings: &[&[[f64; 3]]], projection: &Projection) -> Option<Self> {
        let flat = || rings.iter().flat_map(|ring| ring.iter().map(|&point| projection.flat(point)));
        let low = flat().fold([f64::INFINITY; 2], |low, p| [low[0].min(p[0]), low[1].min(p[1])]);
        let high = flat().fold([f64::NEG_INFINITY; 2], |high, p| [high[0].max(p[0]), high[1].max(p[1])]);
        let step = (high[0] - low[0]).max(high[1] - low[1]) / PLACES;
        if !(step.is_finite() && step > 0.0 && flat().flatten().all(f64::is_finite)) {
            return None;
        }
        let whole = |point: [f64; 2]| [0, 1].map(|axis| ((point[axis] - low[axis]) / step).round() as i64);
        let rings = rings
            .iter()
            .map(|ring| ring.iter().map(|&point| whole(projection.flat(point))).collect())
            .collect();
        Some(Self { low, step, rings })
    }

    fn flat(&self, place: Whole) -> [f64; 2] {
        [0, 1].map(|axis| self.low[axis] + place[axis] as f64 * self.step)
    }
}

/// Whether a face crosses itself so often that only its rough shape is drawn. Quick for nearly all faces; for those of
/// many long lines it costs as much as drawing.
pub fn is_coarse(rings: &[&[[f64; 3]]]) -> bool {
    if !tangled::can_have_many_pairs(rings.iter().map(|ring| ring.len()).sum()) {
        return false;
    }
    let grid = rings.first().and_then(|outer| Projection::of(outer)).and_then(|p| Grid::new(rings, &p));
    grid.is_some_and(|grid| tangled::has_many_pairs(&grid.rings) && sweep::triangulate(&grid.rings).is_err())
}

impl Triangulator {
    /// Triangulates a face given as its outer ring and holes (not closed), in world coordinates. Faces without area give
    /// nothing. What lies behind an odd number of the outline's lines is inside.
    pub fn face(&mut self, rings: &[&[[f64; 3]]]) -> Face<'_> {
        self.triangles.clear();
        self.added.clear();
        let is_coarse = self.fill(rings).unwrap_or(false);
        Face { triangles: &self.triangles, added: &self.added, is_coarse }
    }

    fn fill(&mut self, rings: &[&[[f64; 3]]]) -> Option<bool> {
        let outer = rings.first().filter(|ring| ring.len() >= 3)?;
        let projection = Projection::of(outer)?;
        if rings.len() == 1 && outer.len() == 3 {
            self.triangles.extend([0, 1, 2]);
            return None;
        }
        let corners: usize = rings.iter().map(|ring| ring.len()).sum();
        if corners > FEW_CORNERS {
            let grid = Grid::new(rings, &projection)?;
            if let Ok(triangles) = sweep::triangulate(&grid.rings) {
                self.triangles = triangles;
                return None;
            }
            return Some(self.fill_tangled(&grid, &projection, corners));
        }
        self.flat.clear();
        self.holes.clear();
        for (number, ring) in rings.iter().enumerate() {
            if number > 0 {
                self.holes.push(self.flat.len() as u32);
            }
            self.flat.extend(ring.iter().map(|&point| projection.flat(point)));
        }
        self.earcut.earcut(self.flat.iter().copied(), &self.holes, &mut self.triangles);
        // Earcut may give either orientation; make it that of the face.
        for triangle in self.triangles.chunks_exact_mut(3) {
            let [a, b, c] = [0, 1, 2].map(|corner| self.flat[triangle[corner] as usize]);
            if (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]) < 0.0 {
                triangle.swap(1, 2);
            }
        }
        None
    }

    fn fill_tangled(&mut self, grid: &Grid, projection: &Projection, corners: usize) -> bool {
        let untangled = tangled::untangle(&grid.rings);
        let mut numbers: HashMap<Whole, u32> = HashMap::new();
        for (corner, &place) in grid.rings.iter().flatten().enumerate() {
            numbers.entry(place).or_insert(corner as u32);
        }
        for place in untangled.corners {
            let next = (corners + self.added.len()) as u32;
            let number = *numbers.entry(place).or_insert(next);
            if number == next {
                self.added.push(projection.lift(grid.flat(place)));
            }
            self.triangles.push(number);
        }
        untangled.is_coarse
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
        let triangles = triangulator.face(&[&outer, &hole]).triangles.to_vec();
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
            let triangles = triangulator.face(&[&ring]).triangles.to_vec();
            assert_eq!(triangles.len(), 6);
            for t in triangles.chunks_exact(3) {
                let n = newell(&[ring[t[0] as usize], ring[t[1] as usize], ring[t[2] as usize]]);
                assert!(n[axis] * sign > 0.0);
            }
        }
        assert!(triangulator.face(&[&[[0.0; 3], [1.0, 0.0, 0.0]]]).triangles.is_empty());
    }

    /// Numbers that look random and are the same each time, 0 to 1.
    fn scatter(count: usize) -> impl Iterator<Item = f64> {
        let mut random = fastrand::Rng::with_seed(3);
        (0..count).map(move |_| random.f64())
    }

    fn ring_area(ring: &[[f64; 3]]) -> f64 {
        newell(ring)[2].abs() / 2.0
    }

    /// The area of the triangles, each of which must look up.
    fn area_up(rings: &[Vec<[f64; 3]>]) -> (f64, usize, bool) {
        let slices: Vec<&[[f64; 3]]> = rings.iter().map(Vec::as_slice).collect();
        let mut triangulator = Triangulator::default();
        let face = triangulator.face(&slices);
        let points: Vec<[f64; 3]> = rings.iter().flatten().chain(face.added).copied().collect();
        let mut area = 0.0;
        for t in face.triangles.chunks_exact(3) {
            let up = newell(&[points[t[0] as usize], points[t[1] as usize], points[t[2] as usize]])[2] / 2.0;
            assert!(up >= -1e-6, "a triangle of {up} m² looks down");
            area += up;
        }
        (area, face.triangles.len() / 3, face.is_coarse)
    }

    fn turned(rings: Vec<Vec<[f64; 2]>>, angle: f64) -> Vec<Vec<[f64; 3]>> {
        let (sin, cos) = angle.sin_cos();
        let turn = |[x, y]: [f64; 2]| [155_000.0 + x * cos - y * sin, 463_000.0 + x * sin + y * cos, 0.0];
        rings.into_iter().map(|ring| ring.into_iter().map(turn).collect()).collect()
    }

    fn comb(teeth: usize, gap: f64) -> Vec<Vec<[f64; 2]>> {
        let end = teeth as f64 * gap;
        let mut ring = vec![[end, -1.0]];
        for tooth in (0..teeth).rev() {
            let x = tooth as f64 * gap;
            ring.extend([[x + gap * 0.6, 0.0], [x + gap * 0.3, 1_000.0]]);
        }
        ring.extend([[0.0, 0.0], [0.0, -1.0]]);
        // Anticlockwise: from the right back to the left above, along the bottom to the right.
        vec![ring]
    }

    #[test]
    fn large_sound_outlines_are_covered_exactly_whatever_they_look_like() {
        let star: Vec<[f64; 2]> = scatter(20_000)
            .enumerate()
            .map(|(i, far)| {
                let angle = i as f64 / 20_000.0 * std::f64::consts::TAU;
                [(100.0 + 900.0 * far) * angle.cos(), (100.0 + 900.0 * far) * angle.sin()]
            })
            .collect();
        let mut sieve = vec![vec![[0.0, 0.0], [1_000.0, 0.0], [1_000.0, 1_000.0], [0.0, 1_000.0]]];
        for hole in 0..20_000 {
            let (x, y) = (f64::from(hole % 150) * 6.0 + 1.0, f64::from(hole / 150) * 6.0 + 1.0);
            sieve.push(vec![[x, y], [x + 2.0, y + 4.0], [x + 4.0, y]]);
        }
        let cases = [
            ("star", vec![star], 0.0, 19_998),
            ("sieve", sieve, 0.3, 60_004 + 2 * 20_000 - 2),
            ("comb", comb(100_000, 0.01), 0.0, 200_001),
            ("slanted comb", comb(50_000, 0.05), 0.7, 100_001),
        ];
        for (name, rings, angle, triangles) in cases {
            let rings = turned(rings, angle);
            let expected = ring_area(&rings[0]) - rings[1..].iter().map(|ring| ring_area(ring)).sum::<f64>();
            let (area, count, is_coarse) = area_up(&rings);
            assert!(!is_coarse, "{name}");
            assert!((area - expected).abs() < expected * 1e-6, "{name}: {area} m², expected {expected}");
            assert!(count.abs_diff(triangles) <= 2, "{name}: {count} triangles");
        }
    }

    #[test]
    fn outlines_that_touch_themselves_are_sound() {
        // Teeth whose tips stand on the top edge, and holes that share a corner or stand on the outline.
        let mut outer: Vec<[f64; 2]> = vec![[0.0, 0.0], [200.0, 0.0], [200.0, 10.0]];
        outer.extend((0..90).rev().flat_map(|i| {
            let x = f64::from(i) * 2.0 + 10.0;
            [[x + 1.0, 10.0], [x, 5.0]]
        }));
        outer.push([0.0, 10.0]);
        let hole = |x: f64, y: f64| vec![[x, y], [x + 1.0, y + 1.0], [x + 2.0, y]];
        let rings = turned(vec![outer, hole(20.0, 0.0), hole(22.0, 0.0), hole(21.0, 1.0)], 0.0);
        let expected = ring_area(&rings[0]) - 3.0;
        let (area, _, is_coarse) = area_up(&rings);
        assert!(!is_coarse && (area - expected).abs() < 1e-3, "{area} m², expected {expected}");
    }

    #[test]
    fn an_outline_that_crosses_itself_is_filled_behind_odd_numbers_of_lines() {
        // Two hundred bow-ties in a row: the upper line and the lower one change places.
        let there = (0..=200).map(|i| [f64::from(i), if i % 2 == 0 { 0.0 } else { 1.0 }]);
        let back = (0..=200).rev().map(|i| [f64::from(i), if i % 2 == 0 { 1.0 } else { 0.0 }]);
        let rings = turned(vec![there.chain(back).collect()], 0.0);
        let (area, _, is_coarse) = area_up(&rings);
        assert!(!is_coarse);
        // Each crossing leaves half of its square, though with their signs the halves are nothing together.
        assert!((area - 100.0).abs() < 1e-4, "{area} m²");
    }

    #[test]
    fn a_scribble_is_painted_roughly_and_says_so() {
        let places: Vec<f64> = scatter(20_000).collect();
        let ring: Vec<[f64; 2]> = places.chunks_exact(2).map(|p| [p[0] * 1_000.0, p[1] * 1_000.0]).collect();
        let mut rings = turned(vec![ring], 0.0);
        if newell(&rings[0])[2] < 0.0 {
            rings[0].reverse();
        }
        let slices: Vec<&[[f64; 3]]> = rings.iter().map(Vec::as_slice).collect();
        assert!(is_coarse(&slices));
        let (area, count, is_coarse) = area_up(&rings);
        // Of a scribble about half lies behind an odd number of lines.
        assert!(is_coarse && count <= 256 * 256, "{count}");
        assert!((450_000.0..550_000.0).contains(&area), "{area} m²");
    }

    #[test]
    fn a_painted_outline_is_as_large_as_the_sound_one_it_nearly_is() {
        // A disc drawn in zigzag: its inner ring is a scribble, its outer shape is known.
        let mut ring: Vec<[f64; 2]> = (0..6_000)
            .map(|i| {
                let angle = f64::from(i) / 6_000.0 * std::f64::consts::TAU;
                [1_000.0 * angle.cos(), 1_000.0 * angle.sin()]
            })
            .collect();
        let far: Vec<f64> = scatter(12_000).collect();
        ring.extend(far.chunks_exact(2).map(|p| [900.0 + 10.0 * p[0], 10.0 * p[1]]));
        let rings = turned(vec![ring], 0.0);
        let (area, _, is_coarse) = area_up(&rings);
        assert!(is_coarse);
        let expected = std::f64::consts::PI * 1e6;
        assert!((area - expected).abs() < 0.01 * expected, "{area} m², expected {expected}");
    }
}
