//! Daily needs within 15 minutes, on foot and by bicycle (MODELS.md section 5).

use std::collections::BTreeSet;

use layers::model::Modes;

use super::{CyclingStreets, ScenarioCyclingStreets, ScenarioFacts};
use crate::{
    baseline::{
        Baseline,
        facts::{CityFacts, DailyNeed},
    },
    edit::NetworkEdit,
    engine::{Given, Node, NodeError, Part, Read},
    models::{
        access::{DailyNeedsAccess, daily_needs},
        routing::{SlowMode, SlowNetwork},
    },
    reference::distance_to_line_m,
};

/// A stop that lies this near to a street is served from it, metres.
const STOP_AT_STREET_M: f64 = 25.0;

/// Bus stops at streets from which the scenario takes the bus: positions in the facts' stops, ascending.
#[derive(Debug, Default, PartialEq)]
pub struct LostStops(pub Vec<usize>);

impl Node for LostStops {
    const NAME: &'static str = "lost-stops";
    const WORK: u32 = 50;

    fn reads() -> Vec<Read> {
        vec![Read::Part(Part::Stops)]
    }

    fn compute(given: &Given) -> Result<Self, NodeError> {
        Ok(Self(lost_stops(given.baseline(), &given.edit(Part::Stops)?.streets)))
    }

    fn bytes(&self) -> usize {
        self.0.len() * 8
    }
}

fn lost_stops(baseline: &Baseline, edit: &NetworkEdit) -> Vec<usize> {
    let network = baseline.network();
    let without_bus: Vec<usize> = edit
        .changed_links()
        .map(|(link, _)| link)
        .filter(|&link| {
            edit.is_closed_to(link, Modes::BUS)
                && network.links.get(link).is_some_and(|l| (l.forward | l.backward).contains(Modes::BUS))
        })
        .collect();
    if without_bus.is_empty() {
        return Vec::new();
    }
    let mut lost = Vec::new();
    for (index, stop) in baseline.facts().stops.iter().enumerate() {
        if !stop.is_bus_only {
            continue;
        }
        let to = |link: usize| distance_to_line_m(stop.position, &network.links[link].geometry);
        let to_treated = without_bus.iter().map(|&link| to(link)).fold(f64::INFINITY, f64::min);
        if to_treated > STOP_AT_STREET_M {
            continue;
        }
        let is_nearer_to_another = (0..network.links.len()).any(|link| {
            let modes = edit.modes(network, link);
            (modes.0 | modes.1).contains(Modes::BUS) && to(link) < to_treated
        });
        if !is_nearer_to_another {
            lost.push(index);
        }
    }
    lost
}

/// Where stops are in the scenario; `None` where they are those of the baseline.
#[derive(Debug)]
pub struct StopPlaces(pub Option<Vec<[f64; 2]>>);

impl Node for StopPlaces {
    const NAME: &'static str = "stop-places";
    const WORK: u32 = 20;

    fn reads() -> Vec<Read> {
        vec![Read::Node(LostStops::ENTRY), Read::Part(Part::Timetable)]
    }

    fn compute(given: &Given) -> Result<Self, NodeError> {
        let lost = given.node::<LostStops>()?;
        let edit = &given.edit(Part::Timetable)?.timetable;
        if lost.0.is_empty() && !edit.is_changed() {
            return Ok(Self(None));
        }
        let stops = &given.baseline().facts().stops;
        let closed: BTreeSet<&str> =
            lost.0.iter().filter_map(|&stop| stops.get(stop)).map(|stop| stop.id.as_str()).collect();
        let mut after = CityFacts::default();
        for timetable in edit.timetables() {
            after.add_stops(timetable);
        }
        let open = after.stops.iter().filter(|stop| !closed.contains(stop.id.as_str()));
        Ok(Self(Some(open.map(|stop| stop.position).collect())))
    }

    fn bytes(&self) -> usize {
        self.0.as_ref().map_or(0, |stops| stops.len() * 16)
    }
}

/// The places of each need in the scenario.
fn needs_left(facts: &CityFacts, stops: &StopPlaces) -> [Vec<[f64; 2]>; 8] {
    let mut needs = facts.needs.clone();
    if let Some(stops) = &stops.0 {
        needs[DailyNeed::Stop as usize].clone_from(stops);
    }
    needs
}

/// The score of the scenario on foot; `None` when no resident reaches the walking network.
#[derive(Debug)]
pub struct NeedsOnFoot(pub Option<DailyNeedsAccess>);

impl Node for NeedsOnFoot {
    const NAME: &'static str = "daily-needs";
    const WORK: u32 = 400;

    fn reads() -> Vec<Read> {
        vec![Read::Node(StopPlaces::ENTRY), Read::Node(ScenarioFacts::ENTRY), Read::Part(Part::Walking)]
    }

    fn compute(given: &Given) -> Result<Self, NodeError> {
        let (baseline, stops) = (given.baseline(), given.node::<StopPlaces>()?);
        let edit = given.edit(Part::Walking)?;
        let facts = given.node::<ScenarioFacts>()?;
        let has_same_streets = Part::Walking.key(edit) == Part::Walking.untouched();
        if has_same_streets && stops.0.is_none() && facts.0.is_none() {
            // Nothing that people walk to or on has changed: exactly equal.
            return Ok(Self(baseline.daily_needs().cloned()));
        }
        let facts = facts.or(baseline.facts());
        let needs = needs_left(facts, &stops);
        let own;
        let walking = if has_same_streets {
            baseline.walking()
        } else {
            own = SlowNetwork::new(baseline.network(), &edit.streets, SlowMode::Walk, given.assumptions());
            &own
        };
        Ok(Self(daily_needs(facts, &needs, walking, given.assumptions())))
    }

    fn bytes(&self) -> usize {
        self.0.as_ref().map_or(0, |access| access.by_place.len()) + 256
    }
}

/// The second score: by bicycle, in the city as it is.
#[derive(Debug)]
pub struct BaselineNeedsByCycle(pub Option<DailyNeedsAccess>);

impl Node for BaselineNeedsByCycle {
    const NAME: &'static str = "daily-needs-cycle";
    const KEEPS: bool = true;
    const WORK: u32 = 400;

    fn reads() -> Vec<Read> {
        vec![Read::Node(CyclingStreets::ENTRY)]
    }

    fn compute(given: &Given) -> Result<Self, NodeError> {
        let cycling = given.node::<CyclingStreets>()?;
        let facts = given.baseline().facts();
        Ok(Self(daily_needs(facts, &facts.needs, &cycling.0, given.assumptions())))
    }

    fn bytes(&self) -> usize {
        self.0.as_ref().map_or(0, |access| access.by_place.len()) + 256
    }
}

/// The second score of the scenario.
#[derive(Debug)]
pub struct NeedsByCycle(pub Option<DailyNeedsAccess>);

impl Node for NeedsByCycle {
    const NAME: &'static str = "scenario-daily-needs-cycle";
    const WORK: u32 = 400;

    fn reads() -> Vec<Read> {
        vec![
            Read::Node(StopPlaces::ENTRY),
            Read::Node(ScenarioFacts::ENTRY),
            Read::Node(CyclingStreets::ENTRY),
            Read::Node(BaselineNeedsByCycle::ENTRY),
            Read::Node(ScenarioCyclingStreets::ENTRY),
        ]
    }

    fn compute(given: &Given) -> Result<Self, NodeError> {
        let (stops, facts) = (given.node::<StopPlaces>()?, given.node::<ScenarioFacts>()?);
        let (before, after) = (given.node::<CyclingStreets>()?, given.node::<ScenarioCyclingStreets>()?);
        if stops.0.is_none() && facts.0.is_none() && std::sync::Arc::ptr_eq(&before.0, &after.0) {
            return Ok(Self(given.node::<BaselineNeedsByCycle>()?.0.clone()));
        }
        let facts = facts.or(given.baseline().facts());
        let needs = needs_left(facts, &stops);
        Ok(Self(daily_needs(facts, &needs, &after.0, given.assumptions())))
    }

    fn bytes(&self) -> usize {
        self.0.as_ref().map_or(0, |access| access.by_place.len()) + 256
    }
}
