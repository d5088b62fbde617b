//! Identities, analytic cases, published optima, field evidence.

use std::path::{Path, PathBuf};

use scenarios::{
    Cancel,
    models::{
        access::{Decay, cumulative::TimeMatrix, floating_catchment},
        adaptation::ElasticDemand,
        assignment::{
            AssignOptions, AssignmentNetwork, CostFunctions, TripTable, assign, shortest_path::ForwardStar,
            tntp,
        },
        demand::gravity::{deterrence, doubly_constrained},
        equilibrium::{Equilibrium, Pairs, Problem, solve},
    },
};

use super::Group;

/// Numbers from 0 to 1, always the same.
struct Random(u64);
impl Random {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
    fn list(&mut self, count: usize, most: f64) -> Vec<f64> {
        (0..count).map(|_| most * self.next()).collect()
    }
}

pub fn identities() -> Group {
    let mut group = Group::new("identities");
    let mut random = Random(7);
    let count = 40;
    let productions = random.list(count, 1000.0);
    let attractions = random.list(count, 900.0);
    let minutes = random.list(count * count, 60.0);
    let worst = |trips: &[f64]| {
        let scale = productions.iter().sum::<f64>() / attractions.iter().sum::<f64>();
        (0..count)
            .flat_map(|zone| {
                let row: f64 = trips[zone * count..(zone + 1) * count].iter().sum();
                let column: f64 = (0..count).map(|from| trips[from * count + zone]).sum();
                [row / productions[zone] - 1.0, column / (attractions[zone] * scale) - 1.0]
            })
            .fold(0.0_f64, |worst, away| worst.max(away.abs()))
    };
    let friction: Vec<f64> = minutes.iter().map(|&cost| deterrence(cost, 0.4)).collect();
    let trips = doubly_constrained(&productions, &attractions, &friction).unwrap_or_default();
    let away = if trips.is_empty() { f64::INFINITY } else { worst(&trips) };
    group.add("gravity: row and column sums within 1e-6", format!("{away:.1e}"), away <= 1e-6);
    let flat = doubly_constrained(&productions, &attractions, &vec![1.0; count * count]).unwrap_or_default();
    let all: f64 = attractions.iter().sum();
    let product = |place: usize| productions[place / count] * attractions[place % count] / all;
    let away = flat
        .iter()
        .enumerate()
        .map(|(place, trips)| (trips / product(place) - 1.0).abs())
        .fold(0.0, f64::max);
    group.add("gravity: with β = 0 the product form", format!("{away:.1e}"), !flat.is_empty() && away < 1e-9);

    let secs: Vec<u32> = (0..count * 12).map(|_| (random.next() * 1500.0) as u32).collect();
    let times = TimeMatrix { columns: 12, secs };
    let (people, supply) = (random.list(count, 500.0), random.list(12, 30.0));
    for (name, decay) in [("2SFCA", Decay::None), ("E2SFCA", Decay::Gaussian)] {
        let found = floating_catchment(&times, &people, &supply, decay, 900);
        let shared: f64 = people.iter().zip(&found.access).map(|(people, access)| people * access).sum();
        let all: f64 = supply.iter().sum();
        let away = ((shared + found.unreached_supply) / all - 1.0).abs();
        group.add(format!("{name}: Σ P·A = Σ S"), format!("{away:.1e}"), away < 1e-12);
    }

    let demand = ElasticDemand::new(&[100.0], &[900.0], &[0.4], -0.3);
    let step = 1e-5;
    let slope =
        (demand.trips(0, 900.0 * (1.0 + step)) / demand.trips(0, 900.0 * (1.0 - step))).ln() / (2.0 * step);
    group.near("pivot logit: elasticity at the base", slope, -0.3, 1e-6);
    group
}

/// A network with its pairs.
struct Case {
    network: AssignmentNetwork,
    costs: CostFunctions,
    star: ForwardStar,
    pairs: Pairs,
}

impl Case {
    fn new(network: AssignmentNetwork, pairs: Pairs) -> Self {
        let costs = CostFunctions::new(&network, 0.0, 0.0);
        let star = ForwardStar::new(network.nodes, &network.from, &network.to);
        Self { network, costs, star, pairs }
    }

    fn solve(
        &self,
        is_closed: &[bool],
        elastic: Option<&ElasticDemand>,
        start: Option<&Equilibrium>,
        gap: f64,
    ) -> Equilibrium {
        let problem = Problem {
            network: &self.network,
            costs: &self.costs,
            star: &self.star,
            hierarchy: None,
            is_closed,
            has_other_ends: false,
            pairs: &self.pairs,
            elastic,
        };
        solve(&problem, start, gap, 100_000, &Cancel::default()).unwrap_or_default()
    }
}

/// Two routes of 10 and 15 minutes for 1,500 trips (MODELS.md section 4).
fn two_routes() -> Case {
    let mut network =
        AssignmentNetwork { zones: 2, nodes: 2, first_through_node: 2, ..AssignmentNetwork::default() };
    network.push_arc(0, 1, 10.0, 1000.0, 0.15, 4.0);
    network.push_arc(0, 1, 15.0, 1000.0, 0.15, 4.0);
    let mut pairs = Pairs::default();
    pairs.push(0, 1, 1500.0);
    Case::new(network, pairs)
}

pub fn analytic() -> Group {
    let mut group = Group::new("analytic cases");
    let case = two_routes();
    let base = case.solve(&[false, false], None, None, 1e-10);
    group.near("two routes: flow of the short one", base.flows[0], 1351.3, 0.05);
    group.near("two routes: minutes of both", base.pair_costs[0], 15.0, 0.005);
    let nobody = case.solve(&[true, false], None, Some(&base), 1e-10);
    group.near("short one closed, nobody adapts: minutes", nobody.pair_costs[0], 26.39, 0.005);
    for (elasticity, minutes, trips) in
        [(-0.15, 23.15, 1379.6), (-0.30, 21.58, 1307.7), (-0.60, 19.93, 1216.4)]
    {
        let elastic = ElasticDemand::new(&case.pairs.base_trips, &base.pair_costs, &[0.4], elasticity);
        let run = case.solve(&[true, false], Some(&elastic), Some(&base), 1e-10);
        group.near(&format!("short one closed, E = {elasticity}: minutes"), run.pair_costs[0], minutes, 0.01);
        group.near(&format!("short one closed, E = {elasticity}: trips"), run.trips[0], trips, 0.5);
    }
    match network("Braess-Example", "Braess") {
        None => group.skip("Braess: 92 with the shortcut, 83 without", "the published network is not here"),
        Some((network, trips)) => {
            let time = |network: &AssignmentNetwork| {
                optimum(network, &trips, 1e-9).map_or(f64::NAN, |found| found.total_system_travel_time / 6.0)
            };
            group.near("Braess: everyone's time with the shortcut", time(&network), 92.0, 1e-3);
            let mut closed = network.clone();
            for arc in 0..closed.from.len() {
                if (closed.from[arc], closed.to[arc]) == (2, 3) {
                    closed.free_flow_time[arc] = 1e6;
                }
            }
            group.near("Braess: everyone's time without it", time(&closed), 83.0, 1e-3);
        }
    }
    // Power model, model book section 12: −5 % speed.
    let crashes = 100.0 * (0.95_f64.powi(2) - 1.0);
    group.near("power model: −5 % speed in percent of crashes", crashes, -9.75, 0.06);
    group
}

fn optimum(
    network: &AssignmentNetwork,
    trips: &TripTable,
    gap: f64,
) -> Option<scenarios::models::assignment::Assignment> {
    assign(network, trips, &AssignOptions { gap, ..AssignOptions::default() }, &Cancel::default()).ok()
}

fn shared_data() -> Option<PathBuf> {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .map(|folder| folder.join("shared/data"))
        .find(|folder| folder.is_dir())
}

fn network(folder: &str, stem: &str) -> Option<(AssignmentNetwork, TripTable)> {
    let data = shared_data()?;
    let read =
        |part: &str| std::fs::read_to_string(data.join(format!("traffic/{folder}/{stem}_{part}.tntp"))).ok();
    Some((tntp::read_network(&read("net")?).ok()?, tntp::read_trips(&read("trips")?).ok()?))
}

pub fn published_optima() -> Group {
    let mut group = Group::new("published optima");
    for (name, best) in [("SiouxFalls", 4_231_335.287), ("Anaheim", 1_286_032.171)] {
        let Some((network, trips)) = network(name, name) else {
            group.skip(format!("{name}: objective within 1e-6"), "the published network is not here");
            continue;
        };
        let Some(found) = optimum(&network, &trips, 1e-6) else {
            group.add(format!("{name}: converges"), "no", false);
            continue;
        };
        group.add(
            format!("{name}: relative gap 1e-6"),
            format!("{:.2e}", found.relative_gap),
            found.relative_gap <= 1e-6,
        );
        let away = found.objective / best - 1.0;
        group.add(
            format!("{name}: objective within 1e-6 of {best}"),
            format!("{away:+.1e}"),
            away.abs() <= 1e-6,
        );
        let excess = found.average_excess_cost * trips.total();
        let over = found.objective - best;
        group.add(
            format!("{name}: Z − Z* ≤ TSTT − SPTT"),
            format!("{over:.3} ≤ {excess:.3}"),
            over <= excess + 1e-9 * best,
        );
        // The production solver, on the same network.
        let mut pairs = Pairs::default();
        for origin in 0..trips.zones {
            for destination in 0..trips.zones {
                pairs.push(origin as u32, destination as u32, trips.get(origin, destination));
            }
        }
        let case = Case::new(network, pairs);
        let open = vec![false; case.network.from.len()];
        let run = case.solve(&open, None, None, 1e-7);
        let away = case.costs.objective(&run.flows) / best - 1.0;
        group.add(format!("{name}: the path solver too"), format!("{away:+.1e}"), away.abs() <= 1e-6);
        let kept: f64 = run.ways().map(|path| path.trips).sum();
        let wanted: f64 = case.pairs.base_trips.iter().sum();
        group.add(
            format!("{name}: no trip is lost or made twice"),
            format!("{:.1e}", kept / wanted - 1.0),
            (kept / wanted - 1.0).abs() < 1e-9,
        );
    }
    group
}

pub fn field_evidence() -> Group {
    let mut group = Group::new("field evidence");
    let case = two_routes();
    let base = case.solve(&[false, false], None, None, 1e-10);
    let lost: Vec<f64> = [-0.15, -0.30, -0.60]
        .into_iter()
        .map(|elasticity| {
            let elastic = ElasticDemand::new(&case.pairs.base_trips, &base.pair_costs, &[0.4], elasticity);
            let run = case.solve(&[true, false], Some(&elastic), Some(&base), 1e-10);
            100.0 * (1500.0 - run.trips[0]) / base.flows[0]
        })
        .collect();
    for (name, reached, wanted) in
        [("low", lost[0], 8.9), ("central", lost[1], 14.2), ("high", lost[2], 21.0)]
    {
        group.near(&format!("evaporation of a closed street, {name} adaptation, %"), reached, wanted, 0.06);
    }
    // Cairns, Atkins and Goodwin 2002: median −11 % of about 70 cases, 14 % in 1998.
    group.add(
        "the band holds the median of the published cases, 11 %",
        format!("{:.1} to {:.1} %", lost[0], lost[2]),
        lost[0] < 11.0 && 11.0 < lost[2],
    );
    group.add(
        "and stays within the published range, 0 to 50 %",
        format!("{:.1} to {:.1} %", lost[0], lost[2]),
        lost[0] > 0.0 && lost[2] < 50.0,
    );
    group
}
