//! Everything a user can do, as data: menus, shortcuts, panels and scripts all give these, and only the functions in
//! this folder carry them out.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// One thing a user can do. The JSON form (`{"do": "undo"}`) is what scripts hold and never changes meaning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum AppCommand {
    // Project
    OpenDemo,
    /// Opens a project file, or makes a new unsaved project from data files.
    Open {
        paths: Vec<PathBuf>,
    },
    /// Adds data files to the open project.
    AddData {
        paths: Vec<PathBuf>,
    },
    /// Saves; without a path to where it was opened from or last saved.
    Save {
        path: Option<PathBuf>,
    },
    /// Shows the system's dialog and then gives one of the commands above.
    ShowOpenDialog,
    ShowAddDataDialog,
    ShowSaveDialog,
    Quit,

    // Layers
    SetLayerVisible {
        layer: String,
        is_visible: bool,
    },
    /// 0 to 1.
    SetLayerOpacity {
        layer: String,
        opacity: f32,
    },
    MoveLayer {
        layer: String,
        to_index: usize,
    },
    RemoveLayer {
        layer: String,
    },
    ZoomToLayer {
        layer: String,
    },

    // Selection
    Select {
        target: Target,
    },
    /// Selects what lies under a point of the view, in pixels from its top left.
    PickAt {
        x: f32,
        y: f32,
    },
    ClearSelection,
    /// Selects and flies there: what a search result does.
    GoTo {
        target: Target,
    },
    /// Selects the first link of a street by its name and flies there.
    GoToStreet {
        name: String,
    },
    HoverMeasure {
        index: Option<usize>,
    },
    /// The stops of a line glow, by its public id.
    HoverLine {
        line: Option<String>,
    },
    /// The next click on the map says where something comes; `None` (or clearing the selection) ends the waiting.
    AwaitPlace {
        purpose: Option<PlacePurpose>,
    },

    // Scenario
    /// Makes the selected street a pedestrian street.
    AddPedestrianStreet {
        extent: StreetExtent,
    },
    /// Adds another measure on the selected street.
    AddStreetMeasure {
        measure: StreetMeasure,
        extent: StreetExtent,
    },
    /// Adds a measure on the selected building.
    AddBuildingMeasure {
        measure: BuildingMeasure,
    },
    /// Changes the selected stop, a line, or adds a stop on the selected street.
    AddStopMeasure {
        measure: StopMeasure,
        /// Also the stop of the same name across the street, where lines of this one run the other way.
        #[serde(default)]
        both_sides: bool,
    },
    /// Changes how often the line of a measure comes.
    SetHeadway {
        index: usize,
        minutes: f64,
    },
    /// Adds any measure, as scenario files write it.
    AddMeasure {
        measure: scenarios::measures::Measure,
    },
    SetPedestrianStreetOptions {
        index: usize,
        allows_cycling: bool,
        allows_bus: bool,
        delivery_window: Option<(u16, u16)>,
    },
    RemoveMeasure {
        index: usize,
    },
    Undo,
    Redo,
    NewScenario,
    BranchScenario,
    ActivateScenario {
        id: String,
    },
    RenameScenario {
        id: String,
        name: String,
    },
    /// Computes the indicators of the active scenario now (also happens by itself after each change).
    Evaluate,
    CancelTask {
        id: u64,
    },
    /// Colours the map by what an indicator changes; without one by the traffic.
    ShowIndicator {
        id: Option<String>,
    },
    /// While true, the view and the map colours show the baseline.
    HoldBaseline {
        is_held: bool,
    },

    // View
    SetMode {
        mode: Mode,
    },
    SetViewKind {
        kind: ViewKind,
    },
    GoHome,
    FaceNorth,
    ResetTilt,
    ZoomToSelection,
    /// Zooms by steps; positive is closer.
    Zoom {
        steps: f32,
    },
    /// Moves by parts of the view's size.
    Pan {
        right: f32,
        up: f32,
    },
    /// Degrees.
    Orbit {
        heading: f32,
        tilt: f32,
    },
    SetCamera {
        camera: CameraPose,
    },
    SetTime {
        time: i64,
    },
    SetPlaying {
        is_playing: bool,
    },

    // Settings
    SetLanguage {
        language: Language,
    },
    SetTheme {
        theme: ThemeKind,
    },
    /// 1.0 is 100 %; 0.8 to 2.0.
    SetTextScale {
        scale: f32,
    },
    SetQuality {
        quality: Quality,
    },
    SetReducedMotion {
        is_reduced: bool,
    },
    TogglePanel {
        panel: PanelId,
    },
    DismissMessage {
        id: u64,
    },
    SaveScreenshot {
        path: PathBuf,
    },

    // Only useful in scripts
    /// Waits until no task runs.
    WaitIdle,
    /// Fails the script when the JSON snapshot does not hold this value at this RFC 6901 pointer.
    Assert {
        pointer: String,
        #[serde(flatten)]
        expectation: Expectation,
    },
    /// Writes the JSON snapshot.
    WriteSnapshot {
        path: PathBuf,
    },
}

/// What a script asserts about one value of the snapshot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expectation {
    Equals(serde_json::Value),
    /// The value is a number greater than this.
    Above(f64),
    /// The value is a number smaller than this.
    Below(f64),
    /// The value (array or text) contains this.
    Contains(serde_json::Value),
}

/// A thing that can be picked, by layer and public id.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Target {
    CityObject { layer: String, id: String },
    Feature { layer: String, id: String },
    Link { layer: String, id: String },
    Stop { layer: String, id: String },
    Thing { layer: String, id: String },
}

impl Target {
    pub fn layer(&self) -> &str {
        match self {
            Self::CityObject { layer, .. }
            | Self::Feature { layer, .. }
            | Self::Link { layer, .. }
            | Self::Stop { layer, .. }
            | Self::Thing { layer, .. } => layer,
        }
    }

    pub fn id(&self) -> &str {
        match self {
            Self::CityObject { id, .. }
            | Self::Feature { id, .. }
            | Self::Link { id, .. }
            | Self::Stop { id, .. }
            | Self::Thing { id, .. } => id,
        }
    }
}

/// Measures on a street besides the pedestrian street, with the defaults of the model book.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StreetMeasure {
    /// Against the direction in which the street was drawn nobody drives any more.
    OneWay,
    OneWayReversed,
    /// Signs alone.
    Speed30,
    /// Signs and another street.
    Speed30Redesigned,
    BicycleStreet,
    CloseForCars,
    BusGate,
    SignalPriority,
}

impl StreetMeasure {
    pub const ALL: [Self; 8] = [
        Self::OneWay,
        Self::OneWayReversed,
        Self::Speed30,
        Self::Speed30Redesigned,
        Self::BicycleStreet,
        Self::CloseForCars,
        Self::BusGate,
        Self::SignalPriority,
    ];

    /// The text key of its name.
    pub fn text_key(self) -> &'static str {
        match self {
            Self::OneWay => "street-measure-one-way",
            Self::OneWayReversed => "street-measure-one-way-reversed",
            Self::Speed30 => "street-measure-speed-30",
            Self::Speed30Redesigned => "street-measure-speed-30-redesigned",
            Self::BicycleStreet => "street-measure-bicycle-street",
            Self::CloseForCars => "street-measure-close-for-cars",
            Self::BusGate => "street-measure-bus-gate",
            Self::SignalPriority => "street-measure-signal-priority",
        }
    }
}

/// Measures on a building, with the defaults of the model book.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BuildingMeasure {
    ToHousing,
    ToOffice,
    ToGreen,
    Demolish,
}

impl BuildingMeasure {
    pub const ALL: [Self; 4] = [Self::ToHousing, Self::ToOffice, Self::ToGreen, Self::Demolish];

    /// The text key of its name.
    pub fn text_key(self) -> &'static str {
        match self {
            Self::ToHousing => "building-measure-to-housing",
            Self::ToOffice => "building-measure-to-office",
            Self::ToGreen => "building-measure-to-green",
            Self::Demolish => "building-measure-demolish",
        }
    }
}

/// Measures on stops and lines, with the defaults of the model book.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum StopMeasure {
    /// Nothing calls at the selected stop any more.
    Remove,
    /// The selected stop goes to a place; project CRS, metres.
    MoveTo { position: [f64; 2] },
    /// The selected stop goes so far from where the scenario has it now.
    MoveBy { east_m: f64, north_m: f64 },
    /// The selected stop is again where it is in the city of now.
    Restore,
    /// A line (its public id or its number) comes every so many minutes, all day.
    SetHeadway { line: String, minutes: f64 },
    /// A new stop on the selected street, where it was clicked or else halfway, for a line (id or number); without one
    /// for the line that passes nearest.
    Add {
        #[serde(default)]
        line: Option<String>,
    },
}

/// What the next click on the map is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum PlacePurpose {
    /// Where the selected stop goes.
    MoveStop {
        #[serde(default)]
        both_sides: bool,
    },
}

/// How much of the street a measure takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StreetExtent {
    /// The picked link alone.
    Link,
    /// All links of that name between the two nearest crossings.
    #[default]
    BetweenCrossings,
    /// Every connected link of that name.
    WholeStreet,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    #[default]
    Explore,
    Scenario,
    Compare,
    Present,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ViewKind {
    #[default]
    ThreeD,
    TwoD,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Language {
    #[default]
    #[serde(rename = "nl-NL")]
    Dutch,
    #[serde(rename = "en-GB")]
    English,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ThemeKind {
    #[default]
    Light,
    Dark,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Quality {
    /// No anti-aliasing, no shadows: for software rendering and old laptops.
    Low,
    #[default]
    Medium,
    High,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PanelId {
    Layers,
    Inspector,
    Scenario,
    Indicators,
    TimeBar,
    Legend,
}

/// Where the camera is: it looks at a point on the ground from a distance.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct CameraPose {
    /// World point looked at: project CRS, metres.
    pub target: [f64; 3],
    pub distance_m: f64,
    /// Degrees clockwise from north in which the camera looks.
    pub heading_deg: f64,
    /// Degrees from straight down: 0 looks down, 90 looks level.
    pub tilt_deg: f64,
}
