//! The demo town looked at like a traffic engineer: what each road carries, and where it goes when the main shopping
//! street closes.

use std::collections::BTreeMap;

use layers::model::LayerData;
use scenarios::{
    Assumptions, Baseline, Cancel, Evaluation, Quality, Scenario, evaluate, indicators,
    measures::{Measure, PedestrianStreet},
    street::whole_street,
};

fn baseline() -> Baseline {
    let town = layers::demo::build(layers::demo::DEMO_SEED);
    Baseline::from_layers(&town.layers, &Assumptions::default()).unwrap()
}

fn close(baseline: &Baseline, name: &str) -> Evaluation {
    let network = baseline.network();
    let first = (0..network.links.len()).find(|&link| network.links[link].name == name).unwrap();
    let links = whole_street(network, first);
    let mut scenario = Scenario::new("plan", "Plan");
    scenario.measures.push(Measure::PedestrianStreet(PedestrianStreet::on_links(network, &links)));
    evaluate(baseline, &scenario, &Cancel::default(), Quality::Refined).unwrap()
}

/// Mean, least and greatest vehicles a day by street, before and (the mean) after; weighted by length.
fn by_street(baseline: &Baseline, evaluation: &Evaluation) -> BTreeMap<String, [f64; 4]> {
    let mut sums: BTreeMap<String, [f64; 5]> = BTreeMap::new();
    for (link, outcome) in baseline.network().links.iter().zip(&evaluation.links) {
        if link.name.is_empty() {
            continue;
        }
        let sum = sums.entry(link.name.clone()).or_insert([0.0, 0.0, f64::INFINITY, 0.0, 0.0]);
        sum[0] += link.length_m;
        sum[1] += link.length_m * outcome.baseline;
        sum[2] = sum[2].min(outcome.baseline);
        sum[3] = sum[3].max(outcome.baseline);
        sum[4] += link.length_m * outcome.central;
    }
    sums.into_iter().map(|(name, s)| (name, [s[1] / s[0], s[2], s[3], s[4] / s[0]])).collect()
}

#[test]
fn the_demo_town_has_the_traffic_of_a_town_and_its_shopping_street_closes() {
    let baseline = baseline();
    let evaluation = close(&baseline, "Voorstraat");
    let streets = by_street(&baseline, &evaluation);
    let mut order: Vec<(&String, &[f64; 4])> = streets.iter().collect();
    order.sort_by(|a, b| b.1[0].total_cmp(&a.1[0]));
    for (name, [mean, least, most, after]) in order.iter().take(45) {
        println!("{mean:6.0} ({least:6.0} to {most:6.0}) → {after:6.0}  {name}");
    }
    for (id, value) in &evaluation.baseline {
        let delta = evaluation.outcome(id).and_then(|outcome| outcome.delta);
        println!("{id}: {:.2} {} {:?}", value.central, value.unit, delta.map(|d| (d.low, d.central, d.high)));
    }
    for note in &evaluation.notes {
        println!("- {}", note.text);
    }
    println!("{:?}", evaluation.traffic);
    println!("{:.2} s", evaluation.seconds);

    let street = |name: &str| streets.get(name).copied().unwrap_or_else(|| panic!("no street {name}"));
    let [shopping, _, most, after] = street("Voorstraat");
    assert!((4_000.0..8_000.0).contains(&shopping) && most < 10_000.0 && after == 0.0, "{shopping} {most}");
    let [ring, _, busiest, ring_after] = street("Ringweg");
    assert!(ring > 6_000.0 && (8_000.0..15_000.0).contains(&busiest), "{ring} {busiest}");
    assert!(ring_after > 1.03 * ring, "traffic from one side of the town to the other takes the ring again");
    let [singel, _, _, singel_after] = street("Buitensingel");
    assert!(singel > 1_500.0 && singel_after > 1.15 * singel, "and the rest goes round the old town");
    let lost = evaluation.baseline_value(indicators::HOURS_LOST).unwrap().central;
    assert!((2.0..60.0).contains(&lost), "some congestion in the peak hour: {lost}");
    let traffic = evaluation.traffic.as_ref().unwrap();
    let went = traffic.where_did_they_go.unwrap();
    assert!(went.other_route > 0.8 && went.walk + went.cycle + went.transit > 0.0, "{went:?}");
    let note = evaluation.notes.iter().find(|note| note.key == "note-cordon").unwrap();
    assert!(note.text.contains("fictief"), "{}", note.text);
    // The cordon itself.
    let cordon = traffic.cordon.as_ref().unwrap();
    assert_eq!((cordon.points, cordon.unattached.len()), (5, 0));
    let base = baseline.traffic(&Cancel::default()).unwrap();
    for gateway in &base.gateways {
        let count = gateway.count.as_ref().unwrap();
        let node = gateway.entries[0];
        let network = baseline.network();
        let at_node = |&link: &usize| network.links[link].from == node || network.links[link].to == node;
        let modelled: f64 =
            (0..network.links.len()).filter(at_node).map(|link| evaluation.links[link].baseline).sum();
        let off = modelled / count.vehicles_per_day - 1.0;
        assert!(off.abs() < 0.01, "{}: {modelled} for {}", count.name, count.vehicles_per_day);
    }
}

#[test]
fn the_counting_loops_of_the_demo_town_fit_its_modelled_traffic() {
    let town = layers::demo::build(layers::demo::DEMO_SEED);
    let baseline = Baseline::from_layers(&town.layers, &Assumptions::default()).unwrap();
    let none = Scenario::new("none", "");
    let evaluation = evaluate(&baseline, &none, &Cancel::default(), Quality::Answer).unwrap();
    let LayerData::Sensors(sensors) = &town.layer("sensors").unwrap().data else { panic!("sensors") };
    let links = &baseline.network().links;
    let (mut seen, mut close) = (0, 0);
    for stream in sensors.datastreams.iter().filter(|s| s.observed_property == "traffic_intensity") {
        let thing = &sensors.things[stream.thing as usize];
        let [x, y, _] = thing.position.unwrap();
        let away = |link: &usize| {
            let to_piece = |p: &[[f64; 2]]| {
                let (d, e) = ([p[1][0] - p[0][0], p[1][1] - p[0][1]], [x - p[0][0], y - p[0][1]]);
                let t = ((d[0] * e[0] + d[1] * e[1]) / (d[0] * d[0] + d[1] * d[1])).clamp(0.0, 1.0);
                (e[0] - t * d[0]).hypot(e[1] - t * d[1])
            };
            links[*link].geometry.windows(2).map(to_piece).fold(f64::INFINITY, f64::min)
        };
        let link = (0..links.len()).min_by(|a, b| away(a).total_cmp(&away(b))).unwrap();
        let counted: f64 = stream.values[..24].iter().sum();
        let modelled = evaluation.links[link].baseline;
        println!("{}: counted {counted:.0}, modelled {modelled:.0}", thing.name);
        // GEH of the peak hour; below 5 is a good fit of a link.
        let (m, c) = (0.09 * modelled, 0.09 * counted);
        seen += 1;
        close += usize::from((2.0 * (m - c).powi(2) / (m + c)).sqrt() < 5.0);
    }
    assert!(seen >= 12 && close * 100 >= seen * 85, "{close} of {seen}");
}
