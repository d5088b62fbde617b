//! What a project says about the models besides its data: files of assumptions and of own indicators, beside the project
//! file and of the same name.

use std::{
    fs,
    path::{Path, PathBuf},
};

use scenarios::{
    Assumptions, Baseline,
    assumptions::AssumptionsFile,
    indicators::custom::{CustomIndicators, Tables},
};

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

/// The indicators in a file; `Err` holds every mistake in it, in words.
pub fn read_indicators(path: &Path, baseline: &Baseline) -> Result<CustomIndicators, Vec<String>> {
    let at = || format!("File: {}", path.display());
    let text = fs::read_to_string(path)
        .map_err(|error| vec![format!("cannot read the indicators: {error}. {}", at())])?;
    CustomIndicators::parse(&text, &Tables::of_baseline(baseline, None))
        .map_err(|errors| errors.iter().map(|error| format!("{error}. {}", at())).collect())
}
