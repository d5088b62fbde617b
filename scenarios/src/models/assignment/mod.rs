//! Static user-equilibrium assignment on a general network (MODELS.md section 2).
//!
//! [`assign`] is bi-conjugate Frank-Wolfe: it works on any TNTP network and checks the path-based solver that scenarios
//! use ([`super::equilibrium`]).

pub mod bucket_search;
mod frank_wolfe;
pub mod hierarchy;
pub mod shortest_path;
pub mod tntp;

use serde::Serialize;

pub use frank_wolfe::assign;
pub(crate) use frank_wolfe::check_inputs;

/// Directed arcs between nodes; nodes `0 .. zones` are where trips begin and end.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AssignmentNetwork {
    pub zones: usize,
    pub nodes: usize,
    /// Nodes below this one may not be passed through, only left and reached.
    pub first_through_node: usize,
    pub from: Vec<u32>,
    pub to: Vec<u32>,
    /// In the file's unit of flow, usually pcu/h.
    pub capacity: Vec<f64>,
    /// In the file's unit; enters the cost with the distance weight.
    pub length: Vec<f64>,
    /// In the file's unit of time.
    pub free_flow_time: Vec<f64>,
    pub b: Vec<f64>,
    pub power: Vec<f64>,
    pub toll: Vec<f64>,
}

impl AssignmentNetwork {
    pub fn arcs(&self) -> usize {
        self.from.len()
    }

    /// Adds an arc with a BPR cost and returns its position.
    pub fn push_arc(
        &mut self,
        from: u32,
        to: u32,
        free_flow_time: f64,
        capacity: f64,
        b: f64,
        power: f64,
    ) -> usize {
        self.from.push(from);
        self.to.push(to);
        self.free_flow_time.push(free_flow_time);
        self.capacity.push(capacity);
        self.b.push(b);
        self.power.push(power);
        self.length.push(0.0);
        self.toll.push(0.0);
        self.from.len() - 1
    }
}

/// Trips from zone to zone, dense and row-major: `trips[origin * zones + destination]`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TripTable {
    pub zones: usize,
    pub trips: Vec<f64>,
}

impl TripTable {
    pub fn new(zones: usize) -> Self {
        Self { zones, trips: vec![0.0; zones * zones] }
    }

    pub fn get(&self, origin: usize, destination: usize) -> f64 {
        self.trips.get(origin * self.zones + destination).copied().unwrap_or(0.0)
    }

    pub fn set(&mut self, origin: usize, destination: usize, trips: f64) {
        self.trips[origin * self.zones + destination] = trips;
    }

    pub fn row(&self, origin: usize) -> &[f64] {
        &self.trips[origin * self.zones..(origin + 1) * self.zones]
    }

    /// All trips, those inside a zone too.
    pub fn total(&self) -> f64 {
        self.trips.iter().sum()
    }
}

/// Generalised arc costs `t0·(1 + B·(x/c)^P) + w_toll·toll + w_length·length`, ready to evaluate.
#[derive(Clone, Debug)]
pub struct CostFunctions {
    /// The part that does not depend on flow.
    fixed: Vec<f64>,
    /// `t0·B/c^P`.
    slope: Vec<f64>,
    power: Vec<f64>,
}

impl CostFunctions {
    pub fn new(network: &AssignmentNetwork, toll_weight: f64, distance_weight: f64) -> Self {
        let arcs = network.arcs();
        let mut costs = Self {
            fixed: Vec::with_capacity(arcs),
            slope: Vec::with_capacity(arcs),
            power: network.power.clone(),
        };
        for arc in 0..arcs {
            let t0 = network.free_flow_time[arc];
            costs.fixed.push(t0 + toll_weight * network.toll[arc] + distance_weight * network.length[arc]);
            let b = network.b[arc];
            costs.slope.push(if b == 0.0 || t0 == 0.0 {
                0.0
            } else {
                t0 * b / network.capacity[arc].powf(network.power[arc])
            });
        }
        costs
    }

    pub fn arcs(&self) -> usize {
        self.fixed.len()
    }

    /// Gives an arc another cost at flow 0 and another delay at flow 1.
    pub(crate) fn set(&mut self, arc: usize, fixed: f64, slope: f64) {
        (self.fixed[arc], self.slope[arc]) = (fixed, slope);
    }

    /// Adds an arc.
    pub(crate) fn push(&mut self, fixed: f64, slope: f64, power: f64) {
        self.fixed.push(fixed);
        self.slope.push(slope);
        self.power.push(power);
    }

    /// `x^P`, cheap for the usual 4.
    #[inline]
    fn raised(x: f64, power: f64) -> f64 {
        if power == 4.0 {
            let square = x * x;
            square * square
        } else if power == 1.0 {
            x
        } else {
            x.powf(power)
        }
    }

    #[inline]
    pub fn cost(&self, arc: usize, flow: f64) -> f64 {
        let slope = self.slope[arc];
        if slope == 0.0 {
            self.fixed[arc]
        } else {
            self.fixed[arc] + slope * Self::raised(flow, self.power[arc])
        }
    }

    /// The cost of an empty arc.
    pub fn free_flow(&self, arc: usize) -> f64 {
        self.cost(arc, 0.0)
    }

    /// Derivative of the cost by flow.
    #[inline]
    pub fn derivative(&self, arc: usize, flow: f64) -> f64 {
        let (slope, power) = (self.slope[arc], self.power[arc]);
        if slope == 0.0 || power == 0.0 {
            0.0
        } else if power == 4.0 {
            4.0 * slope * flow * flow * flow
        } else if power == 1.0 {
            slope
        } else {
            slope * power * flow.powf(power - 1.0)
        }
    }

    /// Integral of the cost from 0 to `flow` (the Beckmann term).
    #[inline]
    pub fn integral(&self, arc: usize, flow: f64) -> f64 {
        let slope = self.slope[arc];
        let base = self.fixed[arc] * flow;
        if slope == 0.0 {
            base
        } else {
            let power = self.power[arc];
            base + slope * Self::raised(flow, power) * flow / (power + 1.0)
        }
    }

    /// Costs of all arcs at `flows`, into `costs`.
    pub fn fill(&self, flows: &[f64], costs: &mut [f64]) {
        for (arc, (cost, &flow)) in costs.iter_mut().zip(flows).enumerate() {
            *cost = self.cost(arc, flow);
        }
    }

    /// The Beckmann objective.
    pub fn objective(&self, flows: &[f64]) -> f64 {
        flows.iter().enumerate().map(|(arc, &flow)| self.integral(arc, flow)).sum()
    }
}

/// Settings of [`assign`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AssignOptions {
    /// Relative gap to reach.
    pub gap: f64,
    pub toll_weight: f64,
    pub distance_weight: f64,
    /// 0 takes all cores. The result is the same to the bit.
    pub threads: usize,
    pub max_iterations: usize,
}

impl Default for AssignOptions {
    fn default() -> Self {
        Self { gap: 1e-4, toll_weight: 0.0, distance_weight: 0.0, threads: 0, max_iterations: 100_000 }
    }
}

/// A user equilibrium, with the measures of how near it is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Assignment {
    /// By arc.
    pub flows: Vec<f64>,
    /// Generalised cost by arc at `flows`.
    pub costs: Vec<f64>,
    pub iterations: usize,
    /// (TSTT − SPTT) / TSTT.
    pub relative_gap: f64,
    /// (TSTT − SPTT) / all trips, those inside a zone too.
    pub average_excess_cost: f64,
    /// Beckmann.
    pub objective: f64,
    /// Σ flow × cost.
    pub total_system_travel_time: f64,
    pub seconds: f64,
    /// Threads that worked.
    pub threads: usize,
    /// Whether the gap was reached before the limit of iterations.
    pub has_converged: bool,
}

/// Why there is no assignment.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum AssignError {
    #[error("the trips are for {trips} zones but the network has {network}; are both files of one network?")]
    OtherZones { trips: usize, network: usize },
    #[error(
        "{trips} trips go from zone {origin} to zone {destination} (numbered from 1), but no way leads there"
    )]
    Unreachable { origin: usize, destination: usize, trips: f64 },
    #[error("expected {expected}, found {found} at arc {arc} (numbered from 1)")]
    BadArc { arc: usize, expected: &'static str, found: f64 },
    #[error("expected {expected}, found {found}")]
    BadOption { expected: &'static str, found: f64 },
    #[error("the assignment was cancelled")]
    Cancelled,
}
