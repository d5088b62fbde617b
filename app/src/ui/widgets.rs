//! The few widgets that all panels share: each has an accessible name, a visible focus, and the sizes of the theme.

use std::sync::Arc;

use bevy_egui::egui::{
    self, Align2, Button, Color32, CornerRadius, FontId, Galley, Rect, Response, RichText, Sense, Stroke,
    StrokeKind, Ui, Vec2, WidgetInfo, WidgetType, pos2, text::LayoutJob, vec2,
};

use super::icons;
use super::theme::{BUTTON_RADIUS, TextSize, Theme, semibold};
use super::view::{BandView, DeltaStatus};

/// Text in a size and colour of the theme.
pub fn plain(theme: &Theme, text: impl Into<String>, size: TextSize, colour: Color32) -> RichText {
    RichText::new(text).size(theme.points(size)).color(colour)
}

/// Half-bold text.
pub fn bold(theme: &Theme, text: impl Into<String>, size: TextSize, colour: Color32) -> RichText {
    plain(theme, text, size, colour).family(semibold())
}

/// A wrapped grey line.
pub fn muted(ui: &mut Ui, theme: &Theme, text: impl Into<String>) -> Response {
    ui.add(egui::Label::new(plain(theme, text, TextSize::Small, theme.colours.text_muted)).wrap())
}

/// A wrapped line in the colour of the text.
pub fn body(ui: &mut Ui, theme: &Theme, text: impl Into<String>) -> Response {
    ui.add(egui::Label::new(plain(theme, text, TextSize::Body, theme.colours.text)).wrap())
}

/// A half-bold line above a group of rows.
pub fn section(ui: &mut Ui, theme: &Theme, text: impl Into<String>) -> Response {
    ui.add_space(4.0);
    ui.add(egui::Label::new(bold(theme, text, TextSize::Small, theme.colours.text_muted)).wrap())
}

/// One line of text cut off with "…" at a width.
pub fn one_line(ui: &Ui, text: &str, font: FontId, colour: Color32, width: f32) -> Arc<Galley> {
    let mut job = LayoutJob::simple_singleline(text.to_owned(), font, colour);
    job.wrap.max_width = width.max(0.0);
    job.wrap.max_rows = 1;
    job.wrap.break_anywhere = true;
    ui.painter().layout_job(job)
}

/// Text broken at words to a width.
pub fn wrapped(ui: &Ui, text: &str, font: FontId, colour: Color32, width: f32) -> Arc<Galley> {
    ui.painter().layout_job(LayoutJob::simple(text.to_owned(), font, colour, width.max(20.0)))
}

/// How wide a text is on one line.
pub fn text_width(ctx: &egui::Context, text: &str, font: FontId) -> f32 {
    ctx.fonts_mut(|fonts| fonts.layout_no_wrap(text.to_owned(), font, Color32::WHITE).size().x)
}

/// A ring around what has the keyboard focus.
pub fn focus_ring(ui: &Ui, theme: &Theme, response: &Response, rect: Rect) {
    if response.has_focus() {
        let radius = CornerRadius::same(BUTTON_RADIUS);
        ui.painter().rect_stroke(rect, radius, Stroke::new(2.0, theme.colours.brand), StrokeKind::Inside);
    }
}

/// A square button with an icon; `name` is read aloud and shown as the tooltip.
pub fn icon_button(ui: &mut Ui, theme: &Theme, icon: &str, name: &str) -> Response {
    icon_button_coloured(ui, theme, icon, name, theme.colours.text)
}

/// As [`icon_button`], in a colour.
pub fn icon_button_coloured(ui: &mut Ui, theme: &Theme, icon: &str, name: &str, colour: Color32) -> Response {
    let side = if theme.is_touch { 44.0 } else { 24.0 * theme.scale };
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(side), Sense::click());
    let is_enabled = ui.is_enabled();
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, is_enabled, name));
    if ui.is_rect_visible(rect) {
        if response.hovered() && is_enabled {
            ui.painter().rect_filled(rect, CornerRadius::same(BUTTON_RADIUS), theme.colours.hovered);
        }
        let colour = if is_enabled { colour } else { colour.gamma_multiply(0.4) };
        let font = FontId::new(theme.points(TextSize::Body) * 1.28, egui::FontFamily::Proportional);
        ui.painter().text(rect.center(), Align2::CENTER_CENTER, icon, font, colour);
        focus_ring(ui, theme, &response, rect);
    }
    response.on_hover_text(name)
}

/// The one filled button of a panel.
pub fn primary_button(ui: &mut Ui, theme: &Theme, icon: Option<&str>, text: &str) -> Response {
    let colours = theme.colours;
    let label = icon.map_or_else(|| text.to_owned(), |icon| format!("{icon} {text}"));
    let button = Button::new(bold(theme, label, TextSize::Body, colours.on_brand))
        .fill(colours.brand)
        .stroke(Stroke::new(1.0, colours.brand))
        .corner_radius(CornerRadius::same(BUTTON_RADIUS))
        .min_size(vec2(0.0, theme.target_height()));
    named(ui.add(button), text)
}

/// An outlined button.
pub fn secondary_button(ui: &mut Ui, theme: &Theme, icon: Option<&str>, text: &str) -> Response {
    let label = icon.map_or_else(|| text.to_owned(), |icon| format!("{icon} {text}"));
    let button = Button::new(plain(theme, label, TextSize::Body, theme.colours.text))
        .corner_radius(CornerRadius::same(BUTTON_RADIUS))
        .min_size(vec2(0.0, theme.target_height()));
    named(ui.add(button), text)
}

/// Gives a button its name without the icon.
fn named(response: Response, name: &str) -> Response {
    let is_enabled = response.enabled();
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, is_enabled, name));
    response
}

/// A small rounded label on a faint ground.
pub fn chip(ui: &mut Ui, theme: &Theme, text: &str) -> Response {
    chip_coloured(ui, theme, text, theme.colours.faint, theme.colours.text)
}

pub fn chip_coloured(ui: &mut Ui, theme: &Theme, text: &str, fill: Color32, colour: Color32) -> Response {
    let font = FontId::new(theme.points(TextSize::Small) * 0.96, semibold());
    let width = ui.available_width().max(40.0) - 12.0;
    let galley = one_line(ui, text, font, colour, width);
    let (rect, response) = ui.allocate_exact_size(galley.size() + vec2(12.0, 5.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, text));
    let radius = CornerRadius::same((rect.height() / 2.0) as u8);
    ui.painter().rect_filled(rect, radius, fill);
    ui.painter().galley(rect.center() - galley.size() / 2.0, galley, colour);
    response
}

/// Name at the left, value at the right; both wrap, and are read aloud together.
pub fn key_value(ui: &mut Ui, theme: &Theme, name: &str, value: &str) -> Response {
    let width = ui.available_width();
    let name_width = width * 0.42;
    let left = wrapped(ui, name, theme.font(TextSize::Body), theme.colours.text_muted, name_width - 8.0);
    let right = wrapped(ui, value, theme.font(TextSize::Body), theme.colours.text, width - name_width);
    let height = left.size().y.max(right.size().y);
    let (rect, response) = ui.allocate_exact_size(vec2(width, height), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, format!("{name}: {value}")));
    ui.painter().galley(rect.min, left, theme.colours.text_muted);
    ui.painter().galley(pos2(rect.left() + name_width, rect.top()), right, theme.colours.text);
    response
}

/// A check box with its words.
pub fn checkbox(ui: &mut Ui, is_on: &mut bool, text: &str) -> Response {
    ui.scope(|ui| {
        // The round corners of buttons would make a circle of so small a box.
        let widgets = &mut ui.visuals_mut().widgets;
        for state in [&mut widgets.inactive, &mut widgets.hovered, &mut widgets.active, &mut widgets.open] {
            state.corner_radius = CornerRadius::same(4);
        }
        ui.checkbox(is_on, text)
    })
    .inner
}

/// A line between groups.
pub fn rule(ui: &mut Ui, theme: &Theme) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 5.0), Sense::hover());
    ui.painter().hline(rect.x_range(), rect.center().y, Stroke::new(1.0, theme.colours.line));
}

/// A coloured note with an icon: warnings, refusals, honest remarks.
pub fn note(ui: &mut Ui, theme: &Theme, icon: &str, text: &str, colour: Color32) -> Response {
    let width = ui.available_width();
    let font = theme.font(TextSize::Small);
    let indent = theme.points(TextSize::Body) * 1.6;
    let galley = wrapped(ui, text, font.clone(), theme.colours.text, width - indent - 16.0);
    let (rect, response) = ui.allocate_exact_size(vec2(width, galley.size().y + 12.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, text));
    let ground = super::theme::mix(theme.colours.panel, colour, 0.12);
    ui.painter().rect_filled(rect, CornerRadius::same(BUTTON_RADIUS), ground);
    let icon_font = theme.font(TextSize::Body);
    let first_line = rect.top() + 6.0 + font.size * 0.62;
    ui.painter().text(pos2(rect.left() + 9.0, first_line), Align2::LEFT_CENTER, icon, icon_font, colour);
    ui.painter().galley(rect.min + vec2(8.0 + indent, 6.0), galley, theme.colours.text);
    response
}

/// Where a band lies on the bar: fractions of the baseline, −1 (nothing left) to +1 (twice as much), cut off there.
/// Every bar in the window follows this one rule, so that bars can be compared.
pub fn band_on_bar(delta: BandView, baseline: f64) -> Option<BandView> {
    let size = baseline.abs();
    let finite = delta.low.is_finite() && delta.central.is_finite() && delta.high.is_finite();
    if !finite || !size.is_finite() || size == 0.0 {
        return None;
    }
    Some(BandView {
        low: (delta.low / size).clamp(-1.0, 1.0),
        central: (delta.central / size).clamp(-1.0, 1.0),
        high: (delta.high / size).clamp(-1.0, 1.0),
    })
}

/// Draws the band: low and high ends, a tick for the middle, on a zero line.
pub fn paint_band(ui: &Ui, theme: &Theme, rect: Rect, band: Option<BandView>, status: &DeltaStatus) {
    let colours = theme.colours;
    let painter = ui.painter();
    let track = Rect::from_center_size(rect.center(), vec2(rect.width(), 8.0));
    painter.rect_filled(track, CornerRadius::same(4), colours.faint);
    painter.vline(
        rect.center().x,
        track.top() - 4.0..=track.bottom() + 4.0,
        Stroke::new(1.0, colours.text_muted),
    );
    let Some(band) = band else { return };
    let x = |fraction: f64| rect.center().x + fraction as f32 * (rect.width() / 2.0 - 2.0);
    let colour = match status {
        DeltaStatus::Clear | DeltaStatus::Uncertain => {
            if band.central < 0.0 {
                colours.less
            } else {
                colours.more
            }
        }
        DeltaStatus::BelowNoise | DeltaStatus::NotComputable(_) | DeltaStatus::Unknown => colours.below_noise,
    };
    let (low, high) = (x(band.low), x(band.high));
    let middle = f32::midpoint(low, high);
    let half = ((high - low) / 2.0).max(1.5);
    let bar =
        Rect::from_min_max(pos2(middle - half, track.top() + 1.0), pos2(middle + half, track.bottom() - 1.0));
    painter.rect_filled(bar, CornerRadius::same(2), colour);
    let ends = Stroke::new(1.5, colour);
    painter.vline(bar.left(), track.top() - 1.0..=track.bottom() + 1.0, ends);
    painter.vline(bar.right(), track.top() - 1.0..=track.bottom() + 1.0, ends);
    painter.vline(x(band.central), track.top() - 2.0..=track.bottom() + 2.0, Stroke::new(2.0, colours.text));
}

/// A bar of progress with its words; an unknown progress runs back and forth, or stands still with reduced motion.
pub fn progress(ui: &mut Ui, theme: &Theme, share: Option<f32>, text: &str) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 6.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::ProgressIndicator, true, text));
    let radius = CornerRadius::same(3);
    ui.painter().rect_filled(rect, radius, theme.colours.faint);
    let filled = match share {
        Some(share) => {
            Rect::from_min_size(rect.min, vec2(rect.width() * share.clamp(0.0, 1.0), rect.height()))
        }
        None if theme.is_reduced_motion => rect.shrink2(vec2(rect.width() * 0.3, 0.0)),
        None => {
            ui.ctx().request_repaint();
            let phase = (ui.input(|input| input.time) * 0.8).fract() as f32;
            let width = rect.width() * 0.3;
            let left = rect.left() + (rect.width() - width) * (1.0 - (2.0 * phase - 1.0).abs());
            Rect::from_min_size(pos2(left, rect.top()), vec2(width, rect.height()))
        }
    };
    ui.painter().rect_filled(filled, radius, theme.colours.brand);
    response
}

/// A row that opens: the caret, then the title; gives the response of the whole row.
pub fn disclosure(ui: &mut Ui, theme: &Theme, is_open: bool, text: &str) -> Response {
    let caret = if is_open { icons::CARET_DOWN } else { icons::CARET_RIGHT };
    let width = ui.available_width();
    let galley =
        one_line(ui, &format!("{caret} {text}"), theme.font(TextSize::Body), theme.colours.text, width);
    let (rect, response) = ui.allocate_exact_size(vec2(width, theme.row_height()), Sense::click());
    let is_enabled = ui.is_enabled();
    response.widget_info(|| {
        WidgetInfo::selected(WidgetType::CollapsingHeader, is_enabled, is_open, text.to_owned())
    });
    ui.painter().galley(
        pos2(rect.left(), rect.center().y - galley.size().y / 2.0),
        galley,
        theme.colours.text,
    );
    focus_ring(ui, theme, &response, rect);
    response
}
