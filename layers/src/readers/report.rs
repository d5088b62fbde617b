//! Faults gathered while reading: a file with ten faults is reported once with ten lines, and the rest still loads.

use std::collections::BTreeMap;

use serde::Serialize;

use super::text::{MESSAGE_LENGTH, NAME_LENGTH, for_people};

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

impl Fault {
    /// Makes the words that stood in the file plain and short; see [`super::text::for_people`].
    pub(super) fn make_plain(&mut self) {
        for (text, most) in [(&mut self.location, NAME_LENGTH), (&mut self.message, MESSAGE_LENGTH)] {
            if let std::borrow::Cow::Owned(clean) = for_people(text, most) {
                *text = clean;
            }
        }
    }
}

/// Collects faults with a cap for each code, so that a broken million-row file cannot fill memory.
#[derive(Debug, Default)]
pub struct Report {
    faults: Vec<Fault>,
    counts: BTreeMap<&'static str, usize>,
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

    /// All kept faults, and one line for each code that had more. Warnings that say the same of many places become one
    /// line with the first place and their number; what was left out is told each time.
    pub fn finish(mut self) -> Vec<Fault> {
        self.join_alike();
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

    fn join_alike(&mut self) {
        /// So many may stand below each other.
        const FEW: usize = 3;
        fn key(fault: &Fault) -> (&'static str, &str) {
            // What was expected is the same of all; what was found may be another number each time.
            (fault.code, fault.message.split(", found").next().unwrap_or_default())
        }
        let mut alike: BTreeMap<(&'static str, &str), usize> = BTreeMap::new();
        let is_joined = |fault: &Fault| fault.severity < Severity::Error && !fault.location.is_empty();
        for fault in self.faults.iter().filter(|fault| is_joined(fault)) {
            *alike.entry(key(fault)).or_default() += 1;
        }
        alike.retain(|_, count| *count > FEW);
        let mut first: Vec<Option<usize>> = Vec::with_capacity(self.faults.len());
        for fault in &self.faults {
            // The number for the first of its kind, 0 for the others, nothing for those that stand alone.
            let count = if is_joined(fault) { alike.get_mut(&key(fault)) } else { None };
            first.push(count.map(std::mem::take));
        }
        // Some of the other places, so that one knows where to look.
        const NAMED: usize = 4;
        let mut more: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
        for (position, count) in first.iter().enumerate() {
            if count.is_some_and(|count| count > 0) {
                let own = key(&self.faults[position]);
                let others = self
                    .faults
                    .iter()
                    .skip(position + 1)
                    .filter(|fault| is_joined(fault) && key(fault) == own);
                more.insert(position, others.map(|fault| fault.location.as_str()).take(NAMED).collect());
            }
        }
        let mut notes: BTreeMap<usize, String> = BTreeMap::new();
        for (position, places) in more {
            let count = first[position].unwrap_or_default() - 1;
            let rest = if count > places.len() { "; …" } else { "" };
            notes.insert(position, format!(" (and in {count} more places: {}{rest})", places.join("; ")));
        }
        let faults = std::mem::take(&mut self.faults).into_iter().zip(first).enumerate();
        for (position, (mut fault, count)) in faults {
            if count != Some(0) {
                fault.message += notes.get(&position).map_or("", String::as_str);
                self.faults.push(fault);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_warning_of_many_places_is_one_line_and_every_loss_is_told() {
        let mut report = Report::default();
        for tile in 1..=9 {
            report.warn("padding", format!("{tile}.b3dm"), format!("expected a multiple of 8, found {tile}"));
            report.error("lost", format!("{tile}.b3dm"), "left out");
        }
        report.warn("padding", "other", "expected another thing, found none");
        let faults = report.finish();
        let warnings: Vec<_> = faults.iter().filter(|fault| fault.code == "padding").collect();
        assert_eq!(warnings.len(), 2, "{warnings:?}");
        assert_eq!(warnings[0].location, "1.b3dm");
        assert_eq!(
            warnings[0].message,
            "expected a multiple of 8, found 1 (and in 8 more places: 2.b3dm; 3.b3dm; 4.b3dm; 5.b3dm; …)"
        );
        assert_eq!(faults.iter().filter(|fault| fault.code == "lost").count(), 9);
    }
}
