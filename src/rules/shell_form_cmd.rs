//! CMD or ENTRYPOINT in shell form: the shell is process 1 and passes no signals on. Silent where SHELL is set on purpose.
//! A fix is offered for one plain command whose words the shell leaves as they are.

use super::{Check, Cx, Out};
use crate::model::shell::SimpleCommand;
use crate::model::{Command, Operation, Stage};
use crate::text::Edit;

pub(super) struct ShellFormCmd;

impl Check for ShellFormCmd {
    fn stage(&self, stage: &Stage, cx: &Cx<'_>, out: &mut Out<'_>) {
        if stage.instructions.iter().any(|instruction| matches!(instruction.operation, Operation::Shell(_))) {
            return;
        }
        for instruction in &stage.instructions {
            let (Operation::Cmd(command) | Operation::Entrypoint(command)) = &instruction.operation else { continue };
            let Command::Shell { text, body } = command else { continue };
            if text.is_empty() {
                continue;
            }
            let span = text.span();
            out.find(span, format!("{} runs through a shell, which passes no signals on", instruction.keyword))
                .help("write it in exec form: a JSON array")
                .fix("write it in exec form", || {
                    let is_on_one_line = !cx.text(span).contains('\n');
                    match body.commands() {
                        [command] if is_on_one_line && body.script().is_some_and(|script| script.is_flat) => {
                            Some(vec![Edit::replace(span, exec_form(command)?)])
                        }
                        _ => None,
                    }
                });
        }
    }
}

/// The command as a JSON array, when it is nothing but words that stand for themselves.
fn exec_form(command: &SimpleCommand) -> Option<String> {
    if !command.assignments.is_empty() || !command.redirects.is_empty() {
        return None;
    }
    let words: Option<Vec<&str>> = command.words.iter().map(|word| word.literal.as_deref()).collect();
    let words = words?;
    // Built-ins of the shell are no programs, and a pattern is expanded by the shell.
    let first = words.first()?;
    let is_program = !matches!(*first, "exec" | "cd" | "export" | "source" | "." | "set" | "ulimit" | "eval" | "trap");
    let is_plain = !words.iter().any(|word| word.contains(['*', '?', '[']));
    (is_program && is_plain).then(|| {
        let quoted: Vec<String> = words.iter().map(|word| serde_json::Value::from(*word).to_string()).collect();
        format!("[{}]", quoted.join(", "))
    })
}
