//! The small windows of the Help menu: keys, and what this program is.

use bevy_egui::egui::{self, Align2, Area, Id, Key, Order, Rect, ScrollArea, vec2};

use crate::ui::theme::TextSize;
use crate::ui::widgets::{body, bold, icon_button, key_value, muted, section};
use crate::ui::{Dialog, PanelInput, UiState, icons};

/// Text keys of what a key does, with the keys as they stand on the keyboard, by group.
const SHORTCUTS: [(&str, &[(&str, &str)]); 3] = [
    (
        "shortcuts-view",
        &[
            ("shortcut-pan", "keys-pan"),
            ("shortcut-orbit", "keys-orbit"),
            ("shortcut-zoom", "keys-zoom"),
            ("view-north", "keys-n"),
            ("view-reset-tilt", "keys-r"),
            ("view-home", "keys-home"),
            ("view-selection", "keys-f"),
            ("shortcut-2d-3d", "keys-tab"),
        ],
    ),
    (
        "shortcuts-work",
        &[
            ("shortcut-baseline", "keys-b"),
            ("menu-undo", "keys-undo"),
            ("menu-redo", "keys-redo"),
            ("menu-clear-selection", "keys-escape"),
        ],
    ),
    (
        "shortcuts-window",
        &[
            ("shortcut-search", "keys-search"),
            ("menu-open", "keys-open"),
            ("menu-save", "keys-save"),
            ("help-shortcuts", "keys-help"),
        ],
    ),
];

pub fn show(ctx: &egui::Context, screen: Rect, input: &PanelInput<'_>, state: &mut UiState) {
    let is_typing = ctx.text_edit_focused();
    if !is_typing && ctx.input(|keys| keys.key_pressed(Key::F1)) {
        state.dialog = if state.dialog.is_some() { None } else { Some(Dialog::Shortcuts) };
    }
    let Some(dialog) = state.dialog else { return };
    if ctx.input(|keys| keys.key_pressed(Key::Escape)) {
        state.dialog = None;
        return;
    }
    let theme = &input.theme;
    let width = theme.width(440.0).min(screen.width() - 40.0);
    let title = match dialog {
        Dialog::Shortcuts => input.text("help-shortcuts"),
        Dialog::About => input.text("help-about"),
    };
    Area::new(Id::new("help"))
        .order(Order::Foreground)
        .pivot(Align2::CENTER_CENTER)
        .fixed_pos(screen.center())
        .constrain_to(screen)
        .show(ctx, |ui| {
            theme.panel_frame().show(ui, |ui| {
                ui.set_width(width);
                ui.horizontal(|ui| {
                    let side = 24.0 * theme.scale;
                    ui.allocate_ui(vec2(ui.available_width() - side - 8.0, side), |ui| {
                        ui.set_width(ui.available_width());
                        ui.label(bold(theme, &title, TextSize::Title, theme.colours.text));
                    });
                    if icon_button(ui, theme, icons::X, &input.text("word-close")).clicked() {
                        state.dialog = None;
                    }
                });
                ui.set_max_height(screen.height() * 0.8);
                ScrollArea::vertical().max_height(screen.height() * 0.75).auto_shrink([false, true]).show(
                    ui,
                    |ui| match dialog {
                        Dialog::Shortcuts => shortcuts(ui, input),
                        Dialog::About => about(ui, input),
                    },
                );
            });
        });
}

fn shortcuts(ui: &mut egui::Ui, input: &PanelInput<'_>) {
    ui.spacing_mut().item_spacing.y = 4.0;
    for (group, lines) in SHORTCUTS {
        section(ui, &input.theme, input.text(group));
        for (what, keys) in lines {
            key_value(ui, &input.theme, &input.text(what).replace('…', ""), &input.text(keys));
        }
    }
}

fn about(ui: &mut egui::Ui, input: &PanelInput<'_>) {
    let theme = &input.theme;
    body(ui, theme, input.text("about-words"));
    let version = env!("CARGO_PKG_VERSION");
    key_value(ui, theme, &input.text("about-version"), version);
    key_value(ui, theme, &input.text("about-licence"), "EUPL-1.2");
    key_value(ui, theme, &input.text("about-fonts"), "Inter (OFL 1.1) · Phosphor (MIT)");
    muted(ui, theme, input.text("about-values"));
}
