//! Readers against real files (where `shared/data` is present) and tiny hand-made ones.
//!
//! The expected counts of real files were taken by other programs; see `shared/data/SOURCES.md`.

mod bad_input;
mod citygml;
mod cityjson;
mod cityjson_conformance;
mod cityjson_parts;
mod demo;
mod gtfs;
mod osm;
mod sensors;
mod support;
mod terrain;
mod vector;
