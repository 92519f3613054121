//! A blank line inside a continued instruction: builders drop it with a warning, and will refuse it one day. Comment lines
//! and the bodies of heredocs are not meant.

use super::{Check, Cx, Out};
use crate::model::Instruction;
use crate::text::{Edit, Span};

pub(super) struct EmptyContinuationLine;

impl Check for EmptyContinuationLine {
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        let Some(written) = cx.written(instruction) else { return };
        let blank: Vec<Span> =
            written.interior.iter().copied().filter(|line| cx.text(*line).trim().is_empty()).collect();
        let Some(first) = blank.first() else { return };
        let source = cx.source();
        let whole_line = |line: &Span| {
            let next = source.line_of(line.start) + 1;
            let end = if next < source.line_count() { source.line_span(next).start } else { source.len() };
            Edit::delete(Span::new(line.start, end))
        };
        out.find(Span::at(first.start), format!("a blank line inside a continued {}", instruction.keyword))
            .help("remove it, or write `#` on it")
            .fix("remove the blank lines", || Some(blank.iter().map(whole_line).collect()));
    }
}
