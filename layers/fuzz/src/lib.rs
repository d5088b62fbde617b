//! What all fuzz targets of readers share.

use std::path::PathBuf;

use layers::{
    crs::LocalFrame,
    index::SpatialIndex,
    mesh::{TileGrid, buildings::mesh_city},
    model::{LayerData, Lod},
    readers::{FormatReader, ReadContext, ReadOutcome, Source},
};

/// Reads `data` as a file called `name` with one reader; the outcome where it is readable at all. Any panic is found by
/// the fuzzer, also one inside the reader's threads.
pub fn read(reader: &dyn FormatReader, name: &str, data: &[u8]) -> Option<ReadOutcome> {
    layers::crs::ensure_init();
    let path = scratch(name);
    std::fs::write(&path, data).expect("the scratch folder is writable");
    reader.read(&Source::from_path(&path), &mut ReadContext::default()).ok()
}

/// What every model must hold, whatever was in the file; then everything that a project does with it at once.
pub fn check_city(outcome: &ReadOutcome) {
    for layer in &outcome.layers {
        let LayerData::City(model) = &layer.data else { continue };
        assert_eq!(model.attributes.rows(), model.objects.len());
        for (row, object) in model.objects.iter().enumerate() {
            for geometry in &object.geometries {
                assert_eq!(geometry.surface_types.len(), geometry.surface_ends.len());
                let ends = [geometry.indices.len(), geometry.ring_ends.len(), geometry.surface_ends.len()];
                for (list, total) in [&geometry.ring_ends, &geometry.surface_ends, &geometry.shell_ends].into_iter().zip(ends)
                {
                    assert!(list.is_sorted());
                    assert!(list.last().is_none_or(|&end| end as usize <= total));
                }
                for &index in &geometry.indices {
                    assert!(model.vertices[index as usize].iter().all(|value| value.is_finite()));
                }
            }
            for &parent in &object.parents {
                assert!(model.objects[parent as usize].children.contains(&(row as u32)));
            }
            assert!(model.root_of(row) < model.objects.len());
        }
        let _ = SpatialIndex::of_objects(model);
        let bounds = model.bounds();
        if !bounds.is_empty() && bounds.size()[0] < 1e5 && bounds.size()[1] < 1e5 {
            let frame = LocalFrame { origin: bounds.center() };
            mesh_city(model, Lod::new(2, 2), frame, TileGrid::default(), 0);
        }
    }
}

/// In memory where the system has such a folder; one for each process.
fn scratch(name: &str) -> PathBuf {
    let shared = PathBuf::from("/dev/shm");
    let base = if shared.is_dir() { shared } else { std::env::temp_dir() };
    let folder = base.join(format!("stadsmaquette-fuzz-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("the scratch folder can be made");
    folder.join(name)
}
