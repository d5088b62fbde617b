//! The time bar: now, play, the range, the date in words, and the speed.

use bevy_egui::egui::{
    self, Align, Layout, Rect, Sense, Stroke, UiBuilder, Vec2, WidgetInfo, WidgetType, pos2, vec2,
};

use crate::commands::AppCommand;
use crate::ui::PanelInput;
use crate::ui::layout::bar_area;
use crate::ui::theme::{TextSize, Theme, mix};
use crate::ui::view::TimeView;
use crate::ui::widgets::{bold, focus_ring, plain, text_width};

/// Outer height, points.
pub fn height(theme: &Theme) -> f32 {
    46.0_f32.max(theme.target_height() + 18.0)
}

pub fn show(ctx: &egui::Context, rect: Rect, input: &PanelInput<'_>, commands: &mut Vec<AppCommand>) {
    let Some(time) = &input.view.time else { return };
    let theme = &input.theme;
    bar_area("time bar", rect).show(ctx, |ui| {
        let margin = egui::Margin::symmetric(14, 6);
        theme.panel_frame().inner_margin(margin).show(ui, |ui| {
            ui.set_min_size(rect.size() - margin.sum() - Vec2::splat(2.0));
            let inner = Rect::from_min_size(ui.max_rect().min, rect.size() - margin.sum() - Vec2::splat(2.0));
            let builder = UiBuilder::new().max_rect(inner).layout(Layout::left_to_right(Align::Center));
            ui.scope_builder(builder, |ui| content(ui, input, time, commands));
        });
    });
}

fn content(ui: &mut egui::Ui, input: &PanelInput<'_>, time: &TimeView, commands: &mut Vec<AppCommand>) {
    let theme = &input.theme;
    let colours = theme.colours;
    ui.spacing_mut().item_spacing.x = 10.0;

    let colour = if time.is_live { colours.brand } else { colours.text_muted };
    let label = format!("● {}", input.text("time-now"));
    let button = egui::Button::new(bold(theme, label, TextSize::Body, colour)).frame(false);
    let now = ui.add(button).on_hover_text(input.text("time-now-long"));
    now.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, input.text("time-now-long")));
    if now.clicked() {
        commands.push(AppCommand::SetTime { time: time.present });
    }

    let key = if time.is_playing { "time-pause" } else { "time-play" };
    if play_button(ui, theme, time.is_playing, &input.text(key)).clicked() {
        commands.push(AppCommand::SetPlaying { is_playing: !time.is_playing });
    }

    // The words at the right keep their width, so that the slider does not jump while time runs.
    let date = input.numbers.date_time(time.now, time.utc_offset_secs);
    let speed = speed_words(input, time.speed);
    let digits = date.replace(|letter: char| letter.is_ascii_digit(), "0");
    let widest = text_width(ui.ctx(), &digits, theme.font(TextSize::Body)) + 2.0;
    let speed_width = text_width(ui.ctx(), &speed, theme.font(TextSize::Small));
    let slider_width = (ui.available_width() - widest - speed_width - 24.0).max(60.0);
    slider(ui, input, time, slider_width, commands);
    let size = vec2(widest, ui.available_height());
    let layout = Layout::right_to_left(Align::Center);
    ui.allocate_ui_with_layout(size, layout, |ui| {
        ui.label(plain(theme, date, TextSize::Body, colours.text));
    });
    ui.label(plain(theme, speed, TextSize::Small, colours.text_muted))
        .on_hover_text(input.text("time-speed"));
}

/// A framed button with a filled triangle, or two bars while time runs.
fn play_button(ui: &mut egui::Ui, theme: &Theme, is_playing: bool, name: &str) -> egui::Response {
    let size = vec2(32.0, 27.0) * theme.scale.sqrt();
    let size = if theme.is_touch { size.max(Vec2::splat(44.0)) } else { size };
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| WidgetInfo::selected(WidgetType::Button, true, is_playing, name));
    let visuals = ui.style().interact(&response);
    ui.painter().rect(
        rect,
        visuals.corner_radius,
        visuals.weak_bg_fill,
        visuals.bg_stroke,
        egui::StrokeKind::Inside,
    );
    let colour = theme.colours.text;
    let half = rect.height() * 0.2;
    let middle = rect.center();
    if is_playing {
        for side in [-0.55, 0.55] {
            let bar = Rect::from_center_size(middle + vec2(side * half, 0.0), vec2(half * 0.62, half * 2.0));
            ui.painter().rect_filled(bar, 1.0, colour);
        }
    } else {
        let corner = |x: f32, y: f32| middle + vec2(x * half, y * half);
        let triangle = vec![corner(-0.75, -1.0), corner(1.05, 0.0), corner(-0.75, 1.0)];
        ui.painter().add(egui::Shape::convex_polygon(triangle, colour, Stroke::NONE));
    }
    focus_ring(ui, theme, &response, rect);
    response.on_hover_text(name)
}

/// Such as "1×" or "600×".
fn speed_words(input: &PanelInput<'_>, speed: f64) -> String {
    format!("{}×", input.numbers.decimal(speed, usize::from(speed.fract() != 0.0)))
}

fn slider(
    ui: &mut egui::Ui,
    input: &PanelInput<'_>,
    time: &TimeView,
    width: f32,
    commands: &mut Vec<AppCommand>,
) {
    let theme = &input.theme;
    let colours = theme.colours;
    let (rect, mut response) =
        ui.allocate_exact_size(vec2(width, theme.target_height()), Sense::click_and_drag());
    let (first, last) = (*time.range.start(), *time.range.end());
    let span = (last - first).max(1) as f64;
    let share = ((time.now - first) as f64 / span).clamp(0.0, 1.0) as f32;
    let track = Rect::from_center_size(rect.center(), vec2(rect.width() - 16.0, 6.0));
    let x = track.left() + track.width() * share;
    ui.painter().rect_filled(track, 3.0, colours.line);
    let past = Rect::from_min_max(track.min, pos2(x, track.bottom()));
    ui.painter().rect_filled(past, 3.0, mix(colours.panel, colours.brand, 0.5));
    let knob = if response.hovered() || response.dragged() { 9.0 } else { 8.0 };
    ui.painter().circle(pos2(x, rect.center().y), knob, colours.brand, Stroke::new(1.5, colours.panel));
    focus_ring(ui, theme, &response, rect);

    // A quarter of an hour is what timetables and counters need.
    let step = 900;
    let mut wanted = None;
    if let Some(pointer) =
        response.interact_pointer_pos().filter(|_| response.dragged() || response.clicked())
    {
        let share = f64::from(((pointer.x - track.left()) / track.width().max(1.0)).clamp(0.0, 1.0));
        let exact = first + (share * span) as i64;
        wanted = Some(exact - exact.rem_euclid(60));
    }
    if response.has_focus() {
        let lock = egui::EventFilter { horizontal_arrows: true, ..egui::EventFilter::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, lock));
        let presses = |key| i64::try_from(ui.input(|keys| keys.num_presses(key))).unwrap_or(0);
        let steps = presses(egui::Key::ArrowRight) - presses(egui::Key::ArrowLeft);
        if steps != 0 {
            wanted = Some(time.now + steps * step);
        }
    }
    if let Some(wanted) = wanted {
        let wanted = wanted.clamp(first, last);
        if wanted != time.now {
            commands.push(AppCommand::SetTime { time: wanted });
            response.mark_changed();
        }
    }
    let date = input.numbers.date_time(time.now, time.utc_offset_secs);
    let name = input.text_with("time-slider", &[("date", date.into())]);
    response.widget_info(|| WidgetInfo::slider(true, time.now as f64, &name));
}
