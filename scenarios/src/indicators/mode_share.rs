//! Mode shares of journeys inside the data: the base split, pivoted on the change of car trips (MODELS.md sections 2 to 4).

use std::sync::Arc;

use super::{Context, Detail, Finding, MapLayer, Numbers, Per, Statement, judge::missing};
use crate::{
    engine::{NodeError, nodes::BaselineRun},
    models::{
        demand::{Demand, distance_km},
        equilibrium::Equilibrium,
        other_modes::OtherShares,
        traffic::ScenarioTraffic,
    },
};

/// Half-width of a level and of a difference, of MODELS.md section 13, row 2.
const LEVEL_BAND: f64 = 0.10;
const DIFFERENCE_BAND: f64 = 0.30;

#[derive(Clone, Copy)]
enum Mode {
    Walk,
    Cycle,
    Car,
    Transit,
}

const NAMES: [&str; 4] = ["mode-walk", "mode-cycle", "mode-car", "mode-transit"];
const FILLED: [&str; 4] =
    ["filled-walk-share", "filled-cycle-share", "filled-car-share", "filled-transit-share"];

pub(super) fn car(context: &Context) -> Result<Finding, NodeError> {
    share_of(context, Mode::Car)
}
pub(super) fn cycle(context: &Context) -> Result<Finding, NodeError> {
    share_of(context, Mode::Cycle)
}
pub(super) fn walk(context: &Context) -> Result<Finding, NodeError> {
    share_of(context, Mode::Walk)
}
pub(super) fn transit(context: &Context) -> Result<Finding, NodeError> {
    share_of(context, Mode::Transit)
}

/// Journeys of the peak hour by mode, in the order of [`Mode`]: in all, and by zone of origin.
struct Journeys {
    all: [f64; 4],
    by_zone: Vec<[f64; 4]>,
}

/// One adaptation run: its car trips, and the elasticity that gave them.
struct Adapted<'a> {
    scenario: &'a ScenarioTraffic,
    run: &'a Equilibrium,
    elasticity: f64,
}

/// Journeys by mode when car trips are those of a run; `None`: as usual. Who does not drive is spread over the other modes
/// by the pivot of MODELS.md section 2: in proportion to what they had, and to what faster or slower ones gain or lose.
fn journeys(context: &Context, base: &BaselineRun, demand: &Demand, adapted: Option<&Adapted>) -> Journeys {
    let count = base.zones.len();
    let pairs = &demand.pairs;
    let mut cars = vec![(0.0, 0.0, None); count * count];
    if let Some(Adapted { run, .. }) = adapted {
        for pair in 0..pairs.len() {
            let (from, to) = (pairs.origin[pair] as usize, pairs.destination[pair] as usize);
            if from < count && to < count {
                let sum = &mut cars[from * count + to];
                sum.0 += if run.pair_costs[pair].is_finite() { run.trips[pair] } else { 0.0 };
                sum.1 += pairs.base_trips[pair];
                sum.2.get_or_insert(pair);
            }
        }
    }
    let ratio = |(trips, usual, _): (f64, f64, Option<usize>)| if usual > 0.0 { trips / usual } else { 1.0 };
    let mut by_zone = vec![[0.0; 4]; count];
    for (from, sums) in by_zone.iter_mut().enumerate() {
        for to in 0..count {
            let persons = demand.journeys[from * count + to];
            let km = distance_km(&base.zones[from], &base.zones[to], context.assumptions());
            let split = context.assumptions().split_at_km(km);
            let car = (split.car * ratio(cars[from * count + to])).clamp(0.0, 1.0);
            let base = OtherShares { walk: split.walk, cycle: split.cycle, transit: split.transit };
            let others = adapted.map_or(base, |adapted| {
                let pair = cars[from * count + to].2;
                adapted.scenario.others_of([from, to], pair, adapted.elasticity, base)
            });
            let sum = if split.car < 1.0 { others.sum() } else { 0.0 };
            let scale = if sum > 0.0 { (1.0 - car) / sum } else { 0.0 };
            let shares = [others.walk * scale, others.cycle * scale, car, others.transit * scale];
            for (sum, share) in sums.iter_mut().zip(shares) {
                *sum += persons * share;
            }
        }
    }
    let mut all = [0.0; 4];
    for sums in &by_zone {
        for (sum, own) in all.iter_mut().zip(sums) {
            *sum += own;
        }
    }
    Journeys { all, by_zone }
}

/// Percent of the journeys by one mode.
fn percent(journeys: &[f64; 4], mode: usize) -> Option<f64> {
    let sum: f64 = journeys.iter().sum();
    (sum > 0.0).then(|| 100.0 * journeys[mode] / sum)
}

fn share_of(context: &Context, mode: Mode) -> Result<Finding, NodeError> {
    let mode = mode as usize;
    let (base, scenario) = context.traffic()?;
    let before = journeys(context, &base, &base.demand, None);
    let e = &context.assumptions().car_time_elasticity;
    let after = [(0, e.low), (1, e.central), (2, e.high)].map(|(run, elasticity)| {
        let adapted = Adapted { scenario: &scenario, run: &scenario.runs[run], elasticity };
        journeys(context, &base, scenario.demand(&base), Some(&adapted))
    });
    let shares = after.each_ref().map(|run| percent(&run.all, mode));
    let (Some(was), [Some(low), Some(central), Some(high)]) = (percent(&before.all, mode), shares) else {
        return missing("reason-no-journeys", "expected journeys inside the data, found none");
    };
    let mut details = Vec::new();
    for (index, name) in NAMES.into_iter().enumerate() {
        details.push(Detail {
            name: name.to_owned(),
            baseline: percent(&before.all, index),
            scenario: percent(&after[1].all, index),
            unit: "%",
        });
    }
    let (all, own): (f64, f64) = (after[1].all.iter().sum(), after[1].all[mode]);
    let formula = Statement::new(
        FILLED[mode],
        vec![("own", own.into()), ("all", all.into()), ("value", central.into())],
        format!("{own:.0} / {all:.0} journeys in the peak hour = {central:.2} %"),
    );
    let explanation = vec![Statement::new(
        "explain-mode-share",
        vec![
            ("journeys", (before.all.iter().sum::<f64>()).into()),
            ("baseline", was.into()),
            ("scenario", central.into()),
        ],
        format!(
            "journeys inside the data: {was:.2} → {central:.2} %; who no longer drives is spread over the other modes \
             as they were used before, and faster ones draw more"
        ),
    )];
    let mut layer =
        MapLayer::new(["walk-share", "cycle-share", "car-share", "transit-share"][mode], Per::Zone, "%");
    for (before, after) in before.by_zone.iter().zip(&after[1].by_zone) {
        layer.push(
            percent(before, mode),
            percent(after, mode),
            context.assumptions().noise_floor_points.central,
        );
    }
    Ok(Finding {
        numbers: Numbers {
            baseline: was,
            scenario: [low, central, high],
            level_band: LEVEL_BAND,
            difference_band: DIFFERENCE_BAND,
            noise_floor: was * context.quality()?.relative_gap(),
            ..Numbers::default()
        },
        explanation,
        formula: Some(formula),
        details,
        layer: Some(Arc::new(layer)),
        ..Finding::default()
    })
}
