//! Measures in words, and the options that can be set of one.

use bevy_egui::egui::Ui;
use fluent::FluentValue;

use super::stop::{headway_field, minutes};
use crate::commands::AppCommand;
use crate::ui::PanelInput;
use crate::ui::view::{Argument, MeasureRow, MeasureView};
use crate::ui::widgets::checkbox;

/// A measure in words, such as "Voetgangersstraat Voorstraat (3 delen), bevoorrading 07–11 u".
pub fn measure_words(input: &PanelInput<'_>, measure: &MeasureView) -> String {
    match measure {
        MeasureView::Other { kind, name } => {
            let kind = input.text(&format!("measure-{kind}"));
            if name.is_empty() { kind } else { format!("{kind} · {name}") }
        }
        MeasureView::Sentence { key, arguments, .. } => sentence(input, key, arguments),
        MeasureView::PedestrianStreet {
            street_name,
            link_count,
            allows_cycling,
            allows_bus,
            delivery_window,
        } => {
            let street = street_name.clone().unwrap_or_else(|| input.text("scenario-unnamed-street"));
            let mut words = input.text_with(
                "measure-pedestrian-street",
                &[("street", street.into()), ("count", (*link_count).into())],
            );
            let mut extras = Vec::new();
            if let Some((from, until)) = delivery_window {
                let window = input.numbers.day_window(*from, *until);
                extras.push(input.text_with("measure-delivery-in", &[("window", window.into())]));
            }
            match (allows_cycling, allows_bus) {
                (true, true) => extras.push(input.text("measure-cycle-and-bus")),
                (true, false) => extras.push(input.text("measure-cycle-only")),
                (false, true) => extras.push(input.text("measure-bus-only")),
                (false, false) => extras.push(input.text("measure-walk-only")),
            }
            for extra in extras {
                words.push_str(", ");
                words.push_str(&extra);
            }
            words
        }
    }
}

/// Fills a sentence in. Its number is there twice: as people write it, and as `plural` to choose the words by.
fn sentence(input: &PanelInput<'_>, key: &str, arguments: &[(&'static str, Argument)]) -> String {
    let mut filled: Vec<(&str, FluentValue<'_>)> = Vec::new();
    for (name, argument) in arguments {
        let words: FluentValue<'_> = match argument {
            Argument::Text(text) => text.as_str().into(),
            Argument::Key(key) => input.text(key).into(),
            Argument::Length(metres) => input.numbers.length(*metres).into(),
            Argument::DayWindow(from, until) => input.numbers.day_window(*from, *until).into(),
            Argument::Number(number) => {
                filled.push(("plural", (*number).into()));
                minutes(input, *number).into()
            }
        };
        filled.push((name, words));
    }
    input.text_with(key, &filled)
}

/// What can be set of a measure whose row is open.
pub fn options(ui: &mut Ui, input: &PanelInput<'_>, measure: &MeasureRow, commands: &mut Vec<AppCommand>) {
    match &measure.kind {
        MeasureView::PedestrianStreet { .. } => pedestrian_street(ui, input, measure, commands),
        MeasureView::Sentence { headway_minutes: Some(now), .. } => {
            let mut wanted = *now;
            ui.indent("options", |ui| {
                ui.horizontal(|ui| {
                    ui.label(input.text("option-headway"));
                    headway_field(ui, input, &mut wanted, &input.text("option-headway-name"));
                });
            });
            if (wanted - *now).abs() > 0.01 {
                commands.push(AppCommand::SetHeadway { index: measure.index, minutes: wanted });
            }
        }
        _ => {}
    }
}

fn pedestrian_street(
    ui: &mut Ui,
    input: &PanelInput<'_>,
    measure: &MeasureRow,
    commands: &mut Vec<AppCommand>,
) {
    let MeasureView::PedestrianStreet { allows_cycling, allows_bus, delivery_window, .. } = &measure.kind
    else {
        return;
    };
    let (mut cycling, mut bus) = (*allows_cycling, *allows_bus);
    let mut has_delivery = delivery_window.is_some();
    // The usual window of MODELS.md section 13.
    let usual = delivery_window.unwrap_or((7 * 60, 11 * 60));
    let window = input.numbers.day_window(usual.0, usual.1);
    ui.indent("options", |ui| {
        let changed = [
            checkbox(ui, &mut cycling, &input.text("option-cycling")).changed(),
            checkbox(ui, &mut bus, &input.text("option-bus")).changed(),
            checkbox(
                ui,
                &mut has_delivery,
                &input.text_with("option-delivery", &[("window", window.into())]),
            )
            .changed(),
        ];
        if changed.contains(&true) {
            commands.push(AppCommand::SetPedestrianStreetOptions {
                index: measure.index,
                allows_cycling: cycling,
                allows_bus: bus,
                delivery_window: has_delivery.then_some(usual),
            });
        }
    });
}
