//! `f64` world coordinates ↔ `f32` scene coordinates around one origin per project: the only place where axes are
//! swapped.

use serde::{Deserialize, Serialize};

/// World: x east, y north, z up, metres in the project's CRS. Scene: x east, y up, z south, metres around `origin`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LocalFrame {
    pub origin: [f64; 3],
}

impl LocalFrame {
    pub fn scene_from_world(&self, world: [f64; 3]) -> [f32; 3] {
        [
            (world[0] - self.origin[0]) as f32,
            (world[2] - self.origin[2]) as f32,
            (self.origin[1] - world[1]) as f32,
        ]
    }

    pub fn world_from_scene(&self, scene: [f32; 3]) -> [f64; 3] {
        [
            self.origin[0] + f64::from(scene[0]),
            self.origin[1] - f64::from(scene[2]),
            self.origin[2] + f64::from(scene[1]),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_25_km_away_comes_back_within_2_mm() {
        let frame = LocalFrame { origin: [155_000.0, 463_000.0, 0.0] };
        let world = [179_999.123, 438_001.456, 12.345];
        let back = frame.world_from_scene(frame.scene_from_world(world));
        for axis in 0..3 {
            assert!((back[axis] - world[axis]).abs() < 0.002);
        }
        assert_eq!(frame.scene_from_world([155_001.0, 463_002.0, 3.0]), [1.0, 3.0, -2.0], "east, up, south");
    }
}
