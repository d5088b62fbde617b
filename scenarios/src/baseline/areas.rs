//! Neighbourhoods where the data have them, else squares of 500 m: an average always comes with who gains and who loses
//! (MODELS.md section 14, point 11).

use std::collections::BTreeMap;

use geo::{BoundingRect, Contains, Point};
use layers::model::{FeatureLayer, FeatureRole, Layer, LayerData};
use rstar::{
    AABB, RTree,
    primitives::{GeomWithData, Rectangle},
};
use serde::Serialize;

use super::facts::{Place, center_of};

/// Side of a square, metres.
const SQUARE_M: f64 = 500.0;
/// A layer with more polygons than this is a grid of statistics, not a list of neighbourhoods that people know.
const MOST_NEIGHBOURHOODS: usize = 2_000;
/// A layer counts as neighbourhoods of the city when at least this share of the residents live in one.
const LEAST_SHARE: f64 = 0.5;

/// What the areas are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AreaKind {
    Neighbourhood,
    #[default]
    Square500m,
}

/// One area.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Area {
    /// Id of the feature, or west and south of the square in kilometres of the project's CRS.
    pub id: String,
    pub name: String,
    /// Project CRS, metres.
    pub center: [f64; 2],
}

/// The areas of a city, and in which of them each place lies.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Areas {
    pub kind: AreaKind,
    pub all: Vec<Area>,
    /// By place of the facts.
    pub of_place: Vec<Option<u32>>,
    /// Of neighbourhoods, in their order.
    pub(crate) polygons: Vec<geo::Geometry<f64>>,
}

impl Areas {
    /// The first layer of named zones in which most residents live; squares where there is none.
    pub(super) fn new(layers: &[Layer], places: &[Place]) -> Self {
        let mut zones = layers.iter().filter_map(|layer| match &layer.data {
            LayerData::Features(features) if features.role == FeatureRole::Zones => Some(features),
            _ => None,
        });
        zones
            .find_map(|features| Self::neighbourhoods(features, places))
            .unwrap_or_else(|| Self::squares(places))
    }

    /// The area around a position, such as that of a new building. Cost: linear in areas.
    pub fn at(&self, position: [f64; 2]) -> Option<u32> {
        let point = Point::new(position[0], position[1]);
        let is_around = |area: &Area, index: usize| match self.kind {
            AreaKind::Neighbourhood => {
                self.polygons.get(index).is_some_and(|polygon| polygon.contains(&point))
            }
            AreaKind::Square500m => (0..2)
                .all(|axis| (position[axis] / SQUARE_M).floor() == (area.center[axis] / SQUARE_M).floor()),
        };
        self.all.iter().enumerate().position(|(index, area)| is_around(area, index)).map(|index| index as u32)
    }

    fn neighbourhoods(layer: &FeatureLayer, places: &[Place]) -> Option<Self> {
        let names = ["name", "naam", "buurtnaam", "wijknaam", "neighbourhood"];
        let mut all = Vec::new();
        let mut polygons = Vec::new();
        let mut boxes = Vec::new();
        for (row, feature) in layer.features.iter().enumerate() {
            let polygon = feature.geometry.as_ref().filter(|geometry| {
                matches!(geometry, geo::Geometry::Polygon(_) | geo::Geometry::MultiPolygon(_))
            });
            let Some((polygon, bounds)) = polygon.and_then(|p| Some((p, p.bounding_rect()?))) else {
                continue;
            };
            let corners = [bounds.min().x, bounds.min().y, bounds.max().x, bounds.max().y];
            if !corners.iter().all(|v| v.is_finite()) {
                continue;
            }
            let name = layer.attributes.first_of(row, &names).to_text();
            boxes.push(GeomWithData::new(
                Rectangle::from_corners([corners[0], corners[1]], [corners[2], corners[3]]),
                all.len() as u32,
            ));
            all.push(Area {
                id: feature.id.clone(),
                name: if name.is_empty() { feature.id.clone() } else { name },
                center: center_of(polygon).unwrap_or([corners[0], corners[1]]),
            });
            polygons.push(polygon.clone());
        }
        if all.is_empty() || all.len() > MOST_NEIGHBOURHOODS {
            return None;
        }
        let tree = RTree::bulk_load(boxes);
        let of_place: Vec<Option<u32>> = places
            .iter()
            .map(|place| {
                if !place.position.iter().all(|v| v.is_finite()) {
                    return None;
                }
                let point = Point::new(place.position[0], place.position[1]);
                // The first in the order of the layer, where polygons overlap.
                tree.locate_in_envelope_intersecting(AABB::from_point(place.position))
                    .map(|found| found.data)
                    .filter(|&area| polygons[area as usize].contains(&point))
                    .min()
            })
            .collect();
        let sum = |is_counted: &dyn Fn(usize) -> bool| -> f64 {
            (0..places.len()).filter(|&i| is_counted(i)).map(|i| places[i].residents).sum()
        };
        let (inside, everybody) = (sum(&|i| of_place[i].is_some()), sum(&|_| true));
        (everybody > 0.0 && inside >= LEAST_SHARE * everybody).then_some(Self {
            kind: AreaKind::Neighbourhood,
            all,
            of_place,
            polygons,
        })
    }

    fn squares(places: &[Place]) -> Self {
        let square = |place: &Place| {
            let cell = place.position.map(|v| (v / SQUARE_M).floor());
            cell.iter().all(|v| v.is_finite() && v.abs() < 1e9).then(|| (cell[0] as i64, cell[1] as i64))
        };
        let mut cells: BTreeMap<(i64, i64), u32> =
            places.iter().filter_map(square).map(|cell| (cell, 0)).collect();
        let mut all = Vec::with_capacity(cells.len());
        for (cell, index) in &mut cells {
            *index = all.len() as u32;
            let corner = [cell.0 as f64 * SQUARE_M, cell.1 as f64 * SQUARE_M];
            let name = format!("{:.1} / {:.1} km", corner[0] / 1000.0, corner[1] / 1000.0);
            all.push(Area { id: name.clone(), name, center: corner.map(|v| v + SQUARE_M / 2.0) });
        }
        let of_place = places.iter().map(|place| cells.get(&square(place)?).copied()).collect();
        Self { kind: AreaKind::Square500m, all, of_place, polygons: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use layers::model::{Feature, Provenance};

    use super::*;

    fn place(x: f64, y: f64) -> Place {
        Place { position: [x, y], residents: 10.0, ..Place::default() }
    }

    fn layer(squares: &[(&str, f64)]) -> Layer {
        let mut features = FeatureLayer { role: FeatureRole::Zones, ..FeatureLayer::default() };
        for (row, (name, west)) in squares.iter().enumerate() {
            let rect = geo::Rect::new((*west, 0.0), (*west + 100.0, 100.0));
            features
                .features
                .push(Feature { id: format!("b{row}"), geometry: Some(rect.to_polygon().into()) });
            features.attributes.set(row, "name", *name);
        }
        Layer {
            id: "zones".into(),
            title: "zones".into(),
            data: LayerData::Features(Arc::new(features)),
            provenance: Provenance::default(),
            faults: Vec::new(),
        }
    }

    #[test]
    fn people_belong_to_the_neighbourhood_around_them_and_else_to_a_square() {
        let places = [place(10.0, 10.0), place(110.0, 50.0), place(900.0, 50.0), place(f64::NAN, 0.0)];
        let areas = Areas::new(&[layer(&[("West", 0.0), ("Oost", 100.0)])], &places);
        assert_eq!(areas.kind, AreaKind::Neighbourhood);
        assert_eq!(areas.of_place, [Some(0), Some(1), None, None]);
        assert_eq!(areas.all[1].name, "Oost");
        assert_eq!((areas.at([150.0, 1.0]), areas.at([350.0, 1.0])), (Some(1), None));
        // Half of the people and more live elsewhere: those are neighbourhoods of another town.
        let areas = Areas::new(&[layer(&[("Ver weg", 5000.0)])], &places);
        assert_eq!((areas.kind, areas.all.len()), (AreaKind::Square500m, 2));
        assert_eq!(areas.of_place, [Some(0), Some(0), Some(1), None]);
        assert_eq!(areas.all[1].center, [750.0, 250.0]);
        assert_eq!((areas.at([600.0, 1.0]), areas.at([-1.0, 1.0])), (Some(1), None));
    }
}
