//! The stage that is built says nothing about what to start, and neither does what it begins with. Judged where that is
//! certain: it begins with nothing, or the base image is at hand.

use super::{Check, Cx, Out};
use crate::model::image_ref::normalized;
use crate::model::{Base, Operation, Stage};

pub(super) struct MissingCmd;

impl Check for MissingCmd {
    fn stage(&self, stage: &Stage, cx: &Cx<'_>, out: &mut Out<'_>) {
        let Some(first) = stage.instructions.first().filter(|_| cx.is_target(stage.id)) else { return };
        let starts = |operation: &Operation| matches!(operation, Operation::Cmd(_) | Operation::Entrypoint(_));
        let mut all = cx.lineage(stage.id).flat_map(|one| &one.instructions);
        let base_starts_nothing = match cx.root(stage.id) {
            Base::Scratch => true,
            Base::Image(name) => cx
                .around
                .images
                .get(&normalized(name))
                .is_some_and(|facts| facts.config.cmd.is_none() && facts.config.entrypoint.is_none()),
            _ => false,
        };
        if base_starts_nothing && !all.any(|one| starts(&one.operation)) {
            out.find(first.keyword_span, "the image does not say what to start")
                .help("end the stage with CMD or ENTRYPOINT");
        }
    }
}
