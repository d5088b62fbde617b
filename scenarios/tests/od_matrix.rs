//! A city with a known OD matrix instead of synthetic demand.

mod common;

use common::{drawn, link, node_position, people, streets};
use scenarios::{
    Assumptions, Baseline, Cancel, Quality, Scenario, evaluate,
    measures::{CloseLink, Measure},
    models::demand::{ZoneTrips, matrix::OdMatrix},
};

const TOWN: &str = "\
A====B========C====D
     |        |
     E--------F";

#[test]
fn the_flows_are_those_of_the_matrix_and_a_scenario_runs_on_it() {
    let network = drawn(TOWN, &[]);
    let layers = vec![streets(&network), people(&network, &[("A", 100.0, 50.0), ("D", 10.0, 400.0)])];
    let table = OdMatrix::from_csv("origin,destination,trips\nA,D,300\nD,A,100\nA,A,50\n").unwrap();
    let zones: Vec<(String, [f64; 2])> =
        ["A", "D", "F"].map(|id| (id.to_owned(), node_position(&network, id))).to_vec();
    let synthetic = Baseline::from_layers(&layers, &Assumptions::default()).unwrap();
    let plain = synthetic.fingerprint().to_owned();
    let baseline = synthetic.with_trips(ZoneTrips::new(&table, &zones).unwrap());
    assert_ne!(baseline.fingerprint(), plain);
    let pcu = baseline.assumptions().pcu_per_vehicle();
    let traffic = baseline.traffic(&Cancel::default()).unwrap();
    assert!((traffic.equilibrium.total_trips() / pcu - 400.0).abs() < 1e-9);
    let mut scenario = Scenario::new("plan", "");
    let street = [link(&network, "BC")];
    scenario.measures.push(Measure::CloseLink(CloseLink::on_links(&network, &street)));
    let evaluation = evaluate(&baseline, &scenario, &Cancel::default(), Quality::Refined).unwrap();
    // All trips crossed the street between B and C, or went round it over E and F.
    let at = |id: &str| &evaluation.links[link(&network, id)];
    let per_day = |trips: f64| trips / baseline.assumptions().peak_share.central;
    assert!((at("BC").baseline + at("EF").baseline - per_day(400.0)).abs() < 1e-6);
    assert_eq!(at("BC").central, 0.0);
    assert!(at("EF").central > 0.7 * per_day(400.0) && at("EF").central < per_day(400.0));
}

#[test]
fn the_notes_say_which_matrix_and_what_of_it_is_on_no_street() {
    let network = drawn(TOWN, &[]);
    let layers = vec![streets(&network), people(&network, &[("A", 100.0, 50.0), ("D", 10.0, 400.0)])];
    let table =
        OdMatrix::from_csv("o,d,trips\nA,D,300\nD,A,100\nA,A,50\nA,Far,7\nFar,D,5\nFar,Far,2\n").unwrap();
    let mut zones: Vec<(String, [f64; 2])> =
        ["A", "D", "F"].map(|id| (id.to_owned(), node_position(&network, id))).to_vec();
    zones.push(("Far".to_owned(), [9e4, 9e4]));
    let known = ZoneTrips::new(&table, &zones).unwrap().from_source("trips.csv");
    let evaluation_of = |baseline: &Baseline| {
        evaluate(baseline, &Scenario::new("plan", ""), &Cancel::default(), Quality::Refined).unwrap()
    };
    let made = Baseline::from_layers(&layers, &Assumptions::default()).unwrap();
    let plain = evaluation_of(&made);
    assert!(plain.notes.iter().any(|note| note.key == "note-synthetic-demand"));
    assert_eq!(plain.traffic.unwrap().matrix, None);
    let evaluation = evaluation_of(&made.with_trips(known));
    let traffic = evaluation.traffic.as_ref().unwrap();
    let matrix = traffic.matrix.as_ref().unwrap();
    assert_eq!((matrix.source.as_str(), matrix.zones, matrix.trips), ("trips.csv", 4, 464.0));
    assert_eq!((matrix.trips_inside_zones, matrix.trips_without_street), (52.0, 12.0));
    assert_eq!(matrix.zones_without_street, ["Far"]);
    let on_streets = matrix.trips - matrix.trips_inside_zones - matrix.trips_without_street;
    assert!(traffic.trips_per_hour.iter().all(|trips| (trips - on_streets).abs() < 1e-9), "{traffic:?}");
    let text_of =
        |key: &str| evaluation.notes.iter().find(|note| note.key == key).map(|note| note.text.as_str());
    assert!(
        text_of("note-known-demand")
            .unwrap()
            .contains("464 car trips in the peak hour between 4 zones, from trips.csv")
    );
    let lost = text_of("note-matrix-without-street").unwrap();
    assert!(lost.contains("1 zones") && lost.contains("12 trips") && lost.contains("\"Far\""), "{lost}");
    for made_of_nothing in ["note-synthetic-demand", "note-no-through-traffic", "note-no-external-journeys"] {
        assert_eq!(text_of(made_of_nothing), None);
    }
}
