//! Search: streets, buildings, stops, sensors, places, layers, coordinates and commands by name.

use layers::model::{LayerData, building_facts::BuildingFacts};

use super::ViewCache;
use crate::{
    commands::{AppCommand, CameraPose, Mode, Target, ViewKind},
    project::Project,
    ui::{
        text::Texts,
        view::{SearchKind, SearchResult},
    },
};

/// Lines under the search field at most.
const LIMIT: usize = 8;

/// Names of a project in lower case, with what they stand for.
pub struct SearchIndex(Vec<Entry>);

/// Name in lower case, name, kind, what it stands for.
type Entry = (String, String, SearchKind, Target);

impl SearchIndex {
    fn new(project: &Project) -> Self {
        let mut names = Vec::new();
        let mut add = |label: String, kind: SearchKind, target: Target| {
            if !label.trim().is_empty() {
                names.push((label.to_lowercase(), label, kind, target));
            }
        };
        for state in &project.layers {
            let layer = || state.layer.id.clone();
            match &state.layer.data {
                LayerData::City(model) => {
                    for (index, object) in model.objects.iter().enumerate() {
                        if !object.parents.is_empty() {
                            continue;
                        }
                        let facts = BuildingFacts::from_row(&model.attributes, index);
                        let target = || Target::CityObject { layer: layer(), id: object.id.clone() };
                        if let Some(name) = facts.name {
                            add(name, SearchKind::Building, target());
                        }
                        if let (Some(street), Some(number)) = (facts.street, facts.house_number) {
                            add(format!("{street} {number}"), SearchKind::Address, target());
                        }
                        add(object.id.clone(), SearchKind::Building, target());
                    }
                }
                LayerData::Streets(network) => {
                    let mut seen = std::collections::BTreeSet::new();
                    for link in &network.links {
                        if !link.name.is_empty() && seen.insert(&link.name) {
                            let target = Target::Link { layer: layer(), id: link.id.clone() };
                            add(link.name.clone(), SearchKind::Street, target);
                        }
                    }
                }
                LayerData::Transit(timetable) => {
                    for stop in &timetable.stops {
                        let target = Target::Stop { layer: layer(), id: stop.id.clone() };
                        add(stop.name.clone(), SearchKind::Stop, target);
                    }
                }
                LayerData::Sensors(sensors) => {
                    for thing in &sensors.things {
                        let target = Target::Thing { layer: layer(), id: thing.id.clone() };
                        add(thing.name.clone(), SearchKind::Sensor, target);
                    }
                }
                LayerData::Features(data) => {
                    for (index, feature) in data.features.iter().enumerate() {
                        let name = data.attributes.first_of(index, &["name", "naam"]);
                        if let Some(name) = name.as_str() {
                            let target = Target::Feature { layer: layer(), id: feature.id.clone() };
                            add(name.to_owned(), SearchKind::Place, target);
                        }
                    }
                }
                LayerData::Meshes(model) => {
                    for feature in &model.features {
                        let target = Target::Feature { layer: layer(), id: feature.id.clone() };
                        add(feature.id.clone(), SearchKind::Building, target);
                    }
                }
                LayerData::Terrain(_) | LayerData::Points(_) => {}
            }
        }
        Self(names)
    }

    /// Best first: beginnings of names before parts of names, short before long.
    fn find(&self, wanted: &str) -> Vec<SearchResult> {
        let mut hits: Vec<(bool, usize, &Entry)> = self
            .0
            .iter()
            .filter_map(|entry| entry.0.find(wanted).map(|at| (at > 0, entry.0.len(), entry)))
            .collect();
        hits.sort_by(|a, b| (a.0, a.1, &a.2.0).cmp(&(b.0, b.1, &b.2.0)));
        hits.into_iter()
            .take(LIMIT)
            .map(|(_, _, (_, label, kind, target))| SearchResult {
                label: label.clone(),
                kind: *kind,
                command: AppCommand::GoTo { target: target.clone() },
            })
            .collect()
    }
}

pub fn results(
    cache: &mut ViewCache,
    project: &Project,
    revision: u64,
    text: &str,
    texts: Texts,
) -> Vec<SearchResult> {
    let wanted = text.trim().to_lowercase();
    if wanted.is_empty() {
        return Vec::new();
    }
    if cache.index.as_ref().is_none_or(|(known, _)| *known != revision) {
        cache.index = Some((revision, SearchIndex::new(project)));
        cache.search = None;
    }
    if cache.search.as_ref().is_none_or(|(known, ..)| *known != wanted) {
        let mut found = coordinates(project, &wanted).into_iter().collect::<Vec<_>>();
        if let Some((_, index)) = &cache.index {
            found.extend(index.find(&wanted));
        }
        found.extend(commands(&wanted, texts));
        found.truncate(LIMIT + 3);
        cache.search = Some((wanted, revision, found));
    }
    cache.search.as_ref().map(|(_, _, found)| found.clone()).unwrap_or_default()
}

/// "121687 487326" in the project's metres: goes there.
fn coordinates(project: &Project, text: &str) -> Option<SearchResult> {
    let parts: Vec<f64> = text
        .split(|c: char| c.is_whitespace() || c == ';')
        .filter(|part| !part.is_empty())
        .map(|part| part.trim_end_matches(',').replace(',', ".").parse().ok())
        .collect::<Option<_>>()?;
    let &[x, y] = parts.as_slice() else { return None };
    (x.abs() > 1000.0 && y.abs() > 1000.0 && x.abs() < 1e7 && y.abs() < 1e7).then(|| SearchResult {
        label: format!("{x:.0} {y:.0}"),
        kind: SearchKind::Place,
        command: AppCommand::SetCamera {
            camera: CameraPose {
                target: [x, y, project.ground.height_at([x, y])],
                distance_m: 600.0,
                heading_deg: 0.0,
                tilt_deg: 45.0,
            },
        },
    })
}

fn commands(wanted: &str, texts: Texts) -> Vec<SearchResult> {
    let known: [(&str, AppCommand); 14] = [
        ("menu-open", AppCommand::ShowOpenDialog),
        ("menu-open-demo", AppCommand::OpenDemo),
        ("menu-add-data", AppCommand::ShowAddDataDialog),
        ("menu-save", AppCommand::Save { path: None }),
        ("menu-undo", AppCommand::Undo),
        ("menu-redo", AppCommand::Redo),
        ("menu-branch", AppCommand::BranchScenario),
        ("menu-evaluate", AppCommand::Evaluate),
        ("view-to-2d", AppCommand::SetViewKind { kind: ViewKind::TwoD }),
        ("view-to-3d", AppCommand::SetViewKind { kind: ViewKind::ThreeD }),
        ("view-home", AppCommand::GoHome),
        ("view-north", AppCommand::FaceNorth),
        ("mode-compare", AppCommand::SetMode { mode: Mode::Compare }),
        ("mode-present", AppCommand::SetMode { mode: Mode::Present }),
    ];
    known
        .into_iter()
        .map(|(key, command)| (texts.get(key), command))
        .filter(|(label, _)| label.to_lowercase().contains(wanted))
        .map(|(label, command)| SearchResult { label, kind: SearchKind::Command, command })
        .take(3)
        .collect()
}
