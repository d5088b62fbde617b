//! Layers as bytes: what the reader process hands back and what the cache keeps are the same files.
//!
//! A stored file is a header and one body. The body is our own encoding (see [`codec`]): arrays of numbers lie in it as
//! they lie in memory, so that taking them back is a copy. The header carries the version of the encoding, the build
//! that wrote it, the length and a checksum; a file that does not fit in any of these is not used.

mod city;
pub mod codec;
pub mod container;
mod flat;
pub mod model;
pub mod outcome;
pub mod tiles;

pub use codec::{Decoder, Encoder, Stored, StoredError};
