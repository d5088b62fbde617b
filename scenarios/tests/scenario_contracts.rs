//! What every evaluation promises, on cities drawn as text.

mod common;

use common::{amenities, bus_line, drawn, link, node_position, people, streets};
use layers::model::{Layer, Modes, StreetNetwork};
use scenarios::{
    Assumptions, Baseline, BaselineError, Cancel, EvaluateError, Evaluation, Quality, Scenario,
    assumptions::AdaptationMethod,
    comparison::{Status, comparison_rows, to_csv, to_json},
    evaluate,
    evaluate::LinkOutcome,
    indicators::{self, INDICATORS},
    measures::{BicycleStreet, ChangeSpeed, Measure, PedestrianStreet},
    reference::{LinkReference, ReferenceIndex},
    street::{street_between_crossings, whole_street},
};

/// Two ways from west to east: the main street over B and C, and a back street over E and F.
const TWO_STREETS: &str = "\
A====B========C====D
     |        |
     E--------F";
const NAMES: &[(&str, &str)] = &[("ABCD", "Hoofdstraat"), ("EF", "Achterstraat")];

fn two_streets() -> (StreetNetwork, Vec<Layer>) {
    let network = drawn(TWO_STREETS, NAMES);
    let layers = vec![
        streets(&network),
        people(&network, &[("A", 9000.0, 300.0), ("D", 500.0, 6000.0), ("F", 800.0, 100.0)]),
        amenities(&network, &[("A", "supermarket"), ("D", "doctors"), ("D", "fire_station")]),
    ];
    (network, layers)
}

/// Towns of a kilometre: without journeys over their border, so that all traffic is their own.
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

fn delta(evaluation: &Evaluation, id: &str) -> f64 {
    evaluation.outcome(id).unwrap().delta.unwrap_or_else(|| panic!("{id} has no delta")).central
}

#[test]
fn the_street_that_empties_and_the_street_that_fills_are_both_in_the_result() {
    let (network, layers) = two_streets();
    let evaluation = run(&baseline(&layers), &pedestrian(&network, &["BC"]));
    let (main, back) = (&evaluation.links[link(&network, "BC")], &evaluation.links[link(&network, "EF")]);
    assert!(main.baseline > 3000.0, "{main:?}");
    assert_eq!((main.low, main.central, main.high), (0.0, 0.0, 0.0), "closed is empty");
    assert!(back.central > back.baseline + 1000.0, "{back:?}");
    assert!(back.low < back.central && back.central < back.high, "the fan is open: {back:?}");
    let street = evaluation.outcome(indicators::STREET_TRAFFIC).unwrap();
    assert_eq!(street.status, Status::Clear);
    assert!(street.delta.unwrap().central < -3000.0);
    let filled = evaluation.outcome(indicators::MOST_INCREASED_STREET).unwrap();
    assert!(filled.delta.unwrap().low > 0.0, "{filled:?}");
    assert!(filled.explanation[0].text.contains("Achterstraat") || filled.explanation[0].text.contains("BE"));
    // The way round is longer, so fewer drive, and those who used the street lose time.
    assert!(
        delta(&evaluation, indicators::DETOUR) > 0.0 && delta(&evaluation, indicators::TRAVEL_TIME) > 0.0
    );
    let traffic = evaluation.traffic.as_ref().unwrap();
    let [base, low, central, high] = traffic.trips_per_hour;
    assert!(base > low && low > central && central > high, "more adaptation, fewer trips: {traffic:?}");
    let shares = traffic.where_did_they_go.unwrap();
    let elsewhere = shares.other_destination.unwrap();
    assert!(elsewhere > 0.0 && shares.not_made == 0.0, "{shares:?}");
    assert_eq!(shares.same_street, 0.0, "the street is closed");
    let sum = shares.other_route + shares.walk + shares.cycle + shares.transit + elsewhere;
    assert!((sum - 1.0).abs() < 1e-9, "{shares:?}");
    // Nobody adapting is the upper bound.
    let fixed = traffic.fixed_demand_minutes.unwrap();
    let adapted = evaluation.outcome(indicators::TRAVEL_TIME).unwrap().value.as_ref().unwrap().central;
    assert!(fixed > adapted, "{fixed} {adapted} {traffic:?}");
}

#[test]
fn who_still_drives_in_a_slower_street_is_told_from_who_went_round() {
    let (network, layers) = two_streets();
    let base = baseline(&layers);
    let mut slower = Scenario::new("slower", "");
    let bicycle = BicycleStreet::on_links(base.network(), &[link(&network, "BC")]);
    slower.measures.push(Measure::BicycleStreet(bicycle));
    let evaluation = run(&base, &slower);
    let went = evaluation.traffic.as_ref().unwrap().where_did_they_go.unwrap();
    assert!(went.same_street > 0.0 && went.same_street < 1.0 && went.other_route > 0.0, "{went:?}");
    let elsewhere = went.other_destination.unwrap();
    let sum = went.same_street + went.other_route + went.walk + went.cycle + went.transit + elsewhere;
    assert!((sum + went.not_made - 1.0).abs() < 1e-9, "{went:?}");
    let street = &evaluation.links[link(&network, "BC")];
    assert!((went.same_street - street.central / street.baseline).abs() < 0.02, "{went:?} {street:?}");
    assert!(delta(&evaluation, indicators::DETOUR) > 0.0, "and it takes them longer");
}

#[test]
fn with_method_b_a_share_of_the_street_goes_away_and_nobody_answers_to_time_besides() {
    let (network, layers) = two_streets();
    let assumptions = Assumptions { adaptation_method: AdaptationMethod::ShareEvaporates, ..closed_town() };
    let base = Baseline::from_layers(&layers, &assumptions).unwrap();
    let evaluation = run(&base, &pedestrian(&network, &["BC"]));
    let traffic = evaluation.traffic.as_ref().unwrap();
    for (evaporated, wanted) in traffic.evaporation.unwrap().iter().zip([0.0, 0.11, 0.22]) {
        assert!((evaporated - wanted).abs() < 1e-9, "{traffic:?}");
    }
    let [before, low, central, high] = traffic.trips_per_hour;
    assert!((low - before).abs() < 1e-6 * before, "with 0 % nobody stays away: {traffic:?}");
    let gone = |share: f64| before - share * traffic.treated_trips_per_hour;
    assert!((central - gone(0.11)).abs() < 1e-6 * before && (high - gone(0.22)).abs() < 1e-6 * before);
    assert!(evaluation.notes.iter().any(|note| note.key == "note-share-evaporates"));
    // A street that becomes slower closes nothing: all trips stay.
    let mut slower = Scenario::new("slower", "");
    let speed = ChangeSpeed::on_links(base.network(), &[link(&network, "BC")], 15.0);
    slower.measures.push(Measure::ChangeSpeed(speed));
    let evaluation = evaluate(&base, &slower, &Cancel::default(), Quality::Refined).unwrap();
    let [before, _, _, high] = evaluation.traffic.as_ref().unwrap().trips_per_hour;
    assert!((high - before).abs() < 1e-6 * before, "{:?}", evaluation.traffic);
}

#[test]
fn conservation_what_passes_the_screenline_is_what_travels() {
    let (network, layers) = two_streets();
    let base = baseline(&layers);
    let evaluation = run(&base, &pedestrian(&network, &["BC"]));
    // All trips between A and the rest cross AB; the screenline BC + EF carries A–D trips and those of F.
    let crossing = |flow: fn(&LinkOutcome) -> f64| {
        flow(&evaluation.links[link(&network, "BC")]) + flow(&evaluation.links[link(&network, "EF")])
    };
    let (before, after) = (crossing(|l| l.baseline), crossing(|l| l.central));
    let lost_per_hour = evaluation.traffic.as_ref().unwrap().trips_per_hour;
    let lost_per_day = (lost_per_hour[0] - lost_per_hour[2]) / base.assumptions().peak_share.central;
    assert!(before > after);
    assert!(before - after <= lost_per_day * 1.001 + 1.0, "{before} {after} {lost_per_day}");
}

#[test]
fn evaluating_changes_neither_the_baseline_nor_later_evaluations() {
    let (network, layers) = two_streets();
    let base = baseline(&layers);
    let before = base.fingerprint().to_owned();
    let first = run(&base, &Scenario::new("none", "Nothing"));
    let plan = run(&base, &pedestrian(&network, &["BC"]));
    let again = run(&base, &Scenario::new("none", "Nothing"));
    assert_eq!(base.fingerprint(), before);
    assert_eq!(baseline(&layers).fingerprint(), before, "the same data give the same fingerprint");
    assert_eq!(plan.baseline_fingerprint, before);
    assert_eq!((&first.links, &first.scenario), (&again.links, &again.scenario));
    for outcome in &first.scenario {
        if let Some(delta) = outcome.delta {
            assert_eq!(delta.central, 0.0, "{}: nothing was changed", outcome.id);
            assert_eq!(outcome.status, Status::BelowNoise);
        }
    }
    let mut other = network.clone();
    other.links[0].lanes_forward = 2;
    let other = vec![streets(&other), layers[1].clone(), layers[2].clone()];
    assert_ne!(baseline(&other).fingerprint(), before, "one lane more is another city");
}

#[test]
fn the_same_scenario_gives_the_same_bits() {
    let (network, layers) = two_streets();
    let scenario = pedestrian(&network, &["BC"]);
    let evaluate = || {
        let evaluation = run(&baseline(&layers), &scenario);
        (evaluation.links, evaluation.scenario, evaluation.traffic)
    };
    assert_eq!(evaluate(), evaluate());
}

#[test]
fn what_does_not_resolve_is_listed_and_the_rest_is_evaluated() {
    let (network, layers) = two_streets();
    let mut scenario = pedestrian(&network, &["BC"]);
    let Measure::PedestrianStreet(measure) = &mut scenario.measures[0] else { panic!("another measure") };
    measure.links.push(LinkReference {
        id: "600123457".into(),
        name: "Hoofdstraat".into(),
        geometry: vec![[120.0, 90.0], [200.0, 90.0]],
    });
    scenario.measures.push(Measure::PedestrianStreet(PedestrianStreet::default()));
    let evaluation = run(&baseline(&layers), &scenario);
    assert_eq!(evaluation.unresolved.len(), 2, "{:?}", evaluation.unresolved);
    assert_eq!(
        evaluation.unresolved[0],
        "measure 1 \"pedestrian-street\": no link matches \"600123457\" (\"Hoofdstraat\"); nearest is \"AB\", 90.0 m \
         away, also named \"Hoofdstraat\""
    );
    assert!(
        evaluation.unresolved[1].contains("measure 2") && evaluation.unresolved[1].contains("found none")
    );
    assert_eq!(evaluation.treated_links, [link(&network, "BC")]);
    assert_eq!(evaluation.outcome(indicators::STREET_TRAFFIC).unwrap().status, Status::Clear);
}

#[test]
fn a_reference_survives_new_ids_and_split_links() {
    let network = drawn(TWO_STREETS, NAMES);
    let reference = LinkReference::of(&network, link(&network, "BC")).unwrap();
    let mut newer = network.clone();
    let index = link(&newer, "BC");
    newer.links[index].id = "other".into();
    newer.links[index].geometry[0][1] += 2.0;
    assert_eq!(ReferenceIndex::new(&newer).resolve(&reference), Ok(vec![index]));
    // Cut in two by a new crossing.
    let [start, end] = [newer.links[index].geometry[0], newer.links[index].geometry[1]];
    let middle = [f64::midpoint(start[0], end[0]), f64::midpoint(start[1], end[1])];
    let mut second = newer.links[index].clone();
    newer.links[index].geometry = vec![start, middle];
    newer.links[index].length_m /= 2.0;
    second.id = "second half".into();
    second.geometry = vec![middle, end];
    second.length_m /= 2.0;
    newer.links.push(second);
    assert_eq!(ReferenceIndex::new(&newer).resolve(&reference), Ok(vec![index, newer.links.len() - 1]));
    // Another street of the same shape is not it.
    newer.links[index].name = "Nieuwstraat".into();
    newer.links.pop();
    assert!(ReferenceIndex::new(&newer).resolve(&reference).is_err());
}

#[test]
fn without_people_traffic_is_not_computable_and_says_why() {
    let network = drawn(TWO_STREETS, NAMES);
    let evaluation = run(&baseline(&[streets(&network)]), &pedestrian(&network, &["BC"]));
    assert_eq!(evaluation.scenario.len(), INDICATORS.len(), "every indicator answers");
    for outcome in &evaluation.scenario {
        assert!(!outcome.explanation[0].text.is_empty());
        // The space of a street needs nobody.
        let is_space = [indicators::CAR_FREE_SPACE, indicators::PARKING_SPACE].contains(&outcome.id);
        assert_eq!(outcome.status == Status::NotComputable, !is_space, "{}", outcome.id);
    }
    let street = evaluation.outcome(indicators::STREET_TRAFFIC).unwrap();
    assert!(street.explanation[0].text.contains("population"), "{street:?}");
    assert!(evaluation.links.is_empty() && evaluation.traffic.is_none());
    assert_eq!(evaluation.treated_links.len(), 1, "the street is known all the same");
}

#[test]
fn a_city_without_cars_still_has_access() {
    let mut network = drawn(TWO_STREETS, NAMES);
    for link in &mut network.links {
        link.forward = Modes::WALK | Modes::CYCLE;
        link.backward = link.forward;
    }
    let (_, mut layers) = two_streets();
    layers[0] = streets(&network);
    let evaluation = run(&baseline(&layers), &pedestrian(&network, &["BC"]));
    let street = evaluation.outcome(indicators::STREET_TRAFFIC).unwrap();
    assert!(street.explanation[0].text.contains("0 of 3 zones"), "{street:?}");
    let needs = evaluation.outcome(indicators::DAILY_NEEDS).unwrap();
    assert_eq!(needs.status, Status::BelowNoise);
    assert!(needs.value.as_ref().unwrap().central > 0.0);
    assert!(needs.explanation[1].text.contains("childcare"), "needs without data are named: {needs:?}");
}

#[test]
fn a_layer_without_streets_is_refused_in_words() {
    let (_, layers) = two_streets();
    let error = Baseline::from_layers(&layers[1..], &Assumptions::default()).unwrap_err();
    assert!(matches!(error, BaselineError::NoStreets { .. }));
    assert!(error.to_string().contains("features"), "{error}");
    let mut broken = drawn(TWO_STREETS, NAMES);
    broken.links[0].to = 99;
    let error = Baseline::from_layers(&[streets(&broken)], &Assumptions::default()).unwrap_err();
    assert!(matches!(error, BaselineError::BrokenNetwork { node: 99, .. }), "{error}");
}

#[test]
fn cycling_and_the_bus_follow_their_switches() {
    // A long way round, so that riding slowly through the street is still the best way.
    let picture = "\
A====B========C====D
     |        |
     |        |
     |        |
     |        |
     E--------F";
    let network = drawn(picture, NAMES);
    let (_, mut layers) = two_streets();
    layers[0] = streets(&network);
    let stop = node_position(&network, "B");
    // One stop in the closed part of the street, one 400 m west of A.
    let west = node_position(&network, "A");
    layers.push(bus_line(&[[stop[0] + 200.0, stop[1] + 3.0], [west[0] - 400.0, west[1]]]));
    let base = baseline(&layers);
    let with = |cycling: bool, bus: bool| {
        let mut scenario = pedestrian(&network, &["BC"]);
        let Measure::PedestrianStreet(measure) = &mut scenario.measures[0] else { panic!("another measure") };
        (measure.allows_cycling, measure.allows_bus) = (cycling, bus);
        run(&base, &scenario)
    };
    let (riding, walking) = (with(true, true), with(false, true));
    let slower = delta(&riding, indicators::CYCLE_TIME);
    let barred = delta(&walking, indicators::CYCLE_TIME);
    assert!(slower > 0.0, "cyclists ride at 10 km/h there");
    assert!(barred > slower, "and go round where they may not: {barred} against {slower}");
    assert_eq!(delta(&riding, indicators::DAILY_NEEDS), 0.0, "the bus still calls");
    let without_bus = with(true, false);
    let needs = without_bus.outcome(indicators::DAILY_NEEDS).unwrap();
    assert!(needs.explanation.iter().any(|s| s.key == "explain-stops-lost"), "{needs:?}");
    assert!(
        delta(&without_bus, indicators::DAILY_NEEDS) < 0.0,
        "D is more than 15 minutes from the western stop"
    );
}

#[test]
fn help_and_goods_still_reach_the_street_but_slower() {
    let (network, layers) = two_streets();
    let evaluation = run(&baseline(&layers), &pedestrian(&network, &["BC", "CD"]));
    assert!(delta(&evaluation, indicators::DELIVERY_TIME) > 0.0);
    assert!(delta(&evaluation, indicators::EMERGENCY_TIME) > 0.0);
    // D has no street for cars left: its people park at the next one, and nobody is stranded.
    assert_eq!(evaluation.traffic.as_ref().unwrap().stranded_trips_per_hour, 0.0);
    assert!(evaluation.notes.iter().any(|note| note.key == "note-rejoined-zones"), "{:?}", evaluation.notes);
}

#[test]
fn a_cancelled_evaluation_says_so_and_the_next_one_works() {
    let (network, layers) = two_streets();
    let base = baseline(&layers);
    let cancel = Cancel::default();
    cancel.cancel();
    let scenario = pedestrian(&network, &["BC"]);
    assert_eq!(evaluate(&base, &scenario, &cancel, Quality::Answer), Err(EvaluateError::Cancelled));
    assert!(evaluate(&base, &scenario, &Cancel::default(), Quality::Answer).is_ok());
}

#[test]
fn json_and_csv_keep_the_public_contract() {
    let (network, layers) = two_streets();
    let scenario = pedestrian(&network, &["BC"]);
    let evaluation = run(&baseline(&layers), &scenario);
    let json = to_json(&[(&scenario, &evaluation)]);
    for key in ["central", "low", "high"] {
        assert!(json["baseline"]["vehicle-km"][key].is_number(), "{json}");
        assert!(json["scenarios"][0]["indicators"]["street-traffic"][key].is_number());
        assert!(json["scenarios"][0]["indicators"]["street-traffic"]["delta"][key].is_number());
    }
    assert_eq!(json["baseline"]["vehicle-km"]["unit"], "veh-km/day");
    assert_eq!(json["scenarios"][0]["id"], "plan");
    assert_eq!(json["scenarios"][0]["indicators"]["street-traffic"]["status"], "clear");
    let rows = comparison_rows(&scenario, &evaluation);
    let csv = to_csv(&rows);
    assert_eq!(csv.lines().count(), INDICATORS.len() + 1);
    let columns = csv.lines().map(|line| line.split(',').count()).collect::<Vec<_>>();
    assert!(columns.iter().all(|&count| count == 11), "{csv}");
    for row in &rows {
        if let (Some(low), Some(central), Some(high)) = (row.low, row.central, row.high) {
            assert!(low <= central && central <= high, "{row:?}");
        }
    }
}

#[test]
fn a_street_ends_at_real_crossings_only() {
    //  A lane (y) and a side street (E) meet the Damstraat; only E makes a crossing.
    let picture = "\
A---B---C---D---G
    |   |
    x   E";
    let mut network = drawn(picture, &[("ABCDG", "Damstraat"), ("CE", "Zijstraat"), ("Bx", "Steeg")]);
    let lane = link(&network, "Bx");
    network.links[lane].class = layers::model::LinkClass::Footway;
    let ids = |links: Vec<usize>| links.into_iter().map(|l| network.links[l].id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(street_between_crossings(&network, link(&network, "AB"))), ["AB", "BC"]);
    assert_eq!(ids(street_between_crossings(&network, link(&network, "DG"))), ["CD", "DG"]);
    assert_eq!(ids(whole_street(&network, link(&network, "CD"))), ["AB", "BC", "CD", "DG"]);
    assert_eq!(ids(whole_street(&network, link(&network, "CE"))), ["CE"]);
    assert!(street_between_crossings(&network, 99).is_empty() && whole_street(&network, 99).is_empty());
    let ring = drawn("A--B\n|  |\nD--C", &[("ABCDA", "Ring"), ("AD", "Ring")]);
    let mut run = street_between_crossings(&ring, 0);
    run.sort_unstable();
    assert_eq!(run, [0, 1, 2, 3], "a ring ends where it began");
}

#[test]
fn journeys_longer_than_the_town_pass_the_main_roads_at_its_border() {
    let (network, layers) = two_streets();
    let with = Baseline::from_layers(&layers, &Assumptions::default()).unwrap();
    let cancel = Cancel::default();
    let (open, closed) = (with.traffic(&cancel).unwrap(), baseline(&layers).traffic(&cancel).unwrap());
    assert_eq!(
        (open.gateways.len(), closed.gateways.len()),
        (2, 0),
        "the main street leaves town at A and at D"
    );
    assert!(open.demand.external_share > 0.5, "most journeys are longer than a kilometre");
    // As many come in as go out, by both roads alike.
    let trips = |from: fn(u32) -> bool, to: fn(u32) -> bool| -> f64 {
        let pairs = &open.demand.pairs;
        let is_wanted = |&pair: &usize| from(pairs.origin[pair]) && to(pairs.destination[pair]);
        (0..pairs.len()).filter(is_wanted).map(|pair| pairs.base_trips[pair]).sum()
    };
    let (out, into) = (trips(|zone| zone < 3, |zone| zone >= 3), trips(|zone| zone >= 3, |zone| zone < 3));
    assert!(out > 0.0 && (out / into - 1.0).abs() < 1e-9, "{out} {into}");
    assert_eq!(trips(|zone| zone >= 3, |zone| zone >= 3), 0.0, "no through traffic");
    assert!(open.equilibrium.pair_costs.iter().all(|cost| cost.is_finite()));
    let evaluation = run(&with, &pedestrian(&network, &["BC"]));
    assert!(
        evaluation.notes.iter().any(|note| note.key == "note-external-journeys"),
        "{:?}",
        evaluation.notes
    );
    // They answer less to time than journeys inside.
    let [before, _, after, _] = evaluation.traffic.unwrap().trips_per_hour;
    assert!(before > after);
}
