//! The real window: engine plugins, camera, panels.

use bevy::{
    anti_alias::fxaa::Fxaa,
    camera::Exposure,
    core_pipeline::tonemapping::{DebandDither, Tonemapping},
    prelude::*,
    render::view::Msaa,
    window::{PresentMode, PrimaryWindow, WindowResolution},
    winit::WinitSettings,
};
use bevy_egui::{EguiContexts, EguiPlugin, EguiPrimaryContextPass};

use crate::{
    commands::{AppCommand, DialogAnswers, Quality},
    input,
    jobs::Jobs,
    scene::camera::{CameraRig, CityCamera},
    script::ScriptRun,
    sets::AppSet,
    state::{CommandQueue, QuitRequested, Settings, ViewSize},
    ui, view_model,
};

/// Quiet by default: what users must know is in the window, and standard error is for messages.
pub const LOG_FILTER: &str =
    "warn,wgpu=error,naga=error,bevy_render=error,bevy_winit=error,bevy_egui=error,winit=error,gilrs=error";

/// How the window starts.
#[derive(Clone, Debug, Default)]
pub struct WindowOptions {
    /// Commands given before the first frame, such as opening a project.
    pub commands: Vec<AppCommand>,
    /// A script that drives the window; the program ends with it.
    pub script: Option<Vec<AppCommand>>,
    pub size: Option<UVec2>,
    pub quality: Option<Quality>,
}

/// Opens the window and runs until the user closes it. `Err` holds what a script found wrong.
pub fn run(options: WindowOptions) -> anyhow::Result<()> {
    crate::picture::require_adapter()?;
    // Dropping files on the window does not work on Wayland with this window library; X11 (XWayland) does.
    let mut app = App::new();
    let size = options.size.unwrap_or(UVec2::new(1456, 819));
    app.add_plugins(
        DefaultPlugins
            .set(WindowPlugin {
                primary_window: Some(Window {
                    title: "Stadsmaquette".to_owned(),
                    resolution: WindowResolution::new(size.x, size.y),
                    present_mode: PresentMode::AutoVsync,
                    ..default()
                }),
                ..default()
            })
            .set(crate::picture::render_plugin())
            .set(bevy::log::LogPlugin { filter: LOG_FILTER.to_owned(), ..default() }),
    );
    app.add_plugins((crate::CorePlugins, crate::ViewPlugins, panels_plugin, input::plugin))
        .init_resource::<DialogAnswers>()
        .add_systems(Startup, spawn_window_camera)
        .add_systems(
            Update,
            (follow_window_size, take_dialog_answers).in_set(AppSet::Input).before(input::InputSystems),
        )
        .add_systems(Update, (quit_when_asked, apply_quality))
        // What the frame started is waited for from this frame on.
        .add_systems(Update, ask_for_frames.after(AppSet::Camera))
        .insert_resource(WinitSettings::desktop_app());
    if let Some(quality) = options.quality {
        app.world_mut().resource_mut::<Settings>().quality = quality;
    }
    app.world_mut().resource_mut::<CommandQueue>().0.extend(options.commands);
    let has_script = options.script.is_some();
    if let Some(commands) = options.script {
        app.insert_resource(ScriptRun::new(commands)).insert_resource(WinitSettings::game());
        app.add_systems(Update, ScriptRun::step.in_set(AppSet::Input));
        app.init_resource::<ScriptOutcome>();
        app.add_systems(Update, keep_outcome.after(AppSet::Input));
    }
    let outcome = if has_script {
        let slot = app.world().resource::<ScriptOutcome>().0.clone();
        app.run();
        slot.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take()
    } else {
        app.run();
        None
    };
    outcome.map_or(Ok(()), |text| Err(anyhow::anyhow!(text)))
}

/// What a window's script found wrong; outlives the app, which is moved into the event loop.
#[derive(Resource, Default)]
struct ScriptOutcome(std::sync::Arc<std::sync::Mutex<Option<String>>>);

fn keep_outcome(
    script: Option<Res<ScriptRun>>,
    outcome: Res<ScriptOutcome>,
    mut quit: ResMut<QuitRequested>,
) {
    if let Some(result) = script.as_ref().and_then(|script| script.outcome.as_ref()) {
        if let Err(error) = result {
            let mut slot = outcome.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            slot.get_or_insert_with(|| error.to_string());
        }
        quit.0 = true;
    }
}

/// Everything a camera of the city needs, for windows and pictures alike.
pub fn city_camera(rig: &CameraRig, quality: Quality) -> impl Bundle {
    (
        CityCamera,
        Camera3d::default(),
        rig.transform(),
        rig.projection(),
        // Colours are chosen for the screen: no curve in between.
        Tonemapping::None,
        DebandDither::Disabled,
        Exposure::default(),
        msaa(quality),
    )
}

fn msaa(quality: Quality) -> Msaa {
    if quality == Quality::High { Msaa::Sample4 } else { Msaa::Off }
}

fn spawn_window_camera(mut commands: Commands, rig: Res<CameraRig>, settings: Res<Settings>) {
    commands.spawn(city_camera(&rig, settings.quality));
}

/// Anti-aliasing by quality: none, a cheap filter, or four samples.
fn apply_quality(
    mut commands: Commands,
    settings: Res<Settings>,
    mut last: Local<Option<Quality>>,
    cameras: Query<Entity, With<CityCamera>>,
) {
    if *last == Some(settings.quality) {
        return;
    }
    for camera in &cameras {
        *last = Some(settings.quality);
        let mut camera = commands.entity(camera);
        camera.insert(msaa(settings.quality));
        if settings.quality == Quality::Medium {
            camera.insert(Fxaa::default());
        } else {
            camera.remove::<Fxaa>();
        }
    }
}

/// Panels over the view.
pub fn panels_plugin(app: &mut App) {
    app.add_plugins(EguiPlugin::default())
        .init_resource::<PanelState>()
        .init_resource::<PanelCover>()
        .init_resource::<view_model::ViewCache>()
        .add_systems(EguiPrimaryContextPass, show_panels);
}

/// Where the panels are, to tell a click on them from a click on the city, also when it came within one slow frame.
#[derive(Resource, Default)]
pub struct PanelCover(Option<bevy_egui::egui::Context>);

impl PanelCover {
    /// Whether a panel lies under a point of the window, logical pixels.
    pub fn covers(&self, point: Vec2) -> bool {
        use bevy_egui::egui::{Order, pos2};
        self.0.as_ref().is_some_and(|context| {
            context.layer_id_at(pos2(point.x, point.y)).is_some_and(|layer| layer.order != Order::Background)
        })
    }
}

/// What the panels remember.
#[derive(Resource, Default)]
pub struct PanelState(pub ui::UiState);

fn show_panels(world: &mut World) {
    let view = view_model::window_view(world);
    let language = world.resource::<Settings>().language;
    let mut state = std::mem::take(&mut world.resource_mut::<PanelState>().0);
    for panel in ui::PANELS.iter().map(|panel| panel.id).chain([crate::commands::PanelId::TimeBar]) {
        let is_closed = world.resource::<Settings>().closed_panels.contains(&panel);
        state.set_open(panel, !is_closed);
    }
    let mut commands = Vec::new();
    let context = {
        let mut contexts = bevy::ecs::system::SystemState::<EguiContexts>::new(world);
        let Ok(mut contexts) = contexts.get_mut(world) else { return };
        contexts.ctx_mut().ok().map(|context| context.clone())
    };
    if let Some(context) = context {
        let texts = ui::text::Texts { language };
        ui::show(&context, &view, &texts, &mut state, &mut commands);
        world.resource_mut::<PanelCover>().0 = Some(context);
    }
    world.resource_mut::<PanelState>().0 = state;
    world.resource_mut::<CommandQueue>().0.extend(commands);
}

fn follow_window_size(windows: Query<&Window, With<PrimaryWindow>>, mut size: ResMut<ViewSize>) {
    if let Ok(window) = windows.single() {
        size.set_if_neq(ViewSize(Vec2::new(window.width().max(1.0), window.height().max(1.0))));
    }
}

fn take_dialog_answers(answers: Res<DialogAnswers>, mut queue: ResMut<CommandQueue>) {
    queue.0.extend(answers.take());
}

fn quit_when_asked(quit: Res<QuitRequested>, mut exit: MessageWriter<AppExit>) {
    if quit.0 {
        exit.write(AppExit::Success);
    }
}

/// The window sleeps until something happens; while jobs run it must look for their outcomes.
fn ask_for_frames(
    jobs: Res<Jobs>,
    playback: Res<crate::state::Playback>,
    pending: Res<crate::scene::tiles::PendingTiles>,
    queue: Res<CommandQueue>,
    mut messages: ResMut<crate::state::Messages>,
    mut redraw: MessageWriter<bevy::window::RequestRedraw>,
) {
    messages.bypass_change_detection().forget_old_news();
    if !jobs.is_idle() || playback.is_playing || pending.0 > 0 || !queue.0.is_empty() {
        redraw.write(bevy::window::RequestRedraw);
    }
}
