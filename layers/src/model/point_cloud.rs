//! Measured points, in chunks of a level of detail each.

use std::collections::BTreeMap;

use super::Bounds3;

/// Points of one square and one level around their own origin. Columns have one entry a point, or are empty where the
/// source does not have them (`intensities`, `colors`).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PointChunk {
    /// World coordinates in the project's CRS, metres.
    pub origin: [f64; 3],
    /// Metres from `origin`, in world axes.
    pub positions: Vec<[f32; 3]>,
    /// Classification as in LAS 1.4 (ASPRS), such as 2 ground, 6 building; 26 is AHN's "kunstwerk".
    pub classes: Vec<u8>,
    pub intensities: Vec<u16>,
    /// sRGB.
    pub colors: Vec<[u8; 3]>,
    /// 0 is the coarsest; a picture at level n shows the chunks of levels 0 to n.
    pub level: u8,
}

impl PointChunk {
    pub fn len(&self) -> usize {
        self.positions.len()
    }

    pub fn is_empty(&self) -> bool {
        self.positions.is_empty()
    }

    /// World position of a point; `None` outside the chunk.
    pub fn world(&self, point: usize) -> Option<[f64; 3]> {
        let offset = self.positions.get(point)?;
        Some(std::array::from_fn(|axis| self.origin[axis] + f64::from(offset[axis])))
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct PointCloud {
    /// In order of level, then of place; each point is in exactly one of them.
    pub chunks: Vec<PointChunk>,
    /// Points in the source by class: all of them, also those that a budget left out, unless the reader's report says
    /// that they were counted over a part.
    pub class_counts: BTreeMap<u8, u64>,
    /// Points in the source.
    pub source_points: u64,
}

impl PointCloud {
    /// Points held, of all levels.
    pub fn len(&self) -> usize {
        self.chunks.iter().map(PointChunk::len).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.chunks.iter().all(PointChunk::is_empty)
    }

    /// Highest level of any chunk; 0 for an empty cloud.
    pub fn deepest_level(&self) -> u8 {
        self.chunks.iter().map(|chunk| chunk.level).max().unwrap_or(0)
    }

    /// Cost: linear in the points.
    pub fn bounds(&self) -> Bounds3 {
        Bounds3::from_points(
            self.chunks.iter().flat_map(|chunk| (0..chunk.len()).filter_map(|point| chunk.world(point))),
        )
    }
}

/// A class as AHN and most city surveys use it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PointClass {
    pub code: u8,
    /// Stable kebab-case name, also the key of its text.
    pub name: &'static str,
    /// sRGB; readable side by side, also without red and green.
    pub color: [u8; 3],
}

/// Classes with a name; others are "other". Source: AHN product description (classes 1, 2, 6, 9, 26) and LAS 1.4 R15,
/// table 17, for the rest.
pub const POINT_CLASSES: [PointClass; 12] = [
    PointClass { code: 0, name: "never-classified", color: [0xb8, 0xb4, 0xac] },
    // AHN: everything that is none of the others, vegetation above all.
    PointClass { code: 1, name: "unclassified", color: [0x8f, 0xa8, 0x7a] },
    PointClass { code: 2, name: "ground", color: [0xc9, 0xb7, 0x9c] },
    PointClass { code: 3, name: "low-vegetation", color: [0xb5, 0xc7, 0x8d] },
    PointClass { code: 4, name: "medium-vegetation", color: [0x90, 0xb0, 0x6c] },
    PointClass { code: 5, name: "high-vegetation", color: [0x5f, 0x8a, 0x4f] },
    PointClass { code: 6, name: "building", color: [0xd0, 0x7a, 0x5b] },
    PointClass { code: 7, name: "low-noise", color: [0x55, 0x55, 0x55] },
    PointClass { code: 9, name: "water", color: [0x6f, 0x9f, 0xc8] },
    PointClass { code: 14, name: "wire-conductor", color: [0x7a, 0x6f, 0x9b] },
    PointClass { code: 17, name: "bridge-deck", color: [0x9a, 0x8f, 0xa8] },
    PointClass { code: 26, name: "civil-structure", color: [0x8c, 0x80, 0xb3] },
];

/// Name and colour of a class; `None` for one without a name.
pub fn point_class(code: u8) -> Option<&'static PointClass> {
    POINT_CLASSES.iter().find(|class| class.code == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_classes_of_ahn_are_named() {
        for (code, name) in
            [(1, "unclassified"), (2, "ground"), (6, "building"), (9, "water"), (26, "civil-structure")]
        {
            assert_eq!(point_class(code).map(|class| class.name), Some(name));
        }
        assert_eq!(point_class(200), None);
    }

    #[test]
    fn a_cloud_is_the_sum_of_its_chunks() {
        let chunk = |x: f64, level: u8| PointChunk {
            origin: [x, 463_000.0, 0.0],
            positions: vec![[0.0, 0.0, 1.0], [1.0, 2.0, 3.0]],
            classes: vec![2, 6],
            level,
            ..PointChunk::default()
        };
        let cloud = PointCloud { chunks: vec![chunk(1e5, 0), chunk(2e5, 3)], ..PointCloud::default() };
        assert_eq!((cloud.len(), cloud.deepest_level(), cloud.is_empty()), (4, 3, false));
        assert_eq!(cloud.bounds().to_array(), Some([1e5, 463_000.0, 1.0, 200_001.0, 463_002.0, 3.0]));
        assert!(PointCloud::default().bounds().is_empty());
    }
}
