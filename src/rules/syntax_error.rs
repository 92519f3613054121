//! What the parser could not read, as findings.

use super::{Check, Cx, Out};

pub(super) struct SyntaxError;

impl Check for SyntaxError {
    fn file(&self, cx: &Cx<'_>, out: &mut Out<'_>) {
        for error in cx.errors {
            let draft = out.find(error.span, error.message.clone());
            if let Some(help) = &error.help {
                draft.help(help.clone());
            }
        }
    }
}
