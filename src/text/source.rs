//! A source file: its bytes, and a text of equal length to search in.

use std::sync::{Arc, OnceLock};

use crate::text::Span;

/// The stand-in for one byte that is not UTF-8: also one byte, so that offsets agree.
pub const SUBSTITUTE: char = '\u{1A}';

/// The bytes of a file, a shadow text of equal length, and its name.
///
/// Spans index both. Printing and edits use the bytes; parsing uses the text, in which every byte that is not part of
/// valid UTF-8 is one SUB character. Cloning is cheap.
#[derive(Clone)]
pub struct SourceFile {
    inner: Arc<Inner>,
}

struct Inner {
    name: String,
    text: String,
    /// Only where they are not UTF-8; otherwise the bytes are those of the text.
    bytes: Option<Vec<u8>>,
    line_starts: OnceLock<Vec<usize>>,
}

impl SourceFile {
    /// A file called `name` (as it is to be shown) with these bytes.
    pub fn new(name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        let (text, bytes) = match String::from_utf8(bytes.into()) {
            Ok(text) => (text, None),
            Err(error) => (shadow_of(error.as_bytes()), Some(error.into_bytes())),
        };
        Self { inner: Arc::new(Inner { name: name.into(), text, bytes, line_starts: OnceLock::new() }) }
    }

    /// The name to show.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// The bytes as they are on disk.
    pub fn bytes(&self) -> &[u8] {
        self.inner.bytes.as_deref().unwrap_or(self.inner.text.as_bytes())
    }

    /// The text to parse: as long as the bytes, invalid ones replaced.
    pub fn text(&self) -> &str {
        &self.inner.text
    }

    /// The text under `span`.
    pub fn slice(&self, span: Span) -> &str {
        &self.text()[span.range()]
    }

    /// Whether the bytes under `span` are all valid UTF-8, so that it may be rewritten.
    pub fn is_utf8(&self, span: Span) -> bool {
        match &self.inner.bytes {
            None => true,
            Some(bytes) => bytes[span.range()] == self.inner.text.as_bytes()[span.range()],
        }
    }

    /// Whether the character at `offset` of the text only stands for a byte that is not UTF-8.
    pub fn is_stand_in(&self, offset: usize) -> bool {
        !self.is_utf8(Span::new(offset, offset + 1))
    }

    /// How many bytes there are.
    pub fn len(&self) -> usize {
        self.inner.text.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.inner.text.is_empty()
    }

    /// The whole file.
    pub fn span(&self) -> Span {
        Span::new(0, self.len())
    }

    /// How many lines there are; a file that ends in a newline has no further, empty line.
    pub fn line_count(&self) -> usize {
        let starts = self.line_starts();
        match starts.last() {
            Some(&last) if last == self.len() && starts.len() > 1 => starts.len() - 1,
            _ => starts.len(),
        }
    }

    /// The line (from 0) that `offset` is on.
    pub fn line_of(&self, offset: usize) -> usize {
        self.line_starts().partition_point(|&start| start <= offset) - 1
    }

    /// The bytes of a line (from 0), without its line end.
    pub fn line_span(&self, line: usize) -> Span {
        let starts = self.line_starts();
        let start = starts[line];
        let end = starts.get(line + 1).copied().unwrap_or(self.len());
        let line = &self.bytes()[start..end];
        let content = line.strip_suffix(b"\n").unwrap_or(line);
        let content = content.strip_suffix(b"\r").unwrap_or(content);
        Span::new(start, start + content.len())
    }

    /// Where `offset` is, for people (from 0; add one to show it).
    pub fn position(&self, offset: usize, encoding: Encoding) -> Position {
        let offset = offset.min(self.len());
        let line = self.line_of(offset);
        let start = self.line_starts()[line];
        let column = match encoding {
            Encoding::Bytes => offset - start,
            Encoding::Chars => self.text_before(start, offset).chars().count(),
            Encoding::Utf16 => self.text_before(start, offset).chars().map(char::len_utf16).sum(),
        };
        Position { line, column }
    }

    /// The text from `start` to `offset`, the latter moved down to a character boundary.
    fn text_before(&self, start: usize, mut offset: usize) -> &str {
        let text = self.text();
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        &text[start..offset]
    }

    fn line_starts(&self) -> &[usize] {
        self.inner.line_starts.get_or_init(|| {
            let newlines = self.bytes().iter().enumerate().filter(|(_, byte)| **byte == b'\n');
            std::iter::once(0).chain(newlines.map(|(index, _)| index + 1)).collect()
        })
    }
}

impl std::fmt::Debug for SourceFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SourceFile({}, {} bytes)", self.name(), self.len())
    }
}

/// What a column counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Bytes.
    Bytes,
    /// Characters (Unicode scalar values).
    Chars,
    /// UTF-16 code units, as editors count.
    Utf16,
}

/// A line and a column, both from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column, in the encoding asked for.
    pub column: usize,
}

fn shadow_of(bytes: &[u8]) -> String {
    let mut shadow = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        shadow.push_str(chunk.valid());
        shadow.extend(chunk.invalid().iter().map(|_| SUBSTITUTE));
    }
    shadow
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_bytes_keep_their_offsets() {
        let file = SourceFile::new("f", b"a\xff\xc3b".to_vec());
        assert_eq!(file.text(), "a\u{1A}\u{1A}b");
        assert!(file.is_utf8(Span::new(0, 1)));
        assert!(!file.is_utf8(Span::new(0, 2)));
        assert!(file.is_stand_in(2) && !file.is_stand_in(3));
        assert_eq!(file.bytes(), b"a\xff\xc3b");
    }

    #[test]
    fn columns_count_what_was_asked_for() {
        let file = SourceFile::new("f", "ab\né😀x".as_bytes());
        let offset = file.text().find('x').expect("x is there");
        assert_eq!(file.position(offset, Encoding::Bytes), Position { line: 1, column: 6 });
        assert_eq!(file.position(offset, Encoding::Chars), Position { line: 1, column: 2 });
        assert_eq!(file.position(offset, Encoding::Utf16), Position { line: 1, column: 3 });
    }

    #[test]
    fn a_last_newline_starts_no_line() {
        assert_eq!(SourceFile::new("f", "a\nb\n").line_count(), 2);
        assert_eq!(SourceFile::new("f", "a\nb").line_count(), 2);
        assert_eq!(SourceFile::new("f", "a\r\nb").line_span(0), Span::new(0, 1));
        assert_eq!(SourceFile::new("f", "").line_count(), 1);
    }
}
