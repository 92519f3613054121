//! A COPY of the whole context that takes in `.git`. Silent where the context is unknown, and where a RUN calls git.

use super::{Check, Cx, Out};
use crate::effect::instruction::{of_instruction, workdir_before};
use crate::effect::transfer::brought;
use crate::model::{CopySource, Operation, Stage};
use crate::text::amount;

pub(super) struct GitInContext;

impl Check for GitInContext {
    fn stage(&self, stage: &Stage, cx: &Cx<'_>, out: &mut Out<'_>) {
        let Some(context) = cx.around.context.as_deref() else { return };
        let mut commands = stage.instructions.iter().flat_map(|instruction| cx.commands(instruction));
        if commands.any(|command| command.command.name() == Some("git")) {
            return;
        }
        for (index, instruction) in stage.instructions.iter().enumerate() {
            let Operation::Copy(copy) = &instruction.operation else { continue };
            let workdir = workdir_before(cx.resolved, cx.around, stage.id, index).unwrap_or_else(|| "/".to_owned());
            let Ok(brought) = brought(&instruction.operation, Some(&workdir), cx.resolved, context) else { continue };
            let Some(CopySource::Path(word)) = copy.transfer.sources.first() else { continue };
            let mut files = brought.paths.values().filter(|path| path.starts_with(".git/")).peekable();
            if files.peek().is_none() {
                continue;
            }
            let size: u64 = files.filter_map(|path| context.entry(path)).map(|entry| entry.size).sum();
            let help = match reads_unseen(stage, index, cx) {
                false => "add `.git` to .dockerignore; no step here reads it",
                true => "add `.git` to .dockerignore, unless a step takes the version from it",
            };
            out.find(word.span(), "each commit changes this layer, and the image ships the history")
                .label(format!("copies .git ({})", amount(size)))
                .help(help);
        }
    }
}

/// Whether a step below may read the history without a word of it: builds of Go and Python packages do.
fn reads_unseen(stage: &Stage, index: usize, cx: &Cx<'_>) -> bool {
    let below = stage.instructions.iter().enumerate().skip(index + 1);
    let mut runs = below.filter(|(_, later)| matches!(later.operation, Operation::Run(_)));
    runs.any(|(at, later)| {
        let effect = of_instruction(cx.resolved, cx.around, stage, at);
        let builds = cx.commands(later).any(|command| command.command.name() == Some("go"));
        effect.barrier.is_some() || builds
    })
}
