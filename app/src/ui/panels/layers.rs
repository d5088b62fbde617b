//! The layers: eye, colour, name; with a row open also opacity, source, licence and why nothing is to be seen.

use bevy_egui::egui::{
    Align2, CornerRadius, Frame, Rect, Sense, Slider, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, WidgetType,
    pos2, vec2,
};

use crate::commands::{AppCommand, PanelId};
use crate::ui::theme::{PANEL_RADIUS, TextSize};
use crate::ui::view::LayerRow;
use crate::ui::widgets::{
    focus_ring, icon_button, icon_button_coloured, key_value, muted, note, one_line, secondary_button,
};
use crate::ui::{Panel, PanelInput, Side, UiState, icons};

pub const PANEL: Panel = Panel {
    id: PanelId::Layers,
    title_key: "layers-title",
    side: Side::Left,
    width: 271.0,
    has_content: |view| view.project.is_some(),
    title: |_| None,
    chips: |input| {
        let is_fictional = input.view.project.as_ref().is_some_and(|project| project.is_fictional);
        if is_fictional { vec![input.text("layers-fictional")] } else { Vec::new() }
    },
    ui,
};

fn ui(ui: &mut Ui, input: &PanelInput<'_>, state: &mut UiState, commands: &mut Vec<AppCommand>) {
    ui.spacing_mut().item_spacing.y = 1.0;
    if input.view.layers.is_empty() {
        let is_loading = input.view.project.as_ref().is_some_and(|project| project.loading_count > 0);
        muted(ui, &input.theme, input.text(if is_loading { "layers-loading" } else { "layers-empty" }));
    }
    for (position, layer) in input.view.layers.iter().enumerate() {
        ui.push_id(&layer.id, |ui| {
            row(ui, input, layer, state, commands);
            if state.open_layer.as_deref() == Some(layer.id.as_str()) {
                details(ui, input, layer, position, commands);
            }
        });
    }
    ui.add_space(8.0);
    if secondary_button(ui, &input.theme, Some(icons::PLUS), &input.text("layers-add")).clicked() {
        commands.push(AppCommand::ShowAddDataDialog);
    }
}

fn row(
    ui: &mut Ui,
    input: &PanelInput<'_>,
    layer: &LayerRow,
    state: &mut UiState,
    commands: &mut Vec<AppCommand>,
) {
    let theme = &input.theme;
    let colours = theme.colours;
    let is_open = state.open_layer.as_deref() == Some(layer.id.as_str());
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        ui.spacing_mut().interact_size.y = theme.row_height();

        let (eye, colour) = if layer.is_visible {
            (icons::EYE, colours.brand)
        } else {
            (icons::EYE_SLASH, colours.text_muted)
        };
        let eye_key = if layer.is_visible { "layers-hide" } else { "layers-show" };
        let eye_name = input.text_with(eye_key, &[("layer", layer.title.as_str().into())]);
        if icon_button_coloured(ui, theme, eye, &eye_name, colour).clicked() {
            commands
                .push(AppCommand::SetLayerVisible { layer: layer.id.clone(), is_visible: !layer.is_visible });
        }

        // The rest of the row opens the details.
        let (rect, response) =
            ui.allocate_exact_size(vec2(ui.available_width(), theme.row_height()), Sense::click());
        response.widget_info(|| {
            let name = input.text_with("layers-details", &[("layer", layer.title.as_str().into())]);
            WidgetInfo::selected(WidgetType::CollapsingHeader, true, is_open, name)
        });
        if response.hovered() {
            ui.painter().rect_filled(rect, CornerRadius::same(5), colours.hovered);
        }
        let swatch = Rect::from_center_size(
            pos2(rect.left() + 9.0, rect.center().y),
            Vec2::splat(11.0 * theme.scale.sqrt()),
        );
        ui.painter().rect(
            swatch,
            CornerRadius::same(3),
            layer.swatch.gamma_multiply(layer.opacity.clamp(0.25, 1.0)),
            Stroke::new(1.0, colours.text_muted.gamma_multiply(0.45)),
            StrokeKind::Inside,
        );
        let mut right = rect.right() - 2.0;
        if layer.why_empty.is_some() {
            let font = theme.font(TextSize::Body);
            let at = pos2(right, rect.center().y);
            right = ui.painter().text(at, Align2::RIGHT_CENTER, icons::WARNING, font, colours.warning).left()
                - 5.0;
        }
        let short = if layer.is_loading { input.text("layers-reading") } else { layer.short_licence.clone() };
        let small = one_line(ui, &short, theme.font(TextSize::Small), colours.text_muted, rect.width() * 0.4);
        right -= small.size().x;
        ui.painter().galley(pos2(right, rect.center().y - small.size().y / 2.0), small, colours.text_muted);
        let left = swatch.right() + 7.0;
        let colour = if layer.is_visible { colours.text } else { colours.text_muted };
        let title = one_line(ui, &layer.title, theme.font(TextSize::Body), colour, right - 6.0 - left);
        let is_cut = title.elided;
        ui.painter().galley(pos2(left, rect.center().y - title.size().y / 2.0), title, colour);
        focus_ring(ui, theme, &response, rect);
        if response.clicked() {
            state.open_layer = if is_open { None } else { Some(layer.id.clone()) };
        }
        if let Some(why) = &layer.why_empty {
            response.on_hover_text(why);
        } else if is_cut {
            response.on_hover_text(&layer.title);
        }
    });
}

fn details(
    ui: &mut Ui,
    input: &PanelInput<'_>,
    layer: &LayerRow,
    position: usize,
    commands: &mut Vec<AppCommand>,
) {
    let theme = &input.theme;
    let frame = Frame::new()
        .fill(theme.colours.faint)
        .corner_radius(CornerRadius::same(PANEL_RADIUS - 2))
        .inner_margin(10.0);
    ui.add_space(3.0);
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 5.0;
        if let Some(why) = &layer.why_empty {
            note(ui, theme, icons::WARNING, why, theme.colours.warning);
        }
        ui.horizontal(|ui| {
            ui.spacing_mut().interact_size.y = 19.0 * theme.scale;
            muted_inline(ui, input, "layers-opacity");
            let mut percent = f64::from(layer.opacity) * 100.0;
            ui.spacing_mut().slider_width = (ui.available_width() - 84.0 * theme.scale).max(40.0);
            let numbers = input.numbers;
            let slider = Slider::new(&mut percent, 0.0..=100.0)
                .custom_formatter(move |value, _| numbers.percent(value / 100.0, 0))
                .step_by(1.0);
            let name = input.text_with("layers-opacity-of", &[("layer", layer.title.as_str().into())]);
            let response = ui.add(slider);
            response.widget_info(|| WidgetInfo::slider(true, percent, &name));
            if response.changed() {
                let opacity = (percent / 100.0).clamp(0.0, 1.0) as f32;
                commands.push(AppCommand::SetLayerOpacity { layer: layer.id.clone(), opacity });
            }
        });
        let provenance = &layer.provenance;
        let or_unknown =
            |value: &str| if value.is_empty() { input.text("word-not-stated") } else { value.to_owned() };
        if !layer.count_text.is_empty() {
            key_value(ui, theme, &input.text("layers-count"), &layer.count_text);
        }
        key_value(ui, theme, &input.text("layers-source"), &or_unknown(&provenance.source));
        key_value(ui, theme, &input.text("layers-licence"), &or_unknown(&provenance.licence));
        key_value(
            ui,
            theme,
            &input.text("layers-date"),
            &or_unknown(&input.numbers.iso_date(&provenance.date)),
        );
        if !provenance.crs.is_empty() {
            key_value(ui, theme, &input.text("layers-crs"), &provenance.crs);
        }
        if !provenance.file.is_empty() {
            key_value(ui, theme, &input.text("layers-file"), &provenance.file);
        }
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            let id = || layer.id.clone();
            if icon_button(ui, theme, icons::CROSSHAIR_SIMPLE, &input.text("layers-zoom")).clicked() {
                commands.push(AppCommand::ZoomToLayer { layer: id() });
            }
            ui.add_enabled_ui(position > 0, |ui| {
                if icon_button(ui, theme, icons::ARROW_UP, &input.text("layers-up")).clicked() {
                    commands
                        .push(AppCommand::MoveLayer { layer: id(), to_index: position.saturating_sub(1) });
                }
            });
            ui.add_enabled_ui(position + 1 < input.view.layers.len(), |ui| {
                if icon_button(ui, theme, icons::ARROW_DOWN, &input.text("layers-down")).clicked() {
                    commands.push(AppCommand::MoveLayer { layer: id(), to_index: position + 1 });
                }
            });
            if layer.is_removable
                && icon_button(ui, theme, icons::TRASH, &input.text("layers-remove")).clicked()
            {
                commands.push(AppCommand::RemoveLayer { layer: id() });
            }
        });
    });
    ui.add_space(4.0);
}

fn muted_inline(ui: &mut Ui, input: &PanelInput<'_>, key: &str) {
    let theme = &input.theme;
    ui.label(crate::ui::widgets::plain(theme, input.text(key), TextSize::Body, theme.colours.text_muted));
}
