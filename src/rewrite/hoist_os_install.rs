//! Install packages of the system before anything is copied: an edit of the sources leaves the install cached.
//!
//! Raises a RUN that installs packages by the manager of the distribution, with what else it does, above the COPY that
//! stands above it. Deliberately refuses what the effects cannot tell apart: files that are copied to where packages lie,
//! repository lists, keys and certificates, and commands without a model in the same RUN.

use crate::effect::{Action, CommandEffect, PackageManager};
use crate::model::{Resolved, Surroundings};
use crate::rewrite::raise::{self, Kind};
use crate::rewrite::search::Found;
use crate::rewrite::{Rewrite, ids};

pub(super) const REWRITE: Rewrite =
    Rewrite { id: ids::HOIST_OS_INSTALL, page: include_str!("../../rules/rewrite/hoist-os-install.yaml"), find };

const KIND: Kind = Kind { id: ids::HOIST_OS_INSTALL, is_wanted: installs, name: "the install", notes, refuses: true };

fn find(resolved: &Resolved, around: &Surroundings, found: &mut Found) {
    raise::find(&KIND, resolved, around, found);
}

/// Whether one of the commands installs packages of the distribution.
pub(super) fn installs(commands: &[CommandEffect]) -> bool {
    commands.iter().any(|command| command.action == Action::Install && command.manager.is_some_and(is_of_system))
}

/// Whether it is the package manager of a distribution.
pub(super) fn is_of_system(manager: PackageManager) -> bool {
    use PackageManager::{Apk, Apt, Dnf, Rpm, Yum, Zypper};
    matches!(manager, Apk | Apt | Dnf | Rpm | Yum | Zypper)
}

fn notes(_: &[CommandEffect]) -> Vec<String> {
    vec!["the packages now stay as they are until this RUN or a line above it changes".to_owned()]
}
