//! What to look at first: a few places far away (a sensor in another country, a point at zero) must not turn the city
//! into a dot.

use super::{Bounds3, LayerData};
use crate::readers::report::{Fault, Severity};

/// A box to look at.
#[derive(Clone, Debug, PartialEq)]
pub struct ViewBounds {
    pub bounds: Bounds3,
    /// What lies outside, when something was left out.
    pub strays: Option<Fault>,
}

/// Fewer things have no bulk that others could be far from.
const MIN_THINGS: usize = 20;
/// Strays are left out only when the box with them has so many times the area.
const MIN_FACTOR: f64 = 20.0;
/// Largest share of things that may be strays; two places of equal weight are both the city.
const MAX_SHARE: f64 = 0.05;

/// The view of a layer. The bulk are the things between the 0.5 and 99.5 percentiles of each axis (one thing at each
/// end at least); what lies within once its size around it belongs to it. Cost: n log n.
pub(super) fn of(data: &LayerData) -> ViewBounds {
    let all = data.bounds();
    let whole = ViewBounds { bounds: all, strays: None };
    let things = things(data);
    if things.len() < MIN_THINGS {
        return whole;
    }
    let Some(core) = core(&things) else { return whole };
    let size = core.size();
    // Things on one line, or at one place, have a neighbourhood all the same.
    let margin = size[0].max(size[1]).max(100.0);
    let is_near = |bounds: &Bounds3| {
        let center = bounds.center();
        (0..2).all(|axis| center[axis] >= core.min[axis] - margin && center[axis] <= core.max[axis] + margin)
    };
    let near: Bounds3 = things.iter().map(|(_, b)| *b).filter(is_near).fold(Bounds3::EMPTY, Bounds3::union);
    let strays: Vec<usize> = (0..things.len()).filter(|&index| !is_near(&things[index].1)).collect();
    let area = |bounds: &Bounds3| bounds.size()[0].max(100.0) * bounds.size()[1].max(100.0);
    let is_few = !strays.is_empty() && strays.len() as f64 <= (things.len() as f64 * MAX_SHARE).max(1.0);
    if !is_few || area(&all) <= MIN_FACTOR * area(&near) {
        return whole;
    }
    let away = |index: usize| {
        let (center, middle) = (things[index].1.center(), near.center());
        (center[0] - middle[0]).hypot(center[1] - middle[1])
    };
    let farthest = strays.iter().copied().max_by(|&a, &b| away(a).total_cmp(&away(b))).unwrap_or_default();
    let names: Vec<String> =
        strays.iter().take(5).map(|&index| format!("\"{}\"", name(data, things[index].0))).collect();
    let more = if strays.len() > names.len() { " and others" } else { "" };
    let message = format!(
        "{} of {} places lie far from the others ({}{more}), up to {:.0} km; they are kept, the view leaves them out",
        strays.len(),
        things.len(),
        names.join(", "),
        away(farthest) / 1000.0
    );
    let location = name(data, things[farthest].0);
    let strays = Some(Fault { severity: Severity::Warning, code: "stray-places", location, message });
    // Heights of the strays do not matter, those of the rest do.
    ViewBounds { bounds: near, strays }
}

/// Between the percentiles.
fn core(things: &[(usize, Bounds3)]) -> Option<Bounds3> {
    let cut = (things.len() / 200).max(1);
    let mut ends = [[0.0; 3]; 2];
    let [low, high] = &mut ends;
    for (axis, (low, high)) in low.iter_mut().zip(high.iter_mut()).enumerate().take(2) {
        let mut values: Vec<f64> = things.iter().map(|(_, bounds)| bounds.center()[axis]).collect();
        values.sort_unstable_by(f64::total_cmp);
        *low = *values.get(cut)?;
        *high = *values.get(values.len() - 1 - cut)?;
    }
    let [min, max] = ends;
    Some(Bounds3 { min, max })
}

/// Number and box of each thing that has a place.
fn things(data: &LayerData) -> Vec<(usize, Bounds3)> {
    use geo::BoundingRect;
    let point = |[x, y]: [f64; 2]| Bounds3::from_points([[x, y, 0.0]]);
    let mut things: Vec<Bounds3> = match data {
        LayerData::City(model) => {
            let mut roots = vec![Bounds3::EMPTY; model.objects.len()];
            for (row, object) in model.objects.iter().enumerate() {
                let indices = object.geometries.iter().flat_map(|geometry| &geometry.indices);
                let corners = indices.filter_map(|&index| model.vertices.get(index as usize));
                let own = Bounds3::from_points(corners);
                if let Some(root) = roots.get_mut(model.root_of(row)) {
                    *root = root.union(own);
                }
            }
            roots
        }
        LayerData::Features(layer) => {
            let rect = |geometry: &geo::Geometry<f64>| geometry.bounding_rect();
            let of = |rect: geo::Rect<f64>| {
                Bounds3::from_points([[rect.min().x, rect.min().y, 0.0], [rect.max().x, rect.max().y, 0.0]])
            };
            let rects = layer.features.iter().map(|feature| feature.geometry.as_ref().and_then(rect));
            rects.map(|rect| rect.map_or(Bounds3::EMPTY, of)).collect()
        }
        LayerData::Streets(network) => network.nodes.iter().map(|node| point(node.position)).collect(),
        LayerData::Transit(table) => table.stops.iter().map(|stop| point(stop.position)).collect(),
        LayerData::Sensors(sensors) => {
            let places = sensors.things.iter().map(|thing| thing.position);
            places.map(|place| place.map_or(Bounds3::EMPTY, |p| Bounds3::from_points([p]))).collect()
        }
        // A grid is one thing; of meshes and clouds the parts are pieces of one thing.
        LayerData::Terrain(_) | LayerData::Meshes(_) | LayerData::Points(_) => Vec::new(),
    };
    things.drain(..).enumerate().filter(|(_, bounds)| !bounds.is_empty()).collect()
}

fn name(data: &LayerData, index: usize) -> String {
    let found = match data {
        LayerData::City(model) => model.objects.get(index).map(|object| object.id.clone()),
        LayerData::Features(layer) => layer.features.get(index).map(|feature| feature.id.clone()),
        LayerData::Streets(network) => network.nodes.get(index).map(|node| node.id.clone()),
        LayerData::Transit(table) => table.stops.get(index).map(|stop| stop.name.clone()),
        LayerData::Sensors(sensors) => sensors.things.get(index).map(|thing| thing.id.clone()),
        LayerData::Terrain(_) | LayerData::Meshes(_) | LayerData::Points(_) => None,
    };
    found.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::{Feature, FeatureLayer};

    fn points(places: impl IntoIterator<Item = (f64, f64)>) -> LayerData {
        let mut layer = FeatureLayer::default();
        for (number, (x, y)) in places.into_iter().enumerate() {
            let geometry = Some(geo::Point::new(x, y).into());
            layer.features.push(Feature { id: format!("p{number}"), geometry });
        }
        LayerData::Features(Arc::new(layer))
    }

    fn town() -> Vec<(f64, f64)> {
        (0..400)
            .map(|n| (85_000.0 + f64::from(n % 20) * 50.0, 447_000.0 + f64::from(n / 20) * 50.0))
            .collect()
    }

    #[test]
    fn a_few_strays_do_not_move_the_view_and_are_named() {
        let mut places = town();
        places.extend([(0.0, 0.0), (250_000.0, 590_000.0)]);
        let view = of(&points(places));
        assert_eq!(view.bounds.min[..2], [85_000.0, 447_000.0]);
        assert_eq!(view.bounds.max[..2], [85_950.0, 447_950.0]);
        let fault = view.strays.unwrap();
        assert!(
            fault.message.starts_with("2 of 402 places") && fault.message.contains("\"p400\""),
            "{fault:?}"
        );
        assert_eq!(fault.location, "p400", "the farthest");
    }

    #[test]
    fn a_town_with_villages_around_it_is_shown_whole() {
        let mut places = town();
        places.extend((0..4).map(|n| (87_000.0 + f64::from(n) * 200.0, 449_000.0)));
        let data = points(places);
        let view = of(&data);
        assert_eq!(view, ViewBounds { bounds: data.bounds(), strays: None });
    }

    #[test]
    fn two_towns_are_both_shown_and_few_things_have_no_strays() {
        let mut places = town();
        places.extend(town().into_iter().map(|(x, y)| (x + 150_000.0, y)));
        let data = points(places);
        assert_eq!(of(&data).bounds, data.bounds());
        let few = points([(0.0, 0.0), (1.0, 1.0), (200_000.0, 500_000.0)]);
        assert_eq!(of(&few).bounds, few.bounds());
    }
}
