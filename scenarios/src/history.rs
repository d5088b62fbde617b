//! Undo and redo as earlier values of the (small) scenario; drags of one slider merge into one step.

use crate::scenario::Scenario;

/// The values a scenario had, and which of them is current. There is always a current one.
#[derive(Clone, Debug)]
pub struct History {
    steps: Vec<Scenario>,
    current: usize,
    /// Key of the last push, while nothing else happened since.
    open_key: Option<String>,
    saved: Option<usize>,
}

impl History {
    /// Starts with `scenario`, which counts as saved.
    pub fn new(scenario: Scenario) -> Self {
        Self { steps: vec![scenario], current: 0, open_key: None, saved: Some(0) }
    }

    pub fn current(&self) -> &Scenario {
        &self.steps[self.current]
    }

    /// Makes `scenario` current. What was undone is forgotten. A push with the same `merge_key` as the push just before
    /// replaces it, so that one drag is one step. A push that changes nothing is no step.
    pub fn push(&mut self, scenario: Scenario, merge_key: Option<&str>) {
        if scenario == *self.current() {
            return;
        }
        let merges =
            merge_key.is_some() && self.open_key.as_deref() == merge_key && self.saved != Some(self.current);
        self.steps.truncate(self.current + 1);
        if self.saved.is_some_and(|saved| saved > self.current) {
            self.saved = None;
        }
        if merges {
            self.steps[self.current] = scenario;
        } else {
            self.steps.push(scenario);
            self.current += 1;
        }
        self.open_key = merge_key.map(str::to_owned);
    }

    /// Goes one step back; `None` at the beginning.
    pub fn undo(&mut self) -> Option<&Scenario> {
        if !self.can_undo() {
            return None;
        }
        self.current -= 1;
        self.open_key = None;
        Some(self.current())
    }

    /// Goes one step forward; `None` at the end.
    pub fn redo(&mut self) -> Option<&Scenario> {
        if !self.can_redo() {
            return None;
        }
        self.current += 1;
        self.open_key = None;
        Some(self.current())
    }

    pub fn can_undo(&self) -> bool {
        self.current > 0
    }

    pub fn can_redo(&self) -> bool {
        self.current + 1 < self.steps.len()
    }

    /// The current value is what is on disk now.
    pub fn mark_saved(&mut self) {
        self.saved = Some(self.current);
        self.open_key = None;
    }

    pub fn is_saved(&self) -> bool {
        self.saved == Some(self.current)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> Scenario {
        Scenario::new("a", name)
    }

    #[test]
    fn any_mix_of_pushes_undos_and_redos_agrees_with_a_list_of_values() {
        let mut seed = 7_u64;
        let mut random = move |limit: u64| {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (seed >> 33) % limit
        };
        let mut history = History::new(named("start"));
        let (mut values, mut at) = (vec![named("start")], 0);
        for step in 0..2000 {
            match random(3) {
                0 => {
                    values.truncate(at + 1);
                    values.push(named(&step.to_string()));
                    at += 1;
                    history.push(named(&step.to_string()), None);
                }
                1 => {
                    at = at.saturating_sub(1);
                    history.undo();
                }
                _ => {
                    at = (at + 1).min(values.len() - 1);
                    history.redo();
                }
            }
            assert_eq!(history.current(), &values[at]);
            assert_eq!((history.can_undo(), history.can_redo()), (at > 0, at + 1 < values.len()));
        }
    }

    #[test]
    fn one_drag_is_one_step_and_another_key_or_an_undo_ends_it() {
        let mut history = History::new(named("0"));
        for name in ["1", "2", "3"] {
            history.push(named(name), Some("slider"));
        }
        assert_eq!(history.undo().map(|s| s.name.as_str()), Some("0"));
        history.redo();
        history.push(named("4"), Some("slider"));
        assert_eq!(history.undo().map(|s| s.name.as_str()), Some("3"), "a redo closes the drag");
    }

    #[test]
    fn the_saved_mark_follows_its_value() {
        let mut history = History::new(named("0"));
        assert!(history.is_saved());
        history.push(named("1"), Some("k"));
        assert!(!history.is_saved());
        history.mark_saved();
        history.push(named("2"), Some("k"));
        assert!(!history.is_saved());
        assert_eq!(history.undo().map(|s| s.name.as_str()), Some("1"), "saving ends a drag");
        assert!(history.is_saved());
        history.undo();
        history.push(named("3"), None);
        history.undo();
        history.redo();
        assert!(!history.is_saved(), "the saved value was cut off");
        let same = history.current().clone();
        history.push(same, None);
        assert!(!history.can_redo(), "a push without change adds no step");
    }
}
