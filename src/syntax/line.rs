//! The line scanner: physical lines, and logical lines joined over continuations.

use crate::syntax::JoinedText;
use crate::text::{SourceFile, Span};

/// The longest physical line that builders accept, line end left out.
pub(super) const LONGEST_LINE: usize = 65_535;

/// One physical line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line {
    /// Its bytes without the line end; carriage returns before the newline belong to the line end.
    pub(super) content: Span,
    /// Where the next line starts.
    pub(super) next: usize,
}

/// Reads the lines of a file one by one.
pub(super) struct Lines<'a> {
    text: &'a str,
    offset: usize,
}

impl<'a> Lines<'a> {
    pub(super) fn new(source: &'a SourceFile, start: usize) -> Self {
        Self { text: source.text(), offset: start }
    }

    /// The next line, if there is one.
    pub(super) fn next(&mut self) -> Option<Line> {
        let rest = &self.text[self.offset..];
        if rest.is_empty() {
            return None;
        }
        let length = rest.find('\n').map_or(rest.len(), |newline| newline + 1);
        let content = rest[..length].trim_end_matches(['\r', '\n']).len();
        let line = Line { content: Span::new(self.offset, self.offset + content), next: self.offset + length };
        self.offset = line.next;
        Some(line)
    }

    /// Goes on with the line that starts at `offset`.
    pub(super) fn go_to(&mut self, offset: usize) {
        self.offset = offset;
    }

    /// The text of a span.
    pub(super) fn slice(&self, span: Span) -> &'a str {
        &self.text[span.range()]
    }
}

/// Whether the first thing on a line is `#`.
pub(super) fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with('#')
}

/// The line without its continuation character, when it has one: the escape character, perhaps followed by blanks, at
/// the end, and not itself escaped.
pub(super) fn continued(line: &str, escape: char) -> Option<&str> {
    let before = line.trim_end_matches([' ', '\t']).strip_suffix(escape)?;
    (!before.ends_with(escape)).then_some(before)
}

/// One instruction's lines joined into one text.
#[derive(Debug, Clone)]
pub(super) struct Logical {
    /// The joined text, starting at the keyword.
    pub(super) text: JoinedText,
    /// Where its last physical line ends, without the line end.
    pub(super) end: usize,
    /// Where the next line starts.
    pub(super) next: usize,
    /// Comment and blank lines between its first and its last line.
    pub(super) interior: Vec<Span>,
}

/// Joins `first` with the lines that continue it.
pub(super) fn join(first: Line, lines: &mut Lines<'_>, escape: char) -> Logical {
    let text = lines.slice(first.content);
    let start = first.content.start + (text.len() - text.trim_start().len());
    let mut logical =
        Logical { text: JoinedText::default(), end: first.content.end, next: first.next, interior: Vec::new() };
    let mut open = push(&mut logical.text, lines.slice(Span::new(start, first.content.end)), start, escape);
    while open {
        let Some(line) = lines.next() else { break };
        logical.next = line.next;
        let text = lines.slice(line.content);
        if is_comment(text) || text.trim_start().is_empty() {
            logical.interior.push(line.content);
            continue;
        }
        logical.end = line.content.end;
        open = push(&mut logical.text, text, line.content.start, escape);
    }
    logical
}

/// Adds a line to the joined text; whether it is continued.
fn push(joined: &mut JoinedText, line: &str, start: usize, escape: char) -> bool {
    match continued(line, escape) {
        Some(before) => {
            joined.push(before, start);
            true
        }
        None => {
            joined.push(line, start);
            false
        }
    }
}
