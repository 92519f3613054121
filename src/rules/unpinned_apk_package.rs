//! `apk add` of a package without a version. Names that only the shell knows are not judged.

use super::{Check, Cx, Out, RunCommand, pinning};
use crate::effect::packages::APK;

pub(super) struct UnpinnedApkPackage;

impl Check for UnpinnedApkPackage {
    fn command(&self, command: RunCommand<'_>, _cx: &Cx<'_>, out: &mut Out<'_>) {
        let Some(request) = APK.request(command.command) else { return };
        if let Some(draft) = pinning::tell(&request, is_pinned, out) {
            draft.help("write NAME=VERSION, or NAME~MAJOR.MINOR: Alpine drops old builds");
        }
    }
}

/// A version or a bound, a file, or a name that must not be installed.
fn is_pinned(name: &str) -> bool {
    name.contains(['=', '~', '<', '>']) || name.starts_with('!') || pinning::is_file(name, &[".apk"])
}
