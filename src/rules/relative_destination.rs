//! COPY or ADD to a relative path while the working directory is the root: no WORKDIR was set, here or in the base.
//! Silent where the base image is not known, because it may set one.

use super::{Check, Cx, Out};
use crate::effect::instruction::workdir_before;
use crate::model::{Operation, Stage};

pub(super) struct RelativeDestination;

impl Check for RelativeDestination {
    fn stage(&self, stage: &Stage, cx: &Cx<'_>, out: &mut Out<'_>) {
        for (index, instruction) in stage.instructions.iter().enumerate() {
            let transfer = match &instruction.operation {
                Operation::Workdir(_) => return,
                Operation::Copy(copy) => &copy.transfer,
                Operation::Add(add) => &add.transfer,
                _ => continue,
            };
            let Some(destination) = cx.resolved.known(&transfer.destination) else { continue };
            let workdir = workdir_before(cx.resolved, cx.around, stage.id, index);
            if !destination.starts_with('/') && workdir.as_deref() == Some("/") {
                out.find(transfer.destination.span(), "this lands in the root directory")
                    .label("relative, and no WORKDIR is set")
                    .help("set a WORKDIR above, or write the path out from `/`");
            }
        }
    }
}
