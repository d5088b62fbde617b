//! Traffic over a counted cordon: as many vehicles cross each point as were counted there (MODELS.md section 3).
//!
//! The through part goes on to the other points by a doubly constrained split, never back to its own. The rest goes out
//! from homes and comes in to jobs, shops and schools, as much either way; in the peak hour the main direction leads.

use std::collections::{BTreeMap, BTreeSet};

use layers::model::{Link, Modes, StreetNetwork};

use super::{
    ExternalTrips, Zone,
    gateways::{Count, Gateway},
    gravity::doubly_constrained,
    pull,
};
use crate::{
    assumptions::Assumptions,
    baseline::cordon::CordonPoint,
    edit::NetworkEdit,
    models::{
        assignment::shortest_path::ForwardStar,
        road::{lane_capacity, largest_connected_part},
    },
};

/// Farthest street that a counted point belongs to, metres.
const REACH_M: f64 = 500.0;
/// Most of the through traffic of all other points that one point takes, where there are more than two. What is over
/// has its origin or destination in the data.
const MOST_OF_OTHERS: f64 = 0.9;

/// The points as gateways at their streets, and the names of those without a street for cars within 500 m. Points at
/// the same end of a street are one gateway with the sum of their counts. Cost: links × points.
pub fn cordon_gateways(
    streets: &StreetNetwork,
    points: &[CordonPoint],
    assumptions: &Assumptions,
) -> (Vec<Gateway>, Vec<String>) {
    if points.is_empty() {
        return (Vec::new(), Vec::new());
    }
    let in_part = largest_connected_part(streets, &NetworkEdit::none(streets.links.len()));
    let ways = Ways {
        leads_in: joined_to(streets, &in_part, false),
        leads_out: joined_to(streets, &in_part, true),
        is_end: ends_for_cars(streets),
        streets,
    };
    // By entry and exit, in the order of the points.
    let mut gateways: Vec<Gateway> = Vec::new();
    let mut known: BTreeMap<(u32, u32), usize> = BTreeMap::new();
    let mut unattached = Vec::new();
    for point in points {
        let (Some((entry, from)), Some((exit, to))) = (ways.entry(point.position), ways.exit(point.position))
        else {
            unattached.push(point.name.clone());
            continue;
        };
        if let Some(&place) = known.get(&(entry, exit))
            && let Some(count) = gateways.get_mut(place).and_then(|gateway| gateway.count.as_mut())
        {
            let sum = count.vehicles_per_day + point.vehicles_per_day;
            count.through_share = (count.through_share * count.vehicles_per_day
                + point.through_share * point.vehicles_per_day)
                / sum;
            count.vehicles_per_day = sum;
            count.name = format!("{}, {}", count.name, point.name);
            continue;
        }
        known.insert((entry, exit), gateways.len());
        let capacity = |link: &Link| {
            lane_capacity(link, assumptions) * f64::from(link.lanes_forward.max(link.lanes_backward).max(1))
        };
        gateways.push(Gateway {
            position: point.position,
            capacity_in: capacity(from),
            capacity_out: capacity(to),
            entries: vec![entry],
            exits: vec![exit],
            count: Some(Count {
                name: point.name.clone(),
                vehicles_per_day: point.vehicles_per_day,
                through_share: point.through_share,
            }),
        });
    }
    (gateways, unattached)
}

/// Which streets lead into the connected part of the network, and which out of it.
struct Ways<'a> {
    streets: &'a StreetNetwork,
    leads_in: Vec<bool>,
    leads_out: Vec<bool>,
    /// Nodes with one neighbour for cars.
    is_end: Vec<bool>,
}

impl<'a> Ways<'a> {
    /// Where cars come in, and the street that they take.
    fn entry(&self, position: [f64; 2]) -> Option<(u32, &'a Link)> {
        self.nearest(position, |from, to| self.leads_in[to as usize].then_some(from))
    }

    fn exit(&self, position: [f64; 2]) -> Option<(u32, &'a Link)> {
        self.nearest(position, |from, to| self.leads_out[from as usize].then_some(to))
    }

    /// The outer end of the nearest street: the one where it ends, else the nearer one. `end` gives the node of a
    /// direction of a link, if it may be used.
    fn nearest(&self, position: [f64; 2], end: impl Fn(u32, u32) -> Option<u32>) -> Option<(u32, &'a Link)> {
        let mut best: Option<(f64, Vec<u32>, &Link)> = None;
        for link in &self.streets.links {
            if link.from == link.to {
                continue;
            }
            let mut ends = Vec::new();
            for (from, to, modes) in [(link.from, link.to, link.forward), (link.to, link.from, link.backward)]
            {
                if modes.contains(Modes::CAR) {
                    ends.extend(end(from, to));
                }
            }
            let away = distance_to_line(&link.geometry, position);
            if !ends.is_empty() && away <= best.as_ref().map_or(REACH_M, |best| best.0) {
                let is_nearer = best.as_ref().is_none_or(|best| away < best.0);
                if is_nearer {
                    best = Some((away, ends, link));
                }
            }
        }
        let (_, ends, link) = best?;
        let away = |node: u32| {
            let [x, y] = self.streets.nodes[node as usize].position;
            (x - position[0]).hypot(y - position[1])
        };
        let outer = |&a: &u32, &b: &u32| {
            let (is_end_a, is_end_b) = (self.is_end[a as usize], self.is_end[b as usize]);
            is_end_b.cmp(&is_end_a).then(away(a).total_cmp(&away(b)))
        };
        ends.into_iter().min_by(outer).map(|node| (node, link))
    }
}

/// Metres from a point to a line; infinite for an empty or broken one.
fn distance_to_line(line: &[[f64; 2]], [x, y]: [f64; 2]) -> f64 {
    let to_piece = |pair: &[[f64; 2]]| {
        let ([ax, ay], [bx, by]) = (pair[0], pair[1]);
        let (dx, dy) = (bx - ax, by - ay);
        let square = dx * dx + dy * dy;
        let part =
            if square > 0.0 { (((x - ax) * dx + (y - ay) * dy) / square).clamp(0.0, 1.0) } else { 0.0 };
        (ax + part * dx - x).hypot(ay + part * dy - y)
    };
    line.windows(2).map(to_piece).fold(f64::INFINITY, f64::min)
}

/// Nodes from which cars come into the part, or (`forwards`) that they reach from it; the part itself too.
fn joined_to(streets: &StreetNetwork, in_part: &[bool], forwards: bool) -> Vec<bool> {
    let (mut tails, mut heads) = (Vec::new(), Vec::new());
    for link in &streets.links {
        for (from, to, modes) in [(link.from, link.to, link.forward), (link.to, link.from, link.backward)] {
            if modes.contains(Modes::CAR) {
                let (tail, head) = if forwards { (from, to) } else { (to, from) };
                tails.push(tail);
                heads.push(head);
            }
        }
    }
    let star = ForwardStar::new(streets.nodes.len(), &tails, &heads);
    let mut is_joined = in_part.to_vec();
    let mut stack: Vec<usize> = (0..is_joined.len()).filter(|&node| is_joined[node]).collect();
    while let Some(node) = stack.pop() {
        for &head in &star.head[star.start[node] as usize..star.start[node + 1] as usize] {
            if !std::mem::replace(&mut is_joined[head as usize], true) {
                stack.push(head as usize);
            }
        }
    }
    is_joined
}

fn ends_for_cars(streets: &StreetNetwork) -> Vec<bool> {
    let mut neighbours: Vec<BTreeSet<u32>> = vec![BTreeSet::new(); streets.nodes.len()];
    for link in &streets.links {
        if (link.forward | link.backward).contains(Modes::CAR) && link.from != link.to {
            neighbours[link.from as usize].insert(link.to);
            neighbours[link.to as usize].insert(link.from);
        }
    }
    neighbours.iter().map(|known| known.len() == 1).collect()
}

/// Car trips of the peak hour over the cordon. `is_connected` goes over zones and then gateways. Where a gateway's
/// through traffic finds too little at the others, the rest of it has an end in the data, so that the count holds.
///
/// The counts belong to the people and places of `before`: where `zones` have more of them, more drive.
pub fn counted_trips(
    zones: &[Zone],
    before: &[Zone],
    gateways: &[Gateway],
    is_connected: &[bool],
    assumptions: &Assumptions,
) -> ExternalTrips {
    let (count, ways) = (zones.len(), gateways.len());
    let connected = |zone: usize| is_connected.get(zone).copied().unwrap_or(false);
    // pcu/h, half of the vehicles each way.
    let hourly = assumptions.peak_share.central * assumptions.pcu_per_vehicle() / 2.0;
    let counted = |way: usize| gateways[way].count.as_ref().filter(|_| connected(count + way));
    let each_way: Vec<f64> =
        (0..ways).map(|way| counted(way).map_or(0.0, |count| hourly * count.vehicles_per_day)).collect();
    let wanted: Vec<f64> = (0..ways)
        .map(|way| each_way[way] * counted(way).map_or(0.0, |count| count.through_share.clamp(0.0, 1.0)))
        .collect();
    let through = through_trips(&wanted);
    let shares = |weight: &dyn Fn(&Zone) -> f64| -> Vec<f64> {
        let weights: Vec<f64> = (0..count)
            .map(|zone| if connected(zone) { weight(&zones[zone]).max(0.0) } else { 0.0 })
            .collect();
        let counted_for = (0..count).filter(|&zone| connected(zone));
        let sum: f64 = counted_for.map(|zone| weight(&before[zone]).max(0.0)).sum();
        if sum > 0.0 { weights.iter().map(|weight| weight / sum).collect() } else { weights }
    };
    let (homes, places) = (shares(&|zone| zone.residents), shares(&pull));
    let main = assumptions.peak_direction_share.central;
    let mut trips =
        ExternalTrips { out: vec![0.0; count * ways], into: vec![0.0; count * ways], through: Vec::new() };
    for way in 0..ways {
        let passing: f64 = through[way * ways..(way + 1) * ways].iter().sum();
        let local = (each_way[way] - passing).max(0.0);
        for zone in 0..count {
            let (home, place) = (homes[zone], places[zone]);
            trips.out[zone * ways + way] = local * (main * home + (1.0 - main) * place);
            trips.into[zone * ways + way] = local * ((1.0 - main) * home + main * place);
        }
    }
    trips.through = through;
    trips
}

/// Trips from gateway to gateway, row-major: rows and columns sum to `wanted`, or less where the others have too little
/// to meet it; the diagonal is empty. All other pairs are alike before balancing, as nothing is known of them.
fn through_trips(wanted: &[f64]) -> Vec<f64> {
    let ways = wanted.len();
    let mut amounts = wanted.to_vec();
    let total: f64 = amounts.iter().sum();
    let most = if wanted.iter().filter(|amount| **amount > 0.0).count() > 2 { MOST_OF_OTHERS } else { 1.0 };
    // Only the greatest can be too great for the others.
    if let Some(greatest) = amounts.iter_mut().max_by(|a, b| a.total_cmp(b)) {
        *greatest = greatest.min(most * (total - *greatest));
    }
    let friction: Vec<f64> =
        (0..ways * ways).map(|place| if place / ways == place % ways { 0.0 } else { 1.0 }).collect();
    doubly_constrained(&amounts, &amounts, &friction).unwrap_or_else(|| vec![0.0; ways * ways])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(trips: &[f64], ways: usize) -> (Vec<f64>, Vec<f64>) {
        let row = |i: usize| (0..ways).map(|j| trips[i * ways + j]).sum();
        let column = |j: usize| (0..ways).map(|i| trips[i * ways + j]).sum();
        ((0..ways).map(row).collect(), (0..ways).map(column).collect())
    }

    #[test]
    fn through_traffic_meets_its_points_and_never_turns_back() {
        let wanted = [1250.0, 1350.0, 1000.0, 300.0, 0.0];
        let trips = through_trips(&wanted);
        let (rows, columns) = sums(&trips, 5);
        for way in 0..5 {
            assert!((rows[way] - wanted[way]).abs() < 1e-3 && (columns[way] - wanted[way]).abs() < 1e-3);
            assert_eq!(trips[way * 5 + way], 0.0);
        }
    }

    #[test]
    fn a_point_takes_no_more_than_the_others_give() {
        let (rows, _) = sums(&through_trips(&[900.0, 200.0]), 2);
        assert_eq!(rows, [200.0, 200.0]);
        let trips = through_trips(&[900.0, 200.0, 100.0]);
        let (rows, columns) = sums(&trips, 3);
        assert!((rows[0] - 270.0).abs() < 0.01 && (columns[0] - 270.0).abs() < 0.01, "{trips:?}");
        assert!((rows[1] - 200.0).abs() < 0.01 && (rows[2] - 100.0).abs() < 0.01, "{trips:?}");
        assert_eq!(through_trips(&[500.0]), [0.0], "a single point has nowhere to go on to");
        assert!(through_trips(&[]).is_empty());
    }
}
