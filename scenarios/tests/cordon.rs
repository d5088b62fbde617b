//! Traffic over a counted cordon.

mod common;

use std::sync::Arc;

use common::{drawn, layer, link, node_position, people, streets};
use layers::model::{Feature, FeatureLayer, FeatureRole, Layer, LayerData, StreetNetwork};
use scenarios::{
    Assumptions, Baseline, Cancel, Evaluation, Quality, Scenario, evaluate,
    measures::{Measure, PedestrianStreet},
};

/// Three roads out of town, at W, N and E; S ends in a field.
const TOWN: &str = "        N
        H
W====A==B==C====E
     |  |  |
     D--F--G
        |
        S";

fn town() -> (StreetNetwork, Vec<Layer>) {
    let network = drawn(TOWN, &[("WABCE", "Lange weg"), ("NB", "Noordweg"), ("DFG", "Achterstraat")]);
    let layers = vec![
        streets(&network),
        people(&network, &[("A", 4000.0, 500.0), ("C", 2000.0, 3000.0), ("F", 3000.0, 200.0)]),
    ];
    (network, layers)
}

/// A cordon of points: position, vehicles a day, through share (none where negative).
fn cordon(points: &[([f64; 2], f64, f64)]) -> Layer {
    let mut features = FeatureLayer {
        name: "counts".to_owned(),
        role: FeatureRole::PointsOfInterest,
        ..FeatureLayer::default()
    };
    for (row, &(position, vehicles, through)) in points.iter().enumerate() {
        features.features.push(Feature {
            id: format!("count-{row}"),
            geometry: Some(geo::Geometry::Point(geo::Point::new(position[0], position[1]))),
        });
        features.attributes.grow(row + 1);
        features.attributes.set(row, "cordon_vehicles_per_day", vehicles);
        features.attributes.set(row, "name", format!("Point {row}").as_str());
        if through >= 0.0 {
            features.attributes.set(row, "through_share", through);
        }
    }
    layer("counts", LayerData::Features(Arc::new(features)))
}

fn with_counts(points: &[(&str, f64, f64)]) -> (StreetNetwork, Baseline) {
    let (network, mut layers) = town();
    let near = |letter: &str| {
        let [x, y] = node_position(&network, letter);
        // Counts stand beside the road.
        [x + 4.0, y - 3.0]
    };
    let points: Vec<([f64; 2], f64, f64)> =
        points.iter().map(|&(letter, vehicles, through)| (near(letter), vehicles, through)).collect();
    layers.push(cordon(&points));
    let baseline = Baseline::from_layers(&layers, &Assumptions::default()).unwrap();
    (network, baseline)
}

fn run(baseline: &Baseline, closed: &[usize]) -> Evaluation {
    let mut scenario = Scenario::new("plan", "Plan");
    if !closed.is_empty() {
        let measure = PedestrianStreet::on_links(baseline.network(), closed);
        scenario.measures.push(Measure::PedestrianStreet(measure));
    }
    evaluate(baseline, &scenario, &Cancel::default(), Quality::Refined).unwrap()
}

#[test]
fn as_many_vehicles_cross_the_cordon_as_were_counted() {
    let counts = [("W", 9000.0, 0.3), ("N", 4000.0, -1.0), ("E", 7000.0, 0.3)];
    let (network, baseline) = with_counts(&counts);
    let evaluation = run(&baseline, &[]);
    for ((_, vehicles, _), road) in counts.iter().zip(["WA", "NB", "CE"]) {
        let modelled = evaluation.links[link(&network, road)].baseline;
        assert!((modelled / vehicles - 1.0).abs() < 0.01, "{road}: {modelled} for {vehicles}");
    }
    let summary = evaluation.traffic.as_ref().unwrap().cordon.clone().unwrap();
    assert_eq!((summary.points, summary.vehicles_per_day), (3, 20_000.0));
    // 25 % is taken where a point does not say: (2700 + 1000 + 2100) / 20000.
    assert!((summary.through_share - 0.29).abs() < 0.001, "{summary:?}");
    assert!(summary.unattached.is_empty() && summary.source == "drawn for a test");
}

#[test]
fn no_trip_returns_to_its_own_point_and_both_halves_of_the_day_balance() {
    let (_, baseline) = with_counts(&[("W", 9000.0, 0.4), ("N", 4000.0, 0.2), ("E", 7000.0, 0.3)]);
    let base = baseline.traffic(&Cancel::default()).unwrap();
    let (pairs, zones) = (&base.demand.pairs, base.zones.len() as u32);
    assert_eq!(base.gateways.len(), 3);
    let (mut into, mut out, mut through) = ([0.0; 3], [0.0; 3], 0);
    for pair in 0..pairs.len() {
        let (origin, destination) = (pairs.origin[pair], pairs.destination[pair]);
        assert_ne!(origin, destination);
        if origin >= zones {
            into[(origin - zones) as usize] += pairs.base_trips[pair];
        }
        if destination >= zones {
            out[(destination - zones) as usize] += pairs.base_trips[pair];
        }
        through += usize::from(origin >= zones && destination >= zones);
    }
    assert_eq!(through, 6, "every point goes on to both others");
    for way in 0..3 {
        assert!((into[way] / out[way] - 1.0).abs() < 1e-4, "{into:?} {out:?}");
    }
    // In the morning more people leave the homes at A than come there; at the jobs of C it is the other way round.
    let local = |zone: u32| -> (f64, f64) {
        let sum = |here: &[u32], there: &[u32]| -> f64 {
            let is_wanted = |&pair: &usize| here[pair] == zone && there[pair] >= zones;
            (0..pairs.len()).filter(is_wanted).map(|pair| pairs.base_trips[pair]).sum()
        };
        (sum(&pairs.origin, &pairs.destination), sum(&pairs.destination, &pairs.origin))
    };
    let at = |residents: f64| base.zones.iter().position(|zone| zone.residents == residents).unwrap() as u32;
    let (leave_homes, reach_homes) = local(at(4000.0));
    let (leave_jobs, reach_jobs) = local(at(2000.0));
    assert!(leave_homes > reach_homes && leave_jobs < reach_jobs);
}

#[test]
fn a_layer_without_counts_changes_nothing_to_the_bit() {
    let (network, layers) = town();
    let mut other = layers.clone();
    // A row that says 0 is no count.
    other.push(cordon(&[(node_position(&network, "W"), 0.0, 0.2)]));
    let closed = [link(&network, "BC")];
    let [plain, with_zero] = [&layers, &other]
        .map(|layers| run(&Baseline::from_layers(layers, &Assumptions::default()).unwrap(), &closed));
    assert_eq!(plain.links, with_zero.links);
    assert_eq!(plain.baseline, with_zero.baseline);
    assert_eq!(plain.traffic, with_zero.traffic);
    assert_eq!(plain.notes, with_zero.notes);
    assert!(plain.notes.iter().any(|note| note.key == "note-no-through-traffic"));
    assert!(plain.traffic.unwrap().cordon.is_none());
}

#[test]
fn the_notes_say_what_traffic_from_outside_rests_on() {
    let (network, mut layers) = town();
    let away = [node_position(&network, "W")[0] - 5000.0, 0.0];
    layers.push(cordon(&[
        (node_position(&network, "W"), 5000.0, 0.5),
        (node_position(&network, "E"), 5000.0, 0.5),
        (away, 3000.0, 0.5),
        (node_position(&network, "N"), -20.0, 0.5),
        (node_position(&network, "N"), 100.0, 1.5),
    ]));
    let evaluation = run(&Baseline::from_layers(&layers, &Assumptions::default()).unwrap(), &[]);
    let text = |key: &str| {
        evaluation.notes.iter().find(|note| note.key == key).map(|note| note.text.clone()).unwrap_or_default()
    };
    assert!(
        text("note-cordon").contains("2 points: 10000 vehicles a day, of which 50 %"),
        "{}",
        text("note-cordon")
    );
    assert!(text("note-cordon").contains("drawn for a test"));
    assert!(text("note-cordon-unattached").contains("Point 2"));
    assert!(text("note-remark").contains("2 points of \"counts\" are left out"), "{}", text("note-remark"));
    assert!(text("note-no-through-traffic").is_empty() && text("note-external-journeys").is_empty());
}

#[test]
fn through_traffic_takes_another_way_when_its_own_closes() {
    let (network, baseline) = with_counts(&[("W", 6000.0, 1.0), ("E", 6000.0, 1.0)]);
    let evaluation = run(&baseline, &[link(&network, "BC")]);
    let outcome = |id: &str| evaluation.links[link(&network, id)];
    assert_eq!(outcome("BC").central, 0.0);
    // All of it drives through: it answers a little to time, and the rest takes the back street.
    let kept = outcome("CE").central / outcome("CE").baseline;
    assert!((0.9..1.0).contains(&kept), "{kept}");
    assert!(outcome("FG").central > 5000.0, "{:?}", outcome("FG"));
}

#[test]
fn points_at_one_road_are_one_point() {
    let (network, mut layers) = town();
    let [x, y] = node_position(&network, "W");
    layers.push(cordon(&[
        ([x, y + 8.0], 3000.0, 0.0),
        ([x, y - 8.0], 1000.0, 0.4),
        (node_position(&network, "E"), 9000.0, 0.5),
    ]));
    let baseline = Baseline::from_layers(&layers, &Assumptions::default()).unwrap();
    let base = baseline.traffic(&Cancel::default()).unwrap();
    let counts: Vec<_> = base.gateways.iter().filter_map(|gateway| gateway.count.clone()).collect();
    assert_eq!(counts.len(), 2);
    assert_eq!((counts[0].name.as_str(), counts[0].vehicles_per_day), ("Point 0, Point 1", 4000.0));
    assert!((counts[0].through_share - 0.1).abs() < 1e-12);
}
