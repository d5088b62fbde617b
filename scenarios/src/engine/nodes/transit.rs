//! Public transport before and after: what runs, who lives near a stop, how long it takes (MODELS.md sections 1 and 5).

use std::{collections::BTreeSet, sync::Arc};

use layers::model::Timetable;

use super::{LostStops, ScenarioFacts};
use crate::{
    assumptions::Assumptions,
    baseline::{Baseline, facts::CityFacts},
    edit::NetworkEdit,
    engine::{Given, Node, NodeError, Part, Read},
    indicators::Statement,
    models::{
        access::stops::{NearStops, walking_metres},
        demand::Zone,
        routing::{ModeGraph, TravelMode},
        transit::{
            PlaceWalks, RaptorOptions, ServiceHours, StopWalks, TransitDay, TravelTimes,
            service::{StopService, stop_services},
            slower::{slower_streets, with_slower_streets},
            travel_times,
            walks::ACCESS_M,
            window::TransitCity,
        },
    },
};

/// Longest walk to and from stops, seconds.
const WALK_SECS: u32 = 15 * 60;
/// Journeys longer than this count as out of reach.
pub const REACH_SECS: u32 = 45 * 60;

/// Streets on foot, in seconds and in metres.
#[derive(Debug)]
pub struct Walking {
    pub seconds: ModeGraph,
    pub metres: ModeGraph,
}

impl Walking {
    fn new(baseline: &Baseline, edit: &NetworkEdit) -> Self {
        let (streets, assumptions) = (baseline.network(), baseline.assumptions());
        Self {
            seconds: ModeGraph::new(streets, edit, TravelMode::Walk, assumptions),
            metres: walking_metres(streets, edit, assumptions),
        }
    }
    fn bytes(&self) -> usize {
        2 * self.seconds.nodes() * 120
    }
}

/// Streets on foot as they are.
#[derive(Debug)]
pub struct WalkingStreets(pub Arc<Walking>);

impl Node for WalkingStreets {
    const NAME: &'static str = "walking-streets";
    const KEEPS: bool = true;
    const WORK: u32 = 300;

    fn reads() -> Vec<Read> {
        Vec::new()
    }

    fn compute(given: &Given) -> Result<Self, NodeError> {
        let none = NetworkEdit::none(given.baseline().network().links.len());
        Ok(Self(Arc::new(Walking::new(given.baseline(), &none))))
    }

    fn bytes(&self) -> usize {
        self.0.bytes()
    }
}

/// Streets on foot in the scenario; the same object where nothing changed for walkers.
#[derive(Debug)]
pub struct ScenarioWalkingStreets(pub Arc<Walking>);

impl Node for ScenarioWalkingStreets {
    const NAME: &'static str = "scenario-walking-streets";
    const WORK: u32 = 300;

    fn reads() -> Vec<Read> {
        vec![Read::Node(WalkingStreets::ENTRY), Read::Part(Part::Walking)]
    }

    fn compute(given: &Given) -> Result<Self, NodeError> {
        let edit = given.edit(Part::Walking)?;
        if Part::Walking.key(edit) == Part::Walking.untouched() {
            return Ok(Self(given.node::<WalkingStreets>()?.0.clone()));
        }
        Ok(Self(Arc::new(Walking::new(given.baseline(), &edit.streets))))
    }

    fn bytes(&self) -> usize {
        self.0.bytes()
    }
}

/// What runs on the busiest weekday of the timetables, and the walks between its stops.
#[derive(Debug)]
pub struct Service {
    pub day: TransitDay,
    pub stops: StopWalks,
    /// By stop of the day.
    pub services: Vec<StopService>,
    /// GTFS ids by stop of the day.
    pub stop_ids: Vec<String>,
    pub hours: ServiceHours,
    /// What must be said of it, such as a thin timetable.
    pub remarks: Vec<String>,
}

impl Service {
    /// `closed`: ids of stops where nothing calls any more. Their vehicles pass without stopping. `hours`: those of the
    /// baseline; `None` chooses them.
    fn new(
        timetables: &[Arc<Timetable>],
        walking: &Walking,
        closed: &BTreeSet<&str>,
        hours: Option<ServiceHours>,
        assumptions: &Assumptions,
    ) -> Result<Self, NodeError> {
        let failed = |reason: String| {
            let text = format!("no public transport: {reason}");
            NodeError::failed(Statement::new("reason-no-timetable", vec![("reason", reason.into())], text))
        };
        let feeds: Vec<&Timetable> = timetables.iter().map(AsRef::as_ref).collect();
        let date = TransitDay::busiest_weekday(&feeds)
            .ok_or_else(|| failed("expected a timetable (GTFS) with service, found none".to_owned()))?;
        let mut day = TransitDay::new(&feeds, date).map_err(|error| failed(error.to_string()))?;
        let stop_ids: Vec<String> = day
            .stops
            .iter()
            .map(|stop| feeds[stop.feed as usize].stops[stop.index as usize].id.clone())
            .collect();
        let hours = hours.unwrap_or_else(|| ServiceHours::new(&day, assumptions));
        let mut services = stop_services(&day, hours.from_secs, hours.to_secs);
        for (stop, id) in stop_ids.iter().enumerate() {
            if closed.contains(id.as_str()) {
                // Nowhere: nobody can get on or off.
                day.positions[stop] = [f64::NAN; 2];
                services[stop] = StopService::default();
            }
        }
        let stops = StopWalks::new(&walking.seconds, &day, WALK_SECS);
        let mut remarks = day.remarks.clone();
        remarks.extend(day.thin_service(hours.from_secs, hours.to_secs));
        Ok(Self { day, stops, services, stop_ids, hours, remarks })
    }

    fn bytes(&self) -> usize {
        self.day.trips.len() * 400 + self.stop_ids.len() * 300
    }
}

/// Public transport as it is.
#[derive(Debug)]
pub struct BaselineService(pub Arc<Service>);

impl Node for BaselineService {
    const NAME: &'static str = "timetable";
    const KEEPS: bool = true;
    const WORK: u32 = 800;

    fn reads() -> Vec<Read> {
        vec![Read::Node(WalkingStreets::ENTRY)]
    }

    fn compute(given: &Given) -> Result<Self, NodeError> {
        let walking = given.node::<WalkingStreets>()?;
        let (timetables, assumptions) = (given.baseline().timetables(), given.assumptions());
        let service = Service::new(timetables, &walking.0, &BTreeSet::new(), None, assumptions)?;
        Ok(Self(Arc::new(service)))
    }

    fn bytes(&self) -> usize {
        self.0.bytes()
    }
}

/// Public transport of the scenario; the same object where neither timetable nor stops nor walks change.
#[derive(Debug)]
pub struct ScenarioService(pub Arc<Service>);

impl Node for ScenarioService {
    const NAME: &'static str = "scenario-timetable";
    const WORK: u32 = 800;

    fn reads() -> Vec<Read> {
        vec![
            Read::Node(LostStops::ENTRY),
            Read::Node(WalkingStreets::ENTRY),
            Read::Node(ScenarioWalkingStreets::ENTRY),
            Read::Node(BaselineService::ENTRY),
            Read::Part(Part::Timetable),
            Read::Part(Part::Speeds),
        ]
    }

    fn compute(given: &Given) -> Result<Self, NodeError> {
        let lost = given.node::<LostStops>()?;
        let (before, walking) = (given.node::<WalkingStreets>()?, given.node::<ScenarioWalkingStreets>()?);
        let edit = &given.edit(Part::Timetable)?.timetable;
        let stops = &given.baseline().facts().stops;
        let closed: BTreeSet<&str> =
            lost.0.iter().filter_map(|&stop| stops.get(stop)).map(|stop| stop.id.as_str()).collect();
        let (network, assumptions) = (given.baseline().network(), given.assumptions());
        let slower = slower_streets(network, &given.edit(Part::Speeds)?.streets, assumptions);
        let timetables: Vec<Arc<Timetable>> =
            edit.timetables().iter().map(|timetable| with_slower_streets(timetable, &slower)).collect();
        let are_slower = timetables.iter().zip(edit.timetables()).any(|(is, was)| !Arc::ptr_eq(is, was));
        if !edit.is_changed() && !are_slower && closed.is_empty() && Arc::ptr_eq(&before.0, &walking.0) {
            return Ok(Self(given.node::<BaselineService>()?.0.clone()));
        }
        let hours = given.node::<BaselineService>()?.0.hours;
        Ok(Self(Arc::new(Service::new(&timetables, &walking.0, &closed, Some(hours), assumptions)?)))
    }

    fn bytes(&self) -> usize {
        self.0.bytes()
    }
}

/// Zones of the demand model, for the jobs in them.
fn zones(baseline: &Baseline, facts: &CityFacts) -> Vec<Zone> {
    let table = baseline.zone_table();
    if std::ptr::eq(facts, baseline.facts()) {
        table.zones
    } else {
        table.with_places(&facts.places, |_| true)
    }
}

/// Times by public transport from zone to zone for every departure in the middle of the hours that are judged.
#[derive(Debug)]
pub struct ZoneTimes {
    pub times: TravelTimes,
    pub zones: Vec<Zone>,
}

impl ZoneTimes {
    fn new(
        given: &Given,
        walking: &Walking,
        service: &Service,
        facts: &CityFacts,
    ) -> Result<Self, NodeError> {
        let all = zones(given.baseline(), facts);
        // Origins and destinations stay where they are in the baseline, so that times can be compared.
        let positions: Vec<[f64; 2]> =
            zones(given.baseline(), given.baseline().facts()).iter().map(|zone| zone.position).collect();
        let places = PlaceWalks::new(&walking.seconds, &service.stops, &positions);
        let city = TransitCity {
            day: &service.day,
            walking: &walking.seconds,
            stops: &service.stops,
            places: &places,
            options: RaptorOptions { max_secs: REACH_SECS.cast_signed(), ..RaptorOptions::default() },
        };
        let times = travel_times(city, places.snaps(), service.hours.departures(), given.progress());
        times.map(|times| Self { times, zones: all }).ok_or(NodeError::Cancelled)
    }

    fn bytes(&self) -> usize {
        self.times.percentiles.len() * 12 + self.zones.len() * 64
    }
}

/// Times of the city as it is.
#[derive(Debug)]
pub struct BaselineTransitTimes(pub Arc<ZoneTimes>);

impl Node for BaselineTransitTimes {
    const NAME: &'static str = "transit-times";
    const KEEPS: bool = true;
    const WORK: u32 = 3000;

    fn reads() -> Vec<Read> {
        vec![Read::Node(WalkingStreets::ENTRY), Read::Node(BaselineService::ENTRY)]
    }

    fn compute(given: &Given) -> Result<Self, NodeError> {
        let (walking, service) = (given.node::<WalkingStreets>()?, given.node::<BaselineService>()?);
        Ok(Self(Arc::new(ZoneTimes::new(given, &walking.0, &service.0, given.baseline().facts())?)))
    }

    fn bytes(&self) -> usize {
        self.0.bytes()
    }
}

/// Times of the scenario; the same object where nothing changes for travellers.
#[derive(Debug)]
pub struct ScenarioTransitTimes(pub Arc<ZoneTimes>);

impl Node for ScenarioTransitTimes {
    const NAME: &'static str = "scenario-transit-times";
    const WORK: u32 = 3000;

    fn reads() -> Vec<Read> {
        vec![
            Read::Node(ScenarioFacts::ENTRY),
            Read::Node(ScenarioWalkingStreets::ENTRY),
            Read::Node(BaselineService::ENTRY),
            Read::Node(ScenarioService::ENTRY),
            Read::Node(BaselineTransitTimes::ENTRY),
        ]
    }

    fn compute(given: &Given) -> Result<Self, NodeError> {
        let (before, service) = (given.node::<BaselineService>()?, given.node::<ScenarioService>()?);
        let facts = given.node::<ScenarioFacts>()?;
        if Arc::ptr_eq(&before.0, &service.0) {
            let known = given.node::<BaselineTransitTimes>()?.0.clone();
            let Some(facts) = &facts.0 else { return Ok(Self(known)) };
            // The same times, other people and jobs.
            return Ok(Self(Arc::new(ZoneTimes {
                times: known.times.clone(),
                zones: zones(given.baseline(), facts),
            })));
        }
        let walking = given.node::<ScenarioWalkingStreets>()?;
        let facts = facts.or(given.baseline().facts());
        Ok(Self(Arc::new(ZoneTimes::new(given, &walking.0, &service.0, facts)?)))
    }

    fn bytes(&self) -> usize {
        self.0.bytes()
    }
}

/// Who lives near a stop with service in the hours that are judged, by place.
#[derive(Debug)]
pub struct BaselineStopsNearby(pub NearStops);

fn near(walking: &Walking, service: &Service, facts: &CityFacts) -> NearStops {
    let places: Vec<_> =
        facts.places.iter().map(|place| walking.metres.snap(place.position, ACCESS_M)).collect();
    NearStops::new(&walking.metres, &service.day, &service.services, &places)
}

impl Node for BaselineStopsNearby {
    const NAME: &'static str = "stops-nearby";
    const KEEPS: bool = true;
    const WORK: u32 = 300;

    fn reads() -> Vec<Read> {
        vec![Read::Node(WalkingStreets::ENTRY), Read::Node(BaselineService::ENTRY)]
    }

    fn compute(given: &Given) -> Result<Self, NodeError> {
        let (walking, service) = (given.node::<WalkingStreets>()?, given.node::<BaselineService>()?);
        Ok(Self(near(&walking.0, &service.0, given.baseline().facts())))
    }

    fn bytes(&self) -> usize {
        self.0.bus_m.len() * 16
    }
}

/// The same in the scenario.
#[derive(Debug)]
pub struct ScenarioStopsNearby(pub NearStops);

impl Node for ScenarioStopsNearby {
    const NAME: &'static str = "scenario-stops-nearby";
    const WORK: u32 = 300;

    fn reads() -> Vec<Read> {
        vec![
            Read::Node(ScenarioFacts::ENTRY),
            Read::Node(WalkingStreets::ENTRY),
            Read::Node(ScenarioWalkingStreets::ENTRY),
            Read::Node(BaselineService::ENTRY),
            Read::Node(ScenarioService::ENTRY),
            Read::Node(BaselineStopsNearby::ENTRY),
        ]
    }

    fn compute(given: &Given) -> Result<Self, NodeError> {
        let (before, walking) = (given.node::<WalkingStreets>()?, given.node::<ScenarioWalkingStreets>()?);
        let (ran, runs) = (given.node::<BaselineService>()?, given.node::<ScenarioService>()?);
        let facts = given.node::<ScenarioFacts>()?;
        if facts.0.is_none() && Arc::ptr_eq(&before.0, &walking.0) && Arc::ptr_eq(&ran.0, &runs.0) {
            return Ok(Self(given.node::<BaselineStopsNearby>()?.0.clone()));
        }
        Ok(Self(near(&walking.0, &runs.0, facts.or(given.baseline().facts()))))
    }

    fn bytes(&self) -> usize {
        self.0.bus_m.len() * 16
    }
}
