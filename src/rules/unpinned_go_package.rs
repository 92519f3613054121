//! `go install` or `go get` of a package without a version, or at whatever is newest. Packages of the module itself are
//! no question, nor are those below a COPY from the build context, which may bring a go.mod that has the versions.

use super::{Check, Cx, Out, RunCommand, pinning};
use crate::effect::packages::GO;
use crate::model::{Instruction, Operation};

pub(super) struct UnpinnedGoPackage;

const NEWEST: &[&str] = &["latest", "upgrade", "patch"];

impl Check for UnpinnedGoPackage {
    fn command(&self, command: RunCommand<'_>, cx: &Cx<'_>, out: &mut Out<'_>) {
        let Some(request) = GO.request(command.command) else { return };
        let has_module = has_module(command.instruction, cx);
        let is_pinned = |name: &str| match name.split_once('@') {
            Some((_, version)) => !NEWEST.contains(&version),
            None => has_module || !is_remote(name),
        };
        if let Some(draft) = pinning::tell(&request, is_pinned, out) {
            draft.help("write PACKAGE@VERSION");
        }
    }
}

/// Whether a path names a host: its first part has a dot inside.
fn is_remote(path: &str) -> bool {
    path.split('/').next().is_some_and(|host| host.trim_matches('.').contains('.')) && !path.starts_with('.')
}

/// Whether the stage copies from the build context above the instruction.
fn has_module(instruction: &Instruction, cx: &Cx<'_>) -> bool {
    let stage = instruction.stage.and_then(|stage| cx.stages().get(stage.0));
    let above = stage.into_iter().flat_map(|stage| &stage.instructions).take_while(|one| one.id < instruction.id);
    above.into_iter().any(|one| match &one.operation {
        Operation::Copy(copy) => copy.from.is_none(),
        Operation::Add(_) => true,
        _ => false,
    })
}
