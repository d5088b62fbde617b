//! A pull scanner over JSON bytes, made for GeoJSON: it never builds trees, skips what nobody asks for, and lets through
//! the `NaN` and `Infinity` that some programs write, so that one bad number costs one geometry and not the file.

use std::borrow::Cow;

/// Nesting that a skipped value may have. Real files stay below ten.
const MAX_DEPTH: usize = 10_000;

/// Text that is no JSON: what was expected at which byte.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Broken {
    pub at: usize,
    pub expected: &'static str,
}

#[derive(Clone, Debug)]
pub(super) struct Scanner<'a> {
    text: &'a [u8],
    pub at: usize,
    /// Positions of three numbers of the geometry that is being read.
    pub positions: Vec<[f64; 3]>,
}

/// A scalar, or the bytes of a list or object.
#[derive(Debug, PartialEq)]
pub(super) enum Scalar<'a> {
    Null,
    Bool(bool),
    Integer(i64),
    /// NaN for `NaN`, infinite for what does not fit.
    Real(f64),
    Text(Cow<'a, str>),
    Nested(&'a [u8]),
}

impl<'a> Scanner<'a> {
    pub fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0, positions: Vec::new() }
    }

    /// Another scanner that stands where this one does.
    pub fn at_same_place(&self) -> Self {
        Self { text: self.text, at: self.at, positions: Vec::new() }
    }

    pub fn broken<T>(&self, expected: &'static str) -> Result<T, Broken> {
        Err(Broken { at: self.at, expected })
    }

    /// The next byte that is no white space; `None` at the end.
    #[inline]
    pub fn peek(&mut self) -> Option<u8> {
        while let Some(&byte) = self.text.get(self.at) {
            // A record separator begins each text of a GeoJSON text sequence.
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t' | 0x1e) {
                return Some(byte);
            }
            self.at += 1;
        }
        None
    }

    /// Steps over `byte` if it is next.
    #[inline]
    pub fn eat(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    /// After a member or element: whether another one follows. Steps over the comma or the closing `end`.
    #[inline]
    pub fn has_more(&mut self, end: u8) -> Result<bool, Broken> {
        if self.eat(b',') {
            Ok(true)
        } else if self.eat(end) {
            Ok(false)
        } else if end == b']' {
            self.broken("\",\" or \"]\"")
        } else {
            self.broken("\",\" or \"}\"")
        }
    }

    /// A member's name; steps over the colon.
    pub fn key(&mut self) -> Result<Cow<'a, [u8]>, Broken> {
        let key = match self.raw_string()? {
            (raw, false) => Cow::Borrowed(raw),
            (raw, true) => Cow::Owned(unescape(raw).into_bytes()),
        };
        if self.eat(b':') { Ok(key) } else { self.broken("\":\"") }
    }

    /// The bytes between quotes, and whether escapes are among them.
    fn raw_string(&mut self) -> Result<(&'a [u8], bool), Broken> {
        if !self.eat(b'"') {
            return self.broken("a text in quotes");
        }
        let start = self.at;
        let mut has_escape = false;
        while let Some(&byte) = self.text.get(self.at) {
            match byte {
                b'"' => {
                    let raw = self.text.get(start..self.at).unwrap_or_default();
                    self.at += 1;
                    return Ok((raw, has_escape));
                }
                b'\\' => {
                    has_escape = true;
                    self.at += 2;
                }
                _ => self.at += 1,
            }
        }
        self.at = self.text.len();
        self.broken("the end of a text")
    }

    /// A text; bytes that are not UTF-8 become "�".
    pub fn string(&mut self) -> Result<Cow<'a, str>, Broken> {
        Ok(match self.raw_string()? {
            (raw, false) => String::from_utf8_lossy(raw),
            (raw, true) => Cow::Owned(unescape(raw)),
        })
    }

    /// A number, or `NaN`, `Infinity`, `-Infinity`; `None`, without a step, for anything else.
    #[inline]
    pub fn number(&mut self) -> Option<f64> {
        let word = self.word();
        let number = match word {
            b"NaN" | b"nan" => Some(f64::NAN),
            b"Infinity" | b"inf" => Some(f64::INFINITY),
            b"-Infinity" | b"-inf" => Some(f64::NEG_INFINITY),
            [b'0'..=b'9' | b'-', ..] => std::str::from_utf8(word).ok()?.parse().ok(),
            _ => None,
        };
        self.at += if number.is_some() { word.len() } else { 0 };
        number
    }

    /// The letters, digits and signs that come next, without a step.
    #[inline]
    fn word(&mut self) -> &'a [u8] {
        self.peek();
        let rest = self.text.get(self.at..).unwrap_or_default();
        let length = rest
            .iter()
            .position(|byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.')))
            .unwrap_or(rest.len());
        rest.get(..length).unwrap_or_default()
    }

    pub fn scalar(&mut self) -> Result<Scalar<'a>, Broken> {
        match self.peek() {
            Some(b'"') => Ok(Scalar::Text(self.string()?)),
            Some(b'{' | b'[') => {
                let start = self.at;
                self.skip()?;
                Ok(Scalar::Nested(self.text.get(start..self.at).unwrap_or_default()))
            }
            _ => {
                let word = self.word();
                let scalar = match word {
                    b"null" => Scalar::Null,
                    b"true" => Scalar::Bool(true),
                    b"false" => Scalar::Bool(false),
                    _ => {
                        let text = std::str::from_utf8(word).unwrap_or_default();
                        match text.parse() {
                            Ok(number) if word != b"-0" => Scalar::Integer(number),
                            _ => match self.clone().number() {
                                Some(number) => Scalar::Real(number),
                                None => return self.broken("a value"),
                            },
                        }
                    }
                };
                self.at += word.len();
                Ok(scalar)
            }
        }
    }

    /// Steps over one value of any kind without looking into it: brackets and quotes must match, no more.
    pub fn skip(&mut self) -> Result<(), Broken> {
        let mut open: Vec<u8> = Vec::new();
        loop {
            match self.peek() {
                Some(byte @ (b'{' | b'[')) => {
                    if open.len() >= MAX_DEPTH {
                        return self.broken("at most 10,000 lists and objects inside each other");
                    }
                    open.push(if byte == b'{' { b'}' } else { b']' });
                    self.at += 1;
                    continue;
                }
                Some(b'"') => {
                    self.raw_string()?;
                }
                Some(byte @ (b'}' | b']')) if open.last() == Some(&byte) => {
                    open.pop();
                    self.at += 1;
                }
                Some(b',' | b':') if !open.is_empty() => {
                    self.at += 1;
                    continue;
                }
                _ => {
                    let length = self.word().len();
                    if length == 0 {
                        return self.broken("a value");
                    }
                    self.at += length;
                }
            }
            if open.is_empty() {
                return Ok(());
            }
        }
    }
}

/// JSON escapes; what is no escape stays as it is.
fn unescape(raw: &[u8]) -> String {
    let mut quoted = Vec::with_capacity(raw.len() + 2);
    quoted.push(b'"');
    quoted.extend_from_slice(raw);
    quoted.push(b'"');
    serde_json::from_slice(&quoted).unwrap_or_else(|_| String::from_utf8_lossy(raw).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_keep_their_kind() {
        let mut scanner = Scanner::new(
            br#" null true 12 -0.5 1e999 NaN "a\u00e9\"b" {"x": [1, "]"]} 99999999999999999999"#,
        );
        let mut next = || scanner.scalar().unwrap();
        assert_eq!(next(), Scalar::Null);
        assert_eq!(next(), Scalar::Bool(true));
        assert_eq!(next(), Scalar::Integer(12));
        assert_eq!(next(), Scalar::Real(-0.5));
        assert_eq!(next(), Scalar::Real(f64::INFINITY));
        assert!(matches!(next(), Scalar::Real(value) if value.is_nan()));
        assert_eq!(next(), Scalar::Text("aé\"b".into()));
        assert_eq!(next(), Scalar::Nested(br#"{"x": [1, "]"]}"#));
        assert_eq!(next(), Scalar::Real(1e20));
        assert!(scanner.scalar().is_err());
    }

    #[test]
    fn unfinished_and_deep_values_are_errors() {
        for text in ["[1, 2", "\"abc", "{\"a\": ]", "", "\"\\", "[}"] {
            assert!(Scanner::new(text.as_bytes()).skip().is_err(), "{text}");
        }
        assert!(Scanner::new(&b"[".repeat(1_000_000)).skip().is_err());
    }
}
