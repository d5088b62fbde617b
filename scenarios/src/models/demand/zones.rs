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

/// Zones, and which places each is made of.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ZoneTable {
    pub zones: Vec<Zone>,
    /// By place; `None` for places without a finite position.
    pub zone_of_place: Vec<Option<u32>>,
}

/// At most `max_zones` zones of the cells of a square grid; fewer places become one zone each. Sums are kept. Places
/// without a finite position are left out. Order: from south to north, then west to east.
pub fn zones_from_places(places: &[Place], max_zones: usize) -> Vec<Zone> {
    ZoneTable::new(places, max_zones).zones
}

impl ZoneTable {
    /// See [`zones_from_places`].
    pub fn new(places: &[Place], max_zones: usize) -> Self {
        let is_somewhere = |place: &Place| place.position.iter().all(|v| v.is_finite());
        let known: Vec<usize> = (0..places.len()).filter(|&place| is_somewhere(&places[place])).collect();
        let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
        for &place in &known {
            for axis in 0..2 {
                low[axis] = low[axis].min(places[place].position[axis]);
                high[axis] = high[axis].max(places[place].position[axis]);
            }
        }
        if known.is_empty() {
            return Self { zones: Vec::new(), zone_of_place: vec![None; places.len()] };
        }
        let max_zones = max_zones.max(1);
        let span = (high[0] - low[0]).max(high[1] - low[1]).max(1.0);
        let mut cell_m =
            if known.len() <= max_zones { 1.0 } else { (span / (max_zones as f64).sqrt() / 4.0).max(20.0) };
        loop {
            let mut cells: BTreeMap<(i64, i64), Vec<usize>> = BTreeMap::new();
            for &place in &known {
                let key = |axis: usize| ((places[place].position[axis] - low[axis]) / cell_m).floor() as i64;
                cells.entry((key(1), key(0))).or_default().push(place);
            }
            if cells.len() <= max_zones {
                let mut table = Self { zones: Vec::new(), zone_of_place: vec![None; places.len()] };
                for members in cells.into_values() {
                    for &place in &members {
                        table.zone_of_place[place] = Some(table.zones.len() as u32);
                    }
                    let members: Vec<&Place> = members.iter().map(|&place| &places[place]).collect();
                    table.zones.push(merge(&members));
                }
                return table;
            }
            cell_m *= 1.1;
        }
    }

    /// Zones at given points, each with the places that are nearest to it.
    pub fn around(points: &[[f64; 2]], places: &[Place]) -> Self {
        let zone = |&position: &[f64; 2]| Zone { position, ..Zone::default() };
        let mut table =
            Self { zones: points.iter().map(zone).collect(), zone_of_place: vec![None; places.len()] };
        let nearest = |place: &Place| table.nearest(place.position, &|_: usize| true).map(|zone| zone as u32);
        let found: Vec<Option<u32>> = places.iter().map(nearest).collect();
        table.zone_of_place = found;
        table.zones = table.with_places(places, |_| true);
        table
    }

    /// The same zones with the people of other `places`: the first ones are the places that the zones were made of, more
    /// may follow and belong to the nearest zone that `is_usable`. Zones without a change are equal to the bit.
    pub fn with_places(&self, places: &[Place], is_usable: impl Fn(usize) -> bool) -> Vec<Zone> {
        let mut zones: Vec<Zone> =
            self.zones.iter().map(|zone| Zone { position: zone.position, ..Zone::default() }).collect();
        for (index, place) in places.iter().enumerate() {
            let zone = match self.zone_of_place.get(index) {
                Some(known) => *known,
                None => self.nearest(place.position, &is_usable).map(|zone| zone as u32),
            };
            if let Some(zone) = zone.and_then(|zone| zones.get_mut(zone as usize)) {
                zone.residents += place.residents;
                zone.jobs += place.jobs;
                zone.shop_m2 += place.shop_m2;
                zone.schools += place.schools;
            }
        }
        zones
    }

    fn nearest(&self, [x, y]: [f64; 2], is_usable: &impl Fn(usize) -> bool) -> Option<usize> {
        let away = |zone: usize| {
            let at = self.zones[zone].position;
            (at[0] - x).hypot(at[1] - y)
        };
        let zones = (0..self.zones.len()).filter(|&zone| is_usable(zone) && away(zone).is_finite());
        zones.min_by(|&a, &b| away(a).total_cmp(&away(b)))
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
        let table = ZoneTable::new(&places, 40);
        assert_eq!(table.with_places(&places, |_| true), table.zones, "the same people give the same zones");
        assert!(zones_from_places(&[], 10).is_empty());
        assert_eq!(zones_from_places(&places[..9], 10).len(), 9, "few places stay apart");
    }
}
