//! The status bar: where the middle of the view lies, how good that is, who is to be credited, what is running.

use bevy::prelude::*;
use layers::crs::{Epsg, Transform as CrsTransform, status as crs_status};

use super::{ViewCache, tasks};
use crate::{
    jobs::Jobs,
    scene::{camera::CameraRig, picking},
    state::{OpenProject, ViewSize},
    ui::{
        text::Texts,
        view::{CrsBadge, ScaleView, StatusView},
    },
};

pub fn status(world: &World, cache: &mut ViewCache, texts: Texts) -> StatusView {
    let mut view = StatusView { tasks: tasks(world.resource::<Jobs>(), texts), ..StatusView::default() };
    let crs = crs_status();
    let is_rd = world.resource::<OpenProject>().0.as_ref().is_none_or(|project| project.crs.is_rd());
    view.crs = is_rd.then(|| {
        if crs.is_exact() {
            CrsBadge::Exact
        } else {
            CrsBadge::Approximate(texts.get("status-crs-approximate-long"))
        }
    });
    let Some(project) = &world.resource::<OpenProject>().0 else { return view };
    let rig = world.resource::<CameraRig>();
    let size = world.resource::<ViewSize>().0;
    let pointer = world.get_resource::<PointerPosition>().and_then(|pointer| pointer.0);
    let pixel = pointer.unwrap_or(size / 2.0);
    if let Some(point) = picking::ground_point(Some(project), rig, pixel, size) {
        let [x, y, z] = project.frame.world_from_scene(point.to_array());
        if project.crs.is_rd() {
            view.rd = Some([x, y]);
            view.nap_m = Some(z);
        } else {
            view.other_crs = Some((project.crs.to_string(), [x, y]));
        }
        if cache.transform.as_ref().is_none_or(|(known, _)| *known != project.crs) {
            cache.transform = Some((project.crs, CrsTransform::new(project.crs, Epsg::ETRS89).ok()));
        }
        if let Some((_, Some(transform))) = &cache.transform
            && let Some([lon, lat, _]) = transform.apply_one([x, y, z])
        {
            view.latitude_longitude = Some([lat, lon]);
        }
    }
    let metres_a_point = rig.view_height_m() / size.y.max(1.0);
    if let Some(length) = round_length(metres_a_point * 90.0) {
        view.scale = Some(ScaleView { length_m: f64::from(length), points: length / metres_a_point });
    }
    let mut credits: Vec<String> = Vec::new();
    for state in project.layers.iter().filter(|state| state.is_visible) {
        let source = &state.layer.provenance.source;
        if !source.is_empty() && !credits.contains(source) {
            credits.push(source.clone());
        }
    }
    view.attribution = credits;
    view
}

/// The largest 1, 2 or 5 times a power of ten that is not longer than `wanted` metres.
fn round_length(wanted: f32) -> Option<f32> {
    if !(wanted.is_finite() && wanted > 0.0) {
        return None;
    }
    let power = 10.0_f32.powf(wanted.log10().floor());
    [5.0, 2.0, 1.0].into_iter().map(|step| step * power).find(|length| *length <= wanted * 1.0001)
}

/// Where the pointer is over the view, logical pixels; `None` while it is elsewhere.
#[derive(Resource, Default)]
pub struct PointerPosition(pub Option<Vec2>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_bar_has_a_round_length() {
        assert_eq!(round_length(97.0), Some(50.0));
        assert_eq!(round_length(100.0), Some(100.0));
        assert_eq!(round_length(0.034), Some(0.02));
        assert_eq!(round_length(f32::NAN), None);
    }
}
