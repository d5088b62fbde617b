//! Readers against real files (where `shared/data` is present) and tiny hand-made ones.
//!
//! The expected counts of real files were taken by other programs; see `shared/data/SOURCES.md`.

mod archives;
mod bad_input;
mod cityjson;
mod crs;
mod demo;
mod gml;
mod gpkg_conformance;
mod gtfs;
mod hostile;
mod osm;
mod sensors;
mod support;
mod tables;
mod terrain;
mod vector;
mod vector_files;
