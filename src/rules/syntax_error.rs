//! What the parser could not read, as findings.

use super::{Check, Cx, Out};
use crate::syntax::{self, Arguments, ItemKind};

pub(super) struct SyntaxError;

impl Check for SyntaxError {
    fn file(&self, cx: &Cx<'_>, out: &mut Out<'_>) {
        for error in cx.errors {
            let name = if is_about_trigger(error, cx) { "DL3043" } else { "DL1000" };
            let draft = out.find(error.span, error.message.clone()).known_as(&[name]);
            if let Some(help) = &error.help {
                draft.help(help.clone());
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
