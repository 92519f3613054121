//! Several CMD, ENTRYPOINT or HEALTHCHECK in one stage: only the last one counts.

use super::{Check, Cx, Out};
use crate::model::Stage;
use crate::syntax::{ItemKind, Keyword};
use crate::text::Edit;

pub(super) struct MultipleCmd;

impl Check for MultipleCmd {
    fn stage(&self, stage: &Stage, cx: &Cx<'_>, out: &mut Out<'_>) {
        for (keyword, hadolint) in
            [(Keyword::Cmd, "DL4003"), (Keyword::Entrypoint, "DL4004"), (Keyword::Healthcheck, "DL3012")]
        {
            let all: Vec<_> = stage.instructions.iter().filter(|instruction| instruction.keyword == keyword).collect();
            let Some((last, earlier)) = all.split_last() else { continue };
            for instruction in earlier {
                out.find(instruction.keyword_span, format!("this {keyword} has no effect"))
                    .known_as(&[hadolint, "MultipleInstructionsDisallowed"])
                    .related(last.keyword_span, "this one counts")
                    .help("remove it")
                    .fix("remove it", || {
                        // A comment above may speak of it, or silence what would then stand below.
                        let above = instruction.item.checked_sub(1).map(|above| &cx.tree().items[above].kind);
                        let is_alone = !matches!(above, Some(ItemKind::Comment(_)));
                        is_alone.then(|| vec![Edit::delete(cx.lines(instruction))])
                    });
            }
        }
    }
}
