//! The window's panels: egui code that never touches the Bevy world.
//!
//! Each frame the caller fills a [`WindowView`] from the world, calls [`show`], and carries out the commands that come
//! back. The layout is in [`layout`], the look in [`theme`], the words in [`text`] and [`numbers`].
//!
//! # How to add a panel
//! 1. Add a variant to [`PanelId`] and its struct to [`view`].
//! 2. Write `panels/<noun>.rs` with `pub fn ui(ui, input, state, commands)`; it reads only its view and pushes commands.
//! 3. Add one line to [`PANELS`].
//! 4. Write its words in `assets/texts/nl-NL/<noun>.ftl` and `en-GB/<noun>.ftl` and name the file in [`text`].
//!
//! `tests/tests/panels.rs` loops over [`PANELS`] in both languages, so a new panel is covered the day it is added.

pub mod icons;
pub mod layout;
pub mod numbers;
pub mod panels;
pub mod text;
pub mod theme;
pub mod view;
pub mod widgets;

pub use bevy_egui::egui;
use bevy_egui::egui::{Pos2, Rect};
use fluent::FluentValue;

use crate::commands::{AppCommand, Mode, PanelId, StreetExtent};
use numbers::Numbers;
use text::Texts;
use theme::Theme;
pub use view::WindowView;

/// What every panel reads.
#[derive(Clone, Copy)]
pub struct PanelInput<'a> {
    pub view: &'a WindowView,
    pub texts: Texts,
    pub numbers: Numbers,
    pub theme: Theme,
}

impl PanelInput<'_> {
    /// As [`Texts::get`].
    pub fn text(&self, key: &str) -> String {
        self.texts.get(key)
    }

    /// As [`Texts::get_with`].
    pub fn text_with(&self, key: &str, arguments: &[(&str, FluentValue<'_>)]) -> String {
        self.texts.get_with(key, arguments)
    }
}

/// Where a panel floats until the user moves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Left,
    Right,
}

/// One floating panel.
pub struct Panel {
    pub id: PanelId,
    /// Fluent key of the title.
    pub title_key: &'static str,
    pub side: Side,
    /// Width at 100 % text, points.
    pub width: f32,
    /// Whether there is something to show now; an open panel without it stays away.
    pub has_content: fn(&WindowView) -> bool,
    /// The title of what is shown, when it is not the name of the panel.
    pub title: fn(&PanelInput<'_>) -> Option<String>,
    /// Small grey words beside the title.
    pub chips: fn(&PanelInput<'_>) -> Vec<String>,
    pub ui: fn(&mut egui::Ui, &PanelInput<'_>, &mut UiState, &mut Vec<AppCommand>),
}

/// Every floating panel, from top to bottom on its side. The time bar and the bars at top and bottom have fixed places.
pub const PANELS: &[Panel] = &[
    panels::layers::PANEL,
    panels::legend::PANEL,
    panels::inspector::PANEL,
    panels::scenario::PANEL,
    panels::indicators::PANEL,
];

/// What the window remembers between frames and nobody else needs.
#[derive(Clone, Debug)]
pub struct UiState {
    closed: Vec<PanelId>,
    /// Panels that the user moved away from their side, with their left top.
    pub(crate) floating: Vec<(PanelId, Pos2)>,
    /// Panels that the user opened where there is room for one only.
    pub(crate) chosen: Vec<PanelId>,
    /// The panel that is being dragged and where it stood.
    pub(crate) drag_origin: Option<(PanelId, Pos2)>,
    /// Height that the content of each panel asked for in the last frame.
    pub(crate) wanted_heights: Vec<(PanelId, f32)>,
    /// What the user typed in the search field.
    pub search_text: String,
    pub(crate) is_search_open: bool,
    pub(crate) search_choice: usize,
    /// The layer whose details are open.
    pub(crate) open_layer: Option<String>,
    /// The measure whose options are open.
    pub(crate) open_measure: Option<usize>,
    /// The indicator whose explanation is open.
    pub(crate) open_indicator: Option<String>,
    pub(crate) open_messages: Vec<u64>,
    /// How much of the street the next measure takes.
    pub extent: StreetExtent,
    /// The line at a stop whose details are open, whether they just opened, and the line that the pointer is on.
    pub(crate) open_line: Option<String>,
    pub(crate) has_opened_line: bool,
    pub(crate) hovered_line: Option<String>,
    /// Lines with what the scenario made of them and the minutes that are being set.
    pub(crate) headways: Vec<(String, Option<f64>, f64)>,
    /// Metres of a step of a stop.
    pub step_m: f64,
    /// What is done to a stop is also done across the street.
    pub both_sides: bool,
    pub(crate) name_edit: Option<String>,
    pub(crate) dialog: Option<Dialog>,
    pub(crate) free: Rect,
}

/// The small windows that the Help menu opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialog {
    Shortcuts,
    About,
}

impl Default for UiState {
    fn default() -> Self {
        Self {
            closed: Vec::new(),
            floating: Vec::new(),
            chosen: Vec::new(),
            drag_origin: None,
            wanted_heights: Vec::new(),
            search_text: String::new(),
            is_search_open: false,
            search_choice: 0,
            open_layer: None,
            open_measure: None,
            open_indicator: None,
            open_messages: Vec::new(),
            extent: StreetExtent::default(),
            open_line: None,
            has_opened_line: false,
            hovered_line: None,
            headways: Vec::new(),
            step_m: 50.0,
            both_sides: true,
            name_edit: None,
            dialog: None,
            free: Rect::NOTHING,
        }
    }
}

impl UiState {
    pub fn is_open(&self, panel: PanelId) -> bool {
        !self.closed.contains(&panel)
    }

    pub fn set_open(&mut self, panel: PanelId, is_open: bool) {
        self.closed.retain(|&closed| closed != panel);
        if !is_open {
            self.closed.push(panel);
        }
    }

    /// What [`AppCommand::TogglePanel`] does.
    pub fn toggle(&mut self, panel: PanelId) {
        self.set_open(panel, !self.is_open(panel));
    }
}

/// Draws the whole window over the 3D view and gives what the user did as commands.
///
/// Call it once per pass of the egui context; it sets fonts and style itself and draws nothing in the first pass,
/// in which the fonts are not there yet.
pub fn show(
    ctx: &egui::Context,
    view: &WindowView,
    texts: &Texts,
    state: &mut UiState,
    commands: &mut Vec<AppCommand>,
) {
    let mut theme = Theme::new(view.theme, if view.text_scale == 0.0 { 1.0 } else { view.text_scale });
    theme.is_touch = view.mode == Mode::Present;
    if theme.is_touch {
        // Read from a few metres away.
        theme.scale = theme.scale.max(1.25);
    }
    theme.is_reduced_motion = view.is_reduced_motion;
    if !theme::apply(ctx, &theme) {
        return;
    }
    let input = PanelInput { view, texts: *texts, numbers: Numbers::new(texts.language), theme };
    layout::show(ctx, &input, state, commands);
}

/// The part of the window where the 3D view is not covered by bars or docked panels, points from the top left;
/// [`Rect::NOTHING`] before the first frame.
pub fn free_rect(state: &UiState) -> Rect {
    state.free
}
