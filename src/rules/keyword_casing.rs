//! Keywords in capitals and in small letters in one file. The first instruction sets the case.

use super::{Check, Cx, Out};
use crate::model::Instruction;
use crate::text::Edit;

pub(super) struct KeywordCasing;

impl Check for KeywordCasing {
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        let Some(first) = cx.resolved.model.instructions().next() else { return };
        let wanted = super::cased_like(instruction.keyword.as_str(), cx.text(first.keyword_span));
        let span = instruction.keyword_span;
        if cx.text(span) != wanted {
            out.find(span, format!("`{}` is written in another case than the first instruction", cx.text(span)))
                .related(first.keyword_span, "the first one")
                .help(format!("write `{wanted}`"))
                .fix(format!("write `{wanted}`"), || Some(vec![Edit::replace(span, wanted.clone())]));
        }
    }
}
