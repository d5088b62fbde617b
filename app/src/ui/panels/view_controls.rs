//! Buttons for what drags do: north, closer, further, home, 2D and 3D.

use bevy_egui::egui::{
    self, Align2, Area, Id, Margin, Order, Rect, Sense, Ui, Vec2, WidgetInfo, WidgetType, pos2, vec2,
};

use crate::commands::{AppCommand, ViewKind};
use crate::ui::theme::TextSize;
use crate::ui::widgets::{focus_ring, icon_button};
use crate::ui::{PanelInput, icons};

pub fn show(ctx: &egui::Context, free: Rect, input: &PanelInput<'_>, commands: &mut Vec<AppCommand>) {
    let theme = &input.theme;
    let side = 24.0 * theme.scale + 10.0;
    if free.width() < side * 3.0 || free.height() < side * 6.0 {
        return;
    }
    Area::new(Id::new("view controls"))
        .order(Order::Middle)
        .pivot(Align2::RIGHT_BOTTOM)
        .fixed_pos(pos2(free.right(), free.bottom()))
        .show(ctx, |ui| {
            theme.panel_frame().inner_margin(Margin::same(4)).show(ui, |ui| {
                ui.spacing_mut().item_spacing = vec2(0.0, 2.0);
                ui.vertical(|ui| {
                    if compass(ui, input).clicked() {
                        commands.push(AppCommand::FaceNorth);
                    }
                    if icon_button(ui, theme, icons::PLUS, &input.text("view-closer")).clicked() {
                        commands.push(AppCommand::Zoom { steps: 1.0 });
                    }
                    if icon_button(ui, theme, icons::MINUS, &input.text("view-further")).clicked() {
                        commands.push(AppCommand::Zoom { steps: -1.0 });
                    }
                    if icon_button(ui, theme, icons::CORNERS_OUT, &input.text("view-home")).clicked() {
                        commands.push(AppCommand::GoHome);
                    }
                    let (words, key, kind) = match input.view.view_kind {
                        ViewKind::ThreeD => ("2D", "view-to-2d", ViewKind::TwoD),
                        ViewKind::TwoD => ("3D", "view-to-3d", ViewKind::ThreeD),
                    };
                    if word_button(ui, input, words, &input.text(key)).clicked() {
                        commands.push(AppCommand::SetViewKind { kind });
                    }
                });
            });
        });
}

fn word_button(ui: &mut Ui, input: &PanelInput<'_>, words: &str, name: &str) -> egui::Response {
    let theme = &input.theme;
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(24.0 * theme.scale), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, name));
    if response.hovered() {
        ui.painter().rect_filled(rect, 7.0, theme.colours.hovered);
    }
    let font = theme.bold_font(TextSize::Small);
    ui.painter().text(rect.center(), Align2::CENTER_CENTER, words, font, theme.colours.text);
    focus_ring(ui, theme, &response, rect);
    response.on_hover_text(name)
}

/// A needle that points north.
fn compass(ui: &mut Ui, input: &PanelInput<'_>) -> egui::Response {
    let theme = &input.theme;
    let name = input.text("view-north");
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(24.0 * theme.scale), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, &name));
    if response.hovered() {
        ui.painter().rect_filled(rect, 7.0, theme.colours.hovered);
    }
    let angle = -input.view.heading_deg.to_radians();
    let turn = egui::emath::Rot2::from_angle(angle);
    let radius = rect.width() * 0.36;
    let at = |x: f32, y: f32| rect.center() + turn * vec2(x * radius, y * radius);
    let needle = |tip: f32| vec![at(0.0, tip), at(0.42, 0.0), at(-0.42, 0.0)];
    let none = egui::Stroke::NONE;
    ui.painter().add(egui::Shape::convex_polygon(needle(-1.0), theme.colours.more, none));
    ui.painter().add(egui::Shape::convex_polygon(needle(1.0), theme.colours.text_muted, none));
    focus_ring(ui, theme, &response, rect);
    response.on_hover_text(name)
}
