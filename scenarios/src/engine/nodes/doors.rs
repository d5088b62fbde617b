//! Where places are: the street at their door and their zone of demand. What links and zones show, residents feel there.

use layers::model::LinkClass;
use rstar::{
    PointDistance, RTree,
    primitives::{GeomWithData, Line},
};

use crate::{
    engine::{Given, Node, NodeError, Read},
    models::demand::ZoneTable,
};

/// A street farther from a building than this is not at its door, metres.
const AT_DOOR_M: f64 = 100.0;

/// By place of the facts.
#[derive(Debug, Default)]
pub struct Doors {
    /// The nearest carriageway within 100 m.
    pub street: Vec<Option<u32>>,
    /// The zone of demand; none for a place without a position.
    pub zone: Vec<Option<u32>>,
}

impl Node for Doors {
    const NAME: &'static str = "doors";
    const KEEPS: bool = true;
    const WORK: u32 = 300;

    fn reads() -> Vec<Read> {
        Vec::new()
    }

    fn compute(given: &Given) -> Result<Self, NodeError> {
        let network = given.baseline().network();
        let pieces = network
            .links
            .iter()
            .enumerate()
            .filter(|(_, link)| link.class.is_carriageway() && link.class != LinkClass::Service)
            .flat_map(|(index, link)| link.geometry.windows(2).map(move |pair| (index, pair)))
            .filter(|(_, pair)| pair.iter().flatten().all(|v| v.is_finite()))
            .map(|(index, pair)| GeomWithData::new(Line::new(pair[0], pair[1]), index as u32))
            .collect();
        let streets: RTree<GeomWithData<Line<[f64; 2]>, u32>> = RTree::bulk_load(pieces);
        given.check_cancelled()?;
        let places = &given.baseline().facts().places;
        let is_somewhere = |at: &[f64; 2]| at.iter().all(|v| v.is_finite());
        let street = |at: [f64; 2]| {
            let nearest = is_somewhere(&at).then(|| streets.nearest_neighbor(at)).flatten()?;
            (nearest.distance_2(&at) <= AT_DOOR_M * AT_DOOR_M).then_some(nearest.data)
        };
        let zone = ZoneTable::new(places, given.assumptions().max_zones).zone_of_place;
        Ok(Self { street: places.iter().map(|place| street(place.position)).collect(), zone })
    }

    fn bytes(&self) -> usize {
        self.street.len() * 16
    }
}
