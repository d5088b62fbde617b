//! Colours by role, for light and dark, as `LOOK.md` gives them: shared by the scene and the panels.
//!
//! The city is quiet so that colour always means data: nothing outside this file names a colour.

use bevy_egui::egui::Color32;

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
