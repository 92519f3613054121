//! COPY of the whole file system of another stage over this one. Silent where the stage starts from nothing, since that
//! makes one layer of many on purpose, and where the other one does, since that holds only what was put there.

use super::{Check, Cx, Out};
use crate::model::{Base, CopySource, Instruction, Operation, SourceRef};

pub(super) struct CopyOfRoot;

impl Check for CopyOfRoot {
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        let Operation::Copy(copy) = &instruction.operation else { return };
        let Some(stage) = instruction.stage else { return };
        let Some(SourceRef::Stage(from)) = cx.resolved.model.graph.reference(instruction.id, 0) else { return };
        let is_root = |word| cx.resolved.known(word) == Some("/");
        if !is_root(&copy.transfer.destination) || [stage, *from].iter().any(|one| *cx.root(*one) == Base::Scratch) {
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
