//! `dnf install` of a package without a version. A hyphen and a digit begin a version; groups are left alone.

use super::{Check, Cx, Out, RunCommand, pinning};
use crate::effect::packages::DNF;

pub(super) struct UnpinnedDnfPackage;

impl Check for UnpinnedDnfPackage {
    fn command(&self, command: RunCommand<'_>, _cx: &Cx<'_>, out: &mut Out<'_>) {
        let Some(request) = DNF.request(command.command) else { return };
        if let Some(draft) = pinning::tell(&request, is_pinned, out) {
            draft.help("write NAME-VERSION");
        }
    }
}

/// A version, a stream of a module, a group, or a file.
fn is_pinned(name: &str) -> bool {
    pinning::has_hyphened_version(name)
        || name.contains(':')
        || name.starts_with('@')
        || pinning::is_file(name, &[".rpm"])
}
