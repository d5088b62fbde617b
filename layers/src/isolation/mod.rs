//! Reading in a process of its own, for readers that lean on code which input may break (GDAL, archives, point clouds).
//!
//! The parent starts its own program again as a reader, names one source, and takes back a stored outcome (see
//! [`crate::stored`]), which it checks. The child limits itself before it touches the source: memory, processor time,
//! written bytes, no network, no other programs, and, where the kernel can, no other files. It dies with its parent,
//! and it is killed when the user cancels; so cancelling is instant whatever the library does.

pub mod child;
mod confine;
pub mod parent;

pub use confine::confine;

use std::{path::PathBuf, sync::OnceLock};

use serde::{Deserialize, Serialize};

use crate::crs::Epsg;

/// First argument of the program when it is started as a reader.
pub const VERB: &str = "read-worker";

static PROGRAM: OnceLock<PathBuf> = OnceLock::new();

/// Says which program can be started as a reader (it must call [`child::serve`] when its first argument is [`VERB`]).
/// Without it, all readers run in this process.
pub fn use_program(program: PathBuf) {
    let _ = PROGRAM.set(program);
}

pub fn program() -> Option<&'static PathBuf> {
    PROGRAM.get()
}

/// What a reader process may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Address space, bytes.
    pub memory: u64,
    /// Processor seconds.
    pub processor_secs: u64,
    /// Bytes of one written file.
    pub written: u64,
    /// Open files.
    pub files: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { memory: 4 << 30, processor_secs: 600, written: 8 << 30, files: 256 }
    }
}

/// What the parent asks; one line of JSON on the child's standard input.
#[derive(Debug, Serialize, Deserialize)]
struct Request {
    uri: String,
    path: PathBuf,
    target: Option<Epsg>,
    assumed_crs: Option<Epsg>,
    /// Where the outcome is to be stored; its folder is the only one that the child may write in.
    outcome: PathBuf,
    limits: Limits,
}
