//! What the window shows, as plain data: one struct per panel, filled from the world each frame by the caller.
//! Nothing here is formatted: numbers, times and enums become words only in the panels, in the language of the user.
//! Strings are either data (names, titles, licences) or texts that the caller took from [`Texts`](super::text::Texts).

use std::ops::RangeInclusive;

use bevy_egui::egui::{Color32, Pos2};

use crate::commands::{
    AppCommand, BuildingMeasure, Language, Mode, Quality, StreetExtent, ThemeKind, ViewKind,
};

/// Everything the window shows in one frame.
#[derive(Clone, Debug, Default)]
pub struct WindowView {
    pub mode: Mode,
    pub view_kind: ViewKind,
    /// Degrees clockwise from north in which the camera looks; turns the compass.
    pub heading_deg: f32,
    pub theme: ThemeKind,
    pub language: Language,
    pub quality: Quality,
    /// 1.0 is 100 %; used between 0.8 and 2.0.
    pub text_scale: f32,
    pub is_reduced_motion: bool,
    /// `None` shows the empty window with its three doors.
    pub project: Option<ProjectView>,
    pub history: HistoryView,
    /// What matches [`UiState::search_text`](super::UiState::search_text), best first.
    pub search_results: Vec<SearchResult>,
    /// In drawing order, the top one first.
    pub layers: Vec<LayerRow>,
    /// The legend of what colours the map now; `None` hides the legend.
    pub legend: Option<LegendView>,
    /// What is picked.
    pub inspector: Option<InspectorView>,
    pub scenario: Option<ScenarioView>,
    pub indicators: IndicatorsView,
    pub map_labels: Vec<MapLabel>,
    pub time: Option<TimeView>,
    pub status: StatusView,
    pub messages: Vec<MessageView>,
    /// True while B is held: the map shows the baseline.
    pub is_baseline_held: bool,
}

/// The open project.
#[derive(Clone, Debug, Default)]
pub struct ProjectView {
    pub title: String,
    /// The built-in demo city, or data that say they are fictional.
    pub is_fictional: bool,
    pub has_unsaved_changes: bool,
    /// How many things are still being read; above 0 the window says that it loads.
    pub loading_count: usize,
}

/// What undo and redo would do now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HistoryView {
    pub can_undo: bool,
    pub can_redo: bool,
}

/// One line under the search field.
#[derive(Clone, Debug)]
pub struct SearchResult {
    pub label: String,
    pub kind: SearchKind,
    /// Given when the user takes the line.
    pub command: AppCommand,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SearchKind {
    Street,
    Address,
    Building,
    Stop,
    Sensor,
    Place,
    Layer,
    Command,
}

/// Source of a layer, as in [`Provenance`](stadsmaquette_layers::model::Provenance).
#[derive(Clone, Debug, Default)]
pub struct ProvenanceView {
    pub source: String,
    pub licence: String,
    /// ISO 8601 date or empty.
    pub date: String,
    pub file: String,
    pub crs: String,
}

/// One row of the layer panel.
#[derive(Clone, Debug)]
pub struct LayerRow {
    pub id: String,
    pub title: String,
    pub swatch: Color32,
    pub is_visible: bool,
    /// 0 to 1.
    pub opacity: f32,
    /// Right of the title, such as "CC BY" or the age of live data; may be empty.
    pub short_licence: String,
    /// How many objects of what, such as "4.212 gebouwen"; may be empty.
    pub count_text: String,
    /// Why the user sees nothing of it, in words; `None` when there is nothing to say.
    pub why_empty: Option<String>,
    /// True while it is being read.
    pub is_loading: bool,
    pub provenance: ProvenanceView,
    /// False for layers that the program computes, such as the difference.
    pub is_removable: bool,
}

/// What the colours on the map mean.
#[derive(Clone, Debug)]
pub enum LegendView {
    /// Scenario minus baseline of traffic, on the ramp less – none – more.
    TrafficDifference {
        /// The ends of the ramp as a fraction of the baseline: 1.0 is ±100 %.
        end: f64,
        /// Streets that change less than this (vehicles per hour) are grey.
        noise_vehicles_per_hour: f64,
    },
    /// Scenario minus baseline of an indicator.
    IndicatorDifference {
        id: String,
        unit: String,
        /// The ends of the ramp, in the unit.
        end: f64,
        /// Squares of this side, metres; `None` where streets or stops are coloured.
        square_m: Option<f64>,
        /// How many things changed more than the noise.
        count: usize,
    },
    /// Classes with a colour each.
    Classes { title: String, classes: Vec<(Color32, String)> },
}

/// The picked thing.
#[derive(Clone, Debug, Default)]
pub struct InspectorView {
    pub title: String,
    /// What sort of thing, in the language of the user.
    pub type_name: String,
    pub layer_title: String,
    pub rows: Vec<AttributeRow>,
    pub series: Vec<SeriesView>,
    /// `Some` for a stop, empty when no more today.
    pub departures: Option<Vec<DepartureRow>>,
    pub privacy: Option<PrivacyView>,
    /// `Some` for a street that a measure can be made of.
    pub street: Option<StreetActionsView>,
    /// Measures that the building can have; none for other things.
    pub building_measures: Vec<BuildingMeasure>,
    /// `Some` for a stop.
    pub stop: Option<StopView>,
    /// Lines for which a stop can come on the picked street, the nearest first; none where no line passes.
    pub lines_nearby: Vec<LineChoice>,
}

/// What calls at the picked stop, and what the scenario does to it.
#[derive(Clone, Debug, Default)]
pub struct StopView {
    /// `None` while it is being looked up.
    pub lines: Option<Vec<StopLineView>>,
    /// ISO 8601 date of the weekday that the counts are of; may be empty.
    pub date: String,
    /// Departures are counted between these hours of the day.
    pub counted_hours: [u32; 2],
    /// The stop has another one across the street.
    pub has_other_side: bool,
    pub plan: StopPlan,
    /// The next click on the map says where the stop goes.
    pub is_awaiting_place: bool,
}

/// What the scenario does to a stop.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum StopPlan {
    #[default]
    Stays,
    Goes,
    /// So far in metres, in a direction by the text key of its words.
    Moves {
        metres: f64,
        direction: &'static str,
    },
}

/// A line at the picked stop.
#[derive(Clone, Debug, Default)]
pub struct StopLineView {
    /// Public id.
    pub id: String,
    /// The number on the vehicle.
    pub name: String,
    pub is_train: bool,
    /// Where it goes from here, most often first; empty where it ends.
    pub towards: Vec<String>,
    /// From 07:00 to 09:00.
    pub departures_per_hour: f64,
    /// Usual minutes between two departures by day.
    pub headway_minutes: Option<f64>,
    /// What the scenario makes of it.
    pub planned_minutes: Option<f64>,
    /// Trains that one catches with it: name, stop where one changes, minutes.
    pub trains: Vec<(String, String, f64)>,
}

#[derive(Clone, Debug, Default)]
pub struct LineChoice {
    /// Public id.
    pub id: String,
    pub name: String,
    pub towards: String,
}

#[derive(Clone, Debug)]
pub struct AttributeRow {
    pub name: String,
    pub value: AttributeValue,
}

#[derive(Clone, Debug)]
pub enum AttributeValue {
    Text(String),
    /// A number with its unit symbol and how many decimals to show.
    Number {
        value: f64,
        unit: String,
        decimals: usize,
    },
    Flag(bool),
    /// Known to be unknown: shown as "not stated".
    Missing,
}

/// A measured series of one property.
#[derive(Clone, Debug)]
pub struct SeriesView {
    pub name: String,
    pub unit: String,
    /// Seconds since 1970 UTC and value, sorted by time; a day is what the panel wants.
    pub points: Vec<[f64; 2]>,
    /// The last observation at or before the time of the window: time and value.
    pub current: Option<(i64, f64)>,
    pub decimals: usize,
}

#[derive(Clone, Debug)]
pub struct DepartureRow {
    /// Such as "5".
    pub line: String,
    pub destination: String,
    /// Seconds since 1970 UTC.
    pub time: i64,
    /// Late (positive) or early, seconds; `None` when only the timetable is known.
    pub delay_secs: Option<i32>,
}

/// Who measures what, and whether persons are in it. `None` is shown as "not stated".
#[derive(Clone, Debug, Default)]
pub struct PrivacyView {
    pub owner: Option<String>,
    pub purpose: Option<String>,
    pub measures: Option<String>,
    pub contact: Option<String>,
    pub processes_personal_data: Option<bool>,
}

/// How much of the picked street each extent takes.
#[derive(Clone, Debug)]
pub struct StreetActionsView {
    /// Per extent that is possible here: the number of links and the length in metres.
    pub extents: Vec<StreetExtentView>,
    /// Set when the street cannot be changed, in words (for example: it is one already).
    pub refusal: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StreetExtentView {
    pub extent: StreetExtent,
    pub link_count: usize,
    pub length_m: f64,
}

/// The active scenario.
#[derive(Clone, Debug, Default)]
pub struct ScenarioView {
    pub id: String,
    pub name: String,
    /// Name of the scenario that it branched from; `None` is the present state.
    pub parent_name: Option<String>,
    pub measures: Vec<MeasureRow>,
    /// What no longer matches the data, in words.
    pub unresolved: Vec<String>,
    /// All scenarios of the project as (id, name), for the switcher.
    pub siblings: Vec<(String, String)>,
}

#[derive(Clone, Debug)]
pub struct MeasureRow {
    /// Position in the scenario, from 0.
    pub index: usize,
    pub kind: MeasureView,
    /// True while the pointer is on it or its things on the map.
    pub is_highlighted: bool,
}

#[derive(Clone, Debug)]
pub enum MeasureView {
    PedestrianStreet {
        /// `None` for a street without a name.
        street_name: Option<String>,
        link_count: usize,
        allows_cycling: bool,
        allows_bus: bool,
        /// Start and end in minutes after midnight.
        delivery_window: Option<(u16, u16)>,
    },
    /// A measure as a sentence: the text key, and what is filled in.
    Sentence {
        key: &'static str,
        arguments: Vec<(&'static str, Argument)>,
        /// Minutes between vehicles, where they can be set.
        headway_minutes: Option<f64>,
    },
    /// A measure without options to set: its kind in the file format, and what it is called.
    Other { kind: &'static str, name: String },
}

/// What is filled in in a sentence; the panel writes it in the language.
#[derive(Clone, Debug, PartialEq)]
pub enum Argument {
    /// From the data.
    Text(String),
    /// A text key.
    Key(&'static str),
    /// A number that also decides singular or plural, with the decimals that it needs (at most one).
    Number(f64),
    /// Metres.
    Length(f64),
    /// Minutes after midnight.
    DayWindow(u16, u16),
}

/// The indicator table and how fresh it is.
#[derive(Clone, Debug, Default)]
pub struct IndicatorsView {
    pub state: IndicatorsState,
    pub rows: Vec<IndicatorRow>,
    /// Share of the street's traffic that is nowhere else to be seen (0.2 is 20 %), central; the panel warns outside
    /// 0 to 0.5 (MODELS.md section 4).
    pub evaporation: Option<f64>,
    /// Demand made from population and jobs instead of counts: the panel says so.
    pub is_demand_synthetic: bool,
    /// Further notes of the run, in words.
    pub notes: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub enum IndicatorsState {
    /// There is no measure to compare.
    #[default]
    NothingToCompare,
    /// Never computed for this scenario.
    NotComputed,
    /// Runs now; `progress` is 0 to 1 where known. Rows of the last run stay, marked stale.
    Computing { task: u64, progress: Option<f32> },
    /// The scenario changed after the last run.
    Stale,
    /// Up to date.
    Ready { seconds: f64 },
    /// The reason, in words.
    Failed(String),
}

/// One indicator of scenario against baseline.
#[derive(Clone, Debug)]
pub struct IndicatorRow {
    /// Kebab-case id; the label is the text `indicator-<id>`, or [`Self::label`] when given.
    pub id: String,
    pub label: Option<String>,
    /// Unit symbol of the values, such as "veh/day", "min", "%"; also the unit of the delta unless
    /// [`Self::shows_relative`].
    pub unit: String,
    pub baseline: f64,
    pub value: Option<BandView>,
    /// Scenario minus baseline, in the unit of the value.
    pub delta: Option<BandView>,
    /// Delta as a percentage of the baseline instead of in its unit.
    pub shows_relative: bool,
    pub status: DeltaStatus,
    /// Which way is better for people; `None` says nothing about it.
    pub is_more_better: Option<bool>,
    /// The run in which nobody adapts: an upper bound of the delta, in the unit of the value.
    pub if_nobody_adapts: Option<f64>,
    /// Whether it can colour the map, and does so now.
    pub has_map: bool,
    pub is_on_map: bool,
    pub explanation: ExplanationView,
}

/// Low, central and high in one unit; low ≤ central ≤ high.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct BandView {
    pub low: f64,
    pub central: f64,
    pub high: f64,
}

/// How sure a delta is, as in [`stadsmaquette_scenarios`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum DeltaStatus {
    Clear,
    /// The band holds zero.
    Uncertain,
    BelowNoise,
    /// The reason, in words.
    NotComputable(String),
    #[default]
    Unknown,
}

/// Why a number is what it is.
#[derive(Clone, Debug, Default)]
pub struct ExplanationView {
    /// The formula in words or symbols.
    pub formula: String,
    /// Name and value of what went in.
    pub inputs: Vec<(String, String)>,
    pub sources: Vec<String>,
    /// Which measures and objects made the difference.
    pub causes: Vec<String>,
}

/// A number on the map.
#[derive(Clone, Debug)]
pub struct MapLabel {
    /// Foot of the stem: points from the top left of the window.
    pub screen_pos: Pos2,
    pub kind: MapLabelKind,
    /// Lower is drawn first and keeps its place when there is too little room.
    pub priority: u32,
}

#[derive(Clone, Debug, PartialEq)]
pub enum MapLabelKind {
    /// Relative change of traffic as fractions: −0.92 is −92 %. Below zero is less, above is more.
    TrafficChange(BandView),
    /// A stop: text from data, such as "Bus 5 · 15:00 Nachtwachtlaan".
    Stop(String),
    /// A sensor and its value now.
    Sensor { name: String, value: f64, unit: String, decimals: usize },
    /// Anything else.
    Name(String),
}

/// The time bar.
#[derive(Clone, Debug)]
pub struct TimeView {
    /// Seconds since 1970 UTC.
    pub now: i64,
    pub range: RangeInclusive<i64>,
    pub is_playing: bool,
    /// Seconds of the city per second of the clock.
    pub speed: f64,
    /// True when `now` follows the clock, or stands at the project's own present.
    pub is_live: bool,
    /// What the NOW button goes to.
    pub present: i64,
    /// Offset of local time from UTC at `now`, seconds.
    pub utc_offset_secs: i32,
}

/// The status bar.
#[derive(Clone, Debug, Default)]
pub struct StatusView {
    /// Under the pointer, or at the middle of the view: RD New x and y, metres.
    pub rd: Option<[f64; 2]>,
    /// Height, NAP, metres.
    pub nap_m: Option<f64>,
    /// ETRS89, degrees north and east.
    pub latitude_longitude: Option<[f64; 2]>,
    /// When the project is not in RD: its CRS and coordinates.
    pub other_crs: Option<(String, [f64; 2])>,
    pub scale: Option<ScaleView>,
    pub crs: Option<CrsBadge>,
    /// Credits of the visible layers, such as "© 3DBAG"; joined with middle dots.
    pub attribution: Vec<String>,
    pub tasks: Vec<TaskView>,
    pub is_offline: bool,
}

/// A round length and how long it is on screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScaleView {
    pub length_m: f64,
    pub points: f32,
}

/// How good the coordinates are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CrsBadge {
    Exact,
    /// The reason, in words.
    Approximate(String),
}

/// Work in the background.
#[derive(Clone, Debug)]
pub struct TaskView {
    pub id: u64,
    /// In words, such as "verkeer verfijnen".
    pub name: String,
    /// 0 to 1 where known.
    pub progress: Option<f32>,
    pub is_cancellable: bool,
}

/// A bar with news; never modal.
#[derive(Clone, Debug)]
pub struct MessageView {
    pub id: u64,
    pub severity: Severity,
    pub text: String,
    /// Lines that open on request: causes, places, file paths.
    pub details: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Information,
    Success,
    Warning,
    Error,
}
