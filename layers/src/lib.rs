//! City data without an engine: what a city is made of, how it is read and written, where it lies, and how it is
//! found and meshed.
//!
//! # Terminology
//! The words are those of the standards (CityJSON, OGC, GTFS, SensorThings): a *CityObject* has geometries per *LoD*;
//! a *feature* has a geometry and attributes; a *layer* is a set of them that a user can switch on; a *link* joins two
//! *nodes*; a *Thing* has *Datastreams* with *observations*; a *tile* is a fixed square of the project's CRS.
//!
//! # Data flow
//! `readers` turn a [`readers::Source`] into [`model::Layer`]s in the project's CRS (metres, heights in NAP where the
//! Netherlands are meant) → `index` answers "what is here" → `mesh` makes plain vertex buffers per tile. `demo` makes the
//! fictional town as the same layers, and `writers` put layers into open files again.
//!
//! # Adding a reader
//! One file in `readers`, one line in [`readers::READERS`], one fixture folder. See `readers/mod.rs`.
//!
//! # Units and frames
//! World coordinates are `f64` metres in the project's CRS, x east, y north, z up. `f32` appears only in meshes, around a
//! tile's or project's origin. Lengths are metres, speeds metres a second, times seconds, unless a name says otherwise.

pub mod cache;
pub mod crs;
pub mod cutout;
pub mod demo;
pub mod index;
pub mod isolation;
pub mod memory;
pub mod mesh;
pub mod model;
pub mod omx;
pub mod readers;
pub mod stored;
pub mod writers;
