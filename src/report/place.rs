//! Lines and columns, counted from 1: where byte offsets end and what people and editors read begins.

use serde::Serialize;

use crate::text::{Encoding, SourceFile, Span};

/// A line and a column, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) struct Place {
    /// The line.
    pub(super) line: usize,
    /// The column.
    pub(super) column: usize,
}

impl Place {
    /// Where `offset` is, columns counted as `encoding` says.
    pub(super) fn of(source: &SourceFile, offset: usize, encoding: Encoding) -> Self {
        let position = source.position(offset, encoding);
        Self { line: position.line + 1, column: position.column + 1 }
    }
}

/// From its first column to the column behind its last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) struct Region {
    /// The first character.
    pub(super) start: Place,
    /// Behind the last character.
    pub(super) end: Place,
}

impl Region {
    /// Where `span` is, columns counted as `encoding` says.
    pub(super) fn of(source: &SourceFile, span: Span, encoding: Encoding) -> Self {
        Self { start: Place::of(source, span.start, encoding), end: Place::of(source, span.end, encoding) }
    }
}
