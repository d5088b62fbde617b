//! Encoding of plain data: little-endian, without padding, lengths before contents.

use std::{collections::BTreeMap, sync::Arc};

use bytemuck::Pod;

/// Why stored bytes could not be taken back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoredError {
    #[error("expected {wanted} more bytes of {what} at byte {at}, found {left}")]
    Short { what: &'static str, wanted: usize, left: usize, at: usize },
    #[error("expected {expected} at byte {at}, found {found}")]
    Unexpected { expected: &'static str, found: String, at: usize },
}

/// Collects bytes, and hands them on from time to time where it was given something to hand them to: a city of
/// gigabytes is stored with a few megabytes of memory.
#[derive(Default)]
pub struct Encoder<'a> {
    pub bytes: Vec<u8>,
    sink: Option<Sink<'a>>,
    /// For texts that are mostly the one before.
    pub(super) last_text: Option<Arc<str>>,
}

/// Takes bytes that are ready.
type Sink<'a> = Box<dyn FnMut(&[u8]) + 'a>;

impl<'a> Encoder<'a> {
    /// An encoder that gives its bytes to `sink`, in order; the last ones with [`Self::finish`].
    pub fn with_sink(sink: impl FnMut(&[u8]) + 'a) -> Self {
        Self { sink: Some(Box::new(sink)), ..Self::default() }
    }

    /// Between two values: hands on what has gathered when it is enough.
    pub(super) fn rest(&mut self) {
        const ENOUGH: usize = 4 << 20;
        if self.bytes.len() >= ENOUGH {
            self.hand_on();
        }
    }

    fn hand_on(&mut self) {
        if let Some(sink) = &mut self.sink {
            sink(&self.bytes);
            self.bytes.clear();
        }
    }

    pub fn finish(mut self) -> Vec<u8> {
        self.hand_on();
        self.bytes
    }
}

/// Takes bytes back, never beyond their end.
pub struct Decoder<'a> {
    bytes: &'a [u8],
    at: usize,
    /// For texts that are mostly the one before.
    pub(super) last_text: Option<Arc<str>>,
}

impl<'a> Decoder<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, last_text: None }
    }

    pub fn remaining(&self) -> usize {
        self.bytes.len() - self.at
    }

    pub fn take(&mut self, count: usize, what: &'static str) -> Result<&'a [u8], StoredError> {
        let end = self.at.checked_add(count).filter(|&end| end <= self.bytes.len());
        let Some(end) = end else {
            return Err(StoredError::Short { what, wanted: count, left: self.remaining(), at: self.at });
        };
        let taken = &self.bytes[self.at..end];
        self.at = end;
        Ok(taken)
    }

    pub fn unexpected(&self, expected: &'static str, found: impl ToString) -> StoredError {
        StoredError::Unexpected { expected, found: found.to_string(), at: self.at }
    }

    /// A count of things of at least `size` bytes each: never more than what is left can hold, so that a damaged
    /// count cannot ask for memory.
    pub fn count(&mut self, size: usize, what: &'static str) -> Result<usize, StoredError> {
        let count = u64::decode(self)?;
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        match count.checked_mul(size) {
            Some(bytes) if bytes <= self.remaining() => Ok(count),
            _ => Err(StoredError::Short { what, wanted: count, left: self.remaining(), at: self.at }),
        }
    }
}

/// A type that can be stored. Slices have their own pair of methods, so that arrays of numbers are copied whole.
pub trait Stored: Sized {
    /// Bytes that one value takes at least.
    const MIN_SIZE: usize = 1;

    fn encode(&self, encoder: &mut Encoder);
    fn decode(decoder: &mut Decoder) -> Result<Self, StoredError>;

    fn encode_slice(slice: &[Self], encoder: &mut Encoder) {
        for value in slice {
            value.encode(encoder);
        }
    }

    fn decode_vec(decoder: &mut Decoder, count: usize) -> Result<Vec<Self>, StoredError> {
        let mut values = Vec::with_capacity(count);
        for _ in 0..count {
            values.push(Self::decode(decoder)?);
        }
        Ok(values)
    }
}

/// Bytes of `value` as they are.
pub fn encode_pod<T: Pod>(slice: &[T], encoder: &mut Encoder) {
    encoder.bytes.extend_from_slice(bytemuck::cast_slice(slice));
}

pub fn decode_pod<T: Pod>(decoder: &mut Decoder, count: usize) -> Result<Vec<T>, StoredError> {
    let bytes = decoder.take(count.saturating_mul(size_of::<T>()), "numbers")?;
    let mut values = vec![T::zeroed(); count];
    bytemuck::cast_slice_mut(&mut values).copy_from_slice(bytes);
    Ok(values)
}

macro_rules! stored_pod {
    ($($type:ty),* $(,)?) => {$(
        impl Stored for $type {
            const MIN_SIZE: usize = size_of::<$type>();
            fn encode(&self, encoder: &mut Encoder) {
                encoder.bytes.extend_from_slice(bytemuck::bytes_of(self));
            }
            fn decode(decoder: &mut Decoder) -> Result<Self, StoredError> {
                let bytes = decoder.take(size_of::<$type>(), stringify!($type))?;
                Ok(bytemuck::pod_read_unaligned(bytes))
            }
            fn encode_slice(slice: &[Self], encoder: &mut Encoder) {
                encode_pod(slice, encoder);
            }
            fn decode_vec(decoder: &mut Decoder, count: usize) -> Result<Vec<Self>, StoredError> {
                decode_pod(decoder, count)
            }
        }
    )*};
}

stored_pod!(
    u8, u16, u32, u64, i32, i64, f32, f64, [f32; 2], [f32; 3], [f64; 2], [f64; 3], [f64; 4], [f64; 6],
    [u8; 3], [u8; 4], [u32; 2], [u32; 3], [u16; 3], [i32; 3],
);

impl Stored for bool {
    fn encode(&self, encoder: &mut Encoder) {
        encoder.bytes.push(u8::from(*self));
    }
    fn decode(decoder: &mut Decoder) -> Result<Self, StoredError> {
        match u8::decode(decoder)? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(decoder.unexpected("0 or 1", other)),
        }
    }
}

impl Stored for usize {
    const MIN_SIZE: usize = 8;
    fn encode(&self, encoder: &mut Encoder) {
        (*self as u64).encode(encoder);
    }
    fn decode(decoder: &mut Decoder) -> Result<Self, StoredError> {
        let value = u64::decode(decoder)?;
        Self::try_from(value).map_err(|_| decoder.unexpected("a size", value))
    }
}

impl Stored for String {
    const MIN_SIZE: usize = 8;
    fn encode(&self, encoder: &mut Encoder) {
        self.len().encode(encoder);
        encoder.bytes.extend_from_slice(self.as_bytes());
    }
    fn decode(decoder: &mut Decoder) -> Result<Self, StoredError> {
        let count = decoder.count(1, "text")?;
        let bytes = decoder.take(count, "text")?;
        std::str::from_utf8(bytes).map(str::to_owned).map_err(|_| decoder.unexpected("UTF-8", "other bytes"))
    }
}

impl Stored for Box<str> {
    const MIN_SIZE: usize = 8;
    fn encode(&self, encoder: &mut Encoder) {
        self.len().encode(encoder);
        encoder.bytes.extend_from_slice(self.as_bytes());
    }
    fn decode(decoder: &mut Decoder) -> Result<Self, StoredError> {
        String::decode(decoder).map(String::into_boxed_str)
    }
}

impl Stored for Arc<str> {
    const MIN_SIZE: usize = 8;
    fn encode(&self, encoder: &mut Encoder) {
        self.len().encode(encoder);
        encoder.bytes.extend_from_slice(self.as_bytes());
    }
    fn decode(decoder: &mut Decoder) -> Result<Self, StoredError> {
        String::decode(decoder).map(Into::into)
    }
}

impl<T: Stored> Stored for Vec<T> {
    const MIN_SIZE: usize = 8;
    fn encode(&self, encoder: &mut Encoder) {
        self.len().encode(encoder);
        T::encode_slice(self, encoder);
        encoder.rest();
    }
    fn decode(decoder: &mut Decoder) -> Result<Self, StoredError> {
        let count = decoder.count(T::MIN_SIZE, "list")?;
        T::decode_vec(decoder, count)
    }
}

/// A list of optional values: first which are there, then those that are.
impl<T: Stored> Stored for Option<T> {
    fn encode(&self, encoder: &mut Encoder) {
        self.is_some().encode(encoder);
        if let Some(value) = self {
            value.encode(encoder);
        }
    }
    fn decode(decoder: &mut Decoder) -> Result<Self, StoredError> {
        if bool::decode(decoder)? { T::decode(decoder).map(Some) } else { Ok(None) }
    }
    fn encode_slice(slice: &[Self], encoder: &mut Encoder) {
        encoder.bytes.extend(slice.iter().map(|value| u8::from(value.is_some())));
        for value in slice.iter().flatten() {
            value.encode(encoder);
        }
    }
    fn decode_vec(decoder: &mut Decoder, count: usize) -> Result<Vec<Self>, StoredError> {
        let presence = decoder.take(count, "presence")?;
        let mut values = Vec::with_capacity(count);
        for &is_there in presence {
            values.push(if is_there != 0 { Some(T::decode(decoder)?) } else { None });
        }
        Ok(values)
    }
}

impl<T: Stored> Stored for Box<T> {
    fn encode(&self, encoder: &mut Encoder) {
        T::encode(self, encoder);
    }
    fn decode(decoder: &mut Decoder) -> Result<Self, StoredError> {
        T::decode(decoder).map(Self::new)
    }
}

impl<T: Stored> Stored for Arc<T> {
    fn encode(&self, encoder: &mut Encoder) {
        T::encode(self, encoder);
    }
    fn decode(decoder: &mut Decoder) -> Result<Self, StoredError> {
        T::decode(decoder).map(Arc::new)
    }
}

impl<K: Stored + Ord, V: Stored> Stored for BTreeMap<K, V> {
    const MIN_SIZE: usize = 8;
    fn encode(&self, encoder: &mut Encoder) {
        self.len().encode(encoder);
        for (key, value) in self {
            key.encode(encoder);
            value.encode(encoder);
        }
    }
    fn decode(decoder: &mut Decoder) -> Result<Self, StoredError> {
        let count = decoder.count(1, "map")?;
        let mut map = Self::new();
        for _ in 0..count {
            let key = K::decode(decoder)?;
            map.insert(key, V::decode(decoder)?);
        }
        Ok(map)
    }
}

/// Stored in key order, so that the same map gives the same bytes.
#[allow(clippy::implicit_hasher)] // the model only has maps of the standard kind
impl<V: Stored> Stored for std::collections::HashMap<String, V> {
    const MIN_SIZE: usize = 8;
    fn encode(&self, encoder: &mut Encoder) {
        self.len().encode(encoder);
        let mut entries: Vec<_> = self.iter().collect();
        entries.sort_unstable_by_key(|(key, _)| *key);
        for (key, value) in entries {
            key.encode(encoder);
            value.encode(encoder);
        }
    }
    fn decode(decoder: &mut Decoder) -> Result<Self, StoredError> {
        let count = decoder.count(1, "map")?;
        let mut map = Self::with_capacity(count);
        for _ in 0..count {
            let key = String::decode(decoder)?;
            map.insert(key, V::decode(decoder)?);
        }
        Ok(map)
    }
}

macro_rules! stored_tuple {
    ($($name:ident $index:tt),*) => {
        impl<$($name: Stored),*> Stored for ($($name,)*) {
            fn encode(&self, encoder: &mut Encoder) {
                $(self.$index.encode(encoder);)*
            }
            fn decode(decoder: &mut Decoder) -> Result<Self, StoredError> {
                Ok(($($name::decode(decoder)?,)*))
            }
        }
    };
}
stored_tuple!(A 0, B 1);
stored_tuple!(A 0, B 1, C 2);

impl<const N: usize> Stored for [bool; N] {
    fn encode(&self, encoder: &mut Encoder) {
        encoder.bytes.extend(self.iter().map(|&value| u8::from(value)));
    }
    fn decode(decoder: &mut Decoder) -> Result<Self, StoredError> {
        let mut values = [false; N];
        for value in &mut values {
            *value = bool::decode(decoder)?;
        }
        Ok(values)
    }
}

/// Stores a struct field by field, in the order given.
#[macro_export]
macro_rules! stored_struct {
    ($type:ty { $($field:ident),* $(,)? }) => {
        impl $crate::stored::Stored for $type {
            fn encode(&self, encoder: &mut $crate::stored::Encoder) {
                // Naming every field here makes a forgotten one an error.
                let Self { $($field),* } = self;
                $($crate::stored::Stored::encode($field, encoder);)*
            }
            fn decode(decoder: &mut $crate::stored::Decoder) -> Result<Self, $crate::stored::StoredError> {
                Ok(Self { $($field: $crate::stored::Stored::decode(decoder)?),* })
            }
        }
    };
}

/// Stores an enum without fields as its number in the list given.
#[macro_export]
macro_rules! stored_enum {
    ($type:ty { $($variant:ident = $number:literal),* $(,)? }) => {
        impl $crate::stored::Stored for $type {
            fn encode(&self, encoder: &mut $crate::stored::Encoder) {
                encoder.bytes.push(match self { $(Self::$variant => $number),* });
            }
            fn decode(decoder: &mut $crate::stored::Decoder) -> Result<Self, $crate::stored::StoredError> {
                match <u8 as $crate::stored::Stored>::decode(decoder)? {
                    $($number => Ok(Self::$variant),)*
                    other => Err(decoder.unexpected(stringify!($type), other)),
                }
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn again<T: Stored>(value: &T) -> T {
        let mut encoder = Encoder::default();
        value.encode(&mut encoder);
        let mut decoder = Decoder::new(&encoder.bytes);
        let back = T::decode(&mut decoder).unwrap();
        assert_eq!(decoder.remaining(), 0);
        back
    }

    #[test]
    fn values_come_back() {
        let optional = vec![Some(1.5), None, Some(-2.0)];
        assert_eq!(again(&optional), optional);
        let texts = vec![Some(Box::<str>::from("é")), None, Some("".into())];
        assert_eq!(again(&texts), texts);
        let nested = vec![vec![[1.0, 2.0, 3.0]], vec![]];
        assert_eq!(again(&nested), nested);
    }

    #[test]
    fn a_count_beyond_the_bytes_is_an_error_and_takes_no_memory() {
        let mut encoder = Encoder::default();
        u64::MAX.encode(&mut encoder);
        assert!(matches!(
            Vec::<f64>::decode(&mut Decoder::new(&encoder.bytes)),
            Err(StoredError::Short { .. })
        ));
        assert!(Vec::<String>::decode(&mut Decoder::new(&encoder.bytes)).is_err());
    }
}
