//! Text for a shell in a stage that begins with nothing and that nothing can have brought a shell. CMD, ENTRYPOINT and
//! HEALTHCHECK are judged in the stage that is built alone: others may still get one.

use super::{Check, Cx, Out, arrivals, exec_form, shell_in_force};
use crate::model::{Command, Instruction, MountKind, Operation};
use crate::text::Edit;

pub(super) struct ShellInScratch;

impl Check for ShellInScratch {
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        let Some(stage) = instruction.stage else { return };
        let (command, last) = match &instruction.operation {
            Operation::Run(run) => {
                let may_hold_shell = |kind| matches!(kind, None | Some(MountKind::Bind));
                if run.mounts.iter().any(|mount| may_hold_shell(mount.kind)) {
                    return;
                }
                (&run.command, Some(instruction))
            }
            Operation::Cmd(command) | Operation::Entrypoint(command) if cx.is_target(stage) => (command, None),
            Operation::Healthcheck(check) if cx.is_target(stage) => match &check.command {
                Some(command) => (command, None),
                None => return,
            },
            _ => return,
        };
        let Command::Shell { text, .. } = command else { return };
        let has_shell =
            shell_in_force::words(instruction, cx).is_some() || !arrivals::lacks("/bin/sh", stage, last, cx);
        if has_shell || text.is_empty() {
            return;
        }
        out.find(text.span(), "this needs a shell, and the stage has none: it begins with nothing")
            .help("write it in exec form: a JSON array")
            .fix("write it in exec form", || Some(vec![Edit::replace(text.span(), exec_form::of(command, cx)?)]));
    }

    fn trigger(&self, _: &Instruction, _: &Cx<'_>, _: &mut Out<'_>) {}
}
