//! Readers against real files (where `shared/data` is present) and tiny hand-made ones.
//!
//! The expected counts of real files were taken by other programs; see `shared/data/SOURCES.md`.

mod archives;
mod bad_input;
mod bombs;
mod catalogue;
mod citygml;
mod cityjson;
mod cityjson_conformance;
mod cityjson_parts;
mod crs;
mod demo;
mod feeds;
mod foreign;
mod geojson;
mod gml;
mod gpkg_conformance;
mod graphs;
mod gtfs;
mod hostile;
mod kept;
mod las;
mod meshes;
mod mutation;
mod noticed;
mod osm;
mod outlines;
mod sensors;
mod support;
mod tables;
mod terrain;
mod tiles3d;
mod tiles3d_conformance;
mod vector;
mod vector_files;
mod walk;
