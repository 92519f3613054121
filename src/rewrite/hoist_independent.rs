//! Do what needs nothing of the build context before anything is copied: accounts, tools, downloads, locales.
//!
//! Raises a RUN above the COPY that stands above it where it reads nothing of it. Deliberately leaves alone what takes no
//! time, such as mkdir and chmod, and installs that the other rewrites know better.

use crate::effect::{Action, Cell, CommandEffect};
use crate::model::{Resolved, Surroundings};
use crate::rewrite::hoist_os_install::installs;
use crate::rewrite::raise::{self, Kind};
use crate::rewrite::search::Found;
use crate::rewrite::{Rewrite, ids};

pub(super) const REWRITE: Rewrite =
    Rewrite { id: ids::HOIST_INDEPENDENT, page: include_str!("../../rules/rewrite/hoist-independent.yaml"), find };

const KIND: Kind = Kind { id: ids::HOIST_INDEPENDENT, is_wanted: takes_time, name: "the RUN", notes, refuses: false };

fn find(resolved: &Resolved, around: &Surroundings, found: &mut Found) {
    raise::find(&KIND, resolved, around, found);
}

/// Whether it is worth keeping: it goes to the network, or makes accounts or locales.
fn takes_time(commands: &[CommandEffect]) -> bool {
    let is_work = |command: &CommandEffect| {
        command.effect.network
            || command.effect.cells_written.contains(&Cell::Accounts)
            || command.words.first().is_some_and(|name| name == "locale-gen")
    };
    let reads_manifests = commands.iter().any(|command| !command.manifests.is_empty());
    !installs(commands) && !reads_manifests && commands.iter().any(is_work)
}

fn notes(commands: &[CommandEffect]) -> Vec<String> {
    let fetches = commands.iter().any(|command| command.effect.network || command.action == Action::Install);
    let note = "what it fetches now stays as it is until this RUN or a line above it changes";
    fetches.then(|| note.to_owned()).into_iter().collect()
}
