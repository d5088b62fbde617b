//! Hashes of edits: the inputs of models by value, so that what was computed before is found again.

use super::{CarSpeed, CityEdit};
use layers::model::Modes;

/// Of everything in an edit that car traffic depends on.
pub(super) fn road(edit: &CityEdit) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    let mut number = |value: u64| {
        hasher.update(&value.to_le_bytes());
    };
    for (link, change) in edit.streets.changed_links() {
        let car = |modes: Modes| u64::from((modes & Modes::CAR).0);
        let speed = match change.car_speed {
            None => [0, 0],
            Some(CarSpeed::Factor(factor)) => [1, factor.to_bits()],
            Some(CarSpeed::Kmh(kmh)) => [2, kmh.to_bits()],
        };
        let capacity = change.car_capacity_per_lane.map_or(0, f64::to_bits);
        let closed = car(change.removed_forward) << 1 | car(change.removed_backward);
        if closed == 0 && speed == [0, 0] && capacity == 0 {
            continue;
        }
        for value in [1, link as u64, closed, speed[0], speed[1], capacity] {
            number(value);
        }
    }
    for split in edit.streets.splits() {
        number(2);
        number(u64::from(split.node));
        number(split.apart.len() as u64);
        for &link in &split.apart {
            number(link as u64);
        }
    }
    for (index, building) in edit.buildings.all_changes() {
        number(3);
        number(index as u64);
        let Some(building) = building else { continue };
        for value in [
            building.position[0],
            building.position[1],
            building.residents,
            building.jobs,
            building.shop_m2,
            building.schools,
        ] {
            number(value.to_bits());
        }
    }
    for hub in edit.buildings.hubs() {
        number(4);
        let values = [
            hub.position[0],
            hub.position[1],
            hub.places,
            hub.share,
            hub.radius_m,
            hub.walk_kmh,
            hub.arrivals_per_place,
        ];
        for value in values {
            number(value.to_bits());
        }
    }
    *hasher.finalize().as_bytes()
}
