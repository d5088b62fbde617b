//! Every sentence of the engine has its words in both languages, with the same arguments.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use scenarios::{
    engine::NODES,
    indicators::{INDICATORS, MethodCard},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Text and arguments by key, of all files of a language.
fn texts(language: &str) -> BTreeMap<String, (String, BTreeSet<String>)> {
    let mut texts = BTreeMap::new();
    let folder = root().join("assets/texts").join(language);
    for entry in std::fs::read_dir(folder).unwrap() {
        let content = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        for line in content.lines() {
            if let Some((key, text)) = line.split_once(" = ") {
                let arguments = text.split("{ $").skip(1).filter_map(|part| part.split([' ', '}']).next());
                texts.insert(key.to_owned(), (text.to_owned(), arguments.map(str::to_owned).collect()));
            }
        }
    }
    texts
}

#[test]
fn every_indicator_has_a_method_card_in_both_languages() {
    let (dutch, english) = (texts("nl-NL"), texts("en-GB"));
    for definition in INDICATORS {
        let card = MethodCard::of(definition);
        let name = [definition.text_key.to_owned(), format!("{}-help", definition.text_key)];
        for key in card.keys().into_iter().chain(name.iter().map(String::as_str)) {
            let (Some(a), Some(b)) = (dutch.get(key), english.get(key)) else {
                panic!("{key} is missing in nl-NL or en-GB");
            };
            assert!(a.0.len() > 3 && b.0.len() > 3, "{key} is empty");
            assert_eq!(a.1, b.1, "{key} has other arguments in Dutch than in English");
        }
    }
    for node in NODES {
        let key = format!("model-{}", node.name);
        assert!(dutch.contains_key(&key) && english.contains_key(&key), "{key} is missing");
    }
}

#[test]
fn every_statement_of_the_code_has_its_words_and_names_its_arguments() {
    let (dutch, english) = (texts("nl-NL"), texts("en-GB"));
    let mut files = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    let mut seen = 0;
    for path in files {
        let content = std::fs::read_to_string(&path).unwrap();
        let content = content.split("#[cfg(test)]").next().unwrap_or_default();
        for literal in content.split('"').skip(1).step_by(2) {
            let is_key =
                ["explain-", "reason-", "filled-", "note-"].iter().any(|stem| literal.starts_with(stem))
                    && literal.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
            if is_key {
                seen += 1;
                let place = path.display();
                let own =
                    dutch.get(literal).unwrap_or_else(|| panic!("{literal} in {place} has no Dutch text"));
                let other = english
                    .get(literal)
                    .unwrap_or_else(|| panic!("{literal} in {place} has no English text"));
                assert_eq!(own.1, other.1, "{literal}");
                for argument in &own.1 {
                    assert!(
                        content.contains(&format!("\"{argument}\"")),
                        "{literal} wants {argument}, which {place} never gives"
                    );
                }
            }
        }
    }
    assert!(seen > 50, "only {seen} keys were found");
}

fn collect(folder: &Path, into: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}
