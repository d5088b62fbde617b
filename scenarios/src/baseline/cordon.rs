//! Counts at the edge of the data: places where roads leave it, with the vehicles that pass there
//! (MODELS.md section 3, cordon).

use layers::model::FeatureLayer;

use super::facts::{CityFacts, center_of};

/// The column that makes a feature layer a cordon: vehicles on a working day, both directions together.
pub const CORDON_COLUMN: &str = "cordon_vehicles_per_day";
/// Through traffic where a point does not say: a part of its vehicles.
const THROUGH_SHARE: f64 = 0.25;

/// A counted place where traffic comes in and goes out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CordonPoint {
    /// Project CRS, metres.
    pub position: [f64; 2],
    pub name: String,
    /// On a working day, both directions together; above 0.
    pub vehicles_per_day: f64,
    /// Part of them that goes on to another point, 0 to 1.
    pub through_share: f64,
}

impl CityFacts {
    /// Takes the points of a layer with [`CORDON_COLUMN`]; others are left alone. Columns besides: `name`,
    /// `through_share`, and `source` (else `source` says where the counts come from). Rows that make no sense are left
    /// out with a remark; rows without a count or with 0 say nothing.
    pub(super) fn add_cordon(&mut self, layer: &FeatureLayer, source: &str) {
        if layer.attributes.column(CORDON_COLUMN).is_none() {
            return;
        }
        let mut strange = 0_usize;
        for (row, feature) in layer.features.iter().enumerate() {
            let text = |name: &str| layer.attributes.get(row, name).to_text();
            let Some(count) = layer.attributes.get(row, CORDON_COLUMN).as_f64() else { continue };
            if count == 0.0 {
                continue;
            }
            let through_share = layer.attributes.get(row, "through_share").as_f64().unwrap_or(THROUGH_SHARE);
            let position = feature.geometry.as_ref().and_then(center_of);
            let makes_sense = count.is_finite() && count > 0.0 && (0.0..=1.0).contains(&through_share);
            let (Some(position), true) = (position, makes_sense) else {
                strange += 1;
                continue;
            };
            let name = text("name");
            self.cordon.push(CordonPoint {
                position,
                name: if name.is_empty() { feature.id.clone() } else { name },
                vehicles_per_day: count,
                through_share,
            });
            let own = text("source");
            let said = if own.is_empty() { source.to_owned() } else { own };
            if !said.is_empty() && !self.cordon_sources.contains(&said) {
                self.cordon_sources.push(said);
            }
        }
        if strange > 0 {
            self.remarks.push(format!(
                "{strange} points of \"{}\" are left out: expected a place, a count above 0 and a through share \
                 from 0 to 1",
                layer.name
            ));
        }
    }
}
