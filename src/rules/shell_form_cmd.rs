//! CMD or ENTRYPOINT in shell form: the shell is process 1 and passes no signals on. HEALTHCHECK too where its shell does
//! nothing but start the program. Silent where SHELL is set on purpose. A fix is offered for one plain command whose words
//! the shell leaves as they are.

use super::{Check, Cx, Out, exec_form};
use crate::model::{Command, Operation, Stage};
use crate::text::Edit;

pub(super) struct ShellFormCmd;

impl Check for ShellFormCmd {
    fn stage(&self, stage: &Stage, cx: &Cx<'_>, out: &mut Out<'_>) {
        if stage.instructions.iter().any(|instruction| matches!(instruction.operation, Operation::Shell(_))) {
            return;
        }
        for instruction in &stage.instructions {
            match &instruction.operation {
                Operation::Cmd(command) | Operation::Entrypoint(command) => {
                    let why = format!("{} runs through a shell, which passes no signals on", instruction.keyword);
                    tell(command, &why, &["DL3025", "JSONArgsRecommended"], cx, out);
                }
                Operation::Healthcheck(check) => probe(check.command.as_ref(), cx, out),
                _ => {}
            }
        }
    }
}

/// Most checks need what a shell does.
fn probe(command: Option<&Command>, cx: &Cx<'_>, out: &mut Out<'_>) {
    if let Some(command) = command.filter(|command| exec_form::of(command, cx).is_some()) {
        tell(command, "each check starts a shell that it does not need", &["DL3025"], cx, out);
    }
}

fn tell(command: &Command, why: &str, names: &[&'static str], cx: &Cx<'_>, out: &mut Out<'_>) {
    let Command::Shell { text, .. } = command else { return };
    let span = text.span();
    if !text.is_empty() {
        out.find(span, why)
            .known_as(names)
            .help("write it in exec form: a JSON array")
            .fix("write it in exec form", || Some(vec![Edit::replace(span, exec_form::of(command, cx)?)]));
    }
}
