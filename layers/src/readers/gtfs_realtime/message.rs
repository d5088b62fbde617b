//! Protocol buffers, as far as these feeds need them: lengths are checked against what is there, unknown fields are
//! stepped over.

use crate::readers::ReadError;

pub(super) enum Stop {
    Read(ReadError),
    Broken(usize, &'static str),
}

/// A protobuf message in `bytes`, which begins at byte `at` of the file.
#[derive(Clone, Copy)]
pub(super) struct Message<'a> {
    pub bytes: &'a [u8],
    pub at: usize,
}

#[derive(Clone, Copy)]
pub(super) enum Field<'a> {
    Number(u64),
    Fixed32(u32),
    Fixed64(u64),
    Bytes(Message<'a>),
}

impl<'a> Field<'a> {
    pub fn message(self) -> Message<'a> {
        match self {
            Field::Bytes(message) => message,
            _ => Message { bytes: &[], at: 0 },
        }
    }
    pub fn text(self) -> String {
        String::from_utf8_lossy(self.message().bytes).into_owned()
    }
    pub fn number(self) -> u64 {
        match self {
            Field::Number(number) | Field::Fixed64(number) => number,
            Field::Fixed32(number) => u64::from(number),
            Field::Bytes(_) => 0,
        }
    }
    /// A float as it is stored; NaN for anything else.
    pub fn real(self) -> f64 {
        match self {
            Field::Fixed32(bits) => f64::from(f32::from_bits(bits)),
            Field::Fixed64(bits) => f64::from_bits(bits),
            _ => f64::NAN,
        }
    }
}

impl<'a> Message<'a> {
    pub fn varint(&mut self) -> Result<u64, Stop> {
        let mut number = 0_u64;
        for shift in (0..70).step_by(7) {
            let Some((&byte, rest)) = self.bytes.split_first() else {
                return Err(Stop::Broken(self.at, "the end of the data inside a number"));
            };
            self.bytes = rest;
            self.at += 1;
            if shift < 64 {
                number |= u64::from(byte & 0x7f) << shift;
            }
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(Stop::Broken(self.at, "a number of more than ten bytes"))
    }

    pub fn take(&mut self, length: u64) -> Result<Message<'a>, Stop> {
        let taken = usize::try_from(length).ok().and_then(|length| self.bytes.split_at_checked(length));
        let Some((bytes, rest)) = taken else {
            return Err(Stop::Broken(self.at, "the end of the data inside a field"));
        };
        let message = Message { bytes, at: self.at };
        self.at += bytes.len();
        self.bytes = rest;
        Ok(message)
    }

    /// The next field with its number; `None` at the end.
    pub fn next(&mut self) -> Result<Option<(u64, Field<'a>)>, Stop> {
        if self.bytes.is_empty() {
            return Ok(None);
        }
        let key = self.varint()?;
        let field = match key & 7 {
            0 => Field::Number(self.varint()?),
            1 => Field::Fixed64(self.take(8)?.bytes.try_into().map_or(0, u64::from_le_bytes)),
            2 => {
                let length = self.varint()?;
                Field::Bytes(self.take(length)?)
            }
            5 => Field::Fixed32(self.take(4)?.bytes.try_into().map_or(0, u32::from_le_bytes)),
            _ => return Err(Stop::Broken(self.at, "a field of an unknown kind")),
        };
        Ok(Some((key >> 3, field)))
    }

    pub fn each(mut self, each: &mut dyn FnMut(u64, Field<'a>) -> Result<(), Stop>) -> Result<(), Stop> {
        while let Some((number, field)) = self.next()? {
            each(number, field)?;
        }
        Ok(())
    }
}
