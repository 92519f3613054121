//! Blanks behind the character that continues a line. Builders skip them; shells and people's eyes do not.
//! Heredoc bodies are not looked at.

use super::{Check, Cx, Out};
use crate::model::Instruction;
use crate::text::{Edit, Span};

pub(super) struct BlankAfterContinuation;

impl Check for BlankAfterContinuation {
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        let Some(written) = cx.written(instruction) else { return };
        let (source, escape) = (cx.source(), cx.tree().directives.escape);
        let end = written.heredocs.first().map_or(written.span.end, |heredoc| heredoc.body.start);
        let last = source.line_of(end.saturating_sub(1).max(written.span.start));
        for line in source.line_of(written.span.start)..last {
            let span = source.line_span(line);
            let text = source.slice(span);
            let trimmed = text.trim_end_matches([' ', '\t']);
            let is_comment = text.trim_start().starts_with('#');
            if is_comment || trimmed.len() == text.len() || !trimmed.ends_with(escape) {
                continue;
            }
            let blanks = Span::new(span.start + trimmed.len(), span.end);
            out.find(blanks, format!("blanks behind `{escape}`"))
                .help("end the line right behind it")
                .fix("remove the blanks", || Some(vec![Edit::delete(blanks)]));
        }
    }
}
