//! yarn that keeps its downloads. Silent where an option or a variable puts them elsewhere, where a later command of the
//! same RUN removes them, or where a mount holds them.

use super::leftovers::{Leftover, sets};
use super::{Check, Cx, Out, RunCommand, addition};
use crate::model::Instruction;

pub(super) struct YarnWithCache;

const CACHE: Leftover = Leftover {
    places: &["/usr/local/share/.cache/yarn", "~/.cache/yarn", "~/.yarn/cache", "~/.yarn/berry/cache"],
    cleaners: &["yarn cache clean"],
};
const VARIABLES: &[&str] = &["YARN_CACHE_FOLDER", "npm_config_cache", "XDG_CACHE_HOME"];

impl Check for YarnWithCache {
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        let Some(last) = CACHE.of(instruction, cx, keeps).filter(|_| !sets(VARIABLES, instruction, cx)) else { return };
        out.find(last.head(), "yarn keeps its downloads in the layer")
            .help("end the RUN with `yarn cache clean`, or mount a cache where `yarn cache dir` says")
            .fix("clean up in the same RUN", || {
                addition::command(&last, "yarn cache clean", cx).map(|edit| vec![edit])
            });
    }
}

/// Whether the command is a yarn that fetches packages; without a subcommand it installs.
fn keeps(command: &RunCommand<'_>) -> bool {
    let is_plain = command.command.arguments().iter().all(|word| word.raw.starts_with('-'));
    command.command.name() == Some("yarn")
        && (is_plain || matches!(command.subcommand(), Some("install" | "add" | "global" | "upgrade")))
        && !command.has_option(&["--cache-folder", "--version", "-v", "--help", "-h"])
}
