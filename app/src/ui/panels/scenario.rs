//! The scenario: a name, what it branched from, its measures in words, and undo.

use bevy_egui::egui::{
    Key, Popup, PopupCloseBehavior, Sense, TextEdit, Ui, WidgetInfo, WidgetType, pos2, vec2,
};

use super::inspector::extent_key;
use super::measures::{measure_words, options};
use super::stop::new_stop_menu;
use crate::commands::{AppCommand, BuildingMeasure, Mode, PanelId, PlacePurpose, StopMeasure, StreetMeasure};
use crate::ui::theme::TextSize;
use crate::ui::view::{MeasureRow, ScenarioView, StopPlan, StopView};
use crate::ui::widgets::{
    body, focus_ring, icon_button, muted, note, primary_button, secondary_button, section, wrapped,
};
use crate::ui::{Panel, PanelInput, Side, UiState, icons};

pub const PANEL: Panel = Panel {
    id: PanelId::Scenario,
    title_key: "scenario-title",
    side: Side::Right,
    width: 360.0,
    has_content: |view| view.project.is_some() && matches!(view.mode, Mode::Scenario | Mode::Compare),
    title: |input| input.view.scenario.as_ref().map(|scenario| scenario.name.clone()),
    chips: |input| {
        let Some(scenario) = &input.view.scenario else { return Vec::new() };
        let parent = scenario.parent_name.clone().unwrap_or_else(|| input.text("scenario-now"));
        vec![input.text_with("scenario-branch-of", &[("parent", parent.into())])]
    },
    ui,
};

fn ui(ui: &mut Ui, input: &PanelInput<'_>, state: &mut UiState, commands: &mut Vec<AppCommand>) {
    let theme = &input.theme;
    ui.spacing_mut().item_spacing.y = 5.0;
    match &input.view.scenario {
        None => {
            body(ui, theme, input.text("scenario-none"));
            if primary_button(ui, theme, Some(icons::PLUS), &input.text("scenario-new")).clicked() {
                commands.push(AppCommand::NewScenario);
            }
            return;
        }
        Some(scenario) => {
            if scenario.measures.is_empty() {
                muted(ui, theme, input.text("scenario-empty"));
            }
            for measure in &scenario.measures {
                ui.push_id(measure.index, |ui| measure_row(ui, input, measure, state, commands));
            }
            unresolved(ui, input, scenario);
            rename(ui, input, scenario, state, commands);
        }
    }
    ui.add_space(4.0);
    buttons(ui, input, state, commands);
}

fn measure_row(
    ui: &mut Ui,
    input: &PanelInput<'_>,
    measure: &MeasureRow,
    state: &mut UiState,
    commands: &mut Vec<AppCommand>,
) {
    let theme = &input.theme;
    let colours = theme.colours;
    let is_open = state.open_measure == Some(measure.index);
    let words = measure_words(input, &measure.kind);
    let number = input.numbers.count(measure.index + 1);
    let response = ui
        .horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            let button = if theme.is_touch { 44.0 } else { 24.0 * theme.scale };
            let width = ui.available_width() - button - 4.0;
            let indent = theme.points(TextSize::Body) * 1.3;
            let font = theme.font(TextSize::Body);
            let galley = wrapped(ui, &words, font.clone(), colours.text, width - indent - 2.0);
            let height = (galley.size().y + 5.0).max(theme.row_height());
            let (rect, response) = ui.allocate_exact_size(vec2(width, height), Sense::click());
            response.widget_info(|| {
                WidgetInfo::selected(WidgetType::CollapsingHeader, true, is_open, format!("{number} {words}"))
            });
            if response.hovered() || measure.is_highlighted || is_open {
                ui.painter().rect_filled(rect, 5.0, colours.hovered);
            }
            let text_top = rect.center().y - galley.size().y / 2.0;
            let number_galley = wrapped(ui, &number, font, colours.text_muted, indent);
            ui.painter().galley(pos2(rect.left() + 2.0, text_top), number_galley, colours.text_muted);
            ui.painter().galley(pos2(rect.left() + indent, text_top), galley, colours.text);
            focus_ring(ui, theme, &response, rect);
            let remove = input.text_with("scenario-remove-measure", &[("number", number.as_str().into())]);
            if icon_button(ui, theme, icons::TRASH, &remove).clicked() {
                commands.push(AppCommand::RemoveMeasure { index: measure.index });
            }
            response
        })
        .inner;
    if response.clicked() {
        state.open_measure = if is_open { None } else { Some(measure.index) };
    }
    if response.hovered() != measure.is_highlighted {
        let index = response.hovered().then_some(measure.index);
        commands.push(AppCommand::HoverMeasure { index });
    }
    if is_open {
        options(ui, input, measure, commands);
    }
}

fn unresolved(ui: &mut Ui, input: &PanelInput<'_>, scenario: &ScenarioView) {
    if scenario.unresolved.is_empty() {
        return;
    }
    section(ui, &input.theme, input.text("scenario-unresolved"));
    for words in &scenario.unresolved {
        note(ui, &input.theme, icons::WARNING, words, input.theme.colours.warning);
    }
}

fn rename(
    ui: &mut Ui,
    input: &PanelInput<'_>,
    scenario: &ScenarioView,
    state: &mut UiState,
    commands: &mut Vec<AppCommand>,
) {
    let Some(name) = &mut state.name_edit else { return };
    let label = input.text("scenario-name");
    let response = ui.add(TextEdit::singleline(name).desired_width(f32::INFINITY).hint_text(label.clone()));
    response.widget_info(|| WidgetInfo::labeled(WidgetType::TextEdit, true, &label));
    if response.lost_focus() {
        let name = name.trim().to_owned();
        let is_cancelled = ui.input(|keys| keys.key_pressed(Key::Escape));
        if !is_cancelled && !name.is_empty() && name != scenario.name {
            commands.push(AppCommand::RenameScenario { id: scenario.id.clone(), name });
        }
        state.name_edit = None;
    } else if !response.has_focus() {
        response.request_focus();
    }
}

fn buttons(ui: &mut Ui, input: &PanelInput<'_>, state: &mut UiState, commands: &mut Vec<AppCommand>) {
    let theme = &input.theme;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(5.0, 6.0);
        ui.spacing_mut().button_padding.x = 9.0 * theme.scale.sqrt();
        let add = primary_button(ui, theme, Some(icons::PLUS), &input.text("scenario-add"));
        Popup::menu(&add).show(|ui| add_menu(ui, input, state, commands));
        ui.add_enabled_ui(input.view.history.can_undo, |ui| {
            if secondary_button(ui, theme, Some(icons::ARROW_COUNTER_CLOCKWISE), &input.text("scenario-undo"))
                .clicked()
            {
                commands.push(AppCommand::Undo);
            }
        });
        ui.add_enabled_ui(input.view.history.can_redo, |ui| {
            if icon_button(ui, theme, icons::ARROW_CLOCKWISE, &input.text("scenario-redo")).clicked() {
                commands.push(AppCommand::Redo);
            }
        });
        if secondary_button(ui, theme, None, &input.text("scenario-branch")).clicked() {
            commands.push(AppCommand::BranchScenario);
        }
        let more = icon_button(ui, theme, icons::DOTS_THREE, &input.text("scenario-more"));
        Popup::menu(&more)
            .close_behavior(PopupCloseBehavior::CloseOnClick)
            .show(|ui| more_menu(ui, input, state, commands));
    });
}

fn add_menu(ui: &mut Ui, input: &PanelInput<'_>, state: &mut UiState, commands: &mut Vec<AppCommand>) {
    let street = input.view.inspector.as_ref().and_then(|inspector| inspector.street.as_ref());
    let inspector = input.view.inspector.as_ref();
    let buildings = inspector.map(|i| i.building_measures.as_slice()).unwrap_or_default();
    let lines = inspector.map(|i| i.lines_nearby.as_slice()).unwrap_or_default();
    let stop = inspector.and_then(|i| i.stop.as_ref());
    if let Some(stop) = stop {
        stop_measures(ui, input, stop, state, commands);
        return;
    }
    match street {
        Some(street) if street.refusal.is_none() => {
            section(ui, &input.theme, input.text("inspector-make-pedestrian"));
            for option in &street.extents {
                let words = format!(
                    "{} · {}",
                    input.text(extent_key(option.extent)),
                    input.numbers.length(option.length_m)
                );
                if ui.button(words).clicked() {
                    state.extent = option.extent;
                    commands.push(AppCommand::AddPedestrianStreet { extent: option.extent });
                    ui.close();
                }
            }
            street_measures(ui, input, state, commands);
            if !lines.is_empty() {
                section(ui, &input.theme, input.text("stop-new-here"));
                new_stop_menu(ui, input, lines, commands);
            }
        }
        _ if !buildings.is_empty() => building_measures(ui, input, buildings, commands),
        _ => {
            ui.set_max_width(input.theme.width(260.0));
            body(ui, &input.theme, input.text("scenario-pick-first"));
        }
    }
}

/// What can be done with the picked stop; how often lines come is set in the inspector.
fn stop_measures(
    ui: &mut Ui,
    input: &PanelInput<'_>,
    stop: &StopView,
    state: &UiState,
    commands: &mut Vec<AppCommand>,
) {
    let both_sides = stop.has_other_side && state.both_sides;
    if stop.plan != StopPlan::Goes {
        if ui.button(input.text("stop-move")).clicked() {
            commands.push(AppCommand::AwaitPlace { purpose: Some(PlacePurpose::MoveStop { both_sides }) });
            ui.close();
        }
        if ui.button(input.text("stop-remove")).clicked() {
            commands.push(AppCommand::AddStopMeasure { measure: StopMeasure::Remove, both_sides });
            ui.close();
        }
    }
    if stop.plan != StopPlan::Stays && ui.button(input.text("stop-restore")).clicked() {
        commands.push(AppCommand::AddStopMeasure { measure: StopMeasure::Restore, both_sides });
        ui.close();
    }
}

/// The other measures on the picked street, on the extent that was chosen last.
pub fn street_measures(ui: &mut Ui, input: &PanelInput<'_>, state: &UiState, commands: &mut Vec<AppCommand>) {
    let extent = input.text(extent_key(state.extent));
    section(ui, &input.theme, input.text_with("scenario-other-measures", &[("extent", extent.into())]));
    for measure in StreetMeasure::ALL {
        if ui.button(input.text(measure.text_key())).clicked() {
            commands.push(AppCommand::AddStreetMeasure { measure, extent: state.extent });
            ui.close();
        }
    }
}

pub fn building_measures(
    ui: &mut Ui,
    input: &PanelInput<'_>,
    measures: &[BuildingMeasure],
    commands: &mut Vec<AppCommand>,
) {
    for &measure in measures {
        if ui.button(input.text(measure.text_key())).clicked() {
            commands.push(AppCommand::AddBuildingMeasure { measure });
            ui.close();
        }
    }
}

fn more_menu(ui: &mut Ui, input: &PanelInput<'_>, state: &mut UiState, commands: &mut Vec<AppCommand>) {
    let Some(scenario) = &input.view.scenario else { return };
    if ui.button(input.text("scenario-rename")).clicked() {
        state.name_edit = Some(scenario.name.clone());
    }
    if ui.button(input.text("scenario-new")).clicked() {
        commands.push(AppCommand::NewScenario);
    }
    if scenario.siblings.len() > 1 {
        ui.separator();
        for (id, name) in &scenario.siblings {
            let is_active = *id == scenario.id;
            if ui.selectable_label(is_active, name).clicked() && !is_active {
                commands.push(AppCommand::ActivateScenario { id: id.clone() });
            }
        }
    }
}
