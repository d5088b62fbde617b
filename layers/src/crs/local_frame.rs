//! The step from the world to the scene: the only place where axes are swapped and `f64` becomes `f32`.

use serde::{Deserialize, Serialize};

/// A frame around `origin` (world, metres in the project's CRS).
///
/// World: x east, y north, z up, `f64`. Scene: x east, y up, z south, `f32`, metres from the origin. RD in `f32` is
/// 3 cm coarse; 20 km from the origin the scene is 2 mm coarse.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LocalFrame {
    pub origin: [f64; 3],
}

impl LocalFrame {
    pub fn new(origin: [f64; 3]) -> Self {
        Self { origin }
    }

    /// `[east, up, south]` in metres from the origin.
    pub fn scene_from_world(&self, [x, y, z]: [f64; 3]) -> [f32; 3] {
        let [ox, oy, oz] = self.origin;
        [(x - ox) as f32, (z - oz) as f32, (oy - y) as f32]
    }

    /// The inverse of [`Self::scene_from_world`].
    pub fn world_from_scene(&self, [east, up, south]: [f32; 3]) -> [f64; 3] {
        let [ox, oy, oz] = self.origin;
        [ox + f64::from(east), oy - f64::from(south), oz + f64::from(up)]
    }

    /// A world direction (not a point) in the scene's axes.
    pub fn scene_direction([x, y, z]: [f64; 3]) -> [f32; 3] {
        [x as f32, z as f32, -y as f32]
    }

    /// A scene direction in the world's axes.
    pub fn world_direction([east, up, south]: [f32; 3]) -> [f64; 3] {
        [f64::from(east), -f64::from(south), f64::from(up)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn north_is_away_from_the_viewer_and_up_is_up() {
        let frame = LocalFrame::new([155_000.0, 463_000.0, 2.0]);
        assert_eq!(frame.scene_from_world([155_010.0, 463_020.0, 5.0]), [10.0, 3.0, -20.0]);
        assert_eq!(frame.world_from_scene([10.0, 3.0, -20.0]), [155_010.0, 463_020.0, 5.0]);
        assert_eq!(LocalFrame::scene_direction([0.0, 1.0, 0.0]), [0.0, 0.0, -1.0]);
        assert_eq!(LocalFrame::world_direction([0.0, 0.0, -1.0]), [0.0, 1.0, 0.0]);
    }

    #[test]
    fn ten_kilometres_away_a_point_keeps_its_millimetre() {
        let frame = LocalFrame::new([155_000.0, 463_000.0, 0.0]);
        let point = [163_123.456, 470_987.654, 12.345];
        let back = frame.world_from_scene(frame.scene_from_world(point));
        for axis in 0..3 {
            assert!((back[axis] - point[axis]).abs() < 1e-3, "{back:?}");
        }
    }
}
