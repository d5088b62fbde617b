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

const fn rgb(hex: u32) -> Color32 {
    Color32::from_rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

/// All colours by role: of the window and of the paper model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Palette {
    // The paper model.
    pub ground: Color32,
    pub background: Color32,
    pub wall_lit: Color32,
    pub wall_shade: Color32,
    pub roof_lit: Color32,
    pub roof_shade: Color32,
    pub water: Color32,
    pub green: Color32,
    pub street: Color32,
    pub tree: Color32,
    pub selected: Color32,

    // Data.
    pub less: Color32,
    pub unchanged: Color32,
    pub more: Color32,
    /// Streets that change less than the noise of the model.
    pub below_noise: Color32,
    pub better: Color32,
    pub worse: Color32,
    pub sensor: Color32,

    // The window.
    pub panel: Color32,
    pub text: Color32,
    pub text_muted: Color32,
    pub line: Color32,
    /// Behind chips, tracks of bars and a hovered row.
    pub faint: Color32,
    pub hovered: Color32,
    pub brand: Color32,
    pub on_brand: Color32,
    /// Text on pills of the difference colours and of sensors.
    pub on_data: Color32,
    pub warning: Color32,
    pub error: Color32,
    pub shadow: Color32,
}

/// Light: a paper model on a table in good light.
pub const LIGHT: Palette = Palette {
    ground: rgb(0xEEF0EC),
    background: rgb(0xE9ECEA),
    wall_lit: rgb(0xF4F2EC),
    wall_shade: rgb(0xDEDBD2),
    roof_lit: rgb(0xCFC9BD),
    roof_shade: rgb(0xBDB6A8),
    water: rgb(0xB9D3DA),
    green: rgb(0xD4E2CB),
    street: rgb(0xFBFBF9),
    tree: rgb(0xA9C49B),
    selected: rgb(0xFFE9B8),
    less: rgb(0x2F6FB3),
    unchanged: rgb(0xF3F1EC),
    more: rgb(0xC2562D),
    below_noise: rgb(0xB9BEBB),
    better: rgb(0x1F6B3A),
    worse: rgb(0xA8431D),
    sensor: rgb(0x47565E),
    panel: rgb(0xFFFFFF),
    text: rgb(0x1D2A2F),
    text_muted: rgb(0x5A686D),
    line: rgb(0xD7DCDA),
    faint: rgb(0xEEF1EF),
    hovered: rgb(0xE6EBE8),
    brand: rgb(0x0B5C4B),
    on_brand: rgb(0xFFFFFF),
    on_data: rgb(0xFFFFFF),
    warning: rgb(0x8A5A00),
    error: rgb(0xA8281D),
    shadow: Color32::from_rgba_premultiplied(4, 7, 8, 30),
};

/// Dark: a control room at night. The middle of the difference ramp is dark too, so that what does not change is quiet.
pub const DARK: Palette = Palette {
    ground: rgb(0x1B2326),
    background: rgb(0x141A1C),
    wall_lit: rgb(0x3A4346),
    wall_shade: rgb(0x30383B),
    roof_lit: rgb(0x465054),
    roof_shade: rgb(0x3C4548),
    water: rgb(0x24404A),
    green: rgb(0x2B3B30),
    street: rgb(0x2A3235),
    tree: rgb(0x3B5443),
    selected: rgb(0xE6C97F),
    less: rgb(0x6CA6E2),
    unchanged: rgb(0x566367),
    more: rgb(0xEB8A5E),
    below_noise: rgb(0x4A5558),
    better: rgb(0x7CCB98),
    worse: rgb(0xF0A17E),
    sensor: rgb(0x9FB1B8),
    panel: rgb(0x20292C),
    text: rgb(0xE8EEEC),
    text_muted: rgb(0xA9B6B8),
    line: rgb(0x3A4649),
    faint: rgb(0x2B3639),
    hovered: rgb(0x334043),
    brand: rgb(0x4FB79E),
    on_brand: rgb(0x0C1A17),
    on_data: rgb(0x10181A),
    warning: rgb(0xF0C063),
    error: rgb(0xFF9A8A),
    shadow: Color32::from_rgba_premultiplied(0, 0, 0, 110),
};

/// The colours of a theme.
pub const fn palette(kind: ThemeKind) -> &'static Palette {
    match kind {
        ThemeKind::Light => &LIGHT,
        ThemeKind::Dark => &DARK,
    }
}

/// The colour of a difference on the ramp less – none – more. `relative` is scenario minus baseline over the end of
/// the ramp: −1 and below is the full "less", +1 and above the full "more"; not-a-number counts as no difference.
/// Blue and orange stay apart for every common form of colour blindness; blue means less, not better.
pub fn difference_colour(kind: ThemeKind, relative: f32) -> Color32 {
    let colours = palette(kind);
    if relative.is_nan() {
        return colours.unchanged;
    }
    let end = if relative < 0.0 { colours.less } else { colours.more };
    mix(colours.unchanged, end, relative.abs().min(1.0))
}

/// Between two opaque colours; 0 gives the first.
pub fn mix(from: Color32, to: Color32, share: f32) -> Color32 {
    let channel = |from: u8, to: u8| {
        (f32::from(from) + (f32::from(to) - f32::from(from)) * share.clamp(0.0, 1.0)).round() as u8
    };
    Color32::from_rgb(channel(from.r(), to.r()), channel(from.g(), to.g()), channel(from.b(), to.b()))
}

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
    }
    has_fonts
}

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
