//! City models as bytes.

use rayon::prelude::*;

use std::sync::Arc;

use super::{
    Decoder, Encoder, Stored, StoredError,
    codec::encode_pod,
    model::{decode_blocks, encode_blocks},
};
use crate::{
    model::{
        CityModel, CityObject, Geometry, GeometryDetails, VertexTransform, Vertices,
        appearance::{Appearance, Material, SurfaceLooks},
    },
    stored_struct,
};

stored_struct!(Material { name, diffuse, transparency, extras });
stored_struct!(Appearance { materials, textures, texture_extras, texture_places, extras });

impl Stored for SurfaceLooks {
    fn encode(&self, encoder: &mut Encoder) {
        let Self { materials, textures, places, themes: [material, texture], others } = self;
        materials.encode(encoder);
        textures.encode(encoder);
        places.encode(encoder);
        material.encode(encoder);
        texture.encode(encoder);
        others.encode(encoder);
    }
    fn decode(decoder: &mut Decoder) -> Result<Self, StoredError> {
        let mut looks = one_theme(decoder)?;
        // Written by hand: further themes have no further themes, so that damaged bytes cannot nest without end.
        let count = decoder.count(1, "themes")?;
        for _ in 0..count {
            let other = one_theme(decoder)?;
            if decoder.count(1, "themes")? > 0 {
                return Err(decoder.unexpected("themes side by side", "themes in themes"));
            }
            looks.others.push(other);
        }
        Ok(looks)
    }
}

fn one_theme(decoder: &mut Decoder) -> Result<SurfaceLooks, StoredError> {
    Ok(SurfaceLooks {
        materials: Stored::decode(decoder)?,
        textures: Stored::decode(decoder)?,
        places: Stored::decode(decoder)?,
        themes: [Stored::decode(decoder)?, Stored::decode(decoder)?],
        others: Vec::new(),
    })
}

impl Stored for GeometryDetails {
    fn encode(&self, encoder: &mut Encoder) {
        let Self { solid_ends, semantics, semantic_values } = self;
        solid_ends.encode(encoder);
        // The same text follows itself by the thousand.
        let is_same = encoder.last_text.as_ref() == Some(semantics);
        is_same.encode(encoder);
        if !is_same {
            semantics.encode(encoder);
            encoder.last_text = Some(semantics.clone());
        }
        semantic_values.encode(encoder);
    }
    fn decode(decoder: &mut Decoder) -> Result<Self, StoredError> {
        let solid_ends = Stored::decode(decoder)?;
        let semantics = if bool::decode(decoder)? {
            decoder.last_text.clone().ok_or_else(|| decoder.unexpected("a text before", "none"))?
        } else {
            let text: Arc<str> = Stored::decode(decoder)?;
            decoder.last_text = Some(text.clone());
            text
        };
        Ok(Self { solid_ends, semantics, semantic_values: Stored::decode(decoder)? })
    }
}

impl Stored for Geometry {
    const MIN_SIZE: usize = 43;
    fn encode(&self, encoder: &mut Encoder) {
        let Self { kind, lod, indices, ring_ends, surface_ends, surface_types, shell_ends, looks, details } =
            self;
        kind.encode(encoder);
        lod.encode(encoder);
        indices.encode(encoder);
        ring_ends.encode(encoder);
        surface_ends.encode(encoder);
        surface_types.encode(encoder);
        shell_ends.encode(encoder);
        looks.encode(encoder);
        details.encode(encoder);
    }
    fn decode(decoder: &mut Decoder) -> Result<Self, StoredError> {
        let geometry = Self {
            kind: Stored::decode(decoder)?,
            lod: Stored::decode(decoder)?,
            indices: Stored::decode(decoder)?,
            ring_ends: Stored::decode(decoder)?,
            surface_ends: Stored::decode(decoder)?,
            surface_types: Stored::decode(decoder)?,
            shell_ends: Stored::decode(decoder)?,
            looks: Stored::decode(decoder)?,
            details: Stored::decode(decoder)?,
        };
        let rises = |ends: &[u32], last: usize| {
            ends.is_sorted() && ends.last().is_none_or(|&end| end as usize <= last)
        };
        let is_sound = rises(&geometry.ring_ends, geometry.indices.len())
            && rises(&geometry.surface_ends, geometry.ring_ends.len())
            && geometry.surface_types.len() == geometry.surface_ends.len()
            && rises(&geometry.shell_ends, geometry.surface_ends.len())
            && geometry.details.as_ref().is_none_or(|d| rises(&d.solid_ends, geometry.shell_ends.len()));
        if is_sound { Ok(geometry) } else { Err(decoder.unexpected("rings inside their geometry", "others")) }
    }
}

stored_struct!(CityObject { id, object_type, parents, children, geometries });

/// As a list is stored, but handed on piece by piece: the vertices of a large city are half a gigabyte.
fn encode_long<T: bytemuck::Pod>(numbers: &[T], encoder: &mut Encoder) {
    numbers.len().encode(encoder);
    for part in numbers.chunks(1 << 16) {
        encode_pod(part, encoder);
        encoder.rest();
    }
}

impl Stored for Vertices {
    const MIN_SIZE: usize = 9;
    fn encode(&self, encoder: &mut Encoder) {
        match self.parts() {
            Ok((transform, numbers)) => {
                true.encode(encoder);
                transform.scale.encode(encoder);
                transform.translate.encode(encoder);
                encode_long(numbers, encoder);
            }
            Err(points) => {
                false.encode(encoder);
                encode_long(points, encoder);
            }
        }
    }
    fn decode(decoder: &mut Decoder) -> Result<Self, StoredError> {
        if !bool::decode(decoder)? {
            return Vec::<[f64; 3]>::decode(decoder).map(Self::from);
        }
        let transform =
            VertexTransform { scale: Stored::decode(decoder)?, translate: Stored::decode(decoder)? };
        Ok(Self::from_scaled(transform, Stored::decode(decoder)?))
    }
}

impl Stored for CityModel {
    fn encode(&self, encoder: &mut Encoder) {
        const BLOCK: usize = 4096;
        self.vertices.encode(encoder);
        encode_blocks(&self.objects, BLOCK, encoder);
        self.attributes.encode(encoder);
        self.appearance.encode(encoder);
        self.extras.encode(encoder);
    }
    fn decode(decoder: &mut Decoder) -> Result<Self, StoredError> {
        let vertices: Vertices = Stored::decode(decoder)?;
        let objects: Vec<CityObject> = decode_blocks(decoder)?;
        let (vertex_count, object_count) = (vertices.len(), objects.len());
        let is_sound = objects.par_iter().all(|object| {
            let relatives = object.parents.iter().chain(&object.children);
            relatives.copied().all(|other| (other as usize) < object_count)
                && object
                    .geometries
                    .iter()
                    .all(|g| g.indices.iter().all(|&index| (index as usize) < vertex_count))
        });
        if !is_sound {
            return Err(decoder.unexpected("vertices and relatives that exist", "others"));
        }
        let mut model = Self {
            vertices,
            objects,
            attributes: Stored::decode(decoder)?,
            appearance: Stored::decode(decoder)?,
            extras: Stored::decode(decoder)?,
        };
        model.share_semantics();
        Ok(model)
    }
}
