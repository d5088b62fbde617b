//! An indicator on the map: the squares in which people live, and what colour each of them, each street and each stop gets.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use layers::model::Timetable;
use scenarios::{
    Baseline, Evaluation,
    indicators::{MapLayer, Per},
};

use crate::{
    commands::ThemeKind,
    palette::difference_colour,
    project::{LayerState, Project, feature_count},
};

/// Fewer residents than this in a square are not shown (PRODUCT.md, public values by design).
const FEWEST_RESIDENTS: f64 = 10.0;
/// Side of the squares where people are known by building: that of the national statistics.
const USUAL_SIZE_M: f64 = 100.0;
/// Places that are looked at to learn how far apart they lie.
const SAMPLE: usize = 400;

/// Squares of the ground, each with the places in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MapCells {
    pub size_m: f64,
    /// Middles; project CRS, metres.
    pub centers: Vec<[f64; 2]>,
    /// Positions of its places among those of the baseline, by square.
    places: Vec<Vec<u32>>,
    residents_of_place: Vec<f64>,
    zone_of_place: Vec<Option<u32>>,
    /// Stops of the models: layer and position in it.
    stops: Vec<Option<(String, usize)>>,
}

impl MapCells {
    /// Squares of 100 m where places lie close together, such as buildings; else one as large as the places are apart.
    pub fn new(baseline: &Baseline, feeds: &[(String, Arc<Timetable>)]) -> Self {
        let facts = baseline.facts();
        let inhabited: Vec<u32> = (0..facts.places.len() as u32)
            .filter(|&place| facts.places[place as usize].residents > 0.0)
            .collect();
        let positions: Vec<[f64; 2]> =
            inhabited.iter().map(|&place| facts.places[place as usize].position).collect();
        let apart_m = usual_distance(&positions);
        let known = stops_by_id(feeds);
        let mut cells = Self {
            residents_of_place: facts.places.iter().map(|place| place.residents).collect(),
            zone_of_place: baseline.zone_table().zone_of_place,
            stops: facts.stops.iter().map(|stop| known.get(stop.id.as_str()).cloned()).collect(),
            ..Self::default()
        };
        if apart_m > USUAL_SIZE_M {
            cells.size_m = 0.92 * apart_m;
            cells.centers = positions;
            cells.places = inhabited.iter().map(|&place| vec![place]).collect();
            return cells;
        }
        cells.size_m = USUAL_SIZE_M;
        let mut by_square = BTreeMap::<[i64; 2], Vec<u32>>::new();
        for (&place, position) in inhabited.iter().zip(&positions) {
            let square = position.map(|metres| (metres / USUAL_SIZE_M).floor() as i64);
            by_square.entry(square).or_default().push(place);
        }
        for (square, places) in by_square {
            cells.centers.push(square.map(|number| (number as f64 + 0.5) * USUAL_SIZE_M));
            cells.places.push(places);
        }
        cells
    }

    /// Corners of a square, anticlockwise.
    pub fn corners(&self, cell: usize) -> [[f64; 2]; 4] {
        let ([x, y], half) = (self.centers[cell], self.size_m / 2.0);
        [[x - half, y - half], [x + half, y - half], [x + half, y + half], [x - half, y + half]]
    }

    /// What residents of a square gain on average; `None` where it is not known, too few live there, or it is noise.
    fn change(&self, layer: &MapLayer, cell: usize) -> Option<f64> {
        let (mut sum, mut floor, mut residents) = (0.0, 0.0, 0.0);
        for &place in &self.places[cell] {
            let index = match layer.per {
                Per::Zone => self.zone_of_place.get(place as usize).copied().flatten()? as usize,
                _ => place as usize,
            };
            if let Some(change) = layer.change(index) {
                let own = self.residents_of_place[place as usize];
                sum += own * change;
                floor += own * f64::from(layer.noise_floor.get(index).copied().unwrap_or_default());
                residents += own;
            }
        }
        (residents >= FEWEST_RESIDENTS && sum.abs() > floor && sum != 0.0).then(|| sum / residents)
    }
}

/// Layer and position of every stop; the first where an id is twice.
fn stops_by_id(feeds: &[(String, Arc<Timetable>)]) -> HashMap<&str, (String, usize)> {
    let mut known = HashMap::new();
    for (layer, timetable) in feeds {
        for (position, stop) in timetable.stops.iter().enumerate() {
            known.entry(stop.id.as_str()).or_insert_with(|| (layer.clone(), position));
        }
    }
    known
}

/// The median distance of a place to the one next to it; 0 for fewer than two.
fn usual_distance(positions: &[[f64; 2]]) -> f64 {
    let step = positions.len().div_ceil(SAMPLE).max(1);
    let mut nearest: Vec<f64> = (0..positions.len())
        .step_by(step)
        .map(|own| {
            let away = |other: &[f64; 2]| {
                let here = positions[own];
                (here[0] - other[0]).powi(2) + (here[1] - other[1]).powi(2)
            };
            let others = positions.iter().enumerate().filter(|(other, _)| *other != own);
            others.map(|(_, other)| away(other)).filter(|&square| square > 0.0).fold(f64::INFINITY, f64::min)
        })
        .filter(|square| square.is_finite())
        .map(f64::sqrt)
        .collect();
    nearest.sort_by(f64::total_cmp);
    nearest.get(nearest.len() / 2).copied().unwrap_or_default()
}

/// What an indicator colours, and what the colours mean.
#[derive(Clone, Debug, PartialEq)]
pub struct IndicatorMap {
    pub id: &'static str,
    pub unit: &'static str,
    /// The change at either end of the ramp, in the unit.
    pub end: f64,
    /// By what is coloured: which feature of which kind, and its change.
    pub changes: Vec<(Painted, f64)>,
}

/// A thing that gets a colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Painted {
    /// Position in the street layer.
    Link(usize),
    Cell(usize),
    /// Position among the stops of the models.
    Stop(usize),
}

/// The map of an indicator; `None` where it has none, such as an indicator that could not be computed.
pub fn indicator_map(cells: &MapCells, evaluation: &Evaluation, id: &str) -> Option<IndicatorMap> {
    let outcome = evaluation.outcome(id)?;
    let layer = outcome.layer.as_deref()?;
    let effect = |index: usize| layer.is_effect(index).then(|| layer.change(index)).flatten();
    let changes: Vec<(Painted, f64)> = match layer.per {
        Per::Link => (0..layer.len()).filter_map(|i| Some((Painted::Link(i), effect(i)?))).collect(),
        Per::Stop => (0..layer.len()).filter_map(|i| Some((Painted::Stop(i), effect(i)?))).collect(),
        Per::Place | Per::Zone => (0..cells.centers.len())
            .filter_map(|cell| Some((Painted::Cell(cell), cells.change(layer, cell)?)))
            .collect(),
    };
    let mut sizes: Vec<f64> = changes.iter().map(|(_, change)| change.abs()).collect();
    sizes.sort_by(f64::total_cmp);
    // A few extremes must not make all others pale.
    let most = sizes.get(sizes.len() * 19 / 20).copied().unwrap_or_default();
    Some(IndicatorMap { id: outcome.id, unit: layer.unit, end: round_up(most), changes })
}

/// The next 1, 2 or 5 times a power of ten.
fn round_up(number: f64) -> f64 {
    if number.is_nan() || number <= 0.0 {
        return 1.0;
    }
    let power = 10.0_f64.powf(number.log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|step| step * power);
    steps.into_iter().find(|step| *step >= number * (1.0 - 1e-9)).unwrap_or(steps[3])
}

impl IndicatorMap {
    /// The colour of a change: blue is less, orange is more. Even a small effect is seen against white paper.
    pub fn colour(&self, theme: ThemeKind, change: f64) -> [u8; 4] {
        let strength = (change / self.end).clamp(-1.0, 1.0);
        let visible = strength.signum() * strength.abs().max(0.15).powf(0.7);
        let colour = difference_colour(theme, visible as f32);
        [colour.r(), colour.g(), colour.b(), 255]
    }

    /// The feature number of a painted thing: `cell_base` is that of the first square.
    pub fn feature(
        &self,
        project: &Project,
        cells: &MapCells,
        cell_base: u32,
        painted: Painted,
    ) -> Option<u32> {
        match painted {
            Painted::Link(link) => {
                let links = feature_count(&project.street_layer()?.layer.data);
                (link < links).then(|| project.difference_base() + link as u32)
            }
            Painted::Cell(cell) => Some(cell_base + cell as u32),
            Painted::Stop(stop) => {
                let (layer, position) = cells.stops.get(stop)?.as_ref()?;
                let state: &LayerState = project.layer(layer)?;
                Some(state.feature_base + *position as u32)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_of_the_ramp_are_round_numbers_that_hold_the_changes() {
        for (most, end) in [(0.03, 0.05), (0.05, 0.05), (1.2, 2.0), (7.0, 10.0), (0.0, 1.0), (f64::NAN, 1.0)]
        {
            assert!((round_up(most) - end).abs() < 1e-12, "{most}: {}", round_up(most));
        }
    }

    #[test]
    fn squares_hold_the_people_of_their_places_and_few_people_are_not_shown() {
        let town = layers::demo::build(layers::demo::DEMO_SEED);
        let baseline = Baseline::from_layers(&town.layers, &scenarios::Assumptions::default()).unwrap();
        let cells = MapCells::new(&baseline, &[]);
        assert_eq!(cells.size_m, USUAL_SIZE_M);
        let residents: f64 =
            cells.places.iter().flatten().map(|&place| cells.residents_of_place[place as usize]).sum();
        assert!((residents - baseline.facts().residents()).abs() < 1e-6 * residents);
        for (cell, places) in cells.places.iter().enumerate() {
            let [low, _, high, _] = cells.corners(cell);
            for &place in places {
                let [x, y] = baseline.facts().places[place as usize].position;
                assert!(x >= low[0] && x < high[0] && y >= low[1] && y < high[1]);
            }
        }
        // A minute more for everybody: shown where at least ten people live.
        let mut layer = MapLayer::new("test", Per::Place, "min");
        for _ in &baseline.facts().places {
            layer.push(Some(5.0), Some(6.0), 0.0);
        }
        for cell in 0..cells.centers.len() {
            let people: f64 =
                cells.places[cell].iter().map(|&place| cells.residents_of_place[place as usize]).sum();
            let expected = (people >= FEWEST_RESIDENTS).then_some(1.0);
            assert_eq!(cells.change(&layer, cell).map(f64::round), expected, "{people} residents");
        }
    }

    #[test]
    fn places_far_apart_get_a_square_each() {
        let spaced: Vec<[f64; 2]> =
            (0..20).map(|i| [f64::from(i % 5) * 500.0, f64::from(i / 5) * 500.0]).collect();
        assert_eq!(usual_distance(&spaced), 500.0);
        assert_eq!(usual_distance(&spaced[..1]), 0.0);
    }
}
