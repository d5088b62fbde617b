//! `evaluate`: indicators of the baseline and of scenarios, as JSON, CSV and GeoJSON.

use std::{collections::BTreeSet, fs, path::PathBuf};

use anyhow::Context;
use clap::Args;
use layers::{
    crs::{Epsg, Transform},
    model::{LayerData, StreetNetwork},
};
use scenarios::{
    Baseline, Evaluation, Quality, Scenario,
    assumptions::AssumptionsFile,
    indicators::{
        INDICATORS, IndicatorValue, MethodCard,
        custom::{BrokenIndicator, CustomOutcome, evaluate_custom},
    },
    measures::{Measure, PedestrianStreet},
    street,
};
use serde_json::{Map, Value, json};

use super::{Usage, ensure_usage, load_for_verb};
use crate::{
    commands::Language,
    jobs::models,
    project::{Project, ScenarioState},
    project_file::{DemandEntry, EXTENSION},
    ui::text::Texts,
};

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
    /// Assumptions of the models; without it NAME.assumptions.json beside the project, where there is one
    #[arg(long)]
    assumptions: Option<PathBuf>,
    /// Write the assumptions, each with its meaning, unit, band and source, to read and to change; and end
    #[arg(long)]
    write_assumptions: Option<PathBuf>,
    /// Indicators of your own, as formulas; without it NAME.indicators.json beside the project, where there is one
    #[arg(long)]
    indicators: Option<PathBuf>,
    /// Cars in the peak hour from zone to zone, instead of trips made from people and jobs: a .csv with origin,
    /// destination and trips (or a square table), or an .omx; without it what the project names as its demand
    #[arg(long)]
    trips: Option<PathBuf>,
    /// Which matrix of an .omx with several
    #[arg(long)]
    matrix: Option<String>,
    /// Which list of zones of an .omx with several
    #[arg(long)]
    mapping: Option<String>,
    /// Where the zones of the trips are: the id of a layer of points or areas, or a file of them
    #[arg(long)]
    zones: Option<String>,
    /// Column with the ids that the zones have in the trips; without it those of the features
    #[arg(long)]
    zone_field: Option<String>,
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
    let project = args.paths.first().filter(|path| path.extension().is_some_and(|e| e == EXTENSION));
    let (assumptions, problems) = match &args.assumptions {
        Some(path) => models::read_assumptions(path),
        None => models::assumptions_of(project.map(PathBuf::as_path)),
    };
    for problem in &problems {
        eprintln!("{problem}");
    }
    let mut mistakes = problems.len();
    if let Some(path) = &args.write_assumptions {
        ensure_usage!(!path.exists(), "{} is already there; choose another name", path.display());
        fs::write(path, AssumptionsFile::new(assumptions).write())
            .with_context(|| format!("cannot write {}", path.display()))?;
        eprintln!("{}", path.display());
        return Ok(());
    }
    let own = args
        .indicators
        .clone()
        .or_else(|| project.map(|path| models::indicators_path(path)).filter(|path| path.is_file()));
    let mut project = load_for_verb(&args.paths)?;
    project.demand = demand(args, project.demand.take())?;
    let chosen = choose(&project, args)?;
    let (baseline, faults) = models::BaselineInputs::of(&project).read_with(&assumptions)?;
    for fault in &faults {
        eprintln!("{}", super::plain(fault));
    }
    mistakes += faults.len();
    // A mistake in a city's own formulas leaves the others standing.
    let own = match own.map(|path| models::read_indicators(&path, &baseline)) {
        None => None,
        Some((indicators, errors, broken)) => {
            for error in &errors {
                eprintln!("{error}");
            }
            mistakes += errors.len();
            Some((indicators, broken))
        }
    };
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
        let own = own.as_ref().map(|(own, broken)| {
            let mut all = evaluate_custom(own, &baseline, &outcome);
            all.extend(broken.iter().map(BrokenIndicator::outcome));
            all
        });
        let own = own.unwrap_or_default();
        outcomes.push(Outcome { scenario, evaluation: outcome, own });
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
    // The rest was computed and written; whoever runs this in a script must still notice.
    anyhow::ensure!(
        mistakes == 0,
        "{mistakes} mistakes in the assumptions, trips or own indicators, see above"
    );
    Ok(())
}

/// The known trips: those of the project, with what the command line says otherwise.
fn demand(args: &EvaluateArgs, own: Option<DemandEntry>) -> anyhow::Result<Option<DemandEntry>> {
    let more = [&args.matrix, &args.mapping, &args.zones, &args.zone_field];
    let here = |text: String| match std::path::absolute(&text) {
        Ok(path) => path.display().to_string(),
        Err(_) => text,
    };
    let mut entry = match (&args.trips, own) {
        // Another file has other matrices in it.
        (Some(path), own) => DemandEntry {
            matrix: here(path.display().to_string()),
            table: None,
            mapping: None,
            ..own.unwrap_or_default()
        },
        (None, Some(own)) => own,
        (None, None) => {
            ensure_usage!(
                more.iter().all(|option| option.is_none()),
                "--matrix, --mapping, --zones and --zone-field say more of --trips, which is missing"
            );
            return Ok(None);
        }
    };
    entry.table = args.matrix.clone().or(entry.table);
    entry.mapping = args.mapping.clone().or(entry.mapping);
    entry.id_field = args.zone_field.clone().or(entry.id_field);
    if let Some(zones) = &args.zones {
        // A name of a layer stays one.
        let is_file = std::path::Path::new(zones).is_file();
        entry.zones = Some(if is_file { here(zones.clone()) } else { zones.clone() });
    }
    Ok(Some(entry))
}

/// What one scenario gave.
struct Outcome<'a> {
    scenario: &'a Scenario,
    evaluation: Evaluation,
    /// The city's own indicators.
    own: Vec<CustomOutcome>,
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
                .ok_or_else(|| unknown_street(network, name))?;
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

/// Says which names come near: people write "Boschdijk" as "Bosdijk".
fn unknown_street(network: &StreetNetwork, name: &str) -> Usage {
    let near = near_names(network.links.iter().map(|link| link.name.as_str()), name);
    let advice = if near.is_empty() {
        "no name comes near it".to_owned()
    } else {
        format!(
            "did you mean {}?",
            near.iter().map(|near| format!("\"{near}\"")).collect::<Vec<_>>().join(" or ")
        )
    };
    Usage(format!("expected --pedestrian to be the name or id of a street, found \"{name}\"; {advice}"))
}

/// At most three of `names` that share the most letter pairs with `wanted`, the nearest first.
fn near_names<'a>(names: impl Iterator<Item = &'a str>, wanted: &str) -> Vec<&'a str> {
    let pairs = |text: &str| -> BTreeSet<(char, char)> {
        let letters: Vec<char> = text.to_lowercase().chars().collect();
        letters.windows(2).map(|pair| (pair[0], pair[1])).collect()
    };
    let wanted = pairs(wanted);
    let mut scored: Vec<(f64, &str)> = names
        .collect::<BTreeSet<_>>()
        .into_iter()
        .map(|name| {
            let own = pairs(name);
            // Dice's coefficient over letter pairs.
            let shared = own.intersection(&wanted).count();
            (2.0 * shared as f64 / (own.len() + wanted.len()).max(1) as f64, name)
        })
        .filter(|(score, _)| *score >= 0.5)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    scored.into_iter().take(3).map(|(_, name)| name).collect()
}

fn value_json(value: &IndicatorValue) -> Value {
    json!({"central": value.central, "low": value.low, "high": value.high, "unit": value.unit,
           "noise_floor": value.noise_floor})
}

/// Links listed for each of "emptied" and "filled".
const STREETS: usize = 20;

/// The JSON contract of `evaluate`, with more keys for whoever wants them.
fn report(project: &Project, baseline: &Baseline, outcomes: &[Outcome]) -> Value {
    let base: Map<String, Value> = outcomes
        .first()
        .map(|Outcome { evaluation, own, .. }| {
            let known = evaluation.baseline.iter().map(|(id, value)| ((*id).to_owned(), value_json(value)));
            let own = own.iter().filter_map(|one| {
                let [low, central, high] = one.baseline?;
                Some((
                    one.id.clone(),
                    json!({"central": central, "low": low, "high": high, "unit": one.unit,
                           "noise_floor": one.noise_floor}),
                ))
            });
            known.chain(own).collect()
        })
        .unwrap_or_default();
    let scenarios: Vec<Value> = outcomes
        .iter()
        .map(|Outcome { scenario, evaluation: outcome, own }| {
            let mut indicators: Map<String, Value> = outcome
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
                        "baseline": outcome.baseline_value(indicator.id).map(|value| value.central),
                        "delta": delta,
                        "status": indicator.status.name(),
                        "unit": indicator.unit,
                        "noise_floor": indicator.noise_floor,
                        "model_version": value.map(|v| v.model_version),
                        "data_date": value.map(|v| &v.data_date),
                        "explanation": indicator.explanation.iter().map(|s| &s.text).collect::<Vec<_>>(),
                        "formula": indicator.formula.as_ref().map(|s| &s.text),
                        "measures": indicator.measures,
                        "objects": indicator.objects,
                        "details": indicator.details,
                        "distribution": indicator.distribution,
                        "map_layer": indicator.layer.as_ref().map(|layer| {
                            json!({"id": layer.id, "per": layer.per, "unit": layer.unit})
                        }),
                    });
                    (indicator.id.to_owned(), line)
                })
                .collect();
            indicators.extend(own.iter().map(|one| (one.id.clone(), own_json(one))));
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
    json!({"baseline": base, "scenarios": scenarios, "definitions": definitions(),
           "fingerprint": baseline.fingerprint(), "missing": project.missing})
}

fn own_json(one: &CustomOutcome) -> Value {
    let [low, central, high] = one.value.map_or([None; 3], |value| value.map(Some));
    json!({"central": central, "low": low, "high": high,
           "delta": one.delta.map(|d| json!({"low": d.low, "central": d.central, "high": d.high})),
           "status": one.status.name(), "unit": one.unit, "noise_floor": one.noise_floor,
           "explanation": one.explanation.iter().map(|s| &s.text).collect::<Vec<_>>()})
}

/// The method card of every indicator, in both languages.
fn definitions() -> Map<String, Value> {
    INDICATORS
        .iter()
        .map(|definition| {
            let card = MethodCard::of(definition);
            let words = |language| {
                let texts = Texts::new(language);
                json!({"name": texts.get(definition.text_key), "purpose": texts.get(&card.purpose),
                       "formula": texts.get(&card.formula), "inputs": texts.get(&card.inputs),
                       "limits": texts.get(&card.limits), "sources": texts.get(&card.sources)})
            };
            let line = json!({"unit": definition.unit, "direction": definition.direction,
                              "headline": definition.headline, "section": definition.source,
                              "nl": words(Language::Dutch), "en": words(Language::English)});
            (definition.id.to_owned(), line)
        })
        .collect()
}

fn csv(outcomes: &[Outcome]) -> String {
    let mut text = String::from(
        "scenario,indicator,unit,baseline,low,central,high,delta_low,delta_central,delta_high,status\n",
    );
    let number = |value: Option<f64>| value.map_or_else(String::new, |v| v.to_string());
    for Outcome { scenario, evaluation: outcome, own } in outcomes {
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
        for one in own {
            let part = |value: Option<[f64; 3]>, at: usize| number(value.map(|value| value[at]));
            let fields = [
                quote(&scenario.id),
                quote(&one.id),
                quote(&one.unit),
                part(one.baseline, 1),
                part(one.value, 0),
                part(one.value, 1),
                part(one.value, 2),
                number(one.delta.map(|d| d.low)),
                number(one.delta.map(|d| d.central)),
                number(one.delta.map(|d| d.high)),
                one.status.name().to_owned(),
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

fn geojson(project: &Project, baseline: &Baseline, outcomes: &[Outcome]) -> anyhow::Result<String> {
    let to_wgs84 = Transform::new(project.crs, Epsg::WGS84)?;
    let network = baseline.network();
    let mut features = Vec::new();
    for Outcome { scenario, evaluation: outcome, .. } in outcomes {
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

    #[test]
    fn a_misspelt_street_gets_the_names_that_come_near() {
        let names = ["Boschdijk", "Boschdijktunnel", "Voorstraat", "Achterstraat", "Ringweg", ""];
        assert_eq!(near_names(names.into_iter(), "bosdijk"), ["Boschdijk", "Boschdijktunnel"]);
        assert_eq!(near_names(names.into_iter(), "Voorstraatt"), ["Voorstraat", "Achterstraat"]);
        assert!(near_names(names.into_iter(), "Xylofoonplein").is_empty());
        assert!(near_names(names.into_iter(), "").is_empty());
    }
}
