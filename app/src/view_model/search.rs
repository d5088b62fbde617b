//! Search: streets, buildings, stops, sensors, places, layers, coordinates and commands by name.

use layers::model::{LayerData, building_facts::BuildingFacts};

use super::ViewCache;
use crate::{
    commands::{AppCommand, CameraPose, Mode, ViewKind},
    project::Project,
    ui::{
        text::Texts,
        view::{SearchKind, SearchResult},
    },
};

/// Lines under the search field at most.
const LIMIT: usize = 8;

/// Names of a project in lower case, one after another, with what they stand for. A city has millions: a name takes its
/// letters and sixteen bytes.
#[derive(Default)]
pub struct SearchIndex {
    text: String,
    entries: Vec<Entry>,
}

/// One name: where it ends in the text, and the thing with it.
struct Entry {
    end: u64,
    row: u32,
    /// Position of the layer in the project.
    layer: u16,
    name: NameOf,
}

/// Which of its names a thing is found under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NameOf {
    Name,
    Address,
    Id,
}

impl SearchIndex {
    fn new(project: &Project) -> Self {
        let mut index = Self::default();
        for (number, state) in project.layers.iter().enumerate() {
            let Ok(layer) = u16::try_from(number) else { break };
            match &state.layer.data {
                LayerData::City(model) => {
                    for (row, object) in model.objects.iter().enumerate() {
                        if !object.parents.is_empty() {
                            continue;
                        }
                        for name in [NameOf::Name, NameOf::Address, NameOf::Id] {
                            index.add(layer, row, name, &state.layer.data);
                        }
                    }
                }
                LayerData::Streets(network) => {
                    let mut seen = std::collections::BTreeSet::new();
                    for (row, link) in network.links.iter().enumerate() {
                        if seen.insert(&link.name) {
                            index.add(layer, row, NameOf::Name, &state.layer.data);
                        }
                    }
                }
                LayerData::Transit(timetable) => {
                    (0..timetable.stops.len())
                        .for_each(|row| index.add(layer, row, NameOf::Name, &state.layer.data));
                }
                LayerData::Sensors(sensors) => {
                    (0..sensors.things.len())
                        .for_each(|row| index.add(layer, row, NameOf::Name, &state.layer.data));
                }
                LayerData::Features(data) => {
                    (0..data.features.len())
                        .for_each(|row| index.add(layer, row, NameOf::Name, &state.layer.data));
                }
                LayerData::Meshes(model) => {
                    (0..model.features.len())
                        .for_each(|row| index.add(layer, row, NameOf::Id, &state.layer.data));
                }
                LayerData::Terrain(_) | LayerData::Points(_) => {}
            }
        }
        index.text.shrink_to_fit();
        index.entries.shrink_to_fit();
        index
    }

    fn add(&mut self, layer: u16, row: usize, name: NameOf, data: &LayerData) {
        let (Ok(row), Some((label, _))) = (u32::try_from(row), label_of(data, row, name)) else { return };
        if label.trim().is_empty() {
            return;
        }
        self.text.push_str(&label.to_lowercase());
        self.entries.push(Entry { end: self.text.len() as u64, row, layer, name });
    }

    /// Best first: beginnings of names before parts of names, short before long.
    fn find(&self, wanted: &str, project: &Project) -> Vec<SearchResult> {
        let mut start = 0;
        let mut hits: Vec<(bool, usize, &str, &Entry)> = Vec::new();
        for entry in &self.entries {
            let name = &self.text[start..entry.end as usize];
            start = entry.end as usize;
            if let Some(at) = name.find(wanted) {
                hits.push((at > 0, name.len(), name, entry));
            }
        }
        let by_rank = |a: &(bool, usize, &str, &Entry), b: &(bool, usize, &str, &Entry)| {
            (a.0, a.1, a.2).cmp(&(b.0, b.1, b.2))
        };
        if hits.len() > LIMIT {
            hits.select_nth_unstable_by(LIMIT, by_rank);
            hits.truncate(LIMIT);
        }
        hits.sort_by(by_rank);
        hits.into_iter()
            .filter_map(|(.., entry)| {
                let state = project.layers.get(usize::from(entry.layer))?;
                let (label, kind) = label_of(&state.layer.data, entry.row as usize, entry.name)?;
                let target = project.target_of(state, entry.row as usize)?;
                Some(SearchResult { label, kind, command: AppCommand::GoTo { target } })
            })
            .collect()
    }
}

/// What a thing is called, and what kind it is; `None` when it has no such name.
fn label_of(data: &LayerData, row: usize, name: NameOf) -> Option<(String, SearchKind)> {
    Some(match (data, name) {
        (LayerData::City(model), NameOf::Name) => {
            (BuildingFacts::name_of(&model.attributes, row)?, SearchKind::Building)
        }
        (LayerData::City(model), NameOf::Address) => {
            let (street, number) = BuildingFacts::address_of(&model.attributes, row)?;
            (format!("{street} {number}"), SearchKind::Address)
        }
        (LayerData::City(model), NameOf::Id) => (model.objects.get(row)?.id.clone(), SearchKind::Building),
        (LayerData::Meshes(model), _) => (model.features.get(row)?.id.clone(), SearchKind::Building),
        (LayerData::Streets(network), _) => (network.links.get(row)?.name.clone(), SearchKind::Street),
        (LayerData::Transit(timetable), _) => (timetable.stops.get(row)?.name.clone(), SearchKind::Stop),
        (LayerData::Sensors(sensors), _) => (sensors.things.get(row)?.name.clone(), SearchKind::Sensor),
        (LayerData::Features(data), _) => {
            (data.attributes.first_of(row, &["name", "naam"]).as_str()?.to_owned(), SearchKind::Place)
        }
        (LayerData::Terrain(_) | LayerData::Points(_), _) => return None,
    })
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
            found.extend(index.find(&wanted, project));
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
