//! Zones from places: a square grid, coarse enough for the wanted number.

use std::collections::BTreeMap;

use crate::baseline::facts::Place;

/// People and things that attract them, together at one point.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Zone {
    /// Mean of its places, weighted by residents and jobs; project CRS, metres.
    pub position: [f64; 2],
    pub residents: f64,
    pub jobs: f64,
    pub shop_m2: f64,
    pub schools: f64,
}

/// At most `max_zones` zones of the cells of a square grid; fewer places become one zone each. Sums are kept. Places
/// without a finite position are left out. Order: from south to north, then west to east.
pub fn zones_from_places(places: &[Place], max_zones: usize) -> Vec<Zone> {
    let places: Vec<&Place> =
        places.iter().filter(|place| place.position.iter().all(|v| v.is_finite())).collect();
    let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
    for place in &places {
        for axis in 0..2 {
            low[axis] = low[axis].min(place.position[axis]);
            high[axis] = high[axis].max(place.position[axis]);
        }
    }
    if places.is_empty() {
        return Vec::new();
    }
    let max_zones = max_zones.max(1);
    let span = (high[0] - low[0]).max(high[1] - low[1]).max(1.0);
    let mut cell_m =
        (span / (max_zones as f64).sqrt() / 4.0).max(if places.len() <= max_zones { 1.0 } else { 20.0 });
    if places.len() <= max_zones {
        cell_m = 1.0;
    }
    loop {
        let mut cells: BTreeMap<(i64, i64), Vec<&Place>> = BTreeMap::new();
        for &place in &places {
            let key = |axis: usize| ((place.position[axis] - low[axis]) / cell_m).floor() as i64;
            cells.entry((key(1), key(0))).or_default().push(place);
        }
        if cells.len() <= max_zones {
            return cells.into_values().map(|members| merge(&members)).collect();
        }
        cell_m *= 1.1;
    }
}

fn merge(members: &[&Place]) -> Zone {
    let mut zone = Zone::default();
    let mut weight = 0.0;
    let mut sum = [0.0; 2];
    for place in members {
        zone.residents += place.residents;
        zone.jobs += place.jobs;
        zone.shop_m2 += place.shop_m2;
        zone.schools += place.schools;
        let own = place.residents + place.jobs + 1e-6;
        weight += own;
        for (sum, value) in sum.iter_mut().zip(place.position) {
            *sum += own * value;
        }
    }
    zone.position = [sum[0] / weight, sum[1] / weight];
    zone
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_keep_all_people_and_stay_within_the_limit() {
        let places: Vec<Place> = (0..5000)
            .map(|i| Place {
                position: [f64::from(i % 83) * 37.0, f64::from(i % 61) * 41.0],
                residents: f64::from(i % 7),
                jobs: f64::from(i % 3),
                ..Place::default()
            })
            .collect();
        for limit in [1, 10, 200, 300] {
            let zones = zones_from_places(&places, limit);
            assert!(zones.len() <= limit && zones.len() * 3 >= limit, "{} of {limit}", zones.len());
            let sum = |f: fn(&Place) -> f64| places.iter().map(f).sum::<f64>();
            assert!((zones.iter().map(|z| z.residents).sum::<f64>() - sum(|p| p.residents)).abs() < 1e-6);
            assert!((zones.iter().map(|z| z.jobs).sum::<f64>() - sum(|p| p.jobs)).abs() < 1e-6);
        }
        assert!(zones_from_places(&[], 10).is_empty());
        assert_eq!(zones_from_places(&places[..9], 10).len(), 9, "few places stay apart");
    }
}
