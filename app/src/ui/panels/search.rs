//! The search field: streets, addresses, stops and commands, by keyboard or pointer.

use bevy_egui::egui::{
    self, Align2, Area, CornerRadius, Id, Key, Margin, Modifiers, Order, Rect, Sense, TextEdit, Ui,
    WidgetInfo, WidgetType, pos2, vec2,
};

use crate::commands::AppCommand;
use crate::ui::theme::{BUTTON_RADIUS, TextSize};
use crate::ui::view::{SearchKind, SearchResult};
use crate::ui::widgets::{muted, one_line};
use crate::ui::{PanelInput, UiState, icons};

const SHOWN: usize = 9;

fn field_id() -> Id {
    Id::new("search field")
}

/// What stands in the empty field.
pub fn placeholder(input: &PanelInput<'_>) -> String {
    format!("{}  {}", input.text("search-placeholder"), input.text("search-keys"))
}

/// Puts the keyboard in the field (Ctrl+K).
pub fn focus(ctx: &egui::Context, state: &mut UiState) {
    ctx.memory_mut(|memory| memory.request_focus(field_id()));
    state.is_search_open = true;
}

pub fn show(
    ui: &mut Ui,
    width: f32,
    input: &PanelInput<'_>,
    state: &mut UiState,
    commands: &mut Vec<AppCommand>,
) {
    let theme = &input.theme;
    let results = &input.view.search_results;
    let shown = results.len().min(SHOWN);
    let has_focus = ui.memory(|memory| memory.has_focus(field_id()));
    let mut taken = None;
    if has_focus && state.is_search_open {
        let pressed = |key: Key| ui.input_mut(|keys| keys.consume_key(Modifiers::NONE, key));
        if pressed(Key::ArrowDown) {
            state.search_choice = (state.search_choice + 1).min(shown.saturating_sub(1));
        }
        if pressed(Key::ArrowUp) {
            state.search_choice = state.search_choice.saturating_sub(1);
        }
        if pressed(Key::Enter) {
            taken = results.get(state.search_choice);
        }
        if pressed(Key::Escape) {
            close(ui, state);
        }
    }
    state.search_choice = state.search_choice.min(shown.saturating_sub(1));

    let placeholder = placeholder(input);
    let hint = one_line(ui, &placeholder, theme.font(TextSize::Body), theme.colours.text_muted, width - 40.0);
    let height = 28.0 * theme.scale;
    let edit = TextEdit::singleline(&mut state.search_text)
        .id(field_id())
        .margin(Margin::symmetric(10, 5))
        .vertical_align(egui::Align::Center)
        .hint_text(if hint.elided { input.text("search-short") } else { placeholder });
    let response = ui.add_sized(vec2(width, height), edit);
    let name = input.text("search-placeholder");
    let typed = state.search_text.clone();
    response.widget_info(|| {
        let mut info = WidgetInfo::text_edit(true, typed.as_str(), typed.as_str(), "");
        info.label = Some(name.clone());
        info
    });
    if response.gained_focus() || response.changed() {
        state.is_search_open = true;
        if response.changed() {
            state.search_choice = 0;
        }
    }
    if state.is_search_open && !state.search_text.trim().is_empty() {
        let list = result_list(ui, response.rect, width, input, state);
        taken = taken.or(list.taken);
        let is_elsewhere = response.clicked_elsewhere() && !list.is_pointer_inside;
        if is_elsewhere {
            state.is_search_open = false;
        }
    }
    if let Some(result) = taken {
        commands.push(result.command.clone());
        state.search_text.clear();
        close(ui, state);
    }
}

fn close(ui: &Ui, state: &mut UiState) {
    state.is_search_open = false;
    ui.memory_mut(|memory| memory.surrender_focus(field_id()));
}

struct ListOutcome<'a> {
    taken: Option<&'a SearchResult>,
    is_pointer_inside: bool,
}

fn result_list<'a>(
    ui: &Ui,
    field: Rect,
    width: f32,
    input: &PanelInput<'a>,
    state: &UiState,
) -> ListOutcome<'a> {
    let theme = &input.theme;
    let results: &'a [SearchResult] = &input.view.search_results;
    let mut taken = None;
    let area = Area::new(Id::new("search results"))
        .order(Order::Foreground)
        .fixed_pos(pos2(field.left(), field.bottom() + 5.0))
        .show(ui.ctx(), |ui| {
            theme.panel_frame().inner_margin(Margin::same(6)).show(ui, |ui| {
                ui.set_width(width.max(theme.width(300.0)) - 14.0);
                ui.spacing_mut().item_spacing.y = 1.0;
                if results.is_empty() {
                    muted(ui, theme, input.text("search-nothing"));
                }
                for (position, result) in results.iter().take(SHOWN).enumerate() {
                    if result_row(ui, input, result, position == state.search_choice) {
                        taken = Some(result);
                    }
                }
            });
        });
    ListOutcome { taken, is_pointer_inside: area.response.contains_pointer() }
}

fn result_row(ui: &mut Ui, input: &PanelInput<'_>, result: &SearchResult, is_chosen: bool) -> bool {
    let theme = &input.theme;
    let colours = theme.colours;
    let (icon, key) = match result.kind {
        SearchKind::Street => (icons::ROAD_HORIZON, "kind-street"),
        SearchKind::Address => (icons::MAP_PIN, "kind-address"),
        SearchKind::Building => (icons::BUILDINGS, "kind-building"),
        SearchKind::Stop => (icons::BUS, "kind-stop"),
        SearchKind::Sensor => (icons::CHART_LINE, "kind-sensor"),
        SearchKind::Place => (icons::MAP_TRIFOLD, "kind-place"),
        SearchKind::Layer => (icons::STACK, "kind-layer"),
        SearchKind::Command => (icons::CARET_RIGHT, "kind-command"),
    };
    let kind = input.text(key);
    let (rect, response) =
        ui.allocate_exact_size(vec2(ui.available_width(), theme.target_height()), Sense::click());
    response.widget_info(|| {
        WidgetInfo::selected(WidgetType::Button, true, is_chosen, format!("{} · {kind}", result.label))
    });
    if is_chosen || response.hovered() {
        ui.painter().rect_filled(rect, CornerRadius::same(BUTTON_RADIUS), colours.hovered);
    }
    let middle = rect.center().y;
    let font = theme.font(TextSize::Body);
    ui.painter().text(
        pos2(rect.left() + 8.0, middle),
        Align2::LEFT_CENTER,
        icon,
        font.clone(),
        colours.brand,
    );
    let small = one_line(ui, &kind, theme.font(TextSize::Small), colours.text_muted, rect.width() * 0.3);
    let right = rect.right() - 8.0 - small.size().x;
    ui.painter().galley(pos2(right, middle - small.size().y / 2.0), small, colours.text_muted);
    let left = rect.left() + 8.0 + font.size * 1.8;
    let label = one_line(ui, &result.label, font, colours.text, right - left - 8.0);
    ui.painter().galley(pos2(left, middle - label.size().y / 2.0), label, colours.text);
    response.clicked()
}
