//! The project file `NAME.stadsmaquette`: versioned JSON, relative paths, written atomically with the copy before kept.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use layers::crs::Epsg;
use scenarios::Scenario;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{commands::CameraPose, project::Project};

pub const FORMAT: &str = "stadsmaquette-project";
pub const VERSION: u64 = 1;
pub const EXTENSION: &str = "stadsmaquette";

/// What is on disk: a twin of [`Project`] without the data. Unknown keys of every object survive in `extra`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProjectFile {
    pub format: String,
    pub version: u64,
    pub name: String,
    /// "EPSG:28992".
    #[serde(with = "epsg_text")]
    pub crs: Epsg,
    /// "EPSG:n" of sources that do not state theirs, as the user said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assumed_crs: Option<String>,
    /// URIs; files relative to the project's folder where they lie beneath it.
    pub sources: Vec<String>,
    pub layers: Vec<LayerEntry>,
    pub scenarios: Vec<ScenarioEntry>,
    #[serde(default)]
    pub active_scenario: usize,
    /// The trips of the city, where they are known; without it they are made from people and jobs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub demand: Option<DemandEntry>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub camera: Option<CameraPose>,
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// How one layer is shown. A layer of the file that its sources no longer give is reported when the project opens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LayerEntry {
    pub id: String,
    pub title: String,
    #[serde(default = "yes")]
    pub visible: bool,
    #[serde(default = "one")]
    pub opacity: f32,
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// An OD matrix and the places of its zones. Files are relative to the project's folder.
///
/// ```json
/// "demand": {"matrix": "trips.omx", "table": "car", "zones": "zones.geojson", "id_field": "zone"}
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DemandEntry {
    /// Cars in the peak hour from zone to zone: a .csv (origin, destination, trips; or a square table) or an .omx.
    #[serde(default)]
    pub matrix: String,
    /// Which matrix of an .omx with several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// Which list of zones of an .omx with several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mapping: Option<String>,
    /// Where the zones are: the id or the title of a layer of points or areas, or a file of them. Left out where the
    /// project has one layer of zones only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zones: Option<String>,
    /// Column with the ids that the matrix has; without it those of the features.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_field: Option<String>,
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl DemandEntry {
    /// As written for a project in another folder (`from` a project file, `to` a folder): relative where a file lies
    /// beneath it. What is no file stays as it is, and so does everything where the folder stays the same.
    #[must_use]
    pub fn moved(&self, from: Option<&Path>, to: &Path) -> Self {
        let here = |path: &Path| if path.as_os_str().is_empty() { PathBuf::from(".") } else { path.into() };
        let to = here(to);
        let old = from.map(|path| here(path.parent().unwrap_or(Path::new("."))));
        if old.is_some_and(|old| fs::canonicalize(old).ok() == fs::canonicalize(&to).ok()) {
            return self.clone();
        }
        let rebased = |text: &String| {
            let at = from.map_or_else(|| text.clone(), |from| resolve_uri(text, from));
            if Path::new(&at).is_file() { relative_uri(&at, &to) } else { text.clone() }
        };
        Self { matrix: rebased(&self.matrix), zones: self.zones.as_ref().map(rebased), ..self.clone() }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScenarioEntry {
    #[serde(flatten)]
    pub scenario: Scenario,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A CRS as people write it; reads every form that [`Epsg`] reads.
mod epsg_text {
    use layers::crs::Epsg;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    #[allow(clippy::trivially_copy_pass_by_ref)] // serde gives a reference
    pub fn serialize<S: Serializer>(crs: &Epsg, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(crs)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Epsg, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

fn yes() -> bool {
    true
}
fn one() -> f32 {
    1.0
}

#[derive(Debug, thiserror::Error)]
pub enum ProjectFileError {
    #[error("cannot read the project: {reason}. File: {path}")]
    Unreadable { path: PathBuf, reason: String },
    #[error("the project file is empty (0 bytes); look for the copy before, {backup}. File: {path}")]
    Empty { path: PathBuf, backup: PathBuf },
    #[error("expected a project in JSON, found {found} at line {line}, column {column}. File: {path}")]
    NotJson { path: PathBuf, found: String, line: usize, column: usize },
    #[error(
        "expected \"format\": \"stadsmaquette-project\", found {found}; is this another kind of file? File: {path}"
    )]
    OtherFormat { path: PathBuf, found: String },
    #[error(
        "this project was saved by a newer program: its version is {found}, this program knows versions up to {known}; \
         please update the program (the file is unchanged). File: {path}"
    )]
    Newer { path: PathBuf, found: u64, known: u64 },
    #[error("expected a complete project, found: {found}. File: {path}")]
    Malformed { path: PathBuf, found: String },
    #[error("cannot save: {reason}; nothing was changed. File: {path}")]
    Unwritable { path: PathBuf, reason: String },
}

impl ProjectFile {
    pub fn read(path: &Path) -> Result<Self, ProjectFileError> {
        let text = fs::read_to_string(path).map_err(|error| ProjectFileError::Unreadable {
            path: path.to_path_buf(),
            reason: error.to_string(),
        })?;
        Self::parse(&text, path)
    }

    /// `path` only serves the messages.
    pub fn parse(text: &str, path: &Path) -> Result<Self, ProjectFileError> {
        let path = path.to_path_buf();
        if text.trim().is_empty() {
            return Err(ProjectFileError::Empty { backup: backup_path(&path), path });
        }
        let value: Value = serde_json::from_str(text).map_err(|error| ProjectFileError::NotJson {
            found: error.to_string(),
            line: error.line(),
            column: error.column(),
            path: path.clone(),
        })?;
        if value.get("format").and_then(Value::as_str) != Some(FORMAT) {
            let found = value.get("format").map_or_else(|| "no format".to_owned(), Value::to_string);
            return Err(ProjectFileError::OtherFormat { path, found });
        }
        match value.get("version").and_then(Value::as_u64) {
            Some(version) if version > VERSION => {
                return Err(ProjectFileError::Newer { path, found: version, known: VERSION });
            }
            Some(_) => {}
            None => return Err(ProjectFileError::Malformed { path, found: "no \"version\"".to_owned() }),
        }
        serde_json::from_value(value)
            .map_err(|error| ProjectFileError::Malformed { path, found: error.to_string() })
    }

    /// The twin of an open project, with paths relative to `folder` where they lie beneath it.
    pub fn from_project(project: &Project, folder: &Path, camera: Option<CameraPose>) -> Self {
        Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            name: project.name.clone(),
            crs: project.crs,
            assumed_crs: project.assumed_crs.map(|crs| crs.to_string()),
            sources: project.sources.iter().map(|uri| relative_uri(uri, folder)).collect(),
            layers: project
                .layers
                .iter()
                .map(|state| LayerEntry {
                    id: state.layer.id.clone(),
                    title: state.layer.title.clone(),
                    visible: state.is_visible,
                    opacity: state.opacity,
                    extra: Map::new(),
                })
                .collect(),
            scenarios: project
                .scenarios
                .iter()
                .map(|state| ScenarioEntry {
                    scenario: state.scenario().clone(),
                    parent: state.parent.clone(),
                    extra: state.extra.clone(),
                })
                .collect(),
            active_scenario: project.active_scenario,
            demand: project.demand.as_ref().map(|demand| demand.moved(project.path.as_deref(), folder)),
            time: Some(project.time),
            camera,
            extra: project.extra.clone(),
        }
    }

    /// Writes so that at every moment the old or the new file is there, never a mix: a new file beside it, synced, the
    /// old one kept as `*.bak`, then renamed over it.
    pub fn write(&self, path: &Path) -> Result<(), ProjectFileError> {
        let error = |reason: std::io::Error| ProjectFileError::Unwritable {
            path: path.to_path_buf(),
            reason: reason.to_string(),
        };
        let mut text = serde_json::to_string_pretty(self).map_err(|e| error(e.into()))?;
        text.push('\n');
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut name = path.file_name().unwrap_or_default().to_os_string();
        name.push(format!(".{}.tmp", std::process::id()));
        let temporary = folder.join(name);
        let written = (|| {
            let mut file = fs::File::create(&temporary)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            if path.exists() {
                // A hard link or copy, not a rename: the project itself is never missing.
                let backup = backup_path(path);
                let _ = fs::remove_file(&backup);
                if fs::hard_link(path, &backup).is_err() {
                    fs::copy(path, &backup)?;
                }
            }
            fs::rename(&temporary, path)?;
            fs::File::open(folder)?.sync_all()
        })();
        written.map_err(|reason| {
            let _ = fs::remove_file(&temporary);
            error(reason)
        })
    }
}

/// Where the copy before the last save is kept.
pub fn backup_path(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".bak");
    path.with_file_name(name)
}

fn relative_uri(uri: &str, folder: &Path) -> String {
    if uri.contains(':') && !Path::new(uri).exists() {
        return uri.to_owned();
    }
    let absolute = fs::canonicalize(uri).unwrap_or_else(|_| PathBuf::from(uri));
    let folder = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_path_buf());
    match absolute.strip_prefix(&folder) {
        Ok(relative) => relative.to_string_lossy().replace('\\', "/"),
        Err(_) => absolute.display().to_string(),
    }
}

/// The file or address that a project's source stands for.
pub fn resolve_uri(uri: &str, project_path: &Path) -> String {
    let path = Path::new(uri);
    if uri.starts_with("builtin:") || path.is_absolute() {
        return uri.to_owned();
    }
    project_path.parent().unwrap_or(Path::new(".")).join(path).display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> ProjectFile {
        ProjectFile {
            format: FORMAT.into(),
            version: VERSION,
            name: "Proef".into(),
            crs: Epsg::RD_NEW,
            assumed_crs: None,
            sources: vec!["stad.city.json".into()],
            layers: vec![LayerEntry {
                id: "gebouwen".into(),
                title: "Gebouwen".into(),
                visible: false,
                opacity: 0.5,
                extra: Map::new(),
            }],
            scenarios: vec![ScenarioEntry {
                scenario: Scenario::new("s1", "Variant"),
                parent: None,
                extra: Map::new(),
            }],
            active_scenario: 0,
            demand: Some(DemandEntry { matrix: "ritten.csv".into(), ..DemandEntry::default() }),
            time: Some(1),
            camera: None,
            extra: Map::new(),
        }
    }

    #[test]
    fn a_project_comes_back_with_the_keys_it_does_not_know() {
        let mut value = serde_json::to_value(example()).unwrap();
        value["future"] = serde_json::json!({"a": [1, 2]});
        value["layers"][0]["style"] = "mooi".into();
        value["scenarios"][0]["colour"] = "blauw".into();
        value["demand"]["year"] = 2040.into();
        let read = ProjectFile::parse(&value.to_string(), Path::new("x")).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), value);
    }

    #[test]
    fn files_of_trips_stay_found_when_a_project_is_saved_elsewhere() {
        let folder = std::env::temp_dir().join(format!("stadsmaquette-trips-{}", std::process::id()));
        let (old, below) = (folder.join("a.stadsmaquette"), folder.join("new"));
        fs::create_dir_all(&below).unwrap();
        fs::write(folder.join("trips.csv"), "o,d,trips\n").unwrap();
        let entry = DemandEntry {
            matrix: "./trips.csv".into(),
            zones: Some("neighbourhoods".into()),
            ..DemandEntry::default()
        };
        assert_eq!(entry.moved(Some(&old), &folder), entry, "as the user wrote it");
        let elsewhere = entry.moved(Some(&old), &below);
        assert!(Path::new(&elsewhere.matrix).is_absolute() && Path::new(&elsewhere.matrix).is_file());
        assert_eq!(elsewhere.zones.as_deref(), Some("neighbourhoods"), "a layer is no file");
        let back = elsewhere.moved(Some(&below.join("b.stadsmaquette")), &folder);
        assert_eq!(back.matrix, "trips.csv");
        let absent = DemandEntry { matrix: "gone.csv".into(), ..entry };
        assert_eq!(absent.moved(Some(&old), &below).matrix, "gone.csv");
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn newer_empty_and_foreign_files_are_refused_in_words() {
        let mut value = serde_json::to_value(example()).unwrap();
        value["version"] = 99.into();
        let message = |text: &str| ProjectFile::parse(text, Path::new("p")).unwrap_err().to_string();
        assert!(message(&value.to_string()).contains("newer program"), "{}", message(&value.to_string()));
        assert!(message("").contains("empty"));
        assert!(message("{\"format\": \"qgis\"}").contains("stadsmaquette-project"));
        assert!(message("{\"format\": ").contains("line 1"));
    }

    #[test]
    fn saving_keeps_the_copy_before_and_leaves_no_rubbish() {
        let folder = std::env::temp_dir().join(format!("stadsmaquette-save-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("a.stadsmaquette");
        let mut project = example();
        project.write(&path).unwrap();
        project.name = "Tweede".into();
        project.write(&path).unwrap();
        assert_eq!(ProjectFile::read(&path).unwrap().name, "Tweede");
        assert_eq!(ProjectFile::read(&backup_path(&path)).unwrap().name, "Proef");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 2);
        let nowhere = folder.join("missing").join("b.stadsmaquette");
        assert!(project.write(&nowhere).unwrap_err().to_string().contains("nothing was changed"));
        fs::remove_dir_all(&folder).unwrap();
    }
}
