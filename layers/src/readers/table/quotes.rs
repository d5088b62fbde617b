//! Watching the quotes of a table while another crate reads it: a quote that is never closed swallows the rest of the
//! file as one cell without an error.

use std::io::{BufRead, Read};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    CellStart,
    Plain,
    Quoted,
    /// After a quote inside quotes: the end of the cell, or the first half of an escaped quote.
    QuoteInQuoted,
}

/// Passes text through and knows whether a quote is open, by the rules of the `csv` crate: a quote opens only at the
/// beginning of a cell, and two of them inside quotes are one.
pub(super) struct QuoteWatch<R> {
    inner: R,
    delimiter: u8,
    state: State,
    line: u64,
    opened_at: u64,
}

impl<R> QuoteWatch<R> {
    pub fn new(inner: R, delimiter: u8) -> Self {
        Self { inner, delimiter, state: State::CellStart, line: 1, opened_at: 0 }
    }

    /// The line of the quote that is open, counted from 1.
    pub fn open_since(&self) -> Option<u64> {
        (self.state == State::Quoted).then_some(self.opened_at)
    }

    fn watch(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            let is_end = byte == self.delimiter || byte == b'\n' || byte == b'\r';
            self.state = match (self.state, byte) {
                (State::CellStart, b'"') => {
                    self.opened_at = self.line;
                    State::Quoted
                }
                (State::Quoted, b'"') => State::QuoteInQuoted,
                (State::Quoted, _) | (State::QuoteInQuoted, b'"') => State::Quoted,
                _ if is_end => State::CellStart,
                _ => State::Plain,
            };
            self.line += u64::from(byte == b'\n');
        }
    }
}

impl<R: BufRead> Read for QuoteWatch<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        if let Some(bytes) = buffer.get(..count) {
            self.watch(bytes);
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open_since(text: &str) -> Option<u64> {
        let mut watch = QuoteWatch::new(text.as_bytes(), b',');
        watch.read_to_end(&mut Vec::new()).unwrap();
        watch.open_since()
    }

    #[test]
    fn only_a_quote_that_stays_open_is_told_with_its_line() {
        assert_eq!(open_since("id,name\n1,\"Aa\"\n"), None);
        assert_eq!(open_since("id,name\n1,\"Aa\n2,Bb\n"), Some(2));
        assert_eq!(open_since("id,name\n1,\"A\"\"a\"\n"), None, "an escaped quote");
        assert_eq!(open_since("id,name\n1,5\" pipe\n"), None, "inches");
        assert_eq!(open_since("id,name\n1,\"two\nlines\"\n3,\""), Some(4));
    }
}
