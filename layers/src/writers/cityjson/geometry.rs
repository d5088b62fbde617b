//! One geometry as CityJSON text: boundaries, semantics, materials and textures, each nested as deep as its kind asks.

use std::{fmt::Write as _, ops::Range};

use super::{Vertices, appearance::LooksUsed};
use crate::model::{CityModel, Geometry, GeometryDetails, GeometryKind, SurfaceLooks, SurfaceType};

pub(super) fn geometry_text(
    model: &CityModel,
    geometry: &Geometry,
    vertices: &mut Vertices,
    looks: &mut LooksUsed,
    text: &mut String,
) {
    let kind = match geometry.kind {
        GeometryKind::MultiPoint => "MultiPoint",
        GeometryKind::MultiLineString => "MultiLineString",
        // Templates are unfolded when they are read, so an instance has surfaces of its own.
        GeometryKind::MultiSurface | GeometryKind::GeometryInstance => "MultiSurface",
        GeometryKind::CompositeSurface => "CompositeSurface",
        GeometryKind::Solid => "Solid",
        GeometryKind::MultiSolid => "MultiSolid",
        GeometryKind::CompositeSolid => "CompositeSolid",
    };
    let _ = write!(text, "{{\"type\":\"{kind}\"");
    if let Some(lod) = geometry.lod {
        let _ = write!(text, ",\"lod\":\"{lod}\"");
    }
    text.push_str(",\"boundaries\":");
    let mut corner = |index: u32, text: &mut String| {
        let vertex = model.vertices.get(index as usize).unwrap_or_default();
        let _ = write!(text, "{}", vertices.index(vertex));
    };
    match geometry.kind {
        GeometryKind::MultiPoint => list(&geometry.indices, text, |&index, text| corner(index, text)),
        GeometryKind::MultiLineString => {
            list(rings(geometry), text, |ring, text| {
                list(&geometry.indices[ring], text, |&index, text| corner(index, text));
            });
        }
        _ => nested(geometry, text, |surface, text| {
            list(geometry.rings(surface), text, |ring, text| {
                list(ring, text, |&index, text| corner(index, text));
            });
        }),
    }
    semantics_text(geometry, text);
    if let Some(own) = &geometry.looks {
        materials_text(geometry, own, looks, text);
        textures_text(geometry, own, looks, text);
    }
    text.push('}');
}

/// A JSON list of what `each` writes.
fn list<T>(items: impl IntoIterator<Item = T>, text: &mut String, mut each: impl FnMut(T, &mut String)) {
    text.push('[');
    for (position, item) in items.into_iter().enumerate() {
        if position > 0 {
            text.push(',');
        }
        each(item, text);
    }
    text.push(']');
}

fn rings(geometry: &Geometry) -> impl Iterator<Item = Range<usize>> {
    let mut start = 0;
    geometry.ring_ends.iter().map(move |&end| std::mem::replace(&mut start, end as usize)..end as usize)
}

/// Surfaces in the lists of their shells and solids, as deep as the kind asks.
fn nested(geometry: &Geometry, text: &mut String, mut each: impl FnMut(usize, &mut String)) {
    let all = geometry.surface_count();
    let shell = |number: usize| -> Range<usize> {
        let start = if number == 0 { 0 } else { geometry.shell_ends[number - 1] as usize };
        start..geometry.shell_ends[number] as usize
    };
    match geometry.kind {
        GeometryKind::Solid | GeometryKind::MultiSolid | GeometryKind::CompositeSolid => {
            // Shells that lost all their faces are left out; without shells all surfaces are one.
            let shells_of = |range: Range<usize>| -> Vec<Range<usize>> {
                range.map(shell).filter(|shell| !shell.is_empty()).collect()
            };
            let mut solids: Vec<Vec<Range<usize>>> = if geometry.shell_ends.is_empty() {
                vec![std::iter::once(0..all).filter(|shell| !shell.is_empty()).collect()]
            } else if geometry.kind == GeometryKind::Solid {
                vec![shells_of(0..geometry.shell_ends.len())]
            } else {
                geometry.solids().into_iter().map(shells_of).collect()
            };
            if geometry.kind == GeometryKind::Solid {
                list(solids.pop().unwrap_or_default(), text, |shell, text| list(shell, text, &mut each));
            } else {
                solids.retain(|solid| !solid.is_empty());
                list(solids, text, |solid, text| {
                    list(solid, text, |shell, text| list(shell, text, &mut each));
                });
            }
        }
        _ => list(0..all, text, each),
    }
}

fn semantics_text(geometry: &Geometry, text: &mut String) {
    let value_text = |value: Option<usize>, text: &mut String| {
        let _ = match value {
            Some(value) => write!(text, "{value}"),
            None => write!(text, "null"),
        };
    };
    if let Some(details) = geometry.details.as_ref().filter(|details| !details.semantics.is_empty()) {
        let value = |position: usize| {
            let value = details.semantic_values.get(position).copied();
            value.filter(|&value| value != GeometryDetails::NO_SEMANTICS).map(|value| value as usize)
        };
        let _ = write!(text, ",\"semantics\":{{\"surfaces\":{},\"values\":", details.semantics);
        match geometry.kind {
            GeometryKind::MultiPoint => {
                list(0..geometry.indices.len(), text, |point, text| value_text(value(point), text));
            }
            GeometryKind::MultiLineString => {
                list(0..geometry.ring_ends.len(), text, |line, text| value_text(value(line), text));
            }
            _ => nested(geometry, text, |surface, text| value_text(value(surface), text)),
        }
        text.push('}');
        return;
    }
    let mut present: Vec<SurfaceType> = Vec::new();
    for &surface_type in &geometry.surface_types {
        if surface_type != SurfaceType::Unknown && !present.contains(&surface_type) {
            present.push(surface_type);
        }
    }
    if present.is_empty() {
        return;
    }
    text.push_str(",\"semantics\":{\"surfaces\":");
    list(present.iter().filter_map(|known| known.name()), text, |name, text| {
        let _ = write!(text, "{{\"type\":\"{name}\"}}");
    });
    text.push_str(",\"values\":");
    nested(geometry, text, |surface, text| {
        let own = geometry.surface_types.get(surface);
        value_text(own.and_then(|own| present.iter().position(|known| known == own)), text);
    });
    text.push('}');
}

/// The looks in every theme that has what `is_wanted` asks for.
fn themes(looks: &SurfaceLooks, is_wanted: impl Fn(&SurfaceLooks) -> bool) -> Vec<&SurfaceLooks> {
    std::iter::once(looks).chain(&looks.others).filter(|looks| is_wanted(looks)).collect()
}

/// The name of a theme; sources without one (CityGML allows that) get the usual word.
fn theme_name(name: &str, position: usize) -> String {
    match (name, position) {
        ("", 0) => "visual".to_owned(),
        ("", position) => format!("visual-{}", position + 1),
        (name, _) => name.to_owned(),
    }
}

fn materials_text(geometry: &Geometry, own: &SurfaceLooks, used: &mut LooksUsed, text: &mut String) {
    let themes = themes(own, |looks| !looks.materials.is_empty());
    if themes.is_empty() {
        return;
    }
    text.push_str(",\"material\":{");
    for (position, looks) in themes.into_iter().enumerate() {
        let comma = if position > 0 { "," } else { "" };
        let _ =
            write!(text, "{comma}{}:{{\"values\":", super::quoted(&theme_name(&looks.themes[0], position)));
        nested(geometry, text, |surface, text| {
            let _ = match looks.material(surface) {
                Some(material) => write!(text, "{}", used.material(material)),
                None => write!(text, "null"),
            };
        });
        text.push('}');
    }
    text.push('}');
}

fn textures_text(geometry: &Geometry, own: &SurfaceLooks, used: &mut LooksUsed, text: &mut String) {
    // A picture without places in it (a file that names only the picture) has no form in CityJSON; see `losses`.
    let themes = themes(own, |looks| !looks.textures.is_empty() && !looks.places.is_empty());
    if themes.is_empty() {
        return;
    }
    text.push_str(",\"texture\":{");
    for (position, looks) in themes.into_iter().enumerate() {
        let comma = if position > 0 { "," } else { "" };
        let _ =
            write!(text, "{comma}{}:{{\"values\":", super::quoted(&theme_name(&looks.themes[1], position)));
        nested(geometry, text, |surface, text| {
            let texture = looks.texture(surface);
            let first_ring = if surface == 0 { 0 } else { geometry.surface_ends[surface - 1] as usize };
            let range = |ring: usize| {
                let start = if ring == 0 { 0 } else { geometry.ring_ends[ring - 1] as usize };
                start..geometry.ring_ends[ring] as usize
            };
            list(first_ring..geometry.surface_ends[surface] as usize, text, |ring, text| {
                let places = looks.places.get(range(ring)).unwrap_or_default();
                let is_placed = !places.is_empty() && places.iter().all(|&p| p != SurfaceLooks::NO_PLACE);
                match texture.filter(|_| is_placed) {
                    Some(texture) => {
                        let _ = write!(text, "[{}", used.texture(texture));
                        for &place in places {
                            let _ = write!(text, ",{}", used.place(place));
                        }
                        text.push(']');
                    }
                    None => text.push_str("[null]"),
                }
            });
        });
        text.push('}');
    }
    text.push('}');
}
