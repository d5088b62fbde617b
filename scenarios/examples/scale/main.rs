//! Time and memory of the engine on generated cities: `scale [--nodes] [--plot FILE.svg] [LINKS …]`, by default 5,000 to
//! 100,000 links. Prints one line a city, as CSV after the heading: seconds on the clock, and seconds of processor time (both
//! cores together) in the columns with `cpu`, which another program on the machine changes less. `--nodes` tells which models
//! took longest, `--plot` draws the table; `scale --plot FILE.svg --from TABLE.csv` draws one that was printed before.
//!
//! The edit closes 500 m of the main street in the middle to cars (see `city.rs`).

mod city;
mod plot;

use std::{sync::Arc, time::Instant};

use scenarios::{
    Assumptions, Baseline, Cancel, Quality, Scenario,
    apply::resolve,
    evaluate,
    measures::{Measure, PedestrianStreet},
    models::traffic::ScenarioTraffic,
};

use city::{central_street, city};

const HEADING: &str = "links,arcs,zones,pairs,baseline_s,baseline_cpu_s,resolve_ms,preview_s,preview_cpu_s,answer_s,answer_cpu_s,undo_s,undo_cpu_s,preview_traffic_cpu_s,answer_traffic_cpu_s,gap,trips_h,lost_h,peak_mb";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| {
        let place = arguments.iter().position(|argument| argument == name)?;
        arguments.get(place + 1).cloned()
    };
    let table = value("--from")
        .map_or_else(|| measure_all(&arguments), |file| std::fs::read_to_string(file).expect("the table"));
    if let Some(file) = value("--plot") {
        std::fs::write(file, plot::draw(&table)).expect("the plot");
    }
}

/// The table of all cities that are asked for, printed line by line.
fn measure_all(arguments: &[String]) -> String {
    let wanted: Vec<usize> = arguments.iter().filter_map(|n| n.parse().ok()).collect();
    let wanted = if wanted.is_empty() { vec![5_000, 10_000, 20_000, 50_000, 100_000] } else { wanted };
    println!("{HEADING}");
    let mut table = format!("{HEADING}\n");
    for links in wanted {
        // A process of its own, so that the memory is that of one city.
        if arguments.iter().any(|argument| argument == "--alone") {
            table += &measure(links);
        } else {
            table += &alone(links, arguments);
        }
    }
    table
}

/// Measures one city in a process of its own.
fn alone(links: usize, arguments: &[String]) -> String {
    let program = std::env::current_exe().expect("this program");
    let mut command = std::process::Command::new(program);
    command.args(["--alone", &links.to_string()]);
    if arguments.iter().any(|argument| argument == "--nodes") {
        command.arg("--nodes");
    }
    let output = command.stderr(std::process::Stdio::inherit()).output().expect("this program");
    let text = String::from_utf8_lossy(&output.stdout);
    let line = format!("{}\n", text.lines().nth(1).unwrap_or_default());
    print!("{line}");
    line
}

fn measure(links: usize) -> String {
    let layers = city(links);
    let cancel = Cancel::default();
    let baseline = Baseline::from_layers(&layers, &Assumptions::default()).unwrap();
    let ((baseline_s, baseline_cpu), traffic) = timed(|| baseline.traffic(&cancel).unwrap());
    let none = Scenario::new("none", "");
    // What is computed once for a city is not part of an edit.
    let first = evaluate(&baseline, &none, &cancel, Quality::Answer).unwrap();
    let network = baseline.network();
    let mut scenario = Scenario::new("plan", "");
    let middle = central_street(network);
    scenario.measures.push(Measure::PedestrianStreet(PedestrianStreet::on_links(network, &middle)));
    let ((resolve_s, _), resolved) = timed(|| resolve(&baseline, &scenario));
    assert!(resolved.problems.is_empty());
    let solve = |quality| {
        timed(|| {
            ScenarioTraffic::solve(&baseline, &traffic, &resolved.edit, Arc::default(), quality, &cancel)
                .unwrap()
        })
        .0
        .1
    };
    let (preview_traffic, answer_traffic) = (solve(Quality::Preview), solve(Quality::Answer));
    let run =
        |scenario: &Scenario, quality| timed(|| evaluate(&baseline, scenario, &cancel, quality).unwrap());
    let ((preview_s, preview_cpu), _) = run(&scenario, Quality::Preview);
    // As in the program the answer comes after the preview; its seconds count from the edit.
    let ((more_s, more_cpu), answer) = run(&scenario, Quality::Answer);
    let (answer_s, answer_cpu) = (preview_s + more_s, preview_cpu + more_cpu);
    let ((undo_s, undo_cpu), undone) = run(&none, Quality::Answer);
    assert_eq!(undone.links, first.links);
    let lost = first.baseline_value("hours-lost").map_or(f64::NAN, |value| value.central);
    let summary = answer.traffic.unwrap();
    let peak = peak_mb();
    let nodes = |name: &str, quality| {
        if std::env::args().any(|argument| argument == "--nodes") {
            baseline.engine().forget();
            evaluate(&baseline, &none, &cancel, quality).unwrap();
            let (_, mut report) =
                baseline.engine().evaluate(&baseline, &scenario, quality, &cancel, &mut |_| {}).unwrap();
            report.computed.sort_by(|a, b| b.1.total_cmp(&a.1));
            for (node, seconds) in report.computed.iter().take(8) {
                eprintln!("{name}: {node} {seconds:.3} s");
            }
        }
    };
    nodes("preview", Quality::Preview);
    nodes("answer", Quality::Answer);
    let line = format!(
        "{},{},{},{},{baseline_s:.2},{baseline_cpu:.2},{:.1},{preview_s:.3},{preview_cpu:.2},{answer_s:.3},{answer_cpu:.2},{undo_s:.3},{undo_cpu:.2},{preview_traffic:.2},{answer_traffic:.2},{:.1e},{:.0},{lost:.0},{:.0}",
        network.links.len(),
        traffic.road.arcs(),
        summary.zones,
        summary.pairs,
        resolve_s * 1e3,
        summary.relative_gap,
        summary.trips_per_hour[0],
        peak,
    );
    println!("{line}");
    line
}

/// What `work` gives, after seconds on the clock and seconds of processor time.
fn timed<T>(work: impl FnOnce() -> T) -> ((f64, f64), T) {
    let (started, cpu) = (Instant::now(), cpu_secs());
    let outcome = work();
    ((started.elapsed().as_secs_f64(), cpu_secs() - cpu), outcome)
}

/// Processor time of this process so far, seconds in steps of 10 ms; 0 where the system does not say.
fn cpu_secs() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let numbers = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    numbers.skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// Most memory that the process had so far, MB; 0 where the system does not say.
fn peak_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok()).map_or(0.0, |kb| kb / 1024.0)
}
