//! From Earth-centred coordinates to the project's CRS: one quadratic frame a tile instead of a transform a vertex.
//!
//! A tile's vertices are moved by the transform's second-order Taylor polynomial around the tile's middle, made from 19
//! exact transforms. What it neglects grows with the third power of the tile's size: under 0.1 mm at 1 km, 5 mm at 10 km.
//! The frame is checked at the corners of the tile's box; where it is off by more than [`TOLERANCE_M`] the vertices are
//! moved one by one.

use crate::{
    crs::{self, CrsError, Epsg, Transform},
    model::Bounds3,
};

/// Largest error of a frame, metres.
pub(super) const TOLERANCE_M: f64 = 0.005;

/// GRS 80; WGS 84's ellipsoid differs by 0.1 mm.
const SEMI_MAJOR_M: f64 = 6_378_137.0;
const FLATTENING: f64 = 1.0 / 298.257_222_101;

/// Whether a point is on the Earth's surface, within some kilometres, in Earth-centred coordinates.
pub(super) fn is_earth_centred(point: [f64; 3]) -> bool {
    let radius = point.iter().map(|value| value * value).sum::<f64>().sqrt();
    (6.3e6..6.5e6).contains(&radius)
}

/// Longitude and latitude in degrees and height above the ellipsoid, by Bowring's iteration (to well below 0.1 mm near
/// the surface).
pub(super) fn geodetic([x, y, z]: [f64; 3]) -> [f64; 3] {
    let e2 = FLATTENING * (2.0 - FLATTENING);
    let b = SEMI_MAJOR_M * (1.0 - FLATTENING);
    let second = e2 / (1.0 - e2);
    let p = x.hypot(y);
    let mut beta = (z / (1.0 - FLATTENING)).atan2(p);
    let mut latitude = 0.0;
    for _ in 0..3 {
        let (sin, cos) = beta.sin_cos();
        latitude = (z + second * b * sin.powi(3)).atan2(p - e2 * SEMI_MAJOR_M * cos.powi(3));
        beta = ((1.0 - FLATTENING) * latitude.sin()).atan2(latitude.cos());
    }
    let (sin, cos) = latitude.sin_cos();
    let n = SEMI_MAJOR_M / (1.0 - e2 * sin * sin).sqrt();
    // Also good at the poles, where p is 0.
    let height = p * cos + z * sin - SEMI_MAJOR_M * SEMI_MAJOR_M / n;
    [y.atan2(x).to_degrees(), latitude.to_degrees(), height]
}

/// The inverse of [`geodetic`].
#[cfg(test)]
pub(super) fn earth_centred([lon, lat, height]: [f64; 3]) -> [f64; 3] {
    let e2 = FLATTENING * (2.0 - FLATTENING);
    let ((sin, cos), (lon_sin, lon_cos)) = (lat.to_radians().sin_cos(), lon.to_radians().sin_cos());
    let n = SEMI_MAJOR_M / (1.0 - e2 * sin * sin).sqrt();
    [(n + height) * cos * lon_cos, (n + height) * cos * lon_sin, (n * (1.0 - e2) + height) * sin]
}

/// East, north and up at a point, in Earth-centred axes.
pub(super) fn east_north_up(point: [f64; 3]) -> [[f64; 3]; 3] {
    let [lon, lat, _] = geodetic(point);
    let ((sin, cos), (lon_sin, lon_cos)) = (lat.to_radians().sin_cos(), lon.to_radians().sin_cos());
    [[-lon_sin, lon_cos, 0.0], [-sin * lon_cos, -sin * lon_sin, cos], [cos * lon_cos, cos * lon_sin, sin]]
}

/// Where the tileset goes.
#[derive(Debug)]
pub(super) struct Destination {
    /// The CRS of the layers.
    pub target: Epsg,
    /// From geographic coordinates with height; `None` for tilesets without a place on Earth, whose coordinates stay.
    transform: Option<Transform>,
}

impl Destination {
    pub const LOCAL: Self = Self { target: Epsg::LOCAL, transform: None };

    /// The project's CRS, else the metric CRS of the place; heights become NAP where that is RD.
    pub fn on_earth(lonlat: [f64; 2], project: Option<Epsg>) -> Result<Self, CrsError> {
        let target = project.filter(|&epsg| epsg != Epsg::LOCAL).map_or_else(
            || crs::metric_crs_of(Epsg::WGS84_3D, lonlat),
            |epsg| if epsg.is_rd() { Epsg::RD_NEW } else { epsg },
        );
        let transform = if target.is_rd() {
            Transform::new(Epsg::ETRS89_3D, Epsg::RD_NAP)?
        } else {
            Transform::new(Epsg::WGS84_3D, target)?
        };
        Ok(Self { target, transform: Some(transform) })
    }

    pub fn is_on_earth(&self) -> bool {
        self.transform.is_some()
    }

    fn exact(&self, points: &mut [[f64; 3]]) {
        let Some(transform) = &self.transform else { return };
        for point in points.iter_mut() {
            *point =
                if point.iter().all(|value| value.is_finite()) { geodetic(*point) } else { [f64::NAN; 3] };
        }
        transform.apply(points);
    }

    /// Moves the points of one tile, in place; points that have no place become NaN. Returns the frame's error in
    /// metres, measured at the corners of the points' box (0 when they were moved one by one).
    pub fn apply(&self, points: &mut [[f64; 3]]) -> f64 {
        if self.transform.is_none() || points.is_empty() {
            return 0.0;
        }
        let bounds = Bounds3::from_points(points.iter().copied());
        if bounds.is_empty() || points.len() <= 32 {
            self.exact(points);
            return 0.0;
        }
        let Some(frame) = Frame::around(self, &bounds) else {
            self.exact(points);
            return 0.0;
        };
        let mut corners: Vec<[f64; 3]> = (0..8)
            .map(|corner: usize| {
                std::array::from_fn(
                    |axis| if corner >> axis & 1 == 1 { bounds.max[axis] } else { bounds.min[axis] },
                )
            })
            .collect();
        let framed: Vec<[f64; 3]> = corners.iter().map(|&corner| frame.apply(corner)).collect();
        self.exact(&mut corners);
        let error = framed
            .iter()
            .zip(&corners)
            .map(|(a, b)| (0..3).map(|axis| (a[axis] - b[axis]).powi(2)).sum::<f64>().sqrt())
            .fold(0.0, |worst: f64, error| if error.is_nan() { f64::INFINITY } else { worst.max(error) });
        if error > TOLERANCE_M {
            self.exact(points);
            return 0.0;
        }
        for point in points {
            *point = frame.apply(*point);
        }
        error
    }
}

/// A quadratic polynomial in three variables for each of three results.
struct Frame {
    origin: [f64; 3],
    /// 1/step, so that the polynomial's variables are about 1.
    inverse_step: f64,
    /// Constant, three linear, three square and three mixed (xy, yz, zx) parts, each with x, y, z.
    parts: [[f64; 3]; 10],
}

impl Frame {
    fn around(destination: &Destination, bounds: &Bounds3) -> Option<Self> {
        let origin = bounds.center();
        // The half diagonal: differences are taken where the tile ends.
        let step =
            (bounds.size().iter().map(|side| side * side).sum::<f64>().sqrt() / 2.0).clamp(1.0, 50_000.0);
        let at =
            |dx: f64, dy: f64, dz: f64| [origin[0] + dx * step, origin[1] + dy * step, origin[2] + dz * step];
        let mut samples = vec![at(0.0, 0.0, 0.0)];
        let axes = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        for [x, y, z] in axes {
            samples.extend([at(x, y, z), at(-x, -y, -z)]);
        }
        for (a, b) in [(0, 1), (1, 2), (2, 0)] {
            for (s, t) in [(1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0)] {
                let mix = |axis: usize| s * axes[a][axis] + t * axes[b][axis];
                samples.push(at(mix(0), mix(1), mix(2)));
            }
        }
        destination.exact(&mut samples);
        if samples.iter().flatten().any(|value| !value.is_finite()) {
            return None;
        }
        let mut parts = [[0.0; 3]; 10];
        for k in 0..3 {
            let s = |index: usize| samples.get(index).map_or(0.0, |sample| sample[k]);
            parts[0][k] = s(0);
            for axis in 0..3 {
                let (plus, minus) = (s(1 + 2 * axis), s(2 + 2 * axis));
                parts[1 + axis][k] = (plus - minus) / 2.0;
                parts[4 + axis][k] = f64::midpoint(plus, minus) - s(0);
                let first = 7 + 4 * axis;
                parts[7 + axis][k] = (s(first) - s(first + 1) - s(first + 2) + s(first + 3)) / 4.0;
            }
        }
        Some(Self { origin, inverse_step: 1.0 / step, parts })
    }

    fn apply(&self, point: [f64; 3]) -> [f64; 3] {
        let [x, y, z]: [f64; 3] =
            std::array::from_fn(|axis| (point[axis] - self.origin[axis]) * self.inverse_step);
        let terms = [1.0, x, y, z, x * x, y * y, z * z, x * y, y * z, z * x];
        std::array::from_fn(|k| self.parts.iter().zip(terms).map(|(part, term)| part[k] * term).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AMERSFOORT: [f64; 3] = [5.387_203_650, 52.155_172_887, 43.2772];

    #[test]
    fn geodetic_and_earth_centred_are_inverse() {
        for place in [AMERSFOORT, [-180.0, -90.0, 8000.0], [0.0, 0.0, -400.0], [179.9, 89.999, 0.0]] {
            let back = earth_centred(geodetic(earth_centred(place)));
            let there = earth_centred(place);
            for axis in 0..3 {
                assert!((back[axis] - there[axis]).abs() < 1e-6, "{place:?}: {back:?} {there:?}");
            }
        }
        let [east, north, up] = east_north_up(earth_centred([0.0, 0.0, 0.0]));
        assert!(
            (up[0] - 1.0).abs() < 1e-12 && (east[1] - 1.0).abs() < 1e-12 && (north[2] - 1.0).abs() < 1e-12
        );
    }

    #[test]
    fn amersfoort_is_where_the_published_answer_says() {
        let destination = Destination::on_earth([AMERSFOORT[0], AMERSFOORT[1]], None).unwrap();
        assert_eq!(destination.target, Epsg::RD_NEW);
        if !crs::status().is_exact() {
            println!("skipped: no NSGI grids on this machine");
            return;
        }
        let mut points = [earth_centred(AMERSFOORT)];
        destination.apply(&mut points);
        for (found, expected) in points[0].iter().zip([155_000.0, 463_000.0, 0.0]) {
            assert!((found - expected).abs() < 1e-3, "{points:?}");
        }
    }

    #[test]
    fn a_frame_of_two_kilometres_is_exact_to_a_millimetre() {
        let destination = Destination::on_earth([AMERSFOORT[0], AMERSFOORT[1]], None).unwrap();
        let [east, north, up] = east_north_up(earth_centred(AMERSFOORT));
        let middle = earth_centred(AMERSFOORT);
        let mut points = Vec::new();
        for i in -10..=10 {
            for j in -10..=10 {
                let (e, n, u) = (f64::from(i) * 100.0, f64::from(j) * 100.0, f64::from(i * j));
                points.push(std::array::from_fn(|axis| {
                    middle[axis] + e * east[axis] + n * north[axis] + u * up[axis]
                }));
            }
        }
        let mut exact = points.clone();
        destination.exact(&mut exact);
        let error = destination.apply(&mut points);
        assert!(error > 0.0 && error < 0.002, "{error}");
        let worst = points
            .iter()
            .zip(&exact)
            .map(|(a, b)| (0..3).map(|axis| (a[axis] - b[axis]).abs()).fold(0.0, f64::max))
            .fold(0.0, f64::max);
        assert!(worst < 0.001, "{worst}");
    }
}
