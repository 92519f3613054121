//! `yum install` of a package without a version. A hyphen and a digit begin a version; groups are left alone.

use super::{Check, Cx, Out, RunCommand, pinning};
use crate::effect::packages::YUM;

pub(super) struct UnpinnedYumPackage;

impl Check for UnpinnedYumPackage {
    fn command(&self, command: RunCommand<'_>, _cx: &Cx<'_>, out: &mut Out<'_>) {
        let Some(request) = YUM.request(command.command) else { return };
        if let Some(draft) = pinning::tell(&request, pinning::is_pinned_rpm, out) {
            draft.help("write NAME-VERSION");
        }
    }
}
