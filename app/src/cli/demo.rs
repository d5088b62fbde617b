//! `demo`: the built-in city as ordinary files.

use std::path::Path;

use anyhow::Context;

use crate::{
    jobs::load,
    project_file::{EXTENSION, ProjectFile},
};

pub fn run(out: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(out).with_context(|| format!("cannot make the folder {}", out.display()))?;
    let city = layers::demo::build(layers::demo::DEMO_SEED);
    let files = layers::demo::write(out, &city)?;
    let uris: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    let mut project = load::load(&uris, &layers::readers::Progress::default())?;
    layers::demo::TOWN.clone_into(&mut project.name);
    // Files carry their own names; the town's are for people.
    for state in &mut project.layers {
        let named = city.layers.iter().find(|layer| {
            layer.data.kind() == state.layer.data.kind()
                && (state.layer.id.ends_with(&layer.id) || state.layer.data.kind() != "features")
        });
        if let Some(layer) = named {
            state.layer.title.clone_from(&layer.title);
        }
    }
    let path = out.join(format!("{}.{EXTENSION}", layers::demo::TOWN.to_lowercase()));
    ProjectFile::from_project(&project, out, None).write(&path)?;
    for file in files.iter().chain([&path]) {
        super::say(&file.display().to_string())?;
    }
    Ok(())
}
