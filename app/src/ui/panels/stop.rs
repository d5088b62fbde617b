//! The picked stop: what calls there, how often, which trains one catches, and what can be done with it.

use bevy_egui::egui::{DragValue, Sense, Ui, WidgetInfo, WidgetType, pos2, vec2};
use fluent::FluentValue;

use crate::commands::{AppCommand, PlacePurpose, StopMeasure};
use crate::ui::theme::TextSize;
use crate::ui::view::{LineChoice, StopLineView, StopPlan, StopView};
use crate::ui::widgets::{
    checkbox, focus_ring, muted, note, one_line, primary_button, rule, secondary_button, section,
};
use crate::ui::{PanelInput, UiState, icons};

/// Minutes between vehicles that can be set here: from a metro to an early and a late bus.
const HEADWAYS: std::ops::RangeInclusive<f64> = 1.0..=240.0;
/// Metres of one step that can be set.
const STEPS: std::ops::RangeInclusive<f64> = 1.0..=500.0;

/// Words of a direction on a button and in a sentence, and what a step there is: east and north.
const DIRECTIONS: [(&str, &str, [f64; 2]); 4] = [
    ("step-north", "compass-north", [0.0, 1.0]),
    ("step-east", "compass-east", [1.0, 0.0]),
    ("step-south", "compass-south", [0.0, -1.0]),
    ("step-west", "compass-west", [-1.0, 0.0]),
];

pub fn show(
    ui: &mut Ui,
    input: &PanelInput<'_>,
    stop: &StopView,
    state: &mut UiState,
    commands: &mut Vec<AppCommand>,
) {
    planned(ui, input, stop);
    if stop.is_awaiting_place {
        moving(ui, input, stop, state, commands);
    } else {
        actions(ui, input, stop, state, commands);
        lines(ui, input, stop, state, commands);
    }
    rule(ui, &input.theme);
}

/// What the scenario does to the stop, before anything else is said of it.
fn planned(ui: &mut Ui, input: &PanelInput<'_>, stop: &StopView) {
    let words = match stop.plan {
        StopPlan::Stays => return,
        StopPlan::Goes => input.text("stop-goes"),
        StopPlan::Moves { metres, direction } => input.text_with(
            "stop-moves",
            &[("way", input.numbers.length(metres).into()), ("direction", input.text(direction).into())],
        ),
    };
    note(ui, &input.theme, icons::INFO, &words, input.theme.colours.brand);
}

/// The hours in which departures are counted, as texts take them.
fn between(input: &PanelInput<'_>, hours: [u32; 2]) -> [(&'static str, FluentValue<'static>); 2] {
    let [from, until] = hours.map(|hour| input.numbers.decimal(f64::from(hour), 0));
    [("from", from.into()), ("until", until.into())]
}

/// Minutes without needless decimals: "15" and "7,5".
pub fn minutes(input: &PanelInput<'_>, minutes: f64) -> String {
    input.numbers.decimal(minutes, usize::from((minutes - minutes.round()).abs() > 0.05))
}

fn lines(
    ui: &mut Ui,
    input: &PanelInput<'_>,
    stop: &StopView,
    state: &mut UiState,
    commands: &mut Vec<AppCommand>,
) {
    let theme = &input.theme;
    let Some(lines) = &stop.lines else {
        muted(ui, theme, input.text("stop-looking-up"));
        return;
    };
    if lines.is_empty() {
        muted(ui, theme, input.text("stop-nothing-calls"));
        return;
    }
    let hours = stop.counted_hours;
    section(ui, theme, input.text_with("stop-lines", &between(input, hours)));
    let is_only = lines.len() == 1;
    let mut hovered = None;
    for line in lines {
        let is_open = is_only || state.open_line.as_ref() == Some(&line.id);
        ui.push_id(&line.id, |ui| {
            let response = line_row(ui, input, line, hours, is_open, is_only);
            if response.clicked() && !is_only {
                state.open_line = if is_open { None } else { Some(line.id.clone()) };
                state.has_opened_line = !is_open;
            }
            if response.hovered() || response.has_focus() {
                hovered = Some(line.id.clone());
            }
            if is_open {
                let details = ui.indent("line", |ui| line_details(ui, input, line, state, commands));
                // What was asked for is not left below the edge of the panel. The frame in which it opens has no
                // details yet.
                if is_open && std::mem::take(&mut state.has_opened_line) {
                    details.response.scroll_to_me(None);
                }
            }
        });
    }
    if hovered != state.hovered_line {
        state.hovered_line.clone_from(&hovered);
        commands.push(AppCommand::HoverLine { line: hovered });
    }
}

/// Number and direction at the left, how often at the right.
fn line_row(
    ui: &mut Ui,
    input: &PanelInput<'_>,
    line: &StopLineView,
    hours: [u32; 2],
    is_open: bool,
    is_only: bool,
) -> bevy_egui::egui::Response {
    let theme = &input.theme;
    let colours = theme.colours;
    let towards = match line.towards.as_slice() {
        [] => input.text("stop-ends-here"),
        [only] => only.clone(),
        [first, second, ..] => format!("{first} / {second}"),
    };
    let icon = if line.is_train { icons::TRAIN } else { icons::BUS };
    let words = format!("{icon} {} · {towards}", line.name);
    let per_hour = line.departures_per_hour;
    // A line of the evening, or a timetable that holds a part of the day.
    let often = if per_hour > 0.0 {
        input.text_with("stop-per-hour", &[("count", minutes(input, per_hour).into())])
    } else {
        input.text_with("stop-not-now", &between(input, hours))
    };
    let width = ui.available_width();
    let font = theme.font(TextSize::Body);
    let right = one_line(ui, &often, font.clone(), colours.text, width * 0.4);
    let caret = if is_open { icons::CARET_DOWN } else { icons::CARET_RIGHT };
    let words = if is_only { words } else { format!("{caret} {words}") };
    let left =
        one_line(ui, &words, theme.bold_font(TextSize::Body), colours.text, width - right.size().x - 8.0);
    let (rect, response) = ui.allocate_exact_size(vec2(width, theme.row_height()), Sense::click());
    let name = format!("{} · {towards}: {often}", line.name);
    response.widget_info(|| WidgetInfo::selected(WidgetType::CollapsingHeader, true, is_open, &name));
    if response.hovered() {
        ui.painter().rect_filled(rect, 5.0, colours.hovered);
    }
    let top = |height: f32| rect.center().y - height / 2.0;
    ui.painter().galley(pos2(rect.left(), top(left.size().y)), left.clone(), colours.text);
    let x = rect.right() - right.size().x;
    ui.painter().galley(pos2(x, top(right.size().y)), right.clone(), colours.text);
    focus_ring(ui, theme, &response, rect);
    response
}

fn line_details(
    ui: &mut Ui,
    input: &PanelInput<'_>,
    line: &StopLineView,
    state: &mut UiState,
    commands: &mut Vec<AppCommand>,
) {
    let theme = &input.theme;
    for (train, at, wait) in &line.trains {
        let words = input.text_with(
            "stop-train",
            &[
                ("train", train.as_str().into()),
                ("stop", at.as_str().into()),
                ("minutes", minutes(input, *wait).into()),
            ],
        );
        muted(ui, theme, format!("{} {words}", icons::TRAIN));
    }
    let Some(now) = line.headway_minutes else { return };
    let every = |key: &str, value: f64| input.text_with(key, &[("minutes", minutes(input, value).into())]);
    let words = match line.planned_minutes {
        Some(planned) => {
            format!("{}, {}", every("stop-every-now", now), every("stop-every-planned", planned))
        }
        None => every("stop-every-now", now),
    };
    muted(ui, theme, words);
    if line.is_train {
        return;
    }
    // Twice as often is the first thing to try.
    let start = line.planned_minutes.unwrap_or((now / 2.0).max(*HEADWAYS.start()));
    let known = state.headways.iter().position(|(id, ..)| *id == line.id);
    // What the scenario says now goes before what was being set earlier.
    if known.is_none_or(|known| state.headways[known].1 != line.planned_minutes) {
        state.headways.retain(|(id, ..)| *id != line.id);
        state.headways.push((line.id.clone(), line.planned_minutes, start));
    }
    let Some((_, _, wanted)) = state.headways.iter_mut().find(|(id, ..)| *id == line.id) else { return };
    ui.horizontal_wrapped(|ui| {
        let name = line.name.as_str();
        ui.label(input.text_with("stop-headway", &[("line", name.into())]));
        let label = input.text_with("stop-headway-name", &[("line", name.into())]);
        headway_field(ui, input, wanted, &label);
        let is_new = line.planned_minutes.unwrap_or(now) != *wanted;
        ui.add_enabled_ui(is_new, |ui| {
            let key =
                if line.planned_minutes.is_some() { "stop-headway-change" } else { "stop-headway-apply" };
            let response = secondary_button(ui, theme, None, &input.text(key));
            if response.clicked() {
                let measure = StopMeasure::SetHeadway { line: line.id.clone(), minutes: *wanted };
                commands.push(AppCommand::AddStopMeasure { measure, both_sides: false });
            }
        });
    });
}

/// A number of minutes that is dragged or typed, with what is read aloud.
pub fn headway_field(
    ui: &mut Ui,
    input: &PanelInput<'_>,
    value: &mut f64,
    label: &str,
) -> bevy_egui::egui::Response {
    number_field(ui, input, value, HEADWAYS, 0.5, "min", label)
}

fn number_field(
    ui: &mut Ui,
    input: &PanelInput<'_>,
    value: &mut f64,
    range: std::ops::RangeInclusive<f64>,
    step: f64,
    unit: &str,
    label: &str,
) -> bevy_egui::egui::Response {
    let numbers = input.numbers;
    let unit = numbers.unit(unit);
    let suffix = format!("\u{a0}{unit}");
    let field = DragValue::new(value)
        .range(range)
        .speed(step / 4.0)
        .custom_formatter(move |value, _| {
            numbers.decimal(value, usize::from((value - value.round()).abs() > 0.05))
        })
        // Dutch hands type a comma.
        .custom_parser(|text| text.trim().replace(',', ".").parse().ok())
        .suffix(suffix);
    let response = ui.add(field);
    // Halves are what timetables and people use; a number that was there already stays as it is.
    if response.changed() {
        *value = (*value / step).round() * step;
    }
    let now = *value;
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(WidgetType::DragValue, true, label);
        info.value = Some(now);
        info
    });
    response.on_hover_text(label)
}

fn actions(
    ui: &mut Ui,
    input: &PanelInput<'_>,
    stop: &StopView,
    state: &mut UiState,
    commands: &mut Vec<AppCommand>,
) {
    let theme = &input.theme;
    if stop.lines.as_ref().is_none_or(Vec::is_empty) && stop.plan == StopPlan::Stays {
        // Nothing calls, or that is not known yet: there is nothing to move.
        return;
    }
    let both_sides = stop.has_other_side && state.both_sides;
    let change = |measure| AppCommand::AddStopMeasure { measure, both_sides };
    let back = Some(icons::ARROW_COUNTER_CLOCKWISE);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 5.0;
        ui.spacing_mut().button_padding.x = 9.0 * theme.scale.sqrt();
        if stop.plan == StopPlan::Goes {
            // What goes away is not moved.
            if secondary_button(ui, theme, back, &input.text("stop-restore-call")).clicked() {
                commands.push(change(StopMeasure::Restore));
            }
            return;
        }
        if primary_button(ui, theme, Some(icons::MAP_PIN), &input.text("stop-move")).clicked() {
            let purpose = Some(PlacePurpose::MoveStop { both_sides });
            commands.push(AppCommand::AwaitPlace { purpose });
        }
        if secondary_button(ui, theme, Some(icons::TRASH), &input.text("stop-remove")).clicked() {
            commands.push(change(StopMeasure::Remove));
        }
        if stop.plan != StopPlan::Stays
            && secondary_button(ui, theme, back, &input.text("stop-restore")).clicked()
        {
            commands.push(change(StopMeasure::Restore));
        }
    });
    if stop.has_other_side {
        checkbox(ui, &mut state.both_sides, &input.text("stop-both-sides"));
    }
}

/// The next click says the place; without a pointer there are steps to the four sides.
fn moving(
    ui: &mut Ui,
    input: &PanelInput<'_>,
    stop: &StopView,
    state: &mut UiState,
    commands: &mut Vec<AppCommand>,
) {
    let theme = &input.theme;
    note(ui, theme, icons::HAND_POINTING, &input.text("stop-await"), theme.colours.warning);
    ui.horizontal_wrapped(|ui| {
        ui.label(input.text("stop-step"));
        number_field(ui, input, &mut state.step_m, STEPS, 1.0, "m", &input.text("stop-step-name"));
    });
    let both_sides = stop.has_other_side && state.both_sides;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 5.0;
        ui.spacing_mut().button_padding.x = 9.0 * theme.scale.sqrt();
        let way = input.numbers.length(state.step_m);
        for (word, direction, [east, north]) in DIRECTIONS {
            let response = secondary_button(ui, theme, None, &input.text(word));
            let name = input.text_with(
                "stop-step-to",
                &[("way", way.as_str().into()), ("direction", input.text(direction).into())],
            );
            response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, &name));
            if response.on_hover_text(&name).clicked() {
                let measure =
                    StopMeasure::MoveBy { east_m: east * state.step_m, north_m: north * state.step_m };
                commands.push(AppCommand::AddStopMeasure { measure, both_sides });
            }
        }
    });
    if primary_button(ui, theme, Some(icons::CHECK), &input.text("stop-await-end")).clicked() {
        commands.push(AppCommand::AwaitPlace { purpose: None });
    }
}

/// Lines for which a stop can come on the picked street.
pub fn new_stop_menu(
    ui: &mut Ui,
    input: &PanelInput<'_>,
    lines: &[LineChoice],
    commands: &mut Vec<AppCommand>,
) {
    for line in lines {
        let words = input.text_with(
            "stop-new-line",
            &[("line", line.name.as_str().into()), ("towards", line.towards.as_str().into())],
        );
        if ui.button(words).clicked() {
            let measure = StopMeasure::Add { line: Some(line.id.clone()) };
            commands.push(AppCommand::AddStopMeasure { measure, both_sides: false });
            ui.close();
        }
    }
}
