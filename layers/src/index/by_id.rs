//! Public ids to positions.

use std::collections::HashMap;

use crate::model::{CityModel, FeatureLayer, StreetNetwork};

/// Positions by public id. Of doubles the first is found, as readers keep the first.
#[derive(Clone, Debug, Default)]
pub struct IdIndex {
    positions: HashMap<Box<str>, u32>,
}

impl IdIndex {
    /// Cost: one hash an id.
    pub fn new<'a>(ids: impl IntoIterator<Item = &'a str>) -> Self {
        let mut positions = HashMap::new();
        for (position, id) in ids.into_iter().enumerate() {
            if let Ok(position) = u32::try_from(position) {
                positions.entry(Box::from(id)).or_insert(position);
            }
        }
        Self { positions }
    }

    pub fn of_objects(model: &CityModel) -> Self {
        Self::new(model.objects.iter().map(|object| object.id.as_str()))
    }

    pub fn of_features(layer: &FeatureLayer) -> Self {
        Self::new(layer.features.iter().map(|feature| feature.id.as_str()))
    }

    pub fn of_links(network: &StreetNetwork) -> Self {
        Self::new(network.links.iter().map(|link| link.id.as_str()))
    }

    pub fn get(&self, id: &str) -> Option<usize> {
        self.positions.get(id).map(|&position| position as usize)
    }

    pub fn len(&self) -> usize {
        self.positions.len()
    }

    pub fn is_empty(&self) -> bool {
        self.positions.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_doubles_is_found() {
        let index = IdIndex::new(["a", "b", "a"]);
        assert_eq!(
            (index.get("a"), index.get("b"), index.get("c"), index.len()),
            (Some(0), Some(1), None, 2)
        );
    }
}
