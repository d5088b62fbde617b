//! Every indicator explains itself, says who gains and who loses, and fails alone.

mod common;

use common::{amenities, bus_line, drawn, link, node_position, people, streets};
use layers::model::{Layer, StreetNetwork};
use scenarios::{
    Assumptions, Baseline, Cancel, Evaluation, Quality, Scenario,
    comparison::{Status, to_json},
    evaluate,
    indicators::{self, INDICATORS, Per},
    measures::{Measure, PedestrianStreet, RemoveStop},
    reference::{LinkReference, StopReference},
};

const TWO_STREETS: &str = "\
A====B========C====D
     |        |
     E--------F";
const NAMES: &[(&str, &str)] = &[("ABCD", "Hoofdstraat"), ("EF", "Achterstraat")];

fn town() -> (StreetNetwork, Vec<Layer>) {
    let network = drawn(TWO_STREETS, NAMES);
    let layers = vec![
        streets(&network),
        people(
            &network,
            &[
                ("A", 9000.0, 300.0),
                ("D", 500.0, 6000.0),
                ("F", 800.0, 100.0),
                ("C", 200.0, 50.0),
                ("E", 300.0, 10.0),
            ],
        ),
        amenities(&network, &[("A", "supermarket"), ("D", "doctors"), ("D", "fire_station")]),
        bus_line(&["A", "C", "D"].map(|letter| node_position(&network, letter))),
    ];
    (network, layers)
}

fn closed_town() -> Assumptions {
    let mut assumptions = Assumptions::default();
    assumptions.external_journeys.central = 0.0;
    assumptions
}

fn baseline(layers: &[Layer]) -> Baseline {
    Baseline::from_layers(layers, &closed_town()).unwrap()
}

fn pedestrian(network: &StreetNetwork, links: &[&str]) -> Scenario {
    let links: Vec<usize> = links.iter().map(|id| link(network, id)).collect();
    let mut scenario = Scenario::new("plan", "Plan");
    scenario.measures.push(Measure::PedestrianStreet(PedestrianStreet::on_links(network, &links)));
    scenario
}

fn run(baseline: &Baseline, scenario: &Scenario) -> Evaluation {
    evaluate(baseline, scenario, &Cancel::default(), Quality::Refined).unwrap()
}

#[test]
fn every_computed_indicator_explains_itself_with_measures_objects_and_numbers() {
    let (network, layers) = town();
    let base = baseline(&layers);
    let mut scenario = pedestrian(&network, &["BC"]);
    let Measure::PedestrianStreet(street) = &mut scenario.measures[0] else { panic!() };
    street.allows_bus = true;
    let evaluation = run(&base, &scenario);
    let residents = base.facts().residents();
    for (definition, outcome) in INDICATORS.iter().zip(&evaluation.scenario) {
        let id = definition.id;
        assert_ne!(outcome.status, Status::NotComputable, "{id}: {:?}", outcome.explanation);
        assert!(!outcome.explanation.is_empty(), "{id}");
        let formula = outcome.formula.as_ref().unwrap_or_else(|| panic!("{id} has no formula"));
        assert_eq!(formula.key, format!("filled-{id}"));
        assert!(!formula.text.contains("NaN") && !formula.text.contains("inf"), "{}", formula.text);
        if let Some(layer) = &outcome.layer {
            let objects = match layer.per {
                Per::Link => network.links.len(),
                Per::Place => base.facts().places.len(),
                Per::Zone => 5,
                Per::Stop => base.facts().stops.len(),
            };
            assert_eq!(
                (layer.len(), layer.scenario.len(), layer.noise_floor.len()),
                (objects, objects, objects),
                "{id}"
            );
        }
        if let Some(distribution) = &outcome.distribution {
            let all = distribution.better + distribution.same + distribution.worse + distribution.unknown;
            assert!((all - residents).abs() < 1e-6, "{id}: {all} of {residents} residents");
        }
        // The band of a level and of a difference holds its central number.
        let (value, delta) = (outcome.value.as_ref().unwrap(), outcome.delta.unwrap());
        assert!(value.low <= value.central && value.central <= value.high, "{id}: {value:?}");
        assert!(delta.low <= delta.central && delta.central <= delta.high, "{id}: {delta:?}");
        assert!(definition.headline.is_none_or(|number| (1..=12).contains(&number)), "{id}");
    }
    let street = evaluation.outcome(indicators::STREET_TRAFFIC).unwrap();
    assert_eq!(street.measures.len(), 1);
    assert_eq!(
        (street.measures[0].kind, street.measures[0].name.as_str()),
        ("pedestrian-street", "Hoofdstraat")
    );
    assert_eq!(street.objects[0].id, "BC");
    assert!((street.objects[0].change - street.delta.unwrap().central).abs() < 1e-6);
    let stops = evaluation.outcome(indicators::DEPARTURES).unwrap();
    assert!(stops.measures.is_empty(), "the bus drives on: no measure touches it");
    // Headlines 1 to 5 are all there.
    for number in 1..=5 {
        assert!(INDICATORS.iter().any(|definition| definition.headline == Some(number)), "headline {number}");
    }
}

#[test]
fn who_lives_in_the_emptied_street_gains_and_who_lives_in_the_filled_one_loses() {
    let (network, layers) = town();
    let evaluation = run(&baseline(&layers), &pedestrian(&network, &["BC"]));
    let traffic = evaluation.outcome(indicators::STREET_TRAFFIC).unwrap().distribution.clone().unwrap();
    assert_eq!(traffic.unit, "veh/day");
    // F and E lie at the back street, which fills; C at the closed street or at the way to it.
    assert!(traffic.worse >= 1100.0, "{traffic:?}");
    assert!(traffic.better > 0.0, "{traffic:?}");
    let all: f64 = traffic.areas.iter().map(|area| area.residents).sum();
    assert!(all <= 10_800.0 + 1e-6 && traffic.areas.iter().all(|area| area.residents >= 10.0));
    // Every trip between A and D is longer: nobody gains time.
    let time = evaluation.outcome(indicators::TRAVEL_TIME).unwrap().distribution.clone().unwrap();
    assert!(time.worse > 9000.0 && time.better == 0.0, "{time:?}");
    let json = to_json(&[(&pedestrian(&network, &["BC"]), &evaluation)]);
    let entry = &json["scenarios"][0]["indicators"]["street-traffic"];
    assert!(entry["distribution"]["worse"].as_f64().unwrap() > 0.0 && entry["noise_floor"].is_number());
    assert_eq!(entry["measures"][0]["kind"], "pedestrian-street");
}

#[test]
fn a_plan_of_which_nothing_is_left_is_not_computable_and_never_without_effect() {
    let (_, layers) = town();
    let base = baseline(&layers);
    let gone = LinkReference { id: "600123457".into(), name: "Sloopstraat".into(), geometry: Vec::new() };
    let mut scenario = Scenario::new("plan", "Plan");
    scenario.measures.push(Measure::PedestrianStreet(PedestrianStreet {
        links: vec![gone],
        ..PedestrianStreet::default()
    }));
    scenario.measures.push(Measure::RemoveStop(RemoveStop {
        stop: StopReference { id: "stop-99".into(), name: "Nergens".into(), position: [9e5, 9e5] },
        ..RemoveStop::default()
    }));
    let evaluation = run(&base, &scenario);
    assert_eq!(evaluation.unresolved.len(), 2, "{:?}", evaluation.unresolved);
    assert!(evaluation.unresolved[0].contains("600123457") && evaluation.unresolved[1].contains("stop-99"));
    for outcome in &evaluation.scenario {
        assert_eq!(outcome.status, Status::NotComputable, "{}", outcome.id);
        assert!(outcome.value.is_none() && outcome.delta.is_none());
    }
    let vehicle_km = evaluation.outcome(indicators::VEHICLE_KM).unwrap();
    assert_eq!(vehicle_km.explanation[0].key, "reason-nothing-applies");
    assert!(
        evaluation.baseline_value(indicators::VEHICLE_KM).is_some(),
        "the city as it is still has its number"
    );
    // Without any measure nothing changes, which is an answer.
    let nothing = run(&base, &Scenario::new("none", "Nothing"));
    assert_eq!(nothing.outcome(indicators::VEHICLE_KM).unwrap().status, Status::BelowNoise);
}

#[test]
fn a_stop_that_no_longer_exists_leaves_the_street_of_the_same_plan() {
    let (network, layers) = town();
    let mut scenario = pedestrian(&network, &["BC"]);
    scenario.measures.push(Measure::RemoveStop(RemoveStop {
        stop: StopReference { id: "stop-99".into(), name: "Nergens".into(), position: [9e5, 9e5] },
        ..RemoveStop::default()
    }));
    let evaluation = run(&baseline(&layers), &scenario);
    let street = evaluation.outcome(indicators::STREET_TRAFFIC).unwrap();
    assert_eq!(street.status, Status::Clear);
    assert!(street.explanation.iter().any(|statement| statement.key == "explain-partial-plan"), "{street:?}");
    assert!(street.measures.iter().all(|measure| measure.kind == "pedestrian-street"));
}

#[test]
fn a_removed_stop_is_felt_by_those_who_lived_near_it() {
    // 1.5 km between A and D, so that a stop serves one end only.
    let picture = "A=============B=============D";
    let network = drawn(picture, &[("ABD", "Laan")]);
    let layers = vec![
        streets(&network),
        people(&network, &[("A", 4000.0, 50.0), ("B", 1000.0, 100.0), ("D", 500.0, 3000.0)]),
        amenities(&network, &[("A", "supermarket")]),
        bus_line(&["A", "B", "D"].map(|letter| node_position(&network, letter))),
    ];
    let base = baseline(&layers);
    let mut scenario = Scenario::new("plan", "Plan");
    let stop = StopReference::of(&base.timetables()[0], 0).unwrap();
    scenario.measures.push(Measure::RemoveStop(RemoveStop { stop, ..RemoveStop::default() }));
    let evaluation = run(&base, &scenario);
    let near = evaluation.outcome(indicators::NEAR_STOP).unwrap();
    assert_eq!(near.status, Status::Clear, "{near:?}");
    // D is the last stop: nothing leaves there, so that A and B had service.
    let before = evaluation.baseline_value(indicators::NEAR_STOP).unwrap().central;
    assert!((before - 100.0 * 5000.0 / 5500.0).abs() < 1e-6, "{before}");
    assert!((near.delta.unwrap().central + 100.0 * 4000.0 / 5500.0).abs() < 1e-6, "{near:?}");
    let felt = near.distribution.as_ref().unwrap();
    assert_eq!((felt.worse, felt.better, felt.same), (4000.0, 0.0, 1500.0));
    assert_eq!(evaluation.outcome(indicators::STREET_TRAFFIC).unwrap().status, Status::NotComputable);
    assert_eq!(evaluation.outcome(indicators::VEHICLE_KM).unwrap().delta.unwrap().central, 0.0);
    assert!(evaluation.outcome(indicators::DEPARTURES).unwrap().delta.unwrap().central < 0.0);
}

#[test]
fn one_noise_floor_decides_the_status_everywhere() {
    let (network, layers) = town();
    for assumptions in [closed_town(), Assumptions::default()] {
        let base = Baseline::from_layers(&layers, &assumptions).unwrap();
        for links in [&["BC"][..], &["EF"], &["AB"], &["BE", "CF"], &["BC", "EF"]] {
            let evaluation = run(&base, &pedestrian(&network, links));
            for outcome in &evaluation.scenario {
                let Some(delta) = outcome.delta else { continue };
                let is_small = delta.central.abs() <= outcome.noise_floor;
                assert_eq!(
                    outcome.status == Status::BelowNoise,
                    is_small,
                    "{} {links:?}: {outcome:?}",
                    outcome.id
                );
                if outcome.unit == "min" {
                    assert!(outcome.noise_floor >= 0.05, "{}: three seconds are no news", outcome.id);
                }
                assert_eq!(outcome.value.as_ref().unwrap().noise_floor, outcome.noise_floor);
            }
        }
    }
}

#[test]
fn bad_assumptions_break_what_they_feed_and_say_so() {
    let (network, layers) = town();
    let scenario = pedestrian(&network, &["BC"]);
    let with = |change: &dyn Fn(&mut Assumptions)| {
        let mut assumptions = closed_town();
        change(&mut assumptions);
        assert!(!assumptions.problems().is_empty(), "the file of assumptions would have told");
        run(&Baseline::from_layers(&layers, &assumptions).unwrap(), &scenario)
    };
    let status = |evaluation: &Evaluation, id: &str| evaluation.outcome(id).unwrap().status;
    let evaluation = with(&|assumptions| assumptions.speed_band.central = f64::NAN);
    let time = evaluation.outcome(indicators::TRAVEL_TIME).unwrap();
    assert_eq!(time.status, Status::NotComputable);
    assert_eq!(time.explanation[0].key, "reason-not-finite");
    assert_eq!(status(&evaluation, indicators::STREET_TRAFFIC), Status::Clear, "the others are right");
    let evaluation = with(&|assumptions| assumptions.synthetic_demand_band.central = f64::INFINITY);
    assert_eq!(status(&evaluation, indicators::STREET_TRAFFIC), Status::NotComputable);
    assert_eq!(status(&evaluation, indicators::TRAVEL_TIME), Status::Clear);
    // Nobody travels in the peak hour.
    let evaluation = with(&|assumptions| assumptions.peak_share.central = -1.0);
    assert_eq!(status(&evaluation, indicators::DAILY_NEEDS), Status::BelowNoise);
    for outcome in &evaluation.scenario {
        let numbers = outcome.value.iter().flat_map(|value| [value.low, value.central, value.high]);
        assert!(numbers.into_iter().all(f64::is_finite), "{}: {outcome:?}", outcome.id);
    }
}
