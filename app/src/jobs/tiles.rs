//! Meshing the layers of a project into tiles, away from the main thread.

use std::{collections::BTreeMap, sync::Arc};

use layers::{
    crs::LocalFrame,
    mesh::{
        Role, TileGrid, TileKey, TileMesh,
        buildings::{mesh_city, mesh_city_each},
        drape::DrawnGround,
        mesh_model::mesh_meshes,
        points::{PointStyle, mesh_points},
        ribbon::{mesh_difference, mesh_streets, push_ribbon},
        surfaces::{Draping, Tiles, lay, mesh_polygons, mesh_surfaces},
        terrain_mesh::{mesh_ground, mesh_plinth},
        trees::{mesh_pins, mesh_trees},
    },
    model::{Bounds3, CityModel, FeatureRole, LayerData, Lod, StreetNetwork, Timetable},
    stored::tiles::{TileFile, TileFileWriter, TilesFor},
};

use scenarios::Baseline;

use crate::{
    indicator_map::MapCells,
    jobs::timetable::feeds,
    project::{CachedLayer, Project},
};

/// Height of the pins of stops and sensors, metres.
pub const MARKER_HEIGHT_M: f64 = 5.0;
/// Id under which the ground is drawn when no layer is a terrain.
pub const GROUND_LAYER: &str = "ground";
/// Id under which the difference overlay is drawn.
pub const DIFFERENCE_LAYER: &str = "difference";
/// Squares that an indicator colours.
pub const INDICATOR_LAYER: &str = "indicator";

/// Layer ids of pieces of a source that is still being read begin with this.
pub const PREVIEW_LAYER: &str = "preview-";
/// First feature number of such pieces: half of all numbers, far beyond those of any project.
pub const PREVIEW_FEATURES: u32 = 1 << 31;

/// The finished tiles of one layer.
#[derive(Clone, Debug)]
pub struct LayerTiles {
    /// Layer id, or one of the ids above.
    pub layer: String,
    pub tiles: BTreeMap<TileKey, Arc<TileMesh>>,
    /// Whether the tiles throw shadows.
    pub casts_shadow: bool,
    /// Where the tiles lie when they are prepared in the cache; then `tiles` is empty and the view loads what it needs.
    pub file: Option<Arc<TileFile>>,
    pub feature_base: u32,
}

/// What is needed to mesh one layer; cheap to clone and to send to a thread.
#[derive(Clone)]
pub struct TileInput {
    layer: String,
    data: Option<LayerData>,
    cached: Option<CachedLayer>,
    feature_base: u32,
    frame: LocalFrame,
    ground: Arc<DrawnGround>,
    marker_height_m: f64,
}

/// Height of pins in this project. Where they are all there is to see, such as the sensors of a whole country, they grow
/// with it; beside houses they are as tall as people expect.
fn marker_height_m(project: &Project) -> f64 {
    /// Part of the picture that a pin takes.
    const SHARE: f64 = 1.0 / 80.0;
    let is_marker = |data: &LayerData| matches!(data, LayerData::Sensors(_) | LayerData::Transit(_));
    if !project.layers.iter().all(|state| is_marker(&state.layer.data)) {
        return MARKER_HEIGHT_M;
    }
    let bounds = project.layers.iter().fold(Bounds3::EMPTY, |bounds, state| bounds.union(state.view_bounds));
    let [width, depth, _] = bounds.size();
    MARKER_HEIGHT_M.max(width.max(depth) * SHARE)
}

/// What the squares of an indicator map are made from.
pub struct SquareInputs {
    timetables: Vec<(String, Arc<Timetable>)>,
    frame: LocalFrame,
    ground: Arc<DrawnGround>,
    feature_base: u32,
}

impl SquareInputs {
    pub fn of(project: &Project) -> Self {
        Self {
            timetables: feeds(project),
            frame: project.frame,
            ground: project.ground.clone(),
            feature_base: project.cell_base(),
        }
    }

    pub fn cells(&self, baseline: &Baseline) -> MapCells {
        MapCells::new(baseline, &self.timetables)
    }

    /// Meshes the squares, invisible until they get a colour: above lawns, below streets.
    pub fn build(&self, cells: &MapCells) -> LayerTiles {
        const LIFT_M: f64 = 0.09;
        let draping = Draping { ground: &self.ground, frame: self.frame, grid: TileGrid::default() };
        let mut tiles = Tiles::new();
        for cell in 0..cells.centers.len() {
            let style = (self.feature_base + cell as u32, Role::Difference, LIFT_M);
            lay(&mut tiles, draping, [cells.corners(cell).as_slice()], style);
        }
        LayerTiles {
            layer: INDICATOR_LAYER.to_owned(),
            tiles: tiles.into_iter().map(|(key, mesh)| (key, Arc::new(mesh))).collect(),
            casts_shadow: false,
            file: None,
            feature_base: self.feature_base,
        }
    }
}

/// One input for each drawn layer of a project, the ground first, so that something is on the screen soon.
pub fn inputs(project: &Project) -> Vec<TileInput> {
    let height_m = marker_height_m(project);
    let input = |layer: &str, data: Option<LayerData>, feature_base: u32| TileInput {
        layer: layer.to_owned(),
        data,
        cached: project.layer(layer).and_then(|state| state.cached.clone()),
        feature_base,
        frame: project.frame,
        ground: project.ground.clone(),
        marker_height_m: height_m,
    };
    let has_terrain = project.layers.iter().any(|state| matches!(state.layer.data, LayerData::Terrain(_)));
    let mut inputs = Vec::new();
    if !has_terrain {
        // The plane has no feature of its own: the number after the last is never styled.
        inputs.push(input(GROUND_LAYER, None, project.feature_end()));
    }
    let mut states: Vec<_> = project.layers.iter().collect();
    states.reverse();
    for state in states {
        inputs.push(input(&state.layer.id, Some(state.layer.data.clone()), state.feature_base));
    }
    if let Some(streets) = project.street_layer() {
        inputs.push(input(DIFFERENCE_LAYER, Some(streets.layer.data.clone()), project.difference_base()));
    }
    inputs
}

/// Meshes one layer. Cost: about 1 µs a vertex; buildings use all cores.
pub fn build(input: &TileInput) -> LayerTiles {
    let grid = TileGrid::default();
    let draping = Draping { ground: &input.ground, frame: input.frame, grid };
    let base = input.feature_base;
    let mut casts_shadow = false;
    if let (Some(LayerData::City(model)), Some(cached)) = (&input.data, &input.cached)
        && let Some(file) = prepared_city(model, cached, input.frame, grid)
    {
        return LayerTiles {
            layer: input.layer.clone(),
            tiles: BTreeMap::new(),
            casts_shadow: true,
            file: Some(Arc::new(file)),
            feature_base: base,
        };
    }
    let tiles: Tiles = match &input.data {
        None | Some(LayerData::Terrain(_)) => {
            with_plinth(mesh_ground(&input.ground, input.frame, base), input)
        }
        Some(LayerData::City(model)) => {
            casts_shadow = true;
            mesh_city(model, Lod::new(2, 2), input.frame, grid, base)
        }
        Some(LayerData::Meshes(model)) => {
            casts_shadow = true;
            mesh_meshes(model, input.frame, grid, base)
        }
        Some(LayerData::Points(cloud)) => {
            mesh_points(cloud, input.frame, grid, base, PointStyle::default()).tiles
        }
        Some(LayerData::Streets(network)) if input.layer == DIFFERENCE_LAYER => {
            mesh_difference(network, draping, base)
        }
        Some(LayerData::Streets(network)) => {
            casts_shadow = has_bridges(network);
            mesh_streets(network, draping, base)
        }
        Some(LayerData::Features(layer)) => match layer.role {
            FeatureRole::Surfaces => mesh_surfaces(layer, draping, base),
            FeatureRole::Trees => {
                casts_shadow = true;
                mesh_trees(layer, draping, base)
            }
            FeatureRole::Rail => {
                let mut tiles = Tiles::new();
                for (index, feature) in layer.features.iter().enumerate() {
                    for line in lines_of(feature.geometry.as_ref()) {
                        let style = (base + index as u32, Role::Rail, 0.2);
                        push_ribbon(&mut tiles, draping, &line, 2.2, style);
                    }
                }
                tiles
            }
            FeatureRole::Zones | FeatureRole::PointsOfInterest | FeatureRole::Generic => {
                let mut tiles = mesh_polygons(layer, draping, base, Role::Generic, 0.1);
                for (index, feature) in layer.features.iter().enumerate() {
                    for line in lines_of(feature.geometry.as_ref()) {
                        push_ribbon(
                            &mut tiles,
                            draping,
                            &line,
                            2.0,
                            (base + index as u32, Role::Generic, 0.2),
                        );
                    }
                }
                tiles
            }
        },
        Some(LayerData::Transit(timetable)) => {
            let stops = timetable.stops.iter().enumerate();
            let places = stops.map(|(index, stop)| (stop.position, base + index as u32));
            mesh_pins(places, draping, Role::StopMarker, input.marker_height_m)
        }
        Some(LayerData::Sensors(sensors)) => {
            let things = sensors.things.iter().enumerate();
            let places = things
                .filter_map(|(index, thing)| thing.position.map(|p| ([p[0], p[1]], base + index as u32)));
            mesh_pins(places, draping, Role::SensorMarker, input.marker_height_m)
        }
    };
    LayerTiles {
        layer: input.layer.clone(),
        tiles: tiles
            .into_iter()
            .filter(|(_, mesh)| !mesh.is_empty())
            .map(|(key, mesh)| (key, Arc::new(mesh)))
            .collect(),
        casts_shadow,
        file: None,
        feature_base: base,
    }
}

/// The prepared tiles of a city: those in the cache, else meshed now and put there one by one, so that a large city is
/// never in memory as triangles. `None` when the cache cannot be written; then the tiles are made in memory.
fn prepared_city(
    model: &CityModel,
    cached: &CachedLayer,
    frame: LocalFrame,
    grid: TileGrid,
) -> Option<TileFile> {
    let wanted = Lod::new(2, 2);
    let made_for = TilesFor {
        origin: frame.origin,
        style: format!("city, LoD {wanted}, {} m", grid.size_m),
        features: model.objects.len() as u64,
    };
    let path = cached.cache.tiles_path(&cached.key, cached.number, &format!("{made_for:?}"));
    if let Some(file) = TileFile::open(&path, &made_for) {
        return Some(file);
    }
    let mut writer = TileFileWriter::create(&path).ok()?;
    let mut result = Ok(());
    mesh_city_each(model, wanted, frame, grid, 0, |key, mesh| {
        if result.is_ok() {
            result = writer.add(key, &mesh);
        }
    });
    result.ok()?;
    writer.finish(&made_for).ok()
}

/// The model stands on a base board, as a paper model does.
fn with_plinth(mut tiles: Tiles, input: &TileInput) -> Tiles {
    let key = TileKey { column: i32::MIN, row: i32::MIN };
    tiles.insert(key, mesh_plinth(&input.ground, input.frame, input.feature_base));
    tiles
}

fn has_bridges(network: &StreetNetwork) -> bool {
    network.links.iter().any(|link| link.is_bridge)
}

fn lines_of(geometry: Option<&geo::Geometry<f64>>) -> Vec<Vec<[f64; 2]>> {
    let points = |line: &geo::LineString<f64>| line.coords().map(|c| [c.x, c.y]).collect();
    match geometry {
        Some(geo::Geometry::LineString(line)) => vec![points(line)],
        Some(geo::Geometry::MultiLineString(lines)) => lines.0.iter().map(points).collect(),
        _ => Vec::new(),
    }
}
