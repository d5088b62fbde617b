//! The state of the program as typed resources; only `commands` changes what a user can change.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use bevy::prelude::*;
use layers::{
    mesh::{TileKey, TileMesh},
    stored::tiles::TileFile,
};
use scenarios::Baseline;

use crate::{
    commands::{AppCommand, Language, Mode, PanelId, PlacePurpose, Quality, Target, ThemeKind},
    indicator_map::MapCells,
    jobs::timetable::{StopFacts, TimetableFacts},
    project::Project,
};

/// Commands that wait to be carried out, in order.
#[derive(Resource, Default)]
pub struct CommandQueue(pub Vec<AppCommand>);

/// The open project, if any.
#[derive(Resource, Default)]
pub struct OpenProject(pub Option<Project>);

/// Counts changes that make background work old.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Revisions {
    /// The project or its layers: tiles and baselines of an older one are dropped.
    pub project: u64,
    /// Colours, visibility, highlights: the feature buffer is older.
    pub styles: u64,
    /// The active scenario: evaluations of an older one are dropped.
    pub scenario: u64,
}

/// The models' view of the open project.
#[derive(Resource, Default)]
pub struct BaselineState {
    pub baseline: Option<Arc<Baseline>>,
    /// Where its people live, for maps of indicators.
    pub cells: Option<Arc<MapCells>>,
    /// Why there is none, in words.
    pub reason: Option<String>,
}

/// What calls where: looked up in the background once a stop or a street was picked.
#[derive(Resource, Default)]
pub struct StopService {
    /// The project's layers that it was made for.
    pub revision: u64,
    /// `None` until it is known; `Err` says why nothing runs.
    pub known: Option<Result<Arc<TimetableFacts>, String>>,
    /// The picked stop and what calls there.
    pub stop: Option<(Target, StopFacts)>,
}

/// What is picked and pointed at.
#[derive(Resource, Default, Debug, PartialEq)]
pub struct Selection {
    pub selected: Option<Target>,
    pub hovered: Option<Target>,
    /// The measure whose row the pointer is on: its streets glow.
    pub hovered_measure: Option<usize>,
    /// Public id of the line whose row the pointer is on: its stops glow.
    pub hovered_line: Option<String>,
    /// Where the click that selected it met the ground; project CRS, metres.
    pub place: Option<[f64; 2]>,
    /// What the next click on the map is for, instead of selecting.
    pub awaits: Option<PlacePurpose>,
}

#[derive(Resource, Clone, Debug, PartialEq)]
pub struct Settings {
    pub language: Language,
    pub theme: ThemeKind,
    pub text_scale: f32,
    pub quality: Quality,
    pub is_reduced_motion: bool,
    pub mode: Mode,
    /// The indicator that colours the map; `None`: the difference of the traffic.
    pub shown_indicator: Option<String>,
    pub closed_panels: Vec<PanelId>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            language: Language::default(),
            theme: ThemeKind::default(),
            text_scale: 1.0,
            quality: Quality::default(),
            is_reduced_motion: false,
            mode: Mode::default(),
            shown_indicator: None,
            closed_panels: Vec::new(),
        }
    }
}

/// While held, map and colours show the baseline.
#[derive(Resource, Default, PartialEq, Eq)]
pub struct BaselineHold(pub bool);

/// Whether time runs, and how fast.
#[derive(Resource)]
pub struct Playback {
    pub is_playing: bool,
    /// Seconds of the city a second of the clock.
    pub speed: f64,
}

impl Default for Playback {
    fn default() -> Self {
        Self { is_playing: false, speed: 600.0 }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageLevel {
    Information,
    Success,
    Warning,
    Error,
}

/// News for the user; never modal.
#[derive(Clone, Debug)]
pub struct Message {
    pub id: u64,
    pub level: MessageLevel,
    /// Fluent key of the sentence, or the sentence itself when there is no such key.
    pub text: String,
    pub details: Vec<String>,
    pub shown_since: std::time::Instant,
}

#[derive(Resource, Default)]
pub struct Messages {
    next_id: u64,
    pub list: Vec<Message>,
}

impl Messages {
    pub fn push(&mut self, level: MessageLevel, text: impl Into<String>, details: Vec<String>) {
        self.next_id += 1;
        let shown_since = std::time::Instant::now();
        self.list.push(Message { id: self.next_id, level, text: text.into(), details, shown_since });
        // The newest ten; older ones were seen or will not be.
        let surplus = self.list.len().saturating_sub(10);
        self.list.drain(..surplus);
    }

    /// Good news goes by itself after six seconds; warnings and errors stay until they are dismissed.
    pub fn forget_old_news(&mut self) {
        let is_old = |message: &Message| {
            matches!(message.level, MessageLevel::Success | MessageLevel::Information)
                && message.shown_since.elapsed().as_secs() >= 6
        };
        if self.list.iter().any(is_old) {
            self.list.retain(|message| !is_old(message));
        }
    }
}

/// The tiles of the open project on the CPU side: what is drawn and what rays are cast against.
#[derive(Resource, Default)]
pub struct SceneTiles {
    pub layers: BTreeMap<String, LayerTileSet>,
}

impl SceneTiles {
    /// Whether prepared tiles are still to come for what is looked at.
    pub fn is_loading(&self) -> bool {
        self.layers.values().any(|set| set.is_hungry || !set.asked.is_empty())
    }
}

#[derive(Default)]
pub struct LayerTileSet {
    pub tiles: BTreeMap<TileKey, Arc<TileMesh>>,
    pub casts_shadow: bool,
    /// Set when the tiles are new and the scene has not drawn them yet.
    pub is_new: bool,
    /// Where tiles lie that are not in `tiles` now.
    pub file: Option<Arc<TileFile>>,
    pub feature_base: u32,
    /// Whether tiles are wanted that were not yet asked for.
    pub is_hungry: bool,
    /// Asked for and not yet here.
    pub asked: BTreeSet<TileKey>,
    /// Came in since the scene last looked.
    pub arrived: Vec<TileKey>,
    /// Went out since the scene last looked.
    pub left: Vec<TileKey>,
}

/// Size of the view in logical pixels; the window or the picture sets it.
#[derive(Resource, Clone, Copy, Debug, PartialEq)]
pub struct ViewSize(pub Vec2);

impl Default for ViewSize {
    fn default() -> Self {
        Self(Vec2::new(1280.0, 720.0))
    }
}

/// Set when the user wants to leave; the runner ends the program.
#[derive(Resource, Default)]
pub struct QuitRequested(pub bool);
