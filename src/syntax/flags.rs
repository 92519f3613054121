//! Leading `--name=value` words: how they are split off, which ones an instruction knows, and what values they take.

use std::collections::HashSet;

use crate::syntax::duration::duration;
use crate::syntax::instruction::Context;
use crate::syntax::word::is_blank;
use crate::syntax::{Flag, JoinedText, Keyword, Pass, SyntaxError};
use crate::text::{SUBSTITUTE, Spanned, excerpt, nearest};

/// The leading flags of `text`, and where what follows them starts.
///
/// BuildKit walks bytes here and takes each for a character. A lone byte that would be a blank in Latin-1 is therefore
/// one; within a character of UTF-8 it is not followed, for it would cut the character in two.
pub(super) fn split(text: &JoinedText, context: Context<'_>) -> (Vec<Flag>, usize) {
    let splitter = Splitter { text, whole: text.as_str(), context };
    let mut flags = Vec::new();
    let mut at = 0;
    loop {
        at = splitter.after_blanks(at);
        if !splitter.whole[at..].starts_with("--") {
            return (flags, at);
        }
        let start = at;
        let word = splitter.unquoted(&mut at);
        match word.as_str() {
            "--" => return (flags, at),
            _ => flags.push(flag(text, start, at, &word)),
        }
    }
}

struct Splitter<'a> {
    text: &'a JoinedText,
    whole: &'a str,
    context: Context<'a>,
}

impl Splitter<'_> {
    fn peek(&self, at: usize) -> Option<char> {
        self.whole[at..].chars().next()
    }

    fn is_blank(&self, at: usize, c: char) -> bool {
        let byte = || self.context.source.bytes()[self.text.source_offset(at)];
        is_blank(c) || (c == SUBSTITUTE && matches!(byte(), 0x85 | 0xA0))
    }

    fn after_blanks(&self, mut at: usize) -> usize {
        while let Some(c) = self.peek(at).filter(|&c| self.is_blank(at, c)) {
            at += c.len_utf8();
        }
        at
    }

    /// The word that starts at `at`, without quotes and escapes; `at` moves behind it.
    fn unquoted(&self, at: &mut usize) -> JoinedText {
        let mut word = JoinedText::default();
        let mut quote = None;
        while let Some(c) = self.peek(*at) {
            let next = *at + c.len_utf8();
            if quote.is_none() && self.is_blank(*at, c) {
                break;
            }
            if quote == Some(c) {
                quote = None;
            } else if quote.is_none() && matches!(c, '\'' | '"') {
                quote = Some(c);
            } else if c == self.context.escape {
                if let Some(escaped) = self.peek(next) {
                    *at = next + escaped.len_utf8();
                    word.push(&self.whole[next..*at], self.text.source_offset(next));
                    continue;
                }
            } else {
                word.push(&self.whole[*at..next], self.text.source_offset(*at));
            }
            *at = next;
        }
        word
    }
}

fn flag(text: &JoinedText, start: usize, end: usize, word: &JoinedText) -> Flag {
    let (name, value) = match word.as_str().find('=') {
        Some(equals) => (word.slice(2, equals.max(2)), Some(word.slice(equals + 1, word.len()))),
        None => (word.slice(2, word.len()), None),
    };
    Flag { span: text.span_of(start, end), name: Spanned::new(name.as_str().to_owned(), name.span()), value }
}

/// What a flag takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Takes {
    Bool,
    Text,
    /// One of these words.
    OneOf(&'static [&'static str]),
    Duration,
    Count,
}

/// A flag that an instruction knows.
struct Known {
    name: &'static str,
    takes: Takes,
    repeatable: bool,
}

const fn once(name: &'static str, takes: Takes) -> Known {
    Known { name, takes, repeatable: false }
}

const fn many(name: &'static str) -> Known {
    Known { name, takes: Takes::Text, repeatable: true }
}

const FROM: &[Known] = &[once("platform", Takes::Text)];
const RUN: &[Known] = &[
    many("mount"),
    once("network", Takes::OneOf(&["default", "none", "host"])),
    once("security", Takes::OneOf(&["sandbox", "insecure"])),
    many("device"),
];
const COPY: &[Known] = &[
    once("from", Takes::Text),
    once("chown", Takes::Text),
    once("chmod", Takes::Text),
    once("link", Takes::Bool),
    many("exclude"),
    once("parents", Takes::Bool),
];
const ADD: &[Known] = &[
    once("chown", Takes::Text),
    once("chmod", Takes::Text),
    once("link", Takes::Bool),
    once("keep-git-dir", Takes::Bool),
    once("checksum", Takes::Text),
    once("unpack", Takes::Bool),
    many("exclude"),
];
const HEALTHCHECK: &[Known] = &[
    once("interval", Takes::Duration),
    once("timeout", Takes::Duration),
    once("start-period", Takes::Duration),
    once("start-interval", Takes::Duration),
    once("retries", Takes::Count),
];

/// The flags of an instruction; none where a builder drops whatever stands there.
fn known(keyword: Keyword) -> Option<&'static [Known]> {
    match keyword {
        Keyword::From => Some(FROM),
        Keyword::Run => Some(RUN),
        Keyword::Copy => Some(COPY),
        Keyword::Add => Some(ADD),
        Keyword::Healthcheck => Some(HEALTHCHECK),
        Keyword::Arg | Keyword::Stopsignal => None,
        _ => Some(&[]),
    }
}

/// What is wrong with the flags of an instruction.
pub(super) fn check(keyword: Keyword, flags: &[Flag]) -> Vec<SyntaxError> {
    let Some(known) = known(keyword) else { return Vec::new() };
    let mut errors = Vec::new();
    let mut given = HashSet::new();
    for flag in flags {
        let Some(found) = known.iter().find(|known| known.name == flag.name.value) else {
            errors.push(unknown_flag(keyword, flag, known));
            continue;
        };
        if !given.insert(found.name) && !found.repeatable {
            errors.push(error(flag, format!("--{} is given twice", found.name), "keep one of them"));
        }
        errors.extend(wrong_value(flag, found.takes));
    }
    errors
}

fn unknown_flag(keyword: Keyword, flag: &Flag, known: &[Known]) -> SyntaxError {
    let names = known.iter().map(|known| known.name);
    let nearest = nearest(&flag.name.value, names.clone());
    let help = match nearest {
        Some(name) => format!("did you mean `--{name}`?"),
        None if known.is_empty() => format!("{keyword} takes no flags"),
        None => format!("{keyword} takes {}", names.map(|name| format!("--{name}")).collect::<Vec<_>>().join(", ")),
    };
    let meant = nearest.map(|name| Spanned::new(name.to_owned(), flag.name.span));
    SyntaxError { meant, ..error(flag, format!("{keyword} has no flag `--{}`", excerpt(&flag.name.value)), help) }
}

fn wrong_value(flag: &Flag, takes: Takes) -> Option<SyntaxError> {
    let name = &flag.name.value;
    let value = flag.value.as_ref().map(JoinedText::as_str);
    let shown = excerpt(value.unwrap_or_default());
    match (takes, value) {
        (Takes::Bool, None) => None,
        (Takes::Bool, Some(value)) if ["true", "false"].iter().any(|word| word.eq_ignore_ascii_case(value)) => None,
        (Takes::Bool, Some(_)) => {
            Some(error(flag, format!("--{name} is either true or false, not `{shown}`"), format!("write `--{name}`")))
        }
        (_, None) => Some(error(flag, format!("--{name} needs a value"), format!("write `--{name}=VALUE`"))),
        (Takes::Text, Some(_)) => None,
        (Takes::OneOf(words), Some(value)) if words.contains(&value) => None,
        (Takes::OneOf(words), Some(value)) => {
            let nearest = nearest(value, words.iter().copied());
            let help = match nearest {
                Some(word) => format!("did you mean `{word}`?"),
                None => format!("expected {}", words.join(", ")),
            };
            let place = flag.value.as_ref().map(JoinedText::span);
            let meant = nearest.zip(place).map(|(word, place)| Spanned::new(word.to_owned(), place));
            Some(SyntaxError { meant, ..error(flag, format!("--{name} cannot be `{shown}`"), help) })
        }
        // An empty value is the default.
        (Takes::Duration | Takes::Count, Some("")) => None,
        (Takes::Duration, Some(value)) => match duration(value) {
            Some(0) => None,
            Some(nanoseconds) if nanoseconds < 1_000_000 => {
                Some(error(flag, format!("--{name} is less than 1ms"), "use at least 1ms, or 0 for the default"))
            }
            Some(_) => None,
            None => Some(error(flag, format!("`{shown}` is no duration"), "write it like `30s` or `1m30s`")),
        },
        (Takes::Count, Some(value)) => match value.parse::<i32>() {
            Ok(count) if count >= 0 => None,
            _ => Some(error(flag, format!("`{shown}` is no number of retries"), "write a whole number, 0 or more")),
        },
    }
}

fn error(flag: &Flag, message: String, help: impl Into<String>) -> SyntaxError {
    SyntaxError { span: flag.span, message, help: Some(help.into()), meant: None, pass: Pass::Instructions }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::SourceFile;

    #[test]
    fn quotes_and_escapes_leave_the_value() {
        let source = SourceFile::new("f", r#"--a="b c" --d\=e -- --f"#);
        let text = JoinedText::contiguous(source.text(), 0);
        let (flags, rest) = split(&text, Context::new(&source, '\\'));
        assert_eq!(flags.len(), 2);
        assert_eq!(flags[0].value.as_ref().map(JoinedText::as_str), Some("b c"));
        assert_eq!(flags[1].name.value, "d");
        assert_eq!(&text.as_str()[rest..], " --f");
    }
}
