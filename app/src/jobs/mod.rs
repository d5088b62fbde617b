//! Work in the background: start, progress, cancel, collect. Nothing slow runs on the main thread, and a panic in a job
//! becomes a message.

pub mod load;
pub mod models;
pub mod opening;
pub mod tiles;
pub mod timetable;
pub mod trips;

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use bevy::prelude::Resource;
use layers::{
    mesh::{TileKey, TileMesh},
    readers::Progress,
};
use scenarios::{Baseline, EvaluateError, Evaluation};

use crate::{
    commands::Target,
    indicator_map::MapCells,
    project::{LayerState, Project},
    project_file::ProjectFileError,
};

/// What a job is about; the window names it in the user's language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobKind {
    Load,
    AddData,
    /// Pieces of a large source are shown while it is read.
    Preview,
    Tiles,
    /// Prepared tiles come into memory.
    LoadTiles,
    Baseline,
    Evaluate {
        scenario: String,
    },
    Save,
    /// What runs on a day, for stops and lines.
    Timetable,
    /// What calls at the picked stop.
    StopFacts,
}

/// Layers that were added to an open project: the layers, what could not be read, and the sources.
pub type AddedData = (Vec<LayerState>, Vec<String>, Vec<String>);

/// What came out of a job. `revision` says which state of the project it belongs to; older ones are dropped.
pub enum JobResult {
    Loaded(Result<Box<Project>, String>),
    /// The first piece of a large source; the whole follows.
    Preview(Box<Project>),
    /// More pieces of it, only to look at.
    PreviewTiles(BTreeMap<TileKey, Arc<TileMesh>>),
    DataAdded(Result<AddedData, String>),
    Tiles {
        revision: u64,
        tiles: Box<tiles::LayerTiles>,
    },
    /// Tiles of a file that the view asked for; `None` where the file is damaged.
    TilesLoaded {
        revision: u64,
        layer: String,
        tiles: Vec<(TileKey, Option<Arc<TileMesh>>)>,
    },
    Baseline {
        revision: u64,
        result: Result<Arc<Baseline>, String>,
        /// Where its people live; their squares are meshed in the same job.
        cells: Option<Arc<MapCells>>,
        /// What is wrong with the project's own assumptions or trips.
        problems: Vec<String>,
    },
    Evaluated {
        revision: u64,
        scenario: String,
        result: Result<Arc<Evaluation>, EvaluateError>,
        /// No better one follows.
        is_last: bool,
    },
    Saved {
        path: PathBuf,
        result: Result<(), ProjectFileError>,
    },
    Timetable {
        revision: u64,
        result: Result<Arc<timetable::TimetableFacts>, String>,
    },
    StopFacts {
        revision: u64,
        target: Target,
        stop: timetable::StopFacts,
    },
    /// A job ended by a panic; the text is its message.
    Crashed {
        kind: JobKind,
        message: String,
    },
}

/// A job that runs now.
#[derive(Clone, Debug)]
pub struct Running {
    pub id: u64,
    pub kind: JobKind,
    pub progress: Progress,
}

/// The running jobs and the outcomes that wait to be collected.
#[derive(Resource, Default)]
pub struct Jobs {
    next_id: u64,
    running: Vec<Running>,
    finished: Arc<Mutex<Vec<(u64, JobResult)>>>,
}

impl Jobs {
    /// Starts `work` on a thread of its own and gives the id of the job. The thread may give several results; the job
    /// ends when `work` returns.
    pub fn start(
        &mut self,
        kind: JobKind,
        work: impl FnOnce(&Progress, &mut dyn FnMut(JobResult)) + Send + 'static,
    ) -> u64 {
        self.next_id += 1;
        let id = self.next_id;
        let progress = Progress::default();
        self.running.push(Running { id, kind: kind.clone(), progress: progress.clone() });
        let finished = self.finished.clone();
        let body = move || {
            let push = |result| {
                finished.lock().unwrap_or_else(PoisonError::into_inner).push((id, result));
            };
            let outcome = catch_unwind(AssertUnwindSafe(|| work(&progress, &mut |result| push(result))));
            if let Err(panic) = outcome {
                let message = panic
                    .downcast_ref::<&str>()
                    .map(|text| (*text).to_owned())
                    .or_else(|| panic.downcast_ref::<String>().cloned())
                    .unwrap_or_else(|| "no message".to_owned());
                push(JobResult::Crashed { kind, message });
            }
            progress.set(1.0);
            finished.lock().unwrap_or_else(PoisonError::into_inner).push((id, JobResult::END));
        };
        if let Err(error) = thread::Builder::new().name(format!("job-{id}")).spawn(body) {
            let message = format!("cannot start a thread: {error}");
            let kind = self.running.pop().map_or(JobKind::Load, |running| running.kind);
            let mut finished = self.finished.lock().unwrap_or_else(PoisonError::into_inner);
            finished.push((id, JobResult::Crashed { kind, message }));
        }
        id
    }

    /// Asks a job to stop; its outcome says that it was cancelled.
    pub fn cancel(&self, id: u64) {
        for running in self.running.iter().filter(|running| running.id == id) {
            running.progress.cancel();
        }
    }

    /// Asks every job of a kind to stop.
    pub fn cancel_where(&self, wanted: impl Fn(&JobKind) -> bool) {
        for running in self.running.iter().filter(|running| wanted(&running.kind)) {
            running.progress.cancel();
        }
    }

    pub fn running(&self) -> &[Running] {
        &self.running
    }

    pub fn is_idle(&self) -> bool {
        self.running.is_empty() && self.finished.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// Puts a result in the queue as if a job had given it: for data that were loaded before the program started.
    pub fn give(&mut self, result: JobResult) {
        self.next_id += 1;
        self.finished.lock().unwrap_or_else(PoisonError::into_inner).push((self.next_id, result));
    }

    /// Takes what has come out since the last call, in order.
    pub fn collect(&mut self) -> Vec<JobResult> {
        let finished = std::mem::take(&mut *self.finished.lock().unwrap_or_else(PoisonError::into_inner));
        let mut results = Vec::new();
        for (id, result) in finished {
            if result.is_end() {
                self.running.retain(|running| running.id != id);
            } else {
                results.push(result);
            }
        }
        results
    }
}

impl JobResult {
    /// Marks the end of a job in the queue; never handed out.
    const END: Self =
        Self::Baseline { revision: u64::MAX, result: Err(String::new()), cells: None, problems: Vec::new() };

    fn is_end(&self) -> bool {
        matches!(self, Self::Baseline { revision: u64::MAX, .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(jobs: &mut Jobs) -> Vec<JobResult> {
        let mut results = Vec::new();
        while !jobs.is_idle() {
            results.append(&mut jobs.collect());
            thread::yield_now();
        }
        results
    }

    #[test]
    fn a_panic_becomes_a_result_and_the_job_ends() {
        let mut jobs = Jobs::default();
        jobs.start(JobKind::Load, |_, _| panic!("broken file"));
        let results = wait(&mut jobs);
        assert!(matches!(&results[..], [JobResult::Crashed { message, .. }] if message == "broken file"));
        assert!(jobs.running().is_empty());
    }

    #[test]
    fn cancelling_reaches_the_job() {
        let mut jobs = Jobs::default();
        let id = jobs.start(JobKind::Save, |progress, give| {
            while !progress.is_cancelled() {
                thread::yield_now();
            }
            give(JobResult::Loaded(Err("cancelled".to_owned())));
        });
        assert_eq!(jobs.running().len(), 1);
        jobs.cancel(id);
        assert!(matches!(&wait(&mut jobs)[..], [JobResult::Loaded(Err(text))] if text == "cancelled"));
    }
}
