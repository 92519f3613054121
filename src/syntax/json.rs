//! Lists in JSON form, each string with its place.

use nom::branch::alt;
use nom::bytes::complete::{tag, take_while_m_n, take_while1};
use nom::character::complete::{char, multispace0};
use nom::combinator::{map, map_opt, value};
use nom::multi::{fold_many0, separated_list0};
use nom::sequence::{delimited, preceded};
use nom::{IResult, Offset, Parser};

use crate::syntax::{JoinedText, JsonString};

/// What a text that may be a JSON array is.
pub(super) enum List {
    /// An array of strings.
    Strings(Vec<JsonString>),
    /// Valid JSON, but an element is no string: an error.
    NotStrings,
    /// No valid JSON array: the text is taken as it stands.
    NotJson,
}

/// Reads `text` as a JSON array of strings.
pub(super) fn parse(text: &JoinedText) -> List {
    let whole = text.as_str();
    let trimmed = whole.trim_start();
    if !trimmed.starts_with('[') {
        return List::NotJson;
    }
    let element = |input| string(whole, input);
    let comma = delimited(multispace0, char(','), multispace0);
    let array =
        delimited((char('['), multispace0), separated_list0(comma, element), (multispace0, char(']'), multispace0));
    match nom::combinator::all_consuming(array).parse(trimmed) {
        Ok((_, strings)) => List::Strings(
            strings
                .into_iter()
                .map(|(value, start, end)| JsonString { value, span: text.span_of(start, end) })
                .collect(),
        ),
        Err(_) if serde_json::from_str::<Vec<serde_json::Value>>(trimmed).is_ok() => List::NotStrings,
        Err(_) => List::NotJson,
    }
}

/// A string with the offsets of its quotes in `whole`.
fn string<'a>(whole: &'a str, input: &'a str) -> IResult<&'a str, (String, usize, usize)> {
    let characters =
        fold_many0(alt((map(plain, Piece::Text), map(escaped, Piece::Char))), String::new, |mut text, piece| {
            match piece {
                Piece::Text(part) => text.push_str(part),
                Piece::Char(c) => text.push(c),
            }
            text
        });
    let (rest, text) = delimited(char('"'), characters, char('"')).parse(input)?;
    Ok((rest, (text, whole.offset(input), whole.offset(rest))))
}

enum Piece<'a> {
    Text(&'a str),
    Char(char),
}

fn plain(input: &str) -> IResult<&str, &str> {
    take_while1(|c: char| c != '"' && c != '\\' && c >= ' ').parse(input)
}

fn escaped(input: &str) -> IResult<&str, char> {
    let simple = alt((
        char('"'),
        char('\\'),
        char('/'),
        value('\u{8}', char('b')),
        value('\u{c}', char('f')),
        value('\n', char('n')),
        value('\r', char('r')),
        value('\t', char('t')),
    ));
    preceded(char('\\'), alt((simple, surrogates, map(unit, |unit| char::from_u32(unit).unwrap_or('\u{FFFD}')))))
        .parse(input)
}

/// `uXXXX`, one UTF-16 unit.
fn unit(input: &str) -> IResult<&str, u32> {
    let digits = take_while_m_n(4, 4, |c: char| c.is_ascii_hexdigit());
    map_opt(preceded(char('u'), digits), |digits| u32::from_str_radix(digits, 16).ok()).parse(input)
}

/// Two units that make up one character.
fn surrogates(input: &str) -> IResult<&str, char> {
    map_opt((unit, preceded(tag("\\"), unit)), |(high, low)| {
        let is_pair = (0xD800..0xDC00).contains(&high) && (0xDC00..0xE000).contains(&low);
        is_pair.then(|| char::from_u32(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))).flatten()
    })
    .parse(input)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(text: &str) -> Option<Vec<String>> {
        match parse(&JoinedText::contiguous(text, 0)) {
            List::Strings(strings) => Some(strings.into_iter().map(|string| string.value).collect()),
            _ => None,
        }
    }

    #[test]
    fn escapes_are_decoded() {
        let expected = vec!["a\"b".to_owned(), "\u{e9}\u{1F600}\n".to_owned()];
        assert_eq!(strings(r#" [ "a\"b" , "\u00e9\ud83d\ude00\n" ] "#), Some(expected));
        assert_eq!(strings("[]"), Some(vec![]));
    }

    #[test]
    fn what_is_no_json_is_told_from_what_holds_no_strings() {
        for text in ["['a']", "[\"a\"", "[\"a\"] x", "[\"a\",]", "a"] {
            assert!(matches!(parse(&JoinedText::contiguous(text, 0)), List::NotJson), "{text}");
        }
        for text in ["[1]", "[\"a\", null]", "[[\"a\"]]"] {
            assert!(matches!(parse(&JoinedText::contiguous(text, 0)), List::NotStrings), "{text}");
        }
    }
}
