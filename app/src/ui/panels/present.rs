//! Present mode: the city, a title, and the legend; nothing else.

use bevy_egui::egui::{self, Area, Id, Label, Order, Rect, vec2};

use super::{legend, measures};
use crate::ui::PanelInput;
use crate::ui::theme::{PANEL_GAP, TextSize};
use crate::ui::widgets::{bold, plain};

pub fn show(ctx: &egui::Context, body: Rect, input: &PanelInput<'_>) {
    let theme = &input.theme;
    let Some(project) = &input.view.project else { return };
    let width = theme.width(360.0);
    let title = input.view.scenario.as_ref().map_or(&project.title, |scenario| &scenario.name);
    Area::new(Id::new("present title")).order(Order::Middle).fixed_pos(body.min + vec2(PANEL_GAP, 0.0)).show(
        ctx,
        |ui| {
            theme.panel_frame().show(ui, |ui| {
                ui.set_width(width);
                ui.add(Label::new(bold(theme, title, TextSize::Display, theme.colours.text)).wrap());
                if let Some(active) = &input.view.scenario {
                    for measure in &active.measures {
                        let words = measures::measure_words(input, &measure.kind);
                        ui.add(
                            Label::new(plain(theme, words, TextSize::Title, theme.colours.text_muted)).wrap(),
                        );
                    }
                }
                if project.is_fictional {
                    let words = input.text("layers-fictional");
                    ui.label(plain(theme, words, TextSize::Body, theme.colours.text_muted));
                }
            });
        },
    );
    if input.view.legend.is_some() {
        let corner = egui::pos2(body.left() + PANEL_GAP, body.bottom());
        Area::new(Id::new("present legend"))
            .order(Order::Middle)
            .pivot(egui::Align2::LEFT_BOTTOM)
            .fixed_pos(corner)
            .show(ctx, |ui| {
                theme.panel_frame().show(ui, |ui| {
                    ui.set_width(theme.width(300.0));
                    let title = (legend::PANEL.title)(input).unwrap_or_else(|| input.text("legend-title"));
                    ui.label(bold(theme, title, TextSize::Heading, theme.colours.text));
                    legend::content(ui, input);
                });
            });
    }
}
