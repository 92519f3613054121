//! `pip install` of a package without a version. A file of requirements or constraints may hold the versions, and then
//! nothing is judged; nor are directories and files.

use super::{Check, Cx, Out, RunCommand, pinning};
use crate::effect::packages::PIP;

pub(super) struct UnpinnedPipPackage;

const LISTS: &[&str] = &["-r", "--requirement", "-c", "--constraint", "--require-hashes"];

impl Check for UnpinnedPipPackage {
    fn command(&self, command: RunCommand<'_>, _cx: &Cx<'_>, out: &mut Out<'_>) {
        let Some(request) = PIP.request(command.command).filter(|request| !request.has(LISTS)) else { return };
        if let Some(draft) = pinning::tell(&request, is_pinned, out) {
            draft.help("write NAME==VERSION, or keep the versions in a file: pip install -r requirements.txt");
        }
    }
}

/// A version or a bound, a commit of a repository, or a file.
fn is_pinned(name: &str) -> bool {
    match name.contains("git+") {
        true => name.rsplit('/').next().is_some_and(|last| last.contains('@')),
        false => name.contains(['=', '<', '>', '~']) || pinning::is_file(name, &[".whl", ".tar.gz", ".zip"]),
    }
}
