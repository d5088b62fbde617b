//! Text sources as UTF-8, whatever they were written in.

use std::{
    borrow::Cow,
    io::{BufRead, BufReader, Read},
};

use super::{ReadError, Source, input::open_text, input::stream_error};

/// The 32 characters in which Windows-1252 differs from Latin-1; five codes are not assigned.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}',
    '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// The character of one byte of Windows-1252 (and so of Latin-1, whose 0x80 to 0x9f nobody writes).
pub fn windows_1252(byte: u8) -> char {
    match byte {
        0x80..=0x9f => WINDOWS_1252.get(usize::from(byte - 0x80)).copied().unwrap_or('\u{fffd}'),
        _ => char::from(byte),
    }
}

/// Text in UTF-8 as it is, any other bytes as Windows-1252; whether the latter was needed.
pub fn decode(bytes: &[u8]) -> (Cow<'_, str>, bool) {
    match std::str::from_utf8(bytes) {
        Ok(text) => (text.into(), false),
        Err(_) => (bytes.iter().copied().map(windows_1252).collect::<String>().into(), true),
    }
}

/// The source's XML as UTF-8: Latin-1 and Windows-1252 declarations are followed, a byte order mark is taken off, and
/// UTF-16 is refused in words.
pub fn open_xml(source: &Source) -> Result<Box<dyn BufRead + Send>, ReadError> {
    let mut reader = open_text(source)?;
    let head = reader.fill_buf().map_err(|error| stream_error(source, &error))?;
    if head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]) || head.starts_with(b"<\0") {
        return Err(ReadError::Malformed {
            path: source.path.clone(),
            expected: "text in UTF-8 or Latin-1".to_owned(),
            found: "UTF-16".to_owned(),
            location: "byte 0".to_owned(),
            advice: "save the file as UTF-8".to_owned(),
        });
    }
    let declaration = head.split(|&byte| byte == b'>').next().unwrap_or_default();
    let declaration = String::from_utf8_lossy(declaration).to_ascii_lowercase();
    let is_latin = declaration.contains("<?xml")
        && ["iso-8859-1", "windows-1252", "latin1", "iso-8859-15", "us-ascii"]
            .iter()
            .any(|name| declaration.contains(name));
    if head.starts_with(&[0xef, 0xbb, 0xbf]) {
        reader.consume(3);
    }
    if is_latin {
        Ok(Box::new(BufReader::new(FromLatin { inner: reader, rest: Vec::new() })))
    } else {
        Ok(reader)
    }
}

/// Most characters of a name that is shown.
pub const NAME_LENGTH: usize = 256;
/// Most characters of a message that is shown.
pub const MESSAGE_LENGTH: usize = 4_000;

/// Text of a file as it may be shown to people: without control characters (also those that colour a terminal), without
/// marks that turn the direction of writing, so that it cannot look like something else, and of at most `most`
/// characters. Line ends and tabs become spaces.
pub fn for_people(text: &str, most: usize) -> Cow<'_, str> {
    let is_odd = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let is_short = text.len() <= most || text.chars().take(most + 1).count() <= most;
    if is_short && !text.contains(is_odd) {
        return text.into();
    }
    let mut plain = text.chars().filter_map(|c| match c {
        '\n' | '\r' | '\t' => Some(' '),
        c => Some(c).filter(|&c| !is_odd(c)),
    });
    let mut shown: String = plain.by_ref().take(most.saturating_sub(1)).collect();
    match (plain.next(), plain.next()) {
        (Some(last), None) => shown.push(last),
        (Some(_), Some(_)) => shown.push('…'),
        (None, _) => {}
    }
    shown.into()
}

/// Windows-1252 → UTF-8.
struct FromLatin {
    inner: Box<dyn BufRead + Send>,
    /// Converted bytes that did not fit yet.
    rest: Vec<u8>,
}

impl Read for FromLatin {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.rest.is_empty() {
            let bytes = self.inner.fill_buf()?;
            let bytes = bytes.get(..bytes.len().min(4096)).unwrap_or_default();
            let count = bytes.len();
            self.rest = bytes.iter().copied().map(windows_1252).collect::<String>().into_bytes();
            self.inner.consume(count);
        }
        let count = self.rest.len().min(buffer.len());
        for (to, from) in buffer.iter_mut().zip(self.rest.drain(..count)) {
            *to = from;
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_for_people_is_plain_and_short() {
        assert_eq!(for_people("Kerk\u{202e}gpj.exe", 99), "Kerkgpj.exe");
        assert_eq!(for_people("\u{1b}[31mrood\0\u{7}", 99), "[31mrood");
        assert_eq!(for_people("een\ntwee\tdrie", 99), "een twee drie");
        assert_eq!(for_people("vijf!", 5), "vijf!");
        assert_eq!(for_people("zes!!!", 5), "zes!…");
        assert_eq!(for_people(&"é".repeat(1 << 20), 256).chars().count(), 256);
        assert!(matches!(for_people("Café ’s-Gravenhage → Ω", 99), Cow::Borrowed(_)));
    }

    #[test]
    fn latin_text_is_understood() {
        assert_eq!(decode(b"Caf\xe9 \x80 5"), ("Café € 5".into(), true));
        assert_eq!(decode("Café".as_bytes()), ("Café".into(), false));
        let path = std::env::temp_dir().join(format!("stadsmaquette-latin-{}.xml", std::process::id()));
        let mut bytes = b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>".to_vec();
        bytes.extend(std::iter::repeat_n(0xe9, 10_000));
        std::fs::write(&path, bytes).unwrap();
        let mut text = String::new();
        open_xml(&Source::from_path(&path)).unwrap().read_to_string(&mut text).unwrap();
        std::fs::write(&path, b"\xff\xfe<\0a\0").unwrap();
        let refused = open_xml(&Source::from_path(&path)).map(|_| ());
        std::fs::remove_file(&path).unwrap();
        assert_eq!(text.chars().filter(|&c| c == 'é').count(), 10_000);
        assert!(refused.unwrap_err().to_string().contains("UTF-16"));
    }
}
