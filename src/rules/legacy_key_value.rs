//! `ENV key value` without `=`. In the old form all that follows is the value, blanks and quotes included; the fix writes
//! what keeps that meaning, and none is offered where quotes or escapes make it doubtful.

use super::{Check, Cx, Out};
use crate::model::{EnvPair, Instruction, Operation};
use crate::text::Edit;

pub(super) struct LegacyKeyValue;

impl Check for LegacyKeyValue {
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        let pairs = match &instruction.operation {
            Operation::Env(env) if env.legacy => &env.pairs,
            Operation::Label(label) if label.legacy => &label.pairs,
            _ => return,
        };
        let [pair] = &pairs[..] else { return };
        let span = pair.key.span().to(pair.value.span());
        out.find(span, format!("`{} {}` is the old form without `=`", instruction.keyword, pair.key.raw.as_str()))
            .help("write KEY=VALUE")
            .fix("write KEY=VALUE", || {
                let is_on_one_line = !cx.text(span).contains('\n');
                let value = new_form(pair)?;
                is_on_one_line.then(|| vec![Edit::replace(span, format!("{}={value}", pair.key.raw.as_str()))])
            });
    }
}

/// The value in the new form. Quotes and escapes are read alike in both forms, but blanks outside quotes end the value
/// in the new one; so a value that has both is left alone.
fn new_form(pair: &EnvPair) -> Option<String> {
    let value = pair.value.raw.as_str();
    if !value.contains(char::is_whitespace) {
        return Some(value.to_owned());
    }
    (!value.contains(['"', '\'', '\\', '`'])).then(|| format!("\"{value}\""))
}
