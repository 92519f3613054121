//! A COPY --from of a stage above a RUN that reads nothing of it, so that the RUN waits for that stage in vain. Decides by
//! the exchange rule of `effect`: every step from the COPY down to the RUN could change places with the COPY.

use std::collections::BTreeSet;

use super::{Check, Cx, Out};
use crate::effect::instruction::{of_instruction, workdir_before};
use crate::effect::{Cell, EffectSet, PathSet, exchange, paths};
use crate::model::{Instruction, Operation, SourceRef, Stage, StageUse};

pub(super) struct SerialStages;

impl Check for SerialStages {
    fn stage(&self, stage: &Stage, cx: &Cx<'_>, out: &mut Out<'_>) {
        for (index, instruction) in stage.instructions.iter().enumerate() {
            let Some(SourceRef::Stage(from)) = cx.resolved.model.graph.reference(instruction.id, 0) else { continue };
            let Operation::Copy(copy) = &instruction.operation else { continue };
            let Some(name) = copy.from.as_ref().filter(|_| does_work(&cx.stages()[from.0])) else { continue };
            // Where the stage is needed anyhow above, nothing is won.
            let graph = &cx.resolved.model.graph;
            let is_needed_above = graph
                .inputs(stage.id)
                .iter()
                .any(|(_, edge)| edge.kind == StageUse::Base || edge.instruction < instruction.id);
            let Some(copied) = effect(stage, index, instruction, cx).filter(|_| !is_needed_above) else { continue };
            let below = stage.instructions.iter().enumerate().skip(index + 1);
            let mut free = below.take_while(|(at, later)| {
                let depends = graph.reference(later.id, 0).is_some();
                !depends && exchange(&copied, &of_instruction(cx.resolved, cx.around, stage, *at)).is_ok()
            });
            if let Some((_, run)) = free.find(|(_, later)| matches!(later.operation, Operation::Run(_))) {
                out.find(
                    name.span,
                    format!("a step below waits for the stage `{}`, and reads nothing of it", name.value),
                )
                .related(run.span, "could run beside that stage")
                .help("move this COPY below it");
            }
        }
    }
}

/// Whether a stage runs anything.
fn does_work(stage: &Stage) -> bool {
    stage.instructions.iter().any(|instruction| matches!(instruction.operation, Operation::Run(_)))
}

/// What a COPY from a stage does: what it brings is not known, but it stays below its destination.
fn effect(stage: &Stage, index: usize, instruction: &Instruction, cx: &Cx<'_>) -> Option<EffectSet> {
    let Operation::Copy(copy) = &instruction.operation else { return None };
    let destination = cx.resolved.known(&copy.transfer.destination)?;
    let (directory, mut cells) = match destination.starts_with('/') {
        true => ("/".to_owned(), BTreeSet::from([Cell::AnyVariable])),
        false => {
            let workdir = workdir_before(cx.resolved, cx.around, stage.id, index)?;
            (workdir, BTreeSet::from([Cell::AnyVariable, Cell::Workdir]))
        }
    };
    if copy.transfer.chown.is_some() {
        cells.insert(Cell::Accounts);
    }
    let writes = PathSet::below(&paths::join(&directory, destination));
    Some(EffectSet { writes, cells_read: cells, ..EffectSet::default() })
}
