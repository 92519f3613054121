//! Blanks at the ends of lines that are not continued. Heredoc bodies are left alone, and so is a line whose blanks are
//! part of what it says because an escape character stands in front of them.

use super::{Check, Cx, Out};
use crate::syntax::ItemKind;
use crate::text::{Edit, Span};

pub(super) struct TrailingBlanks;

impl Check for TrailingBlanks {
    fn file(&self, cx: &Cx<'_>, out: &mut Out<'_>) {
        let source = cx.source();
        for item in &cx.tree().items {
            let lines = match &item.kind {
                ItemKind::Instruction(written) if written.heredocs.is_empty() => item.span,
                // The lines of bodies are theirs.
                ItemKind::Instruction(written) => Span::new(item.span.start, written.heredocs[0].body.start),
                ItemKind::Blank | ItemKind::Comment(_) => item.span,
                _ => continue,
            };
            for line in source.line_of(lines.start)..=source.line_of(lines.end.saturating_sub(1).max(lines.start)) {
                let span = source.line_span(line);
                let text = source.slice(span).trim_end_matches([' ', '\t']);
                let blanks = Span::new(span.start + text.len(), span.end);
                if !blanks.is_empty() && !text.ends_with(['\\', '`']) {
                    out.find(blanks, "blanks at the end of the line")
                        .help("end the line right behind the text")
                        .fix("remove the blanks", || Some(vec![Edit::delete(blanks)]));
                }
            }
        }
    }
}
