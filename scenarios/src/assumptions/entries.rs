//! What each assumption means and what it may be: the documentation of the file, and its checks.

/// What numbers make sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allowed {
    AboveZero,
    ZeroOrMore,
    /// 0 to 1.
    Share,
    /// 0 to 22: an hour of the day with one more after it.
    Hour,
    /// 0 or below; low, central and high are those of the response, so that the numbers fall.
    Elasticity,
}

impl Allowed {
    pub(super) fn expected(self) -> &'static str {
        match self {
            Self::AboveZero => "a number above 0",
            Self::ZeroOrMore => "a number of 0 or more",
            Self::Share => "a number from 0 to 1",
            Self::Hour => "an hour of the day from 0 to 22",
            Self::Elasticity => "a number from -5 to 0",
        }
    }

    pub(super) fn holds(self, number: f64) -> bool {
        number.is_finite()
            && match self {
                Self::AboveZero => number > 0.0,
                Self::ZeroOrMore => number >= 0.0,
                Self::Share => (0.0..=1.0).contains(&number),
                Self::Hour => (0.0..=22.0).contains(&number),
                Self::Elasticity => (-5.0..=0.0).contains(&number),
            }
    }

    /// Whether low, central and high come in order.
    pub(super) fn is_ordered(self, [low, central, high]: [f64; 3]) -> bool {
        match self {
            Self::Elasticity => low >= central && central >= high,
            _ => low <= central && central <= high,
        }
    }
}

/// A number with a band: name of the field, section of the model book, what it may be, what it is.
pub struct Entry {
    pub name: &'static str,
    pub section: &'static str,
    pub allowed: Allowed,
    pub description: &'static str,
}

const fn entry(
    name: &'static str,
    section: &'static str,
    allowed: Allowed,
    description: &'static str,
) -> Entry {
    Entry { name, section, allowed, description }
}

use Allowed::{AboveZero, Elasticity, Hour, Share, ZeroOrMore};

/// Every number with a band. A test holds this list against the settings.
#[rustfmt::skip] // A table.
pub static ENTRIES: &[Entry] = &[
    entry("bpr_b", "2", ZeroOrMore, "Delay at capacity: travel time grows by this part when a street is full"),
    entry("bpr_power", "2", ZeroOrMore, "How steeply delay grows with traffic"),
    entry("noise_floor_vph", "2", ZeroOrMore, "Smaller differences of traffic on a street are not shown as an effect"),
    entry("noise_floor_minutes", "0", ZeroOrMore, "Smaller differences of a travel time are not shown as an effect"),
    entry("noise_floor_points", "0", ZeroOrMore, "Smaller differences of a share are not shown as an effect, percentage points"),
    entry("peak_share", "3", Share, "Part of the day's journeys made in the peak hour"),
    entry("peak_direction_share", "3", Share, "Part of the journeys in the peak hour that go in the main direction, away from home"),
    entry("car_occupancy", "3", AboveZero, "Persons in a car"),
    entry("truck_share", "3", Share, "Part of the vehicles that are trucks"),
    entry("truck_pcu", "2", AboveZero, "Room that a truck takes, in cars"),
    entry("detour_factor", "3", AboveZero, "Distance over streets divided by the straight distance"),
    entry("residents_per_dwelling", "10", ZeroOrMore, "Residents of a dwelling where the data count dwellings only"),
    entry("office_m2_per_job", "10", AboveZero, "Floor area of one office job"),
    entry("external_journeys", "3", ZeroOrMore, "Factor on journeys that leave the data; 0 leaves them out"),
    entry("gateway_load", "3", Share, "Most that a road over the border carries in the peak hour, part of its capacity"),
    entry("external_response", "4", Share, "Part of the elasticity with which journeys over the border answer"),
    entry("synthetic_demand_band", "3", Share, "Uncertainty of traffic on one street when demand is not from counts"),
    entry("car_time_elasticity", "4", Elasticity, "Change of car trips in percent when car time grows by one percent: low, central and high adaptation"),
    entry("evaporation_share", "4", Share, "Method B (adaptation_method \"share-evaporates\") only: part of the trips through closed streets that is made no more by car"),
    entry("evaporation_range", "4", ZeroOrMore, "Part of the traffic of a closed street that turns up nowhere else, in published cases; outside it a warning shows"),
    entry("walk_kmh", "1", AboveZero, "Walking speed"),
    entry("cycle_kmh", "1", AboveZero, "Cycling speed"),
    entry("cycle_on_pedestrian_street_kmh", "13", AboveZero, "Cycling speed in a pedestrian street"),
    entry("signal_delay_secs", "1", ZeroOrMore, "Waiting at a traffic signal on foot or by bicycle"),
    entry("stairs_factor", "1", AboveZero, "Walking speed on stairs, as a part of the usual one"),
    entry("daily_needs_minutes", "5", AboveZero, "Time within which daily needs are near"),
    entry("green_min_area_m2", "5", ZeroOrMore, "Least area of public green that counts"),
    entry("speed_band", "5", Share, "Uncertainty of speeds in travel times"),
    entry("transit_from_hour", "5", Hour, "First of the two hours of the day for which public transport is judged; at 7, the usual value, the busiest hours are taken where the timetable holds next to nothing in the morning"),
    entry("emergency_on_pedestrian_street_kmh", "13", AboveZero, "Speed of emergency vehicles in a pedestrian street"),
    entry("lane_width_m", "12", AboveZero, "Width of a lane, where no base map has the roads"),
    entry("pavement_width_m", "12", ZeroOrMore, "Width of one pavement beside a street, where no base map has the roads"),
    entry("street_places_per_100m", "12", ZeroOrMore, "Parking places along 100 m of a street with homes, both sides together, where no base map has the roads"),
    entry("street_place_m2", "12", AboveZero, "Ground that one parking place along a street takes"),
    entry("hub_place_m2", "12", AboveZero, "Ground that one place of a parking hub takes, lanes included"),
];

/// Settings that are not one number with a band.
pub static TABLES: &[(&str, &str, &str)] = &[
    ("motorway", "2", "Free-flow speed at the usual limit, that limit, and cars an hour and lane: motorways"),
    ("regional", "2", "The same for regional roads of 80 km/h"),
    ("distributor", "2", "The same for main streets of 50 km/h"),
    ("distributor_30", "2", "The same for main streets of 30 km/h"),
    ("residential", "2", "The same for residential streets"),
    ("cycle_street", "2", "The same for bicycle streets"),
    ("living_street", "2", "The same for living streets"),
    ("service", "2", "The same for service roads and yards"),
    (
        "purposes",
        "3",
        "Why people travel: journeys a person and day, how distance puts them off, what attracts them",
    ),
    ("mode_split", "3", "Ways of travelling by distance; the shares of a row add up to 1"),
    ("max_zones", "3", "Most zones of the demand; more is slower and finer"),
    (
        "adaptation_method",
        "4",
        "How drivers adapt: \"demand-responds\" (method A, car trips answer to car time) or \"share-evaporates\" (method B, a part of the trips through closed streets goes away); never both, as that would count twice",
    ),
    ("journey_distances", "3", "Journeys by distance; the shares add up to 1"),
];
