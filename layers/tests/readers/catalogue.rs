//! The page of formats agrees with the readers. `UPDATE_DOCS=1 ./packaging/test --test readers` writes it anew.

use std::{fs, path::Path};

use layers::readers::{READERS, Source, catalogue, find_reader};

use super::support::shared;

#[test]
fn the_page_of_formats_is_up_to_date() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../FORMATS.md");
    let made = catalogue::markdown();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&page, &made).unwrap();
    }
    let written = fs::read_to_string(&page).unwrap_or_default();
    assert!(written == made, "FORMATS.md is old; run this test with UPDATE_DOCS=1");
}

#[test]
fn the_real_file_of_each_format_is_read_by_its_reader() {
    for (id, file) in catalogue::TESTED_ON {
        assert!(READERS.iter().any(|reader| reader.id() == *id), "{id} is no reader");
        let Some(path) = shared(file) else { return };
        let found = find_reader(&Source::from_path(&path)).unwrap();
        // An archive is opened by the reader of archives, which asks the reader of its contents.
        assert!(found.id() == *id || found.id() == "zip", "{file} is read by {}, not {id}", found.id());
    }
}
