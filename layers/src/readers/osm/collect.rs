//! What the first pass over the file keeps: everything but the places of nodes.

use std::collections::BTreeMap;

use super::{
    areas,
    element::Element,
    places::{self, Area, Facts, Kind, Outline, Place},
    restrictions::{self, Restriction},
    street::{self, Street},
};
use crate::{model::Bounds3, readers::osm::element::Tags};

#[derive(Default)]
pub(super) struct Collected {
    pub counts: BTreeMap<&'static str, u64>,
    pub bounds: Bounds3,
    pub streets: Vec<(i64, Vec<i64>, Street)>,
    pub areas: Vec<Area>,
    pub rails: Vec<(i64, Vec<i64>, Facts)>,
    pub places: Vec<Place>,
    pub trees: Vec<Place>,
    pub signals: Vec<i64>,
    pub restrictions: Vec<Restriction>,
}

impl Collected {
    pub fn add(&mut self, element: Element<'_>) {
        let mut count = |name| *self.counts.entry(name).or_default() += 1;
        match element {
            Element::Node { id, lon, lat, tags } => {
                count("nodes");
                self.bounds.add([lon, lat, 0.0]);
                if tags.is_empty() {
                    return;
                }
                if tags.is("highway", "traffic_signals") || tags.is("crossing", "traffic_signals") {
                    self.signals.push(id);
                }
                let position = [lon, lat, 0.0];
                if let Some(facts) = places::poi_facts(&tags) {
                    self.places.push(Place { id, position, facts });
                }
                if let Some(facts) = areas::tree_facts(&tags) {
                    self.trees.push(Place { id, position, facts });
                }
            }
            Element::Way { id, refs, tags } => {
                count("ways");
                if tags.get("building").is_some() {
                    count("buildings");
                }
                let is_closed = refs.len() >= 4 && refs.first() == refs.last();
                let things = if is_closed { things_of(&tags) } else { Vec::new() };
                if !things.is_empty() {
                    self.areas.push(Area {
                        id: format!("way/{id}"),
                        outline: Outline::Way(refs.clone()),
                        things,
                    });
                }
                if tags.get("highway").is_some() {
                    count("highways");
                    if let Some(street) = street::street_from_tags(&tags) {
                        self.streets.push((id, refs, street));
                        return;
                    }
                }
                if let Some(facts) = areas::rail_facts(&tags) {
                    self.rails.push((id, refs, facts));
                }
            }
            Element::Relation { id, members, tags } => {
                count("relations");
                if let Some(restriction) = restrictions::restriction_of(id, &members, &tags) {
                    self.restrictions.push(restriction);
                }
                if tags.is("type", "multipolygon") {
                    let things = things_of(&tags);
                    if !things.is_empty() {
                        let outline = Outline::Members(members);
                        self.areas.push(Area { id: format!("relation/{id}"), outline, things });
                    }
                }
            }
        }
    }
}

/// All that an area is.
fn things_of(tags: &Tags<'_>) -> Vec<(Kind, Facts)> {
    if tags.is_empty() {
        return Vec::new();
    }
    let building = places::building_facts(tags).map(|facts| (Kind::Building, facts));
    // A way may be a building and its own only part.
    let part =
        places::part_facts(tags).filter(|_| building.is_none()).map(|facts| (Kind::BuildingPart, facts));
    let is_building = building.is_some() || part.is_some();
    // What is a building is no ground, even where it is tagged as a car park or a pool.
    let surface = if is_building { None } else { areas::surface_facts(tags) };
    let land_use = if is_building { None } else { areas::land_use_facts(tags) };
    [
        building,
        part,
        places::poi_facts(tags).map(|facts| (Kind::Place, facts)),
        surface.map(|facts| (Kind::Surface, facts)),
        land_use.map(|facts| (Kind::LandUse, facts)),
    ]
    .into_iter()
    .flatten()
    .collect()
}
