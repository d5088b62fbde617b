//! The difference with now: one row per indicator with its band, its sign and a word; a click opens the reason.

use std::sync::Arc;

use bevy_egui::egui::{
    Align2, CornerRadius, Frame, Galley, Rect, Sense, Stroke, Ui, WidgetInfo, WidgetType, pos2, vec2,
};

use crate::commands::{AppCommand, Mode, PanelId};
use crate::ui::numbers::{Numbers, honest_band, most_decimals};
use crate::ui::theme::{PANEL_RADIUS, TextSize};
use crate::ui::view::{BandView, DeltaStatus, IndicatorRow, IndicatorsState};
use crate::ui::widgets::{
    band_on_bar, body, focus_ring, key_value, muted, note, one_line, paint_band, primary_button, progress,
    secondary_button, section, text_width,
};
use crate::ui::{Panel, PanelInput, Side, UiState, icons};

pub const PANEL: Panel = Panel {
    id: PanelId::Indicators,
    title_key: "indicators-title",
    side: Side::Right,
    width: 360.0,
    has_content: |view| view.project.is_some() && matches!(view.mode, Mode::Scenario | Mode::Compare),
    title: |_| None,
    chips,
    ui,
};

fn chips(input: &PanelInput<'_>) -> Vec<String> {
    let mut chips = Vec::new();
    match &input.view.indicators.state {
        IndicatorsState::Ready { seconds } => {
            let time = input.numbers.with_unit(*seconds, 1, "s");
            chips.push(input.text_with("indicators-updated-in", &[("time", time.into())]));
        }
        IndicatorsState::Stale => chips.push(input.text("indicators-stale")),
        IndicatorsState::Computing { .. } => chips.push(input.text("indicators-computing-chip")),
        _ => {}
    }
    if !input.view.indicators.rows.is_empty() {
        chips.push(input.text(if input.view.is_baseline_held {
            "indicators-held"
        } else {
            "indicators-hold"
        }));
    }
    chips
}

fn ui(ui: &mut Ui, input: &PanelInput<'_>, state: &mut UiState, commands: &mut Vec<AppCommand>) {
    let theme = &input.theme;
    let view = &input.view.indicators;
    ui.spacing_mut().item_spacing.y = 5.0;
    show_state(ui, input, commands);
    if let Some(share) = view.evaporation.filter(|share| !(-0.005..=0.5).contains(share)) {
        let share = input.numbers.percent(share, 0);
        let words = input.text_with("indicators-evaporation", &[("share", share.into())]);
        note(ui, theme, icons::WARNING, &words, theme.colours.warning);
    }
    if !view.rows.is_empty() {
        let is_fresh = matches!(view.state, IndicatorsState::Ready { .. });
        ui.scope(|ui| {
            if !is_fresh {
                ui.multiply_opacity(0.55);
            }
            ui.spacing_mut().item_spacing.y = 0.0;
            column_titles(ui, input);
            for row in &view.rows {
                ui.push_id(&row.id, |ui| {
                    show_row(ui, input, row, state);
                    if state.open_indicator.as_deref() == Some(row.id.as_str()) {
                        explanation(ui, input, row, commands);
                    }
                });
            }
        });
        ui.add_space(2.0);
        for words in &view.notes {
            muted(ui, theme, words);
        }
        if view.is_demand_synthetic {
            muted(ui, theme, input.text("indicators-synthetic"));
        }
        muted(ui, theme, input.text("indicators-model-values"));
    }
}

fn show_state(ui: &mut Ui, input: &PanelInput<'_>, commands: &mut Vec<AppCommand>) {
    let theme = &input.theme;
    let has_rows = !input.view.indicators.rows.is_empty();
    match &input.view.indicators.state {
        IndicatorsState::NothingToCompare => {
            body(ui, theme, input.text("indicators-nothing"));
        }
        IndicatorsState::NotComputed => {
            body(ui, theme, input.text("indicators-not-computed"));
            if primary_button(ui, theme, None, &input.text("indicators-compute")).clicked() {
                commands.push(AppCommand::Evaluate);
            }
        }
        IndicatorsState::Computing { task, progress: share } => {
            let words = match share {
                Some(share) => {
                    let percent = input.numbers.percent(f64::from(*share), 0);
                    input.text_with("indicators-computing-share", &[("share", percent.into())])
                }
                None => input.text("indicators-computing"),
            };
            progress(ui, theme, *share, &words);
            ui.horizontal_wrapped(|ui| {
                muted(ui, theme, &words);
                if secondary_button(ui, theme, None, &input.text("word-cancel")).clicked() {
                    commands.push(AppCommand::CancelTask { id: *task });
                }
            });
        }
        IndicatorsState::Stale => {
            let key = if has_rows { "indicators-stale-rows" } else { "indicators-not-computed" };
            note(ui, theme, icons::HOURGLASS, &input.text(key), theme.colours.warning);
            if secondary_button(ui, theme, Some(icons::ARROW_CLOCKWISE), &input.text("indicators-compute"))
                .clicked()
            {
                commands.push(AppCommand::Evaluate);
            }
        }
        IndicatorsState::Failed(reason) => {
            let words = input.text_with("indicators-failed", &[("reason", reason.as_str().into())]);
            note(ui, theme, icons::WARNING_CIRCLE, &words, theme.colours.error);
            if secondary_button(ui, theme, Some(icons::ARROW_CLOCKWISE), &input.text("word-try-again"))
                .clicked()
            {
                commands.push(AppCommand::Evaluate);
            }
        }
        IndicatorsState::Ready { .. } => {}
    }
}

/// Widths of the label, the bar and the value for the width of the panel.
fn columns(rect: Rect) -> (Rect, Rect, Rect) {
    let bar = rect.width() * 0.24;
    let value = rect.width() * 0.23;
    let split = |from: f32, width: f32| {
        Rect::from_min_size(pos2(rect.left() + from, rect.top()), vec2(width, rect.height()))
    };
    let label = rect.width() - bar - value - 16.0;
    (split(0.0, label), split(label + 8.0, bar), split(label + bar + 16.0, value))
}

fn column_titles(ui: &mut Ui, input: &PanelInput<'_>) {
    let theme = &input.theme;
    let height = theme.points(TextSize::Small) * 1.7;
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    let (label, bar, _) = columns(rect);
    let font = theme.font(TextSize::Small);
    let write = |at, align: Align2, text: String| {
        ui.painter().text(at, align, text, font.clone(), theme.colours.text_muted);
    };
    write(label.left_center(), Align2::LEFT_CENTER, input.text("indicators-difference"));
    write(bar.center(), Align2::CENTER_CENTER, input.text("indicators-band"));

    ui.painter().hline(rect.x_range(), rect.bottom(), Stroke::new(1.0, theme.colours.line));
}

/// What a row says, in words and numbers.
struct RowWords {
    label: String,
    /// Central delta with sign and unit.
    delta: String,
    /// The same without the unit, for when that is too long; the values beside it have it.
    delta_without_unit: String,
    /// Low and high ends in brackets.
    band: String,
    /// Baseline → scenario.
    values: String,
    /// Better, worse, uncertain, below the noise.
    verdict: String,
    /// `Some(true)` is better.
    is_better: Option<bool>,
}

fn row_words(input: &PanelInput<'_>, row: &IndicatorRow) -> RowWords {
    let numbers = input.numbers;
    let label = row.label.clone().unwrap_or_else(|| input.text(&format!("indicator-{}", row.id)));
    let (delta, delta_without_unit, band) = match row.delta {
        Some(delta) if !matches!(row.status, DeltaStatus::NotComputable(_)) => {
            delta_words(numbers, row, delta)
        }
        _ => ("–".to_owned(), "–".to_owned(), String::new()),
    };
    let values = match row.value {
        Some(value) => {
            let (rounded, decimals) = honest_band(BandView { low: row.baseline, ..value });
            let unit = &row.unit;
            // What is below the noise did not change: "19 → 20" would say that it did, where rounding falls between.
            if rounded.low == rounded.central || row.status == DeltaStatus::BelowNoise {
                numbers.with_unit(rounded.low, decimals, unit)
            } else {
                let after = numbers.with_unit(rounded.central, decimals, unit);
                format!("{} → {after}", numbers.decimal(rounded.low, decimals))
            }
        }
        None => String::new(),
    };
    // "0.0 %, better" would say that nothing is better.
    let shows_nothing = !delta.chars().any(|letter| ('1'..='9').contains(&letter));
    let is_better = match (&row.status, row.delta, row.is_more_better) {
        _ if shows_nothing => None,
        (DeltaStatus::Clear, Some(delta), Some(is_more_better)) if delta.central != 0.0 => {
            Some((delta.central > 0.0) == is_more_better)
        }
        _ => None,
    };
    let verdict = match &row.status {
        DeltaStatus::Clear => match is_better {
            Some(true) => input.text("verdict-better"),
            Some(false) => input.text("verdict-worse"),
            None if shows_nothing => input.text("verdict-same"),
            None => match row.delta {
                Some(delta) if delta.central < 0.0 => input.text("verdict-less"),
                Some(delta) if delta.central > 0.0 => input.text("verdict-more"),
                _ => input.text("verdict-same"),
            },
        },
        DeltaStatus::Uncertain => input.text("verdict-uncertain"),
        DeltaStatus::BelowNoise => input.text("verdict-below-noise"),
        DeltaStatus::NotComputable(_) => input.text("verdict-not-computable"),
        DeltaStatus::Unknown => String::new(),
    };
    RowWords { label, delta, delta_without_unit, band, values, verdict, is_better }
}

/// The central delta with and without its unit, and its band, relative to the baseline or in the unit of the value.
fn delta_words(numbers: Numbers, row: &IndicatorRow, delta: BandView) -> (String, String, String) {
    if row.shows_relative && row.baseline != 0.0 {
        let size = row.baseline.abs() / 100.0;
        let percent =
            BandView { low: delta.low / size, central: delta.central / size, high: delta.high / size };
        let widest = percent.low.abs().max(percent.high.abs());
        let decimals = usize::from(widest < 10.0);
        let central = numbers.signed_percent(percent.central / 100.0, decimals);
        return (central.clone(), central, numbers.band(percent.low, percent.high, decimals));
    }
    let (rounded, decimals) = honest_band(delta);
    let decimals = decimals.min(most_decimals(&row.unit));
    // A share in percent changes by percentage points.
    let unit = if row.unit == "%" { "points" } else { &row.unit };
    (
        numbers.signed_with_unit(rounded.central, decimals, unit),
        numbers.signed(rounded.central, decimals),
        numbers.band(rounded.low, rounded.high, decimals),
    )
}

fn show_row(ui: &mut Ui, input: &PanelInput<'_>, row: &IndicatorRow, state: &mut UiState) {
    let theme = &input.theme;
    let colours = theme.colours;
    let words = row_words(input, row);
    let is_open = state.open_indicator.as_deref() == Some(row.id.as_str());
    let (body_size, small_size) = (theme.points(TextSize::Body), theme.points(TextSize::Small));
    let height = (body_size * 1.35 + small_size * 1.3 + 8.0).max(if theme.is_touch { 44.0 } else { 0.0 });
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::click());
    response.widget_info(|| {
        let name = [&words.label, &words.delta, &words.band, &words.verdict]
            .map(String::as_str)
            .join(" ")
            .trim()
            .to_owned();
        WidgetInfo::selected(WidgetType::CollapsingHeader, true, is_open, name)
    });
    if response.hovered() || is_open {
        ui.painter().rect_filled(rect.expand2(vec2(4.0, 0.0)), CornerRadius::same(5), colours.faint);
    }
    let (label, bar, value) = columns(rect);
    let upper = rect.top() + 4.0 + body_size * 0.68;
    let lower = rect.bottom() - 4.0 - small_size * 0.65;
    let put = |at_x: f32, y: f32, is_right: bool, galley: Arc<Galley>, colour| {
        let x = if is_right { at_x - galley.size().x } else { at_x };
        ui.painter().galley(pos2(x, y - galley.size().y / 2.0), galley, colour);
    };
    let delta_colour = match words.is_better {
        Some(true) => colours.better,
        Some(false) => colours.worse,
        None if row.status == DeltaStatus::Clear => colours.text,
        None => colours.text_muted,
    };
    let label_galley =
        one_line(ui, &words.label, theme.font(TextSize::Body), colours.text, bar.left() - label.left() - 6.0);
    put(label.left(), upper, false, label_galley, colours.text);
    let fits = text_width(ui.ctx(), &words.delta, theme.bold_font(TextSize::Body)) <= value.width() + 6.0;
    let delta = if fits { &words.delta } else { &words.delta_without_unit };
    let delta_galley =
        one_line(ui, delta, theme.bold_font(TextSize::Body), delta_colour, value.width() + 6.0);
    put(value.right(), upper, true, delta_galley, delta_colour);
    let arrow = match (words.is_better, row.delta) {
        (Some(_), Some(delta)) if delta.central < 0.0 => "↓ ",
        (Some(_), Some(_)) => "↑ ",
        _ => "",
    };
    let verdict_galley = one_line(
        ui,
        &format!("{arrow}{}", words.verdict),
        theme.font(TextSize::Small),
        delta_colour,
        rect.width() * 0.5,
    );
    let verdict_left = value.right() - verdict_galley.size().x;
    put(value.right(), lower, true, verdict_galley, delta_colour);
    let values_galley = one_line(
        ui,
        &words.values,
        theme.font(TextSize::Small),
        colours.text_muted,
        verdict_left - label.left() - 8.0,
    );
    put(label.left(), lower, false, values_galley, colours.text_muted);
    let band = row.delta.and_then(|delta| band_on_bar(delta, row.baseline));
    let bar_rect = Rect::from_center_size(pos2(bar.center().x, upper), vec2(bar.width(), 8.0));
    paint_band(ui, theme, bar_rect, band, &row.status);
    ui.painter().hline(rect.x_range(), rect.bottom(), Stroke::new(1.0, colours.line));
    focus_ring(ui, theme, &response, rect);
    if response.clicked() {
        state.open_indicator = if is_open { None } else { Some(row.id.clone()) };
    }
    response.on_hover_text(format!("{} {}", words.delta, words.band));
}

fn explanation(ui: &mut Ui, input: &PanelInput<'_>, row: &IndicatorRow, commands: &mut Vec<AppCommand>) {
    let theme = &input.theme;
    let words = row_words(input, row);
    let frame = Frame::new()
        .fill(theme.colours.faint)
        .corner_radius(CornerRadius::same(PANEL_RADIUS - 2))
        .inner_margin(10.0);
    ui.add_space(4.0);
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 4.0;
        if let DeltaStatus::NotComputable(reason) = &row.status {
            note(ui, theme, icons::WARNING, reason, theme.colours.warning);
        }
        if row.has_map {
            let (key, id) = if row.is_on_map {
                ("indicators-hide-map", None)
            } else {
                ("indicators-show-map", Some(row.id.clone()))
            };
            if secondary_button(ui, theme, None, &input.text(key)).clicked() {
                commands.push(AppCommand::ShowIndicator { id });
            }
        }
        if !words.band.is_empty() {
            key_value(ui, theme, &input.text("explain-band"), &format!("{} {}", words.delta, words.band));
        }
        if let Some(upper_bound) = row.if_nobody_adapts {
            let bound = BandView { low: upper_bound, central: upper_bound, high: upper_bound };
            let (delta, _, _) = delta_words(input.numbers, row, bound);
            muted(ui, theme, input.text_with("explain-nobody-adapts", &[("delta", delta.into())]));
        }
        let explanation = &row.explanation;
        if !explanation.causes.is_empty() {
            section(ui, theme, input.text("explain-causes"));
            for cause in &explanation.causes {
                body(ui, theme, cause);
            }
        }
        if !explanation.formula.is_empty() {
            section(ui, theme, input.text("explain-formula"));
            body(ui, theme, &explanation.formula);
        }
        if !explanation.inputs.is_empty() {
            section(ui, theme, input.text("explain-inputs"));
            for (name, value) in &explanation.inputs {
                key_value(ui, theme, name, value);
            }
        }
        if !explanation.sources.is_empty() {
            section(ui, theme, input.text("explain-sources"));
            for source in &explanation.sources {
                muted(ui, theme, source);
            }
        }
    });
    ui.add_space(6.0);
}
