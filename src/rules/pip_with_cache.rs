//! pip install that keeps its downloads. Silent where a variable or an option says otherwise, where a later command of the
//! same RUN removes them, or where a mount holds them.

use super::leftovers::{Leftover, sets};
use super::{Check, Cx, Out, RunCommand};
use crate::effect::packages::PIP;
use crate::model::Instruction;
use crate::text::{Edit, Span};

pub(super) struct PipWithCache;

const CACHE: Leftover = Leftover {
    places: &["~/.cache/pip"],
    cleaners: &["pip cache purge", "pip3 cache purge", "python cache purge", "python3 cache purge"],
};
const VARIABLES: &[&str] = &["PIP_NO_CACHE_DIR", "PIP_CACHE_DIR", "XDG_CACHE_HOME"];

impl Check for PipWithCache {
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        let Some(last) = CACHE.of(instruction, cx, keeps).filter(|_| !sets(VARIABLES, instruction, cx)) else { return };
        let end =
            |command: &RunCommand<'_>| command.word("install").map_or(command.command.span.end, |word| word.span.end);
        out.find(Span::new(last.command.words[0].span.start, end(&last)), "pip keeps its downloads in the layer")
            .help("pass --no-cache-dir, or mount a cache at /root/.cache/pip")
            .fix("pass --no-cache-dir", || {
                let all = cx.commands(instruction).filter(keeps);
                Some(all.map(|one| Edit::insert(end(&one), " --no-cache-dir")).collect())
            });
    }
}

/// Whether the command is a pip install that writes to the cache.
fn keeps(command: &RunCommand<'_>) -> bool {
    let silent = ["--no-cache-dir", "--no-cache", "--cache-dir", "--no-index", "--dry-run", "-h", "--help"];
    PIP.request(command.command).is_some_and(|request| !request.has(&silent))
}
