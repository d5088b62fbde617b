//! Where things stand in a large CityJSON file: one pass over its bytes that notes the members of the document and
//! places to cut its CityObjects and vertices, without holding the text.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
};

use crate::readers::{ReadContext, ReadError, Source};

/// Text between two cuts, bytes: enough work for one task.
const CUT_BYTES: u64 = 2 << 20;
/// Lists and objects inside each other; serde_json has the same limit.
const MAX_DEPTH: usize = 128;
/// Members of the document; real ones have below twenty.
const MAX_MEMBERS: usize = 4096;

/// A piece of the file that parses by itself when brackets are put around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    pub start: u64,
    pub end: u64,
    /// Of `start`, from 1, for messages.
    pub line: usize,
    pub column: usize,
    /// Of vertices: how many stand before this segment.
    pub before: u64,
}

#[derive(Debug, Default)]
pub(super) struct Layout {
    /// The members that are neither CityObjects nor vertices, each with its key and a colon.
    pub members: Vec<Segment>,
    pub objects: Vec<Segment>,
    pub vertices: Vec<Segment>,
    pub vertex_count: u64,
}

/// Reads a part of an open file. Fails when the file has become shorter.
pub(super) fn read_range(
    file: &mut File,
    source: &Source,
    segment: Segment,
    text: &mut Vec<u8>,
) -> Result<(), ReadError> {
    let io = |error: std::io::Error| source.io_error(&error);
    file.seek(SeekFrom::Start(segment.start)).map_err(io)?;
    let length = segment.end - segment.start;
    let read = file.take(length).read_to_end(text).map_err(io)?;
    if read as u64 == length {
        return Ok(());
    }
    Err(source.io_error(&std::io::ErrorKind::UnexpectedEof.into()))
}

#[derive(Clone, Copy, PartialEq)]
enum Inside {
    CityObjects,
    Vertices,
    Other,
}

/// What a byte can mean outside of strings.
const PLAIN: u8 = 0;
const COMMA: u8 = 1;
const QUOTE: u8 = 2;
const OPEN: u8 = 3;
const CLOSE: u8 = 4;
const COLON: u8 = 5;
const NEWLINE: u8 = 6;

const MEANING: [u8; 256] = {
    let mut table = [PLAIN; 256];
    table[b'"' as usize] = QUOTE;
    table[b'{' as usize] = OPEN;
    table[b'[' as usize] = OPEN;
    table[b'}' as usize] = CLOSE;
    table[b']' as usize] = CLOSE;
    table[b',' as usize] = COMMA;
    table[b':' as usize] = COLON;
    table[b'\n' as usize] = NEWLINE;
    table
};

/// How many brackets open and close in a block, and how many quotes and line ends it has.
fn brackets<const N: usize>(block: &[u8; N]) -> [usize; 3] {
    let (mut opens, mut closes, mut others) = (0_u8, 0_u8, 0_u8);
    for &byte in block {
        opens += u8::from(byte == b'[') + u8::from(byte == b'{');
        closes += u8::from(byte == b']') + u8::from(byte == b'}');
        others += u8::from(byte == b'"') + u8::from(byte == b'\n');
    }
    [opens, closes, others].map(usize::from)
}

struct Scanner<'a> {
    source: &'a Source,
    layout: Layout,
    depth: usize,
    line: usize,
    line_start: u64,
    /// In a string, and whether the next byte is escaped.
    is_in_string: bool,
    is_escaped: bool,
    /// Key of the current member of the document; collected while it is read.
    key: Vec<u8>,
    is_key: bool,
    inside: Inside,
    /// Where the current segment began.
    cut: Segment,
    /// Vertices before the current byte.
    vertices: u64,
    has_vertex: bool,
    is_done: bool,
}

/// A scan that can stop on the way.
pub(super) struct Scanning<'a> {
    file: File,
    scanner: Scanner<'a>,
    buffer: Vec<u8>,
    offset: u64,
    size: u64,
}

impl<'a> Scanning<'a> {
    pub fn open(source: &'a Source) -> Result<Self, ReadError> {
        let scanner = Scanner {
            source,
            layout: Layout::default(),
            depth: 0,
            line: 1,
            line_start: 0,
            is_in_string: false,
            is_escaped: false,
            key: Vec::new(),
            is_key: false,
            inside: Inside::Other,
            cut: Segment { start: 0, end: 0, line: 1, column: 1, before: 0 },
            vertices: 0,
            has_vertex: false,
            is_done: false,
        };
        Ok(Self {
            file: source.open()?,
            scanner,
            buffer: vec![0; 1 << 20],
            offset: 0,
            size: source.size().max(1),
        })
    }

    /// What was found so far.
    pub fn layout(&self) -> &Layout {
        &self.scanner.layout
    }

    /// Scans a piece; `false` at the end of the file.
    pub fn go_on(&mut self, context: &ReadContext) -> Result<bool, ReadError> {
        let Self { file, scanner, buffer, offset, size } = self;
        let count = file.read(buffer).map_err(|error| scanner.source.io_error(&error))?;
        let Some(bytes) = buffer.get(..count).filter(|bytes| !bytes.is_empty()) else { return Ok(false) };
        scanner.add(bytes, *offset)?;
        *offset += count as u64;
        context.check_cancelled()?;
        context.progress.set(0.2 * (*offset as f64 / *size as f64).min(1.0));
        Ok(true)
    }
}

/// Scans the file. Fails for text that is no JSON object or ends inside one; most other faults are left to the parser.
pub(super) fn scan(source: &Source, context: &mut ReadContext) -> Result<Layout, ReadError> {
    let mut scanning = Scanning::open(source)?;
    while scanning.go_on(context)? {}
    let Scanning { scanner, offset, .. } = scanning;
    if !scanner.is_done {
        return Err(scanner.malformed(
            "the rest of a CityJSON document",
            "the end of the file",
            offset,
            "the file is cut off; fetch it again",
        ));
    }
    Ok(scanner.layout)
}

impl Scanner<'_> {
    fn malformed(&self, expected: &str, found: &str, offset: u64, advice: &str) -> ReadError {
        ReadError::Malformed {
            path: self.source.path.clone(),
            expected: expected.to_owned(),
            found: found.to_owned(),
            location: format!("line {}, column {}", self.line, offset.saturating_sub(self.line_start) + 1),
            advice: advice.to_owned(),
        }
    }

    fn begin(&mut self, at: u64) {
        self.cut = Segment {
            start: at,
            end: at,
            line: self.line,
            column: at.saturating_sub(self.line_start) as usize + 1,
            before: self.vertices,
        };
    }

    fn end(&mut self, at: u64) {
        let segment = Segment { end: at, ..self.cut };
        match self.inside {
            Inside::CityObjects => self.layout.objects.push(segment),
            Inside::Vertices => self.layout.vertices.push(segment),
            Inside::Other => self.layout.members.push(segment),
        }
    }

    fn add(&mut self, bytes: &[u8], offset: u64) -> Result<(), ReadError> {
        let mut at = 0;
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            if self.is_in_string {
                at += self.string(rest);
                continue;
            }
            if self.depth > 2 {
                at += self.deep(rest, offset + at as u64)?;
                continue;
            }
            if self.depth == 2 && self.inside == Inside::Vertices {
                let passed = self.vertices(rest, offset + at as u64);
                if passed > 0 {
                    at += passed;
                    continue;
                }
            }
            let Some(skipped) = rest.iter().position(|&byte| MEANING[byte as usize] != PLAIN) else {
                return self.plain(rest, offset + at as u64);
            };
            if let Some(plain) = rest.get(..skipped) {
                self.plain(plain, offset + at as u64)?;
            }
            at += skipped;
            let Some(&byte) = bytes.get(at) else { break };
            self.token(byte, offset + at as u64)?;
            at += 1;
        }
        Ok(())
    }

    /// Bytes of a string; returns how many.
    fn string(&mut self, rest: &[u8]) -> usize {
        let mut length = 0;
        while let Some(left) = rest.get(length..).filter(|left| !left.is_empty()) {
            let plain =
                if self.is_escaped { 0 } else { memchr::memchr2(b'\\', b'"', left).unwrap_or(left.len()) };
            let is_end = !self.is_escaped && left.get(plain) == Some(&b'"');
            let taken = (plain + 1).min(left.len());
            self.is_escaped = !self.is_escaped && left.get(plain) == Some(&b'\\');
            length += taken;
            if self.is_key {
                let room = 64 - self.key.len().min(64);
                self.key.extend(left.iter().take(if is_end { plain } else { taken }).take(room));
            }
            if is_end {
                self.is_in_string = false;
                break;
            }
        }
        length
    }

    /// Bytes inside a CityObject or a vertex, where only brackets, strings and lines count; returns how many.
    fn deep(&mut self, rest: &[u8], offset: u64) -> Result<usize, ReadError> {
        const BLOCK: usize = 32;
        let mut at = 0;
        while at < rest.len() {
            // Most of a city is nested numbers: a block is passed over at once when it cannot lead out of the object.
            while let Some(block) = rest.get(at..).and_then(<[u8]>::first_chunk::<BLOCK>) {
                let [opens, closes, others] = brackets(block);
                if others > 0 || closes + 2 >= self.depth || self.depth + opens > MAX_DEPTH {
                    break;
                }
                self.depth = self.depth + opens - closes;
                at += BLOCK;
            }
            let block = rest.get(at..).map_or(&[][..], |left| &left[..left.len().min(BLOCK)]);
            for &byte in block {
                at += 1;
                match MEANING[byte as usize] {
                    PLAIN | COMMA | COLON => {}
                    OPEN if self.depth < MAX_DEPTH => self.depth += 1,
                    CLOSE if self.depth > 3 => self.depth -= 1,
                    _ => {
                        self.token(byte, offset + at as u64 - 1)?;
                        if self.is_in_string || self.depth <= 2 {
                            return Ok(at);
                        }
                    }
                }
            }
        }
        Ok(at)
    }

    /// Vertices as everybody writes them, `[1,2,3],` after each other; returns how many bytes they take, up to the
    /// first one that is written otherwise.
    fn vertices(&mut self, rest: &[u8], offset: u64) -> usize {
        let mut at = 0;
        while let Some((b'[', numbers)) = rest.get(at..).and_then(<[u8]>::split_first) {
            let Some(length) = numbers.iter().position(|&byte| MEANING[byte as usize] > COMMA) else {
                break;
            };
            if numbers.get(length..length + 2) != Some(b"],") {
                break;
            }
            self.has_vertex = true;
            self.comma(offset + (at + 1 + length + 1) as u64);
            at += length + 3;
        }
        at
    }

    /// Bytes without structure: numbers, words and blanks.
    fn plain(&mut self, bytes: &[u8], at: u64) -> Result<(), ReadError> {
        if self.depth >= 2 {
            if self.inside == Inside::Vertices && self.depth == 2 {
                self.has_vertex |= bytes.iter().any(|byte| !byte.is_ascii_whitespace());
            }
            return Ok(());
        }
        // Only a byte order mark may stand before the document, and nothing behind it.
        let bytes = if at == 0 { bytes.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(bytes) } else { bytes };
        if self.depth == 0
            && let Some(&byte) = bytes.iter().find(|byte| !byte.is_ascii_whitespace())
        {
            let found = format!("\"{}\" outside of it", char::from(byte));
            return Err(self.malformed(
                "one JSON object",
                &found,
                at,
                "mend that place or fetch the file again",
            ));
        }
        Ok(())
    }

    fn token(&mut self, byte: u8, at: u64) -> Result<(), ReadError> {
        match MEANING[byte as usize] {
            NEWLINE => {
                self.line += 1;
                self.line_start = at + 1;
            }
            QUOTE => {
                self.is_in_string = true;
                // A key of the document, or one of an object in CityObjects where a segment may begin.
                if self.depth == 1 && self.is_key {
                    self.key.clear();
                    self.begin(at);
                } else if self.depth == 2 && self.inside == Inside::Vertices {
                    self.has_vertex = true;
                }
            }
            OPEN => self.open(byte, at)?,
            CLOSE => self.close(byte, at)?,
            COMMA => self.comma(at),
            COLON if self.depth == 1 => self.is_key = false,
            _ => {}
        }
        Ok(())
    }

    fn open(&mut self, byte: u8, at: u64) -> Result<(), ReadError> {
        if self.depth == 0 && (byte != b'{' || self.is_done) {
            return Err(self.malformed(
                "one JSON object",
                &format!("\"{}\" outside of it", char::from(byte)),
                at,
                "mend that place or fetch the file again",
            ));
        }
        if self.depth == 2 && self.inside == Inside::Vertices {
            self.has_vertex = true;
        }
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.malformed(
                "CityJSON",
                "recursion limit exceeded",
                at,
                "mend that place or fetch the file again",
            ));
        }
        match self.depth {
            1 => self.is_key = true,
            2 => {
                let kind = match (byte, self.key_text()) {
                    (b'{', b"CityObjects") => Inside::CityObjects,
                    (b'[', b"vertices") => Inside::Vertices,
                    _ => Inside::Other,
                };
                self.inside = kind;
                if kind != Inside::Other {
                    self.begin(at + 1);
                    self.has_vertex = false;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The key without its closing quote.
    fn key_text(&self) -> &[u8] {
        &self.key
    }

    fn close(&mut self, byte: u8, at: u64) -> Result<(), ReadError> {
        match self.depth {
            0 => {
                let found = format!("\"{}\" outside of it", char::from(byte));
                return Err(self.malformed(
                    "one JSON object",
                    &found,
                    at,
                    "mend that place or fetch the file again",
                ));
            }
            1 => {
                if self.inside == Inside::Other && !self.is_key {
                    self.end(at);
                }
                self.is_done = true;
            }
            2 if self.inside != Inside::Other => {
                if self.inside == Inside::Vertices && self.has_vertex {
                    self.vertices += 1;
                    self.layout.vertex_count = self.vertices;
                }
                self.end(at);
            }
            _ => {}
        }
        self.depth -= 1;
        Ok(())
    }

    fn comma(&mut self, at: u64) {
        match (self.depth, self.inside) {
            (1, inside) => {
                if inside == Inside::Other && self.layout.members.len() < MAX_MEMBERS {
                    self.end(at);
                }
                self.inside = Inside::Other;
                self.is_key = true;
            }
            (2, Inside::CityObjects | Inside::Vertices) => {
                if self.inside == Inside::Vertices {
                    self.vertices += 1;
                }
                // The comma between two segments belongs to neither.
                if at - self.cut.start >= CUT_BYTES {
                    self.end(at);
                    self.begin(at + 1);
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    /// Text of `value` as somebody else's program might write it: blanks and lines anywhere.
    fn write(value: &Value, blanks: &[&str], random: &mut fastrand::Rng, out: &mut String) {
        let blank = |random: &mut fastrand::Rng, out: &mut String| {
            out.push_str(random.choice(blanks).copied().unwrap_or(""));
        };
        match value {
            Value::Array(list) => {
                out.push('[');
                for (position, part) in list.iter().enumerate() {
                    out.push_str(if position > 0 { "," } else { "" });
                    blank(random, out);
                    write(part, blanks, random, out);
                    blank(random, out);
                }
                out.push(']');
            }
            Value::Object(members) => {
                out.push('{');
                for (position, (key, part)) in members.iter().enumerate() {
                    out.push_str(if position > 0 { "," } else { "" });
                    blank(random, out);
                    out.push_str(&Value::from(key.as_str()).to_string());
                    blank(random, out);
                    out.push(':');
                    blank(random, out);
                    write(part, blanks, random, out);
                }
                out.push('}');
            }
            other => out.push_str(&other.to_string()),
        }
    }

    fn nested(random: &mut fastrand::Rng, depth: usize) -> Value {
        const TEXTS: [&str; 5] =
            ["", "a ] \\ } \" [", "{\"vertices\":[[1,2,3]]}", "wall\n", "een heel gewone naam"];
        match random.u32(..if depth > 5 { 3 } else { 5 }) {
            0 => random.i32(-99_999..99_999).into(),
            1 => TEXTS[random.usize(..TEXTS.len())].into(),
            2 => Value::Null,
            3 => (0..random.usize(..12)).map(|_| nested(random, depth + 1)).collect(),
            _ => (0..random.usize(..5))
                .map(|key| (format!("k{key}"), nested(random, depth + 1)))
                .collect::<serde_json::Map<_, _>>()
                .into(),
        }
    }

    #[test]
    fn pieces_of_any_writing_are_the_objects_and_vertices_of_the_document() {
        let mut random = fastrand::Rng::with_seed(20);
        let path = std::env::temp_dir().join(format!("stadsmaquette-scan-{}.json", std::process::id()));
        for blanks in [&[""][..], &["", "", " "], &["\n  "], &["", "\t", "\r\n", "      "]] {
            for (objects, vertices) in [(0, 0), (1, 1), (40, 7), (9_000, 300_000)] {
                let objects: serde_json::Map<String, Value> =
                    (0..objects).map(|id| (format!("o{id}"), nested(&mut random, 2))).collect();
                let mut vertices: Vec<Value> = (0..vertices)
                    .map(|_| (0..3).map(|_| Value::from(random.i32(-9_999_999..9_999_999))).collect())
                    .collect();
                if let Some(odd) = vertices.get_mut(5) {
                    *odd = serde_json::json!([1.5, "]", [2]]);
                }
                let document = serde_json::json!({
                    "type": "CityJSON", "metadata": nested(&mut random, 1), "CityObjects": objects,
                    "+x": [[1, 2, 3]], "vertices": vertices, "version": "2.0",
                });
                let mut text = String::new();
                write(&document, blanks, &mut random, &mut text);
                std::fs::write(&path, &text).unwrap();
                let source = Source::from_path(&path);
                let layout = scan(&source, &mut ReadContext::default()).unwrap();
                let piece = |segment: &Segment| &text[segment.start as usize..segment.end as usize];
                let mut found = serde_json::Map::new();
                for segment in &layout.objects {
                    found.extend(
                        serde_json::from_str::<serde_json::Map<_, _>>(&format!("{{{}}}", piece(segment)))
                            .unwrap(),
                    );
                }
                assert!(found == objects, "{blanks:?}");
                let mut found: Vec<Value> = Vec::new();
                for segment in &layout.vertices {
                    assert_eq!(segment.before, found.len() as u64);
                    let before = &text[..segment.start as usize];
                    assert_eq!(segment.line, before.matches('\n').count() + 1);
                    assert_eq!(segment.column, before.len() - before.rfind('\n').map_or(0, |at| at + 1) + 1);
                    found.extend(
                        serde_json::from_str::<Vec<Value>>(&format!("[{}]", piece(segment))).unwrap(),
                    );
                }
                assert!(found == vertices, "{blanks:?}");
                assert_eq!(layout.vertex_count, vertices.len() as u64);
                assert!(text.len() < 4 << 20 || layout.vertices.len() > 1, "large documents are cut");
                for segment in &layout.members {
                    serde_json::from_str::<Value>(&format!("{{{}}}", piece(segment))).unwrap();
                }
            }
        }
        std::fs::remove_file(&path).unwrap();
    }
}
