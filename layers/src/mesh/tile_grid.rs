//! Fixed squares of the project's CRS that decide which tile a feature belongs to.

/// Column and row of a tile; tile (c, r) covers `[c·size, (c+1)·size) × [r·size, (r+1)·size)` in world metres.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TileKey {
    pub column: i32,
    pub row: i32,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TileGrid {
    pub size_m: f64,
}

impl Default for TileGrid {
    fn default() -> Self {
        Self { size_m: 250.0 }
    }
}

impl TileGrid {
    /// The tile that holds a world point.
    pub fn key_of(&self, point: [f64; 2]) -> TileKey {
        TileKey {
            column: (point[0] / self.size_m).floor() as i32,
            row: (point[1] / self.size_m).floor() as i32,
        }
    }

    /// Lower left corner, world metres.
    pub fn corner(&self, key: TileKey) -> [f64; 2] {
        [f64::from(key.column) * self.size_m, f64::from(key.row) * self.size_m]
    }
}
