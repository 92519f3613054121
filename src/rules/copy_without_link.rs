//! COPY --from below a RUN of the stage that ships, without --link. With it the layer does not hang on those below, and is
//! used again when they change. Unsafe: on a path through a symbolic link of the base it makes a directory instead.

use super::{Check, Cx, Out};
use crate::model::{Instruction, Operation, Stage};
use crate::text::Edit;

pub(super) struct CopyWithoutLink;

impl Check for CopyWithoutLink {
    fn stage(&self, stage: &Stage, cx: &Cx<'_>, out: &mut Out<'_>) {
        if !cx.ships(stage.id) {
            return;
        }
        let runs = |one: &&Instruction| matches!(one.operation, Operation::Run(_));
        let Some(run) = stage.instructions.iter().find(runs) else { return };
        for instruction in stage.instructions.iter().filter(|one| one.id > run.id) {
            let Operation::Copy(copy) = &instruction.operation else { continue };
            let is_absolute = cx.resolved.known(&copy.transfer.destination).is_some_and(|path| path.starts_with('/'));
            // A name would have to be looked up in files of the layers below.
            let has_names = copy.transfer.chown.as_ref().is_some_and(|owner| {
                !cx.resolved
                    .known(owner)
                    .is_some_and(|owner| owner.bytes().all(|byte| byte.is_ascii_digit() || byte == b':'))
            });
            if copy.from.is_none() || copy.transfer.link.is_some() || !is_absolute || has_names {
                continue;
            }
            out.find(instruction.keyword_span, "the layer of this COPY is made again whenever those below change")
                .related(run.keyword_span, "this one, for example")
                .help("pass --link, where the path leads through no symbolic link")
                .fix("pass --link", || Some(vec![Edit::insert(instruction.keyword_span.end, " --link")]));
        }
    }
}
