//! Areas, lines and points with known nodes → the layers of the outcome.

use std::{collections::HashMap, sync::Arc};

use geo::Centroid;

use super::{
    MemberKind,
    buildings::BuildingsBuilder,
    network::Points,
    places::{self, Area, Facts, Kind, LayerBuilder, Outline, Place},
};
use crate::{
    model::{FeatureRole, LayerData},
    readers::{ReadContext, ReadError, Severity},
};

/// Layers by the end of their ids; empty ones are left out.
pub(super) fn layers_of(
    areas: Vec<Area>,
    rails: Vec<(i64, Vec<i64>, Facts)>,
    places: Vec<Place>,
    trees: Vec<Place>,
    members: &HashMap<i64, Vec<i64>>,
    points: &Points,
    context: &mut ReadContext,
) -> Result<Vec<(&'static str, LayerData)>, ReadError> {
    let mut buildings = BuildingsBuilder::default();
    let mut pois = LayerBuilder::new("points-of-interest", FeatureRole::PointsOfInterest);
    let mut surfaces = LayerBuilder::new("surfaces", FeatureRole::Surfaces);
    let mut land_use = LayerBuilder::new("land-use", FeatureRole::Generic);
    let mut rail = LayerBuilder::new("rail", FeatureRole::Rail);
    let mut tree_layer = LayerBuilder::new("trees", FeatureRole::Trees);
    for (layer, list) in [(&mut pois, places), (&mut tree_layer, trees)] {
        for place in list {
            if place.position[0].is_finite() {
                let point = geo::Point::new(place.position[0], place.position[1]);
                layer.push(format!("node/{}", place.id), point.into(), place.facts);
            }
        }
    }
    for (number, (id, refs, facts)) in rails.into_iter().enumerate() {
        if number.is_multiple_of(1024) {
            context.check_cancelled()?;
        }
        if let Some(line) = places::open_line_of(&refs, points) {
            rail.push(format!("way/{id}"), line.into(), facts);
        }
    }
    for (number, Area { id, outline, things }) in areas.into_iter().enumerate() {
        if number.is_multiple_of(256) {
            context.check_cancelled()?;
        }
        let polygons = match outline {
            Outline::Way(refs) => places::polygons_of(&[refs], &[], points),
            Outline::Members(list) => {
                let rings = |is_inner: bool| {
                    let ways: Vec<&[i64]> = list
                        .iter()
                        .filter(|member| {
                            member.kind == MemberKind::Way && (member.role == "inner") == is_inner
                        })
                        .filter_map(|member| members.get(&member.id))
                        .filter(|refs| refs.len() > 1)
                        .map(Vec::as_slice)
                        .collect();
                    places::rings_of(&ways)
                };
                places::polygons_of(&rings(false), &rings(true), points)
            }
        };
        if polygons.0.is_empty() {
            context.report.add(
                Severity::Info,
                "area-open",
                id,
                "its outline is not closed within the extract; the area is left out",
            );
            continue;
        }
        for (kind, facts) in things {
            let geometry = || -> geo::Geometry<f64> {
                match &polygons.0[..] {
                    [polygon] => polygon.clone().into(),
                    _ => polygons.clone().into(),
                }
            };
            match kind {
                Kind::Building => buildings.push(id.clone(), polygons.clone(), facts, false),
                Kind::BuildingPart => buildings.push(id.clone(), polygons.clone(), facts, true),
                Kind::Place => {
                    if let Some(center) = polygons.centroid() {
                        pois.push(id.clone(), center.into(), facts);
                    }
                }
                Kind::Surface => surfaces.push(id.clone(), geometry(), facts),
                Kind::LandUse => land_use.push(id.clone(), geometry(), facts),
            }
        }
    }
    let mut layers: Vec<(&'static str, LayerData)> = Vec::new();
    if let Some(model) = buildings.finish() {
        layers.push(("buildings", LayerData::City(Arc::new(model))));
    }
    for (name, layer) in [
        ("points-of-interest", pois),
        ("surfaces", surfaces),
        ("land-use", land_use),
        ("rail", rail),
        ("trees", tree_layer),
    ] {
        if let Some(layer) = layer.finish() {
            layers.push((name, LayerData::Features(Arc::new(layer))));
        }
    }
    Ok(layers)
}
