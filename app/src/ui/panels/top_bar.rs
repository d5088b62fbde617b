//! The top bar: brand, menus, search, modes, language and theme. Where large letters leave too little room, menus fold
//! into one button and modes into a list.

use bevy_egui::egui::{
    self, Align, Button, CornerRadius, KeyboardShortcut, Layout, Popup, PopupCloseBehavior, Rect, Sense,
    Stroke, Ui, UiBuilder, WidgetInfo, WidgetType, vec2,
};

use super::search;
use crate::commands::{AppCommand, Language, Mode, PanelId, Quality, ThemeKind, ViewKind};
use crate::ui::layout::bar_area;
use crate::ui::theme::{BUTTON_RADIUS, TextSize};
use crate::ui::widgets::{bold, icon_button, plain, text_width};
use crate::ui::{Dialog, PanelInput, UiState, icons};

const BRAND: &str = "Stadsmaquette";
const MENUS: [(&str, Menu); 5] = [
    ("menu-file", file_menu),
    ("menu-edit", edit_menu),
    ("menu-view", view_menu),
    ("menu-layers", layers_menu),
    ("menu-help", help_menu),
];
const MODES: [(Mode, &str); 4] = [
    (Mode::Explore, "mode-explore"),
    (Mode::Scenario, "mode-scenario"),
    (Mode::Compare, "mode-compare"),
    (Mode::Present, "mode-present"),
];

type Menu = fn(&mut Ui, &PanelInput<'_>, &mut UiState, &mut Vec<AppCommand>);

/// What fits.
struct Plan {
    has_menu_words: bool,
    has_mode_words: bool,
    /// `None` hides the search field (it is then in the menu of its key).
    search_width: Option<f32>,
}

const GAP: f32 = 14.0;
const MENU_PADDING: f32 = 12.0;
const MODE_PADDING: f32 = 30.0;

fn plan(ctx: &egui::Context, input: &PanelInput<'_>, width: f32) -> Plan {
    let theme = &input.theme;
    let measure = |key: &str| text_width(ctx, &input.text(key), theme.font(TextSize::Body));
    let brand = text_width(ctx, BRAND, theme.bold_font(TextSize::Title)) + GAP;
    let menus: f32 = MENUS.iter().map(|(key, _)| measure(key) + MENU_PADDING).sum::<f32>() + GAP;
    let modes: f32 = MODES.iter().map(|(_, key)| measure(key) + MODE_PADDING).sum::<f32>() + GAP;
    let widest_mode = MODES.iter().map(|(_, key)| measure(key)).fold(0.0, f32::max) + 60.0;
    let ends = 90.0 * theme.scale + GAP;
    let hint = text_width(ctx, &search::placeholder(input), theme.font(TextSize::Body)) + 44.0;
    let (smallest, largest) = (theme.width(150.0), theme.width(300.0).max(hint));
    let folded_menu = 40.0 * theme.scale;
    for (has_menu_words, has_mode_words) in [(true, true), (false, true), (false, false)] {
        let menus = if has_menu_words { menus } else { folded_menu };
        let modes = if has_mode_words { modes } else { widest_mode };
        let left = width - brand - menus - modes - ends - 2.0 * GAP;
        if left >= smallest {
            return Plan { has_menu_words, has_mode_words, search_width: Some(left.min(largest)) };
        }
    }
    Plan { has_menu_words: false, has_mode_words: false, search_width: None }
}

pub fn show(
    ctx: &egui::Context,
    rect: Rect,
    input: &PanelInput<'_>,
    state: &mut UiState,
    commands: &mut Vec<AppCommand>,
) {
    let theme = &input.theme;
    let colours = theme.colours;
    let is_present = input.view.mode == Mode::Present;
    bar_area("top bar", rect).show(ctx, |ui| {
        ui.set_min_size(rect.size());
        ui.painter().rect_filled(rect, 0.0, colours.panel);
        ui.painter().hline(rect.x_range(), rect.bottom(), Stroke::new(1.0, colours.line));
        ui.allocate_rect(rect, Sense::hover());
        let inner = rect.shrink2(vec2(GAP, 0.0));
        let plan = plan(ctx, input, inner.width());
        let right = UiBuilder::new().max_rect(inner).layout(Layout::right_to_left(Align::Center));
        ui.scope_builder(right, |ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            theme_button(ui, input, commands);
            language_button(ui, input, commands);
            ui.add_space(8.0);
            if input.view.project.is_none() {
                ui.disable();
            }
            if plan.has_mode_words {
                for (mode, key) in MODES.iter().rev() {
                    mode_button(ui, input, *mode, &input.text(key), commands);
                }
            } else {
                mode_list(ui, input, commands);
            }
        });
        let left = UiBuilder::new().max_rect(inner).layout(Layout::left_to_right(Align::Center));
        ui.scope_builder(left, |ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            ui.label(bold(theme, BRAND, TextSize::Title, colours.brand));
            ui.add_space(GAP - MENU_PADDING / 2.0);
            if is_present {
                return;
            }
            menus(ui, input, &plan, state, commands);
            if let Some(width) = plan.search_width {
                ui.add_space(GAP - MENU_PADDING / 2.0);
                search::show(ui, width, input, state, commands);
            }
        });
    });
    let find = KeyboardShortcut::new(egui::Modifiers::COMMAND, egui::Key::K);
    if !is_present && ctx.input_mut(|keys| keys.consume_shortcut(&find)) {
        search::focus(ctx, state);
    }
}

fn menus(
    ui: &mut Ui,
    input: &PanelInput<'_>,
    plan: &Plan,
    state: &mut UiState,
    commands: &mut Vec<AppCommand>,
) {
    let theme = &input.theme;
    if plan.has_menu_words {
        for (key, menu) in MENUS {
            ui.scope(|ui| {
                ui.spacing_mut().button_padding.x = MENU_PADDING / 2.0;
                let words = plain(theme, input.text(key), TextSize::Body, theme.colours.text_muted);
                let button = ui.add(Button::new(words).frame_when_inactive(false));
                show_menu(&button, input, menu, state, commands);
            });
        }
    } else {
        let button = icon_button(ui, theme, icons::LIST, &input.text("menu-all"));
        Popup::menu(&button).close_behavior(PopupCloseBehavior::CloseOnClickOutside).show(|ui| {
            for (key, menu) in MENUS {
                ui.menu_button(input.text(key), |ui| {
                    compact(ui);
                    menu(ui, input, state, commands);
                });
            }
        });
    }
}

fn show_menu(
    button: &egui::Response,
    input: &PanelInput<'_>,
    menu: Menu,
    state: &mut UiState,
    commands: &mut Vec<AppCommand>,
) {
    Popup::menu(button).show(|ui| {
        compact(ui);
        let height = ui.ctx().content_rect().height() * 0.85;
        ui.set_max_height(height);
        egui::ScrollArea::vertical().max_height(height).show(ui, |ui| {
            menu(ui, input, state, commands);
        });
    });
}

fn compact(ui: &mut Ui) {
    ui.spacing_mut().item_spacing.y = 1.0;
    ui.style_mut().wrap_mode = Some(egui::TextWrapMode::Extend);
}

/// One line of a menu, with its keys at the right.
fn item(
    ui: &mut Ui,
    input: &PanelInput<'_>,
    key: &str,
    keys: &str,
    command: AppCommand,
    commands: &mut Vec<AppCommand>,
) {
    let words = input.text(key);
    let button =
        Button::new(words.as_str()).shortcut_text(keys).min_size(vec2(input.theme.width(200.0), 0.0));
    let response = ui.add(button);
    let is_enabled = response.enabled();
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, is_enabled, &words));
    if response.clicked() {
        commands.push(command);
        ui.close();
    }
}

fn file_menu(ui: &mut Ui, input: &PanelInput<'_>, _: &mut UiState, commands: &mut Vec<AppCommand>) {
    let has_project = input.view.project.is_some();
    item(ui, input, "menu-open", "Ctrl+O", AppCommand::ShowOpenDialog, commands);
    item(ui, input, "menu-open-demo", "", AppCommand::OpenDemo, commands);
    ui.add_enabled_ui(has_project, |ui| {
        item(ui, input, "menu-add-data", "", AppCommand::ShowAddDataDialog, commands);
        ui.separator();
        item(ui, input, "menu-save", "Ctrl+S", AppCommand::Save { path: None }, commands);
        item(ui, input, "menu-save-as", "Ctrl+Shift+S", AppCommand::ShowSaveDialog, commands);
    });
    ui.separator();
    item(ui, input, "menu-quit", "Ctrl+Q", AppCommand::Quit, commands);
}

fn edit_menu(ui: &mut Ui, input: &PanelInput<'_>, _: &mut UiState, commands: &mut Vec<AppCommand>) {
    let view = input.view;
    ui.add_enabled_ui(view.history.can_undo, |ui| {
        item(ui, input, "menu-undo", "Ctrl+Z", AppCommand::Undo, commands);
    });
    ui.add_enabled_ui(view.history.can_redo, |ui| {
        item(ui, input, "menu-redo", "Ctrl+Shift+Z", AppCommand::Redo, commands);
    });
    ui.separator();
    ui.add_enabled_ui(view.project.is_some(), |ui| {
        item(ui, input, "scenario-new", "", AppCommand::NewScenario, commands);
    });
    ui.add_enabled_ui(view.scenario.is_some(), |ui| {
        item(ui, input, "menu-branch", "", AppCommand::BranchScenario, commands);
        item(ui, input, "menu-evaluate", "", AppCommand::Evaluate, commands);
    });
    ui.separator();
    ui.add_enabled_ui(view.inspector.is_some(), |ui| {
        item(ui, input, "menu-clear-selection", "Esc", AppCommand::ClearSelection, commands);
    });
}

fn view_menu(ui: &mut Ui, input: &PanelInput<'_>, state: &mut UiState, commands: &mut Vec<AppCommand>) {
    let view = input.view;
    let (key, kind) = match view.view_kind {
        ViewKind::ThreeD => ("view-to-2d", ViewKind::TwoD),
        ViewKind::TwoD => ("view-to-3d", ViewKind::ThreeD),
    };
    item(ui, input, key, "Tab", AppCommand::SetViewKind { kind }, commands);
    item(ui, input, "view-home", "Home", AppCommand::GoHome, commands);
    item(ui, input, "view-north", "N", AppCommand::FaceNorth, commands);
    item(ui, input, "view-reset-tilt", "R", AppCommand::ResetTilt, commands);
    ui.add_enabled_ui(view.inspector.is_some(), |ui| {
        item(ui, input, "view-selection", "F", AppCommand::ZoomToSelection, commands);
    });
    ui.separator();
    for (panel, key) in [
        (PanelId::Layers, "layers-title"),
        (PanelId::Legend, "legend-title"),
        (PanelId::Inspector, "inspector-title"),
        (PanelId::Scenario, "scenario-title"),
        (PanelId::Indicators, "indicators-title"),
        (PanelId::TimeBar, "time-title"),
    ] {
        let mut is_open = state.is_open(panel);
        if ui.checkbox(&mut is_open, input.text(key)).changed() {
            commands.push(AppCommand::TogglePanel { panel });
        }
    }
    ui.separator();
    ui.menu_button(input.text("menu-text-size"), |ui| {
        compact(ui);
        for scale in [0.8_f32, 1.0, 1.25, 1.5, 1.75, 2.0] {
            let words = input.numbers.percent(f64::from(scale), 0);
            if ui.radio((view.text_scale - scale).abs() < 0.01, words).clicked() {
                commands.push(AppCommand::SetTextScale { scale });
            }
        }
    });
    ui.menu_button(input.text("menu-quality"), |ui| {
        compact(ui);
        for (quality, key) in [
            (Quality::Low, "quality-low"),
            (Quality::Medium, "quality-medium"),
            (Quality::High, "quality-high"),
        ] {
            if ui.radio(view.quality == quality, input.text(key)).clicked() {
                commands.push(AppCommand::SetQuality { quality });
            }
        }
    });
    let mut is_dark = view.theme == ThemeKind::Dark;
    if ui.checkbox(&mut is_dark, input.text("menu-dark")).changed() {
        let theme = if is_dark { ThemeKind::Dark } else { ThemeKind::Light };
        commands.push(AppCommand::SetTheme { theme });
    }
    let mut is_reduced = view.is_reduced_motion;
    if ui.checkbox(&mut is_reduced, input.text("menu-reduced-motion")).changed() {
        commands.push(AppCommand::SetReducedMotion { is_reduced });
    }
}

fn layers_menu(ui: &mut Ui, input: &PanelInput<'_>, _: &mut UiState, commands: &mut Vec<AppCommand>) {
    ui.add_enabled_ui(input.view.project.is_some(), |ui| {
        item(ui, input, "layers-add", "", AppCommand::ShowAddDataDialog, commands);
    });
    if !input.view.layers.is_empty() {
        ui.separator();
    }
    for layer in &input.view.layers {
        let mut is_visible = layer.is_visible;
        if ui.checkbox(&mut is_visible, &layer.title).changed() {
            commands.push(AppCommand::SetLayerVisible { layer: layer.id.clone(), is_visible });
        }
    }
}

fn help_menu(ui: &mut Ui, input: &PanelInput<'_>, state: &mut UiState, _: &mut Vec<AppCommand>) {
    for (key, dialog) in [("help-shortcuts", Dialog::Shortcuts), ("help-about", Dialog::About)] {
        if ui.button(input.text(key)).clicked() {
            state.dialog = Some(dialog);
            ui.close();
        }
    }
}

fn mode_button(ui: &mut Ui, input: &PanelInput<'_>, mode: Mode, words: &str, commands: &mut Vec<AppCommand>) {
    let theme = &input.theme;
    let colours = theme.colours;
    let is_active = input.view.mode == mode;
    let button = if is_active {
        Button::new(bold(theme, words, TextSize::Body, colours.on_brand))
            .fill(colours.brand)
            .stroke(Stroke::NONE)
    } else {
        Button::new(plain(theme, words, TextSize::Body, colours.text)).frame_when_inactive(false)
    };
    ui.scope(|ui| {
        ui.spacing_mut().button_padding.x = (MODE_PADDING - 4.0) / 2.0;
        let response = ui.add(
            button
                .corner_radius(CornerRadius::same(BUTTON_RADIUS))
                .min_size(vec2(0.0, theme.target_height())),
        );
        response.widget_info(|| WidgetInfo::selected(WidgetType::RadioButton, true, is_active, words));
        if response.clicked() && !is_active {
            commands.push(AppCommand::SetMode { mode });
        }
    });
}

fn mode_list(ui: &mut Ui, input: &PanelInput<'_>, commands: &mut Vec<AppCommand>) {
    let theme = &input.theme;
    let key = MODES.iter().find(|(mode, _)| *mode == input.view.mode).map_or("mode-explore", |(_, key)| key);
    let words = format!("{} {}", input.text(key), icons::CARET_DOWN);
    let button = Button::new(bold(theme, words, TextSize::Body, theme.colours.on_brand))
        .fill(theme.colours.brand)
        .stroke(Stroke::NONE);
    let response = ui.add(button);
    let name = input.text_with("mode-list", &[("mode", input.text(key).into())]);
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, &name));
    Popup::menu(&response).show(|ui| {
        for (mode, key) in MODES {
            if ui.radio(input.view.mode == mode, input.text(key)).clicked() {
                commands.push(AppCommand::SetMode { mode });
                ui.close();
            }
        }
    });
}

fn language_button(ui: &mut Ui, input: &PanelInput<'_>, commands: &mut Vec<AppCommand>) {
    let theme = &input.theme;
    let (short, other) = match input.texts.language {
        Language::Dutch => ("NL", Language::English),
        Language::English => ("EN", Language::Dutch),
    };
    let words = plain(theme, short, TextSize::Body, theme.colours.text_muted);
    let response = ui
        .scope(|ui| {
            ui.spacing_mut().button_padding.x = 6.0;
            ui.add(Button::new(words).frame_when_inactive(false))
        })
        .inner;
    let name = input.text("language-switch");
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, &name));
    if response.on_hover_text(&name).clicked() {
        commands.push(AppCommand::SetLanguage { language: other });
    }
}

fn theme_button(ui: &mut Ui, input: &PanelInput<'_>, commands: &mut Vec<AppCommand>) {
    let (icon, key, theme) = match input.view.theme {
        ThemeKind::Light => (icons::MOON, "theme-dark", ThemeKind::Dark),
        ThemeKind::Dark => (icons::SUN, "theme-light", ThemeKind::Light),
    };
    let colour = input.theme.colours.text_muted;
    let name = input.text(key);
    if crate::ui::widgets::icon_button_coloured(ui, &input.theme, icon, &name, colour).clicked() {
        commands.push(AppCommand::SetTheme { theme });
    }
}
