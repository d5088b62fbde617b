//! Readers against real files (where `shared/data` is present) and tiny hand-made ones.
//!
//! The expected counts of real files were taken by other programs; see `shared/data/SOURCES.md`.

mod bad_input;
mod cityjson;
mod demo;
mod gtfs;
mod las;
mod meshes;
mod mutations;
mod osm;
mod sensors;
mod support;
mod terrain;
mod tiles3d;
mod tiles3d_conformance;
mod vector;
