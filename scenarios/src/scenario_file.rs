//! The scenario file: versioned JSON, upgraded step by step, refused in words when it is newer than this program.

use serde_json::{Map, Value, json};

use crate::{measures::Measure, scenario::Scenario};

/// The `format` key of every scenario file.
pub const FORMAT: &str = "stadsmaquette-scenario";
/// The version that this program writes.
pub const VERSION: u64 = 1;

/// A scenario with everything else that its file held: keys of newer or other programs survive a save.
#[derive(Clone, Debug, PartialEq)]
pub struct ScenarioFile {
    pub scenario: Scenario,
    raw: Map<String, Value>,
}

/// Why a scenario file cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScenarioFileError {
    #[error("expected a scenario file in JSON, found {found} at line {line}, column {column}")]
    NotJson { found: String, line: usize, column: usize },
    #[error("expected \"format\": \"stadsmaquette-scenario\", found {found}; is this another kind of file?")]
    OtherFormat { found: String },
    #[error(
        "this scenario was saved by a newer program: its version is {found}, this program knows versions up to {known}; \
         please update the program (the file is unchanged)"
    )]
    Newer { found: u64, known: u64 },
    #[error("expected {expected} in the scenario file, found {found}")]
    Malformed { expected: &'static str, found: String },
}

impl ScenarioFile {
    pub fn new(scenario: Scenario) -> Self {
        Self { scenario, raw: Map::new() }
    }

    pub fn from_json(text: &str) -> Result<Self, ScenarioFileError> {
        let value: Value = serde_json::from_str(text).map_err(|error| ScenarioFileError::NotJson {
            found: error.to_string(),
            line: error.line(),
            column: error.column(),
        })?;
        let Value::Object(mut raw) = value else {
            return Err(ScenarioFileError::Malformed { expected: "one JSON object", found: short(&value) });
        };
        match raw.get("format").and_then(Value::as_str) {
            Some(FORMAT) => {}
            _ => {
                return Err(ScenarioFileError::OtherFormat {
                    found: raw.get("format").map_or_else(|| "no format key".to_owned(), short),
                });
            }
        }
        let version =
            raw.get("version").and_then(Value::as_u64).ok_or_else(|| ScenarioFileError::Malformed {
                expected: "a whole number as \"version\"",
                found: raw.get("version").map_or_else(|| "none".to_owned(), short),
            })?;
        if version > VERSION {
            return Err(ScenarioFileError::Newer { found: version, known: VERSION });
        }
        for from in version..VERSION {
            upgrade(from, &mut raw);
        }
        let scenario = raw.get("scenario").cloned().ok_or_else(|| ScenarioFileError::Malformed {
            expected: "an object \"scenario\"",
            found: "none".to_owned(),
        })?;
        let scenario = serde_json::from_value(scenario).map_err(|error| ScenarioFileError::Malformed {
            expected: "a scenario with id, name and measures that this version knows",
            found: format!("{error} (it knows {})", Measure::KINDS.join(", ")),
        })?;
        Ok(Self { scenario, raw })
    }

    /// Pretty JSON with a last newline. Keys that this program does not know are kept where they were.
    pub fn to_json(&self) -> String {
        let mut value = json!({ "format": FORMAT, "version": VERSION, "scenario": self.scenario });
        keep_unknown(&Value::Object(self.raw.clone()), &mut value);
        let mut text = serde_json::to_string_pretty(&value).unwrap_or_default();
        text.push('\n');
        text
    }
}

/// One step per version: changes `raw` from version `from` to `from + 1`. Version 0 was never published: it had the
/// scenario's keys at the top.
fn upgrade(from: u64, raw: &mut Map<String, Value>) {
    if from == 0 && !raw.contains_key("scenario") {
        let mut scenario = Map::new();
        for key in ["id", "name", "note", "measures"] {
            if let Some(value) = raw.remove(key) {
                scenario.insert(key.to_owned(), value);
            }
        }
        raw.insert("scenario".to_owned(), Value::Object(scenario));
    }
    raw.insert("version".to_owned(), json!(from + 1));
}

/// Copies what `old` has and `new` has not, at every depth. Lists follow each other by position while each pair is of
/// the same kind, so that a key on a measure stays with it.
fn keep_unknown(old: &Value, new: &mut Value) {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            if old.get("kind") != new.get("kind")
                || old.get("name") != new.get("name") && old.contains_key("kind")
            {
                return;
            }
            for (key, value) in old {
                match new.get_mut(key) {
                    Some(known) => keep_unknown(value, known),
                    None => {
                        new.insert(key.clone(), value.clone());
                    }
                }
            }
        }
        (Value::Array(old), Value::Array(new)) => {
            for (old, new) in old.iter().zip(new) {
                keep_unknown(old, new);
            }
        }
        _ => {}
    }
}

fn short(value: &Value) -> String {
    value.to_string().chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measures::PedestrianStreet;

    fn example() -> Scenario {
        let mut scenario = Scenario::new("market", "Market without cars");
        scenario.measures.push(Measure::PedestrianStreet(PedestrianStreet {
            name: "Marktstraat".into(),
            delivery_window: Some((420, 660)),
            allows_cycling: true,
            ..PedestrianStreet::default()
        }));
        scenario
    }

    #[test]
    fn a_scenario_comes_back_as_it_was_saved() {
        let text = ScenarioFile::new(example()).to_json();
        assert!(text.contains("\"kind\": \"pedestrian-street\""), "{text}");
        assert_eq!(ScenarioFile::from_json(&text).map(|file| file.scenario), Ok(example()));
    }

    #[test]
    fn a_newer_file_is_refused_in_words_and_other_files_too() {
        let newer = json!({ "format": FORMAT, "version": 7, "scenario": example() }).to_string();
        let error = ScenarioFile::from_json(&newer).unwrap_err();
        assert_eq!(error, ScenarioFileError::Newer { found: 7, known: 1 });
        assert!(error.to_string().contains("newer program"));
        assert!(matches!(
            ScenarioFile::from_json("{\"format\":\"other\"}"),
            Err(ScenarioFileError::OtherFormat { .. })
        ));
        assert!(matches!(ScenarioFile::from_json("{"), Err(ScenarioFileError::NotJson { line: 1, .. })));
        assert!(matches!(ScenarioFile::from_json("[]"), Err(ScenarioFileError::Malformed { .. })));
    }

    #[test]
    fn unknown_keys_survive_at_every_depth() {
        let mut value: Value = serde_json::from_str(&ScenarioFile::new(example()).to_json()).unwrap();
        value["session"] = json!({ "room": "B" });
        value["scenario"]["colour"] = json!("blue");
        value["scenario"]["measures"][0]["paving"] = json!("brick");
        let mut file = ScenarioFile::from_json(&value.to_string()).unwrap();
        file.scenario.note = "changed".into();
        let saved: Value = serde_json::from_str(&file.to_json()).unwrap();
        assert_eq!(saved["session"]["room"], "B");
        assert_eq!(saved["scenario"]["colour"], "blue");
        assert_eq!(saved["scenario"]["measures"][0]["paving"], "brick");
        assert_eq!(saved["scenario"]["note"], "changed");
    }

    #[test]
    fn version_0_is_upgraded() {
        let old =
            json!({ "format": FORMAT, "version": 0, "id": "a", "name": "b", "measures": [] }).to_string();
        let file = ScenarioFile::from_json(&old).unwrap();
        assert_eq!(file.scenario, Scenario::new("a", "b"));
        assert!(file.to_json().contains("\"version\": 1"));
    }
}
