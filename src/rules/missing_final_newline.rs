//! A last line without a line end.

use super::{Check, Cx, Out};
use crate::text::{Edit, Span};

pub(super) struct MissingFinalNewline;

impl Check for MissingFinalNewline {
    fn file(&self, cx: &Cx<'_>, out: &mut Out<'_>) {
        let (source, end) = (cx.source(), cx.source().len());
        // What goes on at the end of the file is not finished, and a line end may be part of it.
        let is_open = source.text().trim_end().ends_with(cx.tree().directives.escape) || !cx.errors.is_empty();
        if source.is_empty() || source.bytes().ends_with(b"\n") {
            return;
        }
        let last = source.line_span(source.line_count() - 1);
        out.find(Span::new(last.end.max(1) - 1, last.end), "the last line has no end")
            .help("end the file with a newline")
            .fix("add a newline", || (!is_open).then(|| vec![Edit::insert(end, cx.line_end())]));
    }
}
