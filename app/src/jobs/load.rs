//! Loading a project or data files into memory. Plain functions: the window, the command line and the tests share them.

use std::{path::Path, sync::Arc};

use layers::{
    cache::{self, CacheKey, OpenOptions},
    crs::{CrsError, Epsg, LocalFrame},
    index::IdIndex,
    mesh::drape::DrawnGround,
    model::{Bounds3, Layer, LayerData},
    readers::{self, Inspection, Progress, ReadContext, Source},
};
use scenarios::Scenario;
use serde_json::Map;

use crate::{
    commands::CameraPose,
    jobs::opening,
    project::{CachedLayer, DEMO_URI, LayerState, Project, ScenarioState},
    project_file::{EXTENSION, ProjectFile, ProjectFileError, resolve_uri},
};

/// Squares of the drawn ground at most: about 400,000 triangles.
const MAX_GROUND_SQUARES: usize = 200_000;

#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error(transparent)]
    Project(#[from] ProjectFileError),
    #[error(transparent)]
    Read(#[from] readers::ReadError),
    #[error("nothing to open: expected project or data files, found none")]
    Nothing,
}

/// A source that was read.
struct ReadSource {
    uri: String,
    layers: Vec<Layer>,
    crs: Epsg,
    key: Option<CacheKey>,
    /// Where a first picture looks best from, when the source says so.
    home: Option<CameraPose>,
}

/// What a user says of sources besides where they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LoadChoices {
    /// The project's CRS; without it that of the first layer.
    pub crs: Option<Epsg>,
    /// The CRS of sources that do not state theirs.
    pub assumed_crs: Option<Epsg>,
}

pub use readers::part::TakePart;

/// Reads one source (a file or the built-in demo city).
fn read_source(
    uri: &str,
    choices: LoadChoices,
    progress: &Progress,
    on_part: Option<TakePart>,
) -> Result<ReadSource, readers::ReadError> {
    if uri == DEMO_URI {
        let city = layers::demo::build(layers::demo::DEMO_SEED);
        let home = CameraPose {
            target: [city.home.target[0], city.home.target[1], 0.0],
            distance_m: city.home.distance_m,
            heading_deg: city.home.heading_deg,
            tilt_deg: 90.0 - city.home.pitch_deg,
        };
        return Ok(ReadSource {
            uri: uri.to_owned(),
            layers: city.layers,
            crs: Epsg::RD_NEW,
            key: None,
            home: Some(home),
        });
    }
    let mut context = ReadContext {
        target: choices.crs,
        assumed_crs: choices.assumed_crs,
        progress: progress.clone(),
        on_part,
        ..ReadContext::default()
    };
    let opened = cache::open(&Source::from_path(uri), &mut context, opening::options())?;
    opening::keep_later(&opened);
    let outcome = opened.outcome;
    Ok(ReadSource {
        uri: uri.to_owned(),
        layers: outcome.layers,
        crs: outcome.crs,
        key: opened.key,
        home: None,
    })
}

/// What is in a source, without keeping it.
pub fn inspect(uri: &str) -> Result<Inspection, readers::ReadError> {
    let mut context = ReadContext::default();
    // From the file itself, never from the cache: an inspection is asked for when something is in doubt.
    let options = OpenOptions { cache: None, limits: opening::options().limits };
    cache::open(&Source::from_path(uri), &mut context, &options).map(|opened| opened.outcome.inspection)
}

/// Opens a project file, or makes an unsaved project from data files. A data file that fails does not stop the others
/// when there are several: its message is in [`Project::missing`].
pub fn load(uris: &[String], progress: &Progress) -> Result<Project, LoadError> {
    load_with(uris, LoadChoices::default(), progress, None)
}

/// As [`load`], with what the user says of the sources. `on_part` gets pieces of the first data file while it is read.
pub fn load_with(
    uris: &[String],
    choices: LoadChoices,
    progress: &Progress,
    on_part: Option<TakePart>,
) -> Result<Project, LoadError> {
    let first = uris.first().ok_or(LoadError::Nothing)?;
    let is_project = Path::new(first).extension().is_some_and(|extension| extension == EXTENSION);
    if is_project {
        load_project(Path::new(first), progress)
    } else {
        load_data(uris, choices, progress, on_part)
    }
}

fn load_project(path: &Path, progress: &Progress) -> Result<Project, LoadError> {
    let file = ProjectFile::read(path)?;
    let uris: Vec<String> = file.sources.iter().map(|uri| resolve_uri(uri, path)).collect();
    let assumed_crs =
        file.assumed_crs.as_deref().map(str::parse).transpose().map_err(|error: CrsError| {
            ProjectFileError::Malformed { path: path.to_path_buf(), found: format!("assumed_crs: {error}") }
        })?;
    let choices = LoadChoices { crs: Some(file.crs), assumed_crs };
    // A project without its sources still opens: its plans, notes and views are in it.
    let (read, mut missing, _) = read_each(&uris, choices, progress, None)?;
    let mut project = assemble(read, Some(file.crs));
    let mut ordered = Vec::new();
    for entry in &file.layers {
        match project.layers.iter().position(|state| state.layer.id == entry.id) {
            Some(index) => {
                let mut state = project.layers.remove(index);
                state.layer.title.clone_from(&entry.title);
                state.is_visible = entry.visible;
                state.opacity = entry.opacity.clamp(0.0, 1.0);
                ordered.push(state);
            }
            None => missing
                .push(format!("layer \"{}\" (\"{}\") is no longer in its source", entry.title, entry.id)),
        }
    }
    ordered.append(&mut project.layers);
    project.layers = ordered;
    project.scenarios = file
        .scenarios
        .into_iter()
        .map(|entry| ScenarioState { extra: entry.extra, ..ScenarioState::new(entry.scenario, entry.parent) })
        .collect();
    if project.scenarios.is_empty() {
        project.scenarios.push(first_scenario());
    }
    project.active_scenario = file.active_scenario.min(project.scenarios.len() - 1);
    project.assumed_crs = assumed_crs;
    project.path = Some(path.to_path_buf());
    project.name = file.name;
    project.sources = uris;
    if let Some(time) = file.time {
        project.time = time;
    }
    project.demand = file.demand;
    project.camera = file.camera;
    project.missing.extend(missing);
    project.extra = file.extra;
    project.has_unsaved_changes = false;
    Ok(project)
}

fn load_data(
    uris: &[String],
    choices: LoadChoices,
    progress: &Progress,
    on_part: Option<TakePart>,
) -> Result<Project, LoadError> {
    let (read, missing) = read_all(uris, choices, progress, on_part)?;
    let name = match uris.first().map(String::as_str) {
        Some(DEMO_URI) => layers::demo::TOWN.to_owned(),
        Some(uri) => Path::new(uri)
            .file_name()
            .map(|name| name.to_string_lossy().split('.').next().unwrap_or_default().to_owned())
            .unwrap_or_default(),
        None => String::new(),
    };
    let home = read.iter().find_map(|source| source.home);
    let mut project = assemble(read, choices.crs);
    project.assumed_crs = choices.assumed_crs;
    project.camera = home;
    project.name = name;
    project.unread_sources = missing.len();
    project.sources = uris.iter().map(|uri| absolute(uri)).collect();
    project.missing.extend(missing);
    Ok(project)
}

fn absolute(uri: &str) -> String {
    if uri.starts_with("builtin:") {
        return uri.to_owned();
    }
    std::fs::canonicalize(uri).map_or_else(|_| uri.to_owned(), |path| path.display().to_string())
}

/// Reads all sources into one CRS: the given one, else that of the first city model or network, else of the first.
fn read_all(
    uris: &[String],
    choices: LoadChoices,
    progress: &Progress,
    on_part: Option<TakePart>,
) -> Result<(Vec<ReadSource>, Vec<String>), readers::ReadError> {
    match read_each(uris, choices, progress, on_part)? {
        (read, _, Some(error)) if read.is_empty() => Err(error),
        (read, missing, _) => Ok((read, missing)),
    }
}

/// What was read, what was not (in words), and the first error.
type ReadEach = (Vec<ReadSource>, Vec<String>, Option<readers::ReadError>);

/// As [`read_all`], also when nothing can be read; with the first error.
fn read_each(
    uris: &[String],
    choices: LoadChoices,
    progress: &Progress,
    mut on_part: Option<TakePart>,
) -> Result<ReadEach, readers::ReadError> {
    let mut target = choices.crs;
    let (mut read, mut missing, mut first_error) = (Vec::new(), Vec::new(), None);
    for (number, uri) in uris.iter().enumerate() {
        progress.set(number as f64 / uris.len() as f64);
        let choices = LoadChoices { crs: target, ..choices };
        match read_source(uri, choices, progress, on_part.take()) {
            Ok(source) => {
                if target.is_none() && !source.layers.is_empty() {
                    target = Some(source.crs);
                }
                read.push(source);
            }
            Err(readers::ReadError::Cancelled) => return Err(readers::ReadError::Cancelled),
            Err(error) => {
                missing.push(error.to_string());
                first_error.get_or_insert(error);
            }
        }
    }
    Ok((read, missing, first_error))
}

/// Adds data files to an open project; gives the new layers, or the first error when nothing could be read.
pub fn read_more(
    uris: &[String],
    crs: Epsg,
    taken_ids: &[String],
    progress: &Progress,
) -> Result<(Vec<LayerState>, Vec<String>), readers::ReadError> {
    let choices = LoadChoices { crs: Some(crs), assumed_crs: None };
    let (read, missing) = read_all(uris, choices, progress, None)?;
    let mut taken = taken_ids.to_vec();
    Ok((states_of(read, &mut taken), missing))
}

/// A project of the first piece of a source, to look at while the rest is read.
pub fn preview(uri: &str, part: &readers::part::LayerPart) -> Project {
    let layer = Layer {
        id: part.layer_id.clone(),
        title: part.layer_id.clone(),
        data: part.data.clone(),
        provenance: layers::model::Provenance::default(),
        faults: Vec::new(),
    };
    let source =
        ReadSource { uri: uri.to_owned(), layers: vec![layer], crs: part.crs, key: None, home: None };
    let mut project = assemble(vec![source], Some(part.crs));
    project.name =
        Path::new(uri).file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    project.has_unsaved_changes = false;
    project
}

fn states_of(read: Vec<ReadSource>, taken: &mut Vec<String>) -> Vec<LayerState> {
    let mut states = Vec::new();
    for source in read {
        for (position, mut layer) in source.layers.into_iter().enumerate() {
            let wanted = layer.id.clone();
            let mut number = 2;
            while taken.contains(&layer.id) {
                layer.id = format!("{wanted}-{number}");
                number += 1;
            }
            taken.push(layer.id.clone());
            states.push(LayerState {
                is_visible: is_visible_at_first(&layer),
                ids: Arc::new(IdIndex::of_layer(&layer.data)),
                view_bounds: layer.view_bounds().bounds,
                layer,
                uri: source.uri.clone(),
                cached: opening::options()
                    .cache
                    .clone()
                    .zip(source.key.clone())
                    .map(|(cache, key)| CachedLayer { cache, key, number: position }),
                opacity: 1.0,
                feature_base: 0,
            });
        }
    }
    states
}

/// Statistics and point sets that would cover the city start switched off.
fn is_visible_at_first(layer: &Layer) -> bool {
    use layers::model::FeatureRole;
    match &layer.data {
        LayerData::Features(data) => !matches!(data.role, FeatureRole::Zones | FeatureRole::PointsOfInterest),
        _ => true,
    }
}

fn first_scenario() -> ScenarioState {
    ScenarioState::new(Scenario::new("scenario-1", "Variant A"), None)
}

fn assemble(read: Vec<ReadSource>, crs: Option<Epsg>) -> Project {
    let crs = crs.or_else(|| read.first().map(|source| source.crs)).unwrap_or(Epsg::RD_NEW);
    let sources = read.iter().map(|source| source.uri.clone()).collect();
    let mut layers = states_of(read, &mut Vec::new());
    layers.sort_by_key(|state| drawing_order(&state.layer.data));
    let far = far_apart(&layers);
    let bounds = layers.iter().fold(Bounds3::EMPTY, |bounds, state| bounds.union(state.view_bounds));
    let ground = ground_of(&layers, bounds);
    let mut project = Project {
        path: None,
        name: String::new(),
        sources,
        crs,
        assumed_crs: None,
        frame: LocalFrame::default(),
        ground: Arc::new(ground),
        layers,
        scenarios: vec![first_scenario()],
        active_scenario: 0,
        demand: None,
        time: 0,
        present: 0,
        is_preview: false,
        preview_view: None,
        camera: None,
        unread_sources: 0,
        missing: far,
        extra: Map::new(),
        has_unsaved_changes: true,
    };
    let home = project.home_bounds();
    let center = if home.is_empty() { [0.0; 3] } else { home.center() };
    project.frame = LocalFrame { origin: [center[0].round(), center[1].round(), 0.0] };
    project.present = present_of(&project);
    project.time = project.present;
    project.number_features();
    project
}

/// Layers that lie far from the first one are named: nearly always their coordinate system is not what they say.
fn far_apart(layers: &[LayerState]) -> Vec<String> {
    const FAR_M: f64 = 200_000.0;
    let mut boxes = layers.iter().map(|state| (state, state.view_bounds)).filter(|(_, b)| !b.is_empty());
    let Some((_, first)) = boxes.next() else { return Vec::new() };
    let home = first.center();
    boxes
        .filter_map(|(state, bounds)| {
            let center = bounds.center();
            let distance = (center[0] - home[0]).hypot(center[1] - home[1]);
            (distance > FAR_M).then(|| {
                format!(
                    "\"{}\" lies {:.0} km from the first layer; is its coordinate system right? File: {}",
                    state.layer.title,
                    distance / 1000.0,
                    state.uri
                )
            })
        })
        .collect()
}

/// Points above lines above areas, as a list reads.
fn drawing_order(data: &LayerData) -> u8 {
    match data {
        LayerData::Sensors(_) => 0,
        LayerData::Transit(_) => 1,
        LayerData::City(_) | LayerData::Meshes(_) => 2,
        LayerData::Points(_) => 3,
        LayerData::Streets(_) => 4,
        LayerData::Features(_) => 5,
        LayerData::Terrain(_) => 6,
    }
}

/// The drawn ground: the first terrain, else a plane at the usual foot of the buildings.
fn ground_of(layers: &[LayerState], bounds: Bounds3) -> DrawnGround {
    for state in layers {
        if let LayerData::Terrain(terrain) = &state.layer.data {
            return DrawnGround::from_terrain(terrain, MAX_GROUND_SQUARES);
        }
    }
    let mut feet: Vec<f64> = layers
        .iter()
        .filter_map(|state| if let LayerData::City(model) = &state.layer.data { Some(model) } else { None })
        .flat_map(|model| {
            model.objects.iter().filter_map(|object| {
                object
                    .geometries
                    .iter()
                    .flat_map(|g| &g.indices)
                    .filter_map(|&v| model.vertices.get(v as usize))
                    .map(|p| p[2])
                    .reduce(f64::min)
            })
        })
        .filter(|z| z.is_finite())
        .collect();
    feet.sort_by(f64::total_cmp);
    let foot = feet.get(feet.len() / 2).copied().unwrap_or(0.0);
    let mut wide = bounds;
    if bounds.is_empty() {
        wide = Bounds3::from_points([[0.0; 3], [1000.0, 1000.0, 0.0]]);
    }
    let margin = wide.size()[0].max(wide.size()[1]) * 0.08 + 50.0;
    let corners = [wide.min, wide.max];
    wide.add([corners[0][0] - margin, corners[0][1] - margin, foot]);
    wide.add([corners[1][0] + margin, corners[1][1] + margin, foot]);
    DrawnGround::flat(wide, foot)
}

/// The moment that the window starts at: Tuesday 15:00 of the measured week, else of the first week of the timetable,
/// else the start of 2026.
fn present_of(project: &Project) -> i64 {
    for state in &project.layers {
        if let LayerData::Sensors(sensors) = &state.layer.data
            && let Some((first, last)) = sensors.time_range()
        {
            // The second day at 15:00 local time; the demo week starts on a Monday at local midnight.
            let wanted = first + 86_400 + 15 * 3600;
            return if wanted <= last { wanted } else { last };
        }
    }
    for state in &project.layers {
        if let LayerData::Transit(timetable) = &state.layer.data
            && let Some((from, _)) = timetable.date_range()
        {
            return crate::time::start_of_day(from, &timetable.timezone) + 86_400 + 15 * 3600;
        }
    }
    1_767_265_200
}
