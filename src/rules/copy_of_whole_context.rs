//! COPY or ADD of all of the build context into a stage whose layers ship. Silent where an ignore file is in force.

use super::{Check, Cx, Out};
use crate::model::{CopySource, Instruction, Operation, path};

pub(super) struct CopyOfWholeContext;

impl Check for CopyOfWholeContext {
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        let transfer = match &instruction.operation {
            Operation::Copy(copy) if copy.from.is_none() => &copy.transfer,
            Operation::Add(add) => &add.transfer,
            _ => return,
        };
        let is_sorted_out = cx.around.context.as_ref().is_some_and(|context| context.has_ignore_file());
        let ships = instruction.stage.is_some_and(|stage| cx.ships(stage));
        if is_sorted_out || !ships || !transfer.exclude.is_empty() {
            return;
        }
        let whole = transfer.sources.iter().find_map(|source| match source {
            CopySource::Path(word) => {
                cx.resolved.known(word).filter(|text| path::inside(text).is_empty()).map(|_| word)
            }
            CopySource::Heredoc { .. } => None,
        });
        if let Some(word) = whole {
            out.find(word.span(), "whatever lies in the build context ships")
                .help("name what is needed, or leave the rest out with an ignore file");
        }
    }
}
