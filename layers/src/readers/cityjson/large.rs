//! A large CityJSON file, piece by piece: the text is never in memory as a whole, and parts are handed over on the way.

use std::fs::File;

use rayon::prelude::*;

use super::{
    Header,
    build::{ModelBuilder, Shared, VertexRange},
    check_kind, json_error, open_document,
    parse::{self, Document, KeyTable, ParsedObject},
    place, preview,
    scan::{Layout, Segment, read_range, scan},
};
use crate::{
    model::{CityModel, VertexTransform},
    readers::{
        Progress, ReadContext, ReadError, Report, Source,
        input::{SMALLER, size_text},
        part::Parts,
        placement::Placement,
    },
};

/// Text of everything but CityObjects and vertices may not be larger, bytes.
const MAX_MEMBER_BYTES: u64 = 1 << 30;
/// Segments parsed at once; each is some megabytes of text.
const SEGMENTS_AT_ONCE: usize = 8;

/// What a large file gave; `placement` where parts were handed over and decided it.
pub(super) struct Large {
    pub header: Header,
    pub model: CityModel,
    pub placement: Option<Placement>,
}

/// Reads the file in pieces. `None` when it is written in a way that only the plain path understands (escapes in the
/// names of its main members).
pub(super) fn read(source: &Source, context: &mut ReadContext) -> Result<Option<Large>, ReadError> {
    let mut parts = Parts::default();
    if context.on_part.is_some() {
        preview::show(source, &mut parts, context)?;
    }
    let layout = scan(source, context)?;
    let mut file = source.open()?;
    let mut keys = KeyTable::default();
    let mut document = members(source, &mut file, &layout, &mut keys, context)?;
    if !document.objects.is_empty() || !document.vertices.is_empty() {
        return Ok(None);
    }
    check_kind(source, &document, &["CityJSON"], 1)?;
    let mut builder = ModelBuilder::default();
    let (header, shared) = open_document(source, &mut document, &mut builder, context)?;
    let mut vertices = VertexLoader::new(&layout, document.transform);
    // Placed templates add vertices of their own, which must come behind those of the file.
    if !shared.templates.is_empty() {
        vertices.load(u64::MAX, source, &mut file, &mut builder.model, &context.progress)?;
    }
    let count = layout.objects.len().max(1);
    let mut groups = layout.objects.chunks(SEGMENTS_AT_ONCE);
    let mut ahead_file = source.open()?;
    let progress = context.progress.clone();
    let mut parse_next =
        || groups.next().map(|segments| parse_objects(source, &mut ahead_file, segments, &progress));
    let mut next = parse_next();
    let mut done = 0;
    while let Some(parsed) = next.take() {
        let parsed = parsed?;
        done += parsed.len();
        // Building keeps to one thread, so that the order stays; the others parse on meanwhile.
        let report = &mut context.report;
        let (following, added) = rayon::join(&mut parse_next, || {
            let needed = parsed.iter().map(|(_, _, highest)| *highest).max().unwrap_or(0);
            vertices.load(needed, source, &mut file, &mut builder.model, &progress)?;
            add(&mut builder, parsed, &shared, &layout, report);
            Ok::<_, ReadError>(())
        });
        added?;
        next = following;
        progress.set(0.2 + 0.6 * done as f64 / count as f64);
        progress.check_cancelled()?;
        if context.on_part.is_some() && parts.is_due(&builder.model) {
            hand_over(source, &mut parts, &builder, &header, false, context)?;
        }
    }
    vertices.load(u64::MAX, source, &mut file, &mut builder.model, &progress)?;
    if context.on_part.is_some() {
        hand_over(source, &mut parts, &builder, &header, true, context)?;
    }
    Ok(Some(Large { header, model: builder.finish(&mut context.report), placement: parts.placement }))
}

/// Hands over what is complete; used by sequences too.
pub(super) fn hand_over(
    source: &Source,
    parts: &mut Parts,
    builder: &ModelBuilder,
    header: &Header,
    is_last: bool,
    context: &mut ReadContext,
) -> Result<(), ReadError> {
    let (model, relations, ids) = builder.state();
    parts.hand_over(source, model, relations, ids, is_last, context, |piece, context| {
        place(source, header, &piece.vertices, context).map(|(_, placement)| placement)
    })
}

/// The document without its CityObjects and vertices.
pub(super) fn members(
    source: &Source,
    file: &mut File,
    layout: &Layout,
    keys: &mut KeyTable,
    context: &ReadContext,
) -> Result<Document, ReadError> {
    let size: u64 = layout.members.iter().map(|segment| segment.end - segment.start).sum();
    if size > MAX_MEMBER_BYTES {
        return Err(ReadError::TooLarge {
            path: source.path.clone(),
            what: "the document without its CityObjects and vertices".to_owned(),
            limit: size_text(MAX_MEMBER_BYTES),
            found: size_text(size),
            advice: SMALLER.into(),
        });
    }
    let mut document = Document::default();
    for &segment in &layout.members {
        let mut text = vec![b'{'];
        read_range(file, source, segment, &mut text)?;
        text.push(b'}');
        parse::parse_into(&text, &mut document, keys, &context.progress)
            .map_err(|error| json_error(source, &error, &context.progress, None, place_of(segment)))?;
    }
    Ok(document)
}

/// Where the text of a segment, which has a bracket put before it, begins in the file.
fn place_of(segment: Segment) -> (usize, usize) {
    (segment.line - 1, segment.column.saturating_sub(2))
}

/// Names, objects and the highest vertex that they use.
pub(super) type ParsedSegment = (KeyTable, Vec<ParsedObject>, u64);

pub(super) fn parse_objects(
    source: &Source,
    file: &mut File,
    segments: &[Segment],
    progress: &Progress,
) -> Result<Vec<ParsedSegment>, ReadError> {
    let mut texts = Vec::with_capacity(segments.len());
    for &segment in segments {
        texts.push((segment, bracketed(file, source, segment, [b'{', b'}'])?));
    }
    let parsed: Vec<Result<ParsedSegment, ReadError>> = texts
        .into_par_iter()
        .map(|(segment, text)| {
            let mut keys = KeyTable::default();
            let objects = parse::parse_objects(&text, &mut keys, progress)
                .map_err(|error| json_error(source, &error, progress, None, place_of(segment)))?;
            let indices = objects.iter().flat_map(|object| &object.geometries);
            let highest =
                indices.flat_map(|geometry| &geometry.boundaries.indices).copied().max().unwrap_or(0);
            Ok((keys, objects, u64::from(highest)))
        })
        .collect();
    parsed.into_iter().collect()
}

/// The text of a segment in brackets.
fn bracketed(
    file: &mut File,
    source: &Source,
    segment: Segment,
    brackets: [u8; 2],
) -> Result<Vec<u8>, ReadError> {
    let mut text = Vec::with_capacity((segment.end - segment.start) as usize + 2);
    text.push(brackets[0]);
    read_range(file, source, segment, &mut text)?;
    text.push(brackets[1]);
    Ok(text)
}

fn add(
    builder: &mut ModelBuilder,
    parsed: Vec<ParsedSegment>,
    shared: &Shared,
    layout: &Layout,
    report: &mut Report,
) {
    let range = VertexRange { start: 0, count: u32::try_from(layout.vertex_count).unwrap_or(u32::MAX) };
    for (keys, objects, _) in parsed {
        let mut columns = Vec::new();
        builder.add_objects(objects, range, &keys.names, &mut columns, shared, shared.looks, report);
    }
}

/// The vertices of the file, read as far as they are needed: files mostly have them in the order of their use, so the
/// first objects need only the first ones.
pub(super) struct VertexLoader<'a> {
    layout: &'a Layout,
    /// First segment that is not read yet.
    next: usize,
    transform: Option<VertexTransform>,
}

impl<'a> VertexLoader<'a> {
    pub fn new(layout: &'a Layout, transform: Option<VertexTransform>) -> Self {
        Self { layout, next: 0, transform }
    }

    /// Reads on until vertex `needed` is there, or to the end.
    pub fn load(
        &mut self,
        needed: u64,
        source: &Source,
        file: &mut File,
        model: &mut CityModel,
        progress: &Progress,
    ) -> Result<(), ReadError> {
        while let Some(rest) = self.layout.vertices.get(self.next..).filter(|rest| !rest.is_empty()) {
            if (model.vertices.len() as u64) > needed {
                break;
            }
            let segments = rest.get(..SEGMENTS_AT_ONCE).unwrap_or(rest);
            let mut texts = Vec::with_capacity(segments.len());
            for &segment in segments {
                texts.push((segment, bracketed(file, source, segment, [b'[', b']'])?));
            }
            let parsed: Vec<Result<Vec<[f64; 3]>, ReadError>> = texts
                .into_par_iter()
                .map(|(segment, text)| {
                    parse::parse_vertices(&text)
                        .map_err(|error| json_error(source, &error, progress, None, place_of(segment)))
                })
                .collect();
            for vertices in parsed {
                model.vertices.extend_scaled(&vertices?, self.transform);
            }
            self.next += segments.len();
            progress.check_cancelled()?;
        }
        Ok(())
    }
}
