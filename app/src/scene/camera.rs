//! The camera: looks at a point on the ground from a distance, never rolls, never goes below the ground.

use bevy::{camera::ScalingMode, prelude::*};
use layers::crs::LocalFrame;

use crate::commands::{CameraPose, ViewKind};

/// Vertical field of view, degrees: narrow, so that the model keeps its proportions as seen from a table's edge.
pub const FIELD_OF_VIEW_DEG: f32 = 32.0;
pub const MAX_TILT_DEG: f32 = 85.0;
pub const MIN_DISTANCE_M: f32 = 25.0;
pub const MAX_DISTANCE_M: f32 = 120_000.0;

/// The camera as users think of it, in scene coordinates.
#[derive(Resource, Clone, Copy, Debug, PartialEq)]
pub struct CameraRig {
    pub target: Vec3,
    pub distance_m: f32,
    /// Radians clockwise from north.
    pub heading: f32,
    /// Radians from straight down.
    pub tilt: f32,
    pub kind: ViewKind,
}

impl Default for CameraRig {
    fn default() -> Self {
        Self {
            target: Vec3::ZERO,
            distance_m: 1500.0,
            heading: 0.0,
            tilt: 55.0_f32.to_radians(),
            kind: ViewKind::ThreeD,
        }
    }
}

impl CameraRig {
    pub fn from_pose(pose: CameraPose, frame: LocalFrame, kind: ViewKind) -> Self {
        let mut rig = Self {
            target: Vec3::from_array(frame.scene_from_world(pose.target)),
            distance_m: pose.distance_m as f32,
            heading: (pose.heading_deg as f32).to_radians(),
            tilt: (pose.tilt_deg as f32).to_radians(),
            kind,
        };
        rig.clamp();
        rig
    }

    pub fn to_pose(self, frame: LocalFrame) -> CameraPose {
        CameraPose {
            target: frame.world_from_scene(self.target.to_array()),
            distance_m: f64::from(self.distance_m),
            heading_deg: f64::from(self.heading.to_degrees()).rem_euclid(360.0),
            tilt_deg: f64::from(self.tilt.to_degrees()),
        }
    }

    /// Tilt as drawn: the plan view looks straight down whatever the tilt is kept for later.
    pub fn drawn_tilt(&self) -> f32 {
        if self.kind == ViewKind::TwoD { 0.0 } else { self.tilt }
    }

    pub fn rotation(&self) -> Quat {
        Quat::from_rotation_y(-self.heading)
            * Quat::from_rotation_x(self.drawn_tilt() - std::f32::consts::FRAC_PI_2)
    }

    pub fn transform(&self) -> Transform {
        let rotation = self.rotation();
        Transform {
            translation: self.target - rotation * Vec3::NEG_Z * self.distance_m,
            rotation,
            scale: Vec3::ONE,
        }
    }

    /// Height of the view at the target, metres: what 2D and 3D have in common.
    pub fn view_height_m(&self) -> f32 {
        2.0 * self.distance_m * (FIELD_OF_VIEW_DEG.to_radians() / 2.0).tan()
    }

    pub fn projection(&self) -> Projection {
        match self.kind {
            ViewKind::ThreeD => Projection::Perspective(PerspectiveProjection {
                fov: FIELD_OF_VIEW_DEG.to_radians(),
                near: (self.distance_m / 500.0).clamp(0.3, 20.0),
                far: (self.distance_m * 20.0).max(30_000.0),
                ..default()
            }),
            ViewKind::TwoD => Projection::Orthographic(OrthographicProjection {
                near: -10_000.0,
                far: self.distance_m + 10_000.0,
                scaling_mode: ScalingMode::FixedVertical { viewport_height: self.view_height_m() },
                ..OrthographicProjection::default_3d()
            }),
        }
    }

    /// Ray through a point of the view, both from its middle: `x` right, `y` up, in parts of half the view's height.
    pub fn ray(&self, x: f32, y: f32) -> (Vec3, Vec3) {
        let transform = self.transform();
        match self.kind {
            ViewKind::ThreeD => {
                let half = (FIELD_OF_VIEW_DEG.to_radians() / 2.0).tan();
                let direction = transform.rotation * Vec3::new(x * half, y * half, -1.0).normalize();
                (transform.translation, direction)
            }
            ViewKind::TwoD => {
                let half = self.view_height_m() / 2.0;
                let offset = transform.rotation * Vec3::new(x * half, y * half, 0.0);
                (transform.translation + offset, transform.rotation * Vec3::NEG_Z)
            }
        }
    }

    /// Where a scene point appears, in the units of [`Self::ray`]; `None` behind the camera.
    pub fn project(&self, point: Vec3) -> Option<Vec2> {
        let transform = self.transform();
        let local = transform.rotation.inverse() * (point - transform.translation);
        match self.kind {
            ViewKind::ThreeD => {
                let half = (FIELD_OF_VIEW_DEG.to_radians() / 2.0).tan();
                (local.z < -0.1).then(|| Vec2::new(local.x, local.y) / (-local.z * half))
            }
            ViewKind::TwoD => Some(Vec2::new(local.x, local.y) / (self.view_height_m() / 2.0)),
        }
    }

    /// Zooms so that the ground point `anchor` stays where it is on the screen. `factor` below 1 comes closer.
    pub fn zoom_to(&mut self, anchor: Vec3, factor: f32) {
        let distance = (self.distance_m * factor).clamp(MIN_DISTANCE_M, MAX_DISTANCE_M);
        let factor = distance / self.distance_m;
        self.distance_m = distance;
        self.target = anchor + (self.target - anchor) * factor;
    }

    /// Turns around a point, which keeps its place on the screen.
    pub fn orbit_around(&mut self, pivot: Vec3, heading: f32, tilt: f32) {
        let before = self.rotation();
        let offset = before.inverse() * (self.transform().translation - pivot);
        self.heading = (self.heading + heading).rem_euclid(std::f32::consts::TAU);
        if self.kind == ViewKind::ThreeD {
            self.tilt = (self.tilt + tilt).clamp(0.0, MAX_TILT_DEG.to_radians());
        }
        let rotation = self.rotation();
        let position = pivot + rotation * offset;
        let forward = rotation * Vec3::NEG_Z;
        self.target = position + forward * self.distance_m;
        // The target slides along the view line to the height it had, so that zooming keeps meaning "to the ground".
        if forward.y < -0.05 {
            let slide = (self.target.y - pivot.y) / -forward.y;
            let distance = self.distance_m + slide;
            if distance > MIN_DISTANCE_M && distance < MAX_DISTANCE_M {
                self.target += forward * slide;
                self.distance_m = distance;
            }
        }
    }

    pub fn clamp(&mut self) {
        self.distance_m = self.distance_m.clamp(MIN_DISTANCE_M, MAX_DISTANCE_M);
        self.tilt = self.tilt.clamp(0.0, MAX_TILT_DEG.to_radians());
    }

    /// Raises the camera over the ground where it would dive below it.
    pub fn keep_above(&mut self, ground_height: impl Fn(Vec3) -> f32) {
        const EYE_M: f32 = 1.6;
        let position = self.transform().translation;
        let low = ground_height(position) + EYE_M - position.y;
        if self.kind == ViewKind::ThreeD && low > 0.0 {
            self.target.y += low;
        }
    }

    /// Looks at a box so that it fills the view, from the present heading and tilt.
    pub fn frame_box(&mut self, min: Vec3, max: Vec3, aspect: f32) {
        let size = max - min;
        let radius =
            (size.x.max(size.z * 0.9) / aspect.max(0.5)).max(size.z * 0.62).max(size.y).max(30.0) / 2.0;
        self.target = Vec3::new(f32::midpoint(min.x, max.x), min.y, f32::midpoint(min.z, max.z));
        self.distance_m = radius / (FIELD_OF_VIEW_DEG.to_radians() / 2.0).tan() * 1.02;
        self.clamp();
    }
}

/// Marks the one camera that shows the city.
#[derive(Component)]
pub struct CityCamera;

/// Puts the rig's numbers on the camera entity.
pub fn apply_rig(
    rig: Res<CameraRig>,
    mut cameras: Query<(&mut Transform, &mut Projection), With<CityCamera>>,
) {
    if !rig.is_changed() {
        return;
    }
    for (mut transform, mut projection) in &mut cameras {
        *transform = rig.transform();
        *projection = rig.projection();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rig() -> CameraRig {
        CameraRig { target: Vec3::new(100.0, 2.0, -50.0), heading: 0.7, ..default() }
    }

    #[test]
    fn the_point_under_the_cursor_stays_there_while_zooming_and_orbiting() {
        let ground = |rig: &CameraRig, x: f32, y: f32| {
            let (origin, direction) = rig.ray(x, y);
            origin + direction * ((2.0 - origin.y) / direction.y)
        };
        let (x, y) = (0.4, -0.3);
        let mut zoomed = rig();
        let anchor = ground(&zoomed, x, y);
        zoomed.zoom_to(anchor, 0.5);
        let seen = zoomed.project(anchor).unwrap();
        assert!((seen - Vec2::new(x, y)).length() < 1e-3, "{seen}");
        let mut turned = rig();
        turned.orbit_around(anchor, 0.5, -0.2);
        let seen = turned.project(anchor).unwrap();
        assert!((seen - Vec2::new(x, y)).length() < 1e-3, "{seen}");
        assert!((turned.tilt - (rig().tilt - 0.2)).abs() < 1e-5);
    }

    #[test]
    fn it_never_rolls_and_never_looks_up() {
        let mut rig = rig();
        rig.orbit_around(Vec3::ZERO, 3.0, 5.0);
        assert!(rig.tilt <= MAX_TILT_DEG.to_radians() + 1e-6);
        let right = rig.rotation() * Vec3::X;
        assert!(right.y.abs() < 1e-5, "the horizon is level");
    }

    #[test]
    fn north_is_up_in_the_plan() {
        let rig = CameraRig { kind: ViewKind::TwoD, target: Vec3::ZERO, heading: 0.0, ..default() };
        let north = rig.project(Vec3::new(0.0, 0.0, -100.0)).unwrap();
        assert!(north.y > 0.0 && north.x.abs() < 1e-4);
        let east = rig.project(Vec3::new(100.0, 0.0, 0.0)).unwrap();
        assert!(east.x > 0.0 && east.y.abs() < 1e-4);
    }

    #[test]
    fn it_stays_an_eye_above_the_ground() {
        let mut low = CameraRig { distance_m: 20.0, tilt: 84.0_f32.to_radians(), ..default() };
        low.keep_above(|_| 10.0);
        assert!(low.transform().translation.y >= 11.59);
    }
}
