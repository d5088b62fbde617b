//! The measure × indicator matrix of the model book (MODELS.md section 13) on the demo town, indicators 1 to 5 and 12: what must
//! stay exactly equal does, and what must go up or down does.
//!
//! `=` exactly equal, `▲` up, `▼` down, `≥` up or equal, `≤` down or equal, `.` recomputed, either way. Each line can be read against the matrix.

use std::fmt::Write as _;

use layers::model::building_facts::BuildingFunction;
use scenarios::{
    Assumptions, Baseline, Cancel, Evaluation, Quality, Scenario,
    baseline::buildings::Building,
    evaluate,
    measures::{
        AddLine, AddStop, BicycleStreet, BuildBlock, BusGate, ChangeFrequency, ChangeFunction, ChangeSpeed,
        CloseLink, DemolishBuilding, DiagonalFilter, Measure, MoveStop, NewFunction, OneWay, ParkingHub,
        ParkingPlaces, PedestrianStreet, RemoveStop, RerouteLine, SignalPriority,
    },
    reference::{RouteReference, StopReference},
    street::{street_between_crossings, whole_street},
};

const COLUMNS: [&str; 20] = [
    "street-traffic",
    "vehicle-km",
    "hours-lost",
    "car-share",
    "travel-time",
    "cycle-time",
    "emergency-time",
    "daily-needs-15min",
    "daily-needs-cycle",
    "near-stop",
    "jobs-by-transit",
    "departures",
    "car-free-space",
    "crash-index",
    "parking-space",
    "cycle-share",
    "walk-share",
    "transit-share",
    "detour",
    "delivery-time",
];

/// Every measure, with what it does to the columns.
const MATRIX: &str = "\
nothing             =  =  =  =  =  =  =  =  =  =  =  =  =  =  =  =  =  =  .  .
pedestrian-street   ▼  .  .  .  ▲  ▲  .  .  .  .  .  .  ▲  .  .  .  .  .  ▲  ▲
one-way             .  .  .  .  ▲  =  .  =  =  =  =  =  =  .  =  .  .  .  ▲  .
30-sign             ▼  .  .  .  ▲  =  .  =  =  =  ≤  =  =  .  =  .  .  .  ▲  .
30-redesign         ▼  .  .  .  ▲  =  .  =  =  =  ≤  =  =  ▼  =  ▲  .  .  ▲  .
bicycle-street      ▼  ▼  .  ▼  ▲  ▼  .  =  .  =  ≤  =  =  ▼  =  ▲  .  .  ▲  .
close-link          ▼  .  .  .  ▲  =  .  =  =  =  =  =  =  .  =  .  .  .  ▲  ▲
diagonal-filter     .  .  .  .  ▲  =  .  =  =  =  =  =  =  .  =  .  .  .  .  .
bus-gate            ▼  .  .  .  ▲  =  .  =  =  =  =  =  =  .  =  .  .  .  ▲  ▲
parking-hub         .  .  .  .  .  =  .  =  =  =  =  =  .  .  ▲  .  .  .  .  .
parking-places      =  =  =  =  =  =  =  =  =  =  =  =  .  =  ▼  =  =  =  .  .
signal-priority     =  =  =  =  =  =  ▼  =  =  =  =  =  =  =  =  =  =  =  .  .
office-to-housing   .  .  .  .  .  .  .  .  .  .  .  =  =  .  =  .  .  .  .  .
office-to-green     ▼  ▼  .  .  .  .  .  .  .  .  .  =  .  .  =  .  .  .  .  .
demolish-homes      .  ▼  .  .  .  .  .  .  .  .  .  =  .  .  =  .  .  .  .  .
build-homes         ▲  ▲  .  .  .  .  .  .  .  .  .  =  .  .  =  .  .  .  .  .
add-stop            =  .  .  .  .  =  .  ≥  ≥  .  .  ▲  =  .  =  .  .  .  .  .
move-stop           =  .  .  .  .  =  .  .  .  .  .  =  =  .  =  .  .  .  .  .
remove-stop         =  .  .  .  .  =  .  .  .  .  .  ▼  =  .  =  .  .  .  .  .
add-line            =  ▼  .  ▼  ▼  =  .  ≥  ≥  ▲  ▲  ▲  =  .  =  ▼  .  ▲  .  .
reroute-line        =  .  .  .  .  =  .  .  .  .  .  .  =  .  =  .  .  .  .  .
change-frequency    =  ▼  .  ▼  ▼  =  .  .  .  =  ▲  ▲  =  .  =  ▼  .  ▲  .  .";

struct Town {
    baseline: Baseline,
}

impl Town {
    fn new() -> Self {
        let town = layers::demo::build(layers::demo::DEMO_SEED);
        Self { baseline: Baseline::from_layers(&town.layers, &Assumptions::default()).unwrap() }
    }

    fn street(&self, name: &str) -> Vec<usize> {
        let network = self.baseline.network();
        let first = (0..network.links.len()).find(|&link| network.links[link].name == name).unwrap();
        whole_street(network, first)
    }

    /// The largest building of a function.
    fn largest(&self, function: BuildingFunction) -> &Building {
        let buildings = self.baseline.buildings().iter().filter(|b| b.function == Some(function));
        buildings.max_by(|a, b| a.floor_area_m2.total_cmp(&b.floor_area_m2)).unwrap()
    }

    /// The busiest crossing of four streets in the old town, where a barrier makes sense.
    fn crossing(&self) -> DiagonalFilter {
        let network = self.baseline.network();
        let names = ["Voorstraat", "Torenstraat", "Brugstraat", "Stationsstraat", "Doelenlaan"];
        let nodes = names.iter().flat_map(|name| self.street(name)).map(|link| network.links[link].from);
        nodes.into_iter().find_map(|node| DiagonalFilter::at_node(network, node, false)).unwrap()
    }

    fn first_line(&self) -> RouteReference {
        RouteReference::of(&self.baseline.timetables()[0], 0).unwrap()
    }

    /// The first two stops of the first trip.
    fn first_leg(&self) -> [StopReference; 2] {
        let timetable = &self.baseline.timetables()[0];
        let trip = timetable.trips.iter().position(|trip| trip.route == 0).unwrap();
        [0, 1].map(|call| StopReference::of(timetable, timetable.calls(trip)[call].stop).unwrap())
    }

    /// A line that the town has not: from the outer end of one line straight to that of another.
    fn across_town(&self) -> Vec<StopReference> {
        let timetable = &self.baseline.timetables()[0];
        let last_stop = |route: u32| {
            let trip = timetable.trips.iter().position(|trip| trip.route == route).unwrap();
            StopReference::of(timetable, timetable.calls(trip).last().unwrap().stop).unwrap()
        };
        vec![last_stop(0), self.first_leg()[0].clone(), last_stop(1), last_stop(2)]
    }

    fn measure(&self, row: &str) -> Option<Measure> {
        let network = self.baseline.network();
        let shopping = self.street("Voorstraat");
        let avenue = self.street("Stationsweg");
        let piece = street_between_crossings(network, shopping[0]);
        Some(match row {
            "nothing" => return None,
            "pedestrian-street" => Measure::PedestrianStreet(PedestrianStreet::on_links(network, &shopping)),
            "one-way" => Measure::OneWay(OneWay::along(network, &piece, false)),
            "30-sign" => Measure::ChangeSpeed(ChangeSpeed::on_links(network, &avenue, 30.0)),
            "30-redesign" => Measure::ChangeSpeed(ChangeSpeed {
                is_redesigned: true,
                ..ChangeSpeed::on_links(network, &avenue, 30.0)
            }),
            "bicycle-street" => Measure::BicycleStreet(BicycleStreet::on_links(network, &avenue)),
            "close-link" => Measure::CloseLink(CloseLink::on_links(network, &piece)),
            "diagonal-filter" => Measure::DiagonalFilter(self.crossing()),
            "bus-gate" => Measure::BusGate(BusGate::on_links(network, &piece)),
            "parking-hub" => Measure::ParkingHub(ParkingHub::new(
                "P",
                network.nodes[network.links[shopping[0]].from as usize].position,
                400.0,
            )),
            "parking-places" => Measure::ParkingPlaces(ParkingPlaces::on_links(network, &shopping, -40.0)),
            "signal-priority" => Measure::SignalPriority(SignalPriority::on_links(
                network,
                &["Ringweg", "Westerweg", "Stationsweg"]
                    .iter()
                    .flat_map(|n| self.street(n))
                    .collect::<Vec<_>>(),
            )),
            "office-to-housing" => Measure::ChangeFunction(ChangeFunction::of(
                &[self.largest(BuildingFunction::Office)],
                NewFunction::Housing,
            )),
            "office-to-green" => Measure::ChangeFunction(ChangeFunction::of(
                &[self.largest(BuildingFunction::Office)],
                NewFunction::Green,
            )),
            "demolish-homes" => {
                Measure::DemolishBuilding(DemolishBuilding::of(&[self.largest(BuildingFunction::Housing)]))
            }
            "build-homes" => {
                let [x, y] = network.nodes[network.links[avenue[0]].from as usize].position;
                Measure::BuildBlock(BuildBlock {
                    id: "new-1".into(),
                    footprint: vec![[x, y], [x + 60.0, y], [x + 60.0, y + 40.0], [x, y + 40.0]],
                    storeys: 8.0,
                    ..BuildBlock::default()
                })
            }
            "add-stop" => {
                let [a, b] = self.first_leg();
                let middle = [0, 1].map(|axis| f64::midpoint(a.position[axis], b.position[axis]));
                Measure::AddStop(AddStop::new("new", "Nieuw", middle, vec![self.first_line()]))
            }
            "move-stop" => {
                let [stop, _] = self.first_leg();
                let [x, y] = stop.position;
                Measure::MoveStop(MoveStop::to(stop, [x + 150.0, y]))
            }
            "remove-stop" => Measure::RemoveStop(RemoveStop::at(self.first_leg()[1].clone())),
            "add-line" => Measure::AddLine(AddLine::new("new", "N", self.across_town())),
            "reroute-line" => {
                let [from, to] = self.first_leg();
                Measure::RerouteLine(RerouteLine::new(self.first_line(), from, to, Vec::new()))
            }
            "change-frequency" => Measure::ChangeFrequency(ChangeFrequency::to(self.first_line(), 5.0)),
            other => panic!("no measure {other}"),
        })
    }

    fn evaluate(&self, row: &str) -> Evaluation {
        let mut scenario = Scenario::new(row, row);
        scenario.measures.extend(self.measure(row));
        let evaluation = evaluate(&self.baseline, &scenario, &Cancel::default(), Quality::Refined).unwrap();
        assert_eq!(evaluation.unresolved, Vec::<String>::new(), "{row}");
        evaluation
    }
}

/// Scenario minus baseline, low, central, high; `None` where the indicator has no value. A street that no measure points at
/// has not changed.
fn difference(evaluation: &Evaluation, id: &str) -> Option<[f64; 3]> {
    let delta = evaluation.outcome(id)?.delta?;
    Some([delta.low, delta.central, delta.high])
}

#[test]
fn every_cell_of_the_matrix_holds_on_the_demo_town() {
    let town = Town::new();
    let before = town.baseline.fingerprint().to_owned();
    let mut wrong = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    for line in MATRIX.lines() {
        let mut cells = line.split_whitespace();
        let row = cells.next().unwrap();
        if let Some(measure) = town.measure(row) {
            seen.push(measure.kind());
        }
        let evaluation = town.evaluate(row);
        let mut printed = format!("{row:18}");
        for (column, expected) in COLUMNS.iter().zip(cells) {
            let difference = difference(&evaluation, column);
            let central = difference.map_or("none".to_owned(), |d| format!("{:.4}", d[1]));
            write!(printed, " {central:>11}").unwrap();
            let holds = match (expected, difference) {
                ("=", None) => *column == "street-traffic" && evaluation.treated_links.is_empty(),
                ("=", Some(all)) => all == [0.0; 3],
                ("▲", Some([_, central, _])) => central > 0.0,
                ("▼", Some([_, central, _])) => central < 0.0,
                ("≤", Some([_, central, _])) => central <= 0.0,
                ("≥", Some([_, central, _])) => central >= 0.0,
                (".", _) => true,
                _ => false,
            };
            if !holds {
                wrong.push(format!("{row} × {column}: expected {expected}, found {difference:?}"));
            }
        }
        println!("{printed}");
        assert_eq!(town.baseline.fingerprint(), before, "{row} changed the baseline");
        if row == "parking-places" || row == "signal-priority" {
            assert!(
                evaluation.links.iter().all(|link| link.low == link.baseline && link.high == link.baseline)
            );
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    for kind in Measure::KINDS {
        assert!(seen.contains(kind), "no line for \"{kind}\"");
    }
}
