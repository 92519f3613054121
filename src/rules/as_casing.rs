//! `FROM … as` or `from … AS`: the two words of one instruction in different case.

use super::{Check, Cx, Out};
use crate::model::{Instruction, Operation};
use crate::text::Edit;

pub(super) struct AsCasing;

impl Check for AsCasing {
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        let Operation::From(from) = &instruction.operation else { return };
        let Some((span, _)) = &from.alias else { return };
        let keyword = cx.text(instruction.keyword_span);
        let wanted = super::cased_like("AS", keyword);
        let written = cx.text(*span);
        if written != wanted {
            out.find(*span, format!("`{written}` is written in another case than `{keyword}`"))
                .help(format!("write `{wanted}`"))
                .fix(format!("write `{wanted}`"), || Some(vec![Edit::replace(*span, wanted.clone())]));
        }
    }
}
