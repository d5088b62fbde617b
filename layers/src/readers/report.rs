//! Faults gathered while reading: a file with ten faults is reported once with ten lines, and the rest still loads.

use serde::Serialize;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; nothing was lost.
    Info,
    /// Something was repaired or assumed.
    Warning,
    /// Something was left out.
    Error,
}

/// One fault in the data, in words a person can act on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    pub severity: Severity,
    /// Stable kebab-case code, such as "vertex-out-of-range".
    pub code: &'static str,
    /// Where: object id, line, byte or table row.
    #[serde(rename = "where")]
    pub location: String,
    /// What was expected, what was found, what was done.
    pub message: String,
}

/// Collects faults with a cap for each code, so that a broken million-row file cannot fill memory.
#[derive(Debug, Default)]
pub struct Report {
    faults: Vec<Fault>,
    counts: std::collections::BTreeMap<&'static str, usize>,
}

impl Report {
    /// Faults kept for each code; more are only counted.
    pub const KEPT_PER_CODE: usize = 20;

    pub fn add(
        &mut self,
        severity: Severity,
        code: &'static str,
        location: impl Into<String>,
        message: impl Into<String>,
    ) {
        let count = self.counts.entry(code).or_default();
        *count += 1;
        if *count <= Self::KEPT_PER_CODE {
            self.faults.push(Fault { severity, code, location: location.into(), message: message.into() });
        }
    }

    pub fn warn(&mut self, code: &'static str, location: impl Into<String>, message: impl Into<String>) {
        self.add(Severity::Warning, code, location, message);
    }

    pub fn error(&mut self, code: &'static str, location: impl Into<String>, message: impl Into<String>) {
        self.add(Severity::Error, code, location, message);
    }

    /// All kept faults, and one line for each code that had more.
    pub fn finish(mut self) -> Vec<Fault> {
        for (code, count) in self.counts {
            if count > Self::KEPT_PER_CODE {
                let rest = count - Self::KEPT_PER_CODE;
                self.faults.push(Fault {
                    severity: Severity::Info,
                    code,
                    location: String::new(),
                    message: format!("and {rest} more of this kind"),
                });
            }
        }
        self.faults
    }
}
