//! Plain vertex buffers per tile, without engine types: what a worker prepares and the main thread only uploads.
//!
//! Every vertex carries a feature number, so that colours, visibility and highlights live in one small buffer by
//! feature and recolouring a city is an upload, not a remesh. Positions are `f32` in *scene axes* (see
//! [`crate::crs::LocalFrame`]) around the project's origin.

pub mod buildings;
pub mod drape;
pub mod mesh_model;
pub mod points;
pub mod ribbon;
pub mod rough;
pub mod surfaces;
mod sweep;
mod tangled;
pub mod terrain_mesh;
pub mod tile_grid;
pub mod tile_mesh;
pub mod trees;
pub mod triangulate;

pub use tile_grid::{TileGrid, TileKey};
pub use tile_mesh::{RayHit, Role, TileMesh};
