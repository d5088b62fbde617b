//! The open project: layers with how they are shown, scenarios with their histories, and where features are numbered.

use std::{path::PathBuf, sync::Arc};

use layers::{
    cache::{Cache, CacheKey},
    crs::{Epsg, LocalFrame},
    index::IdIndex,
    mesh::drape::DrawnGround,
    model::{Bounds3, Layer, LayerData},
};
use scenarios::{Evaluation, Scenario, history::History};
use serde_json::{Map, Value};

use crate::{
    commands::{CameraPose, Target},
    project_file::DemandEntry,
};

/// URI of the built-in demo city as a source.
pub const DEMO_URI: &str = "builtin:demo";

/// A layer's place in the cache.
#[derive(Clone, Debug)]
pub struct CachedLayer {
    pub cache: Cache,
    pub key: CacheKey,
    /// Position among the layers of its source.
    pub number: usize,
}

/// A layer and how the user wants to see it.
#[derive(Clone, Debug)]
pub struct LayerState {
    pub layer: Layer,
    /// The source it was read from, as the user gave it.
    pub uri: String,
    pub is_visible: bool,
    /// Where what was prepared for it lies; `None` when its source is not cached.
    pub cached: Option<CachedLayer>,
    /// 0 to 1.
    pub opacity: f32,
    /// Number of its first feature; feature `i` is drawn as `feature_base + i`.
    pub feature_base: u32,
    /// Positions by public id.
    pub ids: Arc<IdIndex>,
    /// World box of the layer without the few things that lie far from all others.
    pub view_bounds: Bounds3,
}

impl LayerState {
    /// The position of the thing with this public id.
    pub fn position_of(&self, id: &str) -> Option<usize> {
        self.ids.find_in(&self.layer.data, id)
    }
}

/// How many features a layer draws: objects, features, links, stops or things.
pub fn feature_count(data: &LayerData) -> usize {
    match data {
        LayerData::City(model) => model.objects.len(),
        LayerData::Features(layer) => layer.features.len(),
        LayerData::Streets(network) => network.links.len(),
        LayerData::Transit(timetable) => timetable.stops.len(),
        LayerData::Sensors(sensors) => sensors.things.len(),
        LayerData::Terrain(_) => 1,
        // One more than there are: triangles of no feature.
        LayerData::Meshes(model) => model.features.len() + 1,
        // Points are coloured by class.
        LayerData::Points(_) => 256,
    }
}

/// How fresh the numbers of a scenario are.
#[derive(Clone, Debug, Default)]
pub enum EvaluationState {
    #[default]
    NotComputed,
    /// A run is under way; the last outcome, if any, is stale.
    Computing {
        task: u64,
    },
    /// The scenario changed after the last run and no run is under way (it failed to start or was cancelled).
    Stale,
    Ready,
    Failed(String),
}

/// A scenario with its past and its last outcome.
#[derive(Clone, Debug)]
pub struct ScenarioState {
    pub history: History,
    /// Id of the scenario it branched from; `None` is the present state of the city.
    pub parent: Option<String>,
    pub state: EvaluationState,
    /// The last outcome, kept while a new one is computed.
    pub evaluation: Option<Arc<Evaluation>>,
    /// Keys of the file that this program does not know.
    pub extra: Map<String, Value>,
}

impl ScenarioState {
    pub fn new(scenario: Scenario, parent: Option<String>) -> Self {
        Self {
            history: History::new(scenario),
            parent,
            state: EvaluationState::NotComputed,
            evaluation: None,
            extra: Map::new(),
        }
    }

    pub fn scenario(&self) -> &Scenario {
        self.history.current()
    }
}

/// Everything that belongs to one open project.
#[derive(Clone, Debug)]
pub struct Project {
    /// Where it is saved; `None` until it is.
    pub path: Option<PathBuf>,
    pub name: String,
    /// What it was made from, in order.
    pub sources: Vec<String>,
    pub crs: Epsg,
    /// The CRS of sources that do not state theirs, as the user said.
    pub assumed_crs: Option<Epsg>,
    pub frame: LocalFrame,
    pub ground: Arc<DrawnGround>,
    /// In drawing order, the top one first.
    pub layers: Vec<LayerState>,
    pub scenarios: Vec<ScenarioState>,
    pub active_scenario: usize,
    /// Trips that are known, as the project file says; files are relative to it.
    pub demand: Option<DemandEntry>,
    /// Seconds UTC that the window shows.
    pub time: i64,
    /// The moment that the "now" button goes to, seconds UTC.
    pub present: i64,
    /// Whether it is only the first piece of a source that is still being read.
    pub is_preview: bool,
    /// Where the camera stood when that piece appeared.
    pub preview_view: Option<crate::scene::camera::CameraRig>,
    /// Camera of the saved project.
    pub camera: Option<CameraPose>,
    /// Sources of which nothing could be read.
    pub unread_sources: usize,
    /// What could not be opened, in words; kept so that nothing is lost silently.
    pub missing: Vec<String>,
    /// Keys of the file that this program does not know.
    pub extra: Map<String, Value>,
    pub has_unsaved_changes: bool,
}

impl Project {
    pub fn is_fictional(&self) -> bool {
        self.layers.iter().any(|state| state.layer.provenance.source.contains("fictional"))
    }

    pub fn layer(&self, id: &str) -> Option<&LayerState> {
        self.layers.iter().find(|state| state.layer.id == id)
    }

    pub fn layer_mut(&mut self, id: &str) -> Option<&mut LayerState> {
        self.layers.iter_mut().find(|state| state.layer.id == id)
    }

    pub fn active(&self) -> Option<&ScenarioState> {
        self.scenarios.get(self.active_scenario)
    }

    pub fn active_mut(&mut self) -> Option<&mut ScenarioState> {
        self.scenarios.get_mut(self.active_scenario)
    }

    /// One past the highest feature number, the difference overlay included.
    pub fn feature_end(&self) -> u32 {
        self.difference_base()
            + self.street_layer().map_or(0, |state| feature_count(&state.layer.data) as u32)
    }

    /// Number of the first square of an indicator map. The number before it is that of the ground plane.
    pub fn cell_base(&self) -> u32 {
        self.feature_end() + 1
    }

    /// Number of the first feature of the difference overlay: one for each link of the street layer.
    pub fn difference_base(&self) -> u32 {
        self.layers
            .iter()
            .map(|state| state.feature_base + feature_count(&state.layer.data) as u32)
            .max()
            .unwrap_or(0)
    }

    /// The layer that measures on streets and the models work on: the first network.
    pub fn street_layer(&self) -> Option<&LayerState> {
        self.layers.iter().find(|state| matches!(state.layer.data, LayerData::Streets(_)))
    }

    /// The layer and position in it that a feature number stands for.
    pub fn feature(&self, number: u32) -> Option<(&LayerState, usize)> {
        self.layers.iter().find_map(|state| {
            let index = number.checked_sub(state.feature_base)? as usize;
            (index < feature_count(&state.layer.data)).then_some((state, index))
        })
    }

    /// The public name of a feature by position.
    pub fn target_of(&self, state: &LayerState, index: usize) -> Option<Target> {
        let layer = state.layer.id.clone();
        Some(match &state.layer.data {
            LayerData::City(model) => Target::CityObject { layer, id: model.objects.get(index)?.id.clone() },
            LayerData::Features(data) => Target::Feature { layer, id: data.features.get(index)?.id.clone() },
            LayerData::Streets(network) => Target::Link { layer, id: network.links.get(index)?.id.clone() },
            LayerData::Transit(timetable) => {
                Target::Stop { layer, id: timetable.stops.get(index)?.id.clone() }
            }
            LayerData::Sensors(sensors) => Target::Thing { layer, id: sensors.things.get(index)?.id.clone() },
            LayerData::Meshes(model) => Target::Feature { layer, id: model.features.get(index)?.id.clone() },
            LayerData::Terrain(_) | LayerData::Points(_) => return None,
        })
    }

    /// The layer and position of a target; `None` when it is not (or no longer) there.
    pub fn find(&self, target: &Target) -> Option<(&LayerState, usize)> {
        let state = self.layer(target.layer())?;
        let is_of_kind = matches!(
            (&state.layer.data, target),
            (LayerData::City(_), Target::CityObject { .. })
                | (LayerData::Features(_) | LayerData::Meshes(_), Target::Feature { .. })
                | (LayerData::Streets(_), Target::Link { .. })
                | (LayerData::Transit(_), Target::Stop { .. })
                | (LayerData::Sensors(_), Target::Thing { .. })
        );
        let index = is_of_kind.then(|| state.position_of(target.id())).flatten()?;
        Some((state, index))
    }

    /// World box of one feature.
    pub fn feature_bounds(&self, state: &LayerState, index: usize) -> Bounds3 {
        use geo::BoundingRect;
        match &state.layer.data {
            LayerData::City(model) => {
                let mut bounds = Bounds3::EMPTY;
                let mut objects = vec![index as u32];
                while let Some(object) = objects.pop() {
                    let Some(object) = model.objects.get(object as usize) else { continue };
                    for vertex in object.geometries.iter().flat_map(|g| &g.indices) {
                        if let Some(point) = model.vertices.get(*vertex as usize) {
                            bounds.add(point);
                        }
                    }
                    objects.extend(&object.children);
                }
                bounds
            }
            LayerData::Features(layer) => {
                let mut bounds = Bounds3::EMPTY;
                if let Some(rect) =
                    layer.features[index].geometry.as_ref().and_then(BoundingRect::bounding_rect)
                {
                    for corner in [rect.min(), rect.max()] {
                        bounds.add_xy([corner.x, corner.y], self.ground.height_at([corner.x, corner.y]));
                    }
                }
                bounds
            }
            LayerData::Streets(network) => Bounds3::from_points(
                network.links[index].geometry.iter().map(|&p| [p[0], p[1], self.ground.height_at(p)]),
            ),
            LayerData::Transit(timetable) => {
                let p = timetable.stops[index].position;
                Bounds3::from_points([[p[0], p[1], self.ground.height_at(p)]])
            }
            LayerData::Sensors(sensors) => Bounds3::from_points(sensors.things[index].position),
            LayerData::Terrain(terrain) => terrain.bounds(),
            LayerData::Meshes(model) => model.feature_bounds(index as u32),
            LayerData::Points(cloud) => cloud.bounds(),
        }
    }

    /// World box to look at when the project opens: the city itself rather than far outliers of one layer.
    pub fn home_bounds(&self) -> Bounds3 {
        let of = |wanted: fn(&LayerData) -> bool| {
            self.layers
                .iter()
                .filter(|state| wanted(&state.layer.data))
                .fold(Bounds3::EMPTY, |bounds, state| bounds.union(state.view_bounds))
        };
        let buildings = of(|data| matches!(data, LayerData::City(_) | LayerData::Meshes(_)));
        if !buildings.is_empty() {
            return buildings;
        }
        let streets = of(|data| matches!(data, LayerData::Streets(_)));
        if !streets.is_empty() {
            return streets;
        }
        of(|_| true)
    }

    /// Gives every layer its feature numbers, keeping those it has.
    pub fn number_features(&mut self) {
        let mut next = 0;
        let mut order: Vec<usize> = (0..self.layers.len()).collect();
        order.sort_by_key(|&index| self.layers[index].feature_base);
        for index in order {
            let state = &mut self.layers[index];
            state.feature_base = state.feature_base.max(next);
            next = state.feature_base + feature_count(&state.layer.data) as u32;
        }
    }
}
