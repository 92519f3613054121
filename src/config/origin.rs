//! Who says what is set, where settings were put together from elsewhere too.

use crate::text::{SourceFile, Span};

/// Who says it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// A file.
    File {
        /// Its name.
        name: String,
        /// The line, from 1.
        line: usize,
    },
    /// A variable of the environment.
    Variable(&'static str),
}

impl Origin {
    /// A place in a file.
    pub(super) fn in_file(source: &SourceFile, span: Span) -> Self {
        Self::File { name: source.name().to_owned(), line: source.line_of(span.start) + 1 }
    }
}
