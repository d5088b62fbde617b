//! Areas where a field is below a level, as polygons.
//!
//! Each cell of the grid is four triangles around its middle, whose value is the mean of the corners. On triangles the
//! field is linear, so the areas of rising levels lie one in another, and their borders neither cross nor touch.

use std::collections::HashMap;

use geo::{Area, BoundingRect, Contains, Coord, LineString, MultiPolygon, Point, Polygon};

/// Values on a square grid, row by row from the south-west corner.
#[derive(Clone, Debug)]
pub struct Grid {
    /// Place of the first value.
    pub origin: [f64; 2],
    pub cell_m: f64,
    pub columns: usize,
    pub rows: usize,
    pub values: Vec<f64>,
}

/// A place on an edge of the triangles: the crossing of the level there. Edges have the number of their cell and a kind.
type EdgeKey = (u32, u8);

impl Grid {
    fn value(&self, column: usize, row: usize) -> f64 {
        self.values[row * self.columns + column]
    }

    fn place(&self, column: f64, row: f64) -> [f64; 2] {
        [self.origin[0] + column * self.cell_m, self.origin[1] + row * self.cell_m]
    }

    /// Where the field is below `level`. Values on the border of the grid count as above, so that all areas are closed.
    /// Valid polygons, exteriors counter-clockwise; that of a higher level contains it. Cost: linear in cells.
    pub fn below(&self, level: f64) -> MultiPolygon<f64> {
        let mut next: HashMap<EdgeKey, (EdgeKey, [f64; 2])> = HashMap::new();
        let mut starts: Vec<EdgeKey> = Vec::new();
        for row in 0..self.rows.saturating_sub(1) {
            for column in 0..self.columns - 1 {
                self.cross_cell(column, row, level, &mut next, &mut starts);
            }
        }
        let mut rings: Vec<LineString<f64>> = Vec::new();
        // In the order of the cells, so that the outcome does not depend on the map.
        for start in starts {
            let mut points: Vec<Coord<f64>> = Vec::new();
            let mut key = start;
            while let Some((following, place)) = next.remove(&key) {
                points.push(Coord { x: place[0], y: place[1] });
                key = following;
            }
            if points.len() >= 3 {
                points.push(points[0]);
                rings.push(LineString(points));
            }
        }
        polygons(rings)
    }

    /// The pieces of the border in one cell: from a crossing to the next, with the area on the left.
    fn cross_cell(
        &self,
        column: usize,
        row: usize,
        level: f64,
        next: &mut HashMap<EdgeKey, (EdgeKey, [f64; 2])>,
        starts: &mut Vec<EdgeKey>,
    ) {
        // Corners counter-clockwise from the south-west.
        let corners = [(0, 0), (1, 0), (1, 1), (0, 1)];
        let values = corners.map(|(dc, dr)| self.value(column + dc, row + dr));
        let inside = values.map(|value| value < level);
        let middle = values.iter().sum::<f64>() / 4.0;
        let is_middle_inside = middle < level;
        if inside.iter().all(|&is_in| is_in == is_middle_inside) {
            return;
        }
        let cell = |column: usize, row: usize| (row * self.columns + column) as u32;
        let here = cell(column, row);
        // The edge from corner i to the next corner, shared with the neighbour.
        let side = [(here, 0), (cell(column + 1, row), 1), (cell(column, row + 1), 0), (here, 1)];
        let place_of = |corner: usize| [corners[corner].0 as f64, corners[corner].1 as f64];
        for corner in 0..4 {
            let other = (corner + 1) % 4;
            // Triangle corner → other → middle, counter-clockwise.
            let points = [place_of(corner), place_of(other), [0.5, 0.5]];
            let heights = [values[corner], values[other], middle];
            let ins = [inside[corner], inside[other], is_middle_inside];
            let keys = [side[corner], (here, 2 + other as u8), (here, 2 + corner as u8)];
            // The border enters over an edge that leads from inside to outside and leaves over one from outside to inside.
            let leads = |edge: usize, from_inside: bool| {
                ins[edge] == from_inside && ins[(edge + 1) % 3] != from_inside
            };
            let (Some(enter), Some(leave)) =
                ((0..3).find(|&edge| leads(edge, true)), (0..3).find(|&edge| leads(edge, false)))
            else {
                continue;
            };
            let (a, b) = (enter, (enter + 1) % 3);
            // Kept off the corners, so that borders never touch; the same from both sides of the edge.
            let part = ((level - heights[a]) / (heights[b] - heights[a])).clamp(0.001, 0.999);
            let at = [0, 1].map(|axis| points[a][axis] + part * (points[b][axis] - points[a][axis]));
            next.insert(keys[enter], (keys[leave], self.place(column as f64 + at[0], row as f64 + at[1])));
            starts.push(keys[enter]);
        }
    }
}

/// Rings put together: counter-clockwise ones are areas, clockwise ones holes in the smallest area around them.
fn polygons(rings: Vec<LineString<f64>>) -> MultiPolygon<f64> {
    let mut areas: Vec<(f64, Polygon<f64>)> = Vec::new();
    let mut holes: Vec<LineString<f64>> = Vec::new();
    for ring in rings {
        let polygon = Polygon::new(ring, Vec::new());
        let area = polygon.signed_area();
        if area > 0.0 {
            areas.push((area, polygon));
        } else if area < 0.0 {
            holes.push(polygon.into_inner().0);
        }
    }
    areas.sort_by(|a, b| a.0.total_cmp(&b.0));
    let boxes: Vec<_> = areas.iter().map(|(_, polygon)| polygon.bounding_rect()).collect();
    let mut holes_of: Vec<Vec<LineString<f64>>> = vec![Vec::new(); areas.len()];
    for hole in holes {
        let point = Point(hole.0[0]);
        let owner = (0..areas.len()).find(|&area| {
            boxes[area].is_some_and(|rect| rect.contains(&point)) && areas[area].1.contains(&point)
        });
        if let Some(owner) = owner {
            holes_of[owner].push(hole);
        }
    }
    let whole = areas.into_iter().zip(holes_of).rev();
    MultiPolygon(whole.map(|((_, polygon), holes)| Polygon::new(polygon.into_inner().0, holes)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::Validation;

    fn field(columns: usize, rows: usize, value: impl Fn(f64, f64) -> f64) -> Grid {
        let values = (0..rows).flat_map(|r| (0..columns).map(move |c| (c, r)));
        Grid {
            origin: [100.0, 200.0],
            cell_m: 10.0,
            columns,
            rows,
            values: values.map(|(c, r)| value(c as f64 * 10.0, r as f64 * 10.0)).collect(),
        }
    }

    #[test]
    fn a_cone_gives_circles_and_a_crater_gives_a_ring() {
        let cone = field(41, 41, |x, y| (x - 200.0).hypot(y - 200.0));
        let circle = cone.below(100.0);
        let exact = std::f64::consts::PI * 100.0_f64.powi(2);
        assert!((circle.unsigned_area() / exact - 1.0).abs() < 0.01, "{}", circle.unsigned_area());
        assert!(circle.contains(&Point::new(300.0, 400.0)));
        let crater = field(41, 41, |x, y| ((x - 200.0).hypot(y - 200.0) - 100.0).abs());
        let ring = crater.below(30.0);
        assert_eq!((ring.0.len(), ring.0[0].interiors().len()), (1, 1));
        let exact = std::f64::consts::PI * (130.0_f64.powi(2) - 70.0_f64.powi(2));
        assert!((ring.unsigned_area() / exact - 1.0).abs() < 0.02);
        assert!(ring.is_valid());
    }

    #[test]
    fn random_fields_give_valid_nested_areas_also_at_levels_that_are_values() {
        let mut seed = 7_u64;
        let mut random = move || {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            f64::from((seed >> 33) as u32 % 6)
        };
        for _ in 0..200 {
            let mut grid = field(12, 12, |_, _| 0.0);
            for row in 0..12 {
                for column in 0..12 {
                    let is_edge = [column, row].iter().any(|&at| at == 0 || at == 11);
                    grid.values[row * 12 + column] = if is_edge { 99.0 } else { random() };
                }
            }
            let areas = [1.0, 2.0, 2.5, 4.0].map(|level| grid.below(level));
            for area in &areas {
                assert!(area.is_valid(), "{area:?}");
            }
            for pair in areas.windows(2) {
                assert!(pair[0].unsigned_area() <= pair[1].unsigned_area());
                let corners = pair[0].iter().flat_map(|polygon| polygon.exterior().points());
                for corner in corners {
                    // On the border counts: a clamped crossing may be shared.
                    let away = geo::Distance::distance(&geo::Euclidean, &corner, &pair[1]);
                    assert!(away < 1e-9, "{away}");
                }
            }
        }
    }
}
