//! Indicators of a city's own, from a file to numbers with bands.

mod common;

use common::{drawn, link, people, streets};
use layers::model::{Layer, StreetNetwork};
use scenarios::{
    Assumptions, Baseline, Cancel, Evaluation, Quality, Scenario,
    comparison::Status,
    evaluate,
    indicators::{
        self,
        custom::{CustomIndicators, CustomOutcome, Tables, evaluate_custom},
    },
    measures::{Measure, PedestrianStreet},
};

const TWO_STREETS: &str = "\
A====B========C====D
     |        |
     E--------F";

fn town() -> (StreetNetwork, Vec<Layer>) {
    let network = drawn(TWO_STREETS, &[("ABCD", "Hoofdstraat"), ("EF", "Achterstraat")]);
    let layers = vec![
        streets(&network),
        people(&network, &[("A", 9000.0, 300.0), ("D", 500.0, 6000.0), ("F", 800.0, 100.0)]),
    ];
    (network, layers)
}

fn evaluated() -> (Baseline, Evaluation) {
    let (network, layers) = town();
    let mut assumptions = Assumptions::default();
    assumptions.external_journeys.central = 0.0;
    let base = Baseline::from_layers(&layers, &assumptions).unwrap();
    let mut scenario = Scenario::new("plan", "Plan");
    let street = PedestrianStreet::on_links(&network, &[link(&network, "BC")]);
    scenario.measures.push(Measure::PedestrianStreet(street));
    let evaluation = evaluate(&base, &scenario, &Cancel::default(), Quality::Refined).unwrap();
    (base, evaluation)
}

/// A file with these formulas, called a, b, c and so on, all in "km".
fn file(formulas: &[&str]) -> String {
    let list: Vec<String> = formulas
        .iter()
        .enumerate()
        .map(|(index, formula)| {
            let id = (b'a' + index as u8) as char;
            let formula = serde_json::to_string(formula).unwrap();
            format!(
                r#"{{"id": "{id}", "name": {{"nl": "{id}", "en": "{id}"}}, "unit": "km", "formula": {formula},
                    "constants": {{"width": {{"low": 4, "central": 5, "high": 8, "unit": "m"}}}}}}"#
            )
        })
        .collect();
    format!(r#"{{"indicators": [{}]}}"#, list.join(","))
}

fn compute(formulas: &[&str]) -> Vec<CustomOutcome> {
    let (base, evaluation) = evaluated();
    let tables = Tables::of_baseline(&base, Some(&evaluation));
    let custom = CustomIndicators::parse(&file(formulas), &tables).unwrap();
    evaluate_custom(&custom, &base, &evaluation)
}

fn errors(formulas: &[&str]) -> Vec<String> {
    let (base, evaluation) = evaluated();
    let tables = Tables::of_baseline(&base, Some(&evaluation));
    let errors = CustomIndicators::parse(&file(formulas), &tables).unwrap_err();
    errors.iter().map(ToString::to_string).collect()
}

#[test]
fn arithmetic_sums_means_counts_and_shares_are_those_done_by_hand() {
    let outcomes = compute(&[
        "1 + 2 * 3 - 8 / (2 + 2)",
        "sum(residents in places)",
        "mean(residents in places where jobs > 200)",
        "count(links where class = \"residential\")",
        "share(links where class = 'primary')",
        "share(residents in places where residents >= 800 and not (jobs > 1000))",
        "sum(length_m in links where name = 'Hoofdstraat') / 1000",
        "if(count(stops) = 0, max(2, 3), min(1, 2)) + abs(-4)",
        "-(2 - 5) * 2",
    ]);
    let central: Vec<f64> = outcomes.iter().map(|outcome| outcome.value.unwrap()[1]).collect();
    // Main street: AB 250 m, BC 450 m, CD 250 m. Residential: BE, CF, EF.
    let expected = [5.0, 10_300.0, 4750.0, 3.0, 0.5, 9800.0 / 10_300.0, 0.95, 7.0, 6.0];
    for ((found, wanted), outcome) in central.iter().zip(expected).zip(&outcomes) {
        assert!((found - wanted).abs() < 1e-9, "{}: {found} instead of {wanted}", outcome.id);
        assert_eq!(outcome.status, Status::BelowNoise, "nothing here changes");
        assert_eq!(outcome.baseline.unwrap()[1], *found);
    }
}

#[test]
fn an_indicator_in_a_formula_keeps_its_runs_its_bands_and_its_noise() {
    let (base, evaluation) = evaluated();
    let tables = Tables::of_baseline(&base, Some(&evaluation));
    let text = file(&[
        "[street-traffic]",
        "[street-traffic] * 2",
        "[vehicle-km] / sum(residents in places)",
        "[b] - [a] * 2",
    ]);
    let custom = CustomIndicators::parse(&text, &tables).unwrap();
    let outcomes = evaluate_custom(&custom, &base, &evaluation);
    let built_in = evaluation.outcome(indicators::STREET_TRAFFIC).unwrap();
    let (same, double) = (&outcomes[0], &outcomes[1]);
    let (delta, wanted) = (same.delta.unwrap(), built_in.delta.unwrap());
    for (found, wanted) in
        [(delta.low, wanted.low), (delta.central, wanted.central), (delta.high, wanted.high)]
    {
        assert!((found - wanted).abs() < 1e-6, "{delta:?} {wanted:?}");
    }
    assert_eq!(same.status, built_in.status);
    assert!((same.noise_floor - built_in.noise_floor).abs() < 1e-6);
    assert!((double.noise_floor - 2.0 * built_in.noise_floor).abs() < 1e-6);
    assert!((double.delta.unwrap().central - 2.0 * wanted.central).abs() < 1e-6);
    let before = evaluation.baseline_value(indicators::STREET_TRAFFIC).unwrap();
    assert!(
        (same.baseline.unwrap()[0] - before.low).abs() < 1e-6
            && (same.baseline.unwrap()[2] - before.high).abs() < 1e-6
    );
    // Kilometres for each resident: the same change, divided.
    let km = evaluation.outcome(indicators::VEHICLE_KM).unwrap().delta.unwrap();
    let per_resident = outcomes[2].delta.unwrap();
    assert!((per_resident.central - km.central / 10_300.0).abs() < 1e-9);
    assert!(
        (per_resident.low - km.low / 10_300.0).abs() < 1e-9
            && (per_resident.high - km.high / 10_300.0).abs() < 1e-9
    );
    assert!(outcomes[3].delta.unwrap().central.abs() < 1e-9, "indicators of the file can read each other");
}

#[test]
fn constants_carry_their_band_and_traffic_of_links_that_of_its_runs() {
    let (base, evaluation) = evaluated();
    let tables = Tables::of_baseline(&base, Some(&evaluation));
    let text = file(&[
        "width * 2",
        "sum(traffic in links where name = 'Achterstraat')",
        "10 / width",
        "width - width",
    ]);
    let custom = CustomIndicators::parse(&text, &tables).unwrap();
    let outcomes = evaluate_custom(&custom, &base, &evaluation);
    assert_eq!(outcomes[0].value, Some([8.0, 10.0, 16.0]));
    assert_eq!(outcomes[2].value, Some([1.25, 2.0, 2.5]));
    assert_eq!(outcomes[3].value, Some([-4.0, 0.0, 4.0]), "a name that stands twice counts as two");
    let (network, _) = town();
    let back = &evaluation.links[link(&network, "EF")];
    let [low, central, high] = outcomes[1].value.unwrap();
    assert!(
        (low - back.low).abs() < 1e-9
            && (central - back.central).abs() < 1e-9
            && (high - back.high).abs() < 1e-9
    );
    let delta = outcomes[1].delta.unwrap();
    assert!((delta.central - (back.central - back.baseline)).abs() < 1e-9 && delta.status == Status::Clear);
}

#[test]
fn all_mistakes_of_a_file_are_listed_together_with_where_and_what_is_near() {
    let found = errors(&[
        "[vehicle-kn] / 2",
        "sum(residnts in places)",
        "sum(residents in placs)",
        "1 +",
        "[f] + 1",
        "[e] * 2",
        "[travel-time] + [vehicle-km]",
        "sum(name in links)",
        "mean(length_m in links where class = 3)",
        "widht + 1",
    ]);
    let has = |part: &str| assert!(found.iter().any(|line| line.contains(part)), "{part} in {found:#?}");
    has(
        "indicator \"a\", column 1: expected the id of an indicator, found \"vehicle-kn\"; nearest is \"vehicle-km\"",
    );
    has(
        "indicator \"b\", column 5: expected an attribute of \"places\" or a constant, found \"residnts\"; nearest is \"residents\"",
    );
    has("indicator \"c\", column 18: expected the name of a layer, found \"placs\"; nearest is \"places\"");
    has("indicator \"d\", column 4: expected a number");
    has("indicator \"e\": expected indicators that do not go round in a circle, found e → f → e");
    has("indicator \"g\", column 17: expected the unit \"min\" of what stands before, found \"veh-km/day\"");
    has("indicator \"h\", column 5: expected a number, found a text");
    has("indicator \"i\", column 38: expected two texts or two numbers, found one of each");
    has(
        "indicator \"j\", column 1: expected a constant that the indicator declares, found \"widht\"; nearest is \"width\"",
    );
    assert_eq!(found.len(), 9, "{found:#?}");
    // The file itself.
    let tables = Tables::default();
    let errors = CustomIndicators::parse("{\"indicators\": [{\"id\": 3}]}", &tables).unwrap_err();
    assert!(errors[0].to_string().starts_with("line 1, column"), "{errors:?}");
    let twice = r#"{"indicators": [
        {"id": "vehicle-km", "name": {"nl": "x"}, "unit": "km", "formula": "1"},
        {"id": "X y", "name": {}, "unit": "", "formula": "1", "constants": {"c": {"low": 2, "central": 1, "high": 3}}}]}"#;
    let errors: Vec<String> =
        CustomIndicators::parse(twice, &tables).unwrap_err().iter().map(ToString::to_string).collect();
    assert_eq!(errors.len(), 5, "taken id, bad id, no unit, no name, band out of order: {errors:#?}");
}

#[test]
fn what_cannot_be_computed_says_why_and_the_others_answer() {
    let outcomes = compute(&[
        "1 / sum(residents in places where residents < 0)",
        "mean(residents in places where residents < 0)",
        "[emergency-time] + 1",
        "[c] * 2",
        "sum(jobs in places)",
        "1e300 * 1e300",
    ]);
    let reason = |index: usize| outcomes[index].explanation[0].text.clone();
    assert!(reason(0).contains("divides by a number that is or may be 0"), "{}", reason(0));
    assert!(reason(1).contains("the mean over no row of \"places\""), "{}", reason(1));
    assert!(
        reason(2).contains("[emergency-time] cannot be computed") && reason(2).contains("hospital"),
        "{}",
        reason(2)
    );
    assert!(reason(3).contains("[c] cannot be computed"), "{}", reason(3));
    assert!(reason(5).contains("too large"), "{}", reason(5));
    for index in [0, 1, 2, 3, 5] {
        assert_eq!(outcomes[index].status, Status::NotComputable);
        assert!(outcomes[index].value.is_none());
    }
    assert_eq!(outcomes[4].value, Some([6400.0; 3]));
}

#[test]
fn a_mistake_in_one_formula_leaves_the_others_standing() {
    let (base, evaluation) = evaluated();
    let tables = Tables::of_baseline(&base, None);
    // b names an unknown indicator, d reads b, and c stands by itself.
    let text = file(&["[vehicle-km] / 1000", "[nope] / 2", "width * 2 / 1000", "[b] + 1"]);
    assert!(CustomIndicators::parse(&text, &tables).is_err());
    let (read, mistakes, broken) = CustomIndicators::read(&text, &tables);
    let ids: Vec<&str> = read.definitions().iter().map(|definition| definition.id.as_str()).collect();
    assert_eq!(ids, ["a", "c"], "{mistakes:?}");
    let lost: Vec<&str> = broken.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(lost, ["b", "d"]);
    assert!(mistakes.iter().any(|mistake| mistake.to_string().contains("nope")), "{mistakes:?}");
    for one in &broken {
        let outcome = one.outcome();
        assert_eq!((outcome.status, outcome.value), (Status::NotComputable, None));
        assert!(!outcome.explanation[0].text.is_empty());
    }
    assert!(broken[0].outcome().explanation[0].text.contains("nope"));
    let computed = evaluate_custom(&read, &base, &evaluation);
    assert!(computed.iter().all(|outcome| outcome.value.is_some()), "{computed:?}");
    // No file of indicators at all.
    let (read, mistakes, broken) = CustomIndicators::read("{", &tables);
    assert!(read.is_empty() && mistakes.len() == 1 && broken.is_empty());
}
