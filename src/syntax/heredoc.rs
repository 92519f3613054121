//! Heredoc markers on an instruction line. They are found by the rules of a shell word, with backslash as the escape
//! whatever the `escape` directive says.

use std::ops::Range;

use nom::Parser;
use nom::bytes::complete::tag;
use nom::character::complete::{char, digit0};
use nom::combinator::opt;

/// A marker such as `3<<-"EOF"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Marker {
    /// Where it stands in the line.
    pub(super) range: Range<usize>,
    pub(super) fd: Option<u32>,
    pub(super) name: String,
    pub(super) strip_tabs: bool,
    pub(super) expand: bool,
}

/// The markers of a line, in order; none when the line cannot be split into shell words.
pub(super) fn markers(line: &str) -> Vec<Marker> {
    if !line.contains("<<") {
        return Vec::new();
    }
    let words = shell_words(line).unwrap_or_default();
    words.into_iter().filter_map(|range| marker(&line[range.clone()], range)).collect()
}

fn marker(word: &str, range: Range<usize>) -> Option<Marker> {
    let mut head = (digit0::<_, nom::error::Error<&str>>, tag("<<"), opt(char('-')));
    let (rest, (fd, _, dash)) = head.parse(word).ok()?;
    let rest = rest.trim_start();
    if rest.is_empty() || rest.contains('<') || shell_words(rest)?.len() != 1 {
        return None;
    }
    let (name, quoted) = unquote(rest);
    Some(Marker { range, fd: fd.parse().ok(), name, strip_tabs: dash.is_some(), expand: !quoted })
}

/// The words of a line as a shell would split them, or none when a quote or brace stays open.
fn shell_words(line: &str) -> Option<Vec<Range<usize>>> {
    let mut words = Vec::new();
    let mut start = None;
    let mut at = 0;
    while let Some(c) = line[at..].chars().next() {
        if c.is_whitespace() {
            words.extend(start.take().map(|start| start..at));
            at += c.len_utf8();
        } else {
            start.get_or_insert(at);
            at = after_part(line, at)?;
        }
    }
    words.extend(start.map(|start| start..line.len()));
    Some(words)
}

/// Where the part of a word that starts at `at` ends: a quoted text, an escape, a substitution, or one character.
fn after_part(line: &str, at: usize) -> Option<usize> {
    let rest = &line[at..];
    let mut chars = rest.chars();
    match chars.next()? {
        '\'' => rest[1..].find('\'').map(|end| at + end + 2),
        '"' => after_double_quotes(line, at + 1),
        '\\' => Some(at + 1 + chars.next().map_or(0, char::len_utf8)),
        '$' if rest.starts_with("${") => after_braces(line, at + 2),
        c => Some(at + c.len_utf8()),
    }
}

fn after_double_quotes(line: &str, mut at: usize) -> Option<usize> {
    loop {
        match line[at..].chars().next()? {
            '"' => return Some(at + 1),
            '\\' => at += 1 + line[at + 1..].chars().next()?.len_utf8(),
            '$' if line[at..].starts_with("${") => at = after_braces(line, at + 2)?,
            c => at += c.len_utf8(),
        }
    }
}

fn after_braces(line: &str, mut at: usize) -> Option<usize> {
    let mut depth = 1;
    while depth > 0 {
        let rest = &line[at..];
        let c = rest.chars().next()?;
        match c {
            '}' => depth -= 1,
            '$' if rest.starts_with("${") => {
                depth += 1;
                at += 1;
            }
            '\'' | '"' | '\\' => {
                at = match c {
                    '\'' => at + rest[1..].find('\'')? + 2,
                    '"' => after_flat_quotes(line, at + 1)?,
                    _ => at + 1 + rest[1..].chars().next()?.len_utf8(),
                };
                continue;
            }
            _ => {}
        }
        at += c.len_utf8();
    }
    Some(at)
}

/// The end of double quotes inside braces; substitutions in them are not followed any deeper.
fn after_flat_quotes(line: &str, mut at: usize) -> Option<usize> {
    loop {
        match line[at..].chars().next()? {
            '"' => return Some(at + 1),
            '\\' => at += 1 + line[at + 1..].chars().next()?.len_utf8(),
            c => at += c.len_utf8(),
        }
    }
}

/// The word without quotes and escapes, and whether it had quotes.
fn unquote(word: &str) -> (String, bool) {
    let mut name = String::new();
    let mut quote = None;
    let mut quoted = false;
    let mut chars = word.chars().peekable();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (None, '\'' | '"') => {
                quote = Some(c);
                quoted = true;
            }
            (Some(open), _) if open == c => quote = None,
            (None, '\\') => name.extend(chars.next()),
            (Some('"'), '\\') if matches!(chars.peek(), Some('"' | '$' | '\\')) => name.extend(chars.next()),
            _ => name.push(c),
        }
    }
    (name, quoted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(line: &str) -> Vec<(Option<u32>, String, bool, bool)> {
        markers(line).into_iter().map(|marker| (marker.fd, marker.name, marker.strip_tabs, marker.expand)).collect()
    }

    #[test]
    fn markers_are_whole_words() {
        assert_eq!(
            found("RUN cat <<EOF 3<<-'END' > x"),
            [(None, "EOF".to_owned(), false, true), (Some(3), "END".to_owned(), true, false)]
        );
        assert_eq!(found("RUN cat<<EOF"), []);
        assert_eq!(found("RUN echo $((1<<2))"), []);
    }

    #[test]
    fn any_quote_in_the_delimiter_stops_expansion() {
        assert_eq!(found("COPY <<\"E\"OF /x"), [(None, "EOF".to_owned(), false, false)]);
        assert_eq!(found(r"COPY <<\EOF /x"), [(None, "EOF".to_owned(), false, true)]);
        assert_eq!(found("COPY <<'a b' /x"), [(None, "a b".to_owned(), false, false)]);
    }

    #[test]
    fn a_line_with_an_open_quote_has_no_markers() {
        assert_eq!(found("RUN echo \"it <<EOF"), []);
        assert_eq!(found("RUN <<< x"), []);
    }
}
