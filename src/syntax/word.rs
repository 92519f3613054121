//! Words: split at blanks, or at blanks outside quotes.

use nom::Parser;
use nom::bytes::complete::{take_till1, take_while};
use nom::error::Error;

use crate::syntax::{JoinedText, Word};

/// What separates the keyword and plain words: not every Unicode blank does.
pub(super) fn is_separator(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\x0B' | '\x0C' | '\r')
}

/// The blanks around flags and behind the first word of HEALTHCHECK.
pub(super) fn is_blank(c: char) -> bool {
    is_separator(c) || c == '\n'
}

/// The words of `text`, split at separators; quotes mean nothing.
pub(super) fn split_plain(text: &JoinedText) -> Vec<Word> {
    let whole = text.as_str();
    let mut word = (take_while::<_, _, Error<&str>>(is_separator), take_till1(is_separator));
    let mut words = Vec::new();
    let mut rest = whole;
    while let Ok((after, (_, found))) = word.parse(rest) {
        let end = whole.len() - after.len();
        words.push(text.slice(end - found.len(), end));
        rest = after;
    }
    words
}

/// The words of `text`, split at blanks outside quotes; quotes and escapes stay as written. An escape character at the
/// very end is dropped.
pub(super) fn split_quoted(text: &JoinedText, escape: char) -> Vec<Word> {
    let whole = text.as_str();
    let mut words = Vec::new();
    let mut start = None;
    let mut quote = None;
    let mut chars = whole.char_indices();
    while let Some((at, c)) = chars.next() {
        if start.is_none() && c.is_whitespace() {
            continue;
        }
        let begin = *start.get_or_insert(at);
        if c.is_whitespace() && quote.is_none() {
            words.push(text.slice(begin, at));
            start = None;
        } else if c == escape && quote != Some('\'') {
            if chars.next().is_none() {
                if at > begin {
                    words.push(text.slice(begin, at));
                }
                return words;
            }
        } else if quote == Some(c) {
            quote = None;
        } else if quote.is_none() && matches!(c, '\'' | '"') {
            quote = Some(c);
        }
    }
    if let Some(begin) = start {
        words.push(text.slice(begin, whole.len()));
    }
    words
}

/// Splits at the first `=`.
pub(super) fn split_pair(word: &Word) -> Option<(Word, Word)> {
    let at = word.as_str().find('=')?;
    Some((word.slice(0, at), word.slice(at + 1, word.len())))
}

/// The first word, up to the first blank, and what stands behind the blanks after it.
pub(super) fn split_first(text: &JoinedText, is_blank: impl Fn(char) -> bool + Copy) -> (Word, JoinedText) {
    let whole = text.as_str();
    let length = whole.find(is_blank).unwrap_or(whole.len());
    let start = whole.len() - whole[length..].trim_start_matches(is_blank).len();
    (text.slice(0, length), text.slice(start, whole.len()))
}

/// `text` without blanks at both ends.
pub(super) fn trim(text: &JoinedText) -> JoinedText {
    let whole = text.as_str();
    let start = whole.len() - whole.trim_start().len();
    let end = whole.trim_end().len().max(start);
    text.slice(start, end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quoted(text: &str) -> Vec<String> {
        let joined = JoinedText::contiguous(text, 0);
        split_quoted(&joined, '\\').iter().map(|word| word.as_str().to_owned()).collect()
    }

    #[test]
    fn quotes_keep_blanks_together_and_stay() {
        assert_eq!(quoted(r#"a="b c" d='e f' g\ h"#), [r#"a="b c""#, "d='e f'", r"g\ h"]);
    }

    #[test]
    fn an_escape_at_the_end_vanishes() {
        assert_eq!(quoted(r"a b\"), ["a", "b"]);
        assert_eq!(quoted(r"a \"), ["a"]);
    }

    #[test]
    fn an_open_quote_runs_to_the_end() {
        assert_eq!(quoted(r#"a="b c"#), [r#"a="b c"#]);
    }
}
