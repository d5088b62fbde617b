//! What the colours on the map mean, with numbers and units.

use bevy_egui::egui::{
    Align2, Color32, CornerRadius, Mesh, Rect, Sense, Ui, WidgetInfo, WidgetType, pos2, vec2,
};

use crate::commands::PanelId;
use crate::ui::theme::{TextSize, difference_colour};
use crate::ui::view::LegendView;
use crate::ui::widgets::{body, muted};
use crate::ui::{Panel, PanelInput, Side};

pub const PANEL: Panel = Panel {
    id: PanelId::Legend,
    title_key: "legend-title",
    side: Side::Left,
    width: 271.0,
    has_content: |view| view.legend.is_some(),
    title: |input| match input.view.legend.as_ref()? {
        LegendView::TrafficDifference { .. } => Some(input.text("legend-traffic-difference")),
        LegendView::IndicatorDifference { id, .. } => {
            let name = input.text(&format!("indicator-{id}"));
            Some(input.text_with("legend-indicator-difference", &[("name", name.into())]))
        }
        LegendView::Classes { title, .. } => Some(title.clone()),
    },
    chips: |_| Vec::new(),
    ui: |ui, input, _, _| content(ui, input),
};

/// The legend without its panel, for Present mode.
pub fn content(ui: &mut Ui, input: &PanelInput<'_>) {
    ui.spacing_mut().item_spacing.y = 4.0;
    match &input.view.legend {
        Some(LegendView::TrafficDifference { end, noise_vehicles_per_hour }) => {
            let ends = [-end, *end].map(|end| input.numbers.signed_percent(end, 0));
            ramp(ui, input, &ends);
            let noise = input.numbers.with_unit(*noise_vehicles_per_hour, 0, "veh/h");
            muted(ui, &input.theme, input.text_with("legend-noise", &[("amount", noise.into())]));
            muted(ui, &input.theme, input.text("legend-colours"));
            held(ui, input);
        }
        Some(LegendView::IndicatorDifference { unit, end, square_m, count, .. }) => {
            if *count == 0 {
                muted(ui, &input.theme, input.text("legend-nothing-changes"));
                return;
            }
            let unit = if unit == "%" { "points" } else { unit.as_str() };
            let decimals =
                (0..4).find(|&d| (end * 10_f64.powi(d)).fract().abs() < 1e-6).unwrap_or(4) as usize;
            ramp(ui, input, &[-end, *end].map(|end| input.numbers.signed_with_unit(end, decimals, unit)));
            muted(ui, &input.theme, input.text("legend-colours"));
            if let Some(side) = square_m {
                let side = input.numbers.with_unit(*side, 0, "m");
                muted(ui, &input.theme, input.text_with("legend-squares", &[("side", side.into())]));
            }
            held(ui, input);
        }
        Some(LegendView::Classes { classes, .. }) => {
            for (colour, words) in classes {
                class(ui, input, *colour, words);
            }
        }
        None => {}
    }
}

fn held(ui: &mut Ui, input: &PanelInput<'_>) {
    let key = if input.view.is_baseline_held { "legend-held" } else { "legend-hold" };
    muted(ui, &input.theme, input.text(key));
}

/// The colours from less to more, with the `ends` in words.
fn ramp(ui: &mut Ui, input: &PanelInput<'_>, ends: &[String; 2]) {
    let theme = &input.theme;
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 11.0), Sense::hover());
    response.widget_info(|| {
        let arguments = [("low", ends[0].as_str().into()), ("high", ends[1].as_str().into())];
        WidgetInfo::labeled(WidgetType::Label, true, input.text_with("legend-ramp", &arguments))
    });
    let steps: u16 = 48;
    let radius = rect.height() / 2.0;
    let inner = rect.shrink2(vec2(radius, 0.0));
    let colour = |share: f32| difference_colour(theme.kind, share * 2.0 - 1.0);
    // Round ends, then one strip of coloured triangles between them.
    ui.painter().circle_filled(pos2(inner.left(), rect.center().y), radius, colour(0.0));
    ui.painter().circle_filled(pos2(inner.right(), rect.center().y), radius, colour(1.0));
    let mut mesh = Mesh::default();
    for step in 0..=steps {
        let share = f32::from(step) / f32::from(steps);
        let x = inner.left() + inner.width() * share;
        mesh.colored_vertex(pos2(x, rect.top()), colour(share));
        mesh.colored_vertex(pos2(x, rect.bottom()), colour(share));
        if step > 0 {
            let last = u32::from(step) * 2 + 1;
            mesh.add_triangle(last - 3, last - 2, last - 1);
            mesh.add_triangle(last - 2, last - 1, last);
        }
    }
    ui.painter().add(mesh);
    let font = theme.font(TextSize::Small);
    let (ticks, _) = ui.allocate_exact_size(vec2(ui.available_width(), font.size * 1.3), Sense::hover());
    let write = |x: f32, align: Align2, text: &str| {
        ui.painter().text(pos2(x, ticks.center().y), align, text, font.clone(), theme.colours.text_muted);
    };
    write(ticks.left(), Align2::LEFT_CENTER, &ends[0]);
    write(ticks.center().x, Align2::CENTER_CENTER, "0");
    write(ticks.right(), Align2::RIGHT_CENTER, &ends[1]);
}

fn class(ui: &mut Ui, input: &PanelInput<'_>, colour: Color32, words: &str) {
    ui.horizontal(|ui| {
        let side = 12.0 * input.theme.scale;
        let (rect, _) = ui.allocate_exact_size(vec2(side, side), Sense::hover());
        ui.painter().rect_filled(
            Rect::from_center_size(rect.center(), rect.size()),
            CornerRadius::same(3),
            colour,
        );
        body(ui, &input.theme, words);
    });
}
