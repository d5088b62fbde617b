//! The incremental engine: an edit computes what it touches, and the outcome is that of a full recompute.

mod common;

use common::{amenities, bus_line, drawn, link, node_position, people, streets};
use layers::model::{Layer, StreetNetwork};
use scenarios::{
    Assumptions, Baseline, Cancel, EvaluateError, Evaluation, Quality, Scenario,
    engine::{Engine, NODES, NodeEntry, Part, RunReport, evaluate_in_steps},
    evaluate,
    indicators::{self, INDICATORS},
    measures::{BuildBlock, ChangeFrequency, ChangeSpeed, Measure, ParkingHub, PedestrianStreet},
    reference::RouteReference,
};

const TOWN: &str = "\
A====B========C====D
|    |        |    |
E----F--------G----I
|    |        |    |
J----K--------L====M";

fn town() -> (StreetNetwork, Vec<Layer>) {
    let network = drawn(TOWN, &[("ABCD", "Hoofdstraat"), ("EFGI", "Middenweg"), ("JKLM", "Zuidweg")]);
    let layers = vec![
        streets(&network),
        people(
            &network,
            &[
                ("A", 9000.0, 300.0),
                ("D", 500.0, 6000.0),
                ("G", 800.0, 900.0),
                ("J", 3000.0, 100.0),
                ("M", 900.0, 800.0),
            ],
        ),
        amenities(
            &network,
            &[("A", "supermarket"), ("D", "doctors"), ("M", "fire_station"), ("F", "childcare")],
        ),
        bus_line(&["A", "C", "D", "I"].map(|letter| node_position(&network, letter))),
    ];
    (network, layers)
}

fn baseline(layers: &[Layer]) -> Baseline {
    let mut assumptions = Assumptions::default();
    assumptions.external_journeys.central = 0.0;
    Baseline::from_layers(layers, &assumptions).unwrap()
}

fn pedestrian(network: &StreetNetwork, links: &[&str]) -> Measure {
    let links: Vec<usize> = links.iter().map(|id| link(network, id)).collect();
    Measure::PedestrianStreet(PedestrianStreet::on_links(network, &links))
}

fn street(measure: &mut Measure) -> Option<&mut PedestrianStreet> {
    if let Measure::PedestrianStreet(street) = measure { Some(street) } else { None }
}

fn plan(measures: Vec<Measure>) -> Scenario {
    Scenario { measures, ..Scenario::new("plan", "Plan") }
}

fn run(engine: &Engine, baseline: &Baseline, scenario: &Scenario) -> (Evaluation, RunReport) {
    let (evaluation, report) =
        engine.evaluate(baseline, scenario, Quality::Refined, &Cancel::default(), &mut |_| {}).unwrap();
    ((*evaluation).clone(), report)
}

/// Everything but the clock.
fn assert_same(a: &Evaluation, b: &Evaluation, what: &str) {
    assert_eq!(a.baseline, b.baseline, "{what}");
    for (a, b) in a.scenario.iter().zip(&b.scenario) {
        assert_eq!(a, b, "{what}: {}", a.id);
    }
    assert_eq!((&a.links, &a.traffic), (&b.links, &b.traffic), "{what}");
    assert_eq!(
        (&a.unresolved, &a.notes, &a.treated_links),
        (&b.unresolved, &b.notes, &b.treated_links),
        "{what}"
    );
}

/// A generator of its own, so that the sequence never changes.
struct Random(u64);
impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % limit
    }
}

#[test]
fn after_any_sequence_of_edits_the_incremental_state_is_that_of_a_full_recompute() {
    let (network, layers) = town();
    let base = baseline(&layers);
    let candidates = ["AB", "BC", "CD", "EF", "FG", "GI", "JK", "KL", "LM", "BF", "CG", "FK"];
    let mut random = Random(20);
    let mut measures: Vec<Measure> = Vec::new();
    // A small budget, so that outputs come and go.
    let engine = Engine::with_budget(300_000);
    let (mut computed, mut full) = (0, 0);
    for step in 0..40 {
        let near = |letter: &str| node_position(&network, letter);
        match random.below(9) {
            5 => {
                let links = [link(&network, candidates[random.below(candidates.len())])];
                measures.push(Measure::ChangeSpeed(ChangeSpeed::on_links(&network, &links, 30.0)));
            }
            6 => {
                let [x, y] = near(["B", "G", "K"][random.below(3)]);
                measures.push(Measure::BuildBlock(BuildBlock {
                    id: format!("new-{step}"),
                    footprint: vec![[x, y], [x + 40.0, y], [x + 40.0, y + 20.0], [x, y + 20.0]],
                    storeys: 5.0,
                    ..BuildBlock::default()
                }));
            }
            7 => {
                let position = near(["C", "F"][random.below(2)]);
                measures.push(Measure::ParkingHub(ParkingHub::new("Hub", position, 300.0)));
            }
            8 => {
                let route = RouteReference::of(&base.timetables()[0], 0).unwrap();
                measures.push(Measure::ChangeFrequency(ChangeFrequency::to(
                    route,
                    [5.0, 10.0, 20.0][random.below(3)],
                )));
            }
            0 if !measures.is_empty() => {
                measures.remove(random.below(measures.len()));
            }
            1 if !measures.is_empty() => {
                let index = random.below(measures.len());
                let Some(measure) = street(&mut measures[index]) else { continue };
                measure.allows_cycling = !measure.allows_cycling;
            }
            2 if !measures.is_empty() => {
                let index = random.below(measures.len());
                let Some(measure) = street(&mut measures[index]) else { continue };
                measure.delivery_window = [None, Some((420, 660)), Some((360, 600))][random.below(3)];
            }
            _ => {
                let from = random.below(candidates.len());
                let count = 1 + random.below(2);
                let links: Vec<&str> = candidates.iter().cycle().skip(from).take(count).copied().collect();
                measures.push(pedestrian(&network, &links));
            }
        }
        let scenario = plan(measures.clone());
        let (incremental, report) = run(&engine, &base, &scenario);
        let (fresh, all) = run(&Engine::default(), &baseline(&layers), &scenario);
        assert_same(&incremental, &fresh, &format!("step {step}"));
        computed += report.computed.len();
        full += all.computed.len();
        assert!(engine.bytes() <= 300_000, "{}", engine.bytes());
    }
    println!("40 edits: {computed} nodes computed instead of {full}");
    assert!(computed * 4 < full * 3, "{computed} of {full} were computed");
}

#[test]
fn an_edit_computes_only_what_it_touches() {
    let (network, layers) = town();
    let base = baseline(&layers);
    let engine = Engine::default();
    let mut measure = PedestrianStreet::on_links(&network, &[link(&network, "BC")]);
    run(&engine, &base, &plan(vec![Measure::PedestrianStreet(measure.clone())]));
    measure.delivery_window = Some((360, 600));
    let (_, report) = run(&engine, &base, &plan(vec![Measure::PedestrianStreet(measure.clone())]));
    for quiet in ["scenario-traffic", "baseline-traffic", "link-outcomes", "scenario-cycling", "daily-needs"]
    {
        assert!(!report.has_computed(quiet), "a delivery window is no matter of {quiet}: {report:?}");
    }
    assert!(report.has_computed("indicator-delivery-time"), "{report:?}");
    assert!(!report.has_computed("indicator-travel-time") && !report.has_computed("indicator-cycle-time"));

    measure.allows_cycling = false;
    let (_, report) = run(&engine, &base, &plan(vec![Measure::PedestrianStreet(measure.clone())]));
    assert!(report.has_computed("scenario-cycling") && report.has_computed("indicator-cycle-time"));
    // Nobody cycles through the street, so nobody leaves the bicycle for the car.
    assert!(!report.has_computed("scenario-traffic"), "as fast by bicycle as before: {report:?}");

    measure.allows_bus = true;
    let (_, report) = run(&engine, &base, &plan(vec![Measure::PedestrianStreet(measure.clone())]));
    let nodes: Vec<&str> =
        report.computed.iter().map(|(name, _)| *name).filter(|n| !n.starts_with("indicator")).collect();
    let stops = ["lost-stops", "stop-places", "daily-needs", "scenario-daily-needs-cycle"];
    assert!(stops.iter().all(|name| nodes.contains(name)), "{nodes:?}");
    assert!(
        nodes.iter().all(|name| stops.contains(name)
            // People might leave the bus for the car; they do not, and the traffic is only read out again.
            || ["other-modes", "link-outcomes", "traffic-layer", "traffic-summary"].contains(name)
            || name.contains("transit")
            || name.contains("timetable")
            || name.contains("stops")),
        "{nodes:?}"
    );
}

#[test]
fn undo_and_redo_of_an_evaluated_scenario_compute_nothing() {
    let (network, layers) = town();
    let base = baseline(&layers);
    let engine = Engine::default();
    let (a, b) = (plan(vec![pedestrian(&network, &["BC"])]), plan(vec![pedestrian(&network, &["FG"])]));
    let (first, _) = run(&engine, &base, &a);
    run(&engine, &base, &b);
    let renamed = Scenario { id: "other".into(), name: "Other".into(), note: "x".into(), ..a.clone() };
    let (again, report) = run(&engine, &base, &renamed);
    assert!(report.computed.is_empty(), "{report:?}");
    assert_eq!(report.reused, ["evaluation"]);
    assert_same(&first, &again, "undo");
    // The order of measures on different streets does not matter for what they do together.
    let (x, y) = (pedestrian(&network, &["BC"]), pedestrian(&network, &["KL"]));
    run(&engine, &base, &plan(vec![x.clone(), y.clone()]));
    let (_, report) = run(&engine, &base, &plan(vec![y, x]));
    assert!(report.computed.is_empty(), "{report:?}");
}

#[test]
fn a_preview_comes_first_then_the_answer_then_the_refined_one_and_a_known_one_at_once() {
    let (network, layers) = town();
    let base = baseline(&layers);
    let scenario = plan(vec![pedestrian(&network, &["BC"])]);
    let qualities = |until| {
        let mut seen = Vec::new();
        let cancel = Cancel::default();
        evaluate_in_steps(base.engine(), &base, &scenario, until, &cancel, &mut |_| {}, &mut |step| {
            seen.push((step.evaluation.quality, step.is_last));
        })
        .unwrap();
        seen
    };
    assert_eq!(
        qualities(Quality::Refined),
        [(Quality::Preview, false), (Quality::Answer, false), (Quality::Refined, true)]
    );
    assert_eq!(qualities(Quality::Refined), [(Quality::Refined, true)], "nothing coarser is shown again");
    // What does not depend on the quality is not computed twice.
    let engine = Engine::default();
    let mut reports = Vec::new();
    let cancel = Cancel::default();
    evaluate_in_steps(&engine, &base, &scenario, Quality::Answer, &cancel, &mut |_| {}, &mut |step| {
        reports.push(step.report);
    })
    .unwrap();
    assert!(reports[0].has_computed("scenario-cycling") && !reports[1].has_computed("scenario-cycling"));
    assert!(reports[1].has_computed("scenario-traffic"));
}

#[test]
fn cancelling_at_any_node_ends_it_and_what_was_finished_is_kept() {
    let (network, layers) = town();
    let base = baseline(&layers);
    let scenario = plan(vec![pedestrian(&network, &["BC"])]);
    let (expected, whole) = run(&Engine::default(), &baseline(&layers), &scenario);
    let engine = Engine::default();
    let mut finished = 0;
    for stop_at in 0..whole.computed.len() {
        let cancel = Cancel::default();
        let outcome = engine.evaluate(&base, &scenario, Quality::Refined, &cancel, &mut |stage| {
            // When it starts, one node at least is finished, however many are computed at once.
            if stage.index == stop_at - finished.min(stop_at) + rayon::current_num_threads() {
                cancel.cancel();
            }
        });
        if let Ok((evaluation, _)) = outcome {
            assert_same(&evaluation, &expected, "after the last");
            return;
        }
        assert_eq!(outcome.unwrap_err(), EvaluateError::Cancelled);
        finished = stop_at;
    }
    let (evaluation, report) = run(&engine, &base, &scenario);
    assert!(
        report.computed.len() < whole.computed.len(),
        "{} of {}",
        report.computed.len(),
        whole.computed.len()
    );
    assert_same(&evaluation, &expected, "after cancelled ones");
}

#[test]
fn progress_is_told_by_model_and_never_goes_back() {
    let (network, layers) = town();
    let base = baseline(&layers);
    let cancel = Cancel::default();
    let (mut last, mut names) = (-1.0, Vec::new());
    base.engine()
        .evaluate(&base, &plan(vec![pedestrian(&network, &["BC"])]), Quality::Answer, &cancel, &mut |stage| {
            assert!(stage.part >= last && stage.part < 1.0 && stage.index < stage.count);
            last = stage.part;
            names.push(stage.node);
        })
        .unwrap();
    assert_eq!(cancel.get(), 1.0);
    for node in NODES {
        assert_eq!(names.iter().filter(|name| **name == node.name).count(), 1, "{}", node.name);
    }
    assert_eq!(names.len(), NODES.len() + INDICATORS.len());
}

#[test]
fn every_node_has_its_own_name_and_declares_only_earlier_ones() {
    let mut seen: Vec<&str> = Vec::new();
    for node in NODES {
        assert!(!seen.contains(&node.name), "{} is twice", node.name);
        for read in (node.reads)() {
            if let scenarios::engine::Read::Node(input) = read {
                assert!(
                    seen.contains(&input.name),
                    "{} reads {}, which comes later or is not listed",
                    node.name,
                    input.name
                );
            }
        }
        seen.push(node.name);
    }
    // A model that no indicator needs would be computed for nothing.
    let cars = NodeEntry::of_indicator(indicators::definition(indicators::TRAVEL_TIME).unwrap()).parts();
    assert_eq!(
        cars,
        [
            Part::Cars,
            Part::Cycling,
            Part::Walking,
            Part::Stops,
            Part::Timetable,
            Part::Buildings,
            Part::Speeds
        ]
    );
    let needs = NodeEntry::of_indicator(indicators::definition(indicators::DAILY_NEEDS).unwrap()).parts();
    assert_eq!(needs, [Part::Walking, Part::Stops, Part::Timetable, Part::Buildings]);
}

#[test]
fn one_and_two_threads_give_the_same_bits_and_many_at_once_agree() {
    let (network, layers) = town();
    let scenario = plan(vec![pedestrian(&network, &["BC", "FG"])]);
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| run(&Engine::default(), &baseline(&layers), &scenario).0)
    };
    let one = with(1);
    assert_same(&one, &with(2), "threads");
    // Several callers of one engine at once, outside and inside the pool.
    let base = baseline(&layers);
    std::thread::scope(|scope| {
        let tasks: Vec<_> = (0..3).map(|_| scope.spawn(|| run(base.engine(), &base, &scenario).0)).collect();
        for task in tasks {
            assert_same(&one, &task.join().unwrap(), "at once");
        }
    });
    let inside: Vec<Evaluation> = {
        use rayon::prelude::*;
        let base = baseline(&layers);
        (0..4).into_par_iter().map(|_| run(base.engine(), &base, &scenario).0).collect()
    };
    for other in &inside {
        assert_same(&one, other, "in the pool");
    }
}

#[test]
fn evaluating_never_changes_the_baseline_and_its_engine_serves_later_calls() {
    let (network, layers) = town();
    let base = baseline(&layers);
    let before = base.fingerprint().to_owned();
    let scenario = plan(vec![pedestrian(&network, &["BC"])]);
    let first = evaluate(&base, &scenario, &Cancel::default(), Quality::Answer).unwrap();
    assert!(base.engine().knows(&base, &scenario, Quality::Answer));
    assert!(!base.engine().knows(&base, &scenario, Quality::Refined));
    let again = evaluate(&base, &scenario, &Cancel::default(), Quality::Answer).unwrap();
    assert_same(&first, &again, "twice");
    assert_eq!(base.fingerprint(), before);
    base.engine().forget();
    assert_eq!(base.engine().bytes(), 0);
    let anew = evaluate(&base, &scenario, &Cancel::default(), Quality::Answer).unwrap();
    assert_same(&first, &anew, "forgotten");
}
