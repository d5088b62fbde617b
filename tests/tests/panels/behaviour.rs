//! What clicks and keys in the panels give as commands, found by label and role as a screen reader finds them.

use std::cell::RefCell;
use std::rc::Rc;

use app::commands::{
    AppCommand, Language, Mode, PanelId, PlacePurpose, StopMeasure, StreetExtent, ThemeKind,
};
use app::ui::egui::accesskit::{Role, Toggled};
use app::ui::egui::{Key, Modifiers, TexturesDelta, vec2};
use app::ui::text::{Texts, missing_keys};
use app::ui::theme::palette;
use app::ui::view::{
    AttributeRow, AttributeValue, DeltaStatus, IndicatorsState, SearchKind, SearchResult, StopPlan, StopView,
};
use app::ui::{PANELS, UiState, WindowView, show};
use egui_kittest::kittest::{NodeT, Queryable};
use egui_kittest::{Harness, TestRenderer};

use crate::pictures::keep;
use crate::raster::Raster;
use crate::sample;

/// The window with its view, its memory and the commands that came out.
struct Window {
    view: WindowView,
    state: UiState,
    commands: Vec<AppCommand>,
    raster: Rc<RefCell<Raster>>,
}

/// Hands the textures of the harness to a raster, so that a step of a test can be looked at.
struct SharedRaster(Rc<RefCell<Raster>>);

impl TestRenderer for SharedRaster {
    fn handle_delta(&mut self, delta: &mut TexturesDelta) {
        self.0.borrow_mut().update(delta);
    }
}

/// Writes what the window shows now as a picture, where pictures are asked for.
fn look(name: &str, harness: &Harness<'static, Window>) {
    let output = harness.output();
    let primitives = harness.ctx.tessellate(output.shapes.clone(), output.pixels_per_point);
    let ground = palette(harness.state().view.theme).ground;
    let picture =
        harness.state().raster.borrow().paint(&primitives, [1366, 768], output.pixels_per_point, ground);
    keep(name, &picture);
}

fn open(view: WindowView) -> Harness<'static, Window> {
    let raster = Rc::new(RefCell::new(Raster::default()));
    let renderer = SharedRaster(Rc::clone(&raster));
    let window = Window { view, state: UiState::default(), commands: Vec::new(), raster };
    let mut harness = Harness::builder()
        .renderer(renderer)
        .with_size([1366.0, 768.0])
        .with_max_steps(40)
        .with_step_dt(0.05)
        .build_ui_state(
            |ui, window: &mut Window| {
                let texts = Texts::new(window.view.language);
                show(ui.ctx(), &window.view, &texts, &mut window.state, &mut window.commands);
            },
            window,
        );
    harness.run_steps(6);
    harness
}

fn click(harness: &mut Harness<'static, Window>, label: &str) {
    harness.get_by_label(label).click();
    harness.run_steps(4);
}

fn commands(harness: &mut Harness<'static, Window>) -> Vec<AppCommand> {
    std::mem::take(&mut harness.state_mut().commands)
}

#[test]
fn the_eye_of_a_layer_hides_and_shows_it() {
    let mut harness = open(sample::compare(Language::Dutch));
    click(&mut harness, "Verberg Verschil verkeer");
    let expected = AppCommand::SetLayerVisible { layer: "difference".to_owned(), is_visible: false };
    assert_eq!(commands(&mut harness), vec![expected]);
    click(&mut harness, "Toon Ondergrond · leidingen");
    let expected = AppCommand::SetLayerVisible { layer: "pipes".to_owned(), is_visible: true };
    assert_eq!(commands(&mut harness), vec![expected]);
}

#[test]
fn an_opened_layer_tells_its_source_and_why_it_is_empty() {
    let mut harness = open(sample::compare(Language::Dutch));
    assert!(harness.query_by_label("Bron: Stadsmaquette demo city, fictional").is_none());
    click(&mut harness, "Details van Lucht en geluid · live");
    harness.get_by_label("Bron: Stadsmaquette demo city, fictional");
    look("look-layer-details", &harness);
    harness.get_by_label("Licentie: CC0-1.0");
    harness.get_by_label("Datum: 15 juni 2026");
    harness.get_by_label("Kom dichterbij om deze laag te zien");
    click(&mut harness, "Naar deze laag");
    assert_eq!(commands(&mut harness), vec![AppCommand::ZoomToLayer { layer: "sensors".to_owned() }]);
}

#[test]
fn undo_is_off_when_there_is_nothing_to_undo() {
    let mut view = sample::compare(Language::Dutch);
    view.history.can_undo = false;
    let mut harness = open(view);
    assert!(harness.get_by_label("Ongedaan").accesskit_node().is_disabled());
    click(&mut harness, "Ongedaan");
    assert_eq!(commands(&mut harness), Vec::new());

    harness.state_mut().view.history.can_undo = true;
    harness.run_steps(3);
    assert!(!harness.get_by_label("Ongedaan").accesskit_node().is_disabled());
    click(&mut harness, "Ongedaan");
    assert_eq!(commands(&mut harness), vec![AppCommand::Undo]);
}

#[test]
fn the_picked_street_becomes_a_pedestrian_street_over_the_chosen_extent() {
    let mut harness = open(sample::scenario_editing(Language::English));
    click(&mut harness, "Make pedestrian street");
    let expected = AppCommand::AddPedestrianStreet { extent: StreetExtent::BetweenCrossings };
    assert_eq!(commands(&mut harness), vec![expected]);
    harness.state_mut().state.extent = StreetExtent::WholeStreet;
    click(&mut harness, "Make pedestrian street");
    let expected = AppCommand::AddPedestrianStreet { extent: StreetExtent::WholeStreet };
    assert_eq!(commands(&mut harness), vec![expected]);
}

#[test]
fn a_street_that_cannot_be_changed_says_why_and_has_no_button() {
    let mut view = sample::scenario_editing(Language::English);
    let street = view.inspector.as_mut().and_then(|inspector| inspector.street.as_mut());
    street.expect("the sample has a street").refusal = Some("Cars may not come here already".to_owned());
    let harness = open(view);
    harness.get_by_label("Cars may not come here already");
    assert!(harness.query_by_label("Make pedestrian street").is_none());
}

#[test]
fn the_options_of_a_measure_are_changed_one_at_a_time() {
    let mut harness = open(sample::compare(Language::English));
    click(&mut harness, "1 Pedestrian street Voorstraat (3 parts), deliveries 07–11\u{a0}h, bicycle allowed");
    commands(&mut harness);
    click(&mut harness, "Bus allowed");
    let options: Vec<AppCommand> = commands(&mut harness)
        .into_iter()
        .filter(|command| !matches!(command, AppCommand::HoverMeasure { .. }))
        .collect();
    let expected = AppCommand::SetPedestrianStreetOptions {
        index: 0,
        allows_cycling: true,
        allows_bus: true,
        delivery_window: Some((420, 660)),
    };
    assert_eq!(options, vec![expected]);
    look("look-measure-options", &harness);
    click(&mut harness, "Remove measure 2");
    assert!(commands(&mut harness).contains(&AppCommand::RemoveMeasure { index: 1 }));
}

fn stop_measure(measure: StopMeasure, both_sides: bool) -> AppCommand {
    AppCommand::AddStopMeasure { measure, both_sides }
}

fn stop_of(view: &mut WindowView) -> &mut StopView {
    view.inspector.as_mut().and_then(|i| i.stop.as_mut()).expect("the sample has a stop")
}

/// What was done, without what the pointer passed over.
fn done(harness: &mut Harness<'static, Window>) -> Vec<AppCommand> {
    let is_hover =
        |c: &AppCommand| matches!(c, AppCommand::HoverLine { .. } | AppCommand::HoverMeasure { .. });
    commands(harness).into_iter().filter(|command| !is_hover(command)).collect()
}

/// A stop picked while looking around: no other panel takes the room.
fn looking_at_a_stop(language: Language) -> WindowView {
    WindowView { mode: Mode::Explore, scenario: None, ..sample::stop_editing(language) }
}

#[test]
fn a_stop_says_what_calls_there_and_which_trains_one_catches() {
    let mut harness = open(looking_at_a_stop(Language::English));
    look("look-stop", &harness);
    let line = "5 · Ziekenhuis via Burgemeester van Karnebeekstraat: 4 times an hour";
    harness.get_by_label("12 · Station / Schutterspark: 1.5 times an hour");
    click(&mut harness, line);
    look("look-stop-line", &harness);
    harness.get_by_label_contains("Change to train SPR, Station Merewaarde: 6 min");
    harness.get_by_label("Runs every 15 minutes by day");
    click(&mut harness, "12 · Station / Schutterspark: 1.5 times an hour");
    harness.get_by_label("Runs every 30 minutes by day, in this scenario every 20 minutes");
    assert!(harness.query_by_label("Runs every 15 minutes by day").is_none(), "one line is open at a time");
}

#[test]
fn a_line_is_offered_twice_as_often_and_takes_what_is_typed() {
    let mut harness = open(looking_at_a_stop(Language::English));
    click(&mut harness, "5 · Ziekenhuis via Burgemeester van Karnebeekstraat: 4 times an hour");
    done(&mut harness);
    click(&mut harness, "Add");
    let often = |minutes| StopMeasure::SetHeadway { line: "mw-5".to_owned(), minutes };
    assert_eq!(done(&mut harness), vec![stop_measure(often(7.5), false)]);
    // The comma of a Dutch hand.
    let field = "Line 5: minutes between two trips";
    harness.get_by_label(field).click();
    harness.run_steps(2);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.run_steps(1);
    harness.get_by_label(field).type_text("9,5");
    harness.run_steps(2);
    harness.key_press(Key::Enter);
    harness.run_steps(3);
    click(&mut harness, "Add");
    assert_eq!(done(&mut harness), vec![stop_measure(often(9.5), false)]);
}

#[test]
fn where_there_is_little_room_an_opened_line_comes_into_view() {
    let mut harness = open(sample::stop_editing(Language::English));
    click(&mut harness, "5 · Ziekenhuis via Burgemeester van Karnebeekstraat: 4 times an hour");
    harness.run_steps(10);
    look("look-stop-scrolled", &harness);
    done(&mut harness);
    click(&mut harness, "Add");
    assert_eq!(done(&mut harness).len(), 1);
}

#[test]
fn a_stop_is_moved_by_pointing_or_by_steps_and_taken_away() {
    let mut harness = open(sample::stop_editing(Language::English));
    click(&mut harness, "Move");
    let purpose = Some(PlacePurpose::MoveStop { both_sides: true });
    assert_eq!(done(&mut harness), vec![AppCommand::AwaitPlace { purpose }]);
    stop_of(&mut harness.state_mut().view).is_awaiting_place = true;
    harness.run_steps(3);
    click(&mut harness, "50\u{a0}m to the north");
    click(&mut harness, "50\u{a0}m to the west");
    let step = |east_m, north_m| StopMeasure::MoveBy { east_m, north_m };
    assert_eq!(
        done(&mut harness),
        vec![stop_measure(step(0.0, 50.0), true), stop_measure(step(-50.0, 0.0), true)]
    );
    stop_of(&mut harness.state_mut().view).is_awaiting_place = false;
    harness.run_steps(3);
    click(&mut harness, "Also the stop across the street");
    click(&mut harness, "Remove");
    assert_eq!(done(&mut harness), vec![stop_measure(StopMeasure::Remove, false)]);
}

#[test]
fn while_a_place_is_awaited_the_stop_says_so_and_one_can_stop() {
    let mut view = sample::stop_editing(Language::Dutch);
    stop_of(&mut view).is_awaiting_place = true;
    let mut harness = open(view);
    look("look-stop-await", &harness);
    harness.get_by_label("Klik op de kaart waar de halte moet komen");
    assert!(harness.query_by_label("Haal weg").is_none());
    click(&mut harness, "Klaar (Esc)");
    assert_eq!(done(&mut harness), vec![AppCommand::AwaitPlace { purpose: None }]);
}

#[test]
fn a_stop_that_goes_or_moves_is_put_back() {
    let mut view = sample::stop_editing(Language::Dutch);
    stop_of(&mut view).plan = StopPlan::Goes;
    let mut harness = open(view);
    harness.get_by_label("In dit scenario stopt hier niets meer");
    click(&mut harness, "Laat de halte toch staan");
    assert_eq!(done(&mut harness), vec![stop_measure(StopMeasure::Restore, true)]);
    stop_of(&mut harness.state_mut().view).plan =
        StopPlan::Moves { metres: 150.0, direction: "compass-north-east" };
    harness.run_steps(3);
    look("look-stop-moved", &harness);
    harness.get_by_label("In dit scenario: 150\u{a0}m naar het noordoosten");
    click(&mut harness, "Zet terug");
    assert_eq!(done(&mut harness), vec![stop_measure(StopMeasure::Restore, true)]);
}

#[test]
fn a_street_with_a_bus_can_have_a_new_stop() {
    let mut harness = open(sample::scenario_editing(Language::Dutch));
    click(&mut harness, "Nieuwe halte hier");
    look("look-new-stop", &harness);
    click(&mut harness, "Voor lijn 5 · Schutterspark");
    let measure = StopMeasure::Add { line: Some("mw-5".to_owned()) };
    assert_eq!(done(&mut harness), vec![stop_measure(measure, false)]);
}

#[test]
fn measures_on_stops_and_lines_are_said_in_words() {
    let mut harness = open(sample::stop_editing(Language::Dutch));
    harness.get_by_label("1 Halte Nachtwachtlaan (richting Schutterspark) 150\u{a0}m naar het noorden");
    harness.get_by_label("3 Nieuwe halte Burgemeester van Karnebeekstraat voor lijnen 5, 12");
    click(&mut harness, "2 Lijn 5 elke 7,5 minuten");
    done(&mut harness);
    look("look-stop-measures", &harness);
    // The row opens, and what is typed there changes the measure itself.
    harness.get_by_label("Minuten tussen twee ritten").click();
    harness.run_steps(2);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.run_steps(1);
    harness.get_by_label("Minuten tussen twee ritten").type_text("10");
    harness.run_steps(2);
    harness.key_press(Key::Enter);
    harness.run_steps(3);
    assert!(done(&mut harness).contains(&AppCommand::SetHeadway { index: 1, minutes: 10.0 }));
}

#[test]
fn every_state_of_the_indicators_has_its_own_words() {
    let mut harness = open(sample::compare(Language::English));
    harness.get_by_label("updated 0.8\u{a0}s");
    let states = [
        (IndicatorsState::NothingToCompare, "Nothing to compare yet. Make a measure first."),
        (IndicatorsState::NotComputed, "Not computed yet for this scenario"),
        (IndicatorsState::Stale, "The scenario has changed. These numbers are from the last run"),
        (IndicatorsState::Failed("no streets".to_owned()), "Computing failed: no streets"),
    ];
    for (state, words) in states {
        harness.state_mut().view.indicators.state = state;
        harness.run_steps(3);
        harness.get_by_label(words);
    }
    harness.state_mut().view.indicators.state = IndicatorsState::Computing { task: 9, progress: Some(0.35) };
    harness.run_steps(3);
    harness.get_by_role_and_label(Role::ProgressIndicator, "The model is computing… 35%");
    click(&mut harness, "Stop");
    assert_eq!(commands(&mut harness), vec![AppCommand::CancelTask { id: 9 }]);
}

#[test]
fn a_row_says_sign_band_and_verdict_in_words() {
    let harness = open(sample::compare(Language::English));
    harness.get_by_label("Traffic in the street −92% (−97\u{a0}…\u{a0}−88) less");
    harness.get_by_label("Largest increase +38% (+22\u{a0}…\u{a0}+51) worse");
    harness.get_by_label("Daily needs in 15 min +1.6\u{a0}pts (+0.8\u{a0}…\u{a0}+2.1) better");
    harness.get_by_label("Detour 0.0\u{a0}min (0.0\u{a0}…\u{a0}0.0) below the noise");
}

#[test]
fn a_row_opens_into_its_reasons() {
    let mut harness = open(sample::compare(Language::English));
    click(&mut harness, "Traffic in the street −92% (−97\u{a0}…\u{a0}−88) less");
    harness.get_by_label("Upper bound: if nobody changes their journey −84%");
    look("look-explanation", &harness);
    harness.get_by_label("Goodwin, Dargay & Hanly 2004");
    harness.get_by_label("1 Voetgangersstraat Voorstraat");
    harness.get_by_label("E: −0,6 (−0,3 … −1,0)");
}

#[test]
fn what_cannot_be_computed_gives_no_number_and_its_reason() {
    let mut view = sample::compare(Language::English);
    view.indicators.rows.truncate(1);
    view.indicators.rows[0].status = DeltaStatus::NotComputable("there are no residents".to_owned());
    let mut harness = open(view);
    click(&mut harness, "Traffic in the street –  not computable");
    harness.get_by_label("there are no residents");
}

#[test]
fn evaporation_outside_its_usual_range_is_warned_about() {
    let warning = "Mind: 73% of the traffic of the street turns up nowhere else. Usually that is 0 to 50%. Be careful \
                   with this outcome.";
    let mut harness = open(sample::compare(Language::English));
    assert!(harness.query_by_label(warning).is_none());
    harness.state_mut().view.indicators.evaporation = Some(0.73);
    harness.run_steps(3);
    harness.get_by_label(warning);
}

#[test]
fn the_search_is_reached_by_keyboard_and_gives_the_command_of_the_chosen_line() {
    let mut view = sample::compare(Language::English);
    let result = |label: &str, kind, command| SearchResult { label: label.to_owned(), kind, command };
    view.search_results = vec![
        result("Voorstraat", SearchKind::Street, AppCommand::GoHome),
        result("Nachtwachtlaan", SearchKind::Stop, AppCommand::FaceNorth),
    ];
    let mut harness = open(view);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::K);
    harness.run_steps(3);
    let field = harness.get_by_role_and_label(Role::TextInput, "Search street, address, stop or command");
    assert!(field.is_focused());
    field.type_text("n");
    harness.run_steps(3);
    assert_eq!(harness.state().state.search_text, "n");
    look("look-search", &harness);
    harness.get_by_label("Nachtwachtlaan · stop");
    harness.key_press(Key::ArrowDown);
    harness.run_steps(2);
    harness.key_press(Key::Enter);
    harness.run_steps(3);
    assert_eq!(commands(&mut harness), vec![AppCommand::FaceNorth]);
    assert_eq!(harness.state().state.search_text, "");
}

#[test]
fn a_search_result_can_be_clicked() {
    let mut view = sample::compare(Language::English);
    view.search_results = vec![SearchResult {
        label: "Voorstraat".to_owned(),
        kind: SearchKind::Street,
        command: AppCommand::GoHome,
    }];
    let mut harness = open(view);
    harness.get_by_label("Search street, address, stop or command").click();
    harness.run_steps(2);
    harness.get_by_label("Search street, address, stop or command").type_text("voor");
    harness.run_steps(3);
    click(&mut harness, "Voorstraat · street");
    assert_eq!(commands(&mut harness), vec![AppCommand::GoHome]);
}

#[test]
fn modes_language_and_theme_are_switched_from_the_top_bar() {
    let mut harness = open(sample::compare(Language::Dutch));
    click(&mut harness, "Presenteren");
    click(&mut harness, "Switch to English");
    click(&mut harness, "Donker thema");
    let expected = vec![
        AppCommand::SetMode { mode: Mode::Present },
        AppCommand::SetLanguage { language: Language::English },
        AppCommand::SetTheme { theme: ThemeKind::Dark },
    ];
    assert_eq!(commands(&mut harness), expected);
    let active = harness.get_by_role_and_label(Role::RadioButton, "Vergelijken");
    assert_eq!(active.accesskit_node().toggled(), Some(Toggled::True));
}

#[test]
fn menus_give_commands_and_grey_what_cannot_be_done() {
    let mut harness = open(sample::compare(Language::English));
    click(&mut harness, "Edit");
    look("look-menu-edit", &harness);
    assert!(harness.get_by_role_and_label(Role::Button, "Clear selection").accesskit_node().is_disabled());
    click(&mut harness, "Branch this scenario");
    assert_eq!(commands(&mut harness), vec![AppCommand::BranchScenario]);
    click(&mut harness, "File");
    click(&mut harness, "Save as…");
    assert_eq!(commands(&mut harness), vec![AppCommand::ShowSaveDialog]);
}

#[test]
fn the_time_bar_plays_and_goes_to_now() {
    let mut harness = open(sample::compare(Language::English));
    click(&mut harness, "Let time run");
    click(&mut harness, "Go to now");
    let expected =
        vec![AppCommand::SetPlaying { is_playing: true }, AppCommand::SetTime { time: sample::AFTERNOON }];
    assert_eq!(commands(&mut harness), expected);
    harness.get_by_role_and_label(Role::Slider, "Time: Tue 16 June 15:00");
}

#[test]
fn the_help_menu_opens_the_keys_and_escape_closes_them() {
    let mut harness = open(sample::compare(Language::Dutch));
    click(&mut harness, "Help");
    click(&mut harness, "Sneltoetsen");
    harness.get_by_label("Hele stad: Home");
    look("look-shortcuts", &harness);
    harness.key_press(Key::Escape);
    harness.run_steps(3);
    assert!(harness.query_by_label("Hele stad: Home").is_none());
}

#[test]
fn a_panel_is_moved_by_its_title_and_put_back_by_a_double_click() {
    let mut harness = open(sample::compare(Language::English));
    let before = harness.get_by_label("Move Layers").rect();
    harness.drag_at(before.center());
    harness.run_steps(2);
    harness.hover_at(before.center() + vec2(320.0, 90.0));
    harness.run_steps(2);
    harness.drop_at(before.center() + vec2(320.0, 90.0));
    harness.run_steps(3);
    let moved = harness.get_by_label("Move Layers").rect();
    assert!((moved.min - before.min - vec2(320.0, 90.0)).length() < 3.0, "{before:?} became {moved:?}");
    look("look-moved-panel", &harness);
    for _ in 0..2 {
        harness.get_by_label("Move Layers").click();
        harness.run_steps(1);
    }
    harness.run_steps(4);
    assert_eq!(harness.get_by_label("Move Layers").rect(), before);
}

#[test]
fn with_large_letters_one_panel_of_a_side_is_open_and_the_others_can_be_opened() {
    let mut view = sample::scenario_editing(Language::English);
    view.text_scale = 2.0;
    let mut harness = open(view);
    harness.get_by_label("Make pedestrian street");
    assert!(harness.query_by_label("Undo").is_none());
    click(&mut harness, "Open Scenario");
    harness.get_by_label("Undo");
    assert!(harness.query_by_label("Make pedestrian street").is_none());
    assert_eq!(commands(&mut harness), Vec::new());
}

#[test]
fn the_view_menu_shows_what_is_on() {
    let mut harness = open(sample::compare(Language::Dutch));
    click(&mut harness, "Beeld");
    look("look-menu-view", &harness);
    click(&mut harness, "Tijdbalk");
    assert_eq!(commands(&mut harness), vec![AppCommand::TogglePanel { panel: PanelId::TimeBar }]);
}

#[test]
fn messages_open_and_close() {
    let mut harness = open(sample::explore(Language::English));
    assert!(harness.query_by_label_contains("line 12").is_none());
    click(&mut harness, "Show details");
    harness.get_by_label_contains("line 12");
    look("look-message-details", &harness);
    let first = harness.get_all_by_label("Close message").next();
    first.expect("each message can be closed").click();
    harness.run_steps(3);
    assert_eq!(commands(&mut harness), vec![AppCommand::DismissMessage { id: 1 }]);
}

#[test]
fn the_empty_window_offers_two_open_doors_and_one_honest_closed_one() {
    let mut harness = open(WindowView { language: Language::English, ..WindowView::default() });
    click(&mut harness, "Demo city");
    click(&mut harness, "Open a file or project");
    click(&mut harness, "Connect to a service");
    assert_eq!(commands(&mut harness), vec![AppCommand::OpenDemo, AppCommand::ShowOpenDialog]);
}

#[test]
fn a_closed_panel_stays_away_until_it_is_opened_again() {
    let mut harness = open(sample::compare(Language::English));
    click(&mut harness, "Hide Layers");
    assert_eq!(commands(&mut harness), vec![AppCommand::TogglePanel { panel: PanelId::Layers }]);
    harness.state_mut().state.toggle(PanelId::Layers);
    harness.run_steps(3);
    assert!(harness.query_by_label("Hide Traffic difference").is_none());
    harness.state_mut().state.toggle(PanelId::Layers);
    harness.run_steps(3);
    harness.get_by_label("Hide Traffic difference");
}

#[test]
fn unknown_facts_are_called_not_stated_and_numbers_carry_units() {
    let mut view = sample::explore(Language::English);
    let inspector = view.inspector.as_mut().expect("the sample has one");
    inspector.rows.push(AttributeRow { name: "Heritage".to_owned(), value: AttributeValue::Flag(true) });
    let harness = open(view);
    harness.get_by_label("Year built: not stated");
    harness.get_by_label("Height above ground: 3.5\u{a0}m");
    harness.get_by_label("Heritage: Yes");
    harness.get_by_label("Contact: not stated");
    harness.get_by_label("Personal data: No");
}

#[test]
fn every_panel_in_every_mode_and_language_finds_all_its_texts() {
    for language in [Language::Dutch, Language::English] {
        for mode in [Mode::Explore, Mode::Scenario, Mode::Compare, Mode::Present] {
            for mut view in [
                sample::compare(language),
                sample::explore(language),
                sample::scenario_editing(language),
                sample::stop_editing(language),
            ] {
                view.mode = mode;
                let harness = open(view);
                // Panels that are shown have their titles; nothing is named by a bare key.
                let node = harness.root();
                for child in node.children_recursive() {
                    let label = child.accesskit_node().label().unwrap_or_default();
                    let looks_like_key = label.contains('-')
                        && label.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-');
                    assert!(!looks_like_key, "{label:?} looks like a key");
                }
            }
        }
        open(WindowView { language, ..WindowView::default() });
    }
    assert_eq!(missing_keys(), Vec::<String>::new());
    assert_eq!(PANELS.len(), 5);
}

#[test]
fn everything_that_can_be_clicked_has_a_name() {
    for view in [
        sample::compare(Language::Dutch),
        sample::explore(Language::Dutch),
        sample::scenario_editing(Language::Dutch),
        sample::stop_editing(Language::Dutch),
        WindowView::default(),
    ] {
        let harness = open(view);
        let mut buttons = 0;
        for child in harness.root().children_recursive() {
            let node = child.accesskit_node();
            if matches!(node.role(), Role::Button | Role::CheckBox | Role::RadioButton | Role::Slider) {
                let label = node.label().unwrap_or_default();
                let has_letters = label.chars().any(char::is_alphabetic);
                assert!(has_letters, "a {:?} at {:?} is named {label:?}", node.role(), child.rect());
                buttons += 1;
            }
        }
        assert!(buttons > 5, "only {buttons} controls were found");
    }
}
