//! The shell parser behind the seam, and what must be kept from it.
//!
//! Invariant: parsing ends, for every text. The crate panics on some; that is caught here and nowhere else.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use brush_parser::{ParserOptions, parse_tokens, uncached_tokenize_str};

use crate::model::shell::Script;
use crate::model::shell::guard;
use crate::model::shell::parse::ShellParser;
use crate::model::shell::walk::{Place, Walk};
use crate::syntax::JoinedText;

thread_local! {
    static IS_PARSING: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread is inside the crate that parses shell text. A panic there is an opaque body, not a bug to report.
pub fn is_parsing() -> bool {
    IS_PARSING.get()
}

pub(super) struct Brush;

impl ShellParser for Brush {
    fn script(&self, text: &JoinedText) -> Result<Script, String> {
        let mut script = Script { is_flat: true, is_plain: true, ..Script::default() };
        flatten(text, Place { depth: 0, conditional: false, in_pipeline: false, decides: true }, &mut script)?;
        Ok(script)
    }
}

/// Adds the commands of a text to a script.
pub(super) fn flatten(text: &JoinedText, place: Place, script: &mut Script) -> Result<(), String> {
    let source = without_continuations(text.as_str());
    if opens_strange_heredoc(&source) {
        return Err("a heredoc in it has no plain name".to_owned());
    }
    let options = ParserOptions::default();
    let tokens = contained(|| uncached_tokenize_str(&source, &options.tokenizer_options()))?
        .map_err(|error| format!("it does not parse: {error}"))?;
    guard::refuse(&tokens)?;
    let program =
        contained(|| parse_tokens(&tokens, &options))?.map_err(|error| format!("it does not parse: {error}"))?;
    Walk::new(text, Offsets::of(&source), script).program(&program, place)
}

/// What the crate gives, or that it panicked. It is asked about borrowed text alone, so nothing is left half done.
fn contained<T>(ask: impl FnOnce() -> T) -> Result<T, String> {
    IS_PARSING.set(true);
    let answer = catch_unwind(AssertUnwindSafe(ask));
    IS_PARSING.set(false);
    answer.map_err(|_| "the shell parser breaks on it".to_owned())
}

/// The parser counts a continuation into the command after it; as blanks it does not, and the length stays.
fn without_continuations(text: &str) -> String {
    let breaks = |c: Option<char>| c.is_none_or(|c| c.is_whitespace() || matches!(c, ';' | '&' | '|' | '('));
    let mut result = text.to_owned();
    for (at, _) in text.match_indices("\\\n") {
        let before = text[..at].chars().next_back();
        if before != Some('\\') && (breaks(before) || breaks(text[at + 2..].chars().next())) {
            result.replace_range(at..at + 2, "  ");
        }
    }
    result
}

/// The parser never comes back from a heredoc whose delimiter is empty or a substitution, and inside a substitution it
/// takes a blank, or an operator after one blank, for an empty one. So `<<` must be followed by a plain word, behind
/// one blank at most.
fn opens_strange_heredoc(source: &str) -> bool {
    let mut rest = source;
    while let Some(at) = rest.find("<<") {
        let after = rest[at..].trim_start_matches('<');
        let count = rest.len() - at - after.len();
        // `<<<` is no heredoc, unless its first character is escaped.
        let is_here_string = count == 3 && !rest[..at].ends_with('\\');
        if !is_here_string && !is_plain_delimiter(after.strip_prefix('-').unwrap_or(after)) {
            return true;
        }
        rest = after;
    }
    false
}

/// A word without any quoting, after one backslash, or in one pair of quotes.
fn is_plain_delimiter(after: &str) -> bool {
    let name = after.strip_prefix([' ', '\t']).unwrap_or(after);
    let name = name.strip_prefix('\\').unwrap_or(name);
    let (name, quote) = match name.strip_prefix(['\'', '"']) {
        Some(quoted) => (quoted, name.chars().next()),
        None => (name, None),
    };
    let is_special = |c: char| c.is_whitespace() || "&;|<>()$`'\"\\".contains(c);
    let end = name.find(is_special).unwrap_or(name.len());
    let next = name[end..].chars().next();
    let after_quote = name[end..].chars().nth(1);
    let ends = |next: Option<char>| next.is_none_or(|c| c.is_whitespace() || "&;|<>()".contains(c));
    end > 0 && if quote.is_some() { next == quote && ends(after_quote) } else { ends(next) }
}

/// From the character index that the parser counts in to bytes.
pub(super) struct Offsets(Option<Vec<usize>>);

impl Offsets {
    fn of(text: &str) -> Self {
        Self((!text.is_ascii()).then(|| text.char_indices().map(|(at, _)| at).chain([text.len()]).collect()))
    }

    pub(super) fn byte(&self, index: usize) -> usize {
        match &self.0 {
            None => index,
            Some(bytes) => bytes.get(index).or(bytes.last()).copied().unwrap_or(0),
        }
    }
}
