//! How a measure points at crossings, stops, lines and buildings.

use std::sync::Arc;

use layers::model::{StreetNetwork, Timetable};
use serde::{Deserialize, Serialize};

use crate::baseline::buildings::Building;

/// Farthest that a stop may have moved to be taken for the same one, metres.
const SAME_STOP_M: f64 = 50.0;
/// Farthest that the middle of a building may have moved to be taken for the same one, metres.
const SAME_BUILDING_M: f64 = 2.0;

/// The nearest of `positions` with its distance, metres; the first of equally near ones.
pub(crate) fn nearest_named(
    point: [f64; 2],
    positions: impl Iterator<Item = [f64; 2]>,
) -> Option<(f64, usize)> {
    positions
        .map(|[x, y]| (x - point[0]).hypot(y - point[1]))
        .enumerate()
        .filter(|(_, away_m)| away_m.is_finite())
        .map(|(index, away_m)| (away_m, index))
        .min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)))
}

/// A crossing by its public id and place.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NodeReference {
    /// [`layers::model::Node::id`].
    pub id: String,
    /// Project CRS, metres.
    #[serde(default)]
    pub position: [f64; 2],
}

impl NodeReference {
    /// The reference to `network.nodes[node]`; `None` outside the network.
    pub fn of(network: &StreetNetwork, node: u32) -> Option<Self> {
        network.nodes.get(node as usize).map(|node| Self { id: node.id.clone(), position: node.position })
    }
}

/// A stop by its GTFS `stop_id`, name and place.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StopReference {
    pub id: String,
    #[serde(default)]
    pub name: String,
    /// Project CRS, metres.
    #[serde(default)]
    pub position: [f64; 2],
}

impl StopReference {
    /// The reference to `timetable.stops[stop]`; `None` outside it.
    pub fn of(timetable: &Timetable, stop: u32) -> Option<Self> {
        timetable.stops.get(stop as usize).map(|stop| Self {
            id: stop.id.clone(),
            name: stop.name.clone(),
            position: stop.position,
        })
    }

    /// Timetable and stop: the one with this id, or else the nearest one of that name within 50 m. The error names the
    /// nearest stop.
    pub fn resolve(&self, timetables: &[Arc<Timetable>]) -> Result<(usize, u32), String> {
        let all = || {
            let one = |(feed, timetable): (usize, &'_ Arc<Timetable>)| (feed, timetable.stops.len());
            timetables
                .iter()
                .enumerate()
                .map(one)
                .flat_map(|(feed, stops)| (0..stops).map(move |stop| (feed, stop as u32)))
        };
        let stop_at = |(feed, stop): (usize, u32)| &timetables[feed].stops[stop as usize];
        if let Some(found) = all().find(|&place| stop_at(place).id == self.id) {
            return Ok(found);
        }
        let away = |place: &(usize, u32)| {
            let [x, y] = stop_at(*place).position;
            (x - self.position[0]).hypot(y - self.position[1])
        };
        let nearest = |places: &mut dyn Iterator<Item = (usize, u32)>| {
            places.map(|place| (away(&place), place)).min_by(|a, b| a.0.total_cmp(&b.0))
        };
        let mut namesakes = all().filter(|&place| !self.name.is_empty() && stop_at(place).name == self.name);
        match (nearest(&mut namesakes), nearest(&mut all())) {
            (Some((away_m, place)), _) if away_m <= SAME_STOP_M => Ok(place),
            (_, Some((away_m, place))) => Err(format!(
                "no stop matches \"{}\" (\"{}\"); nearest is \"{}\" (\"{}\"), {away_m:.0} m away",
                self.id,
                self.name,
                stop_at(place).id,
                stop_at(place).name
            )),
            (_, None) => Err(format!(
                "no stop matches \"{}\" (\"{}\"); the data have no stops, add a GTFS timetable",
                self.id, self.name
            )),
        }
    }
}

/// A line by its GTFS `route_id` and the number on the bus.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RouteReference {
    pub id: String,
    /// `route_short_name`, such as "5".
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub agency: String,
}

impl RouteReference {
    /// The reference to `timetable.routes[route]`; `None` outside it.
    pub fn of(timetable: &Timetable, route: u32) -> Option<Self> {
        timetable.routes.get(route as usize).map(|route| Self {
            id: route.id.clone(),
            name: route.short_name.clone(),
            agency: route.agency.clone(),
        })
    }

    /// Timetable and route: the one with this id, or else the only one of that agency and number. The error lists those
    /// of the same number.
    pub fn resolve(&self, timetables: &[Arc<Timetable>]) -> Result<(usize, u32), String> {
        let all = || {
            timetables.iter().enumerate().flat_map(|(feed, timetable)| {
                timetable.routes.iter().enumerate().map(move |(route, line)| (feed, route as u32, line))
            })
        };
        if let Some((feed, route, _)) = all().find(|(_, _, line)| line.id == self.id) {
            return Ok((feed, route));
        }
        let namesakes: Vec<_> =
            all().filter(|(_, _, line)| !self.name.is_empty() && line.short_name == self.name).collect();
        let same: Vec<_> = namesakes.iter().filter(|(_, _, line)| line.agency == self.agency).collect();
        if let [(feed, route, _)] = same.as_slice() {
            return Ok((*feed, *route));
        }
        let wanted = format!("no line matches \"{}\" (\"{}\")", self.id, self.name);
        if namesakes.is_empty() {
            let lines = all().count();
            return Err(format!("{wanted}; none of the {lines} lines has this number"));
        }
        let ids: Vec<&str> = namesakes.iter().map(|(_, _, line)| line.id.as_str()).collect();
        Err(format!("{wanted}; lines with this number are {}", ids.join(", ")))
    }
}

/// A building by its public id and place.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BuildingReference {
    /// Such as a BAG identificatie.
    pub id: String,
    /// Middle of the box around its footprint; project CRS, metres.
    #[serde(default)]
    pub position: [f64; 2],
}

impl BuildingReference {
    pub fn of(building: &Building) -> Self {
        Self { id: building.id.clone(), position: building.position }
    }

    /// A building of newer data in the same place.
    pub(crate) fn nearby(&self, buildings: &[Building]) -> Option<usize> {
        nearest_named(self.position, buildings.iter().map(|building| building.position))
            .filter(|(away_m, _)| *away_m <= SAME_BUILDING_M)
            .map(|(_, index)| index)
    }

    pub(crate) fn no_match(&self, buildings: &[Building]) -> String {
        let wanted = format!("no building matches \"{}\"", self.id);
        match nearest_named(self.position, buildings.iter().map(|building| building.position)) {
            Some((away_m, index)) => {
                format!("{wanted}; nearest is \"{}\", {away_m:.1} m away", buildings[index].id)
            }
            None => format!("{wanted}; the data have no buildings"),
        }
    }
}
