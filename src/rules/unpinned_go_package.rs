//! `go install` or `go get` of a package without a version, or at whatever is newest. Packages of the module itself are
//! no question, nor are those below a COPY from the build context that may bring a go.mod with the versions, unless
//! `-u` asks for newer ones.

use super::{Check, Cx, Out, RunCommand, pinning};
use crate::effect::packages::GO;
use crate::model::{CopySource, Instruction, Operation};

pub(super) struct UnpinnedGoPackage;

const NEWEST: &[&str] = &["latest", "upgrade", "patch"];

impl Check for UnpinnedGoPackage {
    fn command(&self, command: RunCommand<'_>, cx: &Cx<'_>, out: &mut Out<'_>) {
        let Some(request) = GO.request(command.command) else { return };
        let has_module = !request.has(&["-u"]) && has_module(command.instruction, cx);
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

/// Whether the stage copies what may be a go.mod, or a directory with one, from the build context above the instruction.
fn has_module(instruction: &Instruction, cx: &Cx<'_>) -> bool {
    let stage = instruction.stage.and_then(|stage| cx.stages().get(stage.0));
    let above = stage.into_iter().flat_map(|stage| &stage.instructions).take_while(|one| one.id < instruction.id);
    let may_hold = |source: &CopySource| {
        let CopySource::Path(path) = source else { return false };
        let name = cx.resolved.known(path).map(|path| path.rsplit('/').next().unwrap_or_default());
        name.is_none_or(|name| name == "go.mod" || name == "." || name.contains('*') || !name.contains('.'))
    };
    above.into_iter().any(|one| match &one.operation {
        Operation::Copy(copy) => copy.from.is_none() && copy.transfer.sources.iter().any(may_hold),
        Operation::Add(add) => add.transfer.sources.iter().any(may_hold),
        _ => false,
    })
}
