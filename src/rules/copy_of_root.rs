//! COPY of the whole file system of another stage over one that ships. Silent where the stage starts from nothing, since
//! that makes one layer of many on purpose; where the other one does, since that holds only what was put there; and where
//! the other one is but a name for an image, since many are made to be copied over others.

use super::{Check, Cx, Out};
use crate::model::{Base, CopySource, Instruction, Operation, SourceRef, StageId};

pub(super) struct CopyOfRoot;

impl Check for CopyOfRoot {
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        let Operation::Copy(copy) = &instruction.operation else { return };
        let Some(stage) = instruction.stage else { return };
        let Some(SourceRef::Stage(from)) = cx.resolved.model.graph.reference(instruction.id, 0) else { return };
        let is_root = |word| cx.resolved.known(word) == Some("/");
        let stands_on_image = |one: &StageId| matches!(cx.root(*one), Base::Image(_));
        let makes_files =
            |one: &Instruction| matches!(one.operation, Operation::Run(_) | Operation::Copy(_) | Operation::Add(_));
        let is_built = cx.lineage(*from).flat_map(|below| &below.instructions).any(makes_files);
        let is_judged = cx.ships(stage) && [stage, *from].iter().all(stands_on_image) && is_built;
        if !is_judged || !is_root(&copy.transfer.destination) {
            return;
        }
        let whole = copy.transfer.sources.iter().find_map(|source| match source {
            CopySource::Path(word) if is_root(word) => Some(word.span()),
            _ => None,
        });
        let Some(span) = whole else { return };
        out.find(span, "the whole file system of another stage is copied over this one")
            .help("copy the paths that are needed, or start the stage from that one");
    }
}
