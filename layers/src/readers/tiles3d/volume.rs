//! Bounding volumes of tiles (3D Tiles 1.1, section 6.7).

use std::f64::consts::{FRAC_PI_2, PI};

use serde_json::Value as Json;

use crate::readers::gltf::matrix::Matrix;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Volume {
    /// Centre and three half axes, in the tile's coordinates.
    Box([f64; 12]),
    /// West, south, east, north in radians; lowest and highest in metres above the ellipsoid. Never transformed.
    Region([f64; 6]),
    /// Centre and radius, in the tile's coordinates.
    Sphere([f64; 4]),
}

/// Exactly `N` finite numbers.
pub(super) fn numbers<const N: usize>(json: &Json) -> Option<[f64; N]> {
    let values: Vec<f64> = json.as_array()?.iter().map(Json::as_f64).collect::<Option<_>>()?;
    <[f64; N]>::try_from(values).ok().filter(|values| values.iter().all(|value| value.is_finite()))
}

impl Volume {
    /// The first volume of a JSON object that is sound.
    pub fn parse(json: &Json) -> Option<Self> {
        json.get("box")
            .and_then(numbers)
            .map(Self::Box)
            .or_else(|| json.get("region").and_then(numbers).map(Self::Region))
            .or_else(|| json.get("sphere").and_then(numbers).map(Self::Sphere))
    }

    /// What is wrong with a region or sphere; `None` when nothing is.
    pub fn fault(&self) -> Option<String> {
        match *self {
            Self::Region([west, south, east, north, low, high]) => {
                let is_lon = |value: f64| (-PI - 1e-9..=PI + 1e-9).contains(&value);
                let is_lat = |value: f64| (-FRAC_PI_2 - 1e-9..=FRAC_PI_2 + 1e-9).contains(&value);
                // West may be more than east: across the date line.
                let is_good = is_lon(west)
                    && is_lon(east)
                    && is_lat(south)
                    && is_lat(north)
                    && south <= north
                    && low <= high;
                (!is_good).then(|| {
                    format!(
                        "expected radians within ±π and ±π/2 in rising order, found {:?}",
                        [west, south, east, north, low, high]
                    )
                })
            }
            Self::Sphere([.., radius]) => {
                (radius < 0.0).then(|| format!("expected a radius of 0 or more, found {radius}"))
            }
            Self::Box(_) => None,
        }
    }

    /// Middle in the coordinates of the tileset, given the tile's transform; `None` for regions.
    pub fn center(&self, transform: &Matrix) -> Option<[f64; 3]> {
        match *self {
            Self::Box([x, y, z, ..]) | Self::Sphere([x, y, z, _]) => Some(transform.point([x, y, z])),
            Self::Region(_) => None,
        }
    }

    /// Longitude and latitude of a region's middle in degrees.
    pub fn region_center(&self) -> Option<[f64; 2]> {
        let Self::Region([west, south, east, north, ..]) = *self else { return None };
        let east = if east < west { east + 2.0 * PI } else { east };
        Some([f64::midpoint(west, east).to_degrees(), f64::midpoint(south, north).to_degrees()])
    }

    /// Whether `inner` lies in this one, both in the same coordinates, with a part in a thousand of room. `None` for
    /// kinds that are not compared (a region with another).
    pub fn holds(&self, inner: &Self) -> Option<bool> {
        let distance =
            |a: [f64; 3], b: [f64; 3]| (0..3).map(|axis| (a[axis] - b[axis]).powi(2)).sum::<f64>().sqrt();
        match (*self, *inner) {
            (Self::Region(outer), Self::Region(inner)) => {
                let room = 1e-9;
                Some(
                    (0..2).all(|k| inner[k] >= outer[k] - room)
                        && (2..4).all(|k| inner[k] <= outer[k] + room)
                        && inner[4] >= outer[4] - 1e-3
                        && inner[5] <= outer[5] + 1e-3,
                )
            }
            (Self::Region(_), _) | (_, Self::Region(_)) => None,
            (Self::Sphere([x, y, z, radius]), Self::Sphere([a, b, c, inner])) => {
                Some(distance([x, y, z], [a, b, c]) + inner <= radius * 1.001 + 1e-6)
            }
            (Self::Sphere([x, y, z, radius]), Self::Box(inner)) => Some(
                corners(&inner).iter().all(|&corner| distance(corner, [x, y, z]) <= radius * 1.001 + 1e-6),
            ),
            (Self::Box(outer), Self::Box(inner)) => {
                Some(corners(&inner).iter().all(|&corner| is_in_box(&outer, corner, 0.0)))
            }
            (Self::Box(outer), Self::Sphere([x, y, z, radius])) => Some(is_in_box(&outer, [x, y, z], radius)),
        }
    }
}

fn corners(b: &[f64; 12]) -> Vec<[f64; 3]> {
    (0..8)
        .map(|corner: usize| {
            std::array::from_fn(|row| {
                let sign = |bit: usize| if corner >> bit & 1 == 1 { 1.0 } else { -1.0 };
                b[row] + sign(0) * b[3 + row] + sign(1) * b[6 + row] + sign(2) * b[9 + row]
            })
        })
        .collect()
}

/// Along each half axis, the point's distance from the middle (plus a radius) is no more than the axis is long.
fn is_in_box(b: &[f64; 12], point: [f64; 3], radius: f64) -> bool {
    [3, 6, 9].into_iter().all(|start| {
        let axis: [f64; 3] = std::array::from_fn(|row| b[start + row]);
        let length = axis.iter().map(|value| value * value).sum::<f64>().sqrt();
        if length < 1e-12 {
            return true;
        }
        let along: f64 = (0..3).map(|row| (point[row] - b[row]) * axis[row] / length).sum();
        along.abs() + radius <= length * 1.001 + 1e-6
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn volumes_hold_what_is_inside_them() {
        let cube =
            |x: f64, half: f64| Volume::Box([x, 0.0, 0.0, half, 0.0, 0.0, 0.0, half, 0.0, 0.0, 0.0, half]);
        assert_eq!(cube(0.0, 2.0).holds(&cube(0.5, 1.0)), Some(true));
        assert_eq!(cube(0.0, 2.0).holds(&cube(1.5, 1.0)), Some(false));
        assert_eq!(cube(0.0, 1.0).holds(&Volume::Sphere([0.0, 0.0, 0.0, 1.0])), Some(true));
        assert_eq!(Volume::Sphere([0.0, 0.0, 0.0, 1.0]).holds(&cube(0.0, 1.0)), Some(false));
        assert_eq!(cube(0.0, 1.0).holds(&Volume::Region([0.0; 6])), None);
        assert!(Volume::Region([0.0, 2.0, 1.0, 1.0, 0.0, 1.0]).fault().is_some());
        assert!(Volume::Region([3.0, 0.0, -3.0, 1.0, 0.0, 1.0]).fault().is_none(), "across the date line");
    }
}
