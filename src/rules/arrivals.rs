//! What a stage that begins with nothing certainly lacks: no COPY, ADD or step so far can have brought it.

use super::Cx;
use crate::effect::paths;
use crate::model::{Base, Instruction, Operation, StageId};

/// Whether the stage begins with nothing, and no instruction up to `last` can have made the file at `path`; without one,
/// no instruction of the stage.
pub(super) fn lacks(path: &str, stage: StageId, last: Option<&Instruction>, cx: &Cx<'_>) -> bool {
    let lineage = || cx.lineage(stage).flat_map(|one| &one.instructions);
    let is_before = |one: &&Instruction| last.is_none_or(|last| one.stage != Some(stage) || one.id < last.id);
    *cx.root(stage) == Base::Scratch && !lineage().filter(is_before).any(|one| may_bring(path, one, cx))
}

fn may_bring(path: &str, instruction: &Instruction, cx: &Cx<'_>) -> bool {
    let transfer = match &instruction.operation {
        Operation::Copy(copy) => &copy.transfer,
        Operation::Add(add) => &add.transfer,
        Operation::Run(_) => return true,
        _ => return false,
    };
    let (destination, workdir) = (cx.resolved.known(&transfer.destination), cx.workdir(instruction));
    let place = destination.zip(workdir).map(|(destination, workdir)| paths::join(&workdir, destination));
    place.is_none_or(|place| paths::is_below(path, &place))
}
