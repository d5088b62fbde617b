//! Every visible text, in Dutch and English, from the Fluent files in `assets/texts`.
//!
//! A text that is missing shows its key, is remembered in [`missing_keys`], and fails the tests.

use std::collections::BTreeSet;
use std::sync::{Mutex, OnceLock, PoisonError};

use fluent::concurrent::FluentBundle;
use fluent::{FluentArgs, FluentResource, FluentValue};
use unic_langid::{LanguageIdentifier, langid};

use crate::commands::Language;

/// Fluent files of one language: stem and content, in the order of [`STEMS`].
type Files = [(&'static str, &'static str); 12];

macro_rules! files {
    ($folder:literal) => {
        [
            ("menu", include_str!(concat!("../../../assets/texts/", $folder, "/menu.ftl"))),
            ("layers", include_str!(concat!("../../../assets/texts/", $folder, "/layers.ftl"))),
            ("inspector", include_str!(concat!("../../../assets/texts/", $folder, "/inspector.ftl"))),
            ("scenario", include_str!(concat!("../../../assets/texts/", $folder, "/scenario.ftl"))),
            ("indicators", include_str!(concat!("../../../assets/texts/", $folder, "/indicators.ftl"))),
            ("methods", include_str!(concat!("../../../assets/texts/", $folder, "/methods.ftl"))),
            ("timebar", include_str!(concat!("../../../assets/texts/", $folder, "/timebar.ftl"))),
            ("status", include_str!(concat!("../../../assets/texts/", $folder, "/status.ftl"))),
            ("welcome", include_str!(concat!("../../../assets/texts/", $folder, "/welcome.ftl"))),
            ("messages", include_str!(concat!("../../../assets/texts/", $folder, "/messages.ftl"))),
            ("words", include_str!(concat!("../../../assets/texts/", $folder, "/words.ftl"))),
            ("errors", include_str!(concat!("../../../assets/texts/", $folder, "/errors.ftl"))),
        ]
    };
}

static DUTCH: Files = files!("nl-NL");
static ENGLISH: Files = files!("en-GB");

/// The stem and content of every Fluent file of a language; for tests and for the doctor.
pub fn files(language: Language) -> &'static [(&'static str, &'static str)] {
    match language {
        Language::Dutch => &DUTCH,
        Language::English => &ENGLISH,
    }
}

/// Looks texts up in one language. Copying is free: the texts are read once per process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Texts {
    pub language: Language,
}

impl Texts {
    pub const fn new(language: Language) -> Self {
        Self { language }
    }

    /// The text of a key, or the key itself when there is none.
    pub fn get(&self, key: &str) -> String {
        self.look_up(key, None).unwrap_or_else(|| remember_missing(key))
    }

    /// The text of a key with its arguments filled in, such as `&[("count", 3.into()), ("name", name.into())]`.
    pub fn get_with(&self, key: &str, arguments: &[(&str, FluentValue<'_>)]) -> String {
        let mut filled = FluentArgs::with_capacity(arguments.len());
        for (name, value) in arguments {
            filled.set((*name).to_owned(), value.clone());
        }
        self.look_up(key, Some(&filled)).unwrap_or_else(|| remember_missing(key))
    }

    pub fn has(&self, key: &str) -> bool {
        bundle(self.language).has_message(key)
    }

    fn look_up(self, key: &str, arguments: Option<&FluentArgs<'_>>) -> Option<String> {
        let bundle = bundle(self.language);
        let pattern = bundle.get_message(key)?.value()?;
        let mut errors = Vec::new();
        let text = bundle.format_pattern(pattern, arguments, &mut errors).into_owned();
        if !errors.is_empty() {
            remember_missing(&format!("{key}: {errors:?}"));
        }
        Some(text)
    }
}

static MISSING: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Keys that were asked for and not found (or lacked an argument) since the program started.
pub fn missing_keys() -> Vec<String> {
    MISSING.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
}

fn remember_missing(key: &str) -> String {
    MISSING.lock().unwrap_or_else(PoisonError::into_inner).insert(key.to_owned());
    key.to_owned()
}

fn bundle(language: Language) -> &'static FluentBundle<FluentResource> {
    static DUTCH_BUNDLE: OnceLock<FluentBundle<FluentResource>> = OnceLock::new();
    static ENGLISH_BUNDLE: OnceLock<FluentBundle<FluentResource>> = OnceLock::new();
    match language {
        Language::Dutch => DUTCH_BUNDLE.get_or_init(|| read_bundle(langid!("nl-NL"), &DUTCH)),
        Language::English => ENGLISH_BUNDLE.get_or_init(|| read_bundle(langid!("en-GB"), &ENGLISH)),
    }
}

fn read_bundle(language: LanguageIdentifier, files: &Files) -> FluentBundle<FluentResource> {
    let mut bundle = FluentBundle::new_concurrent(vec![language]);
    // Isolation marks around arguments show as boxes in egui's fonts.
    bundle.set_use_isolating(false);
    for (stem, content) in files {
        let resource = match FluentResource::try_new((*content).to_owned()) {
            Ok(resource) => resource,
            Err((resource, faults)) => {
                for fault in faults {
                    remember_missing(&format!("{stem}.ftl: {fault}"));
                }
                resource
            }
        };
        if let Err(faults) = bundle.add_resource(resource) {
            for fault in faults {
                remember_missing(&format!("{stem}.ftl: {fault}"));
            }
        }
    }
    bundle
}
