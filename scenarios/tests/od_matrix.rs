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
