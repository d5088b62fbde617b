//! Streaming XML for feeds: elements open and close, text comes whole, limits hold. Entities are not expanded beyond the
//! five of XML itself, a DOCTYPE is refused, and nothing outside the file is opened.

use std::{borrow::Cow, io::BufRead};

use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};

use super::{
    ReadContext, ReadError, Source,
    input::{doctype_refused, open_text, stream_error},
};

/// Elements inside each other.
const MAX_DEPTH: usize = 256;
/// Text of one element, bytes: no feed has a longer one, and a line of a million points fits.
const MAX_TEXT: usize = 64 << 20;

/// What happens next in the document. Names are without their prefix.
#[derive(Debug)]
pub(crate) enum Step<'a> {
    Open(&'a Open<'a>),
    /// The element's own text, trimmed; empty where it has children.
    Close {
        name: &'a str,
        text: &'a str,
    },
}

/// An element that opens.
#[derive(Debug)]
pub(crate) struct Open<'a> {
    pub name: &'a str,
    start: &'a BytesStart<'a>,
    /// Byte at which it begins, after unpacking.
    pub at: u64,
}

impl Open<'_> {
    /// An attribute by its name without prefix.
    pub fn attribute(&self, name: &str) -> Option<String> {
        let mut attributes = self.start.attributes();
        attributes.with_checks(false);
        let named = attributes.flatten().find(|found| found.key.local_name().as_ref() == name.as_bytes());
        let value = named?.normalized_value(quick_xml::XmlVersion::Implicit1_0).ok()?;
        Some(value.into_owned())
    }
}

/// Walks the document. `expected` says in messages what it should be, such as "DATEX II".
pub(crate) fn walk(
    source: &Source,
    context: &mut ReadContext,
    expected: &str,
    each: &mut dyn FnMut(Step<'_>, &mut ReadContext) -> Result<(), ReadError>,
) -> Result<(), ReadError> {
    let text = open_text(source)?;
    // What a packed file unfolds to is not known; feeds shrink to about a twentieth.
    let is_packed = source.file_name().to_ascii_lowercase().ends_with(".gz");
    let size = source.size().max(1) as f64 * if is_packed { 20.0 } else { 1.0 };
    walk_text(text, size, &source.path, context, expected, each).map_err(|stop| match stop {
        Stop::Io(error) => stream_error(source, &error),
        Stop::Read(error) => error,
    })
}

enum Stop {
    Io(std::io::Error),
    Read(ReadError),
}

fn walk_text(
    text: Box<dyn BufRead + Send>,
    size: f64,
    path: &std::path::Path,
    context: &mut ReadContext,
    expected: &str,
    each: &mut dyn FnMut(Step<'_>, &mut ReadContext) -> Result<(), ReadError>,
) -> Result<(), Stop> {
    let malformed = |found: String, at: u64| {
        Stop::Read(ReadError::Malformed {
            path: path.to_path_buf(),
            expected: expected.to_owned(),
            found,
            location: format!("byte {at}"),
            advice: "the file is damaged or cut off; fetch it again".to_owned(),
        })
    };
    let mut reader = Reader::from_reader(text);
    let mut buffer = Vec::new();
    let mut own = String::new();
    let (mut depth, mut events, mut has_root) = (0_usize, 0_u64, false);
    loop {
        buffer.clear();
        let at = reader.buffer_position();
        let event = match reader.read_event_into(&mut buffer) {
            Ok(event) => event,
            Err(quick_xml::Error::Io(error)) => {
                return Err(Stop::Io(std::io::Error::new(error.kind(), error.to_string())));
            }
            Err(error) => return Err(malformed(error.to_string(), reader.error_position())),
        };
        events += 1;
        if events.is_multiple_of(4096) {
            context.check_cancelled().map_err(Stop::Read)?;
            context.progress.set(0.8 * (at as f64 / size).min(1.0));
        }
        match event {
            Event::Eof => break,
            Event::DocType(_) => return Err(Stop::Read(doctype_refused(path, expected, at))),
            Event::Start(ref start) | Event::Empty(ref start) => {
                let is_empty = matches!(event, Event::Empty(_));
                has_root = true;
                depth += usize::from(!is_empty);
                if depth > MAX_DEPTH {
                    return Err(malformed(format!("more than {MAX_DEPTH} elements inside each other"), at));
                }
                own.clear();
                let full = start.name();
                let name = local_name(full.as_ref());
                each(Step::Open(&Open { name: &name, start, at }), context).map_err(Stop::Read)?;
                if is_empty {
                    each(Step::Close { name: &name, text: "" }, context).map_err(Stop::Read)?;
                }
            }
            Event::End(end) => {
                depth = depth.saturating_sub(1);
                let full = end.name();
                let name = local_name(full.as_ref());
                each(Step::Close { name: &name, text: own.trim() }, context).map_err(Stop::Read)?;
                own.clear();
            }
            Event::Text(piece) => push(&mut own, &String::from_utf8_lossy(&piece)),
            Event::CData(piece) => push(&mut own, &String::from_utf8_lossy(&piece)),
            Event::GeneralRef(name) => {
                let known = match name.resolve_char_ref() {
                    Ok(Some(character)) => Some(character),
                    _ => match &name[..] {
                        b"amp" => Some('&'),
                        b"lt" => Some('<'),
                        b"gt" => Some('>'),
                        b"quot" => Some('"'),
                        b"apos" => Some('\''),
                        _ => None,
                    },
                };
                match known {
                    Some(character) => push(&mut own, character.encode_utf8(&mut [0; 4])),
                    None => push(&mut own, &format!("&{};", String::from_utf8_lossy(&name))),
                }
            }
            _ => {}
        }
        if own.len() > MAX_TEXT {
            return Err(malformed(format!("a text of more than {MAX_TEXT} bytes"), at));
        }
    }
    if !has_root {
        return Err(malformed("no element".to_owned(), 0));
    }
    if depth > 0 {
        return Err(malformed(
            format!("the end of the file inside {depth} open elements"),
            reader.buffer_position(),
        ));
    }
    Ok(())
}

fn push(own: &mut String, piece: &str) {
    // White space between elements would otherwise grow without use.
    if !own.is_empty() || !piece.trim_start().is_empty() {
        own.push_str(piece);
    }
}

fn local_name(name: &[u8]) -> Cow<'_, str> {
    let local = name
        .iter()
        .rposition(|&byte| byte == b':')
        .map_or(name, |colon| name.get(colon + 1..).unwrap_or(name));
    String::from_utf8_lossy(local)
}

/// Pairs of a `posList`, in the order of the text; `None` when a number is unreadable or one is left over.
pub(crate) fn pairs(text: &str) -> Option<Vec<[f64; 2]>> {
    let numbers: Option<Vec<f64>> = text
        .split([' ', '\n', '\t', '\r', ','])
        .filter(|word| !word.is_empty())
        .map(|word| word.parse().ok())
        .collect();
    let numbers = numbers?;
    if !numbers.len().is_multiple_of(2) {
        return None;
    }
    Some(numbers.chunks_exact(2).filter_map(|pair| Some([*pair.first()?, *pair.get(1)?])).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(text: &str) -> Result<Vec<String>, String> {
        let mut steps = Vec::new();
        let result = walk_text(
            Box::new(std::io::Cursor::new(text.as_bytes().to_vec())),
            text.len() as f64,
            std::path::Path::new("memory.xml"),
            &mut ReadContext::default(),
            "a test",
            &mut |step, _| {
                steps.push(match step {
                    Step::Open(open) => format!(
                        "+{}{}",
                        open.name,
                        open.attribute("id").map_or_else(String::new, |id| format!("#{id}"))
                    ),
                    Step::Close { name, text } => format!("-{name}={text}"),
                });
                Ok(())
            },
        );
        match result {
            Ok(()) => Ok(steps),
            Err(Stop::Read(error)) => Err(error.to_string()),
            Err(Stop::Io(error)) => Err(error.to_string()),
        }
    }

    #[test]
    fn elements_come_without_prefix_and_text_comes_whole() {
        assert_eq!(
            steps("<a:r xmlns:a='x'><b g:id='7' xmlns:g='y'> P&amp;R &#233; <![CDATA[<x>]]></b><c/></a:r>")
                .unwrap(),
            ["+r", "+b#7", "-b=P&R é <x>", "+c", "-c=", "-r="]
        );
    }

    #[test]
    fn bombs_and_cut_off_texts_are_refused() {
        assert!(steps("<!DOCTYPE r [<!ENTITY a \"b\">]><r>&a;</r>").unwrap_err().contains("DOCTYPE"));
        assert!(steps(&"<a>".repeat(300)).unwrap_err().contains("inside each other"));
        assert!(steps("<a><b>").unwrap_err().contains("open elements"));
        assert!(steps("nothing").unwrap_err().contains("no element"));
        assert_eq!(steps("<r>&nbsp;</r>").unwrap(), ["+r", "-r=&nbsp;"], "unknown entities stay as they are");
    }

    #[test]
    fn pairs_are_whole() {
        assert_eq!(pairs(" 1 2\n3,4 "), Some(vec![[1.0, 2.0], [3.0, 4.0]]));
        assert_eq!((pairs("1 2 3"), pairs("1 x")), (None, None));
    }
}
