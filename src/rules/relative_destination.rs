//! COPY or ADD to a relative path while the working directory is the root: no WORKDIR was set, here or in the base.
//! Silent where the base image is not known, because it may set one. The fix writes out where it leads.

use super::{Check, Cx, Out};
use crate::effect::instruction::workdir_before;
use crate::effect::paths;
use crate::model::{Operation, Stage};
use crate::text::Edit;

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
                let word = &transfer.destination;
                out.find(word.span(), "this lands in the root directory")
                    .label("relative, and no WORKDIR is set")
                    .help("set a WORKDIR above, or write the path out from `/`")
                    .fix("write the path out from `/`", || {
                        let is_plain = word.raw.as_str() == destination && cx.text(word.span()) == destination;
                        is_plain.then(|| vec![Edit::replace(word.span(), from_root(destination))])
                    });
            }
        }
    }
}

/// The path from `/`, with the slash at its end that says it is a directory.
fn from_root(path: &str) -> String {
    let path_from_root = paths::clean(path);
    let is_directory = path.ends_with('/') && path_from_root != "/";
    if is_directory { format!("{path_from_root}/") } else { path_from_root }
}
