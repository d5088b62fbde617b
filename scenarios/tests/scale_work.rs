//! How much an edit computes in a large city, counted in searches instead of seconds, and that it is the same city.

#[path = "../examples/scale/city.rs"]
mod city;

use std::{collections::BTreeSet, sync::Arc};

use city::{central_street, city};
use scenarios::{
    Assumptions, Baseline, Cancel, Quality, Scenario,
    apply::resolve,
    measures::{ChangeSpeed, Measure, PedestrianStreet},
    models::{
        equilibrium::Equilibrium,
        traffic::{BaselineTraffic, ScenarioTraffic},
    },
};

const LINKS: usize = 8_000;

fn solve(baseline: &Baseline, base: &BaselineTraffic, measure: Measure, quality: Quality) -> ScenarioTraffic {
    let scenario = Scenario { measures: vec![measure], ..Scenario::new("plan", "") };
    let resolved = resolve(baseline, &scenario);
    assert!(resolved.problems.is_empty(), "{:?}", resolved.problems);
    ScenarioTraffic::solve(baseline, base, &resolved.edit, Arc::default(), quality, &Cancel::default())
        .unwrap()
}

fn closed(baseline: &Baseline, links: &[usize]) -> Measure {
    Measure::PedestrianStreet(PedestrianStreet::on_links(baseline.network(), links))
}

/// Origins of the pairs that use any of some arcs.
fn origins_over(base: &BaselineTraffic, is_there: impl Fn(usize) -> bool) -> usize {
    let pairs = &base.demand.pairs;
    let uses = |pair: usize| {
        base.equilibrium.paths[pair].iter().any(|way| way.arcs.iter().any(|&arc| is_there(arc as usize)))
    };
    (0..pairs.len()).filter(|&pair| uses(pair)).map(|pair| pairs.origin[pair]).collect::<BTreeSet<_>>().len()
}

#[test]
fn an_edit_searches_no_more_than_it_touches_and_the_preview_is_near_the_answer() {
    let baseline = Baseline::from_layers(&city(LINKS), &Assumptions::default()).unwrap();
    let base = baseline.traffic(&Cancel::default()).unwrap();
    assert!(base.road.hierarchy.is_some(), "large enough for the hierarchy");
    let origins = base.demand.pairs.origin.iter().collect::<BTreeSet<_>>().len();
    let street = central_street(baseline.network());

    // A street that many use.
    let preview = solve(&baseline, &base, closed(&baseline, &street), Quality::Preview);
    let is_closed = &preview.edited().is_closed;
    let touched = origins_over(&base, |arc| is_closed[arc]);
    assert!(touched > 10, "{touched} of {origins}");
    let searches = |run: &Equilibrium| run.searches;
    assert_eq!(preview.runs.each_ref().map(|run| searches(run)), [0, touched, 0]);
    assert!(preview.fixed.is_none() && preview.runs.iter().all(|run| run.is_among_known_ways));
    let answer = solve(&baseline, &base, closed(&baseline, &street), Quality::Answer);
    let all: usize = answer.runs.iter().chain(&answer.fixed).map(|run| run.searches).sum();
    println!("{origins} origins, {touched} touched; searches of the answer: {all}");
    assert!(answer.runs.iter().all(|run| run.has_converged && !run.is_among_known_ways));
    assert!(all <= 9 * origins, "{all} searches from {origins} origins");
    // The preview shows what the answer will say.
    let (mut moved, mut apart) = (0.0, 0.0);
    for (arc, &is_closed) in is_closed.iter().enumerate() {
        let (was, shown, is) =
            (base.equilibrium.flows[arc], preview.central().flows[arc], answer.central().flows[arc]);
        moved += (is - was).abs();
        apart += (is - shown).abs();
        assert!(!is_closed || (shown == 0.0 && is == 0.0), "a closed arc carries nothing");
    }
    println!("flows moved {moved:.0}, preview and answer apart {apart:.0}");
    assert!(apart < 0.3 * moved, "{apart} of {moved}");
    for pair in 0..base.demand.pairs.len() {
        let carried: f64 = preview.central().paths[pair].iter().map(|way| way.trips).sum();
        assert!((carried - preview.central().trips[pair]).abs() < 1e-6, "no trip is lost");
    }

    // A street that nobody uses: no search, and the baseline to the bit.
    let quiet = (0..baseline.network().links.len()).find(|&link| {
        let arcs = base.road.arcs_over(link);
        !arcs.is_empty() && arcs.iter().all(|&arc| base.equilibrium.flows[arc as usize] == 0.0)
    });
    let quiet = closed(&baseline, &[quiet.unwrap()]);
    let preview = solve(&baseline, &base, quiet, Quality::Preview);
    assert_eq!(preview.runs.each_ref().map(|run| searches(run)), [0, 0, 0]);
    assert!(preview.central().flows == base.equilibrium.flows, "the baseline to the bit");

    // Slower streets are as closed ones; where one becomes faster, anybody may want to go there.
    let slower = |kmh| Measure::ChangeSpeed(ChangeSpeed::on_links(baseline.network(), &street, kmh));
    let preview = solve(&baseline, &base, slower(30.0), Quality::Preview);
    assert_eq!(preview.central().searches, touched);
    let faster = central_residential(&baseline, &street);
    let faster = Measure::ChangeSpeed(ChangeSpeed::on_links(baseline.network(), &faster, 50.0));
    let preview = solve(&baseline, &base, faster, Quality::Preview);
    assert!(preview.central().searches >= origins && !preview.central().is_among_known_ways);
}

/// Streets with 30 km/h that begin at the given ones.
fn central_residential(baseline: &Baseline, street: &[usize]) -> Vec<usize> {
    let network = baseline.network();
    let nodes: BTreeSet<u32> =
        street.iter().flat_map(|&link| [network.links[link].from, network.links[link].to]).collect();
    let is_there = |&link: &usize| {
        let link = &network.links[link];
        (nodes.contains(&link.from) || nodes.contains(&link.to)) && link.speed_limit_mps < 9.0
    };
    (0..network.links.len()).filter(is_there).collect()
}

#[test]
fn one_and_two_threads_give_the_same_bits_in_a_large_city() {
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let baseline = Baseline::from_layers(&city(LINKS), &Assumptions::default()).unwrap();
            let base = baseline.traffic(&Cancel::default()).unwrap();
            let street = central_street(baseline.network());
            let both = [Quality::Preview, Quality::Answer].map(|quality| {
                let solved = solve(&baseline, &base, closed(&baseline, &street), quality);
                solved
                    .runs
                    .each_ref()
                    .map(|run| (run.flows.clone(), run.pair_costs.clone(), run.trips.clone()))
            });
            (base.equilibrium.flows.clone(), both)
        })
    };
    assert!(with(1) == with(2), "flows, costs and trips");
}
