//! Coordinate reference systems: the only module that knows EPSG codes, axis order and heights.
//!
//! There is one PROJ in the process: the system's, which GDAL also uses. Heights (NAP) need the NSGI grids; where they
//! are missing, [`status`] says so and the program shows a badge.

mod local_frame;

use std::fmt;

pub use local_frame::LocalFrame;
use serde::{Deserialize, Serialize};

/// An EPSG code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Epsg(pub u32);

impl Epsg {
    /// Amersfoort / RD New, metres, x east, y north.
    pub const RD_NEW: Self = Self(28992);
    /// RD New with NAP height.
    pub const RD_NAP: Self = Self(7415);
    /// ETRS89 geographic 2D.
    pub const ETRS89: Self = Self(4258);
    /// ETRS89 geographic 3D.
    pub const ETRS89_3D: Self = Self(4937);
    pub const WGS84: Self = Self(4326);
    pub const WEB_MERCATOR: Self = Self(3857);
}

impl fmt::Display for Epsg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EPSG:{}", self.0)
    }
}
