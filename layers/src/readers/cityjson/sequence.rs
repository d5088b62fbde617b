//! CityJSONSeq: a CityJSON header line, then one CityJSONFeature a line.

use std::io::{BufRead, Read as _};

use rayon::prelude::*;

use super::{
    FormatReader, Header, ModelBuilder, Progress, ReadContext, ReadError, ReadOutcome, Source,
    VertexTransform,
    build::Shared,
    check_kind, finish, json_error,
    large::hand_over,
    mentions_city_json, open_document,
    parse::{self, Document, KeyTable},
    starts_as_object, transform_of,
};
use crate::readers::{
    input::{SMALLER, open_text, read_all, size_text, stream_error, with_checksum},
    part::Parts,
};

/// CityJSON Text Sequences, one document a line.
#[derive(Debug)]
pub struct CityJsonSeqReader;

/// Text parsed at once, bytes: enough work for every core, little beside the model.
const BLOCK_BYTES: usize = 8 << 20;
/// Lines parsed at once: the shortest ones take a hundred times their size as documents.
const MAX_LINES_AT_ONCE: usize = 1 << 15;
/// Lines that one task parses with one table of names.
const LINES_PER_BATCH: usize = 32;
/// A single feature line may not be longer, bytes.
const MAX_LINE_BYTES: usize = 1 << 30;

/// Whether a head is a sequence: its first line is a whole JSON document, or the name says so.
pub(super) fn is_sequence(head: &[u8], lower_name: &str) -> bool {
    let name = lower_name.trim_end_matches(".gz");
    if matches!(name.rsplit_once('.'), Some((_, "jsonl" | "cityjsonseq" | "ndjson"))) {
        return true;
    }
    let mut lines = head.split(|&byte| byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    let (Some(first), Some(second)) = (lines.next(), lines.next()) else { return false };
    first.trim_ascii_end().ends_with(b"}") && second.trim_ascii_start().starts_with(b"{")
}

impl FormatReader for CityJsonSeqReader {
    fn id(&self) -> &'static str {
        "cityjson-seq"
    }

    fn title(&self) -> &'static str {
        "CityJSON Text Sequence"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["city.jsonl", "jsonl", "cityjsonseq", "city.jsonl.gz", "jsonl.gz"]
    }

    fn sniff(&self, head: &[u8], file_name: &str) -> bool {
        starts_as_object(head)
            && mentions_city_json(head)
            && is_sequence(head, &file_name.to_ascii_lowercase())
    }

    fn read(&self, source: &Source, context: &mut ReadContext) -> Result<ReadOutcome, ReadError> {
        let (result, checksum) = with_checksum(source, || match lone_feature(source, context)? {
            Some((keys, document)) => Sequence::of_one(source, &keys, document, context),
            None => Sequence::default().read(source, context),
        });
        let mut sequence = result?;
        let model = std::mem::take(&mut sequence.builder).finish(&mut context.report);
        let Sequence { header, features, parts, .. } = sequence;
        finish(self.id(), source, &header, model, features, checksum, parts.placement, context)
    }
}

/// The number of a line, from 1, and what stands there.
type ParsedLine = (usize, Result<Document, serde_json::Error>);

/// Some megabytes of lines, parsed.
struct Block {
    bytes: u64,
    /// Neighbouring lines share their attribute names, which are mostly the same ones.
    batches: Vec<(KeyTable, Vec<ParsedLine>)>,
}

/// Reads a file block by block.
struct Blocks<'a> {
    reader: Box<dyn BufRead + Send>,
    source: &'a Source,
    lines: usize,
}

impl Blocks<'_> {
    /// `None` at the end of the file.
    fn next(&mut self, progress: &Progress) -> Option<Result<Block, ReadError>> {
        match self.read() {
            Ok((_, lines, 0)) if lines.is_empty() => None,
            Ok((text, lines, bytes)) => {
                Some(Ok(Block { bytes, batches: parse_lines(&text, &lines, progress) }))
            }
            Err(error) => Some(Err(error)),
        }
    }

    /// Text, the number and end of each line in it, and how many bytes were read. Empty lines leave nothing behind but
    /// their count: a small packed file may hold billions of them.
    #[expect(clippy::type_complexity, reason = "two lists and a count, used once")]
    fn read(&mut self) -> Result<(Vec<u8>, Vec<(usize, usize)>, u64), ReadError> {
        let (mut text, mut lines, mut bytes): (Vec<u8>, Vec<(usize, usize)>, u64) = Default::default();
        while bytes < BLOCK_BYTES as u64 && lines.len() < MAX_LINES_AT_ONCE {
            let start = text.len();
            let count = self
                .reader
                .read_until(b'\n', &mut text)
                .map_err(|error| stream_error(self.source, &error))?;
            if count == 0 {
                break;
            }
            self.lines += 1;
            if count > MAX_LINE_BYTES {
                return Err(ReadError::TooLarge {
                    path: self.source.path.clone(),
                    what: format!("line {}", self.lines),
                    limit: size_text(MAX_LINE_BYTES as u64),
                    found: size_text(count as u64),
                    advice: SMALLER.into(),
                });
            }
            bytes += count as u64;
            if text[start..].trim_ascii().is_empty() {
                text.truncate(start);
            } else {
                lines.push((self.lines, text.len()));
            }
        }
        Ok((text, lines, bytes))
    }
}

fn parse_lines(
    text: &[u8],
    lines: &[(usize, usize)],
    progress: &Progress,
) -> Vec<(KeyTable, Vec<ParsedLine>)> {
    let starts = std::iter::once(0).chain(lines.iter().map(|line| line.1));
    let lines: Vec<(usize, &[u8])> =
        starts.zip(lines).map(|(start, &(number, end))| (number, text[start..end].trim_ascii())).collect();
    lines
        .par_chunks(LINES_PER_BATCH)
        .map(|lines| {
            let mut keys = KeyTable::default();
            let parsed = lines
                .iter()
                .map(|&(number, line)| {
                    let line = line.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(line);
                    (number, parse::parse(line, &mut keys, progress))
                })
                .collect();
            (keys, parsed)
        })
        .collect()
}

struct Sequence {
    header: Header,
    transform: Option<VertexTransform>,
    shared: Shared,
    builder: ModelBuilder,
    features: u64,
    lines: usize,
    parts: Parts,
}

impl Default for Sequence {
    fn default() -> Self {
        Self {
            header: Header { version: None, metadata: serde_json::Map::new() },
            transform: None,
            shared: Shared::default(),
            builder: ModelBuilder::default(),
            features: 0,
            lines: 0,
            parts: Parts::default(),
        }
    }
}

/// A feature by itself, over several lines: what programs write that keep one file for each building.
fn lone_feature(
    source: &Source,
    context: &mut ReadContext,
) -> Result<Option<(KeyTable, Document)>, ReadError> {
    const MOST_BYTES: u64 = 64 << 20;
    if source.size() > MOST_BYTES {
        return Ok(None);
    }
    let mut first = Vec::new();
    let mut reader = open_text(source)?.take(MOST_BYTES);
    while first.trim_ascii().is_empty() {
        first.clear();
        let count = reader.read_until(b'\n', &mut first).map_err(|error| stream_error(source, &error))?;
        if count == 0 {
            return Ok(None);
        }
    }
    if serde_json::from_slice::<serde::de::IgnoredAny>(first.trim_ascii()).is_ok() {
        return Ok(None);
    }
    let text = read_all(source, context)?;
    let mut keys = KeyTable::default();
    let document = parse::parse(&text, &mut keys, &context.progress);
    Ok(document
        .ok()
        .filter(|document| document.kind.as_deref() == Some("CityJSONFeature"))
        .map(|d| (keys, d)))
}

impl Sequence {
    fn of_one(
        source: &Source,
        keys: &KeyTable,
        document: Document,
        context: &mut ReadContext,
    ) -> Result<Self, ReadError> {
        let mut sequence = Self::default();
        sequence.header.version = Some(String::new());
        context.report.warn(
            "header-missing",
            "line 1",
            "a feature without the header of its sequence, which says scale and coordinate system; its numbers are taken as they are",
        );
        sequence.add(source, document, keys, &mut Vec::new(), 1, context)?;
        if context.on_part.is_some() {
            hand_over(source, &mut sequence.parts, &sequence.builder, &sequence.header, true, context)?;
        }
        Ok(sequence)
    }

    fn read(mut self, source: &Source, context: &mut ReadContext) -> Result<Self, ReadError> {
        let mut blocks = Blocks { reader: open_text(source)?, source, lines: 0 };
        let (size, mut done) = (source.size().max(1), 0);
        let progress = context.progress.clone();
        let mut next = blocks.next(&progress);
        while let Some(block) = next.take() {
            let block = block?;
            done += block.bytes;
            // Building keeps to one thread, so that the order stays; the others parse on meanwhile.
            let (following, added) =
                rayon::join(|| blocks.next(&progress), || self.add_block(source, block, context));
            added?;
            next = following;
            // Gzip unfolds to several times its size, so this only runs ahead, never over 0.9.
            progress.set(0.9 * (done as f64 / size as f64).min(1.0));
            progress.check_cancelled()?;
            if context.on_part.is_some() && self.parts.is_due(&self.builder.model) {
                hand_over(source, &mut self.parts, &self.builder, &self.header, false, context)?;
            }
        }
        if context.on_part.is_some() {
            hand_over(source, &mut self.parts, &self.builder, &self.header, true, context)?;
        }
        if self.header.version.is_none() && self.features == 0 {
            return Err(ReadError::Malformed {
                path: source.path.clone(),
                expected: "a CityJSON header and features, one a line".to_owned(),
                found: "none".to_owned(),
                location: format!("{} lines", self.lines),
                advice: "fetch the file again".to_owned(),
            });
        }
        Ok(self)
    }

    fn add_block(
        &mut self,
        source: &Source,
        block: Block,
        context: &mut ReadContext,
    ) -> Result<(), ReadError> {
        for (keys, parsed) in block.batches {
            let mut columns = Vec::new();
            for (line, result) in parsed {
                self.lines = line;
                match result {
                    Ok(document) => self.add(source, document, &keys, &mut columns, line, context)?,
                    // Without its header a sequence has no coordinates; a bad line further on costs one feature.
                    Err(error) if self.header.version.is_none() || context.progress.is_cancelled() => {
                        return Err(json_error(source, &error, &context.progress, Some(line - 1), (0, 0)));
                    }
                    Err(error) => context.report.error(
                        "feature-malformed",
                        format!("line {line}, column {}", error.column()),
                        format!("expected a CityJSONFeature, found: {error}; this feature is left out"),
                    ),
                }
            }
        }
        Ok(())
    }

    fn add(
        &mut self,
        source: &Source,
        mut document: Document,
        keys: &KeyTable,
        columns: &mut Vec<Option<usize>>,
        line: usize,
        context: &mut ReadContext,
    ) -> Result<(), ReadError> {
        let is_header = document.kind.as_deref() == Some("CityJSON");
        if self.header.version.is_none() {
            check_kind(source, &document, &["CityJSON"], line)?;
        } else if let Err(error) = check_kind(source, &document, &["CityJSON", "CityJSONFeature"], line) {
            context.report.error("feature-type", format!("line {line}"), error.to_string());
            return Ok(());
        }
        if is_header {
            self.transform = document.transform;
            let (header, shared) = open_document(source, &mut document, &mut self.builder, context)?;
            self.shared = Shared { is_sequence: true, ..shared };
            if self.header.version.is_none() {
                self.header = header;
                self.header.version.get_or_insert_with(String::new);
            }
        } else {
            self.features += 1;
            if let Some(id) = &document.id
                && !document.objects.iter().any(|object| object.id == *id)
            {
                context.report.error(
                    "feature-id",
                    format!("line {line}"),
                    format!("the feature's id \"{id}\" is not one of its CityObjects"),
                );
            }
        }
        let transform = transform_of(&document, self.transform, context);
        self.builder.add(document, transform, &keys.names, columns, &self.shared, &mut context.report);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_lines_takes_little_memory_and_keeps_its_numbers() {
        const EMPTY: usize = 20 << 20;
        const SHORT: usize = 100_000;
        let mut text = vec![b'\n'; EMPTY];
        text.extend_from_slice(&b"{}\n".repeat(SHORT));
        let source = Source::from_path(std::path::Path::new("flood.city.jsonl"));
        let mut blocks = Blocks { reader: Box::new(std::io::Cursor::new(text)), source: &source, lines: 0 };
        let (mut total, mut last, mut bytes) = (0, 0, 0);
        loop {
            let (text, lines, read) = blocks.read().unwrap();
            if read == 0 {
                break;
            }
            assert!(lines.len() <= MAX_LINES_AT_ONCE && text.len() == 3 * lines.len());
            assert!(lines.capacity() <= 2 * MAX_LINES_AT_ONCE && text.capacity() < 1 << 20);
            total += lines.len();
            last = lines.last().map_or(last, |line| line.0);
            bytes += read;
        }
        assert_eq!((total, last), (SHORT, EMPTY + SHORT));
        assert_eq!(bytes, (EMPTY + 3 * SHORT) as u64);
    }
}
