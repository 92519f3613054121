//! EXPOSE with the protocol in capitals. Builders store it in small letters.

use super::{Check, Cx, Out};
use crate::model::{Instruction, Operation};
use crate::text::Edit;

pub(super) struct ExposeCasing;

impl Check for ExposeCasing {
    fn instruction(&self, instruction: &Instruction, _cx: &Cx<'_>, out: &mut Out<'_>) {
        let Operation::Expose(expose) = &instruction.operation else { return };
        for word in &expose.ports {
            let raw = word.raw.as_str();
            let Some((_, protocol)) = raw.rsplit_once('/') else { continue };
            let is_plain = !protocol.is_empty() && protocol.bytes().all(|byte| byte.is_ascii_alphabetic());
            let lower = protocol.to_lowercase();
            if !is_plain || protocol == lower {
                continue;
            }
            let span = word.raw.span_of(raw.len() - protocol.len(), raw.len());
            out.find(span, format!("the protocol `{protocol}` has capitals")).help(format!("write `{lower}`")).fix(
                format!("write `{lower}`"),
                || {
                    // A word that is continued in the middle is left to people.
                    (span.len() == lower.len()).then(|| vec![Edit::replace(span, lower)])
                },
            );
        }
    }
}
