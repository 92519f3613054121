//! An instruction of another kind, or a new stage, right below another instruction. Comments above an instruction belong to
//! it, and so do the global ARGs above a FROM.

use super::{Check, Cx, Out};
use crate::syntax::{Instruction, ItemKind, Keyword};
use crate::text::Edit;

pub(super) struct MissingBlankLine;

impl Check for MissingBlankLine {
    fn file(&self, cx: &Cx<'_>, out: &mut Out<'_>) {
        let stages_only = out.flag("stages-only");
        let items = &cx.tree().items;
        let mut above: Option<&Instruction> = None;
        let mut is_below_from = false;
        // Where the comments begin that belong to the next instruction.
        let mut comments = None;
        for (at, item) in items.iter().enumerate() {
            match &item.kind {
                ItemKind::Comment(_) => comments = comments.or(Some(at)),
                ItemKind::Instruction(written) => {
                    let begins_stage = written.keyword == Keyword::From;
                    if let Some(above) = above
                        && above.keyword != Keyword::Onbuild
                        && (begins_stage && is_below_from
                            || !begins_stage && !stages_only && above.keyword != written.keyword)
                    {
                        let place = items[comments.unwrap_or(at)].span.start;
                        let (upper, lower) = (above.keyword.as_str(), written.keyword.as_str());
                        out.find(written.keyword_span, format!("no blank line between {upper} and {lower}"))
                            .help("set apart what does different things")
                            .fix("insert one", || Some(vec![Edit::insert(place, cx.line_end())]));
                    }
                    is_below_from |= begins_stage;
                    above = Some(written);
                    comments = None;
                }
                _ => (above, comments) = (None, None),
            }
        }
    }
}
