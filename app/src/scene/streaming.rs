//! Prepared tiles come into memory around the place that is looked at and leave it again, within a budget.

use std::{cmp::Ordering, sync::Arc};

use bevy::prelude::*;
use layers::{
    mesh::{TileKey, TileMesh},
    stored::tiles::TileEntry,
};

use super::camera::CameraRig;
use crate::{
    commands::Quality,
    jobs::{JobKind, JobResult, Jobs},
    state::{LayerTileSet, Revisions, SceneTiles, Settings},
};

/// Bytes of prepared tiles in memory at most; the renderer holds as much again.
#[derive(Resource, Clone, Copy, Debug, PartialEq, Eq)]
pub struct TileBudget(pub u64);

impl Default for TileBudget {
    fn default() -> Self {
        Self(512 << 20)
    }
}

/// With low quality, meant for machines without a graphics card of their own: there what the renderer holds is memory of
/// the machine too.
const LOW_QUALITY_BYTES: u64 = 96 << 20;

/// Tiles asked for at once; few, so that the nearest come first when the camera moves on.
const BATCH: usize = 48;
/// Way of the camera after which the choice is made again, as a part of its distance.
const MOVE: f32 = 0.08;

/// Which tiles of a file are wanted: the nearest to `target` (scene axes) that fit in `budget` bytes, nearest first. At
/// least one, however large.
pub fn wanted(entries: &[TileEntry], target: [f32; 3], budget: u64) -> Vec<usize> {
    let distance = |entry: &TileEntry| {
        let part = |axis: usize| {
            let value = target[axis];
            value - value.clamp(entry.min[axis], entry.max[axis])
        };
        part(0).hypot(part(2))
    };
    let mut order: Vec<(f32, usize)> =
        entries.iter().enumerate().map(|(index, entry)| (distance(entry), index)).collect();
    order.sort_by(|a, b| a.0.partial_cmp(&b.0).unwrap_or(Ordering::Equal).then(a.1.cmp(&b.1)));
    let mut used = 0_u64;
    let mut chosen = Vec::new();
    for (_, index) in order {
        let length = entries[index].length;
        if used + length > budget && !chosen.is_empty() {
            break;
        }
        used += length;
        chosen.push(index);
    }
    chosen
}

/// Asks for the tiles that are wanted and not here, and lets those go that are no longer wanted.
pub fn stream_tiles(
    mut scene: ResMut<SceneTiles>,
    rig: Res<CameraRig>,
    budget: Res<TileBudget>,
    settings: Res<Settings>,
    revisions: Res<Revisions>,
    mut jobs: ResMut<Jobs>,
    mut last: Local<Option<(Vec3, u64)>>,
) {
    let count = scene.layers.values().filter(|set| set.file.is_some()).count() as u64;
    if count == 0 {
        return;
    }
    let is_waiting = scene.layers.values().any(|set| !set.asked.is_empty());
    let is_complete =
        |set: &LayerTileSet| set.file.as_ref().is_none_or(|file| set.tiles.len() == file.entries().len());
    let has_moved = last.is_none_or(|(target, revision)| {
        revision != revisions.project || target.distance(rig.target) > rig.distance_m * MOVE
    });
    if is_waiting || !(has_moved || scene.layers.values().any(|set| set.is_hungry)) {
        return;
    }
    *last = Some((rig.target, revisions.project));
    let most = if settings.quality == Quality::Low { LOW_QUALITY_BYTES } else { u64::MAX };
    let share = budget.0.min(most) / count;
    for (layer, set) in &mut scene.bypass_change_detection().layers {
        let Some(file) = set.file.clone() else { continue };
        if is_complete(set) && file.entries().iter().map(|entry| entry.length).sum::<u64>() <= share {
            set.is_hungry = false;
            continue;
        }
        let chosen = wanted(file.entries(), rig.target.to_array(), share);
        let missing: Vec<TileEntry> = chosen
            .iter()
            .filter_map(|&index| file.entries().get(index))
            .filter(|entry| !set.tiles.contains_key(&entry.key))
            .take(BATCH)
            .copied()
            .collect();
        let keys: std::collections::BTreeSet<TileKey> =
            chosen.iter().filter_map(|&index| file.entries().get(index)).map(|entry| entry.key).collect();
        let gone: Vec<TileKey> = set.tiles.keys().filter(|key| !keys.contains(key)).copied().collect();
        for key in gone {
            set.tiles.remove(&key);
            set.left.push(key);
        }
        set.is_hungry = !missing.is_empty();
        if missing.is_empty() {
            continue;
        }
        set.asked = missing.iter().map(|entry| entry.key).collect();
        let (layer, base, revision) = (layer.clone(), set.feature_base, revisions.project);
        jobs.start(JobKind::LoadTiles, move |_, give| {
            let tiles =
                missing.iter().map(|entry| (entry.key, file.load(entry, base).map(Arc::new))).collect();
            give(JobResult::TilesLoaded { revision, layer, tiles });
        });
    }
}

/// Puts tiles that came in where the scene finds them. A damaged tile makes the whole layer be prepared anew.
pub fn take_loaded(world: &mut World, layer: &str, tiles: Vec<(TileKey, Option<Arc<TileMesh>>)>) {
    let mut scene = world.resource_mut::<SceneTiles>();
    let Some(set) = scene.layers.get_mut(layer) else { return };
    let mut is_damaged = false;
    for (key, mesh) in tiles {
        set.asked.remove(&key);
        match mesh {
            Some(mesh) => {
                set.tiles.insert(key, mesh);
                set.arrived.push(key);
            }
            None => is_damaged = true,
        }
    }
    if is_damaged && let Some(file) = scene.layers.remove(layer).and_then(|set| set.file) {
        file.discard();
        crate::commands::project::start_tiles(world);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(column: i32, length: u64) -> TileEntry {
        let x = column as f32 * 100.0;
        TileEntry {
            key: TileKey { column, row: 0 },
            min: [x, 0.0, 0.0],
            max: [x + 100.0, 10.0, 100.0],
            offset: 0,
            length,
            checksum: 0,
        }
    }

    #[test]
    fn the_nearest_tiles_that_fit_are_wanted() {
        let entries: Vec<TileEntry> = (0..10).map(|column| entry(column, 10)).collect();
        assert_eq!(wanted(&entries, [450.0, 0.0, 50.0], 35), [4, 3, 5]);
        assert_eq!(wanted(&entries, [450.0, 0.0, 50.0], 1), [4], "one at least");
        assert_eq!(wanted(&entries, [0.0; 3], 1000).len(), 10);
        assert!(wanted(&[], [0.0; 3], 1000).is_empty());
    }
}
