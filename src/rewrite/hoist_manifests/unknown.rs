//! Installs of which nobody knows what they read: refused with the reason where sources are copied above them.

use crate::effect::command::CommandEffect;
use crate::effect::ecosystem::{arguments_of, installed_by};
use crate::effect::instruction::workdir_before;
use crate::effect::paths;
use crate::model::{CopySource, EntryKind, Instruction, MountKind, Operation, Resolved, Stage, Surroundings};
use crate::rewrite::search::Found;
use crate::rewrite::{Refusal, ids};

/// Refuses the RUN at `index` of the stage if it calls an installer in a way that is not modelled, as `commands` tells,
/// below a COPY of whole directories.
pub(super) fn refuse(
    resolved: &Resolved,
    around: &Surroundings,
    (stage, index): (&Stage, usize),
    commands: Result<&[CommandEffect], &String>,
    found: &mut Found,
) {
    let run = &stage.instructions[index];
    let Some(tool) = installer(run) else { return };
    let is_above = |one: &Instruction| brings_directories(resolved, around, one);
    if has_bind_mount(run)
        || !stage.instructions[..index].iter().any(is_above)
        || stage.instructions[..index].iter().any(|one| installer(one) == Some(tool))
    {
        return;
    }
    let reason = match commands {
        Err(reason) => Some(reason.clone()),
        Ok(commands) => commands.iter().find_map(|command| command.effect.barrier.clone()),
    };
    let Some(reason) = reason else { return };
    let reason = format!("what {tool} reads is not known: {reason}");
    let refusal = Refusal::new(ids::HOIST_MANIFESTS, run.span, reason);
    found.refuse(match workdir_before(resolved, around, stage.id, index) {
        None => refusal.help("write a WORKDIR above the COPY"),
        Some(_) => refusal,
    });
}

/// The tool of the first install that a RUN calls by the words of its text.
fn installer(instruction: &Instruction) -> Option<&'static str> {
    let Operation::Run(run) = &instruction.operation else { return None };
    let commands = run.command.body().map(|body| body.commands()).unwrap_or_default();
    let installs = |arguments: Vec<&str>| !arguments.iter().any(|argument| ["--help", "--version"].contains(argument));
    commands.iter().find_map(|command| {
        let tool = installed_by(command)?.tool;
        arguments_of(command, tool).is_some_and(installs).then_some(tool)
    })
}

/// Whether its manifests may come by a mount.
fn has_bind_mount(instruction: &Instruction) -> bool {
    let Operation::Run(run) = &instruction.operation else { return false };
    run.mounts.iter().any(|mount| matches!(mount.kind, Some(MountKind::Bind) | None))
}

/// Whether it copies whole directories of the build context.
fn brings_directories(resolved: &Resolved, around: &Surroundings, instruction: &Instruction) -> bool {
    let transfer = match &instruction.operation {
        Operation::Copy(copy) if copy.from.is_none() => &copy.transfer,
        Operation::Add(add) => &add.transfer,
        _ => return false,
    };
    let Some(context) = around.context.as_deref() else { return false };
    transfer.sources.iter().any(|source| match source {
        CopySource::Path(word) => resolved.known(word).is_some_and(|path| {
            let path = paths::clean(path);
            let entry = context.entry(path.trim_start_matches('/'));
            path == "/" || entry.is_some_and(|entry| entry.kind == EntryKind::Directory)
        }),
        CopySource::Heredoc { .. } => false,
    })
}
