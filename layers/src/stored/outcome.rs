//! What a reader gave, as a file.

use std::{io, path::Path};

use super::{
    Decoder, Encoder, Stored, StoredError,
    container::{self, Body, ContainerError},
};
use crate::readers::{Inspection, READERS, ReadOutcome};

impl Stored for Inspection {
    fn encode(&self, encoder: &mut Encoder) {
        let Self { uri, format, version, crs, bbox, counts, features, lods, fields, time, faults } = self;
        uri.encode(encoder);
        (*format).to_owned().encode(encoder);
        version.encode(encoder);
        crs.encode(encoder);
        bbox.encode(encoder);
        counts.encode(encoder);
        features.encode(encoder);
        lods.encode(encoder);
        fields.encode(encoder);
        time.as_ref().map(|[from, to]| (from.clone(), to.clone())).encode(encoder);
        faults.encode(encoder);
    }
    fn decode(decoder: &mut Decoder) -> Result<Self, StoredError> {
        let uri = Stored::decode(decoder)?;
        let format: String = Stored::decode(decoder)?;
        let reader = READERS.iter().find(|reader| reader.id() == format);
        let Some(format) = reader.map(|reader| reader.id()) else {
            return Err(decoder.unexpected("the id of a reader", format));
        };
        Ok(Self {
            uri,
            format,
            version: Stored::decode(decoder)?,
            crs: Stored::decode(decoder)?,
            bbox: Stored::decode(decoder)?,
            counts: Stored::decode(decoder)?,
            features: Stored::decode(decoder)?,
            lods: Stored::decode(decoder)?,
            fields: Stored::decode(decoder)?,
            time: Option::<(String, String)>::decode(decoder)?.map(|(from, to)| [from, to]),
            faults: Stored::decode(decoder)?,
        })
    }
}

crate::stored_struct!(ReadOutcome { layers, inspection, crs });

#[derive(Debug, thiserror::Error)]
pub enum OutcomeError {
    #[error(transparent)]
    Container(#[from] ContainerError),
    #[error("is damaged: {0}")]
    Content(#[from] StoredError),
}

/// Stores an outcome. Cost: one pass over its data, a few megabytes of memory.
pub fn write(path: &Path, outcome: &ReadOutcome) -> io::Result<()> {
    container::write(path, |put| {
        let mut encoder = Encoder::with_sink(put);
        outcome.encode(&mut encoder);
        encoder.finish();
    })
}

/// Takes an outcome back, checked. `build`: see [`Body::open`].
pub fn read(path: &Path, build: Option<u64>) -> Result<ReadOutcome, OutcomeError> {
    let body = Body::open(path, build)?;
    let mut decoder = Decoder::new(body.bytes());
    let outcome = ReadOutcome::decode(&mut decoder)?;
    if decoder.remaining() > 0 {
        return Err(decoder.unexpected("the end", format!("{} more bytes", decoder.remaining())).into());
    }
    Ok(outcome)
}
