//! Runs a list of commands as a user would give them, waiting after each until nothing is in flight, and checks what it
//! is told to check.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use bevy::prelude::*;
use serde_json::Value;

use crate::{
    commands::{AppCommand, Expectation, Language, run},
    jobs::Jobs,
    picture::PictureRequests,
    snapshot::snapshot,
    state::{MessageLevel, Messages, QuitRequested},
    ui::text::Texts,
};

#[derive(Debug, thiserror::Error)]
pub enum ScriptError {
    #[error("cannot read the script: {reason}. File: {path}")]
    Unreadable { path: PathBuf, reason: String },
    #[error("expected a JSON array of commands such as {{\"do\": \"undo\"}}, found: {found}. File: {path}")]
    Malformed { path: PathBuf, found: String },
    #[error("step {step} ({command}): expected {pointer} {expected}, found {found}")]
    AssertionFailed { step: usize, command: String, pointer: String, expected: String, found: String },
    #[error("step {step} ({command}): still working after {seconds} s")]
    TimedOut { step: usize, command: String, seconds: u64 },
    #[error("step {step} ({command}): {message}")]
    CommandFailed { step: usize, command: String, message: String },
    #[error("step {step} ({command}): cannot write: {reason}")]
    Unwritable { step: usize, command: String, reason: String },
}

/// Reads a script: a JSON array of commands; lines that start with `//` are remarks.
pub fn read(path: &Path) -> Result<Vec<AppCommand>, ScriptError> {
    let text = fs::read_to_string(path)
        .map_err(|error| ScriptError::Unreadable { path: path.to_path_buf(), reason: error.to_string() })?;
    parse(&text).map_err(|found| ScriptError::Malformed { path: path.to_path_buf(), found })
}

fn parse(text: &str) -> Result<Vec<AppCommand>, String> {
    let plain: String = text
        .lines()
        .map(|line| if line.trim_start().starts_with("//") { "" } else { line })
        .collect::<Vec<_>>()
        .join("\n");
    let values: Vec<Value> = serde_json::from_str(&plain).map_err(|error| error.to_string())?;
    values.into_iter().map(command).collect()
}

/// One command; a key that it does not have is a mistake, not a wish.
fn command(value: Value) -> Result<AppCommand, String> {
    let command: AppCommand =
        serde_json::from_value(value.clone()).map_err(|error| format!("{error} in {value}"))?;
    let known = serde_json::to_value(&command).map_err(|error| error.to_string())?;
    let unknown =
        value.as_object().and_then(|given| given.keys().find(|key| known.get(key.as_str()).is_none()));
    match unknown {
        Some(key) => Err(format!("the key \"{key}\" in {value}; expected {known}")),
        None => Ok(command),
    }
}

/// A script under way; [`Self::step`] is called once a frame.
#[derive(Resource)]
pub struct ScriptRun {
    commands: Vec<AppCommand>,
    next: usize,
    waiting_since: Option<Instant>,
    /// Frames to let pass before the next command, so that a window shows what happened.
    settle_frames: u32,
    /// Commands put before those of the script's file; they are not counted.
    before: usize,
    /// An error message of the program ends the script unless the next command asserts on messages.
    pub outcome: Option<Result<usize, ScriptError>>,
}

/// A single command may take this long.
const LIMIT: Duration = Duration::from_mins(5);

impl ScriptRun {
    pub fn new(commands: Vec<AppCommand>) -> Self {
        Self { commands, next: 0, waiting_since: None, settle_frames: 0, before: 0, outcome: None }
    }

    /// A script that begins with opening `paths`, which its file does not say.
    pub fn opening(paths: Vec<PathBuf>, commands: Vec<AppCommand>) -> Self {
        let open = AppCommand::Open { paths };
        Self { before: 1, ..Self::new([vec![open], commands].concat()) }
    }

    /// The number of the command in the script's file, from 1; 0 for what comes before.
    fn step_of(&self, next: usize) -> usize {
        next.saturating_sub(self.before)
    }

    /// Carries out the next command when nothing is in flight. Sets [`Self::outcome`] at the end.
    pub fn step(world: &mut World) {
        let Some(mut script) = world.remove_resource::<Self>() else { return };
        script.advance(world);
        world.insert_resource(script);
    }

    fn advance(&mut self, world: &mut World) {
        if self.outcome.is_some() {
            return;
        }
        let (step, name) = (self.step_of(self.next), self.name(self.next.saturating_sub(1)));
        let is_busy = !world.resource::<Jobs>().is_idle()
            || world.resource::<PictureRequests>().is_busy()
            || world.resource::<crate::state::SceneTiles>().is_loading();
        if is_busy {
            let since = *self.waiting_since.get_or_insert_with(Instant::now);
            if since.elapsed() > LIMIT {
                self.outcome =
                    Some(Err(ScriptError::TimedOut { step, command: name, seconds: LIMIT.as_secs() }));
            }
            return;
        }
        self.waiting_since = None;
        if self.settle_frames > 0 {
            self.settle_frames -= 1;
            return;
        }
        let Some(command) = self.commands.get(self.next).cloned() else {
            // What went wrong in the last command is still to be said.
            let count = self.commands.len() - self.before;
            self.outcome = Some(self.failure(world, step, &name).map_or(Ok(count), Err));
            return;
        };
        let is_check = matches!(command, AppCommand::Assert { .. } | AppCommand::WriteSnapshot { .. });
        if !is_check && let Some(error) = self.failure(world, step, &name) {
            self.outcome = Some(Err(error));
            return;
        }
        self.next += 1;
        let (step, name) = (self.step_of(self.next), self.name(self.next - 1));
        match command {
            AppCommand::WaitIdle => {}
            AppCommand::Assert { pointer, expectation } => {
                if let Err((expected, found)) = check(&snapshot(world), &pointer, &expectation) {
                    self.outcome = Some(Err(ScriptError::AssertionFailed {
                        step,
                        command: name,
                        pointer,
                        expected,
                        found,
                    }));
                }
            }
            AppCommand::WriteSnapshot { path } => {
                let text = serde_json::to_string_pretty(&snapshot(world)).unwrap_or_default();
                if let Err(error) = fs::write(&path, text + "\n") {
                    let reason = error.to_string();
                    self.outcome = Some(Err(ScriptError::Unwritable { step, command: name, reason }));
                }
            }
            AppCommand::Quit => self.outcome = Some(Ok(step)),
            command => {
                run(world, command);
                self.settle_frames = 2;
            }
        }
        if self.outcome.is_some() {
            world.resource_mut::<QuitRequested>().0 = true;
        }
    }

    /// Error messages that no assertion took: they are cleared once they were looked at.
    fn failure(&self, world: &mut World, step: usize, name: &str) -> Option<ScriptError> {
        let was_checked =
            self.next.checked_sub(1).and_then(|last| self.commands.get(last)).is_some_and(|command| {
                matches!(command, AppCommand::Assert { .. } | AppCommand::WriteSnapshot { .. })
            });
        let mut messages = world.resource_mut::<Messages>();
        let error = messages.list.iter().find(|message| message.level == MessageLevel::Error).cloned();
        messages.list.retain(|message| message.level != MessageLevel::Error);
        let error = error.filter(|_| !was_checked)?;
        let sentence = Texts::new(Language::English).get(&error.text);
        let message = std::iter::once(sentence).chain(error.details).collect::<Vec<_>>().join(": ");
        Some(ScriptError::CommandFailed { step, command: name.to_owned(), message })
    }

    fn name(&self, index: usize) -> String {
        self.commands
            .get(index)
            .and_then(|command| serde_json::to_value(command).ok())
            .and_then(|value| value.get("do").and_then(Value::as_str).map(str::to_owned))
            .unwrap_or_default()
    }
}

/// Compares one value of the snapshot; `Err` holds what was expected and found, in words.
fn check(snapshot: &Value, pointer: &str, expectation: &Expectation) -> Result<(), (String, String)> {
    let value = snapshot.pointer(pointer).unwrap_or(&Value::Null);
    let number = value.as_f64();
    let (holds, expected) = match expectation {
        Expectation::Equals(wanted) => {
            let is_equal = match (number, wanted.as_f64()) {
                (Some(a), Some(b)) => a == b,
                _ => value == wanted,
            };
            (is_equal, format!("to equal {wanted}"))
        }
        Expectation::Above(limit) => (number.is_some_and(|n| n > *limit), format!("to be above {limit}")),
        Expectation::Below(limit) => (number.is_some_and(|n| n < *limit), format!("to be below {limit}")),
        Expectation::Contains(wanted) => {
            let holds = match value {
                Value::Array(list) => list.contains(wanted),
                Value::String(text) => wanted.as_str().is_some_and(|part| text.contains(part)),
                _ => false,
            };
            (holds, format!("to contain {wanted}"))
        }
    };
    if holds {
        return Ok(());
    }
    let mut found = value.to_string();
    if found.len() > 400 {
        found = found.chars().take(400).chain("…".chars()).collect();
    }
    Err((expected, found))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_json_with_remarks() {
        let script = parse(
            "// open\n[{\"do\": \"open-demo\"},\n// look\n{\"do\": \"assert\", \"pointer\": \"/tasks\", \"equals\": 0},\n\
             {\"do\": \"set-layer-visible\", \"layer\": \"trees\", \"is-visible\": false}]",
        )
        .unwrap();
        assert_eq!(script[0], AppCommand::OpenDemo);
        assert_eq!(
            script[1],
            AppCommand::Assert { pointer: "/tasks".into(), expectation: Expectation::Equals(0.into()) }
        );
        assert_eq!(script[2], AppCommand::SetLayerVisible { layer: "trees".into(), is_visible: false });
        assert!(parse("[{\"do\": \"undo\", \"x\": 1}]").unwrap_err().contains("\"x\""));
        assert!(parse("[{\"do\": \"fly\"}]").unwrap_err().contains("fly"));
    }

    #[test]
    fn checks_say_what_was_expected_and_found() {
        let state = serde_json::json!({"a": [1, 2.5, "drie"], "b": "Voorstraat"});
        assert!(check(&state, "/a/0", &Expectation::Equals(1.into())).is_ok());
        assert!(check(&state, "/a/1", &Expectation::Above(2.0)).is_ok());
        assert!(check(&state, "/a", &Expectation::Contains("drie".into())).is_ok());
        assert!(check(&state, "/b", &Expectation::Contains("straat".into())).is_ok());
        let (expected, found) = check(&state, "/c", &Expectation::Below(1.0)).unwrap_err();
        assert_eq!((expected.as_str(), found.as_str()), ("to be below 1", "null"));
    }
}
