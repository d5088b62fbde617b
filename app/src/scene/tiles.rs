//! From tile meshes to entities: one entity a tile, one material a layer, one buffer for all feature styles.

use std::collections::{BTreeMap, BTreeSet};

use bevy::{
    asset::RenderAssetUsages,
    camera::{primitives::Aabb, visibility::NoAutoAabb},
    light::NotShadowCaster,
    mesh::{Indices, PrimitiveTopology},
    prelude::*,
    render::{
        RenderApp, mesh::allocator::MeshAllocatorSettings, slab_allocator::SlabAllocatorSettings,
        storage::ShaderBuffer,
    },
};
use layers::mesh::{Role, TileKey, TileMesh};

use super::{
    camera::CameraRig,
    light::sun_direction,
    material::{ATTRIBUTE_FEATURE, ATTRIBUTE_SHADE, CityMaterial, CityUniform, FeatureStyle, feature_bytes},
    palette::ScenePalette,
    styles::FeatureStyles,
};
use crate::{
    commands::{Quality, ThemeKind},
    jobs::tiles::{DIFFERENCE_LAYER, GROUND_LAYER, INDICATOR_LAYER, PREVIEW_LAYER},
    sets::AppSet,
    state::{OpenProject, SceneTiles, Settings},
};

/// The layer and square that a tile entity belongs to.
#[derive(Component)]
pub struct TileOf(pub String, pub TileKey);

/// Name of the material that shows differences through houses.
const SEEN_THROUGH: &str = "difference-seen-through";

/// Handles shared by all tiles.
#[derive(Resource, Default)]
struct SceneAssets {
    features: Handle<ShaderBuffer>,
    capacity: usize,
    uploaded: Option<u64>,
    materials: BTreeMap<String, Handle<CityMaterial>>,
}

pub fn plugin(app: &mut App) {
    app.init_resource::<SceneAssets>()
        .init_resource::<PendingTiles>()
        .add_systems(Update, (upload_styles, spawn_tiles, update_materials).chain().in_set(AppSet::Scene));
    if let Some(render) = app.get_sub_app_mut(RenderApp) {
        // Tiles come and go: many buffers of a moderate size waste less than a few that double.
        render.insert_resource(MeshAllocatorSettings {
            slab_allocator_settings: SlabAllocatorSettings {
                max_slab_size: 64 << 20,
                large_threshold: 16 << 20,
                ..default()
            },
            ..default()
        });
    }
}

/// Puts the feature styles in the GPU's buffer. The buffer keeps room, so that most updates write into the same one.
fn upload_styles(
    styles: Res<FeatureStyles>,
    mut assets: ResMut<SceneAssets>,
    mut buffers: ResMut<Assets<ShaderBuffer>>,
    mut materials: ResMut<Assets<CityMaterial>>,
) {
    if assets.uploaded == Some(styles.revision) && assets.capacity > 0 {
        return;
    }
    assets.uploaded = Some(styles.revision);
    let needed = styles.styles.len().max(1);
    let is_growing = needed > assets.capacity;
    if is_growing {
        assets.capacity = needed.next_power_of_two().max(1024);
    }
    let fallback = [FeatureStyle::default()];
    let content = if styles.styles.is_empty() { &fallback[..] } else { &styles.styles };
    let bytes = feature_bytes(content, assets.capacity);
    if !is_growing && let Some(mut buffer) = buffers.get_mut(&assets.features) {
        buffer.data = Some(bytes);
    } else {
        assets.features = buffers.add(ShaderBuffer::new(&bytes, RenderAssetUsages::default()));
        let features = assets.features.clone();
        for handle in assets.materials.values() {
            if let Some(mut material) = materials.get_mut(handle) {
                material.features = features.clone();
            }
        }
    }
}

/// The engine's mesh of a tile. The CPU side stays in `SceneTiles` for picking; the engine keeps no second copy.
pub fn engine_mesh(tile: &TileMesh) -> Mesh {
    Mesh::new(PrimitiveTopology::TriangleList, RenderAssetUsages::RENDER_WORLD)
        .with_inserted_attribute(Mesh::ATTRIBUTE_POSITION, tile.positions.clone())
        .with_inserted_attribute(Mesh::ATTRIBUTE_NORMAL, tile.normals.clone())
        .with_inserted_attribute(ATTRIBUTE_FEATURE, tile.features.clone())
        .with_inserted_attribute(ATTRIBUTE_SHADE, tile.shades.clone())
        .with_inserted_indices(Indices::U32(tile.indices.clone()))
}

/// The pencil lines of a tile; `None` when it has none.
pub fn edge_mesh(tile: &TileMesh) -> Option<Mesh> {
    let count = tile.edge_points.len();
    (count > 0).then(|| {
        Mesh::new(PrimitiveTopology::LineList, RenderAssetUsages::RENDER_WORLD)
            .with_inserted_attribute(Mesh::ATTRIBUTE_POSITION, tile.edge_points.clone())
            .with_inserted_attribute(Mesh::ATTRIBUTE_NORMAL, vec![[0.0, 1.0, 0.0]; count])
            .with_inserted_attribute(ATTRIBUTE_FEATURE, tile.edge_features.clone())
            .with_inserted_attribute(ATTRIBUTE_SHADE, vec![Role::Marking as u32 | 0xff00; count])
    })
}

/// Tiles that go to the renderer in one frame at most, and their bytes, so that loading never stalls it.
const TILES_A_FRAME: usize = 96;
const BYTES_A_FRAME: usize = 24 << 20;

/// Layer, square, triangles, and whether it throws a shadow.
type WaitingTile = (String, TileKey, std::sync::Arc<TileMesh>, bool);

fn spawn_tiles(
    mut commands: Commands,
    mut scene: ResMut<SceneTiles>,
    mut assets: ResMut<SceneAssets>,
    mut meshes: ResMut<Assets<Mesh>>,
    mut materials: ResMut<Assets<CityMaterial>>,
    drawn: Query<(Entity, &TileOf)>,
    mut waiting: Local<Vec<WaitingTile>>,
    mut pending: ResMut<PendingTiles>,
) {
    let is_changed = scene.layers.values().any(|set| set.is_new)
        || drawn.iter().any(|(_, tile)| !scene.layers.contains_key(&tile.0));
    if is_changed {
        for (entity, tile) in &drawn {
            if scene.layers.get(&tile.0).is_none_or(|set| set.is_new) {
                commands.entity(entity).despawn();
            }
        }
        waiting.retain(|(layer, ..)| scene.layers.get(layer).is_some_and(|set| !set.is_new));
        for (layer, set) in &mut scene.layers {
            if std::mem::take(&mut set.is_new) {
                set.arrived.clear();
                let shadow = set.casts_shadow;
                waiting.extend(set.tiles.iter().map(|(k, mesh)| (layer.clone(), *k, mesh.clone(), shadow)));
            }
        }
    }
    for (layer, set) in
        scene.bypass_change_detection().layers.iter_mut().filter(|(_, set)| set.file.is_some())
    {
        let left: BTreeSet<TileKey> = std::mem::take(&mut set.left).into_iter().collect();
        if !left.is_empty() {
            waiting.retain(|(of, key, ..)| of != layer || !left.contains(key));
            for (entity, _) in drawn.iter().filter(|(_, tile)| tile.0 == *layer && left.contains(&tile.1)) {
                commands.entity(entity).despawn();
            }
        }
        for key in std::mem::take(&mut set.arrived) {
            if let Some(mesh) = set.tiles.get(&key) {
                waiting.push((layer.clone(), key, mesh.clone(), set.casts_shadow));
            }
        }
    }
    let mut bytes = 0;
    let count = waiting
        .iter()
        .take(TILES_A_FRAME)
        .take_while(|(_, _, mesh, _)| {
            let is_room = bytes < BYTES_A_FRAME;
            bytes += mesh.bytes();
            is_room
        })
        .count();
    for (layer, key, tile, casts_shadow) in waiting.drain(..count) {
        // What the renderer has now is needed here for rays only; it comes back from its file when it is drawn anew.
        if let Some(set) = scene.bypass_change_detection().layers.get_mut(&layer)
            && let Some(kept) = set.tiles.get_mut(&key)
        {
            if layer.starts_with(PREVIEW_LAYER) {
                *kept = std::sync::Arc::default();
            } else if set.file.is_some() {
                *kept = std::sync::Arc::new(tile.for_rays());
            }
        }
        let features = assets.features.clone();
        let material = assets
            .materials
            .entry(layer.clone())
            .or_insert_with(|| {
                let palette = ScenePalette::new(ThemeKind::Light);
                let uniform = CityUniform::new(&palette, sun_direction(), true, (1e6, 2e6), 1.0, 0.0);
                materials.add(CityMaterial { uniform, features, is_seen_through: false })
            })
            .clone();
        let Some((min, max)) = tile.bounds() else { continue };
        let aabb = Aabb::from_min_max(Vec3::from_array(min), Vec3::from_array(max));
        if layer == DIFFERENCE_LAYER {
            // Once more, faintly, over whatever stands before it.
            let features = assets.features.clone();
            let veil = assets
                .materials
                .entry(SEEN_THROUGH.to_owned())
                .or_insert_with(|| {
                    let palette = ScenePalette::new(ThemeKind::Light);
                    let uniform = CityUniform::new(&palette, sun_direction(), false, (1e6, 2e6), 0.4, 0.0);
                    materials.add(CityMaterial { uniform, features, is_seen_through: true })
                })
                .clone();
            if let Some((min, max)) = tile.bounds() {
                commands.spawn((
                    TileOf(layer.clone(), key),
                    Mesh3d(meshes.add(engine_mesh(&tile))),
                    MeshMaterial3d(veil),
                    Transform::IDENTITY,
                    Aabb::from_min_max(Vec3::from_array(min), Vec3::from_array(max)),
                    NoAutoAabb,
                    NotShadowCaster,
                ));
            }
        }
        if let Some(edges) = edge_mesh(&tile) {
            commands.spawn((
                TileOf(layer.clone(), key),
                Mesh3d(meshes.add(edges)),
                MeshMaterial3d(material.clone()),
                Transform::IDENTITY,
                aabb,
                NoAutoAabb,
                NotShadowCaster,
            ));
        }
        let mut entity = commands.spawn((
            TileOf(layer, key),
            Mesh3d(meshes.add(engine_mesh(&tile))),
            MeshMaterial3d(material),
            Transform::IDENTITY,
            aabb,
            NoAutoAabb,
        ));
        if !casts_shadow {
            entity.insert(NotShadowCaster);
        }
    }
    pending.0 = waiting.len() + scene.layers.values().map(|set| set.asked.len()).sum::<usize>();
}

/// Tiles that wait for their frame; pictures are taken when there are none.
#[derive(Resource, Default)]
pub struct PendingTiles(pub usize);

fn update_materials(
    project: Res<OpenProject>,
    settings: Res<Settings>,
    rig: Res<CameraRig>,
    assets: Res<SceneAssets>,
    mut materials: ResMut<Assets<CityMaterial>>,
    mut tiles: Query<(&TileOf, &mut Visibility)>,
    pending: Res<PendingTiles>,
    mut clear: ResMut<ClearColor>,
) {
    let palette = ScenePalette::new(settings.theme);
    let background = Color::srgb_u8(palette.background[0], palette.background[1], palette.background[2]);
    if clear.0 != background {
        clear.0 = background;
    }
    let Some(project) = &project.0 else { return };
    let is_due = settings.is_changed() || rig.is_changed() || pending.is_changed();
    for (layer, handle) in &assets.materials {
        let (is_visible, opacity) = match layer.as_str() {
            GROUND_LAYER | DIFFERENCE_LAYER | INDICATOR_LAYER => (true, 1.0),
            id if id.starts_with(PREVIEW_LAYER) => (true, 1.0),
            SEEN_THROUGH => (true, 0.4),
            id => project.layer(id).map_or((false, 0.0), |state| (state.is_visible, state.opacity)),
        };
        for (_, mut visibility) in tiles.iter_mut().filter(|(tile, _)| tile.0 == *layer) {
            let wanted = if is_visible { Visibility::Inherited } else { Visibility::Hidden };
            if *visibility != wanted {
                *visibility = wanted;
            }
        }
        let is_fading = materials
            .get(handle)
            .is_some_and(|material| (material.uniform.view_settings.x - opacity).abs() > 1e-3);
        if (is_due || is_fading)
            && let Some(mut material) = materials.get_mut(handle)
        {
            let far = rig.distance_m;
            let fog = (far * 2.2 + 900.0, far * 6.0 + 6_000.0);
            let has_shadows = settings.quality != Quality::Low && layer != SEEN_THROUGH;
            material.uniform = CityUniform::new(&palette, sun_direction(), has_shadows, fog, opacity, 0.0);
        }
    }
}
