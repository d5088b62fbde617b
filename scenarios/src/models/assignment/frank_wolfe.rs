//! Bi-conjugate Frank-Wolfe after the model book (Mitradjieva & Lindberg 2013; checked against AequilibraE).

use std::time::Instant;

use rayon::prelude::*;

use super::{
    AssignError, AssignOptions, Assignment, AssignmentNetwork, CostFunctions, TripTable,
    shortest_path::{ForwardStar, NO_ARC, Search},
};
use crate::evaluate::Cancel;

/// Origins are worked on in this many fixed groups whatever the number of threads, and summed in their order, so that
/// the result does not depend on the threads.
const GROUPS: usize = 32;
/// Below this many (origin, node) pairs one thread is faster than waking others.
const SMALL: usize = 4_000;
const BISECTIONS: usize = 44;

/// What one group of origins works with.
struct Group {
    origins: std::ops::Range<usize>,
    flows: Vec<f64>,
    shortest_total: f64,
    search: Search,
    load: Vec<f64>,
    unreachable: Option<(usize, usize)>,
}

/// Finds the user equilibrium of `trips` on `network` to the relative gap of the options. Intrazonal trips are not
/// assigned but count in the average excess cost. The outcome is the same to the bit for every number of threads.
pub fn assign(
    network: &AssignmentNetwork,
    trips: &TripTable,
    options: &AssignOptions,
    cancel: &Cancel,
) -> Result<Assignment, AssignError> {
    let started = Instant::now();
    check_inputs(network, trips, options)?;
    let costs_of = CostFunctions::new(network, options.toll_weight, options.distance_weight);
    let star = ForwardStar::new(network.nodes, &network.from, &network.to);
    let arcs = network.arcs();
    let is_small = network.zones * network.nodes < SMALL;
    let pool = if options.threads == 1 || is_small {
        None
    } else {
        rayon::ThreadPoolBuilder::new().num_threads(options.threads).build().ok()
    };
    let group_count = GROUPS.min(network.zones.max(1));
    let mut groups: Vec<Group> = (0..group_count)
        .map(|group| Group {
            origins: group * network.zones / group_count..(group + 1) * network.zones / group_count,
            flows: vec![0.0; arcs],
            shortest_total: 0.0,
            search: Search::new(network.nodes),
            load: vec![0.0; network.nodes],
            unreachable: None,
        })
        .collect();

    let mut all_or_nothing = |costs: &[f64], flows: &mut [f64]| -> Result<f64, AssignError> {
        let work = |group: &mut Group| load_group(network, &star, trips, costs, group);
        match &pool {
            Some(pool) => pool.install(|| groups.par_iter_mut().for_each(work)),
            None => groups.iter_mut().for_each(work),
        }
        flows.fill(0.0);
        let mut shortest_total = 0.0;
        for group in &groups {
            if let Some((origin, destination)) = group.unreachable {
                return Err(AssignError::Unreachable {
                    origin: origin + 1,
                    destination: destination + 1,
                    trips: trips.get(origin, destination),
                });
            }
            shortest_total += group.shortest_total;
            for (flow, part) in flows.iter_mut().zip(&group.flows) {
                *flow += part;
            }
        }
        Ok(shortest_total)
    };

    let mut x = vec![0.0; arcs];
    let mut costs = vec![0.0; arcs];
    costs_of.fill(&x, &mut costs);
    all_or_nothing(&costs, &mut x)?;
    let (mut y, mut s) = (vec![0.0; arcs], vec![0.0; arcs]);
    let (mut s1, mut s2) = (vec![0.0; arcs], vec![0.0; arcs]);
    // Steps since the last restart, and the length of the last step.
    let (mut memory, mut step) = (0_usize, 0.0);
    let mut iterations = 0;
    let first_excess = f64::MAX;
    let mut first_gap = first_excess;
    loop {
        if cancel.is_cancelled() {
            return Err(AssignError::Cancelled);
        }
        iterations += 1;
        costs_of.fill(&x, &mut costs);
        let shortest_total = all_or_nothing(&costs, &mut y)?;
        let total: f64 = x.iter().zip(&costs).map(|(flow, cost)| flow * cost).sum();
        let excess = total - shortest_total;
        let relative_gap = if total > 0.0 { excess / total } else { 0.0 };
        report_progress(cancel, &mut first_gap, relative_gap, options.gap);
        if relative_gap <= options.gap || iterations >= options.max_iterations {
            let all_trips = trips.total();
            return Ok(Assignment {
                iterations,
                relative_gap,
                average_excess_cost: if all_trips > 0.0 { excess / all_trips } else { 0.0 },
                objective: costs_of.objective(&x),
                total_system_travel_time: total,
                seconds: started.elapsed().as_secs_f64(),
                threads: pool.as_ref().map_or(1, rayon::ThreadPool::current_num_threads),
                has_converged: relative_gap <= options.gap,
                flows: x,
                costs,
            });
        }
        aim(&costs_of, &x, &y, &s1, &s2, memory, step, &mut s);
        let slope_at = |s: &[f64], theta: f64| -> f64 {
            let mut slope = 0.0;
            for arc in 0..arcs {
                let direction = s[arc] - x[arc];
                slope += direction * costs_of.cost(arc, x[arc] + theta * direction);
            }
            slope
        };
        if memory > 0 && slope_at(&s, 0.0) >= 0.0 {
            // Not a way down: begin again from plain Frank-Wolfe.
            memory = 0;
            s.copy_from_slice(&y);
        }
        let theta = if slope_at(&s, 1.0) <= 0.0 {
            1.0
        } else {
            let (mut low, mut high) = (0.0, 1.0);
            for _ in 0..BISECTIONS {
                let middle = f64::midpoint(low, high);
                if slope_at(&s, middle) <= 0.0 { low = middle } else { high = middle }
            }
            f64::midpoint(low, high)
        };
        for arc in 0..arcs {
            x[arc] += theta * (s[arc] - x[arc]);
        }
        std::mem::swap(&mut s1, &mut s2);
        std::mem::swap(&mut s, &mut s1);
        step = theta;
        memory = if theta >= 1.0 { 0 } else { memory + 1 };
    }
}

/// Shortest-path trees and their loads for the origins of a group, into its own buffers.
fn load_group(
    network: &AssignmentNetwork,
    star: &ForwardStar,
    trips: &TripTable,
    costs: &[f64],
    group: &mut Group,
) {
    group.flows.fill(0.0);
    group.shortest_total = 0.0;
    group.unreachable = None;
    for origin in group.origins.clone() {
        let row = trips.row(origin);
        if !row.iter().enumerate().any(|(destination, &q)| q > 0.0 && destination != origin) {
            continue;
        }
        group.search.run(star, costs, origin as u32, network.first_through_node);
        for (destination, &q) in row.iter().enumerate() {
            if q > 0.0 && destination != origin {
                let distance = group.search.distance[destination];
                if distance.is_infinite() {
                    group.unreachable = group.unreachable.or(Some((origin, destination)));
                    continue;
                }
                group.load[destination] += q;
                group.shortest_total += q * distance;
            }
        }
        // From the far end back, each node hands its load to the arc by which it was reached.
        for &node in group.search.order.iter().rev() {
            let load = std::mem::take(&mut group.load[node as usize]);
            let arc = group.search.by_arc[node as usize];
            if load > 0.0 && arc != NO_ARC {
                group.flows[arc as usize] += load;
                group.load[network.from[arc as usize] as usize] += load;
            }
        }
    }
}

/// The point to move towards, into `s`: plain (`memory` 0), conjugate (1) or bi-conjugate (2 and more).
#[allow(clippy::too_many_arguments)] // The letters of the method; a struct would only rename them.
fn aim(
    costs: &CostFunctions,
    x: &[f64],
    y: &[f64],
    s1: &[f64],
    s2: &[f64],
    memory: usize,
    step: f64,
    s: &mut [f64],
) {
    let arcs = x.len();
    if memory == 0 {
        s.copy_from_slice(y);
        return;
    }
    if memory == 1 {
        let (mut upper, mut lower) = (0.0, 0.0);
        for arc in 0..arcs {
            let weighted = (s1[arc] - x[arc]) * costs.derivative(arc, x[arc]);
            upper += weighted * (y[arc] - x[arc]);
            lower += weighted * (y[arc] - s1[arc]);
        }
        let alpha = if lower == 0.0 { 0.0 } else { (upper / lower).clamp(0.0, 0.99) };
        for arc in 0..arcs {
            s[arc] = alpha * s1[arc] + (1.0 - alpha) * y[arc];
        }
        return;
    }
    let (mut z_y, mut z_s, mut d_y, mut d_d) = (0.0, 0.0, 0.0, 0.0);
    for arc in 0..arcs {
        let h = costs.derivative(arc, x[arc]);
        let z = step * s1[arc] + (1.0 - step) * s2[arc] - x[arc];
        let d = s1[arc] - x[arc];
        let to_y = y[arc] - x[arc];
        z_y += h * z * to_y;
        z_s += h * z * (s2[arc] - s1[arc]);
        d_y += h * d * to_y;
        d_d += h * d * d;
    }
    let mu = if z_s == 0.0 { 0.0 } else { (-z_y / z_s).max(0.0) };
    let nu = if d_d == 0.0 { 0.0 } else { (-d_y / d_d + mu * step / (1.0 - step)).max(0.0) };
    let sum = 1.0 + nu + mu;
    for arc in 0..arcs {
        s[arc] = (y[arc] + nu * s1[arc] + mu * s2[arc]) / sum;
    }
}

/// Progress on a logarithmic scale from the first gap to the wanted one.
fn report_progress(cancel: &Cancel, first_gap: &mut f64, gap: f64, wanted: f64) {
    if *first_gap == f64::MAX {
        *first_gap = gap.max(f64::MIN_POSITIVE);
    }
    let whole = (*first_gap / wanted.max(f64::MIN_POSITIVE)).ln();
    let done = (*first_gap / gap.max(f64::MIN_POSITIVE)).ln();
    if whole > 0.0 {
        cancel.set(done / whole);
    }
}

pub(crate) fn check_inputs(
    network: &AssignmentNetwork,
    trips: &TripTable,
    options: &AssignOptions,
) -> Result<(), AssignError> {
    if trips.zones != network.zones || trips.trips.len() != network.zones * network.zones {
        return Err(AssignError::OtherZones { trips: trips.zones, network: network.zones });
    }
    for (value, expected) in [
        (options.gap, "a relative gap of at least 0, such as 1e-4"),
        (options.toll_weight, "a toll weight of at least 0"),
        (options.distance_weight, "a distance weight of at least 0"),
    ] {
        if !(value.is_finite() && value >= 0.0) {
            return Err(AssignError::BadOption { expected, found: value });
        }
    }
    for arc in 0..network.arcs() {
        let bad = |expected, found| Err(AssignError::BadArc { arc: arc + 1, expected, found });
        for (value, expected) in [
            (network.free_flow_time[arc], "a free-flow time of at least 0"),
            (network.b[arc], "a B of at least 0"),
            (network.power[arc], "a power of at least 0"),
            (network.toll[arc], "a toll of at least 0"),
            (network.length[arc], "a length of at least 0"),
        ] {
            if !(value.is_finite() && value >= 0.0) {
                return bad(expected, value);
            }
        }
        if network.b[arc] > 0.0 && !(network.capacity[arc].is_finite() && network.capacity[arc] > 0.0) {
            return bad("a capacity above 0", network.capacity[arc]);
        }
        for end in [network.from[arc], network.to[arc]] {
            if end as usize >= network.nodes {
                return bad("a node of the network", f64::from(end) + 1.0);
            }
        }
    }
    if let Some(&bad) = trips.trips.iter().find(|q| !(q.is_finite() && **q >= 0.0)) {
        return Err(AssignError::BadOption { expected: "trips of at least 0", found: bad });
    }
    Ok(())
}
