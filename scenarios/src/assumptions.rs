//! Every default of the model book that the engine uses, with its band and source. All are visible and editable.
//!
//! A project keeps its own in a documented file: [`AssumptionsFile`].

mod entries;
mod file;
mod tables;

use serde::{Deserialize, Serialize};

pub use entries::{Allowed, Entry};
pub(crate) use file::nearest_name;
pub use file::{AssumptionProblem, AssumptionsFile};

/// A number with its band and where it comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Assumption {
    pub low: f64,
    pub central: f64,
    pub high: f64,
    /// Unit as people read it; empty for a share or a ratio.
    pub unit: String,
    pub source: String,
}

impl Assumption {
    fn new(low: f64, central: f64, high: f64, unit: &str, source: &str) -> Self {
        Self { low, central, high, unit: unit.to_owned(), source: source.to_owned() }
    }

    /// A number without a band.
    fn fixed(central: f64, unit: &str, source: &str) -> Self {
        Self::new(central, central, central, unit, source)
    }
}

/// Free-flow speed and capacity of a kind of street.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct StreetClassDefaults {
    /// Free-flow speed at the usual limit of the class, km/h.
    pub free_flow_kmh: f64,
    /// The limit that this speed belongs to, km/h; another limit scales it.
    pub usual_limit_kmh: f64,
    /// pcu/h and lane.
    pub capacity_per_lane: f64,
}

/// How drivers adapt (MODELS.md section 4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AdaptationMethod {
    /// Method A: car trips of each pair answer to car time.
    #[default]
    DemandResponds,
    /// Method B: a part of the trips through the closed streets is made no more, the rest looks for other ways. For a city
    /// whose trips are not known well enough for method A.
    ShareEvaporates,
}

/// One row of the base mode split: shares of journeys up to a distance.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModeSplitRow {
    pub up_to_km: f64,
    pub walk: f64,
    pub cycle: f64,
    pub car: f64,
    pub transit: f64,
}

/// A class of the national distribution of journeys by distance.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct DistanceClass {
    pub up_to_km: f64,
    /// Share of all journeys.
    pub share: f64,
}

/// A journey purpose of the gravity model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Purpose {
    pub id: String,
    /// Journeys a person and day.
    pub rate: f64,
    /// β of `exp(−β·ln²(minutes + 1))`.
    pub deterrence: f64,
    /// Weights of what attracts: jobs, residents, shop m², school places (or schools).
    pub jobs_weight: f64,
    pub residents_weight: f64,
    pub shop_weight: f64,
    pub school_weight: f64,
}

/// From 7 to 9 in the morning. Where the timetable holds next to nothing then, its busiest hours are taken instead; another
/// hour that somebody chose is kept.
pub(crate) const USUAL_TRANSIT_FROM_HOUR: f64 = 7.0;

/// The settings of all models. `Default` is the model book.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Assumptions {
    // Streets (MODELS.md section 2).
    pub bpr_b: Assumption,
    pub bpr_power: Assumption,
    pub motorway: StreetClassDefaults,
    pub regional: StreetClassDefaults,
    pub distributor: StreetClassDefaults,
    pub distributor_30: StreetClassDefaults,
    pub residential: StreetClassDefaults,
    pub cycle_street: StreetClassDefaults,
    pub living_street: StreetClassDefaults,
    pub service: StreetClassDefaults,
    /// Least difference of a link that is shown as an effect, vehicles an hour.
    pub noise_floor_vph: Assumption,
    /// Least difference of a travel time that is shown as an effect, whatever the solver can tell.
    pub noise_floor_minutes: Assumption,
    /// Least difference of a share that is shown as an effect, percentage points.
    pub noise_floor_points: Assumption,

    // Demand (section 3).
    pub purposes: Vec<Purpose>,
    pub mode_split: Vec<ModeSplitRow>,
    /// Share of the day's journeys in the peak hour.
    pub peak_share: Assumption,
    /// Share of the peak hour's journeys in the main direction (from home).
    pub peak_direction_share: Assumption,
    /// Persons a car.
    pub car_occupancy: Assumption,
    pub truck_share: Assumption,
    pub truck_pcu: Assumption,
    /// Network distance over straight distance.
    pub detour_factor: Assumption,
    pub residents_per_dwelling: Assumption,
    pub office_m2_per_job: Assumption,
    pub max_zones: usize,
    /// Journeys by distance; what is longer than the data reach leaves them over the main roads at their edge.
    pub journey_distances: Vec<DistanceClass>,
    /// Factor on those journeys; 0 leaves them out.
    pub external_journeys: Assumption,
    /// Most that a road over the border carries in the peak hour, as a part of its capacity.
    pub gateway_load: Assumption,
    /// Part of the elasticity with which journeys over the edge answer, as most of their time is spent elsewhere.
    pub external_response: Assumption,
    /// Relative uncertainty of the level of synthetic demand on a street.
    pub synthetic_demand_band: Assumption,

    // Adaptation (section 4).
    /// Elasticity of car trips to car time: low, central, high adaptation.
    pub car_time_elasticity: Assumption,
    /// Which of the two methods says how drivers adapt. One or the other: both together would count twice.
    pub adaptation_method: AdaptationMethod,
    /// Method B: part of the trips through closed streets that is made no more by car.
    pub evaporation_share: Assumption,
    /// Evaporation outside this range gets a banner.
    pub evaporation_range: Assumption,

    // Walking, cycling and access (sections 1 and 5).
    pub walk_kmh: Assumption,
    pub cycle_kmh: Assumption,
    pub cycle_on_pedestrian_street_kmh: Assumption,
    pub signal_delay_secs: Assumption,
    pub stairs_factor: Assumption,
    /// Walking time to daily needs.
    pub daily_needs_minutes: Assumption,
    pub green_min_area_m2: Assumption,
    /// Relative band of all speeds in travel times.
    pub speed_band: Assumption,
    /// First of the two hours of the day for which public transport is judged.
    pub transit_from_hour: Assumption,
    /// Emergency vehicles on a pedestrian street.
    pub emergency_on_pedestrian_street_kmh: Assumption,

    // Space (section 12).
    pub lane_width_m: Assumption,
    /// One pavement beside a street.
    pub pavement_width_m: Assumption,
    /// Parking places along 100 m of a street where homes are, both sides together, where no map has them.
    pub street_places_per_100m: Assumption,
    pub street_place_m2: Assumption,
    /// With the lanes between the places.
    pub hub_place_m2: Assumption,
}

impl Default for Assumptions {
    fn default() -> Self {
        let class = |free_flow_kmh, usual_limit_kmh, capacity_per_lane| StreetClassDefaults {
            free_flow_kmh,
            usual_limit_kmh,
            capacity_per_lane,
        };
        let own = "own choice, model book section";
        let purpose = |id: &str, rate, deterrence, weights: [f64; 4]| Purpose {
            id: id.to_owned(),
            rate,
            deterrence,
            jobs_weight: weights[0],
            residents_weight: weights[1],
            shop_weight: weights[2],
            school_weight: weights[3],
        };
        let split = |up_to_km, walk: f64, cycle: f64, car: f64, transit: f64| ModeSplitRow {
            up_to_km,
            walk: walk / 100.0,
            cycle: cycle / 100.0,
            car: car / 100.0,
            transit: transit / 100.0,
        };
        // Journeys by purpose as in CBS 37980NED, scaled from 3.08 to 2.7 a day.
        let scale = 2.7 / 3.08;
        Self {
            bpr_b: Assumption::fixed(0.15, "", "Bureau of Public Roads, traditional value"),
            bpr_power: Assumption::fixed(4.0, "", "Bureau of Public Roads, traditional value"),
            motorway: class(100.0, 100.0, 2100.0),
            regional: class(75.0, 80.0, 1500.0),
            distributor: class(43.0, 50.0, 900.0),
            distributor_30: class(30.0, 30.0, 700.0),
            residential: class(24.0, 30.0, 400.0),
            cycle_street: class(22.0, 30.0, 300.0),
            living_street: class(12.0, 15.0, 150.0),
            service: class(12.0, 15.0, 150.0),
            noise_floor_vph: Assumption::fixed(10.0, "veh/h", &format!("{own} 2")),
            noise_floor_minutes: Assumption::fixed(0.05, "min", "own choice: nobody notices three seconds"),
            noise_floor_points: Assumption::fixed(
                0.05,
                "%",
                "own choice: half of the last decimal that is shown",
            ),
            purposes: vec![
                purpose("work", 0.50 * scale, 0.25, [1.0, 0.0, 0.0, 0.0]),
                purpose("shopping", 0.65 * scale, 0.55, [0.25, 0.0, 0.05, 0.0]),
                purpose("education", 0.27 * scale, 0.45, [0.05, 0.05, 0.0, 100.0]),
                purpose("visiting", 0.48 * scale, 0.40, [0.1, 1.0, 0.0, 0.0]),
                purpose("other", 1.18 * scale, 0.40, [0.5, 0.5, 0.02, 0.0]),
            ],
            mode_split: vec![
                split(1.0, 60.0, 33.0, 7.0, 0.0),
                split(2.5, 22.0, 50.0, 27.0, 1.0),
                split(5.0, 5.0, 42.0, 50.0, 3.0),
                split(7.5, 2.0, 28.0, 64.0, 6.0),
                split(15.0, 0.0, 13.0, 77.0, 10.0),
                split(1.0e9, 0.0, 2.0, 82.0, 16.0),
            ],
            peak_share: Assumption::new(0.08, 0.09, 0.10, "", &format!("{own} 3")),
            peak_direction_share: Assumption::fixed(0.6, "", &format!("{own} 3")),
            car_occupancy: Assumption::new(1.2, 1.3, 1.4, "persons/car", &format!("{own} 3")),
            truck_share: Assumption::new(0.02, 0.06, 0.10, "", &format!("{own} 3: 4 % medium, 2 % heavy")),
            truck_pcu: Assumption::fixed(2.0, "pcu", &format!("{own} 2")),
            detour_factor: Assumption::new(1.2, 1.3, 1.4, "", "usual ratio of network to straight distance"),
            residents_per_dwelling: Assumption::fixed(2.1, "persons", "model book section 10"),
            office_m2_per_job: Assumption::fixed(25.0, "m2", "model book section 10"),
            max_zones: 200,
            journey_distances: [
                (1.0, 0.18),
                (2.5, 0.22),
                (5.0, 0.18),
                (7.5, 0.09),
                (15.0, 0.13),
                (80.0, 0.20),
            ]
            .map(|(up_to_km, share)| DistanceClass { up_to_km, share })
            .to_vec(),
            external_journeys: Assumption::new(
                0.7,
                1.0,
                1.3,
                "",
                "own choice: rough national distances with the mean of CBS 84711NED, 11.76 km; replace by cordon counts",
            ),
            gateway_load: Assumption::new(
                0.45,
                0.6,
                0.75,
                "",
                "own choice: such roads seldom are the bottleneck",
            ),
            external_response: Assumption::fixed(0.3, "", "model book section 4, limits"),
            synthetic_demand_band: Assumption::new(0.20, 0.25, 0.30, "", "model book section 3, limits"),
            car_time_elasticity: Assumption::new(
                -0.15,
                -0.30,
                -0.60,
                "",
                "model book section 4, bracketed by TRACE and de Jong & Gunn 2001",
            ),
            adaptation_method: AdaptationMethod::DemandResponds,
            evaporation_share: Assumption::new(
                0.0,
                0.11,
                0.22,
                "",
                "Cairns, Atkins and Goodwin 2002: median 11 % of about 70 cases, mean about 22 %; 0 is nobody",
            ),
            evaporation_range: Assumption::new(
                0.0,
                0.11,
                0.5,
                "",
                "Cairns, Atkins & Goodwin 2002; model book section 4",
            ),
            walk_kmh: Assumption::new(3.6, 4.8, 5.3, "km/h", "model book section 1"),
            cycle_kmh: Assumption::new(13.5, 15.0, 19.0, "km/h", "model book section 1"),
            cycle_on_pedestrian_street_kmh: Assumption::fixed(10.0, "km/h", "model book section 13"),
            signal_delay_secs: Assumption::fixed(15.0, "s", &format!("{own} 1")),
            stairs_factor: Assumption::fixed(0.5, "", "model book section 1"),
            daily_needs_minutes: Assumption::new(13.0, 15.0, 17.0, "min", "model book section 5"),
            green_min_area_m2: Assumption::fixed(5000.0, "m2", "model book section 5"),
            speed_band: Assumption::fixed(0.10, "", "model book section 5"),
            transit_from_hour: Assumption::fixed(
                USUAL_TRANSIT_FROM_HOUR,
                "h",
                "model book section 5: departures an hour from 7 to 9",
            ),
            emergency_on_pedestrian_street_kmh: Assumption::fixed(
                20.0,
                "km/h",
                "own choice: they may pass, slowly",
            ),
            lane_width_m: Assumption::new(
                2.75,
                3.0,
                3.5,
                "m",
                "own choice, model book section 12: usual lanes; replace by a base map with roads",
            ),
            pavement_width_m: Assumption::new(
                1.5,
                1.8,
                2.5,
                "m",
                "own choice, model book section 12: two people pass each other",
            ),
            street_places_per_100m: Assumption::new(
                4.0,
                10.0,
                20.0,
                "places",
                "own choice, model book section 12: from one row with gaps to two rows nearly full; replace by a map of \
                 parking areas",
            ),
            street_place_m2: Assumption::new(
                10.0,
                12.0,
                12.5,
                "m2",
                "own choice: 2.0 × 5.0 to 2.0 × 6.0 m along the street, 2.5 × 5.0 m across it",
            ),
            hub_place_m2: Assumption::new(
                20.0,
                25.0,
                30.0,
                "m2",
                "own choice: a place and its part of the lanes",
            ),
        }
    }
}

impl Assumptions {
    /// pcu for one average vehicle of the traffic mix.
    pub fn pcu_per_vehicle(&self) -> f64 {
        1.0 + self.truck_share.central * (self.truck_pcu.central - 1.0)
    }

    /// Numbers with a band by name, by value and not through JSON, which has no NaN.
    fn entries_exact(&self) -> Vec<(&'static Entry, &Assumption)> {
        let value = |name: &str| {
            Some(match name {
                "bpr_b" => &self.bpr_b,
                "bpr_power" => &self.bpr_power,
                "noise_floor_vph" => &self.noise_floor_vph,
                "noise_floor_minutes" => &self.noise_floor_minutes,
                "noise_floor_points" => &self.noise_floor_points,
                "peak_share" => &self.peak_share,
                "peak_direction_share" => &self.peak_direction_share,
                "car_occupancy" => &self.car_occupancy,
                "truck_share" => &self.truck_share,
                "truck_pcu" => &self.truck_pcu,
                "detour_factor" => &self.detour_factor,
                "residents_per_dwelling" => &self.residents_per_dwelling,
                "office_m2_per_job" => &self.office_m2_per_job,
                "external_journeys" => &self.external_journeys,
                "gateway_load" => &self.gateway_load,
                "external_response" => &self.external_response,
                "synthetic_demand_band" => &self.synthetic_demand_band,
                "car_time_elasticity" => &self.car_time_elasticity,
                "evaporation_range" => &self.evaporation_range,
                "walk_kmh" => &self.walk_kmh,
                "cycle_kmh" => &self.cycle_kmh,
                "cycle_on_pedestrian_street_kmh" => &self.cycle_on_pedestrian_street_kmh,
                "signal_delay_secs" => &self.signal_delay_secs,
                "stairs_factor" => &self.stairs_factor,
                "daily_needs_minutes" => &self.daily_needs_minutes,
                "green_min_area_m2" => &self.green_min_area_m2,
                "speed_band" => &self.speed_band,
                "evaporation_share" => &self.evaporation_share,
                "transit_from_hour" => &self.transit_from_hour,
                "emergency_on_pedestrian_street_kmh" => &self.emergency_on_pedestrian_street_kmh,
                "lane_width_m" => &self.lane_width_m,
                "pavement_width_m" => &self.pavement_width_m,
                "street_places_per_100m" => &self.street_places_per_100m,
                "street_place_m2" => &self.street_place_m2,
                "hub_place_m2" => &self.hub_place_m2,
                _ => return None,
            })
        };
        entries::ENTRIES.iter().filter_map(|entry| Some((entry, value(entry.name)?))).collect()
    }

    /// Share of journeys longer than `km`, linear inside a class.
    pub fn share_beyond_km(&self, km: f64) -> f64 {
        let (mut from, mut beyond) = (0.0, 0.0);
        for class in &self.journey_distances {
            let width = (class.up_to_km - from).max(1e-9);
            beyond += class.share * ((class.up_to_km - km.max(from)) / width).clamp(0.0, 1.0);
            from = class.up_to_km;
        }
        beyond
    }

    /// The base mode split at a distance over the network, kilometres.
    pub fn split_at_km(&self, km: f64) -> ModeSplitRow {
        let last = ModeSplitRow { up_to_km: f64::INFINITY, walk: 0.0, cycle: 0.0, car: 1.0, transit: 0.0 };
        self.mode_split
            .iter()
            .find(|row| km < row.up_to_km)
            .or(self.mode_split.last())
            .copied()
            .unwrap_or(last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_consistent_and_survive_json() {
        let book = Assumptions::default();
        for row in &book.mode_split {
            assert!((row.walk + row.cycle + row.car + row.transit - 1.0).abs() < 0.011, "{row:?}");
        }
        let rate: f64 = book.purposes.iter().map(|p| p.rate).sum();
        assert!((rate - 2.7).abs() < 1e-9, "{rate}");
        assert_eq!(book.split_at_km(3.0).car, 0.50);
        assert_eq!(book.split_at_km(99.0).transit, 0.16);
        assert!((book.share_beyond_km(0.0) - 1.0).abs() < 1e-9 && book.share_beyond_km(99.0) == 0.0);
        assert!((book.share_beyond_km(7.5) - 0.33).abs() < 1e-9);
        let json = serde_json::to_string(&book).unwrap();
        assert_eq!(serde_json::from_str::<Assumptions>(&json).unwrap(), book);
        let by_name: Vec<&str> = book.entries_exact().iter().map(|(entry, _)| entry.name).collect();
        assert_eq!(by_name.len(), entries::ENTRIES.len(), "every entry is reached by name: {by_name:?}");
    }
}
