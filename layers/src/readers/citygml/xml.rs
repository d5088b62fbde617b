//! A pull reader for XML with the limits of a reader of strangers' files: depth, text length, no DOCTYPE.

use std::io::BufRead;

use quick_xml::{
    NsReader,
    events::{BytesRef, BytesStart, Event},
    name::ResolveResult,
};

use crate::readers::{
    ReadContext, ReadError, Source,
    input::{doctype_refused, open_text, stream_error},
};

/// Elements inside each other; real files stay below 40.
const MAX_DEPTH: usize = 256;
/// Bytes of one tag or one run of text; the longest `posList` of real files has some megabytes.
const MAX_RUN_BYTES: usize = 256 << 20;

/// Whose element it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Ns {
    Gml,
    /// Any CityGML module of any version.
    City,
    /// xAL, the address language of OASIS.
    Address,
    #[default]
    Other,
}

/// The element that was entered last. Texts are empty where the attribute is absent.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub ns: Ns,
    pub name: String,
    /// `gml:id`.
    pub id: String,
    /// `xlink:href`.
    pub href: String,
    /// `uri` of a texture's target.
    pub uri: String,
    /// `ring` of a texture's places.
    pub ring: String,
    pub srs_name: String,
    /// `srsDimension`: 2 or 3.
    pub dimension: Option<usize>,
    /// `orientation="-"`.
    pub is_reversed: bool,
    pub uom: String,
    /// `name` of CityGML 2.0 generic attributes.
    pub label: String,
    /// Version of the element's CityGML module, such as "2.0".
    version: String,
}

/// One pass over a document, element by element.
pub(super) struct Xml<'a> {
    reader: NsReader<Bounded<Box<dyn BufRead + Send>>>,
    buffer: Vec<u8>,
    depth: usize,
    events: u64,
    source: &'a Source,
    size: f64,
    /// The declaration names a Latin encoding of one byte a character.
    is_latin: bool,
    pub context: &'a mut ReadContext,
    pub element: Element,
}

impl<'a> Xml<'a> {
    pub fn open(source: &'a Source, context: &'a mut ReadContext) -> Result<Self, ReadError> {
        let inner = Bounded { inner: open_text(source)?, left: MAX_RUN_BYTES };
        let mut reader = NsReader::from_reader(inner);
        reader.config_mut().expand_empty_elements = true;
        Ok(Self {
            reader,
            buffer: Vec::new(),
            depth: 0,
            events: 0,
            source,
            size: source.size().max(1) as f64,
            is_latin: false,
            context,
            element: Element::default(),
        })
    }

    /// Bytes of text read so far.
    pub fn position(&self) -> u64 {
        self.reader.buffer_position()
    }

    pub fn malformed(&self, found: impl Into<String>) -> ReadError {
        ReadError::Malformed {
            path: self.source.path.clone(),
            expected: "CityGML".to_owned(),
            found: found.into(),
            location: format!("byte {}", self.position()),
            advice: "the file is damaged or cut off; fetch it again".to_owned(),
        }
    }

    /// Version of the module that the element belongs to, such as "2.0"; empty outside CityGML.
    pub fn version(&self) -> &str {
        &self.element.version
    }

    /// Goes to the next child of the open element; `false` when the open element ended instead.
    pub fn enter(&mut self) -> Result<bool, ReadError> {
        self.step(|_| {})
    }

    /// As [`Self::enter`], adding the text on the way to `text`.
    pub fn enter_with_text(&mut self, text: &mut String) -> Result<bool, ReadError> {
        let is_latin = self.is_latin;
        self.step(|bytes| push_decoded(text, bytes, is_latin))
    }

    /// The text of the open element, trimmed, and to its end; child elements are skipped.
    pub fn text(&mut self) -> Result<String, ReadError> {
        let mut text = String::new();
        while self.enter_with_text(&mut text)? {
            self.skip()?;
        }
        let trimmed = text.trim();
        Ok(if trimmed.len() == text.len() { text } else { trimmed.to_owned() })
    }

    /// Adds the numbers of the open element to `out`, to its end. Returns how many words were no numbers; those count
    /// as NaN.
    pub fn numbers(&mut self, out: &mut Vec<f64>) -> Result<usize, ReadError> {
        let mut bad = 0;
        while self.step(|bytes| bad += push_numbers(bytes, out))? {
            self.skip()?;
        }
        Ok(bad)
    }

    /// To the end of the open element.
    pub fn skip(&mut self) -> Result<(), ReadError> {
        let outside = self.depth.saturating_sub(1);
        while self.depth > outside {
            self.step(|_| {})?;
        }
        Ok(())
    }

    /// Reads on to the end of the file, after the root.
    pub fn finish(&mut self) -> Result<(), ReadError> {
        if self.step(|_| {})? { Err(self.malformed("a second root element")) } else { Ok(()) }
    }

    /// Reads to the next start (`true`) or end (`false`) of an element; `text` gets what stands between. The end of the
    /// file counts as an end outside the root only.
    fn step(&mut self, mut text: impl FnMut(&[u8])) -> Result<bool, ReadError> {
        loop {
            self.events += 1;
            if self.events.is_multiple_of(4096) {
                self.context.check_cancelled()?;
                // Gzip unfolds to several times its size, so this only runs ahead, never over 0.8.
                self.context.progress.set(0.8 * (self.position() as f64 / self.size).min(1.0));
            }
            self.buffer.clear();
            let before = self.reader.buffer_position();
            self.reader.get_mut().left = MAX_RUN_BYTES;
            let (resolved, event) = match self.reader.read_resolved_event_into(&mut self.buffer) {
                Ok(read) => read,
                Err(quick_xml::Error::Io(error)) => return Err(stream_error(self.source, &error)),
                Err(error) => return Err(self.malformed(error.to_string())),
            };
            match event {
                Event::Start(start) => {
                    self.element.fill(&resolved, &start, self.is_latin);
                    self.depth += 1;
                    if self.depth > MAX_DEPTH {
                        return Err(self.malformed(format!("more than {MAX_DEPTH} elements in each other")));
                    }
                    return Ok(true);
                }
                Event::End(_) => {
                    self.depth = self.depth.saturating_sub(1);
                    return Ok(false);
                }
                Event::Eof if self.depth == 0 => return Ok(false),
                Event::Eof => {
                    let found = format!("the end of the file inside {} open elements", self.depth);
                    return Err(self.malformed(found));
                }
                Event::Text(bytes) => text(&bytes.into_inner()),
                Event::CData(bytes) => text(&bytes.into_inner()),
                Event::GeneralRef(reference) => {
                    if let Some(c) = resolve(&reference) {
                        text(c.encode_utf8(&mut [0; 4]).as_bytes());
                    }
                }
                Event::DocType(_) => return Err(doctype_refused(&self.source.path, "CityGML", before)),
                Event::Decl(declaration) => {
                    let encoding = declaration.encoding().and_then(Result::ok);
                    let name = encoding.map(|name| name.to_ascii_lowercase()).unwrap_or_default();
                    self.is_latin = LATIN.contains(&&*name);
                    if !(name.is_empty() || self.is_latin || UNICODE.contains(&&*name)) {
                        let found = format!("text in the encoding {}", String::from_utf8_lossy(&name));
                        return Err(self.malformed(found));
                    }
                }
                Event::Empty(_) | Event::Comment(_) | Event::PI(_) => {}
            }
        }
    }
}

/// Encodings of one byte a character that are read as ISO 8859-1; they differ in a few signs that no name has.
const LATIN: [&[u8]; 4] = [b"iso-8859-1", b"iso-8859-15", b"windows-1252", b"latin1"];
const UNICODE: [&[u8]; 3] = [b"utf-8", b"utf8", b"us-ascii"];

impl Element {
    fn fill(&mut self, resolved: &ResolveResult<'_>, start: &BytesStart<'_>, is_latin: bool) {
        self.version.clear();
        self.ns = match resolved {
            ResolveResult::Bound(namespace) => self.class_of(namespace.as_ref()),
            _ => Ns::Other,
        };
        for text in [
            &mut self.name,
            &mut self.id,
            &mut self.href,
            &mut self.uri,
            &mut self.ring,
            &mut self.srs_name,
            &mut self.uom,
            &mut self.label,
        ] {
            text.clear();
        }
        self.dimension = None;
        self.is_reversed = false;
        push_decoded(&mut self.name, start.local_name().as_ref(), is_latin);
        for attribute in start.attributes().with_checks(false).flatten() {
            let value = &*attribute.value;
            let slot = match attribute.key.local_name().as_ref() {
                b"id" => &mut self.id,
                b"href" => &mut self.href,
                b"uri" => &mut self.uri,
                b"ring" => &mut self.ring,
                b"srsName" => &mut self.srs_name,
                b"uom" => &mut self.uom,
                b"name" => &mut self.label,
                b"srsDimension" => {
                    self.dimension = match value.trim_ascii() {
                        b"2" => Some(2),
                        b"3" => Some(3),
                        _ => None,
                    };
                    continue;
                }
                b"orientation" => {
                    self.is_reversed = value.trim_ascii() == b"-";
                    continue;
                }
                _ => continue,
            };
            slot.clear();
            push_unescaped(slot, value, is_latin);
        }
    }

    fn class_of(&mut self, namespace: &[u8]) -> Ns {
        const CITY: &[u8] = b"http://www.opengis.net/citygml/";
        if namespace == b"http://www.opengis.net/gml"
            || namespace.starts_with(b"http://www.opengis.net/gml/3.")
        {
            Ns::Gml
        } else if let Some(module) = namespace.strip_prefix(CITY) {
            let version = module.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
            push_decoded(&mut self.version, version, false);
            Ns::City
        } else if namespace.starts_with(b"urn:oasis:names:tc:ciq") {
            Ns::Address
        } else {
            Ns::Other
        }
    }
}

fn resolve(reference: &BytesRef<'_>) -> Option<char> {
    if let Ok(Some(c)) = reference.resolve_char_ref() {
        return Some(c);
    }
    named(reference.as_ref())
}

/// The five entities that XML has without a DOCTYPE. Others are not expanded.
fn named(name: &[u8]) -> Option<char> {
    Some(match name {
        b"lt" => '<',
        b"gt" => '>',
        b"amp" => '&',
        b"apos" => '\'',
        b"quot" => '"',
        _ => return None,
    })
}

fn push_decoded(text: &mut String, bytes: &[u8], is_latin: bool) {
    if is_latin {
        text.extend(bytes.iter().map(|&byte| char::from(byte)));
    } else {
        match std::str::from_utf8(bytes) {
            Ok(good) => text.push_str(good),
            Err(_) => text.push_str(&String::from_utf8_lossy(bytes)),
        }
    }
}

/// An attribute's value with its references resolved; unknown ones stay as they are.
fn push_unescaped(text: &mut String, value: &[u8], is_latin: bool) {
    let mut rest = value;
    while let Some(at) = rest.iter().position(|&byte| byte == b'&') {
        let (before, after) = rest.split_at(at);
        push_decoded(text, before, is_latin);
        let end = after.iter().take(12).position(|&byte| byte == b';');
        let name = end.and_then(|end| after.get(1..end)).unwrap_or_default();
        let c = match name {
            [b'#', b'x', digits @ ..] => code_point(digits, 16),
            [b'#', digits @ ..] => code_point(digits, 10),
            _ => named(name),
        };
        if let (Some(c), Some(end)) = (c, end) {
            text.push(c);
            rest = after.get(end + 1..).unwrap_or_default();
        } else {
            text.push('&');
            rest = after.get(1..).unwrap_or_default();
        }
    }
    push_decoded(text, rest, is_latin);
}

fn code_point(digits: &[u8], radix: u32) -> Option<char> {
    char::from_u32(u32::from_str_radix(std::str::from_utf8(digits).ok()?, radix).ok()?)
}

fn push_numbers(bytes: &[u8], out: &mut Vec<f64>) -> usize {
    let mut bad = 0;
    // Commas separate in `gml:coordinates`.
    for word in
        bytes.split(|byte| byte.is_ascii_whitespace() || *byte == b',').filter(|word| !word.is_empty())
    {
        let number = std::str::from_utf8(word).ok().and_then(|word| word.parse::<f64>().ok());
        out.push(number.filter(|number| number.is_finite()).unwrap_or_else(|| {
            bad += 1;
            f64::NAN
        }));
    }
    bad
}

/// Ends with an error when more than `left` bytes are taken without a reset: quick-xml itself reads a tag or text of
/// any length into memory.
struct Bounded<R> {
    inner: R,
    left: usize,
}

impl<R: BufRead> std::io::Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.inner.read(buffer)
    }
}

impl<R: BufRead> BufRead for Bounded<R> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        if self.left == 0 {
            return Err(std::io::Error::new(
                std::io::ErrorKind::FileTooLarge,
                format!("one tag or text longer than {MAX_RUN_BYTES} bytes"),
            ));
        }
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.left = self.left.saturating_sub(amount);
        self.inner.consume(amount);
    }
}
