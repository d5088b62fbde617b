//! The same bits whatever the number of threads, on a network that is large enough for the hierarchy.

use scenarios::{
    Assumptions, Baseline, Cancel, Evaluation, Quality, Scenario, evaluate,
    evaluate::LinkOutcome,
    measures::{CloseLink, DiagonalFilter, Measure, ParkingHub},
    street::whole_street,
};

fn run(threads: usize) -> Evaluation {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| {
        let town = layers::demo::build(layers::demo::DEMO_SEED);
        let baseline = Baseline::from_layers(&town.layers, &Assumptions::default()).unwrap();
        let network = baseline.network();
        let first = (0..network.links.len()).find(|&link| network.links[link].name == "Voorstraat").unwrap();
        let street = whole_street(network, first);
        let node = (0..network.nodes.len() as u32)
            .find_map(|node| DiagonalFilter::at_node(network, node, false))
            .unwrap();
        let mut scenario = Scenario::new("plan", "");
        let place = network.nodes[network.links[first].from as usize].position;
        scenario.measures = vec![
            Measure::CloseLink(CloseLink::on_links(network, &street)),
            Measure::DiagonalFilter(node),
            Measure::ParkingHub(ParkingHub::new("P", place, 300.0)),
        ];
        evaluate(&baseline, &scenario, &Cancel::default(), Quality::Answer).unwrap()
    })
}

#[test]
fn one_thread_and_two_threads_give_the_same_bits() {
    let (one, two) = (run(1), run(2));
    assert!(one.unresolved.is_empty() && one.links.iter().any(|link| link.central != link.baseline));
    for (a, b) in one.links.iter().zip(&two.links) {
        let bits = |link: &LinkOutcome| [link.baseline, link.low, link.central, link.high].map(f64::to_bits);
        assert_eq!(bits(a), bits(b));
    }
    assert_eq!((&one.scenario, &one.traffic), (&two.scenario, &two.traffic));
}
