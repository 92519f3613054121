//! `apt-get install` of a package without a version. Names that only the shell knows are not judged.

use super::{Check, Cx, Out, RunCommand, pinning};
use crate::effect::packages::APT;

pub(super) struct UnpinnedAptPackage;

impl Check for UnpinnedAptPackage {
    fn command(&self, command: RunCommand<'_>, _cx: &Cx<'_>, out: &mut Out<'_>) {
        let Some(request) = APT.request(command.command) else { return };
        if let Some(draft) = pinning::tell(&request, is_pinned, out) {
            draft.help("write NAME=VERSION; the versions of a release are those of its package list");
        }
    }
}

/// A version, a release, a file, or a package that is to be removed.
fn is_pinned(name: &str) -> bool {
    name.contains(['=', '/']) || name.ends_with('-') || pinning::is_file(name, &[".deb"])
}
