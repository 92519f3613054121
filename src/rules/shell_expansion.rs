//! The variables in a word of shell text.

use std::ops::Range;

use super::Cx;
use crate::model::Instruction;
use crate::model::shell::ShellWord;
use crate::text::Span;

/// `$NAME` or `${NAME}`; with anything else in the braces it is none, since that may take care of what is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Expansion<'a> {
    pub(super) name: &'a str,
    /// Where it stands in the word as written, in bytes.
    pub(super) range: Range<usize>,
    /// Whether it stands in double quotes.
    pub(super) is_quoted: bool,
}

/// The expansions of a word, in order, up to the first substitution.
pub(super) fn expansions(raw: &str) -> Vec<Expansion<'_>> {
    let mut found = Vec::new();
    let mut quote = None;
    let mut at = 0;
    while let Some(c) = raw[at..].chars().next() {
        match (quote, c) {
            (Some('\''), '\'') | (Some('"'), '"') => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (Some('\''), _) => {}
            (_, '\\') => at += raw[at + 1..].chars().next().map_or(0, char::len_utf8),
            (_, '`') => break,
            (_, '$') if raw[at..].starts_with("$(") => break,
            (_, '$') => {
                let (name, end) = named(raw, at);
                if let Some(name) = name {
                    found.push(Expansion { name, range: at..end, is_quoted: quote.is_some() });
                }
                at = end;
                continue;
            }
            _ => {}
        }
        at += c.len_utf8();
    }
    found
}

/// The name after the `$` at `at`, when it is plain, and where its expansion ends.
fn named(raw: &str, at: usize) -> (Option<&str>, usize) {
    let rest = &raw[at + 1..];
    let (inner, braces) = rest.strip_prefix('{').map_or((rest, 0), |inner| (inner, 1));
    let length = inner.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(inner.len());
    let name =
        Some(&inner[..length]).filter(|name| !name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit()));
    let end = at + 1 + braces + length;
    match braces {
        0 => (name, end),
        _ if inner[length..].starts_with('}') => (name, end + 1),
        _ => (None, raw[end..].find('}').map_or(raw.len(), |brace| end + brace + 1)),
    }
}

impl Expansion<'_> {
    /// Where it stands in the file: the whole word where that is written over several lines.
    pub(super) fn span(&self, word: &ShellWord) -> Span {
        match word.span.len() == word.raw.len() {
            true => Span::new(word.span.start + self.range.start, word.span.start + self.range.end),
            false => word.span,
        }
    }

    /// Whether nothing but its value before the instruction counts: the instruction names the variable nowhere but to
    /// expand it.
    pub(super) fn is_as_before(&self, instruction: &Instruction, cx: &Cx<'_>) -> bool {
        let text = cx.text(instruction.span);
        let part_of_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        text.match_indices(self.name).all(|(at, name)| {
            let (before, after) = (&text[..at], &text[at + name.len()..]);
            before.ends_with(part_of_name)
                || after.starts_with(part_of_name)
                || before.ends_with('$')
                || (before.ends_with("${") && !after.starts_with([':', '=']))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_expansions_are_found_in_and_out_of_quotes() {
        let raw = r#"a$B/"${C}"'$D'\$E${F:-x}$1$G"$(h $I)""#;
        let found: Vec<(&str, &str, bool)> =
            expansions(raw).into_iter().map(|one| (one.name, &raw[one.range], one.is_quoted)).collect();
        assert_eq!(found, [("B", "$B", false), ("C", "${C}", true), ("G", "$G", false)]);
        for odd in ["$", "${", "${A", "\\", "é$é", "$A\\"] {
            expansions(odd);
        }
    }
}
