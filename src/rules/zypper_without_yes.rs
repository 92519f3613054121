//! zypper that would ask. Silent where an option answers for it; a setting in a configuration file is not seen.

use super::answers::Asking;
use super::{Check, Cx, Out, RunCommand};

pub(super) struct ZypperWithoutYes;

const ASKING: Asking = Asking {
    names: &["zypper"],
    acts: &["install", "in", "remove", "rm", "update", "up", "patch", "dist-upgrade", "dup"],
    yes: &["-n", "--non-interactive", "-y", "--no-confirm"],
    help: "pass -y, or --non-interactive before the subcommand: nobody answers during a build",
};

impl Check for ZypperWithoutYes {
    fn command(&self, command: RunCommand<'_>, _cx: &Cx<'_>, out: &mut Out<'_>) {
        ASKING.check(command, out);
    }
}
