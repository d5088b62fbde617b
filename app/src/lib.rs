//! The program: window, scene, panels, commands and jobs around `layers` and `scenarios`.
//!
//! # Two halves
//! [`CorePlugins`] hold state, commands and jobs and need no window and no GPU: scripts and tests run on them alone.
//! [`ViewPlugins`] add the 3D scene. The window adds input and panels on top (`window`), pictures are drawn without a
//! window (`picture`).
//!
//! # A frame
//! See [`sets::AppSet`]. Everything a user does is an [`commands::AppCommand`], wherever it comes from.

pub mod cli;
mod collect;
pub mod commands;
pub mod indicator_map;
pub mod input;
pub mod jobs;
pub mod palette;
pub mod picture;
pub mod project;
pub mod project_file;
pub mod scene;
pub mod script;
pub mod sets;
pub mod snapshot;
pub mod state;
pub mod time;
pub mod ui;
pub mod view_model;
pub mod window;

use bevy::{app::PluginGroupBuilder, prelude::*};

/// Of the program and of every test and bench that links it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// State, commands, jobs: everything but drawing.
pub struct CorePlugins;

impl PluginGroup for CorePlugins {
    fn build(self) -> PluginGroupBuilder {
        PluginGroupBuilder::start::<Self>().add(sets::plugin).add(core_plugin).add(scene::styles::plugin)
    }
}

/// The 3D scene; needs a renderer.
pub struct ViewPlugins;

impl PluginGroup for ViewPlugins {
    fn build(self) -> PluginGroupBuilder {
        PluginGroupBuilder::start::<Self>().add(scene::plugin).add(picture::plugin)
    }
}

fn core_plugin(app: &mut App) {
    app.init_resource::<state::CommandQueue>()
        .init_resource::<state::OpenProject>()
        .init_resource::<state::Revisions>()
        .init_resource::<state::BaselineState>()
        .init_resource::<state::Selection>()
        .init_resource::<state::StopService>()
        .init_resource::<state::Settings>()
        .init_resource::<state::BaselineHold>()
        .init_resource::<state::Playback>()
        .init_resource::<state::Messages>()
        .init_resource::<state::SceneTiles>()
        .init_resource::<state::ViewSize>()
        .init_resource::<state::QuitRequested>()
        .init_resource::<scene::camera::CameraRig>()
        .init_resource::<jobs::Jobs>()
        .init_resource::<scene::streaming::TileBudget>()
        .add_systems(Update, scene::streaming::stream_tiles.in_set(sets::AppSet::Scene))
        .init_resource::<picture::PictureRequests>()
        .add_systems(Update, commands::run_commands.in_set(sets::AppSet::Commands))
        .add_systems(
            Update,
            (collect::collect_jobs, jobs::timetable::look_up).chain().in_set(sets::AppSet::Jobs),
        );
}
