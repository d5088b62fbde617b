//! `assign`: user-equilibrium assignment on the public TNTP format; trips also as CSV or Open Matrix (OMX).

use std::{fs, path::PathBuf};

use anyhow::Context;
use clap::Args;
use layers::readers::Progress;
use scenarios::models::{
    assignment::{AssignOptions, TripTable, assign, tntp},
    demand::matrix::OdMatrix,
};
use serde_json::json;

#[derive(Debug, Args)]
pub struct AssignArgs {
    /// The network (…_net.tntp)
    #[arg(long)]
    network: PathBuf,
    /// The trips: …_trips.tntp, a .csv with origin, destination and trips (or a square table), or an .omx
    #[arg(long)]
    trips: PathBuf,
    /// Which matrix of an .omx with several
    #[arg(long)]
    matrix: Option<String>,
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
    let extension = args.trips.extension().map(|extension| extension.to_string_lossy().to_lowercase());
    let table = match extension.as_deref() {
        Some("omx") => {
            let matrix = layers::omx::read(&args.trips, args.matrix.as_deref(), None)?;
            // What has no value is no trip.
            let values = matrix.values.into_iter().map(|value| if value.is_nan() { 0.0 } else { value });
            Some(OdMatrix::from_values(matrix.zones, values.collect()))
        }
        Some("csv") => Some(OdMatrix::from_csv(&read(&args.trips)?)),
        _ => None,
    };
    let at = || format!("in the trips {}", args.trips.display());
    let trips = match table {
        // Zones of the format are numbers from 1.
        Some(table) => {
            let zones: Vec<String> = (1..=network.zones).map(|zone| zone.to_string()).collect();
            let trips = table.and_then(|table| table.in_order_of(&zones)).with_context(at)?;
            TripTable { zones: network.zones, trips }
        }
        None => tntp::read_trips(&read(&args.trips)?).with_context(at)?,
    };
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
