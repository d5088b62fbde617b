//! Colours, type and spacing by role, for light and dark, as `LOOK.md` gives them.
//!
//! The city is quiet so that colour always means data: nothing outside this file names a colour.

use std::collections::BTreeMap;
use std::sync::Arc;

use bevy_egui::egui::{
    self, Color32, CornerRadius, FontData, FontDefinitions, FontFamily, FontId, Margin, Shadow, Stroke,
    TextStyle, Vec2, epaint::text::FontTweak, style::WidgetVisuals, vec2,
};

use crate::commands::ThemeKind;
pub use crate::palette::{DARK, LIGHT, Palette, difference_colour, mix, palette};

/// The half-bold family for titles, buttons and values.
pub fn semibold() -> FontFamily {
    FontFamily::Name("semibold".into())
}

/// The sizes that text comes in, in points at 100 %.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextSize {
    /// Footnotes, licences, ticks.
    Small,
    /// Everything else.
    Body,
    /// Titles of panels.
    Heading,
    /// The brand and the title in Present mode.
    Title,
    /// The doors of the empty window.
    Display,
}

impl TextSize {
    pub const fn points(self) -> f32 {
        match self {
            Self::Small => 11.5,
            Self::Body => 13.0,
            Self::Heading => 13.5,
            Self::Title => 16.5,
            Self::Display => 26.0,
        }
    }
}

/// What panels need to draw: colours and sizes, already scaled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Theme {
    pub kind: ThemeKind,
    pub colours: &'static Palette,
    /// Text scale: 1.0 is 100 %.
    pub scale: f32,
    /// Present mode: everything that can be touched is at least 44 points high.
    pub is_touch: bool,
    pub is_reduced_motion: bool,
}

impl Theme {
    pub fn new(kind: ThemeKind, text_scale: f32) -> Self {
        let scale = if text_scale.is_finite() { text_scale.clamp(0.8, 2.0) } else { 1.0 };
        Self { kind, colours: palette(kind), scale, is_touch: false, is_reduced_motion: false }
    }

    /// Points of a size at this text scale.
    pub fn points(&self, size: TextSize) -> f32 {
        size.points() * self.scale
    }

    pub fn font(&self, size: TextSize) -> FontId {
        FontId::new(self.points(size), FontFamily::Proportional)
    }

    pub fn bold_font(&self, size: TextSize) -> FontId {
        FontId::new(self.points(size), semibold())
    }

    /// A width that follows the text scale by half, so that large letters do not take the whole window.
    pub fn width(&self, points: f32) -> f32 {
        points * (1.0 + (self.scale - 1.0) * 0.6)
    }

    /// Smallest height of what can be clicked.
    pub fn target_height(&self) -> f32 {
        if self.is_touch { 44.0_f32.max(28.0 * self.scale) } else { 28.0 * self.scale }
    }

    /// Height of a row of text in a list.
    pub fn row_height(&self) -> f32 {
        if self.is_touch { 44.0 } else { 23.5 * self.scale }
    }

    pub fn top_bar_height(&self) -> f32 {
        (if self.is_touch { 56.0_f32.max(42.0 * self.scale) } else { 42.0 * self.scale }).round()
    }

    pub fn status_bar_height(&self) -> f32 {
        (26.0 * self.scale).round()
    }

    pub fn panel_frame(&self) -> egui::Frame {
        egui::Frame::new()
            .fill(self.colours.panel)
            .stroke(Stroke::new(1.0, self.colours.line))
            .corner_radius(CornerRadius::same(PANEL_RADIUS))
            .inner_margin(Margin::same(PANEL_PADDING))
            .shadow(self.shadow())
    }

    /// The one soft shadow.
    pub fn shadow(&self) -> Shadow {
        Shadow { offset: [0, 3], blur: 18, spread: 0, color: self.colours.shadow }
    }
}

/// Corners of panels, points.
pub const PANEL_RADIUS: u8 = 10;
/// Corners of buttons and fields, points.
pub const BUTTON_RADIUS: u8 = 7;
/// Inside a panel, points on every side.
pub const PANEL_PADDING: i8 = 14;
/// Between panels and from the edge of the view, points.
pub const PANEL_GAP: f32 = 14.0;
/// The grid that spacing follows, points.
pub const GRID: f32 = 8.0;

/// Sets fonts and style where they differ from what the context has; cheap when nothing changed.
/// Returns false on the first call, when the fonts come only with the next pass: draw nothing then.
pub fn apply(ctx: &egui::Context, theme: &Theme) -> bool {
    let has_fonts = ctx.fonts(|fonts| fonts.definitions().families.contains_key(&semibold()));
    if !has_fonts {
        ctx.set_fonts(fonts());
        ctx.request_discard("the fonts come with the next pass");
        ctx.request_repaint();
    }
    let memory = egui::Id::new("stadsmaquette theme");
    let key = (theme.kind, theme.scale.to_bits(), theme.is_touch, theme.is_reduced_motion);
    let applied = ctx.data(|data| data.get_temp::<(ThemeKind, u32, bool, bool)>(memory));
    if applied != Some(key) {
        ctx.data_mut(|data| data.insert_temp(memory, key));
        let side = match theme.kind {
            ThemeKind::Light => egui::Theme::Light,
            ThemeKind::Dark => egui::Theme::Dark,
        };
        ctx.set_theme(side);
        ctx.set_style_of(side, style(theme));
        // Who presses slowly, or on a slow machine, has pressed all the same.
        ctx.options_mut(|options| options.input_options.max_click_duration = LONGEST_CLICK_SECS);
    }
    has_fonts
}

/// Seconds that a button may be held and still be pressed.
const LONGEST_CLICK_SECS: f64 = 3.0;

fn fonts() -> FontDefinitions {
    // egui's own fonts come last: they hold what Inter's subset lacks, such as Greek and Cyrillic in data.
    let mut definitions = FontDefinitions::default();
    let mut add = |name: &str, bytes: &'static [u8], tweak: FontTweak| {
        definitions.font_data.insert(name.to_owned(), Arc::new(FontData::from_static(bytes).tweak(tweak)));
    };
    add("inter", include_bytes!("../../../assets/fonts/Inter-Regular.otf"), FontTweak::default());
    add("inter-semibold", include_bytes!("../../../assets/fonts/Inter-SemiBold.otf"), FontTweak::default());
    // Phosphor's em box sits high beside Latin capitals; this brings both to one middle line.
    let icons = FontTweak { y_offset_factor: 0.02, ..FontTweak::default() };
    add("phosphor", include_bytes!("../../../assets/icons/Phosphor-subset.ttf"), icons);
    let fallback = definitions.families.get(&FontFamily::Proportional).cloned().unwrap_or_default();
    let family = |first: &str| {
        [first.to_owned(), "phosphor".to_owned()]
            .into_iter()
            .chain(fallback.iter().cloned())
            .collect::<Vec<_>>()
    };
    definitions.families = BTreeMap::from([
        (FontFamily::Proportional, family("inter")),
        (FontFamily::Monospace, family("inter")),
        (semibold(), family("inter-semibold")),
    ]);
    definitions
}

fn style(theme: &Theme) -> egui::Style {
    let colours = theme.colours;
    let mut visuals = match theme.kind {
        ThemeKind::Light => egui::Visuals::light(),
        ThemeKind::Dark => egui::Visuals::dark(),
    };
    let radius = CornerRadius::same(BUTTON_RADIUS);
    let widget = |fill: Color32, edge: Color32, text: Color32| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::new(1.0, edge),
        corner_radius: radius,
        fg_stroke: Stroke::new(1.0, text),
        expansion: 0.0,
    };
    let edge = mix(colours.line, colours.text_muted, 0.3);
    visuals.widgets.noninteractive = widget(colours.panel, colours.line, colours.text);
    visuals.widgets.inactive = widget(colours.panel, edge, colours.text);
    visuals.widgets.hovered = widget(colours.hovered, colours.text_muted, colours.text);
    visuals.widgets.active = widget(mix(colours.hovered, colours.brand, 0.25), colours.brand, colours.text);
    visuals.widgets.open = widget(colours.hovered, colours.text_muted, colours.text);
    visuals.override_text_color = None;
    visuals.weak_text_color = Some(colours.text_muted);
    visuals.selection.bg_fill = mix(colours.panel, colours.brand, 0.28);
    visuals.selection.stroke = Stroke::new(2.0, colours.brand);
    visuals.hyperlink_color = colours.brand;
    visuals.faint_bg_color = colours.faint;
    visuals.extreme_bg_color = colours.panel;
    visuals.text_edit_bg_color = Some(colours.panel);
    visuals.code_bg_color = colours.faint;
    visuals.warn_fg_color = colours.warning;
    visuals.error_fg_color = colours.error;
    visuals.window_corner_radius = CornerRadius::same(PANEL_RADIUS);
    visuals.window_shadow = theme.shadow();
    visuals.window_fill = colours.panel;
    visuals.window_stroke = Stroke::new(1.0, colours.line);
    visuals.menu_corner_radius = CornerRadius::same(PANEL_RADIUS);
    visuals.panel_fill = colours.panel;
    visuals.popup_shadow = theme.shadow();
    visuals.slider_trailing_fill = true;
    visuals.handle_shape = egui::style::HandleShape::Circle;
    visuals.interact_cursor = Some(egui::CursorIcon::PointingHand);

    let mut style = egui::Style { visuals, ..egui::Style::default() };
    style.text_styles = BTreeMap::from([
        (TextStyle::Small, theme.font(TextSize::Small)),
        (TextStyle::Body, theme.font(TextSize::Body)),
        (TextStyle::Button, theme.font(TextSize::Body)),
        (TextStyle::Monospace, theme.font(TextSize::Body)),
        (TextStyle::Heading, theme.bold_font(TextSize::Heading)),
    ]);
    let spacing = &mut style.spacing;
    spacing.item_spacing = vec2(8.0, 6.0);
    spacing.button_padding = vec2(11.0 * theme.scale.sqrt(), 5.0 * theme.scale);
    spacing.interact_size = Vec2::splat(theme.target_height());
    spacing.menu_margin = Margin::same(6);
    spacing.slider_rail_height = 6.0;
    spacing.slider_width = theme.width(110.0);
    spacing.icon_width = if theme.is_touch { 22.0 } else { 16.0 * theme.scale };
    spacing.icon_width_inner = spacing.icon_width * 0.6;
    spacing.icon_spacing = 7.0;
    spacing.tooltip_width = theme.width(320.0);
    spacing.menu_width = theme.width(320.0);
    // A quiet bar in the padding of the panel, over nothing.
    spacing.scroll = egui::style::ScrollStyle {
        bar_width: 7.0,
        floating_width: 4.0,
        floating_allocated_width: 0.0,
        foreground_color: true,
        dormant_background_opacity: 0.0,
        dormant_handle_opacity: 0.3,
        active_background_opacity: 0.0,
        active_handle_opacity: 0.45,
        interact_background_opacity: 0.0,
        interact_handle_opacity: 0.7,
        ..egui::style::ScrollStyle::floating()
    };
    style.interaction.selectable_labels = false;
    style.interaction.tooltip_delay = 0.35;
    style.animation_time = if theme.is_reduced_motion { 0.0 } else { 0.12 };
    style.compact_menu_style = false;
    style
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ramp_ends_and_middle_are_the_colours_of_the_look() {
        assert_eq!(difference_colour(ThemeKind::Light, -1.0), Color32::from_rgb(0x2F, 0x6F, 0xB3));
        assert_eq!(difference_colour(ThemeKind::Light, 0.0), Color32::from_rgb(0xF3, 0xF1, 0xEC));
        assert_eq!(difference_colour(ThemeKind::Light, 1.0), Color32::from_rgb(0xC2, 0x56, 0x2D));
        assert_eq!(difference_colour(ThemeKind::Dark, 7.0), DARK.more);
        assert_eq!(difference_colour(ThemeKind::Dark, f32::NAN), DARK.unchanged);
    }

    #[test]
    fn text_keeps_a_contrast_of_4_5_on_what_it_stands_on() {
        for colours in [&LIGHT, &DARK] {
            for (text, ground) in [
                (colours.text, colours.panel),
                (colours.text, colours.faint),
                (colours.text_muted, colours.panel),
                (colours.text_muted, colours.faint),
                (colours.on_brand, colours.brand),
                (colours.on_data, colours.less),
                (colours.on_data, colours.sensor),
                (colours.better, colours.panel),
                (colours.worse, colours.panel),
                (colours.warning, colours.panel),
                (colours.error, colours.panel),
            ] {
                let contrast = contrast(text, ground);
                assert!(contrast >= 4.5, "{text:?} on {ground:?}: {contrast:.2}");
            }
            // Pills carry half-bold text of 13 points on the "more" colour.
            assert!(contrast(colours.on_data, colours.more) >= 4.5);
        }
    }

    /// WCAG 2.2 contrast ratio of two opaque colours, 1 to 21.
    fn contrast(first: Color32, second: Color32) -> f64 {
        let luminance = |colour: Color32| {
            let linear = |channel: u8| {
                let share = f64::from(channel) / 255.0;
                if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
            };
            0.2126 * linear(colour.r()) + 0.7152 * linear(colour.g()) + 0.0722 * linear(colour.b())
        };
        let (one, other) = (luminance(first), luminance(second));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }
}
