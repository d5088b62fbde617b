//! Bytes of a source: plain or gzip, with limits on what a small file may unfold to, and its fingerprint.

use std::io::{BufRead, BufReader, Read};

use flate2::read::MultiGzDecoder;

use super::{ReadContext, ReadError, Source};

/// Largest text that is held in memory at once, bytes after unpacking.
pub const MAX_TEXT_BYTES: u64 = 8 << 30;
/// A packed file may unfold to at most this many times its size once it is beyond [`FREE_BYTES`].
pub const MAX_RATIO: u64 = 200;
/// Unpacked size below which the ratio does not matter, bytes.
pub const FREE_BYTES: u64 = 10 << 20;

/// A reader over the source's text, gunzipped when it is gzip, whose unpacked size is limited while reading.
pub fn open_text(source: &Source) -> Result<Box<dyn BufRead + Send>, ReadError> {
    let mut file = BufReader::with_capacity(1 << 18, source.open()?);
    let start = file.fill_buf().map_err(|error| source.io_error(&error))?;
    if start.is_empty() {
        return Err(ReadError::Empty { path: source.path.clone() });
    }
    if start.starts_with(&[0x1f, 0x8b]) {
        let limit = unpacked_limit(source.size());
        let plain = Limited { inner: MultiGzDecoder::new(file), left: limit, limit };
        Ok(Box::new(BufReader::with_capacity(1 << 18, plain)))
    } else {
        Ok(Box::new(file))
    }
}

/// The largest size to which `packed` bytes may unfold.
pub fn unpacked_limit(packed: u64) -> u64 {
    packed.saturating_mul(MAX_RATIO).clamp(FREE_BYTES, MAX_TEXT_BYTES)
}

/// The whole text. Fails with [`ReadError::TooLarge`] beyond [`MAX_TEXT_BYTES`] and with `Malformed` for broken gzip.
pub fn read_all(source: &Source, context: &ReadContext) -> Result<Vec<u8>, ReadError> {
    context.check_cancelled()?;
    let size = source.size();
    if size > MAX_TEXT_BYTES {
        return Err(ReadError::TooLarge {
            path: source.path.clone(),
            what: "this file".to_owned(),
            limit: format!("{MAX_TEXT_BYTES} bytes"),
            found: format!("{size} bytes"),
        });
    }
    let mut text = Vec::with_capacity(size as usize + 1);
    open_text(source)?.read_to_end(&mut text).map_err(|error| stream_error(source, &error))?;
    context.check_cancelled()?;
    Ok(text)
}

/// An error while reading an opened stream: broken gzip is the data's fault, the rest the system's.
pub fn stream_error(source: &Source, error: &std::io::Error) -> ReadError {
    use std::io::ErrorKind::{FileTooLarge, InvalidData, InvalidInput, UnexpectedEof};
    match error.kind() {
        FileTooLarge => ReadError::TooLarge {
            path: source.path.clone(),
            what: "the unpacked text".to_owned(),
            limit: format!("{MAX_RATIO} times the packed size"),
            found: error.to_string(),
        },
        InvalidData | InvalidInput | UnexpectedEof => ReadError::Malformed {
            path: source.path.clone(),
            expected: "a complete gzip or text stream".to_owned(),
            found: error.to_string(),
            location: "an unknown place in the stream".to_owned(),
            advice: "fetch the file again".to_owned(),
        },
        _ => source.io_error(error),
    }
}

struct Limited<R> {
    inner: R,
    left: u64,
    limit: u64,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.left = self.left.checked_sub(count as u64).ok_or_else(|| {
            std::io::Error::new(
                std::io::ErrorKind::FileTooLarge,
                format!("more than {} bytes after unpacking", self.limit),
            )
        })?;
        Ok(count)
    }
}

/// BLAKE3 of the file as stored, hexadecimal; empty when it cannot be read (the reader itself then says why).
pub fn checksum(source: &Source) -> String {
    let Ok(mut file) = source.open() else { return String::new() };
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; 1 << 18];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return hasher.finalize().to_hex().to_string(),
            Ok(count) => {
                hasher.update(&buffer[..count]);
            }
            Err(_) => return String::new(),
        }
    }
}

/// Runs `work` while another thread takes the fingerprint of the source.
pub fn with_checksum<T>(source: &Source, work: impl FnOnce() -> T) -> (T, String) {
    std::thread::scope(|scope| {
        let hashing = scope.spawn(|| checksum(source));
        let result = work();
        (result, hashing.join().unwrap_or_default())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gzip_bomb_is_stopped_while_it_unfolds() {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        std::io::copy(&mut std::io::repeat(b' ').take(64 << 20), &mut packer).unwrap();
        let path = std::env::temp_dir().join(format!("stadsmaquette-bomb-{}.json.gz", std::process::id()));
        std::fs::write(&path, packer.finish().unwrap()).unwrap();
        let result = read_all(&Source::from_path(&path), &ReadContext::default());
        std::fs::remove_file(&path).unwrap();
        assert!(matches!(result, Err(ReadError::TooLarge { .. })), "{result:?}");
    }
}
