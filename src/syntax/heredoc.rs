//! Heredoc markers on an instruction line: words such as `<<EOF`, `3<<-"END"`, `<< EOF`.

use std::ops::Range;

use nom::Parser;
use nom::bytes::complete::{tag, take_while};
use nom::character::complete::{char, digit0};
use nom::combinator::{opt, verify};

use crate::syntax::shell_word::{self, Keep};
use crate::syntax::{Heredoc, JoinedText};
use crate::text::{SourceFile, Span};

/// A marker, before its body is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Marker {
    /// Where it stands in the line.
    pub(super) range: Range<usize>,
    pub(super) fd: Option<u32>,
    pub(super) name: String,
    pub(super) strip_tabs: bool,
    pub(super) expand: bool,
}

/// What a word is, seen as a marker.
enum Seen {
    Marker(Marker),
    Other,
    /// It begins as a marker, but its delimiter cannot be read.
    Unreadable,
}

/// The markers of a line, in order, up to the first whose delimiter cannot be read: its place comes beside them.
/// A line that cannot be split into shell words has none.
pub(super) fn markers(line: &str) -> (Vec<Marker>, Option<Range<usize>>) {
    let mut markers = Vec::new();
    if !line.contains("<<") {
        return (markers, None);
    }
    for word in shell_word::split(line, Keep::ALL).unwrap_or_default() {
        match see(&word.text, &word.range) {
            Seen::Marker(marker) => markers.push(marker),
            Seen::Other => {}
            Seen::Unreadable => return (markers, Some(word.range)),
        }
    }
    (markers, None)
}

/// Whether a word, by itself, is a marker.
pub(super) fn is_marker(word: &str) -> bool {
    matches!(see(word, &(0..word.len())), Seen::Marker(_))
}

fn see(word: &str, range: &Range<usize>) -> Seen {
    let delimiter = verify(nom::combinator::rest, |rest: &str| !rest.is_empty() && !rest.contains('<'));
    let mut marker = (digit0::<_, nom::error::Error<&str>>, tag("<<"), opt(char('-')), take_while(is_blank), delimiter);
    let Ok((_, (fd, _, dash, _, delimiter))) = marker.parse(word) else { return Seen::Other };
    let read = |keep| shell_word::split(delimiter, keep);
    let (Some(plain), Some(quoted)) = (read(Keep::NONE), read(Keep::QUOTES)) else { return Seen::Unreadable };
    let ([plain], [quoted]) = (&plain[..], &quoted[..]) else { return Seen::Other };
    Seen::Marker(Marker {
        range: range.clone(),
        fd: (!fd.is_empty()).then(|| fd.parse().unwrap_or(u32::MAX)),
        name: plain.text.clone(),
        strip_tabs: dash.is_some(),
        // Quotes that are gone once they are resolved: some part of the delimiter was quoted.
        expand: quotes(&plain.text) == quotes(&quoted.text),
    })
}

/// The heredoc of a marker that stands at `span`, its body between `start` and the line that ends it.
pub(super) fn with_body(marker: Marker, span: Span, source: &SourceFile, start: usize, terminator: Span) -> Heredoc {
    let body = Span::new(start, terminator.start);
    let text = source.slice(body);
    let content = match marker.strip_tabs {
        true => text.split_inclusive('\n').map(|line| line.trim_start_matches('\t')).collect(),
        false => text.to_owned(),
    };
    let Marker { fd, name, strip_tabs, expand, .. } = marker;
    Heredoc { span, fd, name, strip_tabs, expand, body, terminator, content }
}

impl Heredoc {
    /// Its body in `source`: tabs stripped where asked for, each line in its place.
    pub fn text(&self, source: &SourceFile) -> JoinedText {
        let mut text = JoinedText::default();
        let mut start = self.body.start;
        for line in source.slice(self.body).split_inclusive('\n') {
            let kept = if self.strip_tabs { line.trim_start_matches('\t') } else { line };
            text.push(kept, start + (line.len() - kept.len()));
            start += line.len();
        }
        // What counts is what the parser made of the body; it may have treated line ends in its own way.
        if text.as_str() == self.content { text } else { JoinedText::contiguous(&self.content, self.body.start) }
    }
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\x0C' | '\r')
}

fn quotes(text: &str) -> usize {
    text.matches(['\'', '"']).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(line: &str) -> Vec<(Option<u32>, String, bool, bool)> {
        let (markers, unreadable) = markers(line);
        assert_eq!(unreadable, None, "{line}");
        markers.into_iter().map(|marker| (marker.fd, marker.name, marker.strip_tabs, marker.expand)).collect()
    }

    fn plain(name: &str) -> (Option<u32>, String, bool, bool) {
        (None, name.to_owned(), false, true)
    }

    #[test]
    fn markers_are_whole_words() {
        assert_eq!(found("RUN cat <<EOF 3<<-'END' > x"), [plain("EOF"), (Some(3), "END".to_owned(), true, false)]);
        assert_eq!(found("RUN cat<<EOF"), []);
        assert_eq!(found("RUN echo $((1<<2))"), []);
        assert_eq!(found("RUN cat <<EOF>x"), [plain("EOF>x")]);
        assert_eq!(found("RUN <<a<<b"), []);
    }

    #[test]
    fn blanks_may_stand_before_the_delimiter_but_not_behind_the_dash() {
        assert_eq!(found("RUN << EOF"), [plain("EOF")]);
        assert_eq!(found("RUN <<- EOF"), []);
        assert_eq!(found("RUN <<"), []);
    }

    #[test]
    fn any_quote_in_the_delimiter_stops_expansion() {
        assert_eq!(found("COPY <<\"E\"OF /x"), [(None, "EOF".to_owned(), false, false)]);
        assert_eq!(found(r"COPY <<\EOF /x"), [plain("EOF")]);
        assert_eq!(found("COPY <<'a b' /x"), [(None, "a b".to_owned(), false, false)]);
        assert_eq!(found(r"COPY <<a\'b /x"), [plain("a'b")]);
        assert_eq!(found(r"COPY <<'a'\'b /x"), [(None, "a'b".to_owned(), false, false)]);
        assert_eq!(found("RUN <<\"\""), []);
    }

    #[test]
    fn a_variable_in_the_delimiter_stays() {
        assert_eq!(found("RUN <<$EOF <<${EOF}"), [plain("$EOF"), plain("${EOF}")]);
        assert_eq!(found("RUN <<EOF${x:-y}"), []);
    }

    #[test]
    fn a_line_with_an_open_quote_has_no_markers() {
        assert_eq!(found("RUN echo \"it <<EOF"), []);
        assert_eq!(found("RUN <<< x"), []);
    }

    #[test]
    fn a_delimiter_made_unreadable_by_a_substitution_is_told() {
        let (markers, unreadable) = markers(r#"RUN <<A ${x:-a\" <<b\" }"#);
        assert_eq!(markers.len(), 1);
        assert!(unreadable.is_some());
    }
}
