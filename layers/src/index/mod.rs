//! Finding features: by id, by place, under a ray.

pub mod by_id;
pub mod spatial;

pub use by_id::IdIndex;
pub use spatial::{FeatureBox, SpatialIndex};
