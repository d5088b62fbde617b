//! Nested index arrays of CityJSON geometries, read into flat arrays in one pass.
//!
//! The depth of `boundaries` depends on `type`, which may come later in the object. So the nesting is measured from the
//! bottom: a list of numbers has height 1 (a ring), a list of rings height 2 (a surface), and so on up to 5 (a
//! MultiSolid). Lists that mix heights, hold floats or texts, or go deeper make the geometry broken, not the file.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// Flat form of one `boundaries`: each `…_ends[i]` is the end of part `i` in the array below it.
#[derive(Clone, Debug, Default)]
pub(super) struct Boundaries {
    pub indices: Vec<u32>,
    pub ring_ends: Vec<u32>,
    pub surface_ends: Vec<u32>,
    pub shell_ends: Vec<u32>,
    pub solid_ends: Vec<u32>,
    /// Nesting of the outermost list; 0 before anything was read and for an empty list.
    pub height: u8,
    pub is_broken: bool,
    /// The first number that no list can have as a position, as it stands; among `indices` it is `u32::MAX`.
    pub odd: Option<i64>,
    /// Of texture references: a `null` is a number, [`NO_SURFACE`]. Elsewhere it breaks the geometry.
    pub has_nulls: bool,
}

impl Boundaries {
    /// Gives back memory that the lists do not use.
    pub fn shrink(&mut self) {
        for list in [
            &mut self.indices,
            &mut self.ring_ends,
            &mut self.surface_ends,
            &mut self.shell_ends,
            &mut self.solid_ends,
        ] {
            list.shrink_to_fit();
        }
    }
}

/// Highest nesting that CityJSON has (MultiSolid).
const MAX_HEIGHT: u8 = 5;

pub(super) struct BoundariesSeed<'a>(pub &'a mut Boundaries);

impl<'de> DeserializeSeed<'de> for BoundariesSeed<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.0.height = deserializer.deserialize_any(Level(self.0))?.unwrap_or(0);
        Ok(())
    }
}

/// Reads one element; returns its height, or `None` for an empty list.
struct Level<'a>(&'a mut Boundaries);

impl<'de> DeserializeSeed<'de> for Level<'_> {
    type Value = Option<u8>;
    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<u8>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Level<'_> {
    type Value = Option<u8>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nested lists of vertex indices")
    }

    #[inline]
    fn visit_u64<E>(self, index: u64) -> Result<Option<u8>, E> {
        self.0.indices.push(u32::try_from(index).unwrap_or_else(|_| {
            self.0.odd.get_or_insert(i64::try_from(index).unwrap_or(i64::MAX));
            u32::MAX
        }));
        Ok(Some(0))
    }

    fn visit_i64<E>(self, index: i64) -> Result<Option<u8>, E> {
        self.0.odd.get_or_insert(index);
        self.0.indices.push(u32::MAX);
        Ok(Some(0))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Option<u8>, E> {
        self.0.is_broken = true;
        Ok(Some(0))
    }

    fn visit_unit<E>(self) -> Result<Option<u8>, E> {
        if self.0.has_nulls {
            self.0.indices.push(NO_SURFACE);
            return Ok(Some(0));
        }
        self.0.is_broken = true;
        Ok(None)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Option<u8>, E> {
        self.0.is_broken = true;
        Ok(None)
    }

    fn visit_str<E>(self, _: &str) -> Result<Option<u8>, E> {
        self.0.is_broken = true;
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Option<u8>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        self.0.is_broken = true;
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Option<u8>, A::Error> {
        let out = self.0;
        let mut height = None;
        while let Some(part) = list.next_element_seed(Level(out))? {
            if height.is_none() {
                height = part;
            } else if part.is_some() && part != height {
                out.is_broken = true;
            }
        }
        let Some(below) = height else { return Ok(None) };
        match below {
            0 => out.ring_ends.push(out.indices.len() as u32),
            1 => out.surface_ends.push(out.ring_ends.len() as u32),
            2 => out.shell_ends.push(out.surface_ends.len() as u32),
            3 => out.solid_ends.push(out.shell_ends.len() as u32),
            4 => {}
            _ => out.is_broken = true,
        }
        Ok(Some((below + 1).min(MAX_HEIGHT + 1)))
    }
}

/// `semantics.values`: nested like the geometry, down to surfaces, with `null` at any level.
#[derive(Clone, Debug, Default)]
pub(super) struct SemanticValues {
    /// Positions in `semantics.surfaces`; [`NO_SURFACE`] for null.
    pub values: Vec<u32>,
    /// How deep each value lay (1 for a MultiSurface's).
    pub depths: Vec<u8>,
}

pub(super) const NO_SURFACE: u32 = u32::MAX;

pub(super) struct SemanticValuesSeed<'a> {
    pub out: &'a mut SemanticValues,
    pub depth: u8,
}

impl<'de> DeserializeSeed<'de> for SemanticValuesSeed<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl SemanticValuesSeed<'_> {
    fn push(self, value: u32) {
        self.out.values.push(value);
        self.out.depths.push(self.depth);
    }
}

impl<'de> Visitor<'de> for SemanticValuesSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nested lists of semantic surface positions")
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.push(u32::try_from(value).unwrap_or(NO_SURFACE));
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        self.push(NO_SURFACE);
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        self.push(NO_SURFACE);
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.push(NO_SURFACE);
        Ok(())
    }

    fn visit_bool<E: serde::de::Error>(self, _: bool) -> Result<(), E> {
        self.visit_unit()
    }

    fn visit_str<E: serde::de::Error>(self, _: &str) -> Result<(), E> {
        self.visit_unit()
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let depth = self.depth.saturating_add(1);
        while list.next_element_seed(SemanticValuesSeed { out: self.out, depth })?.is_some() {}
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Boundaries {
        let mut boundaries = Boundaries::default();
        BoundariesSeed(&mut boundaries).deserialize(&mut serde_json::Deserializer::from_str(text)).unwrap();
        boundaries
    }

    #[test]
    fn nesting_becomes_ends() {
        let surfaces = read("[[[0,1,2,3],[4,5,6]],[[7,8,9]]]");
        assert_eq!(surfaces.height, 3);
        assert_eq!(surfaces.indices, (0..10).collect::<Vec<_>>());
        assert_eq!((surfaces.ring_ends, surfaces.surface_ends), (vec![4, 7, 10], vec![2, 3]));
        let solid = read("[[[[0,1,2]],[[3,4,5]]],[[[6,7,8]]]]");
        assert_eq!((solid.height, solid.shell_ends), (4, vec![2, 3]));
        assert_eq!(read("[1,2]").height, 1);
        assert_eq!(read("[]").height, 0);
        assert_eq!(read("[[],[[0,1,2]]]").surface_ends, [1], "an empty part is skipped");
    }

    #[test]
    fn mixed_or_odd_nesting_is_marked() {
        for text in
            ["[[[0,1,2]],[3]]", "[[[0,1.5,2]]]", "[[[\"0\"]]]", "[[[[[[[0]]]]]]]", "[[null]]", "[{\"a\":1}]"]
        {
            assert!(read(text).is_broken, "{text}");
        }
        assert_eq!(
            read("[[[0,-1,5000000000]]]").indices,
            [0, u32::MAX, u32::MAX],
            "caught as out of range later"
        );
    }
}
