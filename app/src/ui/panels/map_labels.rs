//! Numbers on the map: pills with a stem, the band in brackets, moved apart where they would cover each other.

use bevy_egui::egui::{self, Color32, CornerRadius, Id, LayerId, Order, Rect, Stroke, Vec2, pos2, vec2};

use crate::ui::PanelInput;
use crate::ui::theme::TextSize;
use crate::ui::view::{MapLabel, MapLabelKind};

/// Stem lengths that are tried, points at 100 % text.
const STEMS: [f32; 5] = [26.0, 52.0, 78.0, 104.0, 130.0];
/// Sideways places that are tried, as parts of the width of the pill.
const SIDEWAYS: [f32; 5] = [0.0, -0.3, 0.3, -0.45, 0.45];

/// Draws the labels whose foot lies in `free`; they never take the pointer away from the map.
pub fn show(ctx: &egui::Context, free: Rect, input: &PanelInput<'_>) {
    let theme = &input.theme;
    let painter = ctx.layer_painter(LayerId::new(Order::Background, Id::new("map labels")));
    let mut labels: Vec<&MapLabel> =
        input.view.map_labels.iter().filter(|label| free.contains(label.screen_pos)).collect();
    labels.sort_by_key(|label| label.priority);
    let font = theme.bold_font(TextSize::Body);
    let mut taken: Vec<Rect> = Vec::new();
    let mut placed = Vec::new();
    for label in labels {
        let (words, fill, colour) = words_and_colours(input, &label.kind);
        let galley = ctx.fonts_mut(|fonts| fonts.layout_no_wrap(words, font.clone(), colour));
        let size = galley.size() + vec2(24.0, 7.0);
        if let Some(pill) = place(label.screen_pos, size, theme.scale, free, &taken) {
            taken.push(pill.expand(4.0));
            placed.push((label.screen_pos, pill, galley, fill, colour));
        }
    }
    // All stems first, so that no stem crosses a pill.
    for (foot, pill, _, fill, _) in &placed {
        // A stem of paper would not show on paper.
        let fill = if *fill == theme.colours.panel { &theme.colours.text_muted } else { fill };
        let x = foot.x.clamp(pill.left() + 10.0, pill.right() - 10.0);
        painter.line_segment([pos2(x, pill.bottom() - 1.0), *foot], Stroke::new(2.0, *fill));
        painter.circle_filled(*foot, 2.5, *fill);
    }
    for (_, pill, galley, fill, colour) in placed {
        let radius = CornerRadius::same((pill.height() / 2.0) as u8);
        painter.add(theme.shadow().as_shape(pill, radius));
        painter.rect_filled(pill, radius, fill);
        painter.galley(pill.center() - galley.size() / 2.0, galley, colour);
    }
}

fn place(foot: egui::Pos2, size: Vec2, scale: f32, free: Rect, taken: &[Rect]) -> Option<Rect> {
    for stem in STEMS {
        for shift in SIDEWAYS {
            let centre = foot + vec2(shift * size.x, -(stem * scale) - size.y / 2.0);
            let pill = Rect::from_center_size(centre, size);
            if free.contains_rect(pill) && !taken.iter().any(|other| other.intersects(pill)) {
                return Some(pill);
            }
        }
    }
    None
}

fn words_and_colours(input: &PanelInput<'_>, kind: &MapLabelKind) -> (String, Color32, Color32) {
    let colours = input.theme.colours;
    let numbers = input.numbers;
    match kind {
        MapLabelKind::TrafficChange(band) => {
            let central = numbers.signed_percent(band.central, 0);
            let ends = numbers.band(band.low * 100.0, band.high * 100.0, 0);
            let words =
                input.text_with("map-traffic-change", &[("central", central.into()), ("band", ends.into())]);
            let fill = if band.central < 0.0 { colours.less } else { colours.more };
            (words, fill, colours.on_data)
        }
        MapLabelKind::Stop(words) => (words.clone(), colours.brand, colours.on_brand),
        MapLabelKind::Sensor { name, value, unit, decimals } => {
            let number = numbers.with_unit(*value, *decimals, unit);
            let words = if name.is_empty() { number } else { format!("{name} {number}") };
            (words, colours.sensor, colours.on_data)
        }
        MapLabelKind::Name(words) => (words.clone(), colours.panel, colours.text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pills_at_one_place_do_not_cover_each_other() {
        let free = Rect::from_min_size(pos2(0.0, 0.0), vec2(800.0, 600.0));
        let mut taken = Vec::new();
        for _ in 0..4 {
            let pill =
                place(pos2(400.0, 400.0), vec2(120.0, 20.0), 1.0, free, &taken).expect("there is room");
            assert!(!taken.iter().any(|other: &Rect| other.intersects(pill)));
            taken.push(pill.expand(4.0));
        }
    }

    #[test]
    fn a_pill_without_room_stays_away() {
        let free = Rect::from_min_size(pos2(0.0, 0.0), vec2(100.0, 20.0));
        assert_eq!(place(pos2(50.0, 10.0), vec2(120.0, 20.0), 1.0, free, &[]), None);
    }
}
