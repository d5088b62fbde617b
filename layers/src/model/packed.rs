//! Values of a column without room for those that are missing: a city has gigabytes of attributes, half of them null.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
};

use xxhash_rust::xxh3::xxh3_64;

/// Rows a word of presence bits stands for.
const WORD: usize = 64;

/// Values by row, some of them missing. Rows that come in ascending order, as readers give them, take no memory where
/// nothing is; the first value out of order makes room for all rows, so that setting never costs more than a step.
#[derive(Clone, Debug, Default)]
pub struct Packed<T> {
    /// A bit a row: whether there is a value.
    present: Vec<u64>,
    /// Values before each word of `present`; empty when every row has its room.
    ranks: Vec<u32>,
    values: Vec<T>,
    has_all_rows: bool,
    /// One more than the last row with a value.
    end: usize,
}

impl<T: Copy + Default> Packed<T> {
    pub fn new() -> Self {
        Self { present: Vec::new(), ranks: Vec::new(), values: Vec::new(), has_all_rows: false, end: 0 }
    }

    /// One more than the last row with a value.
    pub fn end(&self) -> usize {
        self.end
    }

    pub fn get(&self, row: usize) -> Option<T> {
        let word = *self.present.get(row / WORD)?;
        if word >> (row % WORD) & 1 == 0 {
            return None;
        }
        let position = if self.has_all_rows {
            row
        } else {
            let below = word & ((1_u64 << (row % WORD)) - 1);
            *self.ranks.get(row / WORD)? as usize + below.count_ones() as usize
        };
        self.values.get(position).copied()
    }

    pub fn set(&mut self, row: usize, value: T) {
        if !self.has_all_rows && (row < self.end || self.values.len() >= u32::MAX as usize) {
            self.make_room();
        }
        let words = row / WORD + 1;
        if self.present.len() < words {
            self.present.resize(words, 0);
        }
        if self.has_all_rows {
            if self.values.len() <= row {
                self.values.resize(row + 1, T::default());
            }
            self.values[row] = value;
        } else {
            self.ranks.resize(self.present.len().max(self.ranks.len()), self.values.len() as u32);
            self.values.push(value);
        }
        self.present[row / WORD] |= 1 << (row % WORD);
        self.end = self.end.max(row + 1);
    }

    fn make_room(&mut self) {
        self.values = (0..self.end).map(|row| self.get(row).unwrap_or_default()).collect();
        self.ranks = Vec::new();
        self.has_all_rows = true;
    }

    /// Memory of bits and values.
    pub fn bytes(&self) -> usize {
        self.present.capacity() * 8 + self.ranks.capacity() * 4 + self.values.capacity() * size_of::<T>()
    }

    /// The values of all rows up to the last one that has one.
    pub fn iter(&self) -> impl Iterator<Item = Option<T>> + '_ {
        (0..self.end).map(|row| self.get(row))
    }

    /// The same values changed one by one.
    pub fn map<U: Copy + Default>(&self, change: impl Fn(T) -> U) -> Packed<U> {
        Packed {
            present: self.present.clone(),
            ranks: self.ranks.clone(),
            values: self.values.iter().map(|&value| change(value)).collect(),
            has_all_rows: self.has_all_rows,
            end: self.end,
        }
    }

    /// Presence bits, whether every row has its room, and the values: what is stored.
    pub(crate) fn parts(&self) -> (&[u64], bool, &[T]) {
        (&self.present, self.has_all_rows, &self.values)
    }

    /// From what [`Self::parts`] gave; `None` when bits and values do not agree.
    pub(crate) fn from_parts(present: Vec<u64>, has_all_rows: bool, values: Vec<T>) -> Option<Self> {
        let mut ranks = Vec::new();
        let mut before = 0_usize;
        let mut end = 0;
        for (position, word) in present.iter().enumerate() {
            if !has_all_rows {
                ranks.push(u32::try_from(before).ok()?);
            }
            before += word.count_ones() as usize;
            if *word != 0 {
                end = position * WORD + WORD - word.leading_zeros() as usize;
            }
        }
        let agrees = if has_all_rows { values.len() >= end } else { values.len() == before };
        agrees.then_some(Self { present, ranks, values, has_all_rows, end })
    }
}

impl<T: Copy + Default + PartialEq> PartialEq for Packed<T> {
    fn eq(&self, other: &Self) -> bool {
        self.end == other.end && self.iter().eq(other.iter())
    }
}

/// Texts by row; a text that comes again is kept once while there are not too many different ones.
#[derive(Clone, Debug, Default)]
pub struct PackedTexts {
    codes: Packed<u32>,
    /// All texts one after another, and where each ends.
    bytes: String,
    ends: Vec<u64>,
    /// Texts that were seen, by hash; `None` when nearly every row has a text of its own.
    known: Known,
}

#[derive(Clone, Debug)]
struct Known(Option<HashMap<u64, u32, BuildHasherDefault<AlreadyHashed>>>);

/// Keys that are hashes themselves.
#[derive(Clone, Copy, Debug, Default)]
struct AlreadyHashed(u64);

impl Hasher for AlreadyHashed {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        // Only for completeness: the keys are whole numbers.
        self.0 = xxh3_64(bytes);
    }
    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

impl Default for Known {
    fn default() -> Self {
        Self(Some(HashMap::default()))
    }
}

/// Different texts of a column that are looked for; a column with more is one of names or ids.
const MOST_KNOWN: usize = 16_384;

impl PackedTexts {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn end(&self) -> usize {
        self.codes.end()
    }

    pub fn get(&self, row: usize) -> Option<&str> {
        self.codes.get(row).and_then(|code| self.text(code))
    }

    fn text(&self, code: u32) -> Option<&str> {
        let code = code as usize;
        let start = if code == 0 { 0 } else { *self.ends.get(code - 1)? };
        self.bytes.get(start as usize..*self.ends.get(code)? as usize)
    }

    pub fn set(&mut self, row: usize, text: &str) {
        let code = self.code_of(text);
        self.codes.set(row, code);
    }

    fn code_of(&mut self, text: &str) -> u32 {
        let hash = xxh3_64(text.as_bytes());
        if let Known(Some(known)) = &self.known
            && let Some(&code) = known.get(&hash)
            && self.text(code) == Some(text)
        {
            return code;
        }
        // Rows are numbered by u32 everywhere, so there is never one text more than that.
        let code = self.ends.len() as u32;
        self.bytes.push_str(text);
        self.ends.push(self.bytes.len() as u64);
        if let Known(Some(known)) = &mut self.known {
            known.insert(hash, code);
            if known.len() > MOST_KNOWN {
                self.known = Known(None);
            }
        }
        code
    }

    /// Memory of codes and texts.
    pub fn bytes(&self) -> usize {
        self.codes.bytes() + self.bytes.capacity() + self.ends.capacity() * 8
    }

    pub fn iter(&self) -> impl Iterator<Item = Option<&str>> + '_ {
        (0..self.end()).map(|row| self.get(row))
    }

    pub(crate) fn parts(&self) -> (&Packed<u32>, &str, &[u64]) {
        (&self.codes, &self.bytes, &self.ends)
    }

    /// From what [`Self::parts`] gave; `None` when a row points at no text or an end is not between two characters.
    pub(crate) fn from_parts(codes: Packed<u32>, bytes: String, ends: Vec<u64>) -> Option<Self> {
        let is_sound = ends.is_sorted()
            && ends.last().copied().unwrap_or(0) <= bytes.len() as u64
            && ends.iter().all(|&end| bytes.is_char_boundary(end as usize))
            && codes.parts().2.iter().all(|&code| (code as usize) < ends.len() || code == 0);
        is_sound.then_some(Self { codes, bytes, ends, known: Known(None) })
    }
}

impl PartialEq for PackedTexts {
    fn eq(&self, other: &Self) -> bool {
        self.end() == other.end() && self.iter().eq(other.iter())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sets at random rows compare with a plain list, in and out of order.
    #[test]
    fn values_are_those_of_a_plain_list() {
        for seed in 1..200_u64 {
            let mut state = seed;
            let mut next = |below: usize| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 33) as usize % below
            };
            let (mut packed, mut plain) = (Packed::<i64>::new(), vec![None; 700]);
            let mut texts = PackedTexts::new();
            let is_ascending = seed % 2 == 0;
            let mut row = 0;
            for number in 0..200 {
                row = if is_ascending { row + next(4) } else { next(700) };
                if row >= 700 {
                    break;
                }
                packed.set(row, number);
                texts.set(row, &(number % 7).to_string());
                plain[row] = Some(number);
            }
            for (row, wanted) in plain.iter().enumerate() {
                assert_eq!(packed.get(row), *wanted, "seed {seed}, row {row}");
                let text = wanted.map(|number| (number % 7).to_string());
                assert_eq!(texts.get(row), text.as_deref(), "seed {seed}, row {row}");
            }
            let end = plain.iter().rposition(Option::is_some).map_or(0, |last| last + 1);
            assert_eq!(packed.end(), end);
            let (present, room, values) = packed.parts();
            let back = Packed::from_parts(present.to_vec(), room, values.to_vec());
            assert_eq!(back.as_ref(), Some(&packed));
            assert!(texts.ends.len() <= 7, "texts that come again are kept once");
        }
    }

    #[test]
    fn parts_that_do_not_agree_are_refused() {
        assert!(Packed::from_parts(vec![0b101], false, vec![1_i64]).is_none());
        assert!(Packed::from_parts(vec![0b101], true, vec![1_i64, 2]).is_none());
        let codes = |code| Packed::from_parts(vec![1], false, vec![code]).unwrap();
        assert!(PackedTexts::from_parts(codes(1), "ab".to_owned(), vec![2]).is_none());
        assert!(PackedTexts::from_parts(codes(0), "é".to_owned(), vec![1]).is_none());
        assert!(PackedTexts::from_parts(codes(0), "ab".to_owned(), vec![3]).is_none());
        let texts = PackedTexts::from_parts(codes(0), "ab".to_owned(), vec![2]).unwrap();
        assert_eq!(texts.get(0), Some("ab"));
    }

    #[test]
    fn a_column_of_unique_texts_stops_looking_for_doubles() {
        let mut texts = PackedTexts::new();
        for row in 0..20_000 {
            texts.set(row, &row.to_string());
        }
        assert!(texts.known.0.is_none());
        assert_eq!(texts.get(19_999), Some("19999"));
    }
}
