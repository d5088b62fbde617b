//! Who gains and who loses: every mean comes with it (MODELS.md section 14, points 11 and 17).

use serde::Serialize;

use super::{Direction, MapLayer, Per};
use crate::{
    baseline::{areas::AreaKind, facts::CityFacts},
    engine::nodes::Doors,
};

/// Areas with fewer residents are not shown, nor can they be derived from those that are.
pub const LEAST_RESIDENTS: f64 = 10.0;

/// One neighbourhood or square.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AreaChange {
    pub id: String,
    pub name: String,
    /// Middle, project CRS, metres.
    pub center: [f64; 2],
    /// Residents with a value in baseline and scenario.
    pub residents: f64,
    /// Means over those residents, in the unit of the indicator's map layer.
    pub baseline: f64,
    pub scenario: f64,
    pub better: f64,
    pub same: f64,
    pub worse: f64,
}

/// Residents by what the scenario means for them at their own door.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Distribution {
    /// Unit of the means of areas: that of the map layer, such as vehicles a day in the street at the door.
    pub unit: &'static str,
    pub by: AreaKind,
    /// By name.
    pub areas: Vec<AreaChange>,
    /// Areas left out because fewer than [`LEAST_RESIDENTS`] people live there, or to protect such an area.
    pub hidden_areas: usize,
    pub better: f64,
    pub same: f64,
    pub worse: f64,
    /// Residents for whom it cannot be told.
    pub unknown: f64,
}

impl Distribution {
    /// From the values of a layer. Whether more is better follows `direction`; a neutral indicator counts less as
    /// better. `None` without residents or where no resident has a value, and for layers of stops.
    pub(crate) fn new(
        layer: &MapLayer,
        facts: &CityFacts,
        doors: Option<&Doors>,
        direction: Direction,
    ) -> Option<Self> {
        let object = |place: usize| -> Option<usize> {
            match layer.per {
                Per::Place => Some(place),
                Per::Link => Some((*doors?.street.get(place)?)? as usize),
                Per::Zone => Some((*doors?.zone.get(place)?)? as usize),
                Per::Stop => None,
            }
        };
        let areas = &facts.areas;
        let mut rows: Vec<AreaChange> = areas
            .all
            .iter()
            .map(|area| AreaChange {
                id: area.id.clone(),
                name: area.name.clone(),
                center: area.center,
                residents: 0.0,
                baseline: 0.0,
                scenario: 0.0,
                better: 0.0,
                same: 0.0,
                worse: 0.0,
            })
            .collect();
        let mut all = Self { unit: layer.unit, by: areas.kind, ..Self::default() };
        for (index, place) in facts.places.iter().enumerate() {
            let residents = place.residents;
            if residents.is_nan() || residents <= 0.0 {
                continue;
            }
            let known = object(index).and_then(|object| {
                let before = (*layer.baseline.get(object)?)?;
                let after = (*layer.scenario.get(object)?)?;
                Some((object, f64::from(before), f64::from(after)))
            });
            let Some((object, before, after)) = known else {
                all.unknown += residents;
                continue;
            };
            let is_better = (after > before) == (direction == Direction::MoreIsBetter);
            let area = match areas.of_place.get(index) {
                Some(area) => *area,
                // A place that the scenario added.
                None => areas.at(place.position),
            };
            let mut nowhere = AreaChange {
                id: String::new(),
                name: String::new(),
                center: [0.0; 2],
                residents: 0.0,
                baseline: 0.0,
                scenario: 0.0,
                better: 0.0,
                same: 0.0,
                worse: 0.0,
            };
            let row = area.and_then(|area| rows.get_mut(area as usize)).unwrap_or(&mut nowhere);
            let (sum, own) = if !layer.is_effect(object) {
                (&mut all.same, &mut row.same)
            } else if is_better {
                (&mut all.better, &mut row.better)
            } else {
                (&mut all.worse, &mut row.worse)
            };
            *sum += residents;
            *own += residents;
            row.residents += residents;
            row.baseline += residents * before;
            row.scenario += residents * after;
        }
        if all.better + all.same + all.worse <= 0.0 {
            return None;
        }
        rows.retain(|row| row.residents > 0.0);
        for row in &mut rows {
            row.baseline /= row.residents;
            row.scenario /= row.residents;
        }
        all.hidden_areas = hide_small(&mut rows);
        rows.sort_by(|a, b| a.name.cmp(&b.name).then(a.id.cmp(&b.id)));
        all.areas = rows;
        Some(all)
    }
}

/// Takes away areas with few residents. A single one could be derived from the sum of all, so that the smallest of the
/// others goes with it.
fn hide_small(rows: &mut Vec<AreaChange>) -> usize {
    let before = rows.len();
    rows.retain(|row| row.residents >= LEAST_RESIDENTS);
    if before - rows.len() == 1 && !rows.is_empty() {
        let smallest = (0..rows.len()).min_by(|&a, &b| {
            rows[a].residents.total_cmp(&rows[b].residents).then(rows[a].id.cmp(&rows[b].id))
        });
        if let Some(smallest) = smallest {
            rows.remove(smallest);
        }
    }
    before - rows.len()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::baseline::{
        areas::{Area, Areas},
        facts::Place,
    };

    /// Three squares of 500 m: 40, 20 and 4 residents.
    fn facts() -> CityFacts {
        let places = [(0.0, 30.0), (10.0, 10.0), (600.0, 20.0), (1100.0, 4.0), (1110.0, 0.0)];
        let mut facts = CityFacts::default();
        for (x, residents) in places {
            facts.places.push(Place { position: [x, 0.0], residents, ..Place::default() });
        }
        let area = |id: &str, x: f64| Area { id: id.into(), name: id.into(), center: [x, 250.0] };
        facts.areas = Arc::new(Areas {
            all: vec![area("a", 250.0), area("b", 750.0), area("c", 1250.0)],
            of_place: vec![Some(0), Some(0), Some(1), Some(2), Some(2)],
            ..Areas::default()
        });
        facts
    }

    fn layer(values: &[(f64, f64)]) -> MapLayer {
        let mut layer = MapLayer::new("test", Per::Place, "min");
        for &(before, after) in values {
            layer.push(Some(before), Some(after), 0.5);
        }
        layer
    }

    #[test]
    fn residents_are_counted_by_what_it_means_for_them() {
        let layer = layer(&[(10.0, 12.0), (10.0, 10.2), (8.0, 6.0), (5.0, 9.0), (5.0, 9.0)]);
        let less = Distribution::new(&layer, &facts(), None, Direction::LessIsBetter).unwrap();
        assert_eq!((less.better, less.same, less.worse, less.unknown), (20.0, 10.0, 34.0, 0.0));
        let more = Distribution::new(&layer, &facts(), None, Direction::MoreIsBetter).unwrap();
        assert_eq!((more.better, more.worse), (34.0, 20.0), "the other way round");
        // Four people in c could be told apart: c is hidden, and b with it, or else c is the sum minus the rest.
        assert_eq!((less.areas.len(), less.hidden_areas), (1, 2));
        let a = &less.areas[0];
        assert_eq!((a.id.as_str(), a.residents, a.worse, a.same), ("a", 40.0, 30.0, 10.0));
        assert!((a.scenario - (30.0 * 12.0 + 10.0 * 10.2) / 40.0).abs() < 1e-5);
    }

    #[test]
    fn what_is_not_known_is_said_and_nobody_is_invented() {
        let mut layer = layer(&[(10.0, 12.0)]);
        layer.push(Some(10.0), None, 0.5);
        let known = Distribution::new(&layer, &facts(), None, Direction::LessIsBetter).unwrap();
        assert_eq!((known.worse, known.unknown), (30.0, 34.0));
        assert!(
            Distribution::new(&MapLayer::new("none", Per::Place, ""), &facts(), None, Direction::Neutral)
                .is_none()
        );
        let links = MapLayer { per: Per::Link, ..layer };
        let doors = Doors { street: vec![Some(0), None, Some(9), None, None], zone: Vec::new() };
        let at_doors = Distribution::new(&links, &facts(), Some(&doors), Direction::LessIsBetter).unwrap();
        assert_eq!((at_doors.worse, at_doors.unknown), (30.0, 34.0));
    }
}
