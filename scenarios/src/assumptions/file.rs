//! The file of assumptions of a project: documented, editable, and as JSON, because projects are JSON, one parser serves
//! both, and what is not known survives being written again. (TOML has comments, but its writers drop them; here the
//! description is a key of each entry.)

use serde_json::{Map, Value, json};

use super::{
    Allowed, Assumption, Assumptions,
    entries::{ENTRIES, Entry, TABLES},
};

/// First key of the file.
const FORMAT: &str = "stadsmaquette-assumptions";
const VERSION: u64 = 1;

/// A mistake in a file of assumptions. Where a value is bad, the default of the model book is used instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: expected {expected}, found {found}")]
pub struct AssumptionProblem {
    /// Path in the file, such as `assumptions.walk_kmh.low`.
    pub place: String,
    pub expected: String,
    pub found: String,
}

/// Assumptions with everything else that their file holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AssumptionsFile {
    pub assumptions: Assumptions,
    /// Keys that this version does not know: beside "assumptions", in it, and in its entries. They are written again.
    unknown: Map<String, Value>,
}

impl AssumptionsFile {
    pub fn new(assumptions: Assumptions) -> Self {
        Self { assumptions, unknown: Map::new() }
    }

    /// Reads the text of a file. Whatever is wrong is listed, all together; the rest is taken. A text that is no JSON
    /// gives the defaults and one problem.
    pub fn read(text: &str) -> (Self, Vec<AssumptionProblem>) {
        let mut reader = Reader::default();
        let mut file = Self::default();
        match serde_json::from_str::<Value>(text) {
            Ok(Value::Object(root)) => file.take(root, &mut reader),
            Ok(other) => reader.add("the file", "a JSON object", &kind(&other)),
            Err(error) => {
                let place = format!("line {}, column {}", error.line(), error.column());
                reader.add(&place, "JSON", &error.to_string());
            }
        }
        (file, reader.problems)
    }

    fn take(&mut self, mut root: Map<String, Value>, reader: &mut Reader) {
        if let Some(format) = root.remove("format")
            && format != FORMAT
        {
            reader.add("format", &format!("\"{FORMAT}\""), &format.to_string());
        }
        if let Some(version) = root.remove("version")
            && version.as_u64().is_none_or(|version| version > VERSION)
        {
            reader.add("version", &format!("{VERSION} or less"), &version.to_string());
        }
        let entries = match root.remove("assumptions") {
            Some(Value::Object(entries)) => entries,
            None => Map::new(),
            Some(other) => {
                reader.add("assumptions", "an object", &kind(&other));
                Map::new()
            }
        };
        root.remove("about");
        self.unknown = root;
        let mut kept = Map::new();
        // What was read replaces the defaults, entry by entry.
        let mut all = as_map(&Assumptions::default());
        for (name, value) in entries {
            let place = format!("assumptions.{name}");
            if let Some(entry) = ENTRIES.iter().find(|entry| entry.name == name) {
                let default = assumption_of(&all, &name);
                if let Some((read, rest)) =
                    default.and_then(|default| reader.entry(entry, &place, value, default))
                {
                    all.insert(name.clone(), json!(read));
                    if !rest.is_empty() {
                        kept.insert(name, Value::Object(rest));
                    }
                }
            } else if TABLES.iter().any(|(known, ..)| *known == name) {
                if let Some(value) = reader.table(&name, &place, value, &all) {
                    all.insert(name, value);
                }
            } else {
                let known =
                    ENTRIES.iter().map(|entry| entry.name).chain(TABLES.iter().map(|(name, ..)| *name));
                let nearest = nearest_name(&name, known);
                let found = match nearest {
                    Some(nearest) => format!("\"{name}\"; nearest is \"{nearest}\""),
                    None => format!("\"{name}\""),
                };
                reader.add(&place, "the name of an assumption (it is kept, and changes nothing)", &found);
                kept.insert(name, value);
            }
        }
        if !kept.is_empty() {
            self.unknown.insert("assumptions".to_owned(), Value::Object(kept));
        }
        match serde_json::from_value(Value::Object(all)) {
            Ok(assumptions) => self.assumptions = assumptions,
            Err(error) => reader.add("assumptions", "values of the right kind", &error.to_string()),
        }
    }

    /// The documented file: every entry with its description, unit, band and source, in the order of the model book.
    pub fn write(&self) -> String {
        let all = as_map(&self.assumptions);
        let mut unknown = self.unknown.clone();
        let extra = match unknown.remove("assumptions") {
            Some(Value::Object(extra)) => extra,
            _ => Map::new(),
        };
        let mut entries = Map::new();
        for entry in ENTRIES {
            let Some(assumption) = assumption_of(&all, entry.name) else { continue };
            let mut written = Map::new();
            written.insert("description".into(), entry.description.into());
            written.insert("section".into(), entry.section.into());
            written.insert("allowed".into(), entry.allowed.expected().into());
            written.insert("low".into(), json!(assumption.low));
            written.insert("central".into(), json!(assumption.central));
            written.insert("high".into(), json!(assumption.high));
            written.insert("unit".into(), assumption.unit.into());
            written.insert("source".into(), assumption.source.into());
            if let Some(Value::Object(own)) = extra.get(entry.name) {
                for (key, value) in own {
                    written.entry(key).or_insert_with(|| value.clone());
                }
            }
            entries.insert(entry.name.into(), Value::Object(written));
        }
        for (name, section, description) in TABLES {
            let Some(value) = all.get(*name) else { continue };
            entries.insert(
                (*name).into(),
                json!({ "description": description, "section": section, "value": value }),
            );
        }
        for (name, value) in extra {
            entries.entry(name).or_insert(value);
        }
        let mut root = Map::new();
        root.insert("format".into(), FORMAT.into());
        root.insert("version".into(), VERSION.into());
        root.insert(
            "about".into(),
            "What the models assume. Change low, central and high, and say in source why. Sections are those of the model book.".into(),
        );
        root.insert("assumptions".into(), Value::Object(entries));
        root.extend(unknown);
        serde_json::to_string_pretty(&Value::Object(root)).unwrap_or_default() + "\n"
    }
}

impl Assumptions {
    /// Every number with a band: its documentation and its value.
    pub fn entries(&self) -> Vec<(&'static Entry, Assumption)> {
        let all = as_map(self);
        ENTRIES.iter().filter_map(|entry| Some((entry, assumption_of(&all, entry.name)?))).collect()
    }

    /// Changes one number. Bad values are refused, all reasons together, and nothing changes.
    pub fn set(&mut self, name: &str, value: &Assumption) -> Result<(), Vec<AssumptionProblem>> {
        let mut file = Map::new();
        file.insert(name.to_owned(), json!(value));
        let mut reader = Reader::default();
        let mut changed = AssumptionsFile::default();
        let root = Map::from_iter([("assumptions".to_owned(), Value::Object(file))]);
        changed.take(root, &mut reader);
        if !reader.problems.is_empty() {
            return Err(reader.problems);
        }
        let mut all = as_map(self);
        all.insert(name.to_owned(), json!(value));
        match serde_json::from_value(Value::Object(all)) {
            Ok(assumptions) => *self = assumptions,
            Err(error) => reader.add(name, "a value of the right kind", &error.to_string()),
        }
        if reader.problems.is_empty() { Ok(()) } else { Err(reader.problems) }
    }

    /// What is wrong with these values, as [`AssumptionsFile::read`] says it: also for numbers that no JSON can hold.
    pub fn problems(&self) -> Vec<AssumptionProblem> {
        let mut reader = Reader::default();
        for (entry, assumption) in self.entries_exact() {
            let place = format!("assumptions.{}", entry.name);
            reader.band(entry, &place, [assumption.low, assumption.central, assumption.high]);
        }
        for (name, ..) in TABLES {
            super::tables::check(self, name, &mut |at, expected, found| {
                reader.add(&format!("assumptions.{name}{at}"), expected, &found);
            });
        }
        reader.problems
    }
}

fn as_map(assumptions: &Assumptions) -> Map<String, Value> {
    match serde_json::to_value(assumptions) {
        Ok(Value::Object(map)) => map,
        _ => Map::new(),
    }
}

fn assumption_of(all: &Map<String, Value>, name: &str) -> Option<Assumption> {
    serde_json::from_value(all.get(name)?.clone()).ok()
}

fn kind(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => value.to_string(),
        Value::Array(items) => format!("a list of {}", items.len()),
        Value::Object(_) => "an object".to_owned(),
    }
}

/// Gathers problems.
#[derive(Default)]
struct Reader {
    problems: Vec<AssumptionProblem>,
}

impl Reader {
    fn add(&mut self, place: &str, expected: &str, found: &str) {
        self.problems.push(AssumptionProblem {
            place: place.to_owned(),
            expected: expected.to_owned(),
            found: found.to_owned(),
        });
    }

    /// Whether three numbers may be a band.
    fn band(&mut self, entry: &Entry, place: &str, band: [f64; 3]) -> bool {
        let before = self.problems.len();
        for (key, number) in ["low", "central", "high"].into_iter().zip(band) {
            if !entry.allowed.holds(number) {
                self.add(&format!("{place}.{key}"), entry.allowed.expected(), &number.to_string());
            }
        }
        if self.problems.len() == before && !entry.allowed.is_ordered(band) {
            let expected = match entry.allowed {
                Allowed::Elasticity => "low >= central >= high, as a stronger response is a lower number",
                _ => "low <= central <= high",
            };
            self.add(place, expected, &format!("{} / {} / {}", band[0], band[1], band[2]));
        }
        self.problems.len() == before
    }

    /// An entry, and its keys that are not known. A bare number is all three.
    fn entry(
        &mut self,
        entry: &Entry,
        place: &str,
        value: Value,
        default: Assumption,
    ) -> Option<(Assumption, Map<String, Value>)> {
        let mut keys = match value {
            Value::Object(keys) => keys,
            Value::Number(number) => {
                let mut keys = Map::new();
                for key in ["low", "central", "high"] {
                    keys.insert(key.to_owned(), Value::Number(number.clone()));
                }
                keys
            }
            other => {
                self.add(place, "an object with low, central and high, or one number", &kind(&other));
                return None;
            }
        };
        let before = self.problems.len();
        let mut number = |key: &str, default: f64| match keys.remove(key) {
            None => default,
            Some(value) => value.as_f64().unwrap_or_else(|| {
                self.add(&format!("{place}.{key}"), entry.allowed.expected(), &kind(&value));
                default
            }),
        };
        let central = number("central", default.central);
        let (low, high) = (number("low", default.low), number("high", default.high));
        let mut text = |key: &str, default: String| match keys.remove(key) {
            None => default,
            Some(Value::String(text)) => text,
            Some(other) => {
                self.add(&format!("{place}.{key}"), "a text", &kind(&other));
                default
            }
        };
        let (unit, source) = (text("unit", default.unit.clone()), text("source", default.source.clone()));
        if unit != default.unit {
            self.add(
                &format!("{place}.unit"),
                &format!("\"{}\": numbers are not converted", default.unit),
                &format!("\"{unit}\""),
            );
        }
        for documentation in ["description", "section", "allowed"] {
            keys.remove(documentation);
        }
        if self.problems.len() > before || !self.band(entry, place, [low, central, high]) {
            return None;
        }
        Some((Assumption { low, central, high, unit, source }, keys))
    }

    /// A setting that is a table, as written (`{description, value}`) or bare.
    fn table(&mut self, name: &str, place: &str, value: Value, all: &Map<String, Value>) -> Option<Value> {
        let value = match value {
            Value::Object(mut keys) if keys.contains_key("value") => keys.remove("value").unwrap_or_default(),
            other => other,
        };
        // Does it have the shape of the setting?
        let mut tried = all.clone();
        tried.insert(name.to_owned(), value.clone());
        let tried: Assumptions = match serde_json::from_value(Value::Object(tried)) {
            Ok(tried) => tried,
            Err(error) => {
                self.add(place, "values as in the documented file", &format!("{}: {error}", kind(&value)));
                return None;
            }
        };
        let before = self.problems.len();
        super::tables::check(&tried, name, &mut |at, expected, found| {
            self.add(&format!("{place}{at}"), expected, &found);
        });
        (self.problems.len() == before).then_some(value)
    }
}

/// The known name that is nearest to a mistyped one; `None` when all are far.
pub(crate) fn nearest_name<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (name.chars().count() / 3).max(2);
    known
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}

/// Letters to change, add or take away (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let cost = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = cost.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> Vec<String> {
        AssumptionsFile::read(text).1.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_documented_file_says_everything_and_gives_the_same_settings_again() {
        let mut assumptions = Assumptions::default();
        assumptions.walk_kmh.central = 4.5;
        let text = AssumptionsFile::new(assumptions.clone()).write();
        let (file, problems) = AssumptionsFile::read(&text);
        assert_eq!(problems, []);
        assert_eq!(file.assumptions, assumptions);
        assert_eq!(file.write(), text, "written again it is the same text");
        // Every setting is documented: a new one fails here until it is.
        let json: Value = serde_json::from_str(&text).unwrap();
        for (name, _) in as_map(&assumptions) {
            let entry = &json["assumptions"][&name];
            let description = entry["description"].as_str().unwrap_or_default();
            assert!(description.len() > 10, "{name} has no description: add it to assumptions/entries.rs");
            if entry.get("value").is_none() {
                assert!(!entry["source"].as_str().unwrap_or_default().is_empty(), "{name} has no source");
                assert!(entry["unit"].is_string());
            }
        }
        assert_eq!(as_map(&assumptions).len(), ENTRIES.len() + TABLES.len());
        assert_eq!(Assumptions::default().problems(), []);
    }

    #[test]
    fn every_mistake_is_told_at_once_with_where_and_what_would_do() {
        let text = r#"{ "assumptions": {
            "walk_kmh": { "low": 9, "central": 4.8, "high": 5.3 },
            "cycle_kmh": -15,
            "peak_share": { "central": 1.4 },
            "wlak_kmh": 5,
            "car_occupancy": "many",
            "speed_band": { "central": "NaN" },
            "detour_factor": { "unit": "km" },
            "car_time_elasticity": { "low": -0.6, "central": -0.3, "high": -0.15 },
            "mode_split": [ { "up_to_km": 5, "walk": 0.5, "cycle": 0.5, "car": 0.5, "transit": 0 } ],
            "residential": { "free_flow_kmh": 24, "usual_limit_kmh": 30, "capacity_per_lane": -1 },
            "purposes": 3
        } }"#;
        let found = problems(text);
        let has = |part: &str| assert!(found.iter().any(|line| line.contains(part)), "{part} in {found:#?}");
        has("assumptions.walk_kmh: expected low <= central <= high, found 9 / 4.8 / 5.3");
        has("assumptions.cycle_kmh.low: expected a number above 0, found -15");
        has("assumptions.peak_share.central: expected a number from 0 to 1, found 1.4");
        has("\"wlak_kmh\"; nearest is \"walk_kmh\"");
        has(
            "assumptions.car_occupancy: expected an object with low, central and high, or one number, found \"many\"",
        );
        has("assumptions.speed_band.central: expected a number from 0 to 1, found \"NaN\"");
        has("assumptions.detour_factor.unit: expected \"\": numbers are not converted, found \"km\"");
        has("assumptions.car_time_elasticity: expected low >= central >= high");
        has("assumptions.mode_split[0]: expected shares that add up to 1, found 1.5");
        has("assumptions.residential.capacity_per_lane: expected a number above 0, found -1");
        has("assumptions.purposes: expected values as in the documented file");
        let (file, _) = AssumptionsFile::read(text);
        assert_eq!(file.assumptions, Assumptions::default(), "what is wrong leaves the model book");
        assert!(problems("{")[0].contains("line 1"));
        assert_eq!(problems("[]"), ["the file: expected a JSON object, found a list of 0"]);
        let newer = r#"{ "format": "other", "version": 9 }"#;
        assert_eq!(problems(newer).len(), 2);
    }

    #[test]
    fn good_values_are_taken_and_what_is_not_known_survives() {
        let text = r#"{ "city": "Merewaarde", "assumptions": {
            "walk_kmh": { "central": 4.6, "source": "own count 2026", "counted_by": "street team" },
            "truck_pcu": 2.5,
            "future_setting": { "central": 1 }
        } }"#;
        let (file, problems) = AssumptionsFile::read(text);
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert_eq!((file.assumptions.walk_kmh.central, file.assumptions.walk_kmh.low), (4.6, 3.6));
        assert_eq!(file.assumptions.truck_pcu.high, 2.5);
        let again: Value = serde_json::from_str(&file.write()).unwrap();
        assert_eq!(again["city"], "Merewaarde");
        assert_eq!(again["assumptions"]["walk_kmh"]["counted_by"], "street team");
        assert_eq!(again["assumptions"]["future_setting"]["central"], 1);
        assert_eq!(AssumptionsFile::read(&file.write()).0, file);
    }

    #[test]
    fn one_number_can_be_set_and_a_bad_one_changes_nothing() {
        let mut assumptions = Assumptions::default();
        let mut walk = assumptions.walk_kmh.clone();
        walk.central = 5.0;
        assumptions.set("walk_kmh", &walk).unwrap();
        assert_eq!(assumptions.walk_kmh.central, 5.0);
        walk.low = f64::NAN;
        let before = assumptions.clone();
        assert_eq!(assumptions.set("walk_kmh", &walk).unwrap_err()[0].place, "assumptions.walk_kmh.low");
        assert!(assumptions.set("walk", &walk).is_err());
        assert_eq!(assumptions, before);
        assumptions.walk_kmh.high = f64::INFINITY;
        assumptions.max_zones = 0;
        let found: Vec<String> = assumptions.problems().iter().map(|p| p.place.clone()).collect();
        assert_eq!(found, ["assumptions.walk_kmh.high", "assumptions.max_zones"]);
    }

    #[test]
    fn the_nearest_name_is_found_by_letters() {
        let known = ["walk_kmh", "cycle_kmh", "peak_share"];
        assert_eq!(nearest_name("walk_km", known.into_iter()), Some("walk_kmh"));
        assert_eq!(nearest_name("peek_shore", known.into_iter()), Some("peak_share"));
        assert_eq!(nearest_name("temperature", known.into_iter()), None);
    }
}
