//! News in bars at the bottom: what happened, how bad it is, and the details on request. Never in the way.

use bevy_egui::egui::{self, Align2, Area, Id, Order, Rect, ScrollArea, pos2, vec2};

use crate::commands::AppCommand;
use crate::ui::theme::TextSize;
use crate::ui::view::{MessageView, Severity};
use crate::ui::widgets::{body, icon_button, icon_button_coloured, muted, plain};
use crate::ui::{PanelInput, UiState, icons};

/// Shows the newest `shown` messages at the bottom of `room` and gives the height that they take, points.
pub fn show(
    ctx: &egui::Context,
    room: Rect,
    shown: usize,
    input: &PanelInput<'_>,
    state: &mut UiState,
    commands: &mut Vec<AppCommand>,
) -> f32 {
    let messages = &input.view.messages;
    state.open_messages.retain(|id| messages.iter().any(|message| message.id == *id));
    if messages.is_empty() {
        return 0.0;
    }
    let theme = &input.theme;
    let screen = ctx.content_rect();
    let width = room.width().min(theme.width(520.0));
    let bottom = pos2(room.center().x, room.bottom());
    Area::new(Id::new("messages"))
        .order(Order::Foreground)
        .pivot(Align2::CENTER_BOTTOM)
        .fixed_pos(bottom)
        .constrain_to(screen)
        .show(ctx, |ui| {
            ui.set_width(width);
            ui.spacing_mut().item_spacing.y = 8.0;
            let hidden = messages.len().saturating_sub(shown);
            if hidden > 0 {
                muted(ui, theme, input.text_with("message-more", &[("count", hidden.into())]));
            }
            for message in messages.iter().skip(hidden) {
                ui.push_id(message.id, |ui| bar(ui, width, input, message, state, commands));
            }
        })
        .response
        .rect
        .height()
}

fn bar(
    ui: &mut egui::Ui,
    width: f32,
    input: &PanelInput<'_>,
    message: &MessageView,
    state: &mut UiState,
    commands: &mut Vec<AppCommand>,
) {
    let theme = &input.theme;
    let colours = theme.colours;
    let (icon, colour, word) = match message.severity {
        Severity::Information => (icons::INFO, colours.text_muted, "severity-information"),
        Severity::Success => (icons::CHECK, colours.better, "severity-success"),
        Severity::Warning => (icons::WARNING, colours.warning, "severity-warning"),
        Severity::Error => (icons::WARNING_CIRCLE, colours.error, "severity-error"),
    };
    let is_open = state.open_messages.contains(&message.id);
    let frame = theme
        .panel_frame()
        .inner_margin(egui::Margin::symmetric(12, 8))
        .stroke(egui::Stroke::new(1.0, super::super::theme::mix(colours.line, colour, 0.5)));
    frame.show(ui, |ui| {
        ui.set_width(width - 26.0);
        ui.horizontal_top(|ui| {
            let side = if theme.is_touch { 44.0 } else { 24.0 * theme.scale };
            let buttons = if message.details.is_empty() { side } else { 2.0 * side + 4.0 };
            ui.spacing_mut().item_spacing.x = 4.0;
            ui.add_space(2.0);
            ui.label(plain(theme, icon, TextSize::Title, colour)).on_hover_text(input.text(word));
            ui.add_space(4.0);
            let text_width = ui.available_width() - buttons - 8.0;
            ui.allocate_ui_with_layout(
                vec2(text_width, 0.0),
                egui::Layout::top_down(egui::Align::Min),
                |ui| {
                    ui.set_width(text_width);
                    ui.add_space(3.0);
                    body(ui, theme, &message.text);
                },
            );
            if !message.details.is_empty() {
                let (caret, key) = if is_open {
                    (icons::CARET_UP, "message-less")
                } else {
                    (icons::CARET_DOWN, "message-details")
                };
                if icon_button(ui, theme, caret, &input.text(key)).clicked() {
                    if is_open {
                        state.open_messages.retain(|id| *id != message.id);
                    } else {
                        state.open_messages.push(message.id);
                    }
                }
            }
            if icon_button_coloured(ui, theme, icons::X, &input.text("message-dismiss"), colours.text_muted)
                .clicked()
            {
                commands.push(AppCommand::DismissMessage { id: message.id });
            }
        });
        if is_open {
            ScrollArea::vertical().max_height(180.0).auto_shrink([false, true]).show(ui, |ui| {
                for line in &message.details {
                    muted(ui, theme, line);
                }
            });
            let copy = input.text("message-copy");
            if crate::ui::widgets::secondary_button(ui, theme, Some(icons::COPY), &copy).clicked() {
                let text = std::iter::once(message.text.as_str())
                    .chain(message.details.iter().map(String::as_str))
                    .collect::<Vec<_>>()
                    .join("\n");
                ui.ctx().copy_text(text);
            }
        }
    });
}
