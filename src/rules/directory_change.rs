//! What cd does in a RUN, and when a WORKDIR can do the same.

use super::{Cx, RunCommand};
use crate::model::{Command, Instruction, Operation, Stage};
use crate::text::Span;

/// Whether the command is a cd that nothing follows: its shell ends, and the directory with it.
pub(super) fn is_lost(command: &RunCommand<'_>, cx: &Cx<'_>) -> bool {
    let end = match &command.run.command {
        Command::Shell { text, .. } => text.span().end,
        Command::Script { heredoc, .. } => heredoc.body.end,
        _ => return false,
    };
    let own = command.command;
    let rest = || cx.text(Span::new(own.span.end, end.max(own.span.end)));
    own.name() == Some("cd") && own.depth == 0 && !own.in_pipeline && rest().chars().all(|c| " \t\r\n;\\`".contains(c))
}

/// Whether the shell and WORKDIR both take the word as it is.
pub(super) fn is_plain(directory: &str) -> bool {
    !directory.starts_with('-') && directory.chars().all(|c| c.is_ascii_alphanumeric() || "/._-+@".contains(c))
}

/// Whether no later instruction, stage or image sees in which directory the one at `index` left the stage.
pub(super) fn is_forgotten_after(index: usize, stage: &Stage, cx: &Cx<'_>) -> bool {
    for later in &stage.instructions[index + 1..] {
        let path = match &later.operation {
            Operation::Workdir(workdir) => match cx.resolved.known(&workdir.path) {
                Some(path) if path.starts_with('/') => return true,
                _ => return false,
            },
            Operation::Copy(copy) => &copy.transfer.destination,
            Operation::Add(add) => &add.transfer.destination,
            Operation::Run(_) | Operation::Onbuild(_) => return false,
            _ => continue,
        };
        if !cx.resolved.known(path).is_some_and(|path| path.starts_with('/')) {
            return false;
        }
    }
    let is_base = cx.stages().iter().any(|other| cx.lineage(other.id).skip(1).any(|base| base.id == stage.id));
    let targets = cx.around.targets.iter().flatten();
    let is_wanted = targets.into_iter().any(|name| stage.name.as_ref().is_some_and(|own| own.value == *name));
    !is_base && !is_wanted && !cx.ships(stage.id)
}

/// The stage of an instruction, and its position there.
pub(super) fn position<'a>(instruction: &Instruction, cx: &Cx<'a>) -> Option<(&'a Stage, usize)> {
    let stage = &cx.stages()[instruction.stage?.0];
    stage.instructions.iter().position(|one| one.id == instruction.id).map(|index| (stage, index))
}
