//! Heights of flat geometries: sources give positions of three numbers, the model keeps the shape flat and the heights
//! beside it (see `model::FeatureHeights`). They are kept as the source gives them, in its own vertical system.

use std::collections::HashMap;

use geo::{CoordsIter, Geometry};

/// The heights of the corners of `geometry` from the positions that the source gave for it, in their order. Where the
/// shape has other corners than the source (arcs became lines, a ring was closed, a point that occurs twice was dropped),
/// each corner takes the height of the position at its place, and none where there is no such position.
pub(crate) fn heights_of(geometry: &Geometry<f64>, positions: &[[f64; 3]]) -> Vec<f64> {
    if positions.iter().all(|position| !position[2].is_finite()) {
        return Vec::new();
    }
    if geometry.coords_count() == positions.len() {
        return positions.iter().map(|position| position[2]).collect();
    }
    let place = |x: f64, y: f64| [x.to_bits(), y.to_bits()];
    let mut by_place: HashMap<[u64; 2], f64> = HashMap::with_capacity(positions.len());
    for &[x, y, z] in positions {
        by_place.entry(place(x, y)).or_insert(z);
    }
    geometry
        .coords_iter()
        .map(|coord| by_place.get(&place(coord.x, coord.y)).copied().unwrap_or(f64::NAN))
        .collect()
}

#[cfg(test)]
mod tests {
    use geo::{LineString, Polygon};

    use super::*;

    #[test]
    fn heights_follow_the_corners_also_when_a_ring_was_closed() {
        let line = |points: &[(f64, f64)]| LineString::from(points.to_vec());
        let path: Geometry<f64> = line(&[(0.0, 0.0), (1.0, 0.0), (0.0, 0.0)]).into();
        let positions = [[0.0, 0.0, 5.0], [1.0, 0.0, 6.0], [0.0, 0.0, 7.0]];
        assert_eq!(heights_of(&path, &positions), [5.0, 6.0, 7.0], "the same place at two heights");
        let open = line(&[(0.0, 0.0), (1.0, 0.0), (1.0, 1.0)]);
        let ring: Geometry<f64> = Polygon::new(open, Vec::new()).into();
        let positions = [[0.0, 0.0, 1.0], [1.0, 0.0, 2.0], [1.0, 1.0, 3.0]];
        assert_eq!(heights_of(&ring, &positions), [1.0, 2.0, 3.0, 1.0]);
        assert!(heights_of(&ring, &[[0.0, 0.0, f64::NAN]]).is_empty(), "no height at all is none");
    }
}
