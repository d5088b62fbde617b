//! The in-memory city: plain types that every reader fills and every other module reads.

pub mod appearance;
pub mod attributes;
pub mod bounds;
pub mod building_facts;
pub mod city_object;
pub mod feature;
pub mod layer;
pub mod lod;
pub mod mesh_model;
pub mod network;
pub mod observation;
pub mod packed;
pub mod point_cloud;
pub mod provenance;
pub mod surface_kind;
pub mod terrain;
pub mod transit;
pub mod vertices;
pub mod view_bounds;

pub use appearance::{Appearance, Material, SurfaceLooks};
pub use attributes::{AttributeTable, Value};
pub use bounds::Bounds3;
pub use city_object::{
    CityModel, CityObject, CityObjectType, Geometry, GeometryDetails, GeometryKind, SurfaceType,
};
pub use feature::{Feature, FeatureHeights, FeatureLayer, FeatureRole};
pub use layer::{Layer, LayerData};
pub use lod::Lod;
pub use mesh_model::{MeshFeature, MeshModel, MeshPart};
pub use network::{Link, LinkClass, Modes, Node, StreetNetwork, TurnRestriction};
pub use observation::{Datastream, SensorLayer, Thing};
pub use point_cloud::{PointChunk, PointClass, PointCloud, point_class};
pub use provenance::Provenance;
pub use terrain::Terrain;
pub use transit::Timetable;
pub use vertices::{VertexTransform, Vertices};
pub use view_bounds::ViewBounds;
