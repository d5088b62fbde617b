//! Trips that are known: an OD matrix with zones at known places, instead of demand made from people and jobs
//! (MODELS.md section 3).

use std::collections::HashMap;

use geo::{Centroid, Contains, InteriorPoint};
use layers::model::{FeatureLayer, Value};

use super::{
    Demand, DemandError, Zone, distance_km,
    matrix::{OdError, OdMatrix},
    pcu_per_person, skim_minutes,
};
use crate::{assumptions::Assumptions, models::road::RoadModel};

/// More zones than this take gigabytes, and no matrix of a city has them.
pub const MOST_ZONES: usize = 5_000;
/// Names that a message tells; more are counted.
const TOLD: usize = 6;

/// Trips that are known, for zones at known places.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ZoneTrips {
    /// For people, such as the name of the file.
    pub source: String,
    /// What the zones are called in the matrix.
    pub ids: Vec<String>,
    /// Project CRS, metres.
    pub zones: Vec<[f64; 2]>,
    /// Vehicles in the peak hour, row-major; those inside a zone are left out of the assignment.
    pub trips: Vec<f64>,
}

impl ZoneTrips {
    /// From a table and the places of zones by id, in the order of `zones`; a place that is not finite is none. Zones
    /// without trips may be missing on either side. The error holds everything that does not fit: zones with trips that
    /// are not there, that are there twice, or that have no place, each kind with its trips.
    pub fn new(matrix: &OdMatrix, zones: &[(String, [f64; 2])]) -> Result<Self, OdError> {
        let count = matrix.zones.len();
        let mut rows: HashMap<&str, Vec<usize>> = HashMap::new();
        for (row, (id, _)) in zones.iter().enumerate().filter(|(_, (id, _))| !id.is_empty()) {
            rows.entry(id).or_default().push(row);
        }
        let rows_of = |zone: usize| rows.get(matrix.zones[zone].as_str()).map_or(&[][..], Vec::as_slice);
        let has_place = |row: usize| zones[row].1.iter().all(|v| v.is_finite());
        let has_trips = |zone: usize| {
            (0..count).any(|other| matrix.get(zone, other) > 0.0 || matrix.get(other, zone) > 0.0)
        };
        let used: Vec<usize> = (0..count).filter(|&zone| has_trips(zone)).collect();
        let mut faults = Vec::new();
        if matrix.total() <= 0.0 {
            faults.push(format!("expected trips between the {count} zones of the matrix, found none"));
        }
        let found = |wanted: &dyn Fn(&[usize]) -> bool| -> Vec<usize> {
            used.iter().copied().filter(|&zone| wanted(rows_of(zone))).collect()
        };
        let absent = found(&|rows| rows.is_empty());
        let twice = found(&|rows| rows.len() > 1);
        let nowhere = found(&|rows| matches!(rows, [row] if !has_place(*row)));
        let named = |wrong: &[usize]| names(wrong.iter().map(|&zone| matrix.zones[zone].as_str()));
        let trips_of = |wrong: &[usize]| {
            let mut is_wrong = vec![false; count];
            for &zone in wrong {
                is_wrong[zone] = true;
            }
            let at = |place: usize| is_wrong[place / count] || is_wrong[place % count];
            let sum: f64 = (0..count * count).filter(|&place| at(place)).map(|p| matrix.trips[p]).sum();
            format!("{sum:.1} of {:.1} trips begin or end there", matrix.total())
        };
        if !used.is_empty() && absent.len() == used.len() {
            faults.push(format!(
                "expected the zones of the matrix ({}) among the {} zones with a place ({}), found none of them; are \
                 these the ids that the matrix has?",
                named(&absent),
                zones.len(),
                names(zones.iter().map(|(id, _)| id.as_str()))
            ));
        } else if !absent.is_empty() {
            faults.push(format!(
                "expected a place for each of the {} zones with trips, found none for {} of them ({}); {}: add them to \
                 the zones, or leave them out of the matrix",
                used.len(),
                absent.len(),
                named(&absent),
                trips_of(&absent)
            ));
        }
        if !twice.is_empty() {
            faults.push(format!(
                "expected each zone once, found {} of them more often ({}); {}: join their parts, or give each its own \
                 id",
                twice.len(),
                named(&twice),
                trips_of(&twice)
            ));
        }
        if !nowhere.is_empty() {
            faults.push(format!(
                "expected a point or an area for each zone, found {} without ({}); {}: draw them",
                nowhere.len(),
                named(&nowhere),
                trips_of(&nowhere)
            ));
        }
        // The first of each id that has a place; what else is called the same has no trips.
        let mut kept: Vec<usize> =
            rows.values().filter_map(|rows| rows.iter().copied().find(|&row| has_place(row))).collect();
        kept.sort_unstable();
        if kept.len() > MOST_ZONES {
            faults.push(format!(
                "expected at most {MOST_ZONES} zones, found {}; are these the zones of the matrix (it has {count})?",
                kept.len()
            ));
        }
        if !faults.is_empty() {
            return Err(OdError { faults });
        }
        let ids: Vec<String> = kept.iter().map(|&row| zones[row].0.clone()).collect();
        let trips = matrix.in_order_of(&ids)?;
        let positions = kept.iter().map(|&row| zones[row].1).collect();
        Ok(Self { source: String::new(), ids, zones: positions, trips })
    }

    /// Says where the trips come from, for people.
    #[must_use]
    pub fn from_source(self, source: impl Into<String>) -> Self {
        Self { source: source.into(), ..self }
    }

    /// Vehicles in the peak hour, those inside a zone included.
    pub fn total(&self) -> f64 {
        self.trips.iter().sum()
    }

    /// Vehicles in the peak hour that stay inside a zone.
    pub fn inside_zones(&self) -> f64 {
        let count = self.zones.len();
        (0..count).filter_map(|zone| self.trips.get(zone * count + zone)).sum()
    }

    /// Zones with trips to or from other zones that cannot begin or end, as `is_connected` tells, and those trips.
    pub fn cut_off(&self, is_connected: &[bool]) -> (Vec<usize>, f64) {
        let count = self.zones.len();
        let is_off = |zone: usize| !is_connected.get(zone).copied().unwrap_or(false);
        let (mut has_lost, mut lost) = (vec![false; count], 0.0);
        for (origin, destination) in (0..count).flat_map(|o| (0..count).map(move |d| (o, d))) {
            let trips = self.trips.get(origin * count + destination).copied().unwrap_or(0.0);
            if origin == destination || trips <= 0.0 || !(is_off(origin) || is_off(destination)) {
                continue;
            }
            lost += trips;
            for zone in [origin, destination] {
                has_lost[zone] |= is_off(zone);
            }
        }
        ((0..count).filter(|&zone| has_lost[zone]).collect(), lost)
    }
}

/// At most a few names in quotation marks, and how many more there are.
pub(crate) fn names<'a>(all: impl Iterator<Item = &'a str>) -> String {
    let all: Vec<&str> = all.collect();
    let told: Vec<String> = all.iter().take(TOLD).map(|name| format!("\"{name}\"")).collect();
    let more = all.len() - told.len();
    let told = told.join(", ");
    if more > 0 { format!("{told} and {more} more") } else { told }
}

/// The places of the zones of a layer by id: a point as it is, an area at its middle or, where that lies outside, at a
/// point inside. `column` has the ids; without it they are those of the features. Not finite where there is no geometry.
/// `None` where there is no such column.
pub fn zone_places(layer: &FeatureLayer, column: Option<&str>) -> Option<Vec<(String, [f64; 2])>> {
    if let Some(column) = column {
        layer.attributes.column(column)?;
    }
    let place = |(row, feature): (usize, &layers::model::Feature)| {
        let id =
            column.map_or_else(|| feature.id.clone(), |column| id_of(&layer.attributes.get(row, column)));
        let position = feature.geometry.as_ref().and_then(point_inside).unwrap_or([f64::NAN; 2]);
        (id.trim().to_owned(), position)
    };
    Some(layer.features.iter().enumerate().map(place).collect())
}

/// A number as a matrix writes it: spreadsheets make `101.0` of zone 101.
fn id_of(value: &Value) -> String {
    match value {
        Value::Real(number) if number.fract() == 0.0 && number.abs() < 1e15 => format!("{number:.0}"),
        other => other.to_text(),
    }
}

fn point_inside(geometry: &geo::Geometry<f64>) -> Option<[f64; 2]> {
    let is_area = matches!(geometry, geo::Geometry::Polygon(_) | geo::Geometry::MultiPolygon(_));
    let middle = geometry.centroid()?;
    let point = if is_area && !geometry.contains(&middle) { geometry.interior_point()? } else { middle };
    Some([point.x(), point.y()]).filter(|place| place.iter().all(|v| v.is_finite()))
}

/// The demand of a known matrix. Mode shares, which the matrix does not tell, come from the distance. Trips from and to
/// zones without a street are left out ([`ZoneTrips::cut_off`]).
pub fn demand_of_matrix(
    zones: &[Zone],
    known: &ZoneTrips,
    road: &RoadModel,
    assumptions: &Assumptions,
) -> Result<Demand, DemandError> {
    let count = zones.len();
    let connected = road.is_connected[..count].iter().filter(|c| **c).count();
    if connected < 2 {
        return Err(DemandError::Disconnected { zones: count, connected });
    }
    let pcu = assumptions.pcu_per_vehicle();
    let persons_per_pcu = 1.0 / pcu_per_person(assumptions);
    let mut demand = Demand { is_from_matrix: true, journeys: vec![0.0; count * count], ..Demand::default() };
    let (mut km_sum, mut all) = (0.0, 0.0);
    for origin in 0..count {
        for destination in 0..count {
            if !(road.is_connected[origin] && road.is_connected[destination]) {
                continue;
            }
            let trips = known.trips.get(origin * count + destination).copied().unwrap_or(0.0) * pcu;
            let km = distance_km(&zones[origin], &zones[destination], assumptions);
            let split = assumptions.split_at_km(km);
            let persons = trips * persons_per_pcu / split.car.max(0.01);
            demand.journeys[origin * count + destination] = persons;
            km_sum += persons * km;
            all += persons;
            demand.push(origin, destination, trips, split, 1.0);
        }
    }
    if demand.pairs.is_empty() {
        return Err(DemandError::EmptyMatrix { zones: count });
    }
    demand.journeys_per_day = all / assumptions.peak_share.central;
    demand.mean_km = if all > 0.0 { km_sum / all } else { 0.0 };
    demand.minutes = skim_minutes(road);
    Ok(demand)
}

#[cfg(test)]
mod tests {
    use geo::polygon;
    use layers::model::Feature;

    use super::*;

    fn at(zones: &[(&str, f64)]) -> Vec<(String, [f64; 2])> {
        zones.iter().map(|(id, x)| ((*id).to_owned(), [*x, 0.0])).collect()
    }

    #[test]
    fn zones_come_in_the_order_of_their_places_with_all_trips() {
        let matrix = OdMatrix::from_csv("o,d,trips\nb,a,3\na,b,1\nb,b,5\n").unwrap();
        let known = ZoneTrips::new(&matrix, &at(&[("a", 1.0), ("c", 2.0), ("b", 3.0)])).unwrap();
        assert_eq!(
            (known.ids.as_slice(), known.zones[2]),
            (&["a", "c", "b"].map(str::to_owned)[..], [3.0, 0.0])
        );
        assert_eq!(known.trips, [0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 3.0, 0.0, 5.0]);
        assert_eq!((known.total(), known.inside_zones()), (9.0, 5.0));
        assert_eq!(known.cut_off(&[true, true, true]), (vec![], 0.0));
        assert_eq!(known.cut_off(&[false, false, true]), (vec![0], 4.0), "zone c has nothing to lose");
        // A second "c" without trips hurts nobody.
        let known = ZoneTrips::new(&matrix, &at(&[("a", 1.0), ("c", 2.0), ("c", 4.0), ("b", 3.0)])).unwrap();
        assert_eq!(known.zones[1], [2.0, 0.0]);
    }

    #[test]
    fn all_that_does_not_fit_is_told_together_with_its_trips() {
        let matrix = OdMatrix::from_csv("o,d,trips\na,b,1\nb,c,2\nc,d,4\nd,a,8\ne,e,0\n").unwrap();
        let zones = at(&[("a", 1.0), ("b", 2.0), ("b", 3.0), ("c", f64::NAN)]);
        let faults = ZoneTrips::new(&matrix, &zones).unwrap_err().faults;
        let [absent, twice, nowhere] = faults.as_slice() else { panic!("{faults:?}") };
        for (fault, words) in [
            (
                absent,
                [
                    "each of the 4 zones with trips",
                    "1 of them (\"d\")",
                    "12.0 of 15.0 trips",
                    "leave them out",
                ],
            ),
            (twice, ["each zone once", "1 of them more often (\"b\")", "3.0 of 15.0 trips", "its own id"]),
            (nowhere, ["a point or an area", "1 without (\"c\")", "6.0 of 15.0 trips", "draw them"]),
        ] {
            for word in words {
                assert!(fault.contains(word), "expected \"{word}\" in: {fault}");
            }
        }
        let faults = ZoneTrips::new(&matrix, &at(&[("1", 0.0), ("2", 1.0)])).unwrap_err().faults;
        assert_eq!(faults.len(), 1, "{faults:?}");
        for word in
            ["\"a\", \"b\", \"c\", \"d\"", "2 zones with a place (\"1\", \"2\")", "found none of them"]
        {
            assert!(faults[0].contains(word), "{faults:?}");
        }
        let empty = OdMatrix::from_csv("o,d,trips\na,b,0\n").unwrap();
        assert!(ZoneTrips::new(&empty, &at(&[("a", 0.0)])).unwrap_err().to_string().contains("found none"));
        let many: Vec<(String, [f64; 2])> = (0..=MOST_ZONES).map(|i| (i.to_string(), [0.0; 2])).collect();
        let one = OdMatrix::from_csv("o,d,trips\n1,2,3\n").unwrap();
        assert!(ZoneTrips::new(&one, &many).unwrap_err().to_string().contains("at most 5000 zones"));
    }

    #[test]
    fn a_zone_lies_inside_its_area_and_is_called_as_its_column_says() {
        let horseshoe = polygon![
            (x: 0.0, y: 0.0), (x: 10.0, y: 0.0), (x: 10.0, y: 1.0), (x: 1.0, y: 1.0),
            (x: 1.0, y: 9.0), (x: 10.0, y: 9.0), (x: 10.0, y: 10.0), (x: 0.0, y: 10.0),
        ];
        assert!(!horseshoe.contains(&horseshoe.centroid().unwrap()));
        let mut layer = FeatureLayer::default();
        let geometries: [Option<geo::Geometry<f64>>; 3] =
            [Some(horseshoe.clone().into()), Some(geo::Point::new(3.0, 4.0).into()), None];
        for (row, geometry) in geometries.into_iter().enumerate() {
            layer.features.push(Feature { id: format!("f{row}"), geometry });
        }
        layer.attributes.set(0, "zone", 101.0);
        layer.attributes.set(1, "zone", 205_i64);
        layer.attributes.set(2, "zone", " 309 ");
        let places = zone_places(&layer, Some("zone")).unwrap();
        assert_eq!(places.iter().map(|p| p.0.as_str()).collect::<Vec<_>>(), ["101", "205", "309"]);
        assert!(horseshoe.contains(&geo::Point::from(places[0].1)), "{places:?}");
        assert_eq!(places[1].1, [3.0, 4.0]);
        assert!(places[2].1[0].is_nan());
        assert_eq!(zone_places(&layer, None).unwrap()[1].0, "f1");
        assert_eq!(zone_places(&layer, Some("nummer")), None);
    }
}
