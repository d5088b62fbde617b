//! The LAS public header and its variable length records (ASPRS LAS 1.0 to 1.4), read by offset with every size checked
//! against the file before anything is allocated.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
};

use crate::readers::{ReadError, Source, input, input::size_text};

/// Largest record that is kept; a COPC hierarchy of a whole country part fits.
const MAX_RECORD_BYTES: u64 = 256 << 20;
const MAX_RECORDS: u32 = 10_000;
/// Bytes of a point by format 0 to 10, without extra bytes.
const POINT_BYTES: [u16; 11] = [20, 28, 26, 34, 57, 63, 30, 36, 38, 59, 67];

/// A (possibly extended) variable length record.
pub(super) struct Record {
    pub user: String,
    pub id: u16,
    pub data: Vec<u8>,
    /// Where `data` begins in the file.
    pub offset: u64,
}

pub(super) struct Header {
    pub version: String,
    /// Day of year and year, where given.
    pub created: Option<(u16, u16)>,
    pub is_gps_time_absolute: bool,
    pub points_offset: u64,
    /// 0 to 10.
    pub format: u8,
    pub is_compressed: bool,
    pub record_bytes: u16,
    pub points: u64,
    pub scale: [f64; 3],
    pub offset: [f64; 3],
    /// As the header states it; `None` when it is not a box.
    pub stated_bounds: Option<[f64; 6]>,
    pub records: Vec<Record>,
    pub file_bytes: u64,
}

/// Little-endian values at fixed places of a header.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn bytes<const N: usize>(&self, at: usize) -> Option<[u8; N]> {
        self.0.get(at..at.checked_add(N)?)?.try_into().ok()
    }
    fn u16(&self, at: usize) -> Option<u16> {
        self.bytes(at).map(u16::from_le_bytes)
    }
    fn u32(&self, at: usize) -> Option<u32> {
        self.bytes(at).map(u32::from_le_bytes)
    }
    fn u64(&self, at: usize) -> Option<u64> {
        self.bytes(at).map(u64::from_le_bytes)
    }
    fn f64(&self, at: usize) -> Option<f64> {
        self.bytes(at).map(f64::from_le_bytes)
    }
}

impl Header {
    pub fn read(source: &Source, file: &mut File) -> Result<Self, ReadError> {
        let bad = |expected: &str, found: String, location: &str| ReadError::Malformed {
            path: source.path.clone(),
            expected: expected.to_owned(),
            found,
            location: location.to_owned(),
            advice: "the file is damaged or cut off; fetch it again".to_owned(),
        };
        let file_bytes = source.size();
        let mut head = Vec::new();
        file.take(375).read_to_end(&mut head).map_err(|error| source.io_error(&error))?;
        let fields = Fields(&head);
        let short = || bad("a LAS header of 227 bytes or more", format!("{} bytes", head.len()), "byte 0");
        if !head.starts_with(b"LASF") {
            return Err(bad("\"LASF\"", super::super::source::describe_head(&head), "byte 0"));
        }
        let major_minor = fields.u16(24).ok_or_else(short)?.to_le_bytes();
        let [major, minor] = major_minor;
        if major != 1 || minor > 4 {
            return Err(bad("LAS 1.0 to 1.4", format!("version {major}.{minor}"), "byte 24"));
        }
        let encoding = fields.u16(6).ok_or_else(short)?;
        let header_bytes = u64::from(fields.u16(94).ok_or_else(short)?);
        let least = match minor {
            4 => 375,
            3 => 235,
            _ => 227,
        };
        if header_bytes < least || (head.len() as u64) < least {
            let found = format!("{header_bytes} bytes stated and {} bytes in the file", head.len());
            return Err(bad(&format!("a header of {least} bytes"), found, "byte 94"));
        }
        let points_offset = u64::from(fields.u32(96).ok_or_else(short)?);
        if points_offset < header_bytes || points_offset > file_bytes {
            let expected = format!("points between byte {header_bytes} and the end at {file_bytes}");
            return Err(bad(&expected, format!("byte {points_offset}"), "byte 96"));
        }
        let raw_format = fields.bytes::<1>(104).ok_or_else(short)?[0];
        // LAZ marks its points with the high bit.
        let (format, is_compressed) = (raw_format & 0x3f, raw_format & 0x80 != 0);
        let record_bytes = fields.u16(105).ok_or_else(short)?;
        let Some(&point_bytes) = POINT_BYTES.get(usize::from(format)).filter(|_| raw_format & 0x40 == 0)
        else {
            return Err(bad("a point format from 0 to 10", format!("{raw_format}"), "byte 104"));
        };
        if record_bytes < point_bytes {
            let expected = format!("points of {point_bytes} bytes or more in format {format}");
            return Err(bad(&expected, format!("{record_bytes}"), "byte 105"));
        }
        let legacy = u64::from(fields.u32(107).ok_or_else(short)?);
        let points = if minor >= 4 { fields.u64(247).filter(|&n| n > 0).unwrap_or(legacy) } else { legacy };
        let triple = |at: usize| -> Option<[f64; 3]> {
            Some([fields.f64(at)?, fields.f64(at + 8)?, fields.f64(at + 16)?])
        };
        let (scale, offset) = (triple(131).ok_or_else(short)?, triple(155).ok_or_else(short)?);
        if scale.iter().any(|s| !s.is_finite() || *s == 0.0) || offset.iter().any(|o| !o.is_finite()) {
            let found = format!("scale {scale:?}, offset {offset:?}");
            return Err(bad("finite scales other than zero", found, "byte 131"));
        }
        let (x, y, z) = (
            [fields.f64(187), fields.f64(179)],
            [fields.f64(203), fields.f64(195)],
            [fields.f64(219), fields.f64(211)],
        );
        let stated_bounds = [x[0], y[0], z[0], x[1], y[1], z[1]]
            .into_iter()
            .map(|value| value.filter(|v| v.is_finite() && v.abs() < 1e9))
            .collect::<Option<Vec<f64>>>()
            .and_then(|values| values.try_into().ok())
            .filter(|b: &[f64; 6]| b[0] <= b[3] && b[1] <= b[4] && b[2] <= b[5]);
        let mut header = Self {
            version: format!("{major}.{minor}"),
            created: fields.u16(90).zip(fields.u16(92)).filter(|&(day, year)| day > 0 && year > 0),
            is_gps_time_absolute: encoding & 1 != 0,
            points_offset,
            format,
            is_compressed,
            record_bytes,
            points,
            scale,
            offset,
            stated_bounds,
            records: Vec::new(),
            file_bytes,
        };
        header.check_points(source)?;
        let count = fields.u32(100).ok_or_else(short)?;
        if count > MAX_RECORDS {
            return Err(bad(&format!("at most {MAX_RECORDS} records"), count.to_string(), "byte 100"));
        }
        header.read_records(source, file, header_bytes, count, false)?;
        if minor >= 4 {
            let (start, count) = (fields.u64(235).unwrap_or(0), fields.u32(243).unwrap_or(0));
            if start > 0 && count > 0 {
                if count > MAX_RECORDS || start > file_bytes {
                    let found = format!("{count} records at byte {start}");
                    return Err(bad("extended records inside the file", found, "byte 235"));
                }
                header.read_records(source, file, start, count, true)?;
            }
        }
        Ok(header)
    }

    /// The declared points must fit in the file, packed or not.
    fn check_points(&self, source: &Source) -> Result<(), ReadError> {
        let there = self.file_bytes - self.points_offset;
        let needed = self.points.saturating_mul(u64::from(self.record_bytes));
        let limit = if self.is_compressed {
            there.saturating_mul(input::MAX_RATIO).max(input::FREE_BYTES)
        } else {
            // A cut-off file is read as far as it goes.
            u64::MAX
        };
        if needed > limit {
            return Err(ReadError::TooLarge {
                path: source.path.clone(),
                what: format!("the number of points ({})", self.points),
                limit: format!("{} times the {} there are packed", input::MAX_RATIO, size_text(there)),
                found: format!("{} after unpacking", size_text(needed)),
                advice: "its header lies or the file is cut off; fetch it again".into(),
            });
        }
        Ok(())
    }

    fn read_records(
        &mut self,
        source: &Source,
        file: &mut File,
        start: u64,
        count: u32,
        is_extended: bool,
    ) -> Result<(), ReadError> {
        let mut at = start;
        for number in 0..count {
            let head_bytes: u64 = if is_extended { 60 } else { 54 };
            let mut head = Vec::new();
            file.seek(SeekFrom::Start(at)).map_err(|error| source.io_error(&error))?;
            file.take(head_bytes).read_to_end(&mut head).map_err(|error| source.io_error(&error))?;
            let fields = Fields(&head);
            let length = if is_extended { fields.u64(20) } else { fields.u16(20).map(u64::from) };
            let (Some(length), Some(id), Some(user)) = (length, fields.u16(18), fields.bytes::<16>(2)) else {
                return Err(cut_record(source, number, at, head.len() as u64, head_bytes));
            };
            let offset = at + head_bytes;
            let there = self.file_bytes.saturating_sub(offset);
            if length > there {
                return Err(cut_record(source, number, at, there, length));
            }
            at = offset + length;
            // Waveforms and other large payloads are not ours.
            if length > MAX_RECORD_BYTES {
                continue;
            }
            let mut data = Vec::with_capacity(length as usize);
            file.take(length).read_to_end(&mut data).map_err(|error| source.io_error(&error))?;
            let end = user.iter().position(|&b| b == 0).unwrap_or(user.len());
            let user = String::from_utf8_lossy(user.get(..end).unwrap_or_default()).into_owned();
            self.records.push(Record { user, id, data, offset });
        }
        Ok(())
    }

    pub fn record(&self, user: &str, id: u16) -> Option<&Record> {
        self.records.iter().find(|record| record.user == user && record.id == id)
    }

    /// Date of making as ISO 8601; empty when not given.
    pub fn created_text(&self) -> String {
        self.created
            .and_then(|(day, year)| {
                let first = jiff::civil::Date::new(i16::try_from(year).ok()?, 1, 1).ok()?;
                first.checked_add(jiff::Span::new().try_days(i64::from(day) - 1).ok()?).ok()
            })
            .map_or_else(String::new, |date| date.to_string())
    }
}

fn cut_record(source: &Source, number: u32, at: u64, there: u64, needed: u64) -> ReadError {
    ReadError::Malformed {
        path: source.path.clone(),
        expected: format!("variable length record {number} with {needed} bytes"),
        found: format!("{there} bytes until the end of the file"),
        location: format!("byte {at}"),
        advice: "the file is damaged or cut off; fetch it again".to_owned(),
    }
}

/// Where the columns lie in one point's bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    pub record_bytes: usize,
    is_extended: bool,
    time_at: Option<usize>,
    color_at: Option<usize>,
    scale: [f64; 3],
    offset: [f64; 3],
}

/// One point as stored, in the source's CRS.
#[derive(Clone, Copy, Debug)]
pub(super) struct RawPoint {
    pub position: [f64; 3],
    pub intensity: u16,
    pub class: u8,
    pub time: Option<f64>,
    pub color: Option<[u16; 3]>,
}

impl Layout {
    pub fn of(header: &Header) -> Self {
        Self {
            record_bytes: usize::from(header.record_bytes),
            is_extended: header.format >= 6,
            time_at: match header.format {
                1 | 3 | 4 | 5 => Some(20),
                6.. => Some(22),
                _ => None,
            },
            color_at: match header.format {
                2 => Some(20),
                3 | 5 => Some(28),
                7 | 8 | 10 => Some(30),
                _ => None,
            },
            scale: header.scale,
            offset: header.offset,
        }
    }

    pub fn has_color(&self) -> bool {
        self.color_at.is_some()
    }

    /// Decodes one point; `None` when the bytes are too few.
    pub fn point(&self, bytes: &[u8]) -> Option<RawPoint> {
        let fields = Fields(bytes);
        let mut position = [0.0; 3];
        for (axis, value) in position.iter_mut().enumerate() {
            let raw = fields.bytes(axis * 4).map(i32::from_le_bytes)?;
            *value = f64::from(raw) * self.scale[axis] + self.offset[axis];
        }
        let class = if self.is_extended { *bytes.get(16)? } else { *bytes.get(15)? & 0x1f };
        Some(RawPoint {
            position,
            intensity: fields.u16(12)?,
            class,
            time: self.time_at.and_then(|at| fields.f64(at)),
            color: self
                .color_at
                .and_then(|at| Some([fields.u16(at)?, fields.u16(at + 2)?, fields.u16(at + 4)?])),
        })
    }
}
