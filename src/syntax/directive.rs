//! Parser directives: `# syntax=`, `# escape=`, `# check=` in an unbroken run from the first line.

use nom::Parser;
use nom::bytes::complete::take_while;
use nom::character::complete::{alpha1, char};
use nom::combinator::recognize;

use crate::syntax::{Directive, DirectiveName};
use crate::text::{Span, Spanned};

/// A known directive, when the line (which starts in the source at `start`) is one.
pub(super) fn parse(line: &str, start: usize) -> Option<Directive> {
    let blanks = || take_while::<_, _, nom::error::Error<&str>>(char::is_whitespace);
    let key = recognize((alpha1, take_while(|c: char| c.is_ascii_alphanumeric())));
    let (value, (_, _, _, key, _, _, _)) =
        (blanks(), char('#'), blanks(), key, blanks(), char('='), blanks()).parse(line).ok()?;
    let name = match key.to_ascii_lowercase().as_str() {
        "syntax" => DirectiveName::Syntax,
        "escape" => DirectiveName::Escape,
        "check" => DirectiveName::Check,
        _ => return None,
    };
    let at = start + (line.len() - value.len());
    let value = value.trim_end();
    (!value.is_empty())
        .then(|| Directive { name, value: Spanned::new(value.to_owned(), Span::new(at, at + value.len())) })
}

impl DirectiveName {
    /// The name as it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            DirectiveName::Syntax => "syntax",
            DirectiveName::Escape => "escape",
            DirectiveName::Check => "check",
        }
    }
}
