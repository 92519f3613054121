//! A COPY of the whole context that takes in `.git`. Silent where the context is unknown, and where a RUN calls git or may
//! read the repository for a version.

use super::{Check, Cx, Out};
use crate::effect::instruction::workdir_before;
use crate::effect::transfer::brought;
use crate::model::{CopySource, Operation, Stage};

pub(super) struct GitInContext;

impl Check for GitInContext {
    fn stage(&self, stage: &Stage, cx: &Cx<'_>, out: &mut Out<'_>) {
        let Some(context) = cx.around.context.as_deref() else { return };
        let bodies = stage.instructions.iter().flat_map(|instruction| cx.commands(instruction));
        if bodies.into_iter().any(|command| command.command.name() == Some("git")) {
            return;
        }
        for (index, instruction) in stage.instructions.iter().enumerate() {
            let Operation::Copy(copy) = &instruction.operation else { continue };
            let workdir = workdir_before(cx.resolved, cx.around, stage.id, index).unwrap_or_else(|| "/".to_owned());
            let Ok(brought) = brought(&instruction.operation, Some(&workdir), cx.resolved, context) else { continue };
            let inside = |path: &&String| path.as_str() == ".git" || path.starts_with(".git/");
            let sizes =
                brought.paths.values().filter(inside).filter_map(|path| context.entry(path)).map(|entry| entry.size);
            let size: u64 = sizes.sum();
            let Some(CopySource::Path(word)) = copy.transfer.sources.first() else { continue };
            if brought.paths.values().any(|path| inside(&path)) {
                out.find(word.span(), "each commit changes this layer, and the image ships the history")
                    .label(format!("copies .git ({size} bytes)"))
                    .help("add `.git` to .dockerignore; no step here reads it");
            }
        }
    }
}
