//! Where everything stands: bars at top and bottom, columns of floating panels left and right, the time bar between
//! them, and what is left over for the city.

use bevy_egui::egui::{
    self, Align, Area, Id, Layout, Margin, Order, Pos2, Rect, ScrollArea, Sense, Ui, WidgetInfo, WidgetType,
    pos2, vec2,
};

use super::theme::{PANEL_GAP, PANEL_PADDING, TextSize, Theme};
use super::widgets::{bold, chip, icon_button_coloured, text_width};
use super::{PANELS, Panel, PanelInput, Side, UiState, icons, panels};
use crate::commands::{AppCommand, Mode, PanelId};

/// How many messages are shown at once; the newest are last and win.
const SHOWN_MESSAGES: usize = 3;
/// What the buttons at the side of the view take, points at 100 % text.
const CONTROLS_WIDTH: f32 = 44.0;
/// Right of the scroll bar, points.
const BAR_MARGIN: i8 = 3;
/// How much higher than its text a header is at the top, points.
const HEADER_LIFT: i8 = 6;

pub(crate) fn show(
    ctx: &egui::Context,
    input: &PanelInput<'_>,
    state: &mut UiState,
    commands: &mut Vec<AppCommand>,
) {
    let theme = &input.theme;
    let screen = ctx.content_rect();
    let top_bar = Rect::from_min_size(screen.min, vec2(screen.width(), theme.top_bar_height()));
    let status_bar =
        Rect::from_min_max(pos2(screen.left(), screen.bottom() - theme.status_bar_height()), screen.max);
    panels::top_bar::show(ctx, top_bar, input, state, commands);
    panels::status::show(ctx, status_bar, input, commands);
    let body = Rect::from_min_max(
        pos2(screen.left(), top_bar.bottom() + PANEL_GAP),
        pos2(screen.right(), status_bar.top() - PANEL_GAP),
    );

    if input.view.project.is_none() {
        state.free = body;
        panels::messages::show(ctx, body, SHOWN_MESSAGES, input, state, commands);
        panels::welcome::show(ctx, body, input, commands);
    } else if input.view.mode == Mode::Present {
        state.free = body;
        panels::messages::show(ctx, body, SHOWN_MESSAGES, input, state, commands);
        panels::present::show(ctx, body, input);
        panels::map_labels::show(ctx, body, input);
    } else {
        show_panels(ctx, body, input, state, commands);
    }
    panels::help::show(ctx, screen, input, state);
}

fn show_panels(
    ctx: &egui::Context,
    body: Rect,
    input: &PanelInput<'_>,
    state: &mut UiState,
    commands: &mut Vec<AppCommand>,
) {
    let theme = &input.theme;
    let column_width = |side: Side, state: &UiState| {
        docked(side, input, state).map(|panel| theme.width(panel.width)).fold(0.0, f32::max)
    };
    let left = column_width(Side::Left, state);
    let right = column_width(Side::Right, state);
    let inset = |width: f32| if width > 0.0 { width + 2.0 * PANEL_GAP } else { PANEL_GAP };
    let mut free = Rect::from_min_max(
        pos2(body.left() + inset(left), body.top()),
        pos2(body.right() - inset(right), body.bottom()),
    );
    let mut columns = body;

    // The time bar stands between the columns, or below them when large letters leave no room there.
    if input.view.time.is_some() && state.is_open(PanelId::TimeBar) {
        let height = panels::time_bar::height(theme);
        let mut bar =
            Rect::from_min_max(pos2(free.left(), body.bottom() - height), pos2(free.right(), body.bottom()));
        if bar.width() < theme.width(460.0) {
            bar = Rect::from_min_max(
                pos2(body.left() + PANEL_GAP, bar.top()),
                pos2(body.right() - PANEL_GAP, bar.bottom()),
            );
            columns.max.y = bar.top() - PANEL_GAP;
        } else {
            let width = bar.width().min(theme.width(780.0));
            bar = Rect::from_center_size(bar.center(), vec2(width, height));
        }
        panels::time_bar::show(ctx, bar, input, commands);
        free.max.y = bar.top() - PANEL_GAP;
    }
    // Messages stand over the city, or on a strip of their own when there is too little of it to be seen.
    let room = Rect::from_min_max(free.min, pos2(free.right() - CONTROLS_WIDTH * theme.scale, free.bottom()));
    if room.width() >= theme.width(360.0) {
        panels::messages::show(ctx, room, SHOWN_MESSAGES, input, state, commands);
    } else {
        let strip = Rect::from_min_max(
            pos2(body.left() + PANEL_GAP, body.top()),
            pos2(body.right() - PANEL_GAP, columns.bottom().min(free.bottom())),
        );
        let height = panels::messages::show(ctx, strip, 1, input, state, commands);
        if height > 0.0 {
            columns.max.y = strip.bottom() - height - PANEL_GAP;
            free.max.y = free.max.y.min(columns.max.y);
        }
    }
    if free.width() < 0.0 {
        free = Rect::from_min_max(pos2(body.center().x, body.top()), pos2(body.center().x, free.bottom()));
    }
    state.free = free;

    panels::map_labels::show(ctx, free, input);
    panels::view_controls::show(ctx, free, input, commands);
    column(ctx, Side::Left, columns.left() + PANEL_GAP, columns, input, state, commands);
    column(ctx, Side::Right, columns.right() - PANEL_GAP - right, columns, input, state, commands);
    for (panel, position) in floating(input, state) {
        let height = wanted_height(state, panel.id).min(columns.height());
        let place = Place { position, height, is_folded: false };
        show_panel(ctx, panel, place, input, state, commands);
    }
}

fn is_shown(panel: &Panel, input: &PanelInput<'_>, state: &UiState) -> bool {
    state.is_open(panel.id) && (panel.has_content)(input.view)
}

fn docked<'a>(
    side: Side,
    input: &'a PanelInput<'_>,
    state: &'a UiState,
) -> impl Iterator<Item = &'static Panel> + 'a {
    PANELS.iter().filter(move |panel| {
        panel.side == side
            && is_shown(panel, input, state)
            && !state.floating.iter().any(|(floating, _)| *floating == panel.id)
    })
}

fn floating(input: &PanelInput<'_>, state: &UiState) -> Vec<(&'static Panel, Pos2)> {
    PANELS
        .iter()
        .filter(|panel| is_shown(panel, input, state))
        .filter_map(|panel| {
            let position = state.floating.iter().find(|(floating, _)| *floating == panel.id)?.1;
            Some((panel, position))
        })
        .collect()
}

fn side_of(id: PanelId) -> Side {
    PANELS.iter().find(|panel| panel.id == id).map_or(Side::Right, |panel| panel.side)
}

fn wanted_height(state: &UiState, panel: PanelId) -> f32 {
    state.wanted_heights.iter().find(|(wanted, _)| *wanted == panel).map_or(220.0, |(_, height)| *height)
}

fn column(
    ctx: &egui::Context,
    side: Side,
    x: f32,
    within: Rect,
    input: &PanelInput<'_>,
    state: &mut UiState,
    commands: &mut Vec<AppCommand>,
) {
    let theme = &input.theme;
    let shown: Vec<&'static Panel> = docked(side, input, state).collect();
    let wanted: Vec<f32> = shown.iter().map(|panel| wanted_height(state, panel.id)).collect();
    let room = within.height() - PANEL_GAP * shown.len().saturating_sub(1) as f32;
    let mut heights = share_height(&wanted, room);
    // Where large letters leave a panel less than a few rows, one opens and the others show their titles only.
    let useful = 48.0 * theme.scale + 4.5 * theme.row_height();
    let is_cramped = heights.iter().zip(&wanted).any(|(height, wanted)| height < wanted && *height < useful);
    let mut open = None;
    if is_cramped && shown.len() > 1 {
        let chosen = shown.iter().position(|panel| state.chosen.contains(&panel.id)).unwrap_or(0);
        let closed = title_height(theme);
        let left = (room - closed * (shown.len() - 1) as f32).max(closed);
        heights = wanted.iter().map(|_| closed).collect();
        heights[chosen] = wanted[chosen].min(left);
        open = Some(chosen);
    }
    let mut y = within.top();
    for (position, (panel, height)) in shown.into_iter().zip(heights).enumerate() {
        let is_folded = open.is_some_and(|open| open != position);
        let place = Place { position: pos2(x, y), height, is_folded };
        show_panel(ctx, panel, place, input, state, commands);
        y += height + PANEL_GAP;
    }
}

/// An area with a fixed place and size. Without the size egui starts with 400 points of height, moves the area to
/// where that fits, and covers the view unseen.
pub(crate) fn bar_area(name: &str, rect: Rect) -> Area {
    Area::new(Id::new(name))
        .order(Order::Middle)
        .fixed_pos(rect.min)
        .default_size(rect.size())
        .constrain(false)
}

/// Where a panel stands in this frame.
#[derive(Clone, Copy)]
struct Place {
    position: Pos2,
    /// Outer height that it may take, points.
    height: f32,
    /// Shows its title only.
    is_folded: bool,
}

/// Outer height of a panel that shows its title only, points.
fn title_height(theme: &Theme) -> f32 {
    24.0 * theme.scale + 2.0 * f32::from(PANEL_PADDING) - 2.0 * f32::from(HEADER_LIFT) + 2.0
}

/// Gives each panel what it wants, or a fair part when together they want too much: the small ones get all they ask,
/// the large ones share what is left and scroll. Heights in points, in the order given.
fn share_height(wanted: &[f32], available: f32) -> Vec<f32> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|&one, &other| wanted[one].total_cmp(&wanted[other]));
    let mut granted = vec![0.0; wanted.len()];
    let mut left = available.max(0.0);
    for (position, &index) in order.iter().enumerate() {
        let fair = left / (wanted.len() - position) as f32;
        granted[index] = wanted[index].min(fair);
        left -= granted[index];
    }
    granted
}

fn show_panel(
    ctx: &egui::Context,
    panel: &'static Panel,
    place: Place,
    input: &PanelInput<'_>,
    state: &mut UiState,
    commands: &mut Vec<AppCommand>,
) {
    let Place { position, height, is_folded } = place;
    let theme = &input.theme;
    let padding = f32::from(PANEL_PADDING);
    let width = theme.width(panel.width);
    let screen = ctx.content_rect();
    Area::new(Id::new(("panel", panel.id)))
        .order(Order::Middle)
        .fixed_pos(position)
        .default_size(vec2(width, height))
        .constrain_to(screen)
        .show(ctx, |ui| {
            // The close button is higher than the title: less padding above brings the title to its place.
            let margin = Margin {
                top: PANEL_PADDING - HEADER_LIFT,
                bottom: if is_folded { PANEL_PADDING - HEADER_LIFT } else { PANEL_PADDING },
                right: BAR_MARGIN,
                ..Margin::same(PANEL_PADDING)
            };
            // What the content may fill; right of it is the scroll bar, in the padding.
            let content_width = width - 2.0 * padding - 2.0;
            theme.panel_frame().inner_margin(margin).show(ui, |ui| {
                // The frame's own edge adds a point on each side.
                ui.set_width(width - padding - f32::from(BAR_MARGIN) - 2.0);
                // The area remembers its last height; the content may ask for more.
                ui.set_max_height(height);
                let top = ui.cursor().top();
                header(ui, panel, content_width, place, input, state, commands);
                if is_folded {
                    return;
                }
                let header_height = ui.cursor().top() - top;
                let frame = 2.0 * padding + 2.0 - f32::from(HEADER_LIFT);
                let room = (height - header_height - frame).max(24.0);

                let output = ScrollArea::vertical()
                    .id_salt("content")
                    .max_height(room)
                    .min_scrolled_height(room.min(24.0))
                    .auto_shrink([false, true])
                    .show(ui, |ui| {
                        ui.vertical(|ui| {
                            ui.set_width(content_width);
                            (panel.ui)(ui, input, state, commands);
                        });
                    });
                let wanted = output.content_size.y + header_height + frame;
                remember_height(ui, state, panel.id, wanted);
            });
        });
}

fn remember_height(ui: &Ui, state: &mut UiState, panel: PanelId, wanted: f32) {
    let wanted = wanted.ceil();
    match state.wanted_heights.iter_mut().find(|(known, _)| *known == panel) {
        Some((_, height)) if (*height - wanted).abs() < 0.5 => return,
        Some((_, height)) => *height = wanted,
        None => state.wanted_heights.push((panel, wanted)),
    }
    // The neighbours move: draw again before anyone sees the old places.
    ui.ctx().request_discard("a panel changed its height");
    ui.ctx().request_repaint();
}

/// Title, grey chips and the close button. Dragging it moves the panel, a double click puts it back.
fn header(
    ui: &mut Ui,
    panel: &'static Panel,
    width: f32,
    place: Place,
    input: &PanelInput<'_>,
    state: &mut UiState,
    commands: &mut Vec<AppCommand>,
) {
    let theme = &input.theme;
    let title = (panel.title)(input).unwrap_or_else(|| input.text(panel.title_key));
    let name = input.text(panel.title_key);
    let close_width = 24.0 * theme.scale;
    let side = 24.0 * theme.scale;
    let row = ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        let words = vec2(width - close_width - 4.0, side);
        ui.allocate_ui_with_layout(words, Layout::left_to_right(Align::Center).with_main_wrap(true), |ui| {
            ui.set_width(words.x);
            ui.set_row_height(side);
            ui.spacing_mut().item_spacing = vec2(6.0, 0.0);
            let font = theme.bold_font(TextSize::Heading);
            if place.is_folded {
                ui.add(
                    egui::Label::new(bold(theme, &title, TextSize::Heading, theme.colours.text)).truncate(),
                );
            } else if text_width(ui.ctx(), &title, font) > words.x {
                ui.add(egui::Label::new(bold(theme, &title, TextSize::Heading, theme.colours.text)).wrap());
            } else {
                ui.label(bold(theme, &title, TextSize::Heading, theme.colours.text));
            }
            let chips = if place.is_folded { Vec::new() } else { (panel.chips)(input) };
            for words in chips {
                chip(ui, theme, &words);
            }
        });
        if place.is_folded {
            let open = input.text_with("panel-open", &[("panel", name.as_str().into())]);
            if icon_button_coloured(ui, theme, icons::CARET_DOWN, &open, theme.colours.text_muted).clicked() {
                state.chosen.retain(|chosen| side_of(*chosen) != panel.side);
                state.chosen.push(panel.id);
            }
            return;
        }
        let close = input.text_with("panel-hide", &[("panel", name.as_str().into())]);
        if icon_button_coloured(ui, theme, icons::X, &close, theme.colours.text_muted).clicked() {
            commands.push(AppCommand::TogglePanel { panel: panel.id });
        }
    });
    if !place.is_folded {
        ui.add_space(2.0);
    }
    let grip =
        Rect::from_min_max(row.response.rect.min, row.response.rect.max - vec2(close_width + 6.0, 0.0));
    let response = ui.interact(grip, ui.id().with("grip"), Sense::DRAG | Sense::CLICK);
    if response.drag_stopped() {
        state.drag_origin = None;
    } else if response.dragged() {
        // From where the drag began, so that a pass that is drawn twice moves nothing twice.
        let (_, origin) = *state.drag_origin.get_or_insert((panel.id, place.position));
        state.floating.retain(|(floating, _)| *floating != panel.id);
        state.floating.push((panel.id, origin + response.total_drag_delta().unwrap_or_default()));
    }
    if response.double_clicked() {
        state.floating.retain(|(floating, _)| *floating != panel.id);
    }
    let move_name = input.text_with("panel-move", &[("panel", title.as_str().into())]);
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Other, true, &move_name));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_panels_get_all_and_large_ones_share_the_rest() {
        assert_eq!(share_height(&[100.0, 200.0], 500.0), vec![100.0, 200.0]);
        assert_eq!(share_height(&[400.0, 100.0, 400.0], 500.0), vec![200.0, 100.0, 200.0]);
        assert_eq!(share_height(&[300.0], -5.0), vec![0.0]);
    }
}
