//! Indicators: what planners see first (MODELS.md section 13), and what they can ask for. One line in [`INDICATORS`] each.
//!
//! An indicator is a node of the [`engine`](crate::engine): it says what it reads and is computed again only when that
//! changes. Its function gives a [`Finding`]; everything that all indicators share (bands, status, noise floor, who gains
//! and who loses) is judged in one place.
//!
//! # Adding one
//! A function in a file here, a line in [`INDICATORS`], and its texts in `assets/texts/*/indicators.ftl` (name, help,
//! formula, the formula filled in) and `methods.ftl` (the method card). Tests loop over the list.

mod access;
pub mod custom;
mod distribution;
mod emergency;
mod judge;
mod map_layer;
mod method_card;
mod mode_share;
mod safety;
mod space;
mod statement;
mod street_traffic;
mod traffic_totals;
mod transit;
mod travel;

use serde::{Deserialize, Serialize};

pub use distribution::{AreaChange, Distribution};
pub use map_layer::{MapLayer, Per};
pub use method_card::MethodCard;
pub use statement::{Argument, Detail, MeasureShare, ObjectShare, Runs, Statement};

pub(crate) use judge::{Computed, Context, Finding, Numbers, compute_entry, not_computable};

use crate::engine::{Node, NodeError, Part, Read, nodes};

/// Stable kebab-case id of an indicator.
pub type IndicatorId = &'static str;

/// Version of the models; part of every value, so that old results are told apart.
pub const MODEL_VERSION: &str = "stadsmaquette-models 3";

/// A computed number: `low <= central <= high` in `unit`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct IndicatorValue {
    pub low: f64,
    pub central: f64,
    pub high: f64,
    /// Differences up to this size are not shown as an effect.
    pub noise_floor: f64,
    pub unit: &'static str,
    pub model_version: &'static str,
    /// Latest date of the data used, ISO 8601; empty when no source says.
    pub data_date: String,
}

/// Whether more is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    MoreIsBetter,
    LessIsBetter,
    Neutral,
}

/// A line of the list of indicators.
#[derive(Clone, Copy, Debug)]
pub struct IndicatorDefinition {
    pub id: IndicatorId,
    pub unit: &'static str,
    pub direction: Direction,
    /// Stem of the Fluent keys: `<stem>` is the name, `<stem>-help` the sentence below it.
    pub text_key: &'static str,
    /// Section of the model book.
    pub source: &'static str,
    /// Decimals that the value deserves.
    pub decimals: u8,
    /// Number of the headline of MODELS.md section 13 that it belongs to; `None`: on demand.
    pub headline: Option<u8>,
    /// What it is computed from.
    pub reads: fn() -> Vec<Read>,
    pub(crate) compute: fn(&Context) -> Result<Finding, NodeError>,
}

pub const STREET_TRAFFIC: IndicatorId = "street-traffic";
pub const MOST_INCREASED_STREET: IndicatorId = "most-increased-street";
pub const VEHICLE_KM: IndicatorId = "vehicle-km";
pub const HOURS_LOST: IndicatorId = "hours-lost";
pub const CAR_SHARE: IndicatorId = "car-share";
pub const CYCLE_SHARE: IndicatorId = "cycle-share";
pub const WALK_SHARE: IndicatorId = "walk-share";
pub const TRANSIT_SHARE: IndicatorId = "transit-share";
pub const TRAVEL_TIME: IndicatorId = "travel-time";
pub const DETOUR: IndicatorId = "detour";
pub const DELIVERY_TIME: IndicatorId = "delivery-time";
pub const EMERGENCY_TIME: IndicatorId = "emergency-time";
pub const CYCLE_TIME: IndicatorId = "cycle-time";
pub const DAILY_NEEDS: IndicatorId = "daily-needs-15min";
pub const DAILY_NEEDS_CYCLE: IndicatorId = "daily-needs-cycle";
pub const NEAR_STOP: IndicatorId = "near-stop";
pub const JOBS_BY_TRANSIT: IndicatorId = "jobs-by-transit";
pub const DEPARTURES: IndicatorId = "departures";
pub const CAR_FREE_SPACE: IndicatorId = "car-free-space";
pub const PARKING_SPACE: IndicatorId = "parking-space";
pub const CRASH_INDEX: IndicatorId = "crash-index";

use Direction::{LessIsBetter, MoreIsBetter, Neutral};

/// Reads that many indicators share.
fn traffic_reads() -> Vec<Read> {
    vec![
        Read::Node(nodes::BaselineRun::ENTRY),
        Read::Node(nodes::ScenarioRun::ENTRY),
        Read::Node(nodes::Doors::ENTRY),
        Read::Part(Part::Cars),
        Read::Quality,
    ]
}

fn link_reads() -> Vec<Read> {
    let mut reads = traffic_reads();
    reads.extend([
        Read::Node(nodes::LinkOutcomes::ENTRY),
        Read::Node(nodes::TrafficLayer::ENTRY),
        Read::Part(Part::Treated),
    ]);
    reads
}

fn passing_reads() -> Vec<Read> {
    let mut reads = traffic_reads();
    reads.extend([Read::Part(Part::Treated), Read::Part(Part::Help)]);
    reads
}

fn cycling_reads() -> Vec<Read> {
    vec![
        Read::Node(nodes::BaselineRun::ENTRY),
        Read::Node(nodes::BaselineCycling::ENTRY),
        Read::Node(nodes::ScenarioCycling::ENTRY),
        Read::Node(nodes::Doors::ENTRY),
        Read::Part(Part::Cycling),
    ]
}

fn needs_reads() -> Vec<Read> {
    vec![
        Read::Node(nodes::LostStops::ENTRY),
        Read::Node(nodes::ScenarioFacts::ENTRY),
        Read::Node(nodes::NeedsOnFoot::ENTRY),
    ]
}

fn needs_cycle_reads() -> Vec<Read> {
    vec![
        Read::Node(nodes::LostStops::ENTRY),
        Read::Node(nodes::ScenarioFacts::ENTRY),
        Read::Node(nodes::BaselineNeedsByCycle::ENTRY),
        Read::Node(nodes::NeedsByCycle::ENTRY),
    ]
}

fn service_reads() -> Vec<Read> {
    vec![Read::Node(nodes::BaselineService::ENTRY), Read::Node(nodes::ScenarioService::ENTRY)]
}

fn near_stop_reads() -> Vec<Read> {
    let mut reads = service_reads();
    reads.extend([
        Read::Node(nodes::BaselineStopsNearby::ENTRY),
        Read::Node(nodes::ScenarioStopsNearby::ENTRY),
        Read::Node(nodes::ScenarioFacts::ENTRY),
    ]);
    reads
}

fn jobs_reads() -> Vec<Read> {
    let mut reads = service_reads();
    reads.extend([
        Read::Node(nodes::BaselineTransitTimes::ENTRY),
        Read::Node(nodes::ScenarioTransitTimes::ENTRY),
        Read::Node(nodes::Doors::ENTRY),
    ]);
    reads
}

fn ground_reads() -> Vec<Read> {
    vec![
        Read::Node(nodes::BaselineGround::ENTRY),
        Read::Node(nodes::ScenarioGround::ENTRY),
        Read::Part(Part::Space),
        Read::Part(Part::Buildings),
    ]
}

/// One line of the list.
const fn line(
    id: IndicatorId,
    unit: &'static str,
    direction: Direction,
    text_key: &'static str,
    (source, decimals, headline): (&'static str, u8, Option<u8>),
    reads: fn() -> Vec<Read>,
    compute: fn(&Context) -> Result<Finding, NodeError>,
) -> IndicatorDefinition {
    IndicatorDefinition { id, unit, direction, text_key, source, decimals, headline, reads, compute }
}

/// All indicators in the order in which planners see them: headlines first, then what is there on demand.
#[rustfmt::skip] // A table.
pub static INDICATORS: &[IndicatorDefinition] = &[
    line(STREET_TRAFFIC, "veh/day", LessIsBetter, "indicator-street-traffic", ("2-4", 0, Some(1)), link_reads, street_traffic::street_traffic),
    line(MOST_INCREASED_STREET, "veh/day", LessIsBetter, "indicator-most-increased-street", ("2-4", 0, Some(1)), link_reads, street_traffic::most_increased_street),
    line(VEHICLE_KM, "veh-km/day", LessIsBetter, "indicator-vehicle-km", ("2-4", 0, Some(2)), link_reads, traffic_totals::vehicle_km),
    line(HOURS_LOST, "veh-h/peak-h", LessIsBetter, "indicator-hours-lost", ("2-4", 0, Some(2)), traffic_reads, traffic_totals::hours_lost),
    line(CAR_SHARE, "%", LessIsBetter, "indicator-car-share", ("2-4", 1, Some(2)), traffic_reads, mode_share::car),
    line(TRAVEL_TIME, "min", LessIsBetter, "indicator-travel-time", ("1-2", 1, Some(3)), traffic_reads, travel::travel_time),
    line(DETOUR, "min", LessIsBetter, "indicator-detour", ("1-2", 1, Some(3)), traffic_reads, travel::detour),
    line(DELIVERY_TIME, "min", LessIsBetter, "indicator-delivery-time", ("1-2", 1, Some(3)), passing_reads, travel::delivery_time),
    line(EMERGENCY_TIME, "min", LessIsBetter, "indicator-emergency-time", ("1-2", 1, Some(3)), passing_reads, emergency::emergency_time),
    line(CYCLE_TIME, "min", LessIsBetter, "indicator-cycle-time", ("1", 1, Some(3)), cycling_reads, travel::cycle_time),
    line(DAILY_NEEDS, "%", MoreIsBetter, "indicator-daily-needs-15min", ("5", 1, Some(4)), needs_reads, access::daily_needs),
    line(NEAR_STOP, "%", MoreIsBetter, "indicator-near-stop", ("1, 5", 1, Some(5)), near_stop_reads, transit::near_stop),
    line(JOBS_BY_TRANSIT, "%", MoreIsBetter, "indicator-jobs-by-transit", ("1, 5", 1, Some(5)), jobs_reads, transit::jobs_by_transit),
    line(CAR_FREE_SPACE, "m2", MoreIsBetter, "indicator-car-free-space", ("12", 0, Some(12)), ground_reads, space::car_free_space),
    line(PARKING_SPACE, "m2", Neutral, "indicator-parking-space", ("12", 0, Some(12)), ground_reads, space::parking_space),
    line(CYCLE_SHARE, "%", MoreIsBetter, "indicator-cycle-share", ("2-4", 1, None), traffic_reads, mode_share::cycle),
    line(WALK_SHARE, "%", MoreIsBetter, "indicator-walk-share", ("2-4", 1, None), traffic_reads, mode_share::walk),
    line(TRANSIT_SHARE, "%", MoreIsBetter, "indicator-transit-share", ("2-4", 1, None), traffic_reads, mode_share::transit),
    line(DAILY_NEEDS_CYCLE, "%", MoreIsBetter, "indicator-daily-needs-cycle", ("5", 1, None), needs_cycle_reads, access::daily_needs_by_cycle),
    line(DEPARTURES, "departures/h", MoreIsBetter, "indicator-departures", ("5", 0, None), service_reads, transit::departures),
    line(CRASH_INDEX, "index", LessIsBetter, "indicator-crash-index", ("12", 1, None), link_reads, safety::crash_index),
];

/// The line of an indicator.
pub fn definition(id: &str) -> Option<&'static IndicatorDefinition> {
    INDICATORS.iter().find(|definition| definition.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_indicator_has_its_own_kebab_case_id_and_texts() {
        let mut ids: Vec<_> = INDICATORS.iter().map(|d| d.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), INDICATORS.len());
        for definition in INDICATORS {
            assert!(definition.id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'));
            assert_eq!(definition.text_key, format!("indicator-{}", definition.id));
            assert!(!definition.unit.is_empty());
        }
    }
}
