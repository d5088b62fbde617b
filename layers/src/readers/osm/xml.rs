//! OSM XML → elements, streaming. Entities are not expanded and a DOCTYPE is refused.

use std::borrow::Cow;

use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};

use super::element::{Element, Member, MemberKind, Tags};
use crate::readers::{
    ReadContext, ReadError, Source,
    input::{doctype_refused, open_text, stream_error},
};

/// Elements inside each other; OSM has three.
const MAX_DEPTH: usize = 256;

/// The element that is open.
#[derive(Default)]
struct Open {
    kind: Kind,
    id: i64,
    lon: f64,
    lat: f64,
    refs: Vec<i64>,
    members: Vec<Member>,
    tags: Vec<(Cow<'static, str>, Cow<'static, str>)>,
}

#[derive(Clone, Copy, Default, PartialEq)]
enum Kind {
    #[default]
    None,
    Node,
    Way,
    Relation,
}

/// Calls `each` for every element in file order. `bad` is told of elements whose id or place is unreadable.
pub(super) fn for_each(
    source: &Source,
    context: &ReadContext,
    part: [f64; 2],
    bad: &mut dyn FnMut(u64),
    each: &mut dyn FnMut(Element<'_>),
) -> Result<(), ReadError> {
    let mut reader = Reader::from_reader(open_text(source)?);
    let size = source.size().max(1) as f64;
    let malformed = |found: String, position: u64| ReadError::Malformed {
        path: source.path.clone(),
        expected: "OpenStreetMap XML".to_owned(),
        found,
        location: format!("byte {position}"),
        advice: "the file is damaged or cut off; fetch it again".to_owned(),
    };
    let mut buffer = Vec::new();
    let mut open = Open::default();
    let (mut has_root, mut is_closed, mut events, mut depth) = (false, false, 0_u64, 0_usize);
    loop {
        buffer.clear();
        let position = reader.buffer_position();
        let event = match reader.read_event_into(&mut buffer) {
            Ok(event) => event,
            Err(quick_xml::Error::Io(error)) => return Err(stream_error(source, &error)),
            Err(error) => return Err(malformed(error.to_string(), reader.error_position())),
        };
        events += 1;
        if events.is_multiple_of(4096) {
            context.check_cancelled()?;
            context.progress.set(part[0] + (part[1] - part[0]) * (position as f64 / size).min(1.0));
        }
        match event {
            Event::Eof => break,
            Event::DocType(_) => return Err(doctype_refused(&source.path, "OpenStreetMap XML", position)),
            Event::Start(start) => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return Err(malformed(
                        format!("more than {MAX_DEPTH} elements inside each other"),
                        position,
                    ));
                }
                if start.name().as_ref() == b"osm" {
                    has_root = true;
                }
                begin(&mut open, &start);
            }
            Event::Empty(start) => {
                begin(&mut open, &start);
                if matches!(start.name().as_ref(), b"node" | b"way" | b"relation") {
                    emit(&mut open, position, bad, each);
                }
            }
            Event::End(end) => {
                depth = depth.saturating_sub(1);
                match end.name().as_ref() {
                    b"node" | b"way" | b"relation" => emit(&mut open, position, bad, each),
                    b"osm" => is_closed = true,
                    _ => {}
                }
            }
            _ => {}
        }
    }
    if !has_root {
        return Err(malformed("no <osm> element".to_owned(), 0));
    }
    if !is_closed {
        return Err(malformed("the end of the file before </osm>".to_owned(), reader.buffer_position()));
    }
    Ok(())
}

fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = start.try_get_attribute(name).ok()??;
    attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0).ok().map(Cow::into_owned)
}

fn number<T: std::str::FromStr>(start: &BytesStart<'_>, name: &str) -> Option<T> {
    attribute(start, name)?.parse().ok()
}

fn begin(open: &mut Open, start: &BytesStart<'_>) {
    match start.name().as_ref() {
        name @ (b"node" | b"way" | b"relation") => {
            *open = Open {
                kind: match name {
                    b"node" => Kind::Node,
                    b"way" => Kind::Way,
                    _ => Kind::Relation,
                },
                // An id of 0 does not exist in OSM; it marks an unreadable one.
                id: number(start, "id").unwrap_or(0),
                lon: number(start, "lon").unwrap_or(f64::NAN),
                lat: number(start, "lat").unwrap_or(f64::NAN),
                ..Open::default()
            };
        }
        b"nd" => open.refs.extend(number::<i64>(start, "ref")),
        b"member" => {
            if let Some(id) = number(start, "ref") {
                open.members.push(Member {
                    kind: match attribute(start, "type").as_deref() {
                        Some("way") => MemberKind::Way,
                        Some("node") => MemberKind::Node,
                        _ => MemberKind::Relation,
                    },
                    id,
                    role: attribute(start, "role").unwrap_or_default(),
                });
            }
        }
        b"tag" => {
            if let (Some(key), Some(value)) = (attribute(start, "k"), attribute(start, "v")) {
                open.tags.push((Cow::Owned(key), Cow::Owned(value)));
            }
        }
        _ => {}
    }
}

fn emit(open: &mut Open, position: u64, bad: &mut dyn FnMut(u64), each: &mut dyn FnMut(Element<'_>)) {
    let Open { kind, id, lon, lat, refs, members, tags } = std::mem::take(open);
    let tags = Tags(tags);
    if id == 0 || (kind == Kind::Node && !(lon.is_finite() && lat.is_finite())) {
        bad(position);
        return;
    }
    match kind {
        Kind::Node => each(Element::Node { id, lon, lat, tags }),
        Kind::Way => each(Element::Way { id, refs, tags }),
        Kind::Relation => each(Element::Relation { id, members, tags }),
        Kind::None => {}
    }
}
