//! Equilibria of published networks against their best-known solutions (MODELS.md section 2).
//!
//! The TNTP files are for academic research: they are read where they lie and never shipped.

use std::path::{Path, PathBuf};

use scenarios::{
    Cancel,
    models::{
        assignment::{AssignOptions, Assignment, AssignmentNetwork, TripTable, assign, tntp},
        equilibrium::assign_on_paths,
    },
};

/// The folder of shared test data, or `None` where it is absent.
fn shared_data() -> Option<PathBuf> {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .map(|folder| folder.join("shared/data"))
        .find(|folder| folder.is_dir())
}

fn network(folder: &str, stem: &str) -> Option<(AssignmentNetwork, TripTable)> {
    let Some(data) = shared_data() else {
        println!("skipped: shared/data is absent");
        return None;
    };
    let read = |part: &str| {
        std::fs::read_to_string(data.join(format!("traffic/{folder}/{stem}_{part}.tntp"))).unwrap()
    };
    Some((tntp::read_network(&read("net")).unwrap(), tntp::read_trips(&read("trips")).unwrap()))
}

fn solve(network: &AssignmentNetwork, trips: &TripTable, gap: f64, threads: usize) -> Assignment {
    let options = AssignOptions { gap, threads, ..AssignOptions::default() };
    assign(network, trips, &options, &Cancel::default()).unwrap()
}

/// Z − Z* never exceeds TSTT − SPTT, because the objective is convex.
fn assert_near(name: &str, assignment: &Assignment, best: f64, gap: f64, trips: f64) {
    println!(
        "{name}: gap {:.3e} in {} iterations, {:.4} s, objective {:.3} (best {best})",
        assignment.relative_gap, assignment.iterations, assignment.seconds, assignment.objective
    );
    assert!(assignment.has_converged && assignment.relative_gap <= gap);
    let excess = assignment.average_excess_cost * trips;
    let over = assignment.objective - best;
    assert!(over <= excess + 1e-9 * best, "{name}: Z − Z* = {over} but TSTT − SPTT = {excess}");
    assert!(over >= -1e-6 * best, "{name}: below the best-known value by {over}");
    assert!(over / best < 1e-4, "{name}: {over}");
}

#[test]
fn sioux_falls_and_anaheim_reach_their_best_known_objective() {
    for (folder, best, tight) in [("SiouxFalls", 4_231_335.287, 1e-6), ("Anaheim", 1_286_032.171, 1e-6)] {
        let Some((network, trips)) = network(folder, folder) else { return };
        for gap in [1e-2, 1e-4, tight] {
            let assignment = solve(&network, &trips, gap, 1);
            if gap <= 1e-4 {
                assert_near(folder, &assignment, best, gap, trips.total());
            } else {
                let excess = assignment.average_excess_cost * trips.total();
                assert!(assignment.objective - best <= excess);
            }
        }
    }
}

#[test]
fn anaheim_flows_agree_with_the_published_flows() {
    let Some((network, trips)) = network("Anaheim", "Anaheim") else { return };
    let text =
        std::fs::read_to_string(shared_data().unwrap().join("traffic/Anaheim/Anaheim_flow.tntp")).unwrap();
    let published = tntp::read_flow(&text).unwrap();
    let assignment = solve(&network, &trips, 1e-7, 1);
    let total: f64 = published.iter().map(|flow| flow.2).sum();
    let mut away = 0.0;
    for (arc, &flow) in assignment.flows.iter().enumerate() {
        let (from, to) = (network.from[arc], network.to[arc]);
        let found = published.iter().find(|entry| (entry.0, entry.1) == (from, to)).unwrap();
        away += (found.2 - flow).abs();
    }
    assert!(away / total < 1e-3, "sum of differences is {} of all flow", away / total);
}

#[test]
fn every_number_of_threads_gives_the_same_bits() {
    for folder in ["SiouxFalls", "Anaheim"] {
        let Some((network, trips)) = network(folder, folder) else { return };
        let one = solve(&network, &trips, 1e-4, 1);
        for threads in [2, 3] {
            let other = solve(&network, &trips, 1e-4, threads);
            assert!(one.flows.iter().zip(&other.flows).all(|(a, b)| a.to_bits() == b.to_bits()));
            assert_eq!(one.objective.to_bits(), other.objective.to_bits());
            assert_eq!(one.iterations, other.iterations);
        }
    }
}

/// Closing the shortcut of Braess' network shortens everyone's journey from 92 to 83.
#[test]
fn braess_a_closed_link_may_reduce_everyones_time() {
    let Some((network, trips)) = network("Braess-Example", "Braess") else { return };
    let with = solve(&network, &trips, 1e-9, 1);
    assert!((with.total_system_travel_time / 6.0 - 92.0).abs() < 1e-3, "{with:?}");
    let mut closed = network.clone();
    let shortcut = (0..5).find(|&arc| (closed.from[arc], closed.to[arc]) == (2, 3)).unwrap();
    closed.free_flow_time[shortcut] = 1e6;
    let without = solve(&closed, &trips, 1e-9, 1);
    assert!((without.total_system_travel_time / 6.0 - 83.0).abs() < 1e-3, "{without:?}");
}

#[test]
fn berlin_networks_with_free_connectors_converge() {
    for (folder, stem) in [
        ("Berlin-Friedrichshain", "friedrichshain-center"),
        ("Berlin-Mitte-Center", "berlin-mitte-center"),
        ("Berlin-Tiergarten", "berlin-tiergarten"),
    ] {
        let Some((network, trips)) = network(folder, stem) else { return };
        let assignment = solve(&network, &trips, 1e-4, 2);
        println!("{folder}: {} iterations, {:.4} s", assignment.iterations, assignment.seconds);
        assert!(assignment.has_converged, "{folder} stopped at {}", assignment.relative_gap);
    }
}

#[test]
fn the_path_solver_reaches_the_best_known_objective_and_agrees_with_the_reference() {
    for (folder, best) in [("SiouxFalls", 4_231_335.287), ("Anaheim", 1_286_032.171)] {
        let Some((network, trips)) = network(folder, folder) else { return };
        for gap in [1e-4, 1e-6] {
            let options = AssignOptions { gap, threads: 2, ..AssignOptions::default() };
            let paths = assign_on_paths(&network, &trips, &options, &Cancel::default()).unwrap();
            assert_near(folder, &paths, best, gap, trips.total());
            if gap <= 1e-6 {
                assert!((paths.objective / best - 1.0).abs() < 1e-6);
                let reference = solve(&network, &trips, gap, 1);
                let mean = paths.flows.iter().sum::<f64>() / paths.flows.len() as f64;
                let off: f64 = paths.flows.iter().zip(&reference.flows).map(|(a, b)| (a - b).powi(2)).sum();
                let all: f64 = paths.flows.iter().map(|flow| (flow - mean).powi(2)).sum();
                assert!(1.0 - off / all > 0.9999, "{folder}: R² {}", 1.0 - off / all);
            }
            let one = AssignOptions { threads: 1, ..options };
            let one = assign_on_paths(&network, &trips, &one, &Cancel::default()).unwrap();
            assert!(one.flows.iter().zip(&paths.flows).all(|(a, b)| a.to_bits() == b.to_bits()));
            assert_eq!(
                (one.iterations, one.objective.to_bits()),
                (paths.iterations, paths.objective.to_bits())
            );
        }
    }
}
