//! Blanks in front of an instruction.

use super::{Check, Cx, Out};
use crate::syntax::ItemKind;
use crate::text::{Edit, Span};

pub(super) struct IndentedInstruction;

impl Check for IndentedInstruction {
    fn file(&self, cx: &Cx<'_>, out: &mut Out<'_>) {
        for item in &cx.tree().items {
            let ItemKind::Instruction(written) = &item.kind else { continue };
            let blanks = Span::new(item.span.start, written.keyword_span.start);
            if !blanks.is_empty() && cx.text(blanks).trim_matches([' ', '\t']).is_empty() {
                out.find(written.keyword_span, format!("{} is indented", written.keyword.as_str()))
                    .help("begin the line with the keyword")
                    .fix("remove the blanks", || Some(vec![Edit::delete(blanks)]));
            }
        }
    }
}
