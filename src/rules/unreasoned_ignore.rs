//! A comment that silences findings and does not say why. BuildKit has no place for reasons.

use super::{Check, Cx, Out};
use crate::syntax::pragma::Dialect;

pub(super) struct UnreasonedIgnore;

impl Check for UnreasonedIgnore {
    fn file(&self, cx: &Cx<'_>, out: &mut Out<'_>) {
        for pragma in cx.pragmas {
            let help = match pragma.dialect {
                Dialect::Rplan => "add reason=\"…\"",
                Dialect::Hadolint => "say why behind the names: # …",
                Dialect::BuildKit => continue,
            };
            if pragma.reason.as_ref().is_none_or(|reason| reason.trim().is_empty()) {
                out.find(pragma.span, "this ignore gives no reason").help(help);
            }
        }
    }
}
