//! Pointer, keys and touch become camera moves and commands. Every drag has a key: arrows pan, Ctrl + arrows turn and
//! tilt, + and − zoom.

use bevy::{
    input::{
        mouse::{AccumulatedMouseScroll, MouseScrollUnit},
        touch::Touches,
    },
    prelude::*,
    window::{FileDragAndDrop, PrimaryWindow},
};
use bevy_egui::input::{EguiWantsInput, egui_wants_any_keyboard_input};

use crate::{
    commands::{AppCommand, ViewKind},
    scene::{camera::CameraRig, picking},
    sets::AppSet,
    state::{CommandQueue, OpenProject, SceneTiles, Selection, ViewSize},
    view_model::PointerPosition,
    window::PanelCover,
};

/// The input systems as one, to order others around them.
#[derive(SystemSet, Clone, Debug, PartialEq, Eq, Hash)]
pub struct InputSystems;

pub fn plugin(app: &mut App) {
    app.init_resource::<Drag>().init_resource::<PointerPosition>().add_systems(
        Update,
        (
            (drag_view, scroll_view, touch_view, hover).chain(),
            shortcuts.run_if(not(egui_wants_any_keyboard_input)),
            hold_baseline,
            drop_files,
        )
            .in_set(AppSet::Input)
            .in_set(InputSystems),
    );
}

/// What the pointer is doing to the view.
#[derive(Resource, Default)]
struct Drag {
    kind: Option<DragKind>,
    /// Scene point that stays under the pointer (pan) or is turned around (orbit).
    anchor: Vec3,
    start: Vec2,
    last: Vec2,
    has_moved: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum DragKind {
    Pan,
    Orbit,
}

/// Pixels that a click may move before it is a drag.
const CLICK_SLACK_PX: f32 = 4.0;

fn move_rig(rig: &mut ResMut<CameraRig>, project: &OpenProject, change: impl FnOnce(&mut CameraRig)) {
    let mut new = **rig;
    change(&mut new);
    new.clamp();
    if let Some(project) = &project.0 {
        new.keep_above(|point| {
            let world = project.frame.world_from_scene(point.to_array());
            (project.ground.height_at([world[0], world[1]]) - project.frame.origin[2]) as f32
        });
    }
    rig.set_if_neq(new);
}

fn drag_view(
    windows: Query<&Window, With<PrimaryWindow>>,
    buttons: Res<ButtonInput<MouseButton>>,
    keys: Res<ButtonInput<KeyCode>>,
    egui: Res<EguiWantsInput>,
    cover: Res<PanelCover>,
    size: Res<ViewSize>,
    project: Res<OpenProject>,
    mut drag: ResMut<Drag>,
    mut rig: ResMut<CameraRig>,
    mut queue: ResMut<CommandQueue>,
) {
    let Ok(window) = windows.single() else { return };
    let Some(pointer) = window.cursor_position() else { return };
    let size = size.0;
    let pressed = [MouseButton::Left, MouseButton::Middle, MouseButton::Right]
        .into_iter()
        .find(|&button| buttons.just_pressed(button));
    if let Some(button) = pressed
        && !egui.wants_any_pointer_input()
        && !cover.covers(pointer)
    {
        let is_orbit = button != MouseButton::Left || keys.any_pressed([KeyCode::AltLeft, KeyCode::AltRight]);
        let anchor = picking::ground_point(project.0.as_ref(), &rig, pointer, size).unwrap_or(rig.target);
        let kind = if is_orbit { DragKind::Orbit } else { DragKind::Pan };
        *drag = Drag { kind: Some(kind), anchor, start: pointer, last: pointer, has_moved: false };
    }
    let Some(kind) = drag.kind else { return };
    let is_held = buttons.any_pressed([MouseButton::Left, MouseButton::Middle, MouseButton::Right]);
    if !is_held {
        if !drag.has_moved && buttons.just_released(MouseButton::Left) {
            // Where the button went down: that is what the hand meant.
            queue.0.push(AppCommand::PickAt { x: drag.start.x, y: drag.start.y });
        }
        drag.kind = None;
        return;
    }
    if !drag.has_moved && pointer.distance(drag.start) < CLICK_SLACK_PX {
        return;
    }
    drag.has_moved = true;
    let delta = pointer - drag.last;
    drag.last = pointer;
    if delta == Vec2::ZERO {
        return;
    }
    match kind {
        DragKind::Pan => {
            let anchor = drag.anchor;
            move_rig(&mut rig, &project, |rig| pan_to(rig, anchor, pointer, size));
        }
        DragKind::Orbit => {
            let anchor = drag.anchor;
            let turn = delta * (std::f32::consts::PI / size.y);
            move_rig(&mut rig, &project, |rig| rig.orbit_around(anchor, turn.x, -turn.y));
        }
    }
}

/// Moves the view over the ground so that `anchor` comes under the pointer.
fn pan_to(rig: &mut CameraRig, anchor: Vec3, pointer: Vec2, size: Vec2) {
    let p = picking::view_point(pointer, size);
    let (origin, direction) = rig.ray(p.x, p.y);
    let distance = (anchor.y - origin.y) / direction.y;
    // Near the horizon a pixel is kilometres: no jump farther than the view is wide.
    if !(distance > 0.0 && distance < rig.distance_m * 12.0 + 500.0) {
        return;
    }
    let mut shift = anchor - (origin + direction * distance);
    shift.y = 0.0;
    rig.target += shift.clamp_length_max(rig.distance_m);
}

fn scroll_view(
    windows: Query<&Window, With<PrimaryWindow>>,
    scroll: Res<AccumulatedMouseScroll>,
    keys: Res<ButtonInput<KeyCode>>,
    egui: Res<EguiWantsInput>,
    cover: Res<PanelCover>,
    size: Res<ViewSize>,
    project: Res<OpenProject>,
    mut rig: ResMut<CameraRig>,
) {
    if scroll.delta.y == 0.0 || egui.wants_any_pointer_input() {
        return;
    }
    let Some(pointer) = windows.single().ok().and_then(Window::cursor_position) else { return };
    if cover.covers(pointer) {
        return;
    }
    let mut steps = match scroll.unit {
        MouseScrollUnit::Line => scroll.delta.y,
        MouseScrollUnit::Pixel => scroll.delta.y / 50.0,
    };
    if keys.any_pressed([KeyCode::ShiftLeft, KeyCode::ShiftRight]) {
        steps *= 2.0;
    } else if keys.any_pressed([KeyCode::ControlLeft, KeyCode::ControlRight]) {
        steps *= 0.3;
    }
    let anchor = picking::ground_point(project.0.as_ref(), &rig, pointer, size.0).unwrap_or(rig.target);
    move_rig(&mut rig, &project, |rig| rig.zoom_to(anchor, 0.85_f32.powf(steps.clamp(-8.0, 8.0))));
}

/// One finger pans, two zoom and turn, two moving up or down together tilt.
fn touch_view(
    touches: Res<Touches>,
    egui: Res<EguiWantsInput>,
    cover: Res<PanelCover>,
    size: Res<ViewSize>,
    project: Res<OpenProject>,
    mut rig: ResMut<CameraRig>,
    mut queue: ResMut<CommandQueue>,
) {
    if egui.wants_any_pointer_input() || touches.iter().any(|finger| cover.covers(finger.position())) {
        return;
    }
    let fingers: Vec<_> = touches.iter().collect();
    match fingers[..] {
        [finger] if finger.delta() != Vec2::ZERO => {
            let anchor = picking::ground_point(project.0.as_ref(), &rig, finger.previous_position(), size.0);
            if let Some(anchor) = anchor {
                move_rig(&mut rig, &project, |rig| pan_to(rig, anchor, finger.position(), size.0));
            }
        }
        [a, b] if a.delta() != Vec2::ZERO || b.delta() != Vec2::ZERO => {
            let before = b.previous_position() - a.previous_position();
            let now = b.position() - a.position();
            let middle = (a.position() + b.position()) / 2.0;
            let anchor =
                picking::ground_point(project.0.as_ref(), &rig, middle, size.0).unwrap_or(rig.target);
            let together = f32::midpoint(a.delta().y, b.delta().y);
            let is_tilt =
                a.delta().y * b.delta().y > 0.0 && (now.length() - before.length()).abs() < together.abs();
            move_rig(&mut rig, &project, |rig| {
                if is_tilt {
                    rig.orbit_around(anchor, 0.0, -together * std::f32::consts::PI / size.0.y);
                } else if before.length() > 1.0 && now.length() > 1.0 {
                    rig.zoom_to(anchor, before.length() / now.length());
                    rig.orbit_around(anchor, before.angle_to(now), 0.0);
                }
            });
        }
        _ => {}
    }
    for finger in touches.iter_just_released() {
        if finger.distance().length() < CLICK_SLACK_PX * 2.0 {
            queue.0.push(AppCommand::PickAt { x: finger.position().x, y: finger.position().y });
        }
    }
}

/// What the pointer rests on glows a little.
fn hover(
    windows: Query<&Window, With<PrimaryWindow>>,
    egui: Res<EguiWantsInput>,
    cover: Res<PanelCover>,
    size: Res<ViewSize>,
    project: Res<OpenProject>,
    tiles: Res<SceneTiles>,
    rig: Res<CameraRig>,
    drag: Res<Drag>,
    mut selection: ResMut<Selection>,
    mut position: ResMut<PointerPosition>,
    mut last: Local<Option<Vec2>>,
) {
    let pointer = windows.single().ok().and_then(Window::cursor_position);
    if pointer == *last && !rig.is_changed() {
        return;
    }
    *last = pointer;
    position.0 = pointer.filter(|_| !egui.wants_any_pointer_input());
    let hovered = match (&project.0, pointer) {
        (Some(project), Some(pointer))
            if !egui.wants_any_pointer_input()
                && !cover.covers(pointer)
                && drag.kind.is_none()
                // A click there would say a place, and pick nothing.
                && selection.awaits.is_none() =>
        {
            picking::pick(project, &tiles, &rig, pointer, size.0)
        }
        _ => None,
    };
    if selection.hovered != hovered {
        selection.hovered = hovered;
    }
}

fn shortcuts(keys: Res<ButtonInput<KeyCode>>, rig: Res<CameraRig>, mut queue: ResMut<CommandQueue>) {
    let control = keys.any_pressed([KeyCode::ControlLeft, KeyCode::ControlRight]);
    let shift = keys.any_pressed([KeyCode::ShiftLeft, KeyCode::ShiftRight]);
    let mut give = |command| queue.0.push(command);
    for key in keys.get_just_pressed() {
        match (key, control, shift) {
            (KeyCode::KeyZ, true, false) => give(AppCommand::Undo),
            (KeyCode::KeyZ, true, true) | (KeyCode::KeyY, true, _) => give(AppCommand::Redo),
            (KeyCode::KeyS, true, _) => give(AppCommand::Save { path: None }),
            (KeyCode::KeyO, true, _) => give(AppCommand::ShowOpenDialog),
            (KeyCode::KeyN, false, _) => give(AppCommand::FaceNorth),
            (KeyCode::KeyR, false, _) => give(AppCommand::ResetTilt),
            (KeyCode::KeyF, false, _) => give(AppCommand::ZoomToSelection),
            (KeyCode::Home, false, _) => give(AppCommand::GoHome),
            (KeyCode::Escape, false, _) => give(AppCommand::ClearSelection),
            (KeyCode::Tab, false, _) => {
                let kind = if rig.kind == ViewKind::TwoD { ViewKind::ThreeD } else { ViewKind::TwoD };
                give(AppCommand::SetViewKind { kind });
            }
            (KeyCode::Equal | KeyCode::NumpadAdd | KeyCode::PageUp, _, _) => {
                give(AppCommand::Zoom { steps: 1.0 });
            }
            (KeyCode::Minus | KeyCode::NumpadSubtract | KeyCode::PageDown, _, _) => {
                give(AppCommand::Zoom { steps: -1.0 });
            }
            (KeyCode::ArrowLeft, false, _) => give(AppCommand::Pan { right: -0.12, up: 0.0 }),
            (KeyCode::ArrowRight, false, _) => give(AppCommand::Pan { right: 0.12, up: 0.0 }),
            (KeyCode::ArrowUp, false, _) => give(AppCommand::Pan { right: 0.0, up: 0.12 }),
            (KeyCode::ArrowDown, false, _) => give(AppCommand::Pan { right: 0.0, up: -0.12 }),
            (KeyCode::ArrowLeft, true, _) => give(AppCommand::Orbit { heading: -15.0, tilt: 0.0 }),
            (KeyCode::ArrowRight, true, _) => give(AppCommand::Orbit { heading: 15.0, tilt: 0.0 }),
            (KeyCode::ArrowUp, true, _) => give(AppCommand::Orbit { heading: 0.0, tilt: 8.0 }),
            (KeyCode::ArrowDown, true, _) => give(AppCommand::Orbit { heading: 0.0, tilt: -8.0 }),
            _ => {}
        }
    }
}

/// B shows the baseline while it is held; letting go is seen even when a text field took the focus meanwhile.
fn hold_baseline(
    keys: Res<ButtonInput<KeyCode>>,
    egui: Res<EguiWantsInput>,
    mut queue: ResMut<CommandQueue>,
) {
    if keys.just_pressed(KeyCode::KeyB) && !egui.wants_any_keyboard_input() {
        queue.0.push(AppCommand::HoldBaseline { is_held: true });
    }
    if keys.just_released(KeyCode::KeyB) {
        queue.0.push(AppCommand::HoldBaseline { is_held: false });
    }
}

fn drop_files(
    mut drops: MessageReader<FileDragAndDrop>,
    project: Res<OpenProject>,
    mut queue: ResMut<CommandQueue>,
) {
    let paths: Vec<_> = drops
        .read()
        .filter_map(|drop| match drop {
            FileDragAndDrop::DroppedFile { path_buf, .. } => Some(path_buf.clone()),
            _ => None,
        })
        .collect();
    if paths.is_empty() {
        return;
    }
    let is_project =
        paths.iter().any(|path| path.extension().is_some_and(|e| e == crate::project_file::EXTENSION));
    queue.0.push(if is_project || project.0.is_none() {
        AppCommand::Open { paths }
    } else {
        AppCommand::AddData { paths }
    });
}
