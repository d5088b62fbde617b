//! Assigns a TNTP network and prints the numbers as JSON: `assign NET TRIPS GAP SOLVER THREADS [FLOWS]`, with SOLVER
//! `paths` (what scenarios use) or `frank-wolfe` (the reference). The comparison with other programs runs it.

use scenarios::{
    Cancel,
    models::{
        assignment::{AssignOptions, assign, tntp},
        equilibrium::assign_on_paths,
    },
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [net, trips, gap, solver, threads, rest @ ..] = arguments.as_slice() else {
        return Err("expected NET TRIPS GAP paths|frank-wolfe THREADS [FLOWS]".into());
    };
    let network = tntp::read_network(&std::fs::read_to_string(net)?)?;
    let trips = tntp::read_trips(&std::fs::read_to_string(trips)?)?;
    let options = AssignOptions { gap: gap.parse()?, threads: threads.parse()?, ..AssignOptions::default() };
    let solve = if solver == "paths" { assign_on_paths } else { assign };
    let outcome = solve(&network, &trips, &options, &Cancel::default())?;
    if let [flows, ..] = rest {
        std::fs::write(flows, tntp::write_flow(&network, &outcome.flows, &outcome.costs))?;
    }
    println!(
        "{}",
        serde_json::json!({
            "zones": network.zones, "nodes": network.nodes, "links": network.arcs(),
            "iterations": outcome.iterations, "relative_gap": outcome.relative_gap,
            "objective": outcome.objective, "total_system_travel_time": outcome.total_system_travel_time,
            "seconds": outcome.seconds, "threads": outcome.threads, "has_converged": outcome.has_converged,
        })
    );
    Ok(())
}
