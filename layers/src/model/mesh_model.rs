//! Triangle meshes as 3D Tiles, glTF and OBJ give them: shapes without a city model's semantics, with features that have
//! public ids and attributes where the source knows them.

use super::{AttributeTable, Bounds3};

/// One mesh around its own origin, so that `f32` offsets keep their millimetre.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MeshPart {
    /// What it is called in its source: a tile's content, an OBJ object, a glTF node.
    pub name: String,
    /// World coordinates in the project's CRS, metres.
    pub origin: [f64; 3],
    /// Metres from `origin`, in world axes (x east, y north, z up).
    pub positions: Vec<[f32; 3]>,
    /// Three a triangle, anticlockwise seen from outside; all below `positions.len()`.
    pub indices: Vec<u32>,
    /// One entry a vertex: position in [`MeshModel::features`], or [`MeshModel::NO_FEATURE`].
    pub features: Vec<u32>,
    /// sRGB with alpha, one entry a vertex; empty when the source gives no colour by vertex.
    pub colors: Vec<[u8; 4]>,
    /// The material's colour, sRGB with alpha, where the source gives one.
    pub color: Option<[u8; 4]>,
    /// Depth in the source's tree of detail; 0 is the root, and all there is for sources without one.
    pub level: u32,
    /// How far this part may be from the truth, metres; `None` where the source does not say.
    pub geometric_error_m: Option<f64>,
}

impl MeshPart {
    pub fn triangle_count(&self) -> usize {
        self.indices.len() / 3
    }

    /// World position of a vertex; `None` outside the part.
    pub fn world(&self, vertex: u32) -> Option<[f64; 3]> {
        let offset = self.positions.get(vertex as usize)?;
        Some(std::array::from_fn(|axis| self.origin[axis] + f64::from(offset[axis])))
    }

    /// Cost: linear.
    pub fn bounds(&self) -> Bounds3 {
        Bounds3::from_points(
            self.positions
                .iter()
                .map(|offset| std::array::from_fn(|axis| self.origin[axis] + f64::from(offset[axis]))),
        )
    }
}

/// A thing in a mesh that can be picked and has attributes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeshFeature {
    /// Public id from the source (a batch table's or property table's id, an OBJ object's name) where it has one, else
    /// made from the content's name and the feature's number; unique in its layer.
    pub id: String,
}

/// Meshes of one source. Row `i` of `attributes` belongs to `features[i]`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MeshModel {
    pub parts: Vec<MeshPart>,
    pub features: Vec<MeshFeature>,
    pub attributes: AttributeTable,
}

impl MeshModel {
    /// Marks vertices that belong to no feature.
    pub const NO_FEATURE: u32 = u32::MAX;

    pub fn triangle_count(&self) -> usize {
        self.parts.iter().map(MeshPart::triangle_count).sum()
    }

    /// Cost: linear in the vertices.
    pub fn bounds(&self) -> Bounds3 {
        self.parts.iter().map(MeshPart::bounds).fold(Bounds3::EMPTY, Bounds3::union)
    }

    /// Box of one feature's triangles; empty when it has none. Cost: linear in the vertices.
    pub fn feature_bounds(&self, feature: u32) -> Bounds3 {
        let mut bounds = Bounds3::EMPTY;
        for part in &self.parts {
            for (vertex, _) in part.features.iter().enumerate().filter(|&(_, &f)| f == feature) {
                if let Some(point) = part.world(vertex as u32) {
                    bounds.add(point);
                }
            }
        }
        bounds
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_in_world_coordinates_and_per_feature() {
        let part = MeshPart {
            origin: [155_000.0, 463_000.0, 2.0],
            positions: vec![[0.0; 3], [4.0, 0.0, 0.0], [0.0, 3.0, 5.0], [9.0, 9.0, 9.0]],
            indices: vec![0, 1, 2],
            features: vec![0, 0, 0, 1],
            ..MeshPart::default()
        };
        let model = MeshModel { parts: vec![part], ..MeshModel::default() };
        assert_eq!(model.triangle_count(), 1);
        assert_eq!(model.feature_bounds(0).max, [155_004.0, 463_003.0, 7.0]);
        assert_eq!(model.feature_bounds(1).min, [155_009.0, 463_009.0, 11.0]);
        assert!(model.feature_bounds(2).is_empty());
        assert_eq!(model.bounds().max[2], 11.0);
        assert_eq!(model.parts[0].world(9), None);
    }
}
