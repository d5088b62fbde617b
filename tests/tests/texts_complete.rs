//! Dutch and English say the same things: the same keys with the same arguments, and every key that the program uses.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use app::commands::Language;
use app::ui::text::{Texts, files};

/// Keys of one language with the arguments that they use, per file.
fn keys(language: Language) -> BTreeMap<String, (String, BTreeSet<String>)> {
    let mut found = BTreeMap::new();
    for (stem, content) in files(language) {
        let mut current: Option<String> = None;
        for line in content.lines() {
            let is_message = line.starts_with(|letter: char| letter.is_ascii_lowercase());
            if is_message && let Some((key, _)) = line.split_once(" =") {
                let earlier = found.insert(key.to_owned(), ((*stem).to_owned(), BTreeSet::new()));
                assert!(earlier.is_none(), "{key} is twice in {language:?}");
                current = Some(key.to_owned());
            }
            if let Some((_, arguments)) = current.as_ref().and_then(|key| found.get_mut(key)) {
                for part in line.split("{ $").skip(1) {
                    let name =
                        part.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').next();
                    arguments.extend(name.map(str::to_owned));
                }
            }
        }
    }
    found
}

#[test]
fn both_languages_have_the_same_keys_in_the_same_files_with_the_same_arguments() {
    let (dutch, english) = (keys(Language::Dutch), keys(Language::English));
    assert!(dutch.len() > 200, "only {} keys were found", dutch.len());
    assert_eq!(dutch, english);
}

#[test]
fn no_text_is_empty_or_the_same_as_its_key() {
    for language in [Language::Dutch, Language::English] {
        let texts = Texts::new(language);
        for (key, (_, arguments)) in keys(language) {
            let filled: Vec<_> = arguments.iter().map(|name| (name.as_str(), "7".into())).collect();
            let text = texts.get_with(&key, &filled);
            assert!(!text.trim().is_empty() && text != key, "{key} in {language:?} is {text:?}");
            assert!(!text.contains("{$"), "{key} in {language:?} keeps an argument: {text:?}");
        }
    }
}

#[test]
fn a_missing_key_shows_itself_and_is_remembered() {
    assert_eq!(Texts::new(Language::Dutch).get("no-such-key"), "no-such-key");
    assert!(app::ui::text::missing_keys().contains(&"no-such-key".to_owned()));
}

#[test]
fn plurals_follow_the_count() {
    let texts = Texts::new(Language::Dutch);
    let say = |count: usize| texts.get_with("message-more", &[("count", count.into())]);
    assert_eq!(say(1), "en nog 1 bericht");
    assert_eq!(say(3), "en nog 3 berichten");
}

#[test]
fn every_indicator_has_a_name_a_help_line_and_a_formula() {
    for language in [Language::Dutch, Language::English] {
        let texts = Texts::new(language);
        for indicator in scenarios::indicators::INDICATORS {
            for key in [
                indicator.text_key.to_owned(),
                format!("{}-help", indicator.text_key),
                format!("formula-{}", indicator.id),
            ] {
                assert!(texts.has(&key), "{key} is missing in {language:?}");
            }
        }
    }
}

#[test]
fn every_class_of_street_has_a_name() {
    for (_, name) in layers::model::LinkClass::ALL {
        let key = format!("class-{}", name.replace('_', "-"));
        assert!(Texts::new(Language::Dutch).has(&key), "{key} is missing");
    }
}

#[test]
fn every_key_that_the_program_names_exists() {
    let known = keys(Language::Dutch);
    let app =
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests lie in the workspace").join("app/src");
    let mut sources = Vec::new();
    collect_sources(&app, &mut sources);
    assert!(sources.len() > 20, "only {} source files were found", sources.len());
    let stems: BTreeSet<&str> = known.keys().filter_map(|key| key.split('-').next()).collect();
    let mut used = 0;
    for path in sources {
        let content = std::fs::read_to_string(&path).expect("sources can be read");
        // A literal of two or more lowercase words joined by dashes, beginning as our keys begin, in a file that
        // looks texts up.
        if !(content.contains("text(") || content.contains("text_with(") || content.contains("Texts")) {
            continue;
        }
        let content = content.split("#[cfg(test)]").next().unwrap_or_default();
        for literal in content.split('"').skip(1).step_by(2) {
            let is_key = literal.contains('-')
                && literal
                    .chars()
                    .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-')
                && !literal.ends_with('-')
                && literal.split('-').next().is_some_and(|stem| stems.contains(stem));
            if is_key && known.contains_key(literal) {
                used += 1;
            } else if is_key && !literal.ends_with(|letter: char| letter.is_ascii_digit()) {
                panic!("{literal:?} in {} is no text", path.display());
            }
        }
    }
    assert!(used > 150, "only {used} uses were found");
}

fn collect_sources(folder: &Path, into: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the folder exists")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect_sources(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}

#[test]
fn every_measure_has_a_name_in_both_languages() {
    for language in [Language::Dutch, Language::English] {
        let texts = Texts::new(language);
        let kinds = scenarios::measures::Measure::KINDS.iter().map(|kind| format!("measure-{kind}"));
        let street = app::commands::StreetMeasure::ALL.iter().map(|measure| measure.text_key().to_owned());
        let building =
            app::commands::BuildingMeasure::ALL.iter().map(|measure| measure.text_key().to_owned());
        for key in kinds.chain(street).chain(building) {
            assert_ne!(texts.get(&key), key, "{language:?}");
        }
    }
}
