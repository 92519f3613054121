//! The constructs of a text that only some shells have.

use std::ops::Range;

use brush_parser::ast;

use super::walk::Walk;
use crate::text::Spanned;

/// A construct of bash that is no part of POSIX.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extension {
    /// `[[ … ]]`
    Test,
    /// `(( … ))`
    Arithmetic,
    /// `for (( … ))`
    ArithmeticFor,
    /// `function f { … }`
    Function,
    /// `coproc`
    Coprocess,
    /// `<( … )` or `>( … )`
    ProcessSubstitution,
    /// `a=( … )`
    Array,
}

impl Walk<'_> {
    pub(super) fn extension(&mut self, extension: Extension, range: &Range<usize>) {
        self.script.extensions.push(Spanned::new(extension, self.span(range)));
    }

    /// The parser forgets whether `function` stood before the name.
    pub(super) fn function_keyword(&mut self, name: &ast::Word) {
        let Some(location) = &name.loc else { return };
        let range = self.range(location);
        let before = self.text.as_str()[..range.start].trim_end();
        if before.len() < range.start && before.ends_with("function") {
            self.extension(Extension::Function, &(before.len() - "function".len()..range.end));
        }
    }
}
