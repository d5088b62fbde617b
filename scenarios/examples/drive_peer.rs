//! Our answers to the questions of `tests/peers/drive.py`: seconds between places at one speed everywhere.
//!
//! `drive_peer STREETS POINTS MODE KMH STEP`: every `STEP`th point of a table of points that has a population; MODE is `car`
//! or `cycle`. Prints one line a place of seconds to all places; nothing where there is no way.

use std::{error::Error, time::Instant};

use layers::{
    model::{LayerData, StreetNetwork},
    readers::{self, ReadContext, Source},
};
use scenarios::{
    Assumptions,
    models::{
        access::cumulative::TimeMatrix,
        routing::{ModeGraph, Snap, Speeds, TravelMode, speeds::ArcSeconds},
    },
};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [streets, points, mode, kmh, step] = arguments.as_slice() else {
        return Err("expected: drive_peer STREETS POINTS MODE KMH STEP".into());
    };
    let mode = match mode.as_str() {
        "car" => TravelMode::Car,
        "cycle" => TravelMode::Cycle,
        other => return Err(format!("expected car or cycle, found {other}").into()),
    };
    let mps = kmh.parse::<f64>()? / 3.6;
    let (mut network, mut places) = (StreetNetwork::default().into(), Vec::new());
    let mut target = None;
    for file in [streets, points] {
        let mut context = ReadContext { target, ..ReadContext::default() };
        let outcome = readers::read(&Source::from_path(file), &mut context)?;
        target = Some(outcome.crs);
        for layer in outcome.layers {
            match layer.data {
                LayerData::Streets(found) => network = found,
                LayerData::Features(features) if file == points => {
                    places.extend(features.features.iter().filter_map(|feature| match feature.geometry {
                        Some(geo::Geometry::Point(point)) => Some([point.x(), point.y()]),
                        _ => None,
                    }));
                }
                _ => {}
            }
        }
    }
    let mut speeds = Speeds::new(mode, &Assumptions::default());
    // The peer starts on the street too.
    (speeds.access_detour, speeds.signal_secs) = (0.0, 0.0);
    let need = mode.needs();
    let started = Instant::now();
    let graph = ModeGraph::with_seconds(&network, &[], &speeds, |link| {
        let link = &network.links[link];
        let arc = ArcSeconds { travel: link.length_m / mps, wait: 0.0 };
        [link.forward, link.backward].map(|modes| modes.contains(need).then_some(arc))
    });
    let prepared = started.elapsed();
    let snaps: Vec<Option<Snap>> =
        places.iter().step_by(step.parse()?).map(|&place| graph.snap(place, 600.0)).collect();
    let started = Instant::now();
    let times = TimeMatrix::over_streets(&graph, &snaps, &snaps, 4 * 3600);
    eprintln!("{{\"prepare\": {}, \"matrix\": {}}}", prepared.as_secs_f64(), started.elapsed().as_secs_f64());
    for origin in 0..times.rows() {
        let row = times.row(origin).iter();
        let cells: Vec<String> =
            row.map(|&secs| if secs == u32::MAX { String::new() } else { secs.to_string() }).collect();
        println!("{}", cells.join(","));
    }
    Ok(())
}
