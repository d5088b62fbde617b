//! Readers against real files (where `shared/data` is present) and tiny hand-made ones.
//!
//! The expected counts of real files were taken by other programs; see `shared/data/SOURCES.md`.

mod bad_input;
mod cityjson;
mod demo;
mod feeds;
mod foreign;
mod geojson;
mod graphs;
mod gtfs;
mod mutation;
mod osm;
mod sensors;
mod support;
mod terrain;
mod vector;
