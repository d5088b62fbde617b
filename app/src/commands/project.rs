//! Opening, adding to and saving projects.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use bevy::{prelude::*, tasks::IoTaskPool};

use layers::{
    mesh::{TileGrid, buildings::mesh_city_each},
    model::{LayerData, Lod},
    readers::{Progress, part::LayerPart},
};

use super::AppCommand;
use crate::{
    jobs::{JobKind, JobResult, Jobs, load, models, tiles},
    project_file::{EXTENSION, ProjectFile},
    scene::camera::CameraRig,
    state::{MessageLevel, Messages, OpenProject, Revisions},
};

pub fn open(world: &mut World, paths: Vec<PathBuf>) {
    let uris: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    let mut jobs = world.resource_mut::<Jobs>();
    jobs.cancel_where(|kind| matches!(kind, JobKind::Load | JobKind::AddData));
    let (send, pieces) = std::sync::mpsc::channel();
    let uri = uris.first().cloned().unwrap_or_default();
    jobs.start(JobKind::Load, move |progress, give| {
        let send = Mutex::new(send);
        let on_part: load::TakePart = Box::new(move |part| {
            // Nobody listens when enough is shown or the window is closing.
            send.lock().unwrap_or_else(PoisonError::into_inner).send(part).is_ok()
        });
        let choices = load::LoadChoices::default();
        let loaded = load::load_with(&uris, choices, progress, Some(on_part));
        layers::memory::give_back();
        give(JobResult::Loaded(loaded.map(Box::new).map_err(|error| error.to_string())));
    });
    jobs.start(JobKind::Preview, move |progress, give| show_pieces(&uri, pieces, progress, give));
}

/// Shows the pieces of a large source while it is read, up to a share of the memory for tiles.
fn show_pieces(
    uri: &str,
    pieces: std::sync::mpsc::Receiver<LayerPart>,
    progress: &Progress,
    give: &mut dyn FnMut(JobResult),
) {
    const MOST_BYTES: usize = 64 << 20;
    let (mut frame, mut bytes) = (None, 0);
    while bytes <= MOST_BYTES
        && !progress.is_cancelled()
        && let Ok(part) = pieces.recv()
    {
        let LayerData::City(model) = &part.data else { continue };
        let frame = *frame.get_or_insert_with(|| {
            let project = load::preview(uri, &part);
            let frame = project.frame;
            give(JobResult::Preview(Box::new(project)));
            frame
        });
        let mut tiles = std::collections::BTreeMap::new();
        // Numbers beyond the list have no style and are not picked.
        mesh_city_each(
            model,
            Lod::new(2, 2),
            frame,
            TileGrid::default(),
            tiles::PREVIEW_FEATURES,
            |key, mesh| {
                bytes += mesh.bytes();
                tiles.insert(key, Arc::new(mesh));
            },
        );
        give(JobResult::PreviewTiles(tiles));
    }
}

pub fn add_data(world: &mut World, paths: Vec<PathBuf>) {
    let Some(project) = &world.resource::<OpenProject>().0 else { return open(world, paths) };
    let uris: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    let (crs, taken): (_, Vec<String>) =
        (project.crs, project.layers.iter().map(|state| state.layer.id.clone()).collect());
    world.resource_mut::<Jobs>().start(JobKind::AddData, move |progress, give| {
        let read = load::read_more(&uris, crs, &taken, progress);
        let read = read.map(|(layers, missing)| (layers, missing, uris)).map_err(|error| error.to_string());
        give(JobResult::DataAdded(read));
    });
}

/// Meshes all layers again and makes a new baseline, after layers came or went.
pub fn rebuild_after_layer_change(world: &mut World) {
    if let Some(project) = world.resource_mut::<OpenProject>().0.as_mut() {
        for state in &mut project.layers {
            state.feature_base = 0;
        }
        project.number_features();
    }
    start_tiles_and_baseline(world);
}

/// Starts what follows a (new) project: its tiles and its baseline.
pub fn start_tiles_and_baseline(world: &mut World) {
    let revision = world.resource::<Revisions>().project;
    start_tiles(world);
    let Some(project) = &world.resource::<OpenProject>().0 else { return };
    let inputs = models::BaselineInputs::of(project);
    let squares = tiles::SquareInputs::of(project);
    let mut jobs = world.resource_mut::<Jobs>();
    jobs.cancel_where(|kind| matches!(kind, JobKind::Baseline | JobKind::Evaluate { .. }));
    jobs.start(JobKind::Baseline, move |_, give| {
        let (result, problems) = inputs.read();
        let result = result.map(Arc::new).map_err(|error| error.to_string());
        let cells = result.as_ref().ok().map(|baseline| Arc::new(squares.cells(baseline)));
        if let Some(cells) = &cells {
            give(JobResult::Tiles { revision, tiles: Box::new(squares.build(cells)) });
        }
        give(JobResult::Baseline { revision, result, cells, problems });
    });
}

/// Makes the tiles of all layers anew.
pub fn start_tiles(world: &mut World) {
    let revision = world.resource::<Revisions>().project;
    let Some(project) = &world.resource::<OpenProject>().0 else { return };
    let inputs = tiles::inputs(project);
    let mut jobs = world.resource_mut::<Jobs>();
    jobs.cancel_where(|kind| *kind == JobKind::Tiles);
    jobs.start(JobKind::Tiles, move |progress, give| {
        for (number, input) in inputs.iter().enumerate() {
            if progress.is_cancelled() {
                return;
            }
            progress.set(number as f64 / inputs.len() as f64);
            give(JobResult::Tiles { revision, tiles: Box::new(tiles::build(input)) });
        }
        layers::memory::give_back();
    });
}

pub fn save(world: &mut World, path: Option<PathBuf>) {
    let rig = *world.resource::<CameraRig>();
    let Some(project) = &world.resource::<OpenProject>().0 else { return };
    let Some(mut path) = path.or_else(|| project.path.clone()) else {
        return show_dialog(world, DialogKind::Save);
    };
    if path.extension().is_none_or(|extension| extension != EXTENSION) {
        path.as_mut_os_string().push(format!(".{EXTENSION}"));
    }
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_path_buf();
    let file = ProjectFile::from_project(project, &folder, Some(rig.to_pose(project.frame)));
    if let Some(project) = world.resource_mut::<OpenProject>().0.as_mut() {
        // What is saved is the state of now; later changes count as unsaved again.
        project.has_unsaved_changes = false;
        for state in &mut project.scenarios {
            state.history.mark_saved();
        }
    }
    world.resource_mut::<Jobs>().start(JobKind::Save, move |_, give| {
        let result = file.write(&path);
        give(JobResult::Saved { path, result });
    });
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DialogKind {
    Open,
    AddData,
    Save,
}

/// What the user chose in file dialogs that have closed.
#[derive(Resource, Clone, Default)]
pub struct DialogAnswers(Arc<Mutex<Vec<AppCommand>>>);

impl DialogAnswers {
    pub fn take(&self) -> Vec<AppCommand> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Shows the system's dialog without stopping the frame; its answer comes back as a command.
pub fn show_dialog(world: &mut World, kind: DialogKind) {
    let Some(answers) = world.get_resource::<DialogAnswers>().cloned() else {
        // Without a window there is no dialog: say what to give instead.
        let detail =
            "give a path with the command, for example {\"do\": \"save\", \"path\": \"a.stadsmaquette\"}";
        world.resource_mut::<Messages>().push(
            MessageLevel::Error,
            "message-needs-path",
            vec![detail.to_owned()],
        );
        return;
    };
    let name = world.resource::<OpenProject>().0.as_ref().map(|project| project.name.clone());
    IoTaskPool::get()
        .spawn(async move {
            let dialog = rfd::AsyncFileDialog::new();
            let command = match kind {
                DialogKind::Open => dialog.pick_files().await.map(|files| AppCommand::Open {
                    paths: files.iter().map(|file| file.path().to_path_buf()).collect(),
                }),
                DialogKind::AddData => dialog.pick_files().await.map(|files| AppCommand::AddData {
                    paths: files.iter().map(|file| file.path().to_path_buf()).collect(),
                }),
                DialogKind::Save => dialog
                    .add_filter("Stadsmaquette", &[EXTENSION])
                    .set_file_name(format!("{}.{EXTENSION}", name.unwrap_or_else(|| "project".to_owned())))
                    .save_file()
                    .await
                    .map(|file| AppCommand::Save { path: Some(file.path().to_path_buf()) }),
            };
            if let Some(command) = command {
                answers.0.lock().unwrap_or_else(PoisonError::into_inner).push(command);
            }
        })
        .detach();
}
