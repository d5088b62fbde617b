//! `assign`: user-equilibrium assignment on the public TNTP format.

use std::{fs, path::PathBuf};

use anyhow::Context;
use clap::Args;
use layers::readers::Progress;
use scenarios::models::assignment::{AssignOptions, assign, tntp};
use serde_json::json;

#[derive(Debug, Args)]
pub struct AssignArgs {
    /// The network (…_net.tntp)
    #[arg(long)]
    network: PathBuf,
    /// The trips (…_trips.tntp)
    #[arg(long)]
    trips: PathBuf,
    /// Relative gap to reach
    #[arg(long, default_value_t = 1e-4, value_parser = parse_gap)]
    gap: f64,
    /// Minutes a unit of toll
    #[arg(long, default_value_t = 0.0)]
    toll_weight: f64,
    /// Minutes a unit of length
    #[arg(long, default_value_t = 0.0)]
    distance_weight: f64,
    /// 0 takes all cores; the result is the same
    #[arg(long, default_value_t = 0)]
    threads: usize,
    #[arg(long, default_value_t = 10_000)]
    max_iterations: usize,
    /// Write the flows (…_flow.tntp)
    #[arg(long)]
    out: Option<PathBuf>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

fn parse_gap(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|gap: &f64| *gap > 0.0 && gap.is_finite())
        .ok_or_else(|| format!("expected a number above 0 such as 1e-4, found \"{text}\""))
}

pub fn run(args: &AssignArgs) -> anyhow::Result<()> {
    let read = |path: &PathBuf| {
        fs::read_to_string(path).with_context(|| format!("cannot read the file {}", path.display()))
    };
    let network = tntp::read_network(&read(&args.network)?)
        .with_context(|| format!("in the network {}", args.network.display()))?;
    let trips = tntp::read_trips(&read(&args.trips)?)
        .with_context(|| format!("in the trips {}", args.trips.display()))?;
    let options = AssignOptions {
        gap: args.gap,
        toll_weight: args.toll_weight,
        distance_weight: args.distance_weight,
        threads: args.threads,
        max_iterations: args.max_iterations,
    };
    let result = assign(&network, &trips, &options, &Progress::default())?;
    if let Some(path) = &args.out {
        let text = tntp::write_flow(&network, &result.flows, &result.costs);
        fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
        eprintln!("{}", path.display());
    }
    if args.json {
        let text = json!({
            "zones": network.zones,
            "nodes": network.nodes,
            "links": network.arcs(),
            "iterations": result.iterations,
            "relative_gap": result.relative_gap,
            "average_excess_cost": result.average_excess_cost,
            "objective": result.objective,
            "total_system_travel_time": result.total_system_travel_time,
            "seconds": result.seconds,
            "threads": result.threads,
        });
        super::say(&serde_json::to_string_pretty(&text)?)?;
    } else {
        super::say(&format!(
            "{} iterations, relative gap {:.3e}, objective {:.3}, total travel time {:.3}, {:.3} s",
            result.iterations,
            result.relative_gap,
            result.objective,
            result.total_system_travel_time,
            result.seconds
        ))?;
    }
    anyhow::ensure!(
        result.has_converged,
        "the gap {} was not reached in {} iterations (found {:.3e}); allow more with --max-iterations",
        args.gap,
        result.iterations,
        result.relative_gap
    );
    Ok(())
}
