//! Lists in JSON form, each string with its place. What counts as JSON is what Go's `encoding/json` accepts.

use std::ops::Range;

use nom::branch::alt;
use nom::bytes::complete::{tag, take_while_m_n, take_while1};
use nom::character::complete::{anychar, char, digit0, digit1, multispace0, one_of, satisfy};
use nom::combinator::{map, map_opt, opt, recognize, value, verify};
use nom::multi::fold_many0;
use nom::sequence::{delimited, preceded};
use nom::{IResult, Parser};

use crate::syntax::{JoinedText, JsonString};
use crate::text::SourceFile;

/// Go refuses what is nested deeper.
const DEEPEST: usize = 10_000;

/// What a text that may be a JSON array is.
pub(super) enum List {
    /// An array of strings.
    Strings(Vec<JsonString>),
    /// Valid JSON, but these elements are no strings: an error.
    NotStrings(Vec<Range<usize>>),
    /// No valid JSON array: the text is taken as it stands.
    NotJson,
}

/// Reads `text`, which stands in `source`, as a JSON array of strings.
pub(super) fn parse(text: &JoinedText, source: &SourceFile) -> List {
    if !text.as_str().trim_start().starts_with('[') {
        return List::NotJson;
    }
    let reader = Reader { text, source, whole: text.as_str() };
    reader.list().unwrap_or(List::NotJson)
}

struct Reader<'a> {
    text: &'a JoinedText,
    source: &'a SourceFile,
    whole: &'a str,
}

/// Where the rest of the text starts; none when what stands there is not what JSON wants.
type At = Option<usize>;

impl<'a> Reader<'a> {
    fn list(&self) -> Option<List> {
        let mut at = self.whole.len() - self.whole.trim_start().len() + 1;
        let mut strings = Vec::new();
        let mut others = Vec::new();
        at = self.blanks(at);
        if !self.has(at, ']') {
            loop {
                at = self.blanks(at);
                let start = at;
                if self.has(at, '"') {
                    let (value, end) = self.string(at)?;
                    strings.push(JsonString { value, span: self.text.span_of(start, end) });
                    at = end;
                } else {
                    at = self.value(at)?;
                    others.push(start..at);
                }
                at = self.blanks(at);
                if self.has(at, ']') {
                    break;
                }
                at = self.one(at, ',')?;
            }
        }
        if self.blanks(at + 1) != self.whole.len() {
            return None;
        }
        Some(if others.is_empty() { List::Strings(strings) } else { List::NotStrings(others) })
    }

    /// Skips an element that is no string. It may be nested, and is followed without recursion.
    fn value(&self, mut at: usize) -> At {
        let mut open = Vec::new();
        loop {
            at = self.blanks(at);
            match self.whole[at..].chars().next()? {
                bracket @ ('[' | '{') => {
                    open.push(bracket);
                    // The list itself is one level.
                    if open.len() >= DEEPEST {
                        return None;
                    }
                    at = self.blanks(at + 1);
                    if !self.closes(at, bracket) {
                        at = if bracket == '{' { self.key(at)? } else { at };
                        continue;
                    }
                }
                '"' => at = self.string(at)?.1,
                _ => at += scalar(&self.whole[at..])?,
            }
            while let Some(&bracket) = open.last() {
                at = self.blanks(at);
                if self.closes(at, bracket) {
                    open.pop();
                    at += 1;
                    continue;
                }
                at = self.one(at, ',')?;
                at = if bracket == '{' { self.key(self.blanks(at))? } else { at };
                break;
            }
            if open.is_empty() {
                return Some(at);
            }
        }
    }

    fn closes(&self, at: usize, bracket: char) -> bool {
        self.has(at, if bracket == '[' { ']' } else { '}' })
    }

    /// A key and its colon.
    fn key(&self, at: usize) -> At {
        if !self.has(at, '"') {
            return None;
        }
        self.one(self.blanks(self.string(at)?.1), ':')
    }

    fn has(&self, at: usize, c: char) -> bool {
        self.whole[at..].starts_with(c)
    }

    fn one(&self, at: usize, c: char) -> At {
        self.has(at, c).then_some(at + c.len_utf8())
    }

    fn blanks(&self, at: usize) -> usize {
        let rest = multispace0::<&str, nom::error::Error<&str>>.parse(&self.whole[at..]);
        rest.map_or(at, |(rest, _)| self.whole.len() - rest.len())
    }

    /// The decoded string whose opening quote is at `at`, and where what follows starts.
    fn string(&self, at: usize) -> Option<(String, usize)> {
        let piece = alt((map(plain, Piece::Text), map(escaped, Piece::Char), |input| self.stand_in(input)));
        let characters = fold_many0(piece, String::new, |mut text, piece| {
            match piece {
                Piece::Text(part) => text.push_str(part),
                Piece::Char(c) => text.push(c),
            }
            text
        });
        let (rest, text) = delimited(char('"'), characters, char('"')).parse(&self.whole[at..]).ok()?;
        Some((text, self.whole.len() - rest.len()))
    }

    /// A byte that is not UTF-8 is no control character, though its stand-in is one.
    fn stand_in(&self, input: &'a str) -> IResult<&'a str, Piece<'a>> {
        let offset = self.text.source_offset(self.whole.len() - input.len());
        let stands_in = verify(anychar, |&c| c < ' ' && self.source.is_stand_in(offset));
        value(Piece::Char(char::REPLACEMENT_CHARACTER), stands_in).parse(input)
    }
}

#[derive(Clone)]
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
    let lone = map(unit, |unit| char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER));
    preceded(char('\\'), alt((simple, surrogates, lone))).parse(input)
}

/// `uXXXX`, one UTF-16 unit.
fn unit(input: &str) -> IResult<&str, u32> {
    let digits = take_while_m_n(4, 4, |c: char| c.is_ascii_hexdigit());
    map_opt(preceded(char('u'), digits), |digits| u32::from_str_radix(digits, 16).ok()).parse(input)
}

/// Two units that make up one character.
fn surrogates(input: &str) -> IResult<&str, char> {
    map_opt((unit, preceded(tag("\\"), unit)), |(high, low)| {
        char::decode_utf16([high as u16, low as u16]).next()?.ok().filter(|&c| c > '\u{FFFF}')
    })
    .parse(input)
}

/// The length of a number, `true`, `false` or `null`. A number too big for a float is no JSON for Go.
fn scalar(input: &str) -> Option<usize> {
    let whole = alt((recognize(char::<&str, nom::error::Error<&str>>('0')), recognize((one_of("123456789"), digit0))));
    let fraction = opt((char('.'), digit1));
    let exponent = opt((satisfy(|c| c == 'e' || c == 'E'), opt(one_of("+-")), digit1));
    let number = verify(recognize((opt(char('-')), whole, fraction, exponent)), |number: &str| {
        number.parse::<f64>().is_ok_and(f64::is_finite)
    });
    let (_, found) = alt((tag("true"), tag("false"), tag("null"), number)).parse(input).ok()?;
    Some(found.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> List {
        parse(&JoinedText::contiguous(text, 0), &SourceFile::new("f", text))
    }

    fn strings(text: &str) -> Option<Vec<String>> {
        match list(text) {
            List::Strings(strings) => Some(strings.into_iter().map(|string| string.value).collect()),
            _ => None,
        }
    }

    #[test]
    fn escapes_are_decoded() {
        let expected = vec!["a\"b".to_owned(), "\u{e9}\u{1F600}\n".to_owned()];
        assert_eq!(strings(r#" [ "a\"b" , "\u00e9\ud83d\ude00\n" ] "#), Some(expected));
        assert_eq!(strings("[]"), Some(vec![]));
        let lone = strings(r#"["\ud800", "\ud800\u0041", "\udc00\ud800"]"#);
        assert_eq!(lone.map(|all| all.concat()).as_deref(), Some("\u{FFFD}\u{FFFD}A\u{FFFD}\u{FFFD}"));
    }

    #[test]
    fn what_is_no_json_is_told_from_what_holds_no_strings() {
        for text in ["['a']", "[\"a\"", "[\"a\"] x", "[\"a\",]", "a", "[01]", "[1e999]", "[{\"a\":}]", "[tru]", "[,]"] {
            assert!(matches!(list(text), List::NotJson), "{text}");
        }
        for text in ["[1]", "[\"a\", null]", "[[\"a\"]]", "[{\"a\": [1, -2.5e+3, {}]}, []]", "[true,false]"] {
            assert!(matches!(list(text), List::NotStrings(_)), "{text}");
        }
        assert!(matches!(list("[\"a\", 1, [2]]"), List::NotStrings(faults) if faults == [6..7, 9..12]));
    }

    #[test]
    fn depth_is_bounded_by_the_rule_not_by_the_stack() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(matches!(list(&nested(10_000)), List::NotStrings(_)));
        assert!(matches!(list(&nested(10_001)), List::NotJson));
        assert!(matches!(list(&"[".repeat(1_000_000)), List::NotJson));
    }

    #[test]
    fn bytes_that_are_not_utf8_pass_and_control_characters_do_not() {
        let bytes = b"[\"a\xff\"]".to_vec();
        let source = SourceFile::new("f", bytes);
        let text = JoinedText::contiguous(source.text(), 0);
        assert!(matches!(parse(&text, &source), List::Strings(strings) if strings[0].value == "a\u{FFFD}"));
        assert_eq!(strings("[\"a\u{1A}\"]"), None);
        assert_eq!(strings("[\"a\tb\"]"), None);
    }
}
