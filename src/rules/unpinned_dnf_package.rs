//! `dnf install` of a package without a version. A hyphen and a digit begin a version; groups are left alone.

use super::{Check, Cx, Out, RunCommand, pinning};
use crate::effect::packages::DNF;

pub(super) struct UnpinnedDnfPackage;

impl Check for UnpinnedDnfPackage {
    fn command(&self, command: RunCommand<'_>, _cx: &Cx<'_>, out: &mut Out<'_>) {
        let Some(request) = DNF.request(command.command) else { return };
        if let Some(draft) = pinning::tell(&request, pinning::is_pinned_rpm, out) {
            draft.help("write NAME-VERSION");
        }
    }
}
