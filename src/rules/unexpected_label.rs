//! A label outside the project's list. Silent until the option `allowed` names some, unless it is
//! to be strict.

use super::{Check, Cx, Out, Pattern, Text};
use crate::model::{Instruction, Operation};
use crate::text::nearest;

pub(super) struct UnexpectedLabel;

impl Check for UnexpectedLabel {
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        let Operation::Label(label) = &instruction.operation else { return };
        let allowed: Vec<String> = out.texts("allowed").into_iter().map(str::to_owned).collect();
        if allowed.is_empty() && !out.flag("strict") {
            return;
        }
        for pair in &label.pairs {
            let Some(key) = cx.resolved.known(&pair.key) else { continue };
            if allowed.iter().any(|one| Pattern::Glob(Text::Owned(one.clone())).matches(key)) {
                continue;
            }
            let help = match nearest(key, allowed.iter().map(String::as_str)) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "add it to the list, or remove it".to_owned(),
            };
            out.find(pair.key.span(), format!("`{key}` is not among the labels that are allowed here")).help(help);
        }
    }
}
