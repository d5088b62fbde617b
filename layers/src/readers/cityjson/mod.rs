//! CityJSON 1.0, 1.1 and 2.0, plain or gzip, and CityJSON Text Sequences (CityJSONSeq).
//!
//! Both forms are parsed by typed streaming into flat parts ([`parse`]) and merged into one checked model ([`build`]).
//! A sequence is read in blocks of lines that are parsed side by side and merged in order, so the result does not depend
//! on the number of threads. Source: CityJSON 2.0.1 specifications, <https://www.cityjson.org/specs/2.0.1/>.

#[macro_use]
mod macros;

mod boundaries;
mod build;
mod large;
mod parse;
mod parse_looks;
mod parse_values;
mod preview;
mod scan;
mod semantics;
mod sequence;

pub use sequence::CityJsonSeqReader;

use std::io::Read;

use build::{ModelBuilder, Shared};
use large::Large;
use parse::{Document, KeyTable};
use semantics::Looks;

use super::{
    FormatReader, Progress, ReadContext, ReadError, ReadOutcome, Source,
    city_layer::{CityFile, drop_bad_surfaces},
    input::{read_all, with_checksum},
    part::Parts,
    placement::{Placement, Unlabelled},
};
use crate::model::{Bounds3, CityModel, VertexTransform, Vertices};

/// One CityJSON document in a file.
#[derive(Debug)]
pub struct CityJsonReader;

impl FormatReader for CityJsonReader {
    fn id(&self) -> &'static str {
        "cityjson"
    }

    fn title(&self) -> &'static str {
        "CityJSON"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["city.json", "json", "cityjson", "city.json.gz", "json.gz"]
    }

    fn sniff(&self, head: &[u8], file_name: &str) -> bool {
        let name = file_name.to_ascii_lowercase();
        let is_named = name.contains("city.json") && !name.contains("jsonl");
        starts_as_object(head)
            && !sequence::is_sequence(head, &name)
            && (mentions_city_json(head) || is_named)
    }

    fn read(&self, source: &Source, context: &mut ReadContext) -> Result<ReadOutcome, ReadError> {
        self.read_by(source, context, LARGE_BYTES)
    }
}

/// Plain files from this size on are read in pieces, bytes; below, in one go.
const LARGE_BYTES: u64 = 32 << 20;

impl CityJsonReader {
    /// Reads files of `large_bytes` and more in pieces; the result is the same.
    fn read_by(
        &self,
        source: &Source,
        context: &mut ReadContext,
        large_bytes: u64,
    ) -> Result<ReadOutcome, ReadError> {
        let is_large = source.size() >= large_bytes && !is_gzip(source)?;
        let (result, checksum) = with_checksum(source, || -> Result<Large, ReadError> {
            if is_large && let Some(large) = large::read(source, context)? {
                return Ok(large);
            }
            read_whole(source, context)
        });
        let Large { header, model, placement } = result?;
        let features = model.objects.iter().filter(|object| object.parents.is_empty()).count() as u64;
        finish(self.id(), source, &header, model, features, checksum, placement, context)
    }
}

fn is_gzip(source: &Source) -> Result<bool, ReadError> {
    let mut magic = [0; 2];
    let read = source.open()?.read(&mut magic).map_err(|error| source.io_error(&error))?;
    Ok(read == 2 && magic == [0x1f, 0x8b])
}

/// The whole text at once.
fn read_whole(source: &Source, context: &mut ReadContext) -> Result<Large, ReadError> {
    let mut keys = KeyTable::default();
    let text = read_all(source, context)?;
    context.progress.set(0.1);
    let parsed = parse::parse(&text, &mut keys, &context.progress);
    let mut document = parsed.map_err(|error| json_error(source, &error, &context.progress, None, (0, 0)))?;
    drop(text);
    context.check_cancelled()?;
    context.progress.set(0.6);
    check_kind(source, &document, &["CityJSON"], 1)?;
    let mut builder = ModelBuilder::default();
    let (header, shared) = open_document(source, &mut document, &mut builder, context)?;
    let transform = transform_of(&document, None, context);
    let mut columns = Vec::new();
    builder.add(document, transform, &keys.names, &mut columns, &shared, &mut context.report);
    context.progress.set(0.8);
    let mut parts = Parts::default();
    if context.on_part.is_some() {
        large::hand_over(source, &mut parts, &builder, &header, true, context)?;
    }
    Ok(Large { header, model: builder.finish(&mut context.report), placement: parts.placement })
}

/// What a header tells of the whole file.
struct Header {
    version: Option<String>,
    metadata: serde_json::Map<String, serde_json::Value>,
}

impl Header {
    fn take(document: &mut Document) -> Self {
        Self { version: document.version.take(), metadata: std::mem::take(&mut document.metadata) }
    }

    fn text(&self, path: &[&str]) -> Option<&str> {
        let (first, rest) = path.split_first()?;
        let mut value = self.metadata.get(*first)?;
        for key in rest {
            value = value.get(key)?;
        }
        value.as_str()
    }
}

/// Checks the head of a document and takes what it gives to all its objects.
fn open_document(
    source: &Source,
    document: &mut Document,
    builder: &mut ModelBuilder,
    context: &mut ReadContext,
) -> Result<(Header, Shared), ReadError> {
    let header = Header::take(document);
    let is_old = check_version(source, header.version.as_deref(), context)?;
    if document.transform.is_none() && !is_old {
        context.report.warn(
            "transform-missing",
            "transform",
            "expected a transform, which CityJSON has since 1.1; the vertices are taken as they are",
        );
    }
    let looks = document
        .appearance
        .take()
        .map_or_else(Looks::default, |appearance| Looks::add(appearance, &mut builder.model.appearance));
    for (name, value) in std::mem::take(&mut document.extras) {
        if name == "extensions" {
            check_extensions(&value, context);
        }
        builder.model.extras.push((name, value.to_string()));
    }
    // What the layer does not say in its own words is kept for the file that is written of it.
    let mut rest = header.metadata.clone();
    rest.retain(|name, _| {
        !["geographicalExtent", "referenceSystem", "title", "referenceDate"].contains(&name.as_str())
    });
    if !rest.is_empty() {
        builder.model.extras.push(("metadata".to_owned(), serde_json::Value::Object(rest).to_string()));
    }
    let shared = Shared {
        templates: std::mem::take(&mut document.templates),
        template_vertices: std::mem::take(&mut document.template_vertices),
        looks,
        is_strict: !is_old,
        is_sequence: false,
    };
    Ok((header, shared))
}

/// Fails for versions that do not exist. Returns whether it is 1.0, which has other rules.
fn check_version(
    source: &Source,
    version: Option<&str>,
    context: &mut ReadContext,
) -> Result<bool, ReadError> {
    let Some(version) = version.filter(|version| !version.is_empty()) else {
        context.report.error(
            "version-missing",
            "version",
            "expected \"version\": \"1.0\", \"1.1\" or \"2.0\", found none; read as 2.0",
        );
        return Ok(false);
    };
    let is = |known: &str| {
        version.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    if ["1.0", "1.1", "2.0"].into_iter().any(is) {
        return Ok(is("1.0"));
    }
    Err(ReadError::Malformed {
        path: source.path.clone(),
        expected: "CityJSON 1.0, 1.1 or 2.0".to_owned(),
        found: format!("version \"{}\"", version.chars().take(40).collect::<String>()),
        location: "\"version\"".to_owned(),
        advice: "convert it to CityJSON 2.0 with the program that made it".to_owned(),
    })
}

/// Extensions are named with the address and version of their schema, which is never fetched.
fn check_extensions(value: &serde_json::Value, context: &mut ReadContext) {
    let Some(extensions) = value.as_object() else {
        context.report.error("extension", "extensions", "expected an object with extensions by name");
        return;
    };
    for (name, extension) in extensions {
        for key in ["url", "version"] {
            if extension.get(key).and_then(serde_json::Value::as_str).is_none() {
                context.report.error(
                    "extension",
                    name,
                    format!("expected the \"{key}\" of the extension, found none; its properties are kept all the same"),
                );
            }
        }
    }
}

fn starts_as_object(head: &[u8]) -> bool {
    let head = head.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(head);
    head.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{')
}

fn mentions_city_json(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head);
    ["\"CityJSON\"", "\"CityJSONFeature\"", "\"CityObjects\""].iter().any(|word| text.contains(word))
}

/// Turns serde_json's error into ours: where, and what to do. `line_before` is the number of lines before the one that
/// was parsed; `None` for a whole file. `lines` and `columns` stand before the piece of the file that was parsed.
fn json_error(
    source: &Source,
    error: &serde_json::Error,
    progress: &Progress,
    line_before: Option<usize>,
    (lines, columns): (usize, usize),
) -> ReadError {
    if progress.is_cancelled() {
        return ReadError::Cancelled;
    }
    // Only the first line of a piece begins further right.
    let columns = if error.line() == 1 { columns } else { 0 };
    let line = error.line() + line_before.unwrap_or(0) + lines;
    let location = format!("line {line}, column {}", error.column() + columns);
    let (expected, found, advice) = if error.is_eof() {
        let (end, advice) = match line_before {
            None => ("the end of the file", "the file is cut off; fetch it again"),
            Some(_) => ("the end of the line", "a sequence has one whole document a line; fetch it again"),
        };
        ("the rest of a CityJSON document".to_owned(), end.to_owned(), advice.to_owned())
    } else {
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or(&message).to_owned();
        ("CityJSON".to_owned(), message, "mend that place or fetch the file again".to_owned())
    };
    ReadError::Malformed { path: source.path.clone(), expected, found, location, advice }
}

fn check_kind(source: &Source, document: &Document, kinds: &[&str], line: usize) -> Result<(), ReadError> {
    let kind = document.kind.as_deref().unwrap_or("nothing");
    if kinds.contains(&kind) {
        return Ok(());
    }
    Err(ReadError::Malformed {
        path: source.path.clone(),
        expected: format!("\"type\": \"{}\"", kinds.join("\" or \"")),
        found: format!("\"{}\"", kind.chars().take(40).collect::<String>()),
        location: format!("line {line}"),
        advice: "open the file with the reader of its own format".to_owned(),
    })
}

/// What the vertices of a document are in: its own transform or `inherited`, a sequence's.
fn transform_of(
    document: &Document,
    inherited: Option<VertexTransform>,
    context: &mut ReadContext,
) -> Option<VertexTransform> {
    let transform = document.transform.or(inherited)?;
    if transform.scale.iter().any(|value| !value.is_finite() || *value == 0.0)
        || transform.translate.iter().any(|value| !value.is_finite())
    {
        context.report.warn("transform", "transform", "a scale is zero; the coordinates are flat there");
    }
    Some(transform)
}

/// Where coordinates of this file go, with their bounds.
fn place(
    source: &Source,
    header: &Header,
    vertices: &Vertices,
    context: &mut ReadContext,
) -> Result<(Bounds3, Placement), ReadError> {
    let stated = match header.text(&["referenceSystem"]) {
        Some(text) => Placement::parse_stated(source, text, context)?,
        None => None,
    };
    let bounds = bounds_of(vertices);
    let placement = Placement::decide(source, stated, &bounds, Unlabelled::Metric, context)?;
    Ok((bounds, placement))
}

fn bounds_of(vertices: &Vertices) -> Bounds3 {
    Bounds3::from_points(vertices.iter().filter(|point| point.iter().all(|value| value.abs() < 1e9)))
}

/// Placement, inspection and the layer: the same for both forms. `placed` is what parts were placed by.
fn finish(
    format: &'static str,
    source: &Source,
    header: &Header,
    mut model: CityModel,
    features: u64,
    checksum: String,
    placed: Option<Placement>,
    context: &mut ReadContext,
) -> Result<ReadOutcome, ReadError> {
    let (bounds, placement) = match placed {
        Some(placement) => (bounds_of(&model.vertices), placement),
        None => place(source, header, &model.vertices, context)?,
    };
    if placement.apply_to(&mut model.vertices) > 0 {
        drop_bad_surfaces(&mut model, &mut context.report);
    }
    context.progress.set(0.9);
    let owned = |path: &[&str]| header.text(path).map(str::to_owned);
    let file = CityFile {
        format,
        version: header.version.clone(),
        bounds,
        features,
        title: owned(&["title"]),
        contact: owned(&["pointOfContact", "contactName"]),
        licence: owned(&["license"]).or_else(|| owned(&["licence"])).unwrap_or_default(),
        date: owned(&["referenceDate"]).or_else(|| owned(&["version"])).unwrap_or_default(),
        checksum,
    };
    Ok(file.into_outcome(source, model, &placement, context))
}
