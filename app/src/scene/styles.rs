//! The feature buffer's content: which features are hidden, highlighted, or coloured by data.

use bevy::prelude::*;
use layers::model::{LayerData, point_cloud::POINT_CLASSES};
use scenarios::{comparison::Status, evaluate::LinkOutcome, measures::Measure};

use super::material::FeatureStyle;
use crate::{
    commands::{Mode, ThemeKind},
    indicator_map::{IndicatorMap, MapCells, indicator_map},
    palette::{difference_colour, palette},
    project::{Project, feature_count},
    sets::AppSet,
    state::{BaselineHold, BaselineState, OpenProject, Revisions, Selection, Settings},
};

/// One style a feature, by feature number, and the revision they were made for.
#[derive(Resource, Default)]
pub struct FeatureStyles {
    pub styles: Vec<FeatureStyle>,
    /// Counts changes, so that the renderer uploads only then.
    pub revision: u64,
}

pub fn plugin(app: &mut App) {
    app.init_resource::<FeatureStyles>().add_systems(Update, update_styles.in_set(AppSet::Data));
}

/// Relative change at the end of the difference ramp: ±100 %.
pub const RAMP_END: f64 = 1.0;

/// Colour of a street's difference, or `None` where there is nothing to show: links that carry next to nothing in
/// both states. Grey says: below the noise of the model.
pub fn difference_style(theme: ThemeKind, outcome: &LinkOutcome) -> Option<[u8; 4]> {
    let delta = outcome.delta();
    let carries = outcome.baseline.max(outcome.central);
    if carries < 1.0 || delta.status == Status::NotComputable {
        return None;
    }
    if delta.central.abs() <= outcome.noise_floor {
        return None;
    }
    // Against a floor, so that ten cars more in a dead end do not shout like a thousand on the ring.
    let relative = delta.central / outcome.baseline.max(500.0);
    let strength = relative.clamp(-RAMP_END, RAMP_END);
    // Even a small clear change must be seen against white paper.
    let visible = strength.signum() * strength.abs().max(0.12).powf(0.7);
    let colour = if delta.status == Status::Uncertain {
        palette(theme).below_noise
    } else {
        difference_colour(theme, visible as f32)
    };
    Some([colour.r(), colour.g(), colour.b(), 255])
}

fn update_styles(
    project: Res<OpenProject>,
    selection: Res<Selection>,
    settings: Res<Settings>,
    hold: Res<BaselineHold>,
    baseline: Res<BaselineState>,
    revisions: Res<Revisions>,
    mut styles: ResMut<FeatureStyles>,
    mut last: Local<Option<Revisions>>,
) {
    let is_due = *last != Some(*revisions)
        || baseline.is_changed()
        || selection.is_changed()
        || settings.is_changed()
        || hold.is_changed();
    let Some(project) = project.0.as_ref().filter(|_| is_due) else { return };
    *last = Some(*revisions);
    let shown = Shown { cells: baseline.cells.as_deref(), indicator: settings.shown_indicator.as_deref() };
    let new = compute(project, &selection, settings.theme, settings.mode, hold.0, shown);
    if new != styles.styles {
        styles.styles = new;
        styles.revision += 1;
    }
}

/// What may colour the map instead of the traffic.
#[derive(Clone, Copy, Debug, Default)]
pub struct Shown<'a> {
    pub cells: Option<&'a MapCells>,
    pub indicator: Option<&'a str>,
}

fn paint(
    project: &Project,
    cells: &MapCells,
    map: &IndicatorMap,
    theme: ThemeKind,
    styles: &mut [FeatureStyle],
) {
    for &(painted, change) in &map.changes {
        let feature = map.feature(project, cells, project.cell_base(), painted);
        if let Some(style) = feature.and_then(|feature| styles.get_mut(feature as usize)) {
            style.colour = map.colour(theme, change);
        }
    }
}

/// All styles of a project. Cost: one pass over the features, about 2 ns each.
pub fn compute(
    project: &Project,
    selection: &Selection,
    theme: ThemeKind,
    mode: Mode,
    is_baseline_held: bool,
    shown: Shown,
) -> Vec<FeatureStyle> {
    let cells = shown.cells.map_or(0, |cells| cells.centers.len());
    let mut styles = vec![FeatureStyle::default(); project.cell_base() as usize + cells];
    for (target, flag) in
        [(&selection.hovered, FeatureStyle::HOVERED), (&selection.selected, FeatureStyle::SELECTED)]
    {
        if let Some((state, index)) = target.as_ref().and_then(|target| project.find(target)) {
            styles[state.feature_base as usize + index].flags |= flag;
        }
    }
    for state in &project.layers {
        if matches!(state.layer.data, LayerData::Points(_)) {
            for class in POINT_CLASSES {
                let style = &mut styles[state.feature_base as usize + usize::from(class.code)];
                style.colour = [class.color[0], class.color[1], class.color[2], 255];
            }
        }
    }
    if let Some(line) = &selection.hovered_line {
        highlight_line(project, line, &mut styles);
    }
    if mode != Mode::Explore && !is_baseline_held {
        treated_stops(project, selection, theme, &mut styles);
    }
    let Some(streets) = project.street_layer() else { return styles };
    let LayerData::Streets(_) = &streets.layer.data else { return styles };
    let Some(active) = project.active() else { return styles };
    let shows_scenario = mode != Mode::Explore && !is_baseline_held;
    if shows_scenario {
        let ids =
            |index: usize| active.scenario().measures.get(index).map(Measure::links).unwrap_or_default();
        // The treated streets look walked on, as the plan means them.
        let square = super::palette::ScenePalette::new(theme).lit[layers::mesh::Role::Square as usize];
        for measure in 0..active.scenario().measures.len() {
            for reference in ids(measure) {
                if let Some(link) = streets.position_of(&reference.id) {
                    let style = &mut styles[streets.feature_base as usize + link];
                    style.colour = [square[0], square[1], square[2], 255];
                    if selection.hovered_measure == Some(measure) {
                        style.flags |= FeatureStyle::SELECTED;
                    }
                }
            }
        }
        if let Some(evaluation) =
            active.evaluation.as_ref().filter(|_| !active.scenario().measures.is_empty())
        {
            if let (Some(cells), Some(id)) = (shown.cells, shown.indicator) {
                if let Some(map) = indicator_map(cells, evaluation, id) {
                    paint(project, cells, &map, theme, &mut styles);
                }
                return styles;
            }
            let base = project.difference_base() as usize;
            let count = feature_count(&streets.layer.data).min(evaluation.links.len());
            for (link, outcome) in evaluation.links.iter().take(count).enumerate() {
                if let Some(colour) = difference_style(theme, outcome) {
                    styles[base + link].colour = colour;
                }
            }
        }
    }
    styles
}

/// The stops at which a line calls glow. Cost: one pass over the trips.
fn highlight_line(project: &Project, line: &str, styles: &mut [FeatureStyle]) {
    for state in &project.layers {
        let LayerData::Transit(timetable) = &state.layer.data else { continue };
        let Some(route) = timetable.routes.iter().position(|route| route.id == line) else { continue };
        for (trip, of) in timetable.trips.iter().enumerate() {
            if of.route as usize == route {
                for call in timetable.calls(trip) {
                    styles[state.feature_base as usize + call.stop as usize].flags |= FeatureStyle::SELECTED;
                }
            }
        }
    }
}

/// Where stops go away the old place is pale; those of the measure that the pointer is on glow.
fn treated_stops(project: &Project, selection: &Selection, theme: ThemeKind, styles: &mut [FeatureStyle]) {
    let Some(active) = project.active() else { return };
    let pale = palette(theme).below_noise;
    for (number, measure) in active.scenario().measures.iter().enumerate() {
        let is_hovered = selection.hovered_measure == Some(number);
        let stop = match measure {
            Measure::MoveStop(moved) => &moved.stop.id,
            Measure::RemoveStop(removed) => &removed.stop.id,
            Measure::ChangeFrequency(change) if is_hovered => {
                highlight_line(project, &change.line.id, styles);
                continue;
            }
            _ => continue,
        };
        for state in &project.layers {
            if matches!(state.layer.data, LayerData::Transit(_))
                && let Some(index) = state.position_of(stop)
            {
                let style = &mut styles[state.feature_base as usize + index];
                style.colour = [pale.r(), pale.g(), pale.b(), 255];
                if is_hovered {
                    style.flags |= FeatureStyle::SELECTED;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(baseline: f64, low: f64, central: f64, high: f64) -> LinkOutcome {
        LinkOutcome { baseline, low, central, high, noise_floor: 100.0 }
    }

    #[test]
    fn less_is_blue_more_is_orange_and_noise_is_nothing() {
        let blue = difference_style(ThemeKind::Light, &outcome(5000.0, 100.0, 200.0, 400.0)).unwrap();
        assert!(blue[2] > blue[0] + 60, "{blue:?}");
        let orange = difference_style(ThemeKind::Light, &outcome(5000.0, 8000.0, 9000.0, 9500.0)).unwrap();
        assert!(orange[0] > orange[2] + 60, "{orange:?}");
        assert_eq!(difference_style(ThemeKind::Light, &outcome(5000.0, 5010.0, 5050.0, 5060.0)), None);
        assert_eq!(difference_style(ThemeKind::Light, &outcome(0.0, 0.0, 0.0, 0.0)), None);
        let grey = difference_style(ThemeKind::Light, &outcome(5000.0, 4900.0, 5200.0, 5400.0)).unwrap();
        assert!(grey[0].abs_diff(grey[2]) < 30, "uncertain is grey: {grey:?}");
    }
}
