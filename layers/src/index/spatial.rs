//! An R-tree over the boxes of features: what is in here, what is nearest, what may a ray hit.
//!
//! Boxes only: the caller tests the exact shapes of the few candidates. Boxes with a coordinate that is not finite or
//! absurd never enter, because the tree cannot order them.

use rayon::prelude::*;
use rstar::{AABB, PointDistance, RTree, RTreeObject};

use crate::model::{Bounds3, CityModel, FeatureLayer, SensorLayer, StreetNetwork, Timetable};

/// One feature's box, metres in the project's CRS.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FeatureBox {
    /// Position in the layer.
    pub feature: u32,
    pub min: [f64; 3],
    pub max: [f64; 3],
}

impl RTreeObject for FeatureBox {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        AABB::from_corners([self.min[0], self.min[1]], [self.max[0], self.max[1]])
    }
}

impl PointDistance for FeatureBox {
    fn distance_2(&self, point: &[f64; 2]) -> f64 {
        self.envelope().distance_2(point)
    }
}

/// Boxes of one layer. The tree is flat (x and y), because cities are; heights are checked on the few that remain.
#[derive(Debug, Default)]
pub struct SpatialIndex {
    tree: RTree<FeatureBox>,
}

/// Largest coordinate that a box may have, metres.
const MAX_COORDINATE: f64 = 1e8;

impl SpatialIndex {
    /// Bulk loads the boxes, `bounds[i]` belonging to feature `i`; empty and absurd ones are left out. Cost: n log n.
    pub fn new(bounds: impl IntoIterator<Item = Bounds3>) -> Self {
        let boxes: Vec<FeatureBox> = bounds
            .into_iter()
            .enumerate()
            .filter(|(_, bounds)| {
                let is_usable = |value: &f64| value.is_finite() && value.abs() < MAX_COORDINATE;
                !bounds.is_empty() && bounds.min.iter().all(is_usable) && bounds.max.iter().all(is_usable)
            })
            .map(|(feature, bounds)| FeatureBox { feature: feature as u32, min: bounds.min, max: bounds.max })
            .collect();
        Self { tree: RTree::bulk_load(boxes) }
    }

    /// CityObjects by their own geometry (a Building whose parts hold the geometry has no box; its parts have).
    pub fn of_objects(model: &CityModel) -> Self {
        let boxes: Vec<Bounds3> = model
            .objects
            .par_iter()
            .map(|object| {
                let indices = object.geometries.iter().flat_map(|geometry| &geometry.indices);
                model.vertices.bounds_of(indices.copied())
            })
            .collect();
        Self::new(boxes)
    }

    pub fn of_features(layer: &FeatureLayer) -> Self {
        use geo::BoundingRect;
        Self::new(layer.features.iter().map(|feature| {
            let mut bounds = Bounds3::EMPTY;
            if let Some(rect) = feature.geometry.as_ref().and_then(BoundingRect::bounding_rect) {
                bounds.add([rect.min().x, rect.min().y, 0.0]);
                bounds.add([rect.max().x, rect.max().y, 0.0]);
            }
            bounds
        }))
    }

    pub fn of_links(network: &StreetNetwork) -> Self {
        Self::new(
            network
                .links
                .iter()
                .map(|link| Bounds3::from_points(link.geometry.iter().map(|&[x, y]| [x, y, 0.0]))),
        )
    }

    pub fn of_nodes(network: &StreetNetwork) -> Self {
        Self::of_points(network.nodes.iter().map(|node| node.position))
    }

    pub fn of_stops(timetable: &Timetable) -> Self {
        Self::of_points(timetable.stops.iter().map(|stop| stop.position))
    }

    pub fn of_things(sensors: &SensorLayer) -> Self {
        Self::new(sensors.things.iter().map(|thing| Bounds3::from_points(thing.position)))
    }

    /// Points without height.
    pub fn of_points(points: impl IntoIterator<Item = [f64; 2]>) -> Self {
        Self::new(points.into_iter().map(|[x, y]| Bounds3::from_points([[x, y, 0.0]])))
    }

    pub fn len(&self) -> usize {
        self.tree.size()
    }

    pub fn is_empty(&self) -> bool {
        self.tree.size() == 0
    }

    /// Features whose boxes touch `[min x, min y, max x, max y]`, in no particular order. Cost: log n and the hits.
    pub fn in_box(&self, [x0, y0, x1, y1]: [f64; 4]) -> impl Iterator<Item = &FeatureBox> {
        // Not finite: a box that nothing touches.
        let is_usable = [x0, y0, x1, y1].iter().all(|value| value.is_finite());
        let envelope = if is_usable {
            AABB::from_corners([x0, y0], [x1, y1])
        } else {
            AABB::from_point([f64::MAX / 4.0; 2])
        };
        self.tree.locate_in_envelope_intersecting(envelope)
    }

    /// As [`Self::in_box`], the features' positions sorted.
    pub fn features_in_box(&self, area: [f64; 4]) -> Vec<usize> {
        let mut found: Vec<usize> = self.in_box(area).map(|found| found.feature as usize).collect();
        found.sort_unstable();
        found
    }

    /// The feature whose box is nearest to a place (0 when inside) and the distance in metres; of equally near ones
    /// always the same. `None` for an empty index or a place that is not finite. Cost: log n.
    pub fn nearest(&self, point: [f64; 2]) -> Option<(usize, f64)> {
        if !point.iter().all(|value| value.is_finite()) {
            return None;
        }
        let found = self.tree.nearest_neighbor(point)?;
        Some((found.feature as usize, found.distance_2(&point).sqrt()))
    }

    /// The `count` features with the nearest boxes, nearest first, within `max_m` metres.
    pub fn nearest_many(&self, point: [f64; 2], count: usize, max_m: f64) -> Vec<(usize, f64)> {
        if !point.iter().all(|value| value.is_finite()) {
            return Vec::new();
        }
        self.tree
            .nearest_neighbor_iter_with_distance_2(point)
            .map(|(found, distance_2)| (found.feature as usize, distance_2.sqrt()))
            .take_while(|(_, distance)| *distance <= max_m)
            .take(count)
            .collect()
    }

    /// Features whose boxes (with heights, grown by `margin_m`) a ray from `origin` along `direction` may hit within
    /// `max_m` metres, nearest entry first, with the distance at which the ray enters the box.
    pub fn along_ray(
        &self,
        origin: [f64; 3],
        direction: [f64; 3],
        max_m: f64,
        margin_m: f64,
    ) -> Vec<(usize, f64)> {
        let length = direction.iter().map(|part| part * part).sum::<f64>().sqrt();
        let is_usable = origin.iter().chain(&direction).all(|value| value.is_finite());
        if !is_usable || length < 1e-12 || max_m.is_nan() || max_m <= 0.0 {
            return Vec::new();
        }
        let unit = direction.map(|part| part / length);
        let selection = RayThrough { origin, unit, max_m, margin_m };
        let mut hits: Vec<(usize, f64)> = self
            .tree
            .locate_with_selection_function(selection)
            .filter_map(|found| {
                let low = found.min.map(|value| value - margin_m);
                let high = found.max.map(|value| value + margin_m);
                entry_of(origin, unit, low, high)
                    .filter(|&entry| entry <= max_m)
                    .map(|entry| (found.feature as usize, entry))
            })
            .collect();
        hits.sort_unstable_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
        hits
    }
}

/// Opens only those parts of the tree whose flat boxes the ray passes over.
struct RayThrough {
    origin: [f64; 3],
    unit: [f64; 3],
    max_m: f64,
    margin_m: f64,
}

impl rstar::SelectionFunction<FeatureBox> for RayThrough {
    fn should_unpack_parent(&self, envelope: &AABB<[f64; 2]>) -> bool {
        let (lower, upper) = (envelope.lower(), envelope.upper());
        let low = [lower[0] - self.margin_m, lower[1] - self.margin_m, f64::NEG_INFINITY];
        let high = [upper[0] + self.margin_m, upper[1] + self.margin_m, f64::INFINITY];
        entry_of(self.origin, self.unit, low, high).is_some_and(|entry| entry <= self.max_m)
    }

    fn should_unpack_leaf(&self, leaf: &FeatureBox) -> bool {
        self.should_unpack_parent(&leaf.envelope())
    }
}

/// Slab test: where a ray enters a box, 0 when it starts inside; `None` when it misses.
fn entry_of(origin: [f64; 3], unit: [f64; 3], low: [f64; 3], high: [f64; 3]) -> Option<f64> {
    let (mut enter, mut leave) = (0.0_f64, f64::INFINITY);
    for axis in 0..3 {
        if unit[axis].abs() < 1e-15 {
            if origin[axis] < low[axis] || origin[axis] > high[axis] {
                return None;
            }
            continue;
        }
        let first = (low[axis] - origin[axis]) / unit[axis];
        let second = (high[axis] - origin[axis]) / unit[axis];
        enter = enter.max(first.min(second));
        leave = leave.min(first.max(second));
    }
    (enter <= leave).then_some(enter)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A row of unit boxes at x = 0, 10, 20, … five metres high.
    fn row(count: u32) -> SpatialIndex {
        SpatialIndex::new((0..count).map(|i| {
            let x = 10.0 * f64::from(i);
            Bounds3::from_points([[x, 0.0, 0.0], [x + 1.0, 1.0, 5.0]])
        }))
    }

    #[test]
    fn boxes_are_found_by_area() {
        let index = row(100);
        assert_eq!(index.features_in_box([9.0, -1.0, 31.0, 2.0]), [1, 2, 3]);
        assert_eq!(index.features_in_box([1.0, 1.0, 1.0, 1.0]), [0], "touching counts");
        assert!(index.features_in_box([2.0, 0.0, 9.0, 1.0]).is_empty());
        assert!(index.features_in_box([f64::NAN, 0.0, 9.0, 1.0]).is_empty());
    }

    #[test]
    fn the_nearest_box_is_found_with_its_distance() {
        let index = row(100);
        assert_eq!(index.nearest([24.0, 0.5]), Some((2, 3.0)));
        assert_eq!(index.nearest([20.5, 0.5]), Some((2, 0.0)));
        assert!(
            matches!(index.nearest([5.5, 0.5]), Some((0 | 1, distance)) if distance == 4.5),
            "equally near"
        );
        assert_eq!(index.nearest([f64::NAN, 0.0]), None);
        assert_eq!(SpatialIndex::default().nearest([0.0, 0.0]), None);
        let near = index.nearest_many([0.5, 0.5], 3, 15.0);
        assert_eq!(near.iter().map(|(feature, _)| *feature).collect::<Vec<_>>(), [0, 1]);
    }

    #[test]
    fn a_ray_meets_boxes_in_order_and_respects_their_height() {
        let index = row(10);
        let east = index.along_ray([-5.0, 0.5, 2.0], [2.0, 0.0, 0.0], 1000.0, 0.0);
        assert_eq!(east.len(), 10);
        assert_eq!(east[0], (0, 5.0));
        assert!(east.is_sorted_by(|a, b| a.1 <= b.1));
        assert!(index.along_ray([-5.0, 0.5, 6.0], [1.0, 0.0, 0.0], 1000.0, 0.0).is_empty(), "over the roofs");
        assert_eq!(
            index.along_ray([30.5, 0.5, 100.0], [0.0, 0.0, -1.0], 1000.0, 0.0),
            [(3, 95.0)],
            "from above"
        );
        assert_eq!(
            index.along_ray([-5.0, 0.5, 2.0], [1.0, 0.0, 0.0], 16.0, 0.0).len(),
            2,
            "not beyond its reach"
        );
        assert_eq!(
            index.along_ray([30.5, 1.5, 100.0], [0.0, 0.0, -1.0], 1000.0, 1.0).len(),
            1,
            "with a margin"
        );
        assert!(index.along_ray([0.0; 3], [0.0; 3], 1000.0, 0.0).is_empty());
    }

    #[test]
    fn absurd_boxes_stay_out_and_harm_nothing() {
        let index = SpatialIndex::new([
            Bounds3::from_points([[0.0, 0.0, 0.0]]),
            Bounds3 { min: [f64::NAN; 3], max: [f64::NAN; 3] },
            Bounds3 { min: [0.0; 3], max: [f64::INFINITY; 3] },
            Bounds3::from_points([[1e300, 0.0, 0.0]]),
            Bounds3::EMPTY,
            Bounds3::from_points([[5.0, 0.0, 0.0]]),
        ]);
        assert_eq!(index.len(), 2);
        assert_eq!(index.nearest([4.0, 0.0]), Some((5, 1.0)), "positions are those of the layer");
    }

    #[test]
    fn every_answer_equals_that_of_looking_at_all() {
        let mut random = fastrand::Rng::with_seed(7);
        let points: Vec<[f64; 2]> =
            (0..2000).map(|_| [random.f64() * 1000.0, random.f64() * 1000.0]).collect();
        let index = SpatialIndex::of_points(points.iter().copied());
        for _ in 0..200 {
            let at = [random.f64() * 1000.0, random.f64() * 1000.0];
            let distance = |p: &[f64; 2]| (p[0] - at[0]).hypot(p[1] - at[1]);
            let best = points.iter().map(distance).fold(f64::INFINITY, f64::min);
            assert!((index.nearest(at).unwrap().1 - best).abs() < 1e-9);
            let area = [at[0], at[1], at[0] + 60.0, at[1] + 40.0];
            let inside: Vec<usize> = (0..points.len())
                .filter(|&i| {
                    let [x, y] = points[i];
                    x >= area[0] && x <= area[2] && y >= area[1] && y <= area[3]
                })
                .collect();
            assert_eq!(index.features_in_box(area), inside);
        }
    }
}
