//! A layer: data that a user can switch on, with where it comes from and what was wrong with it.

use std::sync::Arc;

use super::{
    Bounds3, CityModel, FeatureLayer, MeshModel, PointCloud, Provenance, SensorLayer, StreetNetwork, Terrain,
    Timetable,
    view_bounds::{self, ViewBounds},
};
use crate::readers::report::Fault;

/// The data of a layer, shared: jobs and panels hold cheap copies.
#[derive(Clone, Debug)]
pub enum LayerData {
    City(Arc<CityModel>),
    Features(Arc<FeatureLayer>),
    Streets(Arc<StreetNetwork>),
    Transit(Arc<Timetable>),
    Sensors(Arc<SensorLayer>),
    Terrain(Arc<Terrain>),
    /// Meshes without city semantics: 3D Tiles, glTF, OBJ.
    Meshes(Arc<MeshModel>),
    /// Measured points: LAS, LAZ, COPC, 3D Tiles point clouds.
    Points(Arc<PointCloud>),
}

impl LayerData {
    pub fn bounds(&self) -> Bounds3 {
        match self {
            Self::City(data) => data.bounds(),
            Self::Features(data) => data.bounds(),
            Self::Streets(data) => data.bounds(),
            Self::Transit(data) => data.bounds(),
            Self::Sensors(data) => data.bounds(),
            Self::Terrain(data) => data.bounds(),
            Self::Meshes(data) => data.bounds(),
            Self::Points(data) => data.bounds(),
        }
    }

    /// Stable word for files and scripts.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::City(_) => "city",
            Self::Features(_) => "features",
            Self::Streets(_) => "streets",
            Self::Transit(_) => "transit",
            Self::Sensors(_) => "sensors",
            Self::Terrain(_) => "terrain",
            Self::Meshes(_) => "meshes",
            Self::Points(_) => "points",
        }
    }
}

#[derive(Clone, Debug)]
pub struct Layer {
    /// Unique in its project and kept in the project file.
    pub id: String,
    /// For people; the file's or table's own name until the user changes it.
    pub title: String,
    pub data: LayerData,
    pub provenance: Provenance,
    pub faults: Vec<Fault>,
}

impl Layer {
    /// The box to look at: that of all things, or, where a few strays enlarge it beyond use, that of the others, with a
    /// fault that names the strays. See [`super::view_bounds`].
    pub fn view_bounds(&self) -> ViewBounds {
        view_bounds::of(&self.data)
    }
}
