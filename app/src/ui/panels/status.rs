//! The status bar: where the pointer is, the scale, how good the coordinates are, whose data, and what runs.

use bevy_egui::egui::{
    self, Align, Layout, Rect, Sense, Stroke, Ui, UiBuilder, WidgetInfo, WidgetType, pos2, vec2,
};

use crate::commands::AppCommand;
use crate::ui::layout::bar_area;
use crate::ui::theme::TextSize;
use crate::ui::view::{CrsBadge, ScaleView, StatusView};
use crate::ui::widgets::{icon_button_coloured, one_line, plain, text_width};
use crate::ui::{PanelInput, icons};

pub fn show(ctx: &egui::Context, rect: Rect, input: &PanelInput<'_>, commands: &mut Vec<AppCommand>) {
    let theme = &input.theme;
    bar_area("status bar", rect).show(ctx, |ui| {
        ui.set_min_size(rect.size());
        ui.spacing_mut().interact_size.y = 0.0;
        ui.painter().rect_filled(rect, 0.0, theme.colours.panel);
        ui.painter().hline(rect.x_range(), rect.top(), Stroke::new(1.0, theme.colours.line));
        ui.allocate_rect(rect, Sense::hover());
        let inner = rect.shrink2(vec2(14.0, 0.0));
        let right = UiBuilder::new().max_rect(inner).layout(Layout::right_to_left(Align::Center));
        let taken = ui
            .scope_builder(right, |ui| {
                ui.set_clip_rect(rect);
                tasks_and_credits(ui, input, inner.width() * 0.55, commands);
                ui.min_rect().left()
            })
            .inner;
        let room = Rect::from_min_max(inner.min, pos2((taken - 14.0).max(inner.left()), inner.bottom()));
        let left = UiBuilder::new().max_rect(room).layout(Layout::left_to_right(Align::Center));
        ui.scope_builder(left, |ui| {
            ui.set_clip_rect(room);
            position(ui, input);
        });
    });
}

/// The parts of the left side, most wanted first; the ones that do not fit stay away whole.
fn position(ui: &mut Ui, input: &PanelInput<'_>) {
    let theme = &input.theme;
    let status = &input.view.status;
    ui.spacing_mut().item_spacing.x = 20.0 * theme.scale.sqrt();
    let font = theme.font(TextSize::Small);
    for words in coordinates(input, status) {
        if text_width(ui.ctx(), &words, font.clone()) > ui.available_width() {
            return;
        }
        ui.label(plain(theme, words, TextSize::Small, theme.colours.text_muted));
    }
    if let Some(scale) = status.scale
        && ui.available_width() > scale.points + 60.0 * theme.scale
    {
        scale_bar(ui, input, scale);
    }
    match &status.crs {
        Some(CrsBadge::Approximate(reason)) => {
            let words = format!("{} {}", icons::WARNING, input.text("status-crs-approximate"));
            badge(ui, input, &words, reason, theme.colours.warning);
        }
        Some(CrsBadge::Exact) => {
            let words = format!("{} {}", icons::CHECK, input.text("status-crs-exact"));
            badge(ui, input, &words, &input.text("status-crs-exact-long"), theme.colours.text_muted);
        }
        None => {}
    }
    if status.is_offline {
        let words = format!("{} {}", icons::CLOUD_SLASH, input.text("status-offline"));
        badge(ui, input, &words, &input.text("status-offline-long"), theme.colours.text_muted);
    }
}

fn coordinates(input: &PanelInput<'_>, status: &StatusView) -> Vec<String> {
    let numbers = input.numbers;
    let mut parts = Vec::new();
    if let Some([x, y]) = status.rd {
        let pair = format!("{} · {}", spaced(input, x, 2), spaced(input, y, 2));
        parts.push(input.text_with("status-rd", &[("pair", pair.into())]));
    } else if let Some((crs, [x, y])) = &status.other_crs {
        parts.push(format!("{crs} {} · {}", spaced(input, *x, 2), spaced(input, *y, 2)));
    }
    if let Some(height) = status.nap_m {
        let height = numbers.signed_with_unit(height, 2, "m");
        parts.push(input.text_with("status-nap", &[("height", height.into())]));
    }
    if let Some([latitude, longitude]) = status.latitude_longitude {
        let side = |value: f64, positive: &str, negative: &str| {
            let letter = input.text(if value < 0.0 { negative } else { positive });
            format!("{}° {letter}", numbers.decimal(value.abs(), 5))
        };
        parts.push(format!(
            "{} {}",
            side(latitude, "status-north", "status-south"),
            side(longitude, "status-east", "status-west")
        ));
    }
    parts
}

/// Coordinates are grouped with a thin space in both languages, so that they can be told from counts.
fn spaced(input: &PanelInput<'_>, value: f64, decimals: usize) -> String {
    let text = input.numbers.decimal(value, decimals);
    let (whole, fraction) = text.split_at(text.len().saturating_sub(decimals + 1));
    format!("{}{fraction}", whole.replace(['.', ','], "\u{202f}"))
}

fn scale_bar(ui: &mut Ui, input: &PanelInput<'_>, scale: ScaleView) {
    let theme = &input.theme;
    ui.spacing_mut().item_spacing.x = 6.0;
    let (rect, response) = ui.allocate_exact_size(vec2(scale.points, 8.0), Sense::hover());
    let words = input.numbers.length(scale.length_m);
    response.widget_info(|| {
        WidgetInfo::labeled(
            WidgetType::Label,
            true,
            input.text_with("status-scale", &[("length", words.clone().into())]),
        )
    });
    let stroke = Stroke::new(1.5, theme.colours.text_muted);
    ui.painter().hline(rect.x_range(), rect.center().y, stroke);
    ui.painter().vline(rect.left(), rect.y_range(), stroke);
    ui.painter().vline(rect.right(), rect.y_range(), stroke);
    ui.label(plain(theme, words, TextSize::Small, theme.colours.text_muted));
    ui.spacing_mut().item_spacing.x = 20.0 * theme.scale.sqrt();
    ui.add_space(14.0 * theme.scale.sqrt());
}

fn badge(ui: &mut Ui, input: &PanelInput<'_>, words: &str, long: &str, colour: egui::Color32) {
    if text_width(ui.ctx(), words, input.theme.font(TextSize::Small)) <= ui.available_width() {
        ui.label(plain(&input.theme, words, TextSize::Small, colour)).on_hover_text(long);
    }
}

/// Drawn from the right: tasks first, then the credits, cut off where there is no room.
fn tasks_and_credits(ui: &mut Ui, input: &PanelInput<'_>, room: f32, commands: &mut Vec<AppCommand>) {
    let theme = &input.theme;
    let colours = theme.colours;
    ui.spacing_mut().item_spacing.x = 5.0;
    let status = &input.view.status;
    // Two tasks are named; the rest is a count.
    let tasks = if theme.is_touch { &[] } else { status.tasks.as_slice() };
    for task in tasks.iter().take(2) {
        ui.push_id(task.id, |ui| {
            if task.is_cancellable {
                let name = input.text_with("status-cancel", &[("task", task.name.as_str().into())]);
                let button = icon_button_coloured(ui, theme, icons::X, &name, colours.text_muted);
                if button.clicked() {
                    commands.push(AppCommand::CancelTask { id: task.id });
                }
            }
        });
        let words = match task.progress {
            Some(share) => format!("{} {}", task.name, input.numbers.percent(f64::from(share), 0)),
            None => format!("{} …", task.name),
        };
        ui.label(plain(theme, words, TextSize::Small, colours.text));
        ui.add_space(10.0);
    }
    if tasks.len() > 2 {
        let more = input.text_with("status-more-tasks", &[("count", (tasks.len() - 2).into())]);
        ui.label(plain(theme, more, TextSize::Small, colours.text_muted));
        ui.add_space(10.0);
    }
    let credits = status.attribution.join(" · ");
    if credits.is_empty() {
        return;
    }
    let taken = ui.max_rect().right() - ui.cursor().right();
    let width = (room - taken).max(40.0);
    let galley = one_line(ui, &credits, theme.font(TextSize::Small), colours.text_muted, width);
    let (rect, response) = ui.allocate_exact_size(galley.size(), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, &credits));
    ui.painter().galley(rect.min, galley, colours.text_muted);
    response.on_hover_text(&credits);
}
