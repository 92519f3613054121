//! No HEALTHCHECK in the stage that is built, nor in what it starts from.

use super::{Check, Cx, Out};
use crate::model::{Base, Operation, StageId};

pub(super) struct MissingHealthcheck;

impl Check for MissingHealthcheck {
    fn file(&self, cx: &Cx<'_>, out: &mut Out<'_>) {
        let target = cx.resolved.target;
        let Some(from) = cx.stages().get(target.0).and_then(|stage| stage.from()) else { return };
        if !has_check(target, cx) {
            out.find(from.image.span(), "nothing tells whether the container works").help("add a HEALTHCHECK");
        }
    }
}

fn has_check(stage: StageId, cx: &Cx<'_>) -> bool {
    let instructions = &cx.stages()[stage.0].instructions;
    let is_written = instructions.iter().any(|one| matches!(one.operation, Operation::Healthcheck(_)));
    is_written
        || match &cx.resolved.bases[stage.0] {
            Base::Stage(base) => has_check(*base, cx),
            Base::Image(name) => cx.around.images.get(name).is_some_and(|facts| facts.config.healthcheck.is_some()),
            Base::Scratch | Base::Unknown => false,
        }
}
