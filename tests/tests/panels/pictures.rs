//! How the window looks, painted on the processor: nothing covers anything else at any size, in any language.
//! With `STADSMAQUETTE_PICTURES=<folder>` the pictures are written there, to be looked at by people.

use std::path::PathBuf;

use app::commands::{AppCommand, Language, Mode, ThemeKind};
use app::ui::egui::{Color32, Context, Id, LayerId, Order, Pos2, RawInput, Rect, vec2};
use app::ui::text::Texts;
use app::ui::theme::palette;
use app::ui::{PANELS, UiState, WindowView, free_rect, show};

use crate::raster::Raster;
use crate::sample;

/// What one painting gives.
struct Painted {
    picture: image::RgbaImage,
    commands: Vec<AppCommand>,
    /// Name and place of everything that floats over the view.
    areas: Vec<(String, Rect)>,
}

/// The ids of what floats over the view.
fn area_ids() -> Vec<(String, Id)> {
    let bars =
        ["top bar", "status bar", "time bar", "view controls", "messages", "present title", "present legend"];
    let mut ids: Vec<(String, Id)> = bars.iter().map(|name| ((*name).to_owned(), Id::new(*name))).collect();
    ids.extend(PANELS.iter().map(|panel| (format!("{:?}", panel.id), Id::new(("panel", panel.id)))));
    ids
}

/// Runs the window until it rests and paints it.
fn paint(view: &WindowView, size: [usize; 2], state: &mut UiState) -> Painted {
    let ctx = Context::default();
    let mut raster = Raster::default();
    let mut commands = Vec::new();
    let texts = Texts::new(view.language);
    let screen = Rect::from_min_size(Pos2::ZERO, vec2(size[0] as f32, size[1] as f32));
    let mut last = None;
    for frame in 0..8 {
        let input =
            RawInput { screen_rect: Some(screen), time: Some(f64::from(frame) * 0.5), ..RawInput::default() };
        let mut output = ctx.run_ui(input, |ui| show(ui.ctx(), view, &texts, state, &mut commands));
        raster.update(&mut output.textures_delta);
        last = Some(output);
    }
    let output = last.expect("eight frames ran");
    let primitives = ctx.tessellate(output.shapes, output.pixels_per_point);
    let picture = raster.paint(&primitives, size, output.pixels_per_point, palette(view.theme).ground);
    let areas = area_ids()
        .into_iter()
        .filter(|(_, id)| {
            ctx.memory(|memory| memory.areas().visible_last_frame(&LayerId::new(layer_order(*id), *id)))
        })
        .filter_map(|(name, id)| Some((name, ctx.memory(|memory| memory.area_rect(id))?)))
        .collect();
    Painted { picture, commands, areas }
}

fn layer_order(id: Id) -> Order {
    if id == Id::new("messages") { Order::Foreground } else { Order::Middle }
}

pub fn keep(name: &str, picture: &image::RgbaImage) {
    if let Some(folder) = std::env::var_os("STADSMAQUETTE_PICTURES") {
        let path = PathBuf::from(folder).join(format!("{name}.png"));
        picture.save(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
}

/// Paints one scene and checks that it is drawn and asks for nothing by itself.
fn check(name: &str, view: &WindowView, size: [usize; 2]) {
    let mut state = UiState::default();
    let Painted { picture, commands, areas } = paint(view, size, &mut state);
    keep(name, &picture);
    let screen = Rect::from_min_size(Pos2::ZERO, vec2(size[0] as f32, size[1] as f32));
    for (position, (one, rect)) in areas.iter().enumerate() {
        assert!(screen.expand(0.6).contains_rect(*rect), "{name}: {one} at {rect:?} leaves the window");
        for (other, other_rect) in &areas[position + 1..] {
            let overlap = rect.shrink(0.6).intersects(other_rect.shrink(0.6));
            assert!(!overlap, "{name}: {one} at {rect:?} covers {other} at {other_rect:?}");
        }
    }
    assert!(areas.len() >= 2, "{name}: the bars are missing");
    assert!(commands.is_empty(), "{name}: a window at rest gave {commands:?}");
    let ground = palette(view.theme).ground;
    let drawn =
        picture.pixels().filter(|pixel| Color32::from_rgb(pixel[0], pixel[1], pixel[2]) != ground).count();
    assert!(drawn * 10 > size[0] * size[1], "{name}: only {drawn} pixels are drawn");
    let free = free_rect(&state);
    assert!(free.height() > 150.0, "{name}: {free:?} is left for the city");
}

#[test]
fn the_window_is_drawn_at_every_size_in_both_languages_and_themes() {
    for (language, code) in [(Language::Dutch, "nl"), (Language::English, "en")] {
        for (theme, theme_name) in [(ThemeKind::Light, "light"), (ThemeKind::Dark, "dark")] {
            for size in [[1366, 768], [1456, 819], [1920, 1080]] {
                for scale in [1.0, 2.0] {
                    if scale > 1.0 && size[0] == 1456 {
                        continue;
                    }
                    let mut view = sample::compare(language);
                    view.theme = theme;
                    view.text_scale = scale;
                    let percent = scale * 100.0;
                    check(&format!("compare-{code}-{theme_name}-{}-{percent}", size[0]), &view, size);
                }
            }
        }
    }
}

#[test]
fn every_mode_and_state_is_drawn() {
    let size = [1366, 768];
    for (language, code) in [(Language::Dutch, "nl"), (Language::English, "en")] {
        check(&format!("explore-{code}"), &sample::explore(language), size);
        check(&format!("scenario-{code}"), &sample::scenario_editing(language), size);
        let mut present = sample::compare(language);
        present.mode = Mode::Present;
        check(&format!("present-{code}"), &present, size);
        for scale in [1.0, 2.0] {
            let welcome = WindowView { language, text_scale: scale, ..WindowView::default() };
            check(&format!("welcome-{code}-{}", scale * 100.0), &welcome, size);
        }
        let mut stop = sample::explore(language);
        stop.inspector = Some(sample::stop(language));
        stop.theme = ThemeKind::Dark;
        check(&format!("stop-{code}"), &stop, size);
    }
    for (language, code) in [(Language::Dutch, "nl"), (Language::English, "en")] {
        check(&format!("stop-editing-{code}"), &sample::stop_editing(language), size);
    }
    let mut large = sample::stop_editing(Language::Dutch);
    large.text_scale = 2.0;
    check("stop-editing-nl-200", &large, size);
    let mut large = sample::scenario_editing(Language::Dutch);
    large.text_scale = 2.0;
    check("scenario-nl-200", &large, size);
    let mut large = sample::explore(Language::Dutch);
    large.text_scale = 2.0;
    check("explore-nl-200", &large, size);
}
