//! Which tiles are read: the finest that fit a budget.
//!
//! A tile is refined while its geometric error is above a threshold; the threshold is the smallest at which the files of
//! the chosen contents together fit the budget, so that a small tileset is read down to its leaves and a country's is
//! read coarsely. The files' sizes stand for triangles, which are only known after reading.

use super::tree::Tree;

/// What was chosen.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Selection {
    /// Tiles whose contents are read, in the tileset's order.
    pub tiles: Vec<usize>,
    /// Tiles with a geometric error up to this were not refined, metres; below 0 when all were.
    pub threshold_m: f64,
    pub bytes: u64,
}

/// Tiles to read when every tile with an error above `threshold` is refined.
fn at(tree: &Tree, sizes: &[u64], threshold: f64) -> Selection {
    let mut selection = Selection { threshold_m: threshold, ..Selection::default() };
    let mut pending = vec![0_usize];
    while let Some(index) = pending.pop() {
        let Some(tile) = tree.tiles.get(index) else { continue };
        // A tile without content of its own stands for its children in any case.
        let is_refined =
            !tile.children.is_empty() && (tile.geometric_error > threshold || tile.contents.is_empty());
        if !(tile.contents.is_empty() || is_refined && tile.is_replaced) {
            selection.tiles.push(index);
            selection.bytes = selection.bytes.saturating_add(sizes.get(index).copied().unwrap_or(0));
        }
        if is_refined {
            pending.extend(tile.children.iter().rev());
        }
    }
    selection
}

/// The finest selection within `budget` bytes; the coarsest there is when none fits. `sizes` are the bytes of each
/// tile's contents. Cost: the tiles times the logarithm of their distinct errors.
pub(super) fn select(tree: &Tree, sizes: &[u64], budget: u64) -> Selection {
    let finest = at(tree, sizes, -1.0);
    if finest.bytes <= budget {
        return finest;
    }
    let mut errors: Vec<f64> = tree.tiles.iter().map(|tile| tile.geometric_error).collect();
    errors.sort_unstable_by(f64::total_cmp);
    errors.dedup();
    // The cost falls with the threshold, near enough for a search; the last is the coarsest.
    let (mut low, mut high) = (0, errors.len().saturating_sub(1));
    while low < high {
        let middle = usize::midpoint(low, high);
        let threshold = errors.get(middle).copied().unwrap_or(f64::INFINITY);
        if at(tree, sizes, threshold).bytes <= budget { high = middle } else { low = middle + 1 }
    }
    at(tree, sizes, errors.get(low).copied().unwrap_or(f64::INFINITY))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{super::tree::Tile, *};
    use crate::readers::gltf::{
        matrix::Matrix,
        resources::{Location, ResourceError, Store},
    };

    #[derive(Debug)]
    struct Nothing;
    impl Store for Nothing {
        fn bytes(&self, path: &str) -> Result<Vec<u8>, ResourceError> {
            Err(ResourceError::Missing { uri: path.to_owned(), reason: "empty".to_owned() })
        }
    }

    /// A root of error 100, two children of error 10, each with two leaves of error 0; 10 bytes each.
    fn tree(is_replaced: bool) -> Tree {
        let tile = |children: &[usize], geometric_error: f64| Tile {
            children: children.to_vec(),
            transform: Matrix::IDENTITY,
            volume: None,
            geometric_error,
            is_replaced,
            contents: vec![Location::in_store(Arc::new(Nothing), "a")],
            level: 0,
            up: Matrix::IDENTITY,
        };
        let mut tree = Tree::default();
        tree.tiles.extend([
            tile(&[1, 4], 100.0),
            tile(&[2, 3], 10.0),
            tile(&[], 0.0),
            tile(&[], 0.0),
            tile(&[5, 6], 10.0),
            tile(&[], 0.0),
            tile(&[], 0.0),
        ]);
        tree
    }

    #[test]
    fn leaves_are_taken_as_long_as_they_fit() {
        let (tree, sizes) = (tree(true), vec![10; 7]);
        assert_eq!(select(&tree, &sizes, 40).tiles, [2, 3, 5, 6]);
        let middle = select(&tree, &sizes, 39);
        assert_eq!((middle.tiles, middle.threshold_m), (vec![1, 4], 10.0));
        assert_eq!(select(&tree, &sizes, 15).tiles, [0]);
        assert_eq!(select(&tree, &sizes, 1).tiles, [0], "something is always shown");
    }

    #[test]
    fn added_tiles_keep_their_parents() {
        let (tree, sizes) = (tree(false), vec![10; 7]);
        assert_eq!(select(&tree, &sizes, 70).tiles.len(), 7);
        assert_eq!(select(&tree, &sizes, 30).tiles, [0, 1, 4]);
    }
}
