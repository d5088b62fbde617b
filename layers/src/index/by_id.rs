//! Public ids to positions.

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use crate::model::LayerData;

/// Positions by public id, without a copy of the ids: twelve bytes a thing. Of doubles the first is found, as readers keep
/// the first.
#[derive(Clone, Debug, Default)]
pub struct IdIndex {
    /// Hashes of ids in rising order, and the position of each.
    hashes: Vec<u64>,
    positions: Vec<u32>,
}

impl IdIndex {
    /// Cost: one hash an id, and sorting them.
    pub fn new<'a>(ids: impl IntoIterator<Item = &'a str>) -> Self {
        let mut pairs: Vec<(u64, u32)> = ids
            .into_iter()
            .enumerate()
            .map_while(|(position, id)| Some((hash_of(id), u32::try_from(position).ok()?)))
            .collect();
        pairs.sort_unstable();
        Self {
            hashes: pairs.iter().map(|pair| pair.0).collect(),
            positions: pairs.iter().map(|pair| pair.1).collect(),
        }
    }

    /// The ids of a layer's things, in their order: objects, features, links, stops, Things.
    pub fn of_layer(data: &LayerData) -> Self {
        match data {
            LayerData::City(model) => Self::new(model.objects.iter().map(|object| object.id.as_str())),
            LayerData::Features(layer) => Self::new(layer.features.iter().map(|feature| feature.id.as_str())),
            LayerData::Meshes(model) => Self::new(model.features.iter().map(|feature| feature.id.as_str())),
            LayerData::Streets(network) => Self::new(network.links.iter().map(|link| link.id.as_str())),
            LayerData::Transit(timetable) => Self::new(timetable.stops.iter().map(|stop| stop.id.as_str())),
            LayerData::Sensors(sensors) => Self::new(sensors.things.iter().map(|thing| thing.id.as_str())),
            LayerData::Terrain(_) | LayerData::Points(_) => Self::default(),
        }
    }

    /// The first position whose id is `id`; `id_at` gives the id of a position, as the index was made of.
    pub fn find<'a>(&self, id: &str, id_at: impl Fn(usize) -> Option<&'a str>) -> Option<usize> {
        let hash = hash_of(id);
        let first = self.hashes.partition_point(|&known| known < hash);
        let same = self.hashes.get(first..)?.iter().take_while(|&&known| known == hash);
        let candidates = self.positions.get(first..)?.iter().take(same.count());
        candidates.map(|&position| position as usize).find(|&position| id_at(position) == Some(id))
    }

    /// As [`Self::find`] in the layer that the index was made of.
    pub fn find_in(&self, data: &LayerData, id: &str) -> Option<usize> {
        self.find(id, |at| {
            Some(match data {
                LayerData::City(model) => model.objects.get(at)?.id.as_str(),
                LayerData::Features(layer) => layer.features.get(at)?.id.as_str(),
                LayerData::Meshes(model) => model.features.get(at)?.id.as_str(),
                LayerData::Streets(network) => network.links.get(at)?.id.as_str(),
                LayerData::Transit(timetable) => timetable.stops.get(at)?.id.as_str(),
                LayerData::Sensors(sensors) => sensors.things.get(at)?.id.as_str(),
                LayerData::Terrain(_) | LayerData::Points(_) => return None,
            })
        })
    }

    pub fn len(&self) -> usize {
        self.positions.len()
    }

    pub fn is_empty(&self) -> bool {
        self.positions.is_empty()
    }
}

/// Always the same for the same id, so that results never depend on a seed.
fn hash_of(id: &str) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_doubles_is_found() {
        let ids = ["a", "b", "a"];
        let index = IdIndex::new(ids);
        let find = |id| index.find(id, |at| ids.get(at).copied());
        assert_eq!((find("a"), find("b"), find("c"), index.len()), (Some(0), Some(1), None, 3));
    }

    #[test]
    fn every_building_of_the_demo_city_is_found_at_its_place() {
        for layer in crate::demo::build(crate::demo::DEMO_SEED).layers {
            let index = IdIndex::of_layer(&layer.data);
            if let LayerData::City(model) = &layer.data {
                for (at, object) in model.objects.iter().enumerate() {
                    assert_eq!(index.find_in(&layer.data, &object.id), Some(at));
                }
                assert_eq!(index.find_in(&layer.data, "no such building"), None);
            }
        }
    }
}
