//! dnf that would ask. Silent where an option answers for it; a setting in a configuration file is not seen.

use super::answers::Asking;
use super::{Check, Cx, Out, RunCommand};

pub(super) struct DnfWithoutYes;

const ASKING: Asking = Asking {
    names: &["dnf", "microdnf"],
    acts: &["install", "groupinstall", "localinstall", "remove", "update", "upgrade"],
    yes: &["-y", "--assumeyes"],
    help: "pass -y: nobody answers during a build",
};

impl Check for DnfWithoutYes {
    fn command(&self, command: RunCommand<'_>, _cx: &Cx<'_>, out: &mut Out<'_>) {
        ASKING.check(command, out);
    }
}
