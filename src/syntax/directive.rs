//! Parser directives: `# syntax=`, `# escape=`, `# check=` in an unbroken run from the first line.
//!
//! The line parser knows `escape` only. `syntax` and `check` are looked up before it runs, by rules of their own: their
//! lines may not be indented, a shebang line may stand above, and `syntax` has two more forms.

use nom::Parser;
use nom::bytes::complete::{tag, take_while};
use nom::character::complete::{alpha1, char};
use nom::combinator::recognize;

use crate::syntax::line::Lines;
use crate::syntax::{Directive, DirectiveName};
use crate::text::{SourceFile, Span, Spanned};

/// A known directive, when the line (which starts in the source at `start`) is one.
pub(super) fn parse(line: &str, start: usize) -> Option<Directive> {
    after_prefix(line, start, "#")
}

fn after_prefix(line: &str, start: usize, prefix: &str) -> Option<Directive> {
    let blanks = || take_while::<_, _, nom::error::Error<&str>>(is_blank);
    let key = recognize((alpha1, take_while(|c: char| c.is_ascii_alphanumeric())));
    let lead = take_while(char::is_whitespace);
    let (value, (_, _, key, _, _)) = (tag(prefix), lead, key, blanks(), char('=')).parse(line).ok()?;
    let name = match key.to_ascii_lowercase().as_str() {
        "syntax" => DirectiveName::Syntax,
        "escape" => DirectiveName::Escape,
        "check" => DirectiveName::Check,
        _ => return None,
    };
    let trimmed = value.trim_matches(is_blank);
    // A value of nothing but blanks is its last blank: BuildKit wants one character, whichever.
    let indent = match trimmed {
        "" => value.len().checked_sub(1)?,
        _ => value.len() - value.trim_start_matches(is_blank).len(),
    };
    let text = &value[indent..indent + trimmed.len().max(1)];
    let at = start + (line.len() - value.len()) + indent;
    Some(Directive { name, value: Spanned::new(text.to_owned(), Span::new(at, at + text.len())) })
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\x0C' | '\r')
}

/// The `# syntax=` and `# check=` in force; they may stand on lines that are comments to the line parser.
pub(super) fn look_up(source: &SourceFile, start: usize) -> Vec<Directive> {
    let mut lines = Lines::new(source, start);
    let mut first = lines.next();
    if first.is_some_and(|line| lines.slice(line.content).starts_with("#!")) {
        first = lines.next();
    }
    let start = first.map_or(source.len(), |line| line.content.start);
    let mut found = run(source, start, "#");
    found.retain(|directive| directive.name != DirectiveName::Escape);
    if !found.iter().any(|directive| directive.name == DirectiveName::Syntax) {
        let slashed = run(source, start, "//").into_iter();
        found.extend(slashed.filter(|directive| directive.name == DirectiveName::Syntax));
    }
    found
}

/// The syntax named by a file that is a JSON object, for builders whose language is no Dockerfile.
pub(super) fn syntax_in_json(text: &str) -> Option<String> {
    if !text.starts_with(['{', ' ', '\t', '\r', '\n']) {
        return None;
    }
    let mut object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(text).ok()?;
    match object.remove("syntax") {
        Some(serde_json::Value::String(syntax)) => Some(syntax),
        _ => None,
    }
}

/// The unbroken run of directives from `start`, up to the first that repeats one.
fn run(source: &SourceFile, start: usize, prefix: &str) -> Vec<Directive> {
    let mut lines = Lines::new(source, start);
    let mut found: Vec<Directive> = Vec::new();
    while let Some(line) = lines.next() {
        match after_prefix(lines.slice(line.content), line.content.start, prefix) {
            Some(directive) if found.iter().all(|earlier| earlier.name != directive.name) => found.push(directive),
            _ => break,
        }
    }
    found
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

#[cfg(test)]
mod tests {
    use super::*;

    fn looked_up(text: &str) -> Vec<(&'static str, String)> {
        let found = look_up(&SourceFile::new("f", text), 0);
        found.into_iter().map(|directive| (directive.name.as_str(), directive.value.value)).collect()
    }

    #[test]
    fn the_value_is_trimmed_and_the_key_has_any_case() {
        let directive = parse("#\tEsCaPe \t=  ` ", 10).expect("a directive");
        assert_eq!(directive.name, DirectiveName::Escape);
        assert_eq!(directive.value, Spanned::new("`".to_owned(), Span::new(23, 24)));
        assert_eq!(parse("# escape=", 0), None);
        assert_eq!(parse("# escape=  ", 0).map(|directive| directive.value.value), Some(" ".to_owned()));
        assert_eq!(parse("# escapes=`", 0), None);
    }

    #[test]
    fn syntax_and_check_are_found_below_a_shebang() {
        assert_eq!(
            looked_up("#!/bin/x\n# syntax=a b\n# check=skip=all\n"),
            [("syntax", "a b".to_owned()), ("check", "skip=all".to_owned())]
        );
        assert_eq!(looked_up("// syntax=a\nFROM x"), [("syntax", "a".to_owned())]);
        assert_eq!(looked_up(" # syntax=a\n"), []);
        assert_eq!(syntax_in_json("{\"syntax\": \"a\"}").as_deref(), Some("a"));
        assert_eq!(syntax_in_json("FROM {}"), None);
        assert_eq!(looked_up("# syntax=a\n# syntax=b\n# check=skip=all"), [("syntax", "a".to_owned())]);
    }
}
