//! Pictures: of the window when a user asks, and without any window for the command line and the tests.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use bevy::{
    asset::RenderAssetUsages,
    camera::RenderTarget,
    prelude::*,
    render::{
        RenderPlugin,
        pipelined_rendering::PipelinedRenderingPlugin,
        render_resource::{Extent3d, TextureDimension, TextureFormat, TextureUsages},
        settings::{Backends, MemoryHints, RenderCreation, WgpuSettings},
        view::screenshot::{Screenshot, ScreenshotCaptured},
    },
    window::ExitCondition,
    winit::WinitPlugin,
};
use bevy_egui::PrimaryEguiContext;

use crate::{
    commands::Quality,
    scene::{
        camera::{CameraRig, CityCamera},
        tiles::PendingTiles,
    },
    state::{Settings, ViewSize},
};

/// Pictures that a user or script asked for and that are not yet written.
#[derive(Resource, Default)]
pub struct PictureRequests(pub Vec<PathBuf>, Arc<AtomicUsize>);

impl PictureRequests {
    /// Whether a picture is still to be taken or written.
    pub fn is_busy(&self) -> bool {
        !self.0.is_empty() || self.1.load(Ordering::Relaxed) > 0
    }
}

/// What pictures are taken of when there is no window.
#[derive(Resource)]
struct PictureTarget(Handle<Image>);

pub fn plugin(app: &mut App) {
    app.add_systems(Last, take_pictures);
}

fn take_pictures(
    mut commands: Commands,
    mut requests: ResMut<PictureRequests>,
    target: Option<Res<PictureTarget>>,
    pending: Res<PendingTiles>,
) {
    if requests.0.is_empty() || pending.0 > 0 {
        return;
    }
    let count = requests.1.clone();
    for path in std::mem::take(&mut requests.0) {
        count.fetch_add(1, Ordering::Relaxed);
        let screenshot = target
            .as_ref()
            .map_or_else(Screenshot::primary_window, |target| Screenshot::image(target.0.clone()));
        let count = count.clone();
        commands.spawn(screenshot).observe(
            move |captured: On<ScreenshotCaptured>, mut messages: ResMut<crate::state::Messages>| {
                use crate::state::MessageLevel;
                match write_png(&captured.image, &path) {
                    Ok(()) => messages.push(
                        MessageLevel::Success,
                        "message-picture-saved",
                        vec![path.display().to_string()],
                    ),
                    Err(error) => {
                        messages.push(MessageLevel::Error, "message-picture-failed", vec![error.to_string()]);
                    }
                }
                count.fetch_sub(1, Ordering::Relaxed);
            },
        );
    }
}

/// Writes the pixels as they were on the screen, without transparency.
fn write_png(image: &Image, path: &Path) -> anyhow::Result<()> {
    let rgb = image.clone().try_into_dynamic()?.to_rgb8();
    let failed = |error: String| anyhow::anyhow!("{error}. File: {}", path.display());
    // Beside it first: a picture that is already there stays until the new one is whole.
    let temporary = path.with_extension(format!("{}.tmp.png", std::process::id()));
    rgb.save_with_format(&temporary, image::ImageFormat::Png).map_err(|error| failed(error.to_string()))?;
    std::fs::rename(&temporary, path).map_err(|error| failed(error.to_string()))
}

#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    #[error(
        "no graphics adapter was found (Vulkan); on Debian install the package mesa-vulkan-drivers for software drawing"
    )]
    NoAdapter,
    #[error("the picture was not finished after {seconds} s")]
    TimedOut { seconds: u64 },
    #[error("{0}")]
    Failed(String),
}

/// The adapter that the engine would draw with, as "name (backend)". `None` where there is none: the engine panics
/// there, so everything that draws asks here first. Cost: some ten milliseconds.
pub fn adapter_name() -> Option<String> {
    // OpenGL is left out: looking for it prints to standard error on machines without a display.
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor {
        backends: Backends::PRIMARY,
        ..wgpu::InstanceDescriptor::new_without_display_handle()
    });
    let request = instance.request_adapter(&wgpu::RequestAdapterOptions::default());
    let info = bevy::tasks::block_on(request).ok()?.get_info();
    Some(format!("{} ({:?})", info.name, info.backend))
}

/// `Err` with advice where nothing can be drawn.
pub fn require_adapter() -> Result<(), PictureError> {
    adapter_name().map(|_| ()).ok_or(PictureError::NoAdapter)
}

/// The engine's renderer on the backends that [`adapter_name`] looks at, for windows and pictures alike.
pub fn render_plugin() -> RenderPlugin {
    let settings = WgpuSettings {
        backends: Some(Backends::PRIMARY),
        // The others take a quarter of a gigabyte at a time, whatever is in it.
        memory_hints: MemoryHints::MemoryUsage,
        ..default()
    };
    RenderPlugin { render_creation: RenderCreation::Automatic(Box::new(settings)), ..default() }
}

fn offscreen_app(size: UVec2) -> App {
    let mut app = App::new();
    app.add_plugins(
        DefaultPlugins
            .set(WindowPlugin { primary_window: None, exit_condition: ExitCondition::DontExit, ..default() })
            .set(RenderPlugin { synchronous_pipeline_compilation: true, ..render_plugin() })
            .set(bevy::log::LogPlugin { filter: crate::window::LOG_FILTER.to_owned(), ..default() })
            .disable::<WinitPlugin>()
            .disable::<PipelinedRenderingPlugin>(),
    );
    let mut image = Image::new_fill(
        Extent3d { width: size.x, height: size.y, depth_or_array_layers: 1 },
        TextureDimension::D2,
        &[0, 0, 0, 255],
        TextureFormat::Rgba8UnormSrgb,
        RenderAssetUsages::default(),
    );
    image.texture_descriptor.usage |=
        TextureUsages::RENDER_ATTACHMENT | TextureUsages::COPY_SRC | TextureUsages::TEXTURE_BINDING;
    let handle = app.world_mut().resource_mut::<Assets<Image>>().add(image);
    app.insert_resource(PictureTarget(handle));
    app
}

/// The program without a window but with everything else, drawing into an image of `size` pixels. With panels when
/// `has_panels`. Call [`App::update`] on it, frame by frame.
pub fn headless_app(size: UVec2, has_panels: bool) -> Result<App, PictureError> {
    require_adapter()?;
    let mut app = offscreen_app(size);
    app.insert_resource(ViewSize(size.as_vec2()));
    app.add_plugins((crate::CorePlugins, crate::ViewPlugins));
    if has_panels {
        app.add_plugins(crate::window::panels_plugin);
    }
    app.add_systems(Startup, spawn_picture_camera);
    app.finish();
    app.cleanup();
    Ok(app)
}

fn spawn_picture_camera(
    mut commands: Commands,
    target: Res<PictureTarget>,
    rig: Res<CameraRig>,
    settings: Res<Settings>,
) {
    let camera = commands
        .spawn((
            crate::window::city_camera(&rig, settings.quality),
            RenderTarget::Image(target.0.clone().into()),
            PrimaryEguiContext,
        ))
        .id();
    // Nothing is drawn until there is something to take a picture of: a frame in software costs seconds.
    commands.entity(camera).insert(Camera { is_active: false, ..default() });
}

/// Runs frames until `is_done` says so. `Err` after `limit`.
pub fn run_until(
    app: &mut App,
    limit: std::time::Duration,
    mut is_done: impl FnMut(&mut App) -> bool,
) -> Result<(), PictureError> {
    let start = std::time::Instant::now();
    loop {
        app.update();
        if is_done(app) {
            return Ok(());
        }
        if start.elapsed() > limit {
            return Err(PictureError::TimedOut { seconds: limit.as_secs() });
        }
        // Jobs run beside; a frame without work need not burn a core.
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
}

/// Whether everything that was asked for has been loaded, meshed, computed and handed to the renderer.
pub fn is_settled(app: &App) -> bool {
    let world = app.world();
    world.resource::<crate::jobs::Jobs>().is_idle()
        && world.resource::<PendingTiles>().0 == 0
        && !world.resource::<crate::state::SceneTiles>().layers.values().any(|set| set.is_new)
        && !world.resource::<crate::state::SceneTiles>().is_loading()
        && world.resource::<crate::state::CommandQueue>().0.is_empty()
}

/// Takes a picture of what is there now.
pub fn save_picture(app: &mut App, path: &Path) -> Result<(), PictureError> {
    let world = app.world_mut();
    let mut cameras = world.query_filtered::<&mut Camera, With<CityCamera>>();
    for mut camera in cameras.iter_mut(world) {
        camera.is_active = true;
    }
    // The first frame of a new scene prepares buffers and shadow maps; panels need a pass to know their sizes.
    for _ in 0..2 {
        app.update();
    }
    let world = app.world_mut();
    world.resource_mut::<crate::state::Messages>().list.clear();
    world.resource_mut::<PictureRequests>().0.push(path.to_path_buf());
    run_until(app, std::time::Duration::from_mins(2), |app| {
        !app.world().resource::<PictureRequests>().is_busy()
    })?;
    let messages = app.world().resource::<crate::state::Messages>();
    match messages.list.iter().find(|m| m.level == crate::state::MessageLevel::Error) {
        Some(message) => Err(PictureError::Failed(message.details.join("; "))),
        None => Ok(()),
    }
}

/// Pictures are looked at longer than frames: they get the best quality unless asked otherwise.
pub const PICTURE_QUALITY: Quality = Quality::High;
