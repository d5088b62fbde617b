//! The demo town and a real city from end to end.

mod common;

use std::time::Instant;

use common::shared_data;
use layers::{
    model::{Layer, LayerData},
    readers::{self, ReadContext, Source},
};
use scenarios::{
    Assumptions, Baseline, Cancel, Evaluation, Quality, Scenario,
    comparison::Status,
    evaluate, indicators,
    measures::{Measure, PedestrianStreet},
    street::{street_between_crossings, whole_street},
};

/// Closes the streets and prints what a traffic engineer asks first.
fn close(baseline: &Baseline, links: &[usize], quality: Quality) -> Evaluation {
    let network = baseline.network();
    let mut scenario = Scenario::new("plan", "Plan");
    scenario.measures.push(Measure::PedestrianStreet(PedestrianStreet::on_links(network, links)));
    let started = Instant::now();
    let evaluation = evaluate(baseline, &scenario, &Cancel::default(), quality).unwrap();
    let traffic = evaluation.traffic.as_ref().unwrap();
    println!(
        "{quality:?} of {} links in {:?}: gap {:.1e} in {} iterations, evaporation {:?}",
        links.len(),
        started.elapsed(),
        traffic.relative_gap,
        traffic.iterations,
        traffic.evaporation
    );
    assert!(traffic.relative_gap <= quality.relative_gap(), "{traffic:?}");
    assert!(evaluation.unresolved.is_empty(), "{:?}", evaluation.unresolved);
    evaluation
}

/// What holds for every closed street that carried traffic.
fn check_closed_street(baseline: &Baseline, evaluation: &Evaluation) {
    for &link in &evaluation.treated_links {
        assert_eq!(evaluation.links[link].central, 0.0);
    }
    let street = evaluation.outcome(indicators::STREET_TRAFFIC).unwrap();
    assert_eq!(street.status, Status::Clear, "{street:?}");
    assert!(street.delta.unwrap().high < 0.0);
    let filled = evaluation.outcome(indicators::MOST_INCREASED_STREET).unwrap();
    assert_eq!(filled.status, Status::Clear, "{filled:?}");
    assert!(filled.delta.unwrap().low > 0.0);
    let detour = evaluation.outcome(indicators::DETOUR).unwrap().delta.unwrap();
    assert!(detour.central > 0.0, "{detour:?}");
    let needs = evaluation.outcome(indicators::DAILY_NEEDS).unwrap();
    assert!(
        needs.value.as_ref().unwrap().central
            <= evaluation.baseline_value(indicators::DAILY_NEEDS).unwrap().central
    );
    let traffic = evaluation.traffic.as_ref().unwrap();
    let [base, low, central, high] = traffic.trips_per_hour;
    assert!(base > low && low > central && central > high, "{traffic:?}");
    let [low, central, high] = traffic.evaporation.unwrap();
    assert!(0.0 < low && low < central && central < high && high < 0.5, "{traffic:?}");
    assert_eq!(evaluation.links.len(), baseline.network().links.len());
    assert!(evaluation.links.iter().all(|link| link.low <= link.central && link.central <= link.high));
}

/// The busiest named links, for people who read the test's output.
fn print_busiest(baseline: &Baseline, evaluation: &Evaluation) -> f64 {
    let network = baseline.network();
    let mut order: Vec<usize> = (0..network.links.len()).collect();
    order.sort_by(|&a, &b| evaluation.links[b].baseline.total_cmp(&evaluation.links[a].baseline));
    let mut names: Vec<&str> = Vec::new();
    for &link in &order {
        let name = network.links[link].name.as_str();
        if names.len() < 8 && !name.is_empty() && !names.contains(&name) {
            println!("  {:6.0} vehicles a day: {name}", evaluation.links[link].baseline);
            names.push(name);
        }
    }
    evaluation.links[order[0]].baseline
}

fn busiest_link_of(baseline: &Baseline, name: &str) -> usize {
    let none = evaluate(baseline, &Scenario::new("none", ""), &Cancel::default(), Quality::Preview).unwrap();
    let links = &baseline.network().links;
    let named = (0..links.len()).filter(|&link| links[link].name == name);
    named.max_by(|&a, &b| none.links[a].baseline.total_cmp(&none.links[b].baseline)).unwrap()
}

#[test]
fn a_bridge_of_the_demo_town_closes_and_the_others_fill() {
    let town = layers::demo::build(layers::demo::DEMO_SEED);
    let baseline = Baseline::from_layers(&town.layers, &Assumptions::default()).unwrap();
    let started = Instant::now();
    let base = baseline.traffic(&Cancel::default()).unwrap();
    println!(
        "baseline in {:?}: {} zones, {} pairs",
        started.elapsed(),
        base.zones.len(),
        base.demand.pairs.len()
    );
    assert!(base.equilibrium.has_converged && base.equilibrium.relative_gap <= 1e-4);
    assert!(
        base.road.is_connected.iter().all(|is_connected| *is_connected),
        "every quarter is on the network"
    );
    let link = busiest_link_of(&baseline, "Merebrug");
    let links = whole_street(baseline.network(), link);
    let evaluation = close(&baseline, &links, Quality::Answer);
    let most = print_busiest(&baseline, &evaluation);
    assert!((5_000.0..40_000.0).contains(&most), "a town's busiest road has {most} vehicles a day");
    check_closed_street(&baseline, &evaluation);
    // Over the canal there are other bridges: together they carry about what the closed one carried.
    let preview = close(&baseline, &links, Quality::Preview);
    let gain = |e: &Evaluation| e.outcome(indicators::MOST_INCREASED_STREET).unwrap().delta.unwrap().central;
    assert!((gain(&preview) / gain(&evaluation) - 1.0).abs() < 0.3, "the preview tells the same story");
}

#[test]
fn a_central_avenue_of_porto_alegre_closes_and_its_parallels_fill() {
    let Some(data) = shared_data() else { return };
    let mut layers: Vec<Layer> = Vec::new();
    let mut target = None;
    for file in [
        "osm-roads/porto_alegre.osm.pbf",
        "transit/porto_alegre_eptc_gtfs.zip",
        "transit/porto_alegre_trensurb_gtfs.zip",
        "transit/porto_alegre_hexgrid.csv",
    ] {
        let mut context = ReadContext { target, ..ReadContext::default() };
        let outcome = readers::read(&Source::from_path(data.join(file)), &mut context).unwrap();
        target = Some(outcome.crs);
        layers.extend(outcome.layers);
    }
    assert!(layers.iter().any(|layer| matches!(layer.data, LayerData::Transit(_))));
    let baseline = Baseline::from_layers(&layers, &Assumptions::default()).unwrap();
    // Sums of the table itself.
    assert!((baseline.facts().residents() - 812_935.0).abs() < 0.5);
    assert!((baseline.facts().jobs() - 337_921.0).abs() < 0.5);
    let started = Instant::now();
    let base = baseline.traffic(&Cancel::default()).unwrap();
    println!("baseline in {:?}: {} zones, {} arcs", started.elapsed(), base.zones.len(), base.road.arcs());
    assert!(base.zones.len() <= 300 && base.equilibrium.has_converged);

    let avenue = busiest_link_of(&baseline, "Avenida Ipiranga");
    let links = street_between_crossings(baseline.network(), avenue);
    let evaluation = close(&baseline, &links, Quality::Answer);
    let most = print_busiest(&baseline, &evaluation);
    assert!((25_000.0..100_000.0).contains(&most), "a city's busiest avenue has {most} vehicles a day");
    check_closed_street(&baseline, &evaluation);
    let before = evaluation.baseline_value(indicators::STREET_TRAFFIC).unwrap().central;
    assert!((10_000.0..80_000.0).contains(&before), "{before}");
    let filled = evaluation.outcome(indicators::MOST_INCREASED_STREET).unwrap();
    println!("{}", filled.explanation[0].text);
    assert!(filled.details.len() >= 3, "several named streets fill: {:?}", filled.details);

    let whole = close(&baseline, &whole_street(baseline.network(), avenue), Quality::Preview);
    assert!(whole.treated_links.len() > 50, "the avenue is long: {}", whole.treated_links.len());
    let hours = |e: &Evaluation| e.outcome(indicators::HOURS_LOST).unwrap().delta.unwrap().central;
    assert!(hours(&whole) > hours(&evaluation), "closing all of it costs more time than a piece");
}
