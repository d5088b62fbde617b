//! What is picked: its attributes, what it measures, what calls there, and what can be done with it.

use bevy_egui::egui::{Color32, ComboBox, CornerRadius, Frame, Popup, Stroke, Ui, Vec2b, vec2};
use egui_plot::{HoverPosition, Line, Plot, PlotPoints, VLine};

use super::scenario::{building_measures, street_measures};
use super::stop;
use crate::commands::{AppCommand, BuildingMeasure, PanelId, StreetExtent};
use crate::ui::numbers::dutch_utc_offset_secs;
use crate::ui::theme::{PANEL_RADIUS, TextSize};
use crate::ui::view::{
    AttributeRow, AttributeValue, DepartureRow, InspectorView, LineChoice, PrivacyView, SeriesView,
    StreetActionsView,
};
use crate::ui::widgets::{
    bold, key_value, muted, note, plain, primary_button, rule, secondary_button, section,
};
use crate::ui::{Panel, PanelInput, Side, UiState, icons};

pub const PANEL: Panel = Panel {
    id: PanelId::Inspector,
    title_key: "inspector-title",
    side: Side::Right,
    width: 360.0,
    has_content: |view| view.inspector.is_some(),
    title: |input| input.view.inspector.as_ref().map(|inspector| inspector.title.clone()),
    chips: |input| {
        let Some(inspector) = &input.view.inspector else { return Vec::new() };
        if inspector.type_name.is_empty() { Vec::new() } else { vec![inspector.type_name.clone()] }
    },
    ui,
};

fn ui(ui: &mut Ui, input: &PanelInput<'_>, state: &mut UiState, commands: &mut Vec<AppCommand>) {
    let Some(inspector) = &input.view.inspector else { return };
    ui.spacing_mut().item_spacing.y = 5.0;
    if let Some(street) = &inspector.street {
        street_actions(ui, input, street, state, commands);
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = 5.0;
            other_street_actions(ui, input, street, &inspector.lines_nearby, state, commands);
        });
        rule(ui, &input.theme);
    }
    if let Some(stop) = &inspector.stop {
        stop::show(ui, input, stop, state, commands);
    }
    if !inspector.building_measures.is_empty() {
        building_actions(ui, input, &inspector.building_measures, commands);
    }
    for series in &inspector.series {
        show_series(ui, input, series);
    }
    if let Some(departures) = &inspector.departures {
        show_departures(ui, input, departures);
    }
    attributes(ui, input, &inspector.rows);
    if !inspector.layer_title.is_empty() {
        key_value(ui, &input.theme, &input.text("inspector-layer"), &inspector.layer_title);
    }
    if let Some(privacy) = &inspector.privacy {
        show_privacy(ui, input, privacy);
    }
    footer(ui, input, inspector, commands);
}

fn attributes(ui: &mut Ui, input: &PanelInput<'_>, rows: &[AttributeRow]) {
    for row in rows {
        let value = match &row.value {
            AttributeValue::Text(text) => text.clone(),
            AttributeValue::Number { value, unit, decimals } => {
                input.numbers.with_unit(*value, *decimals, unit)
            }
            AttributeValue::Flag(flag) => input.text(if *flag { "word-yes" } else { "word-no" }),
            AttributeValue::Missing => input.text("word-not-stated"),
        };
        key_value(ui, &input.theme, &row.name, &value);
    }
}

fn footer(ui: &mut Ui, input: &PanelInput<'_>, inspector: &InspectorView, commands: &mut Vec<AppCommand>) {
    if inspector.rows.is_empty() && inspector.series.is_empty() && inspector.departures.is_none() {
        muted(ui, &input.theme, input.text("inspector-nothing-known"));
    }
    ui.add_space(3.0);
    ui.horizontal_wrapped(|ui| {
        if secondary_button(ui, &input.theme, Some(icons::CROSSHAIR_SIMPLE), &input.text("inspector-zoom"))
            .clicked()
        {
            commands.push(AppCommand::ZoomToSelection);
        }
        if secondary_button(ui, &input.theme, None, &input.text("inspector-clear")).clicked() {
            commands.push(AppCommand::ClearSelection);
        }
    });
}

/// The text key of an extent.
pub fn extent_key(extent: StreetExtent) -> &'static str {
    match extent {
        StreetExtent::Link => "extent-link",
        StreetExtent::BetweenCrossings => "extent-between-crossings",
        StreetExtent::WholeStreet => "extent-whole-street",
    }
}

fn street_actions(
    ui: &mut Ui,
    input: &PanelInput<'_>,
    street: &StreetActionsView,
    state: &mut UiState,
    commands: &mut Vec<AppCommand>,
) {
    let theme = &input.theme;
    if let Some(refusal) = &street.refusal {
        note(ui, theme, icons::INFO, refusal, theme.colours.text_muted);
        return;
    }
    let describe = |extent: StreetExtent| {
        let words = input.text(extent_key(extent));
        match street.extents.iter().find(|option| option.extent == extent) {
            Some(option) => format!("{words} · {}", input.numbers.length(option.length_m)),
            None => words,
        }
    };
    if !street.extents.iter().any(|option| option.extent == state.extent)
        && let Some(first) = street.extents.first()
    {
        state.extent = first.extent;
    }
    let width = ui.available_width();
    ComboBox::from_id_salt("extent").width(width).selected_text(describe(state.extent)).show_ui(ui, |ui| {
        for option in &street.extents {
            ui.selectable_value(&mut state.extent, option.extent, describe(option.extent));
        }
    });
    let icon = Some(icons::PERSON_SIMPLE_WALK);
    if primary_button(ui, theme, icon, &input.text("inspector-make-pedestrian")).clicked() {
        commands.push(AppCommand::AddPedestrianStreet { extent: state.extent });
    }
}

/// What is chosen less often: the other measures, and a stop. A street that has its measure can still have a stop.
fn other_street_actions(
    ui: &mut Ui,
    input: &PanelInput<'_>,
    street: &StreetActionsView,
    lines: &[LineChoice],
    state: &UiState,
    commands: &mut Vec<AppCommand>,
) {
    let theme = &input.theme;
    if street.refusal.is_none() {
        let more = secondary_button(ui, theme, Some(icons::PLUS), &input.text("inspector-other-measure"));
        Popup::menu(&more).show(|ui| street_measures(ui, input, state, commands));
    }
    if !lines.is_empty() {
        let add = secondary_button(ui, theme, Some(icons::BUS), &input.text("stop-new-here"));
        Popup::menu(&add).show(|ui| stop::new_stop_menu(ui, input, lines, commands));
    }
}

fn building_actions(
    ui: &mut Ui,
    input: &PanelInput<'_>,
    measures: &[BuildingMeasure],
    commands: &mut Vec<AppCommand>,
) {
    let theme = &input.theme;
    let choose = primary_button(ui, theme, Some(icons::PLUS), &input.text("inspector-building-measure"));
    Popup::menu(&choose).show(|ui| building_measures(ui, input, measures, commands));
    rule(ui, theme);
}

fn show_series(ui: &mut Ui, input: &PanelInput<'_>, series: &SeriesView) {
    let theme = &input.theme;
    let colours = theme.colours;
    section(ui, theme, &series.name);
    match series.current {
        Some((time, value)) => {
            let number = input.numbers.with_unit(value, series.decimals, &series.unit);
            let offset = dutch_utc_offset_secs(time);
            let when = input.numbers.date_time(time, offset);
            ui.horizontal_wrapped(|ui| {
                ui.label(bold(theme, number, TextSize::Title, colours.text));
                ui.label(plain(theme, when, TextSize::Small, colours.text_muted));
            });
        }
        None => {
            muted(ui, theme, input.text("inspector-no-observation"));
        }
    }
    if series.points.len() < 2 {
        return;
    }
    let points = PlotPoints::from(series.points.clone());
    let line = Line::new(series.name.clone(), points).color(colours.sensor).width(1.5);
    // Amounts stand on zero where that does not press the line flat.
    let (low, high) = series
        .points
        .iter()
        .fold((f64::MAX, f64::MIN), |(low, high), point| (low.min(point[1]), high.max(point[1])));
    let has_zero = low >= 0.0 && low < high * 0.4;
    let numbers = input.numbers;
    let unit = series.unit.clone();
    let decimals = series.decimals;
    Plot::new(("series", &series.name))
        .height(72.0 * theme.scale.sqrt())
        .width(ui.available_width())
        .allow_drag(false)
        .allow_zoom(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_double_click_reset(false)
        .show_axes(Vec2b::FALSE)
        .show_grid(Vec2b::FALSE)
        .show_background(false)
        .set_margin_fraction(vec2(0.0, 0.08))
        .include_y(if has_zero { 0.0 } else { low })
        .label_formatter(move |hover| {
            let (HoverPosition::NearDataPoint { position: point, .. }
            | HoverPosition::Elsewhere { position: point }) = hover;
            let time = point.x.round() as i64;
            Some(format!(
                "{}\n{}",
                numbers.date_time(time, dutch_utc_offset_secs(time)),
                numbers.with_unit(point.y, decimals, &unit)
            ))
        })
        .show(ui, |plot| {
            plot.line(line);
            if let Some((time, _)) = series.current {
                plot.vline(VLine::new("", time as f64).color(colours.brand).width(1.5));
            }
        });
    if let (Some(first), Some(last)) = (series.points.first(), series.points.last()) {
        let write = |time: f64| input.numbers.date_time(time as i64, dutch_utc_offset_secs(time as i64));
        muted(ui, theme, format!("{} – {}", write(first[0]), write(last[0])));
    }
}

fn show_departures(ui: &mut Ui, input: &PanelInput<'_>, departures: &[DepartureRow]) {
    let theme = &input.theme;
    section(ui, theme, input.text("inspector-departures"));
    if departures.is_empty() {
        muted(ui, theme, input.text("inspector-no-departures"));
    }
    for departure in departures {
        let mut time = input.numbers.time(departure.time, dutch_utc_offset_secs(departure.time));
        if let Some(delay) = departure.delay_secs.filter(|delay| delay.abs() >= 60) {
            time = format!("{time} {}", input.numbers.signed_with_unit(f64::from(delay / 60), 0, "min"));
        }
        key_value(ui, theme, &time, &format!("{} · {}", departure.line, departure.destination));
    }
}

fn show_privacy(ui: &mut Ui, input: &PanelInput<'_>, privacy: &PrivacyView) {
    let theme = &input.theme;
    let frame = Frame::new()
        .fill(theme.colours.faint)
        .stroke(Stroke::new(0.0, Color32::TRANSPARENT))
        .corner_radius(CornerRadius::same(PANEL_RADIUS - 2))
        .inner_margin(10.0);
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        let title = format!("{} {}", icons::SHIELD_CHECK, input.text("privacy-title"));
        ui.label(bold(theme, title, TextSize::Small, theme.colours.text));
        let personal = match privacy.processes_personal_data {
            Some(true) => input.text("privacy-personal-yes"),
            Some(false) => input.text("privacy-personal-no"),
            None => input.text("word-not-stated"),
        };
        key_value(ui, theme, &input.text("privacy-personal"), &personal);
        for (key, value) in [
            ("privacy-measures", &privacy.measures),
            ("privacy-purpose", &privacy.purpose),
            ("privacy-owner", &privacy.owner),
            ("privacy-contact", &privacy.contact),
        ] {
            let words = value.clone().unwrap_or_else(|| input.text("word-not-stated"));
            key_value(ui, theme, &input.text(key), &words);
        }
    });
}
