//! Carries commands out: the dispatch, and nothing else.

use bevy::prelude::*;

use super::{AppCommand, Mode, layer, project, scenario, selection, settings, stop, view};
use crate::state::{BaselineHold, CommandQueue, Messages, QuitRequested};

/// Takes all waiting commands and carries them out in order, with the whole world at hand: commands are rare, so the
/// cost of an exclusive system is nothing.
pub fn run_commands(world: &mut World) {
    let waiting = std::mem::take(&mut world.resource_mut::<CommandQueue>().0);
    for command in waiting {
        run(world, command);
    }
}

/// Carries one command out.
pub fn run(world: &mut World, command: AppCommand) {
    use AppCommand as C;
    match command {
        C::OpenDemo => project::open(world, vec![crate::project::DEMO_URI.into()]),
        C::Open { paths } => project::open(world, paths),
        C::AddData { paths } => project::add_data(world, paths),
        C::Save { path } => project::save(world, path),
        C::ShowOpenDialog => project::show_dialog(world, project::DialogKind::Open),
        C::ShowAddDataDialog => project::show_dialog(world, project::DialogKind::AddData),
        C::ShowSaveDialog => project::show_dialog(world, project::DialogKind::Save),
        C::Quit => world.resource_mut::<QuitRequested>().0 = true,

        C::SetLayerVisible { layer, is_visible } => layer::set_visible(world, &layer, is_visible),
        C::SetLayerOpacity { layer, opacity } => layer::set_opacity(world, &layer, opacity),
        C::MoveLayer { layer, to_index } => layer::move_to(world, &layer, to_index),
        C::RemoveLayer { layer } => layer::remove(world, &layer),
        C::ZoomToLayer { layer } => view::zoom_to_layer(world, &layer),

        C::Select { target } => selection::select(world, Some(target)),
        C::PickAt { x, y } => selection::pick_at(world, Vec2::new(x, y)),
        C::GoTo { target } => {
            selection::select(world, Some(target));
            view::zoom_to_selection(world);
        }
        C::GoToStreet { name } => {
            selection::select_street(world, &name);
            view::zoom_to_selection(world);
        }
        C::ClearSelection => selection::clear(world),
        C::HoverMeasure { index } => selection::hover_measure(world, index),
        C::HoverLine { line } => selection::hover_line(world, line),
        C::AwaitPlace { purpose } => selection::await_place(world, purpose),

        C::AddPedestrianStreet { extent } => scenario::add_pedestrian_street(world, extent),
        C::AddStreetMeasure { measure, extent } => scenario::add_street_measure(world, measure, extent),
        C::AddBuildingMeasure { measure } => scenario::add_building_measure(world, measure),
        C::AddStopMeasure { measure, both_sides } => stop::add_stop_measure(world, measure, both_sides),
        C::SetHeadway { index, minutes } => stop::set_headway(world, index, minutes),
        C::AddMeasure { measure } => scenario::add_measure(world, measure),
        C::SetPedestrianStreetOptions { index, allows_cycling, allows_bus, delivery_window } => {
            scenario::set_pedestrian_street_options(
                world,
                index,
                allows_cycling,
                allows_bus,
                delivery_window,
            );
        }
        C::RemoveMeasure { index } => scenario::remove_measure(world, index),
        C::Undo => scenario::undo(world),
        C::Redo => scenario::redo(world),
        C::NewScenario => scenario::new(world),
        C::BranchScenario => scenario::branch(world),
        C::ActivateScenario { id } => scenario::activate(world, &id),
        C::RenameScenario { id, name } => scenario::rename(world, &id, name),
        C::Evaluate => scenario::evaluate(world),
        C::CancelTask { id } => world.resource::<crate::jobs::Jobs>().cancel(id),
        C::HoldBaseline { is_held } => {
            world.resource_mut::<BaselineHold>().set_if_neq(BaselineHold(is_held));
        }

        C::SetMode { mode } => settings::set_mode(world, mode),
        C::SetViewKind { kind } => view::set_kind(world, kind),
        C::GoHome => view::go_home(world),
        C::FaceNorth => view::face_north(world),
        C::ResetTilt => view::reset_tilt(world),
        C::ZoomToSelection => view::zoom_to_selection(world),
        C::Zoom { steps } => view::zoom(world, steps),
        C::Pan { right, up } => view::pan(world, right, up),
        C::Orbit { heading, tilt } => view::orbit(world, heading, tilt),
        C::SetCamera { camera } => view::set_camera(world, camera),
        C::SetTime { time } => view::set_time(world, time),
        C::SetPlaying { is_playing } => view::set_playing(world, is_playing),

        C::SetLanguage { language } => settings::change(world, |s| s.language = language),
        C::SetTheme { theme } => settings::change(world, |s| s.theme = theme),
        C::SetTextScale { scale } => settings::change(world, |s| s.text_scale = scale.clamp(0.8, 2.0)),
        C::ShowIndicator { id } => settings::change(world, |s| s.shown_indicator = id),
        C::SetQuality { quality } => settings::change(world, |s| s.quality = quality),
        C::SetReducedMotion { is_reduced } => settings::change(world, |s| s.is_reduced_motion = is_reduced),
        C::TogglePanel { panel } => settings::toggle_panel(world, panel),
        C::DismissMessage { id } => {
            world.resource_mut::<Messages>().list.retain(|message| message.id != id);
        }
        C::SaveScreenshot { path } => {
            world.resource_mut::<crate::picture::PictureRequests>().0.push(path);
        }
        // The script runner answers these before they come here.
        C::WaitIdle | C::Assert { .. } | C::WriteSnapshot { .. } => {}
    }
}

/// Scenario commands move from looking to planning.
pub(super) fn enter_scenario_mode(world: &mut World) {
    let mut settings = world.resource_mut::<crate::state::Settings>();
    if settings.mode == Mode::Explore {
        settings.mode = Mode::Scenario;
    }
}
