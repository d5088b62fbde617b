//! GML simple features and the Dutch registrations in GML, streamed: memory holds one feature's tree and the result.
//!
//! GML 2 to 3.2 feature collections of any application schema (BGT/IMGeo, TOP10NL, NWB, INSPIRE, …), and the BAG 2.0
//! extract (LVBAG), whose objects are GML features under another name. Every feature type is a layer. Nothing that a
//! file points at is opened: no schema, no xlink, no document type.

mod features;
mod geometry;
mod tree;

use quick_xml::{NsReader, events::Event, name::ResolveResult};

use super::{
    FormatReader, ReadContext, ReadError, ReadOutcome, Source,
    input::{SMALLER, doctype_refused, stream_error, with_checksum},
    layer_id,
    text::{decode, open_xml},
    vector::{
        assemble::{Assembly, Table},
        files::root_element,
    },
};
use crate::{crs::Epsg, model::FeatureLayer};
use features::Features;
use tree::Tree;

/// GML feature collections.
#[derive(Debug)]
pub struct GmlReader;

/// The BAG 2.0 extract of Kadaster.
#[derive(Debug)]
pub struct BagExtractReader;

const MAX_DEPTH: usize = 256;
const MAX_ATTRIBUTES: usize = 256;

/// Elements whose children are features, lower case.
const MEMBERS: [&str; 5] = ["featuremember", "featuremembers", "member", "cityobjectmember", "bagobject"];

fn is_imgeo(text: &str) -> bool {
    text.contains("geostandaarden.nl/imgeo")
}

impl FormatReader for GmlReader {
    fn id(&self) -> &'static str {
        "gml"
    }

    fn title(&self) -> &'static str {
        "GML"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["gml", "xml"]
    }

    fn sniff(&self, head: &[u8], _: &str) -> bool {
        let Some(root) = root_element(head) else { return false };
        let text = String::from_utf8_lossy(head);
        let is_flat =
            |text: &str| !["lod0", "lod1", "lod2", "lod3", "lod4"].iter().any(|lod| text.contains(lod));
        match root.as_str() {
            // The BGT comes as a CityModel without any 3D.
            "CityModel" => is_imgeo(&text) && is_flat(&text),
            // Others know these better: AERIUS, OpenStreetMap, the BAG.
            "FeatureCollectionCalculator"
            | "kml"
            | "gpx"
            | "osm"
            | "bagStand"
            | "schema"
            | "html"
            | "PublicationDelivery"
            | "Siri"
            | "d2LogicalModel" => false,
            _ => text.contains("http://www.opengis.net/gml"),
        }
    }

    fn read(&self, source: &Source, context: &mut ReadContext) -> Result<ReadOutcome, ReadError> {
        read(self.id(), source, context)
    }
}

impl FormatReader for BagExtractReader {
    fn id(&self) -> &'static str {
        "bag-extract"
    }

    fn title(&self) -> &'static str {
        "BAG 2.0 extract (LVBAG)"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["xml"]
    }

    fn sniff(&self, head: &[u8], _: &str) -> bool {
        root_element(head).as_deref() == Some("bagStand")
    }

    fn read(&self, source: &Source, context: &mut ReadContext) -> Result<ReadOutcome, ReadError> {
        read(self.id(), source, context)
    }

    fn is_risky(&self) -> bool {
        true
    }
}

fn read(format: &'static str, source: &Source, context: &mut ReadContext) -> Result<ReadOutcome, ReadError> {
    let (document, checksum) = with_checksum(source, || Document::read(source, context));
    let document = document?;
    let date = document.date;
    let mut tables = document.features.finish(context);
    // A BGT file holds one type under its CityGML name ("TrafficArea"); people know it by the file's ("bgt_wegdeel").
    if document.is_imgeo || tables.is_empty() {
        let name = source.file_name();
        let stem = name.strip_suffix(".gz").unwrap_or(name);
        let stem = stem.rsplit_once('.').map_or(stem, |(stem, _)| stem).to_owned();
        let stem = if stem.is_empty() { layer_id(source) } else { stem };
        match tables.as_mut_slice() {
            [] => tables.push(Table {
                layer: FeatureLayer { name: stem, ..FeatureLayer::default() },
                crs: document.is_imgeo.then_some(Epsg::RD_NEW),
                ..Table::default()
            }),
            [only] => only.layer.name = stem,
            _ => {}
        }
    }
    let assembly = Assembly { format, version: document.version, checksum, tables };
    let mut outcome = assembly.place(source, context)?;
    if let Some(date) = date {
        for layer in &mut outcome.layers {
            layer.provenance.date.clone_from(&date);
        }
    }
    if format == "bag-extract" {
        for layer in &mut outcome.layers {
            layer.provenance.source = format!("BAG (Kadaster), {}", layer.title);
        }
    }
    Ok(outcome)
}

/// A file while it is read.
#[derive(Debug, Default)]
struct Document {
    features: Features,
    /// "3.2", "3.1" (which "http://www.opengis.net/gml" without a number stands for) or none.
    version: Option<String>,
    /// The date that the file says its data have.
    date: Option<String>,
    is_imgeo: bool,
    /// Whether the file is a collection at all, perhaps an empty one.
    is_collection: bool,
}

/// Where in the file the reader stands.
#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Outside,
    /// In an element whose children are features, opened at this depth.
    Member(usize),
    /// In a feature, opened at this depth inside a member opened at the other.
    Feature(usize, usize),
}

impl Document {
    fn read(source: &Source, context: &mut ReadContext) -> Result<Self, ReadError> {
        context.check_cancelled()?;
        let head = source.head()?;
        let mut document = Self { is_imgeo: is_imgeo(&String::from_utf8_lossy(&head)), ..Self::default() };
        if document.is_imgeo {
            // The standard knows no other: IMGeo 2.1, "alle geometrie in RD".
            document.features.prescribed = Some(Epsg::RD_NEW);
        }
        let mut reader = NsReader::from_reader(open_xml(source)?);
        reader.config_mut().expand_empty_elements = true;
        let malformed = |found: String, position: u64| ReadError::Malformed {
            path: source.path.clone(),
            expected: "GML (XML without a DOCTYPE)".to_owned(),
            found,
            location: format!("byte {position}"),
            advice: "the file is damaged or cut off; fetch it again".to_owned(),
        };
        let size = source.size().max(1) as f64;
        let mut buffer = Vec::new();
        let mut tree = Tree::default();
        let (mut state, mut depth, mut events, mut start) = (State::Outside, 0_usize, 0_u64, 0_u64);
        let mut is_date = false;
        loop {
            buffer.clear();
            let position = reader.buffer_position();
            events += 1;
            if events.is_multiple_of(4096) {
                context.check_cancelled()?;
                context.progress.set(0.85 * (position as f64 / size).min(1.0));
            }
            let event = match reader.read_resolved_event_into(&mut buffer) {
                Ok(event) => event,
                Err(quick_xml::Error::Io(error)) => return Err(stream_error(source, &error)),
                Err(error) => {
                    if document.features.count == 0 {
                        return Err(malformed(error.to_string(), reader.error_position()));
                    }
                    let rest = document.features.count;
                    context.report.error(
                        "file-damaged",
                        format!("byte {}", reader.error_position()),
                        format!("expected more XML, found: {error}; the {rest} features before it are kept"),
                    );
                    return Ok(document);
                }
            };
            let is_full = |fits: bool| {
                if fits {
                    Ok(())
                } else {
                    Err(ReadError::TooLarge {
                        path: source.path.clone(),
                        what: format!("the feature at byte {position}"),
                        limit: "4,000,000 elements or 256 MiB of text".to_owned(),
                        found: "more".to_owned(),
                        advice: SMALLER.into(),
                    })
                }
            };
            match event {
                (_, Event::DocType(_)) => {
                    return Err(doctype_refused(&source.path, "GML", position));
                }
                (namespace, Event::Start(element)) => {
                    depth += 1;
                    if depth > MAX_DEPTH {
                        let found = format!("elements nested deeper than {MAX_DEPTH}");
                        return Err(malformed(found, position));
                    }
                    let is_gml = document.is_gml(&namespace);
                    let name = element.local_name();
                    let name = String::from_utf8_lossy(name.as_ref());
                    match state {
                        State::Outside => {
                            let is_root = depth == 1;
                            document.is_collection |= is_root
                                && (name.ends_with("Collection")
                                    || matches!(&*name, "CityModel" | "bagStand"));
                            if MEMBERS.contains(&name.to_ascii_lowercase().as_str()) {
                                state = State::Member(depth);
                                document.is_collection = true;
                            } else if is_gml && matches!(&*name, "Envelope" | "Box") {
                                let srs = element.attributes().flatten().take(MAX_ATTRIBUTES);
                                let srs = srs.filter(|a| a.key.local_name().as_ref() == b"srsName");
                                document.features.default_srs =
                                    srs.map(|a| String::from_utf8_lossy(&a.value).into_owned()).next();
                            }
                            is_date = &*name == "StandTechnischeDatum";
                        }
                        State::Member(_) if name.ends_with("FeatureCollection") => state = State::Outside,
                        State::Member(member) => {
                            tree.clear();
                            start = position;
                            state = State::Feature(depth, member);
                            is_full(tree.start(&name, is_gml))?;
                            add_attributes(&mut tree, &element);
                        }
                        State::Feature(..) => {
                            is_full(tree.start(&name, is_gml))?;
                            add_attributes(&mut tree, &element);
                        }
                    }
                }
                (_, Event::End(_)) => {
                    match state {
                        State::Feature(at, member) => {
                            tree.end();
                            if at == depth {
                                document.features.add(&tree, start, source, context)?;
                                state = State::Member(member);
                            }
                        }
                        State::Member(at) if at == depth => state = State::Outside,
                        State::Member(_) | State::Outside => {}
                    }
                    is_date = false;
                    depth = depth.saturating_sub(1);
                }
                (_, Event::Text(text)) => {
                    let (text, is_latin) = decode(&text);
                    if is_latin {
                        let message = "expected UTF-8, found other bytes; they were read as Windows-1252";
                        context.report.warn("encoding", format!("byte {position}"), message);
                    }
                    if let State::Feature(..) = state {
                        is_full(tree.push(&text))?;
                    } else if is_date && document.date.is_none() {
                        document.date = Some(text.trim().chars().take(10).collect());
                    }
                }
                (_, Event::CData(text)) => {
                    if let State::Feature(..) = state {
                        is_full(tree.push(&String::from_utf8_lossy(&text)))?;
                    }
                }
                (_, Event::GeneralRef(reference)) => {
                    if let State::Feature(..) = state {
                        is_full(tree.push(&character(&reference)))?;
                    }
                }
                (_, Event::Eof) => break,
                _ => {}
            }
        }
        if !document.is_collection {
            let found = "XML that speaks of GML but has no feature members".to_owned();
            return Err(malformed(found, 0));
        }
        if depth > 0 {
            let position = reader.buffer_position();
            if document.features.count == 0 {
                return Err(malformed("the end of the file inside an element".to_owned(), position));
            }
            context.report.error(
                "file-short",
                format!("byte {position}"),
                format!(
                    "expected the end of the last element, found the end of the file; the {} features before it are kept",
                    document.features.count
                ),
            );
        }
        Ok(document)
    }

    /// Whether an element belongs to GML; notes which GML.
    fn is_gml(&mut self, namespace: &ResolveResult<'_>) -> bool {
        match namespace {
            ResolveResult::Bound(namespace) => {
                let Some(rest) = namespace.as_ref().strip_prefix(b"http://www.opengis.net/gml") else {
                    return false;
                };
                let version = match rest {
                    b"" => "3.1",
                    b"/3.2" => "3.2",
                    b"/3.3/exr" | b"/3.3/ce" => "3.3",
                    _ => return rest.starts_with(b"/3"),
                };
                if self.version.is_none() {
                    self.version = Some(version.to_owned());
                }
                true
            }
            // A prefix without a declaration: most likely a piece cut out of a larger file.
            ResolveResult::Unknown(prefix) => prefix.starts_with(b"gml"),
            ResolveResult::Unbound => false,
        }
    }
}

fn add_attributes(tree: &mut Tree, element: &quick_xml::events::BytesStart<'_>) {
    for attribute in element.attributes().flatten().take(MAX_ATTRIBUTES) {
        let name = attribute.key.local_name();
        let wanted: &[&[u8]] = &[
            b"id",
            b"fid",
            b"srsName",
            b"srsDimension",
            b"href",
            b"nil",
            b"uom",
            b"codeSpace",
            b"orientation",
            b"decimal",
            b"cs",
            b"ts",
        ];
        if wanted.contains(&name.as_ref()) {
            let name = String::from_utf8_lossy(name.as_ref());
            let value = attribute
                .normalized_value(quick_xml::XmlVersion::Implicit1_0)
                .unwrap_or_else(|_| String::from_utf8_lossy(&attribute.value));
            tree.attribute(&name, &value);
        }
    }
}

/// The text that a reference such as `&amp;` or `&#233;` stands for; an unknown name stays as it was written.
fn character(reference: &quick_xml::events::BytesRef<'_>) -> String {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        return character.to_string();
    }
    let name = String::from_utf8_lossy(reference).into_owned();
    quick_xml::escape::resolve_predefined_entity(&name).map_or_else(|| format!("&{name};"), str::to_owned)
}
