//! Shell text as it is shown to somebody who knows shells better than rplan, and what they say of it.
//!
//! Does not know who that is, nor what becomes of the remarks. Invariant: a range is one of bytes of the text.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::model::shell::interpreter::program;
use crate::syntax::JoinedText;
use crate::text::{Edit, Span};

/// The shell by whose rules a text is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are those of the shells")]
pub enum Dialect {
    /// Some POSIX shell, nobody knows which.
    Sh,
    Bash,
    Dash,
    /// The shell of BusyBox: dash, and some of what bash has.
    Busybox,
    Ksh,
}

impl Dialect {
    /// The dialect of what these words start; none where its language is another.
    pub fn of<'a>(words: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        match program(words).unwrap_or("sh") {
            "sh" => Some(Dialect::Sh),
            "bash" => Some(Dialect::Bash),
            "dash" => Some(Dialect::Dash),
            "ash" => Some(Dialect::Busybox),
            "ksh" | "mksh" => Some(Dialect::Ksh),
            _ => None,
        }
    }
}

/// A text to be judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShellText {
    /// What the shell reads.
    pub text: JoinedText,
    /// The shell.
    pub dialect: Dialect,
    /// Whether it stops at the first command that fails (`-e`).
    pub stops_at_failure: bool,
    /// The variables that are set before it begins.
    pub variables: BTreeSet<String>,
}

/// How bad a remark is, mild ones first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names say it")]
pub enum RemarkLevel {
    Style,
    Info,
    Warning,
    Error,
}

/// Something said of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// Which of the texts.
    pub text: usize,
    /// Where in it, in bytes.
    pub range: Range<usize>,
    /// The number of what is wrong: 2086.
    pub code: u32,
    /// How bad it is.
    pub level: RemarkLevel,
    /// What is wrong.
    pub message: String,
    /// What would mend it.
    pub replacements: Vec<Replacement>,
}

/// A part of a text, and what to put there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    /// What goes, in bytes; empty where something is only put in.
    pub range: Range<usize>,
    /// What comes.
    pub with: String,
    /// Whether what comes belongs to the text before it, like a closing quote.
    pub closes: bool,
}

impl ShellText {
    /// The same change in the source; none where the text stands there in pieces.
    pub fn edit(&self, replacement: &Replacement) -> Option<Edit> {
        let Range { start, end } = replacement.range;
        let place = match start == end {
            true if replacement.closes && start > 0 => Span::at(self.text.span_of(start - 1, start).end),
            true => Span::at(self.text.source_offset(start)),
            false => self.text.span_of(start, end),
        };
        let is_whole = place.len() == end - start && !replacement.with.contains('\n');
        is_whole.then(|| Edit::replace(place, replacement.with.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_is_known_by_the_words_that_start_it() {
        assert_eq!(Dialect::of(["/bin/bash", "-o", "pipefail", "-c"]), Some(Dialect::Bash));
        assert_eq!(Dialect::of(["/usr/bin/env", "-S", "ash"]), Some(Dialect::Busybox));
        assert_eq!(Dialect::of([]), Some(Dialect::Sh));
        assert_eq!(Dialect::of(["pwsh", "-Command"]), None);
        assert_eq!(Dialect::of(["/bin/zsh", "-c"]), None);
    }

    #[test]
    fn a_change_keeps_to_the_side_that_it_belongs_to() {
        // `a $b` with the line continued behind it: in the source ` \` and a line end follow.
        let mut text = JoinedText::contiguous("a $b", 4);
        text.push(" c", 11);
        let text = ShellText { text, dialect: Dialect::Sh, stops_at_failure: false, variables: BTreeSet::new() };
        let edit = |range, with: &str, closes| {
            text.edit(&Replacement { range, with: with.to_owned(), closes }).map(|edit| edit.span)
        };
        assert_eq!(edit(2..2, "\"", false), Some(Span::at(6)));
        assert_eq!(edit(4..4, "\"", true), Some(Span::at(8)));
        assert_eq!(edit(0..1, "x", false), Some(Span::new(4, 5)));
        assert_eq!(edit(3..6, "x", false), None, "it stands in two pieces");
        assert_eq!(edit(0..1, "x\ny", false), None, "a line end would end the instruction");
    }
}
