//! A COPY --from of a stage above a RUN that reads nothing of it, so that the RUN waits for that stage in vain. Decides by
//! the exchange rule of `effect`: every step from the COPY down to the RUN could change places with the COPY.

use super::{Check, Cx, Out};
use crate::effect::exchange;
use crate::effect::instruction::{made_before, of_instruction};
use crate::model::{Operation, SourceRef, Stage, StageUse};

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
            if is_needed_above {
                continue;
            }
            // For a directory that is there already nobody relies on the COPY.
            let made = made_before(cx.resolved, cx.around, stage, index);
            let effect = |at: usize| {
                let mut effect = of_instruction(cx.resolved, cx.around, stage, at);
                effect.ensures.retain(|path| !made.contains(path));
                effect
            };
            let copied = effect(index);
            let below = stage.instructions.iter().enumerate().skip(index + 1);
            let mut free = below.take_while(|(at, later)| {
                let depends = graph.reference(later.id, 0).is_some();
                !depends && exchange(&copied, &effect(*at)).is_ok()
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
