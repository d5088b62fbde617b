//! The empty window: three large doors.

use bevy_egui::egui::{
    self, Align2, Area, CornerRadius, Id, Order, Rect, Sense, Stroke, StrokeKind, WidgetInfo, WidgetType,
    pos2, vec2,
};

use crate::commands::AppCommand;
use crate::ui::theme::{PANEL_RADIUS, TextSize};
use crate::ui::widgets::{focus_ring, wrapped};
use crate::ui::{PanelInput, icons};

struct Door {
    icon: &'static str,
    title: &'static str,
    words: &'static str,
    /// `None` for a door that does not open yet.
    command: Option<AppCommand>,
}

pub fn show(ctx: &egui::Context, body: Rect, input: &PanelInput<'_>, commands: &mut Vec<AppCommand>) {
    let theme = &input.theme;
    let doors = [
        Door {
            icon: icons::BUILDINGS,
            title: "welcome-demo",
            words: "welcome-demo-words",
            command: Some(AppCommand::OpenDemo),
        },
        Door {
            icon: icons::FOLDER_OPEN,
            title: "welcome-open",
            words: "welcome-open-words",
            command: Some(AppCommand::ShowOpenDialog),
        },
        Door { icon: icons::PLUGS, title: "welcome-service", words: "welcome-service-words", command: None },
    ];
    let gap = 20.0;
    let width = theme.width(268.0).min((body.width() - 4.0 * gap) / 3.0);
    let total = width * 3.0 + gap * 2.0;
    // The paper of an empty table; the city comes in its place.
    ctx.layer_painter(egui::LayerId::background()).rect_filled(
        ctx.content_rect(),
        0.0,
        theme.colours.background,
    );
    Area::new(Id::new("welcome"))
        .order(Order::Middle)
        .pivot(Align2::CENTER_CENTER)
        .fixed_pos(body.center())
        .constrain_to(body)
        .show(ctx, |ui| {
            ui.set_width(total);
            let centred = |ui: &mut egui::Ui, text: String, font: egui::FontId, colour: egui::Color32| {
                let galley = wrapped(ui, &text, font, colour, total);
                let (rect, response) = ui.allocate_exact_size(vec2(total, galley.size().y), Sense::hover());
                response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, &text));
                ui.painter().galley(
                    pos2(rect.center().x - galley.size().x / 2.0, rect.top()),
                    galley,
                    colour,
                );
            };
            centred(ui, input.text("welcome-title"), theme.bold_font(TextSize::Display), theme.colours.text);
            centred(ui, input.text("welcome-words"), theme.font(TextSize::Heading), theme.colours.text_muted);
            ui.add_space(22.0);
            ui.horizontal_top(|ui| {
                ui.spacing_mut().item_spacing.x = gap;
                let height = doors.iter().map(|door| door_height(ui, input, door, width)).fold(0.0, f32::max);
                for door in &doors {
                    if show_door(ui, input, door, vec2(width, height))
                        && let Some(command) = &door.command
                    {
                        commands.push(command.clone());
                    }
                }
            });
            ui.add_space(16.0);
            centred(ui, input.text("welcome-private"), theme.font(TextSize::Small), theme.colours.text_muted);
        });
}

const PADDING: f32 = 20.0;

fn icon_size(input: &PanelInput<'_>) -> f32 {
    38.0 * input.theme.scale.sqrt()
}

fn door_height(ui: &egui::Ui, input: &PanelInput<'_>, door: &Door, width: f32) -> f32 {
    let theme = &input.theme;
    let inner = width - 2.0 * PADDING;
    let title =
        wrapped(ui, &input.text(door.title), theme.bold_font(TextSize::Title), theme.colours.text, inner);
    let words = wrapped(ui, &input.text(door.words), theme.font(TextSize::Body), theme.colours.text, inner);
    PADDING * 2.0 + icon_size(input) + 12.0 + title.size().y + 6.0 + words.size().y
}

fn show_door(ui: &mut egui::Ui, input: &PanelInput<'_>, door: &Door, size: egui::Vec2) -> bool {
    let theme = &input.theme;
    let colours = theme.colours;
    let is_open = door.command.is_some();
    let sense = if is_open { Sense::click() } else { Sense::hover() };
    let (rect, response) = ui.allocate_exact_size(size, sense);
    let title = input.text(door.title);
    let words = input.text(door.words);
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, is_open, &title));
    let is_lit = is_open && response.hovered();
    let fill = if is_open { colours.panel } else { colours.background };
    let edge = if is_lit { colours.brand } else { colours.line };
    let radius = CornerRadius::same(PANEL_RADIUS);
    if is_open {
        ui.painter().add(theme.shadow().as_shape(rect, radius));
    }
    ui.painter().rect(
        rect,
        radius,
        fill,
        Stroke::new(if is_lit { 2.0 } else { 1.0 }, edge),
        StrokeKind::Inside,
    );
    let (strong, weak) =
        if is_open { (colours.text, colours.brand) } else { (colours.text_muted, colours.text_muted) };
    let inner = size.x - 2.0 * PADDING;
    let mut at = rect.min + vec2(PADDING, PADDING);
    let icon_font = egui::FontId::new(icon_size(input), egui::FontFamily::Proportional);
    ui.painter().text(at, Align2::LEFT_TOP, door.icon, icon_font, weak);
    at.y += icon_size(input) + 12.0;
    let galley = wrapped(ui, &title, theme.bold_font(TextSize::Title), strong, inner);
    let step = galley.size().y + 6.0;
    ui.painter().galley(at, galley, strong);
    at.y += step;
    let galley = wrapped(ui, &words, theme.font(TextSize::Body), colours.text_muted, inner);
    ui.painter().galley(at, galley, colours.text_muted);
    focus_ring(ui, theme, &response, rect);
    response.clicked()
}
