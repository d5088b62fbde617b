//! The cache gives the same as the source, and notices when it does not fit any more.

use std::{fs, path::Path, time::SystemTime};

use layers::{
    cache::{self, Cache, OpenOptions, Opened},
    model::{CityModel, LayerData},
    readers::{ReadContext, Source},
};

fn open(path: &Path, options: &OpenOptions) -> Opened {
    let opened = cache::open(&Source::from_path(path), &mut ReadContext::default(), options).unwrap();
    if let (Some(cache), Some(key), false) = (&options.cache, &opened.key, opened.was_cached) {
        cache.keep(key, &opened.outcome).unwrap();
    }
    opened
}

fn city(opened: &Opened) -> &CityModel {
    match &opened.outcome.layers[0].data {
        LayerData::City(model) => model,
        other => panic!("a city was expected, found {}", other.kind()),
    }
}

fn stored_files(cache: &Cache) -> Vec<std::path::PathBuf> {
    let mut files: Vec<_> = fs::read_dir(cache.folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "outcome"))
        .collect();
    files.sort();
    files
}

#[test]
fn the_second_opening_gives_the_same_without_reading() {
    let Some(source) = super::shared("3d-city/delft_3dbag_2024.city.jsonl") else { return };
    let folder = super::folder("second");
    let cache = Cache::open(folder.join("cache"), u64::MAX).unwrap();
    let options = OpenOptions { cache: Some(cache.clone()), ..OpenOptions::default() };
    let first = open(&source, &options);
    let second = open(&source, &options);
    assert!(!first.was_cached && second.was_cached);
    assert_eq!(city(&first), city(&second));
    assert_eq!(first.outcome.inspection.counts, second.outcome.inspection.counts);
    // A copy elsewhere has the same bytes.
    let copy = folder.join("delft_3dbag_2024.city.jsonl");
    fs::copy(&source, &copy).unwrap();
    assert!(open(&copy, &options).was_cached);
}

#[test]
fn a_changed_source_is_noticed_even_with_its_old_date_and_size() {
    let Some(source) = super::shared("3d-city/delft_3dbag_2024.city.jsonl") else { return };
    let folder = super::folder("changed");
    let copy = folder.join("delft.city.jsonl");
    fs::copy(&source, &copy).unwrap();
    let cache = Cache::open(folder.join("cache"), u64::MAX).unwrap();
    let options = OpenOptions { cache: Some(cache), ..OpenOptions::default() };
    let first = open(&copy, &options);
    let old_time = fs::metadata(&copy).unwrap().modified().unwrap();
    let text = fs::read_to_string(&copy).unwrap();
    let old_id = city(&first).objects[0].id.clone();
    let new_id = old_id.replace("NL.", "XX.");
    assert!(new_id != old_id && new_id.len() == old_id.len());
    fs::write(&copy, text.replace(&old_id, &new_id)).unwrap();
    fs::File::options().append(true).open(&copy).unwrap().set_modified(old_time).unwrap();
    let second = open(&copy, &options);
    assert!(!second.was_cached);
    assert_eq!(city(&second).objects[0].id, new_id);
}

#[test]
fn a_damaged_cache_is_noticed_and_made_anew() {
    let Some(source) = super::shared("3d-city/delft_3dbag_2024.city.jsonl") else { return };
    let folder = super::folder("damaged");
    let cache = Cache::open(folder.join("cache"), u64::MAX).unwrap();
    let options = OpenOptions { cache: Some(cache.clone()), ..OpenOptions::default() };
    let first = open(&source, &options);
    let stored = stored_files(&cache);
    assert_eq!(stored.len(), 1);
    let sound = fs::read(&stored[0]).unwrap();
    let mut flipped = sound.clone();
    flipped[sound.len() / 2] ^= 0x10;
    for damaged in [flipped, sound[..sound.len() - 9].to_vec(), vec![0; 4096], Vec::new()] {
        // As a crash or a bad disk leaves it: another file under the same name.
        fs::remove_file(&stored[0]).unwrap();
        fs::write(&stored[0], damaged).unwrap();
        let again = open(&source, &options);
        assert!(!again.was_cached, "damage is noticed");
        assert_eq!(city(&first), city(&again));
        assert!(open(&source, &options).was_cached, "and mended");
    }
}

#[test]
fn the_file_that_was_used_longest_ago_goes_when_the_cache_is_full() {
    let folder = super::folder("full");
    let cache = Cache::open(&folder, 250).unwrap();
    let hour = std::time::Duration::from_hours(1);
    for (number, name) in ["old", "middle", "new"].into_iter().enumerate() {
        let path = folder.join(format!("{name}.outcome"));
        fs::write(&path, [0; 100]).unwrap();
        let time = SystemTime::now() - hour * (10 - number as u32);
        fs::File::options().append(true).open(&path).unwrap().set_modified(time).unwrap();
    }
    cache.clean();
    assert!(!folder.join("old.outcome").exists());
    assert!(folder.join("middle.outcome").exists() && folder.join("new.outcome").exists());
}
