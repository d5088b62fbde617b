//! Where a layer comes from: shown beside every layer and in every export.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// Who made it, in words, such as "3DBAG by tudelft3d and 3DGI"; "fictional" for the demo city.
    pub source: String,
    /// SPDX id or a short name, such as "CC-BY-4.0"; empty when the source does not say.
    pub licence: String,
    /// Date of the data (not of reading), ISO 8601; empty when unknown.
    pub date: String,
    /// BLAKE3 of the bytes that were read, hexadecimal; empty for generated layers.
    pub checksum: String,
}
