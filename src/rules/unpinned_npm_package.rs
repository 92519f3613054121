//! `npm install` of a package without a version. What package.json names is not judged, nor is a file.

use super::{Check, Cx, Out, RunCommand, pinning};
use crate::effect::packages::NPM;

pub(super) struct UnpinnedNpmPackage;

impl Check for UnpinnedNpmPackage {
    fn command(&self, command: RunCommand<'_>, _cx: &Cx<'_>, out: &mut Out<'_>) {
        let Some(request) = NPM.request(command.command) else { return };
        if let Some(draft) = pinning::tell(&request, is_pinned, out) {
            draft.help("write NAME@VERSION");
        }
    }
}

/// A version or a tag other than latest, a commit, a file or a directory.
fn is_pinned(name: &str) -> bool {
    let version = name.get(1..).and_then(|rest| rest.rsplit_once('@')).map(|(_, version)| version);
    let is_package = || pinning::is_file(name, &[".tgz", ".tar.gz", ".tar"]) || name.starts_with("file:");
    version.is_some_and(|version| !version.is_empty() && version != "latest") || name.contains('#') || is_package()
}
