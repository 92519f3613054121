//! `zypper install` of a package without a version. Names that only the shell knows are not judged.

use super::{Check, Cx, Out, RunCommand, pinning};
use crate::effect::packages::ZYPPER;

pub(super) struct UnpinnedZypperPackage;

impl Check for UnpinnedZypperPackage {
    fn command(&self, command: RunCommand<'_>, _cx: &Cx<'_>, out: &mut Out<'_>) {
        let Some(request) = ZYPPER.request(command.command) else { return };
        if let Some(draft) = pinning::tell(&request, is_pinned, out) {
            draft.help("write NAME=VERSION");
        }
    }
}

/// A version or a bound, a package that is to be removed, or a file.
fn is_pinned(name: &str) -> bool {
    let is_removed = name.starts_with(['-', '!']);
    name.contains(['=', '<', '>']) || is_removed || pinning::is_file(name, &[".rpm"])
}
