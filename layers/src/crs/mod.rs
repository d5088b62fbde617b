//! Coordinate reference systems: the only module that knows EPSG codes, axis order and heights.
//!
//! There is one PROJ in the process: the system's, which GDAL also uses. Heights (NAP) need the NSGI grids; where they
//! are missing, [`status`] says so and the program shows a badge.
//!
//! Every coordinate here is x (east or longitude), y (north or latitude), z (up), whatever order the authority gives.

pub mod axis_order;
pub mod choice;
pub mod environment;
pub mod local_frame;
pub mod transform;

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

pub use axis_order::{is_in_area_of_use, is_north_first};
pub use choice::{
    is_geographic, is_in_netherlands, is_projected, looks_like_rd, looks_swapped, metric_crs_of,
    project_crs_for, utm_crs_for,
};
pub use environment::{Accuracy, CrsStatus, ensure_init, find_grid_dir, init, status};
pub use local_frame::LocalFrame;
pub use transform::{Transform, epsg_of_spatial_ref, spatial_ref};

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
    /// WGS 84 geographic 3D.
    pub const WGS84_3D: Self = Self(4979);
    pub const WEB_MERCATOR: Self = Self(3857);
    /// Metres around an unknown origin: what a source without any CRS is in. Not an EPSG code; it can be drawn and
    /// measured but not transformed.
    pub const LOCAL: Self = Self(0);

    /// Whether x and y are RD, with or without NAP heights.
    pub fn is_rd(self) -> bool {
        matches!(self, Self::RD_NEW | Self::RD_NAP)
    }

    /// The name for coordinates with heights: RD + NAP for RD, whose heights are NAP by convention here. Other systems
    /// have no height that goes without saying, and keep their name.
    #[must_use]
    pub fn with_heights(self) -> Self {
        if self.is_rd() { Self::RD_NAP } else { self }
    }
}

impl fmt::Display for Epsg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EPSG:{}", self.0)
    }
}

/// Why a coordinate system or a transform is not available.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CrsError {
    #[error(
        "expected a coordinate system such as \"EPSG:7415\", \"urn:ogc:def:crs:EPSG::28992\" or \"https://www.opengis.net/def/crs/EPSG/0/7415\", found \"{found}\""
    )]
    Unreadable { found: String },
    #[error("PROJ does not know {epsg}: {reason}")]
    Unknown { epsg: Epsg, reason: String },
    #[error("there is no transform from {from} to {to}: {reason}")]
    NoTransform { from: Epsg, to: Epsg, reason: String },
}

impl FromStr for Epsg {
    type Err = CrsError;

    /// Reads the forms that city data use: `EPSG:28992`, `28992`, `urn:ogc:def:crs:EPSG::28992`,
    /// `urn:ogc:def:crs,crs:EPSG::28992,crs:EPSG::5709` (RD and NAP become 7415),
    /// `http(s)://www.opengis.net/def/crs/EPSG/0/7415`, and `OGC:CRS84` in its three spellings.
    fn from_str(text: &str) -> Result<Self, CrsError> {
        let error = || CrsError::Unreadable { found: text.chars().take(80).collect() };
        let trimmed = text.trim().trim_end_matches('/');
        let upper = trimmed.to_ascii_uppercase();
        if upper.ends_with("CRS84") || upper.ends_with("CRS84H") {
            return Ok(if upper.ends_with('H') { Self::WGS84_3D } else { Self::WGS84 });
        }
        if upper.contains("CRS:EPSG::28992") && upper.contains("CRS:EPSG::5709") {
            return Ok(Self::RD_NAP);
        }
        let code = if upper.starts_with("HTTP://") || upper.starts_with("HTTPS://") {
            // ".../def/crs/EPSG/<version>/<code>" and the older ".../gml/srs/epsg.xml#<code>".
            if !upper.contains("EPSG") {
                return Err(error());
            }
            upper.rsplit(['/', '#']).next().unwrap_or_default()
        } else if upper.starts_with("URN:") {
            if !upper.contains("EPSG:") {
                return Err(error());
            }
            upper.rsplit(':').next().unwrap_or_default()
        } else {
            upper.strip_prefix("EPSG:").unwrap_or(&upper)
        };
        let code: u32 = code.trim().trim_start_matches(':').parse().map_err(|_| error())?;
        if code == 0 { Err(error()) } else { Ok(Self(code)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ways_in_which_city_data_name_a_crs_are_read() {
        for (text, epsg) in [
            ("https://www.opengis.net/def/crs/EPSG/0/7415", 7415),
            ("http://www.opengis.net/def/crs/EPSG/0/28992/", 28992),
            ("http://www.opengis.net/gml/srs/epsg.xml#28992", 28992),
            ("urn:ogc:def:crs:EPSG::28992", 28992),
            ("urn:ogc:def:crs:EPSG:6.9:4258", 4258),
            ("urn:ogc:def:crs,crs:EPSG::28992,crs:EPSG::5709", 7415),
            ("EPSG:28992", 28992),
            ("epsg:2056", 2056),
            (" 7415 ", 7415),
            ("urn:ogc:def:crs:OGC:1.3:CRS84", 4326),
            ("OGC:CRS84", 4326),
        ] {
            assert_eq!(text.parse::<Epsg>(), Ok(Epsg(epsg)), "{text}");
        }
        for text in
            ["", "RD", "EPSG:", "EPSG:-1", "EPSG:0", "https://example.org/7415", "urn:ogc:def:crs:IAU::1"]
        {
            assert!(text.parse::<Epsg>().is_err(), "{text}");
        }
        assert!("RD".parse::<Epsg>().unwrap_err().to_string().contains("found \"RD\""));
    }
}
