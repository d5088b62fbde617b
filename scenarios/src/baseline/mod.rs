//! The immutable state of the city, and a fingerprint of it.

pub mod facts;

use std::sync::Arc;

use layers::model::{Layer, LayerData, StreetNetwork};

use crate::assumptions::Assumptions;

/// Why there is no baseline.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BaselineError {
    #[error(
        "expected a layer of streets to compare scenarios on, found {found}; add streets (OpenStreetMap or NWB)"
    )]
    NoStreets { found: String },
}

/// The city as it is. Nothing changes it.
#[derive(Debug)]
pub struct Baseline {
    network: Arc<StreetNetwork>,
    assumptions: Assumptions,
    fingerprint: String,
}

impl Baseline {
    pub fn from_layers(layers: &[Layer], assumptions: &Assumptions) -> Result<Self, BaselineError> {
        let network = layers
            .iter()
            .find_map(|layer| {
                if let LayerData::Streets(network) = &layer.data { Some(network.clone()) } else { None }
            })
            .ok_or_else(|| BaselineError::NoStreets {
                found: format!("{} layers without streets", layers.len()),
            })?;
        Ok(Self { network, assumptions: assumptions.clone(), fingerprint: String::new() })
    }

    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    pub fn network(&self) -> &Arc<StreetNetwork> {
        &self.network
    }

    pub fn assumptions(&self) -> &Assumptions {
        &self.assumptions
    }
}
