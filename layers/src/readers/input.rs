//! Bytes of a source: plain or gzip, with limits on what a small file may unfold to, and its fingerprint.

use std::{
    io::{BufRead, BufReader, Read},
    path::Path,
};

use flate2::read::MultiGzDecoder;

use super::{ReadContext, ReadError, Source};

/// Largest text that is held in memory at once, bytes after unpacking; less where the machine has less, see
/// [`ReadLimits`].
pub const MAX_TEXT_BYTES: u64 = 8 << 30;
/// A packed file may unfold to at most this many times its size once it is beyond [`FREE_BYTES`]. The densest real
/// source that is known, the traffic speeds of NDW, unfolds to 53 times.
pub const MAX_RATIO: u64 = 200;
/// Unpacked size below which the declared ratio does not matter, bytes.
pub const FREE_BYTES: u64 = 10 << 20;
/// Unpacked size below which the ratio of a stream does not matter, bytes.
const FREE_STREAM_BYTES: u64 = 32 << 20;
/// So much text from less than 1/500 of it: no writer of data makes that (deflate ends at 1032), even where the file as
/// a whole is within [`MAX_RATIO`].
const WINDOW_BYTES: u64 = 64 << 20;
const MAX_WINDOW_RATIO: u64 = 500;

/// What to do with data that are too much.
pub(crate) const SMALLER: &str = "cut out the area that you need, or split it into parts, and open those";
/// What to do with a packed file that unfolds beyond reason.
pub(crate) const UNPACK: &str = "this is what files made to do harm look like; if you trust it, unpack it yourself and open what is inside";

/// A number of bytes as people say it, such as "4 GiB".
pub(crate) fn size_text(bytes: u64) -> String {
    let units = [(30, "GiB"), (20, "MiB"), (10, "KiB")];
    let Some((shift, unit)) = units.into_iter().find(|(shift, _)| bytes >> shift > 0) else {
        return if bytes == 1 { "1 byte".to_owned() } else { format!("{bytes} bytes") };
    };
    let value = bytes as f64 / f64::from(1_u32 << shift);
    // One digit behind the point, unless it says nothing.
    format!("{value:.1} {unit}").replace(".0 ", " ")
}

/// What a reader may use for one source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadLimits {
    /// Bytes of text that may be held in memory at once, unpacked.
    pub text_bytes: u64,
}

impl Default for ReadLimits {
    /// [`MAX_TEXT_BYTES`], or what memory is free now where that is less.
    fn default() -> Self {
        Self { text_bytes: MAX_TEXT_BYTES.min(crate::memory::available().unwrap_or(MAX_TEXT_BYTES)) }
    }
}

/// A reader over the source's text, gunzipped when it is gzip. A stream that unfolds beyond reason is stopped some tens
/// of megabytes in, however large it would have become.
pub fn open_text(source: &Source) -> Result<Box<dyn BufRead + Send>, ReadError> {
    let mut file = BufReader::with_capacity(1 << 18, source.open()?);
    let start = file.fill_buf().map_err(|error| source.io_error(&error))?;
    if start.is_empty() {
        return Err(ReadError::Empty { path: source.path.clone() });
    }
    if start.starts_with(&[0x1f, 0x8b]) {
        Ok(Box::new(BufReader::with_capacity(1 << 18, Gunzip::new(file))))
    } else {
        Ok(Box::new(file))
    }
}

/// The largest size to which `packed` bytes may unfold.
pub fn unpacked_limit(packed: u64) -> u64 {
    packed.saturating_mul(MAX_RATIO).clamp(FREE_BYTES, MAX_TEXT_BYTES)
}

/// The whole text. Fails with [`ReadError::TooLarge`] beyond the context's limit and with `Malformed` for broken gzip.
pub fn read_all(source: &Source, context: &ReadContext) -> Result<Vec<u8>, ReadError> {
    context.check_cancelled()?;
    let (size, limit) = (source.size(), context.limits.text_bytes);
    let too_large = |what: &str, found: String| ReadError::TooLarge {
        path: source.path.clone(),
        what: what.to_owned(),
        limit: format!("{}, which is what this machine has free", size_text(limit)),
        found,
        advice: format!("close other programs, or {SMALLER}").into(),
    };
    if size > limit {
        return Err(too_large("this file", size_text(size)));
    }
    let mut text = Vec::with_capacity(size as usize + 1);
    let mut stream = open_text(source)?.take(limit.saturating_add(1));
    // In steps, so that a cancel is heard also in a file of gigabytes.
    loop {
        let step =
            (&mut stream).take(64 << 20).read_to_end(&mut text).map_err(|e| stream_error(source, &e))?;
        context.check_cancelled()?;
        if step == 0 {
            break;
        }
    }
    if text.len() as u64 > limit {
        return Err(too_large("the unpacked text", "more".to_owned()));
    }
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
            advice: UNPACK.into(),
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

/// What is said of a document type, at its byte: XML with one can name other files and multiply itself, so no reader here
/// follows it. `title` is what the file should be, such as "GML".
pub fn doctype_refused(path: &Path, title: &str, byte: u64) -> ReadError {
    ReadError::Malformed {
        path: path.to_path_buf(),
        expected: format!("{title} without a DOCTYPE"),
        found: "a DOCTYPE, which is not allowed because it can pull in other files or multiply itself"
            .to_owned(),
        location: format!("byte {byte}"),
        advice: "remove it (from <!DOCTYPE up to and including its >) in a text editor; the data need none"
            .to_owned(),
    }
}

/// Unpacks gzip while it watches how much comes out of how little.
pub struct Gunzip<R> {
    inner: MultiGzDecoder<Counting<R>>,
    out: u64,
    /// What had come out and gone in when the present window began.
    window: [u64; 2],
}

impl<R: Read> Gunzip<R> {
    pub fn new(packed: R) -> Self {
        Self { inner: MultiGzDecoder::new(Counting { inner: packed, count: 0 }), out: 0, window: [0; 2] }
    }

    fn watch(&mut self) -> std::io::Result<()> {
        let taken = self.inner.get_ref().count;
        let is_bomb = self.out > FREE_STREAM_BYTES && self.out > taken.saturating_mul(MAX_RATIO);
        let [out, packed] = [self.out - self.window[0], taken - self.window[1]];
        let is_burst = out > WINDOW_BYTES && out > packed.saturating_mul(MAX_WINDOW_RATIO);
        if is_bomb || is_burst {
            let (out, taken) = if is_bomb { (self.out, taken) } else { (out, packed) };
            return Err(std::io::Error::new(
                std::io::ErrorKind::FileTooLarge,
                format!("{} out of {} packed ones", size_text(out), size_text(taken)),
            ));
        }
        if out > WINDOW_BYTES {
            self.window = [self.out, taken];
        }
        Ok(())
    }
}

impl<R: Read> Read for Gunzip<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.out += count as u64;
        self.watch()?;
        Ok(count)
    }
}

struct Counting<R> {
    inner: R,
    count: u64,
}

impl<R: Read> Read for Counting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.count += count as u64;
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
    use std::fmt::Write as _;

    use super::*;

    fn gzip(mut content: impl Read) -> Vec<u8> {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        std::io::copy(&mut content, &mut packer).unwrap();
        packer.finish().unwrap()
    }

    /// Bytes that come out of `packed` before the stream ends or is stopped, and whether it was stopped as a bomb.
    fn unfold(packed: &[u8]) -> (u64, bool) {
        let mut buffer = vec![0; 1 << 16];
        let (mut stream, mut total) = (Gunzip::new(packed), 0);
        loop {
            match stream.read(&mut buffer) {
                Ok(0) => return (total, false),
                Ok(count) => total += count as u64,
                Err(error) => {
                    assert_eq!(error.kind(), std::io::ErrorKind::FileTooLarge);
                    return (total, true);
                }
            }
        }
    }

    /// Text that packs badly, always the same.
    fn noise(bytes: u64) -> impl Read {
        let mut random = fastrand::Rng::with_seed(4);
        std::io::Cursor::new((0..bytes).map(|_| random.u8(..)).collect::<Vec<_>>())
    }

    #[test]
    fn a_bomb_is_stopped_after_some_tens_of_megabytes_however_large_it_is() {
        // The packed megabyte of a gigabyte.
        let (out, is_stopped) = unfold(&gzip(std::io::repeat(b' ').take(1 << 30)));
        assert!(is_stopped && out <= 40 << 20, "{out}");
    }

    #[test]
    fn a_bomb_behind_honest_bytes_is_stopped_as_well() {
        let packed = gzip(noise(8 << 20).chain(std::io::repeat(b'0').take(1 << 30)));
        let (out, is_stopped) = unfold(&packed);
        assert!(is_stopped && out <= (8 << 20) + (140 << 20), "{out}");
    }

    #[test]
    fn a_bomb_of_many_members_is_stopped_as_well() {
        let member = gzip(std::io::repeat(0).take(16 << 20));
        let (out, is_stopped) = unfold(&member.repeat(64));
        assert!(is_stopped && out <= 40 << 20, "{out}");
    }

    #[test]
    fn real_text_of_fifty_times_its_size_stays_open() {
        // Measurements as a road authority sends them: the same words with other numbers.
        let mut random = fastrand::Rng::with_seed(5);
        let mut text = String::new();
        while text.len() < 48 << 20 {
            text.push_str("<siteMeasurements><measurementSiteReference id=\"RWS01_MONIBAS_0021hrl0403ra\" version=\"1\"/>");
            text.push_str(
                &"<measuredValue index=\"1\"><vehicleFlowRate>0</vehicleFlowRate></measuredValue>".repeat(24),
            );
            let _ = writeln!(text, "<speed>{}</speed></siteMeasurements>", random.u16(..));
        }
        let packed = gzip(text.as_bytes());
        assert!(text.len() / packed.len() > 50, "{}", text.len() / packed.len());
        assert_eq!(unfold(&packed), (text.len() as u64, false));
    }

    #[test]
    fn text_beyond_the_free_memory_is_refused_before_it_fills_it() {
        let path = std::env::temp_dir().join(format!("stadsmaquette-full-{}.json.gz", std::process::id()));
        std::fs::write(&path, gzip(noise(3 << 20))).unwrap();
        let context = ReadContext { limits: ReadLimits { text_bytes: 4 << 20 }, ..ReadContext::default() };
        assert_eq!(read_all(&Source::from_path(&path), &context).unwrap().len(), 3 << 20);
        std::fs::write(&path, gzip(noise(1 << 20).chain(std::io::repeat(b' ').take(4 << 20)))).unwrap();
        let result = read_all(&Source::from_path(&path), &context);
        std::fs::remove_file(&path).unwrap();
        assert!(matches!(result, Err(ReadError::TooLarge { .. })), "{result:?}");
    }
}
