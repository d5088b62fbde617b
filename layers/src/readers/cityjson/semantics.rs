//! What belongs to surfaces beside their shape: semantic types, materials and textures, checked against the geometry.

use super::{
    boundaries::{Boundaries, NO_SURFACE, SemanticValues},
    parse::ParsedGeometry,
    parse_looks::ParsedAppearance,
};
use crate::{
    model::{Appearance, Geometry, Material, SurfaceLooks, SurfaceType},
    readers::Report,
};

/// One value a surface out of nested `values`; shorter or longer than the surfaces when they do not fit.
fn by_surface(values: &SemanticValues, flat: &Boundaries) -> Vec<u32> {
    let count = flat.surface_ends.len();
    let mut result: Vec<u32> = Vec::with_capacity(count);
    let leaf_depth = flat.height.saturating_sub(2);
    for (&value, &depth) in values.values.iter().zip(&values.depths) {
        if depth < leaf_depth && value == NO_SURFACE {
            // A null for a whole shell or solid.
            let ends = if depth + 1 == leaf_depth { &flat.shell_ends } else { &flat.solid_ends };
            let next = |ends: &[u32], from: usize| {
                ends.get(ends.partition_point(|&end| end as usize <= from)).copied()
            };
            let end = if depth + 1 == leaf_depth {
                next(ends, result.len()).map(|end| end as usize)
            } else {
                let shells_done = flat.shell_ends.partition_point(|&end| end as usize <= result.len());
                next(ends, shells_done)
                    .and_then(|shell| flat.shell_ends.get((shell as usize).checked_sub(1)?))
                    .map(|&end| end as usize)
            };
            result.resize(end.unwrap_or(count).min(count).max(result.len()), NO_SURFACE);
        } else {
            result.push(if depth == leaf_depth { value } else { NO_SURFACE });
        }
    }
    result
}

/// The position of the semantic surface of each surface; empty without semantics. What does not fit the geometry gives
/// a fault and [`NO_SURFACE`].
pub(super) fn surface_values(
    parsed: &ParsedGeometry,
    flat: &Boundaries,
    id: &str,
    report: &mut Report,
) -> Vec<u32> {
    let Some(semantics) = parsed.semantics.as_ref().filter(|semantics| !semantics.values.is_empty()) else {
        return Vec::new();
    };
    let (count, surfaces) = (flat.surface_ends.len(), parsed.surfaces.len());
    let mut values = by_surface(semantics, flat);
    let found = values.len();
    let out_of_range = hide_out_of_range(&mut values, surfaces);
    if found != count || out_of_range > 0 {
        report.warn(
            "semantics",
            id,
            format!(
                "expected one semantic value for each of {count} surfaces within 0..{surfaces}, found {found} values, {out_of_range} of them out of range; the rest counts as unknown"
            ),
        );
        values.resize(count, NO_SURFACE);
    }
    values
}

/// As [`surface_values`] for the points or lines of a geometry without surfaces.
pub(super) fn point_values(
    parsed: &ParsedGeometry,
    flat: &Boundaries,
    id: &str,
    report: &mut Report,
) -> Vec<u32> {
    let Some(semantics) = parsed.semantics.as_ref().filter(|semantics| !semantics.values.is_empty()) else {
        return Vec::new();
    };
    let count = if flat.height == 1 { flat.indices.len() } else { flat.ring_ends.len() };
    let mut values = semantics.values.clone();
    let found = values.len();
    if hide_out_of_range(&mut values, parsed.surfaces.len()) > 0 || found != count {
        report.warn(
            "semantics",
            id,
            format!(
                "expected one semantic value for each of {count} points or lines within 0..{}, found {found} values; the rest counts as unknown",
                parsed.surfaces.len(),
            ),
        );
        values.resize(count, NO_SURFACE);
    }
    values
}

fn hide_out_of_range(values: &mut [u32], surfaces: usize) -> usize {
    let mut hidden = 0;
    for value in values.iter_mut().filter(|value| **value != NO_SURFACE && **value as usize >= surfaces) {
        *value = NO_SURFACE;
        hidden += 1;
    }
    hidden
}

/// One type for each of `count` surfaces.
pub(super) fn surface_types(names: &[String], values: &[u32], count: usize) -> Vec<SurfaceType> {
    if values.is_empty() {
        return vec![SurfaceType::Unknown; count];
    }
    let types: Vec<SurfaceType> = names.iter().map(|name| SurfaceType::from_name(name)).collect();
    values.iter().map(|&value| types.get(value as usize).copied().unwrap_or_default()).collect()
}

/// Keeps the semantic surfaces themselves where they say more than the types.
pub(super) fn keep_semantics(parsed: &mut ParsedGeometry, values: Vec<u32>, geometry: &mut Geometry) {
    let has_types = geometry.surface_types.iter().any(|&known| known != SurfaceType::Unknown);
    let is_said = values.is_empty() || (parsed.semantics_text.is_empty() && has_types);
    if is_said || values.iter().all(|&value| value == NO_SURFACE) {
        return;
    }
    let details = geometry.details_mut();
    details.semantics = if parsed.semantics_text.is_empty() {
        let types = parsed.surfaces.iter().map(|name| serde_json::json!({ "type": name }));
        serde_json::Value::Array(types.collect()).to_string().into()
    } else {
        std::mem::take(&mut parsed.semantics_text).into()
    };
    details.semantic_values = values;
}

/// Materials and textures of a file or a feature, and where theirs begin in the model's.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Looks {
    first_material: usize,
    materials: usize,
    first_texture: usize,
    textures: usize,
    first_place: usize,
    places: usize,
}

impl Looks {
    /// Adds the materials and textures of `parsed` to those of the model.
    pub fn add(parsed: ParsedAppearance, all: &mut Appearance) -> Self {
        let looks = Self {
            first_material: all.materials.len(),
            materials: parsed.materials.len(),
            first_texture: all.textures.len(),
            textures: parsed.textures.len(),
            first_place: all.texture_places.len(),
            places: parsed.places.len(),
        };
        all.materials.extend(parsed.materials.into_iter().map(|material| Material {
            name: material.name.unwrap_or_default(),
            diffuse: material.diffuse,
            transparency: material.transparency.unwrap_or(0.0).clamp(0.0, 1.0),
            extras: material.extras,
        }));
        for texture in parsed.textures {
            all.textures.push(texture.image.into());
            all.texture_extras.push(texture.extras);
        }
        all.texture_places.extend(parsed.places);
        if !parsed.extras.is_empty() && all.extras.is_empty() {
            all.extras = serde_json::Value::Object(parsed.extras).to_string().into();
        }
        looks
    }

    /// The looks of a geometry in all its themes; those of the first are drawn.
    pub fn of(
        &self,
        parsed: &ParsedGeometry,
        geometry: &Geometry,
        flat: &Boundaries,
        id: &str,
        report: &mut Report,
    ) -> Option<Box<SurfaceLooks>> {
        if parsed.materials.is_empty() && parsed.textures.is_empty() {
            return None;
        }
        let mut looks = SurfaceLooks::default();
        let count = geometry.surface_ends.len();
        // A theme is a few bytes that may stand for as many values as there are surfaces.
        const MAX_THEMES: usize = 64;
        if parsed.materials.len().max(parsed.textures.len()) > MAX_THEMES {
            report.error("material", id, format!("more than {MAX_THEMES} themes; the rest is left out"));
        }
        for (theme, material) in parsed.materials.iter().take(MAX_THEMES) {
            let values = match (&material.value, &material.values) {
                (Some(value), _) => vec![*value; count],
                (None, values) => by_surface(values, flat),
            };
            let out_of_range = values
                .iter()
                .filter(|&&value| value != NO_SURFACE && value as usize >= self.materials)
                .count();
            if values.len() != count || out_of_range > 0 {
                report.error(
                    "material",
                    id,
                    format!(
                        "theme \"{theme}\": expected one of {} materials for each of {count} surfaces, found {} values, {out_of_range} of them out of range; the theme is left out",
                        self.materials,
                        values.len()
                    ),
                );
            } else {
                let materials = values.iter().map(|&value| offset(value, self.first_material)).collect();
                let is_first = looks.materials.is_empty();
                let target = if is_first { &mut looks } else { another(&mut looks.others) };
                target.materials = materials;
                target.themes[0] = theme.as_str().into();
            }
        }
        for (theme, texture) in parsed.textures.iter().take(MAX_THEMES) {
            match self.texture_by_surface(texture, geometry, flat) {
                Ok((textures, places)) => {
                    let is_first = looks.textures.is_empty();
                    let target = if is_first { &mut looks } else { another(&mut looks.others) };
                    (target.textures, target.places) = (textures, places);
                    target.themes[1] = theme.as_str().into();
                }
                Err(found) => report.error(
                    "texture",
                    id,
                    format!(
                        "theme \"{theme}\": expected for each ring one of {} textures and one of {} places in it for each vertex, found {found}; the theme is left out",
                        self.textures, self.places
                    ),
                ),
            }
        }
        (!looks.is_empty()).then(|| Box::new(looks))
    }

    /// The picture of each surface, which is that of its outer ring, and the place of each corner in it. `Err` says what
    /// does not fit.
    fn texture_by_surface(
        &self,
        texture: &Boundaries,
        geometry: &Geometry,
        flat: &Boundaries,
    ) -> Result<(Vec<u16>, Vec<u32>), String> {
        if texture.is_broken {
            return Err("something else than nested lists of whole numbers".to_owned());
        }
        if texture.surface_ends.len() != flat.surface_ends.len() {
            return Err(format!(
                "{} surfaces instead of {}",
                texture.surface_ends.len(),
                flat.surface_ends.len()
            ));
        }
        let ring = |list: &'_ [u32], position: u32| -> (usize, usize) {
            let start =
                position.checked_sub(1).and_then(|before| list.get(before as usize)).copied().unwrap_or(0);
            (start as usize, list.get(position as usize).copied().unwrap_or(start) as usize)
        };
        let mut result = Vec::with_capacity(geometry.surface_ends.len());
        let mut all_places = vec![SurfaceLooks::NO_PLACE; flat.indices.len()];
        let (mut first, mut shape_first) = (0, 0);
        for (&end, &shape_end) in texture.surface_ends.iter().zip(&flat.surface_ends) {
            let mut picture = SurfaceLooks::NONE;
            let numbers_of = |position: u32| {
                let (start, end) = ring(&texture.ring_ends, position);
                texture.indices.get(start..end).unwrap_or_default()
            };
            // One null, or only nulls, stand for a surface without a picture, however many holes it has.
            let has_none = (first..end).all(|position| matches!(numbers_of(position), [NO_SURFACE, ..]));
            if !has_none && end - first != shape_end - shape_first {
                return Err(format!("{} rings instead of {}", end - first, shape_end - shape_first));
            }
            for (position, shape_position) in (first..end).zip(shape_first..shape_end) {
                let (shape_from, shape_to) = ring(&flat.ring_ends, shape_position);
                match numbers_of(position) {
                    [NO_SURFACE, ..] => {}
                    [found, places @ ..] => {
                        if *found as usize >= self.textures {
                            return Err(format!("texture {found}"));
                        }
                        if let Some(place) = places.iter().find(|&&place| place as usize >= self.places) {
                            return Err(format!("place {place}"));
                        }
                        if places.len() != shape_to - shape_from {
                            let count = shape_to - shape_from;
                            return Err(format!("{} places for a ring of {count} vertices", places.len()));
                        }
                        if position == first {
                            picture = offset(*found, self.first_texture);
                        } else if picture != offset(*found, self.first_texture) {
                            return Err("a hole with another picture than its surface".to_owned());
                        }
                        for (slot, &place) in all_places[shape_from..shape_to].iter_mut().zip(places) {
                            *slot = (place as usize + self.first_place) as u32;
                        }
                    }
                    [] => return Err("an empty ring".to_owned()),
                }
            }
            result.push(picture);
            (first, shape_first) = (end, shape_end);
        }
        Ok((result, all_places))
    }
}

/// A further theme, to be filled.
fn another(others: &mut Vec<SurfaceLooks>) -> &mut SurfaceLooks {
    others.push(SurfaceLooks::default());
    let last = others.len() - 1;
    &mut others[last]
}

fn offset(value: u32, first: usize) -> u16 {
    if value == NO_SURFACE {
        return SurfaceLooks::NONE;
    }
    // More than 65,534 materials: the rest has none.
    u16::try_from(value as usize + first).unwrap_or(SurfaceLooks::NONE)
}
