//! npm that keeps its downloads. Silent where an option or a variable puts them elsewhere, where a later command of the
//! same RUN removes them, or where a mount holds them.

use super::leftovers::{Leftover, sets};
use super::{Check, Cx, Out, RunCommand, addition};
use crate::model::Instruction;

pub(super) struct NpmWithCache;

const CACHE: Leftover =
    Leftover { places: &["~/.npm"], cleaners: &["npm cache clean", "npm cache rm", "npm cache clear"] };
const ACTS: &[&str] = &["ci", "clean-install", "install", "i", "add", "install-ci-test", "update", "exec"];
const VARIABLES: &[&str] = &["npm_config_cache", "NPM_CONFIG_CACHE"];

impl Check for NpmWithCache {
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        let keeps =
            |command: &RunCommand<'_>| command.calls(&["npm"], ACTS) && !command.has_option(&["--cache", "--help"]);
        let Some(last) = CACHE.of(instruction, cx, keeps).filter(|_| !sets(VARIABLES, instruction, cx)) else { return };
        out.find(last.head(), "npm keeps its downloads in the layer")
            .help("end the RUN with `npm cache clean --force`, or mount a cache at /root/.npm")
            .fix("clean up in the same RUN", || {
                addition::command(&last, "npm cache clean --force", cx).map(|edit| vec![edit])
            });
    }
}
