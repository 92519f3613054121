//! `ENV key value` without `=`. In the old form all that follows is the value, blanks included; the fix keeps that. None is
//! offered where a quote stays open, where the key has quotes, or where the value runs over several lines.

use super::{Check, Cx, Out};
use crate::model::{Instruction, Operation, Unknown, Value};
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
                let (key, escape) = (pair.key.raw.as_str(), cx.tree().directives.escape);
                let is_on_one_line = !cx.text(span).contains('\n');
                let is_broken = matches!(cx.resolved.value(&pair.value), Value::Unknown(Unknown::Invalid { .. }));
                let is_plain = !key.contains(['"', '\'', escape]) && !is_broken;
                let value = new_form(pair.value.raw.as_str(), escape)?;
                (is_on_one_line && is_plain).then(|| vec![Edit::replace(span, format!("{key}={value}"))])
            });
    }
}

/// The value in the new form. Quotes, escapes and variables are read alike in both forms; only a blank outside quotes,
/// which ends the value in the new form, must be kept by quotes around all or by an escape before it.
fn new_form(value: &str, escape: char) -> Option<String> {
    if value.is_empty() {
        return None;
    }
    if !value.contains(['"', '\'', '\\', '`']) && value.contains(char::is_whitespace) {
        return Some(format!("\"{value}\""));
    }
    let mut written = String::with_capacity(value.len());
    let mut quote = None;
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        if c == escape && quote != Some('\'') {
            written.push(c);
            written.push(chars.next()?);
            continue;
        }
        match quote {
            Some(open) if open == c => quote = None,
            None if matches!(c, '"' | '\'') => quote = Some(c),
            None if c.is_whitespace() => written.push(escape),
            _ => {}
        }
        written.push(c);
    }
    quote.is_none().then_some(written)
}
