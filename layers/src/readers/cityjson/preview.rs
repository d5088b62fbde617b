//! The first objects of a large file before all of it was looked at: what a user sees within seconds.
//!
//! A preview reads the beginning of the CityObjects and the vertices they use, and hands them over as the first part. It
//! is a look ahead only: whatever it cannot do at once (a header behind the objects, vertices in another order) it leaves
//! to the full pass, which reads everything anyway and goes on with the second part.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
};

use super::{
    build::{ModelBuilder, VertexRange},
    check_kind,
    large::{VertexLoader, hand_over, members, parse_objects},
    open_document, parse,
    scan::Scanning,
};
use crate::readers::{ReadContext, ReadError, Source, part::Parts};

/// Text of CityObjects that is read ahead, bytes: some thousand buildings.
const AHEAD_BYTES: u64 = 24 << 20;
/// Vertices that are read ahead at most.
const MAX_VERTICES: u64 = 4_000_000;

/// Hands over a first part where that is possible. Faults are left to the full pass; only cancelling ends here.
pub(super) fn show(source: &Source, parts: &mut Parts, context: &mut ReadContext) -> Result<(), ReadError> {
    let mut ahead = ReadContext {
        target: context.target,
        assumed_crs: context.assumed_crs,
        progress: context.progress.clone(),
        ..ReadContext::default()
    };
    match prepare(source, &mut ahead) {
        Ok(Some((builder, header))) => hand_over(source, parts, &builder, &header, false, context),
        Err(ReadError::Cancelled) => Err(ReadError::Cancelled),
        Ok(None) | Err(_) => Ok(()),
    }
}

fn prepare(
    source: &Source,
    context: &mut ReadContext,
) -> Result<Option<(ModelBuilder, super::Header)>, ReadError> {
    let mut scanning = Scanning::open(source)?;
    let size = |layout: &super::scan::Layout| -> u64 {
        layout.objects.iter().map(|segment| segment.end - segment.start).sum()
    };
    while size(scanning.layout()) < AHEAD_BYTES && scanning.go_on(context)? {}
    let layout = scanning.layout();
    let mut file = source.open()?;
    let mut keys = parse::KeyTable::default();
    let mut document = members(source, &mut file, layout, &mut keys, context)?;
    check_kind(source, &document, &["CityJSON"], 1)?;
    if document.version.is_none()
        || (document.transform.is_none() && document.version.as_deref() != Some("1.0"))
    {
        return Ok(None);
    }
    let transform = document.transform;
    let mut builder = ModelBuilder::default();
    let (header, shared) = open_document(source, &mut document, &mut builder, context)?;
    let parsed = parse_objects(source, &mut file, &layout.objects, &context.progress)?;
    let needed = parsed.iter().map(|(_, _, highest)| *highest).max().unwrap_or(0);
    if needed > MAX_VERTICES {
        return Ok(None);
    }
    if layout.vertices.is_empty() {
        let Some(vertices) = last_vertices(source, &mut file, needed)? else { return Ok(None) };
        builder.model.vertices.extend_scaled(&vertices, transform);
    } else {
        VertexLoader::new(layout, transform).load(
            needed,
            source,
            &mut file,
            &mut builder.model,
            &context.progress,
        )?;
    }
    let count = builder.model.vertices.len() as u32;
    for (keys, objects, _) in parsed {
        let (range, mut columns) = (VertexRange { start: 0, count }, Vec::new());
        builder.add_objects(
            objects,
            range,
            &keys.names,
            &mut columns,
            &shared,
            shared.looks,
            &mut context.report,
        );
    }
    Ok(Some((builder, header)))
}

/// The first vertices (more than `needed` of them) of a file that ends with them, as most do.
///
/// Between the CityObjects, which are full of quotes, and the end of the file there is nothing but numbers, so the border
/// is found by halving. It must then read `"vertices":[`. The full pass checks the whole file later.
fn last_vertices(source: &Source, file: &mut File, needed: u64) -> Result<Option<Vec<[f64; 3]>>, ReadError> {
    const WINDOW: u64 = 64 << 10;
    /// Members may follow the vertices.
    const TAIL: u64 = 4 * WINDOW;
    let size = source.size();
    let mut window = |at: u64| read_at(source, file, at, WINDOW);
    let has_quote = |text: &[u8]| text.contains(&b'"');
    // Invariant: a quote in the window at `low`, none in the one at `high`.
    let (mut low, mut high) = (0, size.saturating_sub(TAIL));
    if has_quote(&window(high)?) || !has_quote(&window(low)?) {
        return Ok(None);
    }
    while high - low > WINDOW {
        let middle = low + (high - low) / 2;
        if has_quote(&window(middle)?) { low = middle } else { high = middle }
    }
    let text = read_at(source, file, low, 2 * WINDOW)?;
    let Some(quote) = text.iter().rposition(|&byte| byte == b'"') else { return Ok(None) };
    let (before, after) = text.split_at(quote + 1);
    let blanks = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let colon = blanks(after);
    let rest = after.get(colon + 1..).unwrap_or_default();
    let bracket = blanks(rest);
    if !before.ends_with(b"\"vertices\"")
        || after.get(colon) != Some(&b':')
        || rest.get(bracket) != Some(&b'[')
    {
        return Ok(None);
    }
    let mut at = low + (quote + 1 + colon + 1 + bracket + 1) as u64;
    let mut vertices: Vec<[f64; 3]> = Vec::new();
    while vertices.len() as u64 <= needed {
        let block = read_at(source, file, at, 4 << 20)?;
        // Up to the last whole vertex that another one follows.
        let Some(end) = block.windows(2).rposition(|pair| pair == b"],") else { return Ok(None) };
        let mut text = vec![b'['];
        text.extend_from_slice(block.get(..=end).unwrap_or_default());
        text.push(b']');
        let Ok(more) = parse::parse_vertices(&text) else { return Ok(None) };
        vertices.extend(more);
        at += end as u64 + 2;
    }
    Ok(Some(vertices))
}

fn read_at(source: &Source, file: &mut File, at: u64, length: u64) -> Result<Vec<u8>, ReadError> {
    let io = |error: std::io::Error| source.io_error(&error);
    file.seek(SeekFrom::Start(at)).map_err(io)?;
    let mut text = Vec::with_capacity(length as usize);
    file.take(length).read_to_end(&mut text).map_err(io)?;
    Ok(text)
}
