//! `reach`: travel times and areas reached on foot, by bicycle, by car or by public transport.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, bail, ensure};
use clap::Args;
use layers::{
    crs::{Epsg, Transform},
    model::{Feature, FeatureLayer, LayerData, StreetNetwork, Timetable},
    readers::Progress,
};
use scenarios::{
    Assumptions,
    edit::NetworkEdit,
    reach::{Minutes, OriginReach, ReachCity, ReachMode, ReachQuery},
};
use serde_json::{Value, json};

use super::ensure_usage;
use crate::jobs::load;

#[derive(Debug, Args)]
pub struct ReachArgs {
    /// Streets: OpenStreetMap (.osm.pbf), or any file with a street network
    #[arg(long)]
    streets: PathBuf,
    /// A timetable (GTFS zip); give it as often as needed
    #[arg(long)]
    gtfs: Vec<PathBuf>,
    /// Where people start: longitude,latitude, or a table with the columns id, lon and lat
    #[arg(long, allow_hyphen_values = true)]
    from: String,
    /// walk, slow-walk, cycle, e-bike, car or transit
    #[arg(long, value_parser = parse_mode)]
    mode: ReachMode,
    /// First departure, local time, such as 2026-06-16T08:00; for public transport
    #[arg(long, value_parser = parse_departure)]
    depart: Option<Departure>,
    /// Minutes in which people leave, one departure a minute; 1 is that departure alone. Without it 60, or 1 with --depart
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1440))]
    window: Option<u32>,
    /// Longest journey; with --out also the areas to draw, such as 15,30,45
    #[arg(long, value_delimiter = ',', value_parser = parse_minutes)]
    minutes: Vec<f64>,
    /// Places to reach: a table with the columns id, lon and lat
    #[arg(long)]
    targets: Option<PathBuf>,
    /// Write the areas reached and the targets (GeoJSON, WGS 84)
    #[arg(long)]
    out: Option<PathBuf>,
    /// Print JSON (also printed when nothing else is asked for)
    #[arg(long)]
    json: bool,
}

/// A civil moment: date as `yyyymmdd`, seconds after midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Departure {
    date: u32,
    secs: i32,
}

fn parse_mode(text: &str) -> Result<ReachMode, String> {
    ReachMode::from_name(text).ok_or_else(|| {
        let known: Vec<&str> = ReachMode::ALL.iter().map(|mode| mode.name()).collect();
        format!("expected one of {}, found \"{text}\"", known.join(", "))
    })
}

/// Stops are served in local time, so a moment with a zone would only invite mistakes.
fn parse_departure(text: &str) -> Result<Departure, String> {
    let moment: jiff::civil::DateTime = text
        .parse()
        .map_err(|_| format!("expected a local time such as 2026-06-16T08:00, found \"{text}\""))?;
    let (date, time) = (moment.date(), moment.time());
    Ok(Departure {
        date: u32::from(date.year().unsigned_abs()) * 10_000 + date.month() as u32 * 100 + date.day() as u32,
        secs: i32::from(time.hour()) * 3600 + i32::from(time.minute()) * 60 + i32::from(time.second()),
    })
}

fn parse_minutes(text: &str) -> Result<f64, String> {
    text.trim()
        .parse()
        .ok()
        .filter(|minutes: &f64| *minutes > 0.0 && *minutes <= 1440.0)
        .ok_or_else(|| format!("expected minutes from 1 to 1440 such as 30, found \"{text}\""))
}

/// Places with the names they have in their table.
struct Places {
    ids: Vec<String>,
    points: Vec<[f64; 2]>,
}

pub fn run(args: &ReachArgs) -> anyhow::Result<()> {
    if args.mode == ReachMode::Transit {
        ensure_usage!(!args.gtfs.is_empty(), "public transport needs a timetable; give it with --gtfs");
    } else if args.depart.is_some() || args.window.is_some() || !args.gtfs.is_empty() {
        eprintln!("--gtfs, --depart and --window only matter for public transport (--mode transit)");
    }
    let progress = Progress::default();
    let timetables = if args.mode == ReachMode::Transit { args.gtfs.as_slice() } else { &[] };
    let uris: Vec<String> =
        std::iter::once(&args.streets).chain(timetables).map(|path| path.display().to_string()).collect();
    let project = load::load_with(&uris, load::LoadChoices::default(), &progress, None)?;
    ensure!(project.unread_sources == 0, "{}", project.missing.join("\n"));
    let streets: Arc<StreetNetwork> = project
        .layers
        .iter()
        .find_map(|state| match &state.layer.data {
            LayerData::Streets(network) => Some(network.clone()),
            _ => None,
        })
        .with_context(|| format!("expected streets in {}, found none", args.streets.display()))?;
    let timetables: Vec<Arc<Timetable>> = project
        .layers
        .iter()
        .filter_map(|state| match &state.layer.data {
            LayerData::Transit(timetable) => Some(timetable.clone()),
            _ => None,
        })
        .collect();
    let origins = origins(&args.from, project.crs)?;
    let targets = match &args.targets {
        Some(path) => places_of(path, project.crs)?,
        None => Places { ids: Vec::new(), points: Vec::new() },
    };
    let contour_minutes = match (&args.out, args.minutes.as_slice()) {
        (None, _) => Vec::new(),
        (Some(_), []) => vec![15.0, 30.0, 45.0],
        (Some(_), minutes) => {
            let mut sorted = minutes.to_vec();
            sorted.sort_by(f64::total_cmp);
            sorted
        }
    };
    let defaults = ReachQuery::default();
    let query = ReachQuery {
        origins: origins.points.clone(),
        targets: targets.points.clone(),
        departure_secs: args.depart.map_or(defaults.departure_secs, |depart| depart.secs),
        window_minutes: args.window.unwrap_or(if args.depart.is_some() {
            1
        } else {
            defaults.window_minutes
        }),
        max_minutes: args.minutes.iter().copied().reduce(f64::max).unwrap_or(defaults.max_minutes),
        contour_minutes,
    };
    let edit = NetworkEdit::none(streets.links.len());
    let date = args.depart.map(|depart| depart.date);
    let assumptions = Assumptions::default();
    let city = ReachCity::new(&streets, &edit, &timetables, date, args.mode, &assumptions)?;
    for remark in city.remarks(&query) {
        eprintln!("{remark}");
    }
    let reach = city.reach(&query, &progress)?;
    for (id, origin) in origins.ids.iter().zip(&reach.origins) {
        if origin.street_m.is_none() {
            eprintln!("{id} lies near no street for this mode; nothing is reached from there");
        }
    }
    if reach.unattached_targets > 0 {
        eprintln!("{} targets lie near no street for this mode", reach.unattached_targets);
    }
    if let Some(path) = &args.out {
        let layer = answer_layer(args.mode, &origins, &targets, &reach.origins);
        layers::writers::geojson::write(path, &layer, project.crs)?;
        eprintln!("{}", path.display());
    }
    if args.json || args.out.is_none() {
        let mut answers: Vec<Value> = origins
            .ids
            .iter()
            .zip(&reach.origins)
            .map(|(id, origin)| {
                json!({"from": id, "mode": args.mode.name(), "targets": rows(&targets, origin)})
            })
            .collect();
        // One origin is the usual question; its answer is no list of one.
        let is_table = parse_position(&args.from).is_none();
        let answer = if is_table { Value::Array(answers) } else { answers.remove(0) };
        super::say(&serde_json::to_string_pretty(&answer)?)?;
    }
    Ok(())
}

fn rows(targets: &Places, origin: &OriginReach) -> Vec<Value> {
    targets
        .ids
        .iter()
        .zip(&origin.targets)
        .map(|(id, Minutes { p10, p50, p90 })| {
            if p10 == p50 && p50 == p90 {
                json!({"id": id, "minutes": p50})
            } else {
                json!({"id": id, "minutes": p50, "p10": p10, "p90": p90})
            }
        })
        .collect()
}

/// "lon,lat" in degrees.
fn parse_position(text: &str) -> Option<[f64; 2]> {
    let (lon, lat) = text.split_once(',')?;
    Some([lon.trim().parse().ok()?, lat.trim().parse().ok()?])
}

fn origins(from: &str, crs: Epsg) -> anyhow::Result<Places> {
    let Some([lon, lat]) = parse_position(from) else {
        return places_of(Path::new(from), crs);
    };
    ensure_usage!(
        (-180.0..=180.0).contains(&lon) && (-90.0..=90.0).contains(&lat),
        "expected --from as longitude,latitude in degrees such as 4.895,52.370, found \"{from}\""
    );
    let mut points = vec![[lon, lat]];
    Transform::new(Epsg::WGS84, crs)?.apply_2d(&mut points);
    Ok(Places { ids: vec![from.to_owned()], points })
}

/// The points of a file that has them, with the names of its column `id` where it has one.
fn places_of(path: &Path, crs: Epsg) -> anyhow::Result<Places> {
    let choices = load::LoadChoices { crs: Some(crs), assumed_crs: None };
    let project = load::load_with(&[path.display().to_string()], choices, &Progress::default(), None)
        .with_context(|| format!("expected places with the columns id, lon and lat in {}", path.display()))?;
    let layer: Option<&Arc<FeatureLayer>> = project.layers.iter().find_map(|state| match &state.layer.data {
        LayerData::Features(layer) => Some(layer),
        _ => None,
    });
    let Some(layer) = layer else {
        bail!("expected places with the columns id, lon and lat, found none. File: {}", path.display());
    };
    let mut places = Places { ids: Vec::new(), points: Vec::new() };
    for (row, feature) in layer.features.iter().enumerate() {
        let center = feature.geometry.as_ref().and_then(geo::Centroid::centroid);
        let Some(point) = center else { continue };
        let id = layer.attributes.get(row, "id");
        places.ids.push(if id.is_null() { feature.id.clone() } else { id.to_text() });
        places.points.push([point.x(), point.y()]);
    }
    ensure!(
        !places.ids.is_empty(),
        "expected places, found rows without positions. File: {}",
        path.display()
    );
    Ok(places)
}

/// Areas (the widest first, so that a map draws the nearer ones over it) and targets of every origin.
fn answer_layer(
    mode: ReachMode,
    origins: &Places,
    targets: &Places,
    answers: &[OriginReach],
) -> FeatureLayer {
    let mut layer = FeatureLayer { name: "reach".to_owned(), ..FeatureLayer::default() };
    let mut add = |id: String, geometry: geo::Geometry<f64>, from: &str, minutes: Option<f64>| {
        let row = layer.features.len();
        layer.features.push(Feature { id, geometry: Some(geometry) });
        layer.attributes.set(row, "from", from);
        layer.attributes.set(row, "mode", mode.name());
        if let Some(minutes) = minutes {
            layer.attributes.set(row, "minutes", minutes);
        }
        row
    };
    let mut named = Vec::new();
    for (from, answer) in origins.ids.iter().zip(answers) {
        for reached in answer.areas.iter().rev() {
            let id = format!("{from}/{}", reached.minutes);
            add(id, geo::Geometry::MultiPolygon(reached.area.clone()), from, Some(reached.minutes));
        }
        let places = targets.ids.iter().zip(&targets.points).zip(&answer.targets);
        for ((id, &[x, y]), minutes) in places {
            let row =
                add(format!("{from}/{id}"), geo::Geometry::Point(geo::Point::new(x, y)), from, minutes.p50);
            named.push((row, id));
        }
    }
    for (row, id) in named {
        layer.attributes.set(row, "id", id.as_str());
    }
    layer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn departures_are_local_moments() {
        let departure = parse_departure("2019-05-13T14:30").unwrap();
        assert_eq!(departure, Departure { date: 20_190_513, secs: 52_200 });
        for wrong in ["14:30", "2019-13-01T08:00", "tomorrow"] {
            assert!(parse_departure(wrong).unwrap_err().contains("2026-06-16T08:00"), "{wrong}");
        }
    }

    #[test]
    fn positions_are_longitude_and_latitude() {
        assert_eq!(parse_position("-51.22, -30.03"), Some([-51.22, -30.03]));
        assert_eq!(parse_position("places.csv"), None);
    }
}
