//! What each measure does, and what it says when it cannot, on cities drawn as text.

mod common;

use std::sync::Arc;

use common::{amenities, bus_line, drawn, layer, link, node_position, people, streets};
use layers::model::{
    CityModel, CityObject, CityObjectType, Geometry, GeometryKind, Layer, LayerData, Modes, StreetNetwork,
    SurfaceType,
};
use scenarios::{
    Assumptions, Baseline, Cancel, Evaluation, Quality, Scenario,
    apply::{Resolved, resolve},
    comparison::Status,
    edit::CarSpeed,
    evaluate, indicators,
    measures::{
        Affects, BicycleStreet, BuildBlock, BusGate, ChangeFunction, ChangeSpeed, CloseLink,
        DemolishBuilding, DiagonalFilter, Measure, NewFunction, OneWay, ParkingHub, ParkingPlaces,
        PedestrianStreet, Programme, SignalPriority,
    },
    reference::{BuildingReference, LinkReference, NodeReference, RouteReference, StopReference},
    scenario_file::ScenarioFile,
};

/// A crossing of four streets at E, with ways round over the corners.
const CROSSING: &str = "\
A----B----C
|    |    |
D----E----F
|    |    |
G----I----J";

fn crossing() -> StreetNetwork {
    drawn(CROSSING, &[("DEF", "Dwarsstraat"), ("BEI", "Langestraat")])
}

fn town(network: &StreetNetwork) -> Vec<Layer> {
    vec![
        streets(network),
        people(
            network,
            &[("A", 900.0, 100.0), ("D", 5000.0, 300.0), ("F", 500.0, 4000.0), ("J", 300.0, 900.0)],
        ),
        amenities(network, &[("A", "supermarket"), ("J", "fire_station")]),
    ]
}

fn closed_town() -> Assumptions {
    let mut assumptions = Assumptions::default();
    assumptions.external_journeys.central = 0.0;
    assumptions
}

fn baseline(layers: &[Layer]) -> Baseline {
    Baseline::from_layers(layers, &closed_town()).unwrap()
}

fn plan(measures: Vec<Measure>) -> Scenario {
    let mut scenario = Scenario::new("plan", "Plan");
    scenario.measures = measures;
    scenario
}

fn run(baseline: &Baseline, measures: Vec<Measure>) -> Evaluation {
    evaluate(baseline, &plan(measures), &Cancel::default(), Quality::Refined).unwrap()
}

fn resolved(baseline: &Baseline, measures: Vec<Measure>) -> Resolved {
    resolve(baseline, &plan(measures))
}

fn delta(evaluation: &Evaluation, id: &str) -> f64 {
    evaluation.outcome(id).unwrap().delta.unwrap_or_else(|| panic!("{id} has no delta")).central
}

/// Id, corner, size, height, attributes.
type Box<'a> = (&'a str, [f64; 2], f64, f64, &'a [(&'a str, &'a str)]);

/// Boxes as buildings.
fn buildings(boxes: &[Box]) -> Layer {
    let mut city = CityModel::default();
    for (row, (id, [x, y], size, height, attributes)) in boxes.iter().enumerate() {
        let first = city.vertices.len() as u32;
        for z in [0.0, *height] {
            for (dx, dy) in [(0.0, 0.0), (*size, 0.0), (*size, *size), (0.0, *size)] {
                city.vertices.push([x + dx, y + dy, z]);
            }
        }
        let mut solid = Geometry::new(GeometryKind::Solid, None);
        let ring = |corners: [u32; 4]| corners.map(|corner| first + corner);
        solid.push_surface([&ring([3, 2, 1, 0])[..]], SurfaceType::Ground);
        solid.push_surface([&ring([4, 5, 6, 7])[..]], SurfaceType::Roof);
        for side in 0..4_u32 {
            let next = (side + 1) % 4;
            solid.push_surface([&ring([side, next, next + 4, side + 4])[..]], SurfaceType::Wall);
        }
        let mut object = CityObject::new(*id, CityObjectType::Building);
        object.geometries.push(solid);
        city.objects.push(object);
        for (name, value) in *attributes {
            match value.parse::<f64>() {
                Ok(number) => city.attributes.set(row, name, number),
                Err(_) => city.attributes.set(row, name, *value),
            }
        }
    }
    layer("buildings", LayerData::City(Arc::new(city)))
}

/// Homes at D and an office at F.
fn town_of_buildings(network: &StreetNetwork) -> Vec<Layer> {
    let (d, f) = (node_position(network, "D"), node_position(network, "F"));
    vec![
        streets(network),
        amenities(network, &[("A", "supermarket")]),
        buildings(&[
            (
                "homes",
                [d[0] + 5.0, d[1] + 5.0],
                40.0,
                30.0,
                &[("function", "woonfunctie"), ("residents", "4000")],
            ),
            (
                "office",
                [f[0] - 45.0, f[1] + 5.0],
                40.0,
                30.0,
                &[("function", "kantoorfunctie"), ("floor_area_m2", "16000")],
            ),
            (
                "clinic",
                [f[0] - 45.0, f[1] - 60.0],
                20.0,
                6.0,
                &[("function", "gezondheidszorgfunctie"), ("amenity", "doctors"), ("jobs", "30")],
            ),
        ]),
    ]
}

#[test]
fn a_one_way_street_keeps_cars_in_the_direction_of_its_geometry_and_cyclists_in_both() {
    let network = crossing();
    let base = baseline(&town(&network));
    let links = [link(&network, "DE"), link(&network, "EF")];
    for (is_reversed, open, closed) in [(false, 0, 1), (true, 1, 0)] {
        let measure = OneWay::along(&network, &links, is_reversed);
        let edit = resolved(&base, vec![Measure::OneWay(measure.clone())]).edit.streets;
        for &link in &links {
            let modes = <[Modes; 2]>::from(edit.modes(&network, link));
            assert!(modes[open].contains(Modes::CAR) && !modes[closed].contains(Modes::CAR));
            assert!(modes[0].contains(Modes::CYCLE) && modes[1].contains(Modes::CYCLE));
        }
        // Newer data have other ids, and the links drawn the other way round: the direction on the ground stays.
        let mut newer = network.clone();
        for &link in &links {
            let street = &mut newer.links[link];
            street.id += "-new";
            std::mem::swap(&mut street.from, &mut street.to);
            street.geometry.reverse();
        }
        let edit = resolved(&baseline(&town(&newer)), vec![Measure::OneWay(measure)]).edit.streets;
        for &link in &links {
            let modes = <[Modes; 2]>::from(edit.modes(&newer, link));
            assert!(modes[closed].contains(Modes::CAR) && !modes[open].contains(Modes::CAR));
        }
    }
    let evaluation = run(&base, vec![Measure::OneWay(OneWay::along(&network, &links, true))]);
    assert!(delta(&evaluation, indicators::TRAVEL_TIME) > 0.0, "from D to F is the way round now");
    assert_eq!(delta(&evaluation, indicators::CYCLE_TIME), 0.0);
    let without = OneWay { excepts_cyclists: false, ..OneWay::along(&network, &links, true) };
    assert!(delta(&run(&base, vec![Measure::OneWay(without)]), indicators::CYCLE_TIME) > 0.0);
}

#[test]
fn a_street_that_is_one_way_already_cannot_be_turned_into_no_way() {
    let mut network = crossing();
    let street = link(&network, "DE");
    network.links[street].backward = Modes::WALK | Modes::CYCLE;
    let base = baseline(&town(&network));
    let with =
        |is_reversed| resolved(&base, vec![Measure::OneWay(OneWay::along(&network, &[street], is_reversed))]);
    assert!(
        with(false).problems[0].contains("no cars in the direction to be closed"),
        "{:?}",
        with(false).problems
    );
    assert!(with(true).problems[0].contains("one-way in the other direction"), "{:?}", with(true).problems);
    assert_eq!((with(true).is_applied, with(true).edit.affects), (vec![false], Affects::default()));
}

#[test]
fn a_sign_alone_takes_five_percent_and_a_new_street_makes_28() {
    let mut network = crossing();
    let street = link(&network, "DE");
    network.links[street].speed_limit_mps = 50.0 / 3.6;
    let base = baseline(&town(&network));
    let speed = |measure: ChangeSpeed| {
        let resolved = resolved(&base, vec![Measure::ChangeSpeed(measure)]);
        (resolved.edit.streets.link(street).car_speed, resolved.problems)
    };
    let sign = ChangeSpeed::on_links(&network, &[street], 30.0);
    assert_eq!(speed(sign.clone()), (Some(CarSpeed::Factor(0.95)), vec![]));
    let redesign = ChangeSpeed { is_redesigned: true, ..sign.clone() };
    assert_eq!(speed(redesign.clone()), (Some(CarSpeed::Kmh(28.0)), vec![]));
    let (none, problems) = speed(ChangeSpeed::on_links(&network, &[street], 50.0));
    assert!(none.is_none() && problems[0].contains("already has a limit of 50 km/h"), "{problems:?}");
    for (measure, found) in [
        (ChangeSpeed { limit_kmh: -30.0, ..sign.clone() }, "found -30"),
        (ChangeSpeed { limit_kmh: f64::NAN, ..sign.clone() }, "found NaN"),
        (ChangeSpeed { sign_effect: 0.4, ..sign.clone() }, "found 0.4"),
    ] {
        let (none, problems) = speed(measure);
        assert!(none.is_none() && problems[0].contains(found), "{problems:?}");
    }
    // The free-flow time of the road model is exactly 1/0.95 of the one before.
    let traffic = base.traffic(&Cancel::default()).unwrap();
    let edit = resolved(&base, vec![Measure::ChangeSpeed(sign)]).edit;
    let road =
        traffic.road.edited(base.network(), &traffic.zone_positions, &edit.streets, base.assumptions());
    let (before, after) =
        (&traffic.road.network.free_flow_time, &road.model.as_ref().unwrap().network.free_flow_time);
    let mut changed = 0;
    for arc in 0..before.len() {
        if traffic.road.links_of(arc) == [street as u32] {
            assert!((after[arc] / before[arc] - 1.0 / 0.95).abs() < 1e-12);
            changed += 1;
        } else if !traffic.road.links_of(arc).contains(&(street as u32)) {
            assert_eq!(after[arc], before[arc]);
        }
    }
    assert_eq!(changed, 2);
}

#[test]
fn a_bicycle_street_is_faster_to_cycle_and_slower_to_drive() {
    let network = crossing();
    let base = baseline(&town(&network));
    let links = [link(&network, "DE"), link(&network, "EF")];
    let evaluation = run(&base, vec![Measure::BicycleStreet(BicycleStreet::on_links(&network, &links))]);
    assert!(delta(&evaluation, indicators::CYCLE_TIME) < 0.0);
    assert!(delta(&evaluation, indicators::TRAVEL_TIME) > 0.0);
    let mut no_bicycles = network.clone();
    no_bicycles.links[links[0]].forward = Modes::CAR;
    no_bicycles.links[links[0]].backward = Modes::CAR;
    let base = baseline(&town(&no_bicycles));
    let problems =
        resolved(&base, vec![Measure::BicycleStreet(BicycleStreet::on_links(&no_bicycles, &links))]).problems;
    assert!(problems.len() == 1 && problems[0].contains("\"DE\" is closed to bicycles"), "{problems:?}");
}

#[test]
fn a_gate_lets_the_bus_through_that_bollards_stop() {
    let network = crossing();
    let (b, e, i) =
        (node_position(&network, "B"), node_position(&network, "E"), node_position(&network, "I"));
    let mut all = town(&network);
    let middle = [f64::midpoint(b[0], e[0]), f64::midpoint(b[1], e[1])];
    all.push(bus_line(&[middle, i]));
    let base = baseline(&all);
    let links = [link(&network, "BE")];
    let needs = |measure| delta(&run(&base, vec![measure]), indicators::DAILY_NEEDS);
    assert_eq!(needs(Measure::BusGate(BusGate::on_links(&network, &links))), 0.0);
    let closed = run(&base, vec![Measure::CloseLink(CloseLink::on_links(&network, &links))]);
    let explained = &closed.outcome(indicators::DAILY_NEEDS).unwrap().explanation;
    assert!(explained.iter().any(|line| line.key == "explain-stops-lost"), "{explained:?}");
    let street = &closed.links[links[0]];
    assert_eq!((street.low, street.high), (0.0, 0.0));
    let walls =
        CloseLink { allows_walking: false, allows_cycling: false, ..CloseLink::on_links(&network, &links) };
    assert!(delta(&run(&base, vec![Measure::CloseLink(walls)]), indicators::CYCLE_TIME) >= 0.0);
}

#[test]
fn a_diagonal_barrier_leaves_two_corners_and_no_way_straight_on() {
    let network = crossing();
    let base = baseline(&town(&network));
    let node = network.nodes.iter().position(|node| node.id == "E").unwrap() as u32;
    let filter = DiagonalFilter::at_node(&network, node, false).unwrap();
    let ids: Vec<&str> = filter.links.iter().map(|link| link.id.as_str()).collect();
    assert_eq!(ids, ["EF", "BE"], "from east, anticlockwise");
    assert_eq!(filter.name, "Dwarsstraat / Langestraat");
    let evaluation = run(&base, vec![Measure::DiagonalFilter(filter.clone())]);
    // D to F went straight on; now each half of the street only serves its own corner.
    assert!(delta(&evaluation, indicators::TRAVEL_TIME) > 0.0);
    let (west, east) = (&evaluation.links[link(&network, "DE")], &evaluation.links[link(&network, "EF")]);
    assert!(west.central < west.baseline && east.central < east.baseline, "{west:?} {east:?}");
    assert_eq!(delta(&evaluation, indicators::CYCLE_TIME), 0.0, "cyclists pass");
    // Every used way in the scenario obeys the barrier.
    let traffic = base.traffic(&Cancel::default()).unwrap();
    let edit = resolved(&base, vec![Measure::DiagonalFilter(filter.clone())]).edit;
    let solved = scenarios::models::traffic::ScenarioTraffic::solve(
        &base,
        &traffic,
        &edit,
        Arc::default(),
        Quality::Refined,
        &Cancel::default(),
    )
    .unwrap();
    let road = solved.road(&traffic);
    let corner = |link: usize| ["EF", "BE"].contains(&network.links[link].id.as_str());
    let at_e = |link: usize| network.links[link].from == node || network.links[link].to == node;
    let mut turns = 0;
    for path in solved.central().ways() {
        let links: Vec<usize> =
            path.arcs.iter().flat_map(|&arc| road.links_of(arc as usize)).map(|&l| l as usize).collect();
        for pair in links.windows(2).filter(|pair| at_e(pair[0]) && at_e(pair[1])) {
            assert_eq!(corner(pair[0]), corner(pair[1]), "{path:?}");
            turns += 1;
        }
    }
    assert!(turns > 0 || west.central == 0.0, "the corners are used, or nobody needs them");
    // Across, or not at a crossing of four: said in words.
    let across = DiagonalFilter {
        links: [link(&network, "DE"), link(&network, "EF")]
            .iter()
            .map(|&l| LinkReference::of(&network, l).unwrap())
            .collect(),
        ..filter.clone()
    };
    let elsewhere = DiagonalFilter { node: NodeReference { id: "B".into(), position: [0.0; 2] }, ..filter };
    let problems =
        resolved(&base, vec![Measure::DiagonalFilter(across), Measure::DiagonalFilter(elsewhere)]).problems;
    assert!(problems[0].contains("lie across") && problems[1].contains("found 3"), "{problems:?}");
    assert!(DiagonalFilter::at_node(&network, 1, false).is_none());
}

#[test]
fn a_hub_takes_half_of_the_cars_nearby_as_far_as_it_has_room() {
    let network = crossing();
    let base = baseline(&town(&network));
    let j = node_position(&network, "J");
    let solve = |places: f64| {
        let measure = Measure::ParkingHub(ParkingHub { radius_m: 600.0, ..ParkingHub::new("P", j, places) });
        let traffic = base.traffic(&Cancel::default()).unwrap();
        let edit = resolved(&base, vec![measure]).edit;
        let solved = scenarios::models::traffic::ScenarioTraffic::solve(
            &base,
            &traffic,
            &edit,
            Arc::default(),
            Quality::Refined,
            &Cancel::default(),
        )
        .unwrap();
        let pairs = &solved.demand(&traffic).pairs;
        let old = traffic.demand.pairs.len();
        let at_hub: f64 = pairs.base_trips[old..].iter().sum();
        let all: f64 = pairs.base_trips.iter().sum();
        let before: f64 = traffic.demand.pairs.base_trips.iter().sum();
        assert!((all / before - 1.0).abs() < 1e-9, "trips are moved, not made: {all} {before}");
        let arrivals: f64 = (old..pairs.len())
            .filter(|&pair| pairs.destination[pair] as usize >= traffic.zones.len())
            .map(|pair| pairs.base_trips[pair])
            .sum();
        (at_hub / before, arrivals / base.assumptions().pcu_per_vehicle())
    };
    let (large, _) = solve(20_000.0);
    assert!(large > 0.3, "{large}");
    let (small, arrivals) = solve(5.0);
    assert!(small < large && arrivals <= 5.0 * 0.4 + 1e-9, "{small} {arrivals}");
    let none = Measure::ParkingHub(ParkingHub::new("P", [1e6, 1e6], 100.0));
    let problems = resolved(&base, vec![none]).problems;
    assert!(problems[0].contains("expected a street for cars within 300 m"), "{problems:?}");
}

#[test]
fn homes_in_an_office_bring_people_and_take_its_jobs() {
    let network = crossing();
    let base = baseline(&town_of_buildings(&network));
    let office = base.buildings().iter().find(|b| b.id == "office").unwrap();
    assert!((office.footprint_m2 - 1600.0).abs() < 1e-6 && office.height_m == 30.0, "{office:?}");
    assert_eq!((office.jobs, office.floor_area_m2), (640.0, 16_000.0));
    let homes = base.buildings().iter().find(|b| b.id == "homes").unwrap();
    assert!((homes.floor_area_m2 - 16_000.0).abs() < 1e-6, "footprint × storeys: {homes:?}");
    let measure = ChangeFunction::of(&[office], NewFunction::Housing);
    let edit = resolved(&base, vec![Measure::ChangeFunction(measure)]).edit;
    let facts = edit.facts(&base);
    // 16,000 × 0.82 / 75 = 174 homes of 2.1 people.
    assert!((facts.residents() - 4000.0 - 174.0 * 2.1).abs() < 1e-6, "{}", facts.residents());
    assert!((facts.jobs() - (base.facts().jobs() - 640.0)).abs() < 1e-6);
    assert_eq!(base.facts().residents(), 4000.0);
    let again = ChangeFunction::of(&[homes], NewFunction::Housing);
    let problems = resolved(&base, vec![Measure::ChangeFunction(again)]).problems;
    assert!(problems[0].contains("already has this function"), "{problems:?}");
}

#[test]
fn a_clinic_that_goes_is_no_longer_near() {
    let network = crossing();
    let base = baseline(&town_of_buildings(&network));
    let clinic = base.buildings().iter().find(|b| b.id == "clinic").unwrap();
    let care = scenarios::baseline::facts::DailyNeed::Care;
    assert_eq!(base.facts().need(care).len(), 1);
    for measure in [
        Measure::DemolishBuilding(DemolishBuilding::of(&[clinic])),
        Measure::ChangeFunction(ChangeFunction::of(&[clinic], NewFunction::Office)),
        Measure::ChangeFunction(ChangeFunction::of(&[clinic], NewFunction::Green)),
    ] {
        let edit = resolved(&base, vec![measure.clone()]).edit;
        assert!(edit.facts(&base).need(care).is_empty(), "{measure:?}");
        assert!(delta(&run(&base, vec![measure]), indicators::DAILY_NEEDS) < 0.0);
    }
}

#[test]
fn a_block_adds_people_and_later_measures_find_it() {
    let network = crossing();
    let base = baseline(&town_of_buildings(&network));
    let [x, y] = node_position(&network, "A");
    let block = BuildBlock {
        id: "new-1".into(),
        footprint: vec![[x, y], [x + 50.0, y], [x + 50.0, y + 20.0], [x, y + 20.0]],
        storeys: 5.0,
        function: NewFunction::Housing,
        ..BuildBlock::default()
    };
    let homes = (5000.0_f64 * 0.82 / 75.0).floor();
    let one = resolved(&base, vec![Measure::BuildBlock(block.clone())]).edit;
    assert!((one.facts(&base).residents() - 4000.0 - homes * 2.1).abs() < 1e-6);
    let twice = resolved(&base, vec![Measure::BuildBlock(block.clone()), Measure::BuildBlock(block.clone())]);
    assert!(twice.problems[0].contains("expected a new id"), "{:?}", twice.problems);
    let gone = Measure::DemolishBuilding(DemolishBuilding {
        buildings: vec![BuildingReference { id: "new-1".into(), position: [x, y] }],
        name: String::new(),
    });
    let both = resolved(&base, vec![Measure::BuildBlock(block), gone]);
    assert_eq!((both.problems.len(), both.edit.facts(&base).residents()), (0, 4000.0));
}

#[test]
fn impossible_measures_say_so_together_and_the_others_apply() {
    let network = crossing();
    let base = baseline(&town_of_buildings(&network));
    let unknown = LinkReference { id: "x".into(), name: String::new(), geometry: vec![] };
    let street = [link(&network, "BE")];
    let measures = vec![
        Measure::CloseLink(CloseLink { links: vec![unknown], ..CloseLink::on_links(&network, &street) }),
        Measure::SignalPriority(SignalPriority {
            delay_cut: 1.5,
            ..SignalPriority::on_links(&network, &street)
        }),
        Measure::ParkingPlaces(ParkingPlaces::on_links(&network, &street, f64::NAN)),
        Measure::BicycleStreet(BicycleStreet {
            capacity_per_lane: -300.0,
            ..BicycleStreet::on_links(&network, &street)
        }),
        Measure::BuildBlock(BuildBlock { storeys: f64::INFINITY, ..BuildBlock::default() }),
        Measure::ChangeFunction(ChangeFunction {
            buildings: vec![BuildingReference { id: "gone".into(), position: [0.0; 2] }],
            name: String::new(),
            function: NewFunction::Green,
            programme: Programme::default(),
        }),
        Measure::BusGate(BusGate::on_links(&network, &street)),
    ];
    let evaluation = run(&base, measures.clone());
    let expected = [
        "measure 1 \"close-link\": no link matches \"x\"",
        "measure 2 \"signal-priority\": expected the part of the delay",
        "measure 3 \"parking-places\": expected a change of parking places from -100000 to 100000, found NaN",
        "measure 4 \"bicycle-street\": expected a capacity from 50 to 2000 pcu/h, found -300",
        "measure 5 \"build-block\": expected an id",
        "measure 5 \"build-block\": expected a footprint",
        "measure 5 \"build-block\": expected a number of storeys",
        "measure 6 \"change-function\": no building matches \"gone\"; nearest is \"",
    ];
    assert_eq!(evaluation.unresolved.len(), expected.len(), "{:#?}", evaluation.unresolved);
    for (found, expected) in evaluation.unresolved.iter().zip(expected) {
        assert!(found.starts_with(expected), "{found}");
    }
    assert_eq!(resolved(&base, measures).is_applied, [false, false, false, false, false, false, true]);
    assert_eq!(evaluation.links[street[0]].central, 0.0, "the gate stands");
    assert_ne!(evaluation.outcome(indicators::TRAVEL_TIME).unwrap().status, Status::NotComputable);
}

#[test]
fn when_the_last_people_leave_the_traffic_is_not_computable_and_says_why() {
    let network = crossing();
    let base = baseline(&town_of_buildings(&network));
    let homes = base.buildings().iter().find(|b| b.id == "homes").unwrap();
    let evaluation = run(&base, vec![Measure::DemolishBuilding(DemolishBuilding::of(&[homes]))]);
    let time = evaluation.outcome(indicators::TRAVEL_TIME).unwrap();
    assert_eq!(time.status, Status::NotComputable);
    assert!(time.explanation[0].text.contains("expected residents"), "{:?}", time.explanation);
}

#[test]
fn every_kind_comes_back_from_its_file_and_defaults_fill_what_is_left_out() {
    let network = crossing();
    let links = [link(&network, "DE")];
    let building = BuildingReference { id: "b".into(), position: [1.0, 2.0] };
    let measures = vec![
        Measure::PedestrianStreet(PedestrianStreet::on_links(&network, &links)),
        Measure::OneWay(OneWay::along(&network, &links, true)),
        Measure::ChangeSpeed(ChangeSpeed::on_links(&network, &links, 30.0)),
        Measure::BicycleStreet(BicycleStreet::on_links(&network, &links)),
        Measure::CloseLink(CloseLink::on_links(&network, &links)),
        Measure::DiagonalFilter(DiagonalFilter::at_node(&network, 4, true).unwrap()),
        Measure::BusGate(BusGate::on_links(&network, &links)),
        Measure::ParkingHub(ParkingHub::new("P", [1.0, 2.0], 100.0)),
        Measure::ParkingPlaces(ParkingPlaces::on_links(&network, &links, -3.0)),
        Measure::SignalPriority(SignalPriority::on_links(&network, &links)),
        Measure::ChangeFunction(ChangeFunction {
            buildings: vec![building.clone()],
            function: NewFunction::Green,
            ..ChangeFunction::default()
        }),
        Measure::DemolishBuilding(DemolishBuilding { buildings: vec![building], name: "x".into() }),
        Measure::BuildBlock(BuildBlock { id: "n".into(), storeys: 3.0, ..BuildBlock::default() }),
    ];
    for measure in &measures {
        assert!(Measure::KINDS.contains(&measure.kind()));
    }
    let text = ScenarioFile::new(plan(measures.clone())).to_json();
    assert_eq!(ScenarioFile::from_json(&text).unwrap().scenario.measures, measures);
    let short = r#"{"kind": "parking-hub", "position": [0.0, 0.0], "places": 10}"#;
    let hub: Measure = serde_json::from_str(short).unwrap();
    assert!(matches!(hub, Measure::ParkingHub(hub) if hub.share == 0.5 && hub.radius_m == 500.0));
    let unknown = text.replace("bus-gate", "flying-bus");
    let error = ScenarioFile::from_json(&unknown).unwrap_err().to_string();
    assert!(error.contains("flying-bus") && error.contains("bicycle-street"), "{error}");
}

#[test]
fn stops_and_lines_are_found_by_id_then_by_name_and_place() {
    let network = crossing();
    let (b, i) = (node_position(&network, "B"), node_position(&network, "I"));
    let mut all = town(&network);
    all.push(bus_line(&[b, i]));
    let base = baseline(&all);
    let timetables = base.timetables();
    let by_id = StopReference { id: "stop-1".into(), ..StopReference::default() };
    assert_eq!(by_id.resolve(timetables), Ok((0, 1)));
    let moved = StopReference { id: "new".into(), name: "Stop 1".into(), position: [i[0] + 20.0, i[1]] };
    assert_eq!(moved.resolve(timetables), Ok((0, 1)));
    let far = StopReference { position: [i[0] + 200.0, i[1]], ..moved };
    assert_eq!(
        far.resolve(timetables).unwrap_err(),
        "no stop matches \"new\" (\"Stop 1\"); nearest is \"stop-1\" (\"Stop 1\"), 200 m away"
    );
    let line = RouteReference { id: "old".into(), name: "5".into(), agency: String::new() };
    assert_eq!(line.resolve(timetables), Ok((0, 0)));
    let other = RouteReference { name: "7".into(), ..line };
    assert!(other.resolve(timetables).unwrap_err().contains("none of the 1 lines has this number"));
    assert!(by_id.resolve(&[]).unwrap_err().contains("add a GTFS timetable"));
}
