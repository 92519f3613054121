//! What the parser could not read, as findings. Where one slip is all that is wrong, the fix writes what was meant.

use super::{Check, Cx, Out};
use crate::syntax::{self, Arguments, ItemKind};
use crate::text::Edit;

pub(super) struct SyntaxError;

impl Check for SyntaxError {
    fn file(&self, cx: &Cx<'_>, out: &mut Out<'_>) {
        for error in cx.errors {
            let name = if is_about_trigger(error, cx) { "DL3043" } else { "DL1000" };
            let mut draft = out.find(error.span, error.message.clone()).known_as(&[name]);
            if let Some(help) = &error.help {
                draft = draft.help(help.clone());
            }
            if let Some(meant) = &error.meant {
                draft.fix(format!("write `{}`", meant.value), || {
                    let is_on_one_line = !cx.text(meant.span).contains('\n');
                    // A keyword is written as the others are.
                    let is_keyword = meant.span == error.span && syntax::Keyword::from_word(&meant.value).is_some();
                    let like = if is_keyword { cx.text(error.span) } else { "" };
                    // One decides to which stage everything below belongs.
                    let is_from = is_keyword && meant.value.eq_ignore_ascii_case("FROM");
                    let text =
                        if like.is_empty() { meant.value.clone() } else { super::cased_like(&meant.value, like) };
                    (is_on_one_line && !is_from).then(|| vec![Edit::replace(meant.span, text)])
                });
            }
        }
    }
}

/// Whether ONBUILD stores an instruction that it cannot store.
fn is_about_trigger(error: &syntax::SyntaxError, cx: &Cx<'_>) -> bool {
    cx.tree().items.iter().any(|item| {
        let ItemKind::Unknown(unknown) = &item.kind else { return false };
        let arguments = unknown.instruction.as_ref().map(|instruction| &instruction.arguments);
        matches!(arguments, Some(Arguments::Trigger(trigger)) if trigger.keyword_span == error.span)
    })
}
