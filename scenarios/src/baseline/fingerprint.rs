//! The fingerprint of a baseline.

use std::sync::Arc;

use geo::Area;
use layers::model::{FeatureRole, Layer, LayerData, StreetNetwork, Timetable};

use super::{buildings::Building, facts::CityFacts};
use crate::assumptions::Assumptions;

struct Hasher(blake3::Hasher);

impl Hasher {
    fn text(&mut self, text: &str) {
        self.0.update(&(text.len() as u64).to_le_bytes());
        self.0.update(text.as_bytes());
    }
    fn number(&mut self, number: f64) {
        self.0.update(&number.to_bits().to_le_bytes());
    }
    fn count(&mut self, count: usize) {
        self.0.update(&(count as u64).to_le_bytes());
    }
    fn point(&mut self, point: [f64; 2]) {
        self.number(point[0]);
        self.number(point[1]);
    }
}

/// BLAKE3 over everything that the models read.
pub(super) fn fingerprint(
    layers: &[Layer],
    network: &StreetNetwork,
    facts: &CityFacts,
    buildings: &[Building],
    timetables: &[Arc<Timetable>],
    assumptions: &Assumptions,
) -> String {
    let mut hasher = Hasher(blake3::Hasher::new());
    hasher.text("stadsmaquette-baseline 1");
    hasher.count(layers.len());
    for layer in layers {
        hasher.text(&layer.id);
        hasher.text(&layer.provenance.source);
        hasher.text(&layer.provenance.date);
        hasher.text(&layer.provenance.checksum);
        if let LayerData::Features(features) = &layer.data
            && features.role == FeatureRole::Surfaces
        {
            hasher.count(features.features.len());
            for (row, feature) in features.features.iter().enumerate() {
                hasher.text(&features.attributes.get(row, "surface").to_text());
                hasher.number(feature.geometry.as_ref().map_or(0.0, Area::unsigned_area));
            }
        }
    }
    hasher.count(network.nodes.len());
    for node in &network.nodes {
        hasher.text(&node.id);
        hasher.point(node.position);
        hasher.count(usize::from(node.has_signals));
    }
    hasher.count(network.links.len());
    for link in &network.links {
        hasher.text(&link.id);
        hasher.text(&link.name);
        hasher.text(link.class.name());
        for count in [link.from, link.to, link.lanes_forward.into(), link.lanes_backward.into()] {
            hasher.count(count as usize);
        }
        hasher.count(usize::from(link.forward.0) << 8 | usize::from(link.backward.0));
        hasher.number(link.length_m);
        hasher.number(link.width_m);
        hasher.number(link.speed_limit_mps);
    }
    hasher.count(facts.places.len());
    for place in &facts.places {
        hasher.point(place.position);
        for number in [place.residents, place.jobs, place.shop_m2, place.schools] {
            hasher.number(number);
        }
    }
    for places in &facts.needs {
        hasher.count(places.len());
        for &place in places {
            hasher.point(place);
        }
    }
    hasher.count(facts.emergency_sites.len());
    for &site in &facts.emergency_sites {
        hasher.point(site);
    }
    // Nothing where there is no cordon, so that such baselines keep their fingerprint.
    for point in &facts.cordon {
        hasher.point(point.position);
        hasher.text(&point.name);
        hasher.number(point.vehicles_per_day);
        hasher.number(point.through_share);
    }
    for building in buildings {
        hasher.text(&building.id);
        hasher.text(building.function.map_or("", |function| function.bag_name()));
        for number in [building.floor_area_m2, building.footprint_m2, building.height_m, building.dwellings] {
            hasher.number(number);
        }
    }
    for timetable in timetables {
        hash_timetable(&mut hasher, timetable);
    }
    for area in &facts.areas.all {
        hasher.text(&area.id);
        hasher.text(&area.name);
    }
    for area in &facts.areas.of_place {
        hasher.count(area.map_or(0, |area| area as usize + 1));
    }
    hasher.text(&serde_json::to_string(assumptions).unwrap_or_default());
    hasher.0.finalize().to_hex().to_string()
}

/// BLAKE3 over what routing reads of a timetable.
pub(crate) fn timetable_key(timetable: &Timetable) -> [u8; 32] {
    let mut hasher = Hasher(blake3::Hasher::new());
    hash_timetable(&mut hasher, timetable);
    *hasher.0.finalize().as_bytes()
}

fn hash_timetable(hasher: &mut Hasher, timetable: &Timetable) {
    hasher.count(timetable.stops.len());
    for stop in &timetable.stops {
        hasher.text(&stop.id);
        hasher.point(stop.position);
    }
    for route in &timetable.routes {
        hasher.text(&route.id);
        hasher.count(route.route_type.into());
    }
    hasher.count(timetable.trips.len());
    for trip in &timetable.trips {
        for count in [trip.route, trip.service, trip.first_call, trip.call_count] {
            hasher.count(count as usize);
        }
        for &(from, to, headway) in &trip.frequencies {
            hasher.count(from as usize);
            hasher.count(to as usize);
            hasher.count(headway as usize);
        }
    }
    for call in &timetable.stop_times {
        for count in [call.stop, call.arrival_secs, call.departure_secs] {
            hasher.count(count as usize);
        }
    }
    for service in &timetable.services {
        hasher.text(&service.id);
        hasher.count(service.weekdays.iter().fold(0, |bits, &runs| bits << 1 | usize::from(runs)));
        for date in [service.start_date, service.end_date]
            .iter()
            .chain(&service.added_dates)
            .chain(&service.removed_dates)
        {
            hasher.count(*date as usize);
        }
    }
}
