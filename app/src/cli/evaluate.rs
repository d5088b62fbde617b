//! `evaluate`: indicators of the baseline and of scenarios, as JSON, CSV and GeoJSON.

use std::{fs, path::PathBuf};

use anyhow::Context;
use clap::Args;
use layers::{
    crs::{Epsg, Transform},
    model::LayerData,
};
use scenarios::{
    Assumptions, Baseline, Evaluation, Quality, Scenario,
    indicators::IndicatorValue,
    measures::{Measure, PedestrianStreet},
    street,
};
use serde_json::{Map, Value, json};

use super::{Usage, load_for_verb};
use crate::project::{Project, ScenarioState};

#[derive(Debug, Args)]
pub struct EvaluateArgs {
    /// A project, or data files (nothing: the demo city)
    paths: Vec<PathBuf>,
    /// Id of a scenario; give it as often as needed, all when it is left out
    #[arg(long)]
    scenario: Vec<String>,
    /// Evaluate a street as pedestrian street instead of the project's scenarios: a name or a link id
    #[arg(long)]
    pedestrian: Vec<String>,
    /// Print JSON (also printed when nothing else is asked for)
    #[arg(long)]
    json: bool,
    /// Write one line an indicator and scenario
    #[arg(long)]
    csv: Option<PathBuf>,
    /// Write the links with their traffic (WGS 84)
    #[arg(long)]
    geojson: Option<PathBuf>,
    /// preview (gap 1e-2), answer (1e-3) or refined (1e-4)
    #[arg(long, default_value = "refined", value_parser = ["preview", "answer", "refined"])]
    quality: String,
}

pub fn run(args: &EvaluateArgs) -> anyhow::Result<()> {
    let project = load_for_verb(&args.paths)?;
    let chosen = choose(&project, args)?;
    let layers: Vec<_> = project.layers.iter().map(|state| state.layer.clone()).collect();
    let baseline = Baseline::from_layers(&layers, &Assumptions::default())?;
    let quality = match args.quality.as_str() {
        "preview" => Quality::Preview,
        "answer" => Quality::Answer,
        _ => Quality::Refined,
    };
    let mut outcomes = Vec::new();
    for scenario in &chosen {
        let outcome =
            scenarios::evaluate(&baseline, scenario, &layers::readers::Progress::default(), quality)?;
        for line in &outcome.unresolved {
            eprintln!("scenario \"{}\": {line}", scenario.name);
        }
        outcomes.push((scenario, outcome));
    }
    if let Some(path) = &args.csv {
        fs::write(path, csv(&outcomes)).with_context(|| format!("cannot write {}", path.display()))?;
        eprintln!("{}", path.display());
    }
    if let Some(path) = &args.geojson {
        let text = geojson(&project, &baseline, &outcomes)?;
        fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
        eprintln!("{}", path.display());
    }
    if args.json || (args.csv.is_none() && args.geojson.is_none()) {
        super::say(&serde_json::to_string_pretty(&report(&project, &baseline, &outcomes))?)?;
    }
    Ok(())
}

fn choose(project: &Project, args: &EvaluateArgs) -> anyhow::Result<Vec<Scenario>> {
    if !args.pedestrian.is_empty() {
        let Some(LayerData::Streets(network)) = project.street_layer().map(|state| &state.layer.data) else {
            anyhow::bail!("expected a layer of streets to make a pedestrian street of, found none");
        };
        let mut scenario = Scenario::new("pedestrian", args.pedestrian.join(" + "));
        for name in &args.pedestrian {
            anyhow::ensure!(
                !name.trim().is_empty(),
                "expected the name or id of a street, found an empty text"
            );
            let by_id = network.link_by_id(name).map(|link| vec![link]);
            let links = by_id
                .or_else(|| {
                    let first = network.links.iter().position(|link| link.name.eq_ignore_ascii_case(name))?;
                    Some(street::whole_street(network, first))
                })
                .ok_or_else(|| anyhow::anyhow!("expected the name or id of a street, found \"{name}\""))?;
            scenario.measures.push(Measure::PedestrianStreet(PedestrianStreet::on_links(network, &links)));
        }
        return Ok(vec![scenario]);
    }
    let all: Vec<&Scenario> = project.scenarios.iter().map(ScenarioState::scenario).collect();
    if args.scenario.is_empty() {
        return Ok(all.into_iter().cloned().collect());
    }
    args.scenario
        .iter()
        .map(|wanted| {
            all.iter().find(|scenario| scenario.id == *wanted).map(|scenario| (*scenario).clone()).ok_or_else(
                || {
                    let known: Vec<&str> = all.iter().map(|scenario| scenario.id.as_str()).collect();
                    Usage(format!(
                        "expected --scenario to be one of {}, found \"{wanted}\"",
                        known.join(", ")
                    ))
                    .into()
                },
            )
        })
        .collect()
}

fn value_json(value: &IndicatorValue) -> Value {
    json!({"central": value.central, "low": value.low, "high": value.high, "unit": value.unit,
           "noise_floor": value.noise_floor})
}

/// Links listed for each of "emptied" and "filled".
const STREETS: usize = 20;

/// The JSON contract of `evaluate`, with more keys for whoever wants them.
fn report(project: &Project, baseline: &Baseline, outcomes: &[(&Scenario, Evaluation)]) -> Value {
    let base: Map<String, Value> = outcomes
        .first()
        .map(|(_, outcome)| {
            outcome.baseline.iter().map(|(id, value)| ((*id).to_owned(), value_json(value))).collect()
        })
        .unwrap_or_default();
    let scenarios: Vec<Value> = outcomes
        .iter()
        .map(|(scenario, outcome)| {
            let indicators: Map<String, Value> = outcome
                .scenario
                .iter()
                .map(|indicator| {
                    let value = indicator.value.as_ref();
                    let delta =
                        indicator.delta.map(|d| json!({"low": d.low, "central": d.central, "high": d.high}));
                    let line = json!({
                        "central": value.map(|v| v.central),
                        "low": value.map(|v| v.low),
                        "high": value.map(|v| v.high),
                        "delta": delta,
                        "status": indicator.status.name(),
                        "unit": indicator.unit,
                        "explanation": indicator.explanation.iter().map(|s| &s.text).collect::<Vec<_>>(),
                        "details": indicator.details,
                    });
                    (indicator.id.to_owned(), line)
                })
                .collect();
            let network = baseline.network();
            // The streets that empty and the streets that fill, always both.
            let change = |link: usize| outcome.links[link].central - outcome.links[link].baseline;
            let mut changed: Vec<usize> = (0..outcome.links.len()).collect();
            changed.sort_by(|&a, &b| change(a).total_cmp(&change(b)).then(a.cmp(&b)));
            let emptied = changed.iter().copied().take(STREETS).filter(|&link| change(link) < 0.0);
            let filled = changed.iter().rev().copied().take(STREETS).filter(|&link| change(link) > 0.0);
            let streets: Vec<Value> = emptied
                .chain(filled)
                .map(|link| {
                    let o = &outcome.links[link];
                    json!({"id": network.links[link].id, "name": network.links[link].name,
                           "baseline": o.baseline, "low": o.low, "central": o.central, "high": o.high,
                           "noise_floor": o.noise_floor, "status": o.delta().status.name(),
                           "is_treated": outcome.treated_links.contains(&link), "unit": "veh/day"})
                })
                .collect();
            json!({"id": scenario.id, "name": scenario.name, "indicators": indicators, "streets": streets,
                   "traffic": outcome.traffic, "unresolved": outcome.unresolved,
                   "notes": outcome.notes.iter().map(|note| &note.text).collect::<Vec<_>>(),
                   "quality": outcome.quality, "seconds": outcome.seconds})
        })
        .collect();
    json!({"baseline": base, "scenarios": scenarios, "fingerprint": baseline.fingerprint(),
           "missing": project.missing})
}

fn csv(outcomes: &[(&Scenario, Evaluation)]) -> String {
    let mut text = String::from(
        "scenario,indicator,unit,baseline,low,central,high,delta_low,delta_central,delta_high,status\n",
    );
    let number = |value: Option<f64>| value.map_or_else(String::new, |v| v.to_string());
    for (scenario, outcome) in outcomes {
        for indicator in &outcome.scenario {
            let value = indicator.value.as_ref();
            let delta = indicator.delta;
            let fields = [
                quote(&scenario.id),
                indicator.id.to_owned(),
                quote(indicator.unit),
                number(outcome.baseline_value(indicator.id).map(|v| v.central)),
                number(value.map(|v| v.low)),
                number(value.map(|v| v.central)),
                number(value.map(|v| v.high)),
                number(delta.map(|d| d.low)),
                number(delta.map(|d| d.central)),
                number(delta.map(|d| d.high)),
                indicator.status.name().to_owned(),
            ];
            text.push_str(&fields.join(","));
            text.push('\n');
        }
    }
    text
}

/// A field for spreadsheets: quoted where needed, and never taken for a formula.
fn quote(text: &str) -> String {
    let safe = layers::writers::csv_table::safe(text);
    if safe.contains([',', '"', '\n']) { format!("\"{}\"", safe.replace('"', "\"\"")) } else { safe }
}

fn geojson(
    project: &Project,
    baseline: &Baseline,
    outcomes: &[(&Scenario, Evaluation)],
) -> anyhow::Result<String> {
    let to_wgs84 = Transform::new(project.crs, Epsg::WGS84)?;
    let network = baseline.network();
    let mut features = Vec::new();
    for (scenario, outcome) in outcomes {
        for (link, o) in outcome.links.iter().enumerate() {
            if o.baseline.max(o.central) < 1.0 {
                continue;
            }
            let mut points = network.links[link].geometry.clone();
            to_wgs84.apply_2d(&mut points);
            let delta = o.delta();
            features.push(json!({
                "type": "Feature",
                "id": format!("{}/{}", scenario.id, network.links[link].id),
                "geometry": {"type": "LineString", "coordinates": points},
                "properties": {
                    "scenario": scenario.id, "link": network.links[link].id, "name": network.links[link].name,
                    "baseline": o.baseline, "low": o.low, "central": o.central, "high": o.high,
                    "delta": delta.central, "status": delta.status.name(), "unit": "veh/day",
                    "is_treated": outcome.treated_links.contains(&link),
                },
            }));
        }
    }
    Ok(serde_json::to_string(&json!({"type": "FeatureCollection", "features": features}))? + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_fields_are_quoted_and_never_formulas() {
        assert_eq!(quote("a,b"), "\"a,b\"");
        assert_eq!(quote("=1+1"), "'=1+1");
        assert_eq!(quote("veh/day"), "veh/day");
    }
}
