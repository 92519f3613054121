//! Where the text of a YAML scalar stands in its file. What is written in a way that is not followed here (folded, in
//! single quotes over several lines) is found as a whole.

use granit_parser::ScalarStyle;

use super::transcript::Transcript;
use super::yaml::{Content, Node};
use crate::text::{SourceFile, Span};

/// The text of a scalar; none of another node.
pub(super) fn transcript(source: &SourceFile, node: &Node) -> Option<Transcript> {
    let Content::Scalar { text, style } = &node.content else { return None };
    let followed = match style {
        ScalarStyle::Literal => literal(source, node.span, text),
        ScalarStyle::DoubleQuoted => double_quoted(source, node.span),
        _ => as_it_stands(source, node.span, text),
    };
    let exact = followed.filter(|transcript| transcript.text() == text);
    Some(exact.unwrap_or_else(|| Transcript::made_of(text, node.span)))
}

fn as_it_stands(source: &SourceFile, span: Span, text: &str) -> Option<Transcript> {
    let at = source.slice(span).find(text)?;
    Some(Transcript::copy_of(text, span.start + at))
}

/// A block behind `|`: every line as it stands, behind the indent.
fn literal(source: &SourceFile, span: Span, text: &str) -> Option<Transcript> {
    let is_written = |line: &str| !line.trim_matches([' ', '\n']).is_empty();
    // The parser begins the block at its first line that is not empty.
    let blank_before = text.split_inclusive('\n').take_while(|line| !is_written(line)).count();
    let first = source.line_of(span.start).checked_sub(blank_before)?;
    let shown = text.split_inclusive('\n').nth(blank_before)?.trim_end_matches('\n');
    let content = source.line_span(source.line_of(span.start));
    let indent = content.len().checked_sub(shown.len())?;
    let mut transcript = Transcript::default();
    for (index, line) in text.split_inclusive('\n').enumerate() {
        if first + index >= source.line_count() {
            return None;
        }
        let outer = source.line_span(first + index);
        let words = line.trim_end_matches('\n');
        if !words.is_empty() {
            if outer.len() != indent + words.len() || &source.text()[outer.start + indent..outer.end] != words {
                return None;
            }
            transcript.copy(words, outer.start + indent);
        }
        if line.len() > words.len() {
            match source.text()[outer.end..].starts_with("\r\n") {
                true => transcript.make("\n", Span::new(outer.end, outer.end + 2)),
                false => transcript.copy("\n", outer.end),
            }
        }
    }
    Some(transcript)
}

/// A text in double quotes, with its escapes; lines that are folded are not followed.
fn double_quoted(source: &SourceFile, span: Span) -> Option<Transcript> {
    let raw = source.slice(span).strip_prefix('"')?.strip_suffix('"')?;
    let start = span.start + 1;
    let (mut transcript, mut at) = (Transcript::default(), 0);
    while at < raw.len() {
        let plain = raw[at..].find(['\\', '\n']).unwrap_or(raw.len() - at);
        transcript.copy(&raw[at..at + plain], start + at);
        at += plain;
        if at < raw.len() {
            let (length, meant) = escape(&raw[at..])?;
            transcript.make(meant.encode_utf8(&mut [0; 4]), Span::new(start + at, start + at + length));
            at += length;
        }
    }
    Some(transcript)
}

/// The escape that the text begins with: its length, and the character that it stands for.
pub(super) fn escape(text: &str) -> Option<(usize, char)> {
    let letter = text.strip_prefix('\\')?.chars().next()?;
    let digits = match letter {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        _ => 0,
    };
    if digits > 0 {
        let number = u32::from_str_radix(text.get(2..2 + digits)?, 16).ok()?;
        return Some((2 + digits, char::from_u32(number)?));
    }
    let meant = match letter {
        'n' => '\n',
        't' | '\t' => '\t',
        'r' => '\r',
        '0' => '\0',
        'e' => '\u{1b}',
        ' ' | '"' | '/' | '\\' => letter,
        _ => return None,
    };
    Some((1 + letter.len_utf8(), meant))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::builds::yaml;

    /// The text of `a:`, and the text of the file from where its `word` stands.
    fn found(text: &str, word: &str) -> (String, String) {
        let source = SourceFile::new("f", text);
        let documents = yaml::read(&source).expect("YAML");
        let transcript = transcript(&source, documents[0].get("a").expect("a")).expect("a scalar");
        let at = transcript.text().find(word).expect("the word is there");
        let outer = transcript.outward(Span::new(at, at + word.len()));
        (transcript.text().to_owned(), text[outer.range()].to_owned())
    }

    #[test]
    fn words_are_found_where_they_stand() {
        for (text, inside) in [
            ("a: |\n  FROM x\n    RUN y\n\n  END\nb: 1\n", "FROM x\n  RUN y\n\nEND\n"),
            ("a: |-\n\n  \n  FROM x\n  RUN y\n", "\n\nFROM x\nRUN y"),
            ("x: {}\na: |+2\n    RUN y\n\n\n", "  RUN y\n\n\n"),
            ("a: |\r\n  FROM x\r\n  RUN y\r\n", "FROM x\nRUN y\n"),
            ("a: |\n  RUN y", "RUN y"),
            ("{\"a\": \"FROM x\\nRUN \\\"y\\\"\\u00e9\"}", "FROM x\nRUN \"y\"é"),
            ("a: RUN y\n", "RUN y"),
            ("a: 'RUN y'\n", "RUN y"),
        ] {
            assert_eq!(found(text, "RUN"), (inside.to_owned(), "RUN".to_owned()), "{text:?}");
        }
    }

    #[test]
    fn what_is_not_followed_is_found_as_a_whole() {
        assert_eq!(found("a: >\n  FROM x\n  RUN y\n", "RUN").1, "FROM x\n  RUN y\n");
        assert_eq!(found("a: \"FROM x\n  RUN y\"\n", "RUN").1, "\"FROM x\n  RUN y\"");
    }
}
