//! What a project says about the models besides its data: files of assumptions and of own indicators, beside the project
//! file and of the same name, and trips that are known.

use std::{
    fs,
    path::{Path, PathBuf},
};

use layers::{crs::Epsg, model::Layer};
use scenarios::{
    Assumptions, Baseline, BaselineError,
    assumptions::AssumptionsFile,
    indicators::custom::{BrokenIndicator, CustomIndicators, Tables},
};

use super::trips::{self, Surroundings};
use crate::{project::Project, project_file::DemandEntry};

/// What a baseline is made of, apart from the open project so that a job can take it along.
#[derive(Clone, Debug)]
pub struct BaselineInputs {
    layers: Vec<Layer>,
    crs: Epsg,
    path: Option<PathBuf>,
    demand: Option<DemandEntry>,
}

impl BaselineInputs {
    pub fn of(project: &Project) -> Self {
        Self {
            layers: project.layers.iter().map(|state| state.layer.clone()).collect(),
            crs: project.crs,
            path: project.path.clone(),
            demand: project.demand.clone(),
        }
    }

    /// The baseline with the assumptions of the project, and what is wrong with those or with the known trips in words.
    pub fn read(&self) -> (Result<Baseline, BaselineError>, Vec<String>) {
        let (assumptions, mut problems) = assumptions_of(self.path.as_deref());
        match self.read_with(&assumptions) {
            Ok((baseline, faults)) => {
                problems.extend(faults);
                (Ok(baseline), problems)
            }
            Err(error) => (Err(error), problems),
        }
    }

    /// As [`Self::read`] with given assumptions. With trips that cannot be used the city is as without them, and the
    /// second part says what is wrong.
    pub fn read_with(&self, assumptions: &Assumptions) -> Result<(Baseline, Vec<String>), BaselineError> {
        let baseline = Baseline::from_layers(&self.layers, assumptions)?;
        let Some(demand) = &self.demand else { return Ok((baseline, Vec::new())) };
        let around = Surroundings { path: self.path.as_deref(), layers: &self.layers, crs: self.crs };
        Ok(match trips::read(demand, &around) {
            Ok(trips) => (baseline.with_trips(trips), Vec::new()),
            Err(faults) => {
                let say = |fault| format!("trips: {fault}; the trips are made from people and jobs instead");
                (baseline, faults.into_iter().map(say).collect())
            }
        })
    }
}

/// The file of assumptions of a project: `NAME.assumptions.json`.
pub fn assumptions_path(project: &Path) -> PathBuf {
    project.with_extension("assumptions.json")
}

/// The file of own indicators of a project: `NAME.indicators.json`.
pub fn indicators_path(project: &Path) -> PathBuf {
    project.with_extension("indicators.json")
}

/// The assumptions in a file, and what is wrong with it in words; where a value is bad the model book's stands.
pub fn read_assumptions(path: &Path) -> (Assumptions, Vec<String>) {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            return (
                Assumptions::default(),
                vec![format!("cannot read the assumptions: {error}. File: {}", path.display())],
            );
        }
    };
    let (file, problems) = AssumptionsFile::read(&text);
    let words = problems
        .iter()
        .map(|problem| format!("{problem}; the model book's value is used instead. File: {}", path.display()))
        .collect();
    (file.assumptions, words)
}

/// The assumptions of a project: those of its file where there is one.
pub fn assumptions_of(project: Option<&Path>) -> (Assumptions, Vec<String>) {
    match project.map(assumptions_path).filter(|path| path.is_file()) {
        Some(path) => read_assumptions(&path),
        None => (Assumptions::default(), Vec::new()),
    }
}

/// The indicators in a file that hold, every mistake in it in words, and those that do not hold.
pub fn read_indicators(
    path: &Path,
    baseline: &Baseline,
) -> (CustomIndicators, Vec<String>, Vec<BrokenIndicator>) {
    let at = || format!("File: {}", path.display());
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            let mistake = format!("cannot read the indicators: {error}. {}", at());
            return (CustomIndicators::default(), vec![mistake], Vec::new());
        }
    };
    let (read, mistakes, broken) = CustomIndicators::read(&text, &Tables::of_baseline(baseline, None));
    (read, mistakes.iter().map(|error| format!("{error}. {}", at())).collect(), broken)
}
