//! Which things of a layer are drawn only roughly, so that a reader can say so.

use geo::{Geometry, Polygon};
use rayon::prelude::*;

use super::{surfaces::open_ring, triangulate::is_coarse};
use crate::model::LayerData;

/// Ids of the features or objects with an outline that crosses itself too often to be cut into triangles
/// (see [`super::triangulate::Face::is_coarse`]), in the order of the layer. Quick: only outlines of thousands of long
/// lines are looked at closely.
pub fn rough_outlines(data: &LayerData) -> Vec<String> {
    match data {
        LayerData::Features(layer) => {
            let is_rough = |polygon: &Polygon<f64>| {
                let rings: Vec<Vec<[f64; 3]>> =
                    std::iter::once(polygon.exterior()).chain(polygon.interiors()).map(open_ring).collect();
                is_coarse(&rings.iter().map(Vec::as_slice).collect::<Vec<_>>())
            };
            let rough = layer.features.par_iter().filter(|feature| match &feature.geometry {
                Some(Geometry::Polygon(polygon)) => is_rough(polygon),
                Some(Geometry::MultiPolygon(multi)) => multi.0.iter().any(is_rough),
                _ => false,
            });
            rough.map(|feature| feature.id.clone()).collect()
        }
        LayerData::City(model) => {
            let point = |&index: &u32| model.vertices.get(index as usize);
            let is_rough = |rings: Vec<&[u32]>| {
                // Nearly all surfaces have a handful of corners: those cost nothing here.
                rings.iter().map(|ring| ring.len()).sum::<usize>() > 1_000 && {
                    let rings: Vec<Vec<[f64; 3]>> =
                        rings.iter().map(|ring| ring.iter().filter_map(point).collect()).collect();
                    is_coarse(&rings.iter().map(Vec::as_slice).collect::<Vec<_>>())
                }
            };
            let rough = model.objects.par_iter().filter(|object| {
                object.geometries.iter().any(|geometry| {
                    (0..geometry.surface_count()).any(|surface| is_rough(geometry.rings(surface).collect()))
                })
            });
            rough.map(|object| object.id.clone()).collect()
        }
        _ => Vec::new(),
    }
}
