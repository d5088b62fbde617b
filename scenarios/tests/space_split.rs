//! How the ground is divided, before and after a plan (MODELS.md section 12): the classes sum to the area, and each measure
//! moves ground the way the matrix of section 13 says.

mod common;

use common::{drawn, link, node_position, shared_data, streets};
use geo::{Area, BooleanOps, MultiPolygon, algorithm::unary_union};
use layers::model::{
    Feature, FeatureLayer, FeatureRole, Layer, LayerData, LinkClass, Provenance, StreetNetwork,
};
use layers::readers::{self, ReadContext, Source};
use scenarios::{
    Assumptions, Baseline, Cancel, Evaluation, Quality, Scenario, evaluate,
    indicators::{CAR_FREE_SPACE, PARKING_SPACE},
    measures::{
        BicycleStreet, BusGate, ChangeSpeed, CloseLink, Measure, OneWay, ParkingHub, ParkingPlaces,
        PedestrianStreet,
    },
    models::space::{Ground, SpaceClass},
    street::whole_street,
};

const CLASSES: [&str; 7] = ["driving", "parking", "cycle", "foot", "green", "water", "other"];

fn run(baseline: &Baseline, measures: Vec<Measure>) -> Evaluation {
    let mut scenario = Scenario::new("plan", "");
    scenario.measures = measures;
    let evaluation = evaluate(baseline, &scenario, &Cancel::default(), Quality::Preview).unwrap();
    assert_eq!(evaluation.unresolved, Vec::<String>::new());
    evaluation
}

/// Before and after by class; the sums are those of the area to 0.1 m².
fn split(evaluation: &Evaluation) -> [(f64, f64); 7] {
    let details = &evaluation.outcome(CAR_FREE_SPACE).unwrap().details;
    let pair = |name: &str| {
        let detail = details.iter().find(|detail| detail.name == name).unwrap_or_else(|| panic!("no {name}"));
        (detail.baseline.unwrap(), detail.scenario.unwrap())
    };
    let classes = CLASSES.map(|class| pair(&format!("ground-{class}")));
    assert!(classes.iter().all(|(was, is)| *was >= 0.0 && *is >= 0.0), "{classes:?}");
    let all = pair("ground-all");
    assert!((classes.iter().map(|c| c.0).sum::<f64>() - all.0).abs() < 0.1);
    assert!((classes.iter().map(|c| c.1).sum::<f64>() - all.1).abs() < 0.1);
    classes
}

/// Scenario minus baseline by class.
fn moved(evaluation: &Evaluation) -> [f64; 7] {
    split(evaluation).map(|(was, is)| is - was)
}

fn of(moved: &[f64; 7], class: &str) -> f64 {
    moved[CLASSES.iter().position(|name| *name == class).unwrap()]
}

fn map(areas: &[(&str, [f64; 4])]) -> Layer {
    let mut layer = FeatureLayer { role: FeatureRole::Surfaces, ..FeatureLayer::default() };
    for (row, (word, [x0, y0, x1, y1])) in areas.iter().enumerate() {
        let area = geo::Rect::new((*x0, *y0), (*x1, *y1)).to_polygon();
        layer.features.push(Feature { id: format!("s{row}"), geometry: Some(area.into()) });
        layer.attributes.set(row, "surface", *word);
    }
    Layer {
        id: "surfaces".into(),
        title: "surfaces".into(),
        data: LayerData::Features(layer.into()),
        provenance: Provenance::default(),
        faults: Vec::new(),
    }
}

/// One street of 200 m with homes, 12 m wide, two lanes.
fn street() -> StreetNetwork {
    let mut network = drawn("A====B====C", &[("ABC", "Hoofdstraat")]);
    for link in &mut network.links {
        link.class = LinkClass::Residential;
        (link.length_m, link.width_m, link.lanes_forward, link.lanes_backward) = (100.0, 14.0, 1, 1);
    }
    network
}

#[test]
fn a_street_is_divided_by_lanes_pavements_and_assumed_places() {
    let network = street();
    let baseline = Baseline::from_layers(&[streets(&network)], &Assumptions::default()).unwrap();
    let links = network.links.len() as f64;
    let evaluation = run(&baseline, vec![]);
    let expected = [600.0, 120.0, 0.0, 360.0, 0.0, 0.0, 320.0].map(|m2| m2 * links);
    for ((was, is), wanted) in split(&evaluation).into_iter().zip(expected) {
        assert!((was - wanted).abs() < 1e-6, "{was} {wanted}");
        assert_eq!(was, is, "nothing is planned");
    }
    let parking = evaluation.outcome(PARKING_SPACE).unwrap();
    let value = parking.value.as_ref().unwrap();
    let band = [(value.low, 48.0), (value.central, 120.0), (value.high, 240.0)];
    assert!(band.iter().all(|(found, m2)| (found - m2 * links).abs() < 1e-6), "{value:?}");
    assert_eq!(parking.delta.unwrap().central, 0.0);
}

#[test]
fn parking_places_and_pedestrian_streets_move_ground_and_only_theirs() {
    let network = street();
    let baseline = Baseline::from_layers(&[streets(&network)], &Assumptions::default()).unwrap();
    let ab = [link(&network, "AB")];
    let fewer = run(&baseline, vec![Measure::ParkingPlaces(ParkingPlaces::on_links(&network, &ab, -4.0))]);
    let by_class = moved(&fewer);
    assert!((of(&by_class, "parking") + 48.0).abs() < 1e-9 && (of(&by_class, "other") - 48.0).abs() < 1e-9);
    let outcome = fewer.outcome(PARKING_SPACE).unwrap();
    let delta = outcome.delta.unwrap();
    assert!(
        (delta.central + 48.0).abs() < 1e-9 && delta.low <= -50.0 + 1e-9 && delta.high >= -40.0 - 1e-9,
        "{delta:?}"
    );
    assert_eq!((outcome.objects[0].id.as_str(), outcome.measures.len()), ("AB", 1));
    let more =
        moved(&run(&baseline, vec![Measure::ParkingPlaces(ParkingPlaces::on_links(&network, &ab, 5.0))]));
    assert!((of(&more, "parking") - 60.0).abs() < 1e-9 && (of(&more, "other") + 60.0).abs() < 1e-9);
    // More than anybody knows of: what is known goes, and the rest is said.
    let many = run(&baseline, vec![Measure::ParkingPlaces(ParkingPlaces::on_links(&network, &ab, -400.0))]);
    assert_eq!(split(&many)[1].1, 0.0);
    let said = &many.outcome(PARKING_SPACE).unwrap().explanation;
    assert!(said.iter().any(|statement| statement.key == "explain-parking-unknown"), "{said:?}");
    // Lanes and parking become room for walking; the places that a plan takes away besides are the same ones.
    let foot = Measure::PedestrianStreet(PedestrianStreet::on_links(&network, &ab));
    let by_class = moved(&run(&baseline, vec![foot.clone()]));
    for (class, m2) in [("driving", -600.0), ("parking", -120.0), ("foot", 720.0), ("other", 0.0)] {
        assert!((of(&by_class, class) - m2).abs() < 1e-6, "{class}: {by_class:?}");
    }
    let both = vec![foot, Measure::ParkingPlaces(ParkingPlaces::on_links(&network, &ab, -10.0))];
    assert_eq!(moved(&run(&baseline, both)), by_class);
    let bicycle = Measure::BicycleStreet(BicycleStreet::on_links(&network, &ab));
    let by_class = moved(&run(&baseline, vec![bicycle]));
    assert!((of(&by_class, "cycle") - 600.0).abs() < 1e-6 && (of(&by_class, "driving") + 600.0).abs() < 1e-6);
    assert_eq!((of(&by_class, "parking"), of(&by_class, "foot")), (0.0, 0.0));
    // Without new paving a street that is closed, slower or one-way stays what it is.
    for measure in [
        Measure::CloseLink(CloseLink::on_links(&network, &ab)),
        Measure::OneWay(OneWay::along(&network, &ab, false)),
        Measure::ChangeSpeed(ChangeSpeed::on_links(&network, &ab, 30.0)),
        Measure::BusGate(BusGate::on_links(&network, &ab)),
    ] {
        let kind = measure.kind();
        let evaluation = run(&baseline, vec![measure]);
        assert_eq!(moved(&evaluation), [0.0; 7], "{kind}");
        assert_eq!(evaluation.outcome(PARKING_SPACE).unwrap().delta.unwrap().central, 0.0, "{kind}");
    }
}

#[test]
fn a_hub_takes_the_ground_that_it_stands_on() {
    let network = street();
    let [x, y] = node_position(&network, "A");
    let at = |areas: &[(&str, [f64; 4])]| {
        let layers = [streets(&network), map(areas)];
        Baseline::from_layers(&layers, &Assumptions::default()).unwrap()
    };
    let hub = || vec![Measure::ParkingHub(ParkingHub::new("P", [x - 50.0, y + 50.0], 40.0))];
    let meadow = [x - 200.0, y + 10.0, x - 10.0, y + 110.0];
    let by_class = moved(&run(&at(&[("grass", meadow)]), hub()));
    assert!(
        (of(&by_class, "parking") - 1000.0).abs() < 1e-6 && (of(&by_class, "green") + 1000.0).abs() < 1e-6
    );
    let evaluation = run(&at(&[("grass", [x + 500.0, y + 500.0, x + 600.0, y + 600.0])]), hub());
    assert!((of(&moved(&evaluation), "parking") - 1000.0).abs() < 1e-6);
    let said = &evaluation.outcome(PARKING_SPACE).unwrap().explanation;
    assert!(said.iter().any(|statement| statement.key == "explain-ground-added"), "{said:?}");
    // Streets that lose places for it: less there, more at the hub.
    let mut plan = ParkingHub::new("P", [x - 50.0, y + 50.0], 40.0);
    plan.removed_places = 8.0;
    plan.links.clone_from(&ParkingPlaces::on_links(&network, &[link(&network, "AB")], 0.0).links);
    let evaluation = run(&at(&[("grass", meadow)]), vec![Measure::ParkingHub(plan)]);
    let outcome = evaluation.outcome(PARKING_SPACE).unwrap();
    assert!((outcome.delta.unwrap().central - (1000.0 - 96.0)).abs() < 1e-6, "{:?}", outcome.delta);
    assert!((outcome.objects[0].change + 96.0).abs() < 1e-6);
}

#[test]
fn the_ground_of_the_demo_town_sums_to_streets_and_what_lies_around_them() {
    let town = layers::demo::build(layers::demo::DEMO_SEED);
    let baseline = Baseline::from_layers(&town.layers, &Assumptions::default()).unwrap();
    let network = baseline.network();
    // By another way: all areas together, less all streets together.
    let mut areas = Vec::new();
    for feature in baseline.surfaces().iter().flat_map(|layer| &layer.features) {
        match feature.geometry.as_ref().unwrap() {
            geo::Geometry::Polygon(polygon) => areas.push(polygon.clone()),
            geo::Geometry::MultiPolygon(many) => areas.extend(many.0.iter().cloned()),
            other => panic!("{other:?}"),
        }
    }
    let mut streets = Vec::new();
    let mut street_m2 = 0.0;
    for link in network.links.iter().filter(|link| !link.is_tunnel) {
        street_m2 += link.length_m * link.width_m;
        for pair in link.geometry.windows(2) {
            let [a, b] = [pair[0], pair[1]];
            let length = (b[0] - a[0]).hypot(b[1] - a[1]);
            let side = [-(b[1] - a[1]) / length, (b[0] - a[0]) / length].map(|n| n * link.width_m / 2.0);
            let corner = |p: [f64; 2], sign: f64| (p[0] + sign * side[0], p[1] + sign * side[1]);
            let ring = vec![corner(a, 1.0), corner(b, 1.0), corner(b, -1.0), corner(a, -1.0)];
            streets.push(geo::Polygon::new(ring.into(), Vec::new()));
        }
    }
    let around: MultiPolygon = unary_union(&areas).difference(&unary_union(&streets));
    let expected = street_m2 + around.unsigned_area();
    let ground =
        Ground::new(network, baseline.surfaces(), baseline.assumptions(), &Cancel::default()).unwrap();
    let found = ground.split().total();
    assert!((found - expected).abs() < 0.1, "{found} m² instead of {expected}");
    for class in SpaceClass::ALL.into_iter().filter(|class| *class != SpaceClass::Cycle) {
        assert!(ground.split().get(class) > 1000.0, "{class:?}: {:?}", ground.split());
    }
    println!("{:?}", ground.split());
    // The matrix of section 13 on it: foot ▲, parking ▼ there, ▲ at the hub, and per resident.
    let first = network.links.iter().position(|link| link.name == "Voorstraat").unwrap();
    let shopping = whole_street(network, first);
    let evaluation =
        run(&baseline, vec![Measure::PedestrianStreet(PedestrianStreet::on_links(network, &shopping))]);
    let by_class = moved(&evaluation);
    assert!(of(&by_class, "foot") > 100.0 && of(&by_class, "driving") < -100.0, "{by_class:?}");
    let details = &evaluation.outcome(CAR_FREE_SPACE).unwrap().details;
    let foot = details.iter().find(|detail| detail.name == "ground-foot-per-resident").unwrap();
    let expected = split(&evaluation)[3].1 / baseline.facts().residents();
    assert!((foot.scenario.unwrap() - expected).abs() < 1e-9);
}

/// A real base map: the sums of its areas by function, as computed from its database by other means.
#[test]
fn the_roads_of_delft_are_divided_as_its_base_map_says() {
    let Some(data) = shared_data() else { return };
    let path = data.join("nl-vector/delft-bgt/bgt_wegdeel.sqlite");
    let outcome = readers::read(&Source::from_path(path), &mut ReadContext::default()).unwrap();
    let surfaces: Vec<_> = outcome
        .layers
        .iter()
        .filter_map(|layer| match &layer.data {
            LayerData::Features(features) => Some(features.clone()),
            _ => None,
        })
        .collect();
    let ground = Ground::new(&street(), &surfaces, &Assumptions::default(), &Cancel::default()).unwrap();
    assert!(ground.has_mapped_roads, "the street of the network is not counted besides");
    let wanted = [
        (SpaceClass::Driving, 3_746.5),
        (SpaceClass::Parking, 1_101.5),
        (SpaceClass::Foot, 2_198.6 + 691.0 + 10.2),
    ];
    for (class, m2) in wanted {
        let found = ground.split().get(class);
        assert!((found - m2).abs() < 0.2, "{class:?}: {found} m² instead of {m2}");
    }
}
