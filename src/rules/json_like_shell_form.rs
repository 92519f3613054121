//! What looks like a JSON array but is none, so that a shell gets the brackets as text. `[` as the shell's own test is
//! told apart by what follows it.

use super::{Check, Cx, Out};
use crate::model::{Command, Instruction, Operation};
use crate::text::Edit;

pub(super) struct JsonLikeShellForm;

impl Check for JsonLikeShellForm {
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        let command = match &instruction.operation {
            Operation::Run(run) => &run.command,
            Operation::Cmd(command) | Operation::Entrypoint(command) => command,
            Operation::Healthcheck(check) => match &check.command {
                Some(command) => command,
                None => return,
            },
            _ => return,
        };
        let Command::Shell { text, .. } = command else { return };
        let written = text.as_str().trim();
        let mended = mended(written);
        let looks_so = written.starts_with("[\"") || written.starts_with("['");
        if !written.ends_with(']') || !(looks_so || mended.is_some()) {
            return;
        }
        let span = text.span();
        out.find(span, "this is no JSON array, so a shell gets it as text")
            .help("a JSON array has double quotes around each string, commas between them, and none at the end")
            .fix("write a JSON array", || {
                let is_on_one_line = !cx.text(span).contains('\n');
                mended.filter(|_| is_on_one_line).map(|array| vec![Edit::replace(span, array)])
            });
    }
}

/// The array that was meant, when the quotes or a comma at the end are all that is wrong.
fn mended(text: &str) -> Option<String> {
    let inner = text.strip_prefix('[')?.strip_suffix(']')?.trim_end().trim_end_matches(',');
    if inner.contains('"') && inner.contains('\'') {
        return None;
    }
    let array = format!("[{}]", inner.replace('\'', "\"").trim());
    let words: Vec<String> = serde_json::from_str(&array).ok()?;
    (!words.is_empty()).then_some(array)
}
