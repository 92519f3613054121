//! `ENV key value` without `=`. In the old form all that follows is the value, blanks included; the fix keeps that. None is
//! offered where a quote stays open, where the key has quotes or a blank that is not ASCII, or where the value runs over
//! several lines.

use super::{Check, Cx, Out};
use crate::model::expand::Form;
use crate::model::{Instruction, Operation, Unknown, Value, Word};
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
                // The old form ends a key at a blank of ASCII alone, the new one at any.
                let is_plain = !key.contains(['"', '\'', escape]) && !key.contains(char::is_whitespace) && !is_broken;
                let old = pair.value.raw.as_str();
                let value = new_form(old, escape)?;
                // Within a pattern quotes may say something else, so that none are put around it.
                let is_kept = value == old || !takes_apart(&pair.value, cx);
                (is_on_one_line && is_plain && is_kept).then(|| vec![Edit::replace(span, format!("{key}={value}"))])
            });
    }
}

/// Whether the word cuts or replaces parts of a variable's value.
fn takes_apart(word: &Word, cx: &Cx<'_>) -> bool {
    let mut uses = cx.resolved.uses().iter().filter(|one| word.span().encloses(one.span));
    uses.any(|one| matches!(one.form, Form::Trim | Form::Replace))
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
