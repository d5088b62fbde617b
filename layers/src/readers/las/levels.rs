//! Levels of detail for points that have none: each point goes to the coarsest level whose cells it is the first in.

use std::collections::{BTreeMap, HashSet};

use rayon::prelude::*;

use crate::{mesh::TileGrid, model::PointChunk};

/// Edge of the cells of levels 0 to 4, metres: one point a cell. All other points are level 5.
const CELLS_M: [f64; 5] = [8.0, 4.0, 2.0, 1.0, 0.5];

/// Points in the project's CRS, one entry a point in each column (or none, see [`PointChunk`]).
#[derive(Default)]
pub(in crate::readers) struct Columns {
    pub positions: Vec<[f64; 3]>,
    pub classes: Vec<u8>,
    pub intensities: Vec<u16>,
    pub colors: Vec<[u8; 3]>,
    /// Levels that the source gives; else empty.
    pub levels: Vec<u8>,
}

/// Chunks by level and 250 m square. Points whose position is NaN are left out. The result depends on the order of the
/// points only.
pub(in crate::readers) fn chunks(columns: &Columns) -> Vec<PointChunk> {
    let grid = TileGrid::default();
    let mut squares: BTreeMap<_, Vec<u32>> = BTreeMap::new();
    for (number, point) in columns.positions.iter().enumerate().filter(|(_, p)| p[0].is_finite()) {
        squares.entry(grid.key_of([point[0], point[1]])).or_default().push(number as u32);
    }
    let squares: Vec<_> = squares.into_iter().collect();
    let mut chunks: Vec<(u8, usize, PointChunk)> = squares
        .par_iter()
        .enumerate()
        .flat_map_iter(|(order, (key, numbers))| {
            let [x, y] = grid.corner(*key);
            let z = numbers
                .iter()
                .filter_map(|&n| columns.positions.get(n as usize))
                .map(|p| p[2])
                .fold(f64::INFINITY, f64::min);
            let origin = [x + grid.size_m / 2.0, y + grid.size_m / 2.0, z.floor()];
            by_level(columns, numbers)
                .into_iter()
                .map(move |(level, numbers)| (level, order, chunk(columns, &numbers, origin, level)))
                .collect::<Vec<_>>()
        })
        .collect();
    chunks.sort_by_key(|(level, order, _)| (*level, *order));
    chunks.into_iter().map(|(_, _, chunk)| chunk).collect()
}

fn by_level(columns: &Columns, numbers: &[u32]) -> BTreeMap<u8, Vec<u32>> {
    let mut levels: BTreeMap<u8, Vec<u32>> = BTreeMap::new();
    if !columns.levels.is_empty() {
        for &number in numbers {
            let level = columns.levels.get(number as usize).copied().unwrap_or(0);
            levels.entry(level).or_default().push(number);
        }
        return levels;
    }
    let mut rest: Vec<u32> = numbers.to_vec();
    for (level, cell_m) in CELLS_M.into_iter().enumerate() {
        let mut taken: HashSet<[i32; 3]> = HashSet::with_capacity(rest.len() / 4);
        let (firsts, others) = rest.into_iter().partition::<Vec<u32>, _>(|&number| {
            let point = columns.positions.get(number as usize).copied().unwrap_or_default();
            taken.insert(point.map(|value| (value / cell_m).floor() as i32))
        });
        if !firsts.is_empty() {
            levels.insert(level as u8, firsts);
        }
        rest = others;
    }
    if !rest.is_empty() {
        levels.insert(CELLS_M.len() as u8, rest);
    }
    levels
}

fn chunk(columns: &Columns, numbers: &[u32], origin: [f64; 3], level: u8) -> PointChunk {
    fn pick<T: Copy>(column: &[T], numbers: &[u32]) -> Vec<T> {
        numbers.iter().filter_map(|&number| column.get(number as usize).copied()).collect()
    }
    PointChunk {
        origin,
        positions: numbers
            .iter()
            .filter_map(|&number| columns.positions.get(number as usize))
            .map(|point| std::array::from_fn(|axis| (point[axis] - origin[axis]) as f32))
            .collect(),
        classes: pick(&columns.classes, numbers),
        intensities: pick(&columns.intensities, numbers),
        colors: pick(&columns.colors, numbers),
        level,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coarse_levels_are_spread_and_every_point_is_in_one() {
        let mut columns = Columns::default();
        for i in 0..100 {
            for j in 0..100 {
                columns.positions.push([155_000.0 + f64::from(i) * 0.2, 463_000.0 + f64::from(j) * 0.2, 1.0]);
                columns.classes.push(2);
            }
        }
        columns.positions.push([f64::NAN; 3]);
        columns.classes.push(6);
        let chunks = chunks(&columns);
        assert_eq!(chunks.iter().map(PointChunk::len).sum::<usize>(), 10_000);
        assert!(chunks.windows(2).all(|pair| pair[0].level <= pair[1].level));
        assert_eq!(chunks[0].level, 0);
        assert_eq!(chunks[0].len(), 9, "20 m in cells of 8 m");
        assert!(chunks.iter().all(|chunk| chunk.classes.iter().all(|&class| class == 2)));
        let first = chunks[0].world(0).unwrap();
        assert!((first[0] - 155_000.0).abs() < 1e-3 && (first[1] - 463_000.0).abs() < 1e-3);
    }
}
