//! What looks like a JSON array but is none, so that a shell gets the brackets as text, or COPY and VOLUME take them for
//! parts of a path. `[` as the shell's own test is told apart by what follows it.

use super::{Check, Cx, Out};
use crate::model::{Command, Instruction, Operation};
use crate::syntax::{Arguments, JoinedText, mended_array};
use crate::text::Edit;

pub(super) struct JsonLikeShellForm;

impl Check for JsonLikeShellForm {
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        let (text, taken) = match &instruction.operation {
            Operation::Run(run) => (shell_text(&run.command), "a shell gets it as text"),
            Operation::Cmd(command) | Operation::Entrypoint(command) => {
                (shell_text(command), "a shell gets it as text")
            }
            Operation::Healthcheck(check) => (check.command.as_ref().and_then(shell_text), "a shell gets it as text"),
            Operation::Volume(_) | Operation::Copy(_) | Operation::Add(_) => {
                (words_text(instruction, cx), "its brackets and quotes count as parts of the paths")
            }
            _ => return,
        };
        let Some(text) = text else { return };
        let written = text.as_str().trim();
        let mended = mended_array(written);
        let looks_so = ["[\"", "['", "[“"].iter().any(|start| written.starts_with(start));
        if !written.ends_with(']') || !(looks_so || mended.is_some()) {
            return;
        }
        let span = text.span();
        out.find(span, format!("this is no JSON array, so {taken}"))
            .help("a JSON array has double quotes around each string, commas between them, and none at the end")
            .fix("write a JSON array", || {
                let is_on_one_line = !cx.text(span).contains('\n');
                mended.filter(|_| is_on_one_line).map(|array| vec![Edit::replace(span, array)])
            });
    }
}

fn shell_text(command: &Command) -> Option<&JoinedText> {
    match command {
        Command::Shell { text, .. } => Some(text),
        _ => None,
    }
}

/// What follows the flags, where it was read as words.
fn words_text<'a>(instruction: &Instruction, cx: &Cx<'a>) -> Option<&'a JoinedText> {
    let written = cx.written(instruction)?;
    matches!(written.arguments, Arguments::Words(_)).then_some(&written.rest)
}
