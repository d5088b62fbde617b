//! One vertex buffer per tile with a feature number per vertex, and ray casting against it.

/// What a vertex is part of; the scene's palette holds a lit and a shaded colour for each. The number is what the
/// shader indexes with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Role {
    Ground = 0,
    Wall = 1,
    Roof = 2,
    Water = 3,
    Green = 4,
    Forest = 5,
    Street = 6,
    Footway = 7,
    Cycleway = 8,
    Square = 9,
    Quay = 10,
    Parking = 11,
    Sport = 12,
    Farmland = 13,
    Rail = 14,
    TreeCrown = 15,
    TreeTrunk = 16,
    Bridge = 17,
    Marking = 18,
    /// Zones and other generic features.
    Generic = 19,
    /// The overlay that shows the difference on a street; always takes its colour from the feature buffer.
    Difference = 20,
    StopMarker = 21,
    SensorMarker = 22,
    PlayGround = 23,
    /// Grass between houses, quieter than a park.
    Lawn = 24,
}

impl Role {
    /// Number of palette entries.
    pub const COUNT: usize = 25;
}

/// Where the triangles of one feature lie in its tile.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FeatureRange {
    pub feature: u32,
    pub first_index: u32,
    pub index_count: u32,
    /// Box in scene axes.
    pub min: [f32; 3],
    pub max: [f32; 3],
}

/// Triangles of one tile in scene axes (x east, y up, z south; metres around the project origin).
///
/// `positions`, `normals`, `features` and `shades` have one entry a vertex; `indices` three a triangle, anticlockwise
/// seen from outside. `shades[v]` packs the [`Role`] in its low byte and the sky openness (ambient occlusion, 255 =
/// open) in the next.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TileMesh {
    pub positions: Vec<[f32; 3]>,
    pub normals: Vec<[f32; 3]>,
    pub features: Vec<u32>,
    pub shades: Vec<u32>,
    pub indices: Vec<u32>,
    pub ranges: Vec<FeatureRange>,
    /// Sharp edges to draw as pencil lines: two points each, with the feature of each point.
    pub edge_points: Vec<[f32; 3]>,
    pub edge_features: Vec<u32>,
    /// Box of all ranges, so that a ray need not ask each of them.
    pub(crate) extent: Option<SceneBox>,
}

/// Lowest and highest corner in scene axes.
pub type SceneBox = ([f32; 3], [f32; 3]);

/// A hit of a ray: the distance is in units of the ray's direction length.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RayHit {
    pub feature: u32,
    pub distance: f32,
}

/// The box around two boxes.
pub(crate) fn union(a: SceneBox, b: SceneBox) -> SceneBox {
    (
        std::array::from_fn(|axis| a.0[axis].min(b.0[axis])),
        std::array::from_fn(|axis| a.1[axis].max(b.1[axis])),
    )
}

impl TileMesh {
    pub fn is_empty(&self) -> bool {
        self.indices.is_empty()
    }

    /// Memory of the buffers, bytes.
    pub fn bytes(&self) -> usize {
        self.positions.len() * 32
            + self.indices.len() * 4
            + self.ranges.len() * size_of::<FeatureRange>()
            + self.edge_points.len() * 16
    }

    /// What rays need: triangles and ranges, without what is only drawn. About a third of the memory.
    #[must_use]
    pub fn for_rays(&self) -> Self {
        Self {
            positions: self.positions.clone(),
            indices: self.indices.clone(),
            ranges: self.ranges.clone(),
            extent: self.extent,
            ..Self::default()
        }
    }

    pub fn push_vertex(
        &mut self,
        position: [f32; 3],
        normal: [f32; 3],
        feature: u32,
        role: Role,
        sky: u8,
    ) -> u32 {
        self.positions.push(position);
        self.normals.push(normal);
        self.features.push(feature);
        self.shades.push(role as u32 | (u32::from(sky) << 8));
        (self.positions.len() - 1) as u32
    }

    /// A flat triangle with its own three vertices.
    pub fn push_triangle(&mut self, corners: [[f32; 3]; 3], feature: u32, role: Role, sky: [u8; 3]) {
        let Some(normal) = triangle_normal(corners) else { return };
        for (corner, sky) in corners.into_iter().zip(sky) {
            let index = self.push_vertex(corner, normal, feature, role, sky);
            self.indices.push(index);
        }
    }

    /// Closes the range of `feature` over the indices added since `first_index`. Nothing is added for an empty range.
    pub fn end_feature(&mut self, feature: u32, first_index: usize) {
        if self.indices.len() == first_index {
            return;
        }
        let mut min = [f32::INFINITY; 3];
        let mut max = [f32::NEG_INFINITY; 3];
        for &index in &self.indices[first_index..] {
            let point = self.positions[index as usize];
            for axis in 0..3 {
                min[axis] = min[axis].min(point[axis]);
                max[axis] = max[axis].max(point[axis]);
            }
        }
        self.ranges.push(FeatureRange {
            feature,
            first_index: first_index as u32,
            index_count: (self.indices.len() - first_index) as u32,
            min,
            max,
        });
        self.extent = Some(self.extent.map_or((min, max), |extent| union(extent, (min, max))));
    }

    /// Box of all triangles in scene axes; `None` when empty.
    pub fn bounds(&self) -> Option<SceneBox> {
        self.extent
    }

    /// The nearest triangle that the ray meets, from either side. Cost: one box test a feature, then its triangles.
    pub fn cast_ray(
        &self,
        origin: [f32; 3],
        direction: [f32; 3],
        is_visible: &dyn Fn(u32) -> bool,
    ) -> Option<RayHit> {
        let inverse = direction.map(|part| 1.0 / part);
        let mut best: Option<RayHit> = None;
        for range in &self.ranges {
            let limit = best.map_or(f32::INFINITY, |hit| hit.distance);
            if ray_meets_box(origin, inverse, range.min, range.max).is_none_or(|near| near > limit)
                || !is_visible(range.feature)
            {
                continue;
            }
            let first = range.first_index as usize;
            for triangle in self.indices[first..first + range.index_count as usize].chunks_exact(3) {
                let corners = [0, 1, 2].map(|corner| self.positions[triangle[corner] as usize]);
                if let Some(distance) = ray_meets_triangle(origin, direction, corners)
                    && distance < best.map_or(f32::INFINITY, |hit| hit.distance)
                {
                    best = Some(RayHit { feature: range.feature, distance });
                }
            }
        }
        best
    }
}

/// Unit normal of an anticlockwise triangle; `None` when it has no area.
pub fn triangle_normal([a, b, c]: [[f32; 3]; 3]) -> Option<[f32; 3]> {
    let u = sub(b, a);
    let v = sub(c, a);
    let n = cross(u, v);
    let length = dot(n, n).sqrt();
    (length > 1e-9).then(|| n.map(|part| part / length))
}

/// Entry distance of a ray into a box (0 when it starts inside); `None` when it misses. Slab method; `inverse` is
/// 1/direction and may hold infinities.
pub fn ray_meets_box(origin: [f32; 3], inverse: [f32; 3], min: [f32; 3], max: [f32; 3]) -> Option<f32> {
    let (mut near, mut far) = (0.0_f32, f32::INFINITY);
    for axis in 0..3 {
        let a = (min[axis] - origin[axis]) * inverse[axis];
        let b = (max[axis] - origin[axis]) * inverse[axis];
        // NaN (0 · ∞: the ray runs in the slab's face) loses both comparisons and leaves the interval as it is.
        near = near.max(a.min(b));
        far = far.min(a.max(b));
    }
    (near <= far).then_some(near)
}

/// Möller–Trumbore, both sides.
fn ray_meets_triangle(origin: [f32; 3], direction: [f32; 3], [a, b, c]: [[f32; 3]; 3]) -> Option<f32> {
    let (ab, ac) = (sub(b, a), sub(c, a));
    let p = cross(direction, ac);
    let determinant = dot(ab, p);
    if determinant.abs() < 1e-12 {
        return None;
    }
    let t = sub(origin, a);
    let u = dot(t, p) / determinant;
    let q = cross(t, ab);
    let v = dot(direction, q) / determinant;
    let distance = dot(ac, q) / determinant;
    (u >= 0.0 && v >= 0.0 && u + v <= 1.0 && distance > 1e-6).then_some(distance)
}

fn sub(a: [f32; 3], b: [f32; 3]) -> [f32; 3] {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}
fn dot(a: [f32; 3], b: [f32; 3]) -> f32 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}
fn cross(a: [f32; 3], b: [f32; 3]) -> [f32; 3] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two_squares() -> TileMesh {
        let mut mesh = TileMesh::default();
        for (feature, y) in [(7, 1.0), (9, 3.0)] {
            let first = mesh.indices.len();
            let corner = |x: f32, z: f32| [x, y, z];
            mesh.push_triangle(
                [corner(0.0, 0.0), corner(0.0, 1.0), corner(1.0, 1.0)],
                feature,
                Role::Roof,
                [255; 3],
            );
            mesh.push_triangle(
                [corner(0.0, 0.0), corner(1.0, 1.0), corner(1.0, 0.0)],
                feature,
                Role::Roof,
                [255; 3],
            );
            mesh.end_feature(feature, first);
        }
        mesh
    }

    #[test]
    fn a_ray_meets_the_nearest_visible_feature() {
        let mesh = two_squares();
        let down = |x: f32| mesh.cast_ray([x, 10.0, 0.5], [0.0, -1.0, 0.0], &|_| true);
        assert_eq!(down(0.5), Some(RayHit { feature: 9, distance: 7.0 }));
        assert_eq!(down(1.5), None);
        let below_hidden = mesh.cast_ray([0.5, 10.0, 0.4], [0.0, -1.0, 0.0], &|feature| feature != 9);
        assert_eq!(below_hidden.map(|hit| hit.feature), Some(7));
        assert_eq!(mesh.normals[0], [0.0, 1.0, 0.0], "anticlockwise from above points up");
    }

    #[test]
    fn triangles_without_area_are_left_out() {
        let mut mesh = TileMesh::default();
        mesh.push_triangle([[0.0; 3]; 3], 1, Role::Wall, [255; 3]);
        mesh.end_feature(1, 0);
        assert!(mesh.is_empty() && mesh.ranges.is_empty() && mesh.bounds().is_none());
    }
}
